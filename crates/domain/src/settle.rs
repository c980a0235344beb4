//! Settling a bill: who the patient is, what the bill is, what the fund pays, who pays the rest (R-E1 to R-E18).

use crate::benefit::Whom;
use crate::bill::{Judged, Line, Split, adjudicate};
use crate::bill_checks::{
    bill_digest, check_lines, check_repetition, check_split_amounts, check_stated, check_treatment,
};
use crate::day::{Day, Moment};
use crate::decision::{Answer, Case, Changes, Decision, Figure, Found, NoticeKind, Steps};
use crate::facts::{Batch, Settlement, TallyKey, Visit};
use crate::fund::{Before, Shared, Tally, share_out};
use crate::ids::{PersonNo, SettlementNo, VisitNo};
use crate::ledger::{Account, Entry, Journal, Part, between, post};
use crate::money::{Fen, Total};
use crate::patient::{Patient, Served, credential_taken, identify};
use crate::plan::{Due, Plan, plan};
use crate::policy::Silent;
use crate::proxy::BoughtBy;
use crate::purses::{self, Place, Purse, Sharing};
use crate::reason::Reason;
use crate::request::{AccountFlag, Settle, What};
use crate::stay_bill::{self, StayBill};
use crate::words::{Capability, Care, FlagTwo, FundKind, OwnFirst, Purpose, Scheme};
use std::collections::BTreeMap;

/// A bill on its way to being settled.
pub(crate) struct Bill<'a> {
    pub(crate) patient: Patient<'a>,
    pub(crate) visit: Visit,
    pub(crate) new_visit: bool,
    pub(crate) batch: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) med_type: String,
    /// The service day, by whose law it is settled.
    pub(crate) day: Day,
    /// What it settles of a stay, if it is of one.
    pub(crate) stay: Option<StayBill>,
    /// Who buys it for the patient, where somebody does.
    pub(crate) bought_by: Option<BoughtBy>,
}

impl Bill<'_> {
    /// What is bought.
    pub(crate) fn purpose(&self) -> Purpose {
        if self.stay.is_some() { Purpose::Inpatient } else { self.patient.purpose() }
    }

    /// Whom benefits are looked up for.
    pub(crate) fn whom(&self) -> Whom {
        let stay = self.stay.as_ref().map_or(0, |it| it.nth);
        Whom { stay, ..self.patient.whom(self.day) }
    }
}

/// A bill judged and planned, not yet in the books.
pub(crate) struct Charged {
    pub(crate) splits: Vec<Split>,
    pub(crate) shared: Shared,
    pub(crate) plan: Plan,
}

/// Which purses a bill may draw on.
pub(crate) struct Allowed<'a> {
    pub(crate) accounts: AccountFlag,
    pub(crate) shown: &'a [PersonNo],
    /// For what remains of a partial refund: only these purses, each at most so much (R-E9). What was asked for and
    /// shown when the original was settled holds for it too.
    pub(crate) at_most: Option<&'a BTreeMap<Account, Fen>>,
}

/// Decides [`Settle`].
pub(crate) fn settle(case: Case<'_>, it: &Settle) -> Decision {
    let mut steps = Steps::default();
    let (returned, after) = purses::returned(case.facts, case.turn.at);
    let case = Case { facts: after.as_ref().unwrap_or(case.facts), ..case };
    let Some(mut bill) = gather(case, it, &mut steps) else {
        return steps.refusal().expect("a bill that cannot be gathered has a reason");
    };
    bill.bought_by = crate::proxy::bought_by(case, it.proxy.as_ref(), &bill, &mut steps);
    check_stated("medfee_sumamt", it.total, bill.lines.iter().map(|it| it.cost), &mut steps);
    let first = check_repetition(case, it, &bill, &mut steps);
    crate::trace::check(case, &bill, first, &mut steps);
    let shown = shown(case, it, &bill, &mut steps);
    let allowed = Allowed { accounts: it.accounts, shown: &shown, at_most: None };
    let charged = charge(case, &bill, &allowed, &mut steps);
    if let (Some(charged), Some(stated)) = (&charged, it.stated) {
        check_split_amounts(stated, &charged.shared, &mut steps);
    }
    if let Some(refusal) = steps.refusal() {
        return refusal;
    }
    let charged = charged.expect("a bill that cannot be charged has a reason");
    let no = SettlementNo(case.turn.serial.creates(0));
    let mut changes = book(case, &bill, &charged, no);
    changes.journal = join(returned, changes.journal);
    let lines = bill.lines.iter().map(|it| it.sn.clone()).zip(charged.splits).collect();
    Decision::done(Answer::Settled(no, lines), changes, steps.list)
}

