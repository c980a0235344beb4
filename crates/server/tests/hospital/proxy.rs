//! Proxy purchases (代购) at the counter: `GJ_PROXY` in a bill, what it changes, and every way in which it is refused (R-G1).

use crate::client::{CLASS_A, Reply, Till, of_settlement, purchase, run, with};
use crate::world::{HOSPITAL, PHARMACY, person};
use domain::day::Day;
use domain::decision::{Answer, Outcome};
use domain::ids::{Digest, InstitutionCode, PersonNo, ProxyNo};
use domain::needs::Needs;
use domain::proxy::{Paper, Papers, ProxyReason};
use domain::request::{Actor, Body, EntrustProxy, Key, Request, RevokeProxy, Sender};
use serde_json::{Value, json};
use server::proxy_tokens;
use server::turn::{Encoder, Submission};
use server::vault::{Found, hex, random};
use std::sync::Arc;
use store::{Attachments, Page, Query, Store as _};

const PATIENT: &str = "wangxiuying";
const AGENT: &str = "liming";

fn bill(no: &'static str) -> Vec<(&'static str, &'static str, &'static str)> {
    vec![(CLASS_A, no, "20.00")]
}

/// The number of a person in the books.
async fn number(till: &Till, name: &str) -> PersonNo {
    let lookup = till.app.vault.lookup(Found::PersonNo, &person(name).psn_no());
    let needs = Needs { lookups: [lookup].into(), ..Needs::default() };
    let query = Query::Facts(Box::new(needs), till.app.clock.now());
    let Page::Facts(rows) = till.app.store.page(&query).await.expect("facts") else { panic!("no facts") };
    rows.facts.person_by(lookup).expect("taken in").no
}

/// Asks for something in a citizen's name; the number of an entrusted purchase, where one was made.
async fn asks(till: &Till, who: &str, body: Body) -> Option<ProxyNo> {
    let person = number(till, who).await;
    let key = Key { sender: Sender::Token(9), id: hex(&random::<16>()) };
    let request = Request { key, digest: Digest::of(&[]), actor: Actor::Citizen(person), body };
    let encode: Encoder = Arc::new(|told| {
        let Outcome::Done(done) = &told.decision.outcome else { panic!("{:?}", told.decision.reasons()) };
        if let Answer::Proxy(no) = done.answer { no.0.to_be_bytes().to_vec() } else { Vec::new() }
    });
    let attachments = Attachments::default();
    let sent = Submission { request, attachments, aside: None, encode, is_kept: true };
    let answer = till.app.flow.submit(sent).await.expect("an answer");
    answer.try_into().ok().map(|it| ProxyNo(u64::from_be_bytes(it)))
}

/// 王秀英 entrusts 李明; the token.
async fn entrusted(till: &Till, papers: Papers, only: Option<&str>) -> (ProxyNo, String) {
    let by = |name: &str| till.app.vault.lookup(Found::PersonNo, &person(name).psn_no());
    let body = Body::EntrustProxy(EntrustProxy {
        patient: by(PATIENT),
        agent: by(AGENT),
        reason: ProxyReason::Age,
        place: only.and_then(InstitutionCode::parse),
        papers,
        last_day: Day::parse("2025-06-18").expect("a day"),
    });
    let no = asks(till, PATIENT, body).await.expect("entrusted");
    (no, proxy_tokens::written(&till.app.vault, no))
}

const BOTH: Papers = Papers { patient: Some(Paper::IdCard), agent: Some(Paper::IdCard) };

/// A purchase of a patient's, with this in `GJ_PROXY`.
fn bought(patient: &str, boxes: &'static str, shown: Value) -> Value {
    let extension = json!({ "GJ_PROXY": shown });
    with(purchase(person(patient), &bill(boxes)), "/druginfo/exp_content", Some(extension))
}

async fn buys(till: &Till, place: &str, boxes: &'static str, shown: Value) -> Reply {
    till.send(place, "2102", &bought(PATIENT, boxes, shown)).await
}

