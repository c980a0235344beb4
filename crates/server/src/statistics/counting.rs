//! Counts on: reads what lanes settled since the last time and adds it to the sums, far from whatever answers somebody.

use super::{Sum, UNTIL, drawer, lanes, read};
use crate::clock::Clock;
use domain::chain::encode;
use domain::day::Moment;
use domain::facts::Settlement;
use domain::ids::{Area, InstitutionCode, Serial};
use domain::needs::Needs;
use domain::statistics::Statistics;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use store::told::{Span, Told};
use store::{Desk, Fault, LAST_SERIAL, LaneNo, Page, Query, Store, month_of_serial};

/// How often it is looked whether there is something new.
const LOOKED_EVERY: Duration = Duration::from_secs(5);
/// So many settlements are read at once: far more than one decision makes, so that each reading comes further.
const READ: u32 = 500;
/// Who counts says so, and for how long that holds: one of all processes does.
const HELD: (&str, &str) = ("statistics", "held");
const HELD_MS: i64 = 60_000;

/// Counts.
pub struct Counter {
    store: Arc<dyn Store>,
    desk: Arc<dyn Desk>,
    clock: Clock,
    /// Up to where each lane is counted, as long as nobody else counted meanwhile.
    done: BTreeMap<u16, Serial>,
    /// Where institutions are: that never changes.
    places: BTreeMap<InstitutionCode, Area>,
    /// Until when nobody else counts.
    held: Option<Moment>,
}

impl Counter {
    /// A counter of these books; the sums lie on this desk.
    pub fn new(store: Arc<dyn Store>, desk: Arc<dyn Desk>, clock: Clock) -> Counter {
        Counter { store, desk, clock, done: BTreeMap::new(), places: BTreeMap::new(), held: None }
    }

    /// Counts on for ever.
    pub async fn run(mut self) {
        let mut ticks = tokio::time::interval(LOOKED_EVERY);
        loop {
            ticks.tick().await;
            if let Err(fault) = self.step().await {
                tracing::warn!(%fault, "statistics could not be counted on");
            }
        }
    }

    /// Counts all that was settled by now, unless another process does.
    ///
    /// # Errors
    /// A [`Fault`] where the store is away; what was counted until then is kept.
    pub async fn step(&mut self) -> Result<(), Fault> {
        let now = self.clock.now();
        if self.desk.get(UNTIL.0, UNTIL.1, now).await?.is_none() {
            // Somebody threw the sums away, or nobody came to an end yet.
            self.done.clear();
        }
        let lanes = lanes(&*self.store).await?;
        let is_done = |(lane, last): &(LaneNo, Serial)| self.done.get(&lane.0) >= Some(last);
        if lanes.iter().all(is_done) || !self.holds().await? {
            return Ok(());
        }
        let mut is_whole = true;
        for (lane, last) in &lanes {
            is_whole &= self.lane(*lane, *last).await?;
        }
        if is_whole {
            let upto: BTreeMap<u16, u64> = lanes.iter().map(|(lane, last)| (lane.0, last.0)).collect();
            self.desk.put(UNTIL.0, UNTIL.1, &encode(&(now, upto)), None).await?;
            self.held = None;
            self.desk.remove(HELD.0, HELD.1).await?;
        }
        Ok(())
    }

    /// Throws all sums away and counts everything again; whether it did, because another process may be counting.
    ///
    /// # Errors
    /// A [`Fault`] where the store is away; then whoever counts next goes on with it.
    pub async fn recount(&mut self) -> Result<bool, Fault> {
        if !self.holds().await? {
            return Ok(false);
        }
        self.forget().await?;
        self.step().await?;
        Ok(true)
    }

    async fn forget(&mut self) -> Result<(), Fault> {
        let now = self.clock.now();
        self.done.clear();
        self.desk.remove(UNTIL.0, UNTIL.1).await?;
        let last = lanes(&*self.store).await?.iter().map(|(_, last)| month_of_serial(*last)).max();
        let (Some(first), Some(last)) = (self.first_month().await?, last) else { return Ok(()) };
        for month in first..=last {
            for (lane, _) in self.desk.list(&drawer(month), now).await? {
                self.desk.remove(&drawer(month), &lane).await?;
            }
        }
        Ok(())
    }

