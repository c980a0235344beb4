//! The reference implementation: everything in memory, one lane after another; the oracle of the others.

mod aside;

use crate::cells::number;
use crate::told::{Span, Told};
use crate::{
    Attachments, Batch, Counts, Fault, Lane, LaneNo, NO_LANE, Page, Paper, Query, Record, Rows, Store,
    Waiting,
};
use async_trait::async_trait;
use domain::amendment::{Amendment, AmendmentStage};
use domain::binding::Binding;
use domain::chain::{Block, genesis};
use domain::day::Moment;
use domain::decision::{Notice, Turn};
use domain::documents::Shown;
use domain::facts::Settlement;
use domain::ids::{
    AmendmentNo, Area, BindingNo, Digest, InstitutionCode, Lookup, PersonNo, Serial, SettlementNo,
};
use domain::ledger::{Account, Entry};
use domain::needs::Needs;
use domain::people::{FamilyLink, Institution};
use domain::proxy::Proxy;
use domain::request::{Key, Request};
use domain::trace::TraceCode;
use domain::words::{InstitutionKind, Relation};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, Range};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A store that forgets everything when it is dropped.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<World>>);

#[derive(Default)]
struct World {
    facts: domain::world::World,
    identities: BTreeMap<PersonNo, Vec<u8>>,
    names: BTreeMap<InstitutionCode, String>,
    records: BTreeMap<Serial, Record>,
    by_key: BTreeMap<Key, Serial>,
    entries: Vec<(Turn, Entry)>,
    history: Vec<Binding>,
    notices: Vec<(Turn, Notice)>,
    documents: Vec<(Turn, Shown)>,
    blocks: BTreeMap<(u16, u64), Block>,
    books: BTreeMap<Digest, Vec<u8>>,
    law: Option<Digest>,
    desk: BTreeMap<(String, String), (Vec<u8>, Option<Moment>)>,
    shelf: BTreeMap<(PersonNo, Digest), Paper>,
    /// The latest record of each lane.
    last: BTreeMap<LaneNo, Turn>,
    /// Lanes that somebody holds.
    lanes: BTreeSet<LaneNo>,
}

struct MemoryLane {
    number: LaneNo,
    world: Memory,
}

impl Drop for MemoryLane {
    fn drop(&mut self) {
        // Also where a commit panicked: who lets go of a lane must not panic again.
        self.world.0.lock().unwrap_or_else(PoisonError::into_inner).lanes.remove(&self.number);
    }
}

impl Memory {
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().expect("no code panics while it holds the world")
    }
}

#[async_trait]
impl Store for Memory {
    async fn lane(&self, number: LaneNo) -> Result<Box<dyn Lane>, Fault> {
        if !self.world().lanes.insert(number) {
            return Err(Fault::Unavailable("the lane is held by somebody else".to_owned()));
        }
        Ok(Box::new(MemoryLane { number, world: self.clone() }))
    }

    async fn page(&self, query: &Query) -> Result<Page, Fault> {
        Ok(self.world().page(query))
    }
}

#[async_trait]
impl Lane for MemoryLane {
    async fn load(&mut self, requests: &[&Request], at: Moment) -> Result<Rows, Fault> {
        let world = self.world.world();
        let needs = Needs::of(requests.iter().copied(), at);
        let mut rows = world.rows(&needs, at, self.number);
        let known = needs.keys.iter().filter_map(|key| Some((key.clone(), world.by_key.get(key)?)));
        rows.earlier = known.map(|(key, serial)| (key, world.records[serial].clone())).collect();
        Ok(rows)
    }

    async fn find(
        &mut self,
        drawer: &str,
        keys: &[&str],
        at: Moment,
    ) -> Result<BTreeMap<String, Vec<u8>>, Fault> {
        let world = self.world.world();
        let lies = |key: &&&str| {
            let (value, until) = world.desk.get(&(drawer.to_owned(), (**key).to_owned()))?;
            until.is_none_or(|it| at < it).then(|| value.clone())
        };
        Ok(keys.iter().filter_map(|it| Some(((*it).to_owned(), lies(&it)?))).collect())
    }

    async fn commit(&mut self, batch: Arc<Batch>) -> Result<(), Fault> {
        self.world.world().commit(&batch)
    }
}

