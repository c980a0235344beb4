//! The REST interface called inside the process: the same routes, permissions, limits and texts as from outside, in the
//! name of whoever is signed in.

use super::opening::Opening;
use super::trouble::{Said, Trouble};
use crate::rest::problem::Problem;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tower::ServiceExt as _;

/// The most bytes of an answer.
const MOST: usize = 16 << 20;

/// A moment in an answer.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct When {
    utc: crate::rest::Utc,
}

/// A person in an answer.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Person {
    pub(crate) no: u64,
    pub(crate) name: String,
}

/// A region in an answer.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Region {
    pub(crate) code: String,
    name: Option<String>,
}

/// An institution in an answer.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Place {
    pub(crate) code: String,
    name: Option<String>,
}

/// A reason in an answer.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Reason {
    pub(crate) code: String,
    pub(crate) rule: String,
    pub(crate) line: String,
    pub(crate) why: String,
    /// What can be done about it.
    #[serde(default)]
    pub(crate) todo: Vec<String>,
}

impl When {
    /// As a moment.
    pub(crate) fn moment(self) -> domain::day::Moment {
        self.utc.0
    }
}

impl Region {
    /// The name, or the code where there is none.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.code)
    }
}

impl Place {
    /// The name, or the code where there is none.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.code)
    }
}

impl Opening {
    /// Reads a resource.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Trouble> {
        self.call(Method::GET, path, None, Vec::new()).await
    }

    /// Asks with a body; nothing changes.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Trouble> {
        self.call(Method::POST, path, None, json(body)).await
    }

    /// Does something, once for the key that came with the form.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Trouble> {
        let key = self.form.filled("_key").filter(|it| it.len() <= 64).ok_or(Trouble::Unreadable)?;
        self.call(Method::POST, path, Some(format!("page:{key}")), json(body)).await
    }

    /// Sends a file as it is.
    pub(crate) async fn send_file<T: DeserializeOwned>(
        &self,
        path: &str,
        bytes: &[u8],
    ) -> Result<T, Trouble> {
        self.call(Method::POST, path, None, bytes.to_vec()).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        key: Option<String>,
        body: Vec<u8>,
    ) -> Result<T, Trouble> {
        let language = if self.view().english { "en" } else { "zh" };
        let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        let request = request.header(header::ACCEPT_LANGUAGE, language);
        // Without a session only those routes answer that are open to everybody.
        let request = match &self.session {
            Some(session) => request.extension(session.login.token.clone()),
            None => request,
        };
        let request = match self.why {
            Some(why) => request.header("look-reason", why.word()),
            None => request,
        };
        let request = match key {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        };
        let request = request.body(Body::from(body)).map_err(|_| Trouble::NotFound)?;
        let response = match self.api.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status();
        let bytes = to_bytes(response.into_body(), MOST).await.map_err(|_| Trouble::Busy)?;
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|error| {
                tracing::error!(%error, path, "an answer of the REST interface was not understood");
                Trouble::Busy
            });
        }
        Err(trouble(status, &bytes))
    }
}

/// What an answering function of the REST interface says to everybody, signed in or not.
pub(crate) fn told<T: DeserializeOwned>(view: Result<impl Serialize, Problem>) -> Result<T, Trouble> {
    let view = view.map_err(|problem| {
        let answer = problem.answer();
        trouble(
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            &answer.json,
        )
    })?;
    serde_json::from_slice(&json(&view)).map_err(|error| {
        tracing::error!(%error, "an answer of the REST interface was not understood");
        Trouble::Busy
    })
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("bodies are plain data")
}

fn trouble(status: StatusCode, bytes: &[u8]) -> Trouble {
    match status {
        StatusCode::UNAUTHORIZED => Trouble::SignIn,
        StatusCode::FORBIDDEN => Trouble::Forbidden,
        StatusCode::NOT_FOUND => Trouble::NotFound,
        StatusCode::SERVICE_UNAVAILABLE => Trouble::Busy,
        _ => serde_json::from_slice::<Said>(bytes).map_or(Trouble::Busy, |it| Trouble::Said(Box::new(it))),
    }
}
