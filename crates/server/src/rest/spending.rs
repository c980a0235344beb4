//! What was spent in a month: of a person's money by their relatives, or of relatives' money by the person (R-K2, R-K3).
//! Told are day, place, who and how much; what was bought only where it is asked for, to the patient, and to a giver whom
//! the patient lets see it.

use super::call::{Answer, Answered, Call};
use super::lines::{LinesView, of_bills};
use super::people::of_person;
use super::problem::Problem;
use super::settlements::with_people;
use super::telling::{PersonRef, PlaceRef, Teller};
use super::wire::{Civil, Instant, SignedYuan, Yuan, words};
use domain::day::{Moment, Month};
use domain::decision::Turn;
use domain::facts::{Draw, Facts, Settlement};
use domain::ids::{PersonNo, Serial};
use domain::money::{Fen, Total};
use domain::words::{Relation, Side};
use serde::Serialize;
use std::collections::BTreeSet;
use store::{Page, Query};
use utoipa::ToSchema;

/// How many settlements are read at once.
const PIECE: u32 = 200;

/// What was spent in a month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SpendingView {
    /// The month.
    #[schema(example = "2025-06")]
    month: String,
    /// Which side the person is on: `giver`: their money, spent by relatives; `beneficiary`: their bills.
    side: words::Side,
    /// The relatives on the other side in this month.
    people: Vec<CompanionView>,
    /// Bills and refunds, latest first.
    rows: Vec<SpentView>,
    /// What the rows took from the accounts of givers.
    paid: Yuan,
    /// What the rows gave back.
    returned: Yuan,
    /// What was paid less what was given back: below zero where more came back in the month than went out.
    net: SignedYuan,
}

/// A relative on the other side.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CompanionView {
    person: PersonRef,
    /// What the beneficiary is to the giver, where a binding says so.
    relation: Option<words::Relation>,
    /// The same from here: what the relative is to the person, for people.
    relation_text: Option<String>,
}

/// A bill, or the undoing of one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SpentView {
    /// Our number of the settlement.
    no: u64,
    /// When it was settled or undone.
    at: Instant,
    service_day: Civil,
    patient: PersonRef,
    institution: PlaceRef,
    /// What each giver paid or got back; a giver is told only their own.
    shares: Vec<ShareView>,
    /// Their sum.
    amount: Yuan,
    /// The settlement that this one undoes.
    undoes: Option<u64>,
    /// What undid this one.
    undone_by: Option<u64>,
    /// What was bought, where that is asked for; not for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<LinesView>,
}

/// What a giver paid.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ShareView {
    giver: PersonRef,
    binding: u64,
    amount: Yuan,
}

/// What is asked for.
struct Asked {
    person: PersonNo,
    side: Side,
    month: Month,
    /// Only what was spent with this relative.
    with: Option<PersonNo>,
    /// With what was bought.
    lines: bool,
}

impl Asked {
    fn read(call: &Call) -> Result<Asked, Problem> {
        let person = call.person()?;
        let month = call.month("month")?.unwrap_or_else(|| Month::of(call.app.clock.now().day()));
        let side = match call.query.get("side") {
            None => Side::Giver,
            Some(text) => {
                Side::parse(text).ok_or_else(|| Problem::malformed("side", "Write giver or beneficiary."))?
            }
        };
        let with = call.query.get("with").map(|text| text.parse().map(PersonNo));
        let with = with.transpose().map_err(|_| Problem::malformed("with", "Write our number, like 123."))?;
        let lines = match call.query.get("lines").map(String::as_str) {
            None => false,
            Some("yes") => true,
            Some(_) => return Err(Problem::malformed("lines", "Write yes, or leave it out.")),
        };
        Ok(Asked { person, side, month, with, lines })
    }

    /// What of a settlement is the business of this question: whose money went where.
    fn draws<'a>(&'a self, it: &'a Settlement) -> impl Iterator<Item = &'a Draw> {
        it.draws.iter().filter(|draw| draw.binding.is_some()).filter(|draw| match self.side {
            Side::Giver => draw.owner == self.person && self.with.is_none_or(|with| with == it.patient),
            Side::Beneficiary => self.with.is_none_or(|with| with == draw.owner),
        })
    }

    /// Whether a settlement is told of. The patient reads their bills that nobody else paid too.
    fn tells(&self, it: &Settlement) -> bool {
        match self.side {
            Side::Giver => self.draws(it).next().is_some(),
            Side::Beneficiary => {
                it.patient == self.person && (self.with.is_none() || self.draws(it).next().is_some())
            }
        }
    }

