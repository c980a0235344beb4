//! What a destination did not acknowledge: it waits for its next try, or was given up and waits for an operator. It lies on
//! the desk, sealed, in one drawer of each kind for each destination, oldest first.

use super::message::Message;
use crate::app::App;
use crate::vault::random;
use domain::chain::{decode, encode};
use domain::day::Moment;
use serde::{Deserialize, Serialize};
use store::Fault;

/// So often a message is tried before it is given up.
pub const MOST_TRIES: u32 = 12;
/// So many messages wait at most; then nothing more is read, and the books keep the rest.
pub const MOST_WAITING: usize = 1000;
/// So many messages are given up at most; then the destination pauses, and the books keep the rest.
pub const MOST_DEAD: usize = 1000;
/// So long is waited after the first try, twice as long after each further one, and at most so long.
const FIRST_WAIT_MS: i64 = 30_000;
const LONGEST_WAIT_MS: i64 = 6 * 3_600_000;
/// So many characters of an answer are kept.
const SAID: usize = 200;

/// A message that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The message.
    pub message: Message,
    /// How often it was tried.
    pub tries: u32,
    /// Not before then it is tried again.
    pub due: Moment,
    /// What came of the last try.
    pub last: Option<Answer>,
}

/// What a destination answered, or why it did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// When.
    pub at: Moment,
    /// The status, where it answered.
    pub status: Option<u16>,
    /// The beginning of the answer, or what kept it from answering.
    pub said: String,
}

/// Where a message that was not acknowledged lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pile {
    /// It waits for its next try.
    Waiting,
    /// It was given up.
    Dead,
}

impl Pile {
    fn drawer(self, destination: u32) -> String {
        match self {
            Pile::Waiting => format!("webhook-waiting:{destination}"),
            Pile::Dead => format!("webhook-dead:{destination}"),
        }
    }
}

impl Answer {
    /// An answer, cut to its beginning; what a terminal would obey is left out.
    pub fn new(at: Moment, status: Option<u16>, said: &str) -> Answer {
        let plain = said.chars().map(|it| if it.is_control() { ' ' } else { it });
        Answer { at, status, said: plain.take(SAID).collect() }
    }
}

impl Waiting {
    /// A message that was not tried.
    pub fn untried(message: Message, due: Moment) -> Waiting {
        Waiting { message, tries: 0, due, last: None }
    }

    /// After one more try that came to nothing.
    pub fn after(self, answer: Answer, now: Moment) -> Waiting {
        let tries = self.tries + 1;
        let due = now.plus_millis(jittered(wait_after(tries)));
        Waiting { tries, due, last: Some(answer), ..self }
    }

    /// Whether it was tried often enough.
    pub fn is_given_up(&self) -> bool {
        self.tries >= MOST_TRIES
    }
}

/// How long is waited after so many tries.
fn wait_after(tries: u32) -> i64 {
    let doubled = 2_i64.saturating_pow(tries.saturating_sub(1));
    FIRST_WAIT_MS.saturating_mul(doubled).min(LONGEST_WAIT_MS)
}

/// A time, or up to a quarter more: those who failed together do not come back together.
pub fn jittered(millis: i64) -> i64 {
    let more = i64::from(u16::from_be_bytes(random()));
    millis + millis / 4 * more / 65_536
}

/// The key of a message in its drawer: as the messages of a destination came to be.
pub fn key(message: &Message) -> String {
    let (at, serial, of) = (message.at.millis().max(0), message.serial.0, message.of());
    format!("{at:014}-{serial:016}-{of:018}-{:04}-{}", message.seq, message.to.0)
}

/// Puts a message onto a pile, in place of what lay there of it.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn put(app: &App, destination: u32, pile: Pile, it: &Waiting) -> Result<(), Fault> {
    let (drawer, key) = (pile.drawer(destination), key(&it.message));
    let sealed = app.vault.seal_about(about(&drawer, &key).as_bytes(), random(), &encode(it));
    app.desk.put(&drawer, &key, &sealed, None).await
}

