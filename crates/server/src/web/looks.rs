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

/// So many looks on a page.
const PAGE: u32 = 50;

#[derive(Deserialize)]
struct Looks {
    looks: Vec<Look>,
    next: Option<String>,
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
    /// The way to what is older.
    older: Option<String>,
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

/// What routes show, by a part of their path: the first that fits, in Chinese and English.
const SHOWN: [(&str, &str, &str); 17] = [
    ("/contact", "接收消息的手机号", "phones for messages"),
    ("activations", "登录开通码", "the activation code"),
    ("second-factor", "取消登录的第二步", "the second step of signing in, ended"),
    ("proxies", "代购委托", "entrusted purchases"),
    ("/cases", "核查", "cases"),
    ("photographs", "出示的材料", "documents shown"),
    ("documents", "出示的材料", "documents shown"),
    ("amendments", "信息更正", "amendments"),
    ("family-links", "亲情账户", "family codes"),
    ("spending", "花费明细", "what was spent"),
    ("settlements", "结算明细", "what was settled"),
    ("/account", "个人账户", "the account"),
    ("explain", "核对条件", "conditions"),
    ("review", "审核授权", "reviews of bindings"),
    ("binding", "授权", "bindings"),
    ("looks", "查阅记录", "the list of looks"),
    ("notices", "消息", "messages"),
];

/// What a route shows.
fn what(frame: &Frame, route: &str) -> String {
    // Entries are those of an account.
    let route = route.replace("/entries", "/account");
    let shown = SHOWN.iter().find(|(part, ..)| route.contains(part));
    let said = shown.map_or(("身份和参保", "identity and enrolments"), |(_, zh, en)| (*zh, *en));
    frame.say(said.0, said.1).to_owned()
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

/// The cursor of a page of looks: as REST gave it, digits and letters.
fn cursor(opening: &Opening) -> String {
    let is_part = |it: &char| it.is_ascii_alphanumeric() || *it == ':';
    opening.query.text("cursor").chars().filter(is_part).collect()
}

/// `GET /settings/looks`: who looked at the reader's data.
pub(crate) async fn own(opening: Opening) -> Result<Response, Trouble> {
    let (person, cursor) = (opening.person()?.0, cursor(&opening));
    let found: Looks = opening.get(&format!("/persons/{person}/looks?limit={PAGE}&cursor={cursor}")).await?;
    let frame = opening.frame("谁看过我的信息", "Who looked at my data");
    let older = found.next.as_ref().map(|it| format!("/settings/looks?cursor={it}"));
    opening.page(&LooksPage { lines: found.lines(&frame), older, frame, days: None })
}

/// `GET /hall/looks`: who looked at people of the area on a day. Whoever leads more than one area names one.
pub(crate) async fn of_area(opening: Opening) -> Result<Response, Trouble> {
    let day = Day::parse(opening.query.text("day")).unwrap_or_else(|| opening.app.clock.now().day());
    let area = opening.query.text("area").chars().filter(char::is_ascii_digit).collect::<String>();
    let named = if area.is_empty() { String::new() } else { format!("&area={area}") };
    let frame = opening.frame("查阅记录", "Who looked at whom");
    let asked = format!("/looks?limit={PAGE}&day={day}{named}&cursor={}", cursor(&opening));
    let (lines, older, is_area_wrong) = match opening.get::<Looks>(&asked).await {
        Ok(found) => {
            let older = found.next.as_ref().map(|it| format!("/hall/looks?day={day}{named}&cursor={it}"));
            (found.lines(&frame), older, false)
        }
        Err(Trouble::Said(said)) if said.field.as_deref() == Some("area") => (Vec::new(), None, true),
        Err(other) => return Err(other),
    };
    let days = Days {
        day: day.to_string(),
        before: format!("/hall/looks?day={}{named}", day.plus(-1)),
        after: format!("/hall/looks?day={}{named}", day.plus(1)),
        area,
        is_area_wrong,
    };
    opening.page(&LooksPage { lines, older, frame, days: Some(days) })
}
