//! Who pays what: a bill's parts against an ordered list of purses, then cash (R-E4, R-E6, R-E8, R-E12).

use crate::day::Day;
use crate::decision::{Found, Steps};
use crate::facts::Draw;
use crate::money::Fen;
use crate::policy::Cite;
use crate::purses::Purse;
use crate::reason::{Reason, UsableWhy};
use crate::words::{BillPart, PartOrder};
use std::collections::{BTreeMap, BTreeSet};

/// What the patient bears, and which of its parts own and shared money may pay.
#[derive(Debug, Clone)]
pub(crate) struct Due<'a> {
    /// What is left to pay, by part.
    pub parts: BTreeMap<BillPart, Fen>,
    /// Parts that the own account may pay.
    pub own: &'a BTreeSet<BillPart>,
    /// Parts that shared money may pay.
    pub shared: &'a BTreeSet<BillPart>,
    /// What says so.
    pub cite: Cite,
    /// Order of an account's parts.
    pub order: PartOrder,
    /// One bill takes money of one giver only.
    pub one_giver: Option<Cite>,
    /// The day of the books.
    pub today: Day,
}

/// Who pays what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// What purses pay, in order; none of nothing.
    pub draws: Vec<Draw>,
    /// What is paid in cash.
    pub cash: Fen,
}

/// Pays what is due from the purses in the order given; what they may not or cannot cover is paid in cash.
/// A purse that covers less than it was asked for says why, as a step.
pub(crate) fn plan(mut due: Due<'_>, purses: &[Purse], steps: &mut Steps) -> Plan {
    let whole: Fen = due.parts.values().copied().sum();
    let mut plan = Plan::default();
    for purse in purses {
        let wanted = due.payable(purse);
        let another = plan.draws.iter().any(|it| it.binding.is_some()) && purse.binding.is_some();
        if wanted.is_zero() {
            continue;
        }
        if let Some(cite) = due.one_giver.filter(|_| another) {
            let reason = Reason::OneGiverPerBill { giver: purse.owner };
            steps.push(reason.rule(), Some(cite), Found::Fails(reason));
            continue;
        }
        let draw = purse.draw(wanted, due.order, due.today.year());
        let paid = draw.amount();
        due.pay(purse, paid);
        if !paid.is_zero() {
            steps.push("R-E6", None, Found::Pays(draw.clone()));
            plan.draws.push(draw);
        }
        if let Some(reason) = shortfall(purse, paid, wanted.less(paid)) {
            steps.push(reason.rule(), None, Found::Fails(reason));
        }
    }
    due.name_unpayable(steps);
    plan.cash = due.parts.values().copied().sum();
    let paid: Fen = plan.draws.iter().map(Draw::amount).sum();
    assert_eq!(paid.plus(plan.cash), Some(whole), "a plan neither makes nor loses money");
    plan
}

impl Due<'_> {
    fn parts_for(&self, purse: &Purse) -> &BTreeSet<BillPart> {
        if purse.binding.is_some() { self.shared } else { self.own }
    }

    fn payable(&self, purse: &Purse) -> Fen {
        let allowed = self.parts_for(purse);
        self.parts.iter().filter(|(part, _)| allowed.contains(part)).map(|(_, amount)| *amount).sum()
    }

    /// Takes what was paid off the parts; what only this kind of purse may pay goes first, so that the other
    /// kind can pay as much as possible.
    fn pay(&mut self, purse: &Purse, paid: Fen) {
        let (allowed, others) =
            if purse.binding.is_some() { (self.shared, self.own) } else { (self.own, self.shared) };
        let mut order: Vec<BillPart> = allowed.iter().copied().collect();
        order.sort_by_key(|it| others.contains(it));
        let mut left = paid;
        for part in order {
            if let Some(amount) = self.parts.get_mut(&part) {
                let (taken, rest) = amount.split(left);
                left = left.less(taken);
                *amount = rest;
            }
        }
        assert!(left.is_zero(), "a purse pays no more than it was asked for");
    }

    fn name_unpayable(&self, steps: &mut Steps) {
        let neither = |part: &BillPart| !self.own.contains(part) && !self.shared.contains(part);
        for (part, amount) in self.parts.iter().filter(|(part, amount)| !amount.is_zero() && neither(part)) {
            let reason = Reason::ItemNotPayable { part: *part, amount: *amount };
            steps.push(reason.rule(), Some(self.cite), Found::Fails(reason));
        }
    }
}

/// Why a relative's purse paid less than it was asked for: a limit, a part that has to stay, or nothing more there.
fn shortfall(purse: &Purse, paid: Fen, rest: Fen) -> Option<Reason> {
    purse.binding?;
    if rest.is_zero() {
        return None;
    }
    let giver = purse.owner;
    let capped = purse.cap.filter(|(room, _)| *room == paid);
    let kept = purse.kept.map(|why: UsableWhy| Reason::UsableZero {
        giver,
        balance: purse.balance.whole(),
        usable: purse.usable,
        why,
    });
    let short = Reason::BalanceShort { giver, paid, rest };
    Some(capped.map(|(room, kind)| Reason::CapReached { giver, kind, room }).or(kept).unwrap_or(short))
}
