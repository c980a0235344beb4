//! Where messages are carried to: what an operator registered, with the secret that signs them, and how far each has come.
//! Destinations lie on the desk, sealed; how far they have come lies beside them and says nothing about anybody.

use super::reading::{self, Position};
use super::waiting;
use crate::app::App;
use crate::gateway_keys::Hash;
use crate::vault::random;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::chain::{decode, encode};
use domain::day::Moment;
use domain::ids::Area;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::IpAddr;
use store::Fault;
use ureq::http::Uri;

/// The drawer of the desk that destinations lie in, by number.
const DRAWER: &str = "webhook";
/// The drawer of the desk that says how far each has come.
const PROGRESS: &str = "webhook-progress";
/// What every secret starts with, so that one that leaked is recognised.
const PREFIX: &str = "gongji_webhook_";
/// The most characters of an address, and of a label.
const LONGEST: usize = 500;

/// A destination.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// Its number.
    pub no: u32,
    /// What it is for, in the words of whoever registered it.
    pub label: String,
    /// Where messages are posted.
    pub url: String,
    /// About what, by words.
    pub kinds: BTreeSet<String>,
    /// To people whom one of these areas insures.
    pub areas: BTreeSet<Area>,
    /// What the signature is made with.
    pub hash: Hash,
    /// The key of the signature.
    pub secret: String,
    /// When it was registered: what was decided earlier does not go there.
    pub created: Moment,
    /// Why nothing is sent there, and since when; `None` where something is.
    pub paused: Option<(Pause, Moment)>,
}

/// Why nothing is sent to a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pause {
    /// An operator said so.
    Operator,
    /// It answered 410: it does not want to be sent anything any more.
    Gone,
    /// So many messages were given up that somebody has to look.
    TooManyDead,
}

/// What a new destination is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDestination {
    /// What it is for.
    pub label: String,
    /// Where messages are posted.
    pub url: String,
    /// About what; none: everything.
    pub kinds: BTreeSet<String>,
    /// Whose areas; none: the whole nation.
    pub areas: BTreeSet<Area>,
    /// What the signature is made with.
    pub hash: Hash,
}

/// Why there is no destination.
#[derive(Debug, thiserror::Error)]
pub enum DestinationError {
    /// The store is away.
    #[error(transparent)]
    Store(#[from] Fault),
    /// The address is none that messages go to.
    #[error("write the address like https://gateway.example.cn/gongji; http only to this machine itself")]
    Url,
    /// No message is about that.
    #[error("kinds are {}", domain::text_keys::message_words().join(", "))]
    Kinds,
    /// The label is empty or too long.
    #[error("a label has 1 to {LONGEST} characters")]
    Label,
}

/// How far a destination has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Everything up to here was acknowledged, put aside or not wanted.
    pub position: Position,
    /// How often in a row it could not be reached.
    pub failures: u32,
    /// Nothing is sent before this moment.
    pub rests_until: Option<Moment>,
    /// How many messages it acknowledged.
    pub acknowledged: u64,
    /// When it last acknowledged one.
    pub latest: Option<Moment>,
    /// How far lanes are read, where what they wrote is seen late.
    pub settled: reading::Settled,
}

impl std::fmt::Debug for Destination {
    /// Without the secret, and without the address, which may hold one.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Destination")
            .field("no", &self.no)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

impl Pause {
    /// Every reason.
    pub const ALL: [Pause; 3] = [Pause::Operator, Pause::Gone, Pause::TooManyDead];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Pause::Operator => "operator",
            Pause::Gone => "gone",
            Pause::TooManyDead => "too_many_dead",
        }
    }
}

impl NewDestination {
    /// Whether it can be one.
    ///
    /// # Errors
    /// [`DestinationError`].
    pub fn check(&self) -> Result<(), DestinationError> {
        let known = domain::text_keys::message_words();
        if !self.kinds.iter().all(|it| known.contains(&it.as_str())) {
            return Err(DestinationError::Kinds);
        }
        if !(1..=LONGEST).contains(&self.label.trim().chars().count()) {
            return Err(DestinationError::Label);
        }
        is_address(&self.url).then_some(()).ok_or(DestinationError::Url)
    }
}

/// Whether messages may be posted to an address: https, or http to this machine itself, without a name and password in it.
fn is_address(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return false };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback());
    let is_plain = !authority.as_str().contains('@') && !host.is_empty() && url.len() <= LONGEST;
    is_plain && (scheme == "https" || (scheme == "http" && is_here))
}

/// Registers a destination, and gives it with its secret, which is shown here and nowhere else. Messages of what is decided
/// from now on go there.
///
/// # Errors
/// [`DestinationError`].
pub async fn create(app: &App, new: NewDestination) -> Result<Destination, DestinationError> {
    new.check()?;
    let taken: BTreeSet<u32> = list(app).await?.into_iter().map(|it| it.no).collect();
    let kinds = if new.kinds.is_empty() {
        domain::text_keys::message_words().into_iter().map(str::to_owned).collect()
    } else {
        new.kinds
    };
    let destination = Destination {
        no: free_number(&taken),
        label: new.label.trim().to_owned(),
        url: new.url,
        kinds,
        areas: if new.areas.is_empty() { [Area::NATION].into() } else { new.areas },
        hash: new.hash,
        secret: format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random::<32>())),
        created: app.clock.now(),
        paused: None,
    };
    let position = reading::here(app).await?;
    let settled = reading::Settled::at(position.clone(), app.clock.now());
    keep_progress(app, destination.no, &Progress { position, settled, ..Progress::default() }).await?;
    put(app, &destination).await?;
    Ok(destination)
}

