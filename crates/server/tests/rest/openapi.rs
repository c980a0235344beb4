//! The document is published, is what the routes are, and its copy in the repository is fresh.

use crate::world::World;
use std::path::PathBuf;

/// If this fails, run it again with UPDATE=1 and look at what changed for callers.
#[test]
fn the_copy_in_the_repository_is_fresh() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/api/openapi.json");
    let fresh = server::rest::openapi_json();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, &fresh).expect("written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == fresh, "docs/api/openapi.json is stale: run this test with UPDATE=1");
}

#[tokio::test]
async fn the_document_is_public_and_complete() {
    let world = World::empty("2025-06-16 10:00").await;
    let page = world.send("GET", "/api/docs", None, None, String::new()).await;
    assert_eq!(page.status, 200);
    let document = world.send("GET", "/api/docs/openapi.json", None, None, String::new()).await.is(200);
    assert_eq!(document["openapi"], "3.1.0");
    let mut names = std::collections::BTreeSet::new();
    for (method, path, _) in server::rest::permissions() {
        let path = format!("/api/v1{}", path.replace("{*", "{"));
        let operation = &document["paths"][&path][method.to_lowercase()];
        assert!(operation["summary"].is_string(), "{method} {path}");
        assert!(names.insert(operation["operationId"].to_string()), "{method} {path} has a name of its own");
    }
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            assert!(operation["tags"][0].is_string(), "{method} {path} stands with others of its kind");
            for status in ["2XX", "400", "401", "403", "404", "422", "503"] {
                let content = operation["responses"][status]["content"].as_object();
                assert!(content.is_some_and(|it| !it.is_empty()), "{method} {path}: the form of {status}");
            }
        }
    }
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().expect("a name");
        assert!(schemas.contains_key(name), "{name} is referred to and not described");
    }
}
