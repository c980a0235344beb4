//! Messages: what relatives spent of the reader's money, who has to confirm, what ended. Read when the reader says so.

use super::frame::Frame;
use super::inside::{Person, Place, When};
use super::opening::Opening;
use super::trouble::Trouble;
use crate::rest::{Utc, Yuan};
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Notices {
    notices: Vec<Notice>,
    unread: usize,
}

#[derive(Deserialize)]
struct Notice {
    at: When,
    line: String,
    binding: u64,
    other: Option<Person>,
    read: bool,
    money: Option<Money>,
}

#[derive(Deserialize)]
struct Money {
    settlement: u64,
    institution: Place,
    amount: Yuan,
}

#[derive(Template)]
#[template(path = "web/inbox.html")]
struct InboxPage {
    frame: Frame,
    inbox: Notices,
    /// The moment of the latest message: nothing that came after the page was shown is taken as read.
    latest: String,
}

/// `GET /inbox`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let person = opening.person()?;
    let inbox: Notices = opening.get(&format!("/notices/{}", person.0)).await?;
    let latest = inbox.notices.first().map(|it| json!(Utc(it.at.moment())));
    let latest = latest.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    opening.page(&InboxPage { frame: opening.frame("消息", "Messages"), inbox, latest })
}

/// `POST /inbox/read`.
pub(crate) async fn read(opening: Opening) -> Result<Response, Trouble> {
    let person = opening.person()?;
    let until = json!({ "until": opening.form.text("until") });
    let _: Value = opening.send(&format!("/notices/{}/read", person.0), &until).await?;
    Ok(opening.go("/inbox"))
}
