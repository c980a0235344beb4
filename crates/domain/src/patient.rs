//! Who the patient is, where, in which scheme, and whether that may be settled at all (R-E1, R-E3, R-E5, R-B2, R-A3).

use crate::benefit::Whom;
use crate::credential::Credential;
use crate::day::{Day, Moment};
use crate::decision::{Case, Check, Steps};
use crate::facts::Visit;
use crate::ids::{Area, Lookup, PersonNo, VisitNo};
use crate::people::{Enrolment, Institution, Person};
use crate::policy::{Cite, Silent};
use crate::reason::Reason;
use crate::request::{Body, Settle, What};
use crate::words::{Capability, CredentialKind, Purpose, Scheme, Standing};

/// A patient at an institution.
#[derive(Clone, Copy)]
pub(crate) struct Patient<'a> {
    pub(crate) institution: &'a Institution,
    pub(crate) person: &'a Person,
    pub(crate) enrolment: &'a Enrolment,
}

impl Patient<'_> {
    /// What is bought here.
    pub(crate) fn purpose(&self) -> Purpose {
        self.institution.purpose()
    }

    /// A visit that begins now, for the enrolment that the patient was found in: the first thing that a request makes.
    pub(crate) fn visit(&self, case: Case<'_>, begun: Moment) -> Visit {
        Visit {
            no: VisitNo(case.turn.serial.creates(0)),
            institution: self.institution.code,
            patient: self.person.no,
            scheme: self.enrolment.scheme,
            enrolment: self.enrolment.no,
            begun,
            med_type: None,
            cancelled: false,
            stay: None,
            own_no: None,
        }
    }

    /// Whom benefits are looked up for.
    pub(crate) fn whom(&self, day: Day) -> Whom {
        Whom {
            level: self.institution.level,
            category: self.enrolment.category,
            age: day.age_of(self.person.born),
            contract: self.enrolment.contract,
            stay: 0,
        }
    }
}

/// The days on which somebody is served.
#[derive(Clone, Copy)]
pub(crate) struct Served {
    /// The service day, by whose law all is judged.
    pub(crate) day: Day,
    /// The last day: a long stay is in time by its end, whatever day its law is of.
    pub(crate) last: Day,
}

impl Served {
    /// Served on one day.
    pub(crate) fn on(day: Day) -> Served {
        Served { day, last: day }
    }
}

/// Finds the patient and checks everything that can refuse them; `None` where somebody or something is not found.
pub(crate) fn identify<'a>(
    case: Case<'a>,
    patient: Lookup,
    scheme: Scheme,
    served: Served,
    credential: &Credential,
    steps: &mut Steps,
) -> Option<Patient<'a>> {
    let institution = find_institution(case, steps)?;
    let person = case.person(patient, "psn_no").map_err(|it| steps.refuse(it)).ok()?;
    let day = served.day;
    let Some(enrolment) = case.facts.enrolment_in(person.no, scheme, day) else {
        steps.refuse(not_enrolled(case, person.no, scheme, day));
        return None;
    };
    let found = Patient { institution, person, enrolment };
    if steps.reasons.is_empty() {
        check_service_day(case, found, served.last, steps)
            .map_err(|it| steps.refuse(Reason::NoPolicy(it)))
            .ok()?;
        check(case, found, day, credential, steps).map_err(|it| steps.refuse(Reason::NoPolicy(it))).ok()?;
    }
    Some(found)
}

fn find_institution<'a>(case: Case<'a>, steps: &mut Steps) -> Option<&'a Institution> {
    match case.request.actor {
        crate::request::Actor::Institution(code) => {
            let found = case.facts.institutions.get(&code);
            if found.is_none() {
                steps.refuse(Reason::InstitutionUnknown { institution: code });
            }
            found
        }
        crate::request::Actor::Citizen(_)
        | crate::request::Actor::Clerk { .. }
        | crate::request::Actor::Operator { .. } => {
            steps.refuse(Reason::NotPermitted {});
            None
        }
    }
}

/// Why somebody has no enrolment in a scheme that counts on a day.
pub(crate) fn not_enrolled(case: Case<'_>, person: PersonNo, scheme: Scheme, day: Day) -> Reason {
    match case.facts.enrolment_on(person, day) {
        Some(_) => Reason::SchemeNotHeld { person, scheme },
        None => Reason::BeneficiaryNotInsured { person },
    }
}

