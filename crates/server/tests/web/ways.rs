//! How people of the demo come to read why something does not work: they bind, ask, pay at a till, as everybody does, where
//! the law or the world stands against it. Which reasons are read on each way, `reasons` says.

use crate::browser::Browser;
use crate::till::{CLINIC, LINES, PHARMACY, add, code, with_card};
use crate::town::Town;
use serde_json::{Value, json};
use server::demo::stage::{CLASS_A, text};
use server::demo::world::{World, who};
use server::tokens::Role;

const XUZHOU: &str = "H32030000001";
const NANNING: &str = "H45010000001";

/// What was read on the way.
pub(crate) type Read = Vec<String>;

/// 李明's family, living in another area, bound to nobody.
fn living_in(area: &str) -> World {
    let mut world = World::shipped();
    for key in ["liming", "lixiaoming", "zhaoli", "wangxiuying", "zhaojianguo"] {
        for person in world.person.iter_mut().filter(|it| it.key == key) {
            area.clone_into(&mut person.area);
        }
    }
    world.binding.retain(|it| it.giver != "liming");
    world
}

/// The page with the conditions of a binding that somebody wants to give.
fn asked(town: &Town, giver: &str, relation: &str, relative: &str) -> String {
    let mut browser = town.citizen(giver);
    to_the_check(&mut browser, town, relation, relative);
    browser.text()
}

fn to_the_check(browser: &mut Browser, town: &Town, relation: &str, relative: &str) {
    let relative = town.stage.world.person(relative);
    browser.open("/bind");
    if browser.text().contains("重新开始") {
        browser.press("重新开始", &[]);
    }
    browser.press("让家人花我的个人账户（花我的）", &[]).press("父母", &[("relation", relation)]);
    browser.press("下一步：检查条件", &[("name", &relative.name), ("id_number", &relative.id)]);
}

/// What somebody reads who asks whether it would work for themselves.
fn would(town: &Town, key: &str, place: &str) -> String {
    let no = town.stage.client.people[key];
    let mut browser = town.citizen(key);
    browser.open(&format!("/why/would?who={no}&place={place}"));
    browser.text()
}

/// Starts a binding over the interface: its answer.
fn start(town: &mut Town, giver: &str, beneficiary: &str, relation: &str, more: &Value) -> Value {
    let mut body = town.stage.signed(giver, beneficiary, relation).expect("a letter");
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let (status, made) = town.stage.acting(giver, "POST", "/bindings", &body).expect("an answer");
    assert_eq!(status, 201, "{made}");
    made
}

fn happens(town: &mut Town, key: &str, binding: &Value, event: &Value) {
    let path = format!("/bindings/{}/events", binding["no"]);
    let (status, answer) = town.stage.acting(key, "POST", &path, event).expect("an answer");
    assert_eq!(status, 200, "{answer}");
}

/// A bill at a till, worked out.
fn worked_out(town: &Town, place: &str, key: &str, lines: &[(&str, &str)]) -> Browser {
    let mut browser = town.till(place);
    with_card(town, &mut browser, key);
    add(&mut browser, lines);
    browser.press("算一算谁付多少", &[]);
    browser
}

/// What a patient reads of their latest bill.
fn why(town: &mut Town, key: &str) -> String {
    let slip = town.latest_slip(key);
    let mut browser = town.citizen(key);
    browser.open(&format!("/why/{slip}"));
    browser.text()
}

pub(crate) fn who_cannot_bind() -> Read {
    let mut town = Town::new();
    let ended = json!({ "person": who(town.stage.world.person("zhaojianguo")), "scheme": "employee", "change": "end",
        "day": "2025-05-31" });
    town.stage.client.operator("POST", "/enrolments/changes", &ended).expect("an end");
    let wanted = [
        ("liming", "child", "lixiaoming"),
        ("liming", "parent", "liming"),
        ("liming", "spouse_parent", "zhaojianguo"),
        ("wumin", "parent", "wuguifang"),
        ("lixiaoming", "parent", "wangxiuying"),
        ("luofang", "parent", "zhouguilan"),
        ("chenbin", "parent", "wangxiuying"),
        ("liming", "parent", "zhaojianguo"),
        ("liming", "sibling", "chenbin"),
        ("liming", "parent", "maguiying"),
        ("kongqiulan", "grandchild", "kongxiaorui"),
        ("kongqiulan", "child", "kongxiangjun"),
    ];
    let mut read: Read =
        wanted.iter().map(|(giver, relation, it)| asked(&town, giver, relation, it)).collect();
    let mut browser = town.citizen("wangxiuying");
    browser.open("/bind").press("请家人授权，我花家人的个人账户（花家人的）", &[]).press("子女", &[]);
    browser.press("下一步：检查条件", &[("name", "李明"), ("id_number", "990000198503120115")]);
    read.push(browser.text());
    browser.open("/bind").press("重新开始", &[]);
    browser.press("让家人花我的个人账户（花我的）", &[]).press("子女", &[]);
    browser.press("下一步：检查条件", &[("name", "李名"), ("id_number", "990000198503120115")]);
    read.push(browser.text());
    read
}

