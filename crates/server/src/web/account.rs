//! The personal account: its parts, what can be used of it, what is set aside, what others can spend, what
//! came in and went out.

use super::frame::Frame;
use super::inside::{Person, Reason, Region, When};
use super::opening::Opening;
use super::reader::Reader;
use super::trouble::Trouble;
use crate::rest::{SignedYuan, Yuan};
use askama::Template;
use axum::response::Response;
use domain::money::Total;
use serde::Deserialize;

/// How many decisions of entries stand on a page.
const ENTRIES: u32 = 20;
/// The same, in large print.
const ELDER_ENTRIES: u32 = 4;

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

/// What came in and went out, latest first.
#[derive(Deserialize)]
struct Entries {
    entries: Vec<Entry>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    at: When,
    account: String,
    part: String,
    amount: SignedYuan,
}

#[derive(Template)]
#[template(path = "web/account.html")]
struct AccountPage {
    frame: Frame,
    account: Account,
    entries: Vec<Entry>,
    /// After which the earlier entries begin.
    next: Option<String>,
    /// Whether there are later ones than these.
    is_later: bool,
    reader: Reader,
}

impl Entry {
    fn is_out(&self) -> bool {
        self.amount.0 < Total::ZERO
    }

    fn is_held(&self) -> bool {
        self.account == "quota"
    }

    fn is_prior(&self) -> bool {
        self.part == "prior"
    }
}

/// `GET /account`, and `GET /hall/account` for the person at the counter.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, reader) = opening.reader().await?;
    let Some(reader) = reader else { return Ok(opening.go("/hall#scan")) };
    let person = reader.no;
    let account = opening.get(&format!("/persons/{person}/account")).await?;
    let after = opening.query.text("after");
    let after: String = after.chars().filter(|it| it.is_ascii_digit() || *it == '-').collect();
    let most = if opening.view().elder { ELDER_ENTRIES } else { ENTRIES };
    let cursor = if after.is_empty() { String::new() } else { format!("&cursor={after}") };
    let path = format!("/persons/{person}/entries?limit={most}{cursor}");
    let Entries { entries, next } = opening.get(&path).await?;
    let frame = match reader.customer {
        Some(_) => opening.frame("个人账户", "Personal account"),
        None => opening.frame("我的个人账户", "My personal account"),
    };
    opening.page(&AccountPage { frame, account, entries, next, is_later: !after.is_empty(), reader })
}
