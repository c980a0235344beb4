//! Where connections wait for what is due next: at times of a timetable, or as soon as they are free.

use super::Trouble;
use super::stopwatch::Stopwatch;
use super::timetable::{BEAT, Timetable};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use tokio::sync::Semaphore;

/// Lets through what is due.
pub struct Gate {
    timetable: Option<Timetable>,
    /// A permit for each that fell due.
    due: Semaphore,
    /// How many were taken.
    taken: AtomicU64,
    most: u64,
    until: u64,
    watch: Stopwatch,
}

/// The thread that keeps the timetable; it says how many fell due.
pub type Pacer = JoinHandle<u64>;

impl Gate {
    /// Open for so many seconds from the start of the watch, for so many a second and so many in all, where that is said.
    pub fn open(rate: Option<u64>, most: Option<u64>, seconds: u64, watch: Stopwatch) -> Gate {
        Gate {
            timetable: rate.map(Timetable::new),
            due: Semaphore::new(0),
            taken: AtomicU64::new(0),
            most: most.unwrap_or(u64::MAX),
            until: seconds.saturating_mul(1_000_000_000),
            watch,
        }
    }

    /// The next one: when it was due, if there is a timetable. `None` when the time is over.
    pub async fn next(&self) -> Option<Option<u64>> {
        if self.timetable.is_some() {
            self.due.acquire().await.ok()?.forget();
        }
        if self.watch.nanos() >= self.until {
            return None;
        }
        let number = self.taken.fetch_add(1, Ordering::SeqCst);
        (number < self.most).then(|| self.timetable.map(|it| it.due(number)))
    }

    /// Keeps the timetable, where there is one.
    pub fn pace(self: &Arc<Gate>) -> Option<Pacer> {
        let (gate, timetable) = (Arc::clone(self), self.timetable?);
        Some(std::thread::spawn(move || gate.keep(timetable)))
    }

    /// Lets them through when they fall due; how many did.
    fn keep(&self, timetable: Timetable) -> u64 {
        let mut given = 0;
        loop {
            let now = self.watch.nanos();
            let due = timetable.due_by(now.min(self.until.saturating_sub(1)));
            self.due.add_permits(usize::try_from(due - given).unwrap_or(0));
            given = due;
            if now >= self.until || self.due.is_closed() {
                self.due.close();
                return given;
            }
            std::thread::sleep(std::time::Duration::from_nanos(BEAT - now % BEAT));
        }
    }

    /// Closes the gate; how many fell due and were not taken.
    ///
    /// # Errors
    /// [`Trouble`] where the timetable broke off.
    pub fn shut(&self, pacer: Option<Pacer>) -> Result<u64, Trouble> {
        let Some(pacer) = pacer else { return Ok(0) };
        self.due.close();
        let fell_due = pacer.join().map_err(|_| Trouble("the timetable broke off".to_owned()))?;
        Ok(fell_due.saturating_sub(self.taken.load(Ordering::SeqCst)))
    }
}
