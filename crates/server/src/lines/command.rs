//! `gongji lines`: lines of settlements at the console, while the books are served.

use super::{Outcome, Trouble, Wanted, export};
use crate::cli::failed;
use crate::copy::place::Place;
use crate::data::{Folder, FolderError, whole};
use clap::Args;
use domain::day::{Day, Moment};
use domain::ids::Area;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::process::ExitCode;

/// Writes the lines of what was settled and undone in some days into a CSV file, while the books are served; docs/lines.md
/// lists its columns. Said again with the same file, it goes on after what is in it.
#[derive(Debug, Args)]
pub struct Options {
    /// Folder that holds the store and the keys.
    #[arg(long, default_value = "gongji-data")]
    data: PathBuf,
    /// Database that holds the books in place of the folder.
    #[arg(long, value_name = "URL", env = "GONGJI_STORE", hide_env_values = true)]
    store: Option<Place>,
    /// The first day, like 2025-06-01.
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Day,
    /// The last day; when a file goes on, it may be a later one.
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Day,
    /// Only patients of this pooling area or province, like 320300; without it, all.
    #[arg(long, default_value = "000000", value_parser = region)]
    area: Area,
    /// The file. FILE.state beside it says up to where it is whole.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Say which lines are of one patient, by a pseudonym that nobody can read without the keys of the folder.
    #[arg(long)]
    pseudonyms: bool,
}

fn day(text: &str) -> Result<Day, String> {
    let day = Day::parse(text).filter(|it| store::month_of(*it).is_some());
    day.ok_or_else(|| "write a day from 2000 on, like 2025-06-16".to_owned())
}

fn region(text: &str) -> Result<Area, String> {
    let area = Area::parse(text).ok_or_else(|| "write six digits, like 320300".to_owned())?;
    let is_wide = area == area.province() || area.is_pooling();
    is_wide.then_some(area).ok_or_else(|| format!("people of {area} are insured in {}", area.pooling()))
}

/// Does what was said. `now` is the machine's time.
pub async fn run(options: &Options, now: Moment) -> ExitCode {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} requests looked at, {per_sec}") {
        bar.set_style(style);
    }
    let outcome = exported(options, now, &|it| bar.set_position(it)).await;
    bar.finish_and_clear();
    match outcome {
        Ok(outcome) => {
            said(options, &outcome).iter().for_each(|it| eprintln!("{it}"));
            ExitCode::SUCCESS
        }
        Err(trouble) => failed(&trouble),
    }
}

async fn exported(options: &Options, now: Moment, progress: &dyn Fn(u64)) -> Result<Outcome, Trouble> {
    if options.from > options.to {
        return Err(Trouble::Wrong(format!("--from {} is after --to {}", options.from, options.to)));
    }
    let place = options.store.clone().unwrap_or_else(|| Place::folder(&options.data));
    let books = place.read().await?;
    whole(&*books).await?;
    let vault = if options.pseudonyms {
        let lost = || FolderError::KeysLost(options.data.join("keys.toml").display().to_string());
        Some(Folder::with_file(&options.data).keys(&*books).await?.ok_or_else(lost)?)
    } else {
        None
    };
    let wanted = Wanted { from: options.from, to: options.to, area: options.area };
    export(&*books, &wanted, vault.as_ref(), &options.out, now, progress).await
}

/// What is said at the end: what was added, and the lag in the last line.
fn said(options: &Options, outcome: &Outcome) -> [String; 2] {
    let (out, state) = (options.out.display(), &outcome.state);
    let added = format!(
        "{out}: {} lines added; it has {} lines of {} settlements and {} undone",
        outcome.added, state.rows, state.settlements, state.undone
    );
    if state.days_are_over {
        let done = format!("{out} is whole: all that was decided from {} to {}", options.from, options.to);
        return [added, done];
    }
    let lanes: Vec<String> =
        state.lanes.iter().map(|(lane, serial)| format!("lane {lane}: serial {serial}")).collect();
    let upto = state.whole_to.clone().unwrap_or_else(|| "nothing yet".to_owned());
    let later: Vec<String> =
        outcome.later.iter().map(|(lane, last)| format!("lane {} to {last}", lane.0)).collect();
    let lag = if later.is_empty() {
        "nothing was decided since".to_owned()
    } else {
        format!("the books went on meanwhile ({})", later.join(", "))
    };
    [added, format!("{out} is whole up to {upto} ({}); {lag}", lanes.join(", "))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Parser as _;

    /// If this fails, a day or an area that is none gives an empty file instead of a word about it.
    #[test]
    fn days_and_areas_that_are_none_are_refused() {
        for (from, to, area, says) in [
            ("2025-06-31", "2025-06-30", "320300", "2025-06-16"),
            ("2025-06-01", "june", "320300", "2025-06-16"),
            ("1999-12-31", "2025-06-30", "320300", "2000"),
            ("2025-06-01", "2025-06-30", "3203", "six digits"),
            ("2025-06-01", "2025-06-30", "320382", "insured in 320300"),
        ] {
            let said = ["gongji", "lines", "--from", from, "--to", to, "--area", area, "--out", "lines.csv"];
            let refused = Cli::try_parse_from(said).expect_err(says).to_string();
            assert!(refused.contains(says), "{refused}");
        }
        for area in ["000000", "320000", "320300", "110000"] {
            assert!(region(area).is_ok(), "{area}");
        }
    }

    /// If this fails, a slip of the keyboard leaves a file behind that looks like lines.
    #[tokio::test]
    async fn what_cannot_be_read_leaves_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let day = |text| Day::parse(text).expect("a day");
        let options = |from, to| Options {
            data: folder.path().join("nowhere"),
            store: None,
            from: day(from),
            to: day(to),
            area: Area::NATION,
            out: folder.path().join("lines.csv"),
            pseudonyms: false,
        };
        for (options, says) in [
            (options("2025-07-01", "2025-06-30"), "is after --to 2025-06-30"),
            (options("2025-06-01", "2025-06-30"), "no such file or data folder"),
        ] {
            let refused = exported(&options, Moment::from_millis(0), &|_| ()).await;
            assert!(refused.is_err_and(|it| it.to_string().contains(says)), "{says}");
            assert!(!options.out.exists(), "{says}");
        }
    }
}