/// Two journals as one.
pub(crate) fn join(first: Option<Journal>, second: Option<Journal>) -> Option<Journal> {
    match (first, second) {
        (Some(first), Some(second)) => Some(first.and(second)),
        (first, second) => first.or(second),
    }
}

fn gather<'a>(case: Case<'a>, it: &Settle, steps: &mut Steps) -> Option<Bill<'a>> {
    let bill = match &it.what {
        What::Batch { visit, batch } => uploaded_bill(case, it, *visit, batch, steps)?,
        What::Lines { begun, lines } => bought_bill(case, it, *begun, lines, steps)?,
        What::Stay { visit, interim, left } => {
            return stay_bill::gather(case, it, *visit, (*interim, *left), steps);
        }
    };
    check_treatment(it, &bill.visit, steps);
    check_lines(&bill.lines, steps);
    Some(bill)
}

fn uploaded_bill<'a>(
    case: Case<'a>,
    it: &Settle,
    no: VisitNo,
    batch: &str,
    steps: &mut Steps,
) -> Option<Bill<'a>> {
    let known = case.person(it.patient, "psn_no");
    let known = known.and_then(|it| crate::visit::find(case, no, it.no, Care::Outpatient));
    let visit = known.map_err(|reason| steps.refuse(reason)).ok()?.clone();
    let lines = uploaded(case, no, batch, steps)?;
    let day = visit.begun.day();
    let patient = identify(case, it.patient, visit.scheme, Served::on(day), &it.credential, steps)?;
    let (batch, med_type) = (batch.to_owned(), it.med_type.clone());
    let (stay, bought_by) = (None, None);
    Some(Bill { patient, visit, new_visit: false, batch, lines, med_type, day, stay, bought_by })
}

fn bought_bill<'a>(
    case: Case<'a>,
    it: &Settle,
    begun: Moment,
    lines: &[Line],
    steps: &mut Steps,
) -> Option<Bill<'a>> {
    let day = begun.day();
    let patient = identify(case, it.patient, it.scheme, Served::on(day), &it.credential, steps)?;
    let visit = Visit { med_type: Some(it.med_type.clone()), ..patient.visit(case, begun) };
    let (batch, med_type) = ("1".to_owned(), it.med_type.clone());
    let (lines, stay, bought_by) = (lines.to_vec(), None, None);
    Some(Bill { patient, visit, new_visit: true, batch, lines, med_type, day, stay, bought_by })
}

/// Lines of a batch that was uploaded and is not settled.
fn uploaded(case: Case<'_>, visit: VisitNo, batch: &str, steps: &mut Steps) -> Option<Vec<Line>> {
    let found = case.facts.batches.get(&(visit, batch.to_owned())).filter(|it| !it.lines.is_empty());
    let reason = match found {
        None => Reason::BatchUnknown { batch: batch.to_owned() },
        Some(Batch { settled: Some(settlement), .. }) => {
            Reason::BatchSettled { batch: batch.to_owned(), settlement: *settlement }
        }
        Some(Batch { lines, .. }) => return Some(lines.clone()),
    };
    steps.refuse(reason);
    None
}

