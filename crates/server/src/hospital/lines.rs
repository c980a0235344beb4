//! 2204 门诊费用明细上传, 2205 撤销; and lines as pharmacies send them.

use super::Call;
use super::json::{Json, object};
use super::visit::visit_ref;
use super::wire::{Malformed, Node};
use crate::turn::Told;
use domain::bill::{Basis, Line, Split};
use domain::catalogue::Class;
use domain::day::Moment;
use domain::decision::{Answer, Law, Outcome};
use domain::facts::Settlement;
use domain::money::{Fen, Total};
use domain::request::{Actor, Body, RemoveLines, Upload};
use domain::trace::{Trace, TraceCode};

/// The most lines a message may carry.
const MOST_LINES: usize = 2_000;

/// The most packs that a line may sell, and the most of all lines of a message.
const MOST_PACKS: usize = 100;
const MOST_PACKS_OF_ALL: usize = 4_000;

/// What clients know as "no price limit".
const NO_LIMIT: i64 = 999_999;

/// The codes of a line: national, own.
pub(super) fn code_of<'a>(node: &Node<'a>) -> Result<(&'a str, &'a str), Malformed> {
    let code = node.maybe("med_list_codg")?.map(|_| node.short("med_list_codg", 50)).transpose()?;
    let own_code =
        node.maybe("medins_list_codg")?.map(|_| node.short("medins_list_codg", 150)).transpose()?;
    if code.is_none() && own_code.is_none() {
        return Err(node.complain("med_list_codg", "与 medins_list_codg 至少填一项"));
    }
    Ok((code.unwrap_or_default(), own_code.unwrap_or_default()))
}

/// A line.
pub(super) fn line(node: &Node<'_>) -> Result<Line, Malformed> {
    let (code, own_code) = code_of(node)?;
    Ok(Line {
        sn: node.short("feedetl_sn", 30)?.to_owned(),
        code: code.to_owned(),
        own_code: own_code.to_owned(),
        arose: arose(node)?,
        count: node.quantity("cnt")?,
        price: node.price("pric")?,
        cost: node.amount("det_item_fee_sumamt")?,
        self_paid: self_paid(node)?,
        traces: traces(node)?,
    })
}

/// When a line arose. No money hangs on it: what cannot be read counts as not said.
pub(super) fn arose(node: &Node<'_>) -> Result<Option<Moment>, Malformed> {
    Ok(node.maybe("fee_ocur_time")?.and_then(|_| node.moment("fee_ocur_time").ok()))
}

/// Whether the doctor said that the item's limit is not met (`hosp_appr_flag` 2): then the patient pays it. Some regions put a
/// zero before the digit. Whatever else stands there could mean the same, and is not guessed at.
pub(super) fn self_paid(node: &Node<'_>) -> Result<bool, Malformed> {
    match node.maybe("hosp_appr_flag")? {
        None | Some("0" | "1" | "00" | "01") => Ok(false),
        Some("2" | "02") => Ok(true),
        Some(_) => Err(node.complain("hosp_appr_flag", "应是 0 无须审批、1 审批通过或 2 审批不通过")),
    }
}

/// The trace codes of a line (R-J5).
fn traces(node: &Node<'_>) -> Result<Vec<Trace>, Malformed> {
    let packs = node.inner("durg_trac_info")?;
    if packs.len() > MOST_PACKS {
        let what = format!("一行最多 {MOST_PACKS} 个，收到 {} 个", packs.len());
        return Err(node.complain("durg_trac_info", what));
    }
    let read: Result<Vec<Trace>, Malformed> = packs.iter().map(|pack| trace(node, pack)).collect();
    // What stands for no code would be one pack that the whole country sells.
    Ok(read?.into_iter().filter(|it| !it.code.is_placeholder()).collect())
}

