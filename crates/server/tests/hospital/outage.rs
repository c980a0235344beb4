//! The database dies under load and comes back: what became of every message is asked, and never guessed.

use crate::client::{CLASS_A, Reply, Till, purchase};
use crate::cluster::Cluster;
use crate::world::{PHARMACY, person};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use store::postgres::{Options, Postgres};
use store::{Page, Query, Store as _};
use tokio::sync::mpsc;

const TILLS: usize = 12;
/// After so many answers the database dies.
const ENOUGH: usize = 30;
/// So often a till hears that nobody knows before it stops sending.
const PATIENCE: usize = 2;
const PATIENTS: [&str; 5] = ["lixiaoming", "liming", "zhaoli", "wangxiuying", "zhaojianguo"];
/// How long anything may take that has to come about.
const BOUND: Duration = Duration::from_secs(30);

/// A message, and what its till heard.
struct Sent {
    id: String,
    input: Value,
    heard: Reply,
}

impl Sent {
    fn is_answered(&self) -> bool {
        assert!(self.heard.status == 503 || self.heard.json["infcode"].is_number(), "{:?}", self.heard);
        self.heard.status != 503
    }
}

/// A purchase like no other.
fn bill(till: usize, number: usize) -> Value {
    let price = format!("{}.{till:02}", 1 + number);
    purchase(person(PATIENTS[till % PATIENTS.len()]), &[(CLASS_A, "1", &price)])
}

/// Sends until nobody knows any more what becomes of it; each answer is counted.
async fn send_on(till: Arc<Till>, round: usize, no: usize, answers: mpsc::UnboundedSender<()>) -> Vec<Sent> {
    let (mut all, mut unknown) = (Vec::new(), 0);
    while unknown < PATIENCE {
        let (id, input) = (format!("OUT-{round}-{no}-{}", all.len()), bill(no, 500 * round + all.len()));
        let heard = till.send_as(PHARMACY, "2102", &id, &input).await;
        let sent = Sent { id, input, heard };
        if sent.is_answered() {
            let _ = answers.send(());
        } else {
            unknown += 1;
        }
        all.push(sent);
    }
    all
}

/// What is said to have become of a message, and its answer; nothing where nobody knows.
async fn state_of(till: &Till, id: &str) -> Option<(String, Value)> {
    let reply = till.send(PHARMACY, "GJ01", &json!({ "data": { "omsgid": id } })).await;
    if reply.status == 503 {
        return None;
    }
    let result = &reply.output()["result"];
    let state = result["GJ_STATE"].as_str().expect("a state").to_owned();
    (state != "in progress").then(|| (state, result["GJ_ANSWER"].clone()))
}

/// The same, asked again until somebody knows.
async fn found_out(till: &Till, id: &str) -> (String, Value) {
    let asking = async {
        loop {
            if let Some(known) = state_of(till, id).await {
                return known;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(BOUND, asking).await.unwrap_or_else(|_| panic!("nobody finds out about {id}"))
}

/// Sends under load until the database is gone: all that was sent.
async fn until_gone(till: &Arc<Till>, server: &Arc<Cluster>, round: usize) -> Vec<Sent> {
    let (answers, mut heard) = mpsc::unbounded_channel();
    let tills: Vec<_> =
        (0..TILLS).map(|no| tokio::spawn(send_on(Arc::clone(till), round, no, answers.clone()))).collect();
    for _ in 0..ENOUGH {
        heard.recv().await.expect("tills hear answers");
    }
    let dying = Arc::clone(server);
    tokio::task::spawn_blocking(move || dying.cut()).await.expect("is cut");
    let mut all = Vec::new();
    for sending in tills {
        all.extend(sending.await.expect("a till stops"));
    }
    all
}

/// What was answered is there as it was answered; the rest is there or is not, and is decided once when it comes again.
async fn assert_known(till: &Till, all: &[Sent]) {
    for sent in all {
        let (state, answer) = found_out(till, &sent.id).await;
        assert_eq!(till.is_taken(PHARMACY, &sent.id).await, state == "done", "{}: {state}", sent.id);
        if sent.is_answered() {
            assert_eq!((state.as_str(), &answer), ("done", &sent.heard.json), "{}", sent.id);
        } else {
            assert!(state == "done" || state == "never arrived", "{}: {state}", sent.id);
        }
        let again = till.send_as(PHARMACY, "2102", &sent.id, &sent.input).await;
        assert_eq!(again.json["infcode"], json!(0), "{}: {}", sent.id, again.json);
        if state == "done" {
            assert_eq!(again.json, answer, "{}", sent.id);
        }
        assert_eq!(found_out(till, &sent.id).await, ("done".to_owned(), again.json), "{}", sent.id);
    }
}

async fn records(store: &Postgres) -> u64 {
    let Ok(Page::Counts(counts)) = store.page(&Query::Counts).await else { panic!("counts") };
    counts.records
}

/// If this fails, a till is told of a message what is not so after the database was gone: it books what nobody settled,
/// or takes the money twice; or the server has to be started anew by hand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_dies_under_load_and_every_message_is_found_out_about() {
    let Some(server) = Cluster::start() else { return };
    let server = Arc::new(server);
    let store = Postgres::open(&server.database(), Options::default()).await.expect("opens");
    let till = Arc::new(Till::on(Arc::new(store.clone())).await);
    let mut expected = records(&store).await;
    for round in 0..2 {
        let all = until_gone(&till, &server, round).await;
        let unknown: Vec<&Sent> = all.iter().filter(|it| !it.is_answered()).collect();
        assert_eq!(unknown.len(), PATIENCE * TILLS);
        for sent in unknown {
            assert_eq!(state_of(&till, &sent.id).await, None, "nobody can know about {}", sent.id);
        }
        let starting = Arc::clone(&server);
        tokio::task::spawn_blocking(move || starting.up()).await.expect("starts");
        assert_known(&till, &all).await;
        expected += all.len() as u64;
        assert_eq!(records(&store).await, expected, "each message is decided once");
    }
    let (laws, vault) = (&till.app.laws, &till.app.vault);
    let report = ::server::verify::verify_with(&store, laws, Some(vault), &|_| {}).await.expect("reads");
    assert!(report.is_sound() && report.records == expected, "{:?}", report.findings);
}
