//! Diagnoses of visits: what 2203, 2401, 2402 and 2403 state in `diseinfo`, and 5202 tells the same institution again. They
//! decide nothing and are no part of the books: they lie on the desk, sealed, in a drawer for each visit, and nobody else is
//! told of them (R-K2).

use super::asking::told;
use super::deciding;
use super::json::{Json, object};
use super::visit::visit_ref;
use super::wire::{Malformed, Node};
use super::{Answered, Asking, Call, Failure};
use crate::app::App;
use crate::vault::random;
use domain::chain::{decode, encode};
use domain::day::Moment;
use domain::decision::{Answer, Outcome};
use domain::facts::Visit;
use domain::ids::{InstitutionCode, VisitNo};
use domain::needs::Needs;
use domain::reason::Reason;
use domain::request::{Body, Key};
use domain::stay::{Admit, ChangeStay, Discharge, StayEvent};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Fault, Page, Query, Record};

/// The node.
const NODE: &str = "diseinfo";
/// The most that a message states; they are numbered with two digits.
const MOST: usize = 100;
/// How often diagnoses of a visit are stated at most.
const MOST_STATEMENTS: usize = 100;

/// At which end of a visit a diagnosis was made (`inout_diag_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum End {
    /// When it began; of out-patient visits, at all.
    In,
    /// At the discharge.
    Out,
}

impl End {
    /// That of the diagnoses of a transaction, and the node in which that names the visit; `None` where it has none.
    fn of(infno: &str) -> Option<(End, &'static str)> {
        match infno {
            "2203" | "2203A" | "2401" => Some((End::In, "mdtrtinfo")),
            "2402" => Some((End::Out, "dscginfo")),
            "2403" => Some((End::In, "adminfo")),
            _ => None,
        }
    }

    fn code(self) -> &'static str {
        match self {
            End::In => "1",
            End::Out => "2",
        }
    }
}

/// A diagnosis as it was stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Diagnosis {
    /// `diag_srt_no`: stated again with the same `diag_type`, it takes the place of the other. Western and Chinese
    /// diagnoses are numbered apart.
    order: u8,
    /// `vali_flag` 0 takes it back.
    is_valid: bool,
    made: Option<Moment>,
    /// The values of [`TEXTS`].
    texts: Vec<String>,
}

/// The fields that are told as they were stated, and how long each may be: twice the interface's length, since institutions
/// have longer ones.
const TEXTS: [(&str, usize); 8] = [
    ("diag_type", 3),
    ("maindiag_flag", 3),
    ("diag_code", 40),
    ("diag_name", 200),
    ("adm_cond", 500),
    ("diag_dept", 100),
    ("dise_dor_no", 60),
    ("dise_dor_name", 100),
];

impl Diagnosis {
    /// What it takes the place of, and what is told of it as `diag_info_id`.
    fn place(&self) -> (&str, u8) {
        (&self.texts[0], self.order)
    }
}

/// What a message states of diagnoses. A discharge states all that are made at it, even none.
#[derive(Serialize, Deserialize)]
pub(super) struct Stated {
    end: End,
    rows: Vec<Diagnosis>,
}

impl Stated {
    /// Reads what a message states; `None` where it has none, as most transactions.
    ///
    /// # Errors
    /// [`Malformed`] where there are too many, one cannot be read, or two have one number.
    pub(super) fn read(call: &Call<'_>) -> Result<Option<Stated>, Malformed> {
        let Some((end, _)) = End::of(&call.envelope.infno) else { return Ok(None) };
        let rows = call.envelope.any(NODE)?;
        if rows.len() > MOST {
            return Err(Malformed::new(NODE, format!("一次最多 {MOST} 行，收到 {} 行", rows.len())));
        }
        let mut stated = Vec::new();
        for (number, row) in (1..).zip(&rows) {
            let Some(it) = diagnosis(row, number)? else { continue };
            if stated.iter().any(|other: &Diagnosis| other.place() == it.place()) {
                return Err(row.complain("diag_srt_no", format!("{} 与前面一行重复", it.order)));
            }
            stated.push(it);
        }
        Ok(Some(Stated { end, rows: stated }).filter(|it| end == End::Out || !it.rows.is_empty()))
    }

