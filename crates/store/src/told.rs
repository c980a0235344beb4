//! What a lane told people, read on by its serials: messages, and settlements that relatives' money paid a part of. Whoever
//! carries messages out of the house keeps the last serial it has done, and goes on after it.

use crate::{LaneNo, month_of_serial};
use domain::decision::{Notice, Turn};
use domain::facts::Settlement;
use domain::ids::{PER_REQUEST, Serial};

/// For each settlement that is wanted so many are looked at: where relatives pay hardly anything, a page ends there and says
/// so, and nobody waits for a month to be read. More than a request creates, so that each page comes further.
const LOOKED_AT: u32 = 20;

/// Serials of one lane and month, both ends included, and of each kind how many at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first serial.
    pub from: Serial,
    /// The last serial.
    pub to: Serial,
    /// How many messages, and how many settlements, at most: one or more.
    pub limit: u32,
}

/// What was told within a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// All that was told up to this serial is here. Before the span where even its first serial told more than was asked for.
    pub upto: Serial,
    /// Messages, in the order they were decided.
    pub notices: Vec<(Turn, Notice)>,
    /// Settlements and cancellations with money of relatives, by number.
    pub settlements: Vec<Settlement>,
}

impl Span {
    /// What is left of a lane's turns after a serial, up to its last: as far as the end of the month. `None` where nothing is.
    pub fn after(done: Serial, last: Serial, limit: u32) -> Option<Span> {
        if done >= last {
            return None;
        }
        let lane = LaneNo::of(last);
        let end = lane.serials(month_of_serial(done)).1;
        let from = if done < end { Serial(done.0 + 1) } else { lane.serials(month_of_serial(done) + 1).0 };
        Some(Span { from, to: last.min(lane.serials(month_of_serial(from)).1), limit })
    }

    /// The numbers of settlements in it: the first and the last.
    pub(crate) fn numbers(&self) -> (u64, u64) {
        (self.from.creates(0), self.to.creates(PER_REQUEST - 1))
    }

    /// How many settlements are looked at for one page, whether relatives paid a part of them or not.
    pub(crate) fn looked_at(&self) -> u32 {
        self.limit.max(1).saturating_mul(LOOKED_AT)
    }

    /// As much of it as lies before this settlement, which is left with all of its serial for the next time.
    pub(crate) fn before(&self, next: Option<u64>) -> Span {
        let end = next.map_or(self.to, |it| Serial(Serial::creator_of(it).0 - 1));
        Span { to: end.min(self.to), ..*self }
    }

    pub(crate) fn limit(&self) -> usize {
        usize::try_from(self.limit).unwrap_or(usize::MAX)
    }

    /// What was read of it, at most as many of each kind as are wanted. Where a kind is cut off, its last serial may not be
    /// whole: it is left for the next time, of both kinds.
    pub(crate) fn told(&self, notices: Vec<(Turn, Notice)>, settlements: Vec<Settlement>) -> Told {
        let of_notice = |(turn, _): &(Turn, Notice)| turn.serial;
        let of_settlement = |it: &Settlement| Serial::creator_of(it.no.0);
        let cut = |read: usize, last: Option<Serial>| last.filter(|_| read >= self.limit());
        let cuts = [
            cut(notices.len(), notices.last().map(of_notice)),
            cut(settlements.len(), settlements.last().map(of_settlement)),
        ];
        let upto = cuts.into_iter().flatten().map(|it| Serial(it.0 - 1)).min().unwrap_or(self.to);
        Told {
            upto,
            notices: notices.into_iter().filter(|it| of_notice(it) <= upto).collect(),
            settlements: settlements.into_iter().filter(|it| of_settlement(it) <= upto).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, who reads on stands still at the end of a month, or reads another lane's turns for its own.
    #[test]
    fn reading_goes_on_from_month_to_month() {
        let lane = LaneNo(3);
        let (first, end) = lane.serials(322);
        let (next, _) = lane.serials(323);
        let last = Serial(next.0 + 5);
        let span = |done, last| Span::after(done, last, 9).map(|it| (it.from, it.to));
        for (done, last, wanted) in [
            (Serial(first.0 - 1), Serial(first.0 + 7), Some((first, Serial(first.0 + 7)))),
            (Serial(first.0 + 7), Serial(first.0 + 7), None),
            (Serial(first.0 + 7), last, Some((Serial(first.0 + 8), end))),
            (end, last, Some((next, last))),
            (last, last, None),
        ] {
            assert_eq!(span(done, last), wanted, "{done} {last}");
        }
    }
}
