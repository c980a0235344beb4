//! A path for each transaction, as several provinces have them.

use crate::client::{
    CLASS_A, Till, envelope, of_settlement, registration, run, settlement, signed, statement, upload,
};
use crate::world::{HOSPITAL, person};
use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::{Value, json};
use server::hospital::addresses::OF_THEIR_OWN;
use server::hospital::transactions;
use std::collections::BTreeSet;
use tower::ServiceExt as _;

async fn sent(till: &Till, path: &str, infno: &str, input: &Value) -> crate::client::Reply {
    let message = envelope(HOSPITAL, infno, &till.msgid(HOSPITAL), input).to_string();
    till.post(&format!("/fsi/api/{path}"), &signed(HOSPITAL, infno), message.as_bytes()).await
}

/// If this fails, a province's client gets no answer at a path that it knows, or a transaction is taken at a path that
/// is another's.
#[test]
fn every_path_takes_its_own_transactions_and_no_others() {
    run(|| async {
        let till = Till::open().await;
        let before = till.books().await;
        let known: BTreeSet<&str> = transactions().map(|it| it.infno).collect();
        let (mut seen, mut taken) = (BTreeSet::new(), 0);
        for (path, infnos) in OF_THEIR_OWN {
            assert!(seen.insert(path), "{path} stands there twice");
            for infno in *infnos {
                let reply = sent(&till, path, infno, &json!({})).await;
                let is_unknown = reply.failure().contains("未知交易编号");
                assert_eq!(is_unknown, !known.contains(infno), "{path} {infno}: {}", reply.json);
                taken += usize::from(!is_unknown);
            }
            for other in ["2102", "9001", "2207"].iter().filter(|it| !infnos.contains(it)) {
                let reply = sent(&till, path, other, &json!({ "signIn": { "opter_no": "1" } })).await;
                assert!(reply.failure().contains("infno：未知交易编号"), "{path} {other}: {}", reply.json);
            }
        }
        assert!(taken > 20, "{taken}");
        assert_eq!(till.books().await, before);
    });
}

/// If this fails, a client whose path is misspelt, or that sends GET, gets a page for citizens that it cannot read.
#[test]
fn what_is_no_address_is_said_in_the_gateways_form() {
    run(|| async {
        let till = Till::open().await;
        let cases = [
            ("POST", "/fsi/api/outpatientSettleService/saveSettlement", 404, "没有这个地址"),
            ("POST", "/fsi/api/rsfComIfsService/callService/2207", 404, "没有这个地址"),
            ("POST", "/mbs/fmi/fsi/api/callService", 404, "没有这个地址"),
            ("POST", "/eapdomain/call", 404, "没有这个地址"),
            ("POST", "/hospital/2207/2208", 404, "没有这个地址"),
            ("POST", "/hospital/2207/", 404, "没有这个地址"),
            ("POST", "/CSB/2207", 404, "没有这个地址"),
            ("GET", "/hospital/2207", 405, "POST"),
            ("GET", "/hospital", 405, "POST"),
            ("PUT", "/fsi/api/outpatientSettleService/saveSettletment", 405, "POST"),
        ];
        for (method, path, status, says) in cases {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
            let response = till.router().oneshot(request).await.expect("an answer");
            assert_eq!(response.status().as_u16(), status, "{method} {path}");
            let body = to_bytes(response.into_body(), 1_000).await.expect("a body");
            let json: Value = serde_json::from_slice(&body).expect("JSON");
            assert_eq!(json["code"], json!(status), "{method} {path}");
            assert!(json["message"].as_str().is_some_and(|it| it.contains(says)), "{json}");
        }
    });
}

/// If this fails, a hospital of Zhejiang, Hebei or Jiangxi cannot run a visit at its own addresses.
#[test]
fn a_visit_at_paths_of_its_own() {
    run(|| async {
        let till = Till::open().await;
        let (patient, items) = (person("lixiaoming"), [(CLASS_A, "2", "10.00")]);
        let documents = |path: &str| format!("outpatientDocInfoService/{path}");
        let settling = |path: &str| format!("outpatientSettleService/{path}");
        let registered =
            sent(&till, &documents("outpatientRregistration"), "2201", &registration(patient)).await;
        let visit = registered.text("/data/mdtrt_id");
        let stated = statement(patient, &visit);
        sent(&till, &documents("outpatientMdtrtinfoUpA"), "2203A", &stated).await.output();
        let lines = upload(patient, &visit, "B1", &items);
        sent(&till, &documents("outpatientFeeListUp"), "2204", &lines).await.output();
        let bill = settlement(patient, &visit, "B1", "20.00");
        let shown = sent(&till, &settling("preSettletmentA"), "2206A", &bill).await;
        let settled = sent(&till, &settling("saveSettletmentV2"), "2207A", &bill).await;
        assert_eq!(settled.info()["psn_cash_pay"], shown.info()["psn_cash_pay"]);
        let undone = of_settlement(patient, settled.info());
        let undone = sent(&till, &settling("cancleSettletment"), "2208", &undone).await;
        assert_eq!(undone.info()["medfee_sumamt"].to_string(), "-20.00");
    });
}
