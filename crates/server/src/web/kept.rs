//! Answers that were sent after the session had ended: kept, sealed, until the same person has signed in again, and then
//! given back to be sent by them. Nothing that somebody wrote is lost because they took their time.

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
use serde::{Deserialize, Serialize};

/// The drawer of the desk that they lie in.
const DRAWER: &str = "kept-form";
const KEPT_MS: i64 = 24 * 3_600_000;

#[derive(Serialize, Deserialize)]
struct Kept {
    login: LoginKey,
    path: String,
    answers: Vec<(String, String)>,
    /// The key it was sent under: what was done after all is not done again.
    key: String,
}

#[derive(Template)]
#[template(path = "web/kept.html")]
struct KeptPage {
    /// Its key is that of the form as it was sent first.
    frame: Frame,
    path: String,
    answers: Vec<(String, String)>,
}

/// Where to sign in, with the way back to what was to be opened or sent.
pub(crate) async fn keep(opening: &Opening) -> Result<String, Trouble> {
    let here = opening.uri.path_and_query().map_or("/", |it| it.as_str());
    let Some(login) = opening.ended.clone().filter(|_| opening.method == Method::POST) else {
        let back = if opening.method == Method::GET { own_path(here) } else { "/" };
        return sign_in(back);
    };
    let no = hex(&random::<12>());
    let kept = Kept {
        login,
        path: opening.uri.path().to_owned(),
        answers: opening.form.answers(),
        key: opening.form.text("_key").to_owned(),
    };
    let sealed = opening.app.vault.seal_about(no.as_bytes(), random(), &domain::chain::encode(&kept));
    let until = opening.app.clock.now().plus_millis(KEPT_MS);
    opening.app.desk.put(DRAWER, &no, &sealed, Some(until)).await?;
    sign_in(&format!("/kept/{no}"))
}

fn sign_in(back: &str) -> Result<String, Trouble> {
    let query = serde_urlencoded::to_string([("back", back)]).map_err(|_| Trouble::Unreadable)?;
    Ok(format!("/sign-in?{query}"))
}

/// `GET /kept/{no}`: the answers, to be sent again by whoever wrote them.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let no = opening.gap("no");
    let sealed = opening.app.desk.get(DRAWER, no, opening.app.clock.now()).await?.ok_or(Trouble::NotFound)?;
    let plain = opening.app.vault.open_about(no.as_bytes(), &sealed).map_err(|_| Trouble::NotFound)?;
    let kept: Kept = domain::chain::decode(&plain).map_err(|_| Trouble::NotFound)?;
    let session = opening.session.as_ref().ok_or(Trouble::SignIn)?;
    if session.login_key != kept.login {
        return Err(Trouble::NotFound);
    }
    let frame = opening.frame("您刚才填的都还在", "What you wrote is still here");
    let frame = Frame { key: kept.key, ..frame };
    let answers = Form::of(kept.answers).answers();
    opening.page(&KeptPage { frame, path: kept.path, answers })
}
