//! One bill: what it came to, who paid which part of it, in which order and why, and what came back of it.

use super::frame::Frame;
use super::inside::{Person, Place, When};
use super::not_mine::Dispute;
use super::opening::Opening;
use super::reader::Reader;
use super::trouble::Trouble;
use super::why::{Explanation, Source};
use crate::rest::{Civil, Count, Yuan};
use askama::Template;
use axum::response::Response;
use domain::money::Fen;
use serde::Deserialize;

/// The width of the bar of a bill, in its own units.
const BAR: i64 = 1000;

#[derive(Deserialize)]
struct Settlement {
    no: u64,
    serial: u64,
    institution: Place,
    patient: Person,
    agent: Option<Person>,
    service_day: Civil,
    settled: When,
    amounts: Option<Amounts>,
    split: Vec<Draw>,
    undoes: Option<u64>,
    undone_by: Option<u64>,
    lines: Option<Lines>,
}

/// What was bought, or why the reader does not see it.
#[derive(Deserialize)]
struct Lines {
    says: Option<String>,
    lines: Vec<Line>,
    left_off: usize,
}

#[derive(Deserialize)]
struct Line {
    name: Option<String>,
    code: String,
    count: Count,
    cost: Yuan,
}

#[derive(Deserialize)]
struct Amounts {
    total: Yuan,
    fund: Yuan,
    cash: Yuan,
}

#[derive(Deserialize)]
struct Draw {
    owner: Person,
    binding: Option<u64>,
    amount: Yuan,
}

#[derive(Deserialize)]
struct Did {
    explanation: Explanation,
}

/// A part of the bill: who bears it, as a line of the table and a piece of the bar.
struct Part {
    who: String,
    class: &'static str,
    amount: Yuan,
    x: i64,
    width: i64,
}

#[derive(Template)]
#[template(path = "web/bill.html")]
struct BillPage {
    frame: Frame,
    bill: Settlement,
    /// What was undone by this one, or undid it.
    other: Option<Settlement>,
    parts: Vec<Part>,
    /// What the reader's own account paid, where the bill is somebody else's.
    mine: Option<Yuan>,
    explanation: Option<Explanation>,
    /// Where the reader's binding paid: whether they say that it was none of their relative's.
    dispute: Option<Dispute>,
    reader: Reader,
}

impl Settlement {
    fn concerns(&self, person: u64) -> bool {
        self.patient.no == person || self.split.iter().any(|it| it.owner.no == person)
    }
}

impl Line {
    fn called(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.code)
    }
}

impl BillPage {
    fn is_refund(&self) -> bool {
        self.bill.undoes.is_some()
    }

    fn source<'a>(&self, it: &'a Option<Source>) -> &'a str {
        it.as_ref().map_or("", |it| &it.text)
    }
}

/// `GET /spending/{no}`, and `GET /hall/spending/{no}` for the person at the counter.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, reader) = opening.reader().await?;
    let Some(reader) = reader else { return Ok(opening.go("/hall#scan")) };
    let me = reader.no;
    let mut bill: Settlement = opening.get(&format!("/settlements/{}", opening.number("no")?)).await?;
    // A clerk may read more than the person at the counter: what a relative was treated for is not told there (R-K2).
    let is_told = reader.customer.is_none() || bill.patient.no == me;
    if !bill.concerns(me) && reader.customer.is_some() {
        return Err(Trouble::NotFound);
    }
    if !is_told {
        bill = Settlement { amounts: None, lines: None, agent: None, ..bill };
    }
    let other = match bill.undoes.or(bill.undone_by) {
        Some(no) => Some(opening.get(&format!("/settlements/{no}")).await?),
        None => None,
    };
    let explanation = if is_told { explained(&opening, bill.serial).await? } else { None };
    let mine = bill.split.iter().filter(|it| it.owner.no == me && it.binding.is_some());
    let mine = (bill.patient.no != me).then(|| Yuan(mine.map(|it| it.amount.0).sum()));
    let theirs = bill.split.iter().find(|it| it.owner.no == me).and_then(|it| it.binding);
    let dispute = match theirs.filter(|_| bill.undoes.is_none()) {
        Some(binding) => Some(Dispute::of(&opening, bill.no, binding).await?),
        None => None,
    };
    let frame = opening.frame("这张单怎么付的", "How this bill was paid");
    let parts = parts(&frame, &bill, me);
    opening.page(&BillPage { frame, bill, other, parts, mine, explanation, dispute, reader })
}

async fn explained(opening: &Opening, serial: u64) -> Result<Option<Explanation>, Trouble> {
    match opening.get::<Did>(&format!("/explain/did/{serial}")).await {
        Ok(did) => Ok(Some(did.explanation)),
        // How a bill came about is for its patient.
        Err(Trouble::Forbidden) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

/// Total → fund → the patient's own account → you → other relatives → cash; nothing where the reader is told only
/// what their own money paid.
fn parts(frame: &Frame, bill: &Settlement, me: u64) -> Vec<Part> {
    let Some(amounts) = &bill.amounts else { return Vec::new() };
    let total = amounts.total.0;
    let sum = |whose: &dyn Fn(&&Draw) -> bool| -> Fen {
        bill.split.iter().filter(|it| whose(it)).map(|it| it.amount.0).sum()
    };
    let own = if bill.patient.no == me {
        frame.say("您自己的个人账户", "Your own account").to_owned()
    } else {
        format!("{}{}", bill.patient.name, frame.say("自己的个人账户", "'s own account"))
    };
    let fund = frame.say("统筹基金", "Pooled fund").to_owned();
    let mut rows = vec![(fund, "fund", amounts.fund.0), (own, "own", sum(&|it| it.binding.is_none()))];
    let given = |it: &&Draw| it.binding.is_some();
    if bill.patient.no != me {
        let you = frame.say("您的个人账户", "Your account").to_owned();
        rows.push((you, "you", sum(&|it| given(it) && it.owner.no == me)));
    }
    let others = bill.split.iter().filter(|it| given(it) && it.owner.no != me);
    let named = |name: &str| format!("{} {name}", frame.say("家人", "Relative"));
    rows.extend(others.map(|it| (named(&it.owner.name), "other", it.amount.0)));
    rows.push((frame.say("现金等", "Cash").to_owned(), "cash", amounts.cash.0));
    let mut x = 0;
    let part = |(who, class, amount): (String, &'static str, Fen)| {
        let width = if total.is_zero() { 0 } else { amount.get() * BAR / total.get() };
        x += width;
        Part { who, class, amount: Yuan(amount), x: x - width, width }
    };
    rows.into_iter().map(part).collect()
}
