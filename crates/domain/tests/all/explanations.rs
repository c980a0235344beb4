//! What readers see of typical decisions: till, slip, citizen, staff; each built by deciding.

use crate::world::{Decided, EN, World, ZH};
use domain::explanation::{Explanation, Severity, explain};
use domain::request::{Actor, BindingEvent, Body};
use domain::slip::{COLUMNS, LINES, columns, slip, till};
use domain::texts::{Reader, Texts, Viewer};
use domain::words::{Relation, Scheme, Sex, Side};
use std::fmt::Write as _;

const XUZHOU: &str = "H32030000001";

fn explained(world: &World, decided: &Decided, texts: &Texts, viewer: Viewer) -> Explanation {
    explain(decided.case(), &decided.decision, Reader { texts, names: world, viewer })
}

/// The page of a citizen in Chinese, the till and the slip below it.
pub(crate) fn seen(world: &World, decided: &Decided, viewer: Viewer) -> String {
    let told = explained(world, decided, &ZH, viewer);
    let mut page = format!("{}｜{}\n", told.conclusion, told.money.clone().unwrap_or_default());
    for it in &told.reasons {
        let severity = match it.severity {
            Severity::Refused => "✗",
            Severity::Partly => "△",
            Severity::Note => "·",
        };
        writeln!(page, "{severity} {} {} {}", it.code, it.rule, it.line).expect("a string");
        writeln!(page, "    {}", it.why).expect("a string");
        it.todo.iter().for_each(|step| writeln!(page, "    → {step}").expect("a string"));
    }
    let told = decided.telling(Reader { texts: &ZH, names: world, viewer });
    page += &format!("[{}]\n", till(&told));
    let lines = slip(&told, "7K2M-9QXD4");
    assert!(lines.len() <= LINES, "{lines:?}");
    assert!(lines.iter().all(|it| columns(it) <= COLUMNS), "{lines:?}");
    lines.iter().for_each(|line| writeln!(page, "|{line}").expect("a string"));
    page
}

fn xuzhou() -> World {
    let mut world = World::at("2025-06-16 10:00");
    world.employee("李明", "1985-03-12", Sex::Male, "320300", "1200.00", "800.00");
    world.resident("李小明", "2016-06-01", Sex::Male, "320300");
    world.employee("赵丽", "1986-09-15", Sex::Female, "320300", "0.00", "600.00");
    world.employee("王秀英", "1958-07-04", Sex::Female, "320300", "0.00", "0.00");
    world.bound("李明", "李小明", Relation::Child, "2024-01-15 09:00");
    world.link("赵丽", "王秀英", Relation::SpouseParent);
    world
}

/// R-E4, R-E6: a bill paid by fund and father; nothing to explain away.
#[test]
fn a_bill_that_is_paid_says_who_paid() {
    let mut world = xuzhou();
    let bill = world.bill("李小明", Scheme::Resident, "170.00");
    let decided = world.settle(XUZHOU, bill);
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Staff), @r"
    已结算，不用付现金｜个人账户已付 100.00 元，现金 0.00 元
    [已结算，不用付现金]
    |已结算，不用付现金
    |统筹 70.00 / 李* 100.00
    |现金 0.00
    |查询号 7K2M-9QXD4
    ");
    let told = explained(&world, &decided, &ZH, Viewer::Citizen(world.no("李明")));
    assert_eq!(told.split_line(), "统筹 70.00 / 您 100.00 / 现金 0.00");
}

/// R-F3, story 6: only a family code link, and a daughter-in-law cannot give here, so nothing advises her to.
#[test]
fn no_text_advises_a_binding_that_would_be_refused() {
    let mut world = xuzhou();
    let bill = world.bill("王秀英", Scheme::Employee, "50.00");
    let decided = world.settle(XUZHOU, bill);
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Citizen(world.no("王秀英"))), @r"
    已结算，现金 50.00 元｜个人账户没有扣钱，现金 50.00 元
    · ONLY_FAMILY_CODE_BOUND R-F3 只绑了亲情账户，还没办家庭共济
        亲情账户只能帮家人出示医保码，花的是家人自己的钱。赵*的个人账户没有授权给您用。
        → 剩下的 50.00 元请用现金或其他方式付。
    [已结算；只绑了亲情账户，没办家庭共济]
    |已结算，现金 50.00 元
    |统筹 0.00 / 现金 50.00
    |* 赵*和您只绑了亲情账户。没办家
    |庭共济，不能用赵*的钱。
    |* 剩下的 50.00 元请用现金或其他
    |方式付。
    |查询号 7K2M-9QXD4
    ");
}

