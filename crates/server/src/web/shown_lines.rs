//! Who may see what I bought: the patient lets each giver see it, or no longer does (R-K2).

use super::family::Bindings;
use super::frame::Frame;
use super::inside::When;
use super::opening::Opening;
use super::trouble::Trouble;
use askama::Template;
use axum::response::Response;
use serde_json::{Value, json};

/// A giver as a line.
struct Row {
    binding: u64,
    name: String,
    relation: String,
    /// Since when they may see it.
    since: Option<When>,
}

#[derive(Template)]
#[template(path = "web/shown_lines.html")]
struct LinesPage {
    frame: Frame,
    givers: Vec<Row>,
}

/// `GET /settings/lines`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let me = opening.person()?;
    let Bindings { received, .. } = opening.get(&format!("/persons/{}/bindings", me.0)).await?;
    let stands = received.iter().filter(|it| !it.is_over());
    let row = |it: &super::bound::Bound| Row {
        binding: it.no,
        name: it.giver.name.clone(),
        relation: it.relation_of_other(me, &opening).to_owned(),
        since: it.lines_shown,
    };
    let givers = stands.map(row).collect();
    let frame = opening.frame("谁能看我买了什么", "Who may see what I bought");
    opening.page(&LinesPage { frame, givers })
}

/// `POST /settings/lines`.
pub(crate) async fn change(opening: Opening) -> Result<Response, Trouble> {
    let binding: u64 = opening.form.text("binding").parse().map_err(|_| Trouble::Unreadable)?;
    let event = opening.form.text("event");
    if !["show_lines", "hide_lines"].contains(&event) {
        return Err(Trouble::Unreadable);
    }
    let body = json!({ "event": event });
    match opening.send::<Value>(&format!("/bindings/{binding}/events"), &body).await {
        Ok(_) => Ok(opening.go("/settings/lines")),
        // Done before, from another page, or no longer bound: the page says how it stands.
        Err(Trouble::Said(said)) if !said.reasons.is_empty() => Ok(opening.go("/settings/lines")),
        Err(trouble) => Err(trouble),
    }
}
