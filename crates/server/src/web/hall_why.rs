//! Why at the counter: whose money the customer could spend at a place, the relative's at the counter too where nobody has
//! bound them, and why a case was decided as it was (R-K1).

use super::counter::Named;
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
use serde_json::{Value, json};

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
    /// The relative at the counter, where nothing says that they give.
    unbound: Option<Prospect>,
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
    let (mut would, mut unbound) = (None, None);
    if !counter.place.is_empty() {
        let asked = json!({ "beneficiary": { "no": customer }, "institution": counter.place });
        let found: Would = opening.ask("/explain/would", &asked).await?;
        unbound = not_bound(&opening, asked, counter.relative, &found).await?;
        would = Some(found);
    }
    let frame = opening.frame("在这家能花谁的钱", "Whose money could be spent there");
    opening.page(&WhyPage { frame, place: counter.place, would, unbound, wrong: None })
}

/// What is said of the relative at the counter, where they are not among those who give already.
async fn not_bound(
    opening: &Opening,
    asked: Value,
    relative: Option<Named>,
    found: &Would,
) -> Result<Option<Prospect>, Trouble> {
    let Some(relative) = relative else { return Ok(None) };
    let mut asked = asked;
    asked["giver"] = json!(relative);
    let of_relative: Would = opening.ask("/explain/would", &asked).await?;
    let gives = |no: u64| found.givers.iter().any(|it| it.giver.no == no);
    Ok(of_relative.givers.into_iter().find(|it| !gives(it.giver.no)))
}

/// `POST /hall/why`: the place that is asked about.
pub(crate) async fn ask(opening: Opening) -> Result<Response, Trouble> {
    let (opening, mut counter) = opening.at_counter().await?;
    let place = opening.form.text("place").to_owned();
    if InstitutionCode::parse(&place).is_none() {
        let frame = opening.frame("在这家能花谁的钱", "Whose money could be spent there");
        let wrong = frame.say("定点编码是 H 或 P 和 11 位数字", "A code is H or P and eleven digits");
        let page = WhyPage { frame: frame.clone(), place, would: None, unbound: None, wrong: Some(wrong) };
        return opening.again(&page);
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
