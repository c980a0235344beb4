//! Family code links (亲情账户): they show a code and move no money (R-F1).

use super::call::{Answer, Answered, Asking, Call};
use super::people::{Touched, Who, of_person};
use super::problem::Problem;
use super::telling::{PersonRef, Teller};
use super::wire::{Instant, words};
use domain::needs::Needs;
use domain::people::FamilyLink;
use domain::request::{Actor, Body, LinkFamilyCode};
use serde::{Deserialize, Serialize};
use store::{Page, Query};
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

/// The links that a person is in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LinksView {
    /// Those by which the person shows others' codes.
    holds: Vec<LinkView>,
    /// Those by which others show the person's code.
    shown_by: Vec<LinkView>,
}

impl LinkView {
    fn of(teller: &Teller<'_>, link: &FamilyLink) -> LinkView {
        LinkView {
            holder: teller.person(link.holder),
            member: teller.person(link.member),
            relation: words::Relation(link.relation),
            since: Instant::of(link.since),
            until: link.until.map(Instant::of),
        }
    }
}

/// `GET /persons/{no}/family-links`: those that exist now.
pub(crate) async fn of(call: Call) -> Answered {
    let person = call.person()?;
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let Page::Links(links) = call.app.store.page(&Query::Links(person)).await? else {
        return Err(Problem::busy());
    };
    let people = links.iter().flat_map(|it| [it.holder, it.member]).collect();
    let named = call.see(Needs { persons: people, ..Needs::default() }).await?;
    let teller = named.teller(call.viewer(), &call.app);
    let now = links.iter().filter(|it| it.exists(named.at));
    let (holds, shown_by): (Vec<&FamilyLink>, Vec<_>) = now.partition(|it| it.holder == person);
    let views = |list: Vec<&FamilyLink>| list.into_iter().map(|it| LinkView::of(&teller, it)).collect();
    Ok(Answer::ok(&LinksView { holds: views(holds), shown_by: views(shown_by) }))
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
        Some(LinkView::of(teller, link))
    })
    .await
}
