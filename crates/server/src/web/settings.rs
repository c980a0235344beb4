//! Settings: who looked at one's data, who may see what one bought, password, how one reads.

use super::frame::Frame;
use super::opening::Opening;
use super::trouble::Trouble;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "web/settings.html")]
struct SettingsPage {
    frame: Frame,
}

/// `GET /settings`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    opening.page(&SettingsPage { frame: opening.frame("设置", "Settings") })
}
