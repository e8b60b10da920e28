//! News of the end is passed on from sleeper to sleeper.

use oslab::Item;
use oslab::sync::{Condvar, Mutex};
use std::collections::VecDeque;

#[derive(Hash)]
struct State<T> {
    queue: VecDeque<T>,
    closed: bool,
}

/// A first-in, first-out queue with room for a fixed number of items.
pub struct SignalBuffer<T> {
    state: Mutex<State<T>>,
    room: Condvar,
    items: Condvar,
    capacity: usize,
}

impl<T: Item> SignalBuffer<T> {
    /// An empty buffer.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a buffer needs room for one item");
        Self {
            state: Mutex::new(State { queue: VecDeque::new(), closed: false }),
            room: Condvar::new(),
            items: Condvar::new(),
            capacity,
        }
    }

    /// Adds an item.
    pub fn put(&self, item: T) -> Result<(), T> {
        let mut state = self.state.lock().unwrap();
        while !state.closed && state.queue.len() == self.capacity {
            state = self.room.wait(state).unwrap();
        }
        if state.closed {
            self.room.notify_one();
            return Err(item);
        }
        state.queue.push_back(item);
        self.items.notify_one();
        Ok(())
    }

    /// Removes the oldest item.
    pub fn take(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap();
        while !state.closed && state.queue.is_empty() {
            state = self.items.wait(state).unwrap();
        }
        if state.closed {
            self.items.notify_one();
        }
        let item = state.queue.pop_front()?;
        if !state.closed {
            self.room.notify_one();
        }
        Some(item)
    }

    /// Ends the buffer.
    pub fn close(&self) {
        let mut state = self.state.lock().unwrap();
        state.closed = true;
        self.room.notify_one();
        self.items.notify_one();
    }
}
