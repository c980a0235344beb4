//! The hospital interface as institutions use it: signed messages in, national answers out, books looked at after each.

mod addresses;
mod again;
mod against;
mod book;
mod catalogues;
mod client;
#[allow(dead_code, reason = "nobody here needs a database on a server that is shared")]
#[path = "../../../store/tests/all/common/cluster.rs"]
mod cluster;
mod codes;
mod demo;
mod diagnoses;
mod differences;
mod examples;
mod files;
mod gateway;
mod his;
mod identities;
mod keys;
mod lines;
mod lists;
mod malformed;
mod mangled;
mod misbehaving;
mod outage;
mod proxy;
mod queries;
mod quickstart;
mod quirks;
mod readme;
mod refused;
mod schemes;
mod shapes;
mod signing;
mod stays;
mod store_gate;
mod tampering;
mod totals;
mod traces;
mod transactions;
mod turned_away;
mod vectors;
mod words;
mod world;
