//! The screen that faces the customer, in a second window of the clerk's session: what is being done, whose money, the
//! dates. Nothing of anybody's account or documents.

use super::counter::Counter;
use super::frame::Frame;
use super::hall_people::{Binding, BindingLine};
use super::opening::Opening;
use super::trouble::Trouble;
use crate::people::masked;
use askama::Template;
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "web/facing.html")]
struct FacingPage {
    frame: Frame,
    /// The customer's name, masked: others wait behind them.
    name: Option<String>,
    /// What is prepared: whether the customer's own money is spent, and the relation.
    wanted: Option<(bool, String)>,
    /// What was done last.
    done: Option<Finished>,
}

struct Finished {
    conclusion: String,
    binding: Option<BindingLine>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Decision {
    made: Option<String>,
    number: Option<u64>,
    explanation: super::told::Explained,
}

async fn finished(opening: &Opening, serial: u64) -> Result<Finished, Trouble> {
    let decision: Decision = opening.get(&format!("/explain/did/{serial}")).await?;
    let binding = match (decision.made.as_deref(), decision.number) {
        (Some("binding"), Some(no)) => {
            let mut binding: Binding = opening.get(&format!("/bindings/{no}")).await?;
            binding.giver.name = masked(&binding.giver.name);
            binding.beneficiary.name = masked(&binding.beneficiary.name);
            Some(opening.binding_line(binding))
        }
        _ => None,
    };
    Ok(Finished { conclusion: decision.explanation.conclusion, binding })
}

/// `GET /hall/facing`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Counter { customer, wanted, receipt, .. } = counter;
    let name = match customer {
        Some(person) => Some(masked(&opening.get::<Named>(&format!("/persons/{person}")).await?.name)),
        None => None,
    };
    let wanted = wanted.map(|it| (it.gives, opening.word("relation", &it.relation)));
    let done = match receipt.filter(|_| wanted.is_none()) {
        Some(serial) => Some(finished(&opening, serial).await?),
        None => None,
    };
    opening.page(&FacingPage { frame: opening.frame("正在办理", "Being done now"), name, wanted, done })
}
