//! What several servers can do to the store that one cannot: families that live on two of them, decisions that are on
//! one and not yet on the other, servers that go away one by one.

use crate::common::spread::{self, Spread};
use crate::common::*;
use crate::plans::statements;
use crate::postgres::{PHARMACY, assert_sound, buy, buy_pack, client, open, records, renamed};
use crate::server_plans::plan;
use domain::ids::PersonNo;
use domain::request::{Body, RecordDeath};
use domain::words::*;
use std::sync::Arc;
use std::time::Duration;
use store::postgres::{Options, Postgres};
use store::{Fault, Lane, LaneNo, Page, Query, Store};

pub(crate) const NOON: &str = "2025-02-01 12:00";

/// A store that is spread, and two lanes whose homes are on different servers.
pub(crate) async fn spread_store(url: &str) -> (Postgres, [LaneNo; 2]) {
    Postgres::spread(url, Options::default()).await.expect("spreads");
    let server = "(SELECT nodename FROM citus_shards \
                  WHERE shardid = get_shard_id_for_distribution_column('home', lane::smallint))";
    let far = format!(
        "WITH lanes AS (SELECT lane, {server} AS server FROM generate_series(1, 64) AS lane) SELECT min(lane) \
         FROM lanes WHERE server <> (SELECT server FROM lanes WHERE lane = 1)"
    );
    let far: i32 = client(url).await.query_one(&far, &[]).await.expect("asks").get(0);
    (open(url).await, [LaneNo(1), LaneNo(u16::try_from(far).expect("a lane"))])
}

pub(crate) async fn both(store: &Postgres, numbers: [LaneNo; 2]) -> [Box<dyn Lane>; 2] {
    let [near, far] = numbers.map(|it| store.lane(it));
    [near.await.expect("free"), far.await.expect("free")]
}

/// Asks until it is decided, as the flow does, at a moment after all that it depends on.
pub(crate) async fn persist(
    lane: &mut dyn Lane,
    asked: &[Asked],
    clock: &str,
) -> Vec<domain::decision::Decision> {
    let requests: Vec<_> = asked.iter().map(|(it, _)| it).collect();
    for _ in 0..400 {
        match lane.load(&requests, at(clock)).await {
            Ok(rows) => {
                let moment = rows.since.map_or(at(clock), |it| it.max(at(clock)));
                let (decisions, batch) = decided_on(rows, asked, moment);
                let committed =
                    if batch.records.is_empty() { Ok(()) } else { lane.commit(Arc::new(batch)).await };
                match committed {
                    Ok(()) => return decisions,
                    Err(Fault::Conflict(_)) => {}
                    Err(fault) => panic!("{fault}"),
                }
            }
            Err(Fault::Conflict(_)) => tokio::time::sleep(Duration::from_millis(5)).await,
            Err(fault) => panic!("{fault}"),
        }
    }
    panic!("a lane never comes to its turn");
}

/// Families of a giver with 300 yuan, who lives with one lane, and a child, who lives with the other.
pub(crate) async fn found_families([near, far]: &mut [Box<dyn Lane>; 2], families: usize) -> Vec<PersonNo> {
    let names = |who: &'static str| (0..families).map(move |it| format!("{who} {it}"));
    let place = institution(PHARMACY, "320300", InstitutionKind::Pharmacy, Level::None);
    let givers: Vec<Asked> = names("li").map(|it| person(&it, "1985-07-15", None)).chain([place]).collect();
    let givers = persist(near.as_mut(), &givers, "2025-01-05 09:00").await;
    let givers: Vec<PersonNo> = givers[..families].iter().map(person_no).collect();
    let children: Vec<Asked> = names("bao").map(|it| person(&it, "2015-02-28", None)).collect();
    let _ = persist(far.as_mut(), &children, "2025-01-05 09:00").await;
    let lives = names("li")
        .flat_map(|li| [enrol(&li, Scheme::Employee, "320300", Category::Active), credit(&li, "0", "300")]);
    let mut decided = persist(near.as_mut(), &lives.collect::<Vec<_>>(), "2025-01-05 09:01").await;
    let lives = names("bao").map(|it| enrol(&it, Scheme::Resident, "320300", Category::Child));
    decided.extend(persist(far.as_mut(), &lives.collect::<Vec<_>>(), "2025-01-05 09:01").await);
    let pairs = names("li").zip(names("bao")).zip(&givers);
    let bound = pairs.map(|((li, bao), no)| bind((&li, *no), &bao, Relation::Child, None));
    decided.extend(persist(near.as_mut(), &bound.collect::<Vec<_>>(), "2025-01-06 09:00").await);
    decided.iter().for_each(|it| assert!(it.reasons().is_empty(), "{it:?}"));
    givers
}

