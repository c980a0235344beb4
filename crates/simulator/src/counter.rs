//! What hospitals and pharmacies ask for: visits, lines, settlements and everything that undoes them.

use crate::cast::{Place, lookup};
use crate::codes;
use crate::scene::{Asked, Scene, is_hospital};
use domain::bill::Line;
use domain::credential::Credential;
use domain::day::Moment;
use domain::facts::{Did, Settlement, Visit};
use domain::ids::{InstitutionCode, PersonNo};
use domain::money::{Fen, Price, Quantity};
use domain::request::{
    AccountFlag, Actor, Body, Cancel, Key, RefundPart, Register, RemoveLines, Reverse, Sender, Settle,
    StateVisit, Upload, VisitRef, What,
};
use domain::trace::{Trace, TraceCode};
use domain::words::{CredentialKind, Scheme};

/// How patients prove who they are: their own code, mostly.
pub(crate) fn credential(scene: &mut Scene<'_>, number: usize) -> Credential {
    let kinds = [(70, CredentialKind::Code), (18, CredentialKind::Card), (12, CredentialKind::IdDocument)];
    let kind = scene.dice.weighed(&kinds).unwrap_or(CredentialKind::Code);
    let shown = if scene.dice.percent(3) { scene.player() } else { number };
    let lookups = scene.known(shown).lookups;
    let serial = (kind == CredentialKind::Card).then_some(lookups[2]);
    codes::of_patient(scene, Credential { kind, holder: lookups[0], serial, spoiled: None })
}

/// The scheme that is to pay: one the player is in, mostly.
pub(crate) fn scheme(scene: &mut Scene<'_>, number: usize) -> Scheme {
    if scene.dice.percent(4) {
        return Scheme::Employee;
    }
    let person = scene.person(number);
    let theirs = person.and_then(|it| scene.facts.enrolment_on(it, scene.at.day()));
    theirs.map_or(Scheme::Resident, |it| it.scheme)
}

/// A service day and time: now, mostly.
pub(crate) fn begun(scene: &mut Scene<'_>) -> Moment {
    let days = [(86, 0), (10, -2), (2, -380), (2, 1)];
    let days: i64 = scene.dice.weighed(&days).unwrap_or(0);
    scene.at.plus_millis(days * 86_400_000)
}

/// A patient: somebody with a binding, mostly.
pub(crate) fn patient(scene: &mut Scene<'_>) -> usize {
    let at = scene.at;
    let bound: Vec<PersonNo> =
        scene.facts.bindings.values().filter(|it| it.counts(at)).map(|it| it.beneficiary).collect();
    let chosen = if scene.dice.percent(55) { scene.dice.pick(&bound).copied() } else { None };
    chosen.and_then(|it| scene.player_of(it)).unwrap_or_else(|| scene.player())
}

fn lines(scene: &mut Scene<'_>, first: usize) -> Vec<Line> {
    let count = 1 + scene.dice.below(3);
    let mut lines = Vec::new();
    for nth in first..first + count {
        let traces = traces(scene, &lines);
        lines.extend(line(scene, nth).map(|it| Line { traces, ..it }));
    }
    lines
}

pub(crate) fn line(scene: &mut Scene<'_>, nth: usize) -> Option<Line> {
    let goods = &scene.stage.goods;
    let list = match scene.dice.below(100) {
        0..38 => &goods.a,
        38..72 => &goods.b,
        72..78 => &goods.out,
        78..80 => &goods.unmapped,
        _ => &goods.services,
    };
    let own = scene.dice.percent(4);
    let code = if own { String::new() } else { scene.dice.pick(list)?.clone() };
    let count = ["1", "1", "2", "3", "1.5", "0.25"][scene.dice.below(6)];
    let most = if scene.dice.percent(25) { 90_000 } else { 9_000 };
    let fen = scene.dice.between(5, most);
    let (count, price) = (Quantity::parse(count)?, Price::of(Fen::new(fen)?));
    let cost = count.times_half_up(price)?;
    let wrong = scene.dice.per_mille(4);
    Some(Line {
        sn: format!("L{nth}"),
        code,
        own_code: format!("OWN{}", scene.dice.below(4)),
        arose: None,
        count,
        price,
        cost: if wrong { cost.plus(Fen::new(1)?)? } else { cost },
        self_paid: scene.dice.percent(3),
        traces: Vec::new(),
    })
}

