//! Settlements: who paid what; refunds in part.

use super::accounts::part_word;
use super::call::{Answer, Answered, Asking, Call};
use super::lines::{LinesView, of_bills};
use super::paging::{Paged, by_turn};
use super::people::of_person;
use super::problem::Problem;
use super::telling::{AreaRef, PersonRef, PlaceRef, Seen, Teller};
use super::wire::{Civil, Count, Instant, Place, Yuan, words};
use crate::tokens::Role;
use domain::bill::Line;
use domain::decision::Turn;
use domain::facts::{Batch, Draw, Settlement};
use domain::ids::{Serial, SettlementNo};
use domain::needs::Needs;
use domain::request::{Actor, Body, RefundPart, VisitRef};
use domain::trace::Trace;
use domain::words::Purpose;
use serde::{Deserialize, Serialize};
use store::{Page, Query};
use utoipa::ToSchema;

/// A settlement, or the undoing of one. A giver who is not the patient is told only what their own money paid.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SettlementView {
    /// Our number.
    no: u64,
    /// The decision that made it.
    serial: u64,
    /// The visit it belongs to.
    visit: u64,
    /// Where.
    institution: PlaceRef,
    /// Whose.
    patient: PersonRef,
    /// The patient's scheme, which paid the fund's part.
    scheme: words::Scheme,
    /// The patient's pooling area.
    area: AreaRef,
    /// Who bought it for the patient, where somebody did (R-G1).
    agent: Option<PersonRef>,
    /// Hospital or pharmacy.
    purpose: words::Purpose,
    /// The service day.
    service_day: Civil,
    /// When it was settled.
    settled: Instant,
    /// The amounts of the bill; not for a giver.
    amounts: Option<AmountsView>,
    /// What each purse paid.
    split: Vec<DrawView>,
    /// The settlement that this one undoes.
    undoes: Option<u64>,
    /// What undid this one.
    undone_by: Option<u64>,
}

/// A settlement with what was bought.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BillView {
    #[serde(flatten)]
    settlement: SettlementView,
    /// The lines of the bill; not for staff.
    lines: Option<LinesView>,
}

/// The amounts of a bill: total = fund + accounts + cash, accounts = own + shared.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AmountsView {
    total: Yuan,
    /// Paid by the pooled funds.
    fund: Yuan,
    /// Borne by the patient.
    personal: Yuan,
    /// Paid from accounts, own and relatives'.
    accounts: Yuan,
    /// Paid from relatives' accounts.
    shared: Yuan,
    /// Paid in cash.
    cash: Yuan,
}

/// What one purse paid.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DrawView {
    /// Whose purse.
    owner: PersonRef,
    /// The binding that allows it; none for own money.
    binding: Option<u64>,
    /// What it paid.
    amount: Yuan,
    /// Which year-part paid how much.
    parts: Vec<PartView>,
}

/// What a year-part paid.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PartView {
    /// `prior`, or the year that the money belongs to.
    part: String,
    amount: Yuan,
}

/// Settlements, latest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SettlementsView {
    settlements: Vec<SettlementView>,
    /// The cursor of the next page, if there is one.
    next: Option<String>,
}

/// What remains of a bill. The operator acts for the institution that settled it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRefund {
    /// The institution that settled it, for which the operator acts.
    institution: Place,
    /// The lines that remain, each by its number with the count that remains; nothing: all is refunded.
    remaining: Vec<Remaining>,
}

/// A line that remains.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Remaining {
    /// The institution's number of the line.
    sn: String,
    /// How many remain.
    count: Count,
    /// Trace codes of the packs that remain; where none are sent, all packs of the line stay sold (R-J5).
    #[serde(default)]
    trace_codes: Vec<String>,
}

/// A refund.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RefundView {
    /// The undoing of the whole settlement.
    cancellation: Option<SettlementView>,
    /// The settlement of what remains.
    settlement: Option<SettlementView>,
}

impl SettlementView {
    pub(crate) fn of(teller: &Teller<'_>, it: &Settlement) -> SettlementView {
        let whole = teller.viewer.role != Role::Citizen || teller.entitled(it.patient);
        let draws = it.draws.iter().filter(|draw| whole || teller.entitled(draw.owner));
        let agent = it.bought_by.filter(|it| whole || teller.entitled(it.agent));
        SettlementView {
            no: it.no.0,
            serial: Serial::creator_of(it.no.0).0,
            visit: it.visit.0,
            institution: teller.place(it.institution),
            patient: teller.person(it.patient),
            scheme: words::Scheme(it.scheme),
            area: teller.area(it.area),
            agent: agent.map(|it| teller.person(it.agent)),
            purpose: words::Purpose(it.purpose),
            service_day: Civil(it.service_day),
            settled: Instant::of(it.at),
            amounts: whole.then(|| AmountsView::of(it)),
            split: draws.map(|draw| DrawView::of(teller, draw)).collect(),
            undoes: it.undoes.map(|it| it.0),
            undone_by: it.undone_by.map(|it| it.0),
        }
    }
}

impl AmountsView {
    fn of(it: &Settlement) -> AmountsView {
        AmountsView {
            total: Yuan(it.shared.total),
            fund: Yuan(it.shared.fund()),
            personal: Yuan(it.shared.personal()),
            accounts: Yuan(it.accounts()),
            shared: Yuan(it.from_relatives()),
            cash: Yuan(it.cash),
        }
    }
}

