//! Looking up drugs, without signing in: covered or not, in words, with an example in yuan for an area.

use super::frame::Frame;
use super::inside::{Region, told};
use super::opening::Opening;
use super::places::{AreaEntry, Areas};
use super::trouble::Trouble;
use crate::rest::Civil;
use crate::rest::drugs::{self, Question};
use askama::Template;
use axum::response::Response;
use domain::ids::Area;
use serde::Deserialize;

#[derive(Deserialize)]
struct Edition {
    name: String,
    document: String,
    first_day: Civil,
    last_day: Civil,
    goes_on: Option<String>,
}

#[derive(Deserialize)]
struct Found {
    edition: Edition,
    drugs: Vec<Drug>,
    left_off: usize,
    depends: String,
    not_found: Option<NotFound>,
}

#[derive(Deserialize)]
struct Drug {
    row: Option<String>,
    name: String,
    how: String,
    how_says: String,
    found_by: String,
    form: Option<String>,
    standing: String,
    says: String,
    why: Option<String>,
    group: Option<Group>,
    category: Vec<String>,
    restriction: Option<String>,
    procured_says: String,
    example: Option<Example>,
}

#[derive(Deserialize)]
struct Group {
    says: String,
}

#[derive(Deserialize)]
struct Example {
    says: String,
    law: Option<Law>,
}

#[derive(Deserialize)]
struct Law {
    region: Region,
    from: Civil,
    source: Option<String>,
}

#[derive(Deserialize)]
struct NotFound {
    says: String,
    near: Vec<String>,
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct OneDrug {
    edition: Edition,
    drug: Drug,
    depends: String,
}

#[derive(Template)]
#[template(path = "web/drugs.html")]
struct DrugsPage {
    frame: Frame,
    asked: String,
    area: String,
    areas: Vec<AreaEntry>,
    found: Option<Found>,
}

#[derive(Template)]
#[template(path = "web/drug.html")]
struct DrugPage {
    frame: Frame,
    /// The question that led here, as it stands after a question mark.
    back: String,
    it: OneDrug,
}

impl Drug {
    /// How the class is coloured; the words stand beside it.
    fn tag(&self) -> &'static str {
        match self.standing.as_str() {
            "a" | "piece" => "good",
            "b" | "piece_not_alone" => "wait",
            _ => "bad",
        }
    }
}

fn question(opening: &Opening) -> Question {
    let area = Area::parse(opening.query.text("area"));
    Question { area, day: None, english: opening.view().english }
}

/// `GET /drugs?q=&area=`.
pub(crate) async fn find(opening: Opening) -> Result<Response, Trouble> {
    let asked = opening.query.text("q").to_owned();
    let found = match asked.is_empty() {
        true => None,
        false => Some(told(drugs::found(&opening.app, &asked, &question(&opening)).await)?),
    };
    let Areas { areas } = opening.get("/areas").await?;
    let area = opening.query.text("area").to_owned();
    let frame = opening.frame("查药品能不能报", "Is a medicine covered?");
    opening.page(&DrugsPage { frame, asked, area, areas, found })
}

/// `GET /drugs/{row}?area=`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let it = told(drugs::page(&opening.app, opening.gap("row"), &question(&opening)).await)?;
    let kept = [("q", opening.query.text("q")), ("area", opening.query.text("area"))];
    let back = serde_urlencoded::to_string(kept).unwrap_or_default();
    opening.page(&DrugPage { frame: opening.frame("药品", "A medicine"), back, it })
}
