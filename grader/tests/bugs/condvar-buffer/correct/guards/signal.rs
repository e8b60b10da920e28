//! Helpers that return the guard.

use oslab::Item;
use oslab::sync::{Condvar, Mutex, MutexGuard};
use std::collections::VecDeque;

/// A first-in, first-out queue with room for a fixed number of items, and with an end.
pub struct SignalBuffer<T> {
    state: Mutex<State<T>>,
    room: Condvar,
    items: Condvar,
    capacity: usize,
}

#[derive(Hash)]
struct State<T> {
    queue: VecDeque<T>,
    closed: bool,
}

impl<T: Item> SignalBuffer<T> {
    /// An empty, open buffer.
    pub fn new(capacity: usize) -> SignalBuffer<T> {
        assert!(capacity > 0, "a buffer needs room for one item");
        let state = State { queue: VecDeque::with_capacity(capacity), closed: false };
        SignalBuffer { state: Mutex::new(state), room: Condvar::default(), items: Condvar::default(), capacity }
    }

    fn locked(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap()
    }

    fn wait_until<'a>(
        &'a self,
        condvar: &'a Condvar,
        ready: impl Fn(&State<T>) -> bool,
    ) -> MutexGuard<'a, State<T>> {
        let mut state = self.locked();
        while !state.closed && !ready(&state) {
            state = condvar.wait(state).unwrap();
        }
        state
    }

    /// Adds an item.
    pub fn put(&self, item: T) -> Result<(), T> {
        let mut state = self.wait_until(&self.room, |state| state.queue.len() < self.capacity);
        if state.closed {
            return Err(item);
        }
        state.queue.push_back(item);
        drop(state);
        self.items.notify_one();
        Ok(())
    }

    /// Removes the oldest item.
    pub fn take(&self) -> Option<T> {
        let item = self.wait_until(&self.items, |state| !state.queue.is_empty()).queue.pop_front();
        self.room.notify_one();
        item
    }

    /// Ends the buffer.
    pub fn close(&self) {
        self.locked().closed = true;
        for condvar in [&self.room, &self.items] {
            condvar.notify_all();
        }
    }
}
