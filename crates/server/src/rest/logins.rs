//! Logins for the pages: activated at the hall for citizens, by an operator for staff. Whoever is to sign in sets the
//! password with an activation code, which is shown once.

use super::call::{Answer, Answered, Call};
use super::people::Who;
use super::problem::Problem;
use super::wire::{Instant, Place, Region, words};
use crate::logins::{self, LoginError};
use crate::messages::{self, Message};
use crate::second_factor;
use crate::tokens::{NewToken, Role};
use axum::http::StatusCode;
use domain::day::Moment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A citizen who wants to sign in; they are there in person, or their identity was proved otherwise.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivationWanted {
    /// Who.
    person: Who,
}

/// A member of staff, or a till, that is to sign in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginWanted {
    /// What they sign in with; not an ID number.
    #[schema(example = "hall-3")]
    login: String,
    /// Who it is, in words.
    label: String,
    /// What they may do; not `citizen`.
    role: words::Role,
    /// Where.
    area: Region,
    /// Whose till, for `institution`.
    institution: Option<Place>,
}

/// A login that is to end.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginEnded {
    /// What they signed in with.
    login: String,
}

/// An activation code. It is shown here and nowhere else.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ActivationView {
    /// Ten letters and digits, entered at `/activate`.
    #[schema(example = "7K3MPQ9XAB")]
    code: String,
    /// Until when it counts.
    until: Instant,
}

/// A citizen who has lost the device that shows their codes; they are there in person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecondFactorLost {
    /// Who.
    person: Who,
}

/// A second step that is asked for no more.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SecondFactorEnded {
    /// Whether there was one.
    ended: bool,
}

/// A login that has ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EndedView {
    /// What they signed in with.
    login: String,
}

fn shown((code, until): (String, Moment)) -> Answer {
    Answer::of(StatusCode::CREATED, &ActivationView { code, until: Instant::of(until) })
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Problem {
        match error {
            LoginError::Store(fault) => fault.into(),
            LoginError::Token(it) => Problem::malformed("role", it.to_string()),
            LoginError::Name => Problem::malformed("login", error.to_string()),
            LoginError::Password => Problem::malformed("password", error.to_string()),
        }
    }
}

/// `POST /logins/activations`.
pub(crate) async fn activation(call: Call) -> Answered {
    let sent: ActivationWanted = call.body()?;
    let person = call.find(&sent.person, "person").await?;
    let identity = call.identity(person).await?.ok_or_else(|| Problem::not_found("person"))?;
    let key = logins::key_of(&call.app, &identity.id_number);
    if logins::letting_in(&call.app, &key).await?.is_some_and(|it| it.token.person != Some(person)) {
        return Err(Problem::forbidden("Somebody else signs in under this person's number."));
    }
    // Of a number that was amended away from somebody, nothing of theirs is left: no password and no second step.
    let former = logins::find(&call.app, &key).await?.and_then(|it| it.token.person);
    if let Some(former) = former.filter(|it| *it != person) {
        logins::revoke_of(&call.app, &identity.id_number, former).await?;
    }
    call.once(&sent, async {
        let code = logins::invite(&call.app, &identity.id_number, NewToken::citizen(person)).await?;
        messages::leave(&call.app, person, Message::ActivationCode).await?;
        Ok(shown(code))
    })
    .await
}

/// `POST /logins`.
pub(crate) async fn make(call: Call) -> Answered {
    let sent: LoginWanted = call.body()?;
    if sent.role.0 == Role::Citizen {
        return Err(Problem::malformed("role", "Citizens are activated with /logins/activations."));
    }
    if super::id_number::read(&sent.login).is_some() {
        return Err(Problem::malformed(
            "login",
            "Take a name, not an ID number: those are citizens' logins.",
        ));
    }
    call.covers(sent.area.0)?;
    if let Some(earlier) = logins::find(&call.app, &logins::key_of(&call.app, &sent.login)).await? {
        call.covers(earlier.token.area)?;
        if earlier.token.role == Role::Citizen {
            return Err(Problem::malformed("login", "Take another name: this one is a citizen's."));
        }
    }
    call.once(&sent, async {
        let new = NewToken {
            label: sent.label.trim().to_owned(),
            role: sent.role.0,
            area: sent.area.0,
            person: None,
            institution: sent.institution.map(|it| it.0),
            expires: None,
        };
        Ok(shown(logins::invite(&call.app, &sent.login, new).await?))
    })
    .await
}

/// `POST /logins/endings`.
pub(crate) async fn end(call: Call) -> Answered {
    let sent: LoginEnded = call.body()?;
    let login = logins::find(&call.app, &logins::key_of(&call.app, &sent.login)).await?;
    let login = login.ok_or_else(|| Problem::not_found("login"))?;
    call.covers(login.token.area)?;
    call.once(&sent, async {
        logins::revoke(&call.app, &sent.login).await?;
        Ok(Answer::ok(&EndedView { login: sent.login.clone() }))
    })
    .await
}

/// `POST /logins/second-factor-endings`: the look that finds the person is on record with this route, and the person
/// gets a message.
pub(crate) async fn end_second_factor(call: Call) -> Answered {
    let sent: SecondFactorLost = call.body()?;
    let person = call.find(&sent.person, "person").await?;
    let identity = call.identity(person).await?.ok_or_else(|| Problem::not_found("person"))?;
    let (app, key) = (&call.app, logins::key_of(&call.app, &identity.id_number));
    let login = logins::find(app, &key).await?.filter(|it| it.token.person == Some(person));
    login.ok_or_else(|| Problem::not_found("login"))?;
    call.once(&sent, async {
        let ended = second_factor::end(app, &key).await?;
        if ended {
            messages::leave(app, person, Message::SecondFactorEnded).await?;
        }
        Ok(Answer::ok(&SecondFactorEnded { ended }))
    })
    .await
}
