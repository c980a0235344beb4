//! Gateways that fail in every way: nothing is lost, the order of each person stays, and neither a message nor a destination
//! holds up others.

use crate::gateway::{Gateway, Heard, Says};
use crate::outbox::{NOW, after, held, on_hold, registered, worker};
use crate::world::World;
use serde_json::{Value, json};
use server::outbox::sending::{Reach, Sender};
use server::outbox::waiting::MOST_TRIES;
use server::outbox::work::{Done, Worker};
use server::rest::examples;
use std::time::Duration;

/// A day, in which everything that waits is due.
const DAY: i64 = 86_400;

async fn deliveries(world: &World, no: u32) -> Value {
    world.get(&format!("/webhooks/{no}/deliveries"), &world.operator).await.is(200)
}

async fn webhook(world: &World) -> Value {
    world.get("/webhooks", &world.operator).await.is(200)["webhooks"][0].clone()
}

/// What one person was told, in the order it came, each once.
fn told_to(person: u64, heard: &[Heard]) -> Vec<String> {
    let mut ids = Vec::new();
    let mut kinds = Vec::new();
    for it in heard.iter().filter(|it| it.about().0 == person) {
        if !ids.contains(&it.id()) {
            ids.push(it.id());
            kinds.push(it.about().1);
        }
    }
    kinds
}

/// If this fails, one way of failing loses messages, mixes up their order, or is taken for an answer.
#[tokio::test]
async fn what_fails_is_sent_again_until_it_arrives() {
    for (way, says, status, said) in [
        ("500", Some(Says::Status(500, "full")), json!(500), "full"),
        ("429", Some(Says::Status(429, "slower")), json!(429), "slower"),
        ("422", Some(Says::Status(422, "no")), json!(422), "no"),
        ("redirect", Some(Says::Elsewhere), json!(307), ""),
        ("nonsense", Some(Says::Nonsense), Value::Null, ""),
        ("hangs up", Some(Says::HangsUp), Value::Null, ""),
        ("slow", Some(Says::Never), Value::Null, "timeout"),
        ("dead", None, Value::Null, ""),
    ] {
        let world = World::new(NOW).await;
        let mut gateway = Gateway::new();
        let (no, _) = registered(&world, &gateway, json!({})).await;
        let binding = on_hold(&world, "李明", "李小明", "child").await;
        held(&world, "李明", binding, "lift").await;
        match says {
            Some(says) => gateway.says(move |_| says),
            None => gateway.die(),
        }
        let worker = worker(&world);
        let done = worker.step(no, after(1)).await.expect("carried on");
        assert_eq!((done.acknowledged, done.given_up), (0, 0), "{way}");
        assert!(done.put_aside > 0, "{way}");
        let first = deliveries(&world, no).await["waiting"][0].clone();
        assert_eq!((&first["tries"], &first["status"]), (&json!(1), &status), "{way}: {first}");
        assert!(first["said"].as_str().is_some_and(|it| it.contains(said)), "{way}: {first}");
        assert!(gateway.heard().iter().all(|it| it.path == "/in"), "{way}: nobody is followed elsewhere");
        assert_eq!(worker.step(no, after(2)).await.expect("carried on"), Done::default(), "{way}: it rests");
        if says.is_none() {
            gateway = Gateway::at(gateway.address);
        }
        gateway.says(|_| Says::Status(204, ""));
        for day in 1..4 {
            worker.step(no, after(day * DAY)).await.expect("carried on");
        }
        let heard = gateway.heard();
        assert_eq!(heard.len(), 4, "{way}: each once");
        for name in ["李明", "李小明"] {
            assert_eq!(told_to(world.persons[name], &heard), ["on_hold", "in_force"], "{way}: in order");
        }
        let state = webhook(&world).await;
        assert_eq!((&state["waiting"], &state["given_up"]), (&json!(0), &json!(0)), "{way}");
        assert_eq!((&state["lag_seconds"], &state["failures"]), (&json!(0), &json!(0)), "{way}");
    }
}

