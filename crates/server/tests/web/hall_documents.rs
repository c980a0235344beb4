//! What is shown at the hall and photographed: documents of a binding, and amendments with a second person (R-D9, R-D12).

use crate::hall::{LI, nothing_personal_in_addresses, serving};
use crate::town::Town;
use serde_json::json;
use server::tokens::Role;

/// The smallest picture there is.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\0IEND\xae\x42\x60\x82";

/// R-D9: documents are recorded at the counter with photographs. If this fails, a clerk's form with photographs is taken for
/// a stranger's, photographs are lost, or looking at one leaves no trace.
#[test]
fn documents_are_recorded_with_photographs() {
    let town = Town::new();
    let mut clerk = serving(&town, LI);
    clerk.follow("解除和更改");
    let no = clerk.html.split("/hall/bindings/").nth(1).and_then(|it| it.split('"').next());
    let path = format!("/hall/bindings/{}", no.expect("a binding"));
    clerk.open(&path).follow("登记出示的材料").shows(&["还没有登记材料"]);
    let kind = ("kind", "household_register");
    clerk
        .attach("登记", &[kind], &[("photographs", b"<html>")])
        .shows(&["照片要是 JPEG 或 PNG", "什么也没有改变"]);
    assert_eq!(clerk.status, 422);
    clerk.attach("登记", &[kind, ("number", LI)], &[]).shows(&["不要填身份证号"]);
    let other = [PNG, PNG].concat();
    clerk.attach("登记", &[kind, ("number", "苏徐 001")], &[("photographs", PNG), ("photographs", &other)]);
    clerk.shows(&["户口簿", "原件", "苏徐 001", "看照片 1", "看照片 2"]);
    assert_eq!(clerk.at, format!("{path}/documents"), "looked at, so that reloading sends nothing twice");
    clerk.attach("登记", &[("kind", "id_card"), ("seen", "copy")], &[]).shows(&[
        "居民身份证",
        "复印件",
        "户口簿",
    ]);
    clerk.follow("看照片 1");
    assert!(clerk.status == 200 && clerk.html.contains("PNG"), "{}", clerk.html);
    town.citizen("liming").open("/settings/looks").shows(&["出示的材料", "本人到场"]);
    // A form that does not bring the session's secret is a stranger's.
    clerk.open(&format!("{path}/documents"));
    clerk
        .attach("登记", &[kind, ("_form", "x")], &[("photographs", PNG)])
        .shows(&["不是从本站当前的页面发出的"]);
    assert_eq!(clerk.status, 403);
    // The next customer's clerk finds nothing of it.
    clerk.open("/hall").press("下一位", &[]).open(&format!("{path}/documents"));
    assert!(clerk.at.starts_with("/hall#"), "{}", clerk.at);
}

/// R-D12: an amendment is proposed at one window and approved at another. If this fails, one clerk alone changes who
/// somebody is, nobody sees what is new before approving it, or the person does not learn of it.
#[test]
fn an_amendment_is_decided_by_somebody_else() {
    let town = Town::new();
    let mut clerk = serving(&town, LI);
    clerk.follow("更正信息").shows(&["另一名工作人员审批以后才生效"]);
    let fields = [("what", "name"), ("right", "李铭"), ("kind", "change_statement")];
    clerk.attach("提交审批", &fields, &[]).shows(&["请写明为什么更正"]);
    assert_eq!(clerk.status, 422);
    let fields =
        [("what", "name"), ("right", "李铭"), ("why_amend", "录入错误"), ("kind", "change_statement")];
    clerk.attach("提交审批", &fields, &[("photographs", PNG)]).shows(&["李明", "李铭", "录入错误", "等审批"]);
    nothing_personal_in_addresses(&clerk);
    clerk.follow("看材料，审批或撤回").shows(&["变更证明", "看照片 1"]);
    let checked = ("why_decided", "核对过证明");
    clerk.press("批准", &[checked]).shows(&["要由另一名工作人员审批", "没有扣钱"]);
    assert_eq!(clerk.status, 422);
    // The same login with another role, and so with another token, is nobody else.
    let mut risen = town.staff("hall1", Role::Supervisor);
    risen.open("/hall/amendments").follow("李明").press("批准", &[checked]);
    risen.shows(&["要由另一名工作人员审批"]);
    let mut leader = town.staff("supervisor", Role::Supervisor);
    leader.open("/hall").follow("等审批的更正").shows(&["李明"]);
    leader.follow("李明");
    leader.shows(&["更正为（新）", "李铭", "录入错误", "变更证明"]);
    let page = leader.at.clone();
    leader.follow("看照片 1");
    assert!(leader.status == 200 && leader.html.contains("PNG"), "{}", leader.html);
    let photograph = leader.at.clone();
    leader.open(&page).press("批准", &[]).shows(&["请写明理由", "没有扣钱"]);
    leader.press("批准", &[checked]).shows(&["没有等审批的更正"]);
    assert_eq!(leader.open(&photograph).status, 404, "nobody has to decide it any more");
    leader.open(&page).shows(&["已批准", "核对过证明"]);
    let mut person = town.citizen("liming");
    person.open("/inbox").shows(&["您的登记信息已更正", "有人为您申请更正登记信息"]);
    person.follow("您的登记信息已更正").shows(&["李明", "李铭", "已批准", "核对过证明"]);
    person.open("/settings/looks").shows(&["信息更正", "出示的材料", "审核"]);
    clerk.open("/hall").press("查找", &[("scan", LI)]).shows(&["李铭"]);
}

/// R-D12: if this fails, who decides an amendment does not see what was shown for it, because the person has shown much since.
#[test]
fn what_was_shown_for_an_amendment_is_found_however_much_came_after() {
    let mut town = Town::new();
    let mut clerk = serving(&town, LI);
    clerk.follow("更正信息");
    let fields =
        [("what", "name"), ("right", "李铭"), ("why_amend", "录入错误"), ("kind", "change_statement")];
    clerk.attach("提交审批", &fields, &[("photographs", PNG)]).shows(&["等审批"]);
    let person = town.stage.client.people["liming"];
    let bindings = town.rest(Role::Auditor, &format!("/persons/{person}/bindings"));
    let shown = json!({ "kind": "household_register", "seen": "copy" });
    let more = json!({ "on_behalf_of": { "no": person }, "binding": bindings["given"][0]["no"],
        "documents": vec![shown; 6] });
    for _ in 0..34 {
        let recorded = town.asks(Role::Clerk, "POST", "/documents", &more);
        assert_eq!(recorded["documents"].as_array().map(Vec::len), Some(6), "{recorded}");
    }
    let mut leader = town.staff("supervisor", Role::Supervisor);
    leader.open("/hall/amendments").follow("李明").shows(&["变更证明", "看照片 1"]);
    assert!(!leader.text().contains("户口簿"), "{}", leader.text());
    leader.follow("看照片 1");
    assert!(leader.status == 200 && leader.html.contains("PNG"), "{}", leader.html);
}
