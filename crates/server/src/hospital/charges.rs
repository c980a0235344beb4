//! 2301 住院费用明细上传, 2302 撤销: lines of a stay, negative ones naming the line that they correct.

use super::Call;
use super::json::{Json, object};
use super::lines::{arose, bounded, code_of, row, self_paid};
use super::visit::visit_ref;
use super::wire::{Malformed, Node};
use crate::turn::Told;
use domain::bill::{Correction, Line};
use domain::decision::{Answer, Outcome};
use domain::request::Body;
use domain::stay::{Charge, ChargeItem, RemoveCharges, StayEvent};

/// 2301: lines of one stay.
pub(super) fn decode(call: &Call<'_>) -> Result<Body, Malformed> {
    let nodes = call.envelope.many("feedetail")?;
    bounded(&nodes)?;
    let first = nodes.first().ok_or_else(|| Malformed::new("feedetail", "缺少明细"))?;
    let of = visit_ref(call, first)?;
    let mut items = Vec::with_capacity(nodes.len());
    for node in &nodes {
        if visit_ref(call, node)? != of {
            return Err(node.complain("mdtrt_id", "一次上传只能是同一人的同一次住院"));
        }
        items.push(item(node)?);
    }
    Ok(Body::Stay(StayEvent::Charge(Charge { of, items })))
}

/// A line: with a negative count it corrects another, and its amounts are what is taken back.
fn item(node: &Node<'_>) -> Result<ChargeItem, Malformed> {
    let (code, own_code) = code_of(node)?;
    let (negative, count) = node.signed_quantity("cnt")?;
    let (taken, cost) = node.signed_amount("det_item_fee_sumamt")?;
    if negative != taken && !cost.is_zero() {
        return Err(node.complain("det_item_fee_sumamt", "正负号应与 cnt 一致"));
    }
    let line = Line {
        sn: node.short("feedetl_sn", 30)?.to_owned(),
        code: code.to_owned(),
        own_code: own_code.to_owned(),
        arose: arose(node)?,
        count,
        price: node.price("pric")?,
        cost,
        self_paid: self_paid(node)?,
        // Of a stay nobody is asked for codes: a ward gives doses.
        traces: Vec::new(),
    };
    if !negative {
        return Ok(ChargeItem::New(line));
    }
    let corrects = node.maybe("init_feedetl_sn")?;
    let corrects =
        corrects.ok_or_else(|| node.complain("init_feedetl_sn", "负数明细须填所冲减的原费用流水号"))?;
    Ok(ChargeItem::Correct(Correction { corrects: corrects.to_owned(), line }))
}

/// 2301: a line as it counts; of one that corrects another, what it changes, so that all rows add up to the bill.
pub(super) fn encode(told: &Told<'_>) -> Json {
    let Body::Stay(StayEvent::Charge(request)) = &told.request.body else { return Json::Null };
    let Outcome::Done(done) = &told.decision.outcome else { return Json::Null };
    let Answer::Charged(splits) = &done.answer else { return Json::Null };
    let rows = request.items.iter().zip(splits).map(|(item, (_, now, before))| {
        let line = item.line();
        row(line, super::lines::national(told, line), now, before.as_ref())
    });
    object! { "result": rows.collect::<Vec<Json>>() }
}

/// 2302: lines by number; `0000` stands for every line that is not settled.
pub(super) fn decode_remove(call: &Call<'_>) -> Result<Body, Malformed> {
    let nodes = call.envelope.many("data")?;
    bounded(&nodes)?;
    let first = nodes.first().ok_or_else(|| Malformed::new("data", "缺少明细"))?;
    let of = visit_ref(call, first)?;
    let mut lines = Vec::with_capacity(nodes.len());
    for node in &nodes {
        if visit_ref(call, node)? != of {
            return Err(node.complain("mdtrt_id", "一次撤销只能是同一人的同一次住院"));
        }
        lines.push(node.short("feedetl_sn", 30)?.to_owned());
    }
    let lines = Some(lines).filter(|it| it.iter().all(|sn| sn != "0000"));
    Ok(Body::Stay(StayEvent::Remove(RemoveCharges { of, lines })))
}
