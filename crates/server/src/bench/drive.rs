//! `gongji bench drive`: the load generator, a process of its own that knows the town and nothing of the store.

use super::Trouble;
use super::chance::Chance;
use super::gate::Gate;
use super::messages::Office;
use super::session::{Habits, Session};
use super::stopwatch::Stopwatch;
use super::tally::Tallies;
use super::town::Town;
use super::wire::Wire;
use clap::{Args, ValueEnum};
use domain::day::Moment;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mix {
    /// Purchases at pharmacies (2102).
    Purchase,
    /// Visits to hospitals: registration, reason, lines, preview, settlement (2201, 2203, 2204, 2206, 2207).
    Visit,
    /// Seven purchases to three visits, with replays and cancellations.
    Day,
}

/// What load is generated.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub base: String,
    /// People of the town that the server has.
    #[arg(long, default_value_t = 1_000_000)]
    pub people: u64,
    /// What the town follows from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// What is sent.
    #[arg(long, value_enum, default_value = "purchase")]
    pub mix: Mix,
    /// Connections, each with one message on its way at a time.
    #[arg(long, default_value_t = 64)]
    pub connections: u64,
    /// For how many seconds.
    #[arg(long, default_value_t = 20)]
    pub seconds: u64,
    /// The time of care that messages state, China Standard Time; the server's clock has to be past it.
    #[arg(long, default_value = "2025-06-16 09:00:00")]
    pub service_time: String,
    /// Bills a second, at times that do not depend on the answers; without it, each connection sends when answered.
    #[arg(long)]
    pub rate: Option<u64>,
    /// Stop after so many bills.
    #[arg(long)]
    pub bills: Option<u64>,
    /// One institution sends everything.
    #[arg(long)]
    pub one_institution: bool,
    /// One institution sends so many times its share; latencies of the others are told apart.
    #[arg(long, value_name = "TIMES", num_args = 0..=1, default_missing_value = "10")]
    pub greedy: Option<u64>,
}

/// Generates the load and prints what came of it.
///
/// # Errors
/// [`Trouble`] where the address is none, or an answer is one that nothing explains.
pub fn run(options: &Options, now: fn() -> Moment) -> Result<(), Trouble> {
    let (tallies, nanos) = measured(options, now)?;
    println!("{}", tallies.json(nanos));
    eprintln!("{}", tallies.text(nanos));
    match tallies.first_unknown {
        Some(_) => Err(Trouble("some answers are none that a message should have".to_owned())),
        None => Ok(()),
    }
}

/// Generates the load: what came of it, and how many nanoseconds it took.
///
/// # Errors
/// [`Trouble`] where the address is none, or nobody listens there.
pub(super) fn measured(options: &Options, now: fn() -> Moment) -> Result<(Tallies, u64), Trouble> {
    let (host, address) = address(&options.base)?;
    let town = Town::new(options.seed, options.people);
    let office = Arc::new(Office::new(town, host, options.service_time.clone(), now));
    // One thread: the server needs the others.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|it| Trouble::new(&it))?;
    runtime.block_on(load(options, &office, address))
}

/// Generates the load: what came of it, and how many nanoseconds it took.
async fn load(
    options: &Options,
    office: &Arc<Office>,
    address: SocketAddr,
) -> Result<(Tallies, u64), Trouble> {
    let habits = Habits {
        mix: options.mix,
        one_institution: options.one_institution,
        greedy: options.greedy.unwrap_or(1),
    };
    // Different runs send different bills, as they have to: the same ones again would be taken for duplicates.
    let seed = options.seed ^ u64::from_le_bytes(crate::vault::random());
    let mut wires = Vec::new();
    for _ in 0..options.connections {
        wires.push(Wire::open(address).await.map_err(|it| Trouble(format!("{address}: {it}")))?);
    }
    let watch = Stopwatch::start();
    let gate = Arc::new(Gate::open(options.rate, options.bills, options.seconds, watch));
    let pacer = gate.pace();
    let mut running = Vec::new();
    for (number, wire) in (0..).zip(wires) {
        let chance = Chance::new(seed, number);
        let session = Session::new(Arc::clone(office), wire, chance, number, habits, watch);
        running.push(tokio::spawn(go_on(session, Arc::clone(&gate))));
    }
    let mut all = Tallies::default();
    for session in running {
        all.add(session.await.map_err(|it| Trouble::new(&it))?);
    }
    let nanos = watch.nanos();
    all.unsent = gate.shut(pacer)?;
    Ok((all, nanos))
}

