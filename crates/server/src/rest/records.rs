//! What is on record: why something was decided as it was, and what became of a request.

use super::call::{Answer, Answered, Call};
use super::explain::said;
use super::problem::{Problem, ReasonView, reasons};
use super::telling::{PersonRef, Seen, StepView, Teller};
use super::wire::{Civil, Instant};
use crate::answers;
use crate::tokens::{Role, bearer};
use domain::decision::{Decision, Outcome};
use domain::explanation::{Case, Explanation, Told, explain};
use domain::facts::Facts;
use domain::ids::{Area, InstitutionCode, Lookup, PersonNo, Serial};
use domain::needs::Needs;
use domain::request::{Actor, Body, Key, Request, Sender};
use domain::slip_no::{SlipKey, SlipNo};
use domain::texts::{Reader, Viewer};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use store::{Fault, Page, Query, Record};
use utoipa::ToSchema;

/// A decision as it was made.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DecisionView {
    serial: u64,
    /// The number that is printed on the slip, and by which a counter finds the case.
    #[schema(example = "7K2M-9QXD-4A0")]
    slip: Option<String>,
    /// When it was committed.
    decided: Instant,
    /// What was asked.
    #[schema(example = "bind")]
    asked: String,
    /// Who asked.
    by: AskedByView,
    /// `done` or `refused`.
    outcome: &'static str,
    /// What it made, where it made something with a number.
    made: Option<&'static str>,
    /// Its number.
    number: Option<u64>,
    /// Why it was refused.
    reasons: Vec<ReasonView>,
    /// How it came to that, each step with the source of what the law says.
    steps: Vec<StepView>,
    /// The same for people: conclusion, reasons with what can be done, steps, who pays what.
    #[schema(value_type = Object)]
    explanation: Explanation,
    /// Version of the deciding code.
    engine: u16,
    /// Digest of the law book.
    law: String,
}

/// On whose authority something was asked, and by whom.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AskedByView {
    /// `citizen` in their own session, `clerk` at a service hall, `operator` or `institution`.
    #[schema(example = "clerk")]
    role: &'static str,
    /// In whose name, where a person asked.
    person: Option<PersonRef>,
    /// The number of the token or login of whoever of the staff asked.
    token: Option<u64>,
    /// What that token or login is for, in the words of whoever made it.
    #[schema(example = "hall1")]
    label: Option<String>,
}

/// What became of a request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RequestView {
    /// `decided`; `in_flight`: ask again; `unknown`: it never arrived, or was not let in.
    state: &'static str,
    /// The decision.
    serial: Option<u64>,
    /// When it was committed.
    decided: Option<Instant>,
    /// `done` or `refused`.
    outcome: Option<&'static str>,
    /// Codes of the reasons of a refusal.
    codes: Vec<&'static str>,
    /// The HTTP status that was answered; for the caller's own requests only.
    status: Option<u16>,
    /// The answer as it was given; for the caller's own requests only.
    answer: Option<Value>,
}

/// What became of a bill, for whoever holds the slip.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SlipView {
    /// The number, as it is printed.
    slip: String,
    /// The day.
    day: Civil,
    /// Whether it was refused.
    refused: bool,
    /// What came of it, in one line.
    conclusion: String,
    /// What became of the money, where it was refused.
    money: Option<String>,
    /// Why, most fixable first.
    reasons: Vec<SlipReason>,
}

/// A reason that speaks of nobody.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SlipReason {
    code: &'static str,
    /// One line for people.
    line: String,
    /// The rule it comes from.
    rule: String,
    /// What says so: document, article, date.
    source: Option<String>,
}

impl SlipReason {
    fn of(it: Told) -> SlipReason {
        SlipReason { code: it.code, line: it.line, rule: it.rule, source: it.source.map(|it| it.text) }
    }
}

fn outcome_word(decision: &Decision) -> &'static str {
    match decision.outcome {
        Outcome::Done(_) => "done",
        Outcome::Refused(_) => "refused",
    }
}

