//! Messages leave the house: signed, to whom they are for, at least once and in order, whatever dies meanwhile.

use crate::asking::settle;
use crate::gateway::{Gateway, Heard, Says};
use crate::store_gate::Gated;
use crate::world::{World, id_of, who};
use domain::day::Moment;
use domain::ids::PersonNo;
use serde_json::{Value, json};
use server::clock::Clock;
use server::contacts::{Change, Phone, Whose};
use server::outbox::destinations;
use server::outbox::sending::{Reach, Sender};
use server::outbox::work::{Done, Worker};
use server::tokens::Role;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;
use store::sqlite::{Options, Sqlite};

pub(crate) const NOW: &str = "2025-06-16 10:00";

/// A moment so many seconds after the usual one.
pub(crate) fn after(seconds: i64) -> Moment {
    Moment::parse(NOW).expect("a moment").plus_millis(seconds * 1000)
}

/// A worker that is not patient.
pub(crate) fn worker(world: &World) -> Worker {
    Worker::with(world.app.clone(), Sender::with_patience(Reach::Anywhere, Duration::from_millis(500)))
}

/// Registers a gateway; what else is said about it; its number and its secret.
pub(crate) async fn registered(world: &World, gateway: &Gateway, more: Value) -> (u32, String) {
    let mut body = json!({ "url": gateway.url(), "label": "短信" });
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    let made = world.post("/webhooks", body).await.is(201);
    let no = made["no"].as_u64().and_then(|it| u32::try_from(it).ok()).expect("a number");
    (no, made["secret"].as_str().expect("shown once").to_owned())
}

/// A binding of two people that another system made, put on hold by its giver: both are told of that, and of nothing before.
pub(crate) async fn on_hold(world: &World, giver: &str, beneficiary: &str, relation: &str) -> u64 {
    let body = json!({ "giver": who(giver), "beneficiary": who(beneficiary), "relation": relation,
        "since": "2024-01-15T01:00:00Z" });
    let made = world.post("/bindings/takeovers", body).await.is(201);
    let binding = made["no"].as_u64().expect("a number");
    held(world, giver, binding, "hold").await;
    binding
}

/// The giver puts a binding on hold, or lifts that: both are told.
pub(crate) async fn held(world: &World, giver: &str, binding: u64, event: &str) {
    let (path, token) = (format!("/bindings/{binding}/events"), world.citizen(giver).await);
    world.write("POST", &path, &token, json!({ "event": event })).await.is(200);
}

/// HMAC as RFC 2104 writes it.
fn hmac_sha256(key: &[u8], message: &[u8]) -> String {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let [inner, outer] = [0x36, 0x5c].map(|pad| block.map(|it| it ^ pad));
    let inside = Sha256::new().chain_update(inner).chain_update(message).finalize();
    let code = Sha256::new().chain_update(outer).chain_update(inside).finalize();
    code.iter().map(|it| format!("{it:02x}")).collect()
}

fn is_signed(heard: &Heard, secret: &str) -> bool {
    let mut message = heard.headers["gongji-timestamp"].as_bytes().to_vec();
    message.push(b'.');
    message.extend(&heard.body);
    heard.headers["gongji-signature"] == format!("sha256={}", hmac_sha256(secret.as_bytes(), &message))
}

