//! The door of newer editions of the drug catalogue.

use super::draft::Draft;
use super::edition::NewEdition;
use super::{Base, Mistake, New, as_json, as_table, table};
use crate::fuzzing::LAW;
use domain::catalogue::{Catalogue, Changes};
use domain::day::Day;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::sync::LazyLock;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The small catalogue that editions follow.
static BASE: LazyLock<Base> = LazyLock::new(|| {
    let files = LAW.files.iter().filter(|(path, _)| path.starts_with("catalogue/"));
    let files = files.map(|(path, text)| (path.clone(), text.clone())).collect();
    let catalogue = Catalogue::parse(&files).expect("the law was read");
    Base { files, catalogue }
});

/// The first byte chooses what the rest is: `0` a file as it was sent, `1` a sheet of a workbook, `2` the texts that
/// its cells share.
///
/// # Panics
/// Where something does not hold that has to.
pub fn catalogue_file(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else { return };
    let file = match choice % 3 {
        0 => rest.to_vec(),
        1 => workbook(rest, &TEXTS.as_bytes()[1..]),
        _ => workbook(&SHEET.as_bytes()[1..], rest),
    };
    let read = table::tables(Path::new("西药.csv"), file).and_then(|it| {
        let draft = Draft::read(&it, BASE.edition()?)?;
        Ok((NewEdition::of(&new(), &BASE.files, BASE.edition()?, &draft)?, draft))
    });
    match read {
        Err(mistakes) => explained(&mistakes),
        Ok((made, draft)) => {
            let mut whole = BASE.files.clone();
            whole.extend(made.files);
            whole.remove("publish.json");
            let catalogue = Catalogue::parse(&whole).expect("what was taken can be published");
            let after = catalogue.last_edition().expect("the new one");
            assert_eq!(after.rows().count(), draft.rows.len(), "rows that were read, and that were written");
            changes(&draft);
        }
    }
}

fn explained(mistakes: &[Mistake]) {
    assert!(!mistakes.is_empty(), "it was not taken, and nothing is wrong");
    assert!(mistakes.iter().all(|it| !it.what.is_empty()));
}

/// Every row is as it was, added or changed, and every one that was there before is there or was dropped.
fn changes(draft: &Draft) {
    let before = BASE.edition().expect("it has one");
    let changes = Changes::between(before, &draft.rows);
    assert!(changes.same + changes.added.len() <= draft.rows.len());
    assert!(changes.same + changes.dropped.len() <= before.rows().count());
    assert!(!as_table(before, &changes).is_empty());
    serde_json::from_str::<serde_json::Value>(&as_json(before, &changes)).expect("JSON");
}

fn new() -> New {
    let day = |year| Day::new(year, 1, 1).expect("a day");
    New { edition: "fuzz".into(), document: "文件".into(), first_day: day(2030), last_day: day(2031) }
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const REL: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
/// What the door begins from, with the byte that chooses it.
const SHEET: &str = include_str!("../../../../fuzz/seeds/catalogue_file/sheet");
const TEXTS: &str = include_str!("../../../../fuzz/seeds/catalogue_file/texts");

/// A workbook of one sheet.
fn workbook(sheet: &[u8], shared: &[u8]) -> Vec<u8> {
    const TO_MEMORY: &str = "what is written to memory is written";
    let book = format!(
        r#"<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets><sheet name="西药" sheetId="1" r:id="r1"/></sheets></workbook>"#
    );
    let relations = format!(
        r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{REL}/worksheet" Target="worksheets/s1.xml"/><Relationship Id="r2" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/worksheets/s1.xml", sheet),
        ("xl/sharedStrings.xml", shared),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).expect(TO_MEMORY);
        zip.write_all(content).expect(TO_MEMORY);
    }
    zip.finish().expect(TO_MEMORY).into_inner()
}
