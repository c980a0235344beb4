//! How pages are read: one statement for each question.

use super::cells::{all, array, one};
use super::{fault, load, sql};
use crate::cells::{Cells, Read, account, int};
use crate::{Counts, NO_LANE, Page, Query, read, write};
use domain::decision::Turn;
use domain::ids::{PersonNo, Serial};
use domain::ledger::{Account, Entry};
use rusqlite::{Connection, params};
use std::cmp::Reverse;
use std::collections::BTreeSet;

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
        Query::Entries { owner, accounts, before, limit } => {
            Page::Entries(entries(connection, *owner, accounts, *before, *limit)?)
        }
        Query::Journal { from, limit } => {
            let row = params![int(from.0), limit];
            Page::Journal(all(connection, sql!("page_journal"), row, |it| read::entry(it))?)
        }
        Query::Settlements { person, before, limit } => {
            let before = write::before(*before);
            let numbers = involved(connection, *person, before, write::BILL, read::with_rest(*limit))?;
            let numbers = read::whole_serials(numbers.into_iter().map(|(_, it)| it).collect(), *limit);
            let found = array(numbers.iter().copied());
            let mut found = all(connection, sql!("load_settlements"), [found], |it| read::settlement(it))?;
            found.retain(|it| numbers.contains(&it.no.0));
            found.sort_by_key(|it| Reverse(it.order()));
            Page::Settlements(found)
        }
        Query::BindingHistory(no) => {
            let history = all(connection, sql!("page_binding_history"), [int(no.0)], |it| read::binding(it))?;
            Page::BindingHistory(history)
        }
        Query::Notices { person, limit } => {
            let row = params![int(person.0), limit];
            Page::Notices(all(connection, sql!("page_notices"), row, |it| read::notice(it))?)
        }
        Query::Institutions { after, limit } => {
            let row = params![after.map_or(0, |it| int(it.number())), limit];
            Page::Institutions(all(connection, sql!("page_institutions_by_code"), row, |it| {
                read::institution(it)
            })?)
        }
        Query::Book(digest) => Page::Book(one(connection, sql!("page_book"), [digest.0], |it| it.next())?),
        Query::BookInForce => Page::BookInForce(load::law(connection)?),
        Query::Counts => {
            let counts = one(connection, sql!("page_counts"), [], |it| read::counts(it))?;
            Page::Counts(counts.unwrap_or_else(Counts::default))
        }
    })
}

/// Entries of so many requests in these accounts of a person, latest first.
fn entries(
    connection: &Connection,
    owner: PersonNo,
    accounts: &BTreeSet<Account>,
    before: Option<Turn>,
    limit: u32,
) -> Read<Vec<(Turn, Entry)>> {
    let mut statement = read::Statement::new(before, limit);
    while statement.wanted() > 0 {
        let moved = involved(connection, owner, statement.before, write::MONEY, statement.wanted())?;
        let serials = array(moved.iter().map(|(_, it)| Serial::creator_of(*it).0));
        let found = all(connection, sql!("load_entries"), [serials], |it| read::entry(it))?;
        statement.add(&moved, found, accounts);
    }
    Ok(statement.entries)
}

/// Moments and numbers of what concerned a person in this role before a moment and number, latest first.
fn involved(
    connection: &Connection,
    person: PersonNo,
    (at, number): (i64, i64),
    role: u8,
    limit: u32,
) -> Read<Vec<(i64, u64)>> {
    let row = params![int(person.0), at, number, role, limit];
    all(connection, sql!("page_involved"), row, |it| Ok((it.next()?, it.number()?)))
}
