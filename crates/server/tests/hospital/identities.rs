//! Identities I1 to I12 of the interface, on random bills of random families, to the fen.

use crate::client::{
    CLASS_A, CLASS_B, Item, OUT, Reply, Till, cost, of_settlement, purchase, settlement, total, upload, with,
};
use crate::stays::charged;
use crate::world::{Person, add_person, bind};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

/// A family and its bill.
#[derive(Debug, Clone)]
struct Case {
    area: &'static str,
    own: Option<(u32, u32)>,
    givers: Vec<(u32, u32)>,
    lines: Vec<(&'static str, String, String, &'static str)>,
    flag: &'static str,
    pharmacy: bool,
}

const AREAS: &[&str] = &["320300", "320100", "140100", "330100", "450100", "370100"];

fn purse() -> impl Strategy<Value = (u32, u32)> {
    let amount = || prop_oneof![Just(0), 1_u32..200_000];
    (amount(), amount())
}

fn line() -> impl Strategy<Value = (&'static str, String, String, &'static str)> {
    let code = prop_oneof![3 => Just(CLASS_A), 3 => Just(CLASS_B), 1 => Just(OUT)];
    let count = prop_oneof![
        (1_u32..20).prop_map(|it| it.to_string()),
        (1_u32..50_000).prop_map(|it| format!("{}.{:04}", it / 10_000, it % 10_000))
    ];
    let price = prop_oneof![
        (0_u32..50_000).prop_map(|it| format!("{}.{:02}", it / 100, it % 100)),
        (0_u32..90_000_000).prop_map(|it| format!("{}.{:06}", it / 1_000_000, it % 1_000_000)),
    ];
    let flag = prop_oneof![4 => Just("0"), 1 => Just("1"), 1 => Just("2")];
    (code, count, price, flag)
}

fn case() -> impl Strategy<Value = Case> {
    let place = (proptest::sample::select(AREAS), any::<bool>());
    let family = (proptest::option::of(purse()), proptest::collection::vec(purse(), 0..4));
    let bill = (proptest::collection::vec(line(), 1..=12), proptest::sample::select(&["0", "1", "2"][..]));
    (place, family, bill).prop_map(|((area, pharmacy), (own, givers), (lines, flag))| Case {
        area,
        own,
        givers,
        lines,
        flag,
        pharmacy,
    })
}

static PEOPLE: AtomicU32 = AtomicU32::new(0);

/// Somebody nobody has met before.
fn somebody(area: &str, purse: Option<(u32, u32)>) -> Person {
    let number = PEOPLE.fetch_add(1, Ordering::SeqCst);
    let yuan = |fen: u32| format!("{}.{:02}", fen / 100, fen % 100);
    Person {
        key: String::new(),
        name: format!("测试{number}"),
        id: format!("9900001980{:02}{:02}{:04}", number % 12 + 1, number / 12 % 28 + 1, number),
        scheme: if purse.is_some() { "310" } else { "390" }.to_owned(),
        area: area.to_owned(),
        category: if purse.is_some() { "active" } else { "adult" }.to_owned(),
        guardian: None,
        prior: purse.map(|(prior, _)| yuan(prior)),
        current: purse.map(|(_, current)| yuan(current)),
    }
}

/// An amount of an answer, in fen: a JSON number with exactly two decimals.
fn fen(node: &Value, field: &str) -> i64 {
    let Value::Number(number) = &node[field] else { panic!("{field} is no number in {node}") };
    let text = number.to_string();
    let (whole, rest) = text.split_once('.').unwrap_or_else(|| panic!("{field} {text} has no decimals"));
    assert_eq!(rest.len(), 2, "{field} {text} has not two decimals");
    format!("{whole}{rest}").parse().expect("digits")
}

/// The sum of a field over rows.
fn sum(rows: &Value, field: &str) -> i64 {
    rows.as_array().expect("rows").iter().map(|it| fen(it, field)).sum()
}

