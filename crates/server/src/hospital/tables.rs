//! Tables as they are exchanged in files: a ZIP of one TXT in UTF-8, a row on each line, tabs between the columns, the word
//! `null` for an empty value.

use super::wire::Malformed;
use std::io::{BufRead, BufReader, Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// What stands for an empty value.
const EMPTY: &str = "null";
/// The longest line that is read, in bytes.
const LONGEST_LINE: u64 = 16 * 1024;
/// How long what is in a ZIP may be: however small it is packed, no more is unpacked.
const LONGEST_TEXT: u64 = 64 * 1024 * 1024;
/// How many entries a ZIP may have: one is read, and folders are passed over.
const MOST_ENTRIES: usize = 16;
/// What each entry of a ZIP's directory begins with.
const ENTRY: &[u8] = b"PK\x01\x02";

/// Packs rows under the name of their text. The same rows make the same bytes.
pub(super) fn pack<R, C>(name: &str, rows: R) -> Vec<u8>
where
    R: IntoIterator,
    R::Item: IntoIterator<Item = C>,
    C: AsRef<str>,
{
    const TO_MEMORY: &str = "what is written to memory is written";
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).expect(TO_MEMORY);
    let mut line = String::new();
    for row in rows {
        line.clear();
        for (number, cell) in row.into_iter().enumerate() {
            line.push_str(if number == 0 { "" } else { "\t" });
            push(&mut line, cell.as_ref());
        }
        line.push('\n');
        zip.write_all(line.as_bytes()).expect(TO_MEMORY);
    }
    zip.finish().expect(TO_MEMORY).into_inner()
}

/// A value of one line and one column. A mark of the byte order at its beginning would be read as that of the text.
fn push(line: &mut String, cell: &str) {
    let breaks = |it: char| if it.is_control() || it == '\u{feff}' { ' ' } else { it };
    if cell.is_empty() { line.push_str(EMPTY) } else { line.extend(cell.chars().map(breaks)) }
}

/// Reads the rows of a packed table, one after another, each with the number of its line. A mark of the byte order, line
/// ends of either kind and empty lines are passed over.
///
/// # Errors
/// [`Malformed`] about `field`, with the line, where it is no ZIP of one text, is too long, or is not UTF-8; and what `row`
/// says, which ends the reading.
pub(super) fn unpack(
    field: &str,
    packed: &[u8],
    mut row: impl FnMut(usize, &[&str]) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let wrong = |what: String| Malformed::new(field, what);
    let no_zip = || wrong("文件不是 ZIP，或已损坏；应是一个 TXT 的 ZIP".to_owned());
    let one_text = || wrong("ZIP 里应只有一个 TXT 文件".to_owned());
    // Before they are read: each would take memory of its own.
    if packed.windows(ENTRY.len()).filter(|it| *it == ENTRY).take(MOST_ENTRIES + 1).count() > MOST_ENTRIES {
        return Err(one_text());
    }
    let mut archive = ZipArchive::new(Cursor::new(packed)).map_err(|_| no_zip())?;
    let mut texts = Vec::new();
    for number in 0..archive.len() {
        let entry = archive.by_index_raw(number).map_err(|_| no_zip())?;
        // What a Mac adds about a file is no text.
        let of_a_mac = entry.name().is_ok_and(|it| it.starts_with("__MACOSX/"));
        texts.extend((entry.is_file() && !of_a_mac).then_some(number));
    }
    let [text] = texts[..] else { return Err(one_text()) };
    let text = archive.by_index(text).map_err(|_| wrong("ZIP 加密了，或压缩方式不是 deflate".to_owned()))?;
    let mut lines = Lines { text: BufReader::new(text.take(LONGEST_TEXT + 1)), read: 0, line: Vec::new() };
    for number in 1.. {
        let Some(line) = lines.next(number).map_err(&wrong)? else { break };
        if !line.is_empty() {
            let cells: Vec<&str> = line.split('\t').map(value).collect();
            row(number, &cells)?;
        }
    }
    Ok(())
}

fn value(cell: &str) -> &str {
    let cell = cell.trim();
    if cell.eq_ignore_ascii_case(EMPTY) { "" } else { cell }
}