pub(crate) fn bound_both_ways() -> Read {
    let mut town = Town::new();
    start(&mut town, "liming", "wangxiuying", "parent", &json!({ "from": "2025-07-01" }));
    vec![asked(&town, "wangxiuying", "child", "liming"), would(&town, "wangxiuying", XUZHOU)]
}

pub(crate) fn one_beneficiary_in_chongqing() -> Read {
    let mut town = Town::with(living_in("500000"));
    start(&mut town, "liming", "lixiaoming", "child", &json!({}));
    vec![asked(&town, "liming", "parent", "wangxiuying")]
}

pub(crate) fn one_mother_in_taian() -> Read {
    let mut town = Town::with(living_in("370900"));
    start(&mut town, "liming", "wangxiuying", "parent", &json!({}));
    // A second mother.
    vec![asked(&town, "liming", "parent", "zhaoli")]
}

pub(crate) fn two_for_life() -> Read {
    let mut town = Town::new();
    town.law("2020-01-01", "[[max_beneficiaries_ever]]\nvalue = 1\n");
    vec![asked(&town, "liming", "parent", "wangxiuying")]
}

pub(crate) fn a_pool_in_fujian() -> Read {
    vec![asked(&Town::with(living_in("350100")), "liming", "parent", "wangxiuying")]
}

pub(crate) fn at_the_hall_in_guizhou() -> Read {
    let town = Town::with(living_in("520100"));
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").press("查找", &[("scan", &town.stage.world.person("liming").id)]);
    clerk.press("查找", &[("scan", &town.stage.world.person("wangxiuying").id)]).follow("绑定");
    let mut read = vec![clerk.press("核对条件", &[("relation", "parent")]).text()];
    let limited = [("relation", "parent"), ("documents", "1"), ("per_month", "500")];
    read.push(clerk.press("核对条件", &limited).text());
    read
}

pub(crate) fn amended_by_one_alone() -> Read {
    let town = Town::new();
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").press("查找", &[("scan", &town.stage.world.person("liming").id)]);
    let amended =
        [("what", "name"), ("right", "李铭"), ("why_amend", "录入错误"), ("kind", "change_statement")];
    clerk.open("/hall/amend").attach("提交审批", &amended, &[]);
    let again =
        [("what", "name"), ("right", "李鸣"), ("why_amend", "录入错误"), ("kind", "change_statement")];
    let mut read = vec![clerk.open("/hall/amend").attach("提交审批", &again, &[]).text()];
    clerk.open("/hall/amendments").follow("李明");
    read.push(clerk.press("批准", &[("why_decided", "核对过证明")]).text());
    read
}

pub(crate) fn an_amount_set_aside() -> Read {
    let mut town = Town::at("2026-02-01 10:00");
    let files = server::law::shipped(true).files;
    town.stage.client.operator("POST", "/policies", &json!({ "files": files })).expect("a law book");
    let mut giver = town.citizen("wumin");
    to_the_check(&mut giver, &town, "parent", "wuguifang");
    giver.press("下一步", &[]);
    let mut read = vec![giver.press("下一步", &[("quota", "")]).text()];
    read.push(giver.press("下一步", &[("quota", "99999")]).text());
    let made = start(&mut town, "wumin", "wuguifang", "parent", &json!({ "quota": "60.00" }));
    happens(&mut town, "wuguifang", &made, &json!({ "event": "confirm" }));
    town.stage.visit("H34010000001", "wuguifang", "300.00", &json!({})).expect("a bill");
    read.push(would(&town, "wuguifang", "H34010000001"));
    let mut giver = town.citizen("wumin");
    giver.open(&format!("/family/{}/quota", made["no"]));
    read.push(giver.press("保存", &[("quota", "1")]).text());
    read
}

pub(crate) fn a_spouse_who_waits() -> Read {
    let mut town = Town::new();
    start(&mut town, "liming", "zhaoli", "spouse", &json!({}));
    let mut read = vec![would(&town, "zhaoli", XUZHOU)];
    town.stage.clock("2025-07-20 10:00").expect("the clock moves");
    read.push(would(&town, "zhaoli", XUZHOU));
    read
}

pub(crate) fn a_spouse_who_declines() -> Read {
    let mut town = Town::new();
    let made = start(&mut town, "liming", "zhaoli", "spouse", &json!({}));
    let mut his = town.citizen("liming");
    his.open(&format!("/family/{}", made["no"]));
    happens(&mut town, "zhaoli", &made, &json!({ "event": "decline" }));
    vec![his.press("撤回，不办了", &[]).text(), would(&town, "zhaoli", XUZHOU)]
}

