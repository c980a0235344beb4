//! Persons and enrolments: taking in, pausing, ending, moving, dying; and what that does to bindings (R-A1, R-A3, R-D8).

use crate::binding::{Binding, End, EndReason};
use crate::day::{Day, Moment};
use crate::decision::{Answer, Case, Changes, Decision, Matter, Notice, NoticeKind};
use crate::facts::Facts;
use crate::ids::{Area, EnrolmentNo, Lookup, PersonNo};
use crate::ledger::{Account, Journal, between};
use crate::people::{Enrolment, Person};
use crate::purses::{give_back, move_parts};
use crate::reason::Reason;
use crate::visit::refuse;
use crate::words::{Category, PartOrder, Scheme, Sex, Side, Standing};
use serde::{Deserialize, Serialize};

/// Take a person in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddPerson {
    /// What the person is found by: person number, ID number, card numbers.
    pub lookups: Vec<Lookup>,
    /// Day of birth.
    pub born: Day,
    /// Sex.
    pub sex: Sex,
    /// Who acts for a minor.
    pub guardian: Option<Lookup>,
}

/// Record a death.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordDeath {
    /// Whose.
    pub person: Lookup,
    /// The day.
    pub on: Day,
}

/// Enrol a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrol {
    /// Whom.
    pub person: Lookup,
    /// In which scheme.
    pub scheme: Scheme,
    /// In which pooling area.
    pub area: Area,
    /// As what.
    pub category: Category,
    /// Whether with a personal account.
    pub account: bool,
    /// Whether with a family-doctor contract.
    pub contract: bool,
    /// First day.
    pub from: Day,
}

/// Change an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeEnrolment {
    /// Whose.
    pub person: Lookup,
    /// In which scheme.
    pub scheme: Scheme,
    /// How.
    pub change: EnrolmentChange,
}

/// How an enrolment changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EnrolmentChange {
    /// Paused from this day.
    Pause(Day),
    /// Resumed from this day.
    Resume(Day),
    /// This day is the last.
    End(Day),
    /// Another category, from the day of the request.
    Category(Category),
    /// Moved to another area from this day; the account's money goes along.
    Move(Area, Day),
}

fn decided(changes: Result<(Answer, Changes), Reason>) -> Decision {
    match changes {
        Ok((answer, changes)) => Decision::done(answer, changes, Vec::new()),
        Err(reason) => refuse(reason),
    }
}

/// Decides [`AddPerson`].
pub(crate) fn add_person(case: Case<'_>, it: &AddPerson) -> Decision {
    decided(added(case, it))
}

fn added(case: Case<'_>, it: &AddPerson) -> Result<(Answer, Changes), Reason> {
    case.operator_only()?;
    if it.lookups.iter().any(|lookup| case.facts.lookups.contains_key(lookup)) {
        return Err(Reason::PersonKnown {});
    }
    if it.born > case.today() {
        return Err(Reason::DatesContradict { first: it.born, last: case.today() });
    }
    let guardian = it.guardian.map(|guardian| case.person(guardian, "guardian")).transpose()?.map(|it| it.no);
    let no = PersonNo(case.turn.serial.creates(0));
    let person = Person { no, born: it.born, sex: it.sex, died: None, guardian };
    let lookups = it.lookups.iter().map(|lookup| (*lookup, no)).collect();
    Ok((Answer::Person(no), Changes { lookups, persons: vec![person], ..Changes::default() }))
}

/// Decides [`RecordDeath`]: the enrolments end with that day, every binding at once.
pub(crate) fn record_death(case: Case<'_>, it: &RecordDeath) -> Decision {
    decided(died(case, it))
}

fn died(case: Case<'_>, it: &RecordDeath) -> Result<(Answer, Changes), Reason> {
    case.operator_only()?;
    let person = case.person(it.person, "person")?;
    if it.on < person.born || it.on > case.today() {
        return Err(Reason::DatesContradict { first: person.born, last: it.on });
    }
    if let Some(on) = person.died {
        return Err(Reason::PersonDead { person: person.no, on });
    }
    let running = case.facts.enrolments_of(person.no).filter(|it2| it2.to.is_none_or(|to| to > it.on));
    let mut changes = Changes {
        persons: vec![Person { died: Some(it.on), ..person.clone() }],
        enrolments: running.map(|it2| Enrolment { to: Some(it.on.max(it2.from)), ..it2.clone() }).collect(),
        ..Changes::default()
    };
    end_bindings(case, person.no, case.turn.at, EndReason::Died, &|_| false, &mut changes);
    Ok((Answer::Done, changes))
}

