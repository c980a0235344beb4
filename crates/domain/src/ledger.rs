//! The books: accounts, entries, journals that balance, balances with year-parts (R-E10, R-E14, R-M5).

use crate::day::Day;
use crate::ids::{Area, BindingNo, InstitutionCode, PersonNo};
use crate::money::{Fen, Total};
use crate::words::{FundKind, PartOrder, Scheme};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An account of the ledger. Purses ([`Account::is_purse`]) have a balance that is never negative; the sums of
/// all others come from their entries, so that no settlement waits for another at a shared row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Account {
    /// 个人账户: a person's money in the employee scheme of an area. Current- and prior-year parts.
    Personal(PersonNo, Area),
    /// 共济额度: what a giver has earmarked for one binding (R-M2).
    Quota(BindingNo),
    /// What an area's pooled fund has paid.
    Fund(Area, Scheme, FundKind),
    /// What an area owes an institution.
    Institution(InstitutionCode),
    /// What the first area owes the second, in the first one's books (R-M6).
    Interarea(Area, Area),
    /// Where the money credited to personal accounts comes from: contributions of an area.
    Intake(Area),
    /// A credit that was wrong and already spent: what its owner owes (R-E16).
    Receivable(PersonNo, Area),
}

impl Account {
    /// Whether it holds somebody's money, and so has a balance that is never negative.
    pub fn is_purse(self) -> bool {
        match self {
            Account::Personal(..) | Account::Quota(_) => true,
            Account::Fund(..)
            | Account::Institution(_)
            | Account::Interarea(..)
            | Account::Intake(_)
            | Account::Receivable(..) => false,
        }
    }
}

/// A year-part of a purse. Which parts count as prior follows from the day they are looked at (R-E14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// Money of earlier years (历年).
    Prior,
    /// Money credited in this year (当年, while the year lasts).
    Year(i16),
}

impl Part {
    /// Whether this part counts as prior-year money in `year`.
    pub fn is_prior_in(self, year: i16) -> bool {
        match self {
            Part::Prior => true,
            Part::Year(it) => it < year,
        }
    }
}

/// One entry of a journal: what an account gains (positive) or gives (negative).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// The account.
    pub account: Account,
    /// The year-part, [`Part::Prior`] for accounts without parts.
    pub part: Part,
    /// What it gains, in fen.
    pub amount: Total,
}

/// Entries that sum to zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    entries: Vec<Entry>,
}

/// A list of entries that does not balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("entries do not balance: they sum to {0}")]
pub struct Unbalanced(pub Total);

impl Journal {
    /// A journal of these entries; those of nothing are left out.
    ///
    /// # Errors
    /// [`Unbalanced`] where they do not sum to zero.
    pub fn new(entries: Vec<Entry>) -> Result<Journal, Unbalanced> {
        let sum: Total = entries.iter().map(|it| it.amount).sum();
        if sum != Total::ZERO {
            return Err(Unbalanced(sum));
        }
        let entries = entries.into_iter().filter(|it| it.amount != Total::ZERO).collect();
        Ok(Journal { entries })
    }

    /// The entries, in the order they were made.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// 冲正: the mirror image. A journal is never edited or deleted; its mirror is posted after it (R-E9).
    pub fn mirrored(&self) -> Journal {
        let mirror = |it: &Entry| Entry { amount: it.amount.negated(), ..*it };
        Journal { entries: self.entries.iter().map(mirror).collect() }
    }

    /// This journal and another as one.
    pub fn and(mut self, other: Journal) -> Journal {
        self.entries.extend(other.entries);
        self
    }
}

/// What a purse holds, by year-part. `current` belongs to `year`; looked at in a later year it is prior (R-E14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    year: i16,
    prior: Fen,
    current: Fen,
}

/// A purse would go below zero, or above what the books can hold (R-E10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a purse would leave the range from zero to 100 billion yuan")]
pub struct OutOfRange;

impl Balance {
    /// A balance as a store or a bureau states it.
    pub const fn new(year: i16, prior: Fen, current: Fen) -> Balance {
        Balance { year, prior, current }
    }

    /// An empty purse.
    pub const fn empty(year: i16) -> Balance {
        Balance { year, prior: Fen::ZERO, current: Fen::ZERO }
    }

    /// The year that `current` belongs to.
    pub const fn year(self) -> i16 {
        self.year
    }

    /// Prior-year money, seen from `year`.
    pub fn prior_in(self, year: i16) -> Fen {
        self.seen_from(year).prior
    }

    /// Current-year money, seen from `year`.
    pub fn current_in(self, year: i16) -> Fen {
        self.seen_from(year).current
    }

    /// All of it.
    pub fn whole(self) -> Fen {
        self.prior.plus(self.current).unwrap_or(Fen::MAX)
    }

    /// The parts as stored: the year that `current` belongs to, `prior`, `current`.
    pub const fn stored(self) -> (i16, Fen, Fen) {
        (self.year, self.prior, self.current)
    }

    /// Whether two balances are the same money, whichever year they were last looked at from.
    pub fn same_as(self, other: Balance) -> bool {
        let year = self.year.max(other.year);
        self.seen_from(year) == other.seen_from(year)
    }

    fn seen_from(self, year: i16) -> Balance {
        if year <= self.year { self } else { Balance { year, prior: self.whole(), current: Fen::ZERO } }
    }

