//! What only a server can do to us: several lanes at once, power cuts, connections that break, schemas of others.

use crate::common::cluster::{self, Cluster};
pub(crate) use crate::common::families::{PHARMACY, buy, found_families};
use crate::common::*;
use crate::standby::until;
use domain::day::Moment;
use domain::facts::Facts;
use domain::ids::{BindingNo, PersonNo, Serial};
use domain::ledger::{Entry, post};
use domain::needs::Needs;
use domain::request::{BindingEvent, Body};
use domain::words::*;
use domain::world::World;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::memory::Memory;
use store::postgres::{Options, Postgres};
use store::{Desk as _, Fault, LAST_SERIAL, Lane, LaneNo, Page, Query, Record, Store};
use tokio_postgres::{Client, NoTls};

pub(crate) async fn open(url: &str) -> Postgres {
    Postgres::open(url, Options::default()).await.expect("opens")
}

pub(crate) async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("connects");
    tokio::spawn(connection);
    client
}

/// The same with a pack.
pub(crate) fn buy_pack(id: &str, patient: &str, pack: u64) -> Asked {
    let scheme = if patient.starts_with("li") { Scheme::Employee } else { Scheme::Resident };
    let lines = vec![crate::traces::packed("1", &(20 + pack).to_string(), &[pack])];
    hospital(PHARMACY, id, purchase(patient, scheme, "2025-02-01 09:00", lines))
}

async fn facts(store: &dyn Store, asked: &[Asked], moment: Moment) -> Facts {
    let needs = Needs::of(asked.iter().map(|(it, _)| it), moment);
    let Ok(Page::Facts(rows)) = store.page(&Query::Facts(Box::new(needs), moment)).await else {
        panic!("facts")
    };
    rows.facts
}

pub(crate) async fn records(store: &dyn Store) -> Vec<Record> {
    let query = Query::Records { from: Serial(0), to: LAST_SERIAL, limit: 100_000 };
    let Ok(Page::Records(mut records)) = store.page(&query).await else { panic!("records") };
    records.sort_by_key(|it| (it.turn.at, it.turn.serial));
    records
}

/// Everything that is stored follows from the records, in the order of their moments: decided again on the facts they
/// leave, each comes out the same; purses hold what entries say; counts say how much there is.
pub(crate) async fn assert_sound(store: &Postgres) {
    let mut facts = Facts::default();
    let mut purses = BTreeMap::new();
    let records = records(store).await;
    let mut entries: Vec<Entry> = Vec::new();
    for record in &records {
        let (request, turn) = (&record.request, record.turn);
        let seen = World::from(facts.clone()).within(&Needs::of([request], turn.at), turn.at);
        let again = domain::decision::decide(request, turn, &seen, &LAW);
        assert_eq!(again, record.decision, "{request:?}");
        facts.apply(request, turn, &record.decision);
        if let Some(journal) = record.decision.changes().and_then(|it| it.journal.as_ref()) {
            post(&mut purses, journal, turn.at.day()).expect("no purse below zero");
            entries.extend(journal.entries());
        }
    }
    let Ok(Page::Purses(stored)) = store.page(&Query::Purses { after: None, limit: 100_000 }).await else {
        panic!("purses")
    };
    for (account, balance) in stored {
        let computed = purses.remove(&account);
        assert!(computed.is_none_or(|it| it.same_as(balance)), "{account:?}: {computed:?}, {balance:?}");
    }
    assert!(purses.is_empty(), "{purses:?}");
    let Ok(Page::Counts(counts)) = store.page(&Query::Counts).await else { panic!("counts") };
    assert_eq!((counts.records, counts.entries), (records.len() as u64, entries.len() as u64));
    let query = Query::Journal { from: Serial(0), limit: 100_000 };
    let Ok(Page::Journal(journal)) = store.page(&query).await else { panic!("a journal") };
    let mut journal: Vec<Entry> = journal.into_iter().map(|(_, it)| it).collect();
    journal.sort();
    entries.sort();
    assert_eq!(journal, entries);
}

