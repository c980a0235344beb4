//! The till: bills of a clinic and of a pharmacy from the first scan to the refund, and what happens when a press is
//! repeated or its answer lost. Amounts are those that signed messages give.

use crate::browser::Browser;
use crate::town::Town;
use serde_json::{Value, json};
use server::demo::stage::{CLASS_A, line, merged, text};
use store::faulty::Faults;

pub(crate) const PHARMACY: &str = "P32030000001";
pub(crate) const CLINIC: &str = "H32030000002";
const NANNING: &str = "H45010000001";

/// Class 甲, class 乙, not in the catalogue: 20.00, 30.00 and 15.00 (story 14).
pub(crate) const LINES: [(&str, &str); 3] =
    [(CLASS_A, "20"), ("ZA01BAX0377010100093", "30.00"), ("XA12AXX127A001010104187", "15.00")];

/// Begins a bill for the holder of a card.
pub(crate) fn with_card(town: &Town, browser: &mut Browser, key: &str) {
    let person = town.stage.world.person(key).clone();
    browser.open("/till").press("开一张新单", &[]);
    browser.press("下一步", &[("card", &person.card()), ("serial", &person.card_serial())]);
}

/// Puts lines on the bill that is shown.
pub(crate) fn add(browser: &mut Browser, lines: &[(&str, &str)]) {
    for (code, price) in lines {
        browser.press("加一行", &[("item", code), ("price", price)]);
        assert_eq!(browser.status, 200, "{}", browser.text());
    }
}

/// A bill of the three lines, worked out.
fn worked_out(town: &Town, place: &str) -> Browser {
    let mut browser = town.till(place);
    with_card(town, &mut browser, "lixiaoming");
    add(&mut browser, &LINES);
    browser.press("算一算谁付多少", &[]);
    browser
}

/// A medical code as somebody calls it up.
pub(crate) fn code(town: &mut Town, key: &str) -> String {
    let (status, shown) = town.stage.acting(key, "POST", "/medical-codes", &json!({})).expect("an answer");
    assert_eq!(status, 200, "{shown}");
    text(&shown, "/code")
}

/// What signed messages say of the three lines: fund, relatives, cash; and what is left of the giver's account.
fn signed(place: &str) -> ([String; 3], String) {
    let mut town = Town::new();
    let person = town.stage.world.person("lixiaoming").clone();
    let now = "2025-06-16 10:00:00";
    let identity = json!({
        "psn_no": person.psn_no(), "mdtrt_cert_type": "03", "mdtrt_cert_no": person.card(),
        "card_sn": person.card_serial(), "insutype": "390", "medfee_sumamt": "65.00", "acct_used_flag": "1",
    });
    let lines: Vec<Value> =
        LINES.iter().zip(["1", "2", "3"]).map(|((code, price), sn)| line(sn, code, price, now)).collect();
    let client = &mut town.stage.client;
    let answer = if place.starts_with('P') {
        let bill = merged(&identity, &json!({ "begntime": now, "med_type": "41" }));
        client.message(place, "2102", &json!({ "druginfo": bill, "drugdetail": lines }))
    } else {
        let register = merged(&identity, &json!({ "begntime": now, "ipt_otp_no": "MZ1" }));
        let visit = client.message(place, "2201", &json!({ "data": register })).expect("an answer");
        let of = json!({
            "psn_no": person.psn_no(), "mdtrt_id": text(&visit, "/output/data/mdtrt_id"), "chrg_bchno": "1",
            "med_type": "11", "begntime": now, "psn_setlway": "01",
        });
        client.message(place, "2203", &json!({ "mdtrtinfo": of, "diseinfo": [] })).expect("an answer");
        let rows: Vec<Value> = lines.iter().map(|it| merged(&of, it)).collect();
        client.message(place, "2204", &json!({ "feedetail": rows })).expect("an answer");
        client.message(place, "2207", &json!({ "data": merged(&identity, &of) }))
    };
    let answer = answer.expect("an answer");
    let amount = |name: &str| text(&answer, &format!("/output/setlinfo/{name}"));
    let amounts = ["fund_pay_sumamt", "acct_mulaid_pay", "psn_cash_pay"].map(amount);
    (amounts, town.stage.account("liming").expect("an account"))
}

