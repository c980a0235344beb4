//! Lines of a file, one at a time, whatever is in it: UTF-8 or GB 18030, never more of a line in memory than a right one
//! has, split into values.

use crate::mistake::Mistake;
use csv_core::{ReadRecordResult, Reader};
use domain::ids::Digest;
use encoding_rs::GB18030;
use sm3::{Digest as _, Sm3};
use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read, Result};

/// The most bytes of a line.
const LINE_MOST: usize = 64 << 10;
/// The most columns of a line that are looked at.
const COLUMNS_MOST: usize = 64;
/// How much of a file is read at once.
const PIECE: usize = 256 << 10;
/// What may stand before the first line of a file in UTF-8.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// How the text of a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// GB 18030, and so GBK and GB 2312.
    Gb18030,
}

impl Encoding {
    /// The encoding of a file: UTF-8 where most of what is not ASCII is UTF-8, else GB 18030. A few broken bytes make no
    /// other file of it: read in the other encoding, every name would be another.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn of(mut file: impl Read) -> Result<Encoding> {
        let mut piece = vec![0; PIECE];
        let (mut kept, mut right, mut wrong) = (0, 0_u64, 0_u64);
        loop {
            let read = file.read(&mut piece[kept..])?;
            let end = kept + read;
            // A character that the piece cuts is looked at together with the next piece.
            let cut = if read == 0 { end } else { end - begun(&piece[..end]) };
            for part in piece[..cut].utf8_chunks() {
                right += part.valid().chars().filter(|it| !it.is_ascii()).count() as u64;
                wrong += u64::from(!part.invalid().is_empty());
            }
            if read == 0 {
                return Ok(if right >= wrong { Encoding::Utf8 } else { Encoding::Gb18030 });
            }
            piece.copy_within(cut..end, 0);
            kept = end - cut;
        }
    }

    fn decode(self, line: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Encoding::Utf8 => std::str::from_utf8(line).ok().map(Cow::Borrowed),
            Encoding::Gb18030 => GB18030.decode_without_bom_handling_and_without_replacement(line),
        }
    }
}

/// How many bytes at the end begin a character of UTF-8 that needs more of them.
fn begun(bytes: &[u8]) -> usize {
    let needs = |first: u8| match first {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => 1,
    };
    let tail = bytes.iter().rev().take(3);
    let first = (1..).zip(tail).find(|(_, it)| **it & 0xC0 != 0x80);
    first.filter(|(count, it)| needs(**it) > *count).map_or(0, |(count, _)| count)
}

/// The values of a line.
#[derive(Debug, Default)]
pub struct Values {
    text: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

impl Values {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The value of a column, without blanks around it.
    pub fn get(&self, column: usize) -> &str {
        let start = if column == 0 { 0 } else { self.ends.get(column - 1).copied().unwrap_or(0) };
        let end = self.ends.get(column).copied().filter(|_| column < self.count).unwrap_or(start);
        // Only whole texts are put in, and cut at commas and quotation marks.
        std::str::from_utf8(self.text.get(start..end).unwrap_or_default()).unwrap_or_default().trim()
    }
}

/// Reads lines. Blank ones are passed over.
pub struct Lines<R> {
    from: BufReader<R>,
    encoding: Encoding,
    number: u64,
    line: Vec<u8>,
    parser: Reader,
    digest: Sm3,
}

impl<R: Read> Lines<R> {
    /// The lines of a file.
    pub fn new(file: R, encoding: Encoding) -> Lines<R> {
        let from = BufReader::with_capacity(PIECE, file);
        Lines { from, encoding, number: 0, line: Vec::new(), parser: Reader::new(), digest: Sm3::new() }
    }

    /// The next line: its number, from 1, and whether `values` holds it or what is wrong with it. `None` at the end.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn next(&mut self, values: &mut Values) -> Result<Option<(u64, std::result::Result<(), Mistake>)>> {
        loop {
            let Some(whole) = self.read()? else { return Ok(None) };
            self.number += 1;
            if self.line.iter().all(u8::is_ascii_whitespace) && whole {
                continue;
            }
            let split = if whole { self.split(values) } else { Err(Mistake::LineTooLong) };
            if split.is_err() {
                self.digest.update(&self.line);
            }
            self.digest.update(b"\n");
            return Ok(Some((self.number, split)));
        }
    }

    /// What the lines so far say, whatever their encoding and whatever stands at their ends.
    pub fn digest(&self) -> Digest {
        Digest(self.digest.clone().finalize().into())
    }

    /// Reads a line; whether all of it is there. Of one that is too long, only the beginning is kept.
    fn read(&mut self) -> Result<Option<bool>> {
        self.line.clear();
        let mut long: u64 = 0;
        loop {
            let piece = self.from.fill_buf()?;
            if piece.is_empty() && long == 0 {
                return Ok(None);
            }
            let end = piece.iter().position(|it| *it == b'\n');
            let part = &piece[..end.unwrap_or(piece.len())];
            let room = (LINE_MOST + 1).saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            let (used, last) = (part.len() + usize::from(end.is_some()), end.is_some() || piece.is_empty());
            long += used as u64;
            self.from.consume(used);
            if last {
                break;
            }
        }
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        if self.number == 0 && self.line.starts_with(BOM) {
            self.line.drain(..BOM.len());
        }
        Ok(Some(self.line.len() <= LINE_MOST))
    }