/// The givers whose own code or card was shown too. One that does not count is noted and refuses nothing: whether a
/// giver pays never decides whether the patient is served.
fn shown(case: Case<'_>, it: &Settle, bill: &Bill<'_>, steps: &mut Steps) -> Vec<PersonNo> {
    let (area, day) = (bill.patient.institution.area, bill.day);
    let mut shown = Vec::new();
    for credential in &it.giver_credentials {
        // Givers give from the employee scheme.
        let taken = credential_taken(case, area, day, Scheme::Employee, credential.kind);
        let found = match credential.spoiled {
            Some(spoiled) => Err(spoiled.into()),
            None => case.person(credential.holder, "GJ_GIVER_CERT").map(|it| it.no),
        };
        let not_taken = Reason::IdDocumentNotTaken { area };
        match found.and_then(|it| taken.map(|taken| (it, taken)).map_err(Reason::NoPolicy)) {
            Ok((giver, (true, _))) => shown.push(giver),
            Ok((_, (false, cite))) => steps.push("R-E2", Some(cite), Found::Fails(not_taken)),
            Err(reason) => steps.push(reason.rule(), None, Found::Fails(reason)),
        }
    }
    shown
}

/// Judges the lines, shares the bill out, and plans who pays; a reason to refuse goes to the steps.
pub(crate) fn charge(
    case: Case<'_>,
    bill: &Bill<'_>,
    allowed: &Allowed<'_>,
    steps: &mut Steps,
) -> Option<Charged> {
    let (day, whom) = (bill.day, bill.whom());
    let (area, institution) = (bill.patient.enrolment.area, bill.patient.institution.code);
    let judged = Judged { area, institution, day, whom };
    let splits = adjudicate(&bill.lines, judged, case.facts, case.law);
    let (splits, first_pay) = match splits {
        Ok(splits) => splits,
        Err(reasons) => {
            steps.refuse_all(reasons);
            return None;
        }
    };
    let outdated = case.law.edition(day).filter(|it| it.last_day() < day);
    if let Some(last) = outdated.map(|it| it.last_day()) {
        let reason = Reason::CatalogueOutdated { day, last };
        steps.push(reason.rule(), None, Found::Fails(reason));
    }
    let summed: Total = splits.iter().map(|it| Total::credit(it.cost)).sum();
    if summed.to_fen().is_none() || !steps.reasons.is_empty() {
        return None;
    }
    match share_and_plan(case, bill, allowed, &splits, steps) {
        Ok((shared, plan)) => {
            if !shared.first_pay.is_zero() {
                steps.amount("R-J2", Some(first_pay), Figure::InScope, shared.in_scope);
            }
            Some(Charged { splits, shared, plan })
        }
        Err(silent) => {
            steps.refuse(Reason::NoPolicy(silent));
            None
        }
    }
}

fn share_and_plan(
    case: Case<'_>,
    bill: &Bill<'_>,
    allowed: &Allowed<'_>,
    splits: &[Split],
    steps: &mut Steps,
) -> Result<(Shared, Plan), Silent> {
    let (enrolment, purpose) = (bill.patient.enrolment, bill.purpose());
    let law = &case.law.policies.parameters;
    let benefit = law.benefit(enrolment.scheme, purpose).on(enrolment.area, bill.day)?;
    let purses = open_purses(case, bill, allowed, steps)?;
    let own_current = purses.iter().filter(|it| it.binding.is_none());
    let own_current = own_current.map(|it| it.usable.min(it.balance.current_in(case.today().year()))).sum();
    let year = year_key(&bill.visit, bill.day);
    let before = Before {
        year: case.facts.tally(year),
        month: case.facts.tally(month_key(&bill.visit, bill.day)),
        visit: borne_in(case, &bill.visit),
        other_fund: case.facts.tally(TallyKey { care: year.care.other(), ..year }).fund,
        own_current,
    };
    let mut shared = share_out(splits, benefit.value, bill.whom(), before);
    shared.tally.stays = bill.stay.as_ref().map_or(0, |it| it.counts);
    steps.amount("R-E4", None, Figure::Total, shared.total);
    steps.amount("R-E3", Some(benefit.cite), Figure::Deductible, shared.tally.deductible);
    steps.amount("R-E3", Some(benefit.cite), Figure::Fund, shared.fund());
    steps.amount("R-E4", None, Figure::Personal, shared.personal());
    let plan = plan_for(case, bill, &shared, &purses, steps)?;
    steps.amount("R-E6", None, Figure::Cash, plan.cash);
    Ok((shared, plan))
}

