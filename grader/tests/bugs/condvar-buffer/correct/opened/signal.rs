//! Two semaphores that can be opened for good.

use oslab::Item;
use oslab::sync::{Condvar, Mutex};
use std::collections::VecDeque;

struct Semaphore {
    permits: Mutex<(usize, bool)>,
    up: Condvar,
}

impl Semaphore {
    fn new(permits: usize) -> Self {
        Self { permits: Mutex::new((permits, false)), up: Condvar::new() }
    }

    fn p(&self) {
        let mut permits = self.permits.lock().unwrap();
        while permits.0 == 0 && !permits.1 {
            permits = self.up.wait(permits).unwrap();
        }
        permits.0 = permits.0.saturating_sub(1);
    }

    fn v(&self) {
        self.permits.lock().unwrap().0 += 1;
        self.up.notify_one();
    }

    fn open(&self) {
        self.permits.lock().unwrap().1 = true;
        self.up.notify_all();
    }
}

#[derive(Hash)]
struct State<T> {
    queue: VecDeque<T>,
    closed: bool,
}

/// A first-in, first-out queue with room for a fixed number of items.
pub struct SignalBuffer<T> {
    room: Semaphore,
    items: Semaphore,
    state: Mutex<State<T>>,
}

impl<T: Item> SignalBuffer<T> {
    /// An empty buffer.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a buffer needs room for one item");
        Self {
            room: Semaphore::new(capacity),
            items: Semaphore::new(0),
            state: Mutex::new(State { queue: VecDeque::new(), closed: false }),
        }
    }

    /// Adds an item.
    pub fn put(&self, item: T) -> Result<(), T> {
        self.room.p();
        let mut state = self.state.lock().unwrap();
        if state.closed {
            return Err(item);
        }
        state.queue.push_back(item);
        drop(state);
        self.items.v();
        Ok(())
    }

    /// Removes the oldest item.
    pub fn take(&self) -> Option<T> {
        self.items.p();
        let item = self.state.lock().unwrap().queue.pop_front();
        if item.is_some() {
            self.room.v();
        }
        item
    }

    /// Ends the buffer.
    pub fn close(&self) {
        self.state.lock().unwrap().closed = true;
        self.room.open();
        self.items.open();
    }
}
