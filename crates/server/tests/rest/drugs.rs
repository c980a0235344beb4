//! Looking drugs up, as a caller does.

use crate::world::World;
use serde_json::{Value, json};
use server::tokens::Role;

const NOW: &str = "2025-06-16 10:00";

/// A text as it stands after the question mark.
fn escaped(text: &str) -> String {
    text.bytes().map(|it| format!("%{it:02X}")).collect()
}

async fn asked(world: &World, text: &str, more: &str) -> Value {
    world.get(&format!("/drugs?q={}{more}", escaped(text)), &world.operator).await.is(200)
}

/// R-J1, R-J2: if this fails, somebody is told another class, or other amounts than a bill would come to.
#[tokio::test]
async fn a_drug_is_told_with_class_and_example() {
    let world = World::empty(NOW).await;
    #[rustfmt::skip]
    let cases = [
        ("amxl", "W-0632-01", "a", "甲类·全额纳入报销范围", "100.00 元的药：100.00 元全额纳入报销范围", "0.00", "100.00"),
        ("小儿感冒颗粒", "Z-0030-01", "b", "乙类·先自付一部分", "100.00 元的药：先自付 10.00 元，90.00 元纳入报销范围", "10.00", "90.00"),
        ("胸腺法新", "W-0932-01", "outside", "目录外·不能报销", "100.00 元的药：100.00 元全部自费", "0.00", "0.00"),
    ];
    for (text, row, standing, says, example, first_pay, in_scope) in cases {
        let answer = asked(&world, text, "&area=320300&day=2025-06-16").await;
        let drug = &answer["drugs"][0];
        assert_eq!((&drug["row"], &drug["standing"]), (&json!(row), &json!(standing)), "{text}");
        assert_eq!((&drug["says"], &drug["example"]["says"]), (&json!(says), &json!(example)), "{text}");
        let amounts = ["first_pay", "in_scope"].map(|it| drug["example"][it].to_string());
        assert_eq!(amounts, [first_pay, in_scope], "{text}");
        let source = &drug["example"]["law"]["parameter"];
        assert_eq!(source == "class_b_first_pay", standing == "b", "{text}: {source}");
        assert_eq!(answer["area"]["name"], "徐州市");
    }
    let without_area = asked(&world, "amxl", "").await;
    assert_eq!((&without_area["drugs"][0]["example"], &without_area["area"]), (&Value::Null, &Value::Null));
}

/// R-J1, R-L2: if this fails, the page of a row lacks what people ask about it, or claims what nobody knows.
#[tokio::test]
async fn a_row_is_told_with_all_that_is_printed() {
    let world = World::empty(NOW).await;
    let page = world.get("/drugs/W-0017-01?area=450100", &world.operator).await.is(200);
    let drug = &page["drug"];
    assert_eq!((&drug["name"], &drug["form"]), (&json!("艾普拉唑"), &json!("口服常释剂型")));
    assert_eq!(drug["restriction"], "限有十二指肠溃疡、反流性食管炎诊断患者的二线用药。");
    assert_eq!(drug["category"][0], "消化道和代谢方面的药物");
    assert_eq!(drug["category"].as_array().map(Vec::len), Some(4));
    assert_eq!((&drug["procured"], &page["page"]), (&json!("unknown"), &json!(9)));
    assert!(drug["procured_says"].as_str().is_some_and(|it| it.contains("不能确定")));
    let edition = json!({ "name": "2024", "document": "医保发〔2024〕33号", "first_day": "2025-01-01",
        "last_day": "2025-12-31", "goes_on": null });
    assert_eq!(page["edition"], edition);
    let other = world.get("/drugs/W-0010-01", &world.operator).await.is(200);
    assert_eq!(
        (&other["drug"]["standing"], &other["other_forms"][0]["standing"]),
        (&json!("a"), &json!("b"))
    );
    let coded = world.get("/drugs/W-0603-01", &world.operator).await.is(200);
    assert_eq!(coded["codes"][0]["name"], "注射用缩宫素");
    assert_eq!(world.get("/drugs/W-9999-01", &world.operator).await.codes().0, 404);
}

