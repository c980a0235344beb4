//! How rows are read: one function for each kind of thing, in the order of its columns.

use super::cells::{Cells, damaged};
use crate::Record;
use domain::binding::{Binding, Commitment, End, EndReason, Limits, Stage, Started, Usage};
use domain::chain::Block;
use domain::decision::{Notice, NoticeKind, Turn};
use domain::facts::{Batch, Did, Settlement, TallyKey, Visit};
use domain::fund::{Shared, Tally};
use domain::ids::{BindingNo, EnrolmentNo, PersonNo, Serial, SettlementNo, VisitNo};
use domain::ledger::{Account, Balance};
use domain::money::{Fen, Share};
use domain::people::{Enrolment, FamilyLink, Institution, Person};
use domain::request::{Key, Request};

pub(super) fn person(it: &mut Cells<'_>) -> rusqlite::Result<(Person, Option<Vec<u8>>)> {
    let person = Person {
        no: PersonNo(it.number()?),
        born: it.day()?,
        sex: it.word()?,
        died: it.opt_day()?,
        guardian: it.opt_number()?.map(PersonNo),
    };
    Ok((person, it.next()?))
}

pub(super) fn enrolment(it: &mut Cells<'_>) -> rusqlite::Result<Enrolment> {
    Ok(Enrolment {
        no: EnrolmentNo(it.number()?),
        person: PersonNo(it.number()?),
        scheme: it.word()?,
        area: it.area()?,
        category: it.word()?,
        account: it.next()?,
        contract: it.next()?,
        from: it.day()?,
        to: it.opt_day()?,
        pauses: it.periods()?,
    })
}

pub(super) fn purse(it: &mut Cells<'_>) -> rusqlite::Result<(Account, Balance)> {
    Ok((it.account()?, Balance::new(it.next()?, it.fen()?, it.fen()?)))
}

pub(super) fn binding(it: &mut Cells<'_>) -> rusqlite::Result<Binding> {
    Ok(Binding {
        no: BindingNo(it.number()?),
        giver: PersonNo(it.number()?),
        beneficiary: PersonNo(it.number()?),
        relation: it.word()?,
        giver_area: it.area()?,
        beneficiary_area: it.area()?,
        mode: it.word()?,
        started: Started { by: it.word()?, channel: it.word()?, clerk: it.opt_number()?, at: it.moment()? },
        commitment: Commitment { version: it.next()?, digest: it.digest()?, proof: it.word()? },
        stage: stage(it)?,
        from: it.moment()?,
        last_day: it.opt_day()?,
        end: end(it)?,
        limits: Limits { per_bill: it.opt_fen()?, per_month: it.opt_fen()?, per_year: it.opt_fen()? },
        rank: it.next()?,
        quota: it.opt_fen()?,
        needs_decision: it.next()?,
        version: it.next()?,
        recorded: it.moment()?,
    })
}

fn stage(it: &mut Cells<'_>) -> rusqlite::Result<Stage> {
    let stage: i64 = it.next()?;
    let (who, until, then_review) = (it.opt_word()?, it.opt_day()?, it.next::<Option<bool>>()?);
    Ok(match (stage, who, until, then_review) {
        (0, Some(who), Some(until), Some(then_review)) => Stage::Awaiting { who, until, then_review },
        (1, ..) => Stage::InReview,
        (2, ..) => Stage::Agreed,
        (3, ..) => Stage::Declined,
        (4, ..) => Stage::Withdrawn,
        (5, ..) => Stage::ReviewRefused,
        _ => return Err(damaged("a binding is in no stage")),
    })
}

fn end(it: &mut Cells<'_>) -> rusqlite::Result<Option<End>> {
    let (at, why) = (it.opt_moment()?, it.next::<Option<i64>>()?);
    let (side, decided) = (it.opt_word()?, it.opt_moment()?);
    let (Some(at), Some(why), Some(side), Some(decided)) = (at, why, side, decided) else { return Ok(None) };
    let why = match why {
        0 => EndReason::Released(side),
        1 => EndReason::Died(side),
        2 => EndReason::EnrolmentEnded(side),
        3 => EndReason::Moved(side),
        _ => return Err(damaged("a binding ended for no reason")),
    };
    Ok(Some(End { at, why, decided }))
}

pub(super) fn usage(it: &mut Cells<'_>) -> rusqlite::Result<(BindingNo, Usage)> {
    let binding = BindingNo(it.number()?);
    Ok((binding, Usage { year: it.next()?, month: it.next()?, in_month: it.fen()?, in_year: it.fen()? }))
}

pub(super) fn link(it: &mut Cells<'_>) -> rusqlite::Result<FamilyLink> {
    let member = PersonNo(it.number()?);
    let holder = PersonNo(it.number()?);
    Ok(FamilyLink { holder, member, relation: it.word()?, since: it.moment()?, until: it.opt_moment()? })
}

pub(super) fn institution(it: &mut Cells<'_>) -> rusqlite::Result<(Institution, Option<String>)> {
    let institution = Institution {
        code: it.institution()?,
        area: it.area()?,
        kind: it.word()?,
        level: it.word()?,
        designations: it.periods()?,
    };
    Ok((institution, it.next()?))
}

