//! What families ask for: links, bindings, and everything that happens to a binding.

use crate::scene::{Asked, OPERATOR, SECOND, Scene, at_window, clerk};
use domain::binding::{Binding, Limits, Status};
use domain::documents::{Act, Document, DocumentKind, SeenAs};
use domain::ids::{BindingNo, Digest, PersonNo};
use domain::people::FamilyLink;
use domain::request::{
    Actor, Bind, BindingEvent, Body, ChangeBinding, ConfirmFamilyCode, LinkFamilyCode, RecordDocuments,
    TakeOver,
};
use domain::words::{Channel, Mode, Proof, Relation, Side};

/// Two of one family, mostly.
pub(crate) fn two(scene: &mut Scene<'_>) -> (usize, usize) {
    let one = scene.player();
    let family = scene.known(one).family;
    let others = |it: &usize| *it != one && scene.cast.players[*it].family == family;
    let others: Vec<usize> = (0..scene.cast.players.len()).filter(others).collect();
    let other = if scene.dice.percent(96) { scene.dice.pick(&others).copied() } else { None };
    (one, other.unwrap_or_else(|| scene.player()))
}

/// A giver who has an account, mostly, and somebody of the family.
fn giver_and_other(scene: &mut Scene<'_>) -> (usize, usize) {
    for _ in 0..4 {
        let (one, other) = two(scene);
        let gives = scene.known(one).schemes.iter().any(|(it, _)| *it == domain::words::Scheme::Employee);
        if gives {
            return (one, other);
        }
    }
    two(scene)
}

fn acting(scene: &mut Scene<'_>, person: PersonNo) -> Actor {
    acting_in(scene, 12, person)
}

/// Somebody in their own session, or in so many of a hundred cases a clerk for them.
fn acting_in(scene: &mut Scene<'_>, at_window: u32, person: PersonNo) -> Actor {
    if scene.dice.percent(at_window) { clerk(person) } else { Actor::Citizen(person) }
}

/// A family code link, or its end.
pub fn link(scene: &mut Scene<'_>) -> Option<Asked> {
    let (one, other) = two(scene);
    let relation = scene.cast.relation(one, other).filter(|_| scene.dice.percent(70));
    let holder = scene.person(one)?;
    let actor = match scene.dice.below(10) {
        0 => Actor::Operator { token: OPERATOR },
        1 => Actor::Citizen(scene.person(other)?),
        _ => acting(scene, holder),
    };
    let body = LinkFamilyCode { holder: scene.found_by(one), member: scene.found_by(other), relation };
    Some((actor, Body::LinkFamilyCode(body)))
}

/// A member agrees to a family code link, or whoever acts for them; sometimes somebody who may not.
pub fn confirm_link(scene: &mut Scene<'_>) -> Option<Asked> {
    let (facts, at) = (scene.facts, scene.at);
    let waiting: Vec<&FamilyLink> = facts.links.values().filter(|it| it.waits(at)).collect();
    let waiting = scene.dice.pick(&waiting).copied();
    let found = waiting.and_then(|it| Some((scene.player_of(it.holder)?, scene.player_of(it.member)?)));
    let (holder, member) = found.unwrap_or_else(|| two(scene));
    let by = if scene.dice.percent(8) { holder } else { member };
    let person = scene.person(by)?;
    let actor = acting(scene, guardian_or_self(scene, person));
    let body = ConfirmFamilyCode { holder: scene.found_by(holder), member: scene.found_by(member) };
    Some((actor, Body::ConfirmFamilyCode(body)))
}

