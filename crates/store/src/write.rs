//! How things are written, whatever holds them: one function for each kind of thing, in the order of its columns.

use crate::cells::{Cell, account, capabilities, day, int, number, part, periods, row, sender, suspensions};
use crate::{Batch, Record};
use domain::amendment::Amendment;
use domain::binding::{Binding, EndReason, Stage, Usage};
use domain::chain::encode;
use domain::day::Moment;
use domain::decision::{Turn, did};
use domain::documents::{Act, Document, Shown};
use domain::facts::{Batch as Lines, Did, Settlement, TallyKey, Visit};
use domain::fund::Tally;
use domain::ids::{BindingNo, InstitutionCode, Lookup, PersonNo, Serial, SettlementNo, VisitNo};
use domain::ledger::{Account, Balance, Entry};
use domain::money::Fen;
use domain::people::{Enrolment, FamilyLink, Institution, Person};
use domain::proxy::Proxy;
use domain::request::Key;
use domain::trace::TraceCode;
use domain::words::Side;
use std::collections::BTreeMap;

pub(crate) fn record(it: &Record) -> [Cell<'_>; 15] {
    let request = &it.request;
    let (kind, from) = sender(request.key.sender);
    row![
        int(it.turn.serial.0),
        it.turn.at.millis(),
        kind,
        from,
        request.key.id.as_str(),
        request.digest.0.as_slice(),
        it.asked.as_slice(),
        it.facts.as_slice(),
        it.decided.as_slice(),
        it.engine,
        it.law.0.as_slice(),
        it.answer.as_slice(),
        it.salt.as_slice(),
        it.block.0,
        int(it.block.1),
    ]
}

/// A message by its key.
pub(crate) fn key(it: &Key) -> [Cell<'_>; 3] {
    let (kind, from) = sender(it.sender);
    row![kind, from, it.id.as_str()]
}

/// What became of a message, as columns `did` and `settlement`.
pub(crate) fn became(it: Did) -> [Cell<'static>; 2] {
    match it {
        Did::Nothing => row![0, None::<i64>],
        Did::Settled(no) => row![1, int(no.0)],
        Did::Other => row![2, None::<i64>],
        Did::Barred => row![3, None::<i64>],
        Did::Admitted => row![4, None::<i64>],
    }
}

/// A message that arrived, with what its own record made of it.
pub(crate) fn arrived(it: &Record) -> [Cell<'_>; 6] {
    let [kind, from, id] = key(&it.request.key);
    let [did, settlement] = became(did(&it.decision));
    [kind, from, id, int(it.turn.serial.0).into(), did, settlement]
}

pub(crate) fn entry(turn: Turn, seq: i64, it: &Entry) -> [Cell<'static>; 7] {
    let (kind, a, b) = account(it.account);
    row![int(turn.serial.0), seq, kind, a, b, part(it.part), it.amount.get()]
}

/// A document that was shown; its photographs' digests one after the other.
pub(crate) fn document(turn: Turn, seq: i64, it: &Shown) -> [Cell<'static>; 11] {
    let (act, about) = match it.act {
        Act::Binding(no) => (0, no.0),
        Act::Case(no, _) => (1, no.0),
        Act::Amendment(no) => (2, no.0),
    };
    let Document { kind, seen, number: own, photographs } = &it.document;
    row![
        int(it.person.0),
        int(turn.serial.0),
        seq,
        it.clerk.map(int),
        act,
        int(about),
        it.act.binding().map(|it| int(it.0)),
        number(*kind),
        number(*seen),
        own.map(|it| it.0.to_vec()),
        photographs.iter().flat_map(|it| it.0).collect::<Vec<u8>>(),
    ]
}

pub(crate) fn amendment(it: &Amendment) -> [Cell<'static>; 7] {
    row![
        int(it.person.0),
        int(it.no.0),
        it.proposed.millis(),
        number(it.what),
        number(it.stage),
        it.area.number(),
        encode(it),
    ]
}

/// The block of a batch: hashes, the last record in it, and how much the batch adds to what there is.
pub(crate) fn block(batch: &Batch, last: Turn, counts: [i64; 4]) -> [Cell<'_>; 10] {
    let block = &batch.block;
    let [records, entries, persons, settlements] = counts;
    row![
        block.lane,
        int(block.number),
        block.previous.0.as_slice(),
        block.hash.0.as_slice(),
        int(last.serial.0),
        last.at.millis(),
        records,
        entries,
        persons,
        settlements,
    ]
}

pub(crate) fn person<'a>(it: &Person, identity: Option<&'a [u8]>) -> [Cell<'a>; 6] {
    let (died, guardian) = (it.died.map(day), it.guardian.map(|it| int(it.0)));
    row![int(it.no.0), day(it.born), number(it.sex), died, guardian, identity]
}

pub(crate) fn lookup(lookup: &Lookup, person: PersonNo) -> [Cell<'_>; 2] {
    row![lookup.0.as_slice(), int(person.0)]
}

