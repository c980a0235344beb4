//! Family code links at the counter (R-F1): made and undone in the customer's name. The code itself is never shown here.

use super::frame::Frame;
use super::hall_people::People;
use super::opening::Opening;
use super::receipt::Done;
use super::trouble::Trouble;
use askama::Template;
use axum::response::Response;
use serde_json::json;

#[derive(Template)]
#[template(path = "web/hall_links.html")]
struct LinksPage {
    frame: Frame,
    people: People,
    relations: Vec<(&'static str, String)>,
}

/// `GET /hall/links`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    if counter.customer.is_none() || counter.relative.is_none() {
        return Ok(opening.go("/hall#scan"));
    }
    let people = People::of(&opening, &counter).await?;
    let frame = opening.frame(
        "亲情账户：出示家人的医保码（花家人自己的）",
        "Family code: show a relative's code (their own money)",
    );
    opening.page(&LinksPage { frame, people, relations: opening.relations() })
}

/// `POST /hall/links`.
pub(crate) async fn change(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let (Some(customer), Some(relative)) = (counter.customer, counter.relative.clone()) else {
        return Ok(opening.go("/hall"));
    };
    let customer = json!({ "no": customer });
    let holds = opening.form.text("holder") != "relative";
    let (holder, member) =
        if holds { (customer.clone(), json!(relative)) } else { (json!(relative), customer.clone()) };
    let undo = opening.form.text("what") == "undo";
    let relation = (!undo).then(|| opening.form.text("relation"));
    let body = json!({ "holder": holder, "member": member, "relation": relation, "undo": undo,
        "on_behalf_of": customer });
    let done: Done = opening.send("/family-links", &body).await?;
    opening.receipt(counter, &done).await
}