/// A binding.
pub fn bind(scene: &mut Scene<'_>) -> Option<Asked> {
    let (giver, beneficiary) = giver_and_other(scene);
    let told = scene.cast.relation(giver, beneficiary).filter(|_| scene.dice.percent(96));
    let relation = told.unwrap_or(*scene.dice.pick(&[Relation::Sibling, Relation::ChildSpouse])?);
    let starter = if scene.dice.percent(90) { giver } else { beneficiary };
    let person = scene.person(starter)?;
    let actor = acting_in(scene, 30, person);
    let today = scene.at.day();
    let from = scene.dice.percent(8).then(|| today.plus(2));
    let last_day = scene.dice.percent(12).then(|| today.plus(40));
    let quota = Some(scene.amount(90)).filter(|_| scene.dice.percent(90));
    let bind = Bind {
        giver: scene.found_by(giver),
        beneficiary: scene.found_by(beneficiary),
        relation,
        channel: if scene.dice.percent(80) { Channel::App } else { Channel::Hall },
        commitment: scene.dice.percent(96).then(|| ("2024-05".to_owned(), Digest::of(&[b"commitment"]))),
        proof: if scene.dice.percent(40) { Proof::Commitment } else { Proof::Documents },
        from,
        last_day,
        limits: limits(scene),
        quota,
        rank: u16::try_from(scene.dice.below(4)).unwrap_or(0),
    };
    Some((actor, Body::Bind(bind)))
}

fn limits(scene: &mut Scene<'_>) -> Limits {
    let mut some = |yuan: i64| if scene.dice.percent(12) { Some(scene.amount(yuan)) } else { None };
    Limits { per_bill: some(60), per_month: some(150), per_year: some(500) }
}

/// Something happens to a binding: mostly what can happen next.
pub fn change_binding(scene: &mut Scene<'_>) -> Option<Asked> {
    let alive = scene.dice.percent(88);
    let fits = |it: &&Binding| !alive || it.counts(scene.at);
    let all: Vec<&Binding> = scene.facts.bindings.values().filter(fits).collect();
    let late = all.len().saturating_sub(6);
    let recent = if scene.dice.percent(70) { &all[late..] } else { &all[..] };
    let binding = *scene.dice.pick(recent)?;
    let event = event(scene, binding);
    let by = side(scene, binding, event);
    let person = binding.person_on(by);
    let person = guardian_or_self(scene, person);
    let reviews = matches!(event, BindingEvent::Approve(_) | BindingEvent::Reject(_));
    let actor = match scene.dice.below(10) {
        0 => acting(scene, person),
        1..=4 if reviews => clerk(person),
        5..=7 if reviews => at_window(SECOND, person),
        _ if reviews || is_for_the_agency(event) => Actor::Operator { token: OPERATOR },
        _ => acting(scene, person),
    };
    Some((actor, Body::ChangeBinding(ChangeBinding { binding: binding.no, event })))
}

fn is_for_the_agency(event: BindingEvent) -> bool {
    matches!(event, BindingEvent::MarkNeedsDecision | BindingEvent::AllowAgain | BindingEvent::TellStatus)
}

pub(crate) fn guardian_or_self(scene: &Scene<'_>, person: PersonNo) -> PersonNo {
    scene.facts.persons.get(&person).and_then(|it| it.guardian).unwrap_or(person)
}

fn event(scene: &mut Scene<'_>, binding: &Binding) -> BindingEvent {
    let quota = scene.amount(150);
    let limits = limits(scene);
    let last_day = scene.dice.percent(30).then(|| scene.at.day().plus(30));
    let rank = BindingEvent::SetRank(2);
    let set = BindingEvent::SetLimits(last_day, limits);
    let lines = if binding.lines_shown.is_some() { BindingEvent::HideLines } else { BindingEvent::ShowLines };
    let because = Digest::of(&[b"why", &binding.no.0.to_be_bytes()]);
    let why = scene.dice.percent(50).then_some(because);
    let pending = binding.end.is_some_and(|it| it.at > scene.at);
    let likely: &[(u32, BindingEvent)] = match binding.status(scene.at) {
        Status::Awaiting(..) => {
            &[(75, BindingEvent::Confirm), (10, BindingEvent::Decline), (10, BindingEvent::Withdraw)]
        }
        Status::InReview(_) => &[(60, BindingEvent::Approve(why)), (20, BindingEvent::Reject(because))],
        Status::InForce if pending => &[(60, BindingEvent::KeepOn), (20, BindingEvent::Release)],
        Status::InForce | Status::NotYet(_) => &[
            (30, BindingEvent::Release),
            (25, set),
            (if binding.mode == Mode::Quota { 60 } else { 3 }, BindingEvent::SetQuota(quota)),
            (10, rank),
            (3, BindingEvent::MarkNeedsDecision),
            (3, BindingEvent::TellStatus),
            (8, BindingEvent::Hold),
            (10, lines),
        ],
        Status::NeedsDecision => &[(40, BindingEvent::AllowAgain), (20, BindingEvent::Release)],
        Status::OnHold(_) => &[(60, BindingEvent::Lift), (10, BindingEvent::Release)],
        Status::Lapsed(_) | Status::Refused | Status::Ended(_) => &[(10, BindingEvent::Confirm)],
    };
    let odd: &[(u32, BindingEvent)] = &[
        (1, BindingEvent::Confirm),
        (1, BindingEvent::KeepOn),
        (1, BindingEvent::Approve(None)),
        (1, BindingEvent::Lift),
        (1, lines),
        (1, BindingEvent::ShowLines),
        (1, rank),
        (1, BindingEvent::Release),
    ];
    let chosen = if scene.dice.percent(10) { odd } else { likely };
    scene.dice.weighed(chosen).unwrap_or(rank)
}

