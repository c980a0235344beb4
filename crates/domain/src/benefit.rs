//! What the pooled fund pays: deductible, shares by band, ceiling, as the law of an area words them.

use crate::money::{Fen, Share};
use crate::words::{Category, FundKind, Level, Period};
use serde::{Deserialize, Deserializer};

/// The benefits of one scheme at one kind of place, or for stays.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benefit {
    /// What the patient bears before the fund pays; absent where the fund pays from the first fen.
    pub deductible: Option<Deductible>,
    /// The fund's shares by the year's cumulated in-scope amount above the deductible, lowest band first.
    /// Empty: the fund pays nothing.
    #[serde(default)]
    pub bands: Vec<Band>,
    /// The most the fund pays in a calendar year, first row that applies; no row: no ceiling.
    #[serde(default)]
    pub ceilings: Vec<When<Fen>>,
    /// The most the fund pays in a calendar year for out-patient care and stays together, first row that applies.
    #[serde(default)]
    pub joint_ceilings: Vec<When<Fen>>,
    /// Shanghai's order: current-year money of the own account pays before deductible and shares apply.
    #[serde(default)]
    pub account_pays_before: bool,
}

/// A deductible (起付线) and the time it is counted over. Where it depends on the level, what was already
/// borne in the period counts against the amount of the level: climbing a level tops up the difference.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deductible {
    /// Counted by year, by month, or for each visit.
    pub period: Period,
    /// The amount, first row that applies; no row: none.
    pub rows: Vec<When<Fen>>,
}

/// A band of the year's cumulated in-scope amount.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Where the band starts, in yuan.
    #[serde(deserialize_with = "yuan")]
    pub above: Fen,
    /// Which fund pays in it.
    #[serde(default = "basic")]
    pub fund: FundKind,
    /// The fund's share, first row that applies; no row: nothing.
    pub shares: Vec<When<Share>>,
}

/// A value for those whom its conditions fit; an absent condition fits everybody.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Row", bound = "When<T>: TryFrom<Row, Error = String>")]
pub struct When<T> {
    /// Levels of institutions.
    pub level: Option<Vec<Level>>,
    /// Categories of members.
    pub category: Option<Vec<Category>>,
    /// Completed years of age, at least.
    pub age_from: Option<u16>,
    /// Whether a family-doctor contract is in force.
    pub contract: Option<bool>,
    /// Which stay of the year it is, at least: 2 for the second and all after it. Never fits what is no stay.
    pub stay_from: Option<u16>,
    /// The value.
    pub value: T,
}

/// A row as policy files write it: conditions, and `yuan = "1200.00"` or `percent = "60"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    level: Option<Vec<Level>>,
    category: Option<Vec<Category>>,
    age_from: Option<u16>,
    contract: Option<bool>,
    stay_from: Option<u16>,
    yuan: Option<String>,
    percent: Option<String>,
}

impl Row {
    fn with<T>(self, value: T) -> When<T> {
        let Row { level, category, age_from, contract, stay_from, .. } = self;
        When { level, category, age_from, contract, stay_from, value }
    }
}

impl TryFrom<Row> for When<Fen> {
    type Error = String;

    fn try_from(row: Row) -> Result<When<Fen>, String> {
        match (&row.yuan, &row.percent) {
            (Some(text), None) => parse_yuan(text).map(|it| row.with(it)),
            _ => Err("this row takes `yuan` and no `percent`".to_owned()),
        }
    }
}

impl TryFrom<Row> for When<Share> {
    type Error = String;

    fn try_from(row: Row) -> Result<When<Share>, String> {
        match (&row.yuan, &row.percent) {
            (None, Some(text)) => parse_percent(text).map(|it| row.with(it)),
            _ => Err("this row takes `percent` and no `yuan`".to_owned()),
        }
    }
}

/// Whom a benefit is looked up for.
#[derive(Debug, Clone, Copy)]
pub struct Whom {
    /// Level of the institution.
    pub level: Level,
    /// Category of the member.
    pub category: Category,
    /// Completed years of age on the service day.
    pub age: u16,
    /// Whether a family-doctor contract is in force.
    pub contract: bool,
    /// Which stay of the year it is, from 1; 0: it is no stay.
    pub stay: u16,
}

impl<T: Copy> When<T> {
    fn fits(&self, whom: Whom) -> bool {
        self.level.as_ref().is_none_or(|it| it.contains(&whom.level))
            && self.category.as_ref().is_none_or(|it| it.contains(&whom.category))
            && self.age_from.is_none_or(|it| whom.age >= it)
            && self.contract.is_none_or(|it| it == whom.contract)
            && self.stay_from.is_none_or(|it| whom.stay >= it.max(1))
    }
}

/// The value of the first row that fits.
pub fn first_fit<T: Copy>(rows: &[When<T>], whom: Whom) -> Option<T> {
    rows.iter().find(|it| it.fits(whom)).map(|it| it.value)
}

fn basic() -> FundKind {
    FundKind::Basic
}

/// Reads an amount in yuan from its text.
pub(crate) fn yuan<'de, D: Deserializer<'de>>(from: D) -> Result<Fen, D::Error> {
    parse_yuan(&String::deserialize(from)?).map_err(serde::de::Error::custom)
}

/// Reads a percentage from its text.
pub(crate) fn percent<'de, D: Deserializer<'de>>(from: D) -> Result<Share, D::Error> {
    parse_percent(&String::deserialize(from)?).map_err(serde::de::Error::custom)
}

fn parse_yuan(text: &str) -> Result<Fen, String> {
    Fen::parse(text).ok_or_else(|| format!("`{text}` is not an amount in yuan"))
}

fn parse_percent(text: &str) -> Result<Share, String> {
    Share::parse_percent(text).ok_or_else(|| format!("`{text}` is not a percentage of 0 to 100"))
}
