//! Who sends a message: the signing schemes of the regions, one file each below this one. A scheme is a line in
//! [`SCHEMES`] and a `Claim`; what it signs and seals lies outside of the message and its answer, which are the same under
//! every scheme.

mod api;
mod apikey;
mod ca;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod nonces;
mod oauth;
mod tif;
pub(super) mod token;

pub use api::sign;

use crate::app::App;
use crate::gateway_keys::{self, GatewayKey, Hash, Secret, Settings};
use crate::shangmi::PublicKey;
use crate::vault::Vault;
use axum::http::HeaderMap;
use domain::day::Moment;
use domain::ids::InstitutionCode;
use nonces::Nonces;
use std::borrow::Cow;
use std::sync::Arc;
use store::Fault;

/// How far a message's time may be from ours: 30 minutes either way.
const WINDOW_MS: i64 = 30 * 60_000;

/// All schemes.
pub const SCHEMES: &[&SigningScheme] =
    &[&api::SCHEME, &tif::SCHEME, &ca::SCHEME, &oauth::SCHEME, &apikey::SCHEME];

/// A way of signing messages.
pub struct SigningScheme {
    /// The word for it, in keys, at the console and over REST.
    pub word: &'static str,
    /// What its keys have beside a secret.
    settings: &'static [Setting],
    /// The headers that are its own: whoever sends one of them means this scheme.
    headers: &'static [&'static str],
    /// The header that names the key, for complaints.
    key: &'static str,
    /// The header that states the time, for complaints; the key's where a scheme has no time.
    time: &'static str,
    /// The header that proves the sender, for complaints.
    proof: &'static str,
    /// Reads the headers.
    claim: for<'a> fn(&App, &'a HeaderMap) -> Claimed<'a>,
}

/// What the keys of a scheme may have beside a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    /// A choice of the digest.
    Digest,
    /// The institution's public SM2 key.
    Sm2,
}

/// What the headers of a message state. Nothing of it is believed before a secret holds.
trait Claim: Send + Sync {
    /// The key that is said to have been used.
    fn access_key(&self) -> &str;

    /// When the message is said to have been signed, where the scheme says so.
    fn sent(&self) -> Option<Moment>;

    /// Whether this secret of the key was at hand when the message was made.
    fn holds(&self, key: &GatewayKey, secret: &Secret, body: &[u8]) -> bool;

    /// The name of the message that was signed, where one was.
    fn name(&self) -> Option<&str> {
        None
    }

    /// What makes the signature one of a kind, where it covers nothing else that does.
    fn nonce(&self) -> Option<&str> {
        None
    }

    /// Opens what the sender put around the input, once the secret holds.
    fn open(&self, _key: &GatewayKey, _body: &[u8]) -> Result<Opened, Turned> {
        Ok(Opened::default())
    }

    /// Puts the same around the answer.
    fn close(&self, _vault: &Vault, answer: Vec<u8>, _opened: &Opened) -> Vec<u8> {
        answer
    }
}

/// What headers state, or why they state nothing.
type Claimed<'a> = Result<Box<dyn Claim + 'a>, Turned>;

/// What was found when a message was opened.
#[derive(Debug, Default)]
pub struct Opened {
    /// The text of the input, where the body has it encrypted.
    pub input: Option<String>,
}

/// Why the gateway turns a message away, in its own form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Turned {
    /// Not authenticated; the text says what to mend.
    #[error("{0}")]
    Away(Cow<'static, str>),
    /// The keys could not be looked up.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Turned {
    fn away(text: impl Into<Cow<'static, str>>) -> Turned {
        Turned::Away(text.into())
    }
}

/// What a process remembers of the messages it let in.
pub struct Gateway {
    nonces: Nonces,
}

/// Who says to have sent a message: whose key is named, and not more until it is verified.
pub struct SignedBy<'a> {
    scheme: &'static SigningScheme,
    claim: Box<dyn Claim + 'a>,
    key: Arc<GatewayKey>,
    at: Moment,
}

impl Gateway {
    /// A gateway that lets in from this moment on.
    pub fn since(started: Moment) -> Gateway {
        Gateway { nonces: Nonces::since(started) }
    }

