//! Looking drugs up by name (R-J1): in characters, in pinyin, by initials, mixed, and with slips of the pen.
//!
//! `spelling` says how names are written and how they sound, `question` finds where a question stands in a name,
//! `likeness` counts slips, `standing` says how it counts. Whatever is asked has one answer, always in the same order.

mod likeness;
mod question;
mod spelling;
mod standing;

use crate::catalogue::wording::{ingredient_and_form, without_note, without_salt};
use crate::catalogue::{Catalogue, Edition, Piece, RowNo, State};
use likeness::Pattern;
use question::{Place, Question, Unit};
use spelling::{folded, narrow, readings};
pub use standing::{GROUPS, Outside, Standing};
use std::collections::{BTreeMap, BTreeSet};

/// What a name stands for in an edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A row of the edition.
    Row(RowNo),
    /// An entry of the checked list: medical insurance does not pay it.
    Checked(u32),
    /// A generic name that has a national code, and nobody has decided how it counts.
    Undecided,
    /// A decoction piece.
    Piece(Piece),
}

/// How a name was found, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The question is the name.
    Exact,
    /// The question names an ingredient and a form, and the row takes them in by the general notes, nos. 7 and 8.
    Form,
    /// The name begins so.
    Start,
    /// The name holds it.
    Inside,
    /// The name sounds so, written in other characters.
    Sounding,
    /// The question holds the name.
    Within,
    /// The name is like it.
    Near,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What it is.
    pub subject: Subject,
    /// The name it was found by.
    pub name: String,
    /// How it was found.
    pub how: How,
}

/// What a question came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// What was found, best first.
    pub hits: Vec<Hit>,
    /// How many more there are.
    pub left_off: usize,
    /// Where nothing was found: the names that come nearest, nearest first.
    pub near: Vec<String>,
}

/// A name, ready to be compared.
#[derive(Debug, Clone)]
struct Name {
    shown: String,
    units: Vec<Unit>,
    signs: Vec<char>,
    spelled: Vec<char>,
    letters: u64, // All signs a question in letters may have, see `mask`.
    subjects: BTreeSet<Subject>,
}

/// All names an edition and the national codes know, ready to be looked up.
#[derive(Debug, Clone)]
pub struct DrugIndex {
    syllables: Vec<String>,
    names: Vec<Name>, // Shorter ones first, then by their characters.
    forms: BTreeMap<Vec<char>, Vec<(String, RowNo)>>, // Ingredient to printed forms.
}

/// How a name compares: lower is better; the last part is its place in the index.
type Rank = (How, u32, usize);

/// How many near names are offered where nothing was found.
const NEAR_MOST: usize = 5;

impl DrugIndex {
    /// The index of an edition; takes some milliseconds.
    pub fn of(catalogue: &Catalogue, edition: &Edition) -> DrugIndex {
        let mut index = DrugIndex { syllables: Vec::new(), names: Vec::new(), forms: BTreeMap::new() };
        let mut numbers = BTreeMap::new();
        for (_, (shown, subjects)) in all_names(catalogue, edition) {
            let name = index.name(shown, subjects, &mut numbers);
            index.names.push(name);
        }
        for (number, row) in edition.rows().filter(|(_, row)| !row.form.is_empty()) {
            let key = folded(without_note(&row.name));
            index.forms.entry(key).or_default().push((row.form.clone(), number));
        }
        index
    }

    fn name(
        &mut self,
        shown: &str,
        subjects: BTreeSet<Subject>,
        numbers: &mut BTreeMap<String, u16>,
    ) -> Name {
        let (mut units, mut spelled, mut letters) = (Vec::new(), Vec::new(), 0);
        let signs = folded(shown);
        for sign in signs.iter().copied() {
            let read_as = readings(sign);
            match read_as.first() {
                Some(first) => spelled.extend(first.chars()),
                None => spelled.push(sign),
            }
            letters |= mask(sign);
            letters |= read_as.iter().flat_map(|it| it.chars()).fold(0, |all, it| all | mask(it));
            let number = |reading: String| {
                let next = u16::try_from(self.syllables.len()).expect("there are some 400 syllables");
                *numbers.entry(reading).or_insert_with_key(|it| {
                    self.syllables.push(it.clone());
                    next
                })
            };
            units.push(Unit { sign, readings: read_as.into_iter().map(number).collect() });
        }
        Name { shown: shown.to_owned(), units, signs, spelled, letters, subjects }
    }

