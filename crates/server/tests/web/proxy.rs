//! Proxy purchases (代购) on the pages: entrusted by the patient question by question, shown by the agent, checked and
//! settled at a till, entrusted at the hall, and taken back (R-G1).

use crate::browser::Browser;
use crate::till::{CLINIC, PHARMACY, add, with_card};
use crate::town::Town;
use crate::ways::Read;
use server::demo::stage::CLASS_A;
use server::tokens::Role;

const WANG: &str = "990000195807040225";
const LI: &str = "990000198503120115";

/// 王秀英 entrusts 李明, up to the last page before it is done.
fn entrusting(town: &Town, papers: &[(&str, &str)]) -> Browser {
    let mut hers = town.citizen("wangxiuying");
    hers.open("/").follow("代购药").follow("请人代购药").press("本人", &[]);
    hers.press("下一步", &[("name", "李明"), ("id_number", LI)]);
    hers.press("任意一家", &[]).press("年老体弱", &[]);
    hers.shows(&["双方身份证件", "第十七条"]);
    hers.press("下一步", papers);
    hers.shows(&["最晚2025年6月23日"]);
    hers.press("下一步", &[("last_day", "2025-06-20")]);
    hers
}

/// The number that is shown on a page.
fn token(browser: &Browser) -> String {
    let text = browser.text();
    let start = text.find("DG ").unwrap_or_else(|| panic!("no number at {}: {text}", browser.at));
    text[start..].chars().take_while(|it| it.is_ascii_digit() || "DG ".contains(*it)).collect()
}

/// If this fails, somebody who cannot come cannot have medicine bought from their telephone, or the agent has nothing to
/// show (R-G1).
#[test]
fn a_patient_entrusts_and_the_agent_shows_it() {
    let town = Town::new();
    let mut hers = entrusting(&town, &[]);
    hers.shows(&["李明", "9900**********0115", "任意一家", "年老体弱", "居民身份证", "2025年6月20日"]);
    let (path, method, body) = hers.filled("确认委托", &[]);
    hers.go(&method, &path, body.clone());
    hers.shows(&["李*代王秀英买药", "可以去买", "用患者本人的码或卡", "只能用一次"]);
    let shown = token(&hers);
    hers.go(&method, &path, body);
    hers.open("/proxy").shows(&["我请人代买的 李*代王秀英买药"]);
    let mut his = town.citizen("liming");
    his.open("/proxy").shows(&["请我代买的 替王*英买药"]);
    his.follow("王*英");
    assert_eq!(token(&his), shown);
    let mut stranger = town.citizen("zhaoli");
    stranger.open(&his.at.clone());
    assert_eq!(stranger.status, 404, "nobody else's page");
    his.press("撤销委托", &[]).shows(&["已撤销"]);
    hers.open("/proxy").shows(&["我请人代买的 现在没有"]);
}

/// If this fails, what is missing or refused is not said where it can be put right, or answers are lost.
#[test]
fn what_is_wrong_is_said_where_it_can_be_changed() {
    let town = Town::new();
    let mut hers = town.citizen("wangxiuying");
    hers.open("/proxy/review");
    assert_eq!(hers.at, "/proxy/for", "the first question first");
    hers.press("本人", &[]).press("下一步", &[("name", "李明")]);
    assert_eq!(hers.status, 422);
    hers.shows(&["请填写代办人的身份证号"]);
    hers.press("下一步", &[("name", "李明长"), ("id_number", LI)]);
    hers.open("/proxy/place?q=%E8%8D%AF").shows(&["只在这一家"]);
    hers.press("只在这一家", &[]);
    hers.press("年老体弱", &[]).press("下一步", &[]);
    hers.press("下一步", &[("last_day", "20日")]);
    assert_eq!(hers.status, 422);
    hers.press("下一步", &[("last_day", "2025-07-20")]).press("确认委托", &[]);
    hers.shows(&["没有查到", "没有扣钱", "修改"]);
    hers.open("/proxy/agent").press("下一步", &[("name", "李明"), ("id_number", LI)]);
    hers.press("确认委托", &[]).shows(&["代购委托的期限太长", "最晚只能到2025年6月23日"]);
    hers.open("/proxy").shows(&["上次还没办完"]);
    hers.follow("接着办");
    assert_eq!(hers.at, "/proxy/review");
}

