//! Documents that were shown at the counter for an act (R-D2, R-D9): of which kind, as original or copy, with which
//! photographs. Numbers and photographs are kept elsewhere, sealed; here stand their digests.

use crate::bind::side;
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
    }
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

/// Record which documents were shown to a clerk.
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
    /// By whom it was shown.
    pub person: PersonNo,
    /// The token of the clerk who saw it.
    pub clerk: u64,
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

/// Decides [`RecordDocuments`]: shown to a clerk, by somebody whose binding it is or who acts for them.
pub(crate) fn record(case: Case<'_>, it: &RecordDocuments) -> Decision {
    let Actor::Clerk { clerk, person } = case.request.actor else {
        return refuse(Reason::NotPermitted {});
    };
    let Some(binding) = it.act.binding().and_then(|it| case.facts.bindings.get(&it)) else {
        return refuse(Reason::BindingUnknown {});
    };
    if side(case, binding.giver, binding.beneficiary).is_none() {
        return refuse(Reason::NotYours {});
    }
    let shown =
        |document: &Document| Shown { person, clerk: clerk.token, act: it.act, document: document.clone() };
    let documents = it.documents.iter().map(shown).collect();
    Decision::done(Answer::Done, Changes { documents, ..Changes::default() }, Vec::new())
}
