//! Which facts requests need, and the hops by which they are found. Stores follow the same hops in a fixed number
//! of statements for any number of requests; [`Facts::within`] is the reference.

use crate::bill::Line;
use crate::binding::Binding;
use crate::day::{Day, Moment};
use crate::facts::{Did, Facts, Settlement};
use crate::ids::{BindingNo, InstitutionCode, Lookup, PersonNo, SettlementNo, VisitNo};
use crate::ledger::Account;
use crate::request::{Actor, Body, Key, Request, What};
use crate::words::Mode;
use std::collections::{BTreeMap, BTreeSet};

/// How far back settlements of a patient are loaded for the duplicate guard; `duplicate_minutes` reaches no further.
pub const RECENT_MS: i64 = 24 * 3_600_000;

/// What requests name; everything else follows from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Messages whose earlier outcome matters.
    pub keys: BTreeSet<Key>,
    /// What people are found by.
    pub lookups: BTreeSet<Lookup>,
    /// People named by number.
    pub persons: BTreeSet<PersonNo>,
    /// Institutions.
    pub institutions: BTreeSet<InstitutionCode>,
    /// Visits.
    pub visits: BTreeSet<VisitNo>,
    /// Settlements that may be undone.
    pub settlements: BTreeSet<SettlementNo>,
    /// Bindings.
    pub bindings: BTreeSet<BindingNo>,
    /// Own codes whose national code matters.
    pub own_codes: BTreeSet<(InstitutionCode, String)>,
    /// Years whose tallies matter.
    pub years: BTreeSet<i16>,
}

impl Needs {
    /// What these requests need, at the moment they are decided.
    pub fn of<'a>(requests: impl IntoIterator<Item = &'a Request>, at: Moment) -> Needs {
        let mut needs = Needs::default();
        needs.years.insert(at.day().year());
        for request in requests {
            needs.keys.insert(request.key.clone());
            needs.add_actor(&request.actor);
            needs.add_body(&request.body);
        }
        needs
    }

    fn add_actor(&mut self, actor: &Actor) {
        match actor {
            Actor::Institution(code) => {
                self.institutions.insert(*code);
            }
            Actor::Citizen(person) | Actor::Clerk { person, .. } => {
                self.persons.insert(*person);
            }
            Actor::Operator { .. } => {}
        }
    }

    fn add_body(&mut self, body: &Body) {
        match body {
            Body::AddPerson(it) => self.lookups.extend(it.lookups.iter().copied().chain(it.guardian)),
            Body::RecordDeath(it) => self.lookups.extend([it.person]),
            Body::Enrol(it) => self.lookups.extend([it.person]),
            Body::ChangeEnrolment(it) => self.lookups.extend([it.person]),
            Body::Credit(it) => self.lookups.extend([it.person]),
            Body::TakeBack(it) => self.lookups.extend([it.person]),
            Body::SetInstitution(it) => self.institutions.extend([it.code]),
            Body::MapItems(it) => self.institutions.extend([it.institution]),
            Body::LinkFamilyCode(it) => self.lookups.extend([it.holder, it.member]),
            Body::Bind(it) => self.lookups.extend([it.giver, it.beneficiary]),
            Body::ChangeBinding(it) => self.bindings.extend([it.binding]),
            Body::TakeOver(it) => self.lookups.extend([it.giver, it.beneficiary]),
            Body::Publish(_) => {}
            Body::Register(_)
            | Body::CancelVisit(_)
            | Body::StateVisit(_)
            | Body::Upload(_)
            | Body::RemoveLines(_)
            | Body::Settle(_)
            | Body::Cancel(_)
            | Body::RefundPart(_)
            | Body::Reverse(_) => self.add_bill(body),
        }
    }

    fn add_bill(&mut self, body: &Body) {
        match body {
            Body::Register(it) => {
                self.lookups.extend([it.patient, it.credential.holder]);
                self.lookups.extend(it.credential.serial);
                self.years.insert(it.begun.day().year());
            }
            Body::CancelVisit(it) => self.add_visit(it.patient, it.visit),
            Body::StateVisit(it) => {
                self.add_visit(it.of.patient, it.of.visit);
                // The visit may move to this year, and be settled in the same batch.
                self.years.insert(it.begun.day().year());
            }
            Body::RemoveLines(it) => self.add_visit(it.of.patient, it.of.visit),
            Body::Upload(it) => {
                self.add_visit(it.of.patient, it.of.visit);
                it.batches.iter().for_each(|(_, lines)| self.add_lines(lines));
            }
            Body::Settle(it) => {
                let givers = it.giver_credentials.iter().map(|it| it.holder);
                self.lookups.extend([it.patient, it.credential.holder].into_iter().chain(givers));
                self.lookups.extend(it.credential.serial);
                match &it.what {
                    What::Batch { visit, .. } => {
                        self.visits.insert(*visit);
                    }
                    What::Lines { begun, lines } => {
                        self.years.insert(begun.day().year());
                        self.add_lines(lines);
                    }
                }
            }
            Body::Cancel(it) => {
                self.add_visit(it.of.patient, it.of.visit);
                self.settlements.insert(it.settlement);
            }
            Body::RefundPart(it) => {
                self.add_visit(it.of.patient, it.of.visit);
                self.settlements.insert(it.settlement);
                self.add_lines(&it.remaining);
            }
            Body::Reverse(it) => {
                self.lookups.insert(it.patient);
                self.keys.insert(it.original.clone());
            }
            Body::AddPerson(_)
            | Body::RecordDeath(_)
            | Body::Enrol(_)
            | Body::ChangeEnrolment(_)
            | Body::Credit(_)
            | Body::TakeBack(_)
            | Body::SetInstitution(_)
            | Body::MapItems(_)
            | Body::LinkFamilyCode(_)
            | Body::Bind(_)
            | Body::ChangeBinding(_)
            | Body::TakeOver(_)
            | Body::Publish(_) => {}
        }
    }

    fn add_visit(&mut self, patient: Lookup, visit: VisitNo) {
        self.lookups.insert(patient);
        self.visits.insert(visit);
    }

    /// Lines without a national code need their institution's mapping. In one batch of requests several institutions
    /// are known here; a mapping too many does no harm.
    fn add_lines(&mut self, lines: &[Line]) {
        for line in lines.iter().filter(|it| it.code.is_empty()) {
            let codes: Vec<InstitutionCode> = self.institutions.iter().copied().collect();
            self.own_codes.extend(codes.into_iter().map(|it| (it, line.own_code.clone())));
        }
    }
}