    /// Who is on the other side of a settlement.
    fn others(&self, it: &Settlement) -> Vec<PersonNo> {
        let shared = it.draws.iter().filter(|draw| draw.binding.is_some());
        match self.side {
            Side::Giver => shared.filter(|draw| draw.owner == self.person).map(|_| it.patient).collect(),
            Side::Beneficiary if it.patient == self.person => shared.map(|draw| draw.owner).collect(),
            Side::Beneficiary => Vec::new(),
        }
    }
}

/// All settlements of a month that a person had or paid for, latest first. Nobody has so many that a month would have
/// to be cut.
async fn of_month(call: &Call, person: PersonNo, month: Month) -> Result<Vec<Settlement>, Problem> {
    let (first, end): (Moment, Moment) = (month.first().start(), month.plus(1).first().start());
    let mut before = Turn { at: end, serial: Serial(0) };
    let mut found: Vec<Settlement> = Vec::new();
    loop {
        let query = Query::Settlements { person, before: Some(before), limit: PIECE };
        let Page::Settlements(rows) = call.app.store.page(&query).await? else { return Err(Problem::busy()) };
        let Some(last) = rows.last() else { return Ok(found) };
        before = Turn { serial: Serial::creator_of(last.no.0), at: last.at };
        let is_over = last.at < first;
        found.extend(rows.into_iter().filter(|it| it.at >= first));
        if is_over {
            return Ok(found);
        }
    }
}

fn companion(teller: &Teller<'_>, asked: &Asked, other: PersonNo) -> CompanionView {
    let bindings = || teller.facts.bindings.values();
    let (pair, list) = match asked.side {
        Side::Giver => ((asked.person, other), "relation"),
        Side::Beneficiary => ((other, asked.person), "relation_back"),
    };
    let found = bindings().filter(|it| (it.giver, it.beneficiary) == pair).max_by_key(|it| it.no);
    let relation: Option<Relation> = found.map(|it| it.relation);
    let said = |it: Relation| teller.reader().texts.get(&format!("words.{list}.{}", it.word())).to_owned();
    CompanionView {
        person: teller.person(other),
        relation: relation.map(words::Relation),
        relation_text: relation.map(said),
    }
}

impl SpentView {
    fn of(teller: &Teller<'_>, asked: &Asked, bills: &Facts, it: &Settlement) -> SpentView {
        let share = |draw: &Draw| {
            let binding = draw.binding?;
            let giver = teller.person(draw.owner);
            Some(ShareView { giver, binding: binding.0, amount: Yuan(draw.amount()) })
        };
        SpentView {
            no: it.no.0,
            at: Instant::of(it.at),
            service_day: Civil(it.service_day),
            patient: teller.person(it.patient),
            institution: teller.place(it.institution),
            shares: asked.draws(it).filter_map(share).collect(),
            amount: Yuan(asked.draws(it).map(Draw::amount).sum()),
            undoes: it.undoes.map(|it| it.0),
            undone_by: it.undone_by.map(|it| it.0),
            lines: asked.lines.then(|| LinesView::of(teller, bills, it)).flatten(),
        }
    }
}

/// `GET /persons/{no}/spending`.
pub(crate) async fn of(call: Call) -> Answered {
    let asked = Asked::read(&call)?;
    let seen = call.see(of_person(asked.person)).await?;
    call.may_see(&seen.rows.facts, asked.person)?;
    let all = of_month(&call, asked.person, asked.month).await?;
    let seen = with_people(&call, seen, &all).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let others: BTreeSet<PersonNo> = all.iter().flat_map(|it| asked.others(it)).collect();
    let told: Vec<&Settlement> = all.iter().filter(|it| asked.tells(it)).collect();
    let bills = if asked.lines { of_bills(&call, &teller, &told).await? } else { Facts::default() };
    let sum = |undoing: bool| -> Fen {
        let some = told.iter().filter(|it| it.undoes.is_some() == undoing);
        some.flat_map(|it| asked.draws(it)).map(Draw::amount).sum()
    };
    let (paid, returned) = (sum(false), sum(true));
    let mut net = Total::credit(paid);
    net += Total::debit(returned);
    Ok(Answer::ok(&SpendingView {
        month: asked.month.to_string(),
        side: words::Side(asked.side),
        people: others.into_iter().map(|it| companion(&teller, &asked, it)).collect(),
        rows: told.iter().map(|it| SpentView::of(&teller, &asked, &bills, it)).collect(),
        paid: Yuan(paid),
        returned: Yuan(returned),
        net: SignedYuan(net),
    }))
}
