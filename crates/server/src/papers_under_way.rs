//! Papers of requests that are under way. A request lays its papers on the shelf for a day; once it is done they are kept for
//! ten years, and where it is refused they are thrown away like any that nothing names. What is under way is noted on the
//! desk, so that papers of a request that was done are kept even where whoever asked for it broke off just then.

use crate::app::App;
use crate::papers;
use crate::vault::hex;
use domain::chain::{decode, encode};
use domain::day::Moment;
use domain::ids::{Digest, PersonNo};
use domain::request::Key;
use serde::{Deserialize, Serialize};
use store::{Fault, Page, Query};

/// The drawer of the desk that notes lie in.
const DRAWER: &str = "papers-under-way";
/// After so long nobody works on a request any more; what it came to stands in the books.
const OVER_MS: i64 = 3_600_000;

/// The papers of a person's that a request names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Papers {
    /// Whose.
    pub person: PersonNo,
    /// Which.
    pub named: Vec<Digest>,
}

/// A note of a request that is under way.
#[derive(Serialize, Deserialize)]
struct Note {
    key: Key,
    begun: Moment,
    papers: Papers,
}

fn place(key: &Key) -> String {
    hex(&Digest::of(&[&encode(key)]).0)
}

impl Papers {
    /// Notes that a request names these papers, before it is sent.
    ///
    /// # Errors
    /// A [`Fault`] where the store is away.
    pub async fn begin(&self, app: &App, key: &Key) -> Result<(), Fault> {
        let note = Note { key: key.clone(), begun: app.clock.now(), papers: self.clone() };
        app.desk.put(DRAWER, &place(key), &encode(&note), None).await
    }

    /// Keeps the papers of a request that was done at a moment, or lets go of those of one that was not.
    ///
    /// # Errors
    /// A [`Fault`] where the store is away: the note stays, and [`settle`] ends it.
    pub async fn end(&self, app: &App, key: &Key, done: Option<Moment>) -> Result<(), Fault> {
        if let Some(at) = done {
            for paper in &self.named {
                app.shelf.keep_until(self.person, *paper, papers::kept_until(at)).await?;
            }
        }
        app.desk.remove(DRAWER, &place(key)).await
    }
}

/// Ends what was left under way: by what stands in the books. Run before papers are thrown away.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn settle(app: &App) -> Result<(), Fault> {
    let now = app.clock.now();
    for (key, note) in app.desk.list(DRAWER, now).await? {
        let Ok(note) = decode::<Note>(&note) else {
            tracing::warn!(note = key, "a note of papers cannot be read, and stays");
            continue;
        };
        if now.millis() - note.begun.millis() < OVER_MS {
            continue;
        }
        let Page::Record(record) = app.store.page(&Query::Record(note.key.clone())).await? else {
            return Err(Fault::Damaged("asked for a record, got another page".to_owned()));
        };
        let done = record.filter(|it| it.decision.changes().is_some()).map(|it| it.turn.at);
        note.papers.end(app, &note.key, done).await?;
    }
    Ok(())
}
