//! 医疗类别: one visit has one `med_type`, in every message about it, and whoever names another one is refused.

use super::bill::{Kind, Settled};
use super::books::text;
use super::desk::{Desk, Said, said};
use super::patients::Patient;
use crate::demo::stage::merged;
use serde_json::{Value, json};

/// 急诊: what no visit here is, and what asks for nothing more than an ordinary one.
const ANOTHER: &str = "13";
/// 外伤住院.
const ANOTHER_STAY: &str = "22";

impl Desk<'_> {
    /// An answer about a visit names its one `med_type`.
    pub(super) fn check_treatment(&mut self, kind: &Kind, told: &Value, at: &str) {
        let med_type = text(told, "med_type");
        let right = med_type == kind.med_type;
        self.report.check("med-type", right, || format!("{at}: {med_type} ≠ {}", kind.med_type));
    }

    /// A bill of another `med_type` than that of its visit (2206, 2207). A pharmacy's bill is a visit of its own.
    pub(super) fn probe_treatment(&mut self, patient: &Patient, input: &Value) {
        if self.is_pharmacy() {
            return;
        }
        let mut other = input.clone();
        other["data"]["med_type"] = json!(ANOTHER);
        let Some(tried) = self.tried(self.kind(), patient, &other) else { return };
        let right = tried.is(Said::Refused);
        self.report
            .check("med-differs", right, || format!("2206 {:?}, 2207 {:?}", tried.shown, tried.settled));
    }

    /// Another `med_type` for a visit of which something is settled (2203).
    pub(super) fn probe_statement(&mut self, patient: &Patient, settled: &Settled) {
        if !self.is_pharmacy() {
            let input = self.statement(patient, &text(&settled.info, "mdtrt_id"), ANOTHER);
            self.has_to_stay("2203", &input);
        }
    }

    /// Another `med_type` for a stay of which something is settled (2403).
    pub(super) fn probe_stay(&mut self, patient: &Patient, of: &Value) {
        let other = merged(&self.admission(patient, ANOTHER_STAY), of);
        self.has_to_stay("2403", &json!({ "adminfo": other, "diseinfo": [] }));
    }

    /// Whether another `med_type` is refused, where the transaction is known.
    fn has_to_stay(&mut self, infno: &str, input: &Value) {
        let msgid = self.msgid();
        let Some(said) = self.seen(infno, &msgid, input).map(|it| said(&it)) else { return };
        if said != Said::Unoffered {
            self.report.check("med-differs", said == Said::Refused, || format!("{infno} {msgid}: {said:?}"));
        }
    }
}
