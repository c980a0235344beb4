//! Messages to people: who is asked to confirm, what came into force, what ended; what relatives or bills of their own
//! took of their money or gave back of it; who was entrusted with buying medicine, and what was bought (R-G1); what became of their login,
//! and that their phones for messages have changed.
//!
//! Of a bill that an account paid no message is written down: that would be one more row, and one more index,
//! for every purse of every settlement, at the counter, while somebody waits. Settlements are found by whose money they
//! took already, latest first, by the index that lists them for their givers; a message is such a settlement, read. So
//! none can be missing, none can differ from what was booked, and a refund is told where the money came back. What
//! has been read is one moment for each person, on the desk: it is neither money nor law. That an entrusted purchase ran out
//! unused is nobody's decision: it is read from the purchase.

use super::call::{Answer, Answered, Call};
use super::people::of_person;
use super::problem::Problem;
use super::settlements::with_people;
use super::telling::{PersonRef, PlaceRef, Seen, Teller};
use super::wire::{Instant, Utc, Yuan};
use crate::app::App;
use crate::contacts;
use crate::messages;
use domain::amendment::Amendment;
use domain::day::Moment;
use domain::decision::{Matter, Notice, Turn};
use domain::facts::{Draw, Settlement};
use domain::ids::{PersonNo, ProxyNo, Serial, SettlementNo};
use domain::money::Fen;
use domain::needs::Needs;
use domain::proxy::Proxy;
use domain::reason::Reason;
use domain::text_keys::notice_word;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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
    /// `please_confirm`, `in_force`, `ended`, `needs_decision`, `on_hold`, `lines_shown` or `lines_hidden` of a binding;
    /// `spent` or `returned` of the person's money by a relative, `own_spent` or `own_returned` by a bill of their own; `proxy_entrusted`, `proxy_received`, `proxy_revoked`, `proxy_used`,
    /// `proxy_returned` or `proxy_lapsed` of a purchase by an agent; `activation_code`, `activated` or `second_factor_ended`
    /// of how they sign in; `contact_changed` of the phones that messages go to; `amendment_proposed`, `amendment_approved`,
    /// `amendment_rejected`, `amendment_withdrawn` or `amendment_lapsed` of what they are known by; `code_asked`, `code_shown`,
    /// `code_linked` or `code_undone` of a family code.
    what: String,
    /// The same for people.
    line: String,
    /// About which binding, if about one.
    binding: Option<u64>,
    /// About which entrusted purchase, if about one.
    proxy: Option<u64>,
    /// The one on the other side of the binding, of the entrusted purchase or of the family code.
    other: Option<PersonRef>,
    /// The decision that it tells of; what becomes of a login is no decision.
    serial: Option<u64>,
    /// Whether it has been read.
    read: bool,
    /// What was spent or given back; of what an agent bought, what it cost in all.
    money: Option<MoneyView>,
}

/// What was spent of somebody's money or bought by their agent, or given back.
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

/// What messages about purchases by agents speak of.
struct ByAgents {
    proxies: BTreeMap<ProxyNo, Proxy>,
    bought: BTreeMap<SettlementNo, Settlement>,
}

