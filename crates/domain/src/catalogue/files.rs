//! The catalogue's files: which tables there are, how a line of each is read, and what must agree between them.

use super::judging::{Names, contradiction, states};
use super::{Catalogue, Checked, Edition, Piece, Row, RowNo};
use crate::day::Day;
use crate::law::Problem;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use std::collections::{BTreeMap, BTreeSet};

const EDITIONS: &str = "catalogue/editions.csv";
const DRUG_CODES: &str = "catalogue/drug_codes.csv";
const SERVICE_ITEMS: &str = "catalogue/service_items.csv";

#[derive(Deserialize)]
struct EditionLine {
    edition: String,
    document: String,
    #[serde(deserialize_with = "day")]
    first_day: Day,
    #[serde(deserialize_with = "day")]
    last_day: Day,
}

#[derive(Deserialize)]
struct CodeLine {
    code: String,
    name: String,
}

#[derive(Deserialize)]
struct NameLine {
    row_id: String,
    name: String,
}

#[derive(Deserialize)]
struct FormLine {
    merged_form: String,
    specific_form: String,
}

#[derive(Deserialize)]
struct PieceLine {
    name: String,
    single_use_excluded: u8,
}

#[derive(Deserialize)]
struct ExcludedLine {
    name: String,
}

/// Reads a day as every file of ours writes it, `2025-01-01`.
pub(super) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
    let text = String::deserialize(deserializer)?;
    Day::parse(&text).ok_or_else(|| D::Error::custom(format!("not a day: {text}")))
}

/// The whole catalogue, or all that is wrong with its files.
pub(super) fn catalogue(files: &BTreeMap<String, String>) -> Result<Catalogue, Vec<Problem>> {
    let mut tables = Tables { files, problems: Vec::new() };
    let drugs = tables.dictionary(DRUG_CODES);
    let services = tables.dictionary(SERVICE_ITEMS);
    let lines = tables.lines::<EditionLine>(EDITIONS);
    let mut editions: Vec<Edition> =
        lines.into_iter().map(|(_, line)| tables.edition(line, &drugs)).collect();
    editions.sort_by_key(|it| it.first_day);
    tables.check_days(&editions);
    if tables.problems.is_empty() {
        Ok(Catalogue { editions, drugs, services })
    } else {
        Err(tables.problems)
    }
}

/// The files being read, and what was wrong so far.
struct Tables<'a> {
    files: &'a BTreeMap<String, String>,
    problems: Vec<Problem>,
}

