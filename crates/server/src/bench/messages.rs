//! Messages as the software of hospitals and pharmacies sends them, written straight into bytes, and what the answers
//! say. What is signed is signed by the gateway's own scheme, anew every minute.

use super::chance::Chance;
use super::town::{FAMILY, Institution, Person, Town};
use super::wire::find;
use crate::hospital::gateway::sign;
use crate::vault::{hex, random};
use domain::day::Moment;
use domain::words::Scheme;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// Drugs of class 甲.
pub const CLASS_A: &[&str] = &["ZA04CDX0534010103065", "ZD01BAY0318010100281", "ZD01AAF0204010100169"];
/// Drugs of class 乙: the patient bears a part first.
pub const CLASS_B: &[&str] =
    &["ZA01BAX0377010100093", "ZF03AAX0537010100138", "ZA08AAJ0479010100252", "ZA14AAX0455010100286"];
/// A drug outside the catalogue.
pub const OUTSIDE: &[&str] = &["XA12AXX127A001010104187"];

/// How long a signature is used again, in milliseconds: the server takes it for half an hour.
const SIGNED_MS: i64 = 60_000;

/// When something was signed, in milliseconds, and the headers that say so.
type Signed = (i64, Arc<str>);

/// What all connections send with.
pub struct Office {
    /// The town.
    pub town: Town,
    /// Its institutions.
    pub institutions: Vec<Institution>,
    /// When care is given, as messages say it.
    pub service_time: String,
    host: String,
    now: fn() -> Moment,
    /// Tells this run's message ids from those of other runs.
    run: String,
    signed: Mutex<BTreeMap<(u64, &'static str), Signed>>,
}

/// A patient as a message names one.
pub struct Patient {
    /// `psn_no`.
    pub psn_no: String,
    /// The fields of identity, as JSON without braces.
    identity: String,
    /// Whether a relative's account is to pay.
    pub shared: bool,
}

/// A bill's lines, made up.
pub struct Bill {
    lines: Vec<(&'static str, u64)>,
}

impl Bill {
    /// Three lines: one of class 甲, one of class 乙, one outside the catalogue; ¥20 to ¥90 together.
    pub fn of_three(chance: &mut Chance) -> Bill {
        let mut pick =
            |from: &[&'static str]| from[usize::try_from(chance.below(from.len() as u64)).unwrap_or(0)];
        let codes = [pick(CLASS_A), pick(CLASS_B), pick(OUTSIDE)];
        let most = [4_500, 3_400, 1_100];
        let prices = most.map(|it| it * 2 / 9 + chance.below(it * 7 / 9 + 1));
        Bill { lines: codes.into_iter().zip(prices).collect() }
    }

    /// The total, in fen.
    pub fn total(&self) -> u64 {
        self.lines.iter().map(|(_, price)| price).sum()
    }

    /// The lines as rows; each begins with what is given.
    fn rows(&self, each: &str, at: &str) -> String {
        let row = |(sn, (code, fen)): (usize, &(&str, u64))| {
            let (yuan, sn) = (yuan(*fen), sn + 1);
            format!(
                r#"{{{each}"feedetl_sn":"{sn}","med_list_codg":"{code}","medins_list_codg":"own-{code}","cnt":"1","pric":"{yuan}","det_item_fee_sumamt":"{yuan}","fee_ocur_time":"{at}","rx_circ_flag":"0","bilg_dept_codg":"01","bilg_dept_name":"门诊","bilg_dr_codg":"D1","bilg_dr_name":"医师","hosp_appr_flag":"0"}}"#
            )
        };
        let rows: Vec<String> = self.lines.iter().enumerate().map(row).collect();
        rows.join(",")
    }
}

/// Fen as yuan with two decimals.
fn yuan(fen: u64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

impl Office {
    /// An office for a run.
    pub fn new(town: Town, host: String, service_time: String, now: fn() -> Moment) -> Office {
        let run = hex(&random::<6>());
        let institutions = (0..town.institutions()).map(|it| town.institution(it)).collect();
        Office { town, institutions, service_time, host, now, run, signed: Mutex::default() }
    }

    /// A patient in an area: in six of a hundred cases a relative without money of their own whom somebody has bound,
    /// else somebody with money in the account.
    pub fn patient(&self, area: usize, chance: &mut Chance) -> Patient {
        let shared = chance.below(100) < 6;
        // Fifteen of sixteen are at home; a small town may have nobody of the kind in the area at all.
        let home = !chance.once_in(16);
        for _ in 0..10_000 {
            let family = chance.below(self.town.families());
            if home && self.town.area_of(family) != area {
                continue;
            }
            if !shared {
                let index = family * FAMILY + chance.below(2);
                if self.town.has_money(index) {
                    return Patient::new(&self.town.person(index), false);
                }
                continue;
            }
            let bonds = self.town.bonds(family);
            if let Some(bond) = bonds.get(usize::try_from(chance.below(bonds.len() as u64)).unwrap_or(0)) {
                return Patient::new(&self.town.person(bond.beneficiary), true);
            }
        }
        Patient::new(&self.town.person(0), false)
    }

    /// The headers that sign messages of a transaction by an institution.
    fn signature(&self, institution: u64, infno: &'static str) -> Arc<str> {
        let now = (self.now)();
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, headers)) = signed.get(&(institution, infno))
            && now.millis() - at < SIGNED_MS
        {
            return Arc::clone(headers);
        }
        let it = &self.institutions[usize::try_from(institution).unwrap_or_default()];
        let lines =
            sign(&it.code, &it.secret, infno, now).map(|(name, value)| format!("{name}: {value}\r\n"));
        let headers: Arc<str> = lines.concat().into();
        signed.insert((institution, infno), (now.millis(), Arc::clone(&headers)));
        headers
    }

