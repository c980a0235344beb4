//! The REST interface `/api/v1`: who is let in to which route, and one small file for each resource. An adapter: it
//! decodes into requests and questions, encodes decisions and facts, and knows no rules.

mod accounts;
mod amendments;
mod binding_view;
mod bindings;
mod call;
mod cases;
mod codes;
mod commitment;
mod contacts;
mod credentials;
mod decoding;
mod docs;
mod documents;
pub(crate) mod drugs;
mod enrolments;
mod examples;
mod explain;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
pub(crate) mod id_number;
mod institutions;
mod intake;
mod lines;
mod links;
mod logins;
mod looks;
mod mappings;
mod notices;
mod options;
mod paging;
mod people;
mod persons;
mod places;
mod policies;
pub(crate) mod problem;
mod proxies;
mod records;
mod reviews;
mod routes;
mod sandbox;
mod settlements;
mod spending;
mod statistics;
mod telling;
mod terms;
mod waiting;
mod webhooks;
mod wire;

pub use docs::{openapi, openapi_json};
pub use examples::examples;
pub(crate) use people::insuring;
pub(crate) use wire::{Civil, Count, SignedYuan, Utc, Yuan};

use crate::app::App;
use crate::tokens::{self, Role, Token};
use crate::uploads::Unread;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, get, on};
use call::{Answered, Call};
use problem::Problem;
use routes::{Route, Verb, routes};
use std::collections::BTreeMap;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

/// The routes of the interface, and its documentation.
pub fn router(app: App) -> Router {
    operations(&app)
        .route("/api/docs", get(docs::page))
        .route("/api/docs/openapi.json", get(docs::json))
        .fallback(unknown_route)
        .layer(CatchPanicLayer::custom(|_| {
            tracing::error!("a handler of the REST interface failed");
            Problem::busy().into_response()
        }))
}

/// The routes alone.
fn operations(app: &App) -> Router {
    let mut by_path: BTreeMap<&'static str, MethodRouter> = BTreeMap::new();
    for route in routes() {
        let (path, app, filter) = (route.path, app.clone(), filter(route.verb));
        let route = Arc::new(route);
        let serve = on(filter, move |request: Request| serve(Arc::clone(&route), app.clone(), request));
        let known = by_path.remove(path).unwrap_or_default();
        by_path.insert(path, known.merge(serve));
    }
    let api = by_path.into_iter().fold(Router::new(), |router, (path, methods)| {
        router.route(&format!("/api/v1{path}"), methods.fallback(wrong_method))
    });
    api.fallback(unknown_route)
}

/// Every route with its method, its path, and the roles that may call it; no roles: everybody, without a token.
pub fn permissions() -> Vec<(&'static str, &'static str, Vec<Role>)> {
    routes().iter().map(|it| (it.verb.method(), it.path, it.roles.to_vec())).collect()
}

fn filter(verb: Verb) -> MethodFilter {
    match verb {
        Verb::Get => MethodFilter::GET,
        Verb::Ask | Verb::Post | Verb::Show | Verb::Send => MethodFilter::POST,
        Verb::Put => MethodFilter::PUT,
    }
}

/// There is no such route.
pub(crate) async fn unknown_route() -> Response {
    Problem::not_found("route").into_response()
}

async fn wrong_method() -> Problem {
    let detail = "This route is called with another method; see /api/docs.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Another method", detail)
}

async fn serve(route: Arc<Route>, app: App, request: Request) -> Response {
    match answer(&route, app, request).await {
        Ok(answer) => answer.into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// Lets the caller in, reads what was sent, and hands it to the route's handler.
async fn answer(route: &Route, app: App, request: Request) -> Answered {
    let (mut parts, body) = request.into_parts();
    let inside = parts.extensions.remove::<Token>();
    let is_outside = inside.is_none();
    let token = let_in(route, &app, &parts.headers, inside).await?;
    let read = RawPathParams::from_request_parts(&mut parts, &()).await;
    let read = read.map_err(|_| Problem::malformed("path", "Write the path in UTF-8."))?;
    let path = read.iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    let query = queries(route, parts.uri.query().unwrap_or_default())?;
    let key = parts.headers.get("idempotency-key");
    let key = key.and_then(|it| it.to_str().ok()).map(str::to_owned);
    let language = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
    let english = language.is_some_and(|it| it.starts_with("en"));
    // A page of ours that sends one from inside has its turn already.
    let large = route.large.filter(|_| is_outside);
    let (bytes, _held) = if let Some(large) = large {
        let read = app.uploads.read(large, body, route.body_most).await.map_err(|it| match it {
            Unread::Crowded => Problem::busy(),
            Unread::Large => too_large(route.body_most),
        })?;
        (read.0, Some(read.1))
    } else {
        (to_bytes(body, route.body_most).await.map_err(|_| too_large(route.body_most))?, None)
    };
    let target = format!("{} {}", route.verb.method(), parts.uri.path());
    let (why, looked) = (looks::why(&parts.headers)?, looks::Looked::default());
    let (kept, bearer) = (app.clone(), token.clone());
    let seen = looked.clone();
    let call = Call { app, token, target, path, query, key, english, looked: seen, why, bytes };
    let answered = (route.handler)(call).await;
    if looks::is_look(route.verb, bearer.role) {
        let by = format!("{} {}", route.verb.method(), route.path);
        crate::looks::keep(&kept, &bearer, &by, why, &looked.people()).await?;
    }
    answered
}

/// No token, no route, but for the few that are open to everybody; another role's route, none either. Our own pages
/// call from inside, with the token of the session: a request from outside has no extensions.
async fn let_in(
    route: &Route,
    app: &App,
    headers: &HeaderMap,
    inside: Option<Token>,
) -> Result<Token, Problem> {
    if route.roles.is_empty() {
        return Ok(Token::nobody());
    }
    let token = match inside {
        Some(token) => token,
        None => bearer(app, headers).await?,
    };
    if route.roles.contains(&token.role) {
        return Ok(token);
    }
    let roles: Vec<&str> = route.roles.iter().map(|it| it.word()).collect();
    Err(Problem::forbidden(format!("This route is for: {}.", roles.join(", "))))
}

async fn bearer(app: &App, headers: &HeaderMap) -> Result<Token, Problem> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let secret = sent.and_then(|it| it.strip_prefix("Bearer ")).ok_or_else(Problem::no_token)?;
    let token = tokens::authenticate(&*app.desk, secret.trim(), app.clock.now()).await?;
    token.ok_or_else(Problem::no_token)
}

fn too_large(most: usize) -> Problem {
    let detail = format!("A body here has at most {most} bytes.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", "The body is too large", detail)
}

/// What stands after the question mark, each parameter known and sent once.
fn queries(route: &Route, text: &str) -> Result<BTreeMap<String, String>, Problem> {
    let uri = axum::http::Uri::builder().path_and_query(format!("/?{text}")).build();
    let read = uri.ok().and_then(|it| axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&it).ok());
    let pairs = read.ok_or_else(|| Problem::malformed("query", "Write name=value pairs."))?.0;
    let mut found = BTreeMap::new();
    for (name, value) in pairs {
        if !route.queries.contains(&name.as_str()) {
            let known = route.queries.join(", ");
            let name = if decoding::is_name(&name) { &name } else { "query" };
            return Err(Problem::malformed(name, format!("Known here: {known}.")));
        }
        if found.insert(name.clone(), value).is_some() {
            return Err(Problem::malformed(&name, "Send it once."));
        }
    }
    Ok(found)
}
