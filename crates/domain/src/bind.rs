//! Starting a binding, and taking one over from another system (R-D1 to R-D5, R-D9).

use crate::binding::{Binding, Commitment, Limits, Stage, Started};
use crate::conditions::{Asked, Standings, Wanted, check};
use crate::day::Moment;
use crate::decision::{Answer, Case, Changes, Decision, Matter, Notice, NoticeKind, Steps, balance_of};
use crate::ids::{BindingNo, Digest, PersonNo};
use crate::ledger::Account;
use crate::money::Fen;
use crate::policy::Silent;
use crate::purses::{Shareable, returned, shareable};
use crate::reason::Reason;
use crate::request::{Actor, Bind, TakeOver};
use crate::visit::refuse;
use crate::words::{Channel, Mode, Proof, Side};

/// Decides [`Bind`].
pub(crate) fn bind(case: Case<'_>, it: &Bind) -> Decision {
    let mut steps = Steps::default();
    let (journal, after) = returned(case.facts, case.turn.at);
    let case = Case { facts: after.as_ref().unwrap_or(case.facts), ..case };
    match bound(case, it, &mut steps) {
        Ok(Some(binding)) => {
            let notices = told(&binding);
            let answer = Answer::Binding(binding.no);
            let changes = Changes { journal, bindings: vec![binding], notices, ..Changes::default() };
            Decision::done(answer, changes, steps.list)
        }
        Ok(None) => steps.refusal().expect("a binding that is not made has a reason"),
        Err(reason) => refuse(reason),
    }
}

fn bound(case: Case<'_>, it: &Bind, steps: &mut Steps) -> Result<Option<Binding>, Reason> {
    let giver = case.person(it.giver, "giver")?.no;
    let beneficiary = case.person(it.beneficiary, "beneficiary")?.no;
    let starter = side(case, giver, beneficiary).ok_or(Reason::NotYours {})?;
    let wanted = Wanted {
        giver,
        beneficiary,
        relation: it.relation,
        starter,
        channel: it.channel,
        signed: it.commitment.is_some(),
        proof: it.proof,
        from: it.from,
        last_day: it.last_day,
        limits: it.limits,
        itself: None,
    };
    let asked = Asked { facts: case.facts, law: case.law, at: case.turn.at, wanted: &wanted };
    let standings = check(asked, steps).map_err(Reason::NoPolicy)?;
    if let Some(standings) = standings {
        check_quota(case, &wanted, standings, it.quota, steps).map_err(Reason::NoPolicy)?;
    }
    match standings.filter(|_| steps.reasons.is_empty()) {
        Some(standings) => started(case, it, &wanted, standings).map(Some).map_err(Reason::NoPolicy),
        None => Ok(None),
    }
}

/// The side somebody asks on: their own, or that of a minor they are guardian of.
pub(crate) fn side(case: Case<'_>, giver: PersonNo, beneficiary: PersonNo) -> Option<Side> {
    let own = case.request.actor.side(giver, beneficiary);
    own.or_else(|| acts_for(case, beneficiary).then_some(Side::Beneficiary))
        .or_else(|| acts_for(case, giver).then_some(Side::Giver))
}

/// Whether whoever asks acts for a person: themselves, or today as guardian of a minor.
pub(crate) fn acts_for(case: Case<'_>, person: PersonNo) -> bool {
    let guardian = || case.facts.persons.get(&person).and_then(|it| it.guardian_on(case.today()));
    case.request.actor.person().is_some_and(|it| it == person || Some(it) == guardian())
}

/// In mode quota the giver says how much, and has it free (R-M2). Where sharing is not open no amount would help.
fn check_quota(
    case: Case<'_>,
    wanted: &Wanted,
    standings: Standings,
    quota: Option<Fen>,
    steps: &mut Steps,
) -> Result<(), Silent> {
    if standings.mode != Mode::Quota || !standings.open {
        return Ok(());
    }
    let free = free_in(case, wanted.giver, standings)?.usable;
    match quota.filter(|it| !it.is_zero()) {
        None => steps.refuse(Reason::QuotaMissing {}),
        Some(quota) if quota > free => steps.refuse(Reason::QuotaTooLarge { free }),
        Some(_) => {}
    }
    Ok(())
}

/// What a giver has free to earmark.
pub(crate) fn free_in(case: Case<'_>, giver: PersonNo, standings: Standings) -> Result<Shareable, Silent> {
    let today = case.today();
    let account = Account::Personal(giver, standings.giver_area);
    let balance = balance_of(case.facts, account, today.year());
    let law = &case.law.policies.parameters;
    shareable(law, standings.giver_area, today, balance, today.year())
}

fn started(case: Case<'_>, it: &Bind, wanted: &Wanted, standings: Standings) -> Result<Binding, Silent> {
    let (at, today) = (case.turn.at, case.today());
    let clerk = match case.request.actor {
        Actor::Clerk { clerk, .. } => Some(clerk),
        Actor::Citizen(_) | Actor::Institution(_) | Actor::Operator { .. } => None,
    };
    let (version, digest) = it.commitment.clone().expect("a commitment that is missing is a refusal");
    let stage = first_stage(case, wanted, standings)?;
    let chosen = it.from.filter(|day| *day > today).map(|day| day.start());
    Ok(Binding {
        no: BindingNo(case.turn.serial.creates(0)),
        giver: wanted.giver,
        beneficiary: wanted.beneficiary,
        relation: wanted.relation,
        giver_area: standings.giver_area,
        beneficiary_area: standings.beneficiary_area,
        mode: standings.mode,
        started: Started { by: wanted.starter, channel: it.channel, clerk, at },
        commitment: Commitment { version, digest, proof: it.proof },
        stage,
        reviewed: None,
        from: chosen.unwrap_or(at),
        last_day: it.last_day,
        end: None,
        limits: it.limits,
        rank: it.rank,
        quota: it.quota.filter(|_| standings.mode == Mode::Quota),
        needs_decision: false,
        held: None,
        lines_shown: None,
        version: 1,
        recorded: at,
    })
}

