//! What was spent in a month, told to each as far as it concerns them; the slip, told to anybody.

use crate::asking::{bound, settle};
use crate::world::{World, who};
use domain::ids::Area;
use domain::slip_no::{SlipKey, SlipNo};
use serde_json::{Value, json};
use server::tokens::Role;

const NOW: &str = "2025-06-16 10:00";

/// R-K2, R-K3: if this fails, a giver reads another giver's share, or the sum of a month is not what its rows say.
#[tokio::test]
async fn a_month_is_told_to_giver_and_beneficiary() {
    let world = World::new(NOW).await;
    bound(&world, "李明", "李小明", "child").await;
    let no = settle(&world).await;
    let (child, father, stranger) =
        (world.citizen("李小明").await, world.citizen("李明").await, world.citizen("赵丽").await);
    let (his, theirs) = (world.persons["李小明"], world.persons["李明"]);
    let given = world.get(&format!("/persons/{theirs}/spending"), &father).await.is(200);
    assert_eq!((&given["month"], &given["side"]), (&json!("2025-06"), &json!("giver")));
    assert_eq!((&given["rows"][0]["no"], given["paid"].to_string()), (&json!(no), "100.00".to_owned()));
    assert_eq!(given["people"][0]["relation"], "child");
    assert_eq!(given["rows"][0]["patient"]["name"], "李*明");
    assert!(given["rows"][0].get("amounts").is_none(), "the whole bill is the patient's");
    let path = format!("/persons/{his}/spending?side=beneficiary&with={theirs}");
    let received = world.get(&path, &child).await.is(200);
    assert_eq!(received["rows"][0]["shares"][0]["giver"]["no"], theirs);
    let own = format!("/persons/{his}/spending?side=giver");
    assert_eq!(world.get(&own, &child).await.is(200)["rows"], json!([]));
    world.get(&path, &stranger).await.is(403);

    let refund = json!({ "institution": "H32030000001", "remaining": [{ "sn": "1", "count": 1 }] });
    world.post(&format!("/settlements/{no}/refunds"), refund).await.is(201);
    let after = world.get(&format!("/persons/{theirs}/spending?month=2025-06"), &father).await.is(200);
    let sums = ["paid", "returned", "net"].map(|it| after[it].to_string());
    assert_eq!(sums, ["165.00", "100.00", "65.00"]);
    let earlier = world.get(&format!("/persons/{theirs}/spending?month=2025-05"), &father).await.is(200);
    assert_eq!((&earlier["rows"], earlier["net"].to_string()), (&json!([]), "0.00".to_owned()));
}

/// If this fails, a mistyped month is answered by another month.
#[tokio::test]
async fn what_is_no_month_is_said() {
    let world = World::new(NOW).await;
    let father = world.citizen("李明").await;
    for (query, field) in [
        ("month=2025-6", "month"),
        ("month=2025-07", "month"),
        ("month=1999-12", "month"),
        ("side=both", "side"),
        ("with=li", "with"),
    ] {
        let path = format!("/persons/{}/spending?{query}", world.persons["李明"]);
        assert_eq!(world.get(&path, &father).await.is(400)["field"], field, "{query}");
    }
}

/// If this fails, a slip that was lost tells its finder about a family, or its holder needs a token.
#[tokio::test]
async fn a_slip_is_told_to_anybody_and_speaks_of_nobody() {
    let world = World::new(NOW).await;
    bound(&world, "李明", "李小明", "child").await;
    let no = settle(&world).await;
    let key = SlipKey(*world.app.vault.slip_key());
    let serial = domain::ids::Serial::creator_of(no);
    let slip = SlipNo::of(serial, &key).expect("a slip number");
    let world = &world;
    let open = |path: String| async move { world.send("GET", &path, None, None, String::new()).await };
    let told = open(format!("/explain/slip/{slip}")).await.is(200);
    assert_eq!((&told["slip"], &told["refused"]), (&json!(slip.to_string()), &json!(false)));
    let text = told.to_string();
    for hidden in ["李", "100.00", "170.00", "医院", "ZA04"] {
        assert!(!text.contains(hidden), "`{hidden}` in {text}");
    }
    open(format!("/explain/slip/{serial}")).await.is(400);
    // What is no bill has no slip.
    let other = SlipNo::of(domain::ids::Serial(serial.0 - 1), &key).expect("a slip number");
    open(format!("/explain/slip/{other}")).await.is(404);
    let child = world.citizen("李小明").await;
    let did = world.get(&format!("/explain/did/{serial}"), &child).await.is(200);
    assert_eq!(did["slip"], Value::String(slip.to_string()));
}