/// If this fails, a statement asks servers that have nothing to do with it, or is one that Citus refuses.
#[tokio::test]
async fn every_statement_about_a_home_goes_to_one_server() {
    let Some(url) = spread::database().await else { return };
    let (store, lanes) = spread_store(&url).await;
    let mut lanes = both(&store, lanes).await;
    found_families(&mut lanes, 2).await;
    let client = client(&url).await;
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (name, sql) in statements("postgres").into_iter().filter(|(_, sql)| sql.contains("home")) {
        seen += 1;
        let plan = plan(&client, &sql).await;
        let tasks: Vec<&str> =
            plan.iter().map(|it| it.trim()).filter(|it| it.starts_with("Task Count")).collect();
        if tasks != ["Task Count: 1"] {
            wrong.push(format!("{name}: {tasks:?}\n{}\n", plan.join("\n")));
        }
    }
    assert!(seen > 50, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.concat());
    let everywhere = plan(&client, "SELECT count(*) FROM guard").await;
    assert!(everywhere.iter().any(|it| it.contains("Task Count: 8")), "what asks every server is recognised");
}

/// If this fails, a child whose giver lives on another server cannot be settled, or is settled on one of the two only.
#[tokio::test]
async fn a_family_on_two_servers_is_settled_on_both() {
    let Some(url) = spread::database().await else { return };
    let (store, numbers) = spread_store(&url).await;
    let mut lanes = both(&store, numbers).await;
    let givers = found_families(&mut lanes, 1).await;
    let [near, far] = &mut lanes;
    let bought = persist(far.as_mut(), &[buy("one", "bao 0", "3")], NOON).await;
    assert!(bought[0].reasons().is_empty(), "{bought:?}");
    let relatives =
        |it: &domain::facts::Settlement| it.draws.iter().map(|it| it.amount()).collect::<Vec<_>>();
    let query = Query::Settlements { person: givers[0], before: None, limit: 9 };
    let Ok(Page::Settlements(drawn)) = store.page(&query).await else { panic!("settlements") };
    assert_eq!(drawn.iter().map(relatives).collect::<Vec<_>>(), [[yuan("30")]], "the giver is told");
    let homes = "SELECT home FROM guard WHERE person = $1 ORDER BY home";
    let giver = i64::try_from(givers[0].0).expect("a number");
    let homes = client(&url).await.query(homes, &[&giver]).await.expect("asks");
    let homes: Vec<i16> = homes.iter().map(|it| it.get(0)).collect();
    assert_eq!(homes, numbers.map(|it| i16::try_from(it.0).expect("small")), "each server knows of it");
    let undone =
        persist(far.as_mut(), &[hospital(PHARMACY, "undo", reverse("bao 0", PHARMACY, "one"))], NOON).await;
    assert!(undone[0].reasons().is_empty(), "{undone:?}");
    let again = persist(near.as_mut(), &[buy("two", "li 0", "3")], NOON).await;
    assert!(again[0].reasons().is_empty(), "{again:?}");
    assert_sound(&store).await;
}

/// What each of two lanes on different servers decides about one family, and whether the second has to decide again.
fn pairs() -> Vec<(&'static str, Asked, Asked, bool)> {
    let again = institution(PHARMACY, "320300", InstitutionKind::Pharmacy, Level::Primary);
    vec![
        ("both spend the giver's money", buy("a", "bao 0", "2"), buy("b", "bao 0", "2"), true),
        ("the giver, and the child elsewhere", buy("c", "li 0", "2"), buy("d", "bao 0", "2"), true),
        ("the child, and the giver elsewhere", buy("e", "bao 0", "2"), buy("f", "li 0", "2"), true),
        ("the giver gets money", credit("li 1", "0", "1"), buy("g", "bao 1", "1"), true),
        ("strangers", buy("h", "bao 0", "1"), buy("i", "bao 1", "1"), false),
        ("one pack, sold to strangers", buy_pack("p1", "bao 0", 1), buy_pack("p2", "bao 1", 1), true),
        ("other packs", buy_pack("p3", "bao 0", 2), buy_pack("p4", "bao 1", 3), false),
        ("the giver dies", death(), buy("k", "bao 0", "1"), true),
        ("the pharmacy changes", renamed("set again", again), buy("l", "bao 1", "1"), true),
        (
            "a person comes twice",
            person("new", "1990-01-01", None),
            renamed("2", person("new", "1990-01-01", None)),
            true,
        ),
    ]
}

fn death() -> Asked {
    agency("dies", Body::RecordDeath(RecordDeath { person: by("li 0"), on: day("2025-01-31") }))
}

