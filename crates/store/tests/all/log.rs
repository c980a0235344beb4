//! The log of a file, moved by two at once: beside the writer, and by the writer where it has grown too long.

use domain::day::Moment;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::Desk;
use store::sqlite::{Options, Sqlite};

/// If this fails, what is committed is called failed, because somebody else was moving the log just then.
#[tokio::test]
async fn a_log_that_is_being_moved_fails_no_commit() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gongji.sqlite");
    // Every commit is due to move the log itself.
    let options = Options { log_pages_most: 1, ..Options::default() };
    let store = Sqlite::open(&path, options).expect("opens");
    let done = Arc::new(AtomicBool::new(false));
    let (file, until) = (rusqlite::Connection::open(&path).expect("opens"), Arc::clone(&done));
    let mover = std::thread::spawn(move || {
        while !until.load(Ordering::Relaxed) {
            // Whoever else moves the log is told that it is being moved.
            let _ = file.pragma_query(None, "wal_checkpoint", |_| Ok(()));
        }
    });
    for number in 0..500_u32 {
        let key = number.to_string();
        store.put("log", &key, &[7; 20_000], None).await.expect("is put");
        let kept = store.get("log", &key, Moment::from_millis(0)).await.expect("is read");
        assert!(kept.is_some(), "{number}");
    }
    done.store(true, Ordering::Relaxed);
    mover.join().expect("the thread ends");
}