/// R-D8: if this fails, people learn by phone of something else than what happened, a gateway cannot tell our messages from
/// others', or somebody's ID number leaves the house.
#[tokio::test]
async fn each_message_goes_out_signed_and_once() {
    let world = World::new(NOW).await;
    let gateway = Gateway::new();
    let earlier = on_hold(&world, "赵丽", "王秀英", "spouse_parent").await;
    let (no, secret) = registered(&world, &gateway, json!({})).await;
    let binding = on_hold(&world, "李明", "李小明", "child").await;
    held(&world, "李明", binding, "lift").await;
    let contact = format!("/persons/{}/contact/changes", world.persons["李明"]);
    let phones = json!({ "own": "138 1234 1234", "helper": "13912341234" });
    world.write("POST", &contact, &world.citizen("李明").await, phones).await.is(200);
    let settlement = settle(&world).await;
    let done = worker(&world).step(no, after(1)).await.expect("carried on");
    assert_eq!(done, Done { acknowledged: 6, put_aside: 0, given_up: 0 });
    let heard = gateway.heard();
    let (father, child) = (world.persons["李明"], world.persons["李小明"]);
    let told = |person: u64, kind: &str| {
        let found = heard.iter().find(|it| it.about() == (person, kind.to_owned()));
        found.map(Heard::json).unwrap_or_else(|| panic!("{person} is not told of {kind}"))
    };
    let both = json!([{ "of": "own", "number": "13812341234" }, { "of": "helper", "number": "13912341234" }]);
    let spent = told(father, "spent");
    assert_eq!(spent["text"], "家人花了您的 100.00 元（医院，2025年6月16日）");
    assert_eq!(spent["text_en"], "A relative spent your money: 100.00 yuan (医院, 16 Jun 2025)");
    assert_eq!(spent["amount"].to_string(), "100.00");
    assert_eq!((&spent["settlement"], &spent["binding"]), (&json!(settlement), &json!(binding)));
    assert_eq!((&spent["phones"], &told(father, "in_force")["phones"]), (&both, &both));
    assert_eq!(told(child, "in_force")["phones"], json!([]));
    assert_eq!(told(father, "contact_changed")["phones"], json!([]), "there was no number before");
    assert!(heard.iter().all(|it| is_signed(it, &secret) && it.path == "/in"));
    assert!(!is_signed(&heard[0], "gongji_webhook_another"));
    let everything: String = heard.iter().map(|it| String::from_utf8_lossy(&it.body)).collect();
    for name in ["李明", "李小明"] {
        assert!(!everything.contains(id_of(name)) && !everything.contains(name), "{everything}");
    }
    assert_ne!(spent["binding"], earlier, "nothing from before it was registered");
    let again = worker(&world).step(no, after(70)).await.expect("carried on");
    assert_eq!((again, gateway.heard().len()), (Done::default(), 0), "everything was acknowledged");
}

/// If this fails, a power cut between sending and acknowledging loses a message, or sends again what was acknowledged.
#[tokio::test]
async fn what_was_sent_and_not_acknowledged_is_sent_again() {
    let world = World::new(NOW).await;
    let gateway = Gateway::new();
    let (no, _) = registered(&world, &gateway, json!({})).await;
    let binding = on_hold(&world, "李明", "李小明", "child").await;
    assert_eq!(worker(&world).step(no, after(1)).await.expect("carried on").acknowledged, 2);
    let before = gateway.heard();
    held(&world, "李明", binding, "lift").await;
    gateway.says(|_| Says::Never);
    let dying = worker(&world);
    let step = tokio::spawn(async move { dying.step(no, after(70)).await });
    gateway.hears().await;
    step.abort();
    assert!(step.await.expect_err("killed").is_cancelled());
    gateway.says(|_| Says::Status(200, ""));
    let next = worker(&world);
    assert_eq!(next.step(no, after(71)).await, Ok(Done::default()), "the other may still be at it");
    assert_eq!(next.step(no, after(140)).await.expect("carried on").acknowledged, 2);
    let heard = gateway.heard();
    let mut ids: Vec<String> = heard.iter().map(Heard::id).collect();
    assert!(ids.len() > 2, "sent before it was killed, and after: {ids:?}");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 2, "the same message has the same id");
    assert!(before.iter().all(|it| !ids.contains(&it.id())), "what was acknowledged is not sent again");
    assert_eq!(next.step(no, after(141)).await, Ok(Done::default()));
}

/// If this fails, a server that starts anew forgets how far it had come, or tells everybody everything again.
#[tokio::test]
async fn how_far_a_destination_has_come_survives_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let books = || Sqlite::open(&folder.path().join("books.db"), Options::default()).expect("opens");
    let clock = || Clock::sandbox(|| Moment::from_millis(0), after(0));
    let gateway = Gateway::new();
    let world = World::on(books(), clock()).await;
    world.app.ensure_law(&server::law::shipped(true)).await.expect("the shipped law");
    let world = world.peopled().await;
    let (no, secret) = registered(&world, &gateway, json!({})).await;
    let binding = on_hold(&world, "李明", "李小明", "child").await;
    let first = worker(&world);
    first.step(no, after(1)).await.expect("carried on");
    assert_eq!(gateway.told().len(), 2);
    held(&world, "李明", binding, "lift").await;
    first.let_go().await.expect("another may go on at once");
    drop(first);
    world.app.flow.end().await;
    drop(world);
    let world = World::on(books(), clock()).await;
    assert_eq!(worker(&world).step(no, after(2)).await.expect("carried on").acknowledged, 2);
    let heard = gateway.heard();
    assert!(heard.iter().all(|it| it.about().1 == "in_force" && is_signed(it, &secret)), "{heard:?}");
    assert_eq!(worker(&world).step(no, after(140)).await, Ok(Done::default()));
}

