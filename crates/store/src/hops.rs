//! How facts are loaded, whatever holds them: the hops of [`domain::world::World::within`], each a question for all requests
//! together. Questions that do not wait for each other's answers are asked at once.

use crate::Fault;
use domain::amendment::Amendment;
use domain::binding::{Binding, Usage};
use domain::day::Moment;
use domain::facts::{Batch, Did, Earlier, Facts, Settlement, TallyKey, Visit};
use domain::fund::Tally;
use domain::ids::{BindingNo, InstitutionCode, Lookup, PersonNo, ProxyNo, SettlementNo, VisitNo};
use domain::ledger::{Account, Balance};
use domain::needs::{Needs, RECENT_MS};
use domain::people::{Enrolment, FamilyLink, Institution, Person};
use domain::proxy::Proxy;
use domain::request::Key;
use domain::trace::{TraceCode, codes};
use domain::words::Mode;
use std::collections::{BTreeMap, BTreeSet};
use tokio::try_join;

pub(crate) type Loaded<T = ()> = Result<T, Fault>;

/// Place and time of the earliest settlement of each patient that may be undone.
pub(crate) type Firsts = BTreeMap<PersonNo, (Moment, SettlementNo)>;
/// Bindings, each with its giver: who says where it is found.
pub(crate) type Givers = BTreeMap<BindingNo, PersonNo>;

/// What can be read from tables. Nothing is asked for nothing: lists are never empty.
pub(crate) trait Tables {
    /// What became of messages, and whether the record that says so is the message's own.
    async fn keys(&self, keys: &BTreeSet<Key>) -> Loaded<Vec<(Key, bool, Earlier)>>;
    async fn lookups(&self, lookups: &BTreeSet<Lookup>) -> Loaded<Vec<(Lookup, PersonNo)>>;
    /// Settlements, with what undid them.
    async fn settlements(&self, numbers: &BTreeSet<SettlementNo>) -> Loaded<Vec<Settlement>>;
    async fn visits(&self, numbers: &BTreeSet<VisitNo>) -> Loaded<Vec<Visit>>;
    async fn batches(&self, visits: &BTreeSet<VisitNo>) -> Loaded<Vec<((VisitNo, String), Batch)>>;
    /// In which batches lines of stays were put.
    async fn charges(&self, wanted: &BTreeSet<(VisitNo, String)>)
    -> Loaded<Vec<((VisitNo, String), String)>>;
    /// Batches of stays by number.
    async fn charged(&self, wanted: &BTreeSet<(VisitNo, String)>) -> Loaded<Vec<((VisitNo, String), Batch)>>;
    /// Stays of patients at institutions.
    async fn stays(&self, wanted: &BTreeSet<(PersonNo, InstitutionCode)>) -> Loaded<Vec<VisitNo>>;
    async fn institutions(
        &self,
        codes: &BTreeSet<InstitutionCode>,
    ) -> Loaded<Vec<(Institution, Option<String>)>>;
    async fn mappings(
        &self,
        wanted: &BTreeSet<(InstitutionCode, String)>,
    ) -> Loaded<Vec<((InstitutionCode, String), String)>>;
    /// Amendments of what these people are known by.
    async fn amendments(&self, people: &BTreeSet<PersonNo>) -> Loaded<Vec<Amendment>>;
    /// The two people of each of these bindings.
    async fn sides(&self, bindings: &BTreeSet<BindingNo>) -> Loaded<Vec<[PersonNo; 2]>>;
    /// Settlements that these patients had after a moment.
    async fn recent(&self, people: &BTreeSet<PersonNo>, since: Moment) -> Loaded<Vec<Settlement>>;
    /// Settlements that patients had after one of theirs.
    async fn later(&self, firsts: &Firsts) -> Loaded<Vec<Settlement>>;
    async fn tallies(
        &self,
        people: &BTreeSet<PersonNo>,
        years: &BTreeSet<i16>,
    ) -> Loaded<Vec<(TallyKey, Tally)>>;
    /// Family codes of these people that others can show.
    async fn links(&self, people: &BTreeSet<PersonNo>) -> Loaded<Vec<FamilyLink>>;
    /// Family codes of these people that others of them can show.
    async fn links_between(&self, people: &BTreeSet<PersonNo>) -> Loaded<Vec<FamilyLink>>;
    /// Family codes of others that these people can show.
    async fn links_by(&self, holders: &BTreeSet<PersonNo>) -> Loaded<Vec<FamilyLink>>;
    /// Bindings that these people are in, on either side.
    async fn bindings_of(&self, people: &BTreeSet<PersonNo>) -> Loaded<Vec<Binding>>;
    /// Quotas of these givers.
    async fn quotas_by(&self, givers: &BTreeSet<PersonNo>) -> Loaded<Vec<Binding>>;
    async fn bindings(&self, bindings: &Givers) -> Loaded<Vec<Binding>>;
    async fn usage(&self, bindings: &Givers) -> Loaded<Vec<(BindingNo, Usage)>>;
    /// Entrusted purchases.
    async fn proxies(&self, numbers: &BTreeSet<ProxyNo>) -> Loaded<Vec<Proxy>>;
    /// Packs that were sold.
    async fn traces(&self, wanted: &BTreeSet<TraceCode>) -> Loaded<Vec<(TraceCode, SettlementNo)>>;
    async fn persons(&self, people: &BTreeSet<PersonNo>) -> Loaded<Vec<(Person, Option<Vec<u8>>)>>;
    async fn enrolments(&self, people: &BTreeSet<PersonNo>) -> Loaded<Vec<Enrolment>>;
    /// Accounts of people, of whom there are some, and quotas of bindings, of which there may be none.
    async fn purses(&self, people: &BTreeSet<PersonNo>, quotas: &Givers) -> Loaded<Vec<(Account, Balance)>>;
}

