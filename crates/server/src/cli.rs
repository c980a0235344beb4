//! The command line: what can be said to `gongji`, and which part answers.

use crate::app::App;
use crate::clock::Clock;
use crate::copy::command as copying;
use crate::data::{Folder, FolderError};
use crate::gateway_keys::command::{self as keys, KeyCommand};
use crate::law::{Laws, shipped};
use crate::outbox::command as webhooks;
use crate::outbox::sending::Reach;
use crate::statistics::command as statistics;
use crate::vault::Vault;
use crate::{bench, catalogue, check, data, demo, his, institution, intake, lines, serve, verify};
use clap::{Args, Parser, Subcommand};
use domain::day::Moment;
use indicatif::{ProgressBar, ProgressStyle};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use store::{Books, LANES, LaneNo};

/// Runs the sharing of medical-insurance personal accounts (家庭共济).
#[derive(Debug, Parser)]
#[command(name = "gongji", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the demo stories over real HTTP, then serve the demo world.
    Demo(demo::Options),
    /// Serve hospitals and REST from a data folder.
    Serve(Serve),
    /// Create, list and revoke bearer tokens for REST.
    Token(Token),
    /// Make and end logins of staff for the pages.
    Login(Login),
    /// Register, list, pause, resume and remove the gateways that messages to people are carried to.
    Webhook(Webhook),
    /// Say person-times and amounts of sharing by month and area, or count them anew and compare.
    Statistics(Statistics),
    /// Write the lines of settlements into a file for analysts, while the books are served.
    Lines(lines::command::Options),
    /// Create, rotate, revoke and list the keys that hospitals and pharmacies sign with.
    Key(Key),
    /// Register institutions, designate, suspend and resume them, and say what their software can do.
    Institution(Institution),
    /// Take in files of people, enrolments, accounts, credits, bindings or institutions.
    Intake(Intake),
    /// Check the policy files: mistakes by file and line, and what wider values ended.
    CheckPolicies(check::Options),
    /// Check a newer edition of the drug catalogue, say what it changes, write it as the files of a law book.
    #[command(subcommand)]
    Catalogue(catalogue::CatalogueCommand),
    /// Walk the chain, recompute all balances, decide every stored request again.
    Verify(Verify),
    /// Show a stored decision with its steps and sources, by serial or slip number.
    Explain(Explain),
    /// Bring a data folder to the newest form without serving.
    Migrate(Migrate),
    /// Copy books from one store into another, and prove both equal; the source may be served meanwhile.
    Import(copying::Import),
    /// Write a backup into one file, while the books are served.
    Backup(copying::Backup),
    /// Put a backup back into an empty folder or database, and prove the books.
    Restore(copying::Restore),
    /// Play a hospital and a pharmacy for a day against a server, and report what it does right and wrong.
    His(his::Options),
    /// Measure: a synthetic town, a load generator, a sitting beside peers.
    #[command(subcommand)]
    Bench(bench::What),
}

#[derive(Clone, Args)]
struct Data {
    /// Folder that holds the store and the keys.
    #[arg(long, default_value = "gongji-data")]
    data: PathBuf,
    /// PostgreSQL database that holds the store instead, like postgres://user:password@host/gongji; the keys stay in
    /// the folder. Better stated in the environment, where a list of processes does not show it.
    #[arg(long, value_name = "URL", env = "GONGJI_STORE", hide_env_values = true)]
    store: Option<String>,
    /// Memory for pages of a store that is a file, in MiB; what more of it is read is left to the system, which may need that
    /// memory for others.
    #[arg(long, value_name = "MIB", env = "GONGJI_CACHE", default_value_t = store::sqlite::WRITER_CACHE_MIB)]
    cache: u32,
}

impl std::fmt::Debug for Data {
    /// The address of the store is left out: it may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Data").field("data", &self.data).finish_non_exhaustive()
    }
}

impl Data {
    fn folder(&self) -> Folder<'_> {
        Folder { path: &self.data, database: self.store.as_deref(), cache_mib: self.cache }
    }
}

#[derive(Debug, Args)]
struct Migrate {
    #[command(flatten)]
    data: Data,
    /// Spread the database, in which nothing was decided yet, over the servers that its Citus knows: each lane lives on
    /// one of them. Again, it spreads what is not spread yet.
    #[arg(long)]
    citus: bool,
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    data: Data,
    /// Address to listen on; only loopback by default.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    #[command(flatten)]
    time: Time,
    /// Lanes that decide here, like 1-4; other processes on the same database have others. A file has only lane 1;
    /// a database is served in four, unless it is said otherwise.
    #[arg(long, value_name = "FIRST-LAST", value_parser = parse_lanes)]
    lanes: Option<RangeInclusive<LaneNo>>,
    /// File that describes the identity service that vouches for citizens; see docs/operations.md.
    #[arg(long, value_name = "FILE")]
    identity_service: Option<PathBuf>,
    /// Staff sign in to the pages in two steps: password, then a code from their phone. Citizens choose for themselves.
    #[arg(long)]
    staff_second_factor: bool,
    /// Messages may be carried to this machine and to private networks; otherwise only to addresses that everybody reaches.
    #[arg(long)]
    webhooks_inside: bool,
}

