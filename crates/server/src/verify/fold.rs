//! The world as the records have made it, one after another, held against the tables that requests are decided on.

use domain::day::Moment;
use domain::facts::Facts;
use domain::ids::{
    BindingNo, Digest, InstitutionCode, Lookup, PersonNo, ProxyNo, Serial, SettlementNo, VisitNo,
};
use domain::needs::Needs;
use domain::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use store::{Counts, Fault, Page, Query, Record, Rows, Store};

/// How many people, messages or places are compared at once.
const SLICE: usize = 500;

/// What the records come to.
#[derive(Default)]
pub(super) struct Fold {
    world: World,
    law: Option<Digest>,
    counts: Counts,
    last: BTreeMap<u16, (Serial, Moment)>,
    at: Option<Moment>,
    versions: BTreeMap<BindingNo, u64>,
}

impl Fold {
    /// Takes in a record, in the order of serials. Says what is wrong with it.
    pub(super) fn take(&mut self, record: &Record) -> Option<String> {
        let (turn, lane) = (record.turn, record.block.0);
        let before = self.last.insert(lane, (turn.serial, turn.at));
        self.at = self.at.max(Some(turn.at));
        self.counts.records += 1;
        if let Some(changes) = record.decision.changes() {
            self.counts.entries += changes.journal.as_ref().map_or(0, |it| it.entries().len() as u64);
            self.law = changes.book.or(self.law);
            changes.bindings.iter().for_each(|it| *self.versions.entry(it.no).or_default() += 1);
        }
        let world = &mut self.world;
        let applied = catch_unwind(AssertUnwindSafe(|| world.apply(&record.request, turn, &record.decision)));
        match (applied, before) {
            (Err(_), _) => Some("its decision does not fit what was there".to_owned()),
            (Ok(()), Some((serial, at))) if turn.at < at => {
                Some(format!("it was decided before request {serial} was"))
            }
            (Ok(()), _) => None,
        }
    }

    /// Compares the tables with the world. Says everything that differs.
    ///
    /// # Errors
    /// A [`Fault`] where the store cannot be read.
    pub(super) async fn compare(self, store: &dyn Store) -> Result<Vec<String>, Fault> {
        let mut findings = self.compare_counts(store).await?;
        let Some(at) = self.at else { return Ok(findings) };
        for needs in self.slices() {
            let expected = self.world.within(&needs, at);
            match store.page(&Query::Facts(Box::new(needs), at)).await {
                Ok(Page::Facts(rows)) => findings.extend(differences(&expected, &rows)),
                Ok(_) => return Err(Fault::Damaged("asked for facts, got another page".to_owned())),
                Err(Fault::Damaged(what)) => findings.push(format!("a table cannot be read: {what}")),
                Err(fault) => return Err(fault),
            }
        }
        self.compare_versions(store, &mut findings).await?;
        findings.extend(super::packs::compare(&self.world, store).await?);
        findings.sort();
        findings.dedup();
        Ok(findings)
    }

    async fn compare_counts(&self, store: &dyn Store) -> Result<Vec<String>, Fault> {
        let mut findings = Vec::new();
        let counts = Counts {
            persons: self.world.persons.len() as u64,
            settlements: self.world.settlements.len() as u64,
            ..self.counts
        };
        if store.page(&Query::Counts).await? != Page::Counts(counts) {
            findings.push("there is not as much in the store as the records have put there".to_owned());
        }
        if store.page(&Query::BookInForce).await? != Page::BookInForce(self.law) {
            findings.push("the law book in force is not the one that was published last".to_owned());
        }
        Ok(findings)
    }

    /// The last version of each binding's history is the binding, and none is missing.
    async fn compare_versions(&self, store: &dyn Store, findings: &mut Vec<String>) -> Result<(), Fault> {
        for (no, binding) in &self.world.bindings {
            let page = store.page(&Query::BindingHistory(*no)).await?;
            let Page::BindingHistory(history) = page else { continue };
            let known = self.versions.get(no).copied().unwrap_or_default();
            if history.last() != Some(binding) || history.len() as u64 != known {
                findings.push(format!("binding {}: its history is not what was decided", no.0));
            }
        }
        Ok(())
    }