/// What was found.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) facts: Facts,
    pub(crate) identities: BTreeMap<PersonNo, Vec<u8>>,
    pub(crate) names: BTreeMap<InstitutionCode, String>,
    /// Messages that arrived themselves; the others were barred before they came.
    pub(crate) arrived: BTreeSet<Key>,
}

/// What is being found, and where.
struct Search<'a, T> {
    tables: &'a T,
    needs: &'a Needs,
    people: BTreeSet<PersonNo>,
    /// People of whom nothing but themselves matters.
    alone: BTreeSet<PersonNo>,
    found: Found,
}

/// The facts that needs lead to.
pub(crate) async fn find<T: Tables>(tables: &T, needs: &Needs, at: Moment) -> Loaded<Found> {
    let (people, alone) = (needs.persons.clone(), BTreeSet::new());
    let mut search = Search { tables, needs, people, alone, found: Found::default() };
    let sides = search.hop_named().await?;
    search.hop_stays().await?;
    search.hop_bills().await?;
    search.hop_histories(sides, at).await?;
    search.hop_people().await?;
    Ok(search.found)
}

/// Asks, unless it is about nothing.
async fn ask<T>(nothing: bool, question: impl Future<Output = Loaded<Vec<T>>>) -> Loaded<Vec<T>> {
    if nothing { Ok(Vec::new()) } else { question.await }
}

