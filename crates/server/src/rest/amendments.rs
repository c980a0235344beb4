//! Amendments of what a person is known by: proposed at the counter with what was shown, decided by somebody else of the
//! staff. What was before, what is to be and why lie on the shelf, sealed; the decisions name them by a digest.

use super::call::{Answer, Answered, Asking, Call};
use super::documents::DocumentSent;
use super::paging::{place, written_place};
use super::people::{Who, insuring, of_person};
use super::problem::Problem;
use super::telling::{PersonRef, Teller};
use super::waiting::CountView;
use super::wire::{Civil, Instant, words};
use crate::logins;
use crate::papers::{self, Kind, MOST_FOR_AN_ACT};
use crate::papers_under_way::Papers;
use crate::people::{Identity, RESIDENT_CARD};
use crate::vault::random;
use axum::http::StatusCode;
use domain::amendment::{Amended, Amendment, DAYS_WAITING};
use domain::day::Moment;
use domain::documents::Document;
use domain::facts::Facts;
use domain::ids::{AmendmentNo, Area, Digest, Lookup, PersonNo};
use domain::needs::Needs;
use domain::people::Person;
use domain::request::{AmendmentEvent, Body, DecideAmendment, ProposeAmendment};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Attachments, Fault, Page, Query, Waiting};
use utoipa::ToSchema;

/// The most characters of a reason.
const LONGEST_WHY: usize = 200;

/// Something else that a person is to be known by: one of name, ID document and card.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmendmentWanted {
    /// Whose.
    on_behalf_of: Who,
    /// The right name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The right number of the ID document.
    #[serde(skip_serializing_if = "Option::is_none")]
    id_number: Option<String>,
    /// Type of that document; 01 is the resident's ID card, whose number proves itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    id_type: Option<String>,
    /// The right number of the social-security card.
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<String>,
    /// The serial of that card.
    #[serde(skip_serializing_if = "Option::is_none")]
    card_serial: Option<String>,
    /// Why.
    why: String,
    /// What was shown for it; at least one document.
    documents: Vec<DocumentSent>,
}

/// How an amendment is decided.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmendmentDecided {
    event: Event,
    /// Why it is approved, rejected or taken back.
    why: String,
}

/// How an amendment is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    /// By somebody else: it takes effect.
    Approve,
    /// By somebody else.
    Reject,
    /// By who proposed it.
    Withdraw,
}

impl Event {
    fn asked(self) -> AmendmentEvent {
        match self {
            Event::Approve => AmendmentEvent::Approve,
            Event::Reject => AmendmentEvent::Reject,
            Event::Withdraw => AmendmentEvent::Withdraw,
        }
    }
}

/// Amendments.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AmendmentsView {
    amendments: Vec<AmendmentView>,
    /// The cursor of the next page, if there is one. A page may be short, or empty, and another one follow.
    next: Option<String>,
}

/// An amendment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AmendmentView {
    /// Our number.
    no: u64,
    person: PersonRef,
    /// What is amended.
    what: words::Amended,
    /// What it was before.
    before: String,
    /// What it is to be.
    after: String,
    /// Why.
    why: String,
    /// `waiting`, `approved`, `rejected`, `withdrawn` or `lapsed`.
    #[schema(example = "waiting")]
    state: &'static str,
    /// When it was proposed.
    proposed: Instant,
    /// The number of the token of whoever proposed it.
    proposed_by: u64,
    /// The last day on which it can be decided.
    until: Civil,
    /// When it was decided.
    decided: Option<Instant>,
    /// The number of the token of whoever decided it.
    decided_by: Option<u64>,
    /// Why it was decided so, as long as that is kept.
    decided_why: Option<String>,
}

/// What lies on the shelf.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Sealed {
    before: Identity,
    after: Identity,
    why: String,
    /// No two papers are the same, however often the same is proposed; asked again under one key, it is the same paper.
    salt: [u8; 16],
}

