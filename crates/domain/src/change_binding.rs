//! What happens to a binding after it was started: confirmed, reviewed, limited, released, kept on (R-D2 to R-D8, R-D11).

use crate::bind::{acts_for, both, free_in, not_before, side, told};
use crate::binding::{Binding, End, EndReason, Limits, Reviewed, Stage, Status};
use crate::conditions::{Asked, Standings, Wanted, check, check_limits};
use crate::day::Day;
use crate::decision::{Answer, Case, Changes, Decision, Notice, NoticeKind, Steps, balance_of};
use crate::enrol::enrolments_end;
use crate::ids::Digest;
use crate::ledger::{Account, Journal};
use crate::money::Fen;
use crate::policy::Silent;
use crate::purses::{move_parts, returned, status_under};
use crate::reason::Reason;
use crate::request::{Actor, BindingEvent, ChangeBinding};
use crate::settle::join;
use crate::visit::refuse;
use crate::words::{Mode, PartOrder, ReleaseEffect, Side};

/// Decides [`ChangeBinding`].
pub(crate) fn change(case: Case<'_>, it: &ChangeBinding) -> Decision {
    let (came_back, after) = returned(case.facts, case.turn.at);
    let case = Case { facts: after.as_ref().unwrap_or(case.facts), ..case };
    let Some(binding) = case.facts.bindings.get(&it.binding) else {
        return refuse(Reason::BindingUnknown {});
    };
    match changed(case, binding, it.event) {
        Ok(mut changes) => {
            changes.journal = join(came_back, changes.journal);
            Decision::done(Answer::Binding(binding.no), changes, Vec::new())
        }
        Err(reasons) => Decision::refused(reasons, Vec::new()),
    }
}

type Changed = Result<Changes, Vec<Reason>>;

fn changed(case: Case<'_>, binding: &Binding, event: BindingEvent) -> Changed {
    let who = side(case, binding.giver, binding.beneficiary);
    match event {
        // Who has no part in it is told that first, whatever state it is in.
        BindingEvent::Confirm => permitted(who.is_some()).and_then(|()| confirm(case, binding)),
        BindingEvent::Decline => {
            permitted(who.is_some())?;
            let awaited = awaited(case, binding)?;
            permitted(acts_for(case, binding.person_on(awaited)))?;
            Ok(next(case, Binding { stage: Stage::Declined, ..binding.clone() }))
        }
        BindingEvent::Withdraw => {
            permitted(who == Some(binding.started.by))?;
            let status = binding.status(case.turn.at);
            let waits = matches!(status, Status::Awaiting(..) | Status::Lapsed(_) | Status::InReview(_));
            in_state(case, binding, waits)?;
            Ok(next(case, Binding { stage: Stage::Withdrawn, ..binding.clone() }))
        }
        BindingEvent::Approve(why) => {
            let reviewed = review(case, binding, who, why)?;
            agree(case, &Binding { reviewed: Some(reviewed), ..binding.clone() })
        }
        BindingEvent::Reject(why) => reject(case, binding, who, why),
        BindingEvent::Release => release(case, binding, who),
        BindingEvent::KeepOn => permitted(who.is_some()).and_then(|()| keep_on(case, binding, who)),
        BindingEvent::SetLimits(last_day, limits) => {
            permitted(who == Some(Side::Giver))?;
            set_limits(case, binding, last_day, limits)
        }
        BindingEvent::SetQuota(quota) => {
            permitted(who == Some(Side::Giver))?;
            set_quota(case, binding, quota)
        }
        BindingEvent::SetRank(rank) => {
            permitted(who == Some(Side::Beneficiary))?;
            in_state(case, binding, binding.counts(case.turn.at))?;
            Ok(next(case, Binding { rank, ..binding.clone() }))
        }
        BindingEvent::MarkNeedsDecision => by_agency(case).and_then(|()| mark(case, binding)),
        BindingEvent::AllowAgain => by_agency(case).and_then(|()| allow_again(case, binding)),
        BindingEvent::TellStatus => by_agency(case).and_then(|()| tell_status(case, binding)),
        BindingEvent::Hold => {
            permitted(who == Some(Side::Giver))?;
            hold(case, binding)
        }
        BindingEvent::Lift => {
            permitted(who == Some(Side::Giver))?;
            lift(case, binding)
        }
        // A giver who is also the patient's guardian reads the bill anyway, and may say so for the patient.
        BindingEvent::ShowLines => {
            permitted(acts_for(case, binding.beneficiary)).and_then(|()| show_lines(case, binding))
        }
        BindingEvent::HideLines => {
            permitted(acts_for(case, binding.beneficiary)).and_then(|()| hide_lines(case, binding))
        }
    }
}

