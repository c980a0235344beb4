//! The shelf of a database: one table, on the server that everybody talks to.

use super::Postgres;
use super::session::{Param, sql};
use crate::cells::{Cells as _, int, row};
use crate::{Fault, KeptPaper, Paper, Shelf, read};
use async_trait::async_trait;
use domain::day::Moment;
use domain::ids::{Digest, PersonNo};

#[async_trait]
impl Shelf for Postgres {
    async fn lay(&self, paper: &Paper) -> Result<(), Fault> {
        let lent = self.0.desk.lend().await?;
        let Paper { person, digest, until, sealed } = paper;
        let [person, digest, until, sealed] =
            row![int(person.0), digest.0.as_slice(), until.millis(), sealed.as_slice()];
        let params: [Param<'_>; 4] = [&person, &digest, &until, &sealed];
        lent.session().run(sql!("shelf_lay"), &params).await?;
        lent.give_back();
        Ok(())
    }

    async fn paper(&self, person: PersonNo, digest: Digest, at: Moment) -> Result<Option<Paper>, Fault> {
        let lent = self.0.desk.lend().await?;
        let [no, key, at] = row![int(person.0), digest.0.as_slice(), at.millis()];
        let params: [Param<'_>; 3] = [&no, &key, &at];
        let found = lent.session().row(sql!("shelf_paper"), &params, |it| Ok((it.moment()?, it.next()?)));
        let found = found.await?;
        lent.give_back();
        Ok(found.map(|(until, sealed)| Paper { person, digest, until, sealed }))
    }

    async fn keep_until(&self, person: PersonNo, digest: Digest, until: Moment) -> Result<bool, Fault> {
        let lent = self.0.desk.lend().await?;
        let [no, key, until] = row![int(person.0), digest.0.as_slice(), until.millis()];
        let params: [Param<'_>; 3] = [&no, &key, &until];
        let kept = lent.session().run(sql!("shelf_keep"), &params).await?;
        lent.give_back();
        Ok(kept > 0)
    }

    async fn discard(&self, before: Moment, most: u32) -> Result<u64, Fault> {
        let lent = self.0.desk.lend().await?;
        let [before, most] = row![before.millis(), i64::from(most)];
        let params: [Param<'_>; 2] = [&before, &most];
        let gone = lent.session().run(sql!("shelf_discard"), &params).await?;
        lent.give_back();
        Ok(gone)
    }

    async fn papers(&self, after: Option<(PersonNo, Digest)>, limit: u32) -> Result<Vec<KeptPaper>, Fault> {
        let lent = self.0.desk.lend().await?;
        let (no, key) = after.map_or((-1, Vec::new()), |(no, it)| (int(no.0), it.0.to_vec()));
        let [no, key, limit] = row![no, key, i64::from(limit)];
        let params: [Param<'_>; 3] = [&no, &key, &limit];
        let papers = lent.session().rows(sql!("shelf_all"), &params, |it| read::kept_paper(it)).await?;
        lent.give_back();
        Ok(papers)
    }
}
