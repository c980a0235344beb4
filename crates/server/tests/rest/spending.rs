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
