//! Institutions, catalogues, mappings and the dictionary, as clients ask for them.

use crate::client::{CLASS_A, CLASS_B, OUT, Reply, Till, purchase, run, with};
use crate::world::{HOSPITAL, PHARMACY, person};
use serde_json::{Value, json};

/// Rows of an answer that has pages.
fn rows(reply: &Reply) -> Vec<Value> {
    reply.output()["data"].as_array().expect("rows").clone()
}

fn data(fields: Value) -> Value {
    json!({ "data": crate::client::merged(json!({ "updt_time": "2020-01-01", "page_num": 1, "page_size": 10 }), fields) })
}

/// If this fails, a client cannot find out whom a code belongs to, or under which code somebody is known.
#[test]
#[rustfmt::skip]
fn institutions_are_found_by_code_and_by_name() {
    run(|| async {
        let till = Till::open().await;
        let asked = |fields: Value| json!({ "medinsinfo": fields });
        let by_code = till.send(PHARMACY, "1201", &asked(json!({ "fixmedins_type": "1", "fixmedins_code": HOSPITAL, "fixmedins_name": "" }))).await;
        let found = by_code.output()["medinsinfo"][0].clone();
        assert_eq!((&found["fixmedins_code"], &found["fixmedins_type"], &found["hosp_lv"]), (&json!(HOSPITAL), &json!("1"), &json!("12")));
        let name = found["fixmedins_name"].as_str().expect("a name").to_owned();
        let beginning: String = name.chars().take(4).collect();
        for (case, fields, expected) in [
            ("the name",           json!({ "fixmedins_name": name }), true),
            ("how it begins",      json!({ "fixmedins_name": beginning }), true),
            ("one row as an array", json!([{ "fixmedins_code": HOSPITAL }]), true),
            ("a pharmacy wanted",  json!({ "fixmedins_code": HOSPITAL, "fixmedins_type": "2" }), false),
            ("another name",       json!({ "fixmedins_name": "无此机构" }), false),
            ("a code of nobody",   json!({ "fixmedins_code": "H32030099999" }), false),
        ] {
            for node in ["medinsinfo", "medinsInfo"] {
                let reply = till.send(HOSPITAL, "1201", &json!({ node: fields })).await;
                let found = reply.output()["medinsinfo"].as_array().expect("an array").iter().any(|it| it["fixmedins_code"] == json!(HOSPITAL));
                assert_eq!(found, expected, "{case} in {node}: {}", reply.json);
            }
        }
        for (fields, says) in [(json!({}), "fixmedins_name"), (json!({ "fixmedins_code": "1" }), "fixmedins_code")] {
            assert!(till.send(HOSPITAL, "1201", &asked(fields)).await.failure().contains(says));
        }
    });
}

/// If this fails, a hospital shows another class, share or price than its bills are judged by (R-J2).
#[test]
#[rustfmt::skip]
fn the_payment_catalogue_says_what_bills_are_judged_by() {
    run(|| async {
        let till = Till::open().await;
        let one = |infno: &'static str, code: &'static str| { let till = &till; async move {
            let found = rows(&till.send(HOSPITAL, infno, &data(json!({ "hilist_code": code }))).await);
            assert_eq!(found.len(), 1, "{infno} {code}: {found:?}");
            found[0].clone()
        }};
        for (code, level, share, paid) in [(CLASS_A, "01", "0.0000", "1"), (CLASS_B, "02", "0.1000", "1"), (OUT, "03", "1.0000", "0")] {
            let item = one("1312", code).await;
            let facts = ["chrgitm_lv", "med_use_flag", "list_type", "begndate", "enddate", "vali_flag"].map(|it| item[it].as_str().expect("text").to_owned());
            assert_eq!(facts, [level, paid, "101", "2025-01-01", "2025-12-31", "1"], "{item}");
            assert_eq!(one("1319", code).await["selfpay_prop"].to_string(), share);
            assert_eq!(one("1316", code).await["med_list_codg"], json!(code));
        }
        let limits = rows(&till.send(HOSPITAL, "1318", &data(json!({ "hilist_code": "001102000030000" }))).await);
        let said: Vec<_> = limits.iter().map(|it| (it["hilist_pric_uplmt_amt"].to_string(), it["exp_content"].as_str().expect("text"))).collect();
        assert_eq!(said[0], ("20.00".to_owned(), "{\"GJ_LEVEL\":[\"tertiary\"]}"));
        assert_eq!(said.len(), 2);
        let elsewhere = till.send(HOSPITAL, "1318", &data(json!({ "insu_admdvs": "320102" }))).await;
        assert!(rows(&elsewhere).is_empty(), "another area, other prices");
    });
}

