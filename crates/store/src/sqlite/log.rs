//! The write-ahead log is moved into the file beside the lane: by a thread of its own, which is less urgent than whatever
//! answers somebody. What is left is moved by the lane, between two batches, so that the log can be begun anew.

use super::fault;
use crate::Fault;
use rusqlite::Connection;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// How much less urgent the thread is: steps of `nice`.
const LESS_URGENT: i32 = 10;

/// Moves the log.
pub(super) struct Mover {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Most of the log is in the file: the lane can move the rest.
    is_moved: Arc<AtomicBool>,
    /// Pages in the log, as of the last commit.
    pub(super) pages: Arc<AtomicU32>,
    /// With so many it is moved: a first time, and the next time.
    piece: u32,
    due: AtomicU32,
}

impl Mover {
    /// Moves the log of the file at this path through a connection of its own, whenever it has grown by a piece.
    pub(super) fn start(
        path: &Path,
        connection: Connection,
        pages: Arc<AtomicU32>,
        piece: u32,
    ) -> Result<Mover, Fault> {
        let unavailable = |it: std::io::Error| Fault::Unavailable(format!("{}: {it}", path.display()));
        // Whoever closes a file unlocks what the process has locked in it: this one is closed with the store.
        let file = File::open(path).map_err(unavailable)?;
        let is_moved = Arc::new(AtomicBool::new(false));
        let (wake, wakes) = sync_channel(1);
        let moved = Arc::clone(&is_moved);
        let thread = std::thread::Builder::new().name("log".to_owned());
        let thread = thread.spawn(move || go_on(&connection, &file, &wakes, &moved)).map_err(unavailable)?;
        let due = AtomicU32::new(piece);
        Ok(Mover { wake: Some(wake), thread: Some(thread), is_moved, pages, piece, due })
    }

    /// Something was committed through this connection, which nobody else uses meanwhile.
    pub(super) fn committed(&self, connection: &Connection) {
        if self.is_moved.swap(false, Ordering::AcqRel) {
            // Where that fails, the next piece is longer.
            let _ = move_log(connection);
        }
        let (pages, due) = (self.pages.load(Ordering::Relaxed), self.due.load(Ordering::Relaxed));
        if pages < self.piece {
            // It was begun anew.
            self.due.store(self.piece, Ordering::Relaxed);
        } else if pages >= due {
            // It grows on while it is moved, or while somebody reads what is in it: the next time is as far from here.
            self.due.store(pages.saturating_add(self.piece), Ordering::Relaxed);
            // One that waits to be moved already is moved with this one.
            let _ = self.wake.as_ref().map(|it| it.try_send(()));
        }
    }
}

impl Drop for Mover {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn go_on(connection: &Connection, file: &File, wakes: &Receiver<()>, is_moved: &AtomicBool) {
    // Where it may not be less urgent, it is as urgent as the others.
    let _ = rustix::process::nice(LESS_URGENT);
    while wakes.recv().is_ok() {
        // SQLite syncs the file only with the last page of the log, which is the lane's to move: it finds little to sync.
        if move_log(connection).is_ok() && file.sync_data().is_ok() {
            is_moved.store(true, Ordering::Release);
        }
    }
}

fn move_log(connection: &Connection) -> Result<(), Fault> {
    connection.pragma_query(None, "wal_checkpoint", |_| Ok(())).map_err(fault)
}
