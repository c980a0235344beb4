//! Every page: method, path, who may open it. Router and permission test are made from this one table.

use super::opening::Opening;
use super::trouble::Trouble;
use super::{
    FORM_MOST, account, bill, home, inbox, kept, not_mine, parts, session, sign_in, spending, view, why,
    would,
};
use crate::tokens::Role;
use axum::response::Response;
use std::pin::Pin;

/// A handler at work.
pub(crate) type Handling = Pin<Box<dyn Future<Output = Result<Response, Trouble>> + Send>>;

/// A page, or what a form on one is sent to.
pub(crate) struct Page {
    /// Takes a form; is only looked at otherwise.
    pub(crate) sends: bool,
    pub(crate) path: &'static str,
    /// Who may open it; empty: everybody, signed in or not.
    pub(crate) roles: &'static [Role],
    /// Reads its body itself, for it has files in it.
    pub(crate) takes_files: bool,
    /// The most bytes of a body.
    pub(crate) body_most: usize,
    pub(crate) handler: fn(Opening) -> Handling,
}

const ANYBODY: &[Role] = &[];
const ANY_ROLE: &[Role] = &Role::ALL;
const CITIZEN: &[Role] = &[Role::Citizen];

macro_rules! page {
    (look $path:literal, $roles:ident, $($handler:ident)::+) => { page!(@ false, $path, $roles, $($handler)::+) };
    (send $path:literal, $roles:ident, $($handler:ident)::+) => { page!(@ true, $path, $roles, $($handler)::+) };
    (@ $sends:literal, $path:literal, $roles:ident, $($handler:ident)::+) => {
        Page {
            sends: $sends,
            path: $path,
            roles: $roles,
            takes_files: false,
            body_most: FORM_MOST,
            handler: |opening| Box::pin($($handler)::+(opening)),
        }
    };
}

/// Every page.
pub(crate) fn pages() -> Vec<Page> {
    [open_pages(), citizen_pages()].into_iter().flatten().collect()
}

/// What everybody may open.
fn open_pages() -> Vec<Page> {
    vec![
        page!(look "/", ANYBODY, home::show),
        page!(look "/parts", ANYBODY, parts::show),
        page!(look "/view", ANYBODY, view::change),
        page!(look "/sign-in", ANYBODY, sign_in::show),
        page!(send "/sign-in", ANYBODY, sign_in::enter),
        page!(send "/sign-out", ANYBODY, sign_in::leave),
        page!(look "/why", ANYBODY, why::index),
        page!(look "/why/{case}", ANYBODY, why::show),
        page!(look "/session", ANY_ROLE, session::alive),
        page!(look "/kept/{no}", ANY_ROLE, kept::show),
    ]
}

/// What citizens do.
fn citizen_pages() -> Vec<Page> {
    vec![
        page!(look "/account", CITIZEN, account::show),
        page!(look "/spending", CITIZEN, spending::show),
        page!(look "/spending.csv", CITIZEN, spending::file),
        page!(look "/spending/{no}", CITIZEN, bill::show),
        page!(look "/spending/{no}/not-mine", CITIZEN, not_mine::show),
        page!(send "/spending/{no}/not-mine", CITIZEN, not_mine::say),
        page!(send "/spending/{no}/lift", CITIZEN, not_mine::lift),
        page!(look "/inbox", CITIZEN, inbox::show),
        page!(send "/inbox/read", CITIZEN, inbox::read),
        page!(look "/why/would", CITIZEN, would::show),
    ]
}