/// R-F3: where the relation is allowed, the same note advises the binding.
#[test]
fn a_link_between_parent_and_child_advises_the_binding() {
    let mut world = xuzhou();
    world.link("李明", "王秀英", Relation::Parent);
    let bill = world.bill("王秀英", Scheme::Employee, "50.00");
    let decided = world.settle(XUZHOU, bill);
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Citizen(world.no("李明"))), @r"
    已结算，现金 50.00 元｜个人账户没有扣钱，现金 50.00 元
    · ONLY_FAMILY_CODE_BOUND R-F3 只绑了亲情账户，还没办家庭共济
        亲情账户只能帮家人出示医保码，花的是家人自己的钱。您的个人账户没有授权给王*英用。
        → 请您给王*英办理「家庭共济」。
        → 剩下的 50.00 元请用现金或其他方式付。
    · ONLY_FAMILY_CODE_BOUND R-F3 只绑了亲情账户，还没办家庭共济
        亲情账户只能帮家人出示医保码，花的是家人自己的钱。赵*的个人账户没有授权给王*英用。
        → 剩下的 50.00 元请用现金或其他方式付。
    [已结算；只绑了亲情账户，没办家庭共济]
    |已结算，现金 50.00 元
    |统筹 0.00 / 现金 50.00
    |* 您和王*英只绑了亲情账户。没办
    |家庭共济，不能用您的钱。
    |* 赵*和王*英只绑了亲情账户。没办
    |家庭共济，不能用赵*的钱。
    |* 请您给王*英办理「家庭共济」。
    |* 剩下的 50.00 元请用现金或其他
    |方式付。
    |查询号 7K2M-9QXD4
    ");
}

/// R-F3, R-B1: for every relation, the binding is advised exactly where the rules then make it.
#[test]
fn a_binding_is_advised_exactly_where_it_is_made() {
    for relation in Relation::ALL {
        let mut world = xuzhou();
        world.employee("何静", "1990-02-02", Sex::Female, "320300", "500.00", "0.00");
        world.link("何静", "王秀英", *relation);
        let bill = world.bill("王秀英", Scheme::Employee, "50.00");
        let decided = world.settle(XUZHOU, bill);
        let told = explained(&world, &decided, &ZH, Viewer::Staff);
        let advised = told.reasons.iter().flat_map(|it| &it.todo).any(|it| it.contains("请何*给王*英办理"));
        let made = world.bind("何静", "王秀英", *relation).codes().is_empty();
        assert_eq!(advised, made, "{relation:?}");
    }
}

/// R-E2, story 7: where both codes are needed, the note says so and showing it helps.
#[test]
fn the_givers_code_is_asked_for() {
    let mut world = World::at("2025-06-16 10:00");
    world.employee("韦国强", "1978-08-25", Sex::Male, "450100", "900.00", "300.00");
    world.resident("韦秀兰", "1952-03-11", Sex::Female, "450100");
    world.bound("韦国强", "韦秀兰", Relation::Parent, "2024-01-15 09:00");
    let bill = world.bill("韦秀兰", Scheme::Resident, "120.00");
    let decided = world.settle("H45010000001", bill);
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Citizen(world.no("韦秀兰"))), @r"
    已结算，现金 60.00 元｜个人账户没有扣钱，现金 60.00 元
    · GIVER_CODE_REQUIRED R-E2 本地还要出示韦*强的码
        南宁市规定：用家人的个人账户，要同时出示付钱的人（授权人）的医保码或社保卡。这次没有出示韦*强的。
        → 下次结算时，请同时出示韦*强的医保码。
        → 剩下的 60.00 元请用现金或其他方式付。
    [已结算；还要出示授权人的医保码]
    |已结算，现金 60.00 元
    |统筹 60.00 / 现金 60.00
    |* 本地还要出示韦*强的医保码，所
    |以没用韦*强的钱。
    |* 下次结算时，请同时出示韦*强的
    |医保码。
    |查询号 7K2M-9QXD4
    ");
}

