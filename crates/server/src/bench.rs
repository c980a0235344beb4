//! `gongji bench`: measures the real program from outside: a synthetic town, a load generator, a sitting with peers.

pub mod chance;
pub mod chart;
pub mod children;
pub mod drive;
pub mod figures;
pub mod files;
pub mod histogram;
pub mod machine;
pub mod messages;
pub mod people;
pub mod session;
pub mod sitting;
pub mod stopwatch;
pub mod tally;
pub mod timetable;
pub mod town;
pub mod wire;

use crate::cli::failed;
use clap::Subcommand;
use domain::day::Moment;
use std::process::ExitCode;

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Take a synthetic town into a fresh data folder.
    People(people::Wanted),
    /// Send the bills of the town's people to a server and measure its answers.
    Drive(drive::Options),
    /// Measure this program and its peers in turns, then its latency at rates up to more than it can settle.
    Run(sitting::Options),
}

/// Why something could not be measured.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct Trouble(pub String);

impl Trouble {
    /// What another part said.
    pub fn new(what: &dyn std::fmt::Display) -> Trouble {
        Trouble(what.to_string())
    }
}

/// Does what was said.
pub async fn run(what: What, now: fn() -> Moment) -> ExitCode {
    let done = match what {
        What::Run(options) => sitting::run(options, now).await,
        What::Drive(options) => driven(options, now).await,
        What::People(options) => people::make(&options, now).await,
    };
    done.map_or_else(|trouble| failed(&trouble), |()| ExitCode::SUCCESS)
}

/// The driver has a runtime of its own, on a thread of its own.
async fn driven(options: drive::Options, now: fn() -> Moment) -> Result<(), Trouble> {
    let driving = tokio::task::spawn_blocking(move || drive::run(&options, now));
    driving.await.map_err(|it| Trouble::new(&it))?
}
