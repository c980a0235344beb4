//! Bindings through the interface, as the stories tell them.

use crate::world::{Answer, World, signed, who};
use serde_json::{Value, json};
use server::tokens::Role;

const NOW: &str = "2025-06-16 10:00";

fn wanted(giver: &str, beneficiary: &str, relation: &str) -> Value {
    signed(giver, beneficiary, relation, giver)
}

async fn take_over(world: &World, giver: &str, beneficiary: &str, relation: &str, since: &str) -> Value {
    let body =
        json!({ "giver": who(giver), "beneficiary": who(beneficiary), "relation": relation, "since": since });
    world.post("/bindings/takeovers", body).await.is(201)
}

async fn event(world: &World, token: &str, no: &Value, event: Value) -> Answer {
    world.write("POST", &format!("/bindings/{no}/events"), token, event).await
}

/// Story 5: waits for her confirmation in her own session; then in force at once.
#[tokio::test]
async fn a_spouse_confirms_in_her_own_session() {
    let world = World::new(NOW).await;
    let (his, hers) = (world.citizen("李明").await, world.citizen("赵丽").await);
    let made = world.write("POST", "/bindings", &his, wanted("李明", "赵丽", "spouse")).await.is(201);
    assert_eq!(made["status"]["state"], "awaiting_confirmation");
    assert_eq!((&made["giver"]["name"], &made["beneficiary"]["name"]), (&json!("李明"), &json!("赵*")));
    let notices = world.get(&format!("/notices/{}", world.persons["赵丽"]), &hers).await.is(200);
    assert_eq!(notices["notices"][0]["what"], "please_confirm");
    let his_own = event(&world, &his, &made["no"], json!({ "event": "confirm" })).await;
    assert_eq!(his_own.codes(), (422, vec!["NOT_YOURS".to_owned()]));
    let usable = world.get(&format!("/persons/{}/account", world.persons["赵丽"]), &hers).await.is(200);
    assert_eq!(usable["received"][0]["usable"].to_string(), "0.00");
    assert_eq!(usable["received"][0]["reasons"][0]["code"], "CONFIRMATION_PENDING");
    let agreed = event(&world, &hers, &made["no"], json!({ "event": "confirm" })).await.is(200);
    assert_eq!(agreed["status"]["state"], "in_force");
    let usable = world.get(&format!("/persons/{}/account", world.persons["赵丽"]), &hers).await.is(200);
    assert_eq!(usable["received"][0]["usable"].to_string(), "2000.00");
}

/// Story 4: refused for the relation and for nothing else; asked beforehand, the same, with every condition.
#[tokio::test]
async fn a_son_in_law_is_refused_for_the_relation_alone() {
    let world = World::new(NOW).await;
    let token = world.citizen("孙德海").await;
    let refused = world.write("POST", "/bindings", &token, wanted("孙德海", "李明长", "child_spouse")).await;
    assert_eq!(refused.codes(), (422, vec!["RELATION_NOT_ALLOWED".to_owned()]));
    let asked = json!({ "giver": who("孙德海"), "beneficiary": who("李明长"), "relation": "child_spouse" });
    let asked = world.send("POST", "/explain/binding", Some(&token), None, asked.to_string()).await.is(200);
    assert_eq!((&asked["possible"], &asked["reasons"]), (&json!(false), &refused.json()["reasons"]));
    let steps = asked["steps"].as_array().expect("steps");
    let outcomes: Vec<&str> = steps.iter().filter_map(|it| it["outcome"].as_str()).collect();
    assert_eq!(outcomes.iter().filter(|it| **it == "fails").count(), 1, "{outcomes:?}");
    assert!(outcomes.len() > 10, "every condition is shown");
    let did = world.get(&format!("/explain/did/{}", refused.json()["serial"]), &token).await.is(200);
    assert_eq!((&did["asked"], &did["outcome"]), (&json!("bind"), &json!("refused")));
    assert_eq!(did["steps"], asked["steps"]);
    assert!(did["steps"].to_string().contains("\"source\":\""), "steps name their sources");
    let other = world.citizen("赵丽").await;
    world.get(&format!("/explain/did/{}", refused.json()["serial"]), &other).await.is(403);
}

/// Story 8: released, in force until midnight, bound again the day after.
#[tokio::test]
async fn a_release_lets_the_day_run_out() {
    let world = World::new("2022-07-01 10:00").await;
    let token = world.citizen("韦国强").await;
    let made = take_over(&world, "韦国强", "韦秀兰", "parent", "2022-03-01T01:00:00Z").await;
    let released = event(&world, &token, &made["no"], json!({ "event": "release" })).await.is(200);
    assert_eq!(released["status"]["state"], "in_force");
    assert_eq!(released["end"]["at"]["utc"], "2022-07-01T16:00:00Z");
    let path = format!("/bindings/{}", made["no"]);
    for (at, state) in
        [("2022-07-01", "in_force"), ("2022-07-02", "ended"), ("2022-07-01T16:00:00Z", "ended")]
    {
        let shown = world.get(&format!("{path}?at={at}"), &token).await.is(200);
        assert_eq!(shown["status"]["state"], state, "{at}");
    }
    let again = || wanted("韦国强", "韦秀兰", "parent");
    let waits = world.write("POST", "/bindings", &token, again()).await;
    assert_eq!(waits.codes(), (422, vec!["REBIND_WAIT".to_owned()]));
    assert_eq!(waits.json()["reasons"][0]["todo"], json!(["2022年7月2日起再来办。"]), "what can be done");
    world.post("/sandbox/clock", json!({ "now": "2022-07-01T16:00:00Z" })).await.is(200);
    let account = world.get(&format!("/persons/{}/account", world.persons["韦国强"]), &token).await.is(200);
    assert_eq!(account["given"][0]["usable"].to_string(), "0.00");
    assert_eq!(account["given"][0]["reasons"][0]["code"], "BINDING_EXPIRED");
    let bound = world.write("POST", "/bindings", &token, again()).await.is(201);
    assert_eq!(bound["status"]["state"], "in_force");
    let all = format!("/persons/{}/bindings", world.persons["韦国强"]);
    let all = world.get(&all, &token).await.is(200);
    assert_eq!(all["given"].as_array().map(Vec::len), Some(2));
}

