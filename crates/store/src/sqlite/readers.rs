//! Connections that only read, lent one at a time, and all that is asked through them.

use super::{Options, apart, cells, locked, page, schema, sql};
use crate::cells::Cells as _;
use crate::{Fault, Kept, Page, Query, read};
use domain::day::Moment;
use rusqlite::{Connection, params};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// As many connections as may read at the same time.
pub(super) struct Readers {
    connections: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

/// A reader that goes back to the others even where reading panics.
struct Returned<'a> {
    connection: Option<Connection>,
    to: &'a Mutex<Vec<Connection>>,
}

impl Drop for Returned<'_> {
    fn drop(&mut self) {
        locked(self.to).extend(self.connection.take());
    }
}

impl Readers {
    pub(super) fn open(path: &Path, options: &Options) -> Result<Readers, Fault> {
        let connections = (0..options.readers.max(1)).map(|_| schema::reader(path, options));
        let connections: Vec<Connection> = connections.collect::<Result<_, Fault>>()?;
        let permits = Arc::new(Semaphore::new(connections.len()));
        Ok(Readers { connections: Mutex::new(connections), permits })
    }

    pub(super) async fn read<T, F>(self: &Arc<Readers>, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|it| Fault::Unavailable(it.to_string()))?;
        let readers = Arc::clone(self);
        apart(move || {
            let connection = locked(&readers.connections).pop().expect("as many permits as connections");
            let reader = Returned { connection: Some(connection), to: &readers.connections };
            let answer = work(reader.connection.as_ref().expect("given back only when dropped"));
            drop(reader);
            drop(permit);
            answer
        })
        .await
    }

    pub(super) async fn page(self: &Arc<Readers>, query: &Query) -> Result<Page, Fault> {
        let query = query.clone();
        self.read(move |connection| page::page(connection, &query)).await
    }

    pub(super) async fn get(
        self: &Arc<Readers>,
        drawer: &str,
        key: &str,
        at: Moment,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let (drawer, key) = (drawer.to_owned(), key.to_owned());
        self.read(move |it| {
            cells::one(it, sql!("desk_get"), params![drawer, key, at.millis()], |it| it.next())
        })
        .await
    }

    pub(super) async fn list(
        self: &Arc<Readers>,
        drawer: &str,
        at: Moment,
    ) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        let drawer = drawer.to_owned();
        self.read(move |it| {
            let row = params![drawer, at.millis()];
            cells::all(it, sql!("desk_list"), row, |it| Ok((it.next()?, it.next()?)))
        })
        .await
    }

    pub(super) async fn all(
        self: &Arc<Readers>,
        after: (&str, &str),
        limit: u32,
    ) -> Result<Vec<Kept>, Fault> {
        let (drawer, key) = (after.0.to_owned(), after.1.to_owned());
        self.read(move |it| {
            cells::all(it, sql!("desk_all"), params![drawer, key, limit], |it| read::kept(it))
        })
        .await
    }
}
