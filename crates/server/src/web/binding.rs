//! One binding: what it is, what can be spent of it now and why not more, its history, and what the reader can do with it.

use super::bound::{Bound, Choice, Options, Review, SignedText, review_of, through};
use super::dates::Dates;
use super::family::Bindings;
use super::frame::Frame;
use super::inside::Reason;
use super::limits::{Field, amount_in, limit_fields, quota_field, terms_in};
use super::opening::Opening;
use super::papers::{binding_facts, closing, fact, sentences};
use super::trouble::Trouble;
use super::windows::Window;
use crate::pdf::Block;
use crate::rest::Yuan;
use askama::Template;
use axum::response::Response;
use domain::day::Moment;
use domain::words::{Mode, Side};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Account {
    given: Vec<Usable>,
    received: Vec<Usable>,
}

/// What can be spent of a binding now.
#[derive(Deserialize)]
struct Usable {
    binding: u64,
    usable: Yuan,
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
struct History {
    versions: Vec<Bound>,
}

/// A version of a binding, as a line.
struct Past {
    at: Moment,
    what: &'static str,
    state: String,
}

#[derive(Template)]
#[template(path = "web/binding.html")]
struct BindingPage {
    frame: Frame,
    binding: Bound,
    gives: bool,
    other: String,
    relation: String,
    state: String,
    /// Whether the reader's side started it.
    ours: bool,
    /// Whether the reader's side signed a letter that can be written again.
    signed_here: bool,
    channel: &'static str,
    usable: Option<Usable>,
    options: Vec<Choice>,
    dates: Option<Dates>,
    history: Vec<Past>,
    /// How the agency's review ended, where there was one.
    review: Option<Review>,
    /// Why what the reader just wanted was refused.
    refused: Vec<Reason>,
}

impl Past {
    fn at(&self) -> Moment {
        self.at
    }
}

async fn found(opening: &Opening) -> Result<Bound, Trouble> {
    opening.get(&format!("/bindings/{}", opening.number("no")?)).await
}

async fn options(opening: &Opening) -> Result<Options, Trouble> {
    opening.get(&format!("/bindings/{}/options", opening.number("no")?)).await
}

/// What a version changed in the one before it.
fn change(frame: &Frame, before: Option<&Bound>, it: &Bound) -> &'static str {
    let Some(before) = before else { return frame.said("提交", "Submitted") };
    if before.status.state != it.status.state {
        return frame.said("状态改变", "The state changed");
    }
    if (before.limits, before.last_day) != (it.limits, it.last_day) {
        return frame.said("改了限额或最后一天", "Limits or last day were set");
    }
    if before.quota != it.quota {
        return frame.said("改了共济额度", "The amount set aside was changed");
    }
    if before.rank != it.rank {
        return frame.said("改了使用次序", "The order was changed");
    }
    match (&before.lines_shown, &it.lines_shown) {
        (None, Some(_)) => {
            return frame
                .said("看病的人让付钱的人看买了什么", "The patient let the giver see what was bought");
        }
        (Some(_), None) => {
            return frame
                .said("看病的人不再让付钱的人看买了什么", "The patient no longer let the giver see it");
        }
        (None | Some(_), _) => {}
    }
    match (&before.end, &it.end) {
        (None, Some(_)) => frame.said("办理解除", "Released"),
        (Some(_), None) => frame.said("撤回解除", "The release was withdrawn"),
        (None | Some(_), _) => frame.said("更新", "Updated"),
    }
}

fn past(opening: &Opening, frame: &Frame, versions: &[Bound]) -> Vec<Past> {
    let before = std::iter::once(None).chain(versions.iter().map(Some));
    let line = |(before, it): (Option<&Bound>, &Bound)| Past {
        at: it.recorded.moment(),
        what: change(frame, before, it),
        state: it.state(opening).to_owned(),
    };
    before.zip(versions).map(line).collect()
}

/// What can be spent of it, as the reader's account says.
async fn usable(opening: &Opening, binding: &Bound, side: Side) -> Result<Option<Usable>, Trouble> {
    if binding.is_over() {
        return Ok(None);
    }
    let whose = match side {
        Side::Giver => binding.giver.no,
        Side::Beneficiary => binding.beneficiary.no,
    };
    let Account { given, received } = opening.get(&format!("/persons/{whose}/account")).await?;
    Ok(given.into_iter().chain(received).find(|it| it.binding == binding.no))
}

