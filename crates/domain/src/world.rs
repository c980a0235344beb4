//! Facts that grow decision by decision, and the hops from what a request names to all that it needs. What belongs to
//! a person is found from the person, however much else there is.

use crate::binding::Binding;
use crate::day::Moment;
use crate::decision::{Changes, Decision, Turn};
use crate::facts::{Did, Earlier, Facts, Settlement, TallyKey, Visit};
use crate::ids::{
    AmendmentNo, Area, BindingNo, EnrolmentNo, InstitutionCode, Lookup, PersonNo, ProxyNo, SettlementNo,
    VisitNo,
};
use crate::ledger::Account;
use crate::needs::{Needs, RECENT_MS};
use crate::people::FamilyLink;
use crate::request::Request;
use crate::words::{Care, Mode, Scheme};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

/// Facts that grow. They are read as [`Facts`].
#[derive(Debug, Clone, Default)]
pub struct World {
    facts: Facts,
    /// Enrolments by person.
    enrolments: BTreeMap<PersonNo, BTreeSet<EnrolmentNo>>,
    /// Stays by patient.
    stays: BTreeMap<PersonNo, BTreeSet<VisitNo>>,
    /// Settlements by patient.
    settlements: BTreeMap<PersonNo, BTreeSet<SettlementNo>>,
    /// Bindings by giver and by beneficiary.
    bindings: BTreeMap<PersonNo, BTreeSet<BindingNo>>,
    /// Amendments by person.
    amendments: BTreeMap<PersonNo, BTreeSet<AmendmentNo>>,
    /// Holders by member.
    holders: BTreeMap<PersonNo, BTreeSet<PersonNo>>,
    /// Members by holder.
    members: BTreeMap<PersonNo, BTreeSet<PersonNo>>,
}

impl Deref for World {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.facts
    }
}

impl From<Facts> for World {
    fn from(facts: Facts) -> World {
        let mut world = World::default();
        facts.enrolments.values().for_each(|it| add(&mut world.enrolments, it.person, it.no));
        facts.visits.values().for_each(|it| world.add_visit(it));
        facts.settlements.values().for_each(|it| add(&mut world.settlements, it.patient, it.no));
        facts.bindings.values().for_each(|it| world.add_binding(it));
        facts.links.values().for_each(|it| world.add_link(it));
        facts.amendments.values().for_each(|it| add(&mut world.amendments, it.person, it.no));
        World { facts, ..world }
    }
}

fn add<T: Ord>(sets: &mut BTreeMap<PersonNo, BTreeSet<T>>, person: PersonNo, it: T) {
    sets.entry(person).or_default().insert(it);
}

/// What belongs to these people.
fn of<'a, T>(
    sets: &'a BTreeMap<PersonNo, BTreeSet<T>>,
    people: &'a BTreeSet<PersonNo>,
) -> impl Iterator<Item = &'a T> {
    people.iter().filter_map(|it| sets.get(it)).flatten()
}

impl World {
    /// Takes in what a decision changes, so that the next one sees it.
    ///
    /// # Panics
    /// Where a journal would bring a purse below zero: deciding has made sure that it does not (R-E10).
    pub fn apply(&mut self, request: &Request, turn: Turn, decision: &Decision) {
        self.facts.apply(request, turn, decision);
        if let Some(changes) = decision.changes() {
            self.add_changes(changes);
        }
    }

    fn add_changes(&mut self, changes: &Changes) {
        changes.enrolments.iter().for_each(|it| add(&mut self.enrolments, it.person, it.no));
        changes.visits.iter().for_each(|it| self.add_visit(it));
        changes.settlements.iter().for_each(|it| add(&mut self.settlements, it.patient, it.no));
        changes.bindings.iter().for_each(|it| self.add_binding(it));
        changes.links.iter().for_each(|it| self.add_link(it));
        changes.amendments.iter().for_each(|it| add(&mut self.amendments, it.person, it.no));
    }

    fn add_link(&mut self, it: &FamilyLink) {
        add(&mut self.holders, it.member, it.holder);
        add(&mut self.members, it.holder, it.member);
    }

    fn add_visit(&mut self, it: &Visit) {
        if it.stay.is_some() {
            add(&mut self.stays, it.patient, it.no);
        }
    }

    fn add_binding(&mut self, it: &Binding) {
        add(&mut self.bindings, it.giver, it.no);
        add(&mut self.bindings, it.beneficiary, it.no);
    }

