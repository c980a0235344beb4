//! The door of files of a bureau and of the law.

use super::{BENCH, LAW, tells_no_id_number};
use crate::intake::kinds::Kind;
use crate::intake::lines::{Encoding, Lines, Values};
use crate::intake::rows::Entry;
use crate::intake::survey::{Source, Survey, header};
use domain::book::Book;
use domain::catalogue::Catalogue;
use domain::chain::{decode, encode};
use domain::law;
use domain::request::Body;
use encoding_rs::GB18030;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The files of a small catalogue, in the order of their names.
static CATALOGUE: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let files = LAW.files.iter().filter(|(path, _)| path.starts_with("catalogue/"));
    files.map(|(path, text)| (path.clone(), text.clone())).collect()
});

/// The first byte chooses what the rest is: `a` to `f` a file of a kind, `g` a policy, `h` a stored law book, and what
/// follows the files of a catalogue, in the order of their names.
///
/// # Panics
/// Where something does not hold that has to.
pub fn intake_file(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else { return };
    let kinds = Kind::ALL.len();
    let choice = usize::from(choice.wrapping_sub(b'a')) % (kinds + 2 + CATALOGUE.len());
    match choice.checked_sub(kinds) {
        None => file(Kind::ALL[choice], rest),
        Some(0) => policy(rest),
        Some(1) => drop(Book::from_bytes(rest).map(|it| it.read().is_ok())),
        Some(of) => catalogue(of - 2, rest),
    }
}

fn file(kind: Kind, bytes: &[u8]) {
    let source = Source::Sent(bytes.to_vec().into());
    match Survey::of(kind, &source, &|_| ()) {
        Err(trouble) => tells_no_id_number(&trouble.to_string(), bytes),
        Ok(survey) => {
            let (entries, unread) = entries(kind, bytes, survey.encoding);
            assert_eq!(
                (entries.len() as u64 + unread, unread),
                (survey.rows, survey.unread),
                "the two passes"
            );
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        same_in_both_encodings(text);
    }
}

/// What the lines ask for, as the second pass reads them, and how many cannot be read.
fn entries(kind: Kind, bytes: &[u8], encoding: Encoding) -> (Vec<Body>, u64) {
    let (mut lines, mut values) = (Lines::new(bytes, encoding), Values::default());
    let header = header(kind, &mut lines, &mut values).expect("the first pass has read it");
    let (mut asked, mut unread) = (Vec::new(), 0);
    while let Some((_, line)) = lines.next(&mut values).expect("memory can be read") {
        match line.map(|()| Entry::read(&header, &values)) {
            Ok(Ok(entry)) => {
                let (body, _) = entry.asked(&BENCH.app.vault);
                assert_eq!(decode::<Body>(&encode(&body)).as_ref(), Ok(&body), "a request that is kept");
                asked.push(body);
            }
            Ok(Err(_)) | Err(_) => unread += 1,
        }
    }
    (asked, unread)
}

/// A file says the same in GB 18030, line by line. Some letters for private use are not in it.
fn same_in_both_encodings(text: &str) {
    let text = text.replace('\u{feff}', "");
    let (other, ..) = GB18030.encode(&text);
    if GB18030.decode_without_bom_handling(&other).0 != text {
        return;
    }
    let lines = |bytes, encoding| {
        let (mut lines, mut values, mut all) = (Lines::new(bytes, encoding), Values::default(), Vec::new());
        while let Some((number, line)) = lines.next(&mut values).expect("memory can be read") {
            let read = |()| (0..values.count()).map(|it| values.get(it).to_owned()).collect::<Vec<_>>();
            all.push((number, line.map(read)));
        }
        all
    };
    assert_eq!(lines(text.as_bytes(), Encoding::Utf8), lines(&other, Encoding::Gb18030));
}

/// One file alone lacks most of what a law has to say; what is wrong with it is said by line.
fn policy(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let files = [("policies/fuzz.toml".to_owned(), text.to_owned())].into();
    let lines = text.lines().count() + 1;
    for problem in law::read(&files).err().unwrap_or_default() {
        assert!(problem.line <= lines, "{problem}: there are {lines} lines");
    }
}

fn catalogue(which: usize, bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut files: BTreeMap<String, String> = CATALOGUE.iter().cloned().collect();
    files.insert(CATALOGUE[which].0.clone(), text.to_owned());
    if let Ok(catalogue) = Catalogue::parse(&files) {
        for (code, _) in catalogue.drugs() {
            assert!(catalogue.drug_name(code).is_some());
        }
    }
}
