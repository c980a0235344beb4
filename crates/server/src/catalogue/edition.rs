//! The files of a newer edition: its rows, and what it keeps of the edition before, held to everything a law book is
//! held to before anything is written.

use super::draft::Draft;
use super::{Mistake, New};
use domain::catalogue::{Catalogue, Edition, Row, identity};
use domain::law::Problem;
use std::collections::BTreeMap;

/// A newer edition, ready to be written.
pub(super) struct NewEdition {
    /// Files below the folder: those of the catalogue, and the body that publishes them.
    pub(super) files: BTreeMap<String, String>,
    /// How many further names of rows were carried over.
    pub(super) names_carried: usize,
    /// How many were left behind, because their row is no more.
    pub(super) names_left: usize,
}

/// What is wrong with the files of a catalogue.
pub(super) fn mistakes(problems: &[Problem]) -> Vec<Mistake> {
    let of = |it: &Problem| Mistake { place: it.file.clone(), line: it.line as u64, what: it.what.clone() };
    problems.iter().map(of).collect()
}

const EDITIONS: &str = "catalogue/editions.csv";

impl NewEdition {
    pub(super) fn of(
        new: &New,
        base: &BTreeMap<String, String>,
        before: &Edition,
        draft: &Draft,
    ) -> Result<NewEdition, Vec<Mistake>> {
        let file = |edition: &str, table: &str| format!("catalogue/nrdl_{edition}_{table}.csv");
        let old = |table: &str| base.get(&file(before.name(), table)).cloned().unwrap_or_default();
        let named =
            |what: &str| vec![Mistake { place: "--edition".to_owned(), line: 0, what: what.to_owned() }];
        if new.edition.is_empty() || !new.edition.bytes().all(|it| it.is_ascii_alphanumeric()) {
            return Err(named("an edition is called by letters and digits, like 2025"));
        }
        if base.contains_key(&file(&new.edition, "drugs")) {
            return Err(named("the catalogue has this edition already: call the newer one otherwise"));
        }
        let mut made = NewEdition { files: BTreeMap::new(), names_carried: 0, names_left: 0 };
        let days = (new.first_day.to_string(), new.last_day.to_string());
        let line = table(&[], &[[&new.edition, &new.document, &days.0, &days.1].map(String::as_str)]);
        let editions = base.get(EDITIONS).cloned().unwrap_or_default();
        made.files.insert(EDITIONS.to_owned(), format!("{}\n{line}", editions.trim_end()));
        made.files.insert(file(&new.edition, "drugs"), drugs(&draft.rows));
        made.files.insert(file(&new.edition, "categories"), categories(&old("categories"), draft));
        for kept in ["form_groups", "pieces", "pieces_excluded"] {
            made.files.insert(file(&new.edition, kept), old(kept));
        }
        for names in ["search_names", "group_members"] {
            let carried = made.carried(&old(names), before, &draft.rows);
            made.files.insert(file(&new.edition, names), carried);
        }
        let checked = format!("catalogue/checked_not_in_{}.csv", new.edition);
        made.files.insert(checked, "name,reason,checked_on\n".to_owned());
        let mut whole = base.clone();
        whole.extend(made.files.clone());
        Catalogue::parse(&whole).map_err(|it| mistakes(&it))?;
        let body = serde_json::json!({ "files": made.files, "over_current": true });
        made.files.insert("publish.json".to_owned(), format!("{body}\n"));
        Ok(made)
    }

    /// Further names, under the numbers that their rows have now.
    fn carried(&mut self, text: &str, before: &Edition, after: &[Row]) -> String {
        let now: BTreeMap<_, &str> = after.iter().map(|it| (identity(it), it.row_id.as_str())).collect();
        let renamed: BTreeMap<&str, Option<&str>> =
            before.rows().map(|(_, it)| (it.row_id.as_str(), now.get(&identity(it)).copied())).collect();
        let mut lines = Vec::new();
        for record in csv::Reader::from_reader(text.as_bytes()).records().flatten() {
            match record.get(0).and_then(|it| renamed.get(it).copied().flatten()) {
                Some(row) => lines.push([row.to_owned(), record.get(1).unwrap_or_default().to_owned()]),
                None => self.names_left += 1,
            }
        }
        self.names_carried += lines.len();
        let lines: Vec<[&str; 2]> = lines.iter().map(|it| [it[0].as_str(), it[1].as_str()]).collect();
        table(&["row_id", "name"], &lines)
    }
}

/// A table as CSV.
fn table<const N: usize>(header: &[&str], lines: &[[&str; N]]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = (!header.is_empty()).then(|| writer.write_record(header)).transpose();
    written.expect("memory takes everything");
    for line in lines {
        writer.write_record(line).expect("memory takes everything");
    }
    let bytes = writer.into_inner().expect("memory takes everything");
    String::from_utf8(bytes).expect("texts were written")
}

fn drugs(rows: &[Row]) -> String {
    let pages: Vec<String> = rows.iter().map(|it| it.page.to_string()).collect();
    let line = |(it, page): (&'_ Row, &'_ String)| -> [String; 7] {
        let class = it.class.printed().to_owned();
        let (name, form, remark) = (it.name.clone(), it.form.clone(), it.remark.clone());
        [it.row_id.clone(), it.category.clone(), class, name, form, remark, page.clone()]
    };
    let lines: Vec<[String; 7]> = rows.iter().zip(&pages).map(line).collect();
    let lines: Vec<[&str; 7]> = lines.iter().map(|it| it.each_ref().map(String::as_str)).collect();
    table(&["row_id", "category", "class", "name", "form", "remark", "page"], &lines)
}

/// The categories of the edition before, with those that the newer one names.
fn categories(old: &str, draft: &Draft) -> String {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for record in csv::Reader::from_reader(old.as_bytes()).records().flatten() {
        names.insert(record[0].to_owned(), record.get(2).unwrap_or_default().to_owned());
    }
    names.extend(draft.categories.clone());
    let parent = |code: &str| -> &str {
        let heads = (1..code.len()).rev().filter_map(|it| names.get_key_value(code.get(..it)?));
        heads.map(|(code, _)| code.as_str()).next().unwrap_or_default()
    };
    let lines: Vec<[&str; 3]> =
        names.iter().map(|(code, name)| [code.as_str(), parent(code), name.as_str()]).collect();
    table(&["code", "parent", "name"], &lines)
}
