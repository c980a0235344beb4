//! What could be done about each reason, before any of it is decided: one line per reason, none forgotten.

use crate::advice::Advice;
use crate::binding::{Binding, Status};
use crate::case::Case;
use crate::facts::Facts;
use crate::ids::{Area, Lookup, PersonNo};
use crate::money::Fen;
use crate::reason::Reason;
use crate::request::Body;
use crate::words::{LimitKind, Mode, Relation, Scheme, Side, Standing};

/// What could be done about a reason; `cash` is what the patient pays of a bill that is settled.
#[rustfmt::skip]
pub(crate) fn candidates(reason: &Reason, case: Case<'_>, cash: Fen) -> Vec<Advice> {
    use Reason as R;
    let place = Place { case, cash };
    match reason {
        R::GiverCodeRequired { giver, .. } => place.or_cash(vec![Advice::ShowGiverCode { giver: *giver }]),
        R::OwnCredentialRequired { patient } => vec![Advice::ShowOwnCode { patient: *patient }],
        R::CodeExpired { .. } | R::CodeUsed { .. } | R::CodeUnknown {} | R::CodeOfGiver {} | R::IdDocumentNotTaken { .. } => place.patient().map(|patient| Advice::ShowOwnCode { patient }).into_iter().collect(),
        R::ConfirmationPending { waiting, binding, .. } => place.or_cash(vec![Advice::Confirm { waiting: *waiting, binding: *binding }]),
        R::ConfirmationLapsed { until } => place.or_cash(place.again(|it| it.status(case.turn.at) == Status::Lapsed(*until))),
        R::BindingExpired { giver, .. } => place.or_cash(place.again(|it| it.giver == *giver)),
        R::OnlyFamilyCodeBound { giver, beneficiary } | R::NotBound { giver, beneficiary } => place.or_cash(place.bind(*giver, *beneficiary)),
        R::QuotaUsedUp { giver } => place.or_cash(place.raise_quota(*giver)),
        R::CapReached { giver, kind, .. } => place.or_cash(place.raise_limit(*giver, *kind)),
        R::GiverPaused { giver, .. } => place.or_cash(vec![Advice::Resume { person: *giver, scheme: Scheme::Employee }]),
        R::SharedNotAsked {} => place.or_cash(vec![Advice::AskShared]),
        R::BindingNeedsDecision { .. } | R::BindingOnHold { .. } | R::ModeNotServed { .. } | R::PersonDead { .. } => place.or_cash(vec![Advice::AskHall]),
        R::ReviewPending { .. } | R::BindingRefused { .. } | R::NotYetEffective { .. } | R::BalanceZero { .. } | R::BalanceShort { .. }
        | R::UsableZero { .. } | R::OwnFirst { .. } | R::OneGiverPerBill { .. } | R::PurposeNotPayable { .. } | R::ItemNotPayable { .. } => place.or_cash(Vec::new()),
        R::RegionNotCovered { opens, .. } => place.or_cash(vec![opens.map_or(Advice::AskHall, |day| Advice::WaitUntil { day })]),
        R::RelationNotAllowed { area, .. } => place.allowed_relatives(*area),
        R::GiverNotEmployeeInsured { .. } | R::NoAccount { .. } => place.or_cash(vec![Advice::OtherGiver]),
        R::ProxyProofMissing { .. } => vec![Advice::ShowPapers],
        R::ProxyExpired { .. } | R::ProxyUsed { .. } | R::ProxyRevoked { .. } | R::ProxyElsewhere { .. } => place.entrust_again(),
        R::RebindWait { from: day } | R::ReleaseLocked { until: day } => vec![Advice::WaitUntil { day: *day }],
        R::AlreadyHasGiver { beneficiary, .. } => place.release(|it| it.beneficiary == *beneficiary),
        R::RelationTaken { relation, .. } => place.release(|it| Some(it.giver) == place.people().0 && it.relation == *relation),
        R::RolesExclusive { person, .. } if Some(*person) == place.people().0 => place.release(|it| it.beneficiary == *person),
        R::RolesExclusive { person, .. } => place.release(|it| it.giver == *person),
        R::MutualNotAllowed { .. } => place.release(|it| (Some(it.beneficiary), Some(it.giver)) == place.people()),
        R::LimitReached { giver, .. } => vec![Advice::ReleaseOne { giver: *giver }],
        R::FamilyCodeLimitReached { holder, .. } => vec![Advice::UnlinkOne { holder: *holder }],
        R::BeneficiaryNotInsured { person } => place.enrol_or_pay(*person),
        R::InsuranceInterrupted { person, .. } => place.resume_or_pay(*person),
        R::CommitmentMissing {} => vec![Advice::Sign],
        R::ProofMissing { needed } => vec![Advice::BringProof { needed: *needed }],
        R::StarterNotAllowed { starter, .. } => place.other_starter(*starter),
        R::LimitNotOffered { limit, .. } => vec![Advice::DropLimit { kind: *limit }],
        R::StartDayNotOffered { .. } | R::DatesContradict { .. } | R::ProxyTooLong { .. } => vec![Advice::MendDates],
        R::QuotaMissing {} => vec![Advice::FillQuota],
        R::QuotaTooLarge { free } => vec![Advice::StateQuota { free: *free }],
        R::ItemNotMapped { line } => vec![Advice::MapItems { line: *line }, Advice::AskHall],
        R::TraceCodeMissing { line } => vec![Advice::ScanPack { line: *line }],
        R::TraceCodeUsed { line } => vec![Advice::OtherPack { line: *line }],
        R::DuplicateRequest { .. } => vec![Advice::RepeatMeant],
        R::LaterSettlement { settlement } => vec![Advice::CancelLaterFirst { settlement: *settlement }],
        R::PlaceNotDesignated { .. } | R::PlaceSuspended { .. } | R::CapabilityMissing { .. } => vec![Advice::PayOtherwise],
        R::SharedNotLinked { .. } => place.or_cash(vec![Advice::AskInstitution]),
        R::ServiceDayTooOld { .. } | R::NoCatalogue { .. } | R::InstitutionAreaFixed { .. } | R::CatalogueOutdated { .. } | R::NoPolicy(_) => vec![Advice::AskHall],
        R::SchemeNotHeld { .. } | R::NotYours {} | R::PersonUnknown { .. } | R::EnrolmentUnknown { .. } | R::BindingUnknown {}
        | R::AmendmentUnknown {} | R::ProxyUnknown {} | R::ProxyOfOther { .. } | R::InstitutionUnknown { .. } => vec![if place.is_bill() { Advice::AskInstitution } else { Advice::AskHall }],
        R::CareDiffers { .. } | R::StayOpen { .. } | R::StayDischarged { .. } | R::StayNotDischarged {} | R::StaySettled { .. }
        | R::StayNotSettled { .. } | R::LineUnknown { .. } | R::LineSettled { .. } | R::CorrectionTooLarge { .. } | R::LineCorrected { .. }
        | R::VisitUnknown {} | R::VisitCancelled {} | R::MedTypeDiffers { .. } | R::BatchUnknown { .. } | R::LineCount { .. } | R::LineRepeated { .. }
        | R::LineCostDiffers { .. } | R::AmountDiffers { .. } | R::SettlementUnknown {} | R::RefundTooLarge { .. } | R::ServiceDayFuture { .. } => vec![Advice::AskInstitution],
        // What is wanted is there already, or the law leaves no way.
        R::AlreadyBound { .. } | R::LifetimeLimitReached { .. } | R::SamePerson { .. }
        | R::QuotaTooSmall { .. } | R::NotPossibleNow { .. } | R::PersonKnown {}
        | R::VisitInUse {} | R::BatchKnown { .. } | R::BatchSettled { .. } | R::AmountOutOfRange { .. } | R::AlreadyCancelled { .. }
        | R::NotReversible { .. } | R::MessageBarred {} | R::EnrolmentKnown { .. } | R::AccountUnknown {} | R::SecondPersonNeeded {}
        | R::AmendmentWaiting { .. } | R::ProxyNotForStay {} | R::ProxySamePerson { .. } | R::NotPermitted {} | R::MappingUnknown { .. } => Vec::new(),
    }
}

