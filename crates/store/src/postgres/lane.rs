//! A lane: its own connection, which holds the lane as long as it lasts. It loads without locks, and remembers what it
//! has seen; its commit says so, and the server ends the transaction where anything of it is no longer true.

use super::Options;
use super::cells::Columns;
use super::commit::{COMMITTING, statements};
use super::homes::Spread;
use super::load::{Server, all_homes};
use super::session::{Connector, For, Param, Session, Sql, sql};
use crate::cells::Cells as _;
use crate::hops::find;
use crate::{Batch, Fault, LANES, Lane, LaneNo, NO_LANE, Rows, month_of_serial, read};
use async_trait::async_trait;
use domain::chain::{Block, genesis};
use domain::day::Moment;
use domain::decision::Turn;
use domain::facts::Facts;
use domain::ids::{BindingNo, Digest, PersonNo, Serial};
use domain::needs::Needs;
use domain::request::{Key, Request};
use futures_util::future::poll_immediate;
use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tokio::try_join;

/// Class of the advisory locks that hold lanes: "GJ", 1.
pub(super) const HOLDING: i32 = 0x474A_0001;

/// All that is asked while loading.
const LOADING: &[Sql] = &[
    sql!("load_keys"),
    sql!("load_records"),
    sql!("load_lookups"),
    sql!("load_settlements"),
    sql!("load_visits"),
    sql!("load_batches"),
    sql!("load_charges"),
    sql!("load_charged"),
    sql!("load_stays"),
    sql!("load_institutions"),
    sql!("load_mappings"),
    sql!("load_sides"),
    sql!("load_recent"),
    sql!("load_later"),
    sql!("load_tallies"),
    sql!("load_links"),
    sql!("load_proxies"),
    sql!("load_amendments"),
    sql!("load_traces"),
    sql!("load_links_between"),
    sql!("load_links_by"),
    sql!("load_bindings_of"),
    sql!("load_bindings_by"),
    sql!("load_bindings"),
    sql!("load_usage"),
    sql!("load_persons"),
    sql!("load_guards"),
    sql!("load_enrolments"),
    sql!("load_purses"),
    sql!("load_head"),
    sql!("load_law"),
    sql!("desk_find"),
];

/// Each statement sees what was committed before it: after the fence, the epoch that is in force.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// Comes back when a standby, where commits wait for one, has all that can be read here: what a wait that broke off has
/// left behind is not answered before, and a primary in whose place another came opens no lane.
const STANDBY_FOLLOWS: &str = "SELECT pg_logical_emit_message(true, 'gongji', 'a lane opens')";

/// Lanes that this process holds.
pub(super) type Held = Arc<Mutex<BTreeSet<LaneNo>>>;

/// The moment of a decision and the lane that made it, as one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp(pub(super) i64);

impl Stamp {
    pub(super) fn of(turn: Turn) -> Stamp {
        Stamp(turn.at.millis() * i64::from(LANES) + i64::from(LaneNo::of(turn.serial).0))
    }

    /// From when on a lane may decide what depends on it; `None` where nothing was decided yet.
    fn since(self, lane: LaneNo) -> Option<Moment> {
        let (at, by) = (self.0.div_euclid(LANES.into()), self.0.rem_euclid(LANES.into()));
        (self.0 != 0).then(|| Moment::from_millis(if by == i64::from(lane.0) { at } else { at + 1 }))
    }
}

/// What a lane has seen, and what its next commit takes for granted.
#[derive(Default)]
pub(super) struct Seen {
    /// The epoch of institutions, mappings and law.
    pub(super) epoch: i64,
    /// The people in the facts, by how often something was decided about them, in each home that holds some of it.
    pub(super) guards: BTreeMap<(i16, PersonNo), i64>,
    /// Messages that something is known of: the record that says so, and whether it is the message's own.
    pub(super) keys: BTreeMap<Key, (Serial, bool)>,
    /// The two people of each binding.
    pub(super) sides: BTreeMap<BindingNo, [PersonNo; 2]>,
}

pub(super) struct PostgresLane {
    number: LaneNo,
    session: Session,
    options: Options,
    seen: Seen,
    /// Months whose parts are known to be there.
    months: BTreeSet<u16>,
    /// A load broke off: its transaction may be open still.
    open: bool,
    _place: Place,
}

/// The place of a lane among those of this process.
struct Place(LaneNo, Held);

