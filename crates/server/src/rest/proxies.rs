//! Proxy purchases (代购): entrusted and revoked by those concerned, looked at by them, checked at a till (R-G1).

use super::call::{Answer, Answered, Asking, Call};
use super::people::{Who, of_person};
use super::problem::{Problem, ReasonView, reasons};
use super::telling::{PersonRef, PlaceRef, SourceView, Teller};
use super::wire::{Civil, Instant, Place, words};
use crate::proxy_tokens;
use crate::tokens::Role;
use domain::decision::Answer as Decided;
use domain::ids::{PersonNo, ProxyNo};
use domain::needs::Needs;
use domain::proxy::{Papers, Proxy};
use domain::reason::Reason;
use domain::request::{Body, EntrustProxy, RevokeProxy};
use serde::{Deserialize, Serialize};
use store::{Page, Query};
use utoipa::ToSchema;

/// A purchase to be entrusted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProxyWanted {
    /// For whom is to be bought: the caller, a minor they act for, or at a hall whoever cannot come.
    patient: Who,
    /// Who is to buy.
    agent: Who,
    /// Why the patient cannot come.
    reason: words::ProxyReason,
    /// The only place where it may be bought; left out: anywhere.
    institution: Option<Place>,
    /// The ID documents of both, as far as they are recorded now. A clerk records both.
    #[serde(default)]
    papers: PapersView,
    /// The last day on which it may be bought.
    last_day: Civil,
    /// For whom a clerk acts: the patient or the agent.
    on_behalf_of: Option<Who>,
}

/// Who revokes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevocationWanted {
    /// For whom a clerk acts: the patient or the agent.
    on_behalf_of: Option<Who>,
}

/// ID documents, never their numbers.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PapersView {
    /// The patient's; none: to be shown where it is bought.
    patient: Option<words::Paper>,
    /// The agent's; none: to be shown where it is bought.
    agent: Option<words::Paper>,
}

/// An entrusted purchase.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ProxyView {
    /// Our number.
    no: u64,
    /// For whom it is bought.
    patient: PersonRef,
    /// Who buys it.
    agent: PersonRef,
    /// Why the patient cannot come.
    reason: words::ProxyReason,
    /// The only place; none: anywhere.
    institution: Option<PlaceRef>,
    /// The documents that were recorded when it was entrusted.
    papers: PapersView,
    /// Where it was entrusted.
    channel: words::Channel,
    /// Since when.
    since: Instant,
    /// The last day on which it may be bought.
    last_day: Civil,
    /// `open`, `used`, `revoked` or `expired`.
    state: &'static str,
    /// The settlement that used it.
    settlement: Option<u64>,
    /// When it was revoked.
    revoked: Option<Instant>,
    /// What the agent shows, as a QR code and as a number; only to patient and agent, as long as it is open.
    #[schema(example = "DG 3436 0473 8850 8170 0000 00")]
    token: Option<String>,
}

/// Entrusted purchases of a person, latest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ProxiesView {
    /// What is bought for the person.
    entrusted: Vec<ProxyView>,
    /// What the person buys for others.
    buys: Vec<ProxyView>,
    /// What the person may entrust today; none where nobody insures them.
    terms: Option<ProxyTerms>,
}

/// What the law lets be entrusted today.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ProxyTerms {
    /// The latest last day.
    latest: Civil,
    /// What says that the documents of both have to be shown.
    law: SourceView,
}

/// A token to be checked.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenShown {
    /// What the agent shows.
    #[schema(example = "DG 3436 0473 8850 8170 0000 00")]
    token: String,
}

/// What a till learns from a token, and no more.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ProxyCheck {
    /// For whom is bought, masked.
    #[schema(example = "王*英")]
    patient: String,
    /// Who buys, masked.
    #[schema(example = "李*")]
    agent: String,
    /// Why the patient cannot come.
    reason: words::ProxyReason,
    /// The only place; none: anywhere.
    institution: Option<PlaceRef>,
    /// The documents that are recorded; those that are not have to be looked at now.
    papers: PapersView,
    /// The last day.
    last_day: Civil,
    /// What speaks against buying by it here and now; documents that are not recorded yet apart.
    reasons: Vec<ReasonView>,
    /// What says that the documents of both have to be shown.
    law: Option<SourceView>,
}

impl ProxyTerms {
    /// The terms of the area that insures somebody.
    fn of(teller: &Teller<'_>, person: PersonNo) -> Option<ProxyTerms> {
        let today = teller.at.day();
        let area = teller.facts.enrolment_on(person, today)?.area;
        let law = &teller.law.policies.parameters;
        let days = law.proxy_days.on(area, today).ok()?;
        let papers = law.proxy_papers.on(area, today).ok()?;
        let latest = Civil(today.plus(i32::from(*days.value)));
        Some(ProxyTerms { latest, law: teller.source(papers.cite) })
    }
}

impl PapersView {
    fn of(papers: Papers) -> PapersView {
        PapersView { patient: papers.patient.map(words::Paper), agent: papers.agent.map(words::Paper) }
    }

    fn read(self) -> Papers {
        Papers { patient: self.patient.map(|it| it.0), agent: self.agent.map(|it| it.0) }
    }
}