/// What is borne as deductible in a visit so far.
fn borne_in(case: Case<'_>, visit: &Visit) -> Fen {
    let stands = |it: &&Settlement| it.visit == visit.no && it.undoes.is_none() && it.undone_by.is_none();
    case.facts.settlements.values().filter(stands).map(|it| it.shared.tally.deductible).sum()
}

fn plan_for(
    case: Case<'_>,
    bill: &Bill<'_>,
    shared: &Shared,
    purses: &[Purse],
    steps: &mut Steps,
) -> Result<Plan, Silent> {
    let (area, day, purpose) = (bill.patient.enrolment.area, bill.day, bill.purpose());
    let law = &case.law.policies.parameters;
    let (own, theirs) = (law.payable_own.on(area, day)?, law.payable_shared.on(area, day)?);
    let one_giver = law.one_giver_per_bill.on(area, day)?;
    let part_order = law.part_order.on(area, day)?;
    let order = if shared.account_before.is_zero() {
        *part_order.value
    } else {
        crate::words::PartOrder::CurrentFirst
    };
    let due = Due {
        parts: shared.parts.clone(),
        own: own.value.of(purpose),
        shared: theirs.value.of(purpose),
        cite: theirs.cite,
        order,
        one_giver: one_giver.value.then_some(one_giver.cite),
        today: case.today(),
    };
    Ok(plan(due, purses, steps))
}

/// The purses that may pay, in order. What remains of a partial refund is paid by those that paid the original,
/// each at most what it paid then; flag and own-first rule have had their say (R-E9).
fn open_purses(
    case: Case<'_>,
    bill: &Bill<'_>,
    allowed: &Allowed<'_>,
    steps: &mut Steps,
) -> Result<Vec<Purse>, Silent> {
    let Some(at_most) = allowed.at_most else { return flagged_purses(case, bill, allowed, steps) };
    if allowed.accounts == AccountFlag::None {
        return Ok(Vec::new());
    }
    let mut purses = purses::own(case.facts, bill.patient.person.no);
    purses.extend(givers_purses(case, bill, allowed, steps)?);
    purses.retain_mut(|it| {
        it.usable = it.usable.min(at_most.get(&it.account).copied().unwrap_or(Fen::ZERO));
        !it.usable.is_zero()
    });
    Ok(purses)
}

