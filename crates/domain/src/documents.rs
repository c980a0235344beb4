//! Documents that were shown at the counter for an act, or sent by people themselves for a binding that is reviewed (R-D2,
//! R-D9): of which kind, as original or copy, with which photographs. Numbers and photographs are kept elsewhere, sealed;
//! here stand their digests.

use crate::bind::side;
use crate::change_binding::state_word;
use crate::decision::{Answer, Case, Changes, Decision};
use crate::ids::{AmendmentNo, BindingNo, Digest, PersonNo, SettlementNo};
use crate::reason::Reason;
use crate::request::Actor;
use crate::visit::refuse;
use crate::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// What a document is (材料).
    DocumentKind {
        /// 居民身份证.
        IdCard = "id_card",
        /// 居民户口簿.
        HouseholdRegister = "household_register",
        /// 结婚证.
        MarriageCertificate = "marriage_certificate",
        /// 出生医学证明.
        BirthCertificate = "birth_certificate",
        /// 亲属关系证明 or notarial deed.
        KinshipStatement = "kinship_statement",
        /// 社会保障卡.
        SocialSecurityCard = "social_security_card",
        /// 公安机关出具的变更证明: another name or number.
        ChangeStatement = "change_statement",
        /// 授权委托书.
        PowerOfAttorney = "power_of_attorney",
        /// 签名的承诺书.
        SignedLetter = "signed_letter",
        /// 其他材料.
        Other = "other",
    }
}

words! {
    /// How a document was seen.
    SeenAs {
        /// 原件.
        Original = "original",
        /// 复印件.
        Copy = "copy",
        /// 本人上传: a photograph that the person sent; nobody saw the document itself.
        Sent = "sent",
    }
}

impl SeenAs {
    /// How a clerk sees documents.
    pub const AT_COUNTER: [SeenAs; 2] = [SeenAs::Original, SeenAs::Copy];
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// How it was seen.
    pub seen: SeenAs,
    /// Keyed digest of its number, where it has one of its own.
    pub number: Option<Digest>,
    /// Keyed digests of photographs of it.
    pub photographs: Vec<Digest>,
}

/// What documents were shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Act {
    /// A binding: started, confirmed or changed.
    Binding(BindingNo),
    /// A bill that is said to be none of a relative's, and the binding that paid it.
    Case(SettlementNo, BindingNo),
    /// An amendment of what the person is known by.
    Amendment(AmendmentNo),
}

/// Record which documents were shown to a clerk, or sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordDocuments {
    /// For what.
    pub act: Act,
    /// Which; at least one.
    pub documents: Vec<Document>,
}

/// A document as it is on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// By whom it was shown or sent.
    pub person: PersonNo,
    /// The token of the clerk who saw it; none where the person sent it.
    pub clerk: Option<u64>,
    /// For what.
    pub act: Act,
    /// The document.
    pub document: Document,
}

impl Document {
    /// Keyed digests of the papers that it names.
    pub fn papers(&self) -> impl Iterator<Item = Digest> {
        self.photographs.iter().chain(&self.number).copied()
    }
}

impl Act {
    /// The binding it is about, if it is about one.
    pub fn binding(self) -> Option<BindingNo> {
        match self {
            Act::Binding(no) | Act::Case(_, no) => Some(no),
            Act::Amendment(_) => None,
        }
    }
}

/// Whether all of them were seen as they can be: a clerk sees originals and copies, with or without photographs; what
/// people send are photographs.
pub(crate) fn seen_rightly(documents: &[Document], by_clerk: bool) -> bool {
    let rightly = |it: &Document| match it.seen {
        SeenAs::Original | SeenAs::Copy => by_clerk,
        SeenAs::Sent => !by_clerk && !it.photographs.is_empty(),
    };
    documents.iter().all(rightly)
}

/// Decides [`RecordDocuments`]: shown to a clerk, by somebody whose binding it is or who acts for them; or sent by them
/// for a binding that the agency reviews, or will.
pub(crate) fn record(case: Case<'_>, it: &RecordDocuments) -> Decision {
    let (clerk, person) = match case.request.actor {
        Actor::Clerk { clerk, person } => (Some(clerk.token), person),
        Actor::Citizen(person) => (None, person),
        Actor::Institution(_) | Actor::Operator { .. } => return refuse(Reason::NotPermitted {}),
    };
    if !seen_rightly(&it.documents, clerk.is_some()) {
        return refuse(Reason::NotPermitted {});
    }
    let Some(binding) = it.act.binding().and_then(|it| case.facts.bindings.get(&it)) else {
        return refuse(Reason::BindingUnknown {});
    };
    if side(case, binding.giver, binding.beneficiary).is_none() {
        return refuse(Reason::NotYours {});
    }
    let takes = matches!(it.act, Act::Binding(_)) && binding.awaits_review(case.turn.at);
    if clerk.is_none() && !takes {
        let state = state_word(binding.status(case.turn.at)).to_owned();
        return refuse(Reason::NotPossibleNow { state });
    }
    let shown = |document: &Document| Shown { person, clerk, act: it.act, document: document.clone() };
    let documents = it.documents.iter().map(shown).collect();
    Decision::done(Answer::Done, Changes { documents, ..Changes::default() }, Vec::new())
}
