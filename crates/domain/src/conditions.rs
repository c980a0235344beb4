//! Every condition for a binding, checked all together, so that a person learns all of them at once (R-A, R-B, R-C, R-D).

use crate::binding::{Binding, Limits};
use crate::day::{Day, Moment};
use crate::decision::{Check, Law, Steps};
use crate::enrol::blocked;
use crate::facts::Facts;
use crate::ids::{Area, BindingNo, PersonNo};
use crate::parameters::{AtMost, Composition, Parameters};
use crate::people::{Enrolment, Person};
use crate::policy::Silent;
use crate::reach::{Reach, opens_after, reach};
use crate::reason::Reason;
use crate::words::{Channel, LimitKind, Mode, Proof, Relation, Scheme, Sex, Side, Standing};

/// A binding somebody wants.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Whose account.
    pub giver: PersonNo,
    /// Who may spend it.
    pub beneficiary: PersonNo,
    /// What the beneficiary is to the giver.
    pub relation: Relation,
    /// Who starts.
    pub starter: Side,
    /// Through which channel.
    pub channel: Channel,
    /// Whether the commitment is signed.
    pub signed: bool,
    /// What else was shown.
    pub proof: Proof,
    /// A later first day.
    pub from: Option<Day>,
    /// The last day.
    pub last_day: Option<Day>,
    /// Limits.
    pub limits: Limits,
    /// The binding itself, where one that exists is checked again.
    pub itself: Option<BindingNo>,
}

/// Where a binding that is allowed would stand.
#[derive(Debug, Clone, Copy)]
pub struct Standings {
    /// The giver's pooling area.
    pub giver_area: Area,
    /// The beneficiary's pooling area.
    pub beneficiary_area: Area,
    /// How its money moves.
    pub mode: Mode,
    /// Whether sharing between the two areas is open at all.
    pub open: bool,
}

/// What conditions look at.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) law: &'a Law,
    pub(crate) at: Moment,
    pub(crate) wanted: &'a Wanted,
}

/// The enrolment whose area speaks for whoever gives: the one in the employee scheme, or else any other (R-C3).
pub fn giving_from(facts: &Facts, giver: PersonNo, day: Day) -> Option<&Enrolment> {
    facts.enrolment_in(giver, Scheme::Employee, day).or_else(|| facts.enrolment_on(giver, day))
}

/// The day from which the two of a binding that ended, or is about to, can be bound again; `None` while it has no end,
/// or where it never existed (R-D6). `rebind_days` is what the giver's area says.
pub fn free_from(binding: &Binding, rebind_days: u16, at: Moment) -> Option<Day> {
    let end = binding.end.filter(|_| binding.existed())?;
    let wait = end.decided.day().plus(i32::from(rebind_days));
    let ends_later = binding.ends_at().filter(|it| *it > at).map(Moment::day);
    Some(ends_later.map_or(wait, |it| it.max(wait)))
}

/// Checks everything; reasons go to the steps. `None` where the two cannot even be placed.
///
/// # Errors
/// [`Silent`] where the law says nothing.
pub(crate) fn check(asked: Asked<'_>, steps: &mut Steps) -> Result<Option<Standings>, Silent> {
    let Asked { facts, wanted, at, .. } = asked;
    if wanted.giver == wanted.beneficiary {
        steps.refuse(Reason::SamePerson { person: wanted.giver });
        return Ok(None);
    }
    for person in [wanted.giver, wanted.beneficiary] {
        if let Some(on) = facts.persons.get(&person).and_then(|it| it.died) {
            steps.refuse(Reason::PersonDead { person, on });
        }
    }
    if !steps.reasons.is_empty() {
        return Ok(None); // Their enrolments ended with them: nothing more to say.
    }
    let giver = facts.enrolment_in(wanted.giver, Scheme::Employee, at.day());
    asked.giver_has_account(giver, steps);
    let beneficiary = facts.enrolment_on(wanted.beneficiary, at.day());
    if beneficiary.is_none() {
        steps.refuse(Reason::BeneficiaryNotInsured { person: wanted.beneficiary });
    }
    // Whoever cannot give is still somewhere: the other conditions of that place are told too (R-K1).
    let Some(home) = giving_from(facts, wanted.giver, at.day()) else { return Ok(None) };
    let placed = match beneficiary {
        Some(beneficiary) => Some(asked.between(home, beneficiary, steps)?),
        None => None,
    };
    asked.relation(home.area, steps)?;
    asked.start(home.area, steps)?;
    asked.dates_and_limits(home.area, steps)?;
    asked.rebind(home.area, steps)?;
    Ok(placed.filter(|_| giver.is_some()))
}

