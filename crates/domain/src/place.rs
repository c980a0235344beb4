//! What the agency sets up: institutions, mappings of codes, family code links, law books.

use crate::day::Day;
use crate::decision::{Answer, Case, Changes, Decision};
use crate::people::{FamilyLink, Institution, Suspension};
use crate::reason::Reason;
use crate::request::{
    Actor, ChangeInstitution, InstitutionChange, LinkFamilyCode, MapItems, Publish, SetInstitution,
};
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

/// Decides [`ChangeInstitution`] (R-L1).
pub(crate) fn change_institution(case: Case<'_>, it: &ChangeInstitution) -> Decision {
    decided(changed(case, it))
}

fn changed(case: Case<'_>, it: &ChangeInstitution) -> Result<Changes, Reason> {
    case.operator_only()?;
    let known = case.facts.institutions.get(&it.code);
    let mut after = known.ok_or(Reason::InstitutionUnknown { institution: it.code })?.clone();
    match &it.change {
        InstitutionChange::Designate(from, to) => {
            apart(&after.designations, (*from, *to))?;
            after.designations.push((*from, *to));
            after.designations.sort_unstable();
        }
        InstitutionChange::EndDesignation(last) => {
            let running = after.designations.iter_mut().find(|it| holds(**it, *last));
            let not_running = || Reason::NotPossibleNow { state: "not_designated".to_owned() };
            running.ok_or_else(not_running)?.1 = Some(*last);
        }
        InstitutionChange::Suspend(it) => {
            let others: Vec<Period> = after.suspensions.iter().map(|it| (it.from, it.to)).collect();
            apart(&others, (it.from, it.to))?;
            // One line: as it is printed, and as stores keep it.
            let why = it.why.split_whitespace().collect::<Vec<_>>().join(" ");
            after.suspensions.push(Suspension { why, ..it.clone() });
            after.suspensions.sort_unstable_by_key(|it| it.from);
        }
        InstitutionChange::Resume(on) => {
            let running = after.suspensions.iter_mut().find(|it| holds((it.from, it.to), *on));
            let not_running = || Reason::NotPossibleNow { state: "not_suspended".to_owned() };
            running.ok_or_else(not_running)?.to = Some(on.plus(-1));
            after.suspensions.retain(|it| it.to.is_none_or(|to| it.from <= to));
        }
        InstitutionChange::Able(what, periods) => {
            for (at, period) in periods.iter().enumerate() {
                apart(&periods[..at], *period)?;
            }
            after.capabilities.insert(*what, periods.clone());
        }
    }
    Ok(Changes { institutions: vec![after], ..Changes::default() })
}

/// First and last day.
type Period = (Day, Option<Day>);

fn holds((from, to): Period, day: Day) -> bool {
    from <= day && to.is_none_or(|it| day <= it)
}

/// A period runs forwards and has no day in common with others.
fn apart(others: &[Period], it: Period) -> Result<(), Reason> {
    let (from, to) = it;
    if let Some(last) = to.filter(|to| *to < from) {
        return Err(Reason::DatesContradict { first: from, last });
    }
    match others.iter().find(|other| holds(**other, from) || holds(it, other.0)) {
        Some((first, last)) => Err(Reason::DatesContradict { first: from, last: last.unwrap_or(*first) }),
        None => Ok(()),
    }
}

/// Decides [`MapItems`] (R-J2): the institution itself or the agency; only codes that the catalogue knows.
pub(crate) fn map_items(case: Case<'_>, it: &MapItems) -> Decision {
    let allowed = match case.request.actor {
        Actor::Institution(code) => code == it.institution,
        Actor::Operator { .. } => true,
        Actor::Citizen(_) | Actor::Clerk { .. } => false,
    };
    if !allowed {
        return refuse(Reason::NotPermitted {});
    }
    if !case.facts.institutions.contains_key(&it.institution) {
        return refuse(Reason::InstitutionUnknown { institution: it.institution });
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

/// Decides [`LinkFamilyCode`] (R-F1): the holder, a clerk for the holder, or the agency.
pub(crate) fn link(case: Case<'_>, it: &LinkFamilyCode) -> Decision {
    decided(linked(case, it))
}

fn linked(case: Case<'_>, it: &LinkFamilyCode) -> Result<Changes, Reason> {
    let holder = case.person(it.holder, "holder")?.no;
    let member = case.person(it.member, "member")?.no;
    let agency = matches!(case.request.actor, Actor::Operator { .. });
    if !agency && case.request.actor.person() != Some(holder) {
        return Err(Reason::NotYours {});
    }
    for person in [holder, member] {
        if let Some(on) =
            case.facts.persons.get(&person).and_then(|it| it.died).filter(|_| it.relation.is_some())
        {
            return Err(Reason::PersonDead { person, on });
        }
    }
    if holder == member {
        return Err(Reason::SamePerson { person: holder });
    }
    let known = case.facts.links.get(&(holder, member)).filter(|it| it.exists(case.turn.at));
    let link = match (it.relation, known) {
        (Some(relation), None) => FamilyLink { holder, member, relation, since: case.turn.at, until: None },
        (Some(relation), Some(link)) => FamilyLink { relation, ..link.clone() },
        (None, Some(link)) => FamilyLink { until: Some(case.turn.at), ..link.clone() },
        (None, None) => return Err(Reason::NotPossibleNow { state: "not_linked".to_owned() }),
    };
    Ok(Changes { links: vec![link], ..Changes::default() })
}

/// Decides [`Publish`]: the book was read and stored before; from the next decision on it is the law.
pub(crate) fn publish(case: Case<'_>, it: &Publish) -> Decision {
    decided(case.operator_only().map(|()| Changes { book: Some(it.book), ..Changes::default() }))
}
