//! What must be true after every step: one record for each key, facts as the whole world has them, rules, books.

use crate::books::Books;
use crate::rules;
use crate::sight::{self, Shown};
use domain::chain::{Sealed, encode, next};
use domain::day::Moment;
use domain::decision::Outcome;
use domain::facts::Facts;
use domain::ids::{BindingNo, Digest, Serial};
use domain::needs::Needs;
use domain::request::Key;
use domain::world::World;
use std::collections::BTreeMap;
use store::Record;

/// What is known from the records so far, and only from them.
#[derive(Default)]
pub struct Audit {
    /// All facts, as the records' decisions have made them.
    pub facts: World,
    /// Each key's record.
    pub keys: BTreeMap<Key, (Serial, Digest)>,
    /// The books, added up by hand.
    pub books: Books,
    /// Whether each binding that exists had somebody confirm it.
    pub awaited: BTreeMap<BindingNo, bool>,
    /// What each binding shows of bills.
    pub shown: Shown,
    /// The serial after the last record.
    pub next: Serial0,
}

/// The first serial that was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Serial0(pub Serial);

impl Default for Serial0 {
    fn default() -> Serial0 {
        Serial0(Serial(0))
    }
}

/// A record with the world before and after it.
pub struct Seen<'a> {
    /// The record.
    pub record: &'a Record,
    /// The facts before it.
    pub before: &'a Facts,
    /// The facts after it.
    pub after: &'a Facts,
}

impl Audit {
    /// Takes in a record that is new in the store.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn take(&mut self, record: &Record, now: Moment) -> Result<(), String> {
        let wrong = |what: String| format!("request {}: {what}", record.turn.serial);
        self.identity(record, now).map_err(wrong)?;
        let within = self.facts.within(&Needs::of([&record.request], now), now);
        if encode(&within) != record.facts {
            return Err(wrong("its facts are not those the world has".to_owned()));
        }
        let barred = self.facts.earlier.get(&record.request.key).map(|it| it.did);
        if barred == Some(domain::facts::Did::Barred) && record.decision.changes().is_some() {
            return Err(wrong("it was reversed before it arrived, and still done".to_owned()));
        }
        let before = if looks_back(record) { Facts::clone(&self.facts) } else { Facts::default() };
        self.facts.apply(&record.request, record.turn, &record.decision);
        let seen = Seen { record, before: &before, after: &self.facts };
        rules::check(&seen).map_err(wrong)?;
        rules::confirmations(&seen, &mut self.awaited).map_err(wrong)?;
        sight::check(&seen, &mut self.shown).map_err(wrong)?;
        let journal = record.decision.changes().and_then(|it| it.journal.as_ref());
        journal.map_or(Ok(()), |it| self.books.post(it, &self.facts)).map_err(wrong)
    }

    fn identity(&mut self, record: &Record, now: Moment) -> Result<(), String> {
        let entry = (record.turn.serial, record.request.digest);
        if let Some((first, _)) = self.keys.insert(record.request.key.clone(), entry) {
            return Err(format!("its key has a record already, {first}"));
        }
        if record.turn.serial < self.next.0 || record.turn.at != now {
            return Err(format!("its turn is out of order: {:?}", record.turn));
        }
        self.next = Serial0(Serial(record.turn.serial.0 + 1));
        let empty = matches!(&record.decision.outcome, Outcome::Refused(reasons) if reasons.is_empty());
        if empty { Err("it was refused without a reason".to_owned()) } else { Ok(()) }
    }
}

/// Whether what was before is looked at again: of bills, bindings and family codes.
fn looks_back(record: &Record) -> bool {
    let changes = record.decision.changes();
    changes.is_some_and(|it| {
        let bills = it.journal.is_some() || !it.settlements.is_empty() || !it.batches.is_empty();
        bills || !it.bindings.is_empty() || !it.links.is_empty()
    })
}

/// A block must not stay the same when a journal, a decision or the order of what it seals changes.
///
/// # Errors
/// What could be changed without the chain showing it.
pub fn chain_notices(records: &[Record]) -> Result<(), String> {
    let with_money = records.iter().find(|it| it.decision.changes().is_some_and(|it| it.journal.is_some()));
    let Some(record) = with_money else { return Ok(()) };
    let head = domain::chain::genesis(record.block.0);
    let Sealed { content, decision, .. } = record.sealed();
    let one = |journal, decision| {
        let one = Sealed { serial: record.turn.serial, journal, content, decision };
        next(&head, &[one]).hash
    };
    let journal = record.decision.changes().and_then(|it| it.journal.as_ref());
    let mirrored = journal.map(domain::ledger::Journal::mirrored);
    let right = one(journal, decision);
    if right == one(None, decision) || right == one(mirrored.as_ref(), decision) {
        return Err("a journal could be changed without the chain showing it".to_owned());
    }
    if right == one(journal, Digest([7; 32])) {
        return Err("a decision could be changed without the chain showing it".to_owned());
    }
    Ok(())
}
