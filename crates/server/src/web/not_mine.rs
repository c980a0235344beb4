//! 「这不是我家人用的」: a giver says that a bill was none of their relative's; what became of it; and lifting the hold.

use super::frame::Frame;
use super::inside::{Person, Place, When};
use super::opening::Opening;
use super::reader::Reader;
use super::receipt::Done;
use super::trouble::Trouble;
use crate::rest::Yuan;
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;
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
    reader: Reader,
}

/// What was opened, as far as it is needed here.
#[derive(Deserialize)]
struct Opened {
    hold: Option<u64>,
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

/// The bill, the reader's binding that paid it, and what it paid.
struct Paid {
    opening: Opening,
    reader: Reader,
    bill: Settlement,
    binding: u64,
    amount: Yuan,
}

impl Paid {
    /// Asks for something in the reader's name.
    async fn send<T: DeserializeOwned>(&self, path: &str, mut body: Value) -> Result<T, Trouble> {
        if self.reader.customer.is_some() {
            body["on_behalf_of"] = json!({ "no": self.reader.no });
        }
        self.opening.send(path, &body).await
    }

    /// On to a receipt where something was done at the counter; back to the bill otherwise.
    async fn on(self, done: Option<Done>) -> Result<Response, Trouble> {
        if let (Some(done), true) = (done, self.reader.customer.is_some()) {
            let (opening, counter) = self.opening.at_counter().await?;
            return opening.receipt(counter, &done).await;
        }
        Ok(self.opening.go(&format!("{}/spending/{}", self.reader.pages(), self.bill.no)))
    }
}

async fn paid(opening: Opening) -> Result<Paid, Trouble> {
    let (opening, reader) = opening.reader().await?;
    let reader = reader.ok_or(Trouble::NotFound)?;
    let bill: Settlement = opening.get(&format!("/settlements/{}", opening.number("no")?)).await?;
    let theirs = bill.split.iter().find(|it| it.owner.no == reader.no && it.binding.is_some());
    let (binding, amount) = theirs.and_then(|it| Some((it.binding?, it.amount))).ok_or(Trouble::NotFound)?;
    Ok(Paid { opening, reader, bill, binding, amount })
}

/// `GET /spending/{no}/not-mine`, and `GET /hall/spending/{no}/not-mine` for the person at the counter: what will happen.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let Paid { opening, reader, bill, amount, .. } = paid(opening).await?;
    let frame = opening.frame("这不是我家人用的", "This was none of my relative's");
    opening.page(&NotMinePage { frame, bill, amount, reader })
}

/// `POST /spending/{no}/not-mine`, and the same at the counter, which leaves a receipt.
pub(crate) async fn say(opening: Opening) -> Result<Response, Trouble> {
    let paid = paid(opening).await?;
    let doubted = json!({ "settlement": paid.bill.no, "binding": paid.binding });
    let Opened { hold } = paid.send("/cases", doubted).await?;
    paid.on(hold.map(Done::of)).await
}

/// `POST /spending/{no}/lift`, and the same at the counter.
pub(crate) async fn lift(opening: Opening) -> Result<Response, Trouble> {
    let paid = paid(opening).await?;
    let done = paid.send(&format!("/bindings/{}/events", paid.binding), json!({ "event": "lift" })).await?;
    paid.on(Some(done)).await
}
