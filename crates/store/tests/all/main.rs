//! What every store must do, and what only a file or a server can do to one.

mod citus;
mod common;
mod contract;
mod desk;
mod log;
mod measure;
mod measure_spread;
mod plans;
mod postgres;
mod server_plans;
mod standby;
mod stays;
