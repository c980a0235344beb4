//! How a batch is written: what is appended, record by record; what is replaced, each row once with its last state.

use super::cells::{account, day, int, number, part, periods, sender};
use super::{fault, sql};
use crate::{Attachments, Batch, Fault, Record};
use domain::binding::{Binding, EndReason, Stage, Usage};
use domain::chain::encode;
use domain::decision::{Changes, NoticeKind, did};
use domain::facts::{Batch as Lines, Did, Settlement, TallyKey, Visit};
use domain::fund::Tally;
use domain::ids::{BindingNo, EnrolmentNo, InstitutionCode, Lookup, PersonNo, Serial, SettlementNo, VisitNo};
use domain::ledger::{Account, Balance};
use domain::money::Fen;
use domain::people::{Enrolment, FamilyLink, Institution, Person};
use domain::words::Side;
use rusqlite::{Connection, Params, TransactionBehavior, params};
use std::collections::{BTreeMap, BTreeSet};

type Written<T = ()> = rusqlite::Result<T>;

/// Writes a batch in one transaction.
pub(super) fn commit(connection: &mut Connection, batch: &Batch) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    for (record, attachments) in &batch.records {
        append(&transaction, record, attachments)?;
    }
    let touched = Touched::of(batch);
    touched.write(&transaction).map_err(fault)?;
    let block = &batch.block;
    let Some((last, _)) = batch.records.last() else {
        return Err(Fault::Conflict("an empty batch".to_owned()));
    };
    let (serial, at) = (int(last.turn.serial.0), last.turn.at.millis());
    let row = params![block.lane, int(block.number), block.previous.0, block.hash.0, serial, at];
    run(&transaction, sql!("save_block"), row).map_err(fault)?;
    transaction.commit().map_err(fault)
}

fn run(connection: &Connection, sql: &str, params: impl Params) -> Written<usize> {
    connection.prepare_cached(sql)?.execute(params)
}

/// A record and everything of it that is only ever appended.
fn append(connection: &Connection, record: &Record, attachments: &Attachments) -> Result<(), Fault> {
    save_record(connection, record).map_err(fault)?;
    if save_key(connection, record).map_err(fault)? == 0 {
        return Err(Fault::Conflict(format!("the key of serial {} is taken", record.turn.serial)));
    }
    record
        .decision
        .changes()
        .map_or(Ok(()), |it| append_changes(connection, record, it, attachments))
        .map_err(fault)
}

fn save_record(connection: &Connection, record: &Record) -> Written<usize> {
    let request = &record.request;
    let (kind, from) = sender(request.key.sender);
    let row = params![
        int(record.turn.serial.0),
        record.turn.at.millis(),
        kind,
        from,
        request.key.id,
        request.digest.0,
        encode(&(&request.actor, &request.body)),
        record.facts,
        encode(&record.decision),
        record.engine,
        record.law.0,
        record.answer,
        record.salt,
        record.block.0,
        int(record.block.1),
    ];
    run(connection, sql!("save_record"), row)
}

fn save_key(connection: &Connection, record: &Record) -> Written<usize> {
    let key = &record.request.key;
    let (kind, from) = sender(key.sender);
    let (did, settlement) = match did(&record.decision) {
        Did::Nothing => (0, None),
        Did::Settled(no) => (1, Some(int(no.0))),
        Did::Other => (2, None),
        Did::Barred => (3, None),
    };
    let row = params![kind, from, key.id, int(record.turn.serial.0), did, settlement];
    run(connection, sql!("save_key"), row)
}

