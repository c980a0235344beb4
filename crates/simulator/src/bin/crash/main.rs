//! Kills the real binary with `kill -9` under load, restarts it, and demands that nothing acknowledged is lost and
//! nothing is half there: `script/crash ROUNDS`.

mod load;
mod sent;

use domain::day::Moment;
use load::Load;
use sent::{Asked, Fate, Ledger};
use serde_json::Value;
use server::demo::client::{Client, Trouble};
use server::demo::world::World;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};

/// When the first round is; each of the others is so much later than the one before, and starts twice.
const FIRST: &str = "2025-06-16 08:00:00";
const ROUND_MS: i64 = 3 * 3_600_000;
const RESTART_MS: i64 = 3_600_000;
/// In every so many rounds all is decided again, and asked about that is kept of the rounds before: one acknowledged answer of
/// so many.
const ROUNDS_BETWEEN_CHECKS: u64 = 100;
const KEPT_ONE_OF: usize = 50;

struct Bench {
    binary: PathBuf,
    folder: PathBuf,
    port: u16,
    server: Option<Child>,
    client: Client,
    /// Acknowledged answers of all rounds.
    kept: Vec<(String, Asked, Value)>,
}

/// How many messages it were.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    acknowledged: u64,
    /// Of these, not refused.
    granted: u64,
    done: u64,
    absent: u64,
}

fn main() -> ExitCode {
    let rounds = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(5);
    match run(rounds) {
        Ok(Tally { acknowledged, done, absent, .. }) => {
            println!(
                "{rounds} rounds: {acknowledged} acknowledged, none lost; {} on their way when it was killed, {done} of \
                 them done, {absent} never arrived, none half there",
                done + absent
            );
            ExitCode::SUCCESS
        }
        Err(Trouble(what)) => {
            eprintln!("crash: {what}");
            ExitCode::FAILURE
        }
    }
}

fn run(rounds: u64) -> Result<Tally, Trouble> {
    let mut bench = Bench::prepare()?;
    let mut all = Tally::default();
    for round in 1..=rounds {
        let told = bench.round(round)?;
        let Tally { acknowledged, done, absent, .. } = told;
        println!(
            "round {round}: {acknowledged} acknowledged and there; of those on their way {done} done, {absent} absent"
        );
        all.acknowledged += acknowledged;
        all.done += done;
        all.absent += absent;
        if round.is_multiple_of(ROUNDS_BETWEEN_CHECKS) {
            bench.verify()?;
        }
    }
    bench.verify()?;
    // What cannot be removed is left to the system's temporary folder.
    let _ = std::fs::remove_dir_all(&bench.folder);
    Ok(all)
}

/// The moment of a round: days go by, as they do between crashes.
fn moment(round: u64) -> Moment {
    let first = Moment::parse(FIRST).expect("the moment is written there");
    first.plus_millis(i64::try_from(round).unwrap_or(i64::MAX / ROUND_MS) * ROUND_MS)
}

impl Bench {
    fn prepare() -> Result<Bench, Trouble> {
        let binary = std::env::current_exe().map_err(|it| Trouble(it.to_string()))?.with_file_name("gongji");
        let folder = std::env::temp_dir()
            .join(format!("gongji-crash-{}", server::vault::hex(&server::vault::random::<6>())));
        std::fs::create_dir_all(&folder).map_err(|it| Trouble(it.to_string()))?;
        let data = folder.display().to_string();
        let token = Command::new(&binary)
            .args(["token", "--data", &data, "create", "--role", "operator", "--label", "crash"])
            .output()
            .map_err(|it| Trouble(format!("{}: {it}", binary.display())))?;
        let said = String::from_utf8_lossy(&token.stdout).into_owned();
        let secret = said.split(": ").nth(1).map(str::trim).unwrap_or_default().to_owned();
        if secret.is_empty() {
            return Err(Trouble(format!("no token: {}", String::from_utf8_lossy(&token.stderr))));
        }
        let port = free_port()?;
        let client = Client::new(format!("http://127.0.0.1:{port}"), secret, machine_time);
        Ok(Bench { binary, folder, port, server: None, client, kept: Vec::new() })
    }

