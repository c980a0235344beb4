//! How a batch is written: each table in one statement for each home, all of them sent at once.

use super::cells::Column;
use super::homes::{ByHome, Spread, by_home};
use super::lane::{Passed, Seen, Stamp};
use super::session::{Param, Session, Sql, sql};
use crate::cells::{Cell, int, row};
use crate::touched::{Touched, last_turn};
use crate::{Batch, Fault, Record, notices as messages, write};
use domain::binding::Binding;
use domain::decision::{Changes, Turn, did};
use domain::facts::Did;
use domain::ids::{BindingNo, PersonNo, Serial};
use domain::ledger::Account;
use domain::request::Key;
use domain::trace::TraceCode;
use std::collections::{BTreeMap, BTreeSet};

/// Class of the advisory lock on institutions, mappings and law: "GJ", 2.
const FENCE: i32 = 0x474A_0002;

/// All that is run while committing.
pub(super) const COMMITTING: &[Sql] = &[
    sql!("share_fence"),
    sql!("close_fence"),
    sql!("check_fence"),
    sql!("raise_fence"),
    sql!("change_guard"),
    sql!("save_record"),
    sql!("save_key"),
    sql!("change_key"),
    sql!("save_entry"),
    sql!("save_notice"),
    sql!("save_document"),
    sql!("drop_lookup"),
    sql!("save_amendment"),
    sql!("save_lookup"),
    sql!("save_person"),
    sql!("save_enrolment"),
    sql!("save_purse"),
    sql!("save_empty_purse"),
    sql!("save_binding"),
    sql!("save_binding_version"),
    sql!("save_usage"),
    sql!("save_link"),
    sql!("save_proxy"),
    sql!("save_institution"),
    sql!("save_mapping"),
    sql!("save_book"),
    sql!("save_law"),
    sql!("save_visit"),
    sql!("change_visit"),
    sql!("save_stay"),
    sql!("save_batch"),
    sql!("change_batch"),
    sql!("save_charge"),
    sql!("save_settlement"),
    sql!("change_settlement"),
    sql!("save_involved"),
    sql!("save_tally"),
    sql!("drop_trace"),
    sql!("save_trace"),
    sql!("save_block"),
];

/// The statements of a batch, in order.
pub(super) fn statements<'s>(
    session: &'s Session,
    batch: &'s Batch,
    seen: &'s Seen,
    spread: Spread,
    home: i16,
) -> Result<Vec<Passed<'s>>, Fault> {
    let touched = Touched::of(batch);
    let serials: BTreeSet<Serial> = batch.records.iter().map(|(it, _)| it.turn.serial).collect();
    let mut writing = Writing { session, batch, seen, spread, home, serials, statements: Vec::new() };
    writing.guards(&touched)?;
    writing.records()?;
    writing.people(&touched);
    writing.purses(&touched);
    writing.families(&touched);
    writing.places(&touched);
    writing.bills(&touched);
    let block = write::block(batch, last_turn(batch)?, touched.counts);
    writing.at_home(sql!("save_block"), vec![block]);
    Ok(writing.statements)
}

struct Writing<'s> {
    session: &'s Session,
    batch: &'s Batch,
    seen: &'s Seen,
    spread: Spread,
    /// The lane's own home.
    home: i16,
    /// What these create is new.
    serials: BTreeSet<Serial>,
    statements: Vec<Passed<'s>>,
}