/// What each of two lanes decides, and whether the second has to decide again.
fn pairs(giver: PersonNo, binding: BindingNo) -> Vec<(&'static str, Asked, Asked, bool)> {
    vec![
        ("both spend the giver's money", buy("a", "bao 0", "20"), buy("b", "bao 0", "20"), true),
        ("giver and child", buy("c", "li 0", "2"), buy("d", "bao 0", "2"), true),
        ("the binding ends", event("e", giver, binding, BindingEvent::Release), buy("f", "bao 0", "1"), true),
        ("the giver gets money", credit("li 1", "0", "1"), buy("g", "bao 1", "1"), true),
        ("strangers", buy("h", "bao 0", "1"), buy("i", "bao 1", "1"), false),
        ("one pack, sold to strangers", buy_pack("p1", "bao 0", 1), buy_pack("p2", "bao 1", 1), true),
        ("other packs", buy_pack("p3", "bao 0", 2), buy_pack("p4", "bao 1", 3), false),
        ("the same message", buy("j", "li 0", "1"), buy("j", "li 0", "1"), true),
        (
            "the pharmacy changes",
            renamed("set again", institution(PHARMACY, "320300", InstitutionKind::Pharmacy, Level::Primary)),
            buy("k", "bao 1", "1"),
            true,
        ),
        (
            "a person comes twice",
            person("new", "1990-01-01", None),
            renamed("again", person("new", "1990-01-01", None)),
            true,
        ),
        (
            "a reversal bars what comes",
            hospital(PHARMACY, "r", reverse("li 1", PHARMACY, "l")),
            buy("l", "li 1", "1"),
            true,
        ),
        (
            "what came is to be reversed",
            buy("m", "li 1", "1"),
            hospital(PHARMACY, "s", reverse("li 1", PHARMACY, "m")),
            true,
        ),
    ]
}

/// If this fails, two tills spend the same money, or a decision stands on what was no longer true.
#[tokio::test]
async fn a_lane_that_was_overtaken_commits_nothing() {
    let Some(url) = cluster::database() else { return };
    let store = open(&url).await;
    let mut one = store.lane(LaneNo(1)).await.expect("free");
    let mut two = store.lane(LaneNo(2)).await.expect("free");
    let people = found_families(one.as_mut(), 2).await;
    let moment = at("2025-02-01 10:00");
    let bound = facts(&store, &[buy("", "bao 0", "1")], moment).await;
    let binding = *bound.bindings.keys().next().expect("bound");
    for (what, first, second, overtaken) in pairs(people[0], binding) {
        let later = now(one.as_mut(), &second, moment).await;
        let (_, _, late) = decided(one.as_mut(), std::slice::from_ref(&second), later).await;
        let later = now(two.as_mut(), &first, moment).await;
        turn(two.as_mut(), std::slice::from_ref(&first), later).await.expect("commits");
        let before = records(&store).await.len();
        let committed = one.commit(Arc::new(late)).await;
        if overtaken {
            assert!(matches!(committed, Err(Fault::Conflict(_))), "{what}: {committed:?}");
            assert_eq!(records(&store).await.len(), before, "{what}: something of it is stored");
            let later = now(one.as_mut(), &second, moment).await;
            turn(one.as_mut(), &[second], later).await.expect("commits after deciding again");
        } else {
            assert_eq!(committed, Ok(()), "{what}");
        }
    }
    assert_sound(&store).await;
}

/// When a lane decides that is asked at a moment: after what the others decided.
async fn now(lane: &mut dyn Lane, asked: &Asked, moment: Moment) -> Moment {
    lane.load(&[&asked.0], moment).await.expect("loads").since.map_or(moment, |it| it.max(moment))
}

/// The same under another key.
pub(crate) fn renamed(id: &str, (mut request, attachments): Asked) -> Asked {
    request.key.id = id.to_owned();
    (request, attachments)
}

