//! Pages of things that decisions made, latest first: a page never cuts through what one decision made.

use super::call::Call;
use super::problem::Problem;
use domain::day::Moment;
use domain::decision::Turn;
use domain::ids::{Area, Serial};
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

/// Where a page of what waits at halls ended, as a cursor: area, since when, number.
pub(crate) fn written_place(area: Area, since: Moment, no: u64) -> String {
    format!("{area}-{}-{no}", since.millis())
}

/// Where the caller's page of what waits at halls begins.
pub(crate) fn place<No>(call: &Call, no: fn(u64) -> No) -> Result<Option<(Area, Moment, No)>, Problem> {
    let cursor = call.query.get("cursor").map(String::as_str).filter(|it| !it.is_empty());
    let read = |cursor: &str| {
        let mut parts = cursor.splitn(3, '-');
        let area = Area::parse(parts.next()?)?;
        let since = parts.next()?.parse().ok().map(Moment::from_millis)?;
        Some((area, since, parts.next()?.parse().ok().map(no)?))
    };
    let remedy = "Send the `next` of the page before.";
    cursor.map(|it| read(it).ok_or_else(|| Problem::malformed("cursor", remedy))).transpose()
}

/// The turn that a cursor says.
pub(crate) fn turn(cursor: &str) -> Option<Turn> {
    let (at, serial) = cursor.split_once('-')?;
    Some(Turn { at: Moment::from_millis(at.parse().ok()?), serial: Serial(serial.parse().ok()?) })
}