impl<'a> Asked<'a> {
    fn parameters(&self) -> &'a Parameters {
        &self.law.policies.parameters
    }

    fn today(&self) -> Day {
        self.at.day()
    }

    /// What depends on where both are enrolled.
    fn between(
        &self,
        giver: &Enrolment,
        beneficiary: &Enrolment,
        steps: &mut Steps,
    ) -> Result<Standings, Silent> {
        let (giver_area, beneficiary_area) = (giver.area, beneficiary.area);
        if giver.scheme == Scheme::Employee {
            self.giver_standing(giver, steps)?;
        }
        self.beneficiary_standing(beneficiary, steps)?;
        let reach = self.scope(giver_area, beneficiary_area, steps)?;
        self.numbers(giver_area, beneficiary_area, steps)?;
        self.roles(giver_area, beneficiary_area, steps)?;
        Ok(Standings { giver_area, beneficiary_area, mode: reach.mode, open: reach.open })
    }

    fn giver_has_account(&self, giver: Option<&Enrolment>, steps: &mut Steps) {
        let person = self.wanted.giver;
        let reason = match giver {
            None => Some(Reason::GiverNotEmployeeInsured { giver: person }),
            Some(enrolment) if !enrolment.account => Some(Reason::NoAccount { giver: person }),
            Some(_) => None,
        };
        steps.check("R-A1", None, Check::GiverHasAccount, reason);
    }

    fn giver_standing(&self, giver: &Enrolment, steps: &mut Steps) -> Result<(), Silent> {
        let today = self.today();
        let blocks = self.parameters().giver_blocks_binding.on(giver.area, today)?;
        let found = blocked(Some(giver), blocks.value, today);
        let reason = found.map(|(_, since)| Reason::GiverPaused { giver: giver.person, since });
        steps.check("R-A3", Some(blocks.cite), Check::GiverStanding, reason);
        Ok(())
    }

    fn beneficiary_standing(&self, beneficiary: &Enrolment, steps: &mut Steps) -> Result<(), Silent> {
        let today = self.today();
        let blocks = self.parameters().beneficiary_blocks_binding.on(beneficiary.area, today)?;
        let schemes = self.parameters().beneficiary_schemes.on(beneficiary.area, today)?;
        let person = beneficiary.person;
        let reason = match blocked(Some(beneficiary), blocks.value, today) {
            Some((Standing::Paused, since)) => Some(Reason::InsuranceInterrupted { person, since }),
            Some(_) => Some(Reason::BeneficiaryNotInsured { person }),
            None if !schemes.value.contains(&beneficiary.scheme) => {
                Some(Reason::SchemeNotHeld { person, scheme: beneficiary.scheme })
            }
            None => None,
        };
        steps.check("R-B2", Some(blocks.cite), Check::BeneficiaryStanding, reason);
        Ok(())
    }

    fn scope(&self, giver: Area, beneficiary: Area, steps: &mut Steps) -> Result<Reach, Silent> {
        let today = self.today();
        let found = reach(&self.law.policies, giver, beneficiary, today)?;
        let reason = if !found.open {
            let opens = opens_after(&self.law.policies, giver, beneficiary, today);
            Some(Reason::RegionNotCovered { giver_area: giver, beneficiary_area: beneficiary, opens })
        } else if !matches!(found.mode, Mode::Live | Mode::Quota) {
            Some(Reason::ModeNotServed { area: giver, mode: found.mode })
        } else {
            None
        };
        steps.check("R-C1", Some(found.cite), Check::Scope, reason);
        Ok(found)
    }

    fn relation(&self, area: Area, steps: &mut Steps) -> Result<(), Silent> {
        let relations = self.parameters().relations.on(area, self.today())?;
        let relation = self.wanted.relation;
        let allowed = relations.value.contains(&relation);
        let reason = (!allowed).then_some(Reason::RelationNotAllowed { relation, area });
        steps.check("R-B1", Some(relations.cite), Check::Relation, reason);
        Ok(())
    }

    /// Bindings that count against limits, beside one of the same two.
    fn others(&self) -> impl Iterator<Item = &'a Binding> {
        let (giver, beneficiary, at) = (self.wanted.giver, self.wanted.beneficiary, self.at);
        let others = self.facts.bindings.values().filter(move |it| it.counts(at));
        others.filter(move |it| it.giver != giver || it.beneficiary != beneficiary)
    }

    fn numbers(&self, giver_area: Area, beneficiary_area: Area, steps: &mut Steps) -> Result<(), Silent> {
        let (giver, beneficiary, today) = (self.wanted.giver, self.wanted.beneficiary, self.today());
        let law = self.parameters();
        let count = |bindings: usize| u16::try_from(bindings).unwrap_or(u16::MAX);
        let bound = count(self.others().filter(|it| it.giver == giver).count());
        let most = law.max_beneficiaries.on(giver_area, today)?;
        let reason = over(*most.value, bound).map(|limit| Reason::LimitReached { giver, bound, limit });
        steps.check("R-B4", Some(most.cite), Check::Numbers, reason);
        let ever = law.max_beneficiaries_ever.on(giver_area, today)?;
        let existed =
            self.facts.bindings_by(giver).filter(|it| it.existed() && it.beneficiary != beneficiary);
        let different: std::collections::BTreeSet<PersonNo> = existed.map(|it| it.beneficiary).collect();
        let reason = over(*ever.value, count(different.len()))
            .map(|limit| Reason::LifetimeLimitReached { giver, limit });
        steps.check("R-B4", Some(ever.cite), Check::Numbers, reason);
        let composition = law.composition.on(giver_area, today)?;
        steps.check("R-B4", Some(composition.cite), Check::Numbers, self.taken(composition.value));
        let givers = law.max_givers.on(beneficiary_area, today)?;
        let bound = count(self.others().filter(|it| it.beneficiary == beneficiary).count());
        let reason = over(*givers.value, bound).map(|limit| Reason::AlreadyHasGiver {
            beneficiary,
            area: beneficiary_area,
            limit,
        });
        steps.check("R-B4", Some(givers.cite), Check::Numbers, reason);
        Ok(())
    }

    /// The relation, where as many of it are bound as the area allows; parents are told apart by sex.
    fn taken(&self, composition: &Composition) -> Option<Reason> {
        let sex = |person: PersonNo| self.facts.persons.get(&person).map(|it: &Person| it.sex);
        let ours = sex(self.wanted.beneficiary);
        let relation = self.wanted.relation;
        let limit = match (relation, ours) {
            (Relation::Spouse, _) => composition.spouse,
            (Relation::Parent, Some(Sex::Male)) => composition.father,
            (Relation::Parent, _) => composition.mother,
            (Relation::Child, _) => composition.child,
            (
                Relation::Sibling
                | Relation::Grandparent
                | Relation::Grandchild
                | Relation::SpouseParent
                | Relation::ChildSpouse
                | Relation::Designated,
                _,
            ) => None,
        }?;
        let same = self.others().filter(|it| it.giver == self.wanted.giver && it.relation == relation);
        let same_sex = |it: &&Binding| relation != Relation::Parent || sex(it.beneficiary) == ours;
        let bound = same.filter(same_sex).count();
        (bound >= usize::from(limit)).then_some(Reason::RelationTaken { relation, limit })
    }

    fn roles(&self, giver_area: Area, beneficiary_area: Area, steps: &mut Steps) -> Result<(), Silent> {
        let Wanted { giver, beneficiary, .. } = *self.wanted;
        let today = self.today();
        let ours = self.parameters().roles_exclusive.on(giver_area, today)?;
        let theirs = self.parameters().roles_exclusive.on(beneficiary_area, today)?;
        let giver_spends = self.others().any(|it| it.beneficiary == giver);
        let beneficiary_gives = self.others().any(|it| it.giver == beneficiary);
        let reason = if *ours.value && giver_spends {
            Some(Reason::RolesExclusive { person: giver, area: giver_area })
        } else if *theirs.value && beneficiary_gives {
            Some(Reason::RolesExclusive { person: beneficiary, area: beneficiary_area })
        } else {
            None
        };
        steps.check("R-B5", Some(ours.cite), Check::Roles, reason);
        let mutual = self.parameters().mutual_binding.on(giver_area, today)?;
        let back = self.others().any(|it| it.giver == beneficiary && it.beneficiary == giver);
        let reason = (!*mutual.value && back).then_some(Reason::MutualNotAllowed { area: giver_area });
        steps.check("R-B5", Some(mutual.cite), Check::Roles, reason);
        Ok(())
    }

    fn start(&self, area: Area, steps: &mut Steps) -> Result<(), Silent> {
        let law = self.parameters();
        let starters = law.starters.on(area, self.today())?;
        let starter = self.wanted.starter;
        let reason =
            (!starters.value.contains(&starter)).then_some(Reason::StarterNotAllowed { starter, area });
        steps.check("R-D1", Some(starters.cite), Check::Starter, reason);
        let needed = needed_proof(law, self.wanted.channel, area, self.today())?;
        // Who starts it themselves sends documents while the agency reviews; at a window they are shown at once.
        let sent_later = *needed.value == Proof::Review && self.wanted.channel != Channel::Hall;
        let shown = self.wanted.proof != Proof::Commitment || *needed.value == Proof::Commitment;
        let reason = if !self.wanted.signed {
            Some(Reason::CommitmentMissing {})
        } else if !shown && !sent_later {
            Some(Reason::ProofMissing { needed: *needed.value })
        } else {
            None
        };
        steps.check("R-D2", Some(needed.cite), Check::Proof, reason);
        Ok(())
    }

    fn dates_and_limits(&self, area: Area, steps: &mut Steps) -> Result<(), Silent> {
        let today = self.today();
        let choice = self.parameters().start_day_choice.on(area, today)?;
        let first = self.wanted.from.unwrap_or(today);
        if first != today && !*choice.value {
            steps.refuse(Reason::StartDayNotOffered { area });
        }
        if first < today || self.wanted.last_day.is_some_and(|last| last < first) {
            let last = self.wanted.last_day.unwrap_or(first);
            steps.refuse(Reason::DatesContradict { first: first.max(today), last });
        }
        check_limits(self.parameters(), area, today, self.wanted.last_day, self.wanted.limits, steps)
    }

    /// One binding of the same two at a time; after an end, again from the day the area says (R-D6).
    fn rebind(&self, area: Area, steps: &mut Steps) -> Result<(), Silent> {
        let days = self.parameters().rebind_days.on(area, self.today())?;
        let same = |it: &&Binding| it.giver == self.wanted.giver && it.beneficiary == self.wanted.beneficiary;
        let mut reason = None;
        for binding in
            self.facts.bindings.values().filter(same).filter(|it| Some(it.no) != self.wanted.itself)
        {
            match free_from(binding, *days.value, self.at) {
                Some(from) if from > self.today() => reason = Some(Reason::RebindWait { from }),
                Some(_) => {}
                None if binding.counts(self.at) => {
                    reason = Some(Reason::AlreadyBound { binding: binding.no })
                }
                None => {}
            }
        }
        steps.check("R-D6", Some(days.cite), Check::Rebind, reason);
        Ok(())
    }
}

