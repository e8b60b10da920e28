//! A semaphore whose count goes below zero; a V writes down the wake-up that it sends.

use oslab::sync::{Condvar, Mutex};

#[derive(Hash)]
struct State {
    count: isize,
    wakeups: usize,
}

/// Permits; below zero, those who wait.
pub struct Semaphore {
    state: Mutex<State>,
    woken: Condvar,
}

impl Semaphore {
    /// With so many permits.
    pub fn new(permits: usize) -> Semaphore {
        Semaphore {
            state: Mutex::new(State { count: permits as isize, wakeups: 0 }),
            woken: Condvar::new(),
        }
    }

    /// Takes a permit.
    pub fn p(&self) {
        let mut state = self.state.lock().unwrap();
        state.count -= 1;
        if state.count < 0 {
            while state.wakeups == 0 {
                state = self.woken.wait(state).unwrap();
            }
            state.wakeups -= 1;
        }
    }

    /// Gives a permit.
    pub fn v(&self) {
        let mut state = self.state.lock().unwrap();
        state.count += 1;
        if state.count <= 0 {
            state.wakeups += 1;
            self.woken.notify_one();
        }
    }
}
