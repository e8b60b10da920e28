//! What a mutex and its guard are without the value: nothing here depends on its type.
//!
//! A searched lock still takes the standard library's: in a search the scheduler lets a thread take it only when it is free.

use crate::condvar::Condvar;
use crate::engine::{self, Id, Left, Line};
use std::sync::{LockResult, MutexGuard, PoisonError, TryLockError, TryLockResult};

/// A lock.
pub(crate) struct Lock {
    inner: std::sync::Mutex<()>,
    id: Option<Id>,
}

/// A lock taken; it is let go when this is dropped.
pub(crate) struct Held<'a> {
    lock: &'a Lock,
    inner: MutexGuard<'a, ()>,
    /// Whether the thread was in the middle of a panic when it took the lock.
    unwinding: bool,
}

impl Lock {
    /// A free lock; `content` is the hash of what it guards.
    pub(crate) fn new(content: &dyn Fn() -> u64, made: Line) -> Lock {
        Lock { inner: std::sync::Mutex::new(()), id: engine::new_mutex(content, made) }
    }

    pub(crate) fn take(&self, line: Line) -> LockResult<Held<'_>> {
        if let Some(mutex) = Id::here(self.id) {
            engine::lock(mutex, line);
        }
        self.held(self.inner.lock())
    }

    pub(crate) fn try_take(&self, line: Line) -> TryLockResult<Held<'_>> {
        if let Some(mutex) = Id::here(self.id)
            && !engine::try_lock(mutex, line)
        {
            return Err(TryLockError::WouldBlock);
        }
        match self.inner.try_lock() {
            Ok(inner) => Ok(self.held(Ok(inner))?),
            Err(TryLockError::Poisoned(inner)) => Ok(self.held(Err(inner))?),
            Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
        }
    }

    /// Takes it where it is free, without letting the search know.
    pub(crate) fn peek(&self) -> Option<MutexGuard<'_, ()>> {
        match self.inner.try_lock() {
            Ok(inner) => Some(inner),
            Err(TryLockError::Poisoned(inner)) => Some(inner.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Whether a thread panicked with it, for whoever has it to itself.
    pub(crate) fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }

    fn held<'a>(&'a self, inner: LockResult<MutexGuard<'a, ()>>) -> LockResult<Held<'a>> {
        // In a search all threads are one to the standard library: who panicked with the mutex, only the engine knows.
        let poisoned = Id::here(self.id).map_or(inner.is_err(), engine::poisoned);
        let inner = inner.unwrap_or_else(PoisonError::into_inner);
        let held = Held { lock: self, inner, unwinding: engine::unwinding() };
        if poisoned { Err(PoisonError::new(held)) } else { Ok(held) }
    }
}

impl<'a> Held<'a> {
    /// Says that what the lock guards is read or written.
    pub(crate) fn access(&self, writes: bool, line: Line) {
        if let Some(mutex) = Id::here(self.lock.id) {
            engine::access(mutex, writes, line);
        }
    }

    /// What the search has to know of what the lock guards before it is let go; none outside of a search. `content` is the
    /// hash of it.
    pub(crate) fn left(&self, written: bool, content: &dyn Fn() -> u64) -> Option<Left> {
        Id::here(self.lock.id).map(|_| Left::of(written, content))
    }

    /// Says that the lock is about to be let go.
    pub(crate) fn leave(&self, left: Left) {
        if let Some(mutex) = Id::here(self.lock.id) {
            engine::unlock(mutex, left, !self.unwinding && engine::unwinding());
        }
    }

    /// Lets the lock go, sleeps on the condition variable, and takes the lock back.
    pub(crate) fn wait(self, condvar: &Condvar, left: Option<Left>, line: Line) -> LockResult<Held<'a>> {
        let lock = self.lock;
        let (Some(mutex), Some(sleeps_on), Some(left)) = (Id::here(lock.id), Id::here(condvar.id), left)
        else {
            return lock.held(condvar.inner.wait(self.inner));
        };
        engine::before_wait(line);
        drop(self.inner);
        engine::wait(sleeps_on, mutex, left, line);
        lock.held(lock.inner.lock())
    }
}
