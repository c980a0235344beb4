//! The pages, used as people use them: over HTTP, with cookies, links and buttons, in the demo world.

#[path = "web/browser.rs"]
mod browser;
#[path = "web/town.rs"]
mod town;

#[path = "web/bind.rs"]
mod bind;
#[path = "web/code.rs"]
mod code;
#[path = "web/drugs.rs"]
mod drugs;
#[path = "web/family.rs"]
mod family;
#[path = "web/family_codes.rs"]
mod family_codes;
#[path = "web/hall.rs"]
mod hall;
#[path = "web/inbox.rs"]
mod inbox;
#[path = "web/places.rs"]
mod places;
#[path = "web/signing_in.rs"]
mod signing_in;
#[path = "web/spending.rs"]
mod spending;
#[path = "web/till.rs"]
mod till;
#[path = "web/till_refusals.rs"]
mod till_refusals;
#[path = "web/why.rs"]
mod why;
