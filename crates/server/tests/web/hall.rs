//! The service hall's console, used as a clerk uses it (R-D9): finding people, binding and releasing in their name, why
//! something was refused, and what is on record of all that.

use crate::browser::Browser;
use crate::town::Town;
use serde_json::json;
use server::tokens::Role;

const WANG: &str = "990000195807040225";
const LI: &str = "990000198503120115";

/// A clerk with somebody at the counter.
fn serving(town: &Town, scanned: &str) -> Browser {
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").press("查找", &[("scan", scanned)]);
    clerk
}

/// Fails where an address or a link on the page has something personal in it.
#[track_caller]
fn nothing_personal_in_addresses(clerk: &Browser) {
    let links = clerk.html.split("href=\"").chain(clerk.html.split("action=\"")).skip(1);
    for address in links.filter_map(|it| it.split('"').next()).chain([clerk.at.as_str()]) {
        assert!(!address.contains("990000"), "{address}");
    }
}

/// If this fails, the clerk does not see who is at the counter, or the next customer sees who was there before.
#[test]
fn who_is_at_the_counter_is_gone_with_the_next() {
    let town = Town::new();
    let mut clerk = serving(&town, WANG);
    clerk.shows(&["王秀英", WANG, "3500.00 元", "职工医保", "徐州"]);
    nothing_personal_in_addresses(&clerk);
    clerk.press("查找", &[("scan", LI)]).shows(&["李明", "9900**********0115"]);
    assert!(!clerk.html.contains(LI), "a relative's number is masked");
    clerk.press("下一位", &[]);
    assert_eq!(clerk.at, "/hall");
    for path in ["/hall", "/hall/bind", "/hall/bindings", "/hall/links", "/hall/why", "/hall/facing"] {
        clerk.open(path);
        for gone in ["王秀英", "王*英", "李明", WANG, "3500.00"] {
            assert!(!clerk.html.contains(gone), "{gone} on {path}");
        }
    }
}

/// If this fails, whoever signs in anew still has the last customer of the shift before in front of them.
#[test]
fn who_was_at_the_counter_is_gone_with_the_session() {
    let town = Town::new();
    drop(serving(&town, WANG));
    let mut anew = town.staff("hall1", Role::Clerk);
    anew.open("/hall").shows(&["找参保人"]);
    assert!(!anew.html.contains("王秀英"));
}

/// If this fails, a person is found by one of their documents only, or a wrong number finds somebody.
#[test]
fn people_are_found_by_document_card_and_name() {
    let town = Town::new();
    let card = format!("C{WANG}");
    for fields in
        [&[("scan", WANG)][..], &[("scan", card.as_str())], &[("name", "王秀英"), ("born", "1958-07-04")]]
    {
        let mut clerk = town.staff("hall1", Role::Clerk);
        clerk.open("/hall").press("查找", fields).shows(&["王秀英", WANG]);
    }
    let mut clerk = town.staff("hall1", Role::Clerk);
    for fields in [&[("scan", "990000195807040226")][..], &[("name", "王秀英"), ("born", "1958-07-05")], &[]]
    {
        clerk.open("/hall").press("查找", fields).shows(&["没有查到这个人"]);
        assert_eq!(clerk.status, 422);
    }
}

/// If this fails, of two people called alike the first is taken, or the clerk cannot tell them apart.
#[test]
fn people_called_alike_are_chosen_by_their_numbers() {
    let mut town = Town::new();
    let namesake = json!({ "psn_no": "9", "name": "王秀英", "id_type": "99", "id_number": "P1958070400",
        "born": "1958-07-04", "sex": "female" });
    let made = town.stage.client.operator("POST", "/persons", &namesake).expect("taken in");
    let enrolment = json!({ "person": { "no": made["no"] }, "scheme": "resident", "area": "320300",
        "category": "adult", "from": "2020-01-01" });
    town.stage.client.operator("POST", "/enrolments", &enrolment).expect("enrolled");
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").press("查找", &[("name", "王秀英"), ("born", "1958-07-04")]);
    clerk.shows(&["9900**********0225", "P195***0400"]);
    clerk.press("P195***0400", &[]).shows(&["王秀英", "P1958070400", "居民医保"]);
}

