//! What was spent: the list of a month, a bill, the file; as who pays and as who is treated, never more than is theirs
//! to read (R-K2, R-K3).

use crate::town::Town;
use serde_json::json;
use server::demo::world::World;

const XUZHOU: &str = "H32030000001";
const NANJING: &str = "H32010000001";

/// R-K2: if this fails, a giver does not find what was spent of their money: who, where, when, how much.
#[test]
fn a_giver_reads_who_spent_how_much_where() {
    let mut town = Town::new();
    town.stage.visit(XUZHOU, "lixiaoming", "170.00", &json!({})).expect("a bill");
    let mut browser = town.citizen("liming");
    browser.open("/").follow("花费明细");
    browser.shows(&["家人花了您的个人账户", "2025年6月", "花了您的 100.00 元", "李小明（子女）"]);
    browser.shows(&["徐州演示三级医院", "2025年6月16日（星期一）", "这个月家人花了您的钱，合计"]);
    browser.press("查看", &[("month", "2025-05")]);
    browser.shows(&["2025年5月", "这个月没有记录", "0.00 元"]);
}

/// R-K3: if this fails, whoever is treated does not see whose money paid, or in which order.
#[test]
fn a_bill_is_split_from_the_fund_to_cash() {
    let world = World::shipped().with_balance("liming", "0.00", "60.00").with_binding(
        "zhaoli",
        "lixiaoming",
        "child",
        "2025-06-01 09:00",
    );
    let mut town = Town::with(world);
    town.stage.visit(XUZHOU, "lixiaoming", "1430.00", &json!({})).expect("a bill");
    let mut child = town.citizen("lixiaoming");
    child.open("/spending?side=beneficiary");
    child.shows(&["您看病的单子，谁付的", "花了 李*（父母）的 60.00 元", "花了 赵*（父母）的 600.00 元"]);
    child.follow("60.00 元");
    let parts = [
        "统筹基金 700.00 元",
        "您自己的个人账户 0.00 元",
        "家人 李* 60.00 元",
        "家人 赵* 600.00 元",
        "现金等 70.00 元",
    ];
    child.shows(&parts).shows(&["这张单合计 1430.00 元", "为什么这样付", "R-E6"]);
    let text = child.text();
    let places: Vec<_> = parts.iter().map(|it| text.find(it)).collect();
    assert!(places.is_sorted(), "in the order of paying");
    assert!(child.html.contains(r#"<rect class="part fund" x="0" y="0" width="489""#), "{}", child.html);
    // His father acts for him, so he reads the whole bill too: his own part as his own.
    let mut father = town.citizen("liming");
    father.open("/spending").follow("花了您的 60.00 元");
    father.shows(&[
        "花了您的 60.00 元",
        "李小明自己的个人账户 0.00 元",
        "您的个人账户 60.00 元",
        "家人 赵* 600.00 元",
    ]);
}

/// R-K2: if this fails, a giver reads what a grown-up relative was treated for, or what the whole bill came to.
#[test]
fn a_giver_of_a_grown_up_reads_their_own_money_alone() {
    let mut town = Town::new();
    town.stage.visit(NANJING, "liming_elder", "80.00", &json!({})).expect("a bill");
    let mut son = town.citizen("liqiang");
    son.open("/spending")
        .shows(&["花了您的 80.00 元", "李*（父母）"])
        .shows(&["药品和诊断是看病的人自己的事"]);
    son.follow("花了您的 80.00 元");
    son.shows(&["花了您的 80.00 元", "南京演示三级医院", "只有看病的人自己能看"]);
    let text = son.text();
    for hidden in ["这张单合计", "统筹", "ZA04CDX", "为什么这样付"] {
        assert!(!text.contains(hidden), "`{hidden}` is the patient's: {text}");
    }
    let mut stranger = town.citizen("zhaoli");
    let path = son.at.clone();
    stranger.open(&path);
    assert_eq!(stranger.status, 403);
}

/// R-E9: if this fails, money that came back stands as if it were still spent, or far from its bill.
#[test]
fn a_refund_stands_under_its_bill() {
    let mut town = Town::new();
    town.stage.visit(XUZHOU, "lixiaoming", "170.00", &json!({})).expect("a bill");
    let mut browser = town.citizen("liming");
    browser.open("/spending").follow("花了您的 100.00 元");
    let no = browser.at.rsplit('/').next().expect("a number").to_owned();
    let refund = json!({ "institution": XUZHOU, "remaining": [] });
    town.stage.client.operator("POST", &format!("/settlements/{no}/refunds"), &refund).expect("a refund");
    browser.open("/spending").shows(&["已退回 100.00 元", "这个月退回 100.00 元"]);
    assert_eq!(browser.html.matches("<a class=\"choice").count(), 1, "one line for both");
    browser.follow("花了您的 100.00 元").shows(&["这一单后来退回了"]);
    browser.follow("徐州演示三级医院").shows(&["这是一笔退回", "退回给您 100.00 元", "退的是这一单"]);
    // A month later the refund of an earlier month's bill stands by itself.
    town.stage.clock("2025-07-01 10:00").expect("the clock moves");
    let mut browser = town.citizen("liming");
    browser.open("/spending?month=2025-06").shows(&["已退回 100.00 元"]);
    browser.open("/spending").shows(&["2025年7月", "这个月没有记录"]);
}

/// If this fails, the filter shows another relative's bills, or the file is not what the page shows.
#[test]
fn one_relative_and_the_file_of_it() {
    let world = World::shipped()
        .with_binding("liming", "wangxiuying", "parent", "2025-06-01 09:00")
        .with_balance("wangxiuying", "0.00", "0.00");
    let mut town = Town::with(world);
    town.stage.visit(XUZHOU, "lixiaoming", "170.00", &json!({})).expect("a bill");
    town.stage.visit(XUZHOU, "wangxiuying", "50.00", &json!({})).expect("a bill");
    let mother = town.stage.client.people["wangxiuying"].to_string();
    let mut browser = town.citizen("liming");
    browser.open("/spending").shows(&["150.00 元", "李小明（子女）", "王*英（父母）"]);
    browser.press("查看", &[("with", &mother)]);
    browser.shows(&["50.00 元", "王*英（父母）"]);
    assert!(!browser.text().contains("花了您的 100.00 元"));
    browser.follow("下载这张表");
    let lines: Vec<&str> = browser.html.lines().collect();
    assert!(lines[0].starts_with('\u{feff}'), "spreadsheets see that it is UTF-8");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].starts_with("2025-06-16 10:0"), "{lines:?}");
    assert!(
        lines[1].contains(",2025-06-16,\"王*英\",\"徐州演示三级医院\",\"李明\",支出,50.00,"),
        "{lines:?}"
    );
}

