//! What a settlement costs a server: `cargo test --release -p store --test all measure -- --ignored --nocapture`.

use crate::common::cluster::Cluster;
use crate::common::*;
use crate::postgres::{client, open};
use domain::words::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Lane, LaneNo, Store};

const PEOPLE: usize = 20_000;
const PHARMACIES: usize = 300;

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % most
    }
}

fn pharmacy(no: usize) -> String {
    format!("P3203{no:07}")
}

async fn all(lane: &mut dyn Lane, asked: &[Asked], moment: &str) {
    for some in asked.chunks(500) {
        let (_, decisions) = turn(lane, some, at(moment)).await.expect("commits");
        decisions.iter().for_each(|it| assert!(it.reasons().is_empty(), "{it:?}"));
    }
}

/// A town where every second person has an account and every tenth of these shares it with a neighbour.
async fn found(lane: &mut dyn Lane) {
    let name = |it: usize| format!("p{it}");
    let people: Vec<Asked> = (0..PEOPLE).map(|it| person(&name(it), "1980-01-01", None)).collect();
    let mut numbers = Vec::new();
    for some in people.chunks(500) {
        let (_, decisions) = turn(lane, some, at("2025-01-05 09:00")).await.expect("commits");
        numbers.extend(decisions.iter().map(person_no));
    }
    let scheme = |it| if it % 2 == 0 { Scheme::Employee } else { Scheme::Resident };
    let category = |it| if it % 2 == 0 { Category::Active } else { Category::Adult };
    let lives: Vec<Asked> =
        (0..PEOPLE).map(|it| enrol(&name(it), scheme(it), "320300", category(it))).collect();
    all(lane, &lives, "2025-01-05 10:00").await;
    let money: Vec<Asked> = (0..PEOPLE).step_by(2).map(|it| credit(&name(it), "5000", "5000")).collect();
    all(lane, &money, "2025-01-05 11:00").await;
    let bound: Vec<Asked> = (0..PEOPLE)
        .step_by(10)
        .map(|it| bind((&name(it), numbers[it]), &name(it + 1), Relation::Spouse, None))
        .collect();
    all(lane, &bound, "2025-01-06 11:00").await;
    let places: Vec<Asked> = (0..PHARMACIES)
        .map(|it| institution(&pharmacy(it), "320300", InstitutionKind::Pharmacy, Level::None))
        .collect();
    all(lane, &places, "2025-01-06 12:00").await;
}

fn bought(dice: &mut Dice, no: usize) -> Asked {
    let who = dice.below(PEOPLE);
    let scheme = if who.is_multiple_of(2) { Scheme::Employee } else { Scheme::Resident };
    let boxes = |it: usize| format!("{}", it % 5 + 1);
    let lines = ["1", "2", "3"].map(|sn| line(sn, &boxes(dice.below(97)), false)).to_vec();
    let body = purchase(&format!("p{who}"), scheme, "2025-02-01 09:00", lines);
    hospital(&pharmacy(dice.below(PHARMACIES)), &format!("m{no:012}"), body)
}

/// Processor time that all processes of the server have used, in milliseconds, by what they are.
async fn used(url: &str) -> BTreeMap<String, u64> {
    let sql = "SELECT pid, backend_type || ' ' || application_name FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
    let rows = client(url).await.query(sql, &[]).await.expect("asks");
    let mut used = BTreeMap::new();
    for row in rows {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", row.get::<_, i32>(0))).unwrap_or_default();
        let ticks = stat.rsplit(") ").next().unwrap_or("").split(' ').skip(11).take(2);
        let ticks: u64 = ticks.filter_map(|it| it.parse::<u64>().ok()).sum();
        *used.entry(row.get(1)).or_default() += ticks * 10;
    }
    used
}

/// Times a lane that settles batches of a size.
#[allow(clippy::disallowed_methods, reason = "a measurement reads a clock")]
async fn run(lane: &mut dyn Lane, url: &str, size: usize, dice: &mut Dice, first: usize) {
    let moment = at("2025-02-01 10:00");
    let before = used(url).await;
    let wal = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint";
    let bytes = async || client(url).await.query_one(wal, &[]).await.expect("asks").get::<_, i64>(0);
    let wal_before = bytes().await;
    let [mut loading, mut committing] = [Duration::ZERO; 2];
    let count = 12_800 / size * size;
    for round in 0..count / size {
        let asked: Vec<Asked> = (0..size).map(|it| bought(dice, first + round * size + it)).collect();
        let requests: Vec<_> = asked.iter().map(|(it, _)| it).collect();
        let started = Instant::now();
        let rows = lane.load(&requests, moment).await.expect("loads");
        loading += started.elapsed();
        let later = rows.since.map_or(moment, |it| it.max(moment));
        let (_, batch) = decided_on(rows, &asked, later);
        let started = Instant::now();
        lane.commit(Arc::new(batch)).await.expect("commits");
        committing += started.elapsed();
    }
    tokio::time::sleep(Duration::from_millis(600)).await;
    let each = |it: Duration| it.as_micros() / count as u128;
    println!(
        "batches of {size}: load {} µs, commit {} µs a settlement; {} bytes of log",
        each(loading),
        each(committing),
        (bytes().await - wal_before) / i64::try_from(count).expect("small")
    );
    for (what, after) in used(url).await {
        let spent = after - before.get(&what).copied().unwrap_or(0);
        println!("    {what}: {} µs of processor time a settlement", spent * 1000 / count as u64);
    }
}

/// How long which statements take, where the server counts them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures; takes a minute and wants a quiet machine"]
async fn a_settlement_costs_a_server_little() {
    let Some(cluster) = Cluster::start() else { return };
    let url = cluster.database();
    let counted = std::env::var_os("GONGJI_COUNT_STATEMENTS").is_some();
    if counted {
        let load = "ALTER SYSTEM SET shared_preload_libraries = pg_stat_statements";
        client(&url).await.batch_execute(load).await.expect("sets");
        cluster.cut();
        cluster.up();
        client(&url).await.batch_execute("CREATE EXTENSION pg_stat_statements").await.expect("is installed");
    }
    let store = open(&url).await;
    let mut lane = store.lane(LaneNo(1)).await.expect("free");
    found(lane.as_mut()).await;
    for command in ["VACUUM ANALYZE", "CHECKPOINT"] {
        client(&url).await.batch_execute(command).await.expect("tidies up");
    }
    let mut dice = Dice(7);
    for (round, size) in [64, 256, 64, 256, 16].into_iter().enumerate() {
        if counted {
            client(&url).await.execute("SELECT pg_stat_statements_reset()", &[]).await.expect("resets");
        }
        run(lane.as_mut(), &url, size, &mut dice, round * 1_000_000).await;
        if counted {
            statements(&url).await;
        }
    }
}

/// The statements that took longest, in microseconds a settlement.
async fn statements(url: &str) {
    let sql = "SELECT round(total_exec_time * 1000 / 12800)::bigint, rows, left(query, 60) FROM pg_stat_statements \
               ORDER BY total_exec_time DESC LIMIT 24";
    for row in client(url).await.query(sql, &[]).await.expect("asks") {
        let (each, rows, text): (i64, i64, String) = (row.get(0), row.get(1), row.get(2));
        println!("    {each:>5} µs {rows:>8} rows {}", text.replace('\n', " "));
    }
}
