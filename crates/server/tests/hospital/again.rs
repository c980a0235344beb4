//! Asking again: during, after, after a restart; reversal; what became of a message; and busy, which is neither.

use crate::client::{
    CLASS_A, Reply, Till, envelope, of_settlement, purchase, reversal, run, settlement, with,
};
use crate::store_gate::Gated;
use crate::world::{HOSPITAL, PHARMACY, person};
use domain::ids::Serial;
use serde_json::{Value, json};
use std::sync::Arc;
use store::memory::Memory;
use store::sqlite::{Options, Sqlite};
use store::{Books, Page, Query, Store};

const PENDING: &[(&str, &str, &str)] = &[(CLASS_A, "1", "20.00")];

fn bill() -> Value {
    purchase(person("lixiaoming"), PENDING)
}

async fn father(till: &Till) -> String {
    let it = person("liming");
    let ask = json!({ "data": { "mdtrt_cert_type": "02", "mdtrt_cert_no": it.id } });
    till.send(PHARMACY, "1101", &ask).await.output()["insuinfo"][0]["balc"].to_string()
}

async fn state_of(till: &Till, place: &str, msgid: &str) -> (String, Value) {
    let reply = till.send(place, "GJ01", &json!({ "data": { "omsgid": msgid } })).await;
    let result = &reply.output()["result"];
    (result["GJ_STATE"].as_str().expect("a state").to_owned(), result["GJ_ANSWER"].clone())
}

/// If this fails, an impatient till that sends a message three times takes the money three times (R-E18).
#[test]
fn the_same_message_during_the_first_has_one_effect_and_one_answer() {
    run(|| async {
        let till = Till::open().await;
        let input = bill();
        let send = || till.send_as(PHARMACY, "2102", "SAME-1", &input);
        let (first, second, third) = tokio::join!(send(), send(), send());
        assert_eq!(first.info()["acct_mulaid_pay"].to_string(), "20.00");
        assert!(first == second && second == third);
        assert_eq!(father(&till).await, "1980.00");
        let without = with(input.clone(), "/druginfo/acct_used_flag", Some(json!("0")));
        let other = till.send_as(PHARMACY, "2102", "SAME-2", &without);
        let (other, mine) = tokio::join!(other, send());
        assert_eq!(mine, first);
        assert_eq!(other.code(), "DUPLICATE_REQUEST");
    });
}

/// If this fails, a retried message gets another answer, or an id stands for two things.
#[test]
fn the_same_message_later_gets_the_same_bytes_for_ever() {
    run(|| async {
        let store = Arc::new(Memory::default());
        for_ever(|| Arc::clone(&store)).await;
    });
}

/// If this fails, a power cut makes a till's retry a second settlement.
#[test]
fn the_same_message_gets_the_same_bytes_after_a_restart_on_disk() {
    run(|| async {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("gongji.sqlite");
        for_ever(|| Arc::new(Sqlite::open(&path, Options::default()).expect("opens"))).await;
    });
}

/// Settles and is refused, asks again in every way, and again with another application on the same store.
async fn for_ever<S: Books + 'static>(open: impl Fn() -> Arc<S>) {
    let till = Till::on(open()).await;
    let input = bill();
    let bad = with(input.clone(), "/druginfo/medfee_sumamt", Some(json!("21.00")));
    let refused = till.send_as(PHARMACY, "2102", "EVER-2", &bad).await;
    assert_eq!(refused.code(), "AMOUNT_DIFFERS");
    let settled = till.send_as(PHARMACY, "2102", "EVER-1", &input).await;
    settled.output();
    till.app.clock.move_to(till.app.clock.now().plus_millis(3_600_000)).expect("forward");
    let mut untidy = envelope(PHARMACY, "2102", "EVER-1", &with(input.clone(), "/druginfo/psn_name", None));
    untidy["inf_time"] = json!("2025-06-16 11:11:11");
    untidy["sign_no"] = json!("12345");
    untidy["dev_no"] = json!("D-2");
    assert_eq!(till.envelope(PHARMACY, &untidy).await, settled, "time, sign-in and device do not count");
    let reused = |reply: Reply| assert_eq!(reply.code(), "KEY_REUSED");
    reused(till.send_as(PHARMACY, "2102", "EVER-1", &bad).await);
    reused(till.send_as(PHARMACY, "2102", "EVER-2", &input).await);
    let undo = of_settlement(person("lixiaoming"), settled.info());
    reused(till.send_as(PHARMACY, "2103", "EVER-1", &undo).await);
    drop(till);
    for _ in 0..10 {
        tokio::task::yield_now().await; // The lane of the old application ends.
    }
    let till = Till::again_on(open());
    assert_eq!(till.send_as(PHARMACY, "2102", "EVER-1", &input).await, settled, "after a restart");
    assert_eq!(till.send_as(PHARMACY, "2102", "EVER-2", &bad).await, refused, "after a restart");
    reused(till.send_as(PHARMACY, "2102", "EVER-1", &bad).await);
    till.send(PHARMACY, "5203", &undo).await.output();
    assert_eq!(till.send(PHARMACY, "2101", &bill()).await.code(), "DUPLICATE_REQUEST");
}

