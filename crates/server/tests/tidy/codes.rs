//! The pages of reason codes: an index, and a page for each code, written from `texts/` and the code.

use super::compare_or_update;
use super::steps::steps;
use domain::reason::{CODE_RULES, CODES};
use domain::text_keys::of_reason;
use server::hospital::{fields, transactions};
use server::texts::AllTexts;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const INDEX: &str = "# Reason codes · 原因代码

Generated from the code and `texts/`; a test fails when it is stale. In `err_msg` a code stands in
brackets before its sentence: `[CODE] sentence (GJ_NO)`. Codes are never reused. `MALFORMED` and `KEY_REUSED` are
no decisions: nothing is stored. `PREVIEW_DIFFERED`, in `GJ_CODES` only, says that a settlement came out otherwise
than the last preview of its batch. Each code has a page of its own.

每个代码有单独的页面。`MALFORMED` 和 `KEY_REUSED` 不是业务决定，不保存任何内容。

| Code | Rule | 中文 | English |
| --- | --- | --- | --- |
";

/// Codes of what was done before: the earlier result counts.
const EARLIER: &[&str] = &["DUPLICATE_REQUEST", "BATCH_SETTLED", "ALREADY_CANCELLED"];

/// If this fails, a HIS vendor reads about codes that are not, or misses one that is.
#[test]
fn the_pages_of_codes_are_fresh() {
    let texts = AllTexts::shipped();
    let (mut index, steps) = (String::from(INDEX), steps());
    for (code, rule) in CODES.iter().zip(CODE_RULES) {
        let line = of_reason(code, "citizen.line");
        let (zh, en) = (texts.zh.get(&line), texts.en.get(&line));
        writeln!(index, "| [`{code}`](codes/{code}.md) | {rule} | {zh} | {en} |").expect("a String grows");
        compare_or_update(
            &format!("docs/hospital/codes/{code}.md"),
            &page(&texts, code, rule, &steps[*code]),
        );
    }
    compare_or_update("docs/hospital/codes.md", &index);
    no_page_is_left_over();
}

/// A page of a code that is no more would still be read.
fn no_page_is_left_over() {
    let folder = super::root().join("docs/hospital/codes");
    let entries = std::fs::read_dir(folder).expect("the folder of codes");
    let name = |it: std::io::Result<std::fs::DirEntry>| it.expect("an entry").file_name();
    let pages: BTreeSet<String> = entries.map(|it| name(it).to_string_lossy().into_owned()).collect();
    let codes: BTreeSet<String> = CODES.iter().map(|it| format!("{it}.md")).collect();
    assert_eq!(pages, codes);
}

/// Where a rule stands on the page of rules.
fn anchor(rule: &str) -> String {
    let rules = std::fs::read_to_string(super::root().join("docs/rules.md")).expect("docs/rules.md");
    let headings = rules.lines().filter_map(|it| it.strip_prefix("#### "));
    let of_rule = headings.into_iter().find(|it| it.split_whitespace().next() == Some(rule));
    let heading = of_rule.unwrap_or_else(|| panic!("{rule} is not on the page of rules"));
    heading.trim().to_lowercase().replace(' ', "-")
}

/// The page of one code.
fn page(texts: &AllTexts, code: &str, rule: &str, steps: &BTreeSet<String>) -> String {
    let anchor = anchor(rule);
    let line = of_reason(code, "citizen.line");
    let mut page = format!(
        "# {code}\n\n{} · {}\n\nRule 规则 [{rule}](../../rules.md#{anchor}) · [all codes 全部代码](../codes.md)\n\n",
        texts.zh.get(&line),
        texts.en.get(&line)
    );
    page += "## Texts · 文字\n\n`{…}` is filled in. `{…}` 处填入具体内容。\n\n| who reads it 读者 | 中文 | English |\n| --- | --- | --- |\n";
    let readers = [
        ("till", "till 收银台 `GJ_TILL`"),
        ("slip", "slip 凭条 `GJ_SLIP`"),
        ("citizen.why", "citizen 参保人"),
        ("staff", "staff 工作人员 `err_msg`"),
    ];
    for (text, reader) in readers {
        let path = of_reason(code, text);
        writeln!(page, "| {reader} | {} | {} |", texts.zh.get(&path), texts.en.get(&path))
            .expect("a String grows");
    }
    page + &place(code, steps) + &todo(texts, steps)
}

/// Where it stands in answers, and whether money moved.
fn place(code: &str, steps: &BTreeSet<String>) -> String {
    let all = transactions().filter_map(|it| fields::of(it.infno));
    let refused: Vec<String> = all
        .filter(|it| it.refuses.iter().any(|it| it == code))
        .map(|it| format!("[{0}](../transactions/{0}.md)", it.infno))
        .collect();
    let mut text = String::from("\n## Where it stands, and the money · 出现位置与资金\n\n");
    if !refused.is_empty() {
        let money = if EARLIER.contains(&code) {
            "nothing was taken or returned by this message, what was done before counts. 本次没有扣钱也没有退钱，以先前的结果为准"
        } else {
            "no money moved. 没有扣钱，也没有退钱"
        };
        let refused = refused.join(" ");
        writeln!(text, "- HTTP 200, `infcode` −1, `err_msg` = `[{code}] …`: refused, {money}。 Transactions 交易: {refused}.")
            .expect("a String grows");
    }
    if steps.contains("pay_cash") {
        text += "- In `GJ_CODES` of an answer with `infcode` 0: the bill is settled, and this is why some money took no part; the amounts are those of `setlinfo`. 已结算，说明某项资金为何没有使用，金额以 `setlinfo` 为准。\n";
    }
    text + "- In REST answers, as the `code` of a reason. REST 应答中的原因代码。\n"
}

/// What can be done about it.
fn todo(texts: &AllTexts, steps: &BTreeSet<String>) -> String {
    let mut text = String::from("\n## What to do · 怎样处理\n\n");
    if steps.is_empty() {
        text += "No step helps: what is wanted is there already, or the rules leave no way. 没有可行的办法：事情已经办成，或规定不允许。\n\n";
    } else {
        text += "Each step is decided by the same rules before it is advised: an answer names only what would help. 每个办法都先按同一规则判定，应答只给出可行的：\n\n";
    }
    for step in steps {
        let path = format!("advice.{step}");
        writeln!(text, "- {} · {}", texts.zh.get(&path), texts.en.get(&path)).expect("a String grows");
    }
    text + if steps.is_empty() { "" } else { "\n" }
        + "Show `err_msg` as it is. A refusal is kept under its `msgid`: once mended, send with a new one. 原样显示 `err_msg`；拒绝已按 `msgid` 保存，改正后换新的 `msgid` 发送。\n"
}