impl Facts {
    /// The part of these facts that the needs lead to. Deciding on the part gives the same as deciding on the whole.
    pub fn within(&self, needs: &Needs, at: Moment) -> Facts {
        let mut found = Facts::default();
        let mut people = needs.persons.clone();
        self.hop_earlier(needs, &mut found);
        self.hop_bills(needs, &mut found, &mut people);
        for lookup in &needs.lookups {
            if let Some(person) = self.lookups.get(lookup) {
                found.lookups.insert(*lookup, *person);
                people.insert(*person);
            }
        }
        self.hop_histories(needs, &people, at, &mut found);
        self.hop_siblings(&mut found);
        self.hop_families(needs, &mut people, &mut found);
        self.hop_people(&people, &mut found);
        found
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
            Did::Nothing | Did::Other | Did::Barred => None,
        });
        let named: BTreeSet<SettlementNo> = needs.settlements.iter().copied().chain(made).collect();
        for settlement in named.iter().filter_map(|it| self.settlements.get(it)) {
            found.settlements.insert(settlement.no, settlement.clone());
            let undoing = settlement.undone_by.and_then(|it| self.settlements.get(&it));
            found.settlements.extend(undoing.map(|it| (it.no, it.clone())));
        }
        let of_settlements = found.settlements.values().map(|it| it.visit);
        let visits: BTreeSet<VisitNo> = needs.visits.iter().copied().chain(of_settlements).collect();
        for visit in visits.iter().filter_map(|it| self.visits.get(it)) {
            people.insert(visit.patient);
            found.visits.insert(visit.no, visit.clone());
            let batches =
                self.batches.range((visit.no, String::new())..).take_while(|((it, _), _)| *it == visit.no);
            found.batches.extend(batches.map(|(key, batch)| (key.clone(), batch.clone())));
        }
        let places = needs.institutions.iter().copied().chain(found.visits.values().map(|it| it.institution));
        let places: BTreeSet<InstitutionCode> = places.collect();
        let known = places.iter().filter_map(|it| self.institutions.get(it));
        found.institutions.extend(known.map(|it| (it.code, it.clone())));
        self.hop_mappings(needs, found);
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

    /// What these people settled lately, or after something that may be undone; and their tallies.
    fn hop_histories(&self, needs: &Needs, people: &BTreeSet<PersonNo>, at: Moment, found: &mut Facts) {
        let since = at.plus_millis(-RECENT_MS);
        let mut firsts: BTreeMap<PersonNo, (Moment, SettlementNo)> = BTreeMap::new();
        for settlement in found.settlements.values() {
            let first = firsts.entry(settlement.patient).or_insert(settlement.order());
            *first = settlement.order().min(*first);
        }
        let after_first = |it: &Settlement| firsts.get(&it.patient).is_some_and(|first| it.order() > *first);
        let later = |it: &&Settlement| it.at > since || after_first(it);
        let theirs = self.settlements.values().filter(|it| people.contains(&it.patient)).filter(later);
        let theirs: Vec<Settlement> = theirs.cloned().collect();
        let years: BTreeSet<i16> = (needs.years.iter().copied())
            .chain(found.visits.values().map(|it| it.begun.day().year()))
            .chain(found.settlements.values().map(|it: &Settlement| Day::year(it.service_day)))
            .collect();
        found.settlements.extend(theirs.into_iter().map(|it| (it.no, it)));
        let wanted = |it: &crate::facts::TallyKey| people.contains(&it.person) && years.contains(&it.year);
        found.tallies.extend(self.tallies.iter().filter(|(key, _)| wanted(key)).map(|(key, it)| (*key, *it)));
    }

    /// What else is settled of the same visits: their bills share a deductible.
    fn hop_siblings(&self, found: &mut Facts) {
        let settled = found.batches.values().filter_map(|it| self.settlements.get(&it.settled?));
        let settled: Vec<Settlement> = settled.cloned().collect();
        found.settlements.extend(settled.into_iter().map(|it| (it.no, it)));
    }

    /// Links to these people and their holders; bindings of all of them; and the quotas of the givers in these.
    fn hop_families(&self, needs: &Needs, people: &mut BTreeSet<PersonNo>, found: &mut Facts) {
        let named = needs.bindings.iter().filter_map(|it| self.bindings.get(it));
        people.extend(named.flat_map(|it| [it.giver, it.beneficiary]));
        let links = self.links.iter().filter(|((_, member), _)| people.contains(member));
        found.links.extend(links.map(|(key, it)| (*key, it.clone())));
        people.extend(found.links.keys().map(|(holder, _)| *holder));
        let linked: BTreeSet<PersonNo> = people.clone();
        let own = self
            .links
            .iter()
            .filter(|((holder, member), _)| linked.contains(holder) && linked.contains(member));
        found.links.extend(own.map(|(key, it)| (*key, it.clone())));
        let touches = |it: &&Binding| linked.contains(&it.giver) || linked.contains(&it.beneficiary);
        let direct: Vec<&Binding> = self.bindings.values().filter(touches).collect();
        people.extend(direct.iter().flat_map(|it| [it.giver, it.beneficiary]));
        let quota = |it: &&Binding| it.mode == Mode::Quota && people.contains(&it.giver);
        let quotas: Vec<&Binding> = self.bindings.values().filter(quota).collect();
        let all = direct.into_iter().chain(quotas);
        found.bindings.extend(all.map(|it| (it.no, it.clone())));
        let drawn = found.settlements.values().flat_map(|it| it.draws.iter().filter_map(|it| it.binding));
        let drawn: Vec<&Binding> = drawn.filter_map(|it| self.bindings.get(&it)).collect();
        people.extend(drawn.iter().map(|it| it.giver));
        found.bindings.extend(drawn.into_iter().map(|it| (it.no, it.clone())));
        let used = found.bindings.keys().filter_map(|it| self.usage.get(it).map(|usage| (*it, *usage)));
        found.usage = used.collect();
    }

    /// Persons, enrolments, purses.
    fn hop_people(&self, people: &BTreeSet<PersonNo>, found: &mut Facts) {
        let known = people.iter().filter_map(|it| self.persons.get(it));
        found.persons.extend(known.map(|it| (it.no, it.clone())));
        let theirs = self.enrolments.values().filter(|it| people.contains(&it.person));
        found.enrolments.extend(theirs.map(|it| (it.no, it.clone())));
        let purse = |account: &Account| match account {
            Account::Personal(owner, _) => people.contains(owner),
            Account::Quota(binding) => found.bindings.contains_key(binding),
            Account::Fund(..)
            | Account::Institution(_)
            | Account::Interarea(..)
            | Account::Intake(_)
            | Account::Receivable(..) => false,
        };
        found.purses =
            self.purses.iter().filter(|(it, _)| purse(it)).map(|(it, balance)| (*it, *balance)).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Digest;
    use crate::request::{Sender, StateVisit, VisitRef};

    /// If this fails, a visit moved into another year and settled in the same batch is settled on tallies that were
    /// never loaded.
    #[test]
    fn a_visit_that_is_moved_needs_the_tallies_of_its_new_year() {
        let at = Moment::parse("2026-01-05 10:00").expect("valid");
        let code = InstitutionCode::parse("H32030000001").expect("valid");
        let begun = Moment::parse("2025-12-30 10:00").expect("valid");
        let of = VisitRef { visit: VisitNo(4), patient: Lookup([1; 16]) };
        let body = Body::StateVisit(StateVisit { of, med_type: "11".to_owned(), begun });
        let key = Key { sender: Sender::Institution(code), id: "1".to_owned() };
        let request = Request { key, digest: Digest::of(&[]), actor: Actor::Institution(code), body };
        assert_eq!(Needs::of([&request], at).years, BTreeSet::from([2025, 2026]));
    }
}
