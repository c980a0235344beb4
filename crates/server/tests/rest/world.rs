//! A world to call: an application in memory, tokens, a few people of the demo.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use domain::day::{Day, Moment};
use domain::ids::{Area, InstitutionCode, PersonNo};
use domain::words::{Relation, Side};
use serde_json::{Value, json};
use server::app::App;
use server::clock::Clock;
use server::commitment::{Commitment, VERSION};
use server::texts::AllTexts;
use server::tokens::{NewToken, Role, create};
use server::vault::Vault;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use store::Books;
use store::memory::Memory;
use tower::ServiceExt as _;

/// People of the demo: name, ID number, scheme, category, area, prior, current.
const PEOPLE: &[(&str, &str, &str, &str, &str, &str, &str)] = &[
    ("李明", "990000198503120115", "employee", "active", "320300", "1200.00", "800.00"),
    ("李小明", "990000201606010116", "resident", "child", "320300", "", ""),
    ("赵丽", "990000198609150427", "employee", "active", "320300", "0.00", "600.00"),
    ("王秀英", "990000195807040225", "employee", "retired", "320300", "3000.00", "500.00"),
    ("孙德海", "990000194006100713", "employee", "retired", "320100", "1800.00", "200.00"),
    ("李明长", "990000196601080517", "employee", "active", "320100", "", ""),
    ("韦国强", "990000197808250813", "employee", "active", "450100", "900.00", "300.00"),
    ("吴敏", "990000198806301327", "employee", "active", "320100", "500.00", "1500.00"),
    ("吴桂芳", "99000019600427142X", "resident", "elder", "340100", "", ""),
    ("韦秀兰", "990000195203110827", "resident", "elder", "450100", "", ""),
    ("梁志远", "99000019830514161X", "employee", "active", "440100", "400.00", "300.00"),
    ("梁小雨", "990000201309021628", "resident", "student", "440100", "", ""),
];

pub(crate) struct World {
    pub(crate) app: App,
    router: Router,
    pub(crate) operator: String,
    pub(crate) persons: BTreeMap<&'static str, u64>,
    keys: AtomicU64,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The body, where the status is as expected.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// Status and codes of the reasons of a refusal, or the code of another problem.
    pub(crate) fn codes(&self) -> (u16, Vec<String>) {
        let json = self.json();
        let reasons = json["reasons"].as_array().cloned().unwrap_or_default();
        let code = |it: &Value| it["code"].as_str().unwrap_or_default().to_owned();
        let codes: Vec<String> = reasons.iter().map(code).collect();
        (self.status, if codes.is_empty() { vec![code(&json)] } else { codes })
    }
}

pub(crate) fn id_of(name: &str) -> &'static str {
    PEOPLE.iter().find(|it| it.0 == name).expect("one of the demo's people").1
}

/// Names a person in a body.
pub(crate) fn who(name: &str) -> Value {
    json!({ "id_number": id_of(name) })
}

/// A binding to be started: the commitment signed by one of the demo's people, for a minor if they are neither of the two.
pub(crate) fn signed(giver: &str, beneficiary: &str, relation: &str, signer: &str) -> Value {
    let side = if signer == giver { Side::Giver } else { Side::Beneficiary };
    let letter = Commitment {
        giver: giver.to_owned(),
        beneficiary: beneficiary.to_owned(),
        relation: Relation::parse(relation).expect("a relation"),
        signer: signer.to_owned(),
        side,
        is_guardian: ![giver, beneficiary].contains(&signer),
        day: Day::parse("2025-06-16").expect("a day"),
    };
    let text = letter.text(&AllTexts::shipped());
    json!({ "giver": who(giver), "beneficiary": who(beneficiary), "relation": relation,
        "commitment": { "version": VERSION, "text": text } })
}

impl World {
    /// The law in force and an operator's token; nobody there yet.
    pub(crate) async fn empty(now: &str) -> World {
        let now = Moment::parse(now).expect("a moment");
        let world = World::bare(Clock::sandbox(move || Moment::from_millis(0), now)).await;
        world.app.ensure_law(&server::law::shipped(true)).await.expect("the shipped law");
        world
    }

    /// No law in force yet.
    pub(crate) async fn bare(clock: Clock) -> World {
        World::on(Memory::default(), clock).await
    }