    /// Writes a whole request: transaction, institution, a number that no other message of the run has, and its input.
    pub fn write(&self, to: &mut Vec<u8>, infno: &'static str, institution: u64, number: &str, input: &str) {
        let it = &self.institutions[usize::try_from(institution).unwrap_or_default()];
        let (code, area, name, run, time) = (&it.code, it.area, &it.name, &self.run, &self.service_time);
        let body = format!(
            r#"{{"infno":"{infno}","msgid":"{code}{run}{number}","mdtrtarea_admvs":"{area}","insuplc_admdvs":"{area}","recer_sys_code":"GONGJI","dev_no":"","dev_safe_info":"","cainfo":"","signtype":"","infver":"V1.0","opter_type":"1","opter":"0001","opter_name":"收费员","inf_time":"{time}","fixmedins_code":"{code}","fixmedins_name":"{name}","sign_no":"","input":{input}}}"#
        );
        to.clear();
        let (host, signature, length) = (&self.host, self.signature(institution, infno), body.len());
        // Writing into memory does not fail.
        let _ = write!(
            to,
            "POST /hospital/{infno} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n{signature}content-length: {length}\r\n\r\n{body}"
        );
    }

    /// The input of a purchase (2102).
    pub fn purchase(&self, patient: &Patient, bill: &Bill) -> String {
        let (identity, total, at) = (&patient.identity, yuan(bill.total()), &self.service_time);
        let flag = patient.flag();
        let rows = bill.rows("", at);
        format!(
            r#"{{"druginfo":{{{identity},"begntime":"{at}","medfee_sumamt":"{total}","acct_used_flag":"{flag}","med_type":"41","invono":"FP1"}},"drugdetail":[{rows}]}}"#
        )
    }
}

/// A visit as the server numbered it.
pub struct Visit<'a> {
    /// Whose.
    pub patient: &'a Patient,
    /// `mdtrt_id`.
    pub number: &'a str,
}

impl Office {
    /// The input of a registration (2201).
    pub fn register(&self, patient: &Patient) -> String {
        let (identity, at) = (&patient.identity, &self.service_time);
        format!(
            r#"{{"data":{{{identity},"begntime":"{at}","ipt_otp_no":"MZ0001","atddr_no":"D1","dr_name":"医师","dept_code":"01","dept_name":"门诊","caty":"01"}}}}"#
        )
    }

    /// The input of what a visit was for (2203).
    pub fn state(&self, visit: &Visit<'_>) -> String {
        let (of, at) = (visit.named(), &self.service_time);
        format!(
            r#"{{"mdtrtinfo":{{{of},"med_type":"11","begntime":"{at}","main_cond_dscr":"咳嗽"}},"diseinfo":[{{"diag_type":"1","diag_srt_no":"1","diag_code":"J06.900","diag_name":"急性上呼吸道感染","diag_dept":"门诊","dise_dor_no":"D1","dise_dor_name":"医师","diag_time":"{at}","vali_flag":"1"}}]}}"#
        )
    }

