//! The law book: policy files read into parameters, with everything that is wrong with them named by file and line.

use crate::day::Day;
use crate::ids::Area;
use crate::parameters::{Parameters, Span};
use crate::policy::{Dated, Source};
use crate::words::Certainty;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// Something wrong in a file of the law book.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, by its path in the book.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// A wider value that ended a narrower one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The parameter.
    pub param: &'static str,
    /// The narrower region.
    pub region: Area,
    /// The first day of the wider value.
    pub on: Day,
    /// Where the narrower value stands.
    pub source: Source,
}

/// The name of a region, as a policy file states it.
pub type RegionNames = BTreeMap<Area, String>;

/// What [`read`] makes of the policy files.
#[derive(Debug, Clone)]
pub struct Policies {
    /// The parameters.
    pub parameters: Parameters,
    /// Names of the regions that have files.
    pub names: RegionNames,
    /// What wider values ended.
    pub ended: Vec<Ended>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    from: String,
    to: Option<String>,
    value: toml::Value,
    #[serde(default)]
    source: String,
    certainty: Certainty,
    #[serde(default)]
    binding_below: bool,
    #[serde(default)]
    note: String,
}

/// Reads policy files, path to text. Files of one region may speak about different parameters.
///
/// # Errors
/// Everything that is wrong, in the order of files and lines: what cannot be read, unknown keys and parameters,
/// values without a source, overlaps and gaps.
pub fn read(files: &BTreeMap<String, String>) -> Result<Policies, Vec<Problem>> {
    let mut policies =
        Policies { parameters: Parameters::silent(), names: BTreeMap::new(), ended: Vec::new() };
    let mut problems = Vec::new();
    for (path, text) in files {
        read_file(path, text, &mut policies, &mut problems);
    }
    let Policies { parameters, ended, .. } = &mut policies;
    parameters.each(&mut |param, mut spans| {
        find_overlaps(param, &spans, &mut problems);
        end_superseded(&mut spans);
        end_narrower(param, &mut spans, ended);
        find_gaps(param, &spans, &mut problems);
    });
    problems.sort();
    if problems.is_empty() { Ok(policies) } else { Err(problems) }
}

fn read_file(path: &str, text: &str, policies: &mut Policies, problems: &mut Vec<Problem>) {
    let mut wrong = |line, what: String| problems.push(Problem { file: path.to_owned(), line, what });
    let mut table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => return wrong(line_of(text, error.span()), error.message().to_owned()),
    };
    let mut head = |key| table.remove(key).and_then(|it| it.get_ref().as_str().map(str::to_owned));
    let (Some(code), Some(name)) = (head("region"), head("name")) else {
        return wrong(
            1,
            "the file does not begin with the code (`region`) and the `name` of its region".to_owned(),
        );
    };
    let Some(region) = Area::parse(&code) else {
        return wrong(1, format!("`{code}` is not a region code of six digits"));
    };
    let known = policies.names.entry(region).or_insert_with(|| name.clone());
    if *known != name {
        wrong(1, format!("region {region} is called {known} in another file"));
    }
    for (param, values) in table {
        let line = line_of(text, Some(values.span()));
        let DeValue::Array(values) = values.into_inner() else {
            wrong(line, format!("{param}: its values are written as `[[{param}]]`", param = param.get_ref()));
            continue;
        };
        for value in values {
            let line = line_of(text, Some(value.span()));
            let taken = Entry::deserialize(ValueDeserializer::from(value))
                .map_err(|it| it.message().to_owned())
                .and_then(|it| dated(path, line, it))
                .and_then(|it| policies.parameters.take(param.get_ref(), region, it));
            if let Err(what) = taken {
                wrong(line, format!("{}: {what}", param.get_ref()));
            }
        }
    }
}

