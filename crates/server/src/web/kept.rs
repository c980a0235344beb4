//! Answers that were sent after the session had ended: kept, sealed, until the same person has signed in again, and then
//! given back to be sent by them. Nothing that somebody wrote is lost because they took their time; photographs are, and the
//! page says so.

use super::form::Form;
use super::frame::Frame;
use super::opening::Opening;
use super::trouble::Trouble;
use super::view::own_path;
use crate::logins::LoginKey;
use crate::vault::{hex, random};
use askama::Template;
use axum::http::Method;
use axum::response::Response;
use domain::day::Moment;
use serde::{Deserialize, Serialize};

/// The drawer of the desk that they lie in.
const DRAWER: &str = "kept-form";
const KEPT_MS: i64 = 24 * 3_600_000;
/// So many are kept of one login; the next one takes the place of the oldest.
const MOST: u8 = 5;

#[derive(Serialize, Deserialize)]
struct Kept {
    /// What its address says; its last letter is the place.
    no: String,
    at: Moment,
    path: String,
    answers: Vec<(String, String)>,
    /// The key it was sent under: what was done after all is not done again.
    key: String,
    /// Files came with it: they are not kept.
    had_files: bool,
}

#[derive(Template)]
#[template(path = "web/kept.html")]
struct KeptPage {
    /// Its key is that of the form as it was sent first.
    frame: Frame,
    path: String,
    answers: Vec<(String, String)>,
    had_files: bool,
}

/// Where to sign in, with the way back to what was to be opened or sent.
pub(crate) async fn keep(opening: &Opening) -> Result<String, Trouble> {
    let here = opening.uri.path_and_query().map_or("/", |it| it.as_str());
    let Some(login) = opening.ended.clone().filter(|_| opening.method == Method::POST) else {
        let back = if opening.method == Method::GET { own_path(here) } else { "/" };
        return sign_in(back);
    };
    let place = place(opening, &login).await?;
    let no = format!("{}{place}", hex(&random::<12>()));
    let kept = Kept {
        no: no.clone(),
        at: opening.app.clock.now(),
        path: opening.uri.path().to_owned(),
        answers: opening.form.answers(),
        key: opening.form.text("_key").to_owned(),
        had_files: !opening.files.is_empty(),
    };
    let key = key(&login, place);
    let sealed = opening.app.vault.seal_about(key.as_bytes(), random(), &domain::chain::encode(&kept));
    let until = opening.app.clock.now().plus_millis(KEPT_MS);
    opening.app.desk.put(DRAWER, &key, &sealed, Some(until)).await?;
    sign_in(&format!("/kept/{no}"))
}

fn key(login: &LoginKey, place: u8) -> String {
    format!("{}:{place}", login.0)
}

/// What is kept of a login in a place.
async fn find(opening: &Opening, login: &LoginKey, place: u8) -> Result<Option<Kept>, Trouble> {
    let key = key(login, place);
    let sealed = opening.app.desk.get(DRAWER, &key, opening.app.clock.now()).await?;
    let plain = sealed.and_then(|it| opening.app.vault.open_about(key.as_bytes(), &it).ok());
    Ok(plain.and_then(|it| domain::chain::decode(&it).ok()))
}

/// A place that is free, or that of the oldest.
async fn place(opening: &Opening, login: &LoginKey) -> Result<u8, Trouble> {
    let mut oldest: Option<(Moment, u8)> = None;
    for place in 0..MOST {
        match find(opening, login, place).await? {
            Some(kept) => oldest = Some(oldest.unwrap_or((kept.at, place)).min((kept.at, place))),
            None => return Ok(place),
        }
    }
    Ok(oldest.map_or(0, |(_, place)| place))
}

fn sign_in(back: &str) -> Result<String, Trouble> {
    let query = serde_urlencoded::to_string([("back", back)]).map_err(|_| Trouble::Unreadable)?;
    Ok(format!("/sign-in?{query}"))
}

/// `GET /kept/{no}`: the answers, to be sent again by whoever wrote them.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let no = opening.gap("no");
    let session = opening.session.as_ref().ok_or(Trouble::SignIn)?;
    let place = no.chars().last().and_then(|it| it.to_digit(10)).and_then(|it| u8::try_from(it).ok());
    let found = find(&opening, &session.login_key, place.ok_or(Trouble::NotFound)?).await?;
    let kept = found.filter(|it| it.no == no).ok_or(Trouble::NotFound)?;
    let frame = opening.frame("您刚才填的都还在", "What you wrote is still here");
    let frame = Frame { key: kept.key, ..frame };
    let answers = Form::of(kept.answers).answers();
    opening.page(&KeptPage { frame, path: kept.path, answers, had_files: kept.had_files })
}
