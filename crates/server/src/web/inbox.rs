//! Messages: what relatives spent of the reader's money, who has to confirm, what ended, who buys medicine for whom, what became
//! of their login. Read when the reader says so.

use super::frame::Frame;
use super::inside::{Person, Place, When};
use super::opening::Opening;
use super::reader::Reader;
use super::trouble::Trouble;
use super::windows::Window;
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
    what: String,
    line: String,
    binding: Option<u64>,
    proxy: Option<u64>,
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

impl Notice {
    /// The page of what it tells of.
    fn leads_to(&self, reader: &Reader) -> String {
        if reader.customer.is_some() {
            return self.leads_to_at_hall();
        }
        let about = [("family", self.binding), ("proxy", self.proxy)];
        let about = about.into_iter().find_map(|(page, no)| Some(format!("/{page}/{}", no?)));
        match (&self.money, about, self.what.as_str()) {
            (Some(money), ..) => format!("/spending/{}", money.settlement),
            (None, Some(page), _) => page,
            (None, None, what) if what.starts_with("code_") => "/family-codes".to_owned(),
            (None, None, "contact_changed") => "/settings/phones".to_owned(),
            (None, None, what) if what.starts_with("amendment") => "/settings/amendments".to_owned(),
            (None, None, "second_factor_ended") => "/settings/second-factor".to_owned(),
            (None, None, _) => "/settings".to_owned(),
        }
    }

    /// The same at the counter.
    fn leads_to_at_hall(&self) -> String {
        match (&self.money, self.binding, self.proxy, self.what.as_str()) {
            (Some(money), ..) => format!("/hall/spending/{}", money.settlement),
            (None, Some(binding), ..) => format!("/hall/bindings/{binding}"),
            (None, None, Some(_), _) => "/hall/proxies".to_owned(),
            (None, None, None, "contact_changed") => "/hall/phones".to_owned(),
            (None, None, None, what) if what.starts_with("amendment") => "/hall/amend".to_owned(),
            (None, None, None, _) => "/hall".to_owned(),
        }
    }
}

#[derive(Template)]
#[template(path = "web/inbox.html")]
struct InboxPage {
    frame: Frame,
    inbox: Notices,
    /// The moment of the latest message: nothing that came after the page was shown is taken as read.
    latest: String,
    window: Window,
    reader: Reader,
}

/// `GET /inbox`, and `GET /hall/inbox` for the person at the counter: only they say that they have read them.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, reader) = opening.reader().await?;
    let Some(reader) = reader else { return Ok(opening.go("/hall#scan")) };
    let mut inbox: Notices = opening.get(&format!("/notices/{}", reader.no)).await?;
    let latest = inbox.notices.first().map(|it| json!(Utc(it.at.moment())));
    let latest = latest.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut window = opening.window();
    inbox.notices = window.cut(inbox.notices);
    opening.page(&InboxPage { frame: opening.frame("消息", "Messages"), inbox, latest, window, reader })
}

/// `POST /inbox/read`.
pub(crate) async fn read(opening: Opening) -> Result<Response, Trouble> {
    let person = opening.person()?;
    let until = json!({ "until": opening.form.text("until") });
    let _: Value = opening.send(&format!("/notices/{}/read", person.0), &until).await?;
    Ok(opening.go("/inbox"))
}
