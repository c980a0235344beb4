//! Places near me and help: for everybody, without a login.

use crate::town::Town;

/// If this fails, people without a login are not told where shared money can be spent, or are sent to a place that is
/// designated no more (R-L1, R-E5).
#[test]
fn places_of_an_area_are_found_without_a_login() {
    let town = Town::new();
    let mut browser = town.browser();
    browser.open("/places").shows(&["请选择", "徐州市", "南宁市"]);
    assert!(!browser.text().contains("江苏省"), "nobody is insured in the province itself");
    browser.press("查找", &[("area", "320300")]);
    browser.shows(&["徐州演示三级医院", "今天是定点", "徐州演示村卫生室", "徐州演示药店"]);
    browser.shows(&[
        "徐州演示医院（定点已终止）",
        "今天不是定点",
        "定点已于这天终止： 2025年1月31日（星期五）",
    ]);
    browser.press("查找", &[("kind", "village_clinic")]);
    browser.shows(&["徐州演示村卫生室"]);
    assert!(!browser.text().contains("徐州演示药店"));
    browser.press("查找", &[("kind", ""), ("name", "三级")]);
    browser.shows(&["徐州演示三级医院"]);
    assert!(!browser.text().contains("徐州演示村卫生室"));
    browser.press("查找", &[("kind", "pharmacy"), ("name", "三级")]).shows(&["没有找到"]);
}

/// If this fails, whoever is signed in has to look for their own area.
#[test]
fn the_own_area_is_chosen_already() {
    let town = Town::new();
    let mut browser = town.citizen("weixiulan");
    browser.open("/places").shows(&["南宁演示二级医院"]);
    assert!(!browser.text().contains("徐州演示药店"));
}

/// If this fails, people travel to a hall that nobody has published, or are not told whom to ask (R-D9).
#[test]
fn halls_are_those_that_the_area_has_published() {
    let town = Town::new();
    let mut browser = town.browser();
    browser.open("/places?kind=hall").press("查找", &[("area", "320300")]);
    browser.shows(&["徐州演示医保服务大厅（演示）", "演示地址，实际没有这个大厅"]);
    browser.press("查找", &[("area", "450100")]).shows(&["这里还没有录入本地大厅的地址", "12393"]);
    browser.open("/help").shows(&["医保热线 12393", "带上本人身份证", "花您自己的", "花家人的"]);
    browser.follow("找服务大厅").shows(&["请选择"]);
}

/// If this fails, whoever reads Chinese is told in English what to put right and what would be right, or the other way round.
#[test]
fn what_cannot_be_read_is_said_in_the_readers_language() {
    let town = Town::new();
    let mut browser = town.browser();
    let path = format!("/drugs?q={}", "a".repeat(300));
    browser.open(&path).shows(&["“要查的药名”没有填对：要 1 到 100 个字", "没有扣钱，什么也没有改变"]);
    assert!(!browser.text().contains("Write a name"), "{}", browser.text());
    browser.open("/view?language=en&back=/").open(&path);
    browser.shows(&["Write a name", "1 to 100", "No money was taken"]);
    assert!(!browser.text().contains("没有"), "{}", browser.text());
}
