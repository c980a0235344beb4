//! Files as rows of text: sheets of a workbook, CSV in UTF-8 or GB 18030, folders of them; and a folder that is written
//! as a whole or not at all.

use super::Mistake;
use crate::intake::lines::Encoding;
use calamine::{Reader as _, Xlsx};
use encoding_rs::GB18030;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// The most bytes of a file.
const MOST: u64 = 32 << 20;

/// A table: a sheet, or a file.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// The file; of a workbook also the sheet.
    pub(super) place: String,
    /// The name of the file and of the sheet, without the folder: it may say which part of the catalogue this is.
    pub(super) title: String,
    /// Lines with their numbers, from 1.
    pub(super) rows: Vec<(u64, Vec<String>)>,
}

fn mistake(path: &Path, line: u64, what: impl Into<String>) -> Vec<Mistake> {
    vec![Mistake { place: path.display().to_string(), line, what: what.into() }]
}

/// All tables of a file or a folder, folders in the order of names.
pub(super) fn read(path: &Path) -> Result<Vec<Table>, Vec<Mistake>> {
    if !path.is_dir() {
        return file(path);
    }
    let mut tables = Vec::new();
    for it in entries(path)? {
        tables.extend(file(&it)?);
    }
    if tables.is_empty() {
        return Err(mistake(path, 0, "the folder holds no files: put .xlsx or .csv files into it"));
    }
    Ok(tables)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Vec<Mistake>> {
    let wrong = |it: std::io::Error| mistake(folder, 0, it.to_string());
    let all = std::fs::read_dir(folder).map_err(wrong)?;
    let mut paths = all.map(|it| it.map(|it| it.path())).collect::<Result<Vec<_>, _>>().map_err(wrong)?;
    paths.retain(|it| it.extension().is_some_and(|it| it == "csv" || it == "xlsx"));
    paths.sort();
    Ok(paths)
}

fn file(path: &Path) -> Result<Vec<Table>, Vec<Mistake>> {
    let wrong = |it: std::io::Error| mistake(path, 0, it.to_string());
    if std::fs::metadata(path).map_err(wrong)?.len() > MOST {
        return Err(mistake(path, 0, "the file is larger than 32 MB, and no catalogue is"));
    }
    tables(path, std::fs::read(path).map_err(wrong)?)
}

/// The tables of a file that was read.
pub(super) fn tables(path: &Path, bytes: Vec<u8>) -> Result<Vec<Table>, Vec<Mistake>> {
    match bytes.get(..4).unwrap_or_default() {
        b"PK\x03\x04" => workbook(path, bytes),
        b"%PDF" => Err(mistake(path, 0, "a PDF is not read: make a CSV of its tables")),
        b"\xD0\xCF\x11\xE0" => Err(mistake(path, 0, "this is an old workbook: save it as .xlsx")),
        _ => csv(path, &bytes).map(|it| vec![it]),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default()
}

fn workbook(path: &Path, bytes: Vec<u8>) -> Result<Vec<Table>, Vec<Mistake>> {
    let wrong = |it: calamine::XlsxError| mistake(path, 0, format!("the workbook cannot be read: {it}"));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(wrong)?;
    let mut tables = Vec::new();
    for sheet in book.sheet_names() {
        let range = book.worksheet_range(&sheet).map_err(wrong)?;
        let first = range.start().map_or(0, |(row, _)| u64::from(row));
        let text =
            |cells: &[calamine::Data]| cells.iter().map(|it| it.to_string().trim().to_owned()).collect();
        let rows = (first + 1..).zip(range.rows().map(text)).collect();
        let title = format!("{}[{sheet}]", file_name(path));
        tables.push(Table { place: format!("{}[{sheet}]", path.display()), title, rows });
    }
    Ok(tables)
}

fn csv(path: &Path, bytes: &[u8]) -> Result<Table, Vec<Mistake>> {
    let text = decoded(path, bytes)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|it| {
            let line = it.position().map_or(0, csv::Position::line);
            mistake(path, line, format!("{it}: check the quotation marks"))
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push((line, record.iter().map(|it| it.trim().to_owned()).collect()));
    }
    Ok(Table { place: path.display().to_string(), title: file_name(path), rows })
}

fn decoded<'a>(path: &Path, bytes: &'a [u8]) -> Result<Cow<'a, str>, Vec<Mistake>> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let encoding = Encoding::of(bytes).map_err(|it| mistake(path, 0, it.to_string()))?;
    let line = |upto: usize| 1 + bytes[..upto].iter().filter(|it| **it == b'\n').count() as u64;
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|it| {
            mistake(path, line(it.valid_up_to()), "this is no UTF-8: save the file as UTF-8 or GB 18030")
        }),
        Encoding::Gb18030 => {
            let read = GB18030.decode_without_bom_handling_and_without_replacement(bytes);
            read.ok_or_else(|| {
                mistake(path, 0, "this is neither UTF-8 nor GB 18030: save the file as one of them")
            })
        }
    }
}

/// The tables of a catalogue folder, under the names that a law book has for them.
pub(super) fn catalogue_files(folder: &Path) -> Result<BTreeMap<String, String>, Vec<Mistake>> {
    let mut files = BTreeMap::new();
    for path in entries(folder)? {
        let name = file_name(&path);
        let text = std::fs::read_to_string(&path).map_err(|it| mistake(&path, 0, it.to_string()))?;
        files.insert(format!("catalogue/{name}"), text);
    }
    Ok(files)
}

/// Writes files into a folder that is not there yet: beside it first, so that it is there as a whole or not at all.
pub(super) fn write(into: &Path, files: &BTreeMap<String, String>) -> Result<(), Vec<Mistake>> {
    if into.exists() {
        return Err(mistake(into, 0, "this is there already: name a folder that is not"));
    }
    let mut beside = into.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let written = write_all(&beside, files).and_then(|()| std::fs::rename(&beside, into));
    written.map_err(|error| {
        // What could not be finished is of no use; that it cannot be taken away either changes nothing.
        let _ = std::fs::remove_dir_all(&beside);
        mistake(into, 0, error.to_string())
    })
}

fn write_all(folder: &Path, files: &BTreeMap<String, String>) -> std::io::Result<()> {
    for (name, text) in files {
        let path = folder.join(name);
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::write(path, text)?;
    }
    Ok(())
}
