//! One call as handlers see it: who calls, what was sent, and the two ways on: read committed facts, or send a
//! request through the flow.

use super::decoding;
use super::looks::Looked;
use super::people::Who;
use super::problem::{Problem, advised};
use super::telling::{Seen, Teller, Viewer};
use super::wire::{Instant, moment};
use crate::answers;
use crate::app::App;
use crate::looks::Why;
use crate::papers_under_way::Papers;
use crate::tokens::{Role, Token};
use crate::turn::{Encoder, NoAnswer, Submission, Told};
use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::day::{Day, Moment, Month};
use domain::decision::{Outcome, Turn};
use domain::ids::{Digest, InstitutionCode, PersonNo};
use domain::needs::Needs;
use domain::request::{Actor, Body, Key, Request, Sender};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{Attachments, LAST_SERIAL, Page, Query};
use utoipa::ToSchema;

/// The drawer of the desk for answers to what is neither money nor law.
const ONCE: &str = "rest-once";

/// A call by the bearer of a token who may make it.
pub(crate) struct Call {
    pub(crate) app: App,
    pub(crate) token: Token,
    /// Method and path, as they were called.
    pub(crate) target: String,
    pub(crate) path: BTreeMap<String, String>,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) key: Option<String>,
    /// Texts for people in English; in Chinese otherwise.
    pub(crate) english: bool,
    /// Whom the caller has been let look at.
    pub(crate) looked: Looked,
    /// Why the caller looks, where they are staff.
    pub(crate) why: Why,
    pub(crate) bytes: Bytes,
}

/// An answer: status and JSON.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) json: Vec<u8>,
    pub(crate) replayed: bool,
}

/// What a handler gives back.
pub(crate) type Answered = Result<Answer, Problem>;

/// Which decision a write came to; every answer to a write has these beside its own fields.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Decided {
    /// The serial of the decision: explained by `GET /explain/did/{serial}`.
    serial: u64,
    /// When it was committed.
    decided: Instant,
}

/// A request on its way: on whose authority what is asked, and what travels along.
pub(crate) struct Asking {
    pub(crate) actor: Actor,
    pub(crate) body: Body,
    pub(crate) attachments: Attachments,
    /// The status of the answer where it is done.
    pub(crate) status: StatusCode,
}

impl Asking {
    /// Asks without attachments; done is 200.
    pub(crate) fn to(actor: Actor, body: Body) -> Asking {
        Asking { actor, body, attachments: Attachments::default(), status: StatusCode::OK }
    }

    /// Done is 201.
    pub(crate) fn creating(self) -> Asking {
        Asking { status: StatusCode::CREATED, ..self }
    }
}

impl Answer {
    /// 200 with a view.
    pub(crate) fn ok(view: &impl Serialize) -> Answer {
        Answer::of(StatusCode::OK, view)
    }

    pub(crate) fn of(status: StatusCode, view: &impl Serialize) -> Answer {
        let json = serde_json::to_vec(view).expect("views are plain data");
        Answer { status: status.as_u16(), json, replayed: false }
    }

    fn decided(status: StatusCode, turn: Turn, view: &impl Serialize) -> Answer {
        #[derive(Serialize)]
        struct Merged<'a, V> {
            #[serde(flatten)]
            decided: Decided,
            #[serde(flatten)]
            view: &'a V,
        }
        let decided = Decided { serial: turn.serial.0, decided: Instant::of(turn.at) };
        Answer::of(status, &Merged { decided, view })
    }

    /// The serial of the decision that it tells of.
    pub(crate) fn serial(&self) -> Option<u64> {
        #[derive(Deserialize)]
        struct Told {
            serial: u64,
        }
        serde_json::from_slice(&self.json).ok().map(|Told { serial }| serial)
    }

    pub(crate) fn stored(&self) -> Vec<u8> {
        let mut bytes = self.status.to_be_bytes().to_vec();
        bytes.extend(&self.json);
        bytes
    }

    /// An answer as it was stored.
    pub(crate) fn read(stored: &[u8]) -> Option<Answer> {
        let (status, json) = stored.split_first_chunk::<2>()?;
        let status = u16::from_be_bytes(*status);
        Some(Answer { status, json: json.to_vec(), replayed: false })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let kind = if self.status >= 400 { "application/problem+json" } else { "application/json" };
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, [(header::CONTENT_TYPE, kind)], self.json).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.replayed {
            headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
        }
        response
    }
}