/// If this fails, a till whose reply was lost cannot get back to a known state (R-E9).
#[test]
fn reversing_what_was_settled_refused_undone_or_never_arrived() {
    run(|| async {
        let till = Till::open().await;
        let it = person("lixiaoming");
        let reverse = |msgid: &str| reversal(it, msgid, "2102");
        let before = till.books().await;
        let input = bill();
        till.send_as(PHARMACY, "2102", "REV-1", &input).await.output();
        let undone = till.send_as(PHARMACY, "2601", "REV-2", &reverse("REV-1")).await;
        assert_eq!(undone.text("/result/GJ_STATE"), "reversed");
        assert!(undone.text("/result/setl_id").parse::<u64>().is_ok());
        assert_eq!(father(&till).await, "2000.00", "every fen is back");
        assert_eq!(till.send_as(PHARMACY, "2601", "REV-2", &reverse("REV-1")).await, undone);
        assert_eq!(till.send(PHARMACY, "2601", &reverse("REV-1")).await.code(), "ALREADY_CANCELLED");

        let settled = till.send_as(PHARMACY, "2102", "REV-3", &input).await;
        till.send(PHARMACY, "2103", &of_settlement(it, settled.info())).await.output();
        let books = till.books().await;
        assert_eq!(till.send(PHARMACY, "2601", &reverse("REV-3")).await.code(), "ALREADY_CANCELLED");

        let bad = with(input.clone(), "/druginfo/medfee_sumamt", Some(json!("21.00")));
        assert_eq!(till.send_as(PHARMACY, "2102", "REV-4", &bad).await.code(), "AMOUNT_DIFFERS");
        let nothing = till.send(PHARMACY, "2601", &reverse("REV-4")).await;
        assert_eq!(nothing.text("/result/GJ_STATE"), "refused before, nothing to reverse");

        let barred = till.send(PHARMACY, "2601", &reverse("REV-5")).await;
        assert_eq!(barred.text("/result/GJ_STATE"), "never arrived, now barred");
        let again = till.send(PHARMACY, "2601", &reverse("REV-5")).await;
        assert_eq!(again.text("/result/GJ_STATE"), "never arrived, now barred");
        let late = till.send_as(PHARMACY, "2102", "REV-5", &input).await;
        assert_eq!(late.code(), "MESSAGE_BARRED", "the original arrives late and does nothing");
        assert_eq!(till.send_as(PHARMACY, "2102", "REV-5", &input).await, late);
        let after_all = till.send(PHARMACY, "2601", &reverse("REV-5")).await;
        assert_eq!(after_all.text("/result/GJ_STATE"), "refused before, nothing to reverse");
        assert_eq!(till.books().await, books);
        assert_ne!(before, books, "entries are only added");
        till.send(PHARMACY, "2102", &input).await.output();
    });
}

