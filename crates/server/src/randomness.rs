//! Where randomness comes from: the operating system; on threads that were told so, a seed, for whoever compares two
//! runs byte for byte. Nothing that is shipped tells any thread so.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

/// Fills bytes as a seed says; shared by all threads of one run.
pub type Seeded = Arc<Mutex<dyn FnMut(&mut [u8]) + Send>>;

thread_local! {
    static SEEDED: RefCell<Option<Seeded>> = const { RefCell::new(None) };
}

/// From now on this thread draws from a seed; `None`: from the operating system, as every thread does at first.
pub fn seed_this_thread(seeded: Option<Seeded>) {
    SEEDED.with(|it| *it.borrow_mut() = seeded);
}

/// What this thread draws from, to hand it on to another.
pub fn of_this_thread() -> Option<Seeded> {
    SEEDED.with(|it| it.borrow().clone())
}

/// Fills bytes.
pub(crate) fn fill(bytes: &mut [u8]) {
    match of_this_thread() {
        Some(seeded) => (seeded.lock().unwrap_or_else(PoisonError::into_inner))(bytes),
        None => getrandom::fill(bytes).expect("the operating system has randomness"),
    }
}
