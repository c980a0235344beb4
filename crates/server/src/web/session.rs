//! Sessions: who uses this browser, since when. A cookie carries a secret; the desk keeps its digest, so that whoever
//! reads the store cannot take over a session.

use super::opening::Opening;
use super::trouble::Trouble;
use crate::app::App;
use crate::logins::{self, Login, LoginKey};
use crate::vault::{hex, random};
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::day::Moment;
use domain::ids::Digest;
use serde::{Deserialize, Serialize};
use store::Fault;

/// The drawer of the desk that sessions lie in, under the digest of their secret.
const DRAWER: &str = "session";
const MINUTE_MS: i64 = 60_000;
/// A session nobody used for so long has ended.
pub(crate) const IDLE_MS: i64 = 30 * MINUTE_MS;
/// A session this old has ended, used or not: a shift at the counter.
pub(crate) const LONGEST_MS: i64 = 12 * 60 * MINUTE_MS;
/// That a session was used is written down at most this often.
const NOTED_EVERY_MS: i64 = MINUTE_MS;

/// What the desk keeps of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    login: LoginKey,
    started: Moment,
    used: Moment,
}

/// A session in use.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// The digest of its secret.
    id: String,
    /// Whose it is.
    pub(crate) login: Login,
    /// Under which name they signed in.
    pub(crate) login_key: LoginKey,
    /// When it ends unless it is used.
    pub(crate) ends: Moment,
}

/// What a browser's cookie leads to.
pub(crate) enum Found {
    /// A session in use.
    Session(Box<Session>),
    /// One that has ended; whose it was.
    Ended(LoginKey),
    /// None.
    Nobody,
}

impl Kept {
    fn ends(&self) -> Moment {
        self.used.plus_millis(IDLE_MS).min(self.started.plus_millis(LONGEST_MS))
    }
}

impl Session {
    /// What a form of this session has to bring along, so that no other site can send it.
    pub(crate) fn form_token(&self, app: &App) -> String {
        URL_SAFE_NO_PAD.encode(app.vault.derived("form", &self.id))
    }
}

/// The cookie's name: with the prefix that makes browsers insist on TLS, except in a sandbox, which has none.
fn cookie_name(app: &App) -> &'static str {
    if app.clock.is_sandbox() { "gongji" } else { "__Host-gongji" }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(COOKIE).into_iter().filter_map(|it| it.to_str().ok());
    let mut pairs = all.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

fn set_cookie(app: &App, value: &str, rest: &str) -> String {
    let secure = if app.clock.is_sandbox() { "" } else { "; Secure" };
    format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{rest}", cookie_name(app))
}

fn id_of(secret: &str) -> String {
    hex(&Digest::of(&[b"session", secret.as_bytes()]).0)
}

/// Starts a session; the cookie to set. Each sign-in starts a new one: a secret planted beforehand is worth nothing.
pub(crate) async fn start(app: &App, login: LoginKey) -> Result<String, Fault> {
    let now = app.clock.now();
    let secret = URL_SAFE_NO_PAD.encode(random::<32>());
    keep(app, &id_of(&secret), &Kept { login, started: now, used: now }).await?;
    Ok(set_cookie(app, &secret, ""))
}

/// Kept for a day longer than it counts, so that answers of a form can be given back to whoever sent them.
async fn keep(app: &App, id: &str, kept: &Kept) -> Result<(), Fault> {
    let until = kept.started.plus_millis(3 * LONGEST_MS);
    app.desk.put(DRAWER, id, &domain::chain::encode(kept), Some(until)).await
}

/// The session a browser's cookie leads to.
pub(crate) async fn find(app: &App, headers: &HeaderMap) -> Result<Found, Fault> {
    let Some(secret) = cookie(headers, cookie_name(app)) else { return Ok(Found::Nobody) };
    let (id, now) = (id_of(secret), app.clock.now());
    let Some(stored) = app.desk.get(DRAWER, &id, now).await? else { return Ok(Found::Nobody) };
    let kept: Option<Kept> = domain::chain::decode(&stored).ok();
    let kept = kept.ok_or_else(|| Fault::Damaged("a session cannot be read".to_owned()))?;
    if kept.ends() <= now {
        return Ok(Found::Ended(kept.login));
    }
    let login = logins::letting_in(app, &kept.login).await?.filter(|it| it.changed <= kept.started);
    let Some(login) = login else { return Ok(Found::Nobody) };
    let noted = kept.used;
    let kept = Kept { used: now, ..kept };
    if now.millis() - noted.millis() >= NOTED_EVERY_MS {
        keep(app, &id, &kept).await?;
    }
    let session = Session { id, login, ends: kept.ends(), login_key: kept.login };
    Ok(Found::Session(Box::new(session)))
}

/// Ends a session; the cookie to set.
pub(crate) async fn end(app: &App, headers: &HeaderMap) -> Result<String, Fault> {
    if let Some(secret) = cookie(headers, cookie_name(app)) {
        app.desk.remove(DRAWER, &id_of(secret)).await?;
    }
    Ok(set_cookie(app, "", "; Max-Age=0"))
}

/// `GET /session`: still signed in; being asked, it goes on.
pub(crate) async fn alive(_: Opening) -> Result<Response, Trouble> {
    Ok(StatusCode::NO_CONTENT.into_response())
}
