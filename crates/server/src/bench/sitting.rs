//! `gongji bench run`: a sitting. Our server and its peers are measured in turns on the same machine in the same hour;
//! then our server again at rates that do not depend on its answers.

use super::children::{Peers, Postgres, Server, object, run as heard};
use super::figures::{Figure, Figures, Point};
use super::machine::{Used, about, most_memory, open_most_files, synced_a_second, used, used_by_threads};
use super::weight::Weight;
use super::{Trouble, chart, people};
use clap::Args;
use domain::day::Moment;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use store::{Page, Query};

/// When the sandbox's clock starts in a folder that was not served before.
const FIRST: &str = "2025-06-16 10:00";
/// Rates of the curve, in hundredths of the highest that was seen.
const CURVE: [u64; 9] = [20, 40, 60, 70, 80, 90, 100, 110, 120];
/// The rate that shows what becomes of a flood.
const FLOOD: u64 = 200;
/// Clients of PostgreSQL: which number is its best depends on the machine and the hour.
const CLIENTS: [u64; 3] = [8, 16, 64];
/// Files that a program has open besides its connections.
const OTHER_FILES: u64 = 100;
const OURS: &str = "gongji: purchases";

/// How a sitting goes.
#[derive(Debug, Clone, Args)]
pub struct Options {
    #[command(flatten)]
    town: people::Options,
    /// Bills that are settled before anything is measured.
    #[arg(long, default_value_t = 1_000_000)]
    warm: u64,
    /// How often each program is measured.
    #[arg(long, default_value_t = 3)]
    rounds: u64,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Connections to our server.
    #[arg(long, default_value_t = 64)]
    connections: u64,
    /// Connections for the curve, where bills do not wait for answers.
    #[arg(long, default_value_t = 512)]
    curve_connections: u64,
    /// Connections for the flood: more than the server lets wait, so that it has to turn some away.
    #[arg(long, default_value_t = 6_000)]
    flood_connections: u64,
    /// Port of our server on loopback; the next one is the HTTP peer's.
    #[arg(long, default_value_t = 8310)]
    port: u16,
    /// Where table, figures and drawing are written.
    #[arg(long, default_value = ".")]
    out: PathBuf,
    /// Measure no peers.
    #[arg(long)]
    alone: bool,
    /// The script that runs PostgreSQL.
    #[arg(long, default_value = "bench/postgres/run")]
    postgres: PathBuf,
    /// Port of PostgreSQL on loopback.
    #[arg(long, default_value_t = 5610)]
    postgres_port: u16,
    /// Folder of `sqlite-ceiling` and `http-ceiling`; where this program is, unless said.
    #[arg(long)]
    ceilings: Option<PathBuf>,
    /// Where the peers keep their files; the user `postgres` has to reach it.
    #[arg(long, default_value = "/var/tmp/gongji-bench-peers")]
    scratch: PathBuf,
}

/// Holds the sitting.
///
/// # Errors
/// [`Trouble`] where something does not start, fails, or answers what it should not.
pub async fn run(options: Options, now: fn() -> Moment) -> Result<(), Trouble> {
    people::run(&options.town, now).await?;
    let clock = next_clock(&options.town).await?;
    let sitting = tokio::task::spawn_blocking(move || sit(&options, clock));
    sitting.await.map_err(|it| Trouble::new(&it))?
}

/// A minute past all that the folder's store holds: a server whose clock is behind it decides on rows loaded twice.
async fn next_clock(town: &people::Options) -> Result<Moment, Trouble> {
    let first = Moment::parse(FIRST).expect("the moment is written above");
    let (store, _) = town.folder().open().await.map_err(|it| Trouble::new(&it))?;
    let page = store.page(&Query::Lanes).await.map_err(|it| Trouble::new(&it))?;
    let Page::Lanes(lanes) = page else { return Ok(first) };
    let mut last = first;
    for (_, serial) in lanes {
        let query = Query::Records { from: serial, to: serial, limit: 1 };
        if let Page::Records(records) = store.page(&query).await.map_err(|it| Trouble::new(&it))? {
            last = records.iter().map(|it| it.turn.at.plus_millis(60_000)).fold(last, Moment::max);
        }
    }
    Ok(last)
}

