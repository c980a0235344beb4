//! Gateway credentials of institutions: made, given new secrets, revoked, listed. Secrets are shown once.

use super::call::{Answer, Answered, Call};
use super::problem::Problem;
use super::wire::{Instant, Place, Utc};
use crate::gateway_keys::{self, Listed};
use crate::hospital::gateway::{SCHEMES, Wanted};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

/// For which signing scheme a credential is wanted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CredentialWanted {
    /// What its messages are signed like; see docs/hospital/gateways.md.
    #[schema(schema_with = scheme_schema)]
    scheme: String,
    /// For `ca`: `sm3`, which is usual, or `sha256`.
    #[schema(example = "sm3")]
    digest: Option<String>,
    /// For `oauth`: the institution's public SM2 key, as 130 hexadecimal digits or PEM.
    sm2_public_key: Option<String>,
}

/// A credential. The secret is shown here and nowhere else.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CredentialView {
    /// Whose it is.
    institution: Place,
    /// For which signing scheme.
    #[schema(schema_with = scheme_schema)]
    scheme: String,
    /// Goes along with each message.
    access_key: String,
    /// Proves who sends each message.
    secret: String,
    /// Our own public SM2 key, which verifies the answers of `oauth`.
    platform_sm2_public_key: String,
}

/// Until when the old secret counts: for some hours, or until a moment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotationWanted {
    /// For how many hours; 24 where nothing is said.
    overlap_hours: Option<u32>,
    /// Until when instead.
    #[schema(value_type = Option<String>, example = "2026-11-30T06:00:00Z")]
    until: Option<Utc>,
}

/// A new secret of a credential, shown here and nowhere else.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RotatedView {
    /// The credential, which stays the same.
    access_key: String,
    /// The new secret.
    secret: String,
    /// Until when the old one counts.
    old_until: Instant,
}

/// A credential that is no more.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RevokedView {
    /// Its access key.
    access_key: String,
    /// For how many seconds a server that runs may still take it.
    within_seconds: u32,
}

/// The credentials of an institution.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CredentialsView {
    /// Whose they are.
    institution: Place,
    /// Each, by access key.
    credentials: Vec<CredentialLine>,
}

/// A credential, without its secrets.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CredentialLine {
    /// Its access key.
    access_key: String,
    /// For which signing scheme.
    #[schema(schema_with = scheme_schema)]
    scheme: String,
    /// Each secret's time, the latest first.
    secrets: Vec<SecretTime>,
}

/// When a secret counts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SecretTime {
    /// Since when.
    since: Instant,
    /// Until when, where it was rotated.
    until: Option<Instant>,
}

/// The words of the schemes there are.
fn scheme_schema() -> Object {
    let words = SCHEMES.iter().map(|it| it.word);
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}

impl CredentialLine {
    fn of(it: Listed) -> CredentialLine {
        let time = |(since, until): (_, Option<_>)| SecretTime {
            since: Instant::of(since),
            until: until.map(Instant::of),
        };
        let secrets = it.times.into_iter().map(time).collect();
        CredentialLine { access_key: it.access_key, scheme: it.scheme, secrets }
    }
}

/// `POST /institutions/{code}/credentials`.
pub(crate) async fn make(call: Call) -> Answered {
    let code = call.institution()?;
    let sent: CredentialWanted = call.body()?;
    call.covers_institution(code).await?;
    let (digest, sm2) = (sent.digest.as_deref(), sent.sm2_public_key.as_deref());
    let wanted = Wanted { scheme: &sent.scheme, digest, sm2 }.read();
    let (scheme, settings) = wanted.map_err(|it| Problem::malformed(it.field, it.remedy))?;
    call.once(&sent, async {
        let (access_key, secret) = gateway_keys::issue(&call.app, code, scheme.word, settings).await?;
        let view = CredentialView {
            institution: Place(code),
            scheme: scheme.word.to_owned(),
            access_key,
            secret,
            platform_sm2_public_key: call.app.vault.answer_key().public().hex(),
        };
        Ok(Answer::of(StatusCode::CREATED, &view))
    })
    .await
}

/// `GET /institutions/{code}/credentials`.
pub(crate) async fn list(call: Call) -> Answered {
    let code = call.institution()?;
    call.covers_institution(code).await?;
    let all = gateway_keys::list(&call.app).await?;
    let own = all.into_iter().filter(|it| it.institution == code);
    let credentials = own.map(CredentialLine::of).collect();
    Ok(Answer::ok(&CredentialsView { institution: Place(code), credentials }))
}

/// `POST /institutions/{code}/credentials/{access_key}/rotations`.
pub(crate) async fn rotate(call: Call) -> Answered {
    let sent: RotationWanted = call.body()?;
    let access_key = own(&call).await?;
    let now = call.app.clock.machine_now();
    let old_until = match (sent.overlap_hours, sent.until) {
        (Some(_), Some(_)) => {
            return Err(Problem::malformed("until", "Send overlap_hours or until, not both."));
        }
        (_, Some(until)) => until.0,
        (hours, None) => {
            let hours = hours.unwrap_or(gateway_keys::OVERLAP_HOURS);
            if i64::from(hours) > gateway_keys::MOST_OVERLAP_HOURS {
                let most = gateway_keys::MOST_OVERLAP_HOURS;
                return Err(Problem::malformed("overlap_hours", format!("Write a number from 0 to {most}.")));
            }
            gateway_keys::after_hours(now, hours)
        }
    };
    call.once(&sent, async {
        let secret = gateway_keys::rotate(&call.app, &access_key, old_until).await?;
        let secret = secret.ok_or_else(|| Problem::not_found("credential"))?;
        let old_until = Instant::of(old_until);
        Ok(Answer::ok(&RotatedView { access_key: access_key.clone(), secret, old_until }))
    })
    .await
}

/// `POST /institutions/{code}/credentials/{access_key}/revocation`.
pub(crate) async fn revoke(call: Call) -> Answered {
    call.institution()?;
    let access_key = call.text("access_key");
    call.once(&access_key, async {
        let access_key = own(&call).await?;
        gateway_keys::revoke(&call.app, &access_key).await?;
        Ok(Answer::ok(&RevokedView { access_key, within_seconds: gateway_keys::FRESH_SECONDS }))
    })
    .await
}

/// The access key in the path, where it belongs to the institution in the path and that to the caller.
async fn own(call: &Call) -> Result<String, Problem> {
    let code = call.institution()?;
    call.covers_institution(code).await?;
    let access_key = call.text("access_key");
    let key = gateway_keys::find(&call.app, &access_key).await?.filter(|it| it.institution == code);
    key.map(|_| access_key).ok_or_else(|| Problem::not_found("credential"))
}
