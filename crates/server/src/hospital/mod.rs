//! The national hospital interface: an adapter that decodes messages into requests and encodes decisions; it knows
//! no rules. A transaction is a line in [`TRANSACTIONS`] and a decoder and encoder in the file of its group.

pub mod gateway;
pub mod json;
pub mod wire;

mod catalogue_map;
mod charges;
mod lines;
mod message_query;
mod outpatient;
mod person;
mod pharmacy;
mod previews;
mod refusals;
mod setlinfo;
mod sign_in;
mod slip;
mod stay;
mod undo;
mod visit;

use crate::app::App;
use crate::turn::{Encoder, NoAnswer, Submission, Told};
use crate::vault::{Vault, random};
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use domain::chain::encode;
use domain::decision::{Law, Outcome};
use domain::ids::Digest;
use domain::needs::Needs;
use domain::reason::Reason;
use domain::request::{Actor, Body, Key, Request, Sender};
use gateway::{SignedBy, Turned};
use json::{Json, object};
use previews::Kept;
use refusals::Refusals;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::{Attachments, Fault, Page, Query, Rows};
use wire::{Envelope, Malformed, Stamp, answer};

/// The longest message that is read: 2,000 lines fit well.
const LONGEST_BODY: usize = 4 * 1024 * 1024;

/// Paths of style (a), one address for everything, as several provinces have them.
const ONE_ADDRESS: &[&str] = &[
    "/hospital",
    "/fsi/api/rsfComIfsService/callService",
    "/mbs/fmi/fsi/api/callFsiService/callService",
    "/eapdomain/callService",
    "/CSB",
];

/// A transaction of the interface.
pub struct Transaction {
    /// Its number (`infno`).
    pub infno: &'static str,
    /// Its official name.
    pub name: &'static str,
    /// What it does.
    pub kind: Kind,
}

/// What a transaction does.
pub enum Kind {
    /// Changes something: goes through the flow.
    Commits(Decode, Encode),
    /// Decides in the same way and changes nothing.
    Previews(Decode, Encode),
    /// Asks for what is there.
    Asks(AskNeeds, Answer),
    /// Says hello; nothing to load.
    Greets(Greet),
    /// Asks what became of an earlier message.
    AsksOfMessage,
}