pub(super) fn visit(it: &mut Cells<'_>) -> rusqlite::Result<Visit> {
    Ok(Visit {
        no: VisitNo(it.number()?),
        institution: it.institution()?,
        patient: PersonNo(it.number()?),
        scheme: it.word()?,
        enrolment: EnrolmentNo(it.number()?),
        begun: it.moment()?,
        med_type: it.next()?,
        cancelled: it.next()?,
    })
}

pub(super) fn batch(it: &mut Cells<'_>) -> rusqlite::Result<((VisitNo, String), Batch)> {
    let key = (VisitNo(it.number()?), it.next()?);
    Ok((key, Batch { settled: it.opt_number()?.map(SettlementNo), lines: it.decoded()? }))
}

pub(super) fn settlement(it: &mut Cells<'_>) -> rusqlite::Result<Settlement> {
    let no = SettlementNo(it.number()?);
    let visit = VisitNo(it.number()?);
    let (batch, institution, patient) = (it.next()?, it.institution()?, PersonNo(it.number()?));
    let (scheme, area, med_type, purpose) = (it.word()?, it.area()?, it.next()?, it.word()?);
    let (service_day, at) = (it.day()?, it.moment()?);
    let mut shared = shared(it)?;
    let (cash, balance_after) = (it.fen()?, it.fen()?);
    let (parts, draws) = it.decoded()?;
    shared.parts = parts;
    Ok(Settlement {
        no,
        visit,
        batch,
        institution,
        patient,
        scheme,
        area,
        med_type,
        purpose,
        service_day,
        at,
        shared,
        draws,
        cash,
        balance_after,
        bill: it.next()?,
        undoes: it.opt_number()?.map(SettlementNo),
        undone_by: it.opt_number()?.map(SettlementNo),
    })
}

fn shared(it: &mut Cells<'_>) -> rusqlite::Result<Shared> {
    Ok(Shared {
        total: it.fen()?,
        full_self: it.fen()?,
        over_limit: it.fen()?,
        first_pay: it.fen()?,
        in_scope: it.fen()?,
        basic: it.fen()?,
        large: it.fen()?,
        share: Share::new(it.next()?).ok_or_else(|| damaged("a share is above the whole"))?,
        account_before: it.fen()?,
        tally: tally_of(it)?,
        parts: std::collections::BTreeMap::new(),
    })
}

fn tally_of(it: &mut Cells<'_>) -> rusqlite::Result<Tally> {
    let [deductible, in_scope, fund]: [Fen; 3] = [it.fen()?, it.fen()?, it.fen()?];
    Ok(Tally { deductible, in_scope, fund })
}

pub(super) fn tally(it: &mut Cells<'_>) -> rusqlite::Result<(TallyKey, Tally)> {
    let (person, year) = (PersonNo(it.number()?), it.next()?);
    let key = TallyKey { person, year, scheme: it.word()?, month: it.next()? };
    Ok((key, tally_of(it)?))
}

/// What became of a message, by its columns `did` and `settlement`.
pub(super) fn did(it: &mut Cells<'_>) -> rusqlite::Result<Did> {
    Ok(match (it.next::<i64>()?, it.opt_number()?) {
        (0, _) => Did::Nothing,
        (1, Some(no)) => Did::Settled(SettlementNo(no)),
        (2, _) => Did::Other,
        (3, _) => Did::Barred,
        _ => return Err(damaged("nothing is known to have become of a message")),
    })
}

pub(super) fn turn(it: &mut Cells<'_>) -> rusqlite::Result<Turn> {
    Ok(Turn { serial: Serial(it.number()?), at: it.moment()? })
}

pub(super) fn key(it: &mut Cells<'_>) -> rusqlite::Result<Key> {
    Ok(Key { sender: it.sender()?, id: it.next()? })
}

pub(super) fn record(it: &mut Cells<'_>) -> rusqlite::Result<Record> {
    let (turn, key, digest) = (turn(it)?, key(it)?, it.digest()?);
    let (actor, body) = it.decoded()?;
    Ok(Record {
        turn,
        request: Request { key, digest, actor, body },
        facts: it.next()?,
        decision: it.decoded()?,
        engine: it.next()?,
        law: it.digest()?,
        answer: it.next()?,
        salt: it.next()?,
        block: (it.next()?, it.number()?),
    })
}

pub(super) fn block(it: &mut Cells<'_>) -> rusqlite::Result<Block> {
    Ok(Block { lane: it.next()?, number: it.number()?, previous: it.digest()?, hash: it.digest()? })
}

pub(super) fn notice(it: &mut Cells<'_>) -> rusqlite::Result<(Turn, Notice)> {
    let turn = turn(it)?;
    let (to, binding) = (PersonNo(it.number()?), BindingNo(it.number()?));
    let what = match it.next::<i64>()? {
        0 => NoticeKind::PleaseConfirm,
        1 => NoticeKind::InForce,
        2 => NoticeKind::Ended,
        3 => NoticeKind::NeedsDecision,
        _ => return Err(damaged("a message to a person is about nothing")),
    };
    Ok((turn, Notice { to, binding, what }))
}