/// If this fails, our numbers can be counted up to learn about strangers, or a giver cannot ask for whom they gave to.
#[tokio::test]
async fn whom_a_binding_names_can_be_asked_about_by_number() {
    let world = World::new(NOW).await;
    bound(&world, "李明", "李小明", "child").await;
    let father = world.citizen("李明").await;
    let ask = |person: &str| {
        json!({ "beneficiary": { "no": world.persons[person] }, "giver": { "no": world.persons["李明"] },
            "institution": "H32030000001" })
        .to_string()
    };
    let would =
        |body: String| async { world.send("POST", "/explain/would", Some(&father), None, body).await };
    assert_eq!(would(ask("李小明")).await.is(200)["givers"][0]["usable"].to_string(), "2000.00");
    would(ask("王秀英")).await.is(403);
}

/// R-K2: if this fails, a giver's message differs from what was booked, or somebody else says that it has been read.
#[tokio::test]
async fn messages_are_what_was_booked_and_read_by_whom_they_are_for() {
    let world = World::new(NOW).await;
    bound(&world, "李明", "李小明", "child").await;
    let no = settle(&world).await;
    let (father, stranger) = (world.citizen("李明").await, world.citizen("赵丽").await);
    let path = format!("/notices/{}", world.persons["李明"]);
    let told = world.get(&path, &father).await.is(200);
    let first = &told["notices"][0];
    assert_eq!((&first["what"], &first["money"]["settlement"]), (&json!("spent"), &json!(no)));
    assert_eq!((first["money"]["amount"].to_string(), &first["read"]), ("100.00".to_owned(), &json!(false)));
    let all = told["notices"].as_array().expect("messages").len();
    assert_eq!(told["unread"], all);
    let until = json!({ "until": first["at"]["utc"] });
    world.write("POST", &format!("{path}/read"), &stranger, until.clone()).await.is(403);
    world.write("POST", &format!("{path}/read"), &father, until).await.is(200);
    assert_eq!(world.get(&path, &father).await.is(200)["unread"], 0);
    let earlier = json!({ "until": "2020-01-01T00:00:00Z" });
    world.write("POST", &format!("{path}/read"), &father, earlier).await.is(200);
    assert_eq!(world.get(&path, &father).await.is(200)["unread"], 0, "what was read stays read");
    let page = world.get(&format!("{path}?limit=1"), &father).await.is(200);
    assert_eq!(page["notices"].as_array().map(Vec::len), Some(1));
}

