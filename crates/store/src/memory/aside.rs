//! What lies beside the books in memory: the desk and the shelf.

use super::Memory;
use crate::{Desk, Fault, Kept, KeptPaper, Paper, Shelf};
use async_trait::async_trait;
use domain::day::Moment;
use domain::ids::{Digest, PersonNo};
use std::ops::Bound;

#[async_trait]
impl Desk for Memory {
    async fn put(&self, drawer: &str, key: &str, value: &[u8], until: Option<Moment>) -> Result<(), Fault> {
        let key = (drawer.to_owned(), key.to_owned());
        self.world().desk.insert(key, (value.to_vec(), until));
        Ok(())
    }

    async fn claim(
        &self,
        drawer: &str,
        key: &str,
        value: &[u8],
        until: Moment,
        at: Moment,
    ) -> Result<bool, Fault> {
        let mut world = self.world();
        let key = (drawer.to_owned(), key.to_owned());
        let is_free = world.desk.get(&key).is_none_or(|(_, until)| until.is_some_and(|it| it <= at));
        if is_free {
            world.desk.insert(key, (value.to_vec(), Some(until)));
        }
        Ok(is_free)
    }

    async fn get(&self, drawer: &str, key: &str, at: Moment) -> Result<Option<Vec<u8>>, Fault> {
        let world = self.world();
        let found = world.desk.get(&(drawer.to_owned(), key.to_owned()));
        Ok(found.filter(|(_, until)| until.is_none_or(|it| at < it)).map(|(value, _)| value.clone()))
    }

    async fn list(&self, drawer: &str, at: Moment) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        let world = self.world();
        let fresh = |(_, until): &(Vec<u8>, Option<Moment>)| until.is_none_or(|it| at < it);
        let found = world.desk.iter().filter(|((it, _), value)| it == drawer && fresh(value));
        Ok(found.map(|((_, key), (value, _))| (key.clone(), value.clone())).collect())
    }

    async fn remove(&self, drawer: &str, key: &str) -> Result<(), Fault> {
        self.world().desk.remove(&(drawer.to_owned(), key.to_owned()));
        Ok(())
    }

    async fn sweep(&self, before: Moment, most: u32) -> Result<u64, Fault> {
        let mut left = most;
        self.world().desk.retain(|_, (_, until)| {
            let goes = left > 0 && until.is_some_and(|it| it < before);
            left -= u32::from(goes);
            !goes
        });
        Ok(u64::from(most - left))
    }

    async fn all(&self, after: (&str, &str), limit: u32) -> Result<Vec<Kept>, Fault> {
        let world = self.world();
        let after = (after.0.to_owned(), after.1.to_owned());
        let later = world.desk.range((Bound::Excluded(after), Bound::Unbounded));
        let kept = |((drawer, key), (value, until)): (&(String, String), &(Vec<u8>, Option<Moment>))| Kept {
            drawer: drawer.clone(),
            key: key.clone(),
            value: value.clone(),
            until: *until,
        };
        Ok(later.map(kept).take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }
}

#[async_trait]
impl Shelf for Memory {
    async fn lay(&self, paper: &Paper) -> Result<(), Fault> {
        let mut world = self.world();
        let lies = world.shelf.entry((paper.person, paper.digest)).or_insert_with(|| paper.clone());
        lies.until = lies.until.max(paper.until);
        Ok(())
    }

    async fn paper(&self, person: PersonNo, digest: Digest, at: Moment) -> Result<Option<Paper>, Fault> {
        Ok(self.world().shelf.get(&(person, digest)).filter(|it| at < it.until).cloned())
    }

    async fn keep_until(&self, person: PersonNo, digest: Digest, until: Moment) -> Result<bool, Fault> {
        let mut world = self.world();
        let lies = world.shelf.get_mut(&(person, digest));
        Ok(lies.map(|it| it.until = it.until.max(until)).is_some())
    }

    async fn discard(&self, before: Moment, most: u32) -> Result<u64, Fault> {
        let mut left = most;
        self.world().shelf.retain(|_, it| {
            let goes = left > 0 && it.until < before;
            left -= u32::from(goes);
            !goes
        });
        Ok(u64::from(most - left))
    }

    async fn papers(&self, after: Option<(PersonNo, Digest)>, limit: u32) -> Result<Vec<KeptPaper>, Fault> {
        let world = self.world();
        let later = world.shelf.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
        let kept = |it: &Paper| KeptPaper { person: it.person, digest: it.digest, until: it.until };
        Ok(later.map(|(_, it)| kept(it)).take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }
}
