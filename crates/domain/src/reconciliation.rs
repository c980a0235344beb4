//! 对账: what an institution and we have for the same time, side by side. Every row of either side that has no equal on
//! the other is a difference of one kind, so that each has one repair.

use crate::day::Moment;
use crate::facts::Settlement;
use crate::ids::{SettlementNo, VisitNo};
use crate::money::{Fen, Total};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The amounts that are reconciled: negative for what undoes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amounts {
    /// 医疗费总额.
    pub total: Total,
    /// 基金支付总额.
    pub fund: Total,
    /// 个人账户支出, own and shared together.
    pub accounts: Total,
}

impl Amounts {
    /// Those of a settlement, or negated of what undoes one.
    pub fn of(it: &Settlement) -> Amounts {
        let signed = |amount: Fen| match it.undoes {
            None => Total::credit(amount),
            Some(_) => Total::debit(amount),
        };
        Amounts {
            total: signed(it.shared.total),
            fund: signed(it.shared.fund()),
            accounts: signed(it.accounts()),
        }
    }

    /// Adds another's.
    pub fn add(&mut self, other: Amounts) {
        self.total += other.total;
        self.fund += other.fund;
        self.accounts += other.accounts;
    }

    /// Whether they are those of something that is given back.
    pub fn is_negative(&self) -> bool {
        [self.total, self.fund, self.accounts].iter().any(|it| *it < Total::ZERO)
    }
}

/// What one of our settlements is to a statement, its time aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is of the kind that is reconciled.
    Here,
    /// It is the institution's, and of another kind: paid by another area, or cleared with others.
    OtherKind,
    /// It is another institution's.
    OtherInstitution,
}

/// A settlement of ours, or what undoes one, as far as it is reconciled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ours {
    /// Its number.
    pub no: SettlementNo,
    /// The visit it belongs to.
    pub visit: VisitNo,
    /// When it was settled: what says in which statement it stands.
    pub at: Moment,
    /// Its amounts.
    pub amounts: Amounts,
    /// What it undoes.
    pub undoes: Option<SettlementNo>,
    /// What undid it.
    pub undone_by: Option<SettlementNo>,
    /// Whether it is of the kind that is reconciled.
    pub place: Place,
}

impl Ours {
    /// A settlement that stands here.
    pub fn of(it: &Settlement, place: Place) -> Ours {
        Ours {
            no: it.no,
            visit: it.visit,
            at: it.at,
            amounts: Amounts::of(it),
            undoes: it.undoes,
            undone_by: it.undone_by,
            place,
        }
    }
}

/// A row of the institution's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theirs {
    /// Its line.
    pub line: usize,
    /// The settlement it names.
    pub settlement: SettlementNo,
    /// The visit it names, where it names one.
    pub visit: Option<VisitNo>,
    /// Its amounts.
    pub amounts: Amounts,
    /// It is marked as refunded.
    pub refunded: bool,
}

/// How settlements that are undone in the same statement count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// Twice, once for each of the two rows.
    Apart,
    /// Not at all: the two cancel each other out.
    Net,
}

/// What our side comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// The sums.
    pub amounts: Amounts,
    /// How many rows there are.
    pub rows: u64,
    /// How many of them undo each other.
    pub undone: u64,
}

impl Sums {
    /// The sums of these settlements.
    pub fn of(ours: &BTreeMap<SettlementNo, Ours>) -> Sums {
        let mut sums = Sums::default();
        for it in ours.values() {
            sums.amounts.add(it.amounts);
            sums.rows += 1;
            sums.undone += 2 * u64::from(it.undoes.is_some_and(|it| ours.contains_key(&it)));
        }
        sums
    }

    /// How many there are.
    pub fn count(&self, counting: Counting) -> u64 {
        match counting {
            Counting::Apart => self.rows,
            Counting::Net => self.rows - self.undone,
        }
    }
}

