//! A store whose commits can be held back, and that can be away.

use async_trait::async_trait;
use domain::day::Moment;
use domain::ids::{Digest, PersonNo};
use domain::request::Request;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::memory::Memory;
use store::{Batch, Desk, Fault, KeptPaper, Lane, LaneNo, Page, Paper, Query, Rows, Shelf, Store};
use tokio::sync::Semaphore;

/// The store.
#[derive(Clone)]
pub(crate) struct Gated {
    inner: Memory,
    gate: Arc<Gate>,
}

struct Gate {
    open: Semaphore,
    away: AtomicBool,
    breaks: AtomicBool,
    shut: AtomicBool,
}

struct GatedLane(Box<dyn Lane>, Arc<Gate>);

const WIDE: usize = 1 << 20;

impl Gated {
    pub(crate) fn new() -> Gated {
        let [away, breaks, shut] = [false; 3].map(AtomicBool::new);
        let gate = Gate { open: Semaphore::new(WIDE), away, breaks, shut };
        Gated { inner: Memory::default(), gate: Arc::new(gate) }
    }

    /// From now on commits wait.
    pub(crate) fn hold(&self) {
        self.gate.open.forget_permits(WIDE);
    }

    /// From now on commits go through.
    pub(crate) fn let_go(&self) {
        self.gate.open.add_permits(WIDE);
    }

    /// Whether commits fail.
    pub(crate) fn set_away(&self, away: bool) {
        self.gate.away.store(away, Ordering::SeqCst);
    }

    /// Whether no lane can be opened.
    pub(crate) fn set_shut(&self, shut: bool) {
        self.gate.shut.store(shut, Ordering::SeqCst);
    }

    /// Whether commits panic.
    pub(crate) fn set_breaks(&self, breaks: bool) {
        self.gate.breaks.store(breaks, Ordering::SeqCst);
    }
}

#[async_trait]
impl Store for Gated {
    async fn lane(&self, number: LaneNo) -> Result<Box<dyn Lane>, Fault> {
        if self.gate.shut.load(Ordering::SeqCst) {
            return Err(Fault::Unavailable("shut for a test".to_owned()));
        }
        Ok(Box::new(GatedLane(self.inner.lane(number).await?, Arc::clone(&self.gate))))
    }

    async fn page(&self, query: &Query) -> Result<Page, Fault> {
        self.inner.page(query).await
    }
}

#[async_trait]
impl Lane for GatedLane {
    async fn load(&mut self, requests: &[&Request], at: Moment) -> Result<Rows, Fault> {
        self.0.load(requests, at).await
    }

    async fn find(
        &mut self,
        drawer: &str,
        keys: &[&str],
        at: Moment,
    ) -> Result<BTreeMap<String, Vec<u8>>, Fault> {
        self.0.find(drawer, keys, at).await
    }

    async fn commit(&mut self, batch: Arc<Batch>) -> Result<(), Fault> {
        if self.1.away.load(Ordering::SeqCst) {
            return Err(Fault::Unavailable("away for a test".to_owned()));
        }
        assert!(!self.1.breaks.load(Ordering::SeqCst), "breaks for a test");
        let permit = self.1.open.acquire().await.expect("never closed");
        drop(permit);
        self.0.commit(batch).await
    }
}

#[async_trait]
impl Desk for Gated {
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

    async fn all(&self, after: (&str, &str), limit: u32) -> Result<Vec<store::Kept>, Fault> {
        self.inner.all(after, limit).await
    }
}

#[async_trait]
impl Shelf for Gated {
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
