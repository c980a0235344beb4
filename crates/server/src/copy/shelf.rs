//! The shelf of books that are copied: every paper of the source is laid on the target's, and all of them are compared.

use super::CopyError;
use domain::day::Moment;
use domain::ids::{Digest, PersonNo};
use store::{Books, Fault, KeptPaper, Paper, Shelf};

/// How many papers are looked for at once; each is read by itself.
const SLICE: u32 = 500;

/// All papers of a shelf, read on slice by slice.
struct Reading<'a> {
    shelf: &'a dyn Shelf,
    after: Option<(PersonNo, Digest)>,
}

impl Reading<'_> {
    async fn next(&mut self) -> Result<Vec<KeptPaper>, Fault> {
        let slice = self.shelf.papers(self.after, SLICE).await?;
        self.after = slice.last().map(|it| (it.person, it.digest)).or(self.after);
        Ok(slice)
    }
}

/// A paper, whether it still counts or not.
async fn read(shelf: &dyn Shelf, it: &KeptPaper) -> Result<Option<Paper>, Fault> {
    shelf.paper(it.person, it.digest, Moment::from_millis(i64::MIN)).await
}

/// Lays on the target's shelf what lies on the source's, and says how many papers were new there or are kept longer.
///
/// # Errors
/// [`CopyError`].
pub async fn mirror(source: &dyn Books, target: &dyn Books) -> Result<u64, CopyError> {
    let mut reading = Reading { shelf: source, after: None };
    let mut laid = 0;
    loop {
        let slice = reading.next().await.map_err(CopyError::Source)?;
        if slice.is_empty() {
            return Ok(laid);
        }
        for kept in slice {
            let there = target.paper(kept.person, kept.digest, kept.until.plus_millis(-1)).await;
            if there.map_err(CopyError::Target)?.is_some() {
                continue;
            }
            // What was thrown away meanwhile is not copied.
            if let Some(paper) = read(source, &kept).await.map_err(CopyError::Source)? {
                target.lay(&paper).await.map_err(CopyError::Target)?;
                laid += 1;
            }
        }
    }
}

/// Compares every paper of the source with the target's: how many, and the first that differs or is missing.
///
/// # Errors
/// A [`Fault`] where one of them cannot be read.
pub async fn compare(source: &dyn Books, target: &dyn Books) -> Result<(u64, Option<String>), Fault> {
    let mut reading = Reading { shelf: source, after: None };
    let mut compared = 0;
    loop {
        let slice = reading.next().await?;
        if slice.is_empty() {
            return Ok((compared, None));
        }
        for kept in slice {
            let (ours, theirs) = (read(source, &kept).await?, read(target, &kept).await?);
            if ours.is_some_and(|it| Some(it.sealed) != theirs.map(|it| it.sealed)) {
                let what = format!("paper {} of person {} is another or missing", kept.digest, kept.person);
                return Ok((compared, Some(what)));
            }
            compared += 1;
        }
    }
}
