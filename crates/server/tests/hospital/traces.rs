//! Trace codes (药品追溯码) on the lines of bills: how they are read, and what a pack that was sold before comes to (R-J5). Of the
//! areas of the demo, Hefei asks its pharmacies for them from 2025-07-01 on.

use crate::client::{
    CLASS_A, CLASS_B, Reply, Till, merged, of_settlement, purchase, run, settlement, upload, with,
};
use crate::world::{HOSPITAL, PHARMACY, person};
use serde_json::{Value, json};

const HEFEI: &str = "P34010000001";
const PATIENT: &str = "wuguifang";

/// The code of a pack.
fn pack(number: u32) -> String {
    format!("8369057{number:013}")
}

fn traced(number: u32) -> Value {
    json!([{ "feedetl_sn": "1", "drug_trac_codg": pack(number), "trdn_flag": "0" }])
}

/// A purchase of so many boxes in Hefei on the second day, with this as the packs of its line.
fn bought(patient: &str, boxes: &'static str, packs: Value) -> Value {
    let bill = purchase(person(patient), &[(CLASS_A, boxes, "20.00")]);
    let bill = with(bill, "/druginfo/begntime", Some(json!("2025-07-02 09:40:00")));
    with(bill, "/drugdetail/0/durg_trac_info", Some(packs))
}

/// Somebody at a till, after the first day.
async fn late() -> Till {
    let till = Till::open().await;
    till.app.clock.move_to(till.app.clock.now().plus_millis(17 * 86_400_000)).expect("forward");
    till
}

async fn buys(till: &Till, patient: &str, boxes: &'static str, packs: Value) -> Reply {
    till.send(HEFEI, "2102", &bought(patient, boxes, packs)).await
}

/// R-J5: if this fails, a drug is settled without its code or a pack twice, a preview says otherwise than the settlement, or
/// what was taken back cannot be sold again.
#[test]
fn a_pack_is_settled_once_and_a_drug_not_without() {
    run(|| async {
        let till = late().await;
        let before = till.books().await;
        for infno in ["2101", "2102"] {
            let reply = till.send(HEFEI, infno, &bought(PATIENT, "1", Value::Null)).await;
            assert_eq!(reply.code(), "TRACE_CODE_MISSING", "{infno}");
            assert!(reply.failure().contains("第1行"), "{}", reply.failure());
        }
        assert_eq!(till.books().await, before, "nothing was settled");
        till.send(HEFEI, "2101", &bought(PATIENT, "1", traced(1))).await.output();
        let settled = buys(&till, PATIENT, "1", traced(1)).await;
        for infno in ["2101", "2102"] {
            let reply = till.send(HEFEI, infno, &bought("lixiaoming", "1", traced(1))).await;
            assert_eq!(reply.code(), "TRACE_CODE_USED", "{infno}");
            assert!(!reply.failure().contains('吴'), "whose it was concerns nobody: {}", reply.failure());
        }
        let undo = of_settlement(person(PATIENT), settled.info());
        till.send(HEFEI, "2103", &undo).await.output();
        buys(&till, "lixiaoming", "1", traced(1)).await.output();
    });
}

/// R-J5: if this fails, a pack that was sold where nobody asks for codes, or out of a hospital's batch, can be sold once more
/// where somebody does; or a place that is not asked is refused for its codes.
#[test]
fn codes_that_nobody_asks_for_count_as_used() {
    run(|| async {
        let till = late().await;
        let there = with(
            bought("lixiaoming", "1", traced(1)),
            "/druginfo/begntime",
            Some(json!("2025-07-01 09:00:00")),
        );
        till.send(PHARMACY, "2102", &there).await.output();
        assert_eq!(buys(&till, PATIENT, "1", traced(1)).await.code(), "TRACE_CODE_USED");
        let patient = person("lixiaoming");
        let visit = till.visit(HOSPITAL, patient, &[(CLASS_B, "1", "30.00")]).await;
        let lines = upload(patient, &visit, "2", &[(CLASS_A, "2", "20.00")]);
        let lines = with(lines, "/feedetail/0/feedetl_sn", Some(json!("9")));
        let packs = json!({ "feedetl_sn": "9", "drug_trac_codg": pack(2) });
        let lines = with(lines, "/feedetail/0/durg_trac_info", Some(packs));
        till.send(HOSPITAL, "2204", &lines).await.output();
        buys(&till, PATIENT, "2", json!([{ "drug_trac_codg": pack(3), "trdn_flag": "" }])).await.output();
        let settled = till.send(HOSPITAL, "2207", &settlement(patient, &visit, "2", "40.00")).await;
        assert_eq!(buys(&till, PATIENT, "3", traced(2)).await.code(), "TRACE_CODE_USED");
        till.send(HOSPITAL, "2208", &of_settlement(patient, settled.info())).await.output();
        buys(&till, PATIENT, "3", traced(2)).await.output();
    });
}

/// R-J5: if this fails, a barcode that was scanned in place of the code passes, or a pharmacist is not told which field is wrong.
#[test]
fn what_is_no_code_is_named_by_its_field() {
    run(|| async {
        let till = late().await;
        let before = till.books().await;
        let one = |more: Value| merged(json!({ "feedetl_sn": "1", "drug_trac_codg": pack(1) }), more);
        let cases = [
            (json!([one(json!({ "drug_trac_codg": "6901234567892" }))]), "durg_trac_info.drug_trac_codg"),
            (json!([one(json!({ "drug_trac_codg": "" }))]), "durg_trac_info.drug_trac_codg"),
            (json!([one(json!({ "trdn_flag": "2" }))]), "durg_trac_info.trdn_flag"),
            (json!([one(json!({ "feedetl_sn": "7" }))]), "durg_trac_info.feedetl_sn"),
            (
                json!([one(json!({})), one(json!({ "trdn_flag": "2" }))]),
                "drugdetail.durg_trac_info 第2行 trdn_flag",
            ),
            (json!(["83690570000000000001"]), "durg_trac_info"),
            (json!("83690570000000000001"), "drugdetail.durg_trac_info"),
            (json!(vec![one(json!({})); 101]), "drugdetail.durg_trac_info：一行最多 100 个"),
        ];
        for (packs, field) in cases {
            let reply = buys(&till, PATIENT, "1", packs.clone()).await;
            assert!(reply.failure().contains(field), "{field}: {}", reply.failure());
        }
        assert_eq!(till.books().await, before, "nothing was stored");
    });
}
