//! How facts are loaded: the hops of [`Facts::within`], each in a statement for all requests together.

use super::cells::{all, array, sender};
use super::{read, sql};
use crate::{LaneNo, Record, Rows};
use domain::binding::Binding;
use domain::chain::genesis;
use domain::day::Moment;
use domain::facts::{Did, Earlier, Facts};
use domain::ids::{BindingNo, InstitutionCode, Lookup, PersonNo, Serial, SettlementNo, VisitNo};
use domain::needs::{Needs, RECENT_MS};
use domain::request::Key;
use domain::words::Mode;
use rusqlite::types::Value;
use rusqlite::vtab::array::Array;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

type Loaded<T = ()> = rusqlite::Result<T>;

/// What is being found, and where.
struct Search<'a> {
    connection: &'a Connection,
    needs: &'a Needs,
    people: BTreeSet<PersonNo>,
    found: Facts,
    identities: BTreeMap<PersonNo, Vec<u8>>,
    names: BTreeMap<InstitutionCode, String>,
    /// Serials of records whose own keys were asked for.
    arrived: BTreeSet<Serial>,
}

/// The rows that needs lead to, without earlier records.
pub(super) fn rows(connection: &Connection, needs: &Needs, at: Moment, lane: LaneNo) -> Loaded<Rows> {
    found(connection, needs, at, lane).map(|(rows, _)| rows)
}

/// The rows that needs lead to, with the records of the messages in them.
pub(super) fn rows_and_records(
    connection: &Connection,
    needs: &Needs,
    at: Moment,
    lane: LaneNo,
) -> Loaded<Rows> {
    let (mut rows, arrived) = found(connection, needs, at, lane)?;
    if !arrived.is_empty() {
        let serials = array(arrived.into_iter().map(|it| it.0));
        let records: Vec<Record> = all(connection, sql!("load_records"), [serials], read::record)?;
        rows.earlier = records.into_iter().map(|it| (it.request.key.clone(), it)).collect();
    }
    Ok(rows)
}

fn found(
    connection: &Connection,
    needs: &Needs,
    at: Moment,
    lane: LaneNo,
) -> Loaded<(Rows, BTreeSet<Serial>)> {
    let mut search = Search {
        connection,
        needs,
        people: needs.persons.clone(),
        found: Facts::default(),
        identities: BTreeMap::new(),
        names: BTreeMap::new(),
        arrived: BTreeSet::new(),
    };
    search.hop_earlier()?;
    search.hop_bills()?;
    search.hop_lookups()?;
    search.hop_histories(at)?;
    search.hop_siblings()?;
    search.hop_families()?;
    search.hop_people()?;
    let head =
        all(connection, sql!("load_head"), [lane.0], |it| Ok((read::block(it)?, read::turn(it)?)))?.pop();
    let last = head.map(|(_, last)| last);
    let rows = Rows {
        facts: search.found,
        identities: search.identities,
        names: search.names,
        earlier: BTreeMap::new(),
        last: last.map(|it| it.serial),
        since: last.map(|it| it.at),
        head: head.map_or(genesis(lane.0), |(block, _)| block),
        law: law(connection)?,
    };
    Ok((rows, search.arrived))
}

/// The law book in force.
pub(super) fn law(connection: &Connection) -> Loaded<Option<domain::ids::Digest>> {
    let mut statement = connection.prepare_cached(sql!("load_law"))?;
    statement.query_row([], |row| row.get(0).map(domain::ids::Digest)).optional()
}

