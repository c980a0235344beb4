//! The only door: [`decide`] turns a request, facts and law into a [`Decision`] that explains itself.

use crate::amendment::Amendment;
use crate::bill::Split;
use crate::binding::{Binding, Usage};
pub use crate::case::Case;
use crate::catalogue::Catalogue;
use crate::day::Moment;
use crate::documents::Shown;
use crate::facts::{Batch, Draw, Earlier, Facts, Settlement, TallyKey, Visit};
use crate::fund::Tally;
use crate::ids::{
    BindingNo, Digest, InstitutionCode, Lookup, PersonNo, ProxyNo, Serial, SettlementNo, VisitNo,
};
use crate::law::Policies;
use crate::ledger::{Account, Journal};
use crate::money::Fen;
pub use crate::notice::{Matter, Notice, NoticeKind};
use crate::people::{Enrolment, FamilyLink, Institution, Person};
use crate::policy::Cite;
use crate::proxy::Proxy;
use crate::reason::Reason;
use crate::request::{Body, Key, Request};
pub(crate) use crate::steps::Steps;
use crate::trace::TraceCode;
use serde::{Deserialize, Serialize};

/// Version of the deciding code. Raised whenever the same request, facts and law would be decided differently;
/// `gongji verify` then lists the differences instead of calling them damage (design invariant 7).
pub const ENGINE: u16 = 1;

/// The law a request is decided by: policies and catalogue, together one book with one digest.
#[derive(Debug, Clone)]
pub struct Law {
    /// Digest of the book.
    pub digest: Digest,
    /// Policies.
    pub policies: Policies,
    /// Catalogue.
    pub catalogue: Catalogue,
    /// In a sandbox: the last edition goes on where none is in force, and every answer says so.
    pub catalogue_goes_on: bool,
}

impl Law {
    /// The edition a bill of this day is judged by (R-J4).
    pub fn edition(&self, day: crate::day::Day) -> Option<&crate::catalogue::Edition> {
        let last =
            || self.catalogue.last_edition().filter(|it| self.catalogue_goes_on && it.last_day() < day);
        self.catalogue.edition(day).or_else(last)
    }
}

/// When and under which serial a request is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The serial; everything the request creates is numbered from it.
    pub serial: Serial,
    /// The moment of commit: orders the books, picks bindings, standing and balances.
    pub at: Moment,
}

/// Everything there is to say about one request: stored, shown and replayed as it is.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What came of it.
    pub outcome: Outcome,
    /// How it came to that, in order; for a refusal too.
    pub steps: Vec<Step>,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Done: the answer and what changes.
    Done(Box<Done>),
    /// Refused, with all reasons, most fixable first; never empty. Nothing changes.
    Refused(Vec<Reason>),
}

/// What a request that is done answers and changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// What the sender is told.
    pub answer: Answer,
    /// What changes.
    pub changes: Changes,
}

/// What the sender is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// Done, nothing more to say.
    Done,
    /// A person was taken in.
    Person(PersonNo),
    /// A visit was registered.
    Visit(VisitNo),
    /// Lines were judged.
    Lines(Vec<(String, Split)>),
    /// A binding was made or changed.
    Binding(BindingNo),
    /// A purchase was entrusted.
    Proxy(ProxyNo),
    /// Lines of a stay were judged: as each counts now and, where it corrects another, as that one counted before it.
    Charged(Vec<(String, Split, Option<Split>)>),
    /// A bill was settled, with the lines as judged.
    Settled(SettlementNo, Vec<(String, Split)>),
    /// A settlement was cancelled, by this cancellation.
    Cancelled(SettlementNo),
    /// Part of a settlement was refunded: the cancellation, and the settlement of what remains if anything does.
    Refunded(SettlementNo, Option<SettlementNo>),
    /// An earlier message was undone.
    Reversed(Option<SettlementNo>),
    /// An earlier message never arrived and is now barred.
    Barred,
}

