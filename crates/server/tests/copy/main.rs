//! Books that move: backed up while they are served, restored, copied from one kind of store into another.

mod damaged;
mod drill;
mod lanes;
mod office;
mod shelf;
