//! Destinations as an operator registers and watches them over REST and at the console.

use crate::gateway::Gateway;
use crate::outbox::{NOW, registered};
use crate::world::World;
use domain::ids::Area;
use serde_json::json;
use server::outbox::command::{WebhookCommand, done};
use server::tokens::Role;

/// If this fails, a secret can be read a second time, or somebody else's area is sent to a gateway of one's own.
#[tokio::test]
async fn a_secret_is_shown_once_and_areas_are_the_operators() {
    let world = World::new(NOW).await;
    let gateway = Gateway::new();
    let (no, secret) = registered(&world, &gateway, json!({ "areas": ["320300"], "digest": "sm3" })).await;
    assert!(secret.starts_with("gongji_webhook_") && secret.len() > 50);
    let list = world.get("/webhooks", &world.operator).await;
    assert!(!String::from_utf8_lossy(&list.bytes).contains(&secret));
    let webhook = list.is(200)["webhooks"][0].clone();
    assert_eq!((&webhook["no"], &webhook["digest"]), (&json!(no), &json!("sm3")));
    assert_eq!(webhook["kinds"].as_array().map(Vec::len), Some(28), "all of them");
    let area = |text: &str| Area::parse(text).expect("an area");
    let nanning = world.token_of(Role::Operator, None, area("450100")).await;
    assert_eq!(world.get("/webhooks", &nanning).await.is(200)["webhooks"], json!([]));
    world.get(&format!("/webhooks/{no}/deliveries"), &nanning).await.is(404);
    let path = format!("/webhooks/{no}/changes");
    world.write("POST", &path, &nanning, json!({ "change": "remove" })).await.is(404);
    let other = json!({ "url": gateway.url(), "label": "x", "areas": ["320300"] });
    world.write("POST", "/webhooks", &nanning, other).await.is(403);
    let own = json!({ "url": gateway.url(), "label": "x" });
    let own = world.write("POST", "/webhooks", &nanning, own).await.is(201);
    assert_eq!(own["areas"], json!(["450100"]), "nothing said: the operator's own");
}

/// If this fails, a mistake in what is registered shows up only when messages do not arrive.
#[tokio::test]
async fn what_cannot_be_a_destination_is_said() {
    let world = World::new(NOW).await;
    for (body, field) in [
        (json!({ "url": "http://gateway.example.cn/", "label": "x" }), "url"),
        (json!({ "url": "https://a:b@gateway.example.cn/", "label": "x" }), "url"),
        (json!({ "url": "https://gateway.example.cn/", "label": " " }), "label"),
        (json!({ "url": "https://gateway.example.cn/", "label": "x", "kinds": ["spend"] }), "kinds"),
        (json!({ "url": "https://gateway.example.cn/", "label": "x", "areas": ["3203"] }), "areas[0]"),
        (json!({ "url": "https://gateway.example.cn/", "label": "x", "digest": "md5" }), "digest"),
    ] {
        let answer = world.post("/webhooks", body.clone()).await;
        assert_eq!((answer.status, &answer.json()["field"]), (400, &json!(field)), "{body}");
    }
    assert_eq!(world.get("/webhooks", &world.operator).await.is(200)["webhooks"], json!([]));
    world.post("/webhooks/7/changes", json!({ "change": "pause" })).await.is(404);
}

/// What is said at the console.
fn said(words: &[&str]) -> WebhookCommand {
    #[derive(clap::Parser)]
    struct Console {
        #[command(subcommand)]
        what: WebhookCommand,
    }
    let words = [&["webhook"], words].concat();
    <Console as clap::Parser>::try_parse_from(words).expect("understood").what
}

/// If this fails, an operator without a browser cannot register a gateway or stop one.
#[tokio::test]
async fn the_console_does_the_same() {
    let world = World::new(NOW).await;
    let app = &world.app;
    let create =
        ["create", "--url", "https://gateway.example.cn/in", "--label", "短信", "--kinds", "spent,returned"];
    let made = done(app, said(&create)).await.expect("made");
    let no = made.lines().next().and_then(|it| it.strip_prefix("webhook ")).expect("a number").to_owned();
    assert!(made.contains("secret gongji_webhook_"));
    let list = world.get("/webhooks", &world.operator).await.is(200)["webhooks"][0].clone();
    assert_eq!((&list["kinds"], &list["areas"]), (&json!(["returned", "spent"]), &json!(["000000"])));
    for (word, state) in [("pause", "operator"), ("resume", "active")] {
        done(app, said(&[word, &no])).await.expect("done");
        let line = format!("{no}  {state}  0 s behind  0 wait  0 given up  短信");
        assert_eq!(done(app, said(&["list"])).await, Ok(line));
    }
    assert!(done(app, said(&["remove", &no])).await.is_ok());
    assert_eq!(done(app, said(&["list"])).await, Ok(String::new()));
    assert!(done(app, said(&["remove", &no])).await.is_err());
    let wrong = ["create", "--url", "http://gateway.example.cn/in", "--label", "x"];
    assert!(done(app, said(&wrong)).await.is_err_and(|it| it.contains("https")));
}
