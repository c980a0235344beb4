//! Packs with trace codes, recounted from the records, held against the rows that say by which settlement each was sold
//! (R-J5).

use domain::facts::Settlement;
use domain::ids::SettlementNo;
use domain::trace::TraceCode;
use domain::world::World;
use std::collections::BTreeMap;
use store::{Fault, Page, Query, Store};

/// How many packs are read at once.
const SLICE: u32 = 500;

/// Reads every pack that is kept as sold: one that should be free is on no line of a bill any more, and nothing else leads
/// there. Says everything that differs.
///
/// # Errors
/// A [`Fault`] where the store cannot be read.
pub(super) async fn compare(world: &World, store: &dyn Store) -> Result<Vec<String>, Fault> {
    let mut findings = Vec::new();
    let mut missing: BTreeMap<&TraceCode, SettlementNo> =
        world.traces.iter().map(|(code, by)| (code, *by)).collect();
    let mut after = None;
    loop {
        let kept = match store.page(&Query::Packs { after, limit: SLICE }).await {
            Ok(Page::Packs(kept)) => kept,
            Ok(_) => return Err(Fault::Damaged("asked for packs, got another page".to_owned())),
            Err(Fault::Damaged(what)) => return Ok(vec![format!("packs cannot be read: {what}")]),
            Err(fault) => return Err(fault),
        };
        after = kept.last().map(|(code, _)| code.clone());
        for (code, by) in &kept {
            let seller = missing.remove(code);
            if seller != Some(*by) {
                findings.push(otherwise(world, code, *by, seller));
            }
        }
        if after.is_none() {
            break;
        }
    }
    let missing = missing.into_iter();
    findings.extend(
        missing.map(|(code, by)| format!("pack {code}: settlement {by} sold it, and it is kept as free")),
    );
    Ok(findings)
}

/// What is wrong with a pack that is kept as sold by a settlement.
fn otherwise(world: &World, code: &TraceCode, by: SettlementNo, seller: Option<SettlementNo>) -> String {
    let sells = |it: &Settlement| {
        let batch = world.batches.get(&(it.visit, it.batch.clone()));
        batch.is_some_and(|batch| batch.lines.iter().flat_map(|it| &it.traces).any(|it| it.code == *code))
    };
    let why = match world.settlements.get(&by) {
        None => "which is not there",
        Some(it) if it.undone_by.is_some() || it.undoes.is_some() => "which does not stand",
        Some(it) if !sells(it) => "which does not sell it",
        Some(_) => "which has it on a line",
    };
    let seller = seller.map_or_else(|| "it is free".to_owned(), |it| format!("settlement {it} sold it"));
    format!("pack {code}: kept as sold by settlement {by}, {why}; {seller}")
}
