//! Permits that come back, or go on, when a guard is dropped.

use crate::semaphore::Semaphore;
use oslab::Item;
use oslab::sync::Unprotected;
use std::collections::VecDeque;

/// Gives a permit when it is dropped.
struct Gives<'a>(&'a Semaphore);

impl Drop for Gives<'_> {
    fn drop(&mut self) {
        self.0.v();
    }
}

/// A buffer.
pub struct BoundedBuffer<T> {
    queue: Unprotected<VecDeque<T>>,
    full_slots: Semaphore,
    empty_slots: Semaphore,
    mutex: Semaphore,
}

impl<T: Item> BoundedBuffer<T> {
    /// With room for so many.
    pub fn new(capacity: usize) -> BoundedBuffer<T> {
        assert!(capacity > 0, "a buffer needs room for one item");
        let queue = Unprotected::new(VecDeque::with_capacity(capacity));
        let (full_slots, empty_slots) = (Semaphore::new(0), Semaphore::new(capacity));
        let mutex = Semaphore::new(1);
        BoundedBuffer { queue, full_slots, empty_slots, mutex }
    }

    fn at_the_queue<R>(&self, work: impl FnOnce(&mut VecDeque<T>) -> R) -> R {
        self.mutex.p();
        let _back = Gives(&self.mutex);
        self.queue.with(work)
    }

    /// Puts.
    pub fn put(&self, item: T) {
        self.empty_slots.p();
        let _on = Gives(&self.full_slots);
        self.at_the_queue(|queue| queue.push_back(item));
    }

    /// Takes.
    pub fn take(&self) -> T {
        self.full_slots.p();
        let _on = Gives(&self.empty_slots);
        self.at_the_queue(|queue| queue.pop_front().unwrap())
    }
}
