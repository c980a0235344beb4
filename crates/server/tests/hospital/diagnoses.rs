//! Diagnoses are told to who stated them, and to nobody else (R-K2).

use crate::client::{CLASS_A, Till, diagnosis, envelope, run, statement, with};
use crate::stays::{admission, discharge, of_stay};
use crate::world::{HOSPITAL, PHARMACY, Person, person};
use serde_json::{Value, json};

/// Another hospital.
const ELSEWHERE: &str = "H32010000001";

async fn told(till: &Till, patient: &Person, visit: &str) -> Vec<[String; 5]> {
    let reply = till.send(HOSPITAL, "5202", &of_stay(patient, visit)).await;
    let rows = reply.output()["diseinfo"].as_array().expect("a list").clone();
    let text = |row: &Value, field: &str| row[field].as_str().expect("text").to_owned();
    let fields = ["inout_diag_type", "diag_srt_no", "diag_code", "diag_name", "diag_time"];
    rows.iter().map(|row| fields.map(|it| text(row, it))).collect()
}

fn stated(patient: &Person, visit: &str, rows: &[Value]) -> Value {
    with(statement(patient, visit), "/diseinfo", Some(json!(rows)))
}

const AT: &str = "2025-06-16 09:10:00";

fn expected(rows: &[[&str; 4]]) -> Vec<[String; 5]> {
    rows.iter()
        .map(|[end, order, code, name]| [end, order, code, name, &AT].map(|it| it.to_string()))
        .collect()
}

/// If this fails, a hospital does not find what it stated, or finds what it took back.
#[test]
fn diagnoses_are_replaced_added_and_taken_back_by_their_number() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        let visit = till.visit(HOSPITAL, child, &[(CLASS_A, "1", "20.00")]).await;
        assert_eq!(told(&till, child, &visit).await, expected(&[]));
        let two = [diagnosis("2", "R50.900", "发热"), diagnosis("1", "J06.900", "感冒")];
        till.send(HOSPITAL, "2203", &stated(child, &visit, &two)).await.output();
        let both = [["1", "1", "J06.900", "感冒"], ["1", "2", "R50.900", "发热"]];
        assert_eq!(told(&till, child, &visit).await, expected(&both));
        let other = [
            diagnosis("1", "J20.900", "支气管炎"),
            json!({ "diag_type": "1", "diag_srt_no": "2", "vali_flag": "0" }),
        ];
        till.send(HOSPITAL, "2203A", &stated(child, &visit, &other)).await.output();
        assert_eq!(told(&till, child, &visit).await, expected(&[["1", "1", "J20.900", "支气管炎"]]));
        // One object for a list, no number, numbers as numbers; a row that says nothing; no list at all.
        let bare = json!({ "diag_code": "A", "diag_srt_no": 7, "diag_time": AT });
        till.send(HOSPITAL, "2203", &with(statement(child, &visit), "/diseinfo", Some(bare))).await.output();
        for nothing in [
            json!([{}]),
            json!(""),
            json!("null"),
            Value::Null,
            json!([{ "diag_code": "", "diag_srt_no": "3" }]),
        ] {
            let input = with(statement(child, &visit), "/diseinfo", Some(nothing));
            till.send(HOSPITAL, "2203", &input).await.output();
        }
        let all = [["1", "1", "J20.900", "支气管炎"], ["1", "7", "A", ""]];
        assert_eq!(told(&till, child, &visit).await, expected(&all));
    });
}

/// If this fails, the diagnosis of the admission is told as that of the discharge, or one of a discharge that never was.
#[test]
fn both_ends_of_a_stay_have_diagnoses() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        let visit = till.send(HOSPITAL, "2401", &admission(child)).await.text("/result/mdtrt_id");
        let at_first = ["1", "1", "J18.900", "肺炎"];
        assert_eq!(told(&till, child, &visit).await, expected(&[at_first]));
        let change = json!({ "mdtrt_id": visit, "psn_no": child.psn_no(), "begntime": "2025-06-14 08:30:00", "med_type": "21" });
        let more = json!({ "adminfo": change, "diseinfo": [diagnosis("2", "E11.900", "糖尿病")] });
        till.send(HOSPITAL, "2403", &more).await.output();
        let added = ["1", "2", "E11.900", "糖尿病"];
        assert_eq!(told(&till, child, &visit).await, expected(&[at_first, added]));
        till.send(HOSPITAL, "2402", &discharge(child, &visit)).await.output();
        let at_last = ["2", "1", "J15.900", "细菌性肺炎"];
        assert_eq!(told(&till, child, &visit).await, expected(&[at_first, added, at_last]));
        till.send(HOSPITAL, "2405", &of_stay(child, &visit)).await.output();
        assert_eq!(told(&till, child, &visit).await, expected(&[at_first, added]));
        // Another discharge states its own: the one that was taken back is not told again.
        let again = with(discharge(child, &visit), "/diseinfo", Some(json!([])));
        till.send(HOSPITAL, "2402", &again).await.output();
        assert_eq!(told(&till, child, &visit).await, expected(&[at_first, added]));
    });
}

