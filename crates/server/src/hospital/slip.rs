//! What a till, a slip and a refusal say, in `exp_content` and `err_msg`: from the decision itself, names masked.

use super::Asked;
use crate::app::App;
use crate::people::Identity;
use crate::texts::{AllTexts, CaseNames};
use crate::turn::Told;
use crate::vault::Vault;
use domain::decision::{Answer, Decision, Outcome};
use domain::explanation::{Case, Explanation, explain};
use domain::facts::Settlement;
use domain::ids::{PersonNo, Serial};
use domain::reason::Reason;
use domain::slip::{slip, till};
use domain::slip_no::{SlipKey, SlipNo};
use domain::texts::{Names, Reader, Viewer};
use serde_json::{Value, json};

/// The slip number of a case; empty for what was only previewed.
fn number(serial: Serial, vault: &Vault) -> String {
    let shown = SlipNo::of(serial, &SlipKey(*vault.slip_key())).filter(|_| serial.0 != 0);
    shown.map(|it| it.to_string()).unwrap_or_default()
}

fn explained(told: &Told<'_>, names: &dyn Names, texts: &AllTexts) -> Explanation {
    let case = Case { request: told.request, turn: told.turn, facts: told.before, law: told.law };
    explain(case, told.decision, Reader { texts: &texts.zh, names, viewer: Viewer::Staff })
}

/// Adds our keys to `setlinfo.exp_content`, where the output has a `setlinfo`; `more` are codes that are said too.
pub(super) fn with_explanation(
    mut output: Value,
    told: &Told<'_>,
    texts: &AllTexts,
    more: &[&'static str],
) -> Value {
    let Some(Value::Object(info)) = output.get_mut("setlinfo") else { return output };
    let identity = |person: PersonNo| told.identity(person);
    let names = CaseNames::masked(told, &identity);
    let explanation = explained(told, &names, texts);
    let number = number(told.turn.serial, told.vault);
    let mut lines = slip(&explanation, &texts.zh, &number);
    if number.is_empty() {
        lines.pop(); // A preview has no number to find it by.
    }
    let codes: Vec<&str> = explanation.codes().into_iter().chain(more.iter().copied()).collect();
    let ours = json!({
        "GJ_NO": number,
        "GJ_SPLIT": split(told, &identity),
        "GJ_CODES": codes,
        "GJ_TILL": till(&explanation, &texts.zh),
        "GJ_SLIP": lines,
    });
    info.insert("exp_content".to_owned(), Value::String(ours.to_string()));
    output
}

/// Which relatives pay how much, by masked name.
fn split(told: &Told<'_>, identity: &dyn Fn(PersonNo) -> Option<Identity>) -> Vec<Value> {
    let Some(settlement) = settled(told) else { return Vec::new() };
    let shared = settlement.draws.iter().filter(|it| it.binding.is_some());
    let row = |draw: &domain::facts::Draw| {
        let name = identity(draw.owner).map(|it| it.masked()).unwrap_or_default();
        json!({ "giver": name, "amount": draw.amount().to_string() })
    };
    shared.map(row).collect()
}

fn settled<'a>(told: &'a Told<'_>) -> Option<&'a Settlement> {
    let Outcome::Done(done) = &told.decision.outcome else { return None };
    match done.answer {
        Answer::Settled(no, _) | Answer::Cancelled(no) => told.facts.settlements.get(&no),
        Answer::Done
        | Answer::Person(_)
        | Answer::Visit(_)
        | Answer::Lines(_)
        | Answer::Binding(_)
        | Answer::Refunded(..)
        | Answer::Reversed(_)
        | Answer::Barred => None,
    }
}

/// `[CODE] sentence (GJ_NO)`: the main reason, what to do about it, and that no money was taken.
pub(super) fn refusal(told: &Told<'_>, texts: &AllTexts) -> String {
    let identity = |person: PersonNo| told.identity(person);
    let names = CaseNames::masked(told, &identity);
    let explanation = explained(told, &names, texts);
    sentence(&explanation, &number(told.turn.serial, told.vault))
}

fn sentence(explanation: &Explanation, number: &str) -> String {
    let Some(main) = explanation.reasons.first() else { return explanation.conclusion.clone() };
    let others: Vec<&str> = explanation.reasons.iter().skip(1).map(|it| it.code).collect();
    let more = if others.is_empty() { String::new() } else { format!("（另有 {}）", others.join("、")) };
    let todo = main.todo.first().cloned().unwrap_or_default();
    let money = explanation.money.as_ref().map(|it| format!("{it}。")).unwrap_or_default();
    let number = if number.is_empty() { String::new() } else { format!(" ({number})") };
    let said: String = format!("{}{money}{todo}{more}", main.staff).chars().take(150).collect();
    format!("[{}] {said}{number}", main.code)
}

/// The same for a question: why it has no answer.
pub(super) fn refused(asked: &Asked<'_>, app: &App, reasons: Vec<Reason>) -> String {
    let identity = |person: PersonNo| {
        let plain = app.vault.open(asked.rows.identities.get(&person)?).ok()?;
        domain::chain::decode(&plain).ok()
    };
    let names = CaseNames {
        regions: &asked.law.policies.names,
        institutions: &asked.rows.names,
        identity: &identity,
        mask: true,
    };
    let reader = Reader { texts: &app.texts.zh, names: &names, viewer: Viewer::Staff };
    let decision = Decision::refused(reasons, Vec::new());
    let main = decision.reasons().first().expect("a refusal has a reason");
    let said = reader.say(&domain::text_keys::of_reason(main.code(), "staff"), &main.args());
    format!("[{}] {said}", main.code())
}