pub(crate) fn a_review_in_guangdong() -> Read {
    let mut town = Town::with(living_in("440100"));
    let mut body = town.stage.signed("liming", "wangxiuying", "parent").expect("a letter");
    body["proof"] = json!("documents");
    body["on_behalf_of"] = who(town.stage.world.person("liming"));
    let (status, made) = town.told(Role::Clerk, "POST", "/bindings", &body);
    assert_eq!(status, 201, "{made}");
    vec![would(&town, "wangxiuying", XUZHOU)]
}

pub(crate) fn released_and_asked_again() -> Read {
    let mut town = Town::new();
    let mut his = town.citizen("liming");
    his.open("/family").follow("李小明").follow("解除授权").press("确认解除", &[]);
    let mut read = vec![asked(&town, "liming", "child", "lixiaoming")];
    town.stage.clock("2025-06-17 10:00").expect("the clock moves");
    read.push(would(&town, "lixiaoming", XUZHOU));
    read
}

pub(crate) fn locked_in_henan() -> Read {
    let mut town = Town::with(living_in("410100"));
    let made = start(&mut town, "liming", "wangxiuying", "parent", &json!({}));
    let mut his = town.citizen("liming");
    vec![his.open(&format!("/family/{}/release", made["no"])).text()]
}

pub(crate) fn what_a_binding_is() -> Read {
    let mut town = Town::new();
    let no = town.stage.client.people["liming"];
    let found = town.rest(Role::Auditor, &format!("/persons/{no}/bindings"));
    let path = format!("/bindings/{}/events", found["given"][0]["no"]);
    let marked = json!({ "event": "mark_needs_decision" });
    let mut hers = town.citizen("shenyuzhen");
    hers.open("/family").follow("沈*华");
    let at = hers.at.clone();
    let read = hers.open(&format!("{at}/release")).text();
    town.stage.client.operator("POST", &path, &marked).expect("marked");
    vec![read, would(&town, "lixiaoming", XUZHOU)]
}

pub(crate) fn one_family_code_more() -> Read {
    let mut town = Town::new();
    town.law("2020-01-01", "[[max_family_codes]]\nvalue = 1\n");
    let mut hers = town.citizen("zhaoli");
    let son = [("relation", "child"), ("name", "李小明"), ("id_number", "990000201606010116")];
    vec![hers.open("/family-codes/add").press("添加", &son).text()]
}

pub(crate) fn put_on_hold() -> Read {
    let mut town = Town::new();
    town.stage.visit("H32010000001", "liming_elder", "80.00", &json!({})).expect("a bill");
    let mut son = town.citizen("liqiang");
    son.open("/spending").follow("花了您的 80.00 元").follow("这不是我家人用的");
    son.press("暂停授权，请窗口核对", &[]);
    vec![would(&town, "liming_elder", "H32010000001")]
}

pub(crate) fn would_it_work() -> Read {
    let town = Town::new();
    let asked = [
        ("wangxiuying", XUZHOU),
        ("lixiaoming", "H32030000009"),
        ("shenyuzhen", "H33010000001"),
        ("weixiulan", NANNING),
    ];
    asked.iter().map(|(key, place)| would(&town, key, place)).collect()
}

pub(crate) fn places_that_cannot() -> Read {
    let mut town = Town::new();
    let from = "2025-06-01";
    let changes = [
        ("H32030000001", json!({ "change": "suspend", "from": from, "why": "检查" })),
        ("H32030000002", json!({ "change": "able", "capability": "shared", "periods": [] })),
        ("P32030000001", json!({ "change": "able", "capability": "purchase", "periods": [] })),
    ];
    for (place, change) in &changes {
        let path = format!("/institutions/{place}/changes");
        town.stage.client.operator("POST", &path, change).expect("changed");
    }
    changes.iter().map(|(place, _)| would(&town, "lixiaoming", place)).collect()
}

pub(crate) fn no_purpose_in_shanghai() -> Read {
    let world = living_in("310000").with_binding("liming", "lixiaoming", "child", "2022-07-05 09:00");
    let town = Town::with_at("2022-07-15 10:00", world);
    vec![would(&town, "lixiaoming", XUZHOU)]
}

pub(crate) fn own_money_first_in_hebei() -> Read {
    let mut town = Town::with(living_in("130100"));
    start(&mut town, "liming", "wangxiuying", "parent", &json!({}));
    vec![would(&town, "wangxiuying", XUZHOU)]
}

pub(crate) fn nothing_left() -> Read {
    let town = Town::with(World::shipped().with_balance("liming", "0.00", "0.00"));
    vec![would(&town, "lixiaoming", XUZHOU)]
}