/// If this fails, a till that lost a reply is told something wrong about its message.
#[test]
fn what_became_of_a_message_in_each_of_its_states() {
    run(|| async {
        let store = Gated::new();
        let till = Till::on(Arc::new(store.clone())).await;
        let input = bill();
        assert_eq!(state_of(&till, PHARMACY, "GJ-1").await.0, "never arrived");
        store.hold();
        let sending = till.send_as(PHARMACY, "2102", "GJ-1", &input);
        let asking = async {
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            let state = state_of(&till, PHARMACY, "GJ-1").await.0;
            store.let_go();
            state
        };
        let (settled, state) = tokio::join!(sending, asking);
        assert_eq!(state, "in progress");
        settled.output();
        assert_eq!(state_of(&till, PHARMACY, "GJ-1").await, ("done".to_owned(), settled.json.clone()));
        assert_eq!(
            state_of(&till, HOSPITAL, "GJ-1").await.0,
            "never arrived",
            "each sees its own messages only"
        );
        assert_eq!(till.send_as(PHARMACY, "2102", "GJ-2", &input).await.code(), "DUPLICATE_REQUEST");
        let (state, answer) = state_of(&till, PHARMACY, "GJ-2").await;
        assert_eq!((state.as_str(), &answer["infcode"]), ("done", &json!(-1)));
        till.send(PHARMACY, "2601", &reversal(person("lixiaoming"), "GJ-3", "2102")).await.output();
        assert_eq!(state_of(&till, PHARMACY, "GJ-3").await, ("barred".to_owned(), Value::Null));
    });
}

/// If this fails, a till books a refusal where nothing is known, or cannot repeat what was only busy.
#[test]
fn busy_is_neither_malformed_nor_refused() {
    run(|| async {
        let store = Gated::new();
        let till = Till::on(Arc::new(store.clone())).await;
        let (input, before) = (bill(), till.books().await);
        store.set_away(true);
        let busy = till.send_as(PHARMACY, "2102", "BUSY-1", &input).await;
        assert_eq!(
            (busy.status, &busy.json["code"], &busy.json["infcode"]),
            (503, &json!(503), &Value::Null)
        );
        assert!(busy.json["message"].as_str().is_some_and(|it| it.contains("同一 msgid")));
        assert!(!till.is_taken(PHARMACY, "BUSY-1").await);
        assert_eq!(till.books().await, before);
        store.set_away(false);
        let settled = till.send_as(PHARMACY, "2102", "BUSY-1", &input).await;
        assert_eq!(settled.info()["acct_mulaid_pay"].to_string(), "20.00");
        assert_eq!(till.send_as(PHARMACY, "2102", "BUSY-1", &input).await, settled);
        assert_eq!(father(&till).await, "1980.00");
    });
}

/// If this fails, a patient pays something else than the till showed and nobody says so.
#[test]
fn a_settlement_that_differs_from_its_preview_says_so() {
    run(|| async {
        let till = Till::open().await;
        let it = person("lixiaoming");
        let differs = |reply: &Reply| {
            let codes = reply.ours()["GJ_CODES"].clone();
            codes.as_array().expect("codes").contains(&json!("PREVIEW_DIFFERED"))
        };
        let input = bill();
        let flag = with(input.clone(), "/druginfo/acct_used_flag", Some(json!("0")));
        till.send(PHARMACY, "2101", &flag).await.output();
        assert!(differs(&till.send(PHARMACY, "2102", &input).await), "another flag, another split");
        let wrong =
            with(purchase(it, &[(CLASS_A, "3", "1.00")]), "/druginfo/medfee_sumamt", Some(json!("4.00")));
        assert_eq!(till.send(PHARMACY, "2101", &wrong).await.code(), "AMOUNT_DIFFERS");
        let right = with(wrong, "/druginfo/medfee_sumamt", Some(json!("3.00")));
        assert!(differs(&till.send(PHARMACY, "2102", &right).await), "the preview was refused");
        let visit = till.visit(HOSPITAL, it, &[(CLASS_A, "1", "2100.00")]).await;
        let hospital = settlement(it, &visit, "B1", "2100.00");
        assert!(!differs(&till.send(HOSPITAL, "2206", &hospital).await));
        let same = till.send(HOSPITAL, "2207", &hospital).await;
        assert!(!differs(&same));
        till.send(HOSPITAL, "2208", &of_settlement(it, same.info())).await.output();
        till.send(HOSPITAL, "2206", &hospital).await.output();
        let large = purchase(it, &[(CLASS_A, "1", "1990.00")]);
        assert!(!differs(&till.send(PHARMACY, "2102", &large).await), "a settlement without a preview");
        let other = till.send_as(HOSPITAL, "2207", "DIFF-1", &hospital).await;
        assert!(differs(&other), "the father's money went elsewhere in between: {}", other.ours());
        assert_eq!(till.send_as(HOSPITAL, "2207", "DIFF-1", &hospital).await, other);
    });
}