    /// What of a message's sameness they are. The books keep it, so that it says nothing to who has not the keys.
    pub(super) fn mark(&self, app: &App) -> [u8; 32] {
        app.vault.fingerprint("diagnoses", &encode(self))
    }

    /// Whether there is still room for them.
    ///
    /// # Errors
    /// [`Malformed`] where diagnoses of the visit were stated too often.
    pub(super) async fn fits(&self, app: &App, call: &Call<'_>) -> Result<(), Failure> {
        let node = End::of(&call.envelope.infno).map(|(_, node)| call.envelope.one(node)).transpose()?;
        // An admission has no number yet.
        let Some(node) = node.filter(|_| call.envelope.infno != "2401") else { return Ok(()) };
        let drawer = drawer(call.envelope.institution, VisitNo(node.number("mdtrt_id")?));
        let kept = app.desk.list(&drawer, call.at).await?;
        // What was decided before is told again, whether there is room or not.
        if kept.len() < MOST_STATEMENTS || record(app, deciding::key(call)).await?.is_some() {
            return Ok(());
        }
        let what = format!("这次就诊的诊断已上传 {MOST_STATEMENTS} 次，不能再传");
        Err(Malformed::new(NODE, what).into())
    }

    /// Puts them into the drawer of their visit, once the message is done. A message that is sent again finds them there or
    /// puts them there: under the moment at which it was decided, whenever that is.
    ///
    /// # Errors
    /// A [`Fault`] where the store is away.
    pub(super) async fn keep(&self, app: &App, institution: InstitutionCode, key: Key) -> Result<(), Fault> {
        let Some(record) = record(app, key).await? else { return Ok(()) };
        let (Some(visit), key) = (visit_of(&record), key_of(&record)) else { return Ok(()) };
        let drawer = drawer(institution, visit);
        let sealed = app.vault.seal_about(&about(&drawer, &key), random(), &encode(self));
        app.desk.put(&drawer, &key, &sealed, None).await
    }
}

/// A row; `None` where it says nothing: no text, and no number that it takes back.
fn diagnosis(row: &Node<'_>, number: u8) -> Result<Option<Diagnosis>, Malformed> {
    let mut texts = Vec::with_capacity(TEXTS.len());
    for (field, most) in TEXTS {
        let text = row.maybe(field)?.map(|_| row.short(field, most)).transpose()?;
        texts.push(text.unwrap_or_default().to_owned());
    }
    let order = row.maybe("diag_srt_no")?.map(|it| order(row, it)).transpose()?;
    let made = row.maybe("diag_time")?.map(|_| row.moment("diag_time")).transpose()?;
    let is_valid = row.flag("vali_flag")?.unwrap_or(true);
    if texts.iter().all(String::is_empty) && (is_valid || order.is_none()) {
        return Ok(None);
    }
    Ok(Some(Diagnosis { order: order.unwrap_or(number), is_valid, made, texts }))
}

fn order(row: &Node<'_>, text: &str) -> Result<u8, Malformed> {
    let read = text.parse().ok().filter(|it| *it < 100);
    read.ok_or_else(|| row.complain("diag_srt_no", "应是 0 至 99 的整数"))
}

/// Each institution has its own, so that none learns from another's how full it is.
fn drawer(institution: InstitutionCode, visit: VisitNo) -> String {
    format!("diagnoses-of:{institution}:{visit}")
}

fn about(drawer: &str, key: &str) -> Vec<u8> {
    format!("{drawer}/{key}").into_bytes()
}

/// The record of a message, once there is one.
async fn record(app: &App, key: Key) -> Result<Option<Box<Record>>, Fault> {
    let Page::Record(record) = app.store.page(&Query::Record(key)).await? else {
        return Err(Fault::other_page());
    };
    Ok(record)
}

/// Where what a message states lies: in the order of decisions.
fn key_of(record: &Record) -> String {
    format!("{:014}:{:020}", record.turn.at.millis(), record.turn.serial.0)
}

