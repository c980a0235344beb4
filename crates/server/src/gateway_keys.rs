//! Access keys and secrets with which hospitals and pharmacies sign their messages; secrets lie sealed.

use crate::app::App;
use crate::vault::{hex, random};
use domain::day::Moment;
use domain::ids::InstitutionCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::RwLock;
use store::Fault;

/// The drawer of the desk that credentials lie in, under their access key.
const DRAWER: &str = "gateway";

/// A credential that was looked up is taken for so long without looking again: when another process revokes it, it is
/// taken a moment longer here.
const FRESH_MS: i64 = 5_000;
/// How many credentials are remembered; more than one machine serves.
const MOST: usize = 100_000;

/// The credentials that were looked up lately, each with the moment.
#[derive(Default)]
pub struct Remembered(RwLock<BTreeMap<String, (Moment, GatewayKey)>>);

impl Remembered {
    fn get(&self, access_key: &str, now: Moment) -> Option<GatewayKey> {
        let known = self.0.read().expect("no code panics while it holds the credentials");
        let (looked_up, key) = known.get(access_key)?;
        // A clock that was set back makes nothing fresh.
        (0..FRESH_MS).contains(&(now.millis() - looked_up.millis())).then(|| key.clone())
    }

    fn put(&self, access_key: &str, now: Moment, key: &GatewayKey) {
        let mut known = self.0.write().expect("no code panics while it holds the credentials");
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(access_key.to_owned(), (now, key.clone()));
    }

    fn forget(&self, access_key: &str) {
        self.0.write().expect("no code panics while it holds the credentials").remove(access_key);
    }
}

/// A credential, opened.
#[derive(Clone, PartialEq, Eq)]
pub struct GatewayKey {
    /// Whose it is.
    pub institution: InstitutionCode,
    /// What messages are signed with.
    pub secret: String,
    /// The signing scheme it was made for.
    pub scheme: String,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    institution: InstitutionCode,
    secret: Vec<u8>,
    scheme: String,
}

/// Makes a credential: the access key and the secret. The secret is shown in the answer and kept sealed only.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn issue(
    app: &App,
    institution: InstitutionCode,
    scheme: &str,
) -> Result<(String, GatewayKey), Fault> {
    let access_key = format!("{institution}-{}", hex(&random::<6>()));
    let key = GatewayKey { institution, secret: hex(&random::<32>()), scheme: scheme.to_owned() };
    keep(app, &access_key, &key).await?;
    Ok((access_key, key))
}

/// Keeps a credential under its access key, in place of what was there.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn keep(app: &App, access_key: &str, key: &GatewayKey) -> Result<(), Fault> {
    let secret = app.vault.seal(random(), key.secret.as_bytes());
    let stored = Stored { institution: key.institution, secret, scheme: key.scheme.clone() };
    app.desk.put(DRAWER, access_key, &domain::chain::encode(&stored), None).await?;
    app.gateway_keys.forget(access_key);
    Ok(())
}

/// The credential under an access key, if there is one: as it is, or as it was moments ago.
///
/// # Errors
/// A [`Fault`] where the store is away or what it holds is damaged.
pub async fn find(app: &App, access_key: &str) -> Result<Option<GatewayKey>, Fault> {
    let now = app.clock.machine_now();
    if let Some(key) = app.gateway_keys.get(access_key, now) {
        return Ok(Some(key));
    }
    let key = look_up(app, access_key).await?;
    if let Some(key) = &key {
        app.gateway_keys.put(access_key, now, key);
    }
    Ok(key)
}

async fn look_up(app: &App, access_key: &str) -> Result<Option<GatewayKey>, Fault> {
    let Some(stored) = app.desk.get(DRAWER, access_key, app.clock.now()).await? else { return Ok(None) };
    let damaged = || Fault::Damaged("a gateway credential cannot be read".to_owned());
    let stored: Stored = domain::chain::decode(&stored).map_err(|_| damaged())?;
    let secret = app.vault.open(&stored.secret).map_err(|_| damaged())?;
    let secret = String::from_utf8(secret).map_err(|_| damaged())?;
    Ok(Some(GatewayKey { institution: stored.institution, secret, scheme: stored.scheme }))
}

/// Revokes a credential: from now on nothing that is signed with it is taken. Says whether there was one.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn revoke(app: &App, access_key: &str) -> Result<bool, Fault> {
    let known = app.desk.get(DRAWER, access_key, app.clock.now()).await?.is_some();
    app.desk.remove(DRAWER, access_key).await?;
    app.gateway_keys.forget(access_key);
    Ok(known)
}

/// All access keys, with whose they are and the scheme they were made for.
///
/// # Errors
/// A [`Fault`] where the store is away or what it holds is damaged.
pub async fn list(app: &App) -> Result<Vec<(String, InstitutionCode, String)>, Fault> {
    let stored = app.desk.list(DRAWER, app.clock.now()).await?;
    let read = |(access_key, it): (String, Vec<u8>)| {
        let it: Stored = domain::chain::decode(&it)
            .map_err(|_| Fault::Damaged(format!("the gateway credential {access_key} cannot be read")))?;
        Ok((access_key, it.institution, it.scheme))
    };
    stored.into_iter().map(read).collect()
}