/// What was scanned: mostly a pack that nobody has sold, now and then one that somebody has, or that is on the bill already,
/// or nothing.
fn traces(scene: &mut Scene<'_>, before: &[Line]) -> Vec<Trace> {
    let code = match scene.dice.below(100) {
        0..4 => None,
        4..8 => {
            let sold: Vec<&TraceCode> = scene.facts.traces.keys().take(40).collect();
            scene.dice.pick(&sold).map(|it| (*it).clone())
        }
        8..10 if !before.is_empty() => {
            let scanned: Vec<&Trace> = before.iter().flat_map(|it| &it.traces).collect();
            let again = scene.dice.pick(&scanned).map(|it| Trace { code: it.code.clone(), split: !it.split });
            return again.into_iter().collect();
        }
        _ => TraceCode::parse(&format!("{:020}", scene.dice.between(0, 1_000_000_000))),
    };
    let split = scene.dice.percent(10);
    code.map(|code| Trace { code, split }).into_iter().collect()
}

/// A visit is registered.
pub fn register(scene: &mut Scene<'_>) -> Option<Asked> {
    let place = scene.place(true);
    let number = patient(scene);
    let body = Register {
        patient: scene.found_by(number),
        credential: credential(scene, number),
        scheme: scheme(scene, number),
        begun: begun(scene),
        own_no: format!("V{}", scene.facts.visits.len()),
    };
    Some((Actor::Institution(place.code), Body::Register(body)))
}

