//! The page for makers of hospital software: what it shows is sent, what it says comes back.

use crate::client::{Reply, Till, run, signed};
use crate::world::{PHARMACY, machine};
use serde_json::{Value, json};
use server::hospital::{gateway::sign, transactions};

const PAGE: &str = include_str!("../../../../docs/hospital/messages.md");

/// The fenced blocks of the page: what they are and what is in them.
fn blocks() -> Vec<(&'static str, &'static str)> {
    blocks_of(PAGE)
}

fn blocks_of(page: &'static str) -> Vec<(&'static str, &'static str)> {
    let parts: Vec<&str> = page.split("```").collect();
    assert!(parts.len() % 2 == 1, "every block ends");
    let fenced = parts.into_iter().skip(1).step_by(2);
    fenced.map(|it| it.split_once('\n').expect("a block has lines")).collect()
}

/// Whether an answer says all that the page says: numbers digit for digit, `…` for any rest of a text.
fn says(said: &Value, shown: &Value, path: &str) {
    match (shown, said) {
        (Value::Object(fields), Value::Object(_)) => {
            fields.iter().for_each(|(name, it)| says(&said[name], it, &format!("{path}/{name}")));
        }
        (Value::Array(rows), Value::Array(answered)) => {
            assert_eq!(rows.len(), answered.len(), "{path}");
            rows.iter().zip(answered).for_each(|(row, it)| says(it, row, path));
        }
        (Value::String(text), Value::String(said)) if text.ends_with('…') => {
            assert!(said.starts_with(text.trim_end_matches('…')), "{path}: {said}");
        }
        (shown, said) => assert_eq!(said.to_string(), shown.to_string(), "{path}"),
    }
}

/// A request with what it takes from the answer before.
fn filled(text: &str, last_info: &Value) -> String {
    let number = |field: &str| last_info[field].as_str().unwrap_or_default().to_owned();
    text.replace("<setl_id>", &number("setl_id")).replace("<mdtrt_id>", &number("mdtrt_id"))
}

/// If this fails, a maker of hospital software copies an example that does not work.
#[test]
fn every_example_of_the_page_does_what_the_page_says() {
    run(|| async {
        let till = Till::open().await;
        let (mut last, mut info, mut checked): (Option<Reply>, Value, u32) = (None, Value::Null, 0);
        for (kind, text) in blocks() {
            let shown = || serde_json::from_str::<Value>(text).expect("the page's JSON is JSON");
            match (kind, &last) {
                ("json request", _) => {
                    let text = filled(text, &info);
                    let request: Value = serde_json::from_str(&text).expect("the page's JSON is JSON");
                    let infno = request["infno"].as_str().expect("infno").to_owned();
                    let headers = signed(PHARMACY, &infno);
                    let reply = till.post(&format!("/hospital/{infno}"), &headers, text.as_bytes()).await;
                    if reply.json["output"]["setlinfo"].is_object() {
                        info = reply.json["output"]["setlinfo"].clone();
                    }
                    last = Some(reply);
                }
                ("json answer", Some(reply)) => {
                    says(&reply.json, &shown(), "");
                    checked += 1;
                }
                ("json exp_content", Some(reply)) => says(&reply.ours(), &shown(), "exp_content"),
                ("sh" | "vector", _) => {}
                (other, _) => panic!("the page has a block that nobody checks: {other}"),
            }
        }
        assert_eq!(checked, 5);
    });
}

/// If this fails, the page about reconciling shows a total that is not asked for or answered like that.
#[test]
fn the_example_of_reconciling_does_what_its_page_says() {
    run(|| async {
        let till = Till::open().await;
        crate::totals::sales(&till).await;
        let blocks = blocks_of(include_str!("../../../../docs/hospital/reconciliation.md"));
        let [("json request", request), ("json answer", shown)] = blocks[..] else { panic!("{blocks:?}") };
        let reply = till.post("/hospital/3201", &signed(PHARMACY, "3201"), request.as_bytes()).await;
        says(&reply.json, &serde_json::from_str(shown).expect("JSON"), "");
    });
}

/// If this fails, nobody who follows the page gets past the gateway.
#[test]
fn the_page_signs_as_the_gateway_does() {
    let (_, vector) = blocks().into_iter().find(|(kind, _)| *kind == "vector").expect("a vector");
    let lines: Vec<&str> = vector.lines().collect();
    let headers = sign("AK", "SK", "api_1101", machine());
    let signed: Vec<String> = headers[..4].iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(lines[0], signed.join("&"));
    assert_eq!(lines[1..], ["secret SK", &format!("signature {}", headers[4].1)]);
    let (_, script) = blocks().into_iter().find(|(kind, _)| *kind == "sh").expect("a script");
    for (name, _) in headers {
        assert!(
            script.contains(&format!("-H \"{name}: $")) || script.contains(&format!("-H \"{name}: 1.0\""))
        );
    }
    let in_script = lines[0].replace("=AK&", "=$ACCESS_KEY&").replace("api_1101", "$infno");
    assert!(script.contains(&in_script.replace("1795310688479", "$now")), "{in_script}");
}

/// If this fails, the page leaves out a transaction or promises one that is not there.
#[test]
fn the_page_lists_every_transaction() {
    for transaction in transactions() {
        let (number, variant) = match transaction.infno.strip_suffix('A') {
            Some(number) => (number, "(A)"),
            None => (transaction.infno, ""),
        };
        assert!(
            PAGE.contains(&format!("{number}{variant}")),
            "{}: {}",
            transaction.infno,
            json!(transaction.name)
        );
    }
}
