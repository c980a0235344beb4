//! The hospital interface as institutions use it: signed messages in, national answers out, books looked at after each.

mod again;
mod against;
mod client;
mod gateway;
mod identities;
mod malformed;
mod mangled;
mod readme;
mod refused;
mod shapes;
mod stays;
mod store_gate;
mod tampering;
mod words;
mod world;
