//! Who of the staff looked at whose data: for the person who was looked at, and for whoever leads a hall.

use super::frame::Frame;
use super::hall::why_name;
use super::inside::{Person, When};
use super::opening::Opening;
use super::trouble::Trouble;
use askama::Template;
use axum::response::Response;
use domain::day::Day;
use serde::Deserialize;

#[derive(Deserialize)]
struct Looks {
    looks: Vec<Look>,
}

#[derive(Deserialize)]
struct Look {
    at: When,
    person: Person,
    by: String,
    route: String,
    why: String,
}

/// A look in words.
struct LookLine {
    at: String,
    person: String,
    by: String,
    what: String,
    why: String,
}

#[derive(Template)]
#[template(path = "web/looks.html")]
struct LooksPage {
    frame: Frame,
    lines: Vec<LookLine>,
    /// For whoever leads a hall.
    days: Option<Days>,
}

/// The day and area that are shown, and the ways to the days beside it.
struct Days {
    day: String,
    before: String,
    after: String,
    area: String,
    is_area_wrong: bool,
}

/// What a route shows.
fn what(frame: &Frame, route: &str) -> String {
    let about = |part: &str| route.contains(part);
    let said = if about("/account") || about("/entries") {
        frame.say("个人账户", "the account")
    } else if about("settlements") {
        frame.say("结算明细", "what was settled")
    } else if about("bindings") || about("binding") {
        frame.say("授权", "bindings")
    } else if about("explain") {
        frame.say("核对条件", "conditions")
    } else if about("looks") {
        frame.say("查阅记录", "the list of looks")
    } else if about("notices") {
        frame.say("消息", "messages")
    } else {
        frame.say("身份和参保", "identity and enrolments")
    };
    said.to_owned()
}

impl Looks {
    fn lines(self, frame: &Frame) -> Vec<LookLine> {
        let line = |it: Look| LookLine {
            at: frame.moment(it.at.moment()),
            person: it.person.name,
            by: it.by,
            what: what(frame, &it.route),
            why: why_name(frame, &it.why),
        };
        self.looks.into_iter().map(line).collect()
    }
}

/// `GET /settings/looks`: who looked at the reader's data.
pub(crate) async fn own(opening: Opening) -> Result<Response, Trouble> {
    let found: Looks = opening.get(&format!("/persons/{}/looks?limit=200", opening.person()?.0)).await?;
    let frame = opening.frame("谁看过我的信息", "Who looked at my data");
    opening.page(&LooksPage { lines: found.lines(&frame), frame, days: None })
}

/// `GET /hall/looks`: who looked at people of the area on a day. Whoever leads more than one area names one.
pub(crate) async fn of_area(opening: Opening) -> Result<Response, Trouble> {
    let day = Day::parse(opening.query.text("day")).unwrap_or_else(|| opening.app.clock.now().day());
    let area = opening.query.text("area").chars().filter(char::is_ascii_digit).collect::<String>();
    let named = if area.is_empty() { String::new() } else { format!("&area={area}") };
    let frame = opening.frame("查阅记录", "Who looked at whom");
    let (lines, is_area_wrong) =
        match opening.get::<Looks>(&format!("/looks?limit=200&day={day}{named}")).await {
            Ok(found) => (found.lines(&frame), false),
            Err(Trouble::Said(said)) if said.field.as_deref() == Some("area") => (Vec::new(), true),
            Err(other) => return Err(other),
        };
    let days = Days {
        day: day.to_string(),
        before: format!("/hall/looks?day={}{named}", day.plus(-1)),
        after: format!("/hall/looks?day={}{named}", day.plus(1)),
        area,
        is_area_wrong,
    };
    opening.page(&LooksPage { lines, frame, days: Some(days) })
}
