//! How far a token reaches: whose data it reads, whose money it moves, which area's institutions it changes.

use crate::world::{Answer, World, signed, who};
use domain::ids::Area;
use serde_json::{Value, json};
use server::tokens::Role;

const NOW: &str = "2025-06-16 10:00";

async fn staff_of(world: &World, role: Role, area: &str) -> String {
    world.token_of(role, None, Area::parse(area).expect("an area")).await
}

async fn taken_over(world: &World, giver: &str, beneficiary: &str, relation: &str) -> Value {
    let body = json!({ "giver": who(giver), "beneficiary": who(beneficiary), "relation": relation,
        "since": "2024-01-15T01:00:00Z" });
    world.post("/bindings/takeovers", body).await.is(201)
}

async fn event(world: &World, token: &str, no: &Value, word: &str) -> Answer {
    let path = format!("/bindings/{no}/events");
    world.write("POST", &path, token, json!({ "event": word })).await
}

/// If this fails, a parent reads and spends for a child who is an adult.
#[tokio::test]
async fn a_guardian_acts_until_the_child_is_eighteen() {
    let world = World::new(NOW).await;
    let child = json!({ "psn_no": "3203002007", "name": "李大明", "id_type": "99", "id_number": "P2007",
        "born": "2007-06-17", "sex": "male", "guardian": who("李明") });
    let no = world.post("/persons", child).await.is(201)["no"].clone();
    let enrolment = json!({ "person": { "no": no }, "scheme": "resident", "area": "320300",
        "category": "child", "from": "2020-01-01" });
    world.post("/enrolments", enrolment).await.is(201);
    let body = json!({ "giver": who("赵丽"), "beneficiary": { "no": no }, "relation": "child",
        "since": "2024-01-15T01:00:00Z" });
    let binding = world.post("/bindings/takeovers", body).await.is(201);
    let (father, path) = (world.citizen("李明").await, format!("/persons/{no}/account"));
    world.get(&path, &father).await.is(200);
    assert_eq!(world.get(&format!("/persons/{no}"), &father).await.is(200)["name"], "李大明");
    let rank = || json!({ "event": "set_rank", "rank": 2 });
    let events = format!("/bindings/{}/events", binding["no"]);
    world.write("POST", &events, &father, rank()).await.is(200);
    world.post("/sandbox/clock", json!({ "now": "2025-06-16T16:00:00Z" })).await.is(200);
    world.get(&path, &father).await.is(403);
    let refused = world.write("POST", &events, &father, rank()).await;
    assert_eq!(refused.codes(), (422, vec!["NOT_YOURS".to_owned()]));
}

/// If this fails, whoever counts up the numbers of bindings reads how each of them stands.
#[tokio::test]
async fn a_stranger_to_a_binding_does_not_learn_how_it_stands() {
    let world = World::new(NOW).await;
    let no = taken_over(&world, "李明", "李小明", "child").await["no"].clone();
    let stranger = world.citizen("韦国强").await;
    for word in ["confirm", "decline", "withdraw", "release", "keep_on"] {
        let answer = event(&world, &stranger, &no, word).await;
        assert_eq!(answer.codes(), (422, vec!["NOT_YOURS".to_owned()]), "{word}");
    }
}

/// If this fails, an operator of one area renames another's hospital, or takes its designation away.
#[tokio::test]
async fn an_institution_is_changed_by_its_own_area_only() {
    let world = World::new(NOW).await;
    let nanning = staff_of(&world, Role::Operator, "450100").await;
    let place = json!({ "name": "别的医院", "area": "450100", "kind": "hospital", "level": "primary",
        "designations": [] });
    let path = "/institutions/H32030000001";
    world.write("PUT", path, &nanning, place.clone()).await.is(403);
    assert_eq!(world.get(path, &nanning).await.is(200)["name"], "医院");
    world.write("PUT", "/institutions/H45010000001", &nanning, place).await.is(200);
}

