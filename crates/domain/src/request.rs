//! What can be asked for: everything that moves money, bindings, enrolments or law is a [`Request`].

pub use crate::amendment::{AmendmentEvent, DecideAmendment, ProposeAmendment};
use crate::bill::Line;
use crate::binding::Limits;
pub use crate::change_institution::{ChangeInstitution, InstitutionChange, MapItems, UnmapItems};
use crate::clerk::Clerk;
use crate::credential::Credential;
use crate::day::{Day, Moment};
pub use crate::documents::RecordDocuments;
pub use crate::enrol::{AddPerson, ChangeEnrolment, Enrol, EnrolmentChange, RecordDeath};
use crate::ids::{Area, BindingNo, Digest, InstitutionCode, Lookup, PersonNo, SettlementNo, VisitNo};
use crate::money::Fen;
pub use crate::proxy::{EntrustProxy, RevokeProxy, ShownProxy};
use crate::stay::StayEvent;
use crate::words::{Care, Channel, InstitutionKind, Level, Mode, Proof, Relation, Scheme, Side};
use serde::{Deserialize, Serialize};

/// Who sent a request, for telling keys apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Sender {
    /// A hospital or pharmacy, authenticated by its gateway.
    Institution(InstitutionCode),
    /// The bearer of a token of ours, by the token's number.
    Token(u64),
}

/// The key of a request: the same key has one outcome for ever (design invariant 4).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Who sent it.
    pub sender: Sender,
    /// The message id or idempotency key, taken as it is.
    pub id: String,
}

/// On whose authority something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// An authenticated institution.
    Institution(InstitutionCode),
    /// A citizen in their own session.
    Citizen(PersonNo),
    /// A clerk at a service hall, for the person in front of them (R-D9).
    Clerk {
        /// Which clerk.
        clerk: Clerk,
        /// For whom.
        person: PersonNo,
    },
    /// The agency that runs an area.
    Operator {
        /// The operator's token.
        token: u64,
    },
}

/// A request, decoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its key.
    pub key: Key,
    /// Digest of what was sent, as far as it decides anything: the same key with another digest is refused.
    pub digest: Digest,
    /// On whose authority.
    pub actor: Actor,
    /// What is asked.
    pub body: Body,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// Take a person in.
    AddPerson(AddPerson),
    /// Record a death.
    RecordDeath(RecordDeath),
    /// Enrol a person.
    Enrol(Enrol),
    /// Change an enrolment: pause, resume, end, move, another category.
    ChangeEnrolment(ChangeEnrolment),
    /// Credit a personal account.
    Credit(Credit),
    /// Take back a credit that was wrong (R-E16).
    TakeBack(TakeBack),
    /// Register an institution or change its designations.
    SetInstitution(SetInstitution),
    /// Designate, suspend or resume an institution, or say what its software can do.
    ChangeInstitution(ChangeInstitution),
    /// Map an institution's own codes to national ones (3301).
    MapItems(MapItems),
    /// Take back mappings of an institution's own codes (3302).
    UnmapItems(UnmapItems),
    /// Link or unlink a family code (亲情账户).
    LinkFamilyCode(LinkFamilyCode),
    /// Agree to a family code link that waits.
    ConfirmFamilyCode(ConfirmFamilyCode),
    /// Start a binding.
    Bind(Bind),
    /// Something happens to a binding.
    ChangeBinding(ChangeBinding),
    /// Take over a binding that another system made.
    TakeOver(TakeOver),
    /// Record which documents were shown at the counter.
    RecordDocuments(RecordDocuments),
    /// Propose an amendment of what a person is known by.
    ProposeAmendment(ProposeAmendment),
    /// Approve or reject an amendment, or take it back.
    DecideAmendment(DecideAmendment),
    /// Entrust a purchase (代购).
    EntrustProxy(EntrustProxy),
    /// Revoke an entrusted purchase.
    RevokeProxy(RevokeProxy),
    /// Register a visit (2201).
    Register(Register),
    /// Cancel a registration (2202).
    CancelVisit(VisitRef),
    /// State what a visit was for (2203).
    StateVisit(StateVisit),
    /// Upload lines (2204).
    Upload(Upload),
    /// Remove lines (2205).
    RemoveLines(RemoveLines),
    /// Something happens to an in-patient stay (2301, 2302, 2401 to 2405).
    Stay(StayEvent),
    /// Settle a bill (2102, 2207, 2304).
    Settle(Settle),
    /// Cancel a settlement (2103, 2208, 2305).
    Cancel(Cancel),
    /// Refund part of a settlement: cancel it and settle the remaining lines, as one (R-E9).
    RefundPart(RefundPart),
    /// Undo whatever an earlier message did, or bar it if it never arrived (2601).
    Reverse(Reverse),
    /// Put a law book in force for decisions from now on.
    Publish(Publish),
}

