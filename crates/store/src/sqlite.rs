//! The embedded default: one SQLite file, one writer, readers beside it.
//!
//! What is known how: [`cells`] rows and statements, [`load`] the tables of facts, [`commit`] a batch, [`page`]
//! questions, [`readers`] who asks them, [`puts`] the desk, [`shelf`] papers, [`log`] the write-ahead log, [`beside`] a file that another
//! process may write to, [`schema`] the file itself.

mod beside;
mod cells;
mod commit;
#[cfg(test)]
mod counted;
mod load;
mod log;
mod page;
mod puts;
mod readers;
mod schema;
mod shelf;

pub use beside::Beside;
use beside::only_reads;

use crate::cells::Cells as _;
use crate::{Batch, Desk, Fault, Kept, LANES, Lane, LaneNo, NO_LANE, Page, Query, Rows, Schema, Store};
use async_trait::async_trait;
use domain::day::Moment;
use domain::needs::Needs;
use domain::request::Request;
use log::Mover;
use puts::{Put, Puts};
use readers::Readers;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, params};
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The text of a statement, by the name of its file.
macro_rules! sql {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/sql/sqlite/", $name, ".sql"))
    };
}
use sql;

/// Settings of a store in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many pages can be read at the same time.
    pub readers: u32,
    /// Page cache of the connection that writes, in MiB: what families and their accounts lie on should fit.
    pub writer_cache_mib: u32,
    /// Page cache of each connection that reads, in MiB.
    pub cache_mib: u32,
    /// From so many pages on, the log is moved into the file, beside the writer.
    pub log_pages: u32,
    /// From so many pages on, the writer moves it itself; the backstop of the former.
    pub log_pages_most: u32,
}

/// Page cache of the connection that writes, in MiB, unless somebody says otherwise.
pub const WRITER_CACHE_MIB: u32 = 384;

impl Default for Options {
    fn default() -> Options {
        Options {
            readers: 4,
            writer_cache_mib: WRITER_CACHE_MIB,
            cache_mib: 16,
            log_pages: 8_192,
            log_pages_most: 262_144,
        }
    }
}

/// A store in a file. Clones share it.
#[derive(Clone)]
pub struct Sqlite(Arc<Shared>);

struct Shared {
    writer: Mutex<Connection>,
    schema: Schema,
    readers: Arc<Readers>,
    mover: Mover,
    /// What waits to be put on the desk.
    puts: Mutex<Puts>,
    lane_held: AtomicBool,
    /// Locked as long as the store is open; the system unlocks it when the process dies.
    _lock: File,
}

/// The one lane of a file. It waits for the disk where it is polled: whoever runs it gives it a thread of its own.
struct SqliteLane {
    number: LaneNo,
    store: Sqlite,
}

impl SqliteLane {
    fn writer(&self) -> MutexGuard<'_, Connection> {
        locked(&self.store.0.writer)
    }
}

impl Drop for SqliteLane {
    fn drop(&mut self) {
        self.store.0.lane_held.store(false, Ordering::Release);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A transaction that panics is rolled back when it is dropped: the connection behind the lock stays sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an error of SQLite means to who asked.
fn fault(error: rusqlite::Error) -> Fault {
    let what = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => Fault::Conflict(what),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Fault::Damaged(what),
        Some(_) => Fault::Unavailable(what),
        None => Fault::Damaged(what),
    }
}

/// Runs what waits for the disk on a thread that may.
async fn apart<T, F>(work: F) -> Result<T, Fault>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Fault> + Send + 'static,
{
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Fault::Unavailable(format!("the store broke off: {error}"))))
}

impl Sqlite {
    /// Opens a store in a file, creates it where there is none, and brings its schema up to date. Waits for the disk.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] where the file cannot be opened or another process has it open; [`Fault::Damaged`]
    /// where it is none of ours, or was written by a newer version.
    pub fn open(path: &Path, options: Options) -> Result<Sqlite, Fault> {
        let lock = lock(path)?;
        let pages = Arc::new(AtomicU32::new(0));
        let (writer, schema) = schema::writer(path, &options, Arc::clone(&pages))?;
        let mover = Mover::start(path, schema::beside(path, &options)?, pages, options.log_pages)?;
        let readers = Readers::open(path, &options)?;
        Ok(Sqlite(Arc::new(Shared {
            writer: Mutex::new(writer),
            schema,
            readers: Arc::new(readers),
            mover,
            puts: Mutex::default(),
            lane_held: AtomicBool::new(false),
            _lock: lock,
        })))
    }