    fn split(&mut self, values: &mut Values) -> std::result::Result<(), Mistake> {
        let text = self.encoding.decode(&self.line).ok_or(Mistake::NoText)?;
        if !has_paired_quotes(&text) {
            return Err(Mistake::Quotes);
        }
        values.text.resize(text.len() + 1, 0);
        values.ends.resize(COLUMNS_MOST, 0);
        self.parser.reset();
        let (result, read, _, ends) =
            self.parser.read_record(text.as_bytes(), &mut values.text, &mut values.ends);
        // Without another byte, the parser cannot know that the line is over.
        let (result, _, _, last) = if result == ReadRecordResult::InputEmpty && read == text.len() {
            self.parser.read_record(b"", &mut [], &mut values.ends[ends..])
        } else {
            (result, 0, 0, 0)
        };
        values.count = ends + last;
        if result != ReadRecordResult::Record {
            return Err(Mistake::ColumnCount);
        }
        self.digest.update(text.as_bytes());
        Ok(())
    }
}

/// Whether quotation marks stand around whole values only, and those within are doubled.
fn has_paired_quotes(text: &str) -> bool {
    let (mut quoted, mut at_start) = (false, true);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quoted, letter) {
            (false, '"') if !at_start => return false,
            (false, '"') => quoted = true,
            (true, '"') if letters.peek() == Some(&'"') => {
                letters.next();
            }
            (true, '"') => {
                quoted = false;
                if letters.peek().is_some_and(|it| *it != ',') {
                    return false;
                }
            }
            _ => {}
        }
        at_start = !quoted && letter == ',';
    }
    !quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (u64, std::result::Result<Vec<String>, Mistake>);

    fn read(bytes: &[u8]) -> Vec<Read> {
        let mut lines = Lines::new(bytes, Encoding::of(bytes).expect("reads"));
        let (mut values, mut all) = (Values::default(), Vec::new());
        while let Some((number, came)) = lines.next(&mut values).expect("reads") {
            let said = came.map(|()| (0..values.count()).map(|it| values.get(it).to_owned()).collect());
            all.push((number, said));
        }
        all
    }

    fn said(number: u64, values: &[&str]) -> Read {
        (number, Ok(values.iter().map(|it| (*it).to_owned()).collect()))
    }

    /// If this fails, values slip into other columns, or one bad line spoils those after it.
    #[test]
    fn lines_are_split_whatever_is_in_them() {
        let cases: &[(&str, Vec<Read>)] = &[
            ("", vec![]),
            ("\n\r\n  \n", vec![]),
            ("a,b", vec![said(1, &["a", "b"])]),
            ("\u{feff}a , b\r\n\r\n1,\n", vec![said(1, &["a", "b"]), said(3, &["1", ""])]),
            ("\"x,\"\"y\"\"\",z\n", vec![said(1, &["x,\"y\"", "z"])]),
            ("\"x\na,b\n", vec![(1, Err(Mistake::Quotes)), said(2, &["a", "b"])]),
            (
                "a\"b,c\n\"a\"b,c\n,\n",
                vec![(1, Err(Mistake::Quotes)), (2, Err(Mistake::Quotes)), said(3, &["", ""])],
            ),
            ("\"\",\"\"\n", vec![said(1, &["", ""])]),
            ("\"李\",明\n", vec![said(1, &["李", "明"])]),
        ];
        for (text, expected) in cases {
            assert_eq!(&read(text.as_bytes()), expected, "{text:?}");
        }
        let many = format!("{}\n1\n", ",".repeat(COLUMNS_MOST));
        assert_eq!(read(many.as_bytes()), vec![(1, Err(Mistake::ColumnCount)), said(2, &["1"])]);
    }

    /// If this fails, a line without an end fills the memory, or hides the lines after it.
    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let exact = "x".repeat(LINE_MOST);
        let long = "x".repeat(3 * PIECE);
        let text = format!("{exact}\n{exact}y\n{long}\nb\n{long}");
        let expected = vec![
            said(1, &[&exact]),
            (2, Err(Mistake::LineTooLong)),
            (3, Err(Mistake::LineTooLong)),
            said(4, &["b"]),
        ];
        let all = read(text.as_bytes());
        assert_eq!(all[..4], expected);
        assert_eq!(all[4], (5, Err(Mistake::LineTooLong)));
    }

    /// If this fails, a file of a bureau's older system is not read, or is taken for another file than the same in UTF-8.
    #[test]
    fn the_same_lines_in_either_encoding_are_the_same_file() {
        let text = "name,area\n李小明,320300\n";
        let (other, _, wrong) = GB18030.encode(text);
        assert!(!wrong && other != text.as_bytes());
        assert_eq!(read(&other), read(text.as_bytes()));
        let digest = |bytes: &[u8]| {
            let mut lines = Lines::new(bytes, Encoding::of(bytes).expect("reads"));
            while lines.next(&mut Values::default()).expect("reads").is_some() {}
            lines.digest()
        };
        let marked = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        assert_eq!(digest(&other), digest(text.as_bytes()));
        assert_eq!(digest(marked.as_bytes()), digest(text.as_bytes()));
        assert_ne!(digest(b"a\nb\n"), digest(b"a\nc\n"));
        let broken = [text.as_bytes(), b"\xff\xff,1\n"].concat();
        assert_eq!(Encoding::of(broken.as_slice()).expect("reads"), Encoding::Utf8);
        assert_eq!(read(&broken).last(), Some(&(3, Err(Mistake::NoText))));
    }

    /// If this fails, a character that two pieces share makes a file in UTF-8 look like another encoding.
    #[test]
    fn a_character_may_lie_across_two_pieces() {
        for shift in 0..4 {
            let text = format!("{}{}", "x".repeat(shift), "李".repeat(PIECE));
            assert_eq!(Encoding::of(text.as_bytes()).expect("reads"), Encoding::Utf8, "{shift}");
            let (other, ..) = GB18030.encode(&text);
            assert_eq!(Encoding::of(other.as_ref()).expect("reads"), Encoding::Gb18030, "{shift}");
        }
    }
}
