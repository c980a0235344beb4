//! What an institution has in its own books: it keeps a row for each answer it got, adds them up, lists them, and asks
//! whether that is what we have.

use crate::client::{CLASS_A, Reply, Till, of_settlement, purchase, yuan};
use crate::files::{download, upload};
use crate::world::Person;
use serde_json::{Value, json};
use std::io::{Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// A row, as an institution keeps it: amounts in fen, negative for what is given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) setl_id: String,
    pub(crate) mdtrt_id: String,
    pub(crate) psn_no: String,
    pub(crate) total: i64,
    pub(crate) fund: i64,
    pub(crate) accounts: i64,
    pub(crate) flag: &'static str,
}

/// A row of 3202's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) psn_no: String,
    pub(crate) mdtrt_id: String,
    pub(crate) setl_id: String,
    pub(crate) msgid: String,
    pub(crate) refunded: String,
    pub(crate) memo: String,
    pub(crate) amounts: [String; 3],
}

impl Said {
    /// The kind of difference, as the memo has it in brackets.
    pub(crate) fn kind(&self) -> &str {
        let kind = self.memo.split_once('【').and_then(|(_, it)| it.split_once('】'));
        kind.unwrap_or_else(|| panic!("{} has no kind", self.memo)).0
    }
}

/// Fen of an amount as JSON has it.
fn fen(value: &Value) -> i64 {
    let text = value.as_number().map(|it| it.as_str().to_owned()).expect("a number");
    text.replace('.', "").parse().expect("two decimals")
}

/// The row of an answer.
pub(crate) fn row(patient: &Person, info: &Value) -> Row {
    let text = |field: &str| info[field].as_str().expect("text").to_owned();
    let amount = |field: &str| fen(&info[field]);
    let total = amount("medfee_sumamt");
    Row {
        setl_id: text("setl_id"),
        mdtrt_id: text("mdtrt_id"),
        psn_no: patient.psn_no(),
        total,
        fund: amount("fund_pay_sumamt"),
        accounts: amount("acct_pay"),
        flag: if total < 0 { "1" } else { "0" },
    }
}

/// Buys for so many yuan.
pub(crate) async fn buy(till: &Till, place: &str, patient: &Person, price: u32) -> Row {
    let price = format!("{price}.00");
    let bought = till.send(place, "2102", &purchase(patient, &[(CLASS_A, "1", &price)])).await;
    row(patient, bought.info())
}

/// Gives back what was bought.
pub(crate) async fn give_back(till: &Till, place: &str, patient: &Person, bought: &Row) -> Row {
    let info = json!({ "setl_id": bought.setl_id, "mdtrt_id": bought.mdtrt_id });
    row(patient, till.send(place, "2103", &of_settlement(patient, &info)).await.info())
}

/// A period, and what is reconciled in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) place: &'a str,
    pub(crate) insutype: &'a str,
    pub(crate) clr_type: &'a str,
    pub(crate) area: &'a str,
    pub(crate) days: [&'a str; 2],
    pub(crate) flag: &'a str,
}

impl Asked<'_> {
    fn fields(&self, rows: &[Row]) -> Value {
        let sum = |of: fn(&Row) -> i64| yuan(rows.iter().map(of).sum());
        json!({
            "insutype": self.insutype, "clr_type": self.clr_type, "setl_optins": self.area,
            "stmt_begndate": self.days[0], "stmt_enddate": self.days[1],
            "medfee_sumamt": sum(|it| it.total), "fund_pay_sumamt": sum(|it| it.fund),
            "acct_pay": sum(|it| it.accounts), "cash_payamt": sum(|it| it.total - it.fund - it.accounts),
            "fixmedins_setl_cnt": rows.len(), "refd_setl_flag": "", "fixmedins_refd_setl_flag": self.flag,
        })
    }

    /// Input of 3201 with the sums of rows.
    pub(crate) fn totals(&self, rows: &[Row]) -> Value {
        json!({ "data": self.fields(rows) })
    }

    /// Input of 3202 with the sums of rows.
    pub(crate) fn details(&self, rows: &[Row], file: &str) -> Value {
        let mut fields = self.fields(rows);
        fields["file_qury_no"] = json!(file);
        json!({ "data": fields })
    }

    /// What 3201 says: result and description.
    pub(crate) async fn total(&self, till: &Till, rows: &[Row]) -> (String, String) {
        said(&till.send(self.place, "3201", &self.totals(rows)).await)
    }

    /// What 3202 says of a list with these rows.
    pub(crate) async fn differences(&self, till: &Till, rows: &[Row]) -> Vec<Said> {
        self.differences_in(till, rows, &text(rows)).await
    }

    /// What 3202 says of a text, with the sums of these rows beside it.
    pub(crate) async fn differences_in(&self, till: &Till, rows: &[Row], text: &str) -> Vec<Said> {
        let sent = upload(till, self.place, "list.zip", &packed(text.as_bytes())).await.reply();
        let input = self.details(rows, &sent.text("/file_qury_no"));
        let told = till.send(self.place, "3202", &input).await;
        let answer = download(till, self.place, &told.text("/fileinfo/file_qury_no")).await;
        assert_eq!(answer.kind, "application/octet-stream");
        unpacked(&answer.bytes).lines().map(read).collect()
    }
}

/// Result and description of 3201.
pub(crate) fn said(reply: &Reply) -> (String, String) {
    let said = reply.text("/stmtinfo/stmt_rslt_dscr");
    assert!(said.chars().count() <= 200, "{said}");
    (reply.text("/stmtinfo/stmt_rslt"), said)
}

/// Rows as a list has them.
pub(crate) fn text(rows: &[Row]) -> String {
    let line = |it: &Row| {
        let [total, fund, accounts] = [it.total, it.fund, it.accounts].map(yuan);
        let [id, visit, patient] = [&it.setl_id, &it.mdtrt_id, &it.psn_no];
        format!("{id}\t{visit}\t{patient}\t{total}\t{fund}\t{accounts}\t{}\n", it.flag)
    };
    rows.iter().map(line).collect()
}

/// A ZIP of one text.
pub(crate) fn packed(text: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("list.txt", SimpleFileOptions::default()).expect("a file");
    zip.write_all(text).expect("a text");
    zip.finish().expect("a ZIP").into_inner()
}

/// The text in a ZIP.
pub(crate) fn unpacked(packed: &[u8]) -> String {
    let mut archive = ZipArchive::new(Cursor::new(packed)).expect("a ZIP");
    let mut text = String::new();
    archive.by_index(0).expect("a text").read_to_string(&mut text).expect("UTF-8");
    text
}

fn read(line: &str) -> Said {
    let cells: Vec<&str> = line.split('\t').map(|it| if it == "null" { "" } else { it }).collect();
    let [psn_no, mdtrt_id, setl_id, msgid, result, refunded, memo, total, fund, accounts] = cells[..] else {
        panic!("{line} has not ten columns")
    };
    assert_eq!(result, "1", "{line}");
    assert!(memo.chars().count() <= 500, "{memo}");
    Said {
        psn_no: psn_no.to_owned(),
        mdtrt_id: mdtrt_id.to_owned(),
        setl_id: setl_id.to_owned(),
        msgid: msgid.to_owned(),
        refunded: refunded.to_owned(),
        memo: memo.to_owned(),
        amounts: [total, fund, accounts].map(str::to_owned),
    }
}
