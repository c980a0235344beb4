//! Pages of things that decisions made, latest first: a page never cuts through what one decision made.

use super::call::Call;
use super::problem::Problem;
use domain::day::Moment;
use domain::decision::Turn;
use domain::ids::Serial;
use std::collections::BTreeSet;
use store::{Page, Query};

/// A page.
pub(crate) struct Paged<T> {
    pub(crate) rows: Vec<T>,
    /// The cursor of the next page, if there is one.
    pub(crate) next: Option<String>,
}

/// A page by the call's cursor and limit. `query` asks for so many before a turn, latest first; `read` takes the rows
/// out of its answer.
pub(crate) async fn by_turn<T>(
    call: &Call,
    query: impl Fn(Option<Turn>, u32) -> Query,
    read: fn(Page) -> Option<Vec<T>>,
    turn_of: fn(&T) -> Turn,
) -> Result<Paged<T>, Problem> {
    let limit = call.limit()?;
    let page = call.app.store.page(&query(call.cursor()?, limit)).await?;
    let rows = read(page).ok_or_else(Problem::busy)?;
    let turns: BTreeSet<Serial> = rows.iter().map(|it| turn_of(it).serial).collect();
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let full = rows.len() >= wanted || turns.len() >= wanted;
    let next = rows.last().map(turn_of).filter(|_| full).map(written);
    Ok(Paged { rows, next })
}

fn written(turn: Turn) -> String {
    format!("{}-{}", turn.at.millis(), turn.serial)
}

/// The turn that a cursor says.
pub(crate) fn turn(cursor: &str) -> Option<Turn> {
    let (at, serial) = cursor.split_once('-')?;
    Some(Turn { at: Moment::from_millis(at.parse().ok()?), serial: Serial(serial.parse().ok()?) })
}
