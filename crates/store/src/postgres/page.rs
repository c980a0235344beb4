//! How pages are read: one statement for each question, in the homes that it is about.

use super::cells::Columns;
use super::homes::Spread;
use super::lane::heads;
use super::load::{Server, all_homes};
use super::session::{Param, Session, Sql, sql};
use crate::cells::{Cell, Cells as _, Read, account, int, number, row};
use crate::hops::find;
use crate::told::{Span, Told};
use crate::{
    Counts, Fault, LANES, LAST_SERIAL, LaneNo, NO_LANE, Page, Query, Record, Waiting, month_of,
    notices as messages, read, write,
};
use domain::day::Moment;
use domain::decision::Turn;
use domain::facts::Settlement;
use domain::ids::{
    AmendmentNo, Area, BindingNo, InstitutionCode, Lookup, PER_REQUEST, PersonNo, Serial, SettlementNo,
};
use domain::ledger::{Account, Balance, Entry};
use domain::needs::Needs;
use domain::people::Institution;
use domain::request::Key;
use domain::trace::TraceCode;
use domain::words::Relation;
use futures_util::future::try_join_all;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use tokio::try_join;

/// A home that no lane has: for those who want to know the law only.
const NO_HOME: i16 = -1;

/// The answer to a question.
pub(super) async fn page(session: &Session, spread: Spread, query: &Query) -> Read<Page> {
    Ok(match query {
        Query::Facts(needs, at) => facts(session, spread, needs, *at).await?,
        Query::Record(key) => Page::Record(record(session, spread, key).await?.map(Box::new)),
        Query::Lanes => Page::Lanes(lanes(session, spread).await?),
        Query::Records { from, to, limit } => {
            Page::Records(records(session, spread, [*from, *to], *limit).await?)
        }
        Query::Purses { after, limit } => purses(session, spread, *after, *limit).await?,
        Query::Journal { from, limit } => Page::Journal(journal(session, spread, *from, *limit).await?),
        Query::Blocks { lane, from, limit } => blocks(session, spread, *lane, (*from, *limit)).await?,
        Query::Entries { owner, accounts, before, limit } => {
            Page::Entries(entries(session, spread, *owner, accounts, *before, *limit).await?)
        }
        Query::Settlements { person, before, limit } => {
            Page::Settlements(settlements(session, spread, *person, *before, *limit).await?)
        }
        Query::SettledAt { institution, within, after, limit } => {
            Page::SettledAt(settled_at(session, spread, *institution, within, *after, *limit).await?)
        }
        Query::Numbered(numbers) => Page::Numbered(numbered(session, spread, numbers).await?),
        Query::Keys(serials) => {
            let server = Server::of_lane(session, spread, NO_LANE);
            Page::Keys(server.keys_of(serials).await?.into_iter().collect())
        }
        Query::BindingHistory(no) => history(session, spread, *no).await?,
        Query::Links(person) => links(session, spread, *person).await?,
        Query::Proxies { person, limit } => proxies(session, spread, *person, *limit).await?,
        Query::ShownBy(person) => Page::ShownBy(shown_by(session, spread, *person).await?),
        Query::Notices { person, limit } => notices(session, spread, *person, *limit).await?,
        Query::Documents { person, limit } => documents(session, spread, *person, *limit).await?,
        Query::Told(span) => Page::Told(told(session, spread, span).await?),
        Query::Shared(span) => settlements_told(session, spread, span).await?,
        Query::Packs { after, limit } => packs(session, spread, after.as_ref(), *limit).await?,
        Query::Amendments(person) => amendments(session, spread, *person).await?,
        Query::AmendmentsWaiting(asked) => amendments_waiting(session, asked).await?,
        Query::Reviews(asked) => reviews(session, asked).await?,
        Query::Agreed { after, limit } => agreed(session, *after, *limit).await?,
        Query::FoundBetween { from, to, limit } => found(session, spread, from, to, *limit).await?,
        Query::InstitutionsCalled { beginning, limit } => called(session, beginning, *limit).await?,
        Query::InstitutionsIn { area, kind, called, after, limit } => {
            let after = after.map_or(0, |it| int(it.number()));
            let asked = row![area.number(), after, kind.map(number), called.as_str()];
            Page::InstitutionsIn(institutions_in(session, &asked, *limit).await?)
        }
        Query::Mappings { institution, after, limit } => {
            mappings(session, *institution, after, *limit).await?
        }
        Query::Institutions { after, limit } => institutions(session, *after, *limit).await?,
        Query::Book(digest) => {
            Page::Book(session.row(sql!("page_book"), &[&digest.0.as_slice()], |it| it.next()).await?)
        }
        Query::BookInForce => Page::BookInForce(heads(session, NO_HOME).await?.law),
        Query::Counts => Page::Counts(counts(session, spread).await?),
    })
}

