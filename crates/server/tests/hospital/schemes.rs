//! Every signing scheme over real HTTP: who signs rightly settles, who does not is turned away before anything is read.

use crate::client::{CLASS_A, Till, envelope, purchase, run};
use crate::signing::{ALL, Message, Signer, keep};
use crate::world::{HOSPITAL, NOW, PHARMACY, machine, person};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::day::Moment;
use serde_json::{Value, json};
use server::app::App;
use server::clock::Clock;
use server::gateway_keys::{self, Hash};
use server::hospital::router;
use server::shangmi::PrivateKey;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

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

    async fn on(till: Till, router: axum::Router) -> Served {
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
        let signer = Signer::of(scheme, place);
        if scheme != "oauth" {
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

fn bill(msgid: &str) -> Value {
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

/// What is changed before a message is signed, and after; and what the refusal names.
type Before = fn(&mut Signer);
type After = fn(&mut Message);

fn keep_it(_: &mut Message) {}
fn as_is(_: &mut Signer) {}

fn replace(message: &mut Message, from: &str, to: &str) {
    let text = String::from_utf8(message.body.clone()).expect("UTF-8");
    assert!(text.contains(from), "{text}");
    message.body = text.replacen(from, to, 1).into_bytes();
}

fn put(message: &mut Message, name: &str, value: &str) {
    let header = message.headers.iter_mut().find(|(it, _)| *it == name).expect("a header");
    header.1 = value.to_owned();
}

fn stale(signer: &mut Signer) {
    signer.at = machine().plus_millis(-30 * 60_000 - 1_000);
}

fn early(signer: &mut Signer) {
    signer.at = machine().plus_millis(30 * 60_000 + 1_000);
}

const WRONG: &[(&str, &str, Before, After, &str)] = &[
    ("api", "another secret", |it| it.secret.push('x'), keep_it, "_api_signature"),
    ("tif", "another secret", |it| it.secret.push('x'), keep_it, "x-tif-signature"),
    ("ca", "another secret", |it| it.secret.push('x'), keep_it, "x-ca-signature"),
    ("apikey", "another secret", |it| it.secret.push('x'), keep_it, "apikey"),
    (
        "oauth",
        "another private key",
        |it| it.own = PrivateKey::of(&[9; 32]).expect("a key"),
        keep_it,
        "cainfo",
    ),
    ("api", "an unknown key", |it| it.access_key.push('x'), keep_it, "_api_access_key 未登记"),
    ("tif", "an unknown key", |it| it.access_key.push('x'), keep_it, "x-tif-paasid 未登记"),
    ("ca", "an unknown key", |it| it.access_key.push('x'), keep_it, "x-ca-key 未登记"),
    ("apikey", "an unknown key", |it| it.access_key.push('x'), keep_it, "apikey 未登记"),
    ("oauth", "a token of nobody's", |it| it.token.push('x'), keep_it, "access_token"),
    ("oauth", "no token", |it| it.token.clear(), keep_it, "authorization"),
    ("oauth", "no bearer", as_is, |it| put(it, "authorization", "Basic QTpC"), "Bearer"),
    (
        "api",
        "a key of another scheme",
        |it| it.access_key = "xtifP32030000001".to_owned(),
        keep_it,
        "api 方式",
    ),
    (
        "tif",
        "a key of another scheme",
        |it| it.access_key = "xxcaP32030000001".to_owned(),
        keep_it,
        "tif 方式",
    ),
    ("ca", "a key of another scheme", |it| it.access_key = "apikP32030000001".to_owned(), keep_it, "ca 方式"),
    (
        "apikey",
        "a key of another scheme",
        |it| it.access_key = "xxcaP32030000001".to_owned(),
        keep_it,
        "apikey 方式",
    ),
    ("api", "a stale time", stale, keep_it, "_api_timestamp 超出"),
    ("tif", "a stale time", stale, keep_it, "x-tif-timestamp 超出"),
    ("ca", "a stale time", stale, keep_it, "x-ca-signature 超出"),
    ("api", "a future time", early, keep_it, "_api_timestamp 超出"),
    ("tif", "a future time", early, keep_it, "x-tif-timestamp 超出"),
    ("ca", "a future time", early, keep_it, "x-ca-signature 超出"),
    ("tif", "a time before the start", |it| it.at = machine().plus_millis(-1_000), keep_it, "重新签名"),
    ("tif", "a time that is none", as_is, |it| put(it, "x-tif-timestamp", "now"), "10 位秒"),
    ("tif", "milliseconds", as_is, |it| put(it, "x-tif-timestamp", "1795310688479"), "10 位秒"),
    ("ca", "a time that is none", as_is, |it| put(it, "x-ca-signature", "now:AA"), "13 位毫秒"),
    ("ca", "no time", as_is, |it| put(it, "x-ca-signature", "AABB"), "13 位毫秒"),
    ("tif", "another nonce", as_is, |it| put(it, "x-tif-nonce", "n-2"), "x-tif-signature"),
    ("tif", "no hexadecimal", as_is, |it| put(it, "x-tif-signature", &"+f".repeat(32)), "x-tif-signature"),
    ("tif", "half a signature", as_is, |it| it.headers[3].1.truncate(32), "x-tif-signature"),
    ("ca", "no hexadecimal", as_is, |it| put(it, "x-ca-signature", "1795310688479:zz"), "x-ca-signature"),
    ("ca", "another digest", |it| it.digest = Hash::Sha256, keep_it, "x-ca-signature"),
    ("ca", "another bill", as_is, |it| replace(it, "20.00", "19.00"), "x-ca-signature"),
    ("ca", "a space", as_is, |it| it.body.push(b' '), "x-ca-signature"),
    ("oauth", "another bill", as_is, |it| replace(it, "20.00", "19.00"), "cainfo"),
    ("oauth", "a space in the input", as_is, |it| replace(it, "\"input\":{", "\"input\":{ "), "cainfo"),
    ("oauth", "the input twice", as_is, |it| replace(it, "\"input\":{", "\"input\":{},\"input\":{"), "重复"),
    (
        "oauth",
        "the input twice, spelt otherwise",
        as_is,
        |it| replace(it, "\"input\":{", "\"inp\\u0075t\":{},\"input\":{"),
        "重复",
    ),
    (
        "oauth",
        "no signature",
        as_is,
        |it| replace(it, "\"cainfo\":\"", "\"cainfo\":\"\",\"was\":\""),
        "cainfo",
    ),
    ("oauth", "no Base64", as_is, |it| replace(it, "\"cainfo\":\"", "\"cainfo\":\"*"), "cainfo"),
    (
        "oauth",
        "too long a signature",
        as_is,
        |it| replace(it, "\"cainfo\":\"", "\"cainfo\":\"AAAA"),
        "cainfo",
    ),
    ("oauth", "another algorithm", as_is, |it| replace(it, "\"SM2\"", "\"RSA\""), "signtype"),
    (
        "oauth",
        "another cipher",
        as_is,
        |it| replace(it, "\"signtype\"", "\"enc_type\":\"AES\",\"signtype\""),
        "enc_type",
    ),
    ("oauth", "encrypted with another key", |it| it.cipher = Some([1; 16]), keep_it, "SM4"),
    (
        "oauth",
        "plain and called encrypted",
        as_is,
        |it| replace(it, "\"signtype\"", "\"enc_type\":\"SM4\",\"signtype\""),
        "SM4",
    ),
    ("oauth", "no JSON", as_is, |it| it.body.truncate(40), "JSON"),
    ("apikey", "no secret", as_is, |it| put(it, "apikey", "apikP32030000001"), "apikey"),
    ("apikey", "an empty secret", as_is, |it| put(it, "apikey", "apikP32030000001."), "apikey"),
];

/// If this fails, somebody without the key spends a family's money, or changes a bill on its way.
#[test]
fn every_scheme_turns_away_who_does_not_hold_its_key() {
    run(|| async {
        let served = Served::open().await;
        let before = served.till.books().await;
        for (scheme, what, change, tamper, says) in WRONG {
            let mut signer = served.signer(scheme, PHARMACY).await;
            change(&mut signer);
            let mut message = signer.sign(&bill("WRONG-1"));
            tamper(&mut message);
            turned_away(&served, message, says, &format!("{scheme}, {what}")).await;
        }
        for scheme in ALL {
            let right = served.signer(scheme, PHARMACY).await.sign(&bill("WRONG-1"));
            for at in 0..right.headers.len() {
                let (name, value) = right.headers[at].clone();
                let mut without = right.clone();
                without.headers.remove(at);
                turned_away(&served, without, name, &format!("{scheme} without {name}")).await;
                let mut twice = right.clone();
                twice.headers.push((name, value));
                turned_away(&served, twice, "重复", &format!("{scheme} with {name} twice")).await;
            }
            for other in ALL.into_iter().filter(|it| *it != scheme) {
                let mut both = right.clone();
                both.headers.extend(served.signer(other, PHARMACY).await.sign(&bill("WRONG-1")).headers);
                turned_away(&served, both, "同时有", &format!("{scheme} and {other}")).await;
            }
            let signer = served.signer(scheme, HOSPITAL).await;
            let (_, answer) = served.send(signer.sign(&bill("WRONG-1"))).await;
            let read = signer.read(&answer, &served.till.app.vault.answer_key().public());
            assert!(
                read["err_msg"].to_string().contains("fixmedins_code"),
                "{scheme}: another's bill: {read}"
            );
            assert!(
                !served.till.is_taken(PHARMACY, "WRONG-1").await
                    && !served.till.is_taken(HOSPITAL, "WRONG-1").await
            );
        }
        assert_eq!(served.till.books().await, before);
    });
}

async fn turned_away(served: &Served, message: Message, says: &str, what: &str) {
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

/// An application on the same store, in a process of its own whose clock can be moved.
fn elsewhere(app: &App, ahead: &Arc<AtomicI64>) -> App {
    let ahead = Arc::clone(ahead);
    let clock = move || machine().plus_millis(ahead.load(Ordering::SeqCst));
    let now = Moment::parse(NOW).expect("a moment");
    App { clock: Clock::sandbox(clock, now), gateway_keys: Arc::default(), ..app.clone() }
}

/// If this fails, what was stolen goes on spending after its institution said so, or a rotation stops a whole hospital.
#[test]
fn revoked_rotated_and_expired_keys_and_tokens() {
    run(|| async {
        let ahead = Arc::new(AtomicI64::new(0));
        let first = Served::open().await;
        let app = elsewhere(&first.till.app, &ahead);
        let served = Served::on(Till::open().await, router(app.clone())).await;
        for scheme in ALL {
            ahead.store(0, Ordering::SeqCst);
            let signer = served.signer(scheme, PHARMACY).await;
            let passes = async |signer: &Signer, after: i64, nonce: &str| {
                ahead.store(after, Ordering::SeqCst);
                let at = machine().plus_millis(after + 1_000);
                let signer = Signer { at, nonce: nonce.to_owned(), ..signer.clone() };
                served
                    .send(signer.sign(&envelope(PHARMACY, "GJ01", "Q", &json!({"data": {"omsgid": "X"}}))))
                    .await
                    .0
            };
            assert_eq!(passes(&signer, 0, "1").await, 200, "{scheme}");
            // Another process gives a new secret; the old one counts for an hour.
            let until = machine().plus_millis(3_600_000);
            let rotated =
                gateway_keys::rotate(&first.till.app, &signer.access_key, until).await.expect("a store");
            let secret = rotated.expect("a secret");
            assert_eq!(passes(&signer, 5_000, "2").await, 200, "{scheme}: the old secret, for a while");
            let mut renewed = Signer { secret, ..signer.clone() };
            if scheme == "oauth" {
                let (client, secret) = (&renewed.access_key, &renewed.secret);
                let form = format!("grant_type=password&username={PHARMACY}&password={secret}");
                let (_, answer) = served.ask(Some(&format!("{client}:{secret}")), &form).await;
                renewed.token = answer["access_token"].as_str().expect("a token").to_owned();
            }
            assert_eq!(passes(&renewed, 3_599_999, "3").await, 200, "{scheme}: the new secret");
            assert_eq!(passes(&signer, 3_599_999, "4").await, 200, "{scheme}: the old one's last moment");
            assert_eq!(passes(&signer, 3_600_000, "5").await, 401, "{scheme}: the old one is over");
            let revoked = gateway_keys::revoke(&first.till.app, &signer.access_key).await;
            assert_eq!(revoked, Ok(true));
            assert_eq!(passes(&renewed, 3_604_998, "6").await, 200, "{scheme}: not known here yet");
            assert_eq!(passes(&renewed, 3_604_999, "7").await, 401, "{scheme}: revoked");
        }
        ahead.store(0, Ordering::SeqCst);
        let signer = served.signer("oauth", HOSPITAL).await;
        let ask = signer.sign(&envelope(HOSPITAL, "GJ01", "Q", &json!({"data": {"omsgid": "X"}})));
        ahead.store(7_199_999, Ordering::SeqCst);
        assert_eq!(served.send(ask.clone()).await.0, 200);
        ahead.store(7_200_000, Ordering::SeqCst);
        turned_away(&served, ask, "access_token 已过期", "two hours later").await;
    });
}
