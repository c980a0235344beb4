//! The REST interface, called as a caller would, on a store in memory and a sandbox's clock.

#[path = "rest/world.rs"]
mod world;

#[path = "rest/asking.rs"]
mod asking;
#[path = "rest/binding.rs"]
mod binding;
#[path = "rest/codes.rs"]
mod codes;
#[path = "rest/credentials.rs"]
mod credentials;
#[path = "rest/letting_in.rs"]
mod letting_in;
#[path = "rest/looks.rs"]
mod looks;
#[path = "rest/malformed.rs"]
mod malformed;
#[path = "rest/openapi.rs"]
mod openapi;
#[path = "rest/reach.rs"]
mod reach;
#[path = "rest/writing.rs"]
mod writing;