/// R-E7, R-C3, story 9: usable beside total for its owner; on paper and for other citizens without the total.
#[test]
fn usable_money_stands_beside_the_balance() {
    let mut world = World::at("2025-06-16 10:00");
    world.employee("郭志远", "1984-04-19", Sex::Male, "140100", "1500.00", "0.00");
    world.resident("郭小雨", "2012-07-30", Sex::Female, "140100");
    world.bound("郭志远", "郭小雨", Relation::Child, "2024-01-15 09:00");
    let bill = world.bill("郭小雨", Scheme::Resident, "1200.00");
    let decided = world.settle("H14010000001", bill);
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Citizen(world.no("郭志远"))), @r"
    已结算，个人账户付 500.00 元，现金 300.00 元｜个人账户已付 500.00 元，现金 300.00 元
    △ USABLE_ZERO R-C3 您的余额只有一部分能共济
        您的个人账户有 1500.00 元，其中可共济 500.00 元。原因：须留 1000.00 元。
        → 剩下的 300.00 元请用现金或其他方式付。
    [已结算；授权人可共济的余额不够]
    |已结算，个人账户付 500.00 元，现
    |金 300.00 元
    |统筹 400.00 / 您 500.00
    |现金 300.00
    |* 您可共济 500.00 元：须
    |留 1000.00 元。
    |* 剩下的 300.00 元请用现金或其他
    |方式付。
    |查询号 7K2M-9QXD4
    ");
    assert!(!seen(&world, &decided, Viewer::Citizen(world.no("郭小雨"))).contains("1500.00"));
}

/// R-D6, story 8: binding again on the day of the release waits, and the day it says is right.
#[test]
fn binding_again_waits_for_the_day_that_is_said() {
    let mut world = World::at("2022-07-01 10:00");
    world.employee("韦国强", "1978-08-25", Sex::Male, "450100", "900.00", "300.00");
    world.resident("韦秀兰", "1952-03-11", Sex::Female, "450100");
    let binding = world.bound("韦国强", "韦秀兰", Relation::Parent, "2022-03-01 09:00");
    let released = world.change("韦国强", binding, BindingEvent::Release);
    assert_eq!(explained(&world, &released, &ZH, Viewer::Staff).conclusion, "已办好，授权已结束或将结束");
    let decided = world.bind("韦国强", "韦秀兰", Relation::Parent);
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Citizen(world.no("韦国强"))), @r"
    没有绑定｜没有扣钱
    ✗ REBIND_WAIT R-D6 2022年7月2日起才能重新绑定
        原来的授权刚解除。按本地规定，从2022年7月2日起两人可以重新绑定。
        → 2022年7月2日起再来办。
    [还没到可以重新绑定的日子]
    |没有绑定
    |* 2022年7月2日起才能重新绑定。
    |* 2022年7月2日起再来办。
    |查询号 7K2M-9QXD4
    ");
}

/// R-D2, R-A3: inputs and other people's steps are advised together when together they help.
#[test]
fn steps_that_help_only_together_are_shown_together() {
    let mut world = xuzhou();
    world.pause("李明", Scheme::Employee, "2025-05-01");
    let wish =
        domain::request::Bind { commitment: None, ..World::wish("李明", "王秀英", Relation::Parent) };
    let decided = world.ask(Actor::Citizen(world.no("李明")), Body::Bind(wish));
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Citizen(world.no("李明"))), @r"
    没有绑定｜没有扣钱
    ✗ GIVER_PAUSED R-A3 您的参保已暂停，暂不能共济
        您的参保从2025年5月1日起暂停或终止。按本地规定，这期间不能共济。
        → 请先补缴，恢复您的参保。
    ✗ COMMITMENT_MISSING R-D2 还没有签承诺书
        办理家庭共济要先看完并签好承诺书。这次还没有签。
        → 看完承诺书，签好名再提交。
    [授权人的参保已暂停]
    |没有绑定
    |* 您的参保从2025年5月1日起暂停，
    |暂不能共济。
    |* 还没有签承诺书。
    |* 请先补缴，恢复您的参保。
    |* 看完承诺书，签好名再提交。
    |查询号 7K2M-9QXD4
    ");
}

/// R-E18: a bill settled a moment ago is not charged twice, and the text says which counts.
#[test]
fn a_repeated_bill_says_that_nothing_more_was_charged() {
    let mut world = xuzhou();
    let bill = world.bill("李小明", Scheme::Resident, "170.00");
    world.settle(XUZHOU, bill.clone());
    world.later("2025-06-16 10:02");
    let decided = world.settle(XUZHOU, bill);
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Citizen(world.no("李小明"))), @r"
    没有结算，没有扣钱｜这次没有扣钱，前一次的结果有效
    ✗ DUPLICATE_REQUEST R-E18 这笔已经付过了
        同一位患者、同一家机构、同样的账单，已于2025年6月16日 10:00 结算。这次没有再扣钱。
        → 如果确实是另一笔，请机构注明后再结算。
    [这笔已经结算过了]
    |没有结算，没有扣钱
    |* 同样的账单已于
    |2025年6月16日 10:00 结算。这次没
    |有扣钱。
    |* 如果确实是另一笔，请机构注明后
    |再结算。
    |查询号 7K2M-9QXD4
    ");
}

