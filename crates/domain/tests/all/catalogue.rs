//! The catalogue as it is published: real codes, real rows, and the shares that `docs/catalogue.md` states.

use domain::catalogue::{Catalogue, Class, Edition, Piece, Reason, Shares, State};
use domain::day::Day;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

pub(crate) static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::parse(&files()).expect("the published catalogue has no problems"));

/// The files of `data/catalogue`, under the names the catalogue knows them by.
fn files() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/catalogue");
    let entries = std::fs::read_dir(folder).expect("data/catalogue is there");
    let paths = entries.map(|it| it.expect("readable").path());
    let tables = paths.filter(|it| it.extension().is_some_and(|ending| ending == "csv"));
    tables
        .map(|it| {
            let name = it.file_name().and_then(|name| name.to_str()).expect("a plain name");
            (format!("catalogue/{name}"), std::fs::read_to_string(&it).expect("UTF-8"))
        })
        .collect()
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("valid")
}

pub(crate) fn edition() -> &'static Edition {
    CATALOGUE.edition(day("2025-06-16")).expect("the 2024 edition")
}

/// The state of a code in words: `甲 小儿泻速停颗粒`, `不在`, `未对照`.
fn said(code: &str) -> String {
    match edition().state_of(code) {
        State::In { row, class } => {
            let row = edition().row(row).expect("a state names a row that is there");
            assert_eq!(row.class, class, "{code}");
            let class = if class == Class::A { "甲" } else { "乙" };
            format!("{class} {} {}", row.name, row.form).trim_end().to_owned()
        }
        State::NotIn { entry } => {
            let entry = edition().checked(entry).expect("a state names an entry that is there");
            assert_eq!(Some(entry.name.as_str()), CATALOGUE.drug_name(code));
            "不在".to_owned()
        }
        State::NotMapped => "未对照".to_owned(),
    }
}

/// The state of the first code of this generic name, in words.
fn said_of(generic_name: &str) -> String {
    let files = files();
    let codes = files["catalogue/drug_codes.csv"].lines();
    let mut named = codes.filter_map(|it| it.split_once(',')).filter(|(_, name)| *name == generic_name);
    named.next().map_or_else(|| panic!("no code is called {generic_name}"), |(code, _)| said(code))
}

/// R-J2: if this fails, the pharmacy bill of the demonstration is split otherwise than its story says.
#[test]
#[rustfmt::skip]
fn the_codes_of_the_pharmacy_bill() {
    let cases = [
        ("ZA04CDX0534010103065",    "甲 小儿泻速停颗粒"),
        ("ZA01BAX0377010100093",    "乙 小儿感冒颗粒"),
        ("XA12AXX127A001010104187", "不在"),
        ("XA12AXX127A001010104188", "未对照"),
        ("001102000030000",         "未对照"),
        ("",                        "未对照"),
    ];
    for (code, expected) in cases {
        assert_eq!(said(code), expected, "{code}");
    }
}

/// R-J2: if this fails, a patient pays for a drug the edition pays, or a fund pays for one it does not.
#[test]
#[rustfmt::skip]
fn how_a_generic_name_finds_its_row() {
    let cases = [
        ("剂型并在合并剂型内",     "缩宫素注射液",                 "甲 缩宫素 注射剂"),
        ("剂型决定甲乙",           "克霉唑阴道片",                 "甲 克霉唑 阴道片"),
        ("膨胀栓另列为乙",         "克霉唑阴道膨胀栓",             "乙 克霉唑阴道膨胀栓"),
        ("酸根不计",               "盐酸利托君片",                 "乙 利托君 口服常释剂型"),
        ("盐基不计",               "注射用奥扎格雷钠",             "乙 奥扎格雷 注射剂"),
        ("儿童药的酸根不计",       "小儿盐酸异丙嗪片",             "甲 小儿异丙嗪 口服常释剂型"),
        ("名称原样先于去酸根",     "乳酸菌阴道胶囊",               "乙 乳酸菌 阴道胶囊"),
        ("序号属于名称",           "复方氨基酸注射液(18AA-Ⅶ)",     "乙 复方氨基酸(18AA-Ⅶ) 注射剂"),
        ("序号写法不同",           "小儿复方氨基酸注射液(18AA-I)", "甲 小儿复方氨基酸(18AA-Ⅰ) 注射剂"),
        ("丸剂含浓缩丸",           "金锁固精丸(浓缩丸)",           "乙 金锁固精丸"),
        ("括号内是同一行的别名",   "小儿退热合剂(小儿退热口服液)", "乙 小儿退热合剂(口服液)"),
        ("剂型不在目录，不猜",     "克林霉素磷酸酯栓",             "未对照"),
        ("中成药剂型不归并，不猜", "宫炎平滴丸",                   "未对照"),
        ("分类不一致，不猜",       "小儿碳酸钙D3颗粒",             "未对照"),
        ("说明不明的括号，不猜",   "小儿清热宁颗粒(果味型)",       "未对照"),
        ("与止咳丸等名近，不猜",   "小儿止咳糖浆",                 "未对照"),
        ("逐名核查，不在目录",     "小儿氨酚黄那敏颗粒",           "不在"),
        ("限工伤保险",             "注射用胸腺法新",               "不在"),
    ];
    for (name, generic_name, expected) in cases {
        assert_eq!(said_of(generic_name), expected, "{name}");
    }
}

