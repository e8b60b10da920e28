//! Locks, condition variables and an atomic number, with the same functions as in [`std::sync`]. [`Unprotected`] is
//! different: it is not a lock.
//!
//! In an ordinary build the locks *are* those of the standard library. While the grader searches schedules (feature
//! `explore`), they are those of the explorer. They have the same functions with the same contracts. But the search
//! decides which thread gets the lock and which thread is woken. So it can try every order of events, not only the
//! one that happens by chance.

pub use std::sync::atomic::Ordering;
pub use std::sync::{LockResult, PoisonError};

/// A semaphore on which the grader runs a buffer whose own semaphore may be wrong. It exists only while schedules are
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
        /// A free mutex around `value`. The value can be hashed, so that a search recognises a state that it has seen
        /// before: write `#[derive(Hash)]` above your own types.
        pub fn new(value: T) -> Mutex<T> {
            Mutex(std::sync::Mutex::new(value))
        }
    }

    impl<T> Mutex<T> {
        /// Blocks until the mutex is free, locks it, and returns a guard. The guard gives access to the value, and
        /// dropping it releases the mutex. A thread that calls this while it already holds the mutex waits forever,
        /// or panics.
        ///
        /// # Errors
        /// If a thread panicked while it held the mutex, the value may be incomplete: the guard comes inside a
        /// [`PoisonError`](super::PoisonError). `lock().unwrap()` then panics as well, and this is right in the labs.
        pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
            self.0.lock()
        }

        /// Locks the mutex if it is free; never blocks.
        ///
        /// # Errors
        /// `WouldBlock` if a thread holds it; poisoned as for [`Mutex::lock`].
        pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
            self.0.try_lock()
        }

        /// The value, when no other thread can use the mutex any more.
        ///
        /// # Errors
        /// Poisoned as for [`Mutex::lock`].
        pub fn into_inner(self) -> LockResult<T> {
            self.0.into_inner()
        }

        /// The value, when the caller has the only access to the mutex.
        ///
        /// # Errors
        /// Poisoned as for [`Mutex::lock`].
        pub fn get_mut(&mut self) -> LockResult<&mut T> {
            self.0.get_mut()
        }
    }

    /// A condition variable: a set of threads that sleep inside a critical section until another thread notifies them
    /// of a change.
    ///
    /// See `pthread_cond_wait(3)`, and "Condition Variables" in the lecture.
    #[derive(Debug, Default)]
    pub struct Condvar(std::sync::Condvar);

    impl Condvar {
        /// A condition variable on which no thread sleeps.
        pub fn new() -> Condvar {
            Condvar(std::sync::Condvar::new())
        }

        /// In one step, releases the mutex and sleeps. After a wakeup it takes the mutex back, which may take time,
        /// and returns. Two things follow. Other threads may have held the mutex, and changed everything, between the
        /// wakeup and the return. And `wait` may return without any notification (a *spurious wakeup*).
        ///
        /// # Errors
        /// Poisoned as for [`Mutex::lock`].
        pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
            self.0.wait(guard)
        }

        /// Waits while `condition` holds: checks it first, and checks it again after every wakeup.
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

        /// Wakes one of the threads that sleep here; does nothing if no thread sleeps. The notification is not
        /// stored: a thread that falls asleep later is not woken by it. Never blocks.
        pub fn notify_one(&self) {
            self.0.notify_one();
        }

        /// Wakes every thread that sleeps here (the lecture's *broadcast*). Never blocks.
        pub fn notify_all(&self) {
            self.0.notify_all();
        }
    }

    /// A value that threads share and that *nothing* protects. The threads themselves have to make sure that only one
    /// of them uses it at a time. It is safe in any case, because it detects two threads at the same time.
    #[derive(Debug, Default)]
    pub struct Unprotected<T>(std::sync::Mutex<T>);

    impl<T: Hash> Unprotected<T> {
        /// Shares `value`. It can be hashed for the same reason as in [`Mutex::new`].
        pub fn new(value: T) -> Unprotected<T> {
            Unprotected(std::sync::Mutex::new(value))
        }

        /// Lends the value to `work`, and returns what `work` returns. Never blocks, and lets every thread in.
        ///
        /// ```
        /// # use oslab::sync::Unprotected;
        /// let count = Unprotected::new(1);
        /// count.with(|count| *count += 1);
        /// assert_eq!(count.with(|count| *count), 2);
        /// ```
        ///
        /// # Panics
        /// If another thread is inside at the same moment. In a normal run this depends on luck: threads that do not
        /// meet today may meet tomorrow. While the grader searches schedules, it does not depend on luck.
        pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
            // No thread ever waits for this lock: it only shows that another thread is inside.
            match self.0.try_lock() {
                Ok(mut value) => work(&mut value),
                Err(TryLockError::Poisoned(poisoned)) => work(&mut poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => {
                    panic!("two threads at once are inside an Unprotected value")
                }
            }
        }

        /// The value, when no other thread can use it any more.
        pub fn into_inner(self) -> T {
            self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
        }
    }
}
