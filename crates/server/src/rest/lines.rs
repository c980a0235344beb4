//! The lines of a settled bill: what was bought. They are the patient's; a giver whose money paid reads them as long as
//! the patient allows it (R-K2). No diagnosis is in the books at all.

use super::call::Call;
use super::problem::Problem;
use super::telling::Teller;
use super::wire::{Count, Yuan};
use crate::tokens::Role;
use domain::bill::Line;
use domain::binding::Sight;
use domain::facts::{Draw, Facts, Settlement};
use domain::needs::Needs;
use serde::Serialize;
use utoipa::ToSchema;

/// The most lines of a bill that are told at once.
const MOST: usize = 500;

/// The lines of a bill, for its patient and for those who paid it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LinesView {
    /// Whether the caller reads them.
    shown: bool,
    /// Why not: `not_allowed` by the patient, `settled_before` the patient allowed it, `over` as the two are no longer
    /// bound, `returned` as nothing of the bill stands.
    kept: Option<&'static str>,
    /// The same for people.
    says: Option<String>,
    lines: Vec<LineView>,
    /// How many more there are.
    left_off: usize,
}

/// A line of a bill.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LineView {
    /// What it is, where its national code is known.
    name: Option<String>,
    /// The national code; the institution's own where there is none.
    code: String,
    count: Count,
    cost: Yuan,
}

/// Why somebody does not read the lines of a bill.
#[derive(Debug, Clone, Copy)]
enum Kept {
    Returned,
    From(Sight),
}

impl Kept {
    fn word(self) -> &'static str {
        match self {
            Kept::Returned => "returned",
            Kept::From(Sight::SettledBefore(_)) => "settled_before",
            Kept::From(Sight::Over) => "over",
            Kept::From(Sight::NotAllowed | Sight::Shown) => "not_allowed",
        }
    }

    fn says(self, teller: &Teller<'_>, it: &Settlement) -> String {
        let texts = teller.reader().texts;
        let name = teller.person(it.patient).name;
        let since = if let Kept::From(Sight::SettledBefore(since)) = self { Some(since) } else { None };
        let since = since.map(|it| texts.moment(it)).unwrap_or_default();
        texts.fill(&format!("words.lines.{}", self.word()), &[("name", name), ("since", since)])
    }
}

/// Whether the reader reads the lines of a bill. The patient does, and who acts for them; a giver as the binding says
/// that paid.
fn sight(teller: &Teller<'_>, it: &Settlement) -> Result<(), Kept> {
    if !teller.entitled(it.patient) {
        let mine = it.draws.iter().filter(|draw| teller.entitled(draw.owner));
        let binding = |draw: &Draw| teller.facts.bindings.get(&draw.binding?);
        let sights: Vec<Sight> =
            mine.filter_map(binding).map(|bound| bound.sight(it.at, it.service_day, teller.at)).collect();
        if !sights.contains(&Sight::Shown) {
            return Err(Kept::From(sights.first().copied().unwrap_or(Sight::NotAllowed)));
        }
    }
    let stands = it.undoes.is_none() && it.undone_by.is_none();
    stands.then_some(()).ok_or(Kept::Returned)
}

impl LinesView {
    /// Of a bill, from facts that hold its batches. Staff read what was decided and why, not what was bought.
    pub(crate) fn of(teller: &Teller<'_>, bills: &Facts, it: &Settlement) -> Option<LinesView> {
        if teller.viewer.role != Role::Citizen {
            return None;
        }
        let (kept, says, all) = match sight(teller, it) {
            Ok(()) => (None, None, lines(bills, it)),
            Err(kept) => (Some(kept.word()), Some(kept.says(teller, it)), Vec::new()),
        };
        let view = |line: &Line| LineView::of(teller, bills, it, line);
        Some(LinesView {
            shown: kept.is_none(),
            kept,
            says,
            lines: all.iter().take(MOST).map(view).collect(),
            left_off: all.len().saturating_sub(MOST),
        })
    }
}

/// All that a settlement took, less what was taken back of it.
fn lines(bills: &Facts, it: &Settlement) -> Vec<Line> {
    let batches = bills.batches.iter().filter(|((visit, _), _)| *visit == it.visit);
    let taken = batches.filter(|(_, batch)| batch.settled == Some(it.no));
    taken.flat_map(|(_, batch)| batch.rest()).collect()
}

impl LineView {
    fn of(teller: &Teller<'_>, bills: &Facts, bill: &Settlement, line: &Line) -> LineView {
        let code = bills.national_code(bill.institution, line);
        let catalogue = &teller.law.catalogue;
        let name = catalogue.drug_name(code).or_else(|| catalogue.service_name(code));
        LineView {
            name: name.map(str::to_owned),
            code: if code.is_empty() { line.own_code.clone() } else { code.to_owned() },
            count: Count(line.count),
            cost: Yuan(line.cost),
        }
    }
}

/// The facts that hold the batches of those bills whose lines the reader may read.
pub(crate) async fn of_bills(
    call: &Call,
    teller: &Teller<'_>,
    bills: &[&Settlement],
) -> Result<Facts, Problem> {
    let read = bills.iter().filter(|it| sight(teller, it).is_ok());
    let visits_alone = read.map(|it| it.visit).collect();
    let seen = call.see(Needs { visits_alone, ..Needs::default() }).await?;
    Ok(seen.rows.facts)
}
