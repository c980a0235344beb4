//! Rows of a newer edition, read out of tables as authorities print them, with every mistake and what would be right.

use super::Mistake;
use super::table::Table;
use domain::catalogue::{Class, Edition, Row, identity};
use std::collections::{BTreeMap, BTreeSet};

/// A newer edition as it was read.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) rows: Vec<Row>,
    /// Categories that the tables name, code to name.
    pub(super) categories: BTreeMap<String, String>,
}

/// The columns that are read, under all names that they have.
const COLUMNS: [(&str, &[&str]); 8] = [
    ("category", &["category", "药品分类代码", "分类代码"]),
    ("category name", &["category_name", "药品分类", "药品分类名称", "分类名称"]),
    ("class", &["class", "甲乙", "甲乙类", "医保类别", "报销类别"]),
    ("number", &["row_id", "编号", "序号"]),
    ("name", &["name", "药品名称", "药品通用名", "通用名"]),
    ("form", &["form", "剂型"]),
    ("remark", &["remark", "备注", "限定支付范围", "医保支付范围"]),
    ("page", &["page", "页码"]),
];
const CATEGORY: usize = 0;
const CATEGORY_NAME: usize = 1;
const CLASS: usize = 2;
const NUMBER: usize = 3;
const NAME: usize = 4;
const FORM: usize = 5;
const REMARK: usize = 6;
const PAGE: usize = 7;
/// Columns that every table of rows has.
const NEEDED: [usize; 6] = [CATEGORY, CLASS, NUMBER, NAME, FORM, REMARK];

/// The parts of the catalogue: what their titles hold, the narrower first, and what their rows are numbered with.
const PARTS: [(&[&str], &str); 5] =
    [(&["谈判", "中成药"], "NZ"), (&["谈判"], "NW"), (&["竞价"], "BW"), (&["中成药"], "Z"), (&["西药"], "W")];

/// Where the columns of a table are.
type Places = [Option<usize>; 8];

struct Reading<'a> {
    base: &'a Edition,
    draft: Draft,
    mistakes: Vec<Mistake>,
    seen: BTreeMap<(String, String), String>,
    ids: BTreeSet<String>,
    counts: BTreeMap<String, u32>,
}

impl Draft {
    /// Reads all tables; those without a column of names, such as a preface, are passed over.
    pub(super) fn read(tables: &[Table], base: &Edition) -> Result<Draft, Vec<Mistake>> {
        let mut reading = Reading {
            base,
            draft: Draft { rows: Vec::new(), categories: BTreeMap::new() },
            mistakes: Vec::new(),
            seen: BTreeMap::new(),
            ids: BTreeSet::new(),
            counts: BTreeMap::new(),
        };
        tables.iter().filter(|it| !it.title.contains("饮片")).for_each(|it| reading.table(it));
        if reading.draft.rows.is_empty() && reading.mistakes.is_empty() {
            let place = tables.first().map(|it| it.place.clone()).unwrap_or_default();
            reading.mistakes.push(Mistake { place, line: 0, what: columns_wanted() });
        }
        if reading.mistakes.is_empty() { Ok(reading.draft) } else { Err(reading.mistakes) }
    }
}

fn columns_wanted() -> String {
    let names = NEEDED.map(|it| COLUMNS[it].1.join(" or "));
    format!("no line names the columns: {}", names.join("; "))
}

/// The columns that a line names; `None` where it names none of drugs.
fn places(cells: &[String]) -> Option<Places> {
    let place = |column: usize| {
        let plain = |it: &String| it.replace([' ', '　', '\n', '\r'], "");
        cells.iter().position(|it| COLUMNS[column].1.contains(&plain(it).as_str()))
    };
    let places = std::array::from_fn(place);
    places[NAME].is_some().then_some(places)
}

