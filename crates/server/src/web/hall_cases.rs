//! Cases at the hall: givers who say that a bill was none of their relative's. A clerk reads the open ones of the hall's area,
//! looks into one, and closes it with what was found; the binding goes on, or stays on hold for the giver to decide.

use super::frame::Frame;
use super::inside::{Person, Place, When};
use super::opening::Opening;
use super::trouble::Trouble;
use super::wrongs::Wrongs;
use crate::looks::Why;
use crate::rest::{Civil, Yuan};
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Case {
    no: String,
    settlement: u64,
    binding: u64,
    giver: Person,
    beneficiary: Person,
    institution: Place,
    service_day: Civil,
    amount: Yuan,
    opened: When,
    closed: Option<When>,
    outcome: Option<String>,
    /// What came of it before it was doubted again.
    #[serde(default)]
    earlier: Vec<Earlier>,
    /// Other open cases of the same binding.
    #[serde(default)]
    beside: Vec<String>,
}

#[derive(Deserialize)]
struct Earlier {
    closed: When,
    outcome: String,
}

#[derive(Deserialize)]
struct Binding {
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    state: String,
}

#[derive(Template)]
#[template(path = "web/hall_cases.html")]
struct CasesPage {
    frame: Frame,
    cases: Vec<Case>,
    /// The address of the next page.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "web/hall_cases_one.html")]
struct CasePage {
    frame: Frame,
    case: Case,
    on_hold: bool,
    wrongs: Wrongs,
}

impl CasePage {
    /// What was found, in words.
    fn found(&self) -> &str {
        match self.case.outcome.as_deref() {
            Some(outcome) => self.outcome(outcome),
            None => self.frame.say("正在核查", "Being looked into"),
        }
    }

    fn outcome(&self, word: &str) -> &str {
        match word {
            "relative" => self.frame.say("是家人本人用的", "It was the relative after all"),
            _ => self.frame.say("别人用了家人的码或卡", "Somebody else used the relative's code or card"),
        }
    }
}

/// The number of a case in the path: settlement and binding.
fn number(opening: &Opening) -> String {
    opening.gap("no").chars().filter(|it| it.is_ascii_digit() || *it == '-').collect()
}

/// `GET /hall/cases`: open cases of the hall's area. Looking at them is part of a review.
pub(crate) async fn list(mut opening: Opening) -> Result<Response, Trouble> {
    opening.why = Some(Why::Review);
    let path = format!("/cases?state=open&limit=20&cursor={}", opening.after());
    let found: Cases = opening.get(&path).await?;
    let frame = opening.frame("核查：不是家人用的", "Cases: none of the relative's");
    opening.page(&CasesPage { frame, cases: found.cases, next: opening.next_page(found.next) })
}

async fn page(opening: &Opening, wrongs: Wrongs) -> Result<CasePage, Trouble> {
    let case: Case = opening.get(&format!("/cases/{}", number(opening))).await?;
    let Binding { status } = opening.get(&format!("/bindings/{}", case.binding)).await?;
    let frame = opening.frame("核查一笔结算", "Look into a bill");
    Ok(CasePage { frame, case, on_hold: status.state == "on_hold", wrongs })
}

/// `GET /hall/cases/{no}`.
pub(crate) async fn show(mut opening: Opening) -> Result<Response, Trouble> {
    opening.why = Some(Why::Review);
    opening.page(&page(&opening, Wrongs::default()).await?)
}

/// What may have been found.
const OUTCOMES: [&str; 2] = ["relative", "somebody_else"];

/// `POST /hall/cases/{no}`: what was found, and whether the giver wants the hold lifted. A case that a colleague has closed
/// meanwhile stays as it was closed, and so does the hold; with other cases of the binding open it stays, too: the page says so.
pub(crate) async fn close(mut opening: Opening) -> Result<Response, Trouble> {
    opening.why = Some(Why::Review);
    let outcome = opening.form.filled("outcome").filter(|it| OUTCOMES.contains(it));
    let Some(outcome) = outcome else {
        let mut wrongs = Wrongs::of(&opening);
        wrongs.add("outcome", "请选择核查结果", "Say what was found");
        return opening.again(&page(&opening, wrongs).await?);
    };
    let no = number(&opening);
    let found = json!({ "outcome": outcome, "lift": opening.form.text("hold") == "lift" });
    let _: Value = opening.send(&format!("/cases/{no}/close"), &found).await?;
    Ok(opening.go(&format!("/hall/cases/{no}")))
}