    /// The part of these facts that the needs lead to. Deciding on the part gives the same as deciding on the whole.
    pub fn within(&self, needs: &Needs, at: Moment) -> Facts {
        let mut found = Facts::default();
        let mut people = needs.persons.clone();
        self.hop_earlier(needs, &mut found);
        people.extend(self.found_by(&needs.lookups, &mut found));
        let mut alone = self.found_by(&needs.alone, &mut found);
        let amended = of(&self.amendments, &needs.amendments);
        let amended = amended.filter_map(|it| self.facts.amendments.get(it));
        found.amendments.extend(amended.map(|it| (it.no, it.clone())));
        self.hop_stays(needs, &mut found);
        self.hop_bills(needs, &mut found, &mut people);
        alone.extend(found.visits.values().map(|it| it.patient));
        alone.extend(found.proxies.values().flat_map(|it| [it.patient, it.agent]));
        self.hop_histories(needs, &people, at, &mut found);
        self.hop_siblings(&mut found);
        self.hop_families(needs, &mut people, &mut found);
        people.extend(alone);
        self.hop_people(&people, &mut found);
        found
    }

    /// Who is found by these.
    fn found_by(&self, lookups: &BTreeSet<Lookup>, found: &mut Facts) -> BTreeSet<PersonNo> {
        let known = lookups.iter().filter_map(|it| Some((*it, *self.lookups.get(it)?)));
        let known: BTreeMap<Lookup, PersonNo> = known.collect();
        let people = known.values().copied().collect();
        found.lookups.extend(known);
        people
    }

    /// Earlier messages, and the settlements they made.
    fn hop_earlier(&self, needs: &Needs, found: &mut Facts) {
        for key in &needs.keys {
            if let Some(earlier) = self.earlier.get(key) {
                found.earlier.insert(key.clone(), earlier.clone());
            }
        }
    }

    /// Visits and settlements that are named, with their batches, and the people in them.
    fn hop_bills(&self, needs: &Needs, found: &mut Facts, people: &mut BTreeSet<PersonNo>) {
        let made = found.earlier.values().filter_map(|it| match it.did {
            Did::Settled(no) => Some(no),
            Did::Nothing | Did::Admitted | Did::Other | Did::Barred => None,
        });
        let named: BTreeSet<SettlementNo> = needs.settlements.iter().copied().chain(made).collect();
        for settlement in named.iter().filter_map(|it| self.facts.settlements.get(it)) {
            found.settlements.insert(settlement.no, settlement.clone());
            let undoing = settlement.undone_by.and_then(|it| self.facts.settlements.get(&it));
            found.settlements.extend(undoing.map(|it| (it.no, it.clone())));
        }
        let of_settlements = found.settlements.values().map(|it| it.visit);
        let visits: BTreeSet<VisitNo> = needs.visits.iter().copied().chain(of_settlements).collect();
        let admitted: BTreeSet<VisitNo> = found.earlier.values().filter_map(Earlier::admitted).collect();
        people.extend(visits.iter().filter_map(|it| Some(self.visits.get(it)?.patient)));
        let visits = &(&visits | &needs.visits_alone) | &admitted;
        for visit in visits.iter().filter_map(|it| self.visits.get(it)) {
            found.visits.insert(visit.no, visit.clone());
            let batches =
                self.batches.range((visit.no, String::new())..).take_while(|((it, _), _)| *it == visit.no);
            found.batches.extend(batches.map(|(key, batch)| (key.clone(), batch.clone())));
        }
        self.hop_charges(needs, found);
        self.hop_proxies(needs, found);
        let places = needs.institutions.iter().copied().chain(found.visits.values().map(|it| it.institution));
        let places: BTreeSet<InstitutionCode> = places.collect();
        let known = places.iter().filter_map(|it| self.institutions.get(it));
        found.institutions.extend(known.map(|it| (it.code, it.clone())));
        self.hop_mappings(needs, found);
        self.hop_traces(needs, found);
    }

    /// Stays that are named alone; lines of stays, and the batches that they are in.
    fn hop_charges(&self, needs: &Needs, found: &mut Facts) {
        let stays = needs.stays.iter().filter_map(|it| self.visits.get(it));
        found.visits.extend(stays.map(|it| (it.no, it.clone())));
        for key in &needs.charges {
            let Some(no) = self.charges.get(key) else { continue };
            found.charges.insert(key.clone(), no.clone());
            let batch = (key.0, no.clone());
            if let Some(it) = self.batches.get(&batch) {
                found.batches.insert(batch, it.clone());
            }
        }
    }

