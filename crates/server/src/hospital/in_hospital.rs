//! 5303 在院信息查询: who is in hospital here. Stays elsewhere are not told.

use super::json::{Json, object};
use super::setlinfo::{age, gend, insutype};
use super::visit::patient;
use super::wire::Malformed;
use super::{Asked, Asking, Call};
use crate::people::{Identity, People};
use domain::facts::{Facts, Visit};
use domain::needs::Needs;
use domain::people::Person;
use domain::reason::Reason;

/// 5303: of one patient, whom our clients always name; a list of all who are in hospital is theirs to keep.
pub(super) fn needs(call: &Call<'_>) -> Result<Needs, Malformed> {
    let node = call.envelope.one("data")?;
    node.period()?;
    let patient = patient(call, &node)?;
    let stays_at = [(call.envelope.institution, patient)].into();
    Ok(Needs { alone: [patient].into(), stays_at, ..Needs::default() })
}

/// 5303: stays here that began in the time and have not ended.
pub(super) fn stays(asked: &Asked<'_>) -> Result<Json, Asking> {
    let (call, facts) = (asked.call, &asked.rows.facts);
    let node = call.envelope.one("data")?;
    let within = node.period()?;
    let unknown = || Asking::Refused(vec![Reason::PersonUnknown { field: "psn_no".to_owned() }]);
    let person = facts.person_by(patient(call, &node)?).ok_or_else(unknown)?;
    let people = People::open(call.vault, &asked.rows.identities);
    let identity = people.get(person.no).ok_or_else(unknown)?;
    let is_here = |it: &&Visit| {
        let stays = it.stay.is_some_and(|stay| stay.discharged.is_none() && stay.settled.is_none());
        let own = it.patient == person.no && it.institution == call.envelope.institution;
        own && stays && !it.cancelled && within.contains(&it.begun)
    };
    let rows = facts.visits.values().filter(is_here).map(|it| row(asked, it, person, identity));
    Ok(object! { "data": rows.collect::<Vec<Json>>() })
}

fn row(asked: &Asked<'_>, visit: &Visit, person: &Person, identity: &Identity) -> Json {
    object! {
        "mdtrt_id": Json::text_of(visit.no),
        "psn_no": identity.psn_no.clone(),
        "psn_cert_type": identity.id_type.clone(),
        "certno": identity.id_number.clone(),
        "psn_name": identity.name.clone(),
        "gend": gend(person.sex),
        "brdy": person.born,
        "age": age(person, visit.begun.day()),
        "insutype": insutype(visit.scheme),
        "begndate": visit.begun.day(),
        "med_type": visit.med_type.clone().unwrap_or_default(),
        "ipt_otp_no": visit.own_no.clone().unwrap_or_default(),
        "out_flag": if is_from_elsewhere(&asked.rows.facts, visit) { "1" } else { "0" },
    }
}

/// Whether the patient is insured in another area than the institution's.
fn is_from_elsewhere(facts: &Facts, visit: &Visit) -> bool {
    let insured = facts.enrolments.get(&visit.enrolment).map(|it| it.area);
    let here = facts.institutions.get(&visit.institution).map(|it| it.area);
    insured.is_some() && insured != here
}