fn check(
    case: Case<'_>,
    patient: Patient<'_>,
    day: Day,
    credential: &Credential,
    steps: &mut Steps,
) -> Result<(), Silent> {
    let law = &case.law.policies.parameters;
    let obstacle = patient.institution.obstacle(asked_of_place(case), day);
    let rule = obstacle.as_ref().map_or("R-E5", Reason::rule);
    steps.check(rule, None, Check::Designated, obstacle);
    check_credential(case, patient, day, credential, steps)?;
    if let Some(on) = patient.person.died.filter(|it| *it < day) {
        steps.refuse(Reason::PersonDead { person: patient.person.no, on });
    }
    let blocks = law.beneficiary_blocks_use.on(patient.enrolment.area, day)?;
    // Who has moved since is insured where they are now.
    let now = case.facts.enrolment_in(patient.person.no, patient.enrolment.scheme, case.today());
    let now = now.unwrap_or(patient.enrolment);
    let standing = now.standing(case.today());
    let reason = match standing {
        it if !blocks.value.contains(&it) => None,
        Standing::Paused => Some(Reason::InsuranceInterrupted {
            person: patient.person.no,
            since: now.paused_since(case.today()).unwrap_or(case.today()),
        }),
        Standing::Normal | Standing::Ended => {
            Some(Reason::BeneficiaryNotInsured { person: patient.person.no })
        }
    };
    steps.check("R-A3", Some(blocks.cite), Check::Insured, reason);
    Ok(())
}

/// What the institution's software has to be able to do for this request.
fn asked_of_place(case: Case<'_>) -> Capability {
    let body = &case.request.body;
    if matches!(body, Body::Settle(Settle { what: What::Lines { .. }, .. })) {
        Capability::Purchase
    } else if matches!(body, Body::Settle(Settle { what: What::Stay { .. }, .. }) | Body::Stay(_)) {
        Capability::Inpatient
    } else {
        Capability::Outpatient
    }
}

/// A service day lies neither in the future nor further back than the area settles over the network (R-E13).
fn check_service_day(
    case: Case<'_>,
    patient: Patient<'_>,
    day: Day,
    steps: &mut Steps,
) -> Result<(), Silent> {
    let today = case.today();
    let back = case.law.policies.parameters.service_days_back.on(patient.institution.area, today)?;
    let earliest = today.plus(-i32::from(*back.value));
    if day > today {
        steps.refuse(Reason::ServiceDayFuture { day, today });
    }
    if day < earliest {
        steps.refuse(Reason::ServiceDayTooOld { day, earliest });
    }
    Ok(())
}

/// Money is shared, cards are not: what is shown belongs to the patient (R-E1).
fn check_credential(
    case: Case<'_>,
    patient: Patient<'_>,
    day: Day,
    credential: &Credential,
    steps: &mut Steps,
) -> Result<(), Silent> {
    let holder = |it| case.facts.lookups.get(&it).copied();
    let own = holder(credential.holder) == Some(patient.person.no)
        && credential.serial.is_none_or(|it| holder(it) == Some(patient.person.no));
    let area = patient.institution.area;
    let (taken, cite) = credential_taken(case, area, day, patient.enrolment.scheme, credential.kind)?;
    let reason = match (credential.spoiled, own, taken) {
        (Some(spoiled), ..) => Some(spoiled.into()),
        (None, false, _) => Some(Reason::OwnCredentialRequired { patient: patient.person.no }),
        (None, true, false) => Some(Reason::IdDocumentNotTaken { area }),
        (None, true, true) => None,
    };
    steps.check("R-E1", Some(cite), Check::OwnCredential, reason);
    Ok(())
}

/// Whether institutions of an area take a kind of credential from members of a scheme: codes and cards always, ID
/// documents where the area says so.
pub(crate) fn credential_taken(
    case: Case<'_>,
    area: Area,
    day: Day,
    scheme: Scheme,
    kind: CredentialKind,
) -> Result<(bool, Cite), Silent> {
    let law = &case.law.policies.parameters;
    let id_document = law.id_document.on(area, day)?;
    let schemes = law.id_document_schemes.on(area, day)?;
    let taken = kind != CredentialKind::IdDocument || *id_document.value || schemes.value.contains(&scheme);
    Ok((taken, id_document.cite))
}