pub(crate) fn what_paid_less() -> Read {
    let mut town = Town::with(World::shipped().with_balance("liming", "0.00", "30.00"));
    worked_out(&town, PHARMACY, "lixiaoming", &LINES).press("结算，收现金", &[]).shows(&["已结算"]);
    let mut read = vec![why(&mut town, "lixiaoming")];
    let mut town = Town::new();
    let mut his = town.citizen("liming");
    his.open("/family").follow("李小明").follow("改限额和最后一天").press("保存", &[("per_month", "5")]);
    worked_out(&town, PHARMACY, "lixiaoming", &LINES).press("结算，收现金", &[]).shows(&["已结算"]);
    read.push(why(&mut town, "lixiaoming"));
    town.law("2020-01-01", "[[flag_one_shares]]\nvalue = false\n");
    worked_out(&town, CLINIC, "lixiaoming", &[(CLASS_A, "40")]).press("结算，收现金", &[]).shows(&["已结算"]);
    read.push(why(&mut town, "lixiaoming"));
    read
}

pub(crate) fn one_giver_for_a_bill_in_shanxi() -> Read {
    let mut world = living_in("140100")
        .with_balance("liming", "0.00", "1060.00")
        .with_balance("zhaoli", "0.00", "3000.00");
    world = world.with_binding("liming", "lixiaoming", "child", "2025-06-01 00:00");
    world = world.with_binding("zhaoli", "lixiaoming", "child", "2025-06-02 00:00");
    let mut town = Town::with(world);
    town.stage.visit("H14010000001", "lixiaoming", "1430.00", &json!({})).expect("a bill");
    vec![why(&mut town, "lixiaoming")]
}

pub(crate) fn who_is_at_the_till() -> Read {
    let mut town = Town::new();
    let (stale, used) = (code(&mut town, "lixiaoming"), code(&mut town, "wangxiuying"));
    let message = json!({ "data": { "mdtrt_cert_type": "01", "mdtrt_cert_no": used } });
    town.stage.client.message(CLINIC, "1101", &message).expect("an answer");
    town.stage.clock("2025-06-16 10:02").expect("the clock moves");
    let of = json!({ "of": { "no": town.stage.client.people["weiguoqiang"] } });
    let (_, shown) = town.stage.acting("weixiulan", "POST", "/medical-codes", &of).expect("an answer");
    let givers = text(&shown, "/code");
    let tried = [
        (PHARMACY, [("code", stale.as_str()), ("card", "")]),
        (PHARMACY, [("code", &used), ("card", "")]),
        (PHARMACY, [("code", "1234567890123456789012345678"), ("card", "")]),
        (PHARMACY, [("card", "C990000201606010116"), ("serial", "12345678")]),
        (NANNING, [("code", &givers), ("card", "")]),
    ];
    let mut read = Read::new();
    for (place, fields) in tried {
        let mut browser = town.till(place);
        browser.open("/till").press("开一张新单", &[]).press("下一步", &fields);
        read.push(browser.text());
    }
    let mut with_id = town.till(NANNING);
    with_id.open("/till").press("开一张新单", &[]).press("下一步", &[("id", "990000197808250813")]);
    add(&mut with_id, &[(CLASS_A, "40")]);
    read.push(with_id.press("算一算谁付多少", &[]).text());
    read
}

pub(crate) fn what_is_on_the_bill() -> Read {
    let town = Town::new();
    let mut read = vec![worked_out(&town, PHARMACY, "lixiaoming", &[("NO-SUCH-CODE", "5.00")]).text()];
    let mut first = worked_out(&town, CLINIC, "lixiaoming", &[(CLASS_A, "90")]);
    first.press("结算，收现金", &[]).shows(&["已结算"]);
    read.push(worked_out(&town, CLINIC, "lixiaoming", &[(CLASS_A, "90")]).text());
    worked_out(&town, CLINIC, "lixiaoming", &[(CLASS_A, "80")]).press("结算，收现金", &[]).shows(&["已结算"]);
    read.push(first.press("确认退费", &[]).text());
    read
}

pub(crate) fn no_catalogue_yet() -> Read {
    vec![worked_out(&Town::at("2026-02-01 10:00"), PHARMACY, "lixiaoming", &[(CLASS_A, "5.00")]).text()]
}

pub(crate) fn the_last_catalogue_goes_on() -> Read {
    let mut town = Town::at("2026-02-01 10:00");
    let files = server::law::shipped(true).files;
    town.stage.client.operator("POST", "/policies", &json!({ "files": files })).expect("a law book");
    let mut bill = worked_out(&town, PHARMACY, "lixiaoming", &[(CLASS_A, "5.00")]);
    let read = bill.text();
    bill.press("结算，收现金", &[]);
    vec![read, bill.text(), why(&mut town, "lixiaoming")]
}
