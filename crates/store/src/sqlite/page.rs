//! How pages are read: one statement for each question.

use super::cells::{all, array, one};
use super::{fault, load, sql};
use crate::cells::{Cells, Read, account, int, number};
use crate::told::{Span, Told};
use crate::{Counts, NO_LANE, Page, Query, Rows, Waiting, notices as messages, read, write};
use domain::day::Moment;
use domain::decision::Turn;
use domain::facts::Settlement;
use domain::ids::{AmendmentNo, Area, BindingNo, InstitutionCode, Lookup, PersonNo, Serial, SettlementNo};
use domain::ledger::{Account, Entry};
use domain::needs::Needs;
use domain::request::Key;
use domain::trace::TraceCode;
use domain::words::Relation;
use rusqlite::{Connection, Params, params};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The answer to a question, as of one moment.
pub(super) fn page(connection: &Connection, query: &Query) -> Read<Page> {
    Ok(match query {
        Query::Facts(needs, at) => Page::Facts(Box::new(facts(connection, needs, *at)?)),
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
        Query::Purses { after, limit } => purses(connection, *after, *limit)?,
        Query::Entries { owner, accounts, before, limit } => {
            Page::Entries(entries(connection, *owner, accounts, *before, *limit)?)
        }
        Query::Journal { from, limit } => {
            let row = params![int(from.0), limit];
            Page::Journal(all(connection, sql!("page_journal"), row, |it| read::entry(it))?)
        }
        Query::Settlements { person, before, limit } => {
            Page::Settlements(settlements(connection, *person, *before, *limit)?)
        }
        Query::SettledAt { institution, within, after, limit } => {
            Page::SettledAt(settled_at(connection, *institution, within, *after, *limit)?)
        }
        Query::Numbered(numbers) => {
            let mut found = numbered(connection, numbers.iter().map(|it| it.0).collect())?;
            found.sort_by_key(|it| it.no);
            Page::Numbered(found)
        }
        Query::Keys(serials) => Page::Keys(keys(connection, serials)?),
        Query::BindingHistory(no) => history(connection, *no)?,
        Query::Links(person) => links(connection, *person)?,
        Query::Proxies { person, limit } => proxies(connection, *person, *limit)?,
        Query::ShownBy(person) => Page::ShownBy(shown_by(connection, *person)?),
        Query::Notices { person, limit } => notices(connection, *person, *limit)?,
        Query::Documents { person, limit } => documents(connection, *person, *limit)?,
        Query::Told(span) => Page::Told(told(connection, span)?),
        Query::Shared(span) => settlements_told(connection, span)?,
        Query::Packs { after, limit } => packs(connection, after.as_ref(), *limit)?,
        Query::Amendments(person) => amendments(connection, *person)?,
        Query::AmendmentsWaiting(asked) => amendments_waiting(connection, asked)?,
        Query::Reviews(asked) => reviews(connection, asked)?,
        Query::Agreed { after, limit } => agreed(connection, *after, *limit)?,
        Query::FoundBetween { from, to, limit } => found(connection, *from, *to, *limit)?,
        Query::InstitutionsCalled { beginning, limit } => called(connection, beginning, *limit)?,
        Query::InstitutionsIn { area, kind, called, after, limit } => {
            let row = params![area.number(), after_code(*after), kind.map(number), called, limit];
            institutions_in(connection, row)?
        }
        Query::Mappings { institution, after, limit } => mappings(connection, *institution, after, *limit)?,
        Query::Institutions { after, limit } => institutions(connection, *after, *limit)?,
        Query::Book(digest) => Page::Book(one(connection, sql!("page_book"), [digest.0], |it| it.next())?),
        Query::BookInForce => Page::BookInForce(load::law(connection)?),
        Query::Counts => Page::Counts(counts(connection)?),
    })
}

fn history(connection: &Connection, no: BindingNo) -> Read<Page> {
    let history = all(connection, sql!("page_binding_history"), [int(no.0)], |it| read::binding(it))?;
    Ok(Page::BindingHistory(history))
}

