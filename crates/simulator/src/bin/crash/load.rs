//! What clients send until the server is killed: purchases, visits of five messages, credits; some undone, some sent again.

use super::sent::{Asked, Ledger};
use domain::day::Moment;
use serde_json::{Value, json};
use server::demo::client::{Client, Trouble};
use server::demo::stage::{CLASS_A, line, merged, text};
use server::demo::world::{World, who};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

/// Where purchases are made.
pub(crate) const PHARMACY: &str = "P32030000001";
/// Where visits are.
pub(crate) const HOSPITAL: &str = "H32030000001";
/// How many clients send at the same time.
const CLIENTS: u64 = 6;
/// Who buys.
const PATIENTS: [&str; 3] = ["lixiaoming", "wangxiuying", "zhaojianguo"];
/// Who is credited.
const GIVER: &str = "liming";

/// Clients at work.
pub(crate) struct Load {
    clients: Vec<JoinHandle<()>>,
    answered: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

/// One client: what it has to send with, and what tells its messages from all others.
struct Sender {
    client: Client,
    world: World,
    ledger: Ledger,
    round: u64,
    number: u64,
    /// The time of care.
    begun: Moment,
    answered: Arc<AtomicU64>,
}

impl Load {
    /// Lets clients send; each ends with its first message that is not answered.
    pub(crate) fn start(client: &Client, ledger: &Ledger, round: u64, begun: Moment) -> Load {
        let (answered, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let start = |number| {
            let mut sender = Sender {
                client: client.clone(),
                world: World::shipped(),
                ledger: ledger.clone(),
                round,
                number,
                begun,
                answered: Arc::clone(&answered),
            };
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || {
                let mut counts = (0..).take_while(|_| !stop.load(Ordering::SeqCst));
                while counts.next().is_some_and(|count| sender.go_on(count).is_some()) {}
            })
        };
        let clients = (0..CLIENTS).map(start).collect();
        Load { clients, answered, stop }
    }

    /// Waits for so many answers.
    ///
    /// # Errors
    /// [`Trouble`] where all clients ended before: the server stopped answering by itself.
    pub(crate) fn wait_for(&self, answers: u64) -> Result<(), Trouble> {
        while self.answered.load(Ordering::SeqCst) < answers {
            if self.clients.iter().all(JoinHandle::is_finished) {
                return Err(Trouble("the server stopped answering before it was killed".to_owned()));
            }
            std::thread::park_timeout(std::time::Duration::from_millis(1));
        }
        Ok(())
    }

    /// Waits for the clients to end.
    ///
    /// # Errors
    /// [`Trouble`] where one panicked.
    pub(crate) fn end(self) -> Result<(), Trouble> {
        self.stop.store(true, Ordering::SeqCst);
        let ended = self.clients.into_iter().map(JoinHandle::join);
        ended.collect::<Result<(), _>>().map_err(|_| Trouble("a client broke off".to_owned()))
    }
}

impl Sender {
    /// The next thing to do; nothing where an answer did not come.
    fn go_on(&mut self, count: u64) -> Option<()> {
        match self.number {
            0..=2 => self.buy(count),
            3 | 4 => self.visit(count),
            _ => self.credit(count),
        }
    }

    /// A purchase; every fourth one is cancelled.
    fn buy(&mut self, count: u64) -> Option<()> {
        let (patient, id) = self.whose(count);
        let now = self.begun.to_string();
        let amount = self.amount(count);
        let bill = json!({
            "begntime": now, "medfee_sumamt": amount, "acct_used_flag": "1", "med_type": "41",
            "exp_content": "{\"GJ_REPEAT\":1}",
        });
        let bill = merged(&self.identity(patient), &bill);
        let input = json!({ "druginfo": bill, "drugdetail": [line("1", CLASS_A, &amount, &now)] });
        let bought = self.message(PHARMACY, "2102", &id, input)?;
        if count.is_multiple_of(4) {
            let input = json!({ "data": self.undone(patient, &bought) });
            self.message(PHARMACY, "2103", &format!("{id}-X"), input)?;
        }
        Some(())
    }