/// What changes: whole new states of what a request touches, and the journal of its money.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Changes {
    /// The journal, where money moves.
    pub journal: Option<Journal>,
    /// What persons are found by.
    pub lookups: Vec<(Lookup, PersonNo)>,
    /// Persons.
    pub persons: Vec<Person>,
    /// Enrolments.
    pub enrolments: Vec<Enrolment>,
    /// Institutions.
    pub institutions: Vec<Institution>,
    /// Mappings of own codes; an empty national code takes one back.
    pub mappings: Vec<(InstitutionCode, String, String)>,
    /// Family code links.
    pub links: Vec<FamilyLink>,
    /// New versions of bindings.
    pub bindings: Vec<Binding>,
    /// What bindings have spent.
    pub usage: Vec<(BindingNo, Usage)>,
    /// Entrusted purchases.
    pub proxies: Vec<Proxy>,
    /// Visits.
    pub visits: Vec<Visit>,
    /// Batches.
    pub batches: Vec<(VisitNo, String, Batch)>,
    /// In which batch lines of stays were put: visit, line, batch.
    pub charges: Vec<(VisitNo, String, String)>,
    /// Settlements and cancellations, new or marked as undone.
    pub settlements: Vec<Settlement>,
    /// Tallies.
    pub tallies: Vec<(TallyKey, Tally)>,
    /// A message that is barred.
    pub barred: Option<Key>,
    /// A law book that comes into force.
    pub book: Option<Digest>,
    /// Messages to people.
    pub notices: Vec<Notice>,
    /// Documents that were shown at the counter.
    pub documents: Vec<Shown>,
    /// Amendments, new or decided.
    pub amendments: Vec<Amendment>,
    /// What persons are no longer found by; taken away before anything is found anew.
    pub forgotten: Vec<(Lookup, PersonNo)>,
    /// Packs that a settlement sells whole.
    pub traces: Vec<(TraceCode, SettlementNo)>,
    /// Packs that a settlement sold and that are free again; freed before any is sold.
    pub freed: Vec<(TraceCode, SettlementNo)>,
}

/// One step of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The rule, like `R-E2`.
    pub rule: Rule,
    /// The value of the law that was asked, where one was.
    pub cite: Option<Cite>,
    /// What was found.
    pub found: Found,
}

/// A rule's number, compact: `R-E2` is `Rule(b'E', 2)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule(pub u8, pub u8);

/// What a step found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Found {
    /// A condition holds.
    Holds(Check),
    /// A condition does not hold.
    Fails(Reason),
    /// An amount came out.
    Amount(Figure, Fen),
    /// A purse pays.
    Pays(Draw),
    /// Somebody buys it for the patient.
    BoughtBy(PersonNo),
}

/// A condition that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Check {
    /// The institution is designated on the day.
    Designated,
    /// The patient's own credential was shown.
    OwnCredential,
    /// The patient is insured in the scheme that pays.
    Insured,
    /// The giver's code or card was shown or is not needed.
    GiverCredential,
    /// The giver is in the employee scheme with a personal account.
    GiverHasAccount,
    /// The giver stands well enough.
    GiverStanding,
    /// The beneficiary is insured and stands well enough.
    BeneficiaryStanding,
    /// The relation is allowed.
    Relation,
    /// Sharing between the two areas is open.
    Scope,
    /// The numbers allow it.
    Numbers,
    /// The roles allow it.
    Roles,
    /// Kinship is proved as the area wants it.
    Proof,
    /// This side may start.
    Starter,
    /// The two may bind (again) on this day.
    Rebind,
    /// The binding is in force.
    InForce,
    /// The purpose is payable with shared money.
    Purpose,
    /// The bill is not a repetition.
    NotRepeated,
    /// The limits the giver set leave room.
    Limits,
    /// The day whose law a stay is settled by.
    StayDay,
    /// Discharge and settlement of a stay come in the order that the area wants.
    StayOrder,
    /// A purchase is entrusted for no longer than the area lets it be.
    ProxyDays,
    /// The ID documents of patient and agent are recorded.
    ProxyPapers,
    /// Each drug of the bill has a trace code, of a pack that was not sold before.
    TraceCodes,
    /// A family code is shown once its person agrees, in so many days.
    FamilyCode,
}

/// What an amount is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Figure {
    /// The whole bill.
    Total,
    /// In scope.
    InScope,
    /// Borne as deductible.
    Deductible,
    /// Paid by the funds.
    Fund,
    /// Borne by the patient.
    Personal,
    /// What accounts may pay at most.
    Payable,
    /// Paid in cash.
    Cash,
    /// Usable in a giver's account.
    Usable,
}

