//! Scheme (a), `_api_*` headers: HMAC-SHA1 over the headers. The body is not covered, its number is.

use super::{Claim, Claimed, SigningScheme, Turned, header, sent_at};
use crate::app::App;
use crate::gateway_keys::{GatewayKey, Secret};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::day::Moment;
use hmac::digest::KeyInit as _;
use hmac::{Hmac, Mac as _};

pub(super) const SCHEME: SigningScheme = SigningScheme {
    word: "api",
    settings: &[],
    headers: &["_api_access_key", "_api_name", "_api_timestamp", "_api_version", "_api_signature"],
    key: "_api_access_key",
    time: "_api_timestamp",
    proof: "_api_signature",
    claim: read,
};

/// The signed headers.
struct Signed<'a> {
    access_key: &'a str,
    name: &'a str,
    timestamp: &'a str,
    version: &'a str,
    signature: &'a str,
    sent: Moment,
}

fn read<'a>(_: &App, headers: &'a HeaderMap) -> Claimed<'a> {
    let access_key = header(headers, SCHEME.key)?;
    let timestamp = header(headers, SCHEME.time)?;
    let sent = sent_at(timestamp, &[13, 10]);
    Ok(Box::new(Signed {
        access_key,
        name: header(headers, "_api_name")?,
        timestamp,
        version: header(headers, "_api_version")?,
        signature: header(headers, SCHEME.proof)?,
        sent: sent.ok_or_else(|| Turned::away("_api_timestamp 应是 13 位毫秒或 10 位秒"))?,
    }))
}

impl Claim for Signed<'_> {
    fn access_key(&self) -> &str {
        self.access_key
    }

    fn sent(&self) -> Option<Moment> {
        Some(self.sent)
    }

    fn holds(&self, _: &GatewayKey, secret: &Secret, _: &[u8]) -> bool {
        // Three bytes more than SHA-1 has: what does not fit is no signature.
        let mut stated = [0; 23];
        let read = STANDARD.decode_slice(self.signature, &mut stated);
        read.is_ok_and(|it| mac(self, &secret.text).verify_slice(&stated[..it]).is_ok())
    }

    fn name(&self) -> Option<&str> {
        Some(self.name)
    }
}

fn mac(signed: &Signed<'_>, secret: &str) -> Hmac<sha1::Sha1> {
    let parts = [
        ("_api_access_key=", signed.access_key),
        ("&_api_name=", signed.name),
        ("&_api_timestamp=", signed.timestamp),
        ("&_api_version=", signed.version),
    ];
    let mut mac =
        Hmac::<sha1::Sha1>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    for (name, value) in parts {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    mac
}

/// The headers that sign a message, for clients of ours (demo, tests).
pub fn sign(access_key: &str, secret: &str, infno: &str, at: Moment) -> [(&'static str, String); 5] {
    let timestamp = at.millis().to_string();
    let signed =
        Signed { access_key, name: infno, timestamp: &timestamp, version: "1.0", signature: "", sent: at };
    let signature = STANDARD.encode(mac(&signed, secret).finalize().into_bytes());
    [
        ("_api_access_key", access_key.to_owned()),
        ("_api_name", infno.to_owned()),
        ("_api_timestamp", timestamp),
        ("_api_version", "1.0".to_owned()),
        ("_api_signature", signature),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::InstitutionCode;

    /// The published vector: if this fails, no institution of this scheme can sign in.
    #[test]
    fn the_test_vector_verifies() {
        let sent = Moment::from_millis(1_795_310_688_479);
        let headers = sign("AK", "SK", "api_1101", sent);
        let [.., (_, signature)] = &headers;
        assert_eq!(signature, "Tu6xKtbx2b5TQBW/NgE9wjtyagA=");
        let institution = InstitutionCode::parse("H32030000001").expect("valid");
        let timestamp = "1795310688479";
        let signed = |name| Signed { access_key: "AK", name, timestamp, version: "1.0", signature, sent };
        let holds = |name, secret| {
            let key = GatewayKey::of(institution, "api", secret, sent);
            signed(name).holds(&key, &key.secrets[0], b"")
        };
        assert!(holds("api_1101", "SK"));
        assert!(!holds("api_1101", "SL"));
        assert!(!holds("api_1102", "SK"));
    }
}