/// If this fails, an operator lets themselves in to anybody by enrolling them, or moves another area's money.
#[tokio::test]
async fn an_enrolment_opens_nobody_whom_another_area_insures() {
    let world = World::new(NOW).await;
    let nanning = staff_of(&world, Role::Operator, "450100").await;
    let enrolment = |name: &str| {
        json!({ "person": who(name), "scheme": "resident", "area": "450100", "category": "adult",
            "from": "2025-06-01" })
    };
    world.write("POST", "/enrolments", &nanning, enrolment("李明")).await.is(403);
    let person = format!("/persons/{}", world.persons["李明"]);
    world.get(&person, &nanning).await.is(403);
    world.post("/enrolments", enrolment("李明")).await.is(201);
    world.get(&person, &nanning).await.is(200);
    let back = json!({ "person": who("李明"), "amount": "1.00" });
    world.write("POST", "/accounts/take-backs", &nanning, back).await.is(403);
    let credit = json!({ "person": who("李明"), "current": "1.00" });
    world.write("POST", "/accounts/credits", &nanning, credit).await.is(403);
    let paused = |scheme: &str| json!({ "person": who("李明"), "scheme": scheme, "change": "pause", "day": "2025-06-16" });
    world.write("POST", "/enrolments/changes", &nanning, paused("employee")).await.is(403);
    world.write("POST", "/enrolments/changes", &nanning, paused("resident")).await.is(200);
    let death = format!("{person}/death");
    world.write("POST", &death, &nanning, json!({ "on": "2025-06-16" })).await.is(403);
    world.post(&death, json!({ "on": "2025-06-16" })).await.is(200);
}

/// Who has moved is the new area's; whom nobody insures yet, the operator's who takes them in.
#[tokio::test]
async fn staff_see_whom_their_area_insures_now() {
    let world = World::new(NOW).await;
    let (xuzhou, nanjing) =
        (staff_of(&world, Role::Operator, "320300").await, staff_of(&world, Role::Operator, "320100").await);
    let person = format!("/persons/{}", world.persons["李明"]);
    let moved = json!({ "person": who("李明"), "scheme": "employee", "change": "move", "area": "320100",
        "day": "2025-06-16" });
    world.write("POST", "/enrolments/changes", &xuzhou, moved).await.is(200);
    world.get(&person, &xuzhou).await.is(403);
    world.get(&person, &nanjing).await.is(200);
    let ended = json!({ "person": who("李明"), "scheme": "employee", "change": "end", "day": "2025-06-15" });
    world.write("POST", "/enrolments/changes", &nanjing, ended).await;
    world.get(&person, &nanjing).await.is(200);

    let new = json!({ "psn_no": "1", "name": "新", "id_type": "99", "id_number": "N1",
        "born": "1990-01-01", "sex": "male" });
    let no = world.write("POST", "/persons", &xuzhou, new).await.is(201)["no"].clone();
    world.get(&format!("/persons/{no}"), &xuzhou).await.is(200);
    let clerk = staff_of(&world, Role::Clerk, "320300").await;
    world.get(&format!("/persons/{no}"), &clerk).await.is(403);
}

/// If this fails, whoever counts up our numbers reads strangers' balances and pauses.
#[tokio::test]
async fn a_citizen_asks_about_nobody_by_number_nor_about_strangers() {
    let world = World::new(NOW).await;
    let token = world.citizen("韦国强").await;
    let ask =
        async |path: &str, body: Value| world.send("POST", path, Some(&token), None, body.to_string()).await;
    let numbered = |name: &str| json!({ "no": world.persons[name] });
    let place = "H32030000001";
    let strangers = json!({ "beneficiary": who("李明"), "giver": who("韦国强"), "institution": place });
    ask("/explain/would", strangers).await.is(403);
    let by_number = json!({ "beneficiary": numbered("李明"), "giver": who("韦国强"), "institution": place });
    let answer = ask("/explain/would", by_number).await;
    assert!(answer.is(403)["detail"].to_string().contains("id_number"));
    let nobody = json!({ "beneficiary": { "no": 1 }, "giver": who("韦国强"), "institution": place });
    ask("/explain/would", nobody).await.is(403);
    let binding = json!({ "giver": who("韦国强"), "beneficiary": numbered("李明"), "relation": "parent" });
    ask("/explain/binding", binding.clone()).await.is(403);
    world.write("POST", "/bindings", &token, binding).await.is(403);
    let own = json!({ "beneficiary": numbered("韦国强"), "institution": place });
    ask("/explain/would", own).await.is(200);
    taken_over(&world, "韦国强", "韦秀兰", "parent").await;
    let bound = json!({ "beneficiary": who("韦秀兰"), "giver": who("韦国强"), "institution": place });
    ask("/explain/would", bound).await.is(200);
    let all = json!({ "beneficiary": who("韦秀兰"), "institution": place });
    ask("/explain/would", all).await.is(403);
}