fn trace(line: &Node<'_>, pack: &Node<'_>) -> Result<Trace, Malformed> {
    let of = pack.maybe("feedetl_sn")?;
    if of.is_some() && of != line.maybe("feedetl_sn")? {
        return Err(pack.complain("feedetl_sn", "应与所在明细行的 feedetl_sn 相同，或不填"));
    }
    let code = TraceCode::parse(pack.text("drug_trac_codg")?);
    let code = code.ok_or_else(|| {
        pack.complain(
            "drug_trac_codg",
            "应是药品包装上的追溯码，20 位数字，或 20 至 100 位字母、数字和符号；13 位的商品条码不是追溯码",
        )
    })?;
    Ok(Trace { code, split: pack.flag("trdn_flag")?.unwrap_or(false) })
}

/// A message carries so many lines and no more.
pub(super) fn bounded(nodes: &[Node<'_>]) -> Result<(), Malformed> {
    if let Some(first) = nodes.first().filter(|_| nodes.len() > MOST_LINES) {
        return Err(first.complain_of_all(format!("一次最多 {MOST_LINES} 行，收到 {} 行", nodes.len())));
    }
    Ok(())
}

/// Lines of a node, bounded.
pub(super) fn lines(nodes: &[Node<'_>]) -> Result<Vec<Line>, Malformed> {
    bounded(nodes)?;
    let lines = nodes.iter().map(line).collect::<Result<Vec<Line>, Malformed>>()?;
    let packs: usize = lines.iter().map(|it| it.traces.len()).sum();
    if let Some(first) = nodes.first().filter(|_| packs > MOST_PACKS_OF_ALL) {
        let what = format!("追溯码一次最多 {MOST_PACKS_OF_ALL} 个，收到 {packs} 个");
        return Err(first.complain_of_all(what));
    }
    Ok(lines)
}

/// 2204: lines of one visit, in batches.
pub(super) fn decode_upload(call: &Call<'_>) -> Result<Body, Malformed> {
    let nodes = call.envelope.many("feedetail")?;
    let first = nodes.first().ok_or_else(|| Malformed::new("feedetail", "缺少明细"))?;
    let of = visit_ref(call, first)?;
    let read = lines(&nodes)?;
    let mut batches: Vec<(String, Vec<Line>)> = Vec::new();
    for (node, line) in nodes.iter().zip(read) {
        if visit_ref(call, node)? != of {
            return Err(node.complain("mdtrt_id", "一次上传只能是同一人的同一次就诊"));
        }
        let batch = node.short("chrg_bchno", 30)?;
        match batches.iter_mut().find(|(no, _)| *no == batch) {
            Some((_, lines)) => lines.push(line),
            None => batches.push((batch.to_owned(), vec![line])),
        }
    }
    Ok(Body::Upload(Upload { of, batches }))
}

/// 2204.
pub(super) fn encode_upload(told: &Told<'_>) -> Json {
    let Body::Upload(request) = &told.request.body else { return Json::Null };
    let Outcome::Done(done) = &told.decision.outcome else { return Json::Null };
    let Answer::Lines(splits) = &done.answer else { return Json::Null };
    object! { "result": encode(told, request.batches.iter().flat_map(|(_, lines)| lines), splits) }
}

/// The lines as judged, one row each.
pub(super) fn encode<'a>(
    told: &Told<'a>,
    lines: impl Iterator<Item = &'a Line>,
    splits: &[(String, Split)],
) -> Json {
    let row = |(line, (_, split)): (&'a Line, &(String, Split))| row(line, national(told, line), split, None);
    Json::List(lines.zip(splits).map(row).collect())
}

/// The national code of a line.
pub(super) fn national<'a>(told: &Told<'a>, line: &'a Line) -> &'a str {
    match told.request.actor {
        Actor::Institution(code) => told.facts.national_code(code, line),
        Actor::Citizen(_) | Actor::Clerk { .. } | Actor::Operator { .. } => &line.code,
    }
}

/// A line as judged; where it takes something back of another, which counted otherwise `before`, with what it changes.
pub(super) fn row(line: &Line, code: &str, split: &Split, before: Option<&Split>) -> Json {
    let amount = |part: fn(&Split) -> Fen| {
        Json::from(Total::from_fen(part(split).get() - before.map_or(0, |it| part(it).get())))
    };
    let units = line.count.get();
    let count = Json::Number { units: if before.is_some() { -units } else { units }, places: 4 };
    object! {
        "feedetl_sn": line.sn.clone(),
        "det_item_fee_sumamt": amount(|it| it.cost),
        "cnt": count,
        "pric": line.price,
        "pric_uplmt_amt": split.price_limit.map_or(Json::whole(NO_LIMIT), Json::from),
        "selfpay_prop": split.first_pay_share,
        "fulamt_ownpay_amt": amount(|it| it.full_self),
        "overlmt_amt": amount(|it| it.over_limit),
        "preselfpay_amt": amount(|it| it.first_pay),
        "inscp_scp_amt": amount(|it| it.in_scope),
        "chrgitm_lv": chrgitm_lv(split.basis),
        "med_chrgitm_type": med_chrgitm_type(code),
        "lmt_used_flag": if split.limited { "1" } else { "0" },
    }
}

/// A line of a settlement, as 5204 has it; of a cancellation, with what counts negated.
pub(super) fn fee(it: &Settlement, begun: Moment, line: &Line, code: &str, split: &Split, law: &Law) -> Json {
    let Json::Object(judged) = row(line, code, split, None) else { return Json::Null };
    let taken_back = it.undoes.is_some();
    let signed = |(name, value): (&'static str, Json)| {
        (name, if taken_back && COUNTED.contains(&name) { value.negated() } else { value })
    };
    let mut fields = vec![
        ("mdtrt_id", Json::text_of(it.visit)),
        ("setl_id", Json::text_of(it.no)),
        ("med_type", it.med_type.clone().into()),
        ("fee_ocur_time", line.arose.unwrap_or(begun).into()),
        ("hilist_code", code.to_owned().into()),
        ("hilist_name", name(code, law).into()),
        ("list_type", list_type(code).into()),
        ("med_list_codg", code.to_owned().into()),
        ("medins_list_codg", line.own_code.clone().into()),
        ("medins_list_name", "".into()),
        ("dosform_name", "".into()),
        ("hosp_appr_flag", if line.self_paid { "2" } else { "0" }.into()),
    ];
    fields.extend(judged.into_iter().map(signed));
    Json::Object(fields)
}

/// What is taken back with a line.
const COUNTED: [&str; 6] =
    ["cnt", "det_item_fee_sumamt", "fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt"];

/// The name of an item, where the catalogue has it.
fn name(code: &str, law: &Law) -> String {
    let known = law.catalogue.drug_name(code).or_else(|| law.catalogue.service_name(code));
    known.unwrap_or_default().to_owned()
}

/// 目录类别: 101 西药中成药, 102 中药饮片, 201 医疗服务项目, 301 医用耗材, 105 其他.
fn list_type(code: &str) -> &'static str {
    match code.as_bytes().first() {
        Some(b'X' | b'Z') => "101",
        Some(b'T') => "102",
        Some(b'C') => "301",
        Some(b'0'..=b'9') => "201",
        _ => "105",
    }
}

/// 甲 01, 乙 02, 丙 03.
pub(super) fn chrgitm_lv(basis: Basis) -> &'static str {
    match basis {
        Basis::Row(_, Class::A) | Basis::Service(Class::A) => "01",
        Basis::Row(_, Class::B) | Basis::Service(Class::B) => "02",
        Basis::NotInCatalogue | Basis::ServiceOut | Basis::RestrictionNotMet => "03",
    }
}

/// 09 西药费, 11 中成药费, 05 治疗费 for service items, 14 其他费.
pub(super) fn med_chrgitm_type(code: &str) -> &'static str {
    match code.as_bytes().first() {
        Some(b'X') => "09",
        Some(b'Z') => "11",
        Some(b'0'..=b'9') => "05",
        _ => "14",
    }
}

/// 2205: `0000` stands for every line that is not settled.
pub(super) fn decode_remove(call: &Call<'_>) -> Result<Body, Malformed> {
    let node = call.envelope.one("data")?;
    let batch = node.short("chrg_bchno", 30)?;
    Ok(Body::RemoveLines(RemoveLines {
        of: visit_ref(call, &node)?,
        batch: Some(batch).filter(|it| *it != "0000").map(str::to_owned),
    }))
}
