//! The pages of transactions: written from the table of fields, the addresses and a day that is run; kept fresh.
//! `UPDATE=1 cargo test -p server --test hospital transactions` writes them.

use crate::client::run;
use crate::examples::{Example, day};
use serde_json::Value;
use server::hospital::addresses::{BASE, OF_THEIR_OWN};
use server::hospital::fields::{self, Described, Field, Nodes};
use server::hospital::{Kind, Transaction, transactions};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

/// More rows than these are left out of an example.
const MOST_ROWS: usize = 2;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/hospital/transactions")
}

fn compare_or_update(name: &str, fresh: &str) {
    let file = folder().join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(folder()).expect("a folder");
        std::fs::write(&file, fresh).expect("written");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == fresh, "transactions/{name} is stale: run this test with UPDATE=1");
}

/// If this fails, a maker of hospital software reads of a field that nobody looks at or writes, misses one, or copies an
/// example that does not work.
#[test]
fn the_pages_of_transactions_are_fresh() {
    run(|| async {
        let examples = day().await;
        let (mut names, mut wrong) = (BTreeSet::from(["README.md".to_owned()]), Vec::new());
        for it in transactions() {
            let described = fields::of(it.infno).unwrap_or_else(|| panic!("{} is not described", it.infno));
            let example = examples.get(it.infno).unwrap_or_else(|| panic!("{} has no example", it.infno));
            wrong.extend(unread(described));
            wrong.extend(differently_written(described, example));
            names.insert(format!("{}.md", it.infno));
        }
        assert!(wrong.is_empty(), "the table of fields is wrong:\n{}", wrong.join("\n"));
        for it in transactions() {
            let described = fields::of(it.infno).expect("described");
            compare_or_update(&format!("{}.md", it.infno), &page(it, described, &examples[it.infno]));
        }
        compare_or_update("README.md", &index());
        let entries = std::fs::read_dir(folder()).expect("the folder");
        let kept: BTreeSet<String> =
            entries.map(|it| it.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        assert_eq!(kept, names, "a page of a transaction that is not there");
    });
}

/// Fields of a request that the table has and nobody looked at all day.
fn unread(described: &Described) -> Vec<String> {
    let all = described.input.iter().flat_map(|(node, it)| it.iter().map(move |it| (node, it)));
    let unread = all.filter(|(_, it)| !it.was_read());
    unread.map(|(node, it)| format!("{}: nobody reads {node}.{}", described.infno, it.name)).collect()
}

/// What an answer has that the table does not, and what the table has of every answer and this one does not.
fn differently_written(described: &Described, example: &Example) -> Vec<String> {
    let is_done = example.answer["infcode"] == 0;
    let written: BTreeSet<(String, String)> =
        fields::written(&example.answer["output"]).into_iter().collect();
    let all = described.output.iter().flat_map(|(node, it)| it.iter().map(move |it| (node.clone(), it)));
    let known: BTreeSet<_> = all.clone().map(|(node, it)| (node, it.name.clone())).collect();
    let always: BTreeSet<_> =
        all.filter(|(_, it)| it.is_needed && is_done).map(|(node, it)| (node, it.name.clone())).collect();
    let unknown = written.difference(&known).map(|it| format!("not in the table: {it:?}"));
    let missing = always.difference(&written).map(|it| format!("not in the answer: {it:?}"));
    unknown.chain(missing).map(|it| format!("{}: {it}", described.infno)).collect()
}

fn kind(it: &Transaction) -> &'static str {
    match it.kind {
        Kind::Commits(..) => {
            "Changes the books; the same `msgid` gets the same answer for ever 记账，相同 msgid 永远得到相同应答"
        }
        Kind::Previews(..) => "Decides like a settlement and changes nothing 与结算同样判定，不记账",
        Kind::Asks(..) | Kind::Runs(..) if matches!(it.infno, "9101") => {
            "Keeps a file for seven days 文件保存七天"
        }
        Kind::Asks(..) | Kind::Runs(..) => "Asks, changes nothing 查询，不记账",
        Kind::Greets(..) => "Greets, changes nothing 不记账",
    }
}

fn page(it: &Transaction, described: &Described, example: &Example) -> String {
    let mut page = format!("# {} {}\n\n{}\n\n{}\n\n", it.infno, it.name, described.zh, described.en);
    writeln!(page, "{}. [All transactions 全部交易](README.md)\n", kind(it)).expect("a String grows");
    page += &addresses(it.infno);
    page += &tables("Input · 输入", "input", &described.input);
    page += "Needed: without it the message is malformed. Other fields are accepted and not read. 标“是”的缺少即报文有误；其他字段可以上送，不读取。\n\n";
    page += &if example.answer.is_null() {
        "## Output · 输出\n\nThe file itself. 文件本身。\n\n".to_owned()
    } else {
        tables("Output · 输出", "output", &described.output)
    };
    if !described.readings.is_empty() {
        page += "## Our readings · 本平台的理解\n\n";
        described.readings.iter().for_each(|it| writeln!(page, "- {it}").expect("a String grows"));
        page.push('\n');
    }
    page += "## Refusals · 拒绝\n\n";
    if described.refuses.is_empty() {
        page += "None but `MALFORMED`. 除报文有误外不拒绝。\n\n";
    } else {
        let linked: Vec<String> =
            described.refuses.iter().map(|it| format!("[`{it}`](../codes/{it}.md)")).collect();
        writeln!(page, "Among others 常见: {}.\n", linked.join(" ")).expect("a String grows");
    }
    page + &shown(example)
}

