//! Phones for messages: a person's own page, the clerk's for whoever is at the counter, and where the change is read.

use crate::town::Town;
use server::tokens::Role;

/// If this fails, a person cannot say where their messages go, or sees a number whole that somebody looks at over their shoulder.
#[test]
fn a_citizen_sets_phones_and_what_goes_there() {
    let town = Town::new();
    let mut own = town.citizen("liming");
    own.open("/settings").follow("消息发到手机").shows(&["还没有；中国大陆 11 位手机号"]);
    own.press("保存", &[("own", "0516-12345678"), ("helper", "13912345678")]);
    assert_eq!(own.status, 422);
    own.shows(&["有需要改正的地方", "请填中国大陆的手机号", "什么也没有改变", "还没有；"]);
    own.press("保存", &[("own", "138 1234 1234"), ("helper", "13912345678"), ("topic_bindings", "")]);
    own.shows(&["已保存", "现在是 138****1234", "现在是 139****5678", "本人在网上改的"]);
    assert!(!own.html.contains("12341234") && !own.html.contains("13912345678"));
    own.open("/settings/phones").press("保存", &[("remove_own", "1")]);
    own.shows(&["改前本人号码 138****1234"]);
    assert!(!own.text().contains("现在是 138"), "taken away: {}", own.text());
    let topics: Vec<&str> = own.html.split("<input").filter(|it| it.contains("topic_")).collect();
    assert_eq!(topics.iter().filter(|it| it.contains(" checked")).count(), 1, "what was chosen stays");
    own.open("/inbox").shows(&["2 条没看过", "您接收消息的手机号或消息种类有变动"]);
    own.follow("您接收消息的手机号").shows(&["改动记录"]);
}

/// R-D9: if this fails, a clerk cannot do it for an old person at the counter, or the person does not see who did it.
#[test]
fn a_clerk_sets_them_for_whoever_is_at_the_counter() {
    let town = Town::new();
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall/phones");
    assert!(clerk.at.starts_with("/hall#") || clerk.at == "/hall", "nobody is there: {}", clerk.at);
    clerk.open("/hall").press("查找", &[("scan", "990000195807040225")]);
    clerk.follow("消息发到手机").shows(&["王秀英", "为窗口前这位代办"]);
    clerk.press("保存", &[("helper", "139")]);
    assert_eq!(clerk.status, 422);
    clerk.shows(&["请填中国大陆的手机号", "王秀英"]);
    clerk.press("保存", &[("helper", "13912345678")]).shows(&["已保存", "现在是 139****5678"]);
    assert!(!clerk.html.contains("13912345678"));
    town.citizen("wangxiuying").open("/settings/phones").shows(&["现在是 139****5678", "服务大厅代办"]);
}
