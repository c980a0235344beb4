//! In-patient stays from admission to discharge (2401 to 2405): one stay at a time in one institution, and undone in the
//! reverse order of what was done (R-E20).

use crate::day::{Day, Moment};
use crate::decision::{Answer, Case, Changes, Decision, Steps};
use crate::facts::{Stay, Visit};
use crate::ids::{InstitutionCode, PersonNo, VisitNo};
use crate::patient::{Patient, Served, identify};
use crate::reason::Reason;
use crate::request::VisitRef;
use crate::stay::{Admit, ChangeStay, Discharge, StayEvent};
use crate::visit::{batches_of, enrolled_on, find_by, refuse};
use crate::words::{Care, DischargeOrder, InstitutionKind, Purpose};

/// Decides what happens to a stay.
pub(crate) fn decide(case: Case<'_>, event: &StayEvent) -> Decision {
    let changes = match event {
        StayEvent::Admit(it) => return admit(case, it),
        StayEvent::Charge(it) => return crate::charges::charge(case, it),
        StayEvent::Remove(it) => crate::charges::remove(case, it),
        StayEvent::Change(it) => change(case, it),
        StayEvent::Discharge(it) => discharge(case, it),
        StayEvent::UndoDischarge(of) => undo_discharge(case, of),
        StayEvent::Cancel(of) => find_by(case, of, Care::Inpatient).and_then(|it| cancelled(case, it)),
    };
    match changes {
        Ok(changes) => Decision::done(Answer::Done, changes, Vec::new()),
        Err(reason) => refuse(reason),
    }
}

fn admit(case: Case<'_>, it: &Admit) -> Decision {
    let mut steps = Steps::default();
    let served = Served::on(it.begun.day());
    let patient = identify(case, it.patient, it.scheme, served, &it.credential, &mut steps);
    if let Some(patient) = &patient {
        check_admission(case, it, patient, &mut steps);
    }
    if let Some(refusal) = steps.refusal() {
        return refusal;
    }
    let patient = patient.expect("a patient who is not found is a refusal");
    let (med_type, stay) = (Some(it.med_type.clone()), Some(Stay::default()));
    let own_no = Some(it.own_no.clone());
    let visit = Visit { med_type, stay, own_no, ..patient.visit(case, it.begun) };
    let answer = Answer::Visit(visit.no);
    Decision::done(answer, Changes { visits: vec![visit], ..Changes::default() }, steps.list)
}

/// Nobody is admitted where a settlement would be refused for want of law, nor twice at the same time.
fn check_admission(case: Case<'_>, it: &Admit, patient: &Patient<'_>, steps: &mut Steps) {
    if patient.institution.kind == InstitutionKind::Pharmacy {
        steps.refuse(Reason::NotPermitted {});
    }
    let benefit = case.law.policies.parameters.benefit(it.scheme, Purpose::Inpatient);
    if let Err(silent) = benefit.on(patient.enrolment.area, it.begun.day()) {
        steps.refuse(Reason::NoPolicy(silent));
    }
    let place = patient.institution.code;
    if let Some(reason) = overlap(case, (patient.person.no, place), None, (it.begun, None)) {
        steps.refuse(reason);
    }
}

/// Another stay of the patient at the institution at the same time, if there is one.
fn overlap(
    case: Case<'_>,
    (patient, place): (PersonNo, InstitutionCode),
    except: Option<VisitNo>,
    (from, until): (Moment, Option<Moment>),
) -> Option<Reason> {
    let overlaps = |visit: &&Visit| {
        let Some(stay) = visit.stay else { return false };
        let same = visit.patient == patient && visit.institution == place && Some(visit.no) != except;
        let starts_before = until.is_none_or(|it| visit.begun < it);
        same && !visit.cancelled && starts_before && stay.discharged.is_none_or(|it| it > from)
    };
    let other = case.facts.visits.values().find(overlaps)?;
    Some(Reason::StayOpen { visit: other.no, since: other.begun })
}

/// The stay that is spoken of.
pub(crate) fn find_stay<'a>(case: Case<'a>, of: &VisitRef) -> Result<(&'a Visit, Stay), Reason> {
    let visit = find_by(case, of, Care::Inpatient)?;
    let stay = visit.stay.ok_or(Reason::CareDiffers { care: visit.care() })?;
    Ok((visit, stay))
}

