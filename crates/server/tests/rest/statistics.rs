//! Statistics as supervisors and operators read them, and how they are counted behind the decisions.

use crate::asking::{bound, settle};
use crate::world::World;
use domain::day::Month;
use domain::ids::Area;
use serde_json::{Value, json};
use server::statistics::counting::Counter;
use server::statistics::of_month;
use server::tokens::Role;
use std::sync::Arc;

const NOW: &str = "2025-06-16 10:00";

fn counter(world: &World) -> Counter {
    Counter::new(Arc::clone(&world.app.store), Arc::clone(&world.app.desk), world.app.clock.clone())
}

async fn counted(world: &World) {
    counter(world).step().await.expect("counted");
}

/// A bill of 170.00, of which the giver pays 100.00.
async fn shared(world: &World) -> u64 {
    bound(world, "李明", "李小明", "child").await;
    settle(world).await
}

async fn staff(world: &World, role: Role, area: &str) -> String {
    world.token_of(role, None, Area::parse(area).expect("an area")).await
}

async fn asked(world: &World, query: &str) -> Value {
    world.get(&format!("/statistics?{query}"), &world.operator).await.is(200)
}

/// Person-times and amount of a line, as they are written.
fn line(it: &Value) -> String {
    format!("{} / {}", it["times"], it["amount"])
}

fn months(view: &Value) -> Vec<String> {
    let months = view["months"].as_array().expect("months");
    months.iter().map(|it| format!("{}: {}", it["month"].as_str().expect("a month"), line(it))).collect()
}

/// R-K4, R-D7: if this fails, a refund changes a month that was reported, a partial refund takes a person-time away, or
/// figures that are behind do not say so.
#[tokio::test]
async fn months_are_counted_and_a_refund_belongs_to_its_month() {
    let world = World::new(NOW).await;
    let no = shared(&world).await;
    let before = asked(&world, "").await;
    assert_eq!((&before["counted_to"], line(&before["total"])), (&Value::Null, "0 / 0.00".to_owned()));
    counted(&world).await;
    let june = asked(&world, "").await;
    assert_eq!((&june["from"], &june["to"]), (&json!("2025-01"), &json!("2025-06")));
    assert_eq!(june["counted_to"]["utc"], "2025-06-16T02:00:00Z");
    assert_eq!((line(&june["total"]), months(&june).len()), ("1 / 100.00".to_owned(), 6));
    assert_eq!(june["areas"].as_array().map(Vec::len), Some(1));
    assert_eq!(june["areas"][0]["area"]["code"], "320300");

    world.post("/sandbox/clock", json!({ "now": "2025-07-01T02:00:00Z" })).await.is(200);
    let refund = json!({ "institution": "H32030000001", "remaining": [{ "sn": "1", "count": 1 }] });
    world.post(&format!("/settlements/{no}/refunds"), refund).await.is(201);
    let behind = asked(&world, "from=2025-06").await;
    assert_eq!(behind["counted_to"]["utc"], "2025-06-16T02:00:00Z", "the refund is not counted yet");
    assert_eq!(months(&behind), ["2025-06: 1 / 100.00", "2025-07: 0 / 0.00"]);
    counted(&world).await;
    let july = asked(&world, "from=2025-06").await;
    assert_eq!(july["counted_to"]["utc"], "2025-07-01T02:00:00Z");
    assert_eq!(months(&july), ["2025-06: 1 / 100.00", "2025-07: 0 / -35.00"]);
    assert_eq!(line(&july["total"]), "1 / 65.00");
    assert_eq!(line(&asked(&world, "from=2025-06&to=2025-06").await["total"]), "1 / 100.00");
}

