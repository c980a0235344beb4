//! Gateway scheme (a), `_api_*` headers: who sends a message. The body is not covered by the signature.

use crate::app::App;
use crate::gateway_keys;
use axum::http::HeaderMap;
use base64::Engine as _;
use domain::day::Moment;
use domain::ids::InstitutionCode;
use hmac::digest::KeyInit as _;
use hmac::{Hmac, Mac as _};
use store::Fault;

/// The scheme as keys name it.
const SCHEME: &str = "api";

/// How far a message's time may be from ours: 30 minutes either way.
const WINDOW_MS: i64 = 30 * 60_000;

/// Why the gateway turns a message away, in its own form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Turned {
    /// Not authenticated; the text says what to mend.
    #[error("{0}")]
    Away(&'static str),
    /// The keys could not be looked up.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The signed headers.
struct Signed<'a> {
    access_key: &'a str,
    name: &'a str,
    timestamp: &'a str,
    version: &'a str,
    signature: &'a str,
}

/// Who sent a message, and as what.
pub struct SignedBy {
    /// The institution that the key belongs to.
    pub institution: InstitutionCode,
    /// `_api_name`, as it was signed.
    name: String,
}

impl SignedBy {
    /// Whether what was signed is a message of this number: `1101`, `api_1101`, `hsa-fsi-1101`. The body is not signed,
    /// so this is all that keeps the headers of a question from being put before a settlement.
    ///
    /// # Errors
    /// [`Turned::Away`] where it is another.
    pub fn signed(&self, infno: &str) -> Result<(), Turned> {
        let at = self.name.len().checked_sub(infno.len());
        let parts = at.and_then(|at| self.name.split_at_checked(at));
        let right = parts.is_some_and(|(prefix, number)| {
            number.eq_ignore_ascii_case(infno) && (prefix.is_empty() || prefix.ends_with(['-', '_']))
        });
        if right {
            Ok(())
        } else {
            Err(Turned::Away("_api_name 应以报文的交易编号（infno）结尾"))
        }
    }
}

/// Who sent a message with these headers, as of now.
///
/// # Errors
/// [`Turned`] with what to mend.
pub async fn authenticate(app: &App, headers: &HeaderMap) -> Result<SignedBy, Turned> {
    let signed = read(headers)?;
    let sent = sent_at(signed.timestamp).ok_or(Turned::Away("_api_timestamp 应是 13 位毫秒或 10 位秒"))?;
    if (app.clock.machine_now().millis() - sent.millis()).abs() > WINDOW_MS {
        return Err(Turned::Away("_api_timestamp 超出 30 分钟时间窗，请校准时钟"));
    }
    let key = gateway_keys::find(app, signed.access_key).await?;
    let key = key.ok_or(Turned::Away("_api_access_key 未登记"))?;
    if key.scheme != SCHEME {
        return Err(Turned::Away("_api_access_key 是为其他签名方式发放的，请申请 api 方式的密钥"));
    }
    if verifies(&signed, &key.secret) {
        Ok(SignedBy { institution: key.institution, name: signed.name.to_owned() })
    } else {
        Err(Turned::Away("_api_signature 校验不通过，请核对密钥与签名原文"))
    }
}

fn read(headers: &HeaderMap) -> Result<Signed<'_>, Turned> {
    let get = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).filter(|it| !it.is_empty());
    let missing = |what| Turned::Away(what);
    Ok(Signed {
        access_key: get("_api_access_key").ok_or(missing("缺少请求头 _api_access_key"))?,
        name: get("_api_name").ok_or(missing("缺少请求头 _api_name"))?,
        timestamp: get("_api_timestamp").ok_or(missing("缺少请求头 _api_timestamp"))?,
        version: get("_api_version").ok_or(missing("缺少请求头 _api_version"))?,
        signature: get("_api_signature").ok_or(missing("缺少请求头 _api_signature"))?,
    })
}

fn sent_at(timestamp: &str) -> Option<Moment> {
    let digits = timestamp.bytes().all(|it| it.is_ascii_digit());
    let number: i64 = digits.then(|| timestamp.parse().ok()).flatten()?;
    match timestamp.len() {
        13 => Some(Moment::from_millis(number)),
        10 => Some(Moment::from_millis(number * 1000)),
        _ => None,
    }
}

fn verifies(signed: &Signed<'_>, secret: &str) -> bool {
    // Three bytes more than SHA-1 has: what does not fit is no signature.
    let mut stated = [0; 23];
    let read = base64::engine::general_purpose::STANDARD.decode_slice(signed.signature, &mut stated);
    read.is_ok_and(|it| mac(signed, secret).verify_slice(&stated[..it]).is_ok())
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
    let signed = Signed { access_key, name: infno, timestamp: &timestamp, version: "1.0", signature: "" };
    let signature = mac(&signed, secret).finalize().into_bytes();
    let signature = base64::engine::general_purpose::STANDARD.encode(signature);
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

    /// If this fails, the headers of a harmless question sign a settlement.
    #[test]
    fn a_name_ends_with_the_number_of_its_message() {
        let code = InstitutionCode::parse("H32030000001").expect("valid");
        let signed = |name: &str, infno| SignedBy { institution: code, name: name.to_owned() }.signed(infno);
        for name in ["1101", "api_1101", "hsa-fsi-1101", "HSA-FSI-1101"] {
            assert_eq!(signed(name, "1101"), Ok(()), "{name}");
        }
        assert_eq!(signed("hsa-fsi-2207a", "2207A"), Ok(()));
        for name in ["1102", "11101", "api_11101", "1101_api", "", "共1101", "101"] {
            assert!(signed(name, "1101").is_err(), "{name}");
        }
    }

    /// The published vector: if this fails, no institution of this scheme can sign in.
    #[test]
    fn the_test_vector_verifies() {
        let headers = sign("AK", "SK", "api_1101", Moment::from_millis(1_795_310_688_479));
        let [.., (_, signature)] = &headers;
        assert_eq!(signature, "Tu6xKtbx2b5TQBW/NgE9wjtyagA=");
        let signed = Signed {
            access_key: "AK",
            name: "api_1101",
            timestamp: "1795310688479",
            version: "1.0",
            signature,
        };
        assert!(verifies(&signed, "SK"));
        assert!(!verifies(&signed, "SL"));
        assert!(!verifies(&Signed { name: "api_1102", ..signed }, "SK"));
    }
}
