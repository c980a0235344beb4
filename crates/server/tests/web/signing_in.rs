//! Signing in and out, what a page is shown to whom, and forms that come too late or from elsewhere.

use crate::town::Town;
use server::tokens::Role;

/// If this fails, a wrong password lets in, or a right one does not.
#[test]
fn a_citizen_signs_in_and_out() {
    let town = Town::new();
    let mut browser = town.browser();
    browser.open("/account");
    browser.shows(&["登录", "身份证号"]);
    browser.press("登录", &[("name", "990000198503120115"), ("password", "demo-wrong")]);
    assert_eq!(browser.status, 422);
    browser.shows(&["证件号或密码不对"]);
    let mut browser = town.citizen("liming");
    browser.open("/account").shows(&["2000.00 元", "1200.00 元", "800.00 元"]);
    browser.press("退出登录", &[]);
    browser.open("/account").shows(&["身份证号"]);
    assert!(!browser.html.contains("1200.00"), "nothing of the account is left");
}

/// If this fails, whoever was about to open a page has to find it again after signing in.
#[test]
fn signing_in_leads_to_where_one_was_going() {
    let town = Town::new();
    drop(town.citizen("liming"));
    let mut browser = town.browser();
    browser.open("/account");
    browser.press("登录", &[("name", "990000198503120115"), ("password", "demo-120115")]);
    assert_eq!(browser.at, "/account");
}

/// If this fails, a session lives on in a browser that nobody used, or never ends (30 minutes idle, 12 hours at most).
#[test]
fn a_session_ends_by_itself() {
    let mut town = Town::new();
    let mut browser = town.citizen("liming");
    town.stage.clock("2025-06-16 10:29").expect("the clock moves");
    browser.open("/account").shows(&["1200.00 元"]);
    town.stage.clock("2025-06-16 10:58").expect("the clock moves");
    browser.open("/account").shows(&["1200.00 元"]);
    town.stage.clock("2025-06-16 11:29").expect("the clock moves");
    browser.open("/account").shows(&["身份证号"]);
}

/// If this fails, a page is opened by somebody it is not for.
#[test]
fn every_page_lets_in_its_roles_and_nobody_else() {
    let town = Town::new();
    let mut browsers = vec![
        (Role::Citizen, town.citizen("liming")),
        (Role::Clerk, town.staff("hall1", Role::Clerk)),
        (Role::Supervisor, town.staff("supervisor", Role::Supervisor)),
        (Role::Institution, town.till("H32030000002")),
        (Role::Operator, town.staff("operator", Role::Operator)),
        (Role::Auditor, town.staff("auditor", Role::Auditor)),
    ];
    let mut nobody = town.browser();
    for (method, path, roles) in server::web::permissions() {
        let path = path
            .split('/')
            .map(|it| if it.starts_with('{') { "1" } else { it })
            .collect::<Vec<_>>()
            .join("/");
        if path == "/sign-out" {
            continue;
        }
        nobody.go(method, &path, String::new());
        let led_away = nobody.at.starts_with("/sign-in?");
        assert_eq!(led_away, !roles.is_empty(), "{method} {path}, nobody signed in");
        for (role, browser) in &mut browsers {
            browser.go(method, &path, String::new());
            let shut = browser.html.contains("这一页不是给您的登录身份用的");
            let open = roles.is_empty() || roles.contains(role);
            assert_eq!(shut && browser.status == 403, !open, "{method} {path} {}", role.word());
        }
    }
}

/// If this fails, another site can send forms in the name of whoever is signed in here.
#[test]
fn a_form_from_elsewhere_is_not_taken() {
    let town = Town::new();
    let mut browser = town.citizen("liming");
    browser.open("/account");
    let (path, method, _) = browser.filled("退出登录", &[]);
    browser.go(&method, &path, "_form=forged".to_owned());
    assert_eq!(browser.status, 403);
    browser.shows(&["不是从本站当前的页面发出的", "没有扣钱"]);
    browser.open("/account").shows(&["1200.00 元"]);
}

/// If this fails, passwords can be guessed without end, or a stranger's guessing locks the owner out of their own phone.
#[test]
fn guessing_ends_and_locks_nobody_else_out() {
    let mut town = Town::new();
    let mut own = town.citizen("liming");
    own.press("退出登录", &[]);
    let mut stranger = town.browser();
    let wrong = [("name", "990000198503120115"), ("password", "guess")];
    for _ in 0..5 {
        stranger.open("/sign-in").press("登录", &wrong).shows(&["密码不对"]);
    }
    let right = [("name", "990000198503120115"), ("password", "demo-120115")];
    stranger.open("/sign-in").press("登录", &right).shows(&["试的次数太多", "15 分钟"]);
    own.open("/sign-in").press("登录", &right);
    assert_eq!((own.status, own.at.as_str()), (200, "/"), "a known phone has attempts of its own");
    town.stage.clock("2025-06-16 10:16").expect("the clock moves");
    stranger.open("/sign-in").press("登录", &right);
    assert_eq!(stranger.at, "/", "after a quarter of an hour it may be tried again");
}

