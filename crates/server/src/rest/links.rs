//! Family code links (亲情账户): they show a code and move no money (R-F1).

use super::call::{Answered, Asking, Call};
use super::people::{Touched, Who};
use super::problem::Problem;
use super::telling::PersonRef;
use super::wire::{Instant, words};
use domain::request::{Actor, Body, LinkFamilyCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A link to be made or undone.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkWanted {
    /// Who shows the code.
    holder: Who,
    /// Whose code.
    member: Who,
    /// What the member is to the holder; needed unless `undo`.
    relation: Option<words::Relation>,
    /// Undoes the link.
    #[serde(default)]
    undo: bool,
    /// For whom a clerk acts.
    on_behalf_of: Option<Who>,
}

/// A link.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LinkView {
    /// Who shows the code.
    holder: PersonRef,
    /// Whose code.
    member: PersonRef,
    /// What the member is to the holder.
    relation: words::Relation,
    /// Since when.
    since: Instant,
    /// Until when, once undone.
    until: Option<Instant>,
}

/// `POST /family-links`.
pub(crate) async fn link(call: Call) -> Answered {
    let sent: LinkWanted = call.body()?;
    if sent.undo == sent.relation.is_some() {
        return Err(Problem::malformed("relation", "Send either `relation` or `\"undo\": true`."));
    }
    let holder = call.lookup(&sent.holder, "holder").await?;
    let member = call.lookup(&sent.member, "member").await?;
    let actor = call.actor(sent.on_behalf_of.as_ref()).await?;
    if let Actor::Operator { .. } = actor {
        call.reaches(holder, Touched::Person).await?;
    }
    let body =
        Body::LinkFamilyCode(LinkFamilyCode { holder, member, relation: sent.relation.map(|it| it.0) });
    call.submit(&sent, Asking::to(actor, body).creating(), move |teller, _| {
        let no = |lookup| teller.facts.person_by(lookup).map(|it| it.no);
        let link = teller.facts.links.get(&(no(holder)?, no(member)?))?;
        Some(LinkView {
            holder: teller.person(link.holder),
            member: teller.person(link.member),
            relation: words::Relation(link.relation),
            since: Instant::of(link.since),
            until: link.until.map(Instant::of),
        })
    })
    .await
}
