//! Bindings: starting one, what happens to it, taking one over, what it was at any moment.

use super::binding_view::{BindingView, HistoryView, LimitsView};
use super::call::{Answer, Answered, Asking, Call};
use super::people::{Touched, Who, of_person};
use super::problem::Problem;
use super::wire::{Civil, Utc, Yuan, words};
use crate::commitment;
use crate::tokens::Role;
use domain::binding::Binding;
use domain::ids::{BindingNo, Digest};
use domain::needs::Needs;
use domain::request::{Bind, BindingEvent, Body, ChangeBinding, TakeOver};
use domain::words::{Channel, Mode, Proof, Scheme};
use serde::{Deserialize, Serialize};
use store::{Page, Query};
use utoipa::ToSchema;

/// A binding to be started.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBinding {
    /// Whose account.
    giver: Who,
    /// Who may spend it.
    beneficiary: Who,
    /// What the beneficiary is to the giver.
    relation: words::Relation,
    /// Through which channel; by default `app` for a citizen and `hall` for a clerk.
    channel: Option<words::Channel>,
    /// The commitment that was signed.
    commitment: Option<Signed>,
    /// What else was shown; by default nothing beside the commitment. `documents` are a clerk's to state, who saw them: a
    /// citizen takes them to a service hall.
    proof: Option<words::Proof>,
    /// A later first day, where the area lets the giver choose.
    from: Option<Civil>,
    /// The last day.
    last_day: Option<Civil>,
    /// Limits.
    limits: Option<LimitsView>,
    /// The amount to earmark, where the two areas share by quota.
    quota: Option<Yuan>,
    /// The place in the beneficiary's order of givers.
    #[serde(default)]
    rank: u16,
    /// For whom a clerk acts.
    on_behalf_of: Option<Who>,
}

/// A signed commitment, as `POST /commitment` gave it: its version, and either the exact text or its SM3 digest. What was signed
/// in a partner's app may be a letter of theirs, under a version of theirs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signed {
    /// Version of the text.
    #[schema(example = "2026-11")]
    version: String,
    /// The exact text that was signed.
    text: Option<String>,
    /// Its SM3 digest, 64 hexadecimal digits.
    digest: Option<String>,
}

/// What happens to a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EventWord {
    /// Whoever has to confirm does.
    Confirm,
    /// Whoever has to confirm says no.
    Decline,
    /// Whoever started it takes it back before it is agreed.
    Withdraw,
    /// One of the two releases it.
    Release,
    /// The release is withdrawn on its day.
    KeepOn,
    /// The giver sets `last_day` and `limits`; what is left out is no longer limited.
    SetLimits,
    /// The giver changes the earmarked amount to `quota`.
    SetQuota,
    /// The beneficiary sets the giver's place in their order to `rank`.
    SetRank,
    /// The agency marks a binding that has to be decided about before it is used again.
    MarkNeedsDecision,
    /// The agency has decided that a binding which it marked may be used again.
    AllowAgain,
    /// The giver puts it on hold: nothing is spent.
    Hold,
    /// The giver lifts the hold.
    Lift,
    /// The beneficiary lets the giver see what was bought with the giver's money, from now on.
    ShowLines,
    /// The beneficiary no longer does.
    HideLines,
}

/// Something that happens to a binding.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEvent {
    /// What.
    event: EventWord,
    /// For `set_limits`.
    last_day: Option<Civil>,
    /// For `set_limits`.
    limits: Option<LimitsView>,
    /// For `set_quota`.
    quota: Option<Yuan>,
    /// For `set_rank`.
    rank: Option<u16>,
    /// For whom a clerk acts.
    on_behalf_of: Option<Who>,
}

/// A binding that another system made, to be taken over as it stands there.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTakeOver {
    /// Whose account.
    giver: Who,
    /// Who may spend it.
    beneficiary: Who,
    /// What the beneficiary is to the giver.
    relation: words::Relation,
    /// Since when it is in force.
    since: Utc,
    /// How its money moves; by default `live`.
    mode: Option<words::Mode>,
}

/// Bindings of a person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BindingsView {
    /// Those by which others spend the person's money.
    given: Vec<BindingView>,
    /// Those by which the person spends others' money.
    received: Vec<BindingView>,
}

