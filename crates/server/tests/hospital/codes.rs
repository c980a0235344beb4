//! Medical codes at the counter: shown for a minute, taken once, good for the visit; and every way in which they are not.

use crate::client::{CLASS_A, Reply, Till, envelope, purchase, registration, run, settlement, signed, with};
use crate::world::{HOSPITAL, PHARMACY, person};
use domain::credential::SpeaksOf;
use serde_json::{Value, json};
use server::codes::{self, SHOWN_MS};
use server::vault::Found;
use std::sync::Arc;
use store::memory::Memory;
use store::sqlite::{Options, Sqlite};

const BILL: &[(&str, &str, &str)] = &[(CLASS_A, "1", "20.00")];
const OTHER_BILL: &[(&str, &str, &str)] = &[(CLASS_A, "2", "20.00")];

async fn code_of(till: &Till, name: &str, speaks_of: SpeaksOf) -> String {
    let holder = till.app.vault.lookup(Found::PersonNo, &person(name).psn_no());
    codes::show(&till.app, holder, speaks_of).await.expect("a code").0
}

fn later(till: &Till, millis: i64) {
    till.app.clock.move_to(till.app.clock.now().plus_millis(millis)).expect("forward");
}

/// The same input with a code instead of a card.
fn by_code(input: Value, node: &str, code: &str) -> Value {
    let input = with(input, &format!("/{node}/mdtrt_cert_type"), Some(json!("01")));
    with(input, &format!("/{node}/mdtrt_cert_no"), Some(json!(code)))
}

async fn scan(till: &Till, place: &str, code: &str) -> Reply {
    till.send(place, "1162", &json!({ "data": { "ecQrCode": code } })).await
}

async fn asks(till: &Till, place: &str, code: &str) -> Reply {
    let shown = json!({ "mdtrt_cert_type": "01", "mdtrt_cert_no": code });
    till.send(place, "1101", &json!({ "data": shown })).await
}

/// If this fails, a patient whose code was scanned cannot pay with it, or can use it elsewhere too (R-E1).
#[test]
fn one_code_serves_a_whole_visit() {
    run(|| async {
        let till = Till::open().await;
        let it = person("lixiaoming");
        let code = code_of(&till, "lixiaoming", SpeaksOf::Patient).await;
        let token = scan(&till, HOSPITAL, &code).await.text("/data/ecToken");
        assert!((20..=40).contains(&token.len()), "{token}: C40 of the interface");
        // Long after the code itself has expired.
        later(&till, 10 * SHOWN_MS);
        assert_eq!(asks(&till, HOSPITAL, &token).await.text("/baseinfo/psn_no"), it.psn_no());
        let registered = till.send(HOSPITAL, "2201", &by_code(registration(it), "data", &token)).await;
        let visit = registered.text("/data/mdtrt_id");
        till.send(HOSPITAL, "2203", &crate::client::statement(it, &visit)).await.output();
        till.send(HOSPITAL, "2204", &crate::client::upload(it, &visit, "B1", BILL)).await.output();
        let bill = by_code(settlement(it, &visit, "B1", "20.00"), "data", &token);
        let told = till.send(HOSPITAL, "2206", &bill).await.info()["psn_part_amt"].to_string();
        assert_eq!(till.send(HOSPITAL, "2207", &bill).await.info()["psn_part_amt"].to_string(), told);
        // Neither the token elsewhere, nor the code once more, nor the token tomorrow.
        assert_eq!(asks(&till, PHARMACY, &token).await.code(), "CODE_USED");
        assert_eq!(scan(&till, HOSPITAL, &code).await.code(), "CODE_USED");
        later(&till, 86_400_000);
        assert_eq!(asks(&till, HOSPITAL, &token).await.code(), "CODE_USED");
        later(&till, 2 * 86_400_000);
        assert_eq!(asks(&till, HOSPITAL, &token).await.code(), "CODE_UNKNOWN");
    });
}

/// If this fails, a till that has no 1162 cannot take codes, or takes a screenshot of yesterday's (R-E1).
#[test]
fn a_code_that_is_sent_as_it_was_scanned_counts_where_it_was_taken_first() {
    run(|| async {
        let till = Till::open().await;
        let code = code_of(&till, "lixiaoming", SpeaksOf::Patient).await;
        let bill = by_code(purchase(person("lixiaoming"), BILL), "druginfo", &code);
        let settled = till.send_as(PHARMACY, "2102", "CODE-1", &bill).await;
        assert_eq!(settled.info()["acct_mulaid_pay"].to_string(), "20.00");
        assert_eq!(asks(&till, HOSPITAL, &code).await.code(), "CODE_USED");
        // Asked again when the code proves nothing any more, the same answer; with another code it is another message.
        later(&till, 86_400_000);
        assert_eq!(till.send_as(PHARMACY, "2102", "CODE-1", &bill).await, settled);
        let fresh = code_of(&till, "lixiaoming", SpeaksOf::Patient).await;
        let other = by_code(purchase(person("lixiaoming"), BILL), "druginfo", &fresh);
        assert_eq!(till.send_as(PHARMACY, "2102", "CODE-1", &other).await.code(), "KEY_REUSED");
        assert_eq!(till.send(PHARMACY, "2102", &bill).await.code(), "CODE_USED");
    });
}

