//! What must be true of a bill as it was sent: lines that cost what they say, sums that agree, no repetition (R-E10, R-E18).

use crate::bill::Line;
use crate::decision::{Case, Check, Steps};
use crate::facts::{Settlement, Visit};
use crate::fund::Shared;
use crate::ids::{Digest, SettlementNo};
use crate::money::{Fen, Total};
use crate::reason::Reason;
use crate::request::Settle;
use crate::settle::Bill;

/// The most lines one bill may have.
pub(crate) const MOST_LINES: usize = 2_000;

/// The most lines that one settlement of a stay may have: they came in many messages.
pub(crate) const MOST_STAY_LINES: usize = 20_000;

/// A visit has one kind of treatment; the registration fee (12) is settled beside it.
pub(crate) fn check_treatment(it: &Settle, visit: &Visit, steps: &mut Steps) {
    const REGISTRATION_FEE: &str = "12";
    let stated =
        visit.med_type.as_ref().filter(|stated| **stated != it.med_type && it.med_type != REGISTRATION_FEE);
    if let Some(stated) = stated {
        steps.refuse(Reason::MedTypeDiffers { stated: stated.clone() });
    }
    if it.scheme != visit.scheme {
        steps.refuse(Reason::SchemeNotHeld { person: visit.patient, scheme: it.scheme });
    }
}

/// Lines: some, not too many, numbered once each, each costing count × price (I8).
pub(crate) fn check_lines(lines: &[Line], steps: &mut Steps) {
    if lines.is_empty() || lines.len() > MOST_LINES {
        steps.refuse(Reason::LineCount { count: lines.len() as u64, most: MOST_LINES as u64 });
    }
    let mut seen = std::collections::BTreeSet::new();
    for (number, line) in (1_u16..).zip(lines.iter().take(MOST_LINES)) {
        if !seen.insert(&line.sn) {
            steps.refuse(Reason::LineRepeated { sn: line.sn.clone() });
        }
        match line.count.times_half_up(line.price) {
            Some(computed) if computed == line.cost => {}
            Some(computed) => {
                steps.refuse(Reason::LineCostDiffers { line: number, stated: line.cost, computed })
            }
            None => steps.refuse(Reason::AmountOutOfRange { field: "det_item_fee_sumamt".to_owned() }),
        }
    }
}

/// A stated amount is what the parts add up to.
pub(crate) fn check_stated(field: &str, stated: Fen, costs: impl Iterator<Item = Fen>, steps: &mut Steps) {
    let sum: Total = costs.map(Total::credit).sum();
    match sum.to_fen() {
        Some(computed) if computed == stated => {}
        Some(computed) => steps.refuse(Reason::AmountDiffers { field: field.to_owned(), stated, computed }),
        None => steps.refuse(Reason::AmountOutOfRange { field: field.to_owned() }),
    }
}

/// The four amounts that 2207 repeats. Many clients send nothing there: four zeros say nothing.
pub(crate) fn check_split_amounts(stated: [Fen; 4], shared: &Shared, steps: &mut Steps) {
    if stated == [Fen::ZERO; 4] {
        return;
    }
    let names = ["fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt"];
    let computed = [shared.full_self, shared.over_limit, shared.first_pay, shared.in_scope];
    for ((name, stated), computed) in names.into_iter().zip(stated).zip(computed) {
        check_stated(name, stated, std::iter::once(computed), steps);
    }
}

/// The same bill of the same patient at the same place a moment ago (R-E18). What is charged again in a stay is another
/// charge: its lines are settled once.
pub(crate) fn check_repetition(
    case: Case<'_>,
    it: &Settle,
    bill: &Bill<'_>,
    steps: &mut Steps,
) -> Option<SettlementNo> {
    let law = &case.law.policies.parameters;
    let minutes = match law.duplicate_minutes.on(bill.patient.institution.area, case.today()) {
        Ok(minutes) => minutes,
        Err(silent) => {
            steps.refuse(Reason::NoPolicy(silent));
            return None;
        }
    };
    let since = case.turn.at.plus_millis(-i64::from(*minutes.value) * 60_000);
    let digest = bill_digest(&bill.lines);
    let same = |other: &&Settlement| {
        other.patient == bill.patient.person.no
            && other.institution == bill.patient.institution.code
            && other.bill == digest
            && (bill.stay.is_none() || other.visit != bill.visit.no)
            && other.at > since
            && other.undoes.is_none()
            && other.undone_by.is_none()
    };
    let first = case.facts.settlements.values().find(same).filter(|_| !it.repeat);
    let reason = first.map(|it| Reason::DuplicateRequest { first: it.no, at: it.at });
    steps.check("R-E18", Some(minutes.cite), Check::NotRepeated, reason);
    first.map(|it| it.no)
}

/// What makes two bills the same: items, counts, prices and costs, whatever their numbers.
pub(crate) fn bill_digest(lines: &[Line]) -> [u8; 8] {
    let text: Vec<String> = lines
        .iter()
        .map(|it| format!("{}|{}|{}|{}|{}", it.code, it.own_code, it.count, it.price, it.cost))
        .collect();
    let parts: Vec<&[u8]> = text.iter().map(String::as_bytes).collect();
    let Digest(digest) = Digest::of(&parts);
    let mut short = [0; 8];
    short.copy_from_slice(&digest[..8]);
    short
}
