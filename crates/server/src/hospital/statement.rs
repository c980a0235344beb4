//! 对账: the settlements of an institution in a time, of the kind that a statement is about. Both 3201 and 3202 read them
//! here.

use super::Call;
use super::setlinfo::clr_type;
use super::wire::{Malformed, Node};
use crate::app::App;
use domain::day::Moment;
use domain::facts::Settlement;
use domain::ids::{Area, InstitutionCode, SettlementNo};
use domain::money::{Fen, Total};
use domain::reconciliation::{Counting, Ours, Place};
use domain::words::Scheme;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use store::{Fault, Page, Query};

/// The longest time that is reconciled at once, in days: a quarter.
const MOST_DAYS: i32 = 92;
/// How many settlements are read at once.
const PAGE: u32 = 500;

/// How many settlements are looked up by number at once.
const NUMBERS: usize = 1_000;

/// What is reconciled: time, insurer, kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    institution: InstitutionCode,
    /// From the beginning of the first day to that of the day after the last, by `setl_time`.
    pub(super) within: Range<Moment>,
    /// 结算经办机构: the area that pays.
    area: Area,
    /// 清算类别.
    clr_type: String,
    /// 险种, where the statement is of one.
    scheme: Option<Scheme>,
}

impl Statement {
    /// What a message is about.
    pub(super) fn read(
        call: &Call<'_>,
        node: &Node<'_>,
        scheme: Option<Scheme>,
    ) -> Result<Statement, Malformed> {
        let [first, last] = ["stmt_begndate", "stmt_enddate"].map(|it| node.moment(it));
        let (first, last) = (first?.day(), last?.day());
        let days = last.days_since(first) + 1;
        if !(1..=MOST_DAYS).contains(&days) {
            let what = format!("应不早于 stmt_begndate，对账期间最长 {MOST_DAYS} 天");
            return Err(node.complain("stmt_enddate", what));
        }
        let area = Area::parse(node.text("setl_optins")?);
        Ok(Statement {
            institution: call.envelope.institution,
            within: first.start()..last.plus(1).start(),
            area: area
                .ok_or_else(|| node.complain("setl_optins", "应是六位区划代码，同结算返回的 clr_optins"))?,
            clr_type: node.short("clr_type", 6)?.to_owned(),
            scheme,
        })
    }

    /// What a settlement is to this statement.
    fn place(&self, it: &Settlement) -> Place {
        let is_here = it.area == self.area
            && clr_type(it.purpose) == self.clr_type
            && self.scheme.is_none_or(|scheme| it.scheme == scheme);
        match it.institution == self.institution {
            false => Place::OtherInstitution,
            true if is_here => Place::Here,
            true => Place::OtherKind,
        }
    }

    /// Our side of it, by number. What is undone while this is read counts as undone.
    pub(super) async fn ours(&self, app: &App) -> Result<BTreeMap<SettlementNo, Ours>, Fault> {
        let mut ours = BTreeMap::new();
        let mut from = self.within.start;
        while from < self.within.end {
            let to = from.day().plus(1).start();
            self.read_day(app, from..to, &mut ours).await?;
            from = to;
        }
        let undone: Vec<_> = ours.values().filter_map(|it: &Ours| Some((it.undoes?, it.no))).collect();
        for (original, by) in undone {
            if let Some(it) = ours.get_mut(&original) {
                it.undone_by = Some(by);
            }
        }
        Ok(ours)
    }

    async fn read_day(
        &self,
        app: &App,
        within: Range<Moment>,
        ours: &mut BTreeMap<SettlementNo, Ours>,
    ) -> Result<(), Fault> {
        let (institution, mut after) = (self.institution, None);
        loop {
            let query = Query::SettledAt { institution, within: within.clone(), after, limit: PAGE };
            let Page::SettledAt(page) = app.store.page(&query).await? else {
                return Err(Fault::other_page());
            };
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.order());
            let here =
                page.iter().map(|it| Ours::of(it, self.place(it))).filter(|it| it.place == Place::Here);
            ours.extend(here.map(|it| (it.no, it)));
        }
    }

    /// Settlements of these numbers, with what undid them, wherever they stand.
    pub(super) async fn elsewhere(
        &self,
        app: &App,
        mut wanted: BTreeSet<SettlementNo>,
    ) -> Result<BTreeMap<SettlementNo, Ours>, Fault> {
        let mut found = BTreeMap::new();
        while !wanted.is_empty() {
            let some: BTreeSet<_> = wanted.iter().take(NUMBERS).copied().collect();
            wanted.retain(|it| !some.contains(it));
            let Page::Numbered(page) = app.store.page(&Query::Numbered(some)).await? else {
                return Err(Fault::other_page());
            };
            wanted.extend(page.iter().filter_map(|it| it.undone_by));
            found.extend(page.iter().map(|it| (it.no, Ours::of(it, self.place(it)))));
            wanted.retain(|it| !found.contains_key(it));
        }
        Ok(found)
    }
}

/// How what is undone counts, by `fixmedins_refd_setl_flag`, or `refd_setl_flag` where that is empty: 1 counts the
/// settlement and its refund, 0 neither. `None`: neither flag is set, and either count is right.
pub(super) fn counting(node: &Node<'_>) -> Result<Option<Counting>, Malformed> {
    for field in ["fixmedins_refd_setl_flag", "refd_setl_flag"] {
        match node.maybe(field)? {
            Some("0" | "00") => return Ok(Some(Counting::Net)),
            Some("1" | "01") => return Ok(Some(Counting::Apart)),
            Some(_) => {
                return Err(node.complain(field, "应是 0（结算与其退费都不计）或 1（结算与其退费各计一笔）"));
            }
            None => {}
        }
    }
    Ok(None)
}

/// A sum that may be negative, in yuan.
pub(super) fn sum(node: &Node<'_>, field: &str) -> Result<Total, Malformed> {
    let wrong = || node.complain(field, "应是最多两位小数的金额，退费多于结算时为负数");
    signed(node.text(field)?).ok_or_else(wrong)
}

/// An amount that may be negative, in yuan.
pub(super) fn signed(text: &str) -> Option<Total> {
    match text.strip_prefix('-') {
        Some(amount) => Fen::parse(amount).map(Total::debit),
        None => Fen::parse(text).map(Total::credit),
    }
}

/// A number of rows.
pub(super) fn count(node: &Node<'_>, field: &str) -> Result<u64, Malformed> {
    node.text(field)?.parse().map_err(|_| node.complain(field, "应是不小于 0 的整数"))
}
