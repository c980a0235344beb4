//! Statistics for the bureau: person-times and amounts of sharing by area and month (R-K4), counted behind the decisions.
//!
//! [`counting`] reads on what lanes settled and keeps sums, [`command`] is what can be done at the console.
//!
//! The sums lie on the desk, one for each lane and month, each with the serial up to which it is counted: a sum says nothing
//! but what follows from the books up to there. So it may be thrown away and counted again, no crash makes it wrong, and it
//! is never copied from books to books.

pub mod command;
pub mod counting;

use domain::chain::decode;
use domain::day::{Moment, Month};
use domain::ids::Serial;
use domain::statistics::Statistics;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Desk, Fault, LaneNo, Page, Query, Store};

/// What all drawers with sums begin with.
const DRAWERS: &str = "statistics";
/// Where it is said how far everything is counted.
const UNTIL: (&str, &str) = ("statistics", "until");

/// What a lane settled in a month, as far as it is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sum {
    /// Counted is everything up to this serial.
    upto: Serial,
    statistics: Statistics,
}

/// When all lanes were last counted, and up to which serial each.
type Until = (Moment, BTreeMap<u16, u64>);

/// Whether what lies in a drawer of the desk is counted from the books, so that other books have to count it themselves.
pub fn is_counted(drawer: &str) -> bool {
    drawer.split(':').next() == Some(DRAWERS)
}

/// The drawer with the sums of a month, which is counted from January 2000.
fn drawer(month: u16) -> String {
    format!("{DRAWERS}:{month}")
}

/// What lies there and cannot be read is as good as nothing: it is counted again.
fn read<'a, T: Deserialize<'a>>(kept: &'a [u8]) -> Option<T> {
    decode(kept).ok()
}

/// What was counted of a month, of all lanes together.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn of_month(desk: &dyn Desk, month: Month, now: Moment) -> Result<Statistics, Fault> {
    let mut all = Statistics::default();
    let Some(month) = store::month_of(month.first()) else { return Ok(all) };
    for (_, kept) in desk.list(&drawer(month), now).await? {
        all.add(read::<Sum>(&kept).map(|it| it.statistics).unwrap_or_default());
    }
    Ok(all)
}

/// Up to when everything that was decided is in the sums: now, where nothing waits to be counted. `None` while books are
/// counted for the first time. Ask for it before the sums, which then hold that and perhaps more.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn counted_to(store: &dyn Store, desk: &dyn Desk, now: Moment) -> Result<Option<Moment>, Fault> {
    let lanes = lanes(store).await?;
    if lanes.is_empty() {
        return Ok(Some(now));
    }
    let kept = desk.get(UNTIL.0, UNTIL.1, now).await?;
    let Some((at, done)) = kept.as_deref().and_then(read::<Until>) else { return Ok(None) };
    let is_whole = lanes.iter().all(|(lane, last)| done.get(&lane.0).is_some_and(|it| *it >= last.0));
    Ok(Some(if is_whole { now } else { at }))
}

async fn lanes(store: &dyn Store) -> Result<Vec<(LaneNo, Serial)>, Fault> {
    let Page::Lanes(lanes) = store.page(&Query::Lanes).await? else { return Err(Fault::other_page()) };
    Ok(lanes)
}
