//! A value that nothing protects, and that tells when it would have needed protection.

use crate::digest;
use crate::engine::{self, Id, Left};
use std::fmt;
use std::hash::Hash;
use std::panic::Location;
use std::sync::{Mutex, PoisonError, TryLockError};

/// A value that threads share without any lock: it is up to them to be at it one at a time. Two at once are found out.
///
/// The mutex inside never makes anybody wait: it is how safe Rust finds out.
pub struct Unprotected<T> {
    inner: Mutex<T>,
    id: Option<Id>,
}

impl<T: Hash> Unprotected<T> {
    /// Shares `value`. Its `Hash` is how a search recognises a state it has seen.
    #[track_caller]
    pub fn new(value: T) -> Unprotected<T> {
        let id = engine::new_cell(|| digest::digest(&value), Location::caller());
        Unprotected { inner: Mutex::new(value), id }
    }

    /// Lends the value to `work`. Never blocks.
    ///
    /// # Panics
    /// Where another thread is in the middle of this. (In a search that ends the execution.)
    #[track_caller]
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let line = Location::caller();
        let cell = Id::here(self.id);
        if let Some(cell) = cell {
            engine::enter(cell, line);
        }
        let mut inner = match self.inner.try_lock() {
            Ok(inner) => inner,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => panic!("two threads at once are inside an Unprotected value"),
        };
        let result = work(&mut inner);
        if let Some(cell) = cell {
            engine::leave(cell, Left::of(true, &|| digest::digest(&*inner)), line);
        }
        result
    }
}

impl<T> Unprotected<T> {
    /// The value, for its only owner.
    pub fn into_inner(self) -> T {
        self.inner.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Hash + Default> Default for Unprotected<T> {
    #[track_caller]
    fn default() -> Unprotected<T> {
        Unprotected::new(T::default())
    }
}

impl<T> fmt::Debug for Unprotected<T> {
    /// Without the value: to look at it would be an access.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unprotected").finish_non_exhaustive()
    }
}