/// Whom a new binding waits for. A beneficiary who starts waits for the giver, whose money it is; a quota needs
/// both (R-M2); otherwise the area says in which relations and from which age the beneficiary confirms (R-D3).
fn first_stage(case: Case<'_>, wanted: &Wanted, standings: Standings) -> Result<Stage, Silent> {
    let (law, today) = (&case.law.policies.parameters, case.today());
    let confirmation = law.confirmation.on(standings.giver_area, today)?.value;
    let age = case.facts.persons.get(&wanted.beneficiary).map(|it| today.age_of(it.born));
    let old_enough = confirmation.from_age.is_none_or(|from| age.is_some_and(|age| age >= from));
    let asked = confirmation.relations.contains(&wanted.relation) && old_enough;
    let confirms = wanted.starter == Side::Beneficiary || standings.mode == Mode::Quota || asked;
    let proof = crate::conditions::needed_proof(law, wanted.channel, standings.giver_area, today)?;
    let then_review = *proof.value == Proof::Review;
    if confirms {
        let days = law.confirmation_days.on(standings.giver_area, today)?;
        let until = today.plus(i32::from(*days.value));
        return Ok(Stage::Awaiting { who: wanted.starter.other(), until, then_review });
    }
    Ok(if then_review { Stage::InReview { since: case.turn.at } } else { Stage::Agreed })
}

/// Who is told what about a binding that just reached its stage.
pub(crate) fn told(binding: &Binding) -> Vec<Notice> {
    let notice = |to, what| Notice { to, about: Matter::Binding(binding.no), what };
    match binding.stage {
        Stage::Awaiting { who, .. } => vec![notice(binding.person_on(who), NoticeKind::PleaseConfirm)],
        Stage::Agreed => both(binding, NoticeKind::InForce),
        Stage::InReview { .. } => both(binding, NoticeKind::InReview),
        Stage::ReviewRefused => both(binding, NoticeKind::ReviewRefused),
        Stage::Declined | Stage::Withdrawn => {
            vec![notice(binding.person_on(binding.started.by), NoticeKind::Ended)]
        }
    }
}

/// The same is told to both of the two.
pub(crate) fn both(binding: &Binding, what: NoticeKind) -> Vec<Notice> {
    [binding.giver, binding.beneficiary]
        .map(|to| Notice { to, about: Matter::Binding(binding.no), what })
        .to_vec()
}

/// Decides [`TakeOver`]: the other system's word is taken for conditions and consent; people and areas are ours.
pub(crate) fn take_over(case: Case<'_>, it: &TakeOver) -> Decision {
    match taken_over(case, it) {
        Ok(binding) => {
            let answer = Answer::Binding(binding.no);
            Decision::done(answer, Changes { bindings: vec![binding], ..Changes::default() }, Vec::new())
        }
        Err(reason) => refuse(reason),
    }
}

fn taken_over(case: Case<'_>, it: &TakeOver) -> Result<Binding, Reason> {
    case.operator_only()?;
    let giver = case.person(it.giver, "giver")?.no;
    let beneficiary = case.person(it.beneficiary, "beneficiary")?.no;
    if giver == beneficiary {
        return Err(Reason::SamePerson { person: giver });
    }
    if it.since > case.turn.at {
        return Err(Reason::DatesContradict { first: it.since.day(), last: case.today() });
    }
    let today = case.today();
    let employee = case.facts.enrolment_in(giver, crate::words::Scheme::Employee, today);
    let employee = employee.ok_or(Reason::GiverNotEmployeeInsured { giver })?;
    let insured = case.facts.enrolment_on(beneficiary, today);
    let insured = insured.ok_or(Reason::BeneficiaryNotInsured { person: beneficiary })?;
    let same = |other: &&Binding| other.giver == giver && other.beneficiary == beneficiary;
    if let Some(other) = case.facts.bindings.values().filter(same).find(|other| other.counts(case.turn.at)) {
        return Err(Reason::AlreadyBound { binding: other.no });
    }
    Ok(Binding {
        no: BindingNo(case.turn.serial.creates(0)),
        giver,
        beneficiary,
        relation: it.relation,
        giver_area: employee.area,
        beneficiary_area: insured.area,
        mode: it.mode,
        started: Started { by: Side::Giver, channel: Channel::Hall, clerk: None, at: it.since },
        commitment: taken_over_commitment(),
        stage: Stage::Agreed,
        reviewed: None,
        from: it.since,
        last_day: None,
        end: None,
        limits: Limits::default(),
        rank: 0,
        quota: None,
        needs_decision: false,
        held: None,
        lines_shown: None,
        version: 1,
        recorded: case.turn.at,
    })
}

/// What stands in place of a commitment that another system holds.
fn taken_over_commitment() -> Commitment {
    Commitment { version: "taken-over".to_owned(), digest: Digest::of(&[]), proof: Proof::Commitment }
}

/// The moment from which something decided now counts: its own, or now where that has passed.
pub(crate) fn not_before(from: Moment, now: Moment) -> Moment {
    from.max(now)
}
