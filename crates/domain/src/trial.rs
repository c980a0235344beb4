//! A step tried before it is advised: it is asked for by whoever would take it, decided by the same rules, and what was
//! asked at first is decided again after it.

use crate::advice::Advice;
use crate::bill::Line;
use crate::binding::{Binding, Limits};
use crate::case::Case;
use crate::credential::Credential;
use crate::decision::{Answer, Found, Law, Outcome, Turn, decide};
use crate::facts::Facts;
use crate::ids::{BindingNo, Digest, Lookup, PersonNo, ProxyNo, Serial, SettlementNo};
use crate::money::Fen;
use crate::proxy::{Paper, Papers};
use crate::reason::Reason;
use crate::request::{
    Actor, Bind, BindingEvent, Body, Cancel, ChangeBinding, ChangeEnrolment, Enrol, EnrolmentChange,
    EntrustProxy, Key, LinkFamilyCode, Request, Sender, Settle, VisitRef, What,
};
use crate::stay::{ChargeItem, StayEvent};
use crate::trace::{Trace, TraceCode};
use crate::words::{Category, Channel, CredentialKind, LimitKind, Proof, Relation, Scheme};

/// A copy of what was decided on, in which steps are taken.
pub(crate) struct Trial<'a> {
    request: Request,
    turn: Turn,
    facts: Facts,
    law: &'a Law,
    taken: u64,
}

/// Where the serials of trials begin: far above any that a lane has given.
const TRIALS: u64 = 1 << 60;

/// The smallest amount: enough to try a quota.
const ONE_FEN: Option<Fen> = Fen::new(1);

