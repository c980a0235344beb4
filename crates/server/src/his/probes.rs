//! What goes wrong on purpose: messages sent twice, changed, reversed, signed by somebody else or too late.

use super::bill::{Kind, Settled};
use super::books::text;
use super::desk::{Desk, Said, code, said};
use super::oauth::Keys;
use super::patients::Patient;
use super::sender::Account;
use crate::shangmi::PrivateKey;
use serde_json::{Value, json};

/// Three hours, in milliseconds: far outside of every window.
const LATE_MS: i64 = 3 * 3_600_000;

impl Desk<'_> {
    /// Numbers and signatures that are not right.
    pub(super) fn probe_gate(&mut self) {
        let input = json!({ "data": {} });
        let msgid = self.msgid();
        if let Some(reply) = self.again("9999", &msgid, &input) {
            let right = matches!(said(&reply), Said::Refused | Said::Unoffered);
            self.report.check("unknown", right, || format!("9999 {msgid}: HTTP {}", reply.status));
        }
        let account = self.sender.account.clone();
        let wrong = Account { secret: format!("{}x", account.secret), ..account.clone() };
        self.turned_away("signature", &wrong, 0);
        if let Some(keys) = account.sm2.clone() {
            let own = PrivateKey::of(&[1; 32]).expect("the curve has such a key");
            let stranger = Account { sm2: Some(Keys { own, ..keys }), ..account.clone() };
            self.turned_away("signature", &stranger, 0);
        }
        if account.scheme.has_time() {
            self.turned_away("stale", &account, LATE_MS);
        }
    }

    fn turned_away(&mut self, what: &'static str, account: &Account, late: i64) {
        let msgid = self.msgid();
        let envelope = self.sender.envelope("1101", &msgid, &json!({ "data": {} }));
        let at = self.sender.now().plus_millis(-late);
        self.report.messages += 1;
        if let Some(reply) = self.sender.post_as(account, at, "1101", &envelope) {
            self.report.check(what, reply.status == 401, || format!("1101 {msgid}: HTTP {}", reply.status));
        }
    }

    /// A bill whose answer nobody looks at, reversed; and one that is reversed before it comes.
    pub(super) fn probe_lost(&mut self, kind: &Kind, patient: &Patient, input: &Value) {
        let (msgid, before) = (self.msgid(), self.balance(patient));
        self.report.messages += 1;
        // Whatever came is not looked at: that is what is tried here.
        let _ = self.sender.post(kind.settle, &msgid, input);
        if self.reverse(&patient.psn_no, &msgid, kind.settle).is_some() {
            let after = self.balance(patient);
            self.report
                .check("reversed", after == before, || format!("2601 {msgid}: balc {before:?} {after:?}"));
        }
        let never = self.msgid();
        if self.reverse(&patient.psn_no, &never, kind.settle).is_none() {
            self.report.not_offered("barred");
            return;
        }
        if let Some(reply) = self.again(kind.settle, &never, input) {
            let refused = said(&reply) == Said::Refused;
            self.report.check("barred", refused, || format!("{} {never}", kind.settle));
        }
    }

    /// Another body under an id that was answered; and what became of that id (GJ01).
    pub(super) fn probe_settled(&mut self, kind: &Kind, settled: &Settled) {
        let (msgid, mut other) = (&settled.msgid, settled.input.clone());
        for node in ["data", "druginfo"] {
            if let Some(node) = other.get_mut(node) {
                node["acct_used_flag"] = json!("0");
            }
        }
        if let Some(reply) = self.again(kind.settle, msgid, &other) {
            let right = code(&reply) == "KEY_REUSED";
            self.report.check("reused", right, || format!("{} {msgid}: [{}]", kind.settle, code(&reply)));
        }
        if let Some(output) = self.done("asked", "GJ01", &json!({ "data": { "omsgid": msgid } })) {
            let told = &output["result"];
            let info = &told["GJ_ANSWER"]["output"]["setlinfo"];
            let right = text(told, "GJ_STATE") == "done" && *info == settled.info;
            self.report.check("asked", right, || format!("GJ01 {msgid}"));
        }
    }

    /// A catalogue, once: the list, the file it names, and that nothing is newer than it.
    pub(super) fn catalogue(&mut self) {
        let input = |ver: &str| json!({ "data": { "ver": ver } });
        let Some(offered) = self.done("catalogue", "1301", &input("0")) else { return };
        let number = text(&offered, "file_qury_no");
        let file = self.file(&number, "plc");
        let whole = file.as_ref().is_some_and(|it| it.starts_with(b"PK"));
        self.report.check("catalogue", whole, || format!("9102 {number}: 不是 ZIP"));
    }
}
