//! Documents shown at the counter: photographs are known by their content, sealed, looked at for a reason; what was shown
//! is on record for its act.

use crate::asking::settle;
use crate::world::{Answer, World, who};
use axum::body::Body;
use domain::ids::{Area, Digest, PersonNo};
use serde_json::{Value, json};
use server::tokens::Role;
use server::uploads::Large;

const NOW: &str = "2025-06-16 10:00";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\0IEND\xae\x42\x60\x82";

/// A picture that is another for each number.
fn picture(number: u8) -> Vec<u8> {
    let mut bytes = PNG.to_vec();
    bytes[24] = number;
    bytes
}

async fn lay(world: &World, token: &str, name: &str, bytes: Vec<u8>) -> Answer {
    world.send_bytes(&format!("/persons/{}/photographs", world.persons[name]), token, bytes).await
}

async fn laid(world: &World, token: &str, name: &str, number: u8) -> String {
    let laid = lay(world, token, name, picture(number)).await.is(201);
    assert_eq!(laid["media_type"], "image/png");
    laid["photograph"].as_str().expect("a name").to_owned()
}

/// A town in which 李明 gives to 李小明, and a clerk.
async fn town() -> (World, String, Value) {
    let world = World::new(NOW).await;
    let body = json!({ "giver": who("李明"), "beneficiary": who("李小明"), "relation": "child",
        "since": "2024-01-15T01:00:00Z" });
    let binding = world.post("/bindings/takeovers", body).await.is(201)["no"].clone();
    let clerk = world.token_of(Role::Clerk, None, Area::parse("320300").expect("an area")).await;
    (world, clerk, binding)
}

fn shown(binding: &Value, photographs: &[&str]) -> Value {
    json!({ "on_behalf_of": who("李明"), "binding": binding, "documents": [{ "kind": "household_register",
        "seen": "original", "number": " 苏徐 001 ", "photographs": photographs }] })
}

/// R-D9: if this fails, nobody can prove later which papers a clerk has seen, or a number of a document stands in the books.
#[tokio::test]
async fn what_was_shown_is_on_record_with_its_photographs() {
    let (world, clerk, binding) = town().await;
    let photograph = laid(&world, &clerk, "李明", 1).await;
    let key = Some("documents-1");
    let body = shown(&binding, &[&photograph]).to_string();
    let made = world.send("POST", "/documents", Some(&clerk), key, body.clone()).await.is(201);
    let again = world.send("POST", "/documents", Some(&clerk), key, body).await.is(201);
    assert_eq!(made["serial"], again["serial"], "sent twice, recorded once");
    let path = format!("/persons/{}/documents", world.persons["李明"]);
    let found = world.get(&path, &world.citizen("李明").await).await.is(200);
    let one = &found["documents"][0];
    assert_eq!(found["documents"].as_array().map(Vec::len), Some(1));
    assert_eq!((&one["serial"], &one["binding"]), (&made["serial"], &binding));
    assert_eq!((&one["number"], &one["photographs"][0]), (&json!("苏徐 001"), &json!(photograph)));
    let record = world.get(&format!("/explain/did/{}", made["serial"]), &clerk).await;
    assert!(!String::from_utf8_lossy(&record.bytes).contains("苏徐"));
    // It outlives the day for which a photograph lies aside.
    world.post("/sandbox/clock", json!({ "now": "2025-09-16T02:00:00Z" })).await.is(200);
    let person = PersonNo(world.persons["李明"]);
    let digest = found["documents"][0]["photographs"][0].as_str().expect("a name");
    let bytes = (0..32).map(|at| u8::from_str_radix(&digest[at * 2..at * 2 + 2], 16).expect("hexadecimal"));
    let digest = Digest(bytes.collect::<Vec<u8>>().try_into().expect("32 bytes"));
    let kept = world.app.shelf.paper(person, digest, world.app.clock.now()).await.expect("read");
    let sealed = kept.expect("kept").sealed;
    assert!(!sealed.windows(8).any(|it| it == &PNG[..8]), "it lies there sealed");
}

