//! Steps of in-patient stays: admission, charges, settlements on the way and at the end, discharge, and all of it undone.

use super::format::{Charge, Step};
use super::steps::{lines, own_credential, remember, scheme, send_bill, visit_ref, which};
use super::world::*;
use domain::bill::Correction;
use domain::decision::{Answer, Decision, Outcome};
use domain::request::*;
use domain::stay::{Admit, ChangeStay, Discharge, RemoveCharges, StayEvent};

/// What a step of a stay comes to; `None` where it is no such step.
pub(crate) fn taken(world: &mut World<'_>, step: &Step) -> Option<Decision> {
    let event = match step.act.as_str() {
        "入院" => return Some(admit(world, step)),
        "中途结算" | "住院结算" => return Some(settle(world, step)),
        "住院预结算" => return Some(settle(&mut world.clone(), step)),
        "出院" | "变更住院" | "撤销出院" | "撤销入院" | "住院上传" | "住院删除" => {
            event(world, step)
        }
        _ => return None,
    };
    let (actor, _, _) = visit_ref(world, step);
    Some(world.send(actor, step.message.as_deref(), Body::Stay(event)))
}

fn admit(world: &mut World<'_>, step: &Step) -> Decision {
    let at = place(step.at.as_deref().expect("在"));
    let event = Admit {
        patient: lookup("人", step.who.as_deref().expect("谁")),
        credential: own_credential(step),
        scheme: scheme(world, step),
        begun: when(world, step),
        med_type: step.med_type.clone().unwrap_or("21".to_owned()),
        own_no: "1".to_owned(),
    };
    let id = step.message.clone().unwrap_or_else(|| format!("入院{}", world.answers.len()));
    let decision = world.send(Actor::Institution(at), Some(&id), Body::Stay(StayEvent::Admit(event)));
    if let Outcome::Done(done) = &decision.outcome {
        let Answer::Visit(visit) = done.answer else { panic!("an admission answers with a stay") };
        remember(world, step, &id, visit, None);
    }
    decision
}

fn when(world: &World<'_>, step: &Step) -> domain::day::Moment {
    step.day.as_ref().map_or(world.now, |it| if it.len() == 10 { day(it).start() } else { moment(it) })
}

fn event(world: &World<'_>, step: &Step) -> StayEvent {
    let (_, of, _) = visit_ref(world, step);
    match step.act.as_str() {
        "出院" => StayEvent::Discharge(Discharge { of, at: when(world, step) }),
        "撤销出院" => StayEvent::UndoDischarge(of),
        "撤销入院" => StayEvent::Cancel(of),
        "住院上传" => StayEvent::Charge(domain::stay::Charge { of, items: items(world, &step.lines) }),
        "住院删除" => {
            let wanted = step.lines.iter().map(|it| it.sn.clone().expect("编号")).collect();
            let lines = Some(wanted).filter(|_| !step.lines.is_empty());
            StayEvent::Remove(RemoveCharges { of, lines })
        }
        _ => {
            let med_type = step.med_type.clone().unwrap_or("21".to_owned());
            StayEvent::Change(ChangeStay { of, begun: when(world, step), med_type })
        }
    }
}

/// Lines of a stay; those with `冲减` take back part of the line that they name.
fn items(world: &World<'_>, charges: &[Charge]) -> Vec<domain::stay::ChargeItem> {
    use domain::stay::ChargeItem;
    let each = charges.iter().flat_map(|it| std::iter::repeat_n(it, it.times.unwrap_or(1)));
    let item = |(line, charge): (_, &Charge)| match &charge.corrects {
        None => ChargeItem::New(line),
        Some(corrects) => ChargeItem::Correct(Correction { corrects: corrects.clone(), line }),
    };
    lines(world, charges).into_iter().zip(each).map(item).collect()
}

fn settle(world: &mut World<'_>, step: &Step) -> Decision {
    let interim = step.act == "中途结算";
    let left = step.day.as_deref().map(day);
    let what = What::Stay { visit: which(world, step).visit, interim, left };
    send_bill(world, step, what, "")
}
