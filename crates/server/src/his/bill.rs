//! A bill of any kind: preview, settlement, the same message again, questions about it, cancellation; every answer is
//! looked at to the fen.

use super::amounts::{self, differing, fen, or_zero};
use super::books::{Unknown, text};
use super::desk::{Desk, Heard, Said, said};
use super::patients::Patient;
use serde_json::{Value, json};

/// How a kind of bill is settled.
pub(super) struct Kind {
    pub(super) what: &'static str,
    pub(super) preview: &'static str,
    pub(super) settle: &'static str,
    pub(super) cancel: &'static str,
    /// 医疗类别: one for a visit, in all messages.
    pub(super) med_type: &'static str,
}

/// 门诊.
pub(super) const CLINIC: Kind =
    Kind { what: "outpatient", preview: "2206", settle: "2207", cancel: "2208", med_type: "11" };
/// 药店.
pub(super) const PHARMACY: Kind =
    Kind { what: "pharmacy", preview: "2101", settle: "2102", cancel: "2103", med_type: "41" };
/// 住院.
pub(super) const WARD: Kind =
    Kind { what: "inpatient", preview: "2303", settle: "2304", cancel: "2305", med_type: "21" };

/// What was said to a bill that may be refused: to its preview and to its settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tried {
    pub(super) shown: Said,
    pub(super) settled: Said,
}

impl Tried {
    /// Both were this.
    pub(super) fn is(self, said: Said) -> bool {
        self.shown == said && self.settled == said
    }
}

/// What was settled.
pub(super) struct Settled {
    pub(super) msgid: String,
    pub(super) input: Value,
    pub(super) info: Value,
}

impl Settled {
    /// Names the settlement in a message.
    pub(super) fn named(&self, patient: &Patient) -> Value {
        json!({ "data": {
            "psn_no": patient.psn_no, "setl_id": self.info["setl_id"], "mdtrt_id": self.info["mdtrt_id"],
        } })
    }
}

