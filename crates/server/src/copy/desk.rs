//! The desk of books that are copied: made the same as the source's, with a mark on it as long as a copy is under way.

use super::{CopyError, SLICE};
use crate::statistics::is_counted;
use domain::day::Moment;
use std::cmp::Ordering;
use store::{Books, Desk, Fault, Kept};

/// Lies on the desk of books that are copied into, until all of them are there.
pub const MARK: (&str, &str) = ("store", "copying");

/// How often the source's desk is looked at before it is said that it goes on changing.
const ROUNDS: usize = 5;

/// Says that a copy is under way.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn mark(target: &dyn Desk) -> Result<(), Fault> {
    target.put(MARK.0, MARK.1, b"1", None).await
}

/// Says that a copy is whole.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn unmark(target: &dyn Desk) -> Result<(), Fault> {
    target.remove(MARK.0, MARK.1).await
}

/// Whether a copy into these books was begun and did not end.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn is_marked(books: &dyn Desk) -> Result<bool, Fault> {
    Ok(books.get(MARK.0, MARK.1, Moment::from_millis(0)).await?.is_some())
}

/// A desk, read on page by page.
struct Reading<'a> {
    desk: &'a dyn Desk,
    read: std::collections::VecDeque<Kept>,
    after: Option<(String, String)>,
    done: bool,
}

impl<'a> Reading<'a> {
    fn of(desk: &'a dyn Desk) -> Reading<'a> {
        Reading { desk, read: std::collections::VecDeque::new(), after: None, done: false }
    }

    /// What lies next on it; marks are passed over, and sums that any books count for themselves.
    async fn peek(&mut self) -> Result<Option<&Kept>, Fault> {
        while self.read.is_empty() && !self.done {
            let after = self.after.as_ref().map_or(("", ""), |(drawer, key)| (drawer, key));
            let page = self.desk.all(after, SLICE).await?;
            self.done = page.is_empty();
            self.after = page.last().map(|it| (it.drawer.clone(), it.key.clone()));
            let is_own = |it: &Kept| (it.drawer.as_str(), it.key.as_str()) == MARK || is_counted(&it.drawer);
            self.read.extend(page.into_iter().filter(|it| !is_own(it)));
        }
        Ok(self.read.front())
    }

    fn take(&mut self) -> Option<Kept> {
        self.read.pop_front()
    }
}

/// A target where nothing was ever decided may hold only what the source has, too; one that has something was marked
/// when it was copied into.
///
/// # Errors
/// [`CopyError`].
pub async fn may_go_on(
    source: &dyn Books,
    target: &dyn Books,
    nothing_decided: bool,
) -> Result<(), CopyError> {
    if is_marked(target).await.map_err(CopyError::Target)? || !nothing_decided {
        return Ok(());
    }
    let mut theirs = Reading::of(target);
    while theirs.peek().await.map_err(CopyError::Target)?.is_some() {
        let Some(it) = theirs.take() else { break };
        let known =
            source.get(&it.drawer, &it.key, Moment::from_millis(0)).await.map_err(CopyError::Source)?;
        if known.as_ref() != Some(&it.value) {
            let what = format!("there is something of its own on its desk, in drawer `{}`", it.drawer);
            return Err(CopyError::NotEmpty(what));
        }
    }
    Ok(())
}

/// Makes the target's desk the same as the source's: how many things were put or removed, and whether nothing was
/// left to do when it was looked at last.
///
/// # Errors
/// [`CopyError`].
pub async fn mirror(source: &dyn Books, target: &dyn Books) -> Result<(u64, bool), CopyError> {
    let mut changed = 0;
    for _ in 0..ROUNDS {
        let more = once(source, target).await?;
        if more == 0 {
            return Ok((changed, true));
        }
        changed += more;
    }
    Ok((changed, false))
}

async fn once(source: &dyn Books, target: &dyn Books) -> Result<u64, CopyError> {
    let (mut ours, mut theirs) = (Reading::of(source), Reading::of(target));
    let mut changed = 0;
    loop {
        let one = ours.peek().await.map_err(CopyError::Source)?;
        let other = theirs.peek().await.map_err(CopyError::Target)?;
        let order = match (one, other) {
            (None, None) => return Ok(changed),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => (&one.drawer, &one.key).cmp(&(&other.drawer, &other.key)),
        };
        let one = if order.is_le() { ours.take() } else { None };
        let other = if order.is_ge() { theirs.take() } else { None };
        if one == other {
            continue;
        }
        changed += 1;
        match (one, other) {
            (Some(it), _) => target.put(&it.drawer, &it.key, &it.value, it.until).await,
            (None, Some(it)) => target.remove(&it.drawer, &it.key).await,
            (None, None) => Ok(()),
        }
        .map_err(CopyError::Target)?;
    }
}
