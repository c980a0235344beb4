//! What is charged in an in-patient stay (2301, 2302): lines that come day by day, each once; lines with negative amounts
//! take back part of one that was charged before, never more than is left of it (R-E20).

use crate::admission::{find_stay, last_day};
use crate::bill::{Correction, Line, Split, adjudicate};
use crate::bill_checks::check_lines;
use crate::day::Day;
use crate::decision::{Answer, Case, Changes, Decision, Steps};
use crate::facts::{Batch, Stay, Visit};
use crate::ids::VisitNo;
use crate::policy::{Cite, Silent};
use crate::reason::Reason;
use crate::stay::{Charge, ChargeItem, RemoveCharges};
use crate::visit::{batches_of, judged, refuse};
use crate::words::StayDay;
use std::collections::{BTreeMap, BTreeSet};

/// A batch on its way.
#[derive(Debug, Clone, Default)]
struct Open {
    batch: Batch,
    /// What is left of each of its lines.
    left: BTreeMap<String, Line>,
    /// The numbers of its lines and corrections.
    held: BTreeSet<String>,
    /// The numbers of those that are taken out.
    gone: BTreeSet<String>,
    /// Whether it is not what it was.
    changed: bool,
}

impl Open {
    fn of(batch: Batch) -> Open {
        let lines = batch.lines.iter().map(|it| &it.sn);
        let held = lines.chain(batch.corrections.iter().map(|it| &it.line.sn)).cloned().collect();
        Open { left: net(&batch), held, batch, ..Open::default() }
    }
}

/// The lines of a batch, each less what was taken back of it.
pub(crate) fn net(batch: &Batch) -> BTreeMap<String, Line> {
    let mut left: BTreeMap<String, Line> = batch.lines.iter().map(|it| (it.sn.clone(), it.clone())).collect();
    for correction in &batch.corrections {
        if let Some(line) = left.get_mut(&correction.corrects) {
            *line = less(line, &correction.line).expect("what was taken back was there");
        }
    }
    left
}

impl Batch {
    /// Its lines less what was taken back of them; what was taken back in full is left out.
    pub fn rest(&self) -> Vec<Line> {
        if self.corrections.is_empty() {
            return self.lines.clone();
        }
        let mut left = net(self);
        let rest = self.lines.iter().filter_map(|it| left.remove(&it.sn));
        rest.filter(|it| it.count.get() > 0 || !it.cost.is_zero()).collect()
    }
}

/// A line less what is taken back of it; `None` where that is more than there is, or of something else.
fn less(line: &Line, taken: &Line) -> Option<Line> {
    let same = line.code == taken.code
        && line.own_code == taken.own_code
        && line.price == taken.price
        && line.self_paid == taken.self_paid;
    let (count, cost) = (line.count.minus(taken.count)?, line.cost.minus(taken.cost)?);
    same.then(|| Line { count, cost, ..line.clone() })
}

/// The day whose law a stay is judged by: of admission or of discharge, as the area says (R-E19).
pub(crate) fn law_day(case: Case<'_>, visit: &Visit, last: Day) -> Result<(Day, Cite), Silent> {
    let area = case.facts.enrolments.get(&visit.enrolment).map_or(crate::ids::Area::NATION, |it| it.area);
    let said = case.law.policies.parameters.stay_day.on(area, visit.begun.day())?;
    let day = match said.value {
        StayDay::Admission => visit.begun.day(),
        StayDay::Discharge => last,
    };
    Ok((day, said.cite))
}

/// Decides [`Charge`]: all lines or none.
pub(crate) fn charge(case: Case<'_>, it: &Charge) -> Decision {
    let (visit, stay) = match find_open(case, it) {
        Ok(found) => found,
        Err(reason) => return refuse(reason),
    };
    let mut steps = Steps::default();
    let lines: Vec<Line> = it.items.iter().map(|it| it.line().clone()).collect();
    check_lines(&lines, &mut steps);
    let mut charging = Charging::new(case, visit.no);
    let mut counts = Vec::with_capacity(lines.len());
    for item in &it.items {
        match charging.take(item) {
            Ok(count) => counts.push(count),
            Err(reason) => steps.refuse(reason),
        }
    }
    let splits = if steps.reasons.is_empty() { judge(case, visit, stay, &counts) } else { Ok(Vec::new()) };
    let splits = splits.unwrap_or_else(|reasons| {
        reasons.into_iter().for_each(|it| steps.refuse(it));
        Vec::new()
    });
    if let Some(refusal) = steps.refusal() {
        return refusal;
    }
    let said = lines.into_iter().zip(splits).map(|(line, (now, before))| (line.sn, now, before));
    Decision::done(Answer::Charged(said.collect()), charging.changes(), steps.list)
}

/// The stay, as long as it is not settled for good.
fn find_open<'a>(case: Case<'a>, it: &Charge) -> Result<(&'a Visit, Stay), Reason> {
    let (visit, stay) = find_stay(case, &it.of)?;
    stay.settled.map_or(Ok((visit, stay)), |settlement| Err(Reason::StaySettled { settlement }))
}

/// A line as it counts now and, where it was corrected, as it counted before.
type Counted = (Line, Option<Line>);

