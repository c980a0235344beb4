//! The second look at a file: each line becomes a request under a key that follows from the file and the line, so that
//! taking the same file in again takes in only what is missing.

use super::Trouble;
use super::kinds::Kind;
use super::lines::{Lines, Values};
use super::report::Rejected;
use super::rows::{Entry, WHOLE_LINE, Wrong};
use super::survey::{Source, Survey, header};
use crate::app::App;
use crate::institution::CONSOLE;
use crate::mistake::Mistake;
use crate::texts::CaseNames;
use crate::turn::{Answer, Encoder, NoAnswer, Submission, Told};
use crate::vault::hex;
use domain::chain::encode;
use domain::decision::Outcome;
use domain::ids::{Area, Digest};
use domain::reason::Reason;
use domain::request::{Actor, Key, Request, Sender};
use domain::text_keys::of_reason;
use domain::texts::{Reader, Viewer};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{Page, Query};
use tokio::sync::{mpsc, oneshot};

/// How many lines go into a lane together.
const CHUNK: usize = crate::flow::BATCH_MOST;
/// How many chunks are made beside those that are decided.
const AHEAD: usize = 8;
/// How many chunks wait for a lane, so that it never waits for them.
const WAITING: usize = 3;

/// A file that was looked at and is to be taken in.
pub struct Intake {
    /// What it is about.
    pub kind: Kind,
    /// Where its lines come from.
    pub source: Source,
    /// What it holds.
    pub survey: Survey,
    /// In whose name: the number of an operator's token, or the console's.
    pub operator: u64,
    /// Whether lines are decided without being kept.
    pub check: bool,
    /// Whether lines that were refused before are asked again: else their refusal stands.
    pub again: bool,
}

/// What came of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Lines taken in now; or that would be.
    pub taken: u64,
    /// Lines that had been taken in before.
    pub before: u64,
    /// Lines that were not taken in.
    pub rejected: u64,
}

/// Hears of each line that is not taken in.
pub type Hear<'a> = dyn FnMut(Rejected) -> std::io::Result<()> + Send + 'a;

/// Lines that were made into requests.
#[derive(Default)]
struct Chunk {
    asked: Vec<(u64, Submission)>,
    rejected: Vec<Rejected>,
    /// Everything before it has to be decided first.
    after_all: bool,
}

/// Takes a file in. `progress` is told how many lines are done.
///
/// # Errors
/// Where it cannot be read, or nobody decides: what was taken in until then stays, and taking the file in again goes on.
pub async fn take_in(
    app: &App,
    intake: Arc<Intake>,
    hear: &mut Hear<'_>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Counted, Trouble> {
    let decided = Arc::new(AtomicU64::new(0));
    let (send, mut chunks) = mpsc::channel(AHEAD);
    let maker = Maker {
        encode: encoder(app, Arc::clone(&decided)),
        app: app.clone(),
        books: tokio::runtime::Handle::current(),
        to: send,
        chunk: Chunk::default(),
        intake,
    };
    let making = tokio::task::spawn_blocking(move || maker.make());
    let mut taking =
        Taking { hear, progress, waiting: VecDeque::new(), done: 0, counted: Counted::default() };
    while let Some(chunk) = chunks.recv().await {
        let most = if chunk.after_all { 0 } else { WAITING };
        taking.settle(most).await?;
        taking.put(app, chunk).await?;
    }
    taking.settle(0).await?;
    let unchanged = making.await.map_err(|it| Trouble::Wrong(it.to_string()))??;
    let mut counted = taking.counted;
    counted.before = counted.taken.saturating_sub(decided.load(Ordering::Relaxed));
    counted.taken -= counted.before;
    unchanged
        .then_some(counted)
        .ok_or_else(|| Trouble::Wrong("the file was changed while it was taken in".to_owned()))
}

