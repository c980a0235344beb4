//! Steps of proxy purchases: entrusted, revoked, and shown when something is bought.

use super::format::Step;
use super::steps::{actor, need, person};
use super::world::*;
use domain::decision::{Answer, Decision, Outcome};
use domain::ids::ProxyNo;
use domain::proxy::{Paper, Papers, ProxyReason};
use domain::request::*;

const REASONS: &[(&str, ProxyReason)] = &[
    ("生病", ProxyReason::Illness),
    ("年老", ProxyReason::Age),
    ("年幼", ProxyReason::Childhood),
    ("住院", ProxyReason::InCare),
    ("外地", ProxyReason::Distance),
];

const PAPERS: &[(&str, Option<Paper>)] = &[
    ("", None),
    ("居民身份证", Some(Paper::IdCard)),
    ("户口簿", Some(Paper::Household)),
    ("护照", Some(Paper::Passport)),
];

/// What a step about an entrusted purchase comes to.
pub(crate) fn taken(world: &mut World<'_>, step: &Step) -> Decision {
    if step.act == "撤销代购" {
        let proxy = number(world, need(&step.proxy, "代购"));
        let body = Body::RevokeProxy(RevokeProxy { proxy: proxy.unwrap_or(ProxyNo(0)) });
        return world.send(actor(world, step, None), None, body);
    }
    let body = Body::EntrustProxy(EntrustProxy {
        patient: person(&step.who, "谁"),
        agent: person(&step.agent, "代办人"),
        reason: word(step.reason.as_deref().unwrap_or("生病"), REASONS),
        place: step.at.as_deref().map(place),
        papers: papers(step),
        last_day: step.last_day.as_deref().map_or(world.now.day(), day),
    });
    let decision = world.send(actor(world, step, step.who.as_deref()), None, body);
    if let (Outcome::Done(done), Some(label)) = (&decision.outcome, step.label.clone()) {
        let Answer::Proxy(no) = done.answer else { panic!("an entrustment answers with a number") };
        world.proxies.insert(label, no);
    }
    decision
}

/// What the agent shows at the counter.
pub(crate) fn shown(world: &World<'_>, step: &Step) -> Option<ShownProxy> {
    let label = step.proxy.as_deref()?;
    Some(ShownProxy { proxy: number(world, label), papers: papers(step) })
}

fn number(world: &World<'_>, label: &str) -> Option<ProxyNo> {
    world.proxies.get(label).copied()
}

fn papers(step: &Step) -> Papers {
    let [patient, agent] = step.papers.clone().unwrap_or_default().map(|it| word(&it, PAPERS));
    Papers { patient, agent }
}
