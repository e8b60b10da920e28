//! The textbook's semaphore with a negative count, which trusts every wakeup.

use oslab::sync::{Condvar, Mutex};

/// A semaphore.
pub struct Semaphore {
    /// Below zero: so many sleep.
    count: Mutex<i64>,
    given: Condvar,
}

impl Semaphore {
    /// With so many permits.
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { count: Mutex::new(permits as i64), given: Condvar::new() }
    }

    /// Takes a permit.
    pub fn p(&self) {
        let mut count = self.count.lock().unwrap();
        *count -= 1;
        if *count < 0 {
            count = self.given.wait(count).unwrap();
        }
        drop(count);
    }

    /// Gives a permit.
    pub fn v(&self) {
        let mut count = self.count.lock().unwrap();
        *count += 1;
        if *count <= 0 {
            self.given.notify_one();
        }
    }
}
