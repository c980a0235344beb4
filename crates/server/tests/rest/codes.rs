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
    let nobody = json!({ "of": { "id_number": "990000199901019999" } });
    assert_eq!(asked(&world, &his, nobody).await.codes().0, 403, "who is unknown is told like who is not");
}
