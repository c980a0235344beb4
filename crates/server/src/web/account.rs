//! The personal account: its parts, what can be used of it, what is set aside, what others can spend.

use super::frame::Frame;
use super::inside::{Person, Reason, Region};
use super::opening::Opening;
use super::trouble::Trouble;
use crate::rest::Yuan;
use askama::Template;
use axum::response::Response;
use serde::Deserialize;

#[derive(Deserialize)]
struct Account {
    accounts: Vec<Balance>,
    held: Vec<Held>,
    given: Vec<Usable>,
    received: Vec<Usable>,
}

#[derive(Deserialize)]
struct Balance {
    area: Region,
    prior: Yuan,
    current: Yuan,
    total: Yuan,
}

#[derive(Deserialize)]
struct Held {
    beneficiary: Person,
    total: Yuan,
}

#[derive(Deserialize)]
struct Usable {
    binding: u64,
    giver: Person,
    beneficiary: Person,
    usable: Yuan,
    reasons: Vec<Reason>,
}

#[derive(Template)]
#[template(path = "web/account.html")]
struct AccountPage {
    frame: Frame,
    account: Account,
}

/// `GET /account`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let person = opening.person()?;
    let account = opening.get(&format!("/persons/{}/account", person.0)).await?;
    opening.page(&AccountPage { frame: opening.frame("我的个人账户", "My personal account"), account })
}
