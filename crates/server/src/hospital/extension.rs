//! Our keys in the `exp_content` of a bill: givers' credentials, whether a repetition is meant, and what an agent shows who
//! buys for the patient. Other keys are others'.

use super::Call;
use super::visit::credential_kind;
use super::wire::{Malformed, Node};
use crate::proxy_tokens;
use domain::credential::Credential;
use domain::proxy::{Paper, Papers};
use domain::request::ShownProxy;
use serde_json::Value;

/// The most credentials of givers that a bill shows: more relatives than anybody brings along.
const MOST_GIVERS: usize = 20;

/// What a bill says in our keys.
pub(super) struct Extension {
    /// `GJ_GIVER_CERT`.
    pub(super) giver_credentials: Vec<Credential>,
    /// `GJ_REPEAT`.
    pub(super) repeat: bool,
    /// `GJ_PROXY`.
    pub(super) proxy: Option<ShownProxy>,
}

/// Reads our keys.
pub(super) fn extension(call: &Call<'_>, node: &Node<'_>) -> Result<Extension, Malformed> {
    let ours = node.extension()?;
    let repeat = ours.get("GJ_REPEAT").is_some_and(|it| it.to_string().trim_matches('"') == "1");
    Ok(Extension {
        giver_credentials: givers(call, node, ours.get("GJ_GIVER_CERT"))?,
        repeat,
        proxy: ours.get("GJ_PROXY").filter(|it| !it.is_null()).map(|it| proxy(call, node, it)).transpose()?,
    })
}

fn text<'a>(row: &'a Value, name: &str) -> Option<&'a str> {
    row.get(name)?.as_str().filter(|it| !it.is_empty())
}

fn givers(call: &Call<'_>, node: &Node<'_>, given: Option<&Value>) -> Result<Vec<Credential>, Malformed> {
    let wrong = || node.complain("exp_content.GJ_GIVER_CERT", "每项应有 type（01、02 或 03）和 no");
    let given = match given {
        None | Some(Value::Null) => &[],
        Some(Value::Array(rows)) => rows.as_slice(),
        Some(row) => std::slice::from_ref(row),
    };
    if given.len() > MOST_GIVERS {
        let what = format!("最多 {MOST_GIVERS} 项，收到 {} 项", given.len());
        return Err(node.complain("exp_content.GJ_GIVER_CERT", what));
    }
    let mut credentials = Vec::new();
    for row in given {
        let kind = text(row, "type").ok_or_else(wrong)?;
        let number = text(row, "no").ok_or_else(wrong)?;
        let (kind, found) = credential_kind(kind).ok_or_else(wrong)?;
        let holder = call.vault.lookup(found, number);
        credentials.push(Credential { kind, holder, serial: None, spoiled: None });
    }
    Ok(credentials)
}

/// The token, alone or with the documents that were looked at.
fn proxy(call: &Call<'_>, node: &Node<'_>, shown: &Value) -> Result<ShownProxy, Malformed> {
    const FIELD: &str = "exp_content.GJ_PROXY";
    let token = shown.as_str().or_else(|| text(shown, "no")).unwrap_or_default();
    let read = proxy_tokens::read(call.vault, token);
    let remedy = "no 应是代购号：DG 和其后的全部数字";
    let proxy = read.ok_or_else(|| node.complain(FIELD, remedy))?;
    let paper = |name: &str| match text(shown, name) {
        None => Ok(None),
        Some(kind) => {
            let wrong =
                || node.complain(FIELD, "证件类型应是 psn_cert_type 的代码，如 01 居民身份证（户口簿）");
            paper_of(kind).map(Some).ok_or_else(wrong)
        }
    };
    let papers = Papers { patient: paper("psn_cert_type")?, agent: paper("agnter_cert_type")? };
    Ok(ShownProxy { proxy, papers })
}

/// The ID document of a code of `psn_cert_type`; `None` for what identifies nobody.
fn paper_of(kind: &str) -> Option<Paper> {
    match kind {
        "01" => Some(Paper::IdCard),
        "02" | "03" => Some(Paper::Service),
        "04" | "05" | "06" | "17" => Some(Paper::Compatriot),
        "07" | "08" | "16" => Some(Paper::Passport),
        _ => None,
    }
}
