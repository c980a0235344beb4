//! What must not be taken for a backup, and what must not be overwritten.

use super::office::{Office, back_up, backed_up, names, quietly};
use server::copy::backup::{BackupError, restore};
use std::path::Path;

/// A backup of a few people in a folder.
async fn a_backup(place: &Path) -> Vec<u8> {
    let file = place.join("books.backup");
    backed_up(&place.join("served"), 12, &file).await;
    std::fs::read(file).expect("a backup")
}

async fn refused(place: &Path, bytes: &[u8]) -> String {
    let (file, folder) = (place.join("damaged"), place.join("restored"));
    std::fs::write(&file, bytes).expect("writes");
    let refused = restore(&file, &folder, &quietly).await.expect_err("refused");
    assert_eq!(names(&folder), Vec::<String>::new(), "nothing is left: {refused}");
    refused.to_string()
}

/// If this fails, a damaged or foreign file becomes the books of record.
#[tokio::test]
async fn a_damaged_or_foreign_file_is_no_backup() {
    let place = tempfile::tempdir().expect("a folder");
    let bytes = a_backup(place.path()).await;
    let mut damaged = bytes.clone();
    let middle = bytes.len() / 2;
    damaged[middle..middle + 4_096].fill(0x5A);
    for (what, bytes) in [
        ("a page is overwritten", damaged.as_slice()),
        ("the end is missing", &bytes[..bytes.len() - 8_192]),
        ("another program's", b"SQLite format 3"),
        ("no database", &[7; 9_000]),
        ("nothing", b""),
    ] {
        let said = refused(place.path(), bytes).await;
        assert!(said.contains("damaged"), "{what}: {said}");
    }
    let missing = restore(&place.path().join("missing"), &place.path().join("new"), &quietly).await;
    assert!(missing.expect_err("missing").to_string().contains("no such file"));
}

/// If this fails, somebody who can write to a backup writes their own balances into the books.
#[tokio::test]
async fn a_backup_that_was_tampered_with_is_not_restored() {
    for statement in [
        "UPDATE law SET book = zeroblob(32)",
        "UPDATE person SET born = born + 1",
        "UPDATE answer SET answer = zeroblob(40)",
        "DELETE FROM person WHERE no = (SELECT max(no) FROM person)",
        "UPDATE block SET hash = zeroblob(32)",
    ] {
        let place = tempfile::tempdir().expect("a folder");
        a_backup(place.path()).await;
        let (file, folder) = (place.path().join("books.backup"), place.path().join("restored"));
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::copy(place.path().join("served/keys.toml"), folder.join("keys.toml")).expect("keys");
        let connection = rusqlite::Connection::open(&file).expect("opens");
        connection.execute_batch(&format!("PRAGMA foreign_keys = off; {statement}")).expect(statement);
        drop(connection);
        let refused = restore(&file, &folder, &quietly).await.expect_err(statement);
        assert!(
            matches!(refused, BackupError::NotSound(..) | BackupError::Store(..)),
            "{statement}: {refused}"
        );
        assert_eq!(names(&folder), ["keys.toml"], "{statement}");
    }
}

/// If this fails, a backup or the books of record are overwritten by mistake.
#[tokio::test]
async fn nothing_is_ever_overwritten() {
    let place = tempfile::tempdir().expect("a folder");
    a_backup(place.path()).await;
    let (file, served) = (place.path().join("books.backup"), place.path().join("served"));
    let again = back_up(&served, &file).await.expect_err("there is one already");
    assert!(matches!(again, BackupError::Taken(_)), "{again}");
    let over = restore(&file, &served, &quietly).await.expect_err("there are books");
    assert!(matches!(over, BackupError::Taken(_)), "{over}");
    let live = place.path().join("live");
    let office = Office::open(&live, None).await;
    assert_eq!(office.take_in(1).await.status, 201);
    let live = restore(&live.join("gongji.sqlite"), &place.path().join("new"), &quietly).await;
    assert!(matches!(live.expect_err("books in use"), BackupError::NotWhole(_)));
    let nowhere = back_up(&served, &place.path().join("no/folder/file")).await.expect_err("no such folder");
    assert!(matches!(nowhere, BackupError::File(..)), "{nowhere}");
    let nothing = back_up(&place.path().join("nothing"), &place.path().join("b")).await;
    assert!(matches!(nothing.expect_err("no books"), BackupError::Place(_)));
    assert_eq!(names(place.path()), ["books.backup", "live", "served"]);
}