/// If this fails, two lanes on two servers spend the same money: what one server shows is not yet true on the other.
#[tokio::test]
async fn a_lane_that_was_overtaken_on_another_server_commits_nothing() {
    let Some(url) = spread::database().await else { return };
    let (store, numbers) = spread_store(&url).await;
    let mut lanes = both(&store, numbers).await;
    found_families(&mut lanes, 2).await;
    let [near, far] = &mut lanes;
    for (what, first, second, overtaken) in pairs() {
        let rows = far.load(&[&second.0], at(NOON)).await.expect("loads");
        let moment = rows.since.map_or(at(NOON), |it| it.max(at(NOON)));
        let (_, late) = decided_on(rows, std::slice::from_ref(&second), moment);
        let _ = persist(near.as_mut(), &[first], NOON).await;
        let before = records(&store).await.len();
        let committed = far.commit(Arc::new(late)).await;
        if overtaken {
            assert!(matches!(committed, Err(Fault::Conflict(_))), "{what}: {committed:?}");
            assert_eq!(records(&store).await.len(), before, "{what}: something of it is stored");
            let _ = persist(far.as_mut(), &[second], NOON).await;
        } else {
            assert_eq!(committed, Ok(()), "{what}");
        }
    }
    assert_sound(&store).await;
}

/// If this fails, lanes on several servers that run at the same time spend money twice, or lose a request.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lanes_on_several_servers_leave_books_that_follow_from_their_records() {
    let Some(url) = spread::database().await else { return };
    let (store, numbers) = spread_store(&url).await;
    let mut lanes = both(&store, numbers).await;
    found_families(&mut lanes, 3).await;
    let third = store.lane(LaneNo(numbers[1].0 + 1)).await.expect("free");
    let working = lanes.into_iter().chain([third]).enumerate().map(|(number, mut lane)| {
        tokio::spawn(async move {
            let pharmacy = format!("P3203000001{number}");
            let kind = InstitutionKind::Pharmacy;
            let _ =
                persist(lane.as_mut(), &[institution(&pharmacy, "320300", kind, Level::None)], NOON).await;
            for round in 0..10 {
                let who = |it: usize| format!("{} {}", ["li", "bao"][it % 2], (number + round) % 3);
                let scheme = |it: usize| [Scheme::Employee, Scheme::Resident][it % 2];
                let asked: Vec<Asked> = (0..2)
                    .map(|it| {
                        let lines = vec![line("1", "1", false)];
                        let body = purchase(&who(it), scheme(it), "2025-02-01 09:00", lines);
                        hospital(&pharmacy, &format!("{round} {it}"), body)
                    })
                    .collect();
                let _ = persist(lane.as_mut(), &asked, NOON).await;
                let undo = reverse(&who(1), &pharmacy, &format!("{round} 1"));
                let _ = persist(lane.as_mut(), &[hospital(&pharmacy, &format!("undo {round}"), undo)], NOON)
                    .await;
            }
        })
    });
    for lane in working.collect::<Vec<_>>() {
        lane.await.expect("a lane runs to its end");
    }
    assert_sound(&store).await;
    let records = records(&store).await;
    let bought = records.iter().filter(|it| matches!(it.request.body, Body::Settle(_))).count();
    assert_eq!(bought, 3 * 10 * 2, "every message is decided once");
}

pub(crate) fn batch_of(cut: u64, round: u64) -> Vec<Asked> {
    (0..6).map(|it| buy(&format!("cut {cut} {round} {it}"), &format!("bao {}", it % 4), "1")).collect()
}

/// Decides once, with nothing done where it fails.
pub(crate) async fn decided_once(lane: &mut dyn Lane, asked: &[Asked]) -> Result<(), Fault> {
    let requests: Vec<_> = asked.iter().map(|(it, _)| it).collect();
    let rows = lane.load(&requests, at(NOON)).await?;
    let moment = rows.since.map_or(at(NOON), |it| it.max(at(NOON)));
    let (_, batch) = decided_on(rows, asked, moment);
    lane.commit(Arc::new(batch)).await
}

/// Commits what is on two servers until something is not available; how many batches were answered.
async fn until_broken(store: &Postgres, number: LaneNo, cut: u64) -> u64 {
    let Ok(mut lane) = store.lane(number).await else { return 0 };
    for round in 0.. {
        if let Err(fault) = decided_once(lane.as_mut(), &batch_of(cut, round)).await {
            return broken(&fault, round);
        }
    }
    unreachable!("a server is stopped")
}

fn broken(fault: &Fault, round: u64) -> u64 {
    assert!(matches!(fault, Fault::Unavailable(_)), "{fault:?}");
    round
}