impl World {
    fn rows(&self, needs: &Needs, at: Moment, lane: LaneNo) -> Rows {
        let facts = self.facts.within(needs, at);
        let sealed = facts.persons.keys().filter_map(|it| Some((*it, self.identities.get(it)?.clone())));
        let called = facts.institutions.keys().filter_map(|it| Some((*it, self.names.get(it)?.clone())));
        let last = self.last.get(&lane);
        let others = self.last.iter().filter(|(it, _)| lane != NO_LANE && **it != lane);
        let after_others = others.map(|(_, it)| it.at.plus_millis(1));
        let head = self.blocks.range((lane.0, 0)..(lane.0 + 1, 0)).next_back();
        Rows {
            identities: sealed.collect(),
            names: called.collect(),
            facts,
            earlier: BTreeMap::new(),
            last: last.map(|it| it.serial),
            since: last.map(|it| it.at).into_iter().chain(after_others).max(),
            head: head.map_or(genesis(lane.0), |(_, block)| *block),
            law: self.law,
        }
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), Fault> {
        let taken = |(record, _): &&(Record, Attachments)| {
            self.by_key.contains_key(&record.request.key) || self.records.contains_key(&record.turn.serial)
        };
        if let Some((record, _)) = batch.records.iter().find(taken) {
            return Err(Fault::Conflict(format!("serial {} or its key is taken", record.turn.serial)));
        }
        if self.blocks.contains_key(&(batch.block.lane, batch.block.number)) {
            return Err(Fault::Conflict(format!("block {} is taken", batch.block.number)));
        }
        for (record, attachments) in &batch.records {
            self.take(record, attachments);
        }
        assert!(batch.purses.iter().all(|(it, balance)| self.facts.purses.get(it) == Some(balance)));
        self.blocks.insert((batch.block.lane, batch.block.number), batch.block);
        Ok(())
    }

    fn take(&mut self, record: &Record, attachments: &Attachments) {
        let turn = record.turn;
        self.facts.apply(&record.request, turn, &record.decision);
        self.records.insert(turn.serial, record.clone());
        self.last.insert(LaneNo(record.block.0), turn);
        self.by_key.insert(record.request.key.clone(), turn.serial);
        let Some(changes) = record.decision.changes() else { return };
        let entries = changes.journal.iter().flat_map(|it| it.entries());
        self.entries.extend(entries.map(|it| (turn, *it)));
        self.history.extend(changes.bindings.iter().cloned());
        self.notices.extend(changes.notices.iter().map(|it| (turn, it.clone())));
        self.documents.extend(changes.documents.iter().map(|it| (turn, it.clone())));
        let person = changes.persons.first().map(|it| it.no);
        self.identities.extend(person.zip(attachments.identity.clone()));
        let place = changes.institutions.first().map(|it| it.code);
        self.names.extend(place.zip(attachments.name.clone()));
        self.books.extend(changes.book.zip(attachments.book.clone()));
        self.law = changes.book.or(self.law);
    }

    /// Entries of the first `limit` journals from a serial on.
    fn journal(&self, from: Serial, limit: usize) -> Vec<(Turn, Entry)> {
        let mut serials: Vec<Serial> = self.entries.iter().map(|(turn, _)| turn.serial).collect();
        serials.retain(|it| *it >= from);
        serials.dedup();
        let last = serials.into_iter().take(limit).next_back();
        let wanted = |turn: &Turn| turn.serial >= from && Some(turn.serial) <= last;
        self.entries.iter().filter(|(turn, _)| wanted(turn)).copied().collect()
    }

    /// Entries of the latest `limit` turns before one that moved money in these accounts, latest first.
    fn entries_in(
        &self,
        accounts: &BTreeSet<Account>,
        before: Option<Turn>,
        limit: usize,
    ) -> Vec<(Turn, Entry)> {
        let theirs = self.entries.iter().rev().filter(|(_, it)| accounts.contains(&it.account));
        let mut theirs: Vec<(Turn, Entry)> =
            theirs.filter(|(turn, _)| earlier(*turn, before)).copied().collect();
        theirs.sort_by_key(|(turn, _)| Reverse(order(*turn)));
        let turns: BTreeSet<_> = theirs.iter().map(|(turn, _)| Reverse(order(*turn))).collect();
        let wanted: BTreeSet<_> = turns.into_iter().take(limit).collect();
        theirs.retain(|(turn, _)| wanted.contains(&Reverse(order(*turn))));
        theirs
    }

    /// Settlements that a person had or paid for, latest first.
    fn settled_by(&self, person: PersonNo, before: Option<Turn>, limit: usize) -> Vec<Settlement> {
        let of = |it: &Settlement| Turn { serial: Serial::creator_of(it.no.0), at: it.at };
        let touches = |it: &&Settlement| {
            let involved = it.patient == person || it.draws.iter().any(|it| it.owner == person);
            involved && earlier(of(it), before)
        };
        let mut theirs: Vec<Settlement> = self.facts.settlements.values().filter(touches).cloned().collect();
        theirs.sort_by_key(|it| Reverse(it.order()));
        whole_serials(theirs.into_iter(), limit, |it| of(it).serial)
    }

