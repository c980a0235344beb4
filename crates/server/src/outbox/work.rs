//! Carries messages on: for each destination what is due again, then what is new; whatever it acknowledged is never lost sight
//! of, and whatever it did not is sent again. All waiting is by the clock that is passed in.

use super::destinations::{self, Destination, Pause, Progress};
use super::message::{About, Beside, Message};
use super::reading::{self, Next};
use super::sending::{Sender, Tried};
use super::waiting::{self, Answer, MOST_DEAD, MOST_WAITING, Pile, Waiting, jittered};
use crate::app::App;
use crate::contacts::{self, Contact};
use crate::rest::insuring;
use crate::vault::random;
use domain::chain::{decode, encode};
use domain::day::Moment;
use domain::ids::{Area, PersonNo};
use domain::needs::Needs;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use store::{Fault, Rows};
use tokio::task::{AbortHandle, JoinSet};

/// How often it is looked whether there is something new.
const LOOKED_EVERY: Duration = Duration::from_secs(1);
/// So many messages are read at once, and so many sent, to different people.
const READ: u32 = 500;
const AT_ONCE: usize = 8;
/// So often in a row a destination is served before others of the process have their turn.
const ROUNDS: usize = 64;
/// The drawer of the desk that says who serves a destination, and for how long that holds.
const HELD: &str = "webhook-held";
const HELD_MS: i64 = 60_000;
/// A destination that cannot be reached rests so long first, twice as long each time, and at most so long.
const FIRST_REST_MS: i64 = 5_000;
const LONGEST_REST_MS: i64 = 600_000;
/// A contact whose change was told and is not there yet is looked at again after so long.
const CHANGING_MS: i64 = 60_000;

/// Carries messages on.
#[derive(Clone)]
pub struct Worker {
    app: App,
    sender: Arc<Sender>,
    /// Tells the workers of several processes apart.
    me: [u8; 16],
}

/// What a step came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Messages that were acknowledged.
    pub acknowledged: u32,
    /// Messages that were put aside, to be tried again.
    pub put_aside: u32,
    /// Messages that were given up.
    pub given_up: u32,
}

/// What came of a message.
enum Outcome {
    /// It was sent.
    Tried(Tried),
    /// An earlier one of the same person did not arrive: it waits behind that.
    Behind,
    /// It is not to go there.
    Unwanted,
    /// What it tells of is not there yet.
    Early,
}

/// A destination while it is served.
struct Round<'a> {
    worker: &'a Worker,
    destination: Destination,
    now: Moment,
    progress: Progress,
    next: Option<Next>,
    done: Done,
}

impl Worker {
    /// A worker of an application.
    pub fn new(app: App) -> Worker {
        let sender = Sender::new(app.webhooks);
        Worker::with(app, sender)
    }

    /// A worker that sends in this way.
    pub fn with(app: App, sender: Sender) -> Worker {
        Worker { app, sender: Arc::new(sender), me: random() }
    }

    /// Carries messages on for ever; each destination by itself, so that none waits for another.
    pub async fn run(self) {
        let mut ticks = tokio::time::interval(LOOKED_EVERY);
        let mut served: BTreeMap<u32, AbortHandle> = BTreeMap::new();
        let mut steps = JoinSet::new();
        loop {
            ticks.tick().await;
            while steps.try_join_next().is_some() {}
            served.retain(|_, it| !it.is_finished());
            let destinations = destinations::list(&self.app).await.unwrap_or_else(|fault| {
                tracing::warn!(%fault, "the destinations of messages could not be read");
                Vec::new()
            });
            for it in destinations.iter().filter(|it| it.paused.is_none()) {
                let (worker, no) = (self.clone(), it.no);
                let step = async move { worker.tick(no).await };
                served.entry(no).or_insert_with(|| steps.spawn(step));
            }
        }
    }

    async fn tick(&self, no: u32) {
        match self.step(no, self.app.clock.now()).await {
            Ok(done) if done.given_up > 0 => {
                tracing::warn!(destination = no, given_up = done.given_up, "messages were given up");
            }
            Ok(_) => {}
            Err(fault) => tracing::warn!(destination = no, %fault, "messages could not be carried on"),
        }
    }

