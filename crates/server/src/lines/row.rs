//! What is said of a line, column by column. docs/lines.md lists the columns; a test holds the two together.

use super::reading::Part;
use crate::vault::{Vault, hex};
use domain::bill::Basis;
use domain::catalogue::Class;
use domain::day::Moment;
use domain::ids::{PersonNo, Serial};
use domain::money::Fen;
use domain::settled_lines::SettledLine;

/// The columns of every file. Amounts are in fen; they and the count are negative in what undoes a settlement.
pub const COLUMNS: [&str; 29] = [
    "settlement",
    "event",
    "undoes",
    "serial",
    "at",
    "institution",
    "service_day",
    "scheme",
    "med_type",
    "area",
    "purpose",
    "visit",
    "batch",
    "line",
    "line_sn",
    "national_code",
    "own_code",
    "name",
    "class",
    "basis",
    "catalogue_row",
    "count",
    "price_yuan",
    "cost_fen",
    "full_self_fen",
    "over_limit_fen",
    "first_pay_fen",
    "in_scope_fen",
    "price_limit_fen",
];

/// The column that a file has where pseudonyms were asked for.
pub const PATIENT: &str = "patient";

/// How many bytes of a pseudonym are said: two patients of the whole nation do not meet.
const PSEUDONYM: usize = 16;

/// The names of a file's columns.
pub(super) fn header(pseudonyms: bool) -> impl Iterator<Item = &'static str> {
    COLUMNS.into_iter().chain(pseudonyms.then_some(PATIENT))
}

/// The columns of a line, which is the `nth` of its settlement, from 1.
pub(super) fn row(part: &Part, nth: usize, it: &SettledLine, pseudonyms: Option<&Vault>) -> Vec<String> {
    let (of, is_undone) = (&part.settlement, part.settlement.undoes.is_some());
    let sign = if is_undone { "-" } else { "" };
    let amount = |fen: Fen| if fen.is_zero() { "0".to_owned() } else { format!("{sign}{}", fen.get()) };
    let count = if it.line.count.get() == 0 { "" } else { sign };
    let mut row = vec![
        of.no.to_string(),
        if is_undone { "undone" } else { "settled" }.to_owned(),
        of.undoes.map(|it| it.to_string()).unwrap_or_default(),
        Serial::creator_of(of.no.0).to_string(),
        moment(of.at),
        of.institution.to_string(),
        of.service_day.to_string(),
        of.scheme.word().to_owned(),
        of.med_type.clone(),
        of.area.to_string(),
        of.purpose.word().to_owned(),
        of.visit.to_string(),
        of.batch.clone(),
        nth.to_string(),
        it.line.sn.clone(),
        it.code.clone(),
        it.line.own_code.clone(),
        part.name(it).to_owned(),
        class(it.split.basis).to_owned(),
        basis(it.split.basis).to_owned(),
        catalogue_row(part, it.split.basis).to_owned(),
        format!("{count}{}", it.line.count),
        it.line.price.to_string(),
        amount(it.split.cost),
        amount(it.split.full_self),
        amount(it.split.over_limit),
        amount(it.split.first_pay),
        amount(it.split.in_scope),
        it.split.price_limit.map(|it| it.get().to_string()).unwrap_or_default(),
    ];
    row.extend(pseudonyms.map(|it| pseudonym(it, of.patient)));
    row
}

/// Who a patient is, without saying it: the same in every file of an installation, another in every other one. Only who has the
/// installation's keys can tell whose it is.
fn pseudonym(vault: &Vault, patient: PersonNo) -> String {
    hex(&vault.fingerprint("gongji lines: patient", &patient.0.to_be_bytes())[..PSEUDONYM])
}

/// With milliseconds and the offset of China Standard Time, as every database reads it.
fn moment(at: Moment) -> String {
    let (hour, minute, second, millis) = at.time_of_day();
    format!("{}T{hour:02}:{minute:02}:{second:02}.{millis:03}+08:00", at.day())
}

fn class(it: Basis) -> &'static str {
    match it {
        Basis::Row(_, Class::A) | Basis::Service(Class::A) => "甲",
        Basis::Row(_, Class::B) | Basis::Service(Class::B) => "乙",
        Basis::NotInCatalogue | Basis::ServiceOut | Basis::RestrictionNotMet => "",
    }
}

fn basis(it: Basis) -> &'static str {
    match it {
        Basis::Row(..) => "drug",
        Basis::Service(_) => "service",
        Basis::NotInCatalogue => "drug_not_in_catalogue",
        Basis::ServiceOut => "service_not_payable",
        Basis::RestrictionNotMet => "restriction_not_met",
    }
}

fn catalogue_row(part: &Part, it: Basis) -> &str {
    match it {
        Basis::Row(row, _) => part.printed(row),
        Basis::Service(_) | Basis::NotInCatalogue | Basis::ServiceOut | Basis::RestrictionNotMet => "",
    }
}

#[cfg(test)]
mod tests {
    use super::header;

    /// If this fails, an analyst reads about columns that are not in the file, or in another order.
    #[test]
    fn the_columns_are_documented() {
        let page = include_str!("../../../../docs/lines.md");
        let first = |line: &'static str| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name);
        let documented: Vec<&str> = page.lines().filter_map(first).collect();
        assert_eq!(documented, header(true).collect::<Vec<_>>());
    }
}
