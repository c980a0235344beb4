//! Finding people and deciding who may look at whom: ID numbers travel in bodies only, never in URLs or logs.

use super::call::Call;
use super::problem::Problem;
use crate::people::Identity;
use crate::tokens::Role;
use crate::vault::Found;
use axum::http::StatusCode;
use domain::day::Day;
use domain::facts::Facts;
use domain::ids::{Area, InstitutionCode, Lookup, PersonNo};
use domain::needs::Needs;
use domain::reason::Reason;
use domain::words::Scheme;
use serde::{Deserialize, Serialize};
use store::{Page, Query};
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
    /// The name, beside one of these, to be sure that it is the right person: another name finds nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl Who {
    /// By our number.
    pub(crate) fn numbered(person: PersonNo) -> Who {
        Who { no: Some(person.0), psn_no: None, id_number: None, card: None, name: None }
    }

    /// Our number, where the person is named by nothing else.
    pub(crate) fn by_number(&self) -> Option<PersonNo> {
        let alone = self.psn_no.is_none() && self.id_number.is_none() && self.card.is_none();
        self.no.filter(|_| alone).map(PersonNo)
    }

    /// Whether the name stands beside the number.
    pub(crate) fn is_named(&self) -> bool {
        self.name.is_some()
    }
}

/// Needs of one person.
pub(crate) fn of_person(person: PersonNo) -> Needs {
    Needs { persons: [person].into(), ..Needs::default() }
}

impl Call {
    /// What a person is found by.
    pub(crate) async fn lookup(&self, who: &Who, field: &str) -> Result<Lookup, Problem> {
        let lookup = self.lookup_by_number(who, field).await?;
        match &who.name {
            Some(name) => self.of_that_name(lookup, name, field).await,
            None => Ok(lookup),
        }
    }

    /// A lookup that finds somebody of this name. Whether it finds nobody or somebody else is not told apart: a number
    /// alone would otherwise say whether it is anybody's.
    async fn of_that_name(&self, lookup: Lookup, name: &str, field: &str) -> Result<Lookup, Problem> {
        let seen = self.see(Needs { alone: [lookup].into(), ..Needs::default() }).await?;
        let teller = seen.teller(self.viewer(), &self.app);
        let found = teller.facts.person_by(lookup).and_then(|it| teller.identity(it.no));
        let unknown = Reason::PersonUnknown { field: field.to_owned() };
        let is_it = found.is_some_and(|it| it.name.trim() == name.trim());
        is_it.then_some(lookup).ok_or_else(|| Problem::refused(&[unknown], &teller))
    }

    async fn lookup_by_number(&self, who: &Who, field: &str) -> Result<Lookup, Problem> {
        let vault = &self.app.vault;
        match (who.no, &who.psn_no, &who.id_number, &who.card) {
            (Some(no), None, None, None) => {
                self.may_name(PersonNo(no), field).await?;
                self.lookup_of(PersonNo(no), field).await
            }
            (None, Some(text), None, None) => Ok(vault.lookup(Found::PersonNo, text)),
            (None, None, Some(text), None) => Ok(vault.lookup(Found::IdDocument, text)),
            (None, None, None, Some(text)) => Ok(vault.lookup(Found::Card, text)),
            _ => Err(Problem::malformed(
                field,
                "Name the person by exactly one of no, psn_no, id_number, card.",
            )),
        }
    }

    /// Our numbers can be counted up: a citizen names by them only whom they may look at, whose code they can show, or
    /// whose number a binding with them has told them, and others by what they were shown.
    async fn may_name(&self, person: PersonNo, field: &str) -> Result<(), Problem> {
        if self.token.role != Role::Citizen || self.token.person == Some(person) {
            return Ok(());
        }
        let seen = self.see(of_person(person)).await?;
        let me = self.token.person;
        let bound = seen.rows.facts.bindings.values().any(|it| {
            let pair = (Some(it.giver), Some(it.beneficiary));
            it.existed() && (pair == (me, Some(person)) || pair == (Some(person), me))
        });
        if bound {
            return Ok(());
        }
        let remedy = format!("`{field}`: name other people by id_number, psn_no or card, not by no.");
        if self.may_see(&seen.rows.facts, person).is_ok() || self.shows_code_of(person).await? {
            return Ok(());
        }
        Err(Problem::forbidden(remedy))
    }

    /// Whether a citizen has a family code link to a person.
    async fn shows_code_of(&self, person: PersonNo) -> Result<bool, Problem> {
        let Some(caller) = self.token.person else { return Ok(false) };
        let Page::Links(links) = self.app.store.page(&Query::Links(caller)).await? else {
            return Err(Problem::busy());
        };
        let now = self.app.clock.now();
        Ok(links.iter().any(|it| (it.holder, it.member) == (caller, person) && it.exists(now)))
    }

    /// What a person known by number is found by.
    pub(crate) async fn lookup_of(&self, person: PersonNo, field: &str) -> Result<Lookup, Problem> {
        self.lookup_known(person).await?.ok_or_else(|| unknown(field))
    }

    /// The same; `None` where nobody has that number.
    pub(crate) async fn lookup_known(&self, person: PersonNo) -> Result<Option<Lookup>, Problem> {
        let identity = self.identity(person).await?;
        Ok(identity.map(|it| self.app.vault.lookup(Found::PersonNo, &it.psn_no)))
    }

