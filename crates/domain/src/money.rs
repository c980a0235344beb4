//! Money: whole fen, no float, no public field; shares in 万分比; rounding is named where it happens (R-E10, R-E17).

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::AddAssign;

/// An amount on a bill or in an account, in whole fen (分): never negative, at most 100 billion yuan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash, Serialize, Deserialize)]
pub struct Fen(i64);

impl Fen {
    /// Nothing.
    pub const ZERO: Fen = Fen(0);
    /// The largest amount the books can hold: 100 billion yuan.
    pub const MAX: Fen = Fen(10_000_000_000_000);

    /// So many fen; `None` where negative or above [`Fen::MAX`].
    pub const fn new(fen: i64) -> Option<Fen> {
        if fen >= 0 && fen <= Fen::MAX.0 { Some(Fen(fen)) } else { None }
    }

    /// Reads `120`, `120.4` or `120.40` yuan; `None` for a sign, an exponent, a third decimal or a huge amount.
    pub fn parse(text: &str) -> Option<Fen> {
        Decimal::parse(text, 2).and_then(|it| Fen::new(it.units(2)?))
    }

    /// The amount in fen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether there is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Takes up to `limit` and returns `(taken, rest)`; the two always add up to `self`.
    pub fn split(self, limit: Fen) -> (Fen, Fen) {
        let taken = self.min(limit);
        (taken, Fen(self.0 - taken.0))
    }

    /// The sum; `None` above [`Fen::MAX`].
    pub const fn plus(self, other: Fen) -> Option<Fen> {
        Fen::new(self.0 + other.0)
    }

    /// The difference; `None` where it would be negative.
    pub const fn minus(self, other: Fen) -> Option<Fen> {
        Fen::new(self.0 - other.0)
    }

    /// What is left after taking away `other`, nothing where `other` is more.
    pub fn less(self, other: Fen) -> Fen {
        self.split(other).1
    }

    /// This share of the amount, half up to the fen (R-E17).
    pub fn share_half_up(self, share: Share) -> Fen {
        Fen((self.0 * i64::from(share.0) + 5_000) / 10_000)
    }
}

impl Sum for Fen {
    /// Sums amounts; the sum of everything ever billed stays far below what an `i64` holds.
    fn sum<I: Iterator<Item = Fen>>(amounts: I) -> Fen {
        amounts.fold(Fen::ZERO, |sum, it| sum.plus(it).expect("sums of checked bills stay below Fen::MAX"))
    }
}

impl AddAssign for Fen {
    fn add_assign(&mut self, other: Fen) {
        *self = self.plus(other).expect("sums of checked bills stay below Fen::MAX");
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Total(self.0), f)
    }
}

impl fmt::Debug for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A sum of entries, in fen, with a sign: for checking books and showing refunds, never for an account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash, Serialize, Deserialize)]
pub struct Total(i64);

impl Total {
    /// Nothing.
    pub const ZERO: Total = Total(0);

    /// The amount as something that comes in.
    pub const fn credit(amount: Fen) -> Total {
        Total(amount.0)
    }

    /// The amount as something that goes out.
    pub const fn debit(amount: Fen) -> Total {
        Total(-amount.0)
    }

    /// So many fen, as read back from a store.
    pub const fn from_fen(fen: i64) -> Total {
        Total(fen)
    }

    /// The sum in fen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The mirror image.
    pub const fn negated(self) -> Total {
        Total(-self.0)
    }

    /// The amount, where the sum is not negative.
    pub const fn to_fen(self) -> Option<Fen> {
        Fen::new(self.0)
    }
}

impl Sum for Total {
    fn sum<I: Iterator<Item = Total>>(totals: I) -> Total {
        Total(totals.map(|it| it.0).sum())
    }
}

impl AddAssign for Total {
    fn add_assign(&mut self, other: Total) {
        self.0 += other.0;
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", self.0.abs() / 100, self.0.abs() % 100)
    }
}

impl fmt::Debug for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A share in 万分比: 10,000 is the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Share(u16);

impl Share {
    /// Nothing.
    pub const NONE: Share = Share(0);
    /// The whole.
    pub const WHOLE: Share = Share(10_000);

    /// So many ten-thousandths; `None` above the whole.
    pub const fn new(ten_thousandths: u16) -> Option<Share> {
        if ten_thousandths <= 10_000 { Some(Share(ten_thousandths)) } else { None }
    }

    /// Reads a percentage with at most two decimals: `10`, `93.5`.
    pub fn parse_percent(text: &str) -> Option<Share> {
        let units = Decimal::parse(text, 2)?.units(2)?;
        u16::try_from(units).ok().and_then(Share::new)
    }