    /// The balance after an entry made in `year`.
    ///
    /// # Errors
    /// [`OutOfRange`] where the part would go below zero.
    pub fn after(self, part: Part, amount: Total, year: i16) -> Result<Balance, OutOfRange> {
        let mut after = self.seen_from(year);
        let prior = part.is_prior_in(after.year);
        let slot = if prior { &mut after.prior } else { &mut after.current };
        let sum = Total::from_fen(slot.get().saturating_add(amount.get()));
        *slot = sum.to_fen().ok_or(OutOfRange)?;
        Ok(after)
    }

    /// Up to `limit`, part by part in the order given, as seen from `year`: which part pays how much.
    pub fn take(self, limit: Fen, order: PartOrder, year: i16) -> Vec<(Part, Fen)> {
        let seen = self.seen_from(year);
        let prior = (Part::Prior, seen.prior);
        let current = (Part::Year(seen.year), seen.current);
        let parts = match order {
            PartOrder::PriorFirst => [prior, current],
            PartOrder::CurrentFirst => [current, prior],
        };
        let mut left = limit;
        let mut taken = Vec::new();
        for (part, holds) in parts {
            let (amount, _) = holds.split(left);
            left = left.less(amount);
            if !amount.is_zero() {
                taken.push((part, amount));
            }
        }
        taken
    }
}

/// Applies entries to purses, all or nothing; accounts that are no purses are passed over.
///
/// # Errors
/// The account that would leave its range, with nothing changed.
pub fn post(purses: &mut BTreeMap<Account, Balance>, journal: &Journal, day: Day) -> Result<(), Account> {
    let mut after = BTreeMap::new();
    for entry in journal.entries().iter().filter(|it| it.account.is_purse()) {
        let before = after.get(&entry.account).or_else(|| purses.get(&entry.account)).copied();
        let before = before.unwrap_or(Balance::empty(day.year()));
        let balance = before.after(entry.part, entry.amount, day.year()).map_err(|_| entry.account)?;
        after.insert(entry.account, balance);
    }
    purses.extend(after);
    Ok(())
}

/// Entries that bring `amount` from an account in one area's books to an account in another's, keeping each
/// area's books balanced by themselves (R-M6): the first area then owes the second.
pub fn between(from: Area, to: Area, amount: Fen) -> Vec<Entry> {
    if from == to || amount.is_zero() {
        return Vec::new();
    }
    let entry = |account, amount| Entry { account, part: Part::Prior, amount };
    vec![
        entry(Account::Interarea(from, to), Total::credit(amount)),
        entry(Account::Interarea(to, from), Total::debit(amount)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fen(fen: i64) -> Fen {
        Fen::new(fen).expect("valid")
    }

    /// R-E14: if this fails, the first day of a year needs a mass job or last year's money is lost.
    #[test]
    fn on_new_year_the_current_part_is_prior_without_being_touched() {
        let balance = Balance::new(2025, fen(100), fen(30));
        assert_eq!((balance.prior_in(2025), balance.current_in(2025)), (fen(100), fen(30)));
        assert_eq!((balance.prior_in(2026), balance.current_in(2026)), (fen(130), fen(0)));
    }

    /// R-E14, R-E9: a refund of last year's current money goes to prior.
    #[test]
    fn a_refund_of_last_years_money_goes_to_prior() {
        let spent = Balance::new(2025, fen(0), fen(0));
        let refunded = spent.after(Part::Year(2025), Total::credit(fen(40)), 2026).expect("in range");
        assert_eq!((refunded.prior_in(2026), refunded.current_in(2026)), (fen(40), fen(0)));
    }

    /// R-E10: if this fails, somebody's account can go below zero.
    #[test]
    fn a_purse_never_goes_below_zero_and_a_failed_journal_changes_nothing() {
        let (giver, place) = (Account::Personal(PersonNo(1), Area::NATION), Account::Intake(Area::NATION));
        let entry = |account, amount| Entry { account, part: Part::Prior, amount };
        let journal = Journal::new(vec![
            entry(giver, Total::debit(fen(60))),
            entry(giver, Total::debit(fen(60))),
            entry(place, Total::credit(fen(120))),
        ]);
        let mut purses = BTreeMap::from([(giver, Balance::new(2025, fen(100), fen(0)))]);
        let day = Day::new(2025, 6, 16).expect("valid");
        assert_eq!(post(&mut purses, &journal.expect("balances"), day), Err(giver));
        assert_eq!(purses[&giver].whole(), fen(100));
    }

    #[test]
    #[rustfmt::skip]
    fn parts_are_taken_in_order() {
        let balance = Balance::new(2025, fen(100), fen(30));
        let cases = [
            (PartOrder::PriorFirst,    50, vec![(Part::Prior, fen(50))]),
            (PartOrder::PriorFirst,   120, vec![(Part::Prior, fen(100)), (Part::Year(2025), fen(20))]),
            (PartOrder::CurrentFirst,  50, vec![(Part::Year(2025), fen(30)), (Part::Prior, fen(20))]),
            (PartOrder::PriorFirst,   999, vec![(Part::Prior, fen(100)), (Part::Year(2025), fen(30))]),
            (PartOrder::PriorFirst,     0, vec![]),
        ];
        for (order, limit, expected) in cases {
            assert_eq!(balance.take(fen(limit), order, 2025), expected, "{order:?} {limit}");
        }
    }

    /// R-M6: each area's own books balance; if this fails, clearing between areas cannot be zero-sum.
    #[test]
    fn money_between_areas_leaves_a_debt_and_a_claim() {
        let [one, other] = [320_100, 340_100].map(|it| Area::from_number(it).expect("valid"));
        let entries = between(one, other, fen(10));
        assert_eq!(entries.iter().map(|it| it.amount).sum::<Total>(), Total::ZERO);
        assert!(between(one, one, fen(10)).is_empty());
    }
}