impl<'s> Writing<'s> {
    /// Rows in their homes.
    fn save<const N: usize>(&mut self, sql: Sql, homes: ByHome<[Cell<'s>; N]>) {
        let session = self.session;
        for (home, rows) in homes {
            self.statements.push(Box::pin(async move { session.save(sql, &[&home], &rows).await }));
        }
    }

    /// Rows in the lane's home.
    fn at_home<const N: usize>(&mut self, sql: Sql, rows: Vec<[Cell<'s>; N]>) {
        let home = self.home;
        self.save(sql, by_home(rows.into_iter().map(|row| (home, row))));
    }

    /// Rows that are everywhere.
    fn everywhere<const N: usize>(&mut self, sql: Sql, rows: Vec<[Cell<'s>; N]>) {
        let session = self.session;
        if !rows.is_empty() {
            self.statements.push(Box::pin(async move { session.save(sql, &[], &rows).await }));
        }
    }

    fn plain(&mut self, sql: Sql, param: impl tokio_postgres::types::ToSql + Sync + Send + 's) {
        let session = self.session;
        self.statements.push(Box::pin(async move {
            let param: Param<'_> = &param;
            session.pass(sql, &[param]).await
        }));
    }

    fn is_new(&self, number: u64) -> bool {
        self.serials.contains(&Serial::creator_of(number))
    }

    /// What was seen is still so: first, that nothing is done for what will not last.
    fn guards(&mut self, touched: &Touched<'s>) -> Result<(), Fault> {
        let stamp = Stamp::of(last_turn(self.batch)?).0;
        let books = self.changes().any(|(_, it)| it.book.is_some());
        let places = !touched.institutions.is_empty() || !touched.mappings.is_empty();
        self.plain(if books || places { sql!("close_fence") } else { sql!("share_fence") }, FENCE);
        self.plain(sql!("check_fence"), self.seen.epoch);
        if books || places {
            let session = self.session;
            self.statements.push(Box::pin(async move { session.pass(sql!("raise_fence"), &[&stamp]).await }));
        }
        let spread = self.spread;
        let new = touched.persons.keys().filter(|it| self.is_new(it.0));
        let new = new.map(|it| ((spread.of_number(it.0), *it), 0));
        // Of packs only those that are sold or freed: whoever was merely told of one has changed nothing of it.
        let packs = touched.freed.iter().map(|(it, _)| *it).chain(touched.traces.keys().copied());
        let packs: BTreeSet<(i16, PersonNo)> = packs.map(|it| spread.guard_of(it)).collect();
        let raised = |it: &(i16, PersonNo)| !Spread::is_of_pack(it.1) || packs.contains(it);
        let seen = self.seen.guards.iter().filter(|(it, _)| raised(it));
        let guards: BTreeMap<(i16, PersonNo), i64> =
            seen.map(|(it, version)| (*it, *version)).chain(new).collect();
        let guards = guards.into_iter().map(|((home, it), version)| (home, row![int(it.0), version]));
        let session = self.session;
        for (home, rows) in by_home(guards) {
            self.statements.push(Box::pin(async move {
                let [people, versions] = std::array::from_fn(|at| Column { rows: &rows, at });
                session.pass(sql!("change_guard"), &[&home, &people, &versions, &stamp]).await
            }));
        }
        Ok(())
    }

    fn changes(&self) -> impl Iterator<Item = (Turn, &'s Changes)> + use<'s> {
        self.batch.records.iter().filter_map(|(it, _)| Some((it.turn, it.decision.changes()?)))
    }

    /// What is only ever appended.
    fn records(&mut self) -> Result<(), Fault> {
        let batch = self.batch;
        let records = batch.records.iter().map(|(it, _)| write::record(it)).collect();
        self.at_home(sql!("save_record"), records);
        let mut known = Known { seen: &self.seen.keys, now: BTreeMap::new() };
        batch.records.iter().try_for_each(|(it, _)| known.take(it))?;
        let (new, changed) = known.rows();
        self.at_home(sql!("save_key"), new);
        self.at_home(sql!("change_key"), changed);
        let entries = self.changes().flat_map(|(turn, it)| {
            let entries = it.journal.iter().flat_map(|it| it.entries());
            (0..).zip(entries).map(move |(seq, entry)| write::entry(turn, seq, entry))
        });
        let entries = entries.collect();
        self.at_home(sql!("save_entry"), entries);
        self.notices();
        self.documents();
        self.books();
        Ok(())
    }

    fn notices(&mut self) {
        let spread = self.spread;
        let notices = self.changes().flat_map(|(turn, it)| {
            (0..).zip(&it.notices).map(move |(seq, notice)| {
                let [person, serial, seq, about, what] = messages::written(turn, seq, notice);
                let row = [person, serial, seq, about, what, turn.at.millis().into()];
                (spread.of_number(notice.to.0), row)
            })
        });
        let notices = by_home(notices);
        self.save(sql!("save_notice"), notices);
    }

    fn documents(&mut self) {
        let spread = self.spread;
        let documents = self.changes().flat_map(|(turn, it)| {
            (0..).zip(&it.documents).map(move |(seq, shown)| {
                let [a, b, c, d, e, f, g, h, i, j, k] = write::document(turn, seq, shown);
                let row = [a, b, c, d, e, f, g, h, i, j, k, turn.at.millis().into()];
                (spread.of_number(shown.person.0), row)
            })
        });
        let documents = by_home(documents);
        self.save(sql!("save_document"), documents);
    }

    fn books(&mut self) {
        let books = self.batch.records.iter().filter_map(|(it, attachments)| {
            let book = it.decision.changes()?.book.as_ref()?;
            Some(row![book.0.as_slice(), attachments.book.as_deref()?])
        });
        self.everywhere(sql!("save_book"), books.collect());
        let epoch = self.seen.epoch + 1;
        let laws = self.changes().filter_map(|(turn, it)| {
            let [serial, book] = write::law(turn.serial, &it.book.as_ref()?.0);
            Some([epoch.into(), serial, book])
        });
        let laws = laws.collect();
        self.everywhere(sql!("save_law"), laws);
    }

    fn people(&mut self, it: &Touched<'s>) {
        let spread = self.spread;
        let home = |person: PersonNo| spread.of_number(person.0);
        let persons = it.persons.iter().map(|(no, person)| {
            let identity = it.identities.get(no).copied();
            (home(*no), write::person(person, identity))
        });
        self.save(sql!("save_person"), by_home(persons));
        let forgotten = it.forgotten.iter().flat_map(|(lookup, person)| {
            let homes = BTreeSet::from([home(*person), spread.of_claim(lookup)]);
            homes.into_iter().map(|home| (home, row![lookup.0.to_vec(), int(person.0)]))
        });
        self.save(sql!("drop_lookup"), by_home(forgotten));
        let amendments = it.amendments.values().map(|it| (home(it.person), write::amendment(it)));
        self.save(sql!("save_amendment"), by_home(amendments));
        let lookups = it.lookups.iter().flat_map(|(lookup, person)| {
            let homes = BTreeSet::from([home(*person), spread.of_claim(lookup)]);
            homes.into_iter().map(|home| (home, row![lookup.0.to_vec(), int(person.0)]))
        });
        self.save(sql!("save_lookup"), by_home(lookups));
        let enrolments = it.enrolments.values().map(|it| (home(it.person), write::enrolment(it)));
        self.save(sql!("save_enrolment"), by_home(enrolments));
        let tallies = it.tallies.iter().map(|(key, tally)| (home(key.person), write::tally(key, tally)));
        self.save(sql!("save_tally"), by_home(tallies));
    }

    fn purses(&mut self, it: &Touched<'s>) {
        let mut homes = ByHome::new();
        for (purse, balance) in &it.purses {
            for home in self.homes_of(*purse, it) {
                homes.entry(home).or_insert_with(Vec::new).push(write::purse(*purse, *balance));
            }
        }
        self.save(sql!("save_purse"), homes);
        let mut homes = ByHome::new();
        for (purse, empty) in &it.opened {
            for home in self.homes_of(*purse, it) {
                homes.entry(home).or_insert_with(Vec::new).push(write::purse(*purse, *empty));
            }
        }
        self.save(sql!("save_empty_purse"), homes);
    }

    /// The homes of a purse: its person's, or those of the two people of its binding.
    fn homes_of(&self, purse: Account, it: &Touched<'s>) -> BTreeSet<i16> {
        match purse {
            Account::Personal(person, _) => BTreeSet::from([self.spread.of_number(person.0)]),
            Account::Quota(binding) => self.homes_of_binding(binding, it),
            Account::Fund(..)
            | Account::Institution(_)
            | Account::Interarea(..)
            | Account::Intake(_)
            | Account::Receivable(..) => BTreeSet::new(),
        }
    }

    fn homes_of_binding(&self, no: BindingNo, it: &Touched<'s>) -> BTreeSet<i16> {
        let written = it.bindings.get(&no).map(|it| [it.giver, it.beneficiary]);
        let sides = written.or_else(|| self.seen.sides.get(&no).copied());
        sides.map_or_else(|| BTreeSet::from([self.home]), |it| self.spread.of_both(it))
    }

    fn families(&mut self, it: &Touched<'s>) {
        let spread = self.spread;
        let both = |it: &'s Binding| {
            spread.of_both([it.giver, it.beneficiary]).into_iter().map(|home| (home, write::binding(it)))
        };
        self.save(sql!("save_binding"), by_home(it.bindings.values().copied().flat_map(both)));
        let versions = self.changes().flat_map(|(_, it)| &it.bindings);
        let versions = by_home(versions.map(|it| (spread.of_number(it.no.0), write::binding(it))));
        self.save(sql!("save_binding_version"), versions);
        let usage = it.usage.iter().flat_map(|(no, usage)| {
            let homes = self.homes_of_binding(*no, it);
            homes.into_iter().map(|home| (home, write::usage(*no, usage)))
        });
        let usage = by_home(usage);
        self.save(sql!("save_usage"), usage);
        let links = it.links.values().flat_map(|it| {
            spread.of_both([it.member, it.holder]).into_iter().map(|home| (home, write::link(it)))
        });
        self.save(sql!("save_link"), by_home(links));
        // An agent shows a number; patient and agent each look for their own.
        let proxies = it.proxies.values().flat_map(|it| {
            let mut homes = spread.of_both([it.patient, it.agent]);
            homes.insert(spread.of_number(it.no.0));
            homes.into_iter().map(|home| (home, write::proxy(it)))
        });
        self.save(sql!("save_proxy"), by_home(proxies));
    }

    fn places(&mut self, it: &Touched<'s>) {
        let institutions = it
            .institutions
            .iter()
            .map(|(code, place)| write::institution(place, it.names.get(code).copied()));
        self.everywhere(sql!("save_institution"), institutions.collect());
        let mappings =
            it.mappings.iter().map(|((place, own), national)| write::mapping(*place, own, national));
        self.everywhere(sql!("save_mapping"), mappings.collect());
    }

    fn bills(&mut self, it: &Touched<'s>) {
        let spread = self.spread;
        let visits = it.visits.iter().map(|(no, visit)| (no.0, write::visit(visit)));
        let (new, known): (Vec<_>, Vec<_>) = visits.partition(|(no, _)| self.is_new(*no));
        self.save(sql!("save_visit"), by_home(new.into_iter().map(|(no, row)| (spread.of_number(no), row))));
        let known = known.into_iter().map(|(no, row)| (spread.of_number(no), row));
        self.save(sql!("change_visit"), by_home(known));
        let batches =
            it.batches.iter().map(|((visit, no), lines)| (visit.0, write::batch(*visit, no, lines)));
        let (new, known): (Vec<_>, Vec<_>) = batches.partition(|(visit, _)| self.is_new(*visit));
        self.save(sql!("save_batch"), by_home(new.into_iter().map(|(no, row)| (spread.of_number(no), row))));
        let known = known.into_iter().map(|(no, row)| (spread.of_number(no), row));
        self.save(sql!("change_batch"), by_home(known));
        let stays = it.stays().filter(|it| self.is_new(it.no.0));
        let stays = by_home(stays.map(|it| (spread.of_number(it.patient.0), write::stay(it))));
        self.save(sql!("save_stay"), stays);
        let charges = it
            .charges
            .iter()
            .map(|((visit, line), batch)| (spread.of_number(visit.0), write::charge(*visit, line, batch)));
        self.save(sql!("save_charge"), by_home(charges));
        self.settlements(it);
        self.traces(it);
        self.involved();
    }

    /// A pack is sold once, whoever sells it where.
    fn traces(&mut self, it: &Touched<'s>) {
        let spread = self.spread;
        let row = |code: &'s TraceCode, by| (spread.of_trace(code), write::trace(code, by));
        self.save(sql!("drop_trace"), by_home(it.freed.iter().map(|(code, by)| row(code, *by))));
        self.save(sql!("save_trace"), by_home(it.traces.iter().map(|(code, by)| row(code, *by))));
    }

    fn involved(&mut self) {
        let (batch, spread) = (self.batch, self.spread);
        let involved = batch.records.iter().flat_map(|(it, _)| write::involved(it));
        let involved = involved.map(|(person, row)| (spread.of_number(person.0), row));
        self.save(sql!("save_involved"), by_home(involved));
    }

    fn settlements(&mut self, it: &Touched<'s>) {
        let spread = self.spread;
        let all = it.settlements.values().copied();
        let (new, known): (Vec<_>, Vec<_>) = all.partition(|it| self.is_new(it.no.0));
        for (sql, some) in [(sql!("save_settlement"), new), (sql!("change_settlement"), known)] {
            let rows = some.into_iter().map(|it| (spread.of_number(it.no.0), write::settlement(it)));
            self.save(sql, by_home(rows));
        }
    }
}

/// What is known of messages after the records taken in so far.
struct Known<'s> {
    seen: &'s BTreeMap<Key, (Serial, bool)>,
    now: BTreeMap<&'s Key, (Serial, bool, Did)>,
}

impl<'s> Known<'s> {
    fn take(&mut self, record: &'s Record) -> Result<(), Fault> {
        let (key, serial) = (&record.request.key, record.turn.serial);
        if self.arrived(key).is_some() {
            return Err(Fault::Conflict(format!("the key of serial {serial} is taken")));
        }
        self.now.insert(key, (serial, true, did(&record.decision)));
        let Some(barred) = record.decision.changes().and_then(|it| it.barred.as_ref()) else { return Ok(()) };
        // One that arrived under another record stays as it is.
        match self.arrived(barred) {
            None => drop(self.now.insert(barred, (serial, false, Did::Barred))),
            Some(own) if own == serial => drop(self.now.insert(barred, (serial, true, Did::Barred))),
            Some(_) => {}
        }
        Ok(())
    }

    /// The record of a message that arrived.
    fn arrived(&self, key: &Key) -> Option<Serial> {
        let now = self.now.get(key).map(|(serial, arrived, _)| (*serial, *arrived));
        now.or_else(|| self.seen.get(key).copied()).filter(|(_, arrived)| *arrived).map(|(serial, _)| serial)
    }

    /// Messages that nothing was known of, and those that something was known of, with the record that said so.
    fn rows(self) -> (Vec<[Cell<'s>; 7]>, Vec<[Cell<'s>; 8]>) {
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for (key, (serial, arrived, did)) in self.now {
            let [kind, from, id] = write::key(key);
            let [did, settlement] = write::became(did);
            let row = [kind, from, id, int(serial.0).into(), arrived.into(), did, settlement];
            match self.seen.get(key) {
                None => new.push(row),
                Some((seen, _)) => {
                    let [a, b, c, d, e, f, g] = row;
                    changed.push([a, b, c, d, e, f, g, int(seen.0).into()]);
                }
            }
        }
        (new, changed)
    }
}
