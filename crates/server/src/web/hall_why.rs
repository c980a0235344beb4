//! Why at the counter: whose money the customer could spend at a place, and why a case was decided as it was (R-K1).

use super::frame::Frame;
use super::inside::{Person, Reason, When};
use super::opening::Opening;
use super::told::Explained;
use super::trouble::Trouble;
use crate::rest::Yuan;
use askama::Template;
use axum::response::Response;
use domain::ids::InstitutionCode;
use serde::Deserialize;
use serde_json::json;

/// What could be spent at a place.
#[derive(Deserialize)]
struct Would {
    institution: super::inside::Place,
    obstacles: Vec<Reason>,
    givers: Vec<Prospect>,
}

#[derive(Deserialize)]
struct Prospect {
    giver: Person,
    usable: Yuan,
    reasons: Vec<Reason>,
}

#[derive(Template)]
#[template(path = "web/hall_why.html")]
struct WhyPage {
    frame: Frame,
    place: String,
    would: Option<Would>,
    wrong: Option<&'static str>,
}

#[derive(Deserialize)]
struct Decision {
    serial: u64,
    decided: When,
    explanation: Explained,
}

#[derive(Template)]
#[template(path = "web/hall_case.html")]
struct CasePage {
    frame: Frame,
    serial: u64,
    decided: String,
    told: Explained,
}

/// `GET /hall/why`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall")) };
    let would = if counter.place.is_empty() {
        None
    } else {
        let asked = json!({ "beneficiary": { "no": customer }, "institution": counter.place });
        Some(opening.ask("/explain/would", &asked).await?)
    };
    let frame = opening.frame("在这家能花谁的钱", "Whose money could be spent there");
    opening.page(&WhyPage { frame, place: counter.place, would, wrong: None })
}

/// `POST /hall/why`: the place that is asked about.
pub(crate) async fn ask(opening: Opening) -> Result<Response, Trouble> {
    let (opening, mut counter) = opening.at_counter().await?;
    let place = opening.form.text("place").to_owned();
    if InstitutionCode::parse(&place).is_none() {
        let frame = opening.frame("在这家能花谁的钱", "Whose money could be spent there");
        let wrong = frame.say("定点编码是 H 或 P 和 11 位数字", "A code is H or P and eleven digits");
        return opening.again(&WhyPage { frame: frame.clone(), place, would: None, wrong: Some(wrong) });
    }
    counter.place = place;
    opening.keep_counter(&counter).await?;
    Ok(opening.go("/hall/why"))
}

/// `GET /hall/case/{slip}`: a case by the number on its slip, or by the serial of its decision.
pub(crate) async fn case(opening: Opening) -> Result<Response, Trouble> {
    let (opening, _) = opening.at_counter().await?;
    let decision: Decision = opening.get(&format!("/explain/did/{}", opening.gap("slip"))).await?;
    let frame = opening.frame("这一笔为什么", "Why this case");
    opening.page(&CasePage {
        decided: frame.moment(decision.decided.moment()),
        frame,
        serial: decision.serial,
        told: decision.explanation,
    })
}
