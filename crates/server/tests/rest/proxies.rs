//! Proxy purchases (代购) over REST: who may entrust, who sees the token, what a till learns from it (R-G1).

use crate::asking::settle_for;
use crate::gateway::Gateway;
use crate::outbox::{after, registered, worker};
use crate::world::{World, id_of, who};
use domain::ids::ProxyNo;
use domain::proxy::{Papers, ShownProxy};
use domain::words::Scheme;
use serde_json::{Value, json};
use server::tokens::Role;

const NOW: &str = "2025-06-16 10:00";

fn wanted(patient: &str, agent: &str) -> Value {
    json!({ "patient": who(patient), "agent": who(agent), "reason": "age", "last_day": "2025-06-20",
        "papers": { "patient": "id_card", "agent": "passport" } })
}

async fn listed(world: &World, of: &str, token: &str) -> Value {
    world.get(&format!("/persons/{}/proxies", world.persons[of]), token).await.is(200)
}

async fn checked(world: &World, token: &str, shown: &str) -> crate::world::Answer {
    world.send("POST", "/proxies/check", Some(token), None, json!({ "token": shown }).to_string()).await
}

/// R-G1: if this fails, patient or agent cannot see what was entrusted, or somebody else sees the token.
#[tokio::test]
async fn patient_and_agent_see_the_token_and_nobody_else() {
    let world = World::new(NOW).await;
    let (hers, his) = (world.citizen("王秀英").await, world.citizen("李明").await);
    let made = world.write("POST", "/proxies", &hers, wanted("王秀英", "李明")).await.is(201);
    let token = made["token"].as_str().expect("a token").to_owned();
    assert!(token.starts_with("DG "), "{token}");
    assert_eq!((&made["state"], &made["channel"]), (&json!("open"), &json!("app")));
    let own = listed(&world, "王秀英", &hers).await;
    assert_eq!((&own["entrusted"][0]["token"], &own["buys"]), (&json!(token), &json!([])));
    assert_eq!(own["entrusted"][0]["agent"]["name"], "李*", "names of others are masked");
    assert_eq!(own["terms"]["latest"], "2025-06-23");
    let buys = listed(&world, "李明", &his).await;
    assert_eq!((&buys["buys"][0]["token"], &buys["entrusted"]), (&json!(token), &json!([])));
    let auditor = world.token(Role::Auditor, None).await;
    assert_eq!(listed(&world, "王秀英", &auditor).await["entrusted"][0]["token"], Value::Null);
    let path = format!("/persons/{}/proxies", world.persons["王秀英"]);
    assert_eq!(world.get(&path, &his).await.codes().0, 403);
    let path = format!("/proxies/{}/revocation", made["no"]);
    let stranger = world.citizen("赵丽").await;
    assert_eq!(
        world.write("POST", &path, &stranger, json!({})).await.codes(),
        (422, vec!["NOT_YOURS".to_owned()])
    );
    let revoked = world.write("POST", &path, &his, json!({})).await.is(200);
    assert_eq!((&revoked["state"], &revoked["token"]), (&json!("revoked"), &Value::Null));
    assert_eq!(listed(&world, "王秀英", &hers).await["entrusted"][0]["token"], Value::Null);
}

/// R-G1, R-F3: if this fails, whoever knows somebody's number writes their own power of attorney; at a hall it takes both
/// documents.
#[tokio::test]
async fn an_agent_entrusts_nothing_to_themselves() {
    let world = World::new(NOW).await;
    let his = world.citizen("李明").await;
    let link = json!({ "holder": who("李明"), "member": who("王秀英"), "relation": "parent" });
    world.write("POST", "/family-links", &his, link).await.is(201);
    let refused = world.write("POST", "/proxies", &his, wanted("王秀英", "李明")).await;
    assert_eq!(refused.codes(), (422, vec!["NOT_YOURS".to_owned()]));
    let clerk = world.token(Role::Clerk, None).await;
    let mut at_hall = wanted("王秀英", "李明");
    at_hall["on_behalf_of"] = who("李明");
    at_hall["papers"] = json!({ "agent": "id_card" });
    let refused = world.write("POST", "/proxies", &clerk, at_hall.clone()).await;
    assert_eq!(refused.codes(), (422, vec!["PROXY_PROOF_MISSING".to_owned()]));
    at_hall["papers"] = json!({ "agent": "id_card", "patient": "household" });
    let made = world.write("POST", "/proxies", &clerk, at_hall).await.is(201);
    assert_eq!(made["channel"], "hall");
    assert!(made["token"].is_string(), "the clerk hands it out: {made}");
}

