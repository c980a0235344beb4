//! A day of the ward: a stay from admission to its bill, and one that is taken back step by step.

use super::amounts::{self, or_zero, yuan};
use super::bill::{Settled, WARD};
use super::books::text;
use super::desk::{Desk, Said, code, said};
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

    /// What 2401 and 2403 say of a stay.
    pub(super) fn admission(&self, patient: &Patient, med_type: &str) -> Value {
        let stay = json!({
            "begntime": self.now.to_string(), "med_type": med_type, "ipt_no": "ZY0001", "atddr_no": "D1", "adm_bed": "12",
            "dscg_maindiag_code": "J18.900",
        });
        merged(&patient.identity(), &stay)
    }

    /// 2401: nothing where the area has no law about stays.
    fn admit(&mut self, patient: &Patient) -> Option<String> {
        let diagnosis = json!({ "psn_no": patient.psn_no, "diag_srt_no": "1", "diag_code": "J18.900" });
        let input = json!({ "mdtrtinfo": self.admission(patient, WARD.med_type), "diseinfo": [diagnosis] });
        let msgid = self.msgid();
        let reply = self.again("2401", &msgid, &input)?;
        if code(&reply) == "NO_POLICY" {
            self.report.not_offered("stay");
            return None;
        }
        let output = self.output("stay", "2401", &msgid, &reply)?;
        Some(text(&output["result"], "mdtrt_id"))
    }

    /// 2301, a line each time: one of two items counts, of the other the approval was refused, and one unit of each is taken
    /// back. All rows as they were judged.
    fn charge(&mut self, of: &Value) -> Option<Vec<Value>> {
        let (one, two) = (self.price(9_000), self.price(4_000));
        let of = merged(of, &json!({ "med_type": WARD.med_type }));
        let refused = json!({ "hosp_appr_flag": "2" });
        let lines = [
            self.line("1", CLASS_A[0], 10, one),
            merged(&self.line("2", CLASS_B[0], 2, two), &refused),
            self.correction("3", "1", CLASS_A[0], one),
        ];
        let mut rows = Vec::new();
        for line in lines {
            let judged = self.done("charges", "2301", &json!({ "feedetail": [merged(&line, &of)] }))?;
            rows.extend(judged["result"].as_array().cloned().unwrap_or_default());
        }
        let back = merged(&self.correction("4", "2", CLASS_B[0], two), &of);
        rows.extend(self.take_back_refused(&back, &refused)?);
        amounts::lines(self.report, &rows, "2301");
        rows.iter()
            .filter(|it| matches!(&*text(it, "feedetl_sn"), "2" | "4"))
            .for_each(|it| self.judge_self_paid(it));
        Some(rows)
    }

    /// A line that takes one unit of another back.
    fn correction(&self, sn: &str, of: &str, item: &str, price: i64) -> Value {
        let back = json!({ "init_feedetl_sn": of, "cnt": "-1", "det_item_fee_sumamt": yuan(-price) });
        merged(&self.line(sn, item, 1, price), &back)
    }

    /// What takes back part of a line says of the approval what the line said: else it is refused.
    fn take_back_refused(&mut self, back: &Value, refused: &Value) -> Option<Vec<Value>> {
        let (msgid, approved) = (self.msgid(), merged(back, &json!({ "hosp_appr_flag": "1" })));
        let reply = self.seen("2301", &msgid, &json!({ "feedetail": [approved] }))?;
        let right = said(&reply) == Said::Refused;
        self.report.check("flag-kept", right, || format!("2301 {msgid}: {:?}", said(&reply)));
        let rows = match right {
            true => self.done("charges", "2301", &json!({ "feedetail": [merged(back, refused)] }))?,
            false => reply.json["output"].clone(),
        };
        Some(rows["result"].as_array().cloned().unwrap_or_default())
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
        let settled = settled?;
        self.probe_stay(patient, &of);
        Some((of, settled))
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