fn amendments(connection: &Connection, person: PersonNo) -> Read<Page> {
    let found = all(connection, sql!("page_amendments"), [int(person.0)], |it| read::amendment(it))?;
    Ok(Page::Amendments(found))
}

fn purses(connection: &Connection, after: Option<Account>, limit: u32) -> Read<Page> {
    let (kind, a, b) = after.map_or((-1, 0, 0), account);
    let row = params![kind, a, b, limit];
    Ok(Page::Purses(all(connection, sql!("page_purses"), row, |it| read::purse(it))?))
}

fn reviews(connection: &Connection, asked: &Waiting<BindingNo>) -> Read<Page> {
    let ([first, moment, no], last) = read::waiting_after(asked, |it| it.0);
    let row = params![first, moment, no, last, asked.since.millis(), asked.limit];
    Ok(Page::Reviews(all(connection, sql!("page_reviews"), row, |it| read::binding(it))?))
}

fn agreed(connection: &Connection, after: Option<(Area, Relation, BindingNo)>, limit: u32) -> Read<Page> {
    let [area, relation, no] = read::agreed_after(after);
    let row = params![area, relation, no, limit];
    Ok(Page::Agreed(all(connection, sql!("page_agreed"), row, |it| read::binding(it))?))
}

fn amendments_waiting(connection: &Connection, asked: &Waiting<AmendmentNo>) -> Read<Page> {
    let ([first, moment, no], last) = read::waiting_after(asked, |it| it.0);
    let row = params![first, moment, no, last, asked.since.millis(), asked.limit];
    let found = all(connection, sql!("page_amendments_waiting"), row, |it| read::amendment(it))?;
    Ok(Page::AmendmentsWaiting(found))
}

fn links(connection: &Connection, person: PersonNo) -> Read<Page> {
    Ok(Page::Links(all(connection, sql!("page_links"), [int(person.0)], |it| read::link(it))?))
}

fn proxies(connection: &Connection, person: PersonNo, limit: u32) -> Read<Page> {
    let row = params![int(person.0), limit];
    Ok(Page::Proxies(all(connection, sql!("page_proxies"), row, |it| read::proxy(it))?))
}

fn notices(connection: &Connection, person: PersonNo, limit: u32) -> Read<Page> {
    let row = params![int(person.0), limit];
    Ok(Page::Notices(all(connection, sql!("page_notices"), row, |it| messages::read(it))?))
}

fn documents(connection: &Connection, person: PersonNo, limit: u32) -> Read<Page> {
    let row = params![int(person.0), limit];
    Ok(Page::Documents(all(connection, sql!("page_documents"), row, |it| read::document(it))?))
}

fn told(connection: &Connection, span: &Span) -> Read<Told> {
    let span = &near(connection, span)?;
    let row = params![int(span.from.0), int(span.to.0), span.limit];
    let notices = all(connection, sql!("page_told"), row, |it| messages::read(it))?;
    Ok(span.told(notices, shared(connection, span)?))
}

fn settlements_told(connection: &Connection, span: &Span) -> Read<Page> {
    let span = near(connection, span)?;
    Ok(Page::Shared(span.told(Vec::new(), shared(connection, &span)?)))
}

fn packs(connection: &Connection, after: Option<&TraceCode>, limit: u32) -> Read<Page> {
    let row = params![after.map_or("", |it| it.as_str()), limit];
    Ok(Page::Packs(all(connection, sql!("page_traces"), row, |it| read::trace(it))?))
}

/// As much of a span as is looked at for one page.
fn near(connection: &Connection, span: &Span) -> Read<Span> {
    let (first, last) = span.numbers();
    let row = params![int(first), int(last), span.looked_at()];
    Ok(span.before(one(connection, sql!("page_settled_after"), row, |it| it.number())?))
}

/// Settlements in a span that relatives' money paid a part of.
fn shared(connection: &Connection, span: &Span) -> Read<Vec<Settlement>> {
    let (first, last) = span.numbers();
    let row = params![int(first), int(last), span.limit];
    all(connection, sql!("page_shared"), row, |it| read::settlement(it))
}

