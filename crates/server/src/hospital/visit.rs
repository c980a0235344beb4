//! 2201 门诊挂号, 2202 撤销, 2203 就诊信息上传; and what several transactions read alike: patient, credential, visit.

use super::Call;
use super::json::{Json, object};
use super::wire::{Malformed, Node};
use crate::turn::Told;
use crate::vault::Found;
use domain::credential::Credential;
use domain::decision::{Answer, Outcome};
use domain::ids::{Lookup, VisitNo};
use domain::request::{Body, Register, StateVisit, VisitRef};
use domain::words::{CredentialKind, Scheme};

/// The patient of a node.
pub(super) fn patient(call: &Call<'_>, node: &Node<'_>) -> Result<Lookup, Malformed> {
    Ok(call.vault.lookup(Found::PersonNo, node.short("psn_no", 30)?))
}

/// The scheme of a node (`insutype`).
pub(super) fn scheme(node: &Node<'_>) -> Result<Scheme, Malformed> {
    match node.text("insutype")? {
        "310" => Ok(Scheme::Employee),
        "390" => Ok(Scheme::Resident),
        _ => Err(node.complain("insutype", "本平台受理 310 职工基本医疗保险和 390 城乡居民基本医疗保险")),
    }
}

/// What the patient showed (`mdtrt_cert_type`, `mdtrt_cert_no`, `card_sn`).
pub(super) fn credential(call: &Call<'_>, node: &Node<'_>) -> Result<Credential, Malformed> {
    node.text("mdtrt_cert_type")?;
    credential_of(call, node, node.text("mdtrt_cert_no")?)
}

/// A credential with this number.
pub(super) fn credential_of(call: &Call<'_>, node: &Node<'_>, number: &str) -> Result<Credential, Malformed> {
    let kind = node.text("mdtrt_cert_type")?;
    // In Liaoning a block that proves the card follows its number: the number is what finds the patient.
    let number = number.split_once('|').map_or(number, |(number, _)| number);
    let serial = node.maybe("card_sn")?;
    let (kind, found) = credential_kind(kind).ok_or_else(|| node.complain("mdtrt_cert_type", CREDENTIALS))?;
    if kind == CredentialKind::Card && serial.is_none() {
        return Err(node.complain("card_sn", "用社会保障卡时必须填写卡识别码"));
    }
    let serial = serial.filter(|_| kind == CredentialKind::Card);
    let serial = serial.map(|it| call.vault.lookup(Found::CardSerial, &format!("{number}/{it}")));
    let mut credential = Credential { kind, holder: call.vault.lookup(found, number), serial, spoiled: None };
    if let Some(proved) = call.proved.filter(|_| kind == CredentialKind::Code) {
        credential.prove(proved);
    }
    Ok(credential)
}

const CREDENTIALS: &str = "应是 01 医保电子凭证、02 居民身份证或 03 社会保障卡";

/// What a credential type is, and what its number finds.
pub(super) fn credential_kind(kind: &str) -> Option<(CredentialKind, Found)> {
    match kind {
        "01" => Some((CredentialKind::Code, Found::Code)),
        "02" => Some((CredentialKind::IdDocument, Found::IdDocument)),
        "03" => Some((CredentialKind::Card, Found::Card)),
        _ => None,
    }
}

/// A visit and its patient (`mdtrt_id`, `psn_no`).
pub(super) fn visit_ref(call: &Call<'_>, node: &Node<'_>) -> Result<VisitRef, Malformed> {
    Ok(VisitRef { visit: VisitNo(node.number("mdtrt_id")?), patient: patient(call, node)? })
}

/// 2201.
pub(super) fn decode_register(call: &Call<'_>) -> Result<Body, Malformed> {
    let node = call.envelope.one("data")?;
    Ok(Body::Register(Register {
        patient: patient(call, &node)?,
        credential: credential(call, &node)?,
        scheme: scheme(&node)?,
        begun: node.moment("begntime")?,
        own_no: node.short("ipt_otp_no", 30)?.to_owned(),
    }))
}

/// 2201.
pub(super) fn encode_register(told: &Told<'_>) -> Json {
    let Body::Register(request) = &told.request.body else { return Json::Null };
    let Outcome::Done(done) = &told.decision.outcome else { return Json::Null };
    let Answer::Visit(visit) = done.answer else { return Json::Null };
    let patient = told.facts.visits.get(&visit).and_then(|it| told.identity(it.patient));
    object! { "data": object! {
        "mdtrt_id": Json::text_of(visit),
        "psn_no": patient.map(|it| it.psn_no.clone()),
        "ipt_otp_no": request.own_no.clone(),
    } }
}

/// 2202.
pub(super) fn decode_cancel(call: &Call<'_>) -> Result<Body, Malformed> {
    let node = call.envelope.one("data")?;
    Ok(Body::CancelVisit(visit_ref(call, &node)?))
}

/// 2203 and 2203A.
pub(super) fn decode_state(call: &Call<'_>) -> Result<Body, Malformed> {
    let node = call.envelope.one("mdtrtinfo")?;
    Ok(Body::StateVisit(StateVisit {
        of: visit_ref(call, &node)?,
        med_type: node.short("med_type", 6)?.to_owned(),
        begun: node.moment("begntime")?,
    }))
}
