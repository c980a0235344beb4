//! Whether there is room for a message, before any work is done for it.

use super::addresses::Address;
use super::gateway::SignedBy;
use super::{Kind, Transaction, transactions};
use crate::app::App;
use domain::request::Sender;
use serde::Deserialize;
use std::borrow::Cow;

/// Whether a message would have to wait in the queue and find no place. Questions do not wait there: who is told that the
/// system is busy can ask what became of a message.
pub(super) fn finds_no_place(app: &App, sender: &SignedBy<'_>, to: &Address, body: &[u8]) -> bool {
    if app.flow.has_room_for(Sender::Institution(sender.institution())) {
        return false;
    }
    // Where no name is signed, the address or the message itself says what it is.
    let stated = match to {
        Address::OfAll if !sender.is_named() => Some(number_of(body)),
        Address::OfAll | Address::Number(_) | Address::One(_) => None,
    };
    let is = |it: &Transaction| match &stated {
        Some(number) => number == it.infno,
        None => sender.signed(it.infno).is_ok() && to.takes(it.infno),
    };
    transactions().any(|it| matches!(it.kind, Kind::Commits(..) | Kind::Previews(..)) && is(it))
}

/// The number that a message states, and nothing where it cannot be read.
fn number_of(body: &[u8]) -> Cow<'_, str> {
    #[derive(Deserialize)]
    struct Numbered<'a> {
        #[serde(borrow)]
        infno: Cow<'a, str>,
    }
    serde_json::from_slice::<Numbered<'_>>(body).map(|it| it.infno).unwrap_or_default()
}
