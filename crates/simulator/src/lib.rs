//! The whole system in one thread, one clock, one seed: families, hospitals, faults, and everything that must stay true.
//! Never shipped.

pub mod agency;
pub mod audit;
pub mod books;
pub mod cast;
pub mod codes;
pub mod counter;
pub mod coverage;
pub mod dice;
pub mod family;
pub mod hall;
pub mod history;
pub mod packs;
pub mod proxies;
pub mod rules;
pub mod scene;
pub mod sight;
pub mod stage;
pub mod statistics;
pub mod stays;
pub mod ward;
pub mod world;

use coverage::Coverage;
use server::turn::Answer;
use stage::Stage;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use store::memory::Memory;
use store::{Books, Fault};
use world::World;

/// What a seed came to.
pub struct Run {
    /// How often each thing happened, or what must not happen and did.
    pub came: Result<Coverage, String>,
    /// What happened, in words, where that was wanted.
    pub history: Vec<String>,
    /// What every turn was answered with, where that was wanted.
    pub answers: Vec<Answers>,
}

/// What a turn was answered with.
pub type Answers = Result<Vec<Answer>, Fault>;

/// Runs a seed in memory.
pub fn run(stage: &Stage, seed: u64, requests: u64, history: bool) -> Run {
    let mut world = World::new(stage, seed, Arc::new(Memory::default()));
    world.history = history.then(Vec::new);
    ended(world, requests)
}

/// Runs a seed on an empty store of any kind, and keeps what it answered. A store that waits for a runtime needs one
/// that this thread has entered.
pub fn run_on(stage: &Stage, seed: u64, requests: u64, store: Arc<dyn Books>) -> Run {
    let mut world = World::new(stage, seed, store);
    world.answers = Some(Vec::new());
    ended(world, requests)
}

fn ended(mut world: World<'_>, requests: u64) -> Run {
    let came = match catch_unwind(AssertUnwindSafe(|| world.run(requests))) {
        Ok(Ok(())) => Ok(std::mem::take(&mut world.coverage)),
        Ok(Err(red)) => Err(red),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
            Err(format!("a panic: {}", text.unwrap_or_default()))
        }
    };
    let (history, answers) = (world.history.take(), world.answers.take());
    Run { came, history: history.unwrap_or_default(), answers: answers.unwrap_or_default() }
}

/// Wakes the thread of a simulation.
struct Woken(Thread);

impl Wake for Woken {
    fn wake(self: Arc<Woken>) {
        self.0.unpark();
    }
}

/// The outcome of a future. Memory answers at once, and nothing else runs in its simulation; other stores are waited
/// for.
fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Woken(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(outcome) => return outcome,
            Poll::Pending => std::thread::park(),
        }
    }
}
