//! What the law said on a day, and where: values by parameter, region and day, each with its source.
//! Silence is a refusal, never a zero.

use crate::day::Day;
use crate::ids::Area;
use crate::words::Certainty;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names one value of the law: which parameter, whose, since when. Together with the digest of the law book
/// it leads back to the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cite {
    /// Position of the parameter in [`crate::parameters::NAMES`]; positions are never reused.
    pub param: u8,
    /// The level that spoke: the area, its province, or the nation.
    pub region: Area,
    /// The value's first day.
    pub from: Day,
}

/// Where a value stands in the policy files, and who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Document, article or page, and date.
    pub text: String,
    /// How sure it is.
    pub certainty: Certainty,
    /// A remark for readers, may be empty.
    pub note: String,
    /// The policy file.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
}

/// A value with the days it is in force.
#[derive(Debug, Clone)]
pub struct Dated<T> {
    /// First day in force.
    pub from: Day,
    /// Last day in force, `None` where it has not ended.
    pub to: Option<Day>,
    /// What was said.
    pub value: T,
    /// Who said it.
    pub source: Source,
    /// Whether it ended the narrower values of its parameter on its first day.
    pub binding_below: bool,
}

/// A value of the law, found for an area and a day, with what names it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a, T> {
    /// The value.
    pub value: &'a T,
    /// What names it.
    pub cite: Cite,
}

/// Nobody, from the area up to the nation, said anything about a parameter on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silent {
    /// Position of the parameter in [`crate::parameters::NAMES`].
    pub param: u8,
    /// Whose policy was asked.
    pub area: Area,
    /// The day asked about.
    pub day: Day,
}

/// One parameter of the law: for each region the values it has had, days strictly ascending, no two on one day.
#[derive(Debug, Clone)]
pub struct Param<T> {
    number: u8,
    by_region: BTreeMap<Area, Vec<Dated<T>>>,
}

impl<T> Param<T> {
    /// A parameter that nobody has spoken about yet.
    pub(crate) fn new(number: u8) -> Param<T> {
        Param { number, by_region: BTreeMap::new() }
    }

    pub(crate) fn push(&mut self, region: Area, value: Dated<T>) {
        let values = self.by_region.entry(region).or_default();
        let at = values.partition_point(|it| it.from <= value.from);
        values.insert(at, value);
    }

    pub(crate) fn sources(&self) -> impl Iterator<Item = &Source> {
        self.by_region.values().flatten().map(|it| &it.source)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = (Area, &mut Vec<Dated<T>>)> {
        self.by_region.iter_mut().map(|(region, values)| (*region, values))
    }

    /// What the law said for this area on this day: the nearest level that said something.
    ///
    /// # Errors
    /// [`Silent`] where no level did.
    pub fn on(&self, area: Area, day: Day) -> Result<Found<'_, T>, Silent> {
        let spoken = area.levels().into_iter().find_map(|region| self.spoken(region, day));
        spoken.ok_or(Silent { param: self.number, area, day })
    }

    fn spoken(&self, region: Area, day: Day) -> Option<Found<'_, T>> {
        let values = self.by_region.get(&region)?;
        let next = values.partition_point(|it| it.from <= day);
        let last = values.get(next.checked_sub(1)?)?;
        let in_force = last.to.is_none_or(|to| day <= to);
        let cite = Cite { param: self.number, region, from: last.from };
        in_force.then_some(Found { value: &last.value, cite })
    }

    /// The value that a cite names, with its source.
    pub fn cited(&self, cite: Cite) -> Option<&Dated<T>> {
        self.by_region.get(&cite.region)?.iter().find(|it| it.from == cite.from)
    }

    /// The next day after `day` on which the law changes for this area, at any level, if one is known.
    pub fn change_after(&self, area: Area, day: Day) -> Option<Day> {
        let days = |region| self.by_region.get(&region).into_iter().flatten();
        let starts_and_ends = area
            .levels()
            .into_iter()
            .flat_map(days)
            .flat_map(|it: &Dated<T>| [Some(it.from), it.to.map(|to| to.plus(1))]);
        starts_and_ends.flatten().filter(|it| *it > day).min()
    }
}