/// If this fails, a photograph of somebody's papers is looked at for no reason, by who is not let look, or without a trace.
#[tokio::test]
async fn a_photograph_is_shown_for_a_reason_and_the_look_is_on_record() {
    let (world, clerk, _) = town().await;
    let photograph = laid(&world, &clerk, "李明", 1).await;
    let path = format!("/api/v1/persons/{}/photographs/{photograph}", world.persons["李明"]);
    let unsaid = world.send_with("GET", &path, &clerk, &[]).await;
    assert_eq!(unsaid.is(400)["field"], "Look-Reason");
    let shown = world.send_with("GET", &path, &clerk, &[("look-reason", "review")]).await.is(200);
    assert_eq!(shown["media_type"], "image/png");
    assert!(shown["base64"].as_str().is_some_and(|it| it.starts_with("iVBORw0KGgo")));
    let father = world.citizen("李明").await;
    world.get(&path, &father).await.is(200);
    let looks = format!("/persons/{}/looks", world.persons["李明"]);
    let looks = world.get(&looks, &father).await.is(200);
    let look = &looks["looks"][0];
    assert_eq!(
        (&look["route"], &look["why"]),
        (&json!("GET /persons/{no}/photographs/{digest}"), &json!("review"))
    );
    let nanning = world.token_of(Role::Clerk, None, Area::parse("450100").expect("an area")).await;
    world.send_with("GET", &path, &nanning, &[("look-reason", "review")]).await.is(403);
    world.get(&path, &world.citizen("赵丽").await).await.is(403);
    let other = path.replace(&world.persons["李明"].to_string(), &world.persons["李小明"].to_string());
    world.send_with("GET", &other, &clerk, &[("look-reason", "review")]).await.is(404);
    // What no record names is gone after a day.
    world.post("/sandbox/clock", json!({ "now": "2025-06-17T02:00:01Z" })).await.is(200);
    world.get(&path, &father).await.is(404);
}

