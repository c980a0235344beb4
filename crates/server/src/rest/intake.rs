//! Files sent to be taken in while the books are served: as the console takes them, and under the same keys.

use super::call::{Answer, Answered, Call};
use super::problem::Problem;
use crate::intake::Trouble;
use crate::intake::kinds::Kind;
use crate::intake::report::{Rejected, Summary};
use crate::intake::survey::{Controls, Source, Survey};
use crate::intake::taking::{Intake, take_in};
use domain::ids::Area;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// How many rejected lines an answer holds; the console's report holds all.
const SHOWN_MOST: usize = 1_000;

/// A CSV file, in UTF-8 or GB 18030.
#[derive(Debug, Clone, ToSchema)]
#[schema(value_type = String, example = "psn_no,amount\n320300198503120115,120.40\n")]
#[allow(dead_code, reason = "it is sent as it is; this says so in the documentation")]
pub(crate) struct CsvFile(String);

/// What came of a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct IntakeView {
    #[serde(flatten)]
    summary: Summary,
    /// Lines that were not taken in, the first thousand of them.
    rejected_lines: Vec<Rejected>,
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Problem {
        match trouble {
            Trouble::Wrong(what) => Problem::malformed("body", what),
            Trouble::Busy => Problem::busy(),
        }
    }
}

fn flag(call: &Call, name: &str) -> Result<bool, Problem> {
    match call.query.get(name).map(String::as_str) {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(Problem::malformed(name, "Write 1 or 0.")),
    }
}

/// `POST /intake/{kind}`.
pub(crate) async fn send(call: Call) -> Answered {
    let words = Kind::ALL.map(Kind::word).join(", ");
    let kind = Kind::parse(&call.text("kind"));
    let kind = kind.ok_or_else(|| Problem::malformed("kind", format!("Known here: {words}.")))?;
    if call.token.area != Area::NATION {
        return Err(Problem::forbidden("Files are taken in with an operator's token of the whole country."));
    }
    let rows = call.query.get("rows").map(|it| it.parse());
    let rows = rows.transpose().map_err(|_| Problem::malformed("rows", "Write a number."))?;
    let (check, again) = (flag(&call, "check")?, flag(&call, "again")?);
    let controls = Controls::stated(kind, rows, call.query.get("sum").map(String::as_str))?;
    let source = Source::Sent(call.bytes.clone());
    let looking = tokio::task::spawn_blocking(move || {
        let survey = Survey::of(kind, &source, &|_| ())?;
        survey.hold_to(controls)?;
        Ok::<_, Trouble>(Intake { kind, source, survey, operator: call.token.no, check, again })
    });
    let intake = Arc::new(looking.await.map_err(|_| Problem::busy())??);
    let mut rejected_lines = Vec::new();
    let mut hear = |it: Rejected| -> std::io::Result<()> {
        if rejected_lines.len() < SHOWN_MOST {
            rejected_lines.push(it);
        }
        Ok(())
    };
    let counted = take_in(&call.app, Arc::clone(&intake), &mut hear, &|_| ()).await?;
    Ok(Answer::ok(&IntakeView { summary: Summary::of(&intake, counted), rejected_lines }))
}
