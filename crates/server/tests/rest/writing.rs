//! Writes and what they leave behind; the same key gives the same answer for ever.

use crate::world::{World, id_of, who};
use domain::day::Moment;
use domain::ids::Area;
use serde_json::{Value, json};
use server::clock::Clock;
use server::tokens::Role;

const NOW: &str = "2025-06-16 10:00";

fn person(name: &str, id: &str) -> Value {
    json!({ "psn_no": format!("320300{}", &id[6..]).replace('X', "0"), "name": name, "id_number": id,
        "born": format!("{}-{}-{}", &id[6..10], &id[10..12], &id[12..14]),
        "sex": if id.as_bytes()[16] % 2 == 1 { "male" } else { "female" } })
}

#[tokio::test]
async fn a_person_is_taken_in_found_and_read_back() {
    let world = World::empty(NOW).await;
    let made = world.post("/persons", person("李明", "990000198503120115")).await.is(201);
    assert_eq!(made["name"], "李明");
    assert_eq!(made["decided"], json!({ "utc": "2025-06-16T02:00:00Z", "china_day": "2025-06-16" }));
    let found = world.post("/persons/find", who("李明")).await.is(200);
    assert_eq!(found["no"], made["no"]);
    let shown = world.get(&format!("/persons/no:{}", made["no"]), &world.operator).await.is(200);
    assert_eq!((&shown["born"], &shown["sex"]), (&json!("1985-03-12"), &json!("male")));
    let again = world.post("/persons", person("李明", "990000198503120115")).await;
    assert_eq!(again.codes(), (422, vec!["PERSON_KNOWN".to_owned()]));
    assert_eq!(again.json()["money"], "没有扣钱");
    let unknown = world.post("/persons/find", json!({ "card": "C1" })).await;
    assert_eq!(unknown.codes(), (422, vec!["PERSON_UNKNOWN".to_owned()]));
}

#[tokio::test]
async fn enrolments_change_and_end_with_death() {
    let world = World::new(NOW).await;
    let change = |change: Value| {
        let mut body = json!({ "person": who("李明"), "scheme": "employee" });
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        body
    };
    let paused = change(json!({ "change": "pause", "day": "2025-06-01" }));
    let paused = world.post("/enrolments/changes", paused).await.is(200);
    assert_eq!(paused["enrolments"][0]["standing"], "paused");
    let resumed = change(json!({ "change": "resume", "day": "2025-06-16" }));
    let resumed = world.post("/enrolments/changes", resumed).await.is(200);
    assert_eq!(resumed["enrolments"][0]["standing"], "normal");
    let moved = change(json!({ "change": "move", "area": "320100", "day": "2025-06-16" }));
    let moved = world.post("/enrolments/changes", moved).await.is(200);
    assert_eq!(moved["enrolments"].as_array().map(Vec::len), Some(2));
    let account = format!("/persons/{}/account", world.persons["李明"]);
    let account = world.get(&account, &world.operator).await.is(200);
    let totals: Vec<String> = (account["accounts"].as_array().expect("accounts").iter())
        .map(|it| format!("{} {}", it["area"]["code"], it["total"]))
        .collect();
    assert_eq!(totals, ["\"320100\" 2000.00", "\"320300\" 0.00"]);
    let death = format!("/persons/{}/death", world.persons["李明"]);
    let dead = world.post(&death, json!({ "on": "2025-06-16" })).await.is(200);
    assert_eq!(dead["died"], "2025-06-16");
}

