//! Hospitals, REST and command line around one flow: decode, load, decide, commit, encode.

pub mod answers;
pub mod app;
pub mod bench;
pub mod catalogue;
pub mod check;
pub mod cli;
pub mod clock;
pub mod codes;
pub mod copy;
pub mod data;
pub mod demo;
pub mod drugs;
pub mod flow;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod gateway_keys;
pub mod his;
pub mod hospital;
pub mod identity_service;
pub mod institution;
pub mod intake;
pub mod law;
pub mod logins;
pub mod mistake;
pub mod people;
mod queue;
pub mod randomness;
pub mod rest;
mod route;
pub mod serve;
pub mod shangmi;
pub mod texts;
pub mod tokens;
pub mod turn;
pub mod vault;
pub mod verify;
pub mod web;
