//! A semaphore that knows how many threads sleep, and notifies only if there is one.

use oslab::sync::{Condvar, Mutex};

#[derive(Hash)]
struct State {
    permits: usize,
    asleep: usize,
}

/// Permits.
pub struct Semaphore {
    state: Mutex<State>,
    given: Condvar,
}

impl Semaphore {
    /// With so many permits.
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { state: Mutex::new(State { permits, asleep: 0 }), given: Condvar::new() }
    }

    /// Takes a permit.
    pub fn p(&self) {
        let mut state = self.state.lock().unwrap();
        while state.permits == 0 {
            state.asleep += 1;
            state = self.given.wait(state).unwrap();
            state.asleep -= 1;
        }
        state.permits -= 1;
    }

    /// Gives a permit.
    pub fn v(&self) {
        let mut state = self.state.lock().unwrap();
        state.permits += 1;
        if state.asleep > 0 {
            self.given.notify_one();
        }
    }
}
