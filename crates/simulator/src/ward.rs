//! What hospitals ask for about in-patient stays: admissions, charges and corrections, discharges, settlements on the way
//! and at the end, and all of it undone.

use crate::counter::{begun, credential, line, patient, scheme, settlement};
use crate::scene::{Asked, Scene};
use domain::bill::{Correction, Line};
use domain::facts::{Batch, Stay, Visit};
use domain::money::{Fen, Quantity};
use domain::request::{Actor, Body, Settle, VisitRef, What};
use domain::stay::{Admit, ChangeStay, Charge, ChargeItem, Discharge, RemoveCharges, StayEvent};

const DAY_MS: i64 = 86_400_000;

fn asked(actor: Actor, event: StayEvent) -> Option<Asked> {
    Some((actor, Body::Stay(event)))
}

/// A patient is admitted.
pub fn admit(scene: &mut Scene<'_>) -> Option<Asked> {
    let place = scene.place(true);
    let number = patient(scene);
    let admit = Admit {
        patient: scene.found_by(number),
        credential: credential(scene, number),
        scheme: scheme(scene, number),
        begun: begun(scene),
        med_type: "21".to_owned(),
        own_no: format!("S{}", scene.facts.visits.len()),
    };
    asked(Actor::Institution(place.code), StayEvent::Admit(admit))
}

/// One of the latest stays, and who asks: now and then a place that has nothing to do with it, or about a visit that is
/// no stay.
fn stay(
    scene: &mut Scene<'_>,
    fits: impl Fn(&Scene<'_>, &Visit, Stay) -> bool,
) -> Option<(Actor, VisitRef, Visit)> {
    let any = scene.dice.percent(6);
    let wanted = |it: &&Visit| match it.stay {
        Some(stay) => any || (!it.cancelled && fits(scene, it, stay)),
        None => any,
    };
    let some: Vec<&Visit> = scene.facts.visits.values().rev().filter(wanted).take(4).collect();
    let visit = (*scene.dice.pick(&some)?).clone();
    let number = scene.player_of(visit.patient)?;
    let number = if scene.dice.percent(2) { scene.player() } else { number };
    let code = if scene.dice.percent(2) { scene.place(true).code } else { visit.institution };
    let of = VisitRef { visit: visit.no, patient: scene.known(number).lookups[0] };
    Some((Actor::Institution(code), of, visit))
}

fn batches<'a>(scene: &Scene<'a>, visit: &Visit) -> impl Iterator<Item = &'a Batch> + use<'a> {
    let (facts, no) = (scene.facts, visit.no);
    facts.batches.range((no, String::new())..).take_while(move |((it, _), _)| *it == no).map(|(_, it)| it)
}

/// Whether something was charged and is not settled.
fn has_open(scene: &Scene<'_>, visit: &Visit) -> bool {
    batches(scene, visit).any(|it| it.settled.is_none() && !it.lines.is_empty())
}

/// What is known of a stay changes.
pub fn change(scene: &mut Scene<'_>) -> Option<Asked> {
    let (actor, of, visit) = stay(scene, |_, _, _| true)?;
    let med_type = if scene.dice.percent(85) { "21" } else { "22" }.to_owned();
    let moved = if scene.dice.percent(15) { -DAY_MS } else { 0 };
    asked(actor, StayEvent::Change(ChangeStay { of, begun: visit.begun.plus_millis(moved), med_type }))
}

/// A patient is discharged.
pub fn discharge(scene: &mut Scene<'_>) -> Option<Asked> {
    let (actor, of, _) = stay(scene, |scene, it, stay| {
        stay.discharged.is_none() && (stay.settled.is_some() || has_open(scene, it) || stay.nth > 0)
    })?;
    let at = scene.at.plus_millis(if scene.dice.percent(8) { -DAY_MS } else { 0 });
    asked(actor, StayEvent::Discharge(Discharge { of, at }))
}

