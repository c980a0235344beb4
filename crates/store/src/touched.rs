//! The rows that a batch replaces, each once with its last state, however often its requests change it.

use crate::{Attachments, Batch, Fault};
use domain::binding::{Binding, Usage};
use domain::decision::{Changes, Turn};
use domain::facts::{Batch as Lines, Settlement, TallyKey, Visit};
use domain::fund::Tally;
use domain::ids::{BindingNo, EnrolmentNo, InstitutionCode, Lookup, PersonNo, Serial, SettlementNo, VisitNo};
use domain::ledger::{Account, Balance};
use domain::people::{Enrolment, FamilyLink, Institution, Person};
use std::collections::BTreeMap;

/// The rows that a batch replaces, and how much it adds.
#[derive(Default)]
pub(crate) struct Touched<'a> {
    /// Records, entries, persons, settlements that are new.
    pub(crate) counts: [i64; 4],
    pub(crate) persons: BTreeMap<PersonNo, &'a Person>,
    pub(crate) identities: BTreeMap<PersonNo, &'a [u8]>,
    pub(crate) lookups: BTreeMap<Lookup, PersonNo>,
    pub(crate) enrolments: BTreeMap<EnrolmentNo, &'a Enrolment>,
    /// Accounts that enrolments open and that hold nothing yet: the first to open one says its year.
    pub(crate) opened: BTreeMap<Account, Balance>,
    pub(crate) purses: BTreeMap<Account, Balance>,
    pub(crate) bindings: BTreeMap<BindingNo, &'a Binding>,
    pub(crate) usage: BTreeMap<BindingNo, &'a Usage>,
    pub(crate) links: BTreeMap<(PersonNo, PersonNo), &'a FamilyLink>,
    pub(crate) institutions: BTreeMap<InstitutionCode, &'a Institution>,
    pub(crate) names: BTreeMap<InstitutionCode, &'a str>,
    pub(crate) mappings: BTreeMap<(InstitutionCode, &'a str), &'a str>,
    pub(crate) visits: BTreeMap<VisitNo, &'a Visit>,
    pub(crate) batches: BTreeMap<(VisitNo, &'a str), &'a Lines>,
    /// In which batch lines of stays were put.
    pub(crate) charges: BTreeMap<(VisitNo, &'a str), &'a str>,
    pub(crate) settlements: BTreeMap<SettlementNo, &'a Settlement>,
    pub(crate) tallies: BTreeMap<TallyKey, &'a Tally>,
}

impl<'a> Touched<'a> {
    /// What a batch touches.
    pub(crate) fn of(batch: &'a Batch) -> Touched<'a> {
        let mut touched = Touched { purses: batch.purses.clone(), ..Touched::default() };
        for (record, attachments) in &batch.records {
            touched.counts[0] += 1;
            if let Some(changes) = record.decision.changes() {
                touched.add(record.turn.serial, changes);
                touched.attach(changes, attachments);
            }
        }
        touched.opened.retain(|it, _| !batch.purses.contains_key(it));
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
                self.opened.entry(account).or_insert(Balance::empty(enrolment.from.year()));
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
        self.charges
            .extend(it.charges.iter().map(|(visit, sn, batch)| ((*visit, sn.as_str()), batch.as_str())));
        self.settlements.extend(it.settlements.iter().map(|it| (it.no, it)));
        self.tallies.extend(it.tallies.iter().map(|(key, tally)| (*key, tally)));
    }

    /// Stays.
    pub(crate) fn stays(&self) -> impl Iterator<Item = &'a Visit> {
        self.visits.values().copied().filter(|it| it.stay.is_some())
    }

    fn attach(&mut self, changes: &'a Changes, attachments: &'a Attachments) {
        let person = changes.persons.first().map(|it| it.no);
        self.identities.extend(person.zip(attachments.identity.as_deref()));
        let place = changes.institutions.first().map(|it| it.code);
        self.names.extend(place.zip(attachments.name.as_deref()));
    }
}

/// The last turn of a batch.
pub(crate) fn last_turn(batch: &Batch) -> Result<Turn, Fault> {
    let last = batch.records.last().map(|(it, _)| it.turn);
    last.ok_or_else(|| Fault::Conflict("an empty batch".to_owned()))
}