impl<T: Tables> Search<'_, T> {
    /// All that is named; what it says of the sides of bindings is for later hops.
    async fn hop_named(&mut self) -> Loaded<BTreeSet<PersonNo>> {
        let (tables, needs) = (self.tables, self.needs);
        let (wanted, whole) = (&needs.lookups | &needs.alone, &needs.visits | &needs.visits_alone);
        let visits = &whole | &needs.stays;
        let (keys, amended, lookups, settlements, visits, batches, charges, places, mappings, sides, proxies) =
            try_join!(
                ask(needs.keys.is_empty(), tables.keys(&needs.keys)),
                ask(needs.amendments.is_empty(), tables.amendments(&needs.amendments)),
                ask(wanted.is_empty(), tables.lookups(&wanted)),
                ask(needs.settlements.is_empty(), tables.settlements(&needs.settlements)),
                ask(visits.is_empty(), tables.visits(&visits)),
                ask(whole.is_empty(), tables.batches(&whole)),
                ask(needs.charges.is_empty(), tables.charges(&needs.charges)),
                ask(needs.institutions.is_empty(), tables.institutions(&needs.institutions)),
                ask(needs.own_codes.is_empty(), tables.mappings(&needs.own_codes)),
                ask(needs.bindings.is_empty(), tables.sides(&needs.bindings)),
                ask(needs.proxies.is_empty(), tables.proxies(&needs.proxies)),
            )?;
        for (key, arrived, earlier) in keys {
            self.found.arrived.extend(arrived.then(|| key.clone()));
            self.found.facts.earlier.insert(key, earlier);
        }
        self.found.facts.amendments.extend(amended.into_iter().map(|it| (it.no, it)));
        let named = lookups.iter().filter(|(it, _)| needs.lookups.contains(it));
        self.people.extend(named.map(|(_, person)| *person));
        self.alone.extend(lookups.iter().map(|(_, person)| *person));
        self.found.facts.lookups.extend(lookups);
        self.take_settlements(settlements);
        self.take_visits(visits);
        self.found.facts.batches.extend(batches);
        self.found.facts.charges.extend(charges);
        self.take_places(places);
        self.found.facts.mappings.extend(mappings);
        self.take_proxies(proxies);
        Ok(sides.into_iter().flatten().collect())
    }

    /// The batches of lines that were named, and other stays of patients: only messages about stays lead there.
    async fn hop_stays(&mut self) -> Loaded {
        let (tables, facts) = (self.tables, &self.found.facts);
        let charged = facts.charges.iter().map(|((visit, _), batch)| (*visit, batch.clone()));
        let charged = missing(charged, &facts.batches);
        let patient = |lookup| facts.lookups.get(lookup).copied();
        let theirs = self.needs.stays_at.iter().filter_map(|(place, it)| Some((patient(it)?, *place)));
        let theirs: BTreeSet<(PersonNo, InstitutionCode)> = theirs.collect();
        let (charged, stays) = try_join!(
            ask(charged.is_empty(), tables.charged(&charged)),
            ask(theirs.is_empty(), tables.stays(&theirs)),
        )?;
        self.found.facts.batches.extend(charged);
        let stays = missing(stays.into_iter(), &self.found.facts.visits);
        let stays = ask(stays.is_empty(), tables.visits(&stays)).await?;
        self.take_visits(stays);
        Ok(())
    }

    /// What follows from messages, settlements and visits: each step is rare, or leads nowhere.
    async fn hop_bills(&mut self) -> Loaded {
        let made = self.found.facts.earlier.values().filter_map(|it| match it.did {
            Did::Settled(no) => Some(no),
            Did::Nothing | Did::Admitted | Did::Other | Did::Barred => None,
        });
        let made = missing(made, &self.found.facts.settlements);
        let settlements = ask(made.is_empty(), self.tables.settlements(&made)).await?;
        self.take_settlements(settlements);
        let admitted = self.found.facts.earlier.values().filter_map(Earlier::admitted);
        let visits = self.found.facts.settlements.values().map(|it| it.visit).chain(admitted);
        // Of a stay that is known, its batches may not be.
        let known = &self.needs.visits | &self.needs.visits_alone;
        let visits: BTreeSet<VisitNo> = visits.filter(|it| !known.contains(it)).collect();
        let bought = self.found.facts.settlements.values().filter_map(|it| it.bought_by);
        let bought = missing(bought.map(|it| it.proxy), &self.found.facts.proxies);
        let (visits, batches, proxies) = try_join!(
            ask(visits.is_empty(), self.tables.visits(&visits)),
            ask(visits.is_empty(), self.tables.batches(&visits)),
            ask(bought.is_empty(), self.tables.proxies(&bought)),
        )?;
        self.take_proxies(proxies);
        self.take_visits(visits);
        self.found.facts.batches.extend(batches);
        let places = self.found.facts.visits.values().map(|it| it.institution);
        let places = missing(places, &self.found.facts.institutions);
        let blank = &self.blank_lines() - &self.needs.own_codes;
        let packs = self.packs();
        let (places, mappings, traces) = try_join!(
            ask(places.is_empty(), self.tables.institutions(&places)),
            ask(blank.is_empty(), self.tables.mappings(&blank)),
            ask(packs.is_empty(), self.tables.traces(&packs)),
        )?;
        self.take_places(places);
        self.found.facts.mappings.extend(mappings);
        self.found.facts.traces.extend(traces);
        self.take_patients();
        Ok(())
    }

    /// Patients of the visits: those of visits that are named alone are alone, too.
    fn take_patients(&mut self) {
        let facts = &self.found.facts;
        let of_settlements = facts.settlements.values().map(|it| it.visit);
        let named: BTreeSet<VisitNo> = self.needs.visits.iter().copied().chain(of_settlements).collect();
        self.people.extend(named.iter().filter_map(|it| Some(facts.visits.get(it)?.patient)));
        self.alone.extend(facts.visits.values().map(|it| it.patient));
    }

    /// Own codes of uploaded lines that state no national one.
    fn blank_lines(&self) -> BTreeSet<(InstitutionCode, String)> {
        let facts = &self.found.facts;
        let blank = facts.batches.iter().flat_map(|((visit, _), batch)| {
            let place = facts.visits.get(visit).map(|it| it.institution);
            let blank = batch.lines.iter().filter(|it| it.code.is_empty());
            blank.filter_map(move |it| place.map(|place| (place, it.own_code.clone())))
        });
        blank.collect()
    }

    /// Trace codes that are named, or are on lines that may be settled or taken back.
    fn packs(&self) -> BTreeSet<TraceCode> {
        let facts = &self.found.facts;
        let settled = facts.settlements.values().map(|it| (it.visit, it.batch.clone()));
        let batches: BTreeSet<(VisitNo, String)> =
            settled.chain(self.needs.packs_of.iter().cloned()).collect();
        let lines = batches.iter().filter_map(|it| facts.batches.get(it)).flat_map(|it| &it.lines);
        self.needs.traces.iter().chain(codes(lines)).cloned().collect()
    }

    /// What these people settled lately at these institutions, or after something that may be undone, and their
    /// tallies; what else is settled of the same visits, whose bills share a deductible. Beside it their families: they are not waited for.
    async fn hop_histories(&mut self, sides: BTreeSet<PersonNo>, at: Moment) -> Loaded {
        let (tables, facts) = (self.tables, &self.found.facts);
        let years: BTreeSet<i16> = (self.needs.years.iter().copied())
            .chain(facts.visits.values().flat_map(Visit::years))
            .chain(facts.settlements.values().map(|it| it.service_day.year()))
            .collect();
        let mut firsts = Firsts::new();
        for settlement in facts.settlements.values().filter(|it| self.people.contains(&it.patient)) {
            let first = firsts.entry(settlement.patient).or_insert(settlement.order());
            *first = settlement.order().min(*first);
        }
        let of_batches = facts.batches.values().filter_map(|it| it.settled);
        let siblings = missing(of_batches, &facts.settlements);
        let (patients, since) = (self.people.clone(), at.plus_millis(-RECENT_MS));
        let places = self.needs.institutions.iter().copied();
        let places: BTreeSet<InstitutionCode> =
            places.chain(facts.visits.values().map(|it| it.institution)).collect();
        let totals = &self.needs.totals;
        self.people.extend(sides);
        let people = &self.people;
        let (recent, later, tallies, siblings, links, direct) = try_join!(
            ask(patients.is_empty() || totals.is_empty(), tables.recent(&patients, since)),
            ask(firsts.is_empty(), tables.later(&firsts)),
            ask(patients.is_empty(), tables.tallies(&patients, &years)),
            ask(siblings.is_empty(), tables.settlements(&siblings)),
            ask(people.is_empty(), tables.links(people)),
            ask(people.is_empty(), tables.bindings_of(people)),
        )?;
        // Only a bill of the same institution and total can be the same bill again (R-E18).
        let same = |it: &Settlement| places.contains(&it.institution) && totals.contains(&it.shared.total);
        let recent = recent.into_iter().filter(same);
        self.take_settlements(recent.chain(later).chain(siblings));
        self.found.facts.tallies.extend(tallies);
        self.hop_families(links, direct).await
    }

    /// Links to these people and their holders, and all links of holders that are named; bindings of all of them; the quotas
    /// of the givers in these; and bindings that settlements drew on.
    async fn hop_families(&mut self, links: Vec<FamilyLink>, direct: Vec<Binding>) -> Loaded {
        let holders: BTreeSet<PersonNo> = links.iter().map(|it| it.holder).collect();
        let holders = &holders - &self.people;
        self.people.extend(&holders);
        let facts = &self.found.facts;
        let named = self.needs.holders.iter().filter_map(|it| facts.lookups.get(it).copied());
        let named: BTreeSet<PersonNo> = named.collect();
        let (own, theirs, held) = try_join!(
            ask(holders.is_empty(), self.tables.links_between(&self.people)),
            ask(holders.is_empty(), self.tables.bindings_of(&holders)),
            ask(named.is_empty(), self.tables.links_by(&named)),
        )?;
        self.alone.extend(held.iter().map(|it| it.member));
        let links = links.into_iter().chain(own).chain(held);
        self.found.facts.links.extend(links.map(|it| ((it.holder, it.member), it)));
        let asked = self.people.clone();
        let direct: Vec<Binding> = direct.into_iter().chain(theirs).collect();
        self.people.extend(direct.iter().flat_map(|it| [it.giver, it.beneficiary]));
        self.found.facts.bindings.extend(direct.into_iter().map(|it| (it.no, it)));
        let relatives = &self.people - &asked;
        let drawn = self.drawn();
        let (quotas, drawn) = try_join!(
            ask(relatives.is_empty(), self.tables.quotas_by(&relatives)),
            ask(drawn.is_empty(), self.tables.bindings(&drawn)),
        )?;
        self.people.extend(drawn.iter().map(|it| it.giver));
        self.found.facts.bindings.extend(quotas.into_iter().chain(drawn).map(|it| (it.no, it)));
        Ok(())
    }

    /// Bindings that settlements drew on and that nobody has led to yet.
    fn drawn(&self) -> Givers {
        let facts = &self.found.facts;
        let draws = facts.settlements.values().flat_map(|it| &it.draws);
        let drawn = draws.filter_map(|it| Some((it.binding?, it.owner)));
        drawn.filter(|(binding, _)| !facts.bindings.contains_key(binding)).collect()
    }

    /// Persons, enrolments, purses, and what bindings have spent.
    async fn hop_people(&mut self) -> Loaded {
        let (tables, people) = (self.tables, &(&self.people | &self.alone));
        let all = self.found.facts.bindings.values();
        let bindings: Givers = all.clone().map(|it| (it.no, it.giver)).collect();
        let quotas: Givers = all.filter(|it| it.mode == Mode::Quota).map(|it| (it.no, it.giver)).collect();
        let (persons, enrolments, purses, usage) = try_join!(
            ask(people.is_empty(), tables.persons(people)),
            ask(people.is_empty(), tables.enrolments(people)),
            ask(people.is_empty(), tables.purses(people, &quotas)),
            ask(bindings.is_empty(), tables.usage(&bindings)),
        )?;
        let found = &mut self.found;
        for (person, identity) in persons {
            found.identities.extend(identity.map(|it| (person.no, it)));
            found.facts.persons.insert(person.no, person);
        }
        found.facts.enrolments.extend(enrolments.into_iter().map(|it| (it.no, it)));
        found.facts.purses.extend(purses);
        found.facts.usage.extend(usage);
        Ok(())
    }

    fn take_settlements(&mut self, settlements: impl IntoIterator<Item = Settlement>) {
        self.found.facts.settlements.extend(settlements.into_iter().map(|it| (it.no, it)));
    }

    fn take_proxies(&mut self, proxies: Vec<Proxy>) {
        self.alone.extend(proxies.iter().flat_map(|it| [it.patient, it.agent]));
        self.found.facts.proxies.extend(proxies.into_iter().map(|it| (it.no, it)));
    }

    fn take_visits(&mut self, visits: Vec<Visit>) {
        self.found.facts.visits.extend(visits.into_iter().map(|it| (it.no, it)));
    }

    fn take_places(&mut self, places: Vec<(Institution, Option<String>)>) {
        for (place, name) in places {
            self.found.names.extend(name.map(|it| (place.code, it)));
            self.found.facts.institutions.insert(place.code, place);
        }
    }
}

/// Those of the wanted that are not there yet.
fn missing<K: Ord, V>(wanted: impl Iterator<Item = K>, known: &BTreeMap<K, V>) -> BTreeSet<K> {
    wanted.filter(|it| !known.contains_key(it)).collect()
}
