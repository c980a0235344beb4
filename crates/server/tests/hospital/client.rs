//! A till: signs messages, sends them, reads answers, and looks whether the books were touched.

use crate::world::{self, Person, access_key, app_on, code, everybody, machine, secret, seed};
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use domain::facts::Facts;
use domain::ids::{SettlementNo, VisitNo};
use domain::money::{Price, Quantity};
use domain::needs::Needs;
use domain::request::{Key, Sender};
use serde_json::{Value, json};
use server::app::App;
use server::hospital::{fields, gateway::sign, router};
use server::vault::Found;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use store::memory::Memory;
use store::{Page, Query};
use tower::ServiceExt as _;

/// The interface with somebody at the till.
pub(crate) struct Till {
    pub(crate) app: App,
    router: axum::Router,
    sent: AtomicU64,
    seen: Mutex<Needs>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) bytes: Vec<u8>,
    pub(crate) json: Value,
}

/// An answer, whatever it is.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// The message that it has to be.
    pub(crate) fn reply(self) -> Reply {
        assert!(self.kind.starts_with("application/json"), "{}: {}", self.status, self.kind);
        let json: Value = serde_json::from_slice(&self.bytes).expect("JSON");
        Reply { status: self.status, bytes: self.bytes, json }
    }
}

/// All that a message could have changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    facts: Facts,
    purses: Page,
    journal: Page,
}

/// Runs a test on a runtime of its own.
pub(crate) fn run<F: Future<Output = ()>>(test: impl FnOnce() -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(test());
}

impl Reply {
    /// The output of a message that has to be done.
    pub(crate) fn output(&self) -> &Value {
        assert_eq!((self.status, &self.json["infcode"]), (200, &json!(0)), "{}", self.json);
        &self.json["output"]
    }

    /// `err_msg` of a message that has to be refused or malformed: the national error form, and nothing else.
    pub(crate) fn failure(&self) -> String {
        assert_eq!((self.status, &self.json["infcode"]), (200, &json!(-1)), "{}", self.json);
        assert_eq!(self.json["output"], Value::Null);
        let message = self.json["err_msg"].as_str().expect("err_msg is text").to_owned();
        assert!(message.chars().count() <= 200, "{message}");
        for leak in ["panicked", ".rs:", "stack", "Err(", "Some(", "unwrap"] {
            assert!(!message.contains(leak), "{message}");
        }
        message
    }

    /// The code in front of `err_msg`.
    pub(crate) fn code(&self) -> String {
        let message = self.failure();
        let code = message.strip_prefix('[').and_then(|it| it.split_once(']'));
        code.map(|(code, _)| code.to_owned()).unwrap_or_else(|| panic!("no code in {message}"))
    }

    /// `setlinfo` of a settlement that has to be done.
    pub(crate) fn info(&self) -> &Value {
        &self.output()["setlinfo"]
    }

    /// What `exp_content` of `setlinfo` says.
    pub(crate) fn ours(&self) -> Value {
        let text = self.info()["exp_content"].as_str().expect("exp_content is text").to_owned();
        serde_json::from_str(&text).expect("exp_content holds JSON")
    }

    /// A text of the output, by JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> String {
        let found = self.output().pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no {pointer} in {}", self.json)).to_owned()
    }
}

impl Till {
    /// The demo world on a fresh store.
    pub(crate) async fn open() -> Till {
        Till::on(Arc::new(Memory::default())).await
    }