/// Where a reason came up.
#[derive(Clone, Copy)]
struct Place<'a> {
    case: Case<'a>,
    cash: Fen,
}

impl<'a> Place<'a> {
    /// Whether an institution sends this for a bill.
    fn is_bill(self) -> bool {
        matches!(
            self.case.request.body,
            Body::Settle(_) | Body::Register(_) | Body::Upload(_) | Body::Stay(_)
        )
    }

    /// What is left of a settled bill can always be paid another way.
    fn or_cash(self, mut steps: Vec<Advice>) -> Vec<Advice> {
        if !self.cash.is_zero() {
            steps.push(Advice::PayCash { amount: self.cash });
        }
        steps
    }

    /// The two people of a binding that is asked for, and the patient of a bill, as the beneficiary.
    fn people(self) -> (Option<PersonNo>, Option<PersonNo>) {
        let person = |lookup: Lookup| self.case.facts.lookups.get(&lookup).copied();
        if let Body::Bind(it) = &self.case.request.body {
            return (person(it.giver), person(it.beneficiary));
        }
        (None, self.patient())
    }

    /// Whom the law of an area allows instead, where it allows anybody.
    fn allowed_relatives(self, area: Area) -> Vec<Advice> {
        let law = &self.case.law.policies.parameters.relations;
        let Ok(found) = law.on(area, self.case.today()) else { return Vec::new() };
        let Some(said) = law.cited(found.cite).filter(|it| !it.value.is_empty()) else { return Vec::new() };
        let (relations, source) = (said.value.iter().copied().collect(), said.source.text.clone());
        vec![Advice::AllowedRelatives { area, relations, since: said.from, source }]
    }

