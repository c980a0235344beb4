//! The receipt of what was done at the counter, in large print: what, for whom, by whom, from when on, and what was refused.

use super::bound::Bound;
use super::counter::Counter;
use super::frame::Frame;
use super::hall_people::{Binding, BindingLine};
use super::inside::When;
use super::opening::Opening;
use super::papers::{binding_facts, closing, fact, sentences};
use super::told::Explained;
use super::trouble::Trouble;
use crate::pdf::Block;
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
    by: AskedBy,
}

/// Who did it.
#[derive(Deserialize)]
struct AskedBy {
    role: String,
    token: Option<u64>,
    label: Option<String>,
}

impl Done {
    /// The decision with this serial.
    pub(super) fn of(serial: u64) -> Done {
        Done { serial }
    }
}

impl AskedBy {
    /// In words: whoever prints the receipt need not be who did it.
    fn said(&self, frame: &Frame) -> String {
        let who = self.label.clone().or(self.token.map(|it| it.to_string())).unwrap_or_default();
        match self.role.as_str() {
            "clerk" => format!("{} {who}", frame.say("服务大厅经办", "by the hall's")),
            "operator" => format!("{} {who}", frame.say("经办机构", "by the agency's")),
            _ => frame.say("本人网上办理", "in their own session").to_owned(),
        }
    }
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

async fn decision(opening: &Opening) -> Result<Decision, Trouble> {
    opening.get(&format!("/explain/did/{}", opening.number("no")?)).await
}

impl Decision {
    /// The binding that it made or changed.
    fn binding(&self) -> Option<u64> {
        self.number.filter(|_| self.made.as_deref() == Some("binding"))
    }
}

/// `GET /hall/receipts/{no}`: the receipt of the decision with this serial.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, _) = opening.at_counter().await?;
    let decision = decision(&opening).await?;
    let binding = match decision.binding() {
        Some(no) => {
            let binding: Binding = opening.get(&format!("/bindings/{no}")).await?;
            Some(opening.binding_line(binding))
        }
        None => None,
    };
    let frame = opening.frame("办理回执", "Receipt");
    opening.page(&ReceiptPage {
        decided: frame.moment(decision.decided.moment()),
        by: decision.by.said(&frame),
        frame,
        serial: decision.serial,
        told: decision.explanation,
        binding,
    })
}

/// `GET /hall/receipts/{no}/receipt.pdf`: the same on paper.
pub(crate) async fn paper(opening: Opening) -> Result<Response, Trouble> {
    let (opening, _) = opening.at_counter().await?;
    let decision = decision(&opening).await?;
    let frame = opening.frame("办理回执", "Receipt");
    let told = &decision.explanation;
    let mut blocks = vec![
        Block::Heading(told.conclusion.clone()),
        fact(frame.say("回执号", "Receipt"), decision.serial.to_string()),
    ];
    if let Some(no) = decision.binding() {
        let binding: Bound = opening.get(&format!("/bindings/{no}")).await?;
        blocks.push(fact(frame.say("授权编号", "Binding no."), no.to_string()));
        blocks.extend(binding_facts(&opening, &frame, &binding));
    }
    for reason in &told.reasons {
        blocks.push(Block::Heading(reason.line.clone()));
        blocks.extend(sentences([&reason.why].into_iter().chain(&reason.todo)));
    }
    let at = decision.decided.moment();
    blocks.push(fact(frame.say("办理时间", "Done"), frame.moment(at)));
    blocks.push(fact(frame.say("经办", "By"), decision.by.said(&frame)));
    blocks.extend(sentences(told.money.as_deref()));
    blocks.extend(closing(&frame));
    opening.paper(&frame, at, blocks, &format!("receipt-{}", decision.serial)).await
}
