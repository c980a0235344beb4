//! Hospitals, REST and command line around one flow: decode, load, decide, commit, encode.

pub mod app;
pub mod clock;
pub mod flow;
pub mod gateway_keys;
pub mod law;
pub mod people;
pub mod rest;
pub mod texts;
pub mod tokens;
pub mod vault;
