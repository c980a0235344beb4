//! What every handler sees: store, flow, law, clock, keys.

use crate::clock::Clock;
use crate::flow::Flow;
use crate::gateway_keys::Remembered;
use crate::law::Laws;
use crate::turn::{Deciding, Encoder, NoAnswer, Submission, Told, entropy, foretold};
use crate::vault::{Vault, hex, random};
use domain::book::Book;
use domain::decision::{Law, Notice, Turn};
use domain::facts::Settlement;
use domain::ids::{Digest, SettlementNo};
use domain::law::Problem;
use domain::needs::Needs;
use domain::request::{Actor, Body, Key, Publish, Request, Sender};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;
use store::{Attachments, Books, Desk, Fault, LaneNo, Page, Query, Rows, Shelf, Store};

/// The application.
#[derive(Clone)]
pub struct App {
    /// Money and law.
    pub store: Arc<dyn Store>,
    /// Neither.
    pub desk: Arc<dyn Desk>,
    /// Photographs of documents, sealed.
    pub shelf: Arc<dyn Shelf>,
    /// The way to change anything.
    pub flow: Flow,
    /// Law books.
    pub laws: Arc<Laws>,
    /// The clock.
    pub clock: Clock,
    /// The keys.
    pub vault: Arc<Vault>,
    /// Keys of institutions that were looked up lately.
    pub gateway_keys: Arc<Remembered>,
    /// Vouches for citizens, where an operator says so.
    pub identity_service: Option<crate::identity_service::IdentityService>,
    /// Whether staff sign in to the pages in two steps.
    pub staff_second_factor: bool,
    /// How many messages of institutions were refused lately.
    pub refusals: Arc<crate::hospital::Refusals>,
    /// Checks passwords.
    pub checking: crate::logins::Checking,
    /// Texts for people, by language.
    pub texts: Arc<crate::texts::AllTexts>,
    /// Indexes of the drugs of editions.
    pub drugs: Arc<crate::drugs::DrugIndexes>,
    /// Which addresses messages to people may be carried to.
    pub webhooks: crate::outbox::sending::Reach,
    /// Room for photographs that are being sent.
    pub uploads: crate::uploads::Uploads,
    /// Held while something is done that no lane puts in order: one at a time.
    pub once: Arc<tokio::sync::Mutex<()>>,
}