/// If this fails, a client that asks by what it knows gets something else, or nothing.
#[test]
#[rustfmt::skip]
fn the_payment_catalogue_is_asked_in_many_ways() {
    run(|| async {
        let till = Till::open().await;
        let count = |infno: &'static str, fields: Value| { let till = &till; async move {
            let reply = till.send(HOSPITAL, infno, &data(fields)).await;
            reply.output()["recordCounts"].as_u64().expect("a count")
        }};
        let all = count("1312", json!({})).await;
        assert_eq!(all, count("1319", json!({})).await);
        assert!(all > 12_000 && count("1316", json!({})).await < all, "rows without a national code match none");
        let mut by_level = 0;
        for level in ["01", "02", "03"] {
            by_level += count("1312", json!({ "chrgitm_lv": level })).await;
        }
        assert_eq!(by_level, all);
        for (case, fields, some) in [
            ("a name",            json!({ "hilist_name": "氯化钾" }), true),
            ("no such name",      json!({ "hilist_name": "无此药" }), false),
            ("the row's number",  json!({ "hilist_code": "W-0632-01" }), true),
            ("a kind of charge",  json!({ "med_chrgitm_type": "11" }), true),
            ("pieces",            json!({ "list_type": "102" }), false),
            ("no longer valid",   json!({ "vali_flag": "0" }), false),
            ("valid, of Hainan",  json!({ "vali_flag": "01" }), true),
            ("since last year",   json!({ "updt_time": "2024-06-01 00:00:00" }), true),
            ("since yesterday",   json!({ "updt_time": "2025-06-15" }), false),
            ("begun later",       json!({ "begndate": "2025-02-01" }), false),
            ("numbers as text",   json!({ "page_num": "1", "page_size": "10" }), true),
            ("a page too far",    json!({ "page_num": 9_000 }), true),
        ] {
            assert_eq!(count("1312", fields).await > 0, some, "{case}");
        }
        for (fields, says) in [
            (json!({ "pinyin": "LHJ" }), "pinyin"), (json!({ "wubi": "QWX" }), "wubi"),
            (json!({ "page_num": 0 }), "page_num"), (json!({ "page_size": 1_001 }), "page_size"), (json!({ "page_size": "x" }), "page_size"),
            (json!({ "vali_flag": "2" }), "vali_flag"), (json!({ "insu_admdvs": "32" }), "insu_admdvs"), (json!({ "query_date": "today" }), "query_date"),
        ] {
            assert!(till.send(HOSPITAL, "1312", &data(fields)).await.failure().contains(says), "{says}");
        }
        assert_eq!(till.send(HOSPITAL, "1312", &data(json!({ "query_date": "2031-01-01" }))).await.code(), "NO_CATALOGUE");
    });
}

/// If this fails, somebody who reads page after page misses an item, or reads one twice.
#[test]
fn pages_join_without_a_gap() {
    run(|| async {
        let till = Till::open().await;
        let asked = |page: u64| data(json!({ "hilist_name": "小儿", "page_num": page, "page_size": 7 }));
        let first = till.send(HOSPITAL, "1312", &asked(1)).await;
        let (all, pages) = (first.output()["recordCounts"].as_u64(), first.output()["pages"].as_u64());
        let mut seen = std::collections::BTreeSet::new();
        for page in 1..=pages.expect("pages") {
            let reply = till.send(HOSPITAL, "1312", &asked(page)).await;
            assert_eq!(reply.output()["lastPage"], json!((Some(page) == pages).to_string()));
            let before = seen.len() as u64;
            assert_eq!(reply.output()["startRow"], json!(before + 1));
            seen.extend(rows(&reply).iter().map(|it| it["rid"].as_str().expect("text").to_owned()));
        }
        assert_eq!(Some(seen.len() as u64), all);
        assert!(seen.iter().all(|it| it.len() <= 40));
    });
}

