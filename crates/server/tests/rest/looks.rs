//! Looks of staff at people's data: each is on record with who, whom, by which route and why, and is shown to the person.

use crate::asking::settle;
use crate::reviews::in_review;
use crate::world::{World, id_of, who};
use domain::ids::Area;
use serde_json::{Value, json};
use server::tokens::Role;

const NOW: &str = "2025-06-16 10:00";
const STAFF: [Role; 4] = [Role::Clerk, Role::Supervisor, Role::Operator, Role::Auditor];

/// Routes that staff look by and that show nobody's data, or what staff themselves asked for.
const SHOW_NOBODY: [&str; 18] = [
    "/areas",
    "/places",
    "/drugs",
    "/drugs/{row}",
    "/explain/slip/{number}",
    "/me",
    "/institutions",
    "/institutions/{code}",
    "/institutions/{code}/credentials",
    "/institutions/{code}/mappings",
    "/requests/{sender}/{*id}",
    "/policies/current",
    "/looks",
    "/persons/{no}/looks",
    "/webhooks",
    "/webhooks/{no}/deliveries",
    "/statistics",
    "/waiting",
];

/// What each route is called with to show 李小明's data or that of his father.
struct Town {
    world: World,
    binding: Value,
    settlement: u64,
    serial: Value,
    case: Value,
    /// A binding of others that the agency reviews.
    in_review: Value,
}

async fn town() -> Town {
    let world = World::new(NOW).await;
    let body = json!({ "giver": who("李明"), "beneficiary": who("李小明"), "relation": "child",
        "since": "2024-01-15T01:00:00Z" });
    let made = world.post("/bindings/takeovers", body).await.is(201);
    let (binding, serial) = (made["no"].clone(), made["serial"].clone());
    let settlement = settle(&world).await;
    let doubted = json!({ "settlement": settlement, "binding": binding });
    let amended = json!({ "on_behalf_of": who("李小明"), "card": "C-NEW", "why": "录入错误",
        "documents": [{ "kind": "id_card", "seen": "original" }] });
    world.write("POST", "/amendments", &world.token(Role::Clerk, None).await, amended).await.is(201);
    let in_review = in_review(&world, &world.token(Role::Clerk, None).await).await["no"].clone();
    let case = world.write("POST", "/cases", &world.citizen("李明").await, doubted).await.is(200);
    Town { world, binding, settlement, serial, case: case["no"].clone(), in_review }
}

impl Town {
    /// Method, path and body that call a route.
    fn called(&self, path: &str) -> Option<(&'static str, String, Value)> {
        let child = self.world.persons["李小明"];
        let get = |path: String| Some(("GET", path, Value::Null));
        let ask = |body: Value| Some(("POST", path.to_owned(), body));
        let pair = json!({ "giver": who("李明"), "beneficiary": who("李小明"), "relation": "child" });
        match path {
            "/persons/find" => ask(who("李小明")),
            "/persons/called" => ask(json!({ "name": "李小明", "born": "2016-06-01" })),
            "/explain/would" => ask(json!({ "beneficiary": who("李小明"), "institution": "H32030000001" })),
            "/explain/binding" => ask(pair),
            "/commitment" => {
                let mut pair = pair;
                pair["on_behalf_of"] = who("李明");
                ask(pair)
            }
            "/bindings/{no}" | "/bindings/{no}/history" | "/bindings/{no}/commitment" => {
                get(path.replace("{no}", &self.binding.to_string()))
            }
            "/bindings/{no}/options" => {
                let served = self.world.persons["李明"];
                get(format!("/bindings/{}/options?on_behalf_of={served}", self.binding))
            }
            "/cases" | "/amendments" | "/reviews" => get(path.to_owned()),
            "/bindings/{no}/review" => get(path.replace("{no}", &self.in_review.to_string())),
            "/cases/{no}" => get(path.replace("{no}", self.case.as_str().unwrap_or(&self.case.to_string()))),
            "/settlements/{no}" => get(path.replace("{no}", &self.settlement.to_string())),
            "/explain/did/{serial}" => get(path.replace("{serial}", &self.serial.to_string())),
            other if other.contains("{no}") => get(other.replace("{no}", &child.to_string())),
            _ => None,
        }
    }

