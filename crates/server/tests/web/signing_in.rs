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

/// If this fails, whoever makes names up fills the store with attempts, or forms that came too late pile up; or the latest
/// of them is the one that is lost.
#[test]
fn what_strangers_leave_behind_is_bounded() {
    let mut town = Town::new();
    let mut stranger = town.browser();
    stranger.open("/sign-in");
    for name in 0..12 {
        let name = format!("nobody-{name}");
        stranger.press("登录", &[("name", &name), ("password", "guess")]);
    }
    let before = town.rows_in("attempt");
    assert!(before <= 12, "{before}");
    let same = [("name", "nobody-1"), ("password", "guess")];
    for _ in 0..8 {
        stranger.press("登录", &same);
    }
    stranger.shows(&["试的次数太多"]);
    assert!(town.rows_in("attempt") <= before + 5);

    let mut late = town.citizen("liming");
    late.open("/family-codes/add");
    let name = |it: usize| format!("第{it}位");
    let forms: Vec<_> = (0..7).map(|it| late.filled("添加", &[("name", &name(it))])).collect();
    let mut kept = Vec::new();
    for (minute, (path, method, body)) in (31..).zip(forms) {
        town.stage.clock(&format!("2025-06-16 10:{minute}")).expect("the clock moves");
        late.go(&method, &path, body);
        let back = late.at.split("back=").nth(1).expect("a way back").replace("%2F", "/");
        kept.push(back);
    }
    assert_eq!(town.rows_in("kept-form"), 5);
    let mut own = town.citizen("liming");
    own.open(&kept[6]).shows(&["您刚才填的都还在"]);
    assert!(own.html.contains("第6位"), "{}", own.html);
    own.open(&kept[0]);
    assert_eq!(own.status, 404, "the oldest gave way");
    own.open(&kept[2]).shows(&["您刚才填的都还在"]);
    let mut other = town.citizen("zhaoli");
    other.open(&kept[6]);
    assert_eq!(other.status, 404, "they are nobody else's");
}

/// R-D12: if this fails, whoever signed in with a number that was amended away goes on doing so where a server died before it
/// ended the login, and whose number it is cannot sign in.
#[test]
fn a_number_that_was_amended_away_lets_nobody_in() {
    let mut town = Town::new();
    let id = "990000198503120115";
    let mut person = town.citizen("liming");
    person.open("/account").shows(&["1200.00 元"]);
    let key = server::logins::key_of(town.stage.app(), id).0;
    let before = town.on_desk("login", &key);
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").press("查找", &[("scan", id)]);
    let right = ("right", "990000198503120131");
    let wanted = [("what", "id_document"), right, ("why_amend", "录入错误"), ("kind", "change_statement")];
    clerk.open("/hall/amend").attach("提交审批", &wanted, &[]).shows(&["等审批"]);
    let mut leader = town.staff("supervisor", Role::Supervisor);
    leader.open("/hall/amendments").follow("李明").press("批准", &[("why_decided", "核对过证明")]);
    leader.shows(&["没有等审批的更正"]);
    // As if the server had died between the approval and the end of the login.
    town.put_back("login", &key, &before);
    person.open("/account").shows(&["身份证号"]);
    assert!(!person.html.contains("1200.00"), "the session is over, too");
    let mut again = town.browser();
    again.open("/sign-in").press("登录", &[("name", id), ("password", "demo-120115")]);
    again.shows(&["证件号或密码不对"]);
    let bearer = serde_json::json!({ "psn_no": "7", "name": "李大明", "id_number": id, "born": "1985-03-12",
        "sex": "male" });
    let operator = &mut town.stage.client;
    operator.operator("POST", "/persons", &bearer).expect("taken in");
    let wanted = serde_json::json!({ "person": { "id_number": id } });
    let made = operator.operator("POST", "/logins/activations", &wanted).expect("a code");
    assert!(made["code"].is_string(), "{made}");
}

/// If this fails, photographs are lost without a word where a session ended while a clerk filled in the form, or what was
/// written with them is lost as well.
#[test]
fn photographs_that_came_too_late_are_asked_for_again() {
    let mut town = Town::new();
    let mut clerk = town.staff("hall1", Role::Clerk);
    clerk.open("/hall").press("查找", &[("scan", "990000198503120115")]).open("/hall/amend");
    town.stage.clock("2025-06-16 10:31").expect("the clock moves");
    let wanted =
        [("what", "name"), ("right", "李铭"), ("why_amend", "录入错误"), ("kind", "change_statement")];
    let large = vec![7; 1 << 20];
    clerk.attach("提交审批", &wanted, &[("photographs", &large)]);
    let back = clerk.at.split("back=").nth(1).expect("a way back").replace("%2F", "/");
    let mut again = town.staff("hall1", Role::Clerk);
    again.open(&back).shows(&["您刚才填的都还在", "照片没有留下"]);
    assert!(again.html.contains("录入错误"), "what was written is kept");
}
