//! Why: what would happen at a place, whether a binding would be possible, why something was decided as it was (R-K1).

use super::binding_view::{BindingView, LimitsView};
use super::bindings::{channel, proof};
use super::call::{Answer, Answered, Call};
use super::people::Who;
use super::problem::{Problem, ReasonView, advised, reasons};
use super::telling::{PersonRef, PlaceRef, SourceView, StepView, Teller};
use super::wire::{Civil, Place, Yuan, words};
use crate::turn::{Encoder, Told};
use domain::asking::{Prospect, Question, kept_back, prospects};
use domain::decision::Answer as Said;
use domain::explanation::{Explanation, explain};
use domain::facts::Facts;
use domain::ids::{Digest, PersonNo};
use domain::money::Fen;
use domain::needs::Needs;
use domain::policy::Cite;
use domain::reason::Reason;
use domain::request::{Actor, Bind, Body, Key, Request, Sender};
use domain::words::Side;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Whose money could somebody spend at a place?
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WouldAsked {
    /// Who would spend.
    beneficiary: Who,
    /// Whose money; left out: everybody's who bound the beneficiary or has a family code link.
    giver: Option<Who>,
    /// Where.
    institution: Place,
    /// The service day; today where left out.
    service_day: Option<Civil>,
    /// Givers who would show their own code or card too.
    #[serde(default)]
    shown: Vec<Who>,
}

/// Whose money somebody could spend.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WouldView {
    beneficiary: PersonRef,
    institution: PlaceRef,
    service_day: Civil,
    /// What would refuse the settlement or all shared money, whoever gives.
    obstacles: Vec<ReasonWithLaw>,
    /// Each giver in question.
    givers: Vec<ProspectView>,
}

/// What would come of one giver's money.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ProspectView {
    giver: PersonRef,
    /// The binding that was judged, if there is one.
    binding: Option<u64>,
    /// How much could be spent.
    usable: Yuan,
    /// Why nothing, or why not everything.
    reasons: Vec<ReasonWithLaw>,
    /// What makes it usable.
    law: Option<SourceView>,
}

/// A reason with what the law says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReasonWithLaw {
    #[serde(flatten)]
    reason: ReasonView,
    law: Option<SourceView>,
}

/// A binding somebody wants.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BindingAsked {
    /// Whose account.
    giver: Who,
    /// Who may spend it.
    beneficiary: Who,
    /// What the beneficiary is to the giver.
    relation: words::Relation,
    /// Through which channel; by default `app` for a citizen and `hall` for staff.
    channel: Option<words::Channel>,
    /// Who would start it; by default the giver.
    starter: Option<words::Side>,
    /// What else would be shown; by default nothing beside the commitment.
    proof: Option<words::Proof>,
    /// A later first day.
    from: Option<Civil>,
    /// The last day.
    last_day: Option<Civil>,
    /// Limits.
    limits: Option<LimitsView>,
    /// The amount to earmark, where the two areas share by quota.
    quota: Option<Yuan>,
}

/// Whether a binding would be possible, with every condition that was checked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BindingAnswer {
    possible: bool,
    /// Every condition, in the order it was checked.
    steps: Vec<StepView>,
    /// Why it would not be possible.
    reasons: Vec<ReasonView>,
    /// The same for people: conclusion, reasons with what can be done, every condition as a sentence.
    #[schema(value_type = Object)]
    explanation: Explanation,
    /// The binding as it would be, where it is possible.
    binding: Option<BindingView>,
}

fn with_law(teller: &Teller<'_>, list: &[(Reason, Option<Cite>)]) -> Vec<ReasonWithLaw> {
    let law = list.iter().map(|(_, cite)| cite.map(|it| teller.source(it)));
    let plain: Vec<Reason> = list.iter().map(|(reason, _)| reason.clone()).collect();
    reasons(&plain, teller).into_iter().zip(law).map(|(reason, law)| ReasonWithLaw { reason, law }).collect()
}

impl ProspectView {
    fn of(teller: &Teller<'_>, it: &Prospect) -> ProspectView {
        let mut list = it.reasons.clone();
        if let Some((purse, cite)) = &it.purse {
            list.extend(kept_back(purse).into_iter().map(|reason| (reason, Some(*cite))));
        }
        ProspectView {
            giver: teller.person(it.giver),
            binding: it.binding.map(|it| it.0),
            usable: Yuan(it.purse.as_ref().map_or(Fen::ZERO, |(purse, _)| purse.usable)),
            reasons: with_law(teller, &list),
            law: it.purse.as_ref().map(|(_, cite)| teller.source(*cite)),
        }
    }
}

