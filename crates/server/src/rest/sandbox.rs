//! The sandbox's clock, and who the bearer of a token is.

use super::call::{Answer, Answered, Call};
use super::problem::Problem;
use super::wire::{Instant, Region, Utc, words};
use crate::clock::CannotMove;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A moment to move the clock to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClockSet {
    /// The moment; never before the present one.
    now: Utc,
}

/// The clock.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ClockView {
    now: Instant,
}

/// A token as its bearer sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MeView {
    /// The token's number.
    token: u64,
    /// What it is for.
    label: String,
    /// What its bearer may do.
    role: words::Role,
    /// Where.
    area: Region,
    /// Who acts, for a citizen.
    person: Option<u64>,
    /// From when it is no longer taken.
    expires: Option<Instant>,
    /// The system's clock.
    now: Instant,
}

/// `POST /sandbox/clock`.
pub(crate) async fn clock(call: Call) -> Answered {
    let sent: ClockSet = call.body()?;
    call.once(&sent, async {
        call.app.clock.move_to(sent.now.0).map_err(|it| match it {
            CannotMove::NoSandbox => Problem::not_found("route outside a sandbox"),
            CannotMove::Backward(_) => Problem::malformed("now", it.to_string()),
        })?;
        Ok(Answer::ok(&ClockView { now: Instant::of(call.app.clock.now()) }))
    })
    .await
}

/// `GET /me`.
pub(crate) async fn me(call: Call) -> Answered {
    let it = &call.token;
    Ok(Answer::ok(&MeView {
        token: it.no,
        label: it.label.clone(),
        role: words::Role(it.role),
        area: Region(it.area),
        person: it.person.map(|it| it.0),
        expires: it.expires.map(Instant::of),
        now: Instant::of(call.app.clock.now()),
    }))
}