impl Rule {
    /// The rule with this written number; `R-E2`.
    pub fn parse(text: &str) -> Option<Rule> {
        let letter = text.strip_prefix("R-")?.bytes().next()?;
        text.get(3..)?.parse().ok().map(|it| Rule(letter, it))
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "R-{}{}", char::from(self.0), self.1)
    }
}

impl Decision {
    /// A refusal. Reasons are listed most fixable first, each once.
    pub fn refused(mut reasons: Vec<Reason>, steps: Vec<Step>) -> Decision {
        assert!(!reasons.is_empty(), "a refusal has a reason");
        let place = |it: &Reason| crate::reason::CODES.iter().position(|code| *code == it.code());
        reasons.sort_by_key(place);
        reasons.dedup();
        Decision { outcome: Outcome::Refused(reasons), steps }
    }

    /// A request that is done.
    pub fn done(answer: Answer, changes: Changes, steps: Vec<Step>) -> Decision {
        Decision { outcome: Outcome::Done(Box::new(Done { answer, changes })), steps }
    }

    /// What changes, if anything does.
    pub fn changes(&self) -> Option<&Changes> {
        match &self.outcome {
            Outcome::Done(done) => Some(&done.changes),
            Outcome::Refused(_) => None,
        }
    }

    /// The reasons of a refusal; empty where it is none.
    pub fn reasons(&self) -> &[Reason] {
        match &self.outcome {
            Outcome::Done(_) => &[],
            Outcome::Refused(reasons) => reasons,
        }
    }
}

/// Decides a request. Total and pure: the same request, turn, facts and law give the same decision for ever.
pub fn decide(request: &Request, turn: Turn, facts: &Facts, law: &Law) -> Decision {
    let case = Case { request, turn, facts, law };
    if facts.earlier.get(&request.key).is_some_and(|it| it.did == crate::facts::Did::Barred) {
        return crate::visit::refuse(Reason::MessageBarred {});
    }
    match &request.body {
        Body::AddPerson(it) => crate::enrol::add_person(case, it),
        Body::RecordDeath(it) => crate::enrol::record_death(case, it),
        Body::Enrol(it) => crate::enrol::enrol(case, it),
        Body::ChangeEnrolment(it) => crate::enrol::change(case, it),
        Body::Credit(it) => crate::credit::credit(case, it),
        Body::TakeBack(it) => crate::credit::take_back(case, it),
        Body::SetInstitution(it) => crate::place::set_institution(case, it),
        Body::ChangeInstitution(it) => crate::change_institution::change_institution(case, it),
        Body::MapItems(it) => crate::place::map_items(case, it),
        Body::UnmapItems(it) => crate::place::unmap_items(case, it),
        Body::LinkFamilyCode(it) => crate::link::link(case, it),
        Body::ConfirmFamilyCode(it) => crate::link::confirm(case, it),
        Body::Bind(it) => crate::bind::bind(case, it),
        Body::ChangeBinding(it) => crate::change_binding::change(case, it),
        Body::TakeOver(it) => crate::bind::take_over(case, it),
        Body::RecordDocuments(it) => crate::documents::record(case, it),
        Body::ProposeAmendment(it) => crate::amendment::propose(case, it),
        Body::DecideAmendment(it) => crate::amendment::decide(case, it),
        Body::EntrustProxy(it) => crate::proxy::entrust(case, it),
        Body::RevokeProxy(it) => crate::proxy::revoke(case, it),
        Body::Register(it) => crate::visit::register(case, it),
        Body::CancelVisit(it) => crate::visit::cancel(case, it),
        Body::StateVisit(it) => crate::visit::state(case, it),
        Body::Upload(it) => crate::visit::upload(case, it),
        Body::RemoveLines(it) => crate::visit::remove_lines(case, it),
        Body::Stay(it) => crate::admission::decide(case, it),
        Body::Settle(it) => crate::settle::settle(case, it),
        Body::Cancel(it) => crate::undo::cancel(case, it),
        Body::RefundPart(it) => crate::undo::refund_part(case, it),
        Body::Reverse(it) => crate::undo::reverse(case, it),
        Body::Publish(it) => crate::place::publish(case, it),
    }
}

