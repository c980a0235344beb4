//! What real clients send, region by region, over real HTTP; and what none should send, with its message.

use crate::client::{CLASS_A, Reply, Till, envelope, purchase, reversal, run, settlement, signed, with};
use crate::world::{HOSPITAL, PHARMACY, person};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A till that is served on a port of its own.
struct Served {
    till: Till,
    address: SocketAddr,
}

impl Served {
    async fn open() -> Served {
        let till = Till::open().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(axum::serve(listener, till.router()).into_future());
        Served { till, address }
    }

    /// Sends bytes as they are, signed for a transaction, and reads the answer.
    async fn send(&self, infno: &str, kind: Option<&str>, body: &[u8]) -> Reply {
        let mut head = format!("POST /hospital/{infno} HTTP/1.1\r\nHost: hospital\r\nConnection: close\r\n");
        for (name, value) in signed(PHARMACY, infno) {
            head += &format!("{name}: {value}\r\n");
        }
        head += &kind.map(|it| format!("Content-Type: {it}\r\n")).unwrap_or_default();
        head += &format!("Content-Length: {}\r\n\r\n", body.len());
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        stream.write_all(&[head.as_bytes(), body].concat()).await.expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an answer");
        let text = String::from_utf8(answer).expect("UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).expect("a status");
        assert!(head.to_ascii_lowercase().contains("content-type: application/json;charset=utf-8"), "{head}");
        Reply { status, bytes: body.as_bytes().to_vec(), json: serde_json::from_str(body).expect("JSON") }
    }
}

/// The message that all cases change: a child buys for one yuan, a relative pays.
fn message(msgid: &str) -> Value {
    envelope(PHARMACY, "2101", msgid, &purchase(person("lixiaoming"), &[(CLASS_A, "1", "1.00")]))
}

/// Region and what it does, and the places of the message that are changed or left out.
type Case = (&'static str, Vec<(&'static str, Option<Value>)>);

#[rustfmt::skip]
fn cases() -> Vec<Case> {
    let card = person("lixiaoming").card();
    let block = format!("{card}|{}", "MIGf/A0GCS+qGSIb".repeat(16));
    let line = message("")["input"]["drugdetail"][0].clone();
    let number = |text: &str| serde_json::from_str::<Value>(text).expect("a number");
    vec![
        ("Hunan: the word null for nothing", vec![("/insuplc_admdvs", Some(json!("null"))), ("/dev_no", Some(json!("null"))), ("/sign_no", Some(json!("null"))), ("/input/druginfo/certno", Some(json!("null")))]),
        ("Hunan: the shortest names",        vec![("/fixmedins_name", Some(json!(""))), ("/opter_name", None)]),
        ("elsewhere: the longest names",     vec![("/fixmedins_name", Some(json!("徐州市某某大药房连锁有限公司".repeat(15))))]),
        ("Zhejiang: one object for a list",  vec![("/input/drugdetail", Some(line.clone()))]),
        ("Zhejiang: fields of a later text", vec![("/input/druginfo/matn_type", Some(json!(""))), ("/input/druginfo/geso_val", Some(Value::Null))]),
        ("Jilin: encType is there, empty",   vec![("/encType", Some(json!(""))), ("/enc_type", Some(Value::Null)), ("/signtype", Some(json!("SM2"))), ("/cainfo", Some(json!("c2lnbmF0dXJl")))]),
        ("Jiangsu: the software's vendor",   vec![("/fixmedins_soft_fcty", Some(json!("某软件")))]),
        ("Guangdong: an older field",        vec![("/recer_admdvs", Some(json!("440300"))), ("/msgid", Some(json!("P3203000000120250616100000")))]),
        ("Chongqing: no sequence, a system", vec![("/msgid", Some(json!("P3203000000120250616100001"))), ("/recer_sys_code", Some(json!("YBXT"))), ("/serv_code", Some(json!("1"))), ("/serv_sign", Some(json!("x"))), ("/input/druginfo/return_invono", Some(json!("")))]),
        ("Liaoning: a card with its block",  vec![("/input/druginfo/mdtrt_cert_no", Some(json!(block))), ("/msgid", Some(json!("P3203000000121012025061610000"))), ("/input/druginfo/exp_content", Some(json!({ "TRUM_FLAG": "0" })))]),
        ("Hebei: the PIN of a card",         vec![("/cainfo", Some(json!("QUJD".repeat(256)))), ("/signtype", Some(json!("MOCK")))]),
        ("Shanghai: a category of its own",  vec![("/input/druginfo/psn_type", Some(json!("116032")))]),
        ("a UUID for an id",                 vec![("/msgid", Some(json!("0f8fad5b-d9cb-469f-a165-708677289501")))]),
        ("an id of 17",                      vec![("/msgid", Some(json!("20250616100000001")))]),
        ("an id that begins otherwise",      vec![("/msgid", Some(json!("H99999999999202506161000000001")))]),
        ("a number for the operator's kind", vec![("/opter_type", Some(json!(1)))]),
        ("a number for the version",         vec![("/infver", Some(number("1.0")))]),
        ("a version of the text",            vec![("/infver", Some(json!("1.0.0")))]),
        ("an area for the receiver",         vec![("/recer_sys_code", Some(json!("320300")))]),
        ("words for the receiver",           vec![("/recer_sys_code", Some(json!("接收方系统代码")))]),
        ("exp_content as text",              vec![("/input/druginfo/exp_content", Some(json!("{\"MDTRT_GRP_TYPE\":\"1\"}")))]),
        ("numbers as text",                  vec![("/input/druginfo/medfee_sumamt", Some(json!("1"))), ("/input/drugdetail", Some(json!([with(json!({"it": line}), "/it/cnt", Some(json!("1.0000")))["it"]])))]),
        ("text as numbers",                  vec![("/input/druginfo/insutype", Some(json!(390))), ("/input/druginfo/acct_used_flag", Some(json!(1))), ("/input/druginfo/medfee_sumamt", Some(number("1.00")))]),
        ("an ID number only in one place",   vec![("/input/druginfo/mdtrt_cert_type", Some(json!("03"))), ("/input/druginfo/certno", None), ("/input/druginfo/psn_name", None), ("/input/druginfo/psn_cert_type", None)]),
        ("no field that decides nothing",    vec![("/infver", None), ("/opter_type", None), ("/opter", None), ("/inf_time", None), ("/recer_sys_code", None), ("/fixmedins_name", None), ("/insuplc_admdvs", None), ("/mdtrtarea_admvs", None)]),
        ("a zero before a flag",             vec![("/input/drugdetail/0/hosp_appr_flag", Some(json!("01")))]),
        ("nodes in another case",            vec![("/input", Some(json!({ "drugInfo": message("")["input"]["druginfo"], "DRUGDETAIL": [line] })))]),
    ]
}

