//! `gongji bench pages`: what pages cost while settlements run. People of the town who are signed in open pages at a rate
//! that does not wait for answers, beside the driver of settlements; in turns with the driver alone, so that both are of
//! the same minutes.

use super::Trouble;
use super::chance::Chance;
use super::drive::{self, Mix, address, measured};
use super::gate::Gate;
use super::messages::Said;
use super::reader::{Reader, said};
use super::stopwatch::Stopwatch;
use super::tally::{Tallies, per_second};
use super::town::Town;
use super::wire::Wire;
use clap::Args;
use domain::day::Moment;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

/// What is told of latencies, of a hundred thousand.
const QUANTILES: [(&str, u64); 3] = [("p50", 50_000), ("p95", 95_000), ("p99", 99_000)];

/// How pages are measured.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub base: String,
    /// People of the town that the server has.
    #[arg(long, default_value_t = 100_000)]
    pub people: u64,
    /// What the town follows from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// People who are signed in: as many as `bench people --logins` made, or fewer.
    #[arg(long, default_value_t = 64)]
    pub readers: usize,
    /// Pages a second, at times that do not depend on the answers.
    #[arg(long, default_value_t = 200)]
    pub rate: u64,
    /// Connections that pages are asked for over.
    #[arg(long, default_value_t = 32)]
    pub connections: u64,
    /// Connections that settle; 0 settles nothing.
    #[arg(long, default_value_t = 64)]
    pub settling: u64,
    /// Bills a second; without it, each connection settles when answered.
    #[arg(long)]
    pub settle_rate: Option<u64>,
    /// For how many seconds each time; settlements run once before, to have bills to read about.
    #[arg(long, default_value_t = 20)]
    pub seconds: u64,
    /// How often, settlements alone and with pages in turns.
    #[arg(long, default_value_t = 3)]
    pub rounds: u64,
    /// The time of care that bills state, China Standard Time; the server's clock has to be past it.
    #[arg(long, default_value = "2025-06-16 09:00:00")]
    pub service_time: String,
}

/// What was measured.
#[derive(Debug, Default)]
struct Measured {
    /// Pages while nothing is settled.
    quiet: Tallies,
    /// Pages while settlements run.
    beside: Tallies,
    /// Settlements a second, alone and with pages, round by round.
    settled: Vec<(u64, u64)>,
}

/// Measures, and prints what came of it.
///
/// # Errors
/// [`Trouble`] where nobody can sign in, or an answer is none that a page or a message should have.
pub fn run(options: &Options, now: fn() -> Moment) -> Result<(), Trouble> {
    let measured = turns(options, now)?;
    println!("{}", measured.json(options));
    eprintln!("{}", measured.text(options));
    match measured.quiet.first_unknown.or(measured.beside.first_unknown) {
        Some(what) => Err(Trouble(format!("an answer is no page of somebody who is signed in: {what}"))),
        None => Ok(()),
    }
}

fn turns(options: &Options, now: fn() -> Moment) -> Result<Measured, Trouble> {
    if options.settling > 0 {
        // So that there are bills to read about, and everything is warm.
        settle(options, now)?;
    }
    let readers = Arc::new(readers(options)?);
    let mut all = Measured { quiet: read(options, &readers)?, ..Measured::default() };
    for _ in 0..if options.settling > 0 { options.rounds } else { 0 } {
        let alone = settle(options, now)?;
        let (pages, with) = std::thread::scope(|scope| {
            let reading = scope.spawn(|| read(options, &readers));
            let with = settle(options, now);
            (reading.join(), with)
        });
        let pages = pages.map_err(|_| Trouble("reading pages broke off".to_owned()))??;
        all.beside.add(pages);
        all.settled.push((alone, with?));
    }
    Ok(all)
}

/// Signs everybody in.
fn readers(options: &Options) -> Result<Vec<Reader>, Trouble> {
    let town = Town::new(options.seed, options.people);
    let (host, _) = address(&options.base)?;
    let place = town.institution(0).code;
    let logins = super::logins::of(town, options.readers.max(1))?;
    logins.iter().map(|(login, password)| Reader::sign_in(&host, login, password, &place)).collect()
}

/// Settles for so many seconds: how many a second.
fn settle(options: &Options, now: fn() -> Moment) -> Result<u64, Trouble> {
    let driving = drive::Options {
        base: options.base.clone(),
        people: options.people,
        seed: options.seed,
        mix: Mix::Purchase,
        connections: options.settling,
        seconds: options.seconds,
        service_time: options.service_time.clone(),
        rate: options.settle_rate,
        bills: None,
        one_institution: false,
        greedy: None,
    };
    let (tallies, nanos) = measured(&driving, now)?;
    match tallies.first_unknown {
        Some(what) => Err(Trouble(format!("a settlement was answered with {what}"))),
        None => Ok(per_second(tallies.settled, nanos)),
    }
}

/// Opens pages for so many seconds.
fn read(options: &Options, readers: &Arc<Vec<Reader>>) -> Result<Tallies, Trouble> {
    let (_, address) = address(&options.base)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|it| Trouble::new(&it))?;
    runtime.block_on(open_pages(options, readers, address))
}

async fn open_pages(
    options: &Options,
    readers: &Arc<Vec<Reader>>,
    address: SocketAddr,
) -> Result<Tallies, Trouble> {
    let mut wires = Vec::new();
    for _ in 0..options.connections.max(1) {
        wires.push(Wire::open(address).await.map_err(|it| Trouble(format!("{address}: {it}")))?);
    }
    let watch = Stopwatch::start();
    let gate = Arc::new(Gate::open(Some(options.rate), None, options.seconds, watch));
    let pacer = gate.pace();
    let mut running = Vec::new();
    for (number, wire) in (0..).zip(wires) {
        let chance = Chance::new(options.seed, number);
        let (readers, gate) = (Arc::clone(readers), Arc::clone(&gate));
        running.push(tokio::spawn(go_on(wire, chance, readers, gate, watch)));
    }
    let mut all = Tallies::default();
    for connection in running {
        all.add(connection.await.map_err(|it| Trouble::new(&it))?);
    }
    all.unsent = gate.shut(pacer)?;
    Ok(all)
}

