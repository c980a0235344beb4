//! The whole system in one thread, one clock, one seed: families, hospitals, faults, and everything that must stay true.
//! Never shipped.

pub mod agency;
pub mod audit;
pub mod books;
pub mod cast;
pub mod counter;
pub mod coverage;
pub mod dice;
pub mod family;
pub mod history;
pub mod rules;
pub mod scene;
pub mod stage;
pub mod world;

use coverage::Coverage;
use stage::Stage;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use world::World;

/// Runs a seed: how often each thing happened, or what went red.
///
/// # Errors
/// What must not happen, with the history where one was wanted.
pub fn run(
    stage: &Stage,
    seed: u64,
    requests: u64,
    history: bool,
) -> Result<Coverage, (String, Vec<String>)> {
    let mut world = World::new(stage, seed, history);
    let came = catch_unwind(AssertUnwindSafe(|| world.run(requests)));
    let red = match came {
        Ok(Ok(())) => return Ok(world.coverage),
        Ok(Err(red)) => red,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
            format!("a panic: {}", text.unwrap_or_default())
        }
    };
    Err((red, world.history.unwrap_or_default()))
}

/// The outcome of a future that never waits: the stores of a simulation answer at once.
fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => unreachable!("nothing in a simulation waits"),
    }
}
