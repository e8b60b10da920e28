//! A number with the shape of `std::sync::atomic::AtomicU64`; in a search every operation is a step that the explorer
//! orders among those of other threads.
//!
//! A search knows only sequentially consistent operations, whatever the ordering asked for: a weaker one is searched as
//! if it were `SeqCst`.

use crate::engine::{self, Id, Seen};
use crate::trace::Operation;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::Ordering;

/// A number that threads share without a lock.
pub struct AtomicU64 {
    inner: std::sync::atomic::AtomicU64,
    id: Option<Id>,
}

impl AtomicU64 {
    /// An atomic that holds `value`.
    #[track_caller]
    pub fn new(value: u64) -> AtomicU64 {
        AtomicU64 {
            inner: std::sync::atomic::AtomicU64::new(value),
            id: engine::new_atomic(value, Location::caller()),
        }
    }

    /// The value.
    ///
    /// # Panics
    /// Where `order` is `Release` or `AcqRel`.
    #[track_caller]
    pub fn load(&self, order: Ordering) -> u64 {
        self.operate(|inner| inner.load(order), |value, _, _| Seen::Load(*value))
    }

    /// Makes `value` the value.
    ///
    /// # Panics
    /// Where `order` is `Acquire` or `AcqRel`.
    #[track_caller]
    pub fn store(&self, value: u64, order: Ordering) {
        self.operate(|inner| inner.store(value, order), |(), _, after| Seen::Store(after));
    }

    /// Makes `value` the value, and returns the one before.
    #[track_caller]
    pub fn swap(&self, value: u64, order: Ordering) -> u64 {
        self.update(Operation::Swap, |inner| inner.swap(value, order))
    }

    /// Adds, wrapping around, and returns the value before.
    #[track_caller]
    pub fn fetch_add(&self, value: u64, order: Ordering) -> u64 {
        self.update(Operation::FetchAdd, |inner| inner.fetch_add(value, order))
    }

    /// Subtracts, wrapping around, and returns the value before.
    #[track_caller]
    pub fn fetch_sub(&self, value: u64, order: Ordering) -> u64 {
        self.update(Operation::FetchSub, |inner| inner.fetch_sub(value, order))
    }

    /// Makes the greater one the value, and returns the value before.
    #[track_caller]
    pub fn fetch_max(&self, value: u64, order: Ordering) -> u64 {
        self.update(Operation::FetchMax, |inner| inner.fetch_max(value, order))
    }

    /// Makes the smaller one the value, and returns the value before.
    #[track_caller]
    pub fn fetch_min(&self, value: u64, order: Ordering) -> u64 {
        self.update(Operation::FetchMin, |inner| inner.fetch_min(value, order))
    }

    /// Makes `new` the value if it is `current`, and returns the value before.
    ///
    /// # Errors
    /// The value, where it is another.
    #[track_caller]
    pub fn compare_exchange(
        &self,
        current: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.update(Operation::CompareExchange, |inner| {
            inner.compare_exchange(current, new, success, failure)
        })
    }

    /// As [`AtomicU64::compare_exchange`], and on some machines it may fail without a reason. In a search it does not.
    ///
    /// # Errors
    /// The value.
    #[track_caller]
    pub fn compare_exchange_weak(
        &self,
        current: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.update(Operation::CompareExchangeWeak, |inner| match self.id {
            Some(_) => inner.compare_exchange(current, new, success, failure),
            None => inner.compare_exchange_weak(current, new, success, failure),
        })
    }

    /// Loads, and exchanges with what `change` makes of it, again and again until nobody else came in between. Returns
    /// the value before.
    ///
    /// # Errors
    /// The value for which `change` returned `None`.
    #[track_caller]
    pub fn fetch_update(
        &self,
        success: Ordering,
        failure: Ordering,
        mut change: impl FnMut(u64) -> Option<u64>,
    ) -> Result<u64, u64> {
        let mut before = self.load(failure);
        while let Some(new) = change(before) {
            match self.compare_exchange_weak(before, new, success, failure) {
                Ok(before) => return Ok(before),
                Err(value) => before = value,
            }
        }
        Err(before)
    }

    /// The value, for the atomic's only owner.
    pub fn into_inner(self) -> u64 {
        self.inner.into_inner()
    }

    #[track_caller]
    fn update<R>(
        &self,
        operation: Operation,
        carry_out: impl FnOnce(&std::sync::atomic::AtomicU64) -> R,
    ) -> R {
        self.operate(carry_out, |_, before, after| Seen::Update { operation, before, after })
    }

    #[track_caller]
    fn operate<R>(
        &self,
        operation: impl FnOnce(&std::sync::atomic::AtomicU64) -> R,
        seen: impl FnOnce(&R, u64, u64) -> Seen,
    ) -> R {
        let line = Location::caller();
        let Some(atomic) = Id::here(self.id) else { return operation(&self.inner) };
        engine::before_atomic(line);
        let before = self.inner.load(Ordering::SeqCst);
        let result = operation(&self.inner);
        let after = self.inner.load(Ordering::SeqCst);
        engine::operated(atomic, seen(&result, before, after), line);
        result
    }
}

impl fmt::Debug for AtomicU64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Default for AtomicU64 {
    #[track_caller]
    fn default() -> AtomicU64 {
        AtomicU64::new(0)
    }
}
