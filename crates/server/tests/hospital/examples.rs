//! A day on which every transaction is sent once, in an order in which all of them are done: the examples of the pages. The
//! clock stands, and the numbers are the same in every run.

use crate::book::packed;
use crate::client::{
    CLASS_A, CLASS_B, Reply, Till, diagnosis, merged, of_settlement, purchase, registration, reversal,
    settlement, signed, statement, upload, who, with,
};
use crate::files;
use crate::stays::{admission, bill, charged, charges, discharge, of_stay};
use crate::world::{HOSPITAL, PHARMACY, Person, person};
use domain::credential::SpeaksOf;
use serde_json::{Map, Value, json};
use server::hospital::fields::{self, Described};
use server::randomness::{Seeded, seed_this_thread};
use server::vault::Found;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// What was sent and what came back.
pub(crate) struct Example {
    pub(crate) request: Value,
    pub(crate) answer: Value,
}

/// The day, as far as it has come.
pub(crate) struct Day {
    till: Till,
    examples: BTreeMap<String, Example>,
    sent: u32,
}

/// All of them, by number.
pub(crate) async fn day() -> BTreeMap<String, Example> {
    let mut next = 1_u64;
    let seeded: Seeded = Arc::new(Mutex::new(move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = next.to_be_bytes()[0];
        }
    }));
    seed_this_thread(Some(seeded));
    let mut day = Day { till: Till::open().await, examples: BTreeMap::new(), sent: 0 };
    let child = person("lixiaoming");
    day.greetings(child).await;
    day.catalogues().await;
    day.pharmacy(child).await;
    day.outpatient(child).await;
    day.stay(child).await;
    day.left_over(child).await;
    seed_this_thread(None);
    day.examples
}

/// The fields of an input that the table has: the rest is read past, and examples do without.
fn known(infno: &str, input: &Value) -> Value {
    let described = fields::of(infno).unwrap_or_else(|| panic!("{infno} is not described"));
    let nodes = input.as_object().expect("input is an object").iter();
    let nodes = nodes.filter(|(node, _)| described.input.contains_key(*node));
    Value::Object(nodes.map(|(node, value)| (node.clone(), known_of(described, node, value))).collect())
}

/// The same of a node: a row, or rows, which may have nodes of their own.
fn known_of(described: &Described, node: &str, value: &Value) -> Value {
    if let Some(rows) = value.as_array() {
        return rows.iter().map(|it| known_of(described, node, it)).collect();
    }
    let fields = described.input.get(node);
    let mut kept = Map::new();
    for (name, it) in value.as_object().expect("a row is an object") {
        let is_said = !it.is_null() && *it != json!("");
        if described.input.contains_key(name) {
            kept.insert(name.clone(), known_of(described, name, it));
        } else if is_said && fields.is_some_and(|all| all.iter().any(|it| it.name == *name)) {
            kept.insert(name.clone(), it.clone());
        }
    }
    Value::Object(kept)
}

/// The same lines with the trace codes of their packs, which are nobody else's (R-J5).
fn traced(mut input: Value, node: &str) -> Value {
    for (number, line) in input[node].as_array_mut().expect("lines").iter_mut().enumerate() {
        let code = format!("8369057{:013}", number + 1);
        let pack = json!({ "feedetl_sn": line["feedetl_sn"], "drug_trac_codg": code, "trdn_flag": "0" });
        line["durg_trac_info"] = json!([pack]);
    }
    input
}

/// An input without a field, in every row of its node.
fn without(input: &Value, node: &str, field: &str) -> Value {
    let mut input = input.clone();
    let node = &mut input[node];
    let rows = if node.is_array() {
        node.as_array_mut().expect("rows").iter_mut()
    } else {
        std::slice::from_mut(node).iter_mut()
    };
    for row in rows {
        row.as_object_mut().expect("a row is an object").remove(field);
    }
    input
}

/// The same input with an ID document, its number in `certno` alone.
fn by_document(mut input: Value, node: &str) -> Value {
    input[node]["mdtrt_cert_type"] = json!("02");
    input[node]["mdtrt_cert_no"] = json!("");
    input
}

