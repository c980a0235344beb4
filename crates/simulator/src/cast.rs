//! Who plays: families with their places in two schemes and several areas, hospitals and pharmacies.

use crate::dice::Dice;
use domain::day::Day;
use domain::ids::{Area, InstitutionCode, Lookup};
use domain::words::{Category, InstitutionKind, Level, Relation, Scheme, Sex};

/// Xuzhou, Nanjing, Nanning, Taiyuan, Hangzhou, Jinan, Hefei, and Fuzhou, which shares by pools.
pub const AREAS: [u32; 8] = [320_300, 320_100, 450_100, 140_100, 330_100, 370_100, 340_100, 350_100];

/// Everybody and every place of one seed.
#[derive(Debug, Clone)]
pub struct Cast {
    /// The areas of this seed.
    pub areas: Vec<Area>,
    /// The people.
    pub players: Vec<Player>,
    /// The institutions.
    pub places: Vec<Place>,
}

/// A place in a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the names say it; the uncle is the father's brother, the elders are his parents"
)]
pub enum Role {
    Father,
    Mother,
    Grandfather,
    Grandmother,
    Child,
    Uncle,
}

/// A person.
#[derive(Debug, Clone)]
pub struct Player {
    /// Number of the family.
    pub family: usize,
    /// Place in it.
    pub role: Role,
    /// Found by: person number, card, serial of the card.
    pub lookups: [Lookup; 3],
    /// Birthday.
    pub born: Day,
    /// Sex.
    pub sex: Sex,
    /// Where.
    pub area: Area,
    /// In which schemes, as what.
    pub schemes: Vec<(Scheme, Category)>,
    /// Whether the employee scheme gives an account.
    pub account: bool,
    /// The guardian, among the players.
    pub guardian: Option<usize>,
}

/// A hospital or pharmacy.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Its code.
    pub code: InstitutionCode,
    /// Its area.
    pub area: Area,
    /// Its kind.
    pub kind: InstitutionKind,
    /// Its level.
    pub level: Level,
}

impl Cast {
    /// The cast of a seed.
    pub fn new(dice: &mut Dice) -> Cast {
        let areas = areas(dice);
        let mut players = Vec::new();
        for family in 0..2 {
            let home = *dice.pick(&areas).expect("a seed has areas");
            let first = players.len();
            let roles =
                [Role::Father, Role::Mother, Role::Grandfather, Role::Grandmother, Role::Child, Role::Uncle];
            for role in roles.into_iter().take(5 + family) {
                let number = players.len();
                let area = if dice.percent(30) { dice.pick(&areas).copied().unwrap_or(home) } else { home };
                let guardian = (role == Role::Child).then_some(first);
                players.push(player(dice, number, (family, role, area, guardian)));
            }
        }
        let places = areas.iter().flat_map(|area| places(dice, *area)).collect();
        Cast { areas, players, places }
    }

    /// What the second is to the first, if anything that has a word.
    pub fn relation(&self, giver: usize, beneficiary: usize) -> Option<Relation> {
        use Role::{Child, Father, Grandfather, Grandmother, Mother, Uncle};
        let (one, other) = (self.players.get(giver)?, self.players.get(beneficiary)?);
        let relation = match (one.role, other.role) {
            (Father, Mother) | (Mother, Father) => Relation::Spouse,
            (Grandfather, Grandmother) | (Grandmother, Grandfather) => Relation::Spouse,
            (Father | Uncle, Grandfather | Grandmother) | (Child, Father | Mother) => Relation::Parent,
            (Grandfather | Grandmother, Father | Uncle) | (Father | Mother, Child) => Relation::Child,
            (Father, Uncle) | (Uncle, Father) => Relation::Sibling,
            (Grandfather | Grandmother, Child) => Relation::Grandchild,
            (Child, Grandfather | Grandmother) => Relation::Grandparent,
            (Mother, Grandfather | Grandmother) => Relation::SpouseParent,
            (Grandfather | Grandmother, Mother) => Relation::ChildSpouse,
            (Father | Mother | Grandfather | Grandmother | Child | Uncle, _) => return None,
        };
        (one.family == other.family).then_some(relation)
    }
}

/// Two or three areas; often such as are open to each other.
fn areas(dice: &mut Dice) -> Vec<Area> {
    let pairs: [&[u32]; 5] =
        [&[320_300, 340_100], &[320_300, 320_100], &[320_100, 340_100], &[450_100], &[140_100, 330_100]];
    let mut chosen: Vec<u32> = dice.pick(&pairs).expect("there are pairs").to_vec();
    let more = *dice.pick(&AREAS).expect("there are areas");
    if !chosen.contains(&more) {
        chosen.push(more);
    }
    chosen.into_iter().filter_map(Area::from_number).collect()
}

fn player(dice: &mut Dice, number: usize, place: (usize, Role, Area, Option<usize>)) -> Player {
    let (family, role, area, guardian) = place;
    let (born_in, sex) = match role {
        Role::Father => (1985, Sex::Male),
        Role::Mother => (1987, Sex::Female),
        Role::Grandfather => (1955, Sex::Male),
        Role::Grandmother => (1957, Sex::Female),
        Role::Child => (if dice.percent(50) { 2010 } else { 2020 }, Sex::Female),
        Role::Uncle => (1990, Sex::Male),
    };
    let month = i8::try_from(dice.between(1, 12)).unwrap_or(1);
    let employee = match role {
        Role::Child => false,
        Role::Father => true,
        Role::Mother | Role::Grandfather | Role::Grandmother | Role::Uncle => dice.percent(60),
    };
    let old = matches!(role, Role::Grandfather | Role::Grandmother);
    let resident = match role {
        Role::Child => Category::Student,
        Role::Grandfather | Role::Grandmother => Category::Elder,
        Role::Father | Role::Mother | Role::Uncle => Category::Adult,
    };
    let mut schemes = Vec::new();
    if employee {
        schemes.push((Scheme::Employee, if old { Category::Retired } else { Category::Active }));
    }
    if !employee || dice.percent(10) {
        schemes.push((Scheme::Resident, resident));
    }
    Player {
        family,
        role,
        lookups: [0, 1, 2].map(|kind| lookup(number, kind)),
        born: Day::new(born_in, month, 17).expect("a day of the calendar"),
        sex,
        area,
        schemes,
        account: dice.percent(92),
        guardian,
    }
}

/// What a player is found by; numbers beyond the cast belong to nobody yet.
pub fn lookup(number: usize, kind: u8) -> Lookup {
    let mut bytes = [kind; 16];
    bytes[..2].copy_from_slice(&u16::try_from(number).unwrap_or(u16::MAX).to_be_bytes());
    Lookup(bytes)
}

fn places(dice: &mut Dice, area: Area) -> [Place; 2] {
    let code =
        |letter: char| InstitutionCode::parse(&format!("{letter}{area}00001")).expect("twelve characters");
    let levels = [Level::Tertiary, Level::Secondary, Level::Primary];
    let level = *dice.pick(&levels).expect("there are levels");
    [
        Place { code: code('H'), area, kind: InstitutionKind::Hospital, level },
        Place { code: code('P'), area, kind: InstitutionKind::Pharmacy, level: Level::None },
    ]
}