/// Decides [`Enrol`].
pub(crate) fn enrol(case: Case<'_>, it: &Enrol) -> Decision {
    decided(enrolled(case, it))
}

fn enrolled(case: Case<'_>, it: &Enrol) -> Result<(Answer, Changes), Reason> {
    case.operator_only()?;
    let person = case.person(it.person, "person")?;
    if let Some(on) = person.died.filter(|on| it.from > *on) {
        return Err(Reason::PersonDead { person: person.no, on });
    }
    let same = case.facts.enrolments_of(person.no).filter(|other| other.scheme == it.scheme);
    if let Some(other) = same.into_iter().find(|other| other.to.is_none_or(|to| to >= it.from)) {
        return Err(Reason::EnrolmentKnown { scheme: it.scheme, from: other.from });
    }
    let enrolment = Enrolment {
        no: EnrolmentNo(case.turn.serial.creates(0)),
        person: person.no,
        scheme: it.scheme,
        area: it.area,
        category: it.category,
        account: it.account && it.scheme == Scheme::Employee,
        contract: it.contract,
        from: it.from,
        to: None,
        pauses: Vec::new(),
    };
    Ok((Answer::Done, Changes { enrolments: vec![enrolment], ..Changes::default() }))
}

/// Decides [`ChangeEnrolment`].
pub(crate) fn change(case: Case<'_>, it: &ChangeEnrolment) -> Decision {
    decided(changed(case, it))
}

fn changed(case: Case<'_>, it: &ChangeEnrolment) -> Result<(Answer, Changes), Reason> {
    case.operator_only()?;
    let person = case.person(it.person, "person")?;
    let running =
        case.facts.enrolments_of(person.no).filter(|other| other.scheme == it.scheme && other.to.is_none());
    let Some(enrolment) = running.into_iter().next() else {
        return Err(Reason::EnrolmentUnknown { scheme: it.scheme });
    };
    let mut after = enrolment.clone();
    let mut changes = Changes::default();
    match it.change {
        EnrolmentChange::Pause(from) => {
            let paused =
                after.paused_since(from).is_some() || after.pauses.iter().any(|(since, _)| *since >= from);
            if paused || from < after.from {
                return Err(Reason::DatesContradict { first: after.from, last: from });
            }
            after.pauses.push((from, None));
        }
        EnrolmentChange::Resume(on) => match after.pauses.last_mut() {
            Some((from, to @ None)) if *from <= on => *to = Some(on),
            _ => return Err(Reason::DatesContradict { first: after.from, last: on }),
        },
        EnrolmentChange::End(last) => {
            end_enrolment(case, &mut after, last, EndReason::EnrolmentEnded, &mut changes)?;
        }
        EnrolmentChange::Category(category) => after.category = category,
        EnrolmentChange::Move(_, from) if from > case.today() => {
            // The money goes along at once: a move is recorded when it has happened.
            return Err(Reason::DatesContradict { first: from, last: case.today() });
        }
        EnrolmentChange::Move(area, from) => {
            end_enrolment(case, &mut after, from.plus(-1), EndReason::Moved, &mut changes)?;
            changes.enrolments.push(moved_to(case, &after, area, from));
            changes.journal = moved_money(case, &after, area);
        }
    }
    changes.enrolments.insert(0, after);
    Ok((Answer::Done, changes))
}

fn end_enrolment(
    case: Case<'_>,
    after: &mut Enrolment,
    last: Day,
    why: fn(Side) -> EndReason,
    changes: &mut Changes,
) -> Result<(), Reason> {
    if last < after.from {
        return Err(Reason::DatesContradict { first: after.from, last });
    }
    after.to = Some(last);
    let at = last.plus(1).start().max(case.turn.at);
    let still = |side| still_enrolled(case, after, side, at.day());
    end_bindings(case, after.person, at, why, &still, changes);
    Ok(())
}

/// Whether a person stays what a side of a binding has to be when this enrolment ends: a giver in the employee
/// scheme, a beneficiary in either.
fn still_enrolled(case: Case<'_>, ending: &Enrolment, side: Side, day: Day) -> bool {
    let mut others = case.facts.enrolments_of(ending.person).filter(|it| it.no != ending.no);
    others.any(|it| {
        it.standing(day) != Standing::Ended && (side == Side::Beneficiary || it.scheme == Scheme::Employee)
    })
}

