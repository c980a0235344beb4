//! The lines of a settlement as they were judged, found in what stands on record of it.

use crate::bill::{Judged, Line, Split, adjudicate};
use crate::decision::{Answer, Case, Changes, Done};
use crate::facts::Settlement;
use crate::fund::Shared;
use crate::ids::SettlementNo;
use crate::money::{Fen, Total};
use crate::patient::Patient;
use crate::undo::settled_by;

/// A line of a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledLine {
    /// The line as it was settled: of a stay, less what was taken back of it.
    pub line: Line,
    /// The national code that it was judged by: its own, else the institution's mapping of that moment.
    pub code: String,
    /// What it came to (R-J2).
    pub split: Split,
}

/// The lines of a settlement that this request made, in the order in which they were settled; not those of a cancellation.
/// A settlement that was asked for has its splits on record. What remained of a partial refund is judged again, by the facts and
/// the law of the record (R-E9). `None` where the lines do not add up to the settlement.
pub fn settled_lines(case: Case<'_>, it: &Settlement, done: &Done) -> Option<Vec<SettledLine>> {
    let lines = taken(&done.changes, it.no);
    let splits: Vec<Split> = match &done.answer {
        Answer::Settled(_, judged) => judged.iter().map(|(_, split)| *split).collect(),
        Answer::Refunded(..) => judge_again(case, it, &lines)?,
        Answer::Done
        | Answer::Person(_)
        | Answer::Visit(_)
        | Answer::Lines(_)
        | Answer::Binding(_)
        | Answer::Proxy(_)
        | Answer::Charged(_)
        | Answer::Cancelled(_)
        | Answer::Reversed(_)
        | Answer::Barred => return None,
    };
    let is_same = lines.len() == splits.len() && adds_up(&splits, &it.shared);
    let settled = |(line, split): (Line, Split)| {
        let code = case.facts.national_code(it.institution, &line).to_owned();
        SettledLine { code, line, split }
    };
    is_same.then(|| lines.into_iter().zip(splits).map(settled).collect())
}

/// The lines that a settlement took.
fn taken(changes: &Changes, no: SettlementNo) -> Vec<Line> {
    let batches = changes.batches.iter().filter(|(_, _, it)| it.settled == Some(no));
    batches.flat_map(|(_, _, it)| it.rest()).collect()
}

fn judge_again(case: Case<'_>, it: &Settlement, lines: &[Line]) -> Option<Vec<Split>> {
    let institution = case.facts.institutions.get(&it.institution)?;
    let person = case.facts.persons.get(&it.patient)?;
    let patient = Patient { institution, person, enrolment: settled_by(case, it)? };
    let (day, whom) = (it.service_day, patient.whom(it.service_day));
    let judged = Judged { area: it.area, institution: it.institution, day, whom };
    adjudicate(lines, judged, case.facts, case.law).ok().map(|(splits, _)| splits)
}

/// Whether lines come to the amounts that are shared out (I10).
fn adds_up(splits: &[Split], shared: &Shared) -> bool {
    let comes_to = |part: fn(&Split) -> Fen, amount: Fen| {
        splits.iter().map(|it| Total::credit(part(it))).sum::<Total>() == Total::credit(amount)
    };
    comes_to(|it| it.cost, shared.total)
        && comes_to(|it| it.full_self, shared.full_self)
        && comes_to(|it| it.over_limit, shared.over_limit)
        && comes_to(|it| it.first_pay, shared.first_pay)
        && comes_to(|it| it.in_scope, shared.in_scope)
}
