//! Areas and places, for everybody.

use crate::world::World;
use serde_json::{Value, json};

const NOW: &str = "2025-06-16 10:00";

/// If this fails, people are told that a place is designated that is not, or not told since or until when (R-L1).
#[tokio::test]
async fn a_place_says_how_it_stands_today() {
    let world = World::new(NOW).await;
    let days = |from: &str, to: Option<&str>| json!([{ "from": from, "to": to }]);
    for (code, designations, said) in [
        ("P32030000001", days("2020-01-01", None), json!([true, null, null, null])),
        ("P32030000002", days("2020-01-01", Some("2025-06-16")), json!([true, "2025-06-16", null, null])),
        ("P32030000003", days("2020-01-01", Some("2025-06-15")), json!([false, null, "2025-06-15", null])),
        ("P32030000004", days("2025-06-17", None), json!([false, null, null, "2025-06-17"])),
        ("P32030000005", json!([]), json!([false, null, null, null])),
    ] {
        let place = json!({ "name": format!("药店{code}"), "area": "320312", "kind": "pharmacy", "level": "none",
            "designations": designations });
        world.write("PUT", &format!("/institutions/{code}"), &world.operator, place).await.is(200);
        let path = format!("/places?area=320300&kind=pharmacy&name={code}");
        let found = world.send("GET", &path, None, None, String::new()).await.is(200);
        let [it] = found["places"].as_array().expect("a list").as_slice() else { panic!("{found}") };
        assert_eq!(json!([it["designated"], it["until"], it["ended"], it["from"]]), said, "{code}");
    }
    let suspended = json!({ "change": "suspend", "from": "2025-06-16", "why": "检查" });
    world.post("/institutions/P32030000001/changes", suspended).await.is(200);
    let mut path = "/places?area=320300&limit=2".to_owned();
    let mut codes = Vec::new();
    loop {
        let page = world.send("GET", &path, None, None, String::new()).await.is(200);
        let places = page["places"].as_array().expect("a list").clone();
        codes.extend(places.iter().map(|it| it["code"].as_str().unwrap_or_default().to_owned()));
        let suspended: Vec<&Value> = places.iter().filter(|it| it["suspended"] == true).collect();
        assert!(suspended.iter().all(|it| it["code"] == "P32030000001" && it["why"].is_null()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/places?area=320300&limit=2&cursor={next}");
    }
    assert_eq!(codes.len(), 6, "the hospital and five pharmacies: {codes:?}");
}

/// If this fails, a slip of the pen shows everything, or nothing, instead of what to write.
#[tokio::test]
async fn what_cannot_be_looked_for_is_named() {
    let world = World::empty(NOW).await;
    for (query, field) in [
        ("", "area"),
        ("area=徐州", "area"),
        ("area=320300&kind=shop", "kind"),
        ("area=320300&cursor=x", "cursor"),
        ("area=320300&limit=0", "limit"),
    ] {
        let path = format!("/places?{}", query.replace("徐州", "%E5%BE%90%E5%B7%9E"));
        let answer = world.send("GET", &path, None, None, String::new()).await.is(400);
        assert_eq!(answer["field"], field, "{query}");
    }
    let long = "x".repeat(51);
    let path = format!("/places?area=320300&name={long}");
    assert_eq!(world.send("GET", &path, None, None, String::new()).await.is(400)["field"], "name");
}

/// If this fails, a province is offered as if people were insured in it, or an area loses its halls (R-D9).
#[tokio::test]
async fn areas_are_where_people_are_insured() {
    let world = World::empty(NOW).await;
    let areas = world.send("GET", "/areas", None, None, String::new()).await.is(200)["areas"].clone();
    let find =
        |code: &str| areas.as_array().expect("a list").iter().find(|it| it["area"]["code"] == code).cloned();
    let xuzhou = find("320300").expect("Xuzhou");
    assert_eq!((&xuzhou["area"]["name"], &xuzhou["app"]), (&json!("徐州市"), &json!("江苏医保云")));
    assert!(xuzhou["halls"][0]["address"].as_str().is_some_and(|it| it.contains("演示")));
    assert!(find("310000").is_some(), "a municipality insures people itself");
    assert!(find("320000").is_none() && find("000000").is_none());
    assert_eq!(find("320100").expect("Nanjing")["halls"], json!([]), "no hall is made up");
}
