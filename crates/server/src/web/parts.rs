//! Every component of the pages on one page, as they look in the reader's mode: for whoever builds another page.

use super::frame::Frame;
use super::opening::Opening;
use super::trouble::Trouble;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "web/parts.html")]
struct PartsPage {
    frame: Frame,
}

/// `GET /parts`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    opening.page(&PartsPage { frame: opening.frame("页面组件", "Parts of the pages") })
}
