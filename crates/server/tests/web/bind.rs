//! Starting a binding on the pages, as people do it.

use crate::browser::Browser;
use crate::town::Town;
use server::demo::world::World;

const MOTHER: &[(&str, &str)] = &[("name", "王秀英"), ("id_number", "990000195807040225")];
const WIFE: &[(&str, &str)] = &[("name", "赵丽"), ("id_number", "990000198609150427")];

/// From the start page to the page with the conditions.
fn to_the_check(browser: &mut Browser, relation: &str, who: &[(&str, &str)]) {
    browser.open("/").follow("家庭共济：让家人花我的个人账户（花我的）");
    browser.press("让家人花我的个人账户（花我的）", &[]);
    browser.press(relation, &[]);
    browser.press("下一步：检查条件", who);
}

/// From there to the page with all answers.
fn to_the_review(browser: &mut Browser, name: &str) {
    browser.press("下一步", &[]);
    browser.press("下一步（不填就是不限）", &[]);
    browser.press("签名，下一步", &[("signature", name)]);
}

/// How many bindings a person gives.
fn given(town: &mut Town, key: &str) -> usize {
    let no = town.stage.client.people[key];
    let path = format!("/persons/{no}/bindings");
    let (_, list) = town.stage.acting(key, "GET", &path, &serde_json::Value::Null).expect("an answer");
    list["given"].as_array().expect("a list").len()
}

/// If this fails, binding a relative takes more taps than an old person has patience for (R-D4).
#[test]
fn a_binding_takes_eight_taps() {
    let mut town = Town::new();
    let mut browser = town.citizen("liming");
    browser.open("/").count_taps();
    to_the_check(&mut browser, "父母", MOTHER);
    browser.shows(&["检查结果", "✓ 符合", "关系在允许的范围内", "授权人有职工医保个人账户", "还没有签名"]);
    to_the_review(&mut browser, "李明");
    browser.shows(&["王秀英", "9900**********0225", "父母", "不限", "承诺书", "修改"]);
    browser.press("确认授权", &[]);
    assert!(browser.taps <= 8, "{} taps", browser.taps);
    browser.shows(&[
        "授权已生效",
        "编号",
        "2025年6月16日（星期一） 10:00",
        "本人的码",
        "钱可以共济，卡不能共用",
    ]);
    assert_eq!(given(&mut town, "liming"), 2);
}

/// If this fails, people cannot tell family sharing from a family code before they choose (R-F1), or are offered a
/// relation that the law of their area does not know (R-B1), or it is hidden from them why.
#[test]
fn what_it_is_and_which_relations_are_allowed() {
    let town = Town::new();
    let mut browser = town.citizen("liming");
    browser.open("/bind").shows(&["（花我的）", "亲情账户", "（花家人自己的）", "不动您的钱"]);
    browser.press("让家人花我的个人账户（花我的）", &[]);
    browser.shows(&["配偶", "配偶的父母 本地规定不包括", "按您参保地的规定", "徐州市", "依据"]);
    browser.press("父母", &[("relation", "spouse_parent")]);
    browser.press("下一步：检查条件", &[("name", "赵建国"), ("id_number", "99000019560220031X")]);
    browser.shows(&["现在还不能办", "没有扣钱", "✗ 不符合", "本地规定不包括配偶的父母"]);
    assert!(!browser.html.contains("action=\"/bind/check\""), "there is no way on: {}", browser.text());
    browser.open("/bind/letter");
    assert_eq!(browser.at, "/bind/check", "nothing is signed before all conditions hold");
}

/// If this fails, a slip of the pen binds a stranger, or a number alone says whether it is anybody's.
#[test]
fn the_name_has_to_be_the_one_on_record() {
    let town = Town::new();
    let mut browser = town.citizen("liming");
    let mut seen = Vec::new();
    for (name, id) in [("王秀芳", "990000195807040225"), ("王秀英", "990000195807040292")] {
        to_the_check(&mut browser, "父母", &[("name", name), ("id_number", id)]);
        assert_eq!(browser.status, 422);
        browser.shows(&["有一处需要改正", "没有查到这个人"]);
        assert!(browser.html.contains(&format!("value=\"{name}\"")), "what was written is kept");
        seen.push(browser.text());
    }
    assert_eq!(seen[0], seen[1], "neither tells whether the number is known");
    browser.press("下一步：检查条件", &[("name", ""), ("id_number", "")]);
    browser.shows(&["请填写家人的姓名", "请填写家人的身份证号"]);
}

