//! The tables as hops read them: each question in one statement, answered before it is waited for.

use super::cells::{all, array, one};
use super::{fault, sql};
use crate::cells::{Cells, number, sender};
use crate::hops::{Firsts, Givers, Loaded, Tables, find};
use crate::{LaneNo, NO_LANE, Record, Rows, read};
use domain::amendment::Amendment;
use domain::binding::{Binding, Usage};
use domain::chain::genesis;
use domain::day::Moment;
use domain::facts::{Batch, Earlier, Settlement, TallyKey, Visit};
use domain::fund::Tally;
use domain::ids::{BindingNo, Digest, InstitutionCode, Lookup, PersonNo, ProxyNo, SettlementNo, VisitNo};
use domain::ledger::{Account, Balance};
use domain::needs::Needs;
use domain::people::{Enrolment, FamilyLink, Institution, Person};
use domain::proxy::Proxy;
use domain::request::Key;
use domain::trace::TraceCode;
use domain::words::Mode;
use rusqlite::types::Value;
use rusqlite::vtab::array::Array;
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// What never waits, done.
fn at_once<F: Future>(work: F) -> F::Output {
    match std::pin::pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => unreachable!("a file answers at once"),
    }
}

/// The rows that needs lead to, without earlier records.
pub(super) fn rows(connection: &Connection, needs: &Needs, at: Moment, lane: LaneNo) -> Loaded<Rows> {
    found(connection, needs, at, lane).map(|(rows, _)| rows)
}

/// The rows that needs lead to, with the records of the messages in them.
pub(super) fn rows_and_records(
    connection: &mut Connection,
    needs: &Needs,
    at: Moment,
    lane: LaneNo,
) -> Loaded<Rows> {
    // Locks are taken once for all statements, not once for each.
    let connection = &connection.transaction().map_err(fault)?;
    let (mut rows, arrived) = found(connection, needs, at, lane)?;
    if !arrived.is_empty() {
        let serials = array(arrived.iter().map(|it| rows.facts.earlier[it].serial.0));
        let records: Vec<Record> = all(connection, sql!("load_records"), [serials], |it| read::record(it))?;
        rows.earlier = records.into_iter().map(|it| (it.request.key.clone(), it)).collect();
    }
    Ok(rows)
}

fn found(connection: &Connection, needs: &Needs, at: Moment, lane: LaneNo) -> Loaded<(Rows, BTreeSet<Key>)> {
    let found = at_once(find(&FileTables(connection), needs, at))?;
    let heads = all(connection, sql!("load_head"), [], |it| read::head(it))?;
    let own = heads.iter().find(|(it, _)| it.lane == lane.0);
    // A file copied from a store of several lanes goes on after all of them.
    let others = heads.iter().filter(|(it, _)| lane != NO_LANE && it.lane != lane.0);
    let after_others = others.map(|(_, it)| it.at.plus_millis(1));
    let rows = Rows {
        facts: found.facts,
        identities: found.identities,
        names: found.names,
        earlier: BTreeMap::new(),
        last: own.map(|(_, it)| it.serial),
        since: own.map(|(_, it)| it.at).into_iter().chain(after_others).max(),
        head: own.map_or(genesis(lane.0), |(block, _)| *block),
        law: law(connection)?,
    };
    Ok((rows, found.arrived))
}

/// The law book in force.
pub(super) fn law(connection: &Connection) -> Loaded<Option<Digest>> {
    one(connection, sql!("load_law"), [], |it| it.digest())
}

/// The record under a key.
pub(super) fn record(connection: &Connection, key: &Key) -> Loaded<Option<Record>> {
    let (kind, number) = sender(key.sender);
    one(connection, sql!("page_record"), params![kind, number, key.id], |it| read::record(it))
}

/// The tables of a file.
struct FileTables<'c>(&'c Connection);

impl FileTables<'_> {
    fn bindings_where(&self, sql: &str, params: impl rusqlite::Params) -> Loaded<Vec<Binding>> {
        all(self.0, sql, params, |it| read::binding(it))
    }
}