/// If this fails, a beneficiary reads a relative's whole balance where only a part of it concerns them.
#[tokio::test]
async fn a_whole_balance_is_told_to_its_owner_only() {
    let world = World::new(NOW).await;
    // Taiyuan: of each account 1000.00 has to stay.
    for (no, name, scheme) in [("G1", "郭志远", "employee"), ("G2", "郭小雨", "resident")] {
        let person = json!({ "psn_no": no, "name": name, "id_type": "99", "id_number": no,
            "born": "1984-04-19", "sex": "male" });
        world.post("/persons", person).await.is(201);
        let category = if scheme == "employee" { "active" } else { "adult" };
        let enrolment = json!({ "person": { "psn_no": no }, "scheme": scheme, "area": "140100",
            "category": category, "from": "2020-01-01" });
        world.post("/enrolments", enrolment).await.is(201);
    }
    let credit = json!({ "person": { "psn_no": "G1" }, "prior": "1500.00" });
    let giver = world.post("/accounts/credits", credit).await.is(201)["person"]["no"].clone();
    let body = json!({ "giver": { "psn_no": "G1" }, "beneficiary": { "psn_no": "G2" },
        "relation": "child", "since": "2024-01-15T01:00:00Z" });
    let bound = world.post("/bindings/takeovers", body).await.is(201);
    let tokens = [&giver, &bound["beneficiary"]["no"]].map(Value::as_u64);
    let [hers, childs] =
        [world.token(Role::Citizen, tokens[0]).await, world.token(Role::Citizen, tokens[1]).await];
    let of = |no: &Value| format!("/persons/{no}/account");
    let own = world.get(&of(&giver), &hers).await.is(200)["given"][0].clone();
    assert_eq!(
        (own["usable"].to_string(), &own["reasons"][0]["code"]),
        ("500.00".to_owned(), &json!("USABLE_ZERO"))
    );
    assert_eq!(own["reasons"][0]["args"]["balance"].to_string(), "1500.00");
    let told = world.get(&of(&bound["beneficiary"]["no"]), &childs).await.is(200)["received"][0].clone();
    assert_eq!(told["usable"].to_string(), "500.00");
    assert!(!told.to_string().contains("1500"), "{told}");
    assert!(told["reasons"][0]["why"].to_string().contains("500.00 元"), "{told}");
    let staff = world.get(&of(&bound["beneficiary"]["no"]), &world.operator).await.is(200);
    assert_eq!(staff["received"][0]["reasons"][0]["args"]["balance"].to_string(), "1500.00");
}

/// If this fails, a citizen picks the channel with the easiest proof, or states the agency's own review.
#[tokio::test]
async fn nobody_states_a_channel_or_a_proof_that_is_not_theirs() {
    let world = World::new(NOW).await;
    let (citizen, clerk) = (world.citizen("李明").await, world.token(Role::Clerk, None).await);
    let wanted = |more: Value| {
        let mut body = signed("李明", "李小明", "child", "李明");
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    let served = who("李明");
    for (token, more, field) in [
        (&citizen, json!({ "channel": "hall" }), "channel"),
        (&citizen, json!({ "proof": "review" }), "proof"),
        (&clerk, json!({ "channel": "app", "on_behalf_of": served }), "channel"),
        (&clerk, json!({ "proof": "review", "on_behalf_of": served }), "proof"),
    ] {
        let answer = world.write("POST", "/bindings", token, wanted(more)).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some(field)));
    }
    // R-D2: where documents are wanted, a citizen's word that there are some is not one.
    let stated = wanted(json!({ "channel": "partner", "proof": "documents" }));
    let refused = world.write("POST", "/bindings", &citizen, stated).await;
    assert_eq!(refused.codes(), (422, vec!["PROOF_MISSING".to_owned()]));
    let why = refused.json()["reasons"][0]["why"].to_string();
    assert!(why.contains("到服务大厅办"), "{why}");
    let shown = wanted(json!({ "proof": "documents", "on_behalf_of": served }));
    let made = world.write("POST", "/bindings", &clerk, shown).await.is(201);
    assert_eq!(
        (&made["started"]["channel"], &made["commitment"]["proof"]),
        (&json!("hall"), &json!("documents"))
    );
}

/// If this fails, two calls under one key make two credentials, and one secret is lost.
#[tokio::test]
async fn two_calls_at_once_under_one_key_do_one_thing() {
    let world = World::new(NOW).await;
    let token = Some(world.operator.as_str());
    let call = || {
        let body = json!({ "scheme": "api" }).to_string();
        world.send("POST", "/institutions/H32030000001/credentials", token, Some("k"), body)
    };
    let (one, other) = tokio::join!(call(), call());
    assert_eq!((one.status, one.bytes), (201, other.bytes));
}