/// Every number of an answer that is an amount has two decimals: clients compare and cut them as text.
fn amounts_have_two_decimals(info: &Value) {
    let fields = info.as_object().expect("an object");
    let is_amount =
        |name: &str| ["_amt", "_sumamt", "_pay", "balc", "_part_amt"].iter().any(|it| name.ends_with(it));
    let mut seen = 0;
    for (name, value) in fields.iter().filter(|(name, value)| is_amount(name) && value.is_number()) {
        let text = value.to_string();
        assert_eq!(text.split_once('.').map(|(_, decimals)| decimals.len()), Some(2), "{name}: {text}");
        seen += 1;
    }
    assert!(seen > 10, "{info}");
}

/// If this fails, the software of a region cannot be used as it is.
#[test]
fn every_region_is_read_as_it_sends() {
    run(|| async {
        let served = Served::open().await;
        let kinds = ["application/json", "text/plain", "text/plain;charset=utf-8"];
        for (number, (name, changes)) in cases().into_iter().enumerate() {
            eprintln!("{name}");
            let mut sent = message(&format!("QUIRK-{number}"));
            for (place, value) in changes {
                sent = with(sent, place, value);
            }
            let bom = if number % 2 == 0 { "\u{feff}" } else { "" };
            let kind = kinds.get(number % 4).copied();
            let reply = served.send("2101", kind, format!("{bom}{sent}").as_bytes()).await;
            assert_eq!(reply.info()["acct_mulaid_pay"].to_string(), "1.00", "{name}");
            amounts_have_two_decimals(reply.info());
            let text = String::from_utf8(reply.bytes).expect("UTF-8");
            assert!(text.contains("\"infcode\":0,"), "{name}: the number 0 and not a text");
        }
    });
}

/// If this fails, a fund pays for what the hospital's doctor did not approve, because of a zero before a flag.
#[test]
fn what_is_not_approved_is_not_paid_however_it_is_written() {
    run(|| async {
        let till = Till::open().await;
        for (flag, expected) in [("", "0.00"), ("0", "0.00"), ("1", "0.00"), ("2", "1.00"), ("02", "1.00")] {
            let bill = with(message("")["input"].clone(), "/drugdetail/0/hosp_appr_flag", Some(json!(flag)));
            let reply = till.send(PHARMACY, "2101", &bill).await;
            assert_eq!(reply.info()["fulamt_ownpay_amt"].to_string(), expected, "{flag}");
        }
    });
}

/// If this fails, a reversal does not find what it is to reverse, or a sign-in fails, for the case of a letter.
#[test]
fn letters_in_another_case_mean_the_same() {
    run(|| async {
        let till = Till::open().await;
        let hello = json!({ "signin": { "opter_no": "0001", "mac": "", "ip": "" } });
        till.send(HOSPITAL, "9001", &hello).await.text("/signinoutb/sign_no");
        let patient = person("lixiaoming");
        let visit = till.visit(HOSPITAL, patient, &[(CLASS_A, "1", "20.00")]).await;
        let bill = settlement(patient, &visit, "B1", "20.00");
        let msgid = till.msgid(HOSPITAL);
        let settled = till.send_as(HOSPITAL, "2207a", &msgid, &bill).await;
        assert_eq!(till.send_as(HOSPITAL, "2207A", &msgid, &bill).await, settled, "the same message");
        let reversed = till.send(HOSPITAL, "2601", &reversal(patient, &msgid, "2207a")).await;
        assert_eq!(reversed.text("/result/GJ_STATE"), "reversed");
    });
}