fn by_agency(case: Case<'_>) -> Result<(), Vec<Reason>> {
    permitted(matches!(case.request.actor, Actor::Operator { .. }))
}

fn mark(case: Case<'_>, binding: &Binding) -> Changed {
    in_state(case, binding, binding.counts(case.turn.at))?;
    let notices = both(binding, NoticeKind::NeedsDecision);
    Ok(Changes { notices, ..next(case, Binding { needs_decision: true, ..binding.clone() }) })
}

/// What was marked may be used again, where the law of today allows it (R-D8).
fn allow_again(case: Case<'_>, binding: &Binding) -> Changed {
    in_state(case, binding, binding.needs_decision && binding.counts(case.turn.at))?;
    let allowed = Binding { needs_decision: false, ..binding.clone() };
    let status = status_today(case, &allowed)?;
    in_state(case, binding, status != Status::NeedsDecision)?;
    Ok(Changes { notices: told_status(&allowed, status), ..next(case, allowed) })
}

/// Both are told how the law of today sees a binding that nothing else stops: it is what it was (R-D8).
fn tell_status(case: Case<'_>, binding: &Binding) -> Changed {
    in_state(case, binding, matches!(binding.status(case.turn.at), Status::InForce | Status::NotYet(_)))?;
    let notices = told_status(binding, status_today(case, binding)?);
    Ok(Changes { notices, ..Changes::default() })
}

fn status_today(case: Case<'_>, binding: &Binding) -> Result<Status, Vec<Reason>> {
    status_under(&case.law.policies.parameters, binding, case.turn.at).map_err(silent)
}

/// Who is told what about an agreed binding that may be used from now on, as far as anything lets it.
fn told_status(binding: &Binding, status: Status) -> Vec<Notice> {
    match status {
        Status::NeedsDecision => both(binding, NoticeKind::NeedsDecision),
        Status::OnHold(_) => Vec::new(),
        Status::InForce
        | Status::NotYet(_)
        | Status::Awaiting(..)
        | Status::Lapsed(_)
        | Status::InReview(_)
        | Status::Refused
        | Status::Ended(_) => told(binding),
    }
}

fn hold(case: Case<'_>, binding: &Binding) -> Changed {
    let status = binding.status(case.turn.at);
    in_state(case, binding, matches!(status, Status::InForce | Status::NotYet(_)))?;
    let mut changes = next(case, Binding { held: Some(case.turn.at), ..binding.clone() });
    changes.notices = both(binding, NoticeKind::OnHold);
    Ok(changes)
}

fn lift(case: Case<'_>, binding: &Binding) -> Changed {
    in_state(case, binding, matches!(binding.status(case.turn.at), Status::OnHold(_)))?;
    let lifted = Binding { held: None, ..binding.clone() };
    let notices = told_status(&lifted, status_today(case, &lifted)?);
    Ok(Changes { notices, ..next(case, lifted) })
}

/// The patient lets the giver see the lines of bills from now on (R-K2). Said twice it does not begin anew.
fn show_lines(case: Case<'_>, binding: &Binding) -> Changed {
    in_state(case, binding, binding.counts(case.turn.at))?;
    lines_are(binding, false)?;
    let mut changes = next(case, Binding { lines_shown: Some(case.turn.at), ..binding.clone() });
    changes.notices = both(binding, NoticeKind::LinesShown);
    Ok(changes)
}

/// The patient no longer does: possible at any time, whatever became of the binding.
fn hide_lines(case: Case<'_>, binding: &Binding) -> Changed {
    lines_are(binding, true)?;
    let mut changes = next(case, Binding { lines_shown: None, ..binding.clone() });
    changes.notices = both(binding, NoticeKind::LinesHidden);
    Ok(changes)
}

