//! 2101 药店预结算, 2102 药店结算: identity, bill and lines in one message.

use super::Call;
use super::extension::{Extension, extension};
use super::json::Json;
use super::lines::{self, lines as read_lines};
use super::setlinfo::{self, Shown};
use super::visit::{credential, patient, scheme};
use super::wire::{Malformed, Node};
use crate::turn::Told;
use domain::decision::{Answer, Outcome};
use domain::request::{AccountFlag, Body, Settle, What};

/// 2101 and 2102.
pub(super) fn decode(call: &Call<'_>) -> Result<Body, Malformed> {
    let node = call.envelope.one("druginfo")?;
    let lines = read_lines(&call.envelope.many("drugdetail")?)?;
    let Extension { giver_credentials, repeat, proxy } = extension(call, &node)?;
    Ok(Body::Settle(Settle {
        patient: patient(call, &node)?,
        credential: credential(call, &node)?,
        giver_credentials,
        scheme: scheme(&node)?,
        med_type: node.short("med_type", 6)?.to_owned(),
        what: What::Lines { begun: node.moment("begntime")?, lines },
        total: node.amount("medfee_sumamt")?,
        stated: None,
        accounts: accounts(&node)?,
        repeat,
        proxy,
    }))
}

/// `acct_used_flag`.
pub(super) fn accounts(node: &Node<'_>) -> Result<AccountFlag, Malformed> {
    match node.text("acct_used_flag")? {
        "0" => Ok(AccountFlag::None),
        "1" => Ok(AccountFlag::Own),
        "2" => Ok(AccountFlag::Shared),
        _ => Err(node.complain("acct_used_flag", "应是 0 不使用、1 使用本人个账或 2 使用共济人个账")),
    }
}

/// 2102.
pub(super) fn encode(told: &Told<'_>) -> Json {
    with_lines(told, setlinfo::of_answer(told, Shown::Settled))
}

/// 2101.
pub(super) fn preview(told: &Told<'_>) -> Json {
    with_lines(told, setlinfo::of_answer(told, Shown::Preview))
}

fn with_lines(told: &Told<'_>, mut output: Json) -> Json {
    let Outcome::Done(done) = &told.decision.outcome else { return output };
    let Answer::Settled(_, splits) = &done.answer else { return output };
    if let Body::Settle(Settle { what: What::Lines { lines, .. }, .. }) = &told.request.body {
        output.add("detlcutinfo", lines::encode(told, lines.iter(), splits));
    }
    output
}
