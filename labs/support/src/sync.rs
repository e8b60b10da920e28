//! Locks, condition variables and a number to count with, with the shape of [`std::sync`]; and [`Unprotected`], which has no
//! such shape, and is no lock.
//!
//! In an ordinary build the locks *are* the standard library's. While the grader searches schedules (feature `explore`)
//! they are the explorer's: the same functions with the same contracts, but it is the search that decides who gets the
//! lock and who is woken, so that every order of events is tried and not only the one that happens to come.

pub use std::sync::atomic::Ordering;
pub use std::sync::{LockResult, PoisonError};

/// A semaphore on which the grader tries a buffer whose own semaphore may be wrong. It exists only while schedules are
/// searched, and no lab may name it.
#[cfg(all(feature = "explore", feature = "grading"))]
pub use explore::sync::Semaphore;
#[cfg(feature = "explore")]
pub use explore::sync::{AtomicU64, Condvar, Mutex, MutexGuard, Unprotected};

#[cfg(not(feature = "explore"))]
pub use crate::atomic::AtomicU64;
#[cfg(not(feature = "explore"))]
pub use plain::{Condvar, Mutex, Unprotected};
#[cfg(not(feature = "explore"))]
pub use std::sync::MutexGuard;

#[cfg(not(feature = "explore"))]
mod plain {
    use std::hash::Hash;
    use std::sync::{LockResult, MutexGuard, PoisonError, TryLockError, TryLockResult};

    /// Mutual exclusion for a value: at any time at most one thread has access to it.
    ///
    /// See `pthread_mutex_lock(3)`, and "only one thread manipulates the buffer data structure at a time" in the lecture.
    #[derive(Debug, Default)]
    pub struct Mutex<T>(std::sync::Mutex<T>);

    impl<T: Hash> Mutex<T> {
        /// A free mutex round `value`. The value can be hashed so that a search recognises a state it has been in:
        /// write `#[derive(Hash)]` above a type of your own.
        pub fn new(value: T) -> Mutex<T> {
            Mutex(std::sync::Mutex::new(value))
        }
    }

    impl<T> Mutex<T> {
        /// Blocks until the mutex is free, takes it, and returns a guard: the guard gives access to the value, and
        /// dropping it lets the mutex go. A thread that calls this while it has the mutex itself waits for ever (or
        /// panics).
        ///
        /// # Errors
        /// If some thread panicked while it had the mutex, the value may be half changed: the guard comes inside a
        /// [`PoisonError`](super::PoisonError). `lock().unwrap()` passes the panic on, which is what the labs do.
        pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
            self.0.lock()
        }

        /// Takes the mutex if it is free; never blocks.
        ///
        /// # Errors
        /// `WouldBlock` if some thread has it; poisoned as for [`Mutex::lock`].
        pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
            self.0.try_lock()
        }

        /// The value, when nobody else can have the mutex any more.
        ///
        /// # Errors
        /// Poisoned as for [`Mutex::lock`].
        pub fn into_inner(self) -> LockResult<T> {
            self.0.into_inner()
        }

        /// The value, for whoever has the mutex to itself.
        ///
        /// # Errors
        /// Poisoned as for [`Mutex::lock`].
        pub fn get_mut(&mut self) -> LockResult<&mut T> {
            self.0.get_mut()
        }
    }

    /// A condition variable: a set of threads that sleep inside a critical section until somebody tells them that
    /// something has changed.
    ///
    /// See `pthread_cond_wait(3)`, and "Condition Variables" in the lecture.
    #[derive(Debug, Default)]
    pub struct Condvar(std::sync::Condvar);

    impl Condvar {
        /// A condition variable on which nobody sleeps.
        pub fn new() -> Condvar {
            Condvar(std::sync::Condvar::new())
        }

        /// In one step, lets the mutex go and falls asleep; once woken, takes the mutex back, which may take time, and
        /// returns. Two things follow. Other threads may have had the mutex, and changed everything, between the
        /// wakeup and the return. And `wait` may return although nobody notified (a *spurious wakeup*).
        ///
        /// # Errors
        /// Poisoned as for [`Mutex::lock`].
        pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
            self.0.wait(guard)
        }

        /// Waits as long as `condition` holds: looks first, and looks again after every wakeup.
        ///
        /// # Errors
        /// Poisoned as for [`Mutex::lock`].
        pub fn wait_while<'a, T>(
            &self,
            guard: MutexGuard<'a, T>,
            condition: impl FnMut(&mut T) -> bool,
        ) -> LockResult<MutexGuard<'a, T>> {
            self.0.wait_while(guard, condition)
        }

        /// Wakes one thread that sleeps here, whichever; does nothing if nobody does. Nobody remembers it: a thread
        /// that falls asleep later is not woken by it. Never blocks.
        pub fn notify_one(&self) {
            self.0.notify_one();
        }

        /// Wakes every thread that sleeps here (the lecture's *broadcast*). Never blocks.
        pub fn notify_all(&self) {
            self.0.notify_all();
        }
    }

    /// A value that threads share and that *nothing* protects: it is up to those who use it that only one of them is at it
    /// at any time. It is safe all the same: two at once are found out.
    #[derive(Debug, Default)]
    pub struct Unprotected<T>(std::sync::Mutex<T>);

    impl<T: Hash> Unprotected<T> {
        /// Shares `value`. Why it can be hashed: see [`Mutex::new`].
        pub fn new(value: T) -> Unprotected<T> {
            Unprotected(std::sync::Mutex::new(value))
        }

        /// Lends the value to `work`, and returns what `work` returns. Never blocks, and keeps nobody out.
        ///
        /// ```
        /// # use oslab::sync::Unprotected;
        /// let count = Unprotected::new(1);
        /// count.with(|count| *count += 1);
        /// assert_eq!(count.with(|count| *count), 2);
        /// ```
        ///
        /// # Panics
        /// Where another thread is in the middle of this at the moment. With luck, that is: two threads that happen not to
        /// meet today may meet tomorrow. While the grader searches schedules luck plays no part.
        pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
            // Nobody ever waits for this lock: it is there to be found taken.
            match self.0.try_lock() {
                Ok(mut value) => work(&mut value),
                Err(TryLockError::Poisoned(poisoned)) => work(&mut poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => {
                    panic!("two threads at once are inside an Unprotected value")
                }
            }
        }

        /// The value, when nobody else can be at it any more.
        pub fn into_inner(self) -> T {
            self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
        }
    }
}
