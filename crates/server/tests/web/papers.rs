//! Receipts and letters on paper: what they say, to whom, and that two prints of one are the same.

use crate::browser::Browser;
use crate::copied::copied;
use crate::town::Town;
use serde_json::json;
use server::tokens::Role;

/// The paper at an address, printed twice.
#[track_caller]
fn paper(browser: &mut Browser, path: &str) -> String {
    let first = browser.open(path).bytes.clone();
    assert!(first.starts_with(b"%PDF-"), "{path}: {}", browser.text());
    assert!(first.len() < 100_000, "{path}: {} bytes", first.len());
    assert_eq!(browser.open(path).bytes, first, "two prints of one paper");
    copied(&first)
}

/// Fails where something is missing on a paper.
#[track_caller]
fn says(paper: &str, texts: &[&str]) {
    for text in texts {
        assert!(paper.contains(text), "`{text}` is not on paper:\n{paper}");
    }
}

/// If this fails, somebody goes home without a receipt that they can read, or it says other dates and names than the page;
/// or what they signed cannot be shown to them (R-D4, R-D6).
#[test]
fn what_is_done_on_the_telephone_can_be_printed() {
    let mut town = Town::new();
    let mut wanted = town.stage.signed("liming", "wangxiuying", "parent").expect("a letter");
    wanted["limits"] = json!({ "per_month": 500 });
    let (status, made) = town.stage.acting("liming", "POST", "/bindings", &wanted).expect("an answer");
    assert_eq!(status, 201, "{made}");
    let no = made["no"].to_string();
    let mut his = town.citizen("liming");
    his.open(&format!("/bind/done/{no}")).shows(&["打印或保存"]);
    let receipt = paper(&mut his, &format!("/bind/done/{no}/receipt.pdf"));
    says(&receipt, &["授权已生效", "付钱的人（授权人）", "李明", "每月最多", "500.00 元", &no, "12393"]);
    says(&receipt, &["2025年6月16日（星期一） 10:00", "钱可以共济，卡不能共用。"]);
    assert!(!receipt.contains("王秀英") && receipt.contains("王*英"), "as on the page: {receipt}");
    let signed = paper(&mut his, &format!("/family/{no}/commitment.pdf"));
    says(&signed, &["家庭共济承诺书", "签署人：李明（授权人本人）", "2026-11"]);
    let mut hers = town.citizen("wangxiuying");
    assert_eq!(hers.open(&format!("/family/{no}/commitment.pdf")).status, 403, "it names both in full");
    his.open(&format!("/family/{no}/release")).press("确认解除", &[]).shows(&["打印或保存回执"]);
    let released = paper(&mut his, &format!("/family/{no}/released.pdf"));
    says(&released, &["已办理解除", "仍可使用到", "2025年6月16日（星期一） 24:00", "可以重新绑定"]);
}

/// If this fails, whoever has no telephone leaves the counter with nothing in their hands, or with a letter that is not the
/// one they sign (R-D9).
#[test]
fn what_is_done_at_the_counter_is_printed_in_large_letters() {
    let town = Town::new();
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").press("查找", &[("scan", "990000195807040225")]);
    assert_eq!(clerk.open("/hall/bind/commitment.pdf").status, 404, "nothing is prepared yet");
    clerk.open("/hall").press("查找", &[("scan", "990000198503120115")]).follow("绑定");
    clerk.press("核对条件", &[("relation", "child"), ("documents", "1"), ("per_bill", "1234.50")]);
    let letter = paper(&mut clerk, "/hall/bind/commitment.pdf");
    says(
        &letter,
        &["家庭共济承诺书", "使用人是授权人的：子女", "签署人：王秀英（授权人本人）", "签名", "日期"],
    );
    clerk.open("/hall/bind").press("确认绑定", &[("signed", "1")]).shows(&["大字回执（PDF）"]);
    let receipt = format!("{}/receipt.pdf", clerk.at);
    let receipt = paper(&mut clerk, &receipt);
    says(&receipt, &["办理回执", "王秀英", "李明（子女）", "每笔最多", "1234.50 元", "服务大厅经办 hall1"]);
    clerk.open("/hall/links").press("添加亲情账户", &[("relation", "child")]);
    let receipt = format!("{}/receipt.pdf", clerk.at);
    says(&paper(&mut clerk, &receipt), &["回执号", "hall1"]);
    let mut stranger = town.citizen("liming");
    assert_eq!(stranger.open(&receipt).status, 403, "the hall's receipts are the hall's");
}
