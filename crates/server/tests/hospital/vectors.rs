//! The published test vectors: what the page for makers of hospital software shows is let in, and is what others compute.

use crate::client::{Till, envelope, run};
use crate::signing::{Message, Signer, keep};
use crate::world::PHARMACY;
use serde_json::{Value, json};
use server::gateway_keys::Hash;
use server::hospital::gateway::SCHEMES;
use server::randomness::{Seeded, seed_this_thread};
use server::vault::hex;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

/// The page of vectors.
fn page() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/hospital/vectors.json")
}

/// The vectors: a name, and who signs.
fn signers() -> Vec<(&'static str, Signer)> {
    let of = |scheme| Signer::of(scheme, PHARMACY);
    let sha256 = Signer { digest: Hash::Sha256, access_key: "yycaP32030000001".to_owned(), ..of("ca") };
    vec![
        ("_api_* headers", of("api")),
        ("x-tif-* headers", of("tif")),
        ("x-ca-* headers, HMAC-SM3", of("ca")),
        ("x-ca-* headers, HMAC-SHA-256", sha256),
        ("OAuth, signed", of("oauth")),
        ("OAuth, signed and encrypted", of("oauth").encrypting()),
        ("apikey header", of("apikey")),
    ]
}

/// The text that a scheme signs, as the page shows it.
fn signed_text(signer: &Signer, message: &Message) -> String {
    let header = |at: usize| message.headers[at].1.as_str();
    let body = String::from_utf8_lossy(&message.body);
    match signer.scheme {
        "api" => {
            let pairs: Vec<String> =
                message.headers[..4].iter().map(|(name, it)| format!("{name}={it}")).collect();
            pairs.join("&")
        }
        "tif" => format!("{0}{1}{2}{0}", header(1), signer.secret, header(2)),
        "ca" => format!("{}\n{body}", header(1).split(':').next().unwrap_or_default()),
        "oauth" => asked()["input"].to_string(),
        _ => String::new(),
    }
}

fn asked() -> Value {
    let sign_in = json!({ "signIn": { "opter_no": "0001", "mac": "00-00-5E-00-53-00", "ip": "192.0.2.1" } });
    envelope(PHARMACY, "9001", "P32030000001202506161000000001", &sign_in)
}

/// A token, and what was sent for it.
async fn token(till: &Till, signer: &Signer) -> (String, Value) {
    use base64::Engine as _;
    let basic = format!("{}:{}", signer.access_key, signer.secret);
    let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(basic));
    let form = format!("grant_type=password&username={PHARMACY}&password={}&scope=", signer.secret);
    let headers =
        [("authorization", basic.clone()), ("content-type", "application/x-www-form-urlencoded".to_owned())];
    let answer = till.post("/auth/oauth/token", &headers, form.as_bytes()).await;
    let token = answer.json["access_token"].as_str().expect("a token").to_owned();
    (token, json!({ "path": "/auth/oauth/token", "headers": { "authorization": basic }, "body": form }))
}

/// A vector: sent, let in, and written down.
async fn vector(till: &Till, name: &str, signer: &Signer) -> Value {
    keep(&till.app, signer, PHARMACY).await;
    let platform = till.app.vault.answer_key().public();
    let (token, asked_for_token) = match signer.scheme {
        "oauth" => token(till, signer).await,
        _ => (String::new(), Value::Null),
    };
    let signer = Signer { token, ..signer.clone() };
    let message = signer.sign(&asked());
    let answer = till.post("/hospital", &message.headers, &message.body).await;
    let read = signer.read(&answer.bytes, &platform);
    assert_eq!((answer.status, &read["infcode"]), (200, &json!(0)), "{name}: {read}");
    let headers: serde_json::Map<_, _> =
        message.headers.iter().map(|(name, it)| ((*name).to_owned(), json!(it))).collect();
    let mut vector = json!({
        "scheme": signer.scheme, "name": name, "access_key": signer.access_key, "secret": signer.secret,
        "headers": headers, "body": String::from_utf8(message.body.clone()).expect("UTF-8"),
        "signed_text": signed_text(&signer, &message),
    });
    if signer.scheme == "ca" {
        vector["digest"] = json!(signer.digest.word());
    }
    if signer.scheme == "oauth" {
        vector["token_request"] = asked_for_token;
        vector["sm2_private_key"] = json!(hex(&[0x11; 32]));
        vector["sm2_public_key"] = json!(signer.own.public().hex());
        vector["platform_sm2_public_key"] = json!(platform.hex());
        vector["answer_signed_text"] = json!(signer.output(&answer.bytes));
        vector["answer"] = json!(String::from_utf8(answer.bytes).expect("UTF-8"));
    }
    vector
}

