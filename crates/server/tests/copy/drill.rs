//! The drill: a backup is taken under load, the original is lost, the backup is restored, everybody asks again.

use super::office::{Answered, Office, names, quietly};
use server::copy::backup::{backup, restore};
use server::copy::place::Place;
use server::data::Folder;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What clients have been answered so far, and whether they go on.
#[derive(Default)]
struct Load {
    next: AtomicU64,
    stop: AtomicBool,
    answered: Mutex<Vec<Answered>>,
}

impl Load {
    fn answered(&self) -> Vec<Answered> {
        self.answered.lock().expect("no client panics while it holds it").clone()
    }

    async fn until(&self, enough: usize) {
        while self.answered().len() < enough {
            tokio::task::yield_now().await;
        }
    }
}

/// One client: asks for one person after another.
async fn ask(office: Office, load: Arc<Load>) {
    while !load.stop.load(Ordering::SeqCst) {
        let answered = office.take_in(load.next.fetch_add(1, Ordering::SeqCst)).await;
        load.answered.lock().expect("no client panics while it holds it").push(answered);
    }
}

/// Serves with clients at work, backs up in the middle of it: the token, and what was answered before the backup began.
async fn served_and_backed_up(folder: &Path, file: &Path) -> (String, Vec<Answered>) {
    let office = Office::open(folder, None).await;
    let load = Arc::new(Load::default());
    let clients: Vec<_> = (0..4).map(|_| tokio::spawn(ask(office.clone(), Arc::clone(&load)))).collect();
    load.until(150).await;
    let before = load.answered();
    let outcome = backup(&Place::folder(folder), file, true, &quietly).await.expect("a backup");
    assert!(outcome.records > before.len() as u64, "{outcome:?}");
    assert!(outcome.report.expect("decided again").is_sound());
    let during = load.answered().len();
    load.until(during + 50).await;
    load.stop.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.expect("a client ends well");
    }
    assert!(load.answered().iter().all(|it| it.status == 201 || it.status == 422), "nobody was turned away");
    (office.token().to_owned(), before)
}

/// If this fails, a backup misses what was answered before it began, or gives other answers than were given.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_before_a_backup_is_answered_the_same_after_it_is_restored() {
    let place = tempfile::tempdir().expect("a folder");
    let (lost, found) = (place.path().join("lost"), place.path().join("found"));
    let file = place.path().join("books.backup");
    let (token, before) = served_and_backed_up(&lost, &file).await;
    std::fs::create_dir(&found).expect("a folder");
    std::fs::copy(lost.join("keys.toml"), found.join("keys.toml")).expect("the keys were kept apart");
    std::fs::remove_dir_all(&lost).expect("lost");
    let outcome = restore(&file, &found, &quietly).await.expect("restored");
    assert!(outcome.keys && outcome.report.expect("decided again").is_sound());
    assert_eq!(names(&found), ["gongji.sqlite", "keys.toml"], "nothing else is left");
    assert_eq!(names(place.path()), ["books.backup", "found"], "nothing half-written is left");
    let office = Office::open(&found, Some(&token)).await;
    for answered in before {
        assert_eq!(office.take_in(answered.number).await, answered);
    }
}

/// If this fails, restored books are served without their keys, or with others: nobody in them is ever found again.
#[tokio::test]
async fn keys_are_never_in_a_backup_and_others_are_refused() {
    let place = tempfile::tempdir().expect("a folder");
    let (lost, file) = (place.path().join("lost"), place.path().join("books.backup"));
    super::office::backed_up(&lost, 3, &file).await;
    let keys = std::fs::read_to_string(lost.join("keys.toml")).expect("keys");
    let secret = keys.split('"').nth(1).expect("a key");
    let bytes = std::fs::read(&file).expect("a backup");
    assert!(!bytes.windows(secret.len()).any(|it| it == secret.as_bytes()), "a key is in the backup");
    let other = place.path().join("other");
    std::fs::create_dir(&other).expect("a folder");
    drop(server::vault::Vault::open_or_create(&other.join("keys.toml")).expect("others"));
    let refused = restore(&file, &other, &quietly).await.expect_err("other keys");
    assert!(refused.to_string().contains("keys.toml"), "{refused}");
    assert_eq!(names(&other), ["keys.toml"], "no books");
    let bare = place.path().join("bare");
    assert!(!restore(&file, &bare, &quietly).await.expect("restored").keys, "there were no keys");
    assert!(Folder::with_file(&bare).open().await.is_err(), "without keys they are not served");
    std::fs::copy(lost.join("keys.toml"), bare.join("keys.toml")).expect("put beside");
    drop(Folder::with_file(&bare).open().await.expect("with them they are"));
}
