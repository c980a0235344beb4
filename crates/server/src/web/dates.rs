//! The dates of a release: until when a binding can still be used, when it ends, and from when the two can be bound again.

use super::bound::End;
use crate::rest::Civil;
use domain::day::{Day, Moment};

/// The dates of a release.
pub(crate) struct Dates {
    /// The last day on the whole of which it can be used; none where it ends at once.
    pub(crate) last: Option<Civil>,
    ends: Moment,
    /// From when the two can be bound again, where that is later than the end.
    pub(crate) free: Option<Civil>,
    /// Whether the last day is the day on which the page is read.
    pub(crate) today: bool,
}

impl Dates {
    /// Of the end of a binding, as it is read now.
    pub(crate) fn read_at(now: Moment, end: &End) -> Dates {
        Dates::of(now, end.at.moment(), end.free_from.map(|it| it.0))
    }

    fn of(now: Moment, ends: Moment, free: Option<Day>) -> Dates {
        let midnight = ends.day().start() == ends;
        let last = midnight.then(|| ends.day().plus(-1));
        let free = free.filter(|it| it.start() > ends);
        Dates { last: last.map(Civil), ends, free: free.map(Civil), today: last == Some(now.day()) }
    }

    /// Of the end of a binding, as they stand on paper: a paper is read on other days, too.
    pub(crate) fn on_paper(end: &End) -> Dates {
        Dates { today: false, ..Dates::read_at(end.at.moment(), end) }
    }

    /// When it ends.
    pub(crate) fn ends(&self) -> Moment {
        self.ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a receipt promises that two can be bound again on the day of the end where the area lets them wait
    /// longer, or says twice what is one date (R-D6).
    #[test]
    fn the_day_to_bind_again_stands_apart_where_it_is_later() {
        let moment = |text: &str| Moment::parse(text).expect("a moment");
        let day = |text: &str| Day::parse(text).expect("a day");
        let now = moment("2025-06-16 10:00");
        for (ends, free, last, shown) in [
            ("2025-06-17 00:00", "2025-06-17", Some("2025-06-16"), None),
            ("2025-06-17 00:00", "2025-06-19", Some("2025-06-16"), Some("2025-06-19")),
            ("2025-06-16 10:00", "2025-06-17", None, Some("2025-06-17")),
            ("2025-06-16 10:00", "2025-06-16", None, None),
        ] {
            let dates = Dates::of(now, moment(ends), Some(day(free)));
            let days = (dates.last.map(|it| it.0), dates.free.map(|it| it.0));
            assert_eq!(days, (last.map(day), shown.map(day)), "{ends} {free}");
            assert_eq!(dates.today, last.is_some());
        }
    }
}