/// Leaves a message that was not tried yet with those that wait.
///
/// # Errors
/// As of [`put`].
pub async fn put_aside(app: &App, destination: u32, message: &Message) -> Result<(), Fault> {
    let waiting = Waiting::untried(message.clone(), app.clock.now());
    put(app, destination, Pile::Waiting, &waiting).await
}

/// Takes a message off a pile.
///
/// # Errors
/// As of [`put`].
pub async fn remove(app: &App, destination: u32, pile: Pile, message: &Message) -> Result<(), Fault> {
    app.desk.remove(&pile.drawer(destination), &key(message)).await
}

fn about(drawer: &str, key: &str) -> String {
    format!("{drawer}/{key}")
}

/// What lies on a pile, oldest first.
///
/// # Errors
/// A [`Fault`] where the store is away, or what lies there does not open.
pub async fn list(app: &App, destination: u32, pile: Pile) -> Result<Vec<Waiting>, Fault> {
    let drawer = pile.drawer(destination);
    let damaged = || Fault::Damaged("a message that waits does not open".to_owned());
    let kept = app.desk.list(&drawer, app.clock.now()).await?;
    let read = |(key, sealed): &(String, Vec<u8>)| {
        let plain = app.vault.open_about(about(&drawer, key).as_bytes(), sealed).map_err(|_| damaged())?;
        decode(&plain).map_err(|_| damaged())
    };
    kept.iter().map(read).collect()
}

/// How many messages lie on a pile.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn count(app: &App, destination: u32, pile: Pile) -> Result<usize, Fault> {
    Ok(app.desk.list(&pile.drawer(destination), app.clock.now()).await?.len())
}

/// A message on a pile, by the id that the destination knows it by.
///
/// # Errors
/// As of [`list`].
pub async fn find(app: &App, destination: u32, pile: Pile, id: &str) -> Result<Option<Waiting>, Fault> {
    Ok(list(app, destination, pile).await?.into_iter().find(|it| it.message.id() == id))
}

/// Tries a message that was given up again, from the beginning and at once. Whether there was one.
///
/// # Errors
/// As of [`list`].
pub async fn send_again(app: &App, destination: u32, id: &str) -> Result<bool, Fault> {
    let Some(dead) = find(app, destination, Pile::Dead, id).await? else { return Ok(false) };
    let again = Waiting { tries: 0, due: app.clock.now(), ..dead };
    put(app, destination, Pile::Waiting, &again).await?;
    remove(app, destination, Pile::Dead, &again.message).await?;
    Ok(true)
}

/// Forgets a message that was given up. It stays in the person's inbox. Whether there was one.
///
/// # Errors
/// As of [`list`].
pub async fn give_up(app: &App, destination: u32, id: &str) -> Result<bool, Fault> {
    let Some(dead) = find(app, destination, Pile::Dead, id).await? else { return Ok(false) };
    remove(app, destination, Pile::Dead, &dead.message).await?;
    Ok(true)
}

/// Forgets both piles of a destination.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn forget(app: &App, destination: u32) -> Result<(), Fault> {
    for pile in [Pile::Waiting, Pile::Dead] {
        let drawer = pile.drawer(destination);
        for (key, _) in app.desk.list(&drawer, app.clock.now()).await? {
            app.desk.remove(&drawer, &key).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a destination that is away is hammered, or a message is tried again next year.
    #[test]
    fn waits_grow_and_end() {
        let halves: Vec<i64> = (1..=MOST_TRIES).map(|it| wait_after(it) / 30_000).collect();
        assert_eq!(halves, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 720, 720]);
        assert_eq!([64, 65, u32::MAX].map(wait_after), [LONGEST_WAIT_MS; 3]);
        for _ in 0..1000 {
            assert!((1000..1250).contains(&jittered(1000)));
        }
    }

    /// If this fails, an answer writes over the operator's screen or fills the store.
    #[test]
    fn of_an_answer_its_plain_beginning_is_kept() {
        let answer = Answer::new(Moment::from_millis(0), Some(500), &"坏\u{1b}[2J\n".repeat(100));
        assert_eq!(answer.said.chars().count(), 200);
        assert!(answer.said.starts_with("坏 [2J 坏"), "{}", answer.said);
    }
}
