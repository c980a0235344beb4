//! Looking up drugs, as anybody may.

use crate::town::Town;

/// If this fails, somebody without a login, or who types as people type, does not learn whether a drug is covered
/// (R-J1, R-J2), or reads the example of another area.
#[test]
fn anybody_finds_a_drug_and_what_they_would_pay() {
    let town = Town::new();
    let mut browser = town.browser();
    for typed in ["阿莫西林", "amxl", "amoxilin", "amoxiling", "阿莫西灵"] {
        browser.open("/drugs").press("查", &[("q", typed), ("area", "320300")]);
        browser.shows(&["阿莫西林", "甲类·全额纳入报销范围", "100.00 元的药", "2024"]);
    }
    browser.follow("阿莫西林");
    browser.shows(&["分类", "剂型", "甲类"]);
    browser.follow("返回查到的药").shows(&["查到的"]);
}

/// If this fails, "not found" is taken for "not covered" (R-J3).
#[test]
fn what_is_not_found_is_not_said_to_be_outside() {
    let town = Town::new();
    let mut browser = town.browser();
    browser.open("/drugs").press("查", &[("q", "芬必得")]);
    browser.shows(&["≠", "永远不会在目录里", "滋补"]);
    let long = "药".repeat(200);
    browser.open("/drugs").press("查", &[("q", &long)]);
    assert_eq!(browser.status, 422);
    browser.shows(&["1 到 100 个字"]);
}
