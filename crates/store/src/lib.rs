//! Persistence: lanes that load and commit sets, pages for everybody else, and a desk for what is neither money nor law.
//! The same contract tests run against every implementation.

mod cells;
pub mod faulty;
mod hops;
pub mod memory;
pub mod postgres;
mod read;
mod shared;
pub mod sqlite;
mod touched;
mod write;

use async_trait::async_trait;
use domain::binding::Binding;
use domain::chain::{Block, Sealed, content_digest, decision_digest};
use domain::day::{Day, Moment};
use domain::decision::{Decision, Notice, Turn};
use domain::facts::{Facts, Settlement};
use domain::ids::{Area, BindingNo, Digest, InstitutionCode, Lookup, PersonNo, Serial, SettlementNo};
use domain::ledger::{Account, Balance, Entry};
use domain::needs::Needs;
use domain::people::{FamilyLink, Institution};
use domain::request::{Key, Request};
use domain::words::InstitutionKind;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// Something went wrong in the machine, not in the request: the outcome is unknown until asked by key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The store could not be reached or gave up; whether a commit happened is unknown.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// What is stored cannot be read back: damaged, or written by a newer version.
    #[error("what is stored cannot be read: {0}")]
    Damaged(String),
    /// The batch broke a constraint: nothing of it is stored, each request can be tried by itself.
    #[error("the batch breaks a constraint: {0}")]
    Conflict(String),
}

/// What travels with a request into the store without being decided on: encrypted or public, never in facts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attachments {
    /// Name and documents of a person that the request takes in, encrypted.
    pub identity: Option<Vec<u8>>,
    /// Name of an institution that the request registers.
    pub name: Option<String>,
    /// A law book that the request publishes, by its digest.
    pub book: Option<Vec<u8>>,
}

/// A request with everything there is to say about it, as it is stored for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Serial and moment.
    pub turn: Turn,
    /// The request.
    pub request: Request,
    /// Its actor and body, encoded: as they are stored and hashed.
    pub asked: Vec<u8>,
    /// The facts it was decided on ([`domain::chain::encode`] of [`Facts`]).
    pub facts: Vec<u8>,
    /// The decision.
    pub decision: Decision,
    /// The same, encoded: as it is stored and hashed.
    pub decided: Vec<u8>,
    /// Version of the deciding code.
    pub engine: u16,
    /// Digest of the law book.
    pub law: Digest,
    /// The answer as it was given, encrypted: asked again, it is given again.
    pub answer: Vec<u8>,
    /// The salt of the decision's digest in the chain.
    pub salt: [u8; 16],
    /// Lane and number of the block that seals it.
    pub block: (u16, u64),
}

impl Record {
    /// What a block seals of it.
    pub fn sealed(&self) -> Sealed<'_> {
        Sealed {
            serial: self.turn.serial,
            journal: self.decision.changes().and_then(|it| it.journal.as_ref()),
            content: content_digest(&self.request, &self.asked, &self.facts, self.engine, self.law),
            decision: decision_digest(&self.salt, self.turn, &self.decided),
        }
    }
}

/// What a lane has loaded for the requests that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The facts.
    pub facts: Facts,
    /// Encrypted names and documents of the people in them.
    pub identities: BTreeMap<PersonNo, Vec<u8>>,
    /// Names of the institutions in them.
    pub names: BTreeMap<InstitutionCode, String>,
    /// Records of requests that came before under the same keys.
    pub earlier: BTreeMap<Key, Record>,
    /// The last serial this lane gave; `None` where it gave none.
    pub last: Option<Serial>,
    /// The next record is never earlier than this, whatever the clock says: not before the lane's own latest, and
    /// after the latest of every other lane, so that moments tell in which order things took effect.
    pub since: Option<Moment>,
    /// The lane's latest block.
    pub head: Block,
    /// Digest of the law book in force; `None` before the first was published.
    pub law: Option<Digest>,
}

/// What a lane commits at once.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The records, in the order they were decided. Those that change nothing but themselves are among them.
    pub records: Vec<(Record, Attachments)>,
    /// The balances of all purses that journals of the batch touch, after it.
    pub purses: BTreeMap<Account, Balance>,
    /// The block that seals the batch.
    pub block: Block,
}

/// A writer's view of the store. It owns its connection, so it may hold locks from load to commit.
#[async_trait]
pub trait Lane: Send {
    /// All that these requests may look at or change, as of now, locked in one global order.
    async fn load(&mut self, requests: &[&Request], at: Moment) -> Result<Rows, Fault>;