/// If this fails, what somebody changes on the last page makes them go through everything again, or is not taken over.
#[test]
fn what_is_changed_leads_back_to_all_answers() {
    let town = Town::new();
    let mut browser = town.citizen("liming");
    to_the_check(&mut browser, "父母", MOTHER);
    to_the_review(&mut browser, "李明");
    browser.open("/bind/limits");
    browser.press("下一步（不填就是不限）", &[("per_month", "500"), ("end_date", "2025-12-31")]);
    browser.shows(&["核对后提交", "每月最多 500.00 元", "2025年12月31日（星期三）", "王秀英"]);
    browser.follow("修改").press("让家人花我的个人账户（花我的）", &[]);
    browser.shows(&["核对后提交", "每月最多 500.00 元"]);
    // Another relation is other conditions, and what was signed was signed for the first.
    browser.open("/bind/relation").shows(&["上次选的"]);
    browser.press("（外）祖父母", &[]).shows(&["检查结果"]);
    browser.press("下一步", &[]).shows(&["承诺书"]);
    browser.press("签名，下一步", &[("signature", "李明")]).shows(&["核对后提交", "每月最多 500.00 元"]);
    browser.press("确认授权", &[]).shows(&["授权已生效"]);
    browser.follow("看这份授权");
}

/// If this fails, going back in the browser loses what was written, or a page is shown before its turn.
#[test]
fn the_way_back_keeps_the_answers() {
    let town = Town::new();
    let mut browser = town.citizen("liming");
    browser.open("/bind/review");
    assert_eq!(browser.at, "/bind", "nothing was asked yet");
    to_the_check(&mut browser, "父母", MOTHER);
    browser.open("/bind/who");
    assert!(browser.html.contains("王秀英") && browser.html.contains("990000195807040225"));
    browser.open("/bind/relation").shows(&["父母 上次选的"]);
    browser.open("/bind").shows(&["上次还没办完", "王秀英"]);
    browser.follow("接着办").shows(&["检查结果"]);
    browser.open("/bind").press("重新开始", &[]);
    browser.press("让家人花我的个人账户（花我的）", &[]).press("父母", &[]);
    assert!(!browser.html.contains("王秀英"), "what was begun is forgotten");
}

/// If this fails, an impatient second press binds twice, or shows a failure where all is well.
#[test]
fn pressed_twice_it_is_done_once() {
    let mut town = Town::new();
    let mut browser = town.citizen("liming");
    to_the_check(&mut browser, "父母", MOTHER);
    to_the_review(&mut browser, "李明");
    let (path, method, body) = browser.filled("确认授权", &[]);
    browser.go(&method, &path, body.clone());
    let first = browser.at.clone();
    browser.shows(&["授权已生效"]);
    browser.go(&method, &path, body);
    browser.shows(&["授权已生效"]);
    assert_eq!((browser.at.as_str(), given(&mut town, "liming")), (first.as_str(), 2));
}

/// If this fails, whoever takes their time over a form loses what they wrote when the session ends.
#[test]
fn answers_outlive_the_session() {
    let mut town = Town::new();
    let mut browser = town.citizen("liming");
    browser.open("/bind").press("让家人花我的个人账户（花我的）", &[]).press("父母", &[]);
    town.stage.clock("2025-06-16 10:45").expect("the clock moves");
    browser.press("下一步：检查条件", MOTHER);
    browser.shows(&["身份证号", "密码"]);
    browser.press("登录", &[("name", "990000198503120115"), ("password", "demo-120115")]);
    browser.shows(&["您刚才填的都还在"]);
    browser.press("继续这一步", &[]).shows(&["检查结果", "王秀英", "父母"]);
}

