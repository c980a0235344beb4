//! Somebody with the file in their hands changes it: whatever they change, `gongji verify` says so.

use crate::client::{CLASS_A, Till, of_settlement, purchase, run, settlement, with};
use crate::world::{HOSPITAL, PHARMACY, person};
use domain::bill::Line;
use domain::ids::{Digest, InstitutionCode, Serial};
use domain::money::{Fen, Quantity};
use domain::request::{Actor, Body, Key, RefundPart, Request, Sender, VisitRef};
use serde_json::json;
use server::law::Laws;
use server::turn::{Encoder, Submission};
use server::vault::Vault;
use server::verify::verify_with;
use std::path::Path;
use std::sync::Arc;
use store::sqlite::{Options, Sqlite};
use store::{Attachments, LAST_SERIAL, Page, Query, Record};

/// What is changed, by which statements.
#[rustfmt::skip]
const CHANGES: &[(&str, &str)] = &[
    ("whose money it is", "UPDATE binding SET beneficiary = (SELECT max(no) FROM person WHERE no <> beneficiary) \
                           WHERE no = (SELECT min(no) FROM binding)"),
    ("a binding that never was", "INSERT INTO binding SELECT no + 1, giver, beneficiary, relation, giver_area, \
        beneficiary_area, mode, started_by, channel, clerk, clerk_bearer, started, commitment, commitment_digest, proof, \
        stage, awaits, awaits_until, then_review, review_since, reviewed_by, reviewed, review_why, in_force_from, last_day, ended, end_why, end_side, end_decided, per_bill, \
        per_month, per_year, rank, quota, needs_decision, held, lines_shown, version, recorded FROM binding ORDER BY no LIMIT 1"),
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
    close(till, file).await;
}

/// Lays a whole copy of the file beside it, for others to change.
async fn close(till: Till, file: &Path) {
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

/// What is done to the packs, and what is said of it. Of the first bill a part came back, with the first of its packs; the
/// second stands whole.
#[rustfmt::skip]
const PACKS: &[(&str, &str, &str)] = &[
    ("what came back is kept for what remains", "INSERT INTO trace SELECT '83690570000000000001', settlement FROM trace \
        WHERE code = '83690570000000000002'", "which does not sell it; it is free"),
    ("what came back is kept for what was undone", "INSERT INTO trace SELECT '83690570000000000001', undoes \
        FROM settlement WHERE undoes IS NOT NULL", "which does not stand; it is free"),
    ("it is kept for another bill", "UPDATE trace SET settlement = (SELECT min(settlement) FROM trace) \
        WHERE code = '83690570000000000002'", "which does not sell it; settlement "),
    ("a pack that nobody ever sold", "INSERT INTO trace VALUES ('83690570000000000009', 1)", "which is not there; it is free"),
    ("a pack that was sold is free", "DELETE FROM trace WHERE code = '83690570000000000003'", "and it is kept as free"),
];

/// R-J5: if this fails, a pack that should be free is never sold again, or one that was sold is sold once more, and the books
/// are called sound.
#[test]
fn packs_are_recounted_from_the_records() {
    run(|| async {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("gongji.sqlite");
        history_of_packs(&file).await;
        let laws = Laws::default();
        let untouched = found(&folder.path().join("copy-0.sqlite"), &file, "", &laws).await;
        assert_eq!(untouched, Vec::<String>::new());
        for (number, (what, statement, said)) in (1..).zip(PACKS) {
            let copy = folder.path().join(format!("copy-{number}.sqlite"));
            let findings = found(&copy, &file, statement, &laws).await;
            let [finding] = &findings[..] else { panic!("{what}: {findings:?}") };
            assert!(
                finding.starts_with("pack 836905700000000000") && finding.contains(said),
                "{what}: {finding}"
            );
        }
    });
}

/// Two bills with packs, of the first of which a part came back.
async fn history_of_packs(file: &Path) {
    let till = Till::on(Arc::new(Sqlite::open(file, Options::default()).expect("opens"))).await;
    let patient = person("lixiaoming");
    let packs = |all: &[u8]| {
        let code = |it: &u8| json!({ "feedetl_sn": "1", "drug_trac_codg": format!("836905700000000000{it:02}"), "trdn_flag": "0" });
        json!(all.iter().map(code).collect::<Vec<_>>())
    };
    for (boxes, numbers) in [("2", &[1, 2][..]), ("3", &[3])] {
        let bill = purchase(patient, &[(CLASS_A, boxes, "20.00")]);
        let bill = with(bill, "/drugdetail/0/durg_trac_info", Some(packs(numbers)));
        till.send(PHARMACY, "2102", &bill).await.output();
    }
    refund_a_part(&till).await;
    close(till, file).await;
}

/// One of two boxes comes back; the second pack remains.
async fn refund_a_part(till: &Till) {
    let query = Query::Records { from: Serial(0), to: LAST_SERIAL, limit: 10_000 };
    let Ok(Page::Records(records)) = till.app.store.page(&query).await else { panic!("records") };
    let settled = |it: &&Record| matches!(it.request.body, Body::Settle(_));
    let first = records.iter().find(settled).expect("the first bill");
    let Body::Settle(asked) = &first.request.body else { panic!("a bill") };
    let changes = first.decision.changes().expect("it was settled");
    let (settlement, line) = (changes.settlements[0].no, &changes.batches[0].2.lines[0]);
    let one = Line {
        count: Quantity::parse("1").expect("a number"),
        cost: Fen::parse("20.00").expect("an amount"),
        traces: line.traces[1..].to_vec(),
        ..line.clone()
    };
    let of = VisitRef { visit: changes.settlements[0].visit, patient: asked.patient };
    let body = Body::RefundPart(RefundPart { settlement, of, remaining: vec![one] });
    let place = InstitutionCode::parse(PHARMACY).expect("a code");
    let key = Key { sender: Sender::Institution(place), id: "a part".to_owned() };
    let request = Request { key, digest: Digest::of(&[]), actor: Actor::Institution(place), body };
    let encode: Encoder = Arc::new(|told| told.decision.reasons().iter().map(|_| b'R').collect());
    let sent =
        Submission { request, attachments: Attachments::default(), aside: None, encode, is_kept: true };
    assert_eq!(till.app.flow.submit(sent).await, Ok(Vec::new()), "nothing is refused of it");
}