fn dated(file: &str, line: usize, entry: Entry) -> Result<Dated<toml::Value>, String> {
    let day = |text: &str| Day::parse(text).ok_or_else(|| format!("`{text}` is not a date like 2025-01-01"));
    let from = day(&entry.from)?;
    let to = entry.to.as_deref().map(day).transpose()?;
    if to.is_some_and(|it| it < from) {
        return Err(format!("its last day lies before its first day {from}"));
    }
    if entry.source.trim().is_empty() {
        return Err("it has no source".to_owned());
    }
    let Entry { value, source: text, certainty, binding_below, note, .. } = entry;
    let source = Source { text, certainty, note, file: file.to_owned(), line };
    Ok(Dated { from, to, value, source, binding_below })
}

/// The line, from 1, in which a span begins.
pub(crate) fn line_of(text: &str, at: Option<Range<usize>>) -> usize {
    let at = at.map_or(0, |it| it.start);
    text.as_bytes().iter().take(at).filter(|it| **it == b'\n').count() + 1
}

/// Two values of one region for one day: neither can be chosen.
fn find_overlaps(param: &str, spans: &[Span<'_>], problems: &mut Vec<Problem>) {
    for pair in spans.windows(2) {
        let [earlier, later] = pair else { continue };
        let open = earlier.to.is_some_and(|to| to >= later.from) || earlier.from == later.from;
        if earlier.region == later.region && open {
            let Source { file, line, .. } = later.source;
            let what =
                format!("{param}: overlaps the value at {}:{}", earlier.source.file, earlier.source.line);
            problems.push(Problem { file: file.clone(), line: *line, what });
        }
    }
}

/// An open value ends where a later one of its region begins.
fn end_superseded(spans: &mut [Span<'_>]) {
    for at in 1..spans.len() {
        let [.., earlier, later] = spans.get_mut(..=at).unwrap_or_default() else { continue };
        if earlier.region == later.region && earlier.to.is_none() {
            *earlier.to = Some(later.from.plus(-1));
        }
    }
}

/// A value marked `binding_below` ends the values of narrower regions that started before it.
fn end_narrower(param: &'static str, spans: &mut [Span<'_>], ended: &mut Vec<Ended>) {
    let binding: Vec<(Area, Day)> =
        spans.iter().filter(|it| it.binding_below).map(|it| (it.region, it.from)).collect();
    for span in spans {
        let ends = binding.iter().filter(|(region, from)| {
            let narrower = span.region != *region && span.region.levels().contains(region);
            narrower && span.from < *from && span.to.is_none_or(|to| to >= *from)
        });
        if let Some(on) = ends.map(|(_, from)| *from).min() {
            *span.to = Some(on.plus(-1));
            ended.push(Ended { param, region: span.region, on, source: span.source.clone() });
        }
    }
}

/// The nation has to speak without a gap, or a day between two of its values would have no law.
fn find_gaps(param: &str, spans: &[Span<'_>], problems: &mut Vec<Problem>) {
    let national: Vec<&Span<'_>> = spans.iter().filter(|it| it.region == Area::NATION).collect();
    if national.is_empty() && !crate::parameters::LOCAL.contains(&param) {
        let what = format!("{param}: the nation says nothing, so some area has no law");
        problems.push(Problem { file: "policies/national/".to_owned(), line: 1, what });
    }
    for pair in national.windows(2) {
        let [earlier, later] = pair else { continue };
        if earlier.to.is_some_and(|to| to.plus(1) < later.from) {
            let Source { file, line, .. } = later.source;
            let what = format!(
                "{param}: no value between this one and {}:{}",
                earlier.source.file, earlier.source.line
            );
            problems.push(Problem { file: file.clone(), line: *line, what });
        }
    }
    if let Some(last) = national.last().filter(|it| it.to.is_some()) {
        let Source { file, line, .. } = last.source;
        let what = format!("{param}: the nation's last value ends and nothing follows");
        problems.push(Problem { file: file.clone(), line: *line, what });
    }
}
