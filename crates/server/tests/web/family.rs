//! Bindings that there are, on the pages: looked at, confirmed, limited, released, by both of the two.

use crate::browser::Browser;
use crate::town::Town;
use serde_json::{Value, json};

/// Starts a binding over the interface; its number.
pub(crate) fn bound(town: &mut Town, giver: &str, beneficiary: &str, relation: &str, more: &Value) -> u64 {
    let mut body = town.stage.signed(giver, beneficiary, relation).expect("a letter");
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let (status, made) = town.stage.acting(giver, "POST", "/bindings", &body).expect("an answer");
    assert_eq!(status, 201, "{made}");
    made["no"].as_u64().expect("a number")
}

/// The page of the first binding that somebody sees under this name.
fn page_of(browser: &mut Browser, name: &str) {
    browser.open("/family").follow(name);
}

/// If this fails, somebody cannot tell whose money a binding spends, what it is, or what can be used of it and why not
/// more (R-K2, R-K3).
#[test]
fn whom_i_authorised_and_who_authorised_me() {
    let town = Town::new();
    let mut father = town.citizen("liming");
    father.open("/family").shows(&[
        "我授权了谁（花我的）",
        "李小明 · 子女 有效 花您的",
        "还没有家人授权给您",
    ]);
    page_of(&mut father, "李小明");
    father.shows(&[
        "花您的个人账户",
        "有效",
        "现在能用多少 2000.00 元",
        "徐州市",
        "2024年1月15日",
        "解除授权",
    ]);
    let mut mother = town.citizen("shenyuzhen");
    mother.open("/family").shows(&["谁授权了我（花家人的）", "沈*华 · 子女"]);
    page_of(&mut mother, "沈*华");
    mother.shows(&["花对方的个人账户", "现在能用多少 200.00 元", "只能用历年结余"]);
}

/// If this fails, a spouse cannot agree in their own session, or agrees without knowing to what (R-D3).
#[test]
fn a_spouse_agrees_or_declines() {
    let mut town = Town::new();
    bound(&mut town, "liming", "zhaoli", "spouse", &json!({}));
    let mut hers = town.citizen("zhaoli");
    hers.open("/family").shows(&["等您确认", "李* · 配偶 等待确认 花对方的"]);
    hers.follow("李* · 配偶").shows(&["在等您确认", "最晚2025年7月16日", "同意以后就生效"]);
    hers.press("不同意", &[]).shows(&["没有成立"]);
    hers.open("/family").shows(&["已经结束的", "没有成立"]);
    bound(&mut town, "liming", "zhaoli", "spouse", &json!({}));
    let mut his = town.citizen("liming");
    his.open("/family").follow("赵* · 配偶").shows(&["在等赵*确认", "钱一分也不会动", "撤回，不办了"]);
    hers.open("/family").follow("李* · 配偶").press("同意", &[]);
    hers.shows(&["有效", "现在能用多少 2000.00 元", "经过（2）", "状态改变"]);
}

/// If this fails, of two people who act on a binding at once the slower one is shown a failure that says nothing, or
/// undoes what the quicker one did.
#[test]
fn two_people_at_once_are_told_how_it_stands() {
    let mut town = Town::new();
    bound(&mut town, "liming", "zhaoli", "spouse", &json!({}));
    let (mut his, mut hers) = (town.citizen("liming"), town.citizen("zhaoli"));
    his.open("/family").follow("赵* · 配偶");
    hers.open("/family").follow("李* · 配偶").press("同意", &[]).shows(&["有效"]);
    his.press("撤回，不办了", &[]);
    assert_eq!(his.status, 422);
    his.shows(&[
        "刚才那一步没有办，什么都没有改变",
        "现在有效，不能办这件事",
        "没有扣钱",
        "下面是现在的情况",
    ]);
    his.shows(&["赵* · 配偶", "解除授权"]);
    hers.open("/family").shows(&["李* · 配偶 有效"]);
}

/// If this fails, whoever releases a binding does not know how long it can still be used, or from when the two can be
/// bound again (R-D6).
#[test]
fn a_release_says_both_dates_and_gives_a_receipt() {
    let mut town = Town::new();
    let mut his = town.citizen("liming");
    page_of(&mut his, "李小明");
    his.follow("解除授权");
    let dates = [
        "仍可使用到 今天 24:00 2025年6月16日（星期一）",
        "失效，也从这时起才能重新绑定 2025年6月17日（星期二） 00:00",
    ];
    his.shows(&dates).shows(&["还没了结的", "已经付的钱不受影响"]);
    let (path, method, body) = his.filled("确认解除", &[]);
    his.go(&method, &path, body.clone());
    his.shows(&["已办理解除", "编号"]).shows(&dates);
    his.go(&method, &path, body);
    his.shows(&["已办理解除"]);
    page_of(&mut his, "李小明");
    his.shows(&["这份授权将要结束", "有效", "现在能用多少 2000.00 元"]);
    town.stage.clock("2025-06-17 00:01").expect("the clock moves");
    let mut his = town.citizen("liming");
    his.open("/family").shows(&["已经结束的", "李小明 · 子女 已结束"]);
}

