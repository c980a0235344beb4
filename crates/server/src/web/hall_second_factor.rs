//! Ending the second step of a citizen's sign-in at the counter: they have lost their phone and come in person.

use super::frame::Frame;
use super::hall_people::People;
use super::opening::Opening;
use super::trouble::Trouble;
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Ended {
    ended: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    Ended,
    None,
    NoLogin,
}

#[derive(Template)]
#[template(path = "web/hall_second_factor.html")]
struct SecondFactorPage {
    frame: Frame,
    people: People,
    came: Option<Came>,
}

async fn page(opening: &Opening, came: Option<Came>) -> Result<Response, Trouble> {
    let (opening, counter) = opening.clone().at_counter().await?;
    if counter.customer.is_none() {
        return Ok(opening.go("/hall"));
    }
    let people = People::of(&opening, &counter).await?;
    let frame = opening.frame("取消登录的第二步", "End the second step of signing in");
    opening.page(&SecondFactorPage { frame, people, came })
}

/// `GET /hall/second-factor`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let came = match opening.query.text("came") {
        "ended" => Some(Came::Ended),
        "none" => Some(Came::None),
        "no-login" => Some(Came::NoLogin),
        _ => None,
    };
    page(&opening, came).await
}

/// `POST /hall/second-factor`.
pub(crate) async fn end(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall")) };
    let body = json!({ "person": { "no": customer } });
    let came = match opening.send::<Ended>("/logins/second-factor-endings", &body).await {
        Ok(Ended { ended: true }) => "ended",
        Ok(Ended { ended: false }) => "none",
        Err(Trouble::NotFound) => "no-login",
        Err(trouble) => return Err(trouble),
    };
    Ok(opening.go(&format!("/hall/second-factor?came={came}")))
}