    /// Who says to have sent a message with these headers, now.
    ///
    /// # Errors
    /// [`Turned`] with what to mend.
    pub async fn who<'a>(&self, app: &App, headers: &'a HeaderMap) -> Result<SignedBy<'a>, Turned> {
        let scheme = meant(headers)?;
        let claim = (scheme.claim)(app, headers)?;
        let at = app.clock.machine_now();
        if let Some(sent) = claim.sent() {
            scheme.in_time(sent, at)?;
        }
        let key = gateway_keys::find(app, claim.access_key()).await?;
        let key = key.ok_or_else(|| Turned::away(format!("{} 未登记", scheme.key)))?;
        if key.scheme != scheme.word {
            let text = format!("{} 是为其他签名方式发放的，请申请 {} 方式的密钥", scheme.key, scheme.word);
            return Err(Turned::away(text));
        }
        Ok(SignedBy { scheme, claim, key, at })
    }

    /// Believes who sent a message, or does not, and opens it.
    ///
    /// # Errors
    /// [`Turned`] with what to mend.
    pub fn verify(&self, sender: &SignedBy<'_>, body: &[u8]) -> Result<Opened, Turned> {
        let SignedBy { scheme, claim, key, at } = sender;
        if !key.secrets_at(*at).any(|it| claim.holds(key, it, body)) {
            return Err(Turned::away(format!("{} 校验不通过，请核对密钥与签名原文", scheme.proof)));
        }
        // Only who holds a secret makes us remember anything.
        if let (Some(nonce), Some(sent)) = (claim.nonce(), claim.sent()) {
            self.nonces.take(claim.access_key(), sent, nonce, *at).map_err(Turned::away)?;
        }
        claim.open(key, body)
    }
}

impl SignedBy<'_> {
    /// The institution that the key belongs to.
    pub fn institution(&self) -> InstitutionCode {
        self.key.institution
    }

    /// Whether a name is signed, and which transaction it allows is known from the headers.
    pub fn is_named(&self) -> bool {
        self.claim.name().is_some()
    }

    /// Whether what was signed is a message of this number: `1101`, `api_1101`, `hsa-fsi-1101`. Where a name is signed, the
    /// body is not, so this is all that keeps the headers of a question from being put before a settlement.
    ///
    /// # Errors
    /// [`Turned::Away`] where it is another.
    pub fn signed(&self, infno: &str) -> Result<(), Turned> {
        if self.claim.name().is_none_or(|it| names(it, infno)) {
            Ok(())
        } else {
            Err(Turned::away("_api_name 应以报文的交易编号（infno）结尾"))
        }
    }

    /// An answer as its receiver expects it.
    pub fn close(&self, vault: &Vault, answer: Vec<u8>, opened: &Opened) -> Vec<u8> {
        self.claim.close(vault, answer, opened)
    }
}

impl SigningScheme {
    /// A message's time is near ours; if not, by how much it is off, in which an hour's zone or a wrong unit can be seen.
    fn in_time(&self, sent: Moment, at: Moment) -> Result<(), Turned> {
        let late = at.millis() - sent.millis();
        if late.abs() <= WINDOW_MS {
            return Ok(());
        }
        let (minutes, way) = (late.abs() / 60_000, if late > 0 { "慢" } else { "快" });
        let text = format!("{} 超出 30 分钟时间窗：比平台{way} {minutes} 分钟，请校准时钟", self.time);
        Err(Turned::away(text))
    }
}

/// Whether a name ends with the number of a message.
fn names(name: &str, infno: &str) -> bool {
    let at = name.len().checked_sub(infno.len());
    let parts = at.and_then(|at| name.split_at_checked(at));
    parts.is_some_and(|(prefix, number)| {
        number.eq_ignore_ascii_case(infno) && (prefix.is_empty() || prefix.ends_with(['-', '_']))
    })
}

/// The one scheme that the headers mean. Of two, each could be believed for another reason.
fn meant(headers: &HeaderMap) -> Result<&'static SigningScheme, Turned> {
    let mut meant = SCHEMES.iter().filter(|it| it.headers.iter().any(|name| headers.contains_key(*name)));
    match (meant.next(), meant.next()) {
        (Some(scheme), None) => Ok(scheme),
        (Some(one), Some(other)) => {
            Err(Turned::away(format!("同时有 {} 与 {} 的请求头，请只用一种签名方式", one.key, other.key)))
        }
        (None, _) => {
            let keys: Vec<&str> = SCHEMES.iter().map(|it| it.key).collect();
            Err(Turned::away(format!("缺少签名请求头（{} 之一）", keys.join("、"))))
        }
    }
}

/// A header that must be there once and say something.
fn header<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Turned> {
    let mut all = headers.get_all(name).iter();
    let (first, second) = (all.next(), all.next());
    if second.is_some() {
        return Err(Turned::away(format!("请求头 {name} 重复")));
    }
    let text = first.and_then(|it| it.to_str().ok()).filter(|it| !it.is_empty());
    text.ok_or_else(|| Turned::away(format!("缺少请求头 {name}")))
}

