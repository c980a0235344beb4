//! 3202 对明细账: an institution's list beside ours; every difference comes back as a row with its repair.

use super::files::{self, Owner};
use super::json::object;
use super::list::{List, Named};
use super::repairs;
use super::statement::{Statement, count, counting, sum};
use super::tables::pack;
use super::wire::{Malformed, Node, Stamp, answer};
use super::{Answered, Call, Failure};
use crate::app::App;
use crate::people::People;
use domain::ids::{PersonNo, Serial, SettlementNo};
use domain::money::Total;
use domain::needs::Needs;
use domain::reconciliation::{Amounts, Counting, Difference, Kind, Ours, compare, named_elsewhere};
use domain::request::Sender;
use std::collections::BTreeMap;
use store::{Fault, Page, Query};
use tokio::sync::Semaphore;

/// So many lists are unpacked at a time: each may need the memory of a long one.
static UNPACKING: Semaphore = Semaphore::const_new(2);
/// Of so many settlements or people is asked at once.
const AT_ONCE: usize = 200;

/// 3202.
pub(super) async fn run(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    let node = call.envelope.one("data")?;
    let statement = Statement::read(call, &node, None)?;
    let counting = counting(&node)?;
    let owner = Owner::Institution(call.envelope.institution);
    let file = files::fetch(app, owner, node.short("file_qury_no", 64)?).await?;
    let file = file.ok_or_else(|| node.complain("file_qury_no", files::UNKNOWN))?;
    let list = read(node.complain("file_qury_no", "").field, file.content).await??;
    check(&node, &list, counting)?;
    let ours = statement.ours(app).await?;
    let elsewhere = statement.elsewhere(app, named_elsewhere(&ours, &list.rows)).await?;
    // Who does not say how what is undone counts may list both rows of it or neither.
    let counting = counting.unwrap_or(Counting::Net);
    let differences = compare(&statement.within, &ours, &elsewhere, &list.rows, counting);
    let looked_up = LookedUp::of(app, call, &list, &differences).await?;
    let differing = differences.iter().map(|it| looked_up.row(it, repairs::of(it, &statement.within)));
    let wrong = list
        .wrong
        .iter()
        .map(|it| cells(it.named.clone(), String::new(), false, repairs::of_wrong(it.line, &it.what), None));
    let [first, last] = ["stmt_begndate", "stmt_enddate"].map(|it| node.moment(it).map(|it| it.day()));
    let name = format!("stmt_{}_{}", first?, last?);
    let packed = pack(&format!("{name}.txt"), wrong.chain(differing));
    let filename = format!("{name}.zip");
    let offered = files::offer(app, owner, &filename, &packed).await?;
    let output = object! { "fileinfo": object! {
        "file_qury_no": offered.no, "filename": filename, "dld_endtime": offered.until,
    } };
    Ok(Answered::Json(answer(&Stamp::fresh(call), Ok(output))))
}

/// Unpacks a list beside whatever else is done.
async fn read(field: String, packed: Vec<u8>) -> Result<Result<List, Malformed>, Failure> {
    let _turn = UNPACKING.acquire().await;
    let read = tokio::task::spawn_blocking(move || List::read(&field, &packed)).await;
    read.map_err(|_| Failure::Busy)
}

/// The control totals of the message are those of its list. 现金 is in no column of it and is not checked.
fn check(node: &Node<'_>, list: &List, counting: Option<Counting>) -> Result<(), Malformed> {
    let stated = count(node, "fixmedins_setl_cnt")?;
    let net = list.count().saturating_sub(2 * list.refunds);
    if stated != list.count() && (stated != net || counting == Some(Counting::Apart)) {
        let what = format!("填写 {stated}，清单实有 {} 行；两者应一致", list.count());
        return Err(node.complain("fixmedins_setl_cnt", what));
    }
    sum(node, "cash_payamt")?;
    let sums: [(&str, Total); 2] = [("medfee_sumamt", list.sums.total), ("fund_pay_sumamt", list.sums.fund)];
    for (field, listed) in sums {
        let stated = sum(node, field)?;
        // Rows that cannot be read have no amounts; they come back with their lines.
        if stated != listed && list.wrong.is_empty() {
            return Err(node.complain(field, format!("填写 {stated}，清单合计 {listed}；两者应一致")));
        }
    }
    Ok(())
}

/// What rows tell of our settlements beside what is compared.
struct LookedUp<'a> {
    list: &'a List,
    /// On which lines settlements are listed.
    lines: BTreeMap<SettlementNo, usize>,
    messages: BTreeMap<Serial, String>,
    /// 人员编号 of the patients of settlements that are not listed.
    patients: BTreeMap<SettlementNo, String>,
}

