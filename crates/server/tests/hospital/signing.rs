//! A client of every signing scheme, as the makers of hospital software write one: signs a message, reads an answer.

use crate::world::{access_key, machine, secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::day::Moment;
use hmac::digest::KeyInit as _;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use server::gateway_keys::{self, GatewayKey, Hash, Settings};
use server::shangmi::{self, PrivateKey, PublicKey};
use sha2::Digest as _;

/// The words of all schemes.
pub(crate) const ALL: [&str; 5] = ["api", "tif", "ca", "oauth", "apikey"];

/// Who signs, how, and when.
#[derive(Clone)]
pub(crate) struct Signer {
    pub(crate) scheme: &'static str,
    pub(crate) access_key: String,
    pub(crate) secret: String,
    pub(crate) at: Moment,
    pub(crate) nonce: String,
    pub(crate) digest: Hash,
    pub(crate) token: String,
    pub(crate) own: PrivateKey,
    /// The key of SM4 where the input is encrypted.
    pub(crate) cipher: Option<[u8; 16]>,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// The institution's own SM2 key.
pub(crate) fn own_key() -> PrivateKey {
    PrivateKey::of(&[0x11; 32]).expect("a key")
}

/// The access key of an institution in a scheme: 16 characters, as those that are made.
pub(crate) fn key_in(scheme: &str, place: &str) -> String {
    format!("{scheme:x>4.4}{place}")
}

impl Signer {
    /// An institution's signer in a scheme; its key is the one that [`keep`] keeps. A little after the start, since nothing
    /// is known of nonces before it.
    pub(crate) fn of(scheme: &'static str, place: &str) -> Signer {
        let of_api = scheme == "api";
        Signer {
            scheme,
            access_key: if of_api { access_key(place) } else { key_in(scheme, place) },
            secret: secret(place),
            at: machine().plus_millis(1_000),
            nonce: "n-1".to_owned(),
            digest: Hash::Sm3,
            token: String::new(),
            own: own_key(),
            cipher: None,
        }
    }

    /// The key as the platform keeps it.
    pub(crate) fn key(&self, place: &str) -> GatewayKey {
        let sm2 = (self.scheme == "oauth").then(|| self.own.public().bytes());
        let settings = Settings { digest: self.digest, sm2 };
        let key = GatewayKey::of(crate::world::code(place), self.scheme, &self.secret, machine());
        GatewayKey { settings, ..key }
    }

    /// A message as it is sent.
    pub(crate) fn sign(&self, envelope: &Value) -> Message {
        let plain = envelope.to_string().into_bytes();
        let infno = envelope["infno"].as_str().expect("infno");
        match self.scheme {
            "api" => Message { headers: self.api(infno), body: plain },
            "tif" => Message { headers: self.tif(), body: plain },
            "ca" => Message { headers: self.ca(&plain), body: plain },
            "apikey" => {
                let both = format!("{}.{}", self.access_key, self.secret);
                Message { headers: vec![("apikey", both)], body: plain }
            }
            _ => Message {
                headers: vec![("authorization", format!("Bearer {}", self.token))],
                body: self.sealed(envelope),
            },
        }
    }

    fn api(&self, infno: &str) -> Vec<(&'static str, String)> {
        let time = self.at.millis().to_string();
        let key = &self.access_key;
        let text = format!("_api_access_key={key}&_api_name={infno}&_api_timestamp={time}&_api_version=1.0");
        let mac = Hmac::<sha1::Sha1>::new_from_slice(self.secret.as_bytes()).expect("any length");
        let signature = STANDARD.encode(mac.chain_update(text).finalize().into_bytes());
        vec![
            ("_api_access_key", key.clone()),
            ("_api_name", infno.to_owned()),
            ("_api_timestamp", time),
            ("_api_version", "1.0".to_owned()),
            ("_api_signature", signature),
        ]
    }

    fn tif(&self) -> Vec<(&'static str, String)> {
        let time = (self.at.millis() / 1000).to_string();
        let digest = sha2::Sha256::digest(format!("{time}{}{}{time}", self.secret, self.nonce));
        vec![
            ("x-tif-paasid", self.access_key.clone()),
            ("x-tif-timestamp", time),
            ("x-tif-nonce", self.nonce.clone()),
            ("x-tif-signature", server::vault::hex(&digest)),
        ]
    }

    fn ca(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        let time = self.at.millis().to_string();
        let text = [time.as_bytes(), b"\n", body].concat();
        let secret = self.secret.as_bytes();
        let digest = match self.digest {
            Hash::Sm3 => {
                let mac = Hmac::<sm3::Sm3>::new_from_slice(secret).expect("any length");
                mac.chain_update(text).finalize().into_bytes()
            }
            Hash::Sha256 => {
                let mac = Hmac::<sha2::Sha256>::new_from_slice(secret).expect("any length");
                mac.chain_update(text).finalize().into_bytes()
            }
        };
        let signature = format!("{time}:{}", server::vault::hex(&digest).to_uppercase());
        vec![("x-ca-key", self.access_key.clone()), ("x-ca-signature", signature)]
    }

    fn sealed(&self, envelope: &Value) -> Vec<u8> {
        let mut envelope = envelope.clone();
        let input = envelope["input"].to_string();
        let signature = self.own.sign(&self.access_key, input.as_bytes()).expect("signs");
        envelope["cainfo"] = json!(STANDARD.encode(signature));
        envelope["signtype"] = json!("SM2");
        if let Some(key) = &self.cipher {
            envelope["enc_type"] = json!("SM4");
            envelope["input"] = json!(STANDARD.encode(shangmi::encrypt(key, input.as_bytes())));
        }
        envelope.to_string().into_bytes()
    }

    /// The key of SM4 as the interface has it.
    pub(crate) fn encrypting(self) -> Signer {
        let cipher = self.access_key.as_bytes().try_into().expect("16 characters");
        Signer { cipher: Some(cipher), ..self }
    }

    /// An answer as the client reads it: for the scheme oauth verified and decrypted.
    pub(crate) fn read(&self, answer: &[u8], platform: &PublicKey) -> Value {
        let mut json: Value = serde_json::from_slice(answer).expect("JSON");
        if self.scheme != "oauth" || json["code"].is_number() {
            assert_eq!(json["cainfo"], Value::Null);
            return json;
        }
        let output = self.output(answer);
        assert_eq!(json["signtype"], "SM2");
        let signature = STANDARD.decode(json["cainfo"].as_str().expect("cainfo")).expect("Base64");
        assert!(
            platform.verifies(&self.access_key, output.as_bytes(), &signature),
            "the platform's signature"
        );
        assert!(!platform.verifies(&self.access_key, format!("{output} ").as_bytes(), &signature));
        json["output"] = serde_json::from_str(&output).expect("JSON");
        json
    }
}

impl Signer {
    /// The text of the output that the platform signed.
    pub(crate) fn output(&self, answer: &[u8]) -> String {
        let json: Value = serde_json::from_slice(answer).expect("JSON");
        match (json["enc_type"].as_str(), &self.cipher) {
            (Some("SM4"), Some(key)) => {
                let sealed = STANDARD.decode(json["output"].as_str().expect("text")).expect("Base64");
                String::from_utf8(shangmi::decrypt(key, &sealed).expect("SM4")).expect("UTF-8")
            }
            (None, _) => output_of(std::str::from_utf8(answer).expect("UTF-8")).to_owned(),
            (other, _) => panic!("enc_type {other:?}"),
        }
    }
}

/// The text of `output`, exactly as it stands in an answer.
fn output_of(text: &str) -> &str {
    let start = text.find("\"output\":").expect("an output") + "\"output\":".len();
    let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
    values.next().expect("a value").expect("JSON");
    &text[start..start + values.byte_offset()]
}

/// Keeps the key of a signer for an institution.
pub(crate) async fn keep(app: &server::app::App, signer: &Signer, place: &str) {
    gateway_keys::keep(app, &signer.access_key, &signer.key(place)).await.expect("kept");
}
