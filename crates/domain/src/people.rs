//! Persons, enrolments, institutions and family code links, as far as decisions look at them: no names, no ID numbers.

use crate::day::{Day, Moment};
use crate::ids::{Area, EnrolmentNo, InstitutionCode, PersonNo};
use crate::ledger::{Account, Balance};
use crate::reason::Reason;
use crate::words::{Capability, Category, InstitutionKind, Level, Purpose, Relation, Scheme, Sex, Standing};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A person. Name and documents are kept elsewhere, encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Our number.
    pub no: PersonNo,
    /// Day of birth.
    pub born: Day,
    /// Sex.
    pub sex: Sex,
    /// Day of death.
    pub died: Option<Day>,
    /// Who acts for the person as long as they are a minor: see [`Person::guardian_on`].
    pub guardian: Option<PersonNo>,
}

/// The age from which a person is an adult (Civil Code, art. 17) and nobody acts for them any longer (R-D9, assumed).
const ADULT_FROM: u16 = 18;

impl Person {
    /// Who acts for the person on a day: their guardian until they are an adult, then nobody but themselves.
    pub fn guardian_on(&self, day: Day) -> Option<PersonNo> {
        self.guardian.filter(|_| self.is_minor(day))
    }

    /// Whether the person is a minor on a day.
    pub fn is_minor(&self, day: Day) -> bool {
        day.age_of(self.born) < ADULT_FROM
    }
}

/// An enrolment (参保关系): person, scheme, pooling area, period, status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// Our number.
    pub no: EnrolmentNo,
    /// Who.
    pub person: PersonNo,
    /// In which scheme.
    pub scheme: Scheme,
    /// Where.
    pub area: Area,
    /// As what.
    pub category: Category,
    /// Whether it carries a personal account (R-A1): never in the resident scheme, not always in the other.
    pub account: bool,
    /// Whether a family-doctor contract is in force.
    pub contract: bool,
    /// First day.
    pub from: Day,
    /// Last day, once it has ended or moved.
    pub to: Option<Day>,
    /// First days of pauses and the first days after them.
    pub pauses: Vec<(Day, Option<Day>)>,
}

impl Enrolment {
    /// How it stands on a day.
    pub fn standing(&self, day: Day) -> Standing {
        let outside = day < self.from || self.to.is_some_and(|it| it < day);
        match (outside, self.paused_since(day)) {
            (true, _) => Standing::Ended,
            (false, Some(_)) => Standing::Paused,
            (false, None) => Standing::Normal,
        }
    }

    /// Since when it is paused on a day, if it is.
    pub fn paused_since(&self, day: Day) -> Option<Day> {
        let covers = |(from, to): &&(Day, Option<Day>)| *from <= day && to.is_none_or(|it| day < it);
        self.pauses.iter().find(covers).map(|(from, _)| *from)
    }

    /// The personal account it carries, if it carries one; money stays there after it has ended (R-A1).
    pub fn personal_account(&self) -> Option<Account> {
        self.account.then_some(Account::Personal(self.person, self.area))
    }

    /// The personal account that it opens when it is recorded on `day`. An enrolment of next year opens it in this one:
    /// money can be credited before the first day, and belongs to the year in which it came (R-E14).
    pub fn opened_on(&self, day: Day) -> Option<(Account, Balance)> {
        let year = self.from.year().min(day.year());
        self.personal_account().map(|it| (it, Balance::empty(year)))
    }
}

/// A designated institution (定点医药机构, R-L1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Institution {
    /// Its code.
    pub code: InstitutionCode,
    /// The pooling area that designates it and settles with it.
    pub area: Area,
    /// What it is.
    pub kind: InstitutionKind,
    /// Its level.
    pub level: Level,
    /// First and last days of its designations; no last day: still designated.
    pub designations: Vec<(Day, Option<Day>)>,
    /// When it was suspended (暂停).
    pub suspensions: Vec<Suspension>,
    /// First and last days of what its software can do. What is not stated here it can do.
    pub capabilities: BTreeMap<Capability, Vec<(Day, Option<Day>)>>,
}

/// A time in which an institution settles nothing: what is paid for on these days is settled neither then nor later
/// (R-L1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// First day.
    pub from: Day,
    /// Last day, once it is known.
    pub to: Option<Day>,
    /// Why, in the agency's words.
    pub why: String,
}

/// Whether one of these periods holds a day.
fn covers(periods: &[(Day, Option<Day>)], day: Day) -> bool {
    periods.iter().any(|(from, to)| *from <= day && to.is_none_or(|it| day <= it))
}

impl Institution {
    /// Whether it is designated on a day (R-E5).
    pub fn is_designated(&self, day: Day) -> bool {
        covers(&self.designations, day)
    }

    /// The suspension that a day lies in, if it lies in one.
    pub fn suspended_on(&self, day: Day) -> Option<&Suspension> {
        self.suspensions.iter().find(|it| covers(&[(it.from, it.to)], day))
    }

    /// Whether it can do something on a day; what nobody has stated, it can.
    pub fn can(&self, what: Capability, day: Day) -> bool {
        self.capabilities.get(&what).is_none_or(|it| covers(it, day))
    }

    /// Why nothing of a kind is settled here for a service day; `None` where something is (R-E5, R-L1).
    pub fn obstacle(&self, what: Capability, day: Day) -> Option<Reason> {
        let institution = self.code;
        if !self.is_designated(day) {
            return Some(Reason::PlaceNotDesignated { institution, day, ended: self.designated_until(day) });
        }
        if let Some(Suspension { from, to, why }) = self.suspended_on(day).cloned() {
            return Some(Reason::PlaceSuspended { institution, from, to, why });
        }
        (!self.can(what, day)).then_some(Reason::CapabilityMissing { institution, capability: what, day })
    }

    /// What is bought here.
    pub fn purpose(&self) -> Purpose {
        match self.kind {
            InstitutionKind::Pharmacy => Purpose::Pharmacy,
            InstitutionKind::Hospital
            | InstitutionKind::Clinic
            | InstitutionKind::CommunityCentre
            | InstitutionKind::VillageClinic => Purpose::Medical,
        }
    }

    /// The last day of the latest designation that ended before `day`.
    pub fn designated_until(&self, day: Day) -> Option<Day> {
        self.designations.iter().filter_map(|(_, to)| *to).filter(|it| *it < day).max()
    }
}

/// A family code link (亲情账户): the holder can show the member's code; no money moves (R-F1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyLink {
    /// Who shows.
    pub holder: PersonNo,
    /// Whose code.
    pub member: PersonNo,
    /// What the member is to the holder.
    pub relation: Relation,
    /// Since when; of one that waits, when it was asked for.
    pub since: Moment,
    /// The last day on which the member may agree to it; none: they have.
    pub confirm_by: Option<Day>,
    /// Until when, once undone.
    pub until: Option<Moment>,
}

impl FamilyLink {
    /// Whether it is in force at a moment: the member's code may be shown.
    pub fn exists(&self, at: Moment) -> bool {
        self.confirm_by.is_none() && self.is_kept(at)
    }

    /// Whether it waits at a moment for the member to agree.
    pub fn waits(&self, at: Moment) -> bool {
        self.confirm_by.is_some_and(|last| at.day() <= last) && self.is_kept(at)
    }

    /// Whether it takes one of the holder's places: it is in force or waits.
    pub fn counts(&self, at: Moment) -> bool {
        self.exists(at) || self.waits(at)
    }

    fn is_kept(&self, at: Moment) -> bool {
        self.since <= at && self.until.is_none_or(|it| at < it)
    }
}
