//! Why: prospects, settlements and refunds as they are told to those concerned.

use crate::world::{World, id_of, who};
use domain::bill::Line;
use domain::credential::Credential;
use domain::ids::{Digest, InstitutionCode};
use domain::money::{Fen, Price, Quantity};
use domain::proxy::ShownProxy;
use domain::request::{AccountFlag, Actor, Body, Key, Request, Sender, Settle, What};
use domain::slip_no::{SlipKey, SlipNo};
use domain::words::{CredentialKind, Scheme};
use serde_json::{Value, json};
use server::turn::Submission;
use server::vault::Found;
use std::sync::Arc;
use store::Attachments;

const NOW: &str = "2025-06-16 10:00";

async fn would(world: &World, token: &str, body: Value) -> Value {
    world.send("POST", "/explain/would", Some(token), None, body.to_string()).await.is(200)
}

/// What an answer says of each giver: usable amount and codes.
fn told(answer: &Value) -> Vec<(String, Vec<String>)> {
    let givers = answer["givers"].as_array().expect("givers");
    let code = |it: &Value| it["code"].as_str().unwrap_or_default().to_owned();
    let codes = |it: &Value| it["reasons"].as_array().expect("reasons").iter().map(code).collect();
    givers.iter().map(|it| (it["usable"].to_string(), codes(it))).collect()
}

fn one(usable: &str, codes: &[&str]) -> Vec<(String, Vec<String>)> {
    vec![(usable.to_owned(), codes.iter().map(|it| (*it).to_owned()).collect())]
}

pub(crate) async fn bound(world: &World, giver: &str, beneficiary: &str, relation: &str) -> Value {
    let body = json!({ "giver": who(giver), "beneficiary": who(beneficiary), "relation": relation,
        "since": "2024-01-15T01:00:00Z" });
    world.post("/bindings/takeovers", body).await.is(201)
}

