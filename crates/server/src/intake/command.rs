//! `gongji intake`: takes files in at the operator's console, with a bar, a summary and a report of what was rejected.

use super::Trouble;
use super::kinds::Kind;
use super::report::{Rejected, Report, Summary};
use super::survey::{Controls, Source, Survey};
use super::taking::{Intake, take_in};
use crate::app::App;
use crate::cli::failed;
use crate::institution::CONSOLE;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// What is to be taken in.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// institutions, persons, enrolments, accounts, credits or bindings: docs/intake.md says which columns each has.
    #[arg(value_parser = kind)]
    kind: Kind,
    /// CSV files, in UTF-8 or GB 18030. Beside each lies FILE.control with its control totals, unless they are stated.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How many lines the one file has, beside the first.
    #[arg(long, value_name = "N")]
    rows: Option<u64>,
    /// How much money its lines come to.
    #[arg(long, value_name = "YUAN", requires = "rows")]
    sum: Option<String>,
    /// Do everything but taking in.
    #[arg(long)]
    check: bool,
    /// Ask again about lines that were refused when the same file was taken in before.
    #[arg(long, conflicts_with = "check")]
    again: bool,
    /// Folder for the reports of rejected lines; beside each file, unless it is stated.
    #[arg(long, value_name = "FOLDER")]
    reports: Option<PathBuf>,
    /// Write what came of each file as a line of JSON.
    #[arg(long)]
    json: bool,
}

fn kind(text: &str) -> Result<Kind, String> {
    let words = Kind::ALL.map(Kind::word).join(", ");
    Kind::parse(text).ok_or_else(|| format!("write one of: {words}"))
}

/// What came of a file, and where the report is, if anything was rejected.
#[derive(Serialize)]
struct Done<'a> {
    file: &'a Path,
    #[serde(flatten)]
    summary: Summary,
    report: Option<&'a Path>,
}

/// Takes files in, one after the other; ends at the first that is not taken in to its end.
pub async fn run(app: &App, options: &Options) -> ExitCode {
    if options.rows.is_some() && options.files.len() > 1 {
        return failed(&"--rows and --sum speak of one file: put FILE.control beside each");
    }
    let mut all_taken = true;
    for file in &options.files {
        match one(app, options, file).await {
            Ok(rejected) => all_taken &= rejected == 0,
            Err(trouble) => return failed(&format!("{}: {trouble}", file.display())),
        }
    }
    app.flow.end().await;
    if all_taken { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn one(app: &App, options: &Options, file: &Path) -> Result<u64, Trouble> {
    let kind = options.kind;
    let controls = match options.rows {
        Some(_) => Controls::stated(kind, options.rows, options.sum.as_deref())?,
        None => Controls::beside(file, kind)?,
    };
    let source = Source::File(file.to_owned());
    let looking = bar(controls.rows, "looked at");
    let survey = Survey::of(kind, &source, &|it| looking.set_position(it))?;
    looking.finish_and_clear();
    survey.hold_to(controls)?;
    let intake = Arc::new(Intake {
        kind,
        source,
        survey,
        operator: CONSOLE,
        check: options.check,
        again: options.again,
    });
    let place = place_of_report(options, file)?;
    let mut report: Option<Report<File>> = None;
    let mut hear = |it: Rejected| -> std::io::Result<()> {
        let report = match &mut report {
            Some(report) => report,
            none => none.insert(Report::new(File::create(&place)?)?),
        };
        report.add(&it)
    };
    let taking = bar(intake.survey.rows, if options.check { "checked" } else { "taken in" });
    let counted = take_in(app, Arc::clone(&intake), &mut hear, &|it| taking.set_position(it)).await;
    taking.finish_and_clear();
    let report = report.map(Report::end).transpose()?.map(|()| place.as_path());
    let counted = counted?;
    if report.is_none() && place.exists() {
        // It tells of an earlier attempt, and nothing is rejected any more.
        std::fs::remove_file(&place)?;
    }
    say(&Done { file, report, summary: Summary::of(&intake, counted) }, options.json);
    Ok(counted.rejected)
}

fn place_of_report(options: &Options, file: &Path) -> Result<PathBuf, Trouble> {
    let name = file.file_name().ok_or_else(|| Trouble::Wrong("this is no file".to_owned()))?;
    let name = format!("{}.rejected.csv", name.to_string_lossy());
    let folder = options.reports.as_deref().or(file.parent()).unwrap_or_else(|| Path::new(""));
    Ok(folder.join(name))
}

fn bar(rows: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(rows);
    let template = format!("{{bar:40}} {{pos}}/{{len}} lines {what}, {{per_sec}}, {{eta}} left");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar
}

fn say(done: &Done<'_>, json: bool) {
    if json {
        println!("{}", serde_json::to_string(done).expect("a summary is plain data"));
        return;
    }
    let Summary { rows, taken, before, rejected, sum, check, .. } = &done.summary;
    let sum = sum.as_ref().map_or(String::new(), |it| format!(" of {it} yuan"));
    let would = if *check { "would be " } else { "" };
    println!("{}: {rows} lines{sum}", done.file.display());
    println!("  {taken} {would}taken in, {before} were before, {rejected} {would}rejected");
    if let Some(report) = done.report {
        println!("  why: {}", report.display());
    }
}
