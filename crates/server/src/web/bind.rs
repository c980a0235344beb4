//! Starting a binding, first half: what it is, who is what to whom, who the other one is. One question per page; the
//! answers are kept until the binding is made.

use super::bound::{Limits, relation_word};
use super::frame::Frame;
use super::inside::{Reason, Region};
use super::limits::FIRST_DAY;
use super::opening::Opening;
use super::trouble::Trouble;
use crate::rest::{Civil, Yuan};
use askama::Template;
use axum::response::Response;
use domain::words::{Relation, Side};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The answers given so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Draft {
    /// On which side whoever fills this in stands.
    pub(crate) side: Option<Side>,
    /// What the beneficiary is to the giver.
    pub(crate) relation: Option<Relation>,
    /// The other one's name.
    pub(crate) name: String,
    /// The other one's ID number.
    pub(crate) id_number: String,
    /// Whether the conditions were seen, and all hold.
    pub(crate) checked: bool,
    /// Whether the two areas share by an amount that is set aside.
    pub(crate) by_quota: bool,
    /// Limits, once they were asked for.
    pub(crate) terms: Option<Terms>,
    /// The commitment that was signed.
    pub(crate) signed: Option<Signed>,
    /// The binding, once it is made.
    pub(crate) done: Option<u64>,
}

/// A commitment that was signed: the very text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Signed {
    pub(crate) version: String,
    pub(crate) digest: String,
}

/// What the giver limits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) first_day: Option<Civil>,
    pub(crate) last_day: Option<Civil>,
    pub(crate) limits: Limits,
    pub(crate) quota: Option<Yuan>,
}

/// What the REST interface says about a binding somebody wants.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Judged {
    pub(crate) possible: bool,
    pub(crate) steps: Vec<Step>,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) explanation: Explained,
    pub(crate) binding: Option<super::bound::Bound>,
}

/// A condition.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Step {
    pub(crate) rule: String,
    pub(crate) outcome: String,
    pub(crate) about: Option<String>,
    pub(crate) reason: Option<Reason>,
    pub(crate) law: Option<Law>,
}

/// What the law says, and where.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Law {
    pub(crate) region: Region,
    pub(crate) source: Option<String>,
}

/// The reasons, with what can be done.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Explained {
    pub(crate) reasons: Vec<Told>,
}

/// A reason, with what can be done.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Told {
    pub(crate) line: String,
    pub(crate) why: String,
    pub(crate) todo: Vec<String>,
}

/// The pages of the flow, in order.
const PAGES: [&str; 7] =
    ["/bind", "/bind/relation", "/bind/who", "/bind/check", "/bind/limits", "/bind/letter", "/bind/review"];

impl Draft {
    /// The side; the giver's where nothing was said.
    pub(crate) fn side(&self) -> Side {
        self.side.unwrap_or(Side::Giver)
    }

    /// The first page whose question is open.
    pub(crate) fn next(&self) -> &'static str {
        let answered = [
            self.side.is_some(),
            self.relation.is_some(),
            !self.id_number.is_empty(),
            self.checked,
            self.terms.is_some(),
            self.signed.is_some(),
        ];
        PAGES[answered.iter().position(|it| !it).unwrap_or(PAGES.len() - 1)]
    }

    /// Whether a page can be shown: all questions before it are answered.
    fn reaches(&self, page: &str) -> bool {
        let place = |page: &str| PAGES.iter().position(|it| *it == page).unwrap_or(PAGES.len());
        place(page) <= place(self.next())
    }

    /// Who or to whom has changed: the conditions are looked at again, and what was signed was signed for others.
    fn asked_anew(&mut self) {
        (self.checked, self.by_quota, self.signed) = (false, false, None);
    }

    /// The two, and what they are to each other.
    pub(crate) fn pair(&self, me: u64) -> Value {
        let (own, other) = (json!({ "no": me }), json!({ "id_number": self.id_number, "name": self.name }));
        let (giver, beneficiary) = match self.side() {
            Side::Giver => (own, other),
            Side::Beneficiary => (other, own),
        };
        json!({ "giver": giver, "beneficiary": beneficiary, "relation": self.relation })
    }

    /// What is asked of the REST interface, whether it is only a question or the binding itself.
    pub(crate) fn wanted(&self, me: u64) -> Value {
        let terms = self.terms.clone().unwrap_or_default();
        let mut wanted = self.pair(me);
        wanted["channel"] = json!("app");
        wanted["from"] = json!(terms.first_day);
        wanted["last_day"] = json!(terms.last_day);
        wanted["limits"] = json!(terms.limits);
        wanted["quota"] = json!(terms.quota);
        wanted
    }
}

