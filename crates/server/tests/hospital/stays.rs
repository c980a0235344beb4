//! In-patient stays as hospitals send them: 2401 to 2405, 2301 to 2305, 2601.

use crate::client::{
    CLASS_A, CLASS_B, Item, Till, cost, diagnosis, merged, of_settlement, registration, reversal, run,
    settlement, upload, who, with, yuan,
};
use crate::world::{HOSPITAL, Person, person};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Input of 2401.
pub(crate) fn admission(patient: &Person) -> Value {
    let stay = json!({
        "begntime": "2025-06-14 09:00:00", "med_type": "21", "ipt_no": "ZY0001", "atddr_no": "D1",
        "adm_bed": "12", "dscg_maindiag_code": "J18.900", "insuplc_admdvs": "", "mdtrtarea_admvs": "",
    });
    let of = json!({ "psn_no": patient.psn_no(), "adm_cond": "1" });
    let found = merged(diagnosis("1", "J18.900", "肺炎"), of);
    json!({ "mdtrtinfo": merged(who(patient), stay), "diseinfo": [found] })
}

/// Input of 2404 and 2405.
pub(crate) fn of_stay(patient: &Person, visit: &str) -> Value {
    json!({ "data": { "mdtrt_id": visit, "psn_no": patient.psn_no() } })
}

/// Input of 2402.
pub(crate) fn discharge(patient: &Person, visit: &str) -> Value {
    json!({
        "dscginfo": {
            "mdtrt_id": visit, "psn_no": patient.psn_no(), "insutype": patient.insutype(),
            "endtime": "2025-06-16 08:00:00", "dscg_way": "1",
        },
        "diseinfo": [diagnosis("1", "J15.900", "细菌性肺炎")],
    })
}

/// A line of 2301; `corrects` names the line that a negative one corrects.
pub(crate) fn charged(sn: &str, item: &Item<'_>, corrects: Option<&str>) -> Value {
    let sign = if corrects.is_some() { "-" } else { "" };
    json!({
        "feedetl_sn": sn, "init_feedetl_sn": corrects, "med_type": "21", "fee_ocur_time": "2025-06-15 08:00:00",
        "med_list_codg": item.0, "medins_list_codg": format!("OWN-{}", item.0), "pric": item.2,
        "det_item_fee_sumamt": format!("{sign}{}", yuan(cost(item))), "cnt": format!("{sign}{}", item.1),
        "hosp_appr_flag": "0",
    })
}

/// Input of 2301.
pub(crate) fn charges(patient: &Person, visit: &str, lines: &[Value]) -> Value {
    let of = json!({ "mdtrt_id": visit, "psn_no": patient.psn_no() });
    json!({ "feedetail": lines.iter().map(|it| merged(it.clone(), of.clone())).collect::<Vec<Value>>() })
}

/// Input of 2302.
fn removal(patient: &Person, visit: &str, lines: &[&str]) -> Value {
    let of = |sn: &&str| json!({ "feedetl_sn": sn, "mdtrt_id": visit, "psn_no": patient.psn_no() });
    json!({ "data": lines.iter().map(of).collect::<Vec<Value>>() })
}

/// Input of 2303 and 2304.
pub(crate) fn bill(patient: &Person, visit: &str, total: &str, interim: bool, flag: &str) -> Value {
    let bill = json!({
        "medfee_sumamt": total, "psn_setlway": "01", "mdtrt_id": visit, "acct_used_flag": flag,
        "mid_setl_flag": if interim { "1" } else { "0" }, "insuplc_admdvs": "", "mdtrtarea_admvs": "",
    });
    json!({ "data": merged(who(patient), bill) })
}

/// Columns of the table of fields that 2303, 2304 and 2305 have in common, except who the patient is.
const AMOUNTS: &str = "mdtrt_id setl_time medfee_sumamt fulamt_ownpay_amt overlmt_selfpay preselfpay_amt inscp_scp_amt \
    act_pay_dedc hifp_pay pool_prop_selfpay cvlserv_pay hifes_pay hifmi_pay hifob_pay maf_pay oth_pay fund_pay_sumamt \
    psn_part_amt acct_pay psn_cash_pay balc acct_mulaid_pay medins_setl_id clr_optins exp_content hosp_part_amt hifdm_pay";

/// Who the patient is, and what 2305 leaves out with it.
const PATIENT: &str = "psn_no psn_name psn_cert_type certno gend naty brdy age insutype psn_type cvlserv_flag med_type \
    clr_way clr_type";

