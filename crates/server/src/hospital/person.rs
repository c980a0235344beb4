//! 1101 人员信息获取, 2001 人员待遇享受检查.

use super::json::{Json, object};
use super::setlinfo::{age, gend, insutype, psn_type};
use super::visit::{credential, patient, scheme};
use super::wire::Malformed;
use super::{Asked, Asking, Call};
use crate::people::People;
use crate::vault::Found;
use domain::credential::Credential;
use domain::day::Day;
use domain::facts::Facts;
use domain::ids::Lookup;
use domain::money::Fen;
use domain::needs::Needs;
use domain::people::Enrolment;
use domain::reason::Reason;
use domain::words::{Scheme, Standing};

/// Whom 1101 asks about: the holder of what was shown; and what has to be the same person's, where it is stated:
/// the ID number and the card's serial.
fn asked_for(call: &Call<'_>) -> Result<(Credential, Vec<Lookup>), Malformed> {
    let node = call.envelope.one("data")?;
    let shown = credential(call, &node)?;
    let certno = node.maybe("certno")?;
    let certno = certno.map(|it| call.vault.lookup(Found::IdDocument, it));
    let too = certno.into_iter().chain(shown.serial).collect();
    Ok((shown, too))
}

/// 1101.
pub(super) fn needs(call: &Call<'_>) -> Result<Needs, Malformed> {
    let (shown, too) = asked_for(call)?;
    Ok(Needs { lookups: [shown.holder].into_iter().chain(too).collect(), ..Needs::default() })
}

/// 1101: who it is, every enrolment with the person's own balance, nothing of relatives' money.
pub(super) fn info(asked: &Asked<'_>) -> Result<Json, Asking> {
    let (shown, too) = asked_for(asked.call)?;
    if let Some(spoiled) = shown.spoiled {
        return Err(Asking::Refused(vec![spoiled.into()]));
    }
    let facts = &asked.rows.facts;
    let unknown = || Asking::Refused(vec![Reason::PersonUnknown { field: "mdtrt_cert_no".to_owned() }]);
    let person = facts.person_by(shown.holder).ok_or_else(unknown)?;
    if too.iter().any(|it| facts.lookups.get(it) != Some(&person.no)) {
        return Err(Asking::Refused(vec![Reason::OwnCredentialRequired { patient: person.no }]));
    }
    let people = People::open(asked.call.vault, &asked.rows.identities);
    let identity = people.get(person.no).ok_or_else(unknown)?;
    let today = asked.at.day();
    let enrolments = facts.enrolments_of(person.no).map(|it| insurance(facts, it, today));
    Ok(object! {
        "baseinfo": object! {
            "psn_no": identity.psn_no.clone(),
            "psn_cert_type": identity.id_type.clone(),
            "certno": identity.id_number.clone(),
            "psn_name": identity.name.clone(),
            "gend": gend(person.sex),
            "naty": "",
            "brdy": person.born,
            "age": age(person, today),
            "exp_content": balances(facts, person.no, today),
        },
        "insuinfo": enrolments.collect::<Vec<Json>>(),
        "idetinfo": Json::List(Vec::new()),
    })
}

/// The two parts of the account, as some regions' clients know them.
fn balances(facts: &Facts, person: domain::ids::PersonNo, today: Day) -> String {
    let own = domain::purses::own(facts, person);
    let sum = |part: fn(&domain::purses::Purse, i16) -> Fen| -> Fen {
        own.iter().map(|it| part(it, today.year())).sum()
    };
    let current = sum(|it, year| it.balance.current_in(year));
    let prior = sum(|it, year| it.balance.prior_in(year));
    object! { "calYearBalc": prior, "crtYearBalc": current }.written()
}

fn insurance(facts: &Facts, enrolment: &Enrolment, today: Day) -> Json {
    let account = enrolment.personal_account().and_then(|it| facts.purses.get(&it));
    object! {
        "balc": account.map_or(Fen::ZERO, |it| it.whole()),
        "insutype": insutype(enrolment.scheme),
        "psn_type": psn_type(enrolment.category),
        "psn_insu_stas": psn_insu_stas(enrolment.standing(today)),
        "psn_insu_date": enrolment.from,
        "paus_insu_date": enrolment.paused_since(today),
        "cvlserv_flag": "0",
        "insuplc_admdvs": Json::text_of(enrolment.area),
        "emp_name": "",
    }
}

/// 人员参保状态.
fn psn_insu_stas(standing: Standing) -> &'static str {
    match standing {
        Standing::Normal => "1",
        Standing::Paused => "2",
        Standing::Ended => "4",
    }
}

/// 2001.
pub(super) fn check_needs(call: &Call<'_>) -> Result<Needs, Malformed> {
    let node = call.envelope.one("data")?;
    scheme(&node)?;
    node.moment("begntime")?;
    Ok(Needs { lookups: [patient(call, &node)?].into(), ..Needs::default() })
}

/// 2001: whether the scheme pays for this person on that day.
pub(super) fn check(asked: &Asked<'_>) -> Result<Json, Asking> {
    let node = asked.call.envelope.one("data")?;
    let (scheme, day) = (scheme(&node)?, node.moment("begntime")?.day());
    let facts = &asked.rows.facts;
    let unknown = || Asking::Refused(vec![Reason::PersonUnknown { field: "psn_no".to_owned() }]);
    let person = facts.person_by(patient(asked.call, &node)?).ok_or_else(unknown)?;
    let enrolment = facts.enrolment_in(person.no, scheme, day);
    let standing = enrolment.map_or(Standing::Ended, |it| it.standing(day));
    let result = match standing {
        Standing::Normal => "正常享受",
        Standing::Paused => "参保已暂停",
        Standing::Ended => "该日未参加该险种",
    };
    let row = object! {
        "psn_no": node.text("psn_no")?.to_owned(),
        "trt_chk_type": "01",
        "fund_pay_type": match scheme { Scheme::Employee => "310100", Scheme::Resident => "390100" },
        "trt_enjymnt_flag": if standing == Standing::Normal { "1" } else { "0" },
        "begndate": enrolment.map_or(day, |it| it.from),
        "enddate": enrolment.and_then(|it| it.to),
        "trt_chk_rslt": result,
    };
    Ok(object! { "trtinfo": vec![row] })
}
