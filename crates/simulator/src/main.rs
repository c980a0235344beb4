//! `simulator --seeds 10000 --requests 200`: many seeds on all cores; `--seed N` replays one and tells what happened.
#![allow(clippy::print_stdout, reason = "this is a tool for a terminal")]

use clap::Parser;
use simulator::coverage::Coverage;
use simulator::run;
use simulator::stage::Stage;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Breaks the whole system on purpose, by seed.
#[derive(Parser)]
struct Options {
    /// How many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// How many requests each seed decides at least.
    #[arg(long, default_value_t = 200)]
    requests: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Replays one seed and prints what happened.
    #[arg(long)]
    seed: Option<u64>,
    /// Looks for mistakes only: how often things happen does not matter.
    #[arg(long)]
    audits_only: bool,
}

type Red = (u64, String);

fn main() -> ExitCode {
    let options = Options::parse();
    let stage = Stage::new();
    if let Some(seed) = options.seed {
        return replay(&stage, seed, options.requests);
    }
    std::panic::set_hook(Box::new(|_| {})); // What panics is told with the seed's history.
    let (coverage, red) = all(&stage, &options);
    drop(std::panic::take_hook());
    println!("{coverage}");
    if let Some((seed, red)) = red {
        println!("RED: {red}");
        return replay(&stage, seed, options.requests);
    }
    let rare = coverage.rare();
    if !rare.is_empty() && !options.audits_only {
        println!("RED: in less than one of a hundred: {}", rare.join(", "));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Runs the seeds on all cores until one goes red; that one, the smallest where there are several.
fn all(stage: &Stage, options: &Options) -> (Coverage, Option<Red>) {
    let next = AtomicU64::new(options.from);
    let end = options.from.saturating_add(options.seeds);
    let found = Mutex::new((Coverage::default(), None::<Red>));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let work = || loop {
        let seed = next.fetch_add(1, Ordering::SeqCst);
        if seed >= end {
            break;
        }
        let came = run(stage, seed, options.requests, false);
        let mut found = found.lock().expect("no code panics while it holds the findings");
        match came {
            Ok(coverage) => found.0.add(&coverage),
            Err((red, _)) => {
                next.store(end, Ordering::SeqCst);
                if found.1.as_ref().is_none_or(|(first, _)| seed < *first) {
                    found.1 = Some((seed, red));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    found.into_inner().expect("no code panics while it holds the findings")
}

fn replay(stage: &Stage, seed: u64, requests: u64) -> ExitCode {
    match run(stage, seed, requests, true) {
        Ok(coverage) => {
            println!("{coverage}\nseed {seed} is green");
            ExitCode::SUCCESS
        }
        Err((red, history)) => {
            println!("{}\nRED: {red}\nreplay with --seed {seed} --requests {requests}", history.join("\n"));
            ExitCode::FAILURE
        }
    }
}
