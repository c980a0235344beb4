//! Setting a password: the first one with the code from the hall, later ones with the one before.

use super::attempts::From;
use super::frame::Frame;
use super::opening::Opening;
use super::second_step;
use super::session;
use super::sign_in::with_cookies;
use super::trouble::Trouble;
use crate::logins::{self, LONGEST, LoginKey, SHORTEST, key_of};
use askama::Template;
use axum::response::Response;

/// What is wrong with what was filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// The code from the hall, or the name it was made for.
    Code,
    /// The present password.
    Present,
    /// Too many attempts.
    Attempts,
    /// The new password is too short or too long.
    Length,
    /// The two are not the same.
    Again,
}

#[derive(Template)]
#[template(path = "web/password.html")]
struct PasswordPage {
    frame: Frame,
    /// The first password, with the code from the hall.
    first: bool,
    name: String,
    wrong: Option<Wrong>,
    done: bool,
}

impl PasswordPage {
    fn of(opening: &Opening, first: bool) -> PasswordPage {
        let frame = match first {
            true => opening.frame("开通登录", "Activate your login"),
            false => opening.frame("换密码", "Change your password"),
        };
        PasswordPage { frame, first, name: opening.form.text("name").to_owned(), wrong: None, done: false }
    }

    /// At which field something is wrong.
    fn bad(&self, field: &str) -> bool {
        match self.wrong {
            Some(Wrong::Code) => field == "code",
            Some(Wrong::Attempts) => field == if self.first { "code" } else { "present_password" },
            Some(Wrong::Present) => field == "present_password",
            Some(Wrong::Length | Wrong::Again) => field == "new_password",
            None => false,
        }
    }

    fn says(&self, wrong: &Wrong) -> &'static str {
        match wrong {
            Wrong::Code => self.frame.say(
                "身份证号或开通码不对，或开通码已过期",
                "ID number or activation code is wrong, or the code has expired",
            ),
            Wrong::Present => self.frame.say("现在的密码不对", "The present password is wrong"),
            Wrong::Attempts => {
                self.frame.say("试的次数太多，请 15 分钟后再试", "Too many attempts: try again in 15 minutes")
            }
            Wrong::Length => self.frame.say("新密码要有 8 到 128 个字", "A password has 8 to 128 characters"),
            Wrong::Again => self.frame.say("两次填的新密码不一样", "The two new passwords differ"),
        }
    }
}

/// The new password, where it is one.
fn new_password(opening: &Opening) -> Result<&str, Wrong> {
    let new = opening.form.text("new_password");
    if !(SHORTEST..=LONGEST).contains(&new.chars().count()) {
        return Err(Wrong::Length);
    }
    if new == opening.form.text("again_password") { Ok(new) } else { Err(Wrong::Again) }
}

/// `GET /activate`.
pub(crate) async fn first(opening: Opening) -> Result<Response, Trouble> {
    opening.page(&PasswordPage::of(&opening, true))
}

/// `POST /activate`. A new password is only the first step: who has a second one takes it, too.
pub(crate) async fn activate(opening: Opening) -> Result<Response, Trouble> {
    let key = key_of(&opening.app, opening.form.text("name"));
    let from = From::read(&opening.app, &key, &opening.headers).activating();
    let is_known = logins::find(&opening.app, &key).await?.is_some();
    let from = if is_known { from } else { from.of_nobody() };
    match activated(&opening, &key, &from).await? {
        Ok(()) => {
            from.give_back(&opening.app).await?;
            let login = logins::find(&opening.app, &key).await?.ok_or(Trouble::SignIn)?;
            second_step::go_on(&opening, &login, key, "/").await
        }
        Err(wrong) => opening.again(&PasswordPage { wrong: Some(wrong), ..PasswordPage::of(&opening, true) }),
    }
}

async fn activated(opening: &Opening, key: &LoginKey, from: &From) -> Result<Result<(), Wrong>, Trouble> {
    let password = match new_password(opening) {
        Ok(password) => password,
        Err(wrong) => return Ok(Err(wrong)),
    };
    if !from.take(&opening.app).await? {
        return Ok(Err(Wrong::Attempts));
    }
    let is_right = logins::activate(&opening.app, key, opening.form.text("code"), password).await?;
    Ok(if is_right { Ok(()) } else { Err(Wrong::Code) })
}

/// `GET /password`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let done = opening.query.filled("done").is_some();
    opening.page(&PasswordPage { done, ..PasswordPage::of(&opening, false) })
}

/// `POST /password`. All other sessions of the login end: whoever else was signed in knows the old password.
pub(crate) async fn change(opening: Opening) -> Result<Response, Trouble> {
    let app = &opening.app;
    let session = opening.session.as_ref().ok_or(Trouble::SignIn)?;
    let from = From::read(app, &session.login_key, &opening.headers).changing();
    let wrong = match new_password(&opening) {
        Err(wrong) => Some(wrong),
        Ok(_) if !from.take(app).await? => Some(Wrong::Attempts),
        Ok(_) if app.checking.holds(Some(&session.login), opening.form.text("present_password")).await? => {
            None
        }
        Ok(_) => Some(Wrong::Present),
    };
    if wrong.is_some() {
        return opening.again(&PasswordPage { wrong, ..PasswordPage::of(&opening, false) });
    }
    from.give_back(app).await?;
    let key = session.login_key.clone();
    logins::set_password(app, &key, opening.form.text("new_password")).await?;
    session::end(app, &opening.headers).await?;
    let cookie = session::start(app, key).await?;
    with_cookies(opening.go("/password?done=1"), &[cookie])
}
