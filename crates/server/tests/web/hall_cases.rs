//! Cases at the hall: a giver says that a bill was none of their relative's, and a clerk looks into it (R-D7, R-H1).

use crate::browser::Browser;
use crate::town::Town;
use serde_json::json;
use server::demo::stage::text;
use server::tokens::Role;

/// A giver who has said so, and a clerk who reads of it.
fn doubted(town: &mut Town) -> (Browser, Browser) {
    town.stage.visit("H32030000001", "lixiaoming", "170.00", &json!({})).expect("a bill");
    let mut father = town.citizen("liming");
    father.open("/spending").follow("花了您的 100.00 元").follow("这不是我家人用的");
    father.press("暂停授权，请窗口核对", &[]).shows(&["窗口正在核对"]);
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").follow("核查：不是家人用的");
    clerk.shows(&["李明", "李小明", "徐州演示三级医院", "100.00 元"]);
    clerk.follow("李明");
    clerk.shows(&["正在核查", "暂停使用", "保持暂停，由授权人自己恢复或解除"]);
    (father, clerk)
}

/// R-D7, R-H1: if this fails, no clerk finds what a giver doubts, a case is closed without a finding, or the giver does not
/// learn who looked.
#[test]
fn a_case_is_closed_with_what_was_found() {
    let mut town = Town::new();
    let (mut father, mut clerk) = doubted(&mut town);
    clerk.press("结束核查", &[]).shows(&["请选择核查结果", "什么也没有改变"]);
    assert_eq!(clerk.status, 422);
    clerk.press("结束核查", &[("outcome", "relative"), ("hold", "lift")]);
    clerk.shows(&["是家人本人用的", "没有暂停"]);
    assert!(!clerk.text().contains("结束核查"), "it is closed once");
    clerk.open("/hall/cases").shows(&["没有正在核查的"]);
    father.open("/settings/looks").shows(&["核查", "审核"]);
    father.open("/inbox").shows(&["生效"]);
}

/// R-D7, R-D9: if this fails, who has no phone cannot say that a bill was none of their relative's, or leaves the counter
/// without a paper that says what was done.
#[test]
fn a_bill_is_doubted_at_the_counter() {
    let mut town = Town::new();
    town.stage.visit("H32030000001", "lixiaoming", "170.00", &json!({})).expect("a bill");
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").press("查找", &[("scan", "990000198503120115")]);
    clerk.open("/hall/spending").follow("花了您的 100.00 元");
    let bill = clerk.at.clone();
    clerk.follow("这不是我家人用的").shows(&["窗口前的参保人", "李明", "这位家人马上不能再花您的钱"]);
    clerk.press("暂停授权，请窗口核对", &[]);
    clerk.shows(&["暂停使用", "回执号", "服务大厅经办", "大字回执"]);
    clerk.open(&bill).shows(&["窗口正在核对", "家人现在不能花您的钱"]);
    assert!(!clerk.text().contains("这不是我家人用的"), "it is looked into already");
    clerk.press("恢复使用", &[]).shows(&["回执号"]);
    clerk.open(&bill);
    assert!(!clerk.text().contains("家人现在不能花您的钱"));
    let mut father = town.citizen("liming");
    father.open("/spending").follow("花了您的 100.00 元").shows(&["窗口正在核对"]);
    // The child's own bill is at nobody else's counter.
    let mut other = town.staff("hall2", Role::Clerk);
    other.open("/hall").press("查找", &[("scan", "990000195807040225")]);
    other.open(&format!("{bill}/not-mine"));
    assert_eq!(other.status, 404);
}

/// R-D7: if this fails, closing a case lifts a hold that the giver did not ask to be lifted.
#[test]
fn a_hold_is_left_to_the_giver() {
    let mut town = Town::new();
    let (mut father, mut clerk) = doubted(&mut town);
    clerk.press("结束核查", &[("outcome", "somebody_else")]);
    clerk.shows(&["别人用了家人的码或卡", "授权仍暂停使用"]);
    father.open("/spending").follow("花了您的 100.00 元").press("恢复使用", &[]);
    assert!(!father.text().contains("家人现在不能花您的钱"));
}

/// R-D7: if this fails, a clerk whose page is older than a colleague's finding lifts the hold against it.
#[test]
fn an_old_page_lifts_nothing() {
    let mut town = Town::new();
    let (_, mut clerk) = doubted(&mut town);
    let mut late = town.staff("hall2", Role::Clerk);
    late.open("/hall").follow("核查：不是家人用的").follow("李明");
    clerk.press("结束核查", &[("outcome", "somebody_else")]);
    late.press("结束核查", &[("outcome", "relative"), ("hold", "lift")]);
    late.shows(&["别人用了家人的码或卡", "授权仍暂停使用"]);
}

