//! 1162 医保电子凭证解码: exchanges a medical code that was scanned for the token of the visit; and what a code proves in
//! a question.

use super::json::{Json, object};
use super::setlinfo::gend;
use super::slip;
use super::wire::{Malformed, Stamp, answer};
use super::{Answered, Asked, Call, Failure};
use crate::app::App;
use crate::codes::{self, Presented};
use crate::people::People;
use crate::vault::Found;
use domain::credential::{SpeaksOf, Spoiled};
use domain::ids::Lookup;
use domain::needs::Needs;
use domain::reason::Reason;
use store::Fault;

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
    let (holder, token) = match codes::exchange(app, presented(call, text)).await? {
        Ok(exchanged) => exchanged,
        Err(spoiled) => return refused(app, call, spoiled.into()).await,
    };
    let rows = app.rows(Needs { lookups: [holder].into(), ..Needs::default() }).await?;
    let person = rows.facts.person_by(holder);
    let people = People::open(call.vault, &rows.identities);
    let Some((person, identity)) = person.and_then(|it| Some((it, people.get(it.no)?))) else {
        return refused(app, call, Reason::PersonUnknown { field: "ecQrCode".to_owned() }).await;
    };
    let area = rows.facts.enrolment_on(person.no, call.at.day()).map(|it| Json::text_of(it.area));
    let data = object! {
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
    };
    Ok(Answered::Json(answer(&Stamp::fresh(call), Ok(object! { "data": data }))))
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

async fn refused(app: &App, call: &Call<'_>, reason: Reason) -> Result<Answered, Failure> {
    let needs = Needs { institutions: [call.envelope.institution].into(), ..Needs::default() };
    let (rows, law) = (app.rows(needs).await?, app.law().await?);
    let asked = Asked { call, rows: &rows, law: &law, at: call.at };
    Ok(Answered::Json(answer(&Stamp::fresh(call), Err(slip::refused(&asked, app, vec![reason])))))
}
