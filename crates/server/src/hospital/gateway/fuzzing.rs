//! The door of the gateway: who sends, and what lies around a message.

use super::oauth::SCHEME as OAUTH;
use super::token::{self, Asked, Token};
use super::{Claim as _, Gateway, Opened, Turned, Wanted, names};
use crate::codes::{self, Presented};
use crate::fuzzing::{BENCH, machine, tells_no_id_number};
use crate::gateway_keys::{self, GatewayKey, Hash, Settings};
use crate::shangmi::{PrivateKey, PublicKey, decrypt, encrypt};
use crate::vault::Found;
use axum::body::Body;
use axum::extract::{Form, FromRequest as _, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::credential::{SpeaksOf, Spoiled};
use domain::ids::{InstitutionCode, Lookup};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The pharmacy of the published vectors.
const PHARMACY: &str = "P32030000001";
/// Its secret under every scheme.
const SECRET: &str = "SK-P32030000001";
/// Its access keys, each with its scheme and digest: those of the published vectors.
const KEYS: [(&str, &str, Hash); 6] = [
    ("AK-P32030000001", "api", Hash::Sm3),
    ("xtifP32030000001", "tif", Hash::Sm3),
    ("xxcaP32030000001", "ca", Hash::Sm3),
    ("yycaP32030000001", "ca", Hash::Sha256),
    (CLIENT, "oauth", Hash::Sm3),
    ("apikP32030000001", "apikey", Hash::Sm3),
];
/// The access key under the scheme oauth.
const CLIENT: &str = "oautP32030000001";

fn institution() -> InstitutionCode {
    InstitutionCode::parse(PHARMACY).expect("a code")
}

fn own() -> PrivateKey {
    PrivateKey::of(&[0x11; 32]).expect("a key")
}

fn key(scheme: &str, digest: Hash) -> GatewayKey {
    let sm2 = (scheme == OAUTH.word).then(|| own().public().bytes());
    let key = GatewayKey::of(institution(), scheme, SECRET, machine());
    GatewayKey { settings: Settings { digest, sm2 }, ..key }
}

/// The keys are kept once, and a medical code is shown. What it is found by is remembered, and not its text: comparing that,
/// libFuzzer would guess it, digit by digit.
static OPENED: LazyLock<Lookup> = LazyLock::new(|| {
    let app = &BENCH.app;
    BENCH.runtime.block_on(async {
        for (access_key, scheme, digest) in KEYS {
            gateway_keys::keep(app, access_key, &key(scheme, digest)).await.expect("memory keeps it");
        }
        let holder = app.vault.lookup(Found::PersonNo, "1");
        let (code, _) = codes::show(app, holder, SpeaksOf::Patient).await.expect("memory keeps it");
        app.vault.lookup(Found::Code, &code)
    })
});

/// The first byte chooses what the rest is: `0` headers, an empty line and a message; `1` a token; `2` what is sealed under
/// the scheme oauth, `3` what is said to be; `4` SM4 and keys; `5` a medical code; `6` settings of a key; `7` headers and a
/// form that asks for a token.
///
/// # Panics
/// Where something does not hold that has to.
pub fn gateway(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else { return };
    LazyLock::force(&OPENED);
    match choice % 8 {
        0 => message(rest),
        1 => a_token(rest),
        2 => sealed(rest),
        3 => said(&opens(rest), rest),
        4 => ciphers(rest),
        5 => code(rest),
        6 => settings(rest),
        _ => asks(rest),
    }
}

/// Headers line by line, and what follows the first empty line.
fn split(data: &[u8]) -> (HeaderMap, &[u8]) {
    let at = data.windows(2).position(|it| it == b"\n\n");
    let (head, body) = at.map_or((data, &[][..]), |at| (&data[..at], &data[at + 2..]));
    let mut headers = HeaderMap::new();
    for line in head.split(|it| *it == b'\n').take(32) {
        let Some(colon) = line.iter().position(|it| *it == b':') else { continue };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    (headers, body)
}

fn message(data: &[u8]) {
    let (headers, body) = split(data);
    let gateway = Gateway::since(machine());
    let come = BENCH.runtime.block_on(gateway.who(&BENCH.app, &headers));
    let opened = come.and_then(|sender| {
        assert_eq!(sender.institution(), institution());
        let opened = gateway.verify(&sender, body)?;
        // What makes a signature one of a kind is taken once.
        assert!(sender.claim.nonce().is_none() || gateway.verify(&sender, body).is_err());
        Ok(opened)
    });
    said(&opened, data);
}

/// Nobody's number is repeated, and no secret.
fn said(opened: &Result<Opened, Turned>, sent: &[u8]) {
    if let Err(turned) = opened {
        let text = turned.to_string();
        tells_no_id_number(&text, sent);
        assert!(!text.contains(SECRET));
    }
}

fn token_of() -> Token {
    Token { client: CLIENT.to_owned(), secret_no: 0, expires: machine().plus_millis(1) }
}

fn a_token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let vault = &BENCH.app.vault;
    assert_eq!(Token::open(vault, text), None, "nobody seals a token but us");
    let token = Token { client: text.to_owned(), ..token_of() };
    assert_eq!(Token::open(vault, &token.seal(vault)), Some(token));
}

fn opens(body: &[u8]) -> Result<Opened, Turned> {
    token_of().open(&key(OAUTH.word, Hash::Sm3), body)
}

/// An input that its sender signed, and encrypted or not, is opened as it was; another is not.
fn sealed(data: &[u8]) {
    let Ok(input) = std::str::from_utf8(data) else { return };
    let signature = |text: &str| own().sign(CLIENT, text.as_bytes()).map(|it| STANDARD.encode(it));
    let cipher = CLIENT.as_bytes().try_into().expect("16 characters");
    let hidden = STANDARD.encode(encrypt(&cipher, data));
    let body = json!({ "cainfo": signature(input), "enc_type": "SM4", "input": hidden }).to_string();
    let opened = opens(body.as_bytes()).expect("signed and encrypted rightly");
    assert_eq!(opened.input.as_deref(), Some(input));
    let other = json!({ "cainfo": signature(&format!("{input} ")), "enc_type": "SM4", "input": hidden });
    assert!(opens(other.to_string().as_bytes()).is_err(), "signed for another input");
    if let Ok(value) = serde_json::from_str::<Value>(input) {
        let body = format!(r#"{{"cainfo":{},"input":{}}}"#, json!(signature(input.trim())), input.trim());
        let plain = opens(body.as_bytes()).expect("signed rightly");
        assert_eq!(plain.input, None);
        let answer = json!({ "infcode": 0, "output": value }).to_string().into_bytes();
        assert!(
            serde_json::from_slice::<Value>(&token_of().close(&BENCH.app.vault, answer, &opened)).is_ok()
        );
    }
}

fn ciphers(data: &[u8]) {
    let cipher = [7; 16];
    assert_eq!(decrypt(&cipher, &encrypt(&cipher, data)).as_deref(), Some(data));
    if let Some(plain) = decrypt(&cipher, data) {
        assert_eq!(encrypt(&cipher, &plain), data, "one text has one cipher");
    }
    let text = String::from_utf8_lossy(data);
    if let Some(key) = PublicKey::parse(&text) {
        let again = PublicKey::parse(&key.hex()).expect("what is written is read");
        assert_eq!(again.bytes(), key.bytes());
    }
    let _ = PublicKey::of(data).map(|it| it.verifies(CLIENT, data, data));
}

/// What was not shown proves nothing, to whomever it is said to belong.
fn code(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let app = &BENCH.app;
    let code = app.vault.lookup(Found::Code, text);
    if code == *OPENED {
        return;
    }
    for speaks_of in [SpeaksOf::Patient, SpeaksOf::Giver] {
        let it = Presented { code, speaks_of, institution: institution(), at: app.clock.now() };
        let proved = BENCH.runtime.block_on(codes::present(app, it)).expect("memory answers");
        assert_eq!(proved, Err(Spoiled::Unknown));
        let exchanged = BENCH.runtime.block_on(codes::exchange(app, it)).expect("memory answers");
        assert_eq!(exchanged, Err(Spoiled::Unknown));
    }
}

fn settings(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.splitn(3, '\n');
    let (scheme, digest, sm2) = (lines.next().unwrap_or_default(), lines.next(), lines.next());
    let wanted =
        Wanted { scheme, digest: digest.filter(|it| !it.is_empty()), sm2: sm2.filter(|it| !it.is_empty()) };
    match wanted.read() {
        Ok((found, _)) => assert_eq!(found.word, scheme),
        Err(unfit) => tells_no_id_number(&unfit.to_string(), data),
    }
    if let Some(infno) = digest {
        let ends = scheme.to_ascii_lowercase().ends_with(&infno.to_ascii_lowercase());
        assert!(ends || !names(scheme, infno), "{scheme} is no name of {infno}");
    }
}

fn asks(data: &[u8]) {
    let (headers, body) = split(data);
    let form = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
    let form = form.body(Body::from(body.to_vec())).expect("a request");
    let app = &BENCH.app;
    BENCH.runtime.block_on(async {
        let form = Form::<Asked>::from_request(form, &()).await;
        let status = token::answer(State(app.clone()), headers, form).await.status().as_u16();
        assert!([200, 400, 401].contains(&status), "{status}");
    });
}