    /// What lies on the desk in a drawer under these keys and has not expired, by key.
    async fn find(
        &mut self,
        drawer: &str,
        keys: &[&str],
        at: Moment,
    ) -> Result<BTreeMap<String, Vec<u8>>, Fault>;

    /// All that the batch decided, in one transaction: durable when this returns, or not there at all.
    async fn commit(&mut self, batch: Arc<Batch>) -> Result<(), Fault>;
}

/// Number of a lane, from 1; serials of different lanes never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LaneNo(pub u16);

/// What pages are read for: no lane has this number.
const NO_LANE: LaneNo = LaneNo(0);

/// Serials a lane has for a month: more than the whole nation settles in one. Above them stands the lane, above the
/// lane the month, so that everything numbered by serials is split by month with plain ranges.
const SERIALS_PER_LANE_AND_MONTH: u64 = 1 << 30;

/// How many lanes there are; months, lanes and serials together have fifty bits.
pub const LANES: u16 = 1 << 10;

/// No serial is greater: months go from January 2000 to April 2085.
pub const LAST_SERIAL: Serial = Serial((1 << 50) - 1);

impl LaneNo {
    /// The serials of the lane in a month, counted from January 2000: the first and the last.
    pub fn serials(self, month: u16) -> (Serial, Serial) {
        let first = (u64::from(month) * u64::from(LANES) + u64::from(self.0)) * SERIALS_PER_LANE_AND_MONTH;
        (Serial(first + 1), Serial(first + SERIALS_PER_LANE_AND_MONTH - 1))
    }

    /// The serial after the last one that the lane gave, for a record of this moment; `None` where the lane has none
    /// left this month, or the moment is beyond what serials can say.
    pub fn next(self, last: Option<Serial>, at: Moment) -> Option<Serial> {
        let (first, end) = self.serials(month_of(at.day())?);
        let next = last.filter(|it| *it >= first).map_or(first, |it| Serial(it.0 + 1));
        (next <= end).then_some(next)
    }

    /// The lane that gave a serial.
    pub fn of(serial: Serial) -> LaneNo {
        let lane = serial.0 / SERIALS_PER_LANE_AND_MONTH % u64::from(LANES);
        LaneNo(u16::try_from(lane).expect("there are fewer lanes than that"))
    }
}

/// The month of a serial, counted from January 2000.
pub fn month_of_serial(serial: Serial) -> u16 {
    let month = serial.0 / SERIALS_PER_LANE_AND_MONTH / u64::from(LANES);
    u16::try_from(month).unwrap_or(u16::MAX)
}

/// The month of a day, counted from January 2000; `None` where serials have no room for it.
pub fn month_of(day: Day) -> Option<u16> {
    let months = (i32::from(day.year()) - 2000) * 12 + i32::from(day.month()) - 1;
    u16::try_from(months).ok().filter(|it| *it <= month_of_serial(LAST_SERIAL))
}

