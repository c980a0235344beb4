//! Books of several lanes, copied from store to store: interrupted, gone on with, refused where they do not belong.

use domain::chain::encode;
use domain::day::{Day, Moment};
use domain::ids::{Digest, InstitutionCode, Lookup};
use domain::request::{Actor, AddPerson, Body, Key, Publish, Request, Sender, SetInstitution};
use domain::words::{InstitutionKind, Level, Sex};
use server::clock::Clock;
use server::copy::place::Place;
use server::copy::prove::prove;
use server::copy::{CopyError, copy, desk, heads};
use server::law::{Laws, shipped};
use server::turn::{Deciding, Submission, turn};
use server::vault::Vault;
use std::sync::Arc;
use store::faulty::{Faults, Faulty};
use store::memory::Memory;
use store::postgres::{Options as Settings, Postgres};
use store::sqlite::{Options, Sqlite};
use store::{Attachments, Books, Desk, LaneNo, Page, Query, Store};

#[path = "../../../store/tests/all/common/cluster.rs"]
mod cluster;

/// A town whose lanes take turns.
struct Town {
    store: Arc<dyn Books>,
    deciding: Deciding,
    clock: Clock,
    book: Digest,
    asked: u64,
}

impl Town {
    async fn found(store: Arc<dyn Books>) -> Town {
        let start = Moment::parse("2025-06-30 22:00").expect("a moment");
        let clock = Clock::sandbox(|| Moment::from_millis(0), start);
        let laws = Arc::new(Laws::default());
        let book = laws.keep(&shipped(true)).expect("the shipped law is sound").digest;
        let mut count = 0_u8;
        let deciding = Deciding {
            store: Arc::clone(&store) as Arc<dyn Store>,
            clock: clock.clone(),
            laws,
            vault: Arc::new(Vault::seeded(3)),
            entropy: Box::new(move |bytes| {
                count = count.wrapping_add(1);
                bytes.fill(count);
            }),
        };
        let mut town = Town { store, deciding, clock, book, asked: 0 };
        let publish = town.ask(Body::Publish(Publish { book }), b"law");
        town.turn(1, vec![publish]).await;
        town
    }

    fn ask(&mut self, body: Body, name: &[u8]) -> Submission {
        self.asked += 1;
        let (sender, actor) = (Sender::Token(1), Actor::Operator { token: 1 });
        let key = Key { sender, id: format!("ask {}", self.asked) };
        let request = Request { key, digest: Digest::of(&[&encode(&body)]), actor, body };
        let attachments = Attachments {
            identity: matches!(request.body, Body::AddPerson(_)).then(|| name.to_vec()),
            name: matches!(request.body, Body::SetInstitution(_)).then(|| "医院".to_owned()),
            book: matches!(request.body, Body::Publish(_)).then(|| shipped(true).bytes()),
        };
        Submission {
            request,
            attachments,
            aside: None,
            encode: Arc::new(|told| encode(&told.decision.outcome)),
            is_kept: true,
        }
    }

    async fn turn(&mut self, lane: u16, all: Vec<Submission>) {
        let mut lane = self.store.lane(LaneNo(lane)).await.expect("free");
        let all: Vec<&Submission> = all.iter().collect();
        let answers = turn(&mut *lane, &all, &mut self.deciding).await.expect("commits");
        assert!(answers.iter().all(Result::is_ok));
        let later = self.clock.now().plus_millis(900_000);
        self.clock.move_to(later).expect("forward");
    }

    /// So many turns of three lanes, over the end of a month.
    async fn live(&mut self, turns: u16) {
        for number in 0..turns {
            let batch: Vec<Submission> = (0..1 + number % 3)
                .map(|_| {
                    let number = u128::from(self.asked) + 1;
                    let born = Day::new(1980, 5, 17).expect("a day");
                    let lookups = vec![Lookup(number.to_be_bytes())];
                    let add = AddPerson { lookups, born, sex: Sex::Male, guardian: None };
                    self.ask(Body::AddPerson(add), format!("sealed {number}").as_bytes())
                })
                .collect();
            self.turn(1 + number % 3, batch).await;
        }
        let code = InstitutionCode::parse("H32030000001").expect("a code");
        let (kind, level) = (InstitutionKind::Hospital, Level::Tertiary);
        let area = domain::ids::Area::parse("320300").expect("an area");
        let place = SetInstitution { code, area, kind, level, designations: Vec::new() };
        let place = self.ask(Body::SetInstitution(place), b"");
        self.turn(2, vec![place]).await;
        let again = self.ask(Body::Publish(Publish { book: self.book }), b"law");
        self.turn(3, vec![again]).await;
        self.store.put("tokens", "a", b"1", None).await.expect("put");
        self.store.put("tokens", "gone", b"2", Some(self.clock.now())).await.expect("put");
    }
}

fn quietly(_: u64) {}

/// Copies all and compares all.
async fn copied(source: &dyn Books, target: &dyn Books) {
    let copied = copy(source, target, &quietly).await.expect("copied");
    assert!(copied.desk_settled);
    equal(source, target).await;
}

async fn equal(source: &dyn Books, target: &dyn Books) {
    let until = heads(source).await.expect("heads");
    let proof = prove(source, target, &until, &quietly).await.expect("compared");
    assert!(proof.is_equal() && !proof.source_went_on, "{proof:#?}");
    assert!(proof.records > 40 && proof.blocks > 20 && proof.people > 30 && proof.lanes == 3, "{proof:?}");
    let laws = Laws::default();
    let report = server::verify::verify(target, &laws, &quietly).await.expect("verified");
    assert!(report.is_sound(), "{:?}", report.findings);
    assert_eq!(source.all(("", ""), 100).await, target.all(("", ""), 100).await);
}

