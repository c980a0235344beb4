//! The REST interface, called as a caller would, on a store in memory and a sandbox's clock.

#[path = "rest/world.rs"]
mod world;

#[path = "rest/asking.rs"]
mod asking;
#[path = "rest/before_binding.rs"]
mod before_binding;
#[path = "rest/binding.rs"]
mod binding;
#[path = "rest/codes.rs"]
mod codes;
#[path = "rest/credentials.rs"]
mod credentials;
#[path = "rest/drugs.rs"]
mod drugs;
#[path = "rest/letting_in.rs"]
mod letting_in;
#[path = "rest/looks.rs"]
mod looks;
#[path = "rest/malformed.rs"]
mod malformed;
#[path = "rest/openapi.rs"]
mod openapi;
#[path = "rest/places.rs"]
mod places;
#[path = "rest/reach.rs"]
mod reach;
#[path = "rest/spending.rs"]
mod spending;
#[path = "rest/writing.rs"]
mod writing;