pub(crate) fn enrolment(it: &Enrolment) -> [Cell<'static>; 10] {
    row![
        int(it.no.0),
        int(it.person.0),
        number(it.scheme),
        it.area.number(),
        number(it.category),
        it.account,
        it.contract,
        day(it.from),
        it.to.map(day),
        periods(&it.pauses),
    ]
}

pub(crate) fn purse(purse: Account, balance: Balance) -> [Cell<'static>; 6] {
    let (kind, a, b) = account(purse);
    let (year, prior, current) = balance.stored();
    row![kind, a, b, year, prior.get(), current.get()]
}

pub(crate) fn usage(binding: BindingNo, it: &Usage) -> [Cell<'static>; 5] {
    row![int(binding.0), it.year, it.month, it.in_month.get(), it.in_year.get()]
}

pub(crate) fn link(it: &FamilyLink) -> [Cell<'static>; 6] {
    let (confirm_by, until) = (it.confirm_by.map(day), it.until.map(|it| it.millis()));
    row![int(it.member.0), int(it.holder.0), number(it.relation), it.since.millis(), confirm_by, until]
}

pub(crate) fn proxy(it: &Proxy) -> [Cell<'static>; 12] {
    row![
        int(it.no.0),
        int(it.patient.0),
        int(it.agent.0),
        number(it.reason),
        it.place.map(|it| int(it.number())),
        it.papers.patient.map(number),
        it.papers.agent.map(number),
        it.clerk.map(int),
        it.since.millis(),
        day(it.last_day),
        it.revoked.map(Moment::millis),
        it.used.map(|it| int(it.0)),
    ]
}

pub(crate) fn institution<'a>(it: &Institution, name: Option<&'a str>) -> [Cell<'a>; 8] {
    let (kind, level) = (number(it.kind), number(it.level));
    let (suspended, able) = (suspensions(&it.suspensions), capabilities(&it.capabilities));
    row![
        int(it.code.number()),
        it.area.number(),
        kind,
        level,
        periods(&it.designations),
        suspended,
        able,
        name
    ]
}

/// What comes after every text that begins with this one.
pub(crate) fn after_all(beginning: &str) -> String {
    format!("{beginning}{}", char::MAX)
}

pub(crate) fn mapping<'a>(place: InstitutionCode, own: &'a str, national: &'a str) -> [Cell<'a>; 3] {
    row![int(place.number()), own, national]
}

pub(crate) fn visit(it: &Visit) -> [Cell<'_>; 12] {
    let discharged = it.stay.and_then(|it| it.discharged);
    row![
        int(it.no.0),
        int(it.institution.number()),
        int(it.patient.0),
        number(it.scheme),
        int(it.enrolment.0),
        it.begun.millis(),
        it.med_type.as_deref(),
        it.cancelled,
        it.stay.map(|it| it.nth),
        discharged.map(|it| it.millis()),
        it.stay.and_then(|it| it.settled).map(|it| int(it.0)),
        it.own_no.as_deref(),
    ]
}

/// A stay of a patient at an institution.
pub(crate) fn stay(it: &Visit) -> [Cell<'static>; 3] {
    row![int(it.patient.0), int(it.institution.number()), int(it.no.0)]
}

/// In which batch a line of a stay was put.
pub(crate) fn charge<'a>(visit: VisitNo, line: &'a str, batch: &'a str) -> [Cell<'a>; 3] {
    row![int(visit.0), line, batch]
}

/// A pack that a settlement sold.
pub(crate) fn trace(code: &TraceCode, by: SettlementNo) -> [Cell<'_>; 2] {
    row![code.as_str(), int(by.0)]
}

pub(crate) fn batch<'a>(visit: VisitNo, no: &'a str, it: &Lines) -> [Cell<'a>; 4] {
    row![int(visit.0), no, it.settled.map(|it| int(it.0)), encode(&(&it.lines, &it.corrections))]
}

pub(crate) fn tally(key: &TallyKey, it: &Tally) -> [Cell<'static>; 9] {
    let [deductible, in_scope, fund] = [it.deductible, it.in_scope, it.fund].map(Fen::get);
    let (scheme, care) = (number(key.scheme), number(key.care));
    row![int(key.person.0), key.year, scheme, care, key.month, deductible, in_scope, fund, it.stays]
}

pub(crate) fn settlement(it: &Settlement) -> [Cell<'_>; 31] {
    let shared = &it.shared;
    row![
        int(it.no.0),
        int(it.visit.0),
        it.batch.as_str(),
        int(it.institution.number()),
        int(it.patient.0),
        number(it.scheme),
        it.area.number(),
        it.med_type.as_str(),
        number(it.purpose),
        day(it.service_day),
        it.at.millis(),
        shared.total.get(),
        shared.full_self.get(),
        shared.over_limit.get(),
        shared.first_pay.get(),
        shared.in_scope.get(),
        shared.basic.get(),
        shared.large.get(),
        shared.share.get(),
        shared.account_before.get(),
        shared.tally.deductible.get(),
        shared.tally.in_scope.get(),
        shared.tally.fund.get(),
        it.accounts().get(),
        it.from_relatives().get(),
        it.cash.get(),
        it.balance_after.get(),
        encode(&(&shared.parts, &it.draws, shared.tally.stays, it.bought_by)),
        it.bill.as_slice(),
        it.undoes.map(|it| int(it.0)),
        it.undone_by.map(|it| int(it.0)),
    ]
}

