//! How pages are read: one statement for each question.

use super::cells::{Cells, account, all, int};
use super::{load, read, sql};
use crate::{Counts, LaneNo, NO_LANE, Page, Query};
use domain::decision::Turn;
use domain::ids::{PER_REQUEST, PersonNo, Serial};
use domain::ledger::{Account, Entry};
use domain::money::Total;
use rusqlite::{Connection, OptionalExtension, params};

/// The answer to a question, as of one moment.
pub(super) fn page(connection: &Connection, query: &Query) -> rusqlite::Result<Page> {
    Ok(match query {
        Query::Facts(needs, at) => {
            // All statements see the same state of the books.
            let transaction = connection.unchecked_transaction()?;
            let rows = load::rows(&transaction, needs, *at, NO_LANE)?;
            Page::Facts(Box::new(rows))
        }
        Query::Record(key) => Page::Record(load::record(connection, key)?.map(Box::new)),
        Query::Records { from, to, limit } => {
            let row = params![int(from.0), int(to.0), limit];
            Page::Records(all(connection, sql!("page_records"), row, read::record)?)
        }
        Query::Blocks { lane, from, limit } => {
            let row = params![lane, int(*from), limit];
            Page::Blocks(all(connection, sql!("page_blocks"), row, read::block)?)
        }
        Query::Lanes => Page::Lanes(all(connection, sql!("page_lanes"), [], |it| {
            Ok((LaneNo(it.next()?), Serial(it.number()?)))
        })?),
        Query::Purses { after, limit } => {
            let (kind, a, b) = after.map_or((-1, 0, 0), account);
            Page::Purses(all(connection, sql!("page_purses"), params![kind, a, b, limit], read::purse)?)
        }
        Query::Entries { account, before, limit } => entries(connection, *account, *before, *limit)?,
        Query::Journal { from, limit } => {
            let row = params![int(from.0), limit];
            Page::Journal(all(connection, sql!("page_journal"), row, entry)?)
        }
        Query::Settlements { person, before, limit } => settlements(connection, *person, *before, *limit)?,
        Query::BindingHistory(no) => {
            let history = all(connection, sql!("page_binding_history"), [int(no.0)], read::binding)?;
            Page::BindingHistory(history)
        }
        Query::Notices { person, limit } => {
            let row = params![int(person.0), limit];
            Page::Notices(all(connection, sql!("page_notices"), row, read::notice)?)
        }
        Query::Book(digest) => {
            let mut statement = connection.prepare_cached(sql!("page_book"))?;
            Page::Book(statement.query_row([digest.0], |row| row.get(0)).optional()?)
        }
        Query::BookInForce => Page::BookInForce(load::law(connection)?),
        Query::Counts => {
            let counts = all(connection, sql!("page_counts"), [], |it| {
                let [records, entries] = [it.number()?, it.number()?];
                Ok(Counts { records, entries, persons: it.number()?, settlements: it.number()? })
            })?;
            Page::Counts(counts.into_iter().next().unwrap_or_default())
        }
    })
}

fn entries(
    connection: &Connection,
    of: Account,
    before: Option<Serial>,
    limit: u32,
) -> rusqlite::Result<Page> {
    let (kind, a, b) = account(of);
    let before = before.map_or(i64::MAX, |it| int(it.0));
    let row = params![kind, a, b, before, limit];
    Ok(Page::Entries(all(connection, sql!("page_entries"), row, entry)?))
}

fn entry(it: &mut Cells<'_>) -> rusqlite::Result<(Turn, Entry)> {
    let turn = read::turn(it)?;
    let account = it.account()?;
    Ok((turn, Entry { account, part: it.part()?, amount: Total::from_fen(it.next()?) }))
}

fn settlements(
    connection: &Connection,
    person: PersonNo,
    before: Option<Serial>,
    limit: u32,
) -> rusqlite::Result<Page> {
    let before = before.map_or(i64::MAX, |it| int(it.creates(0)));
    let row = params![int(person.0), before, limit, int(PER_REQUEST)];
    Ok(Page::Settlements(all(connection, sql!("page_settlements"), row, read::settlement)?))
}