    /// The share in ten-thousandths.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole}%"),
            (whole, rest) => write!(f, "{whole}.{rest:02}%"),
        }
    }
}

/// A decimal number as it was written: exact, not negative, never through a float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    digits: i64,
    decimals: u32,
}

impl Decimal {
    /// Reads a plain decimal with at most `decimals` places (trailing zeros beyond are allowed);
    /// `None` for a sign, an exponent, anything else, or more than 15 digits.
    pub fn parse(text: &str, decimals: u32) -> Option<Decimal> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits_only = |it: &str| it.bytes().all(|b| b.is_ascii_digit());
        let dangling = text.contains('.') && fraction.is_empty();
        if whole.is_empty() || dangling || !digits_only(whole) || !digits_only(fraction) {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        let places = u32::try_from(fraction.len()).ok().filter(|it| *it <= decimals)?;
        let whole = whole.trim_start_matches('0');
        if whole.len() + fraction.len() > 15 {
            return None;
        }
        let joined = format!("0{whole}{fraction}");
        Some(Decimal { digits: joined.parse().ok()?, decimals: places })
    }

    /// The number in units of ten to the minus `decimals`; `None` where that loses a digit or overflows.
    pub fn units(self, decimals: u32) -> Option<i64> {
        let scale = 10_i64.checked_pow(decimals.checked_sub(self.decimals)?)?;
        self.digits.checked_mul(scale)
    }
}

/// A quantity on a bill line, with four decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Quantity(i64);

/// A unit price on a bill line, in yuan with six decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Price(i64);

impl Quantity {
    /// Reads a quantity with at most four decimals.
    pub fn parse(text: &str) -> Option<Quantity> {
        Decimal::parse(text, 4)?.units(4).map(Quantity)
    }

    /// The quantity in ten-thousandths.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// This quantity without another that is in it; `None` where it is not.
    pub const fn minus(self, other: Quantity) -> Option<Quantity> {
        if self.0 < other.0 { None } else { Some(Quantity(self.0 - other.0)) }
    }

    /// The quantity times the price, half up to the fen: what a bill line costs (I8); `None` above [`Fen::MAX`].
    pub fn times_half_up(self, price: Price) -> Option<Fen> {
        let product = i128::from(self.0) * i128::from(price.0);
        let fen = (product + 50_000_000) / 100_000_000;
        i64::try_from(fen).ok().and_then(Fen::new)
    }
}

impl Price {
    /// Reads a price in yuan with at most six decimals.
    pub fn parse(text: &str) -> Option<Price> {
        Decimal::parse(text, 6)?.units(6).map(Price)
    }

    /// The price in millionths of a yuan.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The amount as a unit price.
    pub fn of(amount: Fen) -> Price {
        Price(amount.get() * 10_000)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:04}", self.0 / 10_000, self.0 % 10_000)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[rustfmt::skip]
    fn amounts_are_read_from_their_text() {
        let cases = [
            ("0", Some(0)), ("120", Some(12_000)), ("120.4", Some(12_040)), ("120.40", Some(12_040)),
            ("120.400", Some(12_040)), ("0.01", Some(1)), ("00.01", Some(1)), ("100000000000", Some(10_000_000_000_000)),
            ("100000000000.01", None), ("120.401", None), ("-1", None), ("+1", None), ("1e2", None), ("", None),
            (".5", None), ("5.", None), ("1,000", None), ("１２", None), ("NaN", None), ("999999999999999999999", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Fen::parse(text).map(Fen::get), expected, "{text:?}");
        }
    }

    /// R-E17: if this fails, first-pay amounts differ by a fen from what a hospital computes.
    #[test]
    fn a_share_is_rounded_half_up() {
        let share = |fen, percent: &str| {
            let amount = Fen::new(fen).expect("valid");
            amount.share_half_up(Share::parse_percent(percent).expect("valid")).get()
        };
        assert_eq!(share(3_000, "10"), 300);
        assert_eq!(share(5, "10"), 1);
        assert_eq!(share(4, "10"), 0);
        assert_eq!(share(1_001, "93.5"), 936);
    }

    #[test]
    fn a_line_costs_quantity_times_price() {
        let cost = |count, price| {
            let quantity = Quantity::parse(count).expect("valid");
            quantity.times_half_up(Price::parse(price).expect("valid")).map(Fen::get)
        };
        assert_eq!(cost("2", "10.00"), Some(2_000));
        assert_eq!(cost("0.3333", "0.15"), Some(5));
        assert_eq!(cost("1", "0.005"), Some(1));
        assert_eq!(cost("99999999", "99999999"), None);
    }
}
