//! The shelf: sealed papers, like photographs of documents, each under whose it is and the digest of what is in it. Too large
//! for the desk, and outside chain and replay: what was decided names a paper by its digest.

use crate::Fault;
use async_trait::async_trait;
use domain::day::Moment;
use domain::ids::{Digest, PersonNo};

/// A paper on the shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Whose it is.
    pub person: PersonNo,
    /// The digest of what is in it, keyed.
    pub digest: Digest,
    /// From when on it no longer counts.
    pub until: Moment,
    /// What it is, sealed.
    pub sealed: Vec<u8>,
}

/// That there is a paper: whose it is, its digest, and from when on it no longer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptPaper {
    /// Whose it is.
    pub person: PersonNo,
    /// Its digest.
    pub digest: Digest,
    /// From when on it no longer counts.
    pub until: Moment,
}

/// Sealed papers, found by whose they are and their digest.
#[async_trait]
pub trait Shelf: Send + Sync {
    /// Lays a paper on the shelf. Where the same lies there, the later of both ends counts; what is sealed stays as it is.
    async fn lay(&self, paper: &Paper) -> Result<(), Fault>;

    /// A paper, unless it no longer counts.
    async fn paper(&self, person: PersonNo, digest: Digest, at: Moment) -> Result<Option<Paper>, Fault>;

    /// Lets a paper count until a later moment; an earlier one changes nothing. Says whether it is there.
    async fn keep_until(&self, person: PersonNo, digest: Digest, until: Moment) -> Result<bool, Fault>;

    /// Throws away what no longer counted before a moment, so many at most, and says how many it were.
    async fn discard(&self, before: Moment, most: u32) -> Result<u64, Fault>;

    /// All papers there are, counting or not, by person and digest: so many after this one.
    async fn papers(&self, after: Option<(PersonNo, Digest)>, limit: u32) -> Result<Vec<KeptPaper>, Fault>;
}
