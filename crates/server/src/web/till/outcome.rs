//! What moves money: settling, asking what became of it, taking it back. A bill is pressed once, whatever happens between
//! the press and the answer: the message's id is the bill's and its turn's, and it is kept before the message is sent.

use super::bill::{Bill, Settled, State};
use super::messages::{Step, settled};
use super::steps::{back, refused};
use crate::web::opening::Opening;
use crate::web::trouble::Trouble;
use axum::response::Response;

/// `POST /till/{bill}/settle`: settles what the form showed, and nothing that was changed since.
pub(crate) async fn settle(opening: Opening) -> Result<Response, Trouble> {
    let mut bill = opening.bill().await?;
    let shown = bill.offer.is_some() && opening.has_seen(&bill);
    // Whoever presses a second time sees what becomes of the first.
    if bill.state != State::Open || !shown || !opening.press(&mut bill).await? {
        return Ok(back(&opening, &bill));
    }
    opening.keep_bill(&bill).await?;
    match opening.settle(&bill).await {
        Ok(reply) => known(&opening, bill, settled(&reply)).await,
        // The outcome is not known: the page says so, and how to ask.
        Err(Trouble::Busy) => Ok(back(&opening, &bill)),
        Err(trouble) => Err(trouble),
    }
}

/// What came of a bill that was sent.
async fn known(opening: &Opening, mut bill: Bill, outcome: Step<Settled>) -> Result<Response, Trouble> {
    match outcome {
        Ok(settled) => {
            (bill.state, bill.note) = (State::Settled(settled), None);
            opening.keep_bill(&bill).await?;
            Ok(back(opening, &bill))
        }
        Err(note) => {
            bill.state = State::Open;
            let response = refused(opening, bill.clone(), note).await?;
            opening.release(&bill).await?;
            Ok(response)
        }
    }
}

/// `POST /till/{bill}/result`: asks what became of what was sent; pays nothing.
pub(crate) async fn result(opening: Opening) -> Result<Response, Trouble> {
    let bill = opening.bill().await?;
    match bill.state.clone() {
        State::Sent(turn) => match opening.found(&bill, turn).await {
            Ok(Some(outcome)) => known(&opening, bill, outcome).await,
            Ok(None) | Err(Trouble::Busy) => Ok(back(&opening, &bill)),
            Err(trouble) => Err(trouble),
        },
        State::Undoing(settled, turn) => taken_back(&opening, bill, settled, turn).await,
        State::Open | State::Settled(_) | State::Undone(_) => Ok(back(&opening, &bill)),
    }
}

/// `POST /till/{bill}/undo`: takes the whole bill back.
pub(crate) async fn undo(opening: Opening) -> Result<Response, Trouble> {
    let mut bill = opening.bill().await?;
    let State::Settled(settled) = bill.state.clone() else { return Ok(back(&opening, &bill)) };
    let turn = bill.turn;
    (bill.state, bill.note) = (State::Undoing(settled.clone(), turn), None);
    opening.keep_bill(&bill).await?;
    taken_back(&opening, bill, settled, turn).await
}

/// Sends the cancellation, the first time or again: under one id it is done once.
async fn taken_back(
    opening: &Opening,
    mut bill: Bill,
    settled: Settled,
    turn: u16,
) -> Result<Response, Trouble> {
    let reply = match opening.undo(&bill, &settled, turn).await {
        Ok(reply) => reply,
        Err(Trouble::Busy) => return Ok(back(opening, &bill)),
        Err(trouble) => return Err(trouble),
    };
    if let Some(note) = reply.refusal(false) {
        bill.state = State::Settled(settled);
        return refused(opening, bill, note).await;
    }
    let Settled { slip, at, .. } = reply.settled();
    bill.state = State::Undone(Settled { slip, undone: Some(at), ..settled });
    opening.keep_bill(&bill).await?;
    bill.changed();
    // A visit that nothing is settled of is left behind by nobody; where that fails, it costs nobody anything.
    match opening.leave_visit(&bill).await {
        Ok(()) | Err(Trouble::Busy) => Ok(back(opening, &bill)),
        Err(trouble) => Err(trouble),
    }
}
