//! Pages of things that decisions made, latest first: a page never cuts through what one decision made.

use super::call::Call;
use super::problem::Problem;
use domain::ids::Serial;
use store::{Page, Query};

/// A page.
pub(crate) struct Paged<T> {
    pub(crate) rows: Vec<T>,
    /// The cursor of the next page, if there is one.
    pub(crate) next: Option<String>,
}

/// How much one decision can at most have made of a kind, far above what any does.
const MOST: u32 = 10_000;

/// A page by the call's cursor and limit. `queries` ask for up to so many rows before a serial, latest first; `read`
/// takes the rows out of their answers.
pub(crate) async fn by_serial<T>(
    call: &Call,
    queries: impl Fn(Option<Serial>, u32) -> Vec<Query>,
    read: fn(Page) -> Option<Vec<T>>,
    serial_of: fn(&T) -> Serial,
) -> Result<Paged<T>, Problem> {
    let (before, mut limit) = (call.cursor()?, call.limit()?);
    loop {
        let mut rows = Vec::new();
        for query in queries(before, limit) {
            let page = call.app.store.page(&query).await?;
            rows.extend(read(page).ok_or_else(Problem::busy)?);
        }
        rows.sort_by_key(|it| std::cmp::Reverse(serial_of(it)));
        let full = rows.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let Some(last) = rows.last().map(serial_of).filter(|_| full) else {
            return Ok(Paged { rows, next: None });
        };
        if rows.first().map(serial_of) != Some(last) {
            rows.retain(|it| serial_of(it) != last);
        } else if limit < MOST {
            limit *= 4;
            continue;
        }
        let next = rows.last().map(|it| serial_of(it).0.to_string());
        return Ok(Paged { rows, next });
    }
}
