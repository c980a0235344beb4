//! The one way through: load for all that wait, decide one after another, commit once, answer everyone.
//! Nothing else in the system writes money or law.

use crate::clock::Clock;
use crate::law::Laws;
use crate::people::Identity;
use crate::vault::Vault;
use domain::chain::{Block, Sealed, content_digest, decision_digest, encode, next};
use domain::day::Moment;
use domain::decision::{Decision, ENGINE, Law, Turn, decide};
use domain::facts::Facts;
use domain::ids::{Digest, InstitutionCode, PersonNo};
use domain::ledger::Account;
use domain::needs::Needs;
use domain::request::{Body, Key, Request};
use domain::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use store::{Attachments, Batch, Fault, Lane, LaneNo, Record, Rows, Store};
use tokio::sync::{mpsc, oneshot};

/// How many requests a lane takes at once.
pub const BATCH_MOST: usize = 256;
/// How many requests may wait for a lane; one more is told that the system is busy.
pub const WAITING_MOST: usize = 4_096;

/// Turns a decision into the answer that is given, now and whenever it is asked for again.
pub type Encoder = Arc<dyn Fn(&Told<'_>) -> Vec<u8> + Send + Sync>;

/// A request on its way into a lane.
pub struct Submission {
    /// The request.
    pub request: Request,
    /// What is stored beside it.
    pub attachments: Attachments,
    /// How its answer is written.
    pub encode: Encoder,
}

/// Everything an answer can be written from.
pub struct Told<'a> {
    /// Serial and moment.
    pub turn: Turn,
    /// The request.
    pub request: &'a Request,
    /// The decision.
    pub decision: &'a Decision,
    /// The facts it was made on.
    pub before: &'a Facts,
    /// The facts after it.
    pub facts: &'a Facts,
    /// The law it was made by.
    pub law: &'a Law,
    /// Opens names.
    pub vault: &'a Vault,
    /// Sealed names.
    pub identities: &'a BTreeMap<PersonNo, Vec<u8>>,
    /// Names of institutions.
    pub names: &'a BTreeMap<InstitutionCode, String>,
}

impl Told<'_> {
    /// Who a person of the case is.
    pub fn identity(&self, person: PersonNo) -> Option<Identity> {
        let plain = self.vault.open(self.identities.get(&person)?).ok()?;
        domain::chain::decode(&plain).ok()
    }
}

/// What a sender gets that is no decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// Too many wait, or the store is away: nothing is known about the outcome; the same key may be sent again.
    #[error("busy: ask again with the same key")]
    Busy,
    /// The key was used for another body before.
    #[error("this key was used for something else")]
    KeyReused,
}

struct Waiting {
    submission: Submission,
    reply: oneshot::Sender<Answer>,
    /// As long as this is there, the request may still be committed: it goes with the request, not with who waits.
    flight: InFlight,
}

impl Waiting {
    /// Nothing more can become of the request; whoever still waits is told.
    fn answer(self, answer: Answer) {
        drop(self.flight);
        // A sender that has gone away asks again by key; nothing is lost.
        let _ = self.reply.send(answer);
    }
}

/// How many requests of each key are on their way.
type Flights = Arc<Mutex<BTreeMap<Key, usize>>>;

/// The way into a lane.
#[derive(Clone)]
pub struct Flow {
    queue: mpsc::Sender<Waiting>,
    in_flight: Flights,
}

/// Fills bytes with randomness, or with what a seed says.
pub type Entropy = Box<dyn FnMut(&mut [u8]) + Send>;

/// What a lane decides with.
pub struct Deciding {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: Clock,
    /// The laws.
    pub laws: Arc<Laws>,
    /// The keys.
    pub vault: Arc<Vault>,
    /// Fills salts and nonces.
    pub entropy: Entropy,
}

impl Flow {
    /// A lane's flow, and the task that runs it until the last handle is dropped.
    pub fn new(number: LaneNo, deciding: Deciding) -> (Flow, impl Future<Output = ()> + Send) {
        let (queue, waiting) = mpsc::channel(WAITING_MOST);
        let flow = Flow { queue, in_flight: Arc::default() };
        (flow, run(number, deciding, waiting))
    }