/// R-G1: if this fails, a till settles for an agent without having seen both documents, or does not see for whom it is.
#[test]
fn a_till_sees_patient_agent_and_documents_before_it_settles() {
    let town = Town::new();
    let mut hers = entrusting(&town, &[("patient", "id_card"), ("agent", "")]);
    hers.press("确认委托", &[]);
    let shown = token(&hers);
    let mut till = town.till(PHARMACY);
    with_card(&town, &mut till, "wangxiuying");
    add(&mut till, &[(CLASS_A, "20")]);
    till.press("核对代购委托", &[("proxy_token", "0000000000000000000000000000")]);
    till.shows(&["请扫代购号，或从 DG 开始填全"]);
    till.press("核对代购委托", &[("proxy_token", "DG1234567890123456")]).shows(&["没有查到这份代购委托"]);
    till.press("核对代购委托", &[("proxy_token", &shown)]);
    till.shows(&["王*英", "代办人 李*", "年老体弱", "2025年6月20日", "委托时登记了种类", "第十七条"]);
    assert!(!till.html.contains("李明") && !till.html.contains("王秀英"), "no name in full");
    till.press("算一算谁付多少", &[]).shows(&["代购药要双方身份证明"]);
    till.press("登记证件", &[("agent_paper", "id_card")]);
    till.press("算一算谁付多少", &[]).press("结算，收现金", &[]);
    till.shows(&["已结算", "由李*代购"]);
    hers.open("/proxy").shows(&["我请人代买的 现在没有", "已买"]);
    hers.open("/inbox").shows(&["代办人替您买了药，共 20.00 元", "李*", "有一份替您买药的委托，已经登记"]);
    hers.follow("代办人替您买了药").shows(&["20.00 元", "由李*代购"]);
    town.citizen("liming").open("/inbox").shows(&["1 条没看过", "有人请您代买药", "王*英"]);
}

/// R-G1: if this fails, a patient waits for medicine that nobody bought, or is told of it again and again, or the agent's and
/// a stranger's inboxes have it too.
#[test]
fn a_purchase_that_ran_out_is_told_to_the_patient() {
    let mut town = Town::new();
    entrusting(&town, &[]).press("确认委托", &[]);
    let mut hers = entrusting(&town, &[]);
    hers.press("确认委托", &[]).press("撤销委托", &[]);
    town.stage.clock("2025-06-20 23:50").expect("the clock moves");
    let lapsed = "替您买药的委托已过期，药没有买";
    let mut hers = town.citizen("wangxiuying");
    assert!(!hers.open("/inbox").text().contains(lapsed));
    town.stage.clock("2025-06-21 00:00").expect("the clock moves");
    hers.open("/inbox");
    assert_eq!(hers.text().matches(lapsed).count(), 1, "what was revoked does not run out: {}", hers.text());
    hers.press("都看过了", &[]).shows(&["都看过了", lapsed]);
    hers.follow(lapsed).shows(&["已过期"]);
    for key in ["liming", "zhaoli"] {
        assert!(!town.citizen(key).open("/inbox").text().contains(lapsed), "{key}");
    }
}

