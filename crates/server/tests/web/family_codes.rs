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
        "不能添加实体卡",
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
    his.shows(&["我能出示谁的码 王*英 · 父母", "等对方同意 最晚 2025年7月16日"]);
    assert_eq!(his.text().matches("王*英 · 父母").count(), 1);
    assert!(!his.open("/code").text().contains("妈妈"), "{}", his.text());
    let mut mothers = town.citizen("wangxiuying");
    mothers.open("/inbox").follow("有人请求在手机上出示您");
    assert_eq!(mothers.at, "/family-codes");
    mothers.shows(&["李* · 子女", "等您同意 最晚 2025年7月16日", "不认识的人，请不要同意"]);
    mothers.press("同意", &[]);
    mothers.shows(&["李* · 子女", "2025年6月16日（星期一） 10:00 添加", "不让出示了"]);
    his.open("/code").shows(&["妈妈"]);
    his.open("/family-codes").shows(&["2025年6月16日（星期一） 10:00 添加"]);
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

/// R-F1: if this fails, nobody can say no to having their code shown, or stop it.
#[test]
fn whose_code_it_is_says_no_or_stops_it() {
    let town = Town::new();
    let mut his = town.citizen("liming");
    his.open("/family-codes/add").press("添加", MOTHER).shows(&["等对方同意"]);
    let mut mothers = town.citizen("wangxiuying");
    mothers.open("/family-codes").press("不让出示了", &[]).shows(&["李* · 子女", "等您同意"]);
    assert!(!mothers.text().contains("赵*"), "{}", mothers.text());
    mothers.press("不同意", &[]).shows(&["谁能出示我的码 没有人"]);
    his.open("/family-codes").shows(&["我能出示谁的码 还没有"]);
}

/// R-F4, R-F2: if this fails, a child's code is not there at the linking, is shown without the guardian's word, or nobody
/// says how many can be added.
#[test]
fn a_childs_code_is_made_at_linking() {
    let town = Town::new();
    let child = [("relation", "child"), ("name", "李小明"), ("id_number", "990000201606010116")];
    let mut hers = town.citizen("zhaoli");
    hers.open("/family-codes").shows(&["已添加 1 位，最多 6 位"]);
    hers.follow("添加家人的医保码").press("添加", &child);
    hers.shows(&["已添加 2 位，最多 6 位", "等对方同意"]);
    let mut fathers = town.citizen("liming");
    fathers.open("/family-codes").shows(&["出示的是孩子的码：李小明", "等您同意"]);
    fathers.press("同意", &[]);
    fathers.shows(&["赵* · ", "10:00 添加"]);
    hers.open("/code").shows(&["儿子"]);
    fathers.open("/family-codes/add").press("添加", &child);
    assert!(fathers.at.starts_with("/code/"), "{}", fathers.at);
    fathers.shows(&["儿子", "花儿子自己的医保"]);
}
