//! Reviews of bindings at the hall: started at one window, decided at another (R-D2).

use crate::browser::Browser;
use crate::family::bound;
use crate::hall::{nothing_personal_in_addresses, serving};
use crate::hall_documents::PNG;
use crate::town::Town;
use serde_json::json;
use server::tokens::Role;

const LIANG: &str = "99000019830514161X";
const CHILD: &str = "990000201309021628";

/// A father of Guangzhou binds his child at the first window; the document that he shows is photographed.
fn submitted(town: &Town) -> Browser {
    let mut clerk = serving(town, LIANG);
    clerk.press("查找", &[("scan", CHILD)]).follow("绑定");
    clerk.press("核对条件", &[("relation", "child"), ("documents", "1")]);
    clerk.press("确认绑定", &[("signed", "1")]).shows(&["审核中"]);
    let no = clerk.open("/hall/bindings").html.split("/hall/bindings/").nth(1);
    let path = format!("/hall/bindings/{}", no.and_then(|it| it.split('"').next()).expect("a binding"));
    clerk.open(&path).shows(&["审核通过以后才生效"]);
    clerk.follow("登记出示的材料");
    clerk.attach("登记", &[("kind", "household_register")], &[("photographs", PNG)]);
    clerk.open("/hall").press("下一位", &[]);
    clerk
}

/// R-D2: if this fails, one clerk alone binds whom the agency has to review, or whoever reviews does not see what was signed
/// and shown.
#[test]
fn a_binding_is_reviewed_at_another_window() {
    let town = Town::new();
    let mut first = submitted(&town);
    first.shows(&["等审核的授权", "1 件"]);
    first.follow("等审核的授权").shows(&["梁志远", "梁小雨", "子女"]);
    first.follow("梁志远").press("审核通过", &[]);
    first.shows(&["要由另一名工作人员审批", "没有扣钱"]);
    let mut second = town.staff("hall2", Role::Clerk);
    second.open("/hall/reviews").follow("梁志远");
    second.shows(&["梁小雨", "审核中", "等审核起于", "户口簿", "看照片 1", "签过的承诺书"]);
    nothing_personal_in_addresses(&second);
    let page = second.at.clone();
    second.follow("看照片 1");
    assert!(second.status == 200 && second.html.contains("PNG"), "{}", second.html);
    second.open(&page).press("审核通过", &[("why_reviewed", "户口簿和承诺书一致")]);
    assert_eq!(second.at, "/hall/reviews");
    second.shows(&["没有等审核的授权"]);
    second.open(&page).shows(&["通过", "户口簿和承诺书一致"]);
    assert!(!second.html.contains("看照片 1"), "what is decided shows no photographs any more");
    let mut father = town.citizen("liangzhiyuan");
    father.open("/inbox").shows(&["正在由经办机构审核", "已生效"]);
    father.open("/family").follow("梁小雨").shows(&["审核理由", "户口簿和承诺书一致", "有效"]);
    father.open("/settings/looks").shows(&["审核授权", "出示的材料"]);
}

/// R-D2: if this fails, what was applied for is refused without a reason, or whoever applied does not learn it.
#[test]
fn a_rejection_says_why() {
    let town = Town::new();
    drop(submitted(&town));
    let mut father = town.citizen("liangzhiyuan");
    father.open("/family").follow("梁小雨").shows(&["审核中", "等审核起于"]);
    let mut second = town.staff("hall2", Role::Clerk);
    second.open("/hall/reviews").follow("梁志远").press("不通过", &[]);
    second.shows(&["不通过要写明理由", "什么也没有改变"]);
    assert_eq!(second.status, 422);
    second.press("不通过", &[("why_reviewed", "户口簿上没有这个孩子")]);
    assert_eq!(second.at, "/hall/reviews");
    father.open("/inbox").shows(&["没有通过审核"]);
    father.open("/family").follow("梁小雨").shows(&["没有通过", "户口簿上没有这个孩子"]);
}

/// R-D2: if this fails, who has to show documents for a review cannot send them from home, somebody else sees or sends them, or
/// whoever reviews takes them for documents that a clerk saw.
#[test]
fn documents_are_sent_from_home() {
    let mut town = Town::new();
    let no = bound(&mut town, "liangzhiyuan", "liangxiaoyu", "child", &json!({}));
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall/reviews").follow("梁志远");
    clerk.shows(&["本人网上办理 · 承诺书", "还没有材料，现在不能通过"]);
    assert!(!clerk.html.contains("value=\"approved\""), "{}", clerk.html);
    let mut father = town.citizen("liangzhiyuan");
    father.open("/family").follow("梁小雨").shows(&["审核中", "经办机构要审核"]);
    father.follow("上传材料");
    assert_eq!(father.at, format!("/family/{no}/documents"));
    let kind = ("kind", "household_register");
    father.attach("上传", &[kind], &[]).shows(&["请先选好或拍好照片", "什么也没有改变"]);
    father.attach("上传", &[kind], &[("photographs", b"<html>")]).shows(&["照片要是 JPEG 或 PNG"]);
    father.attach("上传", &[kind], &[("photographs", PNG)]);
    father.shows(&["户口簿", "本人上传的照片", "看照片 1"]);
    let page = father.at.clone();
    father.follow("看照片 1");
    assert!(father.status == 200 && father.html.contains("PNG"), "{}", father.html);
    let mut stranger = town.citizen("liming");
    stranger.open(&page);
    assert_ne!(stranger.status, 200, "{}", stranger.html);
    clerk.open("/hall/reviews").follow("梁志远").shows(&["户口簿", "本人上传的照片"]);
    let review = clerk.at.clone();
    clerk.follow("看照片 1");
    assert_eq!(clerk.status, 200);
    father.open(&page);
    clerk.open(&review).press("审核通过", &[]);
    father.attach("上传", &[kind], &[("photographs", &[PNG, PNG].concat())]);
    assert_eq!(father.status, 422);
    father.open(&page).shows(&["现在不用材料了", "户口簿"]);
}
