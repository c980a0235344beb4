//! The steps of a decision as they are found: conditions that hold or fail, amounts, and the reasons of a refusal.

use crate::decision::{Check, Decision, Figure, Found, Rule, Step};
use crate::money::Fen;
use crate::policy::Cite;
use crate::reason::Reason;

/// The steps of a decision, as they are found.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    pub(crate) list: Vec<Step>,
    pub(crate) reasons: Vec<Reason>,
}

impl Steps {
    /// A condition: holds, or gives its reason; both become a step.
    pub(crate) fn check(&mut self, rule: &str, cite: Option<Cite>, check: Check, fails: Option<Reason>) {
        match fails {
            None => self.push(rule, cite, Found::Holds(check)),
            Some(reason) => {
                self.push(rule, cite, Found::Fails(reason.clone()));
                self.reasons.push(reason);
            }
        }
    }

    /// A reason without a step of its own rule.
    pub(crate) fn refuse(&mut self, reason: Reason) {
        let rule = reason.rule();
        self.push(rule, None, Found::Fails(reason.clone()));
        self.reasons.push(reason);
    }

    /// An amount.
    pub(crate) fn amount(&mut self, rule: &str, cite: Option<Cite>, figure: Figure, amount: Fen) {
        self.push(rule, cite, Found::Amount(figure, amount));
    }

    pub(crate) fn push(&mut self, rule: &str, cite: Option<Cite>, found: Found) {
        let rule = Rule::parse(rule).expect("rules are written R-<letter><number>");
        self.list.push(Step { rule, cite, found });
    }

    /// Refuses for all of these. A day in the future is what has to be mended, not the catalogue missing for it.
    pub(crate) fn refuse_all(&mut self, reasons: Vec<Reason>) {
        let future = self.reasons.iter().any(|it| matches!(it, Reason::ServiceDayFuture { .. }));
        let said = |it: &Reason| !(future && matches!(it, Reason::NoCatalogue { .. }));
        reasons.into_iter().filter(said).for_each(|it| self.refuse(it));
    }

    /// The refusal, if there is a reason for one.
    pub(crate) fn refusal(&mut self) -> Option<Decision> {
        let reasons = std::mem::take(&mut self.reasons);
        (!reasons.is_empty()).then(|| Decision::refused(reasons, std::mem::take(&mut self.list)))
    }
}