/// Asks until it is decided, as the flow does: after a conflict again, with what is known now.
pub(crate) async fn persist(lane: &mut dyn Lane, asked: &[Asked], clock: Moment) {
    for _ in 0..200 {
        let requests: Vec<_> = asked.iter().map(|(it, _)| it).collect();
        // Loaded once: what came after that is told by the commit, and not by a moment that was read before it.
        let rows = lane.load(&requests, clock).await.expect("loads");
        let at = rows.since.map_or(clock, |it| it.max(clock));
        let (_, batch) = decided_on(rows, asked, at);
        if batch.records.is_empty() {
            return;
        }
        match lane.commit(Arc::new(batch)).await {
            Ok(()) => return,
            Err(Fault::Conflict(_)) => {}
            Err(fault) => panic!("{fault}"),
        }
    }
    panic!("a lane never comes to its turn");
}

/// If this fails, lanes that run at the same time spend money twice, decide a message twice, or lose one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lanes_at_once_leave_books_that_follow_from_their_records() {
    let Some(url) = cluster::database() else { return };
    let store = open(&url).await;
    let mut first = store.lane(LaneNo(1)).await.expect("free");
    found_families(first.as_mut(), 3).await;
    drop(first);
    let mut lanes = Vec::new();
    for number in 1..=3_u16 {
        let store = store.clone();
        lanes.push(tokio::spawn(async move {
            let mut lane = store.lane(LaneNo(number)).await.expect("free");
            for round in 0..12_u16 {
                let family = (number + round) % 3;
                let both = [format!("li {family}"), format!("bao {family}")];
                let asked = [
                    buy(&format!("{number} {round} a"), &both[0], "1"),
                    buy(&format!("{number} {round} b"), &both[1], "2"),
                    // The same message in every lane: one decides it, the others give its answer again.
                    buy(&format!("all {round}"), &both[1], "1"),
                ];
                persist(lane.as_mut(), &asked, at("2025-02-01 10:00")).await;
            }
        }));
    }
    for lane in lanes {
        lane.await.expect("a lane runs to its end");
    }
    assert_sound(&store).await;
    let bought = records(&store).await.iter().filter(|it| matches!(it.request.body, Body::Settle(_))).count();
    assert_eq!(bought, 3 * 12 * 2 + 12, "every message is decided once");
}

/// If this fails, a power cut leaves half of what was decided, or loses what was answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_leaves_each_batch_whole_or_not_at_all() {
    let Some(cluster) = Cluster::start() else { return };
    let cluster = Arc::new(cluster);
    let store = open(&cluster.database()).await;
    let mut lane = store.lane(LaneNo(1)).await.expect("free");
    found_families(lane.as_mut(), 4).await;
    drop(lane);
    for cut in 0..3 {
        let lane = store.lane(LaneNo(1)).await.expect("free");
        let (server, ready) = (Arc::clone(&cluster), Duration::from_millis(60 + 37 * cut));
        let cutting = tokio::spawn(async move {
            tokio::time::sleep(ready).await;
            tokio::task::spawn_blocking(move || server.cut()).await.expect("cuts");
        });
        let answered = until_broken(lane, cut).await;
        cutting.await.expect("cut");
        let server = Arc::clone(&cluster);
        tokio::task::spawn_blocking(move || server.up()).await.expect("starts again");
        assert_whole(&store, &answered, cut).await;
    }
}

/// If this fails, a connection that breaks in the middle leaves half of a batch, or a lane that nobody can open.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_connection_leaves_each_batch_whole_or_not_at_all() {
    let Some(url) = cluster::database() else { return };
    let store = open(&url).await;
    let mut lane = store.lane(LaneNo(1)).await.expect("free");
    found_families(lane.as_mut(), 4).await;
    drop(lane);
    for cut in 0..5 {
        let lane = store.lane(LaneNo(1)).await.expect("free");
        let (url, ready) = (url.clone(), Duration::from_millis(20 + 17 * cut));
        let breaking = tokio::spawn(async move {
            tokio::time::sleep(ready).await;
            let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
                        AND application_name LIKE 'gongji%'";
            client(&url).await.execute(kill, &[]).await.expect("kills");
        });
        let answered = until_broken(lane, cut).await;
        breaking.await.expect("broken");
        assert_whole(&store, &answered, cut).await;
    }
}

