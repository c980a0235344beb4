//! Cancelling, refunding in part, reversing: corrections are new entries, every fen goes back to the account and
//! year-part it came from, whatever the policy says today (R-E9, R-E14, R-E15).

use crate::bill::Line;
use crate::bill_checks::check_lines;
use crate::binding::Usage;
use crate::decision::{Answer, Case, Changes, Decision, NoticeKind, Steps};
use crate::facts::{Batch, Did, Draw, Settlement};
use crate::ids::{SettlementNo, VisitNo};
use crate::ledger::{Account, Entry, Journal, Part, between};
use crate::money::{Fen, Total};
use crate::patient::Patient;
use crate::people::Enrolment;
use crate::policy::Silent;
use crate::reason::Reason;
use crate::request::{AccountFlag, Cancel, RefundPart, Reverse, Sender, VisitRef};
use crate::settle::{Allowed, Bill, book, charge, join, month_key, own_balance_after, year_key};
use crate::stay_bill;
use crate::visit::refuse;
use crate::words::{CancelOrder, Care, FundKind, Purpose};
use std::collections::BTreeMap;

/// Decides [`Cancel`].
pub(crate) fn cancel(case: Case<'_>, it: &Cancel) -> Decision {
    let found = original(case, it.settlement, &it.of, it.care).and_then(|original| may_undo(case, original));
    match found {
        Ok(original) => {
            let no = SettlementNo(case.turn.serial.creates(0));
            Decision::done(Answer::Cancelled(no), undone(case, original, no), Vec::new())
        }
        Err(reason) => refuse(reason),
    }
}

/// The settlement of this visit and patient at the institution that asks: somebody else's is as unknown as none.
fn original<'a>(
    case: Case<'a>,
    no: SettlementNo,
    of: &VisitRef,
    care: Care,
) -> Result<&'a Settlement, Reason> {
    let institution = case.institution()?.code;
    let patient = case.person(of.patient, "psn_no")?.no;
    let found = case.facts.settlements.get(&no).filter(|it| {
        it.institution == institution && it.patient == patient && it.visit == of.visit && it.undoes.is_none()
    });
    match found {
        None => Err(Reason::SettlementUnknown {}),
        Some(it) if it.purpose.care() != care => Err(Reason::CareDiffers { care: it.purpose.care() }),
        Some(it) => Ok(it),
    }
}

/// A settlement is undone once, and where the area says so only the latest of those that share a deductible.
fn may_undo<'a>(case: Case<'a>, original: &'a Settlement) -> Result<&'a Settlement, Reason> {
    if let Some(by) = original.undone_by {
        let at = case.facts.settlements.get(&by).map_or(original.at, |it| it.at);
        return Err(Reason::AlreadyCancelled { by, at });
    }
    if let Some(reason) = stay_bill::undone_before(case, original) {
        return Err(reason);
    }
    let law = &case.law.policies.parameters;
    let order = law
        .cancel_order
        .on(original.area, original.service_day)
        .map_err(|it: Silent| Reason::NoPolicy(it))?;
    let later = |it: &&Settlement| {
        it.patient == original.patient
            && it.scheme == original.scheme
            && it.order() > original.order()
            && it.undoes.is_none()
            && it.undone_by.is_none()
            && it.service_day.year() == original.service_day.year()
            && it.shared.tally != crate::fund::Tally::default()
            && (it.purpose.care() == original.purpose.care() || counted_together(case, original))
    };
    let shares =
        *order.value == CancelOrder::LatestFirst && original.shared.tally != crate::fund::Tally::default();
    let later = case.facts.settlements.values().find(later).filter(|_| shares);
    match later {
        Some(later) => Err(Reason::LaterSettlement { settlement: later.no }),
        None => Ok(original),
    }
}

