//! The hospital interface as institutions use it: signed messages in, national answers out, books looked at after each.

mod again;
mod against;
mod book;
mod client;
mod differences;
mod files;
mod gateway;
mod identities;
mod lists;
mod malformed;
mod mangled;
mod queries;
mod readme;
mod refused;
mod shapes;
mod store_gate;
mod tampering;
mod totals;
mod words;
mod world;