/// Why an application cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store is not available.
    #[error(transparent)]
    Store(#[from] Fault),
    /// The shipped law book has mistakes.
    #[error("the law book has mistakes; the first: {0}")]
    Law(String),
    /// Nothing could be published.
    #[error("the law book could not be put in force: {0}")]
    Publish(#[from] NoAnswer),
}

impl App {
    /// An application on a store, with one lane.
    pub fn new(store: impl Books + 'static, clock: Clock, vault: Vault) -> App {
        App::on(Arc::new(store), LaneNo(1)..=LaneNo(1), clock, vault)
    }

    /// An application on a store of any kind, with these lanes, each on a thread of its own.
    pub fn on(store: Arc<dyn Books>, lanes: RangeInclusive<LaneNo>, clock: Clock, vault: Vault) -> App {
        let (vault, laws) = (Arc::new(vault), Arc::new(Laws::default()));
        let deciding = || Deciding {
            store: Arc::clone(&store) as Arc<dyn Store>,
            clock: clock.clone(),
            laws: Arc::clone(&laws),
            vault: Arc::clone(&vault),
            entropy: entropy(),
        };
        let lanes = (lanes.start().0..=lanes.end().0).map(|it| (LaneNo(it), deciding())).collect();
        let flow = if store.is_spread() {
            let (flow, lanes) = Flow::by_area(lanes, clock.clone(), Arc::clone(&store) as Arc<dyn Store>);
            lanes.into_iter().for_each(run_apart);
            flow
        } else {
            let (flow, lanes) = Flow::new(lanes, clock.clone());
            lanes.into_iter().for_each(run_apart);
            flow
        };
        let texts = Arc::new(crate::texts::AllTexts::shipped());
        App {
            desk: Arc::clone(&store) as Arc<dyn Desk>,
            shelf: Arc::clone(&store) as Arc<dyn Shelf>,
            store,
            flow,
            laws,
            clock,
            vault,
            gateway_keys: Arc::default(),
            identity_service: None,
            staff_second_factor: false,
            refusals: Arc::default(),
            checking: crate::logins::Checking::default(),
            texts,
            drugs: Arc::default(),
            webhooks: crate::outbox::sending::Reach::default(),
            uploads: crate::uploads::Uploads::default(),
            once: Arc::default(),
        }
    }

    /// Puts a book in force where none is yet.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn ensure_law(&self, book: &Book) -> Result<(), StartError> {
        if let Page::BookInForce(Some(_)) = self.store.page(&Query::BookInForce).await? {
            return Ok(());
        }
        let first = |problems: Vec<Problem>| problems.first().map(Problem::to_string).unwrap_or_default();
        self.publish(book, Sender::Token(0)).await.map_err(|it| StartError::Law(first(it)))??;
        Ok(())
    }

    /// Publishes a law book: from the next decision on it is the law.
    ///
    /// # Errors
    /// Everything that is wrong with the book; or, inside, that there was no answer.
    pub async fn publish(
        &self,
        book: &Book,
        sender: Sender,
    ) -> Result<Result<Digest, NoAnswer>, Vec<Problem>> {
        let digest = self.laws.keep(book)?.digest;
        let Sender::Token(token) = sender else { return Ok(Err(NoAnswer::Busy)) };
        let body = Body::Publish(Publish { book: digest });
        let request = Request {
            key: Key { sender, id: format!("book:{digest}:{}", hex(&random::<8>())) },
            digest,
            actor: Actor::Operator { token },
            body,
        };
        let attachments = Attachments { book: Some(book.bytes()), ..Attachments::default() };
        let encode: Encoder = Arc::new(|_: &Told<'_>| Vec::new());
        let answer =
            self.flow.submit(Submission { request, attachments, aside: None, encode, is_kept: true }).await;
        Ok(answer.map(|_| digest))
    }

    /// The law in force.
    ///
    /// # Errors
    /// A [`Fault`] where there is none or the store is away.
    pub async fn law(&self) -> Result<Arc<Law>, Fault> {
        let Page::BookInForce(Some(digest)) = self.store.page(&Query::BookInForce).await? else {
            return Err(Fault::Unavailable("no law book is in force yet".to_owned()));
        };
        self.laws.find(digest, &*self.store).await
    }

    /// Committed facts that needs lead to, with names.
    ///
    /// # Errors
    /// A [`Fault`] where the store is away.
    pub async fn rows(&self, needs: Needs) -> Result<Rows, Fault> {
        let Page::Facts(rows) = self.store.page(&Query::Facts(Box::new(needs), self.clock.now())).await?
        else {
            return Err(Fault::Damaged("asked for facts, got another page".to_owned()));
        };
        Ok(*rows)
    }

    /// The settlements that messages of the books speak of, by number.
    ///
    /// # Errors
    /// A [`Fault`] where the store is away.
    pub async fn bought(
        &self,
        notices: &[(Turn, Notice)],
    ) -> Result<BTreeMap<SettlementNo, Settlement>, Fault> {
        let numbers: BTreeSet<SettlementNo> =
            notices.iter().filter_map(|(_, it)| it.about.settlement()).collect();
        if numbers.is_empty() {
            return Ok(BTreeMap::new());
        }
        let Page::Numbered(found) = self.store.page(&Query::Numbered(numbers)).await? else {
            return Err(Fault::Damaged("asked for settlements, got another page".to_owned()));
        };
        Ok(found.into_iter().map(|it| (it.no, it)).collect())
    }

    /// What a lane would answer to a request: decided on what is committed, beside the lanes, and not kept.
    ///
    /// # Errors
    /// A [`Fault`] where the store is away, or deciding failed.
    pub async fn preview(&self, request: Request, encode: Encoder) -> Result<Vec<u8>, Fault> {
        let at = self.clock.now();
        // What is loaded for these needs alone is what the lane would decide on.
        let rows = self.rows(Needs::of([&request], at)).await?;
        let law = self.law().await?;
        let attachments = Attachments::default();
        let submission = Submission { request, attachments, aside: None, encode, is_kept: false };
        let answer = foretold(rows, &submission, at, &law, &self.vault);
        answer.ok_or_else(|| Fault::Unavailable("a preview could not be decided".to_owned()))
    }
}

/// Runs a lane on a thread of its own, which may wait for the disk.
fn run_apart(lane: impl Future<Output = ()> + Send + 'static) {
    let runtime = tokio::runtime::Handle::current();
    let thread = std::thread::Builder::new().name("lane".to_owned());
    let seeded = crate::randomness::of_this_thread();
    let run = move || {
        crate::randomness::seed_this_thread(seeded);
        runtime.block_on(lane);
    };
    thread.spawn(run).expect("the system has room for one more thread");
}
