//! The `gongji` binary. The only place that reads the machine's clock.

use clap::Parser as _;
use domain::day::Moment;
use server::cli::{Cli, run};
use std::process::ExitCode;

/// Settling allocates a great deal and frees it on other threads: the system's allocator spends a fifth of the time
/// on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_env_filter(filter()).with_writer(std::io::stderr).init();
    run(Cli::parse(), machine_time)
}

/// Logs of ours from `info`, of libraries from `warn`, unless `RUST_LOG` says otherwise.
fn filter() -> tracing_subscriber::EnvFilter {
    tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,server=info,gongji=info"))
}

/// The machine's time, in milliseconds since 1970.
#[allow(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
fn machine_time() -> Moment {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = since.map_or(0, |it| it.as_millis());
    Moment::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}
