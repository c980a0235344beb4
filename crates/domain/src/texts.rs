//! The sentences for people, as data: one file per language, read with everything that is wrong with it, and filled
//! with facts.

use crate::day::{Day, Moment};
use crate::ids::{Area, InstitutionCode, PersonNo};
use crate::law::{Problem, line_of};
use crate::money::Fen;
use crate::reason::{Arg, Reason};
use crate::text_keys::{of_reason, required};
use crate::words::Relation;
use std::borrow::Cow;
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// The texts of one language: every one that [`required`] names, each speaking only of facts it may speak of.
#[derive(Debug, Clone)]
pub struct Texts {
    by_path: BTreeMap<String, Text>,
}

/// A text as it is written and, so that filling it is only putting together, in parts.
#[derive(Debug, Clone)]
struct Text {
    written: String,
    parts: Vec<Part>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Words(String),
    /// The place of a fact, by its name.
    Fact(String),
}

impl Text {
    fn of(written: String) -> Text {
        let (mut parts, mut rest) = (Vec::new(), written.as_str());
        while let Some((before, (name, after))) =
            rest.split_once('{').and_then(|(before, it)| Some((before, it.split_once('}')?)))
        {
            parts.extend([Part::Words(before.to_owned()), Part::Fact(name.to_owned())]);
            rest = after;
        }
        parts.push(Part::Words(rest.to_owned()));
        Text { written, parts }
    }
}

/// Names come from outside, masked where the reader is not entitled to them; `None` where there is no name.
pub trait Names {
    /// The name of a person.
    fn person(&self, person: PersonNo) -> Option<String>;
    /// The name of a region.
    fn area(&self, area: Area) -> Option<String>;
    /// The name of an institution.
    fn institution(&self, institution: InstitutionCode) -> Option<String>;
    /// Whether the reader acts for a person, a minor.
    fn acts_for(&self, _person: PersonNo) -> bool {
        false
    }
}

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// A person who is entitled to this: addressed as such.
    Citizen(PersonNo),
    /// A clerk, an auditor, an institution.
    Staff,
    /// Whoever holds a slip number: reads what happened, nothing about anybody.
    Anyone,
}

/// Who reads, in which language, with which names.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The language.
    pub texts: &'a Texts,
    /// The names.
    pub names: &'a dyn Names,
    /// The reader.
    pub viewer: Viewer,
}

impl Texts {
    /// Reads the texts of one language; `file` is what problems call it.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of lines: what is missing, unknown, empty, or speaks of a fact that
    /// it cannot know.
    pub fn parse(file: &str, text: &str) -> Result<Texts, Vec<Problem>> {
        let problem = |line, what| Problem { file: file.to_owned(), line, what };
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                return Err(vec![problem(line_of(text, error.span()), error.message().to_owned())]);
            }
        };
        let mut found = BTreeMap::new();
        let mut wrong = Vec::new();
        flatten(text, "", &table, &mut found, &mut wrong);
        let required: BTreeMap<String, &[&str]> = required().into_iter().collect();
        let missing = required.keys().filter(|it| !found.contains_key(*it));
        wrong.extend(missing.map(|path| (1, format!("`{path}` is missing"))));
        for (path, (value, line)) in &found {
            match required.get(path) {
                None => wrong.push((*line, format!("there is no text `{path}`"))),
                Some(_) if value.trim().is_empty() && path != "format.you" => {
                    wrong.push((*line, format!("`{path}` is empty")));
                }
                Some(args) => wrong.extend(unknown_facts(value, args).map(|fact| {
                    let known = args.join(", ");
                    (*line, format!("`{path}` speaks of {{{fact}}}; it can speak of: {known}"))
                })),
            }
        }
        wrong.sort();
        if wrong.is_empty() {
            return Ok(Texts {
                by_path: found.into_iter().map(|(path, (value, _))| (path, Text::of(value))).collect(),
            });
        }
        Err(wrong.into_iter().map(|(line, what)| problem(line, what)).collect())
    }

    fn text(&self, path: &str) -> Option<&Text> {
        let text = self.by_path.get(path);
        debug_assert!(text.is_some(), "there is no text `{path}`");
        text
    }

    /// The text at a path, as it is written.
    pub fn get(&self, path: &str) -> &str {
        self.text(path).map_or("", |it| &it.written)
    }

    fn relation(&self, relation: Relation) -> &str {
        self.get(&format!("words.relation.{}", relation.word()))
    }

    /// Whether the text at a path speaks of a fact.
    fn speaks_of(&self, path: &str, fact: &str) -> bool {
        self.text(path)
            .is_some_and(|it| it.parts.iter().any(|part| matches!(part, Part::Fact(name) if name == fact)))
    }

    /// The text at a path, filled with facts.
    pub fn fill(&self, path: &str, facts: &[(&str, String)]) -> String {
        self.fill_from(path, |name| {
            facts.iter().find(|(known, _)| *known == name).map(|(_, fact)| Cow::from(fact))
        })
    }

    /// The text at a path, filled with the facts that it speaks of; no other is asked for.
    fn fill_from<'a>(&self, path: &str, fact: impl Fn(&str) -> Option<Cow<'a, str>>) -> String {
        let mut filled = String::new();
        for part in self.text(path).into_iter().flat_map(|it| &it.parts) {
            match part {
                Part::Words(words) => filled.push_str(words),
                Part::Fact(name) => filled.push_str(&fact(name).unwrap_or_default()),
            }
        }
        filled
    }

    /// An amount: `120.40 元`, with separators of thousands from 10,000.
    pub fn money(&self, amount: Fen) -> String {
        self.fill("format.money", &[("amount", plain_amount(amount))])
    }

    /// A day: `2026年7月2日`.
    pub fn day(&self, day: Day) -> String {
        let months = self.get("format.months").split_whitespace();
        let month = usize::try_from(day.month() - 1).ok().and_then(|nth| months.clone().nth(nth));
        let facts = [
            ("year", day.year().to_string()),
            ("month", month.unwrap_or("?").to_owned()),
            ("day", day.day_of_month().to_string()),
        ];
        self.fill("format.day", &facts)
    }

    /// A moment of China Standard Time: `2026年7月2日 0:00`.
    pub fn moment(&self, moment: Moment) -> String {
        let (hour, minute, ..) = moment.time_of_day();
        let facts = [("day", self.day(moment.day())), ("time", format!("{hour}:{minute:02}"))];
        self.fill("format.moment", &facts)
    }
}