/// What real replies to 2303 and 2305 add.
const SEEN: &str = "psn_pay cashPayamt inscp_amt othfund_pay ownpay_hosp_part";

fn has_fields(info: &Value, expected: &[&str], name: &str) {
    let fields: BTreeSet<&str> = info.as_object().expect("fields").keys().map(String::as_str).collect();
    let expected: BTreeSet<&str> = expected.iter().flat_map(|it| it.split_whitespace()).collect();
    assert_eq!(fields, expected, "{name}");
}

/// R-E19, R-E20: a stay from admission to discharge and back, with the fields that the specification has for each answer.
/// If this fails, a hospital cannot settle stays with us, or reads its answers wrong.
#[test]
fn a_stay_runs_its_course_and_is_undone() {
    run(|| async {
        let till = Till::open().await;
        let it = person("lixiaoming");
        let shown = json!({ "mdtrt_cert_type": "02", "mdtrt_cert_no": "", "card_sn": "" });
        let admitted = merged(admission(it)["mdtrtinfo"].clone(), shown);
        let visit = till.send(HOSPITAL, "2401", &json!({ "mdtrtinfo": admitted, "diseinfo": [] })).await;
        let visit = visit.text("/result/mdtrt_id");
        let first =
            [charged("1", &(CLASS_A, "10", "100.00"), None), charged("2", &(CLASS_B, "1", "40.00"), None)];
        let judged = till.send(HOSPITAL, "2301", &charges(it, &visit, &first)).await;
        assert_eq!(judged.output()["result"][1]["preselfpay_amt"].to_string(), "4.00");
        let taken = [charged("3", &(CLASS_A, "1", "100.00"), Some("1"))];
        let judged = till.send(HOSPITAL, "2301", &charges(it, &visit, &taken)).await;
        let row = &judged.output()["result"][0];
        for (field, said) in
            [("det_item_fee_sumamt", "-100.00"), ("cnt", "-1.0000"), ("inscp_scp_amt", "-100.00")]
        {
            assert_eq!(row[field].to_string(), said, "{field}");
        }
        till.send(HOSPITAL, "2302", &removal(it, &visit, &["2"])).await.output();
        let shown = till.send(HOSPITAL, "2303", &bill(it, &visit, "900.00", true, "1")).await;
        has_fields(shown.info(), &[AMOUNTS, PATIENT, SEEN], "2303");
        let settled = till.send(HOSPITAL, "2304", &bill(it, &visit, "900.00", true, "1")).await;
        has_fields(settled.info(), &[AMOUNTS, PATIENT, "setl_id"], "2304");
        for (field, said) in
            [("act_pay_dedc", "800.00"), ("fund_pay_sumamt", "60.00"), ("acct_mulaid_pay", "840.00")]
        {
            assert_eq!(settled.info()[field].to_string(), said, "{field}");
        }
        assert_eq!(settled.info()["clr_type"], json!("21"));
        till.send(HOSPITAL, "2402", &discharge(it, &visit)).await.output();
        let more = [charged("4", &(CLASS_A, "1", "500.00"), None)];
        till.send(HOSPITAL, "2301", &charges(it, &visit, &more)).await.output();
        let last = till.send(HOSPITAL, "2304", &bill(it, &visit, "500.00", false, "1")).await;
        for (field, said) in
            [("act_pay_dedc", "0.00"), ("fund_pay_sumamt", "300.00"), ("acct_mulaid_pay", "200.00")]
        {
            assert_eq!(last.info()[field].to_string(), said, "{field}");
        }
        for (infno, input, code) in [
            ("2405", of_stay(it, &visit), "STAY_SETTLED"),
            ("2404", of_stay(it, &visit), "STAY_DISCHARGED"),
            ("2305", of_settlement(it, settled.info()), "STAY_SETTLED"),
            ("2208", of_settlement(it, last.info()), "CARE_DIFFERS"),
        ] {
            assert_eq!(till.send(HOSPITAL, infno, &input).await.code(), code, "{infno}");
        }
        let asked = till.send(HOSPITAL, "5203", &of_settlement(it, last.info())).await;
        assert_eq!(asked.info()["begndate"], json!("2025-06-14"));
        let undone = till.send(HOSPITAL, "2305", &of_settlement(it, last.info())).await;
        has_fields(undone.info(), &[AMOUNTS, SEEN, "setl_id insu_admdvs begndate enddate"], "2305");
        till.send(HOSPITAL, "2305", &of_settlement(it, settled.info())).await.output();
        till.send(HOSPITAL, "2405", &of_stay(it, &visit)).await.output();
        assert_eq!(till.send(HOSPITAL, "2404", &of_stay(it, &visit)).await.code(), "VISIT_IN_USE");
        till.send(HOSPITAL, "2302", &removal(it, &visit, &["0000"])).await.output();
        till.send(HOSPITAL, "2404", &of_stay(it, &visit)).await.output();
    });
}

