//! Phones for messages: a citizen's own page, and the hall's for the person at the counter. A number is asked for afresh each
//! time, for the one that is known is shown masked.

use super::frame::Frame;
use super::hall_people::People;
use super::inside::When;
use super::opening::Opening;
use super::trouble::Trouble;
use super::wrongs::Wrongs;
use crate::contacts::{Phone, Topic};
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

/// How a person is reached, as REST tells of it.
#[derive(Deserialize)]
struct Contact {
    own: Option<String>,
    helper: Option<String>,
    topics: Vec<String>,
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    at: When,
    role: String,
    own_before: Option<String>,
    helper_before: Option<String>,
}

/// The form, wherever it stands.
struct Form {
    contact: Contact,
    wrongs: Wrongs,
    /// Where it is sent.
    action: &'static str,
    /// Whether it was just saved.
    saved: bool,
}

#[derive(Template)]
#[template(path = "web/phones.html")]
struct PhonesPage {
    frame: Frame,
    it: Form,
}

#[derive(Template)]
#[template(path = "web/hall_phones.html")]
struct HallPhonesPage {
    frame: Frame,
    people: People,
    it: Form,
}

impl Form {
    /// A phone's field: its name, what it is called, and the number that is known.
    fn fields(&self, frame: &Frame) -> [(&'static str, &'static str, Option<&str>); 2] {
        [
            ("own", frame.said("本人手机号", "The person's own number"), self.contact.own.as_deref()),
            (
                "helper",
                frame.said("家人手机号（比如子女）", "A relative's number (a child's, say)"),
                self.contact.helper.as_deref(),
            ),
        ]
    }

    /// What can be chosen to go out: word, name, whether it does.
    fn topics(&self, frame: &Frame) -> [(&'static str, &'static str, bool); 2] {
        let money = frame.said(
            "家人花了我的钱，或者退回来；代办人替我买了药",
            "Relatives spent my money, or it came back; an agent bought medicine for me",
        );
        let bindings = frame.said(
            "授权的变化：等确认、生效、暂停、结束；代购药的委托",
            "Bindings: to confirm, in force, on hold, ended; entrusted purchases",
        );
        let goes_out = |topic: Topic| self.contact.topics.iter().any(|it| it == topic.word());
        [
            (Topic::Money.word(), money, goes_out(Topic::Money)),
            (Topic::Bindings.word(), bindings, goes_out(Topic::Bindings)),
        ]
    }
}

impl Opening {
    async fn phones_form(&self, person: u64, action: &'static str) -> Result<Form, Trouble> {
        let contact: Contact = self.get(&format!("/persons/{person}/contact")).await?;
        let saved = self.query.filled("saved").is_some();
        Ok(Form { contact, wrongs: Wrongs::of(self), action, saved })
    }

    /// Saves what the form says; what is wrong with it, where something is.
    async fn save_phones(&self, person: u64) -> Result<Wrongs, Trouble> {
        let mut wrongs = Wrongs::of(self);
        let mut body = json!({ "topics": self.chosen_topics() });
        for field in ["own", "helper"] {
            let remove = if field == "own" { "remove_own" } else { "remove_helper" };
            match self.form.filled(field) {
                Some(text) if Phone::parse(text).is_none() => wrongs.add(
                    field,
                    "请填中国大陆的手机号：1 开头的 11 位数字",
                    "Write a mobile number of the mainland: eleven digits beginning with 1",
                ),
                Some(text) => body[field] = json!(text),
                None if self.form.filled(remove).is_some() => body[field] = json!(""),
                None => {}
            }
        }
        if wrongs.is_empty() {
            let _: Value = self.send(&format!("/persons/{person}/contact/changes"), &body).await?;
        }
        Ok(wrongs)
    }

    fn chosen_topics(&self) -> Vec<&'static str> {
        let chosen = Topic::ALL.into_iter().map(Topic::word);
        chosen.filter(|it| self.form.filled(&format!("topic_{it}")).is_some()).collect()
    }

    fn phones_frame(&self) -> Frame {
        self.frame("消息发到手机", "Messages to phones")
    }
}

/// `GET /settings/phones`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let it = opening.phones_form(opening.person()?.0, "/settings/phones").await?;
    opening.page(&PhonesPage { frame: opening.phones_frame(), it })
}

/// `POST /settings/phones`.
pub(crate) async fn save(opening: Opening) -> Result<Response, Trouble> {
    let person = opening.person()?.0;
    let wrongs = opening.save_phones(person).await?;
    if wrongs.is_empty() {
        return Ok(opening.go("/settings/phones?saved=1"));
    }
    let it = Form { wrongs, ..opening.phones_form(person, "/settings/phones").await? };
    opening.again(&PhonesPage { frame: opening.phones_frame(), it })
}

/// `GET /hall/phones`.
pub(crate) async fn at_hall(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall#scan")) };
    let people = People::of(&opening, &counter).await?;
    let it = opening.phones_form(customer, "/hall/phones").await?;
    opening.page(&HallPhonesPage { frame: opening.phones_frame(), people, it })
}

/// `POST /hall/phones`: on behalf of the person at the counter (R-D9); who did it is on record.
pub(crate) async fn save_at_hall(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall#scan")) };
    let wrongs = opening.save_phones(customer).await?;
    if wrongs.is_empty() {
        return Ok(opening.go("/hall/phones?saved=1"));
    }
    let people = People::of(&opening, &counter).await?;
    let it = Form { wrongs, ..opening.phones_form(customer, "/hall/phones").await? };
    opening.again(&HallPhonesPage { frame: opening.phones_frame(), people, it })
}
