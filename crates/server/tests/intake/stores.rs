//! What is left does not depend on interruptions, nor on the store, nor on the encoding.

use crate::bureau::{Bureau, Came, FILES, files};
use crate::cluster;
use encoding_rs::GB18030;
use server::intake::kinds::Kind;
use server::intake::taking::take_in;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::Books;
use store::memory::Memory;
use store::postgres::{self, Postgres};
use store::sqlite::{self, Sqlite};

fn in_file(folder: &Path) -> Arc<dyn Books> {
    let opened = Sqlite::open(&folder.join("gongji.sqlite"), sqlite::Options::default());
    Arc::new(opened.expect("opens"))
}

/// Takes a file in and breaks off when so many lines are done; whether it came to that.
async fn break_off(bureau: &Bureau, kind: Kind, file: &Path, after: u64) -> bool {
    let intake = Bureau::look(kind, std::fs::read(file).expect("a file"), false).expect("a file");
    let (reached, enough) = (tokio::sync::Notify::new(), AtomicBool::new(false));
    let progress = |done| {
        if done >= after {
            enough.store(true, Ordering::Relaxed);
            reached.notify_one();
        }
    };
    let mut hear = |_| Ok(());
    tokio::select! {
        biased;
        () = reached.notified() => {}
        done = take_in(&bureau.app, intake, &mut hear, &progress) => { done.expect("taken in"); }
    }
    enough.load(Ordering::Relaxed)
}

/// If this fails, a bureau whose machine stopped in the middle has people or money twice, or not at all.
#[tokio::test]
async fn a_file_that_is_taken_in_again_after_a_break_leaves_the_same_books() {
    let town = files(2_100);
    let once = Bureau::in_memory().await;
    once.take_town(town.path()).await;
    let expected = once.left().await;
    let folder = tempfile::tempdir().expect("a folder");
    let stores: [(&str, Arc<dyn Books>); 2] =
        [("memory", Arc::new(Memory::default())), ("sqlite", in_file(folder.path()))];
    for (name, store) in stores {
        let mut bureau = Bureau::on(store).await;
        for (kind, breaks) in [(Kind::Persons, [1, 600, 1_300]), (Kind::Accounts, [1, 2, 3])] {
            for before in FILES.into_iter().take_while(|it| *it != kind) {
                let file = town.path().join(format!("{}.csv", before.word()));
                bureau.take(before, std::fs::read(file).expect("a file")).await;
            }
            for after in breaks {
                let file = town.path().join(format!("{}.csv", kind.word()));
                assert!(break_off(&bureau, kind, &file, after).await, "{name} {after}");
                bureau = bureau.again().await;
            }
        }
        bureau.take_town(town.path()).await;
        assert!(bureau.left().await == expected, "{name}");
        bureau.take_town(town.path()).await;
        assert!(bureau.left().await == expected, "{name}, all of it once more");
    }
}

/// Files with something wrong in them, of each kind.
fn with_mistakes(town: &Path) -> Vec<(Kind, String)> {
    let read = |kind: Kind| {
        let text = std::fs::read_to_string(town.join(format!("{}.csv", kind.word()))).expect("a file");
        let lines: Vec<&str> = text.lines().collect();
        let twice = lines[lines.len() / 2];
        let mut spoilt = lines[2].to_owned();
        spoilt.insert(3, '\u{0}');
        (kind, format!("{text}{twice}\n{spoilt}\n{},\n", lines[3]))
    };
    FILES.into_iter().map(read).collect()
}

async fn all_came(bureau: &Bureau, town: &Path) -> Vec<Came> {
    let mut all = Vec::new();
    for (kind, text) in with_mistakes(town) {
        all.push(bureau.take(kind, text).await);
    }
    // Nothing of it is new: people are known, money is credited again.
    for kind in [Kind::Persons, Kind::Enrolments] {
        let text = std::fs::read(town.join(format!("{}.csv", kind.word()))).expect("a file");
        all.push(bureau.take(kind, text).await);
    }
    all
}

/// If this fails, a bureau is told something else where its books are kept elsewhere.
#[tokio::test]
async fn every_store_gives_the_same_report_and_the_same_books() {
    let town = files(700);
    let reference = Bureau::in_memory().await;
    let expected = all_came(&reference, town.path()).await;
    let refused = |came: &Came| came.1.iter().filter(|it| it.code.ends_with("_KNOWN")).count();
    assert!(expected.iter().rev().take(2).all(|it| refused(it) > 600), "{:?}", expected.last());
    assert!(expected.iter().take(5).all(|it| it.0.taken > 10 && it.0.rejected >= 4), "{expected:?}");
    let folder = tempfile::tempdir().expect("a folder");
    let mut stores: Vec<(&str, Arc<dyn Books>)> = vec![("sqlite", in_file(folder.path()))];
    if let Some(url) = cluster::database() {
        let opened = Postgres::open(&url, postgres::Options::default()).await;
        stores.push(("postgres", Arc::new(opened.expect("opens"))));
    }
    for (name, store) in stores {
        let bureau = Bureau::on(store).await;
        assert_eq!(all_came(&bureau, town.path()).await, expected, "{name}");
        assert!(bureau.left().await == reference.left().await, "{name}");
        bureau.app.flow.end().await;
    }
}

/// If this fails, a name in the encoding of an older system is another name, or the same file is taken in twice.
#[tokio::test]
async fn a_file_in_gb_18030_is_the_same_file() {
    let town = files(700);
    let (one, other) = (Bureau::in_memory().await, Bureau::in_memory().await);
    for kind in FILES {
        let text = std::fs::read_to_string(town.path().join(format!("{}.csv", kind.word()))).expect("a file");
        let (encoded, _, wrong) = GB18030.encode(&text);
        assert!(!wrong);
        let (first, came) = (one.take(kind, text.as_str()).await, other.take(kind, encoded.as_ref()).await);
        assert_eq!(first, came);
        let (again, _) = one.take(kind, encoded.as_ref()).await;
        assert_eq!((again.taken, again.before), (0, first.0.taken), "{}", kind.word());
    }
    assert!(one.left().await == other.left().await);
}
