//! What deciding looks at: the request, its turn, the facts and the law, and what every kind of request asks of them.

use crate::day::Day;
use crate::decision::{Law, Turn};
use crate::facts::Facts;
use crate::ids::Lookup;
use crate::people::{Institution, Person};
use crate::reason::Reason;
use crate::request::{Actor, Request};

/// What deciding looks at, passed around as one.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The request.
    pub request: &'a Request,
    /// Serial and moment.
    pub turn: Turn,
    /// What was known.
    pub facts: &'a Facts,
    /// What was the law.
    pub law: &'a Law,
}

impl<'a> Case<'a> {
    /// Today, at the moment of commit.
    pub(crate) fn today(&self) -> Day {
        self.turn.at.day()
    }

    /// The institution that asks: registered, and the one the gateway authenticated.
    pub(crate) fn institution(&self) -> Result<&'a Institution, Reason> {
        match self.request.actor {
            Actor::Institution(code) => {
                let found = self.facts.institutions.get(&code);
                found.ok_or(Reason::InstitutionUnknown { institution: code })
            }
            Actor::Citizen(_) | Actor::Clerk { .. } | Actor::Operator { .. } => Err(Reason::NotPermitted {}),
        }
    }

    /// The person found by a lookup, or the reason that there is none; `field` names where the lookup came from.
    pub(crate) fn person(&self, lookup: Lookup, field: &str) -> Result<&'a Person, Reason> {
        let found = self.facts.person_by(lookup);
        found.ok_or_else(|| Reason::PersonUnknown { field: field.to_owned() })
    }

    /// Only an operator may ask for this.
    pub(crate) fn operator_only(&self) -> Result<(), Reason> {
        let operator = matches!(self.request.actor, Actor::Operator { .. });
        operator.then_some(()).ok_or(Reason::NotPermitted {})
    }
}
