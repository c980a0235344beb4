//! Statistics for whoever leads a hall and for operators: person-times and amounts by area and month, to read, to print, and
//! as a file (R-K4).

use super::frame::Frame;
use super::inside::{Region, When};
use super::opening::Opening;
use super::spending::cell;
use super::trouble::Trouble;
use crate::rest::SignedYuan;
use askama::Template;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::day::{self, Day};
use serde::Deserialize;
use std::fmt::Write as _;

/// How many months back the lists of months go.
const MONTHS: i32 = 36;
/// How long the longest bar is.
const WIDEST: i64 = 160;

#[derive(Deserialize)]
struct Statistics {
    from: String,
    to: String,
    by: String,
    region: Region,
    counted_to: Option<When>,
    total: Line,
    months: Vec<Month>,
    areas: Vec<Area>,
}

#[derive(Deserialize)]
struct Month {
    month: String,
    #[serde(flatten)]
    line: Line,
    areas: Vec<Area>,
}

#[derive(Deserialize)]
struct Area {
    area: Region,
    #[serde(flatten)]
    line: Line,
}

#[derive(Deserialize)]
struct Line {
    times: i64,
    amount: SignedYuan,
    across_areas: Sums,
    pharmacies: Sums,
}

#[derive(Deserialize)]
struct Sums {
    times: i64,
    amount: SignedYuan,
}

/// What was chosen on the page, as it was written.
struct Chosen {
    from: String,
    to: String,
    by: String,
    area: String,
}

/// Something that can be chosen.
struct Choice {
    value: String,
    says: String,
    is_chosen: bool,
}

/// A table row: what it is of, and its bar beside those of the others.
struct Row<'a> {
    of: String,
    line: &'a Line,
    width: i64,
}

#[derive(Template)]
#[template(path = "web/statistics.html")]
struct StatisticsPage {
    frame: Frame,
    chosen: Chosen,
    wrong: Option<(&'static str, &'static str)>,
    query: String,
    first: Vec<Choice>,
    last: Vec<Choice>,
    by: Vec<Choice>,
    found: Option<Statistics>,
}

impl Chosen {
    fn read(opening: &Opening) -> Chosen {
        let text = |name: &str| opening.query.filled(name).unwrap_or_default().to_owned();
        Chosen { from: text("from"), to: text("to"), by: text("by"), area: text("area") }
    }

    /// As the REST interface is asked: what was left open is for it to say.
    fn query(&self) -> Result<String, Trouble> {
        let all = [("from", &self.from), ("to", &self.to), ("by", &self.by), ("area", &self.area)];
        let some: Vec<_> = all.into_iter().filter(|(_, it)| !it.is_empty()).collect();
        serde_urlencoded::to_string(some).map_err(|_| Trouble::Unreadable)
    }
}

impl Statistics {
    fn by_month(&self, frame: &Frame) -> Vec<Row<'_>> {
        let all = self.months.iter().map(|it| (frame.month(&it.month), &it.line));
        rows(all.collect())
    }

    fn by_area(&self) -> Vec<Row<'_>> {
        let named = |it: &Region| format!("{} {}", it.name(), it.code);
        rows(self.areas.iter().map(|it| (named(&it.area), &it.line)).collect())
    }
}

fn rows(all: Vec<(String, &Line)>) -> Vec<Row<'_>> {
    let most = all.iter().map(|(_, it)| it.amount.0.get()).max().unwrap_or(0).max(1);
    let width = |it: &Line| it.amount.0.get().max(0).saturating_mul(WIDEST) / most;
    all.into_iter().map(|(of, line)| Row { of, line, width: width(line) }).collect()
}

fn months(frame: &Frame, today: Day, chosen: &str) -> Vec<Choice> {
    let this = day::Month::of(today);
    let month = |back: i32| {
        let value = this.plus(-back).to_string();
        Choice { says: frame.month(&value), is_chosen: value == chosen, value }
    };
    (0..MONTHS).map(month).collect()
}