    /// The input of the lines of a visit (2204).
    pub fn upload(&self, visit: &Visit<'_>, bill: &Bill) -> String {
        let each = format!(r#"{},"chrg_bchno":"1","#, visit.named());
        format!(r#"{{"feedetail":[{}]}}"#, bill.rows(&each, &self.service_time))
    }
}

/// The input of a preview (2206) and of the settlement (2207) of a visit.
pub fn settle(visit: &Visit<'_>, bill: &Bill) -> String {
    let (identity, total, number) = (&visit.patient.identity, yuan(bill.total()), visit.number);
    let flag = visit.patient.flag();
    format!(
        r#"{{"data":{{{identity},"mdtrt_id":"{number}","med_type":"11","medfee_sumamt":"{total}","psn_setlway":"01","chrg_bchno":"1","acct_used_flag":"{flag}","invono":"FP1"}}}}"#
    )
}

/// The input of a cancellation (2103, 2208).
pub fn cancel(psn_no: &str, visit: &str, settlement: &str) -> String {
    format!(r#"{{"data":{{"psn_no":"{psn_no}","mdtrt_id":"{visit}","setl_id":"{settlement}"}}}}"#)
}

impl Visit<'_> {
    fn named(&self) -> String {
        format!(r#""mdtrt_id":"{}","psn_no":"{}""#, self.number, self.patient.psn_no)
    }
}

impl Patient {
    fn new(it: &Person, shared: bool) -> Patient {
        let insutype = match it.scheme {
            Scheme::Employee => "310",
            Scheme::Resident => "390",
        };
        let (psn_no, card, serial) = (it.psn_no(), it.card(), it.card_serial());
        let identity = format!(
            r#""psn_no":"{psn_no}","insutype":"{insutype}","mdtrt_cert_type":"03","mdtrt_cert_no":"{card}","card_sn":"{serial}""#
        );
        Patient { psn_no, identity, shared }
    }

    /// `acct_used_flag`.
    fn flag(&self) -> &'static str {
        if self.shared { "2" } else { "1" }
    }
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It is done.
    Done,
    /// It was refused, with the code of the first reason.
    Refused(String),
    /// Nothing is known; the same message may be sent again.
    Busy,
    /// Something that no message of ours should bring about.
    Unexpected(String),
}

/// Reads an answer.
pub fn said(status: u16, body: &[u8]) -> Said {
    let unexpected = || {
        let start = String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned();
        Said::Unexpected(format!("{status} {start}"))
    };
    match status {
        503 => Said::Busy,
        200 => match message(body) {
            Some("success") => Said::Done,
            Some(message) => match refusal(message) {
                Some(code) if code != "MALFORMED" && code != "KEY_REUSED" => Said::Refused(code.to_owned()),
                Some(_) | None => unexpected(),
            },
            None => unexpected(),
        },
        _ => unexpected(),
    }
}

/// `err_msg`, which is among the first fields of an answer.
fn message(body: &[u8]) -> Option<&str> {
    const FIELD: &[u8] = br#""err_msg":""#;
    let from = find(&body[..body.len().min(300)], FIELD)? + FIELD.len();
    let rest = &body[from..];
    std::str::from_utf8(rest.get(..find(rest, b"\"")?)?).ok()
}

/// The code in brackets that the message of a refusal begins with.
fn refusal(message: &str) -> Option<&str> {
    message.strip_prefix('[')?.split_once(']').map(|(code, _)| code)
}

/// A number that an answer holds as text under a name.
pub fn number<'a>(body: &'a [u8], name: &str) -> Option<&'a str> {
    let field = format!("\"{name}\":\"");
    let from = find(body, field.as_bytes())? + field.len();
    let rest = &body[from..];
    std::str::from_utf8(rest.get(..find(rest, b"\"")?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::catalogue::{Class, State};
    use domain::day::Day;

    fn now() -> Moment {
        Moment::from_millis(1_795_310_688_479)
    }

    fn office() -> Office {
        Office::new(Town::new(1, 50_000), "h".to_owned(), "2025-06-16 09:00:00".to_owned(), now)
    }

    /// If this fails, bills hold no 甲, no 乙, or nothing outside the catalogue, and are cheaper to decide than real ones.
    #[test]
    fn the_drugs_are_what_they_are_said_to_be() {
        let law = crate::law::shipped(false).read().expect("the shipped law is sound");
        let edition = law.edition(Day::parse("2025-06-16").expect("a day")).expect("an edition");
        let is = |code: &str, wanted: Option<Class>| match edition.state_of(code) {
            State::In { class, .. } => Some(class) == wanted,
            State::NotIn { .. } => wanted.is_none(),
            State::NotMapped => false,
        };
        let kinds = [(CLASS_A, Some(Class::A)), (CLASS_B, Some(Class::B)), (OUTSIDE, None)];
        for (codes, wanted) in kinds {
            codes.iter().for_each(|it| assert!(is(it, wanted), "{it} {:?}", edition.state_of(it)));
        }
    }

    /// If this fails, the duplicate guard refuses what was meant as another bill, or accounts run dry.
    #[test]
    fn bills_are_small_and_differ() {
        let mut chance = Chance::new(1, 1);
        let bills: Vec<Bill> = (0..10_000).map(|_| Bill::of_three(&mut chance)).collect();
        assert!(bills.iter().all(|it| (1_900..=9_000).contains(&it.total()) && it.lines.len() == 3));
        let different: std::collections::BTreeSet<_> = bills.iter().map(|it| it.lines.clone()).collect();
        assert!(different.len() > 9_990, "{}", different.len());
    }

    /// If this fails, what is sent is not JSON, or says a wrong length.
    #[test]
    fn a_message_is_whole() {
        let (office, mut chance, mut bytes) = (office(), Chance::new(1, 1), Vec::new());
        let mut shared = 0;
        for number in 0..1_000 {
            let patient = office.patient(0, &mut chance);
            shared += u32::from(patient.shared);
            let input = office.purchase(&patient, &Bill::of_three(&mut chance));
            office.write(&mut bytes, "2102", 4, &number.to_string(), &input);
        }
        assert!((40..=80).contains(&shared), "{shared}");
        let (patient, bill) = (office.patient(1, &mut chance), Bill::of_three(&mut chance));
        let visit = Visit { patient: &patient, number: "4" };
        let inputs = [
            (office.register(&patient), "/data/begntime"),
            (office.state(&visit), "/mdtrtinfo/mdtrt_id"),
            (office.upload(&visit, &bill), "/feedetail/2/chrg_bchno"),
            (settle(&visit, &bill), "/data/medfee_sumamt"),
            (cancel(&patient.psn_no, "4", "5"), "/data/setl_id"),
        ];
        for (input, pointer) in inputs {
            let value: serde_json::Value = serde_json::from_str(&input).expect("JSON");
            assert!(value.pointer(pointer).is_some(), "{pointer}: {input}");
        }
        let text = String::from_utf8(bytes).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        assert!(
            head.contains(&format!("content-length: {}", body.len())) && head.contains("_api_signature: ")
        );
        let value: serde_json::Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(value["msgid"].as_str().map(str::len), Some(12 + 12 + 3));
        assert_eq!(value["input"]["drugdetail"].as_array().map(Vec::len), Some(3));
    }

    /// If this fails, refusals and errors are counted as settlements.
    #[test]
    fn answers_are_told_apart() {
        let refused = |code: &str| Said::Refused(code.to_owned());
        for done in [r#"{"err_msg":"success","infcode":0}"#, r#"{"infcode":0,"a":"b","err_msg":"success"}"#] {
            assert_eq!(said(200, done.as_bytes()), Said::Done);
        }
        assert_eq!(
            said(200, br#"{"err_msg":"[DUPLICATE_BILL] ..","infcode":-1}"#),
            refused("DUPLICATE_BILL")
        );
        assert_eq!(said(503, b"{}"), Said::Busy);
        for (status, body) in [(200, r#"{"err_msg":"[MALFORMED] x"}"#), (401, "{}"), (200, ""), (500, "")] {
            assert!(matches!(said(status, body.as_bytes()), Said::Unexpected(_)), "{status} {body}");
        }
        assert_eq!(number(br#"{"a":"1","mdtrt_id":"42","#, "mdtrt_id"), Some("42"));
        assert_eq!(number(br#"{"mdtrt_id":4}"#, "mdtrt_id"), None);
    }
}