/// Whether out-patient care and stays share a ceiling where a settlement is counted.
fn counted_together(case: Case<'_>, original: &Settlement) -> bool {
    let law = &case.law.policies.parameters;
    [Purpose::Medical, Purpose::Inpatient].into_iter().any(|purpose| {
        let benefit = law.benefit(original.scheme, purpose).on(original.area, original.service_day);
        benefit.is_ok_and(|it| !it.value.joint_ceilings.is_empty())
    })
}

/// The changes that undo a settlement, as cancellation number `no`.
fn undone(case: Case<'_>, original: &Settlement, no: SettlementNo) -> Changes {
    let journal = mirrored(case, original);
    let today = case.today();
    let cancellation = Settlement {
        no,
        at: case.turn.at,
        balance_after: own_balance_after(case, original.patient, &journal),
        undoes: Some(original.no),
        undone_by: None,
        ..original.clone()
    };
    let back = |draw: &Draw| {
        let binding = draw.binding?;
        let before = case.facts.usage.get(&binding).copied().unwrap_or(Usage::none(today));
        Some((binding, before.after_refund(draw.amount(), original.at.day(), today)))
    };
    Changes {
        journal: Some(journal),
        usage: original.draws.iter().filter_map(back).collect(),
        // What was given back may be bought again by the same entrustment.
        proxies: crate::proxy::used(case, original.bought_by, None).into_iter().collect(),
        notices: crate::proxy::told(original.bought_by, original.patient, NoticeKind::ProxyReturned, no),
        visits: stay_bill::undone(case, original).into_iter().collect(),
        batches: opened(case, original),
        tallies: tallies_without(case, original),
        settlements: vec![Settlement { undone_by: Some(no), ..original.clone() }, cancellation],
        freed: crate::trace::taken_back(case, &batch_of(case, original).lines, original),
        ..Changes::default()
    }
}

/// What a settlement took, to be settled again.
fn opened(case: Case<'_>, original: &Settlement) -> Vec<(VisitNo, String, Batch)> {
    if original.purpose.care() == Care::Inpatient {
        return stay_bill::opened_batches(case, original);
    }
    let open = Batch { settled: None, ..batch_of(case, original) };
    vec![(original.visit, original.batch.clone(), open)]
}

fn batch_of(case: Case<'_>, original: &Settlement) -> Batch {
    let key = (original.visit, original.batch.clone());
    case.facts.batches.get(&key).cloned().unwrap_or_default()
}

/// The mirror image of what was settled. Money of a quota whose binding has ended goes on to its giver's account.
fn mirrored(case: Case<'_>, original: &Settlement) -> Journal {
    let place = case.facts.institutions.get(&original.institution).map_or(original.area, |it| it.area);
    let mut entries = Vec::new();
    let mut lost = Total::ZERO;
    for draw in &original.draws {
        let draw = Draw { account: refunded_to(case, draw), ..draw.clone() };
        entries.extend(negated(draw.given()));
        entries.extend(negated(between(draw.area, place, draw.amount())));
        lost += Total::debit(draw.amount());
    }
    let funds = [(FundKind::Basic, original.shared.basic), (FundKind::Large, original.shared.large)];
    for (kind, amount) in funds {
        let account = Account::Fund(original.area, original.scheme, kind);
        entries.push(Entry { account, part: Part::Prior, amount: Total::credit(amount) });
        entries.extend(negated(between(original.area, place, amount)));
        lost += Total::debit(amount);
    }
    entries.push(Entry {
        account: Account::Institution(original.institution),
        part: Part::Prior,
        amount: lost,
    });
    Journal::new(entries).expect("the mirror of a journal that balances balances")
}

fn negated(entries: Vec<Entry>) -> impl Iterator<Item = Entry> {
    entries.into_iter().map(|it| Entry { amount: it.amount.negated(), ..it })
}

fn refunded_to(case: Case<'_>, draw: &Draw) -> Account {
    let ended = draw.binding.and_then(|it| case.facts.bindings.get(&it));
    let ended = ended.filter(|it| it.ends_at().is_some_and(|at| at <= case.turn.at));
    match (draw.account, ended) {
        (Account::Quota(_), Some(binding)) => Account::Personal(binding.giver, binding.giver_area),
        (account, _) => account,
    }
}

