//! How far behind a destination is: the age of the oldest message that it has not acknowledged, and how many wait.

use super::destinations::{self, Destination, Progress};
use super::reading;
use super::waiting::{self, Pile};
use crate::app::App;
use domain::day::Moment;
use store::Fault;

/// So many messages are looked at to find the oldest.
const LOOKED_AT: u32 = 16;

/// How a destination is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    /// How old the oldest message is that it has not acknowledged, in milliseconds; 0 where there is none. Messages that
    /// were given up do not count.
    pub millis: i64,
    /// How many messages were tried or put behind one that was.
    pub waiting: usize,
    /// How many were given up.
    pub dead: usize,
    /// How far it has come.
    pub progress: Progress,
}

/// How far behind a destination is.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn of(app: &App, destination: &Destination, now: Moment) -> Result<Lag, Fault> {
    let no = destination.no;
    let progress = destinations::progress(app, no).await?;
    let waiting = waiting::list(app, no, Pile::Waiting).await?;
    // The copy is thrown away: looking changes nothing.
    let mut settled = progress.settled.clone();
    let next = reading::next(app, &progress.position, &mut settled, LOOKED_AT).await?;
    let oldest = waiting.first().map(|it| it.message.at).into_iter().chain(next.oldest()).min();
    Ok(Lag {
        millis: oldest.map_or(0, |it| (now.millis() - it.millis()).max(0)),
        waiting: waiting.len(),
        dead: waiting::count(app, no, Pile::Dead).await?,
        progress,
    })
}