/// Own money, then givers': the flag of the institution and the area's rule on own money decide which of the two
/// (R-E6, R-E11).
fn flagged_purses(
    case: Case<'_>,
    bill: &Bill<'_>,
    allowed: &Allowed<'_>,
    steps: &mut Steps,
) -> Result<Vec<Purse>, Silent> {
    let (patient, area, day) = (bill.patient.person.no, bill.patient.enrolment.area, bill.day);
    let law = &case.law.policies.parameters;
    let own_first = law.own_first.on(area, day)?;
    let flag_one = law.flag_one_shares.on(area, day)?;
    let flag_two = law.flag_two.on(area, day)?;
    let as_before = allowed.at_most.is_some();
    let takes_own = match allowed.accounts {
        AccountFlag::None => return Ok(Vec::new()),
        AccountFlag::Own => true,
        AccountFlag::Shared => *flag_two.value == FlagTwo::OwnFirst || *own_first.value != OwnFirst::Optional,
    };
    let mut purses = if takes_own { purses::own(case.facts, patient) } else { Vec::new() };
    if allowed.accounts == AccountFlag::Own && !*flag_one.value && !as_before {
        let reason = Reason::SharedNotAsked {};
        steps.push(reason.rule(), Some(flag_one.cite), Found::Fails(reason));
        return Ok(purses);
    }
    let own_left: Fen = purses::own(case.facts, patient).iter().map(|it| it.balance.whole()).sum();
    if *own_first.value == OwnFirst::MustBeZero && !own_left.is_zero() && !as_before {
        let reason = Reason::OwnFirst { patient, balance: own_left };
        steps.push(reason.rule(), Some(own_first.cite), Found::Fails(reason));
        return Ok(purses);
    }
    if !bill.patient.institution.can(Capability::Shared, day) {
        explain_not_linked(case, bill, steps);
        return Ok(purses);
    }
    purses.extend(givers_purses(case, bill, allowed, steps)?);
    crate::link::explain(case.facts, patient, case.turn.at, steps);
    Ok(purses)
}

/// An institution whose software is not linked for shared money settles without it; a patient who could have had some
/// is told so (R-L1).
fn explain_not_linked(case: Case<'_>, bill: &Bill<'_>, steps: &mut Steps) {
    if case.facts.bindings_for(bill.patient.person.no).any(|it| it.counts(case.turn.at)) {
        let (institution, day) = (bill.patient.institution.code, bill.visit.begun.day());
        steps.push("R-L1", None, Found::Fails(Reason::SharedNotLinked { institution, day }));
    }
}

fn givers_purses(
    case: Case<'_>,
    bill: &Bill<'_>,
    allowed: &Allowed<'_>,
    steps: &mut Steps,
) -> Result<Vec<Purse>, Silent> {
    let place = Place { area: bill.patient.institution.area, purpose: bill.purpose(), day: bill.day };
    let sharing = Sharing {
        facts: case.facts,
        law: case.law,
        at: case.turn.at,
        place,
        patient_area: bill.patient.enrolment.area,
        shown: allowed.shown,
        limited: allowed.at_most.is_none(),
    };
    sharing.purses(bill.patient.person.no, steps)
}

/// Where what a bill of a visit uses of the year of its service day is counted.
pub(crate) fn year_key(visit: &Visit, day: Day) -> TallyKey {
    let care = visit.care();
    TallyKey { person: visit.patient, scheme: visit.scheme, care, year: day.year(), month: 0 }
}

/// The same of the month.
pub(crate) fn month_key(visit: &Visit, day: Day) -> TallyKey {
    TallyKey { month: day.month(), ..year_key(visit, day) }
}

/// The changes that put a charged bill into the books, as settlement number `no`.
pub(crate) fn book(case: Case<'_>, bill: &Bill<'_>, charged: &Charged, no: SettlementNo) -> Changes {
    let journal = journal(bill, charged);
    let own_after = own_balance_after(case, bill.patient.person.no, &journal);
    let settlement = Settlement {
        no,
        visit: bill.visit.no,
        batch: bill.batch.clone(),
        institution: bill.patient.institution.code,
        patient: bill.patient.person.no,
        scheme: bill.visit.scheme,
        area: bill.patient.enrolment.area,
        med_type: bill.med_type.clone(),
        purpose: bill.purpose(),
        service_day: bill.day,
        at: case.turn.at,
        shared: charged.shared.clone(),
        draws: charged.plan.draws.clone(),
        cash: charged.plan.cash,
        balance_after: own_after,
        bill: bill_digest(&bill.lines),
        undoes: None,
        undone_by: None,
        bought_by: bill.bought_by,
    };
    // Of the month too, whatever the deductible is counted over: then undoing subtracts what was added for certain.
    let counts = charged.shared.tally != Tally::default();
    let keys = [year_key(&bill.visit, bill.day), month_key(&bill.visit, bill.day)];
    let keys = keys.into_iter().filter(|_| counts);
    let tally = |key| (key, case.facts.tally(key).plus(charged.shared.tally));
    Changes {
        journal: Some(journal),
        visits: settled_visit(bill, no).into_iter().collect(),
        batches: settled_batches(case, bill, no),
        tallies: keys.map(tally).collect(),
        usage: used(case, &settlement),
        proxies: crate::proxy::used(case, bill.bought_by, Some(no)).into_iter().collect(),
        notices: crate::proxy::told(bill.bought_by, bill.patient.person.no, NoticeKind::ProxyUsed, no),
        settlements: vec![settlement],
        traces: crate::trace::sold(case, &bill.lines, no),
        ..Changes::default()
    }
}

