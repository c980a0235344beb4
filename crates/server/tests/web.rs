//! The pages, used as people use them: over HTTP, with cookies, links and buttons, in the demo world.

#[path = "web/browser.rs"]
mod browser;
#[path = "web/town.rs"]
mod town;

#[path = "web/inbox.rs"]
mod inbox;
#[path = "web/signing_in.rs"]
mod signing_in;
#[path = "web/spending.rs"]
mod spending;
#[path = "web/why.rs"]
mod why;