/// R-D9, R-D4: a clerk binds in the customer's name, after the conditions and the signed letter; the receipt says so. If
/// this fails, something is done that nobody signed, or the record does not say who did it.
#[test]
fn a_clerk_binds_what_the_customer_has_signed() {
    let mut town = Town::new();
    let mut clerk = serving(&town, WANG);
    clerk.press("查找", &[("scan", LI)]).follow("绑定");
    clerk
        .press("核对条件", &[("relation", "child"), ("per_month", "五百")])
        .shows(&["金额写成 500 或 500.00"]);
    assert_eq!(clerk.status, 422);
    clerk.press("核对条件", &[("relation", "child"), ("per_month", "500")]).shows(&["还缺亲属关系材料"]);
    assert!(!clerk.html.contains("确认绑定"), "nothing is signed for what is not possible");
    clerk.press("核对条件", &[("documents", "1")]);
    clerk.shows(&[
        "符合",
        "授权人有职工医保个人账户",
        "家庭共济授权承诺书",
        "可以绑定，还没有办理",
        "王秀英自愿",
        "授权给李明使用",
    ]);
    clerk.press("确认绑定", &[]).shows(&["请先读完承诺书"]);
    assert_eq!(clerk.status, 422);
    clerk.press("确认绑定", &[("signed", "1")]);
    clerk.shows(&["王秀英", "李明（子女）", "有效", "每月最多", "500.00 元", "服务大厅经办 hall1"]);
    nothing_personal_in_addresses(&clerk);
    let mut giver = town.citizen("wangxiuying");
    giver.open("/account").shows(&["李*"]);
    let number = town.stage.client.people["wangxiuying"];
    let found = town.rest(Role::Auditor, &format!("/persons/{number}/bindings"));
    let made = &found["given"][0];
    assert_eq!((&made["started"]["channel"], &made["started"]["by"]), (&json!("hall"), &json!("giver")));
    assert!(made["started"]["clerk"].is_u64(), "who acted for whom: {made}");
    assert_eq!(
        (&made["commitment"]["version"], &made["commitment"]["proof"]),
        (&json!("hall-1"), &json!("documents"))
    );
}

/// If this fails, a queue waits for pages that need not be there: with both people found, three presses bind.
#[test]
fn a_binding_takes_few_presses() {
    let town = Town::new();
    let mut clerk = serving(&town, WANG);
    clerk.press("查找", &[("scan", LI)]);
    clerk.count_taps();
    clerk.follow("绑定").press("核对条件", &[("relation", "child"), ("documents", "1")]);
    clerk.press("确认绑定", &[("signed", "1")]).shows(&["有效"]);
    assert_eq!(clerk.taps, 3);
}

/// If this fails, a clerk binds what the rules refuse, or does not learn why and what would help.
#[test]
fn a_refused_binding_is_explained_before_anything_is_signed() {
    let town = Town::new();
    // 赵丽 has no relation to 王秀英 that Xuzhou allows.
    let mut clerk = serving(&town, "990000198609150427");
    clerk.press("查找", &[("scan", WANG)]).follow("绑定");
    clerk.press("核对条件", &[("relation", "spouse_parent")]);
    clerk.shows(&["✗", "RELATION_NOT_ALLOWED", "现在不能绑定。没有扣钱"]);
    assert!(!clerk.html.contains("确认绑定"));
}

/// R-D6, R-D11: limited and released at the counter, with the two dates; withdrawing the release is asked for and refused
/// with its reason, where the area does not allow it. If this fails, somebody who cannot use a telephone cannot stop who
/// spends their money.
#[test]
fn a_release_says_both_dates() {
    let town = Town::new();
    let mut clerk = serving(&town, LI);
    clerk.follow("解除和更改");
    let no =
        clerk.html.split("/hall/bindings/").nth(1).and_then(|it| it.split('"').next()).expect("a binding");
    let path = format!("/hall/bindings/{no}");
    clerk.open(&path).press("改限额", &[("per_bill", "x")]).shows(&["金额写成 500 或 500.00"]);
    clerk.open(&path).press("改限额", &[("per_bill", "30")]).shows(&["每笔最多", "30.00 元"]);
    assert!(!clerk.html.contains("24:00"));
    clerk.open(&path).press("解除授权", &[]);
    clerk.shows(&["2025年6月16日（星期一） 24:00", "2025年6月17日（星期二） 00:00", "李小明"]);
    clerk.open(&path).press("撤销解除", &[]).shows(&["什么都没有改动", "没有扣钱"]);
    assert_eq!(clerk.status, 422);
}

/// If this fails, a clerk changes what only the other side may change, in the name of who stands at the counter.
#[test]
fn each_side_is_offered_what_is_theirs() {
    let town = Town::new();
    let offered = |scanned: &str| {
        let mut clerk = serving(&town, scanned);
        clerk.follow("解除和更改");
        let no = clerk.html.split("/hall/bindings/").nth(1).and_then(|it| it.split('"').next());
        let path = format!("/hall/bindings/{}", no.expect("a binding"));
        clerk.open(&path);
        ["改限额", "改扣款顺序", "解除授权"].map(|it| clerk.html.contains(it))
    };
    assert_eq!(offered(LI), [true, false, true]);
    assert_eq!(offered("990000201606010116"), [false, true, true]);
    // Whoever has nothing to do with a binding is offered nothing.
    let mut clerk = serving(&town, LI);
    clerk.follow("解除和更改");
    let no =
        clerk.html.split("/hall/bindings/").nth(1).and_then(|it| it.split('"').next()).map(str::to_owned);
    clerk.open("/hall").press("下一位", &[]).press("查找", &[("scan", WANG)]);
    clerk.open(&format!("/hall/bindings/{}", no.expect("a binding")));
    assert!(!clerk.html.contains("解除授权</button>"));
}