/// A discharge is taken back.
pub fn undo_discharge(scene: &mut Scene<'_>) -> Option<Asked> {
    let early = scene.dice.percent(25);
    let (actor, of, _) = stay(scene, |_, _, stay| early || stay.discharged.is_some())?;
    asked(actor, StayEvent::UndoDischarge(of))
}

/// An admission is taken back.
pub fn cancel(scene: &mut Scene<'_>) -> Option<Asked> {
    let untouched = scene.dice.percent(70);
    let (actor, of, _) = stay(scene, |scene, it, _| !untouched || batches(scene, it).count() == 0)?;
    asked(actor, StayEvent::Cancel(of))
}

/// Lines are charged and corrected.
pub fn charge(scene: &mut Scene<'_>) -> Option<Asked> {
    let late = scene.dice.percent(10);
    let (actor, of, visit) = stay(scene, |_, _, stay| late || stay.settled.is_none())?;
    let there = scene.facts.charges.keys().filter(|(it, _)| *it == visit.no).count();
    let first = if scene.dice.percent(95) { there } else { there.saturating_sub(1) };
    let count = 1 + scene.dice.below(4);
    let charged: Vec<Line> = batches(scene, &visit).flat_map(|it| it.lines.clone()).collect();
    let mut items = Vec::new();
    for nth in first..first + count {
        let correct = !charged.is_empty() && scene.dice.percent(30);
        let item =
            if correct { correction(scene, nth, &charged)? } else { ChargeItem::New(line(scene, nth)?) };
        items.push(item);
    }
    asked(actor, StayEvent::Charge(Charge { of, items }))
}

/// Part of a line taken back, or all of it; now and then more than there is, or of a line that never was.
fn correction(scene: &mut Scene<'_>, nth: usize, charged: &[Line]) -> Option<ChargeItem> {
    let line = scene.dice.pick(charged)?.clone();
    let count = ["0.25", "0.25", "1", "5"][scene.dice.below(4)];
    let count = if scene.dice.percent(30) { line.count } else { Quantity::parse(count)? };
    let cost = count.times_half_up(line.price)?;
    let corrects = if scene.dice.percent(3) { "L9999".to_owned() } else { line.sn.clone() };
    let line = Line { sn: format!("L{nth}"), count, cost, ..line };
    Some(ChargeItem::Correct(Correction { corrects, line }))
}

/// Lines are taken out.
pub fn remove(scene: &mut Scene<'_>) -> Option<Asked> {
    let late = scene.dice.percent(25);
    let (actor, of, visit) =
        stay(scene, |scene, it, _| has_open(scene, it) || (late && batches(scene, it).count() > 0))?;
    let charged = batches(scene, &visit).flat_map(|it| &it.lines).map(|it| it.sn.clone());
    let charged: Vec<String> = charged.collect();
    let wanted: Vec<String> = (0..2).filter_map(|_| scene.dice.pick(&charged).cloned()).collect();
    let lines = Some(wanted).filter(|it| !it.is_empty() && scene.dice.percent(80));
    asked(actor, StayEvent::Remove(RemoveCharges { of, lines }))
}

/// A stay is settled, so far or for good.
pub fn settle(scene: &mut Scene<'_>) -> Option<Asked> {
    let (actor, of, visit) = stay(scene, |scene, it, stay| stay.settled.is_none() && has_open(scene, it))?;
    let open = || batches(scene, &visit).filter(|it| it.settled.is_none());
    let charged: i64 = open().flat_map(|it| &it.lines).map(|it| it.cost.get()).sum();
    let taken: i64 = open().flat_map(|it| &it.corrections).map(|it| it.line.cost.get()).sum();
    let number = scene.player_of(visit.patient)?;
    let interim = scene.dice.percent(35);
    let left = scene.dice.percent(15).then(|| scene.at.day());
    let what = What::Stay { visit: visit.no, interim, left };
    let body = settlement(scene, number, what, Fen::new(charged - taken).unwrap_or(Fen::ZERO));
    let scheme = if scene.dice.percent(98) { visit.scheme } else { body.scheme };
    let body = Settle { patient: of.patient, scheme, med_type: String::new(), ..body };
    Some((actor, Body::Settle(body)))
}
