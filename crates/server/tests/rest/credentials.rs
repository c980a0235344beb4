//! Gateway credentials over REST: made, rotated, revoked, listed; secrets are shown once.

use crate::world::World;
use domain::ids::Area;
use serde_json::{Value, json};
use server::shangmi::PrivateKey;
use server::tokens::Role;

const NOW: &str = "2025-06-16 10:00";
const PATH: &str = "/institutions/H32030000001/credentials";

async fn made(world: &World, wanted: Value) -> (String, String) {
    let made = world.post(PATH, wanted).await.is(201);
    let text = |field: &str| made[field].as_str().expect("text").to_owned();
    assert_eq!(text("platform_sm2_public_key"), world.app.vault.answer_key().public().hex());
    (text("access_key"), text("secret"))
}

/// If this fails, an agency cannot give a hospital its key without the console, or shows the secrets of others.
#[tokio::test]
async fn credentials_live_from_making_to_revocation() {
    let world = World::new(NOW).await;
    let own = PrivateKey::of(&[7; 32]).expect("a key").public().hex();
    let mut secrets = Vec::new();
    for (scheme, more) in [
        ("api", json!({})),
        ("tif", json!({})),
        ("ca", json!({ "digest": "sha256" })),
        ("oauth", json!({ "sm2_public_key": own })),
        ("apikey", json!({})),
    ] {
        let mut wanted = more;
        wanted["scheme"] = json!(scheme);
        let (access_key, secret) = made(&world, wanted).await;
        assert_eq!((access_key.len(), secret.len()), (16, 64), "{scheme}");
        let rotated =
            world.post(&format!("{PATH}/{access_key}/rotations"), json!({ "overlap_hours": 1 })).await;
        let rotated = rotated.is(200);
        assert_eq!(rotated["old_until"]["utc"], "1970-01-01T01:00:00Z");
        let renewed = rotated["secret"].as_str().expect("a secret").to_owned();
        let listed = world.get(PATH, &world.operator).await.is(200);
        let lines = listed["credentials"].as_array().expect("credentials");
        let line = lines.iter().find(|it| it["access_key"] == access_key.as_str()).expect("its line");
        assert_eq!((&line["scheme"], line["secrets"].as_array().map(Vec::len)), (&json!(scheme), Some(2)));
        assert_eq!(line["secrets"][0]["until"], Value::Null);
        assert_eq!(line["secrets"][1]["until"]["utc"], "1970-01-01T01:00:00Z");
        secrets.extend([secret, renewed]);
        assert!(secrets.iter().all(|it| !listed.to_string().contains(it)));
        let path = format!("{PATH}/{access_key}/revocation");
        assert_eq!(world.post(&path, json!({})).await.is(200)["within_seconds"], 5);
        world.post(&path, json!({})).await.is(404);
        let found = server::gateway_keys::find(&world.app, &access_key).await.expect("the store");
        assert!(found.is_none());
    }
}

/// If this fails, a slip of the operator's ends a key that is needed, or a caller is not told what would be right.
#[tokio::test]
async fn what_is_wrong_is_said_by_its_field() {
    let world = World::new(NOW).await;
    let (access_key, _) = made(&world, json!({ "scheme": "tif" })).await;
    let rotations = format!("{PATH}/{access_key}/rotations");
    let cases = [
        (PATH, json!({ "scheme": "TIF" }), "scheme"),
        (PATH, json!({ "scheme": "oauth" }), "sm2_public_key"),
        (PATH, json!({ "scheme": "oauth", "sm2_public_key": "00" }), "sm2_public_key"),
        (PATH, json!({ "scheme": "ca", "digest": "SM3" }), "digest"),
        (PATH, json!({ "scheme": "api", "digest": "sm3" }), "digest"),
        (&rotations, json!({ "overlap_hours": 8_761 }), "overlap_hours"),
        (&rotations, json!({ "overlap_hours": 1, "until": "2026-11-30T06:00:00Z" }), "until"),
        (&rotations, json!({ "until": "soon" }), "until"),
    ];
    for (path, body, field) in cases {
        let problem = world.post(path, body).await.is(400);
        assert_eq!(problem["field"], field, "{problem}");
    }
    world.post(&format!("{PATH}/nobody/rotations"), json!({})).await.is(404);
    let others = "/institutions/H45010000001/credentials";
    world.post(&format!("{others}/{access_key}/rotations"), json!({})).await.is(404);
    world.post(&format!("{others}/{access_key}/revocation"), json!({})).await.is(404);
    let until = json!({ "until": "2026-11-30T06:00:00Z" });
    assert_eq!(world.post(&rotations, until).await.is(200)["old_until"]["utc"], "2026-11-30T06:00:00Z");
}

/// If this fails, the operator of one area ends the keys of another's hospitals.
#[tokio::test]
async fn credentials_are_reached_from_their_own_area_only() {
    let world = World::new(NOW).await;
    let (access_key, _) = made(&world, json!({ "scheme": "tif" })).await;
    let elsewhere = world.token_of(Role::Operator, None, Area::parse("450100").expect("an area")).await;
    world.get(PATH, &elsewhere).await.is(403);
    for last in ["rotations", "revocation"] {
        world.write("POST", &format!("{PATH}/{access_key}/{last}"), &elsewhere, json!({})).await.is(403);
    }
    assert!(server::gateway_keys::find(&world.app, &access_key).await.expect("the store").is_some());
}
