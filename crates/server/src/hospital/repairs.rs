//! What a difference is called and how it is repaired: the `memo` of a row of 3202's answer.

use domain::day::Moment;
use domain::reconciliation::{Amounts, Difference, Kind};
use std::ops::Range;

/// So near to an end of the period, a settlement is told to have been made across midnight.
const NEAR_MS: i64 = 30 * 60_000;

/// A row that cannot be read.
pub(super) fn of_wrong(line: usize, what: &str) -> String {
    format!("第{line}行【格式有误】{what}；改正后重新上传")
}

/// A difference.
pub(super) fn of(difference: &Difference<'_>, within: &Range<Moment>) -> String {
    let said = said(difference, within);
    match difference.theirs {
        Some(row) => format!("第{}行{said}", row.line),
        None => said,
    }
}

fn said(difference: &Difference<'_>, within: &Range<Moment>) -> String {
    let at = difference.ours.map(|it| it.at.to_string()).unwrap_or_default();
    match difference.kind {
        Kind::OursOnly if difference.ours.is_some_and(|it| it.undone_by.is_some()) => format!(
            "【医保有院内无】医保{at}结算，后已撤销，金额已退回，不要再冲正；院内补记结算一行、退费一行"
        ),
        Kind::OursOnly => format!(
            "【医保有院内无】医保{at}已结算。院内未收费的：用2601冲正，omsgid填本行msgid；已收费的：用GJ01凭本行msgid查回应答，补记入账。\
             冲正因之后又有结算被拒（LATER_SETTLEMENT）的：先撤销后面的结算，或补记入账"
        ),
        Kind::UndoneHere => {
            let original = difference.ours.and_then(|it| it.undoes).map(|it| it.to_string());
            format!(
                "【医保已退院内未退】医保{at}已撤销结算{}。院内已退费的：补记负数一行；误撤的：重新结算",
                original.unwrap_or_default()
            )
        }
        Kind::UndoneThere => {
            "【院内已退医保未退】医保没有撤销这笔结算。确已退费的：门诊用2208、药店用2103撤销本行setl_id，\
             按撤销的结算时间计入当日对账；没有退费的：改正院内记录"
                .to_owned()
        }
        Kind::TheirsOnly => {
            "【院内有医保无】医保没有这个结算ID。核对是否录错；结算没有成功的：重新结算或按自费处理，\
             并从清单删除本行"
                .to_owned()
        }
        Kind::AmountsDiffer => format!(
            "【金额不一致】{}；{}。以医保为准，用5203查询后改正院内记录",
            amounts("医保", difference.ours.map(|it| it.amounts)),
            amounts("院内", difference.theirs.map(|it| it.amounts)),
        ),
        Kind::VisitDiffers => {
            let visit = difference.ours.map(|it| it.visit.to_string()).unwrap_or_default();
            format!("【就诊ID不一致】医保为{visit}，改正院内记录")
        }
        Kind::OtherTime(at) => other_time(at, within),
        Kind::OtherKind => {
            "【不属本次对账】属于其他清算类别或经办机构，从本清单删除，列入相应的对账".to_owned()
        }
        Kind::OtherInstitution => "【不是本机构的结算】核对setl_id是否录错，从清单删除本行".to_owned(),
        Kind::Duplicate(line) => format!("【重复】与第{line}行是同一笔，删除本行"),
    }
}

fn amounts(whose: &str, it: Option<Amounts>) -> String {
    let it = it.unwrap_or_default();
    format!("{whose}总额{}、基金{}、账户{}", it.total, it.fund, it.accounts)
}

fn other_time(at: Moment, within: &Range<Moment>) -> String {
    let ends = [within.start, within.end];
    let near = ends.iter().any(|it| (at.millis() - it.millis()).abs() <= NEAR_MS);
    let across = if near { "（跨零点）" } else { "" };
    format!("【不在本期{across}】医保结算时间{at}，列入{}的对账；从本清单删除，其他无需处理", at.day())
}
