//! A day of the out-patient clinic and of the pharmacy: visits, lines, bills, what is taken back, and what is asked.

use super::amounts::{self, yuan};
use super::bill::{CLINIC, Kind, PHARMACY, Settled};
use super::books::text;
use super::desk::Desk;
use super::patients::Patient;
use crate::bench::messages::{CLASS_A, CLASS_B, OUTSIDE};
use crate::demo::stage::merged;
use serde_json::{Value, json};

/// The code under which own codes are mapped, and a number.
const OWN: &str = "GJHIS-";
/// What everybody has today.
const DIAGNOSIS: &str = "J06.900";

/// A visit whose lines are uploaded.
struct Visit {
    mdtrt_id: String,
    total: i64,
    /// As 2204 answered.
    rows: Vec<Value>,
}

impl Desk<'_> {
    /// Maps own codes (3301).
    pub(super) fn map_codes(&mut self) {
        let pairs: Vec<(String, String)> =
            CLASS_A.iter().enumerate().map(|(at, it)| (format!("{OWN}{at}"), (*it).to_owned())).collect();
        if self.done("mapping", "3301", &mappings(&self.sender.account.institution, &pairs)).is_some() {
            self.mapped = pairs;
        }
    }

    /// Takes the mappings back (3302).
    pub(super) fn unmap_codes(&mut self) {
        let pairs = std::mem::take(&mut self.mapped);
        if !pairs.is_empty() {
            self.done("mapping", "3302", &mappings(&self.sender.account.institution, &pairs));
        }
    }

    /// A line; a code that is mapped goes under the own code alone.
    pub(super) fn line(&self, sn: &str, code: &str, count: i64, price: i64) -> Value {
        let own = self.mapped.iter().find(|(_, national)| national == code);
        let (national, own) = own.map_or((code, "GJHIS-X"), |(own, _)| ("", own.as_str()));
        json!({
            "feedetl_sn": sn, "med_list_codg": national, "medins_list_codg": own, "cnt": count.to_string(),
            "pric": yuan(price), "det_item_fee_sumamt": yuan(count * price),
            "fee_ocur_time": self.now.to_string(), "rx_circ_flag": "0", "hosp_appr_flag": "0",
            "bilg_dept_codg": "01", "bilg_dept_name": "门诊", "bilg_dr_codg": "D1", "bilg_dr_name": "演示",
        })
    }

    /// Three lines that no other bill has, and their total in fen.
    pub(super) fn three_lines(&mut self) -> (Vec<Value>, i64) {
        let (one, two, three) = (self.price(1_500), self.price(500), self.price(100));
        let items = [(CLASS_A[0], 1, one), (CLASS_B[0], 2, two), (OUTSIDE[0], 1, three)];
        let lines = items.iter().zip(["1", "2", "3"]);
        let lines = lines.map(|((code, count, price), sn)| self.line(sn, code, *count, *price)).collect();
        (lines, one + 2 * two + three)
    }

    /// 2201, 2203, 2204.
    fn visit(&mut self, patient: &Patient) -> Option<Visit> {
        let (now, psn_no) = (self.now.to_string(), &patient.psn_no);
        let registration = json!({
            "begntime": now, "ipt_otp_no": "MZ0001", "atddr_no": "D1", "dr_name": "演示", "dept_code": "01",
            "dept_name": "门诊", "caty": "A03",
        });
        let registration = json!({ "data": merged(&patient.identity(), &registration) });
        let registered = self.done("visit", "2201", &registration)?;
        let mdtrt_id = text(&registered["data"], "mdtrt_id");
        let of = json!({ "psn_no": psn_no, "mdtrt_id": mdtrt_id });
        let about = merged(&of, &json!({ "med_type": "11", "begntime": now }));
        let found = json!({
            "diag_type": "1", "diag_srt_no": "1", "diag_code": DIAGNOSIS, "diag_name": "急性上呼吸道感染", "diag_dept": "01",
            "dise_dor_no": "D1", "dise_dor_name": "演示", "diag_time": now, "vali_flag": "1",
        });
        self.done("visit", "2203", &json!({ "mdtrtinfo": about, "diseinfo": [found] }))?;
        let (lines, total) = self.three_lines();
        let batch = merged(&of, &json!({ "chrg_bchno": "1" }));
        let lines: Vec<Value> = lines.iter().map(|it| merged(it, &batch)).collect();
        let judged = self.done("visit", "2204", &json!({ "feedetail": lines }))?;
        let rows = judged["result"].as_array().cloned().unwrap_or_default();
        amounts::lines(self.report, &rows, "2204");
        Some(Visit { mdtrt_id, total, rows })
    }

    /// One out-patient bill; every fourth is taken back, with its lines and its visit.
    fn clinic_bill(&mut self, patient: &Patient, number: u32) -> Option<()> {
        let visit = self.visit(patient)?;
        let bill = json!({
            "mdtrt_id": visit.mdtrt_id, "med_type": "11", "medfee_sumamt": yuan(visit.total),
            "psn_setlway": "01", "chrg_bchno": "1", "acct_used_flag": "1", "invono": "",
        });
        let input = json!({ "data": merged(&patient.identity(), &bill) });
        if number == 1 {
            self.probe_lost(&CLINIC, patient, &input);
        }
        let taken_back = number % 4 == 1;
        let settled = self.settle(&CLINIC, patient, input, Some(&visit.rows), !taken_back && number != 0)?;
        self.settled(&CLINIC, patient, &settled, number);
        if !taken_back || !self.cancel(&CLINIC, patient, &settled, true) {
            return Some(());
        }
        let of = json!({ "psn_no": patient.psn_no, "mdtrt_id": visit.mdtrt_id });
        let lines = merged(&of, &json!({ "chrg_bchno": "0000" }));
        self.done("withdrawn", "2205", &json!({ "data": lines }))?;
        self.done("withdrawn", "2202", &json!({ "data": of })).map(|_| ())
    }

    /// One purchase; every fourth is taken back.
    fn purchase(&mut self, patient: &Patient, number: u32) -> Option<()> {
        let (lines, total) = self.three_lines();
        let bill = json!({
            "begntime": self.now.to_string(), "medfee_sumamt": yuan(total), "acct_used_flag": "1",
            "med_type": "41", "invono": "",
        });
        let input = json!({ "druginfo": merged(&patient.identity(), &bill), "drugdetail": lines });
        if number == 1 {
            self.probe_lost(&PHARMACY, patient, &input);
        }
        let taken_back = number % 4 == 1;
        let settled = self.settle(&PHARMACY, patient, input, None, !taken_back && number != 0)?;
        self.settled(&PHARMACY, patient, &settled, number);
        if taken_back {
            self.cancel(&PHARMACY, patient, &settled, true);
        }
        Some(())
    }

    /// What is tried with the first bill only.
    fn settled(&mut self, kind: &Kind, patient: &Patient, settled: &Settled, number: u32) {
        if number == 0 {
            self.probe_settled(kind, settled);
            self.ask(patient, &text(&settled.info, "mdtrt_id"));
        }
    }

    /// 5201, 5202, 5205, 5206.
    fn ask(&mut self, patient: &Patient, mdtrt_id: &str) {
        let day = self.now.day().to_string();
        let of = json!({ "psn_no": patient.psn_no, "begntime": day, "endtime": day });
        if let Some(output) = self.done("5201", "5201", &json!({ "data": of })) {
            let mut visits = output["mdtrtinfo"].as_array().into_iter().flatten();
            let told = visits.any(|it| text(it, "mdtrt_id") == mdtrt_id);
            self.report.check("5201", told, || format!("5201: 缺少 mdtrt_id {mdtrt_id}"));
        }
        let of = merged(&of, &json!({ "mdtrt_id": mdtrt_id, "cum_ym": "" }));
        for infno in ["5205", "5206"] {
            self.done(infno, infno, &json!({ "data": of }));
        }
        let Some(output) = self.done("5202", "5202", &json!({ "data": of })) else { return };
        let mut rows = output["diseinfo"].as_array().into_iter().flatten();
        // A pharmacy finds nothing out.
        let told = self.is_pharmacy() || rows.any(|it| text(it, "diag_code") == DIAGNOSIS);
        self.report.check("5202", told, || format!("5202: 缺少 diag_code {DIAGNOSIS}"));
    }

    /// The day's bills, at a hospital or a pharmacy.
    pub(super) fn bills(&mut self, patients: &[Patient]) {
        let is_pharmacy = self.is_pharmacy();
        for (number, patient) in (0..self.plan.bills).zip(patients.iter().cycle()) {
            match is_pharmacy {
                true => self.purchase(patient, number),
                false => self.clinic_bill(patient, number),
            };
        }
    }

    pub(super) fn is_pharmacy(&self) -> bool {
        self.sender.account.institution.starts_with('P')
    }
}

/// Rows of 3301 and 3302.
fn mappings(institution: &str, pairs: &[(String, String)]) -> Value {
    let row = |(own, national): &(String, String)| {
        json!({
            "fixmedins_code": institution, "fixmedins_hilist_id": own, "fixmedins_hilist_name": own,
            "list_type": "101", "med_list_codg": national,
        })
    };
    json!({ "data": pairs.iter().map(row).collect::<Vec<Value>>() })
}