/// A message before it is told.
enum Told<'a> {
    /// A message of the books.
    Notice(Turn, &'a Notice, &'a ByAgents),
    /// An entrusted purchase ran out unused.
    Lapsed(&'a Proxy),
    Money(&'a Settlement, &'a Draw),
    /// What follows from no decision: when, and its word.
    Aside(Moment, &'static str),
}

impl Told<'_> {
    /// Its place among all: moments first.
    fn order(&self) -> (Moment, Option<Serial>) {
        let of = |it: Turn| (it.at, Some(it.serial));
        match self {
            Told::Notice(turn, ..) => of(*turn),
            Told::Lapsed(it) => (it.last_day.plus(1).start(), None),
            Told::Money(it, _) => of(turn_of(it)),
            Told::Aside(at, _) => (*at, None),
        }
    }

    fn view(&self, teller: &Teller<'_>, person: PersonNo, read: Moment) -> NoticeView {
        let (at, serial) = self.order();
        let text =
            |list: &str, word: &str| teller.reader().texts.get(&format!("words.{list}.{word}")).to_owned();
        let plain = |list: &str, what: &str| NoticeView {
            at: Instant::of(at),
            what: what.to_owned(),
            line: text(list, what),
            binding: None,
            proxy: None,
            other: None,
            serial: serial.map(|it| it.0),
            read: at <= read,
            money: None,
        };
        match self {
            Told::Notice(_, it, by_agents) => {
                let plain = plain("notice", notice_word(it.what));
                match it.about {
                    Matter::Binding(no) => {
                        let binding = teller.facts.bindings.get(&no);
                        let other = binding.and_then(|it| Some(it.person_on(it.side_of(person)?.other())));
                        let other = other.map(|it| teller.person(it));
                        NoticeView { binding: Some(no.0), other, ..plain }
                    }
                    Matter::Proxy(no) => plain.of_proxy(teller, person, no, by_agents.proxies.get(&no)),
                    Matter::Settlement(no) => plain.of_bought(teller, by_agents.bought.get(&no)),
                    Matter::Amendment(_) => plain,
                    Matter::FamilyCode(other) => NoticeView { other: Some(teller.person(other)), ..plain },
                }
            }
            Told::Lapsed(it) => plain("message", "proxy_lapsed").of_proxy(teller, person, it.no, Some(it)),
            Told::Money(it, draw) => {
                let money = MoneyView::of(teller, it, draw.amount());
                let word = match (draw.binding.is_some(), it.undoes.is_some()) {
                    (true, false) => "spent",
                    (true, true) => "returned",
                    (false, false) => "own_spent",
                    (false, true) => "own_returned",
                };
                NoticeView {
                    binding: draw.binding.map(|it| it.0),
                    other: draw.binding.map(|_| teller.person(it.patient)),
                    money: Some(money),
                    ..plain("message", word)
                }
            }
            Told::Aside(_, word) => plain("message", word),
        }
    }
}

impl MoneyView {
    fn of(teller: &Teller<'_>, it: &Settlement, amount: Fen) -> MoneyView {
        MoneyView { settlement: it.no.0, institution: teller.place(it.institution), amount: Yuan(amount) }
    }
}

impl NoticeView {
    /// About an entrusted purchase: the other of the two is named.
    fn of_proxy(
        self,
        teller: &Teller<'_>,
        person: PersonNo,
        no: ProxyNo,
        proxy: Option<&Proxy>,
    ) -> NoticeView {
        let other = proxy.map(|it| if it.agent == person { it.patient } else { it.agent });
        NoticeView { proxy: Some(no.0), other: other.map(|it| teller.person(it)), ..self }
    }

    /// About what an agent bought, or what was given back of it.
    fn of_bought(self, teller: &Teller<'_>, bought: Option<&Settlement>) -> NoticeView {
        let by = bought.and_then(|it| it.bought_by);
        NoticeView {
            proxy: by.map(|it| it.proxy.0),
            other: by.map(|it| teller.person(it.agent)),
            money: bought.map(|it| MoneyView::of(teller, it, it.shared.total)),
            ..self
        }
    }
}

impl ByAgents {
    /// What the messages speak of, and the latest purchases that the person is in.
    async fn of(call: &Call, person: PersonNo, notices: &[(Turn, Notice)]) -> Result<ByAgents, Problem> {
        let store = &call.app.store;
        let query = Query::Proxies { person, limit: call.limit()? };
        let Page::Proxies(proxies) = store.page(&query).await? else { return Err(Problem::busy()) };
        Ok(ByAgents {
            proxies: proxies.into_iter().map(|it| (it.no, it)).collect(),
            bought: call.app.bought(notices).await?,
        })
    }

    /// Those that ran out unused: told to the patient.
    fn lapsed(&self, person: PersonNo, now: Moment) -> impl Iterator<Item = Told<'_>> {
        let is_lapsed = move |it: &Proxy| matches!(it.closed(now.day()), Some(Reason::ProxyExpired { .. }));
        self.proxies.values().filter(move |it| it.patient == person && is_lapsed(it)).map(Told::Lapsed)
    }
}