fn batch_of(cut: u64, round: u64) -> Vec<Asked> {
    (0..6).map(|it| buy(&format!("cut {cut} {round} {it}"), &format!("bao {}", it % 4), "1")).collect()
}

/// Commits until the store is not available; how many batches it has answered.
async fn until_broken(mut lane: Box<dyn Lane>, cut: u64) -> u64 {
    for round in 0.. {
        let asked = batch_of(cut, round);
        let requests: Vec<_> = asked.iter().map(|(it, _)| it).collect();
        let Ok(rows) = lane.load(&requests, at("2025-02-01 10:00")).await else { return round };
        let moment = rows.since.expect("founded").max(at("2025-02-01 10:00"));
        let (_, batch) = decided_on(rows, &asked, moment);
        if lane.commit(Arc::new(batch)).await.is_err() {
            return round;
        }
    }
    unreachable!("the server is stopped")
}

async fn assert_whole(store: &Postgres, answered: &u64, cut: u64) {
    let mut lane = store.lane(LaneNo(1)).await.expect("the lane can be opened again");
    for round in 0..=*answered {
        let mut there = 0;
        for (request, _) in batch_of(cut, round) {
            let Ok(Page::Record(found)) = store.page(&Query::Record(request.key)).await else {
                panic!("asked")
            };
            there += usize::from(found.is_some());
        }
        assert!(
            there == 6 || (there == 0 && round == *answered),
            "batch {round} of {answered}: {there} of 6"
        );
    }
    // What is unknown is asked again, and is decided once.
    let asked = batch_of(cut, *answered);
    persist(lane.as_mut(), &asked, at("2025-02-01 10:00")).await;
    assert_sound(store).await;
}

/// If this fails, a second process that starts spoils the schema of the first, or writes to books it does not know.
#[tokio::test]
async fn a_schema_is_made_once_and_read_by_who_knows_it() {
    let Some(url) = cluster::database() else { return };
    let looking = Options { create: false, ..Options::default() };
    assert_eq!(Postgres::is_there(&url).await, Ok(false));
    assert!(matches!(Postgres::open(&url, looking).await.map(|_| ()), Err(Fault::Unavailable(_))));
    assert_eq!(Postgres::is_there(&url).await, Ok(false), "looking makes nothing");
    let opened = tokio::join!(
        Postgres::open(&url, Options::default()),
        Postgres::open(&url, Options::default()),
        Postgres::open(&url, Options::default()),
    );
    assert!(opened.0.is_ok() && opened.1.is_ok() && opened.2.is_ok());
    assert_eq!(Postgres::is_there(&url).await, Ok(true));
    assert!(Postgres::open(&url, looking).await.is_ok());
    let client = client(&url).await;
    let refused = |found: Result<Postgres, Fault>| match found.map(|_| ()) {
        Err(Fault::Damaged(what)) => what,
        other => panic!("{other:?}"),
    };
    let swap = "UPDATE word SET word = CASE no WHEN 1 THEN 'child' ELSE 'parent' END WHERE list = 'relation' AND no IN (1, 2)";
    client.batch_execute(swap).await.expect("swaps");
    assert!(refused(Postgres::open(&url, looking).await).contains("`relation`"));
    client.batch_execute("UPDATE gongji_schema SET version = 99").await.expect("writes");
    assert!(refused(Postgres::open(&url, Options::default()).await).contains("99"));
}

/// If this fails, books are written into a database that is somebody else's.
#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    let Some(url) = cluster::database() else { return };
    client(&url).await.batch_execute("CREATE TABLE theirs ()").await.expect("makes");
    assert!(matches!(Postgres::open(&url, Options::default()).await.map(|_| ()), Err(Fault::Damaged(_))));
}

