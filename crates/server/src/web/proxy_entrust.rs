//! Entrusting a purchase (代购): for whom, who buys, where, why, both documents, until when. One question per page; the
//! answers are kept until it is entrusted (R-G1).

use super::frame::Frame;
use super::inside::{Place, Reason};
use super::opening::Opening;
use super::proxy::{Law, Principal};
use super::trouble::Trouble;
use crate::people::masked_number;
use crate::rest::Civil;
use askama::Template;
use axum::response::Response;
use domain::day::Day;
use domain::proxy::{Paper, ProxyReason};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The name of the flow's draft.
pub(super) const FLOW: &str = "proxy";
/// How many places a search shows.
const FOUND_MOST: usize = 4;

/// The answers given so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Draft {
    /// For whom: our number, and how the reader calls them.
    patient: Option<(u64, String)>,
    /// Who buys.
    name: String,
    id_number: String,
    place: Option<Where>,
    reason: Option<ProxyReason>,
    /// The documents of patient and agent, as far as they are recorded now.
    papers: Option<[Option<Paper>; 2]>,
    last_day: Option<Civil>,
}

/// Where it may be bought.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Where {
    Anywhere,
    /// Only here: the code, and the name.
    Only(String, String),
}

impl Where {
    fn only(&self) -> Option<(&str, &str)> {
        match self {
            Where::Anywhere => None,
            Where::Only(code, name) => Some((code, name)),
        }
    }
}

/// The pages of the flow, in order.
const PAGES: [&str; 7] = [
    "/proxy/for",
    "/proxy/agent",
    "/proxy/place",
    "/proxy/why",
    "/proxy/papers",
    "/proxy/until",
    "/proxy/review",
];

impl Draft {
    pub(super) fn is_begun(&self) -> bool {
        !self.id_number.is_empty()
    }

    /// The first page whose question is open.
    pub(super) fn next(&self) -> &'static str {
        let answered = [
            self.patient.is_some(),
            self.is_begun(),
            self.place.is_some(),
            self.reason.is_some(),
            self.papers.is_some(),
            self.last_day.is_some(),
        ];
        PAGES[answered.iter().position(|it| !it).unwrap_or(PAGES.len() - 1)]
    }

    fn reaches(&self, page: &str) -> bool {
        let place = |page: &str| PAGES.iter().position(|it| *it == page).unwrap_or(PAGES.len());
        place(page) <= place(self.next())
    }

    fn patient(&self) -> Result<u64, Trouble> {
        self.patient.as_ref().map(|(no, _)| *no).ok_or(Trouble::Due(PAGES[0]))
    }

    fn called(&self) -> &str {
        self.patient.as_ref().map_or("", |(_, called)| called)
    }

    /// What is asked of the REST interface.
    fn wanted(&self) -> Result<Value, Trouble> {
        let [patient, agent] = self.papers.unwrap_or_default();
        let place = self.place.as_ref().and_then(Where::only).map(|(code, _)| code);
        Ok(json!({ "patient": { "no": self.patient()? },
            "agent": { "id_number": self.id_number, "name": self.name }, "reason": self.reason,
            "institution": place, "papers": { "patient": patient, "agent": agent },
            "last_day": self.last_day }))
    }
}

/// The draft, where a page can be shown with it; else the page that is due comes first.
async fn draft_for(opening: &Opening, page: &str) -> Result<Draft, Trouble> {
    let draft: Draft = opening.draft(FLOW).await?;
    if draft.reaches(page) { Ok(draft) } else { Err(Trouble::Due(draft.next())) }
}

/// Keeps the answers, and goes on to the next question.
async fn answered(opening: &Opening, draft: &Draft) -> Result<Response, Trouble> {
    opening.keep_draft(FLOW, draft).await?;
    Ok(opening.go(draft.next()))
}

#[derive(Template)]
#[template(path = "web/proxy_for.html")]
struct ForPage {
    frame: Frame,
    principals: Vec<Principal>,
}

/// `GET /proxy/for`: for whom is to be bought.
pub(crate) async fn whom(opening: Opening) -> Result<Response, Trouble> {
    let principals = opening.principals().await?;
    opening.page(&ForPage { frame: opening.frame("替谁买药？", "For whom?"), principals })
}

/// `POST /proxy/for`.
pub(crate) async fn choose_whom(opening: Opening) -> Result<Response, Trouble> {
    let no: u64 = opening.form.text("patient").parse().map_err(|_| Trouble::Unreadable)?;
    let principals = opening.principals().await?;
    let chosen = principals.into_iter().find(|it| it.of.no == no).ok_or(Trouble::Unreadable)?;
    let draft = Draft { patient: Some((no, chosen.called)), ..opening.draft(FLOW).await? };
    answered(&opening, &draft).await
}

#[derive(Template)]
#[template(path = "web/proxy_agent.html")]
struct AgentPage {
    frame: Frame,
    name: String,
    id_number: String,
    wrong: Vec<(&'static str, String)>,
}

impl AgentPage {
    fn wrong_at(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|(name, _)| *name == field).map(|(_, what)| what.as_str())
    }
}

