//! How what was found counts: class, or why medical insurance does not pay it (R-J2, R-J3).

use super::Subject;
use crate::bill::Basis;
use crate::catalogue::{Class, Edition, Piece, Reason};

/// How it counts, in the fewest words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// 甲: counts in full.
    A,
    /// 乙: counts after a first-pay share.
    B,
    /// Medical insurance does not pay it.
    Outside,
    /// Nobody has decided.
    Undecided,
    /// A decoction piece that may be paid; its share is local policy.
    Piece,
    /// A decoction piece that is not paid where a prescription holds only such pieces.
    PieceNotAlone,
}

/// Why medical insurance does not pay something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outside {
    /// It was looked for and is not in the edition.
    Absent,
    /// Besides, it is a vaccine for prevention or a contraceptive.
    VaccineOrContraceptive,
    /// Besides, it is a drug for sexual function.
    SexualFunction,
    /// Printed for work-injury insurance only.
    WorkInjuryOnly,
    /// On the printed list of pieces that may not be paid.
    PieceExcluded,
}

/// The groups of drugs that can never be in the catalogue, by the words of their texts (R-J3).
pub const GROUPS: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];

impl Outside {
    /// Which of the [`GROUPS`] it falls into, counted from 1, where that was found out (R-J3).
    pub fn group(self) -> Option<usize> {
        match self {
            Outside::VaccineOrContraceptive => Some(4),
            Outside::SexualFunction => Some(5),
            Outside::Absent | Outside::WorkInjuryOnly | Outside::PieceExcluded => None,
        }
    }
}

impl Subject {
    /// How a bill line with it would count; `None` where that is not decided, or by local policy.
    pub fn basis(self, edition: &Edition) -> Option<Basis> {
        if self.outside(edition).is_some() {
            return Some(Basis::NotInCatalogue);
        }
        let Subject::Row(number) = self else { return None };
        edition.row(number).map(|row| Basis::Row(number, row.class))
    }

    /// How it counts.
    pub fn standing(self, edition: &Edition) -> Standing {
        match (self, self.basis(edition)) {
            (_, Some(Basis::Row(_, Class::A))) => Standing::A,
            (_, Some(Basis::Row(_, Class::B))) => Standing::B,
            (_, Some(_)) => Standing::Outside,
            (Subject::Piece(Piece::Payable { single_use_excluded: true }), None) => Standing::PieceNotAlone,
            (Subject::Piece(Piece::Payable { single_use_excluded: false }), None) => Standing::Piece,
            (_, None) => Standing::Undecided,
        }
    }

    /// Why medical insurance does not pay it; `None` where it does, or where nobody has decided.
    pub fn outside(self, edition: &Edition) -> Option<Outside> {
        match self {
            Subject::Row(number) => {
                edition.row(number).filter(|it| !it.is_medical()).map(|_| Outside::WorkInjuryOnly)
            }
            Subject::Checked(entry) => edition.checked(entry).map(|it| match it.reason {
                Reason::Absent => Outside::Absent,
                Reason::VaccineOrContraceptive => Outside::VaccineOrContraceptive,
                Reason::SexualFunction => Outside::SexualFunction,
                Reason::WorkInjuryOnly => Outside::WorkInjuryOnly,
            }),
            Subject::Piece(Piece::Excluded) => Some(Outside::PieceExcluded),
            Subject::Piece(Piece::Payable { .. } | Piece::NotMapped) | Subject::Undecided => None,
        }
    }
}