impl AmendmentWanted {
    /// What is amended, and whom the person is then.
    fn after(&self, before: &Identity) -> Result<(Amended, Identity), Problem> {
        let before = before.clone();
        match (&self.name, &self.id_number, &self.card) {
            (Some(name), None, None) => Ok((Amended::Name, Identity { name: name.clone(), ..before })),
            (None, Some(id_number), None) => {
                let id_type = self.id_type.clone().unwrap_or_else(|| RESIDENT_CARD.to_owned());
                let id_number = id_number.clone();
                Ok((Amended::IdDocument, Identity { id_type, id_number, ..before }))
            }
            (None, None, Some(card)) => {
                let (card, card_serial) = (Some(card.clone()), self.card_serial.clone());
                Ok((Amended::Card, Identity { card, card_serial, ..before }))
            }
            _ => Err(Problem::malformed("name", "Send exactly one of name, id_number, card.")),
        }
    }

    async fn documents(&self, call: &Call, person: PersonNo) -> Result<Vec<Document>, Problem> {
        let mut photographs = BTreeSet::new();
        for (at, document) in self.documents.iter().enumerate() {
            photographs.extend(document.digests(&format!("documents[{at}]"))?);
        }
        let fits = (1..=MOST_FOR_AN_ACT).contains(&self.documents.len());
        if !fits || photographs.len() > MOST_FOR_AN_ACT {
            let remedy = format!(
                "Record 1 to {MOST_FOR_AN_ACT} documents, with {MOST_FOR_AN_ACT} photographs at most."
            );
            return Err(Problem::malformed("documents", remedy));
        }
        let mut laid = Vec::new();
        for (at, document) in self.documents.iter().enumerate() {
            laid.push(document.laid(call, person, &format!("documents[{at}]")).await?);
        }
        Ok(laid)
    }
}

/// The reason that somebody gives.
pub(crate) fn stated(why: &str) -> Result<String, Problem> {
    let why = why.trim();
    let right = (1..=LONGEST_WHY).contains(&why.chars().count());
    right.then(|| why.to_owned()).ok_or_else(unstated)
}

/// No reason is given, or a longer one than is kept.
pub(crate) fn unstated() -> Problem {
    Problem::malformed("why", format!("Say why, in 1 to {LONGEST_WHY} characters."))
}

/// The part of an identity that is amended, as people read it.
fn said(what: Amended, it: &Identity) -> String {
    match what {
        Amended::Name => it.name.clone(),
        Amended::IdDocument if it.id_type == RESIDENT_CARD => it.id_number.clone(),
        Amended::IdDocument => format!("{} {}", it.id_type, it.id_number),
        Amended::Card => {
            let parts = [it.card.as_deref(), it.card_serial.as_deref()];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" / ")
        }
    }
}

async fn sealed(call: &Call, person: PersonNo, paper: Digest) -> Result<Option<Sealed>, Problem> {
    let Some(found) = papers::open(&call.app, person, paper).await? else { return Ok(None) };
    let damaged = |_| Fault::Damaged("an amendment cannot be read".to_owned());
    Ok(Some(serde_json::from_slice(&found.bytes).map_err(damaged)?))
}

impl AmendmentView {
    /// Where its paper is no longer kept, nothing is said of what was amended.
    fn of(
        teller: &Teller<'_>,
        it: &Amendment,
        paper: Option<&Sealed>,
        decided_why: Option<String>,
    ) -> AmendmentView {
        let part = |identity: fn(&Sealed) -> &Identity| {
            paper.map(|paper| said(it.what, identity(paper))).unwrap_or_default()
        };
        AmendmentView {
            no: it.no.0,
            person: teller.person(it.person),
            what: words::Amended(it.what),
            before: part(|it| &it.before),
            after: part(|it| &it.after),
            why: paper.map(|it| it.why.clone()).unwrap_or_default(),
            state: it.state(teller.at),
            proposed: Instant::of(it.proposed),
            proposed_by: it.proposed_by.token,
            until: Civil(it.until()),
            decided: it.settled.map(|it| Instant::of(it.at)),
            decided_by: it.settled.map(|it| it.by),
            decided_why,
        }
    }
}

/// What a person is found by as one and as the other: what is forgotten, and what is learnt.
fn differences(call: &Call, person: &Person, before: &Identity, after: &Identity) -> [Vec<Lookup>; 2] {
    let found_by = |it: &Identity| it.lookups(person.born, &call.app.vault).into_iter().collect();
    let (old, new): (BTreeSet<Lookup>, BTreeSet<Lookup>) = (found_by(before), found_by(after));
    [old.difference(&new).copied().collect(), new.difference(&old).copied().collect()]
}

