//! People and bindings as the hall's console shows them: the customer whole, the relative with masked numbers.

use super::bound::End;
use super::counter::Counter;
use super::dates::Dates;
use super::frame::Frame;
use super::inside::{Person, Region, When};
use super::opening::Opening;
use super::trouble::Trouble;
use crate::people::masked_number;
use crate::rest::{Civil, Yuan};
use serde::Deserialize;

/// Those on the left of the console.
pub(super) struct People {
    pub(super) customer: Option<Card>,
    pub(super) relative: Option<Card>,
}

/// A person on the console.
pub(super) struct Card {
    pub(super) name: String,
    /// The ID number: whole for the customer, masked for others.
    pub(super) id_number: String,
    pub(super) born: Option<Civil>,
    pub(super) died: Option<Civil>,
    /// Who acts for them.
    pub(super) guardian: Option<String>,
    pub(super) enrolments: Vec<EnrolmentLine>,
    /// What there is in their personal accounts.
    pub(super) accounts: Vec<Yuan>,
}

/// An enrolment in words.
pub(super) struct EnrolmentLine {
    pub(super) scheme: String,
    pub(super) area: String,
    pub(super) to: Option<Civil>,
    pub(super) paused_since: Option<Civil>,
}

#[derive(Deserialize)]
struct Found {
    name: String,
    id_number: Option<String>,
    born: Option<Civil>,
    died: Option<Civil>,
    guardian: Option<Person>,
    enrolments: Vec<Enrolment>,
}

#[derive(Deserialize)]
struct Enrolment {
    scheme: String,
    area: Region,
    to: Option<Civil>,
    paused_since: Option<Civil>,
}

#[derive(Deserialize)]
struct Account {
    accounts: Vec<Balance>,
}

#[derive(Deserialize)]
struct Balance {
    total: Yuan,
}

/// A binding as REST tells of it.
#[derive(Deserialize)]
pub(super) struct Binding {
    pub(super) no: u64,
    pub(super) giver: Person,
    pub(super) beneficiary: Person,
    pub(super) relation: String,
    pub(super) status: Status,
    /// When the agency's review ended.
    pub(super) reviewed: Option<When>,
    pub(super) last_day: Option<Civil>,
    pub(super) end: Option<End>,
    pub(super) limits: Limits,
    pub(super) rank: u16,
    pub(super) quota: Option<Yuan>,
    /// Since when the giver sees what was bought.
    pub(super) lines_shown: Option<When>,
}

/// What a binding is now.
#[derive(Deserialize)]
pub(super) struct Status {
    pub(super) state: String,
    pub(super) waiting_for: Option<Person>,
    pub(super) until: Option<Civil>,
    pub(super) since: Option<When>,
}

/// Limits of a binding.
#[derive(Deserialize)]
pub(super) struct Limits {
    pub(super) per_bill: Option<Yuan>,
    pub(super) per_month: Option<Yuan>,
    pub(super) per_year: Option<Yuan>,
}

/// A binding in words.
pub(super) struct BindingLine {
    pub(super) it: Binding,
    pub(super) relation: String,
    pub(super) state: String,
    /// The class of its tag.
    pub(super) tag: &'static str,
    /// From when it can be spent, or why it cannot: what to call it, and the moment or the words.
    pub(super) since: (&'static str, String),
    /// The dates of its end, where it has one.
    pub(super) dates: Option<Dates>,
}

#[derive(Deserialize)]
struct Bindings {
    given: Vec<Binding>,
    received: Vec<Binding>,
}

/// From when a binding can be spent, or why it cannot: only what is in force is called so.
fn since(frame: &Frame, status: &Status) -> (&'static str, String) {
    let at = || status.since.map(|it| frame.moment(it.moment())).unwrap_or_default();
    let words = |zh, en| frame.say(zh, en).to_owned();
    let (zh, en, said) = match status.state.as_str() {
        "in_force" => ("生效时间", "In force since", at()),
        "not_yet_in_force" => ("还没生效，从这时起才能用", "Not yet in force; can be used from", at()),
        "on_hold" => ("从这时起暂停使用", "On hold since", at()),
        "ended" => ("结束时间", "Ended", at()),
        "awaiting_confirmation" => {
            ("还没生效", "Not in force", words("对方确认以后才生效", "until the other one has confirmed"))
        }
        "in_review" => {
            ("还没生效", "Not in force", words("审核通过以后才生效", "until the review has ended well"))
        }
        "lapsed" => (
            "没有生效",
            "Never in force",
            words("没有在期限内确认，要重新办理", "nobody confirmed in time: it has to be started anew"),
        ),
        "refused" => ("没有生效", "Never in force", words("没有成立", "it never came to be")),
        _ => ("现在不能用", "Cannot be used now", words("等经办机构核对", "the agency has to decide")),
    };
    (frame.said(zh, en), said)
}

impl Opening {
    async fn card(&self, person: u64, is_customer: bool) -> Result<Card, Trouble> {
        let found: Found = self.get(&format!("/persons/{person}")).await?;
        let account: Account = self.get(&format!("/persons/{person}/account")).await?;
        let number = found.id_number.unwrap_or_default();
        let line = |it: Enrolment| EnrolmentLine {
            scheme: self.word("scheme", &it.scheme),
            area: it.area.name().to_owned(),
            to: it.to,
            paused_since: it.paused_since,
        };
        Ok(Card {
            name: found.name,
            id_number: if is_customer { number } else { masked_number(&number) },
            born: found.born,
            died: found.died,
            guardian: found.guardian.map(|it| it.name),
            enrolments: found.enrolments.into_iter().map(line).collect(),
            accounts: account.accounts.into_iter().map(|it| it.total).collect(),
        })
    }

    /// A binding in words.
    pub(super) fn binding_line(&self, it: Binding) -> BindingLine {
        BindingLine {
            relation: self.word("relation", &it.relation),
            state: self.word("state", &it.status.state),
            tag: match it.status.state.as_str() {
                "in_force" => "good",
                "ended" | "refused" | "lapsed" => "bad",
                _ => "wait",
            },
            since: since(&self.frame("", ""), &it.status),
            dates: it.end.as_ref().map(Dates::on_paper),
            it,
        }
    }

    /// A person's bindings in words: given and received.
    pub(super) async fn bindings_of(
        &self,
        person: u64,
    ) -> Result<(Vec<BindingLine>, Vec<BindingLine>), Trouble> {
        let found: Bindings = self.get(&format!("/persons/{person}/bindings")).await?;
        let lines = |list: Vec<Binding>| list.into_iter().map(|it| self.binding_line(it)).collect();
        Ok((lines(found.given), lines(found.received)))
    }
}

impl Card {
    /// Somebody whom another area insures: nothing of theirs is shown here.
    fn elsewhere(opening: &Opening, document: &str) -> Card {
        let frame = opening.frame("", "");
        Card {
            name: frame.say("在别的统筹区参保的家人", "A relative insured in another area").to_owned(),
            id_number: masked_number(document),
            born: None,
            died: None,
            guardian: None,
            enrolments: Vec::new(),
            accounts: Vec::new(),
        }
    }
}

impl People {
    /// Those at the counter.
    pub(super) async fn of(opening: &Opening, counter: &Counter) -> Result<People, Trouble> {
        let customer = match counter.customer {
            Some(person) => Some(opening.card(person, true).await?),
            None => None,
        };
        let relative = match &counter.relative {
            Some(named) => Some(match named.no {
                Some(person) => opening.card(person, false).await?,
                None => Card::elsewhere(opening, named.document()),
            }),
            None => None,
        };
        Ok(People { customer, relative })
    }
}
