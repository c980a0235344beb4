//! People and bindings as the hall's console shows them: the customer whole, the relative with masked numbers.

use super::counter::Counter;
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
    pub(super) from: When,
    pub(super) last_day: Option<Civil>,
    pub(super) end: Option<End>,
    pub(super) limits: Limits,
    pub(super) rank: u16,
    pub(super) quota: Option<Yuan>,
}

/// What a binding is now.
#[derive(Deserialize)]
pub(super) struct Status {
    pub(super) state: String,
    pub(super) waiting_for: Option<Person>,
    pub(super) until: Option<Civil>,
}

/// The end of a binding.
#[derive(Deserialize)]
pub(super) struct End {
    pub(super) at: When,
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
}

#[derive(Deserialize)]
struct Bindings {
    given: Vec<Binding>,
    received: Vec<Binding>,
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
