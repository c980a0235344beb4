//! Somebody with the file in their hands changes it: whatever they change, `gongji verify` says so.

use crate::client::{CLASS_A, Till, of_settlement, purchase, run, settlement};
use crate::world::{HOSPITAL, PHARMACY, person};
use server::law::Laws;
use server::vault::Vault;
use server::verify::verify_with;
use std::path::Path;
use std::sync::Arc;
use store::sqlite::{Options, Sqlite};

/// What is changed, by which statements.
#[rustfmt::skip]
const CHANGES: &[(&str, &str)] = &[
    ("whose money it is", "UPDATE binding SET beneficiary = (SELECT max(no) FROM person WHERE no <> beneficiary) \
                           WHERE no = (SELECT min(no) FROM binding)"),
    ("a binding that never was", "INSERT INTO binding SELECT no + 1, giver, beneficiary, relation, giver_area, \
        beneficiary_area, mode, started_by, channel, clerk, started, commitment, commitment_digest, proof, stage, \
        awaits, awaits_until, then_review, in_force_from, last_day, ended, end_why, end_side, end_decided, per_bill, \
        per_month, per_year, rank, quota, needs_decision, held, version, recorded FROM binding ORDER BY no LIMIT 1"),
    ("a version of a binding", "DELETE FROM binding_history WHERE no = (SELECT min(no) FROM binding)"),
    ("what a binding spent", "UPDATE usage SET in_year = 0"),
    ("a tally", "UPDATE tally SET deductible = 0, in_scope = 0, fund = 0"),
    ("that it was undone", "UPDATE settlement SET undone_by = NULL"),
    ("what was paid in cash", "UPDATE settlement SET cash = cash + 1 WHERE no = (SELECT max(no) FROM settlement)"),
    ("a whole settlement", "DELETE FROM settlement WHERE no = (SELECT max(no) FROM settlement)"),
    ("that a batch was settled", "UPDATE batch SET settled = NULL"),
    ("a visit", "UPDATE visit SET cancelled = 1"),
    ("when somebody was born", "UPDATE person SET born = born + 1 WHERE no = (SELECT min(no) FROM person)"),
    ("an enrolment", "UPDATE enrolment SET last_day = 20000 WHERE no = (SELECT min(no) FROM enrolment)"),
    ("who is found", "UPDATE lookup SET person = (SELECT max(no) FROM person) WHERE hash = (SELECT min(hash) FROM lookup)"),
    ("a place", "UPDATE institution SET area = 110100 WHERE code = (SELECT min(code) FROM institution)"),
    ("a link", "DELETE FROM link"),
    ("what became of a message", "UPDATE request_key SET did = 2 WHERE did = 1"),
    ("a purse", "UPDATE purse SET current = current + 100 WHERE current > 0"),
    ("an entry", "UPDATE entry SET amount = amount + 1 WHERE seq = 0"),
    ("both sides of a journal", "UPDATE entry SET amount = 2 * amount WHERE serial = (SELECT max(serial) FROM entry)"),
    ("who decided", "UPDATE record SET engine = 0 WHERE serial = (SELECT max(serial) FROM record)"),
    ("a newer engine", "UPDATE record SET engine = 999"),
    ("facts and who decided", "UPDATE record SET engine = 0, facts = (SELECT facts FROM record ORDER BY serial LIMIT 1) \
                               WHERE serial = (SELECT max(serial) FROM record)"),
    ("facts alone", "UPDATE record SET facts = (SELECT facts FROM record ORDER BY serial LIMIT 1) \
                     WHERE serial = (SELECT max(serial) FROM record)"),
    ("who asked", "UPDATE record SET key_id = key_id || 'X' WHERE serial = (SELECT max(serial) FROM record)"),
    ("what was sent", "UPDATE record SET digest = zeroblob(32) WHERE serial = (SELECT max(serial) FROM record)"),
    ("when it was decided", "UPDATE record SET at = at + 1 WHERE serial = (SELECT max(serial) FROM record)"),
    ("the law it was decided by", "UPDATE record SET law = zeroblob(32) WHERE serial = (SELECT max(serial) FROM record)"),
    ("the law book", "UPDATE book SET content = CAST(replace(CAST(content AS TEXT), '2025', '2024') AS BLOB)"),
    ("the law in force", "UPDATE law SET book = zeroblob(32)"),
    ("a record in the middle", "DELETE FROM record WHERE serial = (SELECT serial FROM record ORDER BY serial LIMIT 1 OFFSET 9)"),
    ("the last record and its block", "DELETE FROM record WHERE serial = (SELECT max(serial) FROM record); \
                                       DELETE FROM block WHERE number = (SELECT max(number) FROM block)"),
    ("which answer is given again", "UPDATE answer SET answer = (SELECT answer FROM answer ORDER BY serial LIMIT 1)"),
    ("a block", "UPDATE block SET hash = zeroblob(32) WHERE number = 3"),
];

/// If this fails, somebody with the file helps themselves to a family's money and the books are called sound.
#[test]
fn every_change_made_by_hand_is_found() {
    run(|| async {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("gongji.sqlite");
        history(&file).await;
        let laws = Laws::default();
        let untouched = found(&folder.path().join("copy-0.sqlite"), &file, "", &laws).await;
        assert_eq!(untouched, Vec::<String>::new());
        let mut missed = Vec::new();
        for (number, (what, statements)) in (1..).zip(CHANGES) {
            let copy = folder.path().join(format!("copy-{number}.sqlite"));
            // Reading a book takes long: only where it is changed is it read again.
            let fresh = Laws::default();
            let laws = if statements.contains("book SET") { &fresh } else { &laws };
            let findings = found(&copy, &file, statements, laws).await;
            eprintln!("{what}: {:?}", findings.first());
            if findings.is_empty() {
                missed.push(*what);
            }
            std::fs::remove_file(&copy).expect("removes");
        }
        assert_eq!(missed, Vec::<&str>::new());
    });
}

/// Shared money spent at a pharmacy and undone, and spent again at a hospital.
async fn history(file: &Path) {
    let till = Till::on(Arc::new(Sqlite::open(file, Options::default()).expect("opens"))).await;
    let patient = person("lixiaoming");
    let items = [(CLASS_A, "1", "20.00")];
    let bought = till.send(PHARMACY, "2102", &purchase(patient, &items)).await;
    till.send(PHARMACY, "2103", &of_settlement(patient, bought.info())).await.output();
    let items = [(CLASS_A, "10", "200.00")];
    let visit = till.visit(HOSPITAL, patient, &items).await;
    till.send(HOSPITAL, "2207", &settlement(patient, &visit, "B1", "2000.00")).await.output();
    let copy = file.with_extension("copied");
    let connection = rusqlite::Connection::open(file).expect("opens");
    connection.execute("VACUUM INTO ?1", [copy.display().to_string()]).expect("copies");
    drop((connection, till));
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    std::fs::rename(copy, file.with_extension("whole")).expect("moves");
}

/// What a verification finds in a copy that was changed.
async fn found(copy: &Path, file: &Path, statements: &str, laws: &Laws) -> Vec<String> {
    std::fs::copy(file.with_extension("whole"), copy).expect("copies");
    let connection = rusqlite::Connection::open(copy).expect("opens");
    connection.pragma_update(None, "foreign_keys", false).expect("a setting");
    connection.execute_batch(statements).expect("changes");
    drop(connection);
    let store = Sqlite::open(copy, Options::default()).expect("opens");
    match verify_with(&store, laws, Some(&Vault::seeded(7)), &|_| {}).await {
        Ok(report) => report.findings,
        Err(fault) => vec![fault.to_string()],
    }
}