    /// Looks a text up; at most so many are given, and it says how many are left off (R-J1).
    pub fn find(&self, edition: &Edition, text: &str, most: usize) -> Findings {
        let question = Question::of(text, &self.syllables);
        if question.signs.is_empty() {
            return Findings::default();
        }
        let rows = self.by_form(edition, text);
        let ways: [fn(&DrugIndex, &Question) -> Vec<Rank>; 5] = [
            DrugIndex::meeting,
            DrugIndex::sounding,
            DrugIndex::within,
            DrugIndex::without_letters,
            DrugIndex::alike,
        ];
        // A way is gone only where those before found nothing.
        let ways = ways.iter().take(if rows.is_empty() { ways.len() } else { 1 });
        let mut ranks = ways.map(|way| way(self, &question)).find(|it| !it.is_empty()).unwrap_or_default();
        ranks.sort_unstable();
        let nothing = ranks.is_empty() && rows.is_empty();
        let near = if nothing { self.nearest(&question) } else { Vec::new() };
        Findings { near, ..self.findings(edition, &ranks, &rows, most) }
    }

    /// Names in which the question stands.
    fn meeting(&self, question: &Question) -> Vec<Rank> {
        let needed = question.signs.iter().fold(0, |all, it| all | mask(*it));
        let fitting = self.names.iter().enumerate().filter(|(_, it)| needed & !it.letters == 0);
        let met = fitting.filter_map(|(at, it)| question.meets(&it.units).map(|it| (at, it)));
        let rank = |(at, (place, care))| {
            let how = match place {
                Place::Whole => How::Exact,
                Place::Start => How::Start,
                Place::Inside => How::Inside,
            };
            (how, care, at)
        };
        met.map(rank).collect()
    }

    /// Names that sound like the question.
    fn sounding(&self, question: &Question) -> Vec<Rank> {
        if question.characters == 0 {
            return Vec::new();
        }
        let met = self.names.iter().enumerate();
        let met = met.filter_map(|(at, it)| question.sounds_like(&it.units).map(|it| (at, it)));
        met.map(|(at, (place, care))| (How::Sounding, place as u32 * 2 + care, at)).collect()
    }

    /// Names in which the Chinese characters of the question stand: people add a maker or a strength.
    fn without_letters(&self, question: &Question) -> Vec<Rank> {
        let characters: String = question.signs.iter().filter(|it| !it.is_ascii()).collect();
        if characters.is_empty() || question.characters == question.signs.len() {
            return Vec::new();
        }
        let met = self.meeting(&Question::of(&characters, &self.syllables));
        met.into_iter().map(|(how, care, at)| (How::Within, how as u32 * 10 + care, at)).collect()
    }

    /// The rows that the general notes put an ingredient with its form under, as bills are judged.
    fn by_form(&self, edition: &Edition, text: &str) -> Vec<RowNo> {
        let text: String = text.trim().chars().map(narrow).collect();
        let Some((ingredient, form)) = ingredient_and_form(&text) else { return Vec::new() };
        let rows = |ingredient: &str| -> Vec<RowNo> {
            let printed = self.forms.get(&folded(ingredient)).into_iter().flatten();
            printed.filter(|(it, _)| edition.includes(it, form)).map(|(_, row)| *row).collect()
        };
        let plain = rows(&ingredient);
        if !plain.is_empty() {
            return plain;
        }
        without_salt(&ingredient).iter().flat_map(|it| rows(it)).collect()
    }

    /// The longest names that stand in the question.
    fn within(&self, question: &Question) -> Vec<Rank> {
        const LETTERS: usize = 5;
        let long = |it: &Name| {
            let in_characters = question.characters > 0 && it.units.len() > 1;
            in_characters || it.spelled.len() >= LETTERS
        };
        let held = self.names.iter().enumerate().filter(|(_, it)| long(it) && question.holds(&it.units));
        let held: Vec<(usize, usize)> = held.map(|(at, it)| (it.units.len(), at)).collect();
        let longest = held.iter().map(|(length, _)| *length).max().unwrap_or(0);
        held.into_iter()
            .filter(|(length, _)| *length == longest)
            .map(|(_, at)| (How::Within, 0, at))
            .collect()
    }

    /// Names that begin almost like the question, or hold almost the same.
    fn alike(&self, question: &Question) -> Vec<Rank> {
        let (sound, look) = (Pattern::of(&question.spelled), Pattern::of(&question.signs));
        let in_characters = question.characters == question.signs.len();
        let wrong_letters = slips_in_letters(sound.length());
        let wrong_characters = slips_in_characters(look.length());
        let rank = |(at, it): (usize, &Name)| {
            let by_sound = sound.slips(&it.spelled, true, wrong_letters);
            let by_look = || look.slips(&it.signs, true, wrong_characters).filter(|_| in_characters);
            let inside = || sound.slips(&it.spelled, false, wrong_letters.checked_sub(1)?).map(|it| it + 3);
            let found = by_sound.into_iter().chain(by_look()).min().or_else(inside);
            found.map(|slips| (How::Near, slips, at))
        };
        self.names.iter().enumerate().filter_map(rank).collect()
    }

