//! Packs at the till of a pharmacy in Hefei, which asks for trace codes (R-J5).

use crate::browser::Browser;
use crate::till::{PHARMACY, add, with_card};
use crate::town::Town;
use crate::ways::Read;
use server::demo::stage::CLASS_A;

const HEFEI: &str = "P34010000001";
const PACK: &str = "83690570000000000001";

/// A bill of one drug in Hefei, at a price.
fn begun(town: &Town, price: &str) -> Browser {
    let mut browser = town.till(HEFEI);
    with_card(town, &mut browser, "wuguifang");
    add(&mut browser, &[(CLASS_A, price)]);
    browser
}

/// What is read at a till where nothing is scanned, and where a pack is scanned that was sold.
pub(crate) fn packs_without_and_sold_before() -> Read {
    let town = Town::at("2025-07-02 10:00");
    let missing = begun(&town, "20").press("算一算谁付多少", &[]).text();
    let mut first = begun(&town, "20");
    first.press("加上这盒", &[("pack", PACK)]).press("算一算谁付多少", &[]);
    first.press("结算，收现金", &[]).shows(&["已结算"]);
    let mut second = begun(&town, "21");
    second.press("加上这盒", &[("pack", PACK)]);
    vec![missing, second.press("算一算谁付多少", &[]).text()]
}

/// R-J5: if this fails, a pharmacist cannot scan packs, keeps a code that is none, or is asked for codes where nobody asks.
#[test]
fn packs_are_scanned_where_they_are_asked_for() {
    let town = Town::at("2025-07-02 10:00");
    let mut browser = begun(&town, "20");
    browser.shows(&["扫药盒上的追溯码"]);
    browser.press("加上这盒", &[("pack", "6901234567892")]);
    assert_eq!(browser.status, 422);
    browser.shows(&["13 位的是商品条码"]);
    browser.press("加上这盒", &[("pack", PACK)]).shows(&[PACK]);
    browser.press("加上这盒", &[("pack", PACK)]).shows(&["这盒药已经扫过了"]);
    browser.press("改", &[("count", "2")]).shows(&[PACK]);
    browser.press("重扫", &[]);
    assert!(!browser.text().contains(PACK), "it is scanned again: {}", browser.text());
    browser.press("加上这盒", &[("pack", PACK), ("split", "1")]).shows(&[PACK, "拆零"]);
    browser.press("算一算谁付多少", &[]).press("结算，收现金", &[]).shows(&["已结算"]);
    let mut elsewhere = town.till(PHARMACY);
    with_card(&town, &mut elsewhere, "wuguifang");
    add(&mut elsewhere, &[(CLASS_A, "20")]);
    assert!(!elsewhere.text().contains("追溯码"), "{}", elsewhere.text());
}
