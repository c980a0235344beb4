//! How pages are read: one statement for each question.

use super::cells::{all, one};
use super::{fault, load, sql};
use crate::cells::{Cells, Read, account, int};
use crate::{Counts, NO_LANE, Page, Query, read};
use domain::ids::{PER_REQUEST, PersonNo, Serial};
use domain::ledger::Account;
use rusqlite::{Connection, params};

/// The answer to a question, as of one moment.
pub(super) fn page(connection: &Connection, query: &Query) -> Read<Page> {
    Ok(match query {
        Query::Facts(needs, at) => {
            // All statements see the same state of the books.
            let transaction = connection.unchecked_transaction().map_err(fault)?;
            let rows = load::rows(&transaction, needs, *at, NO_LANE)?;
            Page::Facts(Box::new(rows))
        }
        Query::Record(key) => Page::Record(load::record(connection, key)?.map(Box::new)),
        Query::Records { from, to, limit } => {
            let row = params![int(from.0), int(to.0), limit];
            Page::Records(all(connection, sql!("page_records"), row, |it| read::record(it))?)
        }
        Query::Blocks { lane, from, limit } => {
            let row = params![lane, int(*from), limit];
            Page::Blocks(all(connection, sql!("page_blocks"), row, |it| read::block(it))?)
        }
        Query::Lanes => Page::Lanes(all(connection, sql!("page_lanes"), [], |it| read::lane(it))?),
        Query::Purses { after, limit } => {
            let (kind, a, b) = after.map_or((-1, 0, 0), account);
            Page::Purses(all(connection, sql!("page_purses"), params![kind, a, b, limit], |it| {
                read::purse(it)
            })?)
        }
        Query::Entries { account, before, limit } => entries(connection, *account, *before, *limit)?,
        Query::Journal { from, limit } => {
            let row = params![int(from.0), limit];
            Page::Journal(all(connection, sql!("page_journal"), row, |it| read::entry(it))?)
        }
        Query::Settlements { person, before, limit } => settlements(connection, *person, *before, *limit)?,
        Query::BindingHistory(no) => {
            let history = all(connection, sql!("page_binding_history"), [int(no.0)], |it| read::binding(it))?;
            Page::BindingHistory(history)
        }
        Query::Notices { person, limit } => {
            let row = params![int(person.0), limit];
            Page::Notices(all(connection, sql!("page_notices"), row, |it| read::notice(it))?)
        }
        Query::Book(digest) => Page::Book(one(connection, sql!("page_book"), [digest.0], |it| it.next())?),
        Query::BookInForce => Page::BookInForce(load::law(connection)?),
        Query::Counts => {
            let counts = one(connection, sql!("page_counts"), [], |it| read::counts(it))?;
            Page::Counts(counts.unwrap_or_else(Counts::default))
        }
    })
}

fn entries(connection: &Connection, of: Account, before: Option<Serial>, limit: u32) -> Read<Page> {
    let (kind, a, b) = account(of);
    let before = before.map_or(i64::MAX, |it| int(it.0));
    let row = params![kind, a, b, before, limit];
    Ok(Page::Entries(all(connection, sql!("page_entries"), row, |it| read::entry(it))?))
}

fn settlements(connection: &Connection, person: PersonNo, before: Option<Serial>, limit: u32) -> Read<Page> {
    let before = before.map_or(i64::MAX, |it| int(it.creates(0)));
    let row = params![int(person.0), before, limit, int(PER_REQUEST)];
    Ok(Page::Settlements(all(connection, sql!("page_settlements"), row, |it| read::settlement(it))?))
}