/// R-K4: if this fails, who leads a hall reads another area's figures, or an area of their own is left out.
#[tokio::test]
async fn everybody_reads_the_figures_of_their_reach() {
    let world = World::new(NOW).await;
    shared(&world).await;
    counted(&world).await;
    for (role, reach, query, expected) in [
        (Role::Supervisor, "320300", "", Ok("1 / 100.00")),
        (Role::Supervisor, "320300", "by=beneficiary", Ok("1 / 100.00")),
        (Role::Supervisor, "320300", "by=place&area=320300", Ok("1 / 100.00")),
        (Role::Auditor, "320000", "", Ok("1 / 100.00")),
        (Role::Operator, "320000", "area=320100", Ok("0 / 0.00")),
        (Role::Supervisor, "450100", "", Ok("0 / 0.00")),
        (Role::Supervisor, "450100", "area=320300", Err(403)),
        (Role::Supervisor, "320300", "area=320000", Err(403)),
        (Role::Operator, "320300", "area=000000", Err(403)),
        (Role::Clerk, "320300", "", Err(403)),
    ] {
        let answer = world.get(&format!("/statistics?{query}"), &staff(&world, role, reach).await).await;
        let said = (answer.status == 200).then(|| line(&answer.json()["total"])).ok_or(answer.status);
        assert_eq!(said.as_deref(), expected.as_ref().map(|it| *it), "{} {reach} {query}", role.word());
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        let people = ["李", "990000", "settlement", &world.persons["李明"].to_string()];
        assert!(!people.iter().any(|it| text.contains(it)), "{text}");
    }
}

/// If this fails, a mistyped month or region is answered by another, or ten years are read at once.
#[tokio::test]
async fn what_is_not_understood_is_said() {
    let world = World::new(NOW).await;
    for (query, field) in [
        ("from=2025-6", "from"),
        ("to=2025-07", "to"),
        ("from=1999-12", "from"),
        ("from=2025-06&to=2025-05", "from"),
        ("from=2022-06", "from"),
        ("by=person", "by"),
        ("area=3203", "area"),
    ] {
        let path = format!("/statistics?{query}");
        assert_eq!(world.get(&path, &world.operator).await.is(400)["field"], field, "{query}");
    }
    assert_eq!(months(&asked(&world, "from=2022-07").await).len(), 36);
}

/// R-K4: if this fails, what is counted twice, by two processes, after a crash or after sums were lost, is not what the
/// books say.
#[tokio::test]
async fn sums_that_are_lost_are_counted_again_and_nothing_twice() {
    let world = World::new(NOW).await;
    let no = shared(&world).await;
    let (desk, clock) = (&*world.app.desk, &world.app.clock);
    let june = Month::parse("2025-06").expect("a month");
    let sum = async || of_month(desk, june, clock.now()).await.expect("read");
    let (mut one, mut other) = (counter(&world), counter(&world));
    one.step().await.expect("counted");
    let first = sum().await;
    other.step().await.expect("counted");
    assert_eq!(sum().await, first, "another process counts nothing twice");

    let refund = json!({ "institution": "H32030000001", "remaining": [{ "sn": "1", "count": 1 }] });
    world.post(&format!("/settlements/{no}/refunds"), refund).await.is(201);
    desk.claim("statistics", "held", b"", clock.now().plus_millis(60_000), clock.now()).await.expect("held");
    one.step().await.expect("waits");
    assert_eq!(sum().await, first, "who counts is not disturbed");
    assert!(!one.recount().await.expect("waits"));
    desk.remove("statistics", "held").await.expect("removed");
    other.step().await.expect("counted");
    one.step().await.expect("counted");
    let second = sum().await;
    assert_ne!(second, first);

    let kept = desk.list("statistics:305", clock.now()).await.expect("read");
    for (key, _) in &kept {
        desk.put("statistics:305", key, b"torn", None).await.expect("put");
    }
    assert_eq!((kept.len(), sum().await), (1, Default::default()));
    counted(&world).await;
    assert_eq!(sum().await, second, "what cannot be read is counted again");
    assert!(one.recount().await.expect("counted"));
    assert_eq!(sum().await, second);
}
