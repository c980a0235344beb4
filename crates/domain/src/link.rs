//! Family code links (亲情账户): they show a code and move no money; whoever has only that is told so (R-F1 to R-F3).

use crate::bind::acts_for;
use crate::day::{Day, Moment};
use crate::decision::{
    Answer, Case, Changes, Check, Decision, Found, Law, Matter, Notice, NoticeKind, Steps,
};
use crate::facts::Facts;
use crate::ids::{Area, Lookup, PersonNo};
use crate::parameters::AtMost;
use crate::people::{FamilyLink, Person};
use crate::policy::{Found as Said, Silent};
use crate::reason::Reason;
use crate::request::{Actor, ConfirmFamilyCode, LinkFamilyCode};
use crate::visit::refuse;
use crate::words::Relation;

/// For each holder of a link to the patient who has not bound the patient: a step that says that a link is not a binding.
pub(crate) fn explain(facts: &Facts, patient: PersonNo, at: Moment, steps: &mut Steps) {
    for link in facts.links.values().filter(|it| it.member == patient && it.exists(at)) {
        let bound = facts.bindings_for(patient).any(|it| it.giver == link.holder && it.counts(at));
        if !bound {
            let reason = Reason::OnlyFamilyCodeBound { giver: link.holder, beneficiary: patient };
            steps.push(reason.rule(), None, Found::Fails(reason));
        }
    }
}

/// Decides [`LinkFamilyCode`] (R-F1, R-F2). Whose code it is has to agree: who asks to show it waits for them. Who acts for
/// a minor, who stands at a counter, and the agency, which takes over what was agreed elsewhere, make it at once. Either
/// of the two undoes it.
pub(crate) fn link(case: Case<'_>, it: &LinkFamilyCode) -> Decision {
    let mut steps = Steps::default();
    let linked = match it.relation {
        Some(relation) => made(case, it, relation, &mut steps),
        None => undone(case, it),
    };
    match linked {
        Ok(changes) => steps.refusal().unwrap_or_else(|| Decision::done(Answer::Done, changes, steps.list)),
        Err(reason) => refuse(reason),
    }
}

/// Decides [`ConfirmFamilyCode`]: whose code it is agrees, or whoever acts for them.
pub(crate) fn confirm(case: Case<'_>, it: &ConfirmFamilyCode) -> Decision {
    match confirmed(case, it) {
        Ok(changes) => Decision::done(Answer::Done, changes, Vec::new()),
        Err(reason) => refuse(reason),
    }
}

fn made(
    case: Case<'_>,
    it: &LinkFamilyCode,
    relation: Relation,
    steps: &mut Steps,
) -> Result<Changes, Reason> {
    let (holder, member) = two(case, it.holder, it.member)?;
    let (agency, clerk) = match case.request.actor {
        Actor::Operator { .. } => (true, false),
        Actor::Clerk { .. } => (false, true),
        Actor::Citizen(_) | Actor::Institution(_) => (false, false),
    };
    // Grown up and on their own they agree to what was asked; they do not put their code on somebody's telephone unasked.
    let unasked = clerk || member.is_minor(case.today());
    let agreed = agency || (speaks_for(case, member) && unasked);
    if !agreed && case.request.actor.person() != Some(holder.no) {
        return Err(Reason::NotYours {});
    }
    check_alive([holder, member])?;
    let known = between(case, holder.no, member.no).filter(|it| it.counts(case.turn.at));
    if known.is_none() {
        check_room(case, holder.no, steps).map_err(Reason::NoPolicy)?;
    }
    if let Some(link) = known.filter(|it| it.exists(case.turn.at) || !agreed) {
        return Ok(Changes { links: vec![FamilyLink { relation, ..link.clone() }], ..Changes::default() });
    }
    let (no, since) = (holder.no, case.turn.at);
    let confirm_by =
        if agreed { None } else { Some(last_day(case, member.no, steps).map_err(Reason::NoPolicy)?) };
    let link = FamilyLink { holder: no, member: member.no, relation, since, confirm_by, until: None };
    if agreed {
        return Ok(in_force(case, member, link));
    }
    let notices = to_member(case, member, no, NoticeKind::CodeAsked);
    Ok(Changes { links: vec![link], notices, ..Changes::default() })
}

fn confirmed(case: Case<'_>, it: &ConfirmFamilyCode) -> Result<Changes, Reason> {
    let (holder, member) = two(case, it.holder, it.member)?;
    if !speaks_for(case, member) {
        return Err(Reason::NotYours {});
    }
    check_alive([holder, member])?;
    let at = case.turn.at;
    let state = match between(case, holder.no, member.no) {
        Some(link) if link.waits(at) => {
            let link = FamilyLink { since: at, confirm_by: None, ..link.clone() };
            return Ok(in_force(case, member, link));
        }
        Some(link) if link.exists(at) => "in_force",
        Some(link) if link.until.is_none() => "lapsed",
        Some(_) | None => "not_linked",
    };
    Err(Reason::NotPossibleNow { state: state.to_owned() })
}