/// A line on its way: its number, whether it has a reference of its own, and what its answer comes through.
type OnItsWay = (u64, oneshot::Receiver<Answer>);

struct Taking<'a, 'b> {
    hear: &'a mut Hear<'b>,
    progress: &'a (dyn Fn(u64) + Sync),
    waiting: VecDeque<Vec<OnItsWay>>,
    done: u64,
    counted: Counted,
}

impl Taking<'_, '_> {
    async fn put(&mut self, app: &App, chunk: Chunk) -> Result<(), Trouble> {
        self.done += chunk.rejected.len() as u64;
        for rejected in chunk.rejected {
            self.reject(rejected)?;
        }
        let (lines, submissions): (Vec<u64>, Vec<Submission>) = chunk.asked.into_iter().unzip();
        let answers = app.flow.put_all(Area::NATION, submissions).await.map_err(|_| Trouble::Busy)?;
        self.waiting.push_back(lines.into_iter().zip(answers).collect());
        Ok(())
    }

    /// Waits until no more than so many chunks are on their way.
    async fn settle(&mut self, most: usize) -> Result<(), Trouble> {
        while self.waiting.len() > most {
            for (line, answer) in self.waiting.pop_front().unwrap_or_default() {
                match answer.await.unwrap_or(Err(NoAnswer::Busy)) {
                    Ok(said) if said.is_empty() => self.counted.taken += 1,
                    Ok(said) => self.reject(Rejected::refused(line, &said))?,
                    Err(NoAnswer::KeyReused) => {
                        self.reject(Rejected::of(line, ("reference", Mistake::ReferenceReused)))?;
                    }
                    Err(NoAnswer::Busy) => return Err(Trouble::Busy),
                }
                self.done += 1;
            }
            (self.progress)(self.done);
        }
        Ok(())
    }

    fn reject(&mut self, rejected: Rejected) -> Result<(), Trouble> {
        self.counted.rejected += 1;
        Ok((self.hear)(rejected)?)
    }
}

/// The answer to a line: nothing where it is taken in, or its reasons, in words that speak of nobody. Counts what is
/// decided and not answered from the books.
fn encoder(app: &App, decided: Arc<AtomicU64>) -> Encoder {
    let texts = Arc::clone(&app.texts);
    Arc::new(move |told: &Told<'_>| {
        let reasons = match &told.decision.outcome {
            Outcome::Done(_) => {
                decided.fetch_add(1, Ordering::Relaxed);
                return Vec::new();
            }
            Outcome::Refused(reasons) => reasons,
        };
        let nobody = |_| None;
        let names = CaseNames::masked(told, &nobody);
        let reader = Reader { texts: texts.of("zh"), names: &names, viewer: Viewer::Anyone };
        let say = |it: &Reason| {
            let column = if let Reason::PersonUnknown { field } = it { field } else { WHOLE_LINE };
            let said = reader.say(&of_reason(it.code(), "till"), &it.args());
            format!("{}\t{column}\t{said}", it.code())
        };
        reasons.iter().map(say).collect::<Vec<_>>().join("\n").into_bytes()
    })
}

/// Whoever takes a file in, it is the same file.
fn key(id: String) -> Key {
    Key { sender: Sender::Token(CONSOLE), id }
}

/// Makes requests of lines, on a thread beside those that decide them.
struct Maker {
    intake: Arc<Intake>,
    app: App,
    /// Where the books are asked.
    books: tokio::runtime::Handle,
    encode: Encoder,
    to: mpsc::Sender<Chunk>,
    chunk: Chunk,
}

/// Nobody takes what is made any more.
struct Unwanted;

impl Maker {
    /// Makes everything; whether the file was what it had been.
    fn make(mut self) -> Result<bool, Trouble> {
        // Who acts for others comes first, wherever they stand in the file.
        let has_wards = !self.intake.survey.wards.is_empty();
        let passes: &[Option<bool>] = if has_wards { &[Some(false), Some(true)] } else { &[None] };
        for wards in passes {
            let unchanged = self.pass(*wards)?;
            let sent = self.send();
            if !unchanged || sent.is_err() {
                return Ok(unchanged);
            }
            self.chunk.after_all = true;
        }
        Ok(true)
    }