/// Whether the text that was signed can be written again.
async fn signed_text(opening: &Opening, binding: &Bound) -> Result<bool, Trouble> {
    match opening.get::<SignedText>(&format!("/bindings/{}/commitment", binding.no)).await {
        Ok(found) => Ok(found.text.is_some()),
        Err(Trouble::Forbidden) => Ok(false),
        Err(trouble) => Err(trouble),
    }
}

async fn page(opening: &Opening, refused: Vec<Reason>) -> Result<BindingPage, Trouble> {
    let (binding, me) = (found(opening).await?, opening.person()?);
    let history: History = opening.get(&format!("/bindings/{}/history", binding.no)).await?;
    let side = binding.side(me);
    let frame = opening.frame("一份授权", "An authorisation");
    let now = opening.app.clock.now();
    let end = binding.end.as_ref().filter(|it| it.at.moment() > now);
    Ok(BindingPage {
        gives: side == Side::Giver,
        other: binding.other(me).name.clone(),
        relation: binding.relation_of_other(me, opening).to_owned(),
        state: binding.state(opening).to_owned(),
        ours: binding.started.by == side,
        signed_here: binding.started.by == side && signed_text(opening, &binding).await?,
        channel: through(&frame, binding.started.channel),
        usable: usable(opening, &binding, side).await?,
        options: options(opening).await?.options,
        dates: end.map(|it| Dates::read_at(now, it)),
        history: past(opening, &frame, &history.versions),
        review: review_of(opening, binding.no, binding.reviewed).await?,
        refused,
        frame,
        binding,
    })
}

impl BindingPage {
    /// Whether the reader can do this now.
    fn can(&self, event: &str) -> bool {
        self.options.iter().any(|it| it.event == event && it.possible)
    }

    /// Why a binding that is in force cannot be released by the reader now.
    fn kept(&self) -> Option<&Reason> {
        let running = ["in_force", "not_yet_in_force"].contains(&self.binding.status.state.as_str());
        let release = self.options.iter().find(|it| it.event == "release" && !it.possible);
        release.filter(|_| running && self.dates.is_none()).and_then(|it| it.reasons.first())
    }
}

/// `GET /family/{no}`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    opening.page(&page(&opening, Vec::new()).await?)
}

/// Sends something that happens to the binding; what refuses it.
async fn happen(opening: &Opening, event: &Value) -> Result<Option<Vec<Reason>>, Trouble> {
    let path = format!("/bindings/{}/events", opening.number("no")?);
    match opening.send::<Bound>(&path, event).await {
        Ok(_) => Ok(None),
        Err(Trouble::Said(said)) if !said.reasons.is_empty() => Ok(Some(said.reasons)),
        Err(trouble) => Err(trouble),
    }
}

/// The page of the binding: after something was done, or, where the other one was quicker, as it is now.
async fn after(opening: &Opening, refused: Option<Vec<Reason>>, way: &str) -> Result<Response, Trouble> {
    match refused {
        None => Ok(opening.go(&format!("/family/{}{way}", opening.number("no")?))),
        Some(reasons) => opening.again(&page(opening, reasons).await?),
    }
}

/// `POST /family/{no}/events`: what is done with one press.
pub(crate) async fn act(opening: Opening) -> Result<Response, Trouble> {
    let event = opening.form.text("event");
    if !["confirm", "decline", "withdraw", "keep_on"].contains(&event) {
        return Err(Trouble::Unreadable);
    }
    let refused = happen(&opening, &json!({ "event": event })).await?;
    after(&opening, refused, "").await
}

#[derive(Template)]
#[template(path = "web/binding_release.html")]
struct ReleasePage {
    frame: Frame,
    binding: Bound,
    other: String,
    /// What is pending, in sentences.
    pending: Vec<&'static str>,
    dates: Option<Dates>,
    reasons: Vec<Reason>,
    /// It is released already: this is the receipt.
    done: bool,
    can_keep_on: bool,
}

