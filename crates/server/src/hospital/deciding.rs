//! What changes something, or is a preview of it: through the flow, once for the key of its message.

use super::diagnoses::Stated;
use super::json::Json;
use super::previews::{self, Kept};
use super::wire::{Stamp, answer};
use super::{Call, Decode, Encode, Failure, slip};
use crate::app::App;
use crate::codes;
use crate::turn::{Encoder, Submission, Told};
use crate::vault::random;
use domain::chain::encode;
use domain::decision::Outcome;
use domain::ids::{Digest, InstitutionCode};
use domain::request::{Actor, Body, Key, Request, Sender};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::{Attachments, Fault, Page, Query};

/// The key of a message: authenticated institution and message id.
pub(super) fn key(call: &Call<'_>) -> Key {
    Key { sender: Sender::Institution(call.envelope.institution), id: call.envelope.msgid.clone() }
}

/// "Same body" is transaction number and decoded input: time, sign-in number and device do not count. A medical code
/// counts as it was sent: what it proves changes with time.
async fn request(
    app: &App,
    call: &Call<'_>,
    mut body: Body,
    stated: Option<&Stated>,
) -> Result<Request, Fault> {
    let (number, decoded) = (call.envelope.infno.as_bytes(), encode(&body));
    let digest = match stated {
        None => Digest::of(&[number, &decoded]),
        Some(stated) => Digest::of(&[number, &decoded, &stated.mark(app)]),
    };
    let institution = call.envelope.institution;
    codes::resolve(app, institution, &mut body, call.at).await?;
    Ok(Request { key: key(call), digest, actor: Actor::Institution(institution), body })
}

/// Decides a message through the flow, once for its id.
pub(super) async fn commit(
    app: &App,
    call: &Call<'_>,
    decode: Decode,
    output: Encode,
) -> Result<Vec<u8>, Failure> {
    let (body, stated) = (decode(call)?, Stated::read(call)?);
    if let Some(stated) = &stated {
        stated.fits(app, call).await?;
    }
    let request = request(app, call, body, stated.as_ref()).await?;
    let (institution, now) = (call.envelope.institution, app.clock.machine_now());
    // What was answered before is answered again: that adds nothing to the store.
    if app.refusals.are_too_many(institution, now) && is_new(app, &request.key).await? {
        return Err(Failure::Busy);
    }
    let aside = previews::place_of(&request);
    let (area, texts) = (call.envelope.area.clone(), Arc::clone(&app.texts));
    let was_refused = Arc::new(AtomicBool::new(false));
    let refused = Arc::clone(&was_refused);
    let encode: Encoder = Arc::new(move |told| {
        let stamp = Stamp { area: &area, sequence: told.turn.serial.0, at: told.turn.at };
        let result = written(told, &texts, output, previews::kept(told).as_ref());
        refused.store(result.is_err(), Ordering::SeqCst);
        answer(&stamp, result)
    });
    let submission =
        Submission { request, attachments: Attachments::default(), aside, encode, is_kept: true };
    let answer = match stated {
        None => app.flow.submit(submission).await.map_err(Failure::from),
        Some(stated) => submit_stating(app.clone(), institution, key(call), submission, stated).await,
    };
    if was_refused.load(Ordering::SeqCst) {
        app.refusals.count(institution, now);
    }
    answer
}

/// Submits a message that states diagnoses, and keeps them once it is done, even where the sender no longer listens.
async fn submit_stating(
    app: App,
    institution: InstitutionCode,
    key: Key,
    submission: Submission,
    stated: Stated,
) -> Result<Vec<u8>, Failure> {
    let both = tokio::spawn(async move {
        let answer = app.flow.submit(submission).await?;
        stated.keep(&app, institution, key).await?;
        Ok(answer)
    });
    both.await.unwrap_or(Err(Failure::Busy))
}

/// Whether nothing was answered under a key yet.
async fn is_new(app: &App, key: &Key) -> Result<bool, Fault> {
    Ok(matches!(app.store.page(&Query::Record(key.clone())).await?, Page::Record(None)))
}

fn written(
    told: &Told<'_>,
    texts: &crate::texts::AllTexts,
    output: Encode,
    last_preview: Option<&Kept>,
) -> Result<Json, String> {
    match &told.decision.outcome {
        Outcome::Done(_) => {
            let differs = last_preview.is_some_and(|it| it.differs(told));
            let more = if differs { &[previews::DIFFERED][..] } else { &[] };
            Ok(slip::with_explanation(output(told), told, texts, more))
        }
        Outcome::Refused(_) => Err(slip::refusal(told, texts)),
    }
}

/// Decides in its turn, like what is to be settled, and keeps nothing but the preview.
pub(super) async fn preview(
    app: &App,
    call: &Call<'_>,
    decode: Decode,
    output: Encode,
) -> Result<Vec<u8>, Failure> {
    let request = request(app, call, decode(call)?, None).await?;
    let place = previews::place_of(&request);
    let (area, texts, sequence) =
        (call.envelope.area.clone(), Arc::clone(&app.texts), u64::from_be_bytes(random()));
    let said = Arc::new(Mutex::new(None));
    let saying = Arc::clone(&said);
    let encode: Encoder = Arc::new(move |told| {
        *saying.lock().unwrap_or_else(PoisonError::into_inner) = previews::amounts(told);
        let stamp = Stamp { area: &area, sequence, at: told.turn.at };
        answer(&stamp, written(told, &texts, output, None))
    });
    let (attachments, aside) = (Attachments::default(), None);
    let preview = Submission { request, attachments, aside, encode, is_kept: false };
    let answer = app.flow.submit(preview).await?;
    let said = *said.lock().unwrap_or_else(PoisonError::into_inner);
    previews::keep(app, place, said, &answer).await;
    Ok(answer)
}
