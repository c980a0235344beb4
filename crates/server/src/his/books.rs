//! What the institution has in its own books: a row for each answer it got, and what it asked and never heard of.

use super::amounts::{or_zero, yuan};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A settlement or what took it back; amounts in fen, negative for what takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) setl_id: String,
    pub(super) mdtrt_id: String,
    pub(super) psn_no: String,
    pub(super) insutype: String,
    pub(super) clr_type: String,
    pub(super) clr_optins: String,
    pub(super) total: i64,
    pub(super) fund: i64,
    pub(super) accounts: i64,
    pub(super) cash: i64,
    /// Whether another row takes it back.
    pub(super) undone: bool,
    /// Whether it was learnt of at night: another program of the institution may take it back.
    pub(super) adopted: bool,
}

/// A message whose answer was never looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unknown {
    pub(super) infno: &'static str,
    pub(super) psn_no: String,
    /// Whether the patient paid and left.
    pub(super) charged: bool,
}

/// The books.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) rows: Vec<Row>,
    /// Messages that were sent and never heard of.
    pub(super) unknown: BTreeMap<String, Unknown>,
    /// Messages whose settlement is booked.
    pub(super) answered: BTreeSet<String>,
}

/// A text of a node, empty where there is none.
pub(super) fn text(node: &Value, field: &str) -> String {
    node.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl Row {
    fn of(info: &Value) -> Row {
        Row {
            setl_id: text(info, "setl_id"),
            mdtrt_id: text(info, "mdtrt_id"),
            psn_no: text(info, "psn_no"),
            insutype: text(info, "insutype"),
            clr_type: text(info, "clr_type"),
            clr_optins: text(info, "clr_optins"),
            total: or_zero(info, "medfee_sumamt"),
            fund: or_zero(info, "fund_pay_sumamt"),
            accounts: or_zero(info, "acct_pay"),
            cash: or_zero(info, "psn_cash_pay"),
            undone: false,
            adopted: false,
        }
    }

    /// As a list has it.
    fn line(&self) -> String {
        let [total, fund, accounts] = [self.total, self.fund, self.accounts].map(yuan);
        let flag = u8::from(self.total < 0);
        format!("{}\t{}\t{}\t{total}\t{fund}\t{accounts}\t{flag}\n", self.setl_id, self.mdtrt_id, self.psn_no)
    }

    /// Whether it is neither taken back nor takes something back.
    fn counts(&self) -> bool {
        !self.undone && self.total >= 0
    }
}

impl Books {
    /// Books what the night told.
    pub(super) fn adopt(&mut self, msgid: &str, info: &Value) {
        let known = self.rows.len();
        self.book(msgid, info);
        self.rows.iter_mut().skip(known).for_each(|it| it.adopted = true);
    }

    /// Books the answer of a message.
    pub(super) fn book(&mut self, msgid: &str, info: &Value) {
        self.unknown.remove(msgid);
        if !self.answered.insert(msgid.to_owned()) {
            return;
        }
        let row = Row::of(info);
        if row.total >= 0 {
            self.rows.push(row);
            return;
        }
        let taken =
            self.rows.iter().find(|it| it.counts() && it.mdtrt_id == row.mdtrt_id && it.total == -row.total);
        if let Some(setl_id) = taken.map(|it| it.setl_id.clone()) {
            self.take_back(&setl_id);
        }
    }

    /// Books that a settlement was taken back: a row of its own under the same number.
    pub(super) fn take_back(&mut self, setl_id: &str) {
        let Some(row) = self.rows.iter_mut().find(|it| it.counts() && it.setl_id == setl_id) else { return };
        row.undone = true;
        let back = Row {
            total: -row.total,
            fund: -row.fund,
            accounts: -row.accounts,
            cash: -row.cash,
            ..row.clone()
        };
        self.rows.push(back);
    }
}

/// Sums of rows, as 3201 and 3202 want them.
pub(super) struct Sums {
    pub(super) total: i64,
    pub(super) fund: i64,
    pub(super) accounts: i64,
    pub(super) cash: i64,
    /// How many are not taken back.
    pub(super) count: usize,
}

impl Sums {
    pub(super) fn of(rows: &[Row]) -> Sums {
        let sum = |of: fn(&Row) -> i64| rows.iter().map(of).sum();
        Sums {
            total: sum(|it| it.total),
            fund: sum(|it| it.fund),
            accounts: sum(|it| it.accounts),
            cash: sum(|it| it.cash),
            count: rows.iter().filter(|it| it.counts()).count(),
        }
    }
}

/// The text of a list.
pub(super) fn list(rows: &[Row]) -> String {
    rows.iter().map(Row::line).collect()
}