fn lines_are(binding: &Binding, shown: bool) -> Result<(), Vec<Reason>> {
    let state = if binding.lines_shown.is_some() { "lines_shown" } else { "lines_hidden" };
    let right = binding.lines_shown.is_some() == shown;
    right.then_some(()).ok_or_else(|| vec![Reason::NotPossibleNow { state: state.to_owned() }])
}

fn silent(it: Silent) -> Vec<Reason> {
    vec![Reason::NoPolicy(it)]
}

fn permitted(yes: bool) -> Result<(), Vec<Reason>> {
    yes.then_some(()).ok_or_else(|| vec![Reason::NotYours {}])
}

fn in_state(case: Case<'_>, binding: &Binding, yes: bool) -> Result<(), Vec<Reason>> {
    let state = || state_word(binding.status(case.turn.at)).to_owned();
    yes.then_some(()).ok_or_else(|| vec![Reason::NotPossibleNow { state: state() }])
}

/// The words for what a record is when something is not possible: those of a binding's status, of a family code
/// link that does not exist, of a binding whose two sides are no longer enrolled where they were when it started, and
/// of lines that the giver sees already, or does not see anyway.
pub const STATES: &[&str] = &[
    "awaiting_confirmation",
    "lapsed",
    "in_review",
    "refused",
    "not_yet_in_force",
    "in_force",
    "ended",
    "needs_decision",
    "on_hold",
    "not_linked",
    "not_designated",
    "not_suspended",
    "moved",
    "lines_shown",
    "lines_hidden",
    "approved",
    "rejected",
    "withdrawn",
];

/// The word for a status, as interfaces show it.
pub fn state_word(status: Status) -> &'static str {
    match status {
        Status::Awaiting(..) => "awaiting_confirmation",
        Status::Lapsed(_) => "lapsed",
        Status::InReview(_) => "in_review",
        Status::Refused => "refused",
        Status::NotYet(_) => "not_yet_in_force",
        Status::InForce => "in_force",
        Status::Ended(_) => "ended",
        Status::NeedsDecision => "needs_decision",
        Status::OnHold(_) => "on_hold",
    }
}

/// The next version of a binding, with whoever has to know told.
fn next(case: Case<'_>, binding: Binding) -> Changes {
    let binding = Binding { version: binding.version + 1, recorded: case.turn.at, ..binding };
    Changes { bindings: vec![binding], ..Changes::default() }
}

fn awaited(case: Case<'_>, binding: &Binding) -> Result<Side, Vec<Reason>> {
    match binding.status(case.turn.at) {
        Status::Awaiting(who, _) => Ok(who),
        Status::Lapsed(until) => Err(vec![Reason::ConfirmationLapsed { until }]),
        status @ (Status::InReview(_)
        | Status::Refused
        | Status::NotYet(_)
        | Status::InForce
        | Status::Ended(_)
        | Status::NeedsDecision
        | Status::OnHold(_)) => Err(vec![Reason::NotPossibleNow { state: state_word(status).to_owned() }]),
    }
}

/// Confirming checks every condition again: days may have passed since it was started.
fn confirm(case: Case<'_>, binding: &Binding) -> Changed {
    let awaited = awaited(case, binding)?;
    permitted(acts_for(case, binding.person_on(awaited)))?;
    let Stage::Awaiting { then_review, .. } = binding.stage else {
        return Err(vec![Reason::BindingUnknown {}]);
    };
    if then_review {
        let reviewing = Binding { stage: Stage::InReview { since: case.turn.at }, ..binding.clone() };
        return Ok(Changes { notices: told(&reviewing), ..next(case, reviewing) });
    }
    agree(case, binding)
}

fn reject(case: Case<'_>, binding: &Binding, who: Option<Side>, why: Digest) -> Changed {
    let reviewed = Some(review(case, binding, who, Some(why))?);
    let refused = Binding { stage: Stage::ReviewRefused, reviewed, ..binding.clone() };
    Ok(Changes { notices: told(&refused), ..next(case, refused) })
}