/// `GET /proxy/agent`: who buys.
pub(crate) async fn agent(opening: Opening) -> Result<Response, Trouble> {
    let draft = draft_for(&opening, "/proxy/agent").await?;
    let frame = opening.frame("请谁代买？", "Who buys it?");
    let (name, id_number, wrong) = (draft.name, draft.id_number, Vec::new());
    opening.page(&AgentPage { frame, name, id_number, wrong })
}

/// `POST /proxy/agent`.
pub(crate) async fn name_agent(opening: Opening) -> Result<Response, Trouble> {
    let mut draft = draft_for(&opening, "/proxy/agent").await?;
    let frame = opening.frame("请谁代买？", "Who buys it?");
    let (name, id_number) = (opening.form.text("name").to_owned(), opening.form.text("id_number"));
    let id_number = id_number.to_uppercase();
    let said = [
        ("name", &name, frame.say("请填写代办人的姓名", "Write the agent's name")),
        ("id_number", &id_number, frame.say("请填写代办人的身份证号", "Write the agent's ID number")),
    ];
    let empty = said.into_iter().filter(|(_, written, _)| written.is_empty());
    let wrong: Vec<_> = empty.map(|(field, _, what)| (field, what.to_owned())).collect();
    if !wrong.is_empty() {
        return opening.again(&AgentPage { frame, name, id_number, wrong });
    }
    (draft.name, draft.id_number) = (name, id_number);
    answered(&opening, &draft).await
}

#[derive(Deserialize)]
struct Insured {
    enrolments: Vec<Enrolled>,
}

#[derive(Deserialize)]
struct Enrolled {
    area: super::inside::Region,
    to: Option<Civil>,
}

#[derive(Deserialize, Default)]
struct Places {
    places: Vec<Place>,
}

#[derive(Template)]
#[template(path = "web/proxy_place.html")]
struct PlacePage {
    frame: Frame,
    query: String,
    found: Vec<Place>,
}

/// `GET /proxy/place?q=`: anywhere, or a place of the area that insures the patient.
pub(crate) async fn place(opening: Opening) -> Result<Response, Trouble> {
    let draft = draft_for(&opening, "/proxy/place").await?;
    let query: String = opening.query.text("q").chars().take(50).collect();
    let insured: Insured = opening.get(&format!("/persons/{}", draft.patient()?)).await?;
    let area = insured.enrolments.into_iter().find(|it| it.to.is_none()).map(|it| it.area.code);
    let found = match area.filter(|_| !query.is_empty()) {
        Some(area) => {
            let limit = FOUND_MOST.to_string();
            let asked = [("area", area.as_str()), ("name", &query), ("limit", &limit)];
            let asked = serde_urlencoded::to_string(asked).unwrap_or_default();
            opening.get(&format!("/places?{asked}")).await?
        }
        None => Places::default(),
    };
    let frame = opening.frame("到哪里买？", "Where?");
    opening.page(&PlacePage { frame, query, found: found.places })
}

/// `POST /proxy/place`.
pub(crate) async fn choose_place(opening: Opening) -> Result<Response, Trouble> {
    let mut draft = draft_for(&opening, "/proxy/place").await?;
    draft.place = match opening.form.text("place") {
        "any" => Some(Where::Anywhere),
        code => {
            let code = domain::ids::InstitutionCode::parse(code).ok_or(Trouble::Unreadable)?;
            let place: Place = opening.get(&format!("/institutions/{code}")).await?;
            Some(Where::Only(place.code.clone(), place.name().to_owned()))
        }
    };
    answered(&opening, &draft).await
}