    /// A visit; every third one is undone.
    fn visit(&mut self, count: u64) -> Option<()> {
        let (patient, id) = self.whose(count);
        let (now, amount, identity) = (self.begun.to_string(), self.amount(count), self.identity(patient));
        let register = json!({ "begntime": now, "ipt_otp_no": "MZ0001", "dept_code": "01" });
        let register = json!({ "data": merged(&identity, &register) });
        let registered = self.message(HOSPITAL, "2201", &format!("{id}-1"), register)?;
        let of = json!({
            "psn_no": self.world.person(patient).psn_no(), "mdtrt_id": text(&registered, "/output/data/mdtrt_id"),
        });
        let about = merged(&of, &json!({ "med_type": "11", "begntime": now }));
        let about = json!({ "mdtrtinfo": about, "diseinfo": [] });
        self.message(HOSPITAL, "2203", &format!("{id}-3"), about)?;
        let line = merged(&of, &line("1", CLASS_A, &amount, &now));
        let line = merged(&line, &json!({ "chrg_bchno": "1" }));
        self.message(HOSPITAL, "2204", &format!("{id}-4"), json!({ "feedetail": [line] }))?;
        let bill = json!({
            "med_type": "11", "medfee_sumamt": amount, "psn_setlway": "01", "chrg_bchno": "1",
            "acct_used_flag": "1", "exp_content": "{\"GJ_REPEAT\":1}",
        });
        let bill = json!({ "data": merged(&merged(&identity, &of), &bill) });
        let settled = self.message(HOSPITAL, "2207", &format!("{id}-7"), bill)?;
        if count.is_multiple_of(3) {
            let input = json!({ "data": self.undone(patient, &settled) });
            self.message(HOSPITAL, "2208", &format!("{id}-8"), input)?;
        }
        Some(())
    }

    /// A credit of a month.
    fn credit(&mut self, count: u64) -> Option<()> {
        let (_, id) = self.whose(count);
        let giver = who(self.world.person(GIVER));
        let body = json!({ "person": giver, "prior": "0.00", "current": self.amount(count) });
        self.exchange(&id, Asked::Rest { path: "/accounts/credits", body }).map(|_| ())
    }

    fn message(&mut self, place: &'static str, infno: &'static str, id: &str, input: Value) -> Option<Value> {
        self.exchange(id, Asked::Message { place, infno, input })
    }

    /// Sends something, every fifth twice: the answer, where one came.
    fn exchange(&mut self, id: &str, asked: Asked) -> Option<Value> {
        self.ledger.sent(id, &asked);
        let answer = asked.ask(&mut self.client, id).ok()?;
        self.ledger.answered(id, &answer);
        let number = self.answered.fetch_add(1, Ordering::SeqCst);
        if number.is_multiple_of(5) {
            let again = asked.ask(&mut self.client, id).ok()?;
            self.ledger.answered(id, &again);
        }
        Some(answer)
    }

    /// Whose turn it is, and what their message is known by.
    fn whose(&self, count: u64) -> (&'static str, String) {
        let patient = PATIENTS[usize::try_from((count + self.number) % 3).unwrap_or(0)];
        (patient, format!("{PHARMACY}-{}-{}-{count}", self.round, self.number))
    }

    fn identity(&self, patient: &str) -> Value {
        let person = self.world.person(patient);
        json!({
            "psn_no": person.psn_no(), "insutype": person.scheme, "mdtrt_cert_type": "03",
            "mdtrt_cert_no": person.card(), "card_sn": person.card_serial(),
        })
    }

    fn undone(&self, patient: &str, settled: &Value) -> Value {
        let of = |field: &str| text(settled, &format!("/output/setlinfo/{field}"));
        let psn_no = self.world.person(patient).psn_no();
        json!({ "psn_no": psn_no, "setl_id": of("setl_id"), "mdtrt_id": of("mdtrt_id") })
    }

    /// An amount in yuan.
    fn amount(&self, count: u64) -> String {
        let fen = 100 + self.round * 3 + self.number * 1_009 + count * 7_919 % 9_001;
        format!("{}.{:02}", fen / 100, fen % 100)
    }
}