/// I1 to I6 of a settlement, its preview or its cancellation.
fn adds_up(output: &Value, name: &str) {
    let info = &output["setlinfo"];
    let of = |field: &str| fen(info, field);
    assert_eq!(
        of("medfee_sumamt"),
        of("fund_pay_sumamt") + of("psn_part_amt") + of("hosp_part_amt"),
        "{name}: I1"
    );
    assert_eq!(of("psn_part_amt"), of("acct_pay") + of("psn_cash_pay"), "{name}: I2");
    let funds =
        ["hifp_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "cvlserv_pay", "maf_pay", "oth_pay", "hifdm_pay"];
    assert_eq!(of("fund_pay_sumamt"), funds.iter().map(|it| of(it)).sum::<i64>(), "{name}: I3");
    let splits = ["fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt"];
    assert_eq!(of("medfee_sumamt"), splits.iter().map(|it| of(it)).sum::<i64>(), "{name}: I4");
    assert!(of("acct_mulaid_pay").abs() <= of("acct_pay").abs(), "{name}: I5");
    assert_eq!(
        sum(&output["setldetail"], "fund_payamt"),
        of("fund_pay_sumamt") + of("acct_pay"),
        "{name}: I6"
    );
}

/// I8 and I9 of every line.
fn lines_add_up(rows: &Value, items: &[Item<'_>]) {
    for (row, item) in rows.as_array().expect("rows").iter().zip(items) {
        let parts = ["fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt"];
        assert_eq!(fen(row, "det_item_fee_sumamt"), cost(item), "I8: {row}");
        assert_eq!(cost(item), parts.iter().map(|it| fen(row, it)).sum::<i64>(), "I8: {row}");
        let share: i64 = row["selfpay_prop"].to_string().replace('.', "").parse().expect("a share");
        if share == 10_000 {
            assert_eq!(fen(row, "fulamt_ownpay_amt"), cost(item), "I9: {row}");
        } else {
            assert_eq!(fen(row, "preselfpay_amt"), (cost(item) * share + 5_000) / 10_000, "I9: {row}");
        }
    }
}

/// I10: the bill is the sum of its lines, each of the four parts too.
fn bill_is_its_lines(rows: &Value, info: &Value) {
    let pairs = [
        ("det_item_fee_sumamt", "medfee_sumamt"),
        ("fulamt_ownpay_amt", "fulamt_ownpay_amt"),
        ("overlmt_amt", "overlmt_selfpay"),
        ("preselfpay_amt", "preselfpay_amt"),
        ("inscp_scp_amt", "inscp_scp_amt"),
    ];
    pairs.iter().for_each(|(row, whole)| assert_eq!(sum(rows, row), fen(info, whole), "I10: {whole}"));
}

/// I11: every amount is negated, `balc` is the restored balance.
fn is_mirror(settled: &Value, cancelled: &Value, before: i64) {
    let (info, undone) = (&settled["setlinfo"], &cancelled["setlinfo"]);
    for (field, value) in info.as_object().expect("fields") {
        let is_amount = value.is_number() && !["age", "balc", "pool_prop_selfpay"].contains(&field.as_str());
        if is_amount {
            assert_eq!(fen(undone, field), -fen(info, field), "I11: {field}");
        }
    }
    assert_eq!(fen(undone, "balc"), before, "I11: balc");
    assert_eq!(undone["mdtrt_id"], info["mdtrt_id"], "I11: mdtrt_id is the original's");
    assert_ne!(undone["setl_id"], info["setl_id"], "I11: setl_id is new");
    assert_ne!(undone["medins_setl_id"], info["medins_setl_id"], "I11: medins_setl_id is the reversal's");
    let rows = |it: &Value| it["setldetail"].as_array().expect("rows").clone();
    assert_eq!(rows(settled).len(), rows(cancelled).len());
    for (row, undone) in rows(settled).iter().zip(rows(cancelled)) {
        for field in ["fund_payamt", "inscp_scp_amt"] {
            assert_eq!(fen(&undone, field), -fen(row, field), "I11: {field} of a fund");
        }
    }
}

/// I12: a settlement repeats its preview in everything but its own number, time and clearing.
fn repeats(shown: &Value, settled: &Value) {
    let own = ["setl_id", "setl_time", "clr_optins", "clr_way", "medins_setl_id", "exp_content", "mdtrt_id"];
    // What only a preview of a stay has.
    let seen = ["psn_pay", "cashPayamt", "inscp_amt", "othfund_pay", "ownpay_hosp_part"];
    for (field, value) in shown["setlinfo"].as_object().expect("fields") {
        if !own.contains(&field.as_str()) && !seen.contains(&field.as_str()) {
            assert_eq!(value, &settled["setlinfo"][field], "I12: {field}");
        }
    }
    assert_eq!(shown["setldetail"], settled["setldetail"], "I12");
    assert_eq!(shown["detlcutinfo"], settled["detlcutinfo"], "I12");
}

/// What 5203 says later: the same amounts, the person's share under its other names.
fn is_found_again(asked: &Value, answered: &Value, flag: &str) {
    let (info, later) = (&answered["setlinfo"], &asked["setlinfo"]);
    let fields =
        ["medfee_sumamt", "fund_pay_sumamt", "acct_pay", "acct_mulaid_pay", "balc", "setl_id", "setl_time"];
    fields.iter().for_each(|it| assert_eq!(later[it], info[it], "5203: {it}"));
    assert_eq!(later["psn_pay"], info["psn_part_amt"], "5203: psn_pay");
    assert_eq!(later["cash_payamt"], info["psn_cash_pay"], "5203: cash_payamt");
    assert_eq!(later["refd_setl_flag"], json!(flag), "5203: refd_setl_flag");
    assert_eq!(asked["setldetail"], answered["setldetail"], "5203: funds");
    adds_up(asked, "5203");
}

/// The last of three answers, and the lines as judged.
struct Bill {
    shown: Reply,
    settled: Reply,
    lines: Value,
}

async fn bill(till: &Till, case: &Case, place: &str, patient: &Person, items: &[Item<'_>]) -> Bill {
    let flag = Some(json!(case.flag));
    let approve = |mut lines: Value| {
        for (row, line) in lines.as_array_mut().expect("rows").iter_mut().zip(&case.lines) {
            row["hosp_appr_flag"] = json!(line.3);
        }
        lines
    };
    if case.pharmacy {
        let input = with(purchase(patient, items), "/druginfo/acct_used_flag", flag);
        let lines = approve(input["drugdetail"].clone());
        let input = with(input, "/drugdetail", Some(lines));
        let shown = till.send(place, "2101", &input).await;
        let settled = till.send(place, "2102", &input).await;
        let lines = settled.output()["detlcutinfo"].clone();
        return Bill { shown, settled, lines };
    }
    let registered = till.send(place, "2201", &crate::client::registration(patient)).await;
    let visit = registered.text("/data/mdtrt_id");
    let input = upload(patient, &visit, "B1", items);
    let lines = approve(input["feedetail"].clone());
    let uploaded = till.send(place, "2204", &json!({ "feedetail": lines })).await;
    let lines = uploaded.output()["result"].clone();
    let input = with(settlement(patient, &visit, "B1", &total(items)), "/data/acct_used_flag", flag);
    let shown = till.send(place, "2206", &input).await;
    let stated = json!({
        "fulamt_ownpay_amt": shown.info()["fulamt_ownpay_amt"], "overlmt_selfpay": shown.info()["overlmt_selfpay"],
        "preselfpay_amt": shown.info()["preselfpay_amt"], "inscp_scp_amt": shown.info()["inscp_scp_amt"],
    });
    let input = json!({ "data": crate::client::merged(input["data"].clone(), stated) });
    Bill { settled: till.send(place, "2207", &input).await, shown, lines }
}

/// What the accounts of these people hold, in fen.
async fn balances(till: &Till, place: &str, people: &[Person]) -> Vec<i64> {
    let mut found = Vec::new();
    for it in people {
        let ask = json!({ "data": { "mdtrt_cert_type": "02", "mdtrt_cert_no": it.id } });
        found.push(sum(&till.send(place, "1101", &ask).await.output()["insuinfo"], "balc"));
    }
    found
}

async fn check(till: &Till, case: &Case) {
    let mut people = vec![somebody(case.area, case.own)];
    people.extend(case.givers.iter().map(|it| somebody(case.area, Some(*it))));
    for it in &people {
        add_person(&till.app, it).await;
    }
    for giver in &people[1..] {
        bind(&till.app, giver, &people[0], "parent").await;
    }
    let place = format!("{}{}00001", if case.pharmacy { "P" } else { "H" }, case.area);
    let items: Vec<Item<'_>> = case.lines.iter().map(|it| (it.0, it.1.as_str(), it.2.as_str())).collect();
    let before = balances(till, &place, &people).await;
    let Bill { shown, settled, lines } = bill(till, case, &place, &people[0], &items).await;
    let (shown, output, info) = (shown.output(), settled.output(), settled.info());
    adds_up(shown, "preview");
    adds_up(output, "settlement");
    repeats(shown, output);
    lines_add_up(&lines, &items);
    bill_is_its_lines(&lines, info);
    let (own, shared) = (fen(info, "acct_pay") - fen(info, "acct_mulaid_pay"), fen(info, "acct_mulaid_pay"));
    assert_eq!(fen(info, "balc"), before[0] - own, "I7");
    let after = balances(till, &place, &people).await;
    assert!(after.iter().all(|it| *it >= 0), "R-E10: {after:?}");
    assert_eq!(before[0] - after[0], own, "R-E4: the own account gives what the answer says");
    assert_eq!(
        before[1..].iter().sum::<i64>() - after[1..].iter().sum::<i64>(),
        shared,
        "R-E4: relatives too"
    );
    assert!(fen(info, "acct_pay") <= fen(info, "psn_part_amt"), "R-E4");
    let split = &settled.ours()["GJ_SPLIT"];
    let said: i64 = split
        .as_array()
        .expect("rows")
        .iter()
        .map(|it| it["amount"].as_str().expect("an amount").replace('.', "").parse::<i64>().expect("digits"))
        .sum();
    assert_eq!(said, shared, "GJ_SPLIT is acct_mulaid_pay, giver by giver");
    if case.flag == "0" {
        assert_eq!(fen(info, "acct_pay"), 0, "R-E11");
    }
    let ask = of_settlement(&people[0], info);
    is_found_again(till.send(&place, "5203", &ask).await.output(), output, "0");
    let undo = if case.pharmacy { "2103" } else { "2208" };
    let cancelled = till.send(&place, undo, &ask).await;
    adds_up(cancelled.output(), "cancellation");
    is_mirror(output, cancelled.output(), before[0]);
    assert_eq!(balances(till, &place, &people).await, before, "R-E9: every fen is back");
    is_found_again(till.send(&place, "5203", &ask).await.output(), output, "1");
    let later = till.send(&place, "5203", &of_settlement(&people[0], cancelled.info())).await;
    is_found_again(later.output(), cancelled.output(), "0");
}

/// I1 to I12 on any bill of any family in six areas, at hospitals and pharmacies, with every flag: what the answers
/// say adds up to the fen and is what the accounts lost, and a cancellation brings all of it back
/// (R-E4, R-E9, R-E10, R-E11, R-E17). If this fails, a till's figures do not add up and its patient pays too much.
#[test]
fn all_identities_hold_on_any_bill() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let till = runtime.block_on(Till::open());
    let config = Config { cases: 160, failure_persistence: None, ..Config::default() };
    let tried = TestRunner::new(config).run(&case(), |case| {
        runtime.block_on(check(&till, &case));
        Ok(())
    });
    if let Err(error) = tried {
        panic!("{error}");
    }
}

/// A stay: its family, what was charged on which of two days, how much of it was taken back, and whether it was settled
/// on the way.
#[derive(Debug, Clone)]
struct StayCase {
    area: &'static str,
    own: Option<(u32, u32)>,
    givers: Vec<(u32, u32)>,
    lines: Vec<(&'static str, u32, u32, u32)>,
    flag: &'static str,
    interim: bool,
}

fn stay_case() -> impl Strategy<Value = StayCase> {
    let code = prop_oneof![3 => Just(CLASS_A), 3 => Just(CLASS_B), 1 => Just(OUT)];
    // Code, count in quarters, price in thousandths of a fen, how many of ten parts were taken back.
    let line = (code, 1_u32..40, 0_u32..30_000_000, prop_oneof![2 => Just(0), 1 => 1_u32..=10]);
    let family = (proptest::option::of(purse()), proptest::collection::vec(purse(), 0..3));
    let place = proptest::sample::select(&["320300", "140100", "450100"][..]);
    let bill = (proptest::collection::vec(line, 1..=8), proptest::sample::select(&["0", "1", "2"][..]));
    (place, family, bill, any::<bool>()).prop_map(|(area, (own, givers), (lines, flag), interim)| StayCase {
        area,
        own,
        givers,
        lines,
        flag,
        interim,
    })
}

/// The messages that charge a stay: its lines, and then what was taken back of them.
fn charges_of(case: &StayCase) -> [Vec<Value>; 2] {
    let price = |it: u32| format!("{}.{:05}", it / 100_000, it % 100_000);
    let count = |quarters: u32| format!("{}.{:02}", quarters / 4, quarters % 4 * 25);
    let mut messages = [Vec::new(), Vec::new()];
    for (at, (code, quarters, units, tenths)) in case.lines.iter().enumerate() {
        let price = price(*units);
        let item = (*code, count(*quarters), price.clone());
        messages[0].push(charged(&format!("N{at}"), &(item.0, &item.1, &item.2), None));
        let back = quarters * tenths / 10;
        if back > 0 {
            let taken = (*code, count(back), price);
            let corrects = format!("N{at}");
            messages[1].push(charged(&format!("C{at}"), &(taken.0, &taken.1, &taken.2), Some(&corrects)));
        }
    }
    messages
}

/// Settles what was charged, after a preview that must show the same; the rows of the messages add up to the bill.
async fn settle_stay(
    till: &Till,
    case: &StayCase,
    stay: (&Person, &str),
    rows: &Value,
    interim: bool,
) -> Reply {
    let place = format!("H{}00001", case.area);
    let total = crate::client::yuan(sum(rows, "det_item_fee_sumamt"));
    let input = crate::stays::bill(stay.0, stay.1, &total, interim, case.flag);
    let shown = till.send(&place, "2303", &input).await;
    let settled = till.send(&place, "2304", &input).await;
    adds_up(shown.output(), "preview of a stay");
    adds_up(settled.output(), "settlement of a stay");
    repeats(shown.output(), settled.output());
    bill_is_its_lines(rows, settled.info());
    settled
}

async fn check_stay(till: &Till, case: &StayCase) {
    let mut people = vec![somebody(case.area, case.own)];
    people.extend(case.givers.iter().map(|it| somebody(case.area, Some(*it))));
    for it in &people {
        add_person(&till.app, it).await;
    }
    for giver in &people[1..] {
        bind(&till.app, giver, &people[0], "parent").await;
    }
    let place = format!("H{}00001", case.area);
    let patient = &people[0];
    let before = balances(till, &place, &people).await;
    let admitted = till.send(&place, "2401", &crate::stays::admission(patient)).await;
    let visit = admitted.text("/result/mdtrt_id");
    let mut rows: Vec<Value> = Vec::new();
    let [charged, taken] = charges_of(case);
    for message in [charged, taken].iter().filter(|it| !it.is_empty()) {
        let judged = till.send(&place, "2301", &crate::stays::charges(patient, &visit, message)).await;
        rows.extend(judged.output()["result"].as_array().expect("rows").clone());
    }
    let nothing = case.lines.iter().all(|(.., tenths)| *tenths == 10);
    if case.area == "140100" {
        till.send(&place, "2402", &crate::stays::discharge(patient, &visit)).await.output();
    }
    if nothing {
        return;
    }
    let stay = (patient, visit.as_str());
    let mut settled = vec![settle_stay(till, case, stay, &json!(rows), case.interim).await];
    if case.interim {
        let more = [crate::stays::charged("M", &(CLASS_B, "1", "123.45"), None)];
        let judged = till.send(&place, "2301", &crate::stays::charges(patient, &visit, &more)).await;
        let rows = judged.output()["result"].clone();
        settled.push(settle_stay(till, case, stay, &rows, false).await);
    }
    let paid = |field: &str| settled.iter().map(|it| fen(it.info(), field)).sum::<i64>();
    let after = balances(till, &place, &people).await;
    let own = paid("acct_pay") - paid("acct_mulaid_pay");
    assert_eq!(before[0] - after[0], own, "I7: the own account gives what the answers say");
    let given = before[1..].iter().sum::<i64>() - after[1..].iter().sum::<i64>();
    assert_eq!(given, paid("acct_mulaid_pay"), "R-E4: relatives too");
    for it in settled.iter().rev() {
        let then = balances(till, &place, &people[..1]).await[0];
        let ask = of_settlement(patient, it.info());
        let cancelled = till.send(&place, "2305", &ask).await;
        adds_up(cancelled.output(), "cancellation of a stay's settlement");
        let restored = then + fen(it.info(), "acct_pay") - fen(it.info(), "acct_mulaid_pay");
        is_mirror(it.output(), cancelled.output(), restored);
        is_found_again(till.send(&place, "5203", &ask).await.output(), it.output(), "1");
    }
    assert_eq!(balances(till, &place, &people).await, before, "R-E9: every fen is back");
}

/// I1 to I12 on any stay of any family (R-E19, R-E20): corrections included, what the answers to all messages say adds up
/// to the bill to the fen, settled on the way or at the end, and undone. If this fails, a hospital's sums of a stay are
/// not ours, and its patient pays too much.
#[test]
fn all_identities_hold_on_any_stay() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let till = runtime.block_on(Till::open());
    let config = Config { cases: 96, failure_persistence: None, ..Config::default() };
    let tried = TestRunner::new(config).run(&stay_case(), |case| {
        runtime.block_on(check_stay(&till, &case));
        Ok(())
    });
    if let Err(error) = tried {
        panic!("{error}");
    }
}

/// Figures worked out by hand: 甲 150.00 and 乙 20.00 of a Xuzhou resident at a tertiary hospital: 30.00 before the
/// fund pays, then half (R-E3, R-E17); the rest from the father's account (R-E4).
#[test]
fn a_bill_worked_out_by_hand() {
    crate::client::run(|| async {
        let till = Till::open().await;
        let it = crate::world::person("lixiaoming");
        let visit =
            till.visit("H32030000001", it, &[(CLASS_A, "1", "150.00"), (CLASS_B, "1", "20.00")]).await;
        let reply = till.send("H32030000001", "2207", &settlement(it, &visit, "B1", "170.00")).await;
        let expected = [
            ("preselfpay_amt", 200),
            ("inscp_scp_amt", 16_800),
            ("act_pay_dedc", 3_000),
            ("hifp_pay", 6_900),
            ("fund_pay_sumamt", 6_900),
            ("psn_part_amt", 10_100),
            ("acct_pay", 10_100),
            ("acct_mulaid_pay", 10_100),
            ("psn_cash_pay", 0),
            ("balc", 0),
        ];
        for (field, amount) in expected {
            assert_eq!(fen(reply.info(), field), amount, "{field}");
        }
    });
}
