//! A counting semaphore, from a mutex and a condition variable.
//!
//! The names P and V are Dijkstra's, who thought in Dutch: *prolaag*, try to lower; *verhoog*, raise. Elsewhere they are called
//! wait and signal, or down and up (see `man 7 sem_overview`).

use oslab::sync::{Condvar, Mutex};

/// Permits, to be taken one by one ([`p`](Semaphore::p)) and to be given back, or handed out anew, one by one
/// ([`v`](Semaphore::v)).
///
/// Threads share it by reference: both functions take `&self`. A semaphore does not know who took a permit: any thread may
/// give one, also a thread that never took any. What a permit stands for is the business of those who use it.
pub struct Semaphore {
    /// How many permits there are to be taken. It counts no sleepers, and it is never negative.
    permits: Mutex<usize>,
    /// Here sleeps whoever found no permit.
    given: Condvar,
}

impl Semaphore {
    /// A semaphore with so many permits at first; 0 is as good as any other number.
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { permits: Mutex::new(permits), given: Condvar::new() }
    }

    /// P: takes a permit.
    ///
    /// Blocks while there is none. A blocked thread sleeps in [`Condvar::wait`], where it uses no processor and does not hold
    /// the lock; whoever gives a permit wakes it. That it was woken promises nothing: another thread may have come by and
    /// taken the permit, and `wait` may even return although nobody called (a *spurious wakeup*, see
    /// `man pthread_cond_wait`). Of several threads that wait, any one may get the next permit; a permit goes to one thread.
    ///
    /// # Panics
    /// Where another thread panicked while it held the lock: the mutex is poisoned then.
    pub fn p(&self) {
        // SOLUTION
        let mut permits = self.permits.lock().unwrap();
        while *permits == 0 {
            permits = self.given.wait(permits).unwrap();
        }
        *permits -= 1;
        // STARTER
        // // What there is to work with:
        // let Semaphore { permits, given } = self;
        // todo!("wait while there is no permit, then take one")
        // END
    }

    /// V: gives a permit, and wakes a thread that waits for one, if there is any.
    ///
    /// Never waits for anybody to take it. A permit that nobody waits for is kept: a later [`p`](Semaphore::p) finds it.
    ///
    /// # Panics
    /// Where another thread panicked while it held the lock: the mutex is poisoned then.
    pub fn v(&self) {
        // SOLUTION
        *self.permits.lock().unwrap() += 1;
        self.given.notify_one();
        // STARTER
        // todo!("add a permit, and wake one who waits for it")
        // END
    }
}