impl Day {
    fn envelope(&mut self, place: &str, infno: &str, input: &Value) -> Value {
        self.sent += 1;
        json!({
            "infno": infno, "msgid": format!("{place}20250616100000{:04}", self.sent),
            "mdtrtarea_admvs": "320300", "opter": "0001", "fixmedins_code": place, "input": input,
        })
    }

    /// Sends what the table has of an input, and keeps the first of each number. What it calls needed is.
    async fn send(&mut self, place: &str, infno: &str, input: &Value) -> Reply {
        let input = known(infno, input);
        if !self.examples.contains_key(infno) {
            self.needs_what_it_says(place, infno, &input).await;
        }
        let request = self.envelope(place, infno, &input);
        let reply = self.post(place, infno, &request).await;
        self.keep(infno, request, reply.json.clone());
        reply
    }

    async fn post(&self, place: &str, infno: &str, request: &Value) -> Reply {
        let headers = signed(place, infno);
        self.till.post(&format!("/hospital/{infno}"), &headers, request.to_string().as_bytes()).await
    }

    fn keep(&mut self, infno: &str, request: Value, answer: Value) {
        self.examples.entry(infno.to_owned()).or_insert(Example { request, answer });
    }

    async fn needs_what_it_says(&mut self, place: &str, infno: &str, input: &Value) {
        for (node, fields) in &fields::of(infno).expect("described").input {
            let fields = fields.iter().filter(|it| it.is_needed && !input[node].is_null());
            for field in fields {
                let less = without(input, node, &field.name);
                let request = self.envelope(place, infno, &less);
                let reply = self.post(place, infno, &request).await;
                let named = format!("{node}.{}", field.name);
                assert_eq!(reply.code(), "MALFORMED", "{infno} without {named}");
                let said = reply.failure();
                // Of several rows it is said which one lacks it: the name of the node, the row, the field.
                let names_it =
                    said.contains(&format!("] {node}")) && said.contains(&format!("{}：", field.name));
                assert!(names_it, "{infno} without {named}: {said}");
                self.sent -= 1;
            }
        }
    }

    async fn done(&mut self, place: &str, infno: &str, input: &Value) -> Reply {
        let reply = self.send(place, infno, input).await;
        reply.output();
        reply
    }

    async fn greetings(&mut self, child: &Person) {
        let till = json!({ "signIn": { "opter_no": "0001", "mac": "00-00-5E-00-53-00", "ip": "192.0.2.1" } });
        let no = self.done(HOSPITAL, "9001", &till).await.text("/signinoutb/sign_no");
        self.done(HOSPITAL, "9002", &json!({ "signOut": { "sign_no": no, "opter_no": "0001" } })).await;
        let holder = self.till.app.vault.lookup(Found::PersonNo, &child.psn_no());
        let shown = server::codes::show(&self.till.app, holder, SpeaksOf::Patient).await.expect("a code").0;
        self.done(HOSPITAL, "1162", &json!({ "data": { "ecQrCode": shown } })).await;
        self.done(HOSPITAL, "1101", &json!({ "data": who(child) })).await;
        let day = json!({ "psn_no": child.psn_no(), "insutype": "390", "begntime": "2025-06-16 09:00:00" });
        self.done(HOSPITAL, "2001", &json!({ "data": day })).await;
        for by in [json!({ "fixmedins_code": PHARMACY }), json!({ "fixmedins_name": "徐州" })] {
            self.done(HOSPITAL, "1201", &json!({ "medinsinfo": by })).await;
        }
    }

    async fn catalogues(&mut self) {
        for number in 1301..=1320 {
            let paged = json!({ "page_num": "1", "page_size": "2", "updt_time": "2024-01-01" });
            let input = match number {
                1312 | 1316 | 1319 => paged,
                1318 => json!({ "hilist_code": "001102000030000" }),
                1317 => continue,
                _ => json!({ "ver": "0" }),
            };
            self.send(HOSPITAL, &number.to_string(), &json!({ "data": input })).await;
        }
        self.done(HOSPITAL, "1901", &json!({ "data": { "type": "acct_used_flag" } })).await;
        let pair = json!({ "fixmedins_hilist_id": "OWN-1", "med_list_codg": CLASS_A, "list_type": "101" });
        self.done(HOSPITAL, "3301", &json!({ "data": [pair] })).await;
        let page = json!({ "page_num": "1", "page_size": "10", "updt_time": "2024-01-01" });
        self.done(HOSPITAL, "1317", &json!({ "data": page })).await;
        self.done(HOSPITAL, "3302", &json!({ "data": [pair] })).await;
        for infno in ["3301", "3302"] {
            self.done(HOSPITAL, infno, &json!({ "catalogcompin": [pair] })).await;
        }
    }