/// R-G1: if this fails, an agent cannot buy for who cannot come, pays otherwise than the patient would, or buys twice by one
/// entrustment.
#[test]
fn an_agent_buys_once_as_the_patient_would() {
    run(|| async {
        let till = Till::open().await;
        let (_, token) = entrusted(&till, BOTH, None).await;
        let own = till.send(PHARMACY, "2101", &purchase(person(PATIENT), &bill("1"))).await;
        let shown = till.send(PHARMACY, "2101", &bought(PATIENT, "1", json!(token))).await;
        let amounts = |it: &Reply| {
            ["acct_pay", "acct_mulaid_pay", "psn_cash_pay", "fund_pay_sumamt"]
                .map(|name| it.info()[name].to_string())
        };
        assert_eq!(amounts(&shown), amounts(&own), "as if the patient stood there");
        assert_eq!((&shown.ours()["GJ_AGENT"], &own.ours()["GJ_AGENT"]), (&json!("李*"), &Value::Null));
        let settled = buys(&till, PHARMACY, "1", json!({ "no": token.to_lowercase() })).await;
        assert_eq!(amounts(&settled), amounts(&own));
        let slip = settled.ours()["GJ_SLIP"].to_string();
        assert!(slip.contains("由李*代购"), "{slip}");
        assert_eq!(buys(&till, PHARMACY, "2", json!(token)).await.code(), "PROXY_USED");
        let undo = of_settlement(person(PATIENT), settled.info());
        till.send(PHARMACY, "2103", &undo).await.output();
        buys(&till, PHARMACY, "2", json!(token)).await.output();
    });
}

/// R-G1: if this fails, medicine is handed out on a token that is another's, used up, withdrawn or made up, or without
/// both documents; or the pharmacist is told the wrong reason.
#[test]
fn every_way_in_which_an_entrustment_fails_has_its_own_reason() {
    run(|| async {
        let till = Till::open().await;
        let before = till.books().await;
        let (_, bare) = entrusted(&till, Papers::default(), Some(PHARMACY)).await;
        let (revoked, gone) = entrusted(&till, BOTH, None).await;
        asks(&till, AGENT, Body::RevokeProxy(RevokeProxy { proxy: revoked })).await;
        let made_up = format!("{}{}", &bare[..bare.len() - 1], if bare.ends_with('7') { '8' } else { '7' });
        let one = json!({ "no": bare, "psn_cert_type": "01" });
        let both = json!({ "no": bare, "psn_cert_type": "01", "agnter_cert_type": "08" });
        let cases = [
            (json!(bare), "PROXY_PROOF_MISSING"),
            (one, "PROXY_PROOF_MISSING"),
            (json!(made_up), "PROXY_UNKNOWN"),
            (json!(gone), "PROXY_REVOKED"),
        ];
        for (shown, code) in cases {
            assert_eq!(buys(&till, PHARMACY, "3", shown.clone()).await.code(), code, "{shown}");
        }
        let others = till.send(PHARMACY, "2102", &bought("lixiaoming", "3", both.clone())).await;
        assert_eq!(others.code(), "PROXY_OF_OTHER");
        assert!(!others.failure().contains('王'), "whose it is concerns nobody: {}", others.failure());
        assert_eq!(till.books().await, before, "nothing was settled");
        till.app.clock.move_to(till.app.clock.now().plus_millis(3 * 86_400_000)).expect("forward");
        assert_eq!(buys(&till, PHARMACY, "4", both).await.code(), "PROXY_EXPIRED");
    });
}

/// R-G1: if this fails, an entrustment for one place is good at another.
#[test]
fn a_place_that_is_named_is_the_only_one() {
    run(|| async {
        let till = Till::open().await;
        let (_, token) = entrusted(&till, BOTH, Some(HOSPITAL)).await;
        assert_eq!(buys(&till, PHARMACY, "5", json!(token)).await.code(), "PROXY_ELSEWHERE");
    });
}