/// R-K2: if this fails, another institution reads what somebody is ill with, or it lies open in the store.
#[test]
fn nobody_else_is_told_and_what_is_kept_is_sealed() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        let visit = till.visit(HOSPITAL, child, &[(CLASS_A, "1", "20.00")]).await;
        let before = till.books().await;
        till.send(HOSPITAL, "2203", &stated(child, &visit, &[diagnosis("1", "J06.900", "感冒")]))
            .await
            .output();
        assert_eq!(till.books().await, before, "the books have nothing of it");
        for place in [PHARMACY, ELSEWHERE] {
            assert_eq!(
                till.send(place, "5202", &of_stay(child, &visit)).await.code(),
                "VISIT_UNKNOWN",
                "{place}"
            );
        }
        assert_eq!(
            till.send(HOSPITAL, "5202", &of_stay(person("liming"), &visit)).await.code(),
            "VISIT_UNKNOWN"
        );
        let kept = till.app.desk.all(("", ""), 10_000).await.expect("the desk");
        let kept: Vec<_> = kept.iter().filter(|it| it.drawer.contains(&visit)).collect();
        assert_eq!(kept.len(), 1);
        for it in kept {
            let text = String::from_utf8_lossy(&it.value);
            assert!(!text.contains("J06") && !text.contains("感冒"), "sealed");
        }
    });
}

/// If this fails, a message that is sent again undoes a newer one, or the same id stands for other diagnoses (R-E18).
#[test]
fn a_message_sent_again_states_nothing_anew() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        let visit = till.visit(HOSPITAL, child, &[(CLASS_A, "1", "20.00")]).await;
        let first = stated(child, &visit, &[diagnosis("1", "J06.900", "感冒")]);
        let answer = till.send_as(HOSPITAL, "2203", "DIAGNOSES-1", &first).await;
        answer.output();
        let second = stated(child, &visit, &[diagnosis("1", "J20.900", "支气管炎")]);
        till.send(HOSPITAL, "2203", &second).await.output();
        assert_eq!(till.send_as(HOSPITAL, "2203", "DIAGNOSES-1", &first).await, answer);
        let newer = expected(&[["1", "1", "J20.900", "支气管炎"]]);
        assert_eq!(told(&till, child, &visit).await, newer);
        let other = till.send_as(HOSPITAL, "2203", "DIAGNOSES-1", &second).await;
        assert!(other.failure().starts_with("[KEY_REUSED]"), "{}", other.json);
        // What was lost when the machine stopped between the two is stated when the message comes again.
        let drawer = format!("diagnoses-of:{HOSPITAL}:{visit}");
        let now = till.app.clock.now();
        for (key, _) in till.app.desk.list(&drawer, now).await.expect("the desk") {
            till.app.desk.remove(&drawer, &key).await.expect("removed");
        }
        assert_eq!(till.send_as(HOSPITAL, "2203", "DIAGNOSES-1", &first).await, answer);
        assert_eq!(told(&till, child, &visit).await, expected(&[["1", "1", "J06.900", "感冒"]]));
        let refused = stated(person("liming"), &visit, &[diagnosis("1", "R00", "x")]);
        till.send(HOSPITAL, "2203", &refused).await.failure();
        assert_eq!(told(&till, child, &visit).await.len(), 1, "what is refused states nothing");
    });
}

/// If this fails, a visit grows without end, or a message is refused without a word of what is wrong (R-E10).
#[test]
fn diagnoses_are_bounded_and_read_by_name() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        let visit = till.visit(HOSPITAL, child, &[(CLASS_A, "1", "20.00")]).await;
        let one = diagnosis("1", "J06.900", "感冒");
        let change = |field: &str, value: Value| json!([with(one.clone(), field, Some(value))]);
        let cases = [
            (json!(vec![one.clone(); 101]), "diseinfo：一次最多 100 行"),
            (json!(["J06.900"]), "diseinfo：每一行"),
            (json!("J06.900"), "diseinfo"),
            (change("/diag_srt_no", json!("100")), "diseinfo.diag_srt_no"),
            (change("/diag_srt_no", json!("-1")), "diseinfo.diag_srt_no"),
            (change("/diag_name", json!("长".repeat(201))), "diseinfo.diag_name"),
            (json!([one.clone(), one.clone()]), "diseinfo 第2行 diag_srt_no：1 与前面一行重复"),
            (change("/diag_time", json!("今天")), "diseinfo.diag_time"),
            (change("/vali_flag", json!("2")), "diseinfo.vali_flag"),
        ];
        for (rows, says) in cases {
            let input = with(statement(child, &visit), "/diseinfo", Some(rows));
            let said = till.send(HOSPITAL, "2203", &input).await.failure();
            assert!(said.starts_with("[MALFORMED]") && said.contains(says), "{said}");
        }
        for number in 0..100 {
            let name = format!("{number}");
            till.send(HOSPITAL, "2203", &stated(child, &visit, &[diagnosis("1", "J06.900", &name)]))
                .await
                .output();
        }
        let last = stated(child, &visit, &[diagnosis("1", "J06.900", "100")]);
        let said =
            till.envelope(HOSPITAL, &envelope(HOSPITAL, "2203", "DIAGNOSES-100", &last)).await.failure();
        assert!(said.contains("已上传 100 次"), "{said}");
        assert!(!till.is_taken(HOSPITAL, "DIAGNOSES-100").await);
        assert_eq!(told(&till, child, &visit).await[0][3], "99");
    });
}