    /// Serves a destination: all that is due by now, then all that is new, until nothing is left or it cannot be reached.
    /// What was acknowledged is done when this returns; where it does not return, it may be sent again.
    ///
    /// # Errors
    /// A [`Fault`] where the store is away.
    pub async fn step(&self, no: u32, now: Moment) -> Result<Done, Fault> {
        let Some(destination) = self.active(no).await? else { return Ok(Done::default()) };
        if !self.holds(no, now).await? {
            return Ok(Done::default());
        }
        let progress = destinations::progress(&self.app, no).await?;
        let mut round = Round { worker: self, destination, now, progress, next: None, done: Done::default() };
        for _ in 0..ROUNDS {
            if !round.goes_on().await? {
                break;
            }
        }
        let done = round.done;
        if destinations::find(&self.app, no).await?.is_none() {
            // It was removed meanwhile: what was put aside since goes, too.
            destinations::remove(&self.app, no).await?;
        }
        Ok(done)
    }

    /// Lets go of every destination that this worker serves: another may serve it at once.
    ///
    /// # Errors
    /// A [`Fault`] where the store is away; then others wait until its time is up.
    pub async fn let_go(&self) -> Result<(), Fault> {
        for (key, held) in self.app.desk.list(HELD, self.app.clock.now()).await? {
            let held: Option<([u8; 16], Moment)> = decode(&held).ok();
            if held.is_some_and(|(who, _)| who == self.me) {
                self.app.desk.remove(HELD, &key).await?;
            }
        }
        Ok(())
    }

    async fn active(&self, no: u32) -> Result<Option<Destination>, Fault> {
        Ok(destinations::find(&self.app, no).await?.filter(|it| it.paused.is_none()))
    }

    /// Whether this worker serves a destination: one of all processes does. Of one that died another takes over when its time
    /// is up.
    async fn holds(&self, no: u32, now: Moment) -> Result<bool, Fault> {
        let (desk, key, until) = (&self.app.desk, no.to_string(), now.plus_millis(HELD_MS));
        let mine = encode(&(self.me, until));
        let Some(held) = desk.get(HELD, &key, now).await? else {
            return desk.claim(HELD, &key, &mine, until, now).await;
        };
        let held: Option<([u8; 16], Moment)> = decode(&held).ok();
        let Some((_, until_now)) = held.filter(|(who, _)| *who == self.me) else { return Ok(false) };
        if until_now.millis() - now.millis() < HELD_MS / 2 {
            desk.put(HELD, &key, &mine, Some(until)).await?;
        }
        Ok(true)
    }
}

