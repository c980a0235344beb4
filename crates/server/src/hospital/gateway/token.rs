//! `POST /auth/oauth/token`, the password grant of OAuth 2 (RFC 6749). A token is a sealed statement: nothing is stored, and
//! every process with the same keys reads it.

use crate::app::App;
use crate::gateway_keys::{self, Secret};
use crate::vault::{Vault, random};
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::day::Moment;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Fault;
use subtle::ConstantTimeEq as _;

/// Where tokens are asked for.
const PATH: &str = "/auth/oauth/token";
/// How long a token lasts.
const LASTS_MS: i64 = 2 * 3_600_000;
/// The longest form that is read.
const LONGEST_FORM: usize = 16 * 1024;
/// What a token is sealed about.
const ABOUT: &[u8] = b"gateway token";

/// What a token states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Token {
    /// The access key of the credential it was given for.
    pub(super) client: String,
    /// The secret of that credential.
    pub(super) secret_no: u32,
    /// From when on it is not taken.
    pub(super) expires: Moment,
}

impl Token {
    pub(super) fn seal(&self, vault: &Vault) -> String {
        URL_SAFE_NO_PAD.encode(vault.seal_about(ABOUT, random(), &domain::chain::encode(self)))
    }

    /// What a token of ours states; `None` for any other text.
    pub(super) fn open(vault: &Vault, text: &str) -> Option<Token> {
        let plain = vault.open_about(ABOUT, &URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        domain::chain::decode(&plain).ok()
    }
}

/// What a client sends; a scope is read over, there is only one.
#[derive(Deserialize)]
pub(super) struct Asked {
    grant_type: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

/// Why there is no token, as RFC 6749 (5.2) has it.
enum Denied {
    /// The form cannot be read, or lacks something.
    Request,
    /// Another grant.
    Grant,
    /// The client is not who it says.
    Client,
    /// User name or password are wrong.
    User,
    /// The keys could not be looked up.
    Busy,
}

impl From<Fault> for Denied {
    fn from(fault: Fault) -> Denied {
        tracing::warn!(%fault, "a token could not be given");
        Denied::Busy
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let (status, error, says) = match self {
            Denied::Request => {
                (400, "invalid_request", "send grant_type, username and password once each, form-encoded")
            }
            Denied::Grant => (400, "unsupported_grant_type", "grant_type is password"),
            Denied::Client => {
                (401, "invalid_client", "HTTP Basic: access key and secret of an oauth credential")
            }
            Denied::User => (400, "invalid_grant", "username is the institution, password the secret"),
            Denied::Busy => (503, "temporarily_unavailable", "ask again"),
        };
        let body = Json(json!({ "error": error, "error_description": says }));
        let status = StatusCode::from_u16(status).expect("these are statuses");
        let mut response = (status, NOT_KEPT, body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let basic = header::HeaderValue::from_static("Basic realm=\"gongji\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
        }
        response
    }
}

/// No cache keeps a token.
const NOT_KEPT: [(header::HeaderName, &str); 2] =
    [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];

/// The route.
pub(in crate::hospital) fn router(app: App) -> Router {
    Router::new().route(PATH, post(answer)).layer(DefaultBodyLimit::max(LONGEST_FORM)).with_state(app)
}

pub(super) async fn answer(
    State(app): State<App>,
    headers: HeaderMap,
    form: Result<Form<Asked>, FormRejection>,
) -> Response {
    let Ok(Form(asked)) = form else { return Denied::Request.into_response() };
    match give(&app, &headers, &asked).await {
        Ok((token, seconds)) => {
            let body = json!({ "access_token": token, "token_type": "bearer", "expires_in": seconds });
            (NOT_KEPT, Json(body)).into_response()
        }
        Err(denied) => denied.into_response(),
    }
}

/// A token, and for how many seconds it lasts.
async fn give(app: &App, headers: &HeaderMap, asked: &Asked) -> Result<(String, i64), Denied> {
    let grant = asked.grant_type.as_deref().ok_or(Denied::Request)?;
    if grant != "password" {
        return Err(Denied::Grant);
    }
    let (user, password) = asked.username.as_deref().zip(asked.password.as_deref()).ok_or(Denied::Request)?;
    let (client, client_secret) = basic(headers).ok_or(Denied::Client)?;
    let key = gateway_keys::find(app, &client).await?.filter(|it| it.scheme == super::oauth::SCHEME.word);
    let key = key.ok_or(Denied::Client)?;
    let now = app.clock.machine_now();
    let is = |secret: &Secret, text: &str| secret.text.as_bytes().ct_eq(text.as_bytes()).into();
    let secret = key.secrets_at(now).find(|it| is(it, &client_secret)).ok_or(Denied::Client)?;
    if user != key.institution.to_string() || !is(secret, password) {
        return Err(Denied::User);
    }
    let lasts = now.plus_millis(LASTS_MS);
    let expires = secret.until.map_or(lasts, |it| it.min(lasts));
    let token = Token { client, secret_no: secret.no, expires }.seal(&app.vault);
    Ok((token, (expires.millis() - now.millis()) / 1000))
}

/// Client id and secret of HTTP Basic.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let text = after_word(super::header(headers, "authorization").ok()?, "Basic")?;
    let plain = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
    plain.split_once(':').map(|(client, secret)| (client.to_owned(), secret.to_owned()))
}

/// What stands behind a word, however that is written.
pub(super) fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (stated, rest) = text.split_once(' ')?;
    stated.eq_ignore_ascii_case(word).then(|| rest.trim())
}