/// `1234567.80` → `1,234,567.80`; below 10,000 as it is.
pub fn plain_amount(amount: Fen) -> String {
    let plain = amount.to_string();
    let Some((whole, fraction)) = plain.split_once('.').filter(|(whole, _)| whole.len() > 4) else {
        return plain;
    };
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{fraction}")
}

fn flatten(
    text: &str,
    above: &str,
    table: &DeTable<'_>,
    found: &mut BTreeMap<String, (String, usize)>,
    wrong: &mut Vec<(usize, String)>,
) {
    for (key, value) in table {
        let path =
            if above.is_empty() { key.get_ref().to_string() } else { format!("{above}.{}", key.get_ref()) };
        let line = line_of(text, Some(key.span()));
        if let DeValue::Table(inner) = value.get_ref() {
            flatten(text, &path, inner, found, wrong);
        } else if let Some(value) = value.get_ref().as_str() {
            found.insert(path, (value.to_owned(), line));
        } else {
            wrong.push((line, format!("`{path}` is not a text")));
        }
    }
}

/// The placeholders of a text that are not among its facts.
fn unknown_facts<'a>(text: &'a str, known: &'a [&str]) -> impl Iterator<Item = &'a str> {
    placeholders(text).filter(|it| !known.contains(it))
}

/// The placeholders of a text.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).map(|it| it.split_once('}').map_or(it, |(name, _)| name))
}

impl Reader<'_> {
    /// How the reader calls a person: 您 where it is the reader, and nobody by name where the reader may be anyone.
    pub fn person(&self, person: PersonNo) -> String {
        let you = self.texts.get("format.you");
        let known = match self.viewer {
            Viewer::Citizen(reader) if reader == person && !you.is_empty() => Some(you.to_owned()),
            Viewer::Citizen(_) | Viewer::Staff => self.names.person(person),
            Viewer::Anyone => None,
        };
        known.unwrap_or_else(|| self.texts.get("format.somebody").to_owned())
    }

    /// The name of a region.
    pub fn area(&self, area: Area) -> String {
        self.names.area(area).unwrap_or_else(|| self.texts.get("format.some_area").to_owned())
    }

    /// The name of an institution.
    pub fn institution(&self, institution: InstitutionCode) -> String {
        self.names.institution(institution).unwrap_or_else(|| self.texts.get("format.some_place").to_owned())
    }

    /// A fact, as this reader reads it.
    pub fn fact(&self, arg: &Arg) -> String {
        let texts = self.texts;
        match arg {
            Arg::Person(person) => self.person(*person),
            Arg::Area(area) => self.area(*area),
            Arg::Day(day) => texts.day(*day),
            Arg::Moment(moment) => texts.moment(*moment),
            Arg::Money(amount) => texts.money(*amount),
            Arg::Number(number) => number.to_string(),
            Arg::Institution(institution) => self.institution(*institution),
            Arg::Relation(relation) => texts.relation(*relation).to_owned(),
            Arg::Relations(all) => {
                let all: Vec<&str> = all.iter().map(|it| texts.relation(*it)).collect();
                all.join(texts.get("format.and"))
            }
            Arg::Word(list, word) => texts.get(&format!("words.{list}.{word}")).to_owned(),
            Arg::WordOf(list, word, amount) => {
                texts.fill(&format!("words.{list}.{word}"), &[("amount", texts.money(*amount))])
            }
            Arg::Text(text) => text.clone(),
        }
    }

    /// Whether a reason speaks of a balance that is none of the reader's business.
    pub fn hides_balance(&self, reason: &Reason) -> bool {
        let knows = |owner| match self.viewer {
            Viewer::Citizen(reader) => reader == owner || self.names.acts_for(owner),
            Viewer::Staff => true,
            Viewer::Anyone => false,
        };
        reason.private().is_some_and(|(owner, _)| !knows(owner))
    }

    /// A text of a reason; where it speaks of a balance that is hidden, the one that does not.
    pub fn say_of(&self, reason: &Reason, text: &str) -> String {
        let path = of_reason(reason.code(), text);
        let discreet =
            reason.private().filter(|_| self.hides_balance(reason) && self.texts.speaks_of(&path, "balance"));
        let path = discreet.map_or(path, |(_, discreet)| of_reason(reason.code(), discreet));
        self.say(&path, &reason.args())
    }

    /// The text at a path, filled with facts and with a capital at its start.
    pub fn say(&self, path: &str, args: &[(&'static str, Arg)]) -> String {
        let fact = |name: &str| args.iter().find(|(known, _)| *known == name).map(|(_, arg)| self.fact(arg));
        let said = self.texts.fill_from(path, |name| fact(name).map(Cow::from));
        let Some(first) = said.chars().next() else { return said };
        // Chinese has no capitals: mostly there is nothing to do. Names of fields stay as they are written.
        let word = said.split(char::is_whitespace).next().unwrap_or_default();
        if first.to_uppercase().eq([first]) || word.contains('_') {
            return said;
        }
        first.to_uppercase().chain(said.chars().skip(1)).collect()
    }
}
