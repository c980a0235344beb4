//! Answers of the hospital interface, as the till reads them.

use super::bill::{Note, Settled};
use super::shares::Shares;
use domain::money::Fen;
use serde_json::Value;

/// An answer.
#[derive(Debug)]
pub(super) struct Reply(pub(super) Value);

impl Reply {
    /// Why it was not done; nothing where it was. The interface writes `[CODE] sentence`.
    pub(super) fn refusal(&self, settling: bool) -> Option<Note> {
        if self.0.get("infcode").and_then(Value::as_i64) == Some(0) {
            return None;
        }
        let message = self.text("/err_msg");
        let parts = message.strip_prefix('[').and_then(|it| it.split_once("] "));
        let (code, said) = parts.unwrap_or(("", &message));
        Some(Note { code: code.to_owned(), said: said.to_owned(), settling })
    }

    /// A text or a number as it was written; empty where there is none.
    pub(super) fn text(&self, pointer: &str) -> String {
        match self.0.pointer(pointer) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }

    /// An amount, without the sign that a cancellation puts before it.
    fn amount(&self, name: &str) -> Fen {
        let text = self.text(&format!("/output/setlinfo/{name}"));
        Fen::parse(text.trim_start_matches('-')).unwrap_or_default()
    }

    /// The rows of a list.
    pub(super) fn rows(&self, pointer: &str) -> &[Value] {
        self.0.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Our own keys in `setlinfo.exp_content`.
    fn ours(&self) -> Value {
        serde_json::from_str(&self.text("/output/setlinfo/exp_content")).unwrap_or_default()
    }

    /// A list of texts among our own keys.
    fn listed(&self, name: &str) -> Vec<String> {
        let ours = self.ours();
        let rows = ours.get(name).and_then(Value::as_array).into_iter().flatten();
        rows.filter_map(|it| it.as_str().map(str::to_owned)).collect()
    }

    /// Who pays what.
    pub(super) fn shares(&self) -> Shares {
        let (accounts, relatives) = (self.amount("acct_pay"), self.amount("acct_mulaid_pay"));
        Shares {
            total: self.amount("medfee_sumamt"),
            fund: self.amount("fund_pay_sumamt"),
            own: accounts.less(relatives),
            relatives,
            cash: self.amount("psn_cash_pay"),
            codes: self.listed("GJ_CODES"),
            said: self.ours().get("GJ_TILL").and_then(Value::as_str).unwrap_or_default().to_owned(),
        }
    }

    /// A settlement, or its cancellation.
    pub(super) fn settled(&self) -> Settled {
        let text = |name: &str| self.text(&format!("/output/setlinfo/{name}"));
        Settled {
            shares: self.shares(),
            settlement: text("setl_id"),
            visit: text("mdtrt_id"),
            area: text("clr_optins"),
            clearing: text("clr_type"),
            at: text("setl_time"),
            undone: None,
            slip: self.listed("GJ_SLIP"),
        }
    }
}