/// One of the latest hospital visits, and who asks: now and then a place that has nothing to do with it.
fn visit(
    scene: &mut Scene<'_>,
    fits: impl Fn(&Scene<'_>, &Visit) -> bool,
) -> Option<(Actor, VisitRef, Visit)> {
    let hospital = |it: &&Visit| is_hospital(it.institution) && fits(scene, it);
    let some: Vec<&Visit> = scene.facts.visits.values().rev().filter(hospital).take(4).collect();
    let visit = (*scene.dice.pick(&some)?).clone();
    let number = scene.player_of(visit.patient)?;
    let number = if scene.dice.percent(2) { scene.player() } else { number };
    let code = if scene.dice.percent(2) { scene.place(true).code } else { visit.institution };
    let of = VisitRef { visit: visit.no, patient: scene.known(number).lookups[0] };
    Some((Actor::Institution(code), of, visit))
}

fn uploaded(scene: &Scene<'_>, visit: &Visit, settled: bool) -> Vec<String> {
    let batches =
        scene.facts.batches.range((visit.no, String::new())..).take_while(|((it, _), _)| *it == visit.no);
    let open = batches.filter(|(_, it)| !it.lines.is_empty() && it.settled.is_some() == settled);
    open.map(|((_, no), _)| no.clone()).collect()
}

/// A registration is cancelled.
pub fn cancel_visit(scene: &mut Scene<'_>) -> Option<Asked> {
    let untouched = scene.dice.percent(80);
    let (actor, of, _) = visit(scene, |scene, it| !untouched || uploaded(scene, it, false).is_empty())?;
    Some((actor, Body::CancelVisit(of)))
}

/// What a visit was for.
pub fn state_visit(scene: &mut Scene<'_>) -> Option<Asked> {
    let (actor, of, visit) = visit(scene, |_, it| !it.cancelled)?;
    let med_type = if scene.dice.percent(92) { "11" } else { "14" }.to_owned();
    let begun = if scene.dice.percent(90) { visit.begun } else { begun(scene) };
    Some((actor, Body::StateVisit(StateVisit { of, med_type, begun })))
}

/// Lines are uploaded.
pub fn upload(scene: &mut Scene<'_>) -> Option<Asked> {
    let (actor, of, visit) = visit(scene, |_, it| !it.cancelled)?;
    let there = scene.facts.batches.keys().filter(|(it, _)| *it == visit.no).count();
    let nth = if scene.dice.percent(92) { there } else { there.saturating_sub(1) };
    let mut batches = vec![(format!("B{nth}"), lines(scene, nth * 10))];
    if scene.dice.percent(20) {
        batches.push((format!("B{}", nth + 1), lines(scene, nth * 10 + 10)));
    }
    Some((actor, Body::Upload(Upload { of, batches })))
}

/// Lines are removed.
pub fn remove_lines(scene: &mut Scene<'_>) -> Option<Asked> {
    let (actor, of, visit) = visit(scene, |scene, it| !uploaded(scene, it, false).is_empty())?;
    let settled = scene.dice.percent(15);
    let batches = uploaded(scene, &visit, settled);
    let batch = scene.dice.pick(&batches).cloned().filter(|_| scene.dice.percent(80));
    Some((actor, Body::RemoveLines(RemoveLines { of, batch })))
}

/// A bill is settled: a stay, an uploaded batch, or lines that come along.
pub fn settle(scene: &mut Scene<'_>) -> Option<Asked> {
    if scene.dice.percent(36)
        && let Some(asked) = crate::ward::settle(scene)
    {
        return Some(asked);
    }
    if scene.dice.percent(45)
        && let Some(asked) = settle_batch(scene)
    {
        return Some(asked);
    }
    let place = scene.place(false);
    settle_lines(scene, place)
}

fn settle_batch(scene: &mut Scene<'_>) -> Option<Asked> {
    let again = scene.dice.percent(8);
    let (actor, of, visit) = visit(scene, |scene, it| !uploaded(scene, it, again).is_empty())?;
    let batches = uploaded(scene, &visit, again);
    let batch = scene.dice.pick(&batches)?.clone();
    let lines = &scene.facts.batches.get(&(visit.no, batch.clone()))?.lines;
    let total = lines.iter().map(|it| it.cost).sum();
    let number = scene.player_of(visit.patient)?;
    let med_type = visit.med_type.clone().unwrap_or_else(|| "11".to_owned());
    let what = What::Batch { visit: visit.no, batch };
    let mut body = settlement(scene, number, what, total);
    body.patient = of.patient;
    body.scheme = if scene.dice.percent(98) { visit.scheme } else { body.scheme };
    body.med_type = if scene.dice.percent(97) { med_type } else { "12".to_owned() };
    Some((actor, Body::Settle(body)))
}

/// A purchase at a place, as one message.
pub fn settle_lines(scene: &mut Scene<'_>, place: Place) -> Option<Asked> {
    let number = patient(scene);
    let lines = lines(scene, 0);
    let total = lines.iter().map(|it| it.cost).sum();
    let what = What::Lines { begun: begun(scene), lines };
    let mut body = settlement(scene, number, what, total);
    body.patient = scene.found_by(number);
    Some((Actor::Institution(place.code), Body::Settle(body)))
}

pub(crate) fn settlement(scene: &mut Scene<'_>, number: usize, what: What, total: Fen) -> Settle {
    let flags = [(72, AccountFlag::Own), (20, AccountFlag::Shared), (8, AccountFlag::None)];
    let mut giver_credentials = Vec::new();
    if let Some(person) = scene.person(number).filter(|_| scene.dice.percent(40)) {
        let givers: Vec<PersonNo> = scene.facts.bindings_for(person).map(|it| it.giver).collect();
        let shown = givers.into_iter().filter_map(|it| scene.player_of(it));
        for giver in shown.collect::<Vec<_>>() {
            let holder = scene.known(giver).lookups[0];
            let sound = Credential { kind: CredentialKind::Code, holder, serial: None, spoiled: None };
            giver_credentials.push(codes::of_giver(scene, sound));
        }
    }
    let wrong = scene.dice.per_mille(8);
    Settle {
        patient: scene.known(number).lookups[0],
        credential: credential(scene, number),
        giver_credentials,
        scheme: scheme(scene, number),
        med_type: if is_batch(&what) { "11" } else { "41" }.to_owned(),
        what,
        total: if wrong { Fen::ZERO } else { total },
        stated: scene.dice.percent(20).then_some([Fen::ZERO; 4]),
        accounts: scene.dice.weighed(&flags).unwrap_or(AccountFlag::Own),
        repeat: scene.dice.percent(10),
        proxy: crate::proxies::shown(scene, number),
    }
}

fn is_batch(what: &What) -> bool {
    matches!(what, What::Batch { .. })
}

/// A settlement to undo: one of the latest, mostly one that is still in force.
fn original(scene: &mut Scene<'_>) -> Option<(Actor, VisitRef, Settlement)> {
    let any = scene.dice.percent(15);
    let fits = |it: &&Settlement| any || (it.undoes.is_none() && it.undone_by.is_none());
    let some: Vec<&Settlement> = scene.facts.settlements.values().rev().filter(fits).take(7).collect();
    let original = (*scene.dice.pick(&some)?).clone();
    let number = scene.player_of(original.patient)?;
    let number = if scene.dice.percent(2) { scene.player() } else { number };
    let hospital = is_hospital(original.institution);
    let code = if scene.dice.percent(3) { scene.place(hospital).code } else { original.institution };
    let of = VisitRef { visit: original.visit, patient: scene.known(number).lookups[0] };
    Some((Actor::Institution(code), of, original))
}

/// A settlement is cancelled.
pub fn cancel(scene: &mut Scene<'_>) -> Option<Asked> {
    let (actor, of, original) = original(scene)?;
    let care = original.purpose.care();
    let care = if scene.dice.percent(97) { care } else { care.other() };
    Some((actor, Body::Cancel(Cancel { settlement: original.no, of, care })))
}

/// Part of a settlement is refunded.
pub fn refund_part(scene: &mut Scene<'_>) -> Option<Asked> {
    let (actor, of, original) = original(scene)?;
    let settled = scene.facts.batches.get(&(original.visit, original.batch.clone()))?;
    let mut remaining = settled.lines.clone();
    match scene.dice.below(10) {
        0 => remaining.clear(),
        1 => {}
        2 => remaining.iter_mut().for_each(|it| it.price = Price::of(Fen::ZERO)),
        _ if remaining.len() > 1 => {
            remaining.pop();
        }
        _ => {
            let quarter = Quantity::parse("0.25")?;
            let less = |it: &mut Line| it.count = it.count.min(quarter);
            remaining.iter_mut().for_each(less);
        }
    }
    for line in &mut remaining {
        line.cost = line.count.times_half_up(line.price)?;
    }
    let body = RefundPart { settlement: original.no, of, remaining };
    Some((actor, Body::RefundPart(body)))
}

/// An earlier message is undone; or one that never arrived.
pub fn reverse(scene: &mut Scene<'_>) -> Option<Asked> {
    let number = scene.player();
    if scene.dice.percent(35) {
        let hospital = scene.dice.percent(30);
        let code = scene.place(hospital).code;
        let id = format!("late-{:x}", scene.dice.number());
        let original = Key { sender: Sender::Institution(code), id };
        return Some(reversal(scene, code, number, original));
    }
    let settled = scene.dice.percent(85);
    let fits = |did: Did| settled == matches!(did, Did::Settled(_) | Did::Admitted);
    let latest = |(key, it): (&Key, &domain::facts::Earlier)| match key.sender {
        Sender::Institution(code) if fits(it.did) => Some((it.serial, code, key.clone(), it.did)),
        Sender::Institution(_) | Sender::Token(_) => None,
    };
    let mut earlier: Vec<_> = scene.facts.earlier.iter().filter_map(latest).collect();
    earlier.sort_by_key(|(serial, ..)| *serial);
    let late = earlier.len().saturating_sub(8);
    let (_, code, original, did) = scene.dice.pick(&earlier[late..])?.clone();
    let patient = match did {
        Did::Settled(no) => scene.facts.settlements.get(&no).map(|it| it.patient),
        Did::Admitted => stay_of(scene, &original).map(|it| it.patient),
        Did::Nothing | Did::Other | Did::Barred => None,
    };
    let number = patient.and_then(|it| scene.player_of(it)).unwrap_or(number);
    Some(reversal(scene, code, number, original))
}

/// The stay that a message admitted a patient to.
fn stay_of<'a>(scene: &Scene<'a>, original: &Key) -> Option<&'a Visit> {
    scene.facts.visits.get(&scene.facts.earlier.get(original)?.admitted()?)
}

fn reversal(scene: &mut Scene<'_>, code: InstitutionCode, number: usize, original: Key) -> Asked {
    let code = if scene.dice.percent(3) { scene.place(true).code } else { code };
    let patient = if scene.dice.percent(2) { lookup(9_999, 0) } else { scene.known(number).lookups[0] };
    (Actor::Institution(code), Body::Reverse(Reverse { patient, original, infno: "2207".to_owned() }))
}