/// A message whose lines are many.
fn long_bill(lines: usize) -> String {
    let line = message("")["input"]["drugdetail"][0].clone();
    let numbered =
        (0..lines).map(|it| with(json!({ "it": line }), "/it/feedetl_sn", Some(json!(it)))["it"].clone());
    with(message("BAD-1"), "/input/drugdetail", Some(numbered.collect())).to_string()
}

/// If this fails, what cannot be read is guessed at, stops the server, or gets an answer that helps nobody (R-E10).
#[test]
#[rustfmt::skip]
fn what_none_should_send_is_refused_by_name() {
    run(|| async {
        let served = Served::open().await;
        let text = message("BAD-1").to_string();
        let changed = |from: &str, to: &str| { assert!(text.contains(from), "{from}"); text.replacen(from, to, 1).into_bytes() };
        let amount = "\"medfee_sumamt\":\"1.00\"";
        let gbk = { let (before, after) = text.split_once("测试").expect("a name"); [before.as_bytes(), b"\xb2\xe2\xca\xd4", after.as_bytes()].concat() };
        let utf16: Vec<u8> = [0xff_u8, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let deep = format!("\"input\":{}{},\"a\":{{", "[".repeat(10_000), "]".repeat(10_000));
        let cases: Vec<(&str, Vec<u8>, &str)> = vec![
            ("GB18030",                     gbk, "GB18030"),
            ("UTF-16",                      utf16, "不是 UTF-8 编码"),
            ("half a letter",               [text.as_bytes(), b"\xe4\xb8"].concat(), "不是 UTF-8 编码"),
            ("10,000 levels",               changed("\"input\":{", &deep), "嵌套超过 32 层"),
            ("10,000 levels of objects",    "{\"a\":".repeat(10_000).into_bytes(), "嵌套超过 32 层"),
            ("a key twice, above",          changed("\"infno\":", "\"infno\":\"2102\",\"infno\":"), "infno：在同一层出现两次"),
            ("a key twice, in the bill",    changed("\"acct_used_flag\":", "\"acct_used_flag\":\"0\",\"acct_used_flag\":"), "acct_used_flag：在同一层出现两次"),
            ("a key twice, in a line",      changed("\"cnt\":", "\"cnt\":\"9\",\"cnt\":"), "cnt：在同一层出现两次"),
            ("a key twice, in exp_content", changed("\"exp_content\":\"\"", "\"exp_content\":\"{\\\"GJ_REPEAT\\\":1,\\\"GJ_REPEAT\\\":0}\""), "GJ_REPEAT：在同一层出现两次"),
            ("a node twice",                changed("\"druginfo\":", "\"druginfo\":{},\"druginfo\":"), "druginfo：在同一层出现两次"),
            ("NaN",                         changed(amount, "\"medfee_sumamt\":NaN"), "不是有效的 JSON（第 1 行"),
            ("Infinity",                    changed(amount, "\"medfee_sumamt\":-Infinity"), "不是有效的 JSON（第 1 行"),
            ("NaN as text",                 changed(amount, "\"medfee_sumamt\":\"NaN\""), "druginfo.medfee_sumamt"),
            ("1e400",                       changed(amount, "\"medfee_sumamt\":1e400"), "druginfo.medfee_sumamt"),
            ("1e400 as text",               changed(amount, "\"medfee_sumamt\":\"1e400\""), "druginfo.medfee_sumamt"),
            ("-0.00",                       changed(amount, "\"medfee_sumamt\":\"-0.00\""), "druginfo.medfee_sumamt"),
            ("100,000 digits",              changed(amount, &format!("\"medfee_sumamt\":{}", "9".repeat(100_000))), "druginfo.medfee_sumamt"),
            ("a number of 100,000 zeros",   changed(amount, &format!("\"medfee_sumamt\":1.{}", "0".repeat(100_000))), "druginfo.medfee_sumamt"),
            ("single quotes",               text.replace('"', "'").into_bytes(), "不是有效的 JSON"),
            ("a comment",                   format!("/* */{text}").into_bytes(), "不是有效的 JSON"),
            ("something after it",          format!("{text};").into_bytes(), "JSON 结束后还有内容"),
            ("a zero after it",             format!("{text}\0").into_bytes(), "JSON 结束后还有内容"),
            ("10,000 lines",                long_bill(10_000).into_bytes(), "一次最多 2000 行，收到 10000 行"),
            ("2,001 lines",                 long_bill(2_001).into_bytes(), "一次最多 2000 行，收到 2001 行"),
        ];
        let before = served.till.books().await;
        for (name, body, says) in cases {
            let message = served.send("2101", Some("application/json"), &body).await.failure();
            assert!(message.starts_with("[MALFORMED] ") && message.contains(says), "{name}: {message}");
            assert!(message.contains("没有扣钱"), "{name}: {message}");
            assert!(!served.till.is_taken(PHARMACY, "BAD-1").await, "{name}");
        }
        assert_eq!(served.till.books().await, before);
        served.send("2101", None, text.as_bytes()).await.info();
    });
}
