//! Places: designated institutions of an area, and its service halls. For everybody; the area is chosen from a list.

use super::frame::Frame;
use super::inside::Region;
use super::opening::Opening;
use super::trouble::Trouble;
use crate::rest::Civil;
use askama::Template;
use axum::response::Response;
use serde::Deserialize;

/// How many places stand on a page.
const PAGE: usize = 20;

/// The areas to choose from.
#[derive(Deserialize)]
pub(super) struct Areas {
    pub(super) areas: Vec<AreaEntry>,
}

/// An area, with what it publishes about itself.
#[derive(Deserialize)]
pub(super) struct AreaEntry {
    pub(super) area: Region,
    hall: Option<String>,
    halls: Vec<Hall>,
}

#[derive(Deserialize)]
struct Hall {
    name: String,
    address: String,
    phone: String,
    hours: String,
}

#[derive(Deserialize, Default)]
struct Places {
    places: Vec<Found>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Found {
    code: String,
    name: Option<String>,
    kind: String,
    designated: bool,
    until: Option<Civil>,
    ended: Option<Civil>,
    from: Option<Civil>,
    suspended: bool,
}

#[derive(Deserialize)]
struct Insured {
    enrolments: Vec<Enrolled>,
}

#[derive(Deserialize)]
struct Enrolled {
    area: Region,
    to: Option<Civil>,
}

/// Kinds of places, as they stand in addresses and on the page.
const KINDS: &[(&str, &str, &str)] = &[
    ("", "全部", "All"),
    ("hospital", "医院", "Hospital"),
    ("clinic", "门诊部、诊所", "Clinic"),
    ("community_centre", "社区卫生服务机构", "Community health centre"),
    ("village_clinic", "村卫生室", "Village clinic"),
    ("pharmacy", "药店", "Pharmacy"),
    ("hall", "服务大厅（办事）", "Service hall (for applications)"),
];

#[derive(Template)]
#[template(path = "web/places.html")]
struct PlacesPage {
    frame: Frame,
    areas: Vec<AreaEntry>,
    /// The area chosen; empty where none is yet.
    area: String,
    kind: String,
    name: String,
    found: Places,
    /// Where the next page is.
    next: Option<String>,
}

impl PlacesPage {
    fn kinds(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        KINDS
    }

    fn chosen(&self) -> Option<&AreaEntry> {
        self.areas.iter().find(|it| it.area.code == self.area)
    }

    fn kind_of(&self, it: &Found) -> &'static str {
        let known = KINDS.iter().find(|(word, ..)| *word == it.kind);
        known.map_or("", |(_, zh, en)| if self.frame.english { en } else { zh })
    }
}

/// `GET /places?area=320300&kind=pharmacy&name=...`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let Areas { areas } = opening.get("/areas").await?;
    let area = match opening.query.filled("area") {
        Some(area) => areas.iter().find(|it| it.area.code == area).map(|it| it.area.code.clone()),
        None => own_area(&opening).await?.filter(|own| areas.iter().any(|it| it.area.code == *own)),
    };
    let area = area.unwrap_or_default();
    let known = |wanted: &str| KINDS.iter().any(|(word, ..)| *word == wanted);
    let kind = Some(opening.query.text("kind")).filter(|it| known(it)).unwrap_or_default().to_owned();
    let name: String = opening.query.text("name").chars().take(50).collect();
    let found = if area.is_empty() || kind == "hall" {
        Places::default()
    } else {
        let limit = PAGE.to_string();
        let cursor = opening.query.text("cursor");
        opening.get(&format!("/places?{}", asked(&area, &kind, &name, cursor, &[("limit", &limit)]))).await?
    };
    let next = found.next.as_ref().map(|it| format!("/places?{}", asked(&area, &kind, &name, it, &[])));
    let frame = match kind.as_str() {
        "hall" => opening.frame("服务大厅", "Service halls"),
        _ => opening.frame("定点医院和药店", "Designated hospitals and pharmacies"),
    };
    opening.page(&PlacesPage { frame, areas, area, kind, name, found, next })
}

/// What stands after the question mark.
fn asked(area: &str, kind: &str, name: &str, cursor: &str, more: &[(&str, &str)]) -> String {
    let all = [("area", area), ("kind", kind), ("name", name), ("cursor", cursor)];
    let filled: Vec<_> = all.iter().chain(more).filter(|(_, text)| !text.is_empty()).collect();
    serde_urlencoded::to_string(filled).unwrap_or_default()
}

/// The area that insures whoever is signed in.
async fn own_area(opening: &Opening) -> Result<Option<String>, Trouble> {
    let Ok(person) = opening.person() else { return Ok(None) };
    let insured: Insured = opening.get(&format!("/persons/{}", person.0)).await?;
    let running = insured.enrolments.into_iter().find(|it| it.to.is_none());
    Ok(running.map(|it| it.area.code))
}
