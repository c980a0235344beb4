//! How rows are read, whatever holds them: one function for each kind of thing, in the order of its columns.

use crate::cells::{Cells, Read, damaged, decoded, int, number};
use crate::write;
use crate::{Counts, Kept, KeptPaper, LaneNo, Record, Waiting};
use domain::amendment::Amendment;
use domain::binding::{Binding, Commitment, End, EndReason, Limits, Reviewed, Stage, Started, Usage};
use domain::chain::Block;
use domain::clerk::Clerk;
use domain::decision::Turn;
use domain::documents::{Act, Document, Shown};
use domain::facts::{Batch, Did, Earlier, Settlement, Stay, TallyKey, Visit};
use domain::fund::{Shared, Tally};
use domain::ids::{
    AmendmentNo, Area, BindingNo, Digest, EnrolmentNo, InstitutionCode, Lookup, PER_REQUEST, PersonNo,
    ProxyNo, Serial, SettlementNo, VisitNo,
};
use domain::ledger::{Account, Balance, Entry};
use domain::money::{Fen, Share, Total};
use domain::people::{Enrolment, FamilyLink, Institution, Person};
use domain::proxy::{Papers, Proxy};
use domain::request::{Key, Request};
use domain::trace::TraceCode;
use domain::words::Relation;
use std::cmp::Reverse;
use std::collections::BTreeSet;

pub(crate) fn person(it: &mut impl Cells) -> Read<(Person, Option<Vec<u8>>)> {
    let person = Person {
        no: PersonNo(it.number()?),
        born: it.day()?,
        sex: it.word()?,
        died: it.opt_day()?,
        guardian: it.opt_number()?.map(PersonNo),
    };
    Ok((person, it.next()?))
}

