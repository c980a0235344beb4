//! The rules of sharing personal accounts of medical insurance (家庭共济): pure, no clock, no I/O.
//!
//! Start with `decision`: one function decides every request from facts and law.

pub mod catalogue;
pub mod day;
pub mod money;