impl LookedUp<'_> {
    async fn of<'a>(
        app: &App,
        call: &Call<'_>,
        list: &'a List,
        differences: &[Difference<'_>],
    ) -> Result<LookedUp<'a>, Fault> {
        let own: Vec<SettlementNo> = differences.iter().filter_map(own).map(|it| it.no).collect();
        let missing = differences.iter().filter(|it| it.theirs.is_none());
        let missing: Vec<SettlementNo> = missing.filter_map(own_no).collect();
        Ok(LookedUp {
            list,
            lines: list.rows.iter().map(|it| (it.settlement, it.line)).collect(),
            messages: messages(app, call, &own).await?,
            patients: patients(app, &missing).await?,
        })
    }

    /// The columns of a row. What only we have goes without the numbers of visit and settlement, but with its message.
    fn row(&self, it: &Difference<'_>, memo: String) -> [String; COLUMNS] {
        let ours = own(it);
        let undone = || self.lines.get(&ours?.undoes?).copied();
        let line = it.theirs.map(|it| it.line).or_else(undone);
        let mut named = line.and_then(|it| self.list.named.get(&it)).cloned().unwrap_or_default();
        if let Some(ours) = ours.filter(|_| line.is_none()) {
            named.patient = self.patients.get(&ours.no).cloned().unwrap_or_default();
        }
        let message = ours.and_then(|it| self.messages.get(&Serial::creator_of(it.no.0)));
        let refunded = match ours {
            Some(ours) => ours.undoes.is_some() || ours.undone_by.is_some(),
            None => it.theirs.is_some_and(|it| it.refunded),
        };
        let amounts = ours.map(|it| it.amounts).or(it.theirs.map(|it| it.amounts));
        cells(named, message.cloned().unwrap_or_default(), refunded, memo, amounts)
    }
}

/// Our settlement that a difference is about. Of another institution's nothing is told.
fn own(it: &Difference<'_>) -> Option<Ours> {
    it.ours.filter(|_| it.kind != Kind::OtherInstitution)
}

fn own_no(it: &Difference<'_>) -> Option<SettlementNo> {
    own(it).map(|it| it.no)
}

/// How many columns a row of the answer has.
const COLUMNS: usize = 10;

/// The columns of a row that differs.
fn cells(
    named: Named,
    message: String,
    refunded: bool,
    memo: String,
    amounts: Option<Amounts>,
) -> [String; COLUMNS] {
    let amount = |of: fn(&Amounts) -> Total| amounts.map(|it| of(&it).to_string()).unwrap_or_default();
    let flag = |it: bool| if it { "1" } else { "0" }.to_owned();
    [
        named.patient,
        named.visit,
        named.settlement,
        message,
        flag(true),
        flag(refunded),
        memo,
        amount(|it| it.total),
        amount(|it| it.fund),
        amount(|it| it.accounts),
    ]
}

/// The ids of the messages in which the institution had these settled or undone.
pub(super) async fn messages(
    app: &App,
    call: &Call<'_>,
    of: &[SettlementNo],
) -> Result<BTreeMap<Serial, String>, Fault> {
    let sender = Sender::Institution(call.envelope.institution);
    let mut found = BTreeMap::new();
    for some in of.chunks(AT_ONCE) {
        let serials = some.iter().map(|it| Serial::creator_of(it.0)).collect();
        let Page::Keys(keys) = app.store.page(&Query::Keys(serials)).await? else {
            return Err(Fault::other_page());
        };
        let own = keys.into_iter().filter(|(_, it)| it.sender == sender);
        found.extend(own.map(|(serial, it)| (serial, it.id)));
    }
    Ok(found)
}

/// 人员编号 of the patients of these settlements.
async fn patients(app: &App, of: &[SettlementNo]) -> Result<BTreeMap<SettlementNo, String>, Fault> {
    let mut found = BTreeMap::new();
    for some in of.chunks(AT_ONCE) {
        let query = Query::Numbered(some.iter().copied().collect());
        let Page::Numbered(settlements) = app.store.page(&query).await? else {
            return Err(Fault::other_page());
        };
        let persons = settlements.iter().map(|it| it.patient).collect();
        let rows = app.rows(Needs { persons, ..Needs::default() }).await?;
        let people = People::open(&app.vault, &rows.identities);
        let number = |it: PersonNo| people.get(it).map(|it| it.psn_no.clone()).unwrap_or_default();
        found.extend(settlements.iter().map(|it| (it.no, number(it.patient))));
    }
    Ok(found)
}
