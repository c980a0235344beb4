//! Who may see what I bought: opened and closed by the patient, at home and at the hall (R-K2).

use crate::browser::Browser;
use crate::town::Town;
use serde_json::json;
use server::tokens::Role;

const NANJING: &str = "H32010000001";
const DRUG: &str = "ZA04CDX";

/// What the giver's page of the latest bill of this amount says, and the file of the month.
fn giver_reads(town: &Town, amount: &str) -> (String, String) {
    let mut son = town.citizen("liqiang");
    son.open("/spending").follow(&format!("花了您的 {amount} 元"));
    let page = son.text();
    son.open("/spending").follow("下载这张表");
    (page, son.html.clone())
}

/// R-K2: if this fails, drugs are shown to who pays without the patient's word, or still after it was taken back; or a
/// patient cannot find where to say it.
#[test]
fn the_patient_opens_and_closes_it() {
    let mut town = Town::new();
    town.stage.visit(NANJING, "liming_elder", "80.00", &json!({})).expect("a bill");
    let mut father = town.citizen("liming_elder");
    father.open("/spending?side=beneficiary").follow("80.00 元");
    father.shows(&["买了什么", "数量"]);
    let bought = first_cell(&father.html);
    let (page, file) = giver_reads(&town, "80.00");
    assert!(page.contains("没有让您看买了什么") && !page.contains(&bought), "{page}");
    assert!(file.contains("没有让您看买了什么") && !file.contains(&bought), "{file}");

    father.open("/settings").follow("谁能看我买了什么").shows(&["您不打开，他们看不到", "看不到"]);
    father.press("看买了什么", &[]).shows(&["能看", "起的单子"]);
    let (page, _) = giver_reads(&town, "80.00");
    assert!(page.contains("这张单更早") && !page.contains(&bought), "{page}");
    town.stage.clock("2025-06-16 14:00").expect("the clock moves");
    town.stage.visit(NANJING, "liming_elder", "70.00", &json!({})).expect("a bill");
    let (page, file) = giver_reads(&town, "70.00");
    assert!(page.contains("看病的人让您看") && page.contains(&bought), "{page}");
    assert_eq!(file.matches(&bought).count(), 1, "the later bill alone: {file}");
    let mut son = town.citizen("liqiang");
    son.open("/inbox").shows(&["付钱的人现在能看到买了什么"]);

    let mut father = town.citizen("liming_elder");
    father.open("/settings/lines").press("不再让", &[]).shows(&["看不到"]);
    let (page, file) = giver_reads(&town, "70.00");
    assert!(page.contains("没有让您看买了什么") && !page.contains(&bought), "{page}");
    assert!(!file.contains(&bought), "{file}");
    father.open("/inbox").shows(&["付钱的人不再能看到买了什么"]);
    father.open("/family").follow("有效");
    father.shows(&["看病的人让付钱的人看买了什么", "看病的人不再让付钱的人看买了什么", "只有看病的人能看"]);
}

/// What the first line of a bill is called.
fn first_cell(html: &str) -> String {
    let table = html.split("<tbody><tr><td>").nth(1).expect("a table of lines");
    let called = table.split("</td>").next().unwrap_or_default().to_owned();
    assert!(!called.is_empty() && !called.starts_with(DRUG), "a name, not a code: {called}");
    called
}

/// Opens the only binding of the customer at the counter.
fn the_binding(clerk: &mut Browser) {
    clerk.open("/hall/bindings");
    let no = clerk.html.split("href=\"/hall/bindings/").nth(1).and_then(|it| it.split('"').next());
    let path = format!("/hall/bindings/{}", no.expect("a binding"));
    clerk.open(&path);
}

/// R-K2, R-D9: if this fails, whoever has no telephone cannot say it at the hall, or a clerk says it for the giver.
#[test]
fn the_hall_does_it_in_the_patients_name() {
    let town = Town::new();
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").press("查找", &[("scan", "990000201606010116")]);
    the_binding(&mut clerk);
    clerk.shows(&["授权人看不到药品和项目"]);
    clerk.press("让授权人看明细", &[]);
    clerk.shows(&["付钱的人可以看买了什么"]);
    the_binding(&mut clerk);
    clerk.press("不再让授权人看明细", &[]);
    clerk.shows(&["付钱的人不能再看买了什么"]);
    clerk.open("/hall").press("下一位", &[]);
    clerk.press("查找", &[("scan", "990000198503120115")]);
    the_binding(&mut clerk);
    assert!(!clerk.text().contains("看明细"), "it is not the giver's to say: {}", clerk.text());
}