/// If this fails, a gateway that is registered before the first decision never gets a message: no lane was known then.
#[tokio::test]
async fn a_destination_of_books_that_are_empty_gets_everything() {
    let world = World::bare(Clock::sandbox(|| Moment::from_millis(0), after(0))).await;
    let gateway = Gateway::new();
    let (no, _) = registered(&world, &gateway, json!({})).await;
    world.app.ensure_law(&server::law::shipped(true)).await.expect("the shipped law");
    let world = world.peopled().await;
    on_hold(&world, "李明", "李小明", "child").await;
    assert_eq!(worker(&world).step(no, after(1)).await.expect("carried on").acknowledged, 2);
    assert_eq!(gateway.told().len(), 2);
}

/// If this fails, a destination gets what it did not ask for or what a person does not want sent, or too little.
#[tokio::test]
async fn a_message_goes_where_it_is_wanted() {
    let world = World::new(NOW).await;
    let [all, nanning, held_only, jiangsu] = [(); 4].map(|()| Gateway::new());
    let mut numbers = Vec::new();
    for (gateway, more) in [
        (&all, json!({})),
        (&nanning, json!({ "areas": ["450100"] })),
        (&held_only, json!({ "kinds": ["on_hold", "contact_changed"] })),
        (&jiangsu, json!({ "areas": ["320000"] })),
    ] {
        numbers.push(registered(&world, gateway, more).await.0);
    }
    let binding = on_hold(&world, "吴敏", "吴桂芳", "parent").await;
    held(&world, "吴敏", binding, "lift").await;
    let (daughter, mother) = (world.persons["吴敏"], world.persons["吴桂芳"]);
    let path = format!("/persons/{mother}/contact/changes");
    let none = json!({ "topics": [] });
    world.write("POST", &path, &world.citizen("吴桂芳").await, none).await.is(200);
    let worker = worker(&world);
    for no in numbers {
        worker.step(no, after(1)).await.expect("carried on");
    }
    let sorted = |gateway: &Gateway| {
        let mut told = gateway.told();
        told.sort();
        told
    };
    let about = |person: u64, kind: &str| (person, kind.to_owned());
    let (force, hold, changed) = ("in_force", "on_hold", "contact_changed");
    let mut everything = vec![about(daughter, force), about(daughter, hold), about(mother, changed)];
    everything.sort();
    assert_eq!(sorted(&all), everything, "she wants nothing sent; of a change she is told in any case");
    assert_eq!(sorted(&nanning), []);
    let mut wanted = vec![about(daughter, hold), about(mother, changed)];
    wanted.sort();
    assert_eq!(sorted(&held_only), wanted);
    assert_eq!(
        sorted(&jiangsu),
        [about(daughter, force), about(daughter, hold)],
        "her mother lives in Anhui"
    );
}

/// If this fails, who takes over somebody's phone for messages does so unseen, or a change is told that never was.
#[tokio::test]
async fn a_change_of_phones_is_told_to_the_numbers_before_it() {
    let world = World::new(NOW).await;
    let gateway = Gateway::new();
    let (no, _) = registered(&world, &gateway, json!({})).await;
    let person = world.persons["李明"];
    let path = format!("/persons/{person}/contact/changes");
    let clerk = world.token(Role::Clerk, None).await;
    for own in ["13812341234", "13912341234"] {
        world.write("POST", &path, &clerk, json!({ "own": own })).await.is(200);
    }
    let worker = worker(&world);
    worker.step(no, after(1)).await.expect("carried on");
    let phones: Vec<Value> = gateway.heard().iter().map(|it| it.json()["phones"].clone()).collect();
    assert_eq!(phones, [json!([]), json!([{ "of": "own", "number": "13812341234" }])]);
    // A machine that stopped between leaving the message and changing the contact.
    let change = Change {
        no: 9,
        mark: [1; 8],
        at: after(0),
        token: 1,
        label: String::new(),
        role: Role::Citizen,
        before: vec![(Whose::Own, Phone::parse("13912341234").expect("a number"))],
    };
    server::outbox::tell(
        &world.app,
        &server::outbox::message::Message::of_contact(PersonNo(person), &change),
    )
    .await
    .expect("left");
    for (seconds, waiting) in [(2, 1), (61, 1), (63, 0)] {
        worker.step(no, after(seconds)).await.expect("carried on");
        let list = world.get("/webhooks", &world.operator).await.is(200);
        assert_eq!(list["webhooks"][0]["waiting"], waiting, "{seconds}: {list}");
    }
    assert_eq!(gateway.heard().len(), 0);
}