    /// Settlements of an institution in a time, earliest first.
    fn settled_at(
        &self,
        institution: InstitutionCode,
        within: &Range<Moment>,
        after: Option<(Moment, SettlementNo)>,
        limit: usize,
    ) -> Vec<Settlement> {
        let there = self.facts.settlements.values().filter(|it| {
            it.institution == institution && within.contains(&it.at) && Some(it.order()) > after
        });
        let mut there: Vec<Settlement> = there.cloned().collect();
        there.sort_by_key(Settlement::order);
        there.truncate(limit);
        there
    }

    fn called(&self, beginning: &str, limit: usize) -> Vec<(Institution, Option<String>)> {
        let mut called: Vec<_> = self.names.iter().filter(|(_, name)| name.starts_with(beginning)).collect();
        called.sort_by_key(|(code, name)| (*name, *code));
        let row = |(code, name): (&InstitutionCode, &String)| {
            (self.facts.institutions[code].clone(), Some(name.clone()))
        };
        called.into_iter().take(limit).map(row).collect()
    }

    fn mappings(
        &self,
        of: InstitutionCode,
        after: &str,
        limit: usize,
    ) -> Vec<((InstitutionCode, String), String)> {
        let later = (Bound::Excluded((of, after.to_owned())), Bound::Unbounded);
        let own = self.facts.mappings.range(later).take_while(|((it, _), _)| *it == of);
        let own = own.filter(|(_, national)| !national.is_empty());
        own.map(|(own, national)| (own.clone(), national.clone())).take(limit).collect()
    }

    fn records(&self, from: Serial, to: Serial, limit: usize) -> Vec<Record> {
        let all = self.records.range(from..).take_while(|(it, _)| **it <= to);
        all.map(|(_, it)| it.clone()).take(limit).collect()
    }

    fn blocks(&self, lane: u16, from: u64, limit: usize) -> Vec<Block> {
        self.blocks.range((lane, from)..(lane + 1, 0)).map(|(_, it)| *it).take(limit).collect()
    }

    fn shown_by(&self, person: PersonNo) -> BTreeSet<PersonNo> {
        let minors = self.facts.persons.values().filter(|it| it.guardian == Some(person)).map(|it| it.no);
        let members = self.facts.links.keys().filter(|(holder, _)| *holder == person).map(|(_, it)| *it);
        minors.chain(members).collect()
    }

    fn counts(&self) -> Counts {
        Counts {
            records: self.records.len() as u64,
            entries: self.entries.len() as u64,
            persons: self.facts.persons.len() as u64,
            settlements: self.facts.settlements.len() as u64,
        }
    }

    /// Institutions after one, with their names.
    fn found(&self, from: Lookup, to: Lookup, limit: usize) -> Page {
        let found = self.facts.lookups.range(from..=to).map(|(_, person)| *person);
        Page::FoundBetween(found.take(limit).collect())
    }

    fn institutions(
        &self,
        after: Option<InstitutionCode>,
        limit: usize,
    ) -> Vec<(Institution, Option<String>)> {
        let all = self.facts.institutions.values().filter(|it| after.is_none_or(|after| it.code > after));
        all.map(|it| (it.clone(), self.names.get(&it.code).cloned())).take(limit).collect()
    }

    fn links_of(&self, person: PersonNo) -> Vec<FamilyLink> {
        let theirs = |it: &&FamilyLink| it.holder == person || it.member == person;
        self.facts.links.values().filter(theirs).cloned().collect()
    }

    fn proxies_of(&self, person: PersonNo, limit: usize) -> Vec<Proxy> {
        let theirs = |it: &&Proxy| it.patient == person || it.agent == person;
        let mut theirs: Vec<Proxy> = self.facts.proxies.values().filter(theirs).cloned().collect();
        theirs.sort_by_key(|it| Reverse((it.since, it.no)));
        theirs.truncate(limit);
        theirs
    }

    fn notices_to(&self, person: PersonNo, limit: usize) -> Vec<(Turn, Notice)> {
        self.notices.iter().rev().filter(|(_, it)| it.to == person).take(limit).cloned().collect()
    }

    fn amendments_of(&self, person: PersonNo) -> Vec<Amendment> {
        self.facts.amendments.values().filter(|it| it.person == person).cloned().collect()
    }

    fn reviews(&self, asked: &Waiting<BindingNo>) -> Vec<Binding> {
        let running = self.facts.bindings.values().filter(|it| it.end.is_none());
        waiting(running, asked, |it| Some((it.giver_area, it.in_review_since()?, it.no)))
    }

