//! 2206 门诊预结算, 2207 门诊结算.

use super::Call;
use super::extension::{Extension, extension};
use super::json::Json;
use super::pharmacy::accounts;
use super::setlinfo::{self, Shown};
use super::visit::{credential, patient, scheme};
use super::wire::Malformed;
use crate::turn::Told;
use domain::ids::VisitNo;
use domain::request::{Body, Settle, What};

/// 2206 and 2207: the same fields; the four split amounts may be left out.
pub(super) fn decode(call: &Call<'_>) -> Result<Body, Malformed> {
    let node = call.envelope.one("data")?;
    let names = ["fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt"];
    let mut stated = [domain::money::Fen::ZERO; 4];
    for (amount, name) in stated.iter_mut().zip(names) {
        *amount = node.amount_or_zero(name)?;
    }
    let Extension { giver_credentials, repeat, proxy } = extension(call, &node)?;
    Ok(Body::Settle(Settle {
        patient: patient(call, &node)?,
        credential: credential(call, &node)?,
        giver_credentials,
        scheme: scheme(&node)?,
        med_type: node.short("med_type", 6)?.to_owned(),
        what: What::Batch {
            visit: VisitNo(node.number("mdtrt_id")?),
            batch: node.short("chrg_bchno", 30)?.to_owned(),
        },
        total: node.amount("medfee_sumamt")?,
        stated: Some(stated),
        accounts: accounts(&node)?,
        repeat,
        proxy,
    }))
}

/// 2207.
pub(super) fn encode(told: &Told<'_>) -> Json {
    setlinfo::of_answer(told, Shown::Settled)
}

/// 2206.
pub(super) fn preview(told: &Told<'_>) -> Json {
    setlinfo::of_answer(told, Shown::Preview)
}
