//! The facts a request is decided on: states, dates and amounts by internal number, never names or ID numbers.
//! The same type holds what one request sees, what a batch sees, and (in tests and the memory store) everything.

use crate::amendment::Amendment;
use crate::bill::{Correction, Line};
use crate::binding::{Binding, Usage};
use crate::day::{Day, Moment};
use crate::fund::{Shared, Tally};
use crate::ids::{
    AmendmentNo, Area, BindingNo, EnrolmentNo, InstitutionCode, Lookup, PersonNo, ProxyNo, Serial,
    SettlementNo, VisitNo,
};
use crate::ledger::{Account, Balance, Entry, Part};
use crate::money::{Fen, Total};
use crate::people::{Enrolment, FamilyLink, Institution, Person};
use crate::proxy::{BoughtBy, Proxy};
use crate::request::{Key, Sender};
use crate::trace::TraceCode;
use crate::words::{Care, Purpose, Scheme};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything a decision may look at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// Who is found by what.
    pub lookups: BTreeMap<Lookup, PersonNo>,
    /// Persons.
    pub persons: BTreeMap<PersonNo, Person>,
    /// Enrolments of these persons.
    pub enrolments: BTreeMap<EnrolmentNo, Enrolment>,
    /// Balances of their purses.
    pub purses: BTreeMap<Account, Balance>,
    /// Bindings they are in.
    pub bindings: BTreeMap<BindingNo, Binding>,
    /// What these bindings have spent.
    pub usage: BTreeMap<BindingNo, Usage>,
    /// Family code links, by holder and member.
    pub links: BTreeMap<(PersonNo, PersonNo), FamilyLink>,
    /// Entrusted purchases.
    pub proxies: BTreeMap<ProxyNo, Proxy>,
    /// Institutions.
    pub institutions: BTreeMap<InstitutionCode, Institution>,
    /// National codes by institution and own code; empty where the mapping was taken back.
    pub mappings: BTreeMap<(InstitutionCode, String), String>,
    /// Visits.
    pub visits: BTreeMap<VisitNo, Visit>,
    /// Batches of lines, by visit and batch number.
    pub batches: BTreeMap<(VisitNo, String), Batch>,
    /// In which batch each line of a stay was put, by visit and line number.
    pub charges: BTreeMap<(VisitNo, String), String>,
    /// Settlements and cancellations.
    pub settlements: BTreeMap<SettlementNo, Settlement>,
    /// What patients have used of deductible and ceiling.
    pub tallies: BTreeMap<TallyKey, Tally>,
    /// Amendments of what these persons are known by.
    pub amendments: BTreeMap<AmendmentNo, Amendment>,
    /// Packs that were sold whole, by their trace codes, with the settlement that stands (R-J5).
    pub traces: BTreeMap<TraceCode, SettlementNo>,
    /// What became of earlier messages that this one speaks of.
    pub earlier: BTreeMap<Key, Earlier>,
}

/// A visit (就诊).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Our number.
    pub no: VisitNo,
    /// Where.
    pub institution: InstitutionCode,
    /// Whose.
    pub patient: PersonNo,
    /// The scheme that is to pay.
    pub scheme: Scheme,
    /// The enrolment that is to pay.
    pub enrolment: EnrolmentNo,
    /// Service day and time.
    pub begun: Moment,
    /// Kind of treatment, once stated.
    pub med_type: Option<String>,
    /// Whether the registration was cancelled.
    pub cancelled: bool,
    /// What makes it an in-patient stay; `None`: an out-patient visit or a purchase.
    pub stay: Option<Stay>,
    /// The institution's own number of it (`ipt_otp_no`, `ipt_no`); a purchase has none.
    pub own_no: Option<String>,
}

/// What makes a visit an in-patient stay (住院).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stay {
    /// When the patient was discharged, once that is recorded.
    pub discharged: Option<Moment>,
    /// Which stay of its year it is, from 1, as long as a settlement of it stands; else 0 (R-E19).
    pub nth: u16,
    /// The final settlement, as long as it stands.
    pub settled: Option<SettlementNo>,
}

impl Visit {
    /// The kind of care.
    pub fn care(&self) -> Care {
        if self.stay.is_some() { Care::Inpatient } else { Care::Outpatient }
    }

    /// The years in which it began and, for a stay, ended.
    pub fn years(&self) -> impl Iterator<Item = i16> {
        let discharged = self.stay.and_then(|it| it.discharged);
        [Some(self.begun), discharged].into_iter().flatten().map(|it| it.day().year())
    }
}

/// A batch of lines. Of a stay, what came in one message is a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Batch {
    /// The lines; empty once removed.
    pub lines: Vec<Line>,
    /// Of a stay: what was taken back of these lines.
    pub corrections: Vec<Correction>,
    /// The settlement that took it and is not cancelled.
    pub settled: Option<SettlementNo>,
}

/// A settlement (结算), or the cancellation of one with the same amounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Our number.
    pub no: SettlementNo,
    /// The visit it belongs to.
    pub visit: VisitNo,
    /// The batch it took; empty for a stay, which took all batches that name it.
    pub batch: String,
    /// Where.
    pub institution: InstitutionCode,
    /// Whose.
    pub patient: PersonNo,
    /// The scheme that paid.
    pub scheme: Scheme,
    /// The patient's pooling area.
    pub area: Area,
    /// Kind of treatment.
    pub med_type: String,
    /// Hospital or pharmacy.
    pub purpose: Purpose,
    /// The service day.
    pub service_day: Day,
    /// When it was settled.
    pub at: Moment,
    /// How the bill was shared out.
    pub shared: Shared,
    /// Who paid of what the patient bears, in order; the rest is cash.
    pub draws: Vec<Draw>,
    /// What is paid in cash.
    pub cash: Fen,
    /// The own account's balance after it.
    pub balance_after: Fen,
    /// Digest of lines and total, for the duplicate guard (R-E18).
    pub bill: [u8; 8],
    /// What this is: a settlement, or the undoing of another.
    pub undoes: Option<SettlementNo>,
    /// What undid it.
    pub undone_by: Option<SettlementNo>,
    /// Who bought it for the patient, where somebody did (R-G1).
    pub bought_by: Option<BoughtBy>,
}

