//! What is said in `err_msg` and `exp_content`: short, with code and number, and never who somebody is.

use crate::client::{CLASS_A, CLASS_B, OUT, Reply, Till, purchase, run, settlement, signed, with};
use crate::world::{HOSPITAL, PHARMACY, bind, everybody, person};
use domain::slip::{COLUMNS, LINES, columns};
use domain::slip_no::SlipNo;
use serde_json::{Value, json};

/// No whole name of two people and no document, card or person number.
fn tells_on_nobody(text: &str) {
    for it in everybody() {
        for secret in [&it.name, &it.id, &it.psn_no(), &it.card(), &it.card_sn()] {
            assert!(!text.contains(secret.as_str()), "{secret} in {text}");
        }
    }
}

/// The slip of a settlement as it is printed, checked.
fn slip_of(reply: &Reply) -> Vec<String> {
    let text = reply.info()["exp_content"].as_str().expect("text");
    assert!(text.chars().count() <= 4_000, "{text}");
    tells_on_nobody(text);
    let ours = reply.ours();
    let lines: Vec<String> = serde_json::from_value(ours["GJ_SLIP"].clone()).expect("lines");
    assert!(lines.len() <= LINES, "{lines:?}");
    lines.iter().for_each(|it| assert!(columns(it) <= COLUMNS, "{it}"));
    assert!(ours["GJ_TILL"].as_str().is_some_and(|it| it.chars().count() <= 24), "{ours}");
    lines
}

/// If this fails, a slip runs off the paper or a stranger reads whose money it was (R-E8, R-E12).
#[test]
fn a_settlement_explains_itself_within_its_limits_and_masks_names() {
    run(|| async {
        let till = Till::open().await;
        let items = [(CLASS_A, "1", "20.00"), (CLASS_B, "1", "30.00"), (OUT, "1", "15.00")];
        let reply = till.send(PHARMACY, "2102", &purchase(person("lixiaoming"), &items)).await;
        let (lines, ours) = (slip_of(&reply), reply.ours());
        assert_eq!(ours["GJ_SPLIT"], json!([{ "giver": "李*", "amount": "50.00" }]));
        assert_eq!(ours["GJ_CODES"], json!(["ITEM_NOT_PAYABLE"]));
        let number = ours["GJ_NO"].as_str().expect("a number");
        assert!(SlipNo::parse(number).is_some(), "{number}");
        assert!(lines.last().is_some_and(|it| it.ends_with(number)), "{lines:?}");
        let shown = till.send(PHARMACY, "2101", &purchase(person("lixiaoming"), &[(OUT, "1", "9.00")])).await;
        assert_eq!(shown.ours()["GJ_NO"], json!(""), "a preview has no number");
        slip_of(&shown);
    });
}

/// If this fails, a family with several givers, each with a reason, gets more text than fits (R-E6, R-E7).
#[test]
fn many_givers_and_reasons_still_fit() {
    run(|| async {
        let till = Till::open().await;
        let it = person("lixiaoming");
        for giver in ["zhaoli", "wangxiuying", "zhaojianguo", "liming_elder", "liqiang", "sundehai"] {
            bind(&till.app, person(giver), it, "child").await;
        }
        bind(&till.app, person("weiguoqiang"), it, "child").await;
        bind(&till.app, person("guozhiyuan"), it, "child").await;
        let items = [(CLASS_A, "1", "20000.00"), (CLASS_B, "1", "3000.00"), (OUT, "1", "1500.00")];
        let reply = till.send(PHARMACY, "2102", &purchase(it, &items)).await;
        slip_of(&reply);
        let ours = reply.ours();
        assert!(ours["GJ_SPLIT"].as_array().is_some_and(|it| it.len() >= 4), "{ours}");
    });
}

/// If this fails, a till shows a text without code, number or remedy, or somebody's whole name (R-E1).
#[test]
fn a_refusal_has_code_sentence_and_number_and_tells_on_nobody() {
    run(|| async {
        let till = Till::open().await;
        let it = person("lixiaoming");
        let base = purchase(it, &[(CLASS_A, "1", "20.00"), ("X", "1", "1.00"), ("Y", "1", "1.00")]);
        let cases = [
            ("/druginfo/mdtrt_cert_no", json!(person("liming").card())),
            ("/druginfo/insutype", json!("310")),
            ("/druginfo/medfee_sumamt", json!("1.00")),
            ("/druginfo/begntime", json!("2025-06-17")),
            ("/druginfo/psn_no", json!(person("wangxiuying").psn_no())),
            ("/druginfo/psn_no", json!("000000000000000000000000000000")),
        ];
        for (pointer, value) in cases {
            let reply = till.send(PHARMACY, "2102", &with(base.clone(), pointer, Some(value))).await;
            let message = reply.failure();
            assert!(message.starts_with(&format!("[{}] ", reply.code())), "{message}");
            let number = message.rsplit_once('(').map(|it| it.1.trim_end_matches(')'));
            assert!(number.is_some_and(|it| SlipNo::parse(it).is_some()), "{message}");
            assert!(message.chars().count() > reply.code().len() + 25, "{message} says nothing");
            tells_on_nobody(&message);
        }
        let preview =
            till.send(PHARMACY, "2101", &with(base, "/druginfo/insutype", Some(json!("310")))).await;
        assert!(!preview.failure().ends_with(')'), "a preview has no number");
    });
}

