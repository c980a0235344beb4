//! Scheme (d): an OAuth2 bearer token says who sends, an SM2 signature in `cainfo` covers the text of `input`, and `input`
//! may be encrypted with SM4. Answers are signed, and encrypted, in the same way.

use super::token::{Token, after_word};
use super::{Claim, Claimed, Opened, Setting, SigningScheme, Turned, header};
use crate::app::App;
use crate::gateway_keys::{GatewayKey, Secret};
use crate::shangmi::{self, PublicKey};
use crate::vault::Vault;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::day::Moment;
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;

pub(super) const SCHEME: SigningScheme = SigningScheme {
    word: "oauth",
    settings: &[Setting::Sm2],
    headers: &["authorization"],
    key: "authorization",
    time: "authorization",
    proof: "authorization",
    claim: read,
};

/// How the interface calls the algorithms.
const SM2: &str = "SM2";
const SM4: &str = "SM4";

/// What a message says of its signature. A field that is there twice is refused: one of the two would be verified, and the
/// other carried out.
#[derive(Deserialize)]
struct Sealed<'a> {
    #[serde(borrow)]
    input: &'a RawValue,
    cainfo: Option<String>,
    signtype: Option<String>,
    #[serde(alias = "encType")]
    enc_type: Option<String>,
}

fn read<'a>(app: &App, headers: &'a HeaderMap) -> Claimed<'a> {
    let token = after_word(header(headers, SCHEME.key)?, "Bearer");
    let token = token.and_then(|it| Token::open(&app.vault, it));
    let token = token.ok_or_else(|| Turned::away("authorization 应是 Bearer 和本平台发放的 access_token"))?;
    if token.expires <= app.clock.machine_now() {
        return Err(Turned::away("access_token 已过期，请重新申请"));
    }
    Ok(Box::new(token))
}

impl Claim for Token {
    fn access_key(&self) -> &str {
        &self.client
    }

    fn sent(&self) -> Option<Moment> {
        None
    }

    /// A token is worth as much as the secret it was given for: it ends when that ends.
    fn holds(&self, _: &GatewayKey, secret: &Secret, _: &[u8]) -> bool {
        self.secret_no == secret.no
    }

    fn open(&self, key: &GatewayKey, body: &[u8]) -> Result<Opened, Turned> {
        let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        let sealed: Sealed<'_> = serde_json::from_slice(body).map_err(|_| {
            Turned::away("报文不是有效的 JSON，或 input、cainfo、signtype、enc_type 缺少或重复，无法验签")
        })?;
        if !is_unsaid(&sealed.signtype) && sealed.signtype.as_deref() != Some(SM2) {
            return Err(Turned::away("signtype 应是 SM2"));
        }
        let input = match sealed.enc_type.as_deref() {
            _ if is_unsaid(&sealed.enc_type) => None,
            Some(SM4) => {
                let plain = self.decrypted(sealed.input);
                Some(plain.ok_or_else(|| {
                    Turned::away("input 应是以 client_id 加密的 SM4/ECB/PKCS7 密文的 Base64")
                })?)
            }
            _ => return Err(Turned::away("enc_type 应是 SM4，或不填")),
        };
        let signed = input.as_deref().unwrap_or(sealed.input.get());
        let signature = STANDARD.decode(sealed.cainfo.unwrap_or_default());
        let own = key.settings.sm2.as_deref().and_then(PublicKey::of);
        let verifies = |signature: &Vec<u8>| {
            own.is_some_and(|it| it.verifies(&self.client, signed.as_bytes(), signature))
        };
        if signature.is_ok_and(|it| verifies(&it)) {
            Ok(Opened { input })
        } else {
            Err(Turned::away("cainfo 校验不通过，请核对私钥、client_id 与 input 原文"))
        }
    }

    fn close(&self, vault: &Vault, answer: Vec<u8>, opened: &Opened) -> Vec<u8> {
        let mut fields: BTreeMap<&str, Box<RawValue>> =
            serde_json::from_slice(&answer).expect("our answers are JSON objects");
        let text = |it: &str| to_raw_value(it).expect("text is JSON");
        let output = fields.get("output").map(|it| it.get().to_owned()).unwrap_or_default();
        let signature = vault.answer_key().sign(&self.client, output.as_bytes());
        fields.insert("cainfo", text(&signature.map(|it| STANDARD.encode(it)).unwrap_or_default()));
        fields.insert("signtype", text(SM2));
        // Where there is no output there is nothing to hide, and clients look whether it is null.
        if let (Some(_), Some(key), false) = (&opened.input, self.cipher_key(), output == "null") {
            fields.insert("output", text(&STANDARD.encode(shangmi::encrypt(&key, output.as_bytes()))));
            fields.insert("enc_type", text(SM4));
        }
        serde_json::to_vec(&fields).expect("what was read can be written")
    }
}

impl Token {
    /// The key of SM4 is the client's id: that is how the interface has it, and why it hides nothing from who sees headers.
    fn cipher_key(&self) -> Option<[u8; 16]> {
        self.client.as_bytes().try_into().ok()
    }

    fn decrypted(&self, input: &RawValue) -> Option<String> {
        let text: String = serde_json::from_str(input.get()).ok()?;
        let plain = shangmi::decrypt(&self.cipher_key()?, &STANDARD.decode(text).ok()?)?;
        String::from_utf8(plain).ok()
    }
}

/// Whether an optional field says nothing: institutions leave it out, or empty, or write `null`.
fn is_unsaid(field: &Option<String>) -> bool {
    field.as_deref().is_none_or(|it| it.is_empty() || it == "null")
}
