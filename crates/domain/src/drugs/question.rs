//! A question laid out so that a name is compared with all of it at once: bit `p` of a word stands for "the first `p`
//! signs of the question are accounted for".

use super::spelling::{folded, readings};

/// One sign of a name: the character itself, and the numbers of the syllables it may be read as.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    pub(super) sign: char,
    pub(super) readings: Vec<u16>,
}

/// Where a question and a name meet, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// The whole name.
    Whole,
    /// Its beginning.
    Start,
    /// Inside of it.
    Inside,
}

/// What a sign of a name may stand as in the question, besides itself.
#[derive(Debug, Clone, Copy)]
struct Ways {
    syllables: bool,
    initials: bool,
    /// A character that sounds alike.
    sounds: bool,
    /// All readings of a character, and not the first only.
    all_readings: bool,
}

const AS_IT_IS: Ways = Ways { syllables: false, initials: false, sounds: false, all_readings: false };
const SYLLABLES: Ways = Ways { syllables: true, ..AS_IT_IS };
const ALL_SYLLABLES: Ways = Ways { all_readings: true, ..SYLLABLES };
const INITIALS: Ways = Ways { initials: true, ..AS_IT_IS };
const MIXED: Ways = Ways { initials: true, ..ALL_SYLLABLES };
/// Ways to write a name, the most careful first.
const WRITTEN: [Ways; 6] =
    [AS_IT_IS, SYLLABLES, ALL_SYLLABLES, INITIALS, Ways { all_readings: true, ..INITIALS }, MIXED];
/// Ways to write what a name sounds like.
const SOUNDING: [Ways; 2] = [Ways { sounds: true, ..SYLLABLES }, Ways { sounds: true, ..MIXED }];

/// Where a syllable of the list stands in the question.
#[derive(Debug, Clone, Copy, Default)]
struct Spots {
    whole: u64,    // Spelled out from here.
    begun: u64,    // Begun here, and the question ends.
    sounding: u64, // A character that sounds so.
    first: u64,    // Its first letter.
    length: u32,
}

/// A question, laid out.
pub(super) struct Question {
    pub(super) signs: Vec<char>,
    /// Spelled out in letters as far as it can be.
    pub(super) spelled: Vec<char>,
    /// How many of its signs are Chinese characters.
    pub(super) characters: usize,
    chars: Vec<(char, u64)>, // Ascending.
    syllables: Vec<Spots>,   // By number.
    end: u64,
}

impl Question {
    /// The most signs of a question that are looked at.
    const MOST: usize = 40;

    /// Lays a question out over the list of syllables.
    pub(super) fn of(text: &str, syllables: &[String]) -> Question {
        let mut signs = folded(text);
        signs.truncate(Question::MOST);
        let mut chars: Vec<(char, u64)> = Vec::new();
        let mut spelled = Vec::new();
        let mut sounds = Vec::new();
        for (at, it) in signs.iter().enumerate() {
            match chars.iter_mut().find(|(known, _)| known == it) {
                Some((_, bits)) => *bits |= 1 << at,
                None => chars.push((*it, 1 << at)),
            }
            let read_as = readings(*it);
            match read_as.first() {
                Some(first) => spelled.extend(first.chars()),
                None => spelled.push(*it),
            }
            sounds.push(read_as);
        }
        chars.sort_unstable();
        let syllables = syllables.iter().map(|it| spots(it, &signs, &sounds)).collect();
        let characters = sounds.iter().filter(|it| !it.is_empty()).count();
        let end = 1_u64 << signs.len();
        Question { signs, spelled, characters, chars, syllables, end }
    }

    fn char_at(&self, sign: char) -> u64 {
        self.chars.binary_search_by_key(&sign, |(it, _)| *it).map_or(0, |nth| self.chars[nth].1)
    }

    /// One sign of a name further: what is accounted for then, and whether the question ends within the sign.
    fn step(&self, at: u64, unit: &Unit, ways: Ways) -> (u64, bool) {
        let mut next = (at & self.char_at(unit.sign)) << 1;
        let mut ends_within = false;
        let readings = if ways.all_readings { unit.readings.len() } else { 1 };
        for number in unit.readings.iter().take(readings) {
            let spots = &self.syllables[usize::from(*number)];
            if ways.syllables {
                next |= (at & spots.whole) << spots.length;
                ends_within |= at & spots.begun != 0;
            }
            if ways.sounds {
                next |= (at & spots.sounding) << 1;
            }
            if ways.initials {
                next |= (at & spots.first) << 1;
            }
        }
        (next, ends_within)
    }

    fn run(&self, units: &[Unit], ways: Ways, anywhere: bool) -> Option<Place> {
        let mut at = 1_u64;
        let mut found = None;
        for (nth, unit) in units.iter().enumerate() {
            let (next, ends_within) = self.step(at, unit, ways);
            if next & self.end != 0 && nth + 1 == units.len() && !anywhere {
                return Some(Place::Whole);
            }
            if ends_within || next & self.end != 0 {
                if anywhere {
                    return Some(Place::Inside);
                }
                found = Some(Place::Start);
            }
            at = next | u64::from(anywhere);
            if at == 0 {
                break;
            }
        }
        found
    }

    /// Where the question stands in a name, and how carefully it is written, from 0; the better place counts first.
    pub(super) fn meets(&self, units: &[Unit]) -> Option<(Place, u32)> {
        self.meets_in(units, &WRITTEN)
    }

    /// Where a name sounds like the question, and how nearly, from 0.
    pub(super) fn sounds_like(&self, units: &[Unit]) -> Option<(Place, u32)> {
        self.meets_in(units, &SOUNDING)
    }

    fn meets_in(&self, units: &[Unit], written: &[Ways]) -> Option<(Place, u32)> {
        // The last way takes in all others.
        self.run(units, *written.last()?, true)?;
        let at = |anywhere| {
            let cares = (0_u32..).zip(written);
            cares.filter_map(|(care, ways)| self.run(units, *ways, anywhere).map(|it| (it, care))).min()
        };
        at(false).or_else(|| at(true))
    }

    /// Whether the name stands in the question, in characters or spelled out.
    pub(super) fn holds(&self, units: &[Unit]) -> bool {
        let last = units.iter().try_fold(u64::MAX >> 1, |at, unit| {
            let (next, _) = self.step(at, unit, ALL_SYLLABLES);
            (next != 0).then_some(next)
        });
        last.is_some()
    }
}

fn spots(syllable: &str, signs: &[char], sounds: &[Vec<String>]) -> Spots {
    let letters: Vec<char> = syllable.chars().collect();
    let mut spots = Spots { length: u32::try_from(letters.len()).unwrap_or(0), ..Spots::default() };
    for at in 0..signs.len() {
        let rest = &signs[at..];
        if rest.starts_with(&letters) {
            spots.whole |= 1 << at;
        } else if letters.starts_with(rest) {
            spots.begun |= 1 << at;
        }
        if sounds[at].iter().any(|it| it == syllable) {
            spots.sounding |= 1 << at;
        }
        if letters.first() == signs.get(at) {
            spots.first |= 1 << at;
        }
    }
    spots
}