/// R-F1: a family code link is made and undone at the counter, and its code is not shown there.
#[test]
fn a_family_code_is_linked_at_the_counter() {
    let town = Town::new();
    let mut clerk = serving(&town, LI);
    clerk.press("查找", &[("scan", WANG)]).follow("亲情账户");
    let (path, method, body) = clerk.filled("绑定亲情账户", &[("relation", "parent")]);
    clerk.go(&method, &path, body.clone());
    assert!(clerk.at.starts_with("/hall/receipts/"), "{}", clerk.text());
    let first = clerk.at.clone();
    clerk.go(&method, &path, body);
    assert_eq!(clerk.at, first, "sent twice, done once");
    clerk.open("/hall/links").press("解除亲情账户", &[]);
    assert!(clerk.at.starts_with("/hall/receipts/") && clerk.at != first, "{}", clerk.text());
}

/// R-K1: the number on a slip, scanned, opens the case; whose money could be spent at a place is asked with F1. If this
/// fails, people go home from the hall without knowing why.
#[test]
fn a_slip_opens_its_case_and_why_is_answered() {
    let mut town = Town::new();
    town.stage.visit("H32030000001", "lixiaoming", "170.00", &json!({})).expect("settled");
    let slip = town.latest_slip("lixiaoming");
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").press("查找", &[("scan", &slip)]);
    clerk.shows(&["统筹", "70.00", "100.00", "逐项核对"]);
    clerk.open("/hall").press("查找", &[("scan", "990000201606010116")]).follow("查为什么");
    clerk.press("查", &[("place", "x")]).shows(&["定点编码是 H 或 P"]);
    clerk.press("查", &[("place", "H32030000001")]).shows(&["1900.00 元", "李明"]);
}

/// If this fails, a citizen does not learn who of the staff looked at their data and why, or the hall's leader does not.
#[test]
fn looks_at_the_counter_are_shown_to_the_person_and_the_leader() {
    let town = Town::new();
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").press("查找", &[("scan", LI), ("why", "phone")]);
    let mut citizen = town.citizen("liming");
    citizen.open("/settings/looks").shows(&["hall1", "电话", "个人账户", "授权"]);
    town.citizen("wangxiuying").open("/settings/looks").shows(&["没有人看过"]);
    let mut leader = town.staff("supervisor", Role::Supervisor);
    leader.open("/hall").shows(&["查阅记录"]);
    leader.follow("查阅记录").shows(&["统筹区"]);
    leader.press("查看", &[("area", "320300")]).shows(&["hall1", "李明", "电话"]);
    leader.open("/hall/looks?day=2025-06-16&area=320300").shows(&["hall1", "李明", "电话"]);
    leader.open("/hall/looks?day=2025-06-15&area=320300").shows(&["没有人看过"]);
}

/// If this fails, the customer's screen tells those who wait behind more than what is being done.
#[test]
fn the_customers_screen_shows_what_is_done_and_no_more() {
    let town = Town::new();
    let mut clerk = serving(&town, WANG);
    let facing = |clerk: &mut Browser, shown: &[&str]| {
        clerk.open("/hall/facing").shows(shown);
        for hidden in [WANG, "3500.00", "王秀英", "0225"] {
            assert!(!clerk.html.contains(hidden), "{hidden}");
        }
    };
    facing(&mut clerk, &["王*英"]);
    clerk.open("/hall").press("查找", &[("scan", LI)]).follow("绑定");
    clerk.press("核对条件", &[("relation", "child"), ("documents", "1")]);
    facing(&mut clerk, &["花您的钱", "还没有办理"]);
    clerk.open("/hall/bind").press("确认绑定", &[("signed", "1")]);
    facing(&mut clerk, &["王*英", "李*", "付钱的人（授权人）"]);
}

/// If this fails, a key that the console promises does nothing.
#[test]
fn the_keys_stand_on_what_they_press() {
    let town = Town::new();
    let clerk = serving(&town, WANG);
    for key in ["F1", "F2", "F3", "F4", "F8"] {
        assert!(clerk.html.contains(&format!("data-key=\"{key}\"")), "{key}");
        assert!(clerk.html.contains(&format!("<kbd>{key}</kbd>")), "{key}");
    }
    assert!(clerk.html.contains("data-scan"), "a scanner's field");
}