/// The visit, where it is new or, of a stay, knows its settlement.
fn settled_visit(bill: &Bill<'_>, no: SettlementNo) -> Option<Visit> {
    match &bill.stay {
        Some(stay) => Some(stay_bill::settled(&bill.visit, stay, no)),
        None => bill.new_visit.then(|| bill.visit.clone()),
    }
}

fn settled_batches(case: Case<'_>, bill: &Bill<'_>, no: SettlementNo) -> Vec<(VisitNo, String, Batch)> {
    if bill.stay.is_some() {
        return stay_bill::settled_batches(case, bill.visit.no, no);
    }
    let batch = Batch { lines: bill.lines.clone(), corrections: Vec::new(), settled: Some(no) };
    vec![(bill.visit.no, bill.batch.clone(), batch)]
}

fn used(case: Case<'_>, settlement: &Settlement) -> Vec<(crate::ids::BindingNo, crate::binding::Usage)> {
    let today = case.today();
    let shared = settlement.draws.iter().filter_map(|it| it.binding.map(|binding| (binding, it.amount())));
    let after = |(binding, amount)| {
        let before = case.facts.usage.get(&binding).copied().unwrap_or(crate::binding::Usage::none(today));
        (binding, before.after_spending(amount, today))
    };
    shared.map(after).collect()
}

/// Purses and fund give, the institution gains; across areas each area's books balance by themselves.
fn journal(bill: &Bill<'_>, charged: &Charged) -> Journal {
    let place = bill.patient.institution;
    let (home, scheme) = (bill.patient.enrolment.area, bill.patient.enrolment.scheme);
    let entry = |account, amount| Entry { account, part: Part::Prior, amount };
    let mut entries = Vec::new();
    let mut gained = Total::ZERO;
    for draw in &charged.plan.draws {
        entries.extend(draw.given());
        entries.extend(between(draw.area, place.area, draw.amount()));
        gained += Total::credit(draw.amount());
    }
    for (kind, amount) in [(FundKind::Basic, charged.shared.basic), (FundKind::Large, charged.shared.large)] {
        entries.push(entry(Account::Fund(home, scheme, kind), Total::debit(amount)));
        entries.extend(between(home, place.area, amount));
        gained += Total::credit(amount);
    }
    entries.push(entry(Account::Institution(place.code), gained));
    Journal::new(entries).expect("the institution gains what purses and funds give")
}

/// What the patient's own purses hold after a journal.
pub(crate) fn own_balance_after(case: Case<'_>, patient: PersonNo, journal: &Journal) -> Fen {
    let own = |facts: &BTreeMap<Account, crate::ledger::Balance>| -> Fen {
        let mine = |account: &Account| matches!(account, Account::Personal(owner, _) if *owner == patient);
        facts.iter().filter(|(account, _)| mine(account)).map(|(_, balance)| balance.whole()).sum()
    };
    let mut after = case.facts.purses.clone();
    post(&mut after, journal, case.today()).expect("a plan draws on a purse only what it holds");
    own(&after)
}
