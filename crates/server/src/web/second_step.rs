//! The second step of signing in: between the right password and the session. Who has a second factor is asked for its
//! code; staff who have to have one and have none yet set it up here.

use super::attempts::From;
use super::frame::Frame;
use super::opening::Opening;
use super::qr::Qr;
use super::session::{self, cookie};
use super::sign_in::with_cookies;
use super::trouble::Trouble;
use super::view::own_path;
use crate::app::App;
use crate::logins::{self, Login, LoginKey};
use crate::looks;
use crate::second_factor::{self, SecondFactor};
use crate::vault::{hex, random};
use askama::Template;
use axum::response::Response;
use domain::day::Moment;
use domain::ids::Digest;
use serde::{Deserialize, Serialize};

/// The drawer of the desk for those who have taken the first step.
const DRAWER: &str = "first-step";
const COOKIE: &str = "gongji_step";
const MINUTES: i64 = 10;

/// Who has taken the first step.
#[derive(Serialize, Deserialize)]
struct Half {
    login: LoginKey,
    back: String,
    /// A password that was changed since begins anew.
    since: Moment,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Code,
    Attempts,
}

#[derive(Template)]
#[template(path = "web/second_step.html")]
struct StepPage {
    frame: Frame,
    wrong: Option<Wrong>,
    /// Of who has to set it up first.
    setup: Option<Setup>,
}

/// What a device has to know.
pub(crate) struct Setup {
    pub(crate) secret: String,
    pub(crate) qr: Qr,
}

impl Setup {
    /// Of a second factor that was begun.
    pub(crate) fn of(factor: &SecondFactor) -> Result<Setup, Trouble> {
        let qr = Qr::of(&factor.address()).ok_or(Trouble::Busy)?;
        Ok(Setup { secret: factor.secret_text(), qr })
    }
}

/// After the first step: the session, or the way to the second step.
pub(crate) async fn go_on(
    opening: &Opening,
    login: &Login,
    key: LoginKey,
    back: &str,
) -> Result<Response, Trouble> {
    let app = &opening.app;
    session::end(app, &opening.headers).await?;
    let has_one = second_factor::find(app, &key).await?.is_some_and(|it| it.is_on());
    if !has_one && !must(app, login) {
        let known = From::read(app, &key, &opening.headers).cookie(app);
        let cookie = session::start(app, key).await?;
        return with_cookies(opening.go(back), &[cookie, known]);
    }
    if !has_one {
        second_factor::begin(app, &key).await?;
    }
    let (secret, now) = (hex(&random::<24>()), app.clock.now());
    let half = Half { login: key, back: back.to_owned(), since: now };
    let until = now.plus_millis(MINUTES * 60_000);
    app.desk.put(DRAWER, &id_of(&secret), &domain::chain::encode(&half), Some(until)).await?;
    with_cookies(opening.go("/sign-in/second"), &[the_cookie(app, &secret, MINUTES * 60)])
}

/// Whether a login has to have a second factor: staff, where the operator says so. Tills are used by many.
pub(crate) fn must(app: &App, login: &Login) -> bool {
    app.staff_second_factor && looks::is_staff(login.token.role)
}

fn the_cookie(app: &App, secret: &str, seconds: i64) -> String {
    let secure = if app.clock.is_sandbox() { "" } else { "; Secure" };
    format!("{COOKIE}={secret}; Path=/sign-in; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

fn id_of(secret: &str) -> String {
    hex(&Digest::of(&[b"first step", secret.as_bytes()]).0)
}

/// Who has taken the first step in this browser, and has a second one before them.
struct Waiting {
    half: Half,
    factor: SecondFactor,
    /// Where it lies.
    id: String,
}

async fn waiting(opening: &Opening) -> Result<Option<Waiting>, Trouble> {
    let (app, now) = (&opening.app, opening.app.clock.now());
    let Some(secret) = cookie(&opening.headers, COOKIE) else { return Ok(None) };
    let id = id_of(secret);
    let Some(kept) = app.desk.get(DRAWER, &id, now).await? else { return Ok(None) };
    let Ok(half) = domain::chain::decode::<Half>(&kept) else { return Ok(None) };
    let login = logins::letting_in(app, &half.login).await?;
    let Some(login) = login.filter(|it| it.changed <= half.since) else { return Ok(None) };
    let factor = second_factor::find(app, &half.login).await?;
    let factor = factor.filter(|it| it.is_on() || must(app, &login));
    Ok(factor.map(|factor| Waiting { half, factor, id }))
}

fn page(opening: &Opening, it: &Waiting, wrong: Option<Wrong>) -> Result<StepPage, Trouble> {
    let setup = if it.factor.is_on() { None } else { Some(Setup::of(&it.factor)?) };
    let frame = match setup {
        Some(_) => opening.frame("先设好第二步", "Set up the second step first"),
        None => opening.frame("登录第二步", "Signing in: second step"),
    };
    Ok(StepPage { frame, wrong, setup })
}

/// `GET /sign-in/second`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    match waiting(&opening).await? {
        Some(it) => opening.page(&page(&opening, &it, None)?),
        None => Ok(opening.go("/sign-in")),
    }
}

/// `POST /sign-in/second`.
pub(crate) async fn enter(opening: Opening) -> Result<Response, Trouble> {
    let app = &opening.app;
    let Some(it) = waiting(&opening).await? else { return Ok(opening.go("/sign-in")) };
    let (key, code) = (&it.half.login, opening.form.text("code"));
    let from = From::read(app, key, &opening.headers).second();
    if !from.take(app).await? {
        return opening.again(&page(&opening, &it, Some(Wrong::Attempts))?);
    }
    let is_new = !it.factor.is_on();
    let is_right = match is_new {
        true => second_factor::confirm(app, key, code).await?,
        false => second_factor::passes(app, key, code).await?,
    };
    if !is_right {
        return opening.again(&page(&opening, &it, Some(Wrong::Code))?);
    }
    from.give_back(app).await?;
    app.desk.remove(DRAWER, &it.id).await?;
    let cookie = session::start(app, it.half.login.clone()).await?;
    let to = if is_new { "/settings/second-factor/codes" } else { own_path(&it.half.back) };
    with_cookies(opening.go(to), &[cookie, from.cookie(app), the_cookie(app, "", 0)])
}
