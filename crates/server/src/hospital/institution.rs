//! 1201 医药机构信息获取: institutions by code, or by how their names begin.

use super::catalogues::told;
use super::json::{Json, object};
use super::wire::{Malformed, Node};
use super::{Answered, Call, Failure};
use crate::app::App;
use domain::ids::InstitutionCode;
use domain::needs::Needs;
use domain::people::Institution;
use domain::words::{InstitutionKind, Level};
use store::{Fault, Page, Query};

/// The most institutions in an answer.
const MOST: u32 = 100;

/// Which are wanted.
enum Wanted {
    Code(InstitutionCode),
    Name(String),
}

/// 1201: node `medinsinfo`.
pub(super) async fn find(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    let node = call.envelope.one("medinsinfo")?;
    let found = match wanted(&node)? {
        Wanted::Code(code) => {
            let rows = app.rows(Needs { institutions: [code].into(), ..Needs::default() }).await?;
            let found = rows.facts.institutions.into_values();
            found.map(|it| (it, rows.names.get(&code).cloned())).collect()
        }
        Wanted::Name(beginning) => called(app, beginning).await?,
    };
    let kind = node.maybe("fixmedins_type")?;
    let of_kind = |(it, _): &(Institution, _)| kind.is_none_or(|kind| kind == fixmedins_type(it.kind));
    let rows = found.into_iter().filter(of_kind).map(|(it, name)| row(&it, name));
    told(call, object! { "medinsinfo": rows.collect::<Vec<Json>>() })
}

async fn called(app: &App, beginning: String) -> Result<Vec<(Institution, Option<String>)>, Fault> {
    let query = Query::InstitutionsCalled { beginning, limit: MOST };
    let Page::InstitutionsCalled(found) = app.store.page(&query).await? else {
        return Err(Fault::Damaged("asked for institutions, got another page".to_owned()));
    };
    Ok(found)
}

fn wanted(node: &Node<'_>) -> Result<Wanted, Malformed> {
    if let Some(code) = node.maybe("fixmedins_code")? {
        let read = InstitutionCode::parse(code).map(Wanted::Code);
        let wrong = || node.complain("fixmedins_code", "应是 H 或 P 加 11 位数字的机构编号");
        return read.ok_or_else(wrong);
    }
    let name = node.maybe("fixmedins_name")?;
    let name = name.ok_or_else(|| node.complain("fixmedins_code", "与 fixmedins_name 至少填一项"))?;
    Ok(Wanted::Name(name.to_owned()))
}

fn row(it: &Institution, name: Option<String>) -> Json {
    object! {
        "fixmedins_code": Json::text_of(it.code),
        "fixmedins_name": name.unwrap_or_default(),
        "uscc": "",
        "fixmedins_type": fixmedins_type(it.kind),
        "hosp_lv": hosp_lv(it),
        "exp_content": "",
    }
}

/// 1 定点医疗机构, 2 定点零售药店.
fn fixmedins_type(kind: InstitutionKind) -> &'static str {
    match kind {
        InstitutionKind::Hospital
        | InstitutionKind::CommunityCentre
        | InstitutionKind::Clinic
        | InstitutionKind::VillageClinic => "1",
        InstitutionKind::Pharmacy => "2",
    }
}

/// The level without a grade within it: 12 三级无等, 13 二级无等, 14 一级无等, 11 无等级; nothing for a pharmacy.
pub(super) fn hosp_lv(it: &Institution) -> &'static str {
    match (it.kind, it.level) {
        (InstitutionKind::Pharmacy, _) => "",
        (_, Level::Tertiary) => "12",
        (_, Level::Secondary) => "13",
        (_, Level::Primary) => "14",
        (_, Level::None) => "11",
    }
}