/// How many transactions are neither committed nor rolled back on the workers.
pub(crate) async fn undecided(servers: &Spread, name: &str) -> i64 {
    let mut open = 0;
    for worker in &servers.workers {
        let client = client(&worker.url(name)).await;
        let row = client.query_one("SELECT count(*) FROM pg_prepared_xacts", &[]).await.expect("asks");
        open += row.get::<_, i64>(0);
    }
    open
}

/// If this fails, a server that goes away leaves half of what was decided on two, or loses what was answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn any_server_that_goes_away_leaves_each_batch_whole_or_not_at_all() {
    let Some(servers) = Spread::start().await else { return };
    let (url, servers) = (servers.database().await, Arc::new(servers));
    let name = url.rsplit('/').next().expect("a name").to_owned();
    let (store, numbers) = spread_store(&url).await;
    found_families(&mut both(&store, numbers).await, 4).await;
    for cut in 0..6 {
        let (which, ready) =
            (usize::try_from(cut % 3).expect("small"), Duration::from_millis(400 + 37 * cut));
        let cutting = Arc::clone(&servers);
        let cutting = tokio::spawn(async move {
            tokio::time::sleep(ready).await;
            tokio::task::spawn_blocking(move || cutting.all()[which].cut()).await.expect("cuts");
        });
        let answered = until_broken(&store, numbers[1], cut).await;
        cutting.await.expect("cut");
        let starting = Arc::clone(&servers);
        tokio::task::spawn_blocking(move || starting.all()[which].up()).await.expect("starts again");
        let left = undecided(&servers, &name).await;
        let mut lane = store.lane(numbers[1]).await.expect("the lane can be opened again");
        println!("server {which} cut after {answered} batches; {left} transactions were undecided");
        for _ in 0..100 {
            if undecided(&servers, &name).await == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(undecided(&servers, &name).await, 0, "what was left is decided");
        assert_whole(&store, answered, cut).await;
        let asked = batch_of(cut, answered);
        let decided = persist(lane.as_mut(), &asked, NOON).await;
        assert_eq!(decided.len(), asked.len(), "what is unknown is asked again, and is decided once");
        drop(lane);
        assert_sound(&store).await;
    }
}

async fn assert_whole(store: &Postgres, answered: u64, cut: u64) {
    for round in 0..=answered {
        let mut there = 0;
        for (request, _) in batch_of(cut, round) {
            let Ok(Page::Record(found)) = store.page(&Query::Record(request.key)).await else {
                panic!("asked")
            };
            there += usize::from(found.is_some());
        }
        assert!(there == 6 || (there == 0 && round == answered), "batch {round} of {answered}: {there} of 6");
    }
}

/// If this fails, an area has two lanes, and a message that is sent again is decided twice.
#[tokio::test]
async fn an_area_has_one_lane_whoever_asks() {
    let Some(url) = spread::database().await else { return };
    let (store, _) = spread_store(&url).await;
    let again = open(&url).await;
    let lanes = [LaneNo(5), LaneNo(6)];
    for (code, lane) in [("320300", 5), ("320500", 6), ("320100", 5), ("320300", 5)] {
        assert_eq!(store.lane_of(area(code), &lanes).await, Ok(LaneNo(lane)), "{code}");
        assert_eq!(again.lane_of(area(code), &[LaneNo(9)]).await, Ok(LaneNo(lane)), "{code} elsewhere");
    }
    assert!(store.lane_of(area("320600"), &[]).await.is_err());
}

/// If this fails, books are spread that live on one server, or somebody is told nothing of what is missing.
#[tokio::test]
async fn what_cannot_be_spread_is_left_alone_and_said() {
    let Some(url) = spread::database().await else { return };
    let refused = |said: Result<(), Fault>| match said {
        Err(Fault::Unavailable(what)) => what,
        other => panic!("{other:?}"),
    };
    let store = open(&url).await;
    let mut lane = store.lane(LaneNo(1)).await.expect("free");
    assert!(refused(Postgres::spread(&url, Options::default()).await).contains("being served"));
    let _ = persist(lane.as_mut(), &[person("li", "1985-07-15", None)], NOON).await;
    drop(lane);
    assert!(
        refused(Postgres::spread(&url, Options::default()).await)
            .contains("decided in this database already")
    );
    let Some(url) = spread::database().await else { return };
    let store = open(&url).await;
    for _ in 0..2 {
        assert_eq!(Postgres::spread(&url, Options::default()).await, Ok(()), "again and again");
    }
    assert!(store.lane(LaneNo(1)).await.is_err(), "whoever opened it before it was spread starts anew");
    let Some(url) = crate::common::cluster::database() else { return };
    assert!(refused(Postgres::spread(&url, Options::default()).await).contains("shared_preload_libraries"));
}
