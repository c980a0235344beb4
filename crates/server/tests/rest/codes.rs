//! Medical codes as people call them up, and whose they may.

use crate::world::{World, who};
use domain::credential::SpeaksOf;
use domain::ids::{InstitutionCode, PersonNo};
use domain::needs::Needs;
use serde_json::{Value, json};
use server::codes::{Presented, present};
use server::vault::Found;

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
    assert_eq!(world.write("POST", "/family-links", &his, link).await.is(201)["waits"], true);
    assert_eq!(asked(&world, &his, mothers.clone()).await.codes().0, 403, "she has not agreed");
    let agreed = json!({ "holder": who("李明"), "member": who("赵丽"), "confirm": true });
    let refused = world.write("POST", "/family-links", &his, agreed.clone()).await;
    assert_eq!(refused.codes(), (422, vec!["NOT_YOURS".to_owned()]), "nobody agrees for her");
    assert_eq!(world.write("POST", "/family-links", &hers, agreed).await.is(201)["waits"], false);
    assert_eq!(asked(&world, &his, mothers.clone()).await.is(200)["speaks_of"], "patient");
    let undone = json!({ "holder": who("李明"), "member": who("赵丽"), "undo": true });
    let stranger = world.citizen("韦国强").await;
    let refused = world.write("POST", "/family-links", &stranger, undone.clone()).await;
    assert_eq!(refused.codes(), (422, vec!["NOT_YOURS".to_owned()]));
    world.write("POST", "/family-links", &hers, undone).await.is(201);
    assert_eq!(asked(&world, &his, mothers).await.codes().0, 403, "she has undone the link");
    let givers = json!({ "of": who("李明") });
    assert_eq!(asked(&world, &hers, givers.clone()).await.codes().0, 403, "not bound");
    let bound = json!({ "giver": who("李明"), "beneficiary": who("赵丽"), "relation": "spouse",
        "since": "2025-01-01T00:00:00Z" });
    world.post("/bindings/takeovers", bound).await.is(201);
    assert_eq!(asked(&world, &hers, givers).await.is(200)["speaks_of"], "giver");
    let by_number = |name: &str| json!({ "of": { "no": world.persons[name] } });
    assert_eq!(asked(&world, &hers, by_number("李明")).await.is(200)["called"], "丈夫");
    assert_eq!(asked(&world, &hers, by_number("王秀英")).await.codes().0, 403, "numbers can be counted up");
    assert_eq!(asked(&world, &hers, json!({ "of": { "no": 1 } })).await.codes().0, 403);
    let nobody = json!({ "of": { "id_number": "990000199901019999" } });
    assert_eq!(asked(&world, &his, nobody).await.codes().0, 403, "who is unknown is told like who is not");
}

/// Whose codes somebody may show: because, what they are to the caller, what the code proves, whether it is needed.
async fn listed(world: &World, token: &str) -> Vec<(String, String, String, bool)> {
    let list = world.get("/medical-codes", token).await.is(200)["codes"].clone();
    let text = |it: &Value| it.as_str().expect("a text").to_owned();
    let row = |it: &Value| {
        (text(&it["because"]), text(&it["called"]), text(&it["speaks_of"]), it["needed"] == true)
    };
    list.as_array().expect("a list").iter().map(row).collect()
}

fn row(because: &str, called: &str, speaks_of: &str, needed: bool) -> (String, String, String, bool) {
    (because.to_owned(), called.to_owned(), speaks_of.to_owned(), needed)
}

