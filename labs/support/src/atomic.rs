//! A number that threads share without a lock, with the shape of [`std::sync::atomic::AtomicU64`].

use std::sync::atomic::Ordering;

/// A number that threads share without a lock. Every operation is one step, which no other thread can interrupt. Two
/// operations are two steps, and other threads can run between them.
///
/// `order` says what else becomes visible to a thread that sees the new value. [`Ordering::SeqCst`] is always right,
/// and the grader treats every other order like it. For a counter on which no other data depends,
/// [`Ordering::Relaxed`] is enough.
///
/// See "Atomics" in the reference of `std::sync::atomic`.
#[derive(Debug, Default)]
pub struct AtomicU64(std::sync::atomic::AtomicU64);

impl AtomicU64 {
    /// An atomic that holds `value`.
    pub fn new(value: u64) -> AtomicU64 {
        AtomicU64(std::sync::atomic::AtomicU64::new(value))
    }

    /// The value.
    ///
    /// # Panics
    /// If `order` is `Release` or `AcqRel`.
    pub fn load(&self, order: Ordering) -> u64 {
        self.0.load(order)
    }

    /// Replaces the value by `value`.
    ///
    /// # Panics
    /// If `order` is `Acquire` or `AcqRel`.
    pub fn store(&self, value: u64, order: Ordering) {
        self.0.store(value, order);
    }

    /// In one step: replaces the value by `value`, and returns the value before.
    pub fn swap(&self, value: u64, order: Ordering) -> u64 {
        self.0.swap(value, order)
    }

    /// In one step: adds `value` (wrapping around at the end), and returns the value before.
    pub fn fetch_add(&self, value: u64, order: Ordering) -> u64 {
        self.0.fetch_add(value, order)
    }

    /// In one step: subtracts `value` (wrapping around at 0), and returns the value before.
    pub fn fetch_sub(&self, value: u64, order: Ordering) -> u64 {
        self.0.fetch_sub(value, order)
    }

    /// In one step: keeps the greater of the two as the value, and returns the value before.
    pub fn fetch_max(&self, value: u64, order: Ordering) -> u64 {
        self.0.fetch_max(value, order)
    }

    /// In one step: keeps the smaller of the two as the value, and returns the value before.
    pub fn fetch_min(&self, value: u64, order: Ordering) -> u64 {
        self.0.fetch_min(value, order)
    }

    /// In one step: replaces the value by `new` if it is `current`, and returns the value before.
    ///
    /// # Errors
    /// The value, if it is another one. It has not changed then.
    pub fn compare_exchange(
        &self,
        current: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.0.compare_exchange(current, new, success, failure)
    }

    /// Like [`compare_exchange`](AtomicU64::compare_exchange), but it may fail although the value is `current`. For
    /// loops that try again in any case.
    ///
    /// # Errors
    /// The value.
    pub fn compare_exchange_weak(
        &self,
        current: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.0.compare_exchange_weak(current, new, success, failure)
    }

    /// Loads the value and replaces it by the result of `change`. Repeats this until no other thread has changed the
    /// value in between. Returns the value before.
    ///
    /// # Errors
    /// The value for which `change` returned `None`.
    pub fn fetch_update(
        &self,
        success: Ordering,
        failure: Ordering,
        change: impl FnMut(u64) -> Option<u64>,
    ) -> Result<u64, u64> {
        self.0.fetch_update(success, failure, change)
    }

    /// The value, when no other thread can use the atomic any more.
    pub fn into_inner(self) -> u64 {
        self.0.into_inner()
    }
}
