//! Family code links (亲情账户): they show a code and move no money (R-F1 to R-F4).

use super::call::{Answer, Answered, Asking, Call};
use super::people::{Touched, Who, of_person};
use super::problem::Problem;
use super::telling::{PersonRef, Teller};
use super::wire::{Civil, Instant, words};
use domain::ids::{Lookup, PersonNo};
use domain::link::most;
use domain::needs::Needs;
use domain::people::FamilyLink;
use domain::request::{Actor, Body, ConfirmFamilyCode, LinkFamilyCode};
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
    /// What the member is to the holder: makes the link, or asks the member for it. A grown-up member agrees to it, and so
    /// does the guardian of a minor who is asked by somebody else.
    relation: Option<words::Relation>,
    /// The member agrees to a link that waits.
    #[serde(default)]
    confirm: bool,
    /// Undoes the link, or what waits: either of the two may.
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
    /// Whether it waits for the member to agree. Until then it shows no code.
    waits: bool,
    /// Since when; of one that waits, when it was asked for.
    since: Instant,
    /// The last day on which the member may agree to one that waits.
    confirm_by: Option<Civil>,
    /// Until when, once undone.
    until: Option<Instant>,
    /// Whether the member is a minor. Their code is there from the linking on: nobody of theirs signs in for it (R-F4).
    minor: bool,
}

/// The links that a person is in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LinksView {
    /// Those by which the person shows others' codes.
    holds: Vec<LinkView>,
    /// Those by which others show the person's code.
    shown_by: Vec<LinkView>,
    /// How many, with those that wait, the person may hold; none: as many as they like (R-F2).
    most: Option<u16>,
}

impl LinkView {
    fn of(teller: &Teller<'_>, link: &FamilyLink) -> LinkView {
        LinkView {
            holder: teller.person(link.holder),
            member: teller.person(link.member),
            relation: words::Relation(link.relation),
            waits: link.waits(teller.at),
            since: Instant::of(link.since),
            confirm_by: link.confirm_by.map(Civil),
            until: link.until.map(Instant::of),
            minor: teller.facts.persons.get(&link.member).is_some_and(|it| it.is_minor(teller.at.day())),
        }
    }
}

/// `GET /persons/{no}/family-links`: those in force now, and those that wait.
pub(crate) async fn of(call: Call) -> Answered {
    let person = call.person()?;
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let Page::Links(links) = call.app.store.page(&Query::Links(person)).await? else {
        return Err(Problem::busy());
    };
    let people = links.iter().flat_map(|it| [it.holder, it.member]).chain([person]).collect();
    let named = call.see(Needs { persons: people, ..Needs::default() }).await?;
    let teller = named.teller(call.viewer(), &call.app);
    let now = links.iter().filter(|it| it.counts(named.at));
    let (holds, shown_by): (Vec<&FamilyLink>, Vec<_>) = now.partition(|it| it.holder == person);
    let views = |list: Vec<&FamilyLink>| list.into_iter().map(|it| LinkView::of(&teller, it)).collect();
    let most = most(teller.facts, teller.law, person, named.at.day()).ok().and_then(|it| it.value.0);
    Ok(Answer::ok(&LinksView { holds: views(holds), shown_by: views(shown_by), most }))
}

/// The holder and the member. Our numbers can be counted up: who is in a link, or acts for who is, names the other by number
/// once there is one that waits or is in force.
async fn two(call: &Call, sent: &LinkWanted) -> Result<(Lookup, Lookup), Problem> {
    if let (Some(holder), Some(member)) = (sent.holder.by_number(), sent.member.by_number()) {
        let seen = call.see(of_person(member)).await?;
        let is_theirs = call.token.person == Some(holder) || call.may_see(&seen.rows.facts, member).is_ok();
        if is_theirs && is_linked(call, holder, member).await? {
            return Ok((call.lookup_of(holder, "holder").await?, call.lookup_of(member, "member").await?));
        }
    }
    Ok((call.lookup(&sent.holder, "holder").await?, call.lookup(&sent.member, "member").await?))
}

async fn is_linked(call: &Call, holder: PersonNo, member: PersonNo) -> Result<bool, Problem> {
    let Page::Links(links) = call.app.store.page(&Query::Links(member)).await? else {
        return Err(Problem::busy());
    };
    let now = call.app.clock.now();
    Ok(links.iter().any(|it| (it.holder, it.member) == (holder, member) && it.counts(now)))
}

/// `POST /family-links`.
pub(crate) async fn link(call: Call) -> Answered {
    let sent: LinkWanted = call.body()?;
    let said = [sent.relation.is_some(), sent.confirm, sent.undo];
    if said.into_iter().filter(|it| *it).count() != 1 {
        let remedy = "Send one of `relation`, `\"confirm\": true` and `\"undo\": true`.";
        return Err(Problem::malformed("relation", remedy));
    }
    let (holder, member) = two(&call, &sent).await?;
    let actor = call.actor(sent.on_behalf_of.as_ref()).await?;
    if let Actor::Operator { .. } = actor {
        call.reaches(holder, Touched::Person).await?;
    }
    let body = if sent.confirm {
        Body::ConfirmFamilyCode(ConfirmFamilyCode { holder, member })
    } else {
        Body::LinkFamilyCode(LinkFamilyCode { holder, member, relation: sent.relation.map(|it| it.0) })
    };
    call.submit(&sent, Asking::to(actor, body).creating(), move |teller, _| {
        let no = |lookup| teller.facts.person_by(lookup).map(|it| it.no);
        let link = teller.facts.links.get(&(no(holder)?, no(member)?))?;
        Some(LinkView::of(teller, link))
    })
    .await
}