    /// Sends a request through and waits for its answer.
    ///
    /// # Errors
    /// [`NoAnswer`]: busy, or the key was used for something else.
    pub async fn submit(&self, submission: Submission) -> Result<Vec<u8>, NoAnswer> {
        let (reply, answer) = oneshot::channel();
        let flight = InFlight::new(&self.in_flight, submission.request.key.clone());
        self.queue.try_send(Waiting { submission, reply, flight }).map_err(|_| NoAnswer::Busy)?;
        answer.await.unwrap_or(Err(NoAnswer::Busy))
    }

    /// Whether a request with this key is on its way right now.
    pub fn is_in_flight(&self, key: &Key) -> bool {
        locked(&self.in_flight).contains_key(key)
    }
}

/// Marks a key as being on its way, until it is dropped. The same key may be on its way several times.
struct InFlight {
    flights: Flights,
    key: Key,
}

impl InFlight {
    fn new(flights: &Flights, key: Key) -> InFlight {
        *locked(flights).entry(key.clone()).or_default() += 1;
        InFlight { flights: Arc::clone(flights), key }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut flights = locked(&self.flights);
        if let Some(count) = flights.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                flights.remove(&self.key);
            }
        }
    }
}

fn locked(flights: &Flights) -> MutexGuard<'_, BTreeMap<Key, usize>> {
    // A count is right at every moment, also where somebody panicked beside it.
    flights.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn run(number: LaneNo, mut deciding: Deciding, mut queue: mpsc::Receiver<Waiting>) {
    let mut lane: Option<Box<dyn Lane>> = None;
    let mut waiting = Vec::with_capacity(BATCH_MOST);
    while queue.recv_many(&mut waiting, BATCH_MOST).await > 0 {
        let batch = std::mem::take(&mut waiting);
        let requests = batch.len();
        let open = lane.take();
        // Whoever is not answered when something panics is told that the lane is busy.
        let served = unpanicked(one_batch(number, open, batch, &mut deciding)).await;
        lane = served.unwrap_or_else(|()| {
            tracing::error!(requests, "a lane broke off; it is opened anew");
            None
        });
    }
}

/// Serves a batch, and gives the lane back where it can go on being used.
async fn one_batch(
    number: LaneNo,
    lane: Option<Box<dyn Lane>>,
    batch: Vec<Waiting>,
    deciding: &mut Deciding,
) -> Option<Box<dyn Lane>> {
    let opened = match lane {
        Some(lane) => Ok(lane),
        None => deciding.store.lane(number).await,
    };
    match opened {
        Ok(mut open) => serve(&mut *open, batch, deciding).await.is_ok().then_some(open),
        Err(fault) => {
            refuse_all(batch, &fault);
            None
        }
    }
}

/// What work comes to, or that it panicked; then it is dropped and never polled again.
async fn unpanicked<F: Future>(work: F) -> Result<F::Output, ()> {
    let mut work = Box::pin(work);
    std::future::poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.map_or(Poll::Ready(Err(())), |it| it.map(Ok))
    })
    .await
}

fn refuse_all(batch: Vec<Waiting>, fault: &Fault) {
    tracing::warn!(%fault, requests = batch.len(), "a lane could not answer");
    for waiting in batch {
        waiting.answer(Err(NoAnswer::Busy));
    }
}

/// A batch at once; where it breaks a constraint, one by one: one bad request never spoils its batch.
async fn serve(lane: &mut dyn Lane, batch: Vec<Waiting>, deciding: &mut Deciding) -> Result<(), Fault> {
    let submissions: Vec<&Submission> = batch.iter().map(|it| &it.submission).collect();
    match turn(lane, &submissions, deciding).await {
        Ok(answers) => {
            for (waiting, answer) in batch.into_iter().zip(answers) {
                waiting.answer(answer);
            }
            Ok(())
        }
        Err(Fault::Conflict(_)) if batch.len() > 1 => {
            for waiting in batch {
                let answers = turn(lane, &[&waiting.submission], deciding).await;
                let answer = answers.map_or(Err(NoAnswer::Busy), |mut it| it.remove(0));
                waiting.answer(answer);
            }
            Ok(())
        }
        Err(fault) => {
            refuse_all(batch, &fault);
            Err(fault)
        }
    }
}

