//! `gongji key`: what can be done at the console about the keys that institutions sign with. Secrets are shown once.

use super::{
    FRESH_SECONDS, Listed, MOST_OVERLAP_HOURS, OVERLAP_HOURS, after_hours, issue, list, revoke, rotate,
};
use crate::app::App;
use crate::cli::failed;
use crate::hospital::gateway::Wanted;
use clap::{Args, Subcommand};
use domain::day::Moment;
use domain::ids::InstitutionCode;
use domain::needs::Needs;
use std::path::Path;
use std::process::ExitCode;

/// What can be done about keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key for an institution; its secret is shown once.
    Create(Create),
    /// Give a key a new secret, shown once; the old one counts for a while longer.
    Rotate(Rotate),
    /// Revoke a key: nothing that is signed with it is taken any more.
    Revoke {
        /// The access key.
        access_key: String,
    },
    /// List all keys: access key, institution, scheme, since when and until when each secret counts.
    List,
    /// Show our own public SM2 key, with which institutions verify the answers of the scheme oauth.
    Platform,
}

/// A key that is to be made.
#[derive(Debug, Args)]
pub struct Create {
    /// The institution's code, like H32030000001.
    #[arg(long)]
    institution: String,
    /// The signing scheme, like api or tif; a word that is none is answered by all there are.
    #[arg(long)]
    scheme: String,
    /// For ca: sm3, which is usual, or sha256.
    #[arg(long)]
    digest: Option<String>,
    /// For oauth: the institution's public SM2 key, as hexadecimal digits or as a PEM file.
    #[arg(long, value_name = "HEX OR FILE")]
    sm2_public_key: Option<String>,
}

/// A key that is to have a new secret.
#[derive(Debug, Args)]
pub struct Rotate {
    /// The access key.
    access_key: String,
    /// For how many hours the old secret counts on.
    #[arg(long, default_value_t = OVERLAP_HOURS, value_parser = clap::value_parser!(u32).range(..=MOST_OVERLAP_HOURS))]
    overlap_hours: u32,
    /// Until when the old secret counts instead (China Standard Time), like "2026-11-30 06:00".
    #[arg(long, value_name = "TIME", conflicts_with = "overlap_hours")]
    until: Option<String>,
}

/// Does what was said about keys.
pub async fn run(app: &App, what: KeyCommand) -> ExitCode {
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
pub async fn done(app: &App, what: KeyCommand) -> Result<String, String> {
    match what {
        KeyCommand::Create(it) => create(app, &it).await,
        KeyCommand::Rotate(it) => renew(app, &it).await,
        KeyCommand::Revoke { access_key } => {
            let revoked = revoke(app, &access_key).await.map_err(|it| it.to_string())?;
            let text =
                format!("{access_key} is revoked; a server that runs knows within {FRESH_SECONDS} seconds");
            if revoked { Ok(text) } else { Err(unknown(&access_key)) }
        }
        KeyCommand::List => list(app).await.map(|it| table(&it)).map_err(|it| it.to_string()),
        KeyCommand::Platform => Ok(app.vault.answer_key().public().hex()),
    }
}

fn unknown(access_key: &str) -> String {
    format!("there is no access key `{access_key}`")
}

async fn create(app: &App, it: &Create) -> Result<String, String> {
    let institution = InstitutionCode::parse(&it.institution)
        .ok_or("--institution is H or P and eleven digits, like H32030000001")?;
    let pem = it.sm2_public_key.as_deref().filter(|it| Path::new(it).is_file());
    let pem = pem.map(std::fs::read_to_string).transpose().map_err(|it| it.to_string())?;
    let sm2 = pem.as_deref().or(it.sm2_public_key.as_deref());
    let wanted = Wanted { scheme: &it.scheme, digest: it.digest.as_deref(), sm2 };
    let (scheme, settings) = wanted.read().map_err(|it| it.to_string())?;
    let needs = Needs { institutions: [institution].into(), ..Needs::default() };
    let rows = app.rows(needs).await.map_err(|it| it.to_string())?;
    if !rows.facts.institutions.contains_key(&institution) {
        return Err(format!("there is no institution {institution}"));
    }
    let made = issue(app, institution, scheme.word, settings).await;
    let (access_key, secret) = made.map_err(|it| it.to_string())?;
    Ok(format!("access key {access_key}\nsecret {secret}"))
}

async fn renew(app: &App, it: &Rotate) -> Result<String, String> {
    let until = match &it.until {
        Some(text) => Moment::parse(text).ok_or(format!("`{text}` is not a time like 2026-11-30 06:00"))?,
        None => after_hours(app.clock.machine_now(), it.overlap_hours),
    };
    let secret = rotate(app, &it.access_key, until).await.map_err(|it| it.to_string())?;
    let secret = secret.ok_or_else(|| unknown(&it.access_key))?;
    Ok(format!("secret {secret}\nthe old secret counts until {until}"))
}

/// A line for each secret.
fn table(keys: &[Listed]) -> String {
    let line = |it: &Listed, (since, until): &(Moment, Option<Moment>)| {
        let until = until.map_or("-".to_owned(), |it| it.to_string());
        format!("{}  {}  {:6}  since {since}  until {until}", it.access_key, it.institution, it.scheme)
    };
    let lines = keys.iter().flat_map(|key| key.times.iter().map(move |it| line(key, it)));
    lines.collect::<Vec<String>>().join("\n")
}