/// What time it is: the machine's, or a sandbox's.
#[derive(Debug, Args)]
struct Time {
    /// The books are a sandbox: its clock starts at this time (China Standard Time); while it is served, an operator can
    /// move it.
    #[arg(long, value_name = "TIME")]
    sandbox_now: Option<String>,
}

impl Time {
    fn clock(&self, now: fn() -> Moment) -> Result<Clock, ExitCode> {
        let Some(text) = &self.sandbox_now else { return Ok(Clock::machine(now)) };
        let start = Moment::parse(text);
        let start = start.ok_or_else(|| failed(&format!("`{text}` is not a time like 2025-06-16 10:00")))?;
        Ok(Clock::sandbox(now, start))
    }

    fn is_sandbox(&self) -> bool {
        self.sandbox_now.is_some()
    }
}

/// The one lane of a file, and of a command that decides little or nothing.
const ONE_LANE: RangeInclusive<LaneNo> = LaneNo(1)..=LaneNo(1);

/// How a database is served: more lanes than a small machine has processors, since each waits for the disk by itself.
const FEW_LANES: RangeInclusive<LaneNo> = LaneNo(1)..=LaneNo(4);

fn parse_lanes(text: &str) -> Result<RangeInclusive<LaneNo>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let read = |it: &str| it.parse().ok().filter(|it| (1..LANES).contains(it)).map(LaneNo);
    let range = read(first).zip(read(last)).filter(|(first, last)| first <= last);
    range
        .map(|(first, last)| first..=last)
        .ok_or_else(|| format!("lanes are like 1-4, from 1 to {}", LANES - 1))
}

#[derive(Debug, Args)]
struct Verify {
    #[command(flatten)]
    data: Data,
    /// Write the report as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Explain {
    #[command(flatten)]
    data: Data,
    /// Serial, or the slip number printed at the till.
    case: String,
    /// Language of the texts.
    #[arg(long, default_value = "zh")]
    language: String,
}

#[derive(Debug, Args)]
struct Token {
    #[command(flatten)]
    data: Data,
    #[command(subcommand)]
    what: serve::TokenCommand,
}

#[derive(Debug, Args)]
struct Login {
    #[command(flatten)]
    data: Data,
    #[command(subcommand)]
    what: crate::logins::command::LoginCommand,
}

#[derive(Debug, Args)]
struct Key {
    #[command(flatten)]
    data: Data,
    #[command(subcommand)]
    what: KeyCommand,
}

#[derive(Debug, Args)]
struct Webhook {
    #[command(flatten)]
    data: Data,
    #[command(subcommand)]
    what: webhooks::WebhookCommand,
}

#[derive(Debug, Args)]
struct Statistics {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    options: statistics::Options,
}

#[derive(Debug, Args)]
struct Institution {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    time: Time,
    #[command(subcommand)]
    what: institution::InstitutionCommand,
}

#[derive(Debug, Args)]
struct Intake {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    time: Time,
    /// Lanes that decide here; beside a process that serves the same database, others than its.
    #[arg(long, value_name = "FIRST-LAST", value_parser = parse_lanes, default_value = "1")]
    lanes: RangeInclusive<LaneNo>,
    #[command(flatten)]
    options: intake::command::Options,
}

/// Does what was said. `now` is the machine's time.
pub fn run(cli: Cli, now: fn() -> Moment) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    runtime.block_on(async {
        match cli.command {
            Command::Demo(options) => demo::run(options, now).await,
            Command::Serve(it) => run_serve(&it, now).await,
            Command::Token(it) => run_token(it, now).await,
            Command::Login(it) => match open(&it.data, now).await {
                Ok(app) => crate::logins::command::run(&app, it.what).await,
                Err(code) => code,
            },
            Command::Webhook(it) => match open(&it.data, now).await {
                Ok(app) => webhooks::run(&app, it.what).await,
                Err(code) => code,
            },
            Command::Statistics(it) => match open(&it.data, now).await {
                Ok(app) => statistics::run(&app, &it.options).await,
                Err(code) => code,
            },
            Command::Lines(it) => lines::command::run(&it, now()).await,
            Command::Key(it) => match open(&it.data, now).await {
                Ok(app) => keys::run(&app, it.what).await,
                Err(code) => code,
            },
            Command::Institution(it) => match deciding(&it.data, ONE_LANE, &it.time, now).await {
                Ok(app) => institution::institution(&app, it.what).await,
                Err(code) => code,
            },
            Command::Intake(it) => match deciding(&it.data, it.lanes.clone(), &it.time, now).await {
                Ok(app) => intake::command::run(&app, &it.options).await,
                Err(code) => code,
            },
            Command::Catalogue(what) => catalogue::run(&what),
            Command::CheckPolicies(options) => check::run(&options).await,
            Command::Verify(it) => run_verify(&it).await,
            Command::Explain(it) => match open(&it.data, now).await {
                Ok(app) => serve::explain(&app, &it.case, &it.language).await,
                Err(code) => code,
            },
            Command::Import(it) => copying::import(&it).await,
            Command::Backup(it) => copying::back_up(&it).await,
            Command::Restore(it) => copying::put_back(&it).await,
            Command::His(options) => his::run(options, now).await,
            Command::Bench(what) => bench::run(what, now).await,
            Command::Migrate(it) => migrate(&it).await,
        }
    })
}