    /// The demo world on a store.
    pub(crate) async fn on<S: store::Books + 'static>(store: Arc<S>) -> Till {
        let till = Till::again_on(store);
        seed(&till.app).await;
        till
    }

    /// A till on a store that has the world already.
    pub(crate) fn again_on<S: store::Books + 'static>(store: Arc<S>) -> Till {
        let app = app_on(store, world::NOW);
        let router = router(app.clone());
        Till { app, router, sent: AtomicU64::new(0), seen: Mutex::default() }
    }

    /// The routes, to serve them for real.
    pub(crate) fn router(&self) -> axum::Router {
        self.router.clone()
    }

    /// A fresh message id, as the specification forms it.
    pub(crate) fn msgid(&self, place: &str) -> String {
        let number = self.sent.fetch_add(1, Ordering::SeqCst);
        format!("{place}202506161000{:02}{:04}", number / 10_000, number % 10_000)
    }

    /// Sends bytes with headers to a path: a message is answered.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, String)], body: &[u8]) -> Reply {
        let reply = self.raw(path, headers, body).await.reply();
        self.note(&reply.json);
        is_on_its_page(body, &reply.json);
        reply
    }

    /// Sends bytes with headers to a path: a message or a file is answered.
    pub(crate) async fn raw(&self, path: &str, headers: &[(&str, String)], body: &[u8]) -> Answer {
        let mut request = Request::post(path);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(body.to_vec())).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status().as_u16();
        let kind = response.headers().get(header::CONTENT_TYPE).cloned();
        let kind = kind.and_then(|it| it.to_str().ok().map(str::to_owned)).expect("a kind");
        let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body").to_vec();
        Answer { status, kind, bytes }
    }

    /// Remembers visits and settlements, to look at them later.
    fn note(&self, json: &Value) {
        let mut seen = self.seen.lock().expect("not poisoned");
        for pointer in ["/output/data/mdtrt_id", "/output/result/mdtrt_id", "/output/setlinfo/mdtrt_id"] {
            let visit = json.pointer(pointer).and_then(Value::as_str).and_then(|it| it.parse().ok());
            seen.visits.extend(visit.map(VisitNo));
        }
        let settlement = json.pointer("/output/setlinfo/setl_id").and_then(Value::as_str);
        seen.settlements.extend(settlement.and_then(|it| it.parse().ok()).map(SettlementNo));
    }

    /// Sends input that nobody has thought of: the pages say what is refused for common reasons only.
    pub(crate) async fn send_anything(&self, place: &str, infno: &str, input: &Value) -> Reply {
        let envelope = envelope(place, infno, &self.msgid(place), input).to_string();
        let path = format!("/hospital/{infno}");
        let reply = self.raw(&path, &signed(place, infno), envelope.as_bytes()).await.reply();
        self.note(&reply.json);
        reply
    }

    /// Sends an envelope, signed.
    pub(crate) async fn envelope(&self, place: &str, envelope: &Value) -> Reply {
        let infno = envelope["infno"].as_str().unwrap_or("0000");
        let headers = signed(place, infno);
        self.post(&format!("/hospital/{infno}"), &headers, envelope.to_string().as_bytes()).await
    }

    /// Sends input under an id of choice.
    pub(crate) async fn send_as(&self, place: &str, infno: &str, msgid: &str, input: &Value) -> Reply {
        self.envelope(place, &envelope(place, infno, msgid, input)).await
    }

    /// Sends input under a fresh id.
    pub(crate) async fn send(&self, place: &str, infno: &str, input: &Value) -> Reply {
        self.send_as(place, infno, &self.msgid(place), input).await
    }

    /// What was stored under an id.
    pub(crate) async fn is_taken(&self, place: &str, msgid: &str) -> bool {
        let key = Key { sender: Sender::Institution(code(place)), id: msgid.to_owned() };
        let page = self.app.store.page(&Query::Record(key)).await.expect("a page");
        !matches!(page, Page::Record(None))
    }

    /// The books as they are.
    pub(crate) async fn books(&self) -> Kept {
        let mut needs = self.seen.lock().expect("not poisoned").clone();
        let lookups = everybody().iter().map(|it| self.app.vault.lookup(Found::PersonNo, &it.psn_no()));
        needs.lookups = lookups.collect::<BTreeSet<_>>();
        needs.years = [2025].into();
        let rows = self.app.rows(needs).await.expect("facts");
        let page = |query| async move { self.app.store.page(&query).await.expect("a page") };
        Kept {
            facts: rows.facts,
            purses: page(Query::Purses { after: None, limit: 10_000 }).await,
            journal: page(Query::Journal { from: domain::ids::Serial(0), limit: 100_000 }).await,
        }
    }

    /// Registers a patient, states the treatment and uploads a batch: the visit.
    pub(crate) async fn visit(&self, place: &str, patient: &Person, items: &[Item<'_>]) -> String {
        let visit = self.send(place, "2201", &registration(patient)).await.text("/data/mdtrt_id");
        self.send(place, "2203", &statement(patient, &visit)).await.output();
        self.send(place, "2204", &upload(patient, &visit, "B1", items)).await.output();
        visit
    }
}

