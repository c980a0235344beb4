//! The sentence that a reader is told first: what a decision came to.

use crate::binding::Status;
use crate::case::Case;
use crate::decision::{Answer, Changes, Decision, Done, Outcome};
use crate::facts::Settlement;
use crate::money::Fen;
use crate::request::{BindingEvent, Body};
use crate::texts::{Reader, Viewer};

/// The facts that a sentence is filled with, by name.
pub(crate) type Facts = Vec<(&'static str, String)>;

/// The conclusion of a decision, in the reader's language.
pub(crate) fn conclusion(case: Case<'_>, decision: &Decision, reader: Reader<'_>) -> String {
    let (name, facts) = match &decision.outcome {
        Outcome::Refused(_) => (refusal_word(&case.request.body), Vec::new()),
        Outcome::Done(done) => done_word(case, done, reader),
    };
    reader.texts.fill(&format!("conclusion.{name}"), &facts)
}

fn refusal_word(body: &Body) -> &'static str {
    match body {
        Body::Settle(_) => "not_settled",
        Body::Cancel(_) | Body::RefundPart(_) | Body::Reverse(_) => "not_refunded",
        Body::Bind(_) | Body::TakeOver(_) => "not_bound",
        Body::ChangeBinding(_) => "not_changed",
        Body::AddPerson(_)
        | Body::RecordDeath(_)
        | Body::Enrol(_)
        | Body::ChangeEnrolment(_)
        | Body::Credit(_)
        | Body::TakeBack(_)
        | Body::SetInstitution(_)
        | Body::ChangeInstitution(_)
        | Body::MapItems(_)
        | Body::UnmapItems(_)
        | Body::LinkFamilyCode(_)
        | Body::ConfirmFamilyCode(_)
        | Body::RecordDocuments(_)
        | Body::ProposeAmendment(_)
        | Body::DecideAmendment(_)
        | Body::EntrustProxy(_)
        | Body::RevokeProxy(_)
        | Body::Register(_)
        | Body::CancelVisit(_)
        | Body::StateVisit(_)
        | Body::Upload(_)
        | Body::RemoveLines(_)
        | Body::Stay(_)
        | Body::Publish(_) => "not_done",
    }
}

fn done_word(case: Case<'_>, done: &Done, reader: Reader<'_>) -> (&'static str, Facts) {
    let anyone = reader.viewer == Viewer::Anyone;
    let of = |no| done.changes.settlements.iter().find(|it| it.no == no);
    match &done.answer {
        Answer::Settled(..) if anyone => ("settled_only", Vec::new()),
        Answer::Cancelled(_) if anyone => ("cancelled_only", Vec::new()),
        Answer::Settled(no, _) => of(*no).map_or(("done", Vec::new()), |it| settled_word(it, reader)),
        Answer::Cancelled(no) => {
            let back = of(*no).map_or(Fen::ZERO, Settlement::accounts);
            ("cancelled", vec![("accounts", reader.texts.money(back))])
        }
        Answer::Refunded(..) => ("refunded", Vec::new()),
        Answer::Binding(_) => (binding_word(case, &done.changes), Vec::new()),
        Answer::Proxy(_) => ("entrusted", Vec::new()),
        Answer::Reversed(_) => ("reversed", Vec::new()),
        Answer::Barred => ("barred", Vec::new()),
        Answer::Done | Answer::Person(_) | Answer::Visit(_) | Answer::Lines(_) | Answer::Charged(_) => {
            ("done", Vec::new())
        }
    }
}

fn settled_word(it: &Settlement, reader: Reader<'_>) -> (&'static str, Facts) {
    let cash = ("cash", reader.texts.money(it.cash));
    match (it.cash.is_zero(), it.accounts().is_zero()) {
        (true, _) => ("settled_full", Vec::new()),
        (false, true) => ("settled_cash", vec![cash]),
        (false, false) => ("settled", vec![("accounts", reader.texts.money(it.accounts())), cash]),
    }
}

fn binding_word(case: Case<'_>, changes: &Changes) -> &'static str {
    let Some(binding) = changes.bindings.last() else { return "done" };
    let event = |it| matches!(&case.request.body, Body::ChangeBinding(change) if change.event == it);
    if event(BindingEvent::ShowLines) {
        return "lines_shown";
    }
    if event(BindingEvent::HideLines) {
        return "lines_hidden";
    }
    match binding.status(case.turn.at) {
        Status::InForce if binding.end.is_some() => "ended",
        Status::InForce if matches!(case.request.body, Body::Bind(_)) || binding.recorded == binding.from => {
            "bound"
        }
        Status::InForce | Status::NeedsDecision => "done",
        Status::OnHold(_) => "on_hold",
        Status::NotYet(_) => "bound_later",
        Status::Awaiting(..) => "waiting",
        Status::InReview(_) => "in_review",
        Status::Lapsed(_) | Status::Refused | Status::Ended(_) => "ended",
    }
}
