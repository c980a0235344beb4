//! Scheme (c), `x-ca-*` headers: a keyed hash over time and body, byte for byte as it came.

use super::{Claim, Claimed, Setting, SigningScheme, Turned, header, sent_at};
use crate::app::App;
use crate::gateway_keys::{GatewayKey, Hash, Secret};
use crate::vault::unhex;
use axum::http::HeaderMap;
use domain::day::Moment;
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};

pub(super) const SCHEME: SigningScheme = SigningScheme {
    word: "ca",
    settings: &[Setting::Digest],
    headers: &["x-ca-key", "x-ca-signature"],
    key: "x-ca-key",
    time: "x-ca-signature",
    proof: "x-ca-signature",
    claim: read,
};

struct Signed<'a> {
    access_key: &'a str,
    timestamp: &'a str,
    signature: &'a str,
    sent: Moment,
}

fn read<'a>(_: &App, headers: &'a HeaderMap) -> Claimed<'a> {
    let access_key = header(headers, SCHEME.key)?;
    let stated = header(headers, SCHEME.proof)?.split_once(':');
    let parts = stated.and_then(|(time, it)| Some((time, it, sent_at(time, &[13])?)));
    let (timestamp, signature, sent) =
        parts.ok_or_else(|| Turned::away("x-ca-signature 应是 13 位毫秒、冒号和十六进制签名"))?;
    Ok(Box::new(Signed { access_key, timestamp, signature, sent }))
}

impl Claim for Signed<'_> {
    fn access_key(&self) -> &str {
        self.access_key
    }

    fn sent(&self) -> Option<Moment> {
        Some(self.sent)
    }

    fn holds(&self, key: &GatewayKey, secret: &Secret, body: &[u8]) -> bool {
        match key.settings.digest {
            Hash::Sm3 => self.is_made_by::<Hmac<sm3::Sm3>>(secret, body),
            Hash::Sha256 => self.is_made_by::<Hmac<sha2::Sha256>>(secret, body),
        }
    }
}

impl Signed<'_> {
    fn is_made_by<M: Mac + KeyInit>(&self, secret: &Secret, body: &[u8]) -> bool {
        let mut mac =
            <M as KeyInit>::new_from_slice(secret.text.as_bytes()).expect("HMAC takes keys of any length");
        [self.timestamp.as_bytes(), b"\n", body].into_iter().for_each(|it| mac.update(it));
        unhex(self.signature).is_some_and(|it| mac.verify_slice(&it).is_ok())
    }
}
