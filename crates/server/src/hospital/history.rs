//! 5201 就诊信息, 5204 费用明细: what an institution did for a patient. What others did is not told.

use super::asking::told;
use super::json::{Json, object};
use super::lines;
use super::setlinfo::{age, gend, insutype, psn_type};
use super::visit::patient;
use super::wire::{Malformed, Node};
use super::{Answered, Asking, Call, Failure, undo};
use crate::app::App;
use crate::people::{Identity, People};
use domain::benefit::Whom;
use domain::bill::{Judged, Line, adjudicate};
use domain::day::Moment;
use domain::decision::{Law, Turn};
use domain::facts::{Facts, Settlement, Visit};
use domain::ids::{PersonNo, Serial, SettlementNo, VisitNo};
use domain::money::Total;
use domain::needs::Needs;
use domain::reason::Reason;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use store::{Fault, Page, Query, Record};

/// The most visits that are told at once.
const MOST_VISITS: usize = 200;
/// How many settlements of a patient are looked through at once.
const PAGE: u32 = 200;

/// Which visits 5201 asks for.
struct Wanted {
    within: RangeInclusive<Moment>,
    med_type: Option<String>,
    visit: Option<VisitNo>,
}

impl Wanted {
    fn read(node: &Node<'_>) -> Result<Wanted, Malformed> {
        Ok(Wanted {
            within: node.period()?,
            med_type: node.maybe("med_type")?.map(str::to_owned),
            visit: node.maybe("mdtrt_id")?.map(|_| node.number("mdtrt_id").map(VisitNo)).transpose()?,
        })
    }

    fn takes(&self, it: &Visit) -> bool {
        !it.cancelled
            && (self.visit.is_some() || self.within.contains(&it.begun))
            && (self.med_type.is_none() || self.med_type == it.med_type)
    }
}

/// 5201: the institution's visits of a patient that began in a time. Out-patient visits that
/// nothing was settled of are told by their number only: nothing else leads to them.
pub(super) async fn visits(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    let node = call.envelope.one("data")?;
    let (lookup, wanted) = (patient(call, &node)?, Wanted::read(&node)?);
    let found = app.rows(Needs { lookups: [lookup].into(), ..Needs::default() }).await?;
    let mut visits: BTreeSet<VisitNo> = wanted.visit.into_iter().collect();
    if let (Some(person), None) = (found.facts.lookups.get(&lookup), wanted.visit) {
        visits = settled_visits(app, call, *person, *wanted.within.start()).await?;
    }
    let needs = Needs {
        lookups: [lookup].into(),
        visits_alone: visits,
        stays_at: [(call.envelope.institution, lookup)].into(),
        institutions: [call.envelope.institution].into(),
        ..Needs::default()
    };
    let rows = app.rows(needs).await?;
    told(app, call, &rows, |asked| {
        let facts = &asked.rows.facts;
        let person = facts.person_by(lookup).ok_or_else(unknown)?;
        let people = People::open(call.vault, &asked.rows.identities);
        let identity = people.get(person.no).ok_or_else(unknown)?;
        let own = |it: &&Visit| it.patient == person.no && it.institution == call.envelope.institution;
        let told: Vec<&Visit> = facts.visits.values().filter(own).filter(|it| wanted.takes(it)).collect();
        if told.len() > MOST_VISITS {
            let what = format!("期间内超过 {MOST_VISITS} 次就诊，请缩短期间");
            return Err(Asking::Malformed(node.complain("endtime", what)));
        }
        Ok(object! { "mdtrtinfo": told.iter().map(|it| visit(facts, it, identity)).collect::<Vec<Json>>() })
    })
    .await
}

fn unknown() -> Asking {
    Asking::Refused(vec![Reason::PersonUnknown { field: "psn_no".to_owned() }])
}

/// Visits of a patient here of which something was settled since a moment.
async fn settled_visits(
    app: &App,
    call: &Call<'_>,
    person: PersonNo,
    since: Moment,
) -> Result<BTreeSet<VisitNo>, Fault> {
    let (mut found, mut before) = (BTreeSet::new(), None);
    while found.len() <= MOST_VISITS {
        let query = Query::Settlements { person, before, limit: PAGE };
        let Page::Settlements(page) = app.store.page(&query).await? else { return Err(Fault::other_page()) };
        let own = |it: &&Settlement| {
            it.patient == person && it.institution == call.envelope.institution && it.at >= since
        };
        found.extend(page.iter().filter(own).map(|it| it.visit));
        match page.last() {
            Some(last) if last.at >= since => {
                before = Some(Turn { serial: Serial::creator_of(last.no.0), at: last.at });
            }
            _ => break,
        }
    }
    Ok(found)
}

fn visit(facts: &Facts, it: &Visit, identity: &Identity) -> Json {
    let (person, enrolment) = (facts.persons.get(&it.patient), facts.enrolments.get(&it.enrolment));
    let mut fields = vec![
        ("mdtrt_id", Json::text_of(it.no)),
        ("psn_no", identity.psn_no.clone().into()),
        ("psn_cert_type", identity.id_type.clone().into()),
        ("certno", identity.id_number.clone().into()),
        ("psn_name", identity.name.clone().into()),
        ("gend", person.map(|it| gend(it.sex)).into()),
        ("brdy", person.map(|it| it.born).into()),
        ("age", person.map(|person| age(person, it.begun.day())).into()),
        ("insutype", insutype(it.scheme).into()),
        ("psn_type", enrolment.map(|it| psn_type(it.category)).into()),
        ("cvlserv_flag", "0".into()),
        ("insu_optins", enrolment.map(|it| Json::text_of(it.area)).into()),
        ("begntime", it.begun.into()),
        ("med_type", it.med_type.clone().unwrap_or_default().into()),
        ("ipt_otp_no", it.own_no.clone().into()),
    ];
    fields.extend(ending(it));
    fields.extend(NOT_KNOWN.map(|name| (name, Json::Null)));
    Json::Object(fields)
}

