//! Messages mangled at random: whatever comes, there is an answer in the interface's form, and the books balance.

use crate::client::{
    CLASS_A, CLASS_B, Till, of_settlement, purchase, registration, reversal, settlement, statement, upload,
};
use crate::world::{HOSPITAL, person};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// Every place of a value that can be changed, by JSON pointer.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    let deeper: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, it)| (name.clone(), it)).collect(),
        Value::Array(rows) => rows.iter().enumerate().map(|(at, it)| (at.to_string(), it)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (name, it) in deeper {
        let place = format!("{at}/{name}");
        places(it, &place, into);
        into.push(place);
    }
}

/// What somebody's software may put anywhere.
fn nasty() -> impl Strategy<Value = Value> {
    let raw = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let fixed = vec![
        Value::Null,
        json!(true),
        json!(""),
        json!("null"),
        json!("0"),
        json!("-1"),
        json!("0000"),
        json!("1\u{0}2"),
        json!("９"),
        json!("𠮷\u{200b}\u{202e}"),
        json!([]),
        json!({}),
        json!([[{}]]),
        json!("1900-01-01"),
        json!("1800-01-01 00:00:00"),
        json!("2999-12-31 23:59:59"),
        json!("2024-02-29"),
        json!("99999999999999999999999999"),
        json!("9223372036854775807"),
        json!("100000000000.00"),
        json!("99999999999.9999"),
        json!("0.000001"),
        raw("1e308"),
        raw("-0"),
        raw("123456789012345678901234567890.123456789"),
        json!("A".repeat(5_000)),
    ];
    let text = "\\PC{0,40}".prop_map(|it| json!(it));
    let number = any::<i64>().prop_map(|it| json!(it));
    let amount = (0_u64..1_000_000_000_000, 0_u32..100).prop_map(|(a, b)| json!(format!("{a}.{b:02}")));
    prop_oneof![4 => proptest::sample::select(fixed), 1 => text, 1 => number, 1 => amount]
}

/// If this fails, some message stops a till with something that is no answer, or makes or loses money (R-E10).
#[test]
fn whatever_is_sent_gets_an_answer() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let till = runtime.block_on(Till::open());
    let it = person("lixiaoming");
    let items = [(CLASS_A, "2", "10.00"), (CLASS_B, "1", "5.00")];
    let visit = runtime.block_on(till.visit(HOSPITAL, it, &items));
    let ids = json!({ "setl_id": visit, "mdtrt_id": visit });
    let identity =
        json!({ "data": { "mdtrt_cert_type": "03", "mdtrt_cert_no": it.card(), "card_sn": it.card_sn() } });
    let messages = vec![
        ("1101", identity),
        ("2101", purchase(it, &items)),
        ("2102", purchase(it, &items)),
        ("2201", registration(it)),
        ("2203", statement(it, &visit)),
        ("2204", upload(it, &visit, "B2", &items)),
        ("2206", settlement(it, &visit, "B1", "25.00")),
        ("2207", settlement(it, &visit, "B1", "25.00")),
        ("2208", of_settlement(it, &ids)),
        ("5203", of_settlement(it, &ids)),
        ("2601", reversal(it, "M", "2207")),
        ("3301", json!({ "data": [{ "fixmedins_hilist_id": "A", "med_list_codg": CLASS_A }] })),
        ("3302", json!({ "data": [{ "fixmedins_hilist_id": "A", "med_list_codg": CLASS_A }] })),
        ("1201", json!({ "medinsinfo": { "fixmedins_code": HOSPITAL, "fixmedins_name": "徐州" } })),
        (
            "1312",
            json!({ "data": { "hilist_name": "片", "updt_time": "2024-01-01", "page_num": 2, "page_size": 3 } }),
        ),
        ("1317", json!({ "data": { "fixmedins_code": HOSPITAL, "vali_flag": "1", "page_num": 1 } })),
        (
            "1319",
            json!({ "data": { "hilist_code": CLASS_B, "insu_admdvs": "320300", "query_date": "2025-06-16" } }),
        ),
        ("1901", json!({ "data": { "type": "gend", "parent_value": "0", "Vali_Flag": "1" } })),
        ("GJ01", json!({ "data": { "omsgid": "M" } })),
    ];
    let change = (any::<prop::sample::Index>(), nasty());
    let mangled = (proptest::sample::select(messages), proptest::collection::vec(change, 1..3));
    let config = Config { cases: 1000, failure_persistence: None, ..Config::default() };
    let tried = TestRunner::new(config).run(&mangled, |((infno, mut input), changes)| {
        for (index, value) in changes {
            let mut all = Vec::new();
            places(&input, "", &mut all);
            if let Some(place) = input.pointer_mut(&all[index.index(all.len())]) {
                *place = value;
            }
        }
        let reply = runtime.block_on(till.send_anything(HOSPITAL, infno, &input));
        prop_assert_eq!(reply.status, 200, "{}", reply.json);
        if reply.json["infcode"] != json!(0) {
            reply.code();
        }
        Ok(())
    });
    if let Err(error) = tried {
        panic!("{error}");
    }
    let app = &till.app;
    let verified =
        runtime.block_on(server::verify::verify(&*app.store, &app.laws, &|_| {})).expect("a report");
    assert!(verified.is_sound(), "{:?}", verified.findings);
}
