//! An institution's own codes and the national codes it declared for them with 3301: the remedy for "not mapped".

use crate::day::Day;
use std::collections::BTreeMap;

/// What one institution declared. A later declaration ends an earlier one from its own first day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnCodes(BTreeMap<String, BTreeMap<Day, Declared>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Declared {
    national: String,
    last_day: Option<Day>,
}

impl OwnCodes {
    /// Takes down that `own` means the national code `national` from `first_day` up to `last_day`, or until
    /// another declaration; one with the same first day is replaced.
    pub fn declare(&mut self, own: &str, national: &str, first_day: Day, last_day: Option<Day>) {
        let declared = Declared { national: national.to_owned(), last_day };
        self.0.entry(own.to_owned()).or_default().insert(first_day, declared);
    }

    /// The national code of `own` on this day; `None` where the institution has declared nothing for it (R-J4).
    pub fn national(&self, own: &str, day: Day) -> Option<&str> {
        let (_, declared) = self.0.get(own)?.range(..=day).next_back()?;
        let in_force = declared.last_day.is_none_or(|last| day <= last);
        in_force.then_some(declared.national.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R-J4: if this fails, a bill is judged by a declaration that was not in force on its day.
    #[test]
    #[rustfmt::skip]
    fn the_declaration_of_the_day_counts() {
        let day = |text| Day::parse(text).expect("valid");
        let mut codes = OwnCodes::default();
        codes.declare("Y001", "XA", day("2025-01-01"), None);
        codes.declare("Y001", "XB", day("2025-03-01"), Some(day("2025-06-30")));
        codes.declare("Y002", "XC", day("2025-01-01"), None);
        codes.declare("Y002", "XD", day("2025-01-01"), None);
        let cases = [
            ("先于首日",   "Y001", "2024-12-31", None),
            ("首日",       "Y001", "2025-01-01", Some("XA")),
            ("后一条生效", "Y001", "2025-03-01", Some("XB")),
            ("末日",       "Y001", "2025-06-30", Some("XB")),
            ("到期不回头", "Y001", "2025-07-01", None),
            ("同日重报",   "Y002", "2025-02-01", Some("XD")),
            ("未对照",     "Y003", "2025-02-01", None),
        ];
        for (name, own, on, expected) in cases {
            assert_eq!(codes.national(own, day(on)), expected, "{name}");
        }
    }
}
