//! Keys and secrets of institutions for the gateway: the secret is kept sealed and shown once.

use crate::app::App;
use crate::vault::{hex, random};
use domain::ids::InstitutionCode;
use serde::{Deserialize, Serialize};
use store::Fault;

const DRAWER: &str = "gateway";

/// A key of an institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayKey {
    /// Whose.
    pub institution: InstitutionCode,
    /// The secret.
    pub secret: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    institution: InstitutionCode,
    sealed: Vec<u8>,
}

/// Keeps a key; one with the same access key is replaced.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn keep(app: &App, access_key: &str, key: &GatewayKey) -> Result<(), Fault> {
    let sealed = app.vault.seal(random(), key.secret.as_bytes());
    let kept = Kept { institution: key.institution, sealed };
    app.desk.put(DRAWER, access_key, &domain::chain::encode(&kept), None).await
}

/// A fresh access key and secret for an institution, kept.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn issue(app: &App, institution: InstitutionCode) -> Result<(String, GatewayKey), Fault> {
    let access_key = hex(&random::<8>());
    let key = GatewayKey { institution, secret: hex(&random::<16>()) };
    keep(app, &access_key, &key).await?;
    Ok((access_key, key))
}

/// The key behind an access key.
///
/// # Errors
/// A [`Fault`] where the store is away or damaged.
pub async fn find(app: &App, access_key: &str) -> Result<Option<GatewayKey>, Fault> {
    let Some(bytes) = app.desk.get(DRAWER, access_key, app.clock.now()).await? else { return Ok(None) };
    let damaged = || Fault::Damaged("a gateway key cannot be read".to_owned());
    let kept: Kept = domain::chain::decode(&bytes).map_err(|_| damaged())?;
    let secret = app.vault.open(&kept.sealed).map_err(|_| damaged())?;
    let secret = String::from_utf8(secret).map_err(|_| damaged())?;
    Ok(Some(GatewayKey { institution: kept.institution, secret }))
}
