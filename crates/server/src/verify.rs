//! `gongji verify`: walks the chain, recomputes every balance from entries, decides every stored request again and
//! compares; lets all decisions take effect one after another and compares the tables with what comes out. Needs
//! nothing but the store; says everything it finds.

mod fold;
mod packs;
mod papers;
pub(crate) mod walk;

use crate::answers;
use crate::law::Laws;
use crate::vault::Vault;
use domain::chain::{Block, Sealed, decode, genesis, next};
use domain::decision::{ENGINE, Turn, decide};
use domain::facts::Facts;
use domain::ids::{Digest, Serial};
use domain::ledger::{Account, Balance, Entry, Journal, post};
use fold::Fold;
use papers::Named;
use std::collections::BTreeMap;
use store::{Books, Fault, LaneNo, Page, Query, Record, Shelf, Store};
use walk::Walk;

/// How many records are looked at before the next page.
const SLICE: u32 = 500;
/// How many findings are kept; beyond that only counted.
const MOST_FINDINGS: usize = 1_000;

/// What a verification found.
#[derive(Debug, Default)]
pub struct Report {
    /// Records looked at.
    pub records: u64,
    /// Blocks looked at.
    pub blocks: u64,
    /// Entries looked at.
    pub entries: u64,
    /// Purses compared.
    pub purses: u64,
    /// Papers on the shelf looked at.
    pub papers: u64,
    /// Decisions of other engine versions that this one would make differently; no damage.
    pub decided_otherwise: Vec<Serial>,
    /// What is wrong; empty where the books are sound.
    pub findings: Vec<String>,
}

impl Report {
    /// Whether the books are sound.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, what: String) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(what);
        }
    }
}

struct Verifying<'a> {
    store: &'a dyn Store,
    laws: &'a Laws,
    report: Report,
    purses: BTreeMap<Account, Balance>,
    heads: BTreeMap<u16, Block>,
    open: BTreeMap<(u16, u64), Vec<Kept>>,
    fold: Fold,
    named: Named,
}

/// What a block seals of a record, kept until the chain is walked.
struct Kept {
    serial: Serial,
    journal: Option<Journal>,
    content: Digest,
    decision: Digest,
}

/// Verifies a store; `progress` is told how many records are done.
///
/// # Errors
/// A [`Fault`] where the store cannot be read.
pub async fn verify(store: &dyn Store, laws: &Laws, progress: &dyn Fn(u64)) -> Result<Report, Fault> {
    verified(store, None, laws, None, progress).await
}

/// Verifies whole books, the shelf beside them too; where their keys are at hand, also that each answer on record opens
/// as the answer to its request, and each paper in its place.
///
/// # Errors
/// A [`Fault`] where the store cannot be read.
pub async fn verify_with(
    books: &dyn Books,
    laws: &Laws,
    vault: Option<&Vault>,
    progress: &dyn Fn(u64),
) -> Result<Report, Fault> {
    verified(books, Some(books), laws, vault, progress).await
}

async fn verified(
    store: &dyn Store,
    shelf: Option<&dyn Shelf>,
    laws: &Laws,
    vault: Option<&Vault>,
    progress: &dyn Fn(u64),
) -> Result<Report, Fault> {
    let mut verifying = Verifying {
        store,
        laws,
        report: Report::default(),
        purses: BTreeMap::new(),
        heads: BTreeMap::new(),
        open: BTreeMap::new(),
        fold: Fold::default(),
        named: Named::default(),
    };
    let mut walk = Walk::new(store).await?;
    while let Some((record, entries)) = walk.next(store).await? {
        if vault.is_some_and(|it| answers::given(it, &record).is_err()) {
            verifying.report.find(format!("request {}: its answer is not its own", record.turn.serial));
        }
        verifying.record(record, &entries).await?;
        if verifying.report.records.is_multiple_of(u64::from(SLICE)) {
            progress(verifying.report.records);
        }
    }
    progress(verifying.report.records);
    verifying.close_blocks().await?;
    verifying.compare_purses().await?;
    let differences = std::mem::take(&mut verifying.fold).compare(store).await?;
    differences.into_iter().for_each(|it| verifying.report.find(it));
    if let Some(shelf) = shelf {
        let (looked, wrong) = std::mem::take(&mut verifying.named).compare(shelf, vault).await?;
        verifying.report.papers = looked;
        wrong.into_iter().for_each(|it| verifying.report.find(it));
    }
    Ok(verifying.report)
}