struct Lines<R> {
    text: R,
    read: u64,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// The next line, without its end.
    fn next(&mut self, number: usize) -> Result<Option<&str>, String> {
        self.line.clear();
        let read = (&mut self.text).take(LONGEST_LINE + 1).read_until(b'\n', &mut self.line);
        let read = read.map_err(|_| format!("ZIP 已损坏（第 {number} 行处无法解压）"))? as u64;
        self.read += read;
        if self.read > LONGEST_TEXT {
            return Err(format!("解压后超过 {} MB", LONGEST_TEXT / 1024 / 1024));
        }
        if read > LONGEST_LINE {
            return Err(format!("第 {number} 行超过 {LONGEST_LINE} 字节"));
        }
        let line = std::str::from_utf8(&self.line).map_err(|_| {
            format!("第 {number} 行不是 UTF-8 编码（可能是 GBK 或 GB18030），请转为 UTF-8 后重传")
        })?;
        let line = if number == 1 { line.trim_start_matches('\u{feff}') } else { line };
        Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n'])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(packed: &[u8]) -> Result<Vec<(usize, Vec<String>)>, String> {
        let mut rows = Vec::new();
        let row = |number, cells: &[&str]| {
            rows.push((number, cells.iter().map(|it| (*it).to_owned()).collect()));
            Ok(())
        };
        unpack("file", packed, row).map(|()| rows).map_err(|it| it.what)
    }

    /// A ZIP of these files.
    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            if name.ends_with('/') {
                zip.add_directory(*name, SimpleFileOptions::default()).expect("a folder");
            } else {
                zip.start_file(*name, SimpleFileOptions::default()).expect("a file");
                zip.write_all(content).expect("content");
            }
        }
        zip.finish().expect("a zip").into_inner()
    }

    /// If this fails, a table that we publish is another one when it is read.
    #[test]
    fn what_is_packed_is_unpacked() {
        let rows = [vec!["1", "", "阿莫西林"], vec!["2", "a\tb\nc", "null"]];
        let packed = pack("t.txt", rows);
        assert_eq!(pack("t.txt", [vec!["1", "", "阿莫西林"], vec!["2", "a\tb\nc", "null"]]), packed);
        let row = |number, cells: &[&str]| (number, cells.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(read(&packed), Ok(vec![row(1, &["1", "", "阿莫西林"]), row(2, &["2", "a b c", ""])]));
        assert_eq!(read(&pack("t.txt", [["\u{feff}1"]])), Ok(vec![row(1, &["1"])]));
        assert_eq!(read(&pack("t.txt", Vec::<Vec<&str>>::new())), Ok(Vec::new()));
    }

    /// If this fails, files of software that ends lines or begins texts in its own way are turned away.
    #[test]
    fn texts_are_read_as_they_are_written_in_practice() {
        let rows = vec![(1, vec!["1".to_owned(), String::new()]), (3, vec!["2".to_owned(), "x".to_owned()])];
        for text in ["1\tnull\n\n2\tx\n", "\u{feff}1\tnull\r\n\r\n2\tx", " 1 \tNULL\n\n2\tx\r\n\n"] {
            assert_eq!(
                read(&zip(&[("d/", b""), ("d/t.TXT", text.as_bytes())])),
                Ok(rows.clone()),
                "{text:?}"
            );
        }
    }

    /// If this fails, a file that cannot be read takes the memory of the server, or nobody learns what is wrong with it.
    #[test]
    #[rustfmt::skip]
    fn files_that_are_no_table() {
        let good = pack("t.txt", [["1", "2"]]);
        let mut broken = pack("t.txt", [["1"; 400]]);
        broken[60] ^= 0x55;
        let bomb = zip(&[("t.txt", &[&[b'1'; 8_000][..], b"\n"].concat().repeat(8_500))]);
        assert!(bomb.len() < 1_000_000, "{}", bomb.len());
        let folders: Vec<String> = (0..20).map(|it| format!("{it}/")).collect();
        let many: Vec<(&str, &[u8])> = folders.iter().map(|it| (it.as_str(), b"".as_slice())).chain([("a.txt", b"1".as_slice())]).collect();
        let cases: Vec<(&str, Vec<u8>, &str)> = vec![
            ("nothing",        Vec::new(),                                             "不是 ZIP"),
            ("a text",         b"1\t2\n".to_vec(),                                     "不是 ZIP"),
            ("cut off",        good[..good.len() - 9].to_vec(),                        "不是 ZIP"),
            ("an empty ZIP",   zip(&[]),                                               "只有一个 TXT"),
            ("two texts",      zip(&[("a.txt", b"1"), ("b.txt", b"2")]),               "只有一个 TXT"),
            ("folders alone",  zip(&[("d/", b"")]),                                    "只有一个 TXT"),
            ("many entries",   zip(&many),                                             "只有一个 TXT"),
            ("damaged",        broken,                                                 "已损坏"),
            ("GB18030",        zip(&[("t.txt", b"1\t2\n\xb2\xe2\xca\xd4\t3\n")]),      "第 2 行不是 UTF-8"),
            ("one long line",  zip(&[("t.txt", &[b'1'; 20_000])]),                     "第 1 行超过"),
            ("a bomb",         bomb,                                                   "超过 64 MB"),
        ];
        for (name, packed, says) in cases {
            let said = read(&packed).expect_err(name);
            assert!(said.contains(says), "{name}: {said}");
        }
    }
}
