//! What was spent, month by month: of the reader's money by relatives, or on the reader's own bills; as a list and as a
//! file to keep.

use super::frame::Frame;
use super::inside::{Person, Place, When};
use super::opening::Opening;
use super::reader::Reader;
use super::trouble::Trouble;
use super::windows::Window;
use crate::rest::{Civil, Yuan};
use askama::Template;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::day::{self, Day};
use domain::ids::PersonNo;
use serde::Deserialize;
use std::fmt::Write as _;

/// How many months back the list of months goes.
const MONTHS: i32 = 24;

#[derive(Deserialize)]
struct Spending {
    month: String,
    side: String,
    people: Vec<Companion>,
    rows: Vec<Spent>,
    paid: Yuan,
    returned: Yuan,
}

#[derive(Deserialize)]
struct Companion {
    person: Person,
    relation_text: Option<String>,
}

#[derive(Clone, Deserialize)]
struct Spent {
    no: u64,
    at: When,
    service_day: Civil,
    patient: Person,
    institution: Place,
    shares: Vec<Share>,
    amount: Yuan,
    undoes: Option<u64>,
    undone_by: Option<u64>,
    lines: Option<Lines>,
}

/// What was bought, or why the reader does not see it.
#[derive(Clone, Deserialize)]
struct Lines {
    says: Option<String>,
    lines: Vec<Line>,
    left_off: usize,
}

#[derive(Clone, Deserialize)]
struct Line {
    name: Option<String>,
    code: String,
}

impl Lines {
    /// All in one cell, and how many are left off.
    fn written(&self) -> String {
        let named = |it: &Line| it.name.clone().unwrap_or_else(|| it.code.clone());
        let more = (self.left_off > 0).then(|| format!("+{}", self.left_off));
        let all: Vec<String> = self.lines.iter().map(named).chain(more).collect();
        self.says.clone().unwrap_or_else(|| all.join("; "))
    }
}

#[derive(Clone, Deserialize)]
struct Share {
    giver: Person,
    amount: Yuan,
}

/// A bill with what came back of it in the same month.
struct Row {
    spent: Spent,
    refund: Option<Spent>,
}

/// A month that can be chosen.
struct Month {
    value: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "web/spending.html")]
struct SpendingPage {
    frame: Frame,
    spending: Spending,
    rows: Vec<Row>,
    months: Vec<Month>,
    with: u64,
    query: String,
    window: Window,
    reader: Reader,
}

impl Spending {
    fn is_given(&self) -> bool {
        self.side == "giver"
    }

    /// How the reader calls a person of the list: the name, and what they are to each other.
    fn named(&self, person: &Person) -> String {
        let known = self.people.iter().find(|it| it.person.no == person.no);
        match known.and_then(|it| it.relation_text.as_ref()) {
            Some(relation) => format!("{}（{relation}）", person.name),
            None => person.name.clone(),
        }
    }

    /// Refunds stand under their bill, where both are of the month.
    fn rows(&self) -> Vec<Row> {
        let refund_of = |it: &Spent| self.rows.iter().find(|other| other.undoes == Some(it.no)).cloned();
        let listed = |no: &u64| self.rows.iter().any(|it| it.no == *no);
        let own_line = self.rows.iter().filter(|it| !it.undoes.as_ref().is_some_and(listed));
        own_line.map(|it| Row { refund: refund_of(it), spent: it.clone() }).collect()
    }
}

/// What was chosen on the page, as the REST interface is asked.
fn chosen(opening: &Opening) -> Result<(String, u64), Trouble> {
    let side = opening.query.filled("side").unwrap_or("giver");
    let with = opening.query.filled("with").and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
    let month = opening.query.filled("month").unwrap_or_default();
    let known = [("side", side.to_owned()), ("month", month.to_owned()), ("with", with.to_string())];
    let asked = known.into_iter().filter(|(_, it)| !it.is_empty() && it != "0");
    let query = serde_urlencoded::to_string(asked.collect::<Vec<_>>()).map_err(|_| Trouble::Unreadable)?;
    Ok((query, with))
}

async fn read(opening: &Opening, person: u64, query: &str) -> Result<Spending, Trouble> {
    opening.get(&format!("/persons/{person}/spending?{query}")).await
}

fn months(today: Day, chosen: &str) -> Vec<Month> {
    let this = day::Month::of(today);
    let month = |back: i32| {
        let value = this.plus(-back).to_string();
        Month { chosen: value == chosen, value }
    };
    (0..MONTHS).map(month).collect()
}

/// `GET /spending`, and `GET /hall/spending` for the person at the counter.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, reader) = opening.reader().await?;
    let Some(reader) = reader else { return Ok(opening.go("/hall#scan")) };
    let (query, with) = chosen(&opening)?;
    let spending = read(&opening, reader.no, &query).await?;
    let months = months(opening.app.clock.now().day(), &spending.month);
    let frame = opening.frame("花费明细", "What was spent");
    let mut window = opening.window();
    let rows = window.cut(spending.rows());
    opening.page(&SpendingPage { frame, rows, months, with, query, spending, window, reader })
}

/// `GET /spending.csv`: what the page shows, as a file that spreadsheets open.
pub(crate) async fn file(opening: Opening) -> Result<Response, Trouble> {
    let (query, _) = chosen(&opening)?;
    let PersonNo(person) = opening.person()?;
    let spending = read(&opening, person, &format!("{query}&lines=yes")).await?;
    let frame = opening.frame("花费明细", "What was spent");
    let name = format!("attachment; filename=\"gongji-{}-{}.csv\"", spending.side, spending.month);
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, written(&frame, &spending)).into_response())
}

/// The mark in front lets spreadsheets see that it is UTF-8.
fn written(frame: &Frame, spending: &Spending) -> String {
    let mut text = String::from("\u{feff}");
    text.push_str(frame.say(
        "时间,就诊日,看病的人,地点,付钱的人,支出或退回,金额（元）,单号,退的是哪一单,买了什么\r\n",
        "Time,Service day,Patient,Place,Who paid,Paid or returned,Amount (yuan),Number,Returns number,What was bought\r\n",
    ));
    for row in &spending.rows {
        let what =
            if row.undoes.is_some() { frame.say("退回", "Returned") } else { frame.say("支出", "Paid") };
        let undoes = row.undoes.map(|it| it.to_string()).unwrap_or_default();
        let time = row.at.moment().to_string();
        let (time, day) = (time.get(..16).unwrap_or_default(), row.service_day.0);
        let (patient, place) = (cell(&row.patient.name), cell(row.institution.name()));
        let bought = row.lines.as_ref().map(|it| cell(&it.written())).unwrap_or_default();
        let none = [(String::new(), row.amount.0)];
        let shares: Vec<_> = row.shares.iter().map(|it| (cell(&it.giver.name), it.amount.0)).collect();
        for (giver, amount) in if shares.is_empty() { &none[..] } else { &shares[..] } {
            let line = format!(
                "{time},{day},{patient},{place},{giver},{what},{amount},{},{undoes},{bought}\r\n",
                row.no
            );
            text.write_str(&line).expect("a String grows");
        }
    }
    text
}

/// A text as a cell: quoted, and never a formula.
pub(super) fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a name in a file that somebody opens in a spreadsheet is run there, or falls apart into two cells.
    #[test]
    fn a_cell_is_a_text() {
        for (text, written) in [
            ("徐州演示药店", "\"徐州演示药店\""),
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("@a,b", "\"'@a,b\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
