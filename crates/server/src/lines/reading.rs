//! What was settled and undone in some days, with its lines, in the order of moments.

use super::{Wanted, lanes};
use crate::law::Laws;
use crate::verify::walk::Walk;
use domain::catalogue::RowNo;
use domain::chain::decode;
use domain::day::{Day, Moment};
use domain::decision::{Case, Law, Outcome};
use domain::facts::{Facts, Settlement};
use domain::ids::{Area, Serial};
use domain::settled_lines::{SettledLine, settled_lines};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Fault, LaneNo, Page, Query, Record, Store, month_of};

/// A settlement, or what undoes one, with its lines.
#[derive(Debug, Clone)]
pub struct Part {
    /// It.
    pub settlement: Settlement,
    /// Its lines; of what undoes another, those of the other.
    pub lines: Vec<SettledLine>,
    /// The law that they were judged by.
    pub law: Arc<Law>,
}

impl Part {
    /// Whether its patient is insured in an area, or inside it.
    pub(super) fn is_in(&self, area: Area) -> bool {
        let (first, last) = area.within();
        (first..=last).contains(&self.settlement.area)
    }

    /// The generic name of a line, by the catalogue of its law; empty where its code is none.
    pub(super) fn name(&self, line: &SettledLine) -> &str {
        let catalogue = &self.law.catalogue;
        catalogue.drug_name(&line.code).or_else(|| catalogue.service_name(&line.code)).unwrap_or_default()
    }

    /// The number that the catalogue of the service day prints beside a row.
    pub(super) fn printed(&self, row: RowNo) -> &str {
        let edition = self.law.edition(self.settlement.service_day);
        edition.and_then(|it| it.row(row)).map(|it| it.row_id.as_str()).unwrap_or_default()
    }
}

/// Reads on.
pub(super) struct Reading<'a> {
    store: &'a dyn Store,
    laws: &'a Laws,
    walk: Walk,
    to: Day,
    is_beyond: bool,
}

impl<'a> Reading<'a> {
    /// From the first of these days on, or after what is done of each lane; as far as lanes have come by now.
    ///
    /// # Errors
    /// A [`Fault`] where the store cannot be read.
    pub(super) async fn new(
        store: &'a dyn Store,
        laws: &'a Laws,
        wanted: &Wanted,
        done: &BTreeMap<LaneNo, Serial>,
    ) -> Result<Reading<'a>, Fault> {
        let lanes = lanes(store).await?;
        let mut after = BTreeMap::new();
        for (lane, _) in &lanes {
            let done = match done.get(lane) {
                Some(done) => *done,
                None => before(store, *lane, wanted.from).await?,
            };
            after.insert(*lane, done);
        }
        let walk = Walk::between(store, &after, lanes.into_iter().collect()).await?;
        Ok(Reading { store, laws, walk, to: wanted.to, is_beyond: false })
    }

    /// The next request, unless it was decided after the last day or, where that is said, after a moment.
    ///
    /// # Errors
    /// A [`Fault`] where the store cannot be read.
    pub(super) async fn next(&mut self, until: Option<Moment>) -> Result<Option<Record>, Fault> {
        let Some((record, _)) = self.walk.next(self.store).await? else { return Ok(None) };
        self.is_beyond = record.turn.at.day() > self.to;
        let is_late = until.is_some_and(|it| record.turn.at > it);
        Ok(Some(record).filter(|_| !self.is_beyond && !is_late))
    }

    /// Whether a request was found that was decided after the last day.
    pub(super) fn is_beyond(&self) -> bool {
        self.is_beyond
    }

    /// What a request settled and undid, by number.
    ///
    /// # Errors
    /// A [`Fault`] where something cannot be read, or lines do not add up to their settlement.
    pub(super) async fn parts(&self, record: &Record) -> Result<Vec<Part>, Fault> {
        let mut parts = Vec::new();
        for it in made(record) {
            let part = match it.undoes {
                None => self.part(record, it).await?,
                Some(original) => {
                    let record = self.record(Serial::creator_of(original.0)).await?;
                    let settled = made(&record).find(|it| it.no == original);
                    let settled = settled.ok_or_else(|| missing(it))?;
                    Part { settlement: it.clone(), ..self.part(&record, settled).await? }
                }
            };
            parts.push(part);
        }
        parts.sort_by_key(|it| it.settlement.no);
        Ok(parts)
    }

    async fn part(&self, record: &Record, it: &Settlement) -> Result<Part, Fault> {
        let unreadable =
            |_| Fault::Damaged(format!("request {}: its facts cannot be read", record.turn.serial));
        let facts = decode::<Facts>(&record.facts).map_err(unreadable)?;
        let law = self.laws.find(record.law, self.store).await?;
        let case = Case { request: &record.request, turn: record.turn, facts: &facts, law: &law };
        let Outcome::Done(done) = &record.decision.outcome else { return Err(missing(it)) };
        let lines = settled_lines(case, it, done).ok_or_else(|| missing(it))?;
        Ok(Part { settlement: it.clone(), lines, law })
    }

    async fn record(&self, serial: Serial) -> Result<Record, Fault> {
        let found = first_between(self.store, serial, serial).await?;
        found.ok_or_else(|| Fault::Damaged(format!("request {serial} is not in the store")))
    }
}

/// The settlements and cancellations that a request made; those that it only marked as undone are older.
fn made(record: &Record) -> impl Iterator<Item = &Settlement> {
    let serial = record.turn.serial;
    let all = record.decision.changes().into_iter().flat_map(|it| &it.settlements);
    all.filter(move |it| Serial::creator_of(it.no.0) == serial)
}

fn missing(it: &Settlement) -> Fault {
    Fault::Damaged(format!("settlement {}: its lines do not add up to it", it.no))
}

/// The serial before the first that a lane gave on a day or later. Moments ascend with serials: of a month that was read in
/// part, what is before the day is passed over by halves.
async fn before(store: &dyn Store, lane: LaneNo, day: Day) -> Result<Serial, Fault> {
    let (first, end) = lane.serials(month_of(day).unwrap_or(0));
    let (mut low, mut high) = (first.0, end.0);
    while low < high {
        let middle = low + (high - low) / 2;
        let next = first_between(store, Serial(middle), end).await?;
        match next {
            Some(record) if record.turn.at < day.start() => low = record.turn.serial.0 + 1,
            Some(_) | None => high = middle,
        }
    }
    Ok(Serial(low - 1))
}

async fn first_between(store: &dyn Store, from: Serial, to: Serial) -> Result<Option<Record>, Fault> {
    let query = Query::Records { from, to, limit: 1 };
    let Page::Records(records) = store.page(&query).await? else { return Err(Fault::other_page()) };
    Ok(records.into_iter().next())
}
