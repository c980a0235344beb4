//! When bills are due that come at a rate of their own, whether the server keeps up or not.

/// Bills fall due on beats of a quarter of a millisecond: as fine as a sleeping thread can keep.
pub const BEAT: u64 = 250_000;
const SECOND: u128 = 1_000_000_000;

/// So many a second, evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timetable {
    rate: u64,
}

impl Timetable {
    /// So many bills a second, at least one.
    pub fn new(rate: u64) -> Timetable {
        Timetable { rate: rate.max(1) }
    }

    /// When a bill is due, in nanoseconds after the start; bills are counted from 0.
    pub fn due(&self, bill: u64) -> u64 {
        let beats = (u128::from(bill) * SECOND).div_ceil(u128::from(self.rate) * u128::from(BEAT));
        u64::try_from(beats).unwrap_or(u64::MAX).saturating_mul(BEAT)
    }

    /// How many bills are due up to so many nanoseconds after the start.
    pub fn due_by(&self, nanos: u64) -> u64 {
        let beat = u128::from(nanos / BEAT * BEAT);
        u64::try_from(beat * u128::from(self.rate) / SECOND).unwrap_or(u64::MAX).saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a server that stalls is asked less meanwhile, and its stalls are not seen.
    #[test]
    fn bills_fall_due_evenly_whatever_the_answers() {
        for rate in [1, 3, 999, 4_000, 7_777, 100_000] {
            let table = Timetable::new(rate);
            assert_eq!((table.due(0), table.due_by(0)), (0, 1), "{rate}");
            let second = 1_000_000_000;
            assert_eq!(table.due_by(10 * second), 10 * rate + 1, "{rate}");
            for bill in (0..2_000).chain([rate * 3_600]) {
                let due = table.due(bill);
                let exact = u128::from(bill) * SECOND / u128::from(rate);
                assert!(
                    u128::from(due) >= exact && u128::from(due) <= exact + u128::from(BEAT),
                    "{rate} {bill}"
                );
                assert!(table.due_by(due) > bill, "{rate} {bill}");
                assert!(due == 0 || table.due_by(due - 1) <= bill, "{rate} {bill}");
            }
        }
    }
}
