//! A synthetic town: who person i is and what institution j signs with follow from a seed and a number, so that whoever
//! loads the town and whoever sends its bills never have to ask each other.
//!
//! People live in families of seven, two in the employee scheme and five in the resident scheme, as in the nation: 379
//! of 1,326 million. Nobody in it exists: no division has the prefix 990000.

use super::chance::{below, of};
use crate::people::{Identity, RESIDENT_CARD};
use domain::day::Day;
use domain::ids::{Area, InstitutionCode};
use domain::words::{Category, InstitutionKind, Level, Relation, Scheme, Sex};

/// People in a family.
pub const FAMILY: u64 = 7;
/// Pooling areas of the town: 徐州 and 南京.
pub const AREAS: [&str; 2] = ["320300", "320100"];
/// Days of birth that a member of a family may have: sixteen years of them.
const BIRTHDAYS: u64 = 5_840;
/// Families with the same birthdays that sequence numbers of three digits can tell apart.
const NAMESAKES: u64 = 35;
/// Divisions that people's numbers begin with: 990000 and those after it; there is none of them.
const DIVISIONS: u64 = 10;

/// The most people that ID numbers are enough for.
pub const MOST_PEOPLE: u64 = FAMILY * BIRTHDAYS * NAMESAKES * DIVISIONS;

/// What the numbers that follow from the seed are for.
mod purpose {
    pub(super) const RETIRED: u64 = 1;
    pub(super) const AREA: u64 = 2;
    pub(super) const SEX: u64 = 3;
    pub(super) const ACCOUNT: u64 = 4;
    pub(super) const MONEY: u64 = 5;
    pub(super) const BOUND: u64 = 6;
    pub(super) const MEMBERS: u64 = 7;
    pub(super) const NAME: u64 = 8;
    pub(super) const LEVEL: u64 = 9;
    pub(super) const SECRET: u64 = 10;
    pub(super) const PASSWORD: u64 = 11;
}

/// A town.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Town {
    seed: u64,
    families: u64,
    institutions: u64,
}

/// Somebody's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purse {
    /// There is none: the resident scheme, or the pooled part alone (单建统筹).
    None,
    /// Fen of earlier years, fen of this year; both may be 0.
    Holds(i64, i64),
}

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The number in the town, from 0.
    pub index: u64,
    /// The ID number.
    pub id: String,
    /// The name.
    pub name: String,
    /// The day of birth.
    pub born: Day,
    /// The sex.
    pub sex: Sex,
    /// The pooling area.
    pub area: &'static str,
    /// The scheme.
    pub scheme: Scheme,
    /// What the person is to the scheme.
    pub category: Category,
    /// The account.
    pub purse: Purse,
    /// Who acts for a minor.
    pub guardian: Option<u64>,
}

impl Person {
    /// `psn_no`: the area and the last thirteen characters of the ID number, X as 0.
    pub fn psn_no(&self) -> String {
        format!("{}{}", self.area, self.id[5..].replace('X', "0"))
    }

    /// The number of the social-security card.
    pub fn card(&self) -> String {
        format!("C{}", self.id)
    }

    /// Who the person is to the outside.
    pub fn identity(&self) -> Identity {
        Identity {
            psn_no: self.psn_no(),
            name: self.name.clone(),
            id_type: RESIDENT_CARD.to_owned(),
            id_number: self.id.clone(),
            card: Some(self.card()),
            card_serial: Some(self.card_serial().to_owned()),
        }
    }

    /// The card's serial: the last eight characters of the ID number.
    pub fn card_serial(&self) -> &str {
        &self.id[10..]
    }
}

/// A binding in force: who may spend whose account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bond {
    /// Whose account.
    pub giver: u64,
    /// Who may spend it.
    pub beneficiary: u64,
    /// What the beneficiary is to the giver.
    pub relation: Relation,
}

/// A hospital or pharmacy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    /// Its code; its access key too.
    pub code: String,
    /// What it signs with.
    pub secret: String,
    /// Its name.
    pub name: String,
    /// Its pooling area.
    pub area: &'static str,
    /// What it is.
    pub kind: InstitutionKind,
    /// Its level.
    pub level: Level,
}