impl ProxyView {
    /// Told with its token where `with_token` says so, and the token is any good.
    fn of(teller: &Teller<'_>, it: &Proxy, with_token: bool) -> ProxyView {
        let closed = it.closed(teller.at.day());
        let shown = with_token && closed.is_none();
        ProxyView {
            no: it.no.0,
            patient: teller.person(it.patient),
            agent: teller.person(it.agent),
            reason: words::ProxyReason(it.reason),
            institution: it.place.map(|it| teller.place(it)),
            papers: PapersView::of(it.papers),
            channel: words::Channel(it.channel()),
            since: Instant::of(it.since),
            last_day: Civil(it.last_day),
            state: match closed {
                None => "open",
                Some(Reason::ProxyUsed { .. }) => "used",
                Some(Reason::ProxyRevoked { .. }) => "revoked",
                Some(_) => "expired",
            },
            settlement: it.used.map(|it| it.0),
            revoked: it.revoked.map(Instant::of),
            token: shown.then(|| proxy_tokens::written(teller.vault, it.no)),
        }
    }

    /// Told to a reader: patient and agent, and who acts for them, see the token.
    fn to_reader(teller: &Teller<'_>, it: &Proxy) -> ProxyView {
        let theirs = [it.patient, it.agent].into_iter().any(|it| teller.entitled(it));
        ProxyView::of(teller, it, theirs && teller.viewer.role == Role::Citizen)
    }
}

/// `POST /proxies`. Whoever entrusts sees the token, at a hall through the clerk's hands.
pub(crate) async fn entrust(call: Call) -> Answered {
    let sent: ProxyWanted = call.body()?;
    let patient = call.lookup(&sent.patient, "patient").await?;
    let agent = call.lookup(&sent.agent, "agent").await?;
    let actor = call.actor(sent.on_behalf_of.as_ref()).await?;
    let body = Body::EntrustProxy(EntrustProxy {
        patient,
        agent,
        reason: sent.reason.0,
        place: sent.institution.map(|it| it.0),
        papers: sent.papers.read(),
        last_day: sent.last_day.0,
    });
    call.submit(&sent, Asking::to(actor, body).creating(), |teller, answer| {
        let Decided::Proxy(no) = answer else { return None };
        Some(ProxyView::of(teller, teller.facts.proxies.get(no)?, true))
    })
    .await
}

/// `POST /proxies/{no}/revocation`.
pub(crate) async fn revoke(call: Call) -> Answered {
    let sent: RevocationWanted = call.body()?;
    let proxy = ProxyNo(call.number("no")?);
    let actor = call.actor(sent.on_behalf_of.as_ref()).await?;
    let body = Body::RevokeProxy(RevokeProxy { proxy });
    call.submit(&sent, Asking::to(actor, body), move |teller, _| {
        Some(ProxyView::of(teller, teller.facts.proxies.get(&proxy)?, false))
    })
    .await
}

/// `GET /persons/{no}/proxies`.
pub(crate) async fn of(call: Call) -> Answered {
    let person = call.person()?;
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let query = Query::Proxies { person, limit: call.limit()? };
    let Page::Proxies(found) = call.app.store.page(&query).await? else { return Err(Problem::busy()) };
    let needs = Needs {
        persons: found.iter().flat_map(|it| [it.patient, it.agent]).collect(),
        institutions: found.iter().filter_map(|it| it.place).collect(),
        ..Needs::default()
    };
    let named = call.see(needs).await?;
    let teller = named.teller(call.viewer(), &call.app);
    let (entrusted, buys): (Vec<&Proxy>, Vec<_>) = found.iter().partition(|it| it.patient == person);
    let views = |list: Vec<&Proxy>| list.into_iter().map(|it| ProxyView::to_reader(&teller, it)).collect();
    let terms = ProxyTerms::of(&seen.teller(call.viewer(), &call.app), person);
    Ok(Answer::ok(&ProxiesView { entrusted: views(entrusted), buys: views(buys), terms }))
}

/// `POST /proxies/check`: uses nothing up.
pub(crate) async fn check(call: Call) -> Answered {
    let sent: TokenShown = call.body()?;
    let remedy = "Send the whole number: DG and all digits behind it.";
    let read = proxy_tokens::read(&call.app.vault, &sent.token);
    let known = read.ok_or_else(|| Problem::malformed("token", remedy))?;
    let seen = call.see(Needs { proxies: known.into_iter().collect(), ..Needs::default() }).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let unknown = || Problem::refused(&[Reason::ProxyUnknown {}], &teller);
    let proxy = known.and_then(|it| teller.facts.proxies.get(&it)).ok_or_else(unknown)?;
    let named = Needs { institutions: proxy.place.into_iter().collect(), ..Needs::default() };
    let places = call.see(named).await?;
    Ok(Answer::ok(&checked(&call, &teller, proxy, &places.teller(call.viewer(), &call.app))))
}

fn checked(call: &Call, teller: &Teller<'_>, proxy: &Proxy, places: &Teller<'_>) -> ProxyCheck {
    let today = teller.at.day();
    let elsewhere = proxy.place.filter(|it| call.token.institution.is_some_and(|here| here != *it));
    let elsewhere = elsewhere.map(|institution| Reason::ProxyElsewhere { institution });
    let against: Vec<Reason> = [proxy.closed(today), elsewhere].into_iter().flatten().collect();
    let law = teller.law.policies.parameters.proxy_papers.on(call.token.area, today);
    let masked = |person| teller.identity(person).map_or_else(|| "*".to_owned(), |it| it.masked());
    ProxyCheck {
        patient: masked(proxy.patient),
        agent: masked(proxy.agent),
        reason: words::ProxyReason(proxy.reason),
        institution: proxy.place.map(|it| places.place(it)),
        papers: PapersView::of(proxy.papers),
        last_day: Civil(proxy.last_day),
        reasons: reasons(&against, places),
        law: law.ok().map(|it| teller.source(it.cite)),
    }
}