/// A question about what is committed.
#[derive(Debug, Clone)]
pub enum Query {
    /// The facts that needs lead to, for previews: with identities and names, without serial and chain.
    Facts(Box<Needs>, Moment),
    /// The record under a key.
    Record(Key),
    /// Records of these serials, in their order.
    Records {
        /// The first serial wanted.
        from: Serial,
        /// The last serial wanted.
        to: Serial,
        /// How many at most.
        limit: u32,
    },
    /// Blocks of a lane from a number on, in order.
    Blocks {
        /// The lane.
        lane: u16,
        /// The first number wanted.
        from: u64,
        /// How many at most.
        limit: u32,
    },
    /// The lanes that have blocks, each with the last serial it gave.
    Lanes,
    /// Purses with their balances, in order of accounts.
    Purses {
        /// Only accounts after this one.
        after: Option<Account>,
        /// How many at most.
        limit: u32,
    },
    /// Entries of accounts that belong to a person, latest first: what a statement of account shows. Sums of funds,
    /// institutions and areas come from the journal.
    Entries {
        /// Whose accounts they are: for quotas, the giver.
        owner: PersonNo,
        /// Which of them.
        accounts: BTreeSet<Account>,
        /// Only what was booked before this turn.
        before: Option<Turn>,
        /// Of how many requests at most.
        limit: u32,
    },
    /// All entries of serials from this one on, in order, whole serials only.
    Journal {
        /// The first serial wanted.
        from: Serial,
        /// How many serials with entries at most.
        limit: u32,
    },
    /// Settlements that a person had or that drew on a person's money, latest first.
    Settlements {
        /// The patient or giver.
        person: PersonNo,
        /// Only what was settled before this turn.
        before: Option<Turn>,
        /// After how many the page ends; those of its last serial are all on it, so that none is lost between pages.
        limit: u32,
    },
    /// What an institution settled and undid in a time, earliest first. Asked for in pieces of a day: it is searched minute by
    /// minute.
    SettledAt {
        /// The institution.
        institution: InstitutionCode,
        /// The first moment, and the first after the last.
        within: Range<Moment>,
        /// Only what stands after this one in the books.
        after: Option<(Moment, SettlementNo)>,
        /// How many at most.
        limit: u32,
    },
    /// The settlements of these numbers, as far as there are any, by number.
    Numbered(BTreeSet<SettlementNo>),
    /// The keys of the requests with these serials, as far as there are records of them.
    Keys(BTreeSet<Serial>),
    /// All versions of a binding, oldest first (R-D10).
    BindingHistory(BindingNo),
    /// Family code links that a person is in, as holder or as member, by holder and member.
    Links(PersonNo),
    /// Whose medical codes a person may be able to show: minors they act for or acted for, and members of family code
    /// links, standing or undone. Which of them they may show today is for the rules to say.
    ShownBy(PersonNo),
    /// Messages to a person, latest first.
    Notices {
        /// The person.
        person: PersonNo,
        /// How many at most.
        limit: u32,
    },
    /// People found by lookups from one to another, both included, in order of the lookups. The two begin with the same
    /// byte: what begins alike is claimed in one place.
    FoundBetween {
        /// The first.
        from: Lookup,
        /// The last.
        to: Lookup,
        /// How many at most.
        limit: u32,
    },
    /// Institutions whose names begin with this, by name and code.
    InstitutionsCalled {
        /// How the names begin.
        beginning: String,
        /// How many at most.
        limit: u32,
    },
    /// Institutions of an area with their names, in order of codes.
    InstitutionsIn {
        /// The pooling area.
        area: Area,
        /// Only of this kind.
        kind: Option<InstitutionKind>,
        /// Only those whose names have this in them; empty: all.
        called: String,
        /// Only those after this one.
        after: Option<InstitutionCode>,
        /// How many at most.
        limit: u32,
    },
    /// An institution's own codes with what they stand for, by own code; nothing for those that were taken back.
    Mappings {
        /// The institution.
        institution: InstitutionCode,
        /// Only own codes after this one.
        after: String,
        /// How many at most.
        limit: u32,
    },
    /// Institutions with their names, in order of codes.
    Institutions {
        /// Only those after this one.
        after: Option<InstitutionCode>,
        /// How many at most.
        limit: u32,
    },
    /// A law book by its digest.
    Book(Digest),
    /// Digest of the law book in force.
    BookInForce,
    /// How many records, entries, people there are: for progress bars and statistics.
    Counts,
}

/// An answer to a [`Query`], of the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant answers the query of the same name")]
pub enum Page {
    Facts(Box<Rows>),
    Record(Option<Box<Record>>),
    Records(Vec<Record>),
    Blocks(Vec<Block>),
    Lanes(Vec<(LaneNo, Serial)>),
    Purses(Vec<(Account, Balance)>),
    Entries(Vec<(Turn, Entry)>),
    Journal(Vec<(Turn, Entry)>),
    Settlements(Vec<Settlement>),
    SettledAt(Vec<Settlement>),
    Numbered(Vec<Settlement>),
    Keys(BTreeMap<Serial, Key>),
    BindingHistory(Vec<Binding>),
    Links(Vec<FamilyLink>),
    ShownBy(BTreeSet<PersonNo>),
    Notices(Vec<(Turn, Notice)>),
    FoundBetween(Vec<PersonNo>),
    InstitutionsCalled(Vec<(Institution, Option<String>)>),
    InstitutionsIn(Vec<(Institution, Option<String>)>),
    Mappings(Vec<((InstitutionCode, String), String)>),
    Institutions(Vec<(Institution, Option<String>)>),
    Book(Option<Vec<u8>>),
    BookInForce(Option<Digest>),
    Counts(Counts),
}

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the fields say what they count")]
pub struct Counts {
    pub records: u64,
    pub entries: u64,
    pub persons: u64,
    pub settlements: u64,
}

