//! Attempts that never wait, and a number of the last change to wait for the next.

use oslab::Item;
use oslab::sync::{Condvar, Mutex};
use std::collections::VecDeque;

#[derive(Hash)]
struct State<T> {
    queue: VecDeque<T>,
    generation: u64,
}

/// A first-in, first-out queue with room for a fixed number of items.
pub struct BoundedBuffer<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    capacity: usize,
}

impl<T: Item> BoundedBuffer<T> {
    /// An empty buffer.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a buffer needs room for one item");
        Self {
            state: Mutex::new(State { queue: VecDeque::new(), generation: 0 }),
            changed: Condvar::new(),
            capacity,
        }
    }

    fn try_put(&self, item: T) -> Result<(), (T, u64)> {
        let mut state = self.state.lock().unwrap();
        if state.queue.len() == self.capacity {
            return Err((item, state.generation));
        }
        state.queue.push_back(item);
        state.generation += 1;
        self.changed.notify_all();
        Ok(())
    }

    fn try_take(&self) -> Result<T, u64> {
        let mut state = self.state.lock().unwrap();
        let Some(item) = state.queue.pop_front() else { return Err(state.generation) };
        state.generation += 1;
        self.changed.notify_all();
        Ok(item)
    }

    fn after(&self, seen: u64) {
        let state = self.state.lock().unwrap();
        drop(self.changed.wait_while(state, |state| state.generation == seen).unwrap());
    }

    /// Adds an item.
    pub fn put(&self, item: T) {
        let mut item = item;
        loop {
            match self.try_put(item) {
                Ok(()) => return,
                Err((back, seen)) => {
                    item = back;
                    self.after(seen);
                }
            }
        }
    }

    /// Removes the oldest item.
    pub fn take(&self) -> T {
        loop {
            match self.try_take() {
                Ok(item) => return item,
                Err(seen) => self.after(seen),
            }
        }
    }
}
