//! A V hands its permit to a sleeper without writing it down.

use oslab::sync::{Condvar, Mutex};

/// Permits and how many threads sleep.
#[derive(Hash)]
struct State {
    permits: usize,
    sleeping: usize,
}

/// A semaphore.
pub struct Semaphore {
    state: Mutex<State>,
    given: Condvar,
}

impl Semaphore {
    /// With so many permits.
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { state: Mutex::new(State { permits, sleeping: 0 }), given: Condvar::new() }
    }

    /// Takes a permit.
    pub fn p(&self) {
        let mut state = self.state.lock().unwrap();
        if state.permits > 0 {
            state.permits -= 1;
            return;
        }
        state.sleeping += 1;
        // Whoever is woken has been given the permit.
        drop(self.given.wait(state).unwrap());
    }

    /// Gives a permit.
    pub fn v(&self) {
        let mut state = self.state.lock().unwrap();
        if state.sleeping > 0 {
            state.sleeping -= 1;
            self.given.notify_one();
        } else {
            state.permits += 1;
        }
    }
}
