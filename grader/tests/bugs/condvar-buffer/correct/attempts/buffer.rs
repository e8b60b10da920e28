//! One loop for both sides: attempt, or sleep and attempt again.

use oslab::Item;
use oslab::sync::{Condvar, Mutex};
use std::collections::VecDeque;

/// A first-in, first-out queue with room for a fixed number of items.
pub struct BoundedBuffer<T> {
    queue: Mutex<VecDeque<T>>,
    changed: Condvar,
    capacity: usize,
}

impl<T: Item> BoundedBuffer<T> {
    /// An empty buffer.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a buffer needs room for one item");
        Self { queue: Mutex::new(VecDeque::new()), changed: Condvar::new(), capacity }
    }

    fn step<R>(&self, mut attempt: impl FnMut(&mut VecDeque<T>) -> Option<R>) -> R {
        let mut queue = self.queue.lock().unwrap();
        loop {
            if let Some(r) = attempt(&mut queue) {
                self.changed.notify_all();
                return r;
            }
            queue = self.changed.wait(queue).unwrap();
        }
    }

    /// Adds an item.
    pub fn put(&self, item: T) {
        let mut item = Some(item);
        let room = self.capacity;
        self.step(|queue| (queue.len() < room).then(|| queue.push_back(item.take().unwrap())))
    }

    /// Removes the oldest item.
    pub fn take(&self) -> T {
        self.step(VecDeque::pop_front)
    }
}
