//! 1162 医保电子凭证解码: exchanges a medical code that was scanned for the token of the visit; and what a code proves in
//! a question.

use super::json::{Json, object};
use super::setlinfo::gend;
use super::wire::Malformed;
use super::{Answered, Asked, Asking, Call, Failure, asking};
use crate::app::App;
use crate::codes::{self, Presented};
use crate::people::People;
use crate::vault::Found;
use domain::credential::{SpeaksOf, Spoiled};
use domain::ids::Lookup;
use domain::needs::Needs;
use domain::reason::Reason;
use serde_json::{Map, Value};
use store::Fault;

/// Its number.
pub(super) const SCAN: &str = "1162";
/// Where clients put what they scanned.
const SCANNED: [&str; 2] = ["ecQrCode", "mdtrt_cert_no"];

fn presented(call: &Call<'_>, text: &str) -> Presented {
    Presented {
        code: call.vault.lookup(Found::Code, text),
        speaks_of: SpeaksOf::Patient,
        institution: call.envelope.institution,
        at: call.at,
    }
}

/// What the medical code in a question proves; `None` where none was shown. What cannot be decoded is said by who
/// decodes it.
pub(super) async fn proved(app: &App, call: &Call<'_>) -> Result<Option<Result<Lookup, Spoiled>>, Fault> {
    let Ok(node) = call.envelope.one("data") else { return Ok(None) };
    let text = |field| node.maybe(field).ok().flatten();
    let (Some("01"), Some(number)) = (text("mdtrt_cert_type"), text("mdtrt_cert_no")) else {
        return Ok(None);
    };
    codes::present(app, presented(call, number)).await.map(Some)
}

/// 1162: who shows the code, and the token for the rest of the visit.
pub(super) async fn scan(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    let text = scanned(call)?;
    let exchanged = codes::exchange(app, presented(call, text)).await?;
    let holder = exchanged.as_ref().ok().map(|(holder, _)| *holder);
    let institutions = [call.envelope.institution].into();
    let needs = Needs { lookups: holder.into_iter().collect(), institutions, ..Needs::default() };
    let rows = app.rows(needs).await?;
    asking::told(app, call, &rows, |asked| {
        let (holder, token) = exchanged.map_err(|it| Asking::Refused(vec![it.into()]))?;
        holder_of(asked, holder, text, token)
    })
    .await
}

fn holder_of(asked: &Asked<'_>, holder: Lookup, text: &str, token: String) -> Result<Json, Asking> {
    let facts = &asked.rows.facts;
    let people = People::open(asked.call.vault, &asked.rows.identities);
    let found = facts.person_by(holder).and_then(|it| Some((it, people.get(it.no)?)));
    let unknown = || Asking::Refused(vec![Reason::PersonUnknown { field: SCANNED[0].to_owned() }]);
    let (person, identity) = found.ok_or_else(unknown)?;
    let area = facts.enrolment_on(person.no, asked.at.day()).map(|it| Json::text_of(it.area));
    Ok(object! { "data": object! {
        "userName": identity.name.clone(),
        "idNo": identity.id_number.clone(),
        "idType": identity.id_type.clone(),
        "insuOrg": area,
        "ecIndexNo": "",
        "ecToken": token,
        "gender": gend(person.sex),
        "birthday": person.born,
        "nationality": "",
        "email": "",
        "chnlId": "",
        "ecQrCode": text.to_owned(),
        "authNo": "",
    } })
}

/// An answer that is also one of a region's voucher service, which clients of its path read: `code`, `type`, `message` and
/// `data` stand beside what the interface has.
pub(super) fn with_own_form(answer: &[u8]) -> Vec<u8> {
    let mut fields: Map<String, Value> =
        serde_json::from_slice(answer).expect("our answers are JSON objects");
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let (code, output) = (field("infcode"), field("output"));
    let success = !output.is_null();
    let own = [
        ("code", code),
        ("type", Value::from(if success { "success" } else { "error" })),
        ("message", field("err_msg")),
        ("success", Value::from(success)),
        ("data", output.get("data").cloned().unwrap_or_default()),
    ];
    fields.extend(own.map(|(name, it)| (name.to_owned(), it)));
    serde_json::to_vec(&fields).expect("what was read can be written")
}

fn scanned<'a>(call: &Call<'a>) -> Result<&'a str, Malformed> {
    let node = call.envelope.one("data")?;
    for field in SCANNED {
        if let Some(text) = node.maybe(field)? {
            return Ok(text);
        }
    }
    Err(node.complain(SCANNED[0], "不能为空，请填写扫到的医保电子凭证二维码内容"))
}
