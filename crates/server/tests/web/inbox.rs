//! Messages: every fen that a relative spends is told to whose money it was, and what came back too.

use crate::town::Town;
use serde_json::json;

const XUZHOU: &str = "H32030000001";

/// R-K2: if this fails, money leaves an account and its owner is not told, or is told for ever that it is news.
#[test]
fn every_debit_and_refund_is_told_to_the_giver() {
    let mut town = Town::new();
    town.stage.visit(XUZHOU, "lixiaoming", "170.00", &json!({})).expect("a bill");
    let mut father = town.citizen("liming");
    father.open("/").follow("消息");
    father.shows(&["1 条没看过", "新 家人花了您的 100.00 元", "李小明", "徐州演示三级医院"]);
    father.follow("家人花了您的").shows(&["花了您的 100.00 元"]);
    let no = father.at.rsplit('/').next().expect("a number").to_owned();
    father.open("/inbox").press("都看过了", &[]);
    assert_eq!((father.status, father.at.as_str()), (200, "/inbox"));
    father.shows(&["都看过了", "家人花了您的 100.00 元"]);
    assert!(!father.text().contains("新 家人"));

    town.stage.clock("2025-06-16 10:20").expect("the clock moves");
    let refund = json!({ "institution": XUZHOU, "remaining": [] });
    town.stage.client.operator("POST", &format!("/settlements/{no}/refunds"), &refund).expect("a refund");
    father.open("/inbox").shows(&["1 条没看过", "新 退回到您的账户 100.00 元"]);
    // Nobody else's messages, and none about the patient's own bill.
    town.citizen("lixiaoming").open("/inbox").shows(&["还没有消息"]);
}

/// R-K2: if this fails, a bill of one's own takes money from one's account and nothing tells of it, or it reads as a relative's.
#[test]
fn a_bill_of_ones_own_is_told_too() {
    let mut town = Town::new();
    let visit = town.stage.visit(XUZHOU, "liming", "170.00", &json!({})).expect("a bill");
    let paid = &visit.settled["output"]["setlinfo"]["acct_pay"];
    let mut father = town.citizen("liming");
    father.open("/inbox").shows(&[
        "1 条没看过",
        &format!("新 您自己的账户付了 {paid} 元"),
        "徐州演示三级医院",
    ]);
    assert!(!father.text().contains("家人花了"), "{}", father.text());
    let no = visit.settled["output"]["setlinfo"]["setl_id"].as_str().expect("a number");
    town.stage.clock("2025-06-16 10:20").expect("the clock moves");
    let refund = json!({ "institution": XUZHOU, "remaining": [] });
    town.stage.client.operator("POST", &format!("/settlements/{no}/refunds"), &refund).expect("a refund");
    father.open("/inbox").shows(&[&format!("您自己的单子退回到您的账户 {paid} 元")]);
}

/// If this fails, a message that came while the page lay open is taken as read with those that were on it.
#[test]
fn what_came_later_is_still_new() {
    let mut town = Town::new();
    town.stage.visit(XUZHOU, "lixiaoming", "170.00", &json!({})).expect("a bill");
    let mut father = town.citizen("liming");
    father.open("/inbox");
    town.stage.clock("2025-06-16 10:20").expect("the clock moves");
    town.stage.visit(XUZHOU, "lixiaoming", "60.00", &json!({})).expect("a bill");
    father.press("都看过了", &[]);
    father.shows(&["1 条没看过"]);
}

/// If this fails, who has to confirm a binding does not learn of it here, or is led nowhere.
#[test]
fn who_has_to_confirm_is_told() {
    let mut town = Town::new();
    let body = town.stage.signed("liming", "zhaoli", "spouse").expect("a letter");
    let (status, _) = town.stage.acting("liming", "POST", "/bindings", &body).expect("an answer");
    assert_eq!(status, 201);
    let mut wife = town.citizen("zhaoli");
    wife.open("/inbox").shows(&["有一份家庭共济授权等您确认", "李*"]);
    assert!(wife.html.contains("href=\"/family/"));
}

/// If this fails, whoever reads in large print has more messages on a page than can be told apart, or never sees the rest.
#[test]
fn large_print_shows_a_few_messages_at_a_time() {
    let mut town = Town::new();
    for minute in 1..7 {
        town.stage.clock(&format!("2025-06-16 10:0{minute}")).expect("the clock moves");
        let amount = format!("{}.00", 60 + minute);
        town.stage.visit(XUZHOU, "lixiaoming", &amount, &json!({})).expect("a bill");
    }
    let mut father = town.citizen("liming");
    father.open("/inbox").shows(&["6 条没看过"]);
    let shown = |browser: &crate::browser::Browser| browser.html.matches("class=\"choice\"").count();
    assert_eq!(shown(father.open("/inbox")), 6);
    father.open("/view?mode=elder&back=/inbox");
    assert_eq!(shown(&father), 4);
    assert_eq!(shown(father.follow("下一页")), 2);
    father.follow("上一页").shows(&["6 条没看过"]);
}
