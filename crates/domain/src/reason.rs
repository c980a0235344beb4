//! Every reason to say no, and every reason why money did not come from somewhere: one variant, one code, typed
//! facts. A code is never reused. The sentences are data (`texts/`), found by the code.

use crate::credential::Spoiled;
use crate::day::{Day, Moment};
use crate::ids::{Area, BindingNo, InstitutionCode, PersonNo, SettlementNo, VisitNo};
use crate::money::Fen;
use crate::policy::Silent;
use crate::proxy::MissingPaper;
use crate::words::{BillPart, Capability, Care, LimitKind, Mode, Proof, Relation, Scheme, Side};
use serde::{Deserialize, Serialize};

/// One fact inside a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// A person, to be shown by name, masked where the reader is not entitled to it.
    Person(PersonNo),
    /// A region, to be shown by name.
    Area(Area),
    /// A day.
    Day(Day),
    /// A moment.
    Moment(Moment),
    /// An amount.
    Money(Fen),
    /// A number.
    Number(u64),
    /// An institution.
    Institution(InstitutionCode),
    /// A relation: what somebody is to the giver.
    Relation(Relation),
    /// Relations, one after another.
    Relations(Vec<Relation>),
    /// A word of a closed list, to be shown by its translation under `words.<list>.<word>`.
    Word(&'static str, &'static str),
    /// A word of a closed list whose translation speaks of an amount.
    WordOf(&'static str, &'static str, Fen),
    /// Text as it is: a field name, a code.
    Text(String),
}

impl From<Spoiled> for Reason {
    fn from(spoiled: Spoiled) -> Reason {
        match spoiled {
            Spoiled::Unknown => Reason::CodeUnknown {},
            Spoiled::Expired(until) => Reason::CodeExpired { until },
            Spoiled::Used(at) => Reason::CodeUsed { at },
            Spoiled::GiversOnly => Reason::CodeOfGiver {},
        }
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty => $arg:ident,)* } = $code:literal, $rule:literal;)+) => {
        /// Why something is refused, or why a purse pays nothing.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[allow(missing_docs, reason = "the fields say what they are")]
        pub enum Reason { $($(#[$doc])* $name { $($field: $kind,)* },)+ NoPolicy(Silent), }

        /// The codes of all reasons.
        pub const CODES: &[&str] = &[$($code,)+ "NO_POLICY"];

        /// The rules they come from, in the same order.
        pub const CODE_RULES: &[&str] = &[$($rule,)+ "R-C3"];

        impl Reason {
            /// The code for machines.
            pub fn code(&self) -> &'static str {
                match self { $(Reason::$name { .. } => $code,)+ Reason::NoPolicy(_) => "NO_POLICY" }
            }

            /// The rule it comes from.
            pub fn rule(&self) -> &'static str {
                match self {
                    $(Reason::$name { .. } => $rule,)+
                    Reason::NoPolicy(silent) =>
                        crate::parameters::RULES.get(usize::from(silent.param)).copied().unwrap_or("R-C3"),
                }
            }

            /// The facts of its sentence, by the names that the texts use.
            pub fn args(&self) -> Vec<(&'static str, Arg)> {
                match self {
                    $(Reason::$name { $($field,)* } => vec![$((stringify!($field), args::$arg($field)),)*],)+
                    Reason::NoPolicy(silent) => vec![
                        ("parameter", args::text(&crate::parameters::NAMES.get(usize::from(silent.param)).copied().unwrap_or("?"))),
                        ("area", args::area(&silent.area)),
                        ("day", args::day(&silent.day)),
                    ],
                }
            }

            /// The names of the facts that a code's texts may use.
            pub fn arg_names(code: &str) -> &'static [&'static str] {
                match code {
                    $($code => &[$(stringify!($field)),*],)+
                    "NO_POLICY" => &["parameter", "area", "day"],
                    _ => &[],
                }
            }
        }
    };
}