/// R-G1, R-D9: if this fails, a family without a telephone cannot entrust anybody, or a clerk records what was not shown.
#[test]
fn an_agent_comes_to_the_hall_with_both_documents() {
    let town = Town::new();
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").press("查找", &[("scan", LI)]).press("查找", &[("scan", WANG)]);
    clerk.follow("代购药").press("登记委托", &[("patient_paper", "id_card")]);
    assert_eq!(clerk.status, 422);
    clerk.shows(&["代购药要双方身份证明"]);
    clerk.open("/hall/proxies");
    clerk.press("登记委托", &[("patient_paper", "id_card"), ("agent_paper", "id_card")]);
    clerk.shows(&["李明代王秀英买药", "2025年6月23日"]);
    assert!(token(&clerk).starts_with("DG "));
    let mut hers = town.citizen("wangxiuying");
    hers.open("/proxy").shows(&["李*代王秀英买药"]);
    clerk.press("撤销委托", &[]);
    assert!(!clerk.text().contains("DG "), "what is revoked is not handed out");
    clerk.press("下一位", &[]).open("/hall/proxies");
    assert!(!clerk.html.contains("王秀英"));
}

/// What is read where somebody entrusts themselves, and for longer than may be.
pub(crate) fn entrusted_too_long_and_to_oneself() -> Read {
    let town = Town::new();
    let mut hers = entrusting(&town, &[]);
    hers.open("/proxy/until").press("下一步", &[("last_day", "2025-07-20")]).press("确认委托", &[]);
    let long = hers.text();
    hers.open("/proxy/agent").press("下一步", &[("name", "王秀英"), ("id_number", WANG)]);
    hers.press("确认委托", &[]);
    vec![long, hers.text()]
}

/// What a till reads of a number before and after it works out who pays what.
fn read_at(town: &Town, till: &mut Browser, patient: &str, shown: &str) -> String {
    with_card(town, till, patient);
    add(till, &[(CLASS_A, "20")]);
    till.press("核对代购委托", &[("proxy_token", shown)]);
    let checked = till.text();
    till.press("算一算谁付多少", &[]);
    format!("{checked}\n{}", till.text())
}

/// What is read at a till where a number is not the right one, for somebody else, without documents, for another place, or
/// was used.
pub(crate) fn shown_at_the_till() -> Read {
    let town = Town::new();
    let papers = [("patient", "id_card"), ("agent", "")];
    let mut hers = entrusting(&town, &papers);
    hers.press("确认委托", &[]);
    let shown = token(&hers);
    let mut till = town.till(PHARMACY);
    let unknown = read_at(&town, &mut till, "wangxiuying", "DG1234567890123456");
    let others = read_at(&town, &mut town.till(PHARMACY), "lixiaoming", &shown);
    let mut till = town.till(PHARMACY);
    let missing = read_at(&town, &mut till, "wangxiuying", &shown);
    till.press("登记证件", &[("agent_paper", "id_card")]);
    till.press("算一算谁付多少", &[]).press("结算，收现金", &[]);
    let used = read_at(&town, &mut town.till(PHARMACY), "wangxiuying", &shown);
    let mut hers = entrusting(&town, &[]);
    hers.open("/proxy/place?q=%E8%8D%AF").press("只在这一家", &[]);
    hers.open("/proxy/review").press("确认委托", &[]);
    let elsewhere = read_at(&town, &mut town.till(CLINIC), "wangxiuying", &token(&hers));
    vec![unknown, others, missing, used, elsewhere]
}

/// What is read at a till where a number was taken back, or its last day is over.
pub(crate) fn shown_too_late() -> Read {
    let mut town = Town::new();
    let mut hers = entrusting(&town, &[]);
    hers.press("确认委托", &[]);
    let shown = token(&hers);
    hers.press("撤销委托", &[]);
    let revoked = read_at(&town, &mut town.till(PHARMACY), "wangxiuying", &shown);
    let mut hers = entrusting(&town, &[]);
    hers.press("确认委托", &[]);
    let shown = token(&hers);
    town.stage.clock("2025-06-21 10:00").expect("the clock moves");
    vec![revoked, read_at(&town, &mut town.till(PHARMACY), "wangxiuying", &shown)]
}
