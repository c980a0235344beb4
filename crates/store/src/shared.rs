//! Books behind a pointer are books: whoever is given some does not ask which kind they are.

use crate::{Desk, Fault, Kept, KeptPaper, Lane, LaneNo, Page, Paper, Query, Shelf, Store};
use async_trait::async_trait;
use domain::day::Moment;
use domain::ids::{Area, Digest, PersonNo};
use std::sync::Arc;

#[async_trait]
impl<S: Store + ?Sized> Store for Arc<S> {
    async fn lane(&self, number: LaneNo) -> Result<Box<dyn Lane>, Fault> {
        (**self).lane(number).await
    }

    async fn page(&self, query: &Query) -> Result<Page, Fault> {
        (**self).page(query).await
    }

    fn is_spread(&self) -> bool {
        (**self).is_spread()
    }

    async fn lane_of(&self, area: Area, among: &[LaneNo]) -> Result<LaneNo, Fault> {
        (**self).lane_of(area, among).await
    }
}

#[async_trait]
impl<D: Desk + ?Sized> Desk for Arc<D> {
    async fn put(&self, drawer: &str, key: &str, value: &[u8], until: Option<Moment>) -> Result<(), Fault> {
        (**self).put(drawer, key, value, until).await
    }

    async fn claim(
        &self,
        drawer: &str,
        key: &str,
        value: &[u8],
        until: Moment,
        at: Moment,
    ) -> Result<bool, Fault> {
        (**self).claim(drawer, key, value, until, at).await
    }

    async fn get(&self, drawer: &str, key: &str, at: Moment) -> Result<Option<Vec<u8>>, Fault> {
        (**self).get(drawer, key, at).await
    }

    async fn list(&self, drawer: &str, at: Moment) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        (**self).list(drawer, at).await
    }

    async fn remove(&self, drawer: &str, key: &str) -> Result<(), Fault> {
        (**self).remove(drawer, key).await
    }

    async fn sweep(&self, before: Moment, most: u32) -> Result<u64, Fault> {
        (**self).sweep(before, most).await
    }

    async fn all(&self, after: (&str, &str), limit: u32) -> Result<Vec<Kept>, Fault> {
        (**self).all(after, limit).await
    }
}

#[async_trait]
impl<S: Shelf + ?Sized> Shelf for Arc<S> {
    async fn lay(&self, paper: &Paper) -> Result<(), Fault> {
        (**self).lay(paper).await
    }

    async fn paper(&self, person: PersonNo, digest: Digest, at: Moment) -> Result<Option<Paper>, Fault> {
        (**self).paper(person, digest, at).await
    }

    async fn keep_until(&self, person: PersonNo, digest: Digest, until: Moment) -> Result<bool, Fault> {
        (**self).keep_until(person, digest, until).await
    }

    async fn discard(&self, before: Moment, most: u32) -> Result<u64, Fault> {
        (**self).discard(before, most).await
    }

    async fn papers(&self, after: Option<(PersonNo, Digest)>, limit: u32) -> Result<Vec<KeptPaper>, Fault> {
        (**self).papers(after, limit).await
    }
}
