//! Cases: a giver says that a bill was none of their relative's. Opening one puts the binding on hold, by a decision;
//! the case itself is on the desk, where clerks find it, and is neither money nor law.

use super::bindings::shown;
use super::call::{Answer, Answered, Asking, Call};
use super::problem::Problem;
use super::settlements::with_people;
use super::telling::{PersonRef, PlaceRef, Seen, Teller};
use super::wire::{Civil, Instant, Yuan};
use axum::http::StatusCode;
use domain::binding::Status;
use domain::day::Moment;
use domain::facts::{Draw, Facts, Settlement};
use domain::ids::{BindingNo, PersonNo, SettlementNo};
use domain::needs::Needs;
use domain::request::{Actor, BindingEvent, Body, ChangeBinding};
use serde::{Deserialize, Serialize};
use store::Fault;
use utoipa::ToSchema;

/// The drawer of the desk that cases lie in, under settlement and binding.
const DRAWER: &str = "case";

/// A case, as it lies on the desk.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Case {
    settlement: u64,
    binding: u64,
    giver: u64,
    /// Milliseconds.
    opened: i64,
    closed: Option<Closed>,
}

/// How a case ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Closed {
    /// Milliseconds.
    at: i64,
    /// The clerk, by the number of the clerk's token.
    by: u64,
    outcome: Outcome,
}

/// What came of looking into a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It was the relative after all.
    Relative,
    /// Somebody else used the relative's code or card.
    SomebodyElse,
}

/// The bill that was none of the relative's.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCase {
    settlement: u64,
    /// The binding of the caller's that paid.
    binding: u64,
}

/// How a case ends.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseClosed {
    outcome: Outcome,
}

/// A case.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CaseView {
    /// Settlement and binding: `7340032-4021`.
    no: String,
    settlement: u64,
    binding: u64,
    giver: PersonRef,
    /// The relative who says, or is said, to have been treated.
    beneficiary: PersonRef,
    institution: PlaceRef,
    service_day: Civil,
    /// What the giver's account paid.
    amount: Yuan,
    opened: Instant,
    closed: Option<Instant>,
    outcome: Option<Outcome>,
}

/// Cases, open ones first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CasesView {
    cases: Vec<CaseView>,
}

impl Case {
    /// The relative whom it is about, where the facts have the binding.
    fn relative(&self, facts: &Facts) -> Vec<PersonNo> {
        facts.bindings.get(&BindingNo(self.binding)).map(|it| it.beneficiary).into_iter().collect()
    }

    fn key(&self) -> String {
        format!("{}-{}", self.settlement, self.binding)
    }

    fn read(bytes: &[u8]) -> Result<Case, Problem> {
        let damaged = |_| Fault::Damaged("a case cannot be read".to_owned());
        Ok(domain::chain::decode(bytes).map_err(damaged)?)
    }

    async fn keep(&self, call: &Call) -> Result<(), Problem> {
        Ok(call.app.desk.put(DRAWER, &self.key(), &domain::chain::encode(self), None).await?)
    }

    fn view(&self, teller: &Teller<'_>) -> Option<CaseView> {
        let settlement = teller.facts.settlements.get(&SettlementNo(self.settlement))?;
        let paid = settlement.draws.iter().filter(|it| it.binding == Some(BindingNo(self.binding)));
        let moment = |millis| Instant::of(Moment::from_millis(millis));
        Some(CaseView {
            no: self.key(),
            settlement: self.settlement,
            binding: self.binding,
            giver: teller.person(PersonNo(self.giver)),
            beneficiary: teller.person(settlement.patient),
            institution: teller.place(settlement.institution),
            service_day: Civil(settlement.service_day),
            amount: Yuan(paid.map(Draw::amount).sum()),
            opened: moment(self.opened),
            closed: self.closed.as_ref().map(|it| moment(it.at)),
            outcome: self.closed.as_ref().map(|it| it.outcome),
        })
    }
}

/// Bills, bindings and people of cases.
async fn about(call: &Call, cases: &[Case]) -> Result<Seen, Problem> {
    let seen = call
        .see(Needs {
            settlements: cases.iter().map(|it| SettlementNo(it.settlement)).collect(),
            bindings: cases.iter().map(|it| BindingNo(it.binding)).collect(),
            persons: cases.iter().map(|it| PersonNo(it.giver)).collect(),
            ..Needs::default()
        })
        .await?;
    let bills: Vec<Settlement> = seen.rows.facts.settlements.values().cloned().collect();
    with_people(call, seen, &bills).await
}

