//! A newer edition of the drug catalogue: checked, compared, written, published.

use domain::catalogue::{Catalogue, Class};
use domain::day::Day;
use server::catalogue::{Mistake, New, Source, check, diff, import};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const HEADER: &str = "category,class,row_id,name,form,remark";

/// A catalogue of a few rows that the newer one follows.
const BASE: [(&str, &str); 10] = [
    ("editions.csv", "edition,document,first_day,last_day\n2024,文〔2024〕1号,2025-01-01,2025-12-31\n"),
    ("drug_codes.csv", "code,name\nXJ01CAA040A001010100001,阿莫西林片\n"),
    ("service_items.csv", "code,name\n001102000030000,急诊诊查费\n"),
    ("nrdl_2024_categories.csv", "code,parent,name\nXJ,,全身用抗感染药\nXJ01CA,XJ,广谱青霉素类\n"),
    (
        "nrdl_2024_drugs.csv",
        "row_id,category,class,name,form,remark,page\n\
         W-0001-01,XJ01CA,甲,阿莫西林,口服常释剂型,,1\nW-0001-02,XJ01CA,甲,阿莫西林,颗粒剂,限儿童。,1\n\
         W-0002-01,XJ01CA,乙,氨苄西林,注射剂,,1\n",
    ),
    ("nrdl_2024_search_names.csv", "row_id,name\nW-0001-01,羟氨苄青霉素\nW-0002-01,安比西林\n"),
    ("nrdl_2024_group_members.csv", "row_id,name\n"),
    ("nrdl_2024_form_groups.csv", "merged_form,specific_form\n口服常释剂型,片\n"),
    ("nrdl_2024_pieces.csv", "name,single_use_excluded,remark\n丁香,1,\n"),
    ("nrdl_2024_pieces_excluded.csv", "name\n阿胶\n"),
];

/// The newer one: a row dropped, one added, one of another class, one without its limit.
const NEWER: &str = "category,class,row_id,name,form,remark\n\
    XJ01CA,乙,W-0001-01,阿莫西林,口服常释剂型,\nXJ01CA,甲类,W-0001-02,阿莫西林,颗粒剂,\n\
    XJ01CA,乙,W-0002-01,哌拉西林,注射剂,限工伤保险\n";

struct Room {
    folder: TempDir,
}