/// Credit a personal account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Whose.
    pub person: Lookup,
    /// As money of earlier years, when accounts are taken over.
    pub prior: Fen,
    /// As money of this year.
    pub current: Fen,
}

/// Take back a credit that was wrong: what is still there leaves the account, the rest becomes a receivable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeBack {
    /// Whose.
    pub person: Lookup,
    /// How much was credited wrongly.
    pub amount: Fen,
}

/// Register an institution or change it; what suspends it and what its software can do stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetInstitution {
    /// Its code.
    pub code: InstitutionCode,
    /// Its pooling area.
    pub area: Area,
    /// What it is.
    pub kind: InstitutionKind,
    /// Its level.
    pub level: Level,
    /// All its designations.
    pub designations: Vec<(Day, Option<Day>)>,
}

/// Link or unlink a family code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkFamilyCode {
    /// Who shows.
    pub holder: Lookup,
    /// Whose code.
    pub member: Lookup,
    /// What the member is to the holder; `None` undoes the link.
    pub relation: Option<Relation>,
}

/// Agree to a family code link that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmFamilyCode {
    /// Who will show.
    pub holder: Lookup,
    /// Whose code.
    pub member: Lookup,
}

/// Start a binding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bind {
    /// Whose account.
    pub giver: Lookup,
    /// Who may spend it.
    pub beneficiary: Lookup,
    /// What the beneficiary is to the giver.
    pub relation: Relation,
    /// Through which channel.
    pub channel: Channel,
    /// Version and digest of the commitment's text that was signed.
    pub commitment: Option<(String, Digest)>,
    /// What else was shown.
    pub proof: Proof,
    /// A later first day, where the area lets the giver choose.
    pub from: Option<Day>,
    /// The last day.
    pub last_day: Option<Day>,
    /// Limits.
    pub limits: Limits,
    /// The amount to earmark, in mode quota.
    pub quota: Option<Fen>,
    /// The place in the beneficiary's order of givers.
    pub rank: u16,
}

/// Something happens to a binding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeBinding {
    /// Which.
    pub binding: BindingNo,
    /// What.
    pub event: BindingEvent,
}

/// What happens to a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BindingEvent {
    /// Whoever has to confirm does.
    Confirm,
    /// Whoever has to confirm says no.
    Decline,
    /// Whoever started it takes it back before it is agreed.
    Withdraw,
    /// The agency's review ends well; with a keyed digest of the sealed paper that says why, where something is said.
    Approve(Option<Digest>),
    /// The agency's review ends badly; with a keyed digest of the sealed paper that says why.
    Reject(Digest),
    /// One of the two releases it.
    Release,
    /// The release is withdrawn on its day.
    KeepOn,
    /// The giver sets a last day and limits.
    SetLimits(Option<Day>, Limits),
    /// The giver changes the earmarked amount.
    SetQuota(Fen),
    /// The beneficiary sets the giver's place in their order.
    SetRank(u16),
    /// The agency marks a binding that the law no longer allows (R-D8).
    MarkNeedsDecision,
    /// The giver says that a bill was none of their relative's: nothing is spent until it is lifted.
    Hold,
    /// The giver lifts the hold.
    Lift,
    /// The patient lets the giver see the lines of bills that the giver's money pays, from now on (R-K2).
    ShowLines,
    /// The patient no longer lets the giver see them.
    HideLines,
    /// The agency has decided that a binding which it marked may be used again (R-D8).
    AllowAgain,
    /// Both sides are told what the law of this day makes of it: no longer allowed, or allowed again (R-D8).
    TellStatus,
}

/// Take over a binding that another system made, as it stands there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeOver {
    /// Whose account.
    pub giver: Lookup,
    /// Who may spend it.
    pub beneficiary: Lookup,
    /// What the beneficiary is to the giver.
    pub relation: Relation,
    /// Since when it is in force.
    pub since: Moment,
    /// How its money moves.
    pub mode: Mode,
}