async fn told(call: &Call, case: &Case) -> Answered {
    let seen = about(call, std::slice::from_ref(case)).await?;
    call.may_see(&seen.rows.facts, PersonNo(case.giver))?;
    call.has_looked_at(&seen.rows.facts, &case.relative(&seen.rows.facts));
    let view = case.view(&seen.teller(call.viewer(), &call.app));
    view.map(|it| Answer::ok(&it)).ok_or_else(|| Problem::not_found("case"))
}

async fn found(call: &Call, key: &str) -> Result<Option<Case>, Problem> {
    let kept = call.app.desk.get(DRAWER, key, call.app.clock.now()).await?;
    kept.map(|it| Case::read(&it)).transpose()
}

/// `POST /cases`: the binding is put on hold, where it is in force, and the case is opened. Asked again, the same case.
pub(crate) async fn open(call: Call) -> Answered {
    let sent: NewCase = call.body()?;
    let person = call.token.person.ok_or_else(|| Problem::forbidden("A giver opens a case."))?;
    call.once(&sent, async {
        let now = call.app.clock.now();
        let NewCase { settlement, binding } = sent;
        let case = Case { settlement, binding, giver: person.0, opened: now.millis(), closed: None };
        let seen = about(&call, std::slice::from_ref(&case)).await?;
        let facts = &seen.rows.facts;
        let bill = facts.settlements.get(&SettlementNo(settlement));
        let paid = |it: &Draw| it.owner == person && it.binding == Some(BindingNo(binding));
        let is_theirs = bill.is_some_and(|it| it.undoes.is_none() && it.draws.iter().any(paid));
        let held = facts.bindings.get(&BindingNo(binding)).filter(|_| is_theirs);
        let status =
            held.ok_or_else(|| Problem::not_found("bill that this binding of yours paid"))?.status(now);
        if matches!(status, Status::InForce | Status::NotYet(_)) {
            let event = ChangeBinding { binding: BindingNo(binding), event: BindingEvent::Hold };
            let asking = Asking::to(Actor::Citizen(person), Body::ChangeBinding(event));
            let answer = call.submit(&sent, asking, shown).await?;
            if answer.status != StatusCode::OK.as_u16() {
                return Ok(answer);
            }
        }
        let case = match found(&call, &case.key()).await? {
            Some(earlier) => earlier,
            None => {
                case.keep(&call).await?;
                case
            }
        };
        told(&call, &case).await
    })
    .await
}

/// `GET /cases/{no}`.
pub(crate) async fn show(call: Call) -> Answered {
    let case = found(&call, &call.text("no")).await?.ok_or_else(|| Problem::not_found("case"))?;
    told(&call, &case).await
}

/// `GET /cases`: of givers whom the caller may look at.
pub(crate) async fn list(call: Call) -> Answered {
    let kept = call.app.desk.list(DRAWER, call.app.clock.now()).await?;
    let mut cases = kept.iter().map(|(_, it)| Case::read(it)).collect::<Result<Vec<_>, _>>()?;
    cases.sort_by_key(|it| (it.closed.is_some(), it.opened));
    let seen = about(&call, &cases).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let facts = &seen.rows.facts;
    let theirs: Vec<&Case> =
        cases.iter().filter(|it| call.may_see(facts, PersonNo(it.giver)).is_ok()).collect();
    theirs.iter().for_each(|it| call.has_looked_at(facts, &it.relative(facts)));
    Ok(Answer::ok(&CasesView { cases: theirs.iter().filter_map(|it| it.view(&teller)).collect() }))
}

/// `POST /cases/{no}/close`. The hold is lifted by the giver, or by a clerk for the giver: knowing the outcome, they
/// may also want to release.
pub(crate) async fn close(call: Call) -> Answered {
    let sent: CaseClosed = call.body()?;
    let key = call.text("no");
    call.once(&sent, async {
        let mut case = found(&call, &key).await?.ok_or_else(|| Problem::not_found("case"))?;
        let seen = about(&call, std::slice::from_ref(&case)).await?;
        call.may_see(&seen.rows.facts, PersonNo(case.giver))?;
        if case.closed.is_none() {
            let at = call.app.clock.now().millis();
            case.closed = Some(Closed { at, by: call.token.no, outcome: sent.outcome });
            case.keep(&call).await?;
        }
        told(&call, &case).await
    })
    .await
}