    /// The same on books that may have been used before; its people are not known by name then.
    pub(crate) async fn on(books: impl Books + 'static, clock: Clock) -> World {
        let app = App::new(books, clock, Vault::seeded(1));
        let router = server::rest::router(app.clone());
        let (operator, persons, keys) = (String::new(), BTreeMap::new(), AtomicU64::new(0));
        let mut world = World { app, router, operator, persons, keys };
        world.operator = world.token(Role::Operator, None).await;
        world
    }

    /// With the people of the demo and two hospitals.
    pub(crate) async fn new(now: &str) -> World {
        World::empty(now).await.peopled().await
    }

    /// The same people and hospitals, taken in.
    pub(crate) async fn peopled(self) -> World {
        let mut world = self;
        for (name, id, scheme, category, area, prior, current) in PEOPLE.iter().copied() {
            let sex = if id.as_bytes()[16] % 2 == 1 { "male" } else { "female" };
            let born = format!("{}-{}-{}", &id[6..10], &id[10..12], &id[12..14]);
            let psn_no = format!("{area}{}", &id[6..18]).replace('X', "0");
            let person = json!({ "psn_no": psn_no, "name": name, "id_number": id,
                "card": format!("C{id}"), "card_serial": &id[10..18], "born": born, "sex": sex });
            let made = world.post("/persons", person).await.is(201);
            world.persons.insert(name, made["no"].as_u64().expect("a number"));
            let enrolment = json!({ "person": who(name), "scheme": scheme, "area": area,
                "category": category, "from": "2020-01-01" });
            world.post("/enrolments", enrolment).await.is(201);
            if !prior.is_empty() && (prior, current) != ("0.00", "0.00") {
                let credit = json!({ "person": who(name), "prior": prior, "current": current });
                world.post("/accounts/credits", credit).await.is(201);
            }
        }
        for (code, area) in [("H32030000001", "320300"), ("H45010000001", "450100")] {
            let place = json!({ "name": "医院", "area": area, "kind": "hospital", "level": "tertiary",
                "designations": [{ "from": "2020-01-01" }] });
            world.write("PUT", &format!("/institutions/{code}"), &world.operator, place).await.is(200);
        }
        world
    }

    pub(crate) async fn token(&self, role: Role, person: Option<u64>) -> String {
        self.token_of(role, person, Area::NATION).await
    }

    pub(crate) async fn token_of(&self, role: Role, person: Option<u64>, area: Area) -> String {
        let person = person.map(PersonNo);
        let institution = InstitutionCode::parse("H32030000001").filter(|_| role == Role::Institution);
        let new = NewToken { label: "test".to_owned(), role, area, person, institution, expires: None };
        create(&*self.app.desk, new, self.app.clock.now()).await.expect("a token").1
    }

    /// The own session of one of the demo's people.
    pub(crate) async fn citizen(&self, name: &str) -> String {
        self.token(Role::Citizen, Some(self.persons[name])).await
    }

    /// Writes as the operator.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.write("POST", path, &self.operator, body).await
    }

    /// Writes under a fresh key.
    pub(crate) async fn write(&self, method: &str, path: &str, token: &str, body: Value) -> Answer {
        let key = format!("key-{}", self.keys.fetch_add(1, Ordering::Relaxed));
        self.send(method, path, Some(token), Some(&key), body.to_string()).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", path, Some(token), None, String::new()).await
    }

    /// Sends bytes as they are.
    pub(crate) async fn send_bytes(&self, path: &str, token: &str, bytes: Vec<u8>) -> Answer {
        let request = Request::builder().method("POST").uri(format!("/api/v1{path}"));
        let request = request.header("authorization", format!("Bearer {token}"));
        self.answered(request.body(Body::from(bytes)).expect("a request")).await
    }

    /// Sends with these headers and no body.
    pub(crate) async fn send_with(
        &self,
        method: &str,
        path: &str,
        token: &str,
        headers: &[(&'static str, &str)],
    ) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("authorization", format!("Bearer {token}"));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.answered(request.body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        key: Option<&str>,
        body: String,
    ) -> Answer {
        let path = if path.starts_with("/api") { path.to_owned() } else { format!("/api/v1{path}") };
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.answered(request.body(Body::from(body)).expect("a request")).await
    }

    async fn answered(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("the router always answers");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body").to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }
}
