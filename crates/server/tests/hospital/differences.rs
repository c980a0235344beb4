//! 3202: every kind of difference, told with its repair; the repair is carried out as it is told, and then totals agree.

use crate::book::{Asked, Row, Said, buy, give_back, row, text};
use crate::client::{CLASS_A, Till, of_settlement, purchase, reversal, run, settlement};
use crate::totals::{DAY, go_to, sales};
use crate::world::{HOSPITAL, PHARMACY, code, person};
use domain::chain::encode;
use domain::ids::{Digest, SettlementNo, VisitNo};
use domain::request::{Actor, Body, Key, RefundPart, Request, Sender, VisitRef};
use serde_json::json;
use server::turn::Submission;
use server::vault::Found;
use std::sync::Arc;
use store::Attachments;

const BOTH: Asked<'_> = Asked { flag: "1", ..DAY };
const NET: Asked<'_> = Asked { flag: "0", ..DAY };

/// The one difference that a list has.
async fn one(till: &Till, asked: &Asked<'_>, rows: &[Row]) -> Said {
    let mut said = asked.differences(till, rows).await;
    assert_eq!(said.len(), 1, "{said:#?}");
    said.remove(0)
}

async fn agrees(till: &Till, asked: &Asked<'_>, rows: &[Row]) {
    let (result, why) = asked.total(till, rows).await;
    assert_eq!(result, "0", "{why}");
    assert_eq!(asked.differences(till, rows).await, []);
}

/// If this fails, a lost answer is never found again, or money stays taken for a sale that never was (R-E9).
#[test]
fn what_only_we_have_is_undone_or_booked_by_its_message() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        let rows = sales(&till).await;
        agrees(&till, &BOTH, &rows).await;
        for price in ["51.00", "52.00"] {
            // The answers of these two are lost on their way.
            till.send(PHARMACY, "2102", &purchase(child, &[(CLASS_A, "1", price)])).await.output();
        }
        assert_eq!(DAY.total(&till, &rows).await.0, "1");
        let missing = BOTH.differences(&till, &rows).await;
        assert_eq!(missing.len(), 2, "{missing:#?}");
        for (it, amount) in missing.iter().zip(["51.00", "52.00"]) {
            assert_eq!((it.kind(), it.setl_id.as_str(), it.mdtrt_id.as_str()), ("医保有院内无", "", ""));
            assert_eq!((it.psn_no.clone(), it.refunded.as_str()), (child.psn_no(), "0"));
            assert_eq!(it.amounts, [amount, "0.00", amount].map(str::to_owned));
            for way_out in ["2601", "GJ01", "LATER_SETTLEMENT"] {
                assert!(it.memo.contains(way_out), "{way_out}: {}", it.memo);
            }
        }
        // The first was no sale: it is reversed by its message.
        let undo = till.send(PHARMACY, "2601", &reversal(child, &missing[0].msgid, "2102")).await;
        undo.output();
        // The second was: its answer is asked for and booked.
        let asked = json!({ "data": { "omsgid": missing[1].msgid } });
        let answer = till.send(PHARMACY, "GJ01", &asked).await.output()["result"]["GJ_ANSWER"].clone();
        let booked = [rows.clone(), vec![row(child, &answer["output"]["setlinfo"])]].concat();
        let net: Vec<Row> =
            booked.iter().filter(|it| it.total == 2_000 || it.total >= 4_500).cloned().collect();
        agrees(&till, &NET, &net).await;
        agrees(&till, &DAY, &net).await;
        // Who counts both rows of what is undone is told what those are, and not to reverse anything again.
        let both = BOTH.differences(&till, &booked).await;
        let kinds: Vec<_> = both.iter().map(|it| (it.kind(), it.amounts[0].as_str())).collect();
        assert_eq!(kinds, [("医保有院内无", "51.00"), ("医保已退院内未退", "-51.00")]);
        assert!(both[0].memo.contains("不要再冲正"), "{}", both[0].memo);
        assert_eq!(both[1].msgid.len(), 30);
    });
}

