//! The account with what came in and went out, what was spent, bills and messages: read by their owner, and at the counter
//! by a clerk for whoever has no phone (R-D9).

use crate::hall::{LI, nothing_personal_in_addresses, serving};
use crate::town::Town;
use serde_json::json;
use server::tokens::Role;

const XUZHOU: &str = "H32030000001";
const NANJING: &str = "H32010000001";

/// If this fails, nobody sees when their account was credited or debited, of which year's money, or the earlier entries.
#[test]
fn a_citizen_reads_what_came_in_and_went_out() {
    let mut town = Town::new();
    town.stage.visit(XUZHOU, "lixiaoming", "170.00", &json!({})).expect("a bill");
    let mut father = town.citizen("liming");
    father.open("/").follow("余额和可用额");
    father.shows(&[
        "入账和支出",
        "支出",
        "-100.00",
        "入账",
        "1200.00",
        "往年结余",
        "2025年6月16日（星期一）",
    ]);
    let text = father.text();
    assert!(text.find("-100.00") < text.rfind("1200.00"), "latest first: {text}");
    assert!(!text.contains("更早的"), "there are no more: {text}");
    father.open("/view?language=en&back=%2Faccount").open("/account");
    father.shows(&["In and out", "earlier years", "-100.00"]);
}

/// If this fails, in large print the list is longer than somebody can read, or its earlier entries are never seen.
#[test]
fn large_print_shows_a_few_entries_at_a_time() {
    let mut town = Town::new();
    for cost in ["61.00", "62.00", "63.00", "64.00", "65.00"] {
        town.stage.visit(XUZHOU, "lixiaoming", cost, &json!({})).expect("a bill");
    }
    let mut father = town.citizen("liming");
    father.open("/account");
    let rows = |html: &str| html.matches("<td class=\"amount\">").count();
    let all = rows(&father.html);
    assert!(all > 5, "{}", father.html);
    father.open("/view?mode=elder&back=%2Faccount").open("/account");
    let first = rows(&father.html);
    assert!(first < all, "{first} of {all}");
    father.follow("更早的").shows(&["回到最近的"]);
    assert_eq!(first + rows(&father.html), all, "the others stand on the next page");
    father.follow("回到最近的");
    assert_eq!((rows(&father.html), father.at.as_str()), (first, "/account"));
}

/// R-D9: if this fails, who has no phone cannot learn at the counter what they have and what was spent of it, or does not see
/// who looked.
#[test]
fn the_counter_reads_a_customers_own_pages() {
    let mut town = Town::new();
    town.stage.visit(XUZHOU, "lixiaoming", "170.00", &json!({})).expect("a bill");
    let mut clerk = town.staff("hall1", Role::Clerk);
    for path in ["/hall/account", "/hall/spending", "/hall/inbox", "/hall/spending/1"] {
        clerk.open(path);
        assert!(clerk.at.starts_with("/hall#") || clerk.at == "/hall", "nobody is there: {}", clerk.at);
    }
    clerk.open("/hall").press("查找", &[("scan", LI), ("why", "phone")]);
    clerk.follow("个人账户").shows(&["窗口前的参保人", "李明", "入账和支出", "-100.00"]);
    assert_eq!(clerk.at, "/hall/account");
    clerk.follow("花费明细").shows(&["李明", "家人花了您的个人账户", "花了您的 100.00 元", "李小明（子女）"]);
    clerk.press("查看", &[("month", "2025-05")]).shows(&["2025年5月", "这个月没有记录"]);
    assert!(clerk.at.starts_with("/hall/spending"), "{}", clerk.at);
    clerk.open("/hall").follow("消息").shows(&["李明", "1 条没看过", "家人花了您的 100.00 元"]);
    assert!(!clerk.text().contains("都看过了"), "only they say so themselves");
    nothing_personal_in_addresses(&clerk);
    clerk.follow("家人花了您的").shows(&["花了您的 100.00 元", "徐州演示三级医院"]);
    assert!(clerk.at.starts_with("/hall/spending/"), "{}", clerk.at);
    town.citizen("liming").open("/inbox").shows(&["1 条没看过"]);
    town.citizen("liming").open("/settings/looks").shows(&["hall1", "电话", "个人账户"]);
}

/// R-K2: if this fails, a giver at the counter reads what their relative was treated for, or a bill that is none of theirs is
/// shown; or the patient at the counter does not read their own whole.
#[test]
fn a_bill_at_the_counter_tells_no_giver_more_than_their_own_money() {
    let mut town = Town::new();
    town.stage.visit(XUZHOU, "lixiaoming", "170.00", &json!({})).expect("a bill");
    town.stage.visit(NANJING, "liming_elder", "80.00", &json!({})).expect("a bill");
    let mut clerk = serving(&town, LI);
    clerk.open("/hall/spending").follow("花了您的 100.00 元").shows(&["只有看病的人自己能看"]);
    for hidden in ["这张单合计", "统筹", "买了什么", "为什么这样付"] {
        assert!(!clerk.text().contains(hidden), "`{hidden}` is the patient's: {}", clerk.text());
    }
    let path = clerk.at.clone();
    clerk.open("/hall").press("下一位", &[]);
    clerk.open("/hall").press("查找", &[("scan", "990000201606010116")]);
    clerk.open(&path).shows(&["这张单合计", "统筹基金", "李小明"]);
    clerk.open("/hall").press("下一位", &[]);
    clerk.open("/hall").press("查找", &[("scan", "990000195807040225")]);
    clerk.open(&path);
    assert_eq!(clerk.status, 404, "none of hers");
}