/// If this fails, somebody is offered a code that they may not show, or not offered one that they may (R-F1, R-E2).
#[tokio::test]
async fn the_list_has_whoever_may_be_shown_and_nobody_else() {
    let world = World::new(NOW).await;
    let hers = world.citizen("赵丽").await;
    assert_eq!(listed(&world, &hers).await, [row("own", "本人", "patient", false)]);
    let link = |undo: bool| {
        let mut body = json!({ "holder": who("赵丽"), "member": who("王秀英"), "undo": undo });
        if !undo {
            body["relation"] = json!("spouse_parent");
        }
        body
    };
    world.write("POST", "/family-links", &hers, link(false)).await.is(201);
    assert_eq!(
        listed(&world, &hers).await,
        [row("own", "本人", "patient", false)],
        "what waits is not shown"
    );
    let agreed = json!({ "holder": who("赵丽"), "member": who("王秀英"), "confirm": true });
    let mothers = world.citizen("王秀英").await;
    world.write("POST", "/family-links", &mothers, agreed).await.is(201);
    let child = json!({ "psn_no": "3203002020", "name": "李小红", "id_type": "99", "id_number": "P2020",
        "born": "2020-06-17", "sex": "female", "guardian": who("赵丽") });
    world.post("/persons", child).await.is(201);
    let bound = json!({ "giver": who("李明"), "beneficiary": who("赵丽"), "relation": "spouse",
        "since": "2025-01-01T00:00:00Z" });
    world.post("/bindings/takeovers", bound).await.is(201);
    let all = [
        row("own", "本人", "patient", false),
        row("minor", "孩子", "patient", false),
        row("family_code", "配偶的母亲", "patient", false),
        row("giver", "丈夫", "giver", false),
    ];
    assert_eq!(listed(&world, &hers).await, all);
    let givers = listed(&world, &world.citizen("李明").await).await;
    assert_eq!(givers, [row("own", "本人", "patient", false)], "who gives does not show who receives");
    world.write("POST", "/family-links", &hers, link(true)).await.is(201);
    let death = format!("/persons/{}/death", world.persons["李明"]);
    world.post(&death, json!({ "on": "2025-06-15" })).await.is(200);
    assert_eq!(listed(&world, &hers).await, all[..2], "what is undone is gone");
    let bound = json!({ "giver": who("韦国强"), "beneficiary": who("韦秀兰"), "relation": "parent",
        "since": "2025-01-01T00:00:00Z" });
    world.post("/bindings/takeovers", bound).await.is(201);
    let both = listed(&world, &world.citizen("韦秀兰").await).await;
    assert_eq!(both[1], row("giver", "儿子", "giver", true), "in Nanning both codes are shown");
}

/// R-F4: if this fails, a child who has no telephone and never signed in has no code although their guardian agreed to the
/// link, or has one for whom the guardian does not know, or a hospital does not take it.
#[tokio::test]
async fn a_childs_code_is_there_from_the_linking_on() {
    let world = World::new(NOW).await;
    let (hers, his) = (world.citizen("赵丽").await, world.citizen("李明").await);
    let child = json!({ "psn_no": "3203002020", "name": "李小红", "id_type": "99", "id_number": "P2020",
        "born": "2020-06-17", "sex": "female", "guardian": who("李明") });
    let no = world.post("/persons", child).await.is(201)["no"].as_u64().expect("a number");
    let she = json!({ "id_number": "P2020" });
    let child = json!({ "of": { "no": no } });
    let link = json!({ "holder": who("赵丽"), "member": she, "relation": "child" });
    let made = world.write("POST", "/family-links", &hers, link).await.is(201);
    assert_eq!((&made["minor"], &made["waits"]), (&json!(true), &json!(true)));
    assert_eq!(asked(&world, &hers, child.clone()).await.codes().0, 403, "the guardian has not agreed");
    let agreed = json!({ "holder": { "no": made["holder"]["no"] }, "member": { "no": no }, "confirm": true });
    world.write("POST", "/family-links", &hers, agreed.clone()).await.is(422);
    assert_eq!(world.write("POST", "/family-links", &his, agreed).await.is(201)["waits"], false);
    let fathers = json!({ "holder": who("李明"), "member": she, "relation": "child" });
    assert_eq!(world.write("POST", "/family-links", &his, fathers).await.is(201)["waits"], false);
    let code = asked(&world, &hers, child).await.is(200)["code"].as_str().expect("a code").to_owned();
    let vault = &world.app.vault;
    let shown = Presented {
        code: vault.lookup(Found::Code, &code),
        speaks_of: SpeaksOf::Patient,
        institution: InstitutionCode::parse("H32030000001").expect("a code"),
        at: world.app.clock.now(),
    };
    let holder = present(&world.app, shown).await.expect("the store is there").expect("the code counts");
    let rows = world.app.rows(Needs { lookups: [holder].into(), ..Needs::default() }).await.expect("facts");
    assert_eq!(rows.facts.lookups[&holder], PersonNo(no));
    let grown = json!({ "holder": who("赵丽"), "member": who("王秀英"), "relation": "spouse_parent" });
    assert_eq!(world.write("POST", "/family-links", &hers, grown).await.is(201)["minor"], false);
}

