//! The one clock. `main` gives it the machine's time; a sandbox may start it elsewhere and move it forward.

use domain::day::Moment;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Tells the moment.
#[derive(Clone)]
pub struct Clock {
    machine: Arc<dyn Fn() -> Moment + Send + Sync>,
    offset: Arc<AtomicI64>,
    sandbox: bool,
}

/// Why a clock was not moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotMove {
    /// Outside a sandbox nobody moves the clock.
    #[error("the clock can only be moved in a sandbox")]
    NoSandbox,
    /// Time goes forward only, or the books would be out of order.
    #[error("the clock can only be moved forward; it is {0}")]
    Backward(Moment),
}

impl Clock {
    /// The machine's clock.
    pub fn machine(machine: impl Fn() -> Moment + Send + Sync + 'static) -> Clock {
        Clock { machine: Arc::new(machine), offset: Arc::new(AtomicI64::new(0)), sandbox: false }
    }

    /// A sandbox's clock: starts at `now` and runs on from there.
    pub fn sandbox(machine: impl Fn() -> Moment + Send + Sync + 'static, now: Moment) -> Clock {
        let offset = now.millis() - machine().millis();
        Clock { machine: Arc::new(machine), offset: Arc::new(AtomicI64::new(offset)), sandbox: true }
    }

    /// Whether this is a sandbox's clock.
    pub fn is_sandbox(&self) -> bool {
        self.sandbox
    }

    /// Now.
    pub fn now(&self) -> Moment {
        (self.machine)().plus_millis(self.offset.load(Ordering::SeqCst))
    }

    /// What the machine says, sandbox or not: for time windows of signatures.
    pub fn machine_now(&self) -> Moment {
        (self.machine)()
    }

    /// Moves a sandbox's clock forward.
    ///
    /// # Errors
    /// [`CannotMove`] outside a sandbox and backward.
    pub fn move_to(&self, to: Moment) -> Result<(), CannotMove> {
        let now = self.now();
        if !self.sandbox {
            return Err(CannotMove::NoSandbox);
        }
        if to < now {
            return Err(CannotMove::Backward(now));
        }
        self.offset.fetch_add(to.millis() - now.millis(), Ordering::SeqCst);
        Ok(())
    }
}
