//! Visits before they are settled: registration, what they were for, their lines (2201 to 2205).

use crate::bill::{Judged, adjudicate};
use crate::bill_checks::check_lines;
use crate::day::{Day, Moment};
use crate::decision::{Answer, Case, Changes, Decision, Steps};
use crate::facts::{Batch, Visit};
use crate::ids::{EnrolmentNo, PersonNo, VisitNo};
use crate::patient::{Served, identify, not_enrolled};
use crate::reason::Reason;
use crate::request::{Register, RemoveLines, StateVisit, Upload, VisitRef};
use crate::words::Care;

/// Decides [`Register`].
pub(crate) fn register(case: Case<'_>, it: &Register) -> Decision {
    let mut steps = Steps::default();
    let served = Served::on(it.begun.day());
    let patient = identify(case, it.patient, it.scheme, served, &it.credential, &mut steps);
    if let Some(refusal) = steps.refusal() {
        return refusal;
    }
    let patient = patient.expect("a patient who is not found is a refusal");
    let visit = Visit { own_no: Some(it.own_no.clone()), ..patient.visit(case, it.begun) };
    let changes = Changes { visits: vec![visit.clone()], ..Changes::default() };
    Decision::done(Answer::Visit(visit.no), changes, steps.list)
}

/// The visit of this patient at the institution that asks, of this kind of care: somebody else's visit is as unknown as
/// none.
pub(crate) fn find<'a>(
    case: Case<'a>,
    visit: VisitNo,
    patient: PersonNo,
    care: Care,
) -> Result<&'a Visit, Reason> {
    let institution = match case.request.actor {
        crate::request::Actor::Institution(code) => code,
        crate::request::Actor::Citizen(_)
        | crate::request::Actor::Clerk { .. }
        | crate::request::Actor::Operator { .. } => return Err(Reason::NotPermitted {}),
    };
    let found = case.facts.visits.get(&visit);
    let ours = found.filter(|it| it.institution == institution && it.patient == patient);
    match ours {
        None => Err(Reason::VisitUnknown {}),
        Some(visit) if visit.care() != care => Err(Reason::CareDiffers { care: visit.care() }),
        Some(visit) if visit.cancelled => Err(Reason::VisitCancelled {}),
        Some(visit) => Ok(visit),
    }
}

pub(crate) fn find_by<'a>(case: Case<'a>, of: &VisitRef, care: Care) -> Result<&'a Visit, Reason> {
    let patient = case.person(of.patient, "psn_no")?;
    find(case, of.visit, patient.no, care)
}

pub(crate) fn batches_of<'a>(
    case: Case<'a>,
    visit: VisitNo,
) -> impl Iterator<Item = (&'a String, &'a Batch)> {
    let of_visit = move |((it, _), _): &(&(VisitNo, String), &Batch)| *it == visit;
    case.facts.batches.iter().filter(of_visit).map(|((_, no), batch)| (no, batch))
}

/// Decides [`VisitRef`] of a registration that is cancelled: refused once lines are uploaded or settled.
pub(crate) fn cancel(case: Case<'_>, it: &VisitRef) -> Decision {
    match cancelled(case, it) {
        Ok(changes) => Decision::done(Answer::Done, changes, Vec::new()),
        Err(reason) => refuse(reason),
    }
}

fn cancelled(case: Case<'_>, it: &VisitRef) -> Result<Changes, Reason> {
    let visit = find_by(case, it, Care::Outpatient)?;
    if batches_of(case, visit.no).any(|(_, batch)| !batch.lines.is_empty()) {
        return Err(Reason::VisitInUse {});
    }
    let visit = Visit { cancelled: true, ..visit.clone() };
    Ok(Changes { visits: vec![visit], ..Changes::default() })
}

/// Decides [`StateVisit`].
pub(crate) fn state(case: Case<'_>, it: &StateVisit) -> Decision {
    match stated(case, it) {
        Ok(changes) => Decision::done(Answer::Done, changes, Vec::new()),
        Err(reason) => refuse(reason),
    }
}

fn stated(case: Case<'_>, it: &StateVisit) -> Result<Changes, Reason> {
    let visit = find_by(case, &it.of, Care::Outpatient)?;
    let settled = batches_of(case, visit.no).any(|(_, batch)| batch.settled.is_some());
    let differs = visit.med_type.as_ref().filter(|stated| settled && **stated != it.med_type);
    if let Some(stated) = differs {
        return Err(Reason::MedTypeDiffers { stated: stated.clone() });
    }
    if it.begun.day() > case.today() {
        return Err(Reason::ServiceDayFuture { day: it.begun.day(), today: case.today() });
    }
    // The service day picks the law: once something is settled it stays.
    let (begun, enrolment) = if settled {
        (visit.begun, visit.enrolment)
    } else {
        (it.begun, enrolled_on(case, visit, it.begun)?)
    };
    let visit = Visit { med_type: Some(it.med_type.clone()), begun, enrolment, ..visit.clone() };
    Ok(Changes { visits: vec![visit], ..Changes::default() })
}

