//! The books again, by hand: every entry added up by account and year-part, by area, and over all.

use domain::facts::Facts;
use domain::ids::Area;
use domain::ledger::{Account, Balance, Journal, Part};
use std::collections::BTreeMap;

/// What entries add up to.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// Each account.
    wholes: BTreeMap<Account, i64>,
    /// Money of each purse credited in a year, by year.
    years: BTreeMap<(Account, i16), i64>,
    /// Each area's books.
    areas: BTreeMap<Area, i64>,
}

/// The area in whose books an account stands.
pub fn area_of(account: Account, facts: &Facts) -> Option<Area> {
    match account {
        Account::Personal(_, area)
        | Account::Fund(area, ..)
        | Account::Interarea(area, _)
        | Account::Intake(area)
        | Account::Receivable(_, area) => Some(area),
        Account::Quota(binding) => facts.bindings.get(&binding).map(|it| it.giver_area),
        Account::Institution(code) => facts.institutions.get(&code).map(|it| it.area),
    }
}

impl Books {
    /// Adds a journal; the facts know where quotas and institutions belong.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn post(&mut self, journal: &Journal, facts: &Facts) -> Result<(), String> {
        let mut sum = 0;
        let mut by_area: BTreeMap<Area, i64> = BTreeMap::new();
        for entry in journal.entries() {
            let amount = entry.amount.get();
            sum += amount;
            *self.wholes.entry(entry.account).or_insert(0) += amount;
            if let Part::Year(year) = entry.part {
                *self.years.entry((entry.account, year)).or_insert(0) += amount;
            }
            let area = area_of(entry.account, facts)
                .ok_or_else(|| format!("{entry:?} stands in no area's books"))?;
            *by_area.entry(area).or_insert(0) += amount;
            *self.areas.entry(area).or_insert(0) += amount;
        }
        if sum != 0 {
            return Err(format!("a journal sums to {sum} fen"));
        }
        if let Some((area, sum)) = by_area.into_iter().find(|(_, sum)| *sum != 0) {
            return Err(format!("the books of {area} are out of balance by {sum} fen: {journal:?}"));
        }
        Ok(())
    }

    /// Compares every purse with what its entries add up to, in a year.
    ///
    /// # Errors
    /// The first purse that differs.
    pub fn compare(&self, purses: &[(Account, Balance)], year: i16) -> Result<(), String> {
        let mut known = 0;
        for (account, balance) in purses {
            let whole = self.wholes.get(account).copied();
            known += usize::from(whole.is_some());
            let whole = whole.unwrap_or(0);
            let current = self.years.get(&(*account, year)).copied().unwrap_or(0);
            let (prior, current_there) = (balance.prior_in(year).get(), balance.current_in(year).get());
            if whole != balance.whole().get() || current != current_there || prior + current_there != whole {
                return Err(format!(
                    "{account:?} holds {balance:?}, its entries {whole} with {current} of {year}"
                ));
            }
            if whole < 0 || current < 0 || prior < 0 {
                return Err(format!("{account:?} is below zero: {balance:?}"));
            }
        }
        let ours = self.wholes.keys().filter(|it| it.is_purse()).count();
        if ours != known {
            return Err(format!("{ours} purses have entries, {known} of them have a balance"));
        }
        Ok(())
    }

    /// The sums over all accounts and over each area.
    ///
    /// # Errors
    /// What does not sum to zero.
    pub fn sums(&self) -> Result<(), String> {
        let all: i64 = self.wholes.values().sum();
        if all != 0 {
            return Err(format!("the books sum to {all} fen"));
        }
        match self.areas.iter().find(|(_, sum)| **sum != 0) {
            Some((area, sum)) => Err(format!("the books of {area} sum to {sum} fen")),
            None => Ok(()),
        }
    }
}
