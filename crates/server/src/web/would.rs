//! Would it work: whose money somebody could spend at a place, asked before they go there.

use super::frame::Frame;
use super::inside::{Person, Place};
use super::opening::Opening;
use super::trouble::Trouble;
use super::windows::Window;
use crate::rest::{Civil, Yuan};
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

/// How many places are offered beside the one that can be written: not more than somebody reads at once.
const OFFERED: usize = 4;

#[derive(Deserialize)]
struct Bindings {
    given: Vec<Binding>,
}

#[derive(Deserialize)]
struct Binding {
    beneficiary: Person,
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    state: String,
}

#[derive(Deserialize)]
struct Bills {
    settlements: Vec<Bill>,
}

#[derive(Deserialize)]
struct Bill {
    institution: Place,
}

#[derive(Deserialize)]
struct Would {
    beneficiary: Person,
    institution: Place,
    service_day: Civil,
    obstacles: Vec<Obstacle>,
    givers: Vec<Prospect>,
}

#[derive(Deserialize)]
struct Prospect {
    giver: Person,
    usable: Yuan,
    reasons: Vec<Obstacle>,
    law: Option<Law>,
}

#[derive(Deserialize)]
struct Obstacle {
    code: String,
    rule: String,
    line: String,
    why: String,
    law: Option<Law>,
}

#[derive(Deserialize)]
struct Law {
    source: Option<String>,
}

#[derive(Template)]
#[template(path = "web/would_who.html")]
struct WhoPage {
    frame: Frame,
    /// The reader, where they stand on this page.
    me: Option<u64>,
    relatives: Vec<Person>,
    window: Window,
}

#[derive(Template)]
#[template(path = "web/would_where.html")]
struct WherePage {
    frame: Frame,
    who: u64,
    place: String,
    places: Vec<Place>,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "web/would.html")]
struct WouldPage {
    frame: Frame,
    would: Would,
    me: u64,
}

impl Law {
    fn text(&self) -> &str {
        self.source.as_deref().unwrap_or_default()
    }
}

/// `GET /why/would`: who, then where, then what would come of it.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let who = opening.query.filled("who").and_then(|it| it.parse::<u64>().ok());
    match (who, opening.query.filled("place")) {
        (None, _) => ask_who(&opening).await,
        (Some(who), None) => ask_where(&opening, who, false).await,
        (Some(who), Some(place)) => answer(&opening, who, &place.to_uppercase()).await,
    }
}

async fn ask_who(opening: &Opening) -> Result<Response, Trouble> {
    let me = opening.person()?.0;
    let bindings: Bindings = opening.get(&format!("/persons/{me}/bindings")).await?;
    let running = bindings.given.into_iter().filter(|it| it.status.state == "in_force");
    let mut relatives: Vec<Person> = running.map(|it| it.beneficiary).collect();
    relatives.sort_by_key(|it| it.no);
    relatives.dedup_by_key(|it| it.no);
    let frame = opening.frame("谁要去看病、买药？", "Who is going to be treated?");
    let mut window = opening.window();
    let me = window.cut(vec![me]).pop();
    let relatives = window.cut(relatives);
    opening.page(&WhoPage { frame, me, relatives, window })
}

async fn ask_where(opening: &Opening, who: u64, wrong: bool) -> Result<Response, Trouble> {
    let me = opening.person()?.0;
    let bills: Bills = opening.get(&format!("/persons/{me}/settlements?limit=50")).await?;
    let mut places: Vec<Place> = Vec::new();
    for place in bills.settlements.into_iter().map(|it| it.institution) {
        if places.len() < OFFERED && places.iter().all(|it| it.code != place.code) {
            places.push(place);
        }
    }
    let frame = opening.frame("去哪一家？", "Where?");
    let place = opening.query.text("place").to_owned();
    let page = WherePage { frame, who, place, places, wrong };
    if wrong { opening.again(&page) } else { opening.page(&page) }
}

async fn answer(opening: &Opening, who: u64, place: &str) -> Result<Response, Trouble> {
    let me = opening.person()?.0;
    // For somebody else only the reader's own money is asked about.
    let body = if who == me {
        json!({ "beneficiary": { "no": who }, "institution": place })
    } else {
        json!({ "beneficiary": { "no": who }, "giver": { "no": me }, "institution": place })
    };
    match opening.ask::<Would>("/explain/would", &body).await {
        Ok(would) => {
            let frame = opening.frame("现在去，能花谁的钱", "Whose money could be spent now");
            opening.page(&WouldPage { frame, would, me })
        }
        Err(Trouble::Said(said))
            if said.field.as_deref() == Some("institution") || said.code == "INSTITUTION_UNKNOWN" =>
        {
            ask_where(opening, who, true).await
        }
        Err(trouble) => Err(trouble),
    }
}