/// If this fails, a till comes to other amounts than the software of a hospital, or takes money where it only asks; a
/// pharmacy's bill is story 14's (R-E1, R-E10).
#[test]
fn a_bill_comes_to_what_signed_messages_come_to() {
    for place in [PHARMACY, CLINIC] {
        let ([fund, relatives, cash], left) = signed(place);
        let mut town = Town::new();
        let mut browser = worked_out(&town, place);
        let shown =
            [format!("统筹基金 {fund} 元"), format!("家人账户 {relatives} 元"), format!("现金 {cash} 元")];
        browser.shows(&[
            "李*明",
            "居民医保",
            "甲类",
            "乙类",
            "目录外",
            "合计 65.00 元",
            "有费用不能用个人账户付",
        ]);
        browser.shows(&shown.each_ref().map(String::as_str));
        assert_eq!(town.stage.account("liming").expect("an account"), "1200.00 / 800.00", "only asked");
        browser.press("结算，收现金", &[]);
        browser.shows(&["已结算", "收现金 15.00 元", "查询号", "打印"]);
        browser.shows(&shown.each_ref().map(String::as_str));
        assert_eq!(town.stage.account("liming").expect("an account"), left, "{place}");
        assert!(!browser.html.contains("李小明") && !browser.html.contains("C990000"), "nothing in full");
        assert!(browser.html.len() < 20_000, "a page of {} bytes is heavy", browser.html.len());
        if place == PHARMACY {
            assert_eq!([fund, relatives, cash], ["0.00", "50.00", "15.00"], "story 14");
        }
    }
}

/// If this fails, a day at a clinic does not end with the books saying the same, or what is taken back stays taken.
#[test]
fn a_day_is_settled_taken_back_and_reconciled() {
    for place in [PHARMACY, CLINIC] {
        let mut town = Town::new();
        let mut browser = worked_out(&town, place);
        browser.press("结算，收现金", &[]);
        let bill = browser.at.clone();
        browser.open("/till").shows(&["李*明", "65.00 元", "已结算"]);
        browser.open("/till/day").shows(&[
            "笔数 1",
            "家人账户（家庭共济）",
            "合计 65.00 元",
            "平，1笔，医疗费总额65.00",
        ]);
        browser.open(&bill).press("确认退费", &[]);
        browser.shows(&["已退费", "退现金 15.00 元", "其余已退回原账户"]);
        assert_eq!(town.stage.account("liming").expect("an account"), "1200.00 / 800.00");
        browser.open("/till").shows(&["已退费"]);
        browser.open("/till/day").shows(&["笔数 0", "当天退费笔数 1", "平"]);
        assert!(!browser.text().contains("不平"), "{}", browser.text());
    }
}

/// If this fails, what is taken back on another day is taken back on the wrong one, and neither day agrees.
#[test]
fn what_is_taken_back_later_counts_on_that_day() {
    let mut town = Town::new();
    let mut browser = worked_out(&town, PHARMACY);
    browser.press("结算，收现金", &[]);
    let bill = browser.at.clone();
    town.stage.clock("2025-06-17 09:00").expect("the clock moves");
    let mut browser = town.till(PHARMACY);
    browser.open(&bill).press("确认退费", &[]).shows(&["已退费"]);
    for (day, shown) in [
        ("2025-06-16", ["笔数 1", "合计 65.00 元", "当天退费笔数 0"]),
        ("2025-06-17", ["笔数 1", "合计 -65.00 元", "当天退费笔数 1"]),
    ] {
        browser.open(&format!("/till/day?day={day}")).shows(&shown);
        assert!(!browser.text().contains("不平"), "{day}: {}", browser.text());
    }
}

/// If this fails, what other software of the place settled goes unseen at the end of the day.
#[test]
fn what_only_the_books_have_is_seen_at_the_end_of_the_day() {
    let mut town = Town::new();
    town.stage.visit(CLINIC, "lixiaoming", "50.00", &json!({})).expect("a visit");
    let mut browser = town.till(CLINIC);
    browser.open("/till/day").shows(&["笔数 0", "不平", "医疗费总额医保50.00，院内0.00"]);
}