/// If this fails, a hospital whose charges were corrected is told for ever that the lines of its bill are not known yet.
#[test]
fn lines_of_a_stay_are_told_less_what_was_taken_back() {
    run(|| async {
        let till = Till::open().await;
        let it = person("lixiaoming");
        let visit = till.send(HOSPITAL, "2401", &admission(it)).await.text("/result/mdtrt_id");
        let lines = [
            charged("1", &(CLASS_A, "10", "100.00"), None),
            charged("2", &(CLASS_A, "1", "100.00"), Some("1")),
            charged("3", &(CLASS_B, "1", "40.00"), None),
            charged("4", &(CLASS_B, "1", "40.00"), Some("3")),
        ];
        till.send(HOSPITAL, "2301", &charges(it, &visit, &lines)).await.output();
        let settled = till.send(HOSPITAL, "2304", &bill(it, &visit, "900.00", false, "1")).await;
        let undone = till.send(HOSPITAL, "2305", &of_settlement(it, settled.info())).await;
        for (info, sign) in [(settled.info(), ""), (undone.info(), "-")] {
            let told = till.send(HOSPITAL, "5204", &of_settlement(it, info)).await;
            let rows = told.output().as_array().expect("rows").iter();
            let rows: Vec<_> = rows
                .map(|it| format!("{} {} {}", it["feedetl_sn"], it["cnt"], it["inscp_scp_amt"]))
                .collect();
            assert_eq!(rows, [format!("\"1\" {sign}9.0000 {sign}900.00")]);
        }
    });
}

/// If this fails, a hospital that lost the reply to its admission cannot take it back, or one that never came is lost.
#[test]
fn an_admission_whose_reply_was_lost_is_reversed() {
    run(|| async {
        let till = Till::open().await;
        let it = person("lixiaoming");
        let msgid = till.msgid(HOSPITAL);
        let visit = till.send_as(HOSPITAL, "2401", &msgid, &admission(it)).await.text("/result/mdtrt_id");
        assert_eq!(till.send(HOSPITAL, "2401", &admission(it)).await.code(), "STAY_OPEN");
        let reversed = till.send(HOSPITAL, "2601", &reversal(it, &msgid, "2401")).await;
        assert_eq!(reversed.text("/result/GJ_STATE"), "reversed");
        assert_eq!(till.send(HOSPITAL, "2402", &discharge(it, &visit)).await.code(), "VISIT_CANCELLED");
        till.send(HOSPITAL, "2401", &admission(it)).await.output();
    });
}

/// R-E20: if this fails, a visit's transactions change a stay, or the other way round.
#[test]
fn stays_and_visits_are_not_mixed() {
    run(|| async {
        let till = Till::open().await;
        let it = person("lixiaoming");
        let stay = till.send(HOSPITAL, "2401", &admission(it)).await.text("/result/mdtrt_id");
        let visit = till.send(HOSPITAL, "2201", &registration(it)).await.text("/data/mdtrt_id");
        let line = [charged("1", &(CLASS_A, "1", "1.00"), None)];
        for (infno, input) in [
            ("2301", charges(it, &visit, &line)),
            ("2402", discharge(it, &visit)),
            ("2404", of_stay(it, &visit)),
            ("2304", bill(it, &visit, "1.00", false, "1")),
            ("2204", upload(it, &stay, "B1", &[(CLASS_A, "1", "1.00")])),
            ("2207", settlement(it, &stay, "B1", "1.00")),
            ("2202", of_stay(it, &stay)),
        ] {
            assert_eq!(till.send(HOSPITAL, infno, &input).await.code(), "CARE_DIFFERS", "{infno}");
        }
    });
}

