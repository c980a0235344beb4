//! Every statement of PostgreSQL finds what it wants by a condition on an index: none reads the whole of a table that
//! grows, nor the whole of an index.

use crate::common::cluster;
use crate::plans::statements;
use crate::postgres::{client, found_families, open};
use store::{LaneNo, Store};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, SimpleQueryMessage};

/// Tables that stay small however long the system runs.
const SMALL: [&str; 4] = ["word", "fence", "lane", "area_lane"];

/// Statements that step from one key to the next: each step reads one row of an index, from its beginning.
const STEPPING: [&str; 5] = ["load_head", "load_law", "page_lanes", "page_counts", "page_homes"];

/// As in a session of the store, but for all parts of tables, whatever is asked for.
const SETTINGS: &str = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off; \
                        SET enable_mergejoin = off; SET max_parallel_workers_per_gather = 0; SET jit = off; \
                        SET enable_partition_pruning = off";

/// A parameter of a type.
fn some(of: &Type) -> &'static str {
    match *of {
        Type::BOOL_ARRAY => "'{true}'",
        Type::BYTEA | Type::TEXT => "'x'",
        Type::TEXT_ARRAY | Type::BYTEA_ARRAY => "'{x}'",
        _ if of.name().starts_with('_') => "'{1}'",
        _ => "1",
    }
}

/// The plan of a statement as it is run.
pub(crate) async fn plan(client: &Client, sql: &str) -> Vec<String> {
    let prepared = client.prepare(sql).await.expect("a statement");
    let params: Vec<&str> = prepared.params().iter().map(some).collect();
    client.batch_execute(&format!("DEALLOCATE ALL; PREPARE it AS {sql}")).await.expect("prepares");
    let call = if params.is_empty() { String::new() } else { format!("({})", params.join(", ")) };
    let steps = client.simple_query(&format!("EXPLAIN (COSTS off) EXECUTE it{call}")).await.expect("a plan");
    let step = |it: &SimpleQueryMessage| {
        let SimpleQueryMessage::Row(row) = it else { return None };
        row.get(0).map(str::to_owned)
    };
    steps.iter().filter_map(step).collect()
}

/// The steps of a plan that read the whole of a table that grows, or of an index on one.
fn scans(plan: &[String]) -> Vec<&String> {
    let reads_all = |(at, step): (usize, &String)| {
        let table = step.rsplit(" on ").next().unwrap_or("");
        let small = SMALL.iter().any(|it| table.split(' ').next() == Some(it));
        let by_index = step.contains("Index Scan") || step.contains("Index Only Scan");
        let held = plan.get(at + 1).is_some_and(|it| it.trim_start().starts_with("Index Cond"));
        // What is looked at and thrown away because it is not on the list is read as well.
        let sieved = plan.get(at + 2).is_some_and(|it| it.contains("Filter:") && it.contains("= ANY"));
        !small && (step.contains("Seq Scan") || (by_index && (!held || sieved)))
    };
    plan.iter().enumerate().filter(|it| reads_all(*it)).map(|(_, step)| step).collect()
}

/// If this fails, a statement becomes slower with every year of books.
#[tokio::test]
async fn every_statement_of_the_server_uses_an_index() {
    let Some(url) = cluster::database() else { return };
    let store = open(&url).await;
    found_families(store.lane(LaneNo(1)).await.expect("free").as_mut(), 20).await;
    let client = client(&url).await;
    client.batch_execute(SETTINGS).await.expect("sets");
    client.batch_execute("ANALYZE").await.expect("analyses");
    let statements = statements("postgres");
    assert!(statements.len() > 70, "{}", statements.len());
    let mut slow = Vec::new();
    for (name, sql) in statements {
        let plan = plan(&client, &sql).await;
        let stepping = |it: &&String| STEPPING.contains(&name.as_str()) && it.contains("Index");
        if scans(&plan).iter().any(|it| !stepping(it)) {
            slow.push((name, plan.join("\n")));
        }
    }
    assert!(
        slow.is_empty(),
        "{}",
        slow.iter().map(|(name, plan)| format!("{name}\n{plan}\n")).collect::<String>()
    );
    for sql in [
        "SELECT no FROM settlement WHERE cash > 5",
        "SELECT count(*) FROM record",
        "SELECT number FROM involved WHERE role > 3",
        "SELECT no FROM binding ORDER BY home, no LIMIT 1",
        "SELECT no FROM binding WHERE home = $1 AND no > 3 AND stage = ANY ($2)",
    ] {
        assert!(!scans(&plan(&client, sql).await).is_empty(), "a scan is recognised: {sql}");
    }
}
