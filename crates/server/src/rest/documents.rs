//! Documents shown at the counter, or sent by people themselves: photographs laid aside, what was shown or sent recorded by a
//! decision, and both read again.

use super::call::{Answer, Answered, Asking, Call};
use super::cases::bill_and_binding;
use super::id_number;
use super::people::{Who, of_person};
use super::problem::Problem;
use super::wire::{Instant, words};
use crate::looks::{Why, is_staff};
use crate::papers::{self, Kind, LARGEST, MOST_FOR_AN_ACT};
use crate::papers_under_way::Papers;
use crate::tokens::Role;
use crate::vault::unhex;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::decision::Turn;
use domain::documents::{Act, Document, RecordDocuments, Shown};
use domain::ids::{AmendmentNo, BindingNo, Digest, PersonNo, Serial};
use domain::request::Body;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{LAST_SERIAL, Page, Query};
use utoipa::ToSchema;

/// The most characters of a document's number.
const LONGEST_NUMBER: usize = 50;
/// So many documents of a person are looked through for what an act has already.
const LOOKED_THROUGH: u32 = 200;

/// The drawer of the desk that says how many photographs people have sent.
const SENT: &str = "photographs-laid";
/// So many photographs somebody sends in a day, without a clerk.
const LAID_IN_A_DAY: u32 = 24;
const DAY_MS: i64 = 86_400_000;

/// A photograph as a telephone or a scanner makes it.
#[derive(Debug, Clone, ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "it is sent as it is; this says so in the documentation")]
pub(crate) struct PhotographFile(Vec<u8>);

/// A photograph that lies aside.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PhotographLaid {
    /// What it is named by, 64 hexadecimal digits.
    photograph: String,
    /// What it is.
    #[schema(example = "image/jpeg")]
    media_type: &'static str,
    /// Until when it lies there, unless what is on record names it.
    until: Instant,
}

/// Documents that the person at the counter has shown, or that somebody sends for their own binding.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentsSent {
    /// For whom a clerk acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<Who>,
    /// For which binding.
    #[serde(skip_serializing_if = "Option::is_none")]
    binding: Option<u64>,
    /// For which case: settlement and binding, `7340032-4021`.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<String>,
    /// Which documents.
    documents: Vec<DocumentSent>,
}

/// A document that was shown.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentSent {
    /// What it is.
    kind: words::DocumentKind,
    /// How it was seen: by a clerk as `original` or `copy`; what people send themselves is `sent`.
    seen: words::SeenAs,
    /// Its number, like that of a marriage certificate; never an ID number.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// Photographs that were laid aside.
    #[serde(default)]
    photographs: Vec<String>,
}

/// Documents.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DocumentsView {
    documents: Vec<DocumentView>,
}

/// A document that was shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DocumentView {
    /// The decision that recorded it; none on the way.
    serial: Option<u64>,
    /// When.
    at: Option<Instant>,
    /// The number of the token of the clerk who saw it; none where it was sent.
    clerk: Option<u64>,
    /// For which binding.
    binding: Option<u64>,
    /// For which bill that is said to be somebody else's.
    settlement: Option<u64>,
    /// For which amendment.
    amendment: Option<u64>,
    kind: words::DocumentKind,
    seen: words::SeenAs,
    /// Its number, as long as it is kept.
    number: Option<String>,
    /// Photographs of it.
    photographs: Vec<String>,
}

/// A photograph.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PhotographView {
    /// What it is.
    #[schema(example = "image/jpeg")]
    media_type: &'static str,
    /// The photograph, in base 64.
    base64: String,
}

impl DocumentsSent {
    async fn act(&self, call: &Call) -> Result<Act, Problem> {
        match (self.binding, &self.case) {
            (Some(binding), None) => Ok(Act::Binding(BindingNo(binding))),
            (None, Some(case)) => {
                let (settlement, binding) = bill_and_binding(call, case).await?;
                Ok(Act::Case(settlement, binding))
            }
            _ => Err(Problem::malformed("binding", "Name either a binding or a case.")),
        }
    }
}

impl DocumentSent {
    /// The document with its number laid on the shelf, and its papers held.
    pub(super) async fn laid(&self, call: &Call, person: PersonNo, field: &str) -> Result<Document, Problem> {
        let number = match &self.number {
            Some(number) => {
                let number = own_number(number, &format!("{field}.number"))?;
                let laid = papers::lay(&call.app, person, Kind::Text, number.as_bytes()).await?;
                Some(laid.0)
            }
            None => None,
        };
        let photographs = self.digests(field)?;
        for paper in photographs.iter().chain(&number) {
            if !papers::hold(&call.app, person, *paper).await? {
                let remedy = "A photograph is not there: lay it aside for this person first, within a day.";
                return Err(Problem::malformed(&format!("{field}.photographs"), remedy));
            }
        }
        Ok(Document { kind: self.kind.0, seen: self.seen.0, number, photographs })
    }