    /// The looks at 李小明, at his father and at the father who is in review, as they read them: route, role and reason of each.
    async fn seen(&self) -> Vec<(String, String, String)> {
        let mut seen = Vec::new();
        for name in ["李小明", "李明", "梁志远"] {
            let path = format!("/persons/{}/looks?limit=200", self.world.persons[name]);
            let found = self.world.get(&path, &self.world.citizen(name).await).await.is(200);
            let text = |it: &Value, name: &str| it[name].as_str().expect("a word").to_owned();
            let looks = found["looks"].as_array().expect("looks");
            seen.extend(looks.iter().map(|it| (text(it, "route"), text(it, "role"), text(it, "why"))));
        }
        seen
    }
}

/// If this fails, somebody of the staff reads a person's data and the person never learns of it; or a new route shows
/// people and nobody has thought of this.
#[tokio::test]
async fn every_route_that_shows_somebody_records_who_looked() {
    let town = town().await;
    for role in STAFF {
        let token = town.world.token(role, None).await;
        for (method, path, roles) in server::rest::permissions() {
            let writes = ["POST", "PUT"].contains(&method)
                && !["/persons/find", "/persons/called"].contains(&path)
                && !["/explain/would", "/explain/binding", "/commitment"].contains(&path);
            // A photograph is shown to nobody who does not say why: the test of photographs looks at that.
            let writes = writes || path.contains("{digest}");
            if !roles.contains(&role) || writes || SHOW_NOBODY.contains(&path) {
                continue;
            }
            let called = town.called(path).unwrap_or_else(|| panic!("{path}: does it show somebody?"));
            let body = if called.2.is_null() { String::new() } else { called.2.to_string() };
            town.world.send(called.0, &called.1, Some(&token), None, body).await.is(200);
            let look = (format!("{method} {path}"), role.word().to_owned(), "unstated".to_owned());
            assert!(town.seen().await.contains(&look), "{look:?}");
        }
    }
}

/// If this fails, a person reads of looks that were none: those that were refused, and their own.
#[tokio::test]
async fn who_was_not_let_look_has_not_looked() {
    let town = town().await;
    let child = town.world.persons["李小明"];
    let nanning = Area::parse("450100").expect("an area");
    let clerk = town.world.token_of(Role::Clerk, None, nanning).await;
    town.world.get(&format!("/persons/{child}"), &clerk).await.is(403);
    town.world.get(&format!("/persons/{child}"), &town.world.citizen("李小明").await).await.is(200);
    assert_eq!(town.seen().await, []);
    let stranger = town.world.citizen("赵丽").await;
    town.world.get(&format!("/persons/{child}/looks"), &stranger).await.is(403);
    let clerk = town.world.token(Role::Clerk, None).await;
    town.world.get(&format!("/persons/{child}/looks"), &clerk).await.is(403);
}

async fn looked_for(town: &Town, token: &str, why: &str) -> (u16, Value) {
    let path = format!("/api/v1/persons/{}", town.world.persons["李小明"]);
    let answer = town.world.send_with("GET", &path, token, &[("look-reason", why)]).await;
    (answer.status, answer.json())
}

/// If this fails, the reason a clerk stated is lost, or anything at all is taken for one.
#[tokio::test]
async fn a_look_has_a_reason_and_is_put_down_once_a_minute() {
    let town = town().await;
    let clerk = town.world.token(Role::Clerk, None).await;
    for _ in 0..2 {
        assert_eq!(looked_for(&town, &clerk, "phone").await.0, 200);
    }
    let (status, problem) = looked_for(&town, &clerk, "curiosity").await;
    assert_eq!((status, &problem["field"]), (400, &json!("Look-Reason")));
    let look = ("GET /persons/{no}".to_owned(), "clerk".to_owned(), "phone".to_owned());
    assert_eq!(town.seen().await, [look]);
}

