//! Who may speak: the gateway turns others away in its own form, before anything is read; and real HTTP.

use crate::client::{CLASS_A, Till, envelope, purchase, run, signed};
use crate::world::{HOSPITAL, PHARMACY, access_key, code, machine, person, secret};
use domain::day::Moment;
use serde_json::{Value, json};
use server::gateway_keys::{self, GatewayKey};
use server::hospital::gateway::sign;

type Headers = Vec<(&'static str, String)>;

fn without(name: &str) -> Headers {
    signed(PHARMACY, "2102").into_iter().filter(|(it, _)| *it != name).collect()
}

fn with(name: &'static str, value: &str) -> Headers {
    let mut headers = without(name);
    headers.push((name, value.to_owned()));
    headers
}

fn signed_at(at: Moment) -> Headers {
    sign(&access_key(PHARMACY), &secret(PHARMACY), "2102", at).to_vec()
}

/// If this fails, somebody without a key spends a family's money, or is told more than that they may not.
#[test]
#[rustfmt::skip]
fn the_gateway_turns_away_who_is_not_who_they_say() {
    run(|| async {
        let till = Till::open().await;
        let input = purchase(person("lixiaoming"), &[(CLASS_A, "1", "20.00")]);
        let body = envelope(PHARMACY, "2102", "GATE-1", &input).to_string();
        let late = machine().plus_millis(-30 * 60_000 - 1);
        let early = machine().plus_millis(30 * 60_000 + 1);
        let key = GatewayKey::of(code(PHARMACY), "ca", "SK", machine());
        gateway_keys::keep(&till.app, "AK-ca", &key).await.expect("kept");
        let mut cases: Vec<(&str, Headers, &str)> = vec![
            ("a key of another scheme", sign("AK-ca", "SK", "2102", machine()).to_vec(), "_api_access_key"),
            ("no headers",            Vec::new(), "_api_access_key"),
            ("a stale timestamp",     signed_at(late), "_api_timestamp"),
            ("a future timestamp",    signed_at(early), "_api_timestamp"),
            ("a timestamp of letters", with("_api_timestamp", "now"), "_api_timestamp"),
            ("a timestamp of a year", with("_api_timestamp", "2025"), "_api_timestamp"),
            ("a timestamp with sign", with("_api_timestamp", "-179531068847"), "_api_timestamp"),
            ("an unknown key",        with("_api_access_key", "AK-nobody"), "_api_access_key"),
            ("a bad signature",       with("_api_signature", "AAAA"), "_api_signature"),
            ("no base64",             with("_api_signature", "***"), "_api_signature"),
            ("another name signed",   with("_api_name", "2101"), "_api_signature"),
            ("signed as another number", signed(PHARMACY, "1101"), "_api_name"),
            ("signed as none",        signed(PHARMACY, "api"), "_api_name"),
            ("another secret",        sign(&access_key(PHARMACY), "SK", "2102", machine()).to_vec(), "_api_signature"),
        ];
        for name in ["_api_access_key", "_api_name", "_api_timestamp", "_api_version", "_api_signature"] {
            cases.push((name, without(name), name));
        }
        let before = till.books().await;
        for (name, headers, says) in cases {
            eprintln!("{name}");
            let reply = till.post("/hospital/2102", &headers, body.as_bytes()).await;
            assert_eq!(reply.status, 401, "{name}");
            let message = reply.json["message"].as_str().expect("a message");
            assert!(message.contains(says), "{name}: {message}");
            assert_eq!(reply.json, json!({ "code": 401, "message": message }), "{name}");
        }
        let other = till.post("/hospital/2102", &signed(HOSPITAL, "2102"), body.as_bytes()).await;
        assert!(other.failure().contains("fixmedins_code"), "another institution's number");
        assert_eq!(till.books().await, before);
        assert!(!till.is_taken(PHARMACY, "GATE-1").await && !till.is_taken(HOSPITAL, "GATE-1").await);
        let edge = signed_at(machine().plus_millis(-30 * 60_000));
        till.post("/hospital/2102", &edge, body.as_bytes()).await.output();
    });
}

/// If this fails, a key that leaked goes on spending until the server is thrown away.
#[test]
fn a_revoked_key_signs_nothing() {
    run(|| async {
        let till = Till::open().await;
        let input = purchase(person("lixiaoming"), &[(CLASS_A, "1", "20.00")]);
        let body = envelope(PHARMACY, "2102", "REVOKED-1", &input).to_string();
        let key = access_key(PHARMACY);
        assert!(gateway_keys::list(&till.app).await.expect("a list").iter().any(|it| it.access_key == key));
        assert_eq!(gateway_keys::revoke(&till.app, &key).await, Ok(true));
        let reply = till.post("/hospital/2102", &signed(PHARMACY, "2102"), body.as_bytes()).await;
        assert_eq!(reply.status, 401);
        assert!(!till.is_taken(PHARMACY, "REVOKED-1").await);
        assert_eq!(gateway_keys::revoke(&till.app, &key).await, Ok(false));
        assert!(!gateway_keys::list(&till.app).await.expect("a list").iter().any(|it| it.access_key == key));
    });
}

/// If this fails, everything works in tests and nothing over a network: header names with underscores and all.
#[test]
fn a_purchase_over_real_http() {
    run(|| async {
        let till = Till::open().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let serving = tokio::spawn(axum::serve(listener, till.router()).into_future());
        let input = purchase(person("lixiaoming"), &[(CLASS_A, "1", "20.00")]);
        let body = envelope(PHARMACY, "2102", "HTTP-1", &input).to_string();
        let send = move || {
            let mut request = ureq::post(format!("http://{address}/hospital/2102"));
            for (name, value) in signed(PHARMACY, "2102") {
                eprintln!("{name}");
                request = request.header(name, value);
            }
            let mut answer = request.header("content-type", "text/plain").send(body).expect("an answer");
            let kind =
                answer.headers().get("content-type").and_then(|it| it.to_str().ok().map(str::to_owned));
            (kind, answer.body_mut().read_to_string().expect("text"))
        };
        let (kind, text) = tokio::task::spawn_blocking(send).await.expect("sent");
        assert_eq!(kind.as_deref(), Some("application/json;charset=UTF-8"));
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(answer["output"]["setlinfo"]["acct_mulaid_pay"].to_string(), "20.00", "{answer}");
        serving.abort();
    });
}