/// If this fails, a refund stands on one side only, and nobody is told on which (R-E9).
#[test]
fn refunds_that_only_one_side_knows() {
    run(|| async {
        let till = Till::open().await;
        let (child, rows) = (person("lixiaoming"), sales(&till).await);
        let back = Row { total: -2_000, accounts: -2_000, flag: "1", ..rows[0].clone() };
        // Given back at the till, and never cancelled with us: as a row of its own, or as a mark.
        let there = [rows.clone(), vec![back]].concat();
        let marked = [vec![Row { flag: "1", ..rows[0].clone() }], rows[1..].to_vec()].concat();
        for (rows, line) in [(&there, 5), (&marked, 1)] {
            let said = one(&till, &BOTH, rows).await;
            assert_eq!((said.kind(), &said.setl_id), ("院内已退医保未退", &there[0].setl_id));
            assert!(
                said.memo.starts_with(&format!("第{line}行")) && said.memo.contains("2103"),
                "{}",
                said.memo
            );
        }
        let cancelled = give_back(&till, PHARMACY, child, &rows[0]).await;
        // A row that takes something back may name either of the two numbers.
        agrees(&till, &BOTH, &there).await;
        agrees(&till, &BOTH, &[rows.clone(), vec![cancelled.clone()]].concat()).await;
        // Cancelled with us, and still counted at the till.
        for asked in [BOTH, NET, DAY] {
            let said = one(&till, &asked, &rows).await;
            assert_eq!((said.kind(), said.refunded.as_str()), ("医保已退院内未退", "1"));
            assert_eq!((&said.setl_id, &said.mdtrt_id), (&rows[0].setl_id, &rows[0].mdtrt_id));
            assert_eq!(said.amounts, ["-20.00", "0.00", "-20.00"].map(str::to_owned));
            assert!(said.memo.contains(&rows[0].setl_id), "{}", said.memo);
        }
        assert_eq!(BOTH.total(&till, &rows).await.0, "1");
    });
}

/// If this fails, a wrong row is called right, or is told with a repair that makes it worse.
#[test]
#[rustfmt::skip]
fn rows_that_are_wrong_there() {
    run(|| async {
        let till = Till::open().await;
        let (child, rows) = (person("lixiaoming"), sales(&till).await);
        let employee = buy(&till, PHARMACY, person("liming"), 25).await;
        let guest = buy(&till, PHARMACY, person("liqiang"), 26).await;
        let visit = till.visit(HOSPITAL, child, &[(CLASS_A, "1", "50.00")]).await;
        let theirs = till.send(HOSPITAL, "2207", &settlement(child, &visit, "B1", "50.00")).await;
        let theirs = Row { total: 5_001, ..row(child, theirs.info()) };
        let rows = [rows, vec![employee]].concat();
        assert_eq!(BOTH.differences(&till, &rows).await, []);
        let instead = |at: usize, row: Row| { let mut rows = rows.clone(); rows[at] = row; rows };
        let with = |row: Row| [rows.clone(), vec![row]].concat();
        let first = rows[0].clone();
        let unknown = Row { setl_id: "4".to_owned(), ..first.clone() };
        let dear = Row { total: 2_100, ..first.clone() };
        let moved = Row { mdtrt_id: rows[2].mdtrt_id.clone(), ..first.clone() };
        let signed = Row { total: 3_000, accounts: 3_000, ..rows[3].clone() };
        let cases: Vec<(&str, Vec<Row>, &str, &str)> = vec![
            ("unknown",              with(unknown),            "院内有医保无",   "第6行"),
            ("another's",            with(theirs.clone()),     "不是本机构的结算", "删除"),
            ("of another insurer",   with(guest),              "不属本次对账",   "经办机构"),
            ("twice",                with(first),              "重复",          "与第1行"),
            ("dearer",               instead(0, dear),         "金额不一致",     "院内总额21.00、基金0.00、账户20.00"),
            ("a refund as a sale",   instead(3, signed),       "金额不一致",     "医保总额-30.00"),
            ("another visit",        instead(0, moved),        "就诊ID不一致",   &rows[0].mdtrt_id),
        ];
        for (name, rows, kind, says) in cases {
            let said = one(&till, &BOTH, &rows).await;
            assert_eq!(said.kind(), kind, "{name}");
            assert!(said.memo.contains(says), "{name}: {}", said.memo);
            let ours = ["金额不一致", "就诊ID不一致", "重复", "不属本次对账"].contains(&kind);
            assert_eq!(!said.msgid.is_empty(), ours, "{name}: nobody learns of another's message");
            let known = if name == "another's" { "50.01" } else { &said.amounts[0] };
            assert_eq!(said.amounts[0], known, "nobody learns of another's amounts");
        }
        // The repair of an amount: ask for ours.
        let info = json!({ "setl_id": rows[0].setl_id, "mdtrt_id": rows[0].mdtrt_id });
        let asked = till.send(PHARMACY, "5203", &of_settlement(child, &info)).await;
        assert_eq!(row(child, asked.info()), rows[0]);
        assert_eq!(asked.text("/setlinfo/medins_setl_id").len(), 30, "it says in which message it was settled");
    });
}

