//! 3301 目录对照上传, 3302 撤销, 1317 查询: an institution's own codes and the national codes they stand for.

use super::catalogues::told;
use super::json::{Json, object};
use super::paging::Paging;
use super::payment::{list_type, not_held};
use super::wire::{Malformed, Node};
use super::{Answered, Call, Failure};
use crate::app::App;
use domain::ids::InstitutionCode;
use domain::needs::Needs;
use domain::request::{Body, MapItems, UnmapItems};
use store::{Fault, Page, Query};

/// The most pairs a message may carry.
const MOST_PAIRS: usize = 2_000;

/// How many own codes are read at once.
const PAGE: u32 = 1_000;

/// The rows of 3301 and 3302: node `data`, in some regions `catalogcompin`.
fn rows<'a>(call: &'a Call<'_>) -> Result<Vec<Node<'a>>, Malformed> {
    let other = call.envelope.input.contains_key("catalogcompin");
    let name = if other { "catalogcompin" } else { "data" };
    let nodes = call.envelope.many(name)?;
    if nodes.len() > MOST_PAIRS {
        return Err(Malformed::new(name, format!("一次最多 {MOST_PAIRS} 行，收到 {} 行", nodes.len())));
    }
    Ok(nodes)
}

/// 3302: own codes, each with what it stands for where that is stated (`fixmedins_hilist_id`, `med_list_codg`).
pub(super) fn decode_removal(call: &Call<'_>) -> Result<Body, Malformed> {
    let code = |node: &Node<'_>| {
        let stated = node.maybe("fixmedins_code")?;
        if stated.is_some_and(|it| it != call.envelope.institution.to_string()) {
            return Err(node.complain("fixmedins_code", "只能撤销本机构的对照"));
        }
        let own = node.short("fixmedins_hilist_id", 150)?.to_owned();
        Ok((own, node.maybe("med_list_codg")?.map(str::to_owned)))
    };
    let codes = rows(call)?.iter().map(code).collect::<Result<Vec<_>, Malformed>>()?;
    Ok(Body::UnmapItems(UnmapItems { institution: call.envelope.institution, codes }))
}

/// 3301: one row a pair (`fixmedins_hilist_id`, `list_type`, `med_list_codg`).
pub(super) fn decode(call: &Call<'_>) -> Result<Body, Malformed> {
    let nodes = rows(call)?;
    let pair = |node: &Node<'_>| {
        let (own, national) = (node.short("fixmedins_hilist_id", 150)?, node.short("med_list_codg", 50)?);
        Ok((own.to_owned(), national.to_owned()))
    };
    let pairs = nodes.iter().map(pair).collect::<Result<Vec<_>, Malformed>>()?;
    Ok(Body::MapItems(MapItems { institution: call.envelope.institution, pairs }))
}

/// 1317: the institution's own mappings, page by page; those of others are nobody's business.
pub(super) async fn list(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    let code = call.envelope.institution;
    let node = call.envelope.one("data")?;
    not_held(&node, &["medins_list_name"])?;
    let paging = Paging::of(&node)?;
    if node.maybe("fixmedins_code")?.is_some_and(|it| it != code.to_string()) {
        return Err(node.complain("fixmedins_code", "只能查询本机构的对照").into());
    }
    let (own, national) = (node.maybe("medins_list_codg")?, node.maybe("med_list_codg")?);
    let kind = node.maybe("list_type")?;
    let is_valid = node.flag("vali_flag")?.is_none_or(|it| it);
    let wanted = |(own_code, code): &(String, String)| {
        is_valid
            && own.is_none_or(|it| it == own_code)
            && national.is_none_or(|it| it == code)
            && kind.is_none_or(|it| it == list_type(code))
    };
    let rows = app.rows(Needs { institutions: [code].into(), ..Needs::default() }).await?;
    let area = rows.facts.institutions.get(&code).map(|it| it.area.to_string()).unwrap_or_default();
    let found = mappings(app, code).await?;
    let rows = found.into_iter().filter(wanted);
    told(call, paging.write(rows, |(own, national)| mapping(code, &area, own, national)))
}

fn mapping(code: InstitutionCode, area: &str, own: String, national: String) -> Json {
    object! {
        "fixmedins_code": Json::text_of(code),
        "medins_list_codg": own,
        "medins_list_name": "",
        "insu_admdvs": area.to_owned(),
        "list_type": list_type(&national),
        "med_list_codg": national,
        "begndate": "",
        "enddate": "",
        "aprvno": "",
        "dosform": "",
        "exct_cont": "",
        "item_cont": "",
        "prcunt": "",
        "spec": "",
        "pacspec": "",
        "memo": "",
        "vali_flag": "1",
        "rid": "",
        "updt_time": "",
    }
}

async fn mappings(app: &App, institution: InstitutionCode) -> Result<Vec<(String, String)>, Fault> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let query = Query::Mappings { institution, after: after.clone(), limit: PAGE };
        let Page::Mappings(page) = app.store.page(&query).await? else {
            return Err(Fault::Damaged("asked for own codes, got another page".to_owned()));
        };
        let Some(((_, last), _)) = page.last() else { return Ok(found) };
        after.clone_from(last);
        found.extend(page.into_iter().map(|((_, own), national)| (own, national)));
    }
}
