//! The shapes real clients send: read tolerantly, answered the same.

use crate::client::{
    CLASS_A, CLASS_B, Till, envelope, of_settlement, purchase, registration, reversal, run, settlement,
    signed, statement, upload, with,
};
use crate::world::{HOSPITAL, PHARMACY, person};
use serde_json::{Value, json};

fn raw(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// If this fails, an institution whose software differs from the text of the specification cannot settle.
#[test]
#[rustfmt::skip]
fn a_purchase_is_read_in_every_shape_that_is_sent() {
    run(|| async {
        let till = Till::open().await;
        let base = purchase(person("lixiaoming"), &[(CLASS_A, "2", "10.00")]);
        let expected = till.send(PHARMACY, "2101", &base).await;
        assert_eq!(expected.info()["acct_pay"].to_string(), "20.00");
        let cases: &[(&str, &str, Option<Value>)] = &[
            ("a number for an amount",           "/druginfo/medfee_sumamt", Some(raw("20.00"))),
            ("a number without decimals",        "/druginfo/medfee_sumamt", Some(raw("20"))),
            ("an amount with one decimal",       "/druginfo/medfee_sumamt", Some(json!("20.0"))),
            ("an amount with four zeros",        "/druginfo/medfee_sumamt", Some(json!("20.0000"))),
            ("spaces around an amount",          "/druginfo/medfee_sumamt", Some(json!(" 20.00 "))),
            ("a number for a flag",              "/druginfo/acct_used_flag", Some(json!(1))),
            ("a number for a code",              "/druginfo/insutype", Some(json!(390))),
            ("a number for the treatment",       "/druginfo/med_type", Some(json!(41))),
            ("no ID number",                     "/druginfo/certno", None),
            ("an empty ID number",               "/druginfo/certno", Some(json!(""))),
            ("null for the ID number",           "/druginfo/certno", Some(Value::Null)),
            ("the word null for the ID number",  "/druginfo/certno", Some(json!("null"))),
            ("no name",                          "/druginfo/psn_name", None),
            ("no category",                      "/druginfo/psn_type", None),
            ("no type of document",              "/druginfo/psn_cert_type", None),
            ("no exp_content",                   "/druginfo/exp_content", None),
            ("null for exp_content",             "/druginfo/exp_content", Some(Value::Null)),
            ("the word null for exp_content",    "/druginfo/exp_content", Some(json!("null"))),
            ("exp_content as text",              "/druginfo/exp_content", Some(json!("{\"MDTRT_GRP_TYPE\":\"1\"}"))),
            ("exp_content as an object",         "/druginfo/exp_content", Some(json!({"MDTRT_GRP_TYPE": "1"}))),
            ("a field nobody knows",             "/druginfo/return_invono", Some(json!("1"))),
            ("a node nobody knows",              "/extra", Some(json!([1, {"a": null}]))),
            ("a day for a moment",               "/druginfo/begntime", Some(json!("2025-06-16"))),
            ("a moment without seconds",         "/druginfo/begntime", Some(json!("2025-06-16 09:40"))),
            ("one object for an array",          "/drugdetail", Some(base["drugdetail"][0].clone())),
            ("an array for one object",          "/druginfo", Some(json!([base["druginfo"]]))),
            ("two units of a fine price",        "/drugdetail", Some(json!([{"feedetl_sn": "1", "med_list_codg": CLASS_A,
                "cnt": "2.0000", "pric": "10.000000", "det_item_fee_sumamt": "20.00"}]))),
            ("numbers in a line",                "/drugdetail", Some(json!([{"feedetl_sn": 1, "med_list_codg": CLASS_A,
                "cnt": 2, "pric": raw("10.00"), "det_item_fee_sumamt": 20, "hosp_appr_flag": 0}]))),
            ("letters in a line's number",       "/drugdetail", Some(json!([{"feedetl_sn": "CF-2025A01", "med_list_codg": CLASS_A,
                "cnt": "2", "pric": "10", "det_item_fee_sumamt": "20.00"}]))),
        ];
        for (name, pointer, value) in cases {
            eprintln!("{name}");
            let reply = till.send(PHARMACY, "2101", &with(base.clone(), pointer, value.clone())).await;
            for field in ["medfee_sumamt", "inscp_scp_amt", "acct_pay", "acct_mulaid_pay", "psn_cash_pay", "balc"] {
                assert_eq!(reply.info()[field], expected.info()[field], "{name}: {field}");
            }
        }
    });
}

/// If this fails, an institution is turned away for a field that decides nothing, or for the form of its message id.
#[test]
fn an_envelope_is_read_in_every_shape_that_is_sent() {
    run(|| async {
        let till = Till::open().await;
        let input = purchase(person("lixiaoming"), &[(CLASS_A, "1", "1.00")]);
        let base = envelope(PHARMACY, "2101", "M", &input);
        let mut cases: Vec<(String, Value)> = Vec::new();
        for field in ["infver", "opter_type", "opter", "opter_name", "sign_no", "inf_time", "mdtrtarea_admvs"]
        {
            for value in [None, Some(json!("")), Some(Value::Null), Some(json!("null")), Some(json!(1))] {
                let name = format!("{field}: {value:?}");
                cases.push((name, with(base.clone(), &format!("/{field}"), value)));
            }
        }
        for version in ["V1.0", "1.0.0", "1.0", "1"] {
            cases.push((version.to_owned(), with(base.clone(), "/infver", Some(json!(version)))));
        }
        let msgids = [
            "P32030000001202506161000000001",
            "H123456789012025061610000001",
            "20250616100000001",
            "0f8fad5bd9cb469fa16570867728950",
            "P3203000000120250616100000",
            "P32030000001-2102-20250616",
        ];
        for msgid in msgids {
            cases.push((msgid.to_owned(), with(base.clone(), "/msgid", Some(json!(msgid)))));
        }
        cases.push(("encType".to_owned(), with(base, "/encType", Some(json!("")))));
        for (name, envelope) in cases {
            eprintln!("{name}");
            let reply = till.envelope(PHARMACY, &envelope).await;
            assert_eq!(reply.info()["acct_pay"].to_string(), "1.00", "{name}");
            let reference = reply.json["inf_refmsgid"].as_str().expect("a reference");
            assert_eq!(reference.chars().count(), 30, "{name}: {reference}");
        }
    });
}

/// If this fails, an institution has to change its addresses, content type or encoding to come to us.
#[test]
fn every_address_and_content_type_gives_the_same_answer() {
    run(|| async {
        let till = Till::open().await;
        let input = purchase(person("lixiaoming"), &[(CLASS_A, "1", "1.00")]);
        let text = envelope(PHARMACY, "2101", "M-ADDRESS", &input).to_string();
        let addresses = [
            "/hospital",
            "/hospital/2101",
            "/fsi/api/rsfComIfsService/callService",
            "/mbs/fmi/fsi/api/callFsiService/callService",
            "/eapdomain/callService",
            "/CSB",
        ];
        let types =
            ["text/plain", "application/json", "application/json;charset=UTF-8", "text/plain;charset=utf-8"];
        for address in addresses {
            for kind in types {
                for bom in ["", "\u{feff}"] {
                    let mut headers = signed(PHARMACY, "api_2101");
                    headers.push(("content-type", kind.to_owned()));
                    let reply = till.post(address, &headers, format!("{bom}{text}").as_bytes()).await;
                    assert_eq!(reply.info()["acct_pay"].to_string(), "1.00", "{address} {kind}");
                }
            }
        }
        let without_type = till.post("/CSB", &signed(PHARMACY, "2101"), text.as_bytes()).await;
        assert_eq!(without_type.info()["acct_pay"].to_string(), "1.00");
    });
}

/// If this fails, regions that call the service versions (2203A, 2206A, 2207A) cannot run a whole visit, or the
/// reversal of a 2207A does not find it.
#[test]
fn a_whole_visit_in_the_a_variants_with_untidy_fields() {
    run(|| async {
        let till = Till::open().await;
        let patient = person("lixiaoming");
        let bare = with(registration(patient), "/data/certno", None);
        let bare = with(with(bare, "/data/psn_name", None), "/data/caty", Some(Value::Null));
        let registered = till.send(HOSPITAL, "2201", &bare).await;
        assert_eq!(registered.text("/data/psn_no"), patient.psn_no());
        assert_eq!(registered.text("/data/ipt_otp_no"), "OP0001");
        let visit = registered.text("/data/mdtrt_id");
        assert!(visit.len() <= 30);
        let stated = with(statement(patient, &visit), "/mdtrtinfo/matn_type", Some(json!("")));
        let stated = with(stated, "/mdtrtinfo/geso_val", Some(json!(0)));
        assert_eq!(till.send(HOSPITAL, "2203A", &stated).await.output(), &Value::Null);
        let items = [(CLASS_A, "1", "150.00"), (CLASS_B, "2", "10.00")];
        let lines = till.send(HOSPITAL, "2204", &upload(patient, &visit, "B1", &items)).await;
        assert_eq!(lines.output()["result"][1]["preselfpay_amt"].to_string(), "2.00");
        assert_eq!(lines.output()["result"][1]["selfpay_prop"].to_string(), "0.1000");
        let number = raw(&visit);
        let bill = with(settlement(patient, &visit, "B1", "170.00"), "/data/mdtrt_id", Some(number));
        let shown = till.send(HOSPITAL, "2206A", &bill).await;
        for field in ["setl_id", "setl_time", "clr_way", "clr_optins"] {
            assert_eq!(shown.info()[field], Value::Null, "a preview has no {field}");
        }
        let msgid = till.msgid(HOSPITAL);
        let settled = till.send_as(HOSPITAL, "2207A", &msgid, &bill).await;
        assert_eq!(settled.info()["acct_pay"], shown.info()["acct_pay"]);
        let reversed = till.send(HOSPITAL, "2601", &reversal(patient, &msgid, "2207A")).await;
        assert_eq!(reversed.text("/result/GJ_STATE"), "reversed");
        let asked = till.send(HOSPITAL, "5203", &of_settlement(patient, settled.info())).await;
        assert_eq!(asked.info()["refd_setl_flag"], json!("1"));
    });
}

/// If this fails, a client that begins its day with a sign-in stops there, or signing in twice does harm.
#[test]
fn signing_in_and_out() {
    run(|| async {
        let till = Till::open().await;
        let hello = json!({ "signIn": { "opter_no": "0001", "mac": "", "ip": "" } });
        let first = till.send(PHARMACY, "9001", &hello).await.text("/signinoutb/sign_no");
        let again = till.send(PHARMACY, "9001", &hello).await.text("/signinoutb/sign_no");
        assert_eq!(first, again);
        assert!(first.len() <= 30);
        let bye = json!({ "signOut": { "opter_no": "0001", "sign_no": first } });
        assert_eq!(
            till.send(PHARMACY, "9002", &bye).await.text("/signoutoutb/sign_time"),
            "2025-06-16 10:00:00"
        );
        let wrong = with(bye, "/signOut/sign_no", Some(json!("1")));
        assert!(till.send(PHARMACY, "9002", &wrong).await.failure().contains("sign_no"));
    });
}

/// If this fails, a till identifies somebody else, or shows relatives' money as the patient's own (R-E1, R-E8).
#[test]
#[rustfmt::skip]
fn identifying_a_person() {
    run(|| async {
        let till = Till::open().await;
        let (it, other) = (person("liming"), person("zhaoli"));
        let by_card = json!({ "data": { "mdtrt_cert_type": "03", "mdtrt_cert_no": it.card(), "card_sn": it.card_sn(),
            "psn_cert_type": "01", "certno": it.id, "psn_name": it.name } });
        let reply = till.send(PHARMACY, "1101", &by_card).await;
        let base = &reply.output()["baseinfo"];
        assert_eq!((base["psn_no"].as_str(), base["psn_name"].as_str()), (Some(&*it.psn_no()), Some("李明")));
        assert_eq!((base["age"].to_string(), base["gend"].as_str()), ("40.0".to_owned(), Some("1")));
        assert_eq!(base["exp_content"], json!("{\"calYearBalc\":1200.00,\"crtYearBalc\":800.00}"));
        let insured = &reply.output()["insuinfo"][0];
        assert_eq!((insured["balc"].to_string(), insured["insutype"].as_str()), ("2000.00".to_owned(), Some("310")));
        let by_id = |id: &str| json!({ "data": { "mdtrt_cert_type": "02", "mdtrt_cert_no": id } });
        assert_eq!(till.send(PHARMACY, "1101", &by_id(&it.id)).await.output()["baseinfo"], *base);
        let child = till.send(PHARMACY, "1101", &by_id(&person("lixiaoming").id)).await;
        assert_eq!(child.output()["insuinfo"][0]["balc"].to_string(), "0.00");
        let refusals: &[(&str, Value, &str)] = &[
            ("somebody else's ID number", with(by_card.clone(), "/data/certno", Some(json!(other.id))), "OWN_CREDENTIAL_REQUIRED"),
            ("an ID number of nobody",    with(by_card.clone(), "/data/certno", Some(json!("990000190001010000"))), "OWN_CREDENTIAL_REQUIRED"),
            ("another card's serial",     with(by_card.clone(), "/data/card_sn", Some(json!(other.card_sn()))), "OWN_CREDENTIAL_REQUIRED"),
            ("a card of nobody",          with(by_card, "/data/mdtrt_cert_no", Some(json!("C0"))), "PERSON_UNKNOWN"),
        ];
        for (name, input, code) in refusals {
            eprintln!("{name}");
            assert_eq!(till.send(PHARMACY, "1101", input).await.code(), *code, "{name}");
        }
    });
}

/// If this fails, a hospital is told wrongly whether the fund pays for somebody.
#[test]
fn checking_a_persons_benefits() {
    run(|| async {
        let till = Till::open().await;
        let ask = |key: &str, insutype: &str| {
            json!({ "data": { "psn_no": person(key).psn_no(), "insutype": insutype, "med_type": "11",
                "fixmedins_code": HOSPITAL, "begntime": "2025-06-16 09:00:00" } })
        };
        let reply = till.send(HOSPITAL, "2001", &ask("liming", "310")).await;
        assert_eq!(reply.output()["trtinfo"][0]["trt_enjymnt_flag"], json!("1"));
        assert_eq!(reply.output()["trtinfo"][0]["fund_pay_type"], json!("310100"));
        let reply = till.send(HOSPITAL, "2001", &ask("liming", "390")).await;
        assert_eq!(reply.output()["trtinfo"][0]["trt_enjymnt_flag"], json!("0"));
        let nobody = with(ask("liming", "310"), "/data/psn_no", Some(json!("1")));
        assert_eq!(till.send(HOSPITAL, "2001", &nobody).await.code(), "PERSON_UNKNOWN");
    });
}
