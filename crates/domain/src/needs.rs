//! Which facts requests need. [`crate::world::World`] follows them to everything they lead to; stores follow the same
//! hops in a fixed number of statements for any number of requests.

use crate::bill::Line;
use crate::day::Moment;
use crate::ids::{BindingNo, InstitutionCode, Lookup, PersonNo, ProxyNo, SettlementNo, VisitNo};
use crate::money::Fen;
use crate::request::{Actor, Body, Key, Request, VisitRef, What};
use crate::stay::{ChangeStay, Charge, ChargeItem, RemoveCharges, StayEvent};
use crate::trace::{TraceCode, codes};
use std::collections::BTreeSet;

/// How far back settlements of a patient are loaded for the duplicate guard; `duplicate_minutes` reaches no further.
pub const RECENT_MS: i64 = 24 * 3_600_000;

/// What requests name; everything else follows from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Messages whose earlier outcome matters.
    pub keys: BTreeSet<Key>,
    /// What people are found by.
    pub lookups: BTreeSet<Lookup>,
    /// What people are found by of whom nothing but themselves matters: neither their families nor what they settled.
    pub alone: BTreeSet<Lookup>,
    /// What people are found by all of whose family code links, by which they show others' codes, matter.
    pub holders: BTreeSet<Lookup>,
    /// People named by number.
    pub persons: BTreeSet<PersonNo>,
    /// Institutions.
    pub institutions: BTreeSet<InstitutionCode>,
    /// Visits, with their patients' families and what they settled.
    pub visits: BTreeSet<VisitNo>,
    /// Visits of which nothing but themselves, their batches and their patients matters.
    pub visits_alone: BTreeSet<VisitNo>,
    /// Stays of which nothing but themselves and their patients matters, however much was charged in them.
    pub stays: BTreeSet<VisitNo>,
    /// Lines of stays, with the batches that they are in.
    pub charges: BTreeSet<(VisitNo, String)>,
    /// Patients all of whose stays at an institution matter.
    pub stays_at: BTreeSet<(InstitutionCode, Lookup)>,
    /// Settlements that may be undone.
    pub settlements: BTreeSet<SettlementNo>,
    /// Bindings.
    pub bindings: BTreeSet<BindingNo>,
    /// Entrusted purchases.
    pub proxies: BTreeSet<ProxyNo>,
    /// Own codes whose national code matters.
    pub own_codes: BTreeSet<(InstitutionCode, String)>,
    /// People whose amendments matter.
    pub amendments: BTreeSet<PersonNo>,
    /// Trace codes of packs of which it matters whether they were sold.
    pub traces: BTreeSet<TraceCode>,
    /// Uploaded batches that may be settled: of the packs on their lines it matters, too. The packs of settlements that may
    /// be undone are found by these.
    pub packs_of: BTreeSet<(VisitNo, String)>,
    /// Years whose tallies matter.
    pub years: BTreeSet<i16>,
    /// Totals of bills that may have been settled a moment ago: a bill of another total is another bill (R-E18).
    pub totals: BTreeSet<Fen>,
}

