//! Whether sharing is open between two areas on a day, and in which mode (R-C1 to R-C3, R-M1, R-M2).

use crate::day::Day;
use crate::ids::Area;
use crate::law::Policies;
use crate::parameters::RegionCode;
use crate::policy::{Cite, Silent};
use crate::words::{Mode, Scope};

/// What the law says about sharing between two areas.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// Whether it is open.
    pub open: bool,
    /// What says so: the narrower of the two scopes, or the partners of the giver's area.
    pub cite: Cite,
    /// How the money moves.
    pub mode: Mode,
    /// What says that.
    pub mode_cite: Cite,
}

/// Whether money of an account in `giver` can be spent by somebody of `beneficiary` on `day`. Both areas must allow it.
///
/// # Errors
/// [`Silent`] where the law says nothing.
pub fn reach(policies: &Policies, giver: Area, beneficiary: Area, day: Day) -> Result<Reach, Silent> {
    let law = &policies.parameters;
    let needed = needed_scope(giver, beneficiary);
    let (ours, theirs) = (law.scope.on(giver, day)?, law.scope.on(beneficiary, day)?);
    let narrower = if ours.value <= theirs.value { ours } else { theirs };
    let mode = match needed {
        Scope::Area => law.mode_area.on(giver, day)?,
        Scope::Province => law.mode_province.on(giver, day)?,
        Scope::Nation => law.mode_nation.on(giver, day)?,
    };
    let mut reach = Reach {
        open: *narrower.value >= needed,
        cite: narrower.cite,
        mode: *mode.value,
        mode_cite: mode.cite,
    };
    if needed == Scope::Nation && reach.open {
        let ours = law.partners.on(giver, day)?;
        let theirs = law.partners.on(beneficiary, day)?;
        let lists = |list: &std::collections::BTreeSet<RegionCode>, other: Area| {
            other.levels().into_iter().any(|it| list.contains(&RegionCode(it)))
        };
        reach.open = lists(ours.value, beneficiary) && lists(theirs.value, giver);
        reach.cite = ours.cite;
    }
    Ok(reach)
}

/// The first day after `day` on which sharing between the two areas is open, as far as the law is known.
pub fn opens_after(policies: &Policies, giver: Area, beneficiary: Area, day: Day) -> Option<Day> {
    let law = &policies.parameters;
    let mut at = day;
    for _ in 0..64 {
        let changes = [giver, beneficiary]
            .into_iter()
            .flat_map(|area| [law.scope.change_after(area, at), law.partners.change_after(area, at)]);
        at = changes.flatten().min()?;
        if reach(policies, giver, beneficiary, at).is_ok_and(|it| it.open) {
            return Some(at);
        }
    }
    None
}

fn needed_scope(giver: Area, beneficiary: Area) -> Scope {
    if giver == beneficiary {
        Scope::Area
    } else if giver.province() == beneficiary.province() {
        Scope::Province
    } else {
        Scope::Nation
    }
}
