//! The rules of sharing personal accounts of medical insurance (家庭共济): pure, no clock, no I/O.
//!
//! Start with [`decision`]: one function decides every request from facts and law.

pub mod advice;
pub mod benefit;
pub mod bill;
mod bill_checks;
mod bind;
pub mod binding;
pub mod book;
mod case;
pub mod catalogue;
pub mod chain;
pub mod change_binding;
pub mod conditions;
mod credit;
pub mod day;
pub mod decision;
mod enrol;
pub mod explanation;
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
mod remedies;
pub mod request;
mod settle;
pub mod slip;
pub mod slip_no;
pub mod text_keys;
pub mod texts;
mod trial;
mod undo;
mod visit;
pub mod words;