fn undone(case: Case<'_>, it: &LinkFamilyCode) -> Result<Changes, Reason> {
    let (holder, member) = two(case, it.holder, it.member)?;
    let agency = matches!(case.request.actor, Actor::Operator { .. });
    if !agency && !acts_for(case, holder.no) && !acts_for(case, member.no) {
        return Err(Reason::NotYours {});
    }
    let at = case.turn.at;
    let known = between(case, holder.no, member.no).filter(|it| it.counts(at));
    let link = known.ok_or_else(|| Reason::NotPossibleNow { state: "not_linked".to_owned() })?;
    let mut notices = to_member(case, member, holder.no, NoticeKind::CodeUndone);
    notices.push(told(holder.no, member.no, NoticeKind::CodeUndone));
    Ok(Changes { links: vec![FamilyLink { until: Some(at), ..link.clone() }], notices, ..Changes::default() })
}

/// The holder and the member.
fn two<'a>(case: Case<'a>, holder: Lookup, member: Lookup) -> Result<(&'a Person, &'a Person), Reason> {
    let (holder, member) = (case.person(holder, "holder")?, case.person(member, "member")?);
    let differ = holder.no != member.no;
    differ.then_some((holder, member)).ok_or(Reason::SamePerson { person: holder.no })
}

/// Both have to be alive for a link to come about.
fn check_alive(two: [&Person; 2]) -> Result<(), Reason> {
    let dead = two.into_iter().find_map(|it| Some(Reason::PersonDead { person: it.no, on: it.died? }));
    dead.map_or(Ok(()), Err)
}

fn between<'a>(case: Case<'a>, holder: PersonNo, member: PersonNo) -> Option<&'a FamilyLink> {
    case.facts.links.get(&(holder, member))
}

/// Whether whoever asks may agree for a member: the guardian alone for a minor; where none is on record, only who stands at
/// a counter.
fn speaks_for(case: Case<'_>, member: &Person) -> bool {
    let (today, actor) = (case.today(), &case.request.actor);
    match member.guardian_on(today) {
        Some(guardian) => actor.person() == Some(guardian),
        None if member.is_minor(today) => {
            matches!(actor, Actor::Clerk { person, .. } if *person == member.no)
        }
        None => actor.person() == Some(member.no),
    }
}

/// The last day on which a member may agree: as many days as a binding waits for, where they are insured (R-D3).
fn last_day(case: Case<'_>, member: PersonNo, steps: &mut Steps) -> Result<Day, Silent> {
    let today = case.today();
    let area = case.facts.enrolment_on(member, today).map_or(Area::NATION, |it| it.area);
    let days = case.law.policies.parameters.confirmation_days.on(area, today)?;
    steps.check("R-D3", Some(days.cite), Check::FamilyCode, None);
    Ok(today.plus(i32::from(*days.value)))
}

/// A link that everybody agrees to.
fn in_force(case: Case<'_>, member: &Person, link: FamilyLink) -> Changes {
    let mut notices = to_member(case, member, link.holder, NoticeKind::CodeShown);
    notices.push(told(link.holder, link.member, NoticeKind::CodeLinked));
    Changes { links: vec![link], notices, ..Changes::default() }
}

/// What the member is told about a link with a holder; of a minor the guardian, too, unless that is the holder.
fn to_member(case: Case<'_>, member: &Person, holder: PersonNo, what: NoticeKind) -> Vec<Notice> {
    let guardian = member.guardian_on(case.today()).filter(|it| *it != holder);
    [Some(member.no), guardian].into_iter().flatten().map(|to| told(to, holder, what)).collect()
}

fn told(to: PersonNo, other: PersonNo, what: NoticeKind) -> Notice {
    Notice { to, about: Matter::FamilyCode(other), what }
}

/// The links by which somebody shows others' codes at a moment, or asks to.
pub fn held(facts: &Facts, holder: PersonNo, at: Moment) -> impl Iterator<Item = &FamilyLink> {
    facts.links.values().filter(move |it| it.holder == holder && it.counts(at))
}

/// How many members the law lets somebody link, by the area that insures them; the nation's, where none does (R-F2).
///
/// # Errors
/// [`Silent`] where the law says nothing of that day.
pub fn most<'a>(
    facts: &Facts,
    law: &'a Law,
    holder: PersonNo,
    today: Day,
) -> Result<Said<'a, AtMost>, Silent> {
    let area = facts.enrolment_on(holder, today).map_or(Area::NATION, |it| it.area);
    law.policies.parameters.max_family_codes.on(area, today)
}

/// Whether there is room for one more member (R-F2).
fn check_room(case: Case<'_>, holder: PersonNo, steps: &mut Steps) -> Result<(), Silent> {
    let most = most(case.facts, case.law, holder, case.today())?;
    let linked = u16::try_from(held(case.facts, holder, case.turn.at).count()).unwrap_or(u16::MAX);
    let full = most.value.0.filter(|limit| linked >= *limit);
    let reason = full.map(|limit| Reason::FamilyCodeLimitReached { holder, linked, limit });
    steps.check("R-F2", Some(most.cite), Check::Numbers, reason);
    Ok(())
}