fn tallies_without(
    case: Case<'_>,
    original: &Settlement,
) -> Vec<(crate::facts::TallyKey, crate::fund::Tally)> {
    let Some(visit) = case.facts.visits.get(&original.visit) else { return Vec::new() };
    let known = |key| case.facts.tallies.get(&key).map(|it| (key, it.less(original.shared.tally)));
    let day = original.service_day;
    [year_key(visit, day), month_key(visit, day)].into_iter().filter_map(known).collect()
}

/// Decides [`RefundPart`]: the whole settlement is cancelled and what remains is settled anew, under the policy of
/// the original service day, drawing only on the purses of the original and on each at most what it paid.
pub(crate) fn refund_part(case: Case<'_>, it: &RefundPart) -> Decision {
    let found = original(case, it.settlement, &it.of, Care::Outpatient);
    let original = match found.and_then(|found| may_undo(case, found)) {
        Ok(original) => original,
        Err(reason) => return refuse(reason),
    };
    let mut steps = Steps::default();
    let settled = batch_of(case, original).lines;
    check_remaining(&settled, &it.remaining, &mut steps);
    if let Some(refusal) = steps.refusal() {
        return refusal;
    }
    let cancellation = SettlementNo(case.turn.serial.creates(0));
    let mut changes = undone(case, original, cancellation);
    if it.remaining.is_empty() {
        return Decision::done(Answer::Refunded(cancellation, None), changes, steps.list);
    }
    let remaining = crate::trace::remaining(&settled, &it.remaining);
    match resettled(case, original, &remaining, &changes, &mut steps) {
        Err(refusal) => refusal,
        Ok(again) => {
            let no = again.settlements.first().map(|it| it.no);
            changes.journal = join(changes.journal, again.journal);
            changes.batches = again.batches;
            changes.proxies = again.proxies;
            changes.traces = again.traces;
            // What the agent keeps was told when it was bought, and no more was bought now.
            changes.notices = Vec::new();
            merge(&mut changes.tallies, again.tallies);
            merge(&mut changes.usage, again.usage);
            changes.settlements.extend(again.settlements);
            Decision::done(Answer::Refunded(cancellation, no), changes, steps.list)
        }
    }
}

/// What is written later takes the place of what has the same key.
fn merge<K: PartialEq, V>(into: &mut Vec<(K, V)>, later: Vec<(K, V)>) {
    into.retain(|(key, _)| later.iter().all(|(it, _)| it != key));
    into.extend(later);
}

/// What remains is part of what was settled: each line was there, at the same price, and costs no more now. A pack
/// comes back only where there is less of the line.
fn check_remaining(settled: &[Line], remaining: &[Line], steps: &mut Steps) {
    if !remaining.is_empty() {
        check_lines(remaining, steps);
    }
    for (number, line) in (1_u16..).zip(remaining.iter().take(crate::bill_checks::MOST_LINES)) {
        let was = settled.iter().find(|it| it.sn == line.sn);
        let fits = was.is_some_and(|it| {
            it.code == line.code
                && it.own_code == line.own_code
                && it.price == line.price
                && it.self_paid == line.self_paid
                && line.count <= it.count
                && line.traces.iter().all(|trace| it.traces.contains(trace))
                && (line.traces.is_empty() || line.traces.len() == it.traces.len() || line.count < it.count)
        });
        if !fits {
            steps.refuse(Reason::RefundTooLarge { line: number });
        }
    }
}

/// The enrolment that the original was settled by. The visit may have begun under another one: a move can be told after it.
pub(crate) fn settled_by<'a>(case: Case<'a>, original: &Settlement) -> Option<&'a Enrolment> {
    let day = original.service_day;
    let there = |it: &&Enrolment| it.scheme == original.scheme && it.area == original.area && it.from <= day;
    let found = case.facts.enrolments_of(original.patient).filter(there);
    let found = found.max_by_key(|it| (it.to.is_none_or(|to| day <= to), it.from));
    found.or_else(|| case.facts.enrolment_in(original.patient, original.scheme, day))
}

