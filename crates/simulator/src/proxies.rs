//! Proxy purchases (代购): entrusted, revoked, bought by; and what may never be bought by one (R-G1).

use crate::audit::Seen;
use crate::family::{guardian_or_self, two};
use crate::scene::{Asked, OPERATOR, Scene, clerk};
use domain::decision::Changes;
use domain::facts::Settlement;
use domain::ids::{PersonNo, ProxyNo};
use domain::proxy::{Paper, Papers, Proxy, ProxyReason};
use domain::request::{Actor, Body, EntrustProxy, RevokeProxy, ShownProxy};

fn papers(scene: &mut Scene<'_>, often: u32) -> Papers {
    let mut some = |kind| scene.dice.percent(often).then_some(kind);
    Papers { patient: some(Paper::Household), agent: some(Paper::IdCard) }
}

/// A purchase is entrusted, mostly by the patient.
pub fn entrust(scene: &mut Scene<'_>) -> Option<Asked> {
    let (patient, agent) = two(scene);
    let (principal, comes) = (scene.person(patient)?, scene.person(agent)?);
    let actor = match scene.dice.below(20) {
        0 => Actor::Citizen(comes),
        1 => Actor::Operator { token: OPERATOR },
        2..=4 => clerk(comes),
        5 => clerk(principal),
        _ => Actor::Citizen(guardian_or_self(scene, principal)),
    };
    let hospital = scene.dice.percent(50);
    let place = scene.place(hospital).code;
    let days = i32::try_from(scene.dice.between(-1, 9)).unwrap_or(0);
    let body = EntrustProxy {
        patient: scene.found_by(patient),
        agent: scene.found_by(agent),
        reason: *scene.dice.pick(ProxyReason::ALL)?,
        place: scene.dice.percent(15).then_some(place),
        papers: papers(scene, 80),
        last_day: scene.at.day().plus(days),
    };
    Some((actor, Body::EntrustProxy(body)))
}

/// An entrusted purchase is revoked: one of the latest, mostly by those concerned.
pub fn revoke(scene: &mut Scene<'_>) -> Option<Asked> {
    let some: Vec<&Proxy> = scene.facts.proxies.values().rev().take(8).collect();
    let proxy = (*scene.dice.pick(&some)?).clone();
    let stranger = scene.player();
    let actor = match scene.dice.below(10) {
        0 => Actor::Citizen(scene.person(stranger)?),
        1..=2 => clerk(proxy.patient),
        3..=4 => Actor::Citizen(proxy.agent),
        _ => Actor::Citizen(guardian_or_self(scene, proxy.patient)),
    };
    Some((actor, Body::RevokeProxy(RevokeProxy { proxy: proxy.no })))
}

/// What an agent shows, where the bill is bought by one: an entrustment of this patient's, mostly.
pub(crate) fn shown(scene: &mut Scene<'_>, number: usize) -> Option<ShownProxy> {
    if !scene.dice.percent(50) {
        return None;
    }
    let patient = scene.person(number)?;
    let own = scene.dice.percent(95);
    let fits = |it: &&Proxy| (it.patient == patient) == own;
    let some: Vec<ProxyNo> =
        scene.facts.proxies.values().rev().filter(fits).take(2).map(|it| it.no).collect();
    let proxy = scene.dice.pick(&some).copied()?;
    let proxy = scene.dice.percent(97).then_some(proxy);
    Some(ShownProxy { proxy, papers: papers(scene, 70) })
}

/// What a record reached of purchases by agents.
pub fn reached(changes: &Changes) -> [(&'static str, bool); 2] {
    let bought = || changes.settlements.iter().filter(|it| it.bought_by.is_some());
    [
        ("bought by an agent", bought().any(|it| it.undoes.is_none() && it.undone_by.is_none())),
        ("agent's bill undone", bought().any(|it| it.undoes.is_some())),
    ]
}

/// What is bought by an agent was entrusted, for this patient and place, is in time, was neither revoked nor bought by
/// before, and the documents of both are recorded. Of what is bought by one entrustment, one settlement stands.
///
/// # Errors
/// What is not so.
pub fn check(seen: &Seen<'_>) -> Result<(), String> {
    let Some(changes) = seen.record.decision.changes() else { return Ok(()) };
    for proxy in &changes.proxies {
        stands_once(seen, proxy)?;
    }
    if let Body::EntrustProxy(asked) = &seen.record.request.body {
        return entrusted(seen, asked, changes.proxies.first());
    }
    let Body::Settle(asked) = &seen.record.request.body else { return Ok(()) };
    let made = changes.settlements.iter().find(|it| it.undoes.is_none() && it.undone_by.is_none());
    made.map_or(Ok(()), |it| bought(seen, asked.proxy.as_ref(), it))
}

fn stands_once(seen: &Seen<'_>, proxy: &Proxy) -> Result<(), String> {
    let by_it = |it: &&Settlement| it.bought_by.is_some_and(|it| it.proxy == proxy.no);
    let stands = |it: &&Settlement| it.undoes.is_none() && it.undone_by.is_none();
    let standing: Vec<_> =
        seen.after.settlements.values().filter(by_it).filter(stands).map(|it| it.no).collect();
    let right = standing == Vec::from_iter(proxy.used);
    if right { Ok(()) } else { Err(format!("by entrustment {} was bought {standing:?}", proxy.no)) }
}

fn bought(seen: &Seen<'_>, shown: Option<&ShownProxy>, it: &Settlement) -> Result<(), String> {
    let (Some(shown), Some(bought)) = (shown, it.bought_by) else {
        let same = shown.is_none() && it.bought_by.is_none();
        return if same { Ok(()) } else { Err("an agent is not recorded, or was none".to_owned()) };
    };
    let proxy = seen.before.proxies.get(&bought.proxy).ok_or("nobody entrusted this")?;
    let (today, papers) = (seen.record.turn.at.day(), proxy.papers.or(shown.papers));
    let alive = seen.before.persons.get(&proxy.agent).is_some_and(|it| it.died.is_none());
    let right = shown.proxy == Some(proxy.no)
        && (proxy.patient, proxy.agent) == (it.patient, bought.agent)
        && proxy.place.is_none_or(|place| place == it.institution)
        && (proxy.revoked, proxy.used) == (None, None)
        && today <= proxy.last_day
        && papers.patient.is_some()
        && papers.agent.is_some()
        && alive;
    if right { Ok(()) } else { Err(format!("it was bought by {proxy:?}")) }
}

fn entrusted(seen: &Seen<'_>, asked: &EntrustProxy, made: Option<&Proxy>) -> Result<(), String> {
    let made = made.ok_or("nothing was entrusted")?;
    let both = asked.papers.patient.is_some() && asked.papers.agent.is_some();
    let guardian = seen.after.persons.get(&made.patient).and_then(|it| it.guardian);
    let for_patient = |it: PersonNo| it == made.patient || Some(it) == guardian;
    let right = match seen.record.request.actor {
        Actor::Citizen(person) => for_patient(person),
        Actor::Clerk { person, .. } => both && (person == made.agent || for_patient(person)),
        Actor::Institution(_) | Actor::Operator { .. } => false,
    };
    let in_time = made.last_day <= seen.record.turn.at.day().plus(7);
    if right && in_time { Ok(()) } else { Err(format!("this was entrusted: {made:?}")) }
}