    fn amendments_waiting(&self, asked: &Waiting<AmendmentNo>) -> Vec<Amendment> {
        let open = self.facts.amendments.values().filter(|it| it.stage == AmendmentStage::Waiting);
        waiting(open, asked, |it| Some((it.area, it.proposed, it.no)))
    }

    fn agreed(&self, after: Option<(Area, Relation, BindingNo)>, limit: usize) -> Vec<Binding> {
        let place = |(area, relation, no): (Area, Relation, BindingNo)| (area, number(relation), no);
        let agreed = self.facts.bindings.values().filter(|it| it.existed() && it.end.is_none());
        let placed = agreed.map(|it| (place((it.giver_area, it.relation, it.no)), it));
        let placed: BTreeMap<_, _> = placed.filter(|(at, _)| Some(*at) > after.map(place)).collect();
        placed.into_values().take(limit).cloned().collect()
    }

    /// Institutions of an area, of a kind and called so, after one.
    fn institutions_in(
        &self,
        of: (Area, Option<InstitutionKind>, &str),
        after: Option<InstitutionCode>,
        limit: usize,
    ) -> Page {
        let (area, kind, called) = of;
        let mut found = self.institutions(after, usize::MAX);
        found.retain(|(it, name)| it.area == area && fits(it, name.as_deref(), kind, called));
        found.truncate(limit);
        Page::InstitutionsIn(found)
    }

    fn documents_of(&self, person: PersonNo, limit: usize) -> Vec<(Turn, Shown)> {
        self.documents.iter().rev().filter(|(_, it)| it.person == person).take(limit).cloned().collect()
    }

    fn told(&self, span: &Span) -> Told {
        let span = &self.near(span);
        let notices = self.notices.iter().filter(|(turn, _)| (span.from..=span.to).contains(&turn.serial));
        span.told(notices.take(span.limit()).cloned().collect(), self.shared(span))
    }

    fn settlements_told(&self, span: &Span) -> Told {
        let span = self.near(span);
        span.told(Vec::new(), self.shared(&span))
    }

    /// As much of a span as is looked at for one page.
    fn near(&self, span: &Span) -> Span {
        let (first, last) = span.numbers();
        let mut settled = self.facts.settlements.range(SettlementNo(first)..=SettlementNo(last));
        let most = usize::try_from(span.looked_at()).unwrap_or(usize::MAX);
        span.before(settled.nth(most).map(|(no, _)| no.0))
    }

    /// Settlements and cancellations in a span that relatives' money paid a part of.
    fn shared(&self, span: &Span) -> Vec<Settlement> {
        let (first, last) = span.numbers();
        let settled = self.facts.settlements.range(SettlementNo(first)..=SettlementNo(last));
        let shared = settled.map(|(_, it)| it).filter(|it| !it.from_relatives().is_zero());
        shared.take(span.limit()).cloned().collect()
    }

    /// Purses after one, with their balances.
    fn purses(&self, after: Option<Account>, limit: usize) -> Page {
        let all = self.facts.purses.iter().filter(|(it, _)| after.is_none_or(|after| **it > after));
        Page::Purses(all.map(|(it, balance)| (*it, *balance)).take(limit).collect())
    }

    /// Packs after one, with who sold them.
    fn packs(&self, after: Option<&TraceCode>, limit: usize) -> Vec<(TraceCode, SettlementNo)> {
        let all = self.facts.traces.iter().filter(|(it, _)| after.is_none_or(|after| *it > after));
        all.map(|(it, by)| (it.clone(), *by)).take(limit).collect()
    }

    fn numbered(&self, numbers: &BTreeSet<SettlementNo>) -> Vec<Settlement> {
        numbers.iter().filter_map(|it| self.facts.settlements.get(it)).cloned().collect()
    }

