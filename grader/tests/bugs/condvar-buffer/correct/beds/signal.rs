//! Every sleeper brings a condition variable of its own.

use oslab::Item;
use oslab::sync::{Condvar, Mutex, MutexGuard};
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

struct Waiter {
    id: u64,
    condvar: Arc<Condvar>,
}

impl Hash for Waiter {
    fn hash<H: Hasher>(&self, h: &mut H) {
        self.id.hash(h)
    }
}

#[derive(Hash)]
struct State<T> {
    queue: VecDeque<T>,
    closed: bool,
    takers: VecDeque<Waiter>,
    putters: VecDeque<Waiter>,
    next: u64,
}

/// A first-in, first-out queue with room for a fixed number of items.
pub struct SignalBuffer<T> {
    state: Mutex<State<T>>,
    capacity: usize,
}

impl<T: Item> SignalBuffer<T> {
    /// An empty buffer.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a buffer needs room for one item");
        Self {
            state: Mutex::new(State {
                queue: VecDeque::new(),
                closed: false,
                takers: VecDeque::new(),
                putters: VecDeque::new(),
                next: 0,
            }),
            capacity,
        }
    }

    fn wait<'a>(
        mut state: MutexGuard<'a, State<T>>,
        side: fn(&mut State<T>) -> &mut VecDeque<Waiter>,
    ) -> MutexGuard<'a, State<T>> {
        let id = state.next;
        state.next += 1;
        let condvar = Arc::new(Condvar::new());
        side(&mut state).push_back(Waiter { id, condvar: Arc::clone(&condvar) });
        while side(&mut state).iter().any(|waiter| waiter.id == id) {
            state = condvar.wait(state).unwrap();
        }
        state
    }

    /// Adds an item.
    pub fn put(&self, item: T) -> Result<(), T> {
        let mut state = self.state.lock().unwrap();
        while !state.closed && state.queue.len() == self.capacity {
            state = Self::wait(state, |state| &mut state.putters);
        }
        if state.closed {
            return Err(item);
        }
        state.queue.push_back(item);
        if let Some(waiter) = state.takers.pop_front() {
            waiter.condvar.notify_one();
        }
        Ok(())
    }

    /// Removes the oldest item.
    pub fn take(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap();
        while !state.closed && state.queue.is_empty() {
            state = Self::wait(state, |state| &mut state.takers);
        }
        let item = state.queue.pop_front()?;
        if let Some(waiter) = state.putters.pop_front() {
            waiter.condvar.notify_one();
        }
        Some(item)
    }

    /// Ends the buffer.
    pub fn close(&self) {
        let mut state = self.state.lock().unwrap();
        state.closed = true;
        let state = &mut *state;
        for waiter in state.takers.drain(..).chain(state.putters.drain(..)) {
            waiter.condvar.notify_all();
        }
    }
}