/// Opens one page after another, each as one of the readers, until the time is over or an answer is no page.
async fn go_on(
    mut wire: Wire,
    mut chance: Chance,
    readers: Arc<Vec<Reader>>,
    gate: Arc<Gate>,
    watch: Stopwatch,
) -> Tallies {
    let (mut tallies, mut request) = (Tallies::default(), String::new());
    while let Some(due) = gate.next().await {
        let reader = usize::try_from(chance.below(readers.len() as u64)).unwrap_or_default();
        let kind = readers[reader].write(&mut chance, &mut request);
        let since = due.unwrap_or_else(|| watch.nanos());
        let what = match wire.call(request.as_bytes()).await {
            Ok((status, body)) => said(status, body),
            Err(error) => Said::Unexpected(error.to_string()),
        };
        tallies.count(kind, &what, watch.nanos().saturating_sub(since));
        if tallies.first_unknown.is_some() {
            break;
        }
    }
    tallies
}

impl Measured {
    /// Settlements a second, alone and with pages: medians of the rounds.
    fn medians(&self) -> (u64, u64) {
        let median = |mut of: Vec<u64>| {
            of.sort_unstable();
            of.get(of.len() / 2).copied().unwrap_or_default()
        };
        let (alone, with) = self.settled.iter().copied().unzip();
        (median(alone), median(with))
    }

    /// With pages against alone, of a thousand.
    fn per_mille(&self) -> u64 {
        let (alone, with) = self.medians();
        with * 1_000 / alone.max(1)
    }

    fn json(&self, options: &Options) -> Value {
        let nanos = options.seconds * 1_000_000_000;
        json!({
            "quiet": self.quiet.json(nanos), "beside": self.beside.json(nanos * options.rounds),
            "settlements_per_s": self.settled,
            "settlements_with_pages_per_mille": self.per_mille(),
        })
    }

    /// The table for people, in milliseconds.
    fn text(&self, options: &Options) -> String {
        let mut text = format!("{} pages a second, {} people signed in\n", options.rate, options.readers);
        for (what, tallies) in [("nothing settled", &self.quiet), ("while settling", &self.beside)] {
            let all = tallies.all();
            for (kind, tally) in tallies.by_kind().into_iter().chain([("all".to_owned(), &all)]) {
                if tally.sent == 0 {
                    continue;
                }
                write!(text, "| {what} | {kind} | {}", tally.sent).expect("a String grows");
                for (_, of) in QUANTILES {
                    let micros = tally.latency.quantile(of) / 1_000;
                    write!(text, " | {}.{:02}", micros / 1_000, micros % 1_000 / 10).expect("a String grows");
                }
                writeln!(text, " |").expect("a String grows");
            }
            writeln!(text, "{what}: {} fell due and were not sent", tallies.unsent).expect("a String grows");
        }
        let (alone, with) = self.medians();
        let ratio = self.per_mille();
        writeln!(
            text,
            "settlements a second: {alone} alone, {with} with pages, ratio {}.{:03}; rounds {:?}",
            ratio / 1_000,
            ratio % 1_000,
            self.settled
        )
        .expect("a String grows");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::served::{PEOPLE, now, served, town};
    use crate::bench::{logins, people};

    /// If this fails, what is measured are not pages of people who are signed in, or settlements stand still meanwhile.
    #[tokio::test(flavor = "multi_thread")]
    async fn people_who_are_signed_in_read_while_settlements_run() {
        let folder = tempfile::tempdir().expect("a folder");
        people::run(&town(folder.path()), now).await.expect("taken in");
        logins::keep(&town(folder.path()), 2, now).await.expect("logins");
        let (_app, base) = served(folder.path()).await;
        let options = Options {
            base,
            people: PEOPLE,
            seed: 1,
            readers: 2,
            rate: 100,
            connections: 4,
            settling: 2,
            settle_rate: Some(20),
            seconds: 1,
            rounds: 1,
            service_time: "2025-06-16 09:00:00".to_owned(),
        };
        let told = options.clone();
        let measuring = tokio::task::spawn_blocking(move || turns(&options, now));
        let measured = measuring.await.expect("not broken off").expect("measured");
        for tallies in [&measured.quiet, &measured.beside] {
            assert_eq!(tallies.first_unknown, None);
            assert!(tallies.all().done > 0, "{}", measured.text(&told));
        }
        let kinds: Vec<String> = measured.beside.by_kind().into_iter().map(|(kind, _)| kind).collect();
        for kind in ["start", "account", "drugs", "spending", "why"] {
            assert!(kinds.iter().any(|it| it == kind), "{kind}: {kinds:?}");
        }
        assert!(
            measured.settled.iter().all(|(alone, with)| *alone > 0 && *with > 0),
            "{:?}",
            measured.settled
        );
    }

    /// If this fails, the ratio that is told is another.
    #[test]
    fn the_ratio_is_of_medians() {
        let settled = vec![(1_000, 900), (100, 1), (2_000, 5_000)];
        let measured = Measured { settled, ..Measured::default() };
        assert_eq!((measured.medians(), measured.per_mille()), ((1_000, 900), 900));
        assert_eq!(Measured::default().per_mille(), 0);
    }
}
