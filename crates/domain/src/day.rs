//! Days, months and moments. A day is a China Standard Time civil day; a moment is an instant.
//! The two are different types because they answer different questions: the service day
//! picks the law, the moment of commit orders the books.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// China Standard Time is eight hours ahead of UTC, without daylight saving since 1991.
const CST_OFFSET_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// A civil day of China Standard Time, counted in days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day(i32);

impl Day {
    /// The day of this calendar date; `None` where no such date exists or the year is not 1800 to 2999.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Day> {
        let in_reach = (1800..=2999).contains(&year);
        in_reach.then(|| Date::new(year, month, day).ok()).flatten().map(Day::from_date)
    }

    /// Reads `2025-06-16`, the only written form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Day> {
        let plain = text.len() == 10 && text.bytes().all(|it| it.is_ascii_digit() || it == b'-');
        let part = |range| text.get(range).and_then(|it: &str| it.parse().ok());
        let year: i16 = plain.then(|| part(0..4)).flatten()?;
        let month = i8::try_from(part(5..7)?).ok()?;
        let day = i8::try_from(part(8..10)?).ok()?;
        Day::new(year, month, day)
    }

    fn from_date(date: Date) -> Day {
        Day((date - Date::constant(1970, 1, 1)).get_days())
    }

    fn date(self) -> Date {
        let days = jiff::Span::new().days(self.0);
        Date::constant(1970, 1, 1).checked_add(days).expect("a Day lies between 1800 and 2999")
    }

    /// The calendar year.
    pub fn year(self) -> i16 {
        self.date().year()
    }

    /// The calendar month, 1 to 12.
    pub fn month(self) -> i8 {
        self.date().month()
    }

    /// The day of the month, 1 to 31.
    pub fn day_of_month(self) -> i8 {
        self.date().day()
    }

    /// The day of the week, 1 for Monday to 7 for Sunday.
    pub fn weekday(self) -> u8 {
        self.date().weekday().to_monday_one_offset().unsigned_abs()
    }

    /// The day `days` later (earlier where negative), held between 1800 and 2999.
    pub fn plus(self, days: i32) -> Day {
        let first = Date::constant(1800, 1, 1);
        let last = Date::constant(2999, 12, 31);
        Day(self.0.saturating_add(days).clamp(Day::from_date(first).0, Day::from_date(last).0))
    }

    /// The same day of the month `months` later, or that month's last day.
    pub fn plus_months(self, months: i32) -> Day {
        self.date().checked_add(jiff::Span::new().months(months)).map_or(self, Day::from_date)
    }

    /// How many days lie between `earlier` and this day.
    pub fn days_since(self, earlier: Day) -> i32 {
        self.0 - earlier.0
    }

    /// 00:00 of this day.
    pub fn start(self) -> Moment {
        Moment(i64::from(self.0) * DAY_MS - CST_OFFSET_MS)
    }

    /// Completed years of age on this day of someone born on `born`.
    pub fn age_of(self, born: Day) -> u16 {
        let (now, then) = (self.date(), born.date());
        let before_birthday = (now.month(), now.day()) < (then.month(), then.day());
        let years = now.year() - then.year() - i16::from(before_birthday);
        u16::try_from(years).unwrap_or(0)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.date();
        write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A calendar month of China Standard Time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    first: Day,
}

impl Month {
    /// The month that a day lies in.
    pub fn of(day: Day) -> Month {
        Month { first: day.plus(1 - i32::from(day.day_of_month())) }
    }

