//! The national hospital interface: an adapter that decodes messages into requests and encodes decisions; it knows
//! no rules. A transaction is a line in [`TRANSACTIONS`] and a decoder and encoder in the file of its group.

pub mod addresses;
pub mod fields;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod gateway;
pub mod json;
pub mod received;
pub mod wire;

mod asking;
mod catalogue_map;
mod catalogues;
mod charges;
mod deciding;
mod details;
mod diagnoses;
mod dictionary;
mod downloads;
mod extension;
mod failure;
mod files;
mod history;
mod in_hospital;
mod inside;
mod institution;
mod lines;
mod list;
mod message_query;
mod outpatient;
mod paging;
mod payment;
mod person;
mod pharmacy;
mod previews;
mod refusals;
mod repairs;
mod room;
mod sent;
mod setlinfo;
mod sign_in;
mod slip;
mod standing;
mod statement;
mod stay;
mod tables;
mod totals;
mod undo;
mod visit;
mod voucher;

use crate::app::App;
use crate::turn::Told;
use crate::vault::Vault;
use addresses::Address;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request as HttpRequest};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use domain::credential::Spoiled;
use domain::decision::Law;
use domain::ids::Lookup;
use domain::needs::Needs;
use domain::reason::Reason;
use domain::request::Body;
pub use failure::Failure;
use gateway::{Gateway, Opened, SignedBy};
pub(crate) use inside::{Inside, inside};
use json::Json;
pub use refusals::Refusals;
use sent::Sent;
use std::pin::Pin;
use std::sync::Arc;
use store::Rows;
use wire::{Envelope, Malformed, Stamp, answer};

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
    /// Reads what it needs by itself: files, pages of the books, what became of an earlier message.
    Runs(Run),
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

/// Answers by itself.
pub type Run = for<'a> fn(&'a App, &'a Call<'a>) -> Running<'a>;
/// An answer on its way.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<Answered, Failure>> + Send + 'a>>;

/// What is answered.
pub enum Answered {
    /// A message.
    Json(Vec<u8>),
    /// A file (9102).
    File(files::File),
}

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
    TRANSACTIONS.iter().chain(catalogues::TRANSACTIONS).chain(stay::TRANSACTIONS)
}

/// All but those about catalogues and stays. The `A` variants are the same nodes under another number.
const TRANSACTIONS: &[Transaction] = &[
    Transaction { infno: "9001", name: "签到", kind: Kind::Greets(sign_in::sign_in) },
    Transaction { infno: "9002", name: "签退", kind: Kind::Greets(sign_in::sign_out) },
    Transaction { infno: "1101", name: "人员信息获取", kind: Kind::Asks(person::needs, person::info) },
    Transaction {
        infno: voucher::SCAN,
        name: "医保电子凭证解码",
        kind: Kind::Runs(|app, call| Box::pin(voucher::scan(app, call))),
    },
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
        infno: "3201",
        name: "医药机构费用结算对总账",
        kind: Kind::Runs(|app, call| Box::pin(totals::run(app, call))),
    },
    Transaction {
        infno: "3202",
        name: "医药机构费用结算对明细账",
        kind: Kind::Runs(|app, call| Box::pin(details::run(app, call))),
    },
    Transaction {
        infno: "3301", name: "目录对照上传", kind: Kind::Commits(catalogue_map::decode, nothing)
    },
    Transaction {
        infno: "5201",
        name: "就诊信息查询",
        kind: Kind::Runs(|app, call| Box::pin(history::visits(app, call))),
    },
    Transaction {
        infno: "5202",
        name: "诊断信息查询",
        kind: Kind::Runs(|app, call| Box::pin(diagnoses::run(app, call))),
    },
    Transaction {
        infno: "5203",
        name: "结算信息查询",
        kind: Kind::Runs(|app, call| Box::pin(undo::query(app, call))),
    },
    Transaction {
        infno: "5204",
        name: "费用明细查询",
        kind: Kind::Runs(|app, call| Box::pin(history::fees(app, call))),
    },
    Transaction {
        infno: "5205",
        name: "人员慢特病用药记录查询",
        kind: Kind::Asks(standing::medicines_needs, standing::medicines),
    },
    Transaction {
        infno: "5206",
        name: "人员累计信息查询",
        kind: Kind::Asks(standing::sums_needs, standing::sums),
    },
    Transaction {
        infno: "5301",
        name: "人员慢特病备案查询",
        kind: Kind::Asks(standing::needs, standing::diseases),
    },
    Transaction {
        infno: "5302",
        name: "人员定点信息查询",
        kind: Kind::Asks(standing::places_needs, standing::places),
    },
    Transaction {
        infno: "9101",
        name: "文件上传",
        kind: Kind::Runs(|app, call| Box::pin(files::upload(app, call))),
    },
    Transaction {
        infno: "9102",
        name: "文件下载",
        kind: Kind::Runs(|app, call| Box::pin(files::download(app, call))),
    },
    Transaction {
        infno: "GJ01",
        name: "报文结果查询",
        kind: Kind::Runs(|app, call| Box::pin(message_query::run(app, call))),
    },
];