/// If this fails, an own code goes on standing for what its institution took back, or what was settled by it changes
/// (R-J2).
#[test]
#[rustfmt::skip]
fn an_institution_takes_back_what_its_codes_stand_for() {
    run(|| async {
        let till = Till::open().await;
        let pair = |own: &str, national: &str| json!({ "fixmedins_hilist_id": own, "list_type": "101", "med_list_codg": national });
        let asked = || data(json!({}));
        let both = json!({ "data": [pair("A1", CLASS_A), pair("B2", CLASS_B)] });
        till.send(PHARMACY, "3301", &both).await.output();
        let own = rows(&till.send(PHARMACY, "1317", &asked()).await);
        assert_eq!(own.iter().map(|it| (it["medins_list_codg"].as_str(), it["med_list_codg"].as_str())).collect::<Vec<_>>(), [(Some("A1"), Some(CLASS_A)), (Some("B2"), Some(CLASS_B))]);
        let (patient, line) = (person("lixiaoming"), json!({ "feedetl_sn": "1", "medins_list_codg": "A1", "cnt": "1", "pric": "10.00", "det_item_fee_sumamt": "10.00" }));
        let bill = with(purchase(patient, &[(CLASS_A, "1", "10.00")]), "/drugdetail", Some(line));
        till.send(PHARMACY, "2101", &bill).await.output();
        let msgid = till.msgid(PHARMACY);
        let settled = till.send_as(PHARMACY, "2102", &msgid, &bill).await;
        for (case, place, input, code) in [
            ("never mapped",       PHARMACY, json!({ "data": { "fixmedins_hilist_id": "C3" } }), "MAPPING_UNKNOWN"),
            ("another code",       PHARMACY, json!({ "data": pair("A1", CLASS_B) }), "MAPPING_UNKNOWN"),
            ("one of two",         PHARMACY, json!({ "data": [pair("A1", CLASS_A), pair("C3", CLASS_A)] }), "MAPPING_UNKNOWN"),
            ("somebody else's",    HOSPITAL, json!({ "data": pair("A1", CLASS_A) }), "MAPPING_UNKNOWN"),
            ("in another's name",  HOSPITAL, json!({ "data": { "fixmedins_code": PHARMACY, "fixmedins_hilist_id": "A1" } }), "MALFORMED"),
            ("no own code",        PHARMACY, json!({ "data": { "med_list_codg": CLASS_A } }), "MALFORMED"),
        ] {
            assert_eq!(till.send(place, "3302", &input).await.code(), code, "{case}");
        }
        assert_eq!(rows(&till.send(PHARMACY, "1317", &asked()).await).len(), 2, "a refusal takes nothing back");
        till.send(PHARMACY, "3302", &json!({ "catalogcompin": pair("A1", CLASS_A) })).await.output();
        assert_eq!(till.send(PHARMACY, "2101", &bill).await.code(), "ITEM_NOT_MAPPED", "at once");
        assert_eq!(till.send_as(PHARMACY, "2102", &msgid, &bill).await, settled, "what was settled is as it was");
        assert_eq!(till.send(PHARMACY, "3302", &json!({ "data": { "fixmedins_hilist_id": "A1" } })).await.code(), "MAPPING_UNKNOWN", "twice");
        let left = rows(&till.send(PHARMACY, "1317", &asked()).await);
        assert_eq!(left.iter().map(|it| it["medins_list_codg"].as_str()).collect::<Vec<_>>(), [Some("B2")]);
        till.send(PHARMACY, "3301", &json!({ "catalogcompin": [pair("A1", CLASS_B)] })).await.output();
        let repeated = with(bill, "/druginfo/exp_content", Some(json!({ "GJ_REPEAT": "1" })));
        let again = till.send(PHARMACY, "2101", &repeated).await;
        assert_eq!(again.info()["preselfpay_amt"].to_string(), "1.00", "mapped again, to another code");
        let others = data(json!({ "fixmedins_code": HOSPITAL }));
        assert!(till.send(PHARMACY, "1317", &others).await.failure().contains("fixmedins_code"));
    });
}