/// How each kind of field becomes a fact of a sentence.
mod args {
    use super::*;

    pub(super) fn person(it: &PersonNo) -> Arg {
        Arg::Person(*it)
    }
    pub(super) fn area(it: &Area) -> Arg {
        Arg::Area(*it)
    }
    pub(super) fn day(it: &Day) -> Arg {
        Arg::Day(*it)
    }
    pub(super) fn moment(it: &Moment) -> Arg {
        Arg::Moment(*it)
    }
    pub(super) fn money(it: &Fen) -> Arg {
        Arg::Money(*it)
    }
    pub(super) fn number<T: Copy + Into<u64>>(it: &T) -> Arg {
        Arg::Number((*it).into())
    }
    pub(super) fn binding(it: &BindingNo) -> Arg {
        Arg::Number(it.0)
    }
    pub(super) fn settlement(it: &SettlementNo) -> Arg {
        Arg::Number(it.0)
    }
    pub(super) fn visit(it: &VisitNo) -> Arg {
        Arg::Number(it.0)
    }
    pub(super) fn care(it: &Care) -> Arg {
        Arg::Word("care", it.word())
    }
    pub(super) fn institution(it: &InstitutionCode) -> Arg {
        Arg::Institution(*it)
    }
    pub(super) fn relation(it: &Relation) -> Arg {
        Arg::Relation(*it)
    }
    pub(super) fn text<T: AsRef<str>>(it: &T) -> Arg {
        Arg::Text(it.as_ref().to_owned())
    }
    pub(super) fn maybe_day(it: &Option<Day>) -> Arg {
        it.map_or(Arg::Word("day", "unknown"), Arg::Day)
    }
    pub(super) fn side(it: &Side) -> Arg {
        Arg::Word("side", it.word())
    }
    pub(super) fn scheme(it: &Scheme) -> Arg {
        Arg::Word("scheme", it.word())
    }
    pub(super) fn limit(it: &LimitKind) -> Arg {
        Arg::Word("limit", it.word())
    }
    pub(super) fn capability(it: &Capability) -> Arg {
        Arg::Word("capability", it.word())
    }
    pub(super) fn part(it: &BillPart) -> Arg {
        Arg::Word("part", it.word())
    }
    pub(super) fn proof(it: &Proof) -> Arg {
        Arg::Word("proof", it.word())
    }
    pub(super) fn mode(it: &Mode) -> Arg {
        Arg::Word("mode", it.word())
    }
    pub(super) fn kept(it: &UsableWhy) -> Arg {
        match it {
            UsableWhy::PriorOnly => Arg::Word("usable_why", "prior_only"),
            UsableWhy::Floor(amount) => Arg::WordOf("usable_why", "floor", *amount),
            UsableWhy::Both(amount) => Arg::WordOf("usable_why", "both", *amount),
        }
    }
    pub(super) fn missing_paper(it: &MissingPaper) -> Arg {
        Arg::Word("missing_paper", it.word())
    }
    pub(super) fn state(it: &str) -> Arg {
        let known = crate::change_binding::STATES.iter().find(|word| **word == it);
        known.map_or_else(|| Arg::Text(it.to_owned()), |word| Arg::Word("state", word))
    }
}

/// Why part of a giver's balance cannot be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UsableWhy {
    /// Only prior-year money can be shared.
    PriorOnly,
    /// So much has to stay.
    Floor(Fen),
    /// Both.
    Both(Fen),
}

