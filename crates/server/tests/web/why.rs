//! Why it did not work: S2's four reasons with people of the demo, with their own facts to those concerned and without
//! a word about anybody to whoever holds the slip (R-K1).

use crate::code::scanned;
use crate::town::Town;
use serde_json::{Value, json};
use server::demo::stage::{Visit, text};
use server::demo::world::World;

const XUZHOU: &str = "H32030000001";

/// The number on the slip of a settlement.
fn slip_of(visit: &Visit) -> String {
    let extension = text(&visit.settled, "/output/setlinfo/exp_content");
    let extension: Value = serde_json::from_str(&extension).expect("an extension");
    text(&extension, "/GJ_NO")
}

/// S2's reason 2, R-F3: if this fails, whoever has only a family code link does not learn what is missing.
#[test]
fn only_a_family_code_link() {
    let mut town = Town::with(World::shipped().with_balance("wangxiuying", "0.00", "0.00"));
    let visit = town.stage.visit(XUZHOU, "wangxiuying", "50.00", &json!({})).expect("a bill");
    let mut browser = town.citizen("wangxiuying");
    browser.open("/why").press("查原因", &[("case", &slip_of(&visit))]);
    browser.shows(&[
        "只绑了亲情账户，还没办家庭共济",
        "现金",
        "R-F3",
        "把这段给窗口看",
        "ONLY_FAMILY_CODE_BOUND",
    ]);
    // A daughter-in-law cannot give to her here: nothing leads where it would be refused.
    assert!(!browser.html.contains("href=\"/bind\""));
}

/// S2's reason 3, R-E7: if this fails, an empty account is not named, or the state of the money is missing.
#[test]
fn an_empty_account() {
    let mut town = Town::with(World::shipped().with_balance("liming", "0.00", "0.00"));
    let visit = town.stage.visit(XUZHOU, "lixiaoming", "170.00", &json!({})).expect("a bill");
    let mut browser = town.citizen("lixiaoming");
    browser.open(&format!("/why/{}", slip_of(&visit)));
    browser.shows(&["余额为 0", "100.00 元", "R-E7", "BALANCE_ZERO", "统筹"]);
    browser.open("/spending?side=beneficiary").follow("没有花家人的钱");
    browser.follow("查为什么没成功").shows(&["余额为 0"]);
}

/// S2's reason 4, R-C2: if this fails, somebody whose mother lives elsewhere is not told that this is the reason.
#[test]
fn another_pooling_area() {
    let mut town = Town::at("2025-06-16 10:00");
    let body = town.stage.signed("wumin", "wuguifang", "parent").expect("a letter");
    let (status, refused) = town.stage.acting("wumin", "POST", "/bindings", &body).expect("an answer");
    assert_eq!(status, 422, "{refused}");
    let mut browser = town.citizen("wumin");
    browser.open(&format!("/why/{}", refused["serial"]));
    browser.shows(&["两人参保地不同", "南京", "合肥", "没有扣钱", "REGION_NOT_COVERED", "R-C2"]);
    let main = browser.text().find("两人参保地不同").expect("it is said");
    assert!(browser.text().find("一步一步").is_some_and(|it| main < it), "the reason is not in an accordion");
}

/// S2's reason 1, R-B2: if this fails, somebody who is not enrolled is not told so.
#[test]
fn not_enrolled() {
    let mut town = Town::new();
    let mother = json!({ "id_number": "990000195807040225" });
    let ended = json!({ "person": mother, "scheme": "employee", "change": "end", "day": "2025-05-31" });
    town.stage.client.operator("POST", "/enrolments/changes", &ended).expect("an end");
    let body = town.stage.signed("liming", "wangxiuying", "parent").expect("a letter");
    let (status, refused) = town.stage.acting("liming", "POST", "/bindings", &body).expect("an answer");
    assert_eq!(status, 422, "{refused}");
    let mut browser = town.citizen("liming");
    browser.open(&format!("/why/{}", refused["serial"]));
    browser.shows(&["没有扣钱", "R-B2", "BENEFICIARY_NOT_INSURED"]);
}

