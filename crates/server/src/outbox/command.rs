//! `gongji webhook`: what can be done at the console about the destinations of messages. Secrets are shown once.

use super::destinations::{self, Destination, NewDestination, Pause};
use super::lag;
use crate::app::App;
use crate::cli::failed;
use crate::gateway_keys::Hash;
use clap::{Args, Subcommand};
use domain::ids::Area;
use std::process::ExitCode;

/// What can be done about destinations.
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Register a destination; its secret is shown once. Messages of what is decided from now on go there.
    Create(Create),
    /// List all destinations: number, state, how far behind, how many wait and were given up, what for.
    List,
    /// Send nothing to a destination for now; what it should have had waits.
    Pause {
        /// Its number.
        number: u32,
    },
    /// Send to a destination again, at once.
    Resume {
        /// Its number.
        number: u32,
    },
    /// Forget a destination with everything that waits for it or was given up.
    Remove {
        /// Its number.
        number: u32,
    },
}

/// A destination that is to be registered.
#[derive(Debug, Args)]
pub struct Create {
    /// Where messages are posted: https, or http to this machine itself.
    #[arg(long)]
    url: String,
    /// What it is for.
    #[arg(long)]
    label: String,
    /// About what, like spent,returned; without it about everything.
    #[arg(long, value_delimiter = ',')]
    kinds: Vec<String>,
    /// Regions whose people they are for, like 320300,320100; without it the whole country.
    #[arg(long, value_delimiter = ',')]
    areas: Vec<String>,
    /// What the signature is made with: sha256 or sm3.
    #[arg(long, default_value = "sha256")]
    digest: String,
}

/// Does what was said about destinations.
pub async fn run(app: &App, what: WebhookCommand) -> ExitCode {
    match done(app, what).await {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(text) => failed(&text),
    }
}

/// Does it, and gives what is to be printed.
///
/// # Errors
/// A line that says why it was not done.
pub async fn done(app: &App, what: WebhookCommand) -> Result<String, String> {
    let said = |it: Option<Destination>, number: u32, state: &str| {
        it.map(|_| format!("webhook {number} is {state}")).ok_or_else(|| unknown(number))
    };
    match what {
        WebhookCommand::Create(it) => create(app, it).await,
        WebhookCommand::List => list(app).await.map_err(|it| it.to_string()),
        WebhookCommand::Pause { number } => {
            let paused = destinations::pause(app, number, Pause::Operator).await;
            said(paused.map_err(|it| it.to_string())?, number, "paused")
        }
        WebhookCommand::Resume { number } => {
            let resumed = destinations::resume(app, number).await;
            said(resumed.map_err(|it| it.to_string())?, number, "active")
        }
        WebhookCommand::Remove { number } => {
            let removed = destinations::remove(app, number).await.map_err(|it| it.to_string())?;
            if removed { Ok(format!("webhook {number} is removed")) } else { Err(unknown(number)) }
        }
    }
}

fn unknown(number: u32) -> String {
    format!("there is no webhook {number}")
}

async fn create(app: &App, it: Create) -> Result<String, String> {
    let areas = it.areas.iter().map(|it| Area::parse(it)).collect::<Option<_>>();
    let new = NewDestination {
        label: it.label,
        url: it.url,
        kinds: it.kinds.into_iter().collect(),
        areas: areas.ok_or("an area has six digits, like 320300")?,
        hash: Hash::parse(&it.digest).ok_or("--digest is sha256 or sm3")?,
    };
    let made = destinations::create(app, new).await.map_err(|it| it.to_string())?;
    Ok(format!("webhook {}\nsecret {}", made.no, made.secret))
}

async fn list(app: &App) -> Result<String, store::Fault> {
    let (mut lines, now) = (Vec::new(), app.clock.now());
    for it in destinations::list(app).await? {
        let lag = lag::of(app, &it, now).await?;
        let state = it.paused.map_or("active", |(why, _)| why.word());
        let (no, label, seconds) = (it.no, &it.label, lag.millis / 1000);
        let (waiting, dead) = (lag.waiting, lag.dead);
        lines.push(format!("{no}  {state}  {seconds} s behind  {waiting} wait  {dead} given up  {label}"));
    }
    Ok(lines.join("\n"))
}