pub(crate) fn enrolment(it: &mut impl Cells) -> Read<Enrolment> {
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

pub(crate) fn purse(it: &mut impl Cells) -> Read<(Account, Balance)> {
    Ok((it.account()?, Balance::new(it.next()?, it.fen()?, it.fen()?)))
}

pub(crate) fn binding(it: &mut impl Cells) -> Read<Binding> {
    Ok(Binding {
        no: BindingNo(it.number()?),
        giver: PersonNo(it.number()?),
        beneficiary: PersonNo(it.number()?),
        relation: it.word()?,
        giver_area: it.area()?,
        beneficiary_area: it.area()?,
        mode: it.word()?,
        started: Started { by: it.word()?, channel: it.word()?, clerk: clerk(it)?, at: it.moment()? },
        commitment: Commitment { version: it.next()?, digest: it.digest()?, proof: it.word()? },
        stage: stage(it)?,
        reviewed: reviewed(it)?,
        from: it.moment()?,
        last_day: it.opt_day()?,
        end: end(it)?,
        limits: Limits { per_bill: it.opt_fen()?, per_month: it.opt_fen()?, per_year: it.opt_fen()? },
        rank: it.next()?,
        quota: it.opt_fen()?,
        needs_decision: it.next()?,
        held: it.opt_moment()?,
        lines_shown: it.opt_moment()?,
        version: it.next()?,
        recorded: it.moment()?,
    })
}

fn clerk(it: &mut impl Cells) -> Read<Option<Clerk>> {
    let (token, bearer) = (it.opt_number()?, it.opt_number()?);
    Ok(token.zip(bearer).map(|(token, bearer)| Clerk { token, bearer }))
}

fn reviewed(it: &mut impl Cells) -> Read<Option<Reviewed>> {
    let (by, at, why) = (it.opt_number()?, it.opt_moment()?, it.next::<Option<[u8; 32]>>()?.map(Digest));
    Ok(by.zip(at).map(|(by, at)| Reviewed { by, at, why }))
}

fn stage(it: &mut impl Cells) -> Read<Stage> {
    let stage: i64 = it.next()?;
    let (who, until, then_review) = (it.opt_word()?, it.opt_day()?, it.next::<Option<bool>>()?);
    let since = it.opt_moment()?;
    Ok(match (stage, who, until, then_review) {
        (0, Some(who), Some(until), Some(then_review)) => Stage::Awaiting { who, until, then_review },
        (1, ..) => Stage::InReview { since: since.ok_or_else(|| damaged("a review began at no time"))? },
        (2, ..) => Stage::Agreed,
        (3, ..) => Stage::Declined,
        (4, ..) => Stage::Withdrawn,
        (5, ..) => Stage::ReviewRefused,
        _ => return Err(damaged("a binding is in no stage")),
    })
}

fn end(it: &mut impl Cells) -> Read<Option<End>> {
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

pub(crate) fn usage(it: &mut impl Cells) -> Read<(BindingNo, Usage)> {
    let binding = BindingNo(it.number()?);
    Ok((binding, Usage { year: it.next()?, month: it.next()?, in_month: it.fen()?, in_year: it.fen()? }))
}

pub(crate) fn person_no(it: &mut impl Cells) -> Read<PersonNo> {
    Ok(PersonNo(it.number()?))
}

pub(crate) fn link(it: &mut impl Cells) -> Read<FamilyLink> {
    let member = PersonNo(it.number()?);
    let holder = PersonNo(it.number()?);
    let (relation, since) = (it.word()?, it.moment()?);
    let (confirm_by, until) = (it.opt_day()?, it.opt_moment()?);
    Ok(FamilyLink { holder, member, relation, since, confirm_by, until })
}

pub(crate) fn proxy(it: &mut impl Cells) -> Read<Proxy> {
    Ok(Proxy {
        no: ProxyNo(it.number()?),
        patient: PersonNo(it.number()?),
        agent: PersonNo(it.number()?),
        reason: it.word()?,
        place: it.opt_institution()?,
        papers: Papers { patient: it.opt_word()?, agent: it.opt_word()? },
        clerk: it.opt_number()?,
        since: it.moment()?,
        last_day: it.day()?,
        revoked: it.opt_moment()?,
        used: it.opt_number()?.map(SettlementNo),
    })
}

pub(crate) fn institution(it: &mut impl Cells) -> Read<(Institution, Option<String>)> {
    let institution = Institution {
        code: it.institution()?,
        area: it.area()?,
        kind: it.word()?,
        level: it.word()?,
        designations: it.periods()?,
        suspensions: it.suspensions()?,
        capabilities: it.capabilities()?,
    };
    Ok((institution, it.next()?))
}

pub(crate) fn visit(it: &mut impl Cells) -> Read<Visit> {
    Ok(Visit {
        no: VisitNo(it.number()?),
        institution: it.institution()?,
        patient: PersonNo(it.number()?),
        scheme: it.word()?,
        enrolment: EnrolmentNo(it.number()?),
        begun: it.moment()?,
        med_type: it.next()?,
        cancelled: it.next()?,
        stay: stay(it)?,
        own_no: it.next()?,
    })
}

fn stay(it: &mut impl Cells) -> Read<Option<Stay>> {
    let (nth, discharged, settled): (Option<u16>, _, _) = (it.next()?, it.opt_moment()?, it.opt_number()?);
    Ok(nth.map(|nth| Stay { discharged, nth, settled: settled.map(SettlementNo) }))
}

/// In which batch a line of a stay was put.
pub(crate) fn charge(it: &mut impl Cells) -> Read<((VisitNo, String), String)> {
    Ok(((VisitNo(it.number()?), it.next()?), it.next()?))
}

pub(crate) fn batch(it: &mut impl Cells) -> Read<((VisitNo, String), Batch)> {
    let key = (VisitNo(it.number()?), it.next()?);
    let settled = it.opt_number()?.map(SettlementNo);
    let (lines, corrections) = it.decoded()?;
    Ok((key, Batch { lines, corrections, settled }))
}

pub(crate) fn settlement(it: &mut impl Cells) -> Read<Settlement> {
    let no = SettlementNo(it.number()?);
    let visit = VisitNo(it.number()?);
    let (batch, institution, patient) = (it.next()?, it.institution()?, PersonNo(it.number()?));
    let (scheme, area, med_type, purpose) = (it.word()?, it.area()?, it.next()?, it.word()?);
    let (service_day, at) = (it.day()?, it.moment()?);
    let mut shared = shared(it)?;
    let (cash, balance_after) = (it.fen()?, it.fen()?);
    let (parts, draws, stays, bought_by) = it.decoded()?;
    shared.parts = parts;
    shared.tally.stays = stays;
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
        bought_by,
    })
}

