//! What a till refuses and in which words: wrong input, codes that prove nothing, places that cannot settle. Money states
//! are said, names and amounts of accounts are not.

use crate::browser::Browser;
use crate::till::{CLINIC, LINES, PHARMACY, add, code, with_card};
use crate::town::Town;
use serde_json::json;

/// An open bill of a child at the pharmacy.
fn open_bill(town: &Town) -> Browser {
    let mut browser = town.till(PHARMACY);
    with_card(town, &mut browser, "lixiaoming");
    browser.shows(&["李*明", "还没有药品或项目"]);
    browser
}

/// If this fails, a slip of the hand gets on a bill, or is told in words that help nobody.
#[test]
fn what_is_written_wrongly_is_said_at_its_field() {
    let town = Town::new();
    let mut browser = open_bill(&town);
    let code = LINES[0].0;
    let long = "9".repeat(60);
    for (item, price, count, said) in [
        ("", "1.00", "1", "请填国家编码，或本机构自编码"),
        (long.as_str(), "1.00", "1", "请填国家编码，或本机构自编码"),
        (code, "0", "1", "单价要大于 0"),
        (code, "", "1", "单价要大于 0"),
        (code, "-5", "1", "单价要大于 0"),
        (code, "1e3", "1", "单价要大于 0"),
        (code, "999999999", "999999", "单价要大于 0"),
        (code, "1.00", "0", "数量要大于 0"),
        (code, "1.00", "很多", "数量要大于 0"),
    ] {
        browser.press("加一行", &[("item", item), ("price", price), ("count", count)]);
        assert_eq!(browser.status, 422, "{item} {price} {count}");
        browser.shows(&[said, "没有扣钱", "还没有药品或项目"]);
    }
}

/// If this fails, a bill grows until nobody can settle it, a flood of lines is taken, or a line sent twice is charged twice.
#[test]
fn a_bill_has_no_more_lines_than_it_may_have() {
    let town = Town::new();
    let mut browser = open_bill(&town);
    let (path, method, body) = browser.filled("加一行", &[("item", LINES[0].0), ("price", "1.00")]);
    // However much one form says, it adds one line.
    browser.go(&method, &path, format!("{body}{}", "&item=ZA04CDX0534010103065&price=2.00".repeat(1_000)));
    browser.shows(&["合计 1.00 元"]);
    browser.go(&method, &path, body);
    browser.shows(&["合计 1.00 元"]);
    for _ in 1..100 {
        browser.press("加一行", &[("item", LINES[0].0), ("price", "1.00")]);
    }
    browser.shows(&["合计 100.00 元"]);
    browser.press("加一行", &[("item", LINES[0].0), ("price", "1.00")]);
    assert_eq!(browser.status, 422);
    browser.shows(&["一张单最多 100 行", "没有扣钱", "合计 100.00 元"]);
}

/// If this fails, somebody is taken for a patient who has not shown that they are (R-E1).
#[test]
fn a_patient_has_to_be_shown() {
    let mut town = Town::new();
    let shown = code(&mut town, "lixiaoming");
    let used = code(&mut town, "wangxiuying");
    let asked = json!({ "data": { "mdtrt_cert_type": "01", "mdtrt_cert_no": used } });
    town.stage.client.message(CLINIC, "1101", &asked).expect("an answer");
    town.stage.clock("2025-06-16 10:02").expect("the clock moves");
    let mut browser = town.till(PHARMACY);
    browser.open("/till").press("开一张新单", &[]);
    for (fields, said) in [
        (vec![("code", "")], "请扫医保码，或填卡号和卡识别码，或填身份证号"),
        (vec![("card", "C990000201606010116")], "请填卡识别码"),
        (vec![("code", shown.as_str())], "医保码已过期，请刷新再扫"),
        (vec![("code", used.as_str())], "此码已用过，请刷新再扫"),
        (vec![("code", "1234567890123456789012345678")], "认不出此码，请刷新再扫"),
        (vec![("card", "C990000201606010116"), ("serial", "12345678")], "请出示患者本人的码或卡"),
        (vec![("id", "990000199901010000")], "没有查到这个人"),
    ] {
        browser.press("下一步", &fields);
        browser.shows(&[said, "没有扣钱", "扫患者的医保码"]);
    }
}

/// If this fails, a bill that cannot be settled is said to be, or a till reads whose money and how much there is.
#[test]
fn refusals_are_in_the_words_of_a_till() {
    let town = Town::new();
    for (place, key, lines, said) in [
        (PHARMACY, "lixiaoming", [("NO-SUCH-CODE", "5.00")], "第1行编码在服务日的目录中未对照"),
        ("H32030000009", "lixiaoming", [(LINES[0].0, "5.00")], "本机构当日不是医保定点"),
        (PHARMACY, "zhouguilan", [(LINES[0].0, "5.00")], ""),
    ] {
        let mut browser = town.till(place);
        with_card(&town, &mut browser, key);
        add(&mut browser, &lines);
        browser.press("算一算谁付多少", &[]);
        if said.is_empty() {
            browser.shows(&["谁付多少", "现金"]);
            continue;
        }
        browser.shows(&[said, "没有扣钱"]);
        let seen = browser.text();
        assert!(!seen.contains("李明") && !seen.contains("1200") && !seen.contains("结算，收现金"), "{seen}");
    }
}

/// If this fails, one institution reads the bills of another, or a number that is none leads somewhere.
#[test]
fn a_bill_is_seen_by_its_own_institution_alone() {
    let town = Town::new();
    let browser = open_bill(&town);
    let mut other = town.till(CLINIC);
    for path in [browser.at.as_str(), "/till/250616", "/till/..%2F..", "/till/250616zzzz", "/till/25061٦abcd"]
    {
        other.open(&path.replace('٦', "%D9%A6"));
        assert_eq!(other.status, 404, "{path}");
    }
    other.open("/till").shows(&["今天还没有开单"]);
}

/// If this fails, own codes that were mapped with 3301 cannot be billed at a till, or names are not found.
#[test]
fn lines_are_found_by_name_and_by_own_code() {
    let mut town = Town::new();
    let pair = json!({ "pairs": [{ "own_code": "A-01", "national_code": LINES[0].0 }] });
    let path = format!("/institutions/{PHARMACY}/mappings");
    town.stage.client.operator("PUT", &path, &pair).expect("mapped");
    let mut browser = open_bill(&town);
    browser.press("加一行", &[("own", "A-01"), ("price", "20.00")]).shows(&["A-01"]);
    browser.press("查", &[("q", "小儿感冒颗粒")]).shows(&["ZA01BAX0377010100093"]);
    browser.press("加到单上", &[("price", "30.00"), ("count", "2")]).shows(&[
        "小儿感冒颗粒",
        "60.00",
        "合计 80.00 元",
    ]);
    browser.press("算一算谁付多少", &[]).shows(&["甲类", "合计 80.00 元"]);
    browser.press("删", &[]).shows(&["合计 60.00 元"]);
    assert!(!browser.text().contains("A-01"));
    browser.press("放弃这张单", &[]).shows(&["今天还没有开单"]);
}