/// Reads a message into a request's body.
pub type Decode = fn(&Call<'_>) -> Result<Body, Malformed>;
/// Writes the output of a request that is done.
pub type Encode = fn(&Told<'_>) -> Json;
/// What an answer needs to have loaded.
pub type AskNeeds = fn(&Call<'_>) -> Result<Needs, Malformed>;
/// Writes the output of a question, or says why there is none.
pub type Answer = fn(&Asked<'_>) -> Result<Json, Asking>;
/// Writes the output of a greeting.
pub type Greet = fn(&Call<'_>) -> Result<Json, Malformed>;

/// Why a question has no answer.
pub enum Asking {
    /// It cannot be decoded.
    Malformed(Malformed),
    /// There is a reason.
    Refused(Vec<Reason>),
}

impl From<Malformed> for Asking {
    fn from(malformed: Malformed) -> Asking {
        Asking::Malformed(malformed)
    }
}

/// All transactions.
pub fn transactions() -> impl Iterator<Item = &'static Transaction> {
    TRANSACTIONS.iter().chain(stay::TRANSACTIONS)
}

/// All but those of stays. The `A` variants are the same nodes under another number.
const TRANSACTIONS: &[Transaction] = &[
    Transaction { infno: "9001", name: "签到", kind: Kind::Greets(sign_in::sign_in) },
    Transaction { infno: "9002", name: "签退", kind: Kind::Greets(sign_in::sign_out) },
    Transaction { infno: "1101", name: "人员信息获取", kind: Kind::Asks(person::needs, person::info) },
    Transaction {
        infno: "2001",
        name: "人员待遇享受检查",
        kind: Kind::Asks(person::check_needs, person::check),
    },
    Transaction {
        infno: "2101",
        name: "药店预结算",
        kind: Kind::Previews(pharmacy::decode, pharmacy::preview),
    },
    Transaction {
        infno: "2102", name: "药店结算", kind: Kind::Commits(pharmacy::decode, pharmacy::encode)
    },
    Transaction {
        infno: "2103",
        name: "药店结算撤销",
        kind: Kind::Commits(undo::decode_cancel, undo::encode_cancel),
    },
    Transaction {
        infno: "2201",
        name: "门诊挂号",
        kind: Kind::Commits(visit::decode_register, visit::encode_register),
    },
    Transaction {
        infno: "2202", name: "门诊挂号撤销", kind: Kind::Commits(visit::decode_cancel, nothing)
    },
    Transaction {
        infno: "2203",
        name: "门诊就诊信息上传",
        kind: Kind::Commits(visit::decode_state, nothing),
    },
    Transaction {
        infno: "2203A",
        name: "门诊就诊信息上传",
        kind: Kind::Commits(visit::decode_state, nothing),
    },
    Transaction {
        infno: "2204",
        name: "门诊费用明细上传",
        kind: Kind::Commits(lines::decode_upload, lines::encode_upload),
    },
    Transaction {
        infno: "2205",
        name: "门诊费用明细撤销",
        kind: Kind::Commits(lines::decode_remove, nothing),
    },
    Transaction {
        infno: "2206",
        name: "门诊预结算",
        kind: Kind::Previews(outpatient::decode, outpatient::preview),
    },
    Transaction {
        infno: "2206A",
        name: "门诊预结算",
        kind: Kind::Previews(outpatient::decode, outpatient::preview),
    },
    Transaction {
        infno: "2207",
        name: "门诊结算",
        kind: Kind::Commits(outpatient::decode, outpatient::encode),
    },
    Transaction {
        infno: "2207A",
        name: "门诊结算",
        kind: Kind::Commits(outpatient::decode, outpatient::encode),
    },
    Transaction {
        infno: "2208",
        name: "门诊结算撤销",
        kind: Kind::Commits(undo::decode_cancel, undo::encode_cancel),
    },
    Transaction {
        infno: "2601",
        name: "冲正",
        kind: Kind::Commits(undo::decode_reverse, undo::encode_reverse),
    },
    Transaction {
        infno: "3301", name: "目录对照上传", kind: Kind::Commits(catalogue_map::decode, nothing)
    },
    Transaction {
        infno: "5203", name: "结算信息查询", kind: Kind::Asks(undo::query_needs, undo::query)
    },
    Transaction { infno: "GJ01", name: "报文结果查询", kind: Kind::AsksOfMessage },
];

/// A message that was authenticated and decoded.
pub struct Call<'a> {
    /// The message.
    pub envelope: &'a Envelope,
    /// The keys, for turning numbers into lookups.
    pub vault: &'a Vault,
    /// The moment, for what only greets.
    pub at: domain::day::Moment,
}

/// What a question is answered from.
pub struct Asked<'a> {
    /// The message.
    pub call: &'a Call<'a>,
    /// What is loaded.
    pub rows: &'a Rows,
    /// The law in force.
    pub law: &'a Law,
    /// The moment.
    pub at: domain::day::Moment,
}

/// What every handler sees.
#[derive(Clone)]
struct Hospital {
    app: App,
    refusals: Arc<Refusals>,
}

/// The routes: URL styles (a) one address, and (b) base address and transaction number.
pub fn router(app: App) -> Router {
    let mut router = Router::new().route("/hospital/{infno}", post(by_number));
    for path in ONE_ADDRESS {
        router = router.route(path, post(one_address));
    }
    let hospital = Hospital { app, refusals: Arc::new(Refusals::default()) };
    router.layer(DefaultBodyLimit::max(LONGEST_BODY)).with_state(hospital)
}

type Sent = Result<Bytes, BytesRejection>;

async fn one_address(State(hospital): State<Hospital>, headers: HeaderMap, body: Sent) -> Response {
    receive(&hospital, &headers, body, None).await
}

async fn by_number(
    State(hospital): State<Hospital>,
    Path(infno): Path<String>,
    headers: HeaderMap,
    body: Sent,
) -> Response {
    receive(&hospital, &headers, body, Some(infno)).await
}

async fn receive(hospital: &Hospital, headers: &HeaderMap, body: Sent, path: Option<String>) -> Response {
    let app = &hospital.app;
    let answered = match gateway::authenticate(app, headers).await {
        // Who would find no place in the queue is told so before any work is done for the message.
        Ok(sender) if finds_no_place(app, &sender) => Err(Failure::Busy),
        Ok(sender) => run(hospital, &sender, body, path).await,
        Err(turned) => Err(turned.into()),
    };
    match answered {
        Ok(answer) => reply(answer),
        Err(failure) => failure.into_response(app),
    }
}

/// Whether a message would have to wait in the queue and find no place. Questions do not wait there: who is told that the
/// system is busy can ask what became of a message.
fn finds_no_place(app: &App, sender: &SignedBy) -> bool {
    let waits = |it: &Transaction| matches!(it.kind, Kind::Commits(..) | Kind::Previews(..));
    let waits = |it: &Transaction| waits(it) && sender.signed(it.infno).is_ok();
    !app.flow.has_room_for(Sender::Institution(sender.institution)) && transactions().any(waits)
}

fn reply(answer: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json;charset=UTF-8")], answer).into_response()
}

/// An answer that is no decision.
enum Failure {
    Malformed(Malformed),
    KeyReused,
    Busy,
    Turned(&'static str),
}

impl From<Turned> for Failure {
    fn from(turned: Turned) -> Failure {
        match turned {
            Turned::Away(message) => Failure::Turned(message),
            Turned::Fault(fault) => fault.into(),
        }
    }
}

impl From<Malformed> for Failure {
    fn from(malformed: Malformed) -> Failure {
        Failure::Malformed(malformed)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        tracing::warn!(%fault, "a message could not be answered");
        Failure::Busy
    }
}

impl From<NoAnswer> for Failure {
    fn from(reason: NoAnswer) -> Failure {
        match reason {
            NoAnswer::Busy => Failure::Busy,
            NoAnswer::KeyReused => Failure::KeyReused,
        }
    }
}

impl Failure {
    fn into_response(self, app: &App) -> Response {
        let message = match self {
            Failure::Malformed(malformed) => {
                format!(
                    "[MALFORMED] {}：{}。没有扣钱，改正后可用原 msgid 重发",
                    malformed.field, malformed.what
                )
            }
            Failure::KeyReused => {
                "[KEY_REUSED] msgid：此报文ID已用于另一笔内容。本次没有扣钱，新业务请换新的 msgid".to_owned()
            }
            Failure::Turned(message) => {
                return (StatusCode::UNAUTHORIZED, gateways_own(401, message)).into_response();
            }
            Failure::Busy => {
                let body =
                    gateways_own(503, "正在确认，请用同一 msgid 重发，或用 GJ01 查询结果；请勿重复收款");
                return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], body).into_response();
            }
        };
        let stamp = Stamp { area: "", sequence: u64::from_be_bytes(random()), at: app.clock.now() };
        reply(answer(&stamp, Err(message)))
    }
}

/// The form of what is no answer of a transaction.
fn gateways_own(code: i64, message: &'static str) -> Response {
    reply(object! { "code": Json::whole(code), "message": message }.written().into_bytes())
}

async fn run(
    hospital: &Hospital,
    sender: &SignedBy,
    body: Sent,
    path: Option<String>,
) -> Result<Vec<u8>, Failure> {
    let app = &hospital.app;
    let megabytes = LONGEST_BODY / 1024 / 1024;
    let body = body.map_err(|_| Malformed::new("报文", format!("没有收全，或超过 {megabytes} MB")))?;
    let envelope = Envelope::read(&body)?;
    if envelope.institution != sender.institution {
        return Err(Malformed::new("fixmedins_code", "与签名密钥所属机构不一致").into());
    }
    if path.is_some_and(|it| it != envelope.infno) {
        return Err(Malformed::new("infno", "与请求地址中的交易编号不一致").into());
    }
    let known = transactions().find(|it| it.infno == envelope.infno);
    let transaction = known.ok_or_else(|| Malformed::new("infno", "未知交易编号"))?;
    sender.signed(transaction.infno)?;
    let call = Call { envelope: &envelope, vault: &app.vault, at: app.clock.now() };
    let fresh = || Stamp { area: &envelope.area, sequence: u64::from_be_bytes(random()), at: call.at };
    match &transaction.kind {
        Kind::Commits(decode, encode) => commit(hospital, &call, *decode, *encode).await,
        Kind::Previews(decode, encode) => preview(app, &call, *decode, *encode).await,
        Kind::Asks(needs, answers) => ask(app, &call, *needs, *answers).await,
        Kind::Greets(greet) => Ok(answer(&fresh(), Ok(greet(&call)?))),
        Kind::AsksOfMessage => message_query::run(app, &call).await,
    }
}

/// The key of a message: authenticated institution and message id.
fn key(call: &Call<'_>) -> Key {
    Key { sender: Sender::Institution(call.envelope.institution), id: call.envelope.msgid.clone() }
}

/// "Same body" is transaction number and decoded input: time, sign-in number and device do not count.
fn request(call: &Call<'_>, body: Body) -> Request {
    let digest = Digest::of(&[call.envelope.infno.as_bytes(), &encode(&body)]);
    Request { key: key(call), digest, actor: Actor::Institution(call.envelope.institution), body }
}

async fn commit(
    hospital: &Hospital,
    call: &Call<'_>,
    decode: Decode,
    output: Encode,
) -> Result<Vec<u8>, Failure> {
    let app = &hospital.app;
    let request = request(call, decode(call)?);
    let (institution, now) = (call.envelope.institution, app.clock.machine_now());
    // What was answered before is answered again: that adds nothing to the store.
    if hospital.refusals.are_too_many(institution, now) && is_new(app, &request.key).await? {
        return Err(Failure::Busy);
    }
    let aside = previews::place_of(&request);
    let (area, texts) = (call.envelope.area.clone(), Arc::clone(&app.texts));
    let was_refused = Arc::new(AtomicBool::new(false));
    let refused = Arc::clone(&was_refused);
    let encode: Encoder = Arc::new(move |told| {
        let stamp = Stamp { area: &area, sequence: told.turn.serial.0, at: told.turn.at };
        let result = written(told, &texts, output, previews::kept(told).as_ref());
        refused.store(result.is_err(), Ordering::SeqCst);
        answer(&stamp, result)
    });
    let answer = app
        .flow
        .submit(Submission { request, attachments: Attachments::default(), aside, encode, is_kept: true })
        .await;
    if was_refused.load(Ordering::SeqCst) {
        hospital.refusals.count(institution, now);
    }
    Ok(answer?)
}

/// Whether nothing was answered under a key yet.
async fn is_new(app: &App, key: &Key) -> Result<bool, Fault> {
    Ok(matches!(app.store.page(&Query::Record(key.clone())).await?, Page::Record(None)))
}

fn written(
    told: &Told<'_>,
    texts: &crate::texts::AllTexts,
    output: Encode,
    last_preview: Option<&Kept>,
) -> Result<Json, String> {
    match &told.decision.outcome {
        Outcome::Done(_) => {
            let differs = last_preview.is_some_and(|it| it.differs(told));
            let more = if differs { &[previews::DIFFERED][..] } else { &[] };
            Ok(slip::with_explanation(output(told), told, texts, more))
        }
        Outcome::Refused(_) => Err(slip::refusal(told, texts)),
    }
}

/// Decides in its turn, like what is to be settled, and keeps nothing but the preview.
async fn preview(app: &App, call: &Call<'_>, decode: Decode, output: Encode) -> Result<Vec<u8>, Failure> {
    let request = request(call, decode(call)?);
    let place = previews::place_of(&request);
    let (area, texts, sequence) =
        (call.envelope.area.clone(), Arc::clone(&app.texts), u64::from_be_bytes(random()));
    let said = Arc::new(Mutex::new(None));
    let saying = Arc::clone(&said);
    let encode: Encoder = Arc::new(move |told| {
        *saying.lock().unwrap_or_else(PoisonError::into_inner) = previews::amounts(told);
        let stamp = Stamp { area: &area, sequence, at: told.turn.at };
        answer(&stamp, written(told, &texts, output, None))
    });
    let (attachments, aside) = (Attachments::default(), None);
    let preview = Submission { request, attachments, aside, encode, is_kept: false };
    let answer = app.flow.submit(preview).await?;
    let said = *said.lock().unwrap_or_else(PoisonError::into_inner);
    previews::keep(app, place, said, &answer).await;
    Ok(answer)
}

async fn ask(app: &App, call: &Call<'_>, needs: AskNeeds, answers: Answer) -> Result<Vec<u8>, Failure> {
    let mut needs = needs(call)?;
    needs.institutions.insert(call.envelope.institution);
    let rows = app.rows(needs).await?;
    let law = app.law().await?;
    let asked = Asked { call, rows: &rows, law: &law, at: call.at };
    let stamp = Stamp { area: &call.envelope.area, sequence: u64::from_be_bytes(random()), at: call.at };
    let result = match answers(&asked) {
        Ok(output) => Ok(output),
        Err(Asking::Malformed(malformed)) => return Err(malformed.into()),
        Err(Asking::Refused(reasons)) => Err(slip::refused(&asked, app, reasons)),
    };
    Ok(answer(&stamp, result))
}

/// A transaction without output.
fn nothing(_: &Told<'_>) -> Json {
    Json::Null
}
