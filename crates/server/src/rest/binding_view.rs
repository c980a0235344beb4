//! How a binding is shown: what it is at a moment, who started it, what limits it, all its versions.

use super::telling::{AreaRef, PersonRef, Teller};
use super::wire::{Civil, Instant, Yuan, words};
use domain::binding::{Binding, EndReason, Limits, Started, Status};
use domain::change_binding::state_word;
use domain::day::{Day, Moment};
use domain::purses::status_under;
use domain::words::Side;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Limits the giver sets; what is left out is not limited.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsView {
    /// For each bill.
    per_bill: Option<Yuan>,
    /// For each calendar month.
    per_month: Option<Yuan>,
    /// For each calendar year.
    per_year: Option<Yuan>,
}

/// A binding.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BindingView {
    /// Our number.
    no: u64,
    /// Whose account.
    giver: PersonRef,
    /// Who may spend it.
    beneficiary: PersonRef,
    /// What the beneficiary is to the giver.
    relation: words::Relation,
    /// Pooling area of the giver when bound.
    giver_area: AreaRef,
    /// Pooling area of the beneficiary when bound.
    beneficiary_area: AreaRef,
    /// How the money moves.
    mode: words::Mode,
    /// What it is at the moment asked about.
    status: StatusView,
    /// Who started it.
    started: StartedView,
    /// The commitment that was signed.
    commitment: CommitmentView,
    /// From when it is in force once agreed.
    from: Instant,
    /// Whether the two can send documents for it: the agency reviews it, or will once it is confirmed.
    takes_documents: bool,
    /// When the agency's review ended, where there was one; `/bindings/{no}/review` says how.
    reviewed: Option<Instant>,
    /// The last day the giver has set.
    last_day: Option<Civil>,
    /// The end, once there is one.
    end: Option<EndView>,
    /// Limits the giver has set.
    limits: LimitsView,
    /// The place in the beneficiary's order of givers.
    rank: u16,
    /// The amount earmarked, or to be.
    quota: Option<Yuan>,
    /// Since when the beneficiary lets the giver see what was bought with the giver's money.
    lines_shown: Option<Instant>,
    /// Counts the changes.
    version: u32,
    /// When this version was recorded.
    recorded: Instant,
}

/// What a binding is at a moment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct StatusView {
    /// `awaiting_confirmation`, `lapsed`, `in_review`, `refused`, `not_yet_in_force`, `in_force`, `ended`,
    /// `needs_decision` or `on_hold`.
    #[schema(example = "in_force")]
    state: &'static str,
    /// The moment asked about.
    at: Instant,
    /// Who has to confirm.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_for: Option<PersonRef>,
    /// The last day to confirm.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Civil>,
    /// From or since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Instant>,
}

/// Who started a binding.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct StartedView {
    /// Which of the two.
    by: words::Side,
    /// Through which channel.
    channel: words::Channel,
    /// The number of the token of the clerk who acted for them.
    clerk: Option<u64>,
    /// When.
    at: Instant,
}

/// What was signed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CommitmentView {
    /// Version of the text.
    version: String,
    /// SM3 digest of the exact text.
    digest: String,
    /// What else was shown.
    proof: words::Proof,
}

/// The end of a binding.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EndView {
    /// The first moment it is no longer in force.
    at: Instant,
    /// `released`, `died`, `enrolment_ended` or `moved`.
    why: &'static str,
    /// Which of the two.
    who: words::Side,
    /// When that was decided.
    decided: Instant,
    /// From when the two can be bound again; none where it never was in force.
    free_from: Option<Civil>,
}

/// What a binding was, by business date and by recording date (R-D10).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct HistoryView {
    /// The version that was the latest at `known_at`, with what it says about `as_of`; none where nothing was
    /// recorded yet.
    known: Option<BindingView>,
    /// The recording date asked about.
    known_at: Instant,
    /// All versions recorded until then, oldest first, each as it stood when it was recorded.
    versions: Vec<BindingView>,
}

impl LimitsView {
    pub(crate) fn read(self) -> Limits {
        let fen = |it: Option<Yuan>| it.map(|it| it.0);
        Limits { per_bill: fen(self.per_bill), per_month: fen(self.per_month), per_year: fen(self.per_year) }
    }

    fn of(it: Limits) -> LimitsView {
        LimitsView {
            per_bill: it.per_bill.map(Yuan),
            per_month: it.per_month.map(Yuan),
            per_year: it.per_year.map(Yuan),
        }
    }
}

