//! 限制使用: some items are paid for some people or illnesses only. The doctor says with `hosp_appr_flag` whether that is so,
//! and the line counts or is self-paid.

use super::amounts::{or_zero, yuan};
use super::books::text;
use super::desk::Desk;
use super::patients::Patient;
use crate::demo::stage::merged;
use serde_json::{Value, json};

/// 无须审批, 审批通过, 审批不通过.
const FLAGS: [&str; 3] = ["0", "1", "2"];

/// A line as it was sent: its number, whether the catalogue limits its item, and its flag.
struct Sent {
    sn: String,
    limited: bool,
    flag: &'static str,
}

impl Desk<'_> {
    /// A bill of a limited and an unlimited item, each with each flag.
    pub(super) fn probe_approval(&mut self, patients: &[Patient]) -> Option<()> {
        let patient = patients.first()?;
        let free = self.item(patient, false)?;
        let items = [Some((free, false)), self.item(patient, true).map(|it| (it, true))];
        let mut sent = Vec::new();
        let mut lines = Vec::new();
        for (code, limited) in items.iter().flatten() {
            for flag in FLAGS {
                let (sn, price) = ((sent.len() + 1).to_string(), self.price(1_000));
                let line = merged(&self.line(&sn, code, 1, price), &json!({ "hosp_appr_flag": flag }));
                lines.push(self.traced(line));
                sent.push(Sent { sn, limited: *limited, flag });
            }
        }
        let bill = self.bill(patient, lines)?;
        let judged = match &bill.rows {
            Some(rows) => json!(rows),
            None => self.done("approval", "2101", &bill.input)?["detlcutinfo"].clone(),
        };
        let at = if self.is_pharmacy() { "2101" } else { "2204" };
        sent.iter().for_each(|it| self.judge(it, &judged, at));
        let settled = self.settle(self.kind(), patient, bill.input, bill.rows.as_deref(), false)?;
        let told = self.done("5204", "5204", &settled.named(patient))?;
        sent.iter().for_each(|it| self.judge(it, &told, "5204"));
        Some(())
    }

    /// A drug that the patient's insurance pays, limited or not, by the catalogue (1312).
    fn item(&mut self, patient: &Patient, limited: bool) -> Option<String> {
        let flag = if limited { "1" } else { "0" };
        let input = json!({
            "query_date": self.now.day().to_string(), "insu_admdvs": patient.area, "lmt_used_flag": flag,
            "list_type": "101", "vali_flag": "1", "updt_time": "2000-01-01", "page_num": 1, "page_size": 100,
        });
        let output = self.done("1312", "1312", &json!({ "data": input }))?;
        let rows = output["data"].as_array().or(output.as_array())?;
        let fits = |it: &&Value| {
            // Western and Chinese patent medicine by the national code: a catalogue has rows without one, too.
            let drug = text(it, "hilist_code").starts_with(['X', 'Z']);
            drug && text(it, "lmt_used_flag") == flag && matches!(&*text(it, "chrgitm_lv"), "01" | "02")
        };
        let found = rows.iter().find(fits).map(|it| text(it, "hilist_code"));
        match &found {
            None if limited => self.report.not_offered("limited"),
            _ => self.report.check("1312", found.is_some(), || "1312: 没有可付的药品".to_owned()),
        }
        found
    }

    /// A line counts as its flag says, and its limit is told.
    fn judge(&mut self, sent: &Sent, rows: &Value, at: &str) {
        let Sent { sn, limited, flag } = sent;
        let row = rows.as_array().into_iter().flatten().find(|it| text(it, "feedetl_sn") == *sn);
        let why =
            || format!("{at} feedetl_sn {sn} hosp_appr_flag {flag} lmt_used_flag {}", u8::from(*limited));
        let Some(row) = row else { return self.report.check("approval", false, why) };
        let told = text(row, "lmt_used_flag");
        self.report.check("limited", (told == "1") == *limited, || format!("{}: {told}", why()));
        let (self_paid, covered) = (is_self_paid(row), or_zero(row, "fulamt_ownpay_amt") == 0);
        if *limited && *flag == "0" {
            // Some platforms leave it to the institution whether the limit is met, and count nothing said as a yes.
            match covered {
                true => self.report.not_offered("unapproved"),
                false => self.report.check("unapproved", self_paid, why),
            }
            return;
        }
        // 5204 repeats the flag.
        let kept = text(row, "hosp_appr_flag");
        let kept = kept.is_empty() || kept.ends_with('2') == (*flag == "2");
        let right = kept && if *flag == "2" { self_paid } else { covered };
        let paid = || format!("{}: {}", why(), yuan(or_zero(row, "fulamt_ownpay_amt")));
        self.report.check("approval", right, paid);
    }

    /// A charge, or what takes it back, that was said to be self-paid (2301).
    pub(super) fn judge_self_paid(&mut self, row: &Value) {
        let sn = text(row, "feedetl_sn");
        self.report.check("approval", is_self_paid(row), || format!("2301 feedetl_sn {sn} hosp_appr_flag 2"));
    }
}

/// Whether the patient pays all of a line.
fn is_self_paid(row: &Value) -> bool {
    or_zero(row, "fulamt_ownpay_amt") == or_zero(row, "det_item_fee_sumamt")
}
