//! What cannot be decoded: the national error form, a sentence that names the field and what to do, nothing stored,
//! the message id free.

use crate::client::{
    CLASS_A, Till, envelope, of_settlement, purchase, registration, reversal, run, settlement, signed,
    upload, with,
};
use crate::world::{HOSPITAL, PHARMACY, person};
use serde_json::{Value, json};

fn raw(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// What every malformed message gets; the books are as before and the id is free.
fn check(name: &str, message: &str, says: &str) {
    assert!(message.starts_with("[MALFORMED] "), "{name}: {message}");
    assert!(message.contains(says), "{name}: {message}");
    assert!(message.contains("没有扣钱") && message.contains("原 msgid 重发"), "{name}: {message}");
}

/// If this fails, a broken message gets a stack trace, a wrong status, or takes a message id (R-E10).
#[test]
#[rustfmt::skip]
fn bytes_that_are_no_message() {
    run(|| async {
        let till = Till::open().await;
        let good = envelope(PHARMACY, "2102", "BYTES-1", &purchase(person("lixiaoming"), &[(CLASS_A, "1", "20.00")]));
        let text = good.to_string();
        let change = |field: &str, value: Option<Value>| with(good.clone(), field, value).to_string().into_bytes();
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let cases: Vec<(&str, Vec<u8>, &str)> = vec![
            ("nothing",              Vec::new(), "报文：是空的"),
            ("half a message",       text.as_bytes()[..text.len() / 2].to_vec(), "报文"),
            ("two messages",         format!("{text}{text}").into_bytes(), "报文"),
            ("no UTF-8",             [text.as_bytes(), b"\xff"].concat(), "报文"),
            ("GBK",                  b"{\"opter_name\":\"\xb2\xe2\xca\xd4\"}".to_vec(), "报文"),
            ("XML",                  b"<input/>".to_vec(), "报文"),
            ("an array",             b"[]".to_vec(), "报文"),
            ("a number",             b"1".to_vec(), "报文"),
            ("a tower of brackets",  deep.into_bytes(), "报文"),
            ("NaN",                  text.replace("\"20.00\"", "NaN").into_bytes(), "报文"),
            ("too long",             vec![b' '; 5 * 1024 * 1024], "4 MB"),
            ("no infno",             change("/infno", None), "infno"),
            ("an unknown infno",     change("/infno", Some(json!("9999"))), "infno"),
            ("another infno",        change("/infno", Some(json!("2101"))), "infno"),
            ("no msgid",             change("/msgid", Some(json!(""))), "msgid"),
            ("a very long msgid",    change("/msgid", Some(json!("9".repeat(65)))), "msgid"),
            ("a list for a msgid",   change("/msgid", Some(json!([]))), "msgid"),
            ("no institution",       change("/fixmedins_code", None), "fixmedins_code"),
            ("no institution's code", change("/fixmedins_code", Some(json!("X1"))), "fixmedins_code"),
            ("Chinese for a code",   change("/fixmedins_code", Some(json!("药店药店药店药店药店药店"))), "fixmedins_code"),
            ("no input",             change("/input", None), "input"),
            ("text for input",       change("/input", Some(json!("{}"))), "input"),
            ("null for input",       change("/input", Some(Value::Null)), "input"),
        ];
        let before = till.books().await;
        for (name, body, says) in cases {
            eprintln!("{name}");
            let reply = till.post("/hospital/2102", &signed(PHARMACY, "2102"), &body).await;
            check(name, &reply.failure(), says);
            assert!(!till.is_taken(PHARMACY, "BYTES-1").await, "{name}");
        }
        assert_eq!(till.books().await, before);
        let reply = till.post("/hospital/9999", &signed(PHARMACY, "9999"), change("/infno", Some(json!("9999"))).as_slice()).await;
        check("an unknown number in the address", &reply.failure(), "infno");
        till.envelope(PHARMACY, &good).await.output();
    });
}

/// A purchase with one thing changed, and the field that the answer has to name.
type Changed = (&'static str, &'static str, Option<Value>, &'static str);

/// Every purchase with one thing changed is malformed, shown and settled, and its id stays free.
async fn all_malformed(base: &Value, cases: &[Changed]) {
    let till = Till::open().await;
    let before = till.books().await;
    for (name, pointer, value, says) in cases {
        eprintln!("{name}");
        let input = with(base.clone(), pointer, value.clone());
        for infno in ["2101", "2102"] {
            let reply = till.send_as(PHARMACY, infno, "FIELDS-1", &input).await;
            check(name, &reply.failure(), says);
            assert!(!till.is_taken(PHARMACY, "FIELDS-1").await, "{name}");
        }
    }
    assert_eq!(till.books().await, before);
    till.send_as(PHARMACY, "2102", "FIELDS-1", base).await.output();
}

fn base() -> Value {
    purchase(person("lixiaoming"), &[(CLASS_A, "2", "10.00")])
}

/// If this fails, a patient, flag or moment that cannot be read is guessed at (R-E10).
#[test]
#[rustfmt::skip]
fn a_purchase_whose_head_cannot_be_read() {
    run(|| async {
        let base = base();
        all_malformed(&base, &[
            ("no patient",               "/druginfo/psn_no", Some(json!("")), "psn_no"),
            ("an object for a patient",  "/druginfo/psn_no", Some(json!({})), "psn_no"),
            ("a long patient",           "/druginfo/psn_no", Some(json!("9".repeat(31))), "psn_no"),
            ("no credential type",       "/druginfo/mdtrt_cert_type", None, "mdtrt_cert_type"),
            ("an unknown credential",    "/druginfo/mdtrt_cert_type", Some(json!("99")), "mdtrt_cert_type"),
            ("no credential",            "/druginfo/mdtrt_cert_no", None, "mdtrt_cert_no"),
            ("a card without serial",    "/druginfo/card_sn", None, "card_sn"),
            ("no scheme",                "/druginfo/insutype", Some(json!("null")), "insutype"),
            ("another scheme",           "/druginfo/insutype", Some(json!("340")), "insutype"),
            ("no flag",                  "/druginfo/acct_used_flag", Some(json!("")), "acct_used_flag"),
            ("an unknown flag",          "/druginfo/acct_used_flag", Some(json!("3")), "acct_used_flag"),
            ("a truth value",            "/druginfo/acct_used_flag", Some(json!(true)), "acct_used_flag"),
            ("no treatment",             "/druginfo/med_type", None, "med_type"),
            ("a long treatment",         "/druginfo/med_type", Some(json!("4100000")), "med_type"),
            ("no moment",                "/druginfo/begntime", None, "begntime"),
            ("30 February",              "/druginfo/begntime", Some(json!("2025-02-30 10:00:00")), "begntime"),
            ("25 o'clock",               "/druginfo/begntime", Some(json!("2025-06-16 25:00:00")), "begntime"),
            ("a moment of digits",       "/druginfo/begntime", Some(json!("20250616100000")), "begntime"),
            ("the year 0001",            "/druginfo/begntime", Some(json!("0001-01-01 00:00:00")), "begntime"),
            ("exp_content, no object",   "/druginfo/exp_content", Some(json!("[1]")), "exp_content"),
            ("exp_content, no JSON",     "/druginfo/exp_content", Some(json!("{a}")), "exp_content"),
            ("exp_content, a number",    "/druginfo/exp_content", Some(json!(1)), "exp_content"),
            ("a giver without number",   "/druginfo/exp_content", Some(json!({"GJ_GIVER_CERT": [{"type": "03"}]})), "GJ_GIVER_CERT"),
            ("a giver's unknown type",   "/druginfo/exp_content", Some(json!({"GJ_GIVER_CERT": {"type": "9", "no": "1"}})), "GJ_GIVER_CERT"),
            ("a crowd of givers",        "/druginfo/exp_content", Some(json!({"GJ_GIVER_CERT": vec![json!({"type": "03", "no": "1"}); 21]})), "GJ_GIVER_CERT：最多 20 项"),
            ("a giver as text",          "/druginfo/exp_content", Some(json!({"GJ_GIVER_CERT": "C1"})), "GJ_GIVER_CERT"),
            ("no token of an agent",     "/druginfo/exp_content", Some(json!({"GJ_PROXY": {"psn_cert_type": "01"}})), "GJ_PROXY"),
            ("a code as an agent's",     "/druginfo/exp_content", Some(json!({"GJ_PROXY": "0000000000000000000000000000"})), "GJ_PROXY"),
            ("a document that is none",  "/druginfo/exp_content", Some(json!({"GJ_PROXY": {"no": "DG12345678901", "psn_cert_type": "09"}})), "GJ_PROXY"),
        ]).await;
    });
}

/// If this fails, an amount that cannot be read is guessed at, and somebody pays the guess (R-E10).
#[test]
#[rustfmt::skip]
fn an_amount_that_cannot_be_read() {
    run(|| async {
        let base = base();
        all_malformed(&base, &[
            ("no total",                 "/druginfo/medfee_sumamt", None, "medfee_sumamt"),
            ("three decimals",           "/druginfo/medfee_sumamt", Some(json!("20.001")), "medfee_sumamt"),
            ("three decimals, a number", "/druginfo/medfee_sumamt", Some(raw("20.001")), "medfee_sumamt"),
            ("three zeros",              "/druginfo/medfee_sumamt", Some(raw("20.0000000000000001")), "medfee_sumamt"),
            ("a negative total",         "/druginfo/medfee_sumamt", Some(raw("-20.00")), "medfee_sumamt"),
            ("a plus sign",              "/druginfo/medfee_sumamt", Some(json!("+20.00")), "medfee_sumamt"),
            ("an exponent",              "/druginfo/medfee_sumamt", Some(raw("2e1")), "medfee_sumamt"),
            ("an exponent as text",      "/druginfo/medfee_sumamt", Some(json!("2E1")), "medfee_sumamt"),
            ("a huge total",             "/druginfo/medfee_sumamt", Some(raw("100000000000.01")), "medfee_sumamt"),
            ("a googol",                 "/druginfo/medfee_sumamt", Some(json!("9".repeat(100))), "medfee_sumamt"),
            ("NaN as text",              "/druginfo/medfee_sumamt", Some(json!("NaN")), "medfee_sumamt"),
            ("infinity as text",         "/druginfo/medfee_sumamt", Some(json!("Infinity")), "medfee_sumamt"),
            ("a comma",                  "/druginfo/medfee_sumamt", Some(json!("1,020.00")), "medfee_sumamt"),
            ("wide digits",              "/druginfo/medfee_sumamt", Some(json!("２０.００")), "medfee_sumamt"),
            ("a unit",                   "/druginfo/medfee_sumamt", Some(json!("20.00元")), "medfee_sumamt"),
            ("a point alone",            "/druginfo/medfee_sumamt", Some(json!(".")), "medfee_sumamt"),
        ]).await;
    });
}

/// If this fails, a line that cannot be read is left out or guessed at (R-E10).
#[test]
#[rustfmt::skip]
fn lines_that_cannot_be_read() {
    run(|| async {
        let base = base();
        let detail = |field: &str, value: Option<Value>| Some(json!([with(json!({"it": base["drugdetail"][0]}), &format!("/it/{field}"), value)["it"]]));
        let many: Vec<Value> = (0..2_001).map(|it| with(json!({"it": base["drugdetail"][0]}), "/it/feedetl_sn", Some(json!(it)))["it"].clone()).collect();
        all_malformed(&base, &[
            ("no bill",                  "/druginfo", None, "druginfo"),
            ("null for the bill",        "/druginfo", Some(Value::Null), "druginfo"),
            ("two bills",                "/druginfo", Some(json!([base["druginfo"], base["druginfo"]])), "druginfo"),
            ("text for the bill",        "/druginfo", Some(json!(["a"])), "druginfo"),
            ("no lines",                 "/drugdetail", None, "drugdetail"),
            ("an empty list of lines",   "/drugdetail", Some(json!([])), "drugdetail"),
            ("text among the lines",     "/drugdetail", Some(json!([base["drugdetail"][0], "2"])), "drugdetail"),
            ("too many lines",           "/drugdetail", Some(json!(many)), "drugdetail：一次最多 2000 行"),
            ("a line without number",    "/drugdetail", detail("feedetl_sn", None), "feedetl_sn"),
            ("a line's long number",     "/drugdetail", detail("feedetl_sn", Some(json!("1".repeat(31)))), "feedetl_sn"),
            ("a line without codes",     "/drugdetail", Some(json!([{"feedetl_sn": 1, "cnt": 1, "pric": 20, "det_item_fee_sumamt": 20}])), "med_list_codg"),
            ("a line without count",     "/drugdetail", detail("cnt", Some(json!(""))), "cnt"),
            ("a negative count",         "/drugdetail", detail("cnt", Some(json!(-2))), "cnt"),
            ("five decimals of count",   "/drugdetail", detail("cnt", Some(json!("2.00001"))), "cnt"),
            ("seven decimals of price",  "/drugdetail", detail("pric", Some(json!("10.0000001"))), "pric"),
            ("a negative price",         "/drugdetail", detail("pric", Some(json!("-10"))), "pric"),
            ("a negative cost",          "/drugdetail", detail("det_item_fee_sumamt", Some(json!("-20.00"))), "det_item_fee_sumamt"),
            ("a count in a later row",   "/drugdetail", Some(json!([base["drugdetail"][0], with(json!({"it": base["drugdetail"][0]}), "/it/cnt", Some(json!("x")))["it"]])), "drugdetail 第2行 cnt：应是"),
            ("a long code of its own",   "/drugdetail", detail("medins_list_codg", Some(json!("X".repeat(151)))), "medins_list_codg：不能超过 150"),
            ("a long national code",     "/drugdetail", detail("med_list_codg", Some(json!("X".repeat(51)))), "med_list_codg：不能超过 50"),
            ("an approval of no code",   "/drugdetail", detail("hosp_appr_flag", Some(json!("7"))), "drugdetail.hosp_appr_flag：应是 0 "),
            ("a cost of three decimals", "/drugdetail", detail("det_item_fee_sumamt", Some(json!("20.001"))), "det_item_fee_sumamt"),
        ]).await;
    });
}

/// If this fails, one of the other transactions guesses.
#[test]
#[rustfmt::skip]
fn fields_of_other_transactions_that_cannot_be_read() {
    run(|| async {
        let till = Till::open().await;
        let it = person("lixiaoming");
        let visit = till.visit(HOSPITAL, it, &[(CLASS_A, "1", "20.00")]).await;
        let fake = json!({ "setl_id": "1", "mdtrt_id": visit });
        let (lines, bill) = (upload(it, &visit, "B2", &[(CLASS_A, "1", "20.00")]), settlement(it, &visit, "B1", "20.00"));
        let own = json!({ "data": { "psn_no": it.psn_no(), "omsgid": "OTHER-1", "oinfno": "2207" } });
        let cases: Vec<(&str, Value, &str)> = vec![
            ("1101", json!({ "data": { "mdtrt_cert_type": "02" } }), "mdtrt_cert_no"),
            ("1101", json!({ "data": [] }), "data"),
            ("2001", json!({ "data": { "psn_no": it.psn_no(), "insutype": "390" } }), "begntime"),
            ("2201", with(registration(it), "/data/ipt_otp_no", None), "ipt_otp_no"),
            ("2201", with(registration(it), "/data/begntime", Some(json!("today"))), "begntime"),
            ("2203", json!({ "mdtrtinfo": { "mdtrt_id": "abc", "psn_no": it.psn_no(), "med_type": "11", "begntime": "2025-06-16" } }), "mdtrt_id"),
            ("2203", json!({ "mdtrtinfo": { "mdtrt_id": "99999999999999999999", "psn_no": it.psn_no(), "med_type": "11", "begntime": "2025-06-16" } }), "mdtrt_id"),
            ("2204", json!({ "feedetail": { "feedetl_sn": 1 } }), "mdtrt_id"),
            ("2204", json!({ "feedetail": [lines["feedetail"][0], with(json!({"it": lines["feedetail"][0]}), "/it/mdtrt_id", Some(json!("7")))["it"]] }), "mdtrt_id"),
            ("2204", json!({ "feedetail": with(json!({"it": lines["feedetail"][0]}), "/it/chrg_bchno", None)["it"] }), "chrg_bchno"),
            ("2205", json!({ "data": { "mdtrt_id": visit, "psn_no": it.psn_no() } }), "chrg_bchno"),
            ("2206", with(bill.clone(), "/data/mdtrt_id", Some(json!("-1"))), "mdtrt_id"),
            ("2207", with(bill.clone(), "/data/chrg_bchno", None), "chrg_bchno"),
            ("2207", with(bill, "/data/inscp_scp_amt", Some(json!("x"))), "inscp_scp_amt"),
            ("2208", with(of_settlement(it, &fake), "/data/setl_id", Some(json!("1.5"))), "setl_id"),
            ("2103", with(of_settlement(it, &fake), "/data/setl_id", None), "setl_id"),
            ("5203", with(of_settlement(it, &fake), "/data/mdtrt_id", None), "mdtrt_id"),
            ("2601", own, "omsgid"),
            ("2601", with(reversal(it, "M", "2207"), "/data/oinfno", None), "oinfno"),
            ("3301", json!({ "data": [{ "fixmedins_hilist_id": "A" }] }), "med_list_codg"),
            ("GJ01", json!({ "data": {} }), "omsgid"),
            ("9001", json!({ "signIn": {} }), "opter_no"),
        ];
        let before = till.books().await;
        for (infno, input, says) in cases {
            eprintln!("{infno}");
            let reply = till.send_as(HOSPITAL, infno, "OTHER-1", &input).await;
            check(infno, &reply.failure(), says);
            assert!(!till.is_taken(HOSPITAL, "OTHER-1").await, "{infno}");
        }
        assert_eq!(till.books().await, before);
    });
}
