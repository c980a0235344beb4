//! Who is at the counter, and what is being done for them: kept in a draft, sealed, under the clerk's login, so that no
//! address has anything personal in it and the next customer finds nothing of the one before.

use super::opening::Opening;
use super::trouble::Trouble;
use crate::looks::Why;
use crate::rest::{Civil, Utc};
use domain::day::Moment;
use domain::slip_no::SlipNo;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The draft's flow.
const FLOW: &str = "hall";

/// What the clerk has before them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Counter {
    /// The session it belongs to: who was at the counter is gone when the clerk signs in anew.
    #[serde(default)]
    pub(super) session: String,
    /// Why the clerk looks.
    pub(super) why: Option<Why>,
    /// Who is served: our number.
    pub(super) customer: Option<u64>,
    /// The relative it is about.
    pub(super) relative: Option<Named>,
    /// People called alike, of whom one is to be chosen.
    #[serde(default)]
    pub(super) choices: Vec<Choice>,
    /// The binding that is being prepared.
    pub(super) wanted: Option<Wanted>,
    /// The institution asked about last.
    #[serde(default)]
    pub(super) place: String,
    /// An entrusted purchase that is to be handed out.
    #[serde(default)]
    pub(super) handout: Option<super::hall_proxies::Handout>,
    /// The decision that a receipt was made of last.
    pub(super) receipt: Option<u64>,
    /// The activation code that was given to the customer: shown and printed until the next one comes.
    #[serde(default)]
    pub(super) activation: Option<Activation>,
}

/// An activation code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Activation {
    pub(super) code: String,
    /// Until when it counts.
    pub(super) until: Utc,
}

impl Activation {
    /// Until when it counts, as a moment.
    pub(super) fn until(&self) -> Moment {
        self.until.0
    }
}

/// Names a relative as REST wants it: by our number, or by a document where another area insures them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Named {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) no: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) card: Option<String>,
}

/// One of several who are called alike.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Choice {
    pub(super) no: u64,
    pub(super) name: String,
    /// Masked.
    pub(super) id_number: String,
    pub(super) born: Civil,
}

/// A binding as it is asked for at the counter; amounts and days as they were typed and found right.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Wanted {
    /// The customer gives; receives otherwise.
    pub(super) gives: bool,
    /// What the beneficiary is to the giver.
    pub(super) relation: String,
    /// Documents of kinship were shown beside the commitment.
    pub(super) documents: bool,
    pub(super) from: Option<String>,
    pub(super) last_day: Option<String>,
    pub(super) per_bill: Option<String>,
    pub(super) per_month: Option<String>,
    pub(super) per_year: Option<String>,
    pub(super) quota: Option<String>,
}

/// What a search came to.
pub(super) enum Sought {
    One(u64),
    Several(Vec<Choice>),
    Nobody,
    /// Somebody whom another area insures.
    Elsewhere(Named),
}

#[derive(Deserialize)]
struct One {
    no: u64,
}

#[derive(Deserialize)]
struct Called {
    persons: Vec<Choice>,
}

impl Opening {
    /// The opening with what the clerk has before them: everything looked at from here on is looked at for their reason.
    pub(super) async fn at_counter(mut self) -> Result<(Opening, Counter), Trouble> {
        let kept: Counter = self.draft(FLOW).await?;
        let session = self.session.as_ref().map(|it| it.form_token(&self.app)).unwrap_or_default();
        let counter = if kept.session == session { kept } else { Counter { session, ..Counter::default() } };
        self.why = counter.why;
        self.serving = counter.customer;
        // A form that was shown for one customer is not sent for the next one, from another window or after signing in anew.
        let shown_for = self.form.filled("_for").map(str::to_owned);
        if shown_for.is_some_and(|it| Some(it) != counter.customer.map(|no| no.to_string())) {
            return Err(Trouble::AnotherCustomer);
        }
        Ok((self, counter))
    }

    pub(super) async fn keep_counter(&self, counter: &Counter) -> Result<(), Trouble> {
        self.keep_draft(FLOW, counter).await
    }

    /// Forgets everything about the customer.
    pub(super) async fn clear_counter(&self) -> Result<(), Trouble> {
        self.drop_draft(FLOW).await
    }

    /// Finds whom the form names: by what was scanned or typed, else by name and day of birth.
    pub(super) async fn seek(&self) -> Result<Sought, Trouble> {
        match self.form.filled("scan") {
            Some(scanned) => self.by_document(scanned).await,
            None => self.by_name().await,
        }
    }

    async fn by_document(&self, text: &str) -> Result<Sought, Trouble> {
        let names = if text.chars().count() == 18 { ["id_number", "card"] } else { ["card", "id_number"] };
        for name in names {
            match self.ask::<One>("/persons/find", &json!({ name: text })).await {
                Ok(found) => return Ok(Sought::One(found.no)),
                Err(Trouble::Forbidden) => return Ok(Sought::Elsewhere(Named::by(name, text))),
                Err(Trouble::Said(said)) if said.code == "PERSON_UNKNOWN" => {}
                Err(other) => return Err(other),
            }
        }
        Ok(Sought::Nobody)
    }

    async fn by_name(&self) -> Result<Sought, Trouble> {
        let (Some(name), Some(born)) = (self.form.filled("name"), self.form.filled("born")) else {
            return Ok(Sought::Nobody);
        };
        let asked = self.ask::<Called>("/persons/called", &json!({ "name": name, "born": born })).await;
        let found = match asked {
            Ok(found) => found.persons,
            Err(Trouble::Said(said)) if said.field.is_some() => Vec::new(),
            Err(other) => return Err(other),
        };
        Ok(match found.as_slice() {
            [] => Sought::Nobody,
            [one] => Sought::One(one.no),
            _ => Sought::Several(found),
        })
    }
}

impl Named {
    /// By our number.
    pub(super) fn number(no: u64) -> Named {
        Named { no: Some(no), ..Named::default() }
    }

    fn by(name: &str, text: &str) -> Named {
        let text = Some(text.to_owned());
        match name {
            "card" => Named { card: text, ..Named::default() },
            _ => Named { id_number: text, ..Named::default() },
        }
    }

    /// The document that names them, where one does.
    pub(super) fn document(&self) -> &str {
        self.id_number.as_deref().or(self.card.as_deref()).unwrap_or_default()
    }
}

impl Counter {
    /// Puts somebody at the counter: the customer, or the relative where the customer is there already.
    pub(super) fn take(&mut self, person: u64) {
        self.choices.clear();
        match self.customer {
            None => self.customer = Some(person),
            Some(customer) if customer == person => {}
            Some(_) => self.take_relative(Named::number(person)),
        }
    }

    /// Takes a relative; what was prepared with another is forgotten.
    pub(super) fn take_relative(&mut self, relative: Named) {
        self.relative = Some(relative);
        self.wanted = None;
    }
}

/// The number of a slip, as it stands in an address, where a text is one.
pub(super) fn slip(text: &str) -> Option<String> {
    SlipNo::parse(text)?;
    Some(text.chars().filter(char::is_ascii_alphanumeric).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a relative takes the customer's place, or what was prepared with one relative is done with another.
    #[test]
    fn who_comes_second_is_the_relative() {
        let mut counter = Counter { wanted: Some(Wanted::default()), ..Counter::default() };
        for person in [1, 1, 2] {
            counter.take(person);
        }
        assert_eq!((counter.customer, counter.relative), (Some(1), Some(Named::number(2))));
        assert!(counter.wanted.is_none());
    }
}
