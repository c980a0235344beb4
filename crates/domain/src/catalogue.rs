//! What the national drug catalogue says of a code on a day: in, not in, or not mapped; never guessed (R-J1 to R-J4).
//!
//! `files` reads the tables, `wording` takes a generic name apart, `judging` finds the row that names it, `changes`
//! tells two editions apart.

mod changes;
mod files;
mod judging;
pub(crate) mod wording;

pub use changes::{Changes, identity};

use crate::day::Day;
use crate::law::Problem;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The class printed beside a row: 甲 enters the reimbursable range in full, 乙 after a first-pay share (R-J2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Class {
    /// 甲.
    #[serde(alias = "甲")]
    A,
    /// 乙; negotiated drugs too, while their agreement lasts.
    #[serde(alias = "乙")]
    B,
}

/// A row of one edition: its place in the drugs file, counted from 0 and stable inside that edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowNo(pub u32);

/// One printed name and form with its class: the class belongs to the row, not to the drug (R-J1).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Row {
    /// Section and printed number, `W-0632-01`.
    pub row_id: String,
    /// The category code the row stands under, `XJ01CA`.
    pub category: String,
    /// 甲 or 乙.
    pub class: Class,
    /// The name as printed.
    pub name: String,
    /// The form as printed; empty where the name already holds it.
    pub form: String,
    /// The printed limit on payment; often empty.
    pub remark: String,
    /// The printed page.
    pub page: u16,
}

impl Class {
    /// The class as it is printed.
    pub fn printed(self) -> &'static str {
        match self {
            Class::A => "甲",
            Class::B => "乙",
        }
    }
}

impl Row {
    /// Whether medical insurance pays it at all: some rows are printed for work-injury insurance only.
    pub fn is_medical(&self) -> bool {
        self.remark.trim_end_matches('。') != "限工伤保险"
    }

    /// Whether it is paid for some people or some illnesses only (限制使用).
    pub fn is_limited(&self) -> bool {
        !self.remark.is_empty()
    }
}

/// What an edition says of a national code (R-J2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum State {
    /// The edition names it, in this row.
    In {
        /// The row that names it.
        row: RowNo,
        /// The class printed in that row.
        class: Class,
    },
    /// Its name was looked for by hand and medical insurance does not pay it.
    NotIn {
        /// The place in the checked list, counted from 0.
        entry: u32,
    },
    /// Nobody has decided: a bill line with it is refused, and 3301 is the remedy.
    NotMapped,
}

/// Why a checked name is not paid by medical insurance (R-J3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Neither the name nor a variant, ingredient or collective entry is in the edition.
    Absent,
    /// Absent, and of a group that can never be in: vaccines for prevention and contraceptives.
    VaccineOrContraceptive,
    /// Absent, and of a group that can never be in: drugs for sexual function.
    SexualFunction,
    /// Printed, but 限工伤保险: the general notes, no. 11, keep it out of medical insurance.
    WorkInjuryOnly,
}

/// A generic name that was looked for by hand and is not paid by medical insurance.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Checked {
    /// The generic name, as the national codes carry it.
    pub name: String,
    /// What was found.
    pub reason: Reason,
    /// The day of the check.
    #[serde(deserialize_with = "files::day")]
    pub checked_on: Day,
}

/// What an edition says of a decoction piece (中药饮片), by name: the editions print neither code nor class for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    /// Payable.
    Payable {
        /// Printed □: not paid where a prescription holds only such pieces.
        single_use_excluded: bool,
    },
    /// On the printed list of pieces that may not be paid.
    Excluded,
    /// On neither list.
    NotMapped,
}

/// How many of the known national drug codes are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shares {
    /// Codes that a row names.
    pub in_: usize,
    /// Codes whose name is on the checked list.
    pub not_in: usize,
    /// Codes nobody has decided.
    pub not_mapped: usize,
}

/// One edition of the catalogue with the days it is in force (R-J4).
#[derive(Debug, Clone)]
pub struct Edition {
    name: String,
    document: String,
    first_day: Day,
    last_day: Day,
    rows: Vec<Row>,
    more_names: BTreeSet<(RowNo, String)>, // Written out from brackets, or members of a collective entry.
    categories: BTreeMap<String, String>,
    checked: Vec<Checked>,
    pieces: BTreeMap<String, Piece>,
    forms: BTreeSet<(String, String)>, // Merged form, concrete form.
    states: BTreeMap<String, State>,
}

/// All editions, and the national codes with their names.
#[derive(Debug, Clone)]
pub struct Catalogue {
    editions: Vec<Edition>, // Invariant: days ascend and do not overlap.
    drugs: BTreeMap<String, String>,
    services: BTreeMap<String, String>,
}

impl Catalogue {
    /// Reads the catalogue from its files, name to text (`catalogue/editions.csv` lists the editions), and judges
    /// every national code under every edition; all problems at once.
    pub fn parse(files: &BTreeMap<String, String>) -> Result<Catalogue, Vec<Problem>> {
        files::catalogue(files)
    }

