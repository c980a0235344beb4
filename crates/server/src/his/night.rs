//! The night: totals, lists, differences and their repairs, until both sides agree.

use super::amounts::{fen, yuan};
use super::books::{Row, Sums, Unknown, list, text};
use super::desk::{Desk, code, reversal};
use super::patients::Patient;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// How often a list is repaired: what was taken back meanwhile needs two.
const ROUNDS: u32 = 4;

/// 清算类别 and 经办机构.
type Group = (String, String);

/// A row of 3202's answer.
#[derive(Debug, Clone)]
struct Difference {
    mdtrt_id: String,
    setl_id: String,
    msgid: String,
    psn_no: String,
    memo: String,
}

impl Difference {
    fn read(line: &str) -> Option<Difference> {
        let cells: Vec<String> =
            line.split('\t').map(|it| if it == "null" { "" } else { it }.to_owned()).collect();
        let [psn_no, mdtrt_id, setl_id, msgid, _, _, memo, ..] = cells.as_slice() else { return None };
        let [psn_no, mdtrt_id, setl_id, msgid, memo] =
            [psn_no, mdtrt_id, setl_id, msgid, memo].map(String::clone);
        Some(Difference { mdtrt_id, setl_id, msgid, psn_no, memo })
    }

    /// The kind, as the memo has it in brackets.
    fn kind(&self) -> &str {
        let kind = self.memo.split_once('【').and_then(|(_, it)| it.split_once('】'));
        kind.map_or("", |(kind, _)| kind)
    }
}

