//! The tables as hops read them: each question once for every home that it is about, all at once.

use super::cells::{Column, Columns};
use super::homes::{ByHome, Spread, by_home};
use super::lane::Stamp;
use super::session::{Param, Session, Sql, sql};
use crate::cells::{Cells, Read, int, number, row};
use crate::hops::{Firsts, Givers, Loaded, Tables};
use crate::{Fault, LaneNo, Record, read, write};
use domain::amendment::Amendment;
use domain::binding::{Binding, Usage};
use domain::day::Moment;
use domain::decision::Turn;
use domain::facts::{Batch, Earlier, Facts, Settlement, TallyKey, Visit};
use domain::fund::Tally;
use domain::ids::{BindingNo, InstitutionCode, Lookup, PersonNo, ProxyNo, Serial, SettlementNo, VisitNo};
use domain::ledger::{Account, Balance, Entry};
use domain::people::{Enrolment, FamilyLink, Institution, Person};
use domain::proxy::Proxy;
use domain::request::Key;
use domain::trace::TraceCode;
use domain::words::Mode;
use futures_util::future::try_join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use tokio::try_join;

/// The tables of a database.
pub(super) struct Server<'s> {
    session: &'s Session,
    spread: Spread,
    /// The homes of what says nothing of its home: a lane's own, or all of them.
    near: Vec<i16>,
    /// How often something was decided about the people who were found, and when last, in each home that was asked.
    guards: Mutex<BTreeMap<(i16, PersonNo), (i64, Stamp)>>,
}

