//! The end of a day: what this till took, and whether the books say the same (3201).

use super::bill::{Bill, Settled, State};
use super::{House, reply::Reply};
use crate::vault::{hex, random};
use crate::web::frame::Frame;
use crate::web::opening::Opening;
use crate::web::trouble::Trouble;
use askama::Template;
use axum::response::Response;
use domain::day::Day;
use domain::money::Fen;
use serde_json::json;
use std::collections::BTreeMap;

/// What is reconciled together: paying area, kind of clearing, scheme.
type Kind = (String, String, String);

/// Sums of bills that are settled and not taken back.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: usize,
    total: Fen,
    fund: Fen,
    own: Fen,
    relatives: Fen,
    cash: Fen,
}

/// What the books say to the sums of one kind.
struct Compared {
    scheme: String,
    area: String,
    sums: Sums,
    agrees: bool,
    said: String,
}

#[derive(Template)]
#[template(path = "web/till_day.html")]
struct DayPage {
    frame: Frame,
    house: House,
    day: Day,
    sums: Sums,
    refunded: usize,
    waiting: usize,
    compared: Vec<Compared>,
}

impl Sums {
    fn add(&mut self, it: &Settled) {
        let sum = |one: Fen, other: Fen| [one, other].into_iter().sum();
        self.count += 1;
        self.total = sum(self.total, it.shares.total);
        self.fund = sum(self.fund, it.shares.fund);
        self.own = sum(self.own, it.shares.own);
        self.relatives = sum(self.relatives, it.shares.relatives);
        self.cash = sum(self.cash, it.shares.cash);
    }
}

/// `GET /till/day`, today or on the day that is asked for.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let today = opening.app.clock.now().day();
    let day = Day::parse(opening.query.text("day")).filter(|it| *it <= today).unwrap_or(today);
    let bills = opening.bills(day).await?;
    let (mut sums, mut by_kind) = (Sums::default(), kinds(&opening)?);
    for (bill, settled) in bills.iter().filter_map(|it| Some((it, kept(it)?))) {
        sums.add(settled);
        let scheme = bill.patient()?.scheme.clone();
        by_kind.entry((settled.area.clone(), settled.clearing.clone(), scheme)).or_default().add(settled);
    }
    let mut compared = Vec::new();
    for (kind, sums) in by_kind {
        compared.push(compare(&opening, day, kind, sums).await?);
    }
    let is_waiting = |it: &&Bill| matches!(it.state, State::Sent(_) | State::Undoing(..));
    let page = DayPage {
        frame: opening.frame("日结与对账", "The day's account"),
        house: opening.house().await?,
        refunded: bills.iter().filter(|it| matches!(it.state, State::Undone(_))).count(),
        waiting: bills.iter().filter(is_waiting).count(),
        day,
        sums,
        compared,
    };
    opening.page(&page)
}

/// The settlement of a bill that is not taken back.
fn kept(bill: &Bill) -> Option<&Settled> {
    if let State::Settled(it) | State::Undoing(it, _) = &bill.state { Some(it) } else { None }
}

/// What is asked in any case, so that what the books alone have does not go unseen: both schemes of the place's own area.
fn kinds(opening: &Opening) -> Result<BTreeMap<Kind, Sums>, Trouble> {
    let area = opening.till()?.to_string().get(1..7).unwrap_or_default().to_owned();
    let clearing = if opening.is_pharmacy()? { "41" } else { "11" };
    let kind = |scheme: &str| ((area.clone(), clearing.to_owned(), scheme.to_owned()), Sums::default());
    Ok(["310", "390"].map(kind).into())
}

/// 3201: our sums beside those of the books. What was taken back counts neither time.
async fn compare(opening: &Opening, day: Day, kind: Kind, sums: Sums) -> Result<Compared, Trouble> {
    let (area, clearing, scheme) = kind;
    let accounts: Fen = [sums.own, sums.relatives].into_iter().sum();
    let data = json!({
        "insutype": scheme, "clr_type": clearing, "setl_optins": area,
        "stmt_begndate": day.to_string(), "stmt_enddate": day.to_string(),
        "medfee_sumamt": sums.total.to_string(), "fund_pay_sumamt": sums.fund.to_string(),
        "acct_pay": accounts.to_string(), "fixmedins_setl_cnt": sums.count.to_string(), "refd_setl_flag": "0",
    });
    let msgid = hex(&random::<15>());
    let operator = opening.token()?.no.to_string();
    let reply: Reply = opening.say_as("3201", &msgid, &operator, json!({ "data": data })).await?;
    let said = match reply.refusal(false) {
        Some(note) => note.said,
        None => reply.text("/output/stmtinfo/stmt_rslt_dscr"),
    };
    let agrees = reply.text("/output/stmtinfo/stmt_rslt") == "0";
    Ok(Compared { scheme, area, sums, agrees, said })
}
