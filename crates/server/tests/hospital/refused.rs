//! What is understood and refused: stored under its id, the books untouched, with code and slip number.

use crate::client::{
    CLASS_A, CLASS_B, Item, Reply, Till, merged, of_settlement, purchase, registration, reversal, run,
    settlement, statement, upload, with,
};
use crate::world::{HOSPITAL, PHARMACY, person};
use domain::slip_no::SlipNo;
use serde_json::{Value, json};

/// The slip number at the end of `err_msg`.
fn slip_no(message: &str) -> Option<SlipNo> {
    SlipNo::parse(message.rsplit_once('(')?.1.strip_suffix(')')?)
}

/// Sends something that has to be refused with this code, twice: the same bytes, the books as before.
async fn refused(till: &Till, place: &str, infno: &str, input: &Value, code: &str, name: &str) -> Reply {
    let (before, msgid) = (till.books().await, till.msgid(place));
    let reply = till.send_as(place, infno, &msgid, input).await;
    let message = reply.failure();
    assert_eq!(reply.code(), code, "{name}: {message}");
    assert!(slip_no(&message).is_some(), "{name}: {message}");
    assert!(till.is_taken(place, &msgid).await, "{name}: a refusal takes its id");
    assert_eq!(till.send_as(place, infno, &msgid, input).await, reply, "{name}: the same for ever");
    assert_eq!(till.books().await, before, "{name}: the books are untouched");
    reply
}

/// If this fails, a bill that contradicts itself, its patient or the calendar is settled (R-E1, R-E3, R-E10, R-E13).
#[test]
#[rustfmt::skip]
fn purchases_that_are_refused() {
    run(|| async {
        let till = Till::open().await;
        let (it, other) = (person("lixiaoming"), person("liming"));
        let base = purchase(it, &[(CLASS_A, "2", "10.00"), (CLASS_B, "1", "5.00")]);
        let line = |field: &str, value: Value| json!([with(json!({"it": base["drugdetail"][0]}), &format!("/it/{field}"), Some(value))["it"], base["drugdetail"][1]]);
        let info = |patch: Value| merged(base["druginfo"].clone(), patch);
        let cases: Vec<(&str, &str, Value, &str)> = vec![
            ("a total that is too small",    "/druginfo/medfee_sumamt", json!("24.99"), "AMOUNT_DIFFERS"),
            ("a total of nothing",           "/druginfo/medfee_sumamt", json!("0"), "AMOUNT_DIFFERS"),
            ("the largest total there is",   "/druginfo/medfee_sumamt", json!("100000000000.00"), "AMOUNT_DIFFERS"),
            ("a line that costs less",       "/drugdetail", line("det_item_fee_sumamt", json!("19.99")), "LINE_COST_DIFFERS"),
            ("a line beyond the books",      "/drugdetail", line("cnt", json!("99999999999")), "AMOUNT_OUT_OF_RANGE"),
            ("a line's number twice",        "/drugdetail", line("feedetl_sn", json!("2")), "LINE_REPEATED"),
            ("an unknown code",              "/drugdetail", line("med_list_codg", json!("NOBODY")), "ITEM_NOT_MAPPED"),
            ("an unknown own code",          "/drugdetail", line("med_list_codg", json!("")), "ITEM_NOT_MAPPED"),
            ("tomorrow",                     "/druginfo/begntime", json!("2025-06-17 00:00:00"), "SERVICE_DAY_FUTURE"),
            ("the year 2999",                "/druginfo/begntime", json!("2999-12-31 23:59:59"), "SERVICE_DAY_FUTURE"),
            ("long ago",                     "/druginfo/begntime", json!("2020-01-01 00:00:00"), "NO_CATALOGUE"),
            ("before there was insurance",   "/druginfo/begntime", json!("1900-01-01 00:00:00"), "BENEFICIARY_NOT_INSURED"),
            ("nobody",                       "/druginfo/psn_no", json!("1"), "PERSON_UNKNOWN"),
            ("the father's card",            "/druginfo", info(json!({"mdtrt_cert_no": other.card(), "card_sn": other.card_sn()})), "OWN_CREDENTIAL_REQUIRED"),
            ("the father's ID document",     "/druginfo", info(json!({"mdtrt_cert_type": "02", "mdtrt_cert_no": other.id})), "OWN_CREDENTIAL_REQUIRED"),
            ("a card of nobody",             "/druginfo/mdtrt_cert_no", json!("C0"), "OWN_CREDENTIAL_REQUIRED"),
            ("another card's serial",        "/druginfo/card_sn", json!(other.card_sn()), "OWN_CREDENTIAL_REQUIRED"),
            ("a serial of nobody",           "/druginfo/card_sn", json!("0"), "OWN_CREDENTIAL_REQUIRED"),
            ("a scheme that is not held",    "/druginfo/insutype", json!("310"), "SCHEME_NOT_HELD"),
        ];
        for (name, pointer, value, code) in cases {
            eprintln!("{name}");
            refused(&till, PHARMACY, "2102", &with(base.clone(), pointer, Some(value)), code, name).await;
        }
        // Whether a giver can pay never refuses the bill (R-E2, R-E7): a card of nobody is noted.
        let nobody = json!({"GJ_GIVER_CERT": {"type": "03", "no": "C0"}});
        let noted = till.send(PHARMACY, "2102", &with(base.clone(), "/druginfo/exp_content", Some(nobody))).await;
        assert!(noted.ours()["GJ_CODES"].as_array().is_some_and(|it| it.contains(&json!("PERSON_UNKNOWN"))));
        let ended = till.send("H32030000009", "2201", &registration(it)).await;
        assert_eq!(ended.code(), "PLACE_NOT_DESIGNATED");
    });
}