/// R-J2: if this fails, `docs/catalogue.md` publishes shares that are not true.
#[test]
fn the_published_shares() {
    let shares = edition().shares();
    assert_eq!(shares, Shares { in_: 7_138, not_in: 5_293, not_mapped: 1_307 });
    let text = include_str!("../../../../docs/catalogue.md");
    for stated in ["| 7,138 | 51.96% |", "| 5,293 | 38.53% |", "| 1,307 | 9.51% |", "13,738"] {
        assert!(text.contains(stated), "docs/catalogue.md does not state {stated}");
    }
}

/// R-J4: if this fails, a bill is judged by an edition that was not in force on its day.
#[test]
fn an_edition_speaks_for_its_days_only() {
    let cases = [
        ("2024-12-31", None),
        ("2025-01-01", Some("2024")),
        ("2025-12-31", Some("2024")),
        ("2026-01-01", None),
    ];
    for (on, expected) in cases {
        assert_eq!(CATALOGUE.edition(day(on)).map(Edition::name), expected, "{on}");
    }
    let last = CATALOGUE.last_edition().expect("there is one");
    assert_eq!((last.first_day(), last.last_day()), (day("2025-01-01"), day("2025-12-31")));
}

/// R-J1: if this fails, the look-up shows the wrong row, or none.
#[test]
fn rows_are_found_by_part_of_their_name() {
    let rows = edition().rows_containing("阿莫西林", 3);
    let rows: Vec<_> = rows.into_iter().filter_map(|it| edition().row(it)).collect();
    let shown: Vec<_> = rows.iter().map(|it| (it.row_id.as_str(), it.form.as_str(), it.page)).collect();
    let expected =
        [("W-0632-01", "口服常释剂型", 38), ("W-0632-02", "口服液体剂", 38), ("W-0632-03", "颗粒剂", 38)];
    assert_eq!(shown, expected);
    for (text, expected) in [("小儿退热口服液", "Z-0033-01"), ("酚麻美敏片", "W-1256-01")] {
        let first = edition().rows_containing(text, 1).first().and_then(|it| edition().row(*it));
        assert_eq!(first.map(|it| it.row_id.as_str()), Some(expected), "{text}");
    }
    assert_eq!(edition().category_path("XJ01CA").len(), 4);
    assert_eq!(edition().category_path("XJ01CA").last(), Some(&"广谱青霉素类"));
}

/// R-J3: if this fails, a checked name gives the wrong reason to the patient.
#[test]
fn a_checked_name_says_why() {
    let reason = |code: &str| match edition().state_of(code) {
        State::NotIn { entry } => edition().checked(entry).map(|it| it.reason),
        State::In { .. } | State::NotMapped => None,
    };
    assert_eq!(reason("XA12AXX127A001010104187"), Some(Reason::Absent));
    assert_eq!(reason("XJ07BGR032B001010103056"), Some(Reason::WorkInjuryOnly));
}

/// R-J2: if this fails, a decoction piece that may not be paid is paid, or the other way round.
#[test]
#[rustfmt::skip]
fn decoction_pieces_are_looked_up_by_name() {
    let payable = |single_use_excluded| Piece::Payable { single_use_excluded };
    let cases = [
        ("一枝黄花", payable(false)), ("丁香", payable(true)), ("阿胶", Piece::Excluded),
        ("炮山甲", Piece::Excluded), ("没有的饮片", Piece::NotMapped),
    ];
    for (name, expected) in cases {
        assert_eq!(edition().piece(name), expected, "{name}");
    }
}

/// Services have no class in any edition: if this fails, a service is taken for a drug nobody mapped.
#[test]
fn services_are_known_by_their_items() {
    assert!(CATALOGUE.is_service("001102000030000"));
    assert_eq!(CATALOGUE.service_name("001102000030000"), Some("急诊诊查费"));
    assert!(!CATALOGUE.is_service("ZA04CDX0534010103065"));
}

/// R-J2, R-J4: if this fails, a broken file loads in silence and bills are judged by it.
#[test]
#[rustfmt::skip]
fn a_mistake_in_a_file_is_named_with_its_line() {
    let checked = "catalogue/checked_not_in_2024.csv";
    let cases = [
        ("在目录却列为不在", checked, "小儿感冒颗粒,absent,2026-11-22",
            "catalogue/checked_not_in_2024.csv:2: 小儿感冒颗粒 is on the checked list but the edition names it in row Z-0030-01"),
        ("医保也付却列为限工伤", checked, "缩宫素注射液,work_injury_only,2026-11-22",
            "catalogue/checked_not_in_2024.csv:2: 缩宫素注射液 is on the checked list but the edition names it in row W-0603-01"),
        ("两版同日", "catalogue/editions.csv", "2024,x,2025-01-01,2025-12-31\n2024,x,2025-12-31,2026-12-31",
            "catalogue/editions.csv:0: 2024 and 2024 share days"),
        ("没有这一行", "catalogue/nrdl_2024_search_names.csv", "W-9999-01,名",
            "catalogue/nrdl_2024_search_names.csv:2: no such row: W-9999-01"),
        ("编码重复", "catalogue/service_items.csv", "1,甲\n1,乙",
            "catalogue/service_items.csv:3: 1 stands here twice"),
    ];
    for (name, file, body, expected) in cases {
        let mut files = files();
        let header = files[file].lines().next().expect("a header").to_owned();
        files.insert(file.to_owned(), format!("{header}\n{body}\n"));
        let problems = Catalogue::parse(&files).expect_err(name);
        assert!(problems.iter().any(|it| it.to_string() == expected), "{name}: {problems:?}");
    }
    let missing = Catalogue::parse(&BTreeMap::new()).expect_err("nothing to read");
    assert_eq!(missing[0].to_string(), "catalogue/drug_codes.csv:0: the file is missing");
}
