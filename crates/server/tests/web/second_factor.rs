//! Signing in in two steps: set up, asked for, guessed at, lost.

use crate::browser::Browser;
use crate::town::Town;
use domain::day::Moment;
use server::second_factor::{code, step_of};
use server::tokens::Role;

const LI: &str = "990000198503120115";
const PASSWORD: &str = "demo-120115";

/// The machine's time of a town, which stands still.
const MACHINE_MS: i64 = 1_750_000_000_000;

/// What stands in an element that is marked so.
fn marked<'a>(html: &'a str, mark: &str) -> &'a str {
    let rest = html.split(mark).nth(1).unwrap_or_else(|| panic!("no {mark} in {html}"));
    rest.split_once('>').expect("a tag").1
}

/// A telephone that was told the secret on a page.
struct Phone(Vec<u8>);

impl Phone {
    fn told(browser: &Browser) -> Phone {
        let secret = marked(&browser.html, "data-secret").split('<').next().expect("a secret");
        let letters = secret.chars().filter(|it| !it.is_whitespace());
        let value = |it: char| match it {
            'A'..='Z' => u32::from(it) - u32::from('A'),
            _ => u32::from(it) - u32::from('2') + 26,
        };
        let bits: Vec<bool> =
            letters.map(value).flat_map(|it| (0..5).rev().map(move |at| it >> at & 1 == 1)).collect();
        let byte = |bits: &[bool]| bits.iter().fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit));
        Phone(bits.chunks_exact(8).map(byte).collect())
    }

    /// What it shows so many steps from now.
    fn shows(&self, steps: i64) -> String {
        code(&self.0, step_of(Moment::from_millis(MACHINE_MS)).saturating_add_signed(steps))
    }
}

fn first_step(browser: &mut Browser, name: &str, password: &str) {
    browser.open("/sign-in").press("登录", &[("name", name), ("password", password)]);
}

/// Turns it on for 李明; the phone, and the written codes.
fn turned_on(browser: &mut Browser) -> (Phone, Vec<String>) {
    browser.open("/password").follow("看看怎么打开").shows(&["这一步可以不要"]);
    browser.press("开始", &[("password", "wrong")]).shows(&["现在的密码不对", "没有改变"]);
    browser.press("开始", &[("password", PASSWORD)]).shows(&["验证器", "六位数字，半分钟换一次"]);
    let phone = Phone::told(browser);
    browser.press("打开第二步", &[("code", "000000")]).shows(&["六位数字不对"]);
    browser.press("打开第二步", &[("code", &phone.shows(-1))]).shows(&["抄在纸上", "一个只能用一次"]);
    let list = marked(&browser.html, "data-codes").split("</ul>").next().expect("a list").to_owned();
    let codes = list.split("<li>").skip(1).filter_map(|it| it.split('<').next()).map(str::to_owned).collect();
    browser.press("我抄好了", &[]).shows(&["已打开", "备用码还剩 8 个"]);
    browser.open("/settings/second-factor/codes");
    assert_eq!(browser.at, "/settings/second-factor", "written codes are shown once");
    (phone, codes)
}

/// If this fails, a password alone signs in whoever has a second step, a code counts twice, or a lost phone locks its
/// owner out although the codes were written down.
#[test]
fn a_citizen_signs_in_in_two_steps() {
    let town = Town::new();
    let mut own = town.citizen("liming");
    let (phone, codes) = turned_on(&mut own);
    let mut other = town.browser();
    first_step(&mut other, LI, PASSWORD);
    assert_eq!(other.at, "/sign-in/second");
    other.shows(&["密码对了", "六位数字"]);
    other.open("/account").shows(&["身份证号"]);
    other.open("/sign-in/second").press("登录", &[("code", &phone.shows(-1))]).shows(&["已经用过"]);
    let now = phone.shows(0);
    let spaced = format!("{} {}", &now[..3], &now[3..]);
    other.press("登录", &[("code", &spaced)]);
    assert_eq!((other.status, other.at.as_str()), (200, "/"));
    other.open("/account").shows(&["2000.00 元"]);
    let mut third = town.browser();
    first_step(&mut third, LI, PASSWORD);
    third.press("登录", &[("code", &now)]).shows(&["已经用过"]);
    third.press("登录", &[("code", &codes[0].to_lowercase())]);
    third.open("/account").shows(&["2000.00 元"]);
    third.open("/settings/second-factor").shows(&["备用码还剩 7 个"]);
    let mut fourth = town.browser();
    first_step(&mut fourth, LI, PASSWORD);
    fourth.press("登录", &[("code", &codes[0])]).shows(&["还没有登录"]);
    third.press("关掉第二步", &[("code", &codes[1])]).shows(&["这一步可以不要"]);
    first_step(&mut fourth, LI, PASSWORD);
    assert_eq!(fourth.at, "/", "one step again");
}

/// If this fails, codes are guessed without end, a stranger who guesses locks out the owner's own phone, or a new
/// password from the hall goes round the second step.
#[test]
fn guessing_ends_and_nothing_goes_round_it() {
    let mut town = Town::new();
    let mut own = town.citizen("liming");
    let (phone, _) = turned_on(&mut own);
    let mut stranger = town.browser();
    first_step(&mut stranger, LI, PASSWORD);
    for _ in 0..5 {
        stranger.press("登录", &[("code", "123123")]).shows(&["六位数字不对"]);
    }
    stranger.press("登录", &[("code", &phone.shows(1))]).shows(&["试的次数太多"]);
    own.open("/settings").press("退出登录", &[]);
    first_step(&mut own, LI, PASSWORD);
    own.press("登录", &[("code", &phone.shows(1))]);
    assert_eq!((own.status, own.at.as_str()), (200, "/"), "a known phone has attempts of its own");

    let wanted = serde_json::json!({ "person": { "id_number": LI } });
    let made = town.stage.client.operator("POST", "/logins/activations", &wanted).expect("a code");
    let fields = [
        ("name", LI),
        ("code", made["code"].as_str().expect("text")),
        ("new_password", "another one"),
        ("again_password", "another one"),
    ];
    let mut anew = town.browser();
    anew.open("/activate").press("设好密码", &fields);
    assert_eq!(anew.at, "/sign-in/second");
    anew.open("/account").shows(&["身份证号"]);
}

