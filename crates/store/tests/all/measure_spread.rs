//! What several servers cost against one, on one machine: a ratio, no more than that.
//! `cargo test -p store --test all measure_spread -- --ignored --nocapture`.

use crate::citus::{persist, spread_store};
use crate::common::*;
use crate::common::{cluster, spread};
use crate::postgres::{client, open};
use domain::words::*;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::postgres::Postgres;
use store::{Lane, LaneNo, Store};

const FAMILIES: usize = 200;
const BATCH: usize = 64;
const BATCHES: usize = 40;

fn pharmacy(lane: LaneNo) -> String {
    format!("P3203{:07}", lane.0)
}

fn name(who: &str, lane: LaneNo, family: usize) -> String {
    format!("{who} {} {family}", lane.0)
}

/// Families of a giver and a child, the children where `children` is, the givers where `givers` is.
async fn found(givers: (LaneNo, &mut dyn Lane), children: Option<&mut dyn Lane>) {
    let (number, givers) = givers;
    let li = |it: usize| name("li", number, it);
    let bao = |it: usize| name("bao", number, it);
    let place = institution(&pharmacy(number), "320300", InstitutionKind::Pharmacy, Level::None);
    let asked: Vec<Asked> =
        (0..FAMILIES).map(|it| person(&li(it), "1985-07-15", None)).chain([place]).collect();
    let numbers = persist(givers, &asked, "2025-01-05 09:00").await;
    let asked: Vec<Asked> = (0..FAMILIES).map(|it| person(&bao(it), "2015-02-28", None)).collect();
    let lives = |it| enrol(&bao(it), Scheme::Resident, "320300", Category::Child);
    let lives: Vec<Asked> = (0..FAMILIES).map(lives).collect();
    match children {
        Some(children) => {
            let _ = persist(children, &asked, "2025-01-05 09:00").await;
            let _ = persist(children, &lives, "2025-01-05 09:01").await;
        }
        None => {
            let _ = persist(givers, &asked, "2025-01-05 09:00").await;
            let _ = persist(givers, &lives, "2025-01-05 09:01").await;
        }
    }
    let lives = (0..FAMILIES).flat_map(|it| {
        [enrol(&li(it), Scheme::Employee, "320300", Category::Active), credit(&li(it), "0", "50000")]
    });
    let _ = persist(givers, &lives.collect::<Vec<_>>(), "2025-01-05 09:01").await;
    let bound =
        (0..FAMILIES).map(|it| bind((&li(it), person_no(&numbers[it])), &bao(it), Relation::Child, None));
    let decided = persist(givers, &bound.collect::<Vec<_>>(), "2025-01-06 09:00").await;
    decided.iter().for_each(|it| assert!(it.reasons().is_empty(), "{it:?}"));
}

/// Settles batches of children's purchases, and says how long loading and committing took.
#[allow(clippy::disallowed_methods, reason = "a measurement reads a clock")]
async fn settle_all(number: LaneNo, lane: &mut dyn Lane) -> [Duration; 2] {
    let [mut loading, mut committing] = [Duration::ZERO; 2];
    for round in 0..BATCHES {
        let asked = (0..BATCH).map(|it| {
            let who = name("bao", number, (round * BATCH + it) % FAMILIES);
            // The same bill twice within minutes would be refused.
            let boxes = format!("{}", (round * BATCH + it) / FAMILIES + 1);
            let lines = ["1", "2", "3"].map(|sn| line(sn, &boxes, false)).to_vec();
            let body = purchase(&who, Scheme::Resident, "2025-02-01 09:00", lines);
            hospital(&pharmacy(number), &format!("{round} {it}"), body)
        });
        let asked: Vec<Asked> = asked.collect();
        let requests: Vec<_> = asked.iter().map(|(it, _)| it).collect();
        let moment = at("2025-02-01 10:00");
        let started = Instant::now();
        let rows = lane.load(&requests, moment).await.expect("loads");
        loading += started.elapsed();
        let moment = rows.since.map_or(moment, |it| it.max(moment));
        let (decisions, batch) = decided_on(rows, &asked, moment);
        decisions.iter().for_each(|it| assert!(it.reasons().is_empty(), "{it:?}"));
        let started = Instant::now();
        lane.commit(Arc::new(batch)).await.expect("commits");
        committing += started.elapsed();
    }
    [loading, committing]
}

#[allow(clippy::disallowed_methods, reason = "a measurement reads a clock")]
async fn run(what: &str, store: &Postgres, numbers: &[LaneNo], crosswise: bool) {
    let mut lanes = Vec::new();
    for number in numbers {
        lanes.push((*number, store.lane(*number).await.expect("free")));
    }
    if crosswise {
        let [(near, one), (_, other)] = &mut lanes[..] else { panic!("two lanes") };
        found((*near, one.as_mut()), Some(other.as_mut())).await;
        lanes.remove(0);
        lanes[0].0 = numbers[0];
    } else {
        for (number, lane) in &mut lanes {
            found((*number, lane.as_mut()), None).await;
        }
    }
    let (started, count) = (Instant::now(), lanes.len() * BATCHES * BATCH);
    let working = lanes
        .into_iter()
        .map(|(number, mut lane)| tokio::spawn(async move { settle_all(number, lane.as_mut()).await }));
    let mut spent = [Duration::ZERO; 2];
    for lane in working.collect::<Vec<_>>() {
        let [loading, committing] = lane.await.expect("settles");
        spent = [spent[0] + loading, spent[1] + committing];
    }
    let each = spent.map(|it| it.as_micros() / count as u128);
    let second = count as u128 * 1_000 / started.elapsed().as_millis();
    println!("{what}: {second} a second; load {} µs, commit {} µs a settlement", each[0], each[1]);
}

/// How many bytes a settlement takes with everything that belongs to it, on all servers.
async fn bytes(url: &str, spread: bool) -> i64 {
    let sql = if spread {
        "SELECT sum(citus_total_relation_size(logicalrelid))::bigint FROM pg_dist_partition WHERE partmethod = 'h' \
         AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = logicalrelid)"
    } else {
        "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relkind = 'r' AND \
         relnamespace = 'public'::regnamespace"
    };
    client(url).await.query_one(sql, &[]).await.expect("asks").get(0)
}

/// How fast lanes settle on one server and on several, on this machine.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures; takes a minute and wants a quiet machine"]
async fn several_servers_cost_a_settlement_little_more_than_one() {
    let (Some(one), Some(several)) = (cluster::database(), spread::database().await) else { return };
    let store = open(&one).await;
    run("one server, one lane", &store, &[LaneNo(1)], false).await;
    let before = bytes(&one, false).await;
    run("one server, two lanes", &store, &[LaneNo(2), LaneNo(3)], false).await;
    let more = bytes(&one, false).await - before;
    println!("{} bytes a settlement", more / i64::try_from(2 * BATCHES * BATCH).expect("small"));
    let (store, numbers) = spread_store(&several).await;
    run("several servers, one lane", &store, &[LaneNo(1)], false).await;
    run("several servers, two lanes", &store, &[LaneNo(2), numbers[1]], false).await;
    println!("{} bytes on all servers", bytes(&several, true).await);
    let third = spread::database().await.expect("there was one");
    let (store, numbers) = spread_store(&third).await;
    run("several servers, one lane, families on two", &store, &numbers, true).await;
}