    /// Makes the lines of those with a guardian, of those without, or of all.
    fn pass(&mut self, wards: Option<bool>) -> Result<bool, Trouble> {
        let intake = Arc::clone(&self.intake);
        let survey = &intake.survey;
        let mut values = Values::default();
        let mut lines = Lines::new(intake.source.open()?, survey.encoding);
        header(intake.kind, &mut lines, &mut values)?;
        while let Some((number, line)) = lines.next(&mut values)? {
            let read =
                line.map_err(|it| (WHOLE_LINE, it)).and_then(|()| Entry::read(&survey.header, &values));
            let is_ward = read.as_ref().is_ok_and(|it| it.guardian().is_some());
            if wards.is_some_and(|it| it != is_ward) {
                continue;
            }
            match read.and_then(|it| self.alone(it)) {
                Ok(entry) => {
                    let submission = self.submission(number, entry)?;
                    self.chunk.asked.push((number, submission));
                }
                Err(wrong) => self.chunk.rejected.push(Rejected::of(number, wrong)),
            }
            if self.chunk.asked.len() + self.chunk.rejected.len() >= CHUNK && self.send().is_err() {
                break;
            }
        }
        // Where nobody takes what is made, the rest of the file is not looked at.
        Ok(self.to.is_closed() || lines.digest() == survey.digest)
    }

    /// A line, if no other of the file says something about the same thing.
    fn alone(&self, entry: Entry) -> Result<Entry, Wrong> {
        let survey = &self.intake.survey;
        if entry.marks(self.intake.kind).iter().any(|it| survey.repeated.contains(it)) {
            return Err((WHOLE_LINE, Mistake::Repeated));
        }
        match entry.guardian() {
            Some(it) if survey.wards.binary_search(&it.mark()).is_ok() => {
                Err((WHOLE_LINE, Mistake::GuardianIsWard))
            }
            Some(_) | None => Ok(entry),
        }
    }

    fn submission(&self, line: u64, entry: Entry) -> Result<Submission, Trouble> {
        let Intake { kind, operator, check, survey, .. } = &*self.intake;
        let id = match entry.reference() {
            Some(reference) => format!("intake:{}:{reference}", kind.word()),
            None => format!("intake:{}:{}:{line}", kind.word(), hex(&survey.digest.0[..16])),
        };
        let entry = if *check { entry.on_books_with(&survey.people) } else { entry };
        let (body, attachments) = entry.asked(&self.app.vault);
        let request = Request {
            key: if self.intake.again { self.unrefused(id)? } else { key(id) },
            digest: Digest::of(&[&encode(&body)]),
            actor: Actor::Operator { token: *operator },
            body,
        };
        let encode = Arc::clone(&self.encode);
        Ok(Submission { request, attachments, aside: None, encode, is_kept: !*check })
    }

    /// The first key of a line under which nothing was refused yet.
    fn unrefused(&self, id: String) -> Result<Key, Trouble> {
        let mut wanted = key(id.clone());
        for attempt in 2_u32.. {
            let page = self.books.block_on(self.app.store.page(&Query::Record(wanted.clone())));
            let page = page.map_err(|it| Trouble::Wrong(it.to_string()))?;
            let record = if let Page::Record(record) = page { record } else { None };
            if record.is_none_or(|it| it.decision.changes().is_some()) {
                break;
            }
            wanted = key(format!("{id}:{attempt}"));
        }
        Ok(wanted)
    }

    fn send(&mut self) -> Result<(), Unwanted> {
        self.to.blocking_send(std::mem::take(&mut self.chunk)).map_err(|_| Unwanted)
    }
}
