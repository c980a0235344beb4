//! How a batch is written: what is appended, record by record; what is replaced, each row once with its last state.

use super::cells::save;
use super::{fault, sql};
use crate::cells::{Read, row};
use crate::touched::{Touched, last_turn};
use crate::{Attachments, Batch, Fault, Record, write};
use domain::decision::Changes;
use rusqlite::{Connection, TransactionBehavior};

/// Writes a batch in one transaction.
pub(super) fn commit(connection: &mut Connection, batch: &Batch) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    for (record, attachments) in &batch.records {
        append(&transaction, record, attachments)?;
    }
    let touched = Touched::of(batch);
    replace(&transaction, &touched)?;
    let block = write::block(batch, last_turn(batch)?, touched.counts);
    save(&transaction, sql!("save_block"), block)?;
    transaction.commit().map_err(fault)
}

/// A record and everything of it that is only ever appended.
fn append(connection: &Connection, record: &Record, attachments: &Attachments) -> Read<()> {
    save(connection, sql!("save_record"), write::record(record))?;
    if save(connection, sql!("save_key"), write::arrived(record))? == 0 {
        return Err(Fault::Conflict(format!("the key of serial {} is taken", record.turn.serial)));
    }
    record.decision.changes().map_or(Ok(()), |it| append_changes(connection, record, it, attachments))
}

fn append_changes(
    connection: &Connection,
    record: &Record,
    changes: &Changes,
    attachments: &Attachments,
) -> Read<()> {
    let turn = record.turn;
    let entries = changes.journal.iter().flat_map(|it| it.entries());
    for (seq, entry) in (0..).zip(entries) {
        save(connection, sql!("save_entry"), write::entry(turn, seq, entry))?;
    }
    for binding in &changes.bindings {
        save(connection, sql!("save_binding_version"), write::binding(binding))?;
    }
    for (seq, notice) in (0..).zip(&changes.notices) {
        save(connection, sql!("save_notice"), write::notice(turn, seq, notice))?;
    }
    if let Some(key) = &changes.barred {
        let [kind, from, id] = write::key(key);
        save(connection, sql!("save_barred"), [kind, from, id, crate::cells::int(turn.serial.0).into()])?;
    }
    if let Some(book) = &changes.book {
        if let Some(content) = &attachments.book {
            save(connection, sql!("save_book"), row![book.0.as_slice(), content.as_slice()])?;
        }
        save(connection, sql!("save_law"), write::law(turn.serial, &book.0))?;
    }
    Ok(())
}

fn replace(connection: &Connection, it: &Touched<'_>) -> Read<()> {
    replace_people(connection, it)?;
    for (purse, balance) in &it.purses {
        save(connection, sql!("save_purse"), write::purse(*purse, *balance))?;
    }
    for (purse, empty) in &it.opened {
        save(connection, sql!("save_empty_purse"), write::purse(*purse, *empty))?;
    }
    for (code, place) in &it.institutions {
        let name = it.names.get(code).copied();
        save(connection, sql!("save_institution"), write::institution(place, name))?;
    }
    for ((place, own), national) in &it.mappings {
        save(connection, sql!("save_mapping"), write::mapping(*place, own, national))?;
    }
    replace_bills(connection, it)
}

fn replace_people(connection: &Connection, it: &Touched<'_>) -> Read<()> {
    for (no, person) in &it.persons {
        let identity = it.identities.get(no).copied();
        save(connection, sql!("save_person"), write::person(person, identity))?;
    }
    for (lookup, person) in &it.lookups {
        save(connection, sql!("save_lookup"), write::lookup(lookup, *person))?;
    }
    for enrolment in it.enrolments.values() {
        save(connection, sql!("save_enrolment"), write::enrolment(enrolment))?;
    }
    for binding in it.bindings.values() {
        save(connection, sql!("save_binding"), write::binding(binding))?;
    }
    for (binding, usage) in &it.usage {
        save(connection, sql!("save_usage"), write::usage(*binding, usage))?;
    }
    for link in it.links.values() {
        save(connection, sql!("save_link"), write::link(link))?;
    }
    Ok(())
}

fn replace_bills(connection: &Connection, it: &Touched<'_>) -> Read<()> {
    for visit in it.visits.values() {
        save(connection, sql!("save_visit"), write::visit(visit))?;
    }
    for ((visit, no), lines) in &it.batches {
        save(connection, sql!("save_batch"), write::batch(*visit, no, lines))?;
    }
    for settlement in it.settlements.values() {
        save(connection, sql!("save_settlement"), write::settlement(settlement))?;
        for row in write::involved(settlement).into_values() {
            save(connection, sql!("save_involved"), row)?;
        }
    }
    for (key, tally) in &it.tallies {
        save(connection, sql!("save_tally"), write::tally(key, tally))?;
    }
    Ok(())
}
