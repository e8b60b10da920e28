//! A buffer for producers and consumers, with one mutex and one condition variable.
//!
//! The lecture's producer/consumer buffer, second cut: whoever changes the queue wakes everybody, and everybody who
//! wakes looks again.

use oslab::Item;
use oslab::sync::{Condvar, Mutex};
use std::collections::VecDeque;

/// A first-in, first-out queue with room for a fixed number of items, shared by any number of threads.
///
/// Threads share it by reference (in an `Arc`, say): both functions take `&self`. Every item put is taken exactly
/// once, and items are taken in the order in which they were put.
pub struct BoundedBuffer<T> {
    /// The items, oldest at the front. The mutex is the lecture's `buf_lock`: no thread looks at the queue, and none
    /// changes it, without holding it. It is released when the guard that `lock` returned is dropped.
    queue: Mutex<VecDeque<T>>,
    /// The lecture's `buf_signal`: here sleeps whoever found the queue not as needed. A condition variable remembers
    /// nothing: a wake-up when nobody sleeps is gone.
    changed: Condvar,
    /// How many items there is room for. It never changes, so it needs no lock.
    capacity: usize,
}

impl<T: Item> BoundedBuffer<T> {
    /// An empty buffer with room for `capacity` items.
    ///
    /// # Panics
    /// Where `capacity` is 0: "a buffer needs room for one item". Nothing could ever be put into it.
    pub fn new(capacity: usize) -> BoundedBuffer<T> {
        assert!(capacity > 0, "a buffer needs room for one item");
        BoundedBuffer { queue: Mutex::new(VecDeque::new()), changed: Condvar::new(), capacity }
    }

    /// Adds `item` behind all others.
    ///
    /// Blocks while the buffer is full, that is, while it holds `capacity` items. A blocked thread sleeps in
    /// [`Condvar::wait`], where it uses no processor and does not hold the lock; whoever makes room wakes it. Being
    /// woken promises nothing: another producer may have used the room first, and `wait` may even return although
    /// nobody called (a *spurious wakeup*, see `man pthread_cond_wait`).
    ///
    /// Wakes those who wait for an item.
    ///
    /// # Panics
    /// Where another thread panicked while it held the lock: the mutex is *poisoned* then, `lock` and `wait` return an
    /// `Err`, and nobody knows whether the queue is still sound. `unwrap` is the right answer to that here.
    pub fn put(&self, item: T) {
        // What there is to work with:
        let BoundedBuffer { queue, changed, capacity } = self;
        todo!("wait while the queue is full, add the item at its end, wake the sleepers")
    }

    /// Removes the oldest item and returns it.
    ///
    /// Blocks while the buffer is empty, as [`put`](BoundedBuffer::put) does while it is full, with the same caution on
    /// waking up.
    ///
    /// Wakes those who wait for room.
    ///
    /// # Panics
    /// Where another thread panicked while it held the lock, as in [`put`](BoundedBuffer::put).
    pub fn take(&self) -> T {
        todo!("wait while the queue is empty, remove the item at its front, wake the sleepers")
    }
}