#[derive(Template)]
#[template(path = "web/proxy_why.html")]
struct WhyPage {
    frame: Frame,
    called: String,
    reasons: Vec<(&'static str, String)>,
}

/// `GET /proxy/why`: why the patient cannot come.
pub(crate) async fn why(opening: Opening) -> Result<Response, Trouble> {
    let draft = draft_for(&opening, "/proxy/why").await?;
    let reasons = ProxyReason::ALL.iter().map(|it| (it.word(), opening.word("proxy_reason", it.word())));
    opening.page(&WhyPage {
        frame: opening.frame("为什么不能自己去？", "Why can they not come?"),
        called: draft.called().to_owned(),
        reasons: reasons.collect(),
    })
}

/// `POST /proxy/why`.
pub(crate) async fn choose_why(opening: Opening) -> Result<Response, Trouble> {
    let mut draft = draft_for(&opening, "/proxy/why").await?;
    draft.reason = Some(ProxyReason::parse(opening.form.text("reason")).ok_or(Trouble::Unreadable)?);
    answered(&opening, &draft).await
}

#[derive(Template)]
#[template(path = "web/proxy_papers.html")]
struct PapersPage {
    frame: Frame,
    papers: Vec<(&'static str, String)>,
    chosen: [&'static str; 2],
    law: Option<Law>,
}

/// `GET /proxy/papers`: which documents are recorded now.
pub(crate) async fn papers(opening: Opening) -> Result<Response, Trouble> {
    let draft = draft_for(&opening, "/proxy/papers").await?;
    let terms = opening.proxies(draft.patient()?).await?.terms;
    let chosen = draft.papers.unwrap_or([Some(Paper::IdCard); 2]);
    opening.page(&PapersPage {
        frame: opening.frame("双方身份证件", "ID documents of both"),
        papers: Paper::ALL.iter().map(|it| (it.word(), opening.word("paper", it.word()))).collect(),
        chosen: chosen.map(|it| it.map_or("", Paper::word)),
        law: terms.map(|it| it.law),
    })
}

/// `POST /proxy/papers`.
pub(crate) async fn choose_papers(opening: Opening) -> Result<Response, Trouble> {
    let mut draft = draft_for(&opening, "/proxy/papers").await?;
    draft.papers = Some(["patient", "agent"].map(|it| Paper::parse(opening.form.text(it))));
    answered(&opening, &draft).await
}

#[derive(Template)]
#[template(path = "web/proxy_until.html")]
struct UntilPage {
    frame: Frame,
    today: Civil,
    latest: Option<Civil>,
    written: String,
    wrong: bool,
}

async fn until_page(opening: &Opening, draft: &Draft, written: Option<String>) -> Result<UntilPage, Trouble> {
    let latest = opening.proxies(draft.patient()?).await?.terms.map(|it| it.latest);
    let kept = draft.last_day.or(latest).map(|it| it.0.to_string());
    Ok(UntilPage {
        frame: opening.frame("哪天以前有效？", "Until when?"),
        today: Civil(opening.app.clock.now().day()),
        latest,
        wrong: written.is_some(),
        written: written.or(kept).unwrap_or_default(),
    })
}

/// `GET /proxy/until`.
pub(crate) async fn until(opening: Opening) -> Result<Response, Trouble> {
    let draft = draft_for(&opening, "/proxy/until").await?;
    opening.page(&until_page(&opening, &draft, None).await?)
}

/// `POST /proxy/until`.
pub(crate) async fn choose_until(opening: Opening) -> Result<Response, Trouble> {
    let mut draft = draft_for(&opening, "/proxy/until").await?;
    let written = opening.form.text("last_day").to_owned();
    let Some(day) = Day::parse(&written) else {
        return opening.again(&until_page(&opening, &draft, Some(written)).await?);
    };
    draft.last_day = Some(Civil(day));
    answered(&opening, &draft).await
}

#[derive(Template)]
#[template(path = "web/proxy_review.html")]
struct ReviewPage {
    frame: Frame,
    called: String,
    name: String,
    number: String,
    place: Option<String>,
    reason: String,
    papers: [String; 2],
    last_day: Civil,
    /// Why it was not entrusted.
    reasons: Vec<Reason>,
}

impl ReviewPage {
    fn of(opening: &Opening, draft: &Draft, reasons: Vec<Reason>) -> Result<ReviewPage, Trouble> {
        let papers = draft.papers.unwrap_or_default().map(|it| it.map(|it| it.word().to_owned()));
        Ok(ReviewPage {
            frame: opening.frame("核对一遍", "Check it once more"),
            called: draft.called().to_owned(),
            name: draft.name.clone(),
            number: masked_number(&draft.id_number),
            place: draft.place.as_ref().and_then(Where::only).map(|(_, name)| name.to_owned()),
            reason: draft.reason.map(|it| opening.word("proxy_reason", it.word())).unwrap_or_default(),
            papers: papers.map(|it| opening.paper_word(it.as_ref())),
            last_day: draft.last_day.ok_or(Trouble::Due(draft.next()))?,
            reasons,
        })
    }
}

/// `GET /proxy/review`.
pub(crate) async fn review(opening: Opening) -> Result<Response, Trouble> {
    let draft = draft_for(&opening, "/proxy/review").await?;
    opening.page(&ReviewPage::of(&opening, &draft, Vec::new())?)
}

#[derive(Deserialize)]
struct Made {
    no: u64,
}

/// `POST /proxy/review`: entrusts it; what refuses it stands on the page, beside the way to change it.
pub(crate) async fn entrust(opening: Opening) -> Result<Response, Trouble> {
    let draft = draft_for(&opening, "/proxy/review").await?;
    match opening.send::<Made>("/proxies", &draft.wanted()?).await {
        Ok(Made { no }) => {
            opening.drop_draft(FLOW).await?;
            Ok(opening.go(&format!("/proxy/{no}")))
        }
        Err(Trouble::Said(said)) if !said.reasons.is_empty() => {
            opening.again(&ReviewPage::of(&opening, &draft, said.reasons)?)
        }
        Err(trouble) => Err(trouble),
    }
}
