//! Cases: a giver says that a bill was none of their relative's. Opening one puts the binding on hold, by a decision;
//! the case itself is on the desk, where clerks find it, and is neither money nor law. Of a bill and a binding there is one
//! case: doubted again after it was closed, it is open again and keeps what came of it before.

use super::bindings::shown;
use super::call::{Answer, Answered, Asking, Call};
use super::people::{Who, insuring};
use super::problem::Problem;
use super::settlements::with_people;
use super::telling::{PersonRef, PlaceRef, Seen, Teller};
use super::waiting::CountView;
use super::wire::{Civil, Instant, Yuan};
use crate::tokens::{Role, Token};
use axum::http::StatusCode;
use domain::binding::{Binding, Status};
use domain::day::Moment;
use domain::facts::{Draw, Facts, Settlement};
use domain::ids::{Area, BindingNo, PersonNo, SettlementNo};
use domain::needs::Needs;
use domain::request::{Actor, BindingEvent, Body, ChangeBinding};
use serde::{Deserialize, Serialize};
use store::{Fault, Kept};
use utoipa::ToSchema;

/// The drawer of the desk that cases lie in, under settlement and binding.
const DRAWER: &str = "case";
/// The drawers that say in which order they are read, one for open ones and one for closed ones of each area: open ones the
/// oldest first, closed ones the latest first. What they say of a case counts as long as the case says so, too.
const ORDER: &str = "case-order";
/// The drawers that say which cases of a binding are open. They count like the order.
const BESIDE: &str = "case-of";
/// Keys of closed cases count down from here: fourteen digits of milliseconds.
const LAST_MS: i64 = 99_999_999_999_999;
/// So many pages are read to fill one: givers may have moved elsewhere since.
const PIECES: usize = 20;

/// A case, as it lies on the desk.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Case {
    settlement: u64,
    binding: u64,
    giver: u64,
    /// The areas that insured the giver when it was opened: their halls find it.
    areas: Vec<Area>,
    /// Milliseconds.
    opened: i64,
    closed: Option<Closed>,
    /// The decision that put the binding on hold for it, where it was not on hold before.
    hold: Option<u64>,
    /// What came of it before it was doubted again, earliest first.
    earlier: Vec<Earlier>,
}

/// A case as it was before its bill was doubted again.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Earlier {
    /// Milliseconds.
    opened: i64,
    closed: Closed,
}

/// A place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    closed: bool,
    area: Area,
    /// Its key in the drawer; empty: before all of the area.
    key: String,
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
    /// The binding of the giver's that paid.
    binding: u64,
    /// The giver, where a clerk says it for them at the counter.
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<Who>,
}

/// How a case ends.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseClosed {
    outcome: Outcome,
    /// The giver wants the binding used again: the hold is lifted first, in their name. While another case of the binding is
    /// open it stays on hold.
    #[serde(default)]
    lift: bool,
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
    /// The serial of the decision that put the binding on hold, where it was not on hold before.
    hold: Option<u64>,
    /// What came of it before it was doubted again, earliest first.
    earlier: Vec<EarlierView>,
    /// Other cases of the same binding that are open: until they are closed, closing this one lifts no hold.
    beside: Vec<String>,
}

/// What came of a case before its bill was doubted again.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EarlierView {
    opened: Instant,
    closed: Instant,
    outcome: Outcome,
}

