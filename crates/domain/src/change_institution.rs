//! What may happen to an institution once it is registered: designations, suspensions, what its software can do
//! (R-L1), what its own codes stand for (R-J2).

use crate::day::Day;
use crate::decision::{Answer, Case, Changes, Decision};
use crate::ids::InstitutionCode;
use crate::people::Suspension;
use crate::reason::Reason;
use crate::visit::refuse;
use crate::words::Capability;
use serde::{Deserialize, Serialize};

/// Change one thing about an institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeInstitution {
    /// Its code.
    pub code: InstitutionCode,
    /// What changes.
    pub change: InstitutionChange,
}

/// Map an institution's own codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapItems {
    /// Whose codes.
    pub institution: InstitutionCode,
    /// Own code, national code.
    pub pairs: Vec<(String, String)>,
}

/// Take back mappings of an institution's own codes: from the next decision on they stand for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnmapItems {
    /// Whose codes.
    pub institution: InstitutionCode,
    /// Own code, and the national code that it stands for, where that is stated too.
    pub codes: Vec<(String, Option<String>)>,
}

/// What changes about an institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InstitutionChange {
    /// Designated from a day, for good or up to a last day; it may touch no other designation.
    Designate(Day, Option<Day>),
    /// This day is the last of the designation that it lies in.
    EndDesignation(Day),
    /// Suspended; it may touch no other suspension.
    Suspend(Suspension),
    /// Taken again from this day: the suspension that it lies in ends with the day before, or was none if it began then.
    Resume(Day),
    /// On which days its software can do something, in place of what was stated; on none where there are none.
    Able(Capability, Vec<(Day, Option<Day>)>),
}

/// Decides [`ChangeInstitution`] (R-L1).
pub(crate) fn change_institution(case: Case<'_>, it: &ChangeInstitution) -> Decision {
    match changed(case, it) {
        Ok(changes) => Decision::done(Answer::Done, changes, Vec::new()),
        Err(reason) => refuse(reason),
    }
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