/// All persistence of money and law.
#[async_trait]
pub trait Store: Send + Sync {
    /// A lane; at most one holder at a time for each number.
    async fn lane(&self, number: LaneNo) -> Result<Box<dyn Lane>, Fault>;

    /// Committed rows for screens, statements and previews, a page at a time.
    async fn page(&self, query: &Query) -> Result<Page, Fault>;

    /// Whether each lane serves areas of its own, because what it writes lives where it is. Elsewhere every lane
    /// serves everybody.
    fn is_spread(&self) -> bool {
        false
    }

    /// The lane that serves an area, the same for ever: where none does yet, one of these.
    async fn lane_of(&self, _area: Area, among: &[LaneNo]) -> Result<LaneNo, Fault> {
        among.first().copied().ok_or_else(|| Fault::Unavailable("there is no lane".to_owned()))
    }
}

/// Something on the desk, and where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The drawer.
    pub drawer: String,
    /// Its key in the drawer.
    pub key: String,
    /// What it is.
    pub value: Vec<u8>,
    /// From when on it no longer counts; `None`: always counts.
    pub until: Option<Moment>,
}

/// What is neither money nor law: tokens, gateway credentials, previews kept for "why". Outside chain and replay.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Puts something into a drawer, in place of what was there under the key.
    async fn put(&self, drawer: &str, key: &str, value: &[u8], until: Option<Moment>) -> Result<(), Fault>;

    /// Puts something into a drawer where nothing lies under the key, or what lies there has expired; says whether it
    /// did. Of several who claim at the same time one succeeds.
    async fn claim(
        &self,
        drawer: &str,
        key: &str,
        value: &[u8],
        until: Moment,
        at: Moment,
    ) -> Result<bool, Fault>;

    /// What is in a drawer under a key, unless it has expired.
    async fn get(&self, drawer: &str, key: &str, at: Moment) -> Result<Option<Vec<u8>>, Fault>;

    /// All that is in a drawer and has not expired, by key.
    async fn list(&self, drawer: &str, at: Moment) -> Result<Vec<(String, Vec<u8>)>, Fault>;

    /// Takes something out of a drawer.
    async fn remove(&self, drawer: &str, key: &str) -> Result<(), Fault>;

    /// Takes out what expired before a moment, so many at most, and says how many it were.
    async fn sweep(&self, before: Moment, most: u32) -> Result<u64, Fault>;

    /// Everything that lies on the desk, expired or not, by drawer and key: so many after this drawer and key.
    async fn all(&self, after: (&str, &str), limit: u32) -> Result<Vec<Kept>, Fault>;
}

/// A whole store: money and law, and the desk beside them.
pub trait Books: Store + Desk {}

impl<T: Store + Desk + ?Sized> Books for T {}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse(text).expect("a moment")
    }

    /// If this fails, two lanes give one serial, or the rows of a month are found in another month's part.
    #[test]
    fn a_serial_says_its_month_and_lane() {
        let lane = LaneNo(7);
        let first = lane.next(None, at("2026-11-22 10:00")).expect("room");
        let second = lane.next(Some(first), at("2026-11-30 23:59")).expect("room");
        let december = lane.next(Some(second), at("2026-12-01 00:00")).expect("room");
        assert_eq!(second.0, first.0 + 1);
        for (serial, month) in [(first, 322), (second, 322), (december, 323)] {
            assert_eq!((LaneNo::of(serial), month_of_serial(serial)), (lane, month), "{serial}");
        }
        let others = [LaneNo(6), LaneNo(8)].map(|it| it.next(None, at("2026-11-22 10:00")).expect("room"));
        assert!(others[0] < first && second < others[1] && others[1] < december);
    }

    /// If this fails, a lane that is full goes on into its neighbour's serials.
    #[test]
    fn a_lane_that_is_full_waits_for_the_next_month() {
        let now = at("2026-11-22 10:00");
        let (_, end) = LaneNo(1).serials(322);
        assert_eq!(LaneNo(1).next(Some(end), now), None);
        assert!(LaneNo(1).next(Some(end), at("2026-12-01 00:00")).is_some());
        assert_eq!(LaneNo(1).next(None, at("1999-12-31 10:00")), None);
        assert_eq!(LaneNo(1).next(None, at("2085-05-01 10:00")), None);
        assert!(LaneNo(LANES - 1).serials(month_of_serial(LAST_SERIAL)).1 <= LAST_SERIAL);
    }
}