fn counts(connection: &Connection) -> Read<Counts> {
    let counts = one(connection, sql!("page_counts"), [], |it| read::counts(it))?;
    Ok(counts.unwrap_or_else(Counts::default))
}

fn keys(connection: &Connection, serials: &BTreeSet<Serial>) -> Read<BTreeMap<Serial, Key>> {
    let serials = array(serials.iter().map(|it| it.0));
    let keys = all(connection, sql!("page_keys"), [serials], |it| read::key_of(it))?;
    Ok(keys.into_iter().collect())
}

fn shown_by(connection: &Connection, person: PersonNo) -> Read<BTreeSet<PersonNo>> {
    let shown = all(connection, sql!("page_shown_by"), [int(person.0)], |it| read::person_no(it))?;
    Ok(shown.into_iter().collect())
}

fn institutions(connection: &Connection, after: Option<InstitutionCode>, limit: u32) -> Read<Page> {
    let row = params![after_code(after), limit];
    let found = all(connection, sql!("page_institutions_by_code"), row, |it| read::institution(it))?;
    Ok(Page::Institutions(found))
}

fn institutions_in(connection: &Connection, row: impl Params) -> Read<Page> {
    let found = all(connection, sql!("page_institutions_in"), row, |it| read::institution(it))?;
    Ok(Page::InstitutionsIn(found))
}

fn after_code(after: Option<InstitutionCode>) -> i64 {
    after.map_or(0, |it| int(it.number()))
}

fn found(connection: &Connection, from: Lookup, to: Lookup, limit: u32) -> Read<Page> {
    let row = params![from.0, to.0, limit];
    Ok(Page::FoundBetween(all(connection, sql!("page_found_between"), row, |it| read::found(it))?))
}

fn called(connection: &Connection, beginning: &str, limit: u32) -> Read<Page> {
    let row = params![beginning, write::after_all(beginning), limit];
    let found = all(connection, sql!("page_institutions_called"), row, |it| read::institution(it))?;
    Ok(Page::InstitutionsCalled(found))
}

fn mappings(connection: &Connection, of: InstitutionCode, after: &str, limit: u32) -> Read<Page> {
    let row = params![int(of.number()), after, limit];
    Ok(Page::Mappings(all(connection, sql!("page_mappings"), row, |it| read::mapping(it))?))
}

fn settled_at(
    connection: &Connection,
    institution: InstitutionCode,
    within: &Range<Moment>,
    after: Option<(Moment, SettlementNo)>,
    limit: u32,
) -> Read<Vec<Settlement>> {
    let ((at, no), institution) = (write::after(after), int(institution.number()));
    let row = params![institution, within.start.millis(), within.end.millis(), at, no, limit];
    all(connection, sql!("page_settled_at"), row, |it| read::settlement(it))
}

/// Facts, all as of the same state of the books.
fn facts(connection: &Connection, needs: &Needs, at: Moment) -> Read<Rows> {
    let transaction = connection.unchecked_transaction().map_err(fault)?;
    load::rows(&transaction, needs, at, NO_LANE)
}

/// Settlements that a person had or paid for, latest first.
fn settlements(
    connection: &Connection,
    person: PersonNo,
    before: Option<Turn>,
    limit: u32,
) -> Read<Vec<Settlement>> {
    let before = write::before(before);
    let numbers = involved(connection, person, before, write::BILL, read::with_rest(limit))?;
    let numbers = read::whole_serials(numbers.into_iter().map(|(_, it)| it).collect(), limit);
    let mut found = numbered(connection, numbers.into_iter().collect())?;
    found.sort_by_key(|it| Reverse(it.order()));
    Ok(found)
}

/// The settlements of these numbers.
fn numbered(connection: &Connection, numbers: BTreeSet<u64>) -> Read<Vec<Settlement>> {
    let wanted = array(numbers.iter().copied());
    let mut found = all(connection, sql!("load_settlements"), [wanted], |it| read::settlement(it))?;
    found.retain(|it| numbers.contains(&it.no.0));
    Ok(found)
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
