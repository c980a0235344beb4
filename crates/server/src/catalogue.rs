//! `gongji catalogue`: checks a newer edition of the drug catalogue, says what it changes, and writes the files that a
//! law book's catalogue is made of (R-J4).
//!
//! `table` reads files as rows of text, `draft` reads rows of the catalogue out of them, `edition` makes the files.

mod draft;
mod edition;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod table;

use crate::cli::failed;
use clap::{Args, Subcommand};
use domain::catalogue::{Catalogue, Changes, Edition, Row};
use domain::day::Day;
use draft::Draft;
use edition::NewEdition;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What can be done about the catalogue.
#[derive(Debug, Subcommand)]
pub enum CatalogueCommand {
    /// Check a newer edition: every mistake with its place, line and what would be right.
    Check(Source),
    /// Say what a newer edition adds, drops and changes.
    Diff {
        /// Where it is read from.
        #[command(flatten)]
        source: Source,
        /// Write the changes as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write a newer edition as the files of a law book, ready to be published.
    Import {
        /// Where it is read from.
        #[command(flatten)]
        source: Source,
        /// What is said of it.
        #[command(flatten)]
        new: New,
        /// Folder to write to; it must not be there yet.
        #[arg(long, value_name = "FOLDER")]
        into: PathBuf,
    },
}

/// Where a newer edition is read from.
#[derive(Debug, Clone, Args)]
pub struct Source {
    /// Workbook (.xlsx), CSV in UTF-8 or GB 18030, or a folder of CSV files: docs/catalogue.md says which columns.
    #[arg(value_name = "FILE|FOLDER")]
    pub source: PathBuf,
    /// Folder of the catalogue it follows; without it, the one that the binary carries.
    #[arg(long, value_name = "FOLDER")]
    pub base: Option<PathBuf>,
}

/// What is said of a newer edition.
#[derive(Debug, Clone, Args)]
pub struct New {
    /// The year it is called by, like 2025.
    #[arg(long)]
    pub edition: String,
    /// The document that publishes it.
    #[arg(long)]
    pub document: String,
    /// First day in force, like 2026-01-01.
    #[arg(long, value_parser = day)]
    pub first_day: Day,
    /// Last day in force.
    #[arg(long, value_parser = day)]
    pub last_day: Day,
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "write a day like 2026-01-01".to_owned())
}

/// The most mistakes that are printed.
const MISTAKES_MOST: usize = 200;

/// Something that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file, or the sheet of a workbook.
    pub place: String,
    /// The line, from 1; 0 where it is the whole.
    pub line: u64,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.place, self.line, self.what)
    }
}

/// The catalogue that a newer edition follows.
struct Base {
    files: BTreeMap<String, String>,
    catalogue: Catalogue,
}

impl Base {
    fn read(folder: Option<&Path>) -> Result<Base, Vec<Mistake>> {
        let files = match folder {
            None => crate::law::shipped(false).files,
            Some(folder) => table::catalogue_files(folder)?,
        };
        let files: BTreeMap<String, String> =
            files.into_iter().filter(|(path, _)| path.starts_with("catalogue/")).collect();
        let catalogue = Catalogue::parse(&files).map_err(|it| edition::mistakes(&it))?;
        Ok(Base { files, catalogue })
    }

    fn edition(&self) -> Result<&Edition, Vec<Mistake>> {
        let none =
            || Mistake { place: "catalogue/editions.csv".to_owned(), line: 0, what: NO_EDITION.to_owned() };
        self.catalogue.last_edition().ok_or_else(|| vec![none()])
    }
}

const NO_EDITION: &str = "there is no edition that the newer one could follow";

/// Does what was said.
pub fn run(command: &CatalogueCommand) -> ExitCode {
    let done = match command {
        CatalogueCommand::Check(source) => check(source),
        CatalogueCommand::Diff { source, json } => diff(source, *json),
        CatalogueCommand::Import { source, new, into } => import(source, new, into),
    };
    match done {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(mistakes) => {
            mistakes.iter().take(MISTAKES_MOST).for_each(|it| println!("{it}"));
            failed(&format!("{} mistakes; nothing was written", mistakes.len()))
        }
    }
}

