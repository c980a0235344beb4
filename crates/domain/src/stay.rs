//! What can be asked for about an in-patient stay (住院): 2301, 2302 and 2401 to 2405. It is settled like other bills.

use crate::bill::{Correction, Line};
use crate::credential::Credential;
use crate::day::Moment;
use crate::ids::Lookup;
use crate::request::VisitRef;
use crate::words::Scheme;
use serde::{Deserialize, Serialize};

/// What happens to a stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum StayEvent {
    /// A patient is admitted (2401).
    Admit(Admit),
    /// What is known of a stay changes (2403).
    Change(ChangeStay),
    /// The patient is discharged (2402).
    Discharge(Discharge),
    /// The discharge is taken back (2405).
    UndoDischarge(VisitRef),
    /// The admission is taken back (2404).
    Cancel(VisitRef),
    /// Lines are charged, and lines charged before corrected (2301).
    Charge(Charge),
    /// Lines are taken out (2302).
    Remove(RemoveCharges),
}

/// A patient is admitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admit {
    /// The patient.
    pub patient: Lookup,
    /// How the patient proved it.
    pub credential: Credential,
    /// The scheme that is to pay.
    pub scheme: Scheme,
    /// When.
    pub begun: Moment,
    /// Kind of treatment (`med_type`).
    pub med_type: String,
    /// The institution's own number of the stay (`ipt_no`).
    pub own_no: String,
}

/// What is known of a stay changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeStay {
    /// Which stay of whom.
    pub of: VisitRef,
    /// When the patient was admitted.
    pub begun: Moment,
    /// Kind of treatment (`med_type`).
    pub med_type: String,
}

/// The patient is discharged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discharge {
    /// Which stay of whom.
    pub of: VisitRef,
    /// When.
    pub at: Moment,
}

/// Lines are charged. They come day by day, in any number of messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// Which stay of whom.
    pub of: VisitRef,
    /// In the order they were sent.
    pub items: Vec<ChargeItem>,
}

/// A line of a message that charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChargeItem {
    /// It is charged.
    New(Line),
    /// It takes back something of a line that was charged before it.
    Correct(Correction),
}

impl ChargeItem {
    /// The line; of a correction, what is taken back.
    pub fn line(&self) -> &Line {
        match self {
            ChargeItem::New(line) | ChargeItem::Correct(Correction { line, .. }) => line,
        }
    }
}

/// Lines are taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveCharges {
    /// Of which stay of whom.
    pub of: VisitRef,
    /// Which, by their numbers; `None`: all that are not settled.
    pub lines: Option<Vec<String>>,
}

impl StayEvent {
    /// The patient.
    pub fn patient(&self) -> Lookup {
        match self {
            StayEvent::Admit(it) => it.patient,
            StayEvent::Change(ChangeStay { of, .. })
            | StayEvent::Discharge(Discharge { of, .. })
            | StayEvent::UndoDischarge(of)
            | StayEvent::Cancel(of)
            | StayEvent::Charge(Charge { of, .. })
            | StayEvent::Remove(RemoveCharges { of, .. }) => of.patient,
        }
    }
}
