//! Signing in with the identity service: there and back. What comes back counts only in the browser that was sent, once,
//! and for ten minutes.

use super::frame::Frame;
use super::opening::Opening;
use super::session::{self, cookie};
use super::sign_in::with_cookies;
use super::trouble::Trouble;
use super::view::own_path;
use crate::app::App;
use crate::identity_service::{IdentityService, Started};
use crate::logins;
use crate::tokens::NewToken;
use crate::vault::{Found, random};
use askama::Template;
use axum::response::Response;
use domain::ids::{Digest, PersonNo};
use domain::needs::Needs;
use serde::{Deserialize, Serialize};

/// The drawer of the desk that sign-ins on their way lie in.
const DRAWER: &str = "identity";
const COOKIE: &str = "gongji_identity";
const MINUTES: i64 = 10;

#[derive(Serialize, Deserialize)]
struct OnTheWay {
    started: Started,
    back: String,
}

#[derive(Template)]
#[template(path = "web/identity.html")]
struct IdentityPage {
    frame: Frame,
    /// The service said who it is, and we do not know them.
    stranger: bool,
}

fn service(opening: &Opening) -> Result<IdentityService, Trouble> {
    opening.app.identity_service.clone().ok_or(Trouble::NotFound)
}

/// `GET /sign-in/identity`: off to the service. A link, for the pages' own policy lets no form lead to another site.
pub(crate) async fn leave(opening: Opening) -> Result<Response, Trouble> {
    let service = service(&opening)?;
    let turn = service.turn(opening.app.clock.machine_now()).ok_or(Trouble::Busy)?;
    let asked = move || {
        let started = service.start();
        drop(turn);
        started
    };
    let started = tokio::task::spawn_blocking(asked).await.map_err(|_| Trouble::Busy)?;
    let started = match started {
        Ok(started) => started,
        Err(error) => return not_signed_in(&opening, &error, false),
    };
    let (address, key) = (started.address.clone(), key(&started.state));
    let cookie = the_cookie(&opening.app, &started.state, MINUTES * 60);
    let on_the_way = OnTheWay { started, back: own_path(opening.query.text("back")).to_owned() };
    let plain = domain::chain::encode(&on_the_way);
    let sealed = opening.app.vault.seal_about(key.as_bytes(), random(), &plain);
    let until = opening.app.clock.now().plus_millis(MINUTES * 60_000);
    opening.app.desk.put(DRAWER, &key, &sealed, Some(until)).await?;
    with_cookies(opening.go(&address), &[cookie])
}

/// `GET /sign-in/identity/back`.
pub(crate) async fn back(opening: Opening) -> Result<Response, Trouble> {
    let service = service(&opening)?;
    let state = opening.query.text("state").to_owned();
    let is_ours = !state.is_empty() && cookie(&opening.headers, COOKIE) == Some(state.as_str());
    let found = if is_ours { take(&opening.app, &key(&state)).await? } else { None };
    let (Some(on_the_way), Some(code)) = (found, opening.query.filled("code")) else {
        return not_signed_in(
            &opening,
            &"a browser came back that was not sent, or was refused there",
            false,
        );
    };
    let (started, code, now) = (on_the_way.started, code.to_owned(), opening.app.clock.machine_now());
    let told = tokio::task::spawn_blocking(move || service.finish(started, code, now)).await;
    let id_number = match told.map_err(|_| Trouble::Busy)? {
        Ok(id_number) => id_number,
        Err(error) => return not_signed_in(&opening, &error, false),
    };
    let Some(person) = person(&opening.app, &id_number).await? else {
        return not_signed_in(&opening, &"nobody of this ID number is known", true);
    };
    let key = vouched_for(&opening.app, &id_number, person).await?;
    session::end(&opening.app, &opening.headers).await?;
    let cookie = session::start(&opening.app, key).await?;
    with_cookies(opening.go(&on_the_way.back), &[cookie, the_cookie(&opening.app, "", 0)])
}

fn not_signed_in(
    opening: &Opening,
    why: &dyn std::fmt::Display,
    stranger: bool,
) -> Result<Response, Trouble> {
    tracing::warn!(%why, "nobody was signed in by the identity service");
    let frame = opening.frame("没有登录成功", "You are not signed in");
    opening.again(&IdentityPage { frame, stranger })
}

fn the_cookie(app: &App, state: &str, seconds: i64) -> String {
    let secure = if app.clock.is_sandbox() { "" } else { "; Secure" };
    // Lax: the browser comes back from another site, by a link.
    format!("{COOKIE}={state}; Path=/sign-in; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

fn key(state: &str) -> String {
    crate::vault::hex(&Digest::of(&[b"identity", state.as_bytes()]).0)
}

/// What lies there, taken away: it counts once.
async fn take(app: &App, key: &str) -> Result<Option<OnTheWay>, Trouble> {
    let sealed = app.desk.get(DRAWER, key, app.clock.now()).await?;
    app.desk.remove(DRAWER, key).await?;
    let plain = sealed.and_then(|it| app.vault.open_about(key.as_bytes(), &it).ok());
    Ok(plain.and_then(|it| domain::chain::decode(&it).ok()))
}

async fn person(app: &App, id_number: &str) -> Result<Option<PersonNo>, Trouble> {
    let lookup = app.vault.lookup(Found::IdDocument, id_number);
    let rows = app.rows(Needs { lookups: [lookup].into(), ..Needs::default() }).await?;
    Ok(rows.facts.person_by(lookup).map(|it| it.no))
}

/// The login of a person whom the service vouches for: made where there is none; one with a password keeps it.
async fn vouched_for(app: &App, id_number: &str, person: PersonNo) -> Result<logins::LoginKey, Trouble> {
    let key = logins::key_of(app, id_number);
    let earlier = logins::find(app, &key).await?;
    let is_anothers = earlier.as_ref().is_some_and(|it| it.token.person != Some(person));
    if is_anothers && logins::letting_in(app, &key).await?.is_some() {
        return Err(Trouble::Forbidden);
    }
    if let Some(former) = earlier.as_ref().and_then(|it| it.token.person).filter(|it| *it != person) {
        logins::revoke_of(app, id_number, former).await?;
    }
    // A number that was amended away from somebody else is its bearer's; one's own login that was ended stays so.
    if earlier.is_none() || is_anothers {
        logins::keep(app, id_number, NewToken::citizen(person), None).await?;
    }
    Ok(key)
}
