//! What keeping the books costs: the bytes that they take, and the time of the server that keeps them.

use super::machine::{Used, size, used_by};
use super::{Trouble, people};
use std::collections::BTreeMap;
use store::postgres::Postgres;
use tokio::runtime::Handle;

/// A reading of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weight {
    /// Bytes of the folder; of the database, where one keeps the books.
    pub bytes: u64,
    /// What each process of PostgreSQL has used; nothing where the books are a file, or PostgreSQL is elsewhere.
    used: BTreeMap<u32, Used>,
}

impl Weight {
    /// Of the store of a town, now. Waits for it: not for a thread that answers somebody.
    ///
    /// # Errors
    /// [`Trouble`] where the database cannot be asked.
    pub fn of(town: &people::Options) -> Result<Weight, Trouble> {
        let Some(url) = &town.store else {
            return Ok(Weight { bytes: size(&town.data), used: BTreeMap::new() });
        };
        let said = Handle::current().block_on(Postgres::weight(url)).map_err(|it| Trouble::new(&it))?;
        let used = said.processes.into_iter().filter_map(|it| Some((it, used_by(it, "postgres")?)));
        Ok(Weight { bytes: said.bytes, used: used.collect() })
    }

    /// What PostgreSQL used since an earlier reading, but for processes that ended meanwhile; nothing where it is not
    /// known. Connections to the store stay as long as the server that made them.
    pub fn used_since(&self, earlier: &Weight) -> Option<Used> {
        let before = |it: &u32| earlier.used.get(it).copied().unwrap_or_default();
        self.used.iter().map(|(process, it)| it.since(before(process))).reduce(Used::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, what a connection used before it was measured is counted, or what a new one used is not.
    #[test]
    fn only_what_was_used_meanwhile_is_counted() {
        let used = |user_ms| Used { user_ms, system_ms: 1 };
        let weight = |all: &[(u32, u64)]| Weight {
            bytes: 0,
            used: all.iter().map(|(process, user_ms)| (*process, used(*user_ms))).collect(),
        };
        let (before, after) = (weight(&[(1, 100), (2, 50)]), weight(&[(1, 130), (3, 20)]));
        assert_eq!(after.used_since(&before), Some(Used { user_ms: 50, system_ms: 1 }));
        assert_eq!(weight(&[]).used_since(&before), None, "nobody knows");
    }
}
