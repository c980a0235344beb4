//! The first look at a file: how it is written, how many lines and how much money it holds, what stands in it more than
//! once; and whether that is what it was said to hold.

use super::Trouble;
use super::kinds::Kind;
use super::lines::{Encoding, Lines, Values};
use super::rows::{Entry, Header};
use domain::ids::Digest;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

/// After how many lines somebody is told how far it is.
const TOLD_EVERY: u64 = 4_096;

/// Where lines come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// What was sent.
    Sent(axum::body::Bytes),
}

impl Source {
    /// From its beginning.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Source::File(path) => Box::new(File::open(path)?),
            Source::Sent(bytes) => Box::new(Cursor::new(bytes.clone())),
        })
    }
}

/// What a file was said to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Controls {
    /// How many lines beside the first.
    pub rows: u64,
    /// How many fen, where they hold money.
    pub fen: Option<i128>,
}

/// A file of control totals.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    rows: u64,
    sum: Option<String>,
}

impl Controls {
    /// The file of control totals beside a file: the same name and `.control`.
    ///
    /// # Errors
    /// In words why there is none, or what is wrong with it.
    pub fn beside(file: &Path, kind: Kind) -> Result<Controls, Trouble> {
        let path = PathBuf::from(format!("{}.control", file.display()));
        let missing = |it| {
            Trouble::Wrong(format!(
                "{}: {it}; state --rows, and --sum for money, or write such a file",
                path.display()
            ))
        };
        let text = std::fs::read_to_string(&path).map_err(missing)?;
        let written = toml::from_str(&text).map_err(|it: toml::de::Error| it.message().to_owned());
        let written: Written = written.map_err(|it| Trouble::Wrong(format!("{}: {it}", path.display())))?;
        Controls::stated(kind, Some(written.rows), written.sum.as_deref())
    }

    /// Control totals as they are stated: the sum in yuan, for kinds that hold money and for no others.
    ///
    /// # Errors
    /// In words what is missing or wrong.
    pub fn stated(kind: Kind, rows: Option<u64>, sum: Option<&str>) -> Result<Controls, Trouble> {
        let rows = rows.ok_or_else(|| Trouble::Wrong("state how many lines there are: `rows`".to_owned()))?;
        let wrong = || Trouble::Wrong("write `sum` in yuan with two decimals, like 1234.50".to_owned());
        let fen = match (kind.is_money(), sum) {
            (true, Some(sum)) => Some(fen(sum).ok_or_else(wrong)?),
            (true, None) => return Err(Trouble::Wrong("state how much money there is: `sum`".to_owned())),
            (false, Some(_)) => {
                return Err(Trouble::Wrong(format!("{} hold no money: no `sum`", kind.word())));
            }
            (false, None) => None,
        };
        Ok(Controls { rows, fen })
    }
}

/// Fen of an amount in yuan with two decimals, however large.
fn fen(text: &str) -> Option<i128> {
    let (yuan, cents) = text.split_once('.')?;
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    (digits(yuan) && digits(cents) && cents.len() == 2).then_some(())?;
    format!("{yuan}{cents}").parse().ok()
}

/// An amount in yuan with two decimals, however large.
pub fn yuan(fen: i128) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// What a file holds.
#[derive(Debug)]
pub struct Survey {
    /// How its text is written.
    pub encoding: Encoding,
    /// Its columns.
    pub header: Header,
    /// What its lines say.
    pub digest: Digest,
    /// How many lines there are beside the first.
    pub rows: u64,
    /// How many of them cannot be read.
    pub unread: u64,
    /// The money of those that can, in fen.
    pub fen: i128,
    /// Marks that stand in it more than once.
    pub repeated: BTreeSet<u64>,
    /// Marks of people who have a guardian, in order.
    pub wards: Vec<u64>,
    /// Marks of all people that it takes in, in order.
    pub people: Vec<u64>,
}

impl Survey {
    /// Looks at a file; `progress` is told how many lines were looked at. Of each line, at most sixteen bytes are kept.
    ///
    /// # Errors
    /// Where it cannot be read, or its first line is wrong.
    pub fn of(kind: Kind, source: &Source, progress: &dyn Fn(u64)) -> Result<Survey, Trouble> {
        let encoding = Encoding::of(source.open()?)?;
        let (mut lines, mut values) = (Lines::new(source.open()?, encoding), Values::default());
        let header = header(kind, &mut lines, &mut values)?;
        let (mut rows, mut unread, mut fen) = (0, 0, 0);
        let (mut marks, mut wards) = (Vec::new(), Vec::new());
        while let Some((_, line)) = lines.next(&mut values)? {
            rows += 1;
            if rows % TOLD_EVERY == 0 {
                progress(rows);
            }
            let Ok(Ok(entry)) = line.map(|()| Entry::read(&header, &values)) else {
                unread += 1;
                continue;
            };
            fen += i128::from(entry.fen());
            let found = entry.marks(kind);
            if entry.guardian().is_some() {
                wards.extend(&found);
            }
            marks.extend(found);
        }
        marks.sort_unstable();
        wards.sort_unstable();
        let twice = marks.windows(2).filter(|it| it[0] == it[1]).map(|it| it[0]);
        let repeated = twice.collect();
        let people = if kind == Kind::Persons { marks } else { Vec::new() };
        let digest = lines.digest();
        Ok(Survey { encoding, header, digest, rows, unread, fen, repeated, wards, people })
    }