    /// Entrusting again what is bought for the patient now.
    fn entrust_again(self) -> Vec<Advice> {
        let Body::Settle(it) = &self.case.request.body else { return Vec::new() };
        let shown = it.proxy.as_ref().and_then(|it| it.proxy);
        let shown = shown.and_then(|it| self.case.facts.proxies.get(&it));
        shown.map(|it| Advice::EntrustAgain { patient: it.patient, proxy: it.no }).into_iter().collect()
    }

    fn patient(self) -> Option<PersonNo> {
        let person = |lookup: Lookup| self.case.facts.lookups.get(&lookup).copied();
        if let Body::Settle(it) = &self.case.request.body {
            return person(it.patient);
        }
        if let Body::Register(it) = &self.case.request.body {
            return person(it.patient);
        }
        if let Body::Stay(it) = &self.case.request.body {
            return person(it.patient());
        }
        None
    }

    /// The latest binding of the patient that is like this.
    fn binding(self, like: impl Fn(&Binding) -> bool) -> Option<&'a Binding> {
        let patient = self.patient()?;
        self.case.facts.bindings_for(patient).filter(|it| like(it)).max_by_key(|it| it.no)
    }

    /// Binding again what was bound before.
    fn again(self, like: impl Fn(&Binding) -> bool) -> Vec<Advice> {
        let bind = |it: &Binding| bind(it.giver, it.beneficiary, it.relation);
        self.binding(like).map(bind).into_iter().collect()
    }

    /// Binding two people of whom it is known what they are to each other.
    fn bind(self, giver: PersonNo, beneficiary: PersonNo) -> Vec<Advice> {
        let relation = known_relation(self.case.facts, giver, beneficiary);
        relation.map(|it| bind(giver, beneficiary, it)).into_iter().collect()
    }

    fn raise_limit(self, giver: PersonNo, kind: LimitKind) -> Vec<Advice> {
        let bound = self.binding(|it| it.giver == giver && it.counts(self.case.turn.at));
        bound.map(|it| Advice::RaiseLimit { giver, binding: it.no, kind }).into_iter().collect()
    }

    fn raise_quota(self, giver: PersonNo) -> Vec<Advice> {
        let quota = self.binding(|it| it.giver == giver && it.mode == Mode::Quota);
        quota.map(|it| Advice::RaiseQuota { giver, binding: it.no }).into_iter().collect()
    }

    /// Releasing the oldest binding that stands in the way.
    fn release(self, in_the_way: impl Fn(&Binding) -> bool) -> Vec<Advice> {
        let counting = self.case.facts.bindings.values().filter(|it| it.counts(self.case.turn.at));
        let found = counting.filter(|it| in_the_way(it)).min_by_key(|it| it.no);
        let release = |it: &Binding| Advice::ReleaseFirst {
            giver: it.giver,
            beneficiary: it.beneficiary,
            binding: it.no,
        };
        found.map(release).into_iter().collect()
    }

    fn enrol_or_pay(self, person: PersonNo) -> Vec<Advice> {
        if self.is_bill() { vec![Advice::PayOtherwise] } else { vec![Advice::Enrol { person }] }
    }

    fn resume_or_pay(self, person: PersonNo) -> Vec<Advice> {
        let today = self.case.turn.at.day();
        let paused = |scheme: &&Scheme| {
            let enrolment = self.case.facts.enrolment_in(person, **scheme, today);
            enrolment.is_some_and(|it| it.standing(today) == Standing::Paused)
        };
        let scheme = Scheme::ALL.iter().find(paused);
        let mut steps: Vec<Advice> =
            scheme.map(|it| Advice::Resume { person, scheme: *it }).into_iter().collect();
        if self.is_bill() {
            steps.push(Advice::PayOtherwise);
        }
        steps
    }

    fn other_starter(self, starter: Side) -> Vec<Advice> {
        let (giver, beneficiary) = self.people();
        let other = match starter {
            Side::Giver => beneficiary,
            Side::Beneficiary => giver,
        };
        other.map(|person| Advice::OtherStarter { person }).into_iter().collect()
    }
}

fn bind(giver: PersonNo, beneficiary: PersonNo, relation: Relation) -> Advice {
    Advice::Bind { giver, beneficiary, relation }
}

/// What the beneficiary is to the giver, as far as links and bindings between the two say so.
fn known_relation(facts: &Facts, giver: PersonNo, beneficiary: PersonNo) -> Option<Relation> {
    let link = |from, to| facts.links.get(&(from, to)).map(|it| it.relation);
    let bound = |from, to| {
        let both = |it: &&Binding| it.giver == from && it.beneficiary == to;
        facts.bindings.values().find(both).map(|it| it.relation)
    };
    link(giver, beneficiary)
        .or_else(|| bound(giver, beneficiary))
        .or_else(|| link(beneficiary, giver).map(Relation::reversed))
        .or_else(|| bound(beneficiary, giver).map(Relation::reversed))
}
