//! `gongji bench drive`: the load generator, a process of its own that knows the town and nothing of the store.

use super::Trouble;
use super::messages::Office;
use super::session::Session;
use super::stopwatch::Stopwatch;
use super::tally::Tallies;
use super::town::Town;
use clap::{Args, ValueEnum};
use domain::day::Moment;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mix {
    /// Purchases at pharmacies (2102).
    Purchase,
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
    /// One institution sends everything.
    #[arg(long)]
    pub one_institution: bool,
}

/// Generates the load and prints what came of it.
///
/// # Errors
/// [`Trouble`] where the address is none, or an answer is one that nothing explains.
pub fn run(options: &Options, now: fn() -> Moment) -> Result<(), Trouble> {
    let (tallies, nanos) = load(options, now)?;
    println!("{}", tallies.json(nanos));
    eprintln!("{}", tallies.text(nanos));
    match tallies.first_unknown {
        Some(_) => Err(Trouble("some answers are none that a message should have".to_owned())),
        None => Ok(()),
    }
}

/// Generates the load: what came of it, and how many nanoseconds it took.
fn load(options: &Options, now: fn() -> Moment) -> Result<(Tallies, u64), Trouble> {
    let (host, address) = address(&options.base)?;
    let town = Town::new(options.seed, options.people);
    let office = Arc::new(Office::new(town, host, options.service_time.clone(), now));
    // One thread: the server needs the others.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|it| Trouble::new(&it))?;
    runtime.block_on(async {
        // Different runs send different bills, as they have to: the same ones again would be taken for duplicates.
        let seed = options.seed ^ u64::from_le_bytes(crate::vault::random());
        let watch = Stopwatch::start();
        let until = options.seconds.saturating_mul(1_000_000_000);
        let mut running = Vec::new();
        for number in 0..options.connections {
            let one = options.one_institution;
            let session = Session::new(Arc::clone(&office), address, seed, number, one, watch);
            running.push(tokio::spawn(closed_loop(session, options.mix, until, watch)));
        }
        let mut all = Tallies::default();
        for session in running {
            all.add(session.await.map_err(|it| Trouble::new(&it))?);
        }
        Ok((all, watch.nanos()))
    })
}

/// Sends as soon as it is answered, until the time is over.
async fn closed_loop(mut session: Session, mix: Mix, until: u64, watch: Stopwatch) -> Tallies {
    while watch.nanos() < until && session.tallies.first_unknown.is_none() {
        match mix {
            Mix::Purchase => session.purchase(None).await,
        }
    }
    session.tallies
}

/// Host and address of `http://127.0.0.1:8080`.
fn address(base: &str) -> Result<(String, SocketAddr), Trouble> {
    let wrong = || Trouble(format!("`{base}` is no address like http://127.0.0.1:8080"));
    let host = base.strip_prefix("http://").ok_or_else(wrong)?.trim_end_matches('/');
    let address = host.to_socket_addrs().map_err(|_| wrong())?.next().ok_or_else(wrong)?;
    Ok((host.to_owned(), address))
}
