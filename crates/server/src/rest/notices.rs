//! Messages to people: who is asked to confirm, what came into force, what ended.

use super::binding_view::notice_word;
use super::call::{Answer, Answered, Call};
use super::people::of_person;
use super::problem::Problem;
use super::wire::Instant;
use domain::decision::{Notice, Turn};
use serde::Serialize;
use store::{Page, Query};
use utoipa::ToSchema;

/// Messages, latest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct NoticesView {
    notices: Vec<NoticeView>,
}

/// A message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct NoticeView {
    /// When.
    at: Instant,
    /// `please_confirm`, `in_force`, `ended` or `needs_decision`.
    what: String,
    /// About which binding.
    binding: u64,
    /// The decision that it tells of.
    serial: u64,
}

/// `GET /notices/{no}`.
pub(crate) async fn of(call: Call) -> Answered {
    let person = call.person()?;
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let query = Query::Notices { person, limit: call.limit()? };
    let Page::Notices(found) = call.app.store.page(&query).await? else { return Err(Problem::busy()) };
    let view = |(turn, it): &(Turn, Notice)| NoticeView {
        at: Instant::of(turn.at),
        what: notice_word(it.what),
        binding: it.binding.0,
        serial: turn.serial.0,
    };
    Ok(Answer::ok(&NoticesView { notices: found.iter().map(view).collect() }))
}
