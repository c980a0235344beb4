//! The rules of in-patient stays again, by hand: one stay at a time, lines that add up, one deductible, nothing settled
//! that changes.

use crate::audit::Seen;
use domain::decision::Changes;
use domain::facts::{Batch, Facts, Settlement, Stay, Visit};
use domain::ids::VisitNo;
use domain::money::Fen;
use domain::words::{Purpose, Scheme};
use std::collections::BTreeMap;

type Wrong = Result<(), String>;

const TAIYUAN: u32 = 140_100;

/// What a resident of Taiyuan bears of each stay before the fund pays.
const TAIYUAN_DEDUCTIBLE: i64 = 40_000;

fn demand(yes: bool, what: impl FnOnce() -> String) -> Wrong {
    if yes { Ok(()) } else { Err(what()) }
}

/// What a record says about stays.
///
/// # Errors
/// The first rule that is broken.
pub fn check(seen: &Seen<'_>) -> Wrong {
    let Some(changes) = seen.record.decision.changes() else { return Ok(()) };
    for visit in &changes.visits {
        let Some(stay) = visit.stay else { continue };
        alone(seen.after, visit, stay)?;
        counted(seen.after, visit, stay)?;
    }
    for (visit, no, batch) in &changes.batches {
        let stay = seen.after.visits.get(visit).is_some_and(|it| it.stay.is_some());
        if stay {
            let before = seen.before.batches.get(&(*visit, no.clone()));
            charged(seen.after, (*visit, no), before, batch)?;
        }
    }
    Ok(())
}

/// No two stays of one patient in one institution at the same time; no end before the beginning.
fn alone(facts: &Facts, visit: &Visit, stay: Stay) -> Wrong {
    if visit.cancelled {
        return demand(stay.nth == 0 && stay.discharged.is_none(), || "a stay with bills is gone".to_owned());
    }
    demand(stay.discharged.is_none_or(|it| visit.begun <= it), || "it ends before it begins".to_owned())?;
    let others = facts.visits.values().filter(|it| {
        it.no != visit.no
            && it.patient == visit.patient
            && it.institution == visit.institution
            && !it.cancelled
    });
    for other in others {
        let Some(their) = other.stay else { continue };
        let before = their.discharged.is_some_and(|it| it <= visit.begun);
        let after = stay.discharged.is_some_and(|it| it <= other.begun);
        demand(before || after, || format!("stays {} and {} are at the same time", visit.no, other.no))?;
    }
    Ok(())
}

fn standing(facts: &Facts, visit: VisitNo) -> impl Iterator<Item = &Settlement> {
    let of_visit = move |it: &&Settlement| it.visit == visit && it.undoes.is_none() && it.undone_by.is_none();
    facts.settlements.values().filter(of_visit)
}

/// A stay is counted once while a settlement of it stands, and bears one deductible over all of them.
fn counted(facts: &Facts, visit: &Visit, stay: Stay) -> Wrong {
    let settlements: Vec<&Settlement> = standing(facts, visit.no).collect();
    demand((stay.nth > 0) != settlements.is_empty(), || format!("stay {} is the {}th", visit.no, stay.nth))?;
    let times: u16 = settlements.iter().map(|it| it.shared.tally.stays).sum();
    demand(times == u16::from(!settlements.is_empty()), || format!("a stay is counted {times} times"))?;
    let last = stay.settled.is_none_or(|no| settlements.iter().any(|it| it.no == no));
    demand(last, || "its final settlement does not stand".to_owned())?;
    let residents = settlements.iter().all(|it| {
        it.area.number() == TAIYUAN && it.scheme == Scheme::Resident && it.institution == visit.institution
    });
    let sum = |amount: fn(&Settlement) -> Fen| settlements.iter().map(|it| amount(it).get()).sum::<i64>();
    let expected = sum(|it| it.shared.in_scope).min(TAIYUAN_DEDUCTIBLE);
    let borne = sum(|it| it.shared.tally.deductible);
    demand(!residents || borne == expected, || format!("{borne} borne as deductible, not {expected}"))
}

/// What is settled stays as it was; no line is taken back by more than it was; each line is found where it is.
fn charged(facts: &Facts, key: (VisitNo, &String), before: Option<&Batch>, batch: &Batch) -> Wrong {
    let same = |before: &Batch| before.lines == batch.lines && before.corrections == batch.corrections;
    let kept = before.is_none_or(|it| it.settled.is_none() || same(it));
    demand(kept, || format!("settled lines of batch {} changed", key.1))?;
    let mut left: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for line in &batch.lines {
        let twice = left.insert(&line.sn, (line.count.get(), line.cost.get())).is_some();
        demand(!twice, || format!("line {} is there twice", line.sn))?;
    }
    for it in &batch.corrections {
        let line = left.get_mut(it.corrects.as_str()).ok_or("what was corrected is not there")?;
        *line = (line.0 - it.line.count.get(), line.1 - it.line.cost.get());
        demand(line.0 >= 0 && line.1 >= 0, || format!("more of line {} was taken back", it.corrects))?;
    }
    let numbers = batch.lines.iter().map(|it| &it.sn).chain(batch.corrections.iter().map(|it| &it.line.sn));
    for sn in numbers {
        let found = facts.charges.get(&(key.0, sn.clone())) == Some(key.1);
        demand(found, || format!("line {sn} is not found in its batch"))?;
    }
    Ok(())
}

/// What a settlement of a stay took: lines less what was taken back.
pub fn took(facts: &Facts, it: &Settlement) -> i64 {
    let first = (it.visit, String::new());
    let batches = facts.batches.range(first..).take_while(|((visit, _), _)| *visit == it.visit);
    let taken = batches.map(|(_, batch)| batch).filter(|batch| batch.settled == Some(it.no));
    taken.fold(0, |sum, batch| {
        let lines: i64 = batch.lines.iter().map(|it| it.cost.get()).sum();
        let back: i64 = batch.corrections.iter().map(|it| it.line.cost.get()).sum();
        sum + lines - back
    })
}

/// What a record reached of stays.
pub fn reached(changes: &Changes) -> [(&'static str, bool); 5] {
    let stays = || changes.settlements.iter().filter(|it| it.purpose == Purpose::Inpatient);
    let made = || stays().filter(|it| it.undoes.is_none() && it.undone_by.is_none());
    let for_good = |it: &Settlement| {
        let known = |visit: &Visit| visit.stay.is_some_and(|stay| stay.settled == Some(it.no));
        changes.visits.iter().any(known)
    };
    let corrected = changes.batches.iter().any(|(.., it)| !it.corrections.is_empty() && it.settled.is_some());
    [
        ("stay on the way", made().any(|it| !for_good(it))),
        ("stay for good", made().any(for_good)),
        ("stay by relatives", made().any(|it| it.draws.iter().any(|it| it.binding.is_some()))),
        ("stay undone", stays().any(|it| it.undoes.is_some())),
        ("stay corrected", corrected),
    ]
}