/// The answer has nothing that the page of its transaction leaves out: no field, and no code of a refusal.
fn is_on_its_page(request: &[u8], answer: &Value) {
    let Ok(request) = serde_json::from_slice::<Value>(request) else { return };
    let infno = request["infno"].as_str().unwrap_or_default().to_ascii_uppercase();
    let Some(described) = fields::of(&infno) else { return };
    for (node, name) in fields::written(&answer["output"]) {
        let of_node = described.output.get(&node).into_iter().flatten();
        assert!(of_node.into_iter().any(|it| it.name == name), "{infno} answers {node}.{name}: see fields/");
    }
    let said = answer["err_msg"].as_str().and_then(|it| it.strip_prefix('[')?.split_once(']'));
    let code = said.map(|(code, _)| code).filter(|it| !matches!(*it, "MALFORMED" | "KEY_REUSED"));
    let is_listed = code.is_none_or(|code| described.refuses.iter().any(|it| it == code));
    assert!(is_listed, "{infno} is refused with {code:?}: see fields/");
}

/// The headers of an institution.
pub(crate) fn signed(place: &str, infno: &str) -> Vec<(&'static str, String)> {
    sign(&access_key(place), &secret(place), infno, machine()).to_vec()
}

/// An envelope with every field of the specification.
pub(crate) fn envelope(place: &str, infno: &str, msgid: &str, input: &Value) -> Value {
    json!({
        "infno": infno, "msgid": msgid, "mdtrtarea_admvs": &place[1..7], "insuplc_admdvs": "",
        "recer_sys_code": "GONGJI", "dev_no": "", "dev_safe_info": "", "cainfo": "", "signtype": "",
        "infver": "V1.0", "opter_type": "1", "opter": "0001", "opter_name": "测试",
        "inf_time": "2025-06-16 10:00:00", "fixmedins_code": place, "fixmedins_name": "测试", "sign_no": "",
        "input": input,
    })
}

/// A line: national code, count, price.
pub(crate) type Item<'a> = (&'a str, &'a str, &'a str);

/// 甲.
pub(crate) const CLASS_A: &str = "ZA04CDX0534010103065";
/// 乙.
pub(crate) const CLASS_B: &str = "ZA01BAX0377010100093";
/// Not in the catalogue.
pub(crate) const OUT: &str = "XA12AXX127A001010104187";

/// What a line costs, in fen.
pub(crate) fn cost(item: &Item<'_>) -> i64 {
    let (count, price) = (Quantity::parse(item.1).expect("a count"), Price::parse(item.2).expect("a price"));
    count.times_half_up(price).expect("in range").get()
}

/// Fen as yuan.
pub(crate) fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.abs() / 100, fen.abs() % 100)
}

/// The total of lines.
pub(crate) fn total(items: &[Item<'_>]) -> String {
    yuan(items.iter().map(cost).sum())
}

fn detail(number: usize, item: &Item<'_>) -> Value {
    json!({
        "feedetl_sn": format!("{}", number + 1), "rx_circ_flag": "0", "fee_ocur_time": "2025-06-16 09:30:00",
        "med_list_codg": item.0, "medins_list_codg": format!("OWN-{}", item.0),
        "det_item_fee_sumamt": yuan(cost(item)), "cnt": item.1, "pric": item.2, "hosp_appr_flag": "0",
    })
}

pub(crate) fn who(patient: &Person) -> Value {
    json!({
        "psn_no": patient.psn_no(), "mdtrt_cert_type": "03", "mdtrt_cert_no": patient.card(),
        "card_sn": patient.card_sn(), "psn_cert_type": "01", "certno": patient.id, "psn_type": "11",
        "psn_name": patient.name, "insutype": patient.insutype(),
    })
}

/// Two objects as one.
pub(crate) fn merged(mut one: Value, two: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut one, two) {
        fields.extend(more);
    }
    one
}

