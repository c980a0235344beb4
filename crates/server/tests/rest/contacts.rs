//! Phones for messages: who may set whose, what is shown of them, and that a change is never silent.

use crate::outbox::NOW;
use crate::world::World;
use domain::ids::Area;
use serde_json::{Value, json};
use server::tokens::Role;

/// If this fails, a stranger reads or sets where somebody's messages go, or a number is shown whole.
#[tokio::test]
async fn people_set_their_phones_and_clerks_do_it_for_them_on_record() {
    let world = World::new(NOW).await;
    let person = world.persons["李明"];
    let (path, changes) =
        (format!("/persons/{person}/contact"), format!("/persons/{person}/contact/changes"));
    let own = world.citizen("李明").await;
    let before = world.get(&path, &own).await.is(200);
    let nothing = json!({ "own": null, "helper": null, "topics": ["money", "bindings"], "changes": [] });
    assert_eq!(before, nothing);
    let sent = json!({ "own": "138 1234 1234", "topics": ["money"] });
    let set = world.write("POST", &changes, &own, sent).await;
    assert!(!String::from_utf8_lossy(&set.bytes).contains("12341234"), "masked");
    assert_eq!(set.is(200)["own"], "138****1234");
    let clerk = world.token_of(Role::Clerk, None, Area::parse("320300").expect("an area")).await;
    let helper = json!({ "helper": "13912345678" });
    world.write("POST", &changes, &clerk, helper.clone()).await.is(200);
    world.write("POST", &changes, &clerk, helper).await.is(200);
    let taken = world.write("POST", &changes, &clerk, json!({ "own": "" })).await.is(200);
    assert_eq!((&taken["own"], &taken["helper"]), (&Value::Null, &json!("139****5678")));
    let text = |it: &Value, name: &str| it[name].as_str().unwrap_or("-").to_owned();
    let seen = world.get(&path, &own).await.is(200)["changes"].clone();
    let seen = seen.as_array().expect("changes").iter();
    let seen: Vec<[String; 3]> =
        seen.map(|it| ["role", "own_before", "helper_before"].map(|name| text(it, name))).collect();
    let row = |role: &str, own: &str, helper: &str| [role, own, helper].map(str::to_owned);
    let wanted = [
        row("clerk", "138****1234", "139****5678"),
        row("clerk", "138****1234", "-"),
        row("citizen", "-", "-"),
    ];
    assert_eq!(seen, wanted, "what changes nothing is no change");
    let stranger = world.citizen("赵丽").await;
    let elsewhere = world.token_of(Role::Clerk, None, Area::parse("450100").expect("an area")).await;
    for token in [&stranger, &elsewhere, &world.operator] {
        world.get(&path, token).await.is(403);
        world.write("POST", &changes, token, json!({ "own": "" })).await.is(403);
    }
    let looks = world.get(&format!("/persons/{person}/looks"), &own).await.is(200);
    assert!(looks.to_string().contains("POST /persons/{no}/contact/changes"), "{looks}");
}

/// If this fails, somebody else takes over a person's messages and the person never learns of it.
#[tokio::test]
async fn a_change_stands_in_the_inbox() {
    let world = World::new(NOW).await;
    let person = world.persons["李明"];
    let clerk = world.token(Role::Clerk, None).await;
    let changes = format!("/persons/{person}/contact/changes");
    world.write("POST", &changes, &clerk, json!({ "own": "13812341234" })).await.is(200);
    let inbox = world.get(&format!("/notices/{person}"), &world.citizen("李明").await).await.is(200);
    assert_eq!(inbox["unread"], 1);
    let told = &inbox["notices"][0];
    assert_eq!((&told["what"], &told["binding"]), (&json!("contact_changed"), &Value::Null));
    assert!(told["line"].as_str().is_some_and(|it| it.contains("手机号")), "{told}");
}

/// If this fails, messages go to a number that is none, or a mistake takes away the one that was right.
#[tokio::test]
async fn what_is_no_number_is_said_and_changes_nothing() {
    let world = World::new(NOW).await;
    let person = world.persons["李明"];
    let (own, changes) = (world.citizen("李明").await, format!("/persons/{person}/contact/changes"));
    world.write("POST", &changes, &own, json!({ "own": "13812341234" })).await.is(200);
    for (body, field) in [
        (json!({ "own": "0516-12345678" }), "own"),
        (json!({ "own": "1381234123" }), "own"),
        (json!({ "helper": "+1 202 555 0100" }), "helper"),
        (json!({ "topics": ["everything"] }), "topics[0]"),
        (json!({ "phone": "13812341234" }), "phone"),
    ] {
        let answer = world.write("POST", &changes, &own, body.clone()).await;
        assert_eq!((answer.status, &answer.json()["field"]), (400, &json!(field)), "{body}");
    }
    let contact = world.get(&format!("/persons/{person}/contact"), &own).await.is(200);
    assert_eq!(
        (&contact["own"], contact["changes"].as_array().map(Vec::len)),
        (&json!("138****1234"), Some(1))
    );
}
