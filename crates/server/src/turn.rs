//! One turn of a lane: load for all that wait, decide one after another, commit once.
//! Nothing else in the system writes money or law.

use crate::answers;
use crate::clock::Clock;
use crate::law::Laws;
use crate::people::{Identity, Opened};
use crate::vault::Vault;
use domain::chain::{Block, Sealed, encode, next};
use domain::day::Moment;
use domain::decision::{Case, Decision, ENGINE, Law, Turn, decide};
use domain::facts::Facts;
use domain::ids::{Digest, InstitutionCode, PersonNo, Serial};
use domain::ledger::Account;
use domain::needs::Needs;
use domain::request::{Body, Key, Request};
use domain::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use store::{Attachments, Batch, Fault, Lane, LaneNo, Record, Rows, Store};

/// Turns a decision into the answer that is given, now and whenever it is asked for again.
pub type Encoder = Arc<dyn Fn(&Told<'_>) -> Vec<u8> + Send + Sync>;

/// A request on its way into a lane.
pub struct Submission {
    /// The request.
    pub request: Request,
    /// What is stored beside it.
    pub attachments: Attachments,
    /// Something on the desk that its answer depends on: drawer and key.
    pub aside: Option<(&'static str, String)>,
    /// How its answer is written.
    pub encode: Encoder,
    /// Whether what is decided is kept; or it is only told, as a preview.
    pub is_kept: bool,
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
    /// What lay on the desk aside.
    pub aside: Option<&'a [u8]>,
    /// Opens names.
    pub vault: &'a Vault,
    /// Sealed names.
    pub identities: &'a BTreeMap<PersonNo, Vec<u8>>,
    /// Those of them that were opened.
    pub opened: Opened,
    /// Names of institutions.
    pub names: &'a BTreeMap<InstitutionCode, String>,
}

impl Told<'_> {
    /// What was decided on.
    pub fn case(&self) -> Case<'_> {
        Case { request: self.request, turn: self.turn, facts: self.before, law: self.law }
    }

    /// Who a person of the case is.
    pub fn identity(&self, person: PersonNo) -> Option<Rc<Identity>> {
        self.opened.get(self.vault, self.identities, person)
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

/// Fills bytes with randomness, or with what a seed says.
pub type Entropy = Box<dyn FnMut(&mut [u8]) + Send>;

/// Randomness of the operating system, asked for in large pieces.
pub fn entropy() -> Entropy {
    const PIECE: usize = 4_096;
    if crate::randomness::of_this_thread().is_some() {
        return Box::new(crate::randomness::fill);
    }
    let mut piece: Vec<u8> = Vec::new();
    Box::new(move |bytes| {
        if piece.len() < bytes.len() {
            piece.resize(PIECE.max(bytes.len()), 0);
            crate::randomness::fill(&mut piece);
        }
        // What is given out is gone: no piece is given twice.
        bytes.copy_from_slice(&piece.split_off(piece.len() - bytes.len()));
    })
}

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

/// What a sender gets.
pub type Answer = Result<Vec<u8>, NoAnswer>;

/// One turn of a lane: load once, decide one after another, commit once. The answers are in the order asked.
///
/// # Errors
/// A [`Fault`]: then nothing is known about what was committed until each is asked for by key.
pub async fn turn(
    lane: &mut dyn Lane,
    submissions: &[&Submission],
    deciding: &mut Deciding,
) -> Result<Vec<Answer>, Fault> {
    let requests: Vec<&Request> = submissions.iter().map(|it| &it.request).collect();
    let (rows, at) = load(lane, &requests, deciding.clock.now()).await?;
    let law = match rows.law {
        Some(digest) => Some(deciding.laws.find(digest, &*deciding.store).await?),
        None => None,
    };
    let asides = asides(submissions, lane, at).await;
    let (batch, answers) = decide_all(rows, law, submissions, &asides, at, deciding)?;
    if !batch.records.is_empty() {
        lane.commit(Arc::new(batch)).await?;
    }
    Ok(answers)
}

/// What requests need, and the moment they are decided at: now, or later where the books are ahead of the clock. A clock
/// that was set back must not decide today on what happened tomorrow.
async fn load(lane: &mut dyn Lane, requests: &[&Request], now: Moment) -> Result<(Rows, Moment), Fault> {
    let mut loaded_for = now;
    loop {
        let rows = lane.load(requests, loaded_for).await?;
        let at = rows.since.map_or(loaded_for, |it| it.max(loaded_for));
        // What was loaded for an earlier moment holds all that this one needs, but for the tallies of another year.
        if at.day().year() == loaded_for.day().year() {
            return Ok((rows, at));
        }
        loaded_for = at;
    }
}

/// What lies on a desk, by drawer and key.
type Asides = BTreeMap<(&'static str, String), Vec<u8>>;

/// What lies on the desk aside. What cannot be looked up is not there: it is no part of what is decided.
async fn asides(submissions: &[&Submission], lane: &mut dyn Lane, at: Moment) -> Asides {
    let mut wanted: BTreeMap<&'static str, Vec<&str>> = BTreeMap::new();
    for (drawer, key) in submissions.iter().filter_map(|it| it.aside.as_ref()) {
        wanted.entry(drawer).or_default().push(key);
    }
    let mut asides = Asides::new();
    for (drawer, keys) in wanted {
        match lane.find(drawer, &keys, at).await {
            Ok(found) => asides.extend(found.into_iter().map(|(key, value)| ((drawer, key), value))),
            Err(fault) => tracing::warn!(%fault, drawer, "the desk could not be looked at"),
        }
    }
    asides
}

/// Decides a batch on its rows, each seeing what those before it did.
///
/// # Errors
/// A conflict where the rows were spoilt: each is to be decided by itself.
fn decide_all(
    mut rows: Rows,
    mut law: Option<Arc<Law>>,
    submissions: &[&Submission],
    asides: &Asides,
    at: Moment,
    deciding: &mut Deciding,
) -> Result<(Batch, Vec<Answer>), Fault> {
    let mut given: BTreeMap<Key, (Digest, Vec<u8>)> = BTreeMap::new();
    let mut records: Vec<(Record, Attachments)> = Vec::new();
    let mut answers = Vec::new();
    let mut world = World::from(std::mem::take(&mut rows.facts));
    for submission in submissions {
        let request = &submission.request;
        let lawful = law_for(request, law.as_ref(), &deciding.laws);
        let seen = Seen { world: &world, rows: &rows, asides };
        if !submission.is_kept {
            let told = lawful.and_then(|law| previewed(&seen, submission, at, &law, &deciding.vault));
            answers.push(told.ok_or(NoAnswer::Busy));
            continue;
        }
        if let Some(answer) = repeated(request, &rows, &given, &deciding.vault) {
            answers.push(answer);
            continue;
        }
        let Some(serial) = LaneNo(rows.head.lane).next(rows.last, at) else {
            return Err(Fault::Unavailable("the lane has no serials left this month".to_owned()));
        };
        let turn = Turn { serial, at };
        let Some((record, answer)) = lawful.and_then(|law| one(&seen, submission, turn, &law, deciding))
        else {
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
    let opened = answers::given(vault, record);
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

/// What a request is decided and answered on.
struct Seen<'a> {
    world: &'a World,
    rows: &'a Rows,
    asides: &'a Asides,
}

/// A request that was decided.
struct Decided {
    facts: Facts,
    decision: Decision,
    answer: Vec<u8>,
}

/// Decides one request on the facts it can reach and writes the answer. A panic spoils nothing but this request.
fn decided(
    seen: &Seen<'_>,
    submission: &Submission,
    turn: Turn,
    law: &Law,
    vault: &Vault,
) -> Option<Decided> {
    let request = &submission.request;
    let Seen { world, rows, asides } = seen;
    let facts = world.within(&Needs::of([request], turn.at), turn.at);
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
            aside: submission.aside.as_ref().and_then(|it| asides.get(it)).map(Vec::as_slice),
            vault,
            identities: &rows.identities,
            opened: Opened::default(),
            names: &rows.names,
        };
        let answer = (submission.encode)(&told);
        (decision, answer)
    }));
    let Ok((decision, answer)) = attempt else {
        tracing::error!(serial = %turn.serial, "deciding a request failed; the others of its batch go on");
        return None;
    };
    Some(Decided { facts, decision, answer })
}

/// Decides one request that is not kept: its answer.
fn previewed(
    seen: &Seen<'_>,
    submission: &Submission,
    at: Moment,
    law: &Law,
    vault: &Vault,
) -> Option<Vec<u8>> {
    let turn = Turn { serial: Serial(0), at };
    decided(seen, submission, turn, law, vault).map(|it| it.answer)
}

/// The same beside the lanes, on rows that were loaded for this request alone.
pub(crate) fn foretold(
    mut rows: Rows,
    submission: &Submission,
    at: Moment,
    law: &Law,
    vault: &Vault,
) -> Option<Vec<u8>> {
    let world = World::from(std::mem::take(&mut rows.facts));
    let seen = Seen { world: &world, rows: &rows, asides: &Asides::new() };
    previewed(&seen, submission, at, law, vault)
}

/// Decides one request: what is kept of it, and its answer.
fn one(
    seen: &Seen<'_>,
    submission: &Submission,
    turn: Turn,
    law: &Law,
    deciding: &mut Deciding,
) -> Option<(Record, Vec<u8>)> {
    let (mut salt, mut nonce) = ([0; 16], [0; 12]);
    (deciding.entropy)(&mut salt);
    (deciding.entropy)(&mut nonce);
    let (request, head, vault) = (&submission.request, &seen.rows.head, &deciding.vault);
    let Decided { facts, decision, answer } = decided(seen, submission, turn, law, vault)?;
    let record = Record {
        turn,
        request: request.clone(),
        asked: encode(&(&request.actor, &request.body)),
        facts: encode(&facts),
        decided: encode(&decision),
        decision,
        engine: ENGINE,
        law: law.digest,
        answer: answers::kept(vault, &request.key, nonce, &answer),
        salt,
        block: (head.lane, head.number + 1),
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
pub(crate) fn seal(head: &Block, world: &World, records: Vec<(Record, Attachments)>) -> Batch {
    let journals = records.iter().filter_map(|(it, _)| it.decision.changes()?.journal.as_ref());
    let touched: BTreeSet<Account> = journals.flat_map(|it| it.entries()).map(|it| it.account).collect();
    let purses = touched.into_iter().filter_map(|it| Some((it, *world.purses.get(&it)?))).collect();
    let sealed: Vec<Sealed<'_>> = records.iter().map(|(it, _)| it.sealed()).collect();
    let block = next(head, &sealed);
    Batch { block, purses, records }
}
