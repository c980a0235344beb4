//! Where messages of an institution are sent and answers are looked at: some answers are thrown away before that, and
//! the message is sent again under the same id, as the interface wants it.

use super::Plan;
use super::amounts::without_decimals;
use super::books::{Books, text};
use super::report::Report;
use super::sender::{Reply, Sender};
use crate::bench::chance::Chance;
use domain::day::Moment;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::time::Duration;

/// How often a message is sent before its outcome is left to the night.
const TRIES: u32 = 12;
/// How long to wait where the other side is busy or cannot be reached.
const PAUSE: Duration = Duration::from_millis(500);

/// An institution at work.
pub(super) struct Desk<'a> {
    pub(super) sender: Sender,
    pub(super) report: &'a mut Report,
    pub(super) books: Books,
    pub(super) chance: Chance,
    pub(super) plan: &'a Plan,
    pub(super) bar: &'a ProgressBar,
    /// The other side's time when we signed in: a sandbox may live on another day.
    pub(super) now: Moment,
    /// Own codes that are mapped, each with the national code.
    pub(super) mapped: Vec<(String, String)>,
    run: String,
    sent: u32,
    prices: i64,
    pub(super) packs: u32,
}

/// What became of a message that may be given up.
pub(super) enum Heard {
    /// It was answered.
    Answer(Reply),
    /// Nothing was heard, and the customer is gone.
    Nothing,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        sender: Sender,
        report: &'a mut Report,
        plan: &'a Plan,
        bar: &'a ProgressBar,
    ) -> Desk<'a> {
        let now = sender.now();
        let run = now.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
        let number = if sender.account.institution.starts_with('P') { 2 } else { 1 };
        let chance = Chance::new(plan.seed, number);
        let books = Books::default();
        let mapped = Vec::new();
        Desk { sender, report, books, chance, plan, bar, now, mapped, run, sent: 0, prices: 0, packs: 0 }
    }

    /// A fresh message id, as the specification forms it.
    pub(super) fn msgid(&mut self) -> String {
        self.sent += 1;
        format!("{}{}{:04}", self.sender.account.institution, self.run, self.sent)
    }

    /// When this run began, fourteen digits.
    pub(super) fn run(&self) -> &str {
        &self.run
    }

    /// Whether a message was sent by this run.
    pub(super) fn is_own(&self, msgid: &str) -> bool {
        msgid
            .strip_prefix(self.sender.account.institution.as_str())
            .is_some_and(|it| it.starts_with(&self.run))
    }

    /// A price in fen that no other bill of the day has: the same bill twice is taken for a mistake.
    pub(super) fn price(&mut self, least: i64) -> i64 {
        self.prices += 1;
        least + self.prices * 100 + i64::try_from(self.chance.below(100)).unwrap_or(0)
    }

    /// Sends once: nothing where no answer came or it was thrown away.
    fn once(&mut self, infno: &str, msgid: &str, input: &Value) -> Option<Reply> {
        self.report.messages += 1;
        let reply = self.sender.post(infno, msgid, input);
        if self.chance.below(100) < self.plan.lost {
            self.report.lost += 1;
            return None;
        }
        match reply {
            Some(reply) if reply.status != 503 => Some(reply),
            Some(_) | None => {
                std::thread::sleep(PAUSE);
                None
            }
        }
    }

    /// Sends under the same id until it is heard.
    pub(super) fn again(&mut self, infno: &str, msgid: &str, input: &Value) -> Option<Reply> {
        (0..TRIES).find_map(|_| self.once(infno, msgid, input))
    }

    /// Sends what settles or cancels. Where the answer is lost: most often again, at times given up (`may_go`).
    pub(super) fn heard(&mut self, infno: &str, msgid: &str, input: &Value, may_go: bool) -> Heard {
        if let Some(reply) = self.once(infno, msgid, input) {
            return Heard::Answer(reply);
        }
        if may_go && self.chance.below(2) == 0 {
            return Heard::Nothing;
        }
        self.again(infno, msgid, input).map_or(Heard::Nothing, Heard::Answer)
    }

    /// The output of an answer that has to be done.
    pub(super) fn output(
        &mut self,
        what: &'static str,
        infno: &str,
        msgid: &str,
        reply: &Reply,
    ) -> Option<Value> {
        self.look(infno, msgid, reply);
        let said = said(reply);
        if let Said::Unoffered = said {
            self.report.not_offered(what);
            return None;
        }
        let done = matches!(said, Said::Done);
        self.report.check(what, done, || format!("{infno} {msgid}: {}", reason(reply)));
        done.then(|| reply.json["output"].clone())
    }

    /// Sends under an id until it is heard; the answer may be a refusal.
    pub(super) fn seen(&mut self, infno: &str, msgid: &str, input: &Value) -> Option<Reply> {
        let reply = self.again(infno, msgid, input)?;
        self.look(infno, msgid, &reply);
        Some(reply)
    }

    /// What every answer has to be like.
    fn look(&mut self, infno: &str, msgid: &str, reply: &Reply) {
        let code = &reply.json["infcode"];
        let number = *code == json!(0) || *code == json!(-1);
        self.report.check("infcode", number, || format!("{infno} {msgid}: HTTP {}", reply.status));
        if let Some(rightly) = reply.is_sealed_rightly {
            self.report.check("sealed", rightly, || format!("{infno} {msgid}: cainfo"));
        }
        let wrong = without_decimals(&reply.json["output"]);
        self.report
            .check("decimals", wrong.is_none(), || format!("{infno} {msgid}: {}", wrong.unwrap_or_default()));
    }

    /// Sends until heard; the output where it is done.
    pub(super) fn done(&mut self, what: &'static str, infno: &str, input: &Value) -> Option<Value> {
        let msgid = self.msgid();
        match self.again(infno, &msgid, input) {
            Some(reply) => self.output(what, infno, &msgid, &reply),
            None => {
                self.report.check(what, false, || format!("{infno} {msgid}: 没有应答 no answer"));
                None
            }
        }
    }

    /// Reverses a message.
    pub(super) fn reverse(&mut self, psn_no: &str, omsgid: &str, oinfno: &str) -> Option<Value> {
        self.done("reversed", "2601", &reversal(psn_no, omsgid, oinfno))
    }

    /// Signs in and takes the other side's time; whether there is anybody.
    pub(super) fn sign_in(&mut self) -> Option<String> {
        let input = json!({ "signIn": { "opter_no": "0001", "mac": "", "ip": "" } });
        let output = self.done("sign", "9001", &input)?;
        let signed = &output["signinoutb"];
        if let Some(at) = signed["sign_time"].as_str().and_then(Moment::parse) {
            self.now = at;
        }
        Some(text(signed, "sign_no"))
    }

    pub(super) fn sign_out(&mut self, sign_no: &str) {
        let input = json!({ "signOut": { "sign_no": sign_no, "opter_no": "0001" } });
        self.done("sign", "9002", &input);
    }
}

