//! Signing in and out.

use super::attempts::From;
use super::frame::Frame;
use super::opening::Opening;
use super::second_step;
use super::session;
use super::trouble::Trouble;
use super::view::own_path;
use crate::app::App;
use crate::demo::world::World;
use crate::logins::{self, key_of};
use crate::tokens::Role;
use askama::Template;
use axum::http::{HeaderValue, header};
use axum::response::Response;

/// Somebody of the demo world, to sign in as.
struct Demo {
    name: String,
    what: &'static str,
    login: String,
    password: String,
}

/// Why somebody is not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// Name or password.
    Password,
    /// Too many attempts.
    Attempts,
}

#[derive(Template)]
#[template(path = "web/sign_in.html")]
struct SignInPage {
    frame: Frame,
    back: String,
    name: String,
    /// What is wrong, if anything.
    wrong: Option<Wrong>,
    /// An identity service vouches for citizens.
    vouched: bool,
    demo: Vec<Demo>,
}

/// Staff of the demo world: what they are, their login, and where they are at a till; the password is `demo-` and the login.
pub(crate) const DEMO_STAFF: &[(&str, &str, Role, Option<&str>)] = &[
    ("经办员一", "hall1", Role::Clerk, None),
    ("经办员二", "hall2", Role::Clerk, None),
    ("大厅主管", "supervisor", Role::Supervisor, None),
    ("徐州村卫生室收费台", "till", Role::Institution, Some("H32030000002")),
    ("徐州药店收费台", "pharmacy", Role::Institution, Some("P32030000001")),
    ("经办机构管理员", "operator", Role::Operator, None),
];

/// The demo world's password: `demo-` and the last six characters of what one signs in with.
pub(crate) fn demo_password(login: &str) -> String {
    let known = if login.len() == 18 { &login[12..] } else { login };
    format!("demo-{known}")
}

/// Whom visitors of a demo may sign in as; nobody elsewhere.
async fn demo(app: &App, english: bool) -> Result<Vec<Demo>, Trouble> {
    let is_demo = app.clock.is_sandbox() && logins::find(app, &key_of(app, DEMO_STAFF[0].1)).await?.is_some();
    if !is_demo {
        return Ok(Vec::new());
    }
    let entry = |name: &str, what: &'static str, login: &str| Demo {
        name: name.to_owned(),
        what,
        login: login.to_owned(),
        password: demo_password(login),
    };
    let (citizen, staff) = if english { ("citizen", "staff") } else { ("参保人", "工作人员") };
    let mut found: Vec<Demo> =
        World::shipped().person.iter().map(|it| entry(&it.name, citizen, &it.id)).collect();
    found.extend(DEMO_STAFF.iter().map(|(name, login, ..)| entry(name, staff, login)));
    Ok(found)
}

/// `GET /sign-in`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let page = page(&opening, own_path(opening.query.text("back")), "", None).await?;
    opening.page(&page)
}

/// `POST /sign-in`.
pub(crate) async fn enter(opening: Opening) -> Result<Response, Trouble> {
    let (app, form) = (&opening.app, &opening.form);
    let (name, back) = (form.text("name"), own_path(form.text("back")));
    let key = key_of(app, name);
    let is_known = logins::find(app, &key).await?.is_some();
    let from = From::read(app, &key, &opening.headers);
    let from = if is_known { from } else { from.of_nobody() };
    if !from.take(app).await? {
        return opening.again(&page(&opening, back, name, Some(Wrong::Attempts)).await?);
    }
    let login = logins::letting_in(app, &key).await?;
    if !app.checking.holds(login.as_ref(), form.text("password")).await? {
        return opening.again(&page(&opening, back, name, Some(Wrong::Password)).await?);
    }
    from.give_back(app).await?;
    match login {
        Some(login) => second_step::go_on(&opening, &login, key, back).await,
        None => Err(Trouble::SignIn),
    }
}

async fn page(
    opening: &Opening,
    back: &str,
    name: &str,
    wrong: Option<Wrong>,
) -> Result<SignInPage, Trouble> {
    let demo = demo(&opening.app, opening.view().english).await?;
    let frame = opening.frame("登录", "Sign in");
    let vouched = opening.app.identity_service.is_some();
    Ok(SignInPage { frame, back: back.to_owned(), name: name.to_owned(), wrong, vouched, demo })
}

/// `POST /sign-out`.
pub(crate) async fn leave(opening: Opening) -> Result<Response, Trouble> {
    let cookie = session::end(&opening.app, &opening.headers).await?;
    with_cookies(opening.go("/"), &[cookie])
}

pub(crate) fn with_cookies(mut response: Response, cookies: &[String]) -> Result<Response, Trouble> {
    for cookie in cookies {
        let value = HeaderValue::from_str(cookie).map_err(|_| Trouble::Unreadable)?;
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}
