//! Lists as files: wrong in every way, very long, somebody else's, expired, or not what the message says of them; and any
//! day's list against what we answered that day.

use crate::book::{Asked, Row, Said, buy, give_back, packed, text};
use crate::client::{Till, run, with};
use crate::files::upload;
use crate::totals::{DAY, go_to, sales};
use crate::world::{HOSPITAL, PHARMACY, person};
use serde_json::{Value, json};
use std::sync::Arc;
use store::sqlite::{Options, Sqlite};

/// If this fails, a file that cannot be read is called an empty list, or takes the server's memory.
#[test]
#[rustfmt::skip]
fn files_that_are_no_list() {
    run(|| async {
        let till = Till::open().await;
        let rows = sales(&till).await;
        let list = text(&rows).into_bytes();
        let mut foreign = list.clone();
        foreign.extend(b"\xd0\xec\xd6\xdd\t4\t4\t0.00\t0.00\t0.00\t0\n");
        let bomb = packed(&[&[b'1'; 8_000][..], b"\n"].concat().repeat(8_500));
        let cases: Vec<(&str, Vec<u8>, &str)> = vec![
            ("a text",     list.clone(),                      "不是 ZIP"),
            ("half a ZIP", packed(&list)[..60].to_vec(),      "不是 ZIP"),
            ("GB18030",    packed(&foreign),                  "第 5 行不是 UTF-8"),
            ("UTF-16",     packed(b"\xff\xfe1\0\t\0"),        "第 1 行不是 UTF-8"),
            ("a bomb",     bomb,                              "超过 64 MB"),
            ("too long",   packed(&b"1\n".repeat(200_001)),   "200000 行"),
        ];
        for (name, content, says) in cases {
            let no = upload(&till, PHARMACY, "l.zip", &content).await.reply().text("/file_qury_no");
            let message = till.send(PHARMACY, "3202", &DAY.details(&rows, &no)).await.failure();
            assert!(message.starts_with("[MALFORMED] data.file_qury_no：") && message.contains(says), "{name}: {message}");
        }
        let no = upload(&till, PHARMACY, "l.zip", &packed(&list)).await.reply().text("/file_qury_no");
        let theirs = Asked { place: HOSPITAL, ..DAY };
        let message = till.send(HOSPITAL, "3202", &theirs.details(&rows, &no)).await.failure();
        assert!(message.contains("不是本机构的文件"), "{message}");
        till.send(PHARMACY, "3202", &DAY.details(&rows, &no)).await.output();
        go_to(&till, "2025-06-23 10:00:00");
        let message = till.send(PHARMACY, "3202", &DAY.details(&rows, &no)).await.failure();
        assert!(message.contains("已过期"), "{message}");
    });
}

/// If this fails, the sums of a message and its list say different things, and one of them is believed.
#[test]
#[rustfmt::skip]
fn a_list_is_what_its_message_says() {
    run(|| async {
        let till = Till::open().await;
        let rows = sales(&till).await;
        let no = upload(&till, PHARMACY, "l.zip", &packed(text(&rows).as_bytes())).await.reply().text("/file_qury_no");
        let good = DAY.details(&rows, &no);
        let cases: Vec<(&str, &str, Value, Option<&str>)> = vec![
            ("as it is",               "cash_payamt",              json!("0.00"),  None),
            ("without both of a pair", "fixmedins_setl_cnt",       json!(2),       None),
            ("a row more",             "fixmedins_setl_cnt",       json!(5),       Some("填写 5，清单实有 4 行")),
            ("a row less",             "fixmedins_setl_cnt",       json!(3),       Some("填写 3，清单实有 4 行")),
            ("another total",          "medfee_sumamt",            json!("65.01"), Some("填写 65.01，清单合计 65.00")),
            ("another fund",           "fund_pay_sumamt",          json!("-0.01"), Some("填写 -0.01，清单合计 0.00")),
            ("no cash",                "cash_payamt",              json!(""),      Some("cash_payamt")),
            ("no file",                "file_qury_no",             json!(""),      Some("file_qury_no")),
            ("no file of ours",        "file_qury_no",             json!("00"),    Some("没有这个文件")),
        ];
        for (name, field, value, says) in cases {
            let input = with(good.clone(), &format!("/data/{field}"), Some(value));
            let reply = till.send(PHARMACY, "3202", &input).await;
            match says {
                None => assert_eq!(reply.output()["fileinfo"]["dld_endtime"], json!("2025-06-23 10:00:00"), "{name}"),
                Some(says) => assert!(reply.failure().contains(says), "{name}: {}", reply.failure()),
            }
        }
        let strict = with(good, "/data/fixmedins_refd_setl_flag", Some(json!("1")));
        let strict = with(strict, "/data/fixmedins_setl_cnt", Some(json!(2)));
        assert!(till.send(PHARMACY, "3202", &strict).await.failure().contains("清单实有 4 行"));
    });
}

