//! All tests of the rules from outside, as one program: it is linked once and reads the law once.

mod advice;
mod cases;
mod catalogue;
mod drugs;
mod explanations;
mod facts;
mod policies;
mod refused_bindings;
mod slip_no;
mod texts;
mod world;