/// Input of 2601.
pub(super) fn reversal(psn_no: &str, omsgid: &str, oinfno: &str) -> Value {
    json!({ "data": { "psn_no": psn_no, "omsgid": omsgid, "oinfno": oinfno } })
}

/// What an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Done,
    /// It says no.
    Refused,
    /// The transaction is not known there.
    Unoffered,
    /// It is no answer of the interface.
    Other,
}

/// Reads an answer.
pub(super) fn said(reply: &Reply) -> Said {
    let message = text(&reply.json, "err_msg");
    match (reply.status, &reply.json["infcode"]) {
        (404, _) => Said::Unoffered,
        _ if message.contains("未知交易编号") => Said::Unoffered,
        (200, code) if *code == json!(0) || *code == json!("0") => Said::Done,
        (200, code) if *code == json!(-1) || *code == json!("-1") => Said::Refused,
        _ => Said::Other,
    }
}

/// The code in brackets that a refusal begins with.
pub(super) fn code(reply: &Reply) -> String {
    let message = text(&reply.json, "err_msg");
    let code = message.strip_prefix('[').and_then(|it| it.split_once(']'));
    code.map(|(code, _)| code.to_owned()).unwrap_or_default()
}

/// Why something was not done: a code, of what is malformed the field too. Sentences may hold names and are left out.
fn reason(reply: &Reply) -> String {
    let (message, code) = (text(&reply.json, "err_msg"), code(reply));
    let field = message.split_once("] ").and_then(|(_, it)| it.split_once('：')).map(|(field, _)| field);
    match field.filter(|it| code == "MALFORMED" && it.len() < 60) {
        Some(field) => format!("[MALFORMED] {field}"),
        None if code.is_empty() => format!("HTTP {} infcode {}", reply.status, reply.json["infcode"]),
        None => format!("[{code}]"),
    }
}