    /// The edition in force on this day; `None` means that no bill of that day can be judged (R-J4).
    pub fn edition(&self, day: Day) -> Option<&Edition> {
        self.editions.iter().find(|it| it.first_day <= day && day <= it.last_day)
    }

    /// The latest edition: what a sandbox goes on with when no edition is in force.
    pub fn last_edition(&self) -> Option<&Edition> {
        self.editions.last()
    }

    /// The generic name of a national drug code.
    pub fn drug_name(&self, code: &str) -> Option<&str> {
        self.drugs.get(code).map(String::as_str)
    }

    /// All national drug codes with their generic names, by code.
    pub fn drugs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.drugs.iter().map(|(code, name)| (code.as_str(), name.as_str()))
    }

    /// All known medical service items with their names, by code.
    pub fn services(&self) -> impl Iterator<Item = (&str, &str)> {
        self.services.iter().map(|(code, name)| (code.as_str(), name.as_str()))
    }

    /// Whether this is a known medical service item (15 digits); editions do not speak of services, local policy does.
    pub fn is_service(&self, code: &str) -> bool {
        self.services.contains_key(code)
    }

    /// The name of a medical service item.
    pub fn service_name(&self, code: &str) -> Option<&str> {
        self.services.get(code).map(String::as_str)
    }
}

impl Edition {
    /// The year it is called by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The document that publishes it.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// The first day in force.
    pub fn first_day(&self) -> Day {
        self.first_day
    }

    /// The last day in force.
    pub fn last_day(&self) -> Day {
        self.last_day
    }

    /// The state of a national drug code; [`State::NotMapped`] for any other text (R-J2).
    pub fn state_of(&self, code: &str) -> State {
        self.states.get(code).copied().unwrap_or(State::NotMapped)
    }

    /// Whether the row that names a code limits its use: no code outside the catalogue is limited.
    pub fn is_limited(&self, code: &str) -> bool {
        match self.state_of(code) {
            State::In { row, .. } => self.row(row).is_some_and(Row::is_limited),
            State::NotIn { .. } | State::NotMapped => false,
        }
    }

    /// The row of this number.
    pub fn row(&self, row: RowNo) -> Option<&Row> {
        self.rows.get(row.0 as usize)
    }

    /// All rows in printed order.
    pub fn rows(&self) -> impl Iterator<Item = (RowNo, &Row)> {
        (0..).map(RowNo).zip(&self.rows)
    }

    /// All names of rows, as printed and beside that: written out from brackets, or members of a collective entry.
    pub fn names(&self) -> impl Iterator<Item = (RowNo, &str)> {
        let printed = self.rows().map(|(number, row)| (number, row.name.as_str()));
        printed.chain(self.more_names.iter().map(|(number, name)| (*number, name.as_str())))
    }

    /// The checked list, each with its place in it.
    pub fn all_checked(&self) -> impl Iterator<Item = (u32, &Checked)> {
        (0..).zip(&self.checked)
    }

    /// Whether a printed form takes in a concrete one: the general notes, no. 8.
    pub(crate) fn includes(&self, printed: &str, form: &str) -> bool {
        judging::includes(&self.forms, printed, form)
    }

    /// All decoction pieces by name, and what is said of them.
    pub fn pieces(&self) -> impl Iterator<Item = (&str, Piece)> {
        self.pieces.iter().map(|(name, piece)| (name.as_str(), *piece))
    }

    /// The entry of the checked list that a [`State::NotIn`] names.
    pub fn checked(&self, entry: u32) -> Option<&Checked> {
        self.checked.get(entry as usize)
    }

    /// Up to `limit` rows one of whose names contains this text, in printed order (R-J1).
    pub fn rows_containing(&self, text: &str, limit: usize) -> Vec<RowNo> {
        let printed = (0..).map(RowNo).zip(self.rows.iter().map(|it| &it.name));
        let more = self.more_names.iter().map(|(number, name)| (*number, name));
        let hits: BTreeSet<RowNo> =
            printed.chain(more).filter(|(_, name)| name.contains(text)).map(|(number, _)| number).collect();
        hits.into_iter().take(limit).collect()
    }

    /// The names of a category and of those above it, widest first (R-J1).
    pub fn category_path(&self, category: &str) -> Vec<&str> {
        let heads = category.char_indices().map(|(at, it)| &category[..at + it.len_utf8()]);
        heads.filter_map(|head| self.categories.get(head)).map(String::as_str).collect()
    }

    /// Whether the edition has a category of this code.
    pub fn has_category(&self, code: &str) -> bool {
        self.categories.contains_key(code)
    }

    /// What the edition says of a decoction piece of this name.
    pub fn piece(&self, name: &str) -> Piece {
        self.pieces.get(name).copied().unwrap_or(Piece::NotMapped)
    }

    /// How many of the known national drug codes are in each state.
    pub fn shares(&self) -> Shares {
        let mut shares = Shares::default();
        for state in self.states.values() {
            match state {
                State::In { .. } => shares.in_ += 1,
                State::NotIn { .. } => shares.not_in += 1,
                State::NotMapped => shares.not_mapped += 1,
            }
        }
        shares
    }
}
