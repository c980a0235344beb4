//! The hospital interface as institutions use it: signed messages in, national answers out, books looked at after each.

mod addresses;
mod again;
mod against;
mod catalogues;
mod client;
mod files;
mod gateway;
mod identities;
mod malformed;
mod mangled;
mod quirks;
mod readme;
mod refused;
mod shapes;
mod store_gate;
mod tampering;
mod words;
mod world;