impl Room {
    fn new() -> Room {
        let room = Room { folder: tempfile::tempdir().expect("a folder") };
        std::fs::create_dir(room.path("base")).expect("a folder");
        for (name, text) in BASE {
            room.write(&format!("base/{name}"), text.as_bytes());
        }
        room.write(
            "base/checked_not_in_2024.csv",
            "name,reason,checked_on\n丁桂儿脐贴,absent,2026-11-22\n".as_bytes(),
        );
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).expect("written");
    }

    fn source(&self, name: &str) -> Source {
        Source { source: self.path(name), base: Some(self.path("base")) }
    }

    /// The first mistake of a file, without the folder it is in.
    fn mistake(&self, name: &str, bytes: &[u8]) -> String {
        self.write(name, bytes);
        let mistakes = check(&self.source(name)).expect_err("a mistake");
        let folder = format!("{}/", self.folder.path().display());
        mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n").replace(&folder, "")
    }

    fn entries(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|it| it.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn new() -> New {
    let day = |text| Day::parse(text).expect("a day");
    New {
        edition: "2025".to_owned(),
        document: "文〔2025〕1号".to_owned(),
        first_day: day("2026-01-01"),
        last_day: day("2026-12-31"),
    }
}

/// R-J4: if this fails, a catalogue with a mistake is put in force, or nobody is told where the mistake is.
#[test]
#[rustfmt::skip]
fn every_mistake_is_named_with_its_line_and_what_would_be_right() {
    let room = Room::new();
    let cases = [
        ("XJ01CA,丙,W-0001-01,阿莫西林,片,", "a.csv:2: `丙` is no class: write 甲 or 乙"),
        ("XJ01CA,,W-0001-01,阿莫西林,片,", "a.csv:2: `` is no class"),
        ("XJ01CA,甲,W-0001-01,阿莫西林,片,\nXJ01CA,乙,W-0002-01,阿莫西林,片,",
            "a.csv:3: 阿莫西林 片 stands here twice, first in a.csv, number W-0001-01: leave one"),
        ("XJ01CA,甲,W-0001-01,阿莫西林,片,\nXJ01CA,乙,W-0001-01,阿莫西林,颗粒剂,",
            "a.csv:3: row W-0001-01 stands here twice"),
        ("XZ99,甲,W-0001-01,阿莫西林,片,", "a.csv:2: no such category: XZ99; write its code"),
        (",甲,W-0001-01,阿莫西林,片,", "a.csv:2: the row has no category"),
        ("XJ01CA,甲,W-0001-01,,片,", "a.csv:2: the line has no name"),
        ("XJ01CA,甲,1,阿莫西林,片,", "a.csv:2: to which part does it belong? Number it like W-0632-01"),
    ];
    for (lines, expected) in cases {
        let said = room.mistake("a.csv", format!("{HEADER}\n{lines}\n").as_bytes());
        assert!(said.starts_with(expected), "{lines}: {said}");
    }
    let files: [(&str, &[u8], &str); 7] = [
        ("b.csv", "class,name\n甲,阿莫西林\n".as_bytes(), "b.csv:1: columns are missing: category, number, form, remark."),
        ("c.csv", b"1,2\n", "c.csv:0: no line names the columns: category or 药品分类代码"),
        ("d.csv", b"", "d.csv:0: no line names the columns"),
        ("e.csv", b"%PDF-1.7", "e.csv:0: a PDF is not read"),
        ("f.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "f.xls:0: this is an old workbook"),
        ("g.xlsx", b"PK\x03\x04nothing", "g.xlsx:0: the workbook cannot be read"),
        ("西药.csv", "药品分类代码,甲乙,编号,药品名称,剂型,备注\nXJ01CA,甲,零,阿莫西林,片,\n".as_bytes(), "西药.csv:2: `零` is no number: write it like 632 or ★(632)"),
    ];
    for (name, bytes, expected) in files {
        let said = room.mistake(name, bytes);
        assert!(said.starts_with(expected), "{name}: {said}");
    }
    let broken = [format!("{HEADER}\n{NEWER}{NEWER}").as_bytes(), b"\xE4\xBD\n"].concat();
    assert!(room.mistake("h.csv", &broken).contains("this is no UTF-8: save the file as UTF-8 or GB 18030"));
    assert!(check(&room.source("nowhere.csv")).is_err());
}

/// A mistake does not hide another.
#[test]
fn all_mistakes_are_named_at_once() {
    let room = Room::new();
    let said = room.mistake(
        "a.csv",
        format!("{HEADER}\nXZ99,甲,W-0001-01,一,片,\nXJ01CA,丙,W-0002-01,二,片,\n").as_bytes(),
    );
    assert_eq!(said.lines().count(), 2, "{said}");
}

/// R-J4: if this fails, what changes for patients with a newer edition is not shown, or shown wrongly.
#[test]
fn what_a_newer_edition_changes_is_said_row_by_row() {
    let room = Room::new();
    room.write("newer.csv", NEWER.as_bytes());
    let table = diff(&room.source("newer.csv"), false).expect("no mistakes");
    let expected = "against edition 2024: 0 rows are as they were\n\
        added: 1\n  W-0002-01 乙 哌拉西林 注射剂\n\
        dropped: 1\n  W-0002-01 乙 氨苄西林 注射剂\n\
        class changed: 1\n  W-0001-01 乙 阿莫西林 口服常释剂型 (was 甲)\n\
        limit changed: 1\n  W-0001-02 甲 阿莫西林 颗粒剂: no limit (was: 限儿童。)";
    assert_eq!(table, expected);
    let json: serde_json::Value =
        serde_json::from_str(&diff(&room.source("newer.csv"), true).expect("no mistakes")).expect("JSON");
    let counts = serde_json::json!({ "same": 0, "added": 1, "dropped": 1, "class": 1, "limit": 1 });
    assert_eq!((&json["counts"], &json["class"][0]["was"]), (&counts, &serde_json::json!("甲")));
}

/// R-J4: if this fails, an edition that was written cannot be published, or its rows are not those of the file.
#[test]
fn what_is_written_is_a_catalogue_with_both_editions() {
    let room = Room::new();
    room.write("newer.csv", NEWER.as_bytes());
    let into = room.path("2025");
    let said = import(&room.source("newer.csv"), &new(), &into).expect("no mistakes");
    assert!(said.contains("3 rows; 1 further names carried over, 1 left behind"), "{said}");
    let mut files = published(&into);
    for (name, text) in BASE {
        files.entry(format!("catalogue/{name}")).or_insert_with(|| text.to_owned());
    }
    let checked = std::fs::read_to_string(room.path("base/checked_not_in_2024.csv")).expect("there");
    files.insert("catalogue/checked_not_in_2024.csv".to_owned(), checked);
    let catalogue = Catalogue::parse(&files).expect("a catalogue");
    let class = |on: &str| {
        let edition = catalogue.edition(Day::parse(on).expect("a day")).expect("an edition");
        (edition.name().to_owned(), edition.rows().next().expect("a row").1.class)
    };
    assert_eq!(class("2025-12-31"), ("2024".to_owned(), Class::A));
    assert_eq!(class("2026-01-01"), ("2025".to_owned(), Class::B));
    let newer = catalogue.last_edition().expect("an edition");
    assert_eq!(newer.document(), "文〔2025〕1号");
    let last = newer.rows().last().expect("a row").1;
    assert!(!last.is_medical(), "work-injury rows are known with or without a full stop");
    assert!(newer.names().any(|(_, it)| it == "羟氨苄青霉素"), "a further name stays with its row");
    assert_eq!(newer.all_checked().count(), 0, "nothing is not in before it was looked for");
    let again = import(&room.source("newer.csv"), &new(), &into).expect_err("it is there");
    assert!(again[0].what.contains("this is there already"));
}

/// The files of the body that publishes, which are those that lie there.
fn published(into: &Path) -> BTreeMap<String, String> {
    let body = std::fs::read_to_string(into.join("publish.json")).expect("a body");
    let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(body["over_current"], true);
    let files: BTreeMap<String, String> = serde_json::from_value(body["files"].clone()).expect("files");
    for (name, text) in &files {
        assert_eq!(&std::fs::read_to_string(into.join(name)).expect("it lies there"), text);
    }
    files
}

/// If this fails, bad input leaves half an edition behind that somebody publishes.
#[test]
fn nothing_is_written_of_what_has_mistakes() {
    let room = Room::new();
    room.write("newer.csv", NEWER.as_bytes());
    room.write("bad.csv", format!("{NEWER}XZ,甲,W-0009-01,九,片,\n").as_bytes());
    let before = room.entries();
    let into = room.path("2025");
    let cases = [
        ("bad.csv", new()),
        ("newer.csv", New { edition: "2024".to_owned(), ..new() }),
        ("newer.csv", New { edition: "../x".to_owned(), ..new() }),
        ("newer.csv", New { first_day: Day::parse("2025-12-31").expect("a day"), ..new() }),
        ("newer.csv", New { last_day: Day::parse("2025-12-31").expect("a day"), ..new() }),
    ];
    for (file, new) in cases {
        assert!(import(&room.source(file), &new, &into).is_err(), "{file} {new:?}");
        assert_eq!(room.entries(), before);
    }
}

/// If this fails, a file that an authority's programs write is not read: other encodings, printed numbers, categories as
/// lines of their own, columns named again on each page, one file for each part.
#[test]
fn files_are_read_as_authorities_write_them() {
    let room = Room::new();
    let page = "药品分类代码,药品分类,甲乙,编号,药品名称,剂型,备注\n";
    let west = format!(
        "西药部分,,,,,,\n{page}XJ01CA,广谱青霉素类,,,,,\n,,甲,1,阿莫西林,口服常释剂型,\n{page},,甲,★(1),阿莫西林,颗粒剂,限儿童。\n\
         XJ01CB,窄谱青霉素类,,,,,\n,,乙,2,青霉素Ｖ（钾）,片,\n"
    );
    std::fs::create_dir(room.path("parts")).expect("a folder");
    let (gb, ..) = encoding_rs::GB18030.encode(&west);
    room.write("parts/1 西药.csv", &gb);
    room.write(
        "parts/2 谈判西药.csv",
        format!("\u{FEFF}{page}XJ01CB,,乙,1,青霉素,注射剂,限重症。\n").as_bytes(),
    );
    room.write("parts/3 中药饮片.csv", "编号,药品名称\n1,丁香\n".as_bytes());
    let into = room.path("2025");
    import(&room.source("parts"), &new(), &into).expect("no mistakes");
    let drugs = std::fs::read_to_string(into.join("catalogue/nrdl_2025_drugs.csv")).expect("rows");
    let expected = "row_id,category,class,name,form,remark,page\n\
        W-0001-01,XJ01CA,甲,阿莫西林,口服常释剂型,,0\nW-0001-02,XJ01CA,甲,阿莫西林,颗粒剂,限儿童。,0\n\
        W-0002-01,XJ01CB,乙,青霉素Ｖ(钾),片,,0\nNW-0001-01,XJ01CB,乙,青霉素,注射剂,限重症。,0\n";
    assert_eq!(drugs, expected);
    let categories =
        std::fs::read_to_string(into.join("catalogue/nrdl_2025_categories.csv")).expect("categories");
    assert!(categories.contains("XJ01CB,XJ,窄谱青霉素类\n"), "{categories}");
}

/// If this fails, the official workbook is not read.
#[test]
fn a_workbook_is_read_sheet_by_sheet() {
    let room = Room::new();
    let sheet = [
        ["药品分类代码", "药品分类", "甲乙", "编号", "药品名称", "剂型", "备注"],
        ["XJ01CA", "广谱青霉素类", "", "", "", "", ""],
        ["", "", "乙", "1", "阿莫西林", "口服常释剂型", ""],
        ["", "", "丙", "★(1)", "阿莫西林", "颗粒剂", ""],
    ];
    room.write("a.xlsx", &workbook(&[("凡例", &[["说明", "", "", "", "", "", ""]]), ("西药", &sheet[..3])]));
    assert_eq!(
        check(&room.source("a.xlsx")).expect("no mistakes"),
        "1 rows, 1 categories named; no mistakes"
    );
    let said = room.mistake("b.xlsx", &workbook(&[("西药", &sheet)]));
    assert_eq!(said, "b.xlsx[西药]:4: `丙` is no class: write 甲 or 乙");
}

/// If this fails, the edition that is shipped would not be taken in again as it is.
#[test]
fn the_shipped_edition_is_read_and_changes_nothing() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/catalogue/nrdl_2024_drugs.csv");
    let source = Source { source, base: None };
    let expected = "against edition 2024: 3891 rows are as they were\nadded: 0\ndropped: 0\nclass changed: 0\nlimit changed: 0";
    assert_eq!(diff(&source, false).expect("no mistakes"), expected);
}

/// A workbook of sheets with texts.
fn workbook(sheets: &[(&str, &[[&str; 7]])]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const REL: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut file = |name: &str, text: String| {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("a file");
        zip.write_all(text.as_bytes()).expect("memory takes everything");
    };
    let (mut list, mut relations, mut kinds) = (String::new(), String::new(), String::new());
    for (nth, (name, rows)) in (1..).zip(sheets) {
        list += &format!(r#"<sheet name="{name}" sheetId="{nth}" r:id="r{nth}"/>"#);
        relations +=
            &format!(r#"<Relationship Id="r{nth}" Type="{REL}/worksheet" Target="worksheets/s{nth}.xml"/>"#);
        kinds += &format!(
            r#"<Override PartName="/xl/worksheets/s{nth}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#
        );
        let cell = |row: usize, column: char, text: &str| {
            format!(r#"<c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c>"#)
        };
        let line = |(row, cells): (usize, &[&str; 7])| {
            let filled = ('A'..='G').zip(cells).filter(|(_, it)| !it.is_empty());
            let cells: String = filled.map(|(column, text)| cell(row, column, text)).collect();
            format!(r#"<row r="{row}">{cells}</row>"#)
        };
        let lines: String = (1..).zip(rows.iter()).map(line).collect();
        file(
            &format!("xl/worksheets/s{nth}.xml"),
            format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>"#),
        );
    }
    file(
        "xl/workbook.xml",
        format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>{list}</sheets></workbook>"#),
    );
    let package = "http://schemas.openxmlformats.org/package/2006";
    file(
        "xl/_rels/workbook.xml.rels",
        format!(r#"<Relationships xmlns="{package}/relationships">{relations}</Relationships>"#),
    );
    file(
        "_rels/.rels",
        format!(
            r#"<Relationships xmlns="{package}/relationships"><Relationship Id="r" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
        ),
    );
    file("[Content_Types].xml", format!(r#"<Types xmlns="{package}/content-types">{kinds}</Types>"#));
    zip.finish().expect("memory takes everything").into_inner()
}