/// A town of several lanes.
async fn a_town() -> Town {
    let mut town = Town::found(Arc::new(Memory::default())).await;
    town.live(24).await;
    town
}

fn a_file(folder: &tempfile::TempDir, name: &str) -> Sqlite {
    Sqlite::open(&folder.path().join(name), Options::default()).expect("opens")
}

/// If this fails, books of several lanes change on the way into a file, or out of one.
#[tokio::test]
async fn books_of_several_lanes_go_into_a_file_and_out_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let town = a_town().await;
    let file = a_file(&folder, "one");
    copied(&*town.store, &file).await;
    drop(file);
    let beside = Place::File(folder.path().join("one")).read().await.expect("reads");
    let other = Memory::default();
    copied(&*beside, &other).await;
    equal(&*town.store, &other).await;
}

/// If this fails, PostgreSQL gets other books than the file had, or cannot give them back.
#[tokio::test]
async fn books_go_into_a_database_and_out_of_it() {
    let Some(url) = cluster::database() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let town = a_town().await;
    let database = Postgres::open(&url, Settings::default()).await.expect("opens");
    copied(&*town.store, &database).await;
    let file = a_file(&folder, "one");
    copied(&database, &file).await;
    equal(&*town.store, &file).await;
    let backup = folder.path().join("backup");
    let quietly = |_: &'static str, _: u64, _: u64| {};
    let from = Place::Database(url);
    let outcome = server::copy::backup::backup(&from, &backup, true, &quietly).await.expect("a backup");
    assert!(outcome.proof.is_some_and(|it| it.is_equal()), "compared");
    let restored = Place::Database(cluster::database().expect("there was one"));
    server::copy::backup::restore_into(&backup, &restored, folder.path(), &quietly).await.expect("restored");
    equal(&*town.store, &*restored.read().await.expect("reads")).await;
}

/// If this fails, a file that was copied from several lanes decides before something that it already holds.
#[tokio::test]
async fn a_file_goes_on_after_all_lanes_that_were_copied_into_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let town = a_town().await;
    let file: Arc<dyn Books> = Arc::new(a_file(&folder, "one"));
    copied(&*town.store, &*file).await;
    let before = Moment::parse("2025-06-01 08:00").expect("a moment");
    let rows = file.lane(LaneNo(1)).await.expect("free").load(&[], before).await.expect("loads");
    let expected = town.store.lane(LaneNo(1)).await.expect("free").load(&[], before).await.expect("loads");
    assert_eq!(rows, expected);
    assert!(rows.since > Some(before));
}

/// If this fails, a copy that broke off cannot be gone on with, or is served half.
#[tokio::test]
async fn a_copy_that_broke_off_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut town = a_town().await;
    let target = Faulty::new(a_file(&folder, "one"), 5, Faults { refused: 4, lost_reply: 4 });
    let mut broken = 0;
    while let Err(error) = copy(&*town.store, &target, &quietly).await {
        assert!(matches!(error, CopyError::Target(_)), "{error}");
        assert!(desk::is_marked(&target).await.expect("read") || broken == 0 || records(&target).await == 0);
        broken += 1;
    }
    assert!(broken > 2, "it broke off {broken} times");
    assert!(!desk::is_marked(&target).await.expect("read"));
    target.set(Faults::default());
    equal(&*town.store, target.inner()).await;
    town.live(3).await;
    town.store.remove("tokens", "a").await.expect("revoked");
    copied(&*town.store, target.inner()).await;
}

async fn records(store: &dyn Store) -> u64 {
    match store.page(&Query::Counts).await {
        Ok(Page::Counts(counts)) => counts.records,
        _ => 0,
    }
}

/// If this fails, the books of one place are mixed with those of another.
#[tokio::test]
async fn books_are_not_copied_into_others() {
    let (town, mut other) = (a_town().await, a_town().await);
    other.live(2).await;
    let into_later = copy(&*town.store, &*other.store, &quietly).await.expect_err("it is further on");
    assert!(matches!(into_later, CopyError::NotEmpty(_)), "{into_later}");
    let mut stranger = Town::found(Arc::new(Memory::default())).await;
    stranger.live(4).await;
    let refused = copy(&*town.store, &*stranger.store, &quietly).await.expect_err("other books");
    assert!(matches!(refused, CopyError::NotEmpty(_)), "{refused}");
    let used = Memory::default();
    used.put("vault", "check", b"of others", None).await.expect("put");
    let refused = copy(&*town.store, &used, &quietly).await.expect_err("a desk of its own");
    assert!(matches!(refused, CopyError::NotEmpty(_)), "{refused}");
    assert_eq!(records(&used).await, 0);
}

/// If this fails, a proof says that books are equal which are not.
#[tokio::test]
async fn a_proof_sees_what_differs() {
    let folder = tempfile::tempdir().expect("a folder");
    let town = a_town().await;
    copied(&*town.store, &a_file(&folder, "one")).await;
    let until = heads(&*town.store).await.expect("heads");
    for statement in [
        "UPDATE answer SET answer = x'00' WHERE serial = (SELECT max(serial) FROM answer)",
        "UPDATE person SET identity = x'00' WHERE no = (SELECT min(no) FROM person)",
        "UPDATE institution SET name = 'x'",
        "UPDATE book SET content = x'00'",
    ] {
        let path = folder.path().join("other");
        std::fs::copy(folder.path().join("one"), &path).expect("copies");
        rusqlite::Connection::open(&path).expect("opens").execute_batch(statement).expect(statement);
        let other = Place::File(path.clone()).read().await.expect("reads");
        let proof = prove(&*town.store, &*other, &until, &quietly).await.expect("compared");
        assert!(!proof.is_equal(), "{statement}");
        drop(other);
        std::fs::remove_file(path).expect("removes");
    }
}