/// The enrolment that is to pay where a visit began at this moment.
pub(crate) fn enrolled_on(case: Case<'_>, visit: &Visit, begun: Moment) -> Result<EnrolmentNo, Reason> {
    let found = case.facts.enrolment_in(visit.patient, visit.scheme, begun.day());
    found.map(|it| it.no).ok_or_else(|| not_enrolled(case, visit.patient, visit.scheme, begun.day()))
}

/// Decides [`Upload`]: lines are judged and kept, all batches or none.
pub(crate) fn upload(case: Case<'_>, it: &Upload) -> Decision {
    let mut steps = Steps::default();
    let visit = match find_by(case, &it.of, Care::Outpatient) {
        Ok(visit) => visit,
        Err(reason) => return refuse(reason),
    };
    let all: Vec<_> = it.batches.iter().flat_map(|(_, lines)| lines.clone()).collect();
    check_lines(&all, &mut steps);
    check_fresh(case, visit.no, it, &mut steps);
    let judged = judged(case, visit, visit.begun.day());
    let splits = judged.and_then(|judged| adjudicate(&all, judged, case.facts, case.law));
    let splits = match splits {
        Ok((splits, _)) => splits,
        Err(reasons) => {
            reasons.into_iter().for_each(|it| steps.refuse(it));
            Vec::new()
        }
    };
    if let Some(refusal) = steps.refusal() {
        return refusal;
    }
    let batch = |(no, lines): &(String, Vec<_>)| {
        (visit.no, no.clone(), Batch { lines: lines.clone(), ..Batch::default() })
    };
    let changes = Changes { batches: it.batches.iter().map(batch).collect(), ..Changes::default() };
    let lines = all.iter().map(|it| it.sn.clone()).zip(splits).collect();
    Decision::done(Answer::Lines(lines), changes, steps.list)
}

/// By what the lines of a visit are judged on a day.
pub(crate) fn judged(case: Case<'_>, visit: &Visit, day: Day) -> Result<Judged, Vec<Reason>> {
    let institution = case.institution().map_err(|it| vec![it])?;
    let person = case.facts.persons.get(&visit.patient);
    let enrolment = case.facts.enrolments.get(&visit.enrolment);
    let (Some(person), Some(enrolment)) = (person, enrolment) else {
        return Err(vec![Reason::VisitUnknown {}]);
    };
    let patient = crate::patient::Patient { institution, person, enrolment };
    Ok(Judged { area: enrolment.area, institution: institution.code, day, whom: patient.whom(day) })
}

/// A batch comes whole and once; a line's number is unique in the visit.
fn check_fresh(case: Case<'_>, visit: VisitNo, it: &Upload, steps: &mut Steps) {
    for (no, batch) in batches_of(case, visit).filter(|(_, batch)| !batch.lines.is_empty()) {
        if it.batches.iter().any(|(other, _)| other == no) {
            steps.refuse(match batch.settled {
                Some(settlement) => Reason::BatchSettled { batch: no.clone(), settlement },
                None => Reason::BatchKnown { batch: no.clone() },
            });
            continue;
        }
        let lines = it.batches.iter().flat_map(|(_, lines)| lines);
        for line in lines.filter(|line| batch.lines.iter().any(|it| it.sn == line.sn)) {
            steps.refuse(Reason::LineRepeated { sn: line.sn.clone() });
        }
    }
}

/// Decides [`RemoveLines`]: never what is settled.
pub(crate) fn remove_lines(case: Case<'_>, it: &RemoveLines) -> Decision {
    match removed(case, it) {
        Ok(changes) => Decision::done(Answer::Done, changes, Vec::new()),
        Err(reason) => refuse(reason),
    }
}

fn removed(case: Case<'_>, it: &RemoveLines) -> Result<Changes, Reason> {
    let visit = find_by(case, &it.of, Care::Outpatient)?;
    if let Some(wanted) = &it.batch {
        let found = batches_of(case, visit.no).find(|(no, batch)| *no == wanted && !batch.lines.is_empty());
        match found {
            None => return Err(Reason::BatchUnknown { batch: wanted.clone() }),
            Some((no, Batch { settled: Some(settlement), .. })) => {
                return Err(Reason::BatchSettled { batch: no.clone(), settlement: *settlement });
            }
            Some(_) => {}
        }
    }
    let open = |(no, batch): &(&String, &Batch)| {
        batch.settled.is_none()
            && !batch.lines.is_empty()
            && it.batch.as_ref().is_none_or(|wanted| wanted == *no)
    };
    let emptied = |(no, _): (&String, &Batch)| (visit.no, no.clone(), Batch::default());
    let batches = batches_of(case, visit.no).filter(open).map(emptied).collect();
    Ok(Changes { batches, ..Changes::default() })
}

pub(crate) fn refuse(reason: Reason) -> Decision {
    let mut steps = Steps::default();
    steps.refuse(reason);
    steps.refusal().expect("a reason was given")
}
