//! All records of a store in the order they took effect: lane beside lane, by moment, then by serial.

use domain::ids::Serial;
use domain::ledger::Entry;
use std::collections::{BTreeMap, VecDeque};
use store::{Fault, LAST_SERIAL, LaneNo, Page, Query, Record, Store, month_of_serial};

/// How many records of a lane are read at once.
const SLICE: u32 = 500;

/// A record with the entries that are booked under its serial.
pub(crate) type Booked = (Record, Vec<Entry>);

/// Where a lane is read on.
struct Lane {
    number: LaneNo,
    read: VecDeque<Booked>,
    from: Serial,
    last: Serial,
}

/// A walk over all lanes.
pub(crate) struct Walk(Vec<Lane>);

impl Walk {
    /// A walk from the first record on.
    ///
    /// # Errors
    /// A [`Fault`] where the store cannot be read.
    pub(super) async fn new(store: &dyn Store) -> Result<Walk, Fault> {
        let Page::Lanes(lanes) = store.page(&Query::Lanes).await? else { return Err(Fault::other_page()) };
        Walk::between(store, &BTreeMap::new(), lanes.into_iter().collect()).await
    }

    /// A walk over what is after some serials of lanes, up to the last of each lane.
    ///
    /// # Errors
    /// A [`Fault`] where the store cannot be read.
    pub(crate) async fn between(
        store: &dyn Store,
        after: &BTreeMap<LaneNo, Serial>,
        last: BTreeMap<LaneNo, Serial>,
    ) -> Result<Walk, Fault> {
        let query = Query::Records { from: Serial(0), to: LAST_SERIAL, limit: 1 };
        let Page::Records(first) = store.page(&query).await? else { return Err(Fault::other_page()) };
        let Some(first) = first.first() else { return Ok(Walk(Vec::new())) };
        let month = month_of_serial(first.turn.serial);
        let start = |(number, last): (LaneNo, Serial)| {
            let from = after.get(&number).map_or(number.serials(month).0, |it| Serial(it.0 + 1));
            Lane { number, read: VecDeque::new(), from, last }
        };
        let mut walk = Walk(last.into_iter().map(start).collect());
        for lane in &mut walk.0 {
            lane.read_on(store).await?;
        }
        Ok(walk)
    }

    /// The next record, with its entries.
    ///
    /// # Errors
    /// A [`Fault`] where the store cannot be read.
    pub(crate) async fn next(&mut self, store: &dyn Store) -> Result<Option<Booked>, Fault> {
        let turn = |it: &Lane| it.read.front().map(|(record, _)| (record.turn.at, record.turn.serial));
        let waiting = self.0.iter_mut().filter(|it| !it.read.is_empty());
        let Some(lane) = waiting.min_by_key(|it| turn(it)) else { return Ok(None) };
        let next = lane.read.pop_front();
        if lane.read.is_empty() {
            lane.read_on(store).await?;
        }
        Ok(next)
    }
}

impl Lane {
    /// Reads the next records of the lane, from one month to the next, if there are any.
    async fn read_on(&mut self, store: &dyn Store) -> Result<(), Fault> {
        while self.read.is_empty() && self.from <= self.last {
            let month = month_of_serial(self.from);
            let (_, to) = self.number.serials(month);
            let query = Query::Records { from: self.from, to: to.min(self.last), limit: SLICE };
            let Page::Records(records) = store.page(&query).await? else { return Err(Fault::other_page()) };
            self.from = match records.last() {
                Some(last) => Serial(last.turn.serial.0 + 1),
                None => self.number.serials(month + 1).0,
            };
            let mut entries = entries_of(store, &records).await?;
            let booked = |it: Record| (entries.remove(&it.turn.serial).unwrap_or_default(), it);
            self.read = records.into_iter().map(booked).map(|(entries, it)| (it, entries)).collect();
        }
        Ok(())
    }
}

async fn entries_of(store: &dyn Store, records: &[Record]) -> Result<BTreeMap<Serial, Vec<Entry>>, Fault> {
    let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(BTreeMap::new()) };
    let query = Query::Journal { from: first.turn.serial, limit: SLICE };
    let Page::Journal(entries) = store.page(&query).await? else { return Err(Fault::other_page()) };
    let mut by_serial: BTreeMap<Serial, Vec<Entry>> = BTreeMap::new();
    for (turn, entry) in entries.into_iter().filter(|(turn, _)| turn.serial <= last.turn.serial) {
        by_serial.entry(turn.serial).or_default().push(entry);
    }
    Ok(by_serial)
}