fn with_stay(visit: &Visit, stay: Stay) -> Changes {
    Changes { visits: vec![Visit { stay: Some(stay), ..visit.clone() }], ..Changes::default() }
}

/// The days make sense: neither the future nor an end before the beginning.
pub(crate) fn check_days(case: Case<'_>, first: Moment, last: Moment) -> Result<(), Reason> {
    let today = case.today();
    match [first, last].into_iter().map(Moment::day).find(|it| *it > today) {
        Some(day) => Err(Reason::ServiceDayFuture { day, today }),
        None if last < first => Err(Reason::DatesContradict { first: first.day(), last: last.day() }),
        None => Ok(()),
    }
}

/// Once something is settled, the kind of treatment and the day of admission stay.
fn change(case: Case<'_>, it: &ChangeStay) -> Result<Changes, Reason> {
    let (visit, stay) = find_stay(case, &it.of)?;
    let settled = stay.nth > 0;
    if let Some(stated) = visit.med_type.as_ref().filter(|stated| settled && **stated != it.med_type) {
        return Err(Reason::MedTypeDiffers { stated: stated.clone() });
    }
    check_days(case, it.begun, stay.discharged.unwrap_or(it.begun))?;
    let (begun, enrolment) = if settled {
        (visit.begun, visit.enrolment)
    } else {
        (it.begun, enrolled_on(case, visit, it.begun)?)
    };
    let whose = (visit.patient, visit.institution);
    if let Some(reason) = overlap(case, whose, Some(visit.no), (begun, stay.discharged)) {
        return Err(reason);
    }
    let visit = Visit { med_type: Some(it.med_type.clone()), begun, enrolment, ..visit.clone() };
    Ok(Changes { visits: vec![visit], ..Changes::default() })
}

fn discharge(case: Case<'_>, it: &Discharge) -> Result<Changes, Reason> {
    let (visit, stay) = find_stay(case, &it.of)?;
    if let Some(at) = stay.discharged {
        return Err(Reason::StayDischarged { at });
    }
    check_days(case, visit.begun, it.at)?;
    let area = case.institution()?.area;
    let order = case.law.policies.parameters.discharge_order.on(area, case.today());
    let order = order.map_err(Reason::NoPolicy)?;
    if *order.value == DischargeOrder::SettlementFirst && stay.settled.is_none() {
        return Err(Reason::StayNotSettled { area });
    }
    Ok(with_stay(visit, Stay { discharged: Some(it.at), ..stay }))
}

/// The settlement is cancelled before the discharge is taken back.
fn undo_discharge(case: Case<'_>, of: &VisitRef) -> Result<Changes, Reason> {
    let (visit, stay) = find_stay(case, of)?;
    if let Some(settlement) = stay.settled {
        return Err(Reason::StaySettled { settlement });
    }
    if stay.discharged.is_none() {
        return Err(Reason::StayNotDischarged {});
    }
    let whose = (visit.patient, visit.institution);
    if let Some(reason) = overlap(case, whose, Some(visit.no), (visit.begun, None)) {
        return Err(reason);
    }
    Ok(with_stay(visit, Stay { discharged: None, ..stay }))
}

/// An admission is taken back as long as nothing else is there of it.
pub(crate) fn cancelled(case: Case<'_>, visit: &Visit) -> Result<Changes, Reason> {
    let stay = visit.stay.unwrap_or_default();
    if let Some(at) = stay.discharged {
        return Err(Reason::StayDischarged { at });
    }
    if stay.nth > 0 || batches_of(case, visit.no).any(|(_, it)| !it.lines.is_empty()) {
        return Err(Reason::VisitInUse {});
    }
    let visit = Visit { cancelled: true, ..visit.clone() };
    Ok(Changes { visits: vec![visit], ..Changes::default() })
}

/// The last day of a stay as far as it is known: of its discharge, as recorded or as the institution says, else today.
pub(crate) fn last_day(case: Case<'_>, stay: Stay, left: Option<Day>) -> Day {
    stay.discharged.map(Moment::day).or(left).unwrap_or(case.today())
}
