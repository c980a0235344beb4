//! What is advised, case by case: the steps that help, and no step where none does.

use crate::world::{Decided, World, ZH, yuan};
use domain::advice::{MOST_STEPS, advised};
use domain::binding::Limits;
use domain::decision::{Answer, Outcome};
use domain::explanation::explain;
use domain::ids::InstitutionCode;
use domain::proxy::{Paper, Papers, ProxyReason};
use domain::request::{Actor, Bind, BindingEvent, Body, EntrustProxy, RecordDeath, ShownProxy};
use domain::texts::{Reader, Viewer};
use domain::words::{Relation, Scheme, Sex};

const XUZHOU: &str = "H32030000001";

/// Codes with the names of what is advised: `BALANCE_SHORT pay_cash`.
fn said(decided: &Decided) -> Vec<String> {
    let line = |it: &domain::advice::Advised| {
        let steps: Vec<&str> = it.steps.iter().map(|step| step.said().0).collect();
        format!("{} {}", it.reason.code(), steps.join(" ")).trim_end().to_owned()
    };
    advised(decided.case(), &decided.decision, MOST_STEPS).iter().map(line).collect()
}

fn family() -> World {
    let mut world = World::at("2025-06-16 10:00");
    world.employee("李明", "1985-03-12", Sex::Male, "320300", "100.00", "0.00");
    world.employee("王秀英", "1958-07-04", Sex::Female, "320300", "0.00", "0.00");
    world.resident("李小明", "2016-06-01", Sex::Male, "320300");
    world
}

fn ask(world: &mut World, who: &str, wish: Bind) -> Decided {
    let actor = Actor::Citizen(world.no(who));
    world.ask(actor, Body::Bind(wish))
}

/// R-E7: what a relative's account does not cover is paid in cash.
#[test]
fn a_short_balance_leaves_the_rest_to_cash() {
    let mut world = family();
    world.bound("李明", "李小明", Relation::Child, "2024-01-15 09:00");
    let bill = world.bill("李小明", Scheme::Resident, "630.00");
    let decided = world.settle(XUZHOU, bill);
    assert_eq!(said(&decided), ["BALANCE_SHORT pay_cash"]);
}

/// R-A1, R-B2: enrolling helps who is not insured; instead of who has no account to share somebody else can give.
#[test]
fn enrolling_first_is_advised_where_the_binding_is_then_made() {
    let mut world = family();
    world.uninsured("李小红", "2020-06-01", Sex::Female);
    let decided = ask(&mut world, "李明", World::wish("李明", "李小红", Relation::Child));
    assert_eq!(said(&decided), ["BENEFICIARY_NOT_INSURED enrol"]);
    let decided = ask(&mut world, "李明", World::wish("李明", "李小红", Relation::ChildSpouse));
    assert_eq!(
        said(&decided),
        ["RELATION_NOT_ALLOWED allowed_relatives", "BENEFICIARY_NOT_INSURED"],
        "enrolled, the relation would still refuse it"
    );
    let decided = ask(&mut world, "李小明", World::wish("李小明", "李明", Relation::Parent));
    assert_eq!(said(&decided), ["GIVER_NOT_EMPLOYEE_INSURED other_giver"]);
}

/// R-D2, R-B1: signing does not help where the relation is not allowed, so nobody is asked to sign.
#[test]
fn nobody_is_asked_to_sign_what_is_refused_anyway() {
    let mut world = family();
    world.employee("赵建国", "1956-02-20", Sex::Male, "320300", "4000.00", "1000.00");
    let unsigned =
        |beneficiary, relation| Bind { commitment: None, ..World::wish("李明", beneficiary, relation) };
    let decided = ask(&mut world, "李明", unsigned("赵建国", Relation::SpouseParent));
    assert_eq!(said(&decided), ["RELATION_NOT_ALLOWED allowed_relatives", "COMMITMENT_MISSING"]);
    let decided = ask(&mut world, "李明", unsigned("王秀英", Relation::Parent));
    assert_eq!(said(&decided), ["COMMITMENT_MISSING sign"]);
}

/// R-D7: dates and limits are mended by who asks.
#[test]
fn dates_and_limits_are_mended_by_who_asks() {
    let mut world = family();
    let wish = World::wish("李明", "王秀英", Relation::Parent);
    let yesterday = Some(world.at.day().plus(-1));
    let decided = ask(&mut world, "李明", Bind { last_day: yesterday, ..wish.clone() });
    assert!(said(&decided).contains(&"DATES_CONTRADICT mend_dates".to_owned()), "{:?}", said(&decided));
    let limits = Limits { per_month: Some(yuan("500.00")), ..Limits::default() };
    let decided = ask(&mut world, "李明", Bind { limits, ..wish });
    let codes = decided.codes();
    assert!(codes.is_empty() || said(&decided) == ["LIMIT_NOT_OFFERED drop_limit"], "{:?}", said(&decided));
}