    /// Reads `2025-06`, the only written form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Month> {
        Day::parse(&format!("{text}-01")).map(|first| Month { first })
    }

    /// Its first day.
    pub fn first(self) -> Day {
        self.first
    }

    /// The month so many months later (earlier where negative).
    pub fn plus(self, months: i32) -> Month {
        Month { first: self.first.plus_months(months) }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An instant, in milliseconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Moment(i64);

impl Moment {
    /// The instant so many milliseconds after the start of 1970 (UTC), held between the years 1800 and 2999.
    pub fn from_millis(millis: i64) -> Moment {
        let first = Day::new(1800, 1, 1).expect("in reach").start().0;
        let last = Day::new(2999, 12, 31).expect("in reach").start().0;
        Moment(millis.clamp(first, last))
    }

    /// Milliseconds since 1970-01-01 00:00 UTC.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// The China Standard Time day this instant lies in.
    pub fn day(self) -> Day {
        let days = (self.0 + CST_OFFSET_MS).div_euclid(DAY_MS);
        Day(i32::try_from(days).expect("a Moment lies between 1800 and 2999"))
    }

    /// Reads `2025-06-16 10:00:00` or `2025-06-16 10:00` (China Standard Time); `None` for anything else.
    pub fn parse(text: &str) -> Option<Moment> {
        let (day, time) = text.split_once([' ', 'T'])?;
        let day = Day::parse(day)?;
        let parts: Vec<&str> = time.split(':').collect();
        let two_digits = parts.iter().all(|it| it.len() == 2 && it.bytes().all(|b| b.is_ascii_digit()));
        if !two_digits || !(2..=3).contains(&parts.len()) {
            return None;
        }
        let number = |at: usize| parts.get(at).map_or(Some(0), |it| it.parse::<i64>().ok());
        let (hour, minute, second) = (number(0)?, number(1)?, number(2)?);
        let valid = hour < 24 && minute < 60 && second < 60;
        valid.then(|| Moment(day.start().0 + ((hour * 60 + minute) * 60 + second) * 1000))
    }

    /// The instant `millis` later (earlier where negative).
    pub fn plus_millis(self, millis: i64) -> Moment {
        Moment::from_millis(self.0.saturating_add(millis))
    }

    /// Hour, minute, second and millisecond of the China Standard Time day.
    pub fn time_of_day(self) -> (i64, i64, i64, i64) {
        let millis = (self.0 + CST_OFFSET_MS).rem_euclid(DAY_MS);
        (millis / 3_600_000, millis / 60_000 % 60, millis / 1000 % 60, millis % 1000)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second, _) = self.time_of_day();
        write!(f, "{} {hour:02}:{minute:02}:{second:02}", self.day())
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_one_way_and_read_back() {
        for text in ["1900-02-28", "1969-12-31", "1970-01-01", "2000-02-29", "2025-06-16", "2999-12-31"] {
            assert_eq!(Day::parse(text).map(|it| it.to_string()).as_deref(), Some(text));
        }
        for text in ["2025-6-16", "2025-02-29", "20250616", "2025-06-16 ", "９０２５-06-16", "", "2025/06/16"]
        {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    /// If this fails, a month is asked for in one form and answered in another, or begins on another day than its first.
    #[test]
    fn a_month_is_written_one_way_and_read_back() {
        for (day, month, before, after) in [
            ("2025-06-16", "2025-06", "2025-05", "2025-07"),
            ("2025-01-31", "2025-01", "2024-12", "2025-02"),
            ("2024-12-01", "2024-12", "2024-11", "2025-01"),
            ("2024-02-29", "2024-02", "2024-01", "2024-03"),
        ] {
            let it = Month::of(Day::parse(day).expect("valid"));
            assert_eq!(
                [it.to_string(), it.plus(-1).to_string(), it.plus(1).to_string()],
                [month, before, after]
            );
            assert_eq!((Month::parse(month), it.first().to_string()), (Some(it), format!("{month}-01")));
            assert!(it.plus(-1) < it && it < it.plus(1));
        }
        for text in ["2025-6", "2025-13", "2025-00", "2025", "202506", "2025-06-", "2025-06-01", ""] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
    }

    #[test]
    fn midnight_of_china_standard_time_divides_the_days() {
        let before = Moment::parse("2025-06-16 23:59:59").expect("valid");
        let after = Moment::parse("2025-06-17 00:00").expect("valid");
        assert_eq!(before.day().to_string(), "2025-06-16");
        assert_eq!(after.day().to_string(), "2025-06-17");
        assert_eq!(after.millis() - before.millis(), 1000);
        assert_eq!(after.to_string(), "2025-06-17 00:00:00");
    }

    #[test]
    fn age_counts_completed_years() {
        let born = Day::new(2009, 6, 17).expect("valid");
        assert_eq!(Day::new(2025, 6, 16).expect("valid").age_of(born), 15);
        assert_eq!(Day::new(2025, 6, 17).expect("valid").age_of(born), 16);
    }
}
