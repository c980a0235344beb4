//! The second step of signing in, in the settings: set up, written codes, given up. Optional for citizens.

use super::attempts::From;
use super::frame::Frame;
use super::opening::Opening;
use super::second_step::{Setup, must};
use super::session::Session;
use super::trouble::Trouble;
use crate::second_factor::{self, SecondFactor};
use askama::Template;
use axum::response::Response;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Password,
    Code,
    Attempts,
    /// It is on already.
    On,
    /// There is none to be confirmed or given up.
    Off,
}

#[derive(Template)]
#[template(path = "web/second_factor.html")]
struct FactorPage {
    frame: Frame,
    wrong: Option<Wrong>,
    /// Since when it is asked for.
    since: Option<String>,
    /// How many written codes are left.
    left: usize,
    /// Begun, and not confirmed yet.
    setup: Option<Setup>,
    /// Whether the reader has a password to begin with.
    has_password: bool,
    /// It cannot be given up.
    must: bool,
}

#[derive(Template)]
#[template(path = "web/second_codes.html")]
struct CodesPage {
    frame: Frame,
    codes: Vec<String>,
}

fn session(opening: &Opening) -> Result<&Session, Trouble> {
    opening.session.as_ref().ok_or(Trouble::SignIn)
}

async fn page(opening: &Opening, wrong: Option<Wrong>) -> Result<FactorPage, Trouble> {
    let session = session(opening)?;
    let factor = second_factor::find(&opening.app, &session.login_key).await?;
    let begun = factor.as_ref().filter(|it| !it.is_on());
    let frame = opening.frame("登录加一步", "A second step to sign in");
    let left = match &factor {
        Some(it) => second_factor::left(&opening.app, &session.login_key, it).await?,
        None => 0,
    };
    let since = factor.as_ref().and_then(|it| it.since);
    Ok(FactorPage {
        since: since.map(|it| frame.moment(it)),
        frame,
        wrong,
        left,
        setup: begun.map(Setup::of).transpose()?,
        has_password: session.login.has_password(),
        must: must(&opening.app, &session.login),
    })
}

/// `GET /settings/second-factor`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    opening.page(&page(&opening, None).await?)
}

/// What cannot be done as things stand: on a page that lay open while it was turned on or off elsewhere.
fn out_of_place(what: &str, factor: Option<&SecondFactor>) -> Option<Wrong> {
    match (what, factor.map(SecondFactor::is_on)) {
        ("begin" | "confirm" | "over", Some(true)) => Some(Wrong::On),
        ("confirm", None) | ("end", None | Some(false)) => Some(Wrong::Off),
        _ => None,
    }
}

/// `POST /settings/second-factor`: begun with the password, confirmed or given up with a code.
pub(crate) async fn change(opening: Opening) -> Result<Response, Trouble> {
    let (app, session) = (&opening.app, session(&opening)?);
    let key = &session.login_key;
    let what = opening.form.text("what");
    if let Some(wrong) = out_of_place(what, second_factor::find(app, key).await?.as_ref()) {
        return opening.again(&page(&opening, Some(wrong)).await?);
    }
    let from = From::read(app, key, &opening.headers);
    let from = if what == "begin" { from.changing() } else { from.changing_step() };
    if what != "over" && !from.take(app).await? {
        return opening.again(&page(&opening, Some(Wrong::Attempts)).await?);
    }
    let code = opening.form.text("code");
    let (wrong, to) = match what {
        "begin" if !app.checking.holds(Some(&session.login), opening.form.text("password")).await? => {
            (Some(Wrong::Password), "")
        }
        "begin" if second_factor::begin(app, key).await? => (None, "/settings/second-factor"),
        "begin" => (Some(Wrong::On), ""),
        "confirm" if second_factor::confirm(app, key, code).await? => (None, "/settings/second-factor/codes"),
        "end" if !must(app, &session.login) && second_factor::passes(app, key, code).await? => {
            second_factor::end(app, key).await?;
            (None, "/settings/second-factor")
        }
        "confirm" | "end" => (Some(Wrong::Code), ""),
        // Begun and left: nothing was asked for yet.
        "over" => {
            second_factor::end(app, key).await?;
            (None, "/settings")
        }
        _ => return Err(Trouble::Unreadable),
    };
    if wrong.is_some() {
        return opening.again(&page(&opening, wrong).await?);
    }
    // What needs no password gives no attempts back.
    if what != "over" {
        from.give_back(app).await?;
    }
    Ok(opening.go(to))
}

/// `GET /settings/second-factor/codes`: to be written down.
pub(crate) async fn codes(opening: Opening) -> Result<Response, Trouble> {
    let codes = second_factor::written(&opening.app, &session(&opening)?.login_key).await?;
    if codes.is_empty() {
        return Ok(opening.go("/settings/second-factor"));
    }
    let frame = opening.frame("抄下备用码", "Write these codes down");
    opening.page(&CodesPage { frame, codes })
}

/// `POST /settings/second-factor/codes`: they were.
pub(crate) async fn put_away(opening: Opening) -> Result<Response, Trouble> {
    second_factor::put_away(&opening.app, &session(&opening)?.login_key).await?;
    Ok(opening.go("/settings/second-factor"))
}
