//! The list of settlements that an institution sends for 3202: what can be read of it, and what cannot, line by line.

use super::statement::signed;
use super::tables::unpack;
use super::wire::Malformed;
use domain::ids::{SettlementNo, VisitNo};
use domain::reconciliation::{Amounts, Theirs};
use std::collections::BTreeMap;

/// The columns of a list.
const COLUMNS: usize = 7;
/// The most rows a list may have.
const MOST_ROWS: u64 = 200_000;

/// A list, read.
#[derive(Debug, Default)]
pub(super) struct List {
    /// The rows that can be read.
    pub(super) rows: Vec<Theirs>,
    /// How rows name patient and visit, by line.
    pub(super) named: BTreeMap<usize, Named>,
    /// The rows that cannot be read.
    pub(super) wrong: Vec<Wrong>,
    /// The sums of those that can.
    pub(super) sums: Amounts,
    /// How many take something back.
    pub(super) refunds: u64,
}

/// How a row names things.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Named {
    pub(super) settlement: String,
    pub(super) visit: String,
    pub(super) patient: String,
}

/// A row that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) line: usize,
    pub(super) named: Named,
    /// What would be right.
    pub(super) what: String,
}

impl List {
    /// Reads a file that was sent as `field`.
    ///
    /// # Errors
    /// [`Malformed`] where no row can be read, or there are too many.
    pub(super) fn read(field: &str, packed: &[u8]) -> Result<List, Malformed> {
        let mut list = List::default();
        unpack(field, packed, |line, cells| {
            // A first line of names is no row.
            if line == 1 && cells.first().is_some_and(|it| it.eq_ignore_ascii_case("setl_id")) {
                return Ok(());
            }
            list.add(line, cells);
            if list.count() > MOST_ROWS {
                return Err(Malformed::new(field, format!("清单超过 {MOST_ROWS} 行，请分期间对账")));
            }
            Ok(())
        })?;
        Ok(list)
    }

    /// How many rows there are, read or not.
    pub(super) fn count(&self) -> u64 {
        (self.rows.len() + self.wrong.len()) as u64
    }

    fn add(&mut self, line: usize, cells: &[&str]) {
        let text = |at: usize| cells.get(at).copied().unwrap_or_default().to_owned();
        let named = Named { settlement: text(0), visit: text(1), patient: text(2) };
        match row(line, cells) {
            Ok(row) => {
                self.sums.add(row.amounts);
                self.refunds += u64::from(row.amounts.is_negative());
                self.rows.push(row);
                self.named.insert(line, named);
            }
            Err(what) => self.wrong.push(Wrong { line, named, what }),
        }
    }
}

fn row(line: usize, cells: &[&str]) -> Result<Theirs, String> {
    let [settlement, visit, patient, total, fund, accounts, flag] = *cells
        .first_chunk::<COLUMNS>()
        .ok_or_else(|| format!("应有 {COLUMNS} 列，以 TAB 分隔，只有 {} 列", cells.len()))?;
    let amount = |name: &str, text: &str| {
        signed(text).ok_or_else(|| format!("{name} 应是最多两位小数的金额，退费为负数"))
    };
    let number = |name: &str, text: &str| {
        let digits = text.len() < 20 && text.bytes().all(|it| it.is_ascii_digit());
        digits.then(|| text.parse::<u64>().ok()).flatten().ok_or_else(|| format!("{name} 不是医保返回的编号"))
    };
    if patient.is_empty() {
        return Err("psn_no 不能为空".to_owned());
    }
    let amounts = Amounts {
        total: amount("medfee_sumamt", total)?,
        fund: amount("fund_pay_sumamt", fund)?,
        accounts: amount("acct_pay", accounts)?,
    };
    Ok(Theirs {
        line,
        settlement: SettlementNo(number("setl_id", settlement)?),
        visit: if visit.is_empty() { None } else { Some(VisitNo(number("mdtrt_id", visit)?)) },
        amounts,
        refunded: match flag {
            "" => amounts.is_negative(),
            "0" => false,
            "1" => true,
            _ => return Err("refd_setl_flag 应是 0 或 1".to_owned()),
        },
    })
}