impl Round<'_> {
    fn app(&self) -> &App {
        &self.worker.app
    }

    /// Sends a few messages; whether it is worth going on.
    async fn goes_on(&mut self) -> Result<bool, Fault> {
        let no = self.destination.no;
        let Some(destination) = self.worker.active(no).await? else { return Ok(false) };
        self.destination = destination;
        let rests = self.progress.rests_until.is_some_and(|it| self.now < it);
        if rests || !self.worker.holds(no, self.now).await? {
            return Ok(false);
        }
        let waiting = waiting::list(self.app(), no, Pile::Waiting).await?;
        let due = due(&waiting, self.now, self.most());
        if !due.is_empty() {
            let tried = self.send(due, &BTreeSet::new()).await?;
            return self.settle(tried, true).await;
        }
        if waiting.len() >= MOST_WAITING {
            return Ok(false);
        }
        self.carry_on(&waiting).await
    }

    /// One message while it is not known whether the destination is there again; otherwise several.
    fn most(&self) -> usize {
        if self.progress.failures > 0 { 1 } else { AT_ONCE }
    }

    /// Sends what is new. Whoever has something waiting has more put behind it.
    async fn carry_on(&mut self, waiting: &[Waiting]) -> Result<bool, Fault> {
        if self.next.as_ref().is_none_or(Next::is_empty) {
            let (app, position) = (self.worker.app.clone(), self.progress.position.clone());
            self.next = Some(reading::next(&app, &position, &mut self.progress.settled, READ).await?);
        }
        let most = self.most();
        let Some(next) = &mut self.next else { return Ok(false) };
        let (messages, position) = next.take(most);
        if messages.is_empty() && position == self.progress.position {
            return Ok(false);
        }
        let behind = waiting.iter().map(|it| it.message.to).collect();
        let fresh = messages.into_iter().map(|it| Waiting::untried(it, self.now)).collect();
        let tried = self.send(fresh, &behind).await?;
        self.progress.position = position;
        self.settle(tried, false).await
    }

    /// Sends messages to different people at the same time, those to one person one after another.
    async fn send(
        &self,
        messages: Vec<Waiting>,
        behind: &BTreeSet<PersonNo>,
    ) -> Result<Vec<(Waiting, Outcome)>, Fault> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let known = Known::of(self.app(), &messages).await?;
        let mut people: BTreeMap<PersonNo, Vec<(Waiting, Letter)>> = BTreeMap::new();
        for it in messages {
            let letter = known.letter(self.app(), &self.destination, &it.message, self.now);
            people.entry(it.message.to).or_default().push((it, letter));
        }
        let (destination, stamp) = (Arc::new(self.destination.clone()), self.app().clock.machine_now());
        let mut sending = JoinSet::new();
        for (person, letters) in people {
            let (sender, to) = (Arc::clone(&self.worker.sender), Arc::clone(&destination));
            let is_behind = behind.contains(&person);
            sending.spawn_blocking(move || one_after_another(&sender, &to, letters, is_behind, stamp));
        }
        let mut tried = Vec::new();
        while let Some(some) = sending.join_next().await {
            tried.extend(some.map_err(|_| Fault::Unavailable("a message could not be sent".to_owned()))?);
        }
        Ok(tried)
    }

    /// Keeps what came of messages: those that are not done are put aside first, then how far the destination has come.
    /// Whether it is worth going on.
    async fn settle(&mut self, tried: Vec<(Waiting, Outcome)>, lay_there: bool) -> Result<bool, Fault> {
        let (mut acknowledged, mut away, mut gone, mut died) = (false, false, false, false);
        for (it, outcome) in tried {
            match outcome {
                Outcome::Tried(Tried::Acknowledged) => {
                    (acknowledged, self.progress.latest) = (true, Some(self.now));
                    self.progress.acknowledged += 1;
                    self.done.acknowledged += 1;
                    self.forget(&it.message, lay_there).await?;
                }
                Outcome::Unwanted => self.forget(&it.message, lay_there).await?,
                Outcome::Tried(Tried::Refused(answer)) => died |= self.failed(it, answer).await?,
                Outcome::Tried(Tried::Away(answer)) => {
                    away = true;
                    died |= self.failed(it, answer).await?;
                }
                Outcome::Tried(Tried::Gone(answer)) => {
                    gone = true;
                    self.put_aside(Waiting { last: Some(answer), ..it }).await?;
                }
                Outcome::Behind if lay_there => {}
                Outcome::Behind => self.put_aside(it).await?,
                Outcome::Early => {
                    self.put_aside(Waiting { due: self.now.plus_millis(CHANGING_MS), ..it }).await?;
                }
            }
        }
        if acknowledged {
            (self.progress.failures, self.progress.rests_until) = (0, None);
        } else if away {
            self.rest();
        }
        destinations::keep_progress(self.app(), self.destination.no, &self.progress).await?;
        self.pause(gone, died).await?;
        Ok(!gone)
    }

    fn rest(&mut self) {
        self.progress.failures += 1;
        let doubled = 2_i64.saturating_pow(self.progress.failures - 1);
        let rest = FIRST_REST_MS.saturating_mul(doubled).min(LONGEST_REST_MS);
        self.progress.rests_until = Some(self.now.plus_millis(jittered(rest)));
    }

    async fn forget(&self, message: &Message, lay_there: bool) -> Result<(), Fault> {
        if lay_there {
            waiting::remove(self.app(), self.destination.no, Pile::Waiting, message).await?;
        }
        Ok(())
    }

    async fn put_aside(&mut self, it: Waiting) -> Result<(), Fault> {
        self.done.put_aside += 1;
        waiting::put(self.app(), self.destination.no, Pile::Waiting, &it).await
    }

    /// A try came to nothing: the message waits for the next one, or is given up. Whether it was given up.
    async fn failed(&mut self, it: Waiting, answer: Answer) -> Result<bool, Fault> {
        let it = it.after(answer, self.now);
        if !it.is_given_up() {
            self.put_aside(it).await?;
            return Ok(false);
        }
        self.done.given_up += 1;
        let no = self.destination.no;
        waiting::put(self.app(), no, Pile::Dead, &it).await?;
        waiting::remove(self.app(), no, Pile::Waiting, &it.message).await?;
        Ok(true)
    }

    async fn pause(&self, gone: bool, died: bool) -> Result<(), Fault> {
        let (app, no) = (self.app(), self.destination.no);
        let too_many = died && waiting::count(app, no, Pile::Dead).await? >= MOST_DEAD;
        let why = if gone { Some(Pause::Gone) } else { too_many.then_some(Pause::TooManyDead) };
        if let Some(why) = why {
            tracing::warn!(destination = no, why = why.word(), "nothing is sent to a destination any more");
            destinations::pause(app, no, why).await?;
        }
        Ok(())
    }
}

