//! What a till, a slip and a refusal say, in `exp_content` and `err_msg`: from the decision itself, names masked.

use super::Asked;
use super::json::{Json, object};
use crate::app::App;
use crate::people::People;
use crate::texts::{AllTexts, CaseNames};
use crate::turn::Told;
use crate::vault::Vault;
use domain::decision::{Answer, Decision, Outcome};
use domain::explanation::Telling;
use domain::facts::Settlement;
use domain::ids::{PersonNo, Serial};
use domain::reason::Reason;
use domain::slip::{slip, till};
use domain::slip_no::{SlipKey, SlipNo};
use domain::texts::{Reader, Viewer};
use std::rc::Rc;

/// The slip number of a case; empty for what was only previewed.
fn number(serial: Serial, vault: &Vault) -> String {
    let shown = SlipNo::of(serial, &SlipKey(*vault.slip_key())).filter(|_| serial.0 != 0);
    shown.map(|it| it.to_string()).unwrap_or_default()
}

/// What is told, to the till and on the slip, with names as strangers may see them.
fn with_telling<R>(told: &Told<'_>, texts: &AllTexts, write: impl FnOnce(&Telling<'_>) -> R) -> R {
    let identity = |person: PersonNo| told.identity(person);
    let names = CaseNames::masked(told, &identity);
    let reader = Reader { texts: &texts.zh, names: &names, viewer: Viewer::Staff };
    write(&Telling::of(told.case(), told.decision, reader, 1))
}

/// Adds our keys to `setlinfo.exp_content`, where the output has a `setlinfo`; `more` are codes that are said too.
pub(super) fn with_explanation(
    mut output: Json,
    told: &Told<'_>,
    texts: &AllTexts,
    more: &[&'static str],
) -> Json {
    let Some(info) = output.field_mut("setlinfo") else { return output };
    let number = number(told.turn.serial, told.vault);
    let ours = with_telling(told, texts, |telling| {
        let mut lines = slip(telling, &number);
        if number.is_empty() {
            lines.pop(); // A preview has no number to find it by.
        }
        let mut ours = object! {
            "GJ_NO": number.clone(),
            "GJ_SPLIT": split(told),
            "GJ_CODES": telling.codes().chain(more.iter().copied()).collect::<Vec<_>>(),
            "GJ_TILL": till(telling),
            "GJ_SLIP": lines,
        };
        if let Some(agent) = agent(told) {
            ours.add("GJ_AGENT", agent);
        }
        ours
    });
    info.add("exp_content", ours.written());
    output
}

/// Which relatives pay how much, by masked name.
fn split(told: &Told<'_>) -> Vec<Json> {
    let draws = settled(told).into_iter().flat_map(|it| &it.draws);
    let row = |draw: &domain::facts::Draw| {
        let name = told.identity(draw.owner).map(|it| it.masked()).unwrap_or_default();
        object! { "giver": name, "amount": Json::text_of(draw.amount()) }
    };
    draws.filter(|it| it.binding.is_some()).map(row).collect()
}

/// Who bought it for the patient, by masked name, where somebody did.
fn agent(told: &Told<'_>) -> Option<String> {
    let bought = settled(told)?.bought_by?;
    told.identity(bought.agent).map(|it| it.masked())
}

fn settled<'a>(told: &'a Told<'_>) -> Option<&'a Settlement> {
    let Outcome::Done(done) = &told.decision.outcome else { return None };
    match done.answer {
        Answer::Settled(no, _) | Answer::Cancelled(no) => told.facts.settlements.get(&no),
        Answer::Done
        | Answer::Person(_)
        | Answer::Visit(_)
        | Answer::Lines(_)
        | Answer::Charged(_)
        | Answer::Binding(_)
        | Answer::Proxy(_)
        | Answer::Refunded(..)
        | Answer::Reversed(_)
        | Answer::Barred => None,
    }
}

/// `[CODE] sentence (GJ_NO)`: the main reason, what to do about it, and that no money was taken.
pub(super) fn refusal(told: &Told<'_>, texts: &AllTexts) -> String {
    with_telling(told, texts, |it| sentence(it, &number(told.turn.serial, told.vault)))
}

fn sentence(telling: &Telling<'_>, number: &str) -> String {
    let Some(main) = telling.reasons.first() else { return telling.conclusion() };
    let others: Vec<&str> = telling.codes().skip(1).collect();
    let more = if others.is_empty() { String::new() } else { format!("（另有 {}）", others.join("、")) };
    let todo = telling.todo(main).next().unwrap_or_default();
    let money = telling.money().map(|it| it + "。").unwrap_or_default();
    let number = if number.is_empty() { String::new() } else { format!(" ({number})") };
    let said: String = format!("{}{money}{todo}{more}", telling.staff(main)).chars().take(150).collect();
    format!("[{}] {said}{number}", main.reason.code())
}

/// The same for a question: why it has no answer.
pub(super) fn refused(asked: &Asked<'_>, app: &App, reasons: Vec<Reason>) -> String {
    let people = People::open(&app.vault, &asked.rows.identities);
    let identity = |person: PersonNo| people.get(person).cloned().map(Rc::new);
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