/// If this fails, an impatient cashier pays twice, or settles a bill that somebody else has changed (R-E18).
#[test]
fn a_bill_is_settled_once() {
    let mut town = Town::new();
    let mut browser = worked_out(&town, PHARMACY);
    let bill = browser.at.clone();
    let (path, method, body) = browser.filled("结算，收现金", &[]);
    browser.press("加一行", &[("item", CLASS_A), ("price", "1.00")]);
    browser.go(&method, &path, body);
    browser.shows(&["66.00 元", "算一算谁付多少"]);
    assert!(!browser.text().contains("已结算"), "it has another line now");
    browser.press("算一算谁付多少", &[]);
    let (path, method, body) = browser.filled("结算，收现金", &[]);
    let line = browser.filled("加一行", &[("item", CLASS_A), ("price", "1.00")]);
    for _ in 0..2 {
        browser.go(&method, &path, body.clone());
        browser.shows(&["已结算", "66.00 元"]);
    }
    browser.go(&line.1, &line.0, line.2);
    browser.open(&bill).shows(&["已结算", "收现金 15.00 元"]);
    assert!(!browser.text().contains("67.00"), "what is settled is not changed");
    let left = town.stage.account("liming").expect("an account");
    assert!(
        left.ends_with("/ 800.00") && left.starts_with("1149.00") || left == "1200.00 / 749.00",
        "{left}"
    );
}

/// If this fails, two windows that press at the same moment pay twice, or one of them changes what the other settles (R-E18).
#[test]
fn two_windows_on_one_bill_settle_it_once() {
    let mut town = Town::new();
    for _ in 0..5 {
        let mut one = worked_out(&town, PHARMACY);
        let (bill, mut other, mut third) = (one.at.clone(), town.till(PHARMACY), town.till(PHARMACY));
        let settle = one.filled("结算，收现金", &[]);
        let again = other.open(&bill).filled("结算，收现金", &[]);
        let line = third.open(&bill).filled("加一行", &[("item", CLASS_A), ("price", "7.00")]);
        std::thread::scope(|scope| {
            for (browser, (path, method, body)) in
                [(&mut one, settle), (&mut other, again), (&mut third, line)]
            {
                scope.spawn(move || browser.go(&method, &path, body));
            }
        });
        one.open(&bill);
        if one.text().contains("正在确认") {
            one.press("查询结果", &[]);
        }
        let settled = one.text().contains("已结算");
        assert!(settled || one.text().contains("算一算谁付多少"), "{}", one.text());
        if !settled {
            // The line was first: neither press settled what it did not show.
            one.press("算一算谁付多少", &[]).press("结算，收现金", &[]).shows(&["已结算"]);
        }
        one.press("确认退费", &[]).shows(&["已退费"]);
        assert_eq!(town.stage.account("liming").expect("an account"), "1200.00 / 800.00", "paid once");
    }
    let mut browser = town.till(PHARMACY);
    browser.open("/till/day").shows(&["笔数 0", "当天退费笔数 5", "平"]);
    assert!(!browser.text().contains("不平"), "{}", browser.text());
}

/// If this fails, the same purchase rung up twice by mistake is paid twice, or one that is meant cannot be (R-E18).
#[test]
fn the_same_bill_again_is_settled_only_where_that_is_meant() {
    let mut town = Town::new();
    worked_out(&town, PHARMACY).press("结算，收现金", &[]).shows(&["已结算"]);
    let before = town.stage.account("liming").expect("an account");
    let mut browser = worked_out(&town, PHARMACY);
    browser.shows(&["这笔已经结算过了", "没有扣钱"]);
    assert_eq!(town.stage.account("liming").expect("an account"), before);
    browser.press("这是另一笔，再算一次", &[]).press("结算，收现金", &[]).shows(&["已结算"]);
    assert_ne!(town.stage.account("liming").expect("an account"), before);
}

/// If this fails, a lost answer is paid again, or a till does not know for ever (R-E18).
#[test]
fn a_lost_answer_is_asked_for_and_paid_once() {
    let mut town = Town::new();
    let mut browser = worked_out(&town, PHARMACY);
    let bill = browser.at.clone();
    town.misbehaves(Faults { refused: 0, lost_reply: 100 });
    browser.press("结算，收现金", &[]);
    browser.shows(&["正在确认", "请不要重复收款"]);
    assert!(!browser.text().contains("结算，收现金"), "there is nothing to press twice");
    browser.open("/till").shows(&["正在确认"]);
    browser.open("/till/day").shows(&["请先查询结果"]);
    town.misbehaves(Faults::default());
    browser.open(&bill).press("查询结果", &[]);
    browser.shows(&["已结算", "收现金 15.00 元", "查询号"]);
    town.misbehaves(Faults { refused: 0, lost_reply: 100 });
    browser.press("确认退费", &[]);
    browser.shows(&["正在确认", "请先不要退现金"]);
    town.misbehaves(Faults::default());
    browser.press("查询结果", &[]);
    browser.shows(&["已退费"]);
    assert_eq!(town.stage.account("liming").expect("an account"), "1200.00 / 800.00");
}