    fn page(&self, query: &Query) -> Page {
        let some = |limit: &u32| usize::try_from(*limit).unwrap_or(usize::MAX);
        match query {
            Query::Facts(needs, at) => Page::Facts(Box::new(self.rows(needs, *at, NO_LANE))),
            Query::Record(key) => {
                let serial = self.by_key.get(key);
                Page::Record(serial.map(|it| Box::new(self.records[it].clone())))
            }
            Query::Records { from, to, limit } => Page::Records(self.records(*from, *to, some(limit))),
            Query::Blocks { lane, from, limit } => Page::Blocks(self.blocks(*lane, *from, some(limit))),
            Query::Lanes => Page::Lanes(self.last.iter().map(|(lane, last)| (*lane, last.serial)).collect()),
            Query::Purses { after, limit } => self.purses(*after, some(limit)),
            Query::Entries { accounts, before, limit, .. } => {
                Page::Entries(self.entries_in(accounts, *before, some(limit)))
            }
            Query::Journal { from, limit } => Page::Journal(self.journal(*from, some(limit))),
            Query::Settlements { person, before, limit } => {
                Page::Settlements(self.settled_by(*person, *before, some(limit)))
            }
            Query::SettledAt { institution, within, after, limit } => {
                Page::SettledAt(self.settled_at(*institution, within, *after, some(limit)))
            }
            Query::Numbered(numbers) => Page::Numbered(self.numbered(numbers)),
            Query::Keys(serials) => {
                let known = serials.iter().filter_map(|it| Some((*it, self.records.get(it)?)));
                Page::Keys(known.map(|(serial, it)| (serial, it.request.key.clone())).collect())
            }
            Query::BindingHistory(no) => {
                Page::BindingHistory(self.history.iter().filter(|it| it.no == *no).cloned().collect())
            }
            Query::Links(person) => Page::Links(self.links_of(*person)),
            Query::Proxies { person, limit } => Page::Proxies(self.proxies_of(*person, some(limit))),
            Query::ShownBy(person) => Page::ShownBy(self.shown_by(*person)),
            Query::Notices { person, limit } => Page::Notices(self.notices_to(*person, some(limit))),
            Query::Documents { person, limit } => Page::Documents(self.documents_of(*person, some(limit))),
            Query::Told(span) => Page::Told(self.told(span)),
            Query::Shared(span) => Page::Shared(self.settlements_told(span)),
            Query::Packs { after, limit } => Page::Packs(self.packs(after.as_ref(), some(limit))),
            Query::Amendments(person) => Page::Amendments(self.amendments_of(*person)),
            Query::AmendmentsWaiting(asked) => Page::AmendmentsWaiting(self.amendments_waiting(asked)),
            Query::Reviews(asked) => Page::Reviews(self.reviews(asked)),
            Query::Agreed { after, limit } => Page::Agreed(self.agreed(*after, some(limit))),
            Query::FoundBetween { from, to, limit } => self.found(*from, *to, some(limit)),
            Query::InstitutionsCalled { beginning, limit } => {
                Page::InstitutionsCalled(self.called(beginning, some(limit)))
            }
            Query::InstitutionsIn { area, kind, called, after, limit } => {
                self.institutions_in((*area, *kind, called), *after, some(limit))
            }
            Query::Mappings { institution, after, limit } => {
                Page::Mappings(self.mappings(*institution, after, some(limit)))
            }
            Query::Institutions { after, limit } => {
                Page::Institutions(self.institutions(*after, some(limit)))
            }
            Query::Book(digest) => Page::Book(self.books.get(digest).cloned()),
            Query::BookInForce => Page::BookInForce(self.law),
            Query::Counts => Page::Counts(self.counts()),
        }
    }
}

/// Whether an institution is of a kind and has a text in its name.
fn fits(it: &Institution, name: Option<&str>, kind: Option<InstitutionKind>, called: &str) -> bool {
    kind.is_none_or(|kind| it.kind == kind) && name.unwrap_or("").contains(called)
}

/// The place of a turn among those of all lanes.
fn order(turn: Turn) -> (Moment, Serial) {
    (turn.at, turn.serial)
}

fn earlier(turn: Turn, before: Option<Turn>) -> bool {
    before.is_none_or(|it| order(turn) < order(it))
}

/// The first `limit` and whatever else is of the serial of the last of them.
fn whole_serials<T>(all: impl Iterator<Item = T>, limit: usize, serial: impl Fn(&T) -> Serial) -> Vec<T> {
    let mut page: Vec<T> = Vec::new();
    for it in all {
        if page.len() >= limit && page.last().map(&serial) != Some(serial(&it)) {
            break;
        }
        page.push(it);
    }
    page
}

/// What waits at halls of an area since after a moment, after one place, in order of places.
fn waiting<'a, T: Clone + 'a, No: Copy + Ord>(
    all: impl Iterator<Item = &'a T>,
    asked: &Waiting<No>,
    place: impl Fn(&T) -> Option<(Area, Moment, No)>,
) -> Vec<T> {
    let (first, last) = asked.area.within();
    let waits = |it: &(Area, Moment, No)| {
        (first..=last).contains(&it.0) && it.1 > asked.since && asked.after.is_none_or(|after| *it > after)
    };
    let found = all.filter_map(|it| Some((place(it).filter(waits)?, it)));
    let found: BTreeMap<_, _> = found.collect();
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    found.into_values().take(limit).cloned().collect()
}
