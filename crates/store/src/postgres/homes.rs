//! Where rows live: on a single server in one home, spread over many in the home of the lane that gave a number.

use crate::LaneNo;
use domain::ids::{PersonNo, Serial};
use std::collections::{BTreeMap, BTreeSet};

/// How the rows of a store are spread over homes. It is chosen once for a database and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// One home: a single server.
    One,
    /// Each lane has a home, which holds all that was numbered by it: many servers.
    ByLane,
}

impl Spread {
    /// The home of what a lane writes.
    pub(super) fn of_lane(self, lane: LaneNo) -> i16 {
        match self {
            Spread::One => 0,
            Spread::ByLane => i16::try_from(lane.0).expect("there are fewer lanes than that"),
        }
    }

    /// The home of a record.
    pub(super) fn of_serial(self, serial: Serial) -> i16 {
        self.of_lane(LaneNo::of(serial))
    }

    /// The home of what has this number: a person, a binding, a visit, a settlement.
    pub(super) fn of_number(self, number: u64) -> i16 {
        self.of_serial(Serial::creator_of(number))
    }

    /// The homes of what two people share.
    pub(super) fn of_both(self, people: [PersonNo; 2]) -> BTreeSet<i16> {
        people.into_iter().map(|it| self.of_number(it.0)).collect()
    }
}

/// Things by the homes they live in.
pub(super) type ByHome<T> = BTreeMap<i16, Vec<T>>;

/// Things by their home.
pub(super) fn by_home<T>(things: impl IntoIterator<Item = (i16, T)>) -> ByHome<T> {
    let mut homes = ByHome::new();
    for (home, thing) in things {
        homes.entry(home).or_default().push(thing);
    }
    homes
}
