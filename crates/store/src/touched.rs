//! The rows that a batch replaces, each once with its last state, however often its requests change it.

use crate::{Attachments, Batch, Fault};
use domain::amendment::Amendment;
use domain::binding::{Binding, Usage};
use domain::decision::{Changes, Turn};
use domain::facts::{Batch as Lines, Settlement, TallyKey, Visit};
use domain::fund::Tally;
use domain::ids::{
    AmendmentNo, BindingNo, EnrolmentNo, InstitutionCode, Lookup, PersonNo, ProxyNo, Serial, SettlementNo,
    VisitNo,
};
use domain::ledger::{Account, Balance};
use domain::people::{Enrolment, FamilyLink, Institution, Person};
use domain::proxy::Proxy;
use domain::trace::TraceCode;
use std::collections::{BTreeMap, BTreeSet};

/// The rows that a batch replaces, and how much it adds.
#[derive(Default)]
pub(crate) struct Touched<'a> {
    /// Records, entries, persons, settlements that are new.
    pub(crate) counts: [i64; 4],
    pub(crate) persons: BTreeMap<PersonNo, &'a Person>,
    pub(crate) identities: BTreeMap<PersonNo, &'a [u8]>,
    /// What people are no longer found by: taken away before anything is found anew.
    pub(crate) forgotten: BTreeMap<Lookup, PersonNo>,
    pub(crate) lookups: BTreeMap<Lookup, PersonNo>,
    pub(crate) amendments: BTreeMap<AmendmentNo, &'a Amendment>,
    pub(crate) enrolments: BTreeMap<EnrolmentNo, &'a Enrolment>,
    /// Accounts that enrolments open and that hold nothing yet: the first to open one says its year.
    pub(crate) opened: BTreeMap<Account, Balance>,
    pub(crate) purses: BTreeMap<Account, Balance>,
    pub(crate) bindings: BTreeMap<BindingNo, &'a Binding>,
    pub(crate) usage: BTreeMap<BindingNo, &'a Usage>,
    pub(crate) links: BTreeMap<(PersonNo, PersonNo), &'a FamilyLink>,
    pub(crate) proxies: BTreeMap<ProxyNo, &'a Proxy>,
    pub(crate) institutions: BTreeMap<InstitutionCode, &'a Institution>,
    pub(crate) names: BTreeMap<InstitutionCode, &'a str>,
    pub(crate) mappings: BTreeMap<(InstitutionCode, &'a str), &'a str>,
    pub(crate) visits: BTreeMap<VisitNo, &'a Visit>,
    pub(crate) batches: BTreeMap<(VisitNo, &'a str), &'a Lines>,
    /// In which batch lines of stays were put.
    pub(crate) charges: BTreeMap<(VisitNo, &'a str), &'a str>,
    pub(crate) settlements: BTreeMap<SettlementNo, &'a Settlement>,
    pub(crate) tallies: BTreeMap<TallyKey, &'a Tally>,
    /// Packs that were sold and are free again: taken away before any is sold.
    pub(crate) freed: BTreeSet<(&'a TraceCode, SettlementNo)>,
    pub(crate) traces: BTreeMap<&'a TraceCode, SettlementNo>,
}

impl<'a> Touched<'a> {
    /// What a batch touches.
    pub(crate) fn of(batch: &'a Batch) -> Touched<'a> {
        let mut touched = Touched { purses: batch.purses.clone(), ..Touched::default() };
        for (record, attachments) in &batch.records {
            touched.counts[0] += 1;
            if let Some(changes) = record.decision.changes() {
                touched.add(record.turn, changes);
                touched.attach(changes, attachments);
            }
        }
        touched.opened.retain(|it, _| !batch.purses.contains_key(it));
        touched
    }

    fn add(&mut self, turn: Turn, it: &'a Changes) {
        let entries = it.journal.as_ref().map_or(0, |it| it.entries().len());
        let new = |number: u64| Serial::creator_of(number) == turn.serial;
        let persons = it.persons.iter().filter(|it| new(it.no.0)).count();
        let settlements = it.settlements.iter().filter(|it| new(it.no.0)).count();
        for (count, more) in self.counts[1..].iter_mut().zip([entries, persons, settlements]) {
            *count += i64::try_from(more).expect("a request creates few things");
        }
        self.persons.extend(it.persons.iter().map(|it| (it.no, it)));
        for (lookup, person) in &it.forgotten {
            self.lookups.remove(lookup);
            self.forgotten.insert(*lookup, *person);
        }
        self.lookups.extend(it.lookups.iter().copied());
        self.amendments.extend(it.amendments.iter().map(|it| (it.no, it)));
        for enrolment in &it.enrolments {
            if let Some((account, empty)) = enrolment.opened_on(turn.at.day()) {
                self.opened.entry(account).or_insert(empty);
            }
            self.enrolments.insert(enrolment.no, enrolment);
        }
        self.bindings.extend(it.bindings.iter().map(|it| (it.no, it)));
        self.usage.extend(it.usage.iter().map(|(binding, usage)| (*binding, usage)));
        self.links.extend(it.links.iter().map(|it| ((it.member, it.holder), it)));
        self.proxies.extend(it.proxies.iter().map(|it| (it.no, it)));
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
        for (code, settlement) in &it.freed {
            if self.traces.get(code) == Some(settlement) {
                self.traces.remove(code);
            }
            self.freed.insert((code, *settlement));
        }
        self.traces.extend(it.traces.iter().map(|(code, settlement)| (code, *settlement)));
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
