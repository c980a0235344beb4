//! The pages: who may open which, and one file for each with its template beside it. An adapter like the two interfaces:
//! it reads forms, calls the REST interface inside the process in the name of whoever is signed in, and writes HTML. A
//! page can do nothing that its reader could not do over REST, and everything works without scripts.

mod account;
mod assets;
mod attempts;
mod bill;
mod bind;
mod bind_check;
mod binding;
mod bound;
mod code;
mod code128;
mod commitments;
mod counter;
mod dates;
mod documents;
mod draft;
mod drugs;
mod facing;
mod family;
mod family_codes;
mod form;
mod frame;
mod hall;
mod hall_activation;
mod hall_amendment;
mod hall_amendments;
mod hall_bind;
mod hall_binding;
mod hall_cases;
mod hall_documents;
mod hall_links;
mod hall_list;
mod hall_people;
mod hall_proxies;
mod hall_reviews;
mod hall_second_factor;
mod hall_why;
mod help;
mod home;
mod identity;
mod inbox;
mod inside;
mod kept;
mod limits;
mod looks;
mod not_mine;
mod opening;
mod outbox;
mod pages;
mod papers;
mod parts;
mod password;
mod phones;
mod places;
mod proxy;
mod proxy_entrust;
mod qr;
mod reader;
mod receipt;
mod sandbox;
mod second_factor;
mod second_step;
mod session;
mod settings;
mod shown_lines;
mod sign_in;
mod spending;
mod statistics;
mod till;
mod told;
mod trouble;
mod view;
mod why;
mod windows;
mod would;
mod wrongs;

use crate::app::App;
use crate::tokens::Role;
use crate::uploads::{Held, Large, Unread};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, any, get, on};
use form::{Form, read_with_files};
use opening::Opening;
use pages::{Page, pages};
use session::Found;
use std::collections::BTreeMap;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use trouble::Trouble;

pub(crate) use sign_in::{DEMO_STAFF, demo_password};

/// The most bytes of a form without files.
const FORM_MOST: usize = 64 << 10;
/// The most bytes of a form with photographs.
const PHOTOGRAPHS_MOST: usize = FORM_MOST + crate::papers::MOST_FOR_AN_ACT * crate::papers::LARGEST;

/// What every page is served with beside the application.
#[derive(Clone)]
struct House {
    app: App,
    /// The REST interface.
    api: Router,
}

/// The pages and what they are made with. `api` is the REST interface, called inside the process.
pub fn router(app: App, api: Router) -> Router {
    let house = House { app, api };
    let mut by_path: BTreeMap<&'static str, MethodRouter> = BTreeMap::new();
    for page in pages() {
        let (path, house, page) = (page.path, house.clone(), Arc::new(page));
        let filter = if page.sends { MethodFilter::POST } else { MethodFilter::GET };
        let serve = on(filter, move |request: Request| serve(Arc::clone(&page), house.clone(), request));
        let known = by_path.remove(path).unwrap_or_default();
        by_path.insert(path, known.merge(serve));
    }
    let pages =
        by_path.into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    pages
        .route("/assets/gongji.css", get(assets::style))
        .route("/assets/gongji.js", get(assets::script))
        .route("/assets/hall.js", get(assets::hall_script))
        .layer(CatchPanicLayer::custom(|_| {
            tracing::error!("a page failed");
            Trouble::Busy.plain()
        }))
}

/// What answers where nothing is: a page for people, a problem for programs.
pub fn lost(app: App, api: Router) -> MethodRouter {
    let (house, page) = (House { app, api }, Arc::new(pages::nowhere()));
    any(move |request: Request| async move {
        if request.uri().path().starts_with("/api/") {
            return crate::rest::unknown_route().await;
        }
        serve(page, house, request).await
    })
}

/// Every page with its method, its path, and the roles that may open it; no roles: everybody, signed in or not.
pub fn permissions() -> Vec<(&'static str, &'static str, Vec<Role>)> {
    let method = |it: &Page| if it.sends { "POST" } else { "GET" };
    pages().iter().map(|it| (method(it), it.path, it.roles.to_vec())).collect()
}