/// First years of the birthdays of the members of a family, by their place in it.
const WORKING: [i16; 7] = [1975, 1976, 1945, 1946, 2008, 2009, 1947];
const RETIRED: [i16; 7] = [1948, 1949, 1976, 1977, 2004, 2008, 1947];

const SURNAMES: &[&str] = &["李", "王", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙"];
const GIVEN: &[&str] = &["明", "秀英", "建国", "丽", "强", "小红", "桂兰", "志远", "敏", "晓雨", "德海"];

impl Town {
    /// A town of so many people (whole families of them, at least one) and an institution for each thousand: at least
    /// 20, at most 1,000.
    pub fn new(seed: u64, people: u64) -> Town {
        let people = people.clamp(FAMILY, MOST_PEOPLE);
        Town { seed, families: people / FAMILY, institutions: (people / 1_000).clamp(20, 1_000) }
    }

    /// How many families there are.
    pub fn families(&self) -> u64 {
        self.families
    }

    /// How many people there are.
    pub fn people(&self) -> u64 {
        self.families * FAMILY
    }

    /// How many institutions there are: those with even numbers are pharmacies, the others hospitals.
    pub fn institutions(&self) -> u64 {
        self.institutions
    }

    /// What follows from the seed for a purpose, below `end`.
    fn draw(&self, purpose: u64, index: u64, end: u64) -> u64 {
        below(of(self.seed, purpose, index), end)
    }

    /// Whether the earners of a family are retired: 105 of 379.
    fn is_retired(&self, family: u64) -> bool {
        self.draw(purpose::RETIRED, family, 379) < 105
    }

    /// The place of a family's area among the areas.
    pub fn area_of(&self, family: u64) -> usize {
        usize::try_from(self.draw(purpose::AREA, family, 2)).unwrap_or_default()
    }

    /// What is in a person's account. The first of a family always has money; of the second, one in eight has no
    /// account at all (25 of 379 in all) and one in ten has nothing in it.
    pub fn purse(&self, index: u64) -> Purse {
        let kind = match index % FAMILY {
            0 => 2,
            1 => match self.draw(purpose::ACCOUNT, index, 1_000) {
                0..132 => 0,
                132..232 => 1,
                _ => 2,
            },
            _ => 0,
        };
        match kind {
            0 => Purse::None,
            1 => Purse::Holds(0, 0),
            _ => {
                // On average ¥4,085, of which 44 % of this year.
                let fen = 20_000 + i64::try_from(self.draw(purpose::MONEY, index, 777_001)).unwrap_or(0);
                let current = fen * 44 / 100;
                Purse::Holds(fen - current, current)
            }
        }
    }

    /// Whether there is money in a person's account.
    pub fn has_money(&self, index: u64) -> bool {
        matches!(self.purse(index), Purse::Holds(prior, current) if prior + current > 0)
    }

    /// Whether relatives of a family may spend the account of its first member: one family in sixteen.
    pub fn is_bound(&self, family: u64) -> bool {
        self.draw(purpose::BOUND, family, 16) == 0
    }

    /// The bindings of a family: one or more where it has any. None of those who may spend has money of their own.
    pub fn bonds(&self, family: u64) -> Vec<Bond> {
        if !self.is_bound(family) {
            return Vec::new();
        }
        let mut able: Vec<(u64, Relation)> = if self.is_retired(family) {
            vec![(2, Relation::Child)]
        } else {
            vec![(2, Relation::Parent), (3, Relation::Parent), (4, Relation::Child), (5, Relation::Child)]
        };
        if !self.has_money(family * FAMILY + 1) {
            able.push((1, Relation::Spouse));
        }
        let bits = of(self.seed, purpose::MEMBERS, family);
        let first = usize::try_from(bits >> 8).unwrap_or_default() % able.len();
        let chosen = able.iter().enumerate().filter(|(at, _)| *at == first || bits & (1 << at) != 0);
        let bond = |(_, (member, relation)): (usize, &(u64, Relation))| Bond {
            giver: family * FAMILY,
            beneficiary: family * FAMILY + member,
            relation: *relation,
        };
        chosen.map(bond).collect()
    }

    /// Somebody.
    pub fn person(&self, index: u64) -> Person {
        let (family, member) = (index / FAMILY, index % FAMILY);
        let place = usize::try_from(member).unwrap_or_default();
        let retired = self.is_retired(family);
        let year = if retired { RETIRED[place] } else { WORKING[place] };
        // 1,117 and the number of birthdays have no common divisor: families share a birthday only with a namesake.
        let day = (family * 1_117 + self.seed % BIRTHDAYS + member * 401) % BIRTHDAYS;
        let first = Day::new(year, 1, 1).expect("the years are in reach");
        let born = first.plus(i32::try_from(day).unwrap_or_default());
        let sex = self.sex(family, member);
        let (division, namesake) = (family / BIRTHDAYS / NAMESAKES, family / BIRTHDAYS % NAMESAKES);
        let number = namesake * 28 + u64::from(retired) * 14 + member * 2 + u64::from(sex == Sex::Male);
        let (scheme, category) = insured(retired, member, born);
        let minor = scheme == Scheme::Resident && year >= 2008;
        let bits = of(self.seed, purpose::NAME, index);
        let pick =
            |from: &[&'static str], bits: u64| from[usize::try_from(bits % 997).unwrap_or(0) % from.len()];
        Person {
            index,
            id: id_number(division, born, number),
            name: format!("{}{}", pick(SURNAMES, bits), pick(GIVEN, bits >> 20)),
            born,
            sex,
            area: AREAS[self.area_of(family)],
            scheme,
            category,
            purse: self.purse(index),
            guardian: minor.then_some(family * FAMILY),
        }
    }

    fn sex(&self, family: u64, member: u64) -> Sex {
        let male = match member {
            0 => self.draw(purpose::SEX, family * FAMILY, 2) == 0,
            1 => self.draw(purpose::SEX, family * FAMILY, 2) != 0,
            2 => true,
            3 | 6 => false,
            _ => self.draw(purpose::SEX, family * FAMILY + member, 2) == 0,
        };
        if male { Sex::Male } else { Sex::Female }
    }

    /// What a person signs in to the pages with.
    pub fn password(&self, index: u64) -> String {
        format!("{:016x}", of(self.seed, purpose::PASSWORD, index))
    }

    /// A hospital or pharmacy.
    pub fn institution(&self, index: u64) -> Institution {
        let area = AREAS[usize::try_from(index / 2 % 2).unwrap_or_default()];
        let pharmacy = index.is_multiple_of(2);
        let number = 10_001 + index;
        let level = match self.draw(purpose::LEVEL, index, 3) {
            0 => Level::Tertiary,
            1 => Level::Secondary,
            _ => Level::Primary,
        };
        let (letter, kind, level) = if pharmacy {
            ('P', InstitutionKind::Pharmacy, Level::None)
        } else {
            ('H', InstitutionKind::Hospital, level)
        };
        let half = |it| of(self.seed, purpose::SECRET, index * 2 + it);
        Institution {
            code: format!("{letter}{area}{number:05}"),
            secret: format!("{:016x}{:016x}", half(0), half(1)),
            name: format!("{}{number}", if pharmacy { "平价大药房" } else { "人民医院" }),
            area,
            kind,
            level,
        }
    }
}

impl Institution {
    /// The code, read.
    pub fn parsed(&self) -> Option<InstitutionCode> {
        InstitutionCode::parse(&self.code)
    }
}

/// What the member of a family is insured as.
fn insured(retired: bool, member: u64, born: Day) -> (Scheme, Category) {
    match member {
        0 | 1 if retired => (Scheme::Employee, Category::Retired),
        0 | 1 => (Scheme::Employee, Category::Active),
        _ if born.year() >= 2019 => (Scheme::Resident, Category::Child),
        _ if born.year() >= 2004 => (Scheme::Resident, Category::Student),
        _ if born.year() < 1965 => (Scheme::Resident, Category::Elder),
        _ => (Scheme::Resident, Category::Adult),
    }
}

/// An area that is written in this file.
///
/// # Panics
/// Never: a test reads all of them.
pub fn area(text: &str) -> Area {
    Area::parse(text).expect("a test reads the areas of the town")
}

/// The ID number of somebody born on a day, with a sequence number of three digits (odd for men), after GB 11643.
fn id_number(division: u64, born: Day, number: u64) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let mut text =
        format!("99000{division}{:04}{:02}{:02}{number:03}", born.year(), born.month(), born.day_of_month());
    let sum: u32 = text.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    text.push(CHECKS[usize::try_from(sum % 11).unwrap_or_default()]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const PEOPLE: u64 = 70_000;

    /// If this fails, the town holds people that no bureau would take in, or two who are the same.
    #[test]
    fn everybody_has_an_id_number_of_their_own_that_proves_itself() {
        let town = Town::new(1, MOST_PEOPLE);
        let namesakes = (0..NAMESAKES * DIVISIONS).map(|it| it * BIRTHDAYS);
        let families = (0..10_000).chain(namesakes).chain([town.families() - 1]);
        let families: BTreeSet<u64> = families.collect();
        let indices = families.iter().flat_map(|it| (0..FAMILY).map(move |member| it * FAMILY + member));
        let (mut ids, mut numbers, mut count) = (BTreeSet::new(), BTreeSet::new(), 0);
        for person in indices.map(|it| town.person(it)) {
            let said = crate::rest::id_number::read(&person.id).expect("a right number");
            assert_eq!((said.born, said.sex), (person.born, person.sex), "{person:?}");
            assert!(person.id.starts_with("99000") && person.card_serial().len() == 8);
            numbers.insert(person.psn_no());
            ids.insert(person.id);
            count += 1;
        }
        assert_eq!((ids.len(), numbers.len()), (count, count));
    }

    /// If this fails, the driver signs for institutions that the town does not have.
    #[test]
    fn every_institution_has_a_code_of_its_own() {
        let town = Town::new(1, 1_000_000);
        let all: Vec<Institution> = (0..town.institutions()).map(|it| town.institution(it)).collect();
        let codes: BTreeSet<_> = all.iter().map(|it| it.parsed().expect("a right code")).collect();
        assert_eq!((all.len(), codes.len()), (1_000, 1_000));
        assert_eq!(all.iter().filter(|it| it.code.starts_with('P')).count(), 500);
        assert!(all.iter().all(|it| it.secret.len() == 32 && it.code.contains(it.area)));
        let sizes = [(5, 20), (50_000, 50), (1_000_000, 1_000), (2_000_000, 1_000)];
        sizes.iter().for_each(|(people, all)| assert_eq!(Town::new(1, *people).institutions(), *all));
    }

    /// If this fails, what is measured is not a nation in small.
    #[test]
    fn the_town_is_like_the_nation() {
        let town = Town::new(1, PEOPLE);
        let people: Vec<Person> = (0..town.people()).map(|it| town.person(it)).collect();
        let of = |what: &dyn Fn(&&Person) -> bool| people.iter().filter(what).count() * 1_326 / people.len();
        assert!((377..=381).contains(&of(&|it| it.scheme == Scheme::Employee)));
        assert!((346..=362).contains(&of(&|it| it.purse != Purse::None)));
        assert!((100..=110).contains(&of(&|it| it.category == Category::Retired)));
        let held = people.iter().filter_map(|it| match it.purse {
            Purse::Holds(prior, current) if prior > 0 => Some(prior + current),
            Purse::Holds(..) | Purse::None => None,
        });
        let (count, sum) = held.fold((0, 0), |(count, sum), it| (count + 1, sum + it));
        assert!((400_000..417_000).contains(&(sum / count)), "{}", sum / count);
        let bound = (0..town.families()).filter(|it| !town.bonds(*it).is_empty()).count() * 16;
        assert!((9_000..11_000).contains(&bound), "{bound}");
    }

    /// If this fails, driver and store know different towns, or a relative pays for somebody with money of their own.
    #[test]
    fn the_same_seed_gives_the_same_town() {
        let (one, again, other) = (Town::new(1, PEOPLE), Town::new(1, 2 * PEOPLE), Town::new(2, PEOPLE));
        let same = |town: &Town| (0..700).filter(|it| one.person(*it) == town.person(*it)).count();
        assert_eq!(same(&again), 700, "a larger town begins like a smaller one");
        assert!(same(&other) < 20);
        assert_ne!(one.institution(0).secret, other.institution(0).secret);
        for bond in (0..one.families()).flat_map(|it| one.bonds(it)) {
            assert!(one.has_money(bond.giver) && !one.has_money(bond.beneficiary), "{bond:?}");
        }
        AREAS.iter().for_each(|it| assert_eq!(area(it).to_string(), *it));
    }
}
