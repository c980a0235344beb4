//! `gongji check-policies`: what is wrong with the policy files, by file and line; what wider values ended; and which
//! past decisions a book would change.

use crate::cli::failed;
use crate::data::open_history;
use crate::law::shipped;
use clap::Args;
use domain::book::Book;
use domain::chain::decode;
use domain::decision::{Decision, Law, Turn, decide};
use domain::facts::Facts;
use domain::ids::Serial;
use domain::words::Certainty;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::{Fault, LAST_SERIAL, Page, Query, Store};

/// What to check.
#[derive(Debug, Args)]
pub struct Options {
    /// Folder of policy files; without it, those that the binary carries.
    policies: Option<PathBuf>,
    /// A store (`gongji.sqlite`): list its past decisions that these policies would change.
    #[arg(long, value_name = "HISTORY")]
    against: Option<PathBuf>,
}

/// Checks and prints; fails where something is wrong.
pub async fn run(options: &Options) -> ExitCode {
    let mut book = shipped(false);
    if let Some(folder) = &options.policies {
        book.files.retain(|path, _| !path.starts_with("policies/"));
        if let Err(error) = collect(folder, "policies", &mut book.files) {
            return failed(&format!("{}: {error}", folder.display()));
        }
    }
    let law = match book.read() {
        Ok(law) => law,
        Err(problems) => {
            problems.iter().for_each(|it| println!("{it}"));
            return failed(&format!("{} mistakes in the policy files", problems.len()));
        }
    };
    describe(&book, &law);
    match &options.against {
        Some(history) => compare(&law, history).await,
        None => ExitCode::SUCCESS,
    }
}

fn collect(folder: &Path, name: &str, files: &mut BTreeMap<String, String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let inside =
            format!("{name}/{}", path.file_name().map(|it| it.to_string_lossy()).unwrap_or_default());
        if path.is_dir() {
            collect(&path, &inside, files)?;
        } else if path.extension().is_some_and(|it| it == "toml") {
            files.insert(inside, std::fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

fn describe(book: &Book, law: &Law) {
    let mut counts: BTreeMap<Certainty, usize> = BTreeMap::new();
    law.policies.parameters.sources().iter().for_each(|it| *counts.entry(it.certainty).or_default() += 1);
    println!("{} files, {} regions, book {}", book.files.len(), law.policies.names.len(), law.digest);
    for (certainty, count) in counts {
        println!("  {count:>5} values {}", certainty.word());
    }
    for ended in &law.policies.ended {
        let (param, region, on) = (ended.param, ended.region, ended.on);
        let source = &ended.source;
        println!(
            "  {param}: {region} ({}:{}) ends before {on}, when a wider value binds",
            source.file, source.line
        );
    }
}

/// Decides every stored request again under the new book and lists those that come out differently.
async fn compare(law: &Law, history: &Path) -> ExitCode {
    let store = match open_history(history).await {
        Ok(store) => store,
        Err(error) => return failed(&error),
    };
    match differences(law, &store).await {
        Ok(changed) => {
            for it in &changed {
                println!("  {} {}: {} → {}", it.turn.serial, it.turn.at, it.was, it.would_be);
            }
            println!("{} past decisions would come out differently", changed.len());
            ExitCode::SUCCESS
        }
        Err(fault) => failed(&fault),
    }
}

/// A past decision that another law would have made differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which, and when.
    pub turn: Turn,
    /// How it was decided.
    pub was: String,
    /// How it would be decided.
    pub would_be: String,
}

/// The past decisions that a law would change.
///
/// # Errors
/// A [`Fault`] where the store cannot be read.
pub async fn differences(law: &Law, store: &dyn Store) -> Result<Vec<Difference>, Fault> {
    let (mut from, mut changed) = (Serial(0), Vec::new());
    loop {
        let Page::Records(records) =
            store.page(&Query::Records { from, to: LAST_SERIAL, limit: 500 }).await?
        else {
            break;
        };
        let Some(last) = records.last() else { break };
        from = Serial(last.turn.serial.0 + 1);
        for record in &records {
            let facts: Facts = decode(&record.facts).map_err(|it| Fault::Damaged(it.to_string()))?;
            let again = decide(&record.request, record.turn, &facts, law);
            if again.outcome != record.decision.outcome {
                let (was, would_be) = (in_short(&record.decision), in_short(&again));
                changed.push(Difference { turn: record.turn, was, would_be });
            }
        }
    }
    Ok(changed)
}

/// A decision in a few words: the codes of a refusal, or who pays what of a bill.
fn in_short(decision: &Decision) -> String {
    let codes: Vec<&str> = decision.reasons().iter().map(|it| it.code()).collect();
    if !codes.is_empty() {
        return format!("refused {}", codes.join(" "));
    }
    match decision.changes().and_then(|it| it.settlements.last()) {
        Some(it) => {
            let (fund, accounts, shared) = (it.shared.fund(), it.accounts(), it.from_relatives());
            format!("fund {fund}, accounts {accounts} (shared {shared}), cash {}", it.cash)
        }
        None => "done".to_owned(),
    }
}