/// R-D7: if this fails, closing one of two cases puts the binding in force while the other is looked into, the clerk does not
/// learn why it stays on hold, or a giver cannot doubt a second bill.
#[test]
fn the_hold_stays_until_the_last_case_is_closed() {
    let mut town = Town::new();
    let mut bill = |amount| {
        let visit = town.stage.visit("H32030000001", "lixiaoming", amount, &json!({})).expect("a bill");
        format!("/spending/{}", text(&visit.settled, "/output/setlinfo/setl_id"))
    };
    let bills = ["170.00", "240.00"].map(&mut bill);
    let mut father = town.citizen("liming");
    let mut doubts = |bill: &str| {
        father.open(bill).follow("这不是我家人用的").press("暂停授权，请窗口核对", &[]);
        father.shows(&["窗口正在核对"]);
    };
    doubts(&bills[0]);
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall/cases").follow("李明").shows(&["授权人同意，现在恢复使用"]);
    let first = clerk.at.clone();
    doubts(&bills[1]);
    // The clerk's page is from before that.
    clerk.press("结束核查", &[("outcome", "relative"), ("hold", "lift")]);
    clerk.shows(&["是家人本人用的", "暂停使用", "同一份授权还有别的核查没有结束"]);
    clerk.follow("核查 ").shows(&["正在核查", "授权人同意，现在恢复使用"]);
    assert_ne!(clerk.at, first, "the other one");
    clerk.press("结束核查", &[("outcome", "relative"), ("hold", "lift")]).shows(&["没有暂停"]);
    doubts(&bills[0]);
    doubts(&bills[1]);
    clerk.open("/hall/cases").follow("李明").shows(&["全部结束以前，授权一直暂停使用"]);
    assert!(!clerk.text().contains("现在恢复使用"), "what would not be done is not offered");
}

/// R-D7: if this fails, a bill that is doubted again after its case was closed stops the binding and no clerk hears of it, or
/// what was found before is forgotten.
#[test]
fn a_bill_doubted_again_is_looked_into_again() {
    let mut town = Town::new();
    let (mut father, mut clerk) = doubted(&mut town);
    clerk.press("结束核查", &[("outcome", "relative"), ("hold", "lift")]).shows(&["没有暂停"]);
    clerk.open("/hall/cases").shows(&["没有正在核查的"]);
    father.open("/spending").follow("花了您的 100.00 元").shows(&["窗口已核对完"]);
    father.follow("这不是我家人用的").press("暂停授权，请窗口核对", &[]).shows(&["窗口正在核对"]);
    clerk.open("/hall/cases").follow("李明");
    clerk.shows(&["正在核查", "暂停使用", "以前的核查结果", "是家人本人用的"]);
    clerk.press("结束核查", &[("outcome", "somebody_else")]);
    clerk.shows(&["别人用了家人的码或卡", "以前的核查结果", "是家人本人用的"]);
    clerk.open("/hall/cases").shows(&["没有正在核查的"]);
}

/// If this fails, a clerk who serves nobody does not see that something waits, or whom it is about has been looked at by that.
#[test]
fn what_waits_is_counted_and_nobody_is_looked_at() {
    let mut town = Town::new();
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").shows(&["等着办的", "核查：不是家人用的 没有", "等审批的更正 没有"]);
    town.stage.visit("H32030000001", "lixiaoming", "170.00", &json!({})).expect("a bill");
    let mut father = town.citizen("liming");
    father.open("/spending").follow("花了您的 100.00 元").follow("这不是我家人用的");
    father.press("暂停授权，请窗口核对", &[]);
    clerk.open("/hall").shows(&["核查：不是家人用的 1 件", "等审批的更正 没有"]);
    father.open("/settings/looks");
    assert!(!father.text().contains("核查"), "{}", father.text());
    let mut elsewhere = town.staff("hall2", Role::Clerk);
    elsewhere.open("/hall").press("查找", &[("scan", "990000198503120115")]);
    assert!(!elsewhere.text().contains("等着办的"), "somebody is served");
}

/// If this fails, what does not fit on the first page of a list is looked into by nobody.
#[test]
fn more_cases_than_a_page_holds_are_on_the_next() {
    let mut town = Town::new();
    let mut father = town.citizen("liming");
    let bills: Vec<String> = (0..21)
        .map(|it| {
            let amount = format!("{}.00", 20 + it);
            let visit = town.stage.visit("H32030000001", "lixiaoming", &amount, &json!({})).expect("a bill");
            text(&visit.settled, "/output/setlinfo/setl_id")
        })
        .collect();
    for bill in &bills {
        father.open(&format!("/spending/{bill}/not-mine")).press("暂停授权，请窗口核对", &[]);
    }
    let mut clerk = town.staff("hall1", Role::Clerk);
    let rows = |clerk: &Browser| clerk.html.matches("<tr><td>").count();
    assert_eq!(rows(clerk.open("/hall/cases")), 20);
    assert_eq!(rows(clerk.follow("下一页")), 1);
    assert!(!clerk.text().contains("下一页"), "{}", clerk.text());
}