/// What a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// We settled it, their list does not have it.
    OursOnly,
    /// We undid it, their list still has it as it was.
    UndoneHere,
    /// Their list has it as refunded, we did not undo it.
    UndoneThere,
    /// They have it, we never settled it.
    TheirsOnly,
    /// Both have it, with other amounts.
    AmountsDiffer,
    /// Both have it, for another visit.
    VisitDiffers,
    /// It stands in the statement of another time: this is when it was settled.
    OtherTime(Moment),
    /// It is paid by another area, or cleared with others.
    OtherKind,
    /// It is another institution's.
    OtherInstitution,
    /// It stands in their list already, on this line.
    Duplicate(usize),
}

/// A difference, with the rows that differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference<'a> {
    /// What it is.
    pub kind: Kind,
    /// Our row, where there is one that this is about.
    pub ours: Option<Ours>,
    /// Their row.
    pub theirs: Option<&'a Theirs>,
}

/// Settlements outside of our side that their rows may be about: who has them loaded can [`compare`].
pub fn named_elsewhere(ours: &BTreeMap<SettlementNo, Ours>, theirs: &[Theirs]) -> BTreeSet<SettlementNo> {
    let undoing = |it: &Theirs| ours.get(&it.settlement)?.undone_by.filter(|_| it.amounts.is_negative());
    let named = theirs.iter().flat_map(|it| [Some(it.settlement), undoing(it)]).flatten();
    named.filter(|it| !ours.contains_key(it)).collect()
}

/// All differences between the settlements of a time and a list of them; none where they are the same. `elsewhere` has
/// what is [`named_elsewhere`], as far as there is any, and what undid it. A row that takes something back may name what it
/// takes back or what undid that.
pub fn compare<'a>(
    within: &Range<Moment>,
    ours: &BTreeMap<SettlementNo, Ours>,
    elsewhere: &BTreeMap<SettlementNo, Ours>,
    theirs: &'a [Theirs],
    counting: Counting,
) -> Vec<Difference<'a>> {
    let mut found: BTreeMap<SettlementNo, usize> = BTreeMap::new();
    let mut differences = Vec::new();
    for row in theirs {
        let known = |no: SettlementNo| ours.get(&no).or_else(|| elsewhere.get(&no)).copied();
        let named = known(row.settlement);
        let meant = named.and_then(|it| meant(it, row, known));
        let kind = match (named, meant) {
            (None, _) => Some(Kind::TheirsOnly),
            (Some(named), None) => Some(place(within, &named).unwrap_or(Kind::UndoneThere)),
            (Some(_), Some(it)) => place(within, &it)
                .or_else(|| found.get(&it.no).map(|line| Kind::Duplicate(*line)))
                .or_else(|| {
                    found.insert(it.no, row.line);
                    differs(&it, row)
                }),
        };
        let ours = meant.or(named);
        differences.extend(kind.map(|kind| Difference { kind, ours, theirs: Some(row) }));
    }
    let missing = ours.values().filter(|it| !found.contains_key(&it.no));
    differences.extend(missing.filter_map(|it| missing_there(it, ours, &found, counting)));
    differences
}

/// What a row is about: what it names, or what undid that. `None`: it takes something back that we did not undo.
fn meant(named: Ours, row: &Theirs, known: impl Fn(SettlementNo) -> Option<Ours>) -> Option<Ours> {
    if row.amounts.is_negative() && named.undoes.is_none() { known(named.undone_by?) } else { Some(named) }
}

/// Why a settlement does not stand in this statement.
fn place(within: &Range<Moment>, it: &Ours) -> Option<Kind> {
    match it.place {
        Place::OtherInstitution => Some(Kind::OtherInstitution),
        Place::OtherKind => Some(Kind::OtherKind),
        Place::Here => (!within.contains(&it.at)).then_some(Kind::OtherTime(it.at)),
    }
}

/// How a row differs from what it is about.
fn differs(it: &Ours, row: &Theirs) -> Option<Kind> {
    let still_stands = it.undoes.is_none() && it.undone_by.is_none();
    if row.amounts != it.amounts {
        Some(Kind::AmountsDiffer)
    } else if row.visit.is_some_and(|visit| visit != it.visit) {
        Some(Kind::VisitDiffers)
    } else {
        (row.refunded && still_stands).then_some(Kind::UndoneThere)
    }
}

