//! Family codes (亲情账户): whose code somebody can show, who can show theirs; linking and undoing. They move no money
//! (R-F1 to R-F4).

use super::bound::relation_word;
use super::frame::Frame;
use super::inside::{Person, Reason, When};
use super::opening::Opening;
use super::trouble::Trouble;
use crate::rest::Civil;
use askama::Template;
use axum::response::Response;
use domain::words::{Relation, Side};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Links {
    holds: Vec<Link>,
    shown_by: Vec<Link>,
    most: Option<u16>,
}

#[derive(Deserialize)]
struct Link {
    holder: Person,
    member: Person,
    relation: Relation,
    since: When,
    minor: bool,
    waits: bool,
    confirm_by: Option<Civil>,
}

/// Whose codes the reader can call up.
#[derive(Deserialize)]
struct Codes {
    codes: Vec<Code>,
}

#[derive(Deserialize)]
struct Code {
    of: Person,
    because: String,
}

/// A link as a line.
struct Row {
    holder: u64,
    member: u64,
    name: String,
    relation: String,
    since: When,
    /// The last day to agree to one that waits.
    confirm_by: Option<Civil>,
    /// The child whose code it is, where the reader acts for them.
    child: Option<String>,
}

#[derive(Template)]
#[template(path = "web/family_codes.html")]
struct CodesPage {
    frame: Frame,
    holds: Vec<Row>,
    shown_by: Vec<Row>,
    /// How many codes the reader may show.
    most: Option<u16>,
}

impl CodesPage {
    /// Whether there is room for another one.
    fn has_room(&self) -> bool {
        self.most.is_none_or(|most| self.holds.len() < usize::from(most))
    }
}

/// `GET /family-codes`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let me = opening.person()?.0;
    let links: Links = opening.get(&format!("/persons/{me}/family-links")).await?;
    let mut shown_by: Vec<Row> =
        links.shown_by.iter().map(|it| Row::of(&opening, it, Side::Beneficiary)).collect();
    // For a minor the guardian agrees.
    let codes: Codes = opening.get("/medical-codes").await?;
    for child in codes.codes.into_iter().filter(|it| it.because == "minor") {
        let links: Links = opening.get(&format!("/persons/{}/family-links", child.of.no)).await?;
        let others = links.shown_by.iter().filter(|it| it.holder.no != me);
        shown_by.extend(others.map(|it| {
            let row = Row::of(&opening, it, Side::Beneficiary);
            Row { child: Some(child.of.name.clone()), ..row }
        }));
    }
    opening.page(&CodesPage {
        frame: opening.frame("亲情账户", "Family codes"),
        holds: links.holds.iter().map(|it| Row::of(&opening, it, Side::Giver)).collect(),
        shown_by,
        most: links.most,
    })
}

impl Row {
    /// What the member is to the holder; said the other way round to the member.
    fn of(opening: &Opening, it: &Link, side: Side) -> Row {
        let other = if side == Side::Giver { &it.member } else { &it.holder };
        Row {
            holder: it.holder.no,
            member: it.member.no,
            name: other.name.clone(),
            relation: relation_word(opening, side, it.relation).to_owned(),
            since: it.since,
            confirm_by: it.confirm_by.filter(|_| it.waits),
            child: None,
        }
    }
}

#[derive(Template)]
#[template(path = "web/family_codes_add.html")]
struct AddPage {
    frame: Frame,
    relations: Vec<(Relation, String)>,
    chosen: String,
    name: String,
    id_number: String,
    /// What has to be put right: the field, and what about it.
    wrong: Vec<(&'static str, String)>,
}

impl AddPage {
    fn of(opening: &Opening) -> AddPage {
        let word = |it: &Relation| (*it, relation_word(opening, Side::Giver, *it).to_owned());
        // A designated person is what some areas know in bindings; nobody is it in a family.
        let relations = Relation::ALL.iter().filter(|it| **it != Relation::Designated).map(word).collect();
        let written = |name: &str| opening.form.text(name).to_owned();
        AddPage {
            frame: opening.frame("添加家人的医保码", "Add a relative's code"),
            relations,
            chosen: written("relation"),
            name: written("name"),
            id_number: written("id_number").to_uppercase(),
            wrong: Vec::new(),
        }
    }

    /// What is missing.
    fn missing(&mut self) {
        let said = [
            ("relation", &self.chosen, "请选择家人是您的什么人", "Choose what the relative is to you"),
            ("name", &self.name, "请填写家人的姓名", "Write the relative's name"),
            ("id_number", &self.id_number, "请填写家人的身份证号", "Write the relative's ID number"),
        ];
        let empty = said.into_iter().filter(|(_, written, ..)| written.is_empty());
        self.wrong = empty.map(|(field, _, zh, en)| (field, self.frame.say(zh, en).to_owned())).collect();
    }

    /// What is wrong with a field.
    fn wrong_at(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|(name, _)| *name == field).map(|(_, what)| what.as_str())
    }
}

/// `GET /family-codes/add`.
pub(crate) async fn ask(opening: Opening) -> Result<Response, Trouble> {
    opening.page(&AddPage::of(&opening))
}

/// `POST /family-codes/add`: the name has to be the one on record. The code of a child whom the reader acts for is
/// made at once and shown (R-F4); whoever is grown up agrees first (R-F1).
pub(crate) async fn add(opening: Opening) -> Result<Response, Trouble> {
    let mut page = AddPage::of(&opening);
    page.missing();
    if !page.wrong.is_empty() {
        return opening.again(&page);
    }
    let member = json!({ "id_number": page.id_number, "name": page.name });
    let link = json!({ "holder": { "no": opening.person()?.0 }, "member": member, "relation": page.chosen });
    match opening.send::<Link>("/family-links", &link).await {
        Ok(made) if made.minor && !made.waits => Ok(opening.go(&format!("/code/{}", made.member.no))),
        Ok(_) => Ok(opening.go("/family-codes")),
        Err(Trouble::Said(said)) if !said.reasons.is_empty() => {
            let told = |it: &Reason| ("id_number", it.why.clone());
            opening.again(&AddPage { wrong: said.reasons.iter().map(told).collect(), ..page })
        }
        Err(trouble) => Err(trouble),
    }
}

/// `POST /family-codes/confirm`: the reader agrees that their code is shown, or that of a child they act for.
pub(crate) async fn confirm(opening: Opening) -> Result<Response, Trouble> {
    change(opening, "confirm").await
}

/// `POST /family-codes/undo`: by either of the two, of what is in force or waits.
pub(crate) async fn undo(opening: Opening) -> Result<Response, Trouble> {
    change(opening, "undo").await
}

async fn change(opening: Opening, what: &str) -> Result<Response, Trouble> {
    let no = |name: &str| opening.form.text(name).parse::<u64>().map_err(|_| Trouble::Unreadable);
    let body = json!({ "holder": { "no": no("holder")? }, "member": { "no": no("member")? }, what: true });
    match opening.send::<Value>("/family-links", &body).await {
        // Done or undone before, from another page.
        Ok(_) | Err(Trouble::Forbidden) => Ok(opening.go("/family-codes")),
        Err(trouble) => Err(trouble),
    }
}
