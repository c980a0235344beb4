//! What the agency sets up: institutions, mappings of codes, law books.

use crate::decision::{Answer, Case, Changes, Decision};
use crate::ids::InstitutionCode;
use crate::people::Institution;
use crate::reason::Reason;
use crate::request::{Actor, MapItems, Publish, SetInstitution, UnmapItems};
use crate::visit::refuse;

fn decided(changes: Result<Changes, Reason>) -> Decision {
    match changes {
        Ok(changes) => Decision::done(Answer::Done, changes, Vec::new()),
        Err(reason) => refuse(reason),
    }
}

/// Decides [`SetInstitution`] (R-L1).
pub(crate) fn set_institution(case: Case<'_>, it: &SetInstitution) -> Decision {
    decided(case.operator_only().and_then(|()| {
        let backwards =
            it.designations.iter().find_map(|(from, to)| to.filter(|to| to < from).map(|to| (*from, to)));
        if let Some((first, last)) = backwards {
            return Err(Reason::DatesContradict { first, last });
        }
        let known = case.facts.institutions.get(&it.code);
        if let Some(Institution { code, area, .. }) = known.filter(|known| known.area != it.area) {
            return Err(Reason::InstitutionAreaFixed { institution: *code, area: *area });
        }
        let institution = Institution {
            code: it.code,
            area: it.area,
            kind: it.kind,
            level: it.level,
            designations: it.designations.clone(),
            suspensions: known.map(|it| it.suspensions.clone()).unwrap_or_default(),
            capabilities: known.map(|it| it.capabilities.clone()).unwrap_or_default(),
        };
        Ok(Changes { institutions: vec![institution], ..Changes::default() })
    }))
}

/// Decides [`MapItems`] (R-J2): the institution itself or the agency; only codes that the catalogue knows.
pub(crate) fn map_items(case: Case<'_>, it: &MapItems) -> Decision {
    if let Err(reason) = own_codes_of(case, it.institution) {
        return refuse(reason);
    }
    // A line can only be judged by a code that some catalogue knows.
    let catalogue = &case.law.catalogue;
    let unknown = |code: &str| catalogue.drug_name(code).is_none() && !catalogue.is_service(code);
    let numbered = (1_u16..).zip(&it.pairs);
    let reasons: Vec<Reason> = numbered
        .filter(|(_, (_, national))| unknown(national))
        .map(|(line, _)| Reason::ItemNotMapped { line })
        .collect();
    if !reasons.is_empty() {
        return Decision::refused(reasons, Vec::new());
    }
    let mapping = |(own, national): &(String, String)| (it.institution, own.clone(), national.clone());
    decided(Ok(Changes { mappings: it.pairs.iter().map(mapping).collect(), ..Changes::default() }))
}

/// Decides [`UnmapItems`] (R-J2): the institution itself or the agency; only mappings that are there. What was settled
/// by them stays as it is.
pub(crate) fn unmap_items(case: Case<'_>, it: &UnmapItems) -> Decision {
    if let Err(reason) = own_codes_of(case, it.institution) {
        return refuse(reason);
    }
    let stands_for = |own: &String| case.facts.mappings.get(&(it.institution, own.clone()));
    let unknown = |(own, national): &(String, Option<String>)| {
        let found = stands_for(own).filter(|it| !it.is_empty());
        found.is_none_or(|it| national.as_ref().is_some_and(|stated| stated != it))
    };
    let numbered = (1_u16..).zip(&it.codes);
    let reasons: Vec<Reason> =
        numbered.filter(|(_, it)| unknown(it)).map(|(line, _)| Reason::MappingUnknown { line }).collect();
    if !reasons.is_empty() {
        return Decision::refused(reasons, Vec::new());
    }
    let taken_back = |(own, _): &(String, Option<String>)| (it.institution, own.clone(), String::new());
    decided(Ok(Changes { mappings: it.codes.iter().map(taken_back).collect(), ..Changes::default() }))
}

/// Whether the sender may say what an institution's own codes stand for: the institution itself or the agency.
fn own_codes_of(case: Case<'_>, institution: InstitutionCode) -> Result<(), Reason> {
    let allowed = match case.request.actor {
        Actor::Institution(code) => code == institution,
        Actor::Operator { .. } => true,
        Actor::Citizen(_) | Actor::Clerk { .. } => false,
    };
    if !allowed {
        return Err(Reason::NotPermitted {});
    }
    let known = case.facts.institutions.contains_key(&institution);
    known.then_some(()).ok_or(Reason::InstitutionUnknown { institution })
}

/// Decides [`Publish`]: the book was read and stored before; from the next decision on it is the law.
pub(crate) fn publish(case: Case<'_>, it: &Publish) -> Decision {
    decided(case.operator_only().map(|()| Changes { book: Some(it.book), ..Changes::default() }))
}