/// What it is that their list does not have one of ours.
fn missing_there(
    it: &Ours,
    ours: &BTreeMap<SettlementNo, Ours>,
    found: &BTreeMap<SettlementNo, usize>,
    counting: Counting,
) -> Option<Difference<'static>> {
    let other = it.undoes.or(it.undone_by).filter(|it| ours.contains_key(it));
    if counting == Counting::Net && other.is_some_and(|it| !found.contains_key(&it)) {
        return None;
    }
    let kind = if it.undoes.is_some() { Kind::UndoneHere } else { Kind::OursOnly };
    Some(Difference { kind, ours: Some(*it), theirs: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(total: i64) -> Amounts {
        let [total, fund, accounts] = [total, total / 2, total / 4].map(Total::from_fen);
        Amounts { total, fund, accounts }
    }

    fn at(minute: i64) -> Moment {
        Moment::from_millis(minute * 60_000)
    }

    /// Number `no` at minute `no`: of `10 * no` yuan, or undoing another.
    fn ours(no: u64, undoes: Option<u64>, undone_by: Option<u64>) -> Ours {
        let total = undoes.map_or(1_000 * no.cast_signed(), |it| -1_000 * it.cast_signed());
        Ours {
            no: SettlementNo(no),
            visit: VisitNo(100 + no),
            at: at(no.cast_signed()),
            amounts: amounts(total),
            undoes: undoes.map(SettlementNo),
            undone_by: undone_by.map(SettlementNo),
            place: Place::Here,
        }
    }

    fn theirs(line: usize, no: u64, total: i64) -> Theirs {
        let (settlement, refunded) = (SettlementNo(no), total < 0);
        Theirs { line, settlement, visit: None, amounts: amounts(total), refunded }
    }

    fn by_no(all: &[Ours]) -> BTreeMap<SettlementNo, Ours> {
        all.iter().map(|it| (it.no, *it)).collect()
    }

    /// The day holds 1, 2 (undone by 3), 4 (undone tomorrow by 12), and 5, which undoes what was settled yesterday (0).
    fn day() -> (Range<Moment>, BTreeMap<SettlementNo, Ours>, BTreeMap<SettlementNo, Ours>) {
        let mut yesterdays = ours(20, None, Some(5));
        yesterdays.at = at(0);
        let mut back = ours(5, Some(20), None);
        back.amounts = amounts(-20_000);
        let here = [
            ours(1, None, None),
            ours(2, None, Some(3)),
            ours(3, Some(2), None),
            ours(4, None, Some(12)),
            back,
        ];
        let kind = Ours { place: Place::OtherKind, ..ours(7, None, None) };
        let institution = Ours { place: Place::OtherInstitution, ..ours(8, None, None) };
        let elsewhere = [yesterdays, ours(12, Some(4), None), ours(11, None, None), kind, institution];
        (at(1)..at(10), by_no(&here), by_no(&elsewhere))
    }

    /// If this fails, sums that agree are called different, or the other way round.
    #[test]
    fn what_is_undone_counts_twice_or_not_at_all() {
        let (_, here, _) = day();
        let sums = Sums::of(&here);
        assert_eq!(sums.amounts, amounts(1_000 + 4_000 - 20_000));
        assert_eq!((sums.count(Counting::Apart), sums.count(Counting::Net)), (5, 3));
    }

    /// A list, how it counts, and what has to be said of which settlements.
    type Said = (&'static str, Vec<Theirs>, Counting, Vec<(Kind, u64)>);

    /// If this fails, an institution is told to undo what is right, or not told what is wrong.
    #[test]
    #[rustfmt::skip]
    fn each_row_without_its_equal_is_a_difference() {
        use Counting::{Apart, Net};
        let all = || vec![theirs(1, 1, 1_000), theirs(2, 2, 2_000), theirs(3, 3, -2_000), theirs(4, 4, 4_000), theirs(5, 5, -20_000)];
        let but = |line: usize| all().into_iter().filter(|it| it.line != line).collect::<Vec<_>>();
        let with = |no: u64, total| [all(), vec![theirs(6, no, total)]].concat();
        let instead = |line: usize, row: Theirs| [but(line), vec![row]].concat();
        let marked = |row: Theirs| Theirs { refunded: true, ..row };
        let visit = |row: Theirs, no| Theirs { visit: Some(VisitNo(no)), ..row };
        let cases: Vec<Said> = vec![
            ("the same",               all(),                                   Apart, vec![]),
            ("in another order",       all().into_iter().rev().collect(),       Apart, vec![]),
            ("by what is taken back",  instead(3, theirs(3, 2, -2_000)),        Apart, vec![]),
            ("marked what is undone",  instead(2, marked(theirs(2, 2, 2_000))), Apart, vec![]),
            ("with its visit",         instead(1, visit(theirs(1, 1, 1_000), 101)), Apart, vec![]),
            ("nothing",                vec![],                                  Apart, vec![(Kind::OursOnly, 1), (Kind::OursOnly, 2), (Kind::UndoneHere, 3), (Kind::OursOnly, 4), (Kind::UndoneHere, 5)]),
            ("nothing, net",           vec![],                                  Net,   vec![(Kind::OursOnly, 1), (Kind::OursOnly, 4), (Kind::UndoneHere, 5)]),
            ("ours only",              but(1),                                  Apart, vec![(Kind::OursOnly, 1)]),
            ("not undone there",       but(3),                                  Net,   vec![(Kind::UndoneHere, 3)]),
            ("without what is undone", but(2),                                  Net,   vec![(Kind::OursOnly, 2)]),
            ("undone yesterday's",     but(5),                                  Net,   vec![(Kind::UndoneHere, 5)]),
            ("theirs only",            with(9, 9_000),                          Apart, vec![(Kind::TheirsOnly, 9)]),
            ("another's",              with(8, 8_000),                          Apart, vec![(Kind::OtherInstitution, 8)]),
            ("of another kind",        with(7, 7_000),                          Apart, vec![(Kind::OtherKind, 7)]),
            ("tomorrow's",             with(11, 11_000),                        Apart, vec![(Kind::OtherTime(at(11)), 11)]),
            ("undone tomorrow",        with(4, -4_000),                         Apart, vec![(Kind::OtherTime(at(12)), 4)]),
            ("undone there",           with(1, -1_000),                         Apart, vec![(Kind::UndoneThere, 1)]),
            ("marked as undone",       instead(1, marked(theirs(1, 1, 1_000))), Apart, vec![(Kind::UndoneThere, 1)]),
            ("a row twice",            with(4, 4_000),                          Apart, vec![(Kind::Duplicate(4), 4)]),
            ("taken back twice",       with(2, -2_000),                         Apart, vec![(Kind::Duplicate(3), 2)]),
            ("another amount",         instead(1, theirs(1, 1, 1_001)),         Apart, vec![(Kind::AmountsDiffer, 1)]),
            ("another visit",          instead(1, visit(theirs(1, 1, 1_000), 999)), Apart, vec![(Kind::VisitDiffers, 1)]),
            ("another's, as refund",   with(8, -8_000),                         Apart, vec![(Kind::OtherInstitution, 8)]),
        ];
        let (within, here, all_elsewhere) = day();
        for (name, rows, counting, expected) in cases {
            let mut wanted = named_elsewhere(&here, &rows);
            wanted.extend(wanted.clone().iter().filter_map(|it| all_elsewhere.get(it)?.undone_by));
            let elsewhere = all_elsewhere.iter().filter(|(no, _)| wanted.contains(no)).map(|(no, it)| (*no, *it)).collect();
            let said = compare(&within, &here, &elsewhere, &rows, counting);
            let number = |it: &Difference<'_>| it.theirs.map_or_else(|| it.ours.expect("one of both").no, |it| it.settlement).0;
            let said: Vec<(Kind, u64)> = said.iter().map(|it| (it.kind, number(it))).collect();
            assert_eq!(said, expected, "{name}");
        }
    }
}
