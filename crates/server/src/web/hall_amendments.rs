//! Amendments at the counter: proposing another name, ID document or card for the customer, with what was shown; and what
//! waits for somebody's decision.

use super::frame::Frame;
use super::inside::{Person, When};
use super::opening::Opening;
use super::trouble::{Said, Trouble};
use super::wrongs::Wrongs;
use crate::looks::Why;
use crate::rest::Civil;
use askama::Template;
use axum::response::Response;
use domain::amendment::Amended;
use domain::documents::{DocumentKind, SeenAs};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Amendments {
    amendments: Vec<Amendment>,
    next: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Amendment {
    pub(super) no: u64,
    pub(super) person: Person,
    pub(super) what: String,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) why: String,
    pub(super) state: String,
    pub(super) proposed: When,
    pub(super) until: Civil,
    pub(super) decided: Option<When>,
    pub(super) decided_why: Option<String>,
}

/// An amendment in words.
pub(super) struct AmendmentLine {
    pub(super) it: Amendment,
    pub(super) what: String,
    pub(super) state: String,
}

impl AmendmentLine {
    /// Whether it can be decided.
    pub(super) fn waits(&self) -> bool {
        self.it.state == "waiting"
    }
}

#[derive(Template)]
#[template(path = "web/hall_amend.html")]
struct AmendPage {
    frame: Frame,
    name: String,
    earlier: Vec<AmendmentLine>,
    whats: Vec<(&'static str, String)>,
    kinds: Vec<(&'static str, String)>,
    seen: Vec<(&'static str, String)>,
    /// What was typed: the right text, the serial, why.
    typed: [String; 3],
    wrongs: Wrongs,
}

#[derive(Template)]
#[template(path = "web/hall_amendments.html")]
struct WaitingPage {
    frame: Frame,
    waiting: Vec<AmendmentLine>,
    /// The address of the next page.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "web/amendments.html")]
struct OwnPage {
    frame: Frame,
    lines: Vec<AmendmentLine>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Laid {
    photograph: String,
}

impl Opening {
    /// The amendments that a route tells of.
    pub(super) async fn amendments(&self, path: &str) -> Result<Vec<AmendmentLine>, Trouble> {
        Ok(self.page_of_amendments(path).await?.0)
    }

    /// The same, and after which the next page begins.
    async fn page_of_amendments(&self, path: &str) -> Result<(Vec<AmendmentLine>, Option<String>), Trouble> {
        let found: Amendments = self.get(path).await?;
        let line = |it: Amendment| AmendmentLine {
            what: self.word("amended", &it.what),
            state: match it.state.as_str() {
                "waiting" => self.frame("", "").say("等审批", "Waiting for a decision").to_owned(),
                "lapsed" => self.frame("", "").say("过期没有审批", "Not decided in time").to_owned(),
                state => self.word("state", state),
            },
            it,
        };
        Ok((found.amendments.into_iter().map(line).collect(), found.next))
    }

    fn words<'a>(&self, list: &str, all: impl Iterator<Item = &'a str>) -> Vec<(&'a str, String)> {
        all.map(|it| (it, self.word(list, it))).collect()
    }
}

async fn amend_page(opening: &Opening, customer: u64, wrongs: Wrongs) -> Result<AmendPage, Trouble> {
    let person: Named = opening.get(&format!("/persons/{customer}")).await?;
    let typed = ["right", "serial", "why_amend"].map(|it| opening.form.text(it).to_owned());
    Ok(AmendPage {
        frame: opening.frame("更正登记信息", "Amend what somebody is known by"),
        name: person.name,
        earlier: opening.amendments(&format!("/persons/{customer}/amendments")).await?,
        whats: opening.words("amended", Amended::ALL.iter().map(|it| it.word())),
        kinds: opening.words("document_kind", DocumentKind::ALL.iter().map(|it| it.word())),
        seen: opening.words("seen_as", SeenAs::AT_COUNTER.iter().map(|it| it.word())),
        typed,
        wrongs,
    })
}

/// `GET /hall/amend`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall#scan")) };
    opening.page(&amend_page(&opening, customer, Wrongs::default()).await?)
}

async fn proposed(opening: &Opening, customer: u64) -> Result<(), Trouble> {
    let form = &opening.form;
    let mut photographs = Vec::new();
    for file in opening.files.iter().filter(|it| it.field == "photographs") {
        let laid: Laid = opening.send_file(&format!("/persons/{customer}/photographs"), &file.bytes).await?;
        photographs.push(laid.photograph);
    }
    let document =
        json!({ "kind": form.text("kind"), "seen": form.text("seen"), "photographs": photographs });
    let mut body = json!({
        "on_behalf_of": { "no": customer },
        "why": form.text("why_amend"),
        "documents": [document],
    });
    match Amended::parse(form.text("what")) {
        Some(Amended::Name) => body["name"] = json!(form.text("right")),
        Some(Amended::IdDocument) => body["id_number"] = json!(form.text("right")),
        Some(Amended::Card) => {
            body["card"] = json!(form.text("right"));
            body["card_serial"] = json!(form.filled("serial"));
        }
        None => return Err(Trouble::Unreadable),
    }
    let _: Value = opening.send("/amendments", &body).await?;
    Ok(())
}

/// What REST found wrong with a field of the form, said at that field.
fn wrong_at(opening: &Opening, said: &Said) -> Option<Wrongs> {
    let mut wrongs = Wrongs::of(opening);
    match said.field.as_deref()? {
        "why" => wrongs.add("why_amend", "请写明为什么更正", "Say why"),
        "born" | "sex" => wrongs.add(
            "right",
            "身份证号里的出生日期或性别和登记的不一致，不能这样更正",
            "The number says another day of birth or sex than is known: that is not amended here",
        ),
        field if field.contains("documents") || field == "body" => wrongs.add(
            "photographs",
            "照片要是 JPEG 或 PNG，每张不超过 4 MB，最多 6 张",
            "A photograph is a JPEG or PNG of at most 4 MB; there is room for 6",
        ),
        _ => wrongs.add(
            "right",
            "请核对：要填完整、和现在登记的不同；身份证号要正确",
            "Check it: write it whole, other than it is now; an ID number has to be right",
        ),
    }
    Some(wrongs)
}

/// `POST /hall/amend`.
pub(crate) async fn propose(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall#scan")) };
    match proposed(&opening, customer).await {
        Ok(()) => Ok(opening.go("/hall/amend")),
        Err(Trouble::Said(said)) => match wrong_at(&opening, &said) {
            Some(wrongs) => opening.again(&amend_page(&opening, customer, wrongs).await?),
            None => Err(Trouble::Said(said)),
        },
        Err(other) => Err(other),
    }
}

/// `GET /hall/amendments`: what waits for a decision. Looking at it is part of a review.
pub(crate) async fn waiting(mut opening: Opening) -> Result<Response, Trouble> {
    opening.why = Some(Why::Review);
    let path = format!("/amendments?limit=20&cursor={}", opening.after());
    let (waiting, next) = opening.page_of_amendments(&path).await?;
    let next = opening.next_page(next);
    let frame = opening.frame("等审批的更正", "Amendments that wait");
    opening.page(&WaitingPage { frame, waiting, next })
}

/// `GET /settings/amendments`: what was amended of the reader's own data.
pub(crate) async fn own(opening: Opening) -> Result<Response, Trouble> {
    let lines = opening.amendments(&format!("/persons/{}/amendments", opening.person()?.0)).await?;
    opening.page(&OwnPage { frame: opening.frame("我的信息更正", "Amendments of my data"), lines })
}