/// R-D9: if this fails, whoever has lost phone and codes never signs in again; or it is ended and nobody hears of it.
#[test]
fn the_hall_ends_it_and_the_person_is_told() {
    let town = Town::new();
    let mut own = town.citizen("liming");
    turned_on(&mut own);
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").press("查找", &[("scan", LI)]).follow("手机丢了");
    clerk.press("取消登录的第二步", &[]).shows(&["已取消", "本人已收到消息"]);
    clerk.press("取消登录的第二步", &[]).shows(&["没有设第二步"]);
    let mut anew = town.browser();
    first_step(&mut anew, LI, PASSWORD);
    assert_eq!(anew.at, "/");
    anew.open("/inbox").shows(&["服务大厅取消了您登录的第二步", "12393"]);
    anew.open("/settings/looks").shows(&["取消登录的第二步", "hall1"]);
}

/// If this fails, a page that lay open turns on again what was turned off, or takes an old secret for a new one, and says
/// nothing of it.
#[test]
fn what_does_not_fit_how_it_stands_is_refused() {
    let town = Town::new();
    let mut own = town.citizen("liming");
    own.open("/settings/second-factor").press("开始", &[("password", PASSWORD)]);
    let begun = own.filled("打开第二步", &[("code", "000000")]);
    own.press("不办了", &[]);
    own.go(&begun.1, &begun.0, begun.2);
    assert_eq!(own.status, 422);
    own.shows(&["没有改变", "第二步没有打开，或已经关掉"]);
    let anew = own.filled("开始", &[("password", PASSWORD)]);
    let (phone, codes) = turned_on(&mut own);
    own.go(&anew.1, &anew.0, anew.2);
    assert_eq!(own.status, 422);
    own.shows(&["没有改变", "第二步已经打开", "已打开"]);
    let mut other = town.browser();
    first_step(&mut other, LI, PASSWORD);
    other.press("登录", &[("code", &phone.shows(0))]);
    assert_eq!(other.at, "/", "the phone that was set up still counts");
    let ending = own.filled("关掉第二步", &[("code", &codes[1])]);
    own.press("关掉第二步", &[("code", &codes[0])]).shows(&["这一步可以不要"]);
    own.go(&ending.1, &ending.0, ending.2);
    assert_eq!(own.status, 422);
    own.shows(&["第二步没有打开，或已经关掉"]);
}

/// If this fails, who signs in or confirms at the very moment when it is ended turns it on again.
#[test]
fn what_was_ended_stays_ended_whatever_is_written_late() {
    let town = Town::new();
    let mut own = town.citizen("liming");
    let (_, codes) = turned_on(&mut own);
    let drawers = ["second-factor", "second-factor-begun"];
    let before = town.on_the_desk(&drawers);
    assert_eq!(before.len(), 1, "one that is asked for, and none begun");
    own.press("关掉第二步", &[("code", &codes[0])]);
    town.put_on_the_desk(before);
    own.open("/settings/second-factor").shows(&["这一步可以不要"]);
    let mut other = town.browser();
    first_step(&mut other, LI, PASSWORD);
    assert_eq!(other.at, "/", "one step");
    own.press("开始", &[("password", PASSWORD)]);
    let phone = Phone::told(&own);
    own.press("打开第二步", &[("code", &phone.shows(0))]).press("我抄好了", &[]);
    own.shows(&["已打开", "备用码还剩 8 个"]);
}

/// If this fails, staff sign in with a password alone where the operator demands two steps, or tills and citizens are
/// asked for a second one they never wanted.
#[test]
fn staff_set_it_up_where_it_is_demanded() {
    let town = Town::demanding_second_factor();
    let mut browser = town.browser();
    for (login, role) in [("hall1", Role::Clerk), ("operator", Role::Operator)] {
        town.knows(login, role);
        first_step(&mut browser, login, &format!("demo-{login}"));
        assert_eq!(browser.at, "/sign-in/second", "{login}");
        browser.shows(&["工作人员登录要两步", "验证器"]);
        let seen = Phone::told(&browser);
        // Whoever only saw the secret knows nothing of the next one.
        first_step(&mut browser, login, &format!("demo-{login}"));
        let phone = Phone::told(&browser);
        browser.press("登录", &[("code", &seen.shows(0))]).shows(&["六位数字不对"]);
        browser.press("登录", &[("code", &phone.shows(0))]).shows(&["抄在纸上"]);
        browser.press("我抄好了", &[]).shows(&["您的岗位要求两步登录，不能关"]);
        let (path, method, body) = browser.filled("退出登录", &[]);
        let refused = format!("{body}&what=end&code={}", phone.shows(1));
        browser.go("POST", "/settings/second-factor", refused);
        assert_eq!(browser.status, 422, "{login}: {}", browser.text());
        browser.go(&method, &path, body);
        first_step(&mut browser, login, &format!("demo-{login}"));
        browser.shows(&["密码对了"]);
    }
    let mut citizen = town.citizen("liming");
    citizen.open("/account").shows(&["2000.00 元"]);
    town.till("H32030000002").open("/till").shows(&["收费"]);
}