impl Desk<'_> {
    /// Reconciles everything that was settled in the day.
    pub(super) fn night(&mut self, patients: &[Patient]) {
        let kinds: &[&str] = if self.is_pharmacy() { &["41"] } else { &["11", "21"] };
        let areas: BTreeSet<&String> = patients.iter().map(|it| &it.area).collect();
        let asked = areas.iter().flat_map(|area| kinds.iter().map(|it| ((*it).to_owned(), (*area).clone())));
        let booked = self.books.rows.iter().map(|it| (it.clr_type.clone(), it.clr_optins.clone()));
        let groups: BTreeSet<Group> = asked.chain(booked).collect();
        let schemes: BTreeSet<String> = patients.iter().map(|it| it.insutype.clone()).collect();
        for group in &groups {
            self.reconcile(group, &schemes);
        }
        self.leave_one_out();
    }

    fn reconcile(&mut self, group: &Group, schemes: &BTreeSet<String>) {
        let mut agreed = true;
        for scheme in schemes {
            match self.totals(group, scheme) {
                Some(agrees) => agreed &= agrees,
                None => return,
            }
        }
        for round in 0..ROUNDS {
            let rows = self.rows_of(group, None);
            let Some(differences) = self.differences(group, &rows) else { break };
            if round == 0 {
                let told = agreed || !differences.is_empty();
                self.report.check("details", told, || format!("3202 {group:?}: 总账不平而没有差异"));
            }
            if differences.is_empty() {
                self.report.check("kept", true, String::new);
                break;
            }
            for difference in &differences {
                self.report.differences += 1;
                self.repair(difference);
            }
        }
        for scheme in schemes {
            let agrees = self.totals(group, scheme);
            self.report.check("agrees", agrees == Some(true), || format!("3201 {group:?} {scheme}"));
        }
    }

    /// A row that is left out of a list has to be told.
    fn leave_one_out(&mut self) {
        let Some(left) = self.books.rows.iter().find(|it| !it.undone && it.total > 0).cloned() else {
            return;
        };
        let group = (left.clr_type.clone(), left.clr_optins.clone());
        let mut rows = self.rows_of(&group, None);
        rows.retain(|it| it.setl_id != left.setl_id);
        let Some(told) = self.differences(&group, &rows) else {
            self.report.not_offered("planted");
            return;
        };
        let found = matches!(&told[..], [one] if one.kind() == "医保有院内无");
        self.report.check("planted", found, || format!("3202 {group:?}: {} 行", told.len()));
    }

    fn rows_of(&self, group: &Group, scheme: Option<&String>) -> Vec<Row> {
        let of = |it: &&Row| {
            (&it.clr_type, &it.clr_optins) == (&group.0, &group.1)
                && scheme.is_none_or(|scheme| *scheme == it.insutype)
        };
        self.books.rows.iter().filter(of).cloned().collect()
    }

    /// The days of the books: from that of signing in to today's, by the other side's clock.
    fn fields(&self, group: &Group, scheme: &str, rows: &[Row]) -> Value {
        let sums = Sums::of(rows);
        let first = self.now.day();
        json!({
            "insutype": scheme, "clr_type": group.0, "setl_optins": group.1,
            "stmt_begndate": first.to_string(), "stmt_enddate": first.plus(1).to_string(),
            "medfee_sumamt": yuan(sums.total), "fund_pay_sumamt": yuan(sums.fund), "acct_pay": yuan(sums.accounts),
            "cash_payamt": yuan(sums.cash), "fixmedins_setl_cnt": sums.count,
            "refd_setl_flag": "0", "fixmedins_refd_setl_flag": "0",
        })
    }

    /// Whether the totals of a scheme agree (3201); nothing where that is not known.
    fn totals(&mut self, group: &Group, scheme: &String) -> Option<bool> {
        let rows = self.rows_of(group, Some(scheme));
        let input = json!({ "data": self.fields(group, scheme, &rows) });
        let output = self.done("totals", "3201", &input)?;
        Some(text(&output["stmtinfo"], "stmt_rslt") == "0")
    }

    /// What differs from a list (9101, 3202, 9102).
    fn differences(&mut self, group: &Group, rows: &[Row]) -> Option<Vec<Difference>> {
        let number = self.upload(&packed(&list(rows)))?;
        let mut fields = self.fields(group, "", rows);
        fields["file_qury_no"] = json!(number);
        let told = self.done("details", "3202", &json!({ "data": fields }))?;
        let number = text(&told["fileinfo"], "file_qury_no");
        let file = self.file(&number, "")?;
        let text = unpacked(&file);
        self.report.check("details", text.is_some(), || format!("9102 {number}: 不是 ZIP"));
        Some(text?.lines().filter_map(Difference::read).collect())
    }

    fn upload(&mut self, zip: &[u8]) -> Option<String> {
        let msgid = self.msgid();
        let institution = self.sender.account.institution.clone();
        let input = json!({ "fsUploadIn": {
            "in": "", "filename": format!("{msgid}.zip"), "fixmedins_code": institution,
        } });
        self.report.messages += 1;
        let reply = self.sender.post_file(&msgid, &input, zip)?;
        let output = self.output("details", "9101", &msgid, &reply)?;
        Some(text(&output, "file_qury_no"))
    }

    /// A file (9102); `of` is the institution's own where it is empty.
    pub(super) fn file(&mut self, number: &str, of: &str) -> Option<Vec<u8>> {
        let own = self.sender.account.institution.clone();
        let of = if of.is_empty() { own.as_str() } else { of };
        let input =
            json!({ "fsDownloadIn": { "file_qury_no": number, "filename": "a.zip", "fixmedins_code": of } });
        let msgid = self.msgid();
        self.again("9102", &msgid, &input).map(|it| it.bytes)
    }

    /// Does what the memo of a difference says. Only what was never heard may differ: anything else is a fault there.
    fn repair(&mut self, it: &Difference) {
        let unheard = self.books.unknown.contains_key(&it.msgid) || !self.is_own(&it.msgid);
        let adopted = self.books.rows.iter().any(|row| row.setl_id == it.setl_id && row.adopted);
        let explained = match it.kind() {
            "医保有院内无" => unheard,
            "医保已退院内未退" => {
                self.books.unknown.contains_key(&it.msgid) || it.setl_id.is_empty() || adopted
            }
            _ => false,
        };
        self.report.check("kept", explained, || {
            format!("【{}】 setl_id {} msgid {}", it.kind(), it.setl_id, it.msgid)
        });
        match it.kind() {
            "医保有院内无" => self.undo_or_book(it),
            "医保已退院内未退" => self.books.take_back(&it.setl_id),
            "金额不一致" => self.mend(it),
            _ => self.books.rows.retain(|row| row.setl_id != it.setl_id),
        }
    }

    /// What only they have: reversed where nobody paid, else booked by its message.
    fn undo_or_book(&mut self, it: &Difference) {
        let unknown = self.books.unknown.get(&it.msgid).cloned();
        let undone = it.memo.contains("不要再冲正");
        let unpaid = unknown.filter(|it| !it.charged && !undone);
        if unpaid.is_some_and(|unknown| self.is_reversed(&unknown, &it.msgid)) {
            return;
        }
        let Some(output) = self.done("asked", "GJ01", &json!({ "data": { "omsgid": it.msgid } })) else {
            return;
        };
        let info = &output["result"]["GJ_ANSWER"]["output"]["setlinfo"];
        if fen(info, "medfee_sumamt").is_some() {
            self.books.adopt(&it.msgid, info);
        }
    }

    /// Reverses what nobody paid. Where the patient was settled since, on top of it, it has to stand: it is booked, and
    /// collected later.
    fn is_reversed(&mut self, unknown: &Unknown, omsgid: &str) -> bool {
        let input = reversal(&unknown.psn_no, omsgid, unknown.infno);
        let msgid = self.msgid();
        let Some(reply) = self.again("2601", &msgid, &input) else { return false };
        code(&reply) != "LATER_SETTLEMENT" && self.output("reversed", "2601", &msgid, &reply).is_some()
    }

    /// Their amounts count (5203).
    fn mend(&mut self, it: &Difference) {
        let named = json!({ "psn_no": it.psn_no, "setl_id": it.setl_id, "mdtrt_id": it.mdtrt_id });
        let Some(output) = self.done("5203", "5203", &json!({ "data": named })) else { return };
        let of = |field: &str| fen(&output["setlinfo"], field).unwrap_or(0);
        for row in self.books.rows.iter_mut().filter(|row| row.setl_id == it.setl_id) {
            (row.total, row.fund) = (of("medfee_sumamt"), of("fund_pay_sumamt"));
            (row.accounts, row.cash) = (of("acct_pay"), of("psn_cash_pay"));
        }
    }
}

/// A ZIP of one text.
fn packed(text: &str) -> Vec<u8> {
    const TO_MEMORY: &str = "what is written to memory is written";
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("list.txt", SimpleFileOptions::default()).expect(TO_MEMORY);
    zip.write_all(text.as_bytes()).expect(TO_MEMORY);
    zip.finish().expect(TO_MEMORY).into_inner()
}

/// The text in a ZIP.
fn unpacked(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    ZipArchive::new(Cursor::new(bytes)).ok()?.by_index(0).ok()?.read_to_string(&mut text).ok()?;
    Some(text)
}
