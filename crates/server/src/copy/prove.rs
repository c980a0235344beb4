//! Proves that two books are equal: every page that can be asked for is asked of both.

use super::{Heads, SLICE, heads};
use crate::verify::walk::{Booked, Walk};
use domain::day::Moment;
use domain::decision::{Changes, Turn};
use domain::ids::{BindingNo, PersonNo, Serial};
use domain::ledger::Account;
use domain::needs::Needs;
use std::collections::{BTreeMap, BTreeSet};
use store::{Fault, LaneNo, Page, Query, Store};

/// How many records are compared before the facts they lead to are.
const TOGETHER: usize = 500;

/// How many differences are kept.
const MOST_FINDINGS: usize = 100;

/// What was compared, and what differs.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// Lanes whose latest blocks were compared.
    pub lanes: u64,
    /// Blocks.
    pub blocks: u64,
    /// Records, each with all that is in it and the entries that are booked under it.
    pub records: u64,
    /// Entries.
    pub entries: u64,
    /// People, each with messages to them, documents they showed, and settlements.
    pub people: u64,
    /// Bindings, each with its history.
    pub bindings: u64,
    /// Purses, each with its statement.
    pub purses: u64,
    /// Law books.
    pub books: u64,
    /// The source was written to meanwhile: people, bindings and purses are not as of one moment, and were left out.
    pub source_went_on: bool,
    /// What differs; empty where the books are equal.
    pub differences: Vec<String>,
}

impl Proof {
    /// Whether the books are equal.
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty()
    }
}

/// What a slice of records leads to.
#[derive(Default)]
struct Slice {
    needs: Needs,
    records: usize,
    people: Vec<PersonNo>,
    bindings: Vec<BindingNo>,
}

struct Proving<'a> {
    one: &'a dyn Store,
    other: &'a dyn Store,
    proof: Proof,
    /// Differences that mean nothing where the source went on.
    fleeting: Vec<String>,
    at: Moment,
}

/// Compares books that were copied up to these heads, page by page. `progress` is told how many records are done.
///
/// # Errors
/// A [`Fault`] where one of them cannot be read.
pub async fn prove(
    source: &dyn Store,
    target: &dyn Store,
    until: &Heads,
    progress: &dyn Fn(u64),
) -> Result<Proof, Fault> {
    let mut proving = Proving {
        one: source,
        other: target,
        proof: Proof::default(),
        fleeting: Vec::new(),
        at: Moment::from_millis(0),
    };
    proving.lanes(until, &heads(target).await?);
    proving.blocks(until).await?;
    proving.records(until, progress).await?;
    proving.fleeting(&Query::Counts).await?;
    proving.fleeting(&Query::BookInForce).await?;
    proving.purses().await?;
    proving.packs().await?;
    proving.proof.source_went_on = heads(source).await? != *until;
    if !proving.proof.source_went_on {
        proving.proof.differences.append(&mut proving.fleeting);
    }
    Ok(proving.proof)
}

fn find(findings: &mut Vec<String>, what: impl FnOnce() -> String) {
    if findings.len() < MOST_FINDINGS {
        findings.push(what());
    }
}

