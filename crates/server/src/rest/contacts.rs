//! How a person is reached: set by the person, or by a clerk for the person at the counter. Numbers come in whole and go out
//! masked: whoever reads them knows them already.

use super::call::{Answer, Answered, Call};
use super::people::of_person;
use super::problem::Problem;
use super::wire::{Instant, words};
use crate::contacts::{self, Change, Contact, Phone, Wanted};
use domain::ids::PersonNo;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is to be changed about how a person is reached; what is left out stays.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactChanged {
    /// The person's own mobile number, of the mainland, eleven digits; empty takes it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "13812341234")]
    own: Option<String>,
    /// The number of somebody who helps the person, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    helper: Option<String>,
    /// What goes out; everything is in the inbox in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    topics: Option<Vec<words::Topic>>,
}

/// How a person is reached.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ContactView {
    /// The person's own number, masked.
    #[schema(example = "138****1234")]
    own: Option<String>,
    /// The number of somebody who helps the person, masked.
    helper: Option<String>,
    /// What goes out.
    topics: Vec<words::Topic>,
    /// The changes that are kept, latest first.
    changes: Vec<ContactChangeView>,
}

/// A change of how a person is reached.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ContactChangeView {
    /// When.
    at: Instant,
    /// Who: what the token or login is for, in the words of whoever made it.
    #[schema(example = "hall1")]
    by: String,
    /// The number of the token or login.
    token: u64,
    /// In which role.
    role: words::Role,
    /// The person's own number before it, masked.
    own_before: Option<String>,
    /// The helper's number before it, masked.
    helper_before: Option<String>,
}

impl ContactView {
    fn of(it: &Contact) -> ContactView {
        ContactView {
            own: it.own.as_ref().map(Phone::masked),
            helper: it.helper.as_ref().map(Phone::masked),
            topics: it.topics.iter().copied().map(words::Topic).collect(),
            changes: it.changes.iter().rev().map(ContactChangeView::of).collect(),
        }
    }
}

impl ContactChangeView {
    fn of(it: &Change) -> ContactChangeView {
        let before = |whose| it.before.iter().find(|(of, _)| *of == whose).map(|(_, phone)| phone.masked());
        ContactChangeView {
            at: Instant::of(it.at),
            by: it.label.clone(),
            token: it.token,
            role: words::Role(it.role),
            own_before: before(contacts::Whose::Own),
            helper_before: before(contacts::Whose::Helper),
        }
    }
}

/// A number as it was sent: left out, taken away, or another one.
fn phone(sent: Option<&String>, field: &str) -> Result<Option<Option<Phone>>, Problem> {
    let remedy = "Write a mobile number of the mainland: eleven digits beginning with 13 to 19, like 13812341234; \
                  empty to take it away.";
    match sent.map(|it| it.trim()) {
        None => Ok(None),
        Some("") => Ok(Some(None)),
        Some(text) => {
            Phone::parse(text).map(|it| Some(Some(it))).ok_or_else(|| Problem::malformed(field, remedy))
        }
    }
}

async fn reached(call: &Call) -> Result<PersonNo, Problem> {
    let person = call.person()?;
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    seen.rows.facts.persons.get(&person).map(|it| it.no).ok_or_else(|| Problem::not_found("person"))
}

/// `GET /persons/{no}/contact`.
pub(crate) async fn show(call: Call) -> Answered {
    let person = reached(&call).await?;
    Ok(Answer::ok(&ContactView::of(&contacts::of(&call.app, person).await?)))
}

/// `POST /persons/{no}/contact/changes`.
pub(crate) async fn change(call: Call) -> Answered {
    let sent: ContactChanged = call.body()?;
    let person = reached(&call).await?;
    let wanted = Wanted {
        own: phone(sent.own.as_ref(), "own")?,
        helper: phone(sent.helper.as_ref(), "helper")?,
        topics: sent.topics.as_ref().map(|it| it.iter().map(|it| it.0).collect()),
    };
    call.once(&sent, async {
        let contact = contacts::change(&call.app, person, wanted, &call.token).await?;
        Ok(Answer::ok(&ContactView::of(&contact)))
    })
    .await
}
