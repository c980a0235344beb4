//! From an older schema to the newest: what the tables look like, and what is in them.

use crate::common::cluster;
use crate::common::*;
use crate::postgres::{assert_sound, buy, client, found_families, open, persist, records};
use store::postgres::{Options, Postgres};
use store::sqlite::{self, Sqlite};
use store::{Fault, LaneNo, Schema, Store as _};
use tokio_postgres::Client;

const FIRST: &str = include_str!("../../src/migrations/postgres/0001-first.sql");

/// The newest schema.
const NEWEST: usize = 2;

/// What a database had when there was only the first.
const MADE: &str = "CREATE TABLE gongji_schema (one boolean PRIMARY KEY CHECK (one), version integer NOT NULL); \
                    INSERT INTO gongji_schema VALUES (true, 1)";

/// Takes back what came after the first: books as an older program left them. Words have been added since, too.
const BACK: &str = "DROP TABLE home, lane, area_lane; ALTER TABLE fence DROP stamp; \
                    ALTER TABLE guard DROP stamp, DROP CONSTRAINT guard_version_check; \
                    UPDATE guard SET version = version - 1; UPDATE gongji_schema SET version = 1; \
                    DELETE FROM word WHERE (list, no) IN (SELECT list, max(no) FROM word GROUP BY list)";

/// Tables with their columns, what must hold, indexes, views and functions. Months are made when they are needed.
const CATALOGUE: &str = "
    SELECT concat_ws(' ', 'column', c.relkind, c.relname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), a.attname,
        format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attstorage, c.reloptions)
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
    UNION ALL SELECT concat_ws(' ', 'constraint', c.relname, k.conname, pg_get_constraintdef(k.oid))
    FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND NOT c.relispartition
    UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid))
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND NOT c.relispartition
    UNION ALL SELECT concat_ws(' ', 'view', c.relname, pg_get_viewdef(c.oid))
    FROM pg_class AS c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'v'
    UNION ALL SELECT concat_ws(' ', 'function', pg_get_functiondef(p.oid))
    FROM pg_proc AS p WHERE p.pronamespace = current_schema()::regnamespace
    ORDER BY 1";

async fn list(client: &Client, sql: &str) -> Vec<String> {
    client.query(sql, &[]).await.expect("asks").iter().map(|it| it.get(0)).collect()
}

async fn assert_same(one: &Client, other: &Client, what: &str) {
    let (one, other) = (list(one, CATALOGUE).await, list(other, CATALOGUE).await);
    assert!(one.len() > 100, "there are tables");
    let only = |some: &[String], others: &[String]| -> Vec<String> {
        some.iter().filter(|it| !others.contains(it)).cloned().collect()
    };
    assert_eq!((only(&one, &other), only(&other, &one)), (vec![], vec![]), "{what}");
}

/// If this fails, who installs a newer version has other tables than who begins with it, or loses what was in them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_books_go_on_under_a_newer_schema() {
    let (Some(url), Some(first), Some(fresh)) =
        (cluster::database(), cluster::database(), cluster::database())
    else {
        return;
    };
    let store = open(&url).await;
    let mut lane = store.lane(LaneNo(3)).await.expect("free");
    found_families(lane.as_mut(), 2).await;
    persist(lane.as_mut(), &[buy("before", "bao 0", "1")], at("2025-02-01 10:00")).await;
    let before = records(&store).await;
    drop((lane, store));

    let (old, first) = (client(&url).await, client(&first).await);
    old.batch_execute(BACK).await.expect("is taken back");
    first.batch_execute(&format!("{MADE}; {FIRST}")).await.expect("is made");
    assert_same(&old, &first, "what was taken back is as it was").await;

    // Several processes of the newer version may start at once: one brings it up to date. None has to be told to.
    let options = Options { create: false, ..Options::default() };
    let opened = tokio::join!(
        Postgres::open(&url, options),
        Postgres::open(&url, options),
        Postgres::open(&url, options)
    );
    let opened = [opened.0, opened.1, opened.2].map(|it| it.expect("opens"));
    let mut schemas = opened.each_ref().map(|it| it.schema().before);
    schemas.sort_unstable();
    assert_eq!(schemas, [1, NEWEST, NEWEST]);
    assert_eq!(open(&fresh).await.schema(), Schema { before: 0, now: NEWEST });
    let fresh = client(&fresh).await;
    assert_same(&old, &fresh, "who comes from an older schema has the same tables").await;
    let words = "SELECT concat_ws(' ', list, no, word) FROM word ORDER BY 1";
    assert_eq!(list(&old, words).await, list(&fresh, words).await);
    assert_eq!(list(&old, "SELECT no::text FROM lane").await, ["3"], "it was opened before");

    let store = &opened[0];
    assert_eq!(records(store).await, before, "nothing is lost");
    let mut lane = store.lane(LaneNo(3)).await.expect("free");
    let sent = [buy("before", "bao 0", "1"), buy("after", "bao 1", "1")];
    persist(lane.as_mut(), &sent, at("2025-02-01 10:00")).await;
    assert_eq!(
        records(store).await.len(),
        before.len() + 1,
        "what was decided is known, what was not is decided"
    );
    assert_sound(store).await;
}

/// If this fails, a database is half of one schema and half of another where bringing it up to date broke off.
#[tokio::test]
async fn a_schema_that_cannot_be_reached_leaves_the_older_one() {
    let Some(url) = cluster::database() else { return };
    let old = client(&url).await;
    old.batch_execute(&format!("{MADE}; {FIRST}")).await.expect("is made");
    // The second migration comes to this after it has made two tables.
    old.batch_execute("CREATE TABLE area_lane ()").await.expect("stands in the way");
    let failed = Postgres::open(&url, Options::default()).await.map(|_| ());
    assert!(matches!(&failed, Err(Fault::Unavailable(it)) if it.contains("area_lane")), "{failed:?}");
    let left = "SELECT concat_ws(' ', version, to_regclass('home'), to_regclass('lane')) FROM gongji_schema";
    assert_eq!(list(&old, left).await, ["1"]);
    old.batch_execute("DROP TABLE area_lane").await.expect("is out of the way");
    assert_eq!(open(&url).await.schema(), Schema { before: 1, now: NEWEST });
}

/// If this fails, what a settlement costs a server is measured by something else.
#[tokio::test]
async fn a_server_says_what_its_database_weighs() {
    let Some(url) = cluster::database() else { return };
    let store = open(&url).await;
    let empty = Postgres::weight(&url).await.expect("is asked").bytes;
    let mut lane = store.lane(LaneNo(1)).await.expect("free");
    found_families(lane.as_mut(), 200).await;
    let weight = Postgres::weight(&url).await.expect("is asked");
    assert!(weight.bytes > empty + 100_000, "{empty} and then {}", weight.bytes);
    let sql = "SELECT pid FROM pg_stat_activity WHERE application_name = 'gongji lane 1' AND datname = current_database()";
    let lane: i32 = client(&url).await.query_one(sql, &[]).await.expect("asks").get(0);
    assert!(weight.processes.contains(&lane.unsigned_abs()), "{lane} is none of {:?}", weight.processes);
}

/// If this fails, an operator is told that a file was changed that was not, or the other way round.
#[test]
fn a_file_says_which_schema_it_had() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("books");
    let schema = || Sqlite::open(&file, sqlite::Options::default()).expect("opens").schema();
    assert_eq!(schema(), Schema { before: 0, now: 1 });
    assert_eq!(schema(), Schema { before: 1, now: 1 });
}