    async fn pharmacy(&mut self, child: &Person) {
        let input = purchase(child, &[(CLASS_A, "2", "10.00"), (CLASS_B, "1", "30.00")]);
        let input = traced(input, "drugdetail");
        self.done(PHARMACY, "2101", &input).await;
        let settled = self.done(PHARMACY, "2102", &input).await;
        let msgid = self.examples["2102"].request["msgid"].clone();
        self.done(PHARMACY, "GJ01", &json!({ "data": { "omsgid": msgid } })).await;
        let asked = of_settlement(child, settled.info());
        self.done(PHARMACY, "5203", &asked).await;
        self.done(PHARMACY, "5204", &asked).await;
        self.reconcile(child).await;
        self.done(PHARMACY, "2103", &asked).await;
        let lost = reversal(child, &format!("{PHARMACY}202506160959590000"), "2102");
        self.done(PHARMACY, "2601", &lost).await;
    }

    /// 3201, and the list of a pharmacy that forgot a settlement.
    async fn reconcile(&mut self, child: &Person) {
        let totals = json!({
            "insutype": "390", "clr_type": "41", "setl_optins": "320300", "stmt_begndate": "2025-06-16",
            "stmt_enddate": "2025-06-16", "medfee_sumamt": "0.00", "fund_pay_sumamt": "0.00",
            "acct_pay": "0.00", "cash_payamt": "0.00", "fixmedins_setl_cnt": "0", "refd_setl_flag": "0",
        });
        self.done(PHARMACY, "3201", &json!({ "data": totals })).await;
        let row = ["900001", "900001", &child.psn_no(), "0.00", "0.00", "0.00", "0"].join("\t");
        let list = packed(row.as_bytes());
        let uploaded = files::upload(&self.till, PHARMACY, "list.zip", &list).await.reply();
        let sent = json!({ "fsUploadIn": { "in": "", "filename": "list.zip", "fixmedins_code": PHARMACY } });
        let request = self.envelope(PHARMACY, "9101", &known("9101", &sent));
        let no = uploaded.text("/file_qury_no");
        self.keep("9101", request, uploaded.json);
        let mut asked = totals;
        asked["file_qury_no"] = json!(no);
        asked["fixmedins_setl_cnt"] = json!("1");
        let offered = self.done(PHARMACY, "3202", &json!({ "data": asked })).await;
        let no = offered.text("/fileinfo/file_qury_no");
        assert_eq!(files::download(&self.till, PHARMACY, &no).await.status, 200);
        let sent = json!({ "fsDownloadIn": {
            "file_qury_no": no, "filename": offered.text("/fileinfo/filename"), "fixmedins_code": PHARMACY,
        } });
        let request = self.envelope(PHARMACY, "9102", &known("9102", &sent));
        self.keep("9102", request, Value::Null);
    }

