//! Medical codes as people call them up: their own, a linked relative's (亲情账户, R-F1), a giver's where both codes are
//! shown (R-E2).

use super::call::{Answer, Answered, Call};
use super::people::Who;
use super::problem::Problem;
use super::telling::PersonRef;
use super::wire::Instant;
use crate::codes::{self, SHOWN_MS};
use domain::binding::Status;
use domain::credential::SpeaksOf;
use domain::day::Moment;
use domain::facts::Facts;
use domain::ids::PersonNo;
use domain::needs::Needs;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A code to be shown.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeWanted {
    /// Whose; by default the caller's own.
    of: Option<Who>,
}

/// A code.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CodeView {
    /// Twenty-eight digits, to be shown as a QR code and as a number.
    #[schema(example = "0000000000000000000000000000")]
    code: String,
    /// Whose it is.
    of: PersonRef,
    /// `patient`: it proves who the patient is, and spends the patient's own benefits. `giver`: it is shown beside the
    /// patient's own, and proves only that the giver's account may pay.
    speaks_of: &'static str,
    /// Until when an institution may take it.
    until: Instant,
    /// After how many seconds another one is due.
    refresh_seconds: i64,
}

/// `POST /medical-codes`.
pub(crate) async fn show(call: Call) -> Answered {
    let sent: CodeWanted = call.body()?;
    let Some(caller) = call.token.person else {
        return Err(Problem::forbidden("Only a citizen calls up medical codes."));
    };
    let own = call.lookup_of(caller, "of").await?;
    let holder = match &sent.of {
        Some(who) => call.lookup(who, "of").await?,
        None => own,
    };
    let seen = call.see(Needs { lookups: [own, holder].into(), ..Needs::default() }).await?;
    let facts = &seen.rows.facts;
    let of = facts.person_by(holder).map(|it| it.no);
    let refusal = "Of yourself, of minors you act for, of relatives with a family code link, and of givers who bound you.";
    let allowed = of.and_then(|of| Some((of, speaks_of(facts, caller, of, seen.at)?)));
    let (of, speaks_of) = allowed.ok_or_else(|| Problem::forbidden(refusal))?;
    let (code, until) = codes::show(&call.app, holder, speaks_of).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    Ok(Answer::ok(&CodeView {
        code,
        of: teller.person(of),
        speaks_of: match speaks_of {
            SpeaksOf::Patient => "patient",
            SpeaksOf::Giver => "giver",
        },
        until: Instant::of(until),
        refresh_seconds: SHOWN_MS / 1_000,
    }))
}

/// What a code proves that somebody calls up of somebody; `None` where they may not.
fn speaks_of(facts: &Facts, caller: PersonNo, of: PersonNo, at: Moment) -> Option<SpeaksOf> {
    let guardian = facts.persons.get(&of).and_then(|it| it.guardian_on(at.day()));
    let linked = facts.links.get(&(caller, of)).is_some_and(|it| it.exists(at));
    if caller == of || guardian == Some(caller) || linked {
        return Some(SpeaksOf::Patient);
    }
    let mut given = facts.bindings_for(caller).filter(|it| it.giver == of);
    given.any(|it| it.status(at) == Status::InForce).then_some(SpeaksOf::Giver)
}