/// The draft, where a page can be shown with it; else the page that is due comes first.
pub(crate) async fn draft_for(opening: &Opening, page: &str) -> Result<Draft, Trouble> {
    let draft: Draft = opening.draft("bind").await?;
    if draft.reaches(page) { Ok(draft) } else { Err(Trouble::Due(draft.next())) }
}

/// Asks whether the binding would be possible, and why not.
pub(crate) async fn judged(opening: &Opening, draft: &Draft) -> Result<Judged, Trouble> {
    let mut asked = draft.wanted(opening.person()?.0);
    asked["starter"] = json!(draft.side());
    opening.ask("/explain/binding", &asked).await
}

#[derive(Template)]
#[template(path = "web/bind.html")]
struct BindPage {
    frame: Frame,
    /// Whom a binding that was begun is about, and the page that is due.
    begun: Option<(String, &'static str)>,
}

/// `GET /bind`: what it is and is not, and which way round.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let draft: Draft = opening.draft("bind").await?;
    let begun = (!draft.name.is_empty()).then(|| (draft.name.clone(), draft.next()));
    opening.page(&BindPage { frame: opening.frame("您想做什么？", "What do you want to do?"), begun })
}

/// `POST /bind/over`: all answers are forgotten.
pub(crate) async fn over(opening: Opening) -> Result<Response, Trouble> {
    opening.drop_draft("bind").await?;
    Ok(opening.go("/bind"))
}

/// `POST /bind`: begun anew; from the page with all answers, the same choice again leads back there.
pub(crate) async fn begin(opening: Opening) -> Result<Response, Trouble> {
    let side = Side::parse(opening.form.text("side")).ok_or(Trouble::Unreadable)?;
    let draft: Draft = opening.draft("bind").await?;
    let all_answered = draft.side == Some(side) && draft.signed.is_some();
    let draft = if all_answered { draft } else { Draft { side: Some(side), ..Draft::default() } };
    opening.keep_draft("bind", &draft).await?;
    Ok(opening.go(draft.next()))
}

/// The law for a giver.
#[derive(Debug, Deserialize)]
pub(crate) struct GiverTerms {
    area: Region,
    relations: Vec<RelationTerm>,
    relations_law: Law,
    limits: Vec<String>,
    start_day_choice: bool,
}

impl GiverTerms {
    /// The fields of what the giver may set.
    pub(crate) fn fields(self) -> Vec<String> {
        let first_day = self.start_day_choice.then(|| FIRST_DAY.to_owned());
        self.limits.into_iter().chain(first_day).collect()
    }
}

#[derive(Debug, Deserialize)]
struct RelationTerm {
    relation: Relation,
    allowed: bool,
}

/// A relation to choose, or one that is not among the local ones.
struct Choice {
    relation: Relation,
    text: String,
    allowed: bool,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "web/bind_relation.html")]
struct RelationPage {
    frame: Frame,
    gives: bool,
    choices: Vec<Choice>,
    law: Option<(String, Law)>,
    /// In large print the rarer relations are on a page of their own.
    more: bool,
}

/// The relations that come first where few fit on a page.
const COMMON: [Relation; 3] = [Relation::Spouse, Relation::Parent, Relation::Child];