    /// Holds what was found to what was said.
    ///
    /// # Errors
    /// In words what differs.
    pub fn hold_to(&self, said: Controls) -> Result<(), Trouble> {
        let unread = match self.unread {
            0 => String::new(),
            some => format!("; {some} of them cannot be read and bring no money"),
        };
        if self.rows != said.rows {
            let (there, said) = (self.rows, said.rows);
            return Err(Trouble::Wrong(format!(
                "there are {there} lines, and were to be {said}: nothing is taken in"
            )));
        }
        match said.fen {
            Some(fen) if fen != self.fen => Err(Trouble::Wrong(format!(
                "the lines come to {} yuan, and were to come to {}: nothing is taken in{unread}",
                yuan(self.fen),
                yuan(fen)
            ))),
            Some(_) | None => Ok(()),
        }
    }
}

/// The first line, which names the columns.
///
/// # Errors
/// Where there is none, or it is wrong.
pub fn header<R: Read>(kind: Kind, lines: &mut Lines<R>, values: &mut Values) -> Result<Header, Trouble> {
    let first = lines.next(values)?.ok_or_else(|| Trouble::Wrong("there is nothing in it".to_owned()))?;
    first.1.map_err(|it| Trouble::Wrong(format!("the first line: {}", it.en())))?;
    Header::read(kind, values).map_err(|it| Trouble::Wrong(format!("the first line: {it}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey(kind: Kind, text: &str) -> Result<Survey, Trouble> {
        Survey::of(kind, &Source::Sent(text.to_owned().into()), &|_| ())
    }

    /// If this fails, a column that is misspelt is left out silently, or another one is read in its place.
    #[test]
    fn the_first_line_names_every_column() {
        let wrong = [
            (Kind::Credits, "", "nothing in it"),
            (Kind::Credits, "psn_no\n", "`amount` is missing"),
            (Kind::Credits, "amount\n", "`psn_no` or `id_number` is missing"),
            (Kind::Credits, "amount,psn_no,id_number\n", "only one can be there"),
            (Kind::Credits, "amount,psn_no,amount\n", "`amount` stands there twice"),
            (Kind::Credits, "amount,psn_no,Amount\n", "column 3: known here are psn_no, id_number, amount"),
            (Kind::Credits, "\"amount,psn_no\n", "Quotation marks"),
            (
                Kind::Bindings,
                "giver_psn_no,relation,since\n",
                "`beneficiary_psn_no` or `beneficiary_id_number`",
            ),
        ];
        for (kind, text, said) in wrong {
            let trouble = survey(kind, text).expect_err("wrong").to_string();
            assert!(trouble.contains(said), "{text}: {trouble}");
        }
        assert_eq!(survey(Kind::Credits, "amount , id_number\n").expect("right").rows, 0);
    }

    /// If this fails, a file that was cut short, or holds other money than was sent, is taken in.
    #[test]
    fn a_file_is_held_to_its_control_totals() {
        let text = "psn_no,amount\n1,0.10\n2,0.20\n\n3,99999999999.99\n4,1\n";
        let found = survey(Kind::Credits, text).expect("right");
        assert_eq!((found.rows, found.unread, yuan(found.fen).as_str()), (4, 1, "100000000000.29"));
        for (rows, sum, right) in [
            (4, "100000000000.29", true),
            (3, "100000000000.29", false),
            (5, "100000000000.29", false),
            (4, "100000000000.28", false),
            (4, "0.00", false),
        ] {
            let said = Controls::stated(Kind::Credits, Some(rows), Some(sum)).expect("stated");
            assert_eq!(found.hold_to(said).is_ok(), right, "{rows} {sum}");
        }
        for (kind, rows, sum) in [
            (Kind::Credits, None, Some("1.00")),
            (Kind::Credits, Some(1), None),
            (Kind::Credits, Some(1), Some("1")),
            (Kind::Credits, Some(1), Some("-1.00")),
            (Kind::Credits, Some(1), Some("1.000")),
            (Kind::Persons, Some(1), Some("1.00")),
        ] {
            Controls::stated(kind, rows, sum).expect_err("not stated");
        }
    }

    /// If this fails, control totals in a file of their own are read otherwise than stated ones.
    #[test]
    fn control_totals_may_lie_beside_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("credits.csv");
        Controls::beside(&file, Kind::Credits).expect_err("there is none");
        let cases = [
            ("rows = 2\nsum = \"3.50\"\n", Kind::Credits, Some(Controls { rows: 2, fen: Some(350) })),
            ("rows = 2\n", Kind::Persons, Some(Controls { rows: 2, fen: None })),
            ("rows = 2\nsum = 3.5\n", Kind::Credits, None),
            ("rows = -2\n", Kind::Persons, None),
            ("rows = 2\nlines = 3\n", Kind::Persons, None),
        ];
        for (text, kind, expected) in cases {
            std::fs::write(folder.path().join("credits.csv.control"), text).expect("writes");
            assert_eq!(Controls::beside(&file, kind).ok(), expected, "{text}");
        }
    }
}
