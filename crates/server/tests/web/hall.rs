//! The service hall's console, used as a clerk uses it (R-D9): finding people, binding and releasing in their name, why
//! something was refused, and what is on record of all that.

use crate::browser::Browser;
use crate::town::Town;
use crate::ways::Read;
use serde_json::json;
use server::demo::world::World;
use server::tokens::Role;

const WANG: &str = "990000195807040225";
pub(crate) const LI: &str = "990000198503120115";

/// A clerk with somebody at the counter.
pub(crate) fn serving(town: &Town, scanned: &str) -> Browser {
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").press("查找", &[("scan", scanned)]);
    clerk
}

/// Fails where an address or a link on the page has something personal in it.
#[track_caller]
pub(crate) fn nothing_personal_in_addresses(clerk: &Browser) {
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
        "家庭共济承诺书",
        "可以绑定，还没有办理",
        "付钱的人（授权人）：王秀英",
        "看病的人（使用人）：李明",
        "签署人：王秀英（授权人本人）",
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
        (&json!("2026-11"), &json!("documents"))
    );
    let signed = town.rest(Role::Auditor, &format!("/bindings/{}/commitment", made["no"]));
    assert!(signed["text"].as_str().is_some_and(|it| it.contains("使用人是授权人的：子女")), "{signed}");
    // Whoever prints the receipt later is not who did it.
    let receipt = clerk.at.clone();
    let mut leader = town.staff("supervisor", Role::Supervisor);
    leader.open(&receipt).shows(&["服务大厅经办 hall1"]);
}

/// R-D4: where the beneficiary asks, it is the beneficiary who signs, and the letter says so. If this fails, somebody signs
/// at the counter what only the other one can promise; or the phone and the hall have people sign different texts.
#[test]
fn the_letter_is_right_for_whoever_signs() {
    let town = Town::new();
    let mut clerk = serving(&town, LI);
    clerk.press("查找", &[("scan", "990000201606010116")]).follow("绑定");
    let wanted = [("side", "beneficiary"), ("relation", "parent"), ("documents", "1")];
    clerk.press("核对条件", &wanted);
    assert!(!clerk.html.contains("签署人"), "what is refused is not signed");
    let mut world = World::shipped();
    for person in world.person.iter_mut().filter(|it| ["liming", "wangxiuying"].contains(&it.key.as_str())) {
        "650100".clone_into(&mut person.area);
    }
    world.binding.retain(|it| it.giver != "liming");
    let mut town = Town::with(world);
    let mut clerk = serving(&town, WANG);
    clerk.press("查找", &[("scan", LI)]).follow("绑定");
    clerk.press("核对条件", &[("side", "beneficiary"), ("relation", "parent"), ("documents", "1")]);
    clerk.shows(&["看病的人（使用人）：王秀英", "授权人）：李明", "签署人：王秀英（使用人本人）"]);
    let pair = json!({ "giver": { "id_number": LI, "name": "李明" }, "relation": "parent",
        "beneficiary": { "id_number": WANG } });
    let (_, on_phone) = town.stage.acting("wangxiuying", "POST", "/commitment", &pair).expect("an answer");
    let digest = on_phone["digest"].as_str().expect("a digest");
    assert!(clerk.html.contains(digest), "phone and hall have the same bytes signed");
    let (path, method, body) = clerk.filled("确认绑定", &[("signed", "1")]);
    clerk.go(&method, &path, body.replace(digest, &"0".repeat(64)));
    assert_eq!(clerk.status, 422);
    clerk.shows(&["承诺书的文字变了"]);
    clerk.open("/hall/bind").press("确认绑定", &[("signed", "1")]).shows(&["等待确认", "李明"]);
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
    let dates = ["2025年6月16日（星期一）", "2025年6月17日（星期二） 00:00", "李小明"];
    clerk.open(&path).follow("解除授权").shows(&dates).shows(&["今天 24:00"]);
    clerk.press("确认解除", &[]).shows(&dates).shows(&["2025年6月16日（星期一） 24:00", "经办 hall1"]);
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
        ["改限额", "改扣款顺序", "解除授权</a>"].map(|it| clerk.html.contains(it))
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
    assert!(!clerk.html.contains("解除授权</a>"));
}

