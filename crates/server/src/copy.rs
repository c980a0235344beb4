//! Copies books from any store into any other: block by block, in the order they took effect, with the same serials,
//! numbers and hashes; then the desk. It can break off at any time and go on.
//!
//! What is known where: [`prove`] that two books are equal, [`desk`] and [`shelf`] what lies beside them, [`place`] where books are,
//! [`backup`] a file of them and back, [`command`] what is said on the command line.

pub mod backup;
pub mod command;
pub mod desk;
pub mod place;
pub mod prove;
pub mod shelf;

use crate::turn::seal;
use crate::verify::walk::Walk;
use domain::chain::Block;
use domain::ids::{InstitutionCode, PersonNo, Serial};
use domain::needs::Needs;
use domain::request::Request;
use domain::world::World;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use store::{Attachments, Batch, Books, Fault, Lane, LaneNo, Page, Query, Record, Rows, Store};

/// How many rows of a table are looked at before the next page.
const SLICE: u32 = 500;

/// Why books were not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// What is copied from cannot be read, or is not sound.
    #[error("the books that are copied from: {0}")]
    Source(Fault),
    /// What is copied into cannot be written.
    #[error("the books that are copied into: {0}")]
    Target(Fault),
    /// The target holds something that is not the source's.
    #[error(
        "the books that are copied into are not empty and are no beginning of those that are copied from: {0}"
    )]
    NotEmpty(String),
}

/// Where a lane stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last serial it gave.
    pub last: Serial,
    /// Its latest block.
    pub block: Block,
}

/// Where all lanes of a store stand.
pub type Heads = BTreeMap<LaneNo, Head>;

/// What was copied.
#[derive(Debug, Clone, Default)]
pub struct Copied {
    /// Where the source stood when copying began: the target stands there now.
    pub heads: Heads,
    /// Records that were copied this time.
    pub records: u64,
    /// Blocks that were copied this time.
    pub blocks: u64,
    /// Records that were there already, from a time before that broke off.
    pub before: u64,
    /// Things on the desk that were put or removed.
    pub desk: u64,
    /// Papers that were laid on the shelf.
    pub papers: u64,
    /// Whether the desk was the same at last; where the source is being served, it may go on changing.
    pub desk_settled: bool,
}

/// Where all lanes stand now.
///
/// # Errors
/// A [`Fault`] where the store cannot be read.
pub async fn heads(store: &dyn Store) -> Result<Heads, Fault> {
    let Page::Lanes(lanes) = store.page(&Query::Lanes).await? else { return Err(Fault::other_page()) };
    let mut heads = Heads::new();
    for (lane, last) in lanes {
        let Page::Records(found) = store.page(&Query::Records { from: last, to: last, limit: 1 }).await?
        else {
            return Err(Fault::other_page());
        };
        let number = found.first().filter(|it| it.turn.serial == last).map(|it| it.block.1);
        let block = match number {
            Some(number) => block(store, lane, number).await?,
            None => None,
        };
        let missing = || Fault::Damaged(format!("lane {}: its last record or block is missing", lane.0));
        heads.insert(lane, Head { last, block: block.ok_or_else(missing)? });
    }
    Ok(heads)
}

/// A block by its number.
async fn block(store: &dyn Store, lane: LaneNo, number: u64) -> Result<Option<Block>, Fault> {
    let query = Query::Blocks { lane: lane.0, from: number, limit: 1 };
    let Page::Blocks(blocks) = store.page(&query).await? else { return Err(Fault::other_page()) };
    Ok(blocks.into_iter().next().filter(|it| it.number == number))
}

async fn records(store: &dyn Store) -> Result<u64, Fault> {
    let Page::Counts(counts) = store.page(&Query::Counts).await? else { return Err(Fault::other_page()) };
    Ok(counts.records)
}

/// Copies all that the source holds now and the target does not; `progress` is told how many records the target has.
///
/// # Errors
/// [`CopyError`]; what was copied until then stays and can be gone on from.
pub async fn copy(
    source: &dyn Books,
    target: &dyn Books,
    progress: &dyn Fn(u64),
) -> Result<Copied, CopyError> {
    let until = heads(source).await.map_err(CopyError::Source)?;
    let begun = heads(target).await.map_err(CopyError::Target)?;
    may_go_on(source, target, &begun).await?;
    desk::mark(target).await.map_err(CopyError::Target)?;
    let before = records(target).await.map_err(CopyError::Target)?;
    let after = begun.iter().map(|(lane, head)| (*lane, head.last)).collect();
    let last = until.iter().map(|(lane, head)| (*lane, head.last)).collect();
    let mut copied = Copied { before, ..Copied::default() };
    let mut walk = Walk::between(source, &after, last).await.map_err(CopyError::Source)?;
    let mut copying = Copying { source, target, lanes: BTreeMap::new(), blocks: BTreeMap::new() };
    let mut waiting: Vec<Record> = Vec::new();
    loop {
        let next = walk.next(source).await.map_err(CopyError::Source)?;
        let ends =
            next.as_ref().is_none_or(|(it, _)| waiting.last().is_some_and(|last| last.block != it.block));
        if ends && !waiting.is_empty() {
            copied.records += waiting.len() as u64;
            copied.blocks += 1;
            copying.write(std::mem::take(&mut waiting)).await?;
            progress(before + copied.records);
        }
        let Some((record, booked)) = next else { break };
        let journal = record.decision.changes().and_then(|it| it.journal.as_ref());
        if journal.map(|it| it.entries()).unwrap_or_default() != booked {
            return Err(unsound(&format!(
                "request {}: its entries are not those that were decided",
                record.turn.serial
            )));
        }
        waiting.push(record);
    }
    drop(copying);
    (copied.desk, copied.desk_settled) = desk::mirror(source, target).await?;
    copied.papers = shelf::mirror(source, target).await?;
    desk::unmark(target).await.map_err(CopyError::Target)?;
    copied.heads = until;
    Ok(copied)
}