/// If this fails, what was known at a past moment is told with what was learnt later (R-D10).
#[tokio::test]
async fn history_keeps_business_date_and_recording_date_apart() {
    let world = World::new("2022-07-01 10:00").await;
    let token = world.citizen("韦国强").await;
    let made = take_over(&world, "韦国强", "韦秀兰", "parent", "2022-03-01T01:00:00Z").await;
    world.post("/sandbox/clock", json!({ "now": "2022-08-01T02:00:00Z" })).await.is(200);
    event(&world, &token, &made["no"], json!({ "event": "release" })).await.is(200);
    let path = format!("/bindings/{}/history", made["no"]);
    let cases = [
        ("", Some("in_force"), 2),
        ("?as_of=2022-08-02", Some("ended"), 2),
        ("?as_of=2022-08-02&known_at=2022-07-15", Some("in_force"), 1),
        ("?as_of=2022-02-01", Some("not_yet_in_force"), 2),
        ("?known_at=2022-06-30", None, 0),
    ];
    for (query, state, versions) in cases {
        let shown = world.get(&format!("{path}{query}"), &token).await.is(200);
        assert_eq!(shown["known"]["status"]["state"].as_str(), state, "{query}");
        assert_eq!(shown["versions"].as_array().map(Vec::len), Some(versions), "{query}");
    }
}

#[tokio::test]
async fn a_clerk_acts_for_the_person_served_and_the_binding_says_so() {
    let world = World::new(NOW).await;
    let clerk = world.token(Role::Clerk, None).await;
    let mut body = wanted("李明", "李小明", "child");
    let nobody = world.write("POST", "/bindings", &clerk, body.clone()).await;
    assert_eq!((nobody.status, nobody.json()["field"].as_str()), (400, Some("on_behalf_of")));
    body["on_behalf_of"] = who("李明");
    let unproved = world.write("POST", "/bindings", &clerk, body.clone()).await;
    assert_eq!(unproved.codes(), (422, vec!["PROOF_MISSING".to_owned()]));
    body["proof"] = json!("documents");
    let made = world.write("POST", "/bindings", &clerk, body).await.is(201);
    let me = world.get("/me", &clerk).await.is(200);
    assert_eq!((&made["started"]["channel"], &made["started"]["clerk"]), (&json!("hall"), &me["token"]));
    assert_eq!(made["giver"]["name"], "李明");
    let released = json!({ "event": "release", "on_behalf_of": who("李小明") });
    let refused = event(&world, &clerk, &made["no"], released).await;
    assert_eq!(refused.codes(), (422, vec!["NOT_YOURS".to_owned()]));
    let rank = json!({ "event": "set_rank", "rank": 3, "on_behalf_of": who("李小明") });
    assert_eq!(event(&world, &clerk, &made["no"], rank).await.is(200)["rank"], 3);
    let marked = event(&world, &world.operator, &made["no"], json!({ "event": "mark_needs_decision" })).await;
    assert_eq!(marked.is(200)["status"]["state"], "needs_decision");
}

/// Story 12: across provinces first nothing, later a quota that both want and that is held apart.
#[tokio::test]
async fn a_quota_across_provinces_is_held_once_both_agree() {
    let early = World::new("2024-06-01 10:00").await;
    let token = early.citizen("吴敏").await;
    let refused = early.write("POST", "/bindings", &token, wanted("吴敏", "吴桂芳", "parent")).await;
    assert_eq!(refused.codes().1[0], "REGION_NOT_COVERED");

    let world = World::new("2026-02-01 10:00").await;
    let (hers, mothers) = (world.citizen("吴敏").await, world.citizen("吴桂芳").await);
    let mut body = wanted("吴敏", "吴桂芳", "parent");
    body["quota"] = json!("600.00");
    let made = world.write("POST", "/bindings", &hers, body).await.is(201);
    assert_eq!(made["status"]["waiting_for"]["no"], world.persons["吴桂芳"]);
    event(&world, &mothers, &made["no"], json!({ "event": "confirm" })).await.is(200);
    let account = world.get(&format!("/persons/{}/account", world.persons["吴敏"]), &hers).await.is(200);
    let parts = |it: &Value| ["prior", "current", "total"].map(|part| it[part].to_string());
    assert_eq!(parts(&account["held"][0]), ["500.00", "100.00", "600.00"]);
    assert_eq!(parts(&account["accounts"][0]), ["0.00", "1400.00", "1400.00"]);
    assert_eq!(account["given"][0]["usable"].to_string(), "600.00");
    let more = json!({ "event": "set_quota", "quota": 5000 });
    assert_eq!(event(&world, &hers, &made["no"], more).await.codes().1, ["QUOTA_TOO_LARGE"]);
    let entries = format!("/persons/{}/entries", world.persons["吴敏"]);
    let entries = world.get(&entries, &hers).await.is(200);
    assert_eq!(entries["entries"].as_array().map(Vec::len), Some(6));
}