impl Proving<'_> {
    fn lanes(&mut self, until: &Heads, reached: &Heads) {
        self.proof.lanes = until.len() as u64;
        if until != reached {
            find(&mut self.proof.differences, || "the lanes do not end with the same blocks".to_owned());
        }
    }

    /// The same question to both; their answer where it is the same.
    async fn same(&self, query: &Query) -> Result<Result<Page, String>, Fault> {
        let (one, other) = (self.one.page(query).await?, self.other.page(query).await?);
        Ok(if one == other { Ok(one) } else { Err(format!("asked for {query:?}, they answer differently")) })
    }

    /// The same question about what changes while the source is written to.
    async fn fleeting(&mut self, query: &Query) -> Result<Option<Page>, Fault> {
        Ok(match self.same(query).await? {
            Ok(page) => Some(page),
            Err(what) => {
                find(&mut self.fleeting, || what);
                None
            }
        })
    }

    async fn blocks(&mut self, until: &Heads) -> Result<(), Fault> {
        for (lane, head) in until {
            let mut from = 1;
            while from <= head.block.number {
                let left = u32::try_from(head.block.number + 1 - from).unwrap_or(SLICE);
                let query = Query::Blocks { lane: lane.0, from, limit: left.min(SLICE) };
                let last = match self.same(&query).await? {
                    Ok(Page::Blocks(blocks)) => blocks.last().map(|it| it.number),
                    Ok(_) => return Err(Fault::other_page()),
                    Err(what) => {
                        find(&mut self.proof.differences, || what);
                        None
                    }
                };
                let Some(last) = last else { break };
                self.proof.blocks += last + 1 - from;
                from = last + 1;
            }
        }
        Ok(())
    }

    async fn records(&mut self, until: &Heads, progress: &dyn Fn(u64)) -> Result<(), Fault> {
        let last: BTreeMap<LaneNo, Serial> = until.iter().map(|(lane, head)| (*lane, head.last)).collect();
        let nothing = BTreeMap::new();
        let mut one = Walk::between(self.one, &nothing, last.clone()).await?;
        let mut other = Walk::between(self.other, &nothing, last).await?;
        let mut slice = Slice::default();
        loop {
            let (ours, theirs) = (one.next(self.one).await?, other.next(self.other).await?);
            if ours != theirs {
                let serial = ours.as_ref().or(theirs.as_ref()).map_or(0, |(it, _)| it.turn.serial.0);
                find(&mut self.proof.differences, || format!("request {serial} is not the same in both"));
            }
            let Some(booked) = ours.filter(|_| theirs.is_some()) else { break };
            self.take(&booked, &mut slice).await?;
            if slice.records >= TOGETHER {
                self.facts(std::mem::take(&mut slice)).await?;
                progress(self.proof.records);
            }
        }
        self.facts(slice).await?;
        progress(self.proof.records);
        Ok(())
    }

    async fn take(&mut self, (record, entries): &Booked, slice: &mut Slice) -> Result<(), Fault> {
        self.proof.records += 1;
        self.proof.entries += entries.len() as u64;
        self.at = self.at.max(record.turn.at);
        slice.records += 1;
        slice.needs =
            together(std::mem::take(&mut slice.needs), Needs::of([&record.request], record.turn.at));
        let Some(changes) = record.decision.changes() else { return Ok(()) };
        extend(&mut slice.needs, changes);
        let new = |number: u64| Serial::creator_of(number) == record.turn.serial;
        slice.people.extend(changes.persons.iter().map(|it| it.no).filter(|it| new(it.0)));
        slice.bindings.extend(changes.bindings.iter().map(|it| it.no).filter(|it| new(it.0)));
        if let Some(digest) = changes.book {
            self.proof.books += 1;
            if let Err(what) = self.same(&Query::Book(digest)).await? {
                find(&mut self.proof.differences, || what);
            }
        }
        Ok(())
    }

    /// All that a slice of records leads to, and the pages of the people and bindings that are new in it.
    async fn facts(&mut self, slice: Slice) -> Result<(), Fault> {
        self.fleeting(&Query::Facts(Box::new(slice.needs), self.at)).await?;
        for person in slice.people {
            self.proof.people += 1;
            self.fleeting(&Query::ShownBy(person)).await?;
            self.fleeting(&Query::Notices { person, limit: SLICE }).await?;
            self.fleeting(&Query::Documents { person, limit: SLICE }).await?;
            self.fleeting(&Query::Amendments(person)).await?;
            self.settlements(person).await?;
        }
        for binding in slice.bindings {
            self.proof.bindings += 1;
            self.fleeting(&Query::BindingHistory(binding)).await?;
        }
        Ok(())
    }

    async fn settlements(&mut self, person: PersonNo) -> Result<(), Fault> {
        let mut before = None;
        loop {
            let page = self.fleeting(&Query::Settlements { person, before, limit: SLICE }).await?;
            let Some(Page::Settlements(page)) = page else { return Ok(()) };
            let Some(last) = page.last() else { return Ok(()) };
            before = Some(Turn { serial: Serial::creator_of(last.no.0), at: last.at });
        }
    }

    async fn purses(&mut self) -> Result<(), Fault> {
        let mut after = None;
        loop {
            let page = self.fleeting(&Query::Purses { after, limit: SLICE }).await?;
            let Some(Page::Purses(purses)) = page else { return Ok(()) };
            let Some((last, _)) = purses.last() else { return Ok(()) };
            after = Some(*last);
            for (account, _) in purses {
                self.proof.purses += 1;
                self.statement(account).await?;
            }
        }
    }

    async fn packs(&mut self) -> Result<(), Fault> {
        let mut after = None;
        loop {
            let page = self.fleeting(&Query::Packs { after, limit: SLICE }).await?;
            let Some(Page::Packs(packs)) = page else { return Ok(()) };
            let Some((last, _)) = packs.last() else { return Ok(()) };
            after = Some(last.clone());
        }
    }

    async fn statement(&mut self, account: Account) -> Result<(), Fault> {
        let Some(owner) = self.owner(account).await? else { return Ok(()) };
        let mut before = None;
        loop {
            let accounts = BTreeSet::from([account]);
            let page = self.fleeting(&Query::Entries { owner, accounts, before, limit: SLICE }).await?;
            let Some(Page::Entries(page)) = page else { return Ok(()) };
            let Some((last, _)) = page.last() else { return Ok(()) };
            before = Some(*last);
        }
    }

    /// Whose purse it is.
    async fn owner(&self, account: Account) -> Result<Option<PersonNo>, Fault> {
        match account {
            Account::Personal(owner, _) | Account::Receivable(owner, _) => Ok(Some(owner)),
            Account::Quota(binding) => {
                let page = self.one.page(&Query::BindingHistory(binding)).await?;
                let Page::BindingHistory(history) = page else { return Err(Fault::other_page()) };
                Ok(history.last().map(|it| it.giver))
            }
            Account::Fund(..) | Account::Institution(_) | Account::Interarea(..) | Account::Intake(_) => {
                Ok(None)
            }
        }
    }
}

fn together(mut one: Needs, other: Needs) -> Needs {
    one.keys.extend(other.keys);
    one.lookups.extend(other.lookups);
    one.persons.extend(other.persons);
    one.institutions.extend(other.institutions);
    one.visits.extend(other.visits);
    one.settlements.extend(other.settlements);
    one.bindings.extend(other.bindings);
    one.own_codes.extend(other.own_codes);
    one.years.extend(other.years);
    one
}

/// What a decision changed is looked at, too.
fn extend(needs: &mut Needs, changes: &Changes) {
    needs.persons.extend(changes.persons.iter().map(|it| it.no));
    needs.persons.extend(changes.enrolments.iter().map(|it| it.person));
    needs.lookups.extend(changes.lookups.iter().map(|(it, _)| *it));
    needs.bindings.extend(changes.bindings.iter().map(|it| it.no));
    needs.visits.extend(changes.visits.iter().map(|it| it.no));
    needs.settlements.extend(changes.settlements.iter().map(|it| it.no));
    needs.institutions.extend(changes.institutions.iter().map(|it| it.code));
    needs.own_codes.extend(changes.mappings.iter().map(|(place, own, _)| (*place, own.clone())));
    needs.keys.extend(changes.barred.iter().cloned());
}
