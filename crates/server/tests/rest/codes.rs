//! Medical codes as people call them up, and whose they may.

use crate::world::{World, who};
use serde_json::{Value, json};

const NOW: &str = "2025-06-16 10:00";

async fn asked(world: &World, token: &str, of: Value) -> crate::world::Answer {
    world.send("POST", "/medical-codes", Some(token), None, of.to_string()).await
}

/// If this fails, somebody calls up a stranger's code, or cannot show their own, their child's, or a linked relative's
/// (R-F1, R-E2).
#[tokio::test]
async fn people_call_up_the_codes_that_are_theirs_to_show() {
    let world = World::new(NOW).await;
    let (his, hers) = (world.citizen("李明").await, world.citizen("赵丽").await);
    let own = asked(&world, &his, json!({})).await.is(200);
    let code = own["code"].as_str().expect("a code");
    assert!(code.len() == 28 && code.bytes().all(|it| it.is_ascii_digit()), "{code}");
    assert_eq!((&own["speaks_of"], &own["refresh_seconds"]), (&json!("patient"), &json!(60)));
    let again = asked(&world, &his, json!({})).await.is(200);
    assert_ne!(own["code"], again["code"], "each time another one");
    let mothers = json!({ "of": who("赵丽") });
    assert_eq!(asked(&world, &his, mothers.clone()).await.codes().0, 403, "a spouse is a stranger here");
    let link = json!({ "holder": who("李明"), "member": who("赵丽"), "relation": "spouse" });
    world.write("POST", "/family-links", &his, link).await.is(201);
    assert_eq!(asked(&world, &his, mothers.clone()).await.is(200)["speaks_of"], "patient");
    let undone = json!({ "holder": who("李明"), "member": who("赵丽"), "undo": true });
    world.write("POST", "/family-links", &his, undone).await.is(201);
    assert_eq!(asked(&world, &his, mothers).await.codes().0, 403, "the link is undone");
    let givers = json!({ "of": who("李明") });
    assert_eq!(asked(&world, &hers, givers.clone()).await.codes().0, 403, "not bound");
    let bound = json!({ "giver": who("李明"), "beneficiary": who("赵丽"), "relation": "spouse",
        "since": "2025-01-01T00:00:00Z" });
    world.post("/bindings/takeovers", bound).await.is(201);
    assert_eq!(asked(&world, &hers, givers).await.is(200)["speaks_of"], "giver");
    let by_number = |name: &str| json!({ "of": { "no": world.persons[name] } });
    assert_eq!(asked(&world, &hers, by_number("李明")).await.is(200)["called"], "丈夫");
    assert_eq!(asked(&world, &hers, by_number("王秀英")).await.codes().0, 403, "numbers can be counted up");
    assert_eq!(asked(&world, &hers, json!({ "of": { "no": 1 } })).await.codes().0, 403);
    let nobody = json!({ "of": { "id_number": "990000199901019999" } });
    assert_eq!(asked(&world, &his, nobody).await.codes().0, 403, "who is unknown is told like who is not");
}

/// Whose codes somebody may show: because, what they are to the caller, what the code proves, whether it is needed.
async fn listed(world: &World, token: &str) -> Vec<(String, String, String, bool)> {
    let list = world.get("/medical-codes", token).await.is(200)["codes"].clone();
    let text = |it: &Value| it.as_str().expect("a text").to_owned();
    let row = |it: &Value| {
        (text(&it["because"]), text(&it["called"]), text(&it["speaks_of"]), it["needed"] == true)
    };
    list.as_array().expect("a list").iter().map(row).collect()
}

fn row(because: &str, called: &str, speaks_of: &str, needed: bool) -> (String, String, String, bool) {
    (because.to_owned(), called.to_owned(), speaks_of.to_owned(), needed)
}

/// If this fails, somebody is offered a code that they may not show, or not offered one that they may (R-F1, R-E2).
#[tokio::test]
async fn the_list_has_whoever_may_be_shown_and_nobody_else() {
    let world = World::new(NOW).await;
    let hers = world.citizen("赵丽").await;
    assert_eq!(listed(&world, &hers).await, [row("own", "本人", "patient", false)]);
    let link = |undo: bool| {
        let mut body = json!({ "holder": who("赵丽"), "member": who("王秀英"), "undo": undo });
        if !undo {
            body["relation"] = json!("spouse_parent");
        }
        body
    };
    world.write("POST", "/family-links", &hers, link(false)).await.is(201);
    let child = json!({ "psn_no": "3203002020", "name": "李小红", "id_type": "99", "id_number": "P2020",
        "born": "2020-06-17", "sex": "female", "guardian": who("赵丽") });
    world.post("/persons", child).await.is(201);
    let bound = json!({ "giver": who("李明"), "beneficiary": who("赵丽"), "relation": "spouse",
        "since": "2025-01-01T00:00:00Z" });
    world.post("/bindings/takeovers", bound).await.is(201);
    let all = [
        row("own", "本人", "patient", false),
        row("minor", "孩子", "patient", false),
        row("family_code", "配偶的母亲", "patient", false),
        row("giver", "丈夫", "giver", false),
    ];
    assert_eq!(listed(&world, &hers).await, all);
    let givers = listed(&world, &world.citizen("李明").await).await;
    assert_eq!(givers, [row("own", "本人", "patient", false)], "who gives does not show who receives");
    world.write("POST", "/family-links", &hers, link(true)).await.is(201);
    let death = format!("/persons/{}/death", world.persons["李明"]);
    world.post(&death, json!({ "on": "2025-06-15" })).await.is(200);
    assert_eq!(listed(&world, &hers).await, all[..2], "what is undone is gone");
    let bound = json!({ "giver": who("韦国强"), "beneficiary": who("韦秀兰"), "relation": "parent",
        "since": "2025-01-01T00:00:00Z" });
    world.post("/bindings/takeovers", bound).await.is(201);
    let both = listed(&world, &world.citizen("韦秀兰").await).await;
    assert_eq!(both[1], row("giver", "儿子", "giver", true), "in Nanning both codes are shown");
}