type Answer = Result<Vec<u8>, NoAnswer>;

/// One turn of a lane: load once, decide one after another, commit once. The answers are in the order asked.
///
/// # Errors
/// A [`Fault`]: then nothing is known about what was committed until each is asked for by key.
pub async fn turn(
    lane: &mut dyn Lane,
    submissions: &[&Submission],
    deciding: &mut Deciding,
) -> Result<Vec<Answer>, Fault> {
    let now = deciding.clock.now();
    let requests: Vec<&Request> = submissions.iter().map(|it| &it.request).collect();
    let mut rows = lane.load(&requests, now).await?;
    // A clock that was set back must not decide today on what happened tomorrow.
    let at = rows.since.map_or(now, |it| it.max(now));
    // What was loaded for an earlier moment holds all that this one needs, but for the tallies of another year.
    if at.day().year() != now.day().year() {
        rows = lane.load(&requests, at).await?;
    }
    let law = match rows.law {
        Some(digest) => Some(deciding.laws.find(digest, &*deciding.store).await?),
        None => None,
    };
    let (batch, answers) = decide_all(rows, law, submissions, at, deciding)?;
    if !batch.records.is_empty() {
        lane.commit(Arc::new(batch)).await?;
    }
    Ok(answers)
}

/// Decides a batch on its rows, each seeing what those before it did.
///
/// # Errors
/// A conflict where the rows were spoilt: each is to be decided by itself.
fn decide_all(
    mut rows: Rows,
    mut law: Option<Arc<Law>>,
    submissions: &[&Submission],
    at: Moment,
    deciding: &mut Deciding,
) -> Result<(Batch, Vec<Answer>), Fault> {
    let mut given: BTreeMap<Key, (Digest, Vec<u8>)> = BTreeMap::new();
    let mut records: Vec<(Record, Attachments)> = Vec::new();
    let mut answers = Vec::new();
    let mut world = World::from(std::mem::take(&mut rows.facts));
    for submission in submissions {
        let request = &submission.request;
        if let Some(answer) = repeated(request, &rows, &given, &deciding.vault) {
            answers.push(answer);
            continue;
        }
        let Some(serial) = LaneNo(rows.head.lane).next(rows.last, at) else {
            return Err(Fault::Unavailable("the lane has no serials left this month".to_owned()));
        };
        let turn = Turn { serial, at };
        let lawful = law_for(request, law.as_ref(), &deciding.laws);
        let decided = lawful.and_then(|law| one(&world, &rows, submission, turn, &law, deciding));
        let Some((record, answer)) = decided else {
            answers.push(Err(NoAnswer::Busy));
            continue;
        };
        take_in(&mut world, &record)?;
        attach(&mut rows, &record.decision, &submission.attachments);
        rows.last = Some(serial);
        if let Some(book) = record.decision.changes().and_then(|it| it.book) {
            law = deciding.laws.get(book);
        }
        given.insert(request.key.clone(), (request.digest, answer.clone()));
        records.push((record, submission.attachments.clone()));
        answers.push(Ok(answer));
    }
    Ok((seal(&rows.head, &world, records), answers))
}

/// The law a request is decided by: the one in force; a book that is published is read by itself.
fn law_for(request: &Request, law: Option<&Arc<Law>>, laws: &Laws) -> Option<Arc<Law>> {
    if let Body::Publish(it) = &request.body {
        return laws.get(it.book);
    }
    law.cloned()
}

/// The answer given before under the same key, in an earlier batch or in this one.
fn repeated(
    request: &Request,
    rows: &Rows,
    given: &BTreeMap<Key, (Digest, Vec<u8>)>,
    vault: &Vault,
) -> Option<Answer> {
    if let Some((digest, answer)) = given.get(&request.key) {
        return Some(if *digest == request.digest { Ok(answer.clone()) } else { Err(NoAnswer::KeyReused) });
    }
    let record = rows.earlier.get(&request.key)?;
    if record.request.digest != request.digest {
        return Some(Err(NoAnswer::KeyReused));
    }
    let opened = vault.open_answer(record);
    Some(opened.map_err(|error| {
        tracing::error!(serial = %record.turn.serial, %error, "an answer on record cannot be opened");
        NoAnswer::Busy
    }))
}