    /// Whether this is who counts, for half of the time that a hold lasts. Who is held up for longer than that, and finds
    /// another counting, begins again from what lies on the desk.
    async fn holds(&mut self) -> Result<bool, Fault> {
        let now = self.clock.now();
        let until = now.plus_millis(HELD_MS);
        let held = self.held.filter(|it| now < *it);
        if held.is_some_and(|it| it.millis() - now.millis() > HELD_MS / 2) {
            return Ok(true);
        }
        if held.is_some() {
            self.desk.put(HELD.0, HELD.1, b"", Some(until)).await?;
        } else if !self.desk.claim(HELD.0, HELD.1, b"", until, now).await? {
            (self.held, self.done) = (None, BTreeMap::new());
            return Ok(false);
        }
        self.held = Some(until);
        Ok(true)
    }

    /// Counts a lane up to its last serial; whether it came so far.
    async fn lane(&mut self, lane: LaneNo, last: Serial) -> Result<bool, Fault> {
        let mut done = match self.done.get(&lane.0) {
            Some(done) => *done,
            None => self.before_all(lane).await?,
        };
        while let Some(span) = Span::after(done, last, READ) {
            if !self.holds().await? {
                return Ok(false);
            }
            done = self.piece(lane, span).await?;
            self.done.insert(lane.0, done);
        }
        Ok(true)
    }

    /// The serial before the first that a lane could give in the month in which the books begin.
    async fn before_all(&self, lane: LaneNo) -> Result<Serial, Fault> {
        Ok(Serial(lane.serials(self.first_month().await?.unwrap_or(0)).0.0 - 1))
    }

    /// The month in which the books begin; `None` where nothing was decided yet.
    async fn first_month(&self) -> Result<Option<u16>, Fault> {
        let query = Query::Records { from: Serial(0), to: LAST_SERIAL, limit: 1 };
        let Page::Records(records) = self.store.page(&query).await? else { return Err(Fault::other_page()) };
        Ok(records.first().map(|it| month_of_serial(it.turn.serial)))
    }

    /// Adds what comes next of a lane to the sum of its month, and says up to where that is counted now. The sum itself says
    /// where it ends: what was counted is never counted twice, and what was lost is counted again.
    async fn piece(&mut self, lane: LaneNo, span: Span) -> Result<Serial, Fault> {
        let (drawer, key) = (drawer(month_of_serial(span.from)), lane.0.to_string());
        let kept = self.desk.get(&drawer, &key, self.clock.now()).await?;
        let before = Serial(lane.serials(month_of_serial(span.from)).0.0 - 1);
        let nothing = Sum { upto: before, statistics: Statistics::default() };
        let mut sum = kept.as_deref().and_then(read::<Sum>).unwrap_or(nothing);
        if sum.upto >= span.to {
            return Ok(sum.upto);
        }
        let told = self.shared(Span { from: Serial(sum.upto.0 + 1), ..span }).await?;
        for it in &told.settlements {
            let place = self.places.get(&it.institution);
            let missing = || Fault::Damaged("a settlement's institution is missing".to_owned());
            sum.statistics.count(it, *place.ok_or_else(missing)?);
        }
        sum.upto = told.upto;
        self.desk.put(&drawer, &key, &encode(&sum), None).await?;
        Ok(sum.upto)
    }

    async fn shared(&mut self, span: Span) -> Result<Told, Fault> {
        let Page::Shared(told) = self.store.page(&Query::Shared(span)).await? else {
            return Err(Fault::other_page());
        };
        self.find_places(&told.settlements).await?;
        Ok(told)
    }

    async fn find_places(&mut self, settlements: &[Settlement]) -> Result<(), Fault> {
        let institutions: BTreeSet<InstitutionCode> = settlements.iter().map(|it| it.institution).collect();
        let institutions: BTreeSet<InstitutionCode> =
            institutions.into_iter().filter(|it| !self.places.contains_key(it)).collect();
        if institutions.is_empty() {
            return Ok(());
        }
        let needs = Needs { institutions, ..Needs::default() };
        let Page::Facts(rows) = self.store.page(&Query::Facts(Box::new(needs), self.clock.now())).await?
        else {
            return Err(Fault::other_page());
        };
        self.places.extend(rows.facts.institutions.into_iter().map(|(code, it)| (code, it.area)));
        Ok(())
    }
}
