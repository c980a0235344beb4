//! Messages to people: who is asked to confirm, what came into force, what ended; and what relatives spent of their
//! money or gave back of it.
//!
//! Of a bill that a relative's money paid no message is written down: that would be one more row, and one more index,
//! for every purse of every settlement, at the counter, while somebody waits. Settlements are found by whose money they
//! took already, latest first, by the index that lists them for their givers; a message is such a settlement, read. So
//! none can be missing, none can differ from what was booked, and a refund is told where the money came back. What
//! has been read is one moment for each person, on the desk: it is neither money nor law.

use super::binding_view::notice_word;
use super::call::{Answer, Answered, Call};
use super::people::of_person;
use super::problem::Problem;
use super::settlements::with_people;
use super::telling::{PersonRef, PlaceRef, Teller};
use super::wire::{Instant, Utc, Yuan};
use domain::day::Moment;
use domain::decision::{Notice, Turn};
use domain::facts::{Draw, Settlement};
use domain::ids::{PersonNo, Serial};
use serde::{Deserialize, Serialize};
use store::{Page, Query};
use utoipa::ToSchema;

/// The drawer of the desk that says up to which moment a person has read.
const READ: &str = "messages-read";

/// Messages, latest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct NoticesView {
    notices: Vec<NoticeView>,
    /// How many of these have not been read.
    unread: usize,
}

/// A message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct NoticeView {
    /// When.
    at: Instant,
    /// `please_confirm`, `in_force`, `ended`, `needs_decision` or `on_hold` of a binding; `spent` or `returned` of the person's
    /// money.
    what: String,
    /// The same for people.
    line: String,
    /// About which binding.
    binding: u64,
    /// The one on the other side of the binding.
    other: Option<PersonRef>,
    /// The decision that it tells of.
    serial: u64,
    /// Whether it has been read.
    read: bool,
    /// What was spent or given back.
    money: Option<MoneyView>,
}

/// What was spent of somebody's money, or given back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MoneyView {
    settlement: u64,
    institution: PlaceRef,
    amount: Yuan,
}

/// Up to when a person has read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadUntil {
    /// The moment of the latest message that was read.
    until: Utc,
}

/// Up to when a person has read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReadView {
    until: Instant,
}

/// A message before it is told.
enum Told<'a> {
    OfBinding(Turn, &'a Notice),
    OfMoney(&'a Settlement, &'a Draw),
}

impl Told<'_> {
    fn turn(&self) -> Turn {
        match self {
            Told::OfBinding(turn, _) => *turn,
            Told::OfMoney(it, _) => turn_of(it),
        }
    }

    fn view(&self, teller: &Teller<'_>, person: PersonNo, read: Moment) -> NoticeView {
        let turn = self.turn();
        let of = |what: String, line: String, binding, other: Option<PersonNo>, money| NoticeView {
            at: Instant::of(turn.at),
            what,
            line,
            binding,
            other: other.map(|it| teller.person(it)),
            serial: turn.serial.0,
            read: turn.at <= read,
            money,
        };
        match self {
            Told::OfBinding(_, it) => {
                let binding = teller.facts.bindings.get(&it.binding);
                let other = binding.and_then(|it| Some(it.person_on(it.side_of(person)?.other())));
                let word = notice_word(it.what);
                let line = teller.reader().texts.get(&format!("words.notice.{word}")).to_owned();
                of(word, line, it.binding.0, other, None)
            }
            Told::OfMoney(it, draw) => {
                let what = if it.undoes.is_some() { "returned" } else { "spent" };
                let line = teller.reader().texts.get(&format!("words.message.{what}")).to_owned();
                let binding = draw.binding.map_or(0, |it| it.0);
                let money = MoneyView {
                    settlement: it.no.0,
                    institution: teller.place(it.institution),
                    amount: Yuan(draw.amount()),
                };
                of(what.to_owned(), line, binding, Some(it.patient), Some(money))
            }
        }
    }
}

fn turn_of(it: &Settlement) -> Turn {
    Turn { serial: Serial::creator_of(it.no.0), at: it.at }
}

/// Up to when a person has read.
async fn read_until(call: &Call, person: PersonNo) -> Result<Moment, Problem> {
    let kept = call.app.desk.get(READ, &person.0.to_string(), call.app.clock.now()).await?;
    let millis = kept.and_then(|it| it.try_into().ok()).map_or(i64::MIN, i64::from_be_bytes);
    Ok(Moment::from_millis(millis.max(0)))
}

/// `GET /notices/{no}`.
pub(crate) async fn of(call: Call) -> Answered {
    let (person, limit) = (call.person()?, call.limit()?);
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let store = &call.app.store;
    let Page::Notices(notices) = store.page(&Query::Notices { person, limit }).await? else {
        return Err(Problem::busy());
    };
    let query = Query::Settlements { person, before: None, limit };
    let Page::Settlements(settlements) = store.page(&query).await? else { return Err(Problem::busy()) };
    let seen = with_people(&call, seen, &settlements).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let told = merged(person, &notices, &settlements, usize::try_from(limit).unwrap_or(usize::MAX));
    let read = read_until(&call, person).await?;
    let notices: Vec<NoticeView> = told.iter().map(|it| it.view(&teller, person, read)).collect();
    let unread = notices.iter().filter(|it| !it.read).count();
    Ok(Answer::ok(&NoticesView { notices, unread }))
}

/// The latest of both. Where there are more settlements than were read, nothing older than the oldest of them is told:
/// the list has no gaps.
fn merged<'a>(
    person: PersonNo,
    notices: &'a [(Turn, Notice)],
    settlements: &'a [Settlement],
    limit: usize,
) -> Vec<Told<'a>> {
    let order = |it: Turn| (it.at, it.serial);
    let full = settlements.len() >= limit;
    let oldest = settlements.last().filter(|_| full).map(|it| order(turn_of(it)));
    let of_money = settlements.iter().flat_map(|it| {
        let theirs = it.draws.iter().filter(|draw| draw.owner == person && draw.binding.is_some());
        theirs.map(move |draw| Told::OfMoney(it, draw))
    });
    let of_bindings = notices.iter().map(|(turn, it)| Told::OfBinding(*turn, it));
    let mut told: Vec<Told<'a>> =
        of_bindings.chain(of_money).filter(|it| Some(order(it.turn())) >= oldest).collect();
    told.sort_by_key(|it| std::cmp::Reverse(order(it.turn())));
    told.truncate(limit);
    told
}

/// `POST /notices/{no}/read`: what came until a moment has been read; an earlier moment changes nothing.
pub(crate) async fn read(call: Call) -> Answered {
    let person = call.person()?;
    if call.token.person != Some(person) {
        return Err(Problem::forbidden("Only whom messages are for says that they have read them."));
    }
    let sent: ReadUntil = call.body()?;
    call.once(&sent, async {
        let until = read_until(&call, person).await?.max(sent.until.0);
        let value = until.millis().to_be_bytes();
        call.app.desk.put(READ, &person.0.to_string(), &value, None).await?;
        Ok(Answer::ok(&ReadView { until: Instant::of(until) }))
    })
    .await
}