/// The side that can do it, mostly.
fn side(scene: &mut Scene<'_>, binding: &Binding, event: BindingEvent) -> Side {
    let right = match event {
        BindingEvent::Confirm | BindingEvent::Decline => {
            if let Status::Awaiting(who, _) = binding.status(scene.at) { who } else { Side::Beneficiary }
        }
        BindingEvent::Withdraw => binding.started.by,
        BindingEvent::SetRank(_) | BindingEvent::ShowLines | BindingEvent::HideLines => Side::Beneficiary,
        BindingEvent::Approve(_)
        | BindingEvent::Reject(_)
        | BindingEvent::Release
        | BindingEvent::KeepOn
        | BindingEvent::SetLimits(..)
        | BindingEvent::SetQuota(_)
        | BindingEvent::MarkNeedsDecision
        | BindingEvent::AllowAgain
        | BindingEvent::TellStatus
        | BindingEvent::Hold
        | BindingEvent::Lift => Side::Giver,
    };
    if scene.dice.percent(7) { right.other() } else { right }
}

/// A binding that another system made.
pub fn take_over(scene: &mut Scene<'_>) -> Option<Asked> {
    let (giver, beneficiary) = giver_and_other(scene);
    let relation = scene.cast.relation(giver, beneficiary).unwrap_or(Relation::Designated);
    let ago = scene.dice.between(-3_600_000, 90 * 86_400_000);
    let modes = [(90, Mode::Live), (4, Mode::Pool), (3, Mode::Quota), (3, Mode::Wallet)];
    let body = TakeOver {
        giver: scene.found_by(giver),
        beneficiary: scene.found_by(beneficiary),
        relation,
        since: scene.at.plus_millis(-ago),
        mode: scene.dice.weighed(&modes)?,
    };
    Some((scene.operator(), Body::TakeOver(body)))
}

/// Documents that are shown for a binding: mostly by one of the two, to a clerk.
pub fn record_documents(scene: &mut Scene<'_>) -> Option<Asked> {
    let all: Vec<&Binding> = scene.facts.bindings.values().collect();
    let binding = *scene.dice.pick(&all)?;
    let by = *scene.dice.pick(&[Side::Giver, Side::Beneficiary])?;
    let person = guardian_or_self(scene, binding.person_on(by));
    let actor = match scene.dice.below(10) {
        0 => Actor::Citizen(person),
        1 => clerk(PersonNo(0)),
        _ => clerk(person),
    };
    let digest = |what: &[u8]| Digest::of(&[what, &binding.no.0.to_be_bytes()]);
    let document = Document {
        kind: *scene.dice.pick(DocumentKind::ALL)?,
        seen: *scene.dice.pick(SeenAs::ALL)?,
        number: scene.dice.percent(40).then(|| digest(b"number")),
        photographs: if scene.dice.percent(50) { vec![digest(b"one"), digest(b"two")] } else { Vec::new() },
    };
    let act = Act::Binding(if scene.dice.percent(92) { binding.no } else { BindingNo(3) });
    Some((actor, Body::RecordDocuments(RecordDocuments { act, documents: vec![document] })))
}