/// The visit that a message was about, if it was done.
fn visit_of(record: &Record) -> Option<VisitNo> {
    let Outcome::Done(done) = &record.decision.outcome else { return None };
    match (&record.request.body, &done.answer) {
        (Body::StateVisit(it), _) => Some(it.of.visit),
        (Body::Stay(StayEvent::Admit(Admit { .. })), Answer::Visit(visit)) => Some(*visit),
        (Body::Stay(StayEvent::Discharge(Discharge { of, .. })), _)
        | (Body::Stay(StayEvent::Change(ChangeStay { of, .. })), _) => Some(of.visit),
        _ => None,
    }
}

/// 5202: the diagnoses of a visit here, in their order. Those of a discharge that was taken back are not told.
pub(super) async fn run(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    let node = call.envelope.one("data")?;
    let of = visit_ref(call, &node)?;
    let needs = Needs {
        alone: [of.patient].into(),
        visits_alone: [of.visit].into(),
        institutions: [call.envelope.institution].into(),
        ..Needs::default()
    };
    let rows = app.rows(needs).await?;
    let (patient, visit) = (rows.facts.lookups.get(&of.patient), rows.facts.visits.get(&of.visit));
    let own = visit.filter(|it| Some(&it.patient) == patient && it.institution == call.envelope.institution);
    // Of a visit that was cancelled nothing is told, here as in 5201.
    let stated = match own.filter(|it| !it.cancelled) {
        Some(visit) => stated_of(app, visit).await?,
        None => Vec::new(),
    };
    let psn_no = node.text("psn_no")?;
    told(app, call, &rows, |_| {
        if patient.is_none() {
            return Err(Asking::Refused(vec![Reason::PersonUnknown { field: "psn_no".to_owned() }]));
        }
        let visit = own.ok_or_else(|| Asking::Refused(vec![Reason::VisitUnknown {}]))?;
        let rows = stated.iter().map(|(at, end, it)| row(visit, psn_no, *at, *end, it));
        Ok(object! { "diseinfo": rows.collect::<Vec<Json>>() })
    })
    .await
}

/// The diagnoses of a visit that stand, each with the moment at which it was stated.
async fn stated_of(app: &App, visit: &Visit) -> Result<Vec<(Moment, End, Diagnosis)>, Fault> {
    let damaged = || Fault::Damaged("diagnoses do not open".to_owned());
    let drawer = drawer(visit.institution, visit.no);
    let mut standing: BTreeMap<(End, u8, String), (Moment, End, Diagnosis)> = BTreeMap::new();
    for (key, sealed) in app.desk.list(&drawer, app.clock.now()).await? {
        let plain = app.vault.open_about(&about(&drawer, &key), &sealed).map_err(|_| damaged())?;
        let at = key.split(':').next().and_then(|it| it.parse().ok()).ok_or_else(damaged)?;
        let Stated { end, rows } = decode(&plain).map_err(|_| damaged())?;
        if end == End::Out {
            standing.retain(|(other, ..), _| *other != End::Out);
        }
        for it in rows {
            let (kind, order) = it.place();
            standing.insert((end, order, kind.to_owned()), (Moment::from_millis(at), end, it));
        }
    }
    let left = visit.stay.is_none_or(|it| it.discharged.is_some());
    let stands = |(_, end, it): &(Moment, End, Diagnosis)| it.is_valid && (left || *end == End::In);
    Ok(standing.into_values().filter(stands).collect())
}

fn row(visit: &Visit, psn_no: &str, at: Moment, end: End, it: &Diagnosis) -> Json {
    let (kind, order) = it.place();
    let mut row = object! {
        "diag_info_id": format!("{}{}{kind}{order:02}", visit.no, end.code()),
        "mdtrt_id": Json::text_of(visit.no),
        "psn_no": psn_no.to_owned(),
        "inout_diag_type": end.code(),
        "diag_srt_no": Json::text_of(order),
    };
    for ((field, _), text) in TEXTS.into_iter().zip(&it.texts) {
        row.add(field, text.clone());
    }
    row.add("diag_time", it.made.map_or(Json::from(""), Json::from));
    row.add("opter_id", "");
    row.add("opter_name", "");
    row.add("opt_time", at);
    row
}