impl Signed {
    fn read(&self) -> Result<(String, Digest), Problem> {
        let version = self.version.trim().to_owned();
        if version.is_empty() || version.chars().count() > 50 {
            return Err(Problem::malformed("commitment.version", "Write 1 to 50 characters."));
        }
        let digest = match (&self.text, &self.digest) {
            (Some(text), None) => Some(commitment::digest(text)),
            (None, Some(hex)) => crate::vault::unhex(hex),
            (Some(_), Some(_)) | (None, None) => None,
        };
        let remedy =
            "Send either `text`, the exact text that was signed, or `digest`, 64 hexadecimal digits.";
        let digest = digest.ok_or_else(|| Problem::malformed("commitment", remedy))?;
        Ok((version, Digest(digest)))
    }
}

/// Through which channel somebody acts: citizens through an app of ours or a partner's, staff at their hall.
pub(crate) fn channel(sent: Option<words::Channel>, role: Role) -> Result<Channel, Problem> {
    let sent = sent.map(|it| it.0);
    match (role, sent) {
        (Role::Citizen, Some(Channel::Hall)) => {
            Err(Problem::malformed("channel", "The hall's clerks state it: send `app` or `partner`."))
        }
        (Role::Citizen, sent) => Ok(sent.unwrap_or(Channel::App)),
        (_, None | Some(Channel::Hall)) => Ok(Channel::Hall),
        (_, Some(Channel::App | Channel::Partner)) => {
            Err(Problem::malformed("channel", "Staff act at their hall: send `hall` or leave it out."))
        }
    }
}

/// What was shown: a review is the agency's own, nobody states it beforehand. Documents are shown to a clerk: that a citizen
/// has some proves nothing, and counts as the commitment alone (R-D2).
pub(crate) fn proof(sent: Option<words::Proof>, role: Role) -> Result<Proof, Problem> {
    match sent.map_or(Proof::Commitment, |it| it.0) {
        Proof::Documents if role == Role::Citizen => Ok(Proof::Commitment),
        Proof::Review => {
            let remedy =
                "Send `commitment` or `documents`; the agency reviews afterwards, where the area wants it.";
            Err(Problem::malformed("proof", remedy))
        }
        stated @ (Proof::Commitment | Proof::Documents) => Ok(stated),
    }
}

impl NewEvent {
    fn event(&self) -> Result<BindingEvent, Problem> {
        let limited = self.event == EventWord::SetLimits;
        let meant = [
            ("last_day", self.last_day.is_some(), limited),
            ("limits", self.limits.is_some(), limited),
            ("quota", self.quota.is_some(), self.event == EventWord::SetQuota),
            ("rank", self.rank.is_some(), self.event == EventWord::SetRank),
        ];
        if let Some((field, ..)) = meant.into_iter().find(|(_, sent, taken)| *sent && !*taken) {
            return Err(Problem::malformed(field, format!("This event takes no `{field}`.")));
        }
        let needed = |field: &str| Problem::malformed(field, format!("This event needs `{field}`."));
        Ok(match self.event {
            EventWord::Confirm => BindingEvent::Confirm,
            EventWord::Decline => BindingEvent::Decline,
            EventWord::Withdraw => BindingEvent::Withdraw,
            EventWord::Release => BindingEvent::Release,
            EventWord::KeepOn => BindingEvent::KeepOn,
            EventWord::SetLimits => {
                let limits = self.limits.map(LimitsView::read).unwrap_or_default();
                BindingEvent::SetLimits(self.last_day.map(|it| it.0), limits)
            }
            EventWord::SetQuota => BindingEvent::SetQuota(self.quota.ok_or_else(|| needed("quota"))?.0),
            EventWord::SetRank => BindingEvent::SetRank(self.rank.ok_or_else(|| needed("rank"))?),
            EventWord::MarkNeedsDecision => BindingEvent::MarkNeedsDecision,
            EventWord::AllowAgain => BindingEvent::AllowAgain,
            EventWord::Hold => BindingEvent::Hold,
            EventWord::Lift => BindingEvent::Lift,
            EventWord::ShowLines => BindingEvent::ShowLines,
            EventWord::HideLines => BindingEvent::HideLines,
        })
    }
}

/// The view of the binding that a decision made or changed.
pub(crate) fn shown(
    teller: &super::telling::Teller<'_>,
    answer: &domain::decision::Answer,
) -> Option<BindingView> {
    let domain::decision::Answer::Binding(no) = answer else { return None };
    teller.facts.bindings.get(no).map(|it| BindingView::of(teller, it, teller.at))
}