    /// Load, a kill in the middle of it, and what is there afterwards.
    fn round(&mut self, round: u64) -> Result<Tally, Trouble> {
        let begun = moment(round);
        self.spawn(begun)?;
        if round == 1 {
            self.load_world(begun)?;
        }
        let ledger = Ledger::default();
        let load = Load::start(&self.client, &ledger, round, begun);
        load.wait_for(40 + round * 37 % 200)?;
        self.kill();
        load.end()?;
        self.spawn(begun.plus_millis(RESTART_MS))?;
        let told = self.audit(&ledger)?;
        if round.is_multiple_of(ROUNDS_BETWEEN_CHECKS) {
            for (id, asked, answer) in &self.kept {
                asked.must_stand(&mut self.client, id, answer)?;
            }
        }
        self.kill();
        Ok(told)
    }

    fn spawn(&mut self, now: Moment) -> Result<(), Trouble> {
        let (data, listen) = (self.folder.display().to_string(), format!("127.0.0.1:{}", self.port));
        let child = Command::new(&self.binary)
            .args(["serve", "--data", &data, "--listen", &listen, "--sandbox-now", &now.to_string()])
            .stdout(Stdio::null())
            .spawn();
        self.server = Some(child.map_err(|it| Trouble(it.to_string()))?);
        let token = self.client.operator.clone();
        for _ in 0..2_000 {
            if self.client.rest(&token, "GET", "/me", &Value::Null).is_ok() {
                return Ok(());
            }
            std::thread::yield_now();
            std::thread::park_timeout(std::time::Duration::from_millis(5));
        }
        Err(Trouble("the server did not come up".to_owned()))
    }

    fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            // SIGKILL: nothing is flushed, nothing is said.
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    fn load_world(&mut self, now: Moment) -> Result<(), Trouble> {
        let rich = ["liming", "wangxiuying", "zhaojianguo"];
        let world = rich
            .iter()
            .fold(World::shipped(), |world, it| world.with_balance(it, "5000000.00", "5000000.00"));
        world.load(&mut self.client, now)
    }

    /// Everything acknowledged is there with the same answer; everything else is whole or absent.
    fn audit(&mut self, ledger: &Ledger) -> Result<Tally, Trouble> {
        let mut told = Tally::default();
        for (number, (id, (asked, answers))) in ledger.take().into_iter().enumerate() {
            for answer in &answers {
                asked.must_stand(&mut self.client, &id, answer)?;
            }
            match (answers.into_iter().next(), &asked) {
                (Some(answer), _) => {
                    told.acknowledged += 1;
                    told.granted += u64::from(asked.is_granted(&answer));
                    if number.is_multiple_of(KEPT_ONE_OF) {
                        self.kept.push((id, asked, answer));
                    }
                }
                (None, _) => match asked.must_be_whole(&mut self.client, &id)? {
                    Fate::Done => told.done += 1,
                    Fate::Absent => told.absent += 1,
                },
            }
        }
        if told.granted * 2 < told.acknowledged {
            return Err(Trouble(
                "most of what was sent was refused: there was hardly anything to lose".to_owned(),
            ));
        }
        Ok(told)
    }

    fn verify(&mut self) -> Result<(), Trouble> {
        let data = self.folder.display().to_string();
        let verified = Command::new(&self.binary).args(["verify", "--data", &data]).output();
        let verified = verified.map_err(|it| Trouble(it.to_string()))?;
        let said = String::from_utf8_lossy(&verified.stdout).into_owned();
        print!("{said}");
        if verified.status.success() { Ok(()) } else { Err(Trouble("the books are not sound".to_owned())) }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.kill();
    }
}

fn free_port() -> Result<u16, Trouble> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|it| Trouble(it.to_string()))?;
    listener.local_addr().map(|it| it.port()).map_err(|it| Trouble(it.to_string()))
}

/// The machine's time, for signatures.
#[allow(clippy::disallowed_methods, reason = "a client of the real binary signs with the real time")]
fn machine_time() -> Moment {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Moment::from_millis(since.map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX)))
}