/// The limit, where so many are bound already.
fn over(most: AtMost, bound: u16) -> Option<u16> {
    most.0.filter(|limit| bound >= *limit)
}

/// The proof of kinship an area wants through a channel.
pub(crate) fn needed_proof(
    law: &Parameters,
    channel: Channel,
    area: Area,
    day: Day,
) -> Result<crate::policy::Found<'_, Proof>, Silent> {
    match channel {
        Channel::App => law.proof_app.on(area, day),
        Channel::Partner => law.proof_partner.on(area, day),
        Channel::Hall => law.proof_hall.on(area, day),
    }
}

/// Limits and last day that the area lets a giver set (R-D7).
pub(crate) fn check_limits(
    law: &Parameters,
    area: Area,
    day: Day,
    last_day: Option<Day>,
    limits: Limits,
    steps: &mut Steps,
) -> Result<(), Silent> {
    let offered = law.limits.on(area, day)?;
    let set = [
        (LimitKind::EndDate, last_day.is_some()),
        (LimitKind::PerBill, limits.per_bill.is_some()),
        (LimitKind::PerMonth, limits.per_month.is_some()),
        (LimitKind::PerYear, limits.per_year.is_some()),
    ];
    for (limit, is_set) in set {
        let reason =
            (is_set && !offered.value.contains(&limit)).then_some(Reason::LimitNotOffered { limit, area });
        steps.check("R-D7", Some(offered.cite), Check::Limits, reason);
    }
    Ok(())
}
