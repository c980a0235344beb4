//! What the caller, or whom a clerk acts for, can do with a binding now: every event decided as it would be, and nothing is
//! kept (R-D3, R-D6, R-D7, R-D11).

use super::binding_view::{EndView, free_from};
use super::bindings::{EventWord, binding_seen};
use super::call::{Answer, Answered, Call};
use super::people::Who;
use super::problem::{Problem, ReasonView, advised};
use super::telling::Teller;
use super::wire::Civil;
use domain::binding::Binding;
use domain::decision::{Case, Turn, decide};
use domain::ids::{BindingNo, Digest, PersonNo, Serial};
use domain::money::Fen;
use domain::needs::Needs;
use domain::request::{Actor, BindingEvent, Body, ChangeBinding, Key, Request, Sender};
use serde::Serialize;
use utoipa::ToSchema;

/// What the caller can do with a binding.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct OptionsView {
    binding: u64,
    /// Each event that people cause; limits, amount and place in the order are judged as they stand.
    options: Vec<OptionView>,
}

/// One event, and what would come of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct OptionView {
    event: EventWord,
    /// Whether it would be done.
    possible: bool,
    /// Why not.
    reasons: Vec<ReasonView>,
    /// The end that the binding would then have.
    end: Option<EndView>,
    /// From when the two could then be bound again.
    free_from: Option<Civil>,
}

/// The events in question, with what a binding has already where an event needs something.
fn events(binding: &Binding) -> [(EventWord, BindingEvent); 10] {
    [
        (EventWord::Confirm, BindingEvent::Confirm),
        (EventWord::Decline, BindingEvent::Decline),
        (EventWord::Withdraw, BindingEvent::Withdraw),
        (EventWord::Release, BindingEvent::Release),
        (EventWord::KeepOn, BindingEvent::KeepOn),
        (EventWord::SetLimits, BindingEvent::SetLimits(binding.last_day, binding.limits)),
        (EventWord::SetQuota, BindingEvent::SetQuota(binding.quota.unwrap_or(Fen::ZERO))),
        (EventWord::SetRank, BindingEvent::SetRank(binding.rank)),
        (EventWord::ShowLines, BindingEvent::ShowLines),
        (EventWord::HideLines, BindingEvent::HideLines),
    ]
}

impl OptionView {
    fn of(teller: &Teller<'_>, event: EventWord, request: &Request) -> OptionView {
        // No decision has this serial: nothing of it is kept.
        let turn = Turn { serial: Serial(0), at: teller.at };
        let case = Case { request, turn, facts: teller.facts, law: teller.law };
        let decision = decide(request, turn, teller.facts, teller.law);
        let after = decision.changes().and_then(|it| it.bindings.first());
        OptionView {
            event,
            possible: after.is_some(),
            reasons: advised(case, &decision, teller),
            end: after.and_then(|it| EndView::of(teller, it)),
            free_from: after.and_then(|it| free_from(teller, it)).map(Civil),
        }
    }
}

/// `GET /bindings/{no}/options`.
pub(crate) async fn show(call: Call) -> Answered {
    let no = BindingNo(call.number("no")?);
    let (_, binding) = binding_seen(&call, no).await?;
    let served = call.query.get("on_behalf_of").map(|it| it.parse().map(PersonNo));
    let remedy = "Write our number of the person served, like 123.";
    let served = served.transpose().map_err(|_| Problem::malformed("on_behalf_of", remedy))?;
    let actor = call.actor(served.map(Who::numbered).as_ref()).await?;
    let about = |actor: Actor, event| Request {
        key: Key { sender: Sender::Token(call.token.no), id: String::new() },
        digest: Digest::of(&[]),
        actor,
        body: Body::ChangeBinding(ChangeBinding { binding: no, event }),
    };
    let needs = Needs::of([&about(actor, BindingEvent::Confirm)], call.app.clock.now());
    let seen = call.see(needs).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let binding = seen.rows.facts.bindings.get(&no).unwrap_or(&binding);
    let options = events(binding).map(|(word, it)| OptionView::of(&teller, word, &about(actor, it)));
    Ok(Answer::ok(&OptionsView { binding: no.0, options: options.into() }))
}
