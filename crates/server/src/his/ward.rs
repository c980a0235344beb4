//! A day of the ward: a stay from admission to its bill, and one that is taken back step by step.

use super::amounts::{self, or_zero, yuan};
use super::bill::{Settled, WARD};
use super::books::text;
use super::desk::{Desk, code};
use super::patients::Patient;
use crate::bench::messages::{CLASS_A, CLASS_B};
use crate::demo::stage::merged;
use serde_json::{Value, json};

impl Desk<'_> {
    /// Two stays: one is taken back, one stays.
    pub(super) fn stays(&mut self, patients: &[Patient]) {
        let (Some(first), Some(last)) = (patients.first(), patients.last()) else { return };
        if self.stay_taken_back(first).is_some() {
            self.stay(last, true);
        }
    }

    /// 2401: nothing where the area has no law about stays.
    fn admit(&mut self, patient: &Patient) -> Option<String> {
        let stay = json!({
            "begntime": self.now.to_string(), "med_type": "21", "ipt_no": "ZY0001", "atddr_no": "D1", "adm_bed": "12",
            "dscg_maindiag_code": "J18.900",
        });
        let diagnosis = json!({ "psn_no": patient.psn_no, "diag_srt_no": "1", "diag_code": "J18.900" });
        let input = json!({ "mdtrtinfo": merged(&patient.identity(), &stay), "diseinfo": [diagnosis] });
        let msgid = self.msgid();
        let reply = self.again("2401", &msgid, &input)?;
        if code(&reply) == "NO_POLICY" {
            self.report.not_offered("stay");
            return None;
        }
        let output = self.output("stay", "2401", &msgid, &reply)?;
        Some(text(&output["result"], "mdtrt_id"))
    }

    /// 2301, three times, the last one a correction: all rows as they were judged.
    fn charge(&mut self, of: &Value) -> Option<Vec<Value>> {
        let (one, two) = (self.price(9_000), self.price(4_000));
        let back = json!({
            "init_feedetl_sn": "1", "cnt": "-1", "pric": yuan(one), "det_item_fee_sumamt": yuan(-one),
        });
        let lines = [
            self.line("1", CLASS_A[0], 10, one),
            self.line("2", CLASS_B[0], 1, two),
            merged(&self.line("3", CLASS_A[0], 1, one), &back),
        ];
        let mut rows = Vec::new();
        for line in lines {
            let line = merged(&merged(&line, of), &json!({ "med_type": "21" }));
            let judged = self.done("charges", "2301", &json!({ "feedetail": [line] }))?;
            rows.extend(judged["result"].as_array().cloned().unwrap_or_default());
        }
        amounts::lines(self.report, &rows, "2301");
        Some(rows)
    }

    /// 2402. Some areas want the bill before it: then it is refused the first time, which is no fault.
    fn discharge(&mut self, patient: &Patient, of: &Value, may_be_early: bool) -> bool {
        let said = json!({ "insutype": patient.insutype, "endtime": self.now.to_string(), "dscg_way": "1" });
        let input = json!({ "dscginfo": merged(of, &said), "diseinfo": [] });
        let msgid = self.msgid();
        let Some(reply) = self.again("2402", &msgid, &input) else { return false };
        if may_be_early && code(&reply) == "STAY_NOT_SETTLED" {
            return false;
        }
        self.output("stay", "2402", &msgid, &reply).is_some()
    }

    /// A stay from 2401 to 2304; `may_go`: nothing follows.
    fn stay(&mut self, patient: &Patient, may_go: bool) -> Option<(Value, Settled)> {
        let mdtrt_id = self.admit(patient)?;
        let of = json!({ "mdtrt_id": mdtrt_id, "psn_no": patient.psn_no });
        let rows = self.charge(&of)?;
        let total: i64 = rows.iter().map(|it| or_zero(it, "det_item_fee_sumamt")).sum();
        let bill = json!({
            "medfee_sumamt": yuan(total), "psn_setlway": "01", "mdtrt_id": mdtrt_id, "acct_used_flag": "1",
            "mid_setl_flag": "0", "invono": "",
        });
        let input = json!({ "data": merged(&patient.identity(), &bill) });
        let discharged_first = self.discharge(patient, &of, true);
        let settled = self.settle(&WARD, patient, input, Some(&rows), may_go);
        if !discharged_first {
            self.discharge(patient, &of, false);
        }
        settled.map(|settled| (of, settled))
    }

    /// A stay, then everything of it taken back, the bill first.
    fn stay_taken_back(&mut self, patient: &Patient) -> Option<()> {
        let (of, settled) = self.stay(patient, false)?;
        let named = json!({ "data": of });
        if !self.cancel(&WARD, patient, &settled, false) {
            return Some(());
        }
        self.done("stay-undone", "2405", &named)?;
        let lines = json!({ "data": [merged(&of, &json!({ "feedetl_sn": "0000" }))] });
        self.done("stay-undone", "2302", &lines)?;
        self.done("stay-undone", "2404", &named).map(|_| ())
    }
}
