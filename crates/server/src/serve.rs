//! Serving, and what the operator's console says: tokens, explanations, reports.

use crate::app::App;
use crate::cli::failed;
use crate::statistics::counting::Counter;
use crate::texts::CaseNames;
use crate::tokens::{self, NewToken, Role};
use crate::verify::Report;
use axum::Router;
use clap::Subcommand;
use domain::chain::decode;
use domain::explanation::{Case, explain as explained};
use domain::facts::Facts;
use domain::ids::{Area, InstitutionCode, PersonNo, Serial};
use domain::slip_no::{SlipKey, SlipNo};
use domain::texts::{Reader, Viewer};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use store::{Page, Query, Record};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// What can be done about tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token; its secret is shown once.
    Create {
        /// citizen, clerk, supervisor, institution, operator or auditor.
        #[arg(long)]
        role: String,
        /// Region whose people it reaches; 000000 is the whole country.
        #[arg(long, default_value = "000000")]
        area: String,
        /// For a citizen: our number of the person.
        #[arg(long)]
        person: Option<u64>,
        /// For an institution: its code.
        #[arg(long)]
        institution: Option<String>,
        /// What it is for.
        #[arg(long)]
        label: String,
    },
    /// List all tokens, without their secrets.
    List,
    /// Revoke a token.
    Revoke {
        /// Its number.
        number: u64,
    },
}

/// How often the desk is swept.
const SWEPT_EVERY: Duration = Duration::from_mins(1);
/// How much is swept away at once: whoever commits waits for that.
const SWEPT_MOST: u32 = 256;
/// So many papers at a time.
const DISCARDED_MOST: u32 = 16;
const DAY_MS: i64 = 86_400_000;

/// Everything that is served.
pub fn router(app: App) -> Router {
    let api = crate::rest::router(app.clone());
    let pages = crate::web::router(app.clone(), api.clone());
    let lost = crate::web::lost(app.clone(), api.clone());
    Router::new().merge(pages).merge(crate::hospital::router(app)).merge(api).fallback_service(lost)
}

/// Serves on an address until told to stop: by Ctrl-C, or by SIGTERM, as services are stopped.
pub async fn run(app: App, listen: SocketAddr) -> ExitCode {
    match TcpListener::bind(listen).await {
        Ok(listener) => {
            println!("gongji serves on http://{listen}/");
            on(app, listener).await
        }
        Err(error) => failed(&format!("{listen}: {error}")),
    }
}

/// Serves on a listener until told to stop; what is on its way is answered first.
pub async fn on(app: App, listener: TcpListener) -> ExitCode {
    let stop = told_to_stop();
    let flow = app.flow.clone();
    let sweeping = tokio::spawn(sweep(app.clone()));
    let worker = crate::outbox::work::Worker::new(app.clone());
    let carrying = tokio::spawn(worker.clone().run());
    let counter = Counter::new(Arc::clone(&app.store), Arc::clone(&app.desk), app.clock.clone());
    let counting = tokio::spawn(counter.run());
    let telling = tokio::spawn(crate::law::bindings::run(app.clone()));
    let served = axum::serve(listener, router(app)).with_graceful_shutdown(stop).await;
    sweeping.abort();
    carrying.abort();
    counting.abort();
    telling.abort();
    // When it has ended nothing is sent any more, and another process may go on at once.
    let _ = carrying.await;
    if let Err(fault) = worker.let_go().await {
        tracing::warn!(%fault, "destinations of messages are let go of when their time is up");
    }
    flow.end().await;
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// From now on, Ctrl-C and SIGTERM end what waits for them. Where no signal can be waited for, the server runs until it is
/// killed, which loses nothing.
fn told_to_stop() -> impl Future<Output = ()> {
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        let (Ok(mut interrupted), Ok(mut terminated)) = signals else { return std::future::pending().await };
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    }
}

/// Takes off desk and shelf what expired, a day after it did: a clock that is a little ahead takes nothing that still counts.
async fn sweep(app: App) {
    let mut ticks = tokio::time::interval(SWEPT_EVERY);
    loop {
        ticks.tick().await;
        let before = app.clock.now().plus_millis(-DAY_MS);
        let mut swept = Ok(u64::from(SWEPT_MOST));
        while swept == Ok(u64::from(SWEPT_MOST)) {
            swept = app.desk.sweep(before, SWEPT_MOST).await;
        }
        // Few at a time: each may be a photograph; and none that a request names which was broken off.
        let settled = match swept {
            Ok(_) => crate::papers_under_way::settle(&app).await,
            Err(fault) => Err(fault),
        };
        let swept = match settled {
            Ok(()) => app.shelf.discard(before, DISCARDED_MOST).await,
            Err(fault) => Err(fault),
        };
        if let Err(fault) = swept {
            tracing::warn!(%fault, "desk and shelf could not be swept");
        }
    }
}