    async fn outpatient(&mut self, child: &Person) {
        let visit = self.done(HOSPITAL, "2201", &registration(child)).await.text("/data/mdtrt_id");
        self.done(HOSPITAL, "2202", &of_stay(child, &visit)).await;
        let visit = self.done(HOSPITAL, "2201", &registration(child)).await.text("/data/mdtrt_id");
        let found = json!([diagnosis("1", "J06.900", "急性上呼吸道感染")]);
        let stated = with(statement(child, &visit), "/diseinfo", Some(found));
        self.done(HOSPITAL, "2203", &stated).await;
        self.done(HOSPITAL, "2203A", &stated).await;
        let lines = traced(upload(child, &visit, "B1", &[(CLASS_A, "1", "170.00")]), "feedetail");
        self.done(HOSPITAL, "2204", &lines).await;
        let batch = json!({ "mdtrt_id": visit, "psn_no": child.psn_no(), "chrg_bchno": "B1" });
        self.done(HOSPITAL, "2205", &json!({ "data": batch })).await;
        self.done(HOSPITAL, "2204", &lines).await;
        let first = settlement(child, &visit, "B1", "170.00");
        for infno in ["2206", "2206A", "2207"] {
            self.done(HOSPITAL, infno, &first).await;
        }
        let more = upload(child, &visit, "B2", &[(CLASS_A, "1", "20.00")]);
        let more = with(more, "/feedetail/0/feedetl_sn", Some(json!("2")));
        self.done(HOSPITAL, "2204", &more).await;
        let last = self.done(HOSPITAL, "2207A", &settlement(child, &visit, "B2", "20.00")).await;
        let time = json!({ "psn_no": child.psn_no(), "begntime": "2025-06-16", "endtime": "2025-06-16" });
        self.done(HOSPITAL, "5201", &json!({ "data": time })).await;
        self.done(HOSPITAL, "5202", &of_stay(child, &visit)).await;
        self.done(HOSPITAL, "2208", &of_settlement(child, last.info())).await;
    }

    async fn stay(&mut self, child: &Person) {
        let visit = self.done(HOSPITAL, "2401", &admission(child)).await.text("/result/mdtrt_id");
        let time = json!({ "psn_no": child.psn_no(), "begntime": "2025-06-01", "endtime": "2025-06-16" });
        self.done(HOSPITAL, "5303", &json!({ "data": time })).await;
        let change = json!({
            "mdtrt_id": visit, "psn_no": child.psn_no(), "begntime": "2025-06-14 08:30:00", "med_type": "21",
        });
        let found = json!([diagnosis("1", "J18.900", "肺炎")]);
        self.done(HOSPITAL, "2403", &json!({ "adminfo": change, "diseinfo": found })).await;
        let lines =
            [charged("1", &(CLASS_A, "10", "100.00"), None), charged("2", &(CLASS_B, "1", "40.00"), None)];
        self.done(HOSPITAL, "2301", &charges(child, &visit, &lines)).await;
        let taken = [charged("3", &(CLASS_B, "1", "40.00"), Some("2"))];
        self.done(HOSPITAL, "2301", &charges(child, &visit, &taken)).await;
        let one = json!([{ "feedetl_sn": "3", "mdtrt_id": visit, "psn_no": child.psn_no() }]);
        self.done(HOSPITAL, "2302", &json!({ "data": one })).await;
        self.done(HOSPITAL, "2402", &discharge(child, &visit)).await;
        self.done(HOSPITAL, "2405", &of_stay(child, &visit)).await;
        self.done(HOSPITAL, "2402", &discharge(child, &visit)).await;
        let bill = bill(child, &visit, "1040.00", false, "1");
        self.done(HOSPITAL, "2303", &bill).await;
        let settled = self.done(HOSPITAL, "2304", &bill).await;
        // The number of a document may be in a field of its own; this bill is settled, which is told as ever.
        for infno in ["2303", "2304"] {
            self.send(HOSPITAL, infno, &by_document(bill.clone(), "data")).await.failure();
        }
        self.done(HOSPITAL, "2305", &of_settlement(child, settled.info())).await;
        self.done(HOSPITAL, "2405", &of_stay(child, &visit)).await;
        let all = json!([{ "feedetl_sn": "0000", "mdtrt_id": visit, "psn_no": child.psn_no() }]);
        self.done(HOSPITAL, "2302", &json!({ "data": all })).await;
        self.done(HOSPITAL, "2404", &of_stay(child, &visit)).await;
        self.done(HOSPITAL, "2401", &by_document(admission(child), "mdtrtinfo")).await;
    }

    async fn left_over(&mut self, child: &Person) {
        let of = |more: Value| json!({ "data": merged(json!({ "psn_no": child.psn_no() }), more) });
        self.done(HOSPITAL, "5205", &of(json!({ "begntime": "2025-01-01" }))).await;
        self.done(HOSPITAL, "5206", &of(json!({ "cum_ym": "202506" }))).await;
        self.done(HOSPITAL, "5301", &of(json!({}))).await;
        self.done(HOSPITAL, "5302", &of(json!({ "biz_appy_type": "01" }))).await;
    }
}
