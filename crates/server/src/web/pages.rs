//! Every page: method, path, who may open it. Router and permission test are made from this one table.

use super::opening::Opening;
use super::trouble::Trouble;
use super::{
    FORM_MOST, account, bind, bind_check, binding, family, family_codes, home, kept, parts, session, sign_in,
    view,
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
    [open_pages(), citizen_pages(), bind_pages(), family_pages()].into_iter().flatten().collect()
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
        page!(look "/session", ANY_ROLE, session::alive),
        page!(look "/kept/{no}", ANY_ROLE, kept::show),
    ]
}

/// What citizens do.
fn citizen_pages() -> Vec<Page> {
    vec![page!(look "/account", CITIZEN, account::show)]
}

/// Starting a binding, one question per page.
fn bind_pages() -> Vec<Page> {
    vec![
        page!(look "/bind", CITIZEN, bind::show),
        page!(send "/bind", CITIZEN, bind::begin),
        page!(send "/bind/over", CITIZEN, bind::over),
        page!(look "/bind/relation", CITIZEN, bind::relation),
        page!(send "/bind/relation", CITIZEN, bind::choose_relation),
        page!(look "/bind/who", CITIZEN, bind::who),
        page!(send "/bind/who", CITIZEN, bind::name),
        page!(look "/bind/check", CITIZEN, bind_check::show),
        page!(send "/bind/check", CITIZEN, bind_check::pass),
        page!(look "/bind/limits", CITIZEN, bind_check::limits),
        page!(send "/bind/limits", CITIZEN, bind_check::limit),
        page!(look "/bind/letter", CITIZEN, bind_check::letter),
        page!(send "/bind/letter", CITIZEN, bind_check::sign),
        page!(look "/bind/review", CITIZEN, bind_check::review),
        page!(send "/bind/review", CITIZEN, bind_check::submit),
        page!(look "/bind/done/{no}", CITIZEN, bind_check::done),
    ]
}

/// Bindings that there are, and family codes.
fn family_pages() -> Vec<Page> {
    vec![
        page!(look "/family", CITIZEN, family::show),
        page!(look "/family/{no}", CITIZEN, binding::show),
        page!(send "/family/{no}/events", CITIZEN, binding::act),
        page!(look "/family/{no}/release", CITIZEN, binding::release),
        page!(send "/family/{no}/release", CITIZEN, binding::end),
        page!(look "/family/{no}/released", CITIZEN, binding::released),
        page!(look "/family/{no}/limits", CITIZEN, binding::limits),
        page!(send "/family/{no}/limits", CITIZEN, binding::set_limits),
        page!(look "/family/{no}/quota", CITIZEN, binding::quota),
        page!(send "/family/{no}/quota", CITIZEN, binding::set_quota),
        page!(look "/family/{no}/rank", CITIZEN, binding::rank),
        page!(send "/family/{no}/rank", CITIZEN, binding::set_rank),
        page!(look "/family-codes", CITIZEN, family_codes::show),
        page!(look "/family-codes/add", CITIZEN, family_codes::ask),
        page!(send "/family-codes/add", CITIZEN, family_codes::add),
        page!(send "/family-codes/undo", CITIZEN, family_codes::undo),
    ]
}
