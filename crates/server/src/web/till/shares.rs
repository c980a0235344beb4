//! Who pays how much of a bill, and why not more, in words for a till: no names, no amounts of accounts.

use crate::texts::AllTexts;
use domain::money::Fen;
use domain::reason::CODES;
use domain::text_keys::of_reason;
use serde::{Deserialize, Serialize};

/// Who pays what: total = fund + own + relatives + cash.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Shares {
    pub(super) total: Fen,
    pub(super) fund: Fen,
    /// From the patient's own account.
    pub(super) own: Fen,
    /// From relatives' accounts.
    pub(super) relatives: Fen,
    pub(super) cash: Fen,
    /// Why it is not more.
    pub(super) codes: Vec<String>,
    /// The interface's own line for a till.
    pub(super) said: String,
}

impl Shares {
    /// The reasons, one line each.
    pub(super) fn reasons(&self, texts: &AllTexts, language: &str) -> Vec<String> {
        let words = |code: &String| words(texts, language, code);
        let found: Vec<String> = self.codes.iter().filter_map(words).collect();
        // A reason that speaks of this bill's own facts is said by the interface.
        if found.is_empty() && !self.codes.is_empty() { vec![self.said.clone()] } else { found }
    }
}

/// What a till says to a reason's code; nothing where that needs facts that the code alone does not have.
pub(super) fn words(texts: &AllTexts, language: &str, code: &str) -> Option<String> {
    let known = CODES.contains(&code);
    let text = known.then(|| texts.of(language).get(&of_reason(code, "till")));
    text.filter(|it| !it.contains('{')).map(str::to_owned)
}
