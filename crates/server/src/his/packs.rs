//! 药品追溯码: every pack that is sold has a code of its own, which comes with its line, counts once, and is free again
//! once its settlement is taken back.

use super::amounts::or_zero;
use super::books::text;
use super::desk::{Desk, Said, said};
use super::patients::Patient;
use crate::bench::messages::CLASS_A;
use serde_json::{Value, json};

impl Desk<'_> {
    /// The code of a pack that nobody has sold yet: twenty digits, of the time of this run, who sells, and a number.
    fn pack(&mut self) -> String {
        self.packs += 1;
        let who = self.sender.account.institution.bytes();
        let who = who.fold(0_u32, |sum, it| (sum * 31 + u32::from(it)) % 1_000);
        let time: String = self.run().chars().skip(2).collect();
        format!("{time}{who:03}{:05}", self.packs % 100_000)
    }

    /// A line of a drug with the codes of its packs.
    pub(super) fn traced(&mut self, mut line: Value) -> Value {
        let (sn, count) = (text(&line, "feedetl_sn"), or_zero(&line, "cnt") / 100);
        let packs =
            (0..count).map(|_| json!({ "feedetl_sn": sn, "drug_trac_codg": self.pack(), "trdn_flag": "0" }));
        line["durg_trac_info"] = packs.collect();
        line
    }

    /// A line of one pack, at a price of its own.
    fn one_pack(&mut self, sn: &str) -> Value {
        let price = self.price(800);
        let line = self.line(sn, CLASS_A[0], 1, price);
        self.traced(line)
    }

    /// A drug without its code, a pack that was sold before, and one that came back.
    pub(super) fn probe_packs(&mut self, patients: &[Patient]) {
        let (Some(first), Some(last)) = (patients.first(), patients.last()) else { return };
        if let Some(asks) = self.probe_no_code(first) {
            self.probe_used(first, last, asks);
        }
    }

    /// Whether codes are asked for: what is sold without one is refused then, previewed and settled.
    fn probe_no_code(&mut self, patient: &Patient) -> Option<bool> {
        let mut line = self.one_pack("1");
        line["durg_trac_info"] = Value::Null;
        let bill = self.bill(patient, vec![line])?;
        let tried = self.tried(self.kind(), patient, &bill.input)?;
        if tried.is(Said::Done) {
            self.report.not_offered("trace-none");
            return Some(false);
        }
        self.report.check("trace-none", tried.is(Said::Refused), || format!("{tried:?}"));
        Some(true)
    }

    /// Sells a pack, sells it to somebody else, takes the first sale back, and sells it again.
    fn probe_used(&mut self, first: &Patient, last: &Patient, asks: bool) -> Option<()> {
        let (kind, sold, mut line) = (self.kind(), self.one_pack("1"), self.one_pack("1"));
        line["durg_trac_info"] = sold["durg_trac_info"].clone();
        let bill = self.bill(first, vec![sold])?;
        let settled = self.settle(kind, first, bill.input, bill.rows.as_deref(), false)?;
        let again = self.bill(last, vec![line])?.input;
        let tried = self.tried(kind, last, &again)?;
        if !asks && tried.is(Said::Done) {
            self.report.not_offered("trace-used");
            return None;
        }
        let refused = tried.is(Said::Refused);
        self.report.check("trace-used", refused, || format!("{} {}: {tried:?}", kind.settle, settled.msgid));
        self.probe_twice(last)?;
        if !refused || !self.cancel(kind, first, &settled, false) {
            return None;
        }
        let tried = self.tried(kind, last, &again)?;
        self.report.check("trace-freed", tried.is(Said::Done), || format!("{} {tried:?}", kind.settle));
        Some(())
    }

    /// The same pack on two lines of a bill: previewed, since more than that is no other question.
    fn probe_twice(&mut self, patient: &Patient) -> Option<()> {
        let (one, mut two) = (self.one_pack("1"), self.one_pack("2"));
        let code = &one["durg_trac_info"][0]["drug_trac_codg"];
        two["durg_trac_info"][0]["drug_trac_codg"] = code.clone();
        let input = self.bill(patient, vec![one, two])?.input;
        let (msgid, preview) = (self.msgid(), self.kind().preview);
        let reply = self.seen(preview, &msgid, &input)?;
        let right = said(&reply) == Said::Refused;
        self.report.check("trace-used", right, || format!("{preview} {msgid}: {:?}", said(&reply)));
        Some(())
    }
}