impl Search<'_> {
    fn hop_earlier(&mut self) -> Loaded {
        if self.needs.keys.is_empty() {
            return Ok(());
        }
        let wanted = self.needs.keys.iter().map(|it| {
            let (kind, number) = sender(it.sender);
            format!("[{kind},{number},{}]", quoted(&it.id))
        });
        let known = all(self.connection, sql!("load_keys"), [json(wanted)], |it| {
            let (key, serial, arrived) = (read::key(it)?, Serial(it.number()?), it.next::<bool>()?);
            let did = read::did(it)?;
            Ok((key, arrived, Earlier { serial, did, digest: it.digest()? }))
        })?;
        for (key, arrived, earlier) in known {
            self.arrived.extend(arrived.then_some(earlier.serial));
            self.found.earlier.insert(key, earlier);
        }
        Ok(())
    }

    fn hop_bills(&mut self) -> Loaded {
        let made = self.found.earlier.values().filter_map(|it| match it.did {
            Did::Settled(no) => Some(no),
            Did::Nothing | Did::Other | Did::Barred => None,
        });
        let named: BTreeSet<SettlementNo> = self.needs.settlements.iter().copied().chain(made).collect();
        if !named.is_empty() {
            let numbers = array(named.into_iter().map(|it| it.0));
            let settlements = all(self.connection, sql!("load_settlements"), [numbers], read::settlement)?;
            self.found.settlements.extend(settlements.into_iter().map(|it| (it.no, it)));
        }
        let of_settlements = self.found.settlements.values().map(|it| it.visit);
        let visits: BTreeSet<VisitNo> = self.needs.visits.iter().copied().chain(of_settlements).collect();
        if !visits.is_empty() {
            let numbers = array(visits.into_iter().map(|it| it.0));
            let visits = all(self.connection, sql!("load_visits"), [Rc::clone(&numbers)], read::visit)?;
            self.people.extend(visits.iter().map(|it| it.patient));
            self.found.visits.extend(visits.into_iter().map(|it| (it.no, it)));
            self.found.batches.extend(all(self.connection, sql!("load_batches"), [numbers], read::batch)?);
        }
        self.hop_places()
    }

    fn hop_places(&mut self) -> Loaded {
        let of_visits = self.found.visits.values().map(|it| it.institution);
        let places: BTreeSet<InstitutionCode> =
            self.needs.institutions.iter().copied().chain(of_visits).collect();
        if !places.is_empty() {
            let codes = array(places.into_iter().map(InstitutionCode::number));
            for (place, name) in all(self.connection, sql!("load_institutions"), [codes], read::institution)?
            {
                self.names.extend(name.map(|it| (place.code, it)));
                self.found.institutions.insert(place.code, place);
            }
        }
        self.hop_mappings()
    }

    fn hop_mappings(&mut self) -> Loaded {
        let uploaded = self.found.batches.iter().flat_map(|((visit, _), batch)| {
            let place = self.found.visits.get(visit).map(|it| it.institution);
            let blank = batch.lines.iter().filter(|it| it.code.is_empty());
            blank.filter_map(move |it| place.map(|place| (place, it.own_code.clone())))
        });
        let wanted: BTreeSet<_> = self.needs.own_codes.iter().cloned().chain(uploaded).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let wanted = wanted.iter().map(|(place, own)| format!("[{},{}]", place.number(), quoted(own)));
        let known = all(self.connection, sql!("load_mappings"), [json(wanted)], |it| {
            Ok(((it.institution()?, it.next()?), it.next()?))
        })?;
        self.found.mappings.extend(known);
        Ok(())
    }

    fn hop_lookups(&mut self) -> Loaded {
        if self.needs.lookups.is_empty() {
            return Ok(());
        }
        let hashes = self.needs.lookups.iter().map(|it| Value::Blob(it.0.to_vec()));
        let hashes: Array = Rc::new(hashes.collect());
        let known = all(self.connection, sql!("load_lookups"), [hashes], |it| {
            Ok((Lookup(it.next()?), PersonNo(it.number()?)))
        })?;
        self.people.extend(known.iter().map(|(_, person)| *person));
        self.found.lookups.extend(known);
        Ok(())
    }

    /// What these people settled lately, or after something that may be undone; and their tallies.
    fn hop_histories(&mut self, at: Moment) -> Loaded {
        if self.people.is_empty() {
            return Ok(());
        }
        let people = self.people();
        let years: BTreeSet<i16> = (self.needs.years.iter().copied())
            .chain(self.found.visits.values().map(|it| it.begun.day().year()))
            .chain(self.found.settlements.values().map(|it| it.service_day.year()))
            .collect();
        let years: Array = Rc::new(years.into_iter().map(|it| Value::Integer(i64::from(it))).collect());
        let mut firsts: BTreeMap<PersonNo, (Moment, SettlementNo)> = BTreeMap::new();
        for settlement in self.found.settlements.values() {
            let first = firsts.entry(settlement.patient).or_insert(settlement.order());
            *first = settlement.order().min(*first);
        }
        let since = at.plus_millis(-RECENT_MS).millis();
        let recent = params![Rc::clone(&people), since];
        let mut theirs = all(self.connection, sql!("load_recent"), recent, read::settlement)?;
        if !firsts.is_empty() {
            let firsts = firsts.iter().map(|(person, (at, no))| format!("[{person},{},{no}]", at.millis()));
            theirs.extend(all(self.connection, sql!("load_later"), [json(firsts)], read::settlement)?);
        }
        self.found.settlements.extend(theirs.into_iter().map(|it| (it.no, it)));
        let tallies = all(self.connection, sql!("load_tallies"), params![people, years], read::tally)?;
        self.found.tallies.extend(tallies);
        Ok(())
    }

    /// What else is settled of the same visits: their bills share a deductible.
    fn hop_siblings(&mut self) -> Loaded {
        let settled = self.found.batches.values().filter_map(|it| it.settled);
        let missing: Vec<SettlementNo> =
            settled.filter(|it| !self.found.settlements.contains_key(it)).collect();
        if !missing.is_empty() {
            let numbers = array(missing.into_iter().map(|it| it.0));
            let settlements = all(self.connection, sql!("load_settlements"), [numbers], read::settlement)?;
            self.found.settlements.extend(settlements.into_iter().map(|it| (it.no, it)));
        }
        Ok(())
    }

    /// Links to these people and their holders; bindings of all of them; and the quotas of the givers in these.
    fn hop_families(&mut self) -> Loaded {
        if !self.needs.bindings.is_empty() {
            let named = array(self.needs.bindings.iter().map(|it| it.0));
            let sides = all(self.connection, sql!("load_sides"), [named], |it| {
                Ok([PersonNo(it.number()?), PersonNo(it.number()?)])
            })?;
            self.people.extend(sides.into_iter().flatten());
        }
        if !self.people.is_empty() {
            self.hop_links()?;
            let direct = self.bindings(sql!("load_bindings_of"), params![self.people()])?;
            self.people.extend(direct.iter().flat_map(|it| [it.giver, it.beneficiary]));
            let quota = params![self.people(), super::cells::number(Mode::Quota)];
            let quotas = self.bindings(sql!("load_bindings_by"), quota)?;
            self.found.bindings.extend(direct.into_iter().chain(quotas).map(|it| (it.no, it)));
        }
        self.hop_draws()
    }

    fn hop_links(&mut self) -> Loaded {
        let links = all(self.connection, sql!("load_links"), [self.people()], read::link)?;
        let holders: BTreeSet<PersonNo> = links.iter().map(|it| it.holder).collect();
        let known = self.people.len();
        self.people.extend(holders);
        self.found.links.extend(links.into_iter().map(|it| ((it.holder, it.member), it)));
        if self.people.len() > known {
            let own = all(self.connection, sql!("load_links_between"), [self.people()], read::link)?;
            self.found.links.extend(own.into_iter().map(|it| ((it.holder, it.member), it)));
        }
        Ok(())
    }

    /// Bindings that settlements drew on, and what all bindings have spent.
    fn hop_draws(&mut self) -> Loaded {
        let draws = self.found.settlements.values().flat_map(|it| &it.draws);
        let drawn: BTreeSet<BindingNo> = draws.filter_map(|it| it.binding).collect();
        if !drawn.is_empty() {
            let numbers = array(drawn.into_iter().map(|it| it.0));
            let drawn = self.bindings(sql!("load_bindings"), params![numbers])?;
            self.people.extend(drawn.iter().map(|it| it.giver));
            self.found.bindings.extend(drawn.into_iter().map(|it| (it.no, it)));
        }
        if !self.found.bindings.is_empty() {
            let numbers = array(self.found.bindings.keys().map(|it| it.0));
            self.found.usage.extend(all(self.connection, sql!("load_usage"), [numbers], read::usage)?);
        }
        Ok(())
    }

    /// Persons, enrolments, purses.
    fn hop_people(&mut self) -> Loaded {
        if self.people.is_empty() {
            return Ok(());
        }
        let people = self.people();
        for (person, identity) in
            all(self.connection, sql!("load_persons"), [Rc::clone(&people)], read::person)?
        {
            self.identities.extend(identity.map(|it| (person.no, it)));
            self.found.persons.insert(person.no, person);
        }
        let enrolments =
            all(self.connection, sql!("load_enrolments"), [Rc::clone(&people)], read::enrolment)?;
        self.found.enrolments.extend(enrolments.into_iter().map(|it| (it.no, it)));
        let bindings = array(self.found.bindings.keys().map(|it| it.0));
        let purses = all(self.connection, sql!("load_purses"), params![people, bindings], read::purse)?;
        self.found.purses.extend(purses);
        Ok(())
    }

    fn bindings(&self, sql: &str, params: impl rusqlite::Params) -> Loaded<Vec<Binding>> {
        all(self.connection, sql, params, read::binding)
    }

    fn people(&self) -> Array {
        array(self.people.iter().map(|it| it.0))
    }
}

fn json(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// A text as JSON has it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for it in text.chars() {
        match it {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            it if u32::from(it) < 0x20 => quoted.push_str(&format!("\\u{:04x}", u32::from(it))),
            it => quoted.push(it),
        }
    }
    quoted.push('"');
    quoted
}

/// The record under a key.
pub(super) fn record(connection: &Connection, key: &Key) -> Loaded<Option<Record>> {
    let (kind, number) = sender(key.sender);
    let found = all(connection, sql!("page_record"), params![kind, number, key.id], read::record)?;
    Ok(found.into_iter().next())
}
