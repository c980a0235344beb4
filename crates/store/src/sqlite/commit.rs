//! How a batch is written, table by table: what is appended, and what is replaced, each row once with its last state.

use super::cells::save;
use super::{fault, sql};
use crate::cells::{Cell, Read, int, row};
use crate::touched::{Touched, last_turn};
use crate::{Batch, Fault, Record, notices as messages, write};
use domain::decision::Changes;
use rusqlite::{Connection, TransactionBehavior};

/// Writes a batch in one transaction.
pub(super) fn commit(connection: &mut Connection, batch: &Batch) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    append(&transaction, batch)?;
    let touched = Touched::of(batch);
    replace_people(&transaction, &touched)?;
    replace_places(&transaction, &touched)?;
    replace_bills(&transaction, &touched)?;
    let block = write::block(batch, last_turn(batch)?, touched.counts);
    save(&transaction, sql!("save_block"), [block])?;
    transaction.commit().map_err(fault)
}

/// The records and everything of them that is only ever appended.
fn append(connection: &Connection, batch: &Batch) -> Read<()> {
    let records = || batch.records.iter().map(|(it, _)| it);
    let changes = || batch.records.iter().filter_map(|(it, more)| Some((it, it.decision.changes()?, more)));
    save(connection, sql!("save_record"), records().map(without_answer))?;
    save(connection, sql!("save_answer"), records().map(answer))?;
    if save(connection, sql!("save_key"), records().map(write::arrived))? < batch.records.len() {
        return Err(Fault::Conflict("the key of a request is taken".to_owned()));
    }
    save(connection, sql!("save_entry"), changes().flat_map(|(it, changes, _)| entries(it, changes)))?;
    let involved = records().flat_map(write::involved).map(|(_, row)| row);
    save(connection, sql!("save_involved"), involved)?;
    let versions = changes().flat_map(|(_, it, _)| it.bindings.iter().map(write::binding));
    save(connection, sql!("save_binding_version"), versions)?;
    save(connection, sql!("save_notice"), changes().flat_map(|(it, changes, _)| notices(it, changes)))?;
    let documents = changes().flat_map(|(it, changes, _)| documents(it, changes));
    save(connection, sql!("save_document"), documents)?;
    let barred = changes().filter_map(|(it, changes, _)| {
        let [kind, from, id] = write::key(changes.barred.as_ref()?);
        Some([kind, from, id, Cell::from(int(it.turn.serial.0))])
    });
    save(connection, sql!("save_barred"), barred)?;
    let books = changes().filter_map(|(_, it, more)| {
        let (digest, content) = (it.book.as_ref()?, more.book.as_ref()?);
        Some(row![digest.0.as_slice(), content.as_slice()])
    });
    save(connection, sql!("save_book"), books)?;
    let laws = changes().filter_map(|(it, changes, _)| Some((it, changes.book.as_ref()?)));
    save(
        connection,
        sql!("save_law"),
        laws.map(|(it, book)| row![int(it.turn.serial.0), it.turn.at.millis(), book.0.as_slice()]),
    )?;
    Ok(())
}

/// A record as its table has it: the answer lies apart, or two records would just not fit on a page.
fn without_answer(it: &Record) -> [Cell<'_>; 14] {
    let [serial, at, kind, sender, id, digest, asked, facts, decided, engine, law, _, salt, lane, block] =
        write::record(it);
    [serial, at, kind, sender, id, digest, asked, facts, decided, engine, law, salt, lane, block]
}

fn answer(it: &Record) -> [Cell<'_>; 2] {
    row![int(it.turn.serial.0), it.answer.as_slice()]
}

fn entries<'a>(record: &'a Record, changes: &'a Changes) -> impl Iterator<Item = [Cell<'static>; 7]> {
    let entries = changes.journal.iter().flat_map(|it| it.entries());
    (0..).zip(entries).map(|(seq, it)| write::entry(record.turn, seq, it))
}

fn notices<'a>(record: &'a Record, changes: &'a Changes) -> impl Iterator<Item = [Cell<'static>; 5]> {
    (0..).zip(&changes.notices).map(|(seq, it)| messages::written(record.turn, seq, it))
}

fn documents<'a>(record: &'a Record, changes: &'a Changes) -> impl Iterator<Item = [Cell<'static>; 11]> {
    (0..).zip(&changes.documents).map(|(seq, it)| write::document(record.turn, seq, it))
}

fn replace_people(connection: &Connection, it: &Touched<'_>) -> Read<()> {
    let person = |(no, person)| write::person(person, it.identities.get(no).copied());
    save(connection, sql!("save_person"), it.persons.iter().map(|(no, it)| person((no, *it))))?;
    let forgotten = it.forgotten.iter().map(|(it, person)| write::lookup(it, *person));
    save(connection, sql!("drop_lookup"), forgotten)?;
    save(connection, sql!("save_amendment"), it.amendments.values().map(|it| write::amendment(it)))?;
    save(connection, sql!("save_lookup"), it.lookups.iter().map(|(it, person)| write::lookup(it, *person)))?;
    save(connection, sql!("save_enrolment"), it.enrolments.values().map(|it| write::enrolment(it)))?;
    save(connection, sql!("save_binding"), it.bindings.values().map(|it| write::binding(it)))?;
    save(connection, sql!("save_usage"), it.usage.iter().map(|(binding, it)| write::usage(*binding, it)))?;
    save(connection, sql!("save_proxy"), it.proxies.values().map(|it| write::proxy(it)))?;
    save(connection, sql!("save_link"), it.links.values().map(|it| write::link(it)))?;
    save(connection, sql!("save_purse"), it.purses.iter().map(|(purse, it)| write::purse(*purse, *it)))?;
    save(
        connection,
        sql!("save_empty_purse"),
        it.opened.iter().map(|(purse, it)| write::purse(*purse, *it)),
    )?;
    Ok(())
}

fn replace_places(connection: &Connection, it: &Touched<'_>) -> Read<()> {
    let place = |(code, place)| write::institution(place, it.names.get(code).copied());
    save(connection, sql!("save_institution"), it.institutions.iter().map(|(code, it)| place((code, *it))))?;
    let mappings = it.mappings.iter().map(|((place, own), national)| write::mapping(*place, own, national));
    save(connection, sql!("save_mapping"), mappings)?;
    Ok(())
}

fn replace_bills(connection: &Connection, it: &Touched<'_>) -> Read<()> {
    save(connection, sql!("save_visit"), it.visits.values().map(|it| write::visit(it)))?;
    let batches = it.batches.iter().map(|((visit, no), lines)| write::batch(*visit, no, lines));
    save(connection, sql!("save_batch"), batches)?;
    save(connection, sql!("save_stay"), it.stays().map(write::stay))?;
    let charges = it.charges.iter().map(|((visit, line), batch)| write::charge(*visit, line, batch));
    save(connection, sql!("save_charge"), charges)?;
    save(connection, sql!("save_settlement"), it.settlements.values().map(|it| write::settlement(it)))?;
    save(connection, sql!("drop_trace"), it.freed.iter().map(|(code, by)| write::trace(code, *by)))?;
    save(connection, sql!("save_trace"), it.traces.iter().map(|(code, by)| write::trace(code, *by)))?;
    save(connection, sql!("save_tally"), it.tallies.iter().map(|(key, it)| write::tally(key, it)))?;
    Ok(())
}
