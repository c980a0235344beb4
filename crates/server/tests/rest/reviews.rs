//! Reviews of bindings: what waits, who may end one, what is left of it (R-D2).

use crate::world::{Answer, World, signed, who};
use domain::ids::Area;
use serde_json::{Value, json};
use server::tokens::Role;

struct Hall {
    world: World,
    /// Who starts the binding, somebody else, and somebody of another area.
    clerks: [String; 3],
    binding: Value,
}

/// A binding of Guangzhou that was started at a window there, and waits for its review.
pub(crate) async fn in_review(world: &World, clerk: &str) -> Value {
    let mut wanted = signed("梁志远", "梁小雨", "child", "梁志远");
    wanted["proof"] = json!("documents");
    wanted["on_behalf_of"] = who("梁志远");
    world.write("POST", "/bindings", clerk, wanted).await.is(201)
}

async fn hall() -> Hall {
    let world = World::new("2025-06-16 10:00").await;
    let of = async |role, area| world.token_of(role, None, Area::parse(area).expect("an area")).await;
    let clerks = [
        of(Role::Clerk, "440100").await,
        of(Role::Supervisor, "440000").await,
        of(Role::Clerk, "320300").await,
    ];
    let binding = in_review(&world, &clerks[0]).await;
    assert_eq!(binding["status"]["state"], "in_review");
    assert_eq!(binding["status"]["since"]["utc"], "2025-06-16T02:00:00Z", "since when it waits");
    Hall { world, clerks, binding }
}

impl Hall {
    fn path(&self) -> String {
        format!("/bindings/{}/review", self.binding["no"])
    }

    async fn end(&self, by: usize, body: Value) -> Answer {
        self.world.write("POST", &self.path(), &self.clerks[by], body).await
    }

    /// The numbers of what waits, for somebody.
    async fn waiting(&self, by: usize) -> Vec<Value> {
        let found = self.world.get("/reviews", &self.clerks[by]).await.is(200);
        found["reviews"].as_array().expect("a list").iter().map(|it| it["no"].clone()).collect()
    }

    async fn count(&self, by: usize) -> Value {
        self.world.get("/waiting", &self.clerks[by]).await.is(200)["reviews"]["count"].clone()
    }
}

/// R-D2: if this fails, a binding that the agency has to review comes into force by the clerk who started it, or by one whose
/// area it does not concern.
#[tokio::test]
async fn a_review_is_ended_by_somebody_else_of_the_area() {
    let hall = hall().await;
    let no = hall.binding["no"].clone();
    for (by, expected) in [(0, vec![no.clone()]), (1, vec![no.clone()]), (2, Vec::new())] {
        assert_eq!(hall.waiting(by).await, expected, "clerk {by}");
        assert_eq!(hall.count(by).await, json!(expected.len()), "clerk {by}");
    }
    let approved = json!({ "outcome": "approved", "why": "户口簿和承诺书一致" });
    assert_eq!(hall.end(0, approved.clone()).await.codes(), (422, vec!["SECOND_PERSON_NEEDED".to_owned()]));
    assert_eq!(hall.end(2, approved.clone()).await.status, 403, "another area's");
    let waits = hall.world.get(&hall.path(), &hall.clerks[0]).await.is(200);
    assert_eq!((&waits["since"]["utc"], &waits["outcome"]), (&json!("2025-06-16T02:00:00Z"), &json!(null)));
    let done = hall.end(1, approved).await.is(200);
    assert_eq!(done["status"]["state"], "in_force");
    assert_eq!(hall.waiting(1).await, Vec::<Value>::new());
    let citizen = hall.world.citizen("梁志远").await;
    let ended = hall.world.get(&hall.path(), &citizen).await.is(200);
    assert_eq!((&ended["outcome"], &ended["why"]), (&json!("approved"), &json!("户口簿和承诺书一致")));
    assert!(ended["ended_by"].is_u64(), "{ended}");
    let late = hall.end(1, json!({ "outcome": "rejected", "why": "晚了" })).await;
    assert_eq!(late.codes(), (422, vec!["NOT_POSSIBLE_NOW".to_owned()]));
}

/// R-D2: if this fails, a binding is rejected without a reason, or with one that nobody can read.
#[tokio::test]
async fn a_rejection_has_a_reason() {
    let hall = hall().await;
    for why in [None, Some(" ".to_owned()), Some("长".repeat(201))] {
        let refused = hall.end(1, json!({ "outcome": "rejected", "why": why })).await.is(400);
        assert_eq!(refused["field"], "why", "{refused}");
    }
    let long = hall.end(1, json!({ "outcome": "approved", "why": "长".repeat(201) })).await.is(400);
    assert_eq!(long["field"], "why");
    let done = hall.end(1, json!({ "outcome": "rejected", "why": "户口簿上没有这个孩子" })).await.is(200);
    assert_eq!(done["status"]["state"], "refused");
    let child = hall.world.get(&hall.path(), &hall.world.citizen("梁志远").await).await.is(200);
    assert_eq!((&child["outcome"], &child["why"]), (&json!("rejected"), &json!("户口簿上没有这个孩子")));
}

/// R-D2: if this fails, the agency's own system cannot end a review, a citizen can, or a binding that nobody reviews has one.
#[tokio::test]
async fn reviews_are_the_agencys() {
    let hall = hall().await;
    let citizen = hall.world.citizen("梁志远").await;
    let body = json!({ "outcome": "approved" });
    assert_eq!(hall.world.write("POST", &hall.path(), &citizen, body.clone()).await.status, 403);
    assert_eq!(hall.world.get("/reviews?cursor=x", &hall.clerks[0]).await.is(400)["field"], "cursor");
    assert_eq!(hall.world.post(&hall.path(), body).await.is(200)["status"]["state"], "in_force");
    let father = hall.world.citizen("李明").await;
    let plain = signed("李明", "李小明", "child", "李明");
    let made = hall.world.write("POST", "/bindings", &father, plain).await.is(201);
    let path = format!("/bindings/{}/review", made["no"]);
    assert_eq!(hall.world.get(&path, &father).await.status, 404);
}
