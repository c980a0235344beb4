//! Every page: method, path, who may open it. Router and permission test are made from this one table.

use super::opening::Opening;
use super::trouble::Trouble;
use super::{
    FORM_MOST, PHOTOGRAPHS_MOST, account, bill, bind, bind_check, binding, code, commitments, documents,
    drugs, facing, family, family_codes, hall, hall_activation, hall_amendment, hall_amendments, hall_bind,
    hall_binding, hall_cases, hall_documents, hall_links, hall_proxies, hall_reviews, hall_second_factor,
    hall_why, help, home, identity, inbox, kept, looks, not_mine, outbox, parts, password, phones, places,
    proxy, proxy_entrust, receipt, sandbox, second_factor, second_step, session, settings, shown_lines,
    sign_in, spending, statistics, till, view, why, would,
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
    /// Takes a form with files in it.
    pub(crate) takes_files: bool,
    /// The most bytes of a body.
    pub(crate) body_most: usize,
    pub(crate) handler: fn(Opening) -> Handling,
}

const ANYBODY: &[Role] = &[];
const ANY_ROLE: &[Role] = &Role::ALL;
const CITIZEN: &[Role] = &[Role::Citizen];
const TILL: &[Role] = &[Role::Institution];
const HALL: &[Role] = &[Role::Clerk, Role::Supervisor];
const LEADER: &[Role] = &[Role::Supervisor];
const OPERATOR: &[Role] = &[Role::Operator];
const BUREAU: &[Role] = &[Role::Supervisor, Role::Operator];

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

/// Where no page is.
pub(crate) fn nowhere() -> Page {
    Page {
        sends: false,
        path: "",
        roles: ANYBODY,
        takes_files: false,
        body_most: FORM_MOST,
        handler: |_| Box::pin(async { Err(Trouble::NotFound) }),
    }
}

