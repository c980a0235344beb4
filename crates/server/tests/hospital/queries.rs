//! What an institution may ask about a patient: its own visits, settlements and lines; sums; what is on file. Nothing of
//! what the patient bought elsewhere.

use crate::book::{buy, give_back, row};
use crate::client::{
    CLASS_A, CLASS_B, OUT, Reply, Till, of_settlement, purchase, registration, run, settlement, with,
};
use crate::stays::{admission, discharge};
use crate::totals::go_to;
use crate::world::{HOSPITAL, PHARMACY, Person, person};
use serde_json::{Value, json};

fn of(patient: &Person) -> Value {
    json!({ "psn_no": patient.psn_no(), "begntime": "2025-06-16", "endtime": "2025-06-16", "med_type": "" })
}

async fn visits(till: &Till, place: &str, input: Value) -> Vec<Value> {
    let reply = till.send(place, "5201", &json!({ "data": input })).await;
    reply.output()["mdtrtinfo"].as_array().expect("a list").clone()
}

/// If this fails, an institution reads where else a patient was, or cannot find its own visits.
#[test]
#[rustfmt::skip]
fn an_institution_sees_its_own_visits() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        let bought = buy(&till, PHARMACY, child, 20).await;
        let gone = buy(&till, PHARMACY, child, 21).await;
        give_back(&till, PHARMACY, child, &gone).await;
        buy(&till, PHARMACY, person("liming"), 22).await;
        let visit = till.visit(HOSPITAL, child, &[(CLASS_A, "1", "50.00")]).await;
        let input = of(child);
        assert_eq!(visits(&till, HOSPITAL, input.clone()).await, Vec::<Value>::new(), "nothing settled, no number");
        let by_number = with(json!({ "data": input.clone() }), "/data/mdtrt_id", Some(json!(visit)))["data"].clone();
        assert_eq!(visits(&till, HOSPITAL, by_number.clone()).await.len(), 1);
        assert_eq!(visits(&till, PHARMACY, by_number.clone()).await.len(), 0, "another's visit");
        till.send(HOSPITAL, "2207", &settlement(child, &visit, "B1", "50.00")).await.output();
        let numbers = |found: &[Value]| found.iter().map(|it| it["mdtrt_id"].as_str().expect("text").to_owned()).collect::<Vec<_>>();
        assert_eq!(numbers(&visits(&till, HOSPITAL, input.clone()).await), std::slice::from_ref(&visit));
        assert_eq!(numbers(&visits(&till, PHARMACY, input.clone()).await), [bought.mdtrt_id, gone.mdtrt_id]);
        for (field, value, found) in [
            ("med_type", "11", 1), ("med_type", "21", 0),
            ("begntime", "2025-06-16 09:00:00", 1), ("begntime", "2025-06-16 09:00:01", 0),
            ("endtime", "2025-06-16 09:00:00", 1), ("endtime", "2025-06-16 08:59:59", 0), ("begntime", "2025-06-17", 0),
        ] {
            let mut input = input.clone();
            input[field] = json!(value);
            assert_eq!(visits(&till, HOSPITAL, input).await.len(), found, "{field} {value}");
        }
        let found = visits(&till, HOSPITAL, input).await.remove(0);
        for (field, value) in [
            ("psn_no", json!(child.psn_no())), ("certno", json!(child.id)), ("psn_name", json!(child.name)), ("psn_cert_type", json!("01")),
            ("gend", json!("1")), ("brdy", json!("2016-06-01")), ("insutype", json!("390")), ("begntime", json!("2025-06-16 09:00:00")),
            ("endtime", json!("2025-06-16 09:00:00")), ("med_type", json!("11")), ("insu_optins", json!("320300")), ("cvlserv_flag", json!("0")), ("ipt_otp_no", json!("OP0001")),
        ] {
            assert_eq!(found[field], value, "{field}");
        }
        assert_eq!(found.as_object().expect("an object").len(), FIELDS.split(' ').count());
        FIELDS.split(' ').for_each(|it| assert!(found.get(it).is_some(), "{it}"));
        let registered = till.send(HOSPITAL, "2201", &registration(child)).await.text("/data/mdtrt_id");
        let cancel = json!({ "data": { "mdtrt_id": registered, "psn_no": child.psn_no() } });
        till.send(HOSPITAL, "2202", &cancel).await;
        let by_number = with(json!({ "data": by_number }), "/data/mdtrt_id", Some(json!(registered)))["data"].clone();
        assert_eq!(visits(&till, HOSPITAL, by_number).await.len(), 0, "a cancelled registration");
    });
}