/// A time as 13 digits of milliseconds or 10 of seconds, whichever of them are said to be right.
fn sent_at(timestamp: &str, lengths: &[usize]) -> Option<Moment> {
    let right = lengths.contains(&timestamp.len()) && timestamp.bytes().all(|it| it.is_ascii_digit());
    let number: i64 = right.then(|| timestamp.parse().ok()).flatten()?;
    Some(Moment::from_millis(if timestamp.len() == 10 { number * 1000 } else { number }))
}

/// What keeps a key from being made: the field and what would be right, in English.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {remedy}")]
pub struct Unfit {
    /// The field.
    pub field: &'static str,
    /// What would be right.
    pub remedy: String,
}

/// The scheme that a new key is for, and its settings as they were written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// The scheme's word.
    pub scheme: &'a str,
    /// A digest's word.
    pub digest: Option<&'a str>,
    /// The institution's public SM2 key, as hexadecimal or PEM.
    pub sm2: Option<&'a str>,
}

impl Wanted<'_> {
    /// The scheme, and the settings as keys have them.
    ///
    /// # Errors
    /// [`Unfit`] for a word that is none, and for settings that are missing, wrong, or mean nothing to the scheme.
    pub fn read(&self) -> Result<(&'static SigningScheme, Settings), Unfit> {
        let unfit = |field, remedy: String| Unfit { field, remedy };
        let scheme = SCHEMES.iter().find(|it| it.word == self.scheme).ok_or_else(|| {
            let words: Vec<&str> = SCHEMES.iter().map(|it| it.word).collect();
            unfit("scheme", format!("Write one of: {}.", words.join(", ")))
        })?;
        let has = |setting| scheme.settings.contains(&setting);
        let needless = |field| unfit(field, format!("Leave this out: {} has none.", scheme.word));
        let digest = match (self.digest, has(Setting::Digest)) {
            (Some(_), false) => return Err(needless("digest")),
            (Some(word), true) => Hash::parse(word),
            (None, _) => Some(Hash::default()),
        };
        let digest = digest.ok_or_else(|| unfit("digest", "Write sm3 or sha256.".to_owned()))?;
        let sm2 = match (self.sm2, has(Setting::Sm2)) {
            (Some(_), false) => return Err(needless("sm2_public_key")),
            (None, false) => None,
            (text, true) => {
                let remedy = "Send the institution's public SM2 key: PEM, or 130 hexadecimal digits.";
                let key = text.and_then(PublicKey::parse);
                Some(key.ok_or_else(|| unfit("sm2_public_key", remedy.to_owned()))?.bytes())
            }
        };
        Ok((scheme, Settings { digest, sm2 }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, the headers of a harmless question sign a settlement.
    #[test]
    fn a_name_ends_with_the_number_of_its_message() {
        for name in ["1101", "api_1101", "hsa-fsi-1101", "HSA-FSI-1101"] {
            assert!(names(name, "1101"), "{name}");
        }
        assert!(names("hsa-fsi-2207a", "2207A"));
        for name in ["1102", "11101", "api_11101", "1101_api", "", "共1101", "101"] {
            assert!(!names(name, "1101"), "{name}");
        }
    }

    /// If this fails, two schemes claim one header, and messages of one of them are never let in.
    #[test]
    fn no_two_schemes_share_a_word_or_a_header() {
        let mut all: Vec<&str> = SCHEMES.iter().flat_map(|it| it.headers.iter().copied()).collect();
        all.extend(SCHEMES.iter().map(|it| it.word));
        let number = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), number - 1, "apikey is a word and a header, nothing else is twice");
    }

    /// If this fails, a key is made that signs nothing, or for a scheme that somebody misspelt.
    #[test]
    fn a_key_is_made_with_what_its_scheme_needs_and_nothing_else() {
        let own = crate::shangmi::PrivateKey::of(&[7; 32]).expect("a key").public().hex();
        let (own, none) = (Some(own.as_str()), None);
        let cases = [
            ("api", none, none, ""),
            ("ca", none, none, ""),
            ("ca", Some("sha256"), none, ""),
            ("oauth", none, own, ""),
            ("API", none, none, "scheme: Write one of: api, tif, ca, oauth, apikey."),
            ("", none, none, "scheme"),
            ("ca", Some("md5"), none, "digest: Write sm3 or sha256."),
            ("tif", Some("sm3"), none, "digest: Leave this out"),
            ("ca", none, own, "sm2_public_key: Leave this out"),
            ("oauth", none, none, "sm2_public_key: Send"),
            ("oauth", none, Some("04"), "sm2_public_key: Send"),
        ];
        for (scheme, digest, sm2, says) in cases {
            let said =
                Wanted { scheme, digest, sm2 }.read().err().map(|it| it.to_string()).unwrap_or_default();
            assert!(said.starts_with(says) && said.is_empty() == says.is_empty(), "{scheme}: {said}");
        }
    }
}
