//! Signing in and out.

use super::frame::Frame;
use super::opening::Opening;
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

#[derive(Template)]
#[template(path = "web/sign_in.html")]
struct SignInPage {
    frame: Frame,
    back: String,
    name: String,
    wrong: bool,
    demo: Vec<Demo>,
}

/// Staff of the demo world: what they are, and their login; the password is `demo-` and the login.
pub(crate) const DEMO_STAFF: &[(&str, &str, Role)] = &[
    ("经办员一", "hall1", Role::Clerk),
    ("经办员二", "hall2", Role::Clerk),
    ("大厅主管", "supervisor", Role::Supervisor),
    ("徐州村卫生室收费台", "till", Role::Institution),
    ("经办机构管理员", "operator", Role::Operator),
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
    found.extend(DEMO_STAFF.iter().map(|(name, login, _)| entry(name, staff, login)));
    Ok(found)
}

/// `GET /sign-in`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let back = own_path(opening.query.text("back")).to_owned();
    let demo = demo(&opening.app, opening.view().english).await?;
    let frame = opening.frame("登录", "Sign in");
    opening.page(&SignInPage { frame, back, name: String::new(), wrong: false, demo })
}

/// `POST /sign-in`.
pub(crate) async fn enter(opening: Opening) -> Result<Response, Trouble> {
    let (app, form) = (&opening.app, &opening.form);
    let key = key_of(app, form.text("name"));
    let login = logins::find(app, &key).await?.filter(|it| it.token.is_taken(app.clock.now()));
    if !app.checking.holds(login.as_ref(), form.text("password")).await {
        let (back, name) = (own_path(form.text("back")).to_owned(), form.text("name").to_owned());
        let demo = demo(app, opening.view().english).await?;
        let frame = opening.frame("登录", "Sign in");
        return opening.again(&SignInPage { frame, back, name, wrong: true, demo });
    }
    let ended = session::end(app, &opening.headers).await;
    ended.map_err(Trouble::from)?;
    let cookie = session::start(app, key).await?;
    with_cookie(opening.go(own_path(form.text("back"))), &cookie)
}

/// `POST /sign-out`.
pub(crate) async fn leave(opening: Opening) -> Result<Response, Trouble> {
    let cookie = session::end(&opening.app, &opening.headers).await?;
    with_cookie(opening.go("/"), &cookie)
}

fn with_cookie(mut response: Response, cookie: &str) -> Result<Response, Trouble> {
    let value = HeaderValue::from_str(cookie).map_err(|_| Trouble::Unreadable)?;
    response.headers_mut().insert(header::SET_COOKIE, value);
    Ok(response)
}