impl DrawView {
    fn of(teller: &Teller<'_>, it: &Draw) -> DrawView {
        let part = |(part, amount): &(_, _)| PartView { part: part_word(*part), amount: Yuan(*amount) };
        DrawView {
            owner: teller.person(it.owner),
            binding: it.binding.map(|it| it.0),
            amount: Yuan(it.amount()),
            parts: it.parts.iter().map(part).collect(),
        }
    }
}

fn of_settlement(no: SettlementNo) -> Needs {
    Needs { settlements: [no].into(), ..Needs::default() }
}

/// Names of those who had or paid for settlements, beside those that are seen already.
pub(crate) async fn with_people(
    call: &Call,
    seen: Seen,
    settlements: &[Settlement],
) -> Result<Seen, Problem> {
    let people = settlements.iter().flat_map(|it| {
        let agent = it.bought_by.map(|it| it.agent);
        it.draws.iter().map(|it| it.owner).chain([it.patient]).chain(agent)
    });
    let places = settlements.iter().map(|it| it.institution);
    let needs = Needs { persons: people.collect(), institutions: places.collect(), ..Needs::default() };
    let more = call.see(needs).await?;
    let mut seen = seen;
    seen.rows.identities.extend(more.rows.identities);
    seen.rows.names.extend(more.rows.names);
    Ok(seen)
}

/// `GET /settlements/{no}`.
pub(crate) async fn show(call: Call) -> Answered {
    let no = SettlementNo(call.number("no")?);
    let seen = call.see(of_settlement(no)).await?;
    let settlement = seen.rows.facts.settlements.get(&no).cloned();
    let settlement = settlement.ok_or_else(|| Problem::not_found("settlement"))?;
    let owners = settlement.draws.iter().map(|it| it.owner);
    let concerned: Vec<_> = owners.chain([settlement.patient]).collect();
    call.may_see_one_of(&seen.rows.facts, &concerned)?;
    let seen = with_people(&call, seen, std::slice::from_ref(&settlement)).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let bills = of_bills(&call, &teller, &[&settlement]).await?;
    let lines = LinesView::of(&teller, &bills, &settlement);
    Ok(Answer::ok(&BillView { settlement: SettlementView::of(&teller, &settlement), lines }))
}

/// `GET /persons/{no}/settlements`.
pub(crate) async fn of(call: Call) -> Answered {
    let person = call.person()?;
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let query = |before, limit| Query::Settlements { person, before, limit };
    let turn = |it: &Settlement| Turn { serial: Serial::creator_of(it.no.0), at: it.at };
    let read = |page| if let Page::Settlements(found) = page { Some(found) } else { None };
    let Paged { rows, next } = by_turn(&call, query, read, turn).await?;
    let seen = with_people(&call, seen, &rows).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let settlements = rows.iter().map(|it| SettlementView::of(&teller, it)).collect();
    Ok(Answer::ok(&SettlementsView { settlements, next }))
}

/// `POST /settlements/{no}/refunds`.
pub(crate) async fn refund(call: Call) -> Answered {
    let no = SettlementNo(call.number("no")?);
    let sent: NewRefund = call.body()?;
    call.covers_institution(sent.institution.0).await?;
    let seen = call.see(of_settlement(no)).await?;
    let settlement = seen.rows.facts.settlements.get(&no).ok_or_else(|| Problem::not_found("settlement"))?;
    let batch = seen.rows.facts.batches.get(&(settlement.visit, settlement.batch.clone()));
    // That of a stay is not refunded in part, and has no batch of its own.
    let is_stay = settlement.purpose == Purpose::Inpatient;
    let remaining = if is_stay { Vec::new() } else { remaining(batch, &sent.remaining)? };
    let of = VisitRef { visit: settlement.visit, patient: call.lookup_of(settlement.patient, "no").await? };
    let body = Body::RefundPart(RefundPart { settlement: no, of, remaining });
    let asking = Asking::to(Actor::Institution(sent.institution.0), body).creating();
    call.submit(&sent, asking, |teller, answer| {
        let view = |no: &SettlementNo| Some(SettlementView::of(teller, teller.facts.settlements.get(no)?));
        let domain::decision::Answer::Refunded(cancellation, settlement) = answer else { return None };
        Some(RefundView { cancellation: view(cancellation), settlement: settlement.as_ref().and_then(view) })
    })
    .await
}

/// The lines as they were settled, with the counts that remain.
fn remaining(batch: Option<&Batch>, sent: &[Remaining]) -> Result<Vec<Line>, Problem> {
    let lines = batch.map_or(&[][..], |it| &it.lines);
    let mut found = Vec::new();
    for (at, remaining) in sent.iter().enumerate() {
        let wrong = |what: &str| Problem::malformed(&format!("remaining[{at}]"), what);
        let line = lines.iter().find(|it| it.sn == remaining.sn);
        let line = line.ok_or_else(|| wrong("This settlement has no line of this number."))?;
        let count = remaining.count.0;
        let cost = count.times_half_up(line.price).ok_or_else(|| wrong("The count is too large."))?;
        let kept = |it: &Trace| remaining.trace_codes.iter().any(|code| it.code.as_str() == code);
        let traces: Vec<Trace> = line.traces.iter().filter(|it| kept(it)).cloned().collect();
        if traces.len() < remaining.trace_codes.len() {
            return Err(wrong("One of these trace codes is not on the line, or is sent twice."));
        }
        found.push(Line { count, cost, traces, ..line.clone() });
    }
    Ok(found)
}
