//! An activation code at the counter: given to the person in front, whose identity was checked, and printed for them.

use super::counter::Activation;
use super::frame::Frame;
use super::inside::When;
use super::opening::Opening;
use super::trouble::Trouble;
use super::wrongs::Wrongs;
use crate::people::masked;
use crate::rest::Utc;
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

#[derive(Template)]
#[template(path = "web/hall_activation.html")]
struct ActivationPage {
    frame: Frame,
    /// Whom it is for, masked: the receipt is carried about.
    name: String,
    /// The code, once it was given.
    given: Option<Activation>,
    wrongs: Wrongs,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Given {
    code: String,
    until: When,
}

async fn activation_page(
    opening: &Opening,
    customer: u64,
    given: Option<Activation>,
    wrongs: Wrongs,
) -> Result<ActivationPage, Trouble> {
    let person: Named = opening.get(&format!("/persons/{customer}")).await?;
    let frame = opening.frame("登录开通码", "Activation code");
    Ok(ActivationPage { frame, name: masked(&person.name), given, wrongs })
}

/// `GET /hall/activation`: the code, until the next customer comes; before it was given, the question for it.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall#scan")) };
    opening.page(&activation_page(&opening, customer, counter.activation, Wrongs::default()).await?)
}

/// `POST /hall/activation`.
pub(crate) async fn give(opening: Opening) -> Result<Response, Trouble> {
    let (opening, mut counter) = opening.at_counter().await?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall#scan")) };
    if opening.form.filled("checked").is_none() {
        let mut wrongs = Wrongs::of(&opening);
        wrongs.add(
            "checked",
            "请先核对证件：窗口前的必须是本人",
            "Check the document first: the person must be here themselves",
        );
        return opening.again(&activation_page(&opening, customer, None, wrongs).await?);
    }
    let given: Given = opening.send("/logins/activations", &json!({ "person": { "no": customer } })).await?;
    counter.activation = Some(Activation { code: given.code, until: Utc(given.until.moment()) });
    opening.keep_counter(&counter).await?;
    Ok(opening.go("/hall/activation"))
}
