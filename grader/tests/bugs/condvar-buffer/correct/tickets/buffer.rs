//! Turns, as at a counter: every call draws a number and waits until it is up.

use oslab::Item;
use oslab::sync::{Condvar, Mutex};
use std::collections::VecDeque;

#[derive(Hash)]
struct State<T> {
    queue: VecDeque<T>,
    put_next: u64,
    put_serving: u64,
    take_next: u64,
    take_serving: u64,
}

/// A first-in, first-out queue with room for a fixed number of items.
pub struct BoundedBuffer<T> {
    state: Mutex<State<T>>,
    turn: Condvar,
    capacity: usize,
}

impl<T: Item> BoundedBuffer<T> {
    /// An empty buffer.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a buffer needs room for one item");
        Self {
            state: Mutex::new(State {
                queue: VecDeque::new(),
                put_next: 0,
                put_serving: 0,
                take_next: 0,
                take_serving: 0,
            }),
            turn: Condvar::new(),
            capacity,
        }
    }

    /// Adds an item.
    pub fn put(&self, item: T) {
        let mut state = self.state.lock().unwrap();
        let number = state.put_next;
        state.put_next += 1;
        while state.put_serving != number || state.queue.len() == self.capacity {
            state = self.turn.wait(state).unwrap();
        }
        state.put_serving += 1;
        state.queue.push_back(item);
        self.turn.notify_all();
    }

    /// Removes the oldest item.
    pub fn take(&self) -> T {
        let mut state = self.state.lock().unwrap();
        let number = state.take_next;
        state.take_next += 1;
        while state.take_serving != number || state.queue.is_empty() {
            state = self.turn.wait(state).unwrap();
        }
        state.take_serving += 1;
        let item = state.queue.pop_front().unwrap();
        self.turn.notify_all();
        item
    }
}