/// R-D7, R-H1: if this fails, a giver who finds a stranger's bill cannot stop it, or anybody else can; or no clerk hears
/// of it.
#[tokio::test]
async fn a_giver_puts_a_binding_on_hold_and_a_clerk_looks_into_it() {
    let world = World::new(NOW).await;
    let binding = bound(&world, "李明", "李小明", "child").await["no"].clone();
    let no = settle(&world).await;
    let (child, father) = (world.citizen("李小明").await, world.citizen("李明").await);
    let clerk = world.token(Role::Clerk, None).await;
    let case = json!({ "settlement": no, "binding": binding });
    world.write("POST", "/cases", &child, case.clone()).await.is(404);
    let opened = world.write("POST", "/cases", &father, case.clone()).await.is(200);
    assert_eq!((&opened["settlement"], opened["amount"].to_string()), (&json!(no), "100.00".to_owned()));
    let state = |token: String, at: String| {
        let world = &world;
        async move { world.get(&at, &token).await.is(200)["status"]["state"].clone() }
    };
    let path = format!("/bindings/{binding}");
    assert_eq!(state(father.clone(), path.clone()).await, "on_hold");
    let ask = json!({ "beneficiary": who("李小明"), "institution": "H32030000001" }).to_string();
    let would = world.send("POST", "/explain/would", Some(&child), None, ask).await.is(200);
    assert_eq!(would["givers"][0]["reasons"][0]["code"], "BINDING_ON_HOLD");
    // Said once more it is the same case, and nothing is put on hold twice.
    let again = world.write("POST", "/cases", &father, case).await.is(200);
    assert_eq!(again["no"], opened["no"]);

    let cases = world.get("/cases", &clerk).await.is(200);
    assert_eq!(cases["cases"].as_array().map(Vec::len), Some(1));
    let elsewhere = world.token_of(Role::Clerk, None, Area::parse("450100").expect("Nanning")).await;
    assert_eq!(world.get("/cases", &elsewhere).await.is(200)["cases"], json!([]));
    let key = opened["no"].as_str().expect("a key");
    let close = format!("/cases/{key}/close");
    world.write("POST", &close, &elsewhere, json!({ "outcome": "relative" })).await.is(403);
    world.write("POST", &close, &clerk, json!({ "outcome": "maybe" })).await.is(400);
    let closed = world.write("POST", &close, &clerk, json!({ "outcome": "relative" })).await.is(200);
    assert_eq!(closed["outcome"], "relative");
    let later = world.write("POST", &close, &clerk, json!({ "outcome": "somebody_else" })).await.is(200);
    assert_eq!(later["outcome"], "relative", "what was closed stays closed");
    assert_eq!(world.get(&format!("/cases/{key}"), &father).await.is(200)["outcome"], "relative");
    world.get(&format!("/cases/{key}"), &child).await.is(403);

    let events = format!("{path}/events");
    let lift = json!({ "event": "lift" });
    world.write("POST", &events, &child, lift.clone()).await.is(422);
    world.write("POST", &events, &father, lift).await.is(200);
    assert_eq!(state(father, path).await, "in_force");
}

/// R-D7, R-D9: if this fails, a clerk opens a case in nobody's name, for somebody whom their hall does not serve, or for a
/// bill that the person's account did not pay.
#[tokio::test]
async fn a_clerk_opens_a_case_for_the_giver_at_the_counter() {
    let world = World::new(NOW).await;
    let binding = bound(&world, "李明", "李小明", "child").await["no"].clone();
    let no = settle(&world).await;
    let (father, clerk) = (world.citizen("李明").await, world.token(Role::Clerk, None).await);
    let elsewhere = world.token_of(Role::Clerk, None, Area::parse("450100").expect("Nanning")).await;
    let said = |giver: &str| json!({ "settlement": no, "binding": binding, "on_behalf_of": who(giver) });
    let plain = json!({ "settlement": no, "binding": binding });
    for (token, body, status) in [
        (&clerk, plain, 400),
        (&clerk, said("李小明"), 404),
        (&elsewhere, said("李明"), 403),
        (&father, said("李明"), 400),
        (&world.operator, said("李明"), 403),
    ] {
        world.write("POST", "/cases", token, body).await.is(status);
    }
    let opened = world.write("POST", "/cases", &clerk, said("李明")).await.is(200);
    let decision = world.get(&format!("/explain/did/{}", opened["hold"]), &father).await.is(200);
    assert_eq!((&decision["by"]["role"], &decision["number"]), (&json!("clerk"), &binding), "{decision}");
    let again =
        world.write("POST", "/cases", &father, json!({ "settlement": no, "binding": binding })).await.is(200);
    assert_eq!((&again["no"], &again["hold"]), (&opened["no"], &opened["hold"]), "one case, one hold");
}