impl<'a> Trial<'a> {
    pub(crate) fn of(case: Case<'a>) -> Trial<'a> {
        let (request, facts) = (case.request.clone(), case.facts.clone());
        Trial { request, turn: case.turn, facts, law: case.law, taken: 0 }
    }

    /// What still refuses what was asked.
    pub(crate) fn refused_by(&self) -> Vec<Reason> {
        decide(&self.request, self.turn, &self.facts, self.law).reasons().to_vec()
    }

    /// Whether what was asked is done now, and no step says this any more.
    pub(crate) fn accepted_without(&self, reason: &Reason) -> bool {
        let decision = decide(&self.request, self.turn, &self.facts, self.law);
        let said = decision.steps.iter().any(|it| it.found == Found::Fails(reason.clone()));
        matches!(decision.outcome, Outcome::Done(_)) && !said
    }

    /// Takes a step; false where the rules refuse it or it means nothing here.
    #[rustfmt::skip]
    pub(crate) fn take(&mut self, advice: &Advice) -> bool {
        match *advice {
            Advice::ShowGiverCode { giver } => self.show_giver(giver),
            Advice::ShowOwnCode { patient } => self.show_own(patient),
            Advice::Confirm { waiting, binding } => self.change(waiting, binding, BindingEvent::Confirm),
            Advice::Bind { giver, beneficiary, relation } => self.bind(giver, beneficiary, relation),
            Advice::RaiseQuota { giver, binding } => self.raise_quota(giver, binding),
            Advice::RaiseLimit { giver, binding, kind } => self.raise_limit(giver, binding, kind),
            Advice::ReleaseFirst { binding, .. } => self.release(binding),
            Advice::ReleaseOne { giver } => self.release_one(giver),
            Advice::UnlinkOne { holder } => self.unlink_one(holder),
            Advice::Enrol { person } => self.enrol(person),
            Advice::Resume { person, scheme } => self.resume(person, scheme),
            Advice::Sign => self.mend_bind(|it| it.commitment = Some(commitment())),
            Advice::BringProof { needed } => self.mend_bind(|it| it.proof = needed),
            Advice::OtherStarter { person } => { self.request.actor = Actor::Citizen(person); true }
            Advice::MendDates => self.mend_dates(),
            Advice::DropLimit { kind } => self.drop_limit(kind),
            Advice::FillQuota => self.mend_bind(|it| it.quota = ONE_FEN),
            Advice::StateQuota { free } => self.mend_bind(|it| it.quota = Some(free)),
            Advice::AskShared => self.mend_settle(|it| it.accounts = crate::request::AccountFlag::Shared),
            Advice::RepeatMeant => self.mend_settle(|it| it.repeat = true),
            Advice::MapItems { line } => self.map_line(line),
            Advice::CancelLaterFirst { settlement } => self.cancel(settlement),
            Advice::ShowPapers => self.show_papers(),
            Advice::ScanPack { line } | Advice::OtherPack { line } => self.other_pack(line),
            Advice::EntrustAgain { patient, proxy } => self.entrust_again(patient, proxy),
            Advice::WaitUntil { day } => { self.turn.at = self.turn.at.max(day.start()); true }
            Advice::PayCash { .. } | Advice::PayOtherwise | Advice::OtherGiver | Advice::AllowedRelatives { .. } | Advice::AskHall | Advice::AskInstitution => true,
        }
    }

    /// Asks for something in the trial; what is done is taken into its facts.
    fn ask(&mut self, actor: Actor, body: Body) -> Option<Answer> {
        self.taken += 1;
        let key = Key { sender: Sender::Token(u64::MAX), id: format!("trial {}", self.taken) };
        let request = Request { key, digest: Digest::of(&[]), actor, body };
        let turn = Turn { serial: Serial(TRIALS + self.taken), at: self.turn.at };
        let decision = decide(&request, turn, &self.facts, self.law);
        self.facts.apply(&request, turn, &decision);
        match decision.outcome {
            Outcome::Done(done) => Some(done.answer),
            Outcome::Refused(_) => None,
        }
    }

    /// What a person is found by; one is made up for the trial where the facts hold none.
    fn lookup(&mut self, person: PersonNo) -> Lookup {
        if let Some((lookup, _)) = self.facts.lookups.iter().find(|(_, it)| **it == person) {
            return *lookup;
        }
        let mut made_up = [0xA5; 16];
        made_up[8..].copy_from_slice(&person.0.to_be_bytes());
        self.facts.lookups.insert(Lookup(made_up), person);
        Lookup(made_up)
    }

    fn show_giver(&mut self, giver: PersonNo) -> bool {
        let holder = self.lookup(giver);
        let shown = Credential { kind: CredentialKind::Code, holder, serial: None, spoiled: None };
        self.mend_settle(|it| it.giver_credentials.push(shown))
    }

    fn show_own(&mut self, patient: PersonNo) -> bool {
        let shown = Credential {
            kind: CredentialKind::Code,
            holder: self.lookup(patient),
            serial: None,
            spoiled: None,
        };
        if let Body::Register(it) = &mut self.request.body {
            it.credential = shown;
            return true;
        }
        self.mend_settle(|it| it.credential = shown)
    }

    fn change(&mut self, person: PersonNo, binding: BindingNo, event: BindingEvent) -> bool {
        let body = Body::ChangeBinding(ChangeBinding { binding, event });
        self.ask(Actor::Citizen(person), body).is_some()
    }

    fn bind(&mut self, giver: PersonNo, beneficiary: PersonNo, relation: Relation) -> bool {
        let bind = Bind {
            giver: self.lookup(giver),
            beneficiary: self.lookup(beneficiary),
            relation,
            channel: Channel::App,
            commitment: Some(commitment()),
            proof: Proof::Review,
            from: None,
            last_day: None,
            limits: Limits::default(),
            quota: ONE_FEN,
            rank: 0,
        };
        self.ask(Actor::Citizen(giver), Body::Bind(bind)).is_some()
    }

    fn raise_quota(&mut self, giver: PersonNo, binding: BindingNo) -> bool {
        let quota = self.facts.bindings.get(&binding).and_then(|it| it.quota).unwrap_or(Fen::ZERO);
        let Some(more) = ONE_FEN.and_then(|it| quota.plus(it)) else { return false };
        self.change(giver, binding, BindingEvent::SetQuota(more))
    }

    fn raise_limit(&mut self, giver: PersonNo, binding: BindingNo, kind: LimitKind) -> bool {
        let Some(Binding { last_day, mut limits, .. }) = self.facts.bindings.get(&binding).cloned() else {
            return false;
        };
        drop_from(&mut limits, kind);
        self.change(giver, binding, BindingEvent::SetLimits(last_day, limits))
    }

    /// Releases a binding, by whichever side may, and goes on when it has ended.
    fn release(&mut self, binding: BindingNo) -> bool {
        let Some(before) = self.facts.bindings.get(&binding).cloned() else { return false };
        let sides = [before.giver, before.beneficiary];
        let released = sides.into_iter().any(|it| self.change(it, binding, BindingEvent::Release));
        let ends = self.facts.bindings.get(&binding).and_then(Binding::ends_at);
        if let Some(at) = ends.filter(|_| released) {
            self.turn.at = self.turn.at.max(at);
        }
        released
    }

    fn release_one(&mut self, giver: PersonNo) -> bool {
        let at = self.turn.at;
        let bound: Vec<BindingNo> =
            self.facts.bindings_by(giver).filter(|it| it.counts(at)).map(|it| it.no).collect();
        bound.into_iter().any(|it| self.release(it))
    }

    fn unlink_one(&mut self, holder: PersonNo) -> bool {
        let linked = crate::link::held(&self.facts, holder, self.turn.at).next().map(|it| it.member);
        let Some(member) = linked else { return false };
        let (holder_found, member) = (self.lookup(holder), self.lookup(member));
        let undone = LinkFamilyCode { holder: holder_found, member, relation: None };
        self.ask(Actor::Citizen(holder), Body::LinkFamilyCode(undone)).is_some()
    }

    /// Enrols a person in the resident scheme, where they were last or where the giver of the binding asked for is.
    fn enrol(&mut self, person: PersonNo) -> bool {
        let today = self.turn.at.day();
        let own = self.facts.enrolments_of(person).max_by_key(|it| it.from).map(|it| it.area);
        let giver = if let Body::Bind(it) = &self.request.body { Some(it.giver) } else { None };
        let giver = giver.and_then(|it| self.facts.person_by(it)).map(|it| it.no);
        let givers =
            giver.and_then(|it| self.facts.enrolment_in(it, Scheme::Employee, today)).map(|it| it.area);
        let Some(area) = own.or(givers) else { return false };
        let enrol = Enrol {
            person: self.lookup(person),
            scheme: Scheme::Resident,
            area,
            category: Category::Adult,
            account: false,
            contract: false,
            from: today,
        };
        self.ask(Actor::Operator { token: 0 }, Body::Enrol(enrol)).is_some()
    }

    fn resume(&mut self, person: PersonNo, scheme: Scheme) -> bool {
        let change = EnrolmentChange::Resume(self.turn.at.day());
        let body = ChangeEnrolment { person: self.lookup(person), scheme, change };
        self.ask(Actor::Operator { token: 0 }, Body::ChangeEnrolment(body)).is_some()
    }

    fn mend_dates(&mut self) -> bool {
        let today = self.turn.at.day();
        if let Body::EntrustProxy(it) = &mut self.request.body {
            it.last_day = today;
            return true;
        }
        self.mend_bind(|it| (it.from, it.last_day) = (None, None))
    }

    fn show_papers(&mut self) -> bool {
        let papers = Papers { patient: Some(Paper::IdCard), agent: Some(Paper::IdCard) };
        if let Body::EntrustProxy(it) = &mut self.request.body {
            it.papers = papers;
            return true;
        }
        self.mend_settle(|it| it.proxy.iter_mut().for_each(|it| it.papers = papers))
    }

    /// Entrusts the same agent again, for any place.
    fn entrust_again(&mut self, patient: PersonNo, proxy: ProxyNo) -> bool {
        let Some(before) = self.facts.proxies.get(&proxy).cloned() else { return false };
        let entrust = EntrustProxy {
            patient: self.lookup(patient),
            agent: self.lookup(before.agent),
            reason: before.reason,
            place: None,
            papers: before.papers,
            last_day: self.turn.at.day(),
        };
        let answer = self.ask(Actor::Citizen(patient), Body::EntrustProxy(entrust));
        let Some(Answer::Proxy(again)) = answer else { return false };
        self.mend_settle(|it| it.proxy.iter_mut().for_each(|it| it.proxy = Some(again)))
    }

    fn mend_bind(&mut self, mend: impl FnOnce(&mut Bind)) -> bool {
        if let Body::Bind(it) = &mut self.request.body {
            mend(it);
            return true;
        }
        false
    }

    fn mend_settle(&mut self, mend: impl FnOnce(&mut Settle)) -> bool {
        if let Body::Settle(it) = &mut self.request.body {
            mend(it);
            return true;
        }
        false
    }

    fn drop_limit(&mut self, kind: LimitKind) -> bool {
        let change = |last_day: &mut Option<crate::day::Day>, limits: &mut Limits| {
            if kind == LimitKind::EndDate {
                *last_day = None;
            }
            drop_from(limits, kind);
        };
        if let Body::ChangeBinding(ChangeBinding { event: BindingEvent::SetLimits(last, limits), .. }) =
            &mut self.request.body
        {
            change(last, limits);
            return true;
        }
        self.mend_bind(|it| change(&mut it.last_day, &mut it.limits))
    }

    /// A line with no national code and an own code can be mapped (3301). To which item is not known here, so the trial
    /// counts the line as one that is judged.
    fn map_line(&mut self, number: u16) -> bool {
        let line = self.line(number).filter(|it| it.code.is_empty() && !it.own_code.is_empty());
        line.is_some_and(|it| {
            it.self_paid = true;
            true
        })
    }

    /// A pack that nobody has sold: its code is made up.
    fn other_pack(&mut self, number: u16) -> bool {
        let code = TraceCode::parse(&format!("{:020}", TRIALS + u64::from(number)));
        let pack = code.map(|code| Trace { code, split: false });
        self.line(number).is_some_and(|it| {
            it.traces = pack.into_iter().collect();
            true
        })
    }

    /// A line of what is asked for, wherever it is kept.
    fn line(&mut self, number: u16) -> Option<&mut Line> {
        let at = usize::from(number).checked_sub(1)?;
        if let Body::Settle(Settle { ref mut what, .. }) = self.request.body {
            return match what {
                What::Batch { visit, batch } => {
                    self.facts.batches.get_mut(&(*visit, batch.clone()))?.lines.get_mut(at)
                }
                What::Lines { lines, .. } => lines.get_mut(at),
                What::Stay { .. } => None,
            };
        }
        if let Body::Upload(ref mut it) = self.request.body {
            return it.batches.iter_mut().flat_map(|(_, lines)| lines).nth(at);
        }
        let Body::Stay(StayEvent::Charge(it)) = &mut self.request.body else { return None };
        match it.items.get_mut(at)? {
            ChargeItem::New(line) => Some(line),
            ChargeItem::Correct(_) => None,
        }
    }

    fn cancel(&mut self, settlement: SettlementNo) -> bool {
        let Some(found) = self.facts.settlements.get(&settlement) else { return false };
        let (visit, patient, care) = (found.visit, found.patient, found.purpose.care());
        let of = VisitRef { visit, patient: self.lookup(patient) };
        self.ask(self.request.actor, Body::Cancel(Cancel { settlement, of, care })).is_some()
    }
}

fn commitment() -> (String, Digest) {
    ("trial".to_owned(), Digest::of(&[]))
}

fn drop_from(limits: &mut Limits, kind: LimitKind) {
    match kind {
        LimitKind::EndDate => {}
        LimitKind::PerBill => limits.per_bill = None,
        LimitKind::PerMonth => limits.per_month = None,
        LimitKind::PerYear => limits.per_year = None,
    }
}
