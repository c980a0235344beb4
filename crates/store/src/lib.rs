//! Persistence: lanes that load and commit sets, pages for everybody else, and a desk for what is neither money nor law.
//! The same contract tests run against every implementation.

pub mod faulty;
pub mod memory;
pub mod sqlite;

use async_trait::async_trait;
use domain::binding::Binding;
use domain::chain::Block;
use domain::day::Moment;
use domain::decision::{Decision, Notice, Turn};
use domain::facts::{Facts, Settlement};
use domain::ids::{BindingNo, Digest, InstitutionCode, PersonNo, Serial};
use domain::ledger::{Account, Balance, Entry};
use domain::needs::Needs;
use domain::request::{Key, Request};
use std::collections::BTreeMap;

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
    /// The facts it was decided on ([`domain::chain::encode`] of [`Facts`]).
    pub facts: Vec<u8>,
    /// The decision.
    pub decision: Decision,
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
    /// The first serial that is free in this lane.
    pub next: Serial,
    /// The moment of the lane's latest record: the next is never earlier, whatever the clock says.
    pub last: Option<Moment>,
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

    /// All that the batch decided, in one transaction: durable when this returns, or not there at all.
    async fn commit(&mut self, batch: &Batch) -> Result<(), Fault>;
}

/// Number of a lane, from 1; serials of different lanes never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LaneNo(pub u16);

/// How many serials a lane has: 35 years of a thousand a second; lanes and serials together have fifty bits.
pub const SERIALS_PER_LANE: u64 = 1 << 40;

impl LaneNo {
    /// The first serial of the lane.
    pub fn first(self) -> Serial {
        Serial(u64::from(self.0) * SERIALS_PER_LANE + 1)
    }

    /// The lane that gave a serial.
    pub fn of(serial: Serial) -> LaneNo {
        LaneNo(u16::try_from(serial.0 / SERIALS_PER_LANE).unwrap_or(u16::MAX))
    }
}

/// A question about what is committed.
#[derive(Debug, Clone)]
pub enum Query {
    /// The facts that needs lead to, for previews: with identities and names, without serial and chain.
    Facts(Needs, Moment),
    /// The record under a key.
    Record(Key),
    /// Records from a serial on, in order.
    Records {
        /// The first serial wanted.
        from: Serial,
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
    /// The lanes that have blocks.
    Lanes,
    /// Purses with their balances, in order of accounts.
    Purses {
        /// Only accounts after this one.
        after: Option<Account>,
        /// How many at most.
        limit: u32,
    },
    /// Entries of an account, latest first.
    Entries {
        /// The account.
        account: Account,
        /// Only entries of serials before this one.
        before: Option<Serial>,
        /// After how many the page ends; those of its last serial are all on it, so that none is lost between pages.
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
        /// Only settlements of serials before this one.
        before: Option<Serial>,
        /// After how many the page ends; those of its last serial are all on it, so that none is lost between pages.
        limit: u32,
    },
    /// All versions of a binding, oldest first (R-D10).
    BindingHistory(BindingNo),
    /// Messages to a person, latest first.
    Notices {
        /// The person.
        person: PersonNo,
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
    Lanes(Vec<u16>),
    Purses(Vec<(Account, Balance)>),
    Entries(Vec<(Turn, Entry)>),
    Journal(Vec<(Turn, Entry)>),
    Settlements(Vec<Settlement>),
    BindingHistory(Vec<Binding>),
    Notices(Vec<(Turn, Notice)>),
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
}

/// What is neither money nor law: tokens, gateway credentials, previews kept for "why". Outside chain and replay.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Puts something into a drawer, in place of what was there under the key.
    async fn put(&self, drawer: &str, key: &str, value: &[u8], until: Option<Moment>) -> Result<(), Fault>;

    /// What is in a drawer under a key, unless it has expired.
    async fn get(&self, drawer: &str, key: &str, at: Moment) -> Result<Option<Vec<u8>>, Fault>;

    /// All that is in a drawer and has not expired, by key.
    async fn list(&self, drawer: &str, at: Moment) -> Result<Vec<(String, Vec<u8>)>, Fault>;

    /// Takes something out of a drawer.
    async fn remove(&self, drawer: &str, key: &str) -> Result<(), Fault>;
}