impl Verifying<'_> {
    async fn record(&mut self, record: Record, booked: &[Entry]) -> Result<(), Fault> {
        self.report.records += 1;
        let serial = record.turn.serial;
        let journal = record.decision.changes().and_then(|it| it.journal.clone());
        let decided = journal.as_ref().map(Journal::entries).unwrap_or_default();
        self.report.entries += booked.len() as u64;
        if decided != booked {
            self.report.find(format!("request {serial}: its entries are not those that were decided"));
        }
        self.check_sums(record.turn, booked);
        self.named.take(&record);
        if let Some(what) = self.fold.take(&record) {
            self.report.find(format!("request {serial}: {what}"));
        }
        self.decide_again(&record).await?;
        let Sealed { content, decision, .. } = record.sealed();
        self.open.entry(record.block).or_default().push(Kept { serial, journal, content, decision });
        Ok(())
    }

    /// Every journal balances, and no purse goes below zero (R-E10).
    fn check_sums(&mut self, turn: Turn, booked: &[Entry]) {
        let serial = turn.serial;
        match Journal::new(booked.to_vec()) {
            Err(unbalanced) => self.report.find(format!("request {serial}: {unbalanced}")),
            Ok(journal) => {
                if let Err(account) = post(&mut self.purses, &journal, turn.at.day()) {
                    self.report.find(format!("request {serial}: {account:?} would go below zero"));
                }
            }
        }
    }

    async fn decide_again(&mut self, record: &Record) -> Result<(), Fault> {
        let serial = record.turn.serial;
        let Ok(facts) = decode::<Facts>(&record.facts) else {
            self.report.find(format!("request {serial}: its facts cannot be read"));
            return Ok(());
        };
        let law = match self.laws.find(record.law, self.store).await {
            Ok(law) => law,
            Err(fault) => {
                self.report.find(format!("request {serial}: {fault}"));
                return Ok(());
            }
        };
        let again = decide(&record.request, record.turn, &facts, &law);
        if record.engine > ENGINE {
            let what = format!("request {serial}: engine {} decided it, newer than this one", record.engine);
            self.report.find(what);
        } else if again != record.decision && record.engine == ENGINE {
            self.report.find(format!("request {serial}: decided again, it comes out differently"));
        } else if again != record.decision {
            self.report.decided_otherwise.push(serial);
        }
        Ok(())
    }

    /// Walks each lane's chain and compares every hash.
    async fn close_blocks(&mut self) -> Result<(), Fault> {
        let Page::Lanes(lanes) = self.store.page(&Query::Lanes).await? else { return Ok(()) };
        for (LaneNo(lane), _) in lanes {
            let mut from = 1;
            loop {
                let query = Query::Blocks { lane, from, limit: SLICE };
                let Page::Blocks(blocks) = self.store.page(&query).await? else { break };
                let Some(last) = blocks.last() else { break };
                from = last.number + 1;
                blocks.iter().for_each(|block| self.block(block));
            }
        }
        let left: Vec<_> = self.open.keys().copied().collect();
        for (lane, number) in left {
            self.report.find(format!("lane {lane}: block {number} is missing, its records are not sealed"));
        }
        Ok(())
    }

    fn block(&mut self, block: &Block) {
        self.report.blocks += 1;
        let head = self.heads.get(&block.lane).copied().unwrap_or(genesis(block.lane));
        let records = self.open.remove(&(block.lane, block.number)).unwrap_or_default();
        let sealed: Vec<Sealed<'_>> = records
            .iter()
            .map(|it| Sealed {
                serial: it.serial,
                journal: it.journal.as_ref(),
                content: it.content,
                decision: it.decision,
            })
            .collect();
        if next(&head, &sealed) != *block {
            self.report.find(format!(
                "lane {}: block {} does not follow from what it seals",
                block.lane, block.number
            ));
        }
        self.heads.insert(block.lane, *block);
    }

    /// Every purse holds what its entries add up to.
    async fn compare_purses(&mut self) -> Result<(), Fault> {
        let mut after = None;
        loop {
            let query = Query::Purses { after, limit: SLICE };
            let Page::Purses(purses) = self.store.page(&query).await? else { break };
            let Some((last, _)) = purses.last() else { break };
            after = Some(*last);
            for (account, stored) in purses {
                self.report.purses += 1;
                let computed = self.purses.remove(&account);
                let same = computed.unwrap_or(Balance::empty(stored.year())).same_as(stored);
                if !same {
                    self.report.find(format!("{account:?} does not hold what its entries add up to"));
                }
            }
        }
        let missing: Vec<Account> =
            self.purses.iter().filter(|(_, it)| !it.whole().is_zero()).map(|(account, _)| *account).collect();
        for account in missing {
            self.report.find(format!("{account:?} has entries and no balance"));
        }
        Ok(())
    }
}
