//! 5205 慢特病用药, 5206 累计, 5301 慢特病备案, 5302 定点: how a patient stands, as far as anything is on file. Of what was
//! bought elsewhere nothing is told but what it adds to the sums that the next bill is reckoned by.

use super::json::{Json, object};
use super::setlinfo::insutype;
use super::visit::patient;
use super::wire::{Malformed, Node};
use super::{Asked, Asking, Call};
use domain::day::Day;
use domain::fund::Tally;
use domain::needs::Needs;
use domain::people::Person;
use domain::reason::Reason;
use domain::words::Scheme;
use std::collections::BTreeMap;

/// 5301: a person and nothing else.
pub(super) fn needs(call: &Call<'_>) -> Result<Needs, Malformed> {
    Ok(Needs { alone: [patient(call, &call.envelope.one("data")?)?].into(), ..Needs::default() })
}

/// The person who is asked about.
fn person<'a>(asked: &Asked<'a>) -> Result<&'a Person, Asking> {
    let lookup = patient(asked.call, &asked.call.envelope.one("data")?)?;
    let unknown = || Asking::Refused(vec![Reason::PersonUnknown { field: "psn_no".to_owned() }]);
    asked.rows.facts.person_by(lookup).ok_or_else(unknown)
}

/// 5301: no registration for outpatient treatment of a chronic disease is kept here, so there is none on file.
pub(super) fn diseases(asked: &Asked<'_>) -> Result<Json, Asking> {
    person(asked)?;
    Ok(object! { "feedetail": Json::List(Vec::new()) })
}

/// 5205.
pub(super) fn medicines_needs(call: &Call<'_>) -> Result<Needs, Malformed> {
    call.envelope.one("data")?.moment("begntime")?;
    needs(call)
}

/// 5205: what was bought under such a registration, of which there is none.
pub(super) fn medicines(asked: &Asked<'_>) -> Result<Json, Asking> {
    diseases(asked)
}

/// 5302.
pub(super) fn places_needs(call: &Call<'_>) -> Result<Needs, Malformed> {
    call.envelope.one("data")?.short("biz_appy_type", 3)?;
    needs(call)
}

/// 5302: nobody is tied to an institution here.
pub(super) fn places(asked: &Asked<'_>) -> Result<Json, Asking> {
    person(asked)?;
    Ok(object! { "psnfixmedin": Json::List(Vec::new()) })
}

/// Year and month of `cum_ym` (`yyyyMM`); month 0, the whole of this year, where it is empty.
fn asked_for(node: &Node<'_>, today: Day) -> Result<(i16, i8), Malformed> {
    let Some(text) = node.maybe("cum_ym")? else { return Ok((today.year(), 0)) };
    let whole = text.len() == 6 && text.bytes().all(|it| it.is_ascii_digit());
    let parts = whole.then(|| text.split_at(4));
    let read = parts.and_then(|(year, month)| Some((year.parse().ok()?, month.parse().ok()?)));
    let read = read.filter(|(_, month)| (0..=12).contains(month));
    read.ok_or_else(|| node.complain("cum_ym", "应是 yyyyMM；留空或月份填 00 查全年累计"))
}

/// 5206.
pub(super) fn sums_needs(call: &Call<'_>) -> Result<Needs, Malformed> {
    let node = call.envelope.one("data")?;
    let (year, _) = asked_for(&node, call.at.day())?;
    Ok(Needs { lookups: [patient(call, &node)?].into(), years: [year].into(), ..Needs::default() })
}

/// 5206: what counts towards deductible and ceiling, of a year or a month of it.
pub(super) fn sums(asked: &Asked<'_>) -> Result<Json, Asking> {
    let person = person(asked)?;
    let (year, month) = asked_for(&asked.call.envelope.one("data")?, asked.call.at.day())?;
    let mut sums: BTreeMap<Scheme, Tally> = BTreeMap::new();
    for (key, tally) in &asked.rows.facts.tallies {
        if key.person == person.no && (key.year, key.month) == (year, month) {
            let sum = sums.entry(key.scheme).or_default();
            *sum = sum.plus(*tally);
        }
    }
    let rows = sums.into_iter().flat_map(|(scheme, tally)| sums_of(scheme, (year, month), tally));
    Ok(object! { "cuminfo": rows.collect::<Vec<Json>>() })
}

/// One row for each kind of sum. The codes are ours: the table of national ones is not public.
fn sums_of(scheme: Scheme, (year, month): (i16, i8), tally: Tally) -> [Json; 3] {
    let sums = [("GJ_DEDC", tally.deductible), ("GJ_INSCP", tally.in_scope), ("GJ_FUND", tally.fund)];
    sums.map(|(code, sum)| {
        object! {
            "insutype": insutype(scheme),
            "year": Json::text_of(year),
            "cum_ym": format!("{year:04}{month:02}"),
            "cum_type_code": code,
            "cum": sum,
        }
    })
}