impl<'s> Server<'s> {
    /// The tables as a lane sees them: what is near is its own.
    pub(super) fn of_lane(session: &'s Session, spread: Spread, lane: LaneNo) -> Server<'s> {
        Server { session, spread, near: vec![spread.of_lane(lane)], guards: Mutex::default() }
    }

    /// The tables as somebody sees them who has no lane.
    pub(super) async fn of_all(session: &'s Session, spread: Spread) -> Loaded<Server<'s>> {
        let near = all_homes(session, spread).await?;
        Ok(Server { session, spread, near, guards: Mutex::default() })
    }

    /// Homes in which anything may be.
    pub(super) fn near(&self) -> &[i16] {
        &self.near
    }

    /// Versions and stamps of people in homes, as far as they were read.
    pub(super) fn into_guards(self) -> BTreeMap<(i16, PersonNo), (i64, Stamp)> {
        self.guards.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the version of a person in a home was read.
    pub(super) fn is_guarded(&self, it: &(i16, PersonNo)) -> bool {
        self.guards.lock().unwrap_or_else(PoisonError::into_inner).contains_key(it)
    }

    /// Reads the versions of people in homes.
    pub(super) async fn guards(&self, wanted: BTreeSet<(i16, PersonNo)>) -> Loaded {
        let homes = by_home(wanted.into_iter().map(|(home, person)| (home, int(person.0))));
        let asked = homes.into_iter().map(|(home, people)| async move {
            let row = |it: &mut Columns<'_>| Ok((PersonNo(it.number()?), (it.next()?, Stamp(it.next()?))));
            let found = self.session.rows(sql!("load_guards"), &[&home, &people], row).await?;
            // Nothing was decided yet about whoever is not there.
            let mut guards: BTreeMap<PersonNo, (i64, Stamp)> =
                people.iter().map(|it| (PersonNo(it.unsigned_abs()), (0, Stamp(0)))).collect();
            guards.extend(found);
            Ok::<_, Fault>(guards.into_iter().map(move |(person, it)| ((home, person), it)))
        });
        let guards = try_join_all(asked).await?;
        let mut known = self.guards.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(guards.into_iter().flatten());
        Ok(())
    }

    /// In which homes there is something of these facts, by the person it is about: in a person's own, in those of
    /// bills, and in a lane's, where the next ones will be. Each home says by itself whether it was changed since,
    /// because several servers have no moment in common.
    pub(super) fn guarding(&self, facts: &Facts) -> BTreeSet<(i16, PersonNo)> {
        let visits = facts.visits.values().map(|it| (it.no.0, it.patient));
        let bills = facts.settlements.values().map(|it| (it.no.0, it.patient)).chain(visits);
        let bills = bills.filter(|(_, patient)| facts.persons.contains_key(patient));
        bills.map(|(no, patient)| (self.spread.of_number(no), patient)).collect()
    }

    /// Settlements that must be there: something else says so.
    async fn known_settlements(&self, numbers: Vec<Vec<u64>>) -> Loaded<Vec<Settlement>> {
        let numbers: BTreeSet<u64> = numbers.into_iter().flatten().collect();
        let found = self.settlements_of(numbers.iter().copied()).await?;
        if found.len() < numbers.len() {
            // Its server does not show yet what that of the person shows already.
            return Err(Fault::Conflict("a settlement is being written on another server".to_owned()));
        }
        Ok(found)
    }

    /// Asks about numbers in each of their homes.
    async fn each<T: Send>(
        &self,
        sql: Sql,
        homes: ByHome<i64>,
        read: fn(&mut Columns<'_>) -> Read<T>,
    ) -> Loaded<Vec<T>> {
        let asked = homes
            .into_iter()
            .map(|(home, numbers)| async move { self.session.rows(sql, &[&home, &numbers], read).await });
        Ok(try_join_all(asked).await?.into_iter().flatten().collect())
    }

    /// Asks about numbers in each of their homes, saying between which they lie: only their months are looked at.
    async fn each_in_months<T: Send>(
        &self,
        sql: Sql,
        homes: ByHome<i64>,
        read: fn(&mut Columns<'_>) -> Read<T>,
    ) -> Loaded<Vec<T>> {
        let asked = homes.into_iter().map(|(home, numbers)| async move {
            let (least, most) = bounds(&numbers);
            self.session.rows(sql, &[&home, &numbers, &least, &most], read).await
        });
        Ok(try_join_all(asked).await?.into_iter().flatten().collect())
    }

    /// Asks about what has a name within a visit, in the homes of the visits.
    async fn named<T: Send>(
        &self,
        sql: Sql,
        wanted: &BTreeSet<(VisitNo, String)>,
        read: fn(&mut Columns<'_>) -> Read<T>,
    ) -> Loaded<Vec<T>> {
        let rows = wanted
            .iter()
            .map(|(visit, name)| (self.spread.of_number(visit.0), row![int(visit.0), name.as_str()]));
        let asked = by_home(rows).into_iter().map(|(home, rows)| async move {
            let visits = wanted.iter().map(|(it, _)| int(it.0));
            let (least, most) = bounds(&visits.collect::<Vec<_>>());
            let [visit, name] = std::array::from_fn(|at| Column { rows: &rows, at });
            let params: [Param<'_>; 5] = [&home, &visit, &name, &least, &most];
            self.session.rows(sql, &params, read).await
        });
        Ok(try_join_all(asked).await?.into_iter().flatten().collect())
    }

    /// Asks about people in each of their homes.
    async fn about<T: Send>(
        &self,
        sql: Sql,
        people: &BTreeSet<PersonNo>,
        read: fn(&mut Columns<'_>) -> Read<T>,
    ) -> Loaded<Vec<T>> {
        self.each(sql, self.people(people), read).await
    }

    fn people(&self, people: &BTreeSet<PersonNo>) -> ByHome<i64> {
        self.numbers(people.iter().map(|it| it.0))
    }

    fn numbers(&self, numbers: impl Iterator<Item = u64>) -> ByHome<i64> {
        by_home(numbers.map(|it| (self.spread.of_number(it), int(it))))
    }

    /// Bindings in the homes of their givers.
    fn given(&self, bindings: &Givers) -> ByHome<i64> {
        by_home(bindings.iter().map(|(it, giver)| (self.spread.of_number(giver.0), int(it.0))))
    }

    /// Lookups in homes.
    async fn lookups_in(&self, homes: ByHome<&[u8]>) -> Loaded<Vec<(Lookup, PersonNo)>> {
        let asked = homes.into_iter().map(|(home, wanted)| async move {
            self.session.rows(sql!("load_lookups"), &[&home, &wanted], |it| read::lookup(it)).await
        });
        Ok(try_join_all(asked).await?.into_iter().flatten().collect())
    }

    /// Settlements by number, without what undid them.
    pub(super) async fn settlements_of(&self, numbers: impl Iterator<Item = u64>) -> Loaded<Vec<Settlement>> {
        let homes = self.numbers(numbers);
        self.each_in_months(sql!("load_settlements"), homes, |it| read::settlement(it)).await
    }

    /// Journals of records.
    pub(super) async fn entries(&self, serials: &BTreeSet<Serial>) -> Loaded<Vec<(Turn, Entry)>> {
        let homes = by_home(serials.iter().map(|it| (self.spread.of_serial(*it), int(it.0))));
        self.each_in_months(sql!("load_entries"), homes, |it| read::entry(it)).await
    }

    /// Keys of records, by serial.
    pub(super) async fn keys_of(&self, serials: &BTreeSet<Serial>) -> Loaded<Vec<(Serial, Key)>> {
        let homes = by_home(serials.iter().map(|it| (self.spread.of_serial(*it), int(it.0))));
        self.each_in_months(sql!("page_keys"), homes, |it| read::key_of(it)).await
    }

    /// Records by serial.
    pub(super) async fn records(&self, serials: &BTreeSet<Serial>) -> Loaded<Vec<Record>> {
        let homes = by_home(serials.iter().map(|it| (self.spread.of_serial(*it), int(it.0))));
        self.each_in_months(sql!("load_records"), homes, |it| read::record(it)).await
    }
}

/// The least and the greatest number.
fn bounds(numbers: &[i64]) -> (i64, i64) {
    let (least, most) = (numbers.iter().min(), numbers.iter().max());
    (least.copied().unwrap_or(0), most.copied().unwrap_or(0))
}

/// All homes that anything was written to.
pub(super) async fn all_homes(session: &Session, spread: Spread) -> Loaded<Vec<i16>> {
    match spread {
        Spread::One => Ok(vec![0]),
        Spread::ByLane => session.rows(sql!("page_homes"), &[], |it| it.next()).await,
    }
}

impl Tables for Server<'_> {
    async fn keys(&self, keys: &BTreeSet<Key>) -> Loaded<Vec<(Key, bool, Earlier)>> {
        let wanted: Vec<_> = keys.iter().map(write::key).collect();
        let asked = self.near.iter().map(|home| {
            let rows = &wanted;
            async move {
                let [kind, sender, id] = std::array::from_fn(|at| Column { rows, at });
                let params: [Param<'_>; 4] = [home, &kind, &sender, &id];
                self.session.rows(sql!("load_keys"), &params, |it| read::earlier(it)).await
            }
        });
        Ok(try_join_all(asked).await?.into_iter().flatten().collect())
    }

    async fn lookups(&self, lookups: &BTreeSet<Lookup>) -> Loaded<Vec<(Lookup, PersonNo)>> {
        let wanted: Vec<&[u8]> = lookups.iter().map(|it| it.0.as_slice()).collect();
        // Where many homes are near, the claims are nearer.
        let near = if let [home] = *self.near { ByHome::from([(home, wanted)]) } else { ByHome::new() };
        let mut found = self.lookups_in(near).await?;
        if self.spread == Spread::ByLane && found.len() < lookups.len() {
            let known: BTreeSet<Lookup> = found.iter().map(|(it, _)| *it).collect();
            let missing = lookups.iter().filter(|it| !known.contains(it));
            let missing = by_home(missing.map(|it| (self.spread.of_claim(it), it.0.as_slice())));
            found.extend(self.lookups_in(missing).await?);
        }
        Ok(found)
    }

    async fn settlements(&self, numbers: &BTreeSet<SettlementNo>) -> Loaded<Vec<Settlement>> {
        let mut found = self.settlements_of(numbers.iter().map(|it| it.0)).await?;
        let undoing: BTreeSet<SettlementNo> = found.iter().filter_map(|it| it.undone_by).collect();
        if !undoing.is_empty() {
            found.extend(self.settlements_of(undoing.iter().map(|it| it.0)).await?);
        }
        Ok(found)
    }

    async fn visits(&self, numbers: &BTreeSet<VisitNo>) -> Loaded<Vec<Visit>> {
        let homes = self.numbers(numbers.iter().map(|it| it.0));
        self.each_in_months(sql!("load_visits"), homes, |it| read::visit(it)).await
    }

    async fn batches(&self, visits: &BTreeSet<VisitNo>) -> Loaded<Vec<((VisitNo, String), Batch)>> {
        let homes = self.numbers(visits.iter().map(|it| it.0));
        self.each_in_months(sql!("load_batches"), homes, |it| read::batch(it)).await
    }

    async fn charges(
        &self,
        wanted: &BTreeSet<(VisitNo, String)>,
    ) -> Loaded<Vec<((VisitNo, String), String)>> {
        self.named(sql!("load_charges"), wanted, |it| read::charge(it)).await
    }

    async fn charged(&self, wanted: &BTreeSet<(VisitNo, String)>) -> Loaded<Vec<((VisitNo, String), Batch)>> {
        self.named(sql!("load_charged"), wanted, |it| read::batch(it)).await
    }

    async fn stays(&self, wanted: &BTreeSet<(PersonNo, InstitutionCode)>) -> Loaded<Vec<VisitNo>> {
        let rows = wanted.iter().map(|(patient, place)| {
            (self.spread.of_number(patient.0), row![int(patient.0), int(place.number())])
        });
        let asked = by_home(rows).into_iter().map(|(home, rows)| async move {
            let [patient, place] = std::array::from_fn(|at| Column { rows: &rows, at });
            let params: [Param<'_>; 3] = [&home, &patient, &place];
            self.session.rows(sql!("load_stays"), &params, |it| it.number().map(VisitNo)).await
        });
        Ok(try_join_all(asked).await?.into_iter().flatten().collect())
    }

    async fn institutions(
        &self,
        codes: &BTreeSet<InstitutionCode>,
    ) -> Loaded<Vec<(Institution, Option<String>)>> {
        let codes: Vec<i64> = codes.iter().map(|it| int(it.number())).collect();
        self.session.rows(sql!("load_institutions"), &[&codes], |it| read::institution(it)).await
    }

    async fn mappings(
        &self,
        wanted: &BTreeSet<(InstitutionCode, String)>,
    ) -> Loaded<Vec<((InstitutionCode, String), String)>> {
        let rows: Vec<_> =
            wanted.iter().map(|(place, own)| row![int(place.number()), own.as_str()]).collect();
        let [places, own] = std::array::from_fn(|at| Column { rows: &rows, at });
        self.session.rows(sql!("load_mappings"), &[&places, &own], |it| read::mapping(it)).await
    }

    async fn amendments(&self, people: &BTreeSet<PersonNo>) -> Loaded<Vec<Amendment>> {
        self.about(sql!("load_amendments"), people, |it| read::amendment(it)).await
    }

    async fn sides(&self, bindings: &BTreeSet<BindingNo>) -> Loaded<Vec<[PersonNo; 2]>> {
        // A binding lives with its people, and its number says nothing of them; its history lives with its number.
        let homes = self.numbers(bindings.iter().map(|it| it.0));
        self.each(sql!("load_sides"), homes, |it| read::sides(it)).await
    }

    async fn recent(&self, people: &BTreeSet<PersonNo>, since: Moment) -> Loaded<Vec<Settlement>> {
        let since = since.millis();
        let asked = self.people(people).into_iter().map(|(home, people)| async move {
            let params: [Param<'_>; 3] = [&home, &people, &since];
            self.session.rows(sql!("load_recent"), &params, |it| it.number()).await
        });
        self.known_settlements(try_join_all(asked).await?).await
    }

    async fn later(&self, firsts: &Firsts) -> Loaded<Vec<Settlement>> {
        let rows = firsts.iter().map(|(person, (at, no))| {
            let row = row![int(person.0), at.millis(), int(no.0)];
            (self.spread.of_number(person.0), row)
        });
        let asked = by_home(rows).into_iter().map(|(home, rows)| async move {
            let [person, at, no] = std::array::from_fn(|at| Column { rows: &rows, at });
            let params: [Param<'_>; 4] = [&home, &person, &at, &no];
            self.session.rows(sql!("load_later"), &params, |it| it.number()).await
        });
        self.known_settlements(try_join_all(asked).await?).await
    }

    async fn tallies(
        &self,
        people: &BTreeSet<PersonNo>,
        years: &BTreeSet<i16>,
    ) -> Loaded<Vec<(TallyKey, Tally)>> {
        let years: &Vec<i16> = &years.iter().copied().collect();
        let asked = self.people(people).into_iter().map(|(home, people)| async move {
            self.session.rows(sql!("load_tallies"), &[&home, &people, years], |it| read::tally(it)).await
        });
        Ok(try_join_all(asked).await?.into_iter().flatten().collect())
    }

    async fn links(&self, people: &BTreeSet<PersonNo>) -> Loaded<Vec<FamilyLink>> {
        self.about(sql!("load_links"), people, |it| read::link(it)).await
    }

    async fn links_between(&self, people: &BTreeSet<PersonNo>) -> Loaded<Vec<FamilyLink>> {
        let all: &Vec<i64> = &people.iter().map(|it| int(it.0)).collect();
        let asked = self.people(people).into_iter().map(|(home, members)| async move {
            self.session.rows(sql!("load_links_between"), &[&home, &members, all], |it| read::link(it)).await
        });
        Ok(try_join_all(asked).await?.into_iter().flatten().collect())
    }

    async fn links_by(&self, holders: &BTreeSet<PersonNo>) -> Loaded<Vec<FamilyLink>> {
        self.about(sql!("load_links_by"), holders, |it| read::link(it)).await
    }

    async fn bindings_of(&self, people: &BTreeSet<PersonNo>) -> Loaded<Vec<Binding>> {
        self.about(sql!("load_bindings_of"), people, |it| read::binding(it)).await
    }

    async fn quotas_by(&self, givers: &BTreeSet<PersonNo>) -> Loaded<Vec<Binding>> {
        let mode = &row![number(Mode::Quota)][0];
        let asked = self.people(givers).into_iter().map(|(home, givers)| async move {
            self.session.rows(sql!("load_bindings_by"), &[&home, &givers, mode], |it| read::binding(it)).await
        });
        Ok(try_join_all(asked).await?.into_iter().flatten().collect())
    }

    async fn bindings(&self, bindings: &Givers) -> Loaded<Vec<Binding>> {
        self.each(sql!("load_bindings"), self.given(bindings), |it| read::binding(it)).await
    }

    async fn usage(&self, bindings: &Givers) -> Loaded<Vec<(BindingNo, Usage)>> {
        self.each(sql!("load_usage"), self.given(bindings), |it| read::usage(it)).await
    }

    async fn proxies(&self, numbers: &BTreeSet<ProxyNo>) -> Loaded<Vec<Proxy>> {
        let homes = self.numbers(numbers.iter().map(|it| it.0));
        self.each(sql!("load_proxies"), homes, |it| read::proxy(it)).await
    }

    /// With their versions, as people: free packs have them too, so that moments tell who sold one after whom.
    async fn traces(&self, wanted: &BTreeSet<TraceCode>) -> Loaded<Vec<(TraceCode, SettlementNo)>> {
        let homes = by_home(wanted.iter().map(|it| (self.spread.of_trace(it), it.as_str())));
        let asked = homes.into_iter().map(|(home, codes)| async move {
            self.session.rows(sql!("load_traces"), &[&home, &codes], |it| read::trace(it)).await
        });
        let guards = wanted.iter().map(|it| self.spread.guard_of(it)).collect();
        let (found, ()) = try_join!(try_join_all(asked), self.guards(guards))?;
        Ok(found.into_iter().flatten().collect())
    }

    /// With their versions: whoever commits what is decided about them says which they were.
    async fn persons(&self, people: &BTreeSet<PersonNo>) -> Loaded<Vec<(Person, Option<Vec<u8>>)>> {
        let own = if let [home] = *self.near { Some(home) } else { None };
        let homes = people.iter().flat_map(|it| {
            let homes = own.into_iter().chain([self.spread.of_number(it.0)]);
            homes.map(|home| (home, *it))
        });
        let guards = homes.collect();
        let (found, ()) =
            try_join!(self.about(sql!("load_persons"), people, |it| read::person(it)), self.guards(guards),)?;
        Ok(found)
    }

    async fn enrolments(&self, people: &BTreeSet<PersonNo>) -> Loaded<Vec<Enrolment>> {
        self.about(sql!("load_enrolments"), people, |it| read::enrolment(it)).await
    }

    async fn purses(
        &self,
        people: &BTreeSet<PersonNo>,
        bindings: &Givers,
    ) -> Loaded<Vec<(Account, Balance)>> {
        let mut homes: BTreeMap<i16, (Vec<i64>, Vec<i64>)> = BTreeMap::new();
        for (home, people) in self.people(people) {
            homes.entry(home).or_default().0 = people;
        }
        for (home, bindings) in self.given(bindings) {
            homes.entry(home).or_default().1 = bindings;
        }
        let asked = homes.into_iter().map(|(home, (people, bindings))| async move {
            self.session.rows(sql!("load_purses"), &[&home, &people, &bindings], |it| read::purse(it)).await
        });
        Ok(try_join_all(asked).await?.into_iter().flatten().collect())
    }
}