/// Sends on until a message has been tried so often that it is given up; the day on which it was.
async fn until_given_up(worker: &Worker, no: u32) -> i64 {
    let mut given_up = 0;
    for day in 1..=i64::from(MOST_TRIES) + 1 {
        given_up += worker.step(no, after(day * DAY)).await.expect("carried on").given_up;
        if given_up > 0 {
            assert_eq!(given_up, 1);
            return day;
        }
    }
    panic!("it is never given up");
}

/// If this fails, one message that a gateway chokes on holds up everybody's, or is lost without anybody seeing it.
#[tokio::test]
async fn a_poisonous_message_holds_up_nobody_else_and_is_given_up() {
    for poison in [422, 500] {
        let world = World::new(NOW).await;
        let gateway = Gateway::new();
        let (no, _) = registered(&world, &gateway, json!({})).await;
        let (father, child) = (world.persons["李明"], world.persons["李小明"]);
        let binding = on_hold(&world, "李明", "李小明", "child").await;
        let chokes = move |it: &Heard| it.about() == (father, "on_hold".to_owned());
        gateway.says(move |it| {
            if chokes(it) { Says::Status(poison, "cannot read that") } else { Says::Status(200, "") }
        });
        held(&world, "李明", binding, "lift").await;
        let worker = worker(&world);
        for seconds in [1, 20] {
            worker.step(no, after(seconds)).await.expect("carried on");
        }
        let heard = gateway.heard();
        assert_eq!(told_to(child, &heard), ["on_hold", "in_force"], "{poison}: the child has them");
        assert_eq!(
            told_to(father, &heard),
            ["on_hold"],
            "{poison}: the father's next one waits behind the first"
        );
        let day = until_given_up(&worker, no).await;
        worker.step(no, after((day + 1) * DAY)).await.expect("carried on");
        let heard = gateway.heard();
        assert_eq!(told_to(father, &heard), ["on_hold", "in_force"], "{poison}: now the next one goes");
        let tries = heard.iter().filter(|it| chokes(it)).count();
        assert_eq!(tries, usize::try_from(MOST_TRIES).expect("few") - 1, "{poison}: and no more");
        let dead = deliveries(&world, no).await["given_up"].clone();
        assert_eq!(dead.as_array().map(Vec::len), Some(1), "{dead}");
        assert_eq!((&dead[0]["status"], &dead[0]["said"]), (&json!(poison), &json!("cannot read that")));
        let id = dead[0]["id"].as_str().expect("an id").to_owned();
        let path = format!("/webhooks/{no}/deliveries/{id}/changes");
        gateway.says(|_| Says::Status(200, ""));
        // The example of the OpenAPI document, which is accepted here.
        world.post(&path, examples()["post_webhooks_deliveries_changes"].clone()).await.is(200);
        worker.step(no, after((day + 2) * DAY)).await.expect("carried on");
        assert_eq!(gateway.heard().iter().map(Heard::id).collect::<Vec<_>>(), [id], "{poison}");
        world.post(&path, json!({ "change": "give_up" })).await.is(404);
    }
}

/// If this fails, a gateway that is away for a night is sent everything at once every second, or its messages are given up.
#[tokio::test]
async fn a_gateway_that_is_away_is_tried_ever_more_rarely() {
    let world = World::new(NOW).await;
    let gateway = Gateway::new();
    let (no, _) = registered(&world, &gateway, json!({})).await;
    let binding = on_hold(&world, "李明", "李小明", "child").await;
    for event in ["lift", "hold", "lift", "hold"] {
        held(&world, "李明", binding, event).await;
    }
    gateway.says(|_| Says::Status(503, ""));
    let worker = worker(&world);
    let mut given_up = 0;
    for second in 1..=4 * 3_600 {
        if second < 600 || second % 30 == 0 {
            given_up += worker.step(no, after(second)).await.expect("carried on").given_up;
        }
    }
    let tries = gateway.heard().len();
    assert!((10..40).contains(&tries), "{tries} tries in four hours");
    assert_eq!(given_up, 0);
    world.app.clock.move_to(after(4 * 3_600)).expect("forward");
    let lag = webhook(&world).await["lag_seconds"].clone();
    assert_eq!(lag, json!(4 * 3_600), "the oldest is from the beginning");
    gateway.says(|_| Says::Status(200, ""));
    for hour in 5..30 {
        worker.step(no, after(hour * 3_600)).await.expect("carried on");
    }
    let heard = gateway.heard();
    assert_eq!(heard.len(), 10);
    let kinds = ["on_hold", "in_force", "on_hold", "in_force", "on_hold"];
    assert_eq!(told_to(world.persons["李明"], &heard), kinds);
}