/// Every page.
pub(crate) fn pages() -> Vec<Page> {
    [
        open_pages(),
        citizen_pages(),
        bind_pages(),
        family_pages(),
        till_pages(),
        hall_pages(),
        back_office_pages(),
        outbox_pages(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What everybody may open.
fn open_pages() -> Vec<Page> {
    vec![
        page!(look "/", ANYBODY, home::show),
        page!(look "/parts", ANYBODY, parts::show),
        page!(look "/places", ANYBODY, places::show),
        page!(look "/help", ANYBODY, help::show),
        page!(look "/view", ANYBODY, view::change),
        page!(look "/sandbox", ANY_ROLE, sandbox::show),
        page!(send "/sandbox", ANY_ROLE, sandbox::go_on),
        page!(look "/drugs", ANYBODY, drugs::find),
        page!(look "/drugs/{row}", ANYBODY, drugs::show),
        page!(look "/sign-in", ANYBODY, sign_in::show),
        page!(send "/sign-in", ANYBODY, sign_in::enter),
        page!(look "/sign-in/second", ANYBODY, second_step::show),
        page!(send "/sign-in/second", ANYBODY, second_step::enter),
        page!(look "/sign-in/identity", ANYBODY, identity::leave),
        page!(look "/sign-in/identity/back", ANYBODY, identity::back),
        page!(send "/sign-out", ANYBODY, sign_in::leave),
        page!(look "/activate", ANYBODY, password::first),
        page!(send "/activate", ANYBODY, password::activate),
        page!(look "/password", ANY_ROLE, password::show),
        page!(send "/password", ANY_ROLE, password::change),
        page!(look "/why", ANYBODY, why::index),
        page!(look "/why/{case}", ANYBODY, why::show),
        page!(look "/settings", ANY_ROLE, settings::show),
        page!(look "/settings/second-factor", ANY_ROLE, second_factor::show),
        page!(send "/settings/second-factor", ANY_ROLE, second_factor::change),
        page!(look "/settings/second-factor/codes", ANY_ROLE, second_factor::codes),
        page!(send "/settings/second-factor/codes", ANY_ROLE, second_factor::put_away),
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
        page!(look "/code", CITIZEN, code::choose),
        page!(look "/code/{person}", CITIZEN, code::show),
        page!(look "/settings/looks", CITIZEN, looks::own),
        page!(look "/settings/lines", CITIZEN, shown_lines::show),
        page!(send "/settings/lines", CITIZEN, shown_lines::change),
        page!(look "/settings/phones", CITIZEN, phones::show),
        page!(send "/settings/phones", CITIZEN, phones::save),
        page!(look "/settings/amendments", CITIZEN, hall_amendments::own),
        page!(look "/proxy", CITIZEN, proxy::show),
        page!(look "/proxy/for", CITIZEN, proxy_entrust::whom),
        page!(send "/proxy/for", CITIZEN, proxy_entrust::choose_whom),
        page!(look "/proxy/agent", CITIZEN, proxy_entrust::agent),
        page!(send "/proxy/agent", CITIZEN, proxy_entrust::name_agent),
        page!(look "/proxy/place", CITIZEN, proxy_entrust::place),
        page!(send "/proxy/place", CITIZEN, proxy_entrust::choose_place),
        page!(look "/proxy/why", CITIZEN, proxy_entrust::why),
        page!(send "/proxy/why", CITIZEN, proxy_entrust::choose_why),
        page!(look "/proxy/papers", CITIZEN, proxy_entrust::papers),
        page!(send "/proxy/papers", CITIZEN, proxy_entrust::choose_papers),
        page!(look "/proxy/until", CITIZEN, proxy_entrust::until),
        page!(send "/proxy/until", CITIZEN, proxy_entrust::choose_until),
        page!(look "/proxy/review", CITIZEN, proxy_entrust::review),
        page!(send "/proxy/review", CITIZEN, proxy_entrust::entrust),
        page!(look "/proxy/{no}", CITIZEN, proxy::token),
        page!(send "/proxy/{no}/revoke", CITIZEN, proxy::revoke),
    ]
}

/// What a till does.
fn till_pages() -> Vec<Page> {
    vec![
        page!(look "/till", TILL, till::show),
        page!(send "/till", TILL, till::begin),
        page!(look "/till/day", TILL, till::day::show),
        page!(look "/till/{bill}", TILL, till::steps::show),
        page!(send "/till/{bill}/patient", TILL, till::steps::patient),
        page!(send "/till/{bill}/giver", TILL, till::steps::giver),
        page!(send "/till/{bill}/proxy", TILL, till::proxy::add),
        page!(send "/till/{bill}/lines", TILL, till::steps::add),
        page!(send "/till/{bill}/line", TILL, till::steps::change),
        page!(send "/till/{bill}/pack", TILL, till::packs::add),
        page!(send "/till/{bill}/offer", TILL, till::steps::offer),
        page!(send "/till/{bill}/drop", TILL, till::steps::drop_it),
        page!(send "/till/{bill}/settle", TILL, till::outcome::settle),
        page!(send "/till/{bill}/result", TILL, till::outcome::result),
        page!(send "/till/{bill}/undo", TILL, till::outcome::undo),
    ]
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
        page!(look "/bind/done/{no}/receipt.pdf", CITIZEN, bind_check::done_paper),
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
        page!(look "/family/{no}/released.pdf", CITIZEN, binding::released_paper),
        page!(look "/family/{no}/commitment.pdf", CITIZEN, commitments::own),
        page!(look "/family/{no}/documents", CITIZEN, documents::show),
        with_photographs(page!(send "/family/{no}/documents", CITIZEN, documents::send)),
        page!(look "/family/photographs/{digest}", CITIZEN, documents::photograph),
        page!(look "/family/{no}/limits", CITIZEN, binding::limits),
        page!(send "/family/{no}/limits", CITIZEN, binding::set_limits),
        page!(look "/family/{no}/quota", CITIZEN, binding::quota),
        page!(send "/family/{no}/quota", CITIZEN, binding::set_quota),
        page!(look "/family/{no}/rank", CITIZEN, binding::rank),
        page!(send "/family/{no}/rank", CITIZEN, binding::set_rank),
        page!(look "/family-codes", CITIZEN, family_codes::show),
        page!(look "/family-codes/add", CITIZEN, family_codes::ask),
        page!(send "/family-codes/add", CITIZEN, family_codes::add),
        page!(send "/family-codes/confirm", CITIZEN, family_codes::confirm),
        page!(send "/family-codes/undo", CITIZEN, family_codes::undo),
    ]
}

/// What a form with photographs is sent to.
fn with_photographs(page: Page) -> Page {
    Page { takes_files: true, body_most: PHOTOGRAPHS_MOST, ..page }
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
        page!(look "/hall/bindings/{no}/documents", HALL, hall_documents::show),
        with_photographs(page!(send "/hall/bindings/{no}/documents", HALL, hall_documents::record)),
        page!(look "/hall/amend", HALL, hall_amendments::show),
        with_photographs(page!(send "/hall/amend", HALL, hall_amendments::propose)),
        page!(look "/hall/photographs/{digest}", HALL, hall_documents::photograph),
        page!(look "/hall/bindings/{no}/release", HALL, hall_binding::release),
        page!(look "/hall/links", HALL, hall_links::show),
        page!(send "/hall/links", HALL, hall_links::change),
        page!(look "/hall/second-factor", HALL, hall_second_factor::show),
        page!(send "/hall/second-factor", HALL, hall_second_factor::end),
        page!(look "/hall/proxies", HALL, hall_proxies::show),
        page!(send "/hall/proxies", HALL, hall_proxies::entrust),
        page!(send "/hall/proxies/{no}/revoke", HALL, hall_proxies::revoke),
        page!(look "/hall/why", HALL, hall_why::show),
        page!(send "/hall/why", HALL, hall_why::ask),
        page!(look "/hall/case/{slip}", HALL, hall_why::case),
        page!(look "/hall/activation", HALL, hall_activation::show),
        page!(send "/hall/activation", HALL, hall_activation::give),
        page!(look "/hall/receipts/{no}", HALL, receipt::show),
        page!(look "/hall/receipts/{no}/receipt.pdf", HALL, receipt::paper),
        page!(look "/hall/bind/commitment.pdf", HALL, commitments::to_sign),
        page!(look "/hall/bindings/{no}/commitment.pdf", HALL, commitments::at_hall),
        page!(look "/hall/facing", HALL, facing::show),
        page!(look "/hall/phones", HALL, phones::at_hall),
        page!(send "/hall/phones", HALL, phones::save_at_hall),
        page!(look "/hall/account", HALL, account::show),
        page!(look "/hall/spending", HALL, spending::show),
        page!(look "/hall/spending/{no}", HALL, bill::show),
        page!(look "/hall/spending/{no}/not-mine", HALL, not_mine::show),
        page!(send "/hall/spending/{no}/not-mine", HALL, not_mine::say),
        page!(send "/hall/spending/{no}/lift", HALL, not_mine::lift),
        page!(look "/hall/inbox", HALL, inbox::show),
    ]
}

/// What waits at a service hall, and how it is led: nobody is at the counter.
fn back_office_pages() -> Vec<Page> {
    vec![
        page!(look "/hall/amendments", HALL, hall_amendments::waiting),
        page!(look "/hall/amendments/{person}/{no}", HALL, hall_amendment::show),
        page!(send "/hall/amendments/{person}/{no}", HALL, hall_amendment::decide),
        page!(look "/hall/amendments/{person}/{no}/photographs/{digest}", HALL, hall_amendment::photograph),
        page!(look "/hall/reviews", HALL, hall_reviews::list),
        page!(look "/hall/reviews/{no}", HALL, hall_reviews::show),
        page!(send "/hall/reviews/{no}", HALL, hall_reviews::end),
        page!(look "/hall/reviews/{no}/commitment.pdf", HALL, hall_reviews::letter),
        page!(look "/hall/reviews/{no}/photographs/{person}/{digest}", HALL, hall_reviews::photograph),
        page!(look "/hall/cases", HALL, hall_cases::list),
        page!(look "/hall/cases/{no}", HALL, hall_cases::show),
        page!(send "/hall/cases/{no}", HALL, hall_cases::close),
        page!(look "/hall/looks", LEADER, looks::of_area),
        page!(look "/hall/statistics", BUREAU, statistics::show),
        page!(look "/hall/statistics.csv", BUREAU, statistics::file),
    ]
}

/// What an operator watches.
fn outbox_pages() -> Vec<Page> {
    vec![
        page!(look "/outbox", OPERATOR, outbox::show),
        page!(look "/outbox/{no}", OPERATOR, outbox::destination),
        page!(send "/outbox/{no}", OPERATOR, outbox::change),
        page!(send "/outbox/{no}/deliveries/{id}", OPERATOR, outbox::deliver),
    ]
}
