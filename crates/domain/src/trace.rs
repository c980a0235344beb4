//! Trace codes (药品追溯码): every pack of a drug has one of its own, and a pack is sold once (R-J5). From the day that the
//! institution's area names, a drug is settled by the codes on its packs.

use crate::bill::Line;
use crate::bill_checks::MOST_LINES;
use crate::case::Case;
use crate::decision::{Check, Steps};
use crate::facts::Settlement;
use crate::ids::{InstitutionCode, SettlementNo};
use crate::parameters::TraceRule;
use crate::reason::Reason;
use crate::settle::Bill;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The code of a pack as it is scanned: 20 digits or, by another coding system, up to a hundred letters, digits and signs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TraceCode(String);

impl TraceCode {
    /// No code is shorter: the barcode of the goods (商品条码), which is scanned by mistake, has 13 digits.
    const SHORTEST: usize = 20;
    /// The longest that the interface carries.
    const LONGEST: usize = 100;

    /// Reads a code; `None` for what cannot be one.
    pub fn parse(text: &str) -> Option<TraceCode> {
        let fits = (Self::SHORTEST..=Self::LONGEST).contains(&text.len());
        (fits && text.bytes().all(|it| it.is_ascii_graphic())).then(|| TraceCode(text.to_owned()))
    }

    /// Whether it is one sign again and again: what software sends that has no code, and the code of no pack.
    pub fn is_placeholder(&self) -> bool {
        let signs = self.0.as_bytes();
        signs.iter().all(|it| *it == signs[0])
    }

    /// As it is scanned.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TraceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The trace code of a pack that a line sells, whole or in part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The code on the pack.
    pub code: TraceCode,
    /// 拆零 (`trdn_flag`): a part of the pack is sold, and others of it may be sold too.
    pub split: bool,
}

/// The codes on these lines.
pub fn codes<'a>(lines: impl IntoIterator<Item = &'a Line>) -> impl Iterator<Item = &'a TraceCode> {
    lines.into_iter().flat_map(|it| &it.traces).map(|it| &it.code)
}

/// A drug that comes in packs with codes of their own: western (X) or Chinese patent (Z) medicine. Decoction pieces (T),
/// preparations of a hospital's own and everything that is no drug have none.
fn has_packs(code: &str) -> bool {
    matches!(code.as_bytes().first(), Some(b'X' | b'Z'))
}

/// Each drug of a bill has a code, and no pack of it was sold before; but for the first of a bill that comes again, whose
/// packs they are. Bills of stays are not asked: a ward gives doses.
pub(crate) fn check(case: Case<'_>, bill: &Bill<'_>, first: Option<SettlementNo>, steps: &mut Steps) {
    let law = &case.law.policies.parameters;
    let place = bill.patient.institution;
    let said = match law.trace_codes.on(place.area, bill.day) {
        Ok(said) if said.value.asks(bill.purpose()) => said,
        Ok(_) => return,
        Err(silent) => return steps.refuse(Reason::NoPolicy(silent)),
    };
    let fails = missing_and_used(case, said.value, place.code, &bill.lines, first);
    if fails.is_empty() {
        steps.check("R-J5", Some(said.cite), Check::TraceCodes, None);
    }
    fails.into_iter().for_each(|it| steps.check("R-J5", Some(said.cite), Check::TraceCodes, Some(it)));
}

fn missing_and_used(
    case: Case<'_>,
    law: &TraceRule,
    at: InstitutionCode,
    lines: &[Line],
    first: Option<SettlementNo>,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let (mut sold, mut split) = (BTreeSet::new(), BTreeSet::new());
    let by_another = |code| case.facts.traces.get(code).is_some_and(|by| Some(*by) != first);
    for (line, it) in (1_u16..).zip(lines.iter().take(MOST_LINES)) {
        let code = case.facts.national_code(at, it);
        if it.traces.is_empty() && has_packs(code) && !law.without.contains(code) {
            reasons.push(Reason::TraceCodeMissing { line });
        }
        let mut used = false;
        for trace in &it.traces {
            used |= by_another(&trace.code) || sold.contains(&trace.code);
            if trace.split {
                split.insert(&trace.code);
            } else {
                used |= !sold.insert(&trace.code) || split.contains(&trace.code);
            }
        }
        if used {
            reasons.push(Reason::TraceCodeUsed { line });
        }
    }
    reasons
}

/// The packs that a settlement sells whole. Where no area asks, a code that was used before stays with who used it first.
pub(crate) fn sold(case: Case<'_>, lines: &[Line], by: SettlementNo) -> Vec<(TraceCode, SettlementNo)> {
    let whole = lines.iter().flat_map(|it| &it.traces).filter(|it| !it.split).map(|it| &it.code);
    let free: BTreeSet<&TraceCode> = whole.filter(|it| !case.facts.traces.contains_key(it)).collect();
    free.into_iter().map(|it| (it.clone(), by)).collect()
}

/// The packs that a settlement sold, free once it is undone.
pub(crate) fn taken_back(case: Case<'_>, lines: &[Line], of: &Settlement) -> Vec<(TraceCode, SettlementNo)> {
    let sold: BTreeSet<&TraceCode> =
        codes(lines).filter(|it| case.facts.traces.get(it) == Some(&of.no)).collect();
    sold.into_iter().map(|it| (it.clone(), of.no)).collect()
}

/// What remains of a bill, with the codes of its packs: those that are named, and of a line that names none all that it
/// had. So a pack is free only once somebody says that it came back.
pub(crate) fn remaining(settled: &[Line], remaining: &[Line]) -> Vec<Line> {
    let had: BTreeMap<&str, &Line> = settled.iter().map(|it| (it.sn.as_str(), it)).collect();
    let with_codes = |it: &Line| {
        let was = had.get(it.sn.as_str()).filter(|_| it.traces.is_empty());
        Line { traces: was.map_or_else(|| it.traces.clone(), |was| was.traces.clone()), ..it.clone() }
    };
    remaining.iter().map(with_codes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R-J5: if this fails, the barcode of the goods passes for the code of a pack, or a code that is one is not taken.
    #[test]
    fn what_a_code_can_be() {
        for (text, is_one) in [
            ("83690570008745612390", true),
            ("(01)06901234567892(21)AB12-9", true),
            ("6901234567892", false),
            ("8369057000874561239", false),
            ("8369 057000874561239", false),
            ("83690570008745612390\n", false),
            ("药83690570008745612390", false),
            ("", false),
        ] {
            assert_eq!(TraceCode::parse(text).is_some(), is_one, "{text}");
        }
        assert!(TraceCode::parse(&"8".repeat(100)).is_some());
        assert!(TraceCode::parse(&"8".repeat(101)).is_none());
        let is_placeholder = |text: &str| TraceCode::parse(text).is_some_and(|it| it.is_placeholder());
        assert!(is_placeholder(&"0".repeat(20)) && !is_placeholder("83690570008745612390"));
    }
}