/// If this fails, a till that hung up is told "never arrived" of a message that is settled a moment later.
#[test]
fn a_message_is_in_progress_also_after_its_till_hung_up() {
    run(|| async {
        let store = Gated::new();
        let till = Till::on(Arc::new(store.clone())).await;
        let input = bill();
        store.hold();
        {
            let mut sending = std::pin::pin!(till.send_as(PHARMACY, "2102", "HANG-1", &input));
            let hang_up = std::time::Duration::from_millis(200);
            assert!(tokio::time::timeout(hang_up, &mut sending).await.is_err(), "held back");
        }
        assert_eq!(state_of(&till, PHARMACY, "HANG-1").await.0, "in progress");
        store.let_go();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(state_of(&till, PHARMACY, "HANG-1").await.0, "done");
        assert_eq!(father(&till).await, "1980.00");
    });
}

/// If this fails, one panic makes every institution hear "busy" until somebody restarts the server.
#[test]
fn a_lane_that_panics_is_opened_anew() {
    run(|| async {
        let store = Gated::new();
        let till = Till::on(Arc::new(store.clone())).await;
        store.set_breaks(true);
        assert_eq!(till.send_as(PHARMACY, "2102", "BREAK-1", &bill()).await.status, 503);
        assert_eq!(till.send_as(PHARMACY, "2102", "BREAK-1", &bill()).await.status, 503);
        assert_eq!(state_of(&till, PHARMACY, "BREAK-1").await.0, "never arrived");
        store.set_breaks(false);
        till.send_as(PHARMACY, "2102", "BREAK-1", &bill()).await.output();
        assert_eq!(father(&till).await, "1980.00");
    });
}

/// If this fails, a till is told "never arrived" of a message that the store may still be about to settle.
#[test]
fn a_message_whose_lane_broke_off_is_in_progress_until_the_lane_is_open_again() {
    run(|| async {
        let store = Gated::new();
        let till = Till::on(Arc::new(store.clone())).await;
        store.set_away(true);
        store.set_shut(true);
        assert_eq!(till.send_as(PHARMACY, "2102", "OFF-1", &bill()).await.status, 503);
        assert_eq!(state_of(&till, PHARMACY, "OFF-1").await.0, "in progress");
        assert_eq!(till.send_as(PHARMACY, "2102", "OFF-2", &bill()).await.status, 503);
        assert_eq!(state_of(&till, PHARMACY, "OFF-2").await.0, "never arrived", "it was in no batch");
        store.set_away(false);
        store.set_shut(false);
        till.send_as(PHARMACY, "2102", "OFF-2", &bill()).await.output();
        assert_eq!(state_of(&till, PHARMACY, "OFF-1").await.0, "never arrived", "asked for, and not there");
    });
}

/// If this fails, a machine whose clock is set back decides on what has not happened yet.
#[test]
fn records_never_go_back_in_time() {
    run(|| async {
        let store = Arc::new(Memory::default());
        let till = Till::on(Arc::clone(&store)).await;
        till.app.clock.move_to(till.app.clock.now().plus_millis(3_600_000)).expect("forward");
        let bad = with(bill(), "/druginfo/medfee_sumamt", Some(json!("21.00")));
        assert_eq!(till.send(PHARMACY, "2102", &bad).await.code(), "AMOUNT_DIFFERS");
        drop(till);
        for _ in 0..10 {
            tokio::task::yield_now().await; // The lane of the old application ends.
        }
        let till = Till::again_on(Arc::clone(&store)); // Its clock starts an hour earlier.
        till.send_as(PHARMACY, "2102", "LATER-1", &bill()).await.output();
        let query = Query::Records { from: Serial(0), to: store::LAST_SERIAL, limit: 10_000 };
        let Page::Records(records) = store.page(&query).await.expect("a page") else { panic!("no records") };
        assert!(records.is_sorted_by_key(|it| it.turn.at));
    });
}