/// `POST /amendments`.
pub(crate) async fn propose(call: Call) -> Answered {
    let sent: AmendmentWanted = call.body()?;
    if let Some(answer) = call.answered_before(&sent).await? {
        return Ok(answer);
    }
    let why = stated(&sent.why)?;
    let actor = call.actor(Some(&sent.on_behalf_of)).await?;
    let no = actor.person().ok_or_else(|| Problem::forbidden("A clerk proposes an amendment."))?;
    let seen = call.see(of_person(no)).await?;
    let person = seen.rows.facts.persons.get(&no).ok_or_else(|| Problem::not_found("person"))?;
    let before = call.identity(no).await?.ok_or_else(|| Problem::not_found("person"))?;
    let (what, after) = sent.after(&before)?;
    let after = after.checked(person.born, person.sex);
    let after = after.map_err(|(field, wrong)| Problem::malformed(field, wrong.en()))?;
    let [forgets, learns] = differences(&call, person, &before, &after);
    if learns.is_empty() {
        return Err(Problem::malformed(what.word(), "That is what the person is known by already."));
    }
    let documents = sent.documents(&call, no).await?;
    let salt = salt(&call);
    let paper = Sealed { before, after, why, salt };
    let bytes = serde_json::to_vec(&paper).expect("identities are plain data");
    let (digest, _) = papers::lay(&call.app, no, Kind::Text, &bytes).await?;
    let named = documents.iter().flat_map(Document::papers).chain([digest]).collect();
    let body = Body::ProposeAmendment(ProposeAmendment {
        person: no,
        what,
        forgets,
        learns,
        paper: digest,
        documents,
        area: decided_in(&call, &seen.rows.facts, no, seen.at),
    });
    let show = move |teller: &Teller<'_>, _: &domain::decision::Answer| {
        let proposed = teller.facts.amendments.values().rfind(|it| it.paper == digest);
        proposed.map(|it| AmendmentView::of(teller, it, Some(&paper), None))
    };
    call.submit_papers(&sent, Asking::to(actor, body).creating(), Papers { person: no, named }, show).await
}

fn salt(call: &Call) -> [u8; 16] {
    let key = call.key.as_deref().unwrap_or_default();
    let derived = call.app.vault.derived("amendment", &format!("{} {key}", call.token.no));
    let (salt, _) = derived.split_first_chunk().expect("what is derived has 32 bytes");
    *salt
}

/// The area whose halls decide it: one that insures the person and that the token reaches.
fn decided_in(call: &Call, facts: &Facts, person: PersonNo, at: Moment) -> Area {
    let insured = insuring(facts, person, at.day());
    insured.into_iter().find(|it| call.token.covers(*it)).unwrap_or(call.token.area)
}

/// Amendments as the caller reads them.
async fn told(call: &Call, needs: Needs, found: &[Amendment], next: Option<String>) -> Answered {
    let seen = call.see(needs).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let mut amendments = Vec::new();
    for it in found {
        let paper = sealed(call, it.person, it.paper).await?;
        let why = match it.settled {
            Some(settled) => papers::open(&call.app, it.person, settled.why).await?,
            None => None,
        };
        let why = why.and_then(|it| String::from_utf8(it.bytes).ok());
        amendments.push(AmendmentView::of(&teller, it, paper.as_ref(), why));
    }
    Ok(Answer::ok(&AmendmentsView { amendments, next }))
}

/// Amendments of the token's area that wait, so many after a place.
async fn those_that_wait(
    call: &Call,
    after: Option<(Area, Moment, AmendmentNo)>,
    limit: u32,
) -> Result<Vec<Amendment>, Problem> {
    let since = call.app.clock.now().day().plus(-DAYS_WAITING).start().plus_millis(-1);
    let query = Query::AmendmentsWaiting(Waiting { area: call.token.area, since, after, limit });
    let Page::AmendmentsWaiting(found) = call.app.store.page(&query).await? else {
        return Err(Problem::busy());
    };
    Ok(found)
}

