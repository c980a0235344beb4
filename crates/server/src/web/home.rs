//! The start page: what do you want to do, and whose money does it spend. Staff are led to their own start.

use super::frame::Frame;
use super::opening::Opening;
use super::trouble::Trouble;
use crate::tokens::Role;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "web/home.html")]
struct HomePage {
    frame: Frame,
    all: bool,
}

/// `GET /`. In elder mode the four tasks that people come for most; `?all=1` shows the others too.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    match opening.role() {
        Some(Role::Clerk | Role::Supervisor) => return Ok(opening.go("/hall")),
        Some(Role::Institution) => return Ok(opening.go("/till")),
        Some(Role::Citizen | Role::Operator | Role::Auditor) | None => {}
    }
    let frame = opening.frame("您想做什么？", "What do you want to do?");
    let all = !frame.elder || opening.query.filled("all").is_some();
    opening.page(&HomePage { frame, all })
}