/// `GET /bind/relation`. A giver sees what the law of their area allows; of a giver who is still to be named nobody knows
/// the area yet.
pub(crate) async fn relation(opening: Opening) -> Result<Response, Trouble> {
    let draft = draft_for(&opening, "/bind/relation").await?;
    let (side, me) = (draft.side(), opening.person()?);
    let terms: Option<GiverTerms> = match side {
        Side::Giver => Some(opening.get(&format!("/persons/{}/binding-terms", me.0)).await?),
        Side::Beneficiary => None,
    };
    let frame = match side {
        Side::Giver => opening.frame("家人是您的什么人？", "What is the relative to you?"),
        Side::Beneficiary => opening.frame("付钱的家人是您的什么人？", "What is the one who pays to you?"),
    };
    let allowed = |relation: Relation| {
        let listed = |it: &GiverTerms| it.relations.iter().any(|it| it.relation == relation && it.allowed);
        terms.as_ref().is_none_or(listed)
    };
    let more = frame.elder && opening.query.filled("more").is_some();
    let fits = |it: &Relation| !frame.elder || COMMON.contains(it) != more;
    let choice = |it: Relation| Choice {
        relation: it,
        text: relation_word(&opening, side, it).to_owned(),
        allowed: allowed(it),
        chosen: draft.relation == Some(it),
    };
    let mut choices: Vec<Choice> = Relation::ALL.iter().copied().filter(fits).map(choice).collect();
    choices.sort_by_key(|it| !it.allowed);
    let law = terms.map(|it| (it.area.name().to_owned(), it.relations_law));
    opening.page(&RelationPage { gives: side == Side::Giver, choices, law, more, frame })
}

/// `POST /bind/relation`.
pub(crate) async fn choose_relation(opening: Opening) -> Result<Response, Trouble> {
    let mut draft = draft_for(&opening, "/bind/relation").await?;
    let relation = Relation::parse(opening.form.text("relation")).ok_or(Trouble::Unreadable)?;
    if draft.relation != Some(relation) {
        draft.relation = Some(relation);
        draft.asked_anew();
    }
    opening.keep_draft("bind", &draft).await?;
    Ok(opening.go(draft.next()))
}

#[derive(Template)]
#[template(path = "web/bind_who.html")]
struct WhoPage {
    frame: Frame,
    relation: String,
    name: String,
    id_number: String,
    name_missing: bool,
    number_missing: bool,
    unknown: Option<Reason>,
}

impl WhoPage {
    fn of(opening: &Opening, draft: &Draft) -> WhoPage {
        let relation = draft.relation.map(|it| relation_word(opening, draft.side(), it));
        WhoPage {
            frame: opening.frame("家人是谁？", "Who is the relative?"),
            relation: relation.unwrap_or_default().to_owned(),
            name: draft.name.clone(),
            id_number: draft.id_number.clone(),
            name_missing: false,
            number_missing: false,
            unknown: None,
        }
    }
}

/// `GET /bind/who`.
pub(crate) async fn who(opening: Opening) -> Result<Response, Trouble> {
    let draft = draft_for(&opening, "/bind/who").await?;
    opening.page(&WhoPage::of(&opening, &draft))
}

/// `POST /bind/who`: the name has to be the one on record, so that a slip in the number binds no stranger.
pub(crate) async fn name(opening: Opening) -> Result<Response, Trouble> {
    let before = draft_for(&opening, "/bind/who").await?;
    let (name, id_number) = (opening.form.text("name"), opening.form.text("id_number").to_uppercase());
    let mut draft = Draft { name: name.to_owned(), id_number, ..before.clone() };
    let (name_missing, number_missing) = (draft.name.is_empty(), draft.id_number.is_empty());
    if name_missing || number_missing {
        let page = WhoPage { name_missing, number_missing, ..WhoPage::of(&opening, &draft) };
        return opening.again(&page);
    }
    match judged(&opening, &draft).await {
        Ok(_) => {}
        Err(Trouble::Said(said)) if said.code == "PERSON_UNKNOWN" => {
            let unknown = said.reasons.first().cloned();
            return opening.again(&WhoPage { unknown, ..WhoPage::of(&opening, &draft) });
        }
        Err(trouble) => return Err(trouble),
    }
    if draft != before {
        draft.asked_anew();
    }
    opening.keep_draft("bind", &draft).await?;
    Ok(opening.go(draft.next()))
}