/// That money of the person moved.
pub(crate) const MONEY: u8 = 1;
/// That it is the person's own bill.
pub(crate) const PATIENT: u8 = 2;
/// That it is a settlement or the cancellation of one.
pub(crate) const BILL: u8 = 4;

/// Whom a request concerned, and how: each person by the number of a settlement that it made, and whose money it moved
/// by the first number that it could give.
pub(crate) fn involved(record: &Record) -> Vec<(PersonNo, [Cell<'static>; 4])> {
    let Some(changes) = record.decision.changes() else { return Vec::new() };
    let first = record.turn.serial.creates(0);
    let mut involved: BTreeMap<(PersonNo, u64), u8> = BTreeMap::new();
    let mut add = |person, number, role| *involved.entry((person, number)).or_default() |= role;
    for entry in changes.journal.iter().flat_map(|it| it.entries()) {
        if let Account::Personal(owner, _) | Account::Receivable(owner, _) = entry.account {
            add(owner, first, MONEY);
        }
    }
    let new = |it: &&Settlement| Serial::creator_of(it.no.0) == record.turn.serial;
    for settlement in changes.settlements.iter().filter(new) {
        add(settlement.patient, settlement.no.0, PATIENT | BILL);
        for draw in &settlement.draws {
            add(draw.owner, settlement.no.0, BILL);
            add(draw.owner, first, MONEY);
        }
    }
    let at = record.turn.at.millis();
    let row = |((person, number), role): ((PersonNo, u64), u8)| {
        (person, row![int(person.0), at, int(number), role])
    };
    involved.into_iter().map(row).collect()
}

/// Where a page of what concerned a person goes on: moment and number that are not on it any more.
pub(crate) fn before(turn: Option<Turn>) -> (i64, i64) {
    turn.map_or((i64::MAX, i64::MAX), |it| (it.at.millis(), int(it.serial.creates(0))))
}

/// Moment and number after which settlements are looked for: before all there are, where none is named.
pub(crate) fn after(settlement: Option<(Moment, SettlementNo)>) -> (i64, i64) {
    settlement.map_or((i64::MIN, -1), |(at, no)| (at.millis(), int(no.0)))
}

/// The columns of a binding, which are also those of its versions.
pub(crate) fn binding(it: &Binding) -> [Cell<'_>; 39] {
    let (stage, awaits, since) = stage(it.stage);
    let end = it.end.map(|it| (it, why(it.why)));
    let fen = |it: Option<Fen>| it.map(Fen::get);
    row![
        int(it.no.0),
        int(it.giver.0),
        int(it.beneficiary.0),
        number(it.relation),
        it.giver_area.number(),
        it.beneficiary_area.number(),
        number(it.mode),
        number(it.started.by),
        number(it.started.channel),
        it.started.clerk.map(|it| int(it.token)),
        it.started.clerk.map(|it| int(it.bearer)),
        it.started.at.millis(),
        it.commitment.version.as_str(),
        it.commitment.digest.0.as_slice(),
        number(it.commitment.proof),
        stage,
        awaits.map(|(who, ..)| number(who)),
        awaits.map(|(_, until, _)| until),
        awaits.map(|(.., then_review)| then_review),
        since,
        it.reviewed.map(|it| int(it.by)),
        it.reviewed.map(|it| it.at.millis()),
        it.reviewed.and_then(|it| it.why).map(|it| it.0.to_vec()),
        it.from.millis(),
        it.last_day.map(day),
        end.map(|(it, _)| it.at.millis()),
        end.map(|(_, (why, _))| why),
        end.map(|(_, (_, side))| number(side)),
        end.map(|(it, _)| it.decided.millis()),
        fen(it.limits.per_bill),
        fen(it.limits.per_month),
        fen(it.limits.per_year),
        it.rank,
        fen(it.quota),
        it.needs_decision,
        it.held.map(Moment::millis),
        it.lines_shown.map(Moment::millis),
        it.version,
        it.recorded.millis(),
    ]
}

/// The number of a stage, for whom it waits, and since when it is in review.
fn stage(stage: Stage) -> (i64, Option<(Side, i64, bool)>, Option<i64>) {
    match stage {
        Stage::Awaiting { who, until, then_review } => (0, Some((who, day(until), then_review)), None),
        Stage::InReview { since } => (1, None, Some(since.millis())),
        Stage::Agreed => (2, None, None),
        Stage::Declined => (3, None, None),
        Stage::Withdrawn => (4, None, None),
        Stage::ReviewRefused => (5, None, None),
    }
}

fn why(why: EndReason) -> (i64, Side) {
    match why {
        EndReason::Released(side) => (0, side),
        EndReason::Died(side) => (1, side),
        EndReason::EnrolmentEnded(side) => (2, side),
        EndReason::Moved(side) => (3, side),
    }
}

/// A law book comes into force with a record.
pub(crate) fn law(serial: Serial, book: &[u8; 32]) -> [Cell<'_>; 2] {
    row![int(serial.0), book.as_slice()]
}
