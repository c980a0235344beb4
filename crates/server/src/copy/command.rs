//! `gongji import`, `gongji backup`, `gongji restore`: what can be said to them, and what they say.

use super::backup::{BackupError, Outcome, backup, copy_and_prove, restore, restore_into, sound};
use super::place::Place;
use crate::cli::failed;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use store::{Fault, Page, Query};

/// Copies books from one store into another, and proves that both are equal.
#[derive(Debug, Args)]
pub struct Import {
    /// Books to copy: a data folder, a file, or postgres://USER@HOST/DATABASE. They may be served meanwhile.
    #[arg(long, value_name = "DIR|FILE|URL")]
    from: Place,
    /// Where to: postgres://USER@HOST/DATABASE, a data folder, or a file; empty, or an earlier copy that goes on.
    #[arg(long, value_name = "URL|DIR|FILE", env = "GONGJI_STORE", hide_env_values = true)]
    store: Place,
    /// Write the report as JSON.
    #[arg(long)]
    json: bool,
}

/// Writes a backup into one file, while the books are served.
#[derive(Debug, Args)]
pub struct Backup {
    /// Folder that holds the store.
    #[arg(long, default_value = "gongji-data")]
    data: PathBuf,
    /// Database that holds the books in place of the folder.
    #[arg(long, value_name = "URL", env = "GONGJI_STORE", hide_env_values = true)]
    store: Option<Place>,
    /// The file; there must be none of that name.
    #[arg(long)]
    to: PathBuf,
    /// Decide every request of the backup again, too.
    #[arg(long)]
    verify: bool,
    /// Write the report as JSON.
    #[arg(long)]
    json: bool,
}

/// Puts a backup back into an empty folder or database, and proves the books.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup.
    #[arg(long)]
    from: PathBuf,
    /// Folder for the store; its keys.toml may lie there already.
    #[arg(long)]
    data: PathBuf,
    /// Database to restore into in place of the folder.
    #[arg(long, value_name = "URL", env = "GONGJI_STORE", hide_env_values = true)]
    store: Option<Place>,
    /// Write the report as JSON.
    #[arg(long)]
    json: bool,
}

/// A bar that says what is being done.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} requests {msg}, {eta} left") {
        bar.set_style(style);
    }
    bar
}

fn advance(bar: &ProgressBar, what: &'static str, done: u64, all: u64) {
    bar.set_message(what);
    // Books that are served grow while they are copied.
    bar.set_length(all.max(done));
    bar.set_position(done);
}

/// Says what came of it.
fn said(outcome: Result<Outcome, BackupError>, bar: &ProgressBar, json: bool, last: &str) -> ExitCode {
    bar.finish_and_clear();
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => return failed(&error),
    };
    if json {
        println!("{}", as_json(&outcome));
    } else {
        lines(&outcome).iter().for_each(|it| println!("{it}"));
        println!("{last}");
    }
    ExitCode::SUCCESS
}

fn as_json(outcome: &Outcome) -> Value {
    let copied = outcome.copied.as_ref().map(|it| {
        json!({
            "records": it.records, "blocks": it.blocks, "there_before": it.before, "desk": it.desk,
            "papers": it.papers,
            "desk_settled": it.desk_settled,
        })
    });
    let compared = outcome.proof.as_ref().map(|it| {
        json!({
            "lanes": it.lanes, "blocks": it.blocks, "records": it.records, "entries": it.entries,
            "people": it.people, "bindings": it.bindings, "purses": it.purses, "books": it.books,
            "source_went_on": it.source_went_on, "differences": it.differences,
        })
    });
    let verified = outcome.report.as_ref().map(|it| {
        json!({
            "records": it.records, "blocks": it.blocks, "entries": it.entries, "purses": it.purses,
            "findings": it.findings,
            "decided_otherwise": it.decided_otherwise.iter().map(|it| it.0).collect::<Vec<_>>(),
        })
    });
    json!({
        "records": outcome.records, "copied": copied, "compared": compared, "verified": verified,
        "keys_fit": outcome.keys,
    })
}