    /// Who a person known by number is.
    pub(crate) async fn identity(&self, person: PersonNo) -> Result<Option<Identity>, Problem> {
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

    /// A citizen looks at themselves and at minors they act for; staff at the people whom their area insures now, or
    /// insured last. Whom no area has insured yet, operators see, who take them in, and who reads the whole nation.
    /// Whoever is let look has looked: that is noted here, and recorded before the answer is given.
    pub(crate) fn may_see(&self, facts: &Facts, person: PersonNo) -> Result<(), Problem> {
        let today = self.app.clock.now().day();
        self.is_let_see(facts, person, today)?;
        self.looked.add(person, insuring(facts, person, today));
        Ok(())
    }

    /// For what shows all of several people to whoever may look at one of them.
    pub(crate) fn may_see_one_of(&self, facts: &Facts, people: &[PersonNo]) -> Result<(), Problem> {
        let today = self.app.clock.now().day();
        if !people.iter().any(|it| self.is_let_see(facts, *it, today).is_ok()) {
            return Err(Problem::forbidden("Nobody of those concerned is in this token's reach."));
        }
        self.has_looked_at(facts, people);
        Ok(())
    }

    /// Notes who is shown beside those whom the caller was let look at.
    pub(crate) fn has_looked_at(&self, facts: &Facts, people: &[PersonNo]) {
        let today = self.app.clock.now().day();
        people.iter().for_each(|it| self.looked.add(*it, insuring(facts, *it, today)));
    }

    /// Whether the caller could look at a person; that is no look.
    pub(crate) fn could_see(&self, facts: &Facts, person: PersonNo) -> bool {
        self.is_let_see(facts, person, self.app.clock.now().day()).is_ok()
    }

    fn is_let_see(&self, facts: &Facts, person: PersonNo, today: Day) -> Result<(), Problem> {
        let allowed = match self.token.role {
            Role::Citizen => {
                let guardian = facts.persons.get(&person).and_then(|it| it.guardian_on(today));
                self.token.person == Some(person) || (guardian.is_some() && guardian == self.token.person)
            }
            Role::Institution => false,
            Role::Clerk | Role::Supervisor | Role::Operator | Role::Auditor => {
                let areas = insuring(facts, person, today);
                let nobodys = areas.is_empty() && self.token.role == Role::Operator;
                nobodys || self.token.area == Area::NATION || areas.iter().any(|it| self.token.covers(*it))
            }
        };
        allowed.then_some(()).ok_or_else(|| Problem::forbidden("This person is outside this token's reach."))
    }

    /// Before staff change something about a person: they may look at the person, and `touched`, the areas whose
    /// books change, are the token's.
    pub(crate) async fn reaches(&self, lookup: Lookup, touched: Touched) -> Result<(), Problem> {
        if self.token.area == Area::NATION {
            return Ok(());
        }
        let seen = self.see(Needs { lookups: [lookup].into(), ..Needs::default() }).await?;
        let facts = &seen.rows.facts;
        let Some(person) = facts.person_by(lookup).map(|it| it.no) else { return Ok(()) };
        self.may_see(facts, person)?;
        touched.areas(facts, person, seen.at.day()).into_iter().try_for_each(|it| self.covers(it))
    }

    /// An enrolment lets its area look at the person: where areas insure them already, those are the token's.
    pub(crate) async fn may_enrol(&self, lookup: Lookup) -> Result<(), Problem> {
        let seen = self.see(Needs { lookups: [lookup].into(), ..Needs::default() }).await?;
        let facts = &seen.rows.facts;
        let Some(person) = facts.person_by(lookup).map(|it| it.no) else { return Ok(()) };
        running(facts, person, seen.at.day()).into_iter().try_for_each(|it| self.covers(it))
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

/// What a change touches.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Touched {
    /// The person: every area that insures them.
    Person,
    /// The running enrolment in a scheme.
    Enrolment(Scheme),
    /// The personal account of the latest enrolment that carries one.
    Account,
}

impl Touched {
    /// Where nothing is touched, the decision itself refuses.
    fn areas(self, facts: &Facts, person: PersonNo, today: Day) -> Vec<Area> {
        let enrolments = facts.enrolments_of(person);
        match self {
            Touched::Person => insuring(facts, person, today),
            Touched::Enrolment(scheme) => {
                enrolments.filter(|it| it.scheme == scheme && it.to.is_none()).map(|it| it.area).collect()
            }
            Touched::Account => {
                let latest = enrolments.filter(|it| it.account).max_by_key(|it| it.from);
                latest.map(|it| it.area).into_iter().collect()
            }
        }
    }
}

/// The areas of a person's enrolments that have not ended.
fn running(facts: &Facts, person: PersonNo, today: Day) -> Vec<Area> {
    let running = facts.enrolments_of(person).filter(|it| it.to.is_none_or(|to| today <= to));
    running.map(|it| it.area).collect()
}

/// The areas that insure a person: of enrolments that have not ended; where all have, of the latest to end.
pub(crate) fn insuring(facts: &Facts, person: PersonNo, today: Day) -> Vec<Area> {
    let running = running(facts, person, today);
    if running.is_empty() {
        let latest = facts.enrolments_of(person).max_by_key(|it| (it.to, it.from));
        return latest.map(|it| it.area).into_iter().collect();
    }
    running
}

/// Nobody is found: said with the code that decisions use too.
fn unknown(field: &str) -> Problem {
    let detail = format!("Nobody is found by what `{field}` says.");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "PERSON_UNKNOWN", "Refused", detail)
}