/// If this fails, a letter is signed by somebody else, or the text that was signed cannot be shown later (R-D4).
#[test]
fn the_commitment_is_read_and_signed_by_name() {
    let mut town = Town::new();
    let mut browser = town.citizen("liming");
    to_the_check(&mut browser, "父母", MOTHER);
    browser.press("下一步", &[]).press("下一步（不填就是不限）", &[]);
    browser.shows(&["家庭共济承诺书", "钱可以共济，卡不能共用", "版本 2026-11"]);
    browser.shows(&["付钱的人（授权人）：李明", "看病的人（使用人）：王秀英", "签署人：李明（授权人本人）"]);
    assert!(browser.html.contains("data-read=\"letter\""), "it can be read aloud");
    browser.press("签名，下一步", &[("signature", "赵丽")]);
    assert_eq!(browser.status, 422);
    browser.shows(&["还没有签好", "请写您本人的姓名"]);
    browser.press("签名，下一步", &[("signature", "李明")]).press("确认授权", &[]);
    let no = browser.at.rsplit('/').next().expect("a number").to_owned();
    let nothing = serde_json::Value::Null;
    let (_, made) =
        town.stage.acting("liming", "GET", &format!("/bindings/{no}"), &nothing).expect("an answer");
    let pair = serde_json::json!({ "giver": { "id_number": "990000198503120115" }, "relation": "parent",
        "beneficiary": { "id_number": "990000195807040225", "name": "王秀英" } });
    let (_, text) = town.stage.acting("liming", "POST", "/commitment", &pair).expect("an answer");
    assert_eq!(made["commitment"]["version"], "2026-11");
    assert_eq!(made["commitment"]["digest"], text["digest"], "what was signed is kept by its digest");
    let path = format!("/bindings/{no}/commitment");
    let (_, signed) = town.stage.acting("liming", "GET", &path, &nothing).expect("an answer");
    assert_eq!(signed["text"], text["text"], "and can be written again");
    let (status, _) = town.stage.acting("wangxiuying", "GET", &path, &nothing).expect("an answer");
    assert_eq!(status, 403, "it names both in full, to who signed it");
    browser.follow("看这份授权").shows(&["打印或保存承诺书"]);
    assert_eq!(made["started"]["channel"], "app");
}

/// If this fails, somebody believes that a spouse can use the money who has not yet agreed (R-D3).
#[test]
fn a_spouse_is_waited_for() {
    let town = Town::new();
    let mut browser = town.citizen("liming");
    to_the_check(&mut browser, "配偶", WIFE);
    browser.shows(&["提交后还要等", "在自己的手机上确认"]);
    to_the_review(&mut browser, "李明");
    browser.press("确认授权", &[]);
    browser.shows(&["已提交，等对方确认", "等待确认", "我的授权", "2025年7月16日", "钱一分也不会动"]);
}

/// If this fails, limits are set that nobody can read, or an amount above what there is (R-D7, R-M2).
#[test]
fn across_provinces_an_amount_is_set_aside() {
    let town = Town::at("2025-06-16 10:00");
    let mut browser = town.citizen("wumin");
    let mother = &[("name", "吴桂芳"), ("id_number", "99000019600427142X")];
    to_the_check(&mut browser, "父母", mother);
    browser.shows(&["现在还不能办", "两人参保地不同", "南京市", "合肥市"]);
    let town = Town::at("2026-02-01 10:00");
    let mut browser = town.citizen("wumin");
    to_the_check(&mut browser, "父母", mother);
    browser.shows(&["下一步要填共济额度", "✓ 符合"]);
    browser.press("下一步", &[]);
    for (quota, wrong) in
        [("", "要先划出一笔额度"), ("many", "金额要大于零"), ("2000.01", "最多能划出 2000.00 元")]
    {
        browser.press("下一步", &[("quota", quota), ("per_month", "300")]);
        assert_eq!(browser.status, 422, "{quota}");
        browser.shows(&["有需要改正的地方", wrong]);
        assert!(
            browser.html.contains("value=\"300\"") || browser.html.contains("value=\"300.00\""),
            "{quota}"
        );
    }
    browser.press("下一步", &[("quota", "600"), ("end_date", "2026-01-31")]);
    browser.shows(
        &["填的日期前后对不上", "结束不能早于开始"].map(|it| it.trim_start_matches("填的日期前后对不上")),
    );
    browser.press("下一步", &[("quota", "600"), ("end_date", "")]);
    browser.press("签名，下一步", &[("signature", "吴敏")]).shows(&["划出的额度", "600.00 元"]);
    browser.press("确认授权", &[]).shows(&["已提交，等对方确认"]);
}

