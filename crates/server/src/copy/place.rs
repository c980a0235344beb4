//! Where books are, as it is said on the command line: the address of a PostgreSQL database, a data folder, or a file.

use crate::data::Folder;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::postgres::{self, Postgres};
use store::sqlite::{Beside, Options, Sqlite};
use store::{Books, Fault};

/// Where books are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a PostgreSQL database.
    Database(String),
    /// In a file.
    File(PathBuf),
}

/// Why books could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// There is nothing.
    #[error("{0}: there is no such file or data folder")]
    Missing(String),
    /// There is something else.
    #[error("{0}: {1}")]
    Store(String, Fault),
    /// The folder cannot be made.
    #[error("{0}: {1}")]
    Folder(String, std::io::Error),
}

impl Place {
    /// Understands what was said: an address with its scheme, a folder that is one or ends with `/`, or a file.
    pub fn parse(text: &str) -> Place {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Place::Database(text.to_owned());
        }
        let path = Path::new(text);
        if path.is_dir() || text.ends_with('/') { Place::folder(path) } else { Place::File(path.to_owned()) }
    }

    /// The store of a data folder.
    pub fn folder(path: &Path) -> Place {
        Place::File(Folder::with_file(path).store_file())
    }

    /// What it is called where something is said of it: the address of a database may have a password in it.
    pub fn name(&self) -> String {
        match self {
            Place::Database(_) => "the database".to_owned(),
            Place::File(path) => path.display().to_string(),
        }
    }

    fn failed(&self, fault: Fault) -> PlaceError {
        PlaceError::Store(self.name(), fault)
    }

    /// Opens books that have to be there, for reading: another process may be serving them.
    ///
    /// # Errors
    /// [`PlaceError`].
    pub async fn read(&self) -> Result<Arc<dyn Books>, PlaceError> {
        match self {
            Place::Database(url) => {
                let options = postgres::Options { create: false, ..postgres::Options::default() };
                Ok(Arc::new(Postgres::open(url, options).await.map_err(|it| self.failed(it))?))
            }
            Place::File(path) => Ok(Arc::new(beside(path)?)),
        }
    }

    /// Opens books to write into, makes them where there are none.
    ///
    /// # Errors
    /// [`PlaceError`].
    pub async fn write(&self) -> Result<Arc<dyn Books>, PlaceError> {
        match self {
            Place::Database(url) => {
                let store = Postgres::open(url, postgres::Options::default()).await;
                Ok(Arc::new(store.map_err(|it| self.failed(it))?))
            }
            Place::File(path) => {
                if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
                    let failed = |it| PlaceError::Folder(folder.display().to_string(), it);
                    std::fs::create_dir_all(folder).map_err(failed)?;
                }
                Ok(Arc::new(Sqlite::open(path, Options::default()).map_err(|it| self.failed(it))?))
            }
        }
    }
}

/// The books in a file that has to be there, for reading.
///
/// # Errors
/// [`PlaceError`].
pub fn beside(path: &Path) -> Result<Beside, PlaceError> {
    let name = || path.display().to_string();
    if !path.is_file() {
        return Err(PlaceError::Missing(name()));
    }
    Beside::open(path, Options::default()).map_err(|it| PlaceError::Store(name(), it))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, an address with a password in it is printed, or a folder is taken for a file.
    #[test]
    fn a_place_is_an_address_a_folder_or_a_file() {
        let database = Place::parse("postgres://gongji:secret@db/books");
        assert_eq!(database.name(), "the database");
        let folder = tempfile::tempdir().expect("a folder");
        let text = folder.path().display().to_string();
        assert_eq!(Place::parse(&text), Place::folder(folder.path()));
        assert_eq!(Place::parse("not-there/"), Place::folder(Path::new("not-there/")));
        assert_eq!(Place::parse("a.sqlite"), Place::File("a.sqlite".into()));
    }
}