    /// Everything there is, in questions of a bearable size.
    fn slices(&self) -> Vec<Needs> {
        let world = &self.world;
        let years: BTreeSet<i16> = world.tallies.keys().map(|it| it.year).collect();
        let mut of_people: BTreeMap<PersonNo, Needs> = BTreeMap::new();
        let person =
            |no: PersonNo| Needs { persons: [no].into(), amendments: [no].into(), ..Needs::default() };
        for no in world.persons.keys() {
            of_people.insert(*no, person(*no));
        }
        for (lookup, no) in &world.lookups {
            of_people.entry(*no).or_insert_with(|| person(*no)).lookups.insert(*lookup);
        }
        for visit in world.visits.values() {
            of_people.entry(visit.patient).or_insert_with(|| person(visit.patient)).visits.insert(visit.no);
        }
        for it in world.settlements.values() {
            of_people.entry(it.patient).or_insert_with(|| person(it.patient)).settlements.insert(it.no);
        }
        let people: Vec<Needs> = of_people.into_values().collect();
        let slices = people.chunks(SLICE).map(|it| Needs { years: years.clone(), ..together(it) });
        let keys: Vec<_> = world.earlier.keys().cloned().collect();
        let keys =
            keys.chunks(SLICE).map(|it| Needs { keys: it.iter().cloned().collect(), ..Needs::default() });
        let places: Vec<InstitutionCode> = world.institutions.keys().copied().collect();
        let places = places
            .chunks(SLICE)
            .map(|it| Needs { institutions: it.iter().copied().collect(), ..Needs::default() });
        let codes: Vec<_> = world.mappings.keys().cloned().collect();
        let codes = codes
            .chunks(SLICE)
            .map(|it| Needs { own_codes: it.iter().cloned().collect(), ..Needs::default() });
        let proxies: Vec<ProxyNo> = world.proxies.keys().copied().collect();
        let proxies = proxies
            .chunks(SLICE)
            .map(|it| Needs { proxies: it.iter().copied().collect(), ..Needs::default() });
        let others = proxies.chain(self.slices_of_stays());
        slices.chain(keys).chain(places).chain(codes).chain(others).collect()
    }
}

impl Fold {
    /// Lines of stays, and stays of patients at institutions.
    fn slices_of_stays(&self) -> impl Iterator<Item = Needs> {
        let charges: Vec<_> = self.world.charges.keys().cloned().collect();
        let charges: Vec<Needs> = charges
            .chunks(SLICE)
            .map(|it| Needs { charges: it.iter().cloned().collect(), ..Needs::default() })
            .collect();
        let by_person: BTreeMap<PersonNo, Lookup> =
            self.world.lookups.iter().map(|(it, no)| (*no, *it)).collect();
        let stays = self.world.visits.values().filter(|it| it.stay.is_some());
        let stays = stays.filter_map(|it| Some((it.institution, *by_person.get(&it.patient)?)));
        let stays: Vec<(InstitutionCode, Lookup)> = stays.collect();
        let stays = stays.chunks(SLICE).map(|it| Needs {
            alone: it.iter().map(|(_, patient)| *patient).collect(),
            stays_at: it.iter().copied().collect(),
            ..Needs::default()
        });
        charges.into_iter().chain(stays.collect::<Vec<_>>())
    }
}

fn together(parts: &[Needs]) -> Needs {
    Needs {
        amendments: parts.iter().flat_map(|it| it.amendments.iter().copied()).collect::<BTreeSet<PersonNo>>(),
        persons: parts.iter().flat_map(|it| it.persons.iter().copied()).collect::<BTreeSet<PersonNo>>(),
        lookups: parts.iter().flat_map(|it| it.lookups.iter().copied()).collect::<BTreeSet<Lookup>>(),
        visits: parts.iter().flat_map(|it| it.visits.iter().copied()).collect::<BTreeSet<VisitNo>>(),
        settlements: (parts.iter().flat_map(|it| it.settlements.iter().copied()))
            .collect::<BTreeSet<SettlementNo>>(),
        ..Needs::default()
    }
}

/// What the tables say otherwise than the records.
fn differences(expected: &Facts, rows: &Rows) -> Vec<String> {
    let stored = &rows.facts;
    let mut said = Vec::new();
    each("lookup", &expected.lookups, &stored.lookups, &mut said);
    each("person", &expected.persons, &stored.persons, &mut said);
    each("enrolment", &expected.enrolments, &stored.enrolments, &mut said);
    each("purse", &expected.purses, &stored.purses, &mut said);
    each("binding", &expected.bindings, &stored.bindings, &mut said);
    each("usage of binding", &expected.usage, &stored.usage, &mut said);
    each("link", &expected.links, &stored.links, &mut said);
    each("proxy", &expected.proxies, &stored.proxies, &mut said);
    each("institution", &expected.institutions, &stored.institutions, &mut said);
    each("mapping", &expected.mappings, &stored.mappings, &mut said);
    each("visit", &expected.visits, &stored.visits, &mut said);
    each("charge", &expected.charges, &stored.charges, &mut said);
    each("batch", &expected.batches, &stored.batches, &mut said);
    each("settlement", &expected.settlements, &stored.settlements, &mut said);
    each("tally", &expected.tallies, &stored.tallies, &mut said);
    each("amendment", &expected.amendments, &stored.amendments, &mut said);
    each("message", &expected.earlier, &stored.earlier, &mut said);
    said
}

fn each<K, V>(what: &str, expected: &BTreeMap<K, V>, stored: &BTreeMap<K, V>, said: &mut Vec<String>)
where
    K: Ord + std::fmt::Debug,
    V: PartialEq,
{
    if expected == stored {
        return;
    }
    let keys: BTreeSet<&K> = expected.keys().chain(stored.keys()).collect();
    for key in keys {
        let differs = match (expected.get(key), stored.get(key)) {
            (Some(expected), Some(stored)) if expected == stored => continue,
            (Some(_), Some(_)) => "is not what was decided",
            (Some(_), None) => "is missing",
            (None, _) => "was never decided",
        };
        said.push(format!("{what} {key:?} {differs}"));
    }
}
