//! What is said about a file that was taken in: how much, and which lines were not, without a word about anybody.

use super::rows::Wrong;
use super::survey::yuan;
use super::taking::{Counted, Intake};
use serde::Serialize;
use std::io::{Result, Write};
use utoipa::ToSchema;

/// A line that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Rejected {
    /// The number of the line in the file; the first one, with the names of the columns, is 1.
    #[schema(example = 12)]
    pub line: u64,
    /// The column that is wrong; empty where it is the line, or what it asks for.
    #[schema(example = "id_number")]
    pub column: String,
    /// Code of the reason, or of several with a blank between.
    #[schema(example = "ID_NUMBER")]
    pub code: String,
    /// The reason in Chinese.
    #[schema(example = "身份证号码的校验码或出生日期不对")]
    pub reason: String,
}

impl Rejected {
    /// A line that cannot be read.
    pub fn of(line: u64, (column, mistake): Wrong) -> Rejected {
        let (code, reason) = (mistake.code().to_owned(), mistake.zh().into_owned());
        Rejected { line, column: column.to_owned(), code, reason }
    }

    /// A line that was refused, with reasons as answers write them.
    pub(super) fn refused(line: u64, said: &[u8]) -> Rejected {
        let said = String::from_utf8_lossy(said).into_owned();
        let parts: Vec<Vec<&str>> = said.lines().map(|it| it.split('\t').collect()).collect();
        let all = |part: usize, between: &str| {
            let some = parts.iter().filter_map(|it| it.get(part).copied()).filter(|it| !it.is_empty());
            some.collect::<Vec<_>>().join(between)
        };
        Rejected { line, column: all(1, " "), code: all(0, " "), reason: all(2, "；") }
    }
}

/// Writes rejected lines as CSV, the first line when there is something to say.
pub struct Report<W: Write> {
    to: csv::Writer<W>,
}

impl<W: Write> Report<W> {
    /// A report with its first line.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn new(to: W) -> Result<Report<W>> {
        let mut to = csv::Writer::from_writer(to);
        to.write_record(["line", "column", "code", "reason"])?;
        Ok(Report { to })
    }

    /// Adds a line.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn add(&mut self, it: &Rejected) -> Result<()> {
        Ok(self.to.write_record([&it.line.to_string(), &it.column, &it.code, &it.reason])?)
    }

    /// Everything is written.
    ///
    /// # Errors
    /// Where it cannot be.
    pub fn end(mut self) -> Result<()> {
        self.to.flush()
    }
}

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Summary {
    /// What it is about.
    #[schema(example = "credits")]
    pub kind: String,
    /// Whether it was looked at only.
    pub check: bool,
    /// How many lines there are beside the first.
    pub rows: u64,
    /// The money of all lines, in yuan, where they hold money.
    #[schema(example = "1234.50")]
    pub sum: Option<String>,
    /// Lines taken in now; or that would be.
    pub taken: u64,
    /// Lines that had been taken in before.
    pub before: u64,
    /// Lines that were not taken in.
    pub rejected: u64,
}

impl Summary {
    /// What came of a file.
    pub fn of(intake: &Intake, counted: Counted) -> Summary {
        Summary {
            kind: intake.kind.word().to_owned(),
            check: intake.check,
            rows: intake.survey.rows,
            sum: intake.kind.is_money().then(|| yuan(intake.survey.fen)),
            taken: counted.taken,
            before: counted.before,
            rejected: counted.rejected,
        }
    }
}
