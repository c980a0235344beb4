//! Scheme (b), `x-tif-*` headers: SHA-256 over time, secret and nonce. Neither the body nor its number is covered, so each
//! nonce is taken once.

use super::{Claim, Claimed, SigningScheme, Turned, header, sent_at};
use crate::app::App;
use crate::gateway_keys::{GatewayKey, Secret};
use crate::vault::unhex;
use axum::http::HeaderMap;
use domain::day::Moment;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

pub(super) const SCHEME: SigningScheme = SigningScheme {
    word: "tif",
    settings: &[],
    headers: &["x-tif-paasid", "x-tif-timestamp", "x-tif-nonce", "x-tif-signature"],
    key: "x-tif-paasid",
    time: "x-tif-timestamp",
    proof: "x-tif-signature",
    claim: read,
};

struct Signed<'a> {
    access_key: &'a str,
    timestamp: &'a str,
    nonce: &'a str,
    signature: &'a str,
    sent: Moment,
}

fn read<'a>(_: &App, headers: &'a HeaderMap) -> Claimed<'a> {
    let access_key = header(headers, SCHEME.key)?;
    let timestamp = header(headers, SCHEME.time)?;
    let sent = sent_at(timestamp, &[10]);
    Ok(Box::new(Signed {
        access_key,
        timestamp,
        nonce: header(headers, "x-tif-nonce")?,
        signature: header(headers, SCHEME.proof)?,
        sent: sent.ok_or_else(|| Turned::away("x-tif-timestamp 应是 10 位秒"))?,
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
        let parts = [self.timestamp, &secret.text, self.nonce, self.timestamp];
        let digest = parts.iter().fold(Sha256::new(), |digest, it| digest.chain_update(it)).finalize();
        unhex(self.signature).is_some_and(|it| it.ct_eq(&digest).into())
    }

    fn nonce(&self) -> Option<&str> {
        Some(self.nonce)
    }
}
