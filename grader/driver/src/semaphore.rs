//! Semaphores as subjects of a search.

use crate::search;
use contract::Possible;
use contract::semaphore::Semaphore;
use protocol::driver::Reporter;
use protocol::search::Task;
use protocol::semaphore::{Breach, Call, Semaphores, Subject};

/// A student's semaphore, by names that are none of the lab's.
pub trait TestSemaphore: Send + Sync {
    /// Takes a permit.
    fn take(&self);
    /// Gives one.
    fn give(&self);
}

/// Carries out a task. `make` is how a semaphore is made.
pub fn carry_out(
    task: Task<Subject, Call>,
    reporter: Reporter<Semaphores>,
    make: fn(&Subject) -> Box<dyn TestSemaphore>,
) {
    search::carry_out(task, reporter, move |made| Shared(make(made)));
}

struct Shared(Box<dyn TestSemaphore>);

impl search::Subject for Shared {
    type Lab = Semaphores;
    type Contract = Semaphore;

    fn contract(made: &Subject) -> Semaphore {
        Semaphore { permits: made.permits }
    }

    fn call(&self, call: Call) {
        match call {
            Call::P => self.0.take(),
            Call::V => self.0.give(),
        }
    }

    /// A V may end at any time.
    fn breach(_: usize, _: Call, (): (), _: &[Possible<Semaphore>]) -> Breach {
        Breach::NoPermit
    }
}
