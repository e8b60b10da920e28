//! Knows who sleeps.

use oslab::Item;
use oslab::sync::{Condvar, Mutex};
use std::collections::VecDeque;

/// A first-in, first-out queue with room for a fixed number of items, and with an end.
pub struct SignalBuffer<T> {
    state: Mutex<State<T>>,
    not_full: Condvar,
    not_empty: Condvar,
}

#[derive(Hash)]
struct State<T> {
    queue: VecDeque<T>,
    capacity: usize,
    closed: bool,
    putters_asleep: usize,
    takers_asleep: usize,
}

impl<T: Item> SignalBuffer<T> {
    /// An empty, open buffer.
    pub fn new(capacity: usize) -> SignalBuffer<T> {
        assert!(capacity > 0, "a buffer needs room for one item");
        let queue = VecDeque::new();
        let state = State { queue, capacity, closed: false, putters_asleep: 0, takers_asleep: 0 };
        SignalBuffer { state: Mutex::new(state), not_full: Condvar::new(), not_empty: Condvar::new() }
    }

    /// Adds an item.
    pub fn put(&self, item: T) -> Result<(), T> {
        let mut state = self.state.lock().unwrap();
        while state.queue.len() >= state.capacity && !state.closed {
            state.putters_asleep += 1;
            state = self.not_full.wait(state).unwrap();
            state.putters_asleep -= 1;
        }
        if state.closed {
            return Err(item);
        }
        state.queue.push_back(item);
        if state.takers_asleep > 0 {
            self.not_empty.notify_one();
        }
        Ok(())
    }

    /// Removes the oldest item.
    pub fn take(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap();
        while state.queue.is_empty() && !state.closed {
            state.takers_asleep += 1;
            state = self.not_empty.wait(state).unwrap();
            state.takers_asleep -= 1;
        }
        let item = state.queue.pop_front();
        if item.is_some() && state.putters_asleep > 0 {
            self.not_full.notify_one();
        }
        item
    }

    /// Ends the buffer.
    pub fn close(&self) {
        let mut state = self.state.lock().unwrap();
        state.closed = true;
        if state.putters_asleep > 0 {
            self.not_full.notify_all();
        }
        if state.takers_asleep > 0 {
            self.not_empty.notify_all();
        }
    }
}
