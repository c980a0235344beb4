//! Questions: answered from what is committed, beside the lanes; a refusal has its reason and leaves no record.

use super::json::Json;
use super::slip;
use super::wire::{Stamp, answer};
use super::{Answer, Answered, AskNeeds, Asked, Asking, Call, Failure};
use crate::app::App;
use store::Rows;

/// Loads what a question needs and answers it.
pub(super) async fn ask(
    app: &App,
    call: &Call<'_>,
    needs: AskNeeds,
    answers: Answer,
) -> Result<Answered, Failure> {
    let mut needs = needs(call)?;
    needs.institutions.insert(call.envelope.institution);
    let rows = app.rows(needs).await?;
    told(app, call, &rows, answers).await
}

/// Answers from what is loaded.
pub(super) async fn told(
    app: &App,
    call: &Call<'_>,
    rows: &Rows,
    answers: impl FnOnce(&Asked<'_>) -> Result<Json, Asking>,
) -> Result<Answered, Failure> {
    let law = app.law().await?;
    let asked = Asked { call, rows, law: &law, at: call.at };
    let result = match answers(&asked) {
        Ok(output) => Ok(output),
        Err(Asking::Malformed(malformed)) => return Err(malformed.into()),
        Err(Asking::Refused(reasons)) => Err(slip::refused(&asked, app, reasons)),
    };
    Ok(Answered::Json(answer(&Stamp::fresh(call), result)))
}
