//! No token, no route; another role's route, none either; another's person or area, none either.

use crate::world::{World, who};
use domain::ids::Area;
use serde_json::json;
use server::tokens::{Role, list, revoke};

/// The path of a route with something in its gaps.
fn filled(path: &str) -> String {
    let fill = |part: &str| match part {
        "{code}" => "H32030000001".to_owned(),
        "{sender}" => "me".to_owned(),
        gap if gap.starts_with('{') => "1".to_owned(),
        word => word.to_owned(),
    };
    path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

/// If this fails, somebody gets in without a token, or into a route that is not for their role.
#[tokio::test]
async fn every_route_lets_in_its_roles_and_nobody_else() {
    let world = World::empty("2025-06-16 10:00").await;
    let mut tokens = Vec::new();
    for role in Role::ALL {
        let person = (role == Role::Citizen).then_some(1);
        tokens.push((role, world.token(role, person).await));
    }
    for (method, path, roles) in server::rest::permissions() {
        let target = filled(path);
        if roles.is_empty() {
            let answer = world.send(method, &target, None, None, String::new()).await;
            assert!(![401, 403, 503].contains(&answer.status), "{method} {path} is open");
            continue;
        }
        for token in [None, Some(""), Some("gongji_nobody")] {
            let answer = world.send(method, &target, token, Some("k"), "{}".to_owned()).await;
            if roles.is_empty() {
                assert_ne!(answer.status, 401, "{method} {path} is open to everybody");
                continue;
            }
            assert_eq!(answer.codes(), (401, vec!["TOKEN_MISSING".to_owned()]), "{method} {path}");
        }
        for (role, token) in &tokens {
            let answer = world.send(method, &target, Some(token), None, "[]".to_owned()).await;
            let shut = answer.status == 403 && answer.json()["detail"].to_string().contains("for:");
            let open = roles.is_empty() || roles.contains(role);
            assert_eq!(shut, !open, "{method} {path} {}", role.word());
            assert_ne!(answer.status, 401, "{method} {path} {}", role.word());
            assert_ne!(answer.status, 503, "{method} {path} {}", role.word());
        }
    }
}

/// If this fails, the permissions themselves have changed: look twice.
#[test]
fn the_table_of_permissions() {
    let word = |roles: &[Role]| -> String {
        let shown =
            |it: &Role| if roles.contains(it) { it.word().to_owned() } else { "-".repeat(it.word().len()) };
        Role::ALL.iter().map(shown).collect::<Vec<_>>().join(" ")
    };
    let line = |(method, path, roles): &(&str, &str, Vec<Role>)| format!("{} {method:4} {path}", word(roles));
    let table: Vec<String> = server::rest::permissions().iter().map(line).collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[tokio::test]
async fn a_revoked_token_lets_nobody_in() {
    let world = World::empty("2025-06-16 10:00").await;
    let now = world.app.clock.now();
    let no = list(&*world.app.desk, now).await.expect("tokens")[0].no;
    world.get("/me", &world.operator).await.is(200);
    revoke(&*world.app.desk, no, now).await.expect("revoked");
    world.get("/me", &world.operator).await.is(401);
}

#[tokio::test]
async fn a_citizen_reads_about_themselves_only() {
    let world = World::new("2025-06-16 10:00").await;
    let (token, own, other) = (world.citizen("李明").await, world.persons["李明"], world.persons["赵丽"]);
    for rest in ["", "/account", "/bindings", "/entries", "/settlements"] {
        world.get(&format!("/persons/no:{own}{rest}"), &token).await.is(200);
        world.get(&format!("/persons/{other}{rest}"), &token).await.is(403);
    }
    world.get(&format!("/notices/{own}"), &token).await.is(200);
    world.get(&format!("/notices/{other}"), &token).await.is(403);
}

#[tokio::test]
async fn staff_of_an_area_reach_its_people_only() {
    let world = World::new("2025-06-16 10:00").await;
    let area = Area::parse("320300");
    let token = world.token_of(Role::Operator, None, area.expect("an area")).await;
    world.get(&format!("/persons/{}", world.persons["李明"]), &token).await.is(200);
    world.get(&format!("/persons/{}", world.persons["韦国强"]), &token).await.is(403);
    let credit = |name: &str| json!({ "person": who(name), "current": "1.00" });
    world.write("POST", "/accounts/credits", &token, credit("李明")).await.is(201);
    world.write("POST", "/accounts/credits", &token, credit("韦国强")).await.is(403);
    let place = json!({ "name": "医院", "area": "450100", "kind": "hospital", "level": "primary",
        "designations": [] });
    world.write("PUT", "/institutions/H45010000002", &token, place).await.is(403);
    let wanted = json!({ "scheme": "api" });
    world.write("POST", "/institutions/H45010000001/credentials", &token, wanted).await.is(403);
    world.write("POST", "/policies", &token, json!({ "files": {} })).await.is(403);
}
