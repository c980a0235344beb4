//! What would happen if: whose money a person could spend at a place, judged as a settlement would judge it (R-K1).

use crate::binding::Binding;
use crate::day::{Day, Moment};
use crate::decision::Law;
use crate::facts::Facts;
use crate::ids::{BindingNo, InstitutionCode, PersonNo};
use crate::people::{Enrolment, Institution};
use crate::policy::{Cite, Silent};
use crate::purses::{Judgement, Place, Purse, Sharing, own, returned};
use crate::reason::Reason;
use crate::words::{Capability, OwnFirst, Purpose, Standing};
use std::collections::BTreeMap;

/// The question.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who would spend.
    pub beneficiary: PersonNo,
    /// Whose money; `None`: everybody's.
    pub giver: Option<PersonNo>,
    /// Where.
    pub institution: InstitutionCode,
    /// The service day.
    pub day: Day,
    /// Givers who would show their own code or card too.
    pub shown: &'a [PersonNo],
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Prospects {
    /// What would refuse the settlement or all shared money, whoever gives.
    pub obstacles: Vec<(Reason, Option<Cite>)>,
    /// Each giver in question.
    pub givers: Vec<Prospect>,
}

/// What would come of one giver's money.
#[derive(Debug, Clone)]
pub struct Prospect {
    /// Whose money.
    pub giver: PersonNo,
    /// The binding that was judged, if there is one.
    pub binding: Option<BindingNo>,
    /// The purse that may pay, with what says so.
    pub purse: Option<(Purse, Cite)>,
    /// Why it may not.
    pub reasons: Vec<(Reason, Option<Cite>)>,
}

/// Whose money a person could spend at a place at this moment.
///
/// # Errors
/// A [`Reason`] where nothing can be judged at all.
pub fn prospects(facts: &Facts, law: &Law, at: Moment, question: &Question<'_>) -> Result<Prospects, Reason> {
    let (_, after) = returned(facts, at);
    let facts = after.as_ref().unwrap_or(facts);
    let code = question.institution;
    let place = facts.institutions.get(&code).ok_or(Reason::InstitutionUnknown { institution: code })?;
    let person = question.beneficiary;
    let enrolment =
        facts.enrolment_on(person, question.day).ok_or(Reason::BeneficiaryNotInsured { person })?;
    let sharing = Sharing {
        facts,
        law,
        at,
        place: Place { area: place.area, purpose: place.purpose(), day: question.day },
        patient_area: enrolment.area,
        shown: question.shown,
        limited: true,
    };
    let obstacles = obstacles(&sharing, place, enrolment).map_err(Reason::NoPolicy)?;
    let givers = givers(&sharing, question).map_err(Reason::NoPolicy)?;
    Ok(Prospects { obstacles, givers })
}

/// What a binding is worth now to its beneficiary at home, the giver's code shown where that is needed.
///
/// # Errors
/// [`Silent`] where the law says nothing.
pub fn at_home(facts: &Facts, law: &Law, at: Moment, binding: &Binding) -> Result<Judgement, Silent> {
    let (_, after) = returned(facts, at);
    let area =
        facts.enrolment_on(binding.beneficiary, at.day()).map_or(binding.beneficiary_area, |it| it.area);
    let sharing = Sharing {
        facts: after.as_ref().unwrap_or(facts),
        law,
        at,
        place: Place { area, purpose: Purpose::Medical, day: at.day() },
        patient_area: area,
        shown: &[binding.giver],
        limited: true,
    };
    sharing.judge(binding)
}

/// What keeps part of a balance back from being shared, if something does.
pub fn kept_back(purse: &Purse) -> Vec<Reason> {
    let giver = purse.owner;
    let balance = purse.balance.whole();
    let cap = purse.cap.filter(|(room, _)| *room == purse.usable);
    let capped = cap.map(|(room, kind)| Reason::CapReached { giver, kind, room });
    let kept = purse.kept.map(|why| Reason::UsableZero { giver, balance, usable: purse.usable, why });
    capped.or(kept).into_iter().collect()
}

