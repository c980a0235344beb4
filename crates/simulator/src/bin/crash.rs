//! Kills the real binary with `kill -9` under load, restarts it, and demands that nothing acknowledged is lost and
//! nothing is half there: `script/crash ROUNDS`.

use domain::day::Moment;
use serde_json::{Value, json};
use server::demo::client::{Client, Trouble};
use server::demo::stage::{CLASS_A, line, merged, text};
use server::demo::world::World;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Where purchases are made.
const PHARMACY: &str = "P32030000001";
/// How many clients send at the same time.
const CLIENTS: u64 = 6;
/// Who buys.
const PATIENTS: [&str; 3] = ["lixiaoming", "wangxiuying", "zhaojianguo"];

/// A message that was sent: what it was, and the answer if one came.
struct Sent {
    infno: &'static str,
    input: Value,
    answer: Option<Value>,
}

struct Bench {
    binary: PathBuf,
    folder: PathBuf,
    port: u16,
    server: Option<Child>,
    client: Client,
}

fn main() -> ExitCode {
    let rounds = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(5);
    match run(rounds) {
        Ok((acknowledged, open)) => {
            println!(
                "{rounds} rounds: {acknowledged} acknowledged, none lost; {open} unacknowledged, none half there"
            );
            ExitCode::SUCCESS
        }
        Err(Trouble(what)) => {
            eprintln!("crash: {what}");
            ExitCode::FAILURE
        }
    }
}