/// If this fails, a beneficiary starts where only givers may, or is not told who can (R-D1).
#[test]
fn who_may_start_is_the_areas_law() {
    let town = Town::new();
    let mut browser = town.citizen("wangxiuying");
    browser.open("/bind").press("请家人授权，我花家人的个人账户（花家人的）", &[]);
    browser.shows(&["付钱的家人是您的什么人", "子女"]);
    browser.press("子女", &[]);
    browser.press("下一步：检查条件", &[("name", "李明"), ("id_number", "990000198503120115")]);
    browser.shows(&["现在还不能办", "要由另一方来办", "来发起"]);
}

/// If this fails, a giver cannot choose a later first day where the area lets them, or one in the past (R-D5).
#[test]
fn a_later_first_day() {
    let town = Town::new();
    let mut browser = town.citizen("liming");
    to_the_check(&mut browser, "父母", MOTHER);
    browser.press("下一步", &[]);
    browser.press("下一步（不填就是不限）", &[("first_day", "2025-06-01")]);
    assert_eq!(browser.status, 422);
    browser.shows(&["有需要改正的地方", "开始不能在过去"]);
    browser.press("下一步（不填就是不限）", &[("first_day", "2025-07-01")]);
    browser.press("签名，下一步", &[("signature", "李明")]).shows(&["第一天 2025年7月1日（星期二）"]);
    browser.press("确认授权", &[]).shows(&["还没生效", "生效时间 2025年7月1日（星期二） 00:00"]);
}

/// If this fails, a beneficiary cannot start where the law says they may, or spends before the giver has agreed (R-D1).
#[test]
fn where_the_beneficiary_may_start_the_giver_agrees() {
    let mut world = World::shipped();
    for (key, area) in [("liming", "650100"), ("wangxiuying", "650100")] {
        for person in world.person.iter_mut().filter(|it| it.key == key) {
            area.clone_into(&mut person.area);
        }
    }
    world.binding.retain(|it| it.giver != "liming");
    let town = Town::with(world);
    let mut hers = town.citizen("wangxiuying");
    hers.open("/bind").press("请家人授权，我花家人的个人账户（花家人的）", &[]);
    hers.press("子女", &[]);
    hers.press("下一步：检查条件", &[("name", "李明"), ("id_number", "990000198503120115")]);
    hers.shows(&["条件都符合", "提交后还要等李*"]);
    hers.press("下一步", &[]).shows(&["承诺书", "签署人：王秀英（使用人本人）", "授权人）：李明"]);
    hers.press("签名，下一步", &[("signature", "王秀英")]).shows(&["花家人的个人账户", "李明", "子女"]);
    hers.press("请家人授权", &[]).shows(&["已提交，等对方确认", "李*"]);
    let mut his = town.citizen("liming");
    his.open("/family").shows(&["等您确认 王*英 · 父母 等待确认 花您的"]);
    his.follow("王*英").press("同意", &[]).shows(&["有效", "花您的个人账户"]);
}

/// If this fails, whoever reads English meets pages that do not, or signs a text that they cannot read.
#[test]
fn all_of_it_in_english() {
    let town = Town::new();
    let mut browser = town.citizen("liming");
    browser.open("/view?language=en&back=/bind");
    browser.press("relatives spend my account (my money)", &[]).shows(&["What is the relative to you?"]);
    browser.press("parent", &[]).press("Next: check the conditions", MOTHER);
    browser.shows(&["What was checked", "✓ Holds"]);
    browser.press("Next", &[]).press("Next (empty: no limit)", &[]);
    browser.shows(&["Commitment for family sharing", "What is signed is the Chinese text", "家庭共济承诺书"]);
    browser.press("Sign and go on", &[("signature", "李明")]).shows(&["Check and submit", "No limit"]);
    browser.press("Confirm", &[]).shows(&["The authorisation is in force", "2025-06-16 (Mon) 10:00"]);
}

/// If this fails, whoever reads in large print has more choices on a page than can be told apart.
#[test]
fn large_print_offers_five_choices_at_most() {
    let town = Town::new();
    let mut browser = town.citizen("liming");
    browser.open("/view?mode=elder&back=/bind");
    browser.press("让家人花我的个人账户（花我的）", &[]);
    let choices = |browser: &Browser| browser.html.matches("<button class=\"choice\"").count();
    browser.shows(&["配偶", "父母", "子女"]);
    assert_eq!(choices(&browser), 3);
    browser.follow("其他亲属").shows(&["兄弟姐妹", "（外）祖父母"]);
    assert!(choices(&browser) <= 5);
}