fn people(numbers: &BTreeSet<PersonNo>) -> Array {
    array(numbers.iter().map(|it| it.0))
}

fn bindings(numbers: &Givers) -> Array {
    array(numbers.keys().map(|it| it.0))
}

impl Tables for FileTables<'_> {
    async fn keys(&self, keys: &BTreeSet<Key>) -> Loaded<Vec<(Key, bool, Earlier)>> {
        let wanted = keys.iter().map(|it| {
            let (kind, number) = sender(it.sender);
            format!("[{kind},{number},{}]", quoted(&it.id))
        });
        all(self.0, sql!("load_keys"), [json(wanted)], |it| read::earlier(it))
    }

    async fn lookups(&self, lookups: &BTreeSet<Lookup>) -> Loaded<Vec<(Lookup, PersonNo)>> {
        let hashes: Array = Rc::new(lookups.iter().map(|it| Value::Blob(it.0.to_vec())).collect());
        all(self.0, sql!("load_lookups"), [hashes], |it| read::lookup(it))
    }

    async fn settlements(&self, numbers: &BTreeSet<SettlementNo>) -> Loaded<Vec<Settlement>> {
        let numbers = array(numbers.iter().map(|it| it.0));
        all(self.0, sql!("load_settlements"), [numbers], |it| read::settlement(it))
    }

    async fn visits(&self, numbers: &BTreeSet<VisitNo>) -> Loaded<Vec<Visit>> {
        all(self.0, sql!("load_visits"), [array(numbers.iter().map(|it| it.0))], |it| read::visit(it))
    }

    async fn batches(&self, visits: &BTreeSet<VisitNo>) -> Loaded<Vec<((VisitNo, String), Batch)>> {
        all(self.0, sql!("load_batches"), [array(visits.iter().map(|it| it.0))], |it| read::batch(it))
    }

    async fn charges(
        &self,
        wanted: &BTreeSet<(VisitNo, String)>,
    ) -> Loaded<Vec<((VisitNo, String), String)>> {
        all(self.0, sql!("load_charges"), [pairs(wanted)], |it| read::charge(it))
    }

    async fn charged(&self, wanted: &BTreeSet<(VisitNo, String)>) -> Loaded<Vec<((VisitNo, String), Batch)>> {
        all(self.0, sql!("load_charged"), [pairs(wanted)], |it| read::batch(it))
    }

    async fn stays(&self, wanted: &BTreeSet<(PersonNo, InstitutionCode)>) -> Loaded<Vec<VisitNo>> {
        let wanted = wanted.iter().map(|(patient, place)| format!("[{patient},{}]", place.number()));
        all(self.0, sql!("load_stays"), [json(wanted)], |it| it.number().map(VisitNo))
    }

    async fn institutions(
        &self,
        codes: &BTreeSet<InstitutionCode>,
    ) -> Loaded<Vec<(Institution, Option<String>)>> {
        let codes = array(codes.iter().map(|it| it.number()));
        all(self.0, sql!("load_institutions"), [codes], |it| read::institution(it))
    }

    async fn mappings(
        &self,
        wanted: &BTreeSet<(InstitutionCode, String)>,
    ) -> Loaded<Vec<((InstitutionCode, String), String)>> {
        let wanted = wanted.iter().map(|(place, own)| format!("[{},{}]", place.number(), quoted(own)));
        all(self.0, sql!("load_mappings"), [json(wanted)], |it| read::mapping(it))
    }

    async fn amendments(&self, of: &BTreeSet<PersonNo>) -> Loaded<Vec<Amendment>> {
        all(self.0, sql!("load_amendments"), [people(of)], |it| read::amendment(it))
    }

    async fn sides(&self, bindings: &BTreeSet<BindingNo>) -> Loaded<Vec<[PersonNo; 2]>> {
        all(self.0, sql!("load_sides"), [array(bindings.iter().map(|it| it.0))], |it| read::sides(it))
    }

    async fn recent(&self, patients: &BTreeSet<PersonNo>, since: Moment) -> Loaded<Vec<Settlement>> {
        let params = params![people(patients), since.millis()];
        all(self.0, sql!("load_recent"), params, |it| read::settlement(it))
    }

    async fn later(&self, firsts: &Firsts) -> Loaded<Vec<Settlement>> {
        let firsts = firsts.iter().map(|(person, (at, no))| format!("[{person},{},{no}]", at.millis()));
        all(self.0, sql!("load_later"), [json(firsts)], |it| read::settlement(it))
    }

    async fn tallies(
        &self,
        patients: &BTreeSet<PersonNo>,
        years: &BTreeSet<i16>,
    ) -> Loaded<Vec<(TallyKey, Tally)>> {
        let years: Array = Rc::new(years.iter().map(|it| Value::Integer(i64::from(*it))).collect());
        all(self.0, sql!("load_tallies"), params![people(patients), years], |it| read::tally(it))
    }

    async fn links(&self, members: &BTreeSet<PersonNo>) -> Loaded<Vec<FamilyLink>> {
        all(self.0, sql!("load_links"), [people(members)], |it| read::link(it))
    }

    async fn links_between(&self, members: &BTreeSet<PersonNo>) -> Loaded<Vec<FamilyLink>> {
        all(self.0, sql!("load_links_between"), [people(members)], |it| read::link(it))
    }

    async fn links_by(&self, holders: &BTreeSet<PersonNo>) -> Loaded<Vec<FamilyLink>> {
        all(self.0, sql!("load_links_by"), [people(holders)], |it| read::link(it))
    }

    async fn bindings_of(&self, sides: &BTreeSet<PersonNo>) -> Loaded<Vec<Binding>> {
        self.bindings_where(sql!("load_bindings_of"), [people(sides)])
    }

    async fn quotas_by(&self, givers: &BTreeSet<PersonNo>) -> Loaded<Vec<Binding>> {
        self.bindings_where(sql!("load_bindings_by"), params![people(givers), number(Mode::Quota)])
    }

    async fn bindings(&self, numbers: &Givers) -> Loaded<Vec<Binding>> {
        self.bindings_where(sql!("load_bindings"), [bindings(numbers)])
    }

    async fn usage(&self, numbers: &Givers) -> Loaded<Vec<(BindingNo, Usage)>> {
        all(self.0, sql!("load_usage"), [bindings(numbers)], |it| read::usage(it))
    }

    async fn proxies(&self, numbers: &BTreeSet<ProxyNo>) -> Loaded<Vec<Proxy>> {
        all(self.0, sql!("load_proxies"), [array(numbers.iter().map(|it| it.0))], |it| read::proxy(it))
    }

    async fn traces(&self, wanted: &BTreeSet<TraceCode>) -> Loaded<Vec<(TraceCode, SettlementNo)>> {
        let codes: Array = Rc::new(wanted.iter().map(|it| Value::Text(it.as_str().to_owned())).collect());
        all(self.0, sql!("load_traces"), [codes], |it| read::trace(it))
    }

    async fn persons(&self, numbers: &BTreeSet<PersonNo>) -> Loaded<Vec<(Person, Option<Vec<u8>>)>> {
        all(self.0, sql!("load_persons"), [people(numbers)], |it| read::person(it))
    }

    async fn enrolments(&self, numbers: &BTreeSet<PersonNo>) -> Loaded<Vec<Enrolment>> {
        all(self.0, sql!("load_enrolments"), [people(numbers)], |it| read::enrolment(it))
    }

    async fn purses(&self, owners: &BTreeSet<PersonNo>, numbers: &Givers) -> Loaded<Vec<(Account, Balance)>> {
        all(self.0, sql!("load_purses"), params![people(owners), bindings(numbers)], |it| read::purse(it))
    }
}

/// Names within visits, as JSON.
fn pairs(wanted: &BTreeSet<(VisitNo, String)>) -> String {
    json(wanted.iter().map(|(visit, name)| format!("[{visit},{}]", quoted(name))))
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
