//! What changes about places and people between two visits.

use super::twins::Twins;
use super::*;
use domain::people::Suspension;
use store::Store;

/// What suspends an institution and what it can do, through every kind of change.
pub(crate) async fn change_institution<S: Store>(twins: &mut Twins<S>, code: &str) {
    let (from, to) = (day("2025-01-20"), Some(day("2025-01-21")));
    let changes = [
        InstitutionChange::Suspend(Suspension { from, to, why: "核查 一线\n费用".to_owned() }),
        InstitutionChange::Suspend(Suspension { from: day("2025-01-25"), to: None, why: String::new() }),
        InstitutionChange::Resume(day("2025-01-26")),
        InstitutionChange::Able(Capability::Shared, vec![(from, to), (day("2025-01-30"), None)]),
        InstitutionChange::Able(Capability::Inpatient, Vec::new()),
        InstitutionChange::EndDesignation(day("2099-12-31")),
        InstitutionChange::Designate(day("2100-01-01"), None),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let body = Body::ChangeInstitution(ChangeInstitution { code: place(code), change });
        answer(&twins.one("2025-01-31 08:00", agency(&format!("change {number}"), body)).await);
    }
}

/// A visit that was registered before its patient moved, and took place after that: another enrolment pays.
pub(crate) async fn move_before_visit<S: Store>(twins: &mut Twins<S>, code: &str) {
    let taken_in =
        [person("chen", "1970-05-01", None), enrol("chen", Scheme::Employee, "320300", Category::Active)];
    twins.ask("2025-03-07 08:00", &taken_in).await.iter().for_each(|it| assert!(it.reasons().is_empty()));
    let registered = register("chen", Scheme::Employee, "2025-03-07 09:00");
    let registered = twins.one("2025-03-07 09:00", hospital(code, "reg 3", registered)).await;
    let visit = visit_no(&registered);
    let change = EnrolmentChange::Move(area("340100"), day("2025-03-08"));
    let moved = ChangeEnrolment { person: by("chen"), scheme: Scheme::Employee, change };
    answer(&twins.one("2025-03-08 08:00", agency("chen moves", Body::ChangeEnrolment(moved))).await);
    let stated =
        StateVisit { of: of(visit, "chen"), med_type: "11".to_owned(), begun: at("2025-03-08 09:00") };
    let stated = twins.one("2025-03-08 09:05", hospital(code, "state 3", Body::StateVisit(stated))).await;
    let enrolment = |it: &Decision| it.changes().expect("done").visits[0].enrolment;
    assert_ne!(enrolment(&stated), enrolment(&registered));
}
