//! How a database becomes one of ours: what the server must promise, forward-only migrations, the lists of words.

use super::session::{Session, Sql, sql};
use super::{Options, Weight};
use crate::cells::{Cells as _, Read, word_lists};
use crate::{Fault, Schema};
use std::collections::BTreeMap;

/// Each brings the schema from one version to the next; they only ever grow in number.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/postgres/0001-first.sql"),
    include_str!("../migrations/postgres/0002-spread.sql"),
];

/// Held while a schema is looked at or changed: several processes may start at once.
pub(super) const ALONE: &str = "SELECT pg_advisory_xact_lock(1196050003, 0)";

/// What a server must promise, as the statements of this module see it.
const SERVER: &str = "SELECT current_setting('server_version_num')::integer / 10000, current_setting('fsync') = 'on', \
                      current_setting('full_page_writes') = 'on'";

/// Refuses a server that is too old or may lose what it said was committed.
pub(super) async fn check_server(session: &Session, options: &Options) -> Read<()> {
    let found = session.row(plain(SERVER), &[], |it| Ok((it.next::<i64>()?, it.next()?, it.next()?))).await?;
    let Some((version, fsync, full_pages)) = found else {
        return Err(Fault::Damaged("the server says nothing of itself".to_owned()));
    };
    if version < 15 {
        return Err(Fault::Unavailable(format!("PostgreSQL {version} is too old, 15 is needed")));
    }
    let safe: bool = fsync && full_pages;
    if !safe && !options.may_lose_commits {
        let what = "the server has fsync or full_page_writes off: after a power cut it would have lost what was \
                    answered; turn them on";
        return Err(Fault::Unavailable(what.to_owned()));
    }
    Ok(())
}

/// Brings the schema up to date, in one transaction; makes it only where that was asked for.
pub(super) async fn migrate(session: &Session, options: &Options) -> Read<Schema> {
    session.command("BEGIN").await?;
    // What breaks off is rolled back with its connection.
    session.command(ALONE).await?;
    let version = version(session).await?;
    let known = usize::try_from(version).ok().filter(|it| *it <= MIGRATIONS.len());
    let Some(done) = known else {
        let newest = MIGRATIONS.len();
        let what = format!("the database has schema {version}, this program knows schemas up to {newest}");
        return Err(Fault::Damaged(what));
    };
    if done == 0 && !options.create {
        return Err(Fault::Unavailable(NOTHING_HERE.to_owned()));
    }
    for (version, migration) in (1..).zip(MIGRATIONS).skip(done) {
        session.command(migration).await?;
        let version: i32 = version;
        session.command(&format!("UPDATE gongji_schema SET version = {version}")).await?;
    }
    check_words(session).await?;
    session.commit("COMMIT").await?;
    Ok(Schema { before: done, now: MIGRATIONS.len() })
}

/// What is said where a store has to be there and is not.
pub(super) const NOTHING_HERE: &str =
    "there is no store in the database; `gongji serve` or `gongji migrate` makes one";

/// A statement of this module.
pub(super) fn plain(text: &'static str) -> Sql {
    Sql { name: text, text }
}

/// Whether a database holds a store.
pub(super) async fn is_there(session: &Session) -> Read<bool> {
    let ours = session.row(plain(OURS), &[], |it| it.next::<i64>()).await?;
    Ok(ours != Some(0))
}

const BYTES: &str = "SELECT pg_database_size(current_database())";

/// The processes of a server on this machine, but for the one that answers this.
const PROCESSES: &str = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND (inet_server_addr() IS NULL OR \
                         inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1')";

/// What keeping the database costs.
pub(super) async fn weight(session: &Session) -> Read<Weight> {
    let bytes = session.row(plain(BYTES), &[], |it| it.next::<i64>()).await?;
    let processes = session.rows(plain(PROCESSES), &[], |it| it.next::<i64>()).await?;
    Ok(Weight {
        bytes: bytes.and_then(|it| u64::try_from(it).ok()).unwrap_or(0),
        processes: processes.into_iter().filter_map(|it| u32::try_from(it).ok()).collect(),
    })
}

/// Tables that are there already; those of extensions are nobody's books.
const THEIRS: &str = "SELECT count(*) FROM pg_class AS c WHERE relnamespace = current_schema()::regnamespace AND \
                      relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')";

const OURS: &str = "SELECT count(*) FROM pg_class WHERE oid = to_regclass('gongji_schema')";

/// The version of the schema; 0 in an empty database.
async fn version(session: &Session) -> Read<i64> {
    if !is_there(session).await? {
        if session.row(plain(THEIRS), &[], |it| it.next::<i64>()).await? != Some(0) {
            return Err(Fault::Damaged("the database belongs to another program".to_owned()));
        }
        let make = "CREATE TABLE gongji_schema (one boolean PRIMARY KEY CHECK (one), version integer NOT NULL); \
                    INSERT INTO gongji_schema VALUES (true, 0)";
        session.command(make).await?;
    }
    let version = plain("SELECT version FROM gongji_schema");
    Ok(session.row(version, &[], |it| it.next::<i64>()).await?.unwrap_or(0))
}

/// The numbers of words are what the tables say: a list that lost or moved a word would turn children into parents.
async fn check_words(session: &Session) -> Read<()> {
    let row = |it: &mut super::cells::Columns<'_>| Ok(((it.next()?, it.next()?), it.next()?));
    let stored = session.rows(sql!("word_list"), &[], row).await?;
    let mut stored: BTreeMap<(String, i64), String> = stored.into_iter().collect();
    for (list, words) in word_lists() {
        for (no, word) in (0_i64..).zip(words) {
            match stored.remove(&(list.to_owned(), no)) {
                None => {
                    let row = crate::cells::row![list, no, word];
                    session.run(sql!("word_add"), &[&row[0], &row[1], &row[2]]).await?;
                }
                Some(known) if known == word => {}
                Some(known) => {
                    let what = format!("word {no} of `{list}` is stored as `{known}`, here it is `{word}`");
                    return Err(Fault::Damaged(what));
                }
            }
        }
    }
    match stored.into_iter().next() {
        None => Ok(()),
        Some(((list, no), word)) => {
            Err(Fault::Damaged(format!("word {no} of `{list}`, `{word}`, is not known here")))
        }
    }
}