/// Does what was said about tokens.
pub async fn token(app: &App, what: TokenCommand) -> ExitCode {
    let now = app.clock.now();
    match what {
        TokenCommand::Create { role, area, person, institution, label } => {
            let words: Vec<&str> = Role::ALL.iter().map(|it| it.word()).collect();
            let (Some(role), Some(area)) = (Role::parse(&role), Area::parse(&area)) else {
                return failed(&format!("role is one of {}; area has six digits", words.join(", ")));
            };
            let institution = institution.as_deref().map(InstitutionCode::parse);
            if institution == Some(None) {
                return failed(&"an institution is H or P and eleven digits, like H32030000001");
            }
            let (person, institution) = (person.map(PersonNo), institution.flatten());
            let new = NewToken { label, role, area, person, institution, expires: None };
            match tokens::create(&*app.desk, new, now).await {
                Ok((token, secret)) => {
                    println!("token {} ({}): {secret}", token.no, token.role.word());
                    ExitCode::SUCCESS
                }
                Err(error) => failed(&error),
            }
        }
        TokenCommand::List => match tokens::list(&*app.desk, now).await {
            Ok(tokens) => {
                for token in tokens {
                    let state = if token.is_taken(now) { "taken" } else { "not taken" };
                    println!("{}  {}  {}  {}  {state}", token.no, token.role.word(), token.area, token.label);
                }
                ExitCode::SUCCESS
            }
            Err(error) => failed(&error),
        },
        TokenCommand::Revoke { number } => match tokens::revoke(&*app.desk, number, now).await {
            Ok(_) => ExitCode::SUCCESS,
            Err(error) => failed(&error),
        },
    }
}

/// Shows a stored decision with its steps and sources.
pub async fn explain(app: &App, case: &str, language: &str) -> ExitCode {
    let slip = SlipNo::parse(case).map(|it| it.serial(&SlipKey(*app.vault.slip_key())));
    let Some(serial) = case.parse().ok().map(Serial).or(slip) else {
        return failed(&format!("`{case}` is neither a serial nor a slip number"));
    };
    let page = app.store.page(&Query::Records { from: serial, to: serial, limit: 1 }).await;
    let record = match page {
        Ok(Page::Records(records)) => records.into_iter().find(|it| it.turn.serial == serial),
        Ok(_) => None,
        Err(fault) => return failed(&fault),
    };
    match record {
        Some(record) => show(app, &record, language).await,
        None => failed(&format!("there is no case {case}")),
    }
}

async fn show(app: &App, record: &Record, language: &str) -> ExitCode {
    let law = match app.laws.find(record.law, &*app.store).await {
        Ok(law) => law,
        Err(fault) => return failed(&fault),
    };
    let Ok(facts) = decode::<Facts>(&record.facts) else {
        return failed(&"its facts cannot be read");
    };
    let nobody = |_: PersonNo| None;
    let names = CaseNames {
        regions: &law.policies.names,
        institutions: &std::collections::BTreeMap::new(),
        identity: &nobody,
        mask: true,
    };
    let case = Case { request: &record.request, turn: record.turn, facts: &facts, law: &law };
    let reader = Reader { texts: app.texts.of(language), names: &names, viewer: Viewer::Staff };
    let told = explained(case, &record.decision, reader);
    println!("{}  {}", record.turn.serial, record.turn.at);
    println!("{}", told.conclusion);
    for reason in &told.reasons {
        println!("  [{}] {} {}", reason.code, reason.rule, reason.staff);
    }
    for step in &told.steps {
        let mark = step.holds.map_or(" ", |it| if it { "✓" } else { "✗" });
        let source = step.source.as_ref().map(|it| format!("〔{}，{}〕", it.text, it.certainty_text));
        println!("  {mark} {} {}{}", step.rule, step.text, source.unwrap_or_default());
    }
    ExitCode::SUCCESS
}

/// Prints what a verification found.
pub fn print_report(report: &Report, json: bool) {
    if json {
        let value = serde_json::json!({
            "records": report.records, "blocks": report.blocks, "entries": report.entries,
            "purses": report.purses, "papers": report.papers, "findings": report.findings,
            "decided_otherwise": report.decided_otherwise.iter().map(|it| it.0).collect::<Vec<_>>(),
        });
        println!("{value}");
        return;
    }
    println!(
        "{} requests decided again, {} blocks, {} entries, {} purses, {} papers",
        report.records, report.blocks, report.entries, report.purses, report.papers
    );
    for serial in &report.decided_otherwise {
        println!("  request {serial}: an older engine decided it, this one would decide otherwise");
    }
    report.findings.iter().for_each(|it| println!("  {it}"));
    println!("{}", if report.is_sound() { "The books are sound." } else { "The books are NOT sound." });
}