/// If this fails, the slip tells a stranger about a family, or its holder nothing.
#[test]
fn a_slip_speaks_of_nobody() {
    let mut town = Town::with(World::shipped().with_balance("liming", "0.00", "0.00"));
    let visit = town.stage.visit(XUZHOU, "lixiaoming", "170.00", &json!({})).expect("a bill");
    let slip = slip_of(&visit);
    let mut nobody = town.browser();
    nobody.open("/").follow("查为什么没成功");
    nobody.press("查原因", &[("case", &slip.to_lowercase().replace('-', " "))]);
    nobody.shows(&["把这段给窗口看", &slip, "BALANCE_ZERO", "不说任何人的情况"]);
    assert_eq!(scanned(&nobody.html, "给窗口扫的二维码"), slip, "the counter scans what stands below");
    for hidden in ["李", "170", "100.00", "70.00", "父", "徐州"] {
        assert!(!nobody.text().contains(hidden), "`{hidden}` is nobody's business: {}", nobody.text());
    }
    // Whoever is signed in and not concerned reads no more than that.
    let mut other = town.citizen("zhaoli");
    other.open(&format!("/why/{slip}")).shows(&["不说任何人的情况"]);
    assert!(!other.text().contains("李小明"));
}

/// If this fails, cases can be read without a slip by counting up, or a mistyped number is answered by another's case.
#[test]
fn a_number_that_is_none_is_asked_for_again() {
    let mut town = Town::new();
    let visit = town.stage.visit(XUZHOU, "lixiaoming", "170.00", &json!({})).expect("a bill");
    let slip = slip_of(&visit);
    let last = if slip.ends_with('7') { '8' } else { '7' };
    let mistyped = format!("{}{last}", &slip[..slip.len() - 1]);
    for case in [mistyped.as_str(), "???", "7K2M", "0000-0000-000"] {
        let mut nobody = town.browser();
        nobody.open("/why").press("查原因", &[("case", case)]);
        assert_eq!(nobody.status, 422, "{case}");
        nobody.shows(&["没有找到这一单"]);
    }
    let mut child = town.citizen("lixiaoming");
    child.open("/spending?side=beneficiary").follow("100.00 元");
    let serial = child.at.rsplit('/').next().and_then(|it| it.parse::<u64>().ok()).expect("a number") / 4;
    let mut nobody = town.browser();
    nobody.open(&format!("/why/{serial}"));
    nobody.shows(&["这个号只有本人登录后能看"]);
    assert!(!nobody.html.contains("把这段给窗口看"), "a serial can be counted up: it is for those concerned");
    nobody.follow("登录后查看").press("登录", &[("name", "990000201606010116"), ("password", "demo-010116")]);
    nobody.shows(&["把这段给窗口看"]);
}

/// R-K1: if this fails, people learn only at the counter what could have been said at home.
#[test]
fn asked_before_going_there() {
    let town = Town::new();
    let mut browser = town.citizen("lixiaoming");
    browser.open("/why").follow("去之前先问").follow("我自己");
    browser.press("问一问", &[("place", "h32030000001")]);
    browser.shows(&["徐州演示三级医院", "李*的个人账户", "2000.00 元", "没有扣钱"]);
    browser.open("/why/would").follow("我自己").press("问一问", &[("place", "H32030000009")]);
    browser.shows(&["PLACE_NOT_DESIGNATED"]);
    browser.open("/why/would").follow("我自己").press("问一问", &[("place", "HOSPITAL")]);
    assert_eq!(browser.status, 422);
    browser.shows(&["没有找到这家医药机构"]);
    // Who gives may ask for those they gave to, by their own money alone.
    let mut son = town.citizen("liqiang");
    son.open("/why/would").follow("李*").press("问一问", &[("place", "H32010000001")]);
    son.shows(&["您的个人账户", "500.00 元"]);
    let mut link = town.citizen("wangxiuying");
    link.open("/why/would").follow("我自己").press("问一问", &[("place", "H32030000001")]);
    link.shows(&["只绑了亲情账户，还没办家庭共济", "ONLY_FAMILY_CODE_BOUND"]);
}