/// `POST /explain/would`.
pub(crate) async fn would(call: Call) -> Answered {
    let sent: WouldAsked = call.body()?;
    let institution = sent.institution.0;
    let beneficiary = call.lookup(&sent.beneficiary, "beneficiary").await?;
    let giver = match &sent.giver {
        Some(who) => Some(call.lookup(who, "giver").await?),
        None => None,
    };
    let mut shown = Vec::new();
    for who in &sent.shown {
        shown.push(call.lookup(who, "shown").await?);
    }
    let lookups = [beneficiary].into_iter().chain(giver).chain(shown.iter().copied()).collect();
    let needs = Needs { lookups, institutions: [institution].into(), ..Needs::default() };
    let seen = call.see(needs).await?;
    let (teller, facts) = (seen.teller(call.viewer(), &call.app), &seen.rows.facts);
    let found = |lookup, field: &str| {
        let unknown = Reason::PersonUnknown { field: field.to_owned() };
        facts.person_by(lookup).map(|it| it.no).ok_or_else(|| Problem::refused(&[unknown], &teller))
    };
    let person = found(beneficiary, "beneficiary")?;
    let giver = giver.map(|it| found(it, "giver")).transpose()?;
    may_ask(&call, facts, person, giver)?;
    let shown = shown.into_iter().map(|it| found(it, "shown")).collect::<Result<Vec<_>, _>>()?;
    let day = sent.service_day.map_or(seen.at.day(), |it| it.0);
    let question = Question { beneficiary: person, giver, institution, day, shown: &shown };
    let answer = prospects(facts, &seen.law, seen.at, &question);
    let answer = answer.map_err(|reason| Problem::refused(&[reason], &teller))?;
    Ok(Answer::ok(&WouldView {
        beneficiary: teller.person(person),
        institution: teller.place(institution),
        service_day: Civil(day),
        obstacles: with_law(&teller, &answer.obstacles),
        givers: answer.givers.iter().map(|it| ProspectView::of(&teller, it)).collect(),
    }))
}

/// Who may look at the beneficiary; or at the giver asked about, where the two have to do with each other: an answer
/// tells whether the beneficiary's insurance is paused.
fn may_ask(call: &Call, facts: &Facts, person: PersonNo, giver: Option<PersonNo>) -> Result<(), Problem> {
    let at = call.app.clock.now();
    let gives = |giver: PersonNo| {
        let agreed = facts.bindings_for(person).any(|it| it.giver == giver && it.existed() && it.counts(at));
        let linked = facts.links.get(&(giver, person)).is_some_and(|it| it.exists(at));
        call.may_see(facts, giver).is_ok() && (agreed || linked)
    };
    let allowed = call.may_see(facts, person).is_ok() || giver.is_some_and(gives);
    let remedy = "Ask as the beneficiary, or name yourself as the giver of a binding or a family code link.";
    allowed.then_some(()).ok_or_else(|| Problem::forbidden(remedy))
}

/// `POST /explain/binding`: decided as the binding itself would be, and nothing is committed.
pub(crate) async fn binding(call: Call) -> Answered {
    let sent: BindingAsked = call.body()?;
    let giver = call.lookup(&sent.giver, "giver").await?;
    let beneficiary = call.lookup(&sent.beneficiary, "beneficiary").await?;
    let seen = call.see(Needs { lookups: [giver, beneficiary].into(), ..Needs::default() }).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let found = |lookup, field: &str| {
        let unknown = Reason::PersonUnknown { field: field.to_owned() };
        teller.facts.person_by(lookup).map(|it| it.no).ok_or_else(|| Problem::refused(&[unknown], &teller))
    };
    let (gives, receives) = (found(giver, "giver")?, found(beneficiary, "beneficiary")?);
    call.may_see_one_of(teller.facts, &[gives, receives])?;
    let starter = match sent.starter.map_or(Side::Giver, |it| it.0) {
        Side::Giver => gives,
        Side::Beneficiary => receives,
    };
    let body = Body::Bind(Bind {
        giver,
        beneficiary,
        relation: sent.relation.0,
        channel: channel(sent.channel, call.token.role)?,
        commitment: Some(("not signed yet".to_owned(), Digest::of(&[]))),
        proof: proof(sent.proof, call.token.role)?,
        from: sent.from.map(|it| it.0),
        last_day: sent.last_day.map(|it| it.0),
        limits: sent.limits.map(LimitsView::read).unwrap_or_default(),
        quota: sent.quota.map(|it| it.0),
        rank: 0,
    });
    // No write has an empty key.
    let key = Key { sender: Sender::Token(call.token.no), id: String::new() };
    let request = Request { key, digest: Digest::of(&[]), actor: Actor::Citizen(starter), body };
    let (viewer, texts) = (call.viewer(), Arc::clone(&call.app.texts));
    let encode: Encoder = Arc::new(move |told: &Told<'_>| {
        let teller = Teller::of(told, viewer, &texts);
        let made = told.decision.changes().and_then(|it| it.bindings.first());
        let view = BindingAnswer {
            possible: made.is_some(),
            steps: teller.steps(&told.decision.steps),
            reasons: match made {
                Some(_) => Vec::new(),
                None => advised(told.case(), told.decision, &teller),
            },
            explanation: explained(told, &teller),
            binding: made.map(|it| BindingView::of(&teller, it, told.turn.at)),
        };
        Answer::ok(&view).stored()
    });
    let told = call.app.preview(request, encode).await?;
    Answer::read(&told).ok_or_else(Problem::busy)
}

/// A decision that was made and not kept, told to people.
fn explained(told: &Told<'_>, teller: &Teller<'_>) -> Explanation {
    explain(told.case(), told.decision, teller.reader())
}

/// What a decision answered, as a word and the number of what it made.
pub(crate) fn said(answer: &Said) -> (&'static str, Option<u64>) {
    match answer {
        Said::Done => ("done", None),
        Said::Person(no) => ("person", Some(no.0)),
        Said::Visit(no) => ("visit", Some(no.0)),
        Said::Lines(_) | Said::Charged(_) => ("lines", None),
        Said::Binding(no) => ("binding", Some(no.0)),
        Said::Proxy(no) => ("proxy", Some(no.0)),
        Said::Settled(no, _) => ("settlement", Some(no.0)),
        Said::Cancelled(no) | Said::Refunded(no, _) => ("cancellation", Some(no.0)),
        Said::Reversed(no) => ("reversal", no.map(|it| it.0)),
        Said::Barred => ("barred", None),
    }
}