/// If this fails, an amount is read or written through a float, or a wrong credit goes below zero.
#[tokio::test]
async fn credits_are_exact_and_a_take_back_never_goes_below_zero() {
    let world = World::new(NOW).await;
    let credit =
        format!(r#"{{"person":{{"id_number":"{}"}},"prior":0.1,"current":"1000000000.07"}}"#, id_of("赵丽"));
    let answer = world.send("POST", "/accounts/credits", Some(&world.operator), Some("c"), credit).await;
    assert_eq!(answer.status, 201);
    let text = String::from_utf8(answer.bytes).expect("text");
    assert!(text.contains(r#""prior":0.10,"current":1000000600.07,"total":1000000600.17"#), "{text}");
    let back = json!({ "person": who("赵丽"), "amount": "2000000000" });
    let back = world.post("/accounts/take-backs", back).await.is(201);
    assert_eq!(back["accounts"][0]["total"].to_string(), "0.00");
    let nothing = world.post("/accounts/credits", json!({ "person": who("李小明"), "current": 1 })).await;
    assert_eq!(nothing.codes(), (422, vec!["ACCOUNT_UNKNOWN".to_owned()]));
}

#[tokio::test]
async fn entries_come_in_pages_that_cut_through_no_decision() {
    let world = World::new(NOW).await;
    for _ in 0..3 {
        let credit = json!({ "person": who("李明"), "prior": "1.00", "current": "2.00" });
        world.post("/accounts/credits", credit).await.is(201);
    }
    let path = format!("/persons/{}/entries?limit=3", world.persons["李明"]);
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("{path}{next}"), &world.operator).await.is(200);
        seen.extend(page["entries"].as_array().expect("entries").iter().map(|it| it["amount"].to_string()));
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    seen.sort();
    assert_eq!(seen, ["1.00", "1.00", "1.00", "1200.00", "2.00", "2.00", "2.00", "800.00"]);
}

#[tokio::test]
async fn institutions_have_designations_credentials_and_mappings() {
    let world = World::new(NOW).await;
    let place = json!({ "name": "徐州医院", "area": "320382", "kind": "hospital", "level": "tertiary",
        "designations": [{ "from": "2020-01-01", "to": "2025-01-31" }] });
    world.write("PUT", "/institutions/H32030000009", &world.operator, place).await.is(200);
    let shown = world.get("/institutions/H32030000009", &world.operator).await.is(200);
    assert_eq!(shown["area"]["code"], "320300");
    assert_eq!((&shown["name"], &shown["designated"]), (&json!("徐州医院"), &json!(false)));
    let path = "/institutions/H32030000009/credentials";
    let made = world.post(path, json!({ "scheme": "api" })).await.is(201);
    let key = made["access_key"].as_str().expect("a key");
    let found = server::gateway_keys::find(&world.app, key).await.expect("the store").expect("a credential");
    assert_eq!(found.institution.to_string(), "H32030000009");
    assert_eq!((json!(found.secrets[0].text), found.scheme.as_str()), (made["secret"].clone(), "api"));
    assert!(server::gateway_keys::find(&world.app, "nobody").await.expect("the store").is_none());
    let pairs = json!({ "pairs": [{ "own_code": "A1", "national_code": "ZA04CDX0534010103065" }] });
    let mapped = world.write("PUT", "/institutions/H32030000009/mappings", &world.operator, pairs).await;
    assert_eq!(mapped.is(200)["mapped"], 1);
    own_codes_are_listed_and_taken_back(&world, "/institutions/H32030000009/mappings").await;
    world.get("/institutions/H32030000008", &world.operator).await.is(404);
}

/// R-J2: if this fails, an agency cannot see what an institution's codes stand for, or takes back what is another's.
async fn own_codes_are_listed_and_taken_back(world: &World, path: &str) {
    let national = "ZA01BAX0377010100093";
    let more = ["B1", "C1"].map(|own| json!({ "own_code": own, "national_code": national }));
    world.write("PUT", path, &world.operator, json!({ "pairs": more })).await.is(200);
    let first = world.get(&format!("{path}?limit=2"), &world.operator).await.is(200);
    let pair = |own: &str, national: &str| json!({ "own_code": own, "national_code": national });
    assert_eq!(first["pairs"], json!([pair("A1", "ZA04CDX0534010103065"), pair("B1", national)]));
    let rest = format!("{path}?limit=2&cursor={}", first["next"].as_str().expect("there is more"));
    let rest = world.get(&rest, &world.operator).await.is(200);
    assert_eq!((&rest["pairs"], &rest["next"]), (&json!([pair("C1", national)]), &Value::Null));
    let removals = format!("{path}/removals");
    let long = "长".repeat(151);
    let one = |own: &str| json!({ "own_code": own });
    for (codes, field) in [
        (vec![], "codes"),
        (vec![one("B1"); 2_001], "codes"),
        (vec![one("B1"), one("")], "codes[1].own_code"),
        (vec![one(&long)], "codes[0].own_code"),
        (vec![one("B1"), one("B1")], "codes[1].own_code"),
    ] {
        assert_eq!(world.post(&removals, json!({ "codes": codes })).await.is(400)["field"], field);
    }
    let wrong = json!({ "codes": [{ "own_code": "B1" }, { "own_code": "C1", "national_code": "ZA04CDX0534010103065" }] });
    let refused = world.post(&removals, wrong).await;
    assert_eq!(refused.codes(), (422, vec!["MAPPING_UNKNOWN".to_owned()]), "all or none");
    let right = json!({ "codes": [{ "own_code": "B1" }, { "own_code": "C1", "national_code": national }] });
    assert_eq!(world.post(&removals, right).await.is(200)["unmapped"], 2);
    let left = world.get(path, &world.operator).await.is(200);
    assert_eq!(left["pairs"], json!([pair("A1", "ZA04CDX0534010103065")]));
    let elsewhere = world.token_of(Role::Operator, None, Area::parse("450100").expect("an area")).await;
    assert_eq!(world.get(path, &elsewhere).await.status, 403);
    let other = json!({ "codes": [{ "own_code": "A1" }] });
    assert_eq!(world.write("POST", &removals, &elsewhere, other).await.status, 403);
}

/// R-L1: if this fails, the agency cannot suspend an institution from a day, or a suspension is lost by registering again.
#[tokio::test]
async fn institutions_are_suspended_resumed_and_able_by_date() {
    let world = World::new(NOW).await;
    let path = "/institutions/H32030000001/changes";
    let changes = [
        (
            json!({ "change": "suspend", "from": "2025-06-16", "why": " 核查费用 " }),
            200,
            "suspended",
            json!(true),
        ),
        (json!({ "change": "suspend", "from": "2025-07-16", "why": "再查" }), 422, "", json!(null)),
        (json!({ "change": "suspend", "from": "2025-06-16" }), 400, "", json!(null)),
        (json!({ "change": "suspend", "from": "2025-06-16", "why": "a\nb" }), 400, "", json!(null)),
        (json!({ "change": "resume", "from": "2025-06-16", "why": "x" }), 400, "", json!(null)),
        (json!({ "change": "resume", "from": "2025-06-20" }), 200, "suspended", json!(true)),
        (json!({ "change": "end_designation", "to": "2025-12-31" }), 200, "designated", json!(true)),
        (json!({ "change": "designate", "from": "2026-02-01" }), 200, "designated", json!(true)),
        (
            json!({ "change": "able", "capability": "shared", "periods": [{ "from": "2025-07-01" }] }),
            200,
            "",
            json!(null),
        ),
        (json!({ "change": "able", "capability": "shared" }), 400, "", json!(null)),
    ];
    for (change, status, field, expected) in changes {
        let answer = world.write("POST", path, &world.operator, change.clone()).await;
        assert_eq!(answer.status, status, "{change}");
        if !field.is_empty() {
            assert_eq!(answer.is(200)[field], expected, "{change}");
        }
    }
    let again = json!({ "name": "医院", "area": "320300", "kind": "hospital", "level": "secondary",
        "designations": [{ "from": "2020-01-01" }] });
    world.write("PUT", "/institutions/H32030000001", &world.operator, again).await.is(200);
    let shown = world.get("/institutions/H32030000001", &world.operator).await.is(200);
    let suspensions = json!([{ "from": "2025-06-16", "to": "2025-06-19", "why": "核查费用" }]);
    assert_eq!(shown["suspensions"], suspensions);
    let able = json!([{ "capability": "shared", "periods": [{ "from": "2025-07-01", "to": null }] }]);
    assert_eq!(shown["capabilities"], able);
    let page = world.get("/institutions?limit=1", &world.operator).await.is(200);
    assert_eq!((&page["institutions"][0], &page["next"]), (&shown, &json!("H32030000001")));
    let rest = world.get("/institutions?limit=9&cursor=H32030000001", &world.operator).await.is(200);
    assert_eq!((&rest["institutions"][0]["code"], &rest["next"]), (&json!("H45010000001"), &json!(null)));
}

/// If this fails, a file that was cut short is taken in while the books are served, or in part of the country's name.
#[tokio::test]
async fn files_are_taken_in_as_at_the_console() {
    let world = World::new(NOW).await;
    let token = Some(world.operator.as_str());
    let psn = |id: &str, area: &str| format!("{area}{}", &id[6..18]);
    let (li, wei) = (psn("990000198503120115", "320300"), "320300000000000000");
    let text = format!("psn_no,amount,reference\n{li},5.00,r1\n{wei},2.50,r2\n{li},1.5,r3\n");
    let send = |query: &'static str, text: &str| world.send("POST", query, token, None, text.to_owned());
    let refused = [
        ("/intake/credits", 400),
        ("/intake/credits?rows=3", 400),
        ("/intake/credits?rows=2&sum=7.50", 400),
        ("/intake/credits?rows=3&sum=9.00", 400),
        ("/intake/credits?rows=x&sum=7.50", 400),
        ("/intake/credits?rows=3&sum=7.50&check=yes", 400),
        ("/intake/money?rows=3&sum=7.50", 400),
        ("/intake/persons?rows=3", 400),
    ];
    for (query, status) in refused {
        assert_eq!(send(query, &text).await.status, status, "{query}");
    }
    let area = Area::parse("320300").expect("an area");
    let city = world.token_of(Role::Operator, None, area).await;
    let path = "/intake/credits?rows=3&sum=7.50";
    world.send("POST", path, Some(&city), None, text.clone()).await.is(403);
    let checked = send("/intake/credits?rows=3&sum=7.50&check=1", &text).await.is(200);
    assert_eq!((&checked["taken"], &checked["check"]), (&json!(1), &json!(true)));
    let came = send(path, &text).await.is(200);
    let counts = |it: &Value| (it["taken"].clone(), it["before"].clone(), it["rejected"].clone());
    assert_eq!(counts(&came), (json!(1), json!(0), json!(2)));
    let codes: Vec<_> =
        came["rejected_lines"].as_array().expect("lines").iter().map(|it| &it["code"]).collect();
    assert_eq!(codes, ["AMOUNT", "PERSON_UNKNOWN"]);
    assert_eq!(counts(&send(path, &text).await.is(200)), (json!(0), json!(1), json!(2)));
}

/// If this fails, a caller that asks again pays twice, or is told something else than the first time.
#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_takes_no_other_body() {
    let world = World::new(NOW).await;
    let (token, path) = (Some(world.operator.as_str()), "/accounts/credits");
    let body = |amount: &str| json!({ "person": who("李明"), "current": amount }).to_string();
    let first = world.send("POST", path, token, Some("k1"), body("5.00")).await;
    assert_eq!((first.status, first.headers.get("idempotent-replayed")), (201, None));
    let again = world.send("POST", path, token, Some("k1"), format!(" {}", body("5.0"))).await;
    assert_eq!((again.status, &again.bytes), (201, &first.bytes));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let other = world.send("POST", path, token, Some("k1"), body("6.00")).await;
    assert_eq!(other.codes(), (409, vec!["KEY_REUSED".to_owned()]));
    let elsewhere = world.send("POST", "/accounts/take-backs", token, Some("k1"), body("5.00")).await;
    assert_eq!(elsewhere.status, 400, "amount is missing: nothing is stored");
    let refused = json!({ "person": who("李小明"), "current": 1 }).to_string();
    let refused_first = world.send("POST", path, token, Some("k2"), refused.clone()).await;
    let refused_again = world.send("POST", path, token, Some("k2"), refused).await;
    assert_eq!(refused_first.bytes, refused_again.bytes);
    assert_eq!((refused_again.status, refused_first.status), (422, 422));
    let became = world.get("/requests/me/k1", &world.operator).await.is(200);
    assert_eq!((&became["state"], &became["status"]), (&json!("decided"), &json!(201)));
    assert_eq!(became["answer"], first.json());
    let became = world.get("/requests/me/k/3", &world.operator).await.is(200);
    assert_eq!(became["state"], "unknown");
}

/// If this fails, a credential whose answer was lost is lost too, or one key makes two.
#[tokio::test]
async fn what_is_neither_money_nor_law_is_done_once_for_a_key_too() {
    let world = World::new(NOW).await;
    let (token, path) = (Some(world.operator.as_str()), "/institutions/H32030000001/credentials");
    let body = |scheme: &str| json!({ "scheme": scheme }).to_string();
    let first = world.send("POST", path, token, Some("k"), body("tif")).await;
    let again = world.send("POST", path, token, Some("k"), body("tif")).await;
    assert_eq!((first.status, first.bytes), (201, again.bytes));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let became = world.get("/requests/me/k", &world.operator).await.is(200);
    assert_eq!((&became["state"], &became["status"]), (&json!("decided"), &json!(201)));
    let other = world.send("POST", path, token, Some("k"), body("ca")).await;
    assert_eq!(other.codes(), (409, vec!["KEY_REUSED".to_owned()]));
}

#[tokio::test]
async fn a_law_book_is_published_or_all_its_mistakes_are_listed() {
    let world = World::empty(NOW).await;
    let before = world.get("/policies/current", &world.operator).await.is(200);
    let wrong = json!({ "files": { "policies/x.toml": "region = 'x'\nname = 'x'" }, "over_current": true });
    let wrong = world.post("/policies", wrong).await;
    assert_eq!(wrong.codes(), (422, vec!["LAW_BOOK_WRONG".to_owned()]));
    assert_eq!(wrong.json()["problems"][0]["file"], "policies/x.toml");
    let right =
        json!({ "files": { "policies/x.toml": "region = '320300'\nname = '徐州市'" }, "over_current": true });
    let published = world.post("/policies", right).await.is(201);
    assert_ne!(published["book"], before["book"]);
    let current = world.get("/policies/current", &world.operator).await.is(200);
    assert_eq!(current["book"], published["book"]);
}

#[tokio::test]
async fn a_sandboxs_clock_moves_forward_only() {
    let world = World::empty(NOW).await;
    let to = |now: &str| json!({ "now": now });
    let moved = world.post("/sandbox/clock", to("2025-06-16T16:00:00Z")).await.is(200);
    assert_eq!(moved["now"], json!({ "utc": "2025-06-16T16:00:00Z", "china_day": "2025-06-17" }));
    assert_eq!(world.post("/sandbox/clock", to("2025-06-16T15:00:00Z")).await.status, 400);
    let me = world.get("/me", &world.operator).await.is(200);
    assert_eq!(me["now"]["china_day"], "2025-06-17");
}

/// If this fails, somebody moves the clock of books that are meant.
#[tokio::test]
async fn outside_a_sandbox_the_clock_has_no_route() {
    let now = Moment::parse(NOW).expect("a moment");
    let world = World::bare(Clock::machine(move || now)).await;
    let answer = world.post("/sandbox/clock", json!({ "now": "2025-06-17T02:00:00Z" })).await;
    assert_eq!(answer.codes(), (404, vec!["NOT_FOUND".to_owned()]));
    assert_eq!(world.app.clock.now(), now);
}

/// If this fails, an outcome that is not known is told as if it were.
#[tokio::test]
async fn busy_says_that_the_outcome_is_not_known_and_the_key_stays_free() {
    let now = Moment::parse(NOW).expect("a moment");
    let world = World::bare(Clock::machine(move || now)).await;
    let body = person("李明", "990000198503120115").to_string();
    let send = || world.send("POST", "/persons", Some(&world.operator), Some("k"), body.clone());
    let busy = send().await;
    assert_eq!(busy.codes(), (503, vec!["BUSY".to_owned()]));
    assert_eq!(busy.headers["retry-after"], "1");
    assert_ne!(busy.json()["money"], "没有扣钱");
    world.app.ensure_law(&server::law::shipped(true)).await.expect("the shipped law");
    assert_eq!(send().await.status, 201);
}