/// R-F2: if this fails, somebody shows more codes than the law lets them, or is not told how many they show.
#[tokio::test]
async fn six_codes_and_no_more() {
    let world = World::new(NOW).await;
    let his = world.citizen("李明").await;
    let link = |name: &str| json!({ "holder": who("李明"), "member": who(name), "relation": "sibling" });
    for name in ["李小明", "赵丽", "王秀英", "孙德海", "韦国强", "韦秀兰"] {
        world.write("POST", "/family-links", &his, link(name)).await.is(201);
    }
    let refused = world.write("POST", "/family-links", &his, link("吴敏")).await;
    assert_eq!(refused.codes(), (422, vec!["FAMILY_CODE_LIMIT_REACHED".to_owned()]));
    let reason = refused.json()["reasons"][0].clone();
    assert_eq!((&reason["args"]["linked"], &reason["args"]["limit"]), (&json!(6), &json!(6)), "{reason}");
    let links = world.get(&format!("/persons/{}/family-links", world.persons["李明"]), &his).await.is(200);
    assert_eq!((&links["most"], links["holds"].as_array().map(Vec::len)), (&json!(6), Some(6)));
    let undone = json!({ "holder": who("李明"), "member": who("赵丽"), "undo": true });
    world.write("POST", "/family-links", &his, undone).await.is(201);
    world.write("POST", "/family-links", &his, link("吴敏")).await.is(201);
}

/// R-F1: if this fails, whose code is asked for is not told so, or a link is made behind the back of whoever it shows.
#[tokio::test]
async fn whose_code_it_is_is_told_each_time() {
    let world = World::new(NOW).await;
    let (his, hers) = (world.citizen("李明").await, world.citizen("赵丽").await);
    let (he, she) = (world.persons["李明"], world.persons["赵丽"]);
    let body =
        |what: &str, value: Value| json!({ "holder": who("李明"), "member": who("赵丽"), what: value });
    for (token, body) in [
        (&his, body("relation", json!("spouse"))),
        (&hers, body("confirm", json!(true))),
        (&hers, body("undo", json!(true))),
    ] {
        world.write("POST", "/family-links", token, body).await.is(201);
    }
    for (token, person, other, told) in [
        (&hers, she, he, vec!["code_undone", "code_shown", "code_asked"]),
        (&his, he, she, vec!["code_undone", "code_linked"]),
    ] {
        let inbox = world.get(&format!("/notices/{person}"), token).await.is(200);
        let inbox = inbox["notices"].as_array().expect("a list").clone();
        assert_eq!(inbox.iter().map(|it| it["what"].as_str().expect("a word")).collect::<Vec<_>>(), told);
        assert!(inbox.iter().all(|it| it["other"]["no"] == other && it["other"]["name"] != "*"), "{inbox:?}");
    }
    let unasked = world.write("POST", "/family-links", &hers, body("relation", json!("spouse"))).await;
    assert_eq!(unasked.codes(), (422, vec!["NOT_YOURS".to_owned()]));
    for (what, value) in [("confirm", json!(true)), ("undo", json!(true))] {
        let refused = world.write("POST", "/family-links", &hers, body(what, value)).await;
        assert_eq!(refused.codes(), (422, vec!["NOT_POSSIBLE_NOW".to_owned()]), "{what}");
    }
    let both = json!({ "holder": who("李明"), "member": who("赵丽"), "confirm": true, "undo": true });
    world.write("POST", "/family-links", &hers, both).await.is(400);
}
