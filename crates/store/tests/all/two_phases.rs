//! A commit on two servers that breaks off between its two phases: a server falls while both have prepared what was
//! decided. A server that waits for a standby that never comes holds that moment for as long as the test wants it.

use crate::citus::{NOON, batch_of, both, decided_once, found_families, persist, spread_store, undecided};
use crate::common::Asked;
use crate::common::cluster::Cluster;
use crate::common::spread::Spread;
use crate::postgres::assert_sound;
use std::sync::Arc;
use std::time::Duration;
use store::postgres::Postgres;
use store::{Fault, Lane, LaneNo, Page, Query, Store as _};
use tokio::task::{JoinHandle, spawn_blocking};

const NOBODY: &str = "synchronous_standby_names = 'nobody'\n";
const NO_STANDBY: &str = "synchronous_standby_names = ''\n";

/// Which servers are in it: the coordinator is the first, the workers follow.
struct Break {
    what: &'static str,
    /// Waits, and by that holds the moment.
    holds: usize,
    /// Falls meanwhile.
    falls: usize,
    /// Whether what was decided has to be there afterwards.
    stays: bool,
}

const BREAKS: [Break; 3] = [
    Break { what: "it is decided, and the coordinator tells nobody", holds: 0, falls: 0, stays: true },
    Break { what: "all but one have prepared, and the coordinator falls", holds: 2, falls: 0, stays: false },
    Break {
        what: "it is decided, and a worker falls before it hears of it",
        holds: 0,
        falls: 2,
        stays: true,
    },
];

/// If this fails, money that was spent on one server is still there on another, a decision that was answered is lost, or
/// a lane goes on with what another has not ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_breaks_off_between_two_phases_comes_to_one_end_on_both_servers() {
    let Some(servers) = Spread::start().await else { return };
    let url = servers.database().await;
    let name = url.rsplit('/').next().expect("a name").to_owned();
    let servers = Arc::new(servers);
    let (store, numbers) = spread_store(&url).await;
    let mut lanes = both(&store, numbers).await;
    found_families(&mut lanes, 4).await;
    // The parts of the month are made by its first batch, in a transaction of their own.
    let _ = persist(lanes[1].as_mut(), &batch_of(u64::MAX, 0), NOON).await;
    drop(lanes);
    for (cut, it) in (0..).zip(BREAKS) {
        let [mut near, far] = [opened(&store, numbers[0]).await, opened(&store, numbers[1]).await];
        at(&servers, it.holds, |server| {
            server.set(NOBODY);
            server.reload();
        })
        .await;
        let commit = tokio::spawn(commit(far, batch_of(cut, 0)));
        until(&servers, &name, |open| open == 2).await;
        assert!(!commit.is_finished(), "{}: nothing is acknowledged before it is decided", it.what);
        let overtaking = decided_once(near.as_mut(), &batch_of(cut, 1)).await;
        assert!(overtaking.is_err(), "{}: {overtaking:?} of what is half committed", it.what);
        drop(near);
        fall(&servers, &it).await;
        told(commit, &it).await;
        let mut lane = opened(&store, numbers[1]).await;
        until(&servers, &name, |open| open == 0).await;
        assert_eq!(there(&store, cut).await, if it.stays { 6 } else { 0 }, "{}", it.what);
        let asked = batch_of(cut, 0);
        let decided = persist(lane.as_mut(), &asked, NOON).await;
        assert_eq!(decided.len(), asked.len(), "{}: what is asked again is decided once", it.what);
        assert_eq!(there(&store, cut).await, 6, "{}", it.what);
        assert_sound(&store).await;
    }
}

/// A lane, once the server knows that whoever held it is gone.
async fn opened(store: &Postgres, number: LaneNo) -> Box<dyn Lane> {
    for _ in 0..200 {
        if let Ok(lane) = store.lane(number).await {
            return lane;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    store.lane(number).await.expect("the lane can be opened")
}

async fn commit(mut lane: Box<dyn Lane>, asked: Vec<Asked>) -> Result<(), Fault> {
    decided_once(lane.as_mut(), &asked).await
}

/// Does something to one of the servers that is waited for.
async fn at(servers: &Arc<Spread>, which: usize, what: impl FnOnce(&Cluster) + Send + 'static) {
    let servers = Arc::clone(servers);
    spawn_blocking(move || what(servers.all()[which])).await.expect("done");
}

/// The server falls and comes back; nobody waits for a standby any more.
async fn fall(servers: &Arc<Spread>, it: &Break) {
    at(servers, it.falls, Cluster::cut).await;
    let still_up = it.holds != it.falls;
    at(servers, it.holds, move |server| {
        server.set(NO_STANDBY);
        if still_up {
            server.reload();
        }
    })
    .await;
    at(servers, it.falls, Cluster::up).await;
}

/// Who asked is told that it is done only where it is.
async fn told(commit: JoinHandle<Result<(), Fault>>, it: &Break) {
    match commit.await.expect("no panic") {
        Ok(()) => assert!(it.stays, "{}: what was answered is lost", it.what),
        Err(fault) => assert!(matches!(fault, Fault::Unavailable(_)), "{}: {fault:?}", it.what),
    }
}

/// Waits until so many transactions are prepared on the workers and not ended.
async fn until(servers: &Arc<Spread>, name: &str, wanted: impl Fn(i64) -> bool) {
    for _ in 0..300 {
        if wanted(undecided(servers, name).await) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} transactions are prepared", undecided(servers, name).await);
}

/// How many messages of a batch have a record.
async fn there(store: &Postgres, cut: u64) -> usize {
    let mut there = 0;
    for (request, _) in batch_of(cut, 0) {
        let Ok(Page::Record(found)) = store.page(&Query::Record(request.key)).await else { panic!("asked") };
        there += usize::from(found.is_some());
    }
    there
}