/// If this fails, what belongs to tomorrow's list is reversed, and a settlement is lost.
#[test]
fn across_midnight_nothing_is_undone() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        let mut rows = sales(&till).await;
        go_to(&till, "2025-06-16 23:59:59");
        rows.push(buy(&till, PHARMACY, child, 61).await);
        go_to(&till, "2025-06-17 00:00:00");
        let next = buy(&till, PHARMACY, child, 62).await;
        let back = give_back(&till, PHARMACY, child, &rows[4]).await;
        go_to(&till, "2025-06-17 12:00:00");
        let noon = buy(&till, PHARMACY, child, 63).await;
        agrees(&till, &BOTH, &rows).await;
        for (row, across) in [(&next, true), (&back, true), (&noon, false)] {
            let said = one(&till, &BOTH, &[rows.clone(), vec![row.clone()]].concat()).await;
            let kind = if across { "不在本期（跨零点）" } else { "不在本期" };
            assert_eq!((said.kind(), &said.setl_id), (kind, &row.setl_id));
            assert!(said.memo.contains("列入2025-06-17的对账"), "{}", said.memo);
        }
        // The day after has what was moved there; a refund alone is told apart from its sale.
        let days = ["2025-06-17", "2025-06-17"];
        let [both, net] = [Asked { days, ..BOTH }, Asked { days, ..NET }];
        let tomorrow = [next, back.clone(), noon];
        agrees(&till, &both, &tomorrow).await;
        agrees(&till, &net, &tomorrow).await;
        let said = one(&till, &net, &[tomorrow[0].clone(), tomorrow[2].clone()]).await;
        assert_eq!((said.kind(), said.setl_id.as_str()), ("医保已退院内未退", ""));
        let named = Row { setl_id: rows[4].setl_id.clone(), ..back };
        agrees(&till, &both, &[tomorrow[0].clone(), named, tomorrow[2].clone()]).await;
    });
}

/// Gives back part of what was bought: the rows of what is undone and of what is settled anew.
pub(crate) async fn give_back_part(till: &Till, bought: &Row) -> [Row; 2] {
    let (vault, child) = (&till.app.vault, person("lixiaoming"));
    let no = |text: &str| text.parse::<u64>().expect("a number");
    let visit = VisitNo(no(&bought.mdtrt_id));
    let needs = domain::needs::Needs { visits: [visit].into(), ..Default::default() };
    let rows = till.app.rows(needs).await.expect("facts");
    let mut remaining = rows.facts.batches.values().next().expect("a batch").lines.clone();
    remaining[0].count = domain::money::Quantity::parse("1").expect("a count");
    remaining[0].cost = domain::money::Fen::parse("20.00").expect("an amount");
    let of = VisitRef { visit, patient: vault.lookup(Found::PersonNo, &child.psn_no()) };
    let body = Body::RefundPart(RefundPart { settlement: SettlementNo(no(&bought.setl_id)), of, remaining });
    let request = Request {
        key: Key { sender: Sender::Institution(code(PHARMACY)), id: till.msgid(PHARMACY) },
        digest: Digest::of(&[&encode(&body)]),
        actor: Actor::Institution(code(PHARMACY)),
        body,
    };
    let encode: server::turn::Encoder = Arc::new(|told| {
        let domain::decision::Outcome::Done(done) = &told.decision.outcome else { panic!("refused") };
        let domain::decision::Answer::Refunded(undone, Some(anew)) = done.answer else { panic!("not that") };
        format!("{undone} {anew}").into_bytes()
    });
    let attachments = Attachments::default();
    let submission = Submission { request, attachments, aside: None, encode, is_kept: true };
    let answer = String::from_utf8(till.app.flow.submit(submission).await.expect("an answer")).expect("text");
    let (undone, anew) = answer.split_once(' ').expect("two numbers");
    let info = |no: &str| json!({ "setl_id": no, "mdtrt_id": bought.mdtrt_id });
    let ask = async |no: &str| till.send(PHARMACY, "5203", &of_settlement(child, &info(no))).await;
    [row(child, ask(undone).await.info()), row(child, ask(anew).await.info())]
}