/// If this fails, a hospital reads that a stay ended when it began, or that somebody has left who lies there still.
#[test]
fn a_stay_is_told_with_its_end() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        let visit = till.send(HOSPITAL, "2401", &admission(child)).await.text("/result/mdtrt_id");
        let ask = json!({ "psn_no": child.psn_no(), "begntime": "2025-06-14", "endtime": "2025-06-16", "med_type": "" });
        let ends = ["endtime", "inhosp_stas", "ipt_days", "ars_year_ipt_flag"];
        let of = |found: &[Value]| ends.map(|it| found[0][it].to_string());
        let lies = visits(&till, HOSPITAL, ask.clone()).await;
        assert_eq!(of(&lies), ["null", r#""1""#, "null", r#""0""#]);
        till.send(HOSPITAL, "2402", &discharge(child, &visit)).await.output();
        let left = visits(&till, HOSPITAL, ask).await;
        assert_eq!(of(&left), [r#""2025-06-16 08:00:00""#, r#""0""#, "2", r#""0""#]);
    });
}

/// Every field of 5201's answer.
const FIELDS: &str = "mdtrt_id psn_no psn_cert_type certno psn_name gend naty brdy age coner_name tel insutype psn_type \
maf_psn_flag cvlserv_flag flxempe_flag nwb_flag insu_optins emp_name begntime endtime mdtrt_cert_type med_type \
ars_year_ipt_flag pre_pay_flag ipt_otp_no medrcdno atddr_no chfpdr_name adm_dept_codg adm_dept_name adm_bed \
dscg_maindiag_code dscg_maindiag_name dscg_dept_codg dscg_dept_name dscg_bed dscg_way main_cond_dscr dise_codg dise_name \
oprn_oprt_code oprn_oprt_name otp_diag_info inhosp_stas die_date ipt_days fpsc_no matn_type birctrl_type latechb_flag \
geso_val fetts fetus_cnt pret_flag birctrl_matn_date cop_flag opter_id opter_name opt_time memo";

/// If this fails, a bill cannot be explained line by line later, or another institution reads what was bought (R-J2).
#[test]
#[rustfmt::skip]
fn lines_of_a_settlement_are_told_as_they_were_judged() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        let items = [(CLASS_A, "2", "10.00"), (CLASS_B, "1", "30.00"), (OUT, "1", "15.00")];
        let bought = till.send(PHARMACY, "2102", &purchase(child, &items)).await;
        let info = bought.info().clone();
        let ask = async |place: &str, input: &Value| till.send(place, "5204", input).await;
        let lines = |reply: &Reply| reply.output().as_array().expect("rows").clone();
        let found = lines(&ask(PHARMACY, &of_settlement(child, &info)).await);
        let field = |of: &[Value], name: &str| of.iter().map(|it| it[name].to_string()).collect::<Vec<_>>();
        assert_eq!(field(&found, "feedetl_sn"), [r#""1""#, r#""2""#, r#""3""#]);
        assert_eq!(field(&found, "cnt"), ["2.0000", "1.0000", "1.0000"]);
        assert_eq!(field(&found, "inscp_scp_amt"), ["20.00", "27.00", "0.00"]);
        assert_eq!(field(&found, "preselfpay_amt"), ["0.00", "3.00", "0.00"]);
        assert_eq!(field(&found, "fulamt_ownpay_amt"), ["0.00", "0.00", "15.00"]);
        assert_eq!(field(&found, "chrgitm_lv"), [r#""01""#, r#""02""#, r#""03""#]);
        assert_eq!(field(&found, "list_type"), [r#""101""#; 3]);
        assert_eq!(found[0]["hilist_code"], json!(CLASS_A));
        assert_eq!((&found[0]["setl_id"], &found[0]["mdtrt_id"]), (&info["setl_id"], &info["mdtrt_id"]));
        assert_eq!(field(&found, "fee_ocur_time"), [r#""2025-06-16 09:30:00""#; 3]);
        // Cancelled, what was settled is told as it was; what cancels it, with amounts given back.
        let back = give_back(&till, PHARMACY, child, &row(child, &info)).await;
        assert_eq!(lines(&ask(PHARMACY, &of_settlement(child, &info)).await), found);
        let cancelled = json!({ "setl_id": back.setl_id, "mdtrt_id": back.mdtrt_id });
        let negated = lines(&ask(PHARMACY, &of_settlement(child, &cancelled)).await);
        assert_eq!(field(&negated, "inscp_scp_amt"), ["-20.00", "-27.00", "0.00"]);
        assert_eq!(field(&negated, "pric"), field(&found, "pric"));
        // Of a line that does not say when, or not readably, the visit's time is known.
        for (price, said, told) in [("1.00", None, "09:40:00"), ("2.00", Some(json!("16/6")), "09:40:00"), ("3.00", Some(json!("2025-06-16")), "00:00:00")] {
            let input = with(purchase(child, &[(CLASS_A, "1", price)]), "/drugdetail/0/fee_ocur_time", said);
            let bought = till.send(PHARMACY, "2102", &input).await;
            let found = lines(&ask(PHARMACY, &of_settlement(child, bought.info())).await);
            assert_eq!(found[0]["fee_ocur_time"], json!(format!("2025-06-16 {told}")));
        }
        let visit = till.visit(HOSPITAL, child, &items).await;
        let settled = till.send(HOSPITAL, "2207", &settlement(child, &visit, "B1", "65.00")).await;
        assert_eq!(field(&lines(&ask(HOSPITAL, &of_settlement(child, settled.info())).await), "inscp_scp_amt"), ["20.00", "27.00", "0.00"]);
        let other = person("liming");
        for (name, place, input) in [
            ("another institution", HOSPITAL, of_settlement(child, &info)),
            ("another patient", PHARMACY, of_settlement(other, &info)),
            ("another visit", PHARMACY, with(of_settlement(child, &info), "/data/mdtrt_id", Some(json!(visit)))),
            ("no settlement", PHARMACY, with(of_settlement(child, &info), "/data/setl_id", Some(json!("4")))),
        ] {
            assert_eq!(ask(place, &input).await.code(), "SETTLEMENT_UNKNOWN", "{name}");
        }
    });
}

/// If this fails, a hospital reckons a deductible with other sums than the next bill is settled by.
#[test]
#[rustfmt::skip]
fn sums_of_a_year_and_of_a_month() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        for day in ["2025-06-16", "2025-07-01"] {
            go_to(&till, &format!("{day} 10:00:00"));
            let registered = with(registration(child), "/data/begntime", Some(json!(format!("{day} 09:00:00"))));
            let visit = till.send(HOSPITAL, "2201", &registered).await.text("/data/mdtrt_id");
            till.send(HOSPITAL, "2204", &crate::client::upload(child, &visit, "B1", &[(CLASS_A, "1", "300.00")])).await.output();
            till.send(HOSPITAL, "2207", &settlement(child, &visit, "B1", "300.00")).await.output();
        }
        let ask = async |month: &str| {
            let input = json!({ "data": { "psn_no": child.psn_no(), "cum_ym": month } });
            till.send(HOSPITAL, "5206", &input).await.output()["cuminfo"].as_array().expect("rows").clone()
        };
        let of = |rows: &[Value], code: &str| rows.iter().find(|it| it["cum_type_code"] == json!(code)).map(|it| it["cum"].to_string());
        // Of 300.00 each, 30.00 are borne as deductible: only what is above that counts as in scope.
        let in_scope = |rows: &[Value]| of(rows, "GJ_INSCP");
        for (month, sum) in [("", Some("540.00")), ("202500", Some("540.00")), ("202506", Some("270.00")), ("202507", Some("270.00")), ("202505", None), ("202400", None)] {
            assert_eq!(in_scope(&ask(month).await).as_deref(), sum, "{month}");
        }
        let rows = ask("").await;
        assert_eq!((rows.len(), of(&rows, "GJ_DEDC").as_deref()), (3, Some("60.00")));
        assert_eq!((&rows[0]["insutype"], &rows[0]["year"], &rows[0]["cum_ym"]), (&json!("390"), &json!("2025"), &json!("202500")));
        for wrong in ["2025", "202513", "二零二五零六", "-20256"] {
            let input = json!({ "data": { "psn_no": child.psn_no(), "cum_ym": wrong } });
            assert!(till.send(HOSPITAL, "5206", &input).await.failure().contains("cum_ym"), "{wrong}");
        }
    });
}

/// If this fails, a question about nothing on file breaks a hospital's program, or strangers are told apart by it.
#[test]
#[rustfmt::skip]
fn what_is_not_on_file_is_an_empty_list() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        let visit = till.visit(HOSPITAL, child, &[(CLASS_A, "1", "50.00")]).await;
        let of = |psn_no: &str| json!({ "data": {
            "psn_no": psn_no, "mdtrt_id": visit, "begntime": "2025-06-16 00:00:00", "endtime": "2025-06-16 00:00:00", "biz_appy_type": "03",
        } });
        for (infno, node) in [("5202", "diseinfo"), ("5205", "feedetail"), ("5206", "cuminfo"), ("5301", "feedetail"), ("5302", "psnfixmedin")] {
            let reply = till.send(HOSPITAL, infno, &of(&child.psn_no())).await;
            assert_eq!(reply.output(), &json!({ node: [] }), "{infno}");
        }
        for infno in ["5201", "5202", "5205", "5206", "5301", "5302"] {
            assert_eq!(till.send(HOSPITAL, infno, &of("nobody")).await.code(), "PERSON_UNKNOWN", "{infno}");
        }
        for (place, psn_no) in [(PHARMACY, child.psn_no()), (HOSPITAL, person("liming").psn_no())] {
            assert_eq!(till.send(place, "5202", &of(&psn_no)).await.code(), "VISIT_UNKNOWN");
        }
        for (infno, field) in [("5201", "begntime"), ("5201", "endtime"), ("5205", "begntime"), ("5302", "biz_appy_type"), ("5202", "mdtrt_id")] {
            let input = with(of(&child.psn_no()), &format!("/data/{field}"), None);
            assert!(till.send(HOSPITAL, infno, &input).await.failure().contains(field), "{infno}");
        }
    });
}
