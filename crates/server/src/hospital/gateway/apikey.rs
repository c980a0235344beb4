//! Scheme (e), an `apikey` header: the access key and the secret themselves. Nothing is signed: TLS is all that protects it.

use super::{Claim, Claimed, SigningScheme, Turned, header};
use crate::app::App;
use crate::gateway_keys::{GatewayKey, Secret};
use axum::http::HeaderMap;
use domain::day::Moment;
use subtle::ConstantTimeEq as _;

pub(super) const SCHEME: SigningScheme = SigningScheme {
    word: "apikey",
    settings: &[],
    headers: &["apikey"],
    key: "apikey",
    time: "apikey",
    proof: "apikey",
    claim: read,
};

struct Stated<'a> {
    access_key: &'a str,
    secret: &'a str,
}

fn read<'a>(_: &App, headers: &'a HeaderMap) -> Claimed<'a> {
    let parts = header(headers, SCHEME.key)?.split_once('.');
    let (access_key, secret) = parts.ok_or_else(|| Turned::away("apikey 应是 access key、点和密钥"))?;
    Ok(Box::new(Stated { access_key, secret }))
}

impl Claim for Stated<'_> {
    fn access_key(&self) -> &str {
        self.access_key
    }

    fn sent(&self) -> Option<Moment> {
        None
    }

    fn holds(&self, _: &GatewayKey, secret: &Secret, _: &[u8]) -> bool {
        self.secret.as_bytes().ct_eq(secret.text.as_bytes()).into()
    }
}