/// R-F1: whoever stands at the counter agrees there, in both directions and to both ends; a relative who is not there is
/// asked. If this fails, people are sent to the hall for what the hall refuses, or a code is shown behind somebody's back.
#[test]
fn a_family_code_is_linked_at_the_counter() {
    for (holder, shows, page, line) in [
        ("customer", "liming", "我能出示谁的码 王*英 · 父母", "等对方同意"),
        ("relative", "wangxiuying", "我能出示谁的码 李* · 子女", "10:00 添加"),
    ] {
        let town = Town::new();
        let mut clerk = serving(&town, LI);
        clerk.press("查找", &[("scan", WANG)]).follow("亲情账户");
        let relation = if holder == "customer" { "parent" } else { "child" };
        let fields = [("relation", relation), ("holder", holder)];
        let (path, method, body) = clerk.filled("添加亲情账户", &fields);
        clerk.go(&method, &path, body.clone());
        assert!(clerk.at.starts_with("/hall/receipts/"), "{holder}: {}", clerk.text());
        let first = clerk.at.clone();
        clerk.go(&method, &path, body);
        assert_eq!(clerk.at, first, "sent twice, done once");
        let mut theirs = town.citizen(shows);
        theirs.open("/family-codes").shows(&[page, line]);
        clerk.open("/hall/links").press("取消亲情账户", &[("holder", holder)]);
        assert!(clerk.at.starts_with("/hall/receipts/") && clerk.at != first, "{holder}: {}", clerk.text());
        theirs.open("/family-codes").shows(&["我能出示谁的码 还没有"]);
    }
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

/// If this fails, a key that the console promises does nothing, or does it on some of the hall's pages only.
#[test]
fn the_keys_stand_on_what_they_press() {
    let mut town = Town::new();
    town.stage.visit("H32030000001", "lixiaoming", "170.00", &json!({})).expect("settled");
    let slip = town.latest_slip("lixiaoming");
    let mut clerk = serving(&town, LI);
    clerk.press("查找", &[("scan", WANG)]).follow("亲情账户");
    let linked = clerk.press("添加亲情账户", &[("relation", "parent")]).at.clone();
    assert!(linked.starts_with("/hall/receipts/"), "{}", clerk.text());
    clerk.open("/hall/bindings");
    let binding = clerk.html.split("/hall/bindings/").nth(1).and_then(|it| it.split('"').next());
    let binding = format!("/hall/bindings/{}", binding.expect("a binding"));
    let (release, case) = (format!("{binding}/release"), format!("/hall/case/{slip}"));
    for path in [
        "/hall",
        "/hall/why",
        "/hall/bind",
        "/hall/bindings",
        "/hall/links",
        &*binding,
        &*release,
        &*case,
        &*linked,
    ] {
        clerk.open(path);
        assert_eq!(clerk.at, path);
        for key in ["F1", "F2", "F3", "F4", "F8"] {
            assert_eq!(clerk.html.matches(&format!("data-key=\"{key}\"")).count(), 1, "{key} on {path}");
            assert!(clerk.html.contains(&format!("<kbd>{key}</kbd>")), "{key} on {path}");
        }
    }
    assert!(clerk.open("/hall").html.contains("data-scan"), "a scanner's field");
}

/// If this fails, whoever has no login leaves the hall without a way in, a code is given for somebody who is not there, the
/// next customer reads it, or nobody tells the person that it was given.
#[test]
fn a_code_is_given_to_the_person_in_front_and_they_are_told() {
    let town = Town::new();
    let mut clerk = serving(&town, WANG);
    clerk.follow("登录开通码").press("给开通码", &[]).shows(&["请先核对证件"]);
    assert_eq!(clerk.status, 422);
    clerk.press("给开通码", &[("checked", "1")]).shows(&["王*英", "最晚用到", "打印给客户"]);
    nothing_personal_in_addresses(&clerk);
    let code = clerk.html.split("<p class=\"number\">").nth(1).and_then(|it| it.split('<').next());
    let code = code.expect("a code").to_owned();
    let mut person = town.browser();
    let password = "一句好记的话八字";
    let fields =
        [("name", WANG), ("code", code.as_str()), ("new_password", password), ("again_password", password)];
    person.open("/activate").press("设好密码", &fields);
    person.open("/inbox").shows(&["3 条没看过", "已用开通码设了登录密码", "服务大厅给您开了登录的开通码"]);
    clerk.press("下一位", &[]);
    assert!(!clerk.open("/hall/activation").html.contains(&code));
}

/// If this fails, a binding that nobody has confirmed yet, or that is on hold, is said to be in force.
#[test]
fn only_what_is_in_force_is_called_so() {
    let mut town = Town::new();
    let mut clerk = serving(&town, LI);
    clerk.press("查找", &[("scan", "990000198609150427")]).follow("绑定");
    clerk.press("核对条件", &[("relation", "spouse"), ("documents", "1")]);
    clerk.press("确认绑定", &[("signed", "1")]).shows(&["等待确认", "还没生效", "对方确认以后才生效"]);
    assert!(!clerk.text().contains("生效时间"));
    clerk.open("/hall/facing").shows(&["还没生效"]);
    let number = town.stage.client.people["liming"];
    let found = town.rest(Role::Auditor, &format!("/persons/{number}/bindings"));
    let given = found["given"].as_array().expect("bindings");
    let to_son = given.iter().find(|it| it["status"]["state"] == "in_force").expect("李小明's");
    let path = format!("/hall/bindings/{}", to_son["no"]);
    clerk.open(&path).shows(&["生效时间"]);
    let hold = json!({ "event": "hold" });
    let events = format!("/bindings/{}/events", to_son["no"]);
    town.stage.acting("liming", "POST", &events, &hold).expect("an answer");
    clerk.open(&path).shows(&["从这时起暂停使用", "恢复使用"]);
    assert!(!clerk.text().contains("生效时间"));
    clerk.press("恢复使用", &[]).shows(&["生效时间"]);
}

/// If this fails, a form that was shown for one customer is sent for the next one, who came in another window: phones,
/// activation codes and photographs end up with somebody else.
#[test]
fn a_form_for_one_customer_is_not_sent_for_the_next() {
    let town = Town::new();
    let mut clerk = town.staff("hall1", Role::Clerk);
    let scanned = |key: &str| town.stage.world.person(key).id.clone();
    clerk.open("/hall").press("查找", &[("scan", &scanned("liming"))]);
    clerk.open("/hall/phones");
    let (path, method, body) = clerk.filled("保存", &[("own", "13812341234")]);
    clerk.open("/hall").press("下一位", &[]).press("查找", &[("scan", &scanned("wangxiuying"))]);
    clerk.go(&method, &path, body);
    assert_eq!(clerk.status, 409);
    clerk.shows(&["这张表不是给窗口前这位客户的", "什么也没有改变"]);
    clerk.open("/hall/phones");
    assert!(!clerk.text().contains("138****1234"), "the next customer's phones are as they were");
}

/// R-B3, R-K1: if this fails, a clerk does not see why a relative's money cannot be spent who never bound anybody, or what to do.
#[test]
fn a_relative_who_is_not_bound_is_told_with_the_next_step() {
    let town = Town::new();
    let mut clerk = serving(&town, LI);
    clerk.open("/hall/why").press("查", &[("place", "H32030000001")]);
    clerk.shows(&["先回上一页，查找这位家人"]);
    clerk.open("/hall").press("查找", &[("scan", WANG)]).open("/hall/why");
    clerk.shows(&["王秀英没有授权李明", "NOT_BOUND，R-B3"]);
    clerk.follow("给这两位办家庭共济");
    assert_eq!(clerk.at, "/hall/bind");
    clerk.shows(&["王秀英", "李明"]);
}

/// What a clerk reads who asks about the money of a relative who bound nobody.
pub(crate) fn asked_at_the_hall() -> Read {
    let town = Town::new();
    let mut clerk = serving(&town, LI);
    clerk.press("查找", &[("scan", WANG)]).open("/hall/why").press("查", &[("place", "H32030000001")]);
    vec![clerk.text()]
}