fn append_changes(
    connection: &Connection,
    record: &Record,
    changes: &Changes,
    attachments: &Attachments,
) -> Written {
    let serial = int(record.turn.serial.0);
    let entries = changes.journal.iter().flat_map(|it| it.entries());
    for (seq, entry) in (0_i64..).zip(entries) {
        let (kind, a, b) = account(entry.account);
        let row = params![serial, seq, kind, a, b, part(entry.part), entry.amount.get()];
        run(connection, sql!("save_entry"), row)?;
    }
    for binding in &changes.bindings {
        save_binding(connection, sql!("save_binding_version"), binding)?;
    }
    for (seq, notice) in (0_i64..).zip(&changes.notices) {
        let what = match notice.what {
            NoticeKind::PleaseConfirm => 0,
            NoticeKind::InForce => 1,
            NoticeKind::Ended => 2,
            NoticeKind::NeedsDecision => 3,
        };
        let row = params![int(notice.to.0), serial, seq, int(notice.binding.0), what];
        run(connection, sql!("save_notice"), row)?;
    }
    if let Some(key) = &changes.barred {
        let (kind, from) = sender(key.sender);
        run(connection, sql!("save_barred"), params![kind, from, key.id, serial])?;
    }
    if let Some(book) = &changes.book {
        if let Some(content) = &attachments.book {
            run(connection, sql!("save_book"), params![book.0, content])?;
        }
        run(connection, sql!("save_law"), params![serial, book.0])?;
    }
    Ok(())
}

