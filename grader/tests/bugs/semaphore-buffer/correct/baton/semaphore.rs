//! A semaphore that announces the first permit; whoever takes one announces that there are more.

use oslab::sync::{Condvar, Mutex};

/// Permits.
pub struct Semaphore {
    permits: Mutex<usize>,
    some: Condvar,
}

impl Semaphore {
    /// With so many permits.
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { permits: Mutex::new(permits), some: Condvar::new() }
    }

    /// Takes a permit.
    pub fn p(&self) {
        let mut permits = self.permits.lock().unwrap();
        while *permits == 0 {
            permits = self.some.wait(permits).unwrap();
        }
        *permits -= 1;
        if *permits > 0 {
            self.some.notify_one();
        }
    }

    /// Gives a permit.
    pub fn v(&self) {
        let mut permits = self.permits.lock().unwrap();
        *permits += 1;
        if *permits == 1 {
            self.some.notify_one();
        }
    }
}
