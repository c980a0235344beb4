//! The hospital interface as institutions use it: signed messages in, national answers out, books looked at after each.

mod again;
mod against;
mod client;
mod codes;
mod gateway;
mod identities;
mod keys;
mod malformed;
mod mangled;
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
