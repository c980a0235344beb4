//! Which row of an edition names a generic name, and so the state of its codes (R-J2): by the words of the edition
//! and its general notes, never by likeness.

use super::wording::{bracketed, ingredient_and_form, is_pill_kind, key, without_note, without_salt};
use super::{Checked, Class, Reason, Row, RowNo, State};
use std::collections::{BTreeMap, BTreeSet};

/// The names an edition knows.
pub(super) struct Names<'a> {
    rows: &'a [Row],
    whole: BTreeMap<String, BTreeSet<RowNo>>, // Name with form, as approved.
    ingredients: BTreeMap<String, BTreeSet<RowNo>>, // Name only; the form stands beside it.
    forms: &'a BTreeSet<(String, String)>,    // Merged form, concrete form.
}

impl<'a> Names<'a> {
    /// The names of these rows, `more` of them under the row's number, and what each merged form includes.
    pub(super) fn new(
        rows: &'a [Row],
        more: &[(RowNo, String)],
        forms: &'a BTreeSet<(String, String)>,
    ) -> Names<'a> {
        let mut names = Names { rows, whole: BTreeMap::new(), ingredients: BTreeMap::new(), forms };
        for (number, row) in (0..).map(RowNo).zip(rows) {
            names.add(number, row, &row.name);
        }
        for (number, name) in more {
            names.add(*number, &rows[number.0 as usize], name);
        }
        names
    }

    fn add(&mut self, number: RowNo, row: &Row, name: &str) {
        let names = if row.form.is_empty() { &mut self.whole } else { &mut self.ingredients };
        names.entry(key(without_note(name))).or_default().insert(number);
    }

    /// The name stands in the edition as it is.
    fn by_name(&self, name: &str) -> BTreeSet<RowNo> {
        self.whole.get(&key(name)).cloned().unwrap_or_default()
    }

    /// The rows that name this generic name; the first way that finds any decides.
    pub(super) fn rows_of(&self, name: &str) -> BTreeSet<RowNo> {
        let ways = [Names::by_name, Names::by_bracket, Names::by_form, Names::by_form_without_salt];
        ways.iter().map(|way| way(self, name)).find(|it| !it.is_empty()).unwrap_or_default()
    }

    /// The bracket names the kind of pill, or a second name that stands in the same row.
    fn by_bracket(&self, name: &str) -> BTreeSet<RowNo> {
        let Some((head, inside)) = bracketed(name) else { return BTreeSet::new() };
        if is_pill_kind(head, inside) {
            return self.by_name(head);
        }
        let second = self.by_name(inside.trim_start_matches("原名:"));
        self.by_name(head).intersection(&second).copied().collect()
    }

    fn by_form(&self, name: &str) -> BTreeSet<RowNo> {
        let parts = ingredient_and_form(name);
        parts.map(|(ingredient, form)| self.with_form(&ingredient, form)).unwrap_or_default()
    }

    fn by_form_without_salt(&self, name: &str) -> BTreeSet<RowNo> {
        let Some((ingredient, form)) = ingredient_and_form(name) else { return BTreeSet::new() };
        without_salt(&ingredient).iter().flat_map(|it| self.with_form(it, form)).collect()
    }

    fn with_form(&self, ingredient: &str, form: &str) -> BTreeSet<RowNo> {
        let rows = self.ingredients.get(&key(ingredient)).into_iter().flatten();
        rows.filter(|it| includes(self.forms, &self.rows[it.0 as usize].form, form)).copied().collect()
    }

    /// The row and class for a code among the rows that name it: its category must agree, and all classes.
    fn decided(&self, code: &str, named: &BTreeSet<RowNo>) -> Option<(RowNo, Class)> {
        let row = |it: &RowNo| &self.rows[it.0 as usize];
        let fitting: Vec<RowNo> =
            named.iter().filter(|it| code.starts_with(&row(it).category)).copied().collect();
        let first = *fitting.first()?;
        let class = row(&first).class;
        let agreed = fitting.iter().all(|it| row(it).class == class && row(it).is_medical());
        agreed.then_some((first, class))
    }
}

/// Whether a printed form is a concrete one or takes it in.
pub(super) fn includes(forms: &BTreeSet<(String, String)>, printed: &str, form: &str) -> bool {
    printed == form || forms.contains(&(printed.to_owned(), form.to_owned()))
}

/// The state of every code under an edition; `drugs` is code to generic name, `checked` name to entry.
pub(super) fn states(
    names: &Names<'_>,
    drugs: &BTreeMap<String, String>,
    checked: &BTreeMap<&str, u32>,
) -> BTreeMap<String, State> {
    let mut rows_by_name: BTreeMap<&str, BTreeSet<RowNo>> = BTreeMap::new();
    let mut states = BTreeMap::new();
    for (code, name) in drugs {
        let named = rows_by_name.entry(name).or_insert_with(|| names.rows_of(name));
        let state = match (names.decided(code, named), checked.get(name.as_str())) {
            (Some((row, class)), _) => State::In { row, class },
            (None, Some(entry)) => State::NotIn { entry: *entry },
            (None, None) => State::NotMapped,
        };
        states.insert(code.clone(), state);
    }
    states
}

/// What is wrong with an entry of the checked list: the edition contradicts it.
pub(super) fn contradiction(names: &Names<'_>, entry: &Checked) -> Option<String> {
    let named = names.rows_of(&entry.name);
    let mut paid = named.iter().map(|it| &names.rows[it.0 as usize]).filter(|it| it.is_medical());
    let found = match entry.reason {
        Reason::WorkInjuryOnly => paid.next().map(|it| it.row_id.as_str()),
        Reason::Absent | Reason::VaccineOrContraceptive | Reason::SexualFunction => {
            named.first().map(|it| names.rows[it.0 as usize].row_id.as_str())
        }
    };
    found.map(|row| format!("{} is on the checked list but the edition names it in row {row}", entry.name))
}