/// A sitting that goes on.
struct Sitting<'a> {
    options: &'a Options,
    program: PathBuf,
    server: Server,
    figures: Figures,
    spent: Spent,
}

/// What was used while purchases were measured.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    server: Used,
    driver: Used,
    /// By PostgreSQL, where it keeps the books on this machine.
    database: Option<Used>,
    /// How many purchases they were.
    settled: u64,
}

fn sit(options: &Options, clock: Moment) -> Result<(), Trouble> {
    let (files, most) = (options.flood_connections.saturating_add(OTHER_FILES), open_most_files());
    if most < files {
        return Err(Trouble(format!(
            "the flood opens {files} files, and the system allows {most}: raise `ulimit -Hn` or lower --flood-connections"
        )));
    }
    let program = std::env::current_exe().map_err(|it| Trouble::new(&it))?;
    std::fs::create_dir_all(&options.out).map_err(|it| Trouble::new(&it))?;
    let data = &options.town.data;
    let probe = synced_a_second(data)?;
    let address = SocketAddr::from(([127, 0, 0, 1], options.port));
    let serve = ["serve", "--data", &data.display().to_string(), "--listen", &address.to_string()];
    let clock = ["--sandbox-now", &clock.to_string()];
    let arguments: Vec<String> = serve.iter().chain(&clock).map(|it| (*it).to_owned()).collect();
    let server = Server::start(&program, &arguments, address)?;
    let mut sitting =
        Sitting { options, program, server, figures: Figures::default(), spent: Spent::default() };
    let before = Weight::of(&options.town)?.bytes;
    let warmed = sitting.warm()?;
    let threads = used_by_threads(sitting.server.process());
    sitting.rounds()?;
    let grown = Weight::of(&options.town)?.bytes.saturating_sub(before);
    sitting.facts(probe, grown, warmed, &threads)?;
    sitting.other_loads()?;
    sitting.curve()?;
    sitting.write()
}

