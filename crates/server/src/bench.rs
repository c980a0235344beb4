//! `gongji bench`: measures the real program from outside: a synthetic town, a load generator, a sitting with peers.

pub mod chance;
pub mod chart;
pub mod children;
pub mod drive;
pub mod figures;
pub mod files;
pub mod gate;
pub mod histogram;
pub mod logins;
pub mod machine;
pub mod messages;
pub mod pages;
pub mod people;
pub mod reader;
#[cfg(test)]
mod served;
pub mod session;
pub mod sitting;
pub mod stopwatch;
pub mod tally;
pub mod timetable;
pub mod town;
pub mod weight;
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
    /// Open pages as people of the town who are signed in, alone and beside settlements, and measure both.
    Pages(pages::Options),
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
        What::Drive(options) => apart(move || drive::run(&options, now)).await,
        What::Pages(options) => apart(move || pages::run(&options, now)).await,
        What::People(options) => people::make(&options, now).await,
    };
    done.map_or_else(|trouble| failed(&trouble), |()| ExitCode::SUCCESS)
}

/// Drivers have runtimes of their own, on threads of their own.
async fn apart(work: impl FnOnce() -> Result<(), Trouble> + Send + 'static) -> Result<(), Trouble> {
    tokio::task::spawn_blocking(work).await.map_err(|it| Trouble::new(&it))?
}