async fn serve(page: Arc<Page>, house: House, request: Request) -> Response {
    let (mut opening, body, _held) = match opened(&page, house, request).await {
        Ok(found) => found,
        Err(trouble) => return guarded(trouble.plain()),
    };
    let response = match answer(&page, &mut opening, body).await {
        Ok(response) => response,
        Err(trouble) => trouble.page(&opening).await,
    };
    guarded(response)
}

/// Who opens the page, and with what.
async fn opened(
    page: &Page,
    house: House,
    request: Request,
) -> Result<(Opening, axum::body::Bytes, Option<Held>), Trouble> {
    let (mut parts, body) = request.into_parts();
    let read = RawPathParams::from_request_parts(&mut parts, &()).await.map_err(|_| Trouble::NotFound)?;
    let path = read.iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    let House { app, api } = house;
    let (session, ended) = match session::find(&app, &parts.headers).await? {
        Found::Session(session) => (Some(*session), None),
        Found::Ended(login) => (None, Some(login)),
        Found::Nobody => (None, None),
    };
    // Whom the page is not for sends no photographs: what is thrown away is not read first. Of a session that has ended the
    // rest of the form is kept.
    let is_let_in = |it: &session::Session| page.roles.contains(&it.login.token.role);
    let ended_role = match ended.as_ref().filter(|_| page.takes_files) {
        Some(login) => crate::logins::letting_in(&app, login).await?.map(|it| it.token.role),
        None => None,
    };
    let was_let_in = ended_role.is_some_and(|it| page.roles.contains(&it));
    let takes_all = page.takes_files && (was_let_in || session.as_ref().is_some_and(is_let_in));
    let (body, held) = if takes_all {
        let read =
            app.uploads.read(Large::Photograph, body, page.body_most).await.map_err(|it| match it {
                Unread::Crowded => Trouble::Busy,
                Unread::Large => Trouble::TooLarge,
            })?;
        (read.0, Some(read.1))
    } else {
        let read = to_bytes(body, page.body_most.min(FORM_MOST)).await;
        (read.map_err(|_| Trouble::TooLarge)?, None)
    };
    let query = Form::read(parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let (form, files) = (Form::default(), Vec::new());
    let (uri, headers, method) = (parts.uri, parts.headers, parts.method);
    let opening = Opening {
        app,
        api,
        session,
        ended,
        path,
        query,
        form,
        files,
        uri,
        headers,
        method,
        why: None,
        serving: None,
    };
    Ok((opening, body, held))
}

/// Lets in whoever may open the page, reads the form, and hands both to the page's handler.
async fn answer(page: &Page, opening: &mut Opening, body: axum::body::Bytes) -> Result<Response, Trouble> {
    if page.sends && page.takes_files {
        let sent = read_with_files(&opening.headers, body).await.ok_or(Trouble::Unreadable)?;
        (opening.form, opening.files) = sent;
    } else if page.sends {
        opening.form = Form::read(&body).ok_or(Trouble::Unreadable)?;
    }
    if page.sends && opening.session.is_none() {
        opening.came_from_our_page()?;
    }
    match &opening.session {
        None if page.roles.is_empty() => {}
        None => return Err(Trouble::SignIn),
        Some(session) if page.roles.is_empty() || page.roles.contains(&session.login.token.role) => {}
        Some(_) => return Err(Trouble::Forbidden),
    }
    if page.sends && opening.session.is_some() {
        opening.came_from_our_page()?;
    }
    (page.handler)(opening.clone()).await
}

/// What no page goes without: nothing from elsewhere is loaded, run or framed, and nothing stays in a cache.
fn guarded(mut response: Response) -> Response {
    const HEADERS: &[(HeaderName, &str)] = &[
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("camera=(self), geolocation=(), microphone=()"),
    );
    response
}
