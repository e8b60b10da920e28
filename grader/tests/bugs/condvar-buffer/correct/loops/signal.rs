//! Loops that return from the middle, and a state that is one of two.

use oslab::Item;
use oslab::sync::{Condvar, Mutex};
use std::collections::VecDeque;

/// A first-in, first-out queue with room for a fixed number of items, and with an end.
pub struct SignalBuffer<T> {
    state: Mutex<State<T>>,
    putters: Condvar,
    takers: Condvar,
    capacity: usize,
}

#[derive(Hash)]
enum State<T> {
    Open(VecDeque<T>),
    Closed(VecDeque<T>),
}

impl<T: Item> SignalBuffer<T> {
    /// An empty, open buffer.
    pub fn new(capacity: usize) -> SignalBuffer<T> {
        assert!(capacity > 0, "a buffer needs room for one item");
        let state = Mutex::new(State::Open(VecDeque::new()));
        SignalBuffer { state, putters: Condvar::new(), takers: Condvar::new(), capacity }
    }

    /// Adds an item.
    pub fn put(&self, item: T) -> Result<(), T> {
        let mut state = self.state.lock().unwrap();
        loop {
            match &mut *state {
                State::Closed(_) => return Err(item),
                State::Open(queue) if queue.len() < self.capacity => {
                    queue.push_back(item);
                    self.takers.notify_one();
                    return Ok(());
                }
                State::Open(_) => state = self.putters.wait(state).unwrap(),
            }
        }
    }

    /// Removes the oldest item.
    pub fn take(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap();
        loop {
            let (State::Open(queue) | State::Closed(queue)) = &mut *state;
            if let Some(item) = queue.pop_front() {
                self.putters.notify_one();
                return Some(item);
            }
            match *state {
                State::Open(_) => state = self.takers.wait(state).unwrap(),
                State::Closed(_) => return None,
            }
        }
    }

    /// Ends the buffer.
    pub fn close(&self) {
        let mut state = self.state.lock().unwrap();
        if let State::Open(queue) = &mut *state {
            *state = State::Closed(std::mem::take(queue));
        }
        self.putters.notify_all();
        self.takers.notify_all();
    }
}