impl BindingView {
    pub(crate) fn of(teller: &Teller<'_>, it: &Binding, at: Moment) -> BindingView {
        BindingView {
            no: it.no.0,
            giver: teller.person(it.giver),
            beneficiary: teller.person(it.beneficiary),
            relation: words::Relation(it.relation),
            giver_area: teller.area(it.giver_area),
            beneficiary_area: teller.area(it.beneficiary_area),
            mode: words::Mode(it.mode),
            status: StatusView::of(teller, it, at),
            started: StartedView::of(it.started),
            commitment: CommitmentView {
                version: it.commitment.version.clone(),
                digest: it.commitment.digest.to_string(),
                proof: words::Proof(it.commitment.proof),
            },
            from: Instant::of(it.from),
            takes_documents: it.awaits_review(at),
            reviewed: it.reviewed.map(|it| Instant::of(it.at)),
            last_day: it.last_day.map(Civil),
            end: EndView::of(teller, it),
            limits: LimitsView::of(it.limits),
            rank: it.rank,
            quota: it.quota.map(Yuan),
            lines_shown: it.lines_shown.map(Instant::of),
            version: it.version,
            recorded: Instant::of(it.recorded),
        }
    }
}

impl StatusView {
    fn of(teller: &Teller<'_>, binding: &Binding, at: Moment) -> StatusView {
        // Where the law says nothing, nothing is known but what was decided.
        let status = status_under(&teller.law.policies.parameters, binding, at);
        let status = status.unwrap_or_else(|_| binding.status(at));
        let plain = StatusView {
            state: state_word(status),
            at: Instant::of(at),
            waiting_for: None,
            until: None,
            since: None,
        };
        match status {
            Status::Awaiting(side, until) => StatusView {
                waiting_for: Some(teller.person(binding.person_on(side))),
                until: Some(Civil(until)),
                ..plain
            },
            Status::Lapsed(until) => StatusView { until: Some(Civil(until)), ..plain },
            Status::InReview(since)
            | Status::NotYet(since)
            | Status::Ended(since)
            | Status::OnHold(since) => StatusView { since: Some(Instant::of(since)), ..plain },
            Status::InForce => StatusView { since: Some(Instant::of(binding.from)), ..plain },
            Status::Refused | Status::NeedsDecision => plain,
        }
    }
}

impl StartedView {
    fn of(it: Started) -> StartedView {
        let Started { by, channel, clerk, at } = it;
        let clerk = clerk.map(|it| it.token);
        StartedView { by: words::Side(by), channel: words::Channel(channel), clerk, at: Instant::of(at) }
    }
}

impl EndView {
    /// The end of a binding that has one.
    pub(crate) fn of(teller: &Teller<'_>, binding: &Binding) -> Option<EndView> {
        let it = binding.end?;
        let (why, who): (_, Side) = match it.why {
            EndReason::Released(side) => ("released", side),
            EndReason::Died(side) => ("died", side),
            EndReason::EnrolmentEnded(side) => ("enrolment_ended", side),
            EndReason::Moved(side) => ("moved", side),
        };
        let (who, free_from) = (words::Side(who), free_from(teller, binding).map(Civil));
        Some(EndView { at: Instant::of(it.at), why, who, decided: Instant::of(it.decided), free_from })
    }
}

/// From when the two of a binding that has an end can be bound again, as the giver's area says today (R-D6).
pub(crate) fn free_from(teller: &Teller<'_>, binding: &Binding) -> Option<Day> {
    let rebind = teller.law.policies.parameters.rebind_days.on(binding.giver_area, teller.at.day());
    domain::conditions::free_from(binding, *rebind.ok()?.value, teller.at)
}

impl HistoryView {
    /// From all versions, oldest first.
    pub(crate) fn of(
        teller: &Teller<'_>,
        versions: &[Binding],
        as_of: Moment,
        known_at: Moment,
    ) -> HistoryView {
        let known: Vec<&Binding> = versions.iter().filter(|it| it.recorded <= known_at).collect();
        HistoryView {
            known: known.last().map(|it| BindingView::of(teller, it, as_of)),
            known_at: Instant::of(known_at),
            versions: known.iter().map(|it| BindingView::of(teller, it, it.recorded)).collect(),
        }
    }
}