/// R-D7, R-H1: if this fails, a giver sees a bill that was none of their relative's and can do nothing about it.
#[test]
fn this_was_none_of_my_relatives() {
    let mut town = Town::new();
    town.stage.visit(NANJING, "liming_elder", "80.00", &json!({})).expect("a bill");
    let mut son = town.citizen("liqiang");
    son.open("/spending").follow("花了您的 80.00 元").follow("这不是我家人用的");
    son.shows(&["80.00 元", "授权还在，没有解除", "医保窗口会核对"]);
    son.press("暂停授权，请窗口核对", &[]);
    son.shows(&["您说这不是家人用的", "窗口正在核对", "家人现在不能花您的钱"]);
    let bill = son.at.clone();
    let visit = town.stage.visit(NANJING, "liming_elder", "50.00", &json!({})).expect("a bill");
    let cash = server::demo::stage::text(&visit.settled, "/output/setlinfo/psn_cash_pay");
    assert_eq!(cash, "50.00", "nothing is spent while it is on hold");
    let mut father = town.citizen("liming_elder");
    father.open("/inbox").shows(&["家庭共济授权暂停使用"]);
    father.open("/spending?side=beneficiary").follow("没有花家人的钱").follow("查为什么没成功");
    father.shows(&["授权暂停使用", "BINDING_ON_HOLD", "现金"]);
    son.open(&bill).press("恢复使用", &[]);
    assert!(!son.text().contains("家人现在不能花您的钱"));
    let visit = town.stage.visit(NANJING, "liming_elder", "40.00", &json!({})).expect("a bill");
    let shared = server::demo::stage::text(&visit.settled, "/output/setlinfo/acct_mulaid_pay");
    assert_eq!(shared, "40.00");
}