/// R-D7: if this fails, a case that is open again is listed as closed, or twice; or somebody who acts for no giver lifts a hold.
#[tokio::test]
async fn a_case_that_is_open_again_stands_with_the_open_ones() {
    let world = World::new(NOW).await;
    let binding = bound(&world, "李明", "李小明", "child").await["no"].clone();
    let bill = settle(&world).await;
    let (father, clerk) = (world.citizen("李明").await, world.token(Role::Clerk, None).await);
    let doubted = json!({ "settlement": bill, "binding": binding });
    let (close, lifting) =
        (format!("/cases/{bill}-{binding}/close"), json!({ "outcome": "relative", "lift": true }));
    let state =
        async || world.get(&format!("/bindings/{binding}"), &father).await.is(200)["status"]["state"].clone();
    for times in 0..3 {
        let opened = world.write("POST", "/cases", &father, doubted.clone()).await.is(200);
        assert_eq!(opened["earlier"].as_array().map(Vec::len), Some(times), "{opened}");
        assert_eq!((&opened["closed"], &opened["beside"]), (&Value::Null, &json!([])));
        for (which, count) in [("open", 1), ("closed", 0)] {
            let list = world.get(&format!("/cases?state={which}"), &clerk).await.is(200);
            assert_eq!(list["cases"].as_array().map(Vec::len), Some(count), "{times}: {which}");
        }
        assert_eq!(state().await, "on_hold");
        let agency = world.write("POST", &close, &world.operator, lifting.clone()).await;
        assert_eq!(agency.is(400)["field"], "lift");
        let closed = world.write("POST", &close, &clerk, lifting.clone()).await.is(200);
        assert_eq!((&closed["outcome"], state().await), (&json!("relative"), json!("in_force")));
        let open = world.get("/cases?state=open", &clerk).await.is(200);
        assert_eq!(open["cases"], json!([]), "{times}");
    }
}

/// If this fails, a clerk reads the first cases only, or some twice, or closed ones before open ones.
#[tokio::test]
async fn cases_are_read_page_by_page_open_ones_first() {
    let world = World::new(NOW).await;
    let binding = bound(&world, "李明", "李小明", "child").await["no"].clone();
    let (father, clerk) = (world.citizen("李明").await, world.token(Role::Clerk, None).await);
    let mut bills = Vec::new();
    for id in ["one", "two", "three"] {
        bills.push(crate::asking::settle_as(&world, id).await);
        let later = world.app.clock.now().plus_millis(3_600_000);
        world.app.clock.move_to(later).expect("a sandbox");
    }
    for bill in &bills {
        let case = json!({ "settlement": bill, "binding": binding });
        world.write("POST", "/cases", &father, case).await.is(200);
        let later = world.app.clock.now().plus_millis(60_000);
        world.app.clock.move_to(later).expect("a sandbox");
    }
    let close = format!("/cases/{}-{binding}/close", bills[0]);
    world.write("POST", &close, &clerk, json!({ "outcome": "relative" })).await.is(200);
    let elsewhere = world.token_of(Role::Clerk, None, Area::parse("450100").expect("Nanning")).await;
    let of = async |area| world.token_of(Role::Clerk, None, Area::parse(area).expect("an area")).await;
    let (province, city, next_city) = (of("320000").await, of("320300").await, of("320100").await);
    let all = || vec![bills[1], bills[2], bills[0]];
    for (token, state, expected) in [
        (&clerk, "", all()),
        (&province, "", all()),
        (&city, "", all()),
        (&city, "&state=open", vec![bills[1], bills[2]]),
        (&city, "&state=closed", vec![bills[0]]),
        (&next_city, "", Vec::new()),
        (&elsewhere, "", Vec::new()),
    ] {
        let (mut read, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = world.get(&format!("/cases?limit=1&cursor={cursor}{state}"), token).await.is(200);
            let cases = page["cases"].as_array().expect("cases");
            read.extend(cases.iter().map(|it| it["settlement"].as_u64().expect("a number")));
            match page["next"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(read, expected, "{state}");
    }
    let settled = |token: &String, cases: usize| (token.clone(), json!({ "count": cases, "more": false }));
    for (token, counted) in [settled(&city, 2), settled(&province, 2), settled(&next_city, 0)] {
        let waits = world.get("/waiting", &token).await.is(200);
        assert_eq!((&waits["cases"], &waits["amendments"]["count"]), (&counted, &json!(0)));
    }
    for (query, field) in
        [("state=shut", "state"), ("cursor=x", "cursor"), ("cursor=1:320300:&state=open", "cursor")]
    {
        assert_eq!(world.get(&format!("/cases?{query}"), &city).await.is(400)["field"], field);
    }
    // A city's cases lie by themselves: those of the nation are not looked through for them.
    let open = world.app.desk.list("case-order:0:320300", world.app.clock.now()).await.expect("the desk");
    assert_eq!(open.len(), 2);
}
