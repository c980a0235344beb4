//! The operator's page of messages that leave the house: what is behind, what was given up, and what can be done about it.

use crate::town::Town;
use serde_json::json;
use server::outbox::sending::{Reach, Sender};
use server::outbox::waiting::MOST_TRIES;
use server::outbox::work::Worker;
use server::tokens::Role;
use std::net::TcpListener;
use std::time::Duration;

/// An address at which nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    format!("http://{}/in", listener.local_addr().expect("bound"))
}

/// If this fails, messages do not arrive and nobody sees it, or what was given up cannot be sent again.
#[test]
fn an_operator_sees_what_did_not_arrive_and_sends_it_again() {
    let mut town = Town::new();
    let mut operator = town.staff("operator", Role::Operator);
    operator.open("/").follow("消息外发").shows(&["还没有登记去处"]);
    let body = json!({ "url": nobody(), "label": "短信网关", "kinds": ["spent"] });
    let made = town.stage.client.operator("POST", "/webhooks", &body).expect("registered");
    let no = made["no"].as_u64().and_then(|it| u32::try_from(it).ok()).expect("a number");
    town.stage.visit("H32030000001", "lixiaoming", "170.00", &json!({})).expect("a bill");
    operator.open("/outbox").shows(&["短信网关", "正常", "0 0 0"]);
    let app = town.stage.app().clone();
    let worker = Worker::with(app.clone(), Sender::with_patience(Reach::Anywhere, Duration::from_secs(5)));
    let step = |day: i64| {
        let at = app.clock.now().plus_millis(day * 86_400_000);
        town.carried(worker.step(no, at))
    };
    step(1);
    operator.open("/outbox").follow("短信网关").shows(&[
        "对方没有收下，稍后再发",
        "家人花钱",
        "已放弃（0） 没有。",
    ]);
    for day in 2..=i64::from(MOST_TRIES) {
        step(day);
    }
    operator.open("/outbox").follow("短信网关").shows(&["已放弃（1）", "试了 12 次", "最后一次回答"]);
    operator.press("再发", &[]).shows(&["已放弃（0）", "等着再发（1）"]);
    for day in 20..40 {
        step(day);
    }
    operator.open("/outbox").follow("短信网关").press("不再发", &[]).shows(&["已放弃（0）", "等着再发（0）"]);
    operator.press("暂停发送", &[]).shows(&["已暂停"]);
    operator.press("恢复发送", &[]);
    assert!(!operator.text().contains("已暂停"), "{}", operator.text());
    operator.open("/outbox/1");
    assert_eq!(operator.status, 404);
}