/// If this fails, a mistyped address shows a program's error to people, or a page to programs.
#[test]
fn where_nothing_is() {
    let town = Town::new();
    let mut browser = town.browser();
    browser.open("/nowhere");
    assert_eq!(browser.status, 404);
    browser.shows(&["没有这一页", "没有扣钱"]);
    browser.open("/api/v1/nowhere");
    assert!(browser.html.starts_with('{'), "{}", browser.html);
}

/// If this fails, a code from the hall lets in somebody else, works twice or too late, or an old password still does.
#[test]
fn the_hall_activates_and_the_password_is_changed() {
    let mut town = Town::new();
    let id = "990000198503120115";
    let wanted = serde_json::json!({ "person": { "id_number": id } });
    let mut code = || {
        let made = town.stage.client.operator("POST", "/logins/activations", &wanted).expect("a code");
        made["code"].as_str().expect("text").to_owned()
    };
    let (late, code) = (code(), code());
    let filled = |code: &str, name: &str| {
        let code = code.to_lowercase();
        [("name".to_owned(), name.to_owned()), ("code".to_owned(), code)]
    };
    let mut browser = town.browser();
    let mut activate = |code: &str, name: &str, new: &str| {
        let [name, code] = filled(code, name);
        let fields =
            [("name", name.1.as_str()), ("code", &code.1), ("new_password", new), ("again_password", new)];
        browser.open("/activate").press("设好密码", &fields);
        (browser.status, browser.at.clone())
    };
    assert_eq!(
        activate(&late, id, "一句好记的话八字").0,
        422,
        "a newer code takes the place of an older one"
    );
    assert_eq!(activate(&code, "990000198609150427", "一句好记的话八字").0, 422, "another person's");
    assert_eq!(activate(&code, id, "short").0, 422);
    assert_eq!(activate(&code, id, "一句好记的话八字"), (200, "/".to_owned()));
    assert_eq!(activate(&code, id, "一句好记的话九字").0, 422, "used up");
    let mut elsewhere = town.browser();
    elsewhere.open("/sign-in").press("登录", &[("name", id), ("password", "一句好记的话八字")]);
    elsewhere.open("/account").shows(&["1200.00 元"]);
    town.stage.clock("2025-06-16 10:01").expect("the clock moves");
    let new = [
        ("present_password", "一句好记的话八字"),
        ("new_password", "another one"),
        ("again_password", "another one"),
    ];
    let wrong =
        [("present_password", "wrong"), ("new_password", "another one"), ("again_password", "another one")];
    browser.open("/password").press("设好密码", &wrong).shows(&["现在的密码不对", "没有改变"]);
    browser.press("设好密码", &new).shows(&["密码已换好"]);
    browser.open("/account").shows(&["1200.00 元"]);
    elsewhere.open("/account").shows(&["身份证号"]);
}

/// If this fails, a login that was ended comes back to life with its old password or old sessions, or a name is taken
/// from somebody of another area.
#[test]
fn what_was_ended_begins_anew() {
    let mut town = Town::new();
    let operator = &mut town.stage.client;
    let wanted =
        serde_json::json!({ "login": "hall-9", "label": "窗口九", "role": "clerk", "area": "320300" });
    let made = operator.operator("POST", "/logins", &wanted).expect("a code");
    let code = made["code"].as_str().expect("text").to_owned();
    let set = |new: &'static str, code: &str| {
        let code = code.to_owned();
        [
            ("name", "hall-9".to_owned()),
            ("code", code),
            ("new_password", new.to_owned()),
            ("again_password", new.to_owned()),
        ]
    };
    let mut browser = town.browser();
    let fields = set("the first password", &code);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
    browser.open("/activate").press("设好密码", &fields);
    assert_eq!(browser.at, "/hall");
    town.stage.clock("2025-06-16 10:01").expect("the clock moves");
    let ended = serde_json::json!({ "login": "hall-9" });
    town.stage.client.operator("POST", "/logins/endings", &ended).expect("ended");
    town.stage.client.operator("POST", "/logins", &wanted).expect("another code");
    browser.open("/hall").shows(&["还没有密码"]);
    browser.press("登录", &[("name", "hall-9"), ("password", "the first password")]).shows(&["密码不对"]);
}
