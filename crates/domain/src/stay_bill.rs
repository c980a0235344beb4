//! Settling an in-patient stay (2303 to 2305): all that was charged and is not settled, by the law of one day; the
//! deductible once for all settlements of the stay, by which stay of the year it is (R-E19, R-E20).

use crate::admission::{check_days, last_day};
use crate::bill::Line;
use crate::bill_checks::MOST_STAY_LINES;
use crate::charges::law_day;
use crate::day::Day;
use crate::decision::{Case, Check, Steps};
use crate::facts::{Batch, Settlement, Stay, Visit};
use crate::ids::{SettlementNo, VisitNo};
use crate::patient::{Served, identify};
use crate::reason::Reason;
use crate::request::Settle;
use crate::settle::{Bill, year_key};
use crate::visit::{batches_of, find};
use crate::words::{Care, DischargeOrder};

/// What a bill settles of a stay.
pub(crate) struct StayBill {
    /// The stay goes on.
    pub(crate) interim: bool,
    /// Which stay of the year it is, from 1.
    pub(crate) nth: u16,
    /// 1 where this settlement counts the stay, 0 where one that stands has counted it.
    pub(crate) counts: u16,
}

/// The bill of a stay: lines less what was taken back of them.
pub(crate) fn gather<'a>(
    case: Case<'a>,
    it: &Settle,
    no: VisitNo,
    (interim, left): (bool, Option<Day>),
    steps: &mut Steps,
) -> Option<Bill<'a>> {
    let known = case.person(it.patient, "psn_no").and_then(|it| find(case, no, it.no, Care::Inpatient));
    let visit = known.map_err(|reason| steps.refuse(reason)).ok()?.clone();
    let stay = visit.stay.unwrap_or_default();
    if let Err(reason) = may_settle(case, &visit, stay, left) {
        steps.refuse(reason);
        return None;
    }
    check_order(case, stay, interim, steps).map_err(|it| steps.refuse(it)).ok()?;
    if it.scheme != visit.scheme {
        steps.refuse(Reason::SchemeNotHeld { person: visit.patient, scheme: it.scheme });
    }
    let lines = open_lines(case, no);
    // The rest of a stay that was settled on the way may be nothing.
    let nothing = lines.is_empty() && (interim || stay.nth == 0);
    if nothing || lines.len() > MOST_STAY_LINES {
        steps.refuse(Reason::LineCount { count: lines.len() as u64, most: MOST_STAY_LINES as u64 });
    }
    let last = last_day(case, stay, left);
    let (day, cite) = law_day(case, &visit, last).map_err(|it| steps.refuse(Reason::NoPolicy(it))).ok()?;
    steps.check("R-E19", Some(cite), Check::StayDay, None);
    let patient = identify(case, it.patient, visit.scheme, Served { day, last }, &it.credential, steps)?;
    let year = case.facts.tally(year_key(&visit, day));
    let counts = u16::from(!is_counted(case, no));
    let nth = if stay.nth > 0 { stay.nth } else { year.stays.saturating_add(1) };
    let med_type = visit.med_type.clone().unwrap_or_default();
    let stay = Some(StayBill { interim, nth, counts });
    let (batch, bought_by) = (String::new(), None);
    Some(Bill { patient, visit, new_visit: false, batch, lines, med_type, day, stay, bought_by })
}

/// A stay is settled for good once; the day that the institution says the patient left on makes sense.
fn may_settle(case: Case<'_>, visit: &Visit, stay: Stay, left: Option<Day>) -> Result<(), Reason> {
    if let Some(settlement) = stay.settled {
        return Err(Reason::StaySettled { settlement });
    }
    left.map_or(Ok(()), |left| check_days(case, visit.begun.day().start(), left.start()))
}

/// The final settlement comes before or after the discharge, as the institution's area wants.
fn check_order(case: Case<'_>, stay: Stay, interim: bool, steps: &mut Steps) -> Result<(), Reason> {
    let area = case.institution()?.area;
    let order = case.law.policies.parameters.discharge_order.on(area, case.today());
    let order = order.map_err(Reason::NoPolicy)?;
    let too_early = *order.value == DischargeOrder::DischargeFirst && !interim && stay.discharged.is_none();
    let reason = too_early.then_some(Reason::StayNotDischarged {});
    steps.check("R-E20", Some(order.cite), Check::StayOrder, reason);
    Ok(())
}

/// Batches of a stay that are not settled.
fn open(case: Case<'_>, visit: VisitNo) -> impl Iterator<Item = (&String, &Batch)> {
    batches_of(case, visit).filter(|(_, it)| it.settled.is_none() && !it.lines.is_empty())
}

/// What is left of the lines of a stay.
fn open_lines(case: Case<'_>, visit: VisitNo) -> Vec<Line> {
    open(case, visit).flat_map(|(_, batch)| batch.rest()).collect()
}

/// Settlements of a stay that stand.
fn standing(case: Case<'_>, visit: VisitNo) -> impl Iterator<Item = &Settlement> {
    let of_stay = move |it: &&Settlement| it.visit == visit && it.undoes.is_none() && it.undone_by.is_none();
    case.facts.settlements.values().filter(of_stay)
}

fn is_counted(case: Case<'_>, visit: VisitNo) -> bool {
    standing(case, visit).any(|it| it.shared.tally.stays > 0)
}

/// The stay as it knows this settlement.
pub(crate) fn settled(visit: &Visit, bill: &StayBill, no: SettlementNo) -> Visit {
    let stay = visit.stay.unwrap_or_default();
    let settled = (!bill.interim).then_some(no);
    Visit { stay: Some(Stay { nth: bill.nth, settled, ..stay }), ..visit.clone() }
}

/// All that a settlement takes.
pub(crate) fn settled_batches(
    case: Case<'_>,
    visit: VisitNo,
    no: SettlementNo,
) -> Vec<(VisitNo, String, Batch)> {
    let taken =
        |(name, it): (&String, &Batch)| (visit, name.clone(), Batch { settled: Some(no), ..it.clone() });
    open(case, visit).map(taken).collect()
}

/// Why a settlement of a stay cannot be undone yet: a later one stands. It counts no stay and bears no deductible,
/// because this one does.
pub(crate) fn undone_before(case: Case<'_>, original: &Settlement) -> Option<Reason> {
    let stay = case.facts.visits.get(&original.visit)?.stay?;
    let later = standing(case, original.visit).filter(|it| it.order() > original.order());
    let settlement = later.max_by_key(|it| it.order())?.no;
    let is_final = stay.settled == Some(settlement);
    Some(if is_final { Reason::StaySettled { settlement } } else { Reason::LaterSettlement { settlement } })
}

/// The stay without this settlement.
pub(crate) fn undone(case: Case<'_>, original: &Settlement) -> Option<Visit> {
    let visit = case.facts.visits.get(&original.visit)?;
    let stay = visit.stay?;
    let others = standing(case, visit.no).any(|it| it.no != original.no);
    let stay = Stay {
        nth: if others { stay.nth } else { 0 },
        settled: stay.settled.filter(|it| *it != original.no),
        ..stay
    };
    Some(Visit { stay: Some(stay), ..visit.clone() })
}

/// What a settlement took, to be settled again.
pub(crate) fn opened_batches(case: Case<'_>, original: &Settlement) -> Vec<(VisitNo, String, Batch)> {
    let taken = batches_of(case, original.visit).filter(|(_, it)| it.settled == Some(original.no));
    let open =
        |(name, it): (&String, &Batch)| (original.visit, name.clone(), Batch { settled: None, ..it.clone() });
    taken.map(open).collect()
}