/// If this fails, a bill that never arrived stays unknown, or arrives after it was said that it did not.
#[test]
fn what_never_arrived_is_not_settled_and_can_be_settled_again() {
    let mut town = Town::new();
    let mut browser = worked_out(&town, CLINIC);
    let bill = browser.at.clone();
    town.misbehaves(Faults { refused: 100, lost_reply: 0 });
    browser.press("结算，收现金", &[]);
    town.misbehaves(Faults::default());
    browser.open(&bill).shows(&["正在确认"]);
    // While the books are opened anew, it counts as on its way.
    let asked = (0..100_000).find(|_| !browser.press("查询结果", &[]).text().contains("正在确认"));
    assert!(asked.is_some(), "it is never known");
    browser.shows(&["未结算", "没有扣钱", "可以再结算一次"]);
    assert_eq!(town.stage.account("liming").expect("an account"), "1200.00 / 800.00");
    browser.press("算一算谁付多少", &[]).press("结算，收现金", &[]);
    browser.shows(&["已结算", "收现金 15.00 元"]);
    browser.open("/till/day").shows(&["笔数 1", "平，1笔"]);
}

/// If this fails, the giver's code is not asked for where it is needed, or does not help (R-E2).
#[test]
fn where_both_codes_are_needed_the_giver_shows_theirs_too() {
    let mut town = Town::new();
    let mut browser = town.till(NANNING);
    let patient = code(&mut town, "weixiulan");
    browser.open("/till").press("开一张新单", &[]).press("下一步", &[("code", &patient)]);
    add(&mut browser, &[(CLASS_A, "120")]);
    browser.press("算一算谁付多少", &[]);
    browser.shows(&["家人账户 0.00 元", "现金 60.00 元", "还要出示授权人的医保码", "这张单不能用"]);
    let giver = code(&mut town, "weiguoqiang");
    browser.press("加上", &[("giver_code", &giver)]).press("算一算谁付多少", &[]);
    browser.shows(&["家人账户 60.00 元", "现金 0.00 元", "可以用"]);
    browser.press("结算，收现金", &[]).shows(&["已结算", "收现金 0.00 元"]);
}

/// If this fails, somebody who wants to pay in cash has no choice.
#[test]
fn accounts_are_left_alone_where_the_patient_says_so() {
    let mut town = Town::new();
    let mut browser = worked_out(&town, PHARMACY);
    browser.press("算一算谁付多少", &[("accounts", "0")]).shows(&["家人账户 0.00 元", "现金 65.00 元"]);
    browser.press("结算，收现金", &[]).shows(&["已结算", "收现金 65.00 元"]);
    assert_eq!(town.stage.account("liming").expect("an account"), "1200.00 / 800.00");
}

/// R-E18: if this fails, a page settles another bill than the one it shows: two windows changed it at the same time, and
/// both counted the same turn.
#[test]
fn a_page_settles_what_it_shows_and_nothing_else() {
    let town = Town::new();
    let mut one = worked_out(&town, PHARMACY);
    let bill = one.at.clone();
    let no = bill.rsplit('/').next().expect("a number").to_owned();
    let drawer = format!("till-bill/{PHARMACY}/{}", &no[..6]);
    let before = town.on_desk(&drawer, &no);
    one.press("加一行", &[("item", CLASS_A), ("price", "1.00")]).press("算一算谁付多少", &[]);
    one.shows(&["66.00 元"]);
    let settle = one.filled("结算，收现金", &[]);
    // The other window read the bill before that, and kept its own line later.
    town.put_back(&drawer, &no, &before);
    let mut other = town.till(PHARMACY);
    other.open(&bill).press("加一行", &[("item", CLASS_A), ("price", "9.00")]).press("算一算谁付多少", &[]);
    other.shows(&["74.00 元"]);
    one.go(&settle.1, &settle.0, settle.2);
    one.shows(&["74.00 元", "结算，收现金"]);
    assert!(!one.text().contains("已结算"), "{}", one.text());
    one.press("结算，收现金", &[]).shows(&["已结算", "74.00 元"]);
}
