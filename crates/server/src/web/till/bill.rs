//! A bill at the till, as it is kept while it is put together, sent, settled and taken back. It lies sealed on the desk,
//! in a drawer of its institution and day; the books know nothing of it before it is settled.

use super::packs::Pack;
use super::proxy::Proxy;
use super::shares::Shares;
use crate::app::App;
use crate::vault::{hex, random};
use crate::web::opening::Opening;
use crate::web::trouble::Trouble;
use domain::day::{Day, Moment};
use domain::ids::InstitutionCode;
use domain::money::{Fen, Price, Quantity};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::Fault;

/// The most lines of a bill that is written by hand; a longer one is two bills.
pub(super) const MOST_LINES: usize = 100;
/// The most changes to one bill: its messages are numbered by them. Beyond, an id would stand for two messages, which
/// the interface does not take.
const MOST_TURNS: u16 = 9_999;
/// A bill is kept for so long after its day.
pub(super) const KEPT_DAYS: i32 = 10;
/// Letters of a bill's number, without those that are taken for others.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A bill.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Bill {
    /// Its number: six digits of the day, four letters.
    pub(super) no: String,
    /// When it was begun: the visit's time.
    pub(super) begun: Moment,
    /// Counts what was changed or refused: a message is named by it.
    pub(super) turn: u16,
    /// Whose it is.
    pub(super) patient: Option<Patient>,
    /// What the giver showed, where that is needed.
    pub(super) giver: Option<Shown>,
    /// What an agent showed who buys for the patient.
    #[serde(default)]
    pub(super) proxy: Option<Proxy>,
    pub(super) lines: Vec<Line>,
    /// The visit (`mdtrt_id`), at a hospital, and the last turn whose lines may lie on it.
    pub(super) visit: Option<String>,
    pub(super) uploaded: Option<u16>,
    /// Whether accounts may pay, the patient's own and relatives'.
    pub(super) accounts: bool,
    /// Whether somebody has said that this is another bill than the one before, which is the same.
    pub(super) another: bool,
    /// Who pays what, as long as nothing changes.
    pub(super) offer: Option<Offer>,
    pub(super) state: State,
    /// Why the last step was not done.
    pub(super) note: Option<Note>,
}

/// How far a bill has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    /// It is put together.
    Open,
    /// It was sent to be settled in this turn, and nobody here has seen the answer.
    Sent(u16),
    /// It is settled.
    Settled(Settled),
    /// A cancellation was sent in this turn, and nobody here has seen the answer.
    Undoing(Settled, u16),
    /// It was settled and taken back.
    Undone(Settled),
}

/// What a patient or a giver showed: type and number as the interface has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shown {
    pub(super) kind: String,
    pub(super) number: String,
    pub(super) serial: String,
}

/// A patient, as far as a till may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Patient {
    pub(super) shown: Shown,
    pub(super) psn_no: String,
    /// Masked.
    pub(super) name: String,
    /// `insutype`.
    pub(super) scheme: String,
    /// Whether the enrolment is in force.
    pub(super) enrolled: bool,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    /// National code; empty where only the own one is known.
    pub(super) code: String,
    /// The institution's own code.
    pub(super) own_code: String,
    pub(super) name: String,
    /// As they were written.
    pub(super) price: String,
    pub(super) count: String,
    pub(super) cost: Fen,
    /// What was scanned of its packs.
    #[serde(default)]
    pub(super) packs: Vec<Pack>,
}

/// Who would pay what, and how each line counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Offer {
    pub(super) shares: Shares,
    /// 甲 01, 乙 02, outside 03, line by line.
    pub(super) levels: Vec<String>,
}

/// A settlement, as it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settled {
    pub(super) shares: Shares,
    /// `setl_id`, `mdtrt_id`, `clr_optins`, `clr_type`.
    pub(super) settlement: String,
    pub(super) visit: String,
    pub(super) area: String,
    pub(super) clearing: String,
    /// When it was settled, and when it was taken back.
    pub(super) at: String,
    pub(super) undone: Option<String>,
    /// The lines of the slip; of the cancellation, once there is one.
    pub(super) slip: Vec<String>,
}

/// Why a step was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    /// The reason's code; empty for what the interface does not name.
    pub(super) code: String,
    /// The interface's own sentence.
    pub(super) said: String,
    /// Whether it was the settlement itself that was not done.
    pub(super) settling: bool,
}

impl Note {
    /// Of a message that never arrived.
    pub(super) const LOST: &str = "LOST";
    /// Of a step that has no answer and moves no money.
    pub(super) const BUSY: &str = "BUSY";
}

