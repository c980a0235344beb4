//! A binding as the REST interface tells it, and how pages speak of it.

use super::frame::Frame;
use super::inside::{Person, Reason, Region, When};
use super::opening::Opening;
use super::trouble::Trouble;
use crate::rest::{Civil, Yuan};
use domain::ids::PersonNo;
use domain::words::{Channel, Mode, Relation, Side};
use serde::{Deserialize, Serialize};

/// A binding.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Bound {
    pub(crate) no: u64,
    pub(crate) giver: Person,
    pub(crate) beneficiary: Person,
    pub(crate) relation: Relation,
    pub(crate) giver_area: Region,
    pub(crate) beneficiary_area: Region,
    pub(crate) mode: Mode,
    pub(crate) status: Status,
    pub(crate) started: Started,
    pub(crate) commitment: Commitment,
    pub(crate) from: When,
    /// Whether the two can send documents for it.
    pub(crate) takes_documents: bool,
    /// When the agency's review ended.
    pub(crate) reviewed: Option<When>,
    pub(crate) last_day: Option<Civil>,
    pub(crate) end: Option<End>,
    pub(crate) limits: Limits,
    pub(crate) rank: u16,
    pub(crate) quota: Option<Yuan>,
    /// Since when the giver sees what was bought.
    pub(crate) lines_shown: Option<When>,
    pub(crate) recorded: When,
}

/// What it is.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Status {
    pub(crate) state: String,
    pub(crate) waiting_for: Option<Person>,
    pub(crate) until: Option<Civil>,
    pub(crate) since: Option<When>,
}

/// Who started it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Started {
    pub(crate) by: Side,
    pub(crate) channel: Channel,
    pub(crate) at: When,
}

/// What was signed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Commitment {
    pub(crate) version: String,
    pub(crate) digest: String,
}

/// The letter that was signed, where its text can be written again.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SignedText {
    pub(crate) text: Option<String>,
}

/// How the agency's review ended.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Review {
    pub(crate) outcome: Option<String>,
    pub(crate) ended: Option<When>,
    pub(crate) why: Option<String>,
}

/// The agency's review of a binding, where one has ended.
pub(crate) async fn review_of(
    opening: &Opening,
    binding: u64,
    reviewed: Option<When>,
) -> Result<Option<Review>, Trouble> {
    match reviewed {
        Some(_) => opening.get(&format!("/bindings/{binding}/review")).await.map(Some),
        None => Ok(None),
    }
}

/// Its end.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct End {
    pub(crate) at: When,
    /// From when the two can be bound again.
    pub(crate) free_from: Option<Civil>,
}

/// What its reader, or the customer at the counter, may want to do with it.
#[derive(Deserialize)]
pub(crate) struct Options {
    pub(crate) options: Vec<Choice>,
}

/// Something that may be wanted, and what would come of it.
#[derive(Deserialize)]
pub(crate) struct Choice {
    pub(crate) event: String,
    pub(crate) possible: bool,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) end: Option<End>,
}

impl Options {
    pub(crate) fn take(self, event: &str) -> Option<Choice> {
        self.options.into_iter().find(|it| it.event == event)
    }
}

/// What the giver has limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Limits {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) per_bill: Option<Yuan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) per_month: Option<Yuan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) per_year: Option<Yuan>,
}

impl Commitment {
    /// Whether another system holds it.
    pub(crate) fn is_taken_over(&self) -> bool {
        self.version == "taken-over"
    }
}

impl Limits {
    /// Whether nothing is limited.
    pub(crate) fn is_none(&self) -> bool {
        *self == Limits::default()
    }
}

impl Bound {
    /// On which side the reader stands: the giver's, or else the beneficiary's, their own or a minor's.
    pub(crate) fn side(&self, reader: PersonNo) -> Side {
        if self.giver.no == reader.0 { Side::Giver } else { Side::Beneficiary }
    }

    /// The other one, as the reader sees it.
    pub(crate) fn other(&self, reader: PersonNo) -> &Person {
        match self.side(reader) {
            Side::Giver => &self.beneficiary,
            Side::Beneficiary => &self.giver,
        }
    }

    /// What the other one is to the reader.
    pub(crate) fn relation_of_other<'a>(&self, reader: PersonNo, opening: &'a Opening) -> &'a str {
        relation_word(opening, self.side(reader), self.relation)
    }

    /// What it is, in a word.
    pub(crate) fn state<'a>(&self, opening: &'a Opening) -> &'a str {
        opening.text(&format!("words.state.{}", self.status.state))
    }

    /// The look of the word.
    pub(crate) fn tag(&self) -> &'static str {
        match self.status.state.as_str() {
            "in_force" => "good",
            "awaiting_confirmation" | "in_review" | "not_yet_in_force" | "needs_decision" | "on_hold" => {
                "wait"
            }
            _ => "bad",
        }
    }

    /// Whether it is over, or never came to be.
    pub(crate) fn is_over(&self) -> bool {
        self.tag() == "bad"
    }

    /// Whether it waits for this person.
    pub(crate) fn waits_for(&self, reader: PersonNo) -> bool {
        self.status.waiting_for.as_ref().is_some_and(|it| it.no == reader.0)
    }
}

/// Through which channel a binding was started, in words.
pub(crate) fn through(frame: &Frame, channel: Channel) -> &'static str {
    match channel {
        Channel::App => frame.said("本人网上办理", "In their own session"),
        Channel::Partner => frame.said("合作平台办理", "Through a partner"),
        Channel::Hall => frame.said("服务大厅办理", "At a service hall"),
    }
}

/// What the other one is to somebody on this side.
pub(crate) fn relation_word(opening: &Opening, side: Side, relation: Relation) -> &str {
    let list = match side {
        Side::Giver => "relation",
        Side::Beneficiary => "relation_back",
    };
    opening.text(&format!("words.{list}.{}", relation.word()))
}
