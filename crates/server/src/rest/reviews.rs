//! Reviews (审核) of bindings by the agency: what waits for one, how one ended, and ending one (R-D2). Why lies on the
//! giver's shelf, sealed; the decision names it by a digest.

use super::amendments::{stated, unstated};
use super::binding_view::BindingView;
use super::bindings::{binding_seen, shown};
use super::call::{Answer, Answered, Asking, Call};
use super::documents;
use super::paging::{place, written_place};
use super::people::Who;
use super::problem::Problem;
use super::waiting::CountView;
use super::wire::Instant;
use crate::papers::{self, Kind};
use crate::papers_under_way::Papers;
use crate::tokens::Role;
use domain::binding::{Binding, Stage, Status};
use domain::day::Moment;
use domain::documents::Act;
use domain::ids::{Area, BindingNo, PersonNo};
use domain::needs::Needs;
use domain::request::{BindingEvent, Body, ChangeBinding};
use domain::words::Proof;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Page, Query, Waiting};
use utoipa::ToSchema;

/// Bindings that wait for a review.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReviewsView {
    reviews: Vec<BindingView>,
    /// The cursor of the next page, if there is one. A page may be short, or empty, and another one follow.
    next: Option<String>,
}

/// How a review is ended.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewEnded {
    outcome: Outcome,
    /// Why: what is rejected is never rejected without a reason, which both people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// How a review ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The binding is in force, or will be on its first day.
    Approved,
    /// It never comes to be.
    Rejected,
}

/// A review.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReviewView {
    binding: u64,
    /// Since when it waits; none where it has ended.
    since: Option<Instant>,
    /// Whether nothing was shown or sent for it yet, so that no clerk can approve it.
    lacks_documents: bool,
    /// How it ended.
    outcome: Option<Outcome>,
    /// When it ended.
    ended: Option<Instant>,
    /// The number of the token of whoever ended it.
    ended_by: Option<u64>,
    /// Why it ended so, as long as that is kept.
    why: Option<String>,
}

impl ReviewEnded {
    /// The reason that is given, if one is.
    fn why(&self) -> Result<Option<String>, Problem> {
        self.why.as_deref().filter(|it| !it.trim().is_empty()).map(stated).transpose()
    }
}

/// Bindings of givers of the token's area that are in review, so many after a place.
async fn those_that_wait(
    call: &Call,
    after: Option<(Area, Moment, BindingNo)>,
    limit: u32,
) -> Result<Vec<Binding>, Problem> {
    let query =
        Query::Reviews(Waiting { area: call.token.area, since: Moment::from_millis(0), after, limit });
    let Page::Reviews(found) = call.app.store.page(&query).await? else { return Err(Problem::busy()) };
    Ok(found)
}

/// Whether it can be reviewed: it has not ended meanwhile.
fn is_open(call: &Call, it: &Binding) -> bool {
    matches!(it.status(call.app.clock.now()), Status::InReview(_))
}

/// How many wait of givers whom the caller may look at.
pub(crate) async fn count(call: &Call, most: u32) -> Result<CountView, Problem> {
    let mut found = those_that_wait(call, None, most.saturating_add(1)).await?;
    let fits = usize::try_from(most).unwrap_or(usize::MAX);
    let more = found.len() > fits;
    found.truncate(fits);
    let givers = found.iter().map(|it| it.giver).collect();
    let seen = call.see(Needs { persons: givers, ..Needs::default() }).await?;
    let waits = |it: &&Binding| is_open(call, it) && call.could_see(&seen.rows.facts, it.giver);
    Ok(CountView { count: found.iter().filter(waits).count(), more })
}

