//! Looking drugs up, on the published catalogue.

use crate::catalogue::{CATALOGUE, edition};
use crate::world::LAW;
use domain::benefit::Whom;
use domain::bill::{Judged, Line, adjudicate, example};
use domain::day::Day;
use domain::drugs::{DrugIndex, Findings, Hit, How, Subject};
use domain::facts::Facts;
use domain::ids::InstitutionCode;
use domain::money::{Fen, Price, Quantity};
use domain::words::{Category, Level};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static INDEX: LazyLock<DrugIndex> = LazyLock::new(|| DrugIndex::of(&CATALOGUE, edition()));

fn find(text: &str) -> Findings {
    INDEX.find(edition(), text, 20)
}

/// What was found, in words.
fn said(hit: &Hit) -> String {
    match hit.subject {
        Subject::Row(row) => {
            let row = edition().row(row).expect("a hit names a row that is there");
            format!("{} {}", row.name, row.form).trim_end().to_owned()
        }
        Subject::Checked(_) => format!("不在 {}", hit.name),
        Subject::Undecided => format!("未定 {}", hit.name),
        Subject::Piece(_) => format!("饮片 {}", hit.name),
    }
}

/// R-J1: if this fails, somebody types a drug as people do and is shown another one, or nothing.
#[test]
#[rustfmt::skip]
fn what_is_asked_and_what_comes_first() {
    use How::*;
    let cases = [
        ("名称",             "阿莫西林",         Exact,    "阿莫西林 口服常释剂型"),
        ("全拼",             "amoxilin",         Exact,    "阿莫西林 口服常释剂型"),
        ("简拼",             "amxl",             Exact,    "阿莫西林 口服常释剂型"),
        ("大写",             "AMXL",             Exact,    "阿莫西林 口服常释剂型"),
        ("全角",             "ａｍｏｘｉｌｉｎ", Exact,    "阿莫西林 口服常释剂型"),
        ("声调和空格",       "ā mò xī lín",      Exact,    "阿莫西林 口服常释剂型"),
        ("字与简拼混写",     "阿莫xl",           Exact,    "阿莫西林 口服常释剂型"),
        ("全拼与简拼混写",   "amoxl",            Exact,    "阿莫西林 口服常释剂型"),
        ("没打完",           "amoxil",           Exact,    "阿莫西林 口服常释剂型"),
        ("多打一个字母",     "amoxiling",        Within,   "阿莫西林 口服常释剂型"),
        ("字母颠倒",         "amoxilnig",        Near,     "阿莫西林 口服常释剂型"),
        ("别字，音近",       "阿莫西灵",         Near,     "阿莫西林 口服常释剂型"),
        ("别字，同音",       "阿莫西临",         Sounding, "阿莫西林 口服常释剂型"),
        ("别字，形近",       "阿莫酉林",         Near,     "阿莫西林 口服常释剂型"),
        ("漏一个字",         "氨氯平",           Near,     "氨氯地平 口服常释剂型"),
        ("字颠倒",           "宫缩素",           Near,     "缩宫素 注射剂"),
        ("前后鼻音",         "lianhuaqinwen",    Near,     "连花清瘟片(胶囊、颗粒)"),
        ("同音的品名",       "连花清温",         Sounding, "连花清瘟片(胶囊、颗粒)"),
        ("剂型归并",         "阿莫西林胶囊",     Form,     "阿莫西林 口服常释剂型"),
        ("剂型归并，去酸根", "盐酸利托君片",     Exact,    "利托君 口服常释剂型"),
        ("剂型定行",         "硝苯地平控释片",   Form,     "硝苯地平 缓释控释剂型"),
        ("带规格",           "阿莫西林克拉维酸钾片0.5g", Within, "阿莫西林克拉维酸 口服常释剂型"),
        ("带商标",           "感冒灵999",        Within,   "复方感冒灵片(胶囊、颗粒)"),
        ("多音字，重",       "chongzulianjimei", Exact,    "重组链激酶 注射剂"),
        ("多音字，长",       "changchundixin",   Exact,    "长春地辛 注射剂"),
        ("多音字，参",       "renshenjianpiwan", Exact,    "人参健脾丸(片)"),
        ("ü 写作 v",         "lvhuana",          Exact,    "氯化钠 注射剂"),
        ("ü 写作 u",         "luhuana",          Exact,    "氯化钠 注射剂"),
        ("罗马数字",         "复方氨基酸(18AA-II)", Exact, "复方氨基酸(18AA-Ⅱ) 注射剂"),
        ("拉丁字母",         "维生素c",          Exact,    "维生素C 注射剂"),
        ("名称中间",         "清瘟颗粒",         Inside,   "连花清瘟片(胶囊、颗粒)"),
        ("不在目录",         "枸橼酸西地那非片", Exact,    "不在 枸橼酸西地那非片"),
        ("不在目录，简拼",   "tdlfp",            Exact,    "不在 他达拉非片"),
        ("没有定论",         "小儿止咳糖浆",     Exact,    "未定 小儿止咳糖浆"),
        ("饮片",             "阿胶",             Exact,    "饮片 阿胶"),
    ];
    let mut wrong = Vec::new();
    for (name, text, how, expected) in cases {
        let first = find(text).hits.first().map(|it| (it.how, said(it)));
        if first != Some((how, expected.to_owned())) {
            wrong.push(format!("{name}: {text} finds {first:?} and not {how:?} {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// R-J2: if this fails, the worked example of the look-up is split otherwise than a bill.
#[test]
fn the_example_is_split_as_a_bill_is() {
    let (area, on) = (crate::world::area("320300"), Day::parse("2025-06-16").expect("a day"));
    let whom = Whom { level: Level::Tertiary, category: Category::Active, age: 40, contract: false, stay: 0 };
    let institution = InstitutionCode::parse("H32030000001").expect("a code");
    let judged = Judged { area, institution, day: on, whom };
    let cost = Fen::parse("33.33").expect("an amount");
    for code in ["ZA04CDX0534010103065", "ZA01BAX0377010100093", "XA12AXX127A001010104187"] {
        let line = Line {
            sn: "1".to_owned(),
            code: code.to_owned(),
            own_code: String::new(),
            arose: None,
            count: Quantity::parse("1").expect("a count"),
            price: Price::of(cost),
            cost,
            self_paid: false,
            traces: Vec::new(),
        };
        let billed = adjudicate(&[line], judged, &Facts::default(), &LAW).expect("a split");
        let basis = billed.0[0].basis;
        let shown = example(&LAW.policies, area, on, basis, cost).expect("a split");
        assert_eq!((billed.0[0], billed.1), shown, "{code}");
    }
}

/// R-J1: if this fails, a better answer stands below a worse one, or one row stands there twice.
#[test]
fn better_answers_stand_first_and_each_once() {
    for text in
        ["阿莫西林", "amxl", "a", "氨", "片", "chongzu", "盐酸二甲双胍缓释片", "注射用胸腺法新", "胸腺"]
    {
        let found = INDEX.find(edition(), text, 1_000);
        assert!(found.hits.is_sorted_by_key(|it| it.how), "{text}");
        let mut seen = BTreeSet::new();
        for hit in found.hits.iter().filter(|it| matches!(it.subject, Subject::Row(_))) {
            assert!(seen.insert(hit.subject), "{text}: {} twice", said(hit));
        }
        let short = INDEX.find(edition(), text, 3);
        assert_eq!(short.hits.len() + short.left_off, found.hits.len(), "{text}");
        assert!(found.hits.starts_with(&short.hits), "{text}");
    }
}

/// R-J1: if this fails, nonsense is answered with a drug, or what is almost a name with nothing at all.
#[test]
fn what_is_not_found_says_what_comes_near() {
    for text in ["", " ", "（）", "qqqq", "zzzzzzz", "🙂", "ཀཁག"] {
        let found = find(text);
        assert_eq!((found.hits.len(), found.left_off), (0, 0), "{text}");
    }
    let found = find("feibide");
    assert!(found.hits.is_empty() && !found.near.is_empty() && found.near.len() <= 5, "{found:?}");
    assert!(find("阿莫西林").near.is_empty(), "what is found needs no near names");
}

/// R-J1: if this fails, a drug cannot be found by the very name under which it is printed or coded, or by its letters.
#[test]
fn every_name_finds_itself() {
    let printed = edition().names().map(|(_, name)| name);
    let coded = CATALOGUE.drugs().map(|(_, name)| name);
    let names: BTreeSet<&str> = printed.chain(coded).collect();
    for name in names.iter().step_by(7) {
        let found = find(name.split("[指").next().expect("a first part"));
        let best = found.hits.first().map(|it| it.how);
        // Longer questions are cut.
        let expected = if name.chars().count() > 40 { How::Start } else { How::Exact };
        assert!(best.is_some_and(|it| it <= expected), "{name}: {best:?}");
    }
}

proptest! {
    /// R-J1: if this fails, somebody brings the look-up down, or is given two answers to one question.
    #[test]
    fn any_question_has_one_answer(text in prop_oneof![".{0,100}", "[a-z阿莫西林片（）Ａ0-9 ]{0,90}", "[一-龥]{0,60}"]) {
        let found = find(&text);
        prop_assert!(found.hits.len() <= 20 && found.near.len() <= 5);
        prop_assert_eq!(found, find(&text));
    }
}

/// Prints how long the slowest questions take; `docs/catalogue.md` states what it printed.
#[test]
#[ignore = "a measurement: cargo test -p domain --test all -- --ignored --nocapture the_slowest"]
#[allow(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn the_slowest_questions() {
    let built = std::time::Instant::now();
    let _ = DrugIndex::of(&CATALOGUE, edition());
    println!("built in {:?}", built.elapsed());
    let long = ["a".repeat(80), "xi".repeat(40), "阿莫西灵颗粒测试".repeat(8), "zhuangshang".repeat(6)];
    let short = [
        "阿莫西林",
        "amxl",
        "amoxilin",
        "a",
        "an",
        "片",
        "zzzzzzzzzzz",
        "feibide",
        "shi",
        "注射用",
        "阿莫西灵",
    ];
    for text in short.into_iter().chain(long.iter().map(String::as_str)) {
        // The machine does other things too: the fastest of many is what the question itself takes.
        let once = |_| {
            let start = std::time::Instant::now();
            let _ = find(text);
            start.elapsed()
        };
        let fastest = (0..100).map(once).min().unwrap_or_default();
        println!("{fastest:>10.1?}  {}", text.chars().take(24).collect::<String>());
    }
}