/// What is pending when a binding is released, in sentences.
fn pending(frame: &Frame, binding: &Bound) -> Vec<&'static str> {
    let mut sentences = vec![
        frame.said(
            "失效以前的花费照常付，每一笔都能查。",
            "Until then bills are paid as before, and each can be looked up.",
        ),
        frame.said(
            "已经付的钱不受影响；以后退费，钱回到原来的账户。",
            "What was paid stays; a refund goes back to the account it came from.",
        ),
    ];
    if binding.mode == Mode::Quota {
        sentences.push(frame.said(
            "没用完的共济额度，失效后退回付钱的人的个人账户。",
            "What is left of the amount set aside returns to the giver's account.",
        ));
    }
    sentences
}

/// `GET /family/{no}/release`.
pub(crate) async fn release(opening: Opening) -> Result<Response, Trouble> {
    let (binding, me) = (found(&opening).await?, opening.person()?);
    let choice = options(&opening).await?.take("release").ok_or(Trouble::NotFound)?;
    let end = choice.end.as_ref().filter(|_| choice.possible);
    let frame = opening.frame("解除授权", "Release");
    opening.page(&ReleasePage {
        pending: pending(&frame, &binding),
        frame,
        other: binding.other(me).name.clone(),
        dates: end.map(|it| Dates::read_at(opening.app.clock.now(), it)),
        reasons: choice.reasons,
        done: false,
        can_keep_on: false,
        binding,
    })
}

/// `POST /family/{no}/release`.
pub(crate) async fn end(opening: Opening) -> Result<Response, Trouble> {
    let refused = happen(&opening, &json!({ "event": "release" })).await?;
    after(&opening, refused, "/released").await
}

/// `GET /family/{no}/released`: the receipt.
pub(crate) async fn released(opening: Opening) -> Result<Response, Trouble> {
    let (binding, me) = (found(&opening).await?, opening.person()?);
    let end = binding.end.as_ref().ok_or(Trouble::NotFound)?;
    let keep_on = options(&opening).await?.take("keep_on");
    let frame = opening.frame("已办理解除", "Released");
    opening.page(&ReleasePage {
        pending: pending(&frame, &binding),
        frame,
        other: binding.other(me).name.clone(),
        dates: Some(Dates::read_at(opening.app.clock.now(), end)),
        reasons: Vec::new(),
        done: true,
        can_keep_on: keep_on.is_some_and(|it| it.possible),
        binding,
    })
}

/// `GET /family/{no}/released.pdf`: the receipt on paper.
pub(crate) async fn released_paper(opening: Opening) -> Result<Response, Trouble> {
    let binding = found(&opening).await?;
    let made = binding.end.as_ref().map(|_| binding.recorded.moment()).ok_or(Trouble::NotFound)?;
    let frame = opening.frame("已办理解除", "Released");
    let mut blocks = vec![fact(frame.say("编号", "No."), binding.no.to_string())];
    blocks.extend(binding_facts(&opening, &frame, &binding));
    blocks.push(fact(frame.say("办理时间", "Done"), frame.moment(made)));
    blocks.push(Block::Heading(frame.say("还没了结的", "What is pending").to_owned()));
    blocks.extend(sentences(pending(&frame, &binding)));
    blocks.extend(closing(&frame));
    opening.paper(&frame, made, blocks, &format!("release-{}", binding.no)).await
}

#[derive(Template)]
#[template(path = "web/binding_limits.html")]
struct SettingPage {
    frame: Frame,
    no: u64,
    other: String,
    action: &'static str,
    fields: Vec<Field>,
    wrong: Vec<(&'static str, String)>,
}

#[derive(Deserialize)]
struct Offered {
    limits: Vec<String>,
}

async fn limits_page(opening: &Opening) -> Result<SettingPage, Trouble> {
    let (binding, me) = (found(opening).await?, opening.person()?);
    let offered: Offered = opening.get(&format!("/persons/{}/binding-terms", me.0)).await?;
    let Bound { limits, last_day, .. } = binding;
    let terms = super::bind::Terms { last_day, limits, ..Default::default() };
    Ok(SettingPage {
        frame: opening.frame("限额和最后一天", "Limits and last day"),
        no: binding.no,
        other: binding.other(me).name.clone(),
        action: "limits",
        fields: limit_fields(opening, &offered.limits, &terms),
        wrong: Vec::new(),
    })
}

impl SettingPage {
    fn is_readable(&self) -> bool {
        self.fields.iter().all(|it| it.wrong.is_empty())
    }

    /// Again, with what is wrong on top and at its field.
    fn again(mut self, opening: &Opening) -> Result<Response, Trouble> {
        let wrong = self.fields.iter().filter(|it| !it.wrong.is_empty());
        self.wrong = wrong.map(|it| (it.name, it.wrong.clone())).collect();
        opening.again(&self)
    }

