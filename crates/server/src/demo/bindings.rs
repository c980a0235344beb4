//! The stories that must come out to the fen, second half: binding, confirming, releasing.

use super::client::Trouble;
use super::stage::{Stage, merged, text};
use super::stories::{TODAY, Telling};
use super::tell::Story;
use super::world::{World, who};
use serde_json::{Value, json};

/// Asks to bind, as the giver: status and answer.
fn bind(
    stage: &mut Stage,
    giver: &str,
    beneficiary: &str,
    relation: &str,
    more: &Value,
) -> Result<(u16, Value), Trouble> {
    let body = stage.signed(giver, beneficiary, relation)?;
    let body = merged(&body, &json!({ "channel": "app", "proof": "commitment" }));
    let body = merged(&body, more);
    stage.acting(giver, "POST", "/bindings", &body)
}

/// The codes of a refusal.
fn refusal(answer: &Value) -> String {
    let rows = answer.get("reasons").and_then(Value::as_array).cloned().unwrap_or_default();
    rows.iter().map(|it| text(it, "/code")).collect::<Vec<_>>().join(" ")
}

/// Quotes the reasons of a refusal.
fn quote(story: &mut Story, answer: &Value) {
    let rows = answer.get("reasons").and_then(Value::as_array).cloned().unwrap_or_default();
    rows.iter().for_each(|it| story.say(format!("{}：{}", text(it, "/code"), text(it, "/why"))));
}

fn event(stage: &mut Stage, key: &str, binding: &str, event: &str) -> Result<(u16, Value), Trouble> {
    stage.acting(key, "POST", &format!("/bindings/{binding}/events"), &json!({ "event": event }))
}

/// What can be spent of one giver for one beneficiary, and the first reason if not.
fn usable(
    stage: &mut Stage,
    giver: &str,
    beneficiary: &str,
    place: &str,
) -> Result<(String, String), Trouble> {
    let body = json!({
        "beneficiary": who(stage.world.person(beneficiary)),
        "giver": who(stage.world.person(giver)),
        "institution": place,
        "shown": [who(stage.world.person(giver))],
    });
    let answer = stage.client.operator("POST", "/explain/would", &body)?;
    Ok((text(&answer, "/givers/0/usable"), text(&answer, "/givers/0/reasons/0/code")))
}

/// 4: a father-in-law cannot give.
pub fn a_son_in_law_is_no_relation(it: Telling<'_>) -> Result<Story, Trouble> {
    let mut story = Story::new("孙德海想授权给女婿李明（父辈）：江苏从不包括这种关系，只有这一个原因");
    let mut stage = it.open(TODAY, World::shipped())?;
    let (status, answer) = bind(&mut stage, "sundehai", "liming_elder", "child_spouse", &json!({}))?;
    story.check("答复", "422", status);
    story.check("全部原因", "RELATION_NOT_ALLOWED", refusal(&answer));
    quote(&mut story, &answer);
    Ok(story)
}

/// 5: in Jiangsu a spouse confirms in their own session.
pub fn a_spouse_confirms(it: Telling<'_>) -> Result<Story, Trouble> {
    let mut story = Story::new("李明授权给妻子赵丽：要她本人确认；确认前花不了他的钱，确认后立即生效");
    let mut stage = it.open(TODAY, World::shipped())?;
    let (status, made) = bind(&mut stage, "liming", "zhaoli", "spouse", &json!({}))?;
    let binding = text(&made, "/no");
    story.check("提交", "201", status);
    story.check("状态", "awaiting_confirmation", text(&made, "/status/state"));
    let (amount, reason) = usable(&mut stage, "liming", "zhaoli", "H32030000001")?;
    story.check("确认前可用", "0.00", amount);
    story.check("原因", "CONFIRMATION_PENDING", reason);
    let (own, _) = event(&mut stage, "liming", &binding, "confirm")?;
    story.check("李明自己确认", "422", own);
    let (_, confirmed) = event(&mut stage, "zhaoli", &binding, "confirm")?;
    story.check("赵丽确认后", "in_force", text(&confirmed, "/status/state"));
    let (amount, _) = usable(&mut stage, "liming", "zhaoli", "H32030000001")?;
    story.check("确认后可用", "2000.00", amount);
    Ok(story)
}

