//! What is asked before somebody binds or changes a binding: the law's terms, the letter, what is possible now, whether it
//! is the right person; and the links that a person is in.

use crate::world::{World, id_of, who};
use serde_json::{Value, json};
use server::tokens::Role;
use sm3::Digest as _;

const NOW: &str = "2025-06-16 10:00";

/// If this fails, people are offered relations or limits that the law of their area does not know (R-B1, R-D7), or read
/// the terms of strangers.
#[tokio::test]
async fn the_terms_are_those_of_the_givers_area() {
    let world = World::new(NOW).await;
    let token = world.citizen("李明").await;
    let path = format!("/persons/{}/binding-terms", world.persons["李明"]);
    let terms = world.get(&path, &token).await.is(200);
    let allowed = |relation: &str| {
        let all = terms["relations"].as_array().expect("a list");
        all.iter().find(|it| it["relation"] == relation).expect("every relation")["allowed"].clone()
    };
    for (relation, expected) in [("spouse", true), ("grandchild", true), ("spouse_parent", false)] {
        assert_eq!(allowed(relation), json!(expected), "{relation}");
    }
    assert_eq!(terms["area"]["code"], "320300");
    assert_eq!(terms["starters"], json!(["giver"]));
    assert_eq!(terms["limits"], json!(["end_date", "per_bill", "per_month", "per_year"]));
    assert!(terms["relations_law"]["source"].is_string(), "{terms}");
    world.get(&path, &world.citizen("赵丽").await).await.is(403);
    let nobody = json!({ "psn_no": "3203001", "name": "无", "id_type": "99", "id_number": "P1",
        "born": "1980-01-01", "sex": "male" });
    let no = world.post("/persons", nobody).await.is(201)["no"].clone();
    let none = world.get(&format!("/persons/{no}/binding-terms"), &world.operator).await;
    assert_eq!(none.codes(), (422, vec!["GIVER_NOT_EMPLOYEE_INSURED".to_owned()]));
}

/// If this fails, the digest that is kept of a letter is not that of the text that was shown, or the letter tells whose
/// name belongs to an ID number (R-D4).
#[tokio::test]
async fn the_letter_is_known_by_its_digest() {
    let world = World::new(NOW).await;
    let (his, clerks) = (world.citizen("李明").await, world.token(Role::Clerk, None).await);
    let mut pair = json!({ "giver": who("李明"), "beneficiary": who("王秀英"), "relation": "parent" });
    let ask = async |token: &str, body: &Value| {
        world.send("POST", "/commitment", Some(token), None, body.to_string()).await
    };
    let unnamed = ask(&his, &pair).await.is(400);
    assert_eq!(unnamed["field"], "beneficiary.name", "{unnamed}");
    pair["beneficiary"]["name"] = json!("王秀芳");
    assert_eq!(ask(&his, &pair).await.codes(), (422, vec!["PERSON_UNKNOWN".to_owned()]));
    pair["beneficiary"]["name"] = json!("王秀英");
    let letter = ask(&his, &pair).await.is(200);
    let text = letter["text"].as_str().expect("a text");
    assert!(
        text.contains("看病的人（使用人）：王秀英\n使用人是授权人的：父母\n签署人：李明（授权人本人）"),
        "{text}"
    );
    let digest: String = sm3::Sm3::digest(text.as_bytes()).iter().map(|it| format!("{it:02x}")).collect();
    assert_eq!(letter["digest"], digest);
    for (served, signs) in
        [("李明", "签署人：李明（授权人本人）"), ("王秀英", "签署人：王秀英（使用人本人）")]
    {
        pair["on_behalf_of"] = who(served);
        let letter = ask(&clerks, &pair).await.is(200);
        assert!(letter["text"].as_str().is_some_and(|it| it.contains(signs)), "{letter}");
    }
    pair["on_behalf_of"] = who("赵丽");
    ask(&clerks, &pair).await.is(403);
}

/// If this fails, a slip in an ID number binds a stranger, or a name beside a number tells whether the number is
/// anybody's.
#[tokio::test]
async fn another_name_finds_nobody() {
    let world = World::new(NOW).await;
    let token = world.citizen("李明").await;
    let mut answers = Vec::new();
    for (name, id, status) in [
        ("王秀英", id_of("王秀英"), 200),
        ("王秀芳", id_of("王秀英"), 422),
        ("王秀英", "990000195807040292", 422),
    ] {
        let body = json!({ "giver": who("李明"), "beneficiary": { "id_number": id, "name": name }, "relation": "parent" });
        let answer = world.send("POST", "/explain/binding", Some(&token), None, body.to_string()).await;
        answers.push(answer.is(status));
        let made = world.write("POST", "/bindings", &token, body).await;
        assert_eq!(made.status, 422, "without a letter nothing is bound: {name} {id}");
        let unknown = made.codes().1 == ["PERSON_UNKNOWN"];
        assert_eq!(unknown, status == 422, "{name} {id}");
    }
    assert_eq!(answers[1], answers[2]);
    assert_eq!(answers[0]["possible"], true);
}