/// If this fails, two processes write one chain.
#[tokio::test]
async fn a_lane_of_another_process_is_not_opened() {
    let Some(url) = cluster::database() else { return };
    let options = Options { wait_for_lane: Duration::from_millis(100), ..Options::default() };
    let (one, other) = (open(&url).await, Postgres::open(&url, options).await.expect("opens"));
    let held = one.lane(LaneNo(1)).await.expect("free");
    assert!(
        matches!(other.lane(LaneNo(1)).await.map(|_| ()), Err(Fault::Unavailable(what)) if what.contains("held"))
    );
    assert!(other.lane(LaneNo(2)).await.is_ok());
    drop(held);
    assert!(open(&url).await.lane(LaneNo(1)).await.is_ok(), "it is free when its connection is gone");
    assert!(one.lane(LaneNo(0)).await.is_err() && one.lane(LaneNo(1024)).await.is_err());
}

/// If this fails, whoever asks while the server hangs hangs with it, instead of being told to come again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_a_connection_for_ever() {
    let Some(url) = cluster::database() else { return };
    let wait_for_connection = Duration::from_millis(50);
    let options = Options { readers: 1, clerks: 1, wait_for_connection, ..Options::default() };
    let store = Postgres::open(&url, options).await.expect("opens");
    let (purses, moment) = (Query::Purses { after: None, limit: 1 }, at("2025-02-01 10:00"));
    let (in_the_way, looking) = (client(&url).await, client(&url).await);
    let lock = "BEGIN; LOCK TABLE purse, desk IN ACCESS EXCLUSIVE MODE";
    in_the_way.batch_execute(lock).await.expect("locks");
    let (asking, asked) = (store.clone(), purses.clone());
    let page = tokio::spawn(async move { asking.page(&asked).await });
    let asking = store.clone();
    let got = tokio::spawn(async move { asking.get("drawer", "key", moment).await });
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    until("both wait for the server", async || {
        let found: i64 = looking.query_one(waiting, &[]).await.expect("asks").get(0);
        if found == 2 { Ok(()) } else { Err(format!("{found} wait")) }
    })
    .await;
    let refused = |fault| matches!(fault, Fault::Unavailable(what) if what.contains("in use"));
    assert!(store.page(&purses).await.is_err_and(refused));
    assert!(store.get("drawer", "key", moment).await.is_err_and(refused));
    in_the_way.batch_execute("COMMIT").await.expect("goes out of the way");
    assert!(page.await.expect("ends").is_ok() && got.await.expect("ends").is_ok());
    assert!(store.page(&purses).await.is_ok(), "its connection came back");
    assert_eq!(store.get("drawer", "key", moment).await, Ok(None));
}

/// If this fails, a password stands in a log, or somebody believes a connection to be protected that is not.
#[tokio::test]
async fn an_address_is_never_repeated() {
    for url in [
        "postgres://u:s3cret@127.0.0.1:1/books",
        "postgres://u:s3cret@127.0.0.1:port/books",
        "postgres://u:s3cret@127.0.0.1:1/books?sslmode=require",
        "postgres://u:s3cret@127.0.0.1:1/books?sslrootcert=/does/not/exist",
        "postgres://u:pa?s3cret@127.0.0.1:1/books",
        "mysql://u:s3cret@127.0.0.1/books",
    ] {
        let Err(Fault::Unavailable(what)) = Postgres::open(url, Options::default()).await.map(|_| ()) else {
            panic!("{url} is opened")
        };
        assert!(!what.contains("s3cret"), "{what}");
    }
}

/// If this fails, one sender whose text cannot be stored keeps everybody else from being served.
#[tokio::test]
async fn texts_with_nul_and_backslash_are_stored() {
    let Some(url) = cluster::database() else { return };
    let (store, reference) = (open(&url).await, Memory::default());
    let asked =
        [hospital(PHARMACY, "a\0b\\c", purchase("nobody", Scheme::Employee, "2025-02-01 09:00", Vec::new()))];
    for lane in [store.lane(LaneNo(1)).await, reference.lane(LaneNo(1)).await] {
        turn(lane.expect("free").as_mut(), &asked, at("2025-02-01 10:00")).await.expect("commits");
    }
    let query = Query::Record(asked[0].0.key.clone());
    assert_eq!(store.page(&query).await, reference.page(&query).await);
    assert!(matches!(store.page(&query).await, Ok(Page::Record(Some(_)))));
}