/// If this fails, a stay is settled or charged by half of a message, or a field that is wrong is not named.
#[test]
#[rustfmt::skip]
fn what_cannot_be_read_of_a_stay_names_its_field() {
    run(|| async {
        let till = Till::open().await;
        let it = person("lixiaoming");
        let visit = till.send(HOSPITAL, "2401", &admission(it)).await.text("/result/mdtrt_id");
        let line = charges(it, &visit, &[charged("1", &(CLASS_A, "1", "1.00"), None)]);
        let back = charges(it, &visit, &[charged("2", &(CLASS_A, "1", "1.00"), Some("1"))]);
        let cases = [
            ("2301", with(back.clone(), "/feedetail/0/init_feedetl_sn", None), "init_feedetl_sn"),
            ("2301", with(back.clone(), "/feedetail/0/cnt", Some(json!("1"))), "det_item_fee_sumamt"),
            ("2301", with(back, "/feedetail/0/pric", Some(json!("-1.00"))), "pric"),
            ("2301", with(line.clone(), "/feedetail/0/cnt", Some(json!("--1"))), "cnt"),
            ("2301", with(line, "/feedetail/0/mdtrt_id", None), "mdtrt_id"),
            ("2302", with(removal(it, &visit, &["1"]), "/data/0/feedetl_sn", None), "feedetl_sn"),
            ("2304", with(bill(it, &visit, "1.00", false, "1"), "/data/mid_setl_flag", Some(json!("2"))), "mid_setl_flag"),
            ("2304", with(bill(it, &visit, "1.00", false, "1"), "/data/acct_used_flag", None), "acct_used_flag"),
            ("2401", with(admission(it), "/mdtrtinfo/ipt_no", None), "ipt_no"),
            ("2401", with(admission(it), "/mdtrtinfo/mdtrt_cert_no", None), "mdtrt_cert_no"),
            ("2402", with(discharge(it, &visit), "/dscginfo/endtime", Some(json!("today"))), "endtime"),
            ("2403", json!({ "adminfo": { "mdtrt_id": visit, "psn_no": it.psn_no(), "med_type": "21" } }), "begntime"),
        ];
        for (infno, input, field) in cases {
            let reply = till.send(HOSPITAL, infno, &input).await;
            assert_eq!(reply.code(), "MALFORMED", "{infno} {field}");
            assert!(reply.failure().contains(field), "{infno} {field}: {}", reply.failure());
        }
        // 2303 may leave the flag out: then no account pays.
        let input = charges(it, &visit, &[charged("1", &(CLASS_A, "1", "900.00"), None)]);
        till.send(HOSPITAL, "2301", &input).await.output();
        let unsaid = with(bill(it, &visit, "900.00", false, "1"), "/data/acct_used_flag", None);
        assert_eq!(till.send(HOSPITAL, "2303", &unsaid).await.info()["acct_pay"].to_string(), "0.00");
    });
}

/// If this fails, a ward is told of patients who have left, who never came, or who lie elsewhere.
#[test]
fn who_is_in_hospital_is_told_to_that_hospital() {
    run(|| async {
        let till = Till::open().await;
        let it = person("lixiaoming");
        let asked = |begin: &str, end: &str| json!({ "data": { "psn_no": it.psn_no(), "begntime": begin, "endtime": end } });
        let june = asked("2025-06-01", "2025-06-30");
        let there = async |place: &str, input: &Value| {
            let told = till.send(place, "5303", input).await;
            told.output()["data"].as_array().expect("rows").clone()
        };
        assert!(there(HOSPITAL, &june).await.is_empty());
        let visit = till.send(HOSPITAL, "2401", &admission(it)).await.text("/result/mdtrt_id");
        let rows = there(HOSPITAL, &june).await;
        let row = rows.first().expect("in hospital");
        assert_eq!((&row["mdtrt_id"], &row["begndate"]), (&json!(visit), &json!("2025-06-14")));
        assert_eq!((&row["med_type"], &row["out_flag"]), (&json!("21"), &json!("0")));
        assert_eq!(row["ipt_otp_no"], json!("ZY0001"));
        assert!(there(HOSPITAL, &asked("2025-06-15", "2025-06-30")).await.is_empty(), "it began before");
        assert_eq!(
            there(HOSPITAL, &asked("2025-06-14", "2025-06-14")).await.len(),
            1,
            "a date is a whole day"
        );
        assert!(there("H32030000002", &june).await.is_empty(), "another hospital");
        let visits =
            till.send(HOSPITAL, "5201", &with(june.clone(), "/data/med_type", Some(json!("21")))).await;
        assert_eq!(visits.output()["mdtrtinfo"].as_array().expect("rows").len(), 1, "nothing is settled yet");
        till.send(HOSPITAL, "2402", &discharge(it, &visit)).await.output();
        assert!(there(HOSPITAL, &june).await.is_empty(), "discharged");
    });
}
