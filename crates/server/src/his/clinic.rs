//! A day of the out-patient clinic and of the pharmacy: visits, lines, bills, what is taken back, and what is asked.

use super::amounts::{self, or_zero, yuan};
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

/// A bill that can be previewed and settled.
pub(super) struct Bill {
    pub(super) input: Value,
    /// The visit; empty at a pharmacy, which registers none.
    mdtrt_id: String,
    /// Lines as 2204 judged them; a pharmacy's are judged with their bill.
    pub(super) rows: Option<Vec<Value>>,
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

    /// Three lines that no other bill has.
    fn three_lines(&mut self) -> Vec<Value> {
        let (one, two, three) = (self.price(1_500), self.price(500), self.price(100));
        let lines = [
            self.line("1", CLASS_A[0], 1, one),
            self.line("2", CLASS_B[0], 2, two),
            self.line("3", OUTSIDE[0], 1, three),
        ];
        lines.into_iter().map(|it| self.traced(it)).collect()
    }

    /// What is sold here without a bed.
    pub(super) fn kind(&self) -> &'static Kind {
        if self.is_pharmacy() { &PHARMACY } else { &CLINIC }
    }

    /// A bill of lines: of a hospital with a visit of its own.
    pub(super) fn bill(&mut self, patient: &Patient, lines: Vec<Value>) -> Option<Bill> {
        let total: i64 = lines.iter().map(|it| or_zero(it, "det_item_fee_sumamt")).sum();
        let (med_type, total) = (self.kind().med_type, yuan(total));
        let common = json!({
            "med_type": med_type, "medfee_sumamt": total, "acct_used_flag": "1", "invono": "",
        });
        let common = merged(&patient.identity(), &common);
        if self.is_pharmacy() {
            let bill = merged(&common, &json!({ "begntime": self.now.to_string() }));
            let input = json!({ "druginfo": bill, "drugdetail": lines });
            return Some(Bill { input, mdtrt_id: String::new(), rows: None });
        }
        let (mdtrt_id, rows) = self.visit(patient, &lines)?;
        let of = json!({ "mdtrt_id": mdtrt_id, "psn_setlway": "01", "chrg_bchno": "1" });
        Some(Bill { input: json!({ "data": merged(&common, &of) }), mdtrt_id, rows: Some(rows) })
    }

    /// 2203: what a visit is for.
    pub(super) fn statement(&self, patient: &Patient, mdtrt_id: &str, med_type: &str) -> Value {
        let now = self.now.to_string();
        let about = json!({
            "psn_no": patient.psn_no, "mdtrt_id": mdtrt_id, "med_type": med_type, "begntime": now,
        });
        let found = json!({
            "diag_type": "1", "diag_srt_no": "1", "diag_code": DIAGNOSIS, "diag_name": "急性上呼吸道感染", "diag_dept": "01",
            "dise_dor_no": "D1", "dise_dor_name": "演示", "diag_time": now, "vali_flag": "1",
        });
        json!({ "mdtrtinfo": about, "diseinfo": [found] })
    }

    /// 2201, 2203, 2204: the visit and its lines as they were judged.
    fn visit(&mut self, patient: &Patient, lines: &[Value]) -> Option<(String, Vec<Value>)> {
        let now = self.now.to_string();
        let registration = json!({
            "begntime": now, "ipt_otp_no": "MZ0001", "atddr_no": "D1", "dr_name": "演示", "dept_code": "01",
            "dept_name": "门诊", "caty": "A03",
        });
        let registration = json!({ "data": merged(&patient.identity(), &registration) });
        let registered = self.done("visit", "2201", &registration)?;
        let mdtrt_id = text(&registered["data"], "mdtrt_id");
        self.done("visit", "2203", &self.statement(patient, &mdtrt_id, CLINIC.med_type))?;
        let of = json!({ "psn_no": patient.psn_no, "mdtrt_id": mdtrt_id, "chrg_bchno": "1" });
        let lines: Vec<Value> = lines.iter().map(|it| merged(it, &of)).collect();
        let judged = self.done("visit", "2204", &json!({ "feedetail": lines }))?;
        let rows = judged["result"].as_array().cloned().unwrap_or_default();
        amounts::lines(self.report, &rows, "2204");
        Some((mdtrt_id, rows))
    }

    /// One bill of the day; every fourth is taken back, of a hospital with its lines and its visit.
    fn sale(&mut self, patient: &Patient, number: u32) -> Option<()> {
        let lines = self.three_lines();
        let (kind, bill) = (self.kind(), self.bill(patient, lines)?);
        match number {
            0 => self.probe_treatment(patient, &bill.input),
            1 => self.probe_lost(kind, patient, &bill.input),
            _ => {}
        }
        let taken_back = number % 4 == 1;
        let settled =
            self.settle(kind, patient, bill.input, bill.rows.as_deref(), !taken_back && number != 0)?;
        if number == 0 {
            self.first_settled(kind, patient, &settled);
        }
        if taken_back && self.cancel(kind, patient, &settled, true) && !self.is_pharmacy() {
            self.withdraw(patient, &bill.mdtrt_id);
        }
        Some(())
    }

    /// 2205, 2202.
    fn withdraw(&mut self, patient: &Patient, mdtrt_id: &str) -> Option<()> {
        let of = json!({ "psn_no": patient.psn_no, "mdtrt_id": mdtrt_id });
        let lines = merged(&of, &json!({ "chrg_bchno": "0000" }));
        self.done("withdrawn", "2205", &json!({ "data": lines }))?;
        self.done("withdrawn", "2202", &json!({ "data": of })).map(|_| ())
    }

    /// What is tried with the first bill only.
    fn first_settled(&mut self, kind: &Kind, patient: &Patient, settled: &Settled) {
        let mdtrt_id = text(&settled.info, "mdtrt_id");
        self.probe_settled(kind, settled);
        self.probe_statement(patient, settled);
        self.ask(patient, &mdtrt_id);
    }

    /// 5201, 5202, 5205, 5206.
    fn ask(&mut self, patient: &Patient, mdtrt_id: &str) {
        let day = self.now.day().to_string();
        let of = json!({ "psn_no": patient.psn_no, "begntime": day, "endtime": day });
        let of_kind = merged(&of, &json!({ "med_type": self.kind().med_type }));
        if let Some(output) = self.done("5201", "5201", &json!({ "data": of_kind })) {
            let mut visits = output["mdtrtinfo"].as_array().into_iter().flatten();
            let told = visits.find(|it| text(it, "mdtrt_id") == mdtrt_id);
            self.report.check("5201", told.is_some(), || format!("5201: 缺少 mdtrt_id {mdtrt_id}"));
            told.into_iter().for_each(|it| self.check_treatment(self.kind(), it, "5201"));
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
        for (number, patient) in (0..self.plan.bills).zip(patients.iter().cycle()) {
            self.sale(patient, number);
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
