//! Every signing scheme over real HTTP: who signs rightly settles, who does not is turned away before anything is read.

use crate::client::{CLASS_A, Till, envelope, purchase, run};
use crate::signing::{ALL, Message, Signer, keep};
use crate::world::{HOSPITAL, PHARMACY, code, person};
use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::request::Sender;
use serde_json::{Value, json};
use server::gateway_keys::Hash;
use std::sync::Arc;
use tower::ServiceExt as _;

/// The interface on a port, with keys of every scheme for a pharmacy and a hospital.
pub(crate) struct Served {
    pub(crate) till: Till,
    address: std::net::SocketAddr,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Served {
    pub(crate) async fn open() -> Served {
        let till = Till::open().await;
        for scheme in ALL {
            for place in [PHARMACY, HOSPITAL] {
                keep(&till.app, &Signer::of(scheme, place), place).await;
            }
        }
        let router = till.router();
        Served::on(till, router).await
    }

    pub(crate) async fn on(till: Till, router: axum::Router) -> Served {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let serving = tokio::spawn(axum::serve(listener, router).into_future());
        Served { till, address, serving }
    }

    /// Sends bytes with headers and gives back status and bytes.
    async fn post(&self, path: &str, headers: Vec<(&'static str, String)>, body: Vec<u8>) -> (u16, Vec<u8>) {
        let url = format!("http://{}{path}", self.address);
        let send = move || {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            let mut request = agent.post(url);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            let mut answer = request.send(body).expect("an answer");
            (answer.status().as_u16(), answer.body_mut().read_to_vec().expect("bytes"))
        };
        tokio::task::spawn_blocking(send).await.expect("sent")
    }

    /// Sends a message to the one address.
    pub(crate) async fn send(&self, message: Message) -> (u16, Vec<u8>) {
        self.post("/hospital", message.headers, message.body).await
    }

    /// Asks for a token.
    pub(crate) async fn ask(&self, basic: Option<&str>, form: &str) -> (u16, Value) {
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        headers.extend(basic.map(|it| ("authorization", format!("Basic {}", STANDARD.encode(it)))));
        let (status, answer) = self.post("/auth/oauth/token", headers, form.as_bytes().to_vec()).await;
        (status, serde_json::from_slice(&answer).expect("JSON"))
    }

    /// A signer that has what it needs to sign.
    pub(crate) async fn signer(&self, scheme: &'static str, place: &str) -> Signer {
        self.with_token(Signer::of(scheme, place), place).await
    }

    /// A signer with a token, where its scheme has one.
    pub(crate) async fn with_token(&self, signer: Signer, place: &str) -> Signer {
        if signer.scheme != "oauth" {
            return signer;
        }
        let basic = format!("{}:{}", signer.access_key, signer.secret);
        let form = format!("grant_type=password&scope=all&username={place}&password={}", signer.secret);
        let (status, answer) = self.ask(Some(&basic), &form).await;
        assert_eq!((status, &answer["token_type"]), (200, &json!("bearer")), "{answer}");
        let token = answer["access_token"].as_str().expect("a token").to_owned();
        Signer { token, ..signer }
    }
}

pub(crate) fn bill(msgid: &str) -> Value {
    envelope(PHARMACY, "2102", msgid, &purchase(person("lixiaoming"), &[(CLASS_A, "1", "20.00")]))
}

/// If this fails, the institutions of some region cannot settle, or believe an answer that somebody else wrote.
#[test]
fn a_bill_is_settled_under_every_scheme() {
    run(|| async {
        let served = Served::open().await;
        let app = &served.till.app;
        let sha256 =
            Signer { access_key: "xcashasha".to_owned(), digest: Hash::Sha256, ..Signer::of("ca", PHARMACY) };
        keep(app, &sha256, PHARMACY).await;
        let mut signers = vec![sha256, served.signer("oauth", PHARMACY).await.encrypting()];
        for scheme in ALL {
            signers.push(served.signer(scheme, PHARMACY).await);
        }
        let platform = app.vault.answer_key().public();
        for (number, signer) in (1..).zip(&signers) {
            let mut bill = bill(&format!("EACH-{number}"));
            let repeat = json!({ "GJ_REPEAT": "1" }).to_string();
            bill["input"]["druginfo"]["exp_content"] = json!(repeat);
            let (status, answer) = served.send(signer.sign(&bill)).await;
            let read = signer.read(&answer, &platform);
            assert_eq!((status, &read["infcode"]), (200, &json!(0)), "{}: {read}", signer.scheme);
            assert_eq!(read["output"]["setlinfo"]["acct_mulaid_pay"].to_string(), "20.00");
            assert_eq!(signer.cipher.is_some(), !String::from_utf8_lossy(&answer).contains("setlinfo"));
        }
    });
}

/// If this fails, a till that changes its gateway, or whose retry is signed anew, pays twice (R-E18).
#[test]
fn the_same_message_gets_the_same_answer_under_every_scheme() {
    run(|| async {
        let served = Served::open().await;
        let platform = served.till.app.vault.answer_key().public();
        let mut answers = Vec::new();
        for (number, scheme) in (1..).zip(ALL.into_iter().chain(["oauth", "tif"])) {
            let signer = served.signer(scheme, PHARMACY).await;
            let signer = if number == 6 { signer.encrypting() } else { signer };
            let signer =
                Signer { nonce: number.to_string(), at: signer.at.plus_millis(number * 1000), ..signer };
            let (_, answer) = served.send(signer.sign(&bill("SAME-UNDER-ALL"))).await;
            let mut read = signer.read(&answer, &platform);
            for outer in ["cainfo", "signtype", "enc_type"] {
                read.as_object_mut().expect("an object").remove(outer);
            }
            answers.push(read.to_string());
        }
        assert!(answers[0].contains("\"acct_mulaid_pay\":20.00"), "{}", answers[0]);
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
    });
}

/// Sends a message that has to be turned away in the gateway's own form, saying this.
pub(crate) async fn turned_away(served: &Served, message: Message, says: &str, what: &str) {
    eprintln!("{what}");
    let (status, answer) = served.send(message).await;
    let json: Value = serde_json::from_slice(&answer).expect("JSON");
    let text = json["message"].as_str().unwrap_or_else(|| panic!("{what}: {json}"));
    assert!(text.contains(says), "{what}: {text}");
    assert_eq!((status, &json), (401, &json!({ "code": 401, "message": text })), "{what}");
}

/// If this fails, headers that were overheard settle another bill.
#[test]
fn a_nonce_signs_one_message() {
    run(|| async {
        let served = Served::open().await;
        let signer = served.signer("tif", PHARMACY).await;
        let wrong = Signer { secret: "SK".to_owned(), ..signer.clone() };
        turned_away(&served, wrong.sign(&bill("NONCE-1")), "x-tif-signature", "a wrong secret").await;
        let (status, answer) = served.send(signer.sign(&bill("NONCE-1"))).await;
        assert_eq!(status, 200, "a nonce that somebody else named is not used up");
        assert!(String::from_utf8_lossy(&answer).contains("\"infcode\":0"));
        turned_away(&served, signer.sign(&bill("NONCE-2")), "x-tif-nonce", "headers of another message")
            .await;
        turned_away(&served, signer.sign(&bill("NONCE-1")), "x-tif-nonce", "the very same message").await;
        let fresh = Signer { nonce: "n-2".to_owned(), ..signer };
        assert_eq!(served.send(fresh.sign(&bill("NONCE-1"))).await, (200, answer), "signed anew");
        assert!(!served.till.is_taken(PHARMACY, "NONCE-2").await);
    });
}

/// If this fails, a client library cannot tell why it got no token, or gets one that it should not.
#[test]
fn tokens_are_given_as_oauth_has_it() {
    run(|| async {
        let served = Served::open().await;
        let signer = Signer::of("oauth", PHARMACY);
        let (client, secret) = (signer.access_key.clone(), signer.secret.clone());
        let right = format!("{client}:{secret}");
        let good = format!("grant_type=password&username={PHARMACY}&password={secret}");
        let of_ca = format!("{}:{secret}", Signer::of("ca", PHARMACY).access_key);
        let cases = [
            (Some(right.as_str()), good.clone(), 200, ""),
            (None, good.clone(), 401, "invalid_client"),
            (Some("nobody:x"), good.clone(), 401, "invalid_client"),
            (Some("nobody"), good.clone(), 401, "invalid_client"),
            (Some(&format!("{right}x")), good.clone(), 401, "invalid_client"),
            (Some(of_ca.as_str()), good.clone(), 401, "invalid_client"),
            (Some(&right), good.replace(PHARMACY, HOSPITAL), 400, "invalid_grant"),
            (Some(&right), format!("{good}x"), 400, "invalid_grant"),
            (Some(&right), good.replace("=password&", "=client_credentials&"), 400, "unsupported_grant_type"),
            (Some(&right), "grant_type=password".to_owned(), 400, "invalid_request"),
            (Some(&right), String::new(), 400, "invalid_request"),
            (Some(&right), format!("{good}&username={PHARMACY}"), 400, "invalid_request"),
            (Some(&right), format!("{good}&scope={}", "x".repeat(20_000)), 400, "invalid_request"),
        ];
        for (basic, form, expected, error) in cases {
            let (status, answer) = served.ask(basic, &form).await;
            assert_eq!(
                (status, answer["error"].as_str().unwrap_or_default()),
                (expected, error),
                "{form}: {answer}"
            );
            assert_eq!(answer["access_token"].is_string(), expected == 200);
            assert_eq!(answer["expires_in"].as_i64(), (expected == 200).then_some(7_200));
        }
        let json = vec![("content-type", "application/json".to_owned())];
        assert_eq!(served.post("/auth/oauth/token", json, b"{}".to_vec()).await.0, 400);
    });
}

/// If this fails, a till is told "busy" late, when its message was read and its nonce used up, or cannot ask what became of it.
#[test]
fn who_finds_no_place_is_told_so_before_anything_is_verified() {
    run(|| async {
        let store = crate::store_gate::Gated::new();
        let till = Till::on(Arc::new(store.clone())).await;
        for scheme in ALL {
            keep(&till.app, &Signer::of(scheme, PHARMACY), PHARMACY).await;
        }
        let router = till.router();
        let served = Served::on(till, router).await;
        store.hold();
        let send = |infno: &str, number: usize| {
            let mut flood = bill(&format!("FLOOD-{number}"));
            flood["infno"] = json!(infno);
            let message = Signer::of("api", PHARMACY).sign(&flood);
            let mut request = Request::post("/hospital");
            for (name, value) in message.headers {
                request = request.header(name, value);
            }
            let request = request.body(Body::from(message.body)).expect("a request");
            tokio::spawn(served.till.router().oneshot(request))
        };
        let mut flood = vec![send("2102", 0)];
        for _ in 0..100 {
            tokio::task::yield_now().await; // The lane takes the first one and waits for its commit.
        }
        flood.extend((1..2_100).map(|it| send("2101", it)));
        while served.till.app.flow.has_room_for(Sender::Institution(code(PHARMACY))) {
            tokio::task::yield_now().await;
        }
        let question = envelope(PHARMACY, "GJ01", "Q", &json!({ "data": { "omsgid": "NEVER" } }));
        let mut messages = Vec::new();
        for scheme in ALL {
            let signer = served.signer(scheme, PHARMACY).await;
            let message = signer.sign(&bill("FULL-1"));
            assert_eq!(served.send(message.clone()).await.0, 503, "{scheme}");
            let signer = Signer { nonce: "n-2".to_owned(), ..signer };
            assert_eq!(served.send(signer.sign(&question)).await.0, 200, "{scheme}");
            messages.push(message);
        }
        store.let_go();
        for one in flood {
            one.await.expect("sent").expect("an answer");
        }
        for message in messages {
            assert_eq!(served.send(message).await.0, 200, "the same headers, which were not used up");
        }
    });
}
