//! 2401 入院, 2402 出院, 2403 变更, 2404 入院撤销, 2405 出院撤销; 2303 住院预结算, 2304 住院结算, 2305 结算撤销. The transactions
//! of stays are listed here, 5303 in_hospital and 2301 and 2302 charges among them.

use super::extension::{Extension, extension};
use super::json::{Json, object};
use super::pharmacy::accounts;
use super::visit::{credential_of, patient, scheme, visit_ref};
use super::wire::{Malformed, Node};
use super::{Call, Kind, Transaction, charges, in_hospital, nothing, outpatient, undo};
use crate::turn::Told;
use domain::credential::Credential;
use domain::day::Moment;
use domain::decision::{Answer, Outcome};
use domain::ids::VisitNo;
use domain::request::{AccountFlag, Body, Settle, What};
use domain::stay::{Admit, ChangeStay, Discharge, StayEvent};
use domain::words::Care;

/// The transactions of stays.
pub(super) const TRANSACTIONS: &[Transaction] = &[
    Transaction {
        infno: "2301",
        name: "住院费用明细上传",
        kind: Kind::Commits(charges::decode, charges::encode),
    },
    Transaction {
        infno: "2302",
        name: "住院费用明细撤销",
        kind: Kind::Commits(charges::decode_remove, nothing),
    },
    Transaction {
        infno: "2303",
        name: "住院预结算",
        kind: Kind::Previews(decode_settle, outpatient::preview),
    },
    Transaction {
        infno: "2304", name: "住院结算", kind: Kind::Commits(decode_settle, outpatient::encode)
    },
    Transaction {
        infno: "2305",
        name: "住院结算撤销",
        kind: Kind::Commits(decode_undo, undo::encode_cancel),
    },
    Transaction {
        infno: "5303",
        name: "在院信息查询",
        kind: Kind::Asks(in_hospital::needs, in_hospital::stays),
    },
    Transaction { infno: "2401", name: "入院办理", kind: Kind::Commits(decode_admit, encode_admit) },
    Transaction { infno: "2402", name: "出院办理", kind: Kind::Commits(decode_discharge, nothing) },
    Transaction { infno: "2403", name: "住院信息变更", kind: Kind::Commits(decode_change, nothing) },
    Transaction { infno: "2404", name: "入院撤销", kind: Kind::Commits(decode_cancel, nothing) },
    Transaction { infno: "2405", name: "出院撤销", kind: Kind::Commits(decode_undo_discharge, nothing) },
];

/// What the patient showed. The number of a document may be in `certno` alone.
fn credential(call: &Call<'_>, node: &Node<'_>) -> Result<Credential, Malformed> {
    let document = node.maybe("mdtrt_cert_type")? == Some("02");
    let number = node.maybe("mdtrt_cert_no")?;
    let number = if document && number.is_none() { node.maybe("certno")? } else { number };
    credential_of(call, node, number.ok_or_else(|| node.complain("mdtrt_cert_no", "不能为空"))?)
}

/// 2401.
pub(super) fn decode_admit(call: &Call<'_>) -> Result<Body, Malformed> {
    let node = call.envelope.one("mdtrtinfo")?;
    Ok(Body::Stay(StayEvent::Admit(Admit {
        patient: patient(call, &node)?,
        credential: credential(call, &node)?,
        scheme: scheme(&node)?,
        begun: node.moment("begntime")?,
        med_type: node.short("med_type", 6)?.to_owned(),
        own_no: node.short("ipt_no", 30)?.to_owned(),
    })))
}

/// 2401.
pub(super) fn encode_admit(told: &Told<'_>) -> Json {
    let Outcome::Done(done) = &told.decision.outcome else { return Json::Null };
    let Answer::Visit(visit) = done.answer else { return Json::Null };
    object! { "result": object! { "mdtrt_id": Json::text_of(visit) } }
}

/// 2402.
pub(super) fn decode_discharge(call: &Call<'_>) -> Result<Body, Malformed> {
    let node = call.envelope.one("dscginfo")?;
    let discharge = Discharge { of: visit_ref(call, &node)?, at: node.moment("endtime")? };
    Ok(Body::Stay(StayEvent::Discharge(discharge)))
}

/// 2403.
pub(super) fn decode_change(call: &Call<'_>) -> Result<Body, Malformed> {
    let node = call.envelope.one("adminfo")?;
    Ok(Body::Stay(StayEvent::Change(ChangeStay {
        of: visit_ref(call, &node)?,
        begun: node.moment("begntime")?,
        med_type: node.short("med_type", 6)?.to_owned(),
    })))
}

/// 2404.
pub(super) fn decode_cancel(call: &Call<'_>) -> Result<Body, Malformed> {
    let node = call.envelope.one("data")?;
    Ok(Body::Stay(StayEvent::Cancel(visit_ref(call, &node)?)))
}

/// 2405.
pub(super) fn decode_undo_discharge(call: &Call<'_>) -> Result<Body, Malformed> {
    let node = call.envelope.one("data")?;
    Ok(Body::Stay(StayEvent::UndoDischarge(visit_ref(call, &node)?)))
}

/// 2303 and 2304: all of a stay that is not settled. Only 2303 may leave out which accounts pay: then none does.
pub(super) fn decode_settle(call: &Call<'_>) -> Result<Body, Malformed> {
    let node = call.envelope.one("data")?;
    let names = ["fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt"];
    let mut stated = [domain::money::Fen::ZERO; 4];
    for (amount, name) in stated.iter_mut().zip(names) {
        *amount = node.amount_or_zero(name)?;
    }
    let interim = match node.text("mid_setl_flag")? {
        "0" | "00" => false,
        "1" | "01" => true,
        _ => return Err(node.complain("mid_setl_flag", "应是 0 出院结算或 1 中途结算")),
    };
    let left = node.maybe("dscgTime")?.map(|_| node.moment("dscgTime")).transpose()?;
    let unsaid = call.envelope.infno == "2303" && node.maybe("acct_used_flag")?.is_none();
    let Extension { giver_credentials, repeat, proxy } = extension(call, &node)?;
    Ok(Body::Settle(Settle {
        patient: patient(call, &node)?,
        credential: credential(call, &node)?,
        giver_credentials,
        scheme: scheme(&node)?,
        med_type: String::new(),
        what: What::Stay {
            visit: VisitNo(node.number("mdtrt_id")?),
            interim,
            left: left.map(Moment::day).filter(|_| !interim),
        },
        total: node.amount("medfee_sumamt")?,
        stated: Some(stated),
        accounts: if unsaid { AccountFlag::None } else { accounts(&node)? },
        repeat,
        proxy,
    }))
}

/// 2305.
pub(super) fn decode_undo(call: &Call<'_>) -> Result<Body, Malformed> {
    undo::cancel_of(call, Care::Inpatient)
}