    /// What the REST interface refuses is about the field of this name, where the page has one.
    fn refused(mut self, opening: &Opening, name: &str, reasons: &[Reason]) -> Result<Response, Trouble> {
        let why: Vec<&str> = reasons.iter().map(|it| it.why.as_str()).collect();
        if let Some(field) = self.fields.iter_mut().find(|it| it.name == name) {
            field.wrong = why.join(" ");
        }
        self.again(opening)
    }
}

/// `GET /family/{no}/limits`.
pub(crate) async fn limits(opening: Opening) -> Result<Response, Trouble> {
    opening.page(&limits_page(&opening).await?)
}

/// `POST /family/{no}/limits`: what is left empty is no longer limited.
pub(crate) async fn set_limits(opening: Opening) -> Result<Response, Trouble> {
    let mut page = limits_page(&opening).await?;
    let terms = terms_in(&opening, &mut page.fields);
    if !page.is_readable() {
        return page.again(&opening);
    }
    let event = json!({ "event": "set_limits", "last_day": terms.last_day, "limits": terms.limits });
    match happen(&opening, &event).await? {
        Some(reasons) if reasons.iter().all(|it| it.code == "DATES_CONTRADICT") => {
            page.refused(&opening, "end_date", &reasons)
        }
        refused => after(&opening, refused, "").await,
    }
}

async fn quota_page(opening: &Opening) -> Result<SettingPage, Trouble> {
    let (binding, me) = (found(opening).await?, opening.person()?);
    Ok(SettingPage {
        frame: opening.frame("共济额度", "The amount set aside"),
        no: binding.no,
        other: binding.other(me).name.clone(),
        action: "quota",
        fields: vec![quota_field(opening, binding.quota)],
        wrong: Vec::new(),
    })
}

/// `GET /family/{no}/quota`.
pub(crate) async fn quota(opening: Opening) -> Result<Response, Trouble> {
    opening.page(&quota_page(&opening).await?)
}

/// `POST /family/{no}/quota`.
pub(crate) async fn set_quota(opening: Opening) -> Result<Response, Trouble> {
    let mut page = quota_page(&opening).await?;
    let amount = page.fields.first_mut().and_then(|it| amount_in(&opening, it));
    let Some(amount) = amount else {
        if let Some(field) = page.fields.first_mut().filter(|it| it.wrong.is_empty()) {
            page.frame.said("请填写额度", "Write the amount").clone_into(&mut field.wrong);
        }
        return page.again(&opening);
    };
    match happen(&opening, &json!({ "event": "set_quota", "quota": amount })).await? {
        Some(reasons) if reasons.iter().all(|it| it.code.starts_with("QUOTA_")) => {
            page.refused(&opening, "quota", &reasons)
        }
        refused => after(&opening, refused, "").await,
    }
}

#[derive(Template)]
#[template(path = "web/binding_rank.html")]
struct RankPage {
    frame: Frame,
    no: u64,
    other: String,
    /// The places to choose from, and the one it has.
    places: Vec<(u16, bool)>,
    window: Window,
}

/// `GET /family/{no}/rank`.
pub(crate) async fn rank(opening: Opening) -> Result<Response, Trouble> {
    let (binding, me) = (found(&opening).await?, opening.person()?);
    let all: Bindings = opening.get(&format!("/persons/{}/bindings", binding.beneficiary.no)).await?;
    let givers = all.received.iter().filter(|it| !it.is_over()).count();
    let givers = u16::try_from(givers).unwrap_or(u16::MAX);
    let mut window = opening.window();
    opening.page(&RankPage {
        frame: opening.frame("先用谁的？", "Whose money first?"),
        no: binding.no,
        other: binding.other(me).name.clone(),
        places: window.cut((1..=givers).map(|it| (it, it == binding.rank)).collect()),
        window,
    })
}

/// `POST /family/{no}/rank`.
pub(crate) async fn set_rank(opening: Opening) -> Result<Response, Trouble> {
    let rank: u16 = opening.form.text("rank").parse().map_err(|_| Trouble::Unreadable)?;
    let refused = happen(&opening, &json!({ "event": "set_rank", "rank": rank })).await?;
    after(&opening, refused, "").await
}