/// What is due: of each person only the oldest that waits, so that their order stays.
fn due(waiting: &[Waiting], now: Moment, most: usize) -> Vec<Waiting> {
    let mut seen = BTreeSet::new();
    let oldest = waiting.iter().filter(|it| seen.insert(it.message.to));
    oldest.filter(|it| it.due <= now).take(most).cloned().collect()
}

/// A message as it would be sent.
enum Letter {
    Body(String, Vec<u8>),
    Unwanted,
    Early,
}

/// What is known of the people and places that messages are about.
struct Known {
    rows: Rows,
    contacts: BTreeMap<PersonNo, Contact>,
}

impl Known {
    async fn of(app: &App, messages: &[Waiting]) -> Result<Known, Fault> {
        let people: BTreeSet<PersonNo> = messages.iter().map(|it| it.message.to).collect();
        let institutions = messages.iter().filter_map(|it| it.message.about.institution()).collect();
        let mut contacts = BTreeMap::new();
        for person in &people {
            contacts.insert(*person, contacts::of(app, *person).await?);
        }
        let rows = app.rows(Needs { persons: people, institutions, ..Needs::default() }).await?;
        Ok(Known { rows, contacts })
    }

    /// A message for a destination, where it is to go there: the destination wants it, and so does the person.
    fn letter(&self, app: &App, to: &Destination, message: &Message, now: Moment) -> Letter {
        let contact = &self.contacts[&message.to];
        if !self.has_happened(message) {
            let is_under_way = now.millis() - message.at.millis() < CHANGING_MS;
            return if is_under_way { Letter::Early } else { Letter::Unwanted };
        }
        let chosen = message.kind.topic().is_none_or(|it| contact.topics.contains(&it));
        if !chosen || !to.kinds.contains(message.kind.word()) || !self.is_of(to, message.to, now) {
            return Letter::Unwanted;
        }
        let institution = message.about.institution();
        let institution = institution.and_then(|it| self.rows.names.get(&it)).map(String::as_str);
        Letter::Body(message.id(), message.body(app, &Beside { contact, institution }))
    }

    /// Whether what a message tells of is there: of what is told before it is done, it may come to nothing.
    fn has_happened(&self, message: &Message) -> bool {
        match message.about {
            About::Contact(no, _) => self.contacts[&message.to].change(no).is_some(),
            About::Binding(_)
            | About::Proxy(_)
            | About::FamilyCode
            | About::Bought { .. }
            | About::Money { .. }
            | About::Amendment(_)
            | About::Login => true,
        }
    }

    /// Whether an area of the destination insures a person.
    fn is_of(&self, to: &Destination, person: PersonNo, now: Moment) -> bool {
        let insuring = insuring(&self.rows.facts, person, now.day());
        let covers = |area: &Area| to.areas.iter().any(|it| area.levels().contains(it));
        to.areas.contains(&Area::NATION) || insuring.iter().any(covers)
    }
}

/// Sends the messages of one person; after one that did not arrive none.
fn one_after_another(
    sender: &Sender,
    to: &Destination,
    letters: Vec<(Waiting, Letter)>,
    is_behind: bool,
    stamp: Moment,
) -> Vec<(Waiting, Outcome)> {
    let mut is_behind = is_behind;
    let mut tried = Vec::new();
    for (waiting, letter) in letters {
        let outcome = match letter {
            Letter::Unwanted => Outcome::Unwanted,
            Letter::Early => Outcome::Early,
            Letter::Body(..) if is_behind => Outcome::Behind,
            Letter::Body(id, body) => Outcome::Tried(sender.post(to, &id, &body, stamp)),
        };
        is_behind |= !matches!(outcome, Outcome::Unwanted | Outcome::Tried(Tried::Acknowledged));
        tried.push((waiting, outcome));
    }
    tried
}
