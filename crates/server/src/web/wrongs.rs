//! What has to be put right in a form: said on top of the page and at each field.

use super::form::Form;
use super::opening::Opening;
use domain::day::Day;
use domain::money::Fen;

/// Fields and what is wrong with them, in the reader's language.
#[derive(Debug, Clone, Default)]
pub(super) struct Wrongs {
    english: bool,
    list: Vec<(&'static str, &'static str)>,
}

impl Wrongs {
    /// Nothing wrong yet, for the opening's reader.
    pub(super) fn of(opening: &Opening) -> Wrongs {
        Wrongs { english: opening.view().english, list: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn list(&self) -> &[(&'static str, &'static str)] {
        &self.list
    }

    /// What is wrong with a field.
    pub(super) fn at(&self, field: &str) -> Option<&'static str> {
        self.list.iter().find(|(name, _)| *name == field).map(|(_, wrong)| *wrong)
    }

    pub(super) fn add(&mut self, field: &'static str, zh: &'static str, en: &'static str) {
        self.list.push((field, if self.english { en } else { zh }));
    }

    /// An amount that may be left out.
    pub(super) fn amount(&mut self, form: &Form, field: &'static str) -> Option<String> {
        let text = form.filled(field)?;
        if Fen::parse(text).is_none() {
            self.add(field, "金额写成 500 或 500.00", "Write the amount like 500 or 500.00");
        }
        Some(text.to_owned())
    }

    /// A day that may be left out.
    pub(super) fn day(&mut self, form: &Form, field: &'static str) -> Option<String> {
        let text = form.filled(field)?;
        if Day::parse(text).is_none() {
            self.add(field, "日期写成 2025-06-16", "Write the day like 2025-06-16");
        }
        Some(text.to_owned())
    }
}
