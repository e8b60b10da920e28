//! Waiting for somebody to say that something has changed.

use crate::engine::{self, Id};
use crate::mutex::MutexGuard;
use std::panic::Location;
use std::sync::LockResult;

/// A condition variable: threads sleep on it, inside a critical section, until somebody notifies.
#[derive(Debug)]
pub struct Condvar {
    pub(crate) inner: std::sync::Condvar,
    pub(crate) id: Option<Id>,
}

impl Condvar {
    /// A condition variable on which nobody sleeps.
    #[track_caller]
    pub fn new() -> Condvar {
        Condvar { inner: std::sync::Condvar::new(), id: engine::new_condvar(Location::caller()) }
    }

    /// Lets the mutex go and sleeps until a notification, or until a spurious wakeup; takes the mutex back and returns.
    /// Between the wakeup and the return others may have had the mutex.
    ///
    /// # Errors
    /// Poisoned as for [`Mutex::lock`](crate::sync::Mutex::lock).
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let left = guard.left();
        let (mutex, held) = guard.take_apart();
        MutexGuard::of(mutex, held.wait(self, left, Location::caller()))
    }

    /// Waits as long as `condition` holds: looks first, and looks again after every wakeup.
    ///
    /// # Errors
    /// Poisoned as for [`Mutex::lock`](crate::sync::Mutex::lock).
    #[track_caller]
    pub fn wait_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<MutexGuard<'a, T>> {
        loop {
            guard.reads(Location::caller());
            if !condition(guard.value_mut()) {
                return Ok(guard);
            }
            guard = self.wait(guard)?;
        }
    }

    /// Wakes one of those who sleep, if anybody does; which one is not defined.
    #[track_caller]
    pub fn notify_one(&self) {
        match Id::here(self.id) {
            Some(condvar) => engine::notify(condvar, false, Location::caller()),
            None => self.inner.notify_one(),
        }
    }

    /// Wakes all who sleep.
    #[track_caller]
    pub fn notify_all(&self) {
        match Id::here(self.id) {
            Some(condvar) => engine::notify(condvar, true, Location::caller()),
            None => self.inner.notify_all(),
        }
    }
}

impl Default for Condvar {
    #[track_caller]
    fn default() -> Condvar {
        Condvar::new()
    }
}
