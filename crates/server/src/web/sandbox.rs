//! The page of a sandbox's clock: what is promised for tomorrow or for next month can be seen today.

use super::frame::Frame;
use super::opening::Opening;
use super::trouble::Trouble;
use crate::demo::world::rfc3339;
use askama::Template;
use axum::response::Response;
use serde_json::{Value, json};

/// The hour that the clock is moved to: eight in the morning, when places open.
const MORNING_MS: i64 = 8 * 3_600_000;

#[derive(Template)]
#[template(path = "web/sandbox.html")]
struct SandboxPage {
    frame: Frame,
}

/// `GET /sandbox`; nowhere else than in a sandbox.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    if !opening.app.clock.is_sandbox() {
        return Err(Trouble::NotFound);
    }
    let frame = opening.frame("演示环境的时钟", "The clock of the demonstration");
    opening.page(&SandboxPage { frame })
}

/// `POST /sandbox`: sessions are over then, as they would be on any other day.
pub(crate) async fn go_on(opening: Opening) -> Result<Response, Trouble> {
    let today = opening.app.clock.now().day();
    let later = today.plus_months(1);
    let day = match opening.form.text("to") {
        "month" => later.plus(1 - i32::from(later.day_of_month())),
        _ => today.plus(1),
    };
    let now = rfc3339(day.start().plus_millis(MORNING_MS));
    let _: Value = opening.send("/sandbox/clock", &json!({ "now": now })).await?;
    Ok(opening.go("/sign-in"))
}
