//! GJ01, ours: what became of an earlier message: done with its answer, never arrived, barred, or still in progress.

use super::json::{Json, object};
use super::wire::{Stamp, answer};
use super::{Answered, Call, Failure};
use crate::answers;
use crate::app::App;
use domain::facts::Did;
use domain::needs::Needs;
use domain::request::{Key, Sender};
use store::{Page, Query};

/// GJ01: input `data{omsgid}`, output `result{state, answer}`.
pub(super) async fn run(app: &App, call: &Call<'_>) -> Result<Answered, Failure> {
    let node = call.envelope.one("data")?;
    let key = Key {
        sender: Sender::Institution(call.envelope.institution),
        id: node.short("omsgid", 64)?.to_owned(),
    };
    // Whether it is on its way is asked first: it may arrive in between, never leave unseen.
    let in_flight = app.flow.is_in_flight(&key);
    let stamp = Stamp::fresh(call);
    let said = |state: &'static str, earlier: Json| {
        let result = object! { "GJ_STATE": state, "GJ_ANSWER": earlier };
        Answered::Json(answer(&stamp, Ok(object! { "result": result })))
    };
    if let Page::Record(Some(record)) = app.store.page(&Query::Record(key.clone())).await? {
        let opened = answers::given(&app.vault, &record).map_err(|_| Failure::Busy)?;
        return Ok(said("done", String::from_utf8(opened).map_or(Json::Null, Json::Written)));
    }
    let rows = app.rows(Needs { keys: [key.clone()].into(), ..Needs::default() }).await?;
    let barred = rows.facts.earlier.get(&key).is_some_and(|it| it.did == Did::Barred);
    let state = if barred {
        "barred"
    } else if in_flight {
        "in progress"
    } else {
        "never arrived"
    };
    Ok(said(state, Json::Null))
}
