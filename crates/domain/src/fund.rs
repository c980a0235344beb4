//! What the pooled fund pays of a bill, and what is left to the patient, part by part (R-E3, R-E4).

use crate::benefit::{Benefit, Whom, first_fit};
use crate::bill::Split;
use crate::money::{Fen, Share};
use crate::words::{BillPart, FundKind, Period};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the patient has used of deductible and ceiling, of a year or of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Borne as deductible.
    pub deductible: Fen,
    /// In scope above the deductible.
    pub in_scope: Fen,
    /// Paid by the funds.
    pub fund: Fen,
    /// Stays that were settled.
    pub stays: u16,
}

impl Tally {
    /// This tally and another.
    pub fn plus(self, other: Tally) -> Tally {
        let sum = |one: Fen, two: Fen| one.plus(two).unwrap_or(Fen::MAX);
        Tally {
            deductible: sum(self.deductible, other.deductible),
            in_scope: sum(self.in_scope, other.in_scope),
            fund: sum(self.fund, other.fund),
            stays: self.stays.saturating_add(other.stays),
        }
    }

    /// This tally without another that is in it.
    pub fn less(self, other: Tally) -> Tally {
        Tally {
            deductible: self.deductible.less(other.deductible),
            in_scope: self.in_scope.less(other.in_scope),
            fund: self.fund.less(other.fund),
            stays: self.stays.saturating_sub(other.stays),
        }
    }
}

/// What the tallies say before a bill.
#[derive(Debug, Clone, Copy, Default)]
pub struct Before {
    /// Of the service day's year.
    pub year: Tally,
    /// Of its month.
    pub month: Tally,
    /// Borne as deductible by what is settled of the same visit and not undone: several bills of a visit bear the
    /// deductible of the visit once, whatever they are for, registration fees too.
    pub visit: Fen,
    /// Paid by the funds in the year for the other kind of care.
    pub other_fund: Fen,
    /// What the own account holds of current-year money, for areas where it pays before the shares.
    pub own_current: Fen,
}

/// A bill, shared out between the funds and the patient. `personal` is the sum of its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// The whole bill.
    pub total: Fen,
    /// The four national amounts, over all lines (I4, I10).
    pub full_self: Fen,
    /// 超限价.
    pub over_limit: Fen,
    /// 先行自付.
    pub first_pay: Fen,
    /// 符合政策范围.
    pub in_scope: Fen,
    /// What the basic fund pays.
    pub basic: Fen,
    /// What the large-sum fund pays.
    pub large: Fen,
    /// The fund's share in the band of the last fen, for `pool_prop_selfpay`.
    pub share: Share,
    /// What the own current-year account pays before deductible and shares, where the area says so.
    pub account_before: Fen,
    /// What the patient bears, by part.
    pub parts: BTreeMap<BillPart, Fen>,
    /// What this bill adds to the tallies.
    pub tally: Tally,
}

impl Shared {
    /// What the funds pay.
    pub fn fund(&self) -> Fen {
        [self.basic, self.large].into_iter().sum()
    }

    /// What the patient bears.
    pub fn personal(&self) -> Fen {
        self.total.less(self.fund())
    }

    /// What the patient bears in these parts.
    pub fn in_parts(&self, parts: &BTreeSet<BillPart>) -> Fen {
        self.parts.iter().filter(|(part, _)| parts.contains(part)).map(|(_, amount)| *amount).sum()
    }
}