fn resettled(
    case: Case<'_>,
    original: &Settlement,
    remaining: &[Line],
    undone: &Changes,
    steps: &mut Steps,
) -> Result<Changes, Decision> {
    let mut facts = case.facts.clone();
    facts.apply_changes(undone, case.today());
    let case = Case { facts: &facts, ..case };
    let missing = |what: Option<_>| what.ok_or_else(|| refuse(Reason::VisitUnknown {}));
    let visit = case.facts.visits.get(&original.visit).cloned();
    let visit = visit.ok_or_else(|| refuse(Reason::VisitUnknown {}))?;
    let institution = case.institution().map_err(refuse)?;
    let person = missing(case.facts.persons.get(&original.patient))?;
    let enrolment = settled_by(case, original).ok_or_else(|| refuse(Reason::VisitUnknown {}))?;
    let bill = Bill {
        patient: Patient { institution, person, enrolment },
        visit,
        new_visit: false,
        batch: original.batch.clone(),
        lines: remaining.to_vec(),
        med_type: original.med_type.clone(),
        day: original.service_day,
        stay: None,
        bought_by: original.bought_by,
    };
    let at_most: BTreeMap<Account, Fen> =
        original.draws.iter().map(|it| (refunded_to(case, it), it.amount())).collect();
    let accounts = if original.draws.is_empty() { AccountFlag::None } else { AccountFlag::Own };
    // Whoever paid then showed then what had to be shown.
    let shown: Vec<_> = original.draws.iter().map(|it| it.owner).collect();
    let allowed = Allowed { accounts, shown: &shown, at_most: Some(&at_most) };
    let charged = charge(case, &bill, &allowed, steps);
    if let Some(refusal) = steps.refusal() {
        return Err(refusal);
    }
    let charged = charged.expect("a bill that cannot be charged has a reason");
    Ok(book(case, &bill, &charged, SettlementNo(case.turn.serial.creates(1))))
}

/// Decides [`Reverse`]: undoes what the earlier message did; one that never arrived is barred, so that it is
/// refused if it still comes.
pub(crate) fn reverse(case: Case<'_>, it: &Reverse) -> Decision {
    match reversed(case, it) {
        Ok((answer, changes)) => Decision::done(answer, changes, Vec::new()),
        Err(reason) => refuse(reason),
    }
}

fn reversed(case: Case<'_>, it: &Reverse) -> Result<(Answer, Changes), Reason> {
    let institution = case.institution()?.code;
    if it.original.sender != Sender::Institution(institution) {
        return Err(Reason::NotPermitted {});
    }
    let patient = case.person(it.patient, "psn_no")?.no;
    match case.facts.earlier.get(&it.original).map(|it| it.did) {
        None => {
            let changes = Changes { barred: Some(it.original.clone()), ..Changes::default() };
            Ok((Answer::Barred, changes))
        }
        Some(Did::Barred) => Ok((Answer::Barred, Changes::default())),
        Some(Did::Settled(no)) => {
            let found = case.facts.settlements.get(&no).filter(|it| it.patient == patient);
            let original = may_undo(case, found.ok_or(Reason::SettlementUnknown {})?)?;
            let no = SettlementNo(case.turn.serial.creates(0));
            Ok((Answer::Reversed(Some(no)), undone(case, original, no)))
        }
        Some(Did::Admitted) => {
            let stay = case.facts.earlier.get(&it.original).and_then(crate::facts::Earlier::admitted);
            let stay = stay.ok_or(Reason::VisitUnknown {})?;
            let visit = crate::visit::find(case, stay, patient, Care::Inpatient)?;
            Ok((Answer::Done, crate::admission::cancelled(case, visit)?))
        }
        Some(Did::Nothing) => Ok((Answer::Reversed(None), Changes::default())),
        Some(Did::Other) => Err(Reason::NotReversible { infno: it.infno.clone() }),
    }
}
