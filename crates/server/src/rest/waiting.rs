//! How much waits for somebody of a hall. A count shows nobody, so asking for it is no look.

use super::call::{Answer, Answered, Call};
use super::{amendments, cases, reviews};
use serde::Serialize;
use utoipa::ToSchema;

/// No further than this is counted.
const MOST: u32 = 50;

/// How much waits, as far as the caller reaches it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WaitingView {
    /// Cases that are open.
    cases: CountView,
    /// Amendments that somebody has to decide.
    amendments: CountView,
    /// Bindings that the agency reviews.
    reviews: CountView,
}

/// How many there are.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CountView {
    /// So many of the first 50.
    pub(crate) count: usize,
    /// There are more than were counted.
    pub(crate) more: bool,
}

/// `GET /waiting`.
pub(crate) async fn show(call: Call) -> Answered {
    Ok(Answer::ok(&WaitingView {
        cases: cases::count(&call, MOST).await?,
        amendments: amendments::count(&call, MOST).await?,
        reviews: reviews::count(&call, MOST).await?,
    }))
}