fn moved_to(case: Case<'_>, left: &Enrolment, area: Area, from: Day) -> Enrolment {
    let no = EnrolmentNo(case.turn.serial.creates(1));
    Enrolment { no, area, from, to: None, pauses: Vec::new(), ..left.clone() }
}

/// The account's money goes along: out of the old area's books, into the new one's. Quotas come back first.
fn moved_money(case: Case<'_>, left: &Enrolment, area: Area) -> Option<Journal> {
    let from = left.personal_account().filter(|_| left.area != area)?;
    let year = case.today().year();
    let quotas = case.facts.bindings_by(left.person).filter(|it| it.giver_area == left.area);
    let mut entries: Vec<_> = quotas.flat_map(|it| give_back(case.facts, it, year)).collect();
    let mut purses = case.facts.purses.clone();
    let returned = Journal::new(entries.clone()).expect("what leaves a quota enters its giver's account");
    crate::ledger::post(&mut purses, &returned, case.today()).expect("a quota gives back what it holds");
    let balance = purses.get(&from).copied().unwrap_or(crate::ledger::Balance::empty(year));
    let parts = balance.take(balance.whole(), PartOrder::PriorFirst, year);
    entries.extend(move_parts(from, Account::Personal(left.person, area), &parts));
    entries.extend(between(left.area, area, balance.whole()));
    Some(Journal::new(entries).expect("what leaves one account enters the other"))
}

/// Ends every binding of a person that is not over, with its reason, and tells both sides (R-D8); not where the
/// person still is what their side has to be.
fn end_bindings(
    case: Case<'_>,
    person: PersonNo,
    at: Moment,
    why: fn(Side) -> EndReason,
    still: &dyn Fn(Side) -> bool,
    changes: &mut Changes,
) {
    let not_over = |it: &&Binding| it.counts(case.turn.at) && it.ends_at().is_none_or(|end| end > at);
    for binding in bindings_of(case.facts, person).filter(not_over) {
        let side = binding.side_of(person).expect("the person is on one side");
        if still(side) {
            continue;
        }
        let end = End { at, why: why(side), decided: case.turn.at };
        let (version, recorded) = (binding.version + 1, case.turn.at);
        changes.bindings.push(Binding { end: Some(end), version, recorded, ..binding.clone() });
        let notice = |to| Notice { to, about: Matter::Binding(binding.no), what: NoticeKind::Ended };
        changes.notices.extend([notice(binding.giver), notice(binding.beneficiary)]);
    }
}

/// When a binding ends because one of the two will not be enrolled any longer as their side has to be (R-D8).
pub(crate) fn enrolments_end(case: Case<'_>, binding: &Binding) -> Option<End> {
    let end_of = |side: Side| {
        let person = binding.person_on(side);
        let counts = |it: &&Enrolment| {
            let runs = it.standing(case.today()) != Standing::Ended;
            runs && (side == Side::Beneficiary || it.scheme == Scheme::Employee)
        };
        let ends = case.facts.enrolments_of(person).filter(counts).map(|it| it.to);
        // The latest counts, and one without a last day is later than all.
        let last = ends.reduce(|one, other| one.zip(other).map(|(one, other)| one.max(other)))??;
        let at = last.plus(1).start();
        Some(End { at, why: EndReason::EnrolmentEnded(side), decided: case.turn.at })
    };
    [Side::Giver, Side::Beneficiary].into_iter().filter_map(end_of).min_by_key(|it| it.at)
}

fn bindings_of(facts: &Facts, person: PersonNo) -> impl Iterator<Item = &Binding> {
    facts.bindings.values().filter(move |it| it.side_of(person).is_some())
}

/// Whether an enrolment stands in one of these ways on a day, and since when.
pub(crate) fn blocked(
    enrolment: Option<&Enrolment>,
    blocks: &std::collections::BTreeSet<Standing>,
    day: Day,
) -> Option<(Standing, Day)> {
    let standing = enrolment.map_or(Standing::Ended, |it| it.standing(day));
    let since = enrolment.and_then(|it| it.paused_since(day).or(it.to.map(|to| to.plus(1)))).unwrap_or(day);
    blocks.contains(&standing).then_some((standing, since))
}