/// If this fails, something else than a photograph is kept, more than there is room for, or what was never laid aside is on
/// record as if it had been.
#[tokio::test]
async fn what_cannot_be_recorded_is_named() {
    let (world, clerk, binding) = town().await;
    for bytes in [b"<html><script>".to_vec(), PNG[..40].to_vec(), Vec::new()] {
        assert_eq!(lay(&world, &clerk, "李明", bytes).await.is(400)["field"], "body");
    }
    assert_eq!(lay(&world, &clerk, "李明", vec![0; (4 << 20) + 1]).await.status, 413);
    assert_eq!(lay(&world, &clerk, "韦国强", picture(1)).await.status, 403, "another area's");
    let others = laid(&world, &clerk, "李小明", 1).await;
    let mut names = Vec::new();
    for number in 0..7 {
        names.push(laid(&world, &clerk, "李明", number).await);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let with = |field: &str, value: Value| {
        let mut body = shown(&binding, &names[..1]);
        body["documents"][0][field] = value;
        body
    };
    let id = json!("990000198503120115");
    for (body, field) in [
        (shown(&binding, &[&others]), "documents[0].photographs"),
        (shown(&binding, &["00"]), "documents[0].photographs"),
        (shown(&binding, &names), "documents"),
        (with("number", id), "documents[0].number"),
        (with("number", json!("")), "documents[0].number"),
        (json!({ "on_behalf_of": who("李明"), "binding": binding, "documents": [] }), "documents"),
        (
            json!({ "on_behalf_of": who("李明"), "documents": [{ "kind": "other", "seen": "copy" }] }),
            "binding",
        ),
    ] {
        let answer = world.write("POST", "/documents", &clerk, body).await;
        assert_eq!(answer.is(400)["field"], field);
    }
    world.write("POST", "/documents", &clerk, shown(&binding, &names[..6])).await.is(201);
    world.write("POST", "/documents", &clerk, shown(&binding, &names[..3])).await.is(201);
    let one_more = world.write("POST", "/documents", &clerk, shown(&binding, &names[6..])).await;
    assert_eq!(one_more.is(400)["field"], "documents", "there is room for six in all");
}

/// If this fails, documents are on record for a binding that is none of the person's, or for a case that nobody opened.
#[tokio::test]
async fn documents_belong_to_who_has_to_do_with_the_act() {
    let (world, clerk, binding) = town().await;
    let mut strangers = shown(&binding, &[]);
    strangers["on_behalf_of"] = who("赵丽");
    let refused = world.write("POST", "/documents", &clerk, strangers).await;
    assert_eq!(refused.codes(), (422, vec!["NOT_YOURS".to_owned()]));
    let refused = world.write("POST", "/documents", &clerk, shown(&json!(3), &[])).await;
    assert_eq!(refused.codes(), (422, vec!["BINDING_UNKNOWN".to_owned()]));
    let for_case = |case: Value| json!({ "on_behalf_of": who("李明"), "case": case, "documents": [{ "kind": "id_card", "seen": "copy" }] });
    let nothing = world.write("POST", "/documents", &clerk, for_case(json!("7-3"))).await;
    assert_eq!(nothing.status, 404);
    let settlement = settle(&world).await;
    let doubted = json!({ "settlement": settlement, "binding": binding });
    let case = world.write("POST", "/cases", &world.citizen("李明").await, doubted).await.is(200);
    world.write("POST", "/documents", &clerk, for_case(case["no"].clone())).await.is(201);
    let path = format!("/persons/{}/documents", world.persons["李明"]);
    let found = world.get(&path, &world.citizen("李明").await).await.is(200);
    assert_eq!(found["documents"][0]["settlement"], json!(settlement));
}

/// If this fails, a bureau's file waits for the photographs of the halls, or a hall's photograph for the files of a bureau.
#[tokio::test]
async fn files_and_photographs_do_not_wait_for_each_other() {
    let (world, clerk, _) = town().await;
    for (crowded, status) in [(Large::Photograph, 200), (Large::File, 201)] {
        let mut held = Vec::new();
        for _ in 0..crowded.at_once() {
            held.push(world.app.uploads.read(crowded, Body::from("body"), 4).await.expect("there is room"));
        }
        let sent = match crowded {
            Large::Photograph => {
                let file = b"psn_no,amount\n320300198503120115,120.40\n".to_vec();
                world.send_bytes("/intake/credits?check=1&rows=1&sum=120.40", &world.operator, file).await
            }
            Large::File => lay(&world, &clerk, "李明", picture(9)).await,
        };
        sent.is(status);
    }
}

/// R-D2: if this fails, a photograph that somebody sent is on record as a document that a clerk saw, or is taken for a binding
/// that nobody reviews.
#[tokio::test]
async fn who_sends_documents_says_so_and_only_for_a_review() {
    let (world, clerk, binding) = town().await;
    let father = world.citizen("李明").await;
    let photograph = laid(&world, &father, "李明", 1).await;
    let sent = |seen: &str, photographs: &[&str]| {
        let document = json!({ "kind": "household_register", "seen": seen, "photographs": photographs });
        json!({ "binding": binding, "documents": [document] })
    };
    let mut by_clerk = sent("sent", &[&photograph]);
    by_clerk["on_behalf_of"] = who("李明");
    for (token, body, refused) in [
        (&father, sent("original", &[&photograph]), "NOT_PERMITTED"),
        (&father, sent("sent", &[]), "NOT_PERMITTED"),
        (&father, sent("sent", &[&photograph]), "NOT_POSSIBLE_NOW"),
        (&clerk, by_clerk, "NOT_PERMITTED"),
    ] {
        let answer = world.write("POST", "/documents", token, body.clone()).await;
        assert_eq!(answer.codes(), (422, vec![refused.to_owned()]), "{body}");
    }
}

/// If this fails, somebody fills the disk with photographs that nothing names.
#[tokio::test]
async fn who_sends_photographs_sends_so_many_in_a_day() {
    let (world, clerk, _) = town().await;
    let father = world.citizen("李明").await;
    for number in 0..24 {
        laid(&world, &father, "李明", number).await;
    }
    let more = lay(&world, &father, "李明", picture(24)).await;
    assert_eq!((more.status, more.json()["code"].as_str()), (429, Some("TOO_MANY")));
    laid(&world, &clerk, "李明", 25).await;
    world.post("/sandbox/clock", json!({ "now": "2025-06-17T02:00:01Z" })).await.is(200);
    laid(&world, &father, "李明", 26).await;
}
