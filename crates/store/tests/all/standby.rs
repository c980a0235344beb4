//! What a synchronous standby is for: the primary dies under load, the standby takes its place, and nothing that was
//! acknowledged is missing; while the standby is away, nothing is acknowledged.

use crate::common::cluster::Cluster;
use crate::common::*;
use crate::postgres::{assert_sound, buy, client, found_families, persist, records};
use domain::chain::{self, Sealed};
use domain::request::Key;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::postgres::{Options, Postgres};
use store::{Batch, Fault, Lane, LaneNo, Page, Query, Record, Store};
use tokio_postgres::Client;

const LANE: LaneNo = LaneNo(1);
const CLOCK: &str = "2025-02-01 10:00";
/// How long anything may take that has to come about.
const BOUND: Duration = Duration::from_secs(30);
/// Nobody waits long for a lane or a commit.
fn hasty() -> Options {
    let (wait_for_lane, wait_for_commit) = (Duration::from_millis(100), Duration::from_secs(2));
    Options { wait_for_lane, wait_for_commit, ..Options::default() }
}

/// Asks again until something is so; not for ever.
pub(crate) async fn until<T, F: Future<Output = Result<T, String>>>(what: &str, ask: impl Fn() -> F) -> T {
    let mut last = String::new();
    let asking = async {
        loop {
            match ask().await {
                Ok(found) => return found,
                Err(not_yet) => last = not_yet,
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let found = tokio::time::timeout(BOUND, asking).await.ok();
    found.unwrap_or_else(|| panic!("{what}: {last}"))
}

/// A primary, its standby, and the address of a database on whichever of them can be written to.
struct Pair {
    primary: Arc<Cluster>,
    standby: Arc<Cluster>,
    url: String,
    primary_url: String,
}

/// What is done with a server takes a while.
async fn with(server: &Arc<Cluster>, what: fn(&Cluster)) {
    let server = Arc::clone(server);
    tokio::task::spawn_blocking(move || what(&server)).await.expect("done");
}

impl Pair {
    async fn start() -> Option<Pair> {
        let primary = Cluster::start()?;
        let primary_url = primary.database();
        let standby = primary.standby();
        let (place, name) = primary_url.rsplit_once('/').expect("an address");
        let other = standby.url("");
        let other = other.trim_start_matches("postgres://postgres@").trim_end_matches('/');
        let url = format!("{place},{other}/{name}?target_session_attrs=read-write");
        let pair = Pair { primary: Arc::new(primary), standby: Arc::new(standby), url, primary_url };
        pair.follows().await;
        Some(pair)
    }

    /// Waits until the primary waits for its standby.
    async fn follows(&self) {
        let client = &self.client().await;
        until("the standby follows", async || {
            let sql =
                "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'";
            let found: i64 = client.query_one(sql, &[]).await.expect("asks").get(0);
            if found == 1 { Ok(()) } else { Err(format!("{found} are synchronous")) }
        })
        .await;
    }

    /// Somebody at the primary itself.
    async fn client(&self) -> Client {
        client(&self.primary_url).await
    }

    /// The connection whose commit waits for the standby, once there is one.
    async fn waiting(&self) -> i32 {
        let client = &self.client().await;
        until("a commit waits for the standby", async || {
            let sql = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
            let found = client.query_opt(sql, &[]).await.expect("asks");
            found.map(|it| it.get(0)).ok_or_else(|| "none waits".to_owned())
        })
        .await
    }
}

fn batch_of(round: usize) -> Vec<Asked> {
    (0..6).map(|it| buy(&format!("drill {round} {it}"), &format!("bao {}", it % 4), "1")).collect()
}

/// What the lane would commit for a round.
async fn prepared(lane: &mut dyn Lane, round: usize) -> Result<Batch, Fault> {
    let asked = batch_of(round);
    let requests: Vec<_> = asked.iter().map(|(it, _)| it).collect();
    let rows = lane.load(&requests, at(CLOCK)).await?;
    let moment = rows.since.expect("founded").max(at(CLOCK));
    Ok(decided_on(rows, &asked, moment).1)
}

/// Commits until the store is not available; what it has acknowledged, counted while it goes on.
async fn until_broken(mut lane: Box<dyn Lane>, acknowledged: Arc<AtomicUsize>) -> Vec<Arc<Batch>> {
    let mut batches = Vec::new();
    for round in 0.. {
        let Ok(batch) = prepared(lane.as_mut(), round).await.map(Arc::new) else { break };
        match lane.commit(Arc::clone(&batch)).await {
            Ok(()) => batches.push(batch),
            Err(Fault::Unavailable(_)) => break,
            Err(fault) => panic!("{fault}"),
        }
        acknowledged.store(batches.len(), Ordering::Release);
    }
    batches
}

async fn lane_again(store: &Postgres) -> Box<dyn Lane> {
    until("the lane opens again", async || store.lane(LANE).await.map_err(|it| it.to_string())).await
}

async fn record(store: &Postgres, key: Key) -> Option<Record> {
    let Page::Record(found) = store.page(&Query::Record(key)).await.expect("answers") else {
        panic!("a record was asked for")
    };
    found.map(|it| *it)
}

/// How many of a round are there.
async fn there(store: &Postgres, round: usize) -> usize {
    let mut there = 0;
    for (request, _) in batch_of(round) {
        there += usize::from(record(store, request.key).await.is_some());
    }
    there
}

/// The blocks of the lane follow one another, and each seals exactly the records that say so.
async fn assert_chained(store: &Postgres) {
    let mut by_block: BTreeMap<u64, Vec<Record>> = BTreeMap::new();
    for record in records(store).await {
        by_block.entry(record.block.1).or_default().push(record);
    }
    let query = Query::Blocks { lane: LANE.0, from: 0, limit: 100_000 };
    let Ok(Page::Blocks(blocks)) = store.page(&query).await else { panic!("blocks") };
    let mut head = chain::genesis(LANE.0);
    for block in blocks {
        let mut sealed = by_block.remove(&(head.number + 1)).unwrap_or_default();
        sealed.sort_by_key(|it| it.turn.serial);
        let sealed: Vec<Sealed<'_>> = sealed.iter().map(Record::sealed).collect();
        head = chain::next(&head, &sealed);
        assert_eq!(block, head);
    }
    assert!(by_block.is_empty(), "records without a block: {:?}", by_block.keys());
}

/// If this fails, a hospital has an answer that is in no book after the primary was lost, or is charged twice for what it
/// had to send again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_takes_over_has_all_that_was_acknowledged() {
    let Some(pair) = Pair::start().await else { return };
    let store = Postgres::open(&pair.url, Options::default()).await.expect("opens");
    let mut lane = store.lane(LANE).await.expect("free");
    found_families(lane.as_mut(), 4).await;
    let before = records(&store).await;
    let count = Arc::new(AtomicUsize::new(0));
    let load = tokio::spawn(until_broken(lane, Arc::clone(&count)));
    until("some are acknowledged", async || match count.load(Ordering::Acquire) {
        some @ 0..8 => Err(format!("{some} batches")),
        _ => Ok(()),
    })
    .await;
    with(&pair.primary, Cluster::cut).await;
    let acknowledged = load.await.expect("ends when the primary is gone");
    with(&pair.standby, Cluster::promote).await;
    let mut lane = lane_again(&store).await;

    let after = records(&store).await;
    let expected =
        before.iter().chain(acknowledged.iter().flat_map(|it| it.records.iter().map(|(it, _)| it)));
    for record in expected {
        let found: Vec<&Record> = after.iter().filter(|it| it.request.key == record.request.key).collect();
        assert_eq!(found, [record], "what was acknowledged is there once, as it was");
    }
    let unknown = acknowledged.len();
    let found = there(&store, unknown).await;
    assert!(found == 0 || found == 6, "{found} of the 6 that were under way");
    assert_eq!(after.len(), before.len() + 6 * unknown + found, "nothing else is there");
    // All of it is sent again: only what is not there is decided.
    for round in 0..=unknown {
        persist(lane.as_mut(), &batch_of(round), at(CLOCK)).await;
    }
    assert_eq!(records(&store).await.len(), before.len() + 6 * (unknown + 1));
    assert_sound(&store).await;
    assert_chained(&store).await;
}

/// If this fails, somebody is told that it is done while it is on one disk only, or waits for an answer for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_standby_is_away_nothing_is_acknowledged() {
    let Some(pair) = Pair::start().await else { return };
    let store = Postgres::open(&pair.url, hasty()).await.expect("opens");
    let mut lane = store.lane(LANE).await.expect("free");
    found_families(lane.as_mut(), 4).await;
    persist(lane.as_mut(), &batch_of(0), at(CLOCK)).await;
    let batch = prepared(lane.as_mut(), 1).await.expect("loads");
    with(&pair.standby, Cluster::cut).await;
    let committed = lane.commit(Arc::new(batch)).await;
    assert!(matches!(&committed, Err(Fault::Unavailable(it)) if it.contains("standby")), "{committed:?}");
    assert_eq!(there(&store, 1).await, 0, "nobody sees what waits");
    drop(lane);
    assert!(matches!(store.lane(LANE).await.map(|_| ()), Err(Fault::Unavailable(_))), "it waits still");
    with(&pair.standby, Cluster::up).await;
    let mut lane = lane_again(&store).await;
    assert_eq!(there(&store, 1).await, 6, "it came about when the standby was there again");
    persist(lane.as_mut(), &batch_of(1), at(CLOCK)).await;
    persist(lane.as_mut(), &batch_of(2), at(CLOCK)).await;
    assert_sound(&store).await;
    assert_chained(&store).await;
}

/// If this fails, somebody who cancels a statement that hangs makes the server say "done" of what its standby never had:
/// to who waits for it, or to who asks again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_for_the_standby_that_is_cancelled_is_no_acknowledgement() {
    let Some(pair) = Pair::start().await else { return };
    let patient = Postgres::open(&pair.url, Options::default()).await.expect("opens");
    let mut lane = patient.lane(LANE).await.expect("free");
    found_families(lane.as_mut(), 4).await;
    persist(lane.as_mut(), &batch_of(0), at(CLOCK)).await;
    let batch = prepared(lane.as_mut(), 1).await.expect("loads");
    with(&pair.standby, Cluster::cut).await;
    let commit = tokio::spawn(async move { lane.commit(Arc::new(batch)).await });
    let waiting = pair.waiting().await;
    pair.client().await.execute("SELECT pg_cancel_backend($1)", &[&waiting]).await.expect("cancels");
    let committed = commit.await.expect("ends");
    assert!(matches!(committed, Err(Fault::Unavailable(_))), "{committed:?}");
    assert_eq!(there(&patient, 1).await, 6, "the primary has it");
    // The lane would give its answers again: it stays closed until the standby has them.
    let options = Options { wait_for_lane: BOUND, ..hasty() };
    let store = Postgres::open(&pair.url, options).await.expect("opens");
    let opened = store.lane(LANE).await.map(|_| ());
    assert!(matches!(&opened, Err(Fault::Unavailable(it)) if it.contains("standby")), "{opened:?}");
    with(&pair.standby, Cluster::up).await;
    let mut lane = lane_again(&store).await;
    persist(lane.as_mut(), &batch_of(1), at(CLOCK)).await;
    assert_sound(&store).await;
    assert_chained(&store).await;
}