/// What one purse pays of a settlement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// The purse.
    pub account: Account,
    /// Its owner.
    pub owner: PersonNo,
    /// The area whose books it is in.
    pub area: Area,
    /// The binding that allows it; `None` for the patient's own money.
    pub binding: Option<BindingNo>,
    /// Which year-part pays how much.
    pub parts: Vec<(Part, Fen)>,
}

impl Draw {
    /// What the purse pays.
    pub fn amount(&self) -> Fen {
        self.parts.iter().map(|(_, amount)| *amount).sum()
    }

    /// What the purse gives, part by part, as entries.
    pub(crate) fn given(&self) -> Vec<Entry> {
        let entry = |(part, amount): &(Part, Fen)| Entry {
            account: self.account,
            part: *part,
            amount: Total::debit(*amount),
        };
        self.parts.iter().map(entry).collect()
    }
}

impl Settlement {
    /// Its place among all settlements: moments first, which every lane orders; then numbers, within a lane.
    pub fn order(&self) -> (Moment, SettlementNo) {
        (self.at, self.no)
    }

    /// 个人账户支出: own and shared together.
    pub fn accounts(&self) -> Fen {
        self.draws.iter().map(Draw::amount).sum()
    }

    /// 个人账户共济支付: what relatives' money pays, contained in [`Settlement::accounts`] (I5).
    pub fn from_relatives(&self) -> Fen {
        self.draws.iter().filter(|it| it.binding.is_some()).map(Draw::amount).sum()
    }
}

/// Names a tally: person, scheme, year, and the month or 0 for the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TallyKey {
    /// Whose.
    pub person: PersonNo,
    /// In which scheme.
    pub scheme: Scheme,
    /// For which kind of care.
    pub care: Care,
    /// Of which calendar year.
    pub year: i16,
    /// Of which month, 1 to 12; 0: of the year.
    pub month: i8,
}

/// What became of an earlier message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// Its serial.
    pub serial: Serial,
    /// Digest of what was sent.
    pub digest: crate::ids::Digest,
    /// What it was.
    pub did: Did,
}

/// What a message did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Did {
    /// It was refused: nothing.
    Nothing,
    /// It settled.
    Settled(SettlementNo),
    /// It admitted a patient; the stay has the first number that it could give.
    Admitted,
    /// Something else.
    Other,
    /// It never arrived and was barred.
    Barred,
}

impl Earlier {
    /// The stay that it admitted a patient to.
    pub fn admitted(&self) -> Option<VisitNo> {
        (self.did == Did::Admitted).then(|| VisitNo(self.serial.creates(0)))
    }
}

impl Facts {
    /// The person found by a lookup.
    pub fn person_by(&self, lookup: Lookup) -> Option<&Person> {
        self.persons.get(self.lookups.get(&lookup)?)
    }

    /// The enrolments of a person, oldest first.
    pub fn enrolments_of(&self, person: PersonNo) -> impl Iterator<Item = &Enrolment> {
        self.enrolments.values().filter(move |it| it.person == person)
    }

    /// The enrolment of a person in a scheme that counts on a day: the one running, else the latest to have started.
    pub fn enrolment_in(&self, person: PersonNo, scheme: Scheme, day: Day) -> Option<&Enrolment> {
        let started = self.enrolments_of(person).filter(|it| it.scheme == scheme && it.from <= day);
        started.max_by_key(|it| (it.to.is_none_or(|to| day <= to), it.from))
    }

    /// The enrolment that makes a person insured on a day: the employee scheme's before the resident's, a normal
    /// one before a paused before an ended one.
    pub fn enrolment_on(&self, person: PersonNo, day: Day) -> Option<&Enrolment> {
        let of = |scheme| self.enrolment_in(person, scheme, day);
        let both = Scheme::ALL.iter().filter_map(|it| of(*it));
        both.min_by_key(|it| (it.standing(day), it.scheme))
    }

    /// What a person has spent nothing of: the tally of a year or month.
    pub fn tally(&self, key: TallyKey) -> Tally {
        self.tallies.get(&key).copied().unwrap_or_default()
    }

    /// The national code of a line: as stated, else by the institution's own mapping.
    pub fn national_code<'a>(&'a self, institution: InstitutionCode, line: &'a Line) -> &'a str {
        let mapped = || self.mappings.get(&(institution, line.own_code.clone())).map(String::as_str);
        if line.code.is_empty() { mapped().unwrap_or("") } else { &line.code }
    }

    /// The bindings in which a person may spend others' money.
    pub fn bindings_for(&self, beneficiary: PersonNo) -> impl Iterator<Item = &Binding> {
        self.bindings.values().filter(move |it| it.beneficiary == beneficiary)
    }

    /// The bindings in which others may spend a person's money.
    pub fn bindings_by(&self, giver: PersonNo) -> impl Iterator<Item = &Binding> {
        self.bindings.values().filter(move |it| it.giver == giver)
    }

    /// The institution that sent a request.
    pub fn sender(&self, key: &Key) -> Option<&Institution> {
        match key.sender {
            Sender::Institution(code) => self.institutions.get(&code),
            Sender::Token(_) => None,
        }
    }
}
