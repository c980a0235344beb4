//! The statistics page, as whoever leads a hall and an operator read it.

use crate::town::Town;
use serde_json::json;
use server::tokens::Role;

/// R-K4: if this fails, the bureau cannot say how often and how much was shared, or its file does not say what the page says.
#[test]
fn a_leader_reads_prints_and_keeps_the_figures() {
    let mut town = Town::new();
    town.stage.visit("H32030000001", "lixiaoming", "170.00", &json!({})).expect("a bill");
    let mut leader = town.staff("supervisor", Role::Supervisor);
    leader.open("/hall").follow("共济统计").shows(&["正在统计以前的数据", "0 人次"]);
    town.stage.visit("H32010000001", "liming_elder", "80.00", &json!({})).expect("a bill");
    town.counted();
    leader.open("/hall/statistics").shows(&[
        "2025年1月至2025年6月",
        "2 人次，180.00 元",
        "统计到 2025年6月16日",
        "合计",
        "徐州",
        "南京",
    ]);
    let fields = [("from", "2025-06"), ("to", "2025-06"), ("by", "place"), ("area", "320300")];
    leader.press("查看", &fields).shows(&["1 人次，100.00 元", "医院、药店所在的统筹区"]);
    assert!(!leader.text().contains("南京"), "{}", leader.text());
    leader.follow("下载（CSV");
    assert_eq!(leader.bytes.get(..3), Some(&[0xef, 0xbb, 0xbf][..]), "spreadsheets see that it is UTF-8");
    let lines: Vec<&str> = leader.html.lines().collect();
    assert_eq!(lines.len(), 2, "{}", leader.html);
    assert!(lines[1].starts_with("2025-06,320300,\"徐州"), "{}", lines[1]);
    assert!(lines[1].ends_with(",1,100.00,0,0.00,0,0.00"), "{}", lines[1]);
}

/// If this fails, a wrong region is answered by nothing, staff at the counter read the figures, or an operator does not find
/// them.
#[test]
fn what_is_wrong_is_said_and_others_read_nothing() {
    let town = Town::new();
    let mut operator = town.staff("operator", Role::Operator);
    operator.open("/").follow("共济统计").press("查看", &[("area", "3203")]).shows(&["请写六位代码"]);
    assert_eq!(operator.status, 422);
    operator
        .press("查看", &[("area", ""), ("from", "2025-06"), ("to", "2025-01")])
        .shows(&["开始不晚于结束"]);
    for (login, role) in [("hall1", Role::Clerk), ("till", Role::Auditor)] {
        let mut other = town.staff(login, role);
        other.open("/hall/statistics");
        assert_eq!(other.status, 403, "{login}");
    }
}