/// What was asked, as a word: the variant's name.
fn asked(body: &Body) -> String {
    let debug = format!("{body:?}");
    let name = debug.split('(').next().unwrap_or_default();
    super::telling::word_of(&format_args!("{name}"))
}

/// Which token or login of the staff asked.
fn bearer_no(actor: Actor) -> Option<u64> {
    match actor {
        Actor::Clerk { clerk, .. } => Some(clerk.token),
        Actor::Operator { token } => Some(token),
        Actor::Citizen(_) | Actor::Institution(_) => None,
    }
}

impl AskedByView {
    fn of(teller: &Teller<'_>, actor: Actor, label: Option<String>) -> AskedByView {
        let role = match actor {
            Actor::Citizen(_) => "citizen",
            Actor::Clerk { .. } => "clerk",
            Actor::Operator { .. } => "operator",
            Actor::Institution(_) => "institution",
        };
        let person = actor.person().map(|it| teller.person(it));
        AskedByView { role, person, token: bearer_no(actor), label }
    }
}

impl DecisionView {
    fn of(teller: &Teller<'_>, record: &Record, key: &SlipKey, label: Option<String>) -> DecisionView {
        let (made, number) = match &record.decision.outcome {
            Outcome::Done(done) => said(&done.answer),
            Outcome::Refused(_) => ("", None),
        };
        let (request, facts, law) = (&record.request, teller.facts, teller.law);
        let case = Case { request, turn: record.turn, facts, law };
        DecisionView {
            serial: record.turn.serial.0,
            slip: SlipNo::of(record.turn.serial, key).map(|it| it.to_string()),
            decided: Instant::of(record.turn.at),
            asked: asked(&record.request.body),
            by: AskedByView::of(teller, record.request.actor, label),
            outcome: outcome_word(&record.decision),
            made: number.map(|_| made),
            number,
            reasons: reasons(record.decision.reasons(), teller),
            steps: teller.steps(&record.decision.steps),
            explanation: explain(case, &record.decision, teller.reader()),
            engine: record.engine,
            law: record.law.to_string(),
        }
    }
}

/// Whose bill a request is about, if it is about one.
fn patient(body: &Body) -> Option<Lookup> {
    match body {
        Body::Register(it) => Some(it.patient),
        Body::CancelVisit(it) => Some(it.patient),
        Body::StateVisit(it) => Some(it.of.patient),
        Body::Upload(it) => Some(it.of.patient),
        Body::RemoveLines(it) => Some(it.of.patient),
        Body::Stay(it) => Some(it.patient()),
        Body::Settle(it) => Some(it.patient),
        Body::Cancel(it) => Some(it.of.patient),
        Body::RefundPart(it) => Some(it.of.patient),
        Body::Reverse(it) => Some(it.patient),
        Body::AddPerson(_)
        | Body::RecordDeath(_)
        | Body::Enrol(_)
        | Body::ChangeEnrolment(_)
        | Body::Credit(_)
        | Body::TakeBack(_)
        | Body::SetInstitution(_)
        | Body::ChangeInstitution(_)
        | Body::MapItems(_)
        | Body::UnmapItems(_)
        | Body::LinkFamilyCode(_)
        | Body::ConfirmFamilyCode(_)
        | Body::Bind(_)
        | Body::ChangeBinding(_)
        | Body::TakeOver(_)
        | Body::RecordDocuments(_)
        | Body::ProposeAmendment(_)
        | Body::DecideAmendment(_)
        | Body::EntrustProxy(_)
        | Body::RevokeProxy(_)
        | Body::Publish(_) => None,
    }
}