/// R-L1: if this fails, a family travels to a place that settles nothing today, or none of their money.
#[tokio::test]
async fn a_place_that_is_suspended_or_not_linked_is_said_before_anybody_goes_there() {
    let world = World::new(NOW).await;
    bound(&world, "李明", "李小明", "child").await;
    let ask = json!({ "beneficiary": who("李小明"), "institution": "H32030000001" });
    let codes = |it: &Value| -> Vec<String> {
        let list = it["obstacles"].as_array().expect("obstacles");
        list.iter().map(|it| it["code"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let changes = [
        (json!({ "change": "able", "capability": "shared", "periods": [] }), vec!["SHARED_NOT_LINKED"]),
        (
            json!({ "change": "able", "capability": "outpatient", "periods": [] }),
            vec!["CAPABILITY_MISSING", "SHARED_NOT_LINKED"],
        ),
        (
            json!({ "change": "suspend", "from": "2025-06-16", "why": "x" }),
            vec!["PLACE_SUSPENDED", "SHARED_NOT_LINKED"],
        ),
    ];
    assert_eq!(codes(&would(&world, &world.operator, ask.clone()).await), Vec::<String>::new());
    for (change, expected) in changes {
        world.post("/institutions/H32030000001/changes", change).await.is(200);
        assert_eq!(codes(&would(&world, &world.operator, ask.clone()).await), expected);
    }
}

/// Stories 3, 6 and 7, before anybody settles.
#[tokio::test]
async fn each_giver_in_question_is_judged() {
    let world = World::new(NOW).await;
    let token = world.operator.as_str();
    let ask =
        |beneficiary: &str, place: &str| json!({ "beneficiary": who(beneficiary), "institution": place });
    let (xuzhou, nanning) = ("H32030000001", "H45010000001");
    assert_eq!(told(&would(&world, token, ask("李小明", xuzhou)).await), []);
    let mut named = ask("李小明", xuzhou);
    named["giver"] = who("李明");
    let not_bound = would(&world, token, named.clone()).await;
    assert_eq!(told(&not_bound), one("0.00", &["NOT_BOUND"]));
    assert_eq!(not_bound["givers"][0]["reasons"][0]["line"], "李明没有授权李小明");
    bound(&world, "李明", "李小明", "child").await;
    assert_eq!(told(&would(&world, token, named).await), one("2000.00", &[]));

    let link = json!({ "holder": who("赵丽"), "member": who("王秀英"), "relation": "spouse_parent" });
    world.post("/family-links", link).await.is(201);
    let link_only = would(&world, token, ask("王秀英", xuzhou)).await;
    assert_eq!(told(&link_only), one("0.00", &["ONLY_FAMILY_CODE_BOUND"]));
    let undone = json!({ "holder": who("赵丽"), "member": who("王秀英"), "undo": true });
    world.post("/family-links", undone).await.is(201);
    assert_eq!(told(&would(&world, token, ask("王秀英", xuzhou)).await), []);

    bound(&world, "韦国强", "韦秀兰", "parent").await;
    let hidden = would(&world, token, ask("韦秀兰", nanning)).await;
    assert_eq!(told(&hidden), one("0.00", &["GIVER_CODE_REQUIRED"]));
    assert!(hidden["givers"][0]["reasons"][0]["law"]["source"].is_string(), "the law says so, and where");
    let mut shown = ask("韦秀兰", nanning);
    shown["shown"] = json!([who("韦国强")]);
    assert_eq!(told(&would(&world, token, shown).await), one("1200.00", &[]));
}

#[tokio::test]
async fn a_stranger_learns_nothing_about_a_family() {
    let world = World::new(NOW).await;
    let token = world.citizen("韦国强").await;
    let body = json!({ "beneficiary": who("李小明"), "institution": "H32030000001" });
    let answer = world.send("POST", "/explain/would", Some(&token), None, body.to_string()).await;
    assert_eq!(answer.status, 403);
}

/// Settles 170.00 for 李小明 as the hospital, past its own interface, which is tested elsewhere.
pub(crate) async fn settle(world: &World) -> u64 {
    settle_as(world, "1").await
}

/// The same under a message id of its own.
pub(crate) async fn settle_as(world: &World, id: &str) -> u64 {
    settle_for(world, id, ("李小明", Scheme::Resident), None).await
}

/// The same for another patient, for whom somebody may have bought.
pub(crate) async fn settle_for(
    world: &World,
    id: &str,
    (patient, scheme): (&str, Scheme),
    proxy: Option<ShownProxy>,
) -> u64 {
    let hospital = InstitutionCode::parse("H32030000001").expect("a code");
    let patient = world.app.vault.lookup(Found::IdDocument, id_of(patient));
    let line = |sn: &str, yuan: &str| Line {
        sn: sn.to_owned(),
        code: "ZA04CDX0534010103065".to_owned(),
        own_code: "A".to_owned(),
        arose: None,
        count: Quantity::parse("1").expect("a count"),
        price: Price::parse(yuan).expect("a price"),
        cost: Fen::parse(yuan).expect("an amount"),
        self_paid: false,
        traces: Vec::new(),
    };
    let lines = vec![line("1", "100.00"), line("2", "70.00")];
    let body = Body::Settle(Settle {
        patient,
        credential: Credential { kind: CredentialKind::Code, holder: patient, serial: None, spoiled: None },
        giver_credentials: Vec::new(),
        scheme,
        med_type: "11".to_owned(),
        what: What::Lines { begun: world.app.clock.now(), lines },
        total: Fen::parse("170.00").expect("an amount"),
        stated: None,
        accounts: AccountFlag::Own,
        repeat: false,
        proxy,
    });
    let key = Key { sender: Sender::Institution(hospital), id: format!("H32030000001/{id}") };
    let request = Request { key, digest: Digest::of(&[]), actor: Actor::Institution(hospital), body };
    let encode: server::turn::Encoder = Arc::new(|told| {
        let settlements = told.decision.changes().map(|it| &it.settlements[..]);
        let made = settlements.and_then(<[_]>::first).expect("a settlement");
        made.no.0.to_be_bytes().to_vec()
    });
    let sent =
        Submission { request, attachments: Attachments::default(), aside: None, encode, is_kept: true };
    let answer = world.app.flow.submit(sent).await.expect("an answer");
    u64::from_be_bytes(answer.try_into().expect("a settlement"))
}

/// Story 1, as each of those concerned reads it; then a part is refunded.
#[tokio::test]
async fn a_settlement_is_told_to_each_as_far_as_it_concerns_them() {
    let world = World::new(NOW).await;
    bound(&world, "李明", "李小明", "child").await;
    let no = settle(&world).await;
    let (child, father, stranger) =
        (world.citizen("李小明").await, world.citizen("李明").await, world.citizen("赵丽").await);
    let path = format!("/settlements/{no}");
    let his = world.get(&path, &child).await.is(200);
    let amounts: Vec<String> = ["total", "fund", "personal", "accounts", "shared", "cash"]
        .map(|it| his["amounts"][it].to_string())
        .to_vec();
    assert_eq!(amounts, ["170.00", "70.00", "100.00", "100.00", "100.00", "0.00"]);
    assert_eq!(his["split"][0]["owner"]["name"], "李*");
    assert_eq!(his["split"][0]["parts"].to_string(), r#"[{"amount":100.00,"part":"prior"}]"#);
    let theirs = world.get(&path, &father).await.is(200);
    assert_eq!((&theirs["amounts"], &theirs["patient"]["name"]), (&Value::Null, &json!("李*明")));
    assert_eq!(theirs["split"][0]["amount"].to_string(), "100.00");
    world.get(&path, &stranger).await.is(403);
    let did = format!("/explain/did/{}", his["serial"]);
    world.get(&did, &child).await.is(200);
    let pointed = world.get(&did, &father).await.is(403);
    assert!(pointed["detail"].to_string().contains("/settlements"), "the giver reads their own part there");
    let list = format!("/persons/{}/settlements", world.persons["李明"]);
    assert_eq!(world.get(&list, &father).await.is(200)["settlements"][0]["no"], no);
    world.get(&format!("/explain/did/{}", his["serial"]), &child).await.is(200);
    world.get(&format!("/explain/did/{}", his["serial"]), &father).await.is(403);
    let serial = domain::ids::Serial(his["serial"].as_u64().expect("a serial"));
    let slip = SlipNo::of(serial, &SlipKey(*world.app.vault.slip_key())).expect("a slip number");
    let did = world.get(&format!("/explain/did/{slip}"), &child).await.is(200);
    assert_eq!((&did["serial"], &did["number"]), (&his["serial"], &json!(no)));
    assert_eq!(did["explanation"]["split"][1]["who"], "李*");
    let became = world.get("/requests/H32030000001/H32030000001/1", &world.operator).await.is(200);
    assert_eq!((&became["serial"], &became["answer"]), (&his["serial"], &Value::Null));
    world.get("/requests/H32030000001/H32030000001/1", &child).await.is(403);

    let refunds = format!("{path}/refunds");
    let elsewhere = json!({ "institution": "H45010000001", "remaining": [] });
    let refused = world.post(&refunds, elsewhere).await;
    assert_eq!(refused.codes(), (422, vec!["SETTLEMENT_UNKNOWN".to_owned()]));
    let body = json!({ "institution": "H32030000001", "remaining": [{ "sn": "1", "count": 1 }] });
    let refund = world.post(&refunds, body).await.is(201);
    assert_eq!(refund["cancellation"]["undoes"], no);
    assert_eq!(refund["settlement"]["amounts"]["total"].to_string(), "100.00");
    assert_eq!(refund["settlement"]["amounts"]["shared"].to_string(), "65.00");
    let unknown = json!({ "institution": "H32030000001", "remaining": [{ "sn": "9", "count": 1 }] });
    assert_eq!(world.post(&refunds, unknown).await.status, 400);
}