/// If this fails, a malformed message is quoted back, numbers and all.
#[test]
fn a_malformed_message_is_not_quoted() {
    run(|| async {
        let till = Till::open().await;
        let it = person("lixiaoming");
        let base = purchase(it, &[(CLASS_A, "1", "20.00")]);
        for pointer in [
            "/druginfo/medfee_sumamt",
            "/druginfo/begntime",
            "/druginfo/acct_used_flag",
            "/druginfo/insutype",
        ] {
            let input = with(base.clone(), pointer, Some(json!(it.id)));
            tells_on_nobody(&till.send(PHARMACY, "2102", &input).await.failure());
        }
        let broken = format!("{{\"infno\":\"2102\",\"{}\"", it.id);
        let reply = till.post("/hospital/2102", &signed(PHARMACY, "2102"), broken.as_bytes()).await;
        tells_on_nobody(&reply.failure());
    });
}

/// If this fails, the one field that an institution has to choose accounts means something else than we say (R-E11):
/// 0 none, 1 own money and shared money where the area needs nothing further, 2 shared money.
#[test]
#[rustfmt::skip]
fn what_acct_used_flag_means() {
    run(|| async {
        let till = Till::open().await;
        bind(&till.app, person("liming"), person("zhaoli"), "spouse").await;
        let cases = [
            //  place          who           flag  account  of which shared
            (PHARMACY,       "lixiaoming",  "0", "0.00",   "0.00"),
            (PHARMACY,       "lixiaoming",  "1", "40.00",  "40.00"),
            (PHARMACY,       "lixiaoming",  "2", "40.00",  "40.00"),
            (PHARMACY,       "zhaoli",      "0", "0.00",   "0.00"),
            (PHARMACY,       "zhaoli",      "1", "40.00",  "0.00"),
            (PHARMACY,       "zhaoli",      "2", "40.00",  "0.00"),
            ("P45010000001", "weixiulan",   "1", "0.00",   "0.00"),
            ("P45010000001", "weixiulan",   "2", "0.00",   "0.00"),
        ];
        for (place, who, flag, account, shared) in cases {
            let input = purchase(person(who), &[(CLASS_A, "1", "40.00")]);
            let input = with(input, "/druginfo/acct_used_flag", Some(json!(flag)));
            let reply = till.send(place, "2101", &input).await;
            let info = reply.info();
            let got = (info["acct_pay"].to_string(), info["acct_mulaid_pay"].to_string());
            assert_eq!(got, (account.to_owned(), shared.to_owned()), "{place} {who} flag {flag}: {}", reply.ours());
        }
    });
}

/// If this fails, Nanning's givers pay without their own code, or cannot pay with it (R-E2).
#[test]
fn a_givers_own_code_is_carried_in_exp_content() {
    run(|| async {
        let till = Till::open().await;
        let (it, giver, place) = (person("weixiulan"), person("weiguoqiang"), "H45010000001");
        let visit = till.visit(place, it, &[(CLASS_A, "1", "120.00")]).await;
        let bill = settlement(it, &visit, "B1", "120.00");
        let without = till.send(place, "2206", &bill).await;
        assert_eq!(without.info()["acct_pay"].to_string(), "0.00");
        assert!(
            without.ours()["GJ_CODES"]
                .as_array()
                .is_some_and(|it| it.contains(&json!("GIVER_CODE_REQUIRED")))
        );
        // Guangxi takes ID documents from members of the resident scheme only, which a giver is not.
        let document = json!({ "GJ_GIVER_CERT": { "type": "02", "no": giver.id } });
        let document =
            till.send(place, "2206", &with(bill.clone(), "/data/exp_content", Some(document))).await;
        assert_eq!(document.info()["acct_mulaid_pay"].to_string(), "0.00", "{}", document.ours());
        let shapes: [Value; 3] = [
            json!({ "GJ_GIVER_CERT": [{ "type": "03", "no": giver.card() }] }),
            json!({ "GJ_GIVER_CERT": { "type": "03", "no": giver.card() } }),
            json!(format!("{{\"GJ_GIVER_CERT\":[{{\"type\":\"03\",\"no\":\"{}\"}}]}}", giver.card())),
        ];
        for shape in shapes {
            let shown = with(bill.clone(), "/data/exp_content", Some(shape));
            let reply = till.send(place, "2206", &shown).await;
            assert_eq!(reply.info()["acct_mulaid_pay"].to_string(), "60.00", "{}", reply.ours());
            slip_of(&reply);
        }
        assert_ne!(HOSPITAL, place);
    });
}
