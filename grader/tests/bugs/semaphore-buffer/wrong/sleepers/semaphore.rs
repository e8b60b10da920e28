//! A V notifies only if somebody is known to sleep, and forgets all of them at once.

use oslab::sync::{Condvar, Mutex};

#[derive(Hash)]
struct State {
    permits: usize,
    somebody_sleeps: bool,
}

/// A semaphore.
pub struct Semaphore {
    state: Mutex<State>,
    given: Condvar,
}

impl Semaphore {
    /// With so many permits.
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { state: Mutex::new(State { permits, somebody_sleeps: false }), given: Condvar::new() }
    }

    /// Takes a permit.
    pub fn p(&self) {
        let mut state = self.state.lock().unwrap();
        while state.permits == 0 {
            state.somebody_sleeps = true;
            state = self.given.wait(state).unwrap();
        }
        state.permits -= 1;
    }

    /// Gives a permit.
    pub fn v(&self) {
        let mut state = self.state.lock().unwrap();
        state.permits += 1;
        if state.somebody_sleeps {
            state.somebody_sleeps = false;
            self.given.notify_one();
        }
    }
}