/// R-J3: if this fails, "not found" is taken for "not reimbursed", or the group that shuts a drug out is not named.
#[tokio::test]
async fn what_is_not_found_is_not_called_outside() {
    let world = World::empty(NOW).await;
    let nothing = asked(&world, "feibide", "").await;
    assert_eq!(nothing["drugs"], json!([]));
    let said = &nothing["not_found"];
    assert!(said["says"].as_str().is_some_and(|it| it.starts_with("没找到 ≠ 不能报")), "{said}");
    assert!(said["near"].as_array().is_some_and(|it| !it.is_empty()), "{said}");
    assert_eq!(said["groups"].as_array().map(Vec::len), Some(8));
    let near = asked(&world, "阿莫西灵", "").await;
    assert_eq!((&near["drugs"][0]["how"], near["not_found"].is_object()), (&json!("near"), true));
    assert_eq!(asked(&world, "阿莫西林", "").await["not_found"], Value::Null);
    #[rustfmt::skip]
    let cases = [
        ("他达拉非片",       "outside",         json!(5),    "不能纳入药品目录"),
        ("左炔诺孕酮片",     "outside",         json!(4),    "避孕药品"),
        ("丁桂儿脐贴",       "outside",         Value::Null, "逐名核查过"),
        ("注射用胸腺法新",   "outside",         Value::Null, "限工伤保险"),
        ("阿胶",             "outside",         Value::Null, "饮片"),
        ("小儿止咳糖浆",     "undecided",       Value::Null, ""),
        ("一枝黄花",         "piece",           Value::Null, ""),
        ("丁香",             "piece_not_alone", Value::Null, ""),
    ];
    for (text, standing, group, why) in cases {
        let drug = asked(&world, text, "").await["drugs"][0].clone();
        assert_eq!((&drug["name"], &drug["standing"]), (&json!(text), &json!(standing)));
        assert_eq!(drug["group"]["no"], group, "{text}");
        assert!(drug["why"].as_str().unwrap_or_default().contains(why), "{text}: {}", drug["why"]);
    }
}

/// R-J4: if this fails, a day is answered by an edition that was not in force, and nobody is told.
#[tokio::test]
async fn a_day_is_answered_by_its_edition() {
    let world = World::empty(NOW).await;
    let later = asked(&world, "amxl", "&day=2026-01-01").await;
    assert_eq!(later["edition"]["name"], "2024");
    assert!(later["edition"]["goes_on"].as_str().is_some_and(|it| it.contains("2025年12月31日")));
    let before = world.get("/drugs?q=amxl&day=2024-12-31", &world.operator).await;
    assert_eq!(before.codes(), (422, vec!["NO_CATALOGUE".to_owned()]));
}

/// If this fails, a citizen may not ask what everybody may know, or is answered in the wrong language.
#[tokio::test]
async fn everybody_asks_and_what_cannot_be_read_is_named() {
    let world = World::empty(NOW).await;
    for role in Role::ALL {
        let token = world.token(role, (role == Role::Citizen).then_some(1)).await;
        world.get("/drugs?q=amxl", &token).await.is(200);
    }
    let long = "a".repeat(101);
    let cases = [
        ("".to_owned(), "q"),
        ("?q=".to_owned(), "q"),
        ("?q=%20".to_owned(), "q"),
        (format!("?q={long}"), "q"),
        ("?q=a&area=3203".to_owned(), "area"),
        ("?q=a&day=16.6.2025".to_owned(), "day"),
        ("?q=a&x=1".to_owned(), "x"),
    ];
    for (query, field) in cases {
        let answer = world.get(&format!("/drugs{query}"), &world.operator).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some(field)), "{query}");
    }
}