fn shared(it: &mut impl Cells) -> Read<Shared> {
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

fn tally_of(it: &mut impl Cells) -> Read<Tally> {
    let [deductible, in_scope, fund]: [Fen; 3] = [it.fen()?, it.fen()?, it.fen()?];
    Ok(Tally { deductible, in_scope, fund, stays: 0 })
}

pub(crate) fn tally(it: &mut impl Cells) -> Read<(TallyKey, Tally)> {
    let (person, year) = (PersonNo(it.number()?), it.next()?);
    let key = TallyKey { person, year, scheme: it.word()?, care: it.word()?, month: it.next()? };
    let used = tally_of(it)?;
    Ok((key, Tally { stays: it.next()?, ..used }))
}

/// What became of a message, by its columns `did` and `settlement`.
pub(crate) fn did(it: &mut impl Cells) -> Read<Did> {
    Ok(match (it.next::<i64>()?, it.opt_number()?) {
        (0, _) => Did::Nothing,
        (1, Some(no)) => Did::Settled(SettlementNo(no)),
        (2, _) => Did::Other,
        (3, _) => Did::Barred,
        (4, _) => Did::Admitted,
        _ => return Err(damaged("nothing is known to have become of a message")),
    })
}

pub(crate) fn turn(it: &mut impl Cells) -> Read<Turn> {
    Ok(Turn { serial: Serial(it.number()?), at: it.moment()? })
}

/// A page of a statement of account on its way: what moved a person's money is asked for until enough of it was in the
/// accounts that are wanted.
pub(crate) struct Statement {
    /// Moment and number before which is asked next.
    pub(crate) before: (i64, i64),
    pub(crate) entries: Vec<(Turn, Entry)>,
    limit: usize,
    all: bool,
}

impl Statement {
    pub(crate) fn new(before: Option<Turn>, limit: u32) -> Statement {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Statement { before: write::before(before), entries: Vec::new(), limit, all: false }
    }

    /// Of how many requests more is wanted.
    pub(crate) fn wanted(&self) -> u32 {
        let have: BTreeSet<Serial> = self.entries.iter().map(|(turn, _)| turn.serial).collect();
        let wanted = if self.all { 0 } else { self.limit.saturating_sub(have.len()) };
        u32::try_from(wanted).unwrap_or(u32::MAX)
    }

    /// Takes in the journals of the next requests that moved money of the person.
    pub(crate) fn add(
        &mut self,
        moved: &[(i64, u64)],
        mut journals: Vec<(Turn, Entry)>,
        accounts: &BTreeSet<Account>,
    ) {
        self.all = u32::try_from(moved.len()).is_ok_and(|it| it < self.wanted());
        if let Some((at, number)) = moved.last() {
            self.before = (*at, int(*number));
        }
        journals.retain(|(_, it)| accounts.contains(&it.account));
        journals.sort_by_key(|(turn, _)| Reverse((turn.at, turn.serial)));
        self.entries.extend(journals);
    }
}

/// How many numbers have to be read so that those of the last serial are all among them.
pub(crate) fn with_rest(limit: u32) -> u32 {
    if limit == 0 { 0 } else { limit.saturating_add(u32::try_from(PER_REQUEST).unwrap_or(u32::MAX)) }
}

/// The first `limit` numbers, and whatever else is of the serial of the last of them.
pub(crate) fn whole_serials(mut numbers: Vec<u64>, limit: u32) -> Vec<u64> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let Some(last) = limit.checked_sub(1).and_then(|it| numbers.get(it)) else { return numbers };
    let last = Serial::creator_of(*last);
    let rest = numbers.iter().skip(limit).take_while(|it| Serial::creator_of(**it) == last).count();
    numbers.truncate(limit + rest);
    numbers
}

pub(crate) fn key(it: &mut impl Cells) -> Read<Key> {
    Ok(Key { sender: it.sender()?, id: it.next()? })
}

pub(crate) fn key_of(it: &mut impl Cells) -> Read<(Serial, Key)> {
    Ok((Serial(it.number()?), key(it)?))
}

pub(crate) fn record(it: &mut impl Cells) -> Read<Record> {
    let (turn, key, digest) = (turn(it)?, key(it)?, it.digest()?);
    let asked: Vec<u8> = it.next()?;
    let (actor, body) = decoded(&asked)?;
    let facts = it.next()?;
    let decided: Vec<u8> = it.next()?;
    Ok(Record {
        turn,
        request: Request { key, digest, actor, body },
        asked,
        facts,
        decision: decoded(&decided)?,
        decided,
        engine: it.next()?,
        law: it.digest()?,
        answer: it.next()?,
        salt: it.next()?,
        block: (it.next()?, it.number()?),
    })
}

pub(crate) fn block(it: &mut impl Cells) -> Read<Block> {
    Ok(Block { lane: it.next()?, number: it.number()?, previous: it.digest()?, hash: it.digest()? })
}

