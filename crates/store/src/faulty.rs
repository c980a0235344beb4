//! Wraps any store and misbehaves by seed: refused calls, lost replies after a commit, crashes.

use crate::{Batch, Desk, Fault, Kept, KeptPaper, Lane, LaneNo, Page, Paper, Query, Rows, Shelf, Store};
use async_trait::async_trait;
use domain::day::Moment;
use domain::ids::{Digest, PersonNo};
use domain::request::Request;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// How often a call misbehaves, in per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults {
    /// The call fails before anything happens.
    pub refused: u8,
    /// A commit happens, but its reply is lost.
    pub lost_reply: u8,
}

/// What went wrong so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mishaps {
    /// Calls refused.
    pub refused: u64,
    /// Replies lost.
    pub lost_replies: u64,
}

/// A store that misbehaves.
#[derive(Clone)]
pub struct Faulty<S> {
    inner: S,
    dice: Arc<Mutex<Dice>>,
}

struct Dice {
    state: u64,
    faults: Faults,
    mishaps: Mishaps,
}

struct FaultyLane {
    inner: Box<dyn Lane>,
    dice: Arc<Mutex<Dice>>,
}

impl<S> Faulty<S> {
    /// The store, misbehaving as the seed says.
    pub fn new(inner: S, seed: u64, faults: Faults) -> Faulty<S> {
        let dice = Dice { state: seed, faults, mishaps: Mishaps::default() };
        Faulty { inner, dice: Arc::new(Mutex::new(dice)) }
    }

    /// The store itself, well-behaved.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    /// Changes how often calls misbehave; all zeros heals the store.
    pub fn set(&self, faults: Faults) {
        dice(&self.dice).faults = faults;
    }

    /// What went wrong so far.
    pub fn mishaps(&self) -> Mishaps {
        dice(&self.dice).mishaps
    }
}

fn dice(dice: &Mutex<Dice>) -> std::sync::MutexGuard<'_, Dice> {
    dice.lock().expect("no code panics while it holds the dice")
}

impl Dice {
    /// SplitMix64: small, seeded, good enough to choose faults.
    fn roll(&mut self, percent: u8) -> bool {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % 100 < u64::from(percent)
    }

    fn refuses(&mut self) -> Result<(), Fault> {
        if self.roll(self.faults.refused) {
            self.mishaps.refused += 1;
            return Err(Fault::Unavailable("refused by the fault injector".to_owned()));
        }
        Ok(())
    }

    fn loses_reply(&mut self) -> Result<(), Fault> {
        if self.roll(self.faults.lost_reply) {
            self.mishaps.lost_replies += 1;
            return Err(Fault::Unavailable("reply lost by the fault injector".to_owned()));
        }
        Ok(())
    }
}

#[async_trait]
impl<S: Store> Store for Faulty<S> {
    async fn lane(&self, number: LaneNo) -> Result<Box<dyn Lane>, Fault> {
        dice(&self.dice).refuses()?;
        Ok(Box::new(FaultyLane { inner: self.inner.lane(number).await?, dice: Arc::clone(&self.dice) }))
    }

    async fn page(&self, query: &Query) -> Result<Page, Fault> {
        dice(&self.dice).refuses()?;
        self.inner.page(query).await
    }
}

#[async_trait]
impl Lane for FaultyLane {
    async fn load(&mut self, requests: &[&Request], at: Moment) -> Result<Rows, Fault> {
        dice(&self.dice).refuses()?;
        self.inner.load(requests, at).await
    }

    async fn find(
        &mut self,
        drawer: &str,
        keys: &[&str],
        at: Moment,
    ) -> Result<BTreeMap<String, Vec<u8>>, Fault> {
        dice(&self.dice).refuses()?;
        self.inner.find(drawer, keys, at).await
    }

    async fn commit(&mut self, batch: Arc<Batch>) -> Result<(), Fault> {
        dice(&self.dice).refuses()?;
        self.inner.commit(batch).await?;
        dice(&self.dice).loses_reply()
    }
}

/// The desk behaves: what lies on it decides nothing.
#[async_trait]
impl<S: Desk> Desk for Faulty<S> {
    async fn put(&self, drawer: &str, key: &str, value: &[u8], until: Option<Moment>) -> Result<(), Fault> {
        self.inner.put(drawer, key, value, until).await
    }

    async fn claim(
        &self,
        drawer: &str,
        key: &str,
        value: &[u8],
        until: Moment,
        at: Moment,
    ) -> Result<bool, Fault> {
        self.inner.claim(drawer, key, value, until, at).await
    }

    async fn get(&self, drawer: &str, key: &str, at: Moment) -> Result<Option<Vec<u8>>, Fault> {
        self.inner.get(drawer, key, at).await
    }

    async fn list(&self, drawer: &str, at: Moment) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        self.inner.list(drawer, at).await
    }

    async fn remove(&self, drawer: &str, key: &str) -> Result<(), Fault> {
        self.inner.remove(drawer, key).await
    }

    async fn sweep(&self, before: Moment, most: u32) -> Result<u64, Fault> {
        self.inner.sweep(before, most).await
    }

    async fn all(&self, after: (&str, &str), limit: u32) -> Result<Vec<Kept>, Fault> {
        self.inner.all(after, limit).await
    }
}

/// So does the shelf.
#[async_trait]
impl<S: Shelf> Shelf for Faulty<S> {
    async fn lay(&self, paper: &Paper) -> Result<(), Fault> {
        self.inner.lay(paper).await
    }

    async fn paper(&self, person: PersonNo, digest: Digest, at: Moment) -> Result<Option<Paper>, Fault> {
        self.inner.paper(person, digest, at).await
    }

    async fn keep_until(&self, person: PersonNo, digest: Digest, until: Moment) -> Result<bool, Fault> {
        self.inner.keep_until(person, digest, until).await
    }

    async fn discard(&self, before: Moment, most: u32) -> Result<u64, Fault> {
        self.inner.discard(before, most).await
    }

    async fn papers(&self, after: Option<(PersonNo, Digest)>, limit: u32) -> Result<Vec<KeptPaper>, Fault> {
        self.inner.papers(after, limit).await
    }
}
