//! Room for what is large while it is being sent: photographs, and files. Of each sort a few bodies at a time are in memory, some
//! more wait a few seconds to be read, and whoever comes after these or waits longer is told to come again.

use axum::body::{Body, Bytes, to_bytes};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// A sort of large body. Each has turns of its own: who sends files keeps no photograph from being taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Large {
    /// A photograph, or a form with some.
    Photograph,
    /// A file of a bureau's, or a law book.
    File,
}

/// How much room there is.
#[derive(Debug, Clone, Copy)]
struct Measure {
    /// So many are read and worked on at a time.
    at_once: usize,
    /// So many wait for their turn.
    waiting: usize,
    /// So long they wait.
    waits: Duration,
    /// Whoever has not sent all of it by then gives up the turn.
    sent_within: Duration,
}

impl Large {
    const fn measure(self) -> Measure {
        match self {
            Large::Photograph => Measure {
                at_once: 4,
                waiting: 32,
                waits: Duration::from_secs(10),
                sent_within: Duration::from_secs(120),
            },
            // 32 MiB are sent within it where 64 KiB come each second.
            Large::File => Measure {
                at_once: 2,
                waiting: 4,
                waits: Duration::from_secs(10),
                sent_within: Duration::from_secs(600),
            },
        }
    }

    /// So many of it are read and worked on at a time.
    pub const fn at_once(self) -> usize {
        self.measure().at_once
    }
}

/// Room for large bodies.
#[derive(Debug, Clone)]
pub struct Uploads {
    photographs: Turns,
    files: Turns,
}

/// The turns of one sort.
#[derive(Debug, Clone)]
struct Turns {
    turns: Arc<Semaphore>,
    room: Arc<Semaphore>,
    measure: Measure,
}

/// A turn: held as long as the body is worked on.
#[derive(Debug)]
pub struct Held {
    _turn: OwnedSemaphorePermit,
}

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// So many send that nobody else is let in to wait, or this one waited or took too long.
    #[error("too much is being sent")]
    Crowded,
    /// It is larger than it may be.
    #[error("it is too large")]
    Large,
}

impl Default for Uploads {
    fn default() -> Uploads {
        let turns = |large: Large| Turns::new(large.measure());
        Uploads { photographs: turns(Large::Photograph), files: turns(Large::File) }
    }
}

impl Uploads {
    /// A body of so many bytes at most. Nothing of it is read before there is room.
    ///
    /// # Errors
    /// [`Unread`].
    pub async fn read(&self, large: Large, body: Body, most: usize) -> Result<(Bytes, Held), Unread> {
        let turns = match large {
            Large::Photograph => &self.photographs,
            Large::File => &self.files,
        };
        turns.read(body, most).await
    }
}

impl Turns {
    fn new(measure: Measure) -> Turns {
        let semaphore = |most| Arc::new(Semaphore::new(most));
        Turns { turns: semaphore(measure.at_once), room: semaphore(measure.waiting), measure }
    }

    async fn read(&self, body: Body, most: usize) -> Result<(Bytes, Held), Unread> {
        let waiting = self.room.try_acquire().map_err(|_| Unread::Crowded)?;
        let turn = timeout(self.measure.waits, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| Unread::Crowded)?.map_err(|_| Unread::Crowded)?;
        drop(waiting);
        let read = timeout(self.measure.sent_within, to_bytes(body, most)).await;
        let bytes = read.map_err(|_| Unread::Crowded)?.map_err(|_| Unread::Large)?;
        Ok((bytes, Held { _turn: turn }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, many who send photographs at once fill the memory, or who waited is never read.
    #[tokio::test]
    async fn a_few_are_read_at_a_time() {
        let measure = Large::Photograph.measure();
        let turns = Turns::new(measure);
        let mut held = Vec::new();
        for _ in 0..measure.at_once {
            held.push(turns.read(Body::from("photograph"), 10).await.expect("there is room"));
        }
        let mut waiting: Vec<_> = (0..measure.waiting)
            .map(|_| {
                let turns = turns.clone();
                tokio::spawn(async move { turns.read(Body::from("photograph"), 9).await })
            })
            .collect();
        while turns.room.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let refused = turns.read(Body::from("photograph"), 10).await;
        assert_eq!(refused.expect_err("nobody else waits"), Unread::Crowded);
        for one in waiting.drain(1..) {
            one.abort();
        }
        drop(held);
        let read = waiting.remove(0).await.expect("an answer");
        assert_eq!(read.expect_err("who waited is read"), Unread::Large);
    }

    /// If this fails, who waits for a turn or sends slowly holds on for ever, or takes the place of those who come later.
    #[tokio::test]
    async fn nobody_waits_or_sends_for_ever() {
        for large in [Large::Photograph, Large::File] {
            let turns = Turns::new(Measure { waits: Duration::ZERO, ..large.measure() });
            let mut held = Vec::new();
            for _ in 0..large.at_once() {
                held.push(turns.read(Body::from("file"), 4).await.expect("there is room"));
            }
            for _ in 0..=large.measure().waiting {
                let refused = turns.read(Body::from("file"), 4).await;
                assert_eq!(refused.expect_err("it waited long enough"), Unread::Crowded, "{large:?}");
            }
            drop(held);
            turns.read(Body::from("file"), 4).await.expect("there is room again");
            let slow = Turns::new(Measure { sent_within: Duration::ZERO, ..large.measure() });
            for _ in 0..=large.at_once() {
                let never = Body::from_stream(futures_util::stream::pending::<Result<Bytes, axum::Error>>());
                let refused = slow.read(never, 4).await;
                assert_eq!(refused.expect_err("it took too long"), Unread::Crowded, "{large:?}");
            }
        }
    }

    /// If this fails, a bureau's files keep the halls from taking photographs, or a hall keeps a bureau's file out; or a file of
    /// 32 MiB cannot come over a line of half a megabit.
    #[tokio::test]
    async fn files_and_photographs_have_turns_of_their_own() {
        for (crowded, other) in [(Large::Photograph, Large::File), (Large::File, Large::Photograph)] {
            let uploads = Uploads::default();
            let mut held = Vec::new();
            for _ in 0..crowded.at_once() {
                held.push(uploads.read(crowded, Body::from("body"), 4).await.expect("there is room"));
            }
            uploads.read(other, Body::from("body"), 4).await.expect("there is room of its own");
        }
        let slowly = Duration::from_secs((32 << 20) / (64 << 10));
        assert!(Large::File.measure().sent_within > slowly);
    }
}
