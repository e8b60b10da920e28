//! Items for those who wait are kept apart, and nobody looks there first.

use oslab::Item;
use oslab::sync::{Condvar, Mutex};
use std::collections::VecDeque;

#[derive(Hash)]
struct State<T> {
    queue: VecDeque<T>,
    handed_over: VecDeque<T>,
    waiting: usize,
    closed: bool,
}

/// A first-in, first-out queue with room for a fixed number of items.
pub struct SignalBuffer<T> {
    state: Mutex<State<T>>,
    room: Condvar,
    handed: Condvar,
    capacity: usize,
}

impl<T: Item> SignalBuffer<T> {
    /// An empty buffer.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a buffer needs room for one item");
        let state = State { queue: VecDeque::new(), handed_over: VecDeque::new(), waiting: 0, closed: false };
        SignalBuffer { state: Mutex::new(state), room: Condvar::new(), handed: Condvar::new(), capacity }
    }

    /// Adds an item.
    pub fn put(&self, item: T) -> Result<(), T> {
        let mut state = self.state.lock().unwrap();
        while !state.closed && state.queue.len() == self.capacity {
            state = self.room.wait(state).unwrap();
        }
        if state.closed {
            return Err(item);
        }
        if state.waiting > state.handed_over.len() {
            state.handed_over.push_back(item);
            self.handed.notify_one();
        } else {
            state.queue.push_back(item);
        }
        Ok(())
    }

    /// Removes the oldest item.
    pub fn take(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap();
        if let Some(item) = state.queue.pop_front() {
            self.room.notify_one();
            return Some(item);
        }
        if state.closed {
            return None;
        }
        state.waiting += 1;
        while state.handed_over.is_empty() && !state.closed {
            state = self.handed.wait(state).unwrap();
        }
        state.waiting -= 1;
        state.handed_over.pop_front()
    }

    /// Ends the buffer.
    pub fn close(&self) {
        let mut state = self.state.lock().unwrap();
        state.closed = true;
        self.handed.notify_all();
        self.room.notify_all();
    }
}