/// Lines as they count now and before. What corrects a line is judged as what it changes, so that the answers to all
/// messages of a stay add up to its bill (I10).
fn judge(
    case: Case<'_>,
    visit: &Visit,
    stay: Stay,
    counts: &[Counted],
) -> Result<Vec<(Split, Option<Split>)>, Vec<Reason>> {
    let (day, _) =
        law_day(case, visit, last_day(case, stay, None)).map_err(|it| vec![Reason::NoPolicy(it)])?;
    let judged = judged(case, visit, day)?;
    let now: Vec<Line> = counts.iter().map(|(now, _)| now.clone()).collect();
    let before: Vec<Line> = counts.iter().filter_map(|(_, before)| before.clone()).collect();
    let (now, _) = adjudicate(&now, judged, case.facts, case.law)?;
    let (before, _) = adjudicate(&before, judged, case.facts, case.law)?;
    let mut before = before.into_iter();
    let both =
        now.into_iter().zip(counts).map(|(now, (_, was))| (now, was.as_ref().and_then(|_| before.next())));
    Ok(both.collect())
}

/// The batches that a message touches.
struct Charging<'a> {
    case: Case<'a>,
    visit: VisitNo,
    /// The batch of what the message charges.
    own: String,
    open: BTreeMap<String, Open>,
    /// In which batch lines are put.
    put: BTreeMap<String, String>,
}

impl<'a> Charging<'a> {
    fn new(case: Case<'a>, visit: VisitNo) -> Charging<'a> {
        let own = case.turn.serial.0.to_string();
        Charging { case, visit, own, open: BTreeMap::new(), put: BTreeMap::new() }
    }

    /// The batch with this number, as this message has made it so far.
    fn open(&mut self, no: &str) -> &mut Open {
        let case = self.case;
        let key = (self.visit, no.to_owned());
        let known = || case.facts.batches.get(&key).cloned().unwrap_or_default();
        self.open.entry(no.to_owned()).or_insert_with(|| Open::of(known()))
    }

    /// The batch that holds a line or a correction: where it was put last, unless it was taken out since.
    fn batch_of(&mut self, sn: &str) -> Option<String> {
        if let Some(no) = self.put.get(sn) {
            return Some(no.clone());
        }
        let no = self.case.facts.charges.get(&(self.visit, sn.to_owned()))?.clone();
        self.open(&no).held.contains(sn).then_some(no)
    }

    fn take(&mut self, item: &ChargeItem) -> Result<Counted, Reason> {
        let sn = &item.line().sn;
        if self.batch_of(sn).is_some() {
            return Err(Reason::LineRepeated { sn: sn.clone() });
        }
        match item {
            ChargeItem::New(line) => {
                let own = self.own.clone();
                let open = self.open(&own);
                open.changed = true;
                open.left.insert(sn.clone(), line.clone());
                open.batch.lines.push(line.clone());
                self.put.insert(sn.clone(), own);
                Ok((line.clone(), None))
            }
            ChargeItem::Correct(it) => self.correct(it),
        }
    }

    /// What corrects a line lies with it: then what is left of a line is found in its batch.
    fn correct(&mut self, it: &Correction) -> Result<Counted, Reason> {
        let unknown = || Reason::LineUnknown { sn: it.corrects.clone() };
        let no = self.batch_of(&it.corrects).ok_or_else(unknown)?;
        let open = self.open(&no);
        if let Some(settlement) = open.batch.settled {
            return Err(Reason::LineSettled { sn: it.corrects.clone(), settlement });
        }
        let before = open.left.get(&it.corrects).ok_or_else(unknown)?.clone();
        let now = less(&before, &it.line);
        let now = now.ok_or_else(|| Reason::CorrectionTooLarge { sn: it.line.sn.clone() })?;
        open.left.insert(it.corrects.clone(), now.clone());
        open.batch.corrections.push(it.clone());
        open.changed = true;
        self.put.insert(it.line.sn.clone(), no);
        Ok((now, Some(before)))
    }

    fn changes(self) -> Changes {
        let visit = self.visit;
        let changed = self.open.into_iter().filter(|(_, it)| it.changed);
        let batches = changed.map(|(no, it)| (visit, no, it.batch));
        let charges = self.put.into_iter().map(|(sn, batch)| (visit, sn, batch));
        Changes { batches: batches.collect(), charges: charges.collect(), ..Changes::default() }
    }
}

/// Takes lines out: never what is settled, and no line of which something was taken back, unless that goes too.
pub(crate) fn remove(case: Case<'_>, it: &RemoveCharges) -> Result<Changes, Reason> {
    let (visit, _) = find_stay(case, &it.of)?;
    let Some(wanted) = &it.lines else {
        let open = batches_of(case, visit.no).filter(|(_, it)| it.settled.is_none() && !it.lines.is_empty());
        let batches = open.map(|(no, _)| (visit.no, no.clone(), Batch::default())).collect();
        return Ok(Changes { batches, ..Changes::default() });
    };
    let mut charging = Charging::new(case, visit.no);
    for sn in wanted {
        let no = charging.batch_of(sn).ok_or_else(|| Reason::LineUnknown { sn: sn.clone() })?;
        let open = charging.open(&no);
        if let Some(settlement) = open.batch.settled {
            return Err(Reason::LineSettled { sn: sn.clone(), settlement });
        }
        open.gone.insert(sn.clone());
    }
    for Open { batch, left, gone, changed, .. } in charging.open.values_mut() {
        batch.lines.retain(|it| !gone.contains(&it.sn));
        batch.corrections.retain(|it| !gone.contains(&it.line.sn));
        left.retain(|sn, _| !gone.contains(sn));
        *changed = !gone.is_empty();
        if let Some(it) = batch.corrections.iter().find(|it| !left.contains_key(&it.corrects)) {
            return Err(Reason::LineCorrected { sn: it.corrects.clone() });
        }
    }
    Ok(charging.changes())
}