/// A message that was authenticated and decoded.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The message.
    pub envelope: &'a Envelope,
    /// The keys, for turning numbers into lookups.
    pub vault: &'a Vault,
    /// The moment, for what only greets.
    pub at: domain::day::Moment,
    /// What the medical code of a question proves; codes of what is decided are proved once all is decoded.
    pub proved: Option<Result<Lookup, Spoiled>>,
    /// The file that came with it.
    pub file: Option<&'a [u8]>,
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
    gateway: Arc<Gateway>,
}

/// The routes.
pub fn router(app: App) -> Router {
    let gateway = Arc::new(Gateway::since(app.clock.machine_now()));
    let hospital = Hospital { app: app.clone(), gateway };
    let router = addresses::router().layer(DefaultBodyLimit::max(sent::LONGEST_BODY)).with_state(hospital);
    router.merge(gateway::token::router(app))
}

async fn receive(hospital: &Hospital, request: HttpRequest, to: Address) -> Response {
    let (head, body) = request.into_parts();
    match answered(hospital, &head, body, &to).await {
        Ok(Answered::Json(answer)) => reply(answer),
        Ok(Answered::File(file)) => sent::file(file),
        Err(failure) => failure.into_response(&hospital.app),
    }
}

/// The answer to a message, as its sender's scheme has it.
async fn answered(
    hospital: &Hospital,
    head: &Parts,
    body: axum::body::Body,
    to: &Address,
) -> Result<Answered, Failure> {
    let (app, gateway) = (&hospital.app, &hospital.gateway);
    // Whoever names no key of ours is not listened to.
    let sender = gateway.who(app, &head.headers).await?;
    let sent = sent::read(head, body).await?;
    // Who would find no place in the queue is told so before any work is done for the message.
    if room::finds_no_place(app, &sender, to, &sent.message) {
        return Err(Failure::Busy);
    }
    let opened = gateway.verify(&sender, &sent.message)?;
    let answer = match run(hospital, &sender, &sent, &opened, to).await {
        Ok(Answered::Json(answer)) => answer,
        Ok(file @ Answered::File(_)) => return Ok(file),
        Err(failure) => failure.told(app)?,
    };
    Ok(Answered::Json(sender.close(&app.vault, to.formed(answer, &opened), &opened)))
}

fn reply(answer: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json;charset=UTF-8")], answer).into_response()
}

async fn run(
    hospital: &Hospital,
    sender: &SignedBy<'_>,
    sent: &Sent,
    opened: &Opened,
    to: &Address,
) -> Result<Answered, Failure> {
    let app = &hospital.app;
    let envelope = Envelope::read(&sent.message, opened.input.as_deref())?;
    if envelope.institution != sender.institution() {
        return Err(Malformed::new("fixmedins_code", "与签名密钥所属机构不一致").into());
    }
    let transaction = to.transaction(&envelope.infno)?;
    sender.signed(transaction.infno)?;
    let (at, file) = (app.clock.now(), sent.file.as_deref());
    let call = Call { envelope: &envelope, vault: &app.vault, at, proved: None, file };
    answer_to(app, &call, transaction).await
}

/// The answer to a message whose sender is known.
async fn answer_to(app: &App, call: &Call<'_>, transaction: &Transaction) -> Result<Answered, Failure> {
    let answered = match &transaction.kind {
        Kind::Commits(decode, encode) => deciding::commit(app, call, *decode, *encode).await,
        Kind::Previews(decode, encode) => deciding::preview(app, call, *decode, *encode).await,
        Kind::Asks(needs, answers) => return asking::ask(app, call, *needs, *answers).await,
        Kind::Greets(greet) => Ok(answer(&Stamp::fresh(call), Ok(greet(call)?))),
        Kind::Runs(run) => return run(app, call).await,
    };
    answered.map(Answered::Json)
}

/// A transaction without output.
fn nothing(_: &Told<'_>) -> Json {
    Json::Null
}