/// How many wait of people whom the caller may look at.
pub(crate) async fn count(call: &Call, most: u32) -> Result<CountView, Problem> {
    let mut found = those_that_wait(call, None, most.saturating_add(1)).await?;
    let fits = usize::try_from(most).unwrap_or(usize::MAX);
    let more = found.len() > fits;
    found.truncate(fits);
    let persons = found.iter().map(|it| it.person);
    let seen = call.see(Needs { persons: persons.clone().collect(), ..Needs::default() }).await?;
    Ok(CountView { count: persons.filter(|it| call.could_see(&seen.rows.facts, *it)).count(), more })
}

/// `GET /amendments`.
pub(crate) async fn waiting(call: Call) -> Answered {
    let (after, limit) = (place(&call, AmendmentNo)?, call.limit()?);
    let found = those_that_wait(&call, after, limit).await?;
    let needs = || Needs { persons: found.iter().map(|it| it.person).collect(), ..Needs::default() };
    let seen = call.see(needs()).await?;
    let within = |it: &&Amendment| call.may_see(&seen.rows.facts, it.person).is_ok();
    let within: Vec<Amendment> = found.iter().filter(within).cloned().collect();
    let is_full = found.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let last = found.last().filter(|_| is_full);
    let next = last.map(|it| written_place(it.area, it.proposed, it.no.0));
    told(&call, needs(), &within, next).await
}

async fn theirs(call: &Call, person: PersonNo) -> Result<Vec<Amendment>, Problem> {
    let Page::Amendments(found) = call.app.store.page(&Query::Amendments(person)).await? else {
        return Err(Problem::busy());
    };
    Ok(found)
}

/// `GET /persons/{no}/amendments`.
pub(crate) async fn of(call: Call) -> Answered {
    let person = call.person()?;
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let mut found = theirs(&call, person).await?;
    found.reverse();
    told(&call, of_person(person), &found, None).await
}

/// `POST /persons/{no}/amendments/{amendment}/events`.
pub(crate) async fn decide(call: Call) -> Answered {
    let sent: AmendmentDecided = call.body()?;
    if let Some(answer) = call.answered_before(&sent).await? {
        return Ok(answer);
    }
    let said = stated(&sent.why)?;
    let (person, no) = (call.person()?, AmendmentNo(call.number("amendment")?));
    let actor = call.actor(Some(&Who::numbered(person))).await?;
    let found = theirs(&call, person).await?.into_iter().find(|it| it.no == no);
    let amendment = found.ok_or_else(|| Problem::not_found("amendment"))?;
    let paper =
        sealed(&call, person, amendment.paper).await?.ok_or_else(|| Problem::not_found("amendment"))?;
    let event = sent.event.asked();
    let approves = event == AmendmentEvent::Approve;
    // What was proposed beside an amendment that was approved a moment before would take that back. While this one waits
    // nothing else can be proposed, so that what is right here stays right.
    if approves
        && amendment.waits(call.app.clock.now())
        && call.identity(person).await?.as_ref() != Some(&paper.before)
    {
        return Err(Problem::outdated(
            "What is amended is no longer what it was: reject this and propose anew.",
        ));
    }
    let identity = approves.then(|| call.app.vault.seal(random(), &paper.after.bytes()));
    let lookups = amendment.forgets.iter().chain(&amendment.learns).copied().collect();
    let (why, _) = papers::lay(&call.app, person, Kind::Text, said.as_bytes()).await?;
    let body = Body::DecideAmendment(DecideAmendment { amendment: no, person, lookups, event, why });
    let attachments = Attachments { identity, ..Attachments::default() };
    let asking = Asking { attachments, ..Asking::to(actor, body) };
    let former = paper.before.id_number.clone();
    let is_another = former != paper.after.id_number;
    let show = move |teller: &Teller<'_>, _: &domain::decision::Answer| {
        let it = teller.facts.amendments.get(&no)?;
        Some(AmendmentView::of(teller, it, Some(&paper), Some(said.clone())))
    };
    let answer = call.submit_papers(&sent, asking, Papers { person, named: vec![why] }, show).await?;
    // Nobody signs in any more with a number that is not the person's.
    if approves && is_another && answer.status == StatusCode::OK.as_u16() {
        logins::revoke_of(&call.app, &former, person).await?;
    }
    Ok(answer)
}