/// R-E1: cards are personal; R-E3: all that is wrong is said at once.
#[test]
fn somebody_elses_code_is_refused() {
    let mut world = xuzhou();
    let mut bill = world.bill("李小明", Scheme::Resident, "170.00");
    bill.credential = World::code_of("李明");
    bill.total = crate::world::yuan("180.00");
    let decided = world.settle(XUZHOU, bill);
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Citizen(world.no("李小明"))), @r"
    没有结算，没有扣钱｜没有扣钱
    ✗ OWN_CREDENTIAL_REQUIRED R-E1 要用您本人的码或卡
        钱可以共济，卡不能共用。这次出示的不是您本人的医保码或社保卡。
        → 请出示您本人的医保码或社保卡。
    ✗ AMOUNT_DIFFERS R-E10 账单合计和明细对不上
        送来的合计是 180.00 元，按明细算是 170.00 元。
        → 请机构核对账单，改好后再结算。
    [请出示患者本人的码或卡]
    |没有结算，没有扣钱
    |* 出示的不是您本人的码或卡。
    |* 送来的合计 180.00 元，算出来
    |是 170.00 元。
    |* 请出示您本人的医保码或社保卡。
    |* 请机构核对账单，改好后再结算。
    |查询号 7K2M-9QXD4
    ");
}

/// R-J2: 3301 is advised where an own code is not mapped, and not where a national code is unknown.
#[test]
fn mapping_is_advised_only_where_it_helps() {
    let mut world = xuzhou();
    let unmapped = |code: &str, own: &str, world: &World| {
        let mut bill = world.bill("李小明", Scheme::Resident, "170.00");
        if let domain::request::What::Lines { lines, .. } = &mut bill.what {
            lines[0].code = code.to_owned();
            lines[0].own_code = own.to_owned();
        }
        bill
    };
    let own = unmapped("", "A-17", &world);
    let decided = world.settle(XUZHOU, own);
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Staff), @r"
    没有结算，没有扣钱｜没有扣钱
    ✗ ITEM_NOT_MAPPED R-J2 第1行的编码没有对照
        账单第1行是什么，医院还没有和医保目录对上，没办法判断能不能报。
        → 请机构先对照第1行的编码（3301），再结算。
        → 请打 12393，或到服务大厅核对。
    [第1行的编码没有对照]
    |没有结算，没有扣钱
    |* 第1行的编码没有对照，不能结
    |算。
    |* 请机构先对照第1行的编码
    |（3301），再结算。
    |查询号 7K2M-9QXD4
    ");
    let national = unmapped("XX00XXX0000000000000", "A-17", &world);
    let decided = world.settle(XUZHOU, national);
    let told = explained(&world, &decided, &ZH, Viewer::Staff);
    assert_eq!(told.codes(), ["ITEM_NOT_MAPPED"]);
    assert!(!told.reasons[0].todo.iter().any(|it| it.contains("3301")), "{:?}", told.reasons[0].todo);
}

/// R-D3, story 5: a spouse confirms; until then it waits, and the bill says so.
#[test]
fn a_binding_that_waits_says_who_confirms() {
    let mut world = xuzhou();
    let decided = world.bind("赵丽", "李明", Relation::Spouse);
    assert_eq!(explained(&world, &decided, &ZH, Viewer::Staff).conclusion, "已登记，等对方确认");
    let bill = world.bill("李明", Scheme::Employee, "2900.00");
    let decided = world.settle(XUZHOU, bill);
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Citizen(world.no("李明"))), @r"
    已结算，不用付现金｜个人账户已付 1580.00 元，现金 0.00 元
    · CONFIRMATION_PENDING R-D3 还在等您确认
        授权已经登记，您还没有确认。2025年7月16日前确认都有效，过了这一天要重新办。
        → 请您在自己的手机上确认，或到服务大厅确认。
    [已结算，不用付现金]
    |已结算，不用付现金
    |统筹 1320.00 / 本人账户 1580.00
    |现金 0.00
    |* 还在等您确认，最晚
    |2025年7月16日。
    |* 请您在自己的手机上确认，或到服
    |务大厅确认。
    |查询号 7K2M-9QXD4
    ");
}