fn obstacles(
    sharing: &Sharing<'_>,
    place: &Institution,
    enrolment: &Enrolment,
) -> Result<Vec<(Reason, Option<Cite>)>, Silent> {
    let law = &sharing.law.policies.parameters;
    let (person, day, today) = (enrolment.person, sharing.place.day, sharing.at.day());
    let mut found = Vec::new();
    let asked = match place.purpose() {
        Purpose::Pharmacy => Capability::Purchase,
        Purpose::Inpatient => Capability::Inpatient,
        Purpose::Medical | Purpose::Premium | Purpose::CarePremium => Capability::Outpatient,
    };
    found.extend(place.obstacle(asked, day).map(|it| (it, None)));
    if !place.can(Capability::Shared, day) {
        found.push((Reason::SharedNotLinked { institution: place.code, day }, None));
    }
    let blocks = law.beneficiary_blocks_use.on(enrolment.area, day)?;
    let now = sharing.facts.enrolment_in(person, enrolment.scheme, today).unwrap_or(enrolment);
    let standing = now.standing(today);
    if blocks.value.contains(&standing) {
        let since = now.paused_since(today).unwrap_or(today);
        let reason = match standing {
            Standing::Paused => Reason::InsuranceInterrupted { person, since },
            Standing::Normal | Standing::Ended => Reason::BeneficiaryNotInsured { person },
        };
        found.push((reason, Some(blocks.cite)));
    }
    let own_first = law.own_first.on(enrolment.area, day)?;
    let balance = own(sharing.facts, person).iter().map(|it| it.balance.whole()).sum();
    if *own_first.value == OwnFirst::MustBeZero && balance > crate::money::Fen::ZERO {
        found.push((Reason::OwnFirst { patient: person, balance }, Some(own_first.cite)));
    }
    Ok(found)
}

fn givers(sharing: &Sharing<'_>, question: &Question<'_>) -> Result<Vec<Prospect>, Silent> {
    let beneficiary = question.beneficiary;
    let asked = |giver: PersonNo| question.giver.is_none_or(|it| it == giver);
    let mut found = Vec::new();
    for binding in speaking(sharing, beneficiary).into_values().filter(|it| asked(it.giver)) {
        let (purse, reasons) = match sharing.judge(binding)? {
            Ok(purse) => (Some(purse), Vec::new()),
            Err(reason) => (None, vec![reason]),
        };
        found.push(Prospect { giver: binding.giver, binding: Some(binding.no), purse, reasons });
    }
    let links = sharing.facts.links.values().filter(|it| it.member == beneficiary && it.exists(sharing.at));
    for giver in links.map(|it| it.holder).filter(|it| asked(*it)) {
        let reason = (Reason::OnlyFamilyCodeBound { giver, beneficiary }, None);
        match found.iter_mut().find(|it| it.giver == giver) {
            Some(bound) if still_counts(sharing, bound.binding) => {}
            Some(bound) => bound.reasons.push(reason),
            None => found.push(Prospect { giver, binding: None, purse: None, reasons: vec![reason] }),
        }
    }
    if let Some(giver) = question.giver.filter(|it| found.iter().all(|other| other.giver != *it)) {
        let reasons = vec![(Reason::NotBound { giver, beneficiary }, None)];
        found.push(Prospect { giver, binding: None, purse: None, reasons });
    }
    Ok(found)
}

fn still_counts(sharing: &Sharing<'_>, binding: Option<BindingNo>) -> bool {
    binding.and_then(|it| sharing.facts.bindings.get(&it)).is_some_and(|it| it.counts(sharing.at))
}

/// For each giver the binding that speaks: the one that counts, else the latest.
fn speaking<'a>(sharing: &Sharing<'a>, beneficiary: PersonNo) -> BTreeMap<PersonNo, &'a Binding> {
    let mut found: BTreeMap<PersonNo, &Binding> = BTreeMap::new();
    for binding in sharing.facts.bindings_for(beneficiary) {
        let kept = found.get(&binding.giver).is_some_and(|it| it.counts(sharing.at));
        if !kept {
            found.insert(binding.giver, binding);
        }
    }
    found
}