/// If this fails, a large hospital cannot reconcile its month, or one wrong row hides among many.
#[test]
fn a_list_of_a_hundred_thousand_rows() {
    run(|| async {
        let till = Till::open().await;
        let mut rows = sales(&till).await;
        let known = rows.len();
        let fill = rows[0].clone();
        rows.extend((0..100_000).map(|it| Row { setl_id: format!("{}", 4 * it + 1), ..fill.clone() }));
        let said = DAY.differences(&till, &rows).await;
        assert_eq!(said.len(), 100_000);
        assert!(said.iter().all(|it| it.kind() == "院内有医保无"));
        assert!(said[0].memo.starts_with(&format!("第{}行", known + 1)), "{}", said[0].memo);
    });
}

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % most
    }
}

/// A day of sales to whoever comes, some of them given back: what the pharmacy was answered.
async fn any_day(till: &Till, dice: &mut Dice, day: u32) -> Vec<Row> {
    let people = ["lixiaoming", "liming", "zhaoli", "wangxiuying", "chenbin"].map(person);
    let mut rows = Vec::new();
    for number in 0..4 + dice.below(8) {
        let who = people[dice.below(people.len())];
        let price = 10 + day * 20 + u32::try_from(number).expect("few");
        rows.push(buy(till, PHARMACY, who, price).await);
        let bought = rows[dice.below(rows.len())].clone();
        let undone = rows.iter().any(|it| it.total == -bought.total);
        if bought.total > 0 && !undone && dice.below(3) == 0 {
            let patient = people.iter().find(|it| it.psn_no() == bought.psn_no).expect("somebody");
            rows.push(give_back(till, PHARMACY, patient, &bought).await);
        }
    }
    rows
}

/// What is done to a list: rows are left out, altered, or made up; and what has to be said of each.
fn spoiled(dice: &mut Dice, rows: &[Row]) -> (Vec<Row>, Vec<(&'static str, String)>) {
    let (mut spoiled, mut expected) = (Vec::new(), Vec::new());
    for row in rows {
        let left_out = if row.total < 0 { "医保已退院内未退" } else { "医保有院内无" };
        match dice.below(6) {
            0 => expected.push((left_out, format!("{}", row.total))),
            1 => {
                spoiled.push(Row { accounts: row.accounts + 1, total: row.total + 1, ..row.clone() });
                expected.push(("金额不一致", format!("{}", row.total)));
            }
            2 => {
                spoiled.push(row.clone());
                spoiled.push(Row { setl_id: format!("{}", 1 + row.total.unsigned_abs()), ..row.clone() });
                expected.push(("院内有医保无", format!("{}", row.total)));
            }
            _ => spoiled.push(row.clone()),
        }
    }
    expected.sort();
    (spoiled, expected)
}

/// What is said, as [`spoiled`] expects it.
fn told(said: &[Said]) -> Vec<(&str, String)> {
    let fen = |it: &Said| it.amounts[0].replace('.', "").parse::<i64>().expect("an amount").to_string();
    let mut told: Vec<(&str, String)> = said.iter().map(|it| (it.kind(), fen(it))).collect();
    told.sort();
    told
}

/// If this fails, a day in a file reconciles otherwise than one in memory.
#[test]
fn a_day_in_a_file_reconciles_alike() {
    run(|| async {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Sqlite::open(&folder.path().join("books.db"), Options::default()).expect("opens");
        let till = Till::on(Arc::new(store)).await;
        let mut dice = Dice(7);
        let rows = any_day(&till, &mut dice, 1).await;
        let asked = Asked { flag: "1", ..DAY };
        assert_eq!(asked.differences(&till, &rows).await, [], "{rows:#?}");
        let (rows, expected) = spoiled(&mut dice, &rows);
        assert_eq!(told(&asked.differences(&till, &rows).await), expected, "{rows:#?}");
        assert!(!expected.is_empty());
    });
}

/// If this fails, what we answered is not what we reconcile, or a difference is missed, or one is told that is none.
#[test]
fn any_day_reconciles_with_our_answers_and_no_row_can_be_changed_unseen() {
    run(|| async {
        let till = Till::open().await;
        let mut differing = 0;
        for day in 17..29 {
            go_to(&till, &format!("2025-06-{day} 00:00:00"));
            let mut dice = Dice(u64::from(day));
            let date = format!("2025-06-{day}");
            let rows = any_day(&till, &mut dice, day - 16).await;
            let asked = Asked { days: [&date, &date], flag: "1", ..DAY };
            assert_eq!(asked.differences(&till, &rows).await, [], "{date}: {rows:#?}");
            for _ in 0..4 {
                let (rows, expected) = spoiled(&mut dice, &rows);
                let said = asked.differences(&till, &rows).await;
                assert_eq!(told(&said), expected, "{date}: {rows:#?}");
                differing += expected.len();
            }
        }
        assert!(differing > 100, "{differing}");
    });
}
