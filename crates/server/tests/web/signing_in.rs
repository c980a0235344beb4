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