    /// Entrusted purchases that are named, and those by which what may be undone was bought.
    fn hop_proxies(&self, needs: &Needs, found: &mut Facts) {
        let bought = found.settlements.values().filter_map(|it| it.bought_by).map(|it| it.proxy);
        let wanted: BTreeSet<ProxyNo> = needs.proxies.iter().copied().chain(bought).collect();
        let known = wanted.iter().filter_map(|it| self.facts.proxies.get(it));
        found.proxies.extend(known.map(|it| (it.no, it.clone())));
    }

    /// Packs that are named, or on lines that may be settled or taken back, and were sold.
    fn hop_traces(&self, needs: &Needs, found: &mut Facts) {
        let settled = found.settlements.values().map(|it| (it.visit, it.batch.clone()));
        let batches: BTreeSet<(VisitNo, String)> = settled.chain(needs.packs_of.iter().cloned()).collect();
        let lines = batches.iter().filter_map(|it| found.batches.get(it)).flat_map(|it| &it.lines);
        let sold: Vec<_> = (needs.traces.iter().chain(crate::trace::codes(lines)))
            .filter_map(|it| Some((it.clone(), *self.traces.get(it)?)))
            .collect();
        found.traces.extend(sold);
    }

    /// Stays of patients at institutions.
    fn hop_stays(&self, needs: &Needs, found: &mut Facts) {
        for (place, patient) in &needs.stays_at {
            let patient = self.lookups.get(patient);
            let theirs = patient.and_then(|it| self.stays.get(it)).into_iter().flatten();
            let theirs = theirs.filter_map(|it| self.visits.get(it));
            let there = theirs.filter(|it| it.institution == *place);
            found.visits.extend(there.map(|it| (it.no, it.clone())));
        }
    }

    fn hop_mappings(&self, needs: &Needs, found: &mut Facts) {
        let uploaded = found.batches.iter().flat_map(|((visit, _), batch)| {
            let place = found.visits.get(visit).map(|it| it.institution);
            let blank = batch.lines.iter().filter(|it| it.code.is_empty());
            blank.filter_map(move |it| place.map(|place| (place, it.own_code.clone())))
        });
        let wanted: BTreeSet<_> = needs.own_codes.iter().cloned().chain(uploaded).collect();
        for key in wanted {
            if let Some(national) = self.mappings.get(&key) {
                found.mappings.insert(key, national.clone());
            }
        }
    }

    /// What these people settled lately at these institutions, or after something that may be undone; and their tallies.
    fn hop_histories(&self, needs: &Needs, people: &BTreeSet<PersonNo>, at: Moment, found: &mut Facts) {
        let since = at.plus_millis(-RECENT_MS);
        let mut firsts: BTreeMap<PersonNo, (Moment, SettlementNo)> = BTreeMap::new();
        for settlement in found.settlements.values() {
            let first = firsts.entry(settlement.patient).or_insert(settlement.order());
            *first = settlement.order().min(*first);
        }
        let years: BTreeSet<i16> = (needs.years.iter().copied())
            .chain(found.visits.values().flat_map(Visit::years))
            .chain(found.settlements.values().map(|it| it.service_day.year()))
            .collect();
        let after_first = |it: &Settlement| firsts.get(&it.patient).is_some_and(|first| it.order() > *first);
        let theirs = of(&self.settlements, people).filter_map(|it| self.facts.settlements.get(it));
        // Only a bill of the same institution and total can be the same bill again (R-E18).
        let same = |it: &Settlement| {
            needs.totals.contains(&it.shared.total) && found.institutions.contains_key(&it.institution)
        };
        let lately = |it: &Settlement| it.at > since && same(it);
        let later: Vec<Settlement> = theirs.filter(|it| lately(it) || after_first(it)).cloned().collect();
        found.settlements.extend(later.into_iter().map(|it| (it.no, it)));
        for person in people {
            let first = |year| TallyKey {
                person: *person,
                scheme: Scheme::ALL[0],
                care: Care::ALL[0],
                year,
                month: 0,
            };
            let theirs = self.tallies.range(first(i16::MIN)..).take_while(|(key, _)| key.person == *person);
            let wanted = theirs.filter(|(key, _)| years.contains(&key.year));
            found.tallies.extend(wanted.map(|(key, it)| (*key, *it)));
        }
    }

