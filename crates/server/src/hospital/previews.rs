//! Previews are kept on the desk for 90 days, those that failed too: a settlement that comes out otherwise than the last
//! preview of its batch says so, and "why" can still be answered when nothing was settled. Then they are swept away.

use crate::app::App;
use crate::turn::Told;
use crate::vault::{hex, random};
use domain::chain::{decode, encode};
use domain::decision::{Answer, Outcome};
use domain::ids::Digest;
use domain::money::Fen;
use domain::request::{Body, Request, Sender, What};
use serde::{Deserialize, Serialize};

/// The code in `GJ_CODES` of a settlement that differs from what was shown before.
pub(super) const DIFFERED: &str = "PREVIEW_DIFFERED";

const DRAWER: &str = "preview";
const KEPT_MS: i64 = 90 * 86_400_000;

/// Drawer and key.
type Place = (&'static str, String);

/// Who pays how much: fund, accounts, of which relatives', cash. `None`: refused.
type Amounts = Option<[Fen; 4]>;

/// A preview as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    amounts: Amounts,
    /// The whole answer, sealed.
    answer: Vec<u8>,
}

impl Kept {
    /// Whether what is settled now is not what was shown.
    pub(super) fn differs(&self, told: &Told<'_>) -> bool {
        self.amounts != amounts(told)
    }
}

/// Who pays how much of a bill that was just decided.
pub(super) fn amounts(told: &Told<'_>) -> Amounts {
    let Outcome::Done(done) = &told.decision.outcome else { return None };
    let Answer::Settled(no, _) = &done.answer else { return None };
    let it = told.facts.settlements.get(no)?;
    Some([it.shared.fund(), it.accounts(), it.from_relatives(), it.cash])
}

/// A batch of a visit at an institution; so much of a stay; at a pharmacy, the same lines of the same patient.
fn key(request: &Request) -> Option<String> {
    let (Body::Settle(settle), Sender::Institution(place)) = (&request.body, request.key.sender) else {
        return None;
    };
    Some(match &settle.what {
        What::Batch { visit, batch } => format!("{place}|{visit}|{batch}"),
        What::Stay { visit, interim, .. } => format!("{place}|{visit}|{interim}|{}", settle.total),
        What::Lines { lines, .. } => {
            let Digest(digest) = Digest::of(&[&encode(&settle.patient), &encode(lines)]);
            format!("{place}|{}", hex(&digest))
        }
    })
}

/// Keeps a preview in place of the one before. One that cannot be kept is answered all the same.
pub(super) async fn keep(app: &App, place: Option<Place>, amounts: Amounts, answer: &[u8]) {
    let Some((drawer, key)) = place else { return };
    let kept = Kept { amounts, answer: app.vault.seal(random(), answer) };
    let until = app.clock.now().plus_millis(KEPT_MS);
    if let Err(fault) = app.desk.put(drawer, &key, &encode(&kept), Some(until)).await {
        tracing::warn!(%fault, "a preview could not be kept");
    }
}

/// Where the last preview of what is to be settled lies on the desk.
pub(super) fn place_of(request: &Request) -> Option<Place> {
    key(request).map(|it| (DRAWER, it))
}

/// The last preview of what was settled, if there was one.
pub(super) fn kept(told: &Told<'_>) -> Option<Kept> {
    decode(told.aside?).ok()
}
