//! Destinations of messages: registered by an operator for areas of theirs, watched, paused; and what they did not acknowledge.
//! Who a message is for is not shown here.

use super::call::{Answer, Answered, Call};
use super::problem::Problem;
use super::wire::{Instant, Region, words};
use crate::gateway_keys::Hash;
use crate::outbox::destinations::{self, Destination, DestinationError, NewDestination, Pause};
use crate::outbox::lag::{self, Lag};
use crate::outbox::waiting::{self, Answer as Said, Pile, Waiting};
use axum::http::StatusCode;
use domain::ids::Area;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A destination that is to be registered.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhook {
    /// Where messages are posted: https, or http to this machine itself.
    #[schema(example = "https://gateway.example.cn/gongji")]
    url: String,
    /// What it is for.
    label: String,
    /// About what, by words like `spent`; left out: everything.
    #[serde(default)]
    kinds: Vec<String>,
    /// To people whom one of these insures; left out: the area of the token.
    #[serde(default)]
    areas: Vec<Region>,
    /// What the signature is made with; left out: `sha256`.
    digest: Option<words::Digest>,
}

/// A destination with its secret, which is shown here and nowhere else.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WebhookMade {
    #[serde(flatten)]
    webhook: WebhookView,
    /// The key of the signature, as text.
    secret: String,
}

/// Destinations.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WebhooksView {
    webhooks: Vec<WebhookView>,
}

/// A destination, without its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WebhookView {
    /// Its number.
    no: u32,
    /// What it is for.
    label: String,
    /// Where messages are posted.
    url: String,
    /// About what.
    kinds: Vec<String>,
    /// To people whom one of these insures.
    areas: Vec<Region>,
    /// What the signature is made with.
    digest: words::Digest,
    /// When it was registered.
    created: Instant,
    /// Why nothing is sent there.
    paused: Option<words::Pause>,
    /// How old the oldest message is that it has not acknowledged, in seconds.
    lag_seconds: i64,
    /// How many messages wait for another try.
    waiting: usize,
    /// How many were given up.
    given_up: usize,
    /// How many it has acknowledged.
    acknowledged: u64,
    /// When it last acknowledged one.
    latest: Option<Instant>,
    /// How often in a row it could not be reached.
    failures: u32,
    /// Until when nothing is sent because of that.
    rests_until: Option<Instant>,
}

/// What is to become of a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WebhookChange {
    /// Nothing is sent there for now.
    Pause,
    /// It is sent to again, at once.
    Resume,
    /// It is forgotten, with everything that waits or was given up.
    Remove,
}

/// A change of a destination.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookChanged {
    change: WebhookChange,
}

/// Messages that a destination has not acknowledged.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DeliveriesView {
    /// Those that are tried again, oldest first.
    waiting: Vec<DeliveryView>,
    /// Those that were given up, oldest first.
    given_up: Vec<DeliveryView>,
}

/// A message that a destination has not acknowledged.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DeliveryView {
    /// What the destination knows it by.
    #[schema(example = "s1341408480854084.0.1750039200000")]
    id: String,
    /// What it is about.
    #[schema(example = "spent")]
    kind: String,
    /// When what it tells of was committed.
    at: Instant,
    /// How often it was tried.
    tries: u32,
    /// When it is tried next at the earliest.
    due: Instant,
    /// When it was tried last.
    tried: Option<Instant>,
    /// The status of the last answer.
    status: Option<u16>,
    /// Its beginning, or what kept the destination from answering.
    said: Option<String>,
}

/// What is to become of a message that was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryChange {
    /// It is sent again, from the first try on.
    SendAgain,
    /// It is forgotten here; it stays in the person's inbox.
    GiveUp,
}

/// A change of a message that was given up.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeliveryChanged {
    change: DeliveryChange,
}

impl WebhookView {
    fn of(it: &Destination, lag: &Lag) -> WebhookView {
        WebhookView {
            no: it.no,
            label: it.label.clone(),
            url: it.url.clone(),
            kinds: it.kinds.iter().cloned().collect(),
            areas: it.areas.iter().copied().map(Region).collect(),
            digest: words::Digest(it.hash),
            created: Instant::of(it.created),
            paused: it.paused.map(|(why, _)| words::Pause(why)),
            lag_seconds: lag.millis / 1000,
            waiting: lag.waiting,
            given_up: lag.dead,
            acknowledged: lag.progress.acknowledged,
            latest: lag.progress.latest.map(Instant::of),
            failures: lag.progress.failures,
            rests_until: lag.progress.rests_until.map(Instant::of),
        }
    }
}

impl DeliveryView {
    fn of(it: &Waiting) -> DeliveryView {
        let last = |it: &Said| (Instant::of(it.at), it.status, it.said.clone());
        let last = it.last.as_ref().map(last);
        DeliveryView {
            id: it.message.id(),
            kind: it.message.kind.word().to_owned(),
            at: Instant::of(it.message.at),
            tries: it.tries,
            due: Instant::of(it.due),
            status: last.as_ref().and_then(|(_, status, _)| *status),
            said: last.as_ref().map(|(_, _, said)| said.clone()),
            tried: last.map(|(at, _, _)| at),
        }
    }
}