/// If this fails, the remedy that a refusal names does not work (R-J2): 3301, then the same bill under a fresh id.
#[test]
fn mapping_an_own_code_makes_its_line_pass() {
    run(|| async {
        let till = Till::open().await;
        let base = purchase(person("lixiaoming"), &[(CLASS_A, "1", "20.00")]);
        let own =
            with(json!({"it": base["drugdetail"][0]}), "/it/med_list_codg", Some(json!("")))["it"].clone();
        let own = with(base, "/drugdetail", Some(own));
        let reply = refused(&till, PHARMACY, "2102", &own, "ITEM_NOT_MAPPED", "not mapped").await;
        assert!(reply.failure().contains("3301"), "{}", reply.failure());
        let pair = json!({ "data": {
            "fixmedins_hilist_id": format!("OWN-{CLASS_A}"), "list_type": "101", "med_list_codg": CLASS_A,
        } });
        till.send(PHARMACY, "3301", &pair).await.output();
        let settled = till.send(PHARMACY, "2102", &own).await;
        assert_eq!(settled.info()["inscp_scp_amt"].to_string(), "20.00");
        assert_eq!(
            settled.output()["detlcutinfo"][0]["med_chrgitm_type"],
            json!("11"),
            "as the national code says"
        );
    });
}

/// If this fails, lines are lost or counted twice between upload and settlement (R-E9, R-E10).
#[test]
#[rustfmt::skip]
fn visits_batches_and_bills_that_are_refused() {
    run(|| async {
        let till = Till::open().await;
        let (it, other) = (person("lixiaoming"), person("liming"));
        let items: &[Item<'_>] = &[(CLASS_A, "1", "20.00"), (CLASS_B, "1", "10.00")];
        let visit = till.visit(HOSPITAL, it, items).await;
        let bill = settlement(it, &visit, "B1", "30.00");
        let removal = |batch: &str| json!({ "data": { "mdtrt_id": visit, "psn_no": it.psn_no(), "chrg_bchno": batch } });
        let split = |full: &str, scope: &str| merged(bill["data"].clone(), json!({"fulamt_ownpay_amt": full, "overlmt_selfpay": "0", "preselfpay_amt": "1.00", "inscp_scp_amt": scope}));
        let cases: Vec<(&str, &str, Value, &str)> = vec![
            ("somebody else's visit",      "2207", settlement(other, &visit, "B1", "30.00"), "VISIT_UNKNOWN"),
            ("a visit that is not there",  "2207", with(bill.clone(), "/data/mdtrt_id", Some(json!("42"))), "VISIT_UNKNOWN"),
            ("a batch that is not there",  "2207", with(bill.clone(), "/data/chrg_bchno", Some(json!("B9"))), "BATCH_UNKNOWN"),
            ("a total that contradicts",   "2207", with(bill.clone(), "/data/medfee_sumamt", Some(json!("30.01"))), "AMOUNT_DIFFERS"),
            ("splits that contradict",     "2207", json!({ "data": split("1.00", "28.00") }), "AMOUNT_DIFFERS"),
            ("another treatment",          "2207", with(bill.clone(), "/data/med_type", Some(json!("14"))), "MED_TYPE_DIFFERS"),
            ("the same batch again",       "2204", upload(it, &visit, "B1", items), "BATCH_KNOWN"),
            ("line numbers of B1 in B2",   "2204", upload(it, &visit, "B2", items), "LINE_REPEATED"),
            ("lines to somebody else's",   "2204", upload(other, &visit, "B3", items), "VISIT_UNKNOWN"),
            ("stating somebody else's",    "2203", statement(other, &visit), "VISIT_UNKNOWN"),
            ("tomorrow's visit",           "2203", with(statement(it, &visit), "/mdtrtinfo/begntime", Some(json!("2025-06-17"))), "SERVICE_DAY_FUTURE"),
            ("removing what is not there", "2205", removal("B9"), "BATCH_UNKNOWN"),
            ("cancelling it with lines",   "2202", json!({ "data": { "mdtrt_id": visit, "psn_no": it.psn_no() } }), "VISIT_IN_USE"),
            ("cancelling no settlement",   "2208", of_settlement(it, &json!({ "setl_id": "1", "mdtrt_id": visit })), "SETTLEMENT_UNKNOWN"),
        ];
        for (name, infno, input, code) in cases {
            eprintln!("{name}");
            refused(&till, HOSPITAL, infno, &input, code, name).await;
        }
        let settled = till.send(HOSPITAL, "2207", &json!({ "data": split("0.00", "29.00") })).await;
        refused(&till, HOSPITAL, "2207", &bill, "BATCH_SETTLED", "settling it twice").await;
        refused(&till, HOSPITAL, "2205", &removal("B1"), "BATCH_SETTLED", "removing settled lines").await;
        till.send(HOSPITAL, "2205", &removal("0000")).await.output();
        refused(&till, HOSPITAL, "2204", &upload(it, &visit, "B1", items), "BATCH_SETTLED", "uploading settled lines").await;
        let elsewhere = "H32010000001";
        let undo = of_settlement(it, settled.info());
        refused(&till, elsewhere, "2208", &undo, "SETTLEMENT_UNKNOWN", "cancelling at another institution").await;
        let foreign = of_settlement(other, settled.info());
        refused(&till, HOSPITAL, "2208", &foreign, "SETTLEMENT_UNKNOWN", "cancelling for somebody else").await;
        assert_eq!(till.send(elsewhere, "5203", &undo).await.code(), "SETTLEMENT_UNKNOWN");
        assert_eq!(till.send(HOSPITAL, "5203", &foreign).await.code(), "SETTLEMENT_UNKNOWN");
        let cancelled = till.send(HOSPITAL, "2208", &undo).await;
        let again = refused(&till, HOSPITAL, "2208", &undo, "ALREADY_CANCELLED", "cancelling twice").await;
        assert!(again.failure().contains(&cancelled.text("/setlinfo/setl_id")), "{}", again.failure());
        let of_cancellation = of_settlement(it, cancelled.info());
        refused(&till, HOSPITAL, "2208", &of_cancellation, "SETTLEMENT_UNKNOWN", "cancelling a cancellation").await;
        till.send(HOSPITAL, "2205", &removal("B1")).await.output();
        till.send(HOSPITAL, "2202", &json!({ "data": { "mdtrt_id": visit, "psn_no": it.psn_no() } })).await.output();
        refused(&till, HOSPITAL, "2204", &upload(it, &visit, "B1", items), "VISIT_CANCELLED", "lines of a cancelled visit").await;
    });
}

/// If this fails, a family pays the same bill twice because a till was slow, or cannot pay it twice when it means to
/// (R-E18).
#[test]
fn the_same_bill_again_is_refused_unless_it_is_meant() {
    run(|| async {
        let till = Till::open().await;
        let input = purchase(person("lixiaoming"), &[(CLASS_A, "1", "20.00")]);
        let first = till.send(PHARMACY, "2102", &input).await;
        let reply = refused(&till, PHARMACY, "2102", &input, "DUPLICATE_REQUEST", "a moment later").await;
        assert!(reply.failure().contains(&first.text("/setlinfo/setl_id")), "{}", reply.failure());
        assert_eq!(
            till.send(PHARMACY, "2101", &input).await.code(),
            "DUPLICATE_REQUEST",
            "a preview says so too"
        );
        for meant in [json!({ "GJ_REPEAT": 1 }), json!("{\"GJ_REPEAT\":\"1\"}")] {
            let meant = with(input.clone(), "/druginfo/exp_content", Some(meant));
            till.send(PHARMACY, "2102", &meant).await.output();
        }
        let not_meant = with(input.clone(), "/druginfo/exp_content", Some(json!({ "GJ_REPEAT": 0 })));
        refused(&till, PHARMACY, "2102", &not_meant, "DUPLICATE_REQUEST", "0 does not mean it").await;
        let later = till.app.clock.now().plus_millis(24 * 3_600_000);
        till.app.clock.move_to(later).expect("forward");
        let tomorrow = with(input, "/druginfo/begntime", Some(json!("2025-06-17 09:40:00")));
        till.send(PHARMACY, "2102", &tomorrow).await.output();
    });
}

/// If this fails, a bill of a day without a catalogue is judged by one that was not in force (R-J4).
#[test]
fn a_day_without_a_catalogue_is_refused() {
    run(|| async {
        let till = Till::open().await;
        let day = domain::day::Moment::parse("2026-01-05 10:00").expect("a moment");
        till.app.clock.move_to(day).expect("forward");
        let input = purchase(person("lixiaoming"), &[(CLASS_A, "1", "20.00")]);
        let new_year = with(input, "/druginfo/begntime", Some(json!("2026-01-05 09:00:00")));
        refused(&till, PHARMACY, "2102", &new_year, "NO_CATALOGUE", "no edition for 2026").await;
    });
}

/// If this fails, a reversal takes back more than its institution's own message, or another institution's (R-E9).
#[test]
fn a_reversal_reaches_only_the_own_message_of_that_patient() {
    run(|| async {
        let till = Till::open().await;
        let (it, other) = (person("lixiaoming"), person("liming"));
        let msgid = till.msgid(PHARMACY);
        let input = purchase(it, &[(CLASS_A, "1", "20.00")]);
        till.send_as(PHARMACY, "2102", &msgid, &input).await.output();
        let wrong = reversal(other, &msgid, "2102");
        refused(&till, PHARMACY, "2601", &wrong, "SETTLEMENT_UNKNOWN", "another patient").await;
        let nobody = with(wrong, "/data/psn_no", Some(json!("1")));
        refused(&till, PHARMACY, "2601", &nobody, "PERSON_UNKNOWN", "nobody").await;
        let (before, elsewhere) = (till.books().await, reversal(it, &msgid, "2102"));
        let barred = till.send(HOSPITAL, "2601", &elsewhere).await;
        assert_eq!(barred.text("/result/GJ_STATE"), "never arrived, now barred");
        assert_eq!(till.books().await, before, "the pharmacy's settlement stands");
        let visit = till.msgid(HOSPITAL);
        till.send_as(HOSPITAL, "2201", &visit, &registration(it)).await.output();
        let of_visit = reversal(it, &visit, "2201");
        refused(&till, HOSPITAL, "2601", &of_visit, "NOT_REVERSIBLE", "a registration").await;
    });
}

/// If this fails, software that sends nonsense in a loop fills the books, or takes its neighbours down with it.
#[test]
fn too_many_refusals_in_a_minute_have_to_wait() {
    run(|| async {
        let till = Till::open().await;
        let nonsense = reversal(person("lixiaoming"), "M", "2102");
        let nonsense = with(nonsense, "/data/psn_no", Some(json!("1")));
        let first = till.send_as(PHARMACY, "2601", "LIMIT-1", &nonsense).await;
        for _ in 1..600 {
            assert_eq!(till.send(PHARMACY, "2601", &nonsense).await.code(), "PERSON_UNKNOWN");
        }
        let reply = till.send_as(PHARMACY, "2601", "LIMIT-2", &nonsense).await;
        assert_eq!((reply.status, &reply.json["code"]), (503, &json!(503)));
        assert!(!till.is_taken(PHARMACY, "LIMIT-2").await);
        assert_eq!(
            till.send_as(PHARMACY, "2601", "LIMIT-1", &nonsense).await,
            first,
            "what is known is answered"
        );
        let preview = purchase(person("lixiaoming"), &[(CLASS_A, "1", "20.00")]);
        till.send(PHARMACY, "2101", &preview).await.output();
        till.send(HOSPITAL, "2201", &registration(person("lixiaoming"))).await.output();
    });
}
