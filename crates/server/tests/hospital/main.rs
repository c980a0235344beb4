//! The hospital interface as institutions use it: signed messages in, national answers out, books looked at after each.

mod addresses;
mod again;
mod against;
mod book;
mod catalogues;
mod client;
mod differences;
mod files;
mod gateway;
mod identities;
mod lists;
mod malformed;
mod mangled;
mod queries;
mod quirks;
mod readme;
mod refused;
mod shapes;
mod store_gate;
mod tampering;
mod totals;
mod words;
mod world;