impl From<DestinationError> for Problem {
    fn from(error: DestinationError) -> Problem {
        let field = match error {
            DestinationError::Store(fault) => return fault.into(),
            DestinationError::Url => "url",
            DestinationError::Kinds => "kinds",
            DestinationError::Label => "label",
        };
        Problem::malformed(field, error.to_string())
    }
}

impl Call {
    fn reaches_webhook(&self, it: &Destination) -> bool {
        it.areas.iter().all(|area| self.token.covers(*area))
    }

    /// The destination in the path, where all its areas are the caller's.
    async fn webhook(&self) -> Result<Destination, Problem> {
        let no = u32::try_from(self.number("no")?).map_err(|_| Problem::not_found("webhook"))?;
        let found = destinations::find(&self.app, no).await?;
        found.filter(|it| self.reaches_webhook(it)).ok_or_else(|| Problem::not_found("webhook"))
    }

    async fn webhook_view(&self, it: &Destination) -> Result<WebhookView, Problem> {
        Ok(WebhookView::of(it, &lag::of(&self.app, it, self.app.clock.now()).await?))
    }
}

/// `GET /webhooks`.
pub(crate) async fn list(call: Call) -> Answered {
    let mut webhooks = Vec::new();
    for it in destinations::list(&call.app).await?.iter().filter(|it| call.reaches_webhook(it)) {
        webhooks.push(call.webhook_view(it).await?);
    }
    Ok(Answer::ok(&WebhooksView { webhooks }))
}

/// `POST /webhooks`.
pub(crate) async fn make(call: Call) -> Answered {
    let sent: NewWebhook = call.body()?;
    let areas: Vec<Area> = sent.areas.iter().map(|it| it.0).collect();
    areas.iter().try_for_each(|it| call.covers(*it))?;
    let new = NewDestination {
        label: sent.label.clone(),
        url: sent.url.clone(),
        kinds: sent.kinds.iter().cloned().collect(),
        areas: if areas.is_empty() { [call.token.area].into() } else { areas.into_iter().collect() },
        hash: sent.digest.map_or(Hash::Sha256, |it| it.0),
    };
    new.check()?;
    call.once(&sent, async {
        let made = destinations::create(&call.app, new).await?;
        let webhook = call.webhook_view(&made).await?;
        Ok(Answer::of(StatusCode::CREATED, &WebhookMade { webhook, secret: made.secret }))
    })
    .await
}

/// `POST /webhooks/{no}/changes`.
pub(crate) async fn change(call: Call) -> Answered {
    let sent: WebhookChanged = call.body()?;
    call.once(&sent, async {
        let (webhook, app) = (call.webhook().await?, &call.app);
        let changed = match sent.change {
            WebhookChange::Pause => destinations::pause(app, webhook.no, Pause::Operator).await?,
            WebhookChange::Resume => destinations::resume(app, webhook.no).await?,
            WebhookChange::Remove => {
                let view = call.webhook_view(&webhook).await?;
                destinations::remove(app, webhook.no).await?;
                return Ok(Answer::ok(&view));
            }
        };
        let changed = changed.ok_or_else(|| Problem::not_found("webhook"))?;
        Ok(Answer::ok(&call.webhook_view(&changed).await?))
    })
    .await
}

async fn piles(call: &Call, no: u32, most: usize) -> Result<DeliveriesView, Problem> {
    let (waiting, dead) =
        (waiting::list(&call.app, no, Pile::Waiting).await?, waiting::list(&call.app, no, Pile::Dead).await?);
    let views = |list: Vec<Waiting>| list.iter().take(most).map(DeliveryView::of).collect();
    Ok(DeliveriesView { waiting: views(waiting), given_up: views(dead) })
}

/// `GET /webhooks/{no}/deliveries`.
pub(crate) async fn deliveries(call: Call) -> Answered {
    let most = usize::try_from(call.limit()?).unwrap_or(usize::MAX);
    let webhook = call.webhook().await?;
    Ok(Answer::ok(&piles(&call, webhook.no, most).await?))
}

/// `POST /webhooks/{no}/deliveries/{id}/changes`.
pub(crate) async fn deliver(call: Call) -> Answered {
    let sent: DeliveryChanged = call.body()?;
    call.once(&sent, async {
        let (webhook, id) = (call.webhook().await?, call.text("id"));
        let known = match sent.change {
            DeliveryChange::SendAgain => waiting::send_again(&call.app, webhook.no, &id).await?,
            DeliveryChange::GiveUp => waiting::give_up(&call.app, webhook.no, &id).await?,
        };
        if !known {
            return Err(Problem::not_found("delivery"));
        }
        Ok(Answer::ok(&piles(&call, webhook.no, 50).await?))
    })
    .await
}
