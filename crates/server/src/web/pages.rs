//! Every page: method, path, who may open it. Router and permission test are made from this one table.

use super::opening::Opening;
use super::trouble::Trouble;
use super::{
    FORM_MOST, account, facing, hall, hall_bind, hall_binding, hall_links, hall_why, home, kept, looks,
    parts, receipt, session, sign_in, view,
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
const HALL: &[Role] = &[Role::Clerk, Role::Supervisor];
const LEADER: &[Role] = &[Role::Supervisor];

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
    [open_pages(), citizen_pages(), hall_pages()].into_iter().flatten().collect()
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
    vec![page!(look "/account", CITIZEN, account::show), page!(look "/settings/looks", CITIZEN, looks::own)]
}

/// What is done at a service hall, for the person at the counter (R-D9).
fn hall_pages() -> Vec<Page> {
    vec![
        page!(look "/hall", HALL, hall::show),
        page!(send "/hall/find", HALL, hall::find),
        page!(send "/hall/choose", HALL, hall::choose),
        page!(send "/hall/next", HALL, hall::next),
        page!(look "/hall/bind", HALL, hall_bind::show),
        page!(send "/hall/wanted", HALL, hall_bind::want),
        page!(send "/hall/bind", HALL, hall_bind::sign),
        page!(look "/hall/bindings", HALL, hall_binding::list),
        page!(look "/hall/bindings/{no}", HALL, hall_binding::show),
        page!(send "/hall/bindings/{no}", HALL, hall_binding::change),
        page!(look "/hall/links", HALL, hall_links::show),
        page!(send "/hall/links", HALL, hall_links::change),
        page!(look "/hall/why", HALL, hall_why::show),
        page!(send "/hall/why", HALL, hall_why::ask),
        page!(look "/hall/case/{slip}", HALL, hall_why::case),
        page!(look "/hall/receipts/{no}", HALL, receipt::show),
        page!(look "/hall/facing", HALL, facing::show),
        page!(look "/hall/looks", LEADER, looks::of_area),
    ]
}
