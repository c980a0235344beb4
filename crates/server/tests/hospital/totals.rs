//! 3201: totals of a time, as an institution has them, beside ours.

use crate::book::{Asked, Row, buy, give_back, said};
use crate::client::{CLASS_A, Till, run, settlement, with};
use crate::world::{HOSPITAL, PHARMACY, person};
use domain::day::Moment;
use serde_json::{Value, json};

/// A day at the pharmacy, residents.
pub(crate) const DAY: Asked<'_> = Asked {
    place: PHARMACY,
    insutype: "390",
    clr_type: "41",
    area: "320300",
    days: ["2025-06-16", "2025-06-16"],
    flag: "",
};

/// A day of sales to residents: three, one of them given back.
pub(crate) async fn sales(till: &Till) -> Vec<Row> {
    let child = person("lixiaoming");
    let mut rows = Vec::new();
    for price in [20, 30, 45] {
        rows.push(buy(till, PHARMACY, child, price).await);
    }
    rows.push(give_back(till, PHARMACY, child, &rows[1]).await);
    rows
}

pub(crate) fn go_to(till: &Till, moment: &str) {
    till.app.clock.move_to(Moment::parse(moment).expect("a moment")).expect("forward");
}

/// If this fails, an institution whose books are right is told that they are not, or the other way round.
#[test]
#[rustfmt::skip]
fn totals_that_agree_and_totals_that_do_not() {
    run(|| async {
        let till = Till::open().await;
        let rows = sales(&till).await;
        buy(&till, PHARMACY, person("liming"), 25).await;
        let other = till.visit(HOSPITAL, person("lixiaoming"), &[(CLASS_A, "1", "50.00")]).await;
        till.send(HOSPITAL, "2207", &settlement(person("lixiaoming"), &other, "B1", "50.00")).await.output();
        let net = [rows[0].clone(), rows[2].clone()];
        let sum: i64 = rows.iter().map(|it| it.total).sum();
        assert_eq!(sum, 6_500, "{rows:?}");
        let cases: Vec<(&str, Asked<'_>, &[Row], &str, &str)> = vec![
            ("both rows of a refund",      Asked { flag: "1", ..DAY }, &rows,     "0", "平，4笔"),
            ("neither row of it",          Asked { flag: "0", ..DAY }, &net,      "0", "不计已退费为2笔"),
            ("both, unsaid",               DAY,                        &rows,     "0", "65.00"),
            ("neither, unsaid",            DAY,                        &net,      "0", "65.00"),
            ("both, said neither",         Asked { flag: "0", ..DAY }, &rows,     "1", "医保2笔（不计已退费），院内4笔"),
            ("neither, said both",         Asked { flag: "1", ..DAY }, &net,      "1", "医保4笔（含退费），院内2笔"),
            ("one row less",               DAY,                        &rows[1..], "1", "医疗费总额医保65.00，院内45.00"),
            ("the refund forgotten",       DAY,                        &rows[..3], "1", "医疗费总额医保65.00，院内95.00"),
            ("nothing",                    DAY,                        &[],       "1", "个人账户支付医保65.00，院内0.00"),
            ("another kind of clearing",   Asked { clr_type: "21", ..DAY }, &[],  "0", "平，0笔"),
            ("another insurer",            Asked { area: "320100", ..DAY }, &[],  "0", "平，0笔"),
            ("another institution",        Asked { place: "P32010000001", ..DAY }, &[], "0", "平，0笔"),
            ("another scheme",             Asked { insutype: "310", ..DAY }, &[], "1", "医保1笔，院内0笔"),
            ("the day before",             Asked { days: ["2025-06-15", "2025-06-15"], ..DAY }, &[], "0", "平，0笔"),
            ("the day after",              Asked { days: ["2025-06-17", "2025-06-17"], ..DAY }, &[], "0", "平，0笔"),
            ("the month",                  Asked { days: ["2025-06-01", "2025-06-30"], ..DAY }, &rows, "0", "平"),
        ];
        for (name, asked, rows, result, says) in cases {
            let (said, why) = asked.total(&till, rows).await;
            assert_eq!(said, result, "{name}: {why}");
            assert!(why.contains(says), "{name}: {why}");
            assert_eq!(why.contains("3202"), result == "1", "{name}: {why}");
        }
    });
}

