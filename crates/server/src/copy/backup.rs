//! A backup: one file that holds the books and can be proved by itself, written while they are served; and back.
//! Keys are never in it.

use super::place::{Place, PlaceError, beside};
use super::prove::{Proof, prove};
use super::{Copied, CopyError, copy, heads};
use crate::law::Laws;
use crate::vault::{Vault, VaultError, hex, random};
use crate::verify::{Report, verify_with};
use domain::day::Moment;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::sqlite::{Options, Sqlite};
use store::{Books, Desk, Fault, Page, Query, Store};

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Something is there that would have been overwritten.
    #[error("{0}: there is something already; nothing is ever overwritten")]
    Taken(String),
    /// A file with a log beside it: books that are served, or were not closed.
    #[error(
        "{0}: these are books in use and no backup, a part of them is in other files; `gongji backup` makes one"
    )]
    NotWhole(String),
    /// A file cannot be written or read.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// Books cannot be opened.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// Books cannot be copied.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// A store failed.
    #[error("{0}: {1}")]
    Store(String, Fault),
    /// There is nothing in the books.
    #[error("{0}: the books are empty, nothing was ever decided in them")]
    Empty(String),
    /// The copy is not what it is a copy of.
    #[error("the copy is not equal to what it was made from: {0}")]
    NotEqual(String),
    /// The books are damaged.
    #[error("{0}: the books are not sound: {1}")]
    NotSound(String, String),
    /// Other keys than those of the books.
    #[error("{0} does not hold the keys of these books: put the right copy there, or take it away")]
    OtherKeys(String),
    /// The keys cannot be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// A file that is not there yet under its name: until it is given it, whatever breaks off leaves nothing behind.
struct Unnamed {
    path: PathBuf,
    name: PathBuf,
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> BackupError {
    let name = path.display().to_string();
    move |it| BackupError::File(name.clone(), it)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl Unnamed {
    /// A place beside the name, so that it can be given without copying.
    fn new(name: &Path) -> Result<Unnamed, BackupError> {
        if std::fs::symlink_metadata(name).is_ok() {
            return Err(BackupError::Taken(name.display().to_string()));
        }
        let folder = folder_of(name);
        std::fs::metadata(folder).map_err(failed(folder))?;
        let last = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = folder.join(format!(".{last}.{}.part", hex(&random::<6>())));
        Ok(Unnamed { path, name: name.to_owned() })
    }

    /// Gives it its name, once all of it is on the disk; never in place of something.
    fn name(self) -> Result<(), BackupError> {
        let failed = failed(&self.name);
        self.clear_beside();
        File::open(&self.path).and_then(|it| it.sync_all()).map_err(&failed)?;
        match std::fs::hard_link(&self.path, &self.name) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(BackupError::Taken(self.name.display().to_string()));
            }
            // Not every file system knows second names.
            Err(_) => std::fs::rename(&self.path, &self.name).map_err(&failed)?,
        }
        drop(std::fs::remove_file(&self.path));
        // Without its name in the folder, a file does not outlive a power cut.
        File::open(folder_of(&self.name)).and_then(|it| it.sync_all()).map_err(&failed)
    }

    /// What the store leaves beside its file.
    fn clear_beside(&self) {
        for ending in [".lock", "-journal", "-wal", "-shm"] {
            let mut beside = self.path.clone().into_os_string();
            beside.push(ending);
            // Most of them are not there.
            drop(std::fs::remove_file(beside));
        }
    }
}

impl Drop for Unnamed {
    fn drop(&mut self) {
        // What has its name is not there any more under this one.
        drop(std::fs::remove_file(&self.path));
        self.clear_beside();
    }
}

/// A log that lies beside a file of books, with something in it.
fn log_beside(path: &Path) -> Option<PathBuf> {
    let beside = |ending: &str| {
        let mut name = path.to_owned().into_os_string();
        name.push(ending);
        PathBuf::from(name)
    };
    let left = ["-wal", "-journal"].map(beside);
    left.into_iter().find(|it| std::fs::metadata(it).is_ok_and(|it| it.len() > 0))
}

