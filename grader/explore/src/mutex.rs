//! A value that one thread at a time can get at.

use crate::digest;
use crate::engine::{Left, Line};
use crate::lock::{Held, Lock};
use std::cell::UnsafeCell;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

/// Mutual exclusion for a value.
pub struct Mutex<T> {
    lock: Lock,
    value: UnsafeCell<T>,
    digest: fn(&T) -> u64,
}

// SAFETY: the value is reached through a guard alone, and there is one guard at a time: which thread has it changes.
unsafe impl<T: Send> Sync for Mutex<T> {}
// A value that a panic left half changed is marked as poisoned.
impl<T> UnwindSafe for Mutex<T> {}
impl<T> RefUnwindSafe for Mutex<T> {}

impl<T: Hash> Mutex<T> {
    /// A free mutex round `value`. The value's `Hash` is how a search recognises a state it has seen.
    #[track_caller]
    pub fn new(value: T) -> Mutex<T> {
        let lock = Lock::new(&|| digest::digest(&value), Location::caller());
        Mutex { lock, value: UnsafeCell::new(value), digest: digest::digest::<T> }
    }
}

impl<T> Mutex<T> {
    /// Blocks until the mutex is free, and takes it. It is let go when the guard is dropped.
    ///
    /// # Errors
    /// The guard all the same, marked as poisoned, if a thread panicked while it held the mutex.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        MutexGuard::of(self, self.lock.take(Location::caller()))
    }

    /// Takes the mutex if it is free; never blocks.
    ///
    /// # Errors
    /// `WouldBlock` if it is not free; poisoned as for [`Mutex::lock`].
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        match self.lock.try_take(Location::caller()) {
            Ok(held) => Ok(MutexGuard::of(self, Ok(held))?),
            Err(TryLockError::Poisoned(held)) => Ok(MutexGuard::of(self, Err(held))?),
            Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
        }
    }

    /// The value, for the mutex's only owner.
    ///
    /// # Errors
    /// Poisoned as for [`Mutex::lock`].
    pub fn into_inner(self) -> LockResult<T> {
        let poisoned = self.lock.is_poisoned();
        let value = self.value.into_inner();
        if poisoned { Err(PoisonError::new(value)) } else { Ok(value) }
    }

    /// The value, for whoever has the mutex to itself.
    ///
    /// # Errors
    /// Poisoned as for [`Mutex::lock`].
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        let value = self.value.get_mut();
        if self.lock.is_poisoned() { Err(PoisonError::new(value)) } else { Ok(value) }
    }
}

impl<T: fmt::Debug> fmt::Debug for Mutex<T> {
    /// With the value, where the mutex is free.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Mutex");
        match self.lock.peek() {
            // SAFETY: the lock is held by this function meanwhile.
            Some(_held) => shown.field("data", unsafe { &*self.value.get() }),
            None => shown.field("data", &format_args!("<locked>")),
        };
        shown.finish_non_exhaustive()
    }
}

impl<T: Default + Hash> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Mutex<T> {
        Mutex::new(T::default())
    }
}

/// A mutex taken: gives access to the value, and lets the mutex go when it is dropped. Threads may share it only where they may
/// share the value:
///
/// ```compile_fail
/// fn shared<T: Sync>() {}
/// shared::<explore::sync::MutexGuard<'static, std::cell::Cell<u8>>>();
/// ```
#[must_use = "the mutex is let go when the guard is dropped"]
pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// None only while the guard is being taken apart.
    held: Option<Held<'a>>,
    written: bool,
    /// It may go where a reference to the value may.
    value: PhantomData<&'a mut T>,
}

impl<T> UnwindSafe for MutexGuard<'_, T> {}
impl<T> RefUnwindSafe for MutexGuard<'_, T> {}

impl<'a, T> MutexGuard<'a, T> {
    pub(crate) fn of(mutex: &'a Mutex<T>, held: LockResult<Held<'a>>) -> LockResult<MutexGuard<'a, T>> {
        let guard = |held| MutexGuard { mutex, held: Some(held), written: false, value: PhantomData };
        match held {
            Ok(held) => Ok(guard(held)),
            Err(poisoned) => Err(PoisonError::new(guard(poisoned.into_inner()))),
        }
    }

    fn held(&self) -> &Held<'a> {
        self.held.as_ref().expect("a guard in use is whole")
    }

    fn value(&self) -> &T {
        // SAFETY: as long as there is a guard that is whole, its thread alone has the lock.
        unsafe { &*self.mutex.value.get() }
    }

    /// The value, about to be written.
    pub(crate) fn value_mut(&mut self) -> &mut T {
        self.written = true;
        // SAFETY: as above, and who has the guard to itself has the value to itself.
        unsafe { &mut *self.mutex.value.get() }
    }

    /// Says that the value is read.
    pub(crate) fn reads(&self, line: Line) {
        self.held().access(false, line);
    }

    /// What the search has to know of the value before the mutex is let go.
    pub(crate) fn left(&self) -> Option<Left> {
        self.held().left(self.written, &|| (self.mutex.digest)(self.value()))
    }

    /// Gives up the lock without letting the search know.
    pub(crate) fn take_apart(mut self) -> (&'a Mutex<T>, Held<'a>) {
        (self.mutex, self.held.take().expect("a guard in use is whole"))
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        self.reads(Location::caller());
        self.value()
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut T {
        self.held().access(true, Location::caller());
        self.value_mut()
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if self.held.is_some()
            && let Some(left) = self.left()
        {
            self.held().leave(left);
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}