/// Ends the agency's review: its own systems do, or a clerk who sees to the giver, whose money it is; never the clerk who
/// started the binding at the window (R-D2).
fn review(
    case: Case<'_>,
    binding: &Binding,
    who: Option<Side>,
    why: Option<Digest>,
) -> Result<Reviewed, Vec<Reason>> {
    let by = match case.request.actor {
        Actor::Operator { token } => token,
        Actor::Clerk { clerk, .. } => {
            permitted(who == Some(Side::Giver))?;
            let another = binding.started.clerk.is_none_or(|it| clerk.is_other_than(it));
            another.then_some(clerk.token).ok_or_else(|| vec![Reason::SecondPersonNeeded {}])?
        }
        Actor::Citizen(_) | Actor::Institution(_) => return Err(vec![Reason::NotYours {}]),
    };
    in_state(case, binding, matches!(binding.status(case.turn.at), Status::InReview(_)))?;
    Ok(Reviewed { by, at: case.turn.at, why })
}

/// Everybody has agreed: it is in force, and in mode quota the amount is earmarked, part by part (R-M2). What they
/// agreed to names two areas: where one has changed since, they start anew.
fn agree(case: Case<'_>, binding: &Binding) -> Changed {
    let standings = check_again(case, binding)?;
    let areas = (standings.giver_area, standings.beneficiary_area);
    if areas != (binding.giver_area, binding.beneficiary_area) {
        return Err(vec![Reason::NotPossibleNow { state: "moved".to_owned() }]);
    }
    let from = not_before(binding.from, case.turn.at);
    let agreed = Binding { stage: Stage::Agreed, from, ..binding.clone() };
    let notices = told(&agreed);
    let journal = match binding.quota.filter(|_| binding.mode == Mode::Quota) {
        Some(quota) => Some(earmark(case, binding, standings, quota)?),
        None => None,
    };
    Ok(Changes { journal, notices, ..next(case, agreed) })
}

fn check_again(case: Case<'_>, binding: &Binding) -> Result<Standings, Vec<Reason>> {
    let today = case.today();
    let wanted = Wanted {
        giver: binding.giver,
        beneficiary: binding.beneficiary,
        relation: binding.relation,
        starter: binding.started.by,
        channel: binding.started.channel,
        signed: true,
        proof: binding.commitment.proof,
        from: Some(binding.from.day()).filter(|it| *it > today),
        last_day: binding.last_day,
        limits: binding.limits,
        itself: Some(binding.no),
    };
    let mut steps = Steps::default();
    let asked = Asked { facts: case.facts, law: case.law, at: case.turn.at, wanted: &wanted };
    let standings = check(asked, &mut steps).map_err(silent)?;
    standings.filter(|_| steps.reasons.is_empty()).ok_or(steps.reasons)
}

/// Moves an amount from the giver's account into the quota.
fn earmark(
    case: Case<'_>,
    binding: &Binding,
    standings: Standings,
    amount: Fen,
) -> Result<Journal, Vec<Reason>> {
    let free = free_in(case, binding.giver, standings).map_err(silent)?;
    if amount > free.usable {
        return Err(vec![Reason::QuotaTooLarge { free: free.usable }]);
    }
    let year = case.today().year();
    let order =
        case.law.policies.parameters.part_order.on(binding.giver_area, case.today()).map_err(silent)?;
    let from = Account::Personal(binding.giver, binding.giver_area);
    let order = if free.prior_only { PartOrder::PriorFirst } else { *order.value };
    let parts = balance_of(case.facts, from, year).take(amount, order, year);
    Ok(moved(from, Account::Quota(binding.no), &parts))
}

fn moved(from: Account, to: Account, parts: &[(crate::ledger::Part, Fen)]) -> Journal {
    Journal::new(move_parts(from, to, parts)).expect("what leaves one purse enters the other")
}

