//! What is amended at a hall: cards that people are found by, proposed by one clerk and decided by another; mostly.

use crate::cast::lookup;
use crate::scene::{Asked, CLERK, SECOND, Scene, at_window, clerk};
use domain::amendment::{Amended, Amendment};
use domain::ids::{AmendmentNo, Area, Digest, Lookup};
use domain::request::{Actor, AmendmentEvent, Body, DecideAmendment, ProposeAmendment};

/// An amendment: another card for somebody, sometimes one that is taken.
pub fn propose(scene: &mut Scene<'_>) -> Option<Asked> {
    let number = scene.player();
    let person = scene.person(number)?;
    let taken = scene.dice.percent(10);
    let learns = if taken { scene.found_by(number) } else { lookup(2_000 + scene.dice.below(4_000), 2) };
    let earlier = scene.facts.amendments.values().filter(|it| it.person == person);
    let forgets: Vec<Lookup> = earlier.flat_map(|it| it.learns.clone()).collect();
    let body = ProposeAmendment {
        person,
        what: Amended::Card,
        forgets,
        learns: vec![learns],
        paper: Digest::of(&[b"paper"]),
        documents: Vec::new(),
        area: Area::NATION,
    };
    let actor = match scene.dice.below(12) {
        0 => Actor::Citizen(person),
        _ => clerk(person),
    };
    Some((actor, Body::ProposeAmendment(body)))
}

/// What becomes of an amendment: mostly of one that waits.
pub fn decide(scene: &mut Scene<'_>) -> Option<Asked> {
    let all: Vec<&Amendment> = scene.facts.amendments.values().collect();
    let late = all.len().saturating_sub(4);
    let recent = if scene.dice.percent(80) { &all[late..] } else { &all[..] };
    let amendment = *scene.dice.pick(recent)?;
    let events = [(6, AmendmentEvent::Approve), (2, AmendmentEvent::Reject), (2, AmendmentEvent::Withdraw)];
    let event = scene.dice.weighed(&events)?;
    let own = event == AmendmentEvent::Withdraw;
    let token = if own != scene.dice.percent(15) { CLERK } else { SECOND };
    let no = if scene.dice.percent(96) { amendment.no } else { AmendmentNo(3) };
    let lookups = amendment.forgets.iter().chain(&amendment.learns).copied().collect();
    let (person, why) = (amendment.person, Digest::of(&[b"why"]));
    let body = DecideAmendment { amendment: no, person, lookups, event, why };
    Some((at_window(token, amendment.person), Body::DecideAmendment(body)))
}
