//! The rules of sharing personal accounts of medical insurance (家庭共济): pure, no clock, no I/O.
//!
//! Start with [`decision`]: one function decides every request from facts and law.

pub mod asking;
pub mod benefit;
pub mod bill;
mod bind;
pub mod binding;
pub mod book;
pub mod catalogue;
pub mod chain;
pub mod change_binding;
pub mod conditions;
mod credit;
pub mod day;
pub mod decision;
mod enrol;
pub mod facts;
pub mod fund;
pub mod ids;
pub mod law;
pub mod ledger;
mod link;
pub mod money;
pub mod needs;
pub mod parameters;
mod patient;
pub mod people;
mod place;
mod plan;
pub mod policy;
pub mod purses;
pub mod reach;
pub mod reason;
pub mod request;
mod settle;
mod undo;
mod visit;
pub mod words;