/// If this fails, whoever gives back one box of two cannot close their day (R-E9).
#[test]
fn a_partial_refund_is_three_rows_or_one() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        let bought = till.send(PHARMACY, "2102", &purchase(child, &[(CLASS_A, "2", "20.00")])).await;
        let bought = row(child, bought.info());
        let [undone, anew] = give_back_part(&till, &bought).await;
        assert_eq!([bought.total, undone.total, anew.total], [4_000, -4_000, 2_000]);
        for (row, count) in [(&bought, "2.0000"), (&undone, "-2.0000"), (&anew, "1.0000")] {
            let info = json!({ "setl_id": row.setl_id, "mdtrt_id": row.mdtrt_id });
            let lines = till.send(PHARMACY, "5204", &of_settlement(child, &info)).await;
            assert_eq!(lines.output()[0]["cnt"].to_string(), count);
        }
        let three = [bought.clone(), undone, anew.clone()];
        agrees(&till, &BOTH, &three).await;
        agrees(&till, &DAY, &three).await;
        agrees(&till, &NET, std::slice::from_ref(&anew)).await;
        let kinds = |said: Vec<Said>| said.iter().map(|it| it.kind().to_owned()).collect::<Vec<_>>();
        let said = kinds(BOTH.differences(&till, std::slice::from_ref(&bought)).await);
        assert_eq!(said, ["医保已退院内未退", "医保有院内无"]);
    });
}

/// If this fails, a row that cannot be read hides the rest of the list, or nobody is told where it is.
#[test]
#[rustfmt::skip]
fn rows_that_cannot_be_read_are_named_by_their_lines() {
    run(|| async {
        let till = Till::open().await;
        let rows = sales(&till).await;
        let good = text(&rows);
        let cases: Vec<(&str, String, &str)> = vec![
            ("columns are missing",   "4\t4\t3203\t20.00\t0.00\n".to_owned(),                "只有 5 列"),
            ("commas for tabs",       "4,4,3203,20.00,0.00,20.00,0\n".to_owned(),            "只有 1 列"),
            ("no number",             "S1\t4\t3203\t20.00\t0.00\t20.00\t0\n".to_owned(),     "setl_id"),
            ("no settlement",         "null\t4\t3203\t20.00\t0.00\t20.00\t0\n".to_owned(),   "setl_id"),
            ("a visit of theirs",     "4\tV1\t3203\t20.00\t0.00\t20.00\t0\n".to_owned(),     "mdtrt_id"),
            ("nobody",                "4\t4\tnull\t20.00\t0.00\t20.00\t0\n".to_owned(),      "psn_no"),
            ("three decimals",        "4\t4\t3203\t20.001\t0.00\t20.00\t0\n".to_owned(),     "medfee_sumamt"),
            ("no amount",             "4\t4\t3203\t20.00\tnull\t20.00\t0\n".to_owned(),      "fund_pay_sumamt"),
            ("a float",               "4\t4\t3203\t20.00\t0.00\t2e1\t0\n".to_owned(),        "acct_pay"),
            ("another flag",          "4\t4\t3203\t20.00\t0.00\t20.00\t2\n".to_owned(),      "refd_setl_flag"),
        ];
        for (name, line, says) in cases {
            // The row stands first, and counts as one in the sums that are sent with the list.
            let sums = [rows.clone(), vec![Row { total: 0, accounts: 0, ..rows[0].clone() }]].concat();
            let said = BOTH.differences_in(&till, &sums, &format!("{line}{good}")).await;
            assert_eq!(said.len(), 1, "{name}: {said:#?}");
            assert_eq!(said[0].kind(), "格式有误", "{name}");
            assert!(said[0].memo.starts_with("第1行") && said[0].memo.contains(says), "{name}: {}", said[0].memo);
        }
        // More columns than there are, a line of names, marks and line ends of other systems do no harm.
        let names = "setl_id\tmdtrt_id\tpsn_no\tmedfee_sumamt\tfund_pay_sumamt\tacct_pay\trefd_setl_flag\n";
        for text in [good.replace('\n', "\tmore\tnull\n"), format!("\u{feff}{names}{good}").replace('\n', "\r\n")] {
            assert_eq!(BOTH.differences_in(&till, &rows, &text).await, []);
        }
    });
}

/// If this fails, an institution that keeps no number of the visit cannot reconcile.
#[test]
fn a_row_needs_no_visit() {
    run(|| async {
        let till = Till::open().await;
        let rows: Vec<Row> =
            sales(&till).await.into_iter().map(|it| Row { mdtrt_id: "null".to_owned(), ..it }).collect();
        agrees(&till, &BOTH, &rows).await;
    });
}

/// If this fails, the page for institutions leaves out a kind of difference, or explains one that is never said.
#[test]
fn the_page_has_every_kind_of_difference() {
    let page = include_str!("../../../../docs/hospital/reconciliation.md");
    let texts = include_str!("../../src/hospital/repairs.rs");
    let kinds = |text: &str| {
        let kinds = text
            .split('【')
            .skip(1)
            .filter_map(|it| it.split_once('】'))
            .map(|(kind, _)| kind.replace("{across}", ""));
        kinds.collect::<std::collections::BTreeSet<String>>()
    };
    assert_eq!(kinds(page), kinds(texts));
}
