//! A data folder: the store, in it or on a server, the keys that belong to it, and whether it is a sandbox. A store is
//! made only by who may make one, keys only together with their store.

use crate::app::App;
use crate::vault::{Vault, VaultError};
use domain::day::Moment;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::postgres::{self, Postgres};
use store::sqlite::{self, Sqlite, WRITER_CACHE_MIB};
use store::{Books, Desk, Fault, Page, Query, Schema};

/// The drawers of the desk, and what lies in them.
const VAULT: (&str, &str) = ("vault", "check");
const KIND: (&str, &str) = ("store", "kind");

/// What lies there never expires: any moment finds it.
fn any() -> Moment {
    Moment::from_millis(0)
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is no store.
    #[error("{0}: there is no store here; `gongji serve` makes one")]
    Missing(String),
    /// A file is on one server.
    #[error("only a database can be spread over servers: name it with --store")]
    NoDatabase,
    /// The store has nothing in it.
    #[error("{0}: the store is empty, nothing was ever decided in it")]
    Empty(String),
    /// The folder cannot be made.
    #[error("{0}: {1}")]
    Folder(String, std::io::Error),
    /// The keys of the store are gone.
    #[error("{0} is missing, and its store cannot be used without it: put back the copy that was kept apart")]
    KeysLost(String),
    /// Other keys than the store was made with.
    #[error("{0} does not hold the keys that the store was made with: put back the right copy")]
    OtherKeys(String),
    /// A sandbox is served as if it were none, or the other way round.
    #[error("{0}")]
    Kind(&'static str),
    /// The keys cannot be read or written.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store is not available.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// A data folder. Its store is a file in it, or a PostgreSQL database.
#[derive(Clone, Copy)]
pub struct Folder<'a> {
    /// The folder.
    pub path: &'a Path,
    /// The address of the database, which may hold a password; without it, the store is a file.
    pub database: Option<&'a str>,
    /// Memory for pages of a file, in MiB.
    pub cache_mib: u32,
}

impl<'a> Folder<'a> {
    /// A folder with its store in it.
    pub fn with_file(path: &'a Path) -> Folder<'a> {
        Folder { path, database: None, cache_mib: WRITER_CACHE_MIB }
    }

    pub(crate) fn store_file(&self) -> PathBuf {
        self.path.join("gongji.sqlite")
    }

    fn file_options(&self) -> sqlite::Options {
        sqlite::Options { writer_cache_mib: self.cache_mib, ..sqlite::Options::default() }
    }

    fn keys_file(&self) -> PathBuf {
        self.path.join("keys.toml")
    }

    /// What the store is called when something is wrong with it: never by its address.
    fn name(&self) -> String {
        self.database.map_or_else(|| self.store_file().display().to_string(), |_| "the database".to_owned())
    }

    /// The store and its keys, made together where there is neither.
    ///
    /// # Errors
    /// [`FolderError`].
    pub async fn open_or_create(&self) -> Result<(Arc<dyn Books>, Vault), FolderError> {
        if self.database.is_none() && is_there(&self.store_file()) {
            return self.open().await;
        }
        // A database may have been made and never used; what was is opened with the keys it was used with.
        if self.database.is_some() && self.is_used().await? {
            return self.open().await;
        }
        let failed = |it| FolderError::Folder(self.path.display().to_string(), it);
        std::fs::create_dir_all(self.path).map_err(failed)?;
        // Keys of a store that did not come to be are as good as new ones.
        let vault = Vault::open_or_create(&self.keys_file())?;
        let store = self.create().await?;
        store.put(VAULT.0, VAULT.1, &vault.check(), None).await?;
        Ok((store, vault))
    }

    /// Whether anything is in a database.
    async fn is_used(&self) -> Result<bool, FolderError> {
        let Some(url) = self.database else { return Ok(false) };
        if !Postgres::is_there(url).await? {
            return Ok(false);
        }
        let store = self.open_store().await?;
        Ok(store.get(VAULT.0, VAULT.1, any()).await?.is_some() || records(&*store).await? > 0)
    }

    /// The store, made where there is none, whatever is with its keys.
    ///
    /// # Errors
    /// [`FolderError`].
    pub async fn create(&self) -> Result<Arc<dyn Books>, FolderError> {
        Ok(match self.database {
            None => Arc::new(Sqlite::open(&self.store_file(), self.file_options())?),
            Some(url) => Arc::new(Postgres::open(url, postgres::Options::default()).await?),
        })
    }

    /// Brings the schema of the store up to date: of a file that has to be there with its keys, of a database that is
    /// made one of ours where it is empty.
    ///
    /// # Errors
    /// [`FolderError`].
    pub async fn migrate(&self) -> Result<Schema, FolderError> {
        if let Some(url) = self.database {
            return Ok(Postgres::open(url, postgres::Options::default()).await?.schema());
        }
        let store = open_file(&self.store_file(), self.file_options())?;
        self.keys(&store).await?.ok_or_else(|| self.keys_lost())?;
        Ok(store.schema())
    }

    /// Spreads a database over several servers, made where it is empty.
    ///
    /// # Errors
    /// [`FolderError`].
    pub async fn spread(&self) -> Result<(), FolderError> {
        let url = self.database.ok_or(FolderError::NoDatabase)?;
        Ok(Postgres::spread(url, postgres::Options::default()).await?)
    }

    /// The store and its keys, which have to be there.
    ///
    /// # Errors
    /// [`FolderError`].
    pub async fn open(&self) -> Result<(Arc<dyn Books>, Vault), FolderError> {
        let store = self.open_store().await?;
        let vault = self.keys(&*store).await?.ok_or_else(|| self.keys_lost())?;
        Ok((store, vault))
    }

    fn keys_lost(&self) -> FolderError {
        FolderError::KeysLost(self.keys_file().display().to_string())
    }

    /// A store that has to be there; what it is opened for never makes one.
    ///
    /// # Errors
    /// [`FolderError`].
    pub async fn open_store(&self) -> Result<Arc<dyn Books>, FolderError> {
        match self.database {
            None => Ok(Arc::new(open_file(&self.store_file(), self.file_options())?)),
            Some(url) if Postgres::is_there(url).await? => self.create().await,
            Some(_) => Err(FolderError::Missing(self.name())),
        }
    }

    /// A store that has to be there and to hold something, and how many records it holds.
    ///
    /// # Errors
    /// [`FolderError`].
    pub async fn open_books(&self) -> Result<(Arc<dyn Books>, u64), FolderError> {
        let store = self.open_store().await?;
        match records(&*store).await? {
            0 => Err(FolderError::Empty(self.name())),
            records => Ok((store, records)),
        }
    }

    /// The keys beside a store, where there are any.
    ///
    /// # Errors
    /// [`FolderError`] where they are not the store's.
    pub async fn keys(&self, store: &dyn Books) -> Result<Option<Vault>, FolderError> {
        let keys = self.keys_file();
        if !keys.exists() {
            return Ok(None);
        }
        let vault = Vault::open_or_create(&keys)?;
        // Whose keys belong to books is among the last that are copied.
        whole(store).await?;
        match store.get(VAULT.0, VAULT.1, any()).await? {
            Some(check) if check == vault.check() => {}
            // A machine that stopped between making the store and saying so.
            None if records(store).await? == 0 => {
                store.put(VAULT.0, VAULT.1, &vault.check(), None).await?;
            }
            Some(_) | None => return Err(FolderError::OtherKeys(keys.display().to_string())),
        }
        Ok(Some(vault))
    }
}

/// A store in a file, wherever it is, that has to be there and to hold something.
///
/// # Errors
/// [`FolderError`].
pub async fn open_history(file: &Path) -> Result<Sqlite, FolderError> {
    let store = open_file(file, sqlite::Options::default())?;
    match records(&store).await? {
        0 => Err(FolderError::Empty(file.display().to_string())),
        _ => Ok(store),
    }
}

fn open_file(file: &Path, options: sqlite::Options) -> Result<Sqlite, FolderError> {
    if !is_there(file) {
        return Err(FolderError::Missing(file.display().to_string()));
    }
    Ok(Sqlite::open(file, options)?)
}

fn is_there(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|it| it.len() > 0)
}

async fn records(store: &dyn Books) -> Result<u64, Fault> {
    let Page::Counts(counts) = store.page(&Query::Counts).await? else {
        return Err(Fault::Damaged("asked for counts, got another page".to_owned()));
    };
    Ok(counts.records)
}

/// Books that are being copied are of no use before all of them are there.
pub(crate) async fn whole(desk: &dyn Desk) -> Result<(), FolderError> {
    if crate::copy::desk::is_marked(desk).await? {
        return Err(FolderError::Kind(
            "books were being copied into this store and not all of them are there: go on with `gongji import`",
        ));
    }
    Ok(())
}

/// Marks a store as a sandbox or as none when it is served for the first time, and holds to it ever after: a clock
/// that is moved at will spoils real books, and a sandbox's money is not real.
///
/// # Errors
/// [`FolderError::Kind`] where it was served as the other before.
pub async fn serve_as(app: &App, sandbox: bool) -> Result<(), FolderError> {
    whole(&*app.desk).await?;
    let kind: &[u8] = if sandbox { b"sandbox" } else { b"production" };
    match app.desk.get(KIND.0, KIND.1, any()).await? {
        None => Ok(app.desk.put(KIND.0, KIND.1, kind, None).await?),
        Some(known) if known == kind => Ok(()),
        Some(_) if sandbox => Err(FolderError::Kind(
            "this store is not a sandbox, its clock cannot be set: serve it without --sandbox-now",
        )),
        Some(_) => Err(FolderError::Kind(
            "this store is a sandbox: serve it with --sandbox-now TIME, or another folder with --data",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    fn entries(folder: &Path) -> usize {
        std::fs::read_dir(folder).expect("a folder").count()
    }

    /// If this fails, looking at a folder that was mistyped makes a store there and calls it sound.
    #[tokio::test]
    async fn looking_makes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let it = Folder::with_file(folder.path());
        assert!(matches!(it.open().await, Err(FolderError::Missing(_))));
        assert!(matches!(it.open_books().await, Err(FolderError::Missing(_))));
        assert_eq!(entries(folder.path()), 0);
        std::fs::write(it.store_file(), b"").expect("writes");
        assert!(matches!(it.open_books().await, Err(FolderError::Missing(_))), "an empty file");
        drop(it.open_or_create().await.expect("made"));
        assert!(matches!(it.open_books().await, Err(FolderError::Empty(_))));
    }

    /// If this fails, a store whose keys are lost goes on with others: nobody in it is ever found again.
    #[tokio::test]
    async fn lost_or_other_keys_are_said_and_never_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let it = Folder::with_file(folder.path());
        drop(it.open_or_create().await.expect("made"));
        drop(it.open_or_create().await.expect("opened again"));
        let copy = std::fs::read(it.keys_file()).expect("keys");
        std::fs::remove_file(it.keys_file()).expect("removes");
        assert!(matches!(it.open_or_create().await, Err(FolderError::KeysLost(_))));
        assert!(!it.keys_file().exists(), "nothing is put in their place");
        drop(Vault::open_or_create(&it.keys_file()).expect("others"));
        assert!(matches!(it.open_or_create().await, Err(FolderError::OtherKeys(_))));
        std::fs::write(it.keys_file(), copy).expect("writes");
        drop(it.open().await.expect("the right ones"));
    }

    /// If this fails, the clock of real books is set back, or play money is taken for real.
    #[tokio::test]
    async fn a_store_stays_what_it_was_first_served_as() {
        let now = || Moment::from_millis(1_795_310_688_479);
        for (first, other) in [(true, false), (false, true)] {
            let app = App::new(store::memory::Memory::default(), Clock::machine(now), Vault::fresh());
            serve_as(&app, first).await.expect("the first time");
            serve_as(&app, first).await.expect("again");
            assert!(matches!(serve_as(&app, other).await, Err(FolderError::Kind(_))));
        }
    }

    /// If this fails, half of somebody's books are served, and what is decided in them can never be put together again.
    #[tokio::test]
    async fn books_that_are_not_whole_yet_are_not_served() {
        let now = || Moment::from_millis(1_795_310_688_479);
        let app = App::new(store::memory::Memory::default(), Clock::machine(now), Vault::fresh());
        crate::copy::desk::mark(&*app.desk).await.expect("marked");
        assert!(matches!(serve_as(&app, false).await, Err(FolderError::Kind(_))));
        crate::copy::desk::unmark(&*app.desk).await.expect("whole");
        serve_as(&app, false).await.expect("served");
    }
}
