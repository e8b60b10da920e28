//! A buffer for producers and consumers, with three semaphores.
//!
//! The lecture's semaphore solution. There is no condition to be looked at here, and no loop: whoever has got its permits
//! knows that it may go on. Of a semaphore the buffer uses `new`, `p` and `v`, and nothing else: it is also tried on one that
//! has nothing else.

use crate::semaphore::Semaphore;
use oslab::Item;
use oslab::sync::Unprotected;
use std::collections::VecDeque;

/// A first-in, first-out queue with room for a fixed number of items, shared by any number of threads.
///
/// Threads share it by reference (in an `Arc`, say): both functions take `&self`. Every item put is taken exactly once, and
/// items are taken in the order in which they were put.
pub struct BoundedBuffer<T> {
    /// The items, oldest at the front. Nothing protects the queue by itself: it is the semaphores that see to it that one
    /// thread at a time is at it.
    queue: Unprotected<VecDeque<T>>,
    /// A permit for every item in the queue. Who takes an item takes one of these first.
    full_slots: Semaphore,
    /// A permit for every item that there is room for. Who adds an item takes one of these first.
    empty_slots: Semaphore,
    /// One permit: to be at the queue.
    mutex: Semaphore,
}

impl<T: Item> BoundedBuffer<T> {
    /// An empty buffer with room for `capacity` items.
    ///
    /// # Panics
    /// Where `capacity` is 0: "a buffer needs room for one item". Nothing could ever be put into it.
    pub fn new(capacity: usize) -> BoundedBuffer<T> {
        assert!(capacity > 0, "a buffer needs room for one item");
        todo!("make an empty queue, and three semaphores with the permits that an empty buffer has")
    }

    /// Adds `item` behind all others.
    ///
    /// Blocks while the buffer is full, that is, while it holds `capacity` items; and for the moment in which another thread
    /// is at the queue. A thread that waits for room keeps nobody from the queue.
    ///
    /// Gives one thread that waits for an item what it waits for.
    pub fn put(&self, item: T) {
        // What there is to work with:
        let BoundedBuffer { queue, full_slots, empty_slots, mutex } = self;
        todo!("take the permits that a put needs, add the item at the end of the queue, give permits")
    }

    /// Removes the oldest item and returns it.
    ///
    /// Blocks while the buffer is empty, and for the moment in which another thread is at the queue. A thread that waits for
    /// an item keeps nobody from the queue.
    ///
    /// Gives one thread that waits for room what it waits for.
    pub fn take(&self) -> T {
        todo!("take the permits that a take needs, remove the item at the front of the queue, give permits")
    }
}