/// What became of a message, for [`Facts::earlier`].
pub fn did(decision: &Decision) -> crate::facts::Did {
    use crate::facts::Did;
    match &decision.outcome {
        Outcome::Refused(_) => Did::Nothing,
        Outcome::Done(done) => match done.answer {
            Answer::Settled(no, _) => Did::Settled(no),
            Answer::Visit(_) if done.changes.visits.iter().any(|it| it.stay.is_some()) => Did::Admitted,
            Answer::Done
            | Answer::Person(_)
            | Answer::Visit(_)
            | Answer::Lines(_)
            | Answer::Charged(_)
            | Answer::Binding(_)
            | Answer::Proxy(_)
            | Answer::Cancelled(_)
            | Answer::Refunded(..)
            | Answer::Reversed(_)
            | Answer::Barred => Did::Other,
        },
    }
}

impl Facts {
    /// Takes in what a decision changes, so that the next one sees it.
    ///
    /// # Panics
    /// Where a journal would bring a purse below zero: deciding has made sure that it does not (R-E10).
    pub fn apply(&mut self, request: &Request, turn: Turn, decision: &Decision) {
        let earlier = Earlier { serial: turn.serial, digest: request.digest, did: did(decision) };
        self.earlier.insert(request.key.clone(), earlier);
        let Some(changes) = decision.changes() else { return };
        self.apply_changes(changes, turn.at.day());
        if let Some(key) = &changes.barred {
            let earlier =
                Earlier { serial: turn.serial, digest: request.digest, did: crate::facts::Did::Barred };
            self.earlier.insert(key.clone(), earlier);
        }
    }

    /// Takes in changes made on a day.
    ///
    /// # Panics
    /// Where a journal would bring a purse below zero.
    pub fn apply_changes(&mut self, changes: &Changes, day: crate::day::Day) {
        if let Some(journal) = &changes.journal {
            let posted = crate::ledger::post(&mut self.purses, journal, day);
            posted.expect("deciding draws on a purse only what it holds");
        }
        self.apply_people(changes, day);
        self.apply_bindings(changes);
        self.apply_bills(changes);
    }

    fn apply_people(&mut self, changes: &Changes, day: crate::day::Day) {
        for (lookup, _) in &changes.forgotten {
            self.lookups.remove(lookup);
        }
        self.lookups.extend(changes.lookups.iter().copied());
        self.amendments.extend(changes.amendments.iter().map(|it| (it.no, it.clone())));
        self.persons.extend(changes.persons.iter().map(|it| (it.no, it.clone())));
        for enrolment in &changes.enrolments {
            if let Some((account, empty)) = enrolment.opened_on(day) {
                self.purses.entry(account).or_insert(empty);
            }
            self.enrolments.insert(enrolment.no, enrolment.clone());
        }
        self.institutions.extend(changes.institutions.iter().map(|it| (it.code, it.clone())));
        let mapping = |(code, own, national): &(InstitutionCode, String, String)| {
            ((*code, own.clone()), national.clone())
        };
        self.mappings.extend(changes.mappings.iter().map(mapping));
        self.links.extend(changes.links.iter().map(|it| ((it.holder, it.member), it.clone())));
    }

    fn apply_bindings(&mut self, changes: &Changes) {
        self.bindings.extend(changes.bindings.iter().map(|it| (it.no, it.clone())));
        self.usage.extend(changes.usage.iter().copied());
        self.proxies.extend(changes.proxies.iter().map(|it| (it.no, it.clone())));
    }

    fn apply_bills(&mut self, changes: &Changes) {
        self.visits.extend(changes.visits.iter().map(|it| (it.no, it.clone())));
        self.batches
            .extend(changes.batches.iter().map(|(visit, no, batch)| ((*visit, no.clone()), batch.clone())));
        let charge = |(visit, sn, batch): &(VisitNo, String, String)| ((*visit, sn.clone()), batch.clone());
        self.charges.extend(changes.charges.iter().map(charge));
        self.settlements.extend(changes.settlements.iter().map(|it| (it.no, it.clone())));
        self.tallies.extend(changes.tallies.iter().copied());
        for (code, settlement) in &changes.freed {
            if self.traces.get(code) == Some(settlement) {
                self.traces.remove(code);
            }
        }
        self.traces.extend(changes.traces.iter().cloned());
    }
}

/// A purse that is not in the facts holds nothing.
pub(crate) fn balance_of(facts: &Facts, account: Account, year: i16) -> crate::ledger::Balance {
    facts.purses.get(&account).copied().unwrap_or(crate::ledger::Balance::empty(year))
}