    /// The schema that was found when the store was opened, and what it was brought up to.
    pub fn schema(&self) -> Schema {
        self.0.schema
    }

    async fn write<T, F>(&self, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    {
        let shared = Arc::clone(&self.0);
        apart(move || work(&mut locked(&shared.writer))).await
    }
}

fn lock(path: &Path) -> Result<File, Fault> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let unavailable = |it: std::io::Error| Fault::Unavailable(format!("{}: {it}", path.display()));
    let file = File::create(&name).map_err(unavailable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Fault::Unavailable(format!("{} is open in another process", path.display())))
        }
        Err(TryLockError::Error(error)) => Err(unavailable(error)),
    }
}

#[async_trait]
impl Store for Sqlite {
    /// Any lane, for copies of stores that had several; but only one at a time, whichever it is.
    async fn lane(&self, number: LaneNo) -> Result<Box<dyn Lane>, Fault> {
        if number == NO_LANE || number.0 >= LANES {
            return Err(Fault::Unavailable(format!("there is no lane {}", number.0)));
        }
        if self.0.lane_held.swap(true, Ordering::AcqRel) {
            return Err(Fault::Unavailable("the lane is held by somebody else".to_owned()));
        }
        Ok(Box::new(SqliteLane { number, store: self.clone() }))
    }

    async fn page(&self, query: &Query) -> Result<Page, Fault> {
        self.0.readers.page(query).await
    }
}

#[async_trait]
impl Lane for SqliteLane {
    async fn load(&mut self, requests: &[&Request], at: Moment) -> Result<Rows, Fault> {
        let needs = Needs::of(requests.iter().copied(), at);
        load::rows_and_records(&mut self.writer(), &needs, at, self.number)
    }

    async fn find(
        &mut self,
        drawer: &str,
        keys: &[&str],
        at: Moment,
    ) -> Result<BTreeMap<String, Vec<u8>>, Fault> {
        let keys: Vec<Value> = keys.iter().map(|it| Value::Text((*it).to_owned())).collect();
        let row = params![drawer, Rc::new(keys), at.millis()];
        let found = cells::all(&self.writer(), sql!("desk_find"), row, |it| Ok((it.next()?, it.next()?)))?;
        Ok(found.into_iter().collect())
    }

    async fn commit(&mut self, batch: Arc<Batch>) -> Result<(), Fault> {
        let mut writer = self.writer();
        commit::commit(&mut writer, &batch)?;
        self.store.0.mover.committed(&writer);
        Ok(())
    }
}

#[async_trait]
impl Desk for Sqlite {
    async fn put(&self, drawer: &str, key: &str, value: &[u8], until: Option<Moment>) -> Result<(), Fault> {
        let (drawer, key) = (drawer.to_owned(), key.to_owned());
        let kept = Kept { drawer, key, value: value.to_vec(), until };
        self.put_with_others(Put { kept, only_if_free: None }).await.map(|_| ())
    }

    async fn claim(
        &self,
        drawer: &str,
        key: &str,
        value: &[u8],
        until: Moment,
        at: Moment,
    ) -> Result<bool, Fault> {
        let (drawer, key) = (drawer.to_owned(), key.to_owned());
        let kept = Kept { drawer, key, value: value.to_vec(), until: Some(until) };
        self.put_with_others(Put { kept, only_if_free: Some(at) }).await
    }

    async fn get(&self, drawer: &str, key: &str, at: Moment) -> Result<Option<Vec<u8>>, Fault> {
        self.0.readers.get(drawer, key, at).await
    }

    async fn list(&self, drawer: &str, at: Moment) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        self.0.readers.list(drawer, at).await
    }

    async fn remove(&self, drawer: &str, key: &str) -> Result<(), Fault> {
        let (drawer, key) = (drawer.to_owned(), key.to_owned());
        self.write(move |it| run(it, sql!("desk_remove"), params![drawer, key])).await.map(|_| ())
    }

    async fn sweep(&self, before: Moment, most: u32) -> Result<u64, Fault> {
        let swept = self.write(move |it| run(it, sql!("desk_sweep"), params![before.millis(), most])).await?;
        Ok(u64::try_from(swept).unwrap_or(u64::MAX))
    }

    async fn all(&self, after: (&str, &str), limit: u32) -> Result<Vec<Kept>, Fault> {
        self.0.readers.all(after, limit).await
    }
}

/// Runs a statement, and gives how many rows it changed.
fn run(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<usize, Fault> {
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    statement.execute(params).map_err(fault)
}
