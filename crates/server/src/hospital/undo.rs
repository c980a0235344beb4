//! 2103, 2208 and 2305 结算撤销, 2601 冲正, 5203 结算信息查询.

use super::asking::told;
use super::json::{Json, object};
use super::setlinfo::{self, Context, Shown};
use super::visit::{patient, visit_ref};
use super::wire::Malformed;
use super::{Answered, Asking, Call, Failure, details, institution};
use crate::app::App;
use crate::people::People;
use crate::turn::Told;
use domain::decision::{Answer, Outcome};
use domain::facts::Settlement;
use domain::ids::{Serial, SettlementNo};
use domain::needs::Needs;
use domain::reason::Reason;
use domain::request::{Body, Cancel, Key, Reverse, Sender};
use domain::words::Care;
use store::Rows;

/// 2103, 2208.
pub(super) fn decode_cancel(call: &Call<'_>) -> Result<Body, Malformed> {
    cancel_of(call, Care::Outpatient)
}

/// 2103, 2208, 2305: the same fields.
pub(super) fn cancel_of(call: &Call<'_>, care: Care) -> Result<Body, Malformed> {
    let node = call.envelope.one("data")?;
    Ok(Body::Cancel(Cancel {
        settlement: SettlementNo(node.number("setl_id")?),
        of: visit_ref(call, &node)?,
        care,
    }))
}

/// 2103, 2208, 2305.
pub(super) fn encode_cancel(told: &Told<'_>) -> Json {
    setlinfo::of_answer(told, Shown::Cancelled)
}

/// 2601: the institution's own earlier message, by its id.
pub(super) fn decode_reverse(call: &Call<'_>) -> Result<Body, Malformed> {
    let node = call.envelope.one("data")?;
    let original = Key {
        sender: Sender::Institution(call.envelope.institution),
        id: node.short("omsgid", 64)?.to_owned(),
    };
    if original.id == call.envelope.msgid {
        return Err(node.complain("omsgid", "不能是本报文自己的 msgid"));
    }
    let infno = node.short("oinfno", 12)?.to_ascii_uppercase();
    Ok(Body::Reverse(Reverse { patient: patient(call, &node)?, original, infno }))
}

/// 2601: says whether something was reversed, there was nothing to reverse, or it never arrived and is now barred.
pub(super) fn encode_reverse(told: &Told<'_>) -> Json {
    let Outcome::Done(done) = &told.decision.outcome else { return Json::Null };
    let (state, settlement) = match &done.answer {
        Answer::Reversed(None) => ("refused before, nothing to reverse", None),
        Answer::Reversed(settlement) => ("reversed", *settlement),
        Answer::Barred => ("never arrived, now barred", None),
        // An admission makes no settlement.
        Answer::Done => ("reversed", None),
        Answer::Person(_)
        | Answer::Visit(_)
        | Answer::Lines(_)
        | Answer::Charged(_)
        | Answer::Binding(_)
        | Answer::Proxy(_)
        | Answer::Settled(..)
        | Answer::Cancelled(_)
        | Answer::Refunded(..) => return Json::Null,
    };
    object! { "result": object! { "GJ_STATE": state, "setl_id": settlement.map(Json::text_of) } }
}

/// 5203, 5204.
pub(super) fn query_needs(call: &Call<'_>) -> Result<Needs, Malformed> {
    let node = call.envelope.one("data")?;
    let of = visit_ref(call, &node)?;
    let settlement = SettlementNo(node.number("setl_id")?);
    Ok(Needs {
        lookups: [of.patient].into(),
        visits: [of.visit].into(),
        settlements: [settlement].into(),
        ..Needs::default()
    })
}

/// The settlement of this patient and visit at the institution that asks.
pub(super) fn own<'a>(call: &Call<'_>, rows: &'a Rows) -> Result<Option<&'a Settlement>, Malformed> {
    let node = call.envelope.one("data")?;
    let of = visit_ref(call, &node)?;
    let patient = rows.facts.lookups.get(&of.patient);
    let found = rows.facts.settlements.get(&SettlementNo(node.number("setl_id")?));
    Ok(found.filter(|it| {
        Some(&it.patient) == patient && it.visit == of.visit && it.institution == call.envelope.institution
    }))
}

/// 5203: the institution's own settlement; a cancellation with negated amounts.
pub(super) async fn query(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    let mut needs = query_needs(call)?;
    needs.institutions.insert(call.envelope.institution);
    let rows = app.rows(needs).await?;
    let settlement = own(call, &rows)?;
    let numbers: Vec<SettlementNo> = settlement.iter().map(|it| it.no).collect();
    let messages = details::messages(app, call, &numbers).await?;
    told(app, call, &rows, |_| {
        let settlement = settlement.ok_or_else(|| Asking::Refused(vec![Reason::SettlementUnknown {}]))?;
        let msgid = messages.get(&Serial::creator_of(settlement.no.0));
        Ok(shown(call, &rows, settlement, msgid.map(String::as_str).unwrap_or_default()))
    })
    .await
}

fn shown(call: &Call<'_>, rows: &Rows, settlement: &Settlement, msgid: &str) -> Json {
    let facts = &rows.facts;
    let people = People::open(call.vault, &rows.identities);
    let visit = facts.visits.get(&settlement.visit);
    let context = Context {
        identity: people.get(settlement.patient),
        person: facts.persons.get(&settlement.patient),
        enrolment: visit.and_then(|it| facts.enrolments.get(&it.enrolment)),
        begun: visit.map(|it| it.begun.day()),
        msgid,
    };
    let is_cancellation = settlement.undoes.is_some();
    let shown = if is_cancellation { Shown::CancellationAsked } else { Shown::Asked };
    let mut output = setlinfo::write(settlement, &context, shown);
    if let Some(info) = output.field_mut("setlinfo") {
        let institution = facts.institutions.get(&settlement.institution);
        info.add("fixmedins_name", rows.names.get(&settlement.institution).cloned());
        info.add("hosp_lv", institution.map(institution::hosp_lv));
        info.add("fixmedins_poolarea", institution.map(|it| Json::text_of(it.area)));
        info.add("insu_optins", context.enrolment.map(|it| Json::text_of(it.area)));
    }
    output
}