impl Call {
    /// The body, decoded.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        decoding::read(&self.bytes)
    }

    fn part(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// A part of the path as it is.
    pub(crate) fn text(&self, name: &str) -> String {
        self.part(name).to_owned()
    }

    /// A number in the path: `123` or `no:123`.
    pub(crate) fn number(&self, name: &str) -> Result<u64, Problem> {
        let text = self.part(name);
        let number = text.strip_prefix("no:").unwrap_or(text).parse();
        number.map_err(|_| Problem::malformed(name, "Write our number, like 123 or no:123."))
    }

    /// The person in the path.
    pub(crate) fn person(&self) -> Result<PersonNo, Problem> {
        self.number("no").map(PersonNo)
    }

    /// The institution in the path.
    pub(crate) fn institution(&self) -> Result<InstitutionCode, Problem> {
        let remedy = "Write H or P and eleven digits, like H32030000001.";
        InstitutionCode::parse(self.part("code")).ok_or_else(|| Problem::malformed("code", remedy))
    }

    /// A moment in the query: RFC 3339, or a day, which stands for its last millisecond.
    pub(crate) fn moment(&self, name: &str) -> Result<Option<Moment>, Problem> {
        let Some(text) = self.query.get(name) else { return Ok(None) };
        let of_day = || Day::parse(text).map(|it| it.plus(1).start().plus_millis(-1));
        let remedy = "Write a moment like 2025-06-16T02:00:00Z or a day like 2025-06-16.";
        let read = moment(text).or_else(of_day);
        read.map(Some).ok_or_else(|| Problem::malformed(name, remedy))
    }

    /// A month in the query: since 2000, and none to come.
    pub(crate) fn month(&self, name: &str) -> Result<Option<Month>, Problem> {
        let Some(text) = self.query.get(name) else { return Ok(None) };
        let this = Month::of(self.app.clock.now().day());
        let read = Month::parse(text).filter(|it| it.first().year() >= 2000 && *it <= this);
        read.map(Some).ok_or_else(|| Problem::malformed(name, "Write a month like 2025-06, none to come."))
    }

    /// How many are wanted, 1 to 200.
    pub(crate) fn limit(&self) -> Result<u32, Problem> {
        let Some(text) = self.query.get("limit") else { return Ok(50) };
        let read = text.parse().ok().filter(|it| (1..=200).contains(it));
        read.ok_or_else(|| Problem::malformed("limit", "Write a number from 1 to 200."))
    }

    /// Where a page starts: only what came before this.
    pub(crate) fn cursor(&self) -> Result<Option<Turn>, Problem> {
        let Some(text) = self.query.get("cursor") else { return Ok(None) };
        let read = super::paging::turn(text).filter(|it| it.serial <= LAST_SERIAL);
        read.map(Some).ok_or_else(|| Problem::malformed("cursor", "Send the `next` of the page before."))
    }

    /// Who reads the answer.
    pub(crate) fn viewer(&self) -> Viewer {
        Viewer { role: self.token.role, person: self.token.person, english: self.english }
    }

    /// Committed facts and law, ready to be told to the caller.
    pub(crate) async fn see(&self, needs: Needs) -> Result<Seen, Problem> {
        let at = self.app.clock.now();
        let (rows, law) = (self.app.rows(needs).await?, self.app.law().await?);
        Ok(Seen { rows, law, at })
    }

    /// The authority of the agency itself.
    pub(crate) fn operator(&self) -> Actor {
        Actor::Operator { token: self.token.no }
    }

    /// On whose authority the caller asks for something that people do: a citizen's own, a clerk's for the person
    /// named, or the agency's.
    pub(crate) async fn actor(&self, on_behalf_of: Option<&Who>) -> Result<Actor, Problem> {
        const FIELD: &str = "on_behalf_of";
        match (self.token.role, on_behalf_of, self.token.person) {
            (Role::Citizen, None, Some(person)) => Ok(Actor::Citizen(person)),
            (Role::Operator, None, _) => Ok(self.operator()),
            (Role::Clerk | Role::Supervisor, Some(who), _) => {
                let person = self.find(who, FIELD).await?;
                Ok(Actor::Clerk { clerk: self.token.clerk(), person })
            }
            (Role::Clerk | Role::Supervisor, None, _) => {
                Err(Problem::malformed(FIELD, "A clerk names the person served."))
            }
            (Role::Citizen | Role::Operator, ..) => {
                Err(Problem::malformed(FIELD, "Only a clerk acts on behalf of a person: leave this out."))
            }
            (Role::Auditor, ..) => Err(Problem::forbidden("An auditor only reads.")),
            (Role::Institution, ..) => Err(Problem::forbidden("An institution acts for nobody.")),
        }
    }

    fn digest(&self, sent: &impl Serialize) -> Digest {
        let canonical = serde_json::to_string(sent).expect("what was read can be written");
        // Keyed, because a plain digest of names and ID numbers could be guessed back.
        Digest(self.app.vault.derived("rest body", &format!("{} {canonical}", self.target)))
    }

    fn idempotency_key(&self) -> Result<Key, Problem> {
        let id = self.key.clone().filter(|it| (1..=128).contains(&it.len()));
        let remedy = "Send an Idempotency-Key of 1 to 128 characters, a fresh one for each thing you do.";
        let id = id.ok_or_else(|| Problem::malformed("Idempotency-Key", remedy))?;
        Ok(Key { sender: Sender::Token(self.token.no), id })
    }

    /// Sends a request through the flow. `show` writes the answer where it is done; a refusal is written here.
    pub(crate) async fn submit<V: Serialize>(
        &self,
        sent: &impl Serialize,
        asking: Asking,
        show: impl Fn(&Teller<'_>, &domain::decision::Answer) -> V + Send + Sync + 'static,
    ) -> Answered {
        let Asking { actor, body, attachments, status } = asking;
        let request = Request { key: self.idempotency_key()?, digest: self.digest(sent), actor, body };
        let fresh = Arc::new(AtomicBool::new(false));
        let (viewer, texts) = (self.viewer(), Arc::clone(&self.app.texts));
        let decided_now = Arc::clone(&fresh);
        let encode: Encoder = Arc::new(move |told: &Told<'_>| {
            decided_now.store(true, Ordering::Relaxed);
            let teller = Teller::of(told, viewer, &texts);
            match &told.decision.outcome {
                Outcome::Done(done) => Answer::decided(status, told.turn, &show(&teller, &done.answer)),
                Outcome::Refused(_) => {
                    let views = advised(told.case(), told.decision, &teller);
                    Problem::because(views).on_record(told.turn.serial.0).answer()
                }
            }
            .stored()
        });
        let stored = {
            let submission = Submission { request, attachments, aside: None, encode, is_kept: true };
            self.app.flow.submit_from(self.token.area, submission).await
        };
        let stored = stored.map_err(|it| match it {
            NoAnswer::Busy => Problem::busy(),
            NoAnswer::KeyReused => Problem::key_reused(),
        })?;
        let answer = Answer::read(&stored).ok_or_else(Problem::busy)?;
        Ok(Answer { replayed: !fresh.load(Ordering::Relaxed), ..answer })
    }

    /// The answer that was given under this key before, if there was one: then nothing is laid on the shelf again for it.
    pub(crate) async fn answered_before(&self, sent: &impl Serialize) -> Result<Option<Answer>, Problem> {
        let Page::Record(found) = self.app.store.page(&Query::Record(self.idempotency_key()?)).await? else {
            return Err(Problem::busy());
        };
        let Some(record) = found else { return Ok(None) };
        if record.request.digest != self.digest(sent) {
            return Err(Problem::key_reused());
        }
        let stored = answers::given(&self.app.vault, &record).map_err(|_| Problem::busy())?;
        let answer = Answer::read(&stored).ok_or_else(Problem::busy)?;
        Ok(Some(Answer { replayed: true, ..answer }))
    }

    /// Sends a request that names papers through the flow: they are kept where it is done, and only then.
    pub(crate) async fn submit_papers<V: Serialize>(
        &self,
        sent: &impl Serialize,
        asking: Asking,
        papers: Papers,
        show: impl Fn(&Teller<'_>, &domain::decision::Answer) -> V + Send + Sync + 'static,
    ) -> Answered {
        let key = self.idempotency_key()?;
        papers.begin(&self.app, &key).await?;
        let answer = self.submit(sent, asking, show).await?;
        let is_done = answer.status < StatusCode::BAD_REQUEST.as_u16();
        papers.end(&self.app, &key, is_done.then(|| self.app.clock.now())).await?;
        Ok(answer)
    }

    /// Does something that is neither money nor law, once for each key: asked again within a day, the same answer.
    pub(crate) async fn once<F>(&self, sent: &impl Serialize, work: F) -> Answered
    where
        F: Future<Output = Answered>,
    {
        const DAY_MS: i64 = 86_400_000;
        let (key, digest) = (self.idempotency_key()?, self.digest(sent));
        // These calls are rare: one at a time, so that of two under one key the second finds the first.
        let _alone = self.app.once.lock().await;
        if let Some((earlier, answer)) = self.done_once(&key.id).await? {
            return if earlier == digest { Ok(answer) } else { Err(Problem::key_reused()) };
        }
        let answer = work.await?;
        let plain = domain::chain::encode(&(digest, answer.stored()));
        let sealed = self.app.vault.seal(crate::vault::random(), &plain);
        let until = Some(self.app.clock.now().plus_millis(DAY_MS));
        self.app.desk.put(ONCE, &self.once_key(&key.id), &sealed, until).await?;
        Ok(answer)
    }

    /// What [`Call::once`] answered under a key of the caller's, with the digest of what was sent.
    pub(crate) async fn done_once(&self, id: &str) -> Result<Option<(Digest, Answer)>, Problem> {
        let stored = self.app.desk.get(ONCE, &self.once_key(id), self.app.clock.now()).await?;
        let Some(sealed) = stored else { return Ok(None) };
        let plain = self.app.vault.open(&sealed).map_err(|_| Problem::busy())?;
        let read: Option<(Digest, Vec<u8>)> = domain::chain::decode(&plain).ok();
        let (digest, stored) = read.ok_or_else(Problem::busy)?;
        let answer = Answer::read(&stored).ok_or_else(Problem::busy)?;
        Ok(Some((digest, Answer { replayed: true, ..answer })))
    }

    fn once_key(&self, id: &str) -> String {
        format!("{}:{id}", self.token.no)
    }
}