/// Sends one bill after another, until the time is over or an answer cannot be explained.
async fn go_on(mut session: Session, gate: Arc<Gate>) -> Tallies {
    while let Some(due) = gate.next().await {
        session.next(due).await;
        if session.tallies.first_unknown.is_some() {
            break;
        }
    }
    session.tallies
}

/// Host and address of `http://127.0.0.1:8080`.
pub(super) fn address(base: &str) -> Result<(String, SocketAddr), Trouble> {
    let wrong = || Trouble(format!("`{base}` is no address like http://127.0.0.1:8080"));
    let host = base.strip_prefix("http://").ok_or_else(wrong)?.trim_end_matches('/');
    let address = host.to_socket_addrs().map_err(|_| wrong())?.next().ok_or_else(wrong)?;
    Ok((host.to_owned(), address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::App;
    use crate::bench::people;
    use crate::bench::served::{PEOPLE, now, served, town};
    use domain::ids::Serial;
    use std::collections::BTreeSet;
    use store::{Page, Query};

    fn options(base: String, mix: Mix, rate: Option<u64>, bills: u64) -> Options {
        Options {
            base,
            people: PEOPLE,
            seed: 1,
            mix,
            connections: 24,
            seconds: 60,
            service_time: "2025-06-16 09:00:00".to_owned(),
            rate,
            bills: Some(bills),
            one_institution: false,
            greedy: Some(5),
        }
    }

    /// How many settlements a store holds, and how many of them drew on a relative's account.
    async fn settled(app: &App) -> (usize, usize) {
        let (mut all, mut shared, mut from) = (0, 0, Serial(0));
        loop {
            let query = Query::Records { from, to: Serial(i64::MAX.unsigned_abs()), limit: 1_000 };
            let Page::Records(records) = app.store.page(&query).await.expect("a page") else { panic!() };
            let Some(last) = records.last() else { return (all, shared) };
            from = Serial(last.turn.serial.0 + 1);
            let made = records.iter().filter_map(|it| it.decision.changes());
            for settlement in
                made.flat_map(|it| &it.settlements).filter(|it| it.undoes.is_none() && it.undone_by.is_none())
            {
                all += 1;
                shared += usize::from(settlement.draws.iter().any(|it| it.binding.is_some()));
            }
        }
    }

    /// If this fails, what is measured is not what hospitals send, or not what the server settles.
    #[tokio::test(flavor = "multi_thread")]
    async fn everything_that_is_sent_is_done() {
        let folder = tempfile::tempdir().expect("a folder");
        people::run(&town(folder.path()), now).await.expect("taken in");
        let (app, base) = served(folder.path()).await;
        let (mut bills, mut kinds) = (0, BTreeSet::new());
        let runs = [(Mix::Purchase, Some(2_000), 200), (Mix::Visit, None, 60), (Mix::Day, None, 600)];
        for (mix, rate, count) in runs {
            let options = options(base.clone(), mix, rate, count);
            let driving = tokio::task::spawn_blocking(move || measured(&options, now));
            let (tallies, nanos) = driving.await.expect("not broken off").expect("driven");
            let all = tallies.all();
            assert_eq!((all.unknown, tallies.first_unknown.as_deref(), all.busy), (0, None, 0), "{mix:?}");
            // A visit that was settled later forbids cancelling an earlier one of the same patient.
            assert!(all.refused.values().sum::<u64>() <= 5 && all.done >= count, "{}", tallies.text(nanos));
            kinds.extend(
                tallies.json(nanos)["kinds"].as_object().into_iter().flat_map(|it| it.keys()).cloned(),
            );
            bills += tallies.settled;
        }
        let (all, shared) = settled(&app).await;
        assert_eq!(u64::try_from(all), Ok(bills));
        assert!((all / 50..all / 8).contains(&shared), "{shared} of {all}");
        for kind in ["2102", "2102 greedy", "2201", "2203", "2204", "2206", "2207"] {
            assert!(kinds.contains(kind), "{kind}: {kinds:?}");
        }
        assert!(kinds.iter().any(|it| it.ends_with(" replay")), "{kinds:?}");
        assert!(kinds.iter().any(|it| it.starts_with("2103") || it.starts_with("2208")), "{kinds:?}");
    }

    #[test]
    fn a_server_is_named_by_its_address() {
        let (host, at) = address("http://127.0.0.1:8301/").expect("reads");
        assert_eq!((host.as_str(), at.port()), ("127.0.0.1:8301", 8_301));
        for wrong in ["127.0.0.1:8301", "https://127.0.0.1:1", "http://", "http://127.0.0.1"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