/// R-G1: if this fails, a till learns more about two people than it needs, or cannot tell a good token from a bad one.
#[tokio::test]
async fn a_till_checks_a_token_and_learns_no_more_than_it_needs() {
    let world = World::new(NOW).await;
    let hers = world.citizen("王秀英").await;
    let mut only = wanted("王秀英", "李明");
    only["institution"] = json!("H45010000001");
    let token = |made: &Value| made["token"].as_str().expect("a token").to_owned();
    let anywhere = world.write("POST", "/proxies", &hers, wanted("王秀英", "李明")).await.is(201);
    let elsewhere = world.write("POST", "/proxies", &hers, only).await.is(201);
    let till = world.token(Role::Institution, None).await;
    let good = checked(&world, &till, &token(&anywhere)).await;
    let text = String::from_utf8_lossy(&good.bytes).into_owned();
    assert!(!text.contains("王秀英") && !text.contains("李明") && !text.contains("990000"), "{text}");
    let good = good.is(200);
    assert_eq!((&good["patient"], &good["agent"]), (&json!("王*英"), &json!("李*")));
    assert_eq!(good["papers"], json!({ "patient": "id_card", "agent": "passport" }));
    assert_eq!((&good["last_day"], &good["reasons"]), (&json!("2025-06-20"), &json!([])));
    assert!(good["law"]["source"].as_str().expect("a source").contains("第十七条"), "{good}");
    assert!(good.get("no").is_none(), "no number of anybody's: {good}");
    let bad = checked(&world, &till, &token(&elsewhere)).await.is(200);
    assert_eq!(bad["reasons"][0]["code"], "PROXY_ELSEWHERE");
    assert_eq!(
        checked(&world, &till, "DG 1234 5678 9012").await.codes(),
        (422, vec!["PROXY_UNKNOWN".to_owned()])
    );
    assert_eq!(checked(&world, &till, "0000000000000000000000000000").await.codes().0, 400);
    assert_eq!(checked(&world, &hers, &token(&anywhere)).await.codes().0, 403, "no page for citizens");
}

/// What somebody's messages are about, latest first.
async fn told(world: &World, of: &str) -> Vec<Value> {
    let path = format!("/notices/{}", world.persons[of]);
    let list = world.get(&path, &world.citizen(of).await).await.is(200);
    list["notices"].as_array().expect("a list").clone()
}

fn kinds(told: &[Value]) -> Vec<&str> {
    told.iter().map(|it| it["what"].as_str().expect("a word")).collect()
}

/// R-G1: if this fails, somebody buys with a patient's code and the patient never learns of it, or an agent goes to the pharmacy
/// for nothing.
#[tokio::test]
async fn patient_and_agent_are_told_in_the_inbox_and_outside() {
    let world = World::new(NOW).await;
    let gateway = Gateway::new();
    let (destination, _) = registered(&world, &gateway, json!({})).await;
    let clerk = world.token(Role::Clerk, None).await;
    let mut at_hall = wanted("王秀英", "李明");
    at_hall["on_behalf_of"] = who("李明");
    let made = world.write("POST", "/proxies", &clerk, at_hall).await.is(201);
    let no = made["no"].as_u64().expect("a number");
    let shown = ShownProxy { proxy: Some(ProxyNo(no)), papers: Papers::default() };
    let settlement = settle_for(&world, "1", ("王秀英", Scheme::Employee), Some(shown)).await;
    let hers = told(&world, "王秀英").await;
    assert_eq!(kinds(&hers), ["proxy_used", "proxy_entrusted"]);
    let money = &hers[0]["money"];
    assert_eq!((&money["settlement"], money["amount"].to_string().as_str()), (&json!(settlement), "170.00"));
    assert_eq!((&money["institution"]["name"], &hers[0]["other"]["name"]), (&json!("医院"), &json!("李*")));
    assert_eq!((&hers[1]["proxy"], &hers[1]["other"]["name"]), (&json!(no), &json!("李*")));
    let his = told(&world, "李明").await;
    assert_eq!((kinds(&his), &his[0]["other"]["name"]), (vec!["proxy_received"], &json!("王*英")));
    let second =
        world.write("POST", "/proxies", &world.citizen("王秀英").await, wanted("王秀英", "李明")).await;
    let path = format!("/proxies/{}/revocation", second.is(201)["no"]);
    world.write("POST", &path, &world.citizen("李明").await, json!({})).await.is(200);
    assert_eq!(kinds(&told(&world, "王秀英").await)[..2], ["proxy_revoked", "proxy_entrusted"]);
    assert_eq!(kinds(&told(&world, "李明").await)[..2], ["proxy_revoked", "proxy_received"]);

    let done = worker(&world).step(destination, after(1)).await.expect("carried on");
    assert_eq!(done.acknowledged, 7);
    let heard = gateway.heard();
    let (patient, agent) = (world.persons["王秀英"], world.persons["李明"]);
    let about =
        |person: u64, kind: &str| heard.iter().filter(|it| it.about() == (person, kind.to_owned())).count();
    for (person, kind, times) in [
        (patient, "proxy_entrusted", 2),
        (agent, "proxy_received", 2),
        (patient, "proxy_used", 1),
        (agent, "proxy_used", 0),
        (patient, "proxy_revoked", 1),
        (agent, "proxy_revoked", 1),
    ] {
        assert_eq!(about(person, kind), times, "{person} {kind}");
    }
    let used = heard.iter().find(|it| it.about().1 == "proxy_used").expect("told").json();
    assert_eq!(used["text"], "代办人替您买了药，共 170.00 元（医院，2025年6月16日）");
    assert_eq!(used["text_en"], "Your agent bought medicine for you: 170.00 yuan (医院, 16 Jun 2025)");
    assert_eq!((&used["settlement"], used["amount"].to_string().as_str()), (&json!(settlement), "170.00"));
    let everything: String = heard.iter().map(|it| String::from_utf8_lossy(&it.body)).collect();
    for name in ["王秀英", "李明", id_of("王秀英"), id_of("李明")] {
        assert!(!everything.contains(name), "{everything}");
    }
}
