//! The payment catalogue (医保目录) of an area on a day: every code that is decided, how it counts, its first-pay share
//! and its price limits. Bills are judged by the same functions, so that no list promises what a bill does not keep.

use crate::bill::{Basis, basis, first_pay_share};
use crate::catalogue::{Catalogue, Edition, Row, RowNo, State};
use crate::day::Day;
use crate::decision::Law;
use crate::ids::Area;
use crate::money::Share;
use crate::parameters::{PerCent, PriceLimit, ServiceClasses};
use crate::policy::Found;
use crate::reason::Reason;
use std::collections::BTreeSet;

/// The payment catalogue of one area on one day.
pub struct PaymentCatalogue<'a> {
    /// The edition it stands on.
    pub edition: &'a Edition,
    /// The highest prices that count there, and since when.
    pub limits: Found<'a, Vec<PriceLimit>>,
    catalogue: &'a Catalogue,
    services: &'a ServiceClasses,
    class_b: Found<'a, PerCent>,
}

/// One item of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<'a> {
    /// National code; the catalogue's own number for a row of which no national code is known.
    pub code: &'a str,
    /// Generic name, or name of the service.
    pub name: &'a str,
    /// The row of the edition that names it.
    pub row: Option<&'a Row>,
    /// How it counts.
    pub basis: Basis,
    /// 先行自付比例 (R-J2).
    pub first_pay_share: Share,
}

impl<'a> PaymentCatalogue<'a> {
    /// The payment catalogue of an area on a day.
    ///
    /// # Errors
    /// [`Reason::NoCatalogue`] where no edition is in force, [`Reason::NoPolicy`] where the area's law is silent.
    pub fn of(law: &'a Law, area: Area, day: Day) -> Result<PaymentCatalogue<'a>, Reason> {
        let edition = law.edition(day).ok_or(Reason::NoCatalogue { day })?;
        let said = &law.policies.parameters;
        Ok(PaymentCatalogue {
            edition,
            limits: said.price_limits.on(area, day).map_err(Reason::NoPolicy)?,
            catalogue: &law.catalogue,
            services: said.service_classes.on(area, day).map_err(Reason::NoPolicy)?.value,
            class_b: said.class_b_first_pay.on(area, day).map_err(Reason::NoPolicy)?,
        })
    }

    /// What is said of a code; `None` where nobody has decided it.
    pub fn item(&self, code: &'a str, name: &'a str) -> Option<Item<'a>> {
        let basis = basis(code, self.edition, self.services)?;
        let row = if let Basis::Row(number, _) = basis { self.edition.row(number) } else { None };
        Some(self.with(code, name, row, basis))
    }

    /// Since when the first-pay shares are what they are.
    pub fn shares_since(&self) -> Day {
        self.edition.first_day().max(self.class_b.cite.from)
    }

    /// All items: drugs and services by national code, then rows without one in printed order.
    pub fn items(&self) -> impl Iterator<Item = Item<'a>> {
        let coded = self.catalogue.drugs().chain(self.catalogue.services());
        coded.filter_map(|(code, name)| self.item(code, name)).chain(self.rows_without_code())
    }

    fn rows_without_code(&self) -> impl Iterator<Item = Item<'a>> {
        let row_of = |(code, _)| match self.edition.state_of(code) {
            State::In { row, .. } => Some(row),
            State::NotIn { .. } | State::NotMapped => None,
        };
        let coded: BTreeSet<RowNo> = self.catalogue.drugs().filter_map(row_of).collect();
        let rest =
            self.edition.rows().filter(move |(number, row)| row.is_medical() && !coded.contains(number));
        rest.map(|(number, row)| self.with(&row.row_id, &row.name, Some(row), Basis::Row(number, row.class)))
    }

    fn with(&self, code: &'a str, name: &'a str, row: Option<&'a Row>, basis: Basis) -> Item<'a> {
        Item { code, name, row, basis, first_pay_share: first_pay_share(basis, self.class_b.value.0) }
    }
}
