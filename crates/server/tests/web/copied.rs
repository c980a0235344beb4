//! What somebody copies out of a paper: the text of a PDF as our writer writes it, read through its table to Unicode.

use std::collections::BTreeMap;
use std::io::Read as _;

/// Between two marks, everywhere.
fn between<'a>(bytes: &'a [u8], from: &'a [u8], to: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|it| it == what);
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let start = find(rest, from)? + from.len();
        let end = start + find(&rest[start..], to)?;
        let found = &rest[start..end];
        rest = &rest[end..];
        Some(found)
    })
}

/// What the streams hold, unpacked.
fn streams(pdf: &[u8]) -> Vec<Vec<u8>> {
    between(pdf, b"\nstream\n", b"\nendstream").map(unpacked).collect()
}

fn unpacked(stream: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::ZlibDecoder::new(stream).read_to_end(&mut plain).expect("packed by us");
    plain
}

/// What somebody copies out of the file: every string that is shown, through the table of what characters are in Unicode.
pub(crate) fn copied(pdf: &[u8]) -> String {
    let streams = streams(pdf);
    let map = streams.iter().map(|it| String::from_utf8_lossy(it)).find(|it| it.contains("beginbfchar"));
    let map = map.expect("a table to Unicode").into_owned();
    let mut unicode = BTreeMap::new();
    let listed = map.split("beginbfchar").skip(1).filter_map(|it| it.split("endbfchar").next());
    for line in listed.flat_map(str::lines).filter(|it| !it.is_empty()) {
        let mut numbers = line.split(['<', '>', ' ']).filter(|it| !it.is_empty());
        let id = numbers.next().and_then(|it| u16::from_str_radix(it, 16).ok()).expect("a number");
        let units = numbers.next().expect("a character").as_bytes().chunks(4);
        let units = units.map(|it| u16::from_str_radix(std::str::from_utf8(it).expect("digits"), 16));
        unicode.insert(id, String::from_utf16(&units.map(|it| it.expect("digits")).collect::<Vec<_>>()));
    }
    let mut text = String::new();
    for page in streams.iter().filter(|it| it.windows(4).any(|it| it == b"BDC\n")) {
        for shown in strings(page) {
            for id in shown.chunks(2).map(|it| u16::from_be_bytes([it[0], it[1]])) {
                text.push_str(unicode[&id].as_ref().expect("Unicode"));
            }
            text.push('\n');
        }
    }
    text
}

/// The strings of a page, in either of the two ways to write them.
fn strings(page: &[u8]) -> Vec<Vec<u8>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < page.len() {
        match page[at] {
            b'(' => {
                let (bytes, end) = literal(page, at + 1);
                found.push(bytes);
                at = end;
            }
            b'<' if page[at + 1] != b'<' && page[at - 1] != b'<' => {
                let end = at + page[at..].iter().position(|it| *it == b'>').expect("an end");
                let digits = std::str::from_utf8(&page[at + 1..end]).expect("digits");
                let byte = |from: usize| u8::from_str_radix(&digits[from..from + 2], 16).expect("digits");
                found.push((0..digits.len()).step_by(2).map(byte).collect());
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// A string in brackets, and where it ends: brackets in it are in pairs or marked, and what is no letter is a number.
fn literal(page: &[u8], from: usize) -> (Vec<u8>, usize) {
    let (mut bytes, mut at, mut depth) = (Vec::new(), from, 0_u32);
    loop {
        match page[at] {
            b')' if depth == 0 => return (bytes, at),
            b'\\' if page[at + 1].is_ascii_digit() => {
                let digits = std::str::from_utf8(&page[at + 1..at + 4]).expect("digits");
                bytes.push(u8::from_str_radix(digits, 8).expect("three digits"));
                at += 3;
            }
            b'\\' => {
                at += 1;
                bytes.push(match page[at] {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'f' => 12,
                    other => other,
                });
            }
            other => {
                match other {
                    b'(' => depth += 1,
                    b')' => depth -= 1,
                    _ => {}
                }
                bytes.push(other);
            }
        }
        at += 1;
    }
}