/// The people a request is about: of a bill the patient; else who asked, whom it names, the two of a binding it
/// names. Not those whose code was shown or whose money paid somebody else's bill: they read what they paid among
/// their settlements.
fn concerned(request: &Request, facts: &Facts, at: domain::day::Moment) -> BTreeSet<PersonNo> {
    if let Some(patient) = patient(&request.body) {
        return facts.person_by(patient).map(|it| it.no).into_iter().collect();
    }
    let needs = Needs::of([request], at);
    let named = needs.lookups.union(&needs.alone).filter_map(|it| facts.lookups.get(it)).copied();
    let bound = needs.bindings.iter().filter_map(|it| facts.bindings.get(it));
    let bound = bound.flat_map(|it| [it.giver, it.beneficiary]);
    let entrusted = needs.proxies.iter().filter_map(|it| facts.proxies.get(it));
    let entrusted = entrusted.flat_map(|it| [it.patient, it.agent]);
    named.chain(bound).chain(entrusted).chain(request.actor.person()).collect()
}

fn may_read(call: &Call, record: &Record, facts: &Facts) -> Result<(), Problem> {
    let people = Vec::from_iter(concerned(&record.request, facts, record.turn.at));
    let about_people = call.may_see_one_of(facts, &people).is_ok();
    let place = match record.request.actor {
        Actor::Institution(code) => facts.institutions.get(&code).map(|it| it.area),
        Actor::Citizen(_) | Actor::Clerk { .. } | Actor::Operator { .. } => None,
    };
    let staff = call.token.role != Role::Citizen;
    let about_place = place.is_some_and(|it| call.token.covers(it)) || call.token.area == Area::NATION;
    let allowed = about_people || (staff && about_place);
    if allowed && !about_people {
        call.has_looked_at(facts, &people);
    }
    let remedy = match patient(&record.request.body) {
        Some(_) => "A bill is its patient's: what was paid with your money is at /persons/{no}/settlements.",
        None => "This decision is outside this token's reach.",
    };
    allowed.then_some(()).ok_or_else(|| Problem::forbidden(remedy))
}

/// A decision on record, with the facts it was made on.
async fn on_record(call: &Call, serial: Serial) -> Result<(Record, Facts), Problem> {
    let query = Query::Records { from: serial, to: serial, limit: 1 };
    let Page::Records(found) = call.app.store.page(&query).await? else { return Err(Problem::busy()) };
    let record = found.into_iter().find(|it| it.turn.serial == serial);
    let record = record.ok_or_else(|| Problem::not_found("decision"))?;
    let facts: Facts = domain::chain::decode(&record.facts)
        .map_err(|it| Fault::Damaged(format!("facts of decision {serial}: {it}")))?;
    Ok((record, facts))
}

/// The serial behind a slip number.
fn behind(call: &Call, slip: &str) -> Option<Serial> {
    SlipNo::parse(slip).map(|it| it.serial(&SlipKey(*call.app.vault.slip_key())))
}

/// `GET /explain/did/{serial}`.
pub(crate) async fn did(call: Call) -> Answered {
    let case = call.text("serial");
    let serial = case.parse().ok().map(Serial).or_else(|| behind(&call, &case));
    let remedy = "Write a serial, like 343604738850817, or a slip number, like 7K2M-9QXD-4A0.";
    let serial = serial.ok_or_else(|| Problem::malformed("serial", remedy))?;
    let (record, facts) = on_record(&call, serial).await?;
    may_read(&call, &record, &facts)?;
    let needs = Needs {
        persons: facts.persons.keys().copied().chain(record.request.actor.person()).collect(),
        institutions: facts.institutions.keys().copied().collect(),
        ..Needs::default()
    };
    let named = call.see(needs).await?;
    let law = call.app.laws.find(record.law, &*call.app.store).await?;
    let seen = Seen { law, at: record.turn.at, ..named };
    let teller = seen.teller(call.viewer(), &call.app);
    let key = SlipKey(*call.app.vault.slip_key());
    let label = match bearer_no(record.request.actor) {
        Some(no) => bearer(&*call.app.desk, no, call.app.clock.now()).await?,
        None => None,
    };
    Ok(Answer::ok(&DecisionView::of(&teller.with_facts(&facts), &record, &key, label)))
}