/// If this fails, a release is taken back where the area does not allow it, or a button offers what is refused (R-D11).
#[test]
fn a_release_is_taken_back_only_where_the_area_allows_it() {
    let town = Town::new();
    let mut his = town.citizen("liming");
    page_of(&mut his, "李小明");
    his.follow("解除授权").press("确认解除", &[]);
    assert!(!his.text().contains("继续授权"), "Jiangsu says nothing of it: {}", his.text());
    let at = his.at.replace("/released", "");
    his.press("退出登录", &[]);
    let mut his = town.citizen("liming");
    his.open(&at);
    let form = his.filled("退出登录", &[]).2;
    his.go("POST", &format!("{at}/events"), format!("{form}&event=keep_on"));
    assert_eq!(his.status, 422);
    his.shows(&["刚才那一步没有办", "不能办这件事"]);
}

/// If this fails, whoever changes their mind on the day of a release has to start anew, or can still do so when it has
/// ended (R-D11).
#[test]
fn a_release_is_withdrawn_until_midnight() {
    let mut town = Town::new();
    let mut files = server::law::shipped(false).files;
    let says = "region = \"320300\"\nname = \"徐州市\"\n[[release_withdrawal]]\nfrom = \"2020-01-01\"\nvalue = true\n\
        source = \"测试\"\ncertainty = \"assumed\"\n";
    files.insert("policies/test/320300-xuzhou.toml".to_owned(), says.to_owned());
    town.stage.client.operator("POST", "/policies", &json!({ "files": files })).expect("a law book");
    let mut his = town.citizen("liming");
    page_of(&mut his, "李小明");
    his.follow("解除授权").press("确认解除", &[]).shows(&["改主意了？失效以前可以撤回"]);
    his.press("不解除了，继续授权", &[]).shows(&["有效", "撤回解除", "解除授权"]);
    his.follow("解除授权").press("确认解除", &[]);
    town.stage.clock("2025-06-17 00:01").expect("the clock moves");
    let mut his = town.citizen("liming");
    his.open("/family").follow("李小明 · 子女").shows(&["已结束"]);
    assert!(!his.text().contains("继续授权"), "{}", his.text());
}

/// If this fails, a beneficiary ends what only the giver may, or is not told why they cannot (R-D11).
#[test]
fn who_may_release_is_the_areas_law() {
    let town = Town::new();
    let mut hers = town.citizen("shenyuzhen");
    page_of(&mut hers, "沈*华");
    hers.shows(&["现在不能由您解除", "不是规定的一方"]);
    assert!(!hers.html.contains("/release\""), "no button that would be refused");
}

/// If this fails, a giver cannot limit what relatives spend, or a limit is set that cannot be read (R-D7).
#[test]
fn limits_and_the_last_day() {
    let town = Town::new();
    let mut his = town.citizen("liming");
    page_of(&mut his, "李小明");
    his.shows(&["限额 不限", "最后一天 不限"]);
    his.follow("改限额和最后一天");
    his.press("保存", &[("per_month", "五百")]);
    assert_eq!(his.status, 422);
    his.shows(&["有需要改正的地方", "金额要大于零"]);
    his.press("保存", &[("per_month", "500"), ("end_date", "2025-06-01")]);
    his.shows(&["结束不能早于开始"]);
    his.press("保存", &[("per_month", "500"), ("end_date", "2025-12-31")]);
    his.shows(&[
        "每月最多 500.00 元",
        "2025年12月31日（星期三）",
        "改了限额或最后一天",
        "现在能用多少 500.00 元",
    ]);
    his.follow("改限额和最后一天");
    his.press("保存", &[("per_month", ""), ("end_date", "")]).shows(&["限额 不限"]);
}

/// If this fails, a giver cannot set aside more or less for a relative in another province, or more than there is (R-M2).
#[test]
fn the_amount_that_is_set_aside() {
    let mut town = Town::at("2026-02-01 10:00");
    bound(&mut town, "wumin", "wuguifang", "parent", &json!({ "quota": "600.00" }));
    let mut hers = town.citizen("wuguifang");
    hers.open("/family").follow("吴* · 子女").shows(&["共济额度 600.00 元"]);
    hers.press("同意", &[]);
    hers.shows(&["有效", "现在能用多少 600.00 元"]);
    let mut giver = town.citizen("wumin");
    page_of(&mut giver, "吴*芳");
    giver.follow("改额度").press("保存", &[("quota", "5000")]);
    giver.shows(&["有需要改正的地方", "最多能划出 1400.00 元"]);
    giver.press("保存", &[("quota", "")]).shows(&["请填写额度"]);
    giver.press("保存", &[("quota", "800")]).shows(&["共济额度 800.00 元", "改了共济额度"]);
    giver.follow("解除授权").shows(&["没用完的共济额度，失效后退回"]);
}

