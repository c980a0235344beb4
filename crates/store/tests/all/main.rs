//! What every store must do, and what only a file or a server can do to one.

mod citus;
mod common;
mod contract;
mod desk;
mod hall;
mod log;
mod measure;
mod measure_spread;
mod plans;
mod postgres;
mod proxies;
mod schema;
mod server_plans;
mod shared;
mod shelf;
mod standby;
mod statements;
mod stays;
mod tls;
mod traces;
mod two_phases;
