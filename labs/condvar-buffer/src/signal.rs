//! A buffer that wakes one thread per change, and that can be closed.
//!
//! To wake everybody is simple and always right, but all except one of those who wake go back to sleep. Two condition
//! variables, one for each thing a thread can wait for, let whoever changes the queue wake just one thread that can
//! use the change.

use oslab::Item;
use oslab::sync::Mutex;
use std::collections::VecDeque;

/// A first-in, first-out queue with room for a fixed number of items, and with an end: [`close`](SignalBuffer::close).
///
/// A call to `put` or to `take` wakes at most one sleeping thread, and one that can use what has changed. A call to
/// `close` wakes every thread that sleeps.
pub struct SignalBuffer<T> {
    /// All that changes. One mutex guards all of it, because a thread that decides whether to wait needs all of it.
    state: Mutex<State<T>>,
    // Two condition variables belong here, each named for what its sleepers wait for.
    /// How many items there is room for.
    capacity: usize,
}

/// What the mutex guards.
///
/// Fields may be added. `Hash` is for the grader: it runs the program in many orders, and the hash lets it recognise a
/// state that it has been in before. Every type in here has to implement it.
#[derive(Hash)]
struct State<T> {
    /// The items, oldest at the front.
    queue: VecDeque<T>,
    /// Whether `close` was called. There is no way back.
    closed: bool,
}

impl<T: Item> SignalBuffer<T> {
    /// An empty, open buffer with room for `capacity` items.
    ///
    /// # Panics
    /// Where `capacity` is 0: "a buffer needs room for one item".
    pub fn new(capacity: usize) -> SignalBuffer<T> {
        assert!(capacity > 0, "a buffer needs room for one item");
        SignalBuffer {
            state: Mutex::new(State { queue: VecDeque::new(), closed: false }),
            // And the condition variables.
            capacity,
        }
    }

    /// Adds `item` behind all others and returns `Ok(())`; on a closed buffer returns `Err(item)`, so that the caller
    /// has its item back.
    ///
    /// Blocks while the buffer is open and full. A thread that is blocked here when the buffer is closed is refused
    /// like one that comes later, even where there is room by then.
    ///
    /// An item that was accepted wakes one thread that waits for an item, if there is one.
    ///
    /// # Panics
    /// Where another thread panicked while it held the lock: the mutex is poisoned then.
    pub fn put(&self, item: T) -> Result<(), T> {
        // What there is to work with:
        let SignalBuffer { state, capacity } = self;
        todo!("wait while open and full; if closed refuse the item, else add it and wake one taker")
    }

    /// Removes the oldest item and returns it as `Some(item)`; returns `None` where the buffer is closed and empty, that
    /// is, where there is no item and none can come.
    ///
    /// Blocks while the buffer is open and empty. Items that were in the buffer when it was closed are still taken, in
    /// order.
    ///
    /// An item that was removed wakes one thread that waits for room, if there is one.
    ///
    /// # Panics
    /// Where another thread panicked while it held the lock: the mutex is poisoned then.
    pub fn take(&self) -> Option<T> {
        todo!("wait while open and empty; remove the oldest item, if any, and wake one putter")
    }

    /// Ends the buffer: puts are refused from now on, takes drain what is left.
    ///
    /// Never waits for producers or consumers. Wakes everyone who sleeps in this buffer, on either side: what they wait
    /// for may never come now, and each of them has to find that out. To close a closed buffer is harmless.
    ///
    /// # Panics
    /// Where another thread panicked while it held the lock: the mutex is poisoned then.
    pub fn close(&self) {
        todo!("note that the buffer is closed, and wake everyone who sleeps, on both sides")
    }
}