/// Reads a newer edition beside the catalogue that it follows.
fn read(source: &Source) -> Result<(Base, Draft), Vec<Mistake>> {
    let base = Base::read(source.base.as_deref())?;
    let draft = Draft::read(&table::read(&source.source)?, base.edition()?)?;
    Ok((base, draft))
}

/// Checks a newer edition; says how many rows it has.
///
/// # Errors
/// All mistakes.
pub fn check(source: &Source) -> Result<String, Vec<Mistake>> {
    let (_, draft) = read(source)?;
    Ok(format!("{} rows, {} categories named; no mistakes", draft.rows.len(), draft.categories.len()))
}

/// Says what a newer edition changes: as a table, or as JSON.
///
/// # Errors
/// All mistakes.
pub fn diff(source: &Source, json: bool) -> Result<String, Vec<Mistake>> {
    let (base, draft) = read(source)?;
    let before = base.edition()?;
    let changes = Changes::between(before, &draft.rows);
    Ok(if json { as_json(before, &changes) } else { as_table(before, &changes) })
}

/// Writes a newer edition into a folder that is not there yet, all of it or nothing; says what was written.
///
/// # Errors
/// All mistakes.
pub fn import(source: &Source, new: &New, into: &Path) -> Result<String, Vec<Mistake>> {
    let (base, draft) = read(source)?;
    let made = NewEdition::of(new, &base.files, base.edition()?, &draft)?;
    table::write(into, &made.files)?;
    let (rows, carried, left) = (draft.rows.len(), made.names_carried, made.names_left);
    let count = made.files.len();
    Ok(format!(
        "{count} files in {}: {rows} rows; {carried} further names carried over, {left} left behind with their rows.\n\
         The checked list is empty: it speaks of the names of one edition only.\n\
         Publish with POST /api/v1/policies and the body {}",
        into.display(),
        into.join("publish.json").display()
    ))
}

/// A row in a few words.
fn in_short(row: &Row) -> String {
    format!("{} {} {} {}", row.row_id, row.class.printed(), row.name, row.form).trim_end().to_owned()
}

fn as_table(before: &Edition, changes: &Changes) -> String {
    let mut lines =
        vec![format!("against edition {}: {} rows are as they were", before.name(), changes.same)];
    let mut list = |title: &str, rows: Vec<String>| {
        lines.push(format!("{title}: {}", rows.len()));
        lines.extend(rows.into_iter().map(|it| format!("  {it}")));
    };
    list("added", changes.added.iter().map(in_short).collect());
    list("dropped", changes.dropped.iter().map(in_short).collect());
    let class = changes.class.iter().map(|(row, was)| format!("{} (was {})", in_short(row), was.printed()));
    list("class changed", class.collect());
    let shown = |it: &str| if it.is_empty() { "no limit".to_owned() } else { it.to_owned() };
    let limit = changes.limit.iter();
    let limit =
        limit.map(|(row, was)| format!("{}: {} (was: {})", in_short(row), shown(&row.remark), shown(was)));
    list("limit changed", limit.collect());
    lines.join("\n")
}

fn as_json(before: &Edition, changes: &Changes) -> String {
    let row = |it: &Row| {
        serde_json::json!({ "row": it.row_id, "class": it.class.printed(), "name": it.name, "form": it.form,
            "category": it.category, "limit": it.remark })
    };
    let with = |it: &Row, was: &str| {
        let mut value = row(it);
        value["was"] = was.into();
        value
    };
    let value = serde_json::json!({
        "against": before.name(),
        "counts": { "same": changes.same, "added": changes.added.len(), "dropped": changes.dropped.len(),
            "class": changes.class.len(), "limit": changes.limit.len() },
        "added": changes.added.iter().map(row).collect::<Vec<_>>(),
        "dropped": changes.dropped.iter().map(row).collect::<Vec<_>>(),
        "class": changes.class.iter().map(|(it, was)| with(it, was.printed())).collect::<Vec<_>>(),
        "limit": changes.limit.iter().map(|(it, was)| with(it, was)).collect::<Vec<_>>(),
    });
    value.to_string()
}
