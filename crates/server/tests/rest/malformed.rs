//! What cannot be read is refused by field, with the remedy, and leaves nothing behind.

use crate::world::{World, who};
use serde_json::json;

const NOW: &str = "2025-06-16 10:00";

/// If this fails, a caller guesses what was wrong, or something half-read is carried out.
#[tokio::test]
#[rustfmt::skip]
async fn the_field_at_fault_is_named() {
    let world = World::empty(NOW).await;
    let person = r#"{"psn_no":"1","name":"李明","id_number":"990000198503120115","born":"1985-03-12","sex":"male"}"#;
    let with = |from: &str, to: &str| person.replace(from, to);
    let cases = [
        ("/persons", String::new(), "body"),
        ("/persons", "{".to_owned(), "body"),
        ("/persons", "[]".to_owned(), "body"),
        ("/persons", format!("{person} x"), "body"),
        ("/persons", with("\"name\":\"李明\",", ""), "name"),
        ("/persons", with("\"name\"", "\"nmae\""), "nmae"),
        ("/persons", with("李明", " "), "name"),
        ("/persons", with("1985-03-12", "1985-3-12"), "born"),
        ("/persons", with("1985-03-12", "1985-03-13"), "born"),
        ("/persons", with("male", "female"), "sex"),
        ("/persons", with("male", "m"), "sex"),
        ("/persons", with("120115", "120116"), "id_number"),
        ("/persons", with("}", r#","guardian":{"no":1,"card":"C"}}"#), "guardian"),
        ("/persons", with("}", r#","guardian":{"no":"x"}}"#), "guardian.no"),
        ("/persons", with("}", r#","card_serial":"x"}"#), "card_serial"),
        ("/accounts/credits", r#"{"person":{"card":"C"},"prior":1e2}"#.to_owned(), "prior"),
        ("/accounts/credits", r#"{"person":{"card":"C"},"prior":"1.005"}"#.to_owned(), "prior"),
        ("/accounts/credits", r#"{"person":{"card":"C"},"prior":-1}"#.to_owned(), "prior"),
        ("/accounts/credits", r#"{"person":{},"prior":1}"#.to_owned(), "person"),
        ("/enrolments/changes", r#"{"person":{"card":"C"},"scheme":"employee","change":"move","day":"2025-01-01"}"#.to_owned(), "area"),
        ("/enrolments/changes", r#"{"person":{"card":"C"},"scheme":"employee","change":"end","day":"2025-01-01","area":"320300"}"#.to_owned(), "area"),
        ("/bindings/1/events", r#"{"event":"set_quota"}"#.to_owned(), "quota"),
        ("/bindings/1/events", r#"{"event":"release","rank":1}"#.to_owned(), "rank"),
        ("/bindings/x/events", r#"{"event":"release"}"#.to_owned(), "no"),
        ("/sandbox/clock", r#"{"now":"2025-06-16 10:00"}"#.to_owned(), "now"),
        ("/institutions/H1/credentials", r#"{"scheme":"api"}"#.to_owned(), "code"),
        ("/family-links", r#"{"holder":{"card":"C"},"member":{"card":"D"}}"#.to_owned(), "relation"),
    ];
    for (path, body, field) in cases {
        let answer = world.send("POST", path, Some(&world.operator), Some("k"), body.clone()).await;
        let problem = answer.json();
        assert_eq!((answer.status, problem["field"].as_str()), (400, Some(field)), "{path} {body} {problem}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!((&problem["code"], &problem["money"]), (&json!("MALFORMED"), &json!("没有扣钱")));
        assert!(problem["detail"].as_str().is_some_and(|it| !it.is_empty()), "{path} {body}");
    }
    let made = world.send("POST", "/persons", Some(&world.operator), Some("k"), person.to_owned()).await;
    assert_eq!(made.status, 201, "the key stayed free");
}

#[tokio::test]
async fn keys_queries_routes_methods_and_sizes_are_checked() {
    let world = World::new(NOW).await;
    let token = Some(world.operator.as_str());
    let body = json!({ "person": who("李明"), "current": 1 }).to_string();
    for key in [None, Some(""), Some(&*"x".repeat(129))] {
        let answer = world.send("POST", "/accounts/credits", token, key, body.clone()).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some("Idempotency-Key")));
    }
    let person = format!("/persons/{}", world.persons["李明"]);
    let queries = [
        ("?x=1", "x"),
        ("/entries?limit=0", "limit"),
        ("/entries?limit=1&limit=2", "limit"),
        ("/entries?cursor=x", "cursor"),
        ("/bindings?at=yesterday", "at"),
    ];
    for (query, field) in queries {
        let answer = world.get(&format!("{person}{query}"), &world.operator).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some(field)), "{query}");
    }
    let cases = [
        ("GET", "/nowhere", 404),
        ("GET", "/persons/999999", 404),
        ("GET", "/bindings/1", 404),
        ("GET", "/settlements/1", 404),
        ("GET", "/explain/did/1", 404),
        ("DELETE", "/persons", 405),
        ("PUT", "/persons/1", 405),
    ];
    for (method, path, status) in cases {
        let answer = world.send(method, path, token, Some("k"), "{}".to_owned()).await;
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{method} {path}");
    }
    let large = world.send("POST", "/persons", token, Some("k"), " ".repeat((1 << 20) + 1)).await;
    assert_eq!(large.status, 413);
}