async fn numbered(
    session: &Session,
    spread: Spread,
    numbers: &BTreeSet<SettlementNo>,
) -> Read<Vec<Settlement>> {
    let server = Server::of_lane(session, spread, NO_LANE);
    let mut found = server.settlements_of(numbers.iter().map(|it| it.0)).await?;
    found.sort_by_key(|it| it.no);
    Ok(found)
}

async fn links(session: &Session, spread: Spread, person: PersonNo) -> Read<Page> {
    let (home, person) = (spread.of_number(person.0), int(person.0));
    let params: [Param<'_>; 2] = [&home, &person];
    Ok(Page::Links(session.rows(sql!("page_links"), &params, |it| read::link(it)).await?))
}

async fn proxies(session: &Session, spread: Spread, person: PersonNo, limit: u32) -> Read<Page> {
    let (home, person, limit) = (spread.of_number(person.0), int(person.0), i64::from(limit));
    let params: [Param<'_>; 3] = [&home, &person, &limit];
    Ok(Page::Proxies(session.rows(sql!("page_proxies"), &params, |it| read::proxy(it)).await?))
}

async fn notices(session: &Session, spread: Spread, person: PersonNo, limit: u32) -> Read<Page> {
    let (home, person, limit) = (spread.of_number(person.0), int(person.0), i64::from(limit));
    let params: [Param<'_>; 3] = [&home, &person, &limit];
    Ok(Page::Notices(session.rows(sql!("page_notices"), &params, |it| messages::read(it)).await?))
}

async fn documents(session: &Session, spread: Spread, person: PersonNo, limit: u32) -> Read<Page> {
    let (home, person, limit) = (spread.of_number(person.0), int(person.0), i64::from(limit));
    let params: [Param<'_>; 3] = [&home, &person, &limit];
    Ok(Page::Documents(session.rows(sql!("page_documents"), &params, |it| read::document(it)).await?))
}

/// Messages live where the people live to whom they go, settlements where their lane does. The first of all homes are among
/// the first of each.
async fn told(session: &Session, spread: Spread, span: &Span) -> Read<Told> {
    let span = &near(session, spread, span).await?;
    let limit = i64::from(span.limit);
    let params: [Param<'_>; 3] = [&int(span.from.0), &int(span.to.0), &limit];
    let mut notices = each_home(session, spread, sql!("page_told"), &params, |it| {
        let (notice, seq): (_, i64) = (messages::read(it)?, it.next()?);
        Ok((seq, notice))
    })
    .await?;
    notices.sort_by_key(|(seq, (turn, _))| (turn.serial, *seq));
    notices.truncate(span.limit());
    let settlements = shared(session, spread, span).await?;
    Ok(span.told(notices.into_iter().map(|(_, it)| it).collect(), settlements))
}

async fn settlements_told(session: &Session, spread: Spread, span: &Span) -> Read<Page> {
    let span = near(session, spread, span).await?;
    Ok(Page::Shared(span.told(Vec::new(), shared(session, spread, &span).await?)))
}

/// As much of a span as is looked at for one page.
async fn near(session: &Session, spread: Spread, span: &Span) -> Read<Span> {
    let ((first, last), most) = (span.numbers(), i64::from(span.looked_at()));
    let params: [Param<'_>; 4] = [&spread.of_serial(span.from), &int(first), &int(last), &most];
    Ok(span.before(session.row(sql!("page_settled_after"), &params, |it| it.number()).await?))
}

/// Settlements in a span that relatives' money paid a part of.
async fn shared(session: &Session, spread: Spread, span: &Span) -> Read<Vec<Settlement>> {
    let ((first, last), limit) = (span.numbers(), i64::from(span.limit));
    let params: [Param<'_>; 4] = [&spread.of_serial(span.from), &int(first), &int(last), &limit];
    session.rows(sql!("page_shared"), &params, |it| read::settlement(it)).await
}

async fn amendments(session: &Session, spread: Spread, person: PersonNo) -> Read<Page> {
    let (home, person) = (spread.of_number(person.0), int(person.0));
    let params: [Param<'_>; 2] = [&home, &person];
    Ok(Page::Amendments(session.rows(sql!("page_amendments"), &params, |it| read::amendment(it)).await?))
}

async fn reviews(session: &Session, asked: &Waiting<BindingNo>) -> Read<Page> {
    let after = read::waiting_after(asked, |it| it.0);
    Ok(Page::Reviews(waiting(session, sql!("page_reviews"), asked, after, |it| read::binding(it)).await?))
}

/// Asked wherever they live: what is looked for is far apart, and little.
async fn agreed(session: &Session, after: Option<(Area, Relation, BindingNo)>, limit: u32) -> Read<Page> {
    let [area, relation, no] = read::agreed_after(after);
    let [area, relation] = &row![area, relation];
    let params: [Param<'_>; 4] = [area, relation, &no, &i64::from(limit)];
    Ok(Page::Agreed(session.rows(sql!("page_agreed"), &params, |it| read::binding(it)).await?))
}

async fn amendments_waiting(session: &Session, asked: &Waiting<AmendmentNo>) -> Read<Page> {
    let (sql, after) = (sql!("page_amendments_waiting"), read::waiting_after(asked, |it| it.0));
    Ok(Page::AmendmentsWaiting(waiting(session, sql, asked, after, |it| read::amendment(it)).await?))
}

/// What waits at halls, wherever it lives: it is little.
async fn waiting<No, T>(
    session: &Session,
    sql: Sql,
    asked: &Waiting<No>,
    ([area, moment, no], last): ([i64; 3], i64),
    read: fn(&mut Columns<'_>) -> Read<T>,
) -> Read<Vec<T>> {
    let [area, last] = &row![area, last];
    let (since, limit) = (asked.since.millis(), i64::from(asked.limit));
    let params: [Param<'_>; 6] = [area, &moment, &no, last, &since, &limit];
    session.rows(sql, &params, read).await
}

async fn blocks(session: &Session, spread: Spread, lane: u16, (from, limit): (u64, u32)) -> Read<Page> {
    let home = spread.of_lane(LaneNo(lane));
    let (lane, from, limit) = (Cell::from(lane), int(from), i64::from(limit));
    let params: [Param<'_>; 4] = [&home, &lane, &from, &limit];
    Ok(Page::Blocks(session.rows(sql!("page_blocks"), &params, |it| read::block(it)).await?))
}

async fn history(session: &Session, spread: Spread, no: BindingNo) -> Read<Page> {
    let (home, no) = (spread.of_number(no.0), int(no.0));
    let params: [Param<'_>; 2] = [&home, &no];
    let versions = session.rows(sql!("page_binding_history"), &params, |it| read::binding(it)).await?;
    Ok(Page::BindingHistory(versions))
}

/// Asked in all homes: a minor may live elsewhere than who acts for them.
async fn shown_by(session: &Session, spread: Spread, person: PersonNo) -> Read<BTreeSet<PersonNo>> {
    let params: [Param<'_>; 1] = [&int(person.0)];
    let shown = each_home(session, spread, sql!("page_shown_by"), &params, |it| read::person_no(it)).await?;
    Ok(shown.into_iter().collect())
}

async fn institutions_in(
    session: &Session,
    [area, after, kind, called]: &[Cell<'_>; 4],
    limit: u32,
) -> Read<Vec<(Institution, Option<String>)>> {
    let params: [Param<'_>; 5] = [area, after, kind, called, &i64::from(limit)];
    session.rows(sql!("page_institutions_in"), &params, |it| read::institution(it)).await
}

async fn institutions(session: &Session, after: Option<InstitutionCode>, limit: u32) -> Read<Page> {
    let after = after.map_or(0, |it| int(it.number()));
    let params: [Param<'_>; 2] = [&after, &i64::from(limit)];
    let found = session.rows(sql!("page_institutions_by_code"), &params, |it| read::institution(it)).await?;
    Ok(Page::Institutions(found))
}

async fn found(session: &Session, spread: Spread, from: &Lookup, to: &Lookup, limit: u32) -> Read<Page> {
    let (home, limit) = (spread.of_claim(from), i64::from(limit));
    let params: [Param<'_>; 4] = [&home, &from.0.as_slice(), &to.0.as_slice(), &limit];
    Ok(Page::FoundBetween(session.rows(sql!("page_found_between"), &params, |it| read::found(it)).await?))
}

async fn called(session: &Session, beginning: &str, limit: u32) -> Read<Page> {
    let end = write::after_all(beginning);
    let [from, to] = &row![beginning, end.as_str()];
    let params: [Param<'_>; 3] = [from, to, &i64::from(limit)];
    let found = session.rows(sql!("page_institutions_called"), &params, |it| read::institution(it)).await?;
    Ok(Page::InstitutionsCalled(found))
}

async fn mappings(session: &Session, of: InstitutionCode, after: &str, limit: u32) -> Read<Page> {
    let [institution, after] = &row![int(of.number()), after];
    let params: [Param<'_>; 3] = [institution, after, &i64::from(limit)];
    Ok(Page::Mappings(session.rows(sql!("page_mappings"), &params, |it| read::mapping(it)).await?))
}

fn account_cells(of: Account) -> [Cell<'static>; 3] {
    let (kind, a, b) = account(of);
    row![kind, a, b]
}

/// Facts as of one moment.
async fn facts(session: &Session, spread: Spread, needs: &Needs, at: Moment) -> Read<Page> {
    session.command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let server = Server::of_all(session, spread).await?;
    let (found, heads) = try_join!(find(&server, needs, at), heads(session, NO_HOME))?;
    session.command("COMMIT").await?;
    Ok(Page::Facts(Box::new(heads.rows(found, NO_LANE))))
}

/// The record under a key.
async fn record(session: &Session, spread: Spread, key: &Key) -> Read<Option<Record>> {
    let [kind, sender, id] = &write::key(key);
    let server = Server::of_all(session, spread).await?;
    let asked = server.near().iter().map(|home| async move {
        let params: [Param<'_>; 4] = [home, kind, sender, id];
        session.row(sql!("page_record"), &params, |it| read::record(it)).await
    });
    Ok(try_join_all(asked).await?.into_iter().flatten().next())
}

async fn purses(session: &Session, spread: Spread, after: Option<Account>, limit: u32) -> Read<Page> {
    let [kind, a, b] = &after.map_or(row![-1, 0, 0], account_cells);
    let params: [Param<'_>; 4] = [kind, a, b, &i64::from(limit)];
    let found = each_home(session, spread, sql!("page_purses"), &params, |it| read::purse(it)).await?;
    // A quota may stand in two homes.
    let found: BTreeMap<Account, Balance> = found.into_iter().collect();
    Ok(Page::Purses(found.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()))
}

/// Packs of all homes that have any. In another than its own nobody would find one.
async fn packs(session: &Session, spread: Spread, after: Option<&TraceCode>, limit: u32) -> Read<Page> {
    let (after, limit) = (after.map_or("", |it| it.as_str()), i64::from(limit));
    let asked = spread.of_traces().map(|home| async move {
        let params: [Param<'_>; 3] = [&home, &after, &limit];
        let found = session.rows(sql!("page_traces"), &params, |it| read::trace(it)).await?;
        match found.iter().find(|(code, _)| spread.of_trace(code) != home) {
            Some((code, _)) => {
                Err(Fault::Damaged(format!("pack {code} lies in home {home}, which is not its own")))
            }
            None => Ok(found),
        }
    });
    let found: BTreeMap<TraceCode, SettlementNo> = try_join_all(asked).await?.into_iter().flatten().collect();
    Ok(Page::Packs(found.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()))
}

/// What all homes say; the home is the first parameter.
async fn each_home<T>(
    session: &Session,
    spread: Spread,
    sql: Sql,
    others: &[Param<'_>],
    read: fn(&mut Columns<'_>) -> Read<T>,
) -> Read<Vec<T>> {
    let homes = all_homes(session, spread).await?;
    let asked = homes.iter().map(|home| async move {
        let home: Param<'_> = home;
        let params: Vec<Param<'_>> = [home].into_iter().chain(others.iter().copied()).collect();
        session.rows(sql, &params, read).await
    });
    Ok(try_join_all(asked).await?.into_iter().flatten().collect())
}

async fn lanes(session: &Session, spread: Spread) -> Read<Vec<(LaneNo, Serial)>> {
    let mut found = each_home(session, spread, sql!("page_lanes"), &[], |it| read::lane(it)).await?;
    found.sort();
    Ok(found)
}

async fn counts(session: &Session, spread: Spread) -> Read<Counts> {
    let found = each_home(session, spread, sql!("page_counts"), &[], |it| read::counts(it)).await?;
    let sum = |sum: Counts, it: Counts| Counts {
        records: sum.records + it.records,
        entries: sum.entries + it.entries,
        persons: sum.persons + it.persons,
        settlements: sum.settlements + it.settlements,
    };
    Ok(found.into_iter().fold(Counts::default(), sum))
}

/// Records of all homes: as many of each as are wanted, then the first of all of them.
async fn records(
    session: &Session,
    spread: Spread,
    [from, to]: [Serial; 2],
    limit: u32,
) -> Read<Vec<Record>> {
    let params: [Param<'_>; 3] = [&int(from.0), &int(to.0), &i64::from(limit)];
    let mut found = each_home(session, spread, sql!("page_records"), &params, |it| read::record(it)).await?;
    found.sort_by_key(|it| it.turn.serial);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// Whole journals of all homes, likewise.
async fn journal(session: &Session, spread: Spread, from: Serial, limit: u32) -> Read<Vec<(Turn, Entry)>> {
    let params: [Param<'_>; 2] = [&int(from.0), &i64::from(limit)];
    let mut found = each_home(session, spread, sql!("page_journal"), &params, |it| read::entry(it)).await?;
    // Entries of one journal stay in their order.
    found.sort_by_key(|(turn, _): &(Turn, Entry)| turn.serial);
    let serials: BTreeSet<Serial> = found.iter().map(|(turn, _)| turn.serial).collect();
    if let Some(beyond) = serials.into_iter().nth(usize::try_from(limit).unwrap_or(usize::MAX)) {
        found.retain(|(turn, _)| turn.serial < beyond);
    }
    Ok(found)
}

async fn settlements(
    session: &Session,
    spread: Spread,
    person: PersonNo,
    before: Option<Turn>,
    limit: u32,
) -> Read<Vec<Settlement>> {
    let before = write::before(before);
    let numbers = involved(session, spread, person, before, write::BILL, read::with_rest(limit)).await?;
    let numbers = read::whole_serials(numbers.into_iter().map(|(_, it)| it).collect(), limit);
    let server = Server::of_lane(session, spread, NO_LANE);
    let mut found = server.settlements_of(numbers.into_iter()).await?;
    found.sort_by_key(|it| Reverse(it.order()));
    Ok(found)
}

/// What an institution settled in all homes: as many of each as are wanted, then the first of all of them. Numbers say
/// their month, so that the parts of other months are left out.
async fn settled_at(
    session: &Session,
    spread: Spread,
    institution: InstitutionCode,
    within: &Range<Moment>,
    after: Option<(Moment, SettlementNo)>,
    limit: u32,
) -> Read<Vec<Settlement>> {
    let (at, no) = write::after(after);
    let [first, last] = [within.start, within.end].map(|it| month_of(it.day()));
    let least = first.map_or(0, |it| LaneNo(0).serials(it).0.creates(0));
    let most = last.map_or(LAST_SERIAL, |it| LaneNo(LANES - 1).serials(it).1).creates(PER_REQUEST - 1);
    let params: [Param<'_>; 8] = [
        &int(institution.number()),
        &within.start.millis(),
        &within.end.millis(),
        &at,
        &no,
        &int(least),
        &int(most),
        &i64::from(limit),
    ];
    let mut found =
        each_home(session, spread, sql!("page_settled_at"), &params, |it| read::settlement(it)).await?;
    found.sort_by_key(Settlement::order);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// Entries of so many requests in these accounts of a person, latest first.
async fn entries(
    session: &Session,
    spread: Spread,
    owner: PersonNo,
    accounts: &BTreeSet<Account>,
    before: Option<Turn>,
    limit: u32,
) -> Read<Vec<(Turn, Entry)>> {
    let server = Server::of_lane(session, spread, NO_LANE);
    let mut statement = read::Statement::new(before, limit);
    while statement.wanted() > 0 {
        let moved =
            involved(session, spread, owner, statement.before, write::MONEY, statement.wanted()).await?;
        let serials = moved.iter().map(|(_, it)| Serial::creator_of(*it)).collect();
        statement.add(&moved, server.entries(&serials).await?, accounts);
    }
    Ok(statement.entries)
}

/// Moments and numbers of what concerned a person in this role before a moment and number, latest first.
async fn involved(
    session: &Session,
    spread: Spread,
    person: PersonNo,
    (at, number): (i64, i64),
    role: u8,
    limit: u32,
) -> Read<Vec<(i64, u64)>> {
    let (home, person) = (spread.of_number(person.0), int(person.0));
    let (role, limit) = (i16::from(role), i64::from(limit));
    let params: [Param<'_>; 6] = [&home, &person, &at, &number, &role, &limit];
    session.rows(sql!("page_involved"), &params, |it| Ok((it.next()?, it.number()?))).await
}
