//! What the caller can do with a binding now: every event decided as it would be, and nothing is kept (R-D3, R-D6, R-D7,
//! R-D11).

use super::binding_view::EndView;
use super::bindings::{EventWord, binding_seen};
use super::call::{Answer, Answered, Call};
use super::problem::{ReasonView, reasons};
use super::telling::Teller;
use super::wire::Civil;
use domain::binding::Binding;
use domain::conditions::free_from;
use domain::decision::{Turn, decide};
use domain::ids::{BindingNo, Digest, Serial};
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
fn events(binding: &Binding) -> [(EventWord, BindingEvent); 8] {
    [
        (EventWord::Confirm, BindingEvent::Confirm),
        (EventWord::Decline, BindingEvent::Decline),
        (EventWord::Withdraw, BindingEvent::Withdraw),
        (EventWord::Release, BindingEvent::Release),
        (EventWord::KeepOn, BindingEvent::KeepOn),
        (EventWord::SetLimits, BindingEvent::SetLimits(binding.last_day, binding.limits)),
        (EventWord::SetQuota, BindingEvent::SetQuota(binding.quota.unwrap_or(Fen::ZERO))),
        (EventWord::SetRank, BindingEvent::SetRank(binding.rank)),
    ]
}

impl OptionView {
    fn of(teller: &Teller<'_>, event: EventWord, request: &Request) -> OptionView {
        // No decision has this serial: nothing of it is kept.
        let turn = Turn { serial: Serial(0), at: teller.at };
        let decision = decide(request, turn, teller.facts, teller.law);
        let after = decision.changes().and_then(|it| it.bindings.first());
        let end = after.and_then(|it| it.end);
        OptionView {
            event,
            possible: after.is_some(),
            reasons: reasons(decision.reasons(), teller),
            end: end.map(EndView::of),
            free_from: after.and_then(|it| free(teller, it)).map(Civil),
        }
    }
}

fn free(teller: &Teller<'_>, binding: &Binding) -> Option<domain::day::Day> {
    let rebind = teller.law.policies.parameters.rebind_days.on(binding.giver_area, teller.at.day());
    free_from(binding, *rebind.ok()?.value, teller.at)
}

/// `GET /bindings/{no}/options`.
pub(crate) async fn show(call: Call) -> Answered {
    let no = BindingNo(call.number("no")?);
    let (_, binding) = binding_seen(&call, no).await?;
    let actor = call.actor(None).await?;
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
