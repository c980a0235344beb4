//! The door of the REST interface: one call, and the same call again.

use super::docs::operation_id;
use super::routes::{Route, Verb, routes};
use super::{examples, operations};
use crate::fuzzing::{Bench, machine, tells_no_id_number};
use crate::tokens::{NewToken, Role, Token};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, StatusCode, header};
use domain::ids::{Area, InstitutionCode, PersonNo};
use serde_json::{Value, json};
use std::sync::{LazyLock, Mutex};
use tower::ServiceExt as _;

static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(routes);
static ROOM: LazyLock<Mutex<Room>> = LazyLock::new(|| Mutex::new(Room::open()));

/// So many calls go to one application: what they write is kept in memory.
const CALLS_MOST: u64 = 5_000;
/// The place of the examples.
const PLACE: &str = "P32030000077";

/// An application with a few people in it, and how often it was called.
struct Room {
    bench: Bench,
    router: Router,
    calls: u64,
}

/// An answer, whole.
#[derive(PartialEq)]
struct Heard {
    status: StatusCode,
    kind: String,
    bytes: Bytes,
}

/// The first line says what is called, `1post_cases_close 4?limit=5`: an operation as the documents call it, behind it what
/// fills its path, and before it, as a digit, which of the roles that may call it does. The rest is the body.
///
/// # Panics
/// Where something does not hold that has to.
pub fn rest_call(data: &[u8]) {
    let line = data.iter().position(|it| *it == b'\n').unwrap_or(data.len());
    let (head, body) = (&data[..line], data.get(line + 1..).unwrap_or_default());
    let head = String::from_utf8_lossy(head);
    let (operation, places) = head.split_once(' ').unwrap_or((&head, "1"));
    let role = operation.as_bytes().first().filter(|it| it.is_ascii_digit());
    let operation = operation.trim_start_matches(|it: char| it.is_ascii_digit());
    let named = ROUTES.iter().find(|it| operation_id(it) == operation);
    let sum: usize = operation.bytes().map(usize::from).sum();
    let route = named.unwrap_or(&ROUTES[sum % ROUTES.len()]);
    let mut room = ROOM.lock().expect("nothing broke before");
    if room.calls >= CALLS_MOST {
        *room = Room::open();
    }
    room.holds(route, usize::from(role.map_or(0, |it| it - b'0')), places, body);
}

impl Room {
    fn open() -> Room {
        let bench = Bench::open();
        let mut room = Room { router: operations(&bench.app), bench, calls: 0 };
        room.settle_in();
        room
    }

    /// A place and a few people with money, so that calls find what they ask for.
    fn settle_in(&mut self) {
        self.write("put_institutions_one", &examples()["put_institutions_one"]);
        let people = [("李明", "990000198503120115"), ("李小明", "990000201606010116")];
        for (name, id_number) in people {
            let mut person = examples()["post_persons"].clone();
            let born = format!("{}-{}-{}", &id_number[6..10], &id_number[10..12], &id_number[12..14]);
            let known = [
                ("name", name),
                ("id_number", id_number),
                ("psn_no", id_number),
                ("card", id_number),
                ("born", &born),
            ];
            known.into_iter().for_each(|(field, value)| person[field] = json!(value));
            self.write("post_persons", &person);
            let mut enrolment = examples()["post_enrolments"].clone();
            enrolment["person"] = json!({ "id_number": id_number });
            self.write("post_enrolments", &enrolment);
        }
        self.write("post_accounts_credits", &examples()["post_accounts_credits"]);
    }

    fn write(&mut self, operation: &str, body: &Value) {
        let route = ROUTES.iter().find(|it| operation_id(it) == operation).expect("a route");
        let heard = self.call(route, 0, PLACE, body.to_string().as_bytes()).expect("a path");
        assert!(heard.status.is_success(), "{operation}: {}", String::from_utf8_lossy(&heard.bytes));
    }

    /// Calls twice with one key, and looks at both answers.
    fn holds(&mut self, route: &Route, role: usize, places: &str, body: &[u8]) {
        let Some(first) = self.call(route, role, places, body) else { return };
        let said = String::from_utf8(first.bytes.to_vec()).expect("UTF-8");
        assert!(!first.status.is_server_error(), "{} {said}", first.status);
        let json: Value = serde_json::from_str(&said).expect("an answer is JSON");
        if !first.status.is_success() {
            assert_eq!(first.kind, "application/problem+json");
            let is_there = |name: &str| json[name].as_str().is_some_and(|it| !it.is_empty());
            assert!(["code", "title", "detail"].into_iter().all(is_there), "{said}");
            tells_no_id_number(&said, body);
        }
        if matches!(route.verb, Verb::Post | Verb::Put) && first.status != StatusCode::BAD_REQUEST {
            self.calls -= 1;
            let again = self.call(route, role, places, body).expect("as before");
            assert!(again == first, "answered {said}, and then {}", String::from_utf8_lossy(&again.bytes));
        }
    }

    /// The answer to a call; `None` where what fills the path makes no address.
    fn call(&mut self, route: &Route, role: usize, places: &str, body: &[u8]) -> Option<Heard> {
        let (filled, query) = places.split_once('?').unwrap_or((places, ""));
        let mut parts = filled.split('/');
        let part = |it| if str::starts_with(it, "{") { parts.next().unwrap_or("1") } else { it };
        let path: Vec<&str> = route.path.split('/').map(part).collect();
        let request = Request::builder()
            .method(route.verb.method())
            .uri(format!("/api/v1{}?{query}", path.join("/")))
            .header("idempotency-key", self.calls.to_string())
            .header(header::CONTENT_TYPE, route.kind);
        let mut request = request.body(Body::from(body.to_vec())).ok()?;
        if !route.roles.is_empty() {
            request.extensions_mut().insert(bearer(route.roles[role % route.roles.len()]));
        }
        self.calls += 1;
        let answer = self.bench.runtime.block_on(self.router.clone().oneshot(request)).expect("infallible");
        let (parts, body) = answer.into_parts();
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let bytes = self.bench.runtime.block_on(to_bytes(body, usize::MAX)).expect("an answer in memory");
        Some(Heard { status: parts.status, kind: kind.unwrap_or_default().to_owned(), bytes })
    }
}

/// Who calls.
fn bearer(role: Role) -> Token {
    let new = NewToken {
        label: role.word().to_owned(),
        role,
        area: Area::NATION,
        person: (role == Role::Citizen).then_some(PersonNo(1)),
        institution: (role == Role::Institution).then(|| InstitutionCode::parse(PLACE).expect("a code")),
        expires: None,
    };
    new.numbered(1, machine())
}