fn run(rounds: u64) -> Result<(u64, u64), Trouble> {
    let mut bench = Bench::prepare()?;
    let (mut acknowledged, mut open) = (0, 0);
    for round in 1..=rounds {
        bench.start(round)?;
        if round == 1 {
            bench.load_world()?;
        }
        let sent = bench.load_until_killed(round)?;
        bench.start_again(round)?;
        let (told, untold) = bench.audit(&sent)?;
        bench.kill();
        println!("round {round}: {told} acknowledged and there, {untold} unacknowledged and whole or absent");
        acknowledged += told;
        open += untold;
    }
    bench.verify()?;
    Ok((acknowledged, open))
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
        Ok(Bench { binary, folder, port, server: None, client })
    }

    /// Starts the server; its sandbox clock goes on from where the round before can at most have come.
    fn start(&mut self, round: u64) -> Result<(), Trouble> {
        let minutes = round * 4 % 60;
        self.spawn(&format!("2025-06-16 {:02}:{minutes:02}", 8 + round * 4 / 60))
    }

    fn start_again(&mut self, round: u64) -> Result<(), Trouble> {
        let minutes = (round * 4 + 2) % 60;
        self.spawn(&format!("2025-06-16 {:02}:{minutes:02}", 8 + (round * 4 + 2) / 60))
    }

    fn spawn(&mut self, now: &str) -> Result<(), Trouble> {
        let (data, listen) = (self.folder.display().to_string(), format!("127.0.0.1:{}", self.port));
        let child = Command::new(&self.binary)
            .args(["serve", "--data", &data, "--listen", &listen, "--sandbox-now", now])
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

    fn load_world(&mut self) -> Result<(), Trouble> {
        let rich = ["liming", "wangxiuying", "zhaojianguo"];
        let world = rich
            .iter()
            .fold(World::shipped(), |world, it| world.with_balance(it, "5000000.00", "5000000.00"));
        let now = Moment::parse("2025-06-16 08:04").ok_or_else(|| Trouble("no moment".to_owned()))?;
        world.load(&mut self.client, now)
    }

    /// Clients send until so many answers have come, then the server is killed in the middle of it.
    fn load_until_killed(&mut self, round: u64) -> Result<BTreeMap<String, Sent>, Trouble> {
        let sent: Arc<Mutex<BTreeMap<String, Sent>>> = Arc::default();
        let (answered, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let enough = 40 + round * 37 % 200;
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (mut client, sent) = (self.client.clone(), Arc::clone(&sent));
                let (answered, stop) = (Arc::clone(&answered), Arc::clone(&stop));
                std::thread::spawn(move || send(&mut client, round, number, &sent, &answered, &stop))
            })
            .collect();
        while answered.load(Ordering::SeqCst) < enough {
            std::thread::park_timeout(std::time::Duration::from_millis(1));
        }
        self.kill();
        stop.store(true, Ordering::SeqCst);
        for client in clients {
            client.join().map_err(|_| Trouble("a client broke off".to_owned()))?;
        }
        let sent = Arc::into_inner(sent).ok_or_else(|| Trouble("a client is left".to_owned()))?;
        sent.into_inner().map_err(|it| Trouble(it.to_string()))
    }

    /// Everything acknowledged is there with the same answer; everything else is whole or absent.
    fn audit(&mut self, sent: &BTreeMap<String, Sent>) -> Result<(u64, u64), Trouble> {
        let (mut told, mut untold) = (0, 0);
        for (msgid, message) in sent {
            let asked = self.client.message(PHARMACY, "GJ01", &json!({ "data": { "omsgid": msgid } }))?;
            let state = text(&asked, "/output/result/GJ_STATE");
            let on_record = asked.pointer("/output/result/GJ_ANSWER").cloned().unwrap_or(Value::Null);
            match &message.answer {
                Some(answer) if on_record == *answer => told += 1,
                Some(answer) => {
                    return Err(Trouble(format!("{msgid} was acknowledged and is lost: {answer}")));
                }
                None if state == "never arrived" => untold += 1,
                None => {
                    let again = self.client.message_again(PHARMACY, message.infno, msgid, &message.input)?;
                    if state != "done" || again != on_record {
                        return Err(Trouble(format!("{msgid} is half there: {state}")));
                    }
                    untold += 1;
                }
            }
        }
        Ok((told, untold))
    }

    fn verify(&mut self) -> Result<(), Trouble> {
        let data = self.folder.display().to_string();
        let verified = Command::new(&self.binary).args(["verify", "--data", &data]).output();
        let verified = verified.map_err(|it| Trouble(it.to_string()))?;
        let said = String::from_utf8_lossy(&verified.stdout).into_owned();
        print!("{said}");
        // What cannot be removed is left to the system's temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
        if verified.status.success() { Ok(()) } else { Err(Trouble("the books are not sound".to_owned())) }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Purchases, every fourth one cancelled, every fifth message sent twice.
fn send(
    client: &mut Client,
    round: u64,
    number: u64,
    sent: &Mutex<BTreeMap<String, Sent>>,
    answered: &AtomicU64,
    stop: &AtomicBool,
) {
    let world = World::shipped();
    for count in 0..10_000_u64 {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let patient = PATIENTS[usize::try_from((count + number) % 3).unwrap_or(0)];
        let msgid = format!("{PHARMACY}-{round}-{number}-{count}");
        let bought =
            exchange(client, sent, answered, &msgid, "2102", purchase(&world, patient, round, number, count));
        let Some(bought) = bought else { continue };
        if count % 4 == 0 {
            let (setl_id, mdtrt_id) =
                (text(&bought, "/output/setlinfo/setl_id"), text(&bought, "/output/setlinfo/mdtrt_id"));
            let psn_no = world.person(patient).psn_no();
            let input = json!({ "data": { "psn_no": psn_no, "setl_id": setl_id, "mdtrt_id": mdtrt_id } });
            exchange(client, sent, answered, &format!("{msgid}-X"), "2103", input);
        }
    }
}

/// Sends a message and keeps what came of it.
fn exchange(
    client: &mut Client,
    sent: &Mutex<BTreeMap<String, Sent>>,
    answered: &AtomicU64,
    msgid: &str,
    infno: &'static str,
    input: Value,
) -> Option<Value> {
    let keep = |answer: Option<Value>| {
        let mut sent = sent.lock().expect("clients do not panic while they hold it");
        sent.insert(msgid.to_owned(), Sent { infno, input: input.clone(), answer });
    };
    keep(None);
    let answer = client.message_again(PHARMACY, infno, msgid, &input).ok()?;
    keep(Some(answer.clone()));
    answered.fetch_add(1, Ordering::SeqCst);
    Some(answer)
}

/// A purchase whose amount no other has, so that none is taken for a repetition.
fn purchase(world: &World, patient: &str, round: u64, number: u64, count: u64) -> Value {
    let person = world.person(patient);
    let now = "2025-06-16 08:00:00";
    let fen = 100 + round * 3 + number * 1_009 + count * 7_919 % 90_001;
    let amount = format!("{}.{:02}", fen / 100, fen % 100);
    let bill = json!({
        "psn_no": person.psn_no(), "mdtrt_cert_type": "03", "mdtrt_cert_no": person.card(),
        "card_sn": person.card_serial(), "begntime": now, "medfee_sumamt": amount, "insutype": person.scheme,
        "acct_used_flag": "1", "med_type": "41", "exp_content": "{\"GJ_REPEAT\":1}",
    });
    json!({ "druginfo": merged(&bill, &json!({})), "drugdetail": [line("1", CLASS_A, &amount, now)] })
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