/// What was backed up or restored, and how it was proved.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Records in the books.
    pub records: u64,
    /// Copied from store to store.
    pub copied: Option<Copied>,
    /// The copy compared with what it was made from.
    pub proof: Option<Proof>,
    /// The books decided again.
    pub report: Option<Report>,
    /// Whether keys that fit lie beside them.
    pub keys: bool,
}

/// Told what is being done, and how many records of how many are.
pub type Progress<'a> = &'a dyn Fn(&'static str, u64, u64);

async fn count(store: &dyn Store, name: &str) -> Result<u64, BackupError> {
    match store.page(&Query::Counts).await {
        Ok(Page::Counts(counts)) if counts.records > 0 => Ok(counts.records),
        Ok(_) => Err(BackupError::Empty(name.to_owned())),
        Err(fault) => Err(BackupError::Store(name.to_owned(), fault)),
    }
}

/// Writes a backup of books that may be served meanwhile. All of it is decided again
/// afterwards where that is wanted.
///
/// # Errors
/// [`BackupError`]; then there is no file of that name.
pub async fn backup(
    from: &Place,
    to: &Path,
    decide_again: bool,
    progress: Progress<'_>,
) -> Result<Outcome, BackupError> {
    let file = Unnamed::new(to)?;
    let mut outcome = match from {
        Place::File(path) => {
            let source = beside(path)?;
            count(&source, &from.name()).await?;
            source
                .copy_to(&file.path)
                .await
                .map_err(|it| BackupError::Store(to.display().to_string(), it))?;
            Outcome::default()
        }
        Place::Database(_) => {
            let source = from.read().await?;
            // Copied into one file, then written anew into another: smaller, and without a log.
            let work = Unnamed::new(to)?;
            let all = count(&*source, &from.name()).await?;
            let target = Place::File(work.path.clone()).write().await?;
            let outcome = copy_and_prove(&*source, &*target, all, progress).await?;
            drop(target);
            let written = beside(&work.path)?.copy_to(&file.path).await;
            written.map_err(|it| BackupError::Store(to.display().to_string(), it))?;
            outcome
        }
    };
    let written = beside(&file.path)?;
    let name = to.display().to_string();
    written.check().await.map_err(|it| BackupError::Store(name.clone(), it))?;
    outcome.records = count(&written, &name).await?;
    heads(&written).await.map_err(|it| BackupError::Store(name.clone(), it))?;
    if decide_again {
        outcome.report = Some(sound(&written, &name, None, outcome.records, progress).await?);
    }
    drop(written);
    file.name()?;
    Ok(outcome)
}

/// Copies books into others and compares all of them.
///
/// # Errors
/// [`BackupError`].
pub async fn copy_and_prove(
    source: &dyn Books,
    target: &dyn Books,
    all: u64,
    progress: Progress<'_>,
) -> Result<Outcome, BackupError> {
    let copied = copy(source, target, &|done| progress("copied", done, all)).await?;
    let compared = prove(source, target, &copied.heads, &|done| progress("compared", done, all)).await;
    let proof = compared.map_err(|it| BackupError::Store("comparing".to_owned(), it))?;
    if let Some(first) = proof.differences.first() {
        return Err(BackupError::NotEqual(first.clone()));
    }
    let papers = super::shelf::compare(source, target).await;
    let (_, differs) = papers.map_err(|it| BackupError::Store("comparing".to_owned(), it))?;
    if let Some(what) = differs {
        return Err(BackupError::NotEqual(what));
    }
    let records = proof.records;
    Ok(Outcome { records, copied: Some(copied), proof: Some(proof), ..Outcome::default() })
}

/// Decides all of the books again and demands that they are sound.
///
/// # Errors
/// [`BackupError`].
pub async fn sound(
    books: &dyn Books,
    name: &str,
    vault: Option<&Vault>,
    all: u64,
    progress: Progress<'_>,
) -> Result<Report, BackupError> {
    let laws = Laws::default();
    let report = verify_with(books, &laws, vault, &|done| progress("decided again", done, all)).await;
    let report = report.map_err(|it| BackupError::Store(name.to_owned(), it))?;
    match report.findings.first() {
        None => Ok(report),
        Some(first) => {
            let what = format!("{first} ({} findings)", report.findings.len());
            Err(BackupError::NotSound(name.to_owned(), what))
        }
    }
}

/// The keys in a folder, where there are any and they are those of the books.
async fn keys_in(folder: &Path, books: &dyn Desk) -> Result<Option<Vault>, BackupError> {
    let path = folder.join("keys.toml");
    if !path.exists() {
        return Ok(None);
    }
    let vault = Vault::open_or_create(&path)?;
    let name = path.display().to_string();
    let check = books.get("vault", "check", Moment::from_millis(0)).await;
    let check = check.map_err(|it| BackupError::Store(name.clone(), it))?;
    if check.is_some_and(|it| it != vault.check()) {
        Err(BackupError::OtherKeys(name))
    } else {
        Ok(Some(vault))
    }
}

/// Restores a backup into a data folder that holds no books, and proves them before they get their name.
///
/// # Errors
/// [`BackupError`]; then there are no books in the folder.
pub async fn restore(from: &Path, folder: &Path, progress: Progress<'_>) -> Result<Outcome, BackupError> {
    let name = from.display().to_string();
    if !from.is_file() {
        return Err(PlaceError::Missing(name).into());
    }
    if log_beside(from).is_some() {
        return Err(BackupError::NotWhole(name));
    }
    let Place::File(target) = Place::folder(folder) else { unreachable!("a folder holds a file") };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    // A log would be taken for one of the restored books.
    if let Some(left) = log_beside(&target) {
        return Err(BackupError::Taken(left.display().to_string()));
    }
    let file = Unnamed::new(&target)?;
    // Not with the rights of the backup, which may be read-only.
    let copied =
        File::open(from).and_then(|mut from| std::io::copy(&mut from, &mut File::create(&file.path)?));
    copied.map_err(failed(&target))?;
    let in_file = |it| BackupError::Store(name.clone(), it);
    // An older schema is brought up to date here, in the copy.
    drop(Sqlite::open(&file.path, Options::default()).map_err(in_file)?);
    let books = beside(&file.path)?;
    books.check().await.map_err(in_file)?;
    let records = count(&books, &name).await?;
    let vault = keys_in(folder, &books).await?;
    let report = sound(&books, &name, vault.as_ref(), records, progress).await?;
    drop(books);
    file.name()?;
    Ok(Outcome { records, report: Some(report), keys: vault.is_some(), ..Outcome::default() })
}

/// Restores a backup into an empty database, and proves the books in it. Keys are looked for in the data folder.
///
/// # Errors
/// [`BackupError`].
pub async fn restore_into(
    from: &Path,
    to: &Place,
    folder: &Path,
    progress: Progress<'_>,
) -> Result<Outcome, BackupError> {
    let name = from.display().to_string();
    let source = beside(from)?;
    source.check().await.map_err(|it| BackupError::Store(name.clone(), it))?;
    let all = count(&source, &name).await?;
    let vault = keys_in(folder, &source).await?;
    // What is not sound is not brought into a database, where it could not be taken back as a file can.
    sound(&source, &name, vault.as_ref(), all, progress).await?;
    let target: Arc<dyn Books> = to.write().await?;
    let mut outcome = copy_and_prove(&source, &*target, all, progress).await?;
    outcome.report = Some(sound(&*target, &to.name(), vault.as_ref(), all, progress).await?);
    outcome.keys = vault.is_some();
    Ok(outcome)
}