fn unsound(what: &str) -> CopyError {
    CopyError::Source(Fault::Damaged(format!("{what}; `gongji verify` says all that is wrong")))
}

/// What is in the target already has to be how the source began.
async fn may_go_on(source: &dyn Books, target: &dyn Books, begun: &Heads) -> Result<(), CopyError> {
    for (lane, head) in begun {
        let same = block(source, *lane, head.block.number).await.map_err(CopyError::Source)?;
        if same != Some(head.block) {
            let what = format!("block {} of lane {} is another", head.block.number, lane.0);
            return Err(CopyError::NotEmpty(what));
        }
    }
    desk::may_go_on(source, target, begun.is_empty()).await
}

/// A copy on its way.
struct Copying<'a> {
    source: &'a dyn Books,
    target: &'a dyn Books,
    lanes: BTreeMap<LaneNo, Box<dyn Lane>>,
    /// Blocks of the source that were read ahead.
    blocks: BTreeMap<LaneNo, VecDeque<Block>>,
}

impl Copying<'_> {
    /// Writes the records of a block as one batch, and demands that it comes to the same block.
    async fn write(&mut self, records: Vec<Record>) -> Result<(), CopyError> {
        let (lane, number) = (LaneNo(records[0].block.0), records[0].block.1);
        let expected = self.sealed_as(lane, number).await.map_err(CopyError::Source)?;
        let attached = self.attachments(records).await.map_err(CopyError::Source)?;
        let open = self.lane(lane).await.map_err(CopyError::Target)?;
        let requests: Vec<&Request> = attached.iter().map(|(it, _)| &it.request).collect();
        let at = attached[0].0.turn.at;
        let rows = open.load(&requests, at).await.map_err(CopyError::Target)?;
        let batch = batch(rows, attached)?;
        if Some(batch.block) != expected {
            return Err(unsound(&format!(
                "lane {}: block {number} does not follow from what it seals",
                lane.0
            )));
        }
        open.commit(Arc::new(batch)).await.map_err(CopyError::Target)
    }

    /// A lane of the target. Where not all can be held at once, the others are let go of.
    async fn lane(&mut self, number: LaneNo) -> Result<&mut Box<dyn Lane>, Fault> {
        if !self.lanes.contains_key(&number) {
            let opened = match self.target.lane(number).await {
                Err(_) if !self.lanes.is_empty() => {
                    self.lanes.clear();
                    self.target.lane(number).await
                }
                opened => opened,
            };
            self.lanes.insert(number, opened?);
        }
        Ok(self.lanes.get_mut(&number).expect("it was just put there"))
    }

    /// The block of the source with this number.
    async fn sealed_as(&mut self, lane: LaneNo, number: u64) -> Result<Option<Block>, Fault> {
        let ahead = self.blocks.entry(lane).or_default();
        if ahead.is_empty() {
            let query = Query::Blocks { lane: lane.0, from: number, limit: SLICE };
            let Page::Blocks(blocks) = self.source.page(&query).await? else {
                return Err(Fault::other_page());
            };
            ahead.extend(blocks);
        }
        Ok(ahead.pop_front())
    }

    /// What travelled with records, as the source has it now: only ever the person or the place that a record is about.
    async fn attachments(&self, records: Vec<Record>) -> Result<Vec<(Record, Attachments)>, Fault> {
        let persons = records.iter().filter_map(about_person);
        let places = records.iter().filter_map(about_place);
        let needs = Needs { persons: persons.collect(), institutions: places.collect(), ..Needs::default() };
        let mut rows = None;
        if !needs.persons.is_empty() || !needs.institutions.is_empty() {
            let at = records[0].turn.at;
            let Page::Facts(found) = self.source.page(&Query::Facts(Box::new(needs), at)).await? else {
                return Err(Fault::other_page());
            };
            rows = Some(found);
        }
        let mut attached = Vec::new();
        for record in records {
            let identity = about_person(&record).and_then(|it| rows.as_ref()?.identities.get(&it).cloned());
            let name = about_place(&record).and_then(|it| rows.as_ref()?.names.get(&it).cloned());
            let book = match record.decision.changes().and_then(|it| it.book) {
                None => None,
                Some(digest) => {
                    let page = self.source.page(&Query::Book(digest)).await?;
                    let Page::Book(book) = page else { return Err(Fault::other_page()) };
                    book
                }
            };
            attached.push((record, Attachments { identity, name, book }));
        }
        Ok(attached)
    }
}

fn about_person(record: &Record) -> Option<PersonNo> {
    record.decision.changes()?.persons.first().map(|it| it.no)
}

fn about_place(record: &Record) -> Option<InstitutionCode> {
    record.decision.changes()?.institutions.first().map(|it| it.code)
}

/// The batch that these records were, on what the target holds before it.
fn batch(rows: Rows, records: Vec<(Record, Attachments)>) -> Result<Batch, CopyError> {
    let mut world = World::from(rows.facts);
    for (record, _) in &records {
        let applied = catch_unwind(AssertUnwindSafe(|| {
            world.apply(&record.request, record.turn, &record.decision);
        }));
        if applied.is_err() {
            let serial = record.turn.serial;
            return Err(unsound(&format!("request {serial}: its decision does not fit what was there")));
        }
    }
    Ok(seal(&rows.head, &world, records))
}