/// When a visit ended, and what follows from that. Out-patients come and go; who is in hospital has not left.
fn ending(it: &Visit) -> [(&'static str, Json); 4] {
    let Some(stay) = it.stay else {
        return [
            ("endtime", it.begun.into()),
            ("inhosp_stas", Json::Null),
            ("ipt_days", Json::Null),
            ("ars_year_ipt_flag", Json::Null),
        ];
    };
    let days = |end: Moment| i64::from(end.day().days_since(it.begun.day())).max(1);
    let flag = |it: bool| Json::from(if it { "1" } else { "0" });
    [
        ("endtime", stay.discharged.into()),
        ("inhosp_stas", flag(stay.discharged.is_none())),
        ("ipt_days", stay.discharged.map(|end| Json::whole(days(end))).into()),
        ("ars_year_ipt_flag", flag(it.years().max() != it.years().min())),
    ]
}

/// What 5201 has fields for, and we are not told or do not keep.
const NOT_KNOWN: [&str; 42] = [
    "naty",
    "coner_name",
    "tel",
    "maf_psn_flag",
    "flxempe_flag",
    "nwb_flag",
    "emp_name",
    "mdtrt_cert_type",
    "pre_pay_flag",
    "medrcdno",
    "atddr_no",
    "chfpdr_name",
    "adm_dept_codg",
    "adm_dept_name",
    "adm_bed",
    "dscg_maindiag_code",
    "dscg_maindiag_name",
    "dscg_dept_codg",
    "dscg_dept_name",
    "dscg_bed",
    "dscg_way",
    "main_cond_dscr",
    "dise_codg",
    "dise_name",
    "oprn_oprt_code",
    "oprn_oprt_name",
    "otp_diag_info",
    "die_date",
    "fpsc_no",
    "matn_type",
    "birctrl_type",
    "latechb_flag",
    "geso_val",
    "fetts",
    "fetus_cnt",
    "pret_flag",
    "birctrl_matn_date",
    "cop_flag",
    "opter_id",
    "opter_name",
    "opt_time",
    "memo",
];

/// 5204: the lines of a settlement as they were judged; of a cancellation, those of what it undid, with amounts negated.
pub(super) async fn fees(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    let rows = app.rows(undo::query_needs(call)?).await?;
    let record = match undo::own(call, &rows)? {
        Some(it) => Some((it, record(app, it.undoes.unwrap_or(it.no)).await?)),
        None => None,
    };
    let listed = match record {
        Some((it, record)) => {
            let law = app.laws.find(record.law, &*app.store).await?;
            Some(listed(it, &record, &law)?)
        }
        None => None,
    };
    told(app, call, &rows, |_| {
        listed.map(Json::List).ok_or_else(|| Asking::Refused(vec![Reason::SettlementUnknown {}]))
    })
    .await
}

/// The record that made a settlement.
async fn record(app: &App, no: SettlementNo) -> Result<Record, Fault> {
    let serial = Serial::creator_of(no.0);
    let query = Query::Records { from: serial, to: serial, limit: 1 };
    let Page::Records(records) = app.store.page(&query).await? else { return Err(Fault::other_page()) };
    records.into_iter().next().ok_or_else(|| Fault::Damaged("a settlement has no record".to_owned()))
}

/// The lines that a record settled, judged again by the law and the facts it was decided on.
fn listed(it: &Settlement, record: &Record, law: &Law) -> Result<Vec<Json>, Fault> {
    let damaged = || Fault::Damaged("a settlement cannot be judged again".to_owned());
    let facts: Facts = domain::chain::decode(&record.facts).map_err(|_| damaged())?;
    let changes = record.decision.changes().ok_or_else(damaged)?;
    let no = it.undoes.unwrap_or(it.no);
    let taken = changes.batches.iter().filter(|(_, _, batch)| batch.settled == Some(no));
    let lines: Vec<Line> = taken.flat_map(|(_, _, batch)| batch.rest()).collect();
    let visits = changes.visits.iter().chain(facts.visits.values());
    let visit = visits.into_iter().find(|visit| visit.no == it.visit).ok_or_else(damaged)?;
    let institution = facts.institutions.get(&it.institution).ok_or_else(damaged)?;
    let person = facts.persons.get(&it.patient).ok_or_else(damaged)?;
    let enrolment = facts.enrolments.get(&visit.enrolment).ok_or_else(damaged)?;
    let whom = Whom {
        level: institution.level,
        category: enrolment.category,
        age: it.service_day.age_of(person.born),
        contract: enrolment.contract,
        stay: 0,
    };
    let judged = Judged { area: it.area, institution: it.institution, day: it.service_day, whom };
    let (splits, _) = adjudicate(&lines, judged, &facts, law).map_err(|_| damaged())?;
    let told: Total = splits.iter().map(|it| Total::credit(it.cost)).sum();
    if told != Total::credit(it.shared.total) {
        return Err(damaged());
    }
    let rows = lines.iter().zip(&splits).map(|(line, split)| {
        let code = facts.national_code(it.institution, line);
        lines::fee(it, visit.begun, line, code, split, law)
    });
    Ok(rows.collect())
}