    pub(super) fn digests(&self, field: &str) -> Result<Vec<Digest>, Problem> {
        let remedy = "A photograph is named by 64 hexadecimal digits.";
        let wrong = || Problem::malformed(&format!("{field}.photographs"), remedy);
        self.photographs.iter().map(|it| unhex(it).map(Digest).ok_or_else(wrong)).collect()
    }
}

/// The number of a document, if it is no ID number.
fn own_number<'a>(number: &'a str, field: &str) -> Result<&'a str, Problem> {
    let number = number.trim();
    if id_number::read(number).is_some() {
        return Err(Problem::malformed(field, "This is an ID number: leave it out, the person has it."));
    }
    let right = (1..=LONGEST_NUMBER).contains(&number.chars().count());
    let remedy = format!("Write 1 to {LONGEST_NUMBER} characters, or leave it out.");
    right.then_some(number).ok_or_else(|| Problem::malformed(field, remedy))
}

/// Whether somebody who sends photographs themselves has not sent too many in a day: what nothing names lies there until
/// then, and is thrown away.
async fn may_lay(call: &Call, person: PersonNo) -> Result<bool, Problem> {
    let now = call.app.clock.now();
    for place in 0..LAID_IN_A_DAY {
        let key = format!("{}-{place}", person.0);
        if call.app.desk.claim(SENT, &key, b"", now.plus_millis(DAY_MS), now).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `POST /persons/{no}/photographs`.
pub(crate) async fn lay(call: Call) -> Answered {
    let person = call.person()?;
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let remedy = format!("Send a photograph as JPEG or PNG, at most {} MiB.", LARGEST >> 20);
    let found = Kind::of_photograph(&call.bytes).ok_or_else(|| Problem::malformed("body", remedy))?;
    let (kind, bytes) = found;
    if call.token.role == Role::Citizen && !may_lay(&call, person).await? {
        let detail = "So many photographs were sent within a day. Send more tomorrow, or show the documents at a hall.";
        return Err(Problem::too_many("body", detail));
    }
    let (digest, until) = papers::lay(&call.app, person, kind, bytes).await?;
    let view = PhotographLaid {
        photograph: digest.to_string(),
        media_type: kind.media_type(),
        until: Instant::of(until),
    };
    Ok(Answer::of(StatusCode::CREATED, &view))
}

/// `POST /documents`.
pub(crate) async fn record(call: Call) -> Answered {
    let sent: DocumentsSent = call.body()?;
    if let Some(answer) = call.answered_before(&sent).await? {
        return Ok(answer);
    }
    let act = sent.act(&call).await?;
    if sent.documents.is_empty() || sent.documents.len() > MOST_FOR_AN_ACT {
        let remedy = format!("Record 1 to {MOST_FOR_AN_ACT} documents at a time.");
        return Err(Problem::malformed("documents", remedy));
    }
    let actor = call.actor(sent.on_behalf_of.as_ref()).await?;
    let person = actor
        .person()
        .ok_or_else(|| Problem::forbidden("People send documents, and clerks record what was shown."))?;
    has_room(&call, &sent, person, act).await?;
    let mut documents = Vec::new();
    for (at, document) in sent.documents.iter().enumerate() {
        documents.push(document.laid(&call, person, &format!("documents[{at}]")).await?);
    }
    let recorded: Vec<DocumentView> =
        sent.documents.iter().map(|it| DocumentView::on_the_way(it, act)).collect();
    let named = documents.iter().flat_map(Document::papers).collect();
    let body = Body::RecordDocuments(RecordDocuments { act, documents });
    let view = move |_: &super::telling::Teller<'_>, _: &domain::decision::Answer| DocumentsView {
        documents: recorded.clone(),
    };
    call.submit_papers(&sent, Asking::to(actor, body).creating(), Papers { person, named }, view).await
}

/// An act has room for so many photographs; those it has already are not counted twice.
async fn has_room(call: &Call, sent: &DocumentsSent, person: PersonNo, act: Act) -> Result<(), Problem> {
    let known = on_record(call, person, LOOKED_THROUGH).await?;
    let known = known.iter().filter(|(_, it)| it.act == act).flat_map(|(_, it)| &it.document.photographs);
    let mut all: BTreeSet<Digest> = known.copied().collect();
    for (at, document) in sent.documents.iter().enumerate() {
        all.extend(document.digests(&format!("documents[{at}]"))?);
    }
    let remedy = format!("There is room for {MOST_FOR_AN_ACT} photographs for one act.");
    (all.len() <= MOST_FOR_AN_ACT).then_some(()).ok_or_else(|| Problem::malformed("documents", remedy))
}

async fn on_record(call: &Call, person: PersonNo, limit: u32) -> Result<Vec<(Turn, Shown)>, Problem> {
    let Page::Documents(found) = call.app.store.page(&Query::Documents { person, limit }).await? else {
        return Err(Problem::busy());
    };
    Ok(found)
}

/// Whether somebody has shown or sent documents for an act.
pub(super) async fn are_on_record(call: &Call, person: PersonNo, act: Act) -> Result<bool, Problem> {
    Ok(on_record(call, person, LOOKED_THROUGH).await?.iter().any(|(_, it)| it.act == act))
}

/// The amendment that the caller asks about, if about one.
fn amendment(call: &Call) -> Result<Option<AmendmentNo>, Problem> {
    let Some(text) = call.query.get("amendment") else { return Ok(None) };
    let read = text.parse().ok().map(AmendmentNo);
    let read = read.filter(|it| Serial::creator_of(it.0) <= LAST_SERIAL);
    read.map(Some).ok_or_else(|| Problem::malformed("amendment", "Write our number of an amendment."))
}

/// What was shown for an amendment: all of it stands in the decision that proposed it, however much was shown since.
async fn shown_for(
    call: &Call,
    person: PersonNo,
    amendment: AmendmentNo,
) -> Result<Vec<(Turn, Shown)>, Problem> {
    let serial = Serial::creator_of(amendment.0);
    let query = Query::Records { from: serial, to: serial, limit: 1 };
    let Page::Records(found) = call.app.store.page(&query).await? else { return Err(Problem::busy()) };
    let Some(record) = found.first() else { return Ok(Vec::new()) };
    let documents = record.decision.changes().into_iter().flat_map(|it| &it.documents);
    let of_it = documents.filter(|it| it.person == person && it.act == Act::Amendment(amendment));
    Ok(of_it.map(|it| (record.turn, it.clone())).collect())
}

impl DocumentView {
    fn plain(kind: words::DocumentKind, seen: words::SeenAs, act: Act) -> DocumentView {
        let (binding, settlement) = match act {
            Act::Binding(binding) => (Some(binding.0), None),
            Act::Case(settlement, binding) => (Some(binding.0), Some(settlement.0)),
            Act::Amendment(_) => (None, None),
        };
        let amendment = match act {
            Act::Amendment(no) => Some(no.0),
            Act::Binding(_) | Act::Case(..) => None,
        };
        let (serial, at, clerk, number) = (None, None, None, None);
        DocumentView {
            serial,
            at,
            clerk,
            binding,
            settlement,
            amendment,
            kind,
            seen,
            number,
            photographs: Vec::new(),
        }
    }

    fn on_the_way(sent: &DocumentSent, act: Act) -> DocumentView {
        DocumentView {
            number: sent.number.as_deref().map(|it| it.trim().to_owned()),
            photographs: sent.photographs.clone(),
            ..DocumentView::plain(sent.kind, sent.seen, act)
        }
    }

    async fn of(call: &Call, turn: Turn, shown: &Shown) -> Result<DocumentView, Problem> {
        let document = &shown.document;
        let number = match document.number {
            Some(digest) => papers::open(&call.app, shown.person, digest).await?,
            None => None,
        };
        let kind = words::DocumentKind(document.kind);
        Ok(DocumentView {
            serial: Some(turn.serial.0),
            at: Some(Instant::of(turn.at)),
            clerk: shown.clerk,
            number: number.and_then(|it| String::from_utf8(it.bytes).ok()),
            photographs: document.photographs.iter().map(Digest::to_string).collect(),
            ..DocumentView::plain(kind, words::SeenAs(document.seen), shown.act)
        })
    }
}

/// `GET /persons/{no}/documents`.
pub(crate) async fn of(call: Call) -> Answered {
    let (person, limit) = (call.person()?, call.limit()?);
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let found = match amendment(&call)? {
        Some(amendment) => shown_for(&call, person, amendment).await?,
        None => on_record(&call, person, limit).await?,
    };
    let mut documents = Vec::new();
    for (turn, shown) in found {
        documents.push(DocumentView::of(&call, turn, &shown).await?);
    }
    Ok(Answer::ok(&DocumentsView { documents }))
}

/// `GET /persons/{no}/photographs/{digest}`.
pub(crate) async fn photograph(call: Call) -> Answered {
    let person = call.person()?;
    if is_staff(call.token.role) && call.why == Why::Unstated {
        let remedy = "Say why you look at a photograph of somebody's document.";
        return Err(Problem::malformed(super::looks::HEADER, remedy));
    }
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let digest = unhex(&call.text("digest")).map(Digest).ok_or_else(|| Problem::not_found("photograph"))?;
    let found = papers::open(&call.app, person, digest).await?.filter(|it| it.kind != Kind::Text);
    let found = found.ok_or_else(|| Problem::not_found("photograph"))?;
    let view = PhotographView { media_type: found.kind.media_type(), base64: STANDARD.encode(&found.bytes) };
    Ok(Answer::ok(&view))
}