/// Register a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// The patient.
    pub patient: Lookup,
    /// How the patient proved it.
    pub credential: Credential,
    /// The scheme that is to pay.
    pub scheme: Scheme,
    /// Service day and time.
    pub begun: Moment,
    /// The institution's own number of the visit (`ipt_otp_no`).
    pub own_no: String,
}

/// Names a visit and its patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitRef {
    /// The visit.
    pub visit: VisitNo,
    /// The patient.
    pub patient: Lookup,
}

/// State what a visit was for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateVisit {
    /// Which visit of whom.
    pub of: VisitRef,
    /// Kind of treatment (`med_type`).
    pub med_type: String,
    /// Service day and time.
    pub begun: Moment,
}

/// Upload lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Which visit of whom.
    pub of: VisitRef,
    /// Batches (`chrg_bchno`) with their lines; a batch comes whole.
    pub batches: Vec<(String, Vec<Line>)>,
}

/// Remove lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveLines {
    /// Which visit of whom.
    pub of: VisitRef,
    /// Which batch; `None`: all that are not settled.
    pub batch: Option<String>,
}

/// What is to be settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// A batch uploaded before.
    Batch {
        /// The visit.
        visit: VisitNo,
        /// The batch.
        batch: String,
    },
    /// Lines that come along (pharmacy).
    Lines {
        /// Time of purchase.
        begun: Moment,
        /// The lines.
        lines: Vec<Line>,
    },
    /// All that was charged in a stay and is not settled (R-E20).
    Stay {
        /// The stay.
        visit: VisitNo,
        /// The stay goes on: it is settled so far.
        interim: bool,
        /// The day of discharge, where the institution says it before it records the discharge.
        left: Option<Day>,
    },
}

/// Which accounts may pay (`acct_used_flag`, R-E11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountFlag {
    /// 0: none.
    None,
    /// 1: the own account, and shared money where the area needs nothing further.
    Own,
    /// 2: shared money.
    Shared,
}

/// Settle a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settle {
    /// The patient.
    pub patient: Lookup,
    /// How the patient proved it.
    pub credential: Credential,
    /// Credentials of givers that were shown too (`GJ_GIVER_CERT`).
    pub giver_credentials: Vec<Credential>,
    /// The scheme that is to pay.
    pub scheme: Scheme,
    /// Kind of treatment (`med_type`); empty for a stay, which was said at admission.
    pub med_type: String,
    /// What is to be settled.
    pub what: What,
    /// The total as the institution states it.
    pub total: Fen,
    /// The four split amounts, where the institution repeats them: full-self, over-limit, first-pay, in-scope.
    pub stated: Option<[Fen; 4]>,
    /// Which accounts may pay.
    pub accounts: AccountFlag,
    /// The institution means it, although the same bill was settled a moment ago (`GJ_REPEAT`, R-E18).
    pub repeat: bool,
    /// By which entrustment somebody else buys it for the patient (`GJ_PROXY`, R-G1).
    pub proxy: Option<ShownProxy>,
}

/// Cancel a settlement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancel {
    /// Which settlement.
    pub settlement: SettlementNo,
    /// Of which visit and patient; must be its own.
    pub of: VisitRef,
    /// As whose settlement: that of a stay is not cancelled as that of a visit.
    pub care: Care,
}

/// Refund part of a settlement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundPart {
    /// Which settlement.
    pub settlement: SettlementNo,
    /// Of which visit and patient; must be its own.
    pub of: VisitRef,
    /// The lines that remain, with what remains of them.
    pub remaining: Vec<Line>,
}

/// Undo an earlier message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reverse {
    /// The patient of that message.
    pub patient: Lookup,
    /// The key of that message.
    pub original: Key,
    /// The transaction number it had (`oinfno`).
    pub infno: String,
}

/// Put a law book in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publish {
    /// Digest of the book.
    pub book: Digest,
}

impl Actor {
    /// The person in whose name something is asked, if it is a person's.
    pub fn person(&self) -> Option<PersonNo> {
        match self {
            Actor::Citizen(person) | Actor::Clerk { person, .. } => Some(*person),
            Actor::Institution(_) | Actor::Operator { .. } => None,
        }
    }

    /// The side of a binding a person asks on.
    pub fn side(&self, giver: PersonNo, beneficiary: PersonNo) -> Option<Side> {
        let person = self.person()?;
        let side = [(giver, Side::Giver), (beneficiary, Side::Beneficiary)];
        side.into_iter().find(|(it, _)| *it == person).map(|(_, side)| side)
    }
}
