//! Files of a bureau that are taken in: which lines are rejected and why, what an interruption leaves, the same on every
//! store.

mod bureau;
#[path = "../../../store/tests/all/common/cluster.rs"]
mod cluster;
mod console;
mod rejected;
mod stores;