/// R-D8: a death is nothing that anybody can mend at a counter; a wrong entry is.
#[test]
fn a_recorded_death_is_a_matter_for_the_hall() {
    let mut world = family();
    let death = RecordDeath { person: World::lookup("王秀英"), on: world.at.day().plus(-3) };
    world.ask(Actor::Operator { token: 1 }, Body::RecordDeath(death));
    let decided = ask(&mut world, "李明", World::wish("李明", "王秀英", Relation::Parent));
    assert!(said(&decided).contains(&"PERSON_DEAD ask_hall".to_owned()), "{:?}", said(&decided));
    assert!(said(&decided).iter().all(|it| !it.contains("enrol")), "{:?}", said(&decided));
}

/// R-D6: a binding that ended is bound again where that is allowed now.
#[test]
fn a_binding_that_ended_can_be_made_again() {
    let mut world = family();
    let binding = world.bound("李明", "李小明", Relation::Child, "2024-01-15 09:00");
    world.change("李明", binding, BindingEvent::Release);
    world.later("2025-06-20 10:00");
    let bill = world.bill("李小明", Scheme::Resident, "50.00");
    let decided = world.settle(XUZHOU, bill);
    assert_eq!(said(&decided), ["BINDING_EXPIRED bind pay_cash"]);
    assert_eq!(world.bind("李明", "李小明", Relation::Child).codes(), [""; 0]);
    let bill = world.bill("李小明", Scheme::Resident, "60.00");
    let decided = world.settle(XUZHOU, bill);
    assert_eq!(said(&decided), [""; 0], "what was bound before is not worth a word once it is bound again");
}

/// Advising takes its steps on a copy: what was decided on stays as it was.
#[test]
fn advising_changes_nothing() {
    let mut world = family();
    let decided =
        ask(&mut world, "李明", Bind { commitment: None, ..World::wish("李明", "王秀英", Relation::Parent) });
    let before = decided.facts.clone();
    said(&decided);
    assert_eq!(decided.facts, before);
}

/// R-G1: if this fails, an agent at a pharmacy is sent home without being told what would help, or is told what would not.
#[test]
fn what_an_agent_lacks_is_named() {
    let mut world = family();
    let lookup = World::lookup;
    let entrusted = |world: &mut World, place: Option<&str>, papers: Papers| {
        let body = EntrustProxy {
            patient: lookup("王秀英"),
            agent: lookup("李明"),
            reason: ProxyReason::Age,
            place: place.and_then(InstitutionCode::parse),
            papers,
            last_day: world.at.day(),
        };
        let actor = Actor::Citizen(world.no("王秀英"));
        let decided = world.ask(actor, Body::EntrustProxy(body));
        let Outcome::Done(done) = &decided.decision.outcome else { panic!("{:?}", decided.codes()) };
        let Answer::Proxy(no) = done.answer else { panic!("an entrustment answers with its number") };
        no
    };
    let both = Papers { patient: Some(Paper::IdCard), agent: Some(Paper::IdCard) };
    let cases = [
        (None, Papers::default(), true, "PROXY_PROOF_MISSING show_papers"),
        (Some("H32010000001"), both, true, "PROXY_ELSEWHERE entrust_again"),
        (None, both, false, "PROXY_UNKNOWN ask_institution"),
    ];
    for (place, papers, known, expected) in cases {
        let no = entrusted(&mut world, place, papers);
        let mut bill = world.bill("王秀英", Scheme::Employee, "30.00");
        bill.proxy = Some(ShownProxy { proxy: known.then_some(no), papers: Papers::default() });
        let decided = world.settle(XUZHOU, bill);
        assert_eq!(said(&decided), [expected]);
    }
    let no = entrusted(&mut world, None, both);
    let mut bill = world.bill("王秀英", Scheme::Employee, "30.00");
    bill.proxy = Some(ShownProxy { proxy: Some(no), papers: Papers::default() });
    let decided = world.settle(XUZHOU, bill);
    let reader = Reader { texts: &ZH, names: &world, viewer: Viewer::Staff };
    let steps = explain(decided.case(), &decided.decision, reader).steps;
    let bought = steps.into_iter().find(|it| it.text == "由李*代购").expect("who bought it is explained");
    assert_eq!(bought.rule, "R-G1");
    assert!(bought.source.expect("a source").text.contains("第十七条"));
}
