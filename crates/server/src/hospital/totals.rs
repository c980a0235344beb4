//! 3201 对总账: whether an institution's totals of a time are ours, and if not, what differs by how much.

use super::json::{Json, object};
use super::statement::{Statement, count, counting, sum};
use super::visit::scheme;
use super::wire::{Malformed, Node, Stamp, answer};
use super::{Answered, Call, Failure};
use crate::app::App;
use domain::reconciliation::{Amounts, Counting, Sums};
use std::fmt::Write as _;

/// What an institution says that it has.
struct Stated {
    amounts: Amounts,
    count: u64,
    counting: Option<Counting>,
}

impl Stated {
    fn read(node: &Node<'_>) -> Result<Stated, Malformed> {
        let amounts = Amounts {
            total: sum(node, "medfee_sumamt")?,
            fund: sum(node, "fund_pay_sumamt")?,
            accounts: sum(node, "acct_pay")?,
        };
        Ok(Stated { amounts, count: count(node, "fixmedins_setl_cnt")?, counting: counting(node)? })
    }

    /// Whether the number of settlements is ours, as they count.
    fn counts(&self, sums: &Sums) -> bool {
        let mut ways = [Counting::Apart, Counting::Net].into_iter();
        ways.any(|it| self.counting.is_none_or(|own| own == it) && sums.count(it) == self.count)
    }
}

/// 3201.
pub(super) async fn run(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    let node = call.envelope.one("data")?;
    let statement = Statement::read(call, &node, Some(scheme(&node)?))?;
    let stated = Stated::read(&node)?;
    let sums = Sums::of(&statement.ours(app).await?);
    let wrong = differences(&sums, &stated);
    let output = object! { "stmtinfo": object! {
        "setl_optins": node.text("setl_optins")?.to_owned(),
        "stmt_rslt": if wrong.is_empty() { "0" } else { "1" },
        "stmt_rslt_dscr": described(&sums, &wrong),
    } };
    Ok(Answered::Json(answer(&Stamp::fresh(call), Ok(output))))
}

/// What differs: ours and theirs, one sentence each.
fn differences(sums: &Sums, stated: &Stated) -> Vec<String> {
    let amounts = [
        ("医疗费总额", sums.amounts.total, stated.amounts.total),
        ("基金支付总额", sums.amounts.fund, stated.amounts.fund),
        ("个人账户支付", sums.amounts.accounts, stated.amounts.accounts),
    ];
    let wrong = amounts.into_iter().filter(|(_, ours, theirs)| ours != theirs);
    let mut wrong: Vec<String> =
        wrong.map(|(what, ours, theirs)| format!("{what}医保{ours}，院内{theirs}")).collect();
    if !stated.counts(sums) {
        wrong.push(format!("医保{}，院内{}笔", counts(sums, stated.counting), stated.count));
    }
    wrong
}

/// The number of settlements in the words of how it is counted.
fn counts(sums: &Sums, counting: Option<Counting>) -> String {
    let [apart, net] = [Counting::Apart, Counting::Net].map(|it| sums.count(it));
    match counting {
        _ if apart == net => format!("{apart}笔"),
        Some(Counting::Apart) => format!("{apart}笔（含退费）"),
        Some(Counting::Net) => format!("{net}笔（不计已退费）"),
        None => format!("{apart}笔（不计已退费为{net}笔）"),
    }
}

/// What there is, or what differs and what to do next.
fn described(sums: &Sums, wrong: &[String]) -> Json {
    if !wrong.is_empty() {
        let mut said = wrong.join("；");
        said.push_str("。请用9101上传明细，再用3202对明细账");
        return said.into();
    }
    let mut said = format!("平，{}", counts(sums, None));
    write!(said, "，医疗费总额{}", sums.amounts.total).expect("a String grows");
    said.into()
}