reasons! {
    // Most fixable first: the order here is the order in which reasons are listed.
    /// The giver's code or card has to be shown too.
    GiverCodeRequired { giver: PersonNo => person, area: Area => area, } = "GIVER_CODE_REQUIRED", "R-E2";
    /// What was shown is not the patient's own.
    OwnCredentialRequired { patient: PersonNo => person, } = "OWN_CREDENTIAL_REQUIRED", "R-E1";
    /// The medical code was to be taken earlier.
    CodeExpired { until: Moment => moment, } = "CODE_EXPIRED", "R-E1";
    /// The medical code was taken before, elsewhere or on another day.
    CodeUsed { at: Moment => moment, } = "CODE_USED", "R-E1";
    /// There is no such medical code.
    CodeUnknown {} = "CODE_UNKNOWN", "R-E1";
    /// The code is the giver's, called up by a relative: it does not prove who the patient is.
    CodeOfGiver {} = "CODE_OF_GIVER", "R-E2";
    /// An ID document is not taken here.
    IdDocumentNotTaken { area: Area => area, } = "ID_DOCUMENT_NOT_TAKEN", "R-E1";
    /// In a proxy purchase the ID documents of both are recorded.
    ProxyProofMissing { missing: MissingPaper => missing_paper, } = "PROXY_PROOF_MISSING", "R-G1";
    /// The purchase was entrusted for another place.
    ProxyElsewhere { institution: InstitutionCode => institution, } = "PROXY_ELSEWHERE", "R-G1";
    /// The purchase was entrusted until an earlier day.
    ProxyExpired { last: Day => day, } = "PROXY_EXPIRED", "R-G1";
    /// What was entrusted is bought already.
    ProxyUsed { settlement: SettlementNo => settlement, } = "PROXY_USED", "R-G1";
    /// The entrustment was revoked.
    ProxyRevoked { at: Moment => moment, } = "PROXY_REVOKED", "R-G1";
    /// The entrustment is for another patient.
    ProxyOfOther { patient: PersonNo => person, } = "PROXY_OF_OTHER", "R-G1";
    /// There is no such entrustment.
    ProxyUnknown {} = "PROXY_UNKNOWN", "R-G1";
    /// Nobody stays in hospital for somebody else.
    ProxyNotForStay {} = "PROXY_NOT_FOR_STAY", "R-G1";
    /// A purchase is entrusted for longer than the area lets it be.
    ProxyTooLong { last: Day => day, latest: Day => day, } = "PROXY_TOO_LONG", "R-G1";
    /// Nobody is their own agent.
    ProxySamePerson { person: PersonNo => person, } = "PROXY_SAME_PERSON", "R-G1";
    /// Somebody still has to confirm.
    ConfirmationPending { waiting: PersonNo => person, until: Day => day, binding: BindingNo => binding, } = "CONFIRMATION_PENDING", "R-D3";
    /// Nobody confirmed in time.
    ConfirmationLapsed { until: Day => day, } = "CONFIRMATION_LAPSED", "R-D3";
    /// The agency is still reviewing.
    ReviewPending { since: Moment => moment, binding: BindingNo => binding, } = "REVIEW_PENDING", "R-D2";
    /// The binding was declined, withdrawn or refused.
    BindingRefused { binding: BindingNo => binding, } = "BINDING_REFUSED", "R-D3";
    /// It is in force from a later moment.
    NotYetEffective { from: Moment => moment, } = "NOT_YET_EFFECTIVE", "R-D5";
    /// The two may bind again from a later day.
    RebindWait { from: Day => day, } = "REBIND_WAIT", "R-D6";
    /// The binding has ended.
    BindingExpired { giver: PersonNo => person, since: Moment => moment, } = "BINDING_EXPIRED", "R-D6";
    /// The binding is kept but the law no longer allows it.
    BindingNeedsDecision { binding: BindingNo => binding, } = "BINDING_NEEDS_DECISION", "R-D8";
    /// The giver has put the binding on hold.
    BindingOnHold { giver: PersonNo => person, since: Moment => moment, } = "BINDING_ON_HOLD", "R-D7";
    /// There is only a family code link.
    OnlyFamilyCodeBound { giver: PersonNo => person, beneficiary: PersonNo => person, } = "ONLY_FAMILY_CODE_BOUND", "R-F3";
    /// There is no binding.
    NotBound { giver: PersonNo => person, beneficiary: PersonNo => person, } = "NOT_BOUND", "R-B3";
    /// The two already have a binding.
    AlreadyBound { binding: BindingNo => binding, } = "ALREADY_BOUND", "R-D4";
    /// The beneficiary already has as many givers as the area allows.
    AlreadyHasGiver { beneficiary: PersonNo => person, area: Area => area, limit: u16 => number, } = "ALREADY_HAS_GIVER", "R-B4";
    /// The giver already has as many beneficiaries as the area allows.
    LimitReached { giver: PersonNo => person, bound: u16 => number, limit: u16 => number, } = "LIMIT_REACHED", "R-B4";
    /// The holder of family code links shows as many members' codes as the area allows.
    FamilyCodeLimitReached { holder: PersonNo => person, linked: u16 => number, limit: u16 => number, } = "FAMILY_CODE_LIMIT_REACHED", "R-F2";
    /// The giver has had as many different beneficiaries as the area allows for life.
    LifetimeLimitReached { giver: PersonNo => person, limit: u16 => number, } = "LIFETIME_LIMIT_REACHED", "R-B4";
    /// This relation is already taken.
    RelationTaken { relation: Relation => relation, limit: u16 => number, } = "RELATION_TAKEN", "R-B4";
    /// A giver cannot be a beneficiary here.
    RolesExclusive { person: PersonNo => person, area: Area => area, } = "ROLES_EXCLUSIVE", "R-B5";
    /// Two people cannot bind each other here.
    MutualNotAllowed { area: Area => area, } = "MUTUAL_NOT_ALLOWED", "R-B5";
    /// Nobody can bind themselves.
    SamePerson { person: PersonNo => person, } = "SAME_PERSON", "R-B3";
    /// The relation is not among those allowed.
    RelationNotAllowed { relation: Relation => relation, area: Area => area, } = "RELATION_NOT_ALLOWED", "R-B1";
    /// Sharing between the two areas is not open.
    RegionNotCovered { giver_area: Area => area, beneficiary_area: Area => area, opens: Option<Day> => maybe_day, } = "REGION_NOT_COVERED", "R-C2";
    /// Sharing between the two areas works in a mode that is not served here.
    ModeNotServed { area: Area => area, mode: Mode => mode, } = "MODE_NOT_SERVED", "R-M5";
    /// The giver is not in the employee scheme.
    GiverNotEmployeeInsured { giver: PersonNo => person, } = "GIVER_NOT_EMPLOYEE_INSURED", "R-A1";
    /// The giver is in the employee scheme but has no personal account.
    NoAccount { giver: PersonNo => person, } = "NO_ACCOUNT", "R-A1";
    /// The giver's enrolment is paused or has ended.
    GiverPaused { giver: PersonNo => person, since: Day => day, } = "GIVER_PAUSED", "R-A3";
    /// The beneficiary or patient is not insured.
    BeneficiaryNotInsured { person: PersonNo => person, } = "BENEFICIARY_NOT_INSURED", "R-B2";
    /// The beneficiary's or patient's enrolment is interrupted.
    InsuranceInterrupted { person: PersonNo => person, since: Day => day, } = "INSURANCE_INTERRUPTED", "R-A3";
    /// The patient is not in the scheme that is to pay.
    SchemeNotHeld { person: PersonNo => person, scheme: Scheme => scheme, } = "SCHEME_NOT_HELD", "R-E3";
    /// The person has died.
    PersonDead { person: PersonNo => person, on: Day => day, } = "PERSON_DEAD", "R-D8";
    /// The commitment was not signed.
    CommitmentMissing {} = "COMMITMENT_MISSING", "R-D2";
    /// More proof of kinship is needed.
    ProofMissing { needed: Proof => proof, } = "PROOF_MISSING", "R-D2";
    /// Only the other side may start a binding here.
    StarterNotAllowed { starter: Side => side, area: Area => area, } = "STARTER_NOT_ALLOWED", "R-D1";
    /// The area lets nobody set this.
    LimitNotOffered { limit: LimitKind => limit, area: Area => area, } = "LIMIT_NOT_OFFERED", "R-D7";
    /// The area lets nobody choose the first day.
    StartDayNotOffered { area: Area => area, } = "START_DAY_NOT_OFFERED", "R-D5";
    /// The days do not make sense.
    DatesContradict { first: Day => day, last: Day => day, } = "DATES_CONTRADICT", "R-D7";
    /// A quota is needed, larger than nothing.
    QuotaMissing {} = "QUOTA_MISSING", "R-M2";
    /// The quota is more than the giver has free, or less than is already spent.
    QuotaTooLarge { free: Fen => money, } = "QUOTA_TOO_LARGE", "R-M2";
    /// The quota cannot be less than what is spent of it.
    QuotaTooSmall { spent: Fen => money, } = "QUOTA_TOO_SMALL", "R-M2";
    /// The quota is used up.
    QuotaUsedUp { giver: PersonNo => person, } = "QUOTA_USED_UP", "R-M2";
    /// It cannot be released yet.
    ReleaseLocked { until: Day => day, } = "RELEASE_LOCKED", "R-D11";
    /// This person may not do this to the binding.
    NotYours {} = "NOT_YOURS", "R-D11";
    /// The binding is not in a state in which this can happen.
    NotPossibleNow { state: String => state, } = "NOT_POSSIBLE_NOW", "R-D4";
    /// The giver's account holds nothing.
    BalanceZero { giver: PersonNo => person, } = "BALANCE_ZERO", "R-E7";
    /// The giver's account did not suffice.
    BalanceShort { giver: PersonNo => person, paid: Fen => money, rest: Fen => money, } = "BALANCE_SHORT", "R-E7";
    /// Part of the giver's balance cannot be shared.
    UsableZero { giver: PersonNo => person, balance: Fen => money, usable: Fen => money, why: UsableWhy => kept, } = "USABLE_ZERO", "R-C3";
    /// A limit of the giver's is reached.
    CapReached { giver: PersonNo => person, kind: LimitKind => limit, room: Fen => money, } = "CAP_REACHED", "R-D7";
    /// The own account has to be used up first.
    OwnFirst { patient: PersonNo => person, balance: Fen => money, } = "OWN_FIRST", "R-E6";
    /// One bill takes money of one giver only.
    OneGiverPerBill { giver: PersonNo => person, } = "ONE_GIVER_PER_BILL", "R-E6";
    /// Shared money cannot be spent on this.
    PurposeNotPayable { area: Area => area, } = "PURPOSE_NOT_PAYABLE", "R-E5";
    /// The institution asked for no shared money.
    SharedNotAsked {} = "SHARED_NOT_ASKED", "R-E11";
    /// This part of the bill cannot be paid from an account.
    ItemNotPayable { part: BillPart => part, amount: Fen => money, } = "ITEM_NOT_PAYABLE", "R-E12";
    /// The institution is not designated on the day.
    PlaceNotDesignated { institution: InstitutionCode => institution, day: Day => day, ended: Option<Day> => maybe_day, } = "PLACE_NOT_DESIGNATED", "R-E5";
    /// The institution is suspended on the day.
    PlaceSuspended { institution: InstitutionCode => institution, from: Day => day, to: Option<Day> => maybe_day, why: String => text, } = "PLACE_SUSPENDED", "R-L1";
    /// The institution's software cannot do this.
    CapabilityMissing { institution: InstitutionCode => institution, capability: Capability => capability, day: Day => day, } = "CAPABILITY_MISSING", "R-L1";
    /// The institution's software is not linked for shared money.
    SharedNotLinked { institution: InstitutionCode => institution, day: Day => day, } = "SHARED_NOT_LINKED", "R-L1";
    /// No edition of the catalogue is loaded for the day.
    NoCatalogue { day: Day => day, } = "NO_CATALOGUE", "R-J4";
    /// A sandbox judged the bill by an edition that is no longer in force.
    CatalogueOutdated { day: Day => day, last: Day => day, } = "CATALOGUE_OUTDATED", "R-J4";
    /// A line's code is not mapped to the catalogue.
    ItemNotMapped { line: u16 => number, } = "ITEM_NOT_MAPPED", "R-J2";
    /// An own code has no mapping, or another than the one that is to be taken back.
    MappingUnknown { line: u16 => number, } = "MAPPING_UNKNOWN", "R-J2";
    /// The same bill was settled a moment ago.
    DuplicateRequest { first: SettlementNo => settlement, at: Moment => moment, } = "DUPLICATE_REQUEST", "R-E18";
    /// Nobody is found by this.
    PersonUnknown { field: String => text, } = "PERSON_UNKNOWN", "R-E1";
    /// The person is already taken in.
    PersonKnown {} = "PERSON_KNOWN", "R-A1";
    /// The institution is not registered.
    InstitutionUnknown { institution: InstitutionCode => institution, } = "INSTITUTION_UNKNOWN", "R-L1";
    /// An institution's area is fixed once it is registered: its books are in that area.
    InstitutionAreaFixed { institution: InstitutionCode => institution, area: Area => area, } = "INSTITUTION_AREA_FIXED", "R-L1";
    /// There is no such visit of this patient at this institution.
    VisitUnknown {} = "VISIT_UNKNOWN", "R-E1";
    /// The registration was cancelled.
    VisitCancelled {} = "VISIT_CANCELLED", "R-E1";
    /// The visit has uploaded or settled lines.
    VisitInUse {} = "VISIT_IN_USE", "R-E9";
    /// The visit is a stay, or is none: other transactions are for it.
    CareDiffers { care: Care => care, } = "CARE_DIFFERS", "R-E20";
    /// The patient is still in this institution by an earlier admission.
    StayOpen { visit: VisitNo => visit, since: Moment => moment, } = "STAY_OPEN", "R-E20";
    /// The patient is discharged already: that is taken back first.
    StayDischarged { at: Moment => moment, } = "STAY_DISCHARGED", "R-E20";
    /// The patient is not discharged yet.
    StayNotDischarged {} = "STAY_NOT_DISCHARGED", "R-E20";
    /// The stay is settled for good: that is cancelled first.
    StaySettled { settlement: SettlementNo => settlement, } = "STAY_SETTLED", "R-E20";
    /// The stay is not settled yet, and has to be before the discharge.
    StayNotSettled { area: Area => area, } = "STAY_NOT_SETTLED", "R-E20";
    /// A drug comes without the trace code of its pack.
    TraceCodeMissing { line: u16 => number, } = "TRACE_CODE_MISSING", "R-J5";
    /// The pack was sold before.
    TraceCodeUsed { line: u16 => number, } = "TRACE_CODE_USED", "R-J5";
    /// There is no such line in the stay.
    LineUnknown { sn: String => text, } = "LINE_UNKNOWN", "R-E20";
    /// The line is settled already.
    LineSettled { sn: String => text, settlement: SettlementNo => settlement, } = "LINE_SETTLED", "R-E20";
    /// More is taken back than is left of the line, or something else than it charged.
    CorrectionTooLarge { sn: String => text, } = "CORRECTION_TOO_LARGE", "R-E20";
    /// Part of the line was taken back by another line, which goes first.
    LineCorrected { sn: String => text, } = "LINE_CORRECTED", "R-E20";
    /// A visit has one kind of treatment.
    MedTypeDiffers { stated: String => text, } = "MED_TYPE_DIFFERS", "R-E3";
    /// There are no lines of this batch.
    BatchUnknown { batch: String => text, } = "BATCH_UNKNOWN", "R-E9";
    /// The batch is already uploaded.
    BatchKnown { batch: String => text, } = "BATCH_KNOWN", "R-E9";
    /// The batch is already settled.
    BatchSettled { batch: String => text, settlement: SettlementNo => settlement, } = "BATCH_SETTLED", "R-E9";
    /// There are no lines, or too many.
    LineCount { count: u64 => number, most: u64 => number, } = "LINE_COUNT", "R-E10";
    /// A line's number is used twice in the visit.
    LineRepeated { sn: String => text, } = "LINE_REPEATED", "R-E10";
    /// A line's cost is not its count times its price.
    LineCostDiffers { line: u16 => number, stated: Fen => money, computed: Fen => money, } = "LINE_COST_DIFFERS", "R-E10";
    /// A stated amount is not what the lines add up to.
    AmountDiffers { field: String => text, stated: Fen => money, computed: Fen => money, } = "AMOUNT_DIFFERS", "R-E10";
    /// An amount is nothing, or more than the books hold.
    AmountOutOfRange { field: String => text, } = "AMOUNT_OUT_OF_RANGE", "R-E10";
    /// There is no such settlement of this patient at this institution.
    SettlementUnknown {} = "SETTLEMENT_UNKNOWN", "R-E9";
    /// The settlement is already cancelled.
    AlreadyCancelled { by: SettlementNo => settlement, at: Moment => moment, } = "ALREADY_CANCELLED", "R-E9";
    /// A later settlement used the same deductible or ceiling and has to be cancelled first.
    LaterSettlement { settlement: SettlementNo => settlement, } = "LATER_SETTLEMENT", "R-E15";
    /// A refund cannot be more than what was settled.
    RefundTooLarge { line: u16 => number, } = "REFUND_TOO_LARGE", "R-E9";
    /// The earlier message did nothing that can be reversed.
    NotReversible { infno: String => text, } = "NOT_REVERSIBLE", "R-E9";
    /// The message was reversed before it arrived.
    MessageBarred {} = "MESSAGE_BARRED", "R-E9";
    /// The service day lies in the future.
    ServiceDayFuture { day: Day => day, today: Day => day, } = "SERVICE_DAY_FUTURE", "R-E13";
    /// The service day lies too far back.
    ServiceDayTooOld { day: Day => day, earliest: Day => day, } = "SERVICE_DAY_TOO_OLD", "R-E13";
    /// The person has no running enrolment in the scheme.
    EnrolmentUnknown { scheme: Scheme => scheme, } = "ENROLMENT_UNKNOWN", "R-A1";
    /// The person is already enrolled in the scheme on that day.
    EnrolmentKnown { scheme: Scheme => scheme, from: Day => day, } = "ENROLMENT_KNOWN", "R-A1";
    /// The enrolment carries no personal account.
    AccountUnknown {} = "ACCOUNT_UNKNOWN", "R-A1";
    /// The sender may not ask for this.
    NotPermitted {} = "NOT_PERMITTED", "R-D9";
    /// There is no such binding.
    BindingUnknown {} = "BINDING_UNKNOWN", "R-D10";
    /// Whoever proposed an amendment, or started a binding at a window, may not decide it.
    SecondPersonNeeded {} = "SECOND_PERSON_NEEDED", "R-D12";
    /// Another amendment of the person's waits for a decision.
    AmendmentWaiting { until: Day => day, } = "AMENDMENT_WAITING", "R-D12";
    /// There is no such amendment.
    AmendmentUnknown {} = "AMENDMENT_UNKNOWN", "R-D12";
}

impl Reason {
    /// Whose whole balance the reason speaks of as `balance`, and which of its texts says the same without it: a
    /// balance is for its owner, for who acts for them, and for staff.
    pub fn private(&self) -> Option<(PersonNo, &'static str)> {
        if let Reason::UsableZero { giver, .. } = self {
            return Some((*giver, "slip"));
        }
        if let Reason::OwnFirst { patient, .. } = self {
            return Some((*patient, "citizen.line"));
        }
        None
    }
}
