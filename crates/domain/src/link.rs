//! Family code links (亲情账户): they show a code and move no money; whoever has only that is told so (R-F1, R-F3).

use crate::day::Moment;
use crate::decision::{Found, Steps};
use crate::facts::Facts;
use crate::ids::PersonNo;
use crate::reason::Reason;

/// For each holder of a link to the patient who has not bound the patient: a step that says that a link is not a binding.
pub(crate) fn explain(facts: &Facts, patient: PersonNo, at: Moment, steps: &mut Steps) {
    for link in facts.links.values().filter(|it| it.member == patient && it.exists(at)) {
        let bound = facts.bindings_for(patient).any(|it| it.giver == link.holder && it.counts(at));
        if !bound {
            let reason = Reason::OnlyFamilyCodeBound { giver: link.holder, beneficiary: patient };
            steps.push(reason.rule(), None, Found::Fails(reason));
        }
    }
}