/// `GET /explain/slip/{number}`: to whoever holds the slip. Nobody is let in, so nobody is named; whoever guesses
/// numbers finds a slip once in millions of tries, and reads nothing about anybody.
pub(crate) async fn slip(call: Call) -> Answered {
    let number = call.text("number");
    let remedy = "Write the slip number as it is printed, like 7K2M-9QXD-4A0.";
    let serial = behind(&call, &number).ok_or_else(|| Problem::malformed("number", remedy))?;
    let (record, facts) = on_record(&call, serial).await?;
    patient(&record.request.body).ok_or_else(|| Problem::not_found("slip"))?;
    let named = call.see(Needs::default()).await?;
    let law = call.app.laws.find(record.law, &*call.app.store).await?;
    let seen = Seen { law, at: record.turn.at, ..named };
    let teller = seen.teller(call.viewer(), &call.app);
    let (teller, request) = (teller.with_facts(&facts), &record.request);
    let reader = Reader { viewer: Viewer::Anyone, ..teller.reader() };
    let case = Case { request, turn: record.turn, facts: &facts, law: teller.law };
    let told = explain(case, &record.decision, reader);
    Ok(Answer::ok(&SlipView {
        slip: SlipNo::parse(&number).map(|it| it.to_string()).unwrap_or(number),
        day: Civil(record.turn.at.day()),
        refused: told.refused,
        conclusion: told.conclusion,
        money: told.money,
        reasons: told.reasons.into_iter().map(SlipReason::of).collect(),
    }))
}

/// `GET /requests/{sender}/{id}`: `me`, `token-12` or an institution's code, and the key or message id.
pub(crate) async fn request(call: Call) -> Answered {
    let sender = sender(&call)?;
    let key = Key { sender, id: call.text("id") };
    // Whether it is on its way is asked first: it may arrive in between, never leave unseen.
    let in_flight = call.app.flow.is_in_flight(&key);
    let Page::Record(found) = call.app.store.page(&Query::Record(key.clone())).await? else {
        return Err(Problem::busy());
    };
    let own = sender == Sender::Token(call.token.no);
    let given = |it: &Record| Answer::read(&answers::given(&call.app.vault, it).ok()?);
    let answer = match &found {
        Some(record) => given(record).filter(|_| own),
        None if own => call.done_once(&key.id).await?.map(|(_, answer)| answer),
        None => None,
    };
    Ok(Answer::ok(&RequestView {
        state: match (found.is_some() || answer.is_some(), in_flight) {
            (true, _) => "decided",
            (false, true) => "in_flight",
            (false, false) => "unknown",
        },
        serial: found.as_ref().map(|it| it.turn.serial.0),
        decided: found.as_ref().map(|it| Instant::of(it.turn.at)),
        outcome: found.as_ref().map(|it| outcome_word(&it.decision)),
        codes: found.iter().flat_map(|it| it.decision.reasons()).map(|it| it.code()).collect(),
        status: answer.as_ref().map(|it| it.status),
        answer: answer.and_then(|it| serde_json::from_slice(&it.json).ok()),
    }))
}

/// Whose request: everybody may ask for their own; for others' whoever runs or audits their area.
fn sender(call: &Call) -> Result<Sender, Problem> {
    let text = call.text("sender");
    let own = Sender::Token(call.token.no);
    let token = || text.strip_prefix("token-").and_then(|it| it.parse().ok()).map(Sender::Token);
    let (sender, area) = match InstitutionCode::parse(&text) {
        Some(code) => (Some(Sender::Institution(code)), area_of(&text)),
        None if text == "me" => (Some(own), Area::NATION),
        None => (token(), Area::NATION),
    };
    let remedy = "Write me, token-<number>, or the code of an institution.";
    let sender = sender.ok_or_else(|| Problem::malformed("sender", remedy))?;
    let reads_others = matches!(call.token.role, Role::Operator | Role::Auditor);
    if sender == own || (reads_others && call.token.covers(area)) {
        return Ok(sender);
    }
    Err(Problem::forbidden("Requests of others are for who runs or audits their area."))
}

/// The area in an institution's code: `H32030000001` is of 320300.
fn area_of(code: &str) -> Area {
    code.get(1..7).and_then(Area::parse).unwrap_or(Area::NATION).pooling()
}
