//! How far a token reaches: whose data it reads, whose money it moves, which area's institutions it changes.

use crate::world::{Answer, World, who};
use domain::ids::Area;
use serde_json::{Value, json};
use server::tokens::Role;

const NOW: &str = "2025-06-16 10:00";

async fn staff_of(world: &World, role: Role, area: &str) -> String {
    world.token_of(role, None, Area::parse(area).expect("an area")).await
}

async fn taken_over(world: &World, giver: &str, beneficiary: &str, relation: &str) -> Value {
    let body = json!({ "giver": who(giver), "beneficiary": who(beneficiary), "relation": relation,
        "since": "2024-01-15T01:00:00Z" });
    world.post("/bindings/takeovers", body).await.is(201)
}

async fn event(world: &World, token: &str, no: &Value, word: &str) -> Answer {
    let path = format!("/bindings/{no}/events");
    world.write("POST", &path, token, json!({ "event": word })).await
}

/// If this fails, a parent reads and spends for a child who is an adult.
#[tokio::test]
async fn a_guardian_acts_until_the_child_is_eighteen() {
    let world = World::new(NOW).await;
    let child = json!({ "psn_no": "3203002007", "name": "李大明", "id_type": "99", "id_number": "P2007",
        "born": "2007-06-17", "sex": "male", "guardian": who("李明") });
    let no = world.post("/persons", child).await.is(201)["no"].clone();
    let enrolment = json!({ "person": { "no": no }, "scheme": "resident", "area": "320300",
        "category": "child", "from": "2020-01-01" });
    world.post("/enrolments", enrolment).await.is(201);
    let body = json!({ "giver": who("赵丽"), "beneficiary": { "no": no }, "relation": "child",
        "since": "2024-01-15T01:00:00Z" });
    let binding = world.post("/bindings/takeovers", body).await.is(201);
    let (father, path) = (world.citizen("李明").await, format!("/persons/{no}/account"));
    world.get(&path, &father).await.is(200);
    assert_eq!(world.get(&format!("/persons/{no}"), &father).await.is(200)["name"], "李大明");
    let rank = || json!({ "event": "set_rank", "rank": 2 });
    let events = format!("/bindings/{}/events", binding["no"]);
    world.write("POST", &events, &father, rank()).await.is(200);
    world.post("/sandbox/clock", json!({ "now": "2025-06-16T16:00:00Z" })).await.is(200);
    world.get(&path, &father).await.is(403);
    let refused = world.write("POST", &events, &father, rank()).await;
    assert_eq!(refused.codes(), (422, vec!["NOT_YOURS".to_owned()]));
}

/// If this fails, whoever counts up the numbers of bindings reads how each of them stands.
#[tokio::test]
async fn a_stranger_to_a_binding_does_not_learn_how_it_stands() {
    let world = World::new(NOW).await;
    let no = taken_over(&world, "李明", "李小明", "child").await["no"].clone();
    let stranger = world.citizen("韦国强").await;
    for word in ["confirm", "decline", "withdraw", "release", "keep_on"] {
        let answer = event(&world, &stranger, &no, word).await;
        assert_eq!(answer.codes(), (422, vec!["NOT_YOURS".to_owned()]), "{word}");
    }
}