/// `POST /bindings`.
pub(crate) async fn start(call: Call) -> Answered {
    let sent: NewBinding = call.body()?;
    let giver = call.lookup(&sent.giver, "giver").await?;
    let beneficiary = call.lookup(&sent.beneficiary, "beneficiary").await?;
    let actor = call.actor(sent.on_behalf_of.as_ref()).await?;
    let bind = Bind {
        giver,
        beneficiary,
        relation: sent.relation.0,
        channel: channel(sent.channel, call.token.role)?,
        commitment: sent.commitment.as_ref().map(Signed::read).transpose()?,
        proof: proof(sent.proof, call.token.role)?,
        from: sent.from.map(|it| it.0),
        last_day: sent.last_day.map(|it| it.0),
        limits: sent.limits.map(LimitsView::read).unwrap_or_default(),
        quota: sent.quota.map(|it| it.0),
        rank: sent.rank,
    };
    if let Err(problem) = call.letter_is_ours(&bind, actor).await {
        return call.answered_before(&sent).await?.ok_or(problem);
    }
    call.submit(&sent, Asking::to(actor, Body::Bind(bind)).creating(), shown).await
}

/// `POST /bindings/{no}/events`.
pub(crate) async fn event(call: Call) -> Answered {
    let binding = BindingNo(call.number("no")?);
    let sent: NewEvent = call.body()?;
    let event = sent.event()?;
    let actor = call.actor(sent.on_behalf_of.as_ref()).await?;
    if call.token.role != Role::Citizen {
        let (_, binding) = binding_seen(&call, binding).await?;
        // What the agency decides about a binding is about the giver's money.
        if call.token.role == Role::Operator {
            call.covers(binding.giver_area)?;
        }
    }
    let body = Body::ChangeBinding(ChangeBinding { binding, event });
    call.submit(&sent, Asking::to(actor, body), shown).await
}

/// `POST /bindings/takeovers`.
pub(crate) async fn take_over(call: Call) -> Answered {
    let sent: NewTakeOver = call.body()?;
    let giver = call.lookup(&sent.giver, "giver").await?;
    let beneficiary = call.lookup(&sent.beneficiary, "beneficiary").await?;
    call.reaches(giver, Touched::Enrolment(Scheme::Employee)).await?;
    let (relation, since) = (sent.relation.0, sent.since.0);
    let mode = sent.mode.map_or(Mode::Live, |it| it.0);
    let body = Body::TakeOver(TakeOver { giver, beneficiary, relation, since, mode });
    call.submit(&sent, Asking::to(call.operator(), body).creating(), shown).await
}

/// A binding that the caller may look at, among its facts.
pub(crate) async fn binding_seen(
    call: &Call,
    no: BindingNo,
) -> Result<(super::telling::Seen, Binding), Problem> {
    let seen = call.see(Needs { bindings: [no].into(), ..Needs::default() }).await?;
    let binding = seen.rows.facts.bindings.get(&no).cloned();
    let binding = binding.ok_or_else(|| Problem::not_found("binding"))?;
    call.may_see_one_of(&seen.rows.facts, &[binding.giver, binding.beneficiary])?;
    Ok((seen, binding))
}

/// `GET /bindings/{no}`.
pub(crate) async fn show(call: Call) -> Answered {
    let (seen, binding) = binding_seen(&call, BindingNo(call.number("no")?)).await?;
    let at = call.moment("at")?.unwrap_or(seen.at);
    let teller = seen.teller(call.viewer(), &call.app);
    Ok(Answer::ok(&BindingView::of(&teller, &binding, at)))
}

/// `GET /persons/{no}/bindings`.
pub(crate) async fn of(call: Call) -> Answered {
    let person = call.person()?;
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let at = call.moment("at")?.unwrap_or(seen.at);
    let teller = seen.teller(call.viewer(), &call.app);
    let view = |it: &Binding| BindingView::of(&teller, it, at);
    let given = teller.facts.bindings_by(person).map(view).collect();
    let received = teller.facts.bindings_for(person).map(view).collect();
    Ok(Answer::ok(&BindingsView { given, received }))
}

/// `GET /bindings/{no}/history`: what was known at `known_at` about what it was at `as_of`.
pub(crate) async fn history(call: Call) -> Answered {
    let (seen, binding) = binding_seen(&call, BindingNo(call.number("no")?)).await?;
    let known_at = call.moment("known_at")?.unwrap_or(seen.at);
    let as_of = call.moment("as_of")?.unwrap_or(known_at);
    let Page::BindingHistory(versions) = call.app.store.page(&Query::BindingHistory(binding.no)).await?
    else {
        return Err(Problem::busy());
    };
    let teller = seen.teller(call.viewer(), &call.app);
    Ok(Answer::ok(&HistoryView::of(&teller, &versions, as_of, known_at)))
}
