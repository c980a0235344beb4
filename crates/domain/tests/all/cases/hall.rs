//! Steps at a service hall: amendments of the card that a person is found by, proposed and decided.

use super::format::Step;
use super::steps::actor;
use super::world::*;
use domain::amendment::Amended;
use domain::decision::Decision;
use domain::ids::{AmendmentNo, Area, Digest, Lookup};
use domain::request::*;

/// What a step about an amendment comes to; `None` where it is about something else.
pub(super) fn taken(world: &mut World<'_>, step: &Step) -> Option<Decision> {
    let event = match step.act.as_str() {
        "申请更正" => return Some(propose(world, step)),
        "批准更正" => AmendmentEvent::Approve,
        "不批准更正" => AmendmentEvent::Reject,
        "撤回更正" => AmendmentEvent::Withdraw,
        _ => return None,
    };
    let person = world.no(step.who.as_deref().expect("谁"));
    let latest = world.facts.amendments.values().rfind(|it| it.person == person);
    let (amendment, lookups): (AmendmentNo, Vec<Lookup>) = latest
        .map_or((AmendmentNo(0), Vec::new()), |it| {
            (it.no, it.forgets.iter().chain(&it.learns).copied().collect())
        });
    let actor = actor(world, step, None);
    let why = Digest::of(&["理由".as_bytes()]);
    let body = DecideAmendment { amendment, person, lookups, event, why };
    Some(world.send(actor, None, Body::DecideAmendment(body)))
}

/// `到` is the right card: that of somebody, or one that nobody has yet.
fn propose(world: &mut World<'_>, step: &Step) -> Decision {
    let who = step.who.as_deref().expect("谁");
    let actor = actor(world, step, None);
    let body = ProposeAmendment {
        person: world.no(who),
        what: Amended::Card,
        forgets: vec![lookup("社保卡", who)],
        learns: vec![lookup("社保卡", step.to.as_deref().expect("到"))],
        paper: Digest::of(&["更正单".as_bytes()]),
        documents: Vec::new(),
        area: Area::NATION,
    };
    world.send(actor, None, Body::ProposeAmendment(body))
}