/// Whoever has only the slip number learns the reason and nothing about anybody.
#[test]
fn anyone_reads_no_name_and_no_amount() {
    let mut world = xuzhou();
    let bill = world.bill("王秀英", Scheme::Employee, "50.00");
    let decided = world.settle(XUZHOU, bill);
    let told = explained(&world, &decided, &ZH, Viewer::Anyone);
    assert_eq!((told.conclusion.as_str(), told.money.as_deref()), ("已结算", None));
    let [reason] = told.reasons.as_slice() else { panic!("one reason") };
    assert_eq!(
        (reason.code, reason.line.as_str()),
        ("ONLY_FAMILY_CODE_BOUND", "只绑了亲情账户，没办家庭共济")
    );
    let said = format!("{told:?}");
    assert!(["王", "赵", "50.00"].iter().all(|it| !said.contains(it)), "{said}");
    assert!(told.steps.is_empty() && told.split.is_empty() && reason.todo.is_empty(), "{said}");
}

/// Pages, tills and interfaces read the same object, by these names.
#[test]
fn an_explanation_is_json() {
    let mut world = xuzhou();
    let bill = world.bill("李小明", Scheme::Resident, "170.00");
    let decided = world.settle(XUZHOU, bill);
    let told = explained(&world, &decided, &ZH, Viewer::Staff);
    let json = serde_json::to_value(&told).expect("plain data");
    assert_eq!(json["conclusion"], "已结算，不用付现金");
    assert_eq!(json["split"][1], serde_json::json!({ "who": "李*", "amount": "100.00" }));
    let steps = json["steps"].as_array().expect("a list");
    let source = steps.iter().find_map(|it| it["source"].as_object()).expect("a step with a source");
    let names: Vec<&str> = source.keys().map(String::as_str).collect();
    assert_eq!(names, ["certainty", "certainty_text", "from", "note", "place", "text", "to"]);
}

/// R-F3 in English, with the sources that the steps name.
#[test]
fn the_same_decision_in_english() {
    let mut world = xuzhou();
    let bill = world.bill("王秀英", Scheme::Employee, "50.00");
    let decided = world.settle(XUZHOU, bill);
    let told = explained(&world, &decided, &EN, Viewer::Staff);
    let mut page = format!("{}\n{}\n", told.conclusion, told.reasons[0].why);
    for step in told.steps.iter().filter(|it| it.holds.is_some()) {
        let source = step.source.as_ref().map_or("", |it| it.certainty);
        writeln!(page, "{} {:?} {} {source}", step.rule, step.holds, step.text).expect("a string");
    }
    let reader = Reader { texts: &EN, names: &world, viewer: Viewer::Staff };
    page += &format!("|{}\n", slip(&decided.telling(reader), "7K2M-9QXD4").join("\n|"));
    insta::assert_snapshot!(page, @r"
    Settled: cash 50.00 yuan
    A family code link only shows a relative's code and spends the relative's own money. There is no binding by which 王*英 may spend 赵*'s account.
    R-E5 Some(true) Institution designated on the day · holds 
    R-E1 Some(true) Patient's own credential · holds assumed
    R-A3 Some(true) Patient insured · holds assumed
    R-E18 Some(true) Not a repeated bill · holds assumed
    R-F3 Some(false) Only a family code link, no sharing 
    |Settled: cash 50.00 yuan
    |Fund 0.00 / Cash 50.00
    |* 赵* and 王*英 have only a
    |family code link. 赵*'s money
    |cannot be used.
    |* Please pay the other
    |50.00 yuan in cash or another
    |way.
    |No. 7K2M-9QXD4
    ");
}

/// R-D1: where the other side has to start, only a step that is then accepted is advised.
#[test]
fn the_side_that_may_start_is_named() {
    let mut world = xuzhou();
    let wish = World::wish("李明", "王秀英", Relation::Parent);
    let decided = world.ask(Actor::Citizen(world.no("王秀英")), Body::Bind(wish));
    let starters = &crate::world::LAW.policies.parameters.starters;
    let may = starters.on(crate::world::area("320300"), world.at.day()).expect("the nation speaks");
    assert_eq!(decided.codes().is_empty(), may.value.contains(&Side::Beneficiary));
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Citizen(world.no("王秀英"))), @r"
    没有绑定｜没有扣钱
    ✗ STARTER_NOT_ALLOWED R-D1 要由另一方来办
        徐州市规定，不能由看病的人（使用人）发起，要由另一方来办。
        → 请李*来发起。
    [要由另一方来办]
    |没有绑定
    |* 徐州市不能由看病的人（使用人）
    |来发起。
    |* 请李*来发起。
    |查询号 7K2M-9QXD4
    ");
}