impl Sitting<'_> {
    /// Drives a server: the report, and what the driver used.
    fn drive(
        &self,
        address: SocketAddr,
        more: &[(&str, u64)],
        flags: &[&str],
    ) -> Result<(Value, Used), Trouble> {
        let town = &self.options.town;
        let mut arguments: Vec<String> =
            ["bench", "drive", "--base", &format!("http://{address}")].map(str::to_owned).into();
        let connections = ("--connections", self.options.connections);
        let mut numbers = BTreeMap::from([("--people", town.people), ("--seed", town.seed), connections]);
        numbers.insert("--seconds", self.options.seconds);
        numbers.extend(more.iter().copied());
        numbers.iter().for_each(|(name, it)| arguments.extend([(*name).to_owned(), it.to_string()]));
        arguments.extend(flags.iter().map(|it| (*it).to_owned()));
        let (written, used) = heard(&self.program, &arguments)?;
        Ok((object(&written)?, used))
    }

    /// Settles until the store is as large as one that is in use; how many bills.
    fn warm(&self) -> Result<u64, Trouble> {
        eprintln!("Warming up with {} bills …", self.options.warm);
        let numbers = [("--bills", self.options.warm), ("--seconds", 86_400)];
        let (report, _) = self.drive(self.server.address, &numbers, &[])?;
        Ok(report.get("settled").and_then(Value::as_u64).unwrap_or(0))
    }

    /// Measures all programs in turns.
    fn rounds(&mut self) -> Result<(), Trouble> {
        let peers = self.peers();
        let town = self.options.town.people;
        let started = peers.postgres.as_ref().map(|(run, folder, port)| {
            eprintln!("Filling PostgreSQL …");
            Postgres::start(run, folder, *port, town)
        });
        let postgres = started.transpose()?;
        if let Some(postgres) = &postgres {
            // Its first seconds are spent on pages that it has not seen yet.
            postgres.say("measure", &[CLIENTS[0], self.options.seconds])?;
        }
        for round in 1..=self.options.rounds {
            eprintln!("Round {round} of {} …", self.options.rounds);
            self.ours()?;
            for (postgres, clients) in postgres.iter().flat_map(|it| CLIENTS.map(|clients| (it, clients))) {
                let report = object(&postgres.say("measure", &[clients, self.options.seconds])?)?;
                self.figures.add(&format!("PostgreSQL by hand, {clients} clients"), Figure::of_peer(&report));
            }
            self.ceilings(&peers)?;
        }
        match &postgres {
            Some(postgres) => postgres.say("check", &[]).map(|_| ()),
            None => Ok(()),
        }
    }

    /// The peers that are there.
    fn peers(&self) -> Peers {
        let here = self.program.parent().map(Path::to_owned).unwrap_or_default();
        let ceilings = self.options.ceilings.clone().unwrap_or(here);
        let there = |path: PathBuf| {
            let found = !self.options.alone && path.exists();
            if !found && !self.options.alone {
                eprintln!("{} is not there and not measured.", path.display());
            }
            found.then_some(path)
        };
        let scratch = &self.options.scratch;
        let port = self.options.port.saturating_add(1);
        let postgres = there(self.options.postgres.clone());
        Peers {
            postgres: postgres.map(|it| (it, scratch.join("postgres"), self.options.postgres_port)),
            sqlite: there(ceilings.join("sqlite-ceiling")).map(|it| (it, scratch.join("sqlite"))),
            http: there(ceilings.join("http-ceiling"))
                .map(|it| (it, SocketAddr::from(([127, 0, 0, 1], port)))),
        }
    }

    /// Measures our own server.
    fn ours(&mut self) -> Result<(), Trouble> {
        let process = self.server.process();
        let (before, database) = (used(process), Weight::of(&self.options.town)?);
        let (report, driver) = self.drive(self.server.address, &[], &[])?;
        let server = used(process).since(before);
        let database = Weight::of(&self.options.town)?.used_since(&database);
        let spent = &mut self.spent;
        spent.server = spent.server.and(server);
        spent.driver = spent.driver.and(driver);
        spent.database = database.map(|it| spent.database.unwrap_or_default().and(it));
        spent.settled += report.get("settled").and_then(Value::as_u64).unwrap_or(0);
        self.figures.add(OURS, Figure::of_driver(&report));
        self.keep("purchase", report);
        Ok(())
    }

    /// Keeps a report of the driver under a name and the number that is next.
    fn keep(&mut self, name: &str, report: Value) {
        let number = self.figures.reports.keys().filter(|it| it.starts_with(name)).count() + 1;
        self.figures.reports.insert(format!("{name} {number}"), report);
    }

    fn ceilings(&mut self, peers: &Peers) -> Result<(), Trouble> {
        if let Some((program, folder)) = &peers.sqlite {
            std::fs::create_dir_all(folder).map_err(|it| Trouble::new(&it))?;
            let (seconds, people) = (self.options.seconds.to_string(), self.options.town.people.to_string());
            let folder = folder.display().to_string();
            let words = [&folder, "--seconds", &seconds, "--batch", "64", "--people", &people];
            let (written, _) = heard(program, &words.map(str::to_owned))?;
            self.figures.add("SQLite without server", Figure::of_peer(&object(&written)?));
        }
        if let Some((program, address)) = &peers.http {
            let server = Server::start(program, &[address.to_string()], *address)?;
            let (report, _) = self.drive(*address, &[], &[])?;
            drop(server);
            self.figures.add("HTTP without settling", Figure::of_driver(&report));
        }
        Ok(())
    }

    /// What the machine is and what a settlement costs.
    fn facts(
        &mut self,
        probe: u64,
        grown: u64,
        warmed: u64,
        before: &BTreeMap<(u32, String), Used>,
    ) -> Result<(), Trouble> {
        let (cores, name, memory) = about();
        let after = synced_a_second(&self.options.town.data)?;
        let Spent { server, driver, database, settled } = self.spent;
        let (in_database, grows) = match &self.options.town.store {
            None => (None, "Growth of the data folder for a settlement, bytes"),
            Some(_) => (Some(database), "Growth of the database for a settlement, without its log, bytes"),
        };
        let each = |ms: u64| json!(ms * 1_000 / settled.max(1));
        let mut facts = vec![
            ("Processors", json!(format!("{cores} × {name}, shared with the driver"))),
            ("Memory, MiB", json!(memory)),
            ("`fdatasync` of 4 KiB a second, before and after", json!(format!("{probe} and {after}"))),
            ("People", json!(self.options.town.people)),
            ("Settled before measuring", json!(warmed)),
            ("Connections", json!(self.options.connections)),
            ("Processor time of the server for a settlement, µs", each(server.all())),
            ("… of it in the system, µs", each(server.system_ms)),
            ("Processor time of the driver for a settlement, µs", each(driver.all())),
            ("Memory of the server at its largest, MiB", json!(most_memory(self.server.process()))),
            (grows, json!(grown / (warmed + settled).max(1))),
        ];
        if let Some(database) = in_database {
            let elsewhere = || json!("on another machine, in no figure here");
            let database = database.map_or_else(elsewhere, |it| each(it.all()));
            facts.push(("Processor time of PostgreSQL for a settlement, beside the server's, µs", database));
        }
        let mut threads: Vec<(u64, String)> = used_by_threads(self.server.process())
            .into_iter()
            .map(|(key, it)| (it.since(before.get(&key).copied().unwrap_or_default()).all(), key.1))
            .collect();
        threads.sort_unstable();
        let busiest = threads.iter().rev().take(8).map(|(ms, name)| format!("{name} {ms}"));
        facts.push(("Busiest threads, ms", json!(busiest.collect::<Vec<_>>().join(", "))));
        self.figures.facts.extend(facts.into_iter().map(|(name, it)| (name.to_owned(), it)));
        Ok(())
    }

    /// Once each: what else comes to the same server.
    fn other_loads(&mut self) -> Result<(), Trouble> {
        let loads: [(&str, &[&str]); 4] = [
            ("visits of five messages", &["--mix", "visit"]),
            ("a day's mix", &["--mix", "day"]),
            ("purchases at one institution", &["--one-institution"]),
            ("one institution sends a hundred times its share", &["--greedy", "100"]),
        ];
        for (name, flags) in loads {
            eprintln!("Measuring {name} …");
            let (report, _) = self.drive(self.server.address, &[], flags)?;
            self.figures.add(&format!("gongji: {name}"), Figure::of_driver(&report));
            self.keep(name, report);
        }
        Ok(())
    }

    fn curve(&mut self) -> Result<(), Trouble> {
        let connections = ("--connections", self.options.curve_connections);
        // Where the disk is slow, more connections make larger batches: so many may settle more, or less.
        let (report, _) = self.drive(self.server.address, &[connections], &[])?;
        let name = format!("gongji: purchases, {} connections", self.options.curve_connections);
        let most = Figure::of_driver(&report);
        self.figures.add(&name, most);
        self.keep("purchase over all connections", report);
        let top = most.rate_milli.max(self.figures.median_of(OURS).rate_milli) / 1_000;
        for share in CURVE {
            self.offer(top * share / 100, connections)?;
        }
        self.offer(top * FLOOD / 100, ("--connections", self.options.flood_connections))
    }

    /// One point of the curve.
    fn offer(&mut self, rate: u64, connections: (&str, u64)) -> Result<(), Trouble> {
        let rate = rate.max(1);
        eprintln!("Offering {rate} bills a second …");
        let (report, _) = self.drive(self.server.address, &[("--rate", rate), connections], &[])?;
        self.figures.curve.push(Point::of(rate, &report));
        self.keep("rate", report);
        Ok(())
    }

    fn write(&self) -> Result<(), Trouble> {
        let page = self.figures.markdown();
        let files = [
            ("table.md", page.clone()),
            ("figures.json", format!("{:#}\n", self.figures.json())),
            ("latency.svg", chart::svg(&self.figures.curve)),
        ];
        for (name, text) in files {
            let path = self.options.out.join(name);
            std::fs::write(&path, text).map_err(|it| Trouble(format!("{}: {it}", path.display())))?;
        }
        println!("{page}");
        Ok(())
    }
}