/// `GET /reviews`.
pub(crate) async fn list(call: Call) -> Answered {
    let (after, limit) = (place(&call, BindingNo)?, call.limit()?);
    let found = those_that_wait(&call, after, limit).await?;
    let people = found.iter().flat_map(|it| [it.giver, it.beneficiary]).collect();
    let seen = call.see(Needs { persons: people, ..Needs::default() }).await?;
    let (teller, facts) = (seen.teller(call.viewer(), &call.app), &seen.rows.facts);
    let mut reviews = Vec::new();
    for it in found.iter().filter(|it| is_open(&call, it)) {
        if call.may_see(facts, it.giver).is_ok() {
            call.has_looked_at(facts, &[it.beneficiary]);
            reviews.push(BindingView::of(&teller, it, seen.at));
        }
    }
    let is_full = found.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let last = found.last().filter(|_| is_full);
    let next = last.and_then(|it| Some(written_place(it.giver_area, it.in_review_since()?, it.no.0)));
    Ok(Answer::ok(&ReviewsView { reviews, next }))
}

/// Whether it was started without documents, and none was sent or shown since by the two, or by who acts for one who is
/// minor.
async fn lacks_documents(call: &Call, it: &Binding) -> Result<bool, Problem> {
    if it.commitment.proof != Proof::Commitment {
        return Ok(false);
    }
    let seen = call.see(Needs { persons: [it.giver, it.beneficiary].into(), ..Needs::default() }).await?;
    let guardian = |no| seen.rows.facts.persons.get(&no).and_then(|it| it.guardian);
    let acting: BTreeSet<PersonNo> =
        [it.giver, it.beneficiary].into_iter().flat_map(|no| [Some(no), guardian(no)]).flatten().collect();
    for person in acting {
        if documents::are_on_record(call, person, Act::Binding(it.no)).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `GET /bindings/{no}/review`.
pub(crate) async fn show(call: Call) -> Answered {
    let (_, binding) = binding_seen(&call, BindingNo(call.number("no")?)).await?;
    let (since, reviewed) = (binding.in_review_since(), binding.reviewed);
    if since.is_none() && reviewed.is_none() {
        return Err(Problem::not_found("review"));
    }
    let why = match reviewed.and_then(|it| it.why) {
        Some(digest) => papers::open(&call.app, binding.giver, digest).await?,
        None => None,
    };
    let is_refused = binding.stage == Stage::ReviewRefused;
    Ok(Answer::ok(&ReviewView {
        binding: binding.no.0,
        since: since.map(Instant::of),
        lacks_documents: since.is_some() && lacks_documents(&call, &binding).await?,
        outcome: reviewed.map(|_| if is_refused { Outcome::Rejected } else { Outcome::Approved }),
        ended: reviewed.map(|it| Instant::of(it.at)),
        ended_by: reviewed.map(|it| it.by),
        why: why.and_then(|it| String::from_utf8(it.bytes).ok()),
    }))
}

/// `POST /bindings/{no}/review`: by a clerk of the giver's area, whose money it is, or by the agency's own system.
pub(crate) async fn end(call: Call) -> Answered {
    let sent: ReviewEnded = call.body()?;
    if let Some(answer) = call.answered_before(&sent).await? {
        return Ok(answer);
    }
    let said = sent.why()?;
    let (_, binding) = binding_seen(&call, BindingNo(call.number("no")?)).await?;
    call.covers(binding.giver_area)?;
    let served = Who::numbered(binding.giver);
    let actor = call.actor((call.token.role != Role::Operator).then_some(&served)).await?;
    if sent.outcome == Outcome::Approved
        && actor.person().is_some()
        && lacks_documents(&call, &binding).await?
    {
        let remedy = "Nothing was shown or sent for it yet, and it is not approved without documents.";
        return Err(Problem::malformed("outcome", remedy));
    }
    let why = match said {
        Some(said) => Some(papers::lay(&call.app, binding.giver, Kind::Text, said.as_bytes()).await?.0),
        None => None,
    };
    let event = match sent.outcome {
        Outcome::Approved => BindingEvent::Approve(why),
        Outcome::Rejected => BindingEvent::Reject(why.ok_or_else(unstated)?),
    };
    let body = Body::ChangeBinding(ChangeBinding { binding: binding.no, event });
    let papers = Papers { person: binding.giver, named: why.into_iter().collect() };
    call.submit_papers(&sent, Asking::to(actor, body), papers, shown).await
}
