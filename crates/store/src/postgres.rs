//! The store for many: PostgreSQL 15 and later, several lanes at once, nothing that all of them wait for.
//!
//! What is known how: [`session`] a connection, [`pool`] several, [`cells`] values in columns, [`homes`] where rows
//! live, [`citus`] several servers, [`load`] the tables of facts, [`lane`] from load to commit, [`commit`] a batch,
//! [`page`] questions, [`shelf`] papers, [`schema`] the database itself. `docs/decisions/0006-postgres.md` says why.

mod cells;
mod citus;
mod commit;
mod homes;
mod lane;
mod load;
mod page;
mod pool;
mod schema;
mod session;
mod shelf;

pub use homes::Spread;

use crate::cells::{Cells as _, row};
use crate::{Desk, Fault, Kept, LANES, Lane, LaneNo, Page, Query, Schema, Store, read};
use async_trait::async_trait;
use domain::day::Moment;
use domain::ids::Area;
use lane::{Held, PostgresLane};
use pool::Pool;
use session::{Connector, For, Param, sql};
use std::sync::Arc;
use std::time::Duration;

/// Settings of a store in a PostgreSQL database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether an empty database is made one of ours.
    pub create: bool,
    /// How many pages can be read at the same time.
    pub readers: usize,
    /// How many can be at the desk at the same time.
    pub clerks: usize,
    /// How rows are spread over homes on one server; on several they are spread by lanes, whatever stands here.
    pub spread: Spread,
    /// How long who asks waits for a connection that is free: longer than usual questions take, and not for ever where
    /// the server hangs.
    pub wait_for_connection: Duration,
    /// How long an opening lane waits for the connection that held it before.
    pub wait_for_lane: Duration,
    /// How long is waited for a commit, and so for a standby that the server waits for.
    pub wait_for_commit: Duration,
    /// Serves also where a power cut loses what was answered: for tests and trials only.
    pub may_lose_commits: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            create: true,
            readers: 8,
            clerks: 4,
            spread: Spread::One,
            wait_for_connection: Duration::from_secs(5),
            wait_for_lane: Duration::from_secs(3),
            wait_for_commit: Duration::from_secs(30),
            may_lose_commits: false,
        }
    }
}

/// What keeping a database costs, as its server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weight {
    /// Bytes of all tables and indexes, without the write-ahead log.
    pub bytes: u64,
    /// Numbers of the processes of the server; none where it is not on this machine.
    pub processes: Vec<u32>,
}

/// A store in a PostgreSQL database. Clones share it.
#[derive(Clone)]
pub struct Postgres(Arc<Shared>);

struct Shared {
    connector: Connector,
    options: Options,
    schema: Schema,
    pages: Pool,
    desk: Pool,
    held: Held,
}

impl Postgres {
    /// Opens the store at an address like `postgres://user:password@host:5432/database`, and brings its schema up to
    /// date. Several hosts, `target_session_attrs`, `connect_timeout` and other options of libpq can be stated;
    /// `sslrootcert=FILE` demands TLS and a server whose certificate is signed by one in the file.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] where the server cannot be reached, is too old, may lose what it commits, or holds no
    /// store and none is to be made; [`Fault::Damaged`] where the database is none of ours, or was written by a newer
    /// version. The address is never repeated.
    pub async fn open(url: &str, options: Options) -> Result<Postgres, Fault> {
        let connector = Connector::new(url, options.wait_for_commit)?;
        let session = connector.connect(For::Desk).await?;
        schema::check_server(&session, &options).await?;
        let schema = schema::migrate(&session, &options).await?;
        let is_spread = citus::is_spread(&session).await?;
        let spread = if is_spread { Spread::ByLane } else { options.spread };
        let (connector, options) = (connector.when_spread(is_spread), Options { spread, ..options });
        let wait = options.wait_for_connection;
        Ok(Postgres(Arc::new(Shared {
            pages: Pool::new(connector.clone(), For::Pages, options.readers, wait),
            desk: Pool::new(connector.clone(), For::Desk, options.clerks, wait),
            held: Held::default(),
            schema,
            connector,
            options,
        })))
    }

    /// The schema that was found when the store was opened, and what it was brought up to.
    pub fn schema(&self) -> Schema {
        self.0.schema
    }

    /// Spreads the database at an address over the servers that its Citus knows, each lane on one of them; makes the
    /// store where the database is empty. What is spread already stays as it is.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] where Citus or its workers are missing, the database is being served, or something was
    /// decided in it before; and as [`Postgres::open`].
    pub async fn spread(url: &str, options: Options) -> Result<(), Fault> {
        let wait_for_commit = options.wait_for_commit;
        drop(Postgres::open(url, options).await?);
        let connector = Connector::new(url, wait_for_commit)?;
        citus::spread(&connector.connect(For::Desk).await?).await
    }

