//! What was bought: the patient's, and a giver's only as long as the patient lets them see it (R-K2).

use crate::asking::bound;
use crate::world::{World, who};
use domain::day::Moment;
use serde_json::{Value, json};
use server::tokens::Role;

/// What somebody reads of the lines of a bill.
async fn read(world: &World, bill: u64, token: &str) -> Value {
    world.get(&format!("/settlements/{bill}"), token).await.is(200)["lines"].clone()
}

fn clock(world: &World, to: &str) {
    world.app.clock.move_to(Moment::parse(to).expect("a moment")).expect("a sandbox");
}

/// R-K2: if this fails, a giver reads what a relative bought although the patient does not let them; or, allowed, does
/// not read it; or reads on after the patient has ended it; or the file of the month says what the page does not.
#[tokio::test]
async fn a_giver_reads_lines_as_long_as_the_patient_lets_them() {
    let world = World::new("2025-06-16 10:00").await;
    let binding = bound(&world, "赵丽", "李小明", "child").await["no"].clone();
    let (patient, giver) = (world.citizen("李小明").await, world.citizen("赵丽").await);
    let clerk = world.token(Role::Clerk, None).await;
    let events = format!("/bindings/{binding}/events");
    let month = format!("/persons/{}/spending?lines=yes", world.persons["赵丽"]);
    let early = crate::asking::settle(&world).await;

    // By default: who, where, when, how much.
    let kept = read(&world, early, &giver).await;
    assert_eq!(
        (&kept["shown"], &kept["kept"], &kept["lines"]),
        (&json!(false), &json!("not_allowed"), &json!([]))
    );
    assert!(kept["says"].as_str().is_some_and(|it| it.contains("没有让您看买了什么")), "{kept}");
    let own = read(&world, early, &patient).await;
    assert_eq!((&own["shown"], own["lines"].as_array().map(Vec::len)), (&json!(true), Some(2)));
    assert_eq!(own["lines"][0]["code"], "ZA04CDX0534010103065");
    assert_eq!(read(&world, early, &clerk).await, Value::Null, "the hall reads why, not what");
    let rows = world.get(&month, &giver).await.is(200)["rows"].clone();
    assert!(!rows.to_string().contains("ZA04CDX"), "{rows}");

    // Only the patient's word opens it, and only for later bills.
    let show = json!({ "event": "show_lines" });
    world.write("POST", &events, &giver, show.clone()).await.is(422);
    let said = world.write("POST", &events, &patient, show).await.is(200);
    assert_eq!(said["lines_shown"]["china_day"], "2025-06-16");
    let kept = read(&world, early, &giver).await;
    assert_eq!((&kept["shown"], &kept["kept"]), (&json!(false), &json!("settled_before")));
    clock(&world, "2025-06-16 11:00");
    let later = crate::asking::settle_as(&world, "later").await;
    let seen = read(&world, later, &giver).await;
    assert_eq!((&seen["shown"], seen["lines"].as_array().map(Vec::len)), (&json!(true), Some(2)));
    let rows = world.get(&month, &giver).await.is(200)["rows"].clone();
    assert_eq!(rows.to_string().matches("ZA04CDX").count(), 2, "of the later bill alone: {rows}");

    // Ended at the hall in the patient's name: at once, for every bill.
    let hide = json!({ "event": "hide_lines", "on_behalf_of": who("李小明") });
    world.write("POST", &events, &clerk, hide).await.is(200);
    for bill in [early, later] {
        let kept = read(&world, bill, &giver).await;
        assert_eq!((&kept["shown"], &kept["kept"]), (&json!(false), &json!("not_allowed")));
    }
    let rows = world.get(&month, &giver).await.is(200)["rows"].clone();
    assert!(!rows.to_string().contains("ZA04CDX"), "{rows}");
    assert_eq!(read(&world, later, &patient).await["shown"], true);
    let history = world.get(&format!("/bindings/{binding}/history"), &patient).await.is(200);
    let shown = |it: &Value| !it["lines_shown"].is_null();
    let versions: Vec<bool> = history["versions"].as_array().expect("versions").iter().map(shown).collect();
    assert_eq!(versions, [false, true, false], "who allowed what, from when to when, is on record");
    for (name, token) in [("赵丽", &giver), ("李小明", &patient)] {
        let told = world.get(&format!("/notices/{}", world.persons[name]), token).await.is(200);
        let what: Vec<&str> = told["notices"]
            .as_array()
            .expect("messages")
            .iter()
            .filter_map(|it| it["what"].as_str())
            .collect();
        assert!(what.contains(&"lines_shown") && what.contains(&"lines_hidden"), "{name}: {what:?}");
    }
}

/// R-K2: if this fails, who is no longer bound goes on reading, a refund brings an old bill before new eyes, or a mistyped
/// question is answered.
#[tokio::test]
async fn with_the_binding_the_sight_ends_and_refunds_open_nothing() {
    let world = World::new("2025-06-15 10:00").await;
    let binding = bound(&world, "赵丽", "李小明", "child").await["no"].clone();
    let (patient, giver) = (world.citizen("李小明").await, world.citizen("赵丽").await);
    let events = format!("/bindings/{binding}/events");
    let early = crate::asking::settle(&world).await;
    clock(&world, "2025-06-16 10:00");
    world.write("POST", &events, &patient, json!({ "event": "show_lines" })).await.is(200);
    clock(&world, "2025-06-16 11:00");
    let refund = json!({ "institution": "H32030000001", "remaining": [{ "sn": "1", "count": 1 }] });
    let refunded = world.post(&format!("/settlements/{early}/refunds"), refund).await.is(201);
    let anew = refunded["settlement"]["no"].as_u64().expect("a number");
    assert_eq!(read(&world, anew, &giver).await["kept"], "settled_before", "its service day is older");
    assert_eq!(read(&world, early, &patient).await["kept"], "returned");
    assert_eq!(read(&world, anew, &patient).await["lines"].as_array().map(Vec::len), Some(1));
    world.write("POST", &events, &giver, json!({ "event": "release" })).await.is(200);
    clock(&world, "2025-06-17 00:00");
    assert_eq!(read(&world, anew, &giver).await["kept"], "over");
    let asked = format!("/persons/{}/spending?lines=all", world.persons["赵丽"]);
    assert_eq!(world.get(&asked, &giver).await.is(400)["field"], "lines");
}