/// What was decided is known to those after it. The world is not copied for it: a panic in between leaves it in
/// pieces, and all that was decided on it is thrown away.
fn take_in(world: &mut World, record: &Record) -> Result<(), Fault> {
    let applied =
        catch_unwind(AssertUnwindSafe(|| world.apply(&record.request, record.turn, &record.decision)));
    applied.map_err(|_| Fault::Conflict("a decision does not fit the facts of its batch".to_owned()))
}

/// Decides one request on the facts it can reach and writes the answer. A panic spoils nothing but this request.
fn one(
    world: &World,
    rows: &Rows,
    submission: &Submission,
    turn: Turn,
    law: &Law,
    deciding: &mut Deciding,
) -> Option<(Record, Vec<u8>)> {
    let request = &submission.request;
    let facts = world.within(&Needs::of([request], turn.at), turn.at);
    let (mut salt, mut nonce) = ([0; 16], [0; 12]);
    (deciding.entropy)(&mut salt);
    (deciding.entropy)(&mut nonce);
    let vault = &deciding.vault;
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        let decision = decide(request, turn, &facts, law);
        let mut after = facts.clone();
        after.apply(request, turn, &decision);
        let told = Told {
            turn,
            request,
            decision: &decision,
            before: &facts,
            facts: &after,
            law,
            vault,
            identities: &rows.identities,
            names: &rows.names,
        };
        let answer = (submission.encode)(&told);
        (decision, answer)
    }));
    let Ok((decision, answer)) = attempt else {
        tracing::error!(serial = %turn.serial, "deciding a request failed; the others of its batch go on");
        return None;
    };
    let record = Record {
        turn,
        request: request.clone(),
        facts: encode(&facts),
        decision,
        engine: ENGINE,
        law: law.digest,
        answer: vault.seal_about(&encode(&request.key), nonce, &answer),
        salt,
        block: (rows.head.lane, rows.head.number + 1),
    };
    Some((record, answer))
}

/// Names that travel with a request are known to those after it.
fn attach(rows: &mut Rows, decision: &Decision, attachments: &Attachments) {
    let Some(changes) = decision.changes() else { return };
    let person = changes.persons.first().map(|it| it.no);
    rows.identities.extend(person.zip(attachments.identity.clone()));
    let place = changes.institutions.first().map(|it| it.code);
    rows.names.extend(place.zip(attachments.name.clone()));
}

/// The batch with its block and the balances it leaves.
fn seal(head: &Block, world: &World, records: Vec<(Record, Attachments)>) -> Batch {
    let journals = records.iter().filter_map(|(it, _)| it.decision.changes()?.journal.as_ref());
    let touched: BTreeSet<Account> = journals.flat_map(|it| it.entries()).map(|it| it.account).collect();
    let purses = touched.into_iter().filter_map(|it| Some((it, *world.purses.get(&it)?))).collect();
    let sealed: Vec<Sealed<'_>> = records
        .iter()
        .map(|(it, _)| Sealed {
            serial: it.turn.serial,
            journal: it.decision.changes().and_then(|it| it.journal.as_ref()),
            content: content_digest(&it.request, &it.facts, it.engine, it.law),
            decision: decision_digest(&it.salt, it.turn, &it.decision),
        })
        .collect();
    let block = next(head, &sealed);
    Batch { block, purses, records }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::request::Sender;

    /// If this fails, a retry that hears "busy" makes its original look as if it had never been sent.
    #[test]
    fn a_key_is_on_its_way_until_the_last_of_its_requests_is_answered() {
        let flights = Flights::default();
        let key = Key { sender: Sender::Token(1), id: "1".to_owned() };
        let original = InFlight::new(&flights, key.clone());
        drop(InFlight::new(&flights, key.clone()));
        assert!(locked(&flights).contains_key(&key));
        drop(original);
        assert!(!locked(&flights).contains_key(&key));
    }
}