/// If this fails, an institution is told that its totals are wrong when they say them in another way, or is not told which
/// of them is.
#[test]
#[rustfmt::skip]
fn what_is_stated_is_read_as_it_is_sent() {
    run(|| async {
        let till = Till::open().await;
        let good = DAY.totals(&sales(&till).await);
        let change = |field: &str, value: Option<Value>| with(good.clone(), &format!("/data/{field}"), value);
        for (name, input, result) in [
            ("as numbers",       change("medfee_sumamt", Some(json!(65.00))),        "0"),
            ("without decimals", change("medfee_sumamt", Some(json!("65"))),         "0"),
            ("with times",       change("stmt_begndate", Some(json!("2025-06-16 00:00:00"))), "0"),
            ("the other flag",   change("refd_setl_flag", Some(json!("0"))),         "1"),
            ("a fen more",       change("acct_pay", Some(json!("65.01"))),           "1"),
            ("given back more",  change("fund_pay_sumamt", Some(json!("-1.00"))),    "1"),
        ] {
            let (said, why) = said(&till.send(PHARMACY, "3201", &input).await);
            assert_eq!(said, result, "{name}: {why}");
        }
        for (field, value, says) in [
            ("stmt_enddate", json!("2025-06-15"), "stmt_enddate"),
            ("stmt_enddate", json!("2025-12-31"), "92 天"),
            ("stmt_begndate", json!("16.06.2025"), "stmt_begndate"),
            ("setl_optins", json!("32030"), "setl_optins"),
            ("insutype", json!("340"), "insutype"),
            ("clr_type", Value::Null, "clr_type"),
            ("medfee_sumamt", json!("1.234"), "medfee_sumamt"),
            ("fixmedins_setl_cnt", json!("-1"), "fixmedins_setl_cnt"),
            ("fixmedins_setl_cnt", json!("1.5"), "fixmedins_setl_cnt"),
            ("fixmedins_refd_setl_flag", json!("2"), "fixmedins_refd_setl_flag"),
        ] {
            let reply = till.send(PHARMACY, "3201", &change(field, Some(value))).await;
            assert_eq!(reply.code(), "MALFORMED", "{field}");
            assert!(reply.failure().contains(says), "{field}: {}", reply.failure());
        }
    });
}

/// If this fails, what was settled a moment before midnight is asked for on the wrong day, or a year loses its last sale.
#[test]
fn a_settlement_counts_on_the_day_of_its_time() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        for [evening, morning] in [["2025-06-30", "2025-07-01"], ["2025-12-31", "2026-01-01"]] {
            go_to(&till, &format!("{evening} 23:59:59"));
            let late = buy(&till, PHARMACY, child, 20).await;
            go_to(&till, &format!("{morning} 00:00:00"));
            let early = buy(&till, PHARMACY, child, 31).await;
            let back = give_back(&till, PHARMACY, child, &late).await;
            let on = |first, last| Asked { days: [first, last], flag: "1", ..DAY };
            let cases = [
                (on(evening, evening), vec![late.clone()]),
                (on(morning, morning), vec![early.clone(), back.clone()]),
                (Asked { flag: "0", ..on(morning, morning) }, vec![early.clone(), back.clone()]),
                (on(evening, morning), vec![late, early.clone(), back]),
                (Asked { flag: "0", ..on(evening, morning) }, vec![early]),
            ];
            for (asked, rows) in cases {
                assert_eq!(asked.total(&till, &rows).await.0, "0", "{asked:?}");
                assert_eq!(asked.differences(&till, &rows).await, [], "{asked:?}");
            }
        }
    });
}

/// If this fails, a large pharmacy's day ends after its first page.
#[test]
fn a_day_of_several_pages() {
    run(|| async {
        let till = Till::open().await;
        let mut rows = Vec::new();
        for price in 1..=520 {
            rows.push(buy(&till, PHARMACY, person("lixiaoming"), price).await);
        }
        rows.push(give_back(&till, PHARMACY, person("lixiaoming"), &rows[0]).await);
        assert_eq!(DAY.total(&till, &rows).await.0, "0");
        assert_eq!(DAY.differences(&till, &rows).await, []);
        assert_eq!(DAY.differences(&till, &rows[1..520]).await, []);
        assert_eq!(DAY.differences(&till, &rows[..519]).await.len(), 2);
    });
}
