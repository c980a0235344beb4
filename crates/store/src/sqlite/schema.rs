//! How a file becomes one of ours: settings of a connection, forward-only migrations, the lists of words.

use super::cells::all;
use super::{Options, fault, sql};
use crate::cells::{Cells, word_lists};
use crate::{Fault, Schema};
use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};
use std::ffi::c_int;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Marks a file as ours: "GJGJ".
const APPLICATION: i32 = 0x474A_474A;

/// Each brings the schema from one version to the next; they only ever grow in number.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/sqlite/0001-first.sql")];

/// Prepared statements a connection keeps.
const STATEMENTS: usize = 128;

const BUSY: Duration = Duration::from_secs(10);

/// The connection that writes: creates the file where there is none and brings its schema up to date.
/// `log` is told, with each commit, how many pages the log has.
pub(super) fn writer(
    path: &Path,
    options: &Options,
    log: Arc<AtomicU32>,
) -> Result<(Connection, Schema), Fault> {
    let mut connection = Connection::open(path).map_err(fault)?;
    settle_in(&connection, options.writer_cache_mib).map_err(fault)?;
    connection.pragma_update(None, "journal_mode", "wal").map_err(fault)?;
    connection.pragma_update(None, "synchronous", "full").map_err(fault)?;
    let schema = migrate(&mut connection)?;
    let most = options.log_pages_most;
    let committed = move |file: &mut Wal, pages: c_int| {
        let pages = u32::try_from(pages).unwrap_or(u32::MAX);
        log.store(pages, Ordering::Relaxed);
        if pages >= most {
            // What is said here would be said of the commit, which is done: a log that somebody else is moving right now
            // is no reason to call it failed.
            let _ = file.checkpoint();
        }
        Ok(())
    };
    connection.wal_hook(Some(committed)).map_err(fault)?;
    Ok((connection, schema))
}

/// A connection that moves the log into the file, beside the writer.
pub(super) fn beside(path: &Path, options: &Options) -> Result<Connection, Fault> {
    let connection = Connection::open(path).map_err(fault)?;
    settle_in(&connection, options.cache_mib).map_err(fault)?;
    connection.pragma_update(None, "synchronous", "full").map_err(fault)?;
    Ok(connection)
}

/// A connection that only reads.
pub(super) fn reader(path: &Path, options: &Options) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(fault)?;
    settle_in(&connection, options.cache_mib).map_err(fault)?;
    Ok(connection)
}

fn settle_in(connection: &Connection, cache_mib: u32) -> rusqlite::Result<()> {
    rusqlite::vtab::array::load_module(connection)?;
    connection.busy_timeout(BUSY)?;
    // Or statements are planned anew whenever another array is bound to them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // References are for readers: what is decided fits together, and checking it again row by row would scan tables.
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", -1024 * i64::from(cache_mib))
}

fn migrate(connection: &mut Connection) -> Result<Schema, Fault> {
    let done = version(connection)?;
    for (version, migration) in (1_i32..).zip(MIGRATIONS).skip(done) {
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
        transaction.execute_batch(migration).map_err(fault)?;
        transaction.pragma_update(None, "application_id", APPLICATION).map_err(fault)?;
        transaction.pragma_update(None, "user_version", version).map_err(fault)?;
        transaction.commit().map_err(fault)?;
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    for (list, no, word) in missing_words(&transaction)? {
        transaction.execute(sql!("word_add"), params![list, no, word]).map_err(fault)?;
    }
    transaction.commit().map_err(fault)?;
    Ok(Schema { before: done, now: MIGRATIONS.len() })
}

/// What is only read has to be of the newest schema: nobody brings it up to date.
pub(super) fn check_beside(connection: &Connection) -> Result<(), Fault> {
    let (done, newest) = (version(connection)?, MIGRATIONS.len());
    if done == 0 {
        return Err(Fault::Damaged("there is no store of ours in the file".to_owned()));
    }
    if done < newest {
        let what =
            format!("the file has schema {done}, not {newest}: bring it up to date with `gongji migrate`");
        return Err(Fault::Unavailable(what));
    }
    missing_words(connection).map(|_| ())
}

/// How many migrations were done; 0 in an empty file.
fn version(connection: &Connection) -> Result<usize, Fault> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
    let application: i32 = pragma("application_id").map_err(fault)?;
    let version: i32 = pragma("user_version").map_err(fault)?;
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0)).map_err(fault)?;
    if application != APPLICATION && (application != 0 || tables != 0) {
        return Err(Fault::Damaged("the file belongs to another program".to_owned()));
    }
    let known = usize::try_from(version).ok().filter(|it| *it <= MIGRATIONS.len());
    known.ok_or_else(|| {
        let newest = MIGRATIONS.len();
        Fault::Damaged(format!("the file has schema {version}, this program knows schemas up to {newest}"))
    })
}

/// Words that are not stored yet. The numbers of words are what the tables say: a list that lost or moved a word would
/// turn children into parents.
fn missing_words(connection: &Connection) -> Result<Vec<(&'static str, i64, &'static str)>, Fault> {
    let mut stored = all(connection, sql!("word_list"), [], |it| {
        Ok(((it.next::<String>()?, it.next::<i64>()?), it.next::<String>()?))
    })
    .map(|it| it.into_iter().collect::<std::collections::BTreeMap<_, _>>())?;
    let mut missing = Vec::new();
    for (list, words) in word_lists() {
        for (no, word) in (0_i64..).zip(words) {
            match stored.remove(&(list.to_owned(), no)) {
                None => missing.push((list, no, word)),
                Some(known) if known == word => {}
                Some(known) => {
                    let what = format!("word {no} of `{list}` is stored as `{known}`, here it is `{word}`");
                    return Err(Fault::Damaged(what));
                }
            }
        }
    }
    match stored.into_iter().next() {
        None => Ok(missing),
        Some(((list, no), word)) => {
            Err(Fault::Damaged(format!("word {no} of `{list}`, `{word}`, is not known here")))
        }
    }
}
