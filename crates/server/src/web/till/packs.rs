//! The packs of a bill's lines at the till: their trace codes, scanned one by one where drugs are sold by them (R-J5).

use super::bill::Line;
use super::steps::{Wrong, back, changed, line_meant, open_bill, page};
use crate::web::opening::Opening;
use crate::web::trouble::Trouble;
use axum::response::Response;
use domain::trace::TraceCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The most packs of a line.
const MOST_PACKS: usize = 100;

const NO_CODE: Wrong = (
    "pack",
    "这不是药品追溯码：追溯码一般是 20 位数字，13 位的是商品条码",
    "This is no trace code: one has 20 digits as a rule, the barcode of goods has 13",
);
const TWICE: Wrong = ("pack", "这盒药已经扫过了，请扫下一盒", "This pack was scanned: scan the next one");
const TOO_MANY: Wrong =
    ("pack", "一行最多 100 盒，请另加一行", "A line has 100 packs at most: add another line");

/// A pack that was scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pack {
    /// Its trace code.
    pub(super) code: String,
    /// Whether a part of it is sold.
    pub(super) split: bool,
}

impl Line {
    /// Whether it may be a drug that comes in packs: what only the own code says nothing of may be one.
    pub(super) fn has_packs(&self) -> bool {
        self.code.is_empty() || self.code.starts_with(['X', 'Z'])
    }

    /// Its packs, in the fields of the interface.
    pub(super) fn traced(&self, sn: &str) -> Value {
        let pack = |it: &Pack| {
            let split = if it.split { "1" } else { "0" };
            json!({ "feedetl_sn": sn, "drug_trac_codg": it.code, "trdn_flag": split })
        };
        self.packs.iter().map(pack).collect()
    }
}

/// `POST /till/{bill}/pack`: one more pack of a line, or none of those that were scanned.
pub(crate) async fn add(opening: Opening) -> Result<Response, Trouble> {
    let mut bill = match open_bill(&opening).await? {
        Ok(bill) => bill,
        Err(back) => return Ok(back),
    };
    let Some(at) = line_meant(&opening, &bill) else { return Ok(back(&opening, &bill)) };
    if opening.form.filled("clear").is_some() {
        bill.lines[at].packs.clear();
        return changed(&opening, bill).await;
    }
    let split = opening.form.filled("split").is_some();
    let Some(code) = TraceCode::parse(opening.form.text("pack").trim()) else {
        return page(&opening, bill, Some(NO_CODE)).await;
    };
    let code = code.to_string();
    if bill.lines[at].packs.len() >= MOST_PACKS {
        return page(&opening, bill, Some(TOO_MANY)).await;
    }
    if bill.lines.iter().any(|it| it.packs.iter().any(|it| it.code == code && !(it.split && split))) {
        return page(&opening, bill, Some(TWICE)).await;
    }
    bill.lines[at].packs.push(Pack { code, split });
    changed(&opening, bill).await
}