/// Numbers have six digits; none is given to two.
fn free_number(taken: &BTreeSet<u32>) -> u32 {
    loop {
        let no = 100_000 + u32::from_be_bytes(random()) % 900_000;
        if !taken.contains(&no) {
            return no;
        }
    }
}

fn about(no: u32) -> String {
    format!("{DRAWER}:{no}")
}

async fn put(app: &App, it: &Destination) -> Result<(), Fault> {
    let sealed = app.vault.seal_about(about(it.no).as_bytes(), random(), &encode(it));
    app.desk.put(DRAWER, &it.no.to_string(), &sealed, None).await
}

fn open(app: &App, key: &str, sealed: &[u8]) -> Result<Destination, Fault> {
    let damaged = || Fault::Damaged(format!("the destination {key} does not open"));
    let plain = app.vault.open_about(format!("{DRAWER}:{key}").as_bytes(), sealed).map_err(|_| damaged())?;
    decode(&plain).map_err(|_| damaged())
}

/// Every destination, by number.
///
/// # Errors
/// A [`Fault`] where the store is away, or what lies there does not open.
pub async fn list(app: &App) -> Result<Vec<Destination>, Fault> {
    let stored = app.desk.list(DRAWER, app.clock.now()).await?;
    stored.iter().map(|(key, sealed)| open(app, key, sealed)).collect()
}

/// The destination of a number, if there is one.
///
/// # Errors
/// As of [`list`].
pub async fn find(app: &App, no: u32) -> Result<Option<Destination>, Fault> {
    let key = no.to_string();
    let stored = app.desk.get(DRAWER, &key, app.clock.now()).await?;
    stored.map(|it| open(app, &key, &it)).transpose()
}

/// Sends nothing to a destination from now on; what it should have had waits. `None` where there is no such destination.
///
/// # Errors
/// As of [`list`].
pub async fn pause(app: &App, no: u32, why: Pause) -> Result<Option<Destination>, Fault> {
    let Some(found) = find(app, no).await? else { return Ok(None) };
    let paused = Destination { paused: Some((why, app.clock.now())), ..found };
    put(app, &paused).await?;
    Ok(Some(paused))
}

/// Sends to a destination again, beginning with what waits, and at once.
///
/// # Errors
/// As of [`list`].
pub async fn resume(app: &App, no: u32) -> Result<Option<Destination>, Fault> {
    let Some(found) = find(app, no).await? else { return Ok(None) };
    let (resumed, known) = (Destination { paused: None, ..found }, progress(app, no).await?);
    keep_progress(app, no, &Progress { failures: 0, rests_until: None, ..known }).await?;
    put(app, &resumed).await?;
    Ok(Some(resumed))
}

/// Forgets a destination with everything that waits for it or was given up. Whether there was one.
///
/// # Errors
/// As of [`list`].
pub async fn remove(app: &App, no: u32) -> Result<bool, Fault> {
    let known = find(app, no).await?.is_some();
    app.desk.remove(DRAWER, &no.to_string()).await?;
    waiting::forget(app, no).await?;
    app.desk.remove(PROGRESS, &no.to_string()).await?;
    Ok(known)
}

/// How far a destination has come.
///
/// # Errors
/// A [`Fault`] where the store is away, or nobody knows any more.
pub async fn progress(app: &App, no: u32) -> Result<Progress, Fault> {
    let damaged = || Fault::Damaged(format!("nobody knows how far the destination {no} has come"));
    let stored = app.desk.get(PROGRESS, &no.to_string(), app.clock.now()).await?.ok_or_else(damaged)?;
    decode(&stored).map_err(|_| damaged())
}

/// Keeps how far a destination has come.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn keep_progress(app: &App, no: u32, it: &Progress) -> Result<(), Fault> {
    app.desk.put(PROGRESS, &no.to_string(), &encode(it), None).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, what people are told travels unprotected, or a password stands in an address.
    #[test]
    fn messages_go_to_https_or_to_this_machine() {
        for (url, may) in [
            ("https://gateway.example.cn/gongji?area=320300", true),
            ("https://gateway.example.cn", true),
            ("http://127.0.0.1:8439/in", true),
            ("http://[::1]:8439/in", true),
            ("http://localhost/in", true),
            ("http://gateway.example.cn/", false),
            ("http://10.0.0.1/", false),
            ("https://name:password@gateway.example.cn/", false),
            ("ftp://gateway.example.cn/", false),
            ("gateway.example.cn", false),
            ("/gongji", false),
            ("https://", false),
            ("", false),
        ] {
            assert_eq!(is_address(url), may, "{url}");
        }
    }
}
