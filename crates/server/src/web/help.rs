//! Asking somebody to help: by telephone, at a hall, a relative; and what to bring.

use super::frame::Frame;
use super::opening::Opening;
use super::trouble::Trouble;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "web/help.html")]
struct HelpPage {
    frame: Frame,
}

/// `GET /help`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    opening.page(&HelpPage { frame: opening.frame("请人帮忙", "Ask somebody to help") })
}