impl Tables<'_> {
    fn problem(&mut self, file: &str, line: u64, what: impl Into<String>) {
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        self.problems.push(Problem { file: file.to_owned(), line, what: what.into() });
    }

    /// The lines of a table with their line numbers; those that cannot be read become problems.
    fn lines<T: DeserializeOwned>(&mut self, file: &str) -> Vec<(u64, T)> {
        let Some(text) = self.files.get(file) else {
            self.problem(file, 0, "the file is missing");
            return Vec::new();
        };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().cloned().unwrap_or_default();
        let mut lines = Vec::new();
        for record in reader.records() {
            let read = record.and_then(|it| Ok((line_of(it.position()), it.deserialize(Some(&header))?)));
            match read {
                Ok(line) => lines.push(line),
                Err(error) => self.problem(file, line_of(error.position()), error.to_string()),
            }
        }
        lines
    }

    /// A table of codes and names; a code may stand in it once.
    fn dictionary(&mut self, file: &str) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        for (at, line) in self.lines::<CodeLine>(file) {
            if names.contains_key(&line.code) {
                self.problem(file, at, format!("{} stands here twice", line.code));
            }
            names.insert(line.code, line.name);
        }
        names
    }

    fn edition(&mut self, line: EditionLine, drugs: &BTreeMap<String, String>) -> Edition {
        let EditionLine { edition: name, document, first_day, last_day } = line;
        let file = |table: &str| format!("catalogue/nrdl_{name}_{table}.csv");
        let categories = self.dictionary(&file("categories"));
        let rows = self.rows(&file("drugs"), &categories);
        let mut more = self.more_names(&file("search_names"), &rows);
        more.extend(self.more_names(&file("group_members"), &rows));
        let forms = self.lines::<FormLine>(&file("form_groups")).into_iter();
        let forms: BTreeSet<_> = forms.map(|(_, it)| (it.merged_form, it.specific_form)).collect();
        let pieces = self.pieces(&file("pieces"), &file("pieces_excluded"));
        let names = Names::new(&rows, &more, &forms);
        let checked = self.checked(&format!("catalogue/checked_not_in_{name}.csv"), &names);
        let entries = checked.iter().map(|it| it.name.as_str()).zip(0..).collect();
        let states = states(&names, drugs, &entries);
        let more_names = more.into_iter().collect();
        Edition {
            name,
            document,
            first_day,
            last_day,
            rows,
            more_names,
            categories,
            checked,
            pieces,
            forms,
            states,
        }
    }

    fn rows(&mut self, file: &str, categories: &BTreeMap<String, String>) -> Vec<Row> {
        let mut seen = BTreeSet::new();
        let mut rows = Vec::new();
        for (at, row) in self.lines::<Row>(file) {
            if !seen.insert(row.row_id.clone()) {
                self.problem(file, at, format!("row {} stands here twice", row.row_id));
            }
            if !categories.contains_key(&row.category) {
                self.problem(file, at, format!("no such category: {}", row.category));
            }
            rows.push(row);
        }
        rows
    }

    /// Further names of rows: printed in brackets, or members of a collective entry.
    fn more_names(&mut self, file: &str, rows: &[Row]) -> Vec<(RowNo, String)> {
        let numbers: BTreeMap<&str, RowNo> =
            rows.iter().map(|it| it.row_id.as_str()).zip((0..).map(RowNo)).collect();
        let mut more = Vec::new();
        for (at, line) in self.lines::<NameLine>(file) {
            match numbers.get(line.row_id.as_str()) {
                Some(number) => more.push((*number, line.name)),
                None => self.problem(file, at, format!("no such row: {}", line.row_id)),
            }
        }
        more
    }

    fn pieces(&mut self, payable: &str, excluded: &str) -> BTreeMap<String, Piece> {
        let lines = self.lines::<PieceLine>(payable).into_iter();
        let mut pieces: BTreeMap<String, Piece> = lines
            .map(|(_, it)| (it.name, Piece::Payable { single_use_excluded: it.single_use_excluded == 1 }))
            .collect();
        for (at, line) in self.lines::<ExcludedLine>(excluded) {
            if let Some(Piece::Payable { .. }) = pieces.insert(line.name.clone(), Piece::Excluded) {
                self.problem(excluded, at, format!("{} is payable in the other list", line.name));
            }
        }
        pieces
    }

    /// The checked list; an entry that the edition contradicts would cost patients money.
    fn checked(&mut self, file: &str, names: &Names<'_>) -> Vec<Checked> {
        let mut seen = BTreeSet::new();
        let mut checked = Vec::new();
        for (at, entry) in self.lines::<Checked>(file) {
            if let Some(what) = contradiction(names, &entry) {
                self.problem(file, at, what);
            }
            if !seen.insert(entry.name.clone()) {
                self.problem(file, at, format!("{} stands here twice", entry.name));
            }
            checked.push(entry);
        }
        checked
    }

    /// A day has one edition or none (R-J4); `editions` are in order of their first days.
    fn check_days(&mut self, editions: &[Edition]) {
        for it in editions.iter().filter(|it| it.last_day < it.first_day) {
            self.problem(EDITIONS, 0, format!("edition {} ends before it begins", it.name));
        }
        for (earlier, later) in editions.iter().zip(editions.iter().skip(1)) {
            if later.first_day <= earlier.last_day {
                self.problem(EDITIONS, 0, format!("{} and {} share days", earlier.name, later.name));
            }
        }
    }
}

fn line_of(position: Option<&csv::Position>) -> u64 {
    position.map_or(0, csv::Position::line)
}