/// 8: a release lasts until midnight, binding again from the next day.
pub fn a_release_lasts_until_midnight(it: Telling<'_>) -> Result<Story, Trouble> {
    let mut story =
        Story::new("2022-07-01 解除：当天 24:00 前仍可用；当天再绑被拒；7 月 2 日重新绑定，立即生效");
    let world = World::shipped().with_binding("weiguoqiang", "weixiulan", "parent", "2022-03-01 09:00");
    let mut stage = it.open("2022-07-01 10:00", world)?;
    let place = "H45010000001";
    let no = stage.client.people.get("weiguoqiang").copied().unwrap_or(0);
    let (_, list) = stage.acting("weiguoqiang", "GET", &format!("/persons/{no}/bindings"), &Value::Null)?;
    let binding = text(&list, "/given/0/no");
    let (status, _) = event(&mut stage, "weiguoqiang", &binding, "release")?;
    story.check("解除", "200", status);
    let (amount, _) = usable(&mut stage, "weiguoqiang", "weixiulan", place)?;
    story.check("当天可用", "1200.00", amount);
    let (_, again) = bind(&mut stage, "weiguoqiang", "weixiulan", "parent", &json!({}))?;
    story.check("当天再绑", "REBIND_WAIT", refusal(&again));
    stage.clock("2022-07-01 23:59:59")?;
    let (amount, _) = usable(&mut stage, "weiguoqiang", "weixiulan", place)?;
    story.check("23:59:59 可用", "1200.00", amount);
    stage.clock("2022-07-02 00:00:05")?;
    let (amount, reason) = usable(&mut stage, "weiguoqiang", "weixiulan", place)?;
    story.check("7 月 2 日 0 点可用", "0.00", amount);
    story.check("原因", "BINDING_EXPIRED", reason);
    let (_, made) = bind(&mut stage, "weiguoqiang", "weixiulan", "parent", &json!({}))?;
    story.check("7 月 2 日再绑", "in_force", text(&made, "/status/state"));
    quote(&mut story, &again);
    Ok(story)
}

/// 11: one giver only, and on an earlier day a relation that was not yet allowed.
pub fn one_giver_in_jinan(it: Telling<'_>) -> Result<Story, Trouble> {
    let mut story = Story::new("孔秋兰想授权给孙女孔小蕊：济南只允许一位授权人；2024-06-01 连关系也还不允许");
    let mut stage = it.open(TODAY, World::shipped())?;
    let (_, now) = bind(&mut stage, "kongqiulan", "kongxiaorui", "grandchild", &json!({}))?;
    story.check("2025-06-16", "ALREADY_HAS_GIVER", refusal(&now));
    quote(&mut story, &now);
    let mut stage = it.open("2024-06-01 10:00", World::shipped())?;
    let (_, then) = bind(&mut stage, "kongqiulan", "kongxiaorui", "grandchild", &json!({}))?;
    story.check("2024-06-01", "ALREADY_HAS_GIVER RELATION_NOT_ALLOWED", refusal(&then));
    quote(&mut story, &then);
    Ok(story)
}

/// 12: across provinces, not yet and then by quota.
pub fn across_provinces_by_quota(it: Telling<'_>) -> Result<Story, Trouble> {
    let mut story =
        Story::new("吴敏（南京）授权给母亲吴桂芳（合肥）：2024-06-01 尚未开通；2026-02-01 用共济额度 600.00");
    let mut stage = it.open("2024-06-01 10:00", World::shipped())?;
    let quota = json!({ "quota": "600.00" });
    let (_, early) = bind(&mut stage, "wumin", "wuguifang", "parent", &quota)?;
    story.check("2024-06-01", "REGION_NOT_COVERED", refusal(&early));
    quote(&mut story, &early);
    let mut stage = it.open("2026-02-01 10:00", World::shipped())?;
    let (_, made) = bind(&mut stage, "wumin", "wuguifang", "parent", &quota)?;
    story.check("2026-02-01", "awaiting_confirmation", text(&made, "/status/state"));
    let binding = text(&made, "/no");
    let (_, confirmed) = event(&mut stage, "wuguifang", &binding, "confirm")?;
    story.check("吴桂芳同意后", "in_force", text(&confirmed, "/status/state"));
    let no = stage.client.people.get("wumin").copied().unwrap_or(0);
    let (_, view) = stage.acting("wumin", "GET", &format!("/persons/{no}/account"), &Value::Null)?;
    let held = format!("{} / {}", text(&view, "/held/0/prior"), text(&view, "/held/0/current"));
    story.check("占用 往年 / 当年", "500.00 / 100.00", held);
    story.check("吴敏还能用", "1400.00", text(&view, "/accounts/0/total"));
    Ok(story)
}