/// If this fails, somebody is told the wrong reason why a code is not taken, or money moves on it (R-E1, R-E2).
#[test]
fn every_way_in_which_a_code_fails_has_its_own_reason() {
    run(|| async {
        let till = Till::open().await;
        let before = till.books().await;
        let mothers = code_of(&till, "sundehai", SpeaksOf::Patient).await;
        let fathers = code_of(&till, "liming", SpeaksOf::Giver).await;
        let old = code_of(&till, "lixiaoming", SpeaksOf::Patient).await;
        let cases = [
            ("another person's", mothers.as_str(), 0, "OWN_CREDENTIAL_REQUIRED"),
            ("the giver's", fathers.as_str(), 0, "CODE_OF_GIVER"),
            ("nobody's", "0000000000000000000000000000", 0, "CODE_UNKNOWN"),
            ("cut off", "12", 0, "CODE_UNKNOWN"),
            ("expired", old.as_str(), SHOWN_MS + 1, "CODE_EXPIRED"),
        ];
        for (name, code, wait, expected) in cases {
            later(&till, wait);
            for infno in ["2101", "2102"] {
                let bill = by_code(purchase(person("lixiaoming"), BILL), "druginfo", code);
                assert_eq!(till.send(PHARMACY, infno, &bill).await.code(), expected, "{name}, {infno}");
            }
        }
        assert!(till.books().await == before, "no money has moved");
        let nothing = till.send(PHARMACY, "1162", &json!({ "data": {} })).await;
        assert_eq!(nothing.code(), "MALFORMED");
    });
}

/// If this fails, software written for a region's voucher service reads nothing of an answer, or other software no more.
#[test]
fn the_voucher_service_answers_in_its_own_form_too() {
    run(|| async {
        let till = Till::open().await;
        let code = code_of(&till, "lixiaoming", SpeaksOf::Patient).await;
        let fathers = code_of(&till, "liming", SpeaksOf::Giver).await;
        let cases = [
            ("[CODE_UNKNOWN]", "12"),
            ("[CODE_OF_GIVER]", &fathers),
            ("[MALFORMED]", ""),
            ("success", &code),
        ];
        for (says, code) in cases {
            let scanned = json!({ "data": { "ecQrCode": code } });
            let message = envelope(HOSPITAL, "1162", &till.msgid(HOSPITAL), &scanned).to_string();
            let (headers, path) = (signed(HOSPITAL, "1162"), "/fsi/api/hsecfc/localQrCodeQuery");
            let answer = till.post(path, &headers, message.as_bytes()).await.json;
            let success = says == "success";
            assert!(answer["message"].as_str().is_some_and(|it| it.starts_with(says)), "{answer}");
            assert_eq!(answer["message"], answer["err_msg"]);
            assert_eq!(answer["code"], json!(if success { 0 } else { -1 }));
            assert_eq!((&answer["code"], &answer["success"]), (&answer["infcode"], &json!(success)));
            assert_eq!(answer["type"], if success { "success" } else { "error" });
            assert_eq!(answer["data"], answer["output"]["data"]);
            assert_eq!(answer["data"]["ecToken"].is_string(), success);
        }
        let usual = scan(&till, HOSPITAL, &code).await.json;
        assert_eq!(
            (&usual["code"], &usual["data"]),
            (&Value::Null, &Value::Null),
            "elsewhere nothing is added"
        );
    });
}

/// If this fails, the giver's code that Nanning asks for is not taken, or one that proves nothing is (R-E2).
#[test]
fn a_givers_code_is_shown_beside_the_patients() {
    run(|| async {
        let till = Till::open().await;
        let place = "P45010000001";
        let shared = |reply: &Reply| reply.info()["acct_mulaid_pay"].to_string();
        let with_giver = |items, code: &str| {
            let shown = json!({ "GJ_GIVER_CERT": [{ "type": "01", "no": code }] });
            with(purchase(person("weixiulan"), items), "/druginfo/exp_content", Some(shown))
        };
        let code = code_of(&till, "weiguoqiang", SpeaksOf::Giver).await;
        let paid = till.send(place, "2102", &with_giver(BILL, &code)).await;
        assert_eq!(shared(&paid), "20.00");
        let expired = code_of(&till, "weiguoqiang", SpeaksOf::Giver).await;
        later(&till, SHOWN_MS + 1);
        let unpaid = till.send(place, "2102", &with_giver(OTHER_BILL, &expired)).await;
        assert_eq!(shared(&unpaid), "0.00", "the patient is served all the same");
        let codes = unpaid.ours()["GJ_CODES"].to_string();
        assert!(codes.contains("GIVER_CODE_REQUIRED"), "{codes}");
    });
}

/// If this fails, of two tills that scan one code at the same time both take it.
#[test]
fn of_two_who_take_a_code_at_once_one_gets_it() {
    run(|| async {
        let folder = tempfile::tempdir().expect("a folder");
        let file = Sqlite::open(&folder.path().join("gongji.sqlite"), Options::default()).expect("opens");
        for till in [Till::on(Arc::new(Memory::default())).await, Till::on(Arc::new(file)).await] {
            for _ in 0..10 {
                let code = code_of(&till, "lixiaoming", SpeaksOf::Patient).await;
                let (one, two) = tokio::join!(asks(&till, HOSPITAL, &code), asks(&till, PHARMACY, &code));
                let served = [&one, &two].iter().filter(|it| it.json["infcode"] == json!(0)).count();
                assert_eq!(served, 1, "{} {}", one.json, two.json);
            }
        }
    });
}
