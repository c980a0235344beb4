//! Lines of settlements for analysts: a file with one row for each, read from the books behind the decisions.
//!
//! [`reading`] finds what was settled and undone, [`row`] says it in columns, [`file`] keeps the file whole, [`command`] is
//! `gongji lines`.
//!
//! Nothing is kept in the books for it. The file says beside itself up to where it is whole, so that it goes on from there.

pub mod command;
pub mod file;
pub mod reading;
pub mod row;

use crate::copy::place::PlaceError;
use crate::data::FolderError;
use crate::law::Laws;
use crate::vault::Vault;
use domain::day::{Day, Moment};
use domain::ids::{Area, Serial};
use file::{Export, State};
use reading::Reading;
use std::path::Path;
use store::{Fault, LaneNo, Page, Query, Store};

/// Where commits can be seen late, because books are spread over servers, so much is left for the next time.
const SEEN_LATE_MS: i64 = 60_000;
/// After so many requests the file is made whole on the disk: what a crash costs is less than a minute of reading.
const WHOLE_EVERY: u64 = 5_000;

/// Which lines are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The first day on which something was settled or undone.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// The patients' pooling area; a province or the nation for all inside it.
    pub area: Area,
}

/// Why there is no file, or no more of it.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// What was said makes no sense, or does not fit the file that is there.
    #[error("{0}")]
    Wrong(String),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// There are no books.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The books or their keys cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The store is away, or something in it cannot be read.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Rows that were added.
    pub added: u64,
    /// What the file is now.
    pub state: State,
    /// Lanes that decided on since they were looked at, each with its last serial.
    pub later: Vec<(LaneNo, Serial)>,
}

/// Writes the lines that are wanted into a file, or goes on with it. Whoever has keys gets patients under pseudonyms. `progress`
/// is told how many requests were looked at.
///
/// # Errors
/// [`Trouble`]; what was written until then stays, and the next time goes on after it.
pub async fn export(
    store: &dyn Store,
    wanted: &Wanted,
    pseudonyms: Option<&Vault>,
    out: &Path,
    now: Moment,
    progress: &dyn Fn(u64),
) -> Result<Outcome, Trouble> {
    let books = first_block(store).await?;
    let mut export = Export::open(out, State::new(wanted, pseudonyms.is_some(), books))?;
    let until = store.is_spread().then(|| now.plus_millis(-SEEN_LATE_MS));
    let laws = Laws::default();
    let rows_before = export.state().rows;
    let mut reading = Reading::new(store, &laws, wanted, &export.state().position()?).await?;
    let mut looked = 0;
    while let Some(record) = reading.next(until).await? {
        for part in reading.parts(&record).await? {
            if part.is_in(wanted.area) {
                export.write(&part, pseudonyms)?;
            }
        }
        export.done(record.turn);
        looked += 1;
        if looked % WHOLE_EVERY == 0 {
            export.keep()?;
            progress(looked);
        }
    }
    export.end(reading.is_beyond())?;
    progress(looked);
    let state = export.state().clone();
    Ok(Outcome { added: state.rows - rows_before, later: later(store, &state).await?, state })
}

async fn lanes(store: &dyn Store) -> Result<Vec<(LaneNo, Serial)>, Fault> {
    let Page::Lanes(lanes) = store.page(&Query::Lanes).await? else { return Err(Fault::other_page()) };
    Ok(lanes)
}

/// What tells these books from others: the first block of their first lane.
async fn first_block(store: &dyn Store) -> Result<String, Trouble> {
    let first = lanes(store).await?.into_iter().map(|(lane, _)| lane).min();
    let empty = || Trouble::Wrong("the books are empty: nothing was ever decided in them".to_owned());
    let LaneNo(lane) = first.ok_or_else(empty)?;
    let query = Query::Blocks { lane, from: 1, limit: 1 };
    let Page::Blocks(blocks) = store.page(&query).await? else { return Err(Fault::other_page().into()) };
    blocks.first().map(|it| it.hash.to_string()).ok_or_else(empty)
}

async fn later(store: &dyn Store, state: &State) -> Result<Vec<(LaneNo, Serial)>, Trouble> {
    let done = state.position()?;
    let is_later = |(lane, last): &(LaneNo, Serial)| done.get(lane).is_none_or(|done| done < last);
    Ok(lanes(store).await?.into_iter().filter(is_later).collect())
}
