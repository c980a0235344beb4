//! The pages, used as people use them: over HTTP, with cookies, links and buttons, in the demo world.

#[path = "web/browser.rs"]
mod browser;
#[path = "web/town.rs"]
mod town;

#[path = "web/hall.rs"]
mod hall;
#[path = "web/signing_in.rs"]
mod signing_in;
