//! The hospital interface as institutions use it: signed messages in, national answers out, books looked at after each.

mod addresses;
mod again;
mod against;
mod catalogues;
mod client;
mod codes;
mod files;
mod gateway;
mod identities;
mod keys;
mod malformed;
mod mangled;
mod quirks;
mod readme;
mod refused;
mod schemes;
mod shapes;
mod signing;
mod store_gate;
mod tampering;
mod turned_away;
mod vectors;
mod words;
mod world;