    /// What else is settled of the same visits: their bills share a deductible.
    fn hop_siblings(&self, found: &mut Facts) {
        let settled = found.batches.values().filter_map(|it| self.facts.settlements.get(&it.settled?));
        let settled: Vec<Settlement> = settled.cloned().collect();
        found.settlements.extend(settled.into_iter().map(|it| (it.no, it)));
    }

    /// Links to these people and their holders; bindings of all of them; and the quotas of the givers in these.
    fn hop_families(&self, needs: &Needs, people: &mut BTreeSet<PersonNo>, found: &mut Facts) {
        let named = needs.bindings.iter().filter_map(|it| self.facts.bindings.get(it));
        people.extend(named.flat_map(|it| [it.giver, it.beneficiary]));
        self.find_links(people, &mut *found);
        people.extend(found.links.keys().map(|(holder, _)| *holder));
        let linked = people.clone();
        let mut own = Facts::default();
        self.find_links(&linked, &mut own);
        let among = own.links.into_iter().filter(|((holder, _), _)| linked.contains(holder));
        found.links.extend(among);
        let direct: Vec<&Binding> =
            of(&self.bindings, &linked).filter_map(|it| self.facts.bindings.get(it)).collect();
        people.extend(direct.iter().flat_map(|it| [it.giver, it.beneficiary]));
        let all = of(&self.bindings, people).filter_map(|it| self.facts.bindings.get(it));
        let quotas = all.filter(|it| it.mode == Mode::Quota && people.contains(&it.giver));
        found.bindings.extend(direct.into_iter().chain(quotas).map(|it| (it.no, it.clone())));
        let drawn = found.settlements.values().flat_map(|it| it.draws.iter().filter_map(|it| it.binding));
        let drawn: Vec<&Binding> = drawn.filter_map(|it| self.facts.bindings.get(&it)).collect();
        people.extend(drawn.iter().map(|it| it.giver));
        found.bindings.extend(drawn.into_iter().map(|it| (it.no, it.clone())));
        let used = found.bindings.keys().filter_map(|it| self.usage.get(it).map(|usage| (*it, *usage)));
        found.usage = used.collect();
        self.hop_members(needs, people, found);
    }

    /// Whose codes the named holders show, and these people themselves.
    fn hop_members(&self, needs: &Needs, people: &mut BTreeSet<PersonNo>, found: &mut Facts) {
        let holders = needs.holders.iter().filter_map(|it| self.lookups.get(it));
        let pairs = holders.flat_map(|holder| {
            let members = self.members.get(holder).into_iter().flatten();
            members.map(|member| (*holder, *member))
        });
        let links: Vec<FamilyLink> = pairs.filter_map(|it| self.facts.links.get(&it).cloned()).collect();
        people.extend(links.iter().map(|it| it.member));
        found.links.extend(links.into_iter().map(|it| ((it.holder, it.member), it)));
    }

    /// All links to these members.
    fn find_links(&self, members: &BTreeSet<PersonNo>, found: &mut Facts) {
        for member in members {
            let holders = self.holders.get(member).into_iter().flatten();
            let links = holders.filter_map(|it| self.links.get(&(*it, *member)));
            found.links.extend(links.map(|it| ((it.holder, it.member), it.clone())));
        }
    }

    /// Persons, enrolments, purses.
    fn hop_people(&self, people: &BTreeSet<PersonNo>, found: &mut Facts) {
        let known = people.iter().filter_map(|it| self.persons.get(it));
        found.persons.extend(known.map(|it| (it.no, it.clone())));
        let theirs = of(&self.enrolments, people).filter_map(|it| self.facts.enrolments.get(it));
        found.enrolments.extend(theirs.map(|it| (it.no, it.clone())));
        for person in people {
            let theirs = self.purses.range(Account::Personal(*person, Area::NATION)..);
            let theirs =
                theirs.take_while(|(it, _)| matches!(it, Account::Personal(owner, _) if owner == person));
            found.purses.extend(theirs.map(|(it, balance)| (*it, *balance)));
        }
        let quotas = found.bindings.keys().map(|it| Account::Quota(*it));
        let quotas = quotas.filter_map(|it| Some((it, *self.purses.get(&it)?)));
        found.purses.extend(quotas);
    }
}
