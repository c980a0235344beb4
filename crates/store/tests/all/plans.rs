//! Every statement finds what it wants by a key or an index: none reads the whole of a table that grows.

use rusqlite::Connection;
use std::path::Path;
use store::sqlite::{Options, Sqlite};

/// Tables that stay small however long the system runs: a scan of them is no scan.
const SMALL: [&str; 1] = ["word"];

/// The statements of a kind of store, by the names of their files.
pub(crate) fn statements(kind: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sql").join(kind);
    let entries = std::fs::read_dir(folder).expect("the folder of statements");
    let mut statements: Vec<_> = entries
        .map(|it| {
            let path = it.expect("readable").path();
            let name = path.file_stem().and_then(|it| it.to_str()).expect("a plain name").to_owned();
            (name, std::fs::read_to_string(path).expect("UTF-8"))
        })
        .collect();
    statements.sort();
    statements
}

/// The schema as a store makes it, without any rows: plans do not depend on how much there is.
fn schema() -> (tempfile::TempDir, Connection) {
    let place = tempfile::tempdir().expect("a place for a file");
    let path = place.path().join("books.db");
    drop(Sqlite::open(&path, Options::default()).expect("opens"));
    let connection = Connection::open(&path).expect("opens");
    rusqlite::vtab::array::load_module(&connection).expect("loads");
    // As the store has it: what would be checked otherwise is no part of the plans.
    connection.pragma_update(None, "foreign_keys", false).expect("set");
    (place, connection)
}

/// The steps of a plan that read the whole of a table that grows, or sort more than a page.
fn scans(connection: &Connection, sql: &str) -> Vec<String> {
    let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a statement");
    let count = plan.parameter_count();
    let unbound = rusqlite::params_from_iter(std::iter::repeat_n(rusqlite::types::Null, count));
    let steps = plan.query_map(unbound, |row| row.get::<_, String>(3)).expect("a plan");
    let steps: Vec<String> = steps.map(|it| it.expect("text")).collect();
    steps.into_iter().filter(|it| reads_all(it)).collect()
}

fn reads_all(step: &str) -> bool {
    let Some(scanned) = step.strip_prefix("SCAN ") else { return false };
    let small = SMALL.iter().any(|it| scanned == *it || scanned.starts_with(&format!("{it} ")));
    // Arrays and subqueries are as large as what is asked for; an ordered scan ends at its limit.
    let bounded =
        scanned.contains("VIRTUAL TABLE") || scanned.starts_with('(') || ["known", "slot"].contains(&scanned);
    !small && !bounded && scanned != "CONSTANT ROW"
}

/// If this fails, a statement becomes slower with every year of books.
#[test]
fn every_statement_uses_an_index() {
    let (_place, connection) = schema();
    let statements = statements("sqlite");
    assert!(statements.len() > 60, "{}", statements.len());
    let slow: Vec<_> = statements
        .iter()
        .map(|(name, sql)| (name, scans(&connection, sql)))
        .filter(|(_, scans)| !scans.is_empty())
        .collect();
    assert!(slow.is_empty(), "{slow:#?}");
}

/// If this fails, a plan that reads everything is no longer recognised as one.
#[test]
fn a_scan_is_recognised() {
    let (_place, connection) = schema();
    for sql in [
        "SELECT no FROM settlement WHERE cash > 5",
        "SELECT count(*) FROM record",
        "SELECT r.serial FROM entry e CROSS JOIN record r ON r.serial = e.serial",
        "SELECT no FROM settlement WHERE no IN (SELECT number FROM involved WHERE at > 3)",
    ] {
        assert!(!scans(&connection, sql).is_empty(), "{sql}");
    }
}

/// A statement file holds one statement, and says in its first line what it is for.
#[test]
fn a_file_holds_one_statement() {
    for (name, sql) in statements("sqlite").into_iter().chain(statements("postgres")) {
        assert!(sql.starts_with("-- "), "{name} does not say what it is for");
        let code = sql.lines().filter(|it| !it.starts_with("--"));
        assert!(code.into_iter().all(|it| !it.contains(';')), "{name} holds more than one statement");
    }
}