/// If this fails, a client cannot fill its lists from the dictionary, or fills them with values that we do not take.
#[test]
#[rustfmt::skip]
fn the_dictionary_has_the_tables_of_the_interface() {
    run(|| async {
        let till = Till::open().await;
        let asked = |fields: Value| json!({ "data": fields });
        let reply = till.send(HOSPITAL, "1901", &asked(json!({ "type": "INSUTYPE", "parent_value": "", "admdvs": "320300", "date": "2025-06-16", "Vali_Flag": "1" }))).await;
        let list = reply.output()["list"].as_array().expect("rows").clone();
        assert_eq!((&list[0]["type"], &list[0]["value"], &list[0]["label"]), (&json!("insutype"), &json!("310"), &json!("职工基本医疗保险")));
        assert_eq!((&list[0]["sort"], &list[0]["parentValue"], &list[0]["valiFlag"]), (&json!(1), &json!(""), &json!("1")));
        for (case, fields, some) in [
            ("no longer valid", json!({ "type": "gend", "Vali_Flag": "0" }), false),
            ("of a parent",     json!({ "type": "psn_type", "parent_value": "11" }), true),
            ("of no parent",    json!({ "type": "gend", "parent_value": "7" }), false),
            ("flag two",        json!({ "type": "acct_used_flag", "parent_value": "0" }), true),
        ] {
            let reply = till.send(HOSPITAL, "1901", &asked(fields)).await;
            assert_eq!(!reply.output()["list"].as_array().expect("rows").is_empty(), some, "{case}");
        }
        for fields in [json!({ "type": "no_such_table" }), json!({})] {
            assert!(till.send(HOSPITAL, "1901", &asked(fields)).await.failure().contains("type"));
        }
    });
}

/// The table in a packed file: its name, and its lines cell by cell.
fn unpacked(zip: &[u8]) -> (String, Vec<Vec<String>>) {
    use std::io::Read as _;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).expect("a ZIP");
    assert_eq!(archive.len(), 1);
    let mut file = archive.by_index(0).expect("a file");
    let mut text = String::new();
    file.read_to_string(&mut text).expect("UTF-8");
    let lines = text.lines().map(|it| it.split('\t').map(str::to_owned).collect());
    (file.name().expect("a name").into_owned(), lines.collect())
}

/// If this fails, a client loads a catalogue with values in the wrong columns, or loads the same one every night.
#[test]
#[rustfmt::skip]
fn catalogues_are_downloaded_once_for_each_version() {
    run(|| async {
        let till = Till::open().await;
        for (infno, columns, key, known) in [("1301", 97, 0, CLASS_B), ("1302", 29, 1, "丁公藤"), ("1305", 16, 0, "001102000030000")] {
            let asked = |ver: &str| json!({ "data": { "ver": ver } });
            let offered = till.send(HOSPITAL, infno, &asked("0")).await;
            let (no, name) = (offered.text("/file_qury_no"), offered.text("/filename"));
            assert_eq!(offered.output()["dld_end_time"], json!("2025-06-23"));
            let again = till.send(PHARMACY, infno, &json!({ "data": { "ver": "" } })).await;
            assert_eq!(again.text("/file_qury_no"), no, "the same file for everybody");
            let file = crate::files::download(&till, PHARMACY, &no).await;
            let (inside, lines) = unpacked(&file.bytes);
            assert_eq!(inside, name.replace(".zip", ".txt"));
            assert_eq!(Some(lines.len() as u64), offered.output()["data_cnt"].as_u64());
            assert!(lines.iter().all(|it| it.len() == columns), "{infno}");
            let line = lines.iter().find(|it| it[key] == known).expect("a line");
            if infno == "1301" {
                assert_eq!([&line[23], &line[36], &line[37], &line[78], &line[91]], ["1", "2025-01-01", "2025-12-31", "1", "02"]);
                let out = lines.iter().find(|it| it[0] == OUT).expect("a line");
                assert_eq!((out[91].as_str(), out[90].as_str()), ("03", "null"));
                assert!(lines.iter().any(|it| it[0].starts_with("W-")), "rows without a national code");
            }
            let records: std::collections::BTreeSet<&str> = lines.iter().map(|it| it[match infno { "1301" => 79, "1302" => 14, _ => 13 }].as_str()).collect();
            assert_eq!(records.len(), lines.len(), "{infno}: a record's number stands there twice");
            let version = &line[match infno { "1301" => 82, "1302" => 17, _ => 14 }];
            assert!(version.len() <= 20 && name.contains(version.as_str()), "{version}");
            assert_eq!(till.send(HOSPITAL, infno, &asked(version)).await.failure(), "已经是最新数据");
        }
        for infno in ["1303", "1304", "1306", "1307", "1308", "1309", "1310", "1311", "1313", "1314", "1315", "1320"] {
            assert_eq!(till.send(HOSPITAL, infno, &json!({ "data": { "ver": "0" } })).await.failure(), "已经是最新数据", "{infno}");
        }
        assert!(till.send(HOSPITAL, "1301", &json!({})).await.failure().contains("data"));
    });
}