impl Reading<'_> {
    fn table(&mut self, table: &Table) {
        let Some(head) = table.rows.iter().position(|(_, cells)| places(cells).is_some()) else { return };
        let (line, cells) = &table.rows[head];
        let places = places(cells).unwrap_or_default();
        let missing: Vec<&str> =
            NEEDED.iter().filter(|it| places[**it].is_none()).map(|it| COLUMNS[*it].0).collect();
        if !missing.is_empty() {
            let what = format!("columns are missing: {}. {}", missing.join(", "), columns_wanted());
            self.mistakes.push(Mistake { place: table.place.clone(), line: *line, what });
            return;
        }
        let mut current = String::new();
        for (line, cells) in &table.rows[head + 1..] {
            // A table that was printed on pages names its columns on each.
            if cells.iter().all(String::is_empty) || self::places(cells).is_some() {
                continue;
            }
            let read = self.line(table, &places, cells, &mut current);
            if let Err(what) = read {
                self.mistakes.push(Mistake { place: table.place.clone(), line: *line, what });
            }
        }
    }

    /// Reads a line: a category that heads what follows, or a row.
    fn line(
        &mut self,
        table: &Table,
        places: &Places,
        cells: &[String],
        current: &mut String,
    ) -> Result<(), String> {
        let cell = |column: usize| places[column].and_then(|it| cells.get(it)).map_or("", String::as_str);
        let category = cell(CATEGORY);
        if !category.is_empty() {
            category.clone_into(current);
        }
        if cell(NAME).is_empty() {
            if category.is_empty() || !cell(CLASS).is_empty() || cell(CATEGORY_NAME).is_empty() {
                return Err("the line has no name: write the drug's, or a category with its name".to_owned());
            }
            // The parts word some categories otherwise; the first is kept.
            let name = self.draft.categories.entry(category.to_owned());
            name.or_insert_with(|| cell(CATEGORY_NAME).to_owned());
            return Ok(());
        }
        let row = Row {
            row_id: String::new(),
            category: self.category(current)?,
            class: class(cell(CLASS))?,
            name: narrow(cell(NAME)),
            form: narrow(cell(FORM)),
            remark: one_line(cell(REMARK)),
            page: page(cell(PAGE))?,
        };
        let place = format!("{}, number {}", table.place, cell(NUMBER));
        if let Some(earlier) = self.seen.insert(identity(&row), place) {
            return Err(format!(
                "{} {} stands here twice, first in {earlier}: leave one",
                row.name, row.form
            ));
        }
        let row_id = self.row_id(&table.title, cell(NUMBER))?;
        self.draft.rows.push(Row { row_id, ..row });
        Ok(())
    }

    fn category(&self, code: &str) -> Result<String, String> {
        let right = "write its code, like XJ01CA, or a line above with code and name of a new one";
        if code.is_empty() {
            return Err(format!("the row has no category: {right}"));
        }
        let is_known = self.draft.categories.contains_key(code) || self.base.has_category(code);
        is_known.then(|| code.to_owned()).ok_or_else(|| format!("no such category: {code}; {right}"))
    }

    /// `W-0632-01` as it is; a printed number, `632` or `★(632)`, with the part of the catalogue and which of its rows
    /// it is.
    fn row_id(&mut self, title: &str, number: &str) -> Result<String, String> {
        let row_id = if is_row_id(number) {
            number.to_owned()
        } else {
            let part = PARTS.iter().find(|(words, _)| words.iter().all(|it| title.contains(it)));
            let (_, prefix) = part.ok_or(
                "to which part does it belong? Number it like W-0632-01, or call the sheet or file 西药, 中成药, \
                 谈判西药, 谈判中成药 or 竞价",
            )?;
            let digits = number.trim_matches(|it: char| "★()（）* ".contains(it));
            let parsed: Option<u32> = digits.parse().ok().filter(|it| (1..=9_999).contains(it));
            let number =
                parsed.ok_or_else(|| format!("`{number}` is no number: write it like 632 or ★(632)"))?;
            let key = format!("{prefix}-{number:04}");
            let count = self.counts.entry(key.clone()).or_insert(0);
            *count += 1;
            format!("{key}-{count:02}")
        };
        if self.ids.insert(row_id.clone()) {
            Ok(row_id)
        } else {
            Err(format!("row {row_id} stands here twice: each row has a number of its own"))
        }
    }
}

fn is_row_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |it: &str, count: usize| it.len() == count && it.bytes().all(|it| it.is_ascii_digit());
    matches!(parts[..], [part, number, row] if PARTS.iter().any(|(_, it)| *it == part) && digits(number, 4) && digits(row, 2))
}

fn class(text: &str) -> Result<Class, String> {
    match text.trim_end_matches('类') {
        "甲" => Ok(Class::A),
        "乙" => Ok(Class::B),
        _ => Err(format!("`{text}` is no class: write 甲 or 乙")),
    }
}

fn page(text: &str) -> Result<u16, String> {
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| format!("`{text}` is no page: write a number, or leave it empty"))
}

/// A name as the tables of the catalogue write it: brackets narrow, no breaks within.
fn narrow(text: &str) -> String {
    one_line(text).replace('（', "(").replace('）', ")")
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], "")
}