impl Line {
    /// A line; the name of the field that is wrong otherwise.
    pub(super) fn of(names: (&str, &str, &str), price: &str, count: &str) -> Result<Line, &'static str> {
        let (code, own_code, name) = names;
        let unit = Price::parse(price).filter(|it| it.get() > 0).ok_or("price")?;
        let number = Quantity::parse(count).filter(|it| it.get() > 0).ok_or("count")?;
        let cost = number.times_half_up(unit).filter(|it| *it <= MOST_COST).ok_or("price")?;
        let [code, own_code, name, price, count] = [code, own_code, name, price, count].map(str::to_owned);
        Ok(Line { code, own_code, name, price, count, cost, packs: Vec::new() })
    }
}

/// The most that a line may cost: sums stay far below what an amount holds.
const MOST_COST: Fen = Fen::new(1_000_000_000).expect("ten million yuan");

impl Bill {
    /// The sum of all lines.
    pub(super) fn total(&self) -> Fen {
        self.lines.iter().map(|it| it.cost).sum()
    }

    /// The id of a message about this bill in this turn: sent again, it is the same message.
    pub(super) fn message(&self, till: InstitutionCode, turn: u16, infno: &str) -> String {
        format!("{till}{}{turn:04}{infno}", self.no)
    }

    /// Begins the next turn: what was offered no longer counts.
    pub(super) fn changed(&mut self) {
        self.turn = (self.turn + 1).min(MOST_TURNS);
        (self.offer, self.note) = (None, None);
    }

    /// The patient.
    pub(super) fn patient(&self) -> Result<&Patient, Trouble> {
        self.patient.as_ref().ok_or(Trouble::NotFound)
    }
}

/// The drawer of the bills of an institution and a day, and that of those that were sent to be settled.
fn drawers(till: InstitutionCode, day: &str) -> (String, String) {
    (format!("till-bill/{till}/{day}"), format!("till-sent/{till}/{day}"))
}

/// The six digits of a day that a bill's number begins with.
fn digits_of(day: Day) -> String {
    format!("{:02}{:02}{:02}", day.year() % 100, day.month(), day.day_of_month())
}

/// Whether a text looks like a bill's number.
fn is_number(no: &str) -> bool {
    no.len() == 10
        && no.bytes().all(|it| LETTERS.contains(&it))
        && no[..6].bytes().all(|it| it.is_ascii_digit())
}

impl Opening {
    /// What stands on the page of a bill, in short. A form brings it along and does nothing to any other bill: two
    /// windows that changed one bill at the same time may both have counted the same turn.
    pub(super) fn seen(&self, bill: &Bill) -> String {
        let Bill { no, turn, patient, giver, lines, accounts, another, offer, .. } = bill;
        let shown = (no, turn, patient, giver, lines, accounts, another, offer);
        let shown = serde_json::to_string(&shown).expect("bills are plain data");
        hex(&self.app.vault.derived("till bill", &shown)[..16])
    }

    /// Whether the form that was sent stood on the page of this bill as it is now.
    pub(super) fn has_seen(&self, bill: &Bill) -> bool {
        self.form.text("seen") == self.seen(bill)
    }

    /// Whose till it is.
    pub(super) fn till(&self) -> Result<InstitutionCode, Trouble> {
        self.token()?.institution.ok_or(Trouble::Forbidden)
    }

    /// Begins a bill.
    pub(super) async fn begin_bill(&self) -> Result<Bill, Trouble> {
        let (till, now) = (self.till()?, self.app.clock.now());
        let day = digits_of(now.day());
        loop {
            let letters: String =
                random::<4>().iter().map(|it| char::from(LETTERS[usize::from(*it) % 32])).collect();
            let bill = Bill {
                no: format!("{day}{letters}"),
                begun: now,
                turn: 0,
                patient: None,
                giver: None,
                proxy: None,
                lines: Vec::new(),
                visit: None,
                uploaded: None,
                accounts: true,
                another: false,
                offer: None,
                state: State::Open,
                note: None,
            };
            let sealed = sealed(&self.app, till, &bill);
            let (drawer, _) = drawers(till, &day);
            // Two tills that hit on one number get two.
            if self.app.desk.claim(&drawer, &bill.no, &sealed, kept_until(now.day()), now).await? {
                return Ok(bill);
            }
        }
    }

