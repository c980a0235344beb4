//! 「这不是我家人用的」: a giver says that a bill was none of their relative's; what became of it; and lifting the hold.

use super::frame::Frame;
use super::inside::{Person, Place, When};
use super::opening::Opening;
use super::trouble::Trouble;
use crate::rest::Yuan;
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Binding {
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    state: String,
}

#[derive(Deserialize)]
struct Case {
    opened: When,
    closed: Option<When>,
    outcome: Option<String>,
}

#[derive(Deserialize)]
struct Settlement {
    no: u64,
    patient: Person,
    institution: Place,
    settled: When,
    split: Vec<Draw>,
}

#[derive(Deserialize)]
struct Draw {
    owner: Person,
    binding: Option<u64>,
    amount: Yuan,
}

/// How it stands with a bill that the reader's money paid.
pub(crate) struct Dispute {
    case: Option<Case>,
    state: String,
}

#[derive(Template)]
#[template(path = "web/not_mine.html")]
struct NotMinePage {
    frame: Frame,
    bill: Settlement,
    amount: Yuan,
}

impl Dispute {
    /// Of a bill and the binding that paid it.
    pub(crate) async fn of(opening: &Opening, bill: u64, binding: u64) -> Result<Dispute, Trouble> {
        let Binding { status } = opening.get(&format!("/bindings/{binding}")).await?;
        let case = match opening.get(&format!("/cases/{bill}-{binding}")).await {
            Ok(case) => Some(case),
            Err(Trouble::NotFound) => None,
            Err(trouble) => return Err(trouble),
        };
        Ok(Dispute { case, state: status.state })
    }

    /// Whether a clerk looks into it.
    pub(crate) fn is_open(&self) -> bool {
        self.case.as_ref().is_some_and(|it| it.closed.is_none())
    }

    /// Since when a clerk looks into it, or looked into it.
    pub(crate) fn opened(&self) -> Option<When> {
        self.case.as_ref().map(|it| it.opened)
    }

    /// When that ended.
    pub(crate) fn closed(&self) -> Option<When> {
        self.case.as_ref().and_then(|it| it.closed)
    }

    /// Whether it was found to be the relative.
    pub(crate) fn was_relative(&self) -> bool {
        self.case.as_ref().is_some_and(|it| it.outcome.as_deref() == Some("relative"))
    }

    /// Whether the binding is on hold.
    pub(crate) fn is_on_hold(&self) -> bool {
        self.state == "on_hold"
    }
}

/// The bill, and the reader's binding that paid it.
async fn paid(opening: &Opening) -> Result<(Settlement, u64, Yuan), Trouble> {
    let me = opening.person()?.0;
    let bill: Settlement = opening.get(&format!("/settlements/{}", opening.number("no")?)).await?;
    let mine = bill.split.iter().find(|it| it.owner.no == me && it.binding.is_some());
    let (binding, amount) = mine.and_then(|it| Some((it.binding?, it.amount))).ok_or(Trouble::NotFound)?;
    Ok((bill, binding, amount))
}

/// `GET /spending/{no}/not-mine`: what will happen.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (bill, _, amount) = paid(&opening).await?;
    let frame = opening.frame("这不是我家人用的", "This was none of my relative's");
    opening.page(&NotMinePage { frame, bill, amount })
}

/// `POST /spending/{no}/not-mine`.
pub(crate) async fn say(opening: Opening) -> Result<Response, Trouble> {
    let (bill, binding, _) = paid(&opening).await?;
    let _: Value = opening.send("/cases", &json!({ "settlement": bill.no, "binding": binding })).await?;
    Ok(opening.go(&format!("/spending/{}", bill.no)))
}

/// `POST /spending/{no}/lift`.
pub(crate) async fn lift(opening: Opening) -> Result<Response, Trouble> {
    let (bill, binding, _) = paid(&opening).await?;
    let _: Value = opening.send(&format!("/bindings/{binding}/events"), &json!({ "event": "lift" })).await?;
    Ok(opening.go(&format!("/spending/{}", bill.no)))
}
