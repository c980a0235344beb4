//! Tells people of bindings that the law of a new day no longer allows, or allows again (R-D8): a published law and a day of
//! it change what a binding is, and nobody asks for that.

use crate::app::App;
use crate::turn::{Encoder, NoAnswer, Submission, Told};
use domain::binding::{Binding, Status};
use domain::chain::encode;
use domain::day::{Day, Moment};
use domain::decision::Law;
use domain::ids::{Area, BindingNo, Digest};
use domain::policy::Cite;
use domain::request::{Actor, BindingEvent, Body, ChangeBinding, Key, Request, Sender};
use domain::words::Relation;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use store::{Attachments, Fault, Page, Query};

/// How often it is looked whether there is a new law or a new day.
const LOOKED_EVERY: Duration = Duration::from_secs(20);
/// So many bindings are read, and so many people's messages wait for a lane, at once.
const AT_ONCE: u32 = 64;
/// No binding has a greater number.
const BEYOND: BindingNo = BindingNo(i64::MAX.cast_unsigned());
/// By which law and on which day everybody was told what became of their bindings.
const TOLD_ALL: (&str, &str) = ("bindings-by-law", "told");
/// The bindings whose people were told that the law no longer allows them, by their numbers.
const STOPPED: &str = "stopped-by-law";

/// Tells on for ever.
pub async fn run(app: App) {
    let mut ticks = tokio::time::interval(LOOKED_EVERY);
    loop {
        ticks.tick().await;
        if let Err(fault) = step(&app).await {
            tracing::warn!(%fault, "people could not be told what a new law makes of their bindings");
        }
    }
}

/// Tells whom the law of today concerns, unless that was done; how many bindings it told of. What is broken off is done
/// again, by this process or another, and nobody is told twice.
///
/// # Errors
/// A [`Fault`] where the store is away or busy.
pub async fn step(app: &App) -> Result<usize, Fault> {
    let now = app.clock.now();
    let law = app.law().await?;
    let done = encode(&(law.digest, now.day()));
    if app.desk.get(TOLD_ALL.0, TOLD_ALL.1, now).await? == Some(done.clone()) {
        return Ok(0);
    }
    let by_law = ByLaw { app, law, now };
    let mut known = by_law.known().await?;
    let told = by_law.allowed_again(&mut known).await? + by_law.stopped(&known).await?;
    app.desk.put(TOLD_ALL.0, TOLD_ALL.1, &done, None).await?;
    Ok(told)
}

/// What bindings are by a law at a moment.
struct ByLaw<'a> {
    app: &'a App,
    law: Arc<Law>,
    now: Moment,
}

impl ByLaw<'_> {
    /// Of the bindings whose people know that the law stopped them, those that it no longer stops, and those that are over:
    /// they are known no more.
    async fn allowed_again(&self, known: &mut BTreeSet<BindingNo>) -> Result<usize, Fault> {
        let mut told = 0;
        for no in known.clone() {
            let Page::BindingHistory(versions) = self.app.store.page(&Query::BindingHistory(no)).await?
            else {
                return Err(Fault::other_page());
            };
            let binding =
                versions.last().ok_or_else(|| Fault::Damaged(format!("there is no binding {no}")))?;
            match self.allows(binding.giver_area, binding.relation) {
                Some((true, cite)) => {
                    let is_told = stands(binding, self.now) && self.tell(binding, cite).await?;
                    told += usize::from(is_told);
                }
                Some((false, _)) | None if binding.counts(self.now) => continue,
                Some((false, _)) | None => {}
            }
            self.app.desk.remove(STOPPED, &no.0.to_string()).await?;
            known.remove(&no);
        }
        Ok(told)
    }

    /// Whose binding the law stopped, and who do not know it yet. What is of one area and one relation stands together, so
    /// that all that the law allows is passed over.
    async fn stopped(&self, known: &BTreeSet<BindingNo>) -> Result<usize, Fault> {
        let (mut told, mut after) = (0, None);
        loop {
            let Page::Agreed(page) = self.app.store.page(&Query::Agreed { after, limit: AT_ONCE }).await?
            else {
                return Err(Fault::other_page());
            };
            let Some(first) = page.first() else { return Ok(told) };
            let (area, relation) = (first.giver_area, first.relation);
            let alike = page.iter().take_while(|it| (it.giver_area, it.relation) == (area, relation));
            let last = match self.allows(area, relation) {
                Some((false, cite)) => {
                    let new = alike.clone().filter(|it| !known.contains(&it.no) && stands(it, self.now));
                    told += self.tell_stopped(new, cite).await?;
                    alike.last().map(|it| it.no)
                }
                Some((true, _)) | None => None,
            };
            after = Some((area, relation, last.unwrap_or(BEYOND)));
        }
    }

    async fn tell_stopped<'b>(
        &self,
        bindings: impl Iterator<Item = &'b Binding>,
        cite: Cite,
    ) -> Result<usize, Fault> {
        let telling = bindings.map(|it| async move { Ok((it.no, self.tell(it, cite).await?)) });
        let mut told = 0;
        for it in join_all(telling).await {
            let (no, is_told) = it?;
            if is_told {
                self.app.desk.put(STOPPED, &no.0.to_string(), b"", None).await?;
                told += 1;
            }
        }
        Ok(told)
    }

    /// Whether a relation is allowed in an area, and the value of the law that says so, where one does.
    fn allows(&self, area: Area, relation: Relation) -> Option<(bool, Cite)> {
        let relations = self.law.policies.parameters.relations.on(area, self.now.day()).ok()?;
        Some((relations.value.contains(&relation), relations.cite))
    }

    /// The bindings whose people know that the law stopped them.
    async fn known(&self) -> Result<BTreeSet<BindingNo>, Fault> {
        let told = self.app.desk.list(STOPPED, self.now).await?;
        let number = |(key, _): (String, _)| key.parse().ok().map(BindingNo);
        Ok(told.into_iter().filter_map(number).collect())
    }

    /// Tells both sides of a binding; whether they were told, because something may have become of it meanwhile. The key
    /// says by which value of which book: asked again, the same is answered and nobody is told twice.
    async fn tell(&self, binding: &Binding, cite: Cite) -> Result<bool, Fault> {
        let request = request(binding.no, self.law.digest, cite.from);
        let encode: Encoder = Arc::new(|it: &Told<'_>| vec![u8::from(it.decision.changes().is_some())]);
        let attachments = Attachments::default();
        let submission = Submission { request, attachments, aside: None, encode, is_kept: true };
        match self.app.flow.submit(submission).await {
            Ok(answer) => Ok(answer == [1]),
            Err(it @ (NoAnswer::Busy | NoAnswer::KeyReused)) => Err(Fault::Unavailable(it.to_string())),
        }
    }
}

fn request(binding: BindingNo, book: Digest, from: Day) -> Request {
    let body = Body::ChangeBinding(ChangeBinding { binding, event: BindingEvent::TellStatus });
    Request {
        key: Key { sender: Sender::Token(0), id: format!("by-law:{binding}:{book}:{from}") },
        digest: Digest::of(&[&encode(&body)]),
        actor: Actor::Operator { token: 0 },
        body,
    }
}

/// Whether nothing but the law keeps it from being used, now or from its first day on.
fn stands(binding: &Binding, now: Moment) -> bool {
    matches!(binding.status(now), Status::InForce | Status::NotYet(_))
}
