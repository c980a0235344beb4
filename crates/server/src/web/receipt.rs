//! The receipt of what was done at the counter, in large print: what, for whom, by whom, from when on, and what was refused.

use super::counter::Counter;
use super::frame::Frame;
use super::hall_people::{Binding, BindingLine};
use super::inside::When;
use super::opening::Opening;
use super::told::Explained;
use super::trouble::Trouble;
use askama::Template;
use axum::response::Response;
use serde::Deserialize;

/// What a write answers with: the decision's serial.
#[derive(Deserialize)]
pub(super) struct Done {
    serial: u64,
}

#[derive(Deserialize)]
struct Decision {
    serial: u64,
    decided: When,
    made: Option<String>,
    number: Option<u64>,
    explanation: Explained,
}

#[derive(Deserialize)]
struct Me {
    label: String,
}

#[derive(Template)]
#[template(path = "web/hall_receipt.html")]
struct ReceiptPage {
    frame: Frame,
    serial: u64,
    decided: String,
    told: Explained,
    binding: Option<BindingLine>,
    /// Who did it.
    by: String,
}

impl Opening {
    /// On to the receipt of a decision; the counter remembers it for the customer's screen.
    pub(super) async fn receipt(&self, counter: Counter, done: &Done) -> Result<Response, Trouble> {
        self.keep_counter(&Counter { receipt: Some(done.serial), ..counter }).await?;
        Ok(self.go(&format!("/hall/receipts/{}", done.serial)))
    }
}

/// `GET /hall/receipts/{no}`: the receipt of the decision with this serial.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, _) = opening.at_counter().await?;
    let decision: Decision = opening.get(&format!("/explain/did/{}", opening.number("no")?)).await?;
    let binding = match (decision.made.as_deref(), decision.number) {
        (Some("binding"), Some(no)) => {
            let binding: Binding = opening.get(&format!("/bindings/{no}")).await?;
            Some(opening.binding_line(binding))
        }
        _ => None,
    };
    let me: Me = opening.get("/me").await?;
    let frame = opening.frame("办理回执", "Receipt");
    opening.page(&ReceiptPage {
        decided: frame.moment(decision.decided.moment()),
        frame,
        serial: decision.serial,
        told: decision.explanation,
        binding,
        by: me.label,
    })
}
