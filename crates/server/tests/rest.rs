//! The REST interface, called as a caller would, on a store in memory and a sandbox's clock.

#[path = "rest/world.rs"]
mod world;

#[path = "hospital/store_gate.rs"]
#[allow(dead_code, reason = "commits are only held back here; elsewhere they fail, too")]
mod store_gate;

#[path = "rest/amendments.rs"]
mod amendments;
#[path = "rest/asking.rs"]
mod asking;
#[path = "rest/before_binding.rs"]
mod before_binding;
#[path = "rest/binding.rs"]
mod binding;
#[path = "rest/codes.rs"]
mod codes;
#[path = "rest/commitment.rs"]
mod commitment;
#[path = "rest/contacts.rs"]
mod contacts;
#[path = "rest/credentials.rs"]
mod credentials;
#[path = "rest/documents.rs"]
mod documents;
#[path = "rest/drugs.rs"]
mod drugs;
#[path = "rest/examples.rs"]
mod examples;
#[path = "rest/gateway.rs"]
mod gateway;
#[path = "rest/letting_in.rs"]
mod letting_in;
#[path = "rest/lines.rs"]
mod lines;
#[path = "rest/looks.rs"]
mod looks;
#[path = "rest/malformed.rs"]
mod malformed;
#[path = "rest/openapi.rs"]
mod openapi;
#[path = "rest/outbox.rs"]
mod outbox;
#[path = "rest/outbox_failing.rs"]
mod outbox_failing;
#[path = "rest/places.rs"]
mod places;
#[path = "rest/proxies.rs"]
mod proxies;
#[path = "rest/reach.rs"]
mod reach;
#[path = "rest/reviews.rs"]
mod reviews;
#[path = "rest/second_factor.rs"]
mod second_factor;
#[path = "rest/spending.rs"]
mod spending;
#[path = "rest/statistics.rs"]
mod statistics;
#[path = "rest/webhooks.rs"]
mod webhooks;
#[path = "rest/writing.rs"]
mod writing;