/// Says what failed, in one line.
pub(crate) fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("gongji: {error}");
    ExitCode::FAILURE
}

async fn run_serve(it: &Serve, now: fn() -> Moment) -> ExitCode {
    let usual = if it.data.store.is_some() { FEW_LANES } else { ONE_LANE };
    let lanes = it.lanes.clone().unwrap_or(usual);
    let identity_service = match crate::identity_service::read(it.identity_service.as_deref()) {
        Ok(found) => found,
        Err(error) => return failed(&error),
    };
    let webhooks = if it.webhooks_inside { Reach::Anywhere } else { Reach::Public };
    match lawful(it.data.folder().open_or_create(), lanes, &it.time, now).await {
        Ok(app) => {
            let staff_second_factor = it.staff_second_factor;
            serve::run(App { identity_service, staff_second_factor, webhooks, ..app }, it.listen).await
        }
        Err(code) => code,
    }
}

/// An application in which something is decided: only here is a store said to be a sandbox or not, and given its first
/// law.
async fn lawful(
    opened: impl Future<Output = Result<(Arc<dyn Books>, Vault), FolderError>>,
    lanes: RangeInclusive<LaneNo>,
    time: &Time,
    now: fn() -> Moment,
) -> Result<App, ExitCode> {
    let clock = time.clock(now)?;
    let (store, vault) = opened.await.map_err(|it| failed(&it))?;
    let app = App::on(store, lanes, clock, vault);
    data::serve_as(&app, time.is_sandbox()).await.map_err(|it| failed(&it))?;
    app.ensure_law(&shipped(false)).await.map_err(|it| failed(&it))?;
    Ok(app)
}

/// An application on a store that has to be there, in which a command has something decided.
async fn deciding(
    data: &Data,
    lanes: RangeInclusive<LaneNo>,
    time: &Time,
    now: fn() -> Moment,
) -> Result<App, ExitCode> {
    lawful(data.folder().open(), lanes, time, now).await
}

async fn run_token(it: Token, now: fn() -> Moment) -> ExitCode {
    let folder = it.data.folder();
    let opened = match it.what {
        serve::TokenCommand::Create { .. } => folder.open_or_create().await,
        serve::TokenCommand::List | serve::TokenCommand::Revoke { .. } => folder.open().await,
    };
    match opened {
        Ok((store, vault)) => {
            serve::token(&App::on(store, ONE_LANE, Clock::machine(now), vault), it.what).await
        }
        Err(error) => failed(&error),
    }
}

/// An application on a store that has to be there; nothing is decided in it.
async fn open(data: &Data, now: fn() -> Moment) -> Result<App, ExitCode> {
    let (store, vault) = data.folder().open().await.map_err(|it| failed(&it))?;
    Ok(App::on(store, ONE_LANE, Clock::machine(now), vault))
}

/// Brings a store up to date, or spreads it, and says what was done.
async fn migrate(it: &Migrate) -> ExitCode {
    let folder = it.data.folder();
    let done = if it.citus {
        let spread = folder.spread().await;
        spread.map(|()| "the tables are spread over the servers that Citus knows".to_owned())
    } else {
        folder.migrate().await.map(|it| match (it.before, it.now) {
            (0, now) => format!("there was no store; one was made, with schema {now}"),
            (before, now) if before == now => format!("schema {now} is the newest; nothing was done"),
            (before, now) => format!("the store had schema {before} and was brought to schema {now}"),
        })
    };
    match done {
        Ok(done) => {
            println!("{done}");
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

async fn run_verify(it: &Verify) -> ExitCode {
    let (store, all) = match it.data.folder().open_books().await {
        Ok(opened) => opened,
        Err(error) => return failed(&error),
    };
    let vault = match it.data.folder().keys(&*store).await {
        Ok(vault) => vault,
        Err(error) => return failed(&error),
    };
    if vault.is_none() {
        eprintln!(
            "gongji: there are no keys beside the store; whether answers are the right ones is not looked at"
        );
    }
    let bar = ProgressBar::new(all);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} requests, {eta} left") {
        bar.set_style(style);
    }
    let laws = Laws::default();
    let report =
        match verify::verify_with(&*store, &laws, vault.as_ref(), &|done| bar.set_position(done)).await {
            Ok(report) => report,
            Err(fault) => return failed(&fault),
        };
    bar.finish_and_clear();
    serve::print_report(&report, it.json);
    if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory as _;

    /// If this fails, a switch that the documents name is none, or two have one name: the program would not start.
    #[test]
    fn the_command_line_fits_together() {
        Cli::command().debug_assert();
    }
}
