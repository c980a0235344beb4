//! How many refusals an institution gets in a minute before it has to wait: each is stored for ever, so software
//! that sends nonsense in a loop must not fill the books.

use domain::day::Moment;
use domain::ids::InstitutionCode;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Ten a second: far more than a large hospital has on its worst day.
const MOST_A_MINUTE: u32 = 600;

/// Refusals of the running minute, by institution. Only authenticated institutions are in it, so it stays small.
#[derive(Debug)]
pub struct Refusals {
    most: u32,
    counted: Mutex<(i64, BTreeMap<InstitutionCode, u32>)>,
}

impl Default for Refusals {
    fn default() -> Refusals {
        Refusals::most(MOST_A_MINUTE)
    }
}

impl Refusals {
    fn most(most: u32) -> Refusals {
        Refusals { most, counted: Mutex::default() }
    }

    /// Counts a refusal.
    pub(super) fn count(&self, institution: InstitutionCode, at: Moment) {
        self.in_minute(at, |counted| *counted.entry(institution).or_default() += 1);
    }

    /// Whether an institution has to wait for the next minute.
    pub(super) fn are_too_many(&self, institution: InstitutionCode, at: Moment) -> bool {
        self.in_minute(at, |counted| counted.get(&institution).is_some_and(|it| *it >= self.most))
    }

    fn in_minute<R>(&self, at: Moment, what: impl FnOnce(&mut BTreeMap<InstitutionCode, u32>) -> R) -> R {
        let mut counted = self.counted.lock().expect("no code panics while it holds the counts");
        let minute = at.millis().div_euclid(60_000);
        if counted.0 != minute {
            *counted = (minute, BTreeMap::new());
        }
        what(&mut counted.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, one institution's broken software fills the books, or silences its neighbours.
    #[test]
    fn refusals_are_counted_by_institution_and_minute() {
        let code = |text| InstitutionCode::parse(text).expect("valid");
        let (one, other) = (code("H32030000001"), code("P32030000001"));
        let at = Moment::from_millis(120_000);
        let refusals = Refusals::most(2);
        assert!(!refusals.are_too_many(one, at));
        refusals.count(one, at);
        assert!(!refusals.are_too_many(one, at));
        refusals.count(one, at.plus_millis(59_999));
        assert!(refusals.are_too_many(one, at.plus_millis(59_999)));
        assert!(!refusals.are_too_many(other, at));
        assert!(!refusals.are_too_many(one, at.plus_millis(60_000)), "a new minute");
    }
}
