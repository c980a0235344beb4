//! The examples of the OpenAPI document are sent, each to a world of its own, and are accepted.

use crate::asking::{bound, settle};
use crate::reviews::in_review;
use crate::world::World;
use serde_json::{Value, json};
use server::rest::{examples, openapi_json};
use server::tokens::Role;
use std::collections::{BTreeMap, BTreeSet};

const NOW: &str = "2025-06-16 10:00";
/// It is about a delivery that failed: the tests of those send its example.
const SENT_ELSEWHERE: &str = "post_webhooks_deliveries_changes";

/// Operations that take JSON: method and path.
fn operations() -> BTreeMap<String, (String, String)> {
    let document: Value = serde_json::from_str(&openapi_json()).expect("JSON");
    let mut found = BTreeMap::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let content = &operation["requestBody"]["content"]["application/json"];
            if content.is_object() {
                let name = operation["operationId"].as_str().expect("a name").to_owned();
                assert_eq!(content["example"], examples()[&name], "{name}: the document has the example");
                let path = path.trim_start_matches("/api/v1").to_owned();
                found.insert(name, (method.to_uppercase(), path));
            }
        }
    }
    found
}

/// What is filled into a path or an example, because only the world knows it.
type Known = Vec<(&'static str, Value)>;

/// Sends an example and looks at what came of it.
async fn sent(world: &World, operation: &str) -> Value {
    let (method, path) = &operations()[operation];
    world.write(method, path, &world.operator, examples()[operation].clone()).await.json()
}

/// What there has to be before people, enrolments and places are written; the numbers of it.
async fn people_and_places(world: &World, operation: &str) -> Known {
    let hospital = vec![("code", json!("H32030000001"))];
    match operation {
        "post_enrolments" => _ = sent(world, "post_persons").await,
        "post_enrolments_changes" => {
            sent(world, "post_persons").await;
            sent(world, "post_enrolments").await;
        }
        "post_persons_death" => return vec![("no", sent(world, "post_persons").await["no"].clone())],
        "post_persons_contact_changes" | "post_notices_read" => {
            return vec![("no", json!(world.persons["李明"]))];
        }
        "put_institutions_one" => return vec![("code", json!("P32030000077"))],
        "post_institutions_changes" | "post_institutions_credentials" | "put_institutions_mappings" => {
            return hospital;
        }
        "post_institutions_mappings_removals" => {
            let pairs = examples()["put_institutions_mappings"].clone();
            world.write("PUT", "/institutions/H32030000001/mappings", &world.operator, pairs).await.is(200);
            return hospital;
        }
        "post_institutions_credentials_rotations" => {
            let wanted = examples()["post_institutions_credentials"].clone();
            let made = world.post("/institutions/H32030000001/credentials", wanted).await.is(201);
            return [hospital, vec![("access_key", made["access_key"].clone())]].concat();
        }
        "post_logins_endings" => _ = sent(world, "post_logins").await,
        "post_logins_second_factor_endings" => _ = sent(world, "post_logins_activations").await,
        "post_webhooks_changes" => return vec![("no", sent(world, "post_webhooks").await["no"].clone())],
        _ => (),
    }
    Vec::new()
}

/// The same for what people do with one another.
async fn dealings(world: &World, operation: &str) -> Known {
    let post =
        async |path: &str, token: &str, body: Value| world.write("POST", path, token, body).await.json();
    match operation {
        "post_bindings_events" => vec![("no", bound(world, "李明", "李小明", "child").await["no"].clone())],
        "post_bindings_review" => {
            vec![("no", in_review(world, &world.token(Role::Clerk, None).await).await["no"].clone())]
        }
        "post_documents" => vec![("/binding", bound(world, "李明", "李小明", "child").await["no"].clone())],
        "post_cases" | "post_cases_close" | "post_settlements_refunds" => {
            let binding = bound(world, "李明", "李小明", "child").await["no"].clone();
            let settlement = json!(settle(world).await);
            let doubted = json!({ "settlement": settlement, "binding": binding });
            match operation {
                "post_cases" => vec![("/settlement", settlement), ("/binding", binding)],
                "post_settlements_refunds" => vec![("no", settlement)],
                _ => vec![("no", post("/cases", &world.citizen("李明").await, doubted).await["no"].clone())],
            }
        }
        "post_proxies_check" | "post_proxies_revocation" => {
            let wanted = examples()["post_proxies"].clone();
            let made = post("/proxies", &world.citizen("王秀英").await, wanted).await;
            vec![("no", made["no"].clone()), ("/token", made["token"].clone())]
        }
        "post_persons_amendments_events" => {
            let clerk = world.token(Role::Clerk, None).await;
            let made = post("/amendments", &clerk, examples()["post_amendments"].clone()).await;
            vec![("no", json!(world.persons["李明"])), ("amendment", made["no"].clone())]
        }
        _ => Vec::new(),
    }
}

/// Who sends it.
async fn sender(world: &World, operation: &str) -> String {
    match operation {
        "post_proxies" | "post_proxies_revocation" => world.citizen("王秀英").await,
        "post_proxies_check" => world.token(Role::Institution, None).await,
        "post_documents" | "post_amendments" => world.token(Role::Clerk, None).await,
        "post_persons_amendments_events" => world.token(Role::Supervisor, None).await,
        "post_bindings"
        | "post_bindings_events"
        | "post_cases"
        | "post_commitment"
        | "post_family_links"
        | "post_medical_codes"
        | "post_notices_read"
        | "post_persons_contact_changes" => world.citizen("李明").await,
        _ => world.operator.clone(),
    }
}

/// If this fails, the first thing that a developer copies from the document is turned away, or a body has no example.
#[tokio::test]
async fn every_example_is_accepted_as_it_stands() {
    let operations = operations();
    let with_example: BTreeSet<&String> = examples().keys().collect();
    assert_eq!(with_example, operations.keys().collect(), "each body has one example");
    for (operation, (method, path)) in operations.iter().filter(|(it, _)| *it != SENT_ELSEWHERE) {
        let world = World::new(NOW).await;
        let (mut path, mut body) = (path.clone(), examples()[operation].clone());
        let known = [people_and_places(&world, operation).await, dealings(&world, operation).await].concat();
        for (name, value) in known {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            path = path.replace(&format!("{{{name}}}"), &text);
            if let Some(place) = body.pointer_mut(name).filter(|_| name.starts_with('/')) {
                *place = value;
            }
        }
        let answer = world.write(method, &path, &sender(&world, operation).await, body).await;
        let said = String::from_utf8_lossy(&answer.bytes);
        assert!((200..300).contains(&answer.status), "{operation} {path}: {} {said}", answer.status);
        if operation == "post_proxies_check" {
            assert_eq!(answer.json()["reasons"], json!([]), "{said}");
        }
    }
}
