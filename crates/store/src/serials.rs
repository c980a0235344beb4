//! Lanes and the serials they give: month above lane above number, so that what is numbered by them is split by month
//! with plain ranges.

use domain::day::{Day, Moment};
use domain::ids::Serial;

/// Number of a lane, from 1; serials of different lanes never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LaneNo(pub u16);

/// What pages are read for: no lane has this number.
pub(crate) const NO_LANE: LaneNo = LaneNo(0);

/// Serials a lane has for a month: more than the whole nation settles in one. Above them stands the lane, above the
/// lane the month, so that everything numbered by serials is split by month with plain ranges.
const SERIALS_PER_LANE_AND_MONTH: u64 = 1 << 30;

/// How many lanes there are; months, lanes and serials together have fifty bits.
pub const LANES: u16 = 1 << 10;

/// No serial is greater: months go from January 2000 to April 2085.
pub const LAST_SERIAL: Serial = Serial((1 << 50) - 1);

impl LaneNo {
    /// The serials of the lane in a month, counted from January 2000: the first and the last.
    pub fn serials(self, month: u16) -> (Serial, Serial) {
        let first = (u64::from(month) * u64::from(LANES) + u64::from(self.0)) * SERIALS_PER_LANE_AND_MONTH;
        (Serial(first + 1), Serial(first + SERIALS_PER_LANE_AND_MONTH - 1))
    }

    /// The serial after the last one that the lane gave, for a record of this moment; `None` where the lane has none
    /// left this month, or the moment is beyond what serials can say.
    pub fn next(self, last: Option<Serial>, at: Moment) -> Option<Serial> {
        let (first, end) = self.serials(month_of(at.day())?);
        let next = last.filter(|it| *it >= first).map_or(first, |it| Serial(it.0 + 1));
        (next <= end).then_some(next)
    }

    /// The lane that gave a serial.
    pub fn of(serial: Serial) -> LaneNo {
        let lane = serial.0 / SERIALS_PER_LANE_AND_MONTH % u64::from(LANES);
        LaneNo(u16::try_from(lane).expect("there are fewer lanes than that"))
    }
}

/// The month of a serial, counted from January 2000.
pub fn month_of_serial(serial: Serial) -> u16 {
    let month = serial.0 / SERIALS_PER_LANE_AND_MONTH / u64::from(LANES);
    u16::try_from(month).unwrap_or(u16::MAX)
}

/// The month of a day, counted from January 2000; `None` where serials have no room for it.
pub fn month_of(day: Day) -> Option<u16> {
    let months = (i32::from(day.year()) - 2000) * 12 + i32::from(day.month()) - 1;
    u16::try_from(months).ok().filter(|it| *it <= month_of_serial(LAST_SERIAL))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse(text).expect("a moment")
    }

    /// If this fails, two lanes give one serial, or the rows of a month are found in another month's part.
    #[test]
    fn a_serial_says_its_month_and_lane() {
        let lane = LaneNo(7);
        let first = lane.next(None, at("2026-11-22 10:00")).expect("room");
        let second = lane.next(Some(first), at("2026-11-30 23:59")).expect("room");
        let december = lane.next(Some(second), at("2026-12-01 00:00")).expect("room");
        assert_eq!(second.0, first.0 + 1);
        for (serial, month) in [(first, 322), (second, 322), (december, 323)] {
            assert_eq!((LaneNo::of(serial), month_of_serial(serial)), (lane, month), "{serial}");
        }
        let others = [LaneNo(6), LaneNo(8)].map(|it| it.next(None, at("2026-11-22 10:00")).expect("room"));
        assert!(others[0] < first && second < others[1] && others[1] < december);
    }

    /// If this fails, a lane that is full goes on into its neighbour's serials.
    #[test]
    fn a_lane_that_is_full_waits_for_the_next_month() {
        let now = at("2026-11-22 10:00");
        let (_, end) = LaneNo(1).serials(322);
        assert_eq!(LaneNo(1).next(Some(end), now), None);
        assert!(LaneNo(1).next(Some(end), at("2026-12-01 00:00")).is_some());
        assert_eq!(LaneNo(1).next(None, at("1999-12-31 10:00")), None);
        assert_eq!(LaneNo(1).next(None, at("2085-05-01 10:00")), None);
        assert!(LaneNo(LANES - 1).serials(month_of_serial(LAST_SERIAL)).1 <= LAST_SERIAL);
    }
}
