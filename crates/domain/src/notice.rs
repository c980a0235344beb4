//! Messages to people about what a decision did: to whom, about what.

use crate::ids::{AmendmentNo, BindingNo, PersonNo, ProxyNo, SettlementNo};
use serde::{Deserialize, Serialize};

/// A message to a person (R-D2, R-D8, R-D12, R-F1, R-G1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// To whom.
    pub to: PersonNo,
    /// About which binding, entrusted purchase, settlement, amendment or family code link.
    pub about: Matter,
    /// What happened: a word of `words.notice` in the texts.
    pub what: NoticeKind,
}

/// Which one a message to a person is about; its [`NoticeKind`] says of which sort it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Matter {
    /// A binding.
    Binding(BindingNo),
    /// An entrusted purchase.
    Proxy(ProxyNo),
    /// What was bought by an entrustment, or the cancellation of that.
    Settlement(SettlementNo),
    /// An amendment of what the person is known by.
    Amendment(AmendmentNo),
    /// A family code link with this person.
    FamilyCode(PersonNo),
}

impl Matter {
    /// The settlement, where it is one.
    pub fn settlement(self) -> Option<SettlementNo> {
        match self {
            Matter::Settlement(no) => Some(no),
            Matter::Binding(_) | Matter::Proxy(_) | Matter::Amendment(_) | Matter::FamilyCode(_) => None,
        }
    }
}

/// What a message to a person is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoticeKind {
    /// Somebody asks for confirmation.
    PleaseConfirm,
    /// A binding is in force.
    InForce,
    /// A binding ended or will end.
    Ended,
    /// A binding needs a decision.
    NeedsDecision,
    /// A binding was put on hold.
    OnHold,
    /// The patient lets the giver see the lines of bills.
    LinesShown,
    /// The patient no longer does.
    LinesHidden,
    /// A purchase was entrusted: told to the patient, who may not have done it themselves.
    ProxyEntrusted,
    /// The same, told to the agent.
    ProxyReceived,
    /// An entrusted purchase was revoked.
    ProxyRevoked,
    /// The agent bought by an entrustment: told to the patient, with the settlement.
    ProxyUsed,
    /// What the agent bought was given back whole: the entrustment is open again. Told with the cancellation.
    ProxyReturned,
    /// Somebody proposed to amend what the person is known by.
    AmendmentProposed,
    /// What the person is known by was amended.
    AmendmentApproved,
    /// It was not.
    AmendmentRejected,
    /// Who proposed it took it back.
    AmendmentWithdrawn,
    /// Somebody asks to show the member's code: told to the member, and to whoever acts for them.
    CodeAsked,
    /// Somebody can show the member's code from now on: told likewise.
    CodeShown,
    /// The same, told to the holder.
    CodeLinked,
    /// A family code link was undone: told to both.
    CodeUndone,
    /// The agency reviews a binding from now on.
    InReview,
    /// The agency's review of a binding ended badly.
    ReviewRefused,
}