    /// The bill in the page's path. One that was sent is never open again before its answer is known, whoever kept an
    /// older copy of it in the meantime.
    pub(super) async fn bill(&self) -> Result<Bill, Trouble> {
        let (till, no, now) = (self.till()?, self.gap("bill"), self.app.clock.now());
        if !is_number(no) {
            return Err(Trouble::NotFound);
        }
        let (drawer, sent) = drawers(till, &no[..6]);
        let kept = self.app.desk.get(&drawer, no, now).await?;
        let sent = self.app.desk.get(&sent, no, now).await?;
        latest(&self.app, till, no, kept, sent)?.ok_or(Trouble::NotFound)
    }

    /// All bills of a day, by time.
    pub(super) async fn bills(&self, day: Day) -> Result<Vec<Bill>, Trouble> {
        let (till, now) = (self.till()?, self.app.clock.now());
        let (drawer, sent) = drawers(till, &digits_of(day));
        let mut kept: BTreeMap<_, _> = self.app.desk.list(&drawer, now).await?.into_iter().collect();
        let mut sent: BTreeMap<_, _> = self.app.desk.list(&sent, now).await?.into_iter().collect();
        let numbers: BTreeSet<String> = kept.keys().chain(sent.keys()).cloned().collect();
        let mut bills = Vec::new();
        for no in numbers {
            bills.extend(latest(&self.app, till, &no, kept.remove(&no), sent.remove(&no))?);
        }
        bills.sort_by(|one, other| (one.begun, &one.no).cmp(&(other.begun, &other.no)));
        Ok(bills)
    }

    /// Keeps a bill.
    pub(super) async fn keep_bill(&self, bill: &Bill) -> Result<(), Trouble> {
        let till = self.till()?;
        let (drawer, _) = drawers(till, &bill.no[..6]);
        let until = kept_until(bill.begun.day());
        Ok(self.app.desk.put(&drawer, &bill.no, &sealed(&self.app, till, bill), Some(until)).await?)
    }

    /// Throws an open bill away.
    pub(super) async fn drop_bill(&self, bill: &Bill) -> Result<(), Trouble> {
        let (drawer, _) = drawers(self.till()?, &bill.no[..6]);
        Ok(self.app.desk.remove(&drawer, &bill.no).await?)
    }

    /// Says that a bill is sent to be settled as it is. Of several who do, in whatever turn, one succeeds: there is one
    /// message under way for a bill, or none.
    pub(super) async fn press(&self, bill: &mut Bill) -> Result<bool, Trouble> {
        let till = self.till()?;
        let (_, drawer) = drawers(till, &bill.no[..6]);
        let (until, now) = (kept_until(bill.begun.day()), self.app.clock.now());
        bill.state = State::Sent(bill.turn);
        Ok(self.app.desk.claim(&drawer, &bill.no, &sealed(&self.app, till, bill), until, now).await?)
    }

    /// Says that what was sent has settled nothing, and never will.
    pub(super) async fn release(&self, bill: &Bill) -> Result<(), Trouble> {
        let (_, drawer) = drawers(self.till()?, &bill.no[..6]);
        Ok(self.app.desk.remove(&drawer, &bill.no).await?)
    }
}

fn kept_until(day: Day) -> Moment {
    day.plus(KEPT_DAYS).start()
}

fn about(till: InstitutionCode, no: &str) -> Vec<u8> {
    format!("till bill {till} {no}").into_bytes()
}

fn sealed(app: &App, till: InstitutionCode, bill: &Bill) -> Vec<u8> {
    let plain = serde_json::to_vec(bill).expect("bills are plain data");
    app.vault.seal_about(&about(till, &bill.no), random(), &plain)
}

fn opened(app: &App, till: InstitutionCode, no: &str, sealed: &[u8]) -> Result<Bill, Trouble> {
    let plain = app.vault.open_about(&about(till, no), sealed).ok();
    plain.and_then(|it| serde_json::from_slice(&it).ok()).ok_or_else(damaged)
}

/// What is true of a bill that was kept and sent: as long as it is kept as open, or was dropped by somebody who saw it
/// open, what was sent of it counts.
fn latest(
    app: &App,
    till: InstitutionCode,
    no: &str,
    kept: Option<Vec<u8>>,
    sent: Option<Vec<u8>>,
) -> Result<Option<Bill>, Trouble> {
    let read = |it: Vec<u8>| opened(app, till, no, &it);
    let kept = kept.map(read).transpose()?;
    match (kept, sent) {
        (Some(bill), _) if bill.state != State::Open => Ok(Some(bill)),
        (_, Some(sent)) => read(sent).map(Some),
        (kept, None) => Ok(kept),
    }
}

fn damaged() -> Trouble {
    Fault::Damaged("a bill of a till cannot be read".to_owned()).into()
}