/// If this fails, an address given by mistake or by ill will makes us post to a machine that only we reach.
#[tokio::test]
async fn nothing_goes_inside_unless_the_operator_says_so() {
    let world = World::new(NOW).await;
    let gateway = Gateway::new();
    let (no, _) = registered(&world, &gateway, json!({})).await;
    on_hold(&world, "李明", "李小明", "child").await;
    let outside = Worker::new(world.app.clone());
    outside.step(no, after(1)).await.expect("carried on");
    assert_eq!(gateway.heard().len(), 0);
    let waiting = world.get(&format!("/webhooks/{no}/deliveries"), &world.operator).await.is(200);
    let said = waiting["waiting"][0]["said"].as_str().expect("why");
    assert!(said.contains("--webhooks-inside"), "{said}");
    assert_eq!(destinations::progress(&world.app, no).await.expect("kept").failures, 1);
}

/// R-D12: if this fails, who somebody is is changed and the phone they had hears nothing of it; or it hears what never was, or
/// who they are.
#[tokio::test]
async fn an_amendment_is_told_to_the_phones_before_it() {
    let world = World::new(NOW).await;
    let gateway = Gateway::new();
    let kinds = ["amendment_proposed", "amendment_approved", "amendment_rejected"];
    let (no, _) = registered(&world, &gateway, json!({ "kinds": kinds })).await;
    let person = world.persons["李明"];
    let (first, second) = (world.token(Role::Clerk, None).await, world.token(Role::Clerk, None).await);
    let path = format!("/persons/{person}/contact/changes");
    for own in ["13812341234", "13912341234"] {
        world.write("POST", &path, &first, json!({ "own": own, "topics": [] })).await.is(200);
    }
    let wanted = json!({ "on_behalf_of": who("李明"), "name": "李铭", "why": "录入错误",
        "documents": [{ "kind": "change_statement", "seen": "original" }] });
    let made = world.write("POST", "/amendments", &first, wanted.clone()).await.is(201);
    world.write("POST", "/amendments", &first, wanted).await.is(422);
    let events = format!("/persons/{person}/amendments/{}/events", made["no"]);
    let decision = |event: &str| json!({ "event": event, "why": "核对过材料" });
    world.write("POST", &events, &first, decision("approve")).await.is(422);
    world.write("POST", &events, &second, decision("reject")).await.is(200);
    // What was refused leaves nothing behind that anybody would wait for.
    let done = worker(&world).step(no, after(1)).await.expect("carried on");
    assert_eq!(done, Done { acknowledged: 2, put_aside: 0, given_up: 0 });
    let heard = gateway.heard();
    let kinds: Vec<String> = heard.iter().map(|it| it.about().1).collect();
    assert_eq!(kinds, ["amendment_proposed", "amendment_rejected"]);
    let phones = json!([{ "of": "own", "number": "13812341234" }, { "of": "own", "number": "13912341234" }]);
    for it in &heard {
        assert_eq!((&it.json()["phones"], &it.json()["person"]), (&phones, &json!(person)));
        let body = String::from_utf8_lossy(&it.body).into_owned();
        assert!(!body.contains("李铭") && !body.contains("李明") && !body.contains(id_of("李明")), "{body}");
    }
    assert_eq!(heard[1].json()["text"], "更正登记信息的申请没有批准");
    assert_eq!(heard[1].json()["text_en"], "The amendment of your data was not approved");
}

/// R-D12: if this fails, of an amendment whose commit takes long the phones hear nothing, or before it is done.
#[tokio::test]
async fn an_amendment_is_told_whenever_it_is_done() {
    let books = Gated::new();
    let world = World::on(books.clone(), Clock::sandbox(|| Moment::from_millis(0), after(0))).await;
    world.app.ensure_law(&server::law::shipped(true)).await.expect("the shipped law");
    let world = Arc::new(world.peopled().await);
    let gateway = Gateway::new();
    let (no, _) = registered(&world, &gateway, json!({})).await;
    let clerk = world.token(Role::Clerk, None).await;
    let wanted = json!({ "on_behalf_of": who("李明"), "name": "李铭", "why": "录入错误",
        "documents": [{ "kind": "change_statement", "seen": "original" }] });
    books.hold();
    let proposing = Arc::clone(&world);
    let proposed = tokio::spawn(async move { proposing.write("POST", "/amendments", &clerk, wanted).await });
    while world.app.desk.list("papers-under-way", after(0)).await.expect("the desk").is_empty() {
        tokio::task::yield_now().await;
    }
    let worker = worker(&world);
    for seconds in [1, 70, 140] {
        worker.step(no, after(seconds)).await.expect("carried on");
    }
    assert_eq!(gateway.told(), [], "it is not done");
    books.let_go();
    proposed.await.expect("an answer").is(201);
    worker.step(no, after(141)).await.expect("carried on");
    assert_eq!(gateway.told(), [(world.persons["李明"], "amendment_proposed".to_owned())]);
}
