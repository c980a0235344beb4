//! What is put on the desk at the same time is written in one transaction: each by itself would wait for the disk by
//! itself, and the lane for all of them.

use super::{Shared, Sqlite, fault, locked, run, sql};
use crate::{Fault, Kept};
use domain::day::Moment;
use rusqlite::{TransactionBehavior, params};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Something to be put on the desk.
pub(super) struct Put {
    pub(super) kept: Kept,
    /// Only where nothing lies there that has not expired by this moment.
    pub(super) only_if_free: Option<Moment>,
}

/// Who waits until something is written, and wants to know whether it was.
type Waiting = oneshot::Sender<Result<bool, Fault>>;

/// What waits to be written.
#[derive(Default)]
pub(super) struct Puts {
    waiting: Vec<(Put, Waiting)>,
    /// Somebody will write all that waits.
    are_seen_to: bool,
}

impl Sqlite {
    /// Puts something on the desk, together with whatever else waits for that; says whether it lies there now.
    pub(super) async fn put_with_others(&self, put: Put) -> Result<bool, Fault> {
        let (done, wait) = oneshot::channel();
        let is_first = {
            let mut puts = locked(&self.0.puts);
            puts.waiting.push((put, done));
            !std::mem::replace(&mut puts.are_seen_to, true)
        };
        if is_first {
            let shared = Arc::clone(&self.0);
            drop(tokio::task::spawn_blocking(move || {
                let (who, written) = shared.write_puts();
                // Who is answered may close the store and open it again at once: it is not held open here.
                drop(shared);
                tell(who, &written);
            }));
        }
        wait.await.unwrap_or_else(|_| Err(Fault::Unavailable("the store broke off".to_owned())))
    }
}

impl Shared {
    /// Writes all that waits: who is to be told, and what.
    fn write_puts(&self) -> (Vec<Waiting>, Result<Vec<bool>, Fault>) {
        // More may come while the lane has the writer: only what comes after this is left to somebody else.
        let mut writer = locked(&self.writer);
        let waiting = {
            let mut puts = locked(&self.puts);
            puts.are_seen_to = false;
            std::mem::take(&mut puts.waiting)
        };
        let (puts, who): (Vec<Put>, Vec<_>) = waiting.into_iter().unzip();
        let written = write(&mut writer, &puts);
        self.mover.committed(&writer);
        (who, written)
    }
}

fn tell(who: Vec<Waiting>, written: &Result<Vec<bool>, Fault>) {
    for (at, it) in who.into_iter().enumerate() {
        // Whoever does not wait any more does not want to know.
        drop(it.send(written.as_ref().map(|it| it[at]).map_err(Clone::clone)));
    }
}

/// Writes all of them, or none, and says of each whether it was put.
fn write(connection: &mut rusqlite::Connection, puts: &[Put]) -> Result<Vec<bool>, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    let written = puts.iter().map(|it| write_one(&transaction, it)).collect::<Result<Vec<_>, _>>()?;
    transaction.commit().map_err(fault)?;
    Ok(written)
}

fn write_one(transaction: &rusqlite::Transaction<'_>, put: &Put) -> Result<bool, Fault> {
    let Kept { drawer, key, value, until } = &put.kept;
    let until = until.map(Moment::millis);
    let written = match put.only_if_free {
        None => run(transaction, sql!("desk_put"), params![drawer, key, value, until])?,
        Some(at) => run(transaction, sql!("desk_claim"), params![drawer, key, value, until, at.millis()])?,
    };
    Ok(written > 0)
}
