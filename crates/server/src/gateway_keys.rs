//! Access keys and secrets with which hospitals and pharmacies sign their messages; secrets lie sealed.

pub mod command;

use crate::app::App;
use crate::vault::{hex, random};
use domain::day::Moment;
use domain::ids::InstitutionCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use store::Fault;

/// The drawer of the desk that credentials lie in, under their access key.
const DRAWER: &str = "gateway";

/// A credential that was looked up is taken for so many seconds without looking again: when another process changes or revokes
/// it, it is taken as it was a moment longer here.
pub const FRESH_SECONDS: u32 = 5;
/// For how many hours the old secret counts after a rotation, where nothing else is said, and at most.
pub const OVERLAP_HOURS: u32 = 24;
/// A year.
pub const MOST_OVERLAP_HOURS: i64 = 8_760;

/// How many credentials are remembered; more than one machine serves.
const MOST: usize = 100_000;

/// The credentials that were looked up lately, each with the moment.
#[derive(Default)]
pub struct Remembered(RwLock<BTreeMap<String, (Moment, Arc<GatewayKey>)>>);

impl Remembered {
    fn get(&self, access_key: &str, now: Moment) -> Option<Arc<GatewayKey>> {
        let known = self.0.read().expect("no code panics while it holds the credentials");
        let (looked_up, key) = known.get(access_key)?;
        // A clock that was set back makes nothing fresh.
        (0..i64::from(FRESH_SECONDS) * 1000)
            .contains(&(now.millis() - looked_up.millis()))
            .then(|| Arc::clone(key))
    }

    fn put(&self, access_key: &str, now: Moment, key: &Arc<GatewayKey>) {
        let mut known = self.0.write().expect("no code panics while it holds the credentials");
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(access_key.to_owned(), (now, Arc::clone(key)));
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
    /// The signing scheme it was made for, by its word.
    pub scheme: String,
    /// What messages are signed with, the latest first: after a rotation two of them count for a while.
    pub secrets: Vec<Secret>,
    /// What its scheme knows beside the secret.
    pub settings: Settings,
}

/// What messages are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its number within its credential, never given twice.
    pub no: u32,
    /// The secret itself.
    pub text: String,
    /// When it was made.
    pub since: Moment,
    /// From when on it no longer counts, once it was rotated.
    pub until: Option<Moment>,
}

/// What a scheme may have to know of a credential beside its secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The digest of a keyed hash.
    pub digest: Hash,
    /// The institution's own public SM2 key, as a point that is not compressed.
    pub sm2: Option<Vec<u8>>,
}

/// A digest that an institution may choose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hash {
    /// SM3, GB/T 32905.
    #[default]
    Sm3,
    /// SHA-256.
    Sha256,
}

impl Hash {
    /// Every digest.
    pub const ALL: [Hash; 2] = [Hash::Sm3, Hash::Sha256];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Hash::Sm3 => "sm3",
            Hash::Sha256 => "sha256",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Hash> {
        Hash::ALL.into_iter().find(|it| it.word() == word)
    }
}

/// A credential without its secrets, to be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The access key.
    pub access_key: String,
    /// Whose it is.
    pub institution: InstitutionCode,
    /// The scheme it was made for.
    pub scheme: String,
    /// Each secret's time: since when, and until when where it was rotated. The latest first.
    pub times: Vec<(Moment, Option<Moment>)>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    institution: InstitutionCode,
    scheme: String,
    secrets: Vec<Sealed>,
    settings: Settings,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    no: u32,
    text: Vec<u8>,
    since: Moment,
    until: Option<Moment>,
}

impl GatewayKey {
    /// A credential with one secret.
    pub fn of(institution: InstitutionCode, scheme: &str, secret: &str, since: Moment) -> GatewayKey {
        let secrets = vec![Secret { no: 1, text: secret.to_owned(), since, until: None }];
        GatewayKey { institution, scheme: scheme.to_owned(), secrets, settings: Settings::default() }
    }

    /// The secrets that count at a moment, the latest first.
    pub fn secrets_at(&self, at: Moment) -> impl Iterator<Item = &Secret> {
        self.secrets.iter().filter(move |it| it.until.is_none_or(|until| at < until))
    }
}

/// The moment so many hours after another.
pub fn after_hours(moment: Moment, hours: u32) -> Moment {
    moment.plus_millis(i64::from(hours) * 3_600_000)
}

/// A secret nobody can guess: 64 hexadecimal digits.
fn fresh_secret() -> String {
    hex(&random::<32>())
}