/// If this fails, a page offers what would be refused, promises another end than comes, or asking changes something
/// (R-D6, R-D11).
#[tokio::test]
async fn what_is_possible_now_is_decided_and_not_done() {
    let world = World::new(NOW).await;
    let (his, sons) = (world.citizen("李明").await, world.citizen("李小明").await);
    let body = json!({ "giver": who("李明"), "beneficiary": who("李小明"), "relation": "child",
        "since": "2024-01-15T01:00:00Z" });
    let no = world.post("/bindings/takeovers", body).await.is(201)["no"].clone();
    let path = format!("/bindings/{no}/options");
    let option = |list: &Value, event: &str| {
        let all = list["options"].as_array().expect("a list");
        all.iter().find(|it| it["event"] == event).expect("every event").clone()
    };
    let (ours, theirs) = (world.get(&path, &his).await.is(200), world.get(&path, &sons).await.is(200));
    for (event, his, sons) in [
        ("confirm", false, false),
        ("withdraw", false, false),
        ("release", true, false),
        ("keep_on", false, false),
        ("set_limits", true, false),
        ("set_quota", false, false),
        ("set_rank", false, true),
    ] {
        assert_eq!(option(&ours, event)["possible"], his, "{event}");
        assert_eq!(option(&theirs, event)["possible"], sons, "{event}");
    }
    let not_theirs = &option(&theirs, "release")["reasons"][0];
    assert_eq!(not_theirs["code"], "NOT_YOURS");
    assert!(not_theirs["todo"][0].is_string(), "what can be done about it: {not_theirs}");
    let release = option(&ours, "release");
    assert_eq!(release["end"]["at"]["utc"], "2025-06-16T16:00:00Z");
    assert_eq!(release["free_from"], "2025-06-17");
    assert_eq!(world.get(&format!("/bindings/{no}"), &his).await.is(200)["version"], 1);
    let done =
        world.write("POST", &format!("/bindings/{no}/events"), &his, json!({ "event": "release" })).await;
    assert_eq!(done.is(200)["end"]["at"], release["end"]["at"]);
    world.get(&path, &world.citizen("韦国强").await).await.is(403);
}

/// If this fails, nobody finds whose code they can show, or who can show theirs (R-F1); or a number names a stranger.
#[tokio::test]
async fn links_are_listed_and_undone_by_number() {
    let world = World::new(NOW).await;
    let (hers, mothers) = (world.citizen("赵丽").await, world.citizen("王秀英").await);
    let (she, mother) = (world.persons["赵丽"], world.persons["王秀英"]);
    let links = |person: u64| format!("/persons/{person}/family-links");
    let undone = || json!({ "holder": { "no": she }, "member": { "no": mother }, "undo": true });
    world.write("POST", "/family-links", &hers, undone()).await.is(403);
    let link = json!({ "holder": { "no": she }, "member": who("王秀英"), "relation": "spouse_parent" });
    world.write("POST", "/family-links", &hers, link).await.is(201);
    let held = world.get(&links(she), &hers).await.is(200);
    assert_eq!(held["holds"][0]["member"]["no"], mother);
    assert_eq!(held["holds"][0]["relation"], "spouse_parent");
    assert_eq!(held["shown_by"], json!([]));
    let shown = world.get(&links(mother), &mothers).await.is(200);
    assert_eq!((shown["shown_by"][0]["holder"]["no"].as_u64(), &shown["holds"]), (Some(she), &json!([])));
    world.get(&links(mother), &hers).await.is(403);
    assert_eq!((&held["holds"][0]["waits"], &shown["shown_by"][0]["waits"]), (&json!(true), &json!(true)));
    assert_eq!(held["holds"][0]["confirm_by"], "2025-07-16");
    let stranger = world.citizen("韦国强").await;
    world.write("POST", "/family-links", &stranger, undone()).await.is(403);
    let agreed = json!({ "holder": { "no": she }, "member": { "no": mother }, "confirm": true });
    world.write("POST", "/family-links", &stranger, agreed.clone()).await.is(403);
    world.write("POST", "/family-links", &mothers, agreed).await.is(201);
    world.write("POST", "/family-links", &mothers, undone()).await.is(201);
    for (person, token) in [(she, &hers), (mother, &mothers)] {
        let none = world.get(&links(person), token).await.is(200);
        assert_eq!((&none["holds"], &none["shown_by"]), (&json!([]), &json!([])));
    }
}