pub(crate) fn document(it: &mut impl Cells) -> Read<(Turn, Shown)> {
    let turn = turn(it)?;
    let (person, clerk) = (PersonNo(it.number()?), it.opt_number()?);
    let (act, about, binding): (i64, u64, Option<u64>) = (it.next()?, it.number()?, it.opt_number()?);
    let act = match (act, binding) {
        (0, _) => Act::Binding(BindingNo(about)),
        (1, Some(binding)) => Act::Case(SettlementNo(about), BindingNo(binding)),
        (2, None) => Act::Amendment(AmendmentNo(about)),
        _ => return Err(damaged("a document was shown for nothing")),
    };
    let (kind, seen) = (it.word()?, it.word()?);
    let number = it.next::<Option<[u8; 32]>>()?.map(Digest);
    let photographs = it.next::<Vec<u8>>()?;
    let (photographs, rest) = photographs.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(damaged("a photograph's digest is cut off"));
    }
    let photographs = photographs.iter().map(|it| Digest(*it)).collect();
    Ok((turn, Shown { person, clerk, act, document: Document { kind, seen, number, photographs } }))
}

/// After which place a page of what waits at halls begins, and the last area on it. Where it begins anew, what waits in its
/// first area for too long is passed over.
pub(crate) fn waiting_after<No>(asked: &Waiting<No>, number_of: fn(&No) -> u64) -> ([i64; 3], i64) {
    let (first, last) = asked.area.within();
    let number = |it: Area| i64::from(it.number());
    let place = match &asked.after {
        Some((area, since, no)) => [number(*area), since.millis(), int(number_of(no))],
        None => [number(first), asked.since.millis(), i64::MAX],
    };
    (place, number(last))
}

/// After which place a page of bindings that were agreed to begins.
pub(crate) fn agreed_after(after: Option<(Area, Relation, BindingNo)>) -> [i64; 3] {
    let place = |(area, relation, no): (Area, Relation, BindingNo)| {
        [i64::from(area.number()), number(relation), int(no.0)]
    };
    after.map_or([-1; 3], place)
}

pub(crate) fn amendment(it: &mut impl Cells) -> Read<Amendment> {
    it.decoded()
}

pub(crate) fn kept_paper(it: &mut impl Cells) -> Read<KeptPaper> {
    Ok(KeptPaper { person: PersonNo(it.number()?), digest: it.digest()?, until: it.moment()? })
}

/// A message with what became of it, and whether the record that says so is its own.
pub(crate) fn earlier(it: &mut impl Cells) -> Read<(Key, bool, Earlier)> {
    let (key, serial, arrived) = (key(it)?, Serial(it.number()?), it.next()?);
    let did = did(it)?;
    Ok((key, arrived, Earlier { serial, did, digest: it.digest()? }))
}

pub(crate) fn found(it: &mut impl Cells) -> Read<PersonNo> {
    Ok(PersonNo(it.number()?))
}

/// A pack that a settlement sold.
pub(crate) fn trace(it: &mut impl Cells) -> Read<(TraceCode, SettlementNo)> {
    let code = it.read(|code: String| TraceCode::parse(&code))?;
    Ok((code, SettlementNo(it.number()?)))
}

pub(crate) fn lookup(it: &mut impl Cells) -> Read<(Lookup, PersonNo)> {
    Ok((Lookup(it.next()?), PersonNo(it.number()?)))
}

pub(crate) fn mapping(it: &mut impl Cells) -> Read<((InstitutionCode, String), String)> {
    Ok(((it.institution()?, it.next()?), it.next()?))
}

/// The two people of a binding.
pub(crate) fn sides(it: &mut impl Cells) -> Read<[PersonNo; 2]> {
    Ok([PersonNo(it.number()?), PersonNo(it.number()?)])
}

pub(crate) fn entry(it: &mut impl Cells) -> Read<(Turn, Entry)> {
    let turn = turn(it)?;
    let account = it.account()?;
    Ok((turn, Entry { account, part: it.part()?, amount: Total::from_fen(it.next()?) }))
}

/// A lane's latest block, with the last record in it.
pub(crate) fn head(it: &mut impl Cells) -> Read<(Block, Turn)> {
    Ok((block(it)?, turn(it)?))
}

pub(crate) fn lane(it: &mut impl Cells) -> Read<(LaneNo, Serial)> {
    Ok((LaneNo(it.next()?), Serial(it.number()?)))
}

pub(crate) fn counts(it: &mut impl Cells) -> Read<Counts> {
    let [records, entries] = [it.number()?, it.number()?];
    Ok(Counts { records, entries, persons: it.number()?, settlements: it.number()? })
}

pub(crate) fn kept(it: &mut impl Cells) -> Read<Kept> {
    Ok(Kept { drawer: it.next()?, key: it.next()?, value: it.next()?, until: it.opt_moment()? })
}