fn addresses(infno: &str) -> String {
    let own = OF_THEIR_OWN.iter().filter(|(_, of)| of.contains(&infno));
    let own: Vec<String> = own.map(|(path, _)| format!("`{BASE}/{path}`")).collect();
    let mut line = format!("Addresses 地址: `/hospital/{infno}` · `/hospital`");
    own.iter().for_each(|it| write!(line, " · {it}").expect("a String grows"));
    line + "\n\n"
}

fn tables(title: &str, whole: &str, nodes: &Nodes) -> String {
    let mut text = format!("## {title}\n\n");
    if nodes.is_empty() {
        return text + &format!("`{whole}` is null. 无输出。\n\n");
    }
    for (node, fields) in nodes {
        let path = if node.is_empty() { format!("`{whole}`") } else { format!("`{whole}.{node}`") };
        text += &table(&path, whole == "input", fields);
    }
    text
}

fn table(path: &str, is_input: bool, fields: &[Field]) -> String {
    if fields.is_empty() {
        let said = if is_input {
            "no field of it is read 不读取其中字段"
        } else {
            "always an empty list 恒为空数组"
        };
        return format!("{path}: {said}.\n\n");
    }
    let needed = if is_input { "needed 必填" } else { "always 必有" };
    let mut text = format!(
        "{path}\n\n| field 字段 | 名称 | type 类型 | {needed} | |\n| --- | --- | --- | --- | --- |\n"
    );
    for it in fields {
        let needed = if it.is_needed { "是" } else { "" };
        writeln!(text, "| `{}` | {} | {} | {needed} | {} |", it.name, it.label, it.kind, it.note)
            .expect("a String grows");
    }
    text.push('\n');
    text
}

/// A value with the first rows of each list.
fn shortened(value: &Value, left_out: &mut usize) -> Value {
    match value {
        Value::Array(rows) => {
            *left_out += rows.len().saturating_sub(MOST_ROWS);
            rows.iter().take(MOST_ROWS).map(|it| shortened(it, left_out)).collect()
        }
        Value::Object(fields) => {
            fields.iter().map(|(name, it)| (name.clone(), shortened(it, left_out))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn shown(example: &Example) -> String {
    let pretty = |it: &Value| serde_json::to_string_pretty(it).expect("plain data");
    let mut text = format!("## Example · 示例\n\n```json\n{}\n```\n\n", pretty(&example.request));
    if example.answer.is_null() {
        return text + "The answer is the file itself, `application/octet-stream`. 应答为文件本身。\n";
    }
    let mut left_out = 0;
    let answer = shortened(&example.answer, &mut left_out);
    if left_out > 0 {
        writeln!(text, "{left_out} more rows are left out. 另有 {left_out} 行从略。\n")
            .expect("a String grows");
    }
    text + &format!("```json\n{}\n```\n", pretty(&answer))
}

fn index() -> String {
    let mut text = String::from(
        "# Transactions · 交易\n\nOne page each: fields, how we read what the interface leaves open, and an example that was run. Written by a test; it fails when a\n\
         page is stale. 每个交易一页：字段、本平台的理解、实际执行过的示例，均由测试生成。\n\n\
         The envelope: `infno`, `msgid` (at most 64 characters), `fixmedins_code` and `input` are needed; `mdtrtarea_admvs` and `opter` are read;\n\
         other fields are accepted and not read. Numbers may be sent as text, one object instead of an array of one; `\"\"`, null and `\"null\"` say\n\
         nothing. 外层报文：`infno`、`msgid`、`fixmedins_code`、`input` 必填，另读取 `mdtrtarea_admvs`、`opter`，其他字段可以上送，不读取。\n\n\
         Types 类型: C30 text 文字, N16,2 number 数字, D `yyyy-MM-dd`, DT `yyyy-MM-dd HH:mm:ss`, J object or list 对象或数组.\n\n| | 名称 | |\n| --- | --- | --- |\n",
    );
    let all: BTreeMap<&str, &Transaction> = transactions().map(|it| (it.infno, it)).collect();
    for (infno, it) in all {
        let described = fields::of(infno).expect("described");
        writeln!(text, "| [{infno}]({infno}.md) | {} | {} |", it.name, described.en).expect("a String grows");
    }
    text
}
