//! The identities of a settlement and of its lines, to the fen, and how amounts are written.

use super::report::Report;
use domain::money::Fen;
use serde_json::Value;

/// Amounts of a settlement that a cancellation negates and a preview shows.
pub(super) const AMOUNTS: &[&str] = &[
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_scp_amt",
    "act_pay_dedc",
    "hifp_pay",
    "cvlserv_pay",
    "hifes_pay",
    "hifmi_pay",
    "hifob_pay",
    "maf_pay",
    "hifdm_pay",
    "oth_pay",
    "fund_pay_sumamt",
    "hosp_part_amt",
    "psn_part_amt",
    "acct_pay",
    "psn_cash_pay",
    "acct_mulaid_pay",
];

/// Other fields that hold amounts.
const MORE: &[&str] = &["balc", "fund_payamt", "det_item_fee_sumamt", "overlmt_amt", "cum"];

const FUNDS: &[&str] =
    &["hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "hifdm_pay", "oth_pay"];

/// The four parts of a line, and what they are called in a bill.
const PARTS: [(&str, &str); 4] = [
    ("fulamt_ownpay_amt", "fulamt_ownpay_amt"),
    ("overlmt_amt", "overlmt_selfpay"),
    ("preselfpay_amt", "preselfpay_amt"),
    ("inscp_scp_amt", "inscp_scp_amt"),
];

/// A number or a text as it is written.
pub(super) fn written(value: &Value) -> Option<String> {
    match value {
        Value::Number(it) => Some(it.to_string()),
        Value::String(it) => Some(it.clone()).filter(|it| !it.is_empty()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// An amount in fen, with its sign; nothing where there is none.
pub(super) fn fen(node: &Value, field: &str) -> Option<i64> {
    let text = written(node.get(field)?)?;
    match text.strip_prefix('-') {
        Some(text) => Fen::parse(text).map(|it| -it.get()),
        None => Fen::parse(&text).map(Fen::get),
    }
}

/// The same; what is not there is nothing.
pub(super) fn or_zero(node: &Value, field: &str) -> i64 {
    fen(node, field).unwrap_or(0)
}

/// Fen as yuan.
pub(super) fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.abs() / 100, fen.abs() % 100)
}

/// I1 to I6 of a settlement, a preview or a cancellation.
pub(super) fn identities(report: &mut Report, output: &Value, at: &str) {
    let (info, details) = (&output["setlinfo"], &output["setldetail"]);
    let of = |field: &str| or_zero(info, field);
    let equal = |report: &mut Report, what, one: i64, other: i64| {
        report.check(what, one == other, || format!("{at}: {} ≠ {}", yuan(one), yuan(other)));
    };
    let sum = |fields: &[&str]| fields.iter().map(|it| of(it)).sum::<i64>();
    equal(report, "I1", of("medfee_sumamt"), sum(&["fund_pay_sumamt", "psn_part_amt", "hosp_part_amt"]));
    equal(report, "I2", of("psn_part_amt"), sum(&["acct_pay", "psn_cash_pay"]));
    equal(report, "I3", of("fund_pay_sumamt"), sum(FUNDS));
    equal(report, "I4", of("medfee_sumamt"), sum(&PARTS.map(|(_, it)| it)));
    let (shared, accounts) = (of("acct_mulaid_pay").abs(), of("acct_pay").abs());
    report.check("I5", shared <= accounts, || format!("{at}: {} > {}", yuan(shared), yuan(accounts)));
    let rows: i64 = details.as_array().into_iter().flatten().map(|it| or_zero(it, "fund_payamt")).sum();
    equal(report, "I6", rows, sum(&["fund_pay_sumamt", "acct_pay", "hosp_part_amt"]));
}

/// I8 and I9 of lines as they were judged.
pub(super) fn lines(report: &mut Report, rows: &[Value], at: &str) {
    for row in rows {
        let cost = or_zero(row, "det_item_fee_sumamt");
        let parts: i64 = PARTS.iter().map(|(it, _)| or_zero(row, it)).sum();
        let product = product(row);
        report.check("I8", cost == parts && product == Some(cost), || {
            format!("{at}: {} / {} / {:?}", yuan(cost), yuan(parts), product.map(yuan))
        });
        let full = or_zero(row, "fulamt_ownpay_amt") + or_zero(row, "overlmt_amt") != 0;
        let Some(share) = row.get("selfpay_prop").and_then(written).and_then(|it| scaled(&it)) else {
            continue;
        };
        // Where a line takes something back, its parts are what it changes: a fen may lie with the other line.
        if full || cost < 0 {
            continue;
        }
        let (first, expected) = (or_zero(row, "preselfpay_amt"), half_up(i128::from(cost) * share, ONE));
        report
            .check("I9", i128::from(first) == expected, || format!("{at}: {} ≠ {expected} 分", yuan(first)));
    }
}

/// I10: lines add up to a bill.
pub(super) fn add_up(report: &mut Report, rows: &[Value], info: &Value, at: &str) {
    let sum = |field: &str| rows.iter().map(|it| or_zero(it, field)).sum::<i64>();
    for (of_line, of_bill) in PARTS.into_iter().chain([("det_item_fee_sumamt", "medfee_sumamt")]) {
        let (lines, bill) = (sum(of_line), or_zero(info, of_bill));
        report.check("I10", lines == bill, || format!("{at} {of_bill}: {} ≠ {}", yuan(lines), yuan(bill)));
    }
}

/// Fields of two settlements that are not what they should be to each other.
pub(super) fn differing(one: &Value, other: &Value, sign: i64) -> Vec<&'static str> {
    let differs = |it: &&&str| match (fen(one, it), fen(other, it)) {
        (Some(one), Some(other)) => one != sign * other,
        // What is not told is not compared; the identities find what is missing.
        _ => false,
    };
    AMOUNTS.iter().filter(differs).copied().collect()
}

/// Amounts in an answer that do not have two decimals.
pub(super) fn without_decimals(value: &Value) -> Option<&str> {
    match value {
        Value::Object(fields) => fields.iter().find_map(|(name, it)| {
            let amount = AMOUNTS.contains(&name.as_str()) || MORE.contains(&name.as_str());
            let text = written(it).filter(|_| amount);
            let two = |it: &str| it.split_once('.').is_some_and(|(_, it)| it.len() == 2);
            if text.is_some_and(|it| !two(&it)) { Some(name.as_str()) } else { without_decimals(it) }
        }),
        Value::Array(rows) => rows.iter().find_map(without_decimals),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// One, where four decimals are units.
const ONE: i128 = 10_000;

/// A decimal in units of its fourth decimal.
fn scaled(text: &str) -> Option<i128> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |it| (-1, it));
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let rest = rest.trim_end_matches('0');
    let padded = format!("{whole}{rest:0<4}");
    padded.parse::<i128>().ok().filter(|_| rest.len() <= 4).map(|it| sign * it)
}

fn half_up(number: i128, by: i128) -> i128 {
    (number.abs() * 2 + by) / (by * 2) * number.signum()
}

/// Count times price, in fen.
fn product(row: &Value) -> Option<i64> {
    let [count, price] = ["cnt", "pric"].map(|it| row.get(it).and_then(written).and_then(|it| scaled(&it)));
    i64::try_from(half_up(count? * price? * 100, ONE * ONE)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// If this fails, a wrong fen is passed over, or a right one is called wrong.
    #[test]
    fn each_identity_finds_its_own_fault() {
        let info = json!({
            "medfee_sumamt": 100, "fulamt_ownpay_amt": "10.00", "preselfpay_amt": 5.0, "inscp_scp_amt": 85,
            "hifp_pay": 42.5, "fund_pay_sumamt": 42.5, "psn_part_amt": 57.5, "acct_pay": 50, "psn_cash_pay": 7.5,
            "acct_mulaid_pay": 30,
        });
        let rows = json!([{ "fund_payamt": 42.5 }, { "fund_payamt": 50 }]);
        let failing = |field: &str, value: Value| {
            let (mut report, mut info) = (Report::default(), info.clone());
            info[field] = value;
            identities(&mut report, &json!({ "setlinfo": info, "setldetail": rows }), "2207");
            report.failures().into_iter().map(|it| it.0).collect::<Vec<_>>()
        };
        for (field, value, wrong) in [
            ("balc", json!(0), vec![]),
            ("hosp_part_amt", json!(0.01), vec!["I1", "I6"]),
            ("psn_cash_pay", json!("7.51"), vec!["I2"]),
            ("maf_pay", json!(1), vec!["I3"]),
            ("overlmt_selfpay", json!(1), vec!["I4"]),
            ("acct_mulaid_pay", json!(50.01), vec!["I5"]),
        ] {
            assert_eq!(failing(field, value), wrong, "{field}");
        }
    }

    /// If this fails, lines are judged by another rounding than the interface's.
    #[test]
    fn lines_are_reckoned_half_up() {
        let line = |cost: &str, count: &str, price: &str, first: &str, rest: &str| {
            let mut report = Report::default();
            let row = json!({
                "det_item_fee_sumamt": cost, "cnt": count, "pric": price, "selfpay_prop": "0.10",
                "preselfpay_amt": first, "inscp_scp_amt": rest,
            });
            lines(&mut report, &[row], "2204");
            report.failures().into_iter().map(|it| it.0).collect::<Vec<_>>()
        };
        for (cost, count, price, first, rest, wrong) in [
            ("30.00", "2.0000", "15.0000", "3.00", "27.00", vec![]),
            ("0.05", "0.5", "0.09", "0.01", "0.04", vec![]),
            ("30.00", "2", "15.01", "3.00", "27.00", vec!["I8"]),
            ("30.00", "2", "15", "2.99", "27.01", vec!["I9"]),
            ("-30.00", "-2", "15", "-3.00", "-27.00", vec![]),
        ] {
            assert_eq!(line(cost, count, price, first, rest), wrong, "{cost} {count} {price}");
        }
    }

    /// If this fails, amounts that some clients cannot read are passed over.
    #[test]
    fn amounts_have_two_decimals() {
        for (answer, wrong) in [
            (r#"{"setlinfo":{"acct_pay":1.00,"balc":"","cnt":2}}"#, None),
            (r#"{"setlinfo":{"acct_pay":1.0}}"#, Some("acct_pay")),
            (r#"{"setldetail":[{"fund_payamt":"1.00"},{"fund_payamt":1}]}"#, Some("fund_payamt")),
        ] {
            let answer: Value = serde_json::from_str(answer).expect("JSON");
            assert_eq!(without_decimals(&answer), wrong);
        }
    }
}
