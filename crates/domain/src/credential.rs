//! What a patient or a giver shows at the counter, and why a medical code may prove nothing (R-E1, R-E2).

use crate::day::Moment;
use crate::ids::Lookup;
use crate::request::Body;
use crate::stay::StayEvent;
use crate::words::CredentialKind;
use serde::{Deserialize, Serialize};

/// How the patient proved who they are; the number is a keyed hash before it gets here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// What was shown.
    pub kind: CredentialKind,
    /// Whom it belongs to is found by this.
    pub holder: Lookup,
    /// The card's serial, which must belong to the same person.
    pub serial: Option<Lookup>,
    /// Why a medical code proves nothing; then nobody is found by `holder`.
    pub spoiled: Option<Spoiled>,
}

impl Credential {
    /// Puts in place of a medical code whose it is, or why it proves nothing.
    pub fn prove(&mut self, proved: Result<Lookup, Spoiled>) {
        match proved {
            Ok(holder) => self.holder = holder,
            Err(spoiled) => self.spoiled = Some(spoiled),
        }
    }
}

/// Why a medical code (医保码) that was shown proves nothing: it is shown for a minute, and counts where it was taken
/// first, for the rest of that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spoiled {
    /// No such code was shown.
    Unknown,
    /// It was to be taken until this moment.
    Expired(Moment),
    /// It was taken at this moment, elsewhere or on another day.
    Used(Moment),
    /// A relative called it up: it proves that the giver's account may pay, and not who the patient is (R-E2).
    GiversOnly,
}

/// Whom a credential speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpeaksOf {
    /// The patient.
    Patient,
    /// A giver.
    Giver,
}

impl Body {
    /// Everything that somebody showed to prove who they are.
    pub fn credentials_mut(&mut self) -> Vec<(SpeaksOf, &mut Credential)> {
        match self {
            Body::Register(it) => vec![(SpeaksOf::Patient, &mut it.credential)],
            Body::Settle(it) => {
                let givers = it.giver_credentials.iter_mut().map(|it| (SpeaksOf::Giver, it));
                [(SpeaksOf::Patient, &mut it.credential)].into_iter().chain(givers).collect()
            }
            Body::Stay(StayEvent::Admit(it)) => vec![(SpeaksOf::Patient, &mut it.credential)],
            Body::Stay(
                StayEvent::Change(_)
                | StayEvent::Discharge(_)
                | StayEvent::UndoDischarge(_)
                | StayEvent::Cancel(_)
                | StayEvent::Charge(_)
                | StayEvent::Remove(_),
            )
            | Body::AddPerson(_)
            | Body::RecordDeath(_)
            | Body::Enrol(_)
            | Body::ChangeEnrolment(_)
            | Body::Credit(_)
            | Body::TakeBack(_)
            | Body::SetInstitution(_)
            | Body::MapItems(_)
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
            | Body::UnmapItems(_)
            | Body::ChangeInstitution(_)
            | Body::CancelVisit(_)
            | Body::StateVisit(_)
            | Body::Upload(_)
            | Body::RemoveLines(_)
            | Body::Cancel(_)
            | Body::RefundPart(_)
            | Body::Reverse(_)
            | Body::Publish(_) => Vec::new(),
        }
    }
}
