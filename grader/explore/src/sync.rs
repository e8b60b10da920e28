//! Locks with the shape of `std::sync`, and what else threads can share; in a search they are the explorer's.
//!
//! A searched mutex still guards its value with the standard library's: in a search the scheduler lets a thread lock
//! it only when it is free.

pub use crate::semaphore::Semaphore;
pub use crate::unprotected::Unprotected;

use crate::digest;
use crate::engine::{self, Id, Left};
use std::fmt;
use std::hash::Hash;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

pub use crate::atomic::AtomicU64;
pub use std::sync::atomic::Ordering;

/// Mutual exclusion for a value.
pub struct Mutex<T> {
    inner: std::sync::Mutex<T>,
    id: Option<Id>,
    digest: fn(&T) -> u64,
}

impl<T: Hash> Mutex<T> {
    /// A free mutex round `value`. The value's `Hash` is how a search recognises a state it has seen.
    #[track_caller]
    pub fn new(value: T) -> Mutex<T> {
        let id = engine::new_mutex(|| digest::digest(&value), Location::caller());
        Mutex { inner: std::sync::Mutex::new(value), id, digest: digest::digest::<T> }
    }
}

impl<T> Mutex<T> {
    /// Blocks until the mutex is free, and takes it. It is let go when the guard is dropped.
    ///
    /// # Errors
    /// The guard all the same, marked as poisoned, if a thread panicked while it held the mutex.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        if let Some(mutex) = Id::here(self.id) {
            engine::lock(mutex, Location::caller());
        }
        self.guard(self.inner.lock())
    }

    /// Takes the mutex if it is free; never blocks.
    ///
    /// # Errors
    /// `WouldBlock` if it is not free; poisoned as for [`Mutex::lock`].
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        if let Some(mutex) = Id::here(self.id)
            && !engine::try_lock(mutex, Location::caller())
        {
            return Err(TryLockError::WouldBlock);
        }
        match self.inner.try_lock() {
            Ok(inner) => Ok(self.guard(Ok(inner))?),
            Err(TryLockError::Poisoned(inner)) => Ok(self.guard(Err(inner))?),
            Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
        }
    }

    /// The value, for the mutex's only owner.
    ///
    /// # Errors
    /// Poisoned as for [`Mutex::lock`].
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }

    /// The value, for whoever has the mutex to itself.
    ///
    /// # Errors
    /// Poisoned as for [`Mutex::lock`].
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }

    fn guard<'a>(&'a self, inner: LockResult<std::sync::MutexGuard<'a, T>>) -> LockResult<MutexGuard<'a, T>> {
        // In a search all threads are one to the standard library: who panicked with the mutex, only the engine knows.
        let poisoned = Id::here(self.id).map_or(inner.is_err(), engine::poisoned);
        let inner = Some(inner.unwrap_or_else(PoisonError::into_inner));
        let guard = MutexGuard { mutex: self, inner, written: false, unwinding: engine::unwinding() };
        if poisoned { Err(PoisonError::new(guard)) } else { Ok(guard) }
    }
}

impl<T: fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: Default + Hash> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Mutex<T> {
        Mutex::new(T::default())
    }
}

/// A mutex taken: gives access to the value, and lets the mutex go when it is dropped.
#[must_use = "the mutex is let go when the guard is dropped"]
pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// None only while the guard is being taken apart.
    inner: Option<std::sync::MutexGuard<'a, T>>,
    written: bool,
    /// Whether the thread was in the middle of a panic when it took the mutex.
    unwinding: bool,
}

impl<'a, T> MutexGuard<'a, T> {
    fn inner(&self) -> &T {
        self.inner.as_ref().expect("a guard in use is whole")
    }

    /// What the search has to know of the value before the mutex is let go.
    fn left(&self) -> Left {
        let digest = || (self.mutex.digest)(self.inner());
        let contents = if engine::recording() { digest::contents(|| _ = digest()) } else { Vec::new() };
        Left { content: self.written.then(digest), contents }
    }

    /// Gives up the standard library's guard without letting the search know.
    fn take_apart(mut self) -> (&'a Mutex<T>, std::sync::MutexGuard<'a, T>) {
        (self.mutex, self.inner.take().expect("a guard in use is whole"))
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        if let Some(mutex) = Id::here(self.mutex.id) {
            engine::access(mutex, false, Location::caller());
        }
        self.inner()
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut T {
        if let Some(mutex) = Id::here(self.mutex.id) {
            engine::access(mutex, true, Location::caller());
        }
        self.written = true;
        self.inner.as_mut().expect("a guard in use is whole")
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if self.inner.is_some()
            && let Some(mutex) = Id::here(self.mutex.id)
        {
            engine::unlock(mutex, self.left(), !self.unwinding && engine::unwinding());
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner().fmt(f)
    }
}

/// A condition variable: threads sleep on it, inside a critical section, until somebody notifies.
#[derive(Debug)]
pub struct Condvar {
    inner: std::sync::Condvar,
    id: Option<Id>,
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
    /// Poisoned as for [`Mutex::lock`].
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let line = Location::caller();
        let Some(condvar) = Id::here(self.id) else {
            let (mutex, inner) = guard.take_apart();
            return mutex.guard(self.inner.wait(inner));
        };
        engine::before_wait(line);
        let left = guard.left();
        let (mutex, inner) = guard.take_apart();
        drop(inner);
        if let Some(held) = Id::here(mutex.id) {
            engine::wait(condvar, held, left, line);
        }
        mutex.guard(mutex.inner.lock())
    }

    /// Waits as long as `condition` holds: looks first, and looks again after every wakeup.
    ///
    /// # Errors
    /// Poisoned as for [`Mutex::lock`].
    #[track_caller]
    pub fn wait_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<MutexGuard<'a, T>> {
        loop {
            if let Some(mutex) = Id::here(guard.mutex.id) {
                engine::access(mutex, false, Location::caller());
            }
            guard.written = true;
            if !condition(guard.inner.as_mut().expect("a guard in use is whole")) {
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
