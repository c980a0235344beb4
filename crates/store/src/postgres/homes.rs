//! Where rows live: on a single server in one home, spread over many in the home of the lane that gave a number.

use super::session::{Param, Session, sql};
use crate::cells::{Cells as _, Read};
use crate::{Fault, LaneNo};
use domain::ids::{Area, Digest, Lookup, PersonNo, Serial};
use domain::trace::TraceCode;
use std::collections::{BTreeMap, BTreeSet};

/// How many homes there are for claims: of lookups, and of packs that are sold.
const CLAIMS: u8 = 64;

/// From here on numbers are those of packs: people have theirs from serials, far below.
const PACKS: u64 = 1 << 62;

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

    /// The home where a lookup is claimed: one for all lanes, so that nobody is taken in twice.
    pub(super) fn of_claim(self, lookup: &Lookup) -> i16 {
        match self {
            Spread::One => 0,
            Spread::ByLane => -1 - i16::from(lookup.0[0] % CLAIMS),
        }
    }

    /// The home of a pack by its trace code: one for all lanes, so that no pack is sold twice.
    pub(super) fn of_trace(self, code: &TraceCode) -> i16 {
        self.guard_of(code).0
    }

    /// The homes that packs have.
    pub(super) fn of_traces(self) -> impl Iterator<Item = i16> {
        let claims = match self {
            Spread::One => 0..=0,
            Spread::ByLane => -i16::from(CLAIMS)..=-1,
        };
        claims.into_iter()
    }

    /// Where the version of a pack is: in its home, under a number of its own that no person has. Two packs of one number
    /// would wait for each other and do no harm.
    pub(super) fn guard_of(self, code: &TraceCode) -> (i16, PersonNo) {
        let Digest(hash) = Digest::of(&[code.as_str().as_bytes()]);
        let mut number = [0; 8];
        number.copy_from_slice(&hash[1..9]);
        let number = (u64::from_be_bytes(number) >> 2) | PACKS;
        let home = match self {
            Spread::One => 0,
            Spread::ByLane => -1 - i16::from(hash[0] % CLAIMS),
        };
        (home, PersonNo(number))
    }

    /// Whether a version under this number is that of a pack.
    pub(super) fn is_of_pack(number: PersonNo) -> bool {
        number.0 >= PACKS
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

/// The lane that serves an area; where none does, the one of these that serves the fewest does from now on.
pub(super) async fn lane_of(session: &Session, area: Area, among: &[LaneNo]) -> Read<LaneNo> {
    let area = i32::try_from(area.number()).expect("areas have six digits");
    let among: Vec<i16> = among.iter().map(|it| Spread::ByLane.of_lane(*it)).collect();
    let known: [Param<'_>; 1] = [&area];
    let row = |it: &mut super::cells::Columns<'_>| Ok(LaneNo(it.next()?));
    if let Some(lane) = session.row(sql!("lane_of_area"), &known, row).await? {
        return Ok(lane);
    }
    session.run(sql!("serve_area"), &[&area, &among]).await?;
    let lane = session.row(sql!("lane_of_area"), &known, row).await?;
    lane.ok_or_else(|| Fault::Unavailable("there is no lane for an area".to_owned()))
}