/// Makes a credential: the access key and the secret. The secret is shown in the answer and kept sealed only. An access
/// key has 16 characters, which the scheme with SM4 needs.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn issue(
    app: &App,
    institution: InstitutionCode,
    scheme: &str,
    settings: Settings,
) -> Result<(String, String), Fault> {
    let (access_key, secret) = (hex(&random::<8>()), fresh_secret());
    let key = GatewayKey::of(institution, scheme, &secret, app.clock.machine_now());
    keep(app, &access_key, &GatewayKey { settings, ..key }).await?;
    Ok((access_key, secret))
}

/// Gives a credential a new secret, and shows it; what counted before counts until a moment. `None` where there is no such
/// credential.
///
/// # Errors
/// A [`Fault`] where the store is away or what it holds is damaged.
pub async fn rotate(app: &App, access_key: &str, old_until: Moment) -> Result<Option<String>, Fault> {
    let Some(mut key) = look_up(app, access_key).await? else { return Ok(None) };
    let now = app.clock.machine_now();
    let no = key.secrets.iter().map(|it| it.no).max().unwrap_or_default() + 1;
    key.secrets.retain(|it| it.until.is_none_or(|until| now < until));
    for old in &mut key.secrets {
        old.until = Some(old.until.map_or(old_until, |it| it.min(old_until)));
    }
    let text = fresh_secret();
    key.secrets.insert(0, Secret { no, text: text.clone(), since: now, until: None });
    keep(app, access_key, &key).await?;
    Ok(Some(text))
}

/// Keeps a credential under its access key, in place of what was there.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn keep(app: &App, access_key: &str, key: &GatewayKey) -> Result<(), Fault> {
    let seal = |it: &Secret| {
        let text = app.vault.seal(random(), it.text.as_bytes());
        Sealed { no: it.no, text, since: it.since, until: it.until }
    };
    let stored = Stored {
        institution: key.institution,
        scheme: key.scheme.clone(),
        secrets: key.secrets.iter().map(seal).collect(),
        settings: key.settings.clone(),
    };
    app.desk.put(DRAWER, access_key, &domain::chain::encode(&stored), None).await?;
    app.gateway_keys.forget(access_key);
    Ok(())
}

/// The credential under an access key, if there is one: as it is, or as it was moments ago.
///
/// # Errors
/// A [`Fault`] where the store is away or what it holds is damaged.
pub async fn find(app: &App, access_key: &str) -> Result<Option<Arc<GatewayKey>>, Fault> {
    let now = app.clock.machine_now();
    if let Some(key) = app.gateway_keys.get(access_key, now) {
        return Ok(Some(key));
    }
    let key = look_up(app, access_key).await?.map(Arc::new);
    if let Some(key) = &key {
        app.gateway_keys.put(access_key, now, key);
    }
    Ok(key)
}

async fn look_up(app: &App, access_key: &str) -> Result<Option<GatewayKey>, Fault> {
    let Some(stored) = app.desk.get(DRAWER, access_key, app.clock.now()).await? else { return Ok(None) };
    let stored = read(access_key, &stored)?;
    let open = |it: Sealed| {
        let text = app.vault.open(&it.text).ok().and_then(|it| String::from_utf8(it).ok());
        let text = text.ok_or_else(|| damaged(access_key))?;
        Ok(Secret { no: it.no, text, since: it.since, until: it.until })
    };
    Ok(Some(GatewayKey {
        institution: stored.institution,
        scheme: stored.scheme,
        secrets: stored.secrets.into_iter().map(open).collect::<Result<_, Fault>>()?,
        settings: stored.settings,
    }))
}

fn read(access_key: &str, stored: &[u8]) -> Result<Stored, Fault> {
    domain::chain::decode(stored).map_err(|_| damaged(access_key))
}

fn damaged(access_key: &str) -> Fault {
    Fault::Damaged(format!("the gateway credential {access_key} cannot be read"))
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

/// All credentials, without their secrets, by access key.
///
/// # Errors
/// A [`Fault`] where the store is away or what it holds is damaged.
pub async fn list(app: &App) -> Result<Vec<Listed>, Fault> {
    let stored = app.desk.list(DRAWER, app.clock.now()).await?;
    let listed = |(access_key, it): (String, Vec<u8>)| {
        let it = read(&access_key, &it)?;
        let times = it.secrets.iter().map(|it| (it.since, it.until)).collect();
        Ok(Listed { access_key, institution: it.institution, scheme: it.scheme, times })
    };
    stored.into_iter().map(listed).collect()
}
