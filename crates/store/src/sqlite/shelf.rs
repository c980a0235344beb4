//! The shelf of a file: papers are written one at a time, for they are large and rare.

use super::{Beside, Sqlite, apart, cells, locked, only_reads, readers::Readers, run, sql};
use crate::cells::{Cells as _, int};
use crate::{Fault, KeptPaper, Paper, Shelf, read};
use async_trait::async_trait;
use domain::day::Moment;
use domain::ids::{Digest, PersonNo};
use rusqlite::params;
use std::sync::Arc;

impl Readers {
    async fn paper(
        self: &Arc<Readers>,
        person: PersonNo,
        digest: Digest,
        at: Moment,
    ) -> Result<Option<Paper>, Fault> {
        self.read(move |it| {
            let row = params![int(person.0), digest.0, at.millis()];
            cells::one(it, sql!("shelf_paper"), row, |it| {
                Ok(Paper { person, digest, until: it.moment()?, sealed: it.next()? })
            })
        })
        .await
    }

    async fn papers(
        self: &Arc<Readers>,
        after: Option<(PersonNo, Digest)>,
        limit: u32,
    ) -> Result<Vec<KeptPaper>, Fault> {
        self.read(move |it| {
            let (person, digest) = after.map_or((-1, Vec::new()), |(no, it)| (int(no.0), it.0.to_vec()));
            cells::all(it, sql!("shelf_all"), params![person, digest, limit], |it| read::kept_paper(it))
        })
        .await
    }
}

#[async_trait]
impl Shelf for Sqlite {
    async fn lay(&self, paper: &Paper) -> Result<(), Fault> {
        let (shared, paper) = (Arc::clone(&self.0), paper.clone());
        apart(move || {
            let writer = locked(&shared.writer);
            let Paper { person, digest, until, sealed } = paper;
            run(&writer, sql!("shelf_lay"), params![int(person.0), digest.0, until.millis(), sealed])?;
            shared.mover.committed(&writer);
            Ok(())
        })
        .await
    }

    async fn paper(&self, person: PersonNo, digest: Digest, at: Moment) -> Result<Option<Paper>, Fault> {
        self.0.readers.paper(person, digest, at).await
    }

    async fn keep_until(&self, person: PersonNo, digest: Digest, until: Moment) -> Result<bool, Fault> {
        let kept = self
            .write(move |it| run(it, sql!("shelf_keep"), params![int(person.0), digest.0, until.millis()]));
        Ok(kept.await? > 0)
    }

    async fn discard(&self, before: Moment, most: u32) -> Result<u64, Fault> {
        let gone = self.write(move |it| run(it, sql!("shelf_discard"), params![before.millis(), most]));
        Ok(u64::try_from(gone.await?).unwrap_or(u64::MAX))
    }

    async fn papers(&self, after: Option<(PersonNo, Digest)>, limit: u32) -> Result<Vec<KeptPaper>, Fault> {
        self.0.readers.papers(after, limit).await
    }
}

#[async_trait]
impl Shelf for Beside {
    async fn lay(&self, _: &Paper) -> Result<(), Fault> {
        Err(only_reads())
    }

    async fn paper(&self, person: PersonNo, digest: Digest, at: Moment) -> Result<Option<Paper>, Fault> {
        self.readers().paper(person, digest, at).await
    }

    async fn keep_until(&self, _: PersonNo, _: Digest, _: Moment) -> Result<bool, Fault> {
        Err(only_reads())
    }

    async fn discard(&self, _: Moment, _: u32) -> Result<u64, Fault> {
        Err(only_reads())
    }

    async fn papers(&self, after: Option<(PersonNo, Digest)>, limit: u32) -> Result<Vec<KeptPaper>, Fault> {
        self.readers().papers(after, limit).await
    }
}
