//! An explanation as the hall's pages read it: the conclusion, the reasons with what can be done, the conditions, the split.

use serde::Deserialize;

/// An explanation.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Explained {
    pub(super) conclusion: String,
    pub(super) money: Option<String>,
    pub(super) reasons: Vec<Told>,
    pub(super) steps: Vec<StepLine>,
    pub(super) split: Vec<Share>,
}

/// A reason.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Told {
    pub(super) code: String,
    pub(super) line: String,
    pub(super) why: String,
    pub(super) todo: Vec<String>,
    /// In official words.
    pub(super) staff: String,
    pub(super) rule: String,
    pub(super) source: Option<Source>,
}

/// A condition, or an amount.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct StepLine {
    pub(super) rule: String,
    pub(super) holds: Option<bool>,
    pub(super) text: String,
    pub(super) source: Option<Source>,
}

/// Where the law says it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Source {
    pub(super) text: String,
}

/// Who pays how much of a bill.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Share {
    pub(super) who: String,
    pub(super) amount: String,
}