impl Drop for Place {
    fn drop(&mut self) {
        self.1.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

impl PostgresLane {
    pub(super) async fn open(
        number: LaneNo,
        connector: &Connector,
        options: Options,
        held: &Held,
    ) -> Result<PostgresLane, Fault> {
        if !held.lock().unwrap_or_else(PoisonError::into_inner).insert(number) {
            return Err(Fault::Unavailable("the lane is held by somebody else".to_owned()));
        }
        let place = Place(number, Arc::clone(held));
        let session = connector.connect(For::Lane).await?;
        super::schema::check_server(&session, &options).await?;
        session.command(&format!("SET application_name = 'gongji lane {}'", number.0)).await?;
        hold(&session, number, &options).await?;
        if super::citus::is_spread(&session).await? != connector.is_spread() {
            return Err(Fault::Unavailable(
                "the database was spread over servers meanwhile: start anew".to_owned(),
            ));
        }
        if connector.is_spread() {
            super::citus::recover(&session).await;
        }
        session.commit(STANDBY_FOLLOWS).await?;
        enter(&session, number).await?;
        let all = LOADING.iter().chain(COMMITTING).map(|it| session.statement(*it));
        futures_util::future::try_join_all(all).await?;
        let (seen, months) = (Seen::default(), BTreeSet::new());
        Ok(PostgresLane { number, session, options, seen, months, open: false, _place: place })
    }

    async fn make_months(&mut self, batch: &Batch) -> Result<(), Fault> {
        let months: BTreeSet<u16> =
            batch.records.iter().map(|(it, _)| month_of_serial(it.turn.serial)).collect();
        for month in &months - &self.months {
            self.session.run(sql!("make_month"), &[&i64::from(month)]).await?;
            self.months.insert(month);
        }
        Ok(())
    }
}

/// Holds the lane, or waits a little: the connection that held it may be about to be gone.
async fn hold(session: &Session, number: LaneNo, options: &Options) -> Result<(), Fault> {
    const PAUSE: Duration = Duration::from_millis(50);
    let mut left = options.wait_for_lane;
    loop {
        let lane = i32::from(number.0);
        let held = session.row(sql!("hold_lane"), &[&HOLDING, &lane], |it| it.next::<bool>()).await?;
        if held == Some(true) {
            return Ok(());
        }
        let Some(less) = left.checked_sub(PAUSE) else {
            return Err(Fault::Unavailable("the lane is held by another process".to_owned()));
        };
        left = less;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Says that there is this lane, unless that is known.
async fn enter(session: &Session, number: LaneNo) -> Result<(), Fault> {
    let home = Spread::ByLane.of_lane(number);
    if !all_homes(session, Spread::ByLane).await?.contains(&home) {
        session.run(sql!("open_lane"), &[&home]).await?;
    }
    Ok(())
}

/// Where the lanes of a home stand: their latest blocks, the epoch, the law in force.
pub(super) struct Heads {
    heads: Vec<(Block, Turn)>,
    epoch: i64,
    /// Of the epoch, and then of everybody in the facts.
    stamps: Vec<Stamp>,
    pub(super) law: Option<Digest>,
}

pub(super) async fn heads(session: &Session, home: i16) -> Result<Heads, Fault> {
    let law =
        |it: &mut Columns<'_>| Ok((it.next::<i64>()?, it.next::<i64>()?, it.next::<Option<[u8; 32]>>()?));
    let home: [Param<'_>; 1] = [&home];
    let (heads, law) = try_join!(
        session.rows(sql!("load_head"), &home, |it| read::head(it)),
        session.row(sql!("load_law"), &[], law),
    )?;
    let (epoch, stamp, law) = law.unwrap_or_default();
    Ok(Heads { heads, epoch, stamps: vec![Stamp(stamp)], law: law.map(Digest) })
}

impl Heads {
    /// Rows as a lane sees them, from what was found.
    pub(super) fn rows(&self, found: crate::hops::Found, lane: LaneNo) -> Rows {
        let own = self.heads.iter().find(|(it, _)| it.lane == lane.0);
        let others = self.heads.iter().filter(|(it, _)| lane != NO_LANE && it.lane != lane.0);
        let after_others = others.map(|(_, it)| it.at.plus_millis(1));
        let stamps = self.stamps.iter().filter(|_| lane != NO_LANE).filter_map(|it| it.since(lane));
        Rows {
            facts: found.facts,
            identities: found.identities,
            names: found.names,
            earlier: BTreeMap::new(),
            last: own.map(|(_, it)| it.serial),
            since: own.map(|(_, it)| it.at).into_iter().chain(after_others).chain(stamps).max(),
            head: own.map_or(genesis(lane.0), |(block, _)| *block),
            law: self.law,
        }
    }
}

/// Whoever is found is there with a version, by which it will be seen whether they were changed.
fn unguarded(
    facts: &Facts,
    guards: &BTreeMap<(i16, PersonNo), (i64, Stamp)>,
    spread: Spread,
) -> Result<(), Fault> {
    if let Some(absent) = facts.lookups.values().find(|it| !facts.persons.contains_key(it)) {
        return Err(Fault::Conflict(format!("person {absent} is being written on another server")));
    }
    let version = |it: &PersonNo| guards.get(&(spread.of_number(it.0), *it)).map_or(0, |(it, _)| *it);
    match facts.persons.keys().find(|it| version(it) == 0) {
        Some(it) => Err(Fault::Damaged(format!("person {it} has no version"))),
        None => Ok(()),
    }
}

#[async_trait]
impl Lane for PostgresLane {
    async fn load(&mut self, requests: &[&Request], at: Moment) -> Result<Rows, Fault> {
        let needs = Needs::of(requests.iter().copied(), at);
        if self.open {
            self.session.command("ROLLBACK").await?;
        }
        self.open = true;
        let server = Server::of_lane(&self.session, self.options.spread, self.number);
        // All that is read is of one moment: what the versions say of people, they say of all that was read of them.
        let begin = self.session.command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        let home = self.options.spread.of_lane(self.number);
        let (found, heads) = (find(&server, &needs, at), heads(&self.session, home));
        let ((), found, mut heads) = try_join!(biased; begin, found, heads)?;
        let earlier = &found.facts.earlier;
        let keys = earlier.iter().map(|(key, it)| (key.clone(), (it.serial, found.arrived.contains(key))));
        let keys: BTreeMap<Key, (Serial, bool)> = keys.collect();
        let arrived = keys.values().filter(|(_, arrived)| *arrived).map(|(serial, _)| *serial).collect();
        let mut guarding = server.guarding(&found.facts);
        guarding.retain(|it| !server.is_guarded(it));
        let (records, ()) = try_join!(server.records(&arrived), server.guards(guarding))?;
        let guards = server.into_guards();
        unguarded(&found.facts, &guards, self.options.spread)?;
        let sides = found.facts.bindings.values().map(|it| (it.no, [it.giver, it.beneficiary])).collect();
        // Nobody waits for the end of what only read; the next command is behind it.
        let _ = poll_immediate(std::pin::pin!(self.session.command("COMMIT"))).await;
        self.open = false;
        heads.stamps.extend(guards.values().map(|(_, stamp)| *stamp));
        let guards = guards.into_iter().map(|(it, (version, _))| (it, version)).collect();
        self.seen = Seen { epoch: heads.epoch, guards, keys, sides };
        let mut rows = heads.rows(found, self.number);
        rows.earlier = records.into_iter().map(|it| (it.request.key.clone(), it)).collect();
        Ok(rows)
    }

    async fn find(
        &mut self,
        drawer: &str,
        keys: &[&str],
        at: Moment,
    ) -> Result<BTreeMap<String, Vec<u8>>, Fault> {
        let at = at.millis();
        let params: [Param<'_>; 3] = [&drawer, &keys, &at];
        let found = self.session.rows(sql!("desk_find"), &params, |it| Ok((it.next()?, it.next()?))).await?;
        Ok(found.into_iter().collect())
    }

    async fn commit(&mut self, batch: Arc<Batch>) -> Result<(), Fault> {
        self.make_months(&batch).await?;
        let home = self.options.spread.of_lane(self.number);
        // Statements are written while the server begins; they are sent when it has: each of them alone would do harm.
        let write = async { statements(&self.session, &batch, &self.seen, self.options.spread, home) };
        let ((), statements) = try_join!(biased; self.session.command(BEGIN), write)?;
        let mut passed = Passing::default();
        passed.send(statements).await;
        if passed.failed() {
            // One never left this machine: without it, the others must not last.
            self.session.command("ROLLBACK").await?;
            return passed.first_fault().await;
        }
        // A statement that fails makes the server take this for a rollback.
        let committed = self.session.commit("COMMIT");
        let (passed, committed) = tokio::join!(biased; passed.first_fault(), committed);
        passed.and(committed)
    }
}

/// A statement on its way.
pub(super) type Passed<'s> = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send + 's>>;

/// Statements on their way, and what came of those that were answered.
#[derive(Default)]
struct Passing<'s> {
    waiting: Vec<(Passed<'s>, Option<Result<(), Fault>>)>,
}

impl<'s> Passing<'s> {
    /// Sends statements, in order, up to the first that fails before it is sent.
    async fn send(&mut self, statements: Vec<Passed<'s>>) {
        for mut statement in statements {
            let answered = poll_immediate(&mut statement).await;
            self.waiting.push((statement, answered));
            if self.failed() {
                return;
            }
        }
    }

    fn failed(&self) -> bool {
        self.waiting.last().is_some_and(|(_, answered)| matches!(answered, Some(Err(_))))
    }

    /// Waits for all answers; the first that is no good one.
    async fn first_fault(mut self) -> Result<(), Fault> {
        poll_fn(|context| {
            let mut all = true;
            for (statement, answered) in self.waiting.iter_mut().filter(|(_, it)| it.is_none()) {
                match statement.as_mut().poll(context) {
                    Poll::Ready(answer) => *answered = Some(answer),
                    Poll::Pending => all = false,
                }
            }
            if all { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        self.waiting.into_iter().filter_map(|(_, answered)| answered).collect()
    }
}
