//! The operator's page of messages that leave the house: destinations, how far behind each is, and what was not acknowledged.

use super::frame::Frame;
use super::inside::When;
use super::opening::Opening;
use super::trouble::Trouble;
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Webhooks {
    webhooks: Vec<Webhook>,
}

/// A destination as REST tells of it.
#[derive(Deserialize)]
struct Webhook {
    no: u32,
    label: String,
    url: String,
    areas: Vec<String>,
    kinds: Vec<String>,
    paused: Option<String>,
    lag_seconds: i64,
    waiting: usize,
    given_up: usize,
    acknowledged: u64,
    latest: Option<When>,
    rests_until: Option<When>,
}

#[derive(Deserialize)]
struct Deliveries {
    waiting: Vec<Delivery>,
    given_up: Vec<Delivery>,
}

/// A message that was not acknowledged.
#[derive(Deserialize)]
struct Delivery {
    id: String,
    kind: String,
    at: When,
    tries: u32,
    due: When,
    status: Option<u16>,
    said: Option<String>,
}

#[derive(Template)]
#[template(path = "web/outbox.html")]
struct OutboxPage {
    frame: Frame,
    webhooks: Vec<Webhook>,
}

#[derive(Template)]
#[template(path = "web/outbox_destination.html")]
struct DestinationPage {
    frame: Frame,
    webhook: Webhook,
    deliveries: Deliveries,
}

/// What messages are about, by their words, in Chinese and English.
const KINDS: [(&str, &str, &str); 28] = [
    ("spent", "家人花钱", "spent"),
    ("returned", "退回", "returned"),
    ("please_confirm", "等确认", "to be confirmed"),
    ("in_force", "生效", "in force"),
    ("in_review", "审核中", "under review"),
    ("review_refused", "没有通过审核", "review refused"),
    ("ended", "结束", "ended"),
    ("on_hold", "暂停使用", "on hold"),
    ("needs_decision", "待核对", "to be checked"),
    ("lines_shown", "让看买了什么", "lines shown"),
    ("lines_hidden", "不再让看买了什么", "lines hidden"),
    ("proxy_entrusted", "委托了代购药", "purchase entrusted"),
    ("proxy_received", "受托代购药", "asked to buy"),
    ("proxy_revoked", "代购药撤销", "entrustment revoked"),
    ("proxy_used", "代购药已买", "bought by an agent"),
    ("proxy_returned", "代购药已退", "given back by an agent"),
    ("code_asked", "请求出示医保码", "code asked for"),
    ("code_shown", "医保码可被出示", "code can be shown"),
    ("code_linked", "可出示家人的码", "code linked"),
    ("code_undone", "亲情账户取消", "code undone"),
    ("contact_changed", "手机号变动", "phones changed"),
    ("activation_code", "登录开通码", "activation code"),
    ("activated", "设了登录密码", "password set"),
    ("second_factor_ended", "取消登录的第二步", "second step ended"),
    ("amendment_proposed", "申请更正信息", "amendment proposed"),
    ("amendment_approved", "信息已更正", "data amended"),
    ("amendment_rejected", "更正没有批准", "amendment rejected"),
    ("amendment_withdrawn", "更正申请撤回", "amendment taken back"),
];

impl DestinationPage {
    /// A kind of message in words.
    fn kind<'a>(&self, kind: &'a str) -> &'a str {
        let known = KINDS.iter().find(|(word, ..)| *word == kind);
        known.map_or(kind, |(_, zh, en)| self.frame.said(zh, en))
    }
}

impl Webhook {
    /// What it is doing: the class of its tag, and words.
    fn state(&self, frame: &Frame) -> (&'static str, &'static str) {
        match self.paused.as_deref() {
            None if self.rests_until.is_some() => {
                ("wait", frame.said("对方没有收下，稍后再发", "Not acknowledged, tried again later"))
            }
            None => ("good", frame.said("正常", "Working")),
            Some("gone") => ("bad", frame.said("对方不再接收（410）", "Wants nothing any more (410)")),
            Some("too_many_dead") => ("bad", frame.said("放弃的太多，已停发", "Too many given up, stopped")),
            Some(_) => ("wait", frame.said("已暂停", "Paused")),
        }
    }

    /// How far it is behind.
    fn lag(&self, frame: &Frame) -> String {
        match self.lag_seconds {
            0 => frame.say("没有积压", "Nothing behind").to_owned(),
            seconds if seconds < 120 => format!("{seconds} {}", frame.say("秒", "s")),
            seconds if seconds < 7200 => format!("{} {}", seconds / 60, frame.say("分钟", "min")),
            seconds => format!("{} {}", seconds / 3600, frame.say("小时", "h")),
        }
    }
}

/// `GET /outbox`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let Webhooks { webhooks } = opening.get("/webhooks").await?;
    opening.page(&OutboxPage { frame: opening.frame("消息外发", "Messages sent out"), webhooks })
}

/// `GET /outbox/{no}`.
pub(crate) async fn destination(opening: Opening) -> Result<Response, Trouble> {
    let no = opening.number("no")?;
    let Webhooks { webhooks } = opening.get("/webhooks").await?;
    let webhook = webhooks.into_iter().find(|it| u64::from(it.no) == no).ok_or(Trouble::NotFound)?;
    let deliveries = opening.get(&format!("/webhooks/{no}/deliveries?limit=200")).await?;
    let frame = opening.frame("一个外发去处", "A destination");
    opening.page(&DestinationPage { frame, webhook, deliveries })
}

/// `POST /outbox/{no}`: pauses or resumes.
pub(crate) async fn change(opening: Opening) -> Result<Response, Trouble> {
    let no = opening.number("no")?;
    let change = json!({ "change": opening.form.text("change") });
    let _: Value = opening.send(&format!("/webhooks/{no}/changes"), &change).await?;
    Ok(opening.go(&format!("/outbox/{no}")))
}

/// `POST /outbox/{no}/deliveries/{id}`: sends a message that was given up again, or forgets it.
pub(crate) async fn deliver(opening: Opening) -> Result<Response, Trouble> {
    let no = opening.number("no")?;
    let id = opening.gap("id");
    let is_plain = id.chars().all(|it| it.is_ascii_alphanumeric() || it == '.');
    if !is_plain {
        return Err(Trouble::NotFound);
    }
    let change = json!({ "change": opening.form.text("change") });
    let _: Value = opening.send(&format!("/webhooks/{no}/deliveries/{id}/changes"), &change).await?;
    Ok(opening.go(&format!("/outbox/{no}")))
}
