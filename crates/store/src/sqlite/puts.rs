//! What is put on the desk at the same time is written in one transaction: each by itself would wait for the disk by
//! itself, and the lane for all of them.

use super::{Shared, Sqlite, fault, locked, run, sql};
use crate::{Fault, Kept};
use domain::day::Moment;
use rusqlite::{TransactionBehavior, params};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Who waits until something is written.
type Waiting = oneshot::Sender<Result<(), Fault>>;

/// What waits to be written.
#[derive(Default)]
pub(super) struct Puts {
    waiting: Vec<(Kept, Waiting)>,
    /// Somebody will write all that waits.
    are_seen_to: bool,
}

impl Sqlite {
    /// Puts something on the desk, together with whatever else waits for that.
    pub(super) async fn put_with_others(&self, kept: Kept) -> Result<(), Fault> {
        let (done, wait) = oneshot::channel();
        let is_first = {
            let mut puts = locked(&self.0.puts);
            puts.waiting.push((kept, done));
            !std::mem::replace(&mut puts.are_seen_to, true)
        };
        if is_first {
            let shared = Arc::clone(&self.0);
            drop(tokio::task::spawn_blocking(move || {
                let (who, written) = shared.write_puts();
                // Who is answered may close the store and open it again at once: it is not held open here.
                drop(shared);
                // Whoever does not wait any more does not want to know.
                who.into_iter().for_each(|it| drop(it.send(written.clone())));
            }));
        }
        wait.await.unwrap_or_else(|_| Err(Fault::Unavailable("the store broke off".to_owned())))
    }
}

impl Shared {
    /// Writes all that waits: who is to be told, and what.
    fn write_puts(&self) -> (Vec<Waiting>, Result<(), Fault>) {
        // More may come while the lane has the writer: only what comes after this is left to somebody else.
        let mut writer = locked(&self.writer);
        let waiting = {
            let mut puts = locked(&self.puts);
            puts.are_seen_to = false;
            std::mem::take(&mut puts.waiting)
        };
        let (kept, who): (Vec<Kept>, Vec<_>) = waiting.into_iter().unzip();
        let written = write(&mut writer, &kept);
        self.mover.committed(&writer);
        (who, written)
    }
}

fn write(connection: &mut rusqlite::Connection, kept: &[Kept]) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    for it in kept {
        let row = params![it.drawer, it.key, it.value, it.until.map(Moment::millis)];
        run(&transaction, sql!("desk_put"), row)?;
    }
    transaction.commit().map_err(fault)
}