/// Shares a bill out. `own_account` says whether the patient lets the own account pay at all.
pub fn share_out(splits: &[Split], benefit: &Benefit, whom: Whom, before: Before) -> Shared {
    let over = |part: fn(&Split) -> Fen| -> Fen { splits.iter().map(part).sum() };
    let in_scope = over(|it| it.in_scope);
    let (account_before, counted) =
        in_scope.split(if benefit.account_pays_before { before.own_current } else { Fen::ZERO });
    let (deductible, above) = counted.split(deductible_left(benefit, whom, before));
    let paid = fund_pays(benefit, whom, before, above);
    // Where the fund pays nothing at all (most pharmacies), nothing counts towards deductible, bands and ceiling.
    let counts = !benefit.bands.is_empty();
    let tally = Tally { deductible, in_scope: above, fund: paid.sum(), stays: 0 };
    let tally = if counts { tally } else { Tally::default() };
    let shared = Shared {
        total: over(|it| it.cost),
        full_self: over(|it| it.full_self),
        over_limit: over(|it| it.over_limit),
        first_pay: over(|it| it.first_pay),
        in_scope,
        basic: paid.basic,
        large: paid.large,
        share: paid.share,
        account_before,
        parts: BTreeMap::from([
            (BillPart::FullSelf, over(|it| it.full_self)),
            (BillPart::OverLimit, over(|it| it.over_limit)),
            (BillPart::FirstPay, over(|it| it.first_pay)),
            (BillPart::Deductible, deductible.plus(account_before).unwrap_or(Fen::MAX)),
            (BillPart::RatioShare, above.less(paid.sum()).less(paid.capped)),
            (BillPart::OverCeiling, paid.capped),
        ]),
        tally,
    };
    assert_eq!(
        shared.parts.values().copied().sum::<Fen>(),
        shared.personal(),
        "the parts are the personal share"
    );
    shared
}

fn deductible_left(benefit: &Benefit, whom: Whom, before: Before) -> Fen {
    let Some(deductible) = &benefit.deductible else { return Fen::ZERO };
    let amount = first_fit(&deductible.rows, whom).unwrap_or(Fen::ZERO);
    match deductible.period {
        Period::Year => amount.less(before.year.deductible),
        Period::Month => amount.less(before.month.deductible),
        Period::Visit => amount.less(before.visit),
    }
}

/// What the ceiling of this kind of care, and that of both kinds together, leave of the year.
fn ceiling_left(benefit: &Benefit, whom: Whom, before: Before) -> Fen {
    let own = first_fit(&benefit.ceilings, whom).map_or(Fen::MAX, |it| it.less(before.year.fund));
    let joint = first_fit(&benefit.joint_ceilings, whom);
    own.min(joint.map_or(Fen::MAX, |it| it.less(before.year.fund).less(before.other_fund)))
}

struct Paid {
    basic: Fen,
    large: Fen,
    /// What the ceiling took away.
    capped: Fen,
    share: Share,
}

impl Paid {
    fn sum(&self) -> Fen {
        [self.basic, self.large].into_iter().sum()
    }
}

/// The bands that the in-scope amount above the deductible falls into, continuing from the year's amount so far.
fn fund_pays(benefit: &Benefit, whom: Whom, before: Before, above: Fen) -> Paid {
    let mut exact = BTreeMap::new();
    let mut share = Share::NONE;
    let start = before.year.in_scope;
    let end = start.plus(above).unwrap_or(Fen::MAX);
    for (at, band) in benefit.bands.iter().enumerate() {
        let until = benefit.bands.get(at + 1).map_or(Fen::MAX, |it| it.above);
        let inside = end.min(until).less(start.max(band.above));
        let rate = first_fit(&band.shares, whom).unwrap_or(Share::NONE);
        if !inside.is_zero() || at == 0 {
            share = rate;
        }
        *exact.entry(band.fund).or_insert(0) += inside.get() * i64::from(rate.get());
    }
    // Rounding, second place of two (R-E17): the fund's share of the bill, half up to the fen.
    let rounded = |exact: i64| Fen::new((exact + 5_000) / 10_000).unwrap_or(Fen::ZERO);
    let both = rounded(exact.values().sum()).min(above);
    let (large, basic) = both.split(rounded(exact.get(&FundKind::Large).copied().unwrap_or(0)));
    let left = ceiling_left(benefit, whom, before);
    let (basic_paid, basic_capped) = basic.split(left);
    let (large_paid, large_capped) = large.split(left.less(basic_paid));
    Paid {
        basic: basic_paid,
        large: large_paid,
        capped: [basic_capped, large_capped].into_iter().sum(),
        share,
    }
}