fn ways(frame: &Frame, chosen: &str) -> Vec<Choice> {
    let all = [
        ("giver", "付钱的人参保的统筹区", "where givers are insured"),
        ("beneficiary", "看病的人参保的统筹区", "where beneficiaries are insured"),
        ("place", "医院、药店所在的统筹区", "where the money was spent"),
    ];
    let choice = |(value, zh, en): (&str, &'static str, &'static str)| Choice {
        value: value.to_owned(),
        says: frame.say(zh, en).to_owned(),
        is_chosen: value == chosen,
    };
    all.into_iter().map(choice).collect()
}

/// At which field something was written that is not to be understood.
fn wrong(frame: &Frame, field: &str) -> Option<(&'static str, &'static str)> {
    match field {
        "from" | "to" => Some((
            "from",
            frame.said(
                "请选 1 到 36 个月，开始不晚于结束",
                "Choose 1 to 36 months, the first not after the last",
            ),
        )),
        "area" => Some((
            "area",
            frame.said(
                "请写六位代码，如 320300；全省写 320000",
                "Write six digits, like 320300; 320000 for a province",
            ),
        )),
        "by" => Some(("by", frame.said("请选一种", "Choose one"))),
        _ => None,
    }
}

/// `GET /hall/statistics`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (chosen, frame) = (Chosen::read(&opening), opening.frame("共济统计", "Statistics of sharing"));
    let query = chosen.query()?;
    let (found, wrong) = match opening.get::<Statistics>(&format!("/statistics?{query}")).await {
        Ok(found) => (Some(found), None),
        Err(Trouble::Said(said)) => match said.field.as_deref().and_then(|it| wrong(&frame, it)) {
            Some(wrong) => (None, Some(wrong)),
            None => return Err(Trouble::Said(said)),
        },
        Err(other) => return Err(other),
    };
    let today = opening.app.clock.now().day();
    let (from, to, by) = match &found {
        Some(it) => (it.from.as_str(), it.to.as_str(), it.by.as_str()),
        None => (chosen.from.as_str(), chosen.to.as_str(), chosen.by.as_str()),
    };
    let (first, last) = (months(&frame, today, from), months(&frame, today, to));
    let by = ways(&frame, by);
    let page = StatisticsPage { frame, chosen, wrong, query, first, last, by, found };
    if page.wrong.is_some() { opening.again(&page) } else { opening.page(&page) }
}

/// `GET /hall/statistics.csv`: each month and area, as a file that spreadsheets open.
pub(crate) async fn file(opening: Opening) -> Result<Response, Trouble> {
    let query = Chosen::read(&opening).query()?;
    let found: Statistics = opening.get(&format!("/statistics?{query}")).await?;
    let frame = opening.frame("共济统计", "Statistics of sharing");
    let name = format!("attachment; filename=\"gongji-{}-{}-{}.csv\"", found.by, found.from, found.to);
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, written(&frame, &found)).into_response())
}

/// The mark in front lets spreadsheets see that it is UTF-8.
fn written(frame: &Frame, found: &Statistics) -> String {
    let mut text = String::from("\u{feff}");
    text.push_str(frame.say(
        "月份,统筹区代码,统筹区,人次,金额（元）,其中跨统筹区人次,其中跨统筹区金额（元）,其中药店人次,其中药店金额（元）\r\n",
        "Month,Area code,Area,Person-times,Amount (yuan),Across areas: person-times,Across areas: amount (yuan),Pharmacies: person-times,Pharmacies: amount (yuan)\r\n",
    ));
    for month in &found.months {
        for Area { area, line } in &month.areas {
            let (across, pharmacies) = (&line.across_areas, &line.pharmacies);
            let row = format!(
                "{},{},{},{},{},{},{},{},{}\r\n",
                month.month,
                area.code,
                cell(area.name()),
                line.times,
                line.amount.0,
                across.times,
                across.amount.0,
                pharmacies.times,
                pharmacies.amount.0
            );
            text.write_str(&row).expect("a String grows");
        }
    }
    text
}