/// If this fails, whoever leads a hall does not see what its clerks look at, or sees another area's.
#[tokio::test]
async fn looks_are_shown_to_who_leads_the_area() {
    let town = town().await;
    let clerk = town.world.token(Role::Clerk, None).await;
    assert_eq!(looked_for(&town, &clerk, "in_person").await.0, 200);
    let area = |text: &str| Area::parse(text).expect("an area");
    for (of, path, seen) in [
        ("320300", "/looks", Ok(1)),
        ("320300", "/looks?day=2025-06-15", Ok(0)),
        ("450100", "/looks", Ok(0)),
        ("450100", "/looks?area=320300", Err(403)),
        ("320000", "/looks?area=320300", Ok(1)),
        ("320000", "/looks", Err(400)),
        ("000000", "/looks", Err(400)),
        ("000000", "/looks?area=320300", Ok(1)),
        ("110000", "/looks", Ok(0)),
    ] {
        let leader = town.world.token_of(Role::Supervisor, None, area(of)).await;
        let answer = town.world.get(path, &leader).await;
        let found = answer.json()["looks"].as_array().map(Vec::len);
        assert_eq!(found.ok_or(answer.status), seen, "{of} {path}");
    }
}

/// If this fails, a person without their card at hand cannot be found, or somebody is found who is called otherwise.
#[tokio::test]
async fn people_are_found_by_name_and_day_of_birth() {
    let world = World::new(NOW).await;
    let namesake = json!({ "psn_no": "9", "name": "李明", "id_number": "990000198503120131",
        "born": "1985-03-12", "sex": "male" });
    let no = world.post("/persons", namesake).await.is(201)["no"].clone();
    let enrolment = json!({ "person": { "no": no }, "scheme": "resident", "area": "450100",
        "category": "adult", "from": "2020-01-01" });
    world.post("/enrolments", enrolment).await.is(201);
    let ask = async |token: &str, name: &str, born: &str| {
        let body = json!({ "name": name, "born": born }).to_string();
        let found = world.send("POST", "/persons/called", Some(token), None, body).await.is(200);
        let mut numbers: Vec<String> = Vec::new();
        for it in found["persons"].as_array().expect("persons") {
            numbers.push(it["id_number"].as_str().expect("masked").to_owned());
        }
        numbers.sort();
        numbers
    };
    let nation = world.token(Role::Clerk, None).await;
    let xuzhou = world.token_of(Role::Clerk, None, Area::parse("320300").expect("an area")).await;
    assert!(id_of("李明").ends_with("0115"));
    for (token, name, born, found) in [
        (&nation, "李明", "1985-03-12", &["9900**********0115", "9900**********0131"][..]),
        (&xuzhou, " 李明 ", "1985-03-12", &["9900**********0115"]),
        (&nation, "李明", "1985-03-13", &[]),
        (&nation, "李", "1985-03-12", &[]),
    ] {
        assert_eq!(ask(token, name, born).await, found, "{name} {born}");
    }
}

/// If this fails, a person who was looked at often reads the latest looks only, or reads some twice.
#[tokio::test]
async fn looks_are_read_page_by_page() {
    let town = town().await;
    let clerk = town.world.token(Role::Clerk, None).await;
    let said = ["in_person", "phone", "review"];
    for (minute, why) in said.iter().enumerate() {
        let to = domain::day::Moment::parse(&format!("2025-06-16 10:0{}", minute + 1)).expect("a moment");
        town.world.app.clock.move_to(to).expect("a sandbox");
        assert_eq!(looked_for(&town, &clerk, why).await.0, 200);
    }
    let leader = town.world.token_of(Role::Supervisor, None, Area::parse("320300").expect("an area")).await;
    let child = town.world.persons["李小明"];
    let own = town.world.citizen("李小明").await;
    for (path, token) in [(format!("/persons/{child}/looks"), &own), ("/looks".to_owned(), &leader)] {
        let (mut read, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = town.world.get(&format!("{path}?limit=2&cursor={cursor}"), token).await.is(200);
            let looks = page["looks"].as_array().expect("looks").clone();
            assert!((1..=2).contains(&looks.len()), "{page}");
            read.extend(looks.iter().map(|it| it["why"].as_str().expect("a word").to_owned()));
            match page["next"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(read, ["review", "phone", "in_person"], "{path}");
    }
}