/// If this fails, whoever has several givers cannot say whose money comes first (R-E6).
#[test]
fn the_order_of_givers() {
    let mut town = Town::new();
    bound(&mut town, "zhaoli", "lixiaoming", "child", &json!({}));
    let mut son = town.citizen("lixiaoming");
    page_of(&mut son, "赵*");
    son.shows(&["使用次序 没有排"]);
    son.follow("改次序").shows(&["赵*", "第 1 个", "第 2 个"]);
    son.press("第 1 个", &[]).shows(&["第 1 个用", "改了使用次序"]);
    son.open("/family").shows(&["次序 1", "先用谁的"]);
}

/// If this fails, whoever reads English does not learn what a release does.
#[test]
fn a_release_in_english() {
    let town = Town::new();
    let mut his = town.citizen("liming");
    his.open("/view?language=en&back=/family").follow("李小明 · child").follow("Release");
    his.shows(&["Usable until today 24:00", "Ends, and can be bound again from 2025-06-17 (Tue) 00:00"]);
    his.press("Release it", &[]).shows(&["Released", "Print or keep the receipt"]);
}

/// If this fails, the numbers of bindings can be counted up to read about strangers.
#[test]
fn others_bindings_are_nobodys_business() {
    let town = Town::new();
    let mut his = town.citizen("liming");
    page_of(&mut his, "李小明");
    let at = his.at.clone();
    let mut stranger = town.citizen("wumin");
    for rest in ["", "/release", "/limits", "/quota", "/rank", "/released.pdf", "/commitment.pdf"] {
        stranger.open(&format!("{at}{rest}"));
        assert!([403, 404].contains(&stranger.status), "{rest}: {}", stranger.text());
        assert!(!stranger.text().contains("李"), "{rest}: {}", stranger.text());
    }
}

/// R-D8: if this fails, a binding that the law no longer allows looks as if it paid, or is gone, or cannot be released.
#[test]
fn what_the_law_no_longer_allows() {
    let mut town = Town::new();
    town.law("2025-06-01", "[[relations]]\nvalue = [\"spouse\", \"parent\"]\n");
    let mut father = town.citizen("liming");
    father.open("/family").shows(&["李小明 · 子女 待核对"]);
    page_of(&mut father, "李小明");
    father.shows(&["待核对", "现行规定不再包括这种关系", "解除授权"]);
    town.law("2025-06-01", "[[relations]]\nvalue = [\"spouse\", \"parent\", \"child\"]\n");
    father.open("/family").shows(&["李小明 · 子女 有效"]);
}

/// R-D8: if this fails, nobody hears that the law stopped their binding, or allows it again, or everybody hears it twice.
#[test]
fn told_what_the_law_makes_of_it() {
    const STOPS: &str = "[[relations]]\nvalue = [\"spouse\", \"parent\"]\n";
    const ALLOWS: &str = "[[relations]]\nvalue = [\"spouse\", \"parent\", \"child\"]\n";
    let mut town = Town::new();
    assert_eq!(town.told_of_the_law(), 0);
    let count = |town: &Town, key: &str, what: &str| {
        let mut browser = town.citizen(key);
        browser.open("/inbox").text().matches(what).count()
    };
    town.law("2025-06-17", STOPS);
    assert_eq!(town.told_of_the_law(), 0, "from tomorrow on");
    let in_force = count(&town, "liming", "已生效");
    town.stage.clock("2025-06-17 00:00").expect("the clock moves");
    assert_eq!(town.told_of_the_law(), 1);
    assert_eq!(town.told_of_the_law(), 0, "of one law on one day once");
    assert_eq!(count(&town, "liming", "规定有变"), 1);
    assert_eq!(count(&town, "liming", "已生效"), in_force);
    town.stage.clock("2025-06-18 00:00").expect("the clock moves");
    assert_eq!(town.told_of_the_law(), 0, "who was told knows it the next day");
    let known = |town: &Town| town.on_the_desk(&["stopped-by-law"]).len();
    assert_eq!(known(&town), 1);
    town.law("2025-06-17", ALLOWS);
    assert_eq!(town.told_of_the_law(), 1);
    assert_eq!(known(&town), 0, "what is allowed is looked at no more");
    assert_eq!(count(&town, "liming", "已生效"), in_force + 1);
    assert_eq!(count(&town, "liming", "规定有变"), 1);
}