/// If this fails, the published vectors are not what the gateway lets in: every client that was written by them is shut out.
#[test]
fn the_published_vectors_are_let_in() {
    let mut next = 0_u8;
    let seeded: Seeded = Arc::new(Mutex::new(move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_add(1);
            *byte = next;
        }
    }));
    run(|| async {
        let till = Till::open().await;
        // From here on tokens and numbers are the same in every run.
        seed_this_thread(Some(seeded));
        let mut vectors = Vec::new();
        for (name, signer) in signers() {
            vectors.push(vector(&till, name, &signer).await);
        }
        seed_this_thread(None);
        let mut fresh = serde_json::to_string_pretty(&vectors).expect("plain data");
        fresh.push('\n');
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(page(), &fresh).expect("written");
        }
        let kept = std::fs::read_to_string(page()).unwrap_or_default();
        assert!(kept == fresh, "docs/hospital/vectors.json is stale: run this test with UPDATE=1");
    });
}

/// If this fails, a maker of hospital software reads of a header that nobody looks at, or misses one that is needed.
#[test]
fn the_page_names_every_scheme_and_each_of_its_headers() {
    let text = std::fs::read_to_string(page().with_file_name("gateways.md")).expect("the page");
    for scheme in SCHEMES {
        assert!(text.contains(&format!("\n## `{}`\n", scheme.word)), "{}", scheme.word);
        assert!(signers().iter().any(|(_, it)| it.scheme == scheme.word), "{} has a vector", scheme.word);
    }
    let vectors: Vec<Value> =
        serde_json::from_slice(&std::fs::read(page()).expect("the vectors")).expect("JSON");
    for vector in vectors {
        for name in vector["headers"].as_object().expect("headers").keys() {
            assert!(text.to_lowercase().contains(&format!("`{name}")), "{name}");
        }
    }
}

/// If this fails, the checking program for makers of hospital software calls right what is wrong, or the other way round.
#[test]
fn the_checking_program_agrees_and_notices_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("vectors.json");
    let text = std::fs::read_to_string(page()).expect("the vectors");
    let vectors: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let check = |vectors: &[Value]| {
        std::fs::write(&file, pretty(vectors)).expect("written");
        let program = page().with_file_name("check_vectors.py");
        Command::new("python3").arg(program).arg(&file).output()
    };
    let Ok(checked) = check(&vectors) else {
        eprintln!("there is no python3 here: the checking program is not run");
        return;
    };
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let said = String::from_utf8(checked.stdout).expect("UTF-8");
    assert_eq!(said.lines().filter(|it| it.starts_with("right ")).count(), vectors.len(), "{said}");
    let changed = vectors.iter().cloned().map(|mut it| {
        let secret = it["secret"].as_str().expect("a secret").replace("SK", "SL");
        it["secret"] = json!(secret);
        it
    });
    let checked = check(&changed.collect::<Vec<_>>()).expect("python3 was there");
    assert_eq!(checked.status.code(), Some(1));
    assert!(!String::from_utf8_lossy(&checked.stdout).contains("right "));
    let mut signed: Vec<Value> = vectors.into_iter().filter(|it| it["scheme"] == "oauth").collect();
    for it in &mut signed {
        it["signed_text"] = json!(it["signed_text"].as_str().expect("text").replace("0001", "0002"));
    }
    assert_eq!(check(&signed).expect("python3 was there").status.code(), Some(1));
}

/// If this fails, the Java program calls right what is wrong, or passes over what the JDK alone can check.
#[test]
fn the_java_program_agrees_and_notices_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("vectors.json");
    let text = std::fs::read_to_string(page()).expect("the vectors");
    let vectors: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let check = |vectors: &[Value]| {
        std::fs::write(&file, pretty(vectors)).expect("written");
        Command::new("java").arg(page().with_file_name("CheckVectors.java")).arg(&file).output()
    };
    let checked = match check(&vectors) {
        Ok(checked) => checked,
        Err(error) if std::env::var_os("GONGJI_NEED_JAVA").is_some() => panic!("java is needed: {error}"),
        Err(_) => {
            eprintln!("there is no java here: the checking program is not run");
            return;
        }
    };
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let said = String::from_utf8(checked.stdout).expect("UTF-8");
    let count = |word: &str| said.lines().filter(|it| it.starts_with(word)).count();
    let beyond = |it: &&Value| it["scheme"] == "oauth" || it["name"].to_string().contains("SM3");
    let unchecked = vectors.iter().filter(beyond).count();
    assert_eq!((count("right "), count("not checked ")), (vectors.len() - unchecked, unchecked), "{said}");
    let mut checkable: Vec<Value> = vectors.iter().filter(|it| !beyond(it)).cloned().collect();
    for vector in &mut checkable {
        vector["secret"] = json!(vector["secret"].as_str().expect("a secret").replace("SK", "SL"));
        vector["signed_text"] = json!(format!("{}1", vector["signed_text"].as_str().unwrap_or_default()));
    }
    let changed = check(&checkable).expect("java was there");
    assert_eq!(changed.status.code(), Some(1));
    assert!(!String::from_utf8_lossy(&changed.stdout).contains("right "));
}

/// Vectors as the page has them.
fn pretty(vectors: &[Value]) -> String {
    serde_json::to_string_pretty(vectors).expect("plain data")
}