    /// Where nothing was found: what would be nearest, as long as most of it is right.
    fn nearest(&self, question: &Question) -> Vec<String> {
        let sound = Pattern::of(&question.spelled);
        let slips = |it: &Name| sound.slips(&it.spelled, true, sound.length() * 2 / 5);
        let ranked = self.names.iter().enumerate().filter_map(|(at, it)| Some((slips(it)?, at)));
        let mut ranked: Vec<(u32, usize)> = ranked.collect();
        ranked.sort_unstable();
        ranked.iter().take(NEAR_MOST).map(|(_, at)| self.names[*at].shown.clone()).collect()
    }

    fn findings(&self, edition: &Edition, ranks: &[Rank], rows: &[RowNo], most: usize) -> Findings {
        let mut hits: Vec<Hit> = Vec::new();
        let mut seen = BTreeSet::new();
        let of_rank = |(how, _, at): &Rank| {
            let (how, name) = (*how, &self.names[*at]);
            name.subjects.iter().map(move |it| (*it, name.shown.as_str(), how))
        };
        let exact = ranks.iter().take_while(|it| it.0 == How::Exact);
        let others = ranks.iter().skip_while(|it| it.0 == How::Exact);
        let formed = rows.iter().filter_map(|it| {
            let name = edition.row(*it)?.name.as_str();
            Some((Subject::Row(*it), name, How::Form))
        });
        for (subject, name, how) in exact.flat_map(of_rank).chain(formed).chain(others.flat_map(of_rank)) {
            // A row is one thing whatever it is called by; two names without a row are two.
            let called = if matches!(subject, Subject::Row(_) | Subject::Checked(_)) { "" } else { name };
            if seen.insert((subject, called)) {
                hits.push(Hit { subject, name: name.to_owned(), how });
            }
        }
        let left_off = hits.len().saturating_sub(most);
        hits.truncate(most);
        Findings { hits, left_off, near: Vec::new() }
    }
}

/// Names by length and characters: how each is shown, and what it stands for.
type Known<'a> = BTreeMap<(usize, Vec<char>), (&'a str, BTreeSet<Subject>)>;

/// All names with what they stand for, in the order of the index; the first way a name is written is shown.
fn all_names<'a>(catalogue: &'a Catalogue, edition: &'a Edition) -> Known<'a> {
    let mut names = Known::new();
    let mut add = |name: &'a str, subject: Option<Subject>| {
        let key = folded(name);
        if !key.is_empty() {
            let known = names.entry((key.len(), key)).or_insert_with(|| (name, BTreeSet::new()));
            known.1.extend(subject);
        }
    };
    for (number, name) in edition.names() {
        add(without_note(name), Some(Subject::Row(number)));
    }
    for (entry, it) in edition.all_checked() {
        add(&it.name, Some(Subject::Checked(entry)));
    }
    for (name, piece) in edition.pieces() {
        add(name, Some(Subject::Piece(piece)));
    }
    for (code, name) in catalogue.drugs() {
        let subject = match edition.state_of(code) {
            State::In { row, .. } => Some(Subject::Row(row)),
            State::NotIn { entry } => Some(Subject::Checked(entry)),
            State::NotMapped => None,
        };
        add(name, subject);
    }
    for (_, subjects) in names.values_mut().filter(|(_, it)| it.is_empty()) {
        subjects.insert(Subject::Undecided);
    }
    names
}

/// A bit for each letter and digit that a name needs to be asked for; other signs have none.
fn mask(sign: char) -> u64 {
    match sign {
        'a'..='z' => 1 << (u32::from(sign) - u32::from('a')),
        '0'..='9' => 1 << (26 + u32::from(sign) - u32::from('0')),
        _ => 0,
    }
}

/// How many letters may be wrong.
fn slips_in_letters(length: u32) -> u32 {
    match length {
        0..=3 => 0,
        4..=7 => 1,
        8..=12 => 2,
        _ => 3,
    }
}

/// How many characters may be wrong.
fn slips_in_characters(length: u32) -> u32 {
    match length {
        0..=2 => 0,
        3..=4 => 1,
        5..=7 => 2,
        _ => 3,
    }
}
