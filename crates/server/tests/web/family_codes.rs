//! Family codes on the pages: listed, linked, undone, and told apart from family sharing.

use crate::town::Town;

const MOTHER: &[(&str, &str)] =
    &[("relation", "parent"), ("name", "王秀英"), ("id_number", "990000195807040225")];

/// If this fails, people take a family code for family sharing, and learn at the counter that it is none (R-F1, R-F3).
#[test]
fn whose_code_i_show_and_how_it_differs() {
    let town = Town::new();
    let mut hers = town.citizen("zhaoli");
    hers.open("/").follow("亲情账户").shows(&[
        "花家人自己的医保",
        "和家庭共济不一样",
        "我能出示谁的码 王*英 · 配偶的父母",
        "谁能出示我的码 没有人",
        "不能绑实体卡",
    ]);
    let mut mothers = town.citizen("wangxiuying");
    mothers.open("/family-codes").shows(&["我能出示谁的码 还没有", "谁能出示我的码 赵* · 子女的配偶"]);
}

/// If this fails, a relative's code cannot be added or given up, or is added twice.
#[test]
fn a_code_is_linked_and_undone() {
    let town = Town::new();
    let mut his = town.citizen("liming");
    his.open("/family-codes").follow("添加家人的医保码");
    let (path, method, body) = his.filled("添加", MOTHER);
    his.go(&method, &path, body.clone());
    his.go(&method, &path, body);
    his.shows(&["我能出示谁的码 王*英 · 父母", "2025年6月16日（星期一） 10:00 添加"]);
    assert_eq!(his.text().matches("王*英 · 父母").count(), 1);
    let (path, method, body) = his.filled("取消", &[]);
    his.press("取消", &[]).shows(&["还没有添加。全国任何参保地的家人都可以添加。"]);
    his.go(&method, &path, body.replace("_key=", "_key=other"));
    assert_eq!((his.status, his.at.as_str()), (200, "/family-codes"), "undone twice is undone");
}

/// If this fails, a slip of the pen shows a stranger's code, or what was written is lost.
#[test]
fn what_is_wrong_is_said_at_its_field() {
    let town = Town::new();
    let mut his = town.citizen("liming");
    his.open("/family-codes/add").press("添加", &[]);
    assert_eq!(his.status, 422);
    his.shows(&["请选择家人是您的什么人", "请填写家人的姓名", "请填写家人的身份证号"]);
    his.press("添加", &[("relation", "parent"), ("name", "王秀芳"), ("id_number", "990000195807040225")]);
    his.shows(&["没有查到", "请核对号码"]);
    assert!(his.html.contains("value=\"王秀芳\"") && his.html.contains("value=\"parent\" selected"));
    his.press("添加", &[("name", "李明"), ("id_number", "990000198503120115")])
        .shows(&["有需要改正的地方", "您"]);
    his.open("/family-codes").shows(&["还没有"]);
}

/// If this fails, whoever reads English cannot tell a family code from family sharing.
#[test]
fn the_same_in_english() {
    let town = Town::new();
    let mut hers = town.citizen("zhaoli");
    hers.open("/view?language=en&back=/family-codes");
    hers.shows(&[
        "It is not family sharing",
        "Whose code I can show 王*英 · parent-in-law",
        "Who can show my code Nobody",
    ]);
}