fn lines(outcome: &Outcome) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(it) = &outcome.copied {
        lines.push(format!(
            "copied: {} requests in {} blocks ({} were there before), {} things on the desk, {} papers on the shelf",
            it.records, it.blocks, it.before, it.desk, it.papers
        ));
        if !it.desk_settled {
            lines.push(
                "  the desk of the source goes on changing: the last of it is not in the copy".to_owned(),
            );
        }
    }
    if let Some(it) = &outcome.proof {
        lines.push(format!(
            "compared and equal: the heads of {} lanes, {} blocks, {} requests with facts, decisions and answers, \
             {} entries, {} law books",
            it.lanes, it.blocks, it.records, it.entries, it.books
        ));
        lines.push(if it.source_went_on {
            "  the source was written to meanwhile: its balances are later ones and were not compared".to_owned()
        } else {
            format!(
                "  and {} people with messages and settlements, {} bindings with history, {} purses with statements",
                it.people, it.bindings, it.purses
            )
        });
    }
    if let Some(it) = &outcome.report {
        lines.push(format!(
            "sound: {} requests decided again, {} blocks, {} entries, {} purses",
            it.records, it.blocks, it.entries, it.purses
        ));
    }
    lines
}

/// Does what was said.
pub async fn import(it: &Import) -> ExitCode {
    let bar = bar();
    let outcome = importing(it, &|what, done, all| advance(&bar, what, done, all)).await;
    let went_on = |it: &Outcome| it.proof.as_ref().is_some_and(|it| it.source_went_on);
    let last = if outcome.as_ref().is_ok_and(went_on) {
        "The copy is what the source held when it began. Stop the source and import again: only the rest is copied, and \
         balances are compared, too. The keys (keys.toml) are not in the books: bring them along."
    } else {
        "Both books are equal. The keys (keys.toml) are not in them: bring them along."
    };
    said(outcome, &bar, it.json, last)
}

const SPREAD: &str = "books cannot be copied into a database that is spread over servers: the lane that serves an area \
                      would not know what other lanes decided for it";

async fn importing(it: &Import, progress: super::backup::Progress<'_>) -> Result<Outcome, BackupError> {
    let (from, to) = (&it.from, &it.store);
    let source = from.read().await?;
    let all = match source.page(&Query::Counts).await {
        Ok(Page::Counts(counts)) => counts.records,
        Ok(_) => 0,
        Err(fault) => return Err(BackupError::Store(from.name(), fault)),
    };
    if all == 0 {
        return Err(BackupError::Empty(from.name()));
    }
    let target = to.write().await?;
    if target.is_spread() {
        // Whoever serves an area there looks for its messages in a lane of its own, and would decide them again.
        return Err(BackupError::Store(to.name(), Fault::Unavailable(SPREAD.to_owned())));
    }
    let mut outcome = copy_and_prove(&*source, &*target, all, progress).await?;
    outcome.report = Some(sound(&*target, &to.name(), None, outcome.records, progress).await?);
    Ok(outcome)
}

/// Does what was said.
pub async fn back_up(it: &Backup) -> ExitCode {
    let bar = bar();
    let from = it.store.clone().unwrap_or_else(|| Place::folder(&it.data));
    let outcome = backup(&from, &it.to, it.verify, &|what, done, all| advance(&bar, what, done, all)).await;
    let records = outcome.as_ref().map_or(0, |it| it.records);
    let last = format!(
        "{}: {records} requests. The keys (keys.toml) are not in it: keep a copy of them apart, without them it is of \
         no use.",
        it.to.display()
    );
    said(outcome, &bar, it.json, &last)
}

/// Does what was said.
pub async fn put_back(it: &Restore) -> ExitCode {
    let bar = bar();
    let progress = |what, done, all| advance(&bar, what, done, all);
    let outcome = match &it.store {
        None => restore(&it.from, &it.data, &progress).await,
        Some(store) => restore_into(&it.from, store, &it.data, &progress).await,
    };
    let keys = it.data.join("keys.toml");
    let last = if outcome.as_ref().is_ok_and(|it| it.keys) {
        format!("The books are restored, and the keys in {} are theirs.", keys.display())
    } else {
        format!(
            "The books are restored. Before they can be served, their keys have to be put into {}: they are never in a \
             backup, and no others will do.",
            keys.display()
        )
    };
    said(outcome, &bar, it.json, &last)
}
