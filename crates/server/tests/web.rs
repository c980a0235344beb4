//! The pages, used as people use them: over HTTP, with cookies, links and buttons, in the demo world.

#[path = "web/browser.rs"]
mod browser;
#[path = "web/town.rs"]
mod town;

#[path = "web/accounts.rs"]
mod accounts;
#[path = "web/bind.rs"]
mod bind;
#[path = "web/code.rs"]
mod code;
#[path = "web/copied.rs"]
mod copied;
#[path = "web/drugs.rs"]
mod drugs;
#[path = "web/family.rs"]
mod family;
#[path = "web/family_codes.rs"]
mod family_codes;
#[path = "web/hall.rs"]
mod hall;
#[path = "web/hall_cases.rs"]
mod hall_cases;
#[path = "web/hall_documents.rs"]
mod hall_documents;
#[path = "web/hall_reviews.rs"]
mod hall_reviews;
#[path = "web/inbox.rs"]
mod inbox;
#[path = "web/lines.rs"]
mod lines;
#[path = "web/outbox.rs"]
mod outbox;
#[path = "web/packs.rs"]
mod packs;
#[path = "web/papers.rs"]
mod papers;
#[path = "web/phones.rs"]
mod phones;
#[path = "web/places.rs"]
mod places;
#[path = "web/proxy.rs"]
mod proxy;
#[path = "web/reasons.rs"]
mod reasons;
#[path = "web/second_factor.rs"]
mod second_factor;
#[path = "web/signing_in.rs"]
mod signing_in;
#[path = "web/spending.rs"]
mod spending;
#[path = "web/statistics.rs"]
mod statistics;
#[path = "web/till.rs"]
mod till;
#[path = "web/till_refusals.rs"]
mod till_refusals;
#[path = "web/ways.rs"]
mod ways;
#[path = "web/why.rs"]
mod why;
