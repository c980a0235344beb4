//! Persistence: lanes that load and commit sets, pages for everybody else, and a desk for what is neither money nor law.
//! The same contract tests run against every implementation.

#[cfg(test)]
extern crate self as store;

mod cells;
#[cfg(test)]
#[allow(dead_code, reason = "the tests of the crate's inside need little of it")]
#[path = "../tests/all/common/mod.rs"]
mod common;
pub mod faulty;
mod hops;
pub mod memory;
mod notices;
pub mod postgres;
mod read;
mod serials;
mod shared;
mod shelf;
pub mod sqlite;
pub mod told;
mod touched;
mod write;

pub(crate) use serials::NO_LANE;
pub use serials::{LANES, LAST_SERIAL, LaneNo, month_of, month_of_serial};
pub use shelf::{KeptPaper, Paper, Shelf};

use async_trait::async_trait;
use domain::amendment::Amendment;
use domain::binding::Binding;
use domain::chain::{Block, Sealed, content_digest, decision_digest};
use domain::day::Moment;
use domain::decision::{Decision, Notice, Turn};
use domain::documents::Shown;
use domain::facts::{Facts, Settlement};
use domain::ids::{
    AmendmentNo, Area, BindingNo, Digest, InstitutionCode, Lookup, PersonNo, Serial, SettlementNo,
};
use domain::ledger::{Account, Balance, Entry};
use domain::needs::Needs;
use domain::people::{FamilyLink, Institution};
use domain::proxy::Proxy;
use domain::request::{Key, Request};
use domain::trace::TraceCode;
use domain::words::{InstitutionKind, Relation};
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

impl Fault {
    /// A page of another kind than was asked for.
    pub fn other_page() -> Fault {
        Fault::Damaged("asked for one page, got another".to_owned())
    }
}

/// The version of the schema that a store was opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// What was found; 0 where there was no store.
    pub before: usize,
    /// What it was brought up to: the newest that this program knows.
    pub now: usize,
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

/// Which of what waits for a decision at a hall is asked for: amendments since they were proposed, bindings since they
/// are reviewed.
#[derive(Debug, Clone, Copy)]
pub struct Waiting<No> {
    /// Only what this area's halls decide, or those of areas inside it.
    pub area: Area,
    /// Only what waits since after this moment.
    pub since: Moment,
    /// Only what comes after this one.
    pub after: Option<(Area, Moment, No)>,
    /// How many at most.
    pub limit: u32,
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
    /// Purchases entrusted by a person or to a person, latest first.
    Proxies {
        /// The patient or agent.
        person: PersonNo,
        /// How many at most.
        limit: u32,
    },
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
    /// Documents that a person showed at the counter, latest first.
    Documents {
        /// The person.
        person: PersonNo,
        /// How many at most.
        limit: u32,
    },
    /// What a lane told people in a span of its serials, or in the first part of it.
    Told(told::Span),
    /// The same without the messages: settlements alone, for whoever counts.
    Shared(told::Span),
    /// Packs that were sold whole, by their trace codes.
    Packs {
        /// Only those after this one.
        after: Option<TraceCode>,
        /// How many at most.
        limit: u32,
    },
    /// Amendments of what a person is known by, by number.
    Amendments(PersonNo),
    /// Amendments that wait for a decision, by area, and of each area the oldest first.
    AmendmentsWaiting(Waiting<AmendmentNo>),
    /// Bindings that the agency reviews and nothing has ended, by the giver's area, and of each area the oldest first.
    Reviews(Waiting<BindingNo>),
    /// Bindings that were agreed to and nothing has ended, by the giver's area, relation and number.
    Agreed {
        /// Only those after this one.
        after: Option<(Area, Relation, BindingNo)>,
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
    Proxies(Vec<Proxy>),
    ShownBy(BTreeSet<PersonNo>),
    Notices(Vec<(Turn, Notice)>),
    Documents(Vec<(Turn, Shown)>),
    Told(told::Told),
    Shared(told::Told),
    Packs(Vec<(TraceCode, SettlementNo)>),
    Amendments(Vec<Amendment>),
    AmendmentsWaiting(Vec<Amendment>),
    Reviews(Vec<Binding>),
    Agreed(Vec<Binding>),
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

/// A whole store: money and law, and the desk and the shelf beside them.
pub trait Books: Store + Desk + Shelf {}

impl<T: Store + Desk + Shelf + ?Sized> Books for T {}