fn set_quota(case: Case<'_>, binding: &Binding, quota: Fen) -> Changed {
    in_state(case, binding, binding.mode == Mode::Quota && binding.status(case.turn.at) == Status::InForce)?;
    let (year, before) = (case.today().year(), binding.quota.unwrap_or(Fen::ZERO));
    let journal = if quota >= before {
        let standings = Standings {
            giver_area: binding.giver_area,
            beneficiary_area: binding.beneficiary_area,
            mode: binding.mode,
            open: true,
        };
        earmark(case, binding, standings, quota.less(before))?
    } else {
        let account = Account::Quota(binding.no);
        let balance = balance_of(case.facts, account, year);
        let back = before.less(quota);
        if back > balance.whole() {
            let spent = before.less(balance.whole());
            return Err(vec![Reason::QuotaTooSmall { spent }]);
        }
        let parts = balance.take(back, PartOrder::CurrentFirst, year);
        moved(account, Account::Personal(binding.giver, binding.giver_area), &parts)
    };
    let changed = Binding { quota: Some(quota), ..binding.clone() };
    Ok(Changes { journal: Some(journal), ..next(case, changed) })
}

fn set_limits(case: Case<'_>, binding: &Binding, last_day: Option<Day>, limits: Limits) -> Changed {
    in_state(case, binding, binding.counts(case.turn.at))?;
    let (today, mut steps) = (case.today(), Steps::default());
    let law = &case.law.policies.parameters;
    check_limits(law, binding.giver_area, today, last_day, limits, &mut steps).map_err(silent)?;
    if let Some(last) = last_day.filter(|it| *it < today) {
        steps.refuse(Reason::DatesContradict { first: today, last });
    }
    if !steps.reasons.is_empty() {
        return Err(steps.reasons);
    }
    // An earlier last day may have kept the end of an enrolment from being written down: a later one must not outlive it.
    let end = binding.end.into_iter().chain(enrolments_end(case, binding)).min_by_key(|it| it.at);
    Ok(next(case, Binding { last_day, limits, end, ..binding.clone() }))
}

/// Release: who may, not before the lock ends, with the effect the area gives it (R-D6, R-D11).
fn release(case: Case<'_>, binding: &Binding, who: Option<Side>) -> Changed {
    let today = case.today();
    let law = &case.law.policies.parameters;
    let may = law.released_by.on(binding.giver_area, today).map_err(silent)?;
    let by = who.filter(|it| may.value.contains(it)).ok_or_else(|| vec![Reason::NotYours {}])?;
    let status = binding.status(case.turn.at);
    let running =
        matches!(status, Status::InForce | Status::NotYet(_) | Status::NeedsDecision | Status::OnHold(_));
    let effect = law.release_effect.on(binding.giver_area, today).map_err(silent)?;
    let at = match effect.value {
        ReleaseEffect::NextDay => today.plus(1).start(),
        ReleaseEffect::AtOnce => case.turn.at,
    };
    // An enrolment that ends later is no reason to stay bound until then.
    in_state(case, binding, running && binding.end.is_none_or(|it| at < it.at))?;
    let lock = law.release_lock_months.on(binding.giver_area, today).map_err(silent)?;
    let until = binding.from.day().plus_months(i32::from(*lock.value));
    if until > today {
        return Err(vec![Reason::ReleaseLocked { until }]);
    }
    let end = End { at, why: EndReason::Released(by), decided: case.turn.at };
    let notices = both(binding, NoticeKind::Ended);
    Ok(Changes { notices, ..next(case, Binding { end: Some(end), ..binding.clone() }) })
}

/// Withdrawing a release on its own day, before it takes effect, where the area allows it (R-D11). What ends because
/// an enrolment ends still does.
fn keep_on(case: Case<'_>, binding: &Binding, who: Option<Side>) -> Changed {
    let law = &case.law.policies.parameters;
    let allowed = law.release_withdrawal.on(binding.giver_area, case.today()).map_err(silent)?;
    let pending = binding.end.filter(|it| it.at > case.turn.at && it.decided.day() == case.today());
    let by = match pending.map(|it| it.why) {
        Some(EndReason::Released(by)) => Some(by),
        Some(EndReason::Died(_) | EndReason::EnrolmentEnded(_) | EndReason::Moved(_)) | None => None,
    };
    in_state(case, binding, by.is_some() && *allowed.value)?;
    permitted(who == by)?;
    Ok(next(case, Binding { end: enrolments_end(case, binding), ..binding.clone() }))
}
