//! The till of an institution that has no software of its own: the bills of today, and the way to another. Whatever a bill
//! comes to is decided by the hospital interface, which is asked inside the process.

mod bill;
mod catalogue;
pub(crate) mod day;
mod messages;
pub(crate) mod outcome;
pub(crate) mod packs;
pub(crate) mod proxy;
mod reply;
mod shares;
pub(crate) mod steps;

use super::frame::Frame;
use super::opening::Opening;
use super::trouble::Trouble;
use askama::Template;
use axum::response::Response;
use bill::{Bill, State};
use serde::Deserialize;

/// The institution, as the REST interface shows it.
#[derive(Deserialize)]
struct House {
    code: String,
    name: Option<String>,
    designated: bool,
    suspended: bool,
    /// Whether drugs are sold by the trace codes on their packs.
    trace_codes: bool,
}

#[derive(Template)]
#[template(path = "web/till.html")]
struct TillPage {
    frame: Frame,
    house: House,
    bills: Vec<Bill>,
}

impl House {
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.code)
    }

    fn settles(&self) -> bool {
        self.designated && !self.suspended
    }
}

impl Opening {
    /// The institution that the till is of.
    async fn house(&self) -> Result<House, Trouble> {
        self.get(&format!("/institutions/{}", self.till()?)).await
    }
}

impl Bill {
    /// The state as a word of Chinese, of English, and as a tag's class.
    fn tag(&self) -> (&'static str, &'static str, &'static str) {
        match self.state {
            State::Open => ("未结算", "Not settled", "bad"),
            State::Sent(_) => ("正在确认", "Being confirmed", "wait"),
            State::Settled(_) => ("已结算", "Settled", "good"),
            State::Undoing(..) => ("退费正在确认", "Refund being confirmed", "wait"),
            State::Undone(_) => ("已退费", "Refunded", "bad"),
        }
    }

    /// When it was begun: `10:05`.
    fn time(&self) -> String {
        self.begun.to_string().get(11..16).unwrap_or_default().to_owned()
    }
}

/// `GET /till`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let mut bills = opening.bills(opening.app.clock.now().day()).await?;
    bills.reverse();
    let house = opening.house().await?;
    opening.page(&TillPage { frame: opening.frame("收费台", "Till"), house, bills })
}

/// `POST /till`.
pub(crate) async fn begin(opening: Opening) -> Result<Response, Trouble> {
    let bill = opening.begin_bill().await?;
    Ok(opening.go(&format!("/till/{}", bill.no)))
}
