//! Receipts and letters on paper: what a page says, in large print, as a PDF to print or to keep.

use super::bound::{Bound, End};
use super::dates::Dates;
use super::frame::Frame;
use super::opening::Opening;
use super::trouble::Trouble;
use crate::pdf::{Block, Paper};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::day::Moment;

/// A fact, where there is something to say.
pub(crate) fn fact(name: &str, what: impl Into<String>) -> Block {
    Block::Fact(name.to_owned(), what.into())
}

/// An amount or a date, in larger print.
pub(crate) fn large(name: &str, what: impl Into<String>) -> Block {
    Block::Large(name.to_owned(), what.into())
}

/// Sentences, a paragraph each.
pub(crate) fn sentences<T: Into<String>>(list: impl IntoIterator<Item = T>) -> Vec<Block> {
    list.into_iter().map(|it| Block::Text(it.into())).collect()
}

/// Who may spend whose money, what the binding is, from when on, and what is limited.
pub(crate) fn binding_facts(opening: &Opening, frame: &Frame, it: &Bound) -> Vec<Block> {
    let relation = opening.word("relation", it.relation.word());
    let beneficiary = format!("{}（{relation}）", it.beneficiary.name);
    let mut facts = vec![
        fact(frame.say("付钱的人（授权人）", "Who pays (giver)"), &*it.giver.name),
        fact(frame.say("看病的人（使用人）", "Who is treated (beneficiary)"), beneficiary),
        fact(frame.say("状态", "State"), state(opening, frame, it)),
    ];
    if !it.is_over() && it.status.waiting_for.is_none() && it.status.state != "in_review" {
        facts.push(large(frame.say("生效", "In force from"), frame.moment(it.from.moment())));
    }
    let amounts = [
        (frame.say("每笔最多", "For each bill, at most"), it.limits.per_bill),
        (frame.say("每月最多", "For each month, at most"), it.limits.per_month),
        (frame.say("每年最多", "For each year, at most"), it.limits.per_year),
        (frame.say("共济额度", "Quota"), it.quota),
    ];
    facts.extend(amounts.iter().filter_map(|(name, it)| Some(large(name, frame.money(&(*it)?)))));
    facts.extend(it.last_day.map(|it| large(frame.say("最后一天", "The last day"), frame.civil(&it))));
    facts.extend(it.end.iter().flat_map(|it| end_facts(frame, it)));
    facts
}

fn state(opening: &Opening, frame: &Frame, it: &Bound) -> String {
    let mut state = it.state(opening).to_owned();
    if let Some(person) = &it.status.waiting_for {
        state = format!("{state}{}{}", frame.say("：", ": "), person.name);
    }
    if let Some(day) = &it.status.until {
        state = format!("{state}{}{}", frame.say("，最晚", ", until "), frame.civil(day));
    }
    state
}

/// Until when it can still be used, when it ends, and from when the two can be bound again (R-D6).
fn end_facts(frame: &Frame, end: &End) -> Vec<Block> {
    let dates = Dates::on_paper(end);
    let last = dates.last.map(|it| format!("{} 24:00", frame.civil(&it)));
    let (ends, free) = (frame.moment(dates.ends()), dates.free.map(|it| frame.civil(&it)));
    let mut facts = Vec::new();
    facts.extend(last.map(|it| large(frame.say("仍可使用到", "Usable until"), it)));
    facts.push(large(frame.say("失效", "Ends"), &*ends));
    facts.push(large(frame.say("可以重新绑定", "Can be bound again"), free.unwrap_or(ends)));
    facts
}

/// What stands at the end of every receipt.
pub(crate) fn closing(frame: &Frame) -> Vec<Block> {
    sentences([
        frame.say("钱可以共济，卡不能共用。", "Money can be shared, cards cannot."),
        frame.say(
            "有疑问请打医保热线 12393，或到服务大厅，带上这张回执。",
            "Questions: call the insurance line 12393, or bring this receipt to a service hall.",
        ),
    ])
}

impl Opening {
    /// A paper as an answer, under a name to save it by. It is set on a thread apart: that takes longer than others may wait.
    pub(crate) async fn paper(
        &self,
        frame: &Frame,
        made: Moment,
        blocks: Vec<Block>,
        name: &str,
    ) -> Result<Response, Trouble> {
        let paper = Paper { title: frame.title.clone(), english: frame.english, made, blocks };
        let set = tokio::task::spawn_blocking(move || paper.bytes()).await.map_err(|error| {
            tracing::error!(%error, "a paper was not set to its end");
            Trouble::Busy
        })?;
        let bytes = set.map_err(|error| {
            tracing::error!(%error, "a paper could not be written");
            Trouble::Busy
        })?;
        let named = format!("inline; filename=\"gongji-{name}.pdf\"");
        let headers =
            [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, named)];
        Ok((headers, bytes).into_response())
    }
}