/// That an amendment was not decided in time: that is nobody's decision.
fn lapsed(it: &Amendment, now: Moment) -> Option<Told<'static>> {
    let is_lapsed = it.settled.is_none() && !it.waits(now);
    is_lapsed.then(|| Told::Aside(it.until().plus(1).start(), "amendment_lapsed"))
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
    let by_agents = ByAgents::of(&call, person, &notices).await?;
    let seen = with_people(&call, seen, &settlements).await?;
    let seen = with_agents(&call, seen, &by_agents, &notices).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let of_books = notices.iter().map(|(turn, it)| Told::Notice(*turn, it, &by_agents));
    let mut others = own(&call.app, person).await?;
    others.extend(of_books.chain(by_agents.lapsed(person, seen.at)));
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let told = merged(person, &settlements, others, most);
    let read = read_until(&call, person).await?;
    let notices: Vec<NoticeView> = told.iter().map(|it| it.view(&teller, person, read)).collect();
    let unread = notices.iter().filter(|it| !it.read).count();
    Ok(Answer::ok(&NoticesView { notices, unread }))
}

/// With the names that messages about purchases by agents, and about family codes, speak of.
async fn with_agents(
    call: &Call,
    seen: Seen,
    by_agents: &ByAgents,
    notices: &[(Turn, Notice)],
) -> Result<Seen, Problem> {
    let bought: Vec<Settlement> = by_agents.bought.values().cloned().collect();
    let mut seen = with_people(call, seen, &bought).await?;
    let both = by_agents.proxies.values().flat_map(|it| [it.patient, it.agent]);
    let linked = notices.iter().filter_map(|(_, it)| match it.about {
        Matter::FamilyCode(other) => Some(other),
        Matter::Binding(_) | Matter::Proxy(_) | Matter::Settlement(_) | Matter::Amendment(_) => None,
    });
    let more = call.see(Needs { persons: both.chain(linked).collect(), ..Needs::default() }).await?;
    seen.rows.identities.extend(more.rows.identities);
    Ok(seen)
}

/// What no decision tells: of the person's login, of the phones that messages go to, and of amendments that lapsed.
async fn own<'a>(app: &App, person: PersonNo) -> Result<Vec<Told<'a>>, Problem> {
    let Page::Amendments(amendments) = app.store.page(&Query::Amendments(person)).await? else {
        return Err(Problem::busy());
    };
    let logins = messages::to(app, person).await?.into_iter().map(|(at, it)| Told::Aside(at, it.word()));
    let contact = contacts::of(app, person).await?;
    let contacts = contact.changes.iter().map(|it| Told::Aside(it.at, "contact_changed"));
    let now = app.clock.now();
    Ok(logins.chain(contacts).chain(amendments.iter().filter_map(|it| lapsed(it, now))).collect())
}

/// The latest of all. Where there are more settlements than were read, nothing older than the oldest of them is told:
/// the list has no gaps.
fn merged<'a>(
    person: PersonNo,
    settlements: &'a [Settlement],
    others: Vec<Told<'a>>,
    limit: usize,
) -> Vec<Told<'a>> {
    let full = settlements.len() >= limit;
    let oldest = settlements.last().map(turn_of).filter(|_| full).map(|it| (it.at, Some(it.serial)));
    let of_money = settlements.iter().flat_map(|it| {
        // What an agent bought for the patient is told as that.
        let is_told = |draw: &&Draw| draw.binding.is_some() || it.bought_by.is_none();
        let theirs = it.draws.iter().filter(move |draw| draw.owner == person && is_told(draw));
        theirs.map(move |draw| Told::Money(it, draw))
    });
    let all = others.into_iter().chain(of_money);
    let mut told: Vec<Told<'a>> = all.filter(|it| oldest.is_none_or(|oldest| it.order() >= oldest)).collect();
    told.sort_by_key(|it| std::cmp::Reverse(it.order()));
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
