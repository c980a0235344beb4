//! What counts as a signed commitment when a binding is started (R-D4).

use crate::world::{World, signed, who};
use domain::ids::Area;
use serde_json::{Value, json};
use server::commitment::VERSION;
use server::tokens::Role;

const NOW: &str = "2025-06-16 10:00";

/// R-D4: if this fails, a binding rests on a text that nobody was shown: an older one, one about other people or another
/// relation, one that somebody else signed, or one of which a word was changed.
#[tokio::test]
async fn only_the_text_that_was_given_to_sign_is_signed() {
    let world = World::new(NOW).await;
    let token = world.citizen("李明").await;
    let right = || signed("李明", "李小明", "child", "李明");
    let with = |letter: &Value| {
        let mut body = right();
        body["commitment"] = letter["commitment"].clone();
        body
    };
    let changed =
        |version: &str, text: &str| with(&json!({ "commitment": { "version": version, "text": text } }));
    let text = right()["commitment"]["text"].as_str().expect("a text").to_owned();
    for (what, body, field) in [
        ("a version of before", changed("2025-06", &text), "commitment.version"),
        ("a version that is not ours", changed("another app 7", &text), "commitment.version"),
        ("a text without a word", changed(VERSION, &text.replacen("本人", "", 1)), "commitment"),
        ("a text with a space", changed(VERSION, &format!("{text} ")), "commitment"),
        ("about another person", with(&signed("李明", "赵丽", "child", "李明")), "commitment"),
        ("another relation", with(&signed("李明", "李小明", "grandchild", "李明")), "commitment"),
        ("signed by the guardian", with(&signed("李明", "李小明", "child", "赵丽")), "commitment"),
    ] {
        let answer = world.write("POST", "/bindings", &token, body).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some(field)), "{what}");
        assert!(!answer.json().to_string().contains("李"), "{what}: nobody's name is repeated");
    }
    let shown = json!({ "giver": who("李明"), "beneficiary": { "id_number": who("李小明")["id_number"], "name": "李小明" },
        "relation": "child" });
    let given = world.send("POST", "/commitment", Some(&token), None, shown.to_string()).await.is(200);
    let mut body = right();
    body["commitment"] = json!({ "version": given["version"], "digest": given["digest"] });
    world.write("POST", "/bindings", &token, body).await.is(201);
}

/// If this fails, a partner's app cannot use the letter its own users read, or passes a changed letter of ours off as ours.
#[tokio::test]
async fn a_partner_has_a_letter_of_its_own() {
    let world = World::new(NOW).await;
    let token = world.citizen("李明").await;
    let mut body = signed("李明", "李小明", "child", "李明");
    body["channel"] = json!("partner");
    body["proof"] = json!("documents");
    body["commitment"] = json!({ "version": VERSION, "text": "本人承诺。" });
    let pretended = world.write("POST", "/bindings", &token, body.clone()).await;
    assert_eq!((pretended.status, pretended.json()["field"].as_str()), (400, Some("commitment")));
    body["commitment"]["version"] = json!("partner-3");
    let taken = world.write("POST", "/bindings", &token, body).await;
    // In Jiangsu a partner's users need documents (R-D2), which a clerk has to see: the letter itself was no obstacle.
    assert_eq!(taken.codes(), (422, vec!["PROOF_MISSING".to_owned()]));
}

/// If this fails, a clerk's customer is bound by a letter that somebody else signed.
#[tokio::test]
async fn at_the_hall_the_customer_signs() {
    let world = World::new(NOW).await;
    let clerk = world.token(Role::Clerk, None).await;
    for (signer, status) in [("李小明", 400), ("赵丽", 400), ("李明", 201)] {
        let mut body = signed("李明", "李小明", "child", signer);
        body["proof"] = json!("documents");
        body["on_behalf_of"] = who("李明");
        assert_eq!(world.write("POST", "/bindings", &clerk, body).await.status, status, "{signer}");
    }
}

/// If this fails, an answer that was lost on its way cannot be asked for again once a name has been amended.
#[tokio::test]
async fn a_binding_that_is_asked_for_again_is_answered_as_it_was() {
    let world = World::new(NOW).await;
    let token = world.citizen("李明").await;
    let body = signed("李明", "李小明", "child", "李明").to_string();
    let send = || world.send("POST", "/bindings", Some(&token), Some("lost"), body.clone());
    let first = send().await.is(201);
    rename(&world).await;
    assert_eq!(send().await.is(201), first);
}

/// The giver has another name from now on: one clerk writes it, a second one agrees (R-D12).
async fn rename(world: &World) {
    let area = Area::parse("320300").expect("an area");
    let (clerk, second) = (Role::Clerk, Role::Supervisor);
    let (clerk, second) = (world.token_of(clerk, None, area).await, world.token_of(second, None, area).await);
    let amended = json!({ "on_behalf_of": who("李明"), "name": "李铭", "why": "录入错误",
        "documents": [{ "kind": "change_statement", "seen": "original" }] });
    let made = world.write("POST", "/amendments", &clerk, amended).await.is(201);
    let path = format!("/persons/{}/amendments/{}/events", world.persons["李明"], made["no"]);
    world.write("POST", &path, &second, json!({ "event": "approve", "why": "核对过材料" })).await.is(200);
}