/// Cases, open ones first, by area.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CasesView {
    cases: Vec<CaseView>,
    /// The cursor of the next page, if there is one. A page may be short, or empty, and another one follow.
    next: Option<String>,
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

    /// Its places in the order, one for each area.
    fn places(&self) -> Vec<Place> {
        let key = match &self.closed {
            None => format!("{:014}:{}", self.opened, self.key()),
            Some(closed) => format!("{:014}:{}", LAST_MS - closed.at, self.key()),
        };
        let place = |area: &Area| Place { closed: self.closed.is_some(), area: *area, key: key.clone() };
        self.areas.iter().map(place).collect()
    }

    /// Whether it is read at a place: where several areas of a token have it, at the first of them.
    fn is_read_at(&self, place: &Place, token: &Token) -> bool {
        let here = self.places().into_iter().find(|it| token.covers(it.area));
        here.is_some_and(|it| (it.closed, it.area, &it.key) == (place.closed, place.area, &place.key))
    }

    /// As it is when its bill is doubted now, whatever it was before.
    fn doubted(self, before: Option<Case>) -> Case {
        let Some(before) = before else { return self };
        let Some(closed) = before.closed else { return Case { hold: self.hold.or(before.hold), ..before } };
        let mut earlier = before.earlier;
        earlier.push(Earlier { opened: before.opened, closed });
        Case { earlier, ..self }
    }

    fn beside(&self) -> String {
        format!("{BESIDE}:{}", self.binding)
    }

    /// The places are there before the case is, and the ones it had go after: no case is missing from the order.
    async fn keep(&self, call: &Call, had: &[Place]) -> Result<(), Problem> {
        let (desk, key, places) = (&call.app.desk, self.key(), self.places());
        if self.closed.is_none() {
            desk.put(&self.beside(), &key, b"", None).await?;
        }
        for place in &places {
            desk.put(&place.drawer(), &place.key, b"", None).await?;
        }
        desk.put(DRAWER, &key, &domain::chain::encode(self), None).await?;
        for place in had.iter().filter(|it| !places.contains(it)) {
            desk.remove(&place.drawer(), &place.key).await?;
        }
        if self.closed.is_some() {
            desk.remove(&self.beside(), &key).await?;
        }
        Ok(())
    }

    fn view(&self, teller: &Teller<'_>, beside: Vec<String>) -> Option<CaseView> {
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
            hold: self.hold,
            earlier: self.earlier.iter().map(Earlier::view).collect(),
            beside,
        })
    }
}

impl Earlier {
    fn view(&self) -> EarlierView {
        let [opened, closed] = [self.opened, self.closed.at].map(|it| Instant::of(Moment::from_millis(it)));
        EarlierView { opened, closed, outcome: self.closed.outcome }
    }
}

impl Place {
    /// Before all places of the token's area.
    fn first(closed: bool, token: &Token) -> Place {
        Place { closed, area: token.area.within().0, key: String::new() }
    }

    /// Reads a cursor.
    fn read(cursor: &str) -> Option<Place> {
        let mut parts = cursor.splitn(3, ':');
        let closed = matches!(parts.next()?, "1");
        Some(Place { closed, area: Area::parse(parts.next()?)?, key: parts.next()?.to_owned() })
    }

    fn cursor(&self) -> String {
        format!("{}:{}:{}", u8::from(self.closed), self.area, self.key)
    }