    /// Whether there is a store at an address.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] where the server cannot be reached.
    pub async fn is_there(url: &str) -> Result<bool, Fault> {
        let session = Connector::new(url, Options::default().wait_for_commit)?.connect(For::Pages).await?;
        schema::is_there(&session).await
    }

    /// What keeping the database at an address costs its server.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] where the server cannot be reached.
    pub async fn weight(url: &str) -> Result<Weight, Fault> {
        let session = Connector::new(url, Options::default().wait_for_commit)?.connect(For::Pages).await?;
        schema::weight(&session).await
    }
}

#[async_trait]
impl Store for Postgres {
    async fn lane(&self, number: LaneNo) -> Result<Box<dyn Lane>, Fault> {
        if number.0 == 0 || number.0 >= LANES {
            return Err(Fault::Unavailable(format!("there is no lane {}", number.0)));
        }
        let Shared { connector, options, held, .. } = &*self.0;
        Ok(Box::new(PostgresLane::open(number, connector, *options, held).await?))
    }

    async fn page(&self, query: &Query) -> Result<Page, Fault> {
        let lent = self.0.pages.lend().await?;
        let page = page::page(lent.session(), self.0.options.spread, query).await?;
        lent.give_back();
        Ok(page)
    }

    fn is_spread(&self) -> bool {
        self.0.options.spread == Spread::ByLane
    }

    async fn lane_of(&self, area: Area, among: &[LaneNo]) -> Result<LaneNo, Fault> {
        let lent = self.0.desk.lend().await?;
        let lane = homes::lane_of(lent.session(), area, among).await?;
        lent.give_back();
        Ok(lane)
    }
}

#[async_trait]
impl Desk for Postgres {
    async fn put(&self, drawer: &str, key: &str, value: &[u8], until: Option<Moment>) -> Result<(), Fault> {
        let lent = self.0.desk.lend().await?;
        let [drawer, key, value, until] = row![drawer, key, value, until.map(Moment::millis)];
        let params: [Param<'_>; 4] = [&drawer, &key, &value, &until];
        lent.session().run(sql!("desk_put"), &params).await?;
        lent.give_back();
        Ok(())
    }

    async fn claim(
        &self,
        drawer: &str,
        key: &str,
        value: &[u8],
        until: Moment,
        at: Moment,
    ) -> Result<bool, Fault> {
        let lent = self.0.desk.lend().await?;
        let [drawer, key, value, until, at] = row![drawer, key, value, until.millis(), at.millis()];
        let params: [Param<'_>; 5] = [&drawer, &key, &value, &until, &at];
        let written = lent.session().run(sql!("desk_claim"), &params).await?;
        lent.give_back();
        Ok(written > 0)
    }

    async fn get(&self, drawer: &str, key: &str, at: Moment) -> Result<Option<Vec<u8>>, Fault> {
        let lent = self.0.desk.lend().await?;
        let [drawer, key, at] = row![drawer, key, at.millis()];
        let params: [Param<'_>; 3] = [&drawer, &key, &at];
        let found = lent.session().row(sql!("desk_get"), &params, |it| it.next()).await?;
        lent.give_back();
        Ok(found)
    }

    async fn list(&self, drawer: &str, at: Moment) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        let lent = self.0.desk.lend().await?;
        let [drawer, at] = row![drawer, at.millis()];
        let params: [Param<'_>; 2] = [&drawer, &at];
        let found =
            lent.session().rows(sql!("desk_list"), &params, |it| Ok((it.next()?, it.next()?))).await?;
        lent.give_back();
        Ok(found)
    }

    async fn remove(&self, drawer: &str, key: &str) -> Result<(), Fault> {
        let lent = self.0.desk.lend().await?;
        let [drawer, key] = row![drawer, key];
        let params: [Param<'_>; 2] = [&drawer, &key];
        lent.session().run(sql!("desk_remove"), &params).await?;
        lent.give_back();
        Ok(())
    }

    async fn sweep(&self, before: Moment, most: u32) -> Result<u64, Fault> {
        let lent = self.0.desk.lend().await?;
        let [before, most] = row![before.millis(), i64::from(most)];
        let params: [Param<'_>; 2] = [&before, &most];
        let swept = lent.session().run(sql!("desk_sweep"), &params).await?;
        lent.give_back();
        Ok(swept)
    }

    async fn all(&self, after: (&str, &str), limit: u32) -> Result<Vec<Kept>, Fault> {
        let lent = self.0.desk.lend().await?;
        let [drawer, key, limit] = row![after.0, after.1, i64::from(limit)];
        let params: [Param<'_>; 3] = [&drawer, &key, &limit];
        let kept = lent.session().rows(sql!("desk_all"), &params, |it| read::kept(it)).await?;
        lent.give_back();
        Ok(kept)
    }
}
