//! A file of books as somebody sees it who only reads: another process may be writing to it all the while.

use super::cells::all;
use super::readers::Readers;
use super::{Options, apart, fault, schema};
use crate::cells::Cells as _;
use crate::{Desk, Fault, Kept, Lane, LaneNo, Page, Query, Store};
use async_trait::async_trait;
use domain::day::Moment;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A store in a file that is only read. It takes no lock, makes nothing, and brings no schema up to date.
#[derive(Clone)]
pub struct Beside {
    path: PathBuf,
    options: Options,
    readers: Arc<Readers>,
}

/// What is said to who wants to write.
pub(super) fn only_reads() -> Fault {
    Fault::Unavailable("these books were opened for reading only".to_owned())
}

impl Beside {
    /// Opens a file for reading. Waits for the disk.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] where the file cannot be opened; [`Fault::Damaged`] where it holds no store of ours, or
    /// one of another schema than this program's.
    pub fn open(path: &Path, options: Options) -> Result<Beside, Fault> {
        let readers = Readers::open(path, &options)?;
        schema::check_beside(&schema::reader(path, &options)?)?;
        Ok(Beside { path: path.to_owned(), options, readers: Arc::new(readers) })
    }

    /// Who asks for pages.
    pub(super) fn readers(&self) -> &Arc<Readers> {
        &self.readers
    }

    /// Writes all that is committed now into a new file, while others go on writing: they do not wait for it. Their log
    /// grows until this is done. The file is not yet on the disk when this returns.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] where there is such a file already or it cannot be written.
    pub async fn copy_to(&self, file: &Path) -> Result<(), Fault> {
        let (path, options, file) = (self.path.clone(), self.options, file.to_owned());
        apart(move || {
            let connection = schema::reader(&path, &options)?;
            let name = file.to_str().ok_or_else(|| {
                Fault::Unavailable(format!("{}: a file name has to be UTF-8", file.display()))
            })?;
            connection.execute("VACUUM INTO ?1", [name]).map(|_| ()).map_err(fault)
        })
        .await
    }

    /// Reads every page of the file and compares tables with their indexes.
    ///
    /// # Errors
    /// [`Fault::Damaged`] with what is wrong first.
    pub async fn check(&self) -> Result<(), Fault> {
        let wrong =
            self.readers.read(|it| all(it, "PRAGMA integrity_check(3)", [], |it| it.next::<String>()));
        let wrong = wrong.await?;
        if wrong == ["ok"] { Ok(()) } else { Err(Fault::Damaged(wrong.join("; "))) }
    }
}

#[async_trait]
impl Store for Beside {
    async fn lane(&self, _: LaneNo) -> Result<Box<dyn Lane>, Fault> {
        Err(only_reads())
    }

    async fn page(&self, query: &Query) -> Result<Page, Fault> {
        self.readers.page(query).await
    }
}

#[async_trait]
impl Desk for Beside {
    async fn put(&self, _: &str, _: &str, _: &[u8], _: Option<Moment>) -> Result<(), Fault> {
        Err(only_reads())
    }

    async fn claim(&self, _: &str, _: &str, _: &[u8], _: Moment, _: Moment) -> Result<bool, Fault> {
        Err(only_reads())
    }

    async fn get(&self, drawer: &str, key: &str, at: Moment) -> Result<Option<Vec<u8>>, Fault> {
        self.readers.get(drawer, key, at).await
    }

    async fn list(&self, drawer: &str, at: Moment) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        self.readers.list(drawer, at).await
    }

    async fn remove(&self, _: &str, _: &str) -> Result<(), Fault> {
        Err(only_reads())
    }

    async fn sweep(&self, _: Moment, _: u32) -> Result<u64, Fault> {
        Err(only_reads())
    }

    async fn all(&self, after: (&str, &str), limit: u32) -> Result<Vec<Kept>, Fault> {
        self.readers.all(after, limit).await
    }
}