impl Needs {
    /// What these requests need, at the moment they are decided.
    pub fn of<'a>(requests: impl IntoIterator<Item = &'a Request>, at: Moment) -> Needs {
        let requests: Vec<&Request> = requests.into_iter().collect();
        let mut needs = Needs::default();
        needs.years.insert(at.day().year());
        for request in &requests {
            needs.keys.insert(request.key.clone());
            needs.add_actor(&request.actor);
            needs.add_body(&request.body);
        }
        requests.iter().for_each(|it| needs.add_packs(&it.body));
        needs
    }

    /// Packs of lines that are uploaded and settled in one batch of requests: nothing else that is done to a visit before
    /// it is settled asks whether a pack was sold.
    fn add_packs(&mut self, body: &Body) {
        let Body::Upload(it) = body else { return };
        for (batch, lines) in &it.batches {
            if self.packs_of.contains(&(it.of.visit, batch.clone())) {
                self.traces.extend(codes(lines).cloned());
            }
        }
    }

    fn add_actor(&mut self, actor: &Actor) {
        match actor {
            Actor::Institution(code) => {
                self.institutions.insert(*code);
            }
            Actor::Citizen(person) | Actor::Clerk { person, .. } => {
                self.persons.insert(*person);
            }
            Actor::Operator { .. } => {}
        }
    }

    fn add_body(&mut self, body: &Body) {
        match body {
            Body::AddPerson(it) => self.lookups.extend(it.lookups.iter().copied().chain(it.guardian)),
            Body::RecordDeath(it) => self.lookups.extend([it.person]),
            Body::Enrol(it) => self.lookups.extend([it.person]),
            Body::ChangeEnrolment(it) => self.lookups.extend([it.person]),
            Body::Credit(it) => self.lookups.extend([it.person]),
            Body::TakeBack(it) => self.lookups.extend([it.person]),
            Body::SetInstitution(it) => self.institutions.extend([it.code]),
            Body::ChangeInstitution(it) => self.institutions.extend([it.code]),
            Body::MapItems(it) => self.institutions.extend([it.institution]),
            Body::UnmapItems(it) => {
                self.institutions.extend([it.institution]);
                self.own_codes.extend(it.codes.iter().map(|(own, _)| (it.institution, own.clone())));
            }
            Body::LinkFamilyCode(it) => {
                self.lookups.extend([it.holder, it.member]);
                self.holders.insert(it.holder);
            }
            Body::ConfirmFamilyCode(it) => self.lookups.extend([it.holder, it.member]),
            Body::Bind(it) => self.lookups.extend([it.giver, it.beneficiary]),
            Body::ChangeBinding(it) => self.bindings.extend([it.binding]),
            Body::TakeOver(it) => self.lookups.extend([it.giver, it.beneficiary]),
            Body::ProposeAmendment(it) => {
                self.persons.insert(it.person);
                self.amendments.insert(it.person);
                self.alone.extend(&it.learns);
            }
            Body::DecideAmendment(it) => {
                self.persons.insert(it.person);
                self.amendments.insert(it.person);
                self.alone.extend(&it.lookups);
            }
            Body::RecordDocuments(it) => self.bindings.extend(it.act.binding()),
            Body::EntrustProxy(it) => {
                self.alone.extend([it.patient, it.agent]);
                self.institutions.extend(it.place);
            }
            Body::RevokeProxy(it) => self.proxies.extend([it.proxy]),
            Body::Publish(_) => {}
            Body::Stay(it) => self.add_stay(it),
            Body::Register(_)
            | Body::CancelVisit(_)
            | Body::StateVisit(_)
            | Body::Upload(_)
            | Body::RemoveLines(_)
            | Body::Settle(_)
            | Body::Cancel(_)
            | Body::RefundPart(_)
            | Body::Reverse(_) => self.add_bill(body),
        }
    }

    fn add_bill(&mut self, body: &Body) {
        match body {
            Body::Register(it) => {
                self.lookups.extend([it.patient, it.credential.holder]);
                self.lookups.extend(it.credential.serial);
                self.years.insert(it.begun.day().year());
            }
            Body::CancelVisit(it) => self.add_visit_alone(it),
            Body::StateVisit(it) => {
                self.add_visit_alone(&it.of);
                // The visit may move to this year, and be settled in the same batch.
                self.years.insert(it.begun.day().year());
            }
            Body::RemoveLines(it) => self.add_visit_alone(&it.of),
            Body::Upload(it) => {
                self.add_visit_alone(&it.of);
                it.batches.iter().for_each(|(_, lines)| self.add_lines(lines));
            }
            Body::Settle(it) => {
                let givers = it.giver_credentials.iter().map(|it| it.holder);
                self.lookups.extend([it.patient, it.credential.holder].into_iter().chain(givers));
                self.lookups.extend(it.credential.serial);
                self.proxies.extend(it.proxy.as_ref().and_then(|it| it.proxy));
                self.totals.insert(it.total);
                self.add_what(&it.what);
            }
            Body::Cancel(it) => {
                self.add_visit(&it.of);
                self.settlements.insert(it.settlement);
            }
            Body::RefundPart(it) => {
                self.add_visit(&it.of);
                self.settlements.insert(it.settlement);
                self.add_lines(&it.remaining);
            }
            Body::Reverse(it) => {
                self.lookups.insert(it.patient);
                self.keys.insert(it.original.clone());
            }
            Body::AddPerson(_)
            | Body::RecordDeath(_)
            | Body::Enrol(_)
            | Body::ChangeEnrolment(_)
            | Body::Credit(_)
            | Body::TakeBack(_)
            | Body::SetInstitution(_)
            | Body::ChangeInstitution(_)
            | Body::MapItems(_)
            | Body::UnmapItems(_)
            | Body::LinkFamilyCode(_)
            | Body::ConfirmFamilyCode(_)
            | Body::Bind(_)
            | Body::ChangeBinding(_)
            | Body::TakeOver(_)
            | Body::RecordDocuments(_)
            | Body::ProposeAmendment(_)
            | Body::DecideAmendment(_)
            | Body::EntrustProxy(_)
            | Body::RevokeProxy(_)
            | Body::Stay(_)
            | Body::Publish(_) => {}
        }
    }

    fn add_what(&mut self, what: &What) {
        match what {
            What::Batch { visit, batch } => {
                self.visits.insert(*visit);
                self.packs_of.insert((*visit, batch.clone()));
            }
            What::Lines { begun, lines } => {
                self.years.insert(begun.day().year());
                self.traces.extend(codes(lines).cloned());
                self.add_lines(lines);
            }
            What::Stay { visit, left, .. } => {
                self.visits.insert(*visit);
                self.years.extend(left.map(|it| it.year()));
            }
        }
    }

    fn add_stay(&mut self, event: &StayEvent) {
        self.alone.insert(event.patient());
        match event {
            StayEvent::Admit(it) => {
                self.alone.insert(it.credential.holder);
                self.alone.extend(it.credential.serial);
                self.add_stays_at(it.patient);
            }
            StayEvent::Change(ChangeStay { of, begun, .. }) => {
                self.stays.insert(of.visit);
                self.years.insert(begun.day().year());
                self.add_stays_at(of.patient);
            }
            StayEvent::UndoDischarge(of) => {
                self.stays.insert(of.visit);
                self.add_stays_at(of.patient);
            }
            StayEvent::Discharge(it) => {
                self.stays.insert(it.of.visit);
                // It may be settled by the law of this year in the same batch.
                self.years.insert(it.at.day().year());
            }
            StayEvent::Cancel(of) | StayEvent::Remove(RemoveCharges { of, lines: None }) => {
                self.visits_alone.insert(of.visit);
            }
            StayEvent::Remove(RemoveCharges { of, lines: Some(lines) }) => {
                self.stays.insert(of.visit);
                self.charges.extend(lines.iter().map(|it| (of.visit, it.clone())));
            }
            StayEvent::Charge(it) => self.add_charge(it),
        }
    }

    /// Of what was charged before, only what has the same number or is corrected.
    fn add_charge(&mut self, it: &Charge) {
        self.stays.insert(it.of.visit);
        for item in &it.items {
            self.charges.insert((it.of.visit, item.line().sn.clone()));
            if let ChargeItem::Correct(correction) = item {
                self.charges.insert((it.of.visit, correction.corrects.clone()));
            }
            self.add_lines(std::slice::from_ref(item.line()));
        }
    }

    /// A patient's stays at whichever institution asks. In one batch of requests several are known here; a pair too
    /// many does no harm.
    fn add_stays_at(&mut self, patient: Lookup) {
        self.stays_at.extend(self.institutions.iter().map(|it| (*it, patient)));
    }

    fn add_visit(&mut self, it: &VisitRef) {
        self.lookups.insert(it.patient);
        self.visits.insert(it.visit);
    }

    fn add_visit_alone(&mut self, it: &VisitRef) {
        self.alone.insert(it.patient);
        self.visits_alone.insert(it.visit);
    }

    /// Lines without a national code need their institution's mapping. In one batch of requests several institutions
    /// are known here; a mapping too many does no harm.
    fn add_lines(&mut self, lines: &[Line]) {
        for line in lines.iter().filter(|it| it.code.is_empty()) {
            let codes: Vec<InstitutionCode> = self.institutions.iter().copied().collect();
            self.own_codes.extend(codes.into_iter().map(|it| (it, line.own_code.clone())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Digest;
    use crate::request::{RemoveLines, Sender, StateVisit, Upload};

    /// If this fails, a visit moved into another year and settled in the same batch is settled on tallies that were
    /// never loaded.
    #[test]
    fn a_visit_that_is_moved_needs_the_tallies_of_its_new_year() {
        let at = Moment::parse("2026-01-05 10:00").expect("valid");
        let code = InstitutionCode::parse("H32030000001").expect("valid");
        let begun = Moment::parse("2025-12-30 10:00").expect("valid");
        let of = VisitRef { visit: VisitNo(4), patient: Lookup([1; 16]) };
        let body = Body::StateVisit(StateVisit { of, med_type: "11".to_owned(), begun });
        let key = Key { sender: Sender::Institution(code), id: "1".to_owned() };
        let request = Request { key, digest: Digest::of(&[]), actor: Actor::Institution(code), body };
        assert_eq!(Needs::of([&request], at).years, BTreeSet::from([2025, 2026]));
    }

    /// R-E20: if this fails, what is charged in a stay loads, and keeps for ever, all that was charged in it before.
    #[test]
    fn what_is_charged_needs_only_what_it_names() {
        let at = Moment::parse("2026-01-05 10:00").expect("valid");
        let code = InstitutionCode::parse("H32030000001").expect("valid");
        let of = VisitRef { visit: VisitNo(4), patient: Lookup([1; 16]) };
        let line = |sn: &str| Line {
            sn: sn.to_owned(),
            code: "X".to_owned(),
            own_code: String::new(),
            arose: None,
            count: crate::money::Quantity::parse("1").expect("valid"),
            price: crate::money::Price::parse("1").expect("valid"),
            cost: Fen::ZERO,
            self_paid: false,
            traces: Vec::new(),
        };
        let corrects = crate::bill::Correction { corrects: "1".to_owned(), line: line("3") };
        let items = vec![ChargeItem::New(line("2")), ChargeItem::Correct(corrects)];
        let body = Body::Stay(StayEvent::Charge(Charge { of, items }));
        let key = Key { sender: Sender::Institution(code), id: "1".to_owned() };
        let request = Request { key, digest: Digest::of(&[]), actor: Actor::Institution(code), body };
        let needs = Needs::of([&request], at);
        assert!(needs.lookups.is_empty() && needs.visits.is_empty() && needs.visits_alone.is_empty());
        assert_eq!(needs.stays, BTreeSet::from([VisitNo(4)]));
        let named: Vec<&str> = needs.charges.iter().map(|(_, sn)| sn.as_str()).collect();
        assert_eq!(named, ["1", "2", "3"]);
    }

    /// If this fails, every line that is uploaded loads, and keeps for ever, what the patient's whole family has.
    #[test]
    fn until_it_is_settled_a_visit_needs_its_patient_alone() {
        let at = Moment::parse("2026-01-05 10:00").expect("valid");
        let code = InstitutionCode::parse("H32030000001").expect("valid");
        let of = VisitRef { visit: VisitNo(4), patient: Lookup([1; 16]) };
        let key = Key { sender: Sender::Institution(code), id: "1".to_owned() };
        let stated = StateVisit { of: of.clone(), med_type: "11".to_owned(), begun: at };
        let uploaded = Upload { of: of.clone(), batches: Vec::new() };
        let removed = RemoveLines { of: of.clone(), batch: None };
        for body in [
            Body::StateVisit(stated),
            Body::Upload(uploaded),
            Body::RemoveLines(removed),
            Body::CancelVisit(of.clone()),
        ] {
            let actor = Actor::Institution(code);
            let request = Request { key: key.clone(), digest: Digest::of(&[]), actor, body };
            let needs = Needs::of([&request], at);
            assert!(needs.lookups.is_empty() && needs.visits.is_empty(), "{:?}", request.body);
            assert_eq!((needs.alone.len(), needs.visits_alone.len()), (1, 1), "{:?}", request.body);
        }
    }

    /// R-J5: if this fails, each code of lines that are uploaded is looked up among all packs ever sold, where nothing
    /// asks whether it was; or what is uploaded and settled at once is settled as if nobody had sold its packs.
    #[test]
    fn packs_are_asked_about_where_they_are_settled() {
        let at = Moment::parse("2026-01-05 10:00").expect("valid");
        let code = InstitutionCode::parse("H32030000001").expect("valid");
        let pack = TraceCode::parse("83690570008745612390").expect("valid");
        let line = Line {
            sn: "1".to_owned(),
            code: "X".to_owned(),
            own_code: String::new(),
            arose: None,
            count: crate::money::Quantity::parse("1").expect("valid"),
            price: crate::money::Price::parse("1").expect("valid"),
            cost: crate::money::Fen::ZERO,
            self_paid: false,
            traces: vec![crate::trace::Trace { code: pack.clone(), split: false }],
        };
        let (visit, patient) = (VisitNo(4), Lookup([1; 16]));
        let batches = vec![("1".to_owned(), vec![line])];
        let of = VisitRef { visit, patient };
        let request = |body| {
            let key = Key { sender: Sender::Institution(code), id: "1".to_owned() };
            Request { key, digest: Digest::of(&[]), actor: Actor::Institution(code), body }
        };
        let upload = request(Body::Upload(Upload { of, batches }));
        let settle = |batch: &str| {
            let credential = crate::credential::Credential {
                kind: crate::words::CredentialKind::Code,
                holder: patient,
                serial: None,
                spoiled: None,
            };
            request(Body::Settle(crate::request::Settle {
                patient,
                credential,
                giver_credentials: Vec::new(),
                scheme: crate::words::Scheme::Employee,
                med_type: "11".to_owned(),
                what: What::Batch { visit, batch: batch.to_owned() },
                total: crate::money::Fen::ZERO,
                stated: None,
                accounts: crate::request::AccountFlag::None,
                repeat: false,
                proxy: None,
            }))
        };
        for (requests, wanted) in [
            (vec![&upload], vec![]),
            (vec![&settle("1")], vec![]),
            (vec![&upload, &settle("2")], vec![]),
            (vec![&upload, &settle("1")], vec![pack.clone()]),
            (vec![&settle("1"), &upload], vec![pack.clone()]),
        ] {
            let needs = Needs::of(requests.iter().copied(), at);
            assert_eq!(needs.traces, wanted.into_iter().collect(), "{requests:?}");
        }
    }
}
