//! Scheme (d) as a HIS speaks it: a token, an SM2 signature over the text of `input`, which may be encrypted with SM4; answers
//! are opened, and their signatures verified, in the same way.

use super::sender::Reply;
use crate::shangmi::{self, PrivateKey, PublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::day::Moment;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// How long before its end a token is not used any more.
const SPARE_MS: i64 = 60_000;

/// The SM2 keys of an institution.
#[derive(Clone)]
pub struct Keys {
    /// Its own, which signs.
    pub own: PrivateKey,
    /// The platform's; without it nobody verifies the answers.
    pub platform: Option<PublicKey>,
    /// Whether what is asked is encrypted, and so what is answered.
    pub encrypts: bool,
}

/// A token, and until when it is used.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) text: String,
    until: Moment,
}

impl Token {
    /// Reads the answer to a request for one.
    pub(super) fn read(answer: &Value, now: Moment) -> Option<Token> {
        let lasts_ms = answer["expires_in"].as_i64().unwrap_or(0).saturating_mul(1_000);
        let until = now.plus_millis(lasts_ms.saturating_sub(SPARE_MS));
        Some(Token { text: answer["access_token"].as_str()?.to_owned(), until })
    }

    /// Whether it is still used.
    pub(super) fn lasts(&self, now: Moment) -> bool {
        now < self.until
    }
}

/// The form that asks for a token.
pub(super) fn grant<'a>(institution: &'a str, secret: &'a str) -> [(&'static str, &'a str); 4] {
    [("grant_type", "password"), ("username", institution), ("password", secret), ("scope", "")]
}

/// What proves to the giver of tokens who asks.
pub(super) fn basic(client: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{client}:{secret}")))
}

/// What of an answer is signed.
#[derive(Deserialize)]
struct Signed<'a> {
    #[serde(borrow)]
    output: &'a RawValue,
    cainfo: Option<String>,
    #[serde(alias = "encType", alias = "enctype")]
    enc_type: Option<String>,
}

impl Keys {
    /// A message with its signature; encrypted, where that is wanted.
    pub(super) fn seal(&self, client: &str, envelope: &Value) -> Vec<u8> {
        let (mut sealed, input) = (envelope.clone(), envelope["input"].to_string());
        let signature = self.own.sign(client, input.as_bytes());
        sealed["cainfo"] = json!(signature.map(|it| STANDARD.encode(it)).unwrap_or_default());
        sealed["signtype"] = json!("SM2");
        if let Some(key) = cipher(client).filter(|_| self.encrypts) {
            sealed["enc_type"] = json!("SM4");
            sealed["input"] = json!(STANDARD.encode(shangmi::encrypt(&key, input.as_bytes())));
        }
        sealed.to_string().into_bytes()
    }

    /// An answer as it was before it was signed and encrypted, and whether it was so rightly. What is no answer of the
    /// interface, as a file or a refusal of the gateway, stays as it is.
    pub(super) fn open(&self, client: &str, reply: Reply) -> Reply {
        let Ok(signed) = serde_json::from_slice::<Signed<'_>>(&reply.bytes) else {
            // An answer of the interface that is not signed as it should be is none that was verified.
            let is_answer = reply.json.get("infcode").is_some();
            let is_sealed_rightly = self.platform.filter(|_| is_answer).map(|_| false);
            return Reply { is_sealed_rightly, ..reply };
        };
        let is_hidden = signed.enc_type.as_deref() == Some("SM4");
        let output =
            if is_hidden { revealed(client, signed.output) } else { Some(signed.output.get().to_owned()) };
        let is_right = output.as_deref().is_some_and(|it| {
            let nothing_to_hide = it == "null" || is_hidden == self.encrypts;
            nothing_to_hide && self.verifies(client, it, &signed.cainfo.unwrap_or_default())
        });
        let mut json = reply.json.clone();
        for outer in ["cainfo", "signtype", "enc_type"] {
            json.as_object_mut().map(|it| it.remove(outer));
        }
        json["output"] = output.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
        let bytes = json.to_string().into_bytes();
        Reply { bytes, json, is_sealed_rightly: self.platform.map(|_| is_right), ..reply }
    }

    fn verifies(&self, client: &str, output: &str, signature: &str) -> bool {
        let signature = STANDARD.decode(signature).unwrap_or_default();
        self.platform.is_some_and(|it| it.verifies(client, output.as_bytes(), &signature))
    }
}

/// The key of SM4 is the client's id, if that has 16 characters.
pub(super) fn cipher(client: &str) -> Option<[u8; 16]> {
    client.as_bytes().try_into().ok()
}

fn revealed(client: &str, output: &RawValue) -> Option<String> {
    let text: String = serde_json::from_str(output.get()).ok()?;
    let plain = shangmi::decrypt(&cipher(client)?, &STANDARD.decode(text).ok()?)?;
    String::from_utf8(plain).ok()
}