    fn drawer(&self) -> String {
        format!("{ORDER}:{}:{}", u8::from(self.closed), self.area)
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
    let view = case.view(&seen.teller(call.viewer(), &call.app), beside(call, case).await?);
    view.map(|it| Answer::ok(&it)).ok_or_else(|| Problem::not_found("case"))
}

async fn found(call: &Call, key: &str) -> Result<Option<Case>, Problem> {
    let kept = call.app.desk.get(DRAWER, key, call.app.clock.now()).await?;
    kept.map(|it| Case::read(&it)).transpose()
}

/// The other cases of the same binding that are open.
async fn beside(call: &Call, case: &Case) -> Result<Vec<String>, Problem> {
    let mut open = Vec::new();
    for (key, _) in call.app.desk.list(&case.beside(), call.app.clock.now()).await? {
        let other = found(call, &key).await?.filter(|it| it.closed.is_none() && it.key() != case.key());
        open.extend(other.map(|_| key));
    }
    Ok(open)
}

/// The bill of a case and the binding that paid it.
pub(crate) async fn bill_and_binding(call: &Call, key: &str) -> Result<(SettlementNo, BindingNo), Problem> {
    let case = found(call, key).await?.ok_or_else(|| Problem::not_found("case"))?;
    Ok((SettlementNo(case.settlement), BindingNo(case.binding)))
}

/// `POST /cases`: the binding is put on hold, where it is in force, and the case is opened. Asked again, the same case;
/// where that was closed, it is open again.
pub(crate) async fn open(call: Call) -> Answered {
    let sent: NewCase = call.body()?;
    let actor = call.actor(sent.on_behalf_of.as_ref()).await?;
    let (Actor::Citizen(giver) | Actor::Clerk { person: giver, .. }) = actor else {
        return Err(Problem::forbidden("A giver opens a case, or a clerk for them."));
    };
    call.once(&sent, async {
        let now = call.app.clock.now();
        let mut case = Case {
            settlement: sent.settlement,
            binding: sent.binding,
            giver: giver.0,
            areas: Vec::new(),
            opened: now.millis(),
            closed: None,
            hold: None,
            earlier: Vec::new(),
        };
        let seen = about(&call, std::slice::from_ref(&case)).await?;
        call.may_see(&seen.rows.facts, giver)?;
        if is_in_use(&case, &seen.rows.facts, now)? {
            let event = ChangeBinding { binding: BindingNo(case.binding), event: BindingEvent::Hold };
            let asking = Asking::to(actor, Body::ChangeBinding(event));
            let answer = call.submit(&sent, asking, shown).await?;
            if answer.status != StatusCode::OK.as_u16() {
                return Ok(answer);
            }
            case.hold = answer.serial();
        }
        case.areas = insuring(&seen.rows.facts, giver, now.day());
        let before = found(&call, &case.key()).await?;
        let had = before.as_ref().map(Case::places).unwrap_or_default();
        let case = case.doubted(before);
        case.keep(&call, &had).await?;
        told(&call, &case).await
    })
    .await
}

/// Whether the binding of a new case can be used: then it is put on hold.
fn is_in_use(case: &Case, facts: &Facts, now: Moment) -> Result<bool, Problem> {
    let (giver, binding) = (PersonNo(case.giver), BindingNo(case.binding));
    let bill = facts.settlements.get(&SettlementNo(case.settlement)).filter(|it| it.undoes.is_none());
    let paid = |it: &Draw| it.owner == giver && it.binding == Some(binding);
    let paid_by = facts.bindings.get(&binding).filter(|_| bill.is_some_and(|it| it.draws.iter().any(paid)));
    let paid_by = paid_by.ok_or_else(|| Problem::not_found("bill that this binding of yours paid"))?;
    Ok(matches!(paid_by.status(now), Status::InForce | Status::NotYet(_)))
}

/// `GET /cases/{no}`.
pub(crate) async fn show(call: Call) -> Answered {
    let case = found(&call, &call.text("no")).await?.ok_or_else(|| Problem::not_found("case"))?;
    told(&call, &case).await
}

/// Cases of the token's area after a place, so many places at most; and after which place more follow.
async fn piece(
    call: &Call,
    after: &Place,
    limit: u32,
    both: bool,
) -> Result<(Vec<Case>, Option<Place>), Problem> {
    let last = Place { area: call.token.area.within().1, ..after.clone() }.drawer();
    let kept = call.app.desk.all((&after.drawer(), &after.key), limit.saturating_add(1)).await?;
    let within = kept.into_iter().take_while(|it| it.drawer <= last);
    let place = |it: Kept| {
        let area = it.drawer.rsplit(':').next().and_then(Area::parse)?;
        Some(Place { closed: after.closed, area, key: it.key })
    };
    let mut places: Vec<Place> = within.filter_map(place).collect();
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_more = places.len() > most;
    places.truncate(most);
    let mut cases = Vec::new();
    for place in &places {
        let key = place.key.rsplit(':').next().unwrap_or_default();
        cases.extend(found(call, key).await?.filter(|it| it.is_read_at(place, &call.token)));
    }
    let closed_ones = || (both && !after.closed).then(|| Place::first(true, &call.token));
    Ok((cases, if is_more { places.pop() } else { closed_ones() }))
}

/// Where the caller's page begins, and whether closed ones follow the open ones.
fn asked(call: &Call) -> Result<(Place, bool), Problem> {
    let (closed, both) = match call.query.get("state").map(String::as_str) {
        None => (false, true),
        Some("open") => (false, false),
        Some("closed") => (true, false),
        Some(_) => return Err(Problem::malformed("state", "Write open or closed, or leave it out.")),
    };
    let cursor = call.query.get("cursor").map(String::as_str).filter(|it| !it.is_empty());
    let Some(cursor) = cursor else { return Ok((Place::first(closed, &call.token), both)) };
    let place = Place::read(cursor).filter(|it| both || it.closed == closed);
    let remedy = "Send the `next` of the page before.";
    place.map(|it| (it, both)).ok_or_else(|| Problem::malformed("cursor", remedy))
}

/// `GET /cases`: of givers whom the caller may look at.
pub(crate) async fn list(call: Call) -> Answered {
    let limit = call.limit()?;
    let (first, both) = asked(&call)?;
    let (mut next, mut views) = (Some(first), Vec::new());
    for _ in 0..PIECES {
        let Some(after) = next.take_if(|_| views.is_empty()) else { break };
        let (cases, more) = piece(&call, &after, limit, both).await?;
        next = more;
        let seen = about(&call, &cases).await?;
        let (teller, facts) = (seen.teller(call.viewer(), &call.app), &seen.rows.facts);
        for case in cases.iter().filter(|it| call.may_see(facts, PersonNo(it.giver)).is_ok()) {
            call.has_looked_at(facts, &case.relative(facts));
            views.extend(case.view(&teller, beside(&call, case).await?));
        }
    }
    Ok(Answer::ok(&CasesView { cases: views, next: next.map(|it| it.cursor()) }))
}

/// How many cases are open of givers whom the caller may look at.
pub(crate) async fn count(call: &Call, most: u32) -> Result<CountView, Problem> {
    let (cases, more) = piece(call, &Place::first(false, &call.token), most, false).await?;
    let givers = cases.iter().map(|it| PersonNo(it.giver));
    let seen = call.see(Needs { persons: givers.clone().collect(), ..Needs::default() }).await?;
    let count = givers.filter(|it| call.could_see(&seen.rows.facts, *it)).count();
    Ok(CountView { count, more: more.is_some() })
}

/// Lifts the hold of a case's binding for the giver, where it is on hold; a refusal where that is refused.
async fn lifted(
    call: &Call,
    sent: &CaseClosed,
    case: &Case,
    facts: &Facts,
) -> Result<Option<Answer>, Problem> {
    if call.token.role == Role::Operator {
        return Err(Problem::malformed("lift", "A clerk lifts a hold for the giver: leave this out."));
    }
    let (binding, now) = (BindingNo(case.binding), call.app.clock.now());
    let is_held = |it: &Binding| matches!(it.status(now), Status::OnHold(_));
    if !facts.bindings.get(&binding).is_some_and(is_held) {
        return Ok(None);
    }
    let actor = Actor::Clerk { clerk: call.token.clerk(), person: PersonNo(case.giver) };
    let event = Body::ChangeBinding(ChangeBinding { binding, event: BindingEvent::Lift });
    let answer = call.submit(sent, Asking::to(actor, event), shown).await?;
    Ok(Some(answer).filter(|it| it.status != StatusCode::OK.as_u16()))
}

/// `POST /cases/{no}/close`. The hold is lifted by the giver, or by a clerk for the giver: knowing the outcome, they
/// may also want to release. Closed with that wish, the last open case of the binding lifts it; where that is refused, the
/// case stays open.
pub(crate) async fn close(call: Call) -> Answered {
    let sent: CaseClosed = call.body()?;
    let key = call.text("no");
    call.once(&sent, async {
        let mut case = found(&call, &key).await?.ok_or_else(|| Problem::not_found("case"))?;
        let seen = about(&call, std::slice::from_ref(&case)).await?;
        call.may_see(&seen.rows.facts, PersonNo(case.giver))?;
        if case.closed.is_none() {
            if sent.lift && beside(&call, &case).await?.is_empty() {
                let refused = lifted(&call, &sent, &case, &seen.rows.facts).await?;
                if let Some(refused) = refused {
                    return Ok(refused);
                }
            }
            let (at, had) = (call.app.clock.now().millis(), case.places());
            case.closed = Some(Closed { at, by: call.token.no, outcome: sent.outcome });
            case.keep(&call, &had).await?;
        }
        told(&call, &case).await
    })
    .await
}