/// The rows that a batch replaces, each with its last state.
#[derive(Default)]
struct Touched<'a> {
    counts: [i64; 4],
    persons: BTreeMap<PersonNo, &'a Person>,
    identities: BTreeMap<PersonNo, &'a [u8]>,
    lookups: BTreeMap<Lookup, PersonNo>,
    enrolments: BTreeMap<EnrolmentNo, &'a Enrolment>,
    /// Accounts that enrolments open, with the year they start in; the first to open one counts.
    opened: BTreeMap<Account, i16>,
    purses: BTreeMap<Account, Balance>,
    bindings: BTreeMap<BindingNo, &'a Binding>,
    usage: BTreeMap<BindingNo, &'a Usage>,
    links: BTreeMap<(PersonNo, PersonNo), &'a FamilyLink>,
    institutions: BTreeMap<InstitutionCode, &'a Institution>,
    names: BTreeMap<InstitutionCode, &'a str>,
    mappings: BTreeMap<(InstitutionCode, &'a str), &'a str>,
    visits: BTreeMap<VisitNo, &'a Visit>,
    batches: BTreeMap<(VisitNo, &'a str), &'a Lines>,
    settlements: BTreeMap<SettlementNo, &'a Settlement>,
    tallies: BTreeMap<TallyKey, &'a Tally>,
}

impl<'a> Touched<'a> {
    fn of(batch: &'a Batch) -> Touched<'a> {
        let mut touched = Touched { purses: batch.purses.clone(), ..Touched::default() };
        for (record, attachments) in &batch.records {
            touched.counts[0] += 1;
            if let Some(changes) = record.decision.changes() {
                touched.add(record.turn.serial, changes);
                touched.attach(changes, attachments);
            }
        }
        touched
    }

    fn add(&mut self, serial: Serial, it: &'a Changes) {
        let entries = it.journal.as_ref().map_or(0, |it| it.entries().len());
        let new = |number: u64| Serial::creator_of(number) == serial;
        let persons = it.persons.iter().filter(|it| new(it.no.0)).count();
        let settlements = it.settlements.iter().filter(|it| new(it.no.0)).count();
        for (count, more) in self.counts[1..].iter_mut().zip([entries, persons, settlements]) {
            *count += i64::try_from(more).expect("a request creates few things");
        }
        self.persons.extend(it.persons.iter().map(|it| (it.no, it)));
        self.lookups.extend(it.lookups.iter().copied());
        for enrolment in &it.enrolments {
            if let Some(account) = enrolment.personal_account() {
                self.opened.entry(account).or_insert(enrolment.from.year());
            }
            self.enrolments.insert(enrolment.no, enrolment);
        }
        self.bindings.extend(it.bindings.iter().map(|it| (it.no, it)));
        self.usage.extend(it.usage.iter().map(|(binding, usage)| (*binding, usage)));
        self.links.extend(it.links.iter().map(|it| ((it.member, it.holder), it)));
        self.institutions.extend(it.institutions.iter().map(|it| (it.code, it)));
        let mapping = |(place, own, national): &'a (InstitutionCode, String, String)| {
            ((*place, own.as_str()), national.as_str())
        };
        self.mappings.extend(it.mappings.iter().map(mapping));
        self.visits.extend(it.visits.iter().map(|it| (it.no, it)));
        self.batches.extend(it.batches.iter().map(|(visit, no, lines)| ((*visit, no.as_str()), lines)));
        self.settlements.extend(it.settlements.iter().map(|it| (it.no, it)));
        self.tallies.extend(it.tallies.iter().map(|(key, tally)| (*key, tally)));
    }

    fn attach(&mut self, changes: &'a Changes, attachments: &'a Attachments) {
        let person = changes.persons.first().map(|it| it.no);
        self.identities.extend(person.zip(attachments.identity.as_deref()));
        let place = changes.institutions.first().map(|it| it.code);
        self.names.extend(place.zip(attachments.name.as_deref()));
    }

    fn write(&self, connection: &Connection) -> Written {
        run(connection, sql!("save_counts"), self.counts)?;
        self.write_people(connection)?;
        self.write_purses(connection)?;
        self.write_families(connection)?;
        self.write_places(connection)?;
        self.write_bills(connection)
    }

    fn write_people(&self, connection: &Connection) -> Written {
        for (no, it) in &self.persons {
            let (died, guardian) = (it.died.map(day), it.guardian.map(|it| int(it.0)));
            let row =
                params![int(no.0), day(it.born), number(it.sex), died, guardian, self.identities.get(no)];
            run(connection, sql!("save_person"), row)?;
        }
        for (lookup, person) in &self.lookups {
            run(connection, sql!("save_lookup"), params![lookup.0, int(person.0)])?;
        }
        for (no, it) in &self.enrolments {
            let row = params![
                int(no.0),
                int(it.person.0),
                number(it.scheme),
                it.area.number(),
                number(it.category),
                it.account,
                it.contract,
                day(it.from),
                it.to.map(day),
                periods(&it.pauses),
            ];
            run(connection, sql!("save_enrolment"), row)?;
        }
        Ok(())
    }

    fn write_purses(&self, connection: &Connection) -> Written {
        for (purse, balance) in &self.purses {
            let (kind, a, b) = account(*purse);
            let (year, prior, current) = balance.stored();
            let row = params![kind, a, b, year, prior.get(), current.get()];
            run(connection, sql!("save_purse"), row)?;
        }
        for (purse, year) in self.opened.iter().filter(|(it, _)| !self.purses.contains_key(it)) {
            let (kind, a, b) = account(*purse);
            run(connection, sql!("save_empty_purse"), params![kind, a, b, year])?;
        }
        Ok(())
    }

    fn write_families(&self, connection: &Connection) -> Written {
        for binding in self.bindings.values() {
            save_binding(connection, sql!("save_binding"), binding)?;
        }
        for (binding, it) in &self.usage {
            let row = params![int(binding.0), it.year, it.month, it.in_month.get(), it.in_year.get()];
            run(connection, sql!("save_usage"), row)?;
        }
        for ((member, holder), it) in &self.links {
            let until = it.until.map(|it| it.millis());
            let row = params![int(member.0), int(holder.0), number(it.relation), it.since.millis(), until];
            run(connection, sql!("save_link"), row)?;
        }
        Ok(())
    }

    fn write_places(&self, connection: &Connection) -> Written {
        for (code, it) in &self.institutions {
            let (area, designations) = (it.area.number(), periods(&it.designations));
            let name = self.names.get(code);
            let row =
                params![int(code.number()), area, number(it.kind), number(it.level), designations, name];
            run(connection, sql!("save_institution"), row)?;
        }
        for ((place, own), national) in &self.mappings {
            run(connection, sql!("save_mapping"), params![int(place.number()), own, national])?;
        }
        Ok(())
    }

    fn write_bills(&self, connection: &Connection) -> Written {
        for (no, it) in &self.visits {
            let row = params![
                int(no.0),
                int(it.institution.number()),
                int(it.patient.0),
                number(it.scheme),
                int(it.enrolment.0),
                it.begun.millis(),
                it.med_type,
                it.cancelled,
            ];
            run(connection, sql!("save_visit"), row)?;
        }
        for ((visit, no), it) in &self.batches {
            let settled = it.settled.map(|it| int(it.0));
            run(connection, sql!("save_batch"), params![int(visit.0), no, settled, encode(&it.lines)])?;
        }
        for settlement in self.settlements.values() {
            save_settlement(connection, settlement)?;
        }
        for (key, it) in &self.tallies {
            let amounts = [it.deductible, it.in_scope, it.fund].map(Fen::get);
            let row = params![
                int(key.person.0),
                key.year,
                number(key.scheme),
                key.month,
                amounts[0],
                amounts[1],
                amounts[2],
            ];
            run(connection, sql!("save_tally"), row)?;
        }
        Ok(())
    }
}

fn save_settlement(connection: &Connection, it: &Settlement) -> Written {
    let shared = &it.shared;
    let row = params![
        int(it.no.0),
        int(it.visit.0),
        it.batch,
        int(it.institution.number()),
        int(it.patient.0),
        number(it.scheme),
        it.area.number(),
        it.med_type,
        number(it.purpose),
        day(it.service_day),
        it.at.millis(),
        shared.total.get(),
        shared.full_self.get(),
        shared.over_limit.get(),
        shared.first_pay.get(),
        shared.in_scope.get(),
        shared.basic.get(),
        shared.large.get(),
        shared.share.get(),
        shared.account_before.get(),
        shared.tally.deductible.get(),
        shared.tally.in_scope.get(),
        shared.tally.fund.get(),
        it.accounts().get(),
        it.from_relatives().get(),
        it.cash.get(),
        it.balance_after.get(),
        encode(&(&shared.parts, &it.draws)),
        it.bill,
        it.undoes.map(|it| int(it.0)),
        it.undone_by.map(|it| int(it.0)),
    ];
    run(connection, sql!("save_settlement"), row)?;
    let owners = it.draws.iter().map(|it| it.owner);
    let involved: BTreeSet<PersonNo> = owners.chain([it.patient]).collect();
    for person in involved {
        let row = params![int(person.0), it.at.millis(), int(it.no.0), person == it.patient];
        run(connection, sql!("save_involved"), row)?;
    }
    Ok(())
}

/// Writes a binding into the table of bindings or of their versions: the columns are the same.
fn save_binding(connection: &Connection, sql: &str, it: &Binding) -> Written {
    let stage = stage(it.stage);
    let end = it.end.map(|it| (it, why(it.why)));
    let fen = |it: Option<Fen>| it.map(Fen::get);
    let row = params![
        int(it.no.0),
        int(it.giver.0),
        int(it.beneficiary.0),
        number(it.relation),
        it.giver_area.number(),
        it.beneficiary_area.number(),
        number(it.mode),
        number(it.started.by),
        number(it.started.channel),
        it.started.clerk.map(int),
        it.started.at.millis(),
        it.commitment.version,
        it.commitment.digest.0,
        number(it.commitment.proof),
        stage.0,
        stage.1.map(|(who, ..)| number(who)),
        stage.1.map(|(_, until, _)| until),
        stage.1.map(|(.., then_review)| then_review),
        it.from.millis(),
        it.last_day.map(day),
        end.map(|(it, _)| it.at.millis()),
        end.map(|(_, (why, _))| why),
        end.map(|(_, (_, side))| number(side)),
        end.map(|(it, _)| it.decided.millis()),
        fen(it.limits.per_bill),
        fen(it.limits.per_month),
        fen(it.limits.per_year),
        it.rank,
        fen(it.quota),
        it.needs_decision,
        it.version,
        it.recorded.millis(),
    ];
    run(connection, sql, row).map(|_| ())
}

fn stage(stage: Stage) -> (i64, Option<(Side, i64, bool)>) {
    match stage {
        Stage::Awaiting { who, until, then_review } => (0, Some((who, day(until), then_review))),
        Stage::InReview => (1, None),
        Stage::Agreed => (2, None),
        Stage::Declined => (3, None),
        Stage::Withdrawn => (4, None),
        Stage::ReviewRefused => (5, None),
    }
}

fn why(why: EndReason) -> (i64, Side) {
    match why {
        EndReason::Released(side) => (0, side),
        EndReason::Died(side) => (1, side),
        EndReason::EnrolmentEnded(side) => (2, side),
        EndReason::Moved(side) => (3, side),
    }
}
