//! Finding people and deciding who may look at whom: ID numbers travel in bodies only, never in URLs or logs.

use super::call::Call;
use super::problem::Problem;
use crate::people::Identity;
use crate::tokens::Role;
use crate::vault::Found;
use axum::http::StatusCode;
use domain::facts::Facts;
use domain::ids::{Area, InstitutionCode, Lookup, PersonNo};
use domain::needs::Needs;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Names a person by exactly one of these.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Who {
    /// Our number.
    #[serde(skip_serializing_if = "Option::is_none")]
    no: Option<u64>,
    /// The national person number.
    #[serde(skip_serializing_if = "Option::is_none")]
    psn_no: Option<String>,
    /// The number of the ID document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "990000198503120115")]
    id_number: Option<String>,
    /// The number of the social-security card.
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<String>,
}

/// Needs of one person.
pub(crate) fn of_person(person: PersonNo) -> Needs {
    Needs { persons: [person].into(), ..Needs::default() }
}

impl Call {
    /// What a person is found by.
    pub(crate) async fn lookup(&self, who: &Who, field: &str) -> Result<Lookup, Problem> {
        let vault = &self.app.vault;
        match (who.no, &who.psn_no, &who.id_number, &who.card) {
            (Some(no), None, None, None) => self.lookup_of(PersonNo(no), field).await,
            (None, Some(text), None, None) => Ok(vault.lookup(Found::PersonNo, text)),
            (None, None, Some(text), None) => Ok(vault.lookup(Found::IdDocument, text)),
            (None, None, None, Some(text)) => Ok(vault.lookup(Found::Card, text)),
            _ => Err(Problem::malformed(
                field,
                "Name the person by exactly one of no, psn_no, id_number, card.",
            )),
        }
    }

    /// What a person known by number is found by.
    pub(crate) async fn lookup_of(&self, person: PersonNo, field: &str) -> Result<Lookup, Problem> {
        let identity = self.identity(person).await?;
        let identity = identity.ok_or_else(|| unknown(field))?;
        Ok(self.app.vault.lookup(Found::PersonNo, &identity.psn_no))
    }

    async fn identity(&self, person: PersonNo) -> Result<Option<Identity>, Problem> {
        let seen = self.see(of_person(person)).await?;
        Ok(seen.teller(self.viewer(), &self.app).identity(person))
    }

    /// The number of a person who is named, for somebody who may look at them.
    pub(crate) async fn find(&self, who: &Who, field: &str) -> Result<PersonNo, Problem> {
        let lookup = self.lookup(who, field).await?;
        let seen = self.see(Needs { lookups: [lookup].into(), ..Needs::default() }).await?;
        let person = seen.rows.facts.person_by(lookup).map(|it| it.no).ok_or_else(|| unknown(field))?;
        self.may_see(&seen.rows.facts, person)?;
        Ok(person)
    }

    /// A citizen looks at themselves and at minors they act for; staff at the people of their area.
    pub(crate) fn may_see(&self, facts: &Facts, person: PersonNo) -> Result<(), Problem> {
        let today = self.app.clock.now().day();
        let allowed = match self.token.role {
            Role::Citizen => {
                let guardian = facts.persons.get(&person).and_then(|it| it.guardian_on(today));
                self.token.person == Some(person) || (guardian.is_some() && guardian == self.token.person)
            }
            Role::Clerk | Role::Operator | Role::Auditor => {
                let mut enrolments = facts.enrolments_of(person).peekable();
                enrolments.peek().is_none() || enrolments.any(|it| self.token.covers(it.area))
            }
        };
        allowed.then_some(()).ok_or_else(|| Problem::forbidden("This person is outside this token's reach."))
    }

    /// Before staff of one area change something about a person: the person is of that area.
    pub(crate) async fn reaches(&self, lookup: Lookup) -> Result<(), Problem> {
        if self.token.area == Area::NATION {
            return Ok(());
        }
        let seen = self.see(Needs { lookups: [lookup].into(), ..Needs::default() }).await?;
        let person = seen.rows.facts.person_by(lookup).map(|it| it.no);
        person.map_or(Ok(()), |it| self.may_see(&seen.rows.facts, it))
    }

    /// An area is inside the token's.
    pub(crate) fn covers(&self, area: Area) -> Result<(), Problem> {
        let outside = || Problem::forbidden(format!("Area {area} is outside this token's reach."));
        self.token.covers(area).then_some(()).ok_or_else(outside)
    }

    /// An institution is registered and inside the token's area.
    pub(crate) async fn covers_institution(&self, code: InstitutionCode) -> Result<(), Problem> {
        let seen = self.see(Needs { institutions: [code].into(), ..Needs::default() }).await?;
        let found = seen.rows.facts.institutions.get(&code);
        self.covers(found.ok_or_else(|| Problem::not_found("institution"))?.area)
    }
}

/// Nobody is found: said with the code that decisions use too.
fn unknown(field: &str) -> Problem {
    let detail = format!("Nobody is found by what `{field}` says.");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "PERSON_UNKNOWN", "Refused", detail)
}