/// If this fails, who said that they want nothing any more goes on being sent messages, or those are lost.
#[tokio::test]
async fn whoever_is_gone_is_sent_nothing_until_somebody_looks() {
    let world = World::new(NOW).await;
    let gateway = Gateway::new();
    let (no, _) = registered(&world, &gateway, json!({})).await;
    let binding = on_hold(&world, "李明", "李小明", "child").await;
    gateway.says(|_| Says::Status(410, "gone"));
    let worker = worker(&world);
    worker.step(no, after(1)).await.expect("carried on");
    assert_eq!(webhook(&world).await["paused"], "gone");
    gateway.heard();
    held(&world, "李明", binding, "lift").await;
    gateway.says(|_| Says::Status(200, ""));
    assert_eq!(worker.step(no, after(DAY)).await.expect("carried on"), Done::default());
    assert_eq!(gateway.heard().len(), 0);
    world.post(&format!("/webhooks/{no}/changes"), json!({ "change": "resume" })).await.is(200);
    assert_eq!(worker.step(no, after(DAY + 1)).await.expect("carried on").acknowledged, 4);
    let heard = gateway.heard();
    assert_eq!(told_to(world.persons["李明"], &heard), ["on_hold", "in_force"]);
    assert_eq!(webhook(&world).await["paused"], Value::Null);
}

/// If this fails, a gateway that never answers holds up everybody whose messages go elsewhere.
#[tokio::test]
async fn a_gateway_that_never_answers_holds_up_no_other() {
    let world = World::new(NOW).await;
    let (silent, alive) = (Gateway::new(), Gateway::new());
    registered(&world, &silent, json!({})).await;
    registered(&world, &alive, json!({})).await;
    silent.says(|_| Says::Never);
    let binding = on_hold(&world, "李明", "李小明", "child").await;
    let patient = Sender::with_patience(Reach::Anywhere, Duration::from_secs(60));
    let running = tokio::spawn(Worker::with(world.app.clone(), patient).run());
    silent.hears().await;
    held(&world, "李明", binding, "lift").await;
    let mut heard = Vec::new();
    while heard.len() < 4 {
        alive.hears().await;
        heard.extend(alive.heard());
    }
    running.abort();
    assert_eq!(told_to(world.persons["李明"], &heard), ["on_hold", "in_force"]);
    // Whoever still waits for it is let go.
    drop(silent);
}

/// If this fails, a destination that is away holds up one that is there.
#[tokio::test]
async fn each_destination_comes_along_by_itself() {
    let world = World::new(NOW).await;
    let (mut dead, alive) = (Gateway::new(), Gateway::new());
    let (first, _) = registered(&world, &dead, json!({})).await;
    let (second, _) = registered(&world, &alive, json!({})).await;
    on_hold(&world, "李明", "李小明", "child").await;
    dead.die();
    let worker = worker(&world);
    worker.step(first, after(1)).await.expect("carried on");
    assert_eq!(worker.step(second, after(1)).await.expect("carried on").acknowledged, 2);
    assert_eq!(alive.heard().len(), 2);
    assert!(deliveries(&world, first).await["waiting"].as_array().is_some_and(|it| !it.is_empty()));
    world.post(&format!("/webhooks/{first}/changes"), json!({ "change": "remove" })).await.is(200);
    assert_eq!(worker.step(first, after(DAY)).await, Ok(Done::default()));
    let kept = world.app.desk.all(("webhook", ""), 1000).await.expect("read");
    let its = kept.iter().filter(|it| it.drawer.ends_with(&first.to_string()) || it.key == first.to_string());
    let its: Vec<&str> = its.map(|it| it.drawer.as_str()).filter(|it| *it != "webhook-held").collect();
    assert_eq!(its, Vec::<&str>::new(), "nothing of it is left");
}