impl Desk<'_> {
    /// Previews and settles. `lines` are those that 2204 or 2301 answered; `may_go`: nothing follows that needs the answer.
    pub(super) fn settle(
        &mut self,
        kind: &Kind,
        patient: &Patient,
        input: Value,
        lines: Option<&[Value]>,
        may_go: bool,
    ) -> Option<Settled> {
        let before = self.balance(patient);
        let shown = self.done(kind.what, kind.preview, &input)?;
        amounts::identities(self.report, &shown, kind.preview);
        self.check_treatment(kind, &shown["setlinfo"], kind.preview);
        let msgid = self.msgid();
        let Heard::Answer(reply) = self.heard(kind.settle, &msgid, &input, may_go) else {
            self.not_heard(kind, patient, msgid);
            return None;
        };
        let output = self.output(kind.what, kind.settle, &msgid, &reply)?;
        let (info, at) = (output["setlinfo"].clone(), format!("{} {msgid}", kind.settle));
        self.books.book(&msgid, &info);
        self.report.bills += 1;
        self.bar.inc(1);
        amounts::identities(self.report, &output, &at);
        self.check_treatment(kind, &info, &at);
        let differs = differing(&info, &shown["setlinfo"], 1);
        self.report.check("I12", differs.is_empty(), || format!("{at}: {}", differs.join(" ")));
        if let Some(lines) = lines {
            amounts::add_up(self.report, lines, &info, &at);
        }
        let own = or_zero(&info, "acct_pay") - or_zero(&info, "acct_mulaid_pay");
        self.check_balance("I7", &info, before.map(|it| it - own), &at);
        let repeated = self.again(kind.settle, &msgid, &input);
        let same = repeated.is_some_and(|it| it.bytes == reply.bytes);
        self.report.check("same", same, || at.clone());
        let settled = Settled { msgid, input, info };
        self.told(kind, patient, &settled);
        Some(settled)
    }

    /// Previews and settles what the other side may refuse; what it settles is booked.
    pub(super) fn tried(&mut self, kind: &Kind, patient: &Patient, input: &Value) -> Option<Tried> {
        let msgid = self.msgid();
        let shown = said(&self.seen(kind.preview, &msgid, input)?);
        let msgid = self.msgid();
        let Some(reply) = self.seen(kind.settle, &msgid, input) else {
            let unknown = Unknown { infno: kind.settle, psn_no: patient.psn_no.clone(), charged: true };
            self.books.unknown.insert(msgid, unknown);
            return None;
        };
        let settled = said(&reply);
        if settled == Said::Done {
            self.books.book(&msgid, &reply.json["output"]["setlinfo"]);
            self.report.bills += 1;
        }
        Some(Tried { shown, settled })
    }

    /// The balance after a settlement, where both are known.
    fn check_balance(&mut self, what: &'static str, info: &Value, expected: Option<i64>, at: &str) {
        if let (Some(after), Some(expected)) = (fen(info, "balc"), expected) {
            self.report.check(what, after == expected, || {
                format!("{at} balc: {} ≠ {}", amounts::yuan(after), amounts::yuan(expected))
            });
        }
    }

    /// A settlement of which nothing was heard: given up and reversed, or left to the night.
    fn not_heard(&mut self, kind: &Kind, patient: &Patient, msgid: String) {
        // A stay that is given up would stay open for ever: its bill is left to the night, and stands.
        let ward = kind.settle == WARD.settle;
        let charged = self.chance.below(2) == 0 || ward;
        if self.chance.below(2) == 0 && !ward {
            self.report.given_up += 1;
            self.reverse(&patient.psn_no, &msgid, kind.settle);
            return;
        }
        self.report.left += 1;
        let unknown = Unknown { infno: kind.settle, psn_no: patient.psn_no.clone(), charged };
        self.books.unknown.insert(msgid, unknown);
    }

    /// 5203 and 5204 tell what was settled.
    fn told(&mut self, kind: &Kind, patient: &Patient, settled: &Settled) {
        let (named, at) = (settled.named(patient), &settled.msgid);
        if let Some(output) = self.done("5203", "5203", &named) {
            let differs = differing(&output["setlinfo"], &settled.info, 1);
            self.report.check("5203", differs.is_empty(), || format!("5203 {at}: {}", differs.join(" ")));
            self.check_treatment(kind, &output["setlinfo"], "5203");
        }
        if let Some(output) = self.done("5204", "5204", &named) {
            let rows = output.as_array().cloned().unwrap_or_default();
            amounts::lines(self.report, &rows, "5204");
            amounts::add_up(self.report, &rows, &settled.info, &format!("5204 {at}"));
            self.report.check("5204", !rows.is_empty(), || format!("5204 {at}: 没有明细 no lines"));
            rows.iter().for_each(|it| self.check_treatment(kind, it, "5204"));
        }
    }

    /// Cancels a settlement; whether it was heard.
    pub(super) fn cancel(&mut self, kind: &Kind, patient: &Patient, settled: &Settled, may_go: bool) -> bool {
        let (before, msgid) = (self.balance(patient), self.msgid());
        let input = settled.named(patient);
        let Heard::Answer(reply) = self.heard(kind.cancel, &msgid, &input, may_go) else {
            self.report.left += 1;
            let unknown = Unknown { infno: kind.cancel, psn_no: patient.psn_no.clone(), charged: true };
            self.books.unknown.insert(msgid, unknown);
            return false;
        };
        let Some(output) = self.output("cancel", kind.cancel, &msgid, &reply) else { return false };
        let (info, at) = (&output["setlinfo"], format!("{} {msgid}", kind.cancel));
        self.books.answered.insert(msgid);
        self.books.take_back(&text(&settled.info, "setl_id"));
        amounts::identities(self.report, &output, &at);
        if !text(info, "med_type").is_empty() {
            self.check_treatment(kind, info, &at);
        }
        let differs = differing(info, &settled.info, -1);
        self.report.check("I11", differs.is_empty(), || format!("{at}: {}", differs.join(" ")));
        let own = or_zero(&settled.info, "acct_pay") - or_zero(&settled.info, "acct_mulaid_pay");
        self.check_balance("I11", info, before.map(|it| it + own), &at);
        true
    }
}
