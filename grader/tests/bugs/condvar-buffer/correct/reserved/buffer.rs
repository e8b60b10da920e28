//! Room is reserved first, and filled later.

use oslab::Item;
use oslab::sync::{Condvar, Mutex};
use std::collections::VecDeque;

#[derive(Hash)]
struct State<T> {
    room: usize,
    queue: VecDeque<T>,
}

/// A first-in, first-out queue with room for a fixed number of items.
pub struct BoundedBuffer<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

impl<T: Item> BoundedBuffer<T> {
    /// An empty buffer.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a buffer needs room for one item");
        Self { state: Mutex::new(State { room: capacity, queue: VecDeque::new() }), changed: Condvar::new() }
    }

    /// Adds an item.
    pub fn put(&self, item: T) {
        {
            let mut state =
                self.changed.wait_while(self.state.lock().unwrap(), |state| state.room == 0).unwrap();
            state.room -= 1;
        }
        {
            self.state.lock().unwrap().queue.push_back(item);
            self.changed.notify_all();
        }
    }

    /// Removes the oldest item.
    pub fn take(&self) -> T {
        let item = {
            let mut state =
                self.changed.wait_while(self.state.lock().unwrap(), |state| state.queue.is_empty()).unwrap();
            state.queue.pop_front().unwrap()
        };
        self.state.lock().unwrap().room += 1;
        self.changed.notify_all();
        item
    }
}
