//! Two semaphores count what there is, and a mutex guards where it lies.

use oslab::Item;
use oslab::sync::{Condvar, Mutex};
use std::collections::VecDeque;

struct Semaphore {
    permits: Mutex<usize>,
    up: Condvar,
}

impl Semaphore {
    fn new(permits: usize) -> Self {
        Self { permits: Mutex::new(permits), up: Condvar::new() }
    }

    fn p(&self) {
        let mut permits = self.permits.lock().unwrap();
        while *permits == 0 {
            permits = self.up.wait(permits).unwrap();
        }
        *permits -= 1;
    }

    fn v(&self) {
        *self.permits.lock().unwrap() += 1;
        self.up.notify_one();
    }
}

/// A first-in, first-out queue with room for a fixed number of items.
pub struct BoundedBuffer<T> {
    room: Semaphore,
    items: Semaphore,
    queue: Mutex<VecDeque<T>>,
}

impl<T: Item> BoundedBuffer<T> {
    /// An empty buffer.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a buffer needs room for one item");
        Self { room: Semaphore::new(capacity), items: Semaphore::new(0), queue: Mutex::new(VecDeque::new()) }
    }

    /// Adds an item.
    pub fn put(&self, item: T) {
        self.room.p();
        self.queue.lock().unwrap().push_back(item);
        self.items.v();
    }

    /// Removes the oldest item.
    pub fn take(&self) -> T {
        self.items.p();
        let item = self.queue.lock().unwrap().pop_front().unwrap();
        self.room.v();
        item
    }
}