/// Input of 2101 and 2102, flag 1.
pub(crate) fn purchase(patient: &Person, items: &[Item<'_>]) -> Value {
    let bill = json!({
        "begntime": "2025-06-16 09:40:00", "medfee_sumamt": total(items), "acct_used_flag": "1",
        "med_type": "41", "exp_content": "",
    });
    let details: Vec<Value> = items.iter().enumerate().map(|(at, it)| detail(at, it)).collect();
    json!({ "druginfo": merged(who(patient), bill), "drugdetail": details })
}

/// Input of 2201.
pub(crate) fn registration(patient: &Person) -> Value {
    let visit = json!({
        "begntime": "2025-06-16 09:00:00", "ipt_otp_no": "OP0001", "atddr_no": "D1", "dr_name": "医生",
        "dept_code": "01", "dept_name": "内科", "caty": "A03",
    });
    json!({ "data": merged(who(patient), visit) })
}

/// Input of 2203.
pub(crate) fn statement(patient: &Person, visit: &str) -> Value {
    json!({
        "mdtrtinfo": {
            "mdtrt_id": visit, "psn_no": patient.psn_no(), "med_type": "11", "begntime": "2025-06-16 09:00:00",
            "dise_codg": "", "dise_name": "",
        },
        "diseinfo": [],
    })
}

/// A diagnosis, as 2203, 2401, 2402 and 2403 carry them.
pub(crate) fn diagnosis(order: &str, code: &str, name: &str) -> Value {
    json!({
        "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": order, "diag_code": code, "diag_name": name,
        "diag_dept": "内科", "dise_dor_no": "D1", "dise_dor_name": "测试医师", "diag_time": "2025-06-16 09:10:00",
        "vali_flag": "1",
    })
}

/// Input of 2204.
pub(crate) fn upload(patient: &Person, visit: &str, batch: &str, items: &[Item<'_>]) -> Value {
    let of = json!({ "mdtrt_id": visit, "psn_no": patient.psn_no(), "chrg_bchno": batch });
    let lines = items.iter().enumerate().map(|(at, it)| merged(detail(at, it), of.clone()));
    json!({ "feedetail": lines.collect::<Vec<Value>>() })
}

/// Input of 2206 and 2207, flag 1.
pub(crate) fn settlement(patient: &Person, visit: &str, batch: &str, total: &str) -> Value {
    let bill = json!({
        "med_type": "11", "medfee_sumamt": total, "psn_setlway": "01", "mdtrt_id": visit, "chrg_bchno": batch,
        "acct_used_flag": "1", "invono": "",
    });
    json!({ "data": merged(who(patient), bill) })
}

/// Input of 2103, 2208 and 5203.
pub(crate) fn of_settlement(patient: &Person, info: &Value) -> Value {
    json!({ "data": {
        "setl_id": info["setl_id"], "mdtrt_id": info["mdtrt_id"], "psn_no": patient.psn_no(),
    } })
}

/// Input of 2601.
pub(crate) fn reversal(patient: &Person, omsgid: &str, oinfno: &str) -> Value {
    json!({ "data": { "psn_no": patient.psn_no(), "omsgid": omsgid, "oinfno": oinfno } })
}

/// Input with one place changed (by JSON pointer), or taken out.
pub(crate) fn with(mut input: Value, pointer: &str, value: Option<Value>) -> Value {
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    let parent = input.pointer_mut(parent).unwrap_or_else(|| panic!("no {pointer}"));
    match (parent, value) {
        (Value::Object(fields), Some(value)) => _ = fields.insert(field.to_owned(), value),
        (Value::Object(fields), None) => _ = fields.remove(field),
        (other, _) => panic!("{other} has no fields"),
    }
    input
}
