//! The end of a day: what this till took, and whether the books say the same (3201).

use super::bill::{Bill, KEPT_DAYS, Settled, State};
use super::{House, reply::Reply};
use crate::vault::{hex, random};
use crate::web::frame::Frame;
use crate::web::opening::Opening;
use crate::web::trouble::Trouble;
use askama::Template;
use axum::response::Response;
use domain::day::Day;
use domain::money::{Fen, Total};
use serde_json::json;
use std::collections::BTreeMap;

/// What is reconciled together: paying area, kind of clearing, scheme.
type Kind = (String, String, String);

/// Sums as the books make them: what was settled, less what was taken back, each on the day when that was done.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    /// Settlements, without those that were taken back the same day.
    count: usize,
    refunds: usize,
    total: i64,
    fund: i64,
    own: i64,
    relatives: i64,
    cash: i64,
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
    waiting: usize,
    compared: Vec<Compared>,
}

impl Sums {
    /// Adds what was done with a settlement on a day.
    fn add(&mut self, it: &Settled, day: Day) {
        let on_day = |at: &str| at.starts_with(&day.to_string());
        let (settled, undone) = (on_day(&it.at), it.undone.as_deref().is_some_and(on_day));
        self.count += usize::from(settled != undone);
        self.refunds += usize::from(undone);
        let sign = i64::from(settled) - i64::from(undone);
        let shares = &it.shares;
        for (sum, amount) in [
            (&mut self.total, shares.total),
            (&mut self.fund, shares.fund),
            (&mut self.own, shares.own),
            (&mut self.relatives, shares.relatives),
            (&mut self.cash, shares.cash),
        ] {
            *sum += sign * amount.get();
        }
    }
}

impl DayPage {
    /// A sum, which is negative where more was taken back than settled.
    fn sum(&self, fen: &i64) -> String {
        let amount = self.frame.fen(Fen::new(fen.abs()).unwrap_or(Fen::MAX));
        if *fen < 0 { format!("-{amount}") } else { amount }
    }
}

/// `GET /till/day`, today or on the day that is asked for.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let today = opening.app.clock.now().day();
    let day = Day::parse(opening.query.text("day")).filter(|it| *it <= today).unwrap_or(today);
    let mut bills = Vec::new();
    // What is taken back today may have been settled days ago.
    for back in 0..=KEPT_DAYS {
        bills.extend(opening.bills(day.plus(-back)).await?);
    }
    let (mut sums, mut by_kind) = (Sums::default(), kinds(&opening)?);
    for bill in &bills {
        let Some(settled) = bill.state.settled() else { continue };
        sums.add(settled, day);
        let scheme = bill.patient()?.scheme.clone();
        let kind = (settled.area.clone(), settled.clearing.clone(), scheme);
        by_kind.entry(kind).or_default().add(settled, day);
    }
    let mut compared = Vec::new();
    for (kind, sums) in by_kind {
        compared.push(compare(&opening, day, kind, sums).await?);
    }
    let is_waiting = |it: &&Bill| matches!(it.state, State::Sent(_) | State::Undoing(..));
    let page = DayPage {
        frame: opening.frame("日结与对账", "The day's account"),
        house: opening.house().await?,
        waiting: bills.iter().filter(is_waiting).count(),
        day,
        sums,
        compared,
    };
    opening.page(&page)
}

/// What is asked in any case, so that what the books alone have does not go unseen: both schemes of the place's own area.
fn kinds(opening: &Opening) -> Result<BTreeMap<Kind, Sums>, Trouble> {
    let area = opening.till()?.to_string().get(1..7).unwrap_or_default().to_owned();
    let clearing = if opening.is_pharmacy()? { "41" } else { "11" };
    let kind = |scheme: &str| ((area.clone(), clearing.to_owned(), scheme.to_owned()), Sums::default());
    Ok(["310", "390"].map(kind).into())
}

/// 3201: our sums beside those of the books. Of what was settled and taken back within the day neither counts.
async fn compare(opening: &Opening, day: Day, kind: Kind, sums: Sums) -> Result<Compared, Trouble> {
    let (area, clearing, scheme) = kind;
    let [total, fund, accounts] = [sums.total, sums.fund, sums.own + sums.relatives].map(Total::from_fen);
    let data = json!({
        "insutype": scheme, "clr_type": clearing, "setl_optins": area,
        "stmt_begndate": day.to_string(), "stmt_enddate": day.to_string(),
        "medfee_sumamt": total.to_string(), "fund_pay_sumamt": fund.to_string(),
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
