//! `gongji statistics`: person-times and amounts at the console; and all of them counted anew from the books.

use super::counting::Counter;
use super::{counted_to, of_month};
use crate::app::App;
use crate::cli::failed;
use clap::Args;
use domain::day::Month;
use domain::ids::Area;
use domain::statistics::{By, Line, Statistics};
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use store::Fault;

/// Which statistics are said.
#[derive(Debug, Args)]
pub struct Options {
    /// The first month, like 2025-01.
    #[arg(long, value_parser = month)]
    from: Month,
    /// The last month, like 2025-08.
    #[arg(long, value_parser = month)]
    to: Month,
    /// Whose area a settlement is counted in: giver, beneficiary or place.
    #[arg(long, default_value = "giver", value_parser = by)]
    by: By,
    /// The region that is counted; 000000 is the whole country.
    #[arg(long, default_value = "000000", value_parser = region)]
    area: Area,
    /// Throw away what was counted, count everything anew from the books, and say whether these months differ.
    #[arg(long)]
    recount: bool,
}

fn month(text: &str) -> Result<Month, String> {
    let month = Month::parse(text).filter(|it| it.first().year() >= 2000);
    month.ok_or_else(|| "write a month like 2025-06".to_owned())
}

fn by(text: &str) -> Result<By, String> {
    By::parse(text).ok_or_else(|| "write giver, beneficiary or place".to_owned())
}

fn region(text: &str) -> Result<Area, String> {
    Area::parse(text).ok_or_else(|| "write six digits, like 320300".to_owned())
}

/// Says statistics; what is not counted yet is counted first.
pub async fn run(app: &App, options: &Options) -> ExitCode {
    match said(app, options).await {
        Ok((text, is_sound)) => {
            print!("{text}");
            if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(fault) => failed(&fault),
    }
}

async fn said(app: &App, options: &Options) -> Result<(String, bool), Fault> {
    let mut counter = Counter::new(Arc::clone(&app.store), Arc::clone(&app.desk), app.clock.clone());
    counter.step().await?;
    let mut months = counted(app, options).await?;
    let mut verdict = None;
    if options.recount {
        if !counter.recount().await? {
            return Ok(("Another process is counting just now: try again.\n".to_owned(), false));
        }
        let before = std::mem::replace(&mut months, counted(app, options).await?);
        verdict = Some(before == months);
    }
    let mut text = written(options, months);
    match counted_to(&*app.store, &*app.desk, app.clock.now()).await? {
        Some(at) => writeln!(text, "counted up to {at}").expect("a String grows"),
        None => text.push_str("not counted to the end: another process counts, ask again in a minute\n"),
    }
    match verdict {
        None => {}
        Some(true) => text.push_str("Counted anew: the same.\n"),
        Some(false) => text.push_str(
            "Counted anew: not the same as before. Bills that a running server settled meanwhile are in it, too; where none ran, \
             sums were damaged, and these are the right ones.\n",
        ),
    }
    Ok((text, verdict != Some(false)))
}

/// What is counted of each month.
async fn counted(app: &App, options: &Options) -> Result<Vec<(Month, Statistics)>, Fault> {
    let mut months = Vec::new();
    let mut month = options.from;
    while month <= options.to {
        months.push((month, of_month(&*app.desk, month, app.clock.now()).await?));
        month = month.plus(1);
    }
    Ok(months)
}

fn written(options: &Options, months: Vec<(Month, Statistics)>) -> String {
    let (mut text, mut all) = (String::new(), Statistics::default());
    let mut say = |what: &str, line: &Line| {
        let (times, amount) = (line.all.times, line.all.amount.to_string());
        writeln!(text, "{what:8}{times:>12}{amount:>20}").expect("a String grows");
    };
    for (month, counted) in months {
        say(&month.to_string(), &counted.line(options.by, options.area));
        all.add(counted);
    }
    for (area, line) in all.lines(options.by, options.area) {
        say(&area.to_string(), &line);
    }
    say("total", &all.line(options.by, options.area));
    text
}
