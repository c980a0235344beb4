//! What a till, a slip and a refusal say, in `exp_content` and `err_msg`: from the decision itself.

use super::Asked;
use crate::app::App;
use crate::flow::Told;
use crate::texts::AllTexts;
use domain::reason::Reason;
use serde_json::Value;

pub(super) fn with_explanation(output: Value, _told: &Told<'_>, _texts: &AllTexts) -> Value {
    output
}

pub(super) fn refusal(told: &Told<'_>, _texts: &AllTexts) -> String {
    let reasons = told.decision.reasons();
    reasons.first().map(|it| format!("[{}] {:?}", it.code(), it)).unwrap_or_default()
}

pub(super) fn refused(_asked: &Asked<'_>, _app: &App, reasons: Vec<Reason>) -> String {
    reasons.first().map(|it| format!("[{}]", it.code())).unwrap_or_default()
}
